/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.h - many requests for NOCs or DACs: read, checked, signed and recorded in a pipeline.
 *
 * The parent reads lines into chunks in shared memory, decides by policy, and is the only one that writes
 * the ledger. Workers are processes, forked before the PKCS#11 module is loaded, each with its own login.
 * A chunk's way:
 *
 *     read     the parent fills it with lines
 *     checked  a worker has parsed the lines and verified the CSRs
 *     opened   the parent has decided by policy and committed an intent for all that is new
 *     signed   a worker has built, signed and verified the certificates
 *     recorded the parent has appended the entries and committed; results are written out
 *
 * Decisions and records of several chunks share one transaction, so one commit pays for many requests.
 * Chunks are decided in the order of the input, and recorded and answered in it too, unless the caller wants answers
 * as they come: who gets what does not depend on which worker was faster. A request that repeats one still on its way
 * (same id or key) is decided again when its forerunner is on record. A worker signs the checkpoint: at the end, and
 * meanwhile when it is due, though at most once a second.
 *
 * Killed at any point, the same batch can be run again: what was recorded is found by its request id, what
 * was only intended is burned as void and issued anew.
 */
#ifndef CA_BATCH_H
#define CA_BATCH_H

#include "noc.h"

#define BATCH_LINE_MAX    16384 /* octets of one request */
#define BATCH_CHUNK       128   /* requests in a chunk */
#define BATCH_TEXT_MAX    (256 * 1024) /* octets of lines in a chunk */
#define BATCH_CHUNKS_MAX  256   /* chunks on their way */
#define BATCH_WORKERS_MAX 64

/* One line of the input. text is the line without its end; NULL ends the input. */
struct batch_source {
    bool (*ready)(void *arg); /* false: the next line would have to be waited for */
    enum mc_rc (*next)(void *arg, char *buf, size_t cap, size_t *n, bool *end, struct mc_err *e);
    void *arg;
    uint64_t (*line)(void *arg); /* of the input, from 1, where one line may be many requests; NULL: each is one */
};

/* What is issued: NOCs of a fabric, or DACs of a PAI. */
struct batch_ops;
struct batch_target {
    const struct batch_ops *ops;
    uint32_t authority;                 /* that signs */
    const struct ledger_fabric *fabric; /* of NOCs */
    const struct dac_batch *dac;        /* of DACs: batch_dac.h */
};
struct batch_target batch_of_nocs(const struct ledger_fabric *f);

/* One answer. Spans borrow until the call returns. */
struct batch_answer {
    uint64_t line;       /* of the input, from 1 */
    const char *id;      /* "" where the line gave none */
    enum mc_rc rc;       /* MC_OK: issued or repeated */
    bool repeated;
    const struct issued *issued;
    uint16_t vid, pid;      /* of a DAC */
    struct mc_span sealed;  /* the device's record; n == 0: none */
    const struct mc_err *why;
};

struct batch_sink {
    enum mc_rc (*answer)(void *arg, const struct batch_answer *a, struct mc_err *e);
    enum mc_rc (*flush)(void *arg, struct mc_err *e); /* after each commit */
    /* now and then, for a progress bar; done counts answers */
    void (*progress)(void *arg, uint64_t done);
    void *arg;          /* of answer and flush */
    void *progress_arg;
};

struct batch_counts {
    uint64_t issued, repeated, refused;
    bool signed_over; /* the checkpoint covers them */
};

struct batch_options {
    uint64_t number;      /* of the batch, goes into entries; never 0 */
    unsigned workers;     /* processes; 0: one for each processor */
    bool unordered;       /* answers as they come */
    bool dry_run;         /* parse, check and decide; sign and record nothing */
    const struct hsm_pin_source *pin; /* NULL: the embedded token's file; each process reads it */
};
/* The processes that will log in. */
unsigned batch_workers(const struct batch_options *o);

/*
 * Runs a batch on an opened state (LEDGER_WRITE) whose token is not open yet. Stops cleanly when *stop
 * becomes true (a signal handler may set it): no more signatures are asked for, what is signed is recorded, and
 * CA_E_SIGNAL is returned. A token that fails ends it the same way with its own code. MC_OK also when
 * requests were refused: see counts.
 */
MC_MUST_CHECK enum mc_rc batch_run(struct state *s, const struct batch_target *target, const struct batch_options *o,
    const struct batch_source *source, const struct batch_sink *sink, const volatile int *stop,
    struct batch_counts *counts, struct mc_err *e);

#endif
