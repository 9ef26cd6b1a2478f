/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several sessions on a token that makes one wait: each has a thread, a lane, that does nothing but ask for
 * signatures, one request after the other from all chunks that are built. The process's own thread does the rest for
 * other chunks meanwhile, with less right to the processor: a lane needs it for moments, and the token is idle until
 * then. Calls run on the lanes' own threads; that none stalls is watched here.
 */
#include "batch_worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS    100 /* how often the clocks of the lanes are looked at */
#define LESS_RIGHT 5   /* nice */
#define STOCK      6   /* requests for each lane that no lane has begun: more is taken when there are fewer */

struct lanes;

struct lane {
    struct lanes *all;
    pthread_t thread;
    int64_t began_ms; /* of the call that it is in; 0: none */
};

struct lanes {
    struct worker_side *w;
    struct lane lane[BATCH_LANES_MAX];
    unsigned n;
    /* What follows, and the tasks, change with the lock held. */
    pthread_mutex_t lock;
    pthread_cond_t news;
    int event; /* counts chunks that are begun to their end, or have all their signatures */
    uint64_t tasks;
    enum { NOTE_NONE, NOTE_ASKED, NOTE_SIGNING } note; /* a checkpoint that some lane is to sign */
    bool ended;
    bool stuck; /* what lanes still bring is not wanted */
};

/* --- the lanes; all is called with the lock held --------------------------------------------------- */

/* The oldest chunk with a request that nobody has begun. */
static struct task *next_task(struct lanes *l)
{
    struct task *oldest = NULL;

    for (unsigned i = 0; i < BATCH_TASKS_MAX; i++) {
        struct task *t = &l->w->task[i];

        if (t->used && t->asked < t->c->n && (oldest == NULL || t->order < oldest->order))
            oldest = t;
    }
    return oldest;
}

static void tell(const struct lanes *l)
{
    const uint64_t one = 1;

    if (write(l->event, &one, sizeof(one)) != sizeof(one))
        abort(); /* an event counter takes it always */
}

/* What is left of a chunk where the token failed or the batch ends is not begun. */
static void count_done(struct lanes *l, struct task *t, const struct batch_item *item)
{
    t->done++;
    if (worker_token_failed(item) || worker_is_over(l->w)) {
        t->done += t->c->n - t->asked;
        t->asked = t->c->n;
    }
    if (t->done == t->c->n)
        tell(l);
}

/* The call itself is made without the lock; where it took too long, its outcome is nobody's any more. */
static void sign_one(struct lane *lane, struct task *t, uint32_t k)
{
    struct lanes *l = lane->all;
    struct batch_item *item = &t->c->item[k];
    uint8_t digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    struct mc_err e;
    enum mc_rc rc;

    if (!worker_is_open(item) || worker_is_over(l->w)) {
        count_done(l, t, item);
        return;
    }
    mc_err_init(&e);
    memcpy(digest, t->made[k].tbs_sha256, sizeof(digest));
    lane->began_ms = batch_now_ms();
    pthread_mutex_unlock(&l->lock);
    rc = hsm_sign(l->w->issuer.key, digest, sig, &e);
    pthread_mutex_lock(&l->lock);
    lane->began_ms = 0;
    if (l->stuck)
        return;
    t->made[k].has_sig = rc == MC_OK;
    if (rc == MC_OK) {
        memcpy(t->made[k].sig, sig, sizeof(sig));
    } else {
        item->err = e;
        (void)mc_fail(&item->err, rc, NULL, NULL);
    }
    count_done(l, t, item);
}

/* Two calls, each with its own time. Where one took too long, give_up has answered. */
static void sign_note(struct lane *lane)
{
    struct lanes *l = lane->all;
    const struct batch_note *n = &l->w->job->shared->note;
    uint8_t sig[MC_SIG_LEN];
    struct hsm_key *key;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    l->note = NOTE_SIGNING;
    lane->began_ms = batch_now_ms();
    pthread_mutex_unlock(&l->lock);
    rc = hsm_find_key(l->w->state.hsm, n->key_id, n->point, &key, &e);
    pthread_mutex_lock(&l->lock);
    lane->began_ms = batch_now_ms();
    pthread_mutex_unlock(&l->lock);
    if (rc == MC_OK)
        rc = hsm_sign(key, n->digest, sig, &e);
    pthread_mutex_lock(&l->lock);
    lane->began_ms = 0;
    if (l->stuck)
        return;
    l->note = NOTE_NONE;
    worker_end_note(l->w, rc, &e, sig);
    (void)!batch_send(l->w->fd.answers, (struct batch_message){WORK_NOTE, 0});
}

static void *lane_main(void *arg)
{
    struct lane *lane = arg;
    struct lanes *l = lane->all;

    pthread_mutex_lock(&l->lock);
    while (!l->ended && !l->stuck) {
        struct task *t;

        if (l->note == NOTE_ASKED) {
            sign_note(lane);
            continue;
        }
        t = next_task(l);
        if (t == NULL) {
            pthread_cond_wait(&l->news, &l->lock);
            continue;
        }
        if (++t->asked == t->c->n)
            tell(l);
        sign_one(lane, t, t->asked - 1);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* --- the process's own thread ---------------------------------------------------------------------- */

/* More is taken when the lanes run short: what this worker has in stock, the others cannot do. */
static bool wants_more(struct lanes *l)
{
    unsigned begun = 0, waiting = 0;

    pthread_mutex_lock(&l->lock);
    for (unsigned i = 0; i < BATCH_TASKS_MAX; i++) {
        const struct task *t = &l->w->task[i];

        begun += t->used;
        waiting += t->used ? t->c->n - t->asked : 0;
    }
    pthread_mutex_unlock(&l->lock);
    return l->stuck || (begun < BATCH_TASKS_MAX && waiting < STOCK * l->n);
}

static void begin_task(struct lanes *l, struct batch_message m)
{
    struct task *t = l->w->task;

    while (t->used)
        t++;
    t->m = m;
    t->c = &l->w->job->chunks[m.index];
    t->asked = t->done = 0;
    t->order = l->tasks++;
    worker_build(l->w, t);
    pthread_mutex_lock(&l->lock);
    t->used = true;
    pthread_cond_broadcast(&l->news);
    pthread_mutex_unlock(&l->lock);
}

static void begin_note(struct lanes *l)
{
    pthread_mutex_lock(&l->lock);
    l->note = NOTE_ASKED;
    pthread_cond_signal(&l->news);
    pthread_mutex_unlock(&l->lock);
}

static bool end_task(struct lanes *l, struct task *t)
{
    worker_finish(l->w, t);
    return worker_reply(l->w, t->m);
}

static bool end_tasks(struct lanes *l)
{
    uint64_t n;
    bool more = read(l->event, &n, sizeof(n)) == sizeof(n) || errno == EAGAIN;

    for (unsigned i = 0; more && i < BATCH_TASKS_MAX; i++) {
        struct task *t = &l->w->task[i];
        bool done;

        pthread_mutex_lock(&l->lock);
        done = t->used && t->done == t->c->n;
        if (done)
            t->used = false;
        pthread_mutex_unlock(&l->lock);
        if (done)
            more = end_task(l, t);
    }
    return more;
}

static bool take_message(struct lanes *l)
{
    struct worker_side *w = l->w;
    struct batch_message m;

    errno = 0;
    if (!worker_next(w, &m))
        return errno == EAGAIN; /* another worker was faster */
    if (m.work != WORK_CHECK)
        worker_need_token(w);
    if (m.work == WORK_CHECK || w->rc != MC_OK)
        return worker_do(w, m);
    if (m.work == WORK_NOTE)
        begin_note(l);
    else
        begin_task(l, m);
    return true;
}

/* True once, when a call has taken too long. */
static bool gets_stuck(struct lanes *l)
{
    int64_t since = batch_now_ms() - 1000 * (int64_t)l->w->job->s->config.token_timeout_seconds;
    bool before = l->stuck;

    pthread_mutex_lock(&l->lock);
    for (unsigned i = 0; i < l->n; i++)
        l->stuck = l->stuck || (l->lane[i].began_ms != 0 && l->lane[i].began_ms < since);
    pthread_mutex_unlock(&l->lock);
    return l->stuck && !before;
}

/* What has a signature is worth its record. The lanes write nothing any more; from now on nothing is signed. */
static bool give_up(struct lanes *l)
{
    bool more = true;
    struct worker_side *w = l->w;

    w->rc = mc_fail(&w->err, HSM_E_TIMEOUT, NULL, "no answer within %u s", w->job->s->config.token_timeout_seconds);
    for (unsigned i = 0; more && i < BATCH_TASKS_MAX; i++)
        if (w->task[i].used)
            more = end_task(l, &w->task[i]);
    /* The other state is only touched by lanes that are not stuck. */
    if (more && l->note != NOTE_NONE)
        more = worker_do(w, (struct batch_message){WORK_NOTE, 0});
    return more;
}

static void serve(struct lanes *l)
{
    struct pollfd p[] = {{.events = POLLIN}, {.events = POLLIN}};
    bool more = true;

    while (more) {
        p[0].fd = l->stuck ? -1 : l->event;
        p[1].fd = wants_more(l) ? l->w->fd.work : -1;
        p[1].revents = 0;
        if (poll(p, 2, LOOK_MS) < 0 && errno != EINTR)
            return;
        if (gets_stuck(l))
            more = give_up(l);
        else if (!l->stuck && (p[0].revents & POLLIN) != 0)
            more = end_tasks(l);
        else if (p[1].revents != 0)
            more = take_message(l);
    }
}

static bool start(struct lanes *l)
{
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->news, NULL);
    l->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    while (l->event >= 0 && l->n < l->w->job->lanes) {
        struct lane *lane = &l->lane[l->n];

        lane->all = l;
        if (pthread_create(&lane->thread, NULL, lane_main, lane) != 0)
            break;
        l->n++;
    }
    /* Of this thread alone: the lanes are there already. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LESS_RIGHT);
    return l->n > 0;
}

bool worker_lanes(struct worker_side *w)
{
    struct lanes *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return true;
    l->w = w;
    if (start(l))
        serve(l);
    pthread_mutex_lock(&l->lock);
    l->ended = true;
    pthread_cond_broadcast(&l->news);
    pthread_mutex_unlock(&l->lock);
    if (l->stuck)
        return false;
    for (unsigned i = 0; i < l->n; i++)
        pthread_join(l->lane[i].thread, NULL);
    free(l);
    return true;
}
