/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions about fabrics: which stand, and whether the table says so. */
#include "ledger_verify.h"

#include <stdlib.h>

static const char *const rules[] = {
    [LEDGER_NODE_REMOVED] = "node-removed",
    [LEDGER_NODE_RESTORED] = "node-restored",
    [LEDGER_CAT_VERSION] = "cat-version",
    [LEDGER_FABRIC_REPLACED] = "fabric-replaced",
};

const char *ledger_what_rule(enum ledger_what w)
{
    return rules[w];
}

static enum ledger_what what_of(struct mc_span rule)
{
    for (unsigned w = LEDGER_NODE_REMOVED; w <= LEDGER_FABRIC_REPLACED; w++)
        if (mc_span_eq(rule, mc_span_of(rules[w], strlen(rules[w]))))
            return (enum ledger_what)w;
    return 0;
}

bool ledger_decided_of(const struct mc_entry *x, struct ledger_decided *d)
{
    bool node = x->has_node_id, cat = x->cat != 0, name = x->name.n != 0;

    d->what = what_of(x->rule);
    d->subject = node ? x->node_id : cat ? x->cat >> 16 : 0;
    switch (d->what) {
    case LEDGER_NODE_REMOVED:
    case LEDGER_NODE_RESTORED:
        return node && !cat && !name;
    case LEDGER_CAT_VERSION:
        return !node && cat && !name && mc_cat_check(x->cat) == MC_OK;
    case LEDGER_FABRIC_REPLACED:
        return !node && !cat && name;
    default:
        return false;
    }
}

/* A removal and its end are one subject. */
static enum ledger_what row_of(enum ledger_what w)
{
    return w == LEDGER_NODE_RESTORED ? LEDGER_NODE_REMOVED : w;
}

static void bind(sqlite3_stmt *s, uint32_t fabric, enum ledger_what w, uint64_t subject)
{
    sqlite3_bind_int64(s, 1, fabric);
    sqlite3_bind_int(s, 2, (int)row_of(w));
    sqlite3_bind_int64(s, 3, (sqlite3_int64)subject);
}

enum mc_rc ledger_decision_store(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_decided d;
    sqlite3_stmt *s;
    enum mc_rc rc;

    if (!ledger_decided_of(x, &d))
        return mc_fail(e, CA_E_LEDGER, "rule", NULL);
    l->known.unremoved = 0;
    s = ledger_stmt(l, d.what == LEDGER_NODE_RESTORED ? SQL_DECISION_DROP : SQL_DECISION_SET, &rc, e);
    if (s == NULL)
        return rc;
    bind(s, x->fabric, d.what, d.subject);
    if (d.what != LEDGER_NODE_RESTORED)
        sqlite3_bind_int64(s, 4, (sqlite3_int64)x->seq);
    return ledger_step_done(l, s, e);
}

static enum mc_rc find_row(
    struct ledger *l, uint32_t fabric, const struct ledger_decided *d, bool *found, uint64_t *seq, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_DECISION_GET, &rc, e);

    if (s == NULL)
        return rc;
    bind(s, fabric, d->what, d->subject);
    rc = ledger_step_row(l, s, found, e);
    if (rc != MC_OK || !*found)
        return rc;
    *seq = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return MC_OK;
}

enum mc_rc ledger_decision(struct ledger *l, uint32_t fabric, enum ledger_what w, uint64_t subject,
    struct ledger_row *r, struct mc_err *e)
{
    const struct ledger_decided want = {row_of(w), subject};
    struct ledger_decided got;
    uint64_t seq = 0;
    bool found = false;
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = find_row(l, fabric, &want, &found, &seq, e);
    if (rc == MC_OK && found)
        rc = ledger_read_row(l, seq, r, e);
    ledger_read_end(l);
    if (rc != MC_OK)
        return rc;
    if (!found)
        return mc_fail(e, CA_E_NOT_FOUND, "decision", NULL);
    if (r->x.type != ENTRY_DECISION || r->x.fabric != fabric || !ledger_decided_of(&r->x, &got) ||
        got.what != want.what || got.subject != subject)
        return mc_fail(e, CA_E_LEDGER, "decision", "entry %llu is another", (unsigned long long)seq);
    return MC_OK;
}

/* Most fabrics lost no node: inside of a transaction that is asked once. */
static enum mc_rc learn_unremoved(struct ledger *l, uint32_t fabric, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_DECISION_ANY, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, fabric);
    sqlite3_bind_int(s, 2, LEDGER_NODE_REMOVED);
    rc = ledger_step_row(l, s, &row, e);
    if (rc == MC_OK && row && sqlite3_column_int64(s, 0) == 0 && l->in_txn)
        l->known.unremoved = fabric;
    sqlite3_reset(s);
    return rc;
}

enum mc_rc ledger_node_removed(
    struct ledger *l, uint32_t fabric, uint64_t node_id, bool *removed, struct mc_err *e)
{
    const struct ledger_decided want = {LEDGER_NODE_REMOVED, node_id};
    uint64_t seq;
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    *removed = false;
    if (l->in_txn && l->known.unremoved != fabric)
        rc = learn_unremoved(l, fabric, e);
    if (rc == MC_OK && (!l->in_txn || l->known.unremoved != fabric))
        rc = find_row(l, fabric, &want, removed, &seq, e);
    ledger_read_end(l);
    return rc;
}

enum mc_rc verify_decision_row(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_decided d;
    uint64_t seq = 0;
    bool found = false;
    enum mc_rc rc;

    if (!ledger_decided_of(x, &d))
        return verify_bad(e, x->seq, "not a decision");
    rc = find_row(l, x->fabric, &d, &found, &seq, e);
    if (rc != MC_OK)
        return rc;
    if (d.what == LEDGER_NODE_RESTORED ? found && seq < x->seq : !found || seq < x->seq) {
        /* A later entry may have ended what this one began: only the whole can tell. */
        if (found || d.what != LEDGER_NODE_REMOVED)
            return verify_bad(e, x->seq, "its row in decision is missing or says something else");
    }
    return MC_OK;
}

/* A row of the table, or an entry that makes or drops one. */
struct decided_row {
    uint32_t fabric;
    enum ledger_what what; /* of the row */
    bool dropped;
    uint64_t subject, seq;
};

static int by_subject(const void *left, const void *right)
{
    const struct decided_row *a = left, *b = right;
    int64_t x, y;

    if (a->fabric != b->fabric)
        return a->fabric < b->fabric ? -1 : 1;
    if (a->what != b->what)
        return a->what < b->what ? -1 : 1;
    memcpy(&x, &a->subject, sizeof(x)); /* the table's order is that of signed numbers */
    memcpy(&y, &b->subject, sizeof(y));
    if (x != y)
        return x < y ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static bool same_subject(const struct decided_row *a, const struct decided_row *b)
{
    return a->fabric == b->fabric && a->what == b->what && a->subject == b->subject;
}

static enum mc_rc collect(struct verify *y, struct decided_row *row, size_t *n, struct mc_err *e)
{
    struct ledger_decided d;
    struct ledger_row r;
    enum mc_rc rc = MC_OK;

    *n = 0;
    for (size_t i = 0; i < y->seen.n_rare && rc == MC_OK; i++) {
        rc = ledger_read_row(y->l, y->seen.rare[i], &r, e);
        if (rc != MC_OK || r.x.type != ENTRY_DECISION)
            continue;
        if (!ledger_decided_of(&r.x, &d))
            return verify_bad(e, r.seq, "not a decision");
        row[(*n)++] = (struct decided_row){
            r.x.fabric, row_of(d.what), d.what == LEDGER_NODE_RESTORED, d.subject, r.seq};
    }
    return rc;
}

/* The last of each subject, if it stands. */
static size_t keep_standing(struct decided_row *row, size_t n)
{
    size_t kept = 0;

    qsort(row, n, sizeof(*row), by_subject);
    for (size_t i = 0; i < n; i++)
        if ((i + 1 == n || !same_subject(&row[i], &row[i + 1])) && !row[i].dropped)
            row[kept++] = row[i];
    return kept;
}

static enum mc_rc compare_rows(struct verify *y, const struct decided_row *row, size_t n, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    size_t i = 0;
    bool more = true;
    enum mc_rc rc = ledger_prepare(y->l, "SELECT fabric, what, subject, seq FROM decision ORDER BY 1, 2, 3", &s, e);

    while (rc == MC_OK && (rc = ledger_step_row(y->l, s, &more, e)) == MC_OK && more) {
        if (i == n || sqlite3_column_int64(s, 0) != row[i].fabric || sqlite3_column_int64(s, 1) != (int)row[i].what ||
            (uint64_t)sqlite3_column_int64(s, 2) != row[i].subject || (uint64_t)sqlite3_column_int64(s, 3) != row[i].seq)
            break;
        i++;
    }
    sqlite3_finalize(s);
    if (rc != MC_OK || (i == n && !more))
        return rc;
    if (i < n)
        return verify_bad(e, row[i].seq, "its row in decision is missing or says something else");
    return mc_fail(e, CA_E_LEDGER, "decision", "a row that no entry made");
}

/* After verify_model, which has put the rare entries in order. */
enum mc_rc verify_decisions(struct verify *y, struct mc_err *e)
{
    struct decided_row *row = malloc((y->seen.n_rare + 1) * sizeof(*row));
    size_t n = 0;
    enum mc_rc rc;

    if (row == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = collect(y, row, &n, e);
    if (rc == MC_OK)
        rc = compare_rows(y, row, keep_standing(row, n), e);
    free(row);
    return rc;
}
