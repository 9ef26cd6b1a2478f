/* SPDX-License-Identifier: Apache-2.0 */
/* A worker process of a batch. It goes over a chunk in phases: all TBS, all signatures, all checks. */
#include "batch_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TABLE_PAYS 500 /* signatures that a worker has made: then there will be as many again */

int64_t batch_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool batch_send(int fd, struct batch_message m)
{
    return send(fd, &m, sizeof(m), MSG_NOSIGNAL) == (ssize_t)sizeof(m);
}

bool batch_receive(int fd, struct batch_message *m)
{
    ssize_t n;

    do
        n = read(fd, m, sizeof(*m));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*m);
}

/* A code of the token, or of the machine, ends the batch; any other is the request's own. */
static void chunk_failed(struct batch_chunk *c, enum mc_rc rc, const struct mc_err *why)
{
    if (c->failed != MC_OK)
        return;
    c->failed = rc;
    c->err = *why;
}

/* --- one request ----------------------------------------------------------------------------------- */

static void item_failed(struct batch_item *item, enum mc_rc rc)
{
    (void)mc_fail(&item->err, rc, NULL, NULL);
}

bool worker_is_open(const struct batch_item *item)
{
    return item->state == ITEM_NEW && item->err.rc == MC_OK;
}

static void build(struct worker_side *w, struct batch_item *item, struct made *m, struct device *d)
{
    const struct batch_ops *ops = w->side.target->ops;
    struct issue *i = &w->issue;
    enum mc_rc rc = d != NULL ? ops->make(&w->side, item, d, &item->err) : MC_OK;

    m->has_sig = false;
    if (rc == MC_OK)
        rc = ops->fill(&w->side, w->verifier, item, i, &item->err);
    if (rc == MC_OK)
        rc = issue_build(w->verifier, i, item->sn, &item->err);
    if (rc != MC_OK) {
        item_failed(item, rc);
        return;
    }
    m->tbs_n = i->tbs_n;
    memcpy(m->tbs, i->tbs, i->tbs_n);
    memcpy(m->tbs_sha256, i->tbs_sha256, sizeof(m->tbs_sha256));
    memcpy(item->tbs_sha256, i->tbs_sha256, sizeof(item->tbs_sha256));
    memcpy(item->serial, i->serial, sizeof(item->serial));
}

static void sign(struct worker_side *w, struct batch_item *item, struct made *m)
{
    enum mc_rc rc = hsm_sign(w->issuer.key, m->tbs_sha256, m->sig, &item->err);

    m->has_sig = rc == MC_OK;
    if (rc != MC_OK)
        item_failed(item, rc);
}

static void finish(struct worker_side *w, struct batch_item *item, const struct made *m)
{
    struct issue *i = &w->issue;
    enum mc_rc rc;

    i->tbs_n = m->tbs_n;
    memcpy(i->tbs, m->tbs, m->tbs_n);
    memcpy(i->tbs_sha256, m->tbs_sha256, sizeof(i->tbs_sha256));
    memcpy(i->sig, m->sig, sizeof(i->sig));
    rc = issue_finish(w->verifier, i, &item->err);
    if (rc != MC_OK) {
        item_failed(item, rc);
        return;
    }
    item->cert_n = (uint16_t)(i->tlv_n != 0 ? i->tlv_n : i->der_n);
    memcpy(item->cert, i->tlv_n != 0 ? i->tlv : i->der, item->cert_n);
    item->state = ITEM_SIGNED;
}

/* A record that cannot be sealed leaves the certificate unsigned for: its serial number is void. */
static void deliver(struct worker_side *w, struct batch_item *item, struct device *d, struct batch_parcel *parcel)
{
    enum mc_rc rc = w->side.target->ops->deliver(&w->side, item, d, parcel, &item->err);

    if (rc == MC_OK)
        return;
    item_failed(item, rc);
    item->state = ITEM_NEW;
}

/* What this batch issued before it was stopped: the same device comes of the seed again. */
static void deliver_again(struct worker_side *w, struct batch_chunk *c, struct batch_item *item, struct device *d,
    struct batch_parcel *parcel)
{
    const struct batch_ops *ops = w->side.target->ops;
    enum mc_rc rc = ops->make(&w->side, item, d, &item->err);

    if (rc == MC_OK)
        rc = ops->deliver(&w->side, item, d, parcel, &item->err);
    device_wipe(d);
    if (rc != MC_OK)
        chunk_failed(c, rc, &item->err);
}

/* --- the phases of a chunk ------------------------------------------------------------------------- */

void worker_check(struct worker_side *w, struct batch_chunk *c)
{
    for (uint32_t k = 0; k < c->n; k++) {
        struct batch_item *item = &c->item[k];

        batch_parse(&w->side, w->verifier, c->text, item);
        /* Memory that ran out is not the request's fault: it is asked for again when the batch is resumed. */
        if (mc_rc_class(item->err.rc) == MC_CLASS_INTERNAL)
            chunk_failed(c, item->err.rc, &item->err);
    }
}

static void load_issue(struct worker_side *w, const struct batch_chunk *c)
{
    w->issue = c->issue;
    w->issue.issuer = &w->issuer;
    w->issue.profile = w->side.profile;
}

static struct device *device_of(const struct task *t, uint32_t k)
{
    return t->device != NULL ? &t->device[k] : NULL;
}

void worker_build(struct worker_side *w, const struct task *t)
{
    load_issue(w, t->c);
    for (uint32_t k = 0; k < t->c->n; k++)
        if (worker_is_open(&t->c->item[k]))
            build(w, &t->c->item[k], &t->made[k], device_of(t, k));
}

bool worker_is_over(const struct worker_side *w)
{
    return w->job->shared->over != 0;
}

bool worker_token_failed(const struct batch_item *item)
{
    enum mc_class class = mc_rc_class(item->err.rc);

    return item->state == ITEM_NEW && (class == MC_CLASS_TOKEN || class == MC_CLASS_INTERNAL);
}

/* Where the token failed or the batch ends, those that have no signature are left as they are. */
static void sign_chunk(struct worker_side *w, struct task *t)
{
    for (t->asked = 0; t->asked < t->c->n && !worker_is_over(w); t->asked++) {
        struct batch_item *item = &t->c->item[t->asked];

        if (worker_is_open(item))
            sign(w, item, &t->made[t->asked]);
        if (worker_token_failed(item))
            return;
    }
}

/* Seals the records of devices; their secrets live no longer than the chunk. */
static void deliver_chunk(struct worker_side *w, const struct task *t)
{
    size_t chunk = (size_t)(t->c - w->job->chunks);

    for (uint32_t k = 0; k < t->c->n; k++) {
        struct batch_parcel *parcel = batch_parcel_of(w->job->parcels, chunk, k);
        struct batch_item *item = &t->c->item[k];

        if (item->state == ITEM_SIGNED)
            deliver(w, item, &t->device[k], parcel);
        else if (batch_delivers_again(true, w->job->o, item) && !worker_is_over(w))
            deliver_again(w, t->c, item, &t->device[k], parcel);
    }
    hsm_wipe(t->device, BATCH_CHUNK * sizeof(*t->device));
}

/* Without a table the signatures are checked all the same. */
static void expect_more(struct worker_side *w, uint32_t n)
{
    if (w->finished >= TABLE_PAYS)
        return;
    w->finished += n;
    if (w->finished >= TABLE_PAYS)
        (void)!mc_verify_often(w->verifier, w->issuer.point);
}

/* What was signed before is worth its record. */
void worker_finish(struct worker_side *w, const struct task *t)
{
    load_issue(w, t->c);
    for (uint32_t k = 0; k < t->c->n; k++) {
        struct batch_item *item = &t->c->item[k];

        if (worker_is_open(item) && t->made[k].has_sig)
            finish(w, item, &t->made[k]);
        if (worker_token_failed(item))
            chunk_failed(t->c, item->err.rc, &item->err);
    }
    expect_more(w, t->c->n);
    if (t->device != NULL)
        deliver_chunk(w, t);
}

/* --- the token ------------------------------------------------------------------------------------- */

static enum mc_rc open_token(struct worker_side *w)
{
    const struct batch_job *job = w->job;
    enum mc_rc rc;

    w->state = *job->s;
    w->state.hsm = NULL;
    w->state.config.sessions = job->lanes;
    w->issuer = *job->side.issuer;
    w->side.issuer = &w->issuer;
    if (job->o->dry_run)
        return MC_OK;
    rc = state_open_token(&w->state, job->o->pin, &w->err);
    return rc == MC_OK ? hsm_find_key(w->state.hsm, job->key_id, w->issuer.point, &w->issuer.key, &w->err) : rc;
}

/* A wrong PIN, or one that is locked, is tried once and not by each worker. */
static enum mc_rc open_after_first(struct worker_side *w)
{
    const struct timespec nap = {0, 1000000};
    struct batch_shared *shared = w->job->shared;
    enum mc_rc rc;

    while (w->number != 0 && !atomic_load(&shared->tried))
        nanosleep(&nap, NULL);
    if (w->number != 0 && shared->rc != MC_OK) {
        w->err = shared->err;
        return shared->rc;
    }
    rc = open_token(w);
    if (w->number == 0) {
        shared->rc = rc;
        shared->err = w->err;
        atomic_store(&shared->tried, true);
    }
    return rc;
}

/*
 * Logging in is done one process after the other. So the first worker does it at once, and the others
 * have checked their first chunk when their turn comes. No chunk is given back before it is done: where the
 * token cannot be had, nothing is intended.
 */
void worker_need_token(struct worker_side *w)
{
    if (w->opened)
        return;
    w->rc = open_after_first(w);
    w->opened = true;
    if (w->rc == MC_OK && w->state.hsm != NULL && w->job->lanes > 1)
        hsm_run_here(w->state.hsm);
}

bool worker_reply(struct worker_side *w, struct batch_message m)
{
    struct batch_chunk *c = &w->job->chunks[m.index];

    worker_need_token(w);
    if (w->rc != MC_OK)
        chunk_failed(c, w->rc, &w->err);
    return batch_send(w->fd.answers, m);
}

void worker_end_note(struct worker_side *w, enum mc_rc rc, const struct mc_err *e, const uint8_t sig[MC_SIG_LEN])
{
    struct batch_note *n = &w->job->shared->note;

    n->rc = rc;
    if (rc == MC_OK)
        memcpy(n->sig, sig, MC_SIG_LEN);
    n->err = *e;
    if (rc != MC_OK)
        (void)mc_fail(&n->err, rc, NULL, NULL);
}

static void sign_note(struct worker_side *w)
{
    const struct batch_note *n = &w->job->shared->note;
    uint8_t sig[MC_SIG_LEN];
    struct hsm_key *key;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    worker_need_token(w);
    rc = w->rc;
    if (rc == MC_OK)
        rc = hsm_find_key(w->state.hsm, n->key_id, n->point, &key, &e);
    if (rc == MC_OK)
        rc = hsm_sign(key, n->digest, sig, &e);
    worker_end_note(w, rc, &e, sig);
}

bool worker_next(struct worker_side *w, struct batch_message *m)
{
    if (!batch_receive(w->fd.work, m) || m->index >= w->job->n_chunks)
        return false;
    if (m->work != WORK_NOTE)
        w->job->chunks[m->index].failed = MC_OK;
    return true;
}

bool worker_do(struct worker_side *w, struct batch_message m)
{
    if (m.work == WORK_NOTE) {
        sign_note(w);
        return batch_send(w->fd.answers, m);
    }
    if (m.work == WORK_CHECK)
        worker_check(w, &w->job->chunks[m.index]);
    return worker_reply(w, m);
}

static void work_alone(struct worker_side *w)
{
    struct task *t = &w->task[0];
    bool more = true;

    while (more && worker_next(w, &t->m)) {
        t->c = &w->job->chunks[t->m.index];
        if (t->m.work == WORK_SIGN)
            worker_need_token(w);
        if (t->m.work == WORK_SIGN && w->rc == MC_OK) {
            worker_build(w, t);
            sign_chunk(w, t);
            worker_finish(w, t);
        }
        more = worker_do(w, t->m);
    }
}

/* --- the process ----------------------------------------------------------------------------------- */

static bool prepare(struct worker_side *w)
{
    unsigned n = w->job->lanes > 1 ? BATCH_TASKS_MAX : 1;
    bool ok;

    w->verifier = mc_verifier_new();
    ok = w->verifier != NULL;
    for (unsigned i = 0; ok && i < n; i++) {
        w->task[i].made = calloc(BATCH_CHUNK, sizeof(*w->task[i].made));
        ok = w->task[i].made != NULL;
        if (ok && w->job->parcels != NULL)
            ok = (w->task[i].device = calloc(BATCH_CHUNK, sizeof(*w->task[i].device))) != NULL;
    }
    return ok;
}

/* Memory is not given back: the process ends here. */
void batch_work(const struct batch_job *job, unsigned number, struct batch_ends fd)
{
    struct worker_side w = {.job = job, .number = number, .fd = fd, .side = job->side};

    mc_err_init(&w.err);
    if (!prepare(&w))
        return;
    if (number == 0)
        worker_need_token(&w);
    if (job->lanes == 1)
        work_alone(&w);
    else if (!worker_lanes(&w))
        return;
    hsm_close(w.state.hsm);
}
