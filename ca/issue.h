/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h - the one path by which every certificate is made (design section 6, promises 1 to 10).
 *
 *     issue_open       the request's rules, the intent, the TBS: durable before anything is signed
 *     issue_sign       the token signs the TBS's digest; the signature is verified with the issuer's key
 *     issue_record     the ledger entry; only after it may bytes leave the process
 *
 * issue_one does the three for an end-entity certificate, and answers a repeated request id with the same
 * bytes. Authorities are made with the same three steps (authority.h).
 */
#ifndef CA_ISSUE_H
#define CA_ISSUE_H

#include "lib/csr.h"
#include "state.h"

/* Who signs. */
struct issuer {
    uint32_t number; /* of the authority; 0: self-signed */
    size_t der_n;
    uint8_t der[MC_CERT_DER_MAX];
    struct mc_cert cert; /* borrows from der */
    uint8_t point[MC_POINT_LEN];
    struct hsm_key *key;
};

/* One wish for one certificate. */
struct issue {
    /* what the caller fills */
    enum mc_kind kind;
    const struct profile_file *profile;
    const struct issuer *issuer; /* number 0 and no der: self-signed with key and point */
    struct mc_request request;   /* serial and times are set by issue_open */
    uint32_t fabric;             /* 0: none yet */
    const char *request_id;      /* "" for authorities */
    uint8_t input_sha256[MC_DIGEST_LEN];   /* of the CSR */
    uint8_t content_sha256[MC_DIGEST_LEN]; /* of what is asked for */
    /* what the steps fill */
    struct ledger_intent intent;
    uint8_t serial[LEDGER_SERIAL_LEN];
    size_t tbs_n, der_n, tlv_n;
    uint8_t tbs[MC_CERT_DER_MAX], tbs_sha256[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
};

/*
 * Inside a transaction: takes the serial number, builds and checks the TBS, writes the intent. Refuses a
 * clock behind the ledger (CA_E_CLOCK), a period outside of the issuer's (CA_E_LIFETIME), and whatever the
 * profile's rules refuse. After ledger_commit the intent is durable.
 */
MC_MUST_CHECK enum mc_rc issue_open(struct state *s, struct issue *i, struct mc_err *e);
/*
 * Signs, verifies, assembles, and reads the result back by the strict rules. A failure leaves the intent
 * open: the caller gives it to recover_void.
 */
MC_MUST_CHECK enum mc_rc issue_sign(struct state *s, struct issue *i, struct mc_err *e);
/* The fields that ISSUED and AUTHORITY entries share; they borrow from i. */
void issue_entry(const struct issue *i, enum entry_type type, struct ca_entry *x);

/* What a node needs: bytes of a recorded certificate. */
struct issued {
    bool repeated;
    bool replaces; /* the node had a certificate with another key */
    uint64_t seq;
    uint32_t authority;
    uint64_t node_id;
    size_t serial_n, der_n, tlv_n;
    uint8_t serial[MC_SERIAL_MAX], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
};

/* A request for a NOC, as it comes from outside. */
struct noc_request {
    const char *request_id; /* NULL: follows from the content */
    struct mc_csr csr;      /* parsed and checked (mc_csr_check) */
    bool next;              /* the ledger chooses the node id */
    uint64_t node_id;
    unsigned n_cat;
    uint32_t cat[MC_CAT_MAX];
};

/* Checks policy, issues and records; or repeats. CA_E_REQUEST_CONFLICT, CA_E_KEY_TAKEN, MC_E_*, HSM_E_*. */
MC_MUST_CHECK enum mc_rc issue_noc(struct state *s, const struct ledger_fabric *f, const struct issuer *issuer,
    const struct profile_file *profile, const struct noc_request *r, struct issued *out, struct mc_err *e);

#endif
