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

struct batch_record {
    uint64_t number; /* from 1 */
    char name[ENTRY_NAME_MAX + 1], fabric[ENTRY_NAME_MAX + 1];
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
