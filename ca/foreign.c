/* SPDX-License-Identifier: Apache-2.0 */
#include "foreign_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* --- what all readers do ---------------------------------------------------------------------------------------- */

enum mc_rc foreign_lacks(struct mc_err *e, const char *field, const char *what)
{
    return mc_fail(e, CA_E_FOREIGN, field, "%s", what);
}

enum mc_rc foreign_add_noc(struct foreign_reader *r, struct mc_span cert, struct mc_err *e)
{
    struct foreign *f = r->f;
    struct adopt_cert *c = calloc(1, sizeof(*c)), **more;

    more = c != NULL && f->n_noc < FOREIGN_NODES ? reallocarray(f->noc, f->n_noc + 1, sizeof(*more)) : NULL;
    if (more == NULL) {
        free(c);
        return f->n_noc == FOREIGN_NODES ? mc_fail(e, MC_E_TOO_BIG, NULL, "more than %d NOCs", FOREIGN_NODES)
                                         : mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    f->noc = more;
    if (adopt_parse_cert(cert, c, NULL) != MC_OK) {
        free(c);
        f->unread++;
        return MC_OK;
    }
    for (size_t i = 0; i < f->n_noc; i++) {
        if (f->noc[i]->tlv_n == c->tlv_n && memcmp(f->noc[i]->tlv, c->tlv, c->tlv_n) == 0) {
            free(c);
            return MC_OK;
        }
    }
    f->noc[f->n_noc++] = c;
    return MC_OK;
}

enum mc_rc foreign_add_node(struct foreign_reader *r, uint64_t node_id, struct mc_err *e)
{
    struct foreign *f = r->f;
    uint64_t *more;

    if (mc_node_id_check(node_id) != MC_OK) /* groups and temporary ids: nobody's */
        return MC_OK;
    for (size_t i = 0; i < f->n_node; i++)
        if (f->node[i] == node_id)
            return MC_OK;
    if (f->n_node == FOREIGN_NODES)
        return mc_fail(e, MC_E_TOO_BIG, NULL, "more than %d nodes", FOREIGN_NODES);
    more = reallocarray(f->node, f->n_node + 1, sizeof(*more));
    if (more == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    f->node = more;
    f->node[f->n_node++] = node_id;
    return MC_OK;
}

enum mc_rc foreign_add_key_file(struct foreign_reader *r, const char *path, struct mc_err *e)
{
    struct foreign *f = r->f;
    char **more;

    if (f->n_key_file == FOREIGN_KEYS_MAX)
        return MC_OK;
    more = reallocarray(f->key_file, f->n_key_file + 1, sizeof(*more));
    if (more == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    f->key_file = more;
    f->key_file[f->n_key_file] = strdup(path);
    if (f->key_file[f->n_key_file] == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    f->n_key_file++;
    return MC_OK;
}

/* Raw, after its public point (P256Keypair::Serialize), or in DER. */
enum mc_rc foreign_take_key(struct mc_span key, uint8_t scalar[HSM_SCALAR_LEN], const char *name, struct mc_err *e)
{
    if (key.n == 0)
        return mc_fail(e, CA_E_FOREIGN, name, "the private key is missing");
    if (key.n == HSM_SCALAR_LEN) {
        memcpy(scalar, key.p, HSM_SCALAR_LEN);
        return MC_OK;
    }
    if (key.n == MC_POINT_LEN + HSM_SCALAR_LEN && key.p[0] == 0x04) {
        memcpy(scalar, key.p + MC_POINT_LEN, HSM_SCALAR_LEN);
        return MC_OK;
    }
    return adopt_parse_key(key, scalar) ? MC_OK : mc_fail(e, CA_E_KEY_FILE, name, "the value is no P-256 key");
}

void foreign_offer_fabric(struct foreign_fabrics *a, uint64_t id)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->id[i] == id)
            return;
    if (a->n < FOREIGN_FABRICS_MAX)
        a->id[a->n++] = id;
}

enum mc_rc foreign_choose_fabric(struct foreign_reader *r, const struct foreign_fabrics *a, struct mc_err *e)
{
    const struct foreign_choice *choice = r->choice;
    char text[200] = "";
    bool there = a->n == 0;

    for (unsigned i = 0; i < a->n; i++) {
        there = there || a->id[i] == choice->fabric_id;
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s0x%llX", i == 0 ? "" : ", ", (unsigned long long)a->id[i]);
    }
    if (choice->has_fabric_id && !there)
        return mc_fail(e, CA_E_FOREIGN_CHOICE, "--fabric-id", "the root has no fabric with this id; it has: %s", text);
    if (!choice->has_fabric_id && a->n > 1)
        return mc_fail(e, CA_E_FOREIGN_CHOICE, "--fabric-id", "the root has several fabrics: %s", text);
    r->f->has_fabric_id = choice->has_fabric_id || a->n == 1;
    r->f->fabric_id = choice->has_fabric_id ? choice->fabric_id : a->id[0];
    return MC_OK;
}

void foreign_clear(struct foreign *f)
{
    for (size_t i = 0; i < f->n_noc; i++)
        free(f->noc[i]);
    for (size_t i = 0; i < f->n_key_file; i++)
        free(f->key_file[i]);
    free(f->noc);
    free(f->node);
    free(f->key_file);
    hsm_wipe(f, sizeof(*f));
}

/* --- which it is ------------------------------------------------------------------------------------------------ */

enum form { FORM_INI, FORM_PYTHON, FORM_MATTERJS, FORM_MATTERJS_FOLDER, FORM_SQLITE };

/* A storage that was read so far that it is known to hold a CA. */
struct found {
    enum form form;
    char path[FOREIGN_PATH_MAX];
    json_t *all; /* values by name; of matter.js by context and key */
};

struct search {
    struct foreign_reader *r;
    struct found found;
    unsigned n;
    char names[300]; /* of all that were found */
};

static bool holds_ca(enum form form, const json_t *all)
{
    switch (form) {
    case FORM_INI:
        return foreign_sdk_has_ca(all);
    case FORM_PYTHON:
        return foreign_sdk_has_ca(json_object_get(all, "sdk-config"));
    default:
        return foreign_is_matterjs(all);
    }
}

/* Takes all over; of key_files there were so many before it. */
static void note_found(struct search *s, enum form form, const char *path, json_t *all, size_t key_files)
{
    if (!holds_ca(form, all)) {
        struct foreign *f = s->r->f;

        while (f->n_key_file > key_files)
            free(f->key_file[--f->n_key_file]);
        json_decref(all);
        return;
    }
    snprintf(s->names + strlen(s->names), sizeof(s->names) - strlen(s->names), "%s%s", s->n == 0 ? "" : ", ", path);
    if (s->n++ != 0) {
        json_decref(all);
        return;
    }
    s->found.form = form;
    s->found.all = all;
    snprintf(s->found.path, sizeof(s->found.path), "%s", path);
}

static bool looks_like_ini(const uint8_t *text, size_t n)
{
    size_t i = 0;

    while (i < n && (mc_is_space((char)text[i]) || text[i] == ';' || text[i] == '#')) {
        bool comment = text[i] == ';' || text[i] == '#';

        while (comment && i < n && text[i] != '\n')
            i++;
        i += i < n;
    }
    return i < n && text[i] == '[';
}

static enum mc_rc parse_file(struct search *s, const char *path, const uint8_t *text, size_t n, struct mc_err *e)
{
    size_t before = s->r->f->n_key_file;
    json_t *all = NULL;
    enum form form;
    enum mc_rc rc;

    if (foreign_is_sqlite(text, n)) {
        form = FORM_SQLITE;
        rc = foreign_sqlite_load(s->r, path, &all, e);
    } else if (looks_like_ini(text, n)) {
        form = FORM_INI;
        rc = foreign_ini_parse((const char *)text, n, &all, e);
    } else if (n != 0 && memchr(text, '{', n < 16 ? n : 16) != NULL) {
        rc = foreign_json_parse((const char *)text, n, &all, e);
        form = rc == MC_OK && json_object_get(all, "sdk-config") != NULL ? FORM_PYTHON : FORM_MATTERJS;
    } else {
        return mc_fail(e, CA_E_FOREIGN_FORM, NULL, "neither ini nor JSON nor a database");
    }
    if (rc == MC_OK)
        note_found(s, form, path, all, before);
    return rc;
}

static enum mc_rc search_file(struct search *s, const char *path, struct mc_err *e)
{
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = foreign_load(s->r, path, &text, &n, e);

    if (rc == MC_OK)
        rc = parse_file(s, path, text, n, e);
    foreign_unload(text, n);
    return rc;
}

static enum mc_rc search_matterjs(struct search *s, const char *path, struct mc_err *e)
{
    size_t before = s->r->f->n_key_file;
    json_t *all = NULL;
    enum mc_rc rc = foreign_matterjs_load(s->r, path, &all, e);

    if (rc == MC_OK)
        note_found(s, FORM_MATTERJS_FOLDER, path, all, before);
    return rc;
}

static bool is_sdk_file(const char *name)
{
    size_t n = strlen(name);

    return strcmp(name, "chip.json") == 0 || (strncmp(name, "chip_tool_config.", 17) == 0 && n > 4 && strcmp(name + n - 4, ".ini") == 0);
}

/* One entry of a folder; of its subfolders only those of matter.js, which keeps one for each of its namespaces. */
static enum mc_rc search_entry(struct search *s, const char *folder, const char *name, struct mc_err *e)
{
    char path[FOREIGN_PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (n < 0 || (size_t)n >= sizeof(path))
        return MC_OK;
    if (is_sdk_file(name))
        return search_file(s, path, e);
    return io_is_directory(path) && foreign_is_matterjs_folder(path) ? search_matterjs(s, path, e) : MC_OK;
}

static enum mc_rc search_folder(struct search *s, const char *path, struct mc_err *e)
{
    struct dirent **entry = NULL;
    enum mc_rc rc = MC_OK;
    int n;

    if (foreign_is_matterjs_folder(path))
        return search_matterjs(s, path, e);
    n = scandir(path, &entry, NULL, alphasort);
    if (n < 0)
        return mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
    for (int i = 0; i < n; i++) {
        if (rc == MC_OK && entry[i]->d_name[0] != '.')
            rc = search_entry(s, path, entry[i]->d_name, e);
        free(entry[i]);
    }
    free(entry);
    return rc;
}

/* --- reading it -------------------------------------------------------------------------------------------------- */

static enum mc_rc add_if_there(struct foreign_reader *r, const char *path, const char *suffix, struct mc_err *e)
{
    char other[FOREIGN_PATH_MAX + 16];
    struct stat st;

    snprintf(other, sizeof(other), "%s%s", path, suffix);
    return lstat(other, &st) == 0 ? foreign_add_key_file(r, other, e) : MC_OK;
}

static enum mc_rc take_python(struct foreign_reader *r, const struct found *x, struct mc_err *e)
{
    const json_t *ca_list = json_object_get(json_object_get(x->all, "repl-config"), "caList");
    char folder[FOREIGN_PATH_MAX];
    char *slash;
    enum mc_rc rc = foreign_sdk_take(r, json_object_get(x->all, "sdk-config"), ca_list, e);

    if (rc == MC_OK)
        rc = add_if_there(r, x->path, ".backup", e);
    if (rc != MC_OK || !r->f->has_fabric_id)
        return rc;
    snprintf(folder, sizeof(folder), "%s", x->path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, sizeof(folder), ".");
    else
        *slash = '\0';
    return foreign_python_nodes(r, folder, e);
}

static enum mc_rc take_found(struct foreign_reader *r, const struct found *x, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    snprintf(r->f->where, sizeof(r->f->where), "%s", x->path);
    if (x->form != FORM_MATTERJS_FOLDER)
        rc = foreign_add_key_file(r, x->path, e);
    if (rc == MC_OK && x->form == FORM_SQLITE) {
        rc = add_if_there(r, x->path, "-wal", e);
        if (rc == MC_OK)
            rc = add_if_there(r, x->path, "-shm", e);
    }
    if (rc != MC_OK)
        return rc;
    switch (x->form) {
    case FORM_INI:
        r->f->tool = "chip-tool";
        return foreign_sdk_take(r, x->all, NULL, e);
    case FORM_PYTHON:
        r->f->tool = "the Python controller";
        return take_python(r, x, e);
    default:
        r->f->tool = "matter.js";
        if (r->choice->has_ca)
            return mc_fail(e, CA_E_FOREIGN_CHOICE, "--ca-index", "a storage of matter.js has one CA");
        return foreign_matterjs_take(r, x->all, e);
    }
}

static enum mc_rc read_with(struct foreign_reader *r, const char *path, struct mc_err *e)
{
    struct search s = {.r = r};
    enum mc_rc rc;

    snprintf(r->f->where, sizeof(r->f->where), "%s", path);
    rc = io_is_directory(path) ? search_folder(&s, path, e) : search_file(&s, path, e);
    if (rc == MC_OK) {
        snprintf(r->f->where, sizeof(r->f->where), "%s", path);
        if (s.n == 0)
            rc = mc_fail(e, CA_E_FOREIGN_FORM, NULL, "no CA of chip-tool, the Python controller or matter.js is in it");
        else if (s.n > 1)
            rc = mc_fail(e, CA_E_FOREIGN_CHOICE, NULL, "there are several: %s", s.names);
        else
            rc = take_found(r, &s.found, e);
        if (rc == MC_OK)
            snprintf(r->f->where, sizeof(r->f->where), "%s", path);
    }
    json_decref(s.found.all);
    return rc;
}

enum mc_rc foreign_read(const char *path, const struct foreign_choice *choice, struct foreign *out, struct mc_err *e)
{
    struct foreign_reader r = {out, choice, FOREIGN_MAX};
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    foreign_json_begin();
    rc = read_with(&r, path, e);
    foreign_json_end();
    return rc;
}
