/* SPDX-License-Identifier: Apache-2.0 */
/* The worker processes of a batch, as the parent sees them. */
#include "batch_chunk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
    pid_t pid;
    int fd;
    unsigned n; /* chunks it holds */
    uint32_t queue[BATCH_QUEUE_MAX];
};

struct batch_pool {
    struct worker worker[BATCH_WORKERS_MAX];
    unsigned n, queue;
};

/* The parent's signals are not the workers': Ctrl-C ends the batch through the parent, chunk by chunk. */
static void live_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

static enum mc_rc start_worker(const struct batch_job *job, struct batch_pool *p, struct mc_err *e)
{
    struct worker *w = &p->worker[p->n];
    pid_t parent = getpid();
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return mc_fail(e, CA_E_IO, NULL, "socketpair: %s", strerror(errno));
    w->pid = fork();
    if (w->pid < 0) {
        close(pair[0]);
        close(pair[1]);
        return mc_fail(e, CA_E_IO, NULL, "fork: %s", strerror(errno));
    }
    if (w->pid == 0) {
        /* The other workers' ends must not stay open here, or their end of file would never come. */
        for (unsigned i = 0; i < p->n; i++)
            close(p->worker[i].fd);
        close(pair[0]);
        live_with_parent(parent);
        batch_work(job, p->n, pair[1]);
        _exit(0);
    }
    close(pair[1]);
    w->fd = pair[0];
    w->n = 0;
    p->n++;
    return MC_OK;
}

enum mc_rc pool_new(const struct batch_job *job, unsigned workers, struct batch_pool **out, struct mc_err *e)
{
    struct batch_pool *p = calloc(1, sizeof(*p));
    enum mc_rc rc = MC_OK;

    if (p == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    p->queue = job->queue;
    while (rc == MC_OK && p->n < workers)
        rc = start_worker(job, p, e);
    if (rc != MC_OK) {
        pool_free(p);
        return rc;
    }
    *out = p;
    return MC_OK;
}

bool pool_give(struct batch_pool *p, enum batch_work what, unsigned index)
{
    struct worker *least = NULL;

    for (unsigned i = 0; i < p->n; i++) {
        struct worker *w = &p->worker[i];

        if (w->pid != 0 && w->n < p->queue && (least == NULL || w->n < least->n))
            least = w;
    }
    if (least == NULL || !batch_send(least->fd, (struct batch_message){(uint32_t)what, index}))
        return false;
    least->queue[least->n++] = index;
    return true;
}

bool pool_has_room(const struct batch_pool *p)
{
    for (unsigned i = 0; i < p->n; i++)
        if (p->worker[i].pid != 0 && p->worker[i].n < p->queue)
            return true;
    return false;
}

/*
 * The module may take a worker with it, at work or not; the batch then ends in order, and nothing of its chunks is
 * released.
 */
static enum mc_rc worker_died(struct worker *w, struct mc_err *e)
{
    int status = 0;

    waitpid(w->pid, &status, 0);
    w->pid = 0;
    if (WIFSIGNALED(status))
        return mc_fail(e, HSM_E_MODULE_CALL, NULL, "a worker was ended by signal %d", WTERMSIG(status));
    return mc_fail(e, HSM_E_MODULE_CALL, NULL, "a worker ended");
}

/* Several lanes may finish a later chunk first. False if the worker does not have this one. */
static bool take_from_queue(struct worker *w, uint32_t index)
{
    for (unsigned i = 0; i < w->n; i++) {
        if (w->queue[i] != index)
            continue;
        memmove(w->queue + i, w->queue + i + 1, (--w->n - i) * sizeof(w->queue[0]));
        return true;
    }
    return false;
}

enum mc_rc pool_take(struct batch_pool *p, int timeout_ms, int *index, struct mc_err *e)
{
    struct pollfd fds[BATCH_WORKERS_MAX];
    int ready;

    *index = -1;
    for (unsigned i = 0; i < p->n; i++)
        fds[i] = (struct pollfd){.fd = p->worker[i].pid != 0 ? p->worker[i].fd : -1, .events = POLLIN};
    ready = poll(fds, p->n, timeout_ms);
    if (ready < 0 && errno != EINTR)
        return mc_fail(e, CA_E_IO, NULL, "poll: %s", strerror(errno));
    for (unsigned i = 0; ready > 0 && i < p->n; i++) {
        struct worker *w = &p->worker[i];
        struct batch_message m;

        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
            continue;
        if (!batch_receive(w->fd, &m) || !take_from_queue(w, m.index))
            return worker_died(w, e);
        *index = (int)m.index;
        return MC_OK;
    }
    return MC_OK;
}

/* All are told before any is waited for: they end at the same time. */
void pool_free(struct batch_pool *p)
{
    if (p == NULL)
        return;
    for (unsigned i = 0; i < p->n; i++) {
        struct worker *w = &p->worker[i];

        if (w->pid == 0)
            continue;
        (void)batch_send(w->fd, (struct batch_message){WORK_END, 0});
        /* One that is still at work has a token that does not answer: its result is not wanted. */
        if (w->n > 0)
            kill(w->pid, SIGKILL);
    }
    for (unsigned i = 0; i < p->n; i++) {
        if (p->worker[i].pid != 0)
            waitpid(p->worker[i].pid, NULL, 0);
        close(p->worker[i].fd);
    }
    free(p);
}
