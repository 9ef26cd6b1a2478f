/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAL_LIMIT_OCTETS "67108864"

static enum mc_rc exec(sqlite3 *db, const char *text, const char *what, struct mc_err *e)
{
    int code = sqlite3_exec(db, text, NULL, NULL, NULL);

    return code == SQLITE_OK ? MC_OK : ledger_db_fail(db, code, what, e);
}

/* What holds for every connection, before the first byte of the file is believed. */
static enum mc_rc harden(sqlite3 *db, struct mc_err *e)
{
    static const struct {
        int op, value;
    } config[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 1},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
    };

    for (size_t i = 0; i < sizeof(config) / sizeof(config[0]); i++) {
        int code = sqlite3_db_config(db, config[i].op, config[i].value, NULL);

        if (code != SQLITE_OK)
            return ledger_db_fail(db, code, "cannot be configured", e);
    }
    return exec(db,
        "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; PRAGMA secure_delete=OFF;"
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;"
        "PRAGMA journal_size_limit=" WAL_LIMIT_OCTETS,
        "cannot be configured", e);
}

static enum mc_rc connect(const char *path, int flags, unsigned busy_ms, sqlite3 **out, struct mc_err *e)
{
    sqlite3 *db = NULL;
    int code;
    enum mc_rc rc;

    /* Nobody asks for SQLite's statistics of memory, which cost a lock at each allocation; refused once it is at work. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    code = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        rc = ledger_db_fail(db, code, "cannot be opened", e);
    else if ((code = sqlite3_busy_timeout(db, (int)busy_ms)) != SQLITE_OK)
        rc = ledger_db_fail(db, code, "cannot be opened", e);
    else
        rc = harden(db, e);
    if (rc != MC_OK) {
        sqlite3_close(db);
        return rc;
    }
    *out = db;
    return MC_OK;
}

/* An empty file of mode 0600 that was not there before; SQLite gives its -wal and -shm the same mode. */
static enum mc_rc make_file(const char *path, struct mc_err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 && errno == EEXIST)
        return mc_fail(e, CA_E_EXISTS, "ledger.db", "%s", path);
    if (fd < 0 && errno == ENOSPC)
        return mc_fail(e, CA_E_DB_FULL, "ledger.db", "%s", path);
    if (fd < 0)
        return mc_fail(e, CA_E_IO, "ledger.db", "%s: %s", path, strerror(errno));
    close(fd);
    return MC_OK;
}

static enum mc_rc fill_new(sqlite3 *db, struct mc_err *e)
{
    char ids[96];
    enum mc_rc rc;

    snprintf(ids, sizeof(ids), "PRAGMA application_id=%d; PRAGMA user_version=%d", LEDGER_APPLICATION_ID,
        LEDGER_SCHEMA_VERSION);
    rc = exec(db, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", "cannot be made", e);
    if (rc == MC_OK)
        rc = exec(db, ids, "cannot be made", e);
    if (rc == MC_OK)
        rc = exec(db, ledger_schema_sql, "cannot be made", e);
    if (rc == MC_OK)
        rc = exec(db, "COMMIT", "cannot be made", e);
    return rc;
}

enum mc_rc ledger_create(const char *path, struct mc_err *e)
{
    sqlite3 *db = NULL;
    enum mc_rc rc = make_file(path, e);

    if (rc != MC_OK)
        return rc;
    rc = connect(path, SQLITE_OPEN_READWRITE, 0, &db, e);
    if (rc == MC_OK)
        rc = fill_new(db, e);
    sqlite3_close(db);
    if (rc != MC_OK)
        unlink(path);
    return rc;
}

static enum mc_rc pragma(sqlite3 *db, const char *text, int *value, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, text, -1, &s, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return code == SQLITE_ROW ? MC_OK : ledger_db_fail(db, code, "cannot be read", e);
}

static enum mc_rc check_version(sqlite3 *db, struct mc_err *e)
{
    int id = 0, version = 0;
    enum mc_rc rc = pragma(db, "PRAGMA application_id", &id, e);

    if (rc == MC_OK)
        rc = pragma(db, "PRAGMA user_version", &version, e);
    if (rc != MC_OK)
        return rc;
    if (id != LEDGER_APPLICATION_ID)
        return mc_fail(e, CA_E_DB, "ledger.db", "this is no ledger of heddle");
    if (version > LEDGER_SCHEMA_VERSION)
        return mc_fail(e, CA_E_STATE_VERSION, "ledger.db", "schema %d; this program knows %d", version,
            LEDGER_SCHEMA_VERSION);
    if (version != LEDGER_SCHEMA_VERSION)
        return mc_fail(e, CA_E_DB, "ledger.db", "schema %d is unknown", version);
    return MC_OK;
}

/* The head and the entries of one snapshot must agree; more is ledger_verify's work. */
static enum mc_rc check_head(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);
    sqlite3_stmt *s = NULL;
    uint64_t count;
    char first[32];
    bool row;

    if (rc != MC_OK)
        return rc;
    rc = ledger_load_head(l, e);
    if (rc == MC_OK)
        s = ledger_stmt(l, SQL_ENTRY_COUNT, &rc, e);
    if (s == NULL || (rc = ledger_step_row(l, s, &row, e)) != MC_OK)
        goto out;
    count = sqlite3_column_type(s, 0) == SQLITE_NULL ? 0 : (uint64_t)sqlite3_column_int64(s, 0) + 1;
    sqlite3_reset(s);
    snprintf(first, sizeof(first), "entry %llu", (unsigned long long)(count < l->tree.size ? count : l->tree.size));
    if (count != l->tree.size)
        rc = mc_fail(e, CA_E_LEDGER, first, "the head says that there are %llu entries, and %llu are there",
            (unsigned long long)l->tree.size, (unsigned long long)count);
out:
    ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_open(
    const char *path, enum ledger_mode mode, unsigned busy_ms, struct ledger **out, struct mc_err *e)
{
    struct ledger *l;
    struct stat st;
    enum mc_rc rc;

    if (stat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? mc_fail(e, CA_E_STATE_NONE, "ledger.db", "%s", path)
                   : mc_fail(e, CA_E_IO, "ledger.db", "%s: %s", path, strerror(errno));
    l = calloc(1, sizeof(*l));
    if (l == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    l->mode = mode;
    l->v = mc_verifier_new();
    rc = l->v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : MC_OK;
    if (rc == MC_OK)
        rc = connect(path, SQLITE_OPEN_READWRITE, busy_ms, &l->db, e);
    if (rc == MC_OK && mode == LEDGER_READ)
        rc = exec(l->db, "PRAGMA query_only=ON", "cannot be configured", e);
    if (rc == MC_OK)
        rc = check_version(l->db, e);
    if (rc == MC_OK)
        rc = exec(
            l->db, mode == LEDGER_WRITE ? "PRAGMA journal_mode=WAL" : "SELECT 1", "cannot be configured", e);
    if (rc == MC_OK && lookup_new(l->db, &l->lookup) != MC_OK)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK)
        rc = check_head(l, e);
    if (rc != MC_OK) {
        ledger_close(l);
        return rc;
    }
    *out = l;
    return MC_OK;
}

void ledger_close(struct ledger *l)
{
    if (l == NULL)
        return;
    if (l->db != NULL)
        ledger_rollback(l);
    lookup_free(l->lookup);
    for (unsigned i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(l->stmt[i]);
    sqlite3_close(l->db);
    mc_verifier_free(l->v);
    free(l);
}
