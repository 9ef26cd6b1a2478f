/* SPDX-License-Identifier: Apache-2.0 */
/*
 * att_chain.h - attestation chains: PAA, PAI, DAC (matter-attestation 1.2 to 1.7, 2.1 to 2.4).
 *
 * All certificates were read under MC_RULES_X509: what Matter asks of them is found out here. The verdict gives
 * the rule that is broken and the result code that a commissioner ends with.
 */
#ifndef MC_ATT_CHAIN_H
#define MC_ATT_CHAIN_H

#include "chain.h"

/* AttestationVerificationResult: those that a commissioner of today gives (all names: mc_att_result_find). */
enum {
    MC_ATT_SUCCESS = 0,
    MC_ATT_PAA_NOT_FOUND = 101,
    MC_ATT_PAA_FORMAT = 105,
    MC_ATT_PAI_REVOKED = 202,
    MC_ATT_PAI_FORMAT = 203,
    MC_ATT_PAI_VENDOR = 205,
    MC_ATT_PAI_MISSING = 207,
    MC_ATT_BOTH_REVOKED = 208,
    MC_ATT_DAC_EXPIRED = 300,
    MC_ATT_DAC_SIGNATURE = 301,
    MC_ATT_DAC_REVOKED = 302,
    MC_ATT_DAC_FORMAT = 303,
    MC_ATT_DAC_VENDOR = 305,
    MC_ATT_DAC_PRODUCT = 306,
    MC_ATT_SIGNATURE = 500,
    MC_ATT_ELEMENTS = 501,
    MC_ATT_NONCE = 502,
    MC_ATT_SIGNATURE_FORM = 503,
    MC_ATT_CD_NO_KEY_ID = 600,
    MC_ATT_CD_NO_SIGNER = 601,
    MC_ATT_CD_SIGNATURE = 602,
    MC_ATT_CD_FORMAT = 603,
    MC_ATT_CD_VENDOR = 604,
    MC_ATT_CD_PRODUCT = 605,
    MC_ATT_CD_PAA = 606,
    MC_ATT_ARGUMENT = 701,
};
struct mc_att_result {
    uint16_t number;
    const char *name; /* "PaaNotFound" */
};
const struct mc_att_result *mc_att_result_find(uint32_t number);
/* With or without a leading k, any case; NULL if there is none. */
const struct mc_att_result *mc_att_result_find_name(const char *name);

/* VID and PID of the subject: as attributes, or else inside of the common name ("Mvid:FFF1 Mpid:8000"). */
struct mc_att_ids {
    bool has_vid, has_pid;
    bool in_common_name;
    uint16_t vid, pid;
};
/* MC_E_ATT_ID: not four upper-case hex digits, or there twice. */
MC_MUST_CHECK enum mc_rc mc_att_ids_of(const struct mc_cert *c, struct mc_att_ids *ids, struct mc_err *e);

/* The key identifier of c's AKID, which may say more than Matter TLV could hold; false if it has none of 20 octets. */
bool mc_att_akid(const struct mc_cert *c, struct mc_span *id);
/* The format of a PAA, PAI or DAC by itself: version, algorithms, key, extensions. No names, no dates. */
MC_MUST_CHECK enum mc_rc mc_att_check_format(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e);
/* What strict DER forbids in a format that passed: commissioners take no notice of it. MC_E_DER_BOOLEAN, MC_E_EXT_KU. */
MC_MUST_CHECK enum mc_rc mc_att_check_der(const struct mc_cert *c, struct mc_err *e);
/* The issuer was valid when c was issued (c's notBefore). MC_E_ATT_PERIOD. */
MC_MUST_CHECK enum mc_rc mc_att_check_issuance(const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e);
/* One algorithm inside and outside, and the issuer's key. MC_E_SIG_ALG_MISMATCH, MC_E_CURVE, MC_E_SIGNATURE ... */
MC_MUST_CHECK enum mc_rc mc_att_check_signature(
    struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e);
/*
 * The path from the leaf over ica (NULL: none) to the root, as certificates of any kind, at the leaf's
 * notBefore: names, key identifiers, authority to sign, signatures, periods, no unknown critical extension.
 * From the root down; *where is the certificate that breaks a rule.
 */
MC_MUST_CHECK enum mc_rc mc_att_check_path(struct mc_verifier *v, const struct mc_cert *root, const struct mc_cert *ica,
    const struct mc_cert *leaf, enum mc_chain_cert *where, struct mc_err *e);

struct mc_att_chain {
    const struct mc_cert *paa, *pai, *dac;
    bool has_now;
    int64_t now_unix; /* only the DAC is judged by it */
};

struct mc_att_verdict {
    enum mc_rc rc;
    enum mc_chain_cert where; /* MC_CHAIN_ROOT is the PAA, MC_CHAIN_ICA the PAI, MC_CHAIN_LEAF the DAC */
    struct mc_err err;
    uint16_t result; /* 0 with rc not MC_OK: commissioners do not look at it */
    struct mc_att_ids dac, pai;
};

/*
 * The steps of attest.h that look at certificates alone, with this PAA and no store: the first that a commissioner
 * fails, or else the first that breaks a rule (result 0). In attest.c.
 */
enum mc_rc mc_att_chain_check(struct mc_verifier *v, const struct mc_att_chain *chain, struct mc_att_verdict *out);

#endif
