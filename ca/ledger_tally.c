/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of what came of requests: kept with each entry, told, and made again by verifying. */
#include "ledger_verify.h"

#include <stdlib.h>

static uint32_t month_of(int64_t unix_time)
{
    struct mc_calendar c;

    mc_calendar_from_unix(unix_time, &c);
    return (uint32_t)(12 * c.year + c.month - 1);
}

bool ledger_tally_of(const struct mc_entry *x, const struct ledger_facts *f, struct ledger_tally *t)
{
    if (x->type != ENTRY_ISSUED && x->type != ENTRY_VOID && x->type != ENTRY_REFUSED && x->type != ENTRY_REVOKED)
        return false;
    *t = (struct ledger_tally){.fabric = x->fabric,
        .authority = x->authority,
        .month = x->type == ENTRY_ISSUED ? month_of(f->not_after_unix) : 0,
        .type = x->type,
        .n = 1,
        .last_time_unix = x->time_unix};
    return true;
}

static bool same_row(const struct ledger_tally *a, const struct ledger_tally *b)
{
    return a->fabric == b->fabric && a->authority == b->authority && a->month == b->month &&
           a->type == b->type;
}

static void count_in(struct ledger_tally *row, const struct ledger_tally *t)
{
    row->n += t->n;
    if (t->last_time_unix > row->last_time_unix)
        row->last_time_unix = t->last_time_unix;
}

enum mc_rc ledger_tally_add(struct ledger *l, const struct ledger_tally *t, struct mc_err *e)
{
    enum mc_rc rc;

    for (unsigned i = 0; i < l->n_tally; i++) {
        if (same_row(&l->tally[i], t)) {
            count_in(&l->tally[i], t);
            return MC_OK;
        }
    }
    if (l->n_tally == LEDGER_TALLIES && (rc = ledger_tally_flush(l, e)) != MC_OK)
        return rc;
    l->tally[l->n_tally++] = *t;
    return MC_OK;
}

enum mc_rc ledger_tally_flush(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; i < l->n_tally && rc == MC_OK; i++) {
        const struct ledger_tally *t = &l->tally[i];
        const sqlite3_int64 values[] = {
            t->fabric, t->authority, t->type, t->month, (sqlite3_int64)t->n, t->last_time_unix};
        sqlite3_stmt *s = ledger_stmt(l, SQL_TALLY_ADD, &rc, e);

        for (int k = 0; s != NULL && k < 6; k++)
            sqlite3_bind_int64(s, k + 1, values[k]);
        if (s != NULL)
            rc = ledger_step_done(l, s, e);
    }
    if (rc == MC_OK)
        l->n_tally = 0;
    return rc;
}

static enum mc_rc each_row(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_tally *t), void *arg, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_TALLY_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        const struct ledger_tally t = {.fabric = (uint32_t)sqlite3_column_int64(s, 0),
            .authority = (uint32_t)sqlite3_column_int64(s, 1),
            .type = (enum entry_type)sqlite3_column_int(s, 2),
            .month = (uint32_t)sqlite3_column_int64(s, 3),
            .n = (uint64_t)sqlite3_column_int64(s, 4),
            .last_time_unix = sqlite3_column_int64(s, 5)};

        if (!each(arg, &t))
            break;
    }
    sqlite3_reset(s);
    return rc;
}

enum mc_rc ledger_tallies(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_tally *t), void *arg, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = each_row(l, each, arg, e);
    ledger_read_end(l);
    return rc;
}

/* The slot of a row, or the empty one where it belongs. */
static struct ledger_tally *slot_of(const struct verify_tallies *v, const struct ledger_tally *t)
{
    uint64_t h = verify_mix(verify_mix(t->fabric, t->authority), (uint64_t)t->type << 32 | t->month);
    size_t i = (size_t)h & (v->cap - 1);

    while (v->slot[i].n != 0 && !same_row(&v->slot[i], t))
        i = (i + 1) & (v->cap - 1);
    return &v->slot[i];
}

static enum mc_rc grow(struct verify_tallies *v, struct mc_err *e)
{
    struct verify_tallies more = {.n = v->n, .cap = v->cap == 0 ? 64 : 2 * v->cap};

    more.slot = calloc(more.cap, sizeof(*more.slot));
    if (more.slot == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (size_t i = 0; i < v->cap; i++)
        if (v->slot[i].n != 0)
            *slot_of(&more, &v->slot[i]) = v->slot[i];
    free(v->slot);
    *v = more;
    return MC_OK;
}

enum mc_rc verify_count(struct verify_tallies *v, const struct ledger_tally *t, struct mc_err *e)
{
    struct ledger_tally *row;
    enum mc_rc rc;

    if (2 * v->n >= v->cap && (rc = grow(v, e)) != MC_OK)
        return rc;
    row = slot_of(v, t);
    if (row->n != 0) {
        count_in(row, t);
        return MC_OK;
    }
    *row = *t;
    v->n++;
    return MC_OK;
}

struct comparison {
    const struct verify_tallies *want;
    size_t rows;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool compare_row(void *arg, const struct ledger_tally *t)
{
    struct comparison *c = arg;
    const struct ledger_tally *want = c->want->cap == 0 ? NULL : slot_of(c->want, t);

    c->rows++;
    if (want == NULL || want->n != t->n || want->last_time_unix != t->last_time_unix)
        c->rc = mc_fail(c->e, CA_E_LEDGER, "tally",
            "%s, fabric %u, authority %u: counts %llu; the entries give %llu", mc_entry_type_name(t->type),
            t->fabric, t->authority, (unsigned long long)t->n,
            want == NULL ? 0 : (unsigned long long)want->n);
    return c->rc == MC_OK;
}

enum mc_rc verify_tally_rows(struct verify *y, struct mc_err *e)
{
    struct comparison c = {&y->seen.tallies, 0, e, MC_OK};
    enum mc_rc rc = each_row(y->l, compare_row, &c, e);

    if (rc == MC_OK)
        rc = c.rc;
    if (rc == MC_OK && c.rows != c.want->n)
        rc = mc_fail(e, CA_E_LEDGER, "tally", "%zu rows; the entries give %zu", c.rows, c.want->n);
    return rc;
}
