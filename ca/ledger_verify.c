/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_verify.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define TILE        (UINT64_C(1) << LEDGER_TILE_BITS)
#define CHUNK       (UINT64_C(64) * TILE) /* entries that a thread takes at once */
#define THREADS_MAX 8
#define BUSY_MS     10000

enum mc_rc verify_bad(struct mc_err *e, uint64_t seq, const char *fmt, ...)
{
    char what[sizeof(e->what)], field[sizeof(e->field)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    snprintf(field, sizeof(field), "entry %llu", (unsigned long long)seq);
    mc_err_init(e);
    return mc_fail(e, CA_E_LEDGER, field, "%s", what);
}

void verify_cert_row(
    const struct mc_entry *x, const struct ledger_facts *f, uint64_t row[VERIFY_CERT_COLUMNS])
{
    row[0] = f->sn;
    row[1] = x->seq;
    row[2] = x->type;
    row[3] = x->kind;
    row[4] = x->type == ENTRY_AUTHORITY ? x->issuer : x->authority;
    row[5] = x->fabric;
    row[6] = x->node_id;
    row[7] = (uint64_t)f->not_after_unix;
}

static enum mc_rc keep_rare(struct verify_seen *seen, uint64_t seq, struct mc_err *e)
{
    if (seen->n_rare == seen->cap_rare) {
        size_t cap = seen->cap_rare == 0 ? 64 : 2 * seen->cap_rare;
        uint64_t *more = realloc(seen->rare, cap * sizeof(*more));

        if (more == NULL)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
        seen->rare = more;
        seen->cap_rare = cap;
    }
    seen->rare[seen->n_rare++] = seq;
    return MC_OK;
}

/* Whom the entry speaks of must have been there before it, as the tables say, which are checked themselves.
 */
static enum mc_rc check_references(const struct verify *y, const struct mc_entry *x, struct mc_err *e)
{
    const struct verify_model *m = &y->claimed;
    uint32_t other = x->type == ENTRY_AUTHORITY ? x->issuer : x->authority;

    if ((x->seq == 0) != (x->type == ENTRY_GENESIS))
        return verify_bad(e, x->seq, "the first entry, and no other, is genesis");
    if (other > m->n_authority || (other != 0 && m->authority[other - 1].seq >= x->seq))
        return verify_bad(e, x->seq, "authority %u is not there before it", other);
    if (x->type == ENTRY_DOCUMENT && x->issuer != 0 &&
        (x->issuer > m->n_authority || m->authority[x->issuer - 1].seq >= x->seq))
        return verify_bad(e, x->seq, "authority %u is not there before it", x->issuer);
    if (ledger_is_node_cert(x) && other != 0 && m->authority[other - 1].fabric != x->fabric)
        return verify_bad(e, x->seq, "authority %u is of another fabric", other);
    if (x->fabric > m->n_fabric ||
        (x->fabric != 0 && x->type != ENTRY_FABRIC && m->fabric[x->fabric - 1].seq >= x->seq))
        return verify_bad(e, x->seq, "fabric %u is not there before it", x->fabric);
    return MC_OK;
}

static enum mc_rc count_entry(struct verify *y, struct verify_seen *seen, const struct mc_entry *x,
    const struct ledger_facts *f, struct mc_err *e)
{
    uint64_t row[VERIFY_CERT_COLUMNS];
    struct ledger_tally t;
    enum mc_rc rc = ledger_tally_of(x, f, &t) ? verify_count(&seen->tallies, &t, e) : MC_OK;

    if (rc != MC_OK)
        return rc;
    if (f->sn != 0) {
        verify_cert_row(x, f, row);
        verify_add(&seen->cert, y->secret, row, VERIFY_CERT_COLUMNS);
    }
    for (unsigned i = 0; i < f->n; i++) {
        const uint64_t pair[] = {f->h[i], x->seq};

        verify_add(&seen->keys, y->secret, pair, 2);
    }
    if (f->is_node && ledger_is_node_cert(x)) {
        struct verify_fabric *fabric = &seen->fabric[x->fabric - 1];

        fabric->issued += f->is_noc;
        if (x->node_id > fabric->max_node)
            fabric->max_node = x->node_id;
    }
    if (x->type == ENTRY_AUTHORITY || x->type == ENTRY_FABRIC || x->type == ENTRY_STATE ||
        x->type == ENTRY_DECISION || x->type == ENTRY_REVOKED || x->type == ENTRY_DOCUMENT)
        return keep_rare(seen, x->seq, e);
    return MC_OK;
}

/* The state of one walk over entries. */
struct walk {
    struct verify *y;
    struct ledger *l;
    struct verify_seen *seen;
    uint64_t next;
    int64_t time_unix;
    struct mc_merkle tile;
};

static enum mc_rc check_body(struct walk *w, struct mc_span body, int64_t type, struct mc_err *e)
{
    struct ledger_facts f;
    struct mc_entry x;
    enum mc_rc rc = mc_entry_parse(body, &x, e);

    if (rc == MC_OK && (x.seq != w->next || (int64_t)x.type != type))
        return verify_bad(e, w->next, "says it is entry %llu of type %s", (unsigned long long)x.seq,
            mc_entry_type_name(x.type));
    if (rc == MC_OK && x.time_unix < w->time_unix)
        return verify_bad(e, w->next, "its time is before that of the entry before it");
    if (rc == MC_OK)
        rc = ledger_facts_of(w->l->v, &x, &f, e);
    if (rc == CA_E_LEDGER)
        return verify_bad(e, w->next, "%s: %s", e->field, e->what);
    if (rc == MC_OK)
        rc = check_references(w->y, &x, e);
    w->time_unix = x.time_unix;
    if (rc == MC_OK && x.seq >= w->y->from && w->y->lookup_rows)
        rc = verify_rows(w->y, w->l, &x, &f, e);
    if (rc == MC_OK && x.seq >= w->y->from)
        rc = count_entry(w->y, w->seen, &x, &f, e);
    return rc;
}

static enum mc_rc check_tile(struct walk *w, struct mc_err *e)
{
    uint64_t idx = (w->next - 1) >> LEDGER_TILE_BITS;
    struct mc_span hash = {0};
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(w->l, SQL_SUBTREE_RANGE, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int(s, 1, 1);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)idx);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)idx + 1);
    rc = ledger_step_row(w->l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    if (row)
        hash = ledger_column_span(s, 0);
    if (!mc_span_eq(hash, mc_span_of(w->tile.peak[0], MC_DIGEST_LEN)))
        rc = verify_bad(e, idx << LEDGER_TILE_BITS,
            "it or one of the %u after it was changed: their subtree has another hash", (unsigned)TILE - 1);
    sqlite3_reset(s);
    mc_merkle_init(&w->tile);
    return rc;
}

static enum mc_rc check_row(struct walk *w, sqlite3_stmt *s, struct mc_err *e)
{
    struct mc_span body = ledger_column_span(s, 3);
    uint8_t leaf[MC_DIGEST_LEN];
    enum mc_rc rc;

    if ((uint64_t)sqlite3_column_int64(s, 0) != w->next)
        return verify_bad(e, w->next, "missing");
    if (mc_merkle_leaf(w->l->v, body, leaf) != MC_OK)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    if (!mc_span_eq(ledger_column_span(s, 2), mc_span_of(leaf, sizeof(leaf))))
        return verify_bad(e, w->next, "its leaf hash is not that of its bytes");
    rc = check_body(w, body, sqlite3_column_int64(s, 1), e);
    if (rc == MC_OK && (rc = mc_merkle_append(w->l->v, &w->tile, leaf, NULL, NULL)) != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    w->next++;
    return rc == MC_OK && w->tile.size == TILE ? check_tile(w, e) : rc;
}

/* The time of the entry before the walk begins. */
static enum mc_rc time_before(struct walk *w, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc;

    if (w->next == 0)
        return MC_OK;
    rc = ledger_read_row(w->l, w->next - 1, &r, e);
    if (rc == CA_E_LEDGER)
        return verify_bad(e, w->next - 1, "missing or not canonical");
    if (rc == MC_OK)
        w->time_unix = r.x.time_unix;
    return rc;
}

enum mc_rc verify_entries(struct verify *y, struct ledger *l, struct verify_seen *seen, uint64_t first,
    uint64_t end, struct mc_err *e)
{
    struct walk w = {.y = y, .l = l, .seen = seen, .next = first};
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = time_before(&w, e);

    if (rc == MC_OK)
        rc = ledger_prepare(
            l, "SELECT seq, type, leaf, body FROM entry WHERE seq>=?1 AND seq<?2 ORDER BY seq", &s, e);
    if (rc == MC_OK) {
        sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
        sqlite3_bind_int64(s, 2, (sqlite3_int64)end);
    }
    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row)
        rc = check_row(&w, s, e);
    if (rc == MC_OK && w.next != end)
        rc = verify_bad(e, w.next, "missing");
    else if (rc == CA_E_DB)
        rc = verify_bad(e, w.next, "the database is damaged here or after");
    sqlite3_finalize(s);
    return rc;
}

/* What the threads share. Chunks are taken in order, so the first bad entry is in a chunk that was taken. */
struct crew {
    struct verify *y;
    const char *path;
    atomic_uint_fast64_t next, done;
    atomic_bool stop;
};

struct worker {
    struct crew *crew;
    pthread_t thread;
    struct verify_seen seen;
    uint64_t at; /* first entry of the chunk that failed */
    enum mc_rc rc;
    struct mc_err e;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct crew *c = w->crew;
    struct ledger *l = NULL;

    w->rc = ledger_open(c->path, LEDGER_READ, BUSY_MS, &l, &w->e);
    if (w->rc == MC_OK) /* each page is read once: a cache that stays in the processor's own is faster */
        (void)sqlite3_exec(l->db, "PRAGMA cache_size=-1024", NULL, NULL, NULL);
    while (w->rc == MC_OK && !atomic_load(&c->stop)) {
        uint64_t first = atomic_fetch_add(&c->next, CHUNK), end = first + CHUNK;

        if (first >= c->y->size)
            break;
        if (end > c->y->size)
            end = c->y->size;
        w->at = first;
        w->rc = verify_entries(c->y, l, &w->seen, first, end, &w->e);
        atomic_fetch_add(&c->done, end - first);
    }
    if (w->rc != MC_OK)
        atomic_store(&c->stop, true);
    ledger_close(l);
    return NULL;
}

static void add_seen(struct verify_seen *all, struct verify_seen *one, uint32_t n_fabric)
{
    all->cert.n += one->cert.n;
    all->cert.sum += one->cert.sum;
    all->keys.n += one->keys.n;
    all->keys.sum += one->keys.sum;
    for (uint32_t i = 0; i < n_fabric; i++) {
        all->fabric[i].issued += one->fabric[i].issued;
        if (one->fabric[i].max_node > all->fabric[i].max_node)
            all->fabric[i].max_node = one->fabric[i].max_node;
    }
}

static enum mc_rc merge_seen(struct verify *y, struct worker *w, unsigned n, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; i < n; i++) {
        add_seen(&y->seen, &w[i].seen, y->claimed.n_fabric);
        for (size_t k = 0; rc == MC_OK && k < w[i].seen.n_rare; k++)
            rc = keep_rare(&y->seen, w[i].seen.rare[k], e);
        for (size_t k = 0; rc == MC_OK && k < w[i].seen.tallies.cap; k++)
            if (w[i].seen.tallies.slot[k].n != 0)
                rc = verify_count(&y->seen.tallies, &w[i].seen.tallies.slot[k], e);
    }
    return rc;
}

static unsigned thread_count(uint64_t size)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t chunks = (size + CHUNK - 1) / CHUNK, n = cores < 1 ? 1 : (uint64_t)cores;

    n = n > THREADS_MAX ? THREADS_MAX : n;
    return (unsigned)(n < chunks ? n : chunks);
}

static enum mc_rc init_seen(struct verify *y, struct verify_seen *seen, struct mc_err *e)
{
    seen->fabric = calloc((size_t)y->claimed.n_fabric + 1, sizeof(*seen->fabric));
    if (seen->fabric == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return MC_OK;
}

static void clear_seen(struct verify_seen *seen)
{
    free(seen->rare);
    free(seen->tallies.slot);
    free(seen->fabric);
}

/* The failure of the earliest chunk; a failure that is not of an entry stands as it is. */
static enum mc_rc first_failure(struct worker *w, unsigned n, struct mc_err *e)
{
    struct worker *first = NULL;

    for (unsigned i = 0; i < n; i++)
        if (w[i].rc != MC_OK && (first == NULL || w[i].at < first->at))
            first = &w[i];
    if (first == NULL)
        return MC_OK;
    if (e != NULL)
        *e = first->e;
    return first->rc;
}

/* While the others read entries, this thread sums what the large tables hold. */
static enum mc_rc sum_tables(
    struct verify *y, struct verify_sum *cert, struct verify_sum *keys, struct mc_err *e)
{
    enum mc_rc rc = verify_sum_certs(y, cert, e);

    return rc == MC_OK ? verify_sum_keys(y, keys, e) : rc;
}

struct reporter {
    void (*progress)(void *arg, uint64_t done, uint64_t total);
    void *arg;
};

static enum mc_rc run_crew(struct verify *y, struct crew *c, struct worker *w, unsigned n,
    const struct reporter *r, struct mc_err *e)
{
    const struct timespec tick = {0, 50000000};
    struct verify_sum cert = {0}, keys = {0};
    unsigned started = 0;
    enum mc_rc rc = MC_OK, tables;

    for (; started < n && rc == MC_OK; started++) {
        w[started].crew = c;
        mc_err_init(&w[started].e);
        rc = init_seen(y, &w[started].seen, e);
        if (rc == MC_OK && pthread_create(&w[started].thread, NULL, work, &w[started]) != 0)
            rc = mc_fail(e, MC_E_MEMORY, NULL, "no thread can be started");
        if (rc != MC_OK) {
            clear_seen(&w[started].seen);
            w[started].seen = (struct verify_seen){0};
            atomic_store(&c->stop, true);
            break;
        }
    }
    tables = rc == MC_OK ? sum_tables(y, &cert, &keys, e) : rc;
    while (rc == MC_OK && r->progress != NULL && !atomic_load(&c->stop) && atomic_load(&c->done) < y->size) {
        r->progress(r->arg, atomic_load(&c->done), y->size);
        nanosleep(&tick, NULL);
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(w[i].thread, NULL);
    if (rc == MC_OK)
        rc = first_failure(w, started, e);
    if (rc == MC_OK)
        rc = tables;
    if (rc == MC_OK)
        rc = merge_seen(y, w, started, e);
    for (unsigned i = 0; i < started; i++)
        clear_seen(&w[i].seen);
    if (rc == MC_OK)
        y->lookup_rows = cert.n != y->seen.cert.n || cert.sum != y->seen.cert.sum ||
                         keys.n != y->seen.keys.n || keys.sum != y->seen.keys.sum;
    return rc;
}

/* The tables say more or other than the entries: walk again and look up each row to name the first entry. */
static enum mc_rc name_difference(struct verify *y, struct mc_err *e)
{
    struct verify_seen again = {0};
    enum mc_rc rc = init_seen(y, &again, e);

    if (rc == MC_OK)
        rc = verify_entries(y, y->l, &again, 0, y->size, e);
    clear_seen(&again);
    if (rc == MC_OK)
        rc = mc_fail(e, CA_E_LEDGER, "index", "the tables hold rows that no entry explains");
    return rc;
}

static enum mc_rc verify_whole(struct verify *y, const struct reporter *r, struct mc_err *e)
{
    unsigned n = thread_count(y->size);
    struct crew c = {.y = y, .path = sqlite3_db_filename(y->l->db, "main")};
    struct worker w[THREADS_MAX] = {0};
    enum mc_rc rc = run_crew(y, &c, w, n, r, e);

    if (rc == MC_OK && y->lookup_rows)
        rc = name_difference(y, e);
    if (rc == MC_OK)
        rc = verify_tree(y, e);
    if (rc == MC_OK)
        rc = verify_model(y, e);
    if (rc == MC_OK)
        rc = verify_tally_rows(y, e);
    if (rc == MC_OK)
        rc = verify_decisions(y, e);
    if (rc == MC_OK)
        rc = verify_revocations(y, e);
    if (rc == MC_OK)
        rc = verify_documents(y, e);
    return rc == MC_OK ? verify_intents(y, e) : rc;
}

/* Since a checkpoint: few entries, whose rows are looked up one by one. */
static enum mc_rc verify_part(struct verify *y, struct mc_err *e)
{
    enum mc_rc rc;

    y->lookup_rows = true;
    rc = verify_entries(y, y->l, &y->seen, y->from & ~(TILE - 1), y->size, e);
    return rc == MC_OK ? verify_tree(y, e) : rc;
}

static enum mc_rc verify_snapshot(struct verify *y, const struct reporter *r, struct mc_err *e)
{
    enum mc_rc rc = ledger_load_head(y->l, e);

    if (rc != MC_OK)
        return rc;
    y->size = y->l->tree.size;
    if (y->from > y->size)
        return mc_fail(
            e, CA_E_NOT_FOUND, "entry", "the ledger has %llu entries", (unsigned long long)y->size);
    rc = verify_schema(y, e);
    if (rc == MC_OK)
        rc = verify_ranges(y, e);
    if (rc == MC_OK)
        rc = verify_load_claimed(y, e);
    if (rc == MC_OK)
        rc = init_seen(y, &y->seen, e);
    if (rc == MC_OK)
        rc = y->from == 0 ? verify_whole(y, r, e) : verify_part(y, e);
    if (rc == MC_OK && r->progress != NULL)
        r->progress(r->arg, y->size, y->size);
    return rc;
}

enum mc_rc ledger_verify(struct ledger *l, uint64_t from,
    void (*progress)(void *arg, uint64_t done, uint64_t total), void *arg, struct mc_err *e)
{
    const struct reporter r = {progress, arg};
    struct verify y = {.l = l, .from = from};
    struct mc_err own;
    enum mc_rc rc;

    if (e == NULL)
        mc_err_init(e = &own);
    if (l->in_txn)
        return mc_fail(e, MC_E_INTERNAL, "ledger.db", "a transaction is open");
    if (getrandom(&y.secret, sizeof(y.secret), 0) != (ssize_t)sizeof(y.secret))
        return mc_fail(e, CA_E_IO, NULL, "no random number");
    lookup_forget(l->lookup);
    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    rc = verify_snapshot(&y, &r, e);
    ledger_read_end(l);
    clear_seen(&y.seen);
    free(y.claimed.authority);
    free(y.claimed.fabric);
    return rc;
}
