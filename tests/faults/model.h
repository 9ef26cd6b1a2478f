/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - what must be true of a state after any fault, from nothing but the entries of its ledger, the
 * requests, the answers and the log of signatures (chaos.c). Everything is held in memory, plainly.
 */
#ifndef TESTS_FAULTS_MODEL_H
#define TESTS_FAULTS_MODEL_H

#include "ca/batch_chunk.h"

struct model_entry {
    enum entry_type type;
    uint64_t seq;
    int64_t time_unix;
    uint32_t fabric, authority;
    uint8_t kind;
    bool has_serial, has_tbs, has_input;
    uint8_t serial[LEDGER_SERIAL_LEN], tbs_sha256[MC_DIGEST_LEN], input_sha256[MC_DIGEST_LEN];
    char id[ENTRY_REQUEST_MAX + 1];
    size_t cert_n; /* TLV, or the DER of certificates that have no TLV form */
    uint8_t cert[MC_CERT_DER_MAX];
    uint8_t document; /* with number, of a DOCUMENT that is numbered here; 0: none */
    uint64_t number;
};

/* One line of the batch's input. */
struct model_request {
    char *text;
    size_t n;
    uint32_t chunk; /* the batch's chunk that it is in */
    char id[ENTRY_REQUEST_MAX + 1];
    uint64_t issued_at; /* seq of its ISSUED entry; UINT64_MAX: none */
    uint64_t issued_sn; /* counter of its serial number; UINT64_MAX: none */
};

struct model_signature {
    long pid;
    char label[80];
    uint8_t digest[MC_DIGEST_LEN];
    bool explained;
    bool after_fault; /* the key may have been tried again, with random octets */
};

struct model {
    struct state s;
    struct ledger_fabric fabric; /* number 0: DACs are looked at */
    struct ledger_authority pai; /* that signs them; number 0: none */
    struct model_entry *entry;
    size_t n_entries;
    struct model_request *request;
    size_t n_requests;
    struct model_signature *signature;
    size_t n_signatures;
    unsigned mistakes;
};

void model_mistake(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Marks the signatures with this digest as explained; how many there were. */
unsigned model_explain(struct model *m, const uint8_t digest[MC_DIGEST_LEN]);
/*
 * Builds again what may have been signed under serial numbers that were burned in blocks, or whose intent is
 * open, from the ledger and the requests alone (promise 1), and explains the signatures that it finds.
 */
unsigned model_burned_blocks(struct model *m);

#endif
