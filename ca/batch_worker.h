/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_worker.h - a worker process of a batch, from inside: batch_worker.c does the work on requests and chunks,
 * batch_lanes.c shares it with threads where the token makes one wait.
 */
#ifndef CA_BATCH_WORKER_H
#define CA_BATCH_WORKER_H

#include "batch_chunk.h"

#include "authority.h"

#define BATCH_TASKS_MAX 8 /* chunks whose signatures a worker asks for at the same time */

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
    struct device *device; /* as many, where devices are made; NULL: none are */
    uint32_t asked, done; /* requests that a thread has begun, has finished */
    uint64_t order;
};

struct worker_side {
    const struct batch_job *job;
    unsigned number;
    struct batch_ends fd;
    bool opened; /* the token was tried, with the outcome rc */
    enum mc_rc rc;
    struct mc_err err;
    struct mc_verifier *verifier;
    uint32_t finished; /* signatures, up to those after which a table of the issuer's key pays */
    struct state state;
    struct issuer issuer;
    struct batch_side side;
    struct issue issue; /* of the chunk at work, filled anew for each request */
    struct task task[BATCH_TASKS_MAX]; /* one session needs the first one only */
};

/* The phases of a chunk; one of a signed one needs no token. */
void worker_check(struct worker_side *w, struct batch_chunk *c);
void worker_build(struct worker_side *w, const struct task *t);
void worker_finish(struct worker_side *w, const struct task *t);
bool worker_is_open(const struct batch_item *item); /* it is to be signed */
/* The token, or memory, and not the request: no answer is given, and the batch ends to be resumed. */
bool worker_token_failed(const struct batch_item *item);
bool worker_is_over(const struct worker_side *w); /* the batch ends: the token is asked for nothing more */

/* Opens the token if that was not tried yet. */
void worker_need_token(struct worker_side *w);
/* The chunk of a message; false at the end, or where another worker took it. */
bool worker_next(struct worker_side *w, struct batch_message *m);
/* Anything but a chunk to be signed: done and answered. False at the end. */
bool worker_do(struct worker_side *w, struct batch_message m);
bool worker_reply(struct worker_side *w, struct batch_message m);
/* What came of signing a checkpoint; sig is looked at where rc is MC_OK. The answer is sent afterwards. */
void worker_end_note(struct worker_side *w, enum mc_rc rc, const struct mc_err *e, const uint8_t sig[MC_SIG_LEN]);

/* Works with job->lanes sessions until the end. False if a call is stuck in the module. */
bool worker_lanes(struct worker_side *w);

#endif
