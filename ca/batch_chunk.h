/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_chunk.h - what parent and workers of a batch share. Private to batch_*.c.
 *
 * Chunks lie in memory that is shared and anonymous. At any time one process owns a chunk: who sent its
 * number over the pipe has let go of it. Nothing here is a pointer into one process's heap.
 */
#ifndef CA_BATCH_CHUNK_H
#define CA_BATCH_CHUNK_H

#include <stdatomic.h>

#include "batch.h"
#include "checkpoint.h"

enum item_state {
    ITEM_CHECKED,  /* parsed; its CSR verifies */
    ITEM_NEW,      /* has a serial number in the chunk's intent */
    ITEM_LATE,     /* repeats a request that is on its way: decided when the chunk is recorded */
    ITEM_REPEATED, /* answered before */
    ITEM_REFUSED,
    ITEM_SIGNED,
};

#define BATCH_TOO_LONG UINT32_MAX /* text_n of a line that was not kept */

/* One request on its way. */
struct batch_item {
    uint64_t line;
    uint32_t text_at, text_n;
    enum item_state state;
    bool identified; /* id holds the request's own id */
    bool next, replaces;
    uint8_t n_cat;
    uint32_t cat[MC_CAT_MAX];
    uint64_t node_id, sn, seq;
    uint64_t id_hash, key_hash; /* of id and point: what is on its way is known by them */
    char id[ENTRY_REQUEST_MAX + 1];
    uint8_t point[MC_POINT_LEN];
    uint8_t input_sha256[MC_DIGEST_LEN], content_sha256[MC_DIGEST_LEN];
    /* signed */
    uint8_t tbs_sha256[MC_DIGEST_LEN], serial[LEDGER_SERIAL_LEN];
    uint16_t tlv_n;
    uint8_t tlv[MC_CERT_TLV_MAX];
    struct mc_err err; /* of a refusal or a failed signature */
};

enum chunk_state { CHUNK_FREE, CHUNK_READ, CHUNK_CHECKED, CHUNK_OPENED, CHUNK_SIGNED };

enum batch_work { WORK_CHECK, WORK_SIGN, WORK_NOTE };

struct batch_chunk {
    uint64_t order; /* chunks are numbered as they are read */
    enum chunk_state state;
    enum mc_rc failed; /* the worker could not go on: HSM_E_*, with err */
    struct mc_err err;
    uint32_t n, text_n, late;
    uint64_t strangers; /* batch_run's, when it was decided */
    struct issue issue; /* the intent, the period, and what all requests of the chunk share */
    struct batch_item item[BATCH_CHUNK];
    char text[BATCH_TEXT_MAX];
};

/* Parses one line into its item: JSON, CSR, ids, CATs. A refusal is left in item->err. */
void batch_parse(struct mc_verifier *v, uint32_t fabric, const char *text, struct batch_item *item);
/* The item as policy sees it; borrows from the item. */
void batch_request(const struct batch_item *item, struct noc_request *r);

/* The hashes of requests that have an intent and no entry yet; each may be there several times. */
struct pending {
    uint32_t mask; /* slots - 1; their number is a power of two */
    uint64_t slot[]; /* 0: empty; hashes are made non-zero */
};
struct pending *pending_new(uint32_t requests); /* room for so many, three quarters empty; NULL: no memory */
bool pending_has(const struct pending *p, uint64_t hash);
void pending_add(struct pending *p, uint64_t hash);
void pending_remove(struct pending *p, uint64_t hash);

/* A signature that no request asked for: that of the checkpoint at the end. */
struct batch_note {
    uint8_t key_id[HSM_ID_LEN], point[MC_POINT_LEN], digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    enum mc_rc rc;
    struct mc_err err;
};

/* What parent and workers share beside the chunks. */
struct batch_shared {
    volatile int over; /* not 0 when the batch ends early */
    /* How worker 0 fared with the token: what it was refused, no other asks for. */
    atomic_bool tried;
    enum mc_rc rc;
    struct mc_err err;
    struct batch_note note;
};

/* Workers. */
struct batch_pool;
struct batch_job {
    struct state *s;
    const struct ledger_fabric *fabric;
    const struct batch_options *o;
    const struct profile_file *profile;
    const struct issuer *issuer; /* its key handle is the worker's own, not this one's */
    uint8_t key_id[HSM_ID_LEN];
    struct batch_chunk *chunks;
    unsigned n_chunks;
    struct batch_shared *shared;
    unsigned lanes; /* sessions of each worker, 1..BATCH_LANES_MAX */
    unsigned queue; /* chunks that are given out for each worker: none must wait while the parent commits */
};

/*
 * What parent and worker say to each other: this chunk is yours. The parent writes to one pipe for all workers, and
 * who has nothing to do takes the next message from it; each answers on a socket of its own.
 */
struct batch_message {
    uint32_t work; /* enum batch_work */
    uint32_t index;
};
#define BATCH_QUEUE     6
#define BATCH_LANES_MAX 64
bool batch_send(int fd, struct batch_message m);
bool batch_receive(int fd, struct batch_message *m); /* false at end of file too */
/* The life of worker `number` (from 0), in its own process. */
struct batch_ends {
    int work, answers;
};
void batch_work(const struct batch_job *job, unsigned number, struct batch_ends fd);

/* Forks the workers; they load the module and log in. */
MC_MUST_CHECK enum mc_rc pool_new(const struct batch_job *job, unsigned workers, struct batch_pool **out, struct mc_err *e);
/* Some worker takes chunk `index`; false if there is no room. */
bool pool_give(struct batch_pool *p, enum batch_work work, unsigned index);
/* Waits until a worker has finished a chunk, but at most timeout_ms, and tells which; *some false: none has. */
MC_MUST_CHECK enum mc_rc pool_take(
    struct batch_pool *p, int timeout_ms, struct batch_message *m, bool *some, struct mc_err *e);
bool pool_has_room(const struct batch_pool *p);
/* A signature of the checkpoint by a worker, when all chunks are back: a checkpoint_signer with the pool as arg. */
MC_MUST_CHECK enum mc_rc pool_sign(void *pool, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN],
    uint8_t sig[MC_SIG_LEN], struct mc_err *e);
void pool_free(struct batch_pool *p); /* ends and reaps the workers; NULL is fine */

/* A batch at work. */
struct batch_run {
    struct state *s;
    const struct ledger_fabric *f;
    const struct batch_options *o;
    const struct batch_sink *sink;
    const struct profile_file *profile;
    const struct issuer *issuer;
    struct batch_counts *counts;
    struct batch_chunk *chunks;
    unsigned n_chunks;
    struct pending *pending;
    uint64_t answered;
    uint64_t size;      /* of the ledger after this process's last commit */
    uint64_t strangers; /* how often another process was found to have written since */
};

/*
 * The parent's two steps on a chunk, inside one transaction each may share with others: policy and intent
 * (CHECKED to OPENED, or to SIGNED when nothing is new); entries of what was signed and of what was refused.
 * A failure is the ledger's, and the transaction must be rolled back.
 */
MC_MUST_CHECK enum mc_rc batch_decide(struct batch_run *r, struct batch_chunk *c, struct mc_err *e);
MC_MUST_CHECK enum mc_rc batch_record(struct batch_run *r, struct batch_chunk *c, struct mc_err *e);
/* After the commit: gives the answers of a recorded chunk to the sink and sets it free. */
MC_MUST_CHECK enum mc_rc batch_answer(struct batch_run *r, struct batch_chunk *c, struct mc_err *e);

#endif
