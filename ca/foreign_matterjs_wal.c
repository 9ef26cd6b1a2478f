/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot and the log of matter.js (its storage driver "wal"):
 *
 *     snapshot.json[.gz]       {commitId: {segment, offset}, data: {CONTEXT: {KEY: VALUE}}}
 *     wal/NNNNNNNN.jsonl[.gz]  what came after it, a line a commit: {ops: [...]}, each of them
 *                              {op: "upd", key: CONTEXT, values: {KEY: VALUE}} or {op: "del", key: CONTEXT, values: [KEY] or none}
 */
#include "foreign_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* What is packed may be a thousandfold; the limit is on what comes out. */
static enum mc_rc unzip(struct foreign_reader *r, struct mc_span packed, uint8_t **out, size_t *n, struct mc_err *e)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n};
    size_t cap = 8 * packed.n + 4096, old;
    uint8_t *p = NULL;
    int got = inflateInit2(&z, 15 + 16);

    *n = 0;
    while (got == Z_OK) {
        uint8_t *wider;

        cap = cap < r->left + 1 ? cap : r->left + 1;
        old = *n;
        wider = old < cap ? malloc(cap) : NULL;
        if (wider == NULL)
            break;
        if (old != 0)
            memcpy(wider, p, old);
        foreign_unload(p, old);
        p = wider;
        z.next_out = p + old;
        z.avail_out = (uInt)(cap - old);
        got = inflate(&z, Z_NO_FLUSH);
        *n = cap - z.avail_out;
        cap *= 2;
        if (got == Z_OK && z.avail_out != 0)
            got = Z_DATA_ERROR; /* the input ended before the stream did */
    }
    inflateEnd(&z);
    if (got == Z_STREAM_END && *n <= r->left) {
        r->left -= *n;
        *out = p;
        return MC_OK;
    }
    foreign_unload(p, *n);
    return got == Z_OK || got == Z_STREAM_END ? mc_fail(e, MC_E_TOO_BIG, NULL, "unpacked, a storage has at most %zu MiB", FOREIGN_MAX >> 20)
                                              : mc_fail(e, CA_E_FOREIGN, NULL, "it cannot be unpacked: damaged, or cut off");
}

/* FOLDER/NAME, else FOLDER/NAME.gz. CA_E_FILE_NOT_FOUND. */
static enum mc_rc load_text(struct foreign_reader *r, const char *folder, const char *name, uint8_t **text, size_t *n, struct mc_err *e)
{
    char path[FOREIGN_PATH_MAX];
    uint8_t *packed = NULL;
    size_t packed_n = 0;
    bool zipped = !foreign_there(folder, name);
    enum mc_rc rc;

    if (snprintf(path, sizeof(path), "%s/%s%s", folder, name, zipped ? ".gz" : "") >= (int)sizeof(path))
        return foreign_lacks(e, NULL, "a path in it is too long");
    rc = foreign_load(r, path, zipped ? &packed : text, zipped ? &packed_n : n, e);
    if (rc == MC_OK && zipped)
        rc = unzip(r, mc_span_of(packed, packed_n), text, n, e);
    foreign_unload(packed, packed_n);
    return rc == MC_OK ? foreign_add_key_file(r, path, e) : rc;
}

struct position {
    uint64_t segment, offset;
};

static bool after(struct position a, struct position b)
{
    return a.segment != b.segment ? a.segment > b.segment : a.offset > b.offset;
}

static enum mc_rc load_snapshot(struct foreign_reader *r, const char *folder, json_t *db, struct position *at, bool *any, struct mc_err *e)
{
    uint8_t *text = NULL;
    size_t n = 0;
    json_t *all = NULL;
    const json_t *id;
    enum mc_rc rc;

    *any = foreign_there(folder, "snapshot.json") || foreign_there(folder, "snapshot.json.gz");
    if (!*any)
        return MC_OK;
    rc = load_text(r, folder, "snapshot.json", &text, &n, e);
    if (rc == MC_OK)
        rc = foreign_json_parse((const char *)text, n, &all, e);
    foreign_unload(text, n);
    if (rc != MC_OK)
        return rc;
    id = json_object_get(all, "commitId");
    if (!foreign_json_uint(json_object_get(id, "segment"), &at->segment) || !foreign_json_uint(json_object_get(id, "offset"), &at->offset) ||
        !json_is_object(json_object_get(all, "data")))
        rc = foreign_lacks(e, "commitId", "the snapshot does not say what it holds");
    else
        rc = foreign_js_keep(db, json_object_get(all, "data"), e);
    json_decref(all);
    return rc;
}

static void drop_context(json_t *db, const char *context)
{
    size_t n = strlen(context);
    const char *name;
    json_t *v;
    void *next;

    json_object_foreach_safe(db, next, name, v) {
        if (n == 0 || (strncmp(name, context, n) == 0 && (name[n] == '\0' || name[n] == '.')))
            json_object_del(db, name);
    }
}

static bool apply_op(json_t *db, const json_t *op)
{
    const char *kind = json_string_value(json_object_get(op, "op")), *context = json_string_value(json_object_get(op, "key"));
    const json_t *values = json_object_get(op, "values"), *name;
    const char *key;
    json_t *v;
    size_t i;

    if (kind == NULL || context == NULL)
        return false;
    if (strcmp(kind, "upd") == 0) {
        if (!foreign_js_wanted(context))
            return true;
        json_object_foreach((json_t *)(uintptr_t)values, key, v)
            if (!foreign_js_put(db, context, key, json_incref(v)))
                return false;
        return json_is_object(values);
    }
    if (strcmp(kind, "del") != 0)
        return false;
    if (!json_is_array(values)) {
        drop_context(db, context);
        return true;
    }
    json_array_foreach(values, i, name)
        if (json_is_string(name))
            json_object_del(json_object_get(db, context), json_string_value(name));
    return true;
}

/* matter.js passes over lines that it cannot read: a write that was cut off is the last of its segment. */
static void apply_line(json_t *db, const char *line, size_t n)
{
    json_t *commit = NULL;
    const json_t *ops, *op;
    size_t i;

    if (foreign_json_parse(line, n, &commit, NULL) != MC_OK)
        return;
    ops = json_is_array(commit) ? commit : json_object_get(commit, "ops");
    json_array_foreach(ops, i, op)
        if (!apply_op(db, op))
            break;
    json_decref(commit);
}

static void apply_segment(json_t *db, const char *text, size_t n, uint64_t segment, struct position at, bool any)
{
    struct position here = {segment, 0};

    for (size_t i = 0; i < n; here.offset++) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t len = end != NULL ? (size_t)(end - text) - i : n - i;

        if (len != 0 && (!any || after(here, at)))
            apply_line(db, text + i, len);
        i += len + 1;
    }
}

static int is_segment(const struct dirent *entry)
{
    const char *name = entry->d_name;

    return strlen(name) >= 14 && strspn(name, "0123456789abcdef") == 8 &&
           (strcmp(name + 8, ".jsonl") == 0 || strcmp(name + 8, ".jsonl.gz") == 0);
}

static enum mc_rc load_log(struct foreign_reader *r, const char *folder, json_t *db, struct position at, bool any, struct mc_err *e)
{
    char wal[FOREIGN_PATH_MAX], last[16] = "", name[16];
    struct dirent **entry = NULL;
    enum mc_rc rc = MC_OK;
    int n;

    if (snprintf(wal, sizeof(wal), "%s/wal", folder) >= (int)sizeof(wal))
        return foreign_lacks(e, NULL, "a path in it is too long");
    n = scandir(wal, &entry, is_segment, alphasort);
    for (int i = 0; i < n; i++) {
        uint8_t *text = NULL;
        size_t text_n = 0;
        uint64_t segment = strtoull(entry[i]->d_name, NULL, 16);

        snprintf(name, sizeof(name), "%.14s", entry[i]->d_name);
        if (rc == MC_OK && strcmp(name, last) != 0 && (!any || segment >= at.segment)) {
            rc = load_text(r, wal, name, &text, &text_n, e);
            if (rc == MC_OK)
                apply_segment(db, (const char *)text, text_n, segment, at, any);
            foreign_unload(text, text_n);
        }
        snprintf(last, sizeof(last), "%s", name);
        free(entry[i]);
    }
    free(entry);
    return rc;
}

enum mc_rc foreign_wal_load(struct foreign_reader *r, const char *folder, json_t *db, struct mc_err *e)
{
    struct position at = {0, 0};
    bool any = false;
    enum mc_rc rc = load_snapshot(r, folder, db, &at, &any, e);

    return rc == MC_OK ? load_log(r, folder, db, at, any, e) : rc;
}
