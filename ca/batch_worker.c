/* SPDX-License-Identifier: Apache-2.0 */
/* A worker process of a batch. It goes over a chunk in phases: all TBS, all signatures, all checks. */
#include "batch_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

/* --- one request ----------------------------------------------------------------------------------- */

static void item_failed(struct batch_item *item, enum mc_rc rc)
{
    (void)mc_fail(&item->err, rc, NULL, NULL);
}

bool worker_is_open(const struct batch_item *item)
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

void worker_check(struct worker_side *w, struct batch_chunk *c)
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

void worker_build(struct worker_side *w, const struct task *t)
{
    load_issue(w, t->c);
    for (uint32_t k = 0; k < t->c->n; k++)
        if (worker_is_open(&t->c->item[k]))
            build(w, &t->c->item[k], &t->made[k]);
}

bool worker_is_over(const struct worker_side *w)
{
    return w->job->shared->over != 0;
}

bool worker_token_failed(const struct batch_item *item)
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
    for (t->asked = 0; t->asked < t->c->n && !worker_is_over(w); t->asked++) {
        struct batch_item *item = &t->c->item[t->asked];

        if (worker_is_open(item))
            sign(w, item, &t->made[t->asked]);
        if (worker_token_failed(item))
            return;
    }
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

static void sign_note(struct worker_side *w)
{
    struct batch_note *n = &w->job->shared->note;
    struct hsm_key *key;

    worker_need_token(w);
    n->rc = w->rc;
    if (n->rc == MC_OK)
        n->rc = hsm_find_key(w->state.hsm, n->key_id, n->point, &key, &n->err);
    if (n->rc == MC_OK)
        n->rc = hsm_sign(key, n->digest, n->sig, &n->err);
    if (n->rc != MC_OK)
        (void)mc_fail(&n->err, n->rc, NULL, NULL);
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
    }
    return ok;
}

/* Memory is not given back: the process ends here. */
void batch_work(const struct batch_job *job, unsigned number, struct batch_ends fd)
{
    struct worker_side w = {.job = job, .number = number, .fd = fd};

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
