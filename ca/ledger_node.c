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

static enum mc_rc each_node(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_node *n), void *arg, struct mc_err *e)
{
    struct ledger_node node;
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_prepare(l, nodes_sql, &s, e);

    if (rc == MC_OK) {
        sqlite3_bind_int64(s, 1, fabric);
        sqlite3_bind_int(s, 2, LEDGER_NODE_REMOVED);
        sqlite3_bind_int(s, 3, MC_KIND_NOC);
        sqlite3_bind_int(s, 4, ENTRY_ISSUED);
    }
    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        take_node(s, &node);
        if (!each(arg, &node))
            break;
    }
    sqlite3_finalize(s);
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
