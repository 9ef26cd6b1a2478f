/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that are named on the command line of `fabric adopt`: their NOCs, or their ids alone. */
#include "cmd_adopt.h"

#include <stdlib.h>

#include "noc.h"

#define NODES_TEXT_MAX ((size_t)4 << 20)

static enum mc_rc no_memory(struct mc_err *e)
{
    return mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

static enum mc_rc add_noc(struct cli *c, struct adopt_members *m, const char *path, struct mc_err *e)
{
    static char where[STATE_PATH_MAX]; /* lives until the error is printed */
    struct adopt_cert **more = m->n_noc < FOREIGN_NODES ? reallocarray(m->noc, m->n_noc + 1, sizeof(*more)) : NULL;

    if (more == NULL)
        return m->n_noc < FOREIGN_NODES ? no_memory(e) : mc_fail(e, MC_E_TOO_BIG, NULL, "more than %d NOCs", FOREIGN_NODES);
    m->noc = more;
    m->noc[m->n_noc] = calloc(1, sizeof(**more));
    if (m->noc[m->n_noc] == NULL)
        return no_memory(e);
    snprintf(where, sizeof(where), "%s", path);
    c->where = where;
    return adopt_read_cert(path, m->noc[m->n_noc++], e);
}

static enum mc_rc add_folder(struct cli *c, struct adopt_members *m, const char *path, struct mc_err *e)
{
    struct io_names names = {0};
    enum mc_rc rc = io_list(c->where = path, &names, e);

    for (size_t i = 0; rc == MC_OK && i < names.n; i++)
        rc = add_noc(c, m, names.name[i], e);
    io_names_free(&names);
    return rc;
}

enum mc_rc adopt_read_nocs(struct cli *c, struct adopt_members *m, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;
    const char *path;

    for (unsigned i = 0; rc == MC_OK && i < CLI_REPEAT_MAX && (path = cli_value_at(c, "noc", i)) != NULL; i++)
        rc = io_is_directory(path) ? add_folder(c, m, path, e) : add_noc(c, m, path, e);
    return rc;
}

enum mc_rc adopt_add_node(struct adopt_members *m, uint64_t node_id, struct mc_err *e)
{
    uint64_t *more = m->n_node < 2 * FOREIGN_NODES ? reallocarray(m->node, m->n_node + 1, sizeof(*more)) : NULL;

    if (more == NULL)
        return m->n_node < 2 * FOREIGN_NODES ? no_memory(e) : mc_fail(e, MC_E_TOO_BIG, NULL, "more than %d nodes", 2 * FOREIGN_NODES);
    m->node = more;
    m->node[m->n_node++] = node_id;
    return MC_OK;
}

/* A line without its blanks and its comment. */
static void trim(char **from, char *end)
{
    char *hash = memchr(*from, '#', (size_t)(end - *from));

    end = hash != NULL ? hash : end;
    while (*from < end && mc_is_space(**from))
        (*from)++;
    while (end > *from && mc_is_space(end[-1]))
        end--;
    *end = '\0';
}

static enum mc_rc take_line(struct adopt_members *m, char *line, unsigned number, struct mc_err *e)
{
    char field[32];
    uint64_t id;
    enum mc_rc rc;

    if (*line == '\0')
        return MC_OK;
    snprintf(field, sizeof(field), "line %u", number);
    rc = mc_number_parse(line, 16, &id, NULL);
    if (rc != MC_OK)
        return mc_fail(e, rc, field, NULL);
    rc = noc_check_node(id, field, line, e);
    return rc == MC_OK ? adopt_add_node(m, id, e) : rc;
}

/* text has n octets and room for one more. */
static enum mc_rc take_lines(struct adopt_members *m, char *text, size_t n, struct mc_err *e)
{
    char *at = text, *end = text + n;
    unsigned number = 0;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && at < end) {
        char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop != NULL ? stop : end;
        at = stop + 1;
        trim(&line, stop);
        rc = take_line(m, line, ++number, e);
    }
    return rc;
}

enum mc_rc adopt_read_nodes(struct cli *c, struct adopt_members *m, struct mc_err *e)
{
    const char *path = cli_value(c, "nodes");
    uint8_t *raw = NULL;
    char *text;
    size_t n = 0;
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    rc = io_read(c->where = path, NODES_TEXT_MAX, &raw, &n, e);
    if (rc != MC_OK)
        return rc;
    text = malloc(n + 1);
    if (text != NULL) {
        memcpy(text, raw, n);
        rc = take_lines(m, text, n, e);
    } else {
        rc = no_memory(e);
    }
    free(text);
    free(raw);
    return rc;
}

void adopt_members_clear(struct adopt_members *m)
{
    for (size_t i = 0; i < m->n_noc; i++)
        free(m->noc[i]);
    free(m->noc);
    free(m->node);
    *m = (struct adopt_members){0};
}
