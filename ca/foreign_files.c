/* SPDX-License-Identifier: Apache-2.0 */
/* The ini files of chip-tool, and what python-matter-server keeps of nodes. */
#include "foreign_internal.h"

#include <stdio.h>
#include <stdlib.h>

#define NOC_MAX 1024

/* --- ini -------------------------------------------------------------------------------------------------------- */

struct line {
    const char *p;
    size_t n;
};

static struct line trim(const char *p, size_t n)
{
    while (n != 0 && mc_is_space(p[n - 1]))
        n--;
    while (n != 0 && mc_is_space(*p)) {
        p++;
        n--;
    }
    return (struct line){p, n};
}

static bool hex_digit(char c, unsigned *value)
{
    uint8_t octet;
    char two[2] = {'0', c};

    if (!mc_hex_decode(two, 1, &octet))
        return false;
    *value = octet;
    return true;
}

/* chip-tool writes what an ini file cannot hold in a key as \xNN. */
static bool unescape(struct line key, char *out, size_t cap, size_t *n)
{
    unsigned high, low;

    *n = 0;
    for (size_t i = 0; i < key.n; i++) {
        if (*n == cap)
            return false;
        if (key.p[i] != '\\') {
            out[(*n)++] = key.p[i];
            continue;
        }
        if (key.n - i < 4 || key.p[i + 1] != 'x' || !hex_digit(key.p[i + 2], &high) || !hex_digit(key.p[i + 3], &low))
            return false;
        out[(*n)++] = (char)(high << 4 | low);
        i += 3;
    }
    return *n != 0 && memchr(out, '\0', *n) == NULL;
}

static bool add_pair(json_t *all, struct line key, struct line value)
{
    char name[256];
    size_t n;

    if (!unescape(key, name, sizeof(name) - 1, &n))
        return false;
    name[n] = '\0';
    return json_object_get(all, name) == NULL && json_object_set_new(all, name, json_stringn(value.p, value.n)) == 0;
}

/* One line; *inside is true in the section that holds the values. */
static bool take_line(json_t *all, struct line l, bool *inside)
{
    const char *equals;

    if (l.n == 0 || l.p[0] == ';' || l.p[0] == '#')
        return true;
    if (l.p[0] == '[') {
        *inside = l.n == 9 && memcmp(l.p, "[Default]", 9) == 0;
        return l.p[l.n - 1] == ']';
    }
    equals = memchr(l.p, '=', l.n);
    if (!*inside)
        return true;
    return equals != NULL && add_pair(all, trim(l.p, (size_t)(equals - l.p)),
                                 trim(equals + 1, l.n - (size_t)(equals - l.p) - 1));
}

enum mc_rc foreign_ini_parse(const char *text, size_t n, json_t **out, struct mc_err *e)
{
    json_t *all = json_object();
    bool inside = false;
    unsigned number = 1;

    if (all == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (size_t i = 0; i < n; number++) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t len = end != NULL ? (size_t)(end - text) - i : n - i;

        if (!take_line(all, trim(text + i, len), &inside)) {
            json_decref(all);
            return mc_fail(e, CA_E_FOREIGN, NULL, "line %u: neither a section nor a key that stands once, with its value", number);
        }
        i += len + 1;
    }
    *out = all;
    return MC_OK;
}

/* --- python-matter-server ------------------------------------------------------------------------------------------ */

/* The NOCs attribute of Operational Credentials as it was read from the node: [{"1": NOC, "2": ICAC, "254": index}]. */
static enum mc_rc take_nocs(struct foreign_reader *r, const json_t *list, struct mc_err *e)
{
    const json_t *x;
    uint8_t noc[NOC_MAX];
    size_t i, n;
    enum mc_rc rc = MC_OK;

    json_array_foreach(list, i, x) {
        const json_t *v = json_object_get(x, "1");

        if (v == NULL)
            v = json_object_get(x, "noc");
        if (!json_is_string(v))
            continue;
        if (mc_base64_decode(json_string_value(v), json_string_length(v), false, noc, sizeof(noc), &n) != MC_OK)
            r->f->unread++;
        else
            rc = foreign_add_noc(r, mc_span_of(noc, n), e);
        if (rc != MC_OK)
            break;
    }
    return rc;
}

static enum mc_rc take_nodes(struct foreign_reader *r, const json_t *nodes, struct mc_err *e)
{
    const char *key;
    json_t *node;
    uint64_t id;
    enum mc_rc rc = MC_OK;

    json_object_foreach((json_t *)(uintptr_t)nodes, key, node) {
        const json_t *named = json_object_get(node, "node_id");

        if (!foreign_json_uint(named, &id))
            return foreign_lacks(e, "nodes", "a node has no id");
        rc = foreign_add_node(r, id, e);
        if (rc == MC_OK)
            rc = take_nocs(r, json_object_get(json_object_get(node, "attributes"), "0/62/0"), e);
        if (rc != MC_OK)
            break;
    }
    return rc;
}

enum mc_rc foreign_python_nodes(struct foreign_reader *r, const char *folder, struct mc_err *e)
{
    uint8_t id[MC_COMPRESSED_LEN];
    char path[FOREIGN_PATH_MAX + 64];
    uint64_t number = 0;
    json_t *all = NULL;
    enum mc_rc rc = mc_compressed_fabric_id(r->f->root.cert.point.p, r->f->fabric_id, id);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    for (size_t i = 0; i < sizeof(id); i++)
        number = number << 8 | id[i];
    snprintf(path, sizeof(path), "%s/%llu.json", folder, (unsigned long long)number);
    rc = foreign_json_load(r, path, &all, e);
    if (rc == CA_E_FILE_NOT_FOUND) {
        mc_err_init(e);
        return MC_OK; /* a controller that is not python-matter-server */
    }
    if (rc == MC_OK)
        rc = take_nodes(r, json_object_get(all, "nodes"), e);
    json_decref(all);
    return rc;
}
