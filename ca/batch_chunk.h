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
#include "factory.h"
#include "recipient.h"

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
    uint64_t id_hash, key_hash, device_hash; /* of id, point, serial number (0: none): what is on its way is known by them */
    char id[ENTRY_REQUEST_MAX + 1];
    uint8_t point[MC_POINT_LEN];
    uint8_t input_sha256[MC_DIGEST_LEN], content_sha256[MC_DIGEST_LEN];
    /* of a DAC */
    bool has_csr, delivered; /* delivered: the parcel holds the device's record */
    uint16_t vid, pid;
    int32_t discriminator; /* or FACTORY_DERIVED, as passcode */
    int64_t passcode;
    char serial_number[DEVICE_SERIAL_MAX + 1];
    /* signed */
    uint8_t tbs_sha256[MC_DIGEST_LEN], serial[LEDGER_SERIAL_LEN];
    uint16_t cert_n;
    uint8_t cert[MC_CERT_DER_MAX]; /* TLV of a NOC, DER of a DAC */
    struct mc_err err; /* of a refusal or a failed signature */
};

enum chunk_state { CHUNK_FREE, CHUNK_READ, CHUNK_CHECKED, CHUNK_OPENED, CHUNK_SIGNED, CHUNK_RECORDED };

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

/* A device's record, sealed to the recipient, beside its item: only where the target has such records. */
struct batch_parcel {
    uint32_t n;
    uint8_t p[SEALED_MAX];
};

/* Whose certificates are issued, as the parent and each worker see it. */
struct batch_side {
    const struct batch_target *target;
    const struct issuer *issuer;
    const struct profile_file *profile;
};

/* What differs between NOCs and DACs. */
struct batch_ops {
    enum mc_kind kind;
    /* Parses one line into its item; whatever is wrong with it is left in item->err (MC_OK: nothing). */
    enum mc_rc (*parse)(const struct batch_side *b, struct mc_verifier *v, struct mc_span line, struct batch_item *item);
    /* Policy (noc_decide, dac_decide). */
    enum mc_rc (*decide)(const struct batch_side *b, struct state *s, const struct batch_item *item, struct issued *out,
        struct mc_err *e);
    /* The request's part of the struct issue. */
    enum mc_rc (*fill)(const struct batch_side *b, struct mc_verifier *v, const struct batch_item *item, struct issue *i,
        struct mc_err *e);
    /* The ISSUED entry of a signed item; i has the intent, the serial number and the hash of the TBS. */
    void (*entry)(const struct batch_side *b, struct issue *i, const struct batch_item *item, struct mc_entry *x);
    void (*refusal)(const struct batch_side *b, const struct batch_item *item, struct mc_entry *x); /* item->err says why */
    /*
     * In a worker, where the target has records of devices: makes the device (and item->point, without a CSR), and seals
     * its record when its certificate is there.
     */
    enum mc_rc (*make)(const struct batch_side *b, struct batch_item *item, struct device *d, struct mc_err *e);
    enum mc_rc (*deliver)(const struct batch_side *b, struct batch_item *item, struct device *d, struct batch_parcel *parcel,
        struct mc_err *e);
};
extern const struct batch_ops batch_noc_ops, batch_dac_ops;
/* Every target's, and of the few that have records. */
bool batch_has_records(const struct batch_target *t);
static inline uint32_t batch_fabric(const struct batch_target *t)
{
    return t->fabric != NULL ? t->fabric->number : 0;
}

/* What this batch issued before it was stopped gets its record again. */
static inline bool batch_delivers_again(bool has_parcels, const struct batch_options *o, const struct batch_item *item)
{
    return has_parcels && item->state == ITEM_REPEATED && item->sn == o->number;
}
/* The one of an item; NULL where there are none. */
static inline struct batch_parcel *batch_parcel_of(struct batch_parcel *parcels, size_t chunk, uint32_t k)
{
    return parcels != NULL ? &parcels[chunk * BATCH_CHUNK + k] : NULL;
}

/* A worker's first phase: parses a line, whatever it is of. A refusal is left in item->err. */
void batch_parse(const struct batch_side *b, struct mc_verifier *v, const char *text, struct batch_item *item);
/* The key of a CSR in a line: PEM, base64 or hex of DER, or of NOCSR elements. Fills point and input_sha256. */
MC_MUST_CHECK enum mc_rc batch_take_csr(
    struct mc_verifier *v, struct mc_span text, struct batch_item *item, struct mc_err *e);
MC_MUST_CHECK enum mc_rc batch_take_id(struct mc_span id, struct batch_item *item, struct mc_err *e);

/* The hashes of requests that have an intent and no entry yet; each may be there several times. */
struct pending {
    uint32_t mask; /* slots - 1; their number is a power of two */
    uint64_t slot[]; /* 0: empty; hashes are made non-zero */
};
struct pending *pending_new(uint32_t requests); /* room for so many, three quarters empty; NULL: no memory */
bool pending_has(const struct pending *p, uint64_t hash);
void pending_add(struct pending *p, uint64_t hash);
void pending_remove(struct pending *p, uint64_t hash);

/* A signature that no request asked for: that of a checkpoint. */
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
    struct batch_side side; /* its issuer has no key handle: each worker has its own */
    const struct batch_options *o;
    uint8_t key_id[HSM_ID_LEN];
    struct batch_chunk *chunks;
    struct batch_parcel *parcels; /* BATCH_CHUNK for each chunk; NULL: no records */
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
#define BATCH_QUEUE       6
#define BATCH_QUEUE_LANES 4 /* with several sessions: what is to be signed must not wait behind much else */
#define BATCH_LANES_MAX   64
int64_t batch_now_ms(void); /* of a clock that never goes back */
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
/* Waits until a worker has finished a chunk or a note, but at most timeout_ms, and tells which; *some false: none has. */
MC_MUST_CHECK enum mc_rc pool_take(
    struct batch_pool *p, int timeout_ms, struct batch_message *m, bool *some, struct mc_err *e);
bool pool_has_room(const struct batch_pool *p);
/*
 * Some worker signs a checkpoint; one at a time. pool_take tells when (WORK_NOTE), and pool_noted then what came of it.
 * False: no worker can be asked.
 */
bool pool_note(struct batch_pool *p, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN]);
MC_MUST_CHECK enum mc_rc pool_noted(const struct batch_pool *p, uint8_t sig[MC_SIG_LEN], struct mc_err *e);
/* The same, waited for, when all chunks are back: a checkpoint_signer with the pool as arg. */
MC_MUST_CHECK enum mc_rc pool_sign(void *pool, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN],
    uint8_t sig[MC_SIG_LEN], struct mc_err *e);
void pool_free(struct batch_pool *p); /* ends and reaps the workers; NULL is fine */

/* A batch at work. */
struct batch_run {
    struct state *s;
    struct batch_side side;
    const struct batch_options *o;
    const struct batch_sink *sink;
    struct batch_counts *counts;
    struct batch_chunk *chunks;
    struct batch_parcel *parcels;
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
