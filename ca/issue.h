/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h - the one path by which every certificate is made (design section 6, promises 1 to 10).
 *
 *     issue_open       the request's rules, the intent, the TBS: durable before anything is signed
 *     issue_sign       the token signs the TBS's digest; the signature is verified with the issuer's key
 *     issue_entry      the ledger entry; only when it is committed may bytes leave the process
 *
 * NOCs (noc.h), authorities (authority.h, attestation.h), DACs (dac.h) and batches (batch.h) are all made with these steps.
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
    char common_name[MC_PROFILE_TEXT_MAX + 1]; /* room for the request's, where it follows from the key */
    uint32_t fabric;             /* 0: none yet */
    const char *request_id;      /* "" for authorities */
    const struct mc_cert *like;  /* NULL, or the authority's certificate that this one renews: name, key id, begin */
    uint8_t input_sha256[MC_DIGEST_LEN];   /* of the CSR */
    uint8_t content_sha256[MC_DIGEST_LEN]; /* of what is asked for */
    /* what the steps fill */
    struct ledger_intent intent;
    uint8_t serial[LEDGER_SERIAL_LEN];
    size_t tbs_n, der_n, tlv_n;
    uint8_t tbs[MC_CERT_DER_MAX], tbs_sha256[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX]; /* tlv_n 0: an attestation certificate */
};

/*
 * Inside a transaction: takes the serial number, builds and checks the TBS, writes the intent. Refuses a
 * clock behind the ledger (CA_E_CLOCK), a period outside of the issuer's (CA_E_LIFETIME), an issuer that is not
 * active (CA_E_AUTHORITY_STATE; a batch may end under the one with which it began), and whatever the profile's rules
 * refuse. After ledger_commit the intent is durable.
 */
MC_MUST_CHECK enum mc_rc issue_open(struct state *s, struct issue *i, struct mc_err *e);
/*
 * Signs, verifies, assembles, and reads the result back by the strict rules. A failure leaves the intent
 * open: the caller gives it to recover_void.
 */
MC_MUST_CHECK enum mc_rc issue_sign(struct mc_verifier *v, struct issue *i, struct mc_err *e);

/*
 * The parts of the two steps, for blocks of requests whose one intent the caller opens:
 * issue_prepare sets the period and fills the intent (n = 1, no request), which is opened afterwards;
 * issue_build writes the TBS of serial number sn, wherever the intent's seed is known; issue_finish does
 * what follows once sig holds the token's signature.
 */
MC_MUST_CHECK enum mc_rc issue_prepare(struct state *s, struct issue *i, struct mc_err *e);
MC_MUST_CHECK enum mc_rc issue_build(struct mc_verifier *v, struct issue *i, uint64_t sn, struct mc_err *e);
MC_MUST_CHECK enum mc_rc issue_finish(struct mc_verifier *v, struct issue *i, struct mc_err *e);

/* Promise 9, for whatever is dated with now. CA_E_CLOCK. */
MC_MUST_CHECK enum mc_rc issue_check_clock(struct state *s, int64_t now, struct mc_err *e);

/* How a certificate of ours is read: attestation certificates have no Matter form. */
static inline enum mc_rules issue_rules(enum mc_kind kind)
{
    return mc_kind_is_attestation(kind) ? MC_RULES_X509 : MC_RULES_MATTER;
}

/* The fields that ISSUED and AUTHORITY entries share; they borrow from i. */
void issue_entry(const struct issue *i, enum entry_type type, struct mc_entry *x);

#endif
