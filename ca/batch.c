/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of a batch: reads, gives work, commits, answers. */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "authority.h"
#include "batch_chunk.h"
#include "recover.h"

#define WAIT_MS            200  /* how long a wait for workers lasts before *stop is looked at */
#define LOOK_MS            5    /* the same where only a checkpoint is waited for: the next line may come at any time */
#define CHECKPOINT_PACE_MS 1000 /* between two checkpoints of one batch, however many entries come in between */

struct loop {
    struct batch_run run;
    struct batch_job job;
    struct batch_pool *pool;
    const struct batch_source *source;
    const volatile int *stop;
    /* Chunks, in order: all before `recorded` are, and with --unordered some after it. One lies at its number modulo n_chunks. */
    uint64_t read, decided, recorded;
    uint64_t given_check, given_sign;
    unsigned signing, least; /* chunks that are being signed; with fewer, sessions of a slow token stand idle */
    uint64_t lines;
    uint32_t chunk_max; /* requests */
    bool ended;        /* no more input is wanted */
    enum mc_rc failed; /* why the batch ends early */
    struct mc_err why;
    struct checkpoint_draft draft;
    bool warm; /* filters of the ledger are read */
    bool noting; /* a worker has the draft, to sign it */
    int64_t note_ms; /* not before */
};

static struct batch_chunk *chunk_of(struct loop *l, uint64_t order)
{
    return &l->run.chunks[order % l->run.n_chunks];
}

static void give_up(struct loop *l, enum mc_rc rc, const struct mc_err *why)
{
    l->ended = true;
    l->job.shared->over = 1;
    if (l->failed != MC_OK)
        return;
    l->failed = rc;
    l->why = *why;
}

/* A line that is too long is answered like any other bad one; an unreadable input ends the batch. */
static enum mc_rc read_line(struct loop *l, struct batch_chunk *c, struct mc_err *e)
{
    struct batch_item *item = &c->item[c->n];
    bool end = false;
    size_t n = 0;
    enum mc_rc rc;

    rc = l->source->next(l->source->arg, c->text + c->text_n, BATCH_LINE_MAX, &n, &end, e);
    if (rc != MC_OK && rc != CA_E_REQUEST_FORM)
        return rc;
    if (end) {
        l->ended = true;
        return MC_OK;
    }
    l->lines++;
    if (rc == MC_OK && n == 0)
        return MC_OK;
    item->line = l->source->line != NULL ? l->source->line(l->source->arg) : l->lines;
    item->text_at = c->text_n;
    item->text_n = rc == MC_OK ? (uint32_t)n : BATCH_TOO_LONG;
    c->text_n += (uint32_t)n;
    c->n++;
    return MC_OK;
}

/* A chunk ends early where the input would have to be waited for: who writes it may wait for answers. */
static enum mc_rc fill_chunk(struct loop *l, struct batch_chunk *c, struct mc_err *e)
{
    c->n = c->text_n = c->late = 0;
    c->failed = MC_OK;
    c->order = l->read;
    c->issue.intent.id = 0;
    while (!l->ended && c->n < l->chunk_max && c->text_n + BATCH_LINE_MAX <= BATCH_TEXT_MAX) {
        enum mc_rc rc;

        if (c->n > 0 && !l->source->ready(l->source->arg))
            break;
        rc = read_line(l, c, e);
        if (rc != MC_OK)
            return rc;
    }
    c->state = c->n > 0 ? CHUNK_READ : CHUNK_FREE;
    return MC_OK;
}

/* A checkpoint is signed while the batch runs when single commands would sign one. */
static bool wants_note(const struct loop *l)
{
    const struct state *s = l->run.s;

    return !l->run.o->dry_run && l->failed == MC_OK && l->run.size > s->checkpoint.size &&
           checkpoint_is_due(s, l->run.size);
}

/* What becomes of it does not concern the batch: there will be a next one, and one at the end. */
static void begin_note(struct loop *l)
{
    bool last = l->ended && l->recorded == l->read;

    if (l->noting || last || !wants_note(l) || batch_now_ms() < l->note_ms)
        return;
    l->note_ms = batch_now_ms() + CHECKPOINT_PACE_MS;
    l->noting = checkpoint_draft(l->run.s, &l->draft, NULL) == MC_OK && pool_note(l->pool, &l->draft.key, l->draft.digest);
}

/* Something else is going on: the next line must not be waited for. */
static bool is_busy(const struct loop *l)
{
    return l->read > l->recorded || l->noting || wants_note(l);
}

static enum mc_rc read_chunks(struct loop *l, struct mc_err *e)
{
    while (!l->ended && l->read - l->recorded < l->run.n_chunks) {
        struct batch_chunk *c = chunk_of(l, l->read);
        enum mc_rc rc;

        if (!l->source->ready(l->source->arg) && is_busy(l))
            return MC_OK;
        rc = fill_chunk(l, c, e);
        if (rc != MC_OK)
            return rc;
        l->read += c->state == CHUNK_READ;
        /* Workers come first: more is read when they have something to do. */
        if (pool_has_room(l->pool))
            return MC_OK;
    }
    return MC_OK;
}

/* What is to be signed goes first: it is nearer to its end and frees its chunk sooner. */
static void give_work(struct loop *l)
{
    while (pool_has_room(l->pool)) {
        if (l->given_sign < l->decided) {
            bool opened = chunk_of(l, l->given_sign)->state == CHUNK_OPENED;

            if (opened && !pool_give(l->pool, WORK_SIGN, (unsigned)(l->given_sign % l->run.n_chunks)))
                return;
            l->signing += opened;
            l->given_sign++;
        } else if (l->given_check < l->read) {
            if (!pool_give(l->pool, WORK_CHECK, (unsigned)(l->given_check % l->run.n_chunks)))
                return;
            l->given_check++;
        } else {
            return;
        }
    }
}

/*
 * The next signed chunk that may be recorded, from *k on: false if there is none. In the order of the input, unless that
 * is not wanted; a request that repeats one on its way always waits for all that were before it (first: the earliest chunk
 * that is not recorded).
 */
static bool next_signed(struct loop *l, uint64_t first, uint64_t *k)
{
    for (; *k < l->decided; ++*k) {
        const struct batch_chunk *c = chunk_of(l, *k);

        if (c->state == CHUNK_SIGNED && (*k == first || (l->run.o->unordered && c->late == 0)))
            return true;
        if (!l->run.o->unordered)
            return false;
    }
    return false;
}

static bool ready(struct loop *l)
{
    uint64_t k = l->recorded;

    return (l->decided < l->read && chunk_of(l, l->decided)->state == CHUNK_CHECKED && l->failed == MC_OK) ||
           next_signed(l, l->recorded, &k);
}

/* Inside the transaction: the entries of all chunks that may be recorded. */
static enum mc_rc record_signed(struct loop *l, struct mc_err *e)
{
    uint64_t first = l->recorded;
    enum mc_rc rc = MC_OK;

    for (uint64_t k = first; rc == MC_OK && next_signed(l, first, &k); k++) {
        struct batch_chunk *c = chunk_of(l, k);

        rc = batch_record(&l->run, c, e);
        c->state = CHUNK_RECORDED;
        if (rc == MC_OK && c->failed != MC_OK)
            give_up(l, c->failed, &c->err);
        while (first < l->decided && (chunk_of(l, first)->state == CHUNK_RECORDED || chunk_of(l, first)->state == CHUNK_FREE))
            first++;
    }
    return rc;
}

/* After the commit of what record_signed has recorded. */
static enum mc_rc answer_all(struct loop *l, uint64_t decided, struct mc_err *e)
{
    struct batch_run *r = &l->run;
    bool some = false;
    enum mc_rc rc = MC_OK;

    for (uint64_t k = l->recorded; k < decided; k++)
        if (chunk_of(l, k)->state == CHUNK_RECORDED)
            chunk_of(l, k)->issue.intent.id = 0; /* it is closed */
    for (uint64_t k = l->recorded; rc == MC_OK && k < decided; k++) {
        if (chunk_of(l, k)->state != CHUNK_RECORDED)
            continue;
        rc = batch_answer(r, chunk_of(l, k), e);
        some = true;
    }
    while (l->recorded < decided && chunk_of(l, l->recorded)->state == CHUNK_FREE)
        l->recorded++;
    if (rc == MC_OK && some) {
        rc = r->sink->flush(r->sink->arg, e);
        if (r->sink->progress != NULL)
            r->sink->progress(r->sink->progress_arg, r->answered);
    }
    return rc;
}

/*
 * One transaction over everything that is ready: entries of signed chunks, then policy and intents of
 * checked ones. In a dry run it is rolled back.
 */
static enum mc_rc commit_ready(struct loop *l, struct mc_err *e)
{
    uint64_t before = l->decided, decided = before;
    struct ledger_head h;
    enum mc_rc rc = ledger_begin(l->run.s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_head(l->run.s->ledger, &h, e);
    if (rc == MC_OK && h.size != l->run.size)
        l->run.strangers++;
    if (rc == MC_OK)
        rc = record_signed(l, e);
    for (; rc == MC_OK && l->failed == MC_OK && decided < l->read && chunk_of(l, decided)->state == CHUNK_CHECKED;
         decided++) {
        struct batch_chunk *c = chunk_of(l, decided);

        if (c->failed != MC_OK) {
            give_up(l, c->failed, &c->err);
            break;
        }
        rc = batch_decide(&l->run, c, e);
    }
    if (rc == MC_OK)
        rc = ledger_head(l->run.s->ledger, &h, e);
    if (rc == MC_OK && !l->run.o->dry_run)
        rc = ledger_commit(l->run.s->ledger, e);
    if (rc != MC_OK || l->run.o->dry_run)
        ledger_rollback(l->run.s->ledger);
    if (rc != MC_OK)
        return rc;
    l->run.size = h.size;
    l->decided = decided;
    return answer_all(l, before, e);
}

/* After a failure nothing more is signed: opened chunks that no worker has are recorded as they are. */
static void skip_unsigned(struct loop *l)
{
    for (; l->failed != MC_OK && l->given_sign < l->decided; l->given_sign++) {
        struct batch_chunk *c = chunk_of(l, l->given_sign);

        if (c->state == CHUNK_OPENED)
            c->state = CHUNK_SIGNED;
    }
}

/* A batch that fills the workers' queue is no short one; while they begin, this process has nothing to do. */
static enum mc_rc warm_up(struct loop *l, struct mc_err *e)
{
    if (l->warm || pool_has_room(l->pool))
        return MC_OK;
    l->warm = true;
    return ledger_expect_many(l->run.s->ledger, e);
}

static bool finished(const struct loop *l)
{
    uint64_t last = l->failed != MC_OK ? l->decided : l->read;

    return l->ended && l->recorded == last && !l->noting;
}

static void end_note(struct loop *l)
{
    uint8_t sig[MC_SIG_LEN];

    l->noting = false;
    if (pool_noted(l->pool, sig, NULL) == MC_OK)
        (void)!checkpoint_put(l->run.s, &l->draft, sig, NULL);
}

/* Takes back what workers have done; waits for the first at most timeout_ms. */
static enum mc_rc collect(struct loop *l, int timeout_ms, struct mc_err *e)
{
    struct batch_message m;
    bool some;
    enum mc_rc rc;

    while ((rc = pool_take(l->pool, timeout_ms, &m, &some, e)) == MC_OK && some) {
        if (m.work == WORK_NOTE) {
            end_note(l);
        } else {
            l->run.chunks[m.index].state = m.work == WORK_CHECK ? CHUNK_CHECKED : CHUNK_SIGNED;
            l->signing -= m.work == WORK_SIGN;
        }
        timeout_ms = 0;
    }
    return rc;
}

static enum mc_rc turn(struct loop *l, struct mc_err *e)
{
    uint64_t before = l->read;
    enum mc_rc rc;

    /* Also when all input is read: a slow token may need very long for what is asked of it. */
    if (*l->stop != 0 && l->failed == MC_OK) {
        struct mc_err why;

        mc_err_init(&why);
        give_up(l, mc_fail(&why, CA_E_SIGNAL, NULL, NULL), &why);
    }
    rc = collect(l, 0, e);
    if (rc == MC_OK)
        rc = read_chunks(l, e);
    if (rc != MC_OK)
        return rc;
    skip_unsigned(l);
    begin_note(l);
    give_work(l);
    rc = warm_up(l, e);
    if (rc != MC_OK)
        return rc;
    /* While every worker has enough to do, more gets ready for the same commit. */
    if (ready(l) && (pool_has_room(l->pool) || l->signing < l->least || l->failed != MC_OK))
        return commit_ready(l, e);
    /* One chunk is read a turn: as long as that finds takers, there is no time to wait. */
    if (finished(l) || (l->read != before && pool_has_room(l->pool)))
        return MC_OK;
    return collect(l, l->read > l->recorded || l->noting ? WAIT_MS : LOOK_MS, e);
}

/* What was opened and is not on record will not be: its serial numbers are burned now. */
static void burn_open(struct loop *l)
{
    for (uint64_t k = l->recorded; k < l->decided; k++) {
        struct batch_chunk *c = chunk_of(l, k);

        if (c->issue.intent.id != 0)
            (void)!recover_void(l->run.s, &c->issue.intent, mc_rc_rule(CA_E_VOID), NULL);
    }
}

/* Where no worker can, the caller signs with a login of his own. */
static void sign_over(struct loop *l)
{
    const struct checkpoint_signer by = {pool_sign, l->pool};

    if (l->run.counts->issued > 0 && !l->run.o->dry_run)
        l->run.counts->signed_over = checkpoint_make_by(l->run.s, &by, NULL) == MC_OK;
}

static enum mc_rc run_loop(struct loop *l, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && !finished(l))
        rc = turn(l, e);
    if (rc == MC_OK && l->failed == MC_OK)
        sign_over(l);
    pool_free(l->pool);
    if (rc != MC_OK) {
        burn_open(l);
        return rc;
    }
    if (l->failed != MC_OK && e != NULL)
        *e = l->why;
    return l->failed;
}

unsigned batch_workers(const struct batch_options *o)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = o->workers != 0 ? o->workers : cpus > 0 ? (unsigned)cpus : 1;

    return n < BATCH_WORKERS_MAX ? n : BATCH_WORKERS_MAX;
}

/* The sessions that the token may have are shared out among the workers. */
static unsigned lane_count(const struct state *s, unsigned workers)
{
    unsigned n = s->config.sessions / workers;

    return n < 1 ? 1 : n < BATCH_LANES_MAX ? n : BATCH_LANES_MAX;
}

/* Enough to fill the workers' queue and as much again that is decided, recorded or read meanwhile. */
static unsigned chunk_count(unsigned workers, unsigned queue)
{
    unsigned n = 3 * queue * workers + 2;

    return n < BATCH_CHUNKS_MAX ? n : BATCH_CHUNKS_MAX;
}

/* The issuer as its certificate says; its key is found by each worker in its own session. */
static enum mc_rc load_issuer(struct state *s, uint32_t number, struct issuer *i, uint8_t key_id[HSM_ID_LEN], struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = ledger_authority(s->ledger, number, &a, e);

    if (rc == MC_OK)
        rc = issuer_read(&a, i, e);
    if (rc == MC_OK)
        memcpy(key_id, a.key_id, HSM_ID_LEN);
    return rc;
}

/* Memory that parent and workers share; NULL: none. */
static void *share(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return p != MAP_FAILED ? p : NULL;
}

enum mc_rc batch_run(struct state *s, const struct batch_target *target, const struct batch_options *o,
    const struct batch_source *source, const struct batch_sink *sink, const volatile int *stop,
    struct batch_counts *counts, struct mc_err *e)
{
    unsigned workers = batch_workers(o), lanes = lane_count(s, workers);
    unsigned queue = lanes > 1 ? BATCH_QUEUE_LANES : BATCH_QUEUE,
             n_chunks = chunk_count(workers, queue);
    size_t size = n_chunks * sizeof(struct batch_chunk) + sizeof(struct batch_shared);
    size_t records = batch_has_records(target) ? (size_t)n_chunks * BATCH_CHUNK * sizeof(struct batch_parcel) : 0;
    struct profile_file profile;
    struct issuer issuer;
    struct loop l = {.source = source, .stop = stop};
    enum mc_rc rc = state_profile(s, target->ops->kind, &profile, e);

    memset(counts, 0, sizeof(*counts));
    if (rc == MC_OK)
        rc = load_issuer(s, target->authority, &issuer, l.job.key_id, e);
    if (rc != MC_OK)
        return rc;
    l.run = (struct batch_run){.s = s, .side = {target, &issuer, &profile}, .o = o, .sink = sink, .counts = counts,
        .n_chunks = n_chunks};
    l.run.pending = pending_new(n_chunks * BATCH_CHUNK);
    l.run.chunks = share(size);
    l.run.parcels = records != 0 ? share(records) : NULL;
    if (l.run.pending == NULL || l.run.chunks == NULL || (records != 0 && l.run.parcels == NULL)) {
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
        goto out;
    }
    l.job.s = s;
    l.job.side = l.run.side;
    l.job.o = o;
    l.job.chunks = l.run.chunks;
    l.job.parcels = l.run.parcels;
    l.job.n_chunks = n_chunks;
    l.job.shared = (struct batch_shared *)(l.run.chunks + n_chunks);
    /* Small where many sessions wait for the token, lest the last chunk leave most of them idle. */
    l.chunk_max = lanes > 1 ? BATCH_CHUNK / 2 : BATCH_CHUNK;
    l.least = lanes > 1 ? 6 * lanes * workers / l.chunk_max : 0;
    l.note_ms = batch_now_ms() + CHECKPOINT_PACE_MS;
    l.job.lanes = lanes;
    l.job.queue = queue;
    rc = pool_new(&l.job, workers, &l.pool, e);
    if (rc == MC_OK)
        rc = run_loop(&l, e);
out:
    if (l.run.chunks != NULL)
        munmap(l.run.chunks, size);
    if (l.run.parcels != NULL)
        munmap(l.run.parcels, records);
    free(l.run.pending);
    return rc;
}
