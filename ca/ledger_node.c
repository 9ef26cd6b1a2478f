/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of a fabric, each as its latest NOC says, and the authorities that they hang from. */
#include "ledger_internal.h"

#include <stdlib.h>

/*
 * max(seq) makes SQLite take the other columns from the newest NOC of each group. Node ids with their top bit
 * set are negative here and come last.
 */
static const char nodes_sql[] =
    "SELECT c.node_id, max(c.seq), c.authority, c.not_after, count(*), d.seq IS NOT NULL FROM cert c"
    " LEFT JOIN decision d ON d.fabric=?1 AND d.what=?2 AND d.subject=c.node_id"
    " WHERE c.fabric=?1 AND c.kind=?3 AND c.type=?4 GROUP BY c.node_id<0, c.node_id";

static void take_node(sqlite3_stmt *s, struct ledger_node *n)
{
    n->node_id = (uint64_t)sqlite3_column_int64(s, 0);
    n->seq = (uint64_t)sqlite3_column_int64(s, 1);
    n->authority = (uint32_t)sqlite3_column_int64(s, 2);
    n->not_after_unix = sqlite3_column_int64(s, 3);
    n->nocs = (uint64_t)sqlite3_column_int64(s, 4);
    n->removed = sqlite3_column_int(s, 5) != 0;
}

/* The nodes that were adopted, with a NOC or by id alone, in the order of ids. */
struct adopted {
    struct ledger_node *node;
    size_t n, at;
};

static int by_id(const void *left, const void *right)
{
    const struct ledger_node *a = left, *b = right;

    if (a->node_id != b->node_id)
        return a->node_id < b->node_id ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static enum mc_rc add_adopted(struct ledger *l, const struct mc_entry *x, struct adopted *a, struct mc_err *e)
{
    struct ledger_node *more = realloc(a->node, (a->n + 1) * sizeof(*more));
    struct ledger_facts f;
    enum mc_rc rc;

    if (more == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    a->node = more;
    rc = ledger_facts_of(l->v, x, &f, e);
    if (rc != MC_OK)
        return rc;
    more[a->n] = (struct ledger_node){.node_id = x->node_id, .seq = x->seq, .authority = x->authority,
        .not_after_unix = f.not_after_unix, .nocs = f.is_noc};
    return ledger_node_removed(l, x->fabric, x->node_id, &more[a->n++].removed, e);
}

/* One for each node: the newest of which the NOC is known. */
static void join_adopted(struct adopted *a)
{
    size_t kept = 0;

    if (a->n != 0)
        qsort(a->node, a->n, sizeof(*a->node), by_id);
    for (size_t i = 0; i < a->n; i++) {
        struct ledger_node *last = kept != 0 ? &a->node[kept - 1] : NULL;

        if (last == NULL || last->node_id != a->node[i].node_id) {
            a->node[kept++] = a->node[i];
        } else if (a->node[i].nocs != 0) {
            a->node[i].nocs += last->nocs;
            *last = a->node[i];
        }
    }
    a->n = kept;
}

static enum mc_rc read_adopted(struct ledger *l, uint32_t fabric, struct adopted *a, struct mc_err *e)
{
    struct ledger_row r;
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_prepare(l, "SELECT seq FROM entry WHERE type = 11", &s, e);

    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        rc = ledger_read_row(l, (uint64_t)sqlite3_column_int64(s, 0), &r, e);
        if (rc == MC_OK && r.x.type == ENTRY_ADOPTED && r.x.fabric == fabric)
            rc = add_adopted(l, &r.x, a, e);
    }
    sqlite3_finalize(s);
    join_adopted(a);
    return rc;
}

/* The adopted nodes that come before this one; then this one, joined with its adopted NOC. False: no more. */
static bool tell(struct adopted *a, struct ledger_node *n, bool (*each)(void *arg, const struct ledger_node *n), void *arg)
{
    while (a->at < a->n && (n == NULL || a->node[a->at].node_id < n->node_id))
        if (!each(arg, &a->node[a->at++]))
            return false;
    if (n == NULL)
        return true;
    if (a->at < a->n && a->node[a->at].node_id == n->node_id)
        n->nocs += a->node[a->at++].nocs; /* what was issued here is newer than what came with the fabric */
    return each(arg, n);
}

static enum mc_rc each_node(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_node *n), void *arg, struct mc_err *e)
{
    struct adopted a = {0};
    bool more = true;
    struct ledger_node node;
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = read_adopted(l, fabric, &a, e);

    if (rc == MC_OK)
        rc = ledger_prepare(l, nodes_sql, &s, e);
    if (rc == MC_OK) {
        sqlite3_bind_int64(s, 1, fabric);
        sqlite3_bind_int(s, 2, LEDGER_NODE_REMOVED);
        sqlite3_bind_int(s, 3, MC_KIND_NOC);
        sqlite3_bind_int(s, 4, ENTRY_ISSUED);
    }
    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        take_node(s, &node);
        more = tell(&a, &node, each, arg);
        if (!more)
            break;
    }
    if (rc == MC_OK && more)
        (void)tell(&a, NULL, each, arg);
    sqlite3_finalize(s);
    free(a.node);
    return rc;
}

enum mc_rc ledger_nodes(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_node *n), void *arg, struct mc_err *e)
{
    bool files = !l->in_txn && l->reads == 0;
    enum mc_rc rc;

    if (files)
        sqlite3_exec(l->db, "PRAGMA temp_store=FILE", NULL, NULL, NULL);
    rc = ledger_read_begin(l, e);
    if (rc == MC_OK) {
        rc = each_node(l, fabric, each, arg, e);
        ledger_read_end(l);
    }
    if (files)
        sqlite3_exec(l->db, "PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
    return rc;
}

enum mc_rc ledger_authorities(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_authority *a), void *arg, struct mc_err *e)
{
    struct ledger_authority a;
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_prepare(l, "SELECT number FROM authority WHERE fabric=?1 ORDER BY number", &s, e);
    if (rc == MC_OK)
        sqlite3_bind_int64(s, 1, fabric);
    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        rc = ledger_authority(l, (uint32_t)sqlite3_column_int64(s, 0), &a, e);
        if (rc != MC_OK || !each(arg, &a))
            break;
    }
    sqlite3_finalize(s);
    ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_authority_state(
    struct ledger *l, uint32_t number, enum authority_state *state, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s;
    bool row = false;

    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    s = ledger_stmt(l, SQL_AUTHORITY_GET, &rc, e);
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, number);
        rc = ledger_step_row(l, s, &row, e);
        if (rc == MC_OK && row)
            *state = (enum authority_state)sqlite3_column_int(s, 4);
        sqlite3_reset(s);
    }
    ledger_read_end(l);
    return rc != MC_OK || row ? rc : mc_fail(e, CA_E_NOT_FOUND, "authority", "%u", number);
}
