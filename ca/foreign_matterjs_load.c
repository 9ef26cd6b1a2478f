/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four ways in which matter.js keeps values in a folder (its storage drivers):
 *
 *     file    a file for each value, CONTEXT.KEY, percent-encoded
 *     wal     a snapshot and what came after it (foreign_matterjs_wal.c)
 *     json    storage.json, {CONTEXT: {KEY: VALUE}}
 *     sqlite  storage.db, table kvstore(context, key, value_type, value_json)
 *
 * Only what a fabric needs is kept: the others may be large.
 */
#include "foreign_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>

enum driver { DRIVER_FILE, DRIVER_WAL, DRIVER_JSON, DRIVER_SQLITE };

bool foreign_js_wanted(const char *context)
{
    size_t n = strlen(context);

    if (strcmp(context, "certificates") == 0 || strcmp(context, "credentials") == 0 || strcmp(context, "fabrics") == 0 ||
        strcmp(context, "nodes") == 0)
        return true;
    return strncmp(context, "nodes.", 6) == 0 &&
           ((n > 14 && strcmp(context + n - 14, ".commissioning") == 0) || (n > 15 && strcmp(context + n - 15, ".endpoints.0.62") == 0));
}

bool foreign_js_put(json_t *db, const char *context, const char *key, json_t *value)
{
    json_t *c = json_object_get(db, context);

    if (c == NULL && json_object_set_new(db, context, json_object()) == 0)
        c = json_object_get(db, context);
    return json_object_set_new(c, key, value) == 0;
}

bool foreign_there(const char *folder, const char *name)
{
    char path[FOREIGN_PATH_MAX];
    struct stat st;

    return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) && stat(path, &st) == 0;
}

bool foreign_is_matterjs_folder(const char *path)
{
    static const char *const signs[] = {"certificates.rootCertBytes", "credentials.rootCertBytes", "snapshot.json",
        "snapshot.json.gz", "wal", "storage.json", "storage.db"};

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (foreign_there(path, signs[i]))
            return true;
    return false;
}

enum mc_rc foreign_js_keep(json_t *db, const json_t *data, struct mc_err *e)
{
    const char *context;
    json_t *values;

    json_object_foreach((json_t *)(uintptr_t)data, context, values)
        if (foreign_js_wanted(context) && json_is_object(values) && json_object_set(db, context, values) != 0)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return MC_OK;
}

/* --- a file a value ------------------------------------------------------------------------------------------------- */

static bool percent_decode(const char *name, char *out, size_t cap)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < cap; name++) {
        if (*name != '%') {
            out[n++] = *name;
            continue;
        }
        if (name[1] == '\0' || !mc_hex_decode(name + 1, 1, (uint8_t *)out + n) || out[n] == '\0')
            return false;
        n++;
        name += 2;
    }
    out[n] = '\0';
    return *name == '\0';
}

static bool holds_key(const char *context, const char *key)
{
    return strstr(key, "KeyPair") != NULL || (strcmp(context, "fabrics") == 0 && strcmp(key, "fabrics") == 0) ||
           (strcmp(context, "credentials") == 0 && strcmp(key, "fabric") == 0);
}

static enum mc_rc take_value_file(struct foreign_reader *r, const char *folder, const char *name, json_t *db, struct mc_err *e)
{
    char context[300], path[FOREIGN_PATH_MAX];
    json_t *value = NULL;
    char *key;
    enum mc_rc rc;

    if (!percent_decode(name, context, sizeof(context)) || (key = strrchr(context, '.')) == NULL)
        return MC_OK;
    *key++ = '\0';
    if (!foreign_js_wanted(context) || strcmp(key, "tmp") == 0)
        return MC_OK;
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return foreign_lacks(e, NULL, "a path in it is too long");
    rc = foreign_json_load(r, path, &value, e);
    if (rc == MC_OK && !foreign_js_put(db, context, key, value))
        rc = foreign_lacks(e, NULL, "a name in it is no UTF-8");
    return rc == MC_OK && holds_key(context, key) ? foreign_add_key_file(r, path, e) : rc;
}

static enum mc_rc load_files(struct foreign_reader *r, const char *folder, json_t *db, struct mc_err *e)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    enum mc_rc rc = MC_OK;

    if (d == NULL)
        return mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
    while (rc == MC_OK && (entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.')
            rc = take_value_file(r, folder, entry->d_name, db, e);
    closedir(d);
    return rc;
}

/* --- one file of JSON --------------------------------------------------------------------------------------------------- */

static enum mc_rc load_json(struct foreign_reader *r, const char *folder, json_t *db, struct mc_err *e)
{
    char path[FOREIGN_PATH_MAX];
    json_t *all = NULL;
    enum mc_rc rc;

    if (snprintf(path, sizeof(path), "%s/storage.json", folder) >= (int)sizeof(path))
        return foreign_lacks(e, NULL, "a path in it is too long");
    rc = foreign_json_load(r, path, &all, e);
    if (rc == MC_OK)
        rc = foreign_js_keep(db, all, e);
    json_decref(all);
    return rc == MC_OK ? foreign_add_key_file(r, path, e) : rc;
}

/* --- SQLite ----------------------------------------------------------------------------------------------------------- */

bool foreign_is_sqlite(const uint8_t *text, size_t n)
{
    return n >= 16 && memcmp(text, "SQLite format 3", 16) == 0;
}

#define SQLITE_URI_MAX (3 * FOREIGN_PATH_MAX + 32)

/* Without a log beside it SQLite need not make one: nothing is written in somebody's folder. */
static bool sqlite_uri(const char *path, char uri[SQLITE_URI_MAX])
{
    char wal[FOREIGN_PATH_MAX + 8];
    struct stat st;
    size_t n = (size_t)snprintf(uri, SQLITE_URI_MAX, "file:");

    snprintf(wal, sizeof(wal), "%s-wal", path);
    for (; *path != '\0' && n + 32 < SQLITE_URI_MAX; path++)
        n += (size_t)snprintf(uri + n, SQLITE_URI_MAX - n, "%%%02X", (unsigned)(uint8_t)*path);
    snprintf(uri + n, SQLITE_URI_MAX - n, "?mode=ro%s", stat(wal, &st) == 0 ? "" : "&immutable=1");
    return *path == '\0';
}

/* Rows go away with the next step: each value is parsed at once. */
static enum mc_rc take_rows(struct foreign_reader *r, sqlite3_stmt *s, json_t *db, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;
    int got = SQLITE_ROW;

    while (rc == MC_OK && (got = sqlite3_step(s)) == SQLITE_ROW) {
        const char *context = (const char *)sqlite3_column_text(s, 0), *key = (const char *)sqlite3_column_text(s, 1);
        const char *text = (const char *)sqlite3_column_text(s, 2);
        size_t n = (size_t)sqlite3_column_bytes(s, 2);
        json_t *value = NULL;

        if (context == NULL || key == NULL || text == NULL || !foreign_js_wanted(context))
            continue;
        if (n > r->left)
            return mc_fail(e, MC_E_TOO_BIG, NULL, "a storage has at most %zu MiB", FOREIGN_MAX >> 20);
        r->left -= n;
        rc = foreign_json_parse(text, n, &value, e);
        if (rc == MC_OK && !foreign_js_put(db, context, key, value))
            rc = foreign_lacks(e, NULL, "a name in it is no UTF-8");
    }
    return rc != MC_OK || got == SQLITE_DONE ? rc : mc_fail(e, CA_E_FOREIGN, NULL, "the database cannot be read");
}

/* A view would be a program of whoever made the file, and one that need not end. */
static bool has_table(sqlite3 *file)
{
    static const char sql[] = "SELECT 1 FROM sqlite_schema WHERE name = 'kvstore' AND type = 'table' AND sql LIKE 'CREATE TABLE%'";
    sqlite3_stmt *s = NULL;
    bool has = sqlite3_prepare_v2(file, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;

    sqlite3_finalize(s);
    return has;
}

enum mc_rc foreign_sqlite_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e)
{
    static const char sql[] = "SELECT context, key, value_json FROM kvstore WHERE value_type = 'json'";
    char uri[SQLITE_URI_MAX];
    sqlite3 *file = NULL;
    sqlite3_stmt *s = NULL;
    json_t *db = json_object();
    enum mc_rc rc = MC_OK;

    snprintf(r->f->where, sizeof(r->f->where), "%s", path);
    if (!sqlite_uri(path, uri) || sqlite3_open_v2(uri, &file, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK ||
        sqlite3_db_config(file, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK ||
        sqlite3_db_config(file, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        !has_table(file) || sqlite3_prepare_v2(file, sql, -1, &s, NULL) != SQLITE_OK)
        rc = mc_fail(e, CA_E_FOREIGN, NULL, "the database cannot be read, or is not one of matter.js");
    if (rc == MC_OK)
        rc = take_rows(r, s, db, e);
    sqlite3_finalize(s);
    sqlite3_close(file);
    if (rc == MC_OK)
        *out = db;
    else
        json_decref(db);
    return rc;
}

static enum mc_rc load_sqlite(struct foreign_reader *r, const char *folder, json_t **out, struct mc_err *e)
{
    static const char *const parts[] = {"storage.db", "storage.db-wal", "storage.db-shm"};
    char path[FOREIGN_PATH_MAX];
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc == MC_OK; i++) {
        if (snprintf(path, sizeof(path), "%s/%s", folder, parts[i]) >= (int)sizeof(path))
            return foreign_lacks(e, NULL, "a path in it is too long");
        if (i == 0)
            rc = foreign_sqlite_load(r, path, out, e);
        if (rc == MC_OK && foreign_there(folder, parts[i]))
            rc = foreign_add_key_file(r, path, e);
    }
    return rc;
}

/* driver.json says it; a folder that is older than this file tells by what it has. */
static enum driver driver_of(struct foreign_reader *r, const char *folder)
{
    static const char *const kinds[] = {[DRIVER_FILE] = "file", [DRIVER_WAL] = "wal", [DRIVER_JSON] = "json", [DRIVER_SQLITE] = "sqlite"};
    char path[FOREIGN_PATH_MAX];
    json_t *all = NULL;
    enum driver found = DRIVER_FILE;
    bool told = false;

    if (snprintf(path, sizeof(path), "%s/driver.json", folder) < (int)sizeof(path) && foreign_json_load(r, path, &all, NULL) == MC_OK) {
        const char *kind = json_string_value(json_object_get(all, "kind"));

        for (size_t i = 0; kind != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            if (strcmp(kind, kinds[i]) == 0) {
                found = (enum driver)i;
                told = true;
            }
        }
        json_decref(all);
    }
    if (told)
        return found;
    if (foreign_there(folder, "storage.db"))
        return DRIVER_SQLITE;
    if (foreign_there(folder, "storage.json"))
        return DRIVER_JSON;
    return foreign_there(folder, "wal") || foreign_there(folder, "snapshot.json") || foreign_there(folder, "snapshot.json.gz") ? DRIVER_WAL : DRIVER_FILE;
}

enum mc_rc foreign_matterjs_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e)
{
    json_t *db = json_object();
    enum mc_rc rc;

    if (db == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    switch (driver_of(r, path)) {
    case DRIVER_SQLITE:
        json_decref(db);
        return load_sqlite(r, path, out, e);
    case DRIVER_JSON:
        rc = load_json(r, path, db, e);
        break;
    case DRIVER_WAL:
        rc = foreign_wal_load(r, path, db, e);
        break;
    default:
        rc = load_files(r, path, db, e);
    }
    if (rc == MC_OK)
        *out = db;
    else
        json_decref(db);
    return rc;
}
