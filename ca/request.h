/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - what requests for NOCs (noc.h) and for DACs (dac.h) have in common: their ids, whether one was answered
 * before, and the way of one request through issue.h.
 */
#ifndef CA_REQUEST_H
#define CA_REQUEST_H

#include "issue.h"

/* Bytes of a recorded certificate. */
struct issued {
    bool repeated;
    bool replaces; /* the node had a certificate with another key */
    uint64_t seq, batch;
    uint32_t authority;
    uint64_t node_id;
    size_t serial_n, cert_n;
    uint8_t serial[MC_SERIAL_MAX], cert[MC_CERT_DER_MAX]; /* cert: TLV of a NOC, DER of a DAC */
};

#define REQUEST_OWN_ID_MAX 38 /* "auto-", 32 digits, NUL */

/* 1..ENTRY_REQUEST_MAX visible ASCII characters. */
bool request_id_valid(const char *id);
/* The id that follows from what is asked for. */
void request_own_id(const uint8_t content_sha256[MC_DIGEST_LEN], char out[REQUEST_OWN_ID_MAX]);

/* A search that finds nothing is no error: *found tells. Any other rc is passed on. */
MC_MUST_CHECK enum mc_rc request_maybe(enum mc_rc rc, bool *found, struct mc_err *e);
/*
 * Promise 5: out->repeated, and what was issued, if the request was answered before. CA_E_REQUEST_CONFLICT if it asked
 * for something else then.
 */
MC_MUST_CHECK enum mc_rc request_find(struct state *s, uint32_t fabric, const char *request_id,
    const uint8_t content_sha256[MC_DIGEST_LEN], struct issued *out, struct mc_err *e);
/* What a recorded entry gives. CA_E_LEDGER if it holds no certificate. */
MC_MUST_CHECK enum mc_rc request_issued(const struct mc_entry *x, struct issued *out, struct mc_err *e);

/* What differs between the kinds of requests; arg is the request. */
struct request_ops {
    /* Policy, inside a transaction. */
    enum mc_rc (*decide)(const void *arg, struct state *s, struct issued *out, struct mc_err *e);
    /* In the same transaction, for a new one: what the ledger chooses. NULL: nothing. */
    enum mc_rc (*choose)(const void *arg, struct state *s, struct issue *i, struct mc_err *e);
    /* The ISSUED and the REFUSED entry; they borrow. */
    void (*entry)(const void *arg, const struct issue *i, struct mc_entry *x);
    void (*refusal)(const void *arg, const struct mc_err *why, struct mc_entry *x);
};

/*
 * The whole path for one request: policy and intent, signature, entry. i holds what the request asks for. A refusal by
 * policy is recorded.
 */
MC_MUST_CHECK enum mc_rc request_run(struct state *s, const struct request_ops *ops, const void *arg, struct issue *i,
    struct issued *out, struct mc_err *e);

#endif
