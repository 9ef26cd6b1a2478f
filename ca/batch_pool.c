/* SPDX-License-Identifier: Apache-2.0 */
/* The worker processes of a batch. */
#include "batch_chunk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authority.h"

struct message {
    uint32_t work; /* enum batch_work */
    uint32_t index;
};

#define QUEUE 2 /* chunks that a worker holds: it must not wait while the parent commits */

struct worker {
    pid_t pid;
    int fd;
    unsigned n;          /* chunks it holds; answers come in their order */
    uint32_t queue[QUEUE];
};

struct batch_pool {
    struct worker worker[BATCH_WORKERS_MAX];
    unsigned n;
};

/* --- in the worker --------------------------------------------------------------------------------- */

static bool send_message(int fd, struct message m)
{
    return send(fd, &m, sizeof(m), MSG_NOSIGNAL) == (ssize_t)sizeof(m);
}

static bool receive_message(int fd, struct message *m)
{
    ssize_t n;

    do
        n = recv(fd, m, sizeof(*m), 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*m);
}

static void check_chunk(const struct batch_job *job, struct mc_verifier *v, struct batch_chunk *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        batch_parse(v, job->fabric->number, c->text, &c->item[i]);
    c->state = CHUNK_CHECKED;
}

/* The TBS of every new request, then all signatures, then all checks: each in one go over the chunk. */
static enum mc_rc build_item(const struct batch_job *job, struct mc_verifier *v, struct issue *i, struct batch_item *item)
{
    struct noc_request r;
    enum mc_rc rc;

    batch_request(item, &r);
    noc_fill(&r, job->fabric, i);
    rc = mc_key_id(v, item->point, i->request.key_id);
    return rc == MC_OK ? issue_build(v, i, item->sn, &item->err) : mc_fail(&item->err, rc, NULL, NULL);
}

static void sign_item(const struct batch_job *job, struct mc_verifier *v, struct issue *i, struct batch_item *item)
{
    enum mc_rc rc = build_item(job, v, i, item);

    if (rc == MC_OK)
        rc = issue_sign(v, i, &item->err);
    if (rc != MC_OK) {
        (void)mc_fail(&item->err, rc, NULL, NULL);
        return;
    }
    memcpy(item->tbs_sha256, i->tbs_sha256, sizeof(item->tbs_sha256));
    memcpy(item->serial, i->serial, sizeof(item->serial));
    memcpy(item->tlv, i->tlv, i->tlv_n);
    item->tlv_n = (uint16_t)i->tlv_n;
    item->state = ITEM_SIGNED;
}

/* A code of the token ends the batch; any other is the request's own. */
static void sign_chunk(const struct batch_job *job, struct mc_verifier *v, const struct issuer *issuer, struct batch_chunk *c)
{
    struct issue i = c->issue;

    i.issuer = issuer;
    i.profile = job->profile;
    for (uint32_t k = 0; k < c->n && c->failed == MC_OK; k++) {
        struct batch_item *item = &c->item[k];

        if (item->state != ITEM_NEW)
            continue;
        sign_item(job, v, &i, item);
        if (item->state == ITEM_NEW && mc_rc_class(item->err.rc) == MC_CLASS_TOKEN) {
            c->failed = item->err.rc;
            c->err = item->err;
        }
    }
    c->state = CHUNK_SIGNED;
}

/* What a worker cannot do without, made after the fork. */
struct tools {
    struct mc_verifier *verifier;
    struct state state;
    struct issuer issuer;
};

static enum mc_rc open_tools(const struct batch_job *job, struct tools *t, struct mc_err *e)
{
    enum mc_rc rc;

    t->state = *job->s;
    t->state.hsm = NULL;
    t->issuer = *job->issuer;
    t->verifier = mc_verifier_new();
    if (t->verifier == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    if (job->o->dry_run)
        return MC_OK;
    rc = state_open_token(&t->state, job->o->pin, e);
    return rc == MC_OK ? hsm_find_key(t->state.hsm, job->key_id, t->issuer.point, &t->issuer.key, e) : rc;
}

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

static void work(const struct batch_job *job, int fd)
{
    struct tools t;
    struct mc_err e;
    struct message m;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = open_tools(job, &t, &e);
    while (receive_message(fd, &m) && m.work != WORK_END && m.index < job->n_chunks) {
        struct batch_chunk *c = &job->chunks[m.index];

        c->failed = rc;
        if (rc != MC_OK) {
            c->err = e;
            c->state = m.work == WORK_CHECK ? CHUNK_CHECKED : CHUNK_SIGNED;
        } else if (m.work == WORK_CHECK) {
            check_chunk(job, t.verifier, c);
        } else {
            sign_chunk(job, t.verifier, &t.issuer, c);
        }
        if (!send_message(fd, m))
            break;
    }
    hsm_close(t.state.hsm);
    mc_verifier_free(t.verifier);
}

/* --- in the parent --------------------------------------------------------------------------------- */

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
        work(job, pair[1]);
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
    enum mc_rc rc = p == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;

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

        if (w->pid != 0 && w->n < QUEUE && (least == NULL || w->n < least->n))
            least = w;
    }
    if (least == NULL || !send_message(least->fd, (struct message){(uint32_t)what, index}))
        return false;
    least->queue[least->n++] = index;
    return true;
}

bool pool_has_room(const struct batch_pool *p)
{
    for (unsigned i = 0; i < p->n; i++)
        if (p->worker[i].pid != 0 && p->worker[i].n < QUEUE)
            return true;
    return false;
}

/* The module may take a worker with it; the batch then ends in order, and nothing of that chunk is released. */
static enum mc_rc worker_died(struct worker *w, struct mc_err *e)
{
    int status = 0;

    waitpid(w->pid, &status, 0);
    w->pid = 0;
    if (WIFSIGNALED(status))
        return mc_fail(e, HSM_E_MODULE_CALL, NULL, "a worker was ended by signal %d", WTERMSIG(status));
    return mc_fail(e, HSM_E_MODULE_CALL, NULL, "a worker ended");
}

enum mc_rc pool_take(struct batch_pool *p, int timeout_ms, int *index, struct mc_err *e)
{
    struct pollfd fds[BATCH_WORKERS_MAX];
    int ready;

    *index = -1;
    for (unsigned i = 0; i < p->n; i++)
        fds[i] = (struct pollfd){.fd = p->worker[i].n > 0 ? p->worker[i].fd : -1, .events = POLLIN};
    ready = poll(fds, p->n, timeout_ms);
    if (ready < 0 && errno != EINTR)
        return mc_fail(e, CA_E_IO, NULL, "poll: %s", strerror(errno));
    for (unsigned i = 0; ready > 0 && i < p->n; i++) {
        struct worker *w = &p->worker[i];
        struct message m;

        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
            continue;
        if (!receive_message(w->fd, &m) || m.index != w->queue[0])
            return worker_died(w, e);
        memmove(w->queue, w->queue + 1, --w->n * sizeof(w->queue[0]));
        *index = (int)m.index;
        return MC_OK;
    }
    return MC_OK;
}

void pool_free(struct batch_pool *p)
{
    if (p == NULL)
        return;
    for (unsigned i = 0; i < p->n; i++) {
        struct worker *w = &p->worker[i];

        if (w->pid != 0) {
            (void)send_message(w->fd, (struct message){WORK_END, 0});
            /* One that is still at work has a token that does not answer: its result is not wanted. */
            if (w->n > 0)
                kill(w->pid, SIGKILL);
            waitpid(w->pid, NULL, 0);
        }
        close(w->fd);
    }
    free(p);
}
