/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker process of a batch. Its work is done by lanes, each with a verifier of its own. One lane, the
 * usual case, is the process itself and goes over a chunk in phases: all TBS, all signatures, all checks.
 * Where the worker has several sessions on a token that makes it wait, every session has a lane, a thread
 * that takes one request at a time from the chunks that are there, so that no session idles.
 */
#include "batch_chunk.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority.h"

/* What a request needs between its phases. */
struct made {
    size_t tbs_n;
    uint8_t tbs[MC_CERT_DER_MAX], tbs_sha256[MC_DIGEST_LEN], sig[MC_SIG_LEN];
};

struct lane {
    struct worker_side *w;
    struct mc_verifier *verifier;
    struct issue issue; /* of the chunk at work, filled anew for each request */
    struct made *made;  /* as many as one go has requests */
    pthread_t thread;
};

/* A chunk that several lanes work at. */
struct task {
    struct batch_message m; /* work == WORK_END: the slot is free */
    uint32_t next, done;    /* requests that were begun, that are finished */
    uint64_t order;
};

struct worker_side {
    const struct batch_job *job;
    int fd;
    bool opened; /* the token was tried, with the outcome rc */
    enum mc_rc rc;
    struct mc_err err;
    struct state state;
    struct issuer issuer;
    unsigned n_lanes;
    struct lane *lane;
    /* with several lanes */
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct task task[BATCH_QUEUE];
    uint64_t tasks;
    bool ended;
};

bool batch_send(int fd, struct batch_message m)
{
    return send(fd, &m, sizeof(m), MSG_NOSIGNAL) == (ssize_t)sizeof(m);
}

bool batch_receive(int fd, struct batch_message *m)
{
    ssize_t n;

    do
        n = recv(fd, m, sizeof(*m), 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*m);
}

/* --- one request ----------------------------------------------------------------------------------- */

static void item_failed(struct batch_item *item, enum mc_rc rc)
{
    (void)mc_fail(&item->err, rc, NULL, NULL);
}

static bool is_open(const struct batch_item *item)
{
    return item->state == ITEM_NEW && item->err.rc == MC_OK;
}

static void build(struct lane *l, struct batch_item *item, struct made *m)
{
    struct issue *i = &l->issue;
    struct noc_request r;
    enum mc_rc rc;

    batch_request(item, &r);
    noc_fill(&r, l->w->job->fabric, i);
    rc = mc_key_id(l->verifier, item->point, i->request.key_id);
    if (rc == MC_OK)
        rc = issue_build(l->verifier, i, item->sn, &item->err);
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

static void finish(struct lane *l, struct batch_item *item, const struct made *m)
{
    struct issue *i = &l->issue;
    enum mc_rc rc;

    i->tbs_n = m->tbs_n;
    memcpy(i->tbs, m->tbs, m->tbs_n);
    memcpy(i->tbs_sha256, m->tbs_sha256, sizeof(i->tbs_sha256));
    memcpy(i->sig, m->sig, sizeof(i->sig));
    rc = issue_finish(l->verifier, i, &item->err);
    if (rc != MC_OK) {
        item_failed(item, rc);
        return;
    }
    memcpy(item->tlv, i->tlv, i->tlv_n);
    item->tlv_n = (uint16_t)i->tlv_n;
    item->state = ITEM_SIGNED;
}

/* --- a go over some requests of a chunk ------------------------------------------------------------ */

static void check_items(struct lane *l, struct batch_chunk *c, uint32_t from, uint32_t end)
{
    for (uint32_t k = from; k < end; k++)
        batch_parse(l->verifier, l->w->job->fabric->number, c->text, &c->item[k]);
}

/* False if the token failed, with the item whose error tells why. */
static bool sign_items(struct lane *l, struct batch_chunk *c, uint32_t from, uint32_t end, struct batch_item **bad)
{
    struct hsm_key *key = l->w->issuer.key;

    for (uint32_t k = from; k < end; k++)
        if (is_open(&c->item[k]))
            build(l, &c->item[k], &l->made[k - from]);
    for (uint32_t k = from; k < end; k++) {
        struct batch_item *item = &c->item[k];
        enum mc_rc rc;

        if (!is_open(item))
            continue;
        rc = hsm_sign(key, l->made[k - from].tbs_sha256, l->made[k - from].sig, &item->err);
        if (rc == MC_OK)
            continue;
        item_failed(item, rc);
        if (mc_rc_class(rc) == MC_CLASS_TOKEN) {
            *bad = item;
            end = k;
        }
    }
    /* What was signed before the token failed is worth its record. */
    for (uint32_t k = from; k < end; k++) {
        struct batch_item *item = &c->item[k];

        if (is_open(item))
            finish(l, item, &l->made[k - from]);
        if (*bad == NULL && item->state == ITEM_NEW && mc_rc_class(item->err.rc) == MC_CLASS_TOKEN)
            *bad = item;
    }
    return *bad == NULL;
}

/* A code of the token ends the batch; any other is the request's own. */
static void chunk_failed(struct batch_chunk *c, enum mc_rc rc, const struct mc_err *why)
{
    if (c->failed != MC_OK)
        return;
    c->failed = rc;
    c->err = *why;
}

static void load_issue(struct lane *l, const struct batch_chunk *c)
{
    l->issue = c->issue;
    l->issue.issuer = &l->w->issuer;
    l->issue.profile = l->w->job->profile;
}

/* --- the token ------------------------------------------------------------------------------------- */

static enum mc_rc open_token(struct worker_side *w)
{
    const struct batch_job *job = w->job;
    enum mc_rc rc;

    w->state = *job->s;
    w->state.hsm = NULL;
    w->state.config.sessions = w->n_lanes;
    w->issuer = *job->issuer;
    if (job->o->dry_run)
        return MC_OK;
    rc = state_open_token(&w->state, job->o->pin, &w->err);
    return rc == MC_OK ? hsm_find_key(w->state.hsm, job->key_id, w->issuer.point, &w->issuer.key, &w->err) : rc;
}

/*
 * Logging in is done one process after the other. So the first worker does it at once, and the others
 * have checked their first chunk when their turn comes. No chunk is given back before it is done: where the
 * token cannot be had, nothing is intended.
 */
static void need_token(struct worker_side *w)
{
    if (w->opened)
        return;
    w->rc = open_token(w);
    w->opened = true;
}

static void reply(struct worker_side *w, struct batch_message m)
{
    struct batch_chunk *c = &w->job->chunks[m.index];

    need_token(w);
    if (w->rc != MC_OK)
        chunk_failed(c, w->rc, &w->err);
    c->state = m.work == WORK_CHECK ? CHUNK_CHECKED : CHUNK_SIGNED;
    /* A parent that is gone takes this process with it. */
    (void)!batch_send(w->fd, m);
}

/* --- one lane -------------------------------------------------------------------------------------- */

static void work_alone(struct worker_side *w)
{
    struct lane *l = &w->lane[0];
    struct batch_message m;

    while (batch_receive(w->fd, &m) && m.work != WORK_END && m.index < w->job->n_chunks) {
        struct batch_chunk *c = &w->job->chunks[m.index];
        struct batch_item *bad = NULL;

        c->failed = MC_OK;
        if (m.work == WORK_CHECK) {
            check_items(l, c, 0, c->n);
        } else {
            need_token(w);
            load_issue(l, c);
            if (w->rc == MC_OK && !sign_items(l, c, 0, c->n, &bad))
                chunk_failed(c, bad->err.rc, &bad->err);
        }
        reply(w, m);
    }
}

/* --- several lanes --------------------------------------------------------------------------------- */

/* The oldest chunk with a request that nobody has begun; called with the lock held. */
static struct task *next_task(struct worker_side *w)
{
    struct task *oldest = NULL;

    for (unsigned i = 0; i < BATCH_QUEUE; i++) {
        struct task *t = &w->task[i];

        if (t->m.work != WORK_END && t->next < w->job->chunks[t->m.index].n && (oldest == NULL || t->order < oldest->order))
            oldest = t;
    }
    return oldest;
}

static void do_one(struct lane *l, const struct task *t, uint32_t k)
{
    struct worker_side *w = l->w;
    struct batch_chunk *c = &w->job->chunks[t->m.index];
    struct batch_item *bad = NULL;

    if (t->m.work == WORK_CHECK) {
        check_items(l, c, k, k + 1);
        return;
    }
    if (w->rc != MC_OK)
        return;
    load_issue(l, c);
    if (sign_items(l, c, k, k + 1, &bad))
        return;
    pthread_mutex_lock(&w->lock);
    chunk_failed(c, bad->err.rc, &bad->err);
    pthread_mutex_unlock(&w->lock);
}

/* What is left of a chunk whose token failed is not begun; called with the lock held. */
static void count_done(struct worker_side *w, struct task *t)
{
    struct batch_chunk *c = &w->job->chunks[t->m.index];

    t->done++;
    if (c->failed != MC_OK) {
        t->done += c->n - t->next;
        t->next = c->n;
    }
    if (t->done < c->n)
        return;
    reply(w, t->m);
    t->m.work = WORK_END;
}

static void *lane_main(void *arg)
{
    struct lane *l = arg;
    struct worker_side *w = l->w;

    pthread_mutex_lock(&w->lock);
    while (!w->ended) {
        struct task *t = next_task(w);
        uint32_t k;

        if (t == NULL) {
            pthread_cond_wait(&w->news, &w->lock);
            continue;
        }
        k = t->next++;
        pthread_mutex_unlock(&w->lock);
        do_one(l, t, k);
        pthread_mutex_lock(&w->lock);
        count_done(w, t);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* The parent gives no more chunks than there are slots. */
static bool put_task(struct worker_side *w, struct batch_message m)
{
    for (unsigned i = 0; i < BATCH_QUEUE; i++) {
        struct task *t = &w->task[i];

        if (t->m.work != WORK_END)
            continue;
        *t = (struct task){.m = m, .order = w->tasks++};
        w->job->chunks[m.index].failed = MC_OK;
        pthread_cond_broadcast(&w->news);
        return true;
    }
    return false;
}

static void work_together(struct worker_side *w)
{
    struct batch_message m;
    unsigned started = 0;
    bool more = true;

    need_token(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->news, NULL);
    while (started < w->n_lanes && pthread_create(&w->lane[started].thread, NULL, lane_main, &w->lane[started]) == 0)
        started++;
    while (started > 0 && more && batch_receive(w->fd, &m) && m.work != WORK_END && m.index < w->job->n_chunks) {
        pthread_mutex_lock(&w->lock);
        more = put_task(w, m);
        pthread_mutex_unlock(&w->lock);
    }
    pthread_mutex_lock(&w->lock);
    w->ended = true;
    pthread_cond_broadcast(&w->news);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(w->lane[i].thread, NULL);
}

/* --- the process ----------------------------------------------------------------------------------- */

static bool make_lanes(struct worker_side *w)
{
    size_t at_once = w->n_lanes > 1 ? 1 : BATCH_CHUNK;

    w->lane = calloc(w->n_lanes, sizeof(*w->lane));
    for (unsigned i = 0; w->lane != NULL && i < w->n_lanes; i++) {
        struct lane *l = &w->lane[i];

        l->w = w;
        l->verifier = mc_verifier_new();
        l->made = calloc(at_once, sizeof(*l->made));
        if (l->verifier == NULL || l->made == NULL)
            return false;
    }
    return w->lane != NULL;
}

/* Memory is not given back: the process ends here. */
void batch_work(const struct batch_job *job, unsigned number, int fd)
{
    struct worker_side w = {.job = job, .fd = fd, .n_lanes = job->lanes};

    mc_err_init(&w.err);
    for (unsigned i = 0; i < BATCH_QUEUE; i++)
        w.task[i].m.work = WORK_END;
    if (!make_lanes(&w))
        return;
    if (number == 0)
        need_token(&w);
    if (w.n_lanes > 1)
        work_together(&w);
    else
        work_alone(&w);
    hsm_close(w.state.hsm);
}
