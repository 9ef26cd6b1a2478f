/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's way of speaking to SQLite: statements, results, transactions. */
#include "ledger_internal.h"

static const char *const sql[SQL_COUNT] = {
#define S(symbol, text) [SQL_##symbol] = text,
    LEDGER_STATEMENTS(S)
#undef S
};

static enum mc_rc rc_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CA_E_BUSY;
    case SQLITE_FULL:
        return CA_E_DB_FULL;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return CA_E_DB_READONLY;
    case SQLITE_NOMEM:
        return MC_E_MEMORY;
    case SQLITE_CONSTRAINT:
        return CA_E_LEDGER;
    default:
        return CA_E_DB;
    }
}

enum mc_rc ledger_db_fail(sqlite3 *db, int code, const char *what, struct mc_err *e)
{
    const char *why = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);

    return mc_fail(e, rc_of(code), "ledger.db", "%s: %s (SQLite %d)", what, why, code);
}

sqlite3_stmt *ledger_stmt(struct ledger *l, enum ledger_stmt id, enum mc_rc *rc, struct mc_err *e)
{
    int code = SQLITE_OK;

    *rc = MC_OK;
    if (l->stmt[id] == NULL)
        code = sqlite3_prepare_v3(l->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT, &l->stmt[id], NULL);
    if (code != SQLITE_OK) {
        *rc = ledger_db_fail(l->db, code, "cannot prepare", e);
        return NULL;
    }
    sqlite3_reset(l->stmt[id]);
    return l->stmt[id];
}

enum mc_rc ledger_prepare(struct ledger *l, const char *text, sqlite3_stmt **out, struct mc_err *e)
{
    int code = sqlite3_prepare_v2(l->db, text, -1, out, NULL);

    return code == SQLITE_OK ? MC_OK : ledger_db_fail(l->db, code, "cannot prepare", e);
}

enum mc_rc ledger_step_done(struct ledger *l, sqlite3_stmt *s, struct mc_err *e)
{
    int code = sqlite3_step(s);
    enum mc_rc rc = MC_OK;

    if (code != SQLITE_DONE && code != SQLITE_ROW)
        rc = ledger_db_fail(l->db, code, "cannot write", e);
    sqlite3_reset(s);
    return rc;
}

enum mc_rc ledger_step_row(struct ledger *l, sqlite3_stmt *s, bool *row, struct mc_err *e)
{
    int code = sqlite3_step(s);
    enum mc_rc rc = MC_OK;

    *row = code == SQLITE_ROW;
    if (*row)
        return MC_OK;
    if (code != SQLITE_DONE)
        rc = ledger_db_fail(l->db, code, "cannot read", e);
    sqlite3_reset(s);
    return rc;
}

enum mc_rc ledger_run(struct ledger *l, enum ledger_stmt id, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, id, &rc, e);

    return s == NULL ? rc : ledger_step_done(l, s, e);
}

enum mc_rc ledger_read_begin(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;

    if (!l->in_txn && l->reads == 0 && (rc = ledger_run(l, SQL_BEGIN_READ, e)) != MC_OK)
        return rc;
    l->reads++;
    return MC_OK;
}

void ledger_read_end(struct ledger *l)
{
    if (--l->reads == 0 && !l->in_txn && ledger_run(l, SQL_COMMIT, NULL) != MC_OK)
        (void)sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum mc_rc take_frontier(struct ledger *l, struct mc_span frontier, struct mc_err *e)
{
    unsigned n = (unsigned)__builtin_popcountll(l->tree.size);

    if (frontier.n != (size_t)n * MC_DIGEST_LEN)
        return mc_fail(e, CA_E_LEDGER, "head", "the frontier does not fit %llu entries",
            (unsigned long long)l->tree.size);
    l->tree.n = n;
    if (n != 0)
        memcpy(l->tree.peak, frontier.p, frontier.n);
    return MC_OK;
}

enum mc_rc ledger_load_head(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_HEAD_GET, &rc, e);

    if (s == NULL || (rc = ledger_step_row(l, s, &row, e)) != MC_OK)
        return rc;
    if (!row)
        return mc_fail(e, CA_E_LEDGER, "head", "missing");
    l->tree.size = (uint64_t)sqlite3_column_int64(s, 0);
    rc = take_frontier(l, ledger_column_span(s, 1), e);
    l->last_time_unix = sqlite3_column_int64(s, 2);
    l->next_sn = (uint64_t)sqlite3_column_int64(s, 3);
    l->fresh = (uint64_t)sqlite3_column_int64(s, 4);
    l->lookups = (uint64_t)sqlite3_column_int64(s, 5);
    sqlite3_reset(s);
    if (rc == MC_OK)
        rc = lookup_begin(l->lookup, l->fresh, l->lookups, e);
    return rc;
}

static enum mc_rc store_head(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_HEAD_SET, &rc, e);

    if (s == NULL)
        return rc;
    lookup_counts(l->lookup, &l->fresh, &l->lookups);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)l->tree.size);
    sqlite3_bind_blob(s, 2, l->tree.peak, (int)(l->tree.n * MC_DIGEST_LEN), SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, l->last_time_unix);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)l->next_sn);
    sqlite3_bind_int64(s, 5, (sqlite3_int64)l->fresh);
    sqlite3_bind_int64(s, 6, (sqlite3_int64)l->lookups);
    return ledger_step_done(l, s, e);
}

static void forget(struct ledger *l)
{
    l->in_txn = l->failed = l->head_dirty = l->has_intent = false;
    l->counters = (struct fabric_counters){0};
    l->known = (struct ledger_known){0};
    l->n_tally = 0;
}

enum mc_rc ledger_begin(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;

    if (l->mode != LEDGER_WRITE)
        return mc_fail(e, CA_E_DB_READONLY, "ledger.db", "opened for reading");
    if (l->in_txn || l->reads != 0)
        return mc_fail(e, MC_E_INTERNAL, "ledger.db", "a transaction is open already");
    if (l->broken)
        return mc_fail(
            e, CA_E_DB, "ledger.db", "the disk failed before; nothing more is written by this process");
    rc = ledger_run(l, SQL_BEGIN_WRITE, e);
    if (rc != MC_OK)
        return rc;
    l->in_txn = true;
    rc = ledger_load_head(l, e);
    if (rc != MC_OK)
        ledger_rollback(l);
    return rc;
}

/*
 * After an I/O error at commit nobody can tell what the disk holds: pages may be lost even when a second
 * fsync succeeds. So this process writes no more; the next one starts from what is really there.
 */
enum mc_rc ledger_commit(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;

    if (!l->in_txn)
        return mc_fail(e, MC_E_INTERNAL, "ledger.db", "no transaction is open");
    if (l->failed) {
        ledger_rollback(l);
        return mc_fail(e, CA_E_DB, "ledger.db", "a step of this transaction failed; it was taken back");
    }
    rc = ledger_counters_flush(l, e);
    if (rc == MC_OK)
        rc = ledger_tally_flush(l, e);
    if (rc == MC_OK)
        rc = lookup_store(l->lookup, e);
    if (rc == MC_OK && l->head_dirty)
        rc = store_head(l, e);
    if (rc == MC_OK)
        rc = ledger_run(l, SQL_COMMIT, e);
    if (rc != MC_OK) {
        l->broken = (sqlite3_errcode(l->db) & 0xFF) == SQLITE_IOERR;
        ledger_rollback(l);
        return rc;
    }
    forget(l);
    return MC_OK;
}

void ledger_rollback(struct ledger *l)
{
    if (!l->in_txn)
        return;
    for (unsigned i = 0; i < SQL_COUNT; i++)
        sqlite3_reset(l->stmt[i]);
    if (!sqlite3_get_autocommit(l->db))
        (void)sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    lookup_forget(l->lookup);
    forget(l);
}

enum mc_rc ledger_poison(struct ledger *l, enum mc_rc rc)
{
    if (rc != MC_OK)
        l->failed = true;
    return rc;
}

enum mc_rc ledger_writable(struct ledger *l, struct mc_err *e)
{
    if (!l->in_txn)
        return mc_fail(e, MC_E_INTERNAL, "ledger.db", "written outside of a transaction");
    if (l->failed)
        return mc_fail(e, CA_E_DB, "ledger.db", "a step of this transaction failed before");
    return MC_OK;
}
