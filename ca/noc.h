/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noc.h - requests for NOCs: what they ask for, whether policy allows it, and their way through issue.h.
 */
#ifndef CA_NOC_H
#define CA_NOC_H

#include "request.h"

/* A request for a NOC, as it comes from outside, checked (mc_csr_check, mc_node_id_check, mc_cat_check). */
struct noc_request {
    const char *request_id; /* 1..ENTRY_REQUEST_MAX visible ASCII characters */
    const uint8_t *point;   /* the CSR's key */
    bool next;              /* the ledger chooses the node id */
    uint64_t node_id;
    unsigned n_cat;
    uint32_t cat[MC_CAT_MAX];
    uint8_t input_sha256[MC_DIGEST_LEN];   /* of the CSR */
    uint8_t content_sha256[MC_DIGEST_LEN]; /* noc_content */
};

/* The ranges of a request's ids; field and text name the place. CA_E_NODE_ID, CA_E_CAT. */
MC_MUST_CHECK enum mc_rc noc_check_node(uint64_t node_id, const char *field, const char *text, struct mc_err *e);
MC_MUST_CHECK enum mc_rc noc_check_cat(uint32_t cat, const char *field, const char *text, struct mc_err *e);

/*
 * The hash of what is asked for: the same request id with another hash is another request. With own_id,
 * a request id that follows from it is written there and used.
 */
MC_MUST_CHECK enum mc_rc noc_content(
    struct mc_verifier *v, uint32_t fabric, struct noc_request *r, char own_id[REQUEST_OWN_ID_MAX]);

/*
 * Policy, inside a transaction: out->repeated if the request was answered before (promise 5), else
 * whether its key is free and the node was not removed. CA_E_REQUEST_CONFLICT, CA_E_KEY_TAKEN, CA_E_NODE_REMOVED. Fills out->replaces for a node that had
 * another certificate.
 */
MC_MUST_CHECK enum mc_rc noc_decide(
    struct state *s, uint32_t fabric, const struct noc_request *r, struct issued *out, struct mc_err *e);

/* The request's part of the struct issue; serial, times and node id (of `next`) are left. */
void noc_fill(const struct noc_request *r, const struct ledger_fabric *f, struct issue *i);
/* The ISSUED entry of a signed request, and its REFUSED entry; they borrow. */
void noc_entry(const struct issue *i, struct mc_entry *x);
void noc_refusal(const struct noc_request *r, uint32_t fabric, const struct mc_err *why, struct mc_entry *x);

/* The whole path for one request. A refusal by policy is recorded. */
MC_MUST_CHECK enum mc_rc noc_issue(struct state *s, const struct ledger_fabric *f, const struct issuer *issuer,
    const struct profile_file *profile, const struct noc_request *r, struct issued *out, struct mc_err *e);

#endif
