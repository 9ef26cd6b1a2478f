/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker process of a batch. It goes over a chunk in phases: all TBS, all signatures, all checks.
 *
 * Where the worker has several sessions on a token that makes it wait, each session has a thread that does
 * nothing but ask for signatures, one request after the other from all chunks that are built. The process's
 * own thread does the rest for other chunks meanwhile.
 */
#include "batch_chunk.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority.h"

/* What a request needs between its phases. */
struct made {
    bool has_sig;
    size_t tbs_n;
    uint8_t tbs[MC_CERT_DER_MAX], tbs_sha256[MC_DIGEST_LEN], sig[MC_SIG_LEN];
};

/* A chunk that is built, and waits for its signatures. */
struct task {
    bool used;
    struct batch_message m;
    struct batch_chunk *c;
    struct made *made;     /* BATCH_CHUNK */
    uint32_t asked, done; /* requests that a thread has begun, has finished */
    uint64_t order;
};

struct worker_side {
    const struct batch_job *job;
    int fd;
    bool opened; /* the token was tried, with the outcome rc */
    enum mc_rc rc;
    struct mc_err err;
    struct mc_verifier *verifier;
    struct state state;
    struct issuer issuer;
    struct issue issue; /* of the chunk at work, filled anew for each request */
    struct task task[BATCH_QUEUE_MAX]; /* one session needs the first one only */
    /* with several sessions */
    pthread_t thread[BATCH_LANES_MAX];
    pthread_mutex_t lock;
    pthread_cond_t news;
    int signed_fd; /* counts chunks that have their signatures */
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

static void build(struct worker_side *w, struct batch_item *item, struct made *m)
{
    struct issue *i = &w->issue;
    struct noc_request r;
    enum mc_rc rc;

    m->has_sig = false;
    batch_request(item, &r);
    noc_fill(&r, w->job->fabric, i);
    rc = mc_key_id(w->verifier, item->point, i->request.key_id);
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
    memcpy(item->tlv, i->tlv, i->tlv_n);
    item->tlv_n = (uint16_t)i->tlv_n;
    item->state = ITEM_SIGNED;
}

/* --- the phases of a chunk ------------------------------------------------------------------------- */

static void check_chunk(struct worker_side *w, struct batch_chunk *c)
{
    for (uint32_t k = 0; k < c->n; k++)
        batch_parse(w->verifier, w->job->fabric->number, c->text, &c->item[k]);
}

static void load_issue(struct worker_side *w, const struct batch_chunk *c)
{
    w->issue = c->issue;
    w->issue.issuer = &w->issuer;
    w->issue.profile = w->job->profile;
}

static void build_chunk(struct worker_side *w, const struct task *t)
{
    load_issue(w, t->c);
    for (uint32_t k = 0; k < t->c->n; k++)
        if (is_open(&t->c->item[k]))
            build(w, &t->c->item[k], &t->made[k]);
}

/* The batch ends: the token is asked for nothing more. */
static bool is_over(const struct worker_side *w)
{
    return *w->job->over != 0;
}

static bool token_failed(const struct batch_item *item)
{
    return item->state == ITEM_NEW && mc_rc_class(item->err.rc) == MC_CLASS_TOKEN;
}

/* A code of the token ends the batch; any other is the request's own. */
static void chunk_failed(struct batch_chunk *c, enum mc_rc rc, const struct mc_err *why)
{
    if (c->failed != MC_OK)
        return;
    c->failed = rc;
    c->err = *why;
}

/* Where the token failed or the batch ends, those that have no signature are left as they are. */
static void sign_chunk(struct worker_side *w, struct task *t)
{
    for (t->asked = 0; t->asked < t->c->n && !is_over(w); t->asked++) {
        struct batch_item *item = &t->c->item[t->asked];

        if (is_open(item))
            sign(w, item, &t->made[t->asked]);
        if (token_failed(item))
            return;
    }
}

/* What was signed before is worth its record. */
static void finish_chunk(struct worker_side *w, const struct task *t)
{
    load_issue(w, t->c);
    for (uint32_t k = 0; k < t->c->n; k++) {
        struct batch_item *item = &t->c->item[k];

        if (is_open(item) && t->made[k].has_sig)
            finish(w, item, &t->made[k]);
        if (token_failed(item))
            chunk_failed(t->c, item->err.rc, &item->err);
    }
}

/* --- the token ------------------------------------------------------------------------------------- */

static enum mc_rc open_token(struct worker_side *w)
{
    const struct batch_job *job = w->job;
    enum mc_rc rc;

    w->state = *job->s;
    w->state.hsm = NULL;
    w->state.config.sessions = job->lanes;
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

static bool reply(struct worker_side *w, struct batch_message m)
{
    struct batch_chunk *c = &w->job->chunks[m.index];

    need_token(w);
    if (w->rc != MC_OK)
        chunk_failed(c, w->rc, &w->err);
    c->state = m.work == WORK_CHECK ? CHUNK_CHECKED : CHUNK_SIGNED;
    return batch_send(w->fd, m);
}

/* The chunk of a message; false at the end. */
static bool next_message(struct worker_side *w, struct batch_message *m)
{
    if (!batch_receive(w->fd, m) || m->work == WORK_END || m->index >= w->job->n_chunks)
        return false;
    w->job->chunks[m->index].failed = MC_OK;
    return true;
}

/* --- one session ----------------------------------------------------------------------------------- */

static void work_alone(struct worker_side *w)
{
    struct task *t = &w->task[0];
    bool more = true;

    while (more && next_message(w, &t->m)) {
        t->c = &w->job->chunks[t->m.index];
        if (t->m.work == WORK_SIGN)
            need_token(w);
        if (t->m.work == WORK_CHECK) {
            check_chunk(w, t->c);
        } else if (w->rc == MC_OK) {
            build_chunk(w, t);
            sign_chunk(w, t);
            finish_chunk(w, t);
        }
        more = reply(w, t->m);
    }
}

/* --- several sessions: the threads that sign ------------------------------------------------------- */

/* The oldest chunk with a request that nobody has begun; called with the lock held. */
static struct task *next_task(struct worker_side *w)
{
    struct task *oldest = NULL;

    for (unsigned i = 0; i < BATCH_QUEUE_MAX; i++) {
        struct task *t = &w->task[i];

        if (t->used && t->asked < t->c->n && (oldest == NULL || t->order < oldest->order))
            oldest = t;
    }
    return oldest;
}

/* What is left of a chunk where the token failed or the batch ends is not begun; called with the lock held. */
static void count_done(struct worker_side *w, struct task *t, const struct batch_item *item)
{
    const uint64_t one = 1;

    t->done++;
    if (token_failed(item) || is_over(w)) {
        t->done += t->c->n - t->asked;
        t->asked = t->c->n;
    }
    if (t->done == t->c->n && write(w->signed_fd, &one, sizeof(one)) != sizeof(one))
        abort(); /* an event counter takes it always */
}

static void *sign_all(void *arg)
{
    struct worker_side *w = arg;

    pthread_mutex_lock(&w->lock);
    while (!w->ended) {
        struct task *t = next_task(w);
        uint32_t k;

        if (t == NULL) {
            pthread_cond_wait(&w->news, &w->lock);
            continue;
        }
        k = t->asked++;
        pthread_mutex_unlock(&w->lock);
        if (is_open(&t->c->item[k]) && !is_over(w))
            sign(w, &t->c->item[k], &t->made[k]);
        pthread_mutex_lock(&w->lock);
        count_done(w, t, &t->c->item[k]);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- several sessions: the process's own thread ---------------------------------------------------- */

/* The parent gives no more chunks than there are tasks. */
static bool begin_task(struct worker_side *w, struct batch_message m)
{
    unsigned i = 0;

    while (i < BATCH_QUEUE_MAX && w->task[i].used)
        i++;
    if (i == BATCH_QUEUE_MAX)
        return false;
    w->task[i].m = m;
    w->task[i].c = &w->job->chunks[m.index];
    w->task[i].asked = w->task[i].done = 0;
    w->task[i].order = w->tasks++;
    build_chunk(w, &w->task[i]);
    pthread_mutex_lock(&w->lock);
    w->task[i].used = true;
    pthread_cond_broadcast(&w->news);
    pthread_mutex_unlock(&w->lock);
    return true;
}

static bool end_tasks(struct worker_side *w)
{
    uint64_t n;
    bool more = read(w->signed_fd, &n, sizeof(n)) == sizeof(n);

    for (unsigned i = 0; more && i < BATCH_QUEUE_MAX; i++) {
        struct task *t = &w->task[i];
        bool done;

        pthread_mutex_lock(&w->lock);
        done = t->used && t->done == t->c->n;
        if (done)
            t->used = false;
        pthread_mutex_unlock(&w->lock);
        if (!done)
            continue;
        finish_chunk(w, t);
        more = reply(w, t->m);
    }
    return more;
}

static bool take_message(struct worker_side *w)
{
    struct batch_message m;

    if (!next_message(w, &m))
        return false;
    if (m.work == WORK_SIGN)
        need_token(w);
    if (m.work == WORK_SIGN && w->rc == MC_OK)
        return begin_task(w, m);
    if (m.work == WORK_CHECK)
        check_chunk(w, &w->job->chunks[m.index]);
    return reply(w, m);
}

static void serve(struct worker_side *w)
{
    struct pollfd p[] = {{.fd = w->fd, .events = POLLIN}, {.fd = w->signed_fd, .events = POLLIN}};
    bool more = true;

    while (more && (poll(p, 2, -1) > 0 || errno == EINTR)) {
        if ((p[1].revents & POLLIN) != 0)
            more = end_tasks(w);
        else if (p[0].revents != 0)
            more = take_message(w);
    }
}

static void work_together(struct worker_side *w)
{
    unsigned started = 0;

    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->news, NULL);
    w->signed_fd = eventfd(0, EFD_CLOEXEC);
    while (w->signed_fd >= 0 && started < w->job->lanes && pthread_create(&w->thread[started], NULL, sign_all, w) == 0)
        started++;
    if (started > 0)
        serve(w);
    pthread_mutex_lock(&w->lock);
    w->ended = true;
    pthread_cond_broadcast(&w->news);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(w->thread[i], NULL);
}

/* --- the process ----------------------------------------------------------------------------------- */

static bool prepare(struct worker_side *w)
{
    unsigned n = w->job->lanes > 1 ? BATCH_QUEUE_MAX : 1;
    bool ok;

    w->verifier = mc_verifier_new();
    ok = w->verifier != NULL;
    for (unsigned i = 0; ok && i < n; i++) {
        w->task[i].made = calloc(BATCH_CHUNK, sizeof(*w->task[i].made));
        ok = w->task[i].made != NULL;
    }
    return ok;
}

/* Memory is not given back: the process ends here. */
void batch_work(const struct batch_job *job, unsigned number, int fd)
{
    struct worker_side w = {.job = job, .fd = fd};

    mc_err_init(&w.err);
    if (!prepare(&w))
        return;
    if (number == 0)
        need_token(&w);
    if (job->lanes > 1)
        work_together(&w);
    else
        work_alone(&w);
    hsm_close(w.state.hsm);
}
