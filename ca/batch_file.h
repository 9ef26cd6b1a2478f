/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_file.h - what is known of a batch beside its entries: STATE/batches/NUMBER.json.
 *
 * The file says where the requests came from and where the answers go, so that a batch that was stopped or
 * killed can be resumed by its name. The truth about certificates is in the ledger alone.
 */
#ifndef CA_BATCH_FILE_H
#define CA_BATCH_FILE_H

#include "batch.h"
#include "recipient.h"

/* What a batch of DACs has beside: the answers of a resumed one must not differ. */
struct batch_dacs {
    bool has_vid, has_pid;
    uint16_t vid, pid;
    uint32_t iterations;
    uint8_t flow, rendezvous;
    char crl_url[MC_CRL_URI_MAX + 1], crl_signer[ENTRY_NAME_MAX + 1]; /* or "" */
    size_t recipient_n; /* 0: certificates alone */
    uint8_t recipient[RECIPIENT_CERT_MAX];
    bool delivered; /* the answers are durable, and the seed may go */
};

struct batch_record {
    uint64_t number; /* from 1 */
    bool dacs;       /* of a PAI; else NOCs of a fabric */
    struct batch_dacs dac;
    char name[ENTRY_NAME_MAX + 1], of[ENTRY_NAME_MAX + 1]; /* of: the fabric's or the PAI's name */
    char in[STATE_PATH_MAX], out[STATE_PATH_MAX]; /* absolute, or "-" */
    char node_ids[32];                            /* rule for a directory of CSRs, or "" */
    bool unordered, done;
    int64_t began_unix, ended_unix; /* ended 0: not yet */
    struct batch_counts counts;
    int lock; /* held while the batch is at work; -1: not held */
};

/* Takes a number and a name (default "batch-NUMBER") and writes the file. CA_E_EXISTS for a name in use. */
MC_MUST_CHECK enum mc_rc batch_file_create(struct state *s, struct batch_record *b, struct mc_err *e);
/* Finds by name and locks it: CA_E_BUSY while another process works on it. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc batch_file_open(struct state *s, const char *name, struct batch_record *b, struct mc_err *e);
MC_MUST_CHECK enum mc_rc batch_file_save(struct state *s, const struct batch_record *b, struct mc_err *e);
void batch_file_close(struct batch_record *b);
/* "done", "running", "stopped". */
const char *batch_file_state(struct state *s, const struct batch_record *b);
/* Calls each() for every batch in order of their numbers until it returns false. */
MC_MUST_CHECK enum mc_rc batch_file_list(
    struct state *s, bool (*each)(void *arg, const struct batch_record *b), void *arg, struct mc_err *e);

#endif
