/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying: schema, tree, serial numbers and look-up. */
#include "ledger_verify.h"

#include <stdio.h>

/* Column by column; both statements are stepped together. */
static enum mc_rc compare_rows(struct ledger *l, sqlite3_stmt *a, sqlite3_stmt *b, struct mc_err *e)
{
    for (;;) {
        int left = sqlite3_step(a), right = sqlite3_step(b);

        if (left == SQLITE_DONE && right == SQLITE_DONE)
            return MC_OK;
        if (left != SQLITE_ROW && left != SQLITE_DONE)
            return ledger_db_fail(l->db, left, "the schema cannot be read", e);
        for (int i = 0; left == SQLITE_ROW && right == SQLITE_ROW && i < 4; i++)
            if (!mc_span_eq(ledger_column_span(a, i), ledger_column_span(b, i)))
                left = SQLITE_DONE;
        if (left != right)
            return mc_fail(e, CA_E_LEDGER, "schema", "tables or triggers are not those of heddle");
    }
}

/* Triggers that were taken out leave no trace in the data. */
enum mc_rc verify_schema(struct verify *y, struct mc_err *e)
{
    static const char text[] =
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2";
    sqlite3_stmt *a = NULL, *b = NULL;
    sqlite3 *fresh = NULL;
    enum mc_rc rc = ledger_prepare(y->l, text, &a, e);
    int code = rc == MC_OK
                   ? sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
                   : SQLITE_OK;

    if (rc == MC_OK && code == SQLITE_OK)
        code = sqlite3_exec(fresh, ledger_schema_sql, NULL, NULL, NULL);
    if (rc == MC_OK && code == SQLITE_OK)
        code = sqlite3_prepare_v2(fresh, text, -1, &b, NULL);
    if (code != SQLITE_OK)
        rc = ledger_db_fail(fresh, code, "the schema cannot be made", e);
    if (rc == MC_OK)
        rc = compare_rows(y->l, a, b, e);
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    sqlite3_close(fresh);
    return rc;
}

static enum mc_rc read_subtree(
    struct verify *y, int level, uint64_t idx, struct mc_span *hash, sqlite3_stmt **s, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;

    *hash = mc_span_of(NULL, 0);
    *s = ledger_stmt(y->l, SQL_SUBTREE_RANGE, &rc, e);
    if (*s == NULL)
        return rc;
    sqlite3_bind_int(*s, 1, level);
    sqlite3_bind_int64(*s, 2, (sqlite3_int64)idx);
    sqlite3_bind_int64(*s, 3, (sqlite3_int64)idx + 1);
    rc = ledger_step_row(y->l, *s, &row, e);
    if (rc == MC_OK && row)
        *hash = ledger_column_span(*s, 0);
    return rc;
}

/* Told of each subtree of tiles that is complete: every eighth level has its row. */
struct upper {
    struct verify *y;
    uint64_t rows;
    struct mc_err *e;
};

static enum mc_rc check_upper(void *arg, unsigned level, uint64_t idx, const uint8_t hash[MC_DIGEST_LEN])
{
    struct upper *u = arg;
    struct mc_span stored;
    sqlite3_stmt *s;
    enum mc_rc rc;

    if (level % LEDGER_TILE_BITS != 0)
        return MC_OK;
    rc = read_subtree(u->y, (int)(level / LEDGER_TILE_BITS) + 1, idx, &stored, &s, u->e);
    if (rc == MC_OK && !mc_span_eq(stored, mc_span_of(hash, MC_DIGEST_LEN)))
        rc = verify_bad(u->e, idx << (level + LEDGER_TILE_BITS), "the subtree above it has another hash");
    u->rows++;
    if (s != NULL)
        sqlite3_reset(s);
    return rc;
}

/* The tree over the tiles, whose hashes the walk over the entries has compared. */
static enum mc_rc tree_of_tiles(struct verify *y, struct upper *u, struct mc_merkle *m, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_prepare(y->l, "SELECT hash FROM subtree WHERE level=1 ORDER BY idx", &s, e);

    mc_merkle_init(m);
    while (rc == MC_OK && (rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        struct mc_span hash = ledger_column_span(s, 0);

        if (hash.n != MC_DIGEST_LEN)
            rc = mc_fail(e, CA_E_LEDGER, "subtree", "a hash has the wrong length");
        else
            rc = mc_merkle_append(y->l->v, m, hash.p, check_upper, u);
        u->rows++;
    }
    sqlite3_finalize(s);
    if (rc == MC_OK && m->size != y->size >> LEDGER_TILE_BITS)
        rc = mc_fail(e, CA_E_LEDGER, "subtree", "%llu tiles for %llu entries", (unsigned long long)m->size,
            (unsigned long long)y->size);
    return rc;
}

static enum mc_rc append_tail(struct verify *y, struct mc_merkle *m, struct mc_err *e)
{
    sqlite3_stmt *s;
    bool row = true;
    enum mc_rc rc;

    m->size <<= LEDGER_TILE_BITS;
    s = ledger_stmt(y->l, SQL_LEAF_RANGE, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)m->size);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)y->size);
    while ((rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        struct mc_span hash = ledger_column_span(s, 0);

        rc = hash.n == MC_DIGEST_LEN ? mc_merkle_append(y->l->v, m, hash.p, NULL, NULL) : CA_E_LEDGER;
        if (rc != MC_OK)
            break;
    }
    sqlite3_reset(s);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, "subtree", "the last leaves cannot be read");
}

static enum mc_rc count_rows(struct verify *y, const char *text, uint64_t *n, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = ledger_prepare(y->l, text, &s, e);

    if (rc == MC_OK)
        rc = ledger_step_row(y->l, s, &row, e);
    *n = row ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return rc;
}

/*
 * Columns that the program reads into types narrower than SQLite's: a value that only looks right when its upper
 * half is cut off is found here.
 */
#define IS_U32(column) column " BETWEEN 0 AND 4294967295"
#define IS_U8(column)  column " BETWEEN 0 AND 255"

enum mc_rc verify_ranges(struct verify *y, struct mc_err *e)
{
    static const struct {
        const char *table, *sql;
    } checks[] = {
        {"head", "SELECT count(*) FROM head WHERE id<>1"},
        {"authority", "SELECT count(*) FROM authority WHERE NOT (" IS_U32("number") " AND " IS_U8("kind")
            " AND " IS_U32("fabric") " AND " IS_U32("issuer") " AND " IS_U8("state") ")"},
        {"fabric", "SELECT count(*) FROM fabric WHERE NOT (" IS_U32("number") " AND " IS_U32("root")
            " AND " IS_U32("ica") ")"},
        {"tally", "SELECT count(*) FROM tally WHERE NOT (" IS_U32("fabric") " AND " IS_U32("authority")
            " AND " IS_U8("type") " AND " IS_U32("month") ")"},
        {"intent", "SELECT count(*) FROM intent WHERE NOT (" IS_U32("n") " AND " IS_U32("authority")
            " AND " IS_U32("fabric") " AND " IS_U8("kind") " AND has_node_id BETWEEN 0 AND 1)"},
        {"run", "SELECT count(*) FROM run WHERE NOT (" IS_U8("level") " AND " IS_U8("bits") ")"},
    };
    uint64_t n = 0;
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && rc == MC_OK; i++) {
        rc = count_rows(y, checks[i].sql, &n, e);
        if (rc == MC_OK && n != 0)
            rc = mc_fail(e, CA_E_LEDGER, checks[i].table, "a number is out of range");
    }
    return rc;
}

enum mc_rc verify_tree(struct verify *y, struct mc_err *e)
{
    struct upper u = {y, 0, e};
    struct ledger_row r;
    struct mc_merkle m;
    uint64_t rows, stray = 0;
    char text[96];
    enum mc_rc rc = tree_of_tiles(y, &u, &m, e);

    if (rc == MC_OK)
        rc = append_tail(y, &m, e);
    snprintf(text, sizeof(text), "SELECT count(*) FROM entry WHERE seq<0 OR seq>=%llu",
        (unsigned long long)y->size);
    if (rc == MC_OK)
        rc = count_rows(y, text, &stray, e);
    if (rc == MC_OK && stray != 0)
        return mc_fail(
            e, CA_E_LEDGER, "entry", "%llu rows stand outside of the ledger", (unsigned long long)stray);
    if (rc == MC_OK)
        rc = count_rows(y, "SELECT count(*) FROM subtree", &rows, e);
    if (rc != MC_OK)
        return rc;
    if (rows != u.rows)
        return mc_fail(e, CA_E_LEDGER, "subtree", "rows that belong to no entries");
    if (m.size != y->size || m.n != y->l->tree.n || memcmp(m.peak, y->l->tree.peak, m.n * MC_DIGEST_LEN) != 0)
        return mc_fail(e, CA_E_LEDGER, "head", "the frontier is not that of the entries");
    if (y->size == 0)
        return y->l->last_time_unix == 0 ? MC_OK : mc_fail(e, CA_E_LEDGER, "head", "a time without entry");
    rc = ledger_read_row(y->l, y->size - 1, &r, e);
    if (rc == MC_OK && r.x.time_unix != y->l->last_time_unix)
        rc = mc_fail(e, CA_E_LEDGER, "head", "its time is not that of the last entry");
    return rc;
}

/* Serial numbers that intents hold, added up as they come in order. */
struct holding {
    struct verify *y;
    uint64_t sum, end;
    enum mc_rc rc;
    struct mc_err *e;
};

static bool add_intent(void *arg, const struct ledger_intent *i)
{
    struct holding *h = arg;
    struct ledger *l = h->y->l;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_COUNT, &h->rc, h->e);
    bool row;

    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)i->first_sn);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)(i->first_sn + i->n));
    h->rc = ledger_step_row(l, s, &row, h->e);
    if (h->rc != MC_OK)
        return false;
    if (sqlite3_column_int64(s, 0) != 0 || i->first_sn < h->end || i->first_sn + i->n > l->next_sn)
        h->rc = mc_fail(h->e, CA_E_LEDGER, "intent", "serial counter %llu is used or was never given out",
            (unsigned long long)i->first_sn);
    sqlite3_reset(s);
    h->sum += i->n;
    h->end = i->first_sn + i->n;
    return h->rc == MC_OK;
}

/* Every serial number that was given out has its entry or is held by an open intent, and by one alone. */
enum mc_rc verify_intents(struct verify *y, struct mc_err *e)
{
    struct holding h = {.y = y, .e = e};
    uint64_t stray;
    enum mc_rc rc = ledger_intents(y->l, add_intent, &h, e);
    char text[96];

    if (rc == MC_OK)
        rc = h.rc;
    snprintf(text, sizeof(text), "SELECT count(*) FROM cert WHERE sn<1 OR sn>=%llu",
        (unsigned long long)y->l->next_sn);
    if (rc == MC_OK)
        rc = count_rows(y, text, &stray, e);
    if (rc == MC_OK && (stray != 0 || y->seen.cert.n + h.sum != y->l->next_sn - 1))
        rc = mc_fail(e, CA_E_LEDGER, "cert",
            "%llu serial numbers were given out; %llu have entries and %llu are held by open intents",
            (unsigned long long)y->l->next_sn - 1, (unsigned long long)y->seen.cert.n,
            (unsigned long long)h.sum);
    return rc;
}

static void take_cert(sqlite3_stmt *s, uint64_t row[VERIFY_CERT_COLUMNS])
{
    for (int i = 0; i < VERIFY_CERT_COLUMNS; i++)
        row[i] = (uint64_t)sqlite3_column_int64(s, i);
}

#define CERT_COLUMNS "SELECT sn, seq, type, kind, authority, fabric, node_id, not_after FROM cert"

enum mc_rc verify_sum_certs(struct verify *y, struct verify_sum *sum, struct mc_err *e)
{
    uint64_t value[VERIFY_CERT_COLUMNS];
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_prepare(y->l, CERT_COLUMNS, &s, e);

    while (rc == MC_OK && (rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        take_cert(s, value);
        verify_add(sum, y->secret, value, VERIFY_CERT_COLUMNS);
    }
    sqlite3_finalize(s);
    return rc;
}

struct key_sum {
    struct verify_sum *sum;
    uint64_t secret;
};

static void add_pair(void *arg, const struct lookup_pair *p)
{
    struct key_sum *k = arg;
    const uint64_t pair[] = {p->h, p->seq};

    verify_add(k->sum, k->secret, pair, 2);
}

enum mc_rc verify_sum_keys(struct verify *y, struct verify_sum *sum, struct mc_err *e)
{
    struct key_sum k = {sum, y->secret};

    return lookup_each(y->l->lookup, add_pair, &k, e);
}

static enum mc_rc find_cert(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    uint64_t want[VERIFY_CERT_COLUMNS], got[VERIFY_CERT_COLUMNS];
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = ledger_prepare(l, CERT_COLUMNS " WHERE sn=?1", &s, e);

    if (rc == MC_OK) {
        sqlite3_bind_int64(s, 1, (sqlite3_int64)f->sn);
        rc = ledger_step_row(l, s, &row, e);
    }
    verify_cert_row(x, f, want);
    if (row)
        take_cert(s, got);
    if (rc == MC_OK && (!row || memcmp(want, got, sizeof(want)) != 0))
        rc = verify_bad(e, x->seq, "its row in cert is missing or says something else");
    sqlite3_finalize(s);
    return rc;
}

static enum mc_rc is_it(void *arg, uint64_t seq, struct mc_err *e)
{
    (void)e;
    return seq == *(const uint64_t *)arg ? CA_E_EXISTS : MC_OK;
}

enum mc_rc verify_rows(struct verify *y, struct ledger *l, const struct mc_entry *x,
    const struct ledger_facts *f, struct mc_err *e)
{
    uint64_t seq = x->seq;
    enum mc_rc rc = f->sn != 0 ? find_cert(l, x, f, e) : MC_OK;

    for (unsigned i = 0; i < f->n && rc == MC_OK; i++) {
        rc = lookup_find(l->lookup, f->h[i], is_it, &seq, e);
        if (rc == MC_OK)
            return verify_bad(e, seq, "it is not found by its key, node or request");
        rc = rc == CA_E_EXISTS ? MC_OK : rc;
    }
    if (rc == MC_OK && x->type == ENTRY_AUTHORITY &&
        (x->authority > y->claimed.n_authority || y->claimed.authority[x->authority - 1].seq != seq))
        return verify_bad(e, seq, "its row in authority is missing or says something else");
    if (rc == MC_OK && x->type == ENTRY_FABRIC &&
        (x->fabric > y->claimed.n_fabric || y->claimed.fabric[x->fabric - 1].seq != seq))
        return verify_bad(e, seq, "its row in fabric is missing or says something else");
    if (rc == MC_OK && x->type == ENTRY_DECISION)
        rc = verify_decision_row(l, x, e);
    if (rc == MC_OK && x->type == ENTRY_REVOKED)
        rc = verify_revoked_row(l, x, f, e);
    if (rc == MC_OK && x->type == ENTRY_DOCUMENT)
        rc = verify_document_row(l, x, e);
    return rc;
}
