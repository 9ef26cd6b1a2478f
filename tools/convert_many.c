/* SPDX-License-Identifier: Apache-2.0 */
/* convert --out: files and directories into a directory. All names are settled before the first is written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "convert.h"
#include "lib/cli/io.h"

enum { FILE_MODE = 0644, FOLDER_MODE = 0755 };

struct pair {
    const char *in;
    char *out;
};

struct plan {
    struct pair *pair;
    size_t n, cap;
    struct io_names *lists; /* the names of directories' files live here */
    size_t n_lists;
};

/* What certificates' files end in; other endings are part of the name. */
static bool is_ending(const char *ending, size_t n)
{
    static const char *const known[] = {
        "tlv", "chip", "chip-b64", "der", "pem", "crt", "cer", "hex", "b64", "base64", "bin", "txt"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i]) == n && strncasecmp(known[i], ending, n) == 0)
            return true;
    return false;
}

/* FOLDER/NAME.SUFFIX for .../NAME.ENDING; NULL when out of memory. */
static char *output_name(const char *in, const char *folder, const char *suffix)
{
    const char *slash = strrchr(in, '/'), *base = slash != NULL ? slash + 1 : in, *dot = strrchr(base, '.');
    size_t n = strlen(base), at = strlen(folder);
    char *out;

    if (dot != NULL && dot != base && is_ending(dot + 1, strlen(dot + 1)))
        n = (size_t)(dot - base);
    return asprintf(&out, "%s%s%.*s.%s", folder, at > 0 && folder[at - 1] == '/' ? "" : "/", (int)n, base,
               suffix) < 0
               ? NULL
               : out;
}

static enum mc_rc add_file(struct plan *p, const char *in, const char *folder, const char *suffix)
{
    if (p->n == p->cap) {
        size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
        struct pair *wider = reallocarray(p->pair, cap, sizeof(*wider));

        if (wider == NULL)
            return MC_E_MEMORY;
        p->pair = wider;
        p->cap = cap;
    }
    p->pair[p->n] = (struct pair){in, output_name(in, folder, suffix)};
    return p->pair[p->n++].out != NULL ? MC_OK : MC_E_MEMORY;
}

static enum mc_rc add_folder(
    struct plan *p, const char *in, const char *folder, const char *suffix, struct mc_err *e)
{
    struct io_names *names = &p->lists[p->n_lists];
    enum mc_rc rc = io_list(in, names, e);

    if (rc != MC_OK)
        return rc;
    p->n_lists++;
    for (size_t i = 0; i < names->n && rc == MC_OK; i++)
        rc = add_file(p, names->name[i], folder, suffix);
    return rc;
}

static enum mc_rc fill_plan(
    struct plan *p, struct cli *c, const char *folder, const char *suffix, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    p->lists = calloc((size_t)c->n_operands, sizeof(*p->lists));
    if (p->lists == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (int i = 0; i < c->n_operands && rc == MC_OK; i++) {
        const char *in = c->operands[i];

        c->where = in;
        if (strcmp(in, "-") == 0)
            return mc_fail(e, CA_E_USAGE, NULL, "'-' has no name and does not go with --out");
        rc = io_is_directory(in) ? add_folder(p, in, folder, suffix, e) : add_file(p, in, folder, suffix);
    }
    c->where = NULL;
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static int by_output(const void *a, const void *b)
{
    const struct pair *const *x = a, *const *y = b;
    int order = strcmp((*x)->out, (*y)->out);

    return order != 0 ? order : (*x > *y) - (*x < *y);
}

static enum mc_rc check_outputs_differ(const struct plan *p, struct mc_err *e)
{
    const struct pair **sorted = reallocarray(NULL, p->n + 1, sizeof(struct pair *));
    enum mc_rc rc = MC_OK;

    if (sorted == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (size_t i = 0; i < p->n; i++)
        sorted[i] = &p->pair[i];
    qsort(sorted, p->n, sizeof(struct pair *), by_output);
    for (size_t i = 1; i < p->n && rc == MC_OK; i++)
        if (strcmp(sorted[i - 1]->out, sorted[i]->out) == 0)
            rc = mc_fail(e, CA_E_SAME_OUTPUT, NULL, "'%.80s' and '%.80s'", sorted[i - 1]->in, sorted[i]->in);
    free(sorted);
    return rc;
}

static enum mc_rc convert_pair(
    struct convert_job *job, const struct pair *p, const char **where, struct mc_err *e)
{
    enum mc_rc rc = convert_file(job, p->in, e);
    struct mc_span bytes = mc_span_of(job->output, job->n);

    *where = p->in;
    if (rc != MC_OK)
        return rc;
    *where = p->out;
    return job->force ? io_write_fast(p->out, bytes, FILE_MODE, e)
                      : io_write_new(p->out, bytes, FILE_MODE, e);
}

static void free_plan(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->pair[i].out);
    for (size_t i = 0; i < p->n_lists; i++)
        io_names_free(&p->lists[i]);
    free(p->pair);
    free(p->lists);
}

static enum mc_rc convert_all(
    struct convert_job *job, struct cli *c, const struct plan *p, const char *folder)
{
    struct tool_tally tally = {0};

    for (size_t i = 0; i < p->n; i++) {
        struct mc_err e;
        const char *where;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = convert_pair(job, &p->pair[i], &where, &e);
        tool_count(&tally, c, where, rc, &e);
        cli_progress(c, i + 1, p->n);
    }
    cli_note(c, "converted %u of %zu files into %s%s", tally.done, p->n, folder,
        tally.failed > 0 ? "; the others are named above" : "");
    return tool_total(&tally, c);
}

enum mc_rc convert_many(struct convert_job *job, struct cli *c, const char *folder, struct mc_err *e)
{
    struct plan p = {0};
    enum mc_rc rc = fill_plan(&p, c, folder, job->form->suffix, e);

    if (rc == MC_OK)
        rc = check_outputs_differ(&p, e);
    if (rc == MC_OK) {
        c->where = folder;
        rc = io_make_dir(folder, FOLDER_MODE, e);
    }
    if (rc == MC_OK)
        rc = convert_all(job, c, &p, folder);
    free_plan(&p);
    return rc;
}
