/* SPDX-License-Identifier: Apache-2.0 */
/* What came last: the pairs of this transaction, and the rows of lookup_new. */
#include "lookup_internal.h"

#include "ledger_internal.h"

#include <stdlib.h>

#define FRESH_LEN lookup_filter_len(2 * LOOKUP_FRESH_MAX) /* of rows and of what is held */

void lookup_drop_fresh(struct lookup *k)
{
    free(k->fresh_filter);
    k->fresh_filter = NULL;
    k->missed = 0;
}

/* Rows only come, until a spill takes all of them: what has the same counts is the same. */
bool lookup_knows_fresh(const struct lookup *k)
{
    return k->fresh_filter != NULL && k->seen_fresh == k->fresh && k->seen_changes == k->changes;
}

bool lookup_fresh_has(const struct lookup *k, uint64_t h)
{
    return lookup_filter_has(k->fresh_filter, FRESH_LEN, h);
}

static enum mc_rc read_fresh(struct lookup *k, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = lookup_step_row(k, s, &row, e)) == MC_OK && row)
        lookup_filter_add(k->fresh_filter, FRESH_LEN, lookup_h_of_db(sqlite3_column_int64(s, 0)));
    sqlite3_reset(s);
    for (size_t i = 0; i < k->n_held; i++)
        lookup_filter_add(k->fresh_filter, FRESH_LEN, k->held[i].h);
    return rc;
}

/*
 * Reading all rows costs what a fourth as many questions do. Where another process writes between our
 * transactions, it would have to be done over and over, and so it waits for that many.
 */
enum mc_rc lookup_learn_fresh(struct lookup *k, struct mc_err *e)
{
    enum mc_rc rc;

    if (lookup_knows_fresh(k) || ++k->missed < k->fresh / 4)
        return MC_OK;
    lookup_drop_fresh(k);
    k->fresh_filter = calloc(1, FRESH_LEN);
    if (k->fresh_filter == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = read_fresh(k, e);
    if (rc != MC_OK) {
        lookup_drop_fresh(k);
        return rc;
    }
    k->seen_fresh = k->fresh;
    k->seen_changes = k->changes;
    return MC_OK;
}

enum mc_rc lookup_add(struct lookup *k, uint64_t h, uint64_t seq, struct mc_err *e)
{
    enum mc_rc rc;

    if (k->n_held == LOOKUP_FRESH_MAX && (rc = lookup_store(k, e)) != MC_OK)
        return rc;
    if (k->held == NULL)
        k->held = malloc(LOOKUP_FRESH_MAX * sizeof(*k->held));
    if (k->held == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    k->held[k->n_held++] = (struct lookup_pair){h, seq};
    if (lookup_knows_fresh(k))
        lookup_filter_add(k->fresh_filter, FRESH_LEN, h);
    return MC_OK;
}

static int by_pair(const void *left, const void *right)
{
    const struct lookup_pair *a = left, *b = right;

    return a->h != b->h ? (a->h > b->h) - (a->h < b->h) : (a->seq > b->seq) - (a->seq < b->seq);
}

static enum mc_rc add_row(struct lookup *k, const struct lookup_pair *p, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_ADD, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, lookup_h_to_db(p->h));
    sqlite3_bind_int64(s, 2, (sqlite3_int64)p->seq);
    return lookup_step_done(k, s, e);
}

/* The filter has them already. */
static enum mc_rc add_rows(struct lookup *k, struct mc_err *e)
{
    bool known = lookup_knows_fresh(k);
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; rc == MC_OK && i < k->n_held; i++)
        rc = add_row(k, &k->held[i], e);
    if (rc != MC_OK)
        return rc;
    k->fresh += k->n_held;
    if (known)
        k->seen_fresh = k->fresh;
    k->n_held = 0;
    return MC_OK;
}

enum mc_rc lookup_store(struct lookup *k, struct mc_err *e)
{
    if (k->n_held == 0)
        return MC_OK;
    qsort(k->held, k->n_held, sizeof(*k->held), by_pair);
    if (k->n_held < LOOKUP_RUN_MIN && k->fresh + k->n_held <= LOOKUP_FRESH_MAX)
        return add_rows(k, e);
    return lookup_spill(k, e);
}
