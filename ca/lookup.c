/* SPDX-License-Identifier: Apache-2.0 */
#include "lookup_internal.h"

#include "ledger_internal.h"

#include <stdlib.h>

#define OFTEN 256 /* finds after which the filters are worth their memory */

static const char *const sql[LK_COUNT] = {
    [LK_NEW_ADD] = "INSERT INTO lookup_new(h, seq) VALUES(?1, ?2)",
    [LK_NEW_FIND] = "SELECT seq FROM lookup_new WHERE h=?1 ORDER BY seq DESC",
    [LK_NEW_ALL] = "SELECT h, seq FROM lookup_new ORDER BY h, seq",
    [LK_NEW_CLEAR] = "DELETE FROM lookup_new",
    [LK_RUN_ALL] = "SELECT id, level, bits, n, age FROM run ORDER BY age DESC",
    [LK_RUN_ADD] = "INSERT INTO run(id, level, bits, n, age, filter) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [LK_RUN_DROP] = "DELETE FROM run WHERE id=?1",
    [LK_FILTER] = "SELECT filter FROM run WHERE id=?1",
    [LK_PART] = "SELECT data FROM lookup WHERE id=?1",
    [LK_PART_ADD] = "INSERT INTO lookup(id, data) VALUES(?1, ?2)",
    [LK_PART_DROP] = "DELETE FROM lookup WHERE id>=?1 AND id<?2",
};

sqlite3_stmt *lookup_stmt(struct lookup *k, enum lookup_stmt id, enum mc_rc *rc, struct mc_err *e)
{
    int code = SQLITE_OK;

    *rc = MC_OK;
    if (k->stmt[id] == NULL)
        code = sqlite3_prepare_v3(k->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT, &k->stmt[id], NULL);
    if (code != SQLITE_OK) {
        *rc = ledger_db_fail(k->db, code, "cannot prepare", e);
        return NULL;
    }
    sqlite3_reset(k->stmt[id]);
    return k->stmt[id];
}

enum mc_rc lookup_step_done(struct lookup *k, sqlite3_stmt *s, struct mc_err *e)
{
    int code = sqlite3_step(s);
    enum mc_rc rc = code == SQLITE_DONE ? MC_OK : ledger_db_fail(k->db, code, "look-up cannot be written", e);

    sqlite3_reset(s);
    return rc;
}

enum mc_rc lookup_step_row(struct lookup *k, sqlite3_stmt *s, bool *row, struct mc_err *e)
{
    int code = sqlite3_step(s);
    enum mc_rc rc = MC_OK;

    *row = code == SQLITE_ROW;
    if (*row)
        return MC_OK;
    if (code != SQLITE_DONE)
        rc = ledger_db_fail(k->db, code, "look-up cannot be read", e);
    sqlite3_reset(s);
    return rc;
}

enum mc_rc lookup_hash(
    struct mc_verifier *v, enum lookup_kind kind, uint32_t fabric, struct mc_span key, uint64_t *h)
{
    uint8_t digest[MC_DIGEST_LEN];
    const uint8_t prefix[] = {(uint8_t)kind, (uint8_t)(fabric >> 24), (uint8_t)(fabric >> 16),
        (uint8_t)(fabric >> 8), (uint8_t)fabric};
    const struct mc_span parts[] = {{prefix, sizeof(prefix)}, key};
    enum mc_rc rc = mc_sha256_parts(v, parts, 2, digest);

    memcpy(h, digest, sizeof(*h));
    *h = be64toh(*h);
    return rc;
}

enum mc_rc lookup_new(sqlite3 *db, struct lookup **out)
{
    struct lookup *k = calloc(1, sizeof(*k));

    if (k == NULL)
        return MC_E_MEMORY;
    k->db = db;
    *out = k;
    return MC_OK;
}

static void drop_runs(struct lookup *k)
{
    for (unsigned i = 0; i < k->n_run; i++)
        free(k->run[i].filter);
    free(k->run);
    k->run = NULL;
    k->n_run = 0;
    k->known = false;
}

void lookup_free(struct lookup *k)
{
    if (k == NULL)
        return;
    drop_runs(k);
    lookup_drop_fresh(k);
    free(k->held);
    for (unsigned i = 0; i < LK_COUNT; i++)
        sqlite3_finalize(k->stmt[i]);
    free(k);
}

void lookup_forget(struct lookup *k)
{
    for (unsigned i = 0; i < LK_COUNT; i++)
        sqlite3_reset(k->stmt[i]);
    drop_runs(k);
    lookup_drop_fresh(k);
    k->n_held = 0;
}

/* The row that s stands on; false if it cannot be one that lookup_run.c wrote. */
static bool take_run(sqlite3_stmt *s, struct lookup_run *r)
{
    *r = (struct lookup_run){
        .id = (uint64_t)sqlite3_column_int64(s, 0),
        .level = (unsigned)sqlite3_column_int(s, 1),
        .bits = (unsigned)sqlite3_column_int(s, 2),
        .n = (uint64_t)sqlite3_column_int64(s, 3),
        .age = (uint64_t)sqlite3_column_int64(s, 4),
    };
    return r->id < UINT64_C(1) << 38 && r->level <= LOOKUP_LEVEL_MAX && r->bits <= LOOKUP_PART_BITS &&
           r->n <= UINT64_C(1) << 40;
}

/* Filters that are in memory stay there if their run is still one. */
static void keep_filter(struct lookup_run *old, unsigned n, struct lookup_run *r)
{
    for (unsigned i = 0; i < n; i++) {
        if (old[i].id != r->id || old[i].n != r->n || old[i].age != r->age)
            continue;
        r->filter = old[i].filter;
        r->filter_n = old[i].filter_n;
        old[i].filter = NULL;
    }
}

enum mc_rc lookup_reload(struct lookup *k, struct mc_err *e)
{
    struct lookup_run *list = NULL, *more, r;
    unsigned n = 0, cap = 0;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = lookup_stmt(k, LK_RUN_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = lookup_step_row(k, s, &row, e)) == MC_OK && row) {
        if (n == LOOKUP_RUNS_MAX || !take_run(s, &r)) {
            rc = mc_fail(e, CA_E_LEDGER, "run", "a run of the look-up is damaged");
            break;
        }
        if (n == cap) {
            cap = cap == 0 ? 32 : 2 * cap;
            more = realloc(list, cap * sizeof(*list));
            if (more == NULL) {
                rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
                break;
            }
            list = more;
        }
        keep_filter(k->run, k->n_run, &r);
        list[n++] = r;
    }
    sqlite3_reset(s);
    drop_runs(k);
    k->run = list;
    k->n_run = n;
    k->known = rc == MC_OK;
    return rc;
}

enum mc_rc lookup_begin(struct lookup *k, uint64_t fresh, uint64_t changes, struct mc_err *e)
{
    bool same = k->known && k->changes == changes;

    k->fresh = fresh;
    k->changes = changes;
    return same ? MC_OK : lookup_reload(k, e);
}

void lookup_counts(const struct lookup *k, uint64_t *fresh, uint64_t *changes)
{
    *fresh = k->fresh;
    *changes = k->changes;
}

/* Filters are large: they are read into their place, without a copy in SQLite's memory. */
static enum mc_rc load_filter(struct lookup *k, struct lookup_run *r, struct mc_err *e)
{
    size_t n = lookup_filter_len(r->n);
    uint8_t *filter = NULL;
    sqlite3_blob *blob = NULL;
    int code = sqlite3_blob_open(k->db, "main", "run", "filter", (sqlite3_int64)r->id, 0, &blob);
    enum mc_rc rc = MC_OK;

    if (code != SQLITE_OK)
        rc = ledger_db_fail(k->db, code, "cannot read", e);
    else if ((size_t)sqlite3_blob_bytes(blob) != n)
        rc = mc_fail(e, CA_E_LEDGER, "run", "the filter of a run is damaged");
    else if ((filter = aligned_alloc(LOOKUP_BLOCK, n)) == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    else if ((code = sqlite3_blob_read(blob, filter, (int)n, 0)) != SQLITE_OK)
        rc = ledger_db_fail(k->db, code, "cannot read", e);
    sqlite3_blob_close(blob);
    if (rc != MC_OK) {
        free(filter);
        return rc;
    }
    r->filter = filter;
    r->filter_n = n;
    return MC_OK;
}

enum mc_rc lookup_expect_many(struct lookup *k, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    k->asked = OFTEN;
    for (unsigned i = 0; rc == MC_OK && i < k->n_run; i++)
        if (k->run[i].filter == NULL)
            rc = load_filter(k, &k->run[i], e);
    return rc;
}

/* Each lies in another place that the processor has to wait for: it is told of all before any is looked at. */
static void fetch_filters(const struct lookup *k, uint64_t h)
{
    for (unsigned i = 0; i < k->n_run; i++)
        if (k->run[i].filter != NULL)
            __builtin_prefetch(k->run[i].filter + lookup_filter_block(k->run[i].filter_n, h));
}

/* The index of the first pair of the part with a hash above h. */
static size_t upper_bound(struct mc_span data, uint64_t h)
{
    size_t low = 0, high = data.n / LOOKUP_PAIR_LEN;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (lookup_pair_at(data.p, mid).h > h)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

/*
 * each() may read entries, and so may not run while the statement is in use: candidates are taken in
 * small groups, the newest first.
 */
struct candidates {
    uint64_t seq[16];
    unsigned n;
};

static enum mc_rc candidates_of_run(struct lookup *k, const struct lookup_run *r, uint64_t h, uint64_t below,
    struct candidates *c, struct mc_err *e)
{
    struct lookup_pair p;
    struct mc_span data;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = lookup_stmt(k, LK_PART, &rc, e);

    c->n = 0;
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, lookup_part_id(r->id, r->bits, h));
    rc = lookup_step_row(k, s, &row, e);
    if (rc != MC_OK || !row)
        return rc;
    data = ledger_column_span(s, 0);
    for (size_t i = upper_bound(data, h); i > 0 && c->n < 16; i--) {
        p = lookup_pair_at(data.p, i - 1);
        if (p.h != h)
            break;
        if (p.seq < below)
            c->seq[c->n++] = p.seq;
    }
    sqlite3_reset(s);
    return MC_OK;
}

static enum mc_rc candidates_of_new(
    struct lookup *k, uint64_t h, uint64_t below, struct candidates *c, struct mc_err *e)
{
    enum mc_rc rc;
    bool row = true;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_FIND, &rc, e);

    c->n = 0;
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, lookup_h_to_db(h));
    while (c->n < 16 && (rc = lookup_step_row(k, s, &row, e)) == MC_OK && row) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(s, 0);

        if (seq < below)
            c->seq[c->n++] = seq;
    }
    sqlite3_reset(s);
    return rc;
}

static enum mc_rc find_held(struct lookup *k, uint64_t h,
    enum mc_rc (*each)(void *arg, uint64_t seq, struct mc_err *e), void *arg, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = k->n_held; rc == MC_OK && i > 0; i--)
        if (k->held[i - 1].h == h)
            rc = each(arg, k->held[i - 1].seq, e);
    return rc;
}

/* r == NULL: lookup_new. */
static enum mc_rc find_in(struct lookup *k, const struct lookup_run *r, uint64_t h,
    enum mc_rc (*each)(void *arg, uint64_t seq, struct mc_err *e), void *arg, struct mc_err *e)
{
    struct candidates c = {.n = 16};
    uint64_t below = UINT64_MAX;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && c.n == 16) {
        rc = r != NULL ? candidates_of_run(k, r, h, below, &c, e) : candidates_of_new(k, h, below, &c, e);
        for (unsigned i = 0; rc == MC_OK && i < c.n; i++) {
            below = c.seq[i];
            rc = each(arg, below, e);
        }
    }
    return rc;
}

enum mc_rc lookup_find(struct lookup *k, uint64_t h,
    enum mc_rc (*each)(void *arg, uint64_t seq, struct mc_err *e), void *arg, struct mc_err *e)
{
    bool often = ++k->asked > OFTEN;
    enum mc_rc rc = often ? lookup_learn_fresh(k, e) : MC_OK;

    fetch_filters(k, h);
    if (rc == MC_OK && (!lookup_knows_fresh(k) || lookup_fresh_has(k, h))) {
        rc = find_held(k, h, each, arg, e);
        if (rc == MC_OK)
            rc = find_in(k, NULL, h, each, arg, e);
    }
    for (unsigned i = 0; rc == MC_OK && i < k->n_run; i++) {
        struct lookup_run *r = &k->run[i];

        if (often && r->filter == NULL && (rc = load_filter(k, r, e)) != MC_OK)
            break;
        if (r->filter == NULL || lookup_filter_has(r->filter, r->filter_n, h))
            rc = find_in(k, r, h, each, arg, e);
    }
    return rc;
}
