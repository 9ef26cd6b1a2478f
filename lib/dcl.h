/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcl.h - the pre-flight of a submission to the Distributed Compliance Ledger: every rule of matter-attestation
 * chapter 6 by which the ledger refuses a certificate or a revocation distribution point, as one table.
 *
 * What only the ledger knows (what is on it, who asks) is given by the caller. A rule that needs what is not given
 * says so instead of passing. Nothing allocates; views borrow.
 */
#ifndef MC_DCL_H
#define MC_DCL_H

#include "att_chain.h"
#include "lint.h"

enum mc_dcl_kind { MC_DCL_PAA = 1, MC_DCL_PAI = 2, MC_DCL_DAC = 4, MC_DCL_POINT = 8 };
#define MC_DCL_CERT (MC_DCL_PAA | MC_DCL_PAI | MC_DCL_DAC)

/* A certificate that is on the ledger, or is proposed. */
struct mc_dcl_cert {
    const struct mc_cert *c; /* read under MC_RULES_X509 */
    struct mc_span der;
};

/* A certificate in a record. */
struct mc_dcl_member {
    struct mc_span text;     /* as it stands; n == 0: missing */
    const struct mc_cert *c; /* NULL: missing, or not readable */
    struct mc_span der;
};

/* A revocation distribution point (5.3) as it will be submitted; what is missing is 0 or empty. */
struct mc_dcl_point {
    uint64_t vid, pid, type, schema_version, data_file_size, data_digest_type;
    bool is_paa;
    struct mc_span label, issuer_key_id, data_url, data_digest; /* text */
    struct mc_dcl_member signer, delegator;
};

struct mc_dcl_case {
    enum mc_dcl_kind kind;
    struct mc_verifier *v;
    int64_t now_unix; /* of the block that the transaction gets into */
    /* PAA, PAI, DAC */
    const struct mc_cert *cert;    /* NULL: it cannot be read, because of read_err */
    const struct mc_err *read_err;
    struct mc_span der;
    bool is_pem;      /* it came as PEM, of text_n octets */
    size_t text_n;
    size_t info_n;           /* octets of the text that goes with it */
    uint64_t schema_version; /* certSchemaVersion */
    /* POINT */
    const struct mc_dcl_point *point;
    bool is_update; /* point takes the place of a record that is there */
    /* who submits */
    bool has_vid, has_associated;
    uint16_t vid;        /* of the account; of a PAA: of the transaction */
    uint16_t associated; /* the VID that the ledger associates with a root that has none itself */
    /* What is on the ledger: has_ is false where nobody said that this is all. */
    bool has_ledger, has_pending, has_others;
    const struct mc_dcl_cert *ledger;
    size_t n_ledger;
    const struct mc_dcl_cert *pending; /* roots that are proposed and not approved */
    size_t n_pending;
    const struct mc_dcl_point *others; /* distribution points */
    size_t n_others;
};

enum mc_dcl_outcome {
    MC_DCL_PASSED,
    MC_DCL_FAILED,
    MC_DCL_UNKNOWN, /* what it needs was not given */
    MC_DCL_ABSENT,  /* the rule does not apply */
};

#define MC_DCL_WHY_MAX 200

struct mc_dcl_rule {
    const char *id; /* stable: "dcl-pem" */
    enum mc_severity severity; /* an error is what the ledger refuses */
    unsigned kinds;            /* enum mc_dcl_kind */
    const char *source;        /* "matter-attestation 6.1 C1" */
    const char *text;          /* one sentence: what must hold, and why if it is not plain */
    const char *cure;
    /* why gets the particulars for FAILED and what is needed for UNKNOWN; it holds MC_DCL_WHY_MAX. */
    enum mc_dcl_outcome (*judge)(const struct mc_dcl_case *c, char *why);
    bool unread; /* it needs not what is in the certificate */
};

/* The i-th rule, in order of documentation; NULL behind the last. */
const struct mc_dcl_rule *mc_dcl_rule(size_t i);
/* Judges one rule: ABSENT if it is for other kinds, or the certificate cannot be read and it needs more than that. */
enum mc_dcl_outcome mc_dcl_judge(const struct mc_dcl_rule *r, const struct mc_dcl_case *c, char why[MC_DCL_WHY_MAX]);
/* What the ledger takes a certificate for: a PAA if it is self-signed, else a PAI if it is a CA. */
enum mc_dcl_kind mc_dcl_kind_of(const struct mc_cert *c);
const char *mc_dcl_kind_name(enum mc_dcl_kind k);   /* "paa", "pai", "dac", "revocation-point" */
unsigned mc_dcl_kind_find(const char *name);        /* 0: none */

#endif
