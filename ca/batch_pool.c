/* SPDX-License-Identifier: Apache-2.0 */
/* The worker processes of a batch, as the parent sees them. */
#include "batch_chunk.h"

#include <errno.h>
#include <fcntl.h>
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
};

struct batch_pool {
    struct worker worker[BATCH_WORKERS_MAX];
    unsigned n;
    int work[2]; /* the pipe that all workers read; its reading end stays open here, so that writing never fails */
    bool out[BATCH_CHUNKS_MAX]; /* given out and not back */
    unsigned n_out, most;
    struct batch_note *note;
    bool noting; /* a worker was asked to sign a checkpoint */
    int patience_ms; /* for a signature: what a worker may need to find the key and to sign, both in time */
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
        /* What the parent writes to and reads from must not stay open here, or no end of file would ever come. */
        for (unsigned i = 0; i < p->n; i++)
            close(p->worker[i].fd);
        close(pair[0]);
        close(p->work[1]);
        live_with_parent(parent);
        batch_work(job, p->n, (struct batch_ends){p->work[0], pair[1]});
        _exit(0);
    }
    close(pair[1]);
    w->fd = pair[0];
    p->n++;
    return MC_OK;
}

/* Several lanes wait for work and for signatures at once, so there reading must not wait. */
static enum mc_rc open_pipe(struct batch_pool *p, bool wait, struct mc_err *e)
{
    if (pipe2(p->work, O_CLOEXEC) != 0) {
        p->work[0] = p->work[1] = -1;
        return mc_fail(e, CA_E_IO, NULL, "pipe: %s", strerror(errno));
    }
    if (!wait && fcntl(p->work[0], F_SETFL, O_NONBLOCK) != 0)
        return mc_fail(e, CA_E_IO, NULL, "fcntl: %s", strerror(errno));
    return MC_OK;
}

enum mc_rc pool_new(const struct batch_job *job, unsigned workers, struct batch_pool **out, struct mc_err *e)
{
    struct batch_pool *p = calloc(1, sizeof(*p));
    enum mc_rc rc;

    if (p == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    p->most = job->queue * workers;
    p->note = &job->shared->note;
    p->patience_ms = 2 * (int)job->s->config.token_timeout_seconds * 1000 + 1000;
    rc = open_pipe(p, job->lanes == 1, e);
    while (rc == MC_OK && p->n < workers)
        rc = start_worker(job, p, e);
    if (rc != MC_OK) {
        pool_free(p);
        return rc;
    }
    *out = p;
    return MC_OK;
}

/* Far less than a pipe holds is ever on its way: this does not wait. */
static bool write_message(struct batch_pool *p, struct batch_message m)
{
    ssize_t n;

    do
        n = write(p->work[1], &m, sizeof(m));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(m);
}

bool pool_has_room(const struct batch_pool *p)
{
    return p->n_out < p->most;
}

bool pool_give(struct batch_pool *p, enum batch_work what, unsigned index)
{
    if (!pool_has_room(p) || !write_message(p, (struct batch_message){(uint32_t)what, index}))
        return false;
    p->out[index] = true;
    p->n_out++;
    return true;
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

/* The next answer of any worker; *some false if none came in time. */
static enum mc_rc receive_any(struct batch_pool *p, int timeout_ms, struct batch_message *m, bool *some, struct mc_err *e)
{
    struct pollfd fds[BATCH_WORKERS_MAX];
    int ready;

    *some = false;
    for (unsigned i = 0; i < p->n; i++)
        fds[i] = (struct pollfd){.fd = p->worker[i].pid != 0 ? p->worker[i].fd : -1, .events = POLLIN};
    ready = poll(fds, p->n, timeout_ms);
    if (ready < 0 && errno != EINTR)
        return mc_fail(e, CA_E_IO, NULL, "poll: %s", strerror(errno));
    for (unsigned i = 0; ready > 0 && i < p->n; i++) {
        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
            continue;
        *some = batch_receive(p->worker[i].fd, m);
        return *some ? MC_OK : worker_died(&p->worker[i], e);
    }
    return MC_OK;
}

enum mc_rc pool_take(struct batch_pool *p, int timeout_ms, struct batch_message *m, bool *some, struct mc_err *e)
{
    enum mc_rc rc = receive_any(p, timeout_ms, m, some, e);

    if (rc != MC_OK || !*some)
        return rc;
    if (m->work == WORK_NOTE) {
        p->noting = false;
        return MC_OK;
    }
    if (m->index >= BATCH_CHUNKS_MAX || !p->out[m->index])
        return mc_fail(e, MC_E_INTERNAL, NULL, "a worker gave back what it did not have");
    p->out[m->index] = false;
    p->n_out--;
    return MC_OK;
}

bool pool_note(struct batch_pool *p, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN])
{
    if (p->noting)
        return false;
    mc_err_init(&p->note->err);
    memcpy(p->note->key_id, k->key_id, sizeof(p->note->key_id));
    memcpy(p->note->point, k->point, sizeof(p->note->point));
    memcpy(p->note->digest, digest, MC_DIGEST_LEN);
    p->noting = write_message(p, (struct batch_message){WORK_NOTE, 0});
    return p->noting;
}

enum mc_rc pool_noted(const struct batch_pool *p, uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    memcpy(sig, p->note->sig, MC_SIG_LEN);
    if (p->note->rc != MC_OK && e != NULL)
        *e = p->note->err;
    return p->note->rc;
}

enum mc_rc pool_sign(
    void *pool, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN], uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    struct batch_pool *p = pool;
    struct batch_message m;
    bool some = false;
    enum mc_rc rc;

    if (p->n_out > 0 || !pool_note(p, k, digest))
        return mc_fail(e, HSM_E_MODULE_CALL, NULL, "no worker is free");
    rc = pool_take(p, p->patience_ms, &m, &some, e);
    if (rc == MC_OK && !some)
        rc = mc_fail(e, HSM_E_TIMEOUT, NULL, NULL);
    return rc == MC_OK ? pool_noted(p, sig, e) : rc;
}

/* All are told before any is waited for: they end at the same time. */
void pool_free(struct batch_pool *p)
{
    if (p == NULL)
        return;
    close(p->work[1]);
    for (unsigned i = 0; i < p->n; i++) {
        /* Who is still at work has a token that does not answer: its result is not wanted. */
        if (p->worker[i].pid != 0 && (p->n_out > 0 || p->noting))
            kill(p->worker[i].pid, SIGKILL);
    }
    for (unsigned i = 0; i < p->n; i++) {
        if (p->worker[i].pid != 0)
            waitpid(p->worker[i].pid, NULL, 0);
        close(p->worker[i].fd);
    }
    close(p->work[0]);
    free(p);
}
