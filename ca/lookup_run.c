/* SPDX-License-Identifier: Apache-2.0 */
#include "lookup_internal.h"

#include "ledger_internal.h"

#include <stdlib.h>

#define MERGE_NOW 262144 /* pairs: a few hundredths of a second, in the middle of a batch */

/* LOOKUP_RUN_MIN pairs are level 0, and each next level begins with LOOKUP_FAN times as many. */
static unsigned level_for(uint64_t pairs)
{
    unsigned level = 0;

    for (pairs /= LOOKUP_RUN_MIN; pairs >= LOOKUP_FAN; pairs /= LOOKUP_FAN)
        level++;
    return level;
}

/* So many that an average part has LOOKUP_PART_MIN pairs to twice as many. */
static unsigned bits_for(uint64_t pairs)
{
    unsigned bits = 0;

    while (bits < LOOKUP_PART_BITS && pairs >> (bits + 1) >= LOOKUP_PART_MIN)
        bits++;
    return bits;
}

/* Writes one run; pairs come in order of (h, seq). */
struct writer {
    struct lookup *k;
    struct lookup_run run;
    uint64_t written;
    uint8_t *part;
    size_t n, cap; /* octets of part */
    sqlite3_int64 part_id;
};

static enum mc_rc writer_init(struct writer *w, struct lookup *k, uint64_t pairs, struct mc_err *e)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < k->n_run; i++)
        last = k->run[i].id > last ? k->run[i].id : last;
    *w = (struct writer){.k = k, .cap = 4096};
    w->run = (struct lookup_run){.id = last + 1, .n = pairs, .level = level_for(pairs), .bits = bits_for(pairs)};
    w->run.filter_n = lookup_filter_len(pairs);
    w->run.filter = calloc(1, w->run.filter_n);
    w->part = malloc(w->cap);
    return w->run.filter == NULL || w->part == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;
}

static void writer_clear(struct writer *w)
{
    free(w->run.filter);
    free(w->part);
}

static enum mc_rc flush_part(struct writer *w, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s;

    if (w->n == 0)
        return MC_OK;
    s = lookup_stmt(w->k, LK_PART_ADD, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, w->part_id);
    sqlite3_bind_blob64(s, 2, w->part, w->n, SQLITE_STATIC);
    w->n = 0;
    return lookup_step_done(w->k, s, e);
}

static enum mc_rc write_pair(struct writer *w, struct lookup_pair p, struct mc_err *e)
{
    sqlite3_int64 id = lookup_part_id(w->run.id, w->run.bits, p.h);
    enum mc_rc rc;

    if (id != w->part_id && (rc = flush_part(w, e)) != MC_OK)
        return rc;
    w->part_id = id;
    if (w->n + LOOKUP_PAIR_LEN > w->cap) {
        uint8_t *more = realloc(w->part, 2 * w->cap);

        if (more == NULL)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
        w->part = more;
        w->cap *= 2;
    }
    lookup_be64(w->part + w->n, p.h);
    lookup_be64(w->part + w->n + 8, p.seq);
    w->n += LOOKUP_PAIR_LEN;
    w->written++;
    if (p.seq > w->run.age)
        w->run.age = p.seq;
    lookup_filter_add(w->run.filter, w->run.filter_n, p.h);
    return MC_OK;
}

static enum mc_rc writer_done(struct writer *w, struct mc_err *e)
{
    enum mc_rc rc = flush_part(w, e);
    sqlite3_stmt *s;

    if (rc != MC_OK)
        return rc;
    if (w->written != w->run.n)
        return mc_fail(e, CA_E_LEDGER, "run", "the look-up holds %llu pairs and not %llu",
            (unsigned long long)w->written, (unsigned long long)w->run.n);
    s = lookup_stmt(w->k, LK_RUN_ADD, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)w->run.id);
    sqlite3_bind_int(s, 2, (int)w->run.level);
    sqlite3_bind_int(s, 3, (int)w->run.bits);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)w->run.n);
    sqlite3_bind_int64(s, 5, (sqlite3_int64)w->run.age);
    sqlite3_bind_blob64(s, 6, w->run.filter, w->run.filter_n, SQLITE_STATIC);
    rc = lookup_step_done(w->k, s, e);
    sqlite3_clear_bindings(s);
    return rc;
}

/* What is held and comes before p, which is older and so first among equals; p == NULL: all the rest of it. */
static enum mc_rc write_held(struct writer *w, size_t *at, const struct lookup_pair *p, struct mc_err *e)
{
    const struct lookup *k = w->k;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && *at < k->n_held && (p == NULL || k->held[*at].h < p->h))
        rc = write_pair(w, k->held[(*at)++], e);
    return rc;
}

/* The rows and what is held, which is newer, in order of (h, seq). */
static enum mc_rc write_fresh(struct writer *w, struct mc_err *e)
{
    struct lookup *k = w->k;
    size_t at = 0;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = lookup_step_row(k, s, &row, e)) == MC_OK && row) {
        struct lookup_pair p = {
            lookup_h_of_db(sqlite3_column_int64(s, 0)), (uint64_t)sqlite3_column_int64(s, 1)};

        rc = write_held(w, &at, &p, e);
        if (rc == MC_OK)
            rc = write_pair(w, p, e);
        if (rc != MC_OK)
            break;
    }
    sqlite3_reset(s);
    return rc == MC_OK ? write_held(w, &at, NULL, e) : rc;
}

static enum mc_rc clear_fresh(struct lookup *k, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_CLEAR, &rc, e);

    if (s != NULL)
        rc = lookup_step_done(k, s, e);
    if (rc != MC_OK)
        return rc;
    k->fresh = k->n_held = 0;
    k->changes++;
    return lookup_reload(k, e);
}

enum mc_rc lookup_spill(struct lookup *k, struct mc_err *e)
{
    struct writer w;
    bool more = true;
    enum mc_rc rc = writer_init(&w, k, k->fresh + k->n_held, e);

    if (rc == MC_OK)
        rc = write_fresh(&w, e);
    if (rc == MC_OK)
        rc = writer_done(&w, e);
    writer_clear(&w);
    if (rc == MC_OK)
        rc = clear_fresh(k, e);
    while (rc == MC_OK && more)
        rc = lookup_merge(k, MERGE_NOW, &more, e);
    return rc;
}

/* Reads one run from its first part to its last. */
struct reader {
    struct lookup *k;
    const struct lookup_run *run;
    sqlite3_stmt *s;
    struct mc_span data; /* what is left of the part, in SQLite's memory */
    uint64_t read;
    struct lookup_pair at, before;
    bool more;
};

static enum mc_rc damaged(struct mc_err *e)
{
    return mc_fail(e, CA_E_LEDGER, "lookup", "a run of the look-up is damaged");
}

static enum mc_rc next_part(struct reader *r, struct mc_err *e)
{
    enum mc_rc rc = lookup_step_row(r->k, r->s, &r->more, e);

    if (rc != MC_OK || !r->more)
        return rc == MC_OK && r->read != r->run->n ? damaged(e) : rc;
    r->data = ledger_column_span(r->s, 1);
    if (r->data.n == 0 || r->data.n % LOOKUP_PAIR_LEN != 0)
        return damaged(e);
    return MC_OK;
}

/* The next pair into r->at; r->more false at the end. Order, place and count are checked. */
static enum mc_rc read_pair(struct reader *r, struct mc_err *e)
{
    enum mc_rc rc;

    r->before = r->at;
    if (r->data.n == 0 && ((rc = next_part(r, e)) != MC_OK || !r->more))
        return rc;
    r->at = lookup_pair_at(r->data.p, 0);
    r->data.p += LOOKUP_PAIR_LEN;
    r->data.n -= LOOKUP_PAIR_LEN;
    if (r->read++ != 0 && (r->at.h < r->before.h || (r->at.h == r->before.h && r->at.seq <= r->before.seq)))
        return damaged(e);
    if (lookup_part_id(r->run->id, r->run->bits, r->at.h) != sqlite3_column_int64(r->s, 0) ||
        r->at.seq > r->run->age)
        return damaged(e);
    return MC_OK;
}

/* Several readers are open at once, so each has a statement of its own. */
static enum mc_rc reader_open(
    struct reader *r, struct lookup *k, const struct lookup_run *run, struct mc_err *e)
{
    static const char text[] = "SELECT id, data FROM lookup WHERE id>=?1 AND id<?2 ORDER BY id";
    int code;

    *r = (struct reader){.k = k, .run = run, .more = true};
    code = sqlite3_prepare_v2(k->db, text, -1, &r->s, NULL);
    if (code != SQLITE_OK)
        return ledger_db_fail(k->db, code, "cannot prepare", e);
    sqlite3_bind_int64(r->s, 1, (sqlite3_int64)(run->id << LOOKUP_PART_BITS));
    sqlite3_bind_int64(r->s, 2, (sqlite3_int64)((run->id + 1) << LOOKUP_PART_BITS));
    return read_pair(r, e);
}

static enum mc_rc drop_run(struct lookup *k, uint64_t id, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = lookup_stmt(k, LK_PART_DROP, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)(id << LOOKUP_PART_BITS));
    sqlite3_bind_int64(s, 2, (sqlite3_int64)((id + 1) << LOOKUP_PART_BITS));
    rc = lookup_step_done(k, s, e);
    s = rc == MC_OK ? lookup_stmt(k, LK_RUN_DROP, &rc, e) : NULL;
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
    return lookup_step_done(k, s, e);
}

/* The reader with the smallest pair, or NULL when all are at their end. */
static struct reader *smallest(struct reader *in, unsigned n)
{
    struct reader *best = NULL;

    for (unsigned i = 0; i < n; i++)
        if (in[i].more && (best == NULL || in[i].at.h < best->at.h ||
                              (in[i].at.h == best->at.h && in[i].at.seq < best->at.seq)))
            best = &in[i];
    return best;
}

static uint64_t pairs_of(const struct lookup_run *run, unsigned n)
{
    uint64_t pairs = 0;

    for (unsigned i = 0; i < n; i++)
        pairs += run[i].n;
    return pairs;
}

static enum mc_rc write_merged(struct writer *w, struct reader *in, unsigned n, struct mc_err *e)
{
    struct reader *r;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; i < n && rc == MC_OK; i++)
        rc = reader_open(&in[i], w->k, &w->k->run[i], e);
    while (rc == MC_OK && (r = smallest(in, n)) != NULL) {
        rc = write_pair(w, r->at, e);
        if (rc == MC_OK)
            rc = read_pair(r, e);
    }
    for (unsigned i = 0; i < n; i++)
        sqlite3_finalize(in[i].s);
    return rc == MC_OK ? writer_done(w, e) : rc;
}

/* Makes one run of the n newest. */
static enum mc_rc merge(struct lookup *k, unsigned n, struct mc_err *e)
{
    struct reader *in = calloc(n, sizeof(*in));
    struct writer w;
    enum mc_rc rc = writer_init(&w, k, pairs_of(k->run, n), e);

    if (in == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK)
        rc = write_merged(&w, in, n, e);
    for (unsigned i = 0; i < n && rc == MC_OK; i++)
        rc = drop_run(k, k->run[i].id, e);
    writer_clear(&w);
    free(in);
    return rc;
}

/* How many of the newest runs should be one: all before the first above a level that has LOOKUP_FAN of them. */
static unsigned due(const struct lookup *k)
{
    for (unsigned level = 0; level < LOOKUP_LEVEL_MAX; level++) {
        unsigned n = 0, count = 0;

        for (; n < k->n_run && k->run[n].level <= level; n++)
            count += k->run[n].level == level;
        if (count >= LOOKUP_FAN)
            return n;
    }
    return 0;
}

enum mc_rc lookup_merge(struct lookup *k, uint64_t most, bool *merged, struct mc_err *e)
{
    unsigned n = due(k);
    enum mc_rc rc;

    *merged = false;
    if (n == 0 || pairs_of(k->run, n) > most)
        return MC_OK;
    rc = merge(k, n, e);
    if (rc != MC_OK)
        return rc;
    *merged = true;
    k->changes++;
    return lookup_reload(k, e);
}

static enum mc_rc each_new(
    struct lookup *k, void (*each)(void *arg, const struct lookup_pair *p), void *arg, struct mc_err *e)
{
    uint64_t n = 0;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = lookup_stmt(k, LK_NEW_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = lookup_step_row(k, s, &row, e)) == MC_OK && row) {
        struct lookup_pair p = {
            lookup_h_of_db(sqlite3_column_int64(s, 0)), (uint64_t)sqlite3_column_int64(s, 1)};

        each(arg, &p);
        n++;
    }
    if (rc == MC_OK && n != k->fresh)
        rc = mc_fail(e, CA_E_LEDGER, "lookup_new", "%llu rows, the head says %llu", (unsigned long long)n,
            (unsigned long long)k->fresh);
    return rc;
}

/* Every pair of a run, its filter recomputed and compared. */
static enum mc_rc each_of_run(struct lookup *k, const struct lookup_run *run,
    void (*each)(void *arg, const struct lookup_pair *p), void *arg, struct mc_err *e)
{
    size_t n = lookup_filter_len(run->n);
    uint8_t *filter = calloc(1, n);
    struct reader r = {0};
    sqlite3_stmt *s = NULL;
    uint64_t age = 0;
    bool row = false;
    enum mc_rc rc;

    if (filter == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = reader_open(&r, k, run, e);
    while (rc == MC_OK && r.more) {
        lookup_filter_add(filter, n, r.at.h);
        each(arg, &r.at);
        age = r.at.seq > age ? r.at.seq : age;
        rc = read_pair(&r, e);
    }
    sqlite3_finalize(r.s);
    if (rc == MC_OK && age != run->age)
        rc = damaged(e);
    if (rc == MC_OK)
        s = lookup_stmt(k, LK_FILTER, &rc, e);
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, (sqlite3_int64)run->id);
        rc = lookup_step_row(k, s, &row, e);
    }
    if (rc == MC_OK && (!row || !mc_span_eq(ledger_column_span(s, 0), mc_span_of(filter, n))))
        rc = mc_fail(e, CA_E_LEDGER, "run", "the filter of a run is damaged");
    if (s != NULL)
        sqlite3_reset(s);
    free(filter);
    return rc;
}

static enum mc_rc check_run(const struct lookup_run *r, struct mc_err *e)
{
    if (r->n < LOOKUP_RUN_MIN || r->level != level_for(r->n) || r->bits != bits_for(r->n))
        return mc_fail(e, CA_E_LEDGER, "run", "run %llu has another level or division than its size asks for",
            (unsigned long long)r->id);
    return MC_OK;
}

static int by_id(const void *a, const void *b)
{
    uint64_t left = ((const struct lookup_run *)a)->id, right = ((const struct lookup_run *)b)->id;

    return (left > right) - (left < right);
}

/* Parts that belong to no run lie between the ids of two runs, before the first or behind the last. */
static enum mc_rc find_stray(struct lookup *k, const struct lookup_run *run, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = MC_OK;
    int code = sqlite3_prepare_v2(k->db, "SELECT 1 FROM lookup WHERE id>=?1 AND id<?2 LIMIT 1", -1, &s, NULL);

    if (code != SQLITE_OK)
        return ledger_db_fail(k->db, code, "cannot prepare", e);
    for (unsigned i = 0; i <= k->n_run && rc == MC_OK && !row; i++) {
        sqlite3_bind_int64(s, 1, i == 0 ? INT64_MIN : (sqlite3_int64)((run[i - 1].id + 1) << LOOKUP_PART_BITS));
        sqlite3_bind_int64(s, 2, i == k->n_run ? INT64_MAX : (sqlite3_int64)(run[i].id << LOOKUP_PART_BITS));
        rc = lookup_step_row(k, s, &row, e);
    }
    sqlite3_finalize(s);
    return rc == MC_OK && row ? mc_fail(e, CA_E_LEDGER, "lookup", "parts that belong to no run") : rc;
}

/* Each change makes the run with the next id, and that one is there until the next change. */
static enum mc_rc check_runs(struct lookup *k, struct mc_err *e)
{
    struct lookup_run *run = calloc((size_t)k->n_run + 1, sizeof(*run));
    enum mc_rc rc = MC_OK;
    uint64_t last;

    if (run == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (unsigned i = 0; i < k->n_run && rc == MC_OK; i++) {
        run[i] = k->run[i];
        rc = check_run(&run[i], e);
    }
    if (rc == MC_OK && k->n_run != 0)
        qsort(run, k->n_run, sizeof(*run), by_id);
    last = rc == MC_OK && k->n_run != 0 ? run[k->n_run - 1].id : 0;
    if (rc == MC_OK && k->changes != last)
        rc = mc_fail(e, CA_E_LEDGER, "head", "counts %llu changes of the look-up; the runs tell of %llu",
            (unsigned long long)k->changes, (unsigned long long)last);
    if (rc == MC_OK)
        rc = find_stray(k, run, e);
    free(run);
    return rc;
}

enum mc_rc lookup_each(
    struct lookup *k, void (*each)(void *arg, const struct lookup_pair *p), void *arg, struct mc_err *e)
{
    enum mc_rc rc = check_runs(k, e);

    if (rc == MC_OK)
        rc = each_new(k, each, arg, e);
    for (unsigned i = 0; i < k->n_run && rc == MC_OK; i++)
        rc = each_of_run(k, &k->run[i], each, arg, e);
    return rc;
}
