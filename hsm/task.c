/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.c - calls into the module that may stall run on a helper thread, one for each session. The caller
 * waits for a bounded time. A call that is stuck cannot be ended from outside, so at timeout the thread
 * and the task are left to it, the struct hsm is poisoned, and the caller gets HSM_E_TIMEOUT.
 *
 * Handing over costs two thread switches (4 to 40 us): little beside a device, much beside SoftHSM.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "internal.h"

enum { TASK_WAITED_FOR, TASK_DONE, TASK_ABANDONED };

struct hsm_runner {
    pthread_t thread;
    sem_t go, done;
    struct hsm_task *task; /* NULL at go: stop */
};

enum mc_rc hsm_task_new(struct hsm *h, size_t size, enum mc_rc (*run)(struct hsm_task *t),
    struct hsm_task **out, struct mc_err *e)
{
    struct hsm_task *t = calloc(1, size);

    if (t == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    t->h = h;
    t->run = run;
    t->size = size;
    mc_err_init(&t->e);
    *out = t;
    return MC_OK;
}

void hsm_task_free(struct hsm_task *t)
{
    if (t == NULL)
        return;
    if (t->clear != NULL)
        t->clear(t);
    hsm_wipe(t, t->size);
    free(t);
}

static void runner_free(struct hsm_runner *r)
{
    sem_destroy(&r->go);
    sem_destroy(&r->done);
    free(r);
}

static void wait_go(struct hsm_runner *r)
{
    while (sem_wait(&r->go) != 0)
        continue;
}

static enum mc_rc run_task(struct hsm_task *t)
{
    enum mc_rc rc = t->run(t);

    if (rc != HSM_E_TOKEN_LOST || !t->recover)
        return rc;
    mc_err_init(&t->e);
    pthread_mutex_lock(&t->h->bind_lock);
    rc = hsm_session_recover(t->h, t->s, &t->e);
    pthread_mutex_unlock(&t->h->bind_lock);
    return rc == MC_OK ? t->run(t) : rc;
}

static void *runner_main(void *arg)
{
    struct hsm_runner *r = arg;

    for (;;) {
        struct hsm_task *t;
        int waited_for = TASK_WAITED_FOR;

        wait_go(r);
        t = r->task;
        if (t == NULL)
            return NULL;
        t->rc = run_task(t);
        ERR_clear_error();
        if (!atomic_compare_exchange_strong(&t->state, &waited_for, TASK_DONE)) {
            /* Given up long ago: nobody else knows the task or this thread any more. */
            hsm_task_free(t);
            runner_free(r);
            return NULL;
        }
        sem_post(&r->done);
    }
}

/* Signals stay with the program's own threads. */
static int start_thread(struct hsm_runner *r)
{
    sigset_t all, before;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&r->thread, NULL, runner_main, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

/* NULL with errno when there is no memory or thread left. */
static struct hsm_runner *runner_start(void)
{
    struct hsm_runner *r = calloc(1, sizeof(*r));
    int err;

    if (r == NULL)
        return NULL;
    sem_init(&r->go, 0, 0);
    sem_init(&r->done, 0, 0);
    err = start_thread(r);
    if (err == 0)
        return r;
    runner_free(r);
    errno = err;
    return NULL;
}

void hsm_runner_stop(struct hsm_runner *r)
{
    if (r == NULL)
        return;
    r->task = NULL;
    sem_post(&r->go);
    pthread_join(r->thread, NULL);
    runner_free(r);
}

/*
 * The exit handlers of a module abort the process when they run under one of its own calls, so a process
 * that has a stuck call ends without them. What is registered last runs first.
 */
static void end_at_once(int status, void *unused)
{
    (void)unused;
    fflush(NULL);
    _exit(status);
}

/* Nor is the module opened again in this process: nobody knows what state the stuck call leaves it in. */
static atomic_bool process_stuck;

static void poison(struct hsm *h)
{
    atomic_store(&h->poisoned, true);
    if (!atomic_exchange(&process_stuck, true))
        on_exit(end_at_once, NULL);
}

bool hsm_process_stuck(void)
{
    return atomic_load(&process_stuck);
}

static struct timespec deadline_in(unsigned ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

/* False when the time is over and the task has been left to its thread. */
static bool wait_done(struct hsm_runner *r, struct hsm_task *t, unsigned timeout_ms)
{
    struct timespec end = deadline_in(timeout_ms);
    int waited_for = TASK_WAITED_FOR;

    while (sem_clockwait(&r->done, CLOCK_MONOTONIC, &end) != 0) {
        if (errno != ETIMEDOUT)
            continue;
        if (atomic_compare_exchange_strong(&t->state, &waited_for, TASK_ABANDONED))
            return false;
        while (sem_wait(&r->done) != 0)
            continue;
        break;
    }
    return true;
}

void hsm_run_here(struct hsm *h)
{
    h->run_here = true;
}

static enum mc_rc run_here(struct hsm_task *t, struct mc_err *e)
{
    t->rc = run_task(t);
    ERR_clear_error();
    if (t->rc != MC_OK && e != NULL)
        *e = t->e;
    return t->rc;
}

enum mc_rc hsm_task_run(struct hsm_session *s, struct hsm_task **task, unsigned timeout_ms, struct mc_err *e)
{
    struct hsm_task *t = *task;
    struct hsm *h = t->h;
    enum mc_rc rc = hsm_check_usable(h, e);
    pthread_t thread;

    if (rc != MC_OK)
        return rc;
    t->s = s;
    if (h->run_here)
        return run_here(t, e);
    if (s->runner == NULL)
        s->runner = runner_start();
    if (s->runner == NULL)
        return hsm_fail_errno(e, MC_E_MEMORY, "start", "a thread");
    atomic_store(&t->state, TASK_WAITED_FOR);
    s->runner->task = t;
    thread = s->runner->thread;
    sem_post(&s->runner->go);
    if (!wait_done(s->runner, t, timeout_ms)) {
        pthread_detach(thread);
        s->runner = NULL;
        *task = NULL;
        poison(h);
        return mc_fail(e, HSM_E_TIMEOUT, NULL, "no answer within %u ms", timeout_ms);
    }
    if (t->rc != MC_OK && e != NULL)
        *e = t->e;
    return t->rc;
}

enum mc_rc hsm_task_do(struct hsm_task **task, struct mc_err *e)
{
    struct hsm *h = (*task)->h;
    enum mc_rc rc = hsm_check_usable(h, e);
    struct hsm_session *s;

    if (rc != MC_OK)
        return rc;
    s = hsm_session_take(h);
    if (s == NULL)
        return mc_fail(e, HSM_E_SESSIONS, NULL, "all %u sessions are in use", h->session_count);
    (*task)->recover = true;
    rc = hsm_task_run(s, task, h->timeout_ms, e);
    hsm_session_give(s);
    return rc;
}
