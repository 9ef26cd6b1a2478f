/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest.h - device attestation as a commissioner does it, step by step (matter-attestation 2.3, 4.6, 5.6).
 *
 * Two verdicts on each step: what a deployed commissioner says, and whether the rules are kept; they differ where
 * deployed code does not look, or looks wrongly. A commissioner stops at the first step that fails, and
 * its result is that step's; here the steps behind it are judged too, as far as they can be, so that all
 * that is wrong is told at once. Nothing allocates; views borrow from the inputs.
 */
#ifndef MC_ATTEST_H
#define MC_ATTEST_H

#include "att_chain.h"
#include "cd.h"
#include "elements.h"
#include "payload.h"
#include "revset.h"

/* In the order of a commissioner. */
enum mc_attest_id {
    MC_ATTEST_INPUTS,
    MC_ATTEST_PAI_PRESENT,
    MC_ATTEST_PAI_FORMAT,
    MC_ATTEST_DAC_FORMAT,
    MC_ATTEST_DAC_IDS,
    MC_ATTEST_PAI_IDS,
    MC_ATTEST_VENDOR,
    MC_ATTEST_PRODUCT,
    MC_ATTEST_DAC_KEY,
    MC_ATTEST_SIGNATURE_SIZE,
    MC_ATTEST_SIGNATURE,
    MC_ATTEST_PAA_FOUND,
    MC_ATTEST_PAA_FORMAT,
    MC_ATTEST_PAA_IDS,
    MC_ATTEST_PAA_VENDOR,
    MC_ATTEST_PAA_PRODUCT,
    MC_ATTEST_DAC_TIME,
    MC_ATTEST_CHAIN,
    MC_ATTEST_PAA_SELF, /* only by the rules */
    MC_ATTEST_ELEMENTS,
    MC_ATTEST_NONCE,
    MC_ATTEST_CD_ENVELOPE,
    MC_ATTEST_CD_SIGNER,
    MC_ATTEST_CD_TEST_KEY,
    MC_ATTEST_CD_SIGNATURE,
    MC_ATTEST_CD_FORMAT,
    MC_ATTEST_CD_TEST_TYPE,
    MC_ATTEST_CD_VALUES,
    MC_ATTEST_CD_FIRST, /* + enum mc_cd_field */
    MC_ATTEST_CD_LAST = MC_ATTEST_CD_FIRST + MC_CD_VS_COUNT - 1,
    MC_ATTEST_PAYLOAD,    /* only by the rules */
    MC_ATTEST_REVOCATION, /* commissioners ask this only when all else is passed */
    MC_ATTEST_STEPS
};

enum mc_attest_state {
    MC_ATTEST_PASSED,
    MC_ATTEST_FAILED,
    MC_ATTEST_SKIPPED, /* there is nothing to judge, or a commissioner does not take this step */
    MC_ATTEST_BLOCKED, /* what the step needs failed before */
};

struct mc_attest_step {
    enum mc_attest_state deployed; /* what a commissioner says */
    uint16_t result;               /* AttestationVerificationResult of a failure, else 0 */
    bool broken;                   /* a rule is broken, whatever a commissioner says */
    struct mc_err err;             /* why it failed or is broken; else rc is MC_OK */
    const char *note;              /* worth knowing, or NULL */
};

struct mc_attest_in {
    struct mc_span dac, pai; /* DER; n == 0: not given */
    /*
     * The PAAs that are trusted, in the order of their store, read from DER under MC_RULES_X509. Stores hold only such that
     * mc_att_check_format passes.
     */
    const struct mc_cert *paas;
    size_t n_paas;
    bool partial; /* there is no store and no signer: as the SDK's partial verifier */
    bool cd_only; /* only the declaration is judged, against Basic Information */
    /*
     * The answer to AttestationRequest. What is not given is not judged; without elements the declaration is `cd`.
     * has_signature: both signature and challenge.
     */
    bool has_elements, has_nonce, has_signature;
    struct mc_span elements, nonce, challenge, signature;
    struct mc_span cd;
    bool has_vid, has_pid; /* VendorID and ProductID of Basic Information */
    uint16_t vid, pid;
    const struct mc_payload *payload; /* the onboarding payload on the label; NULL: not known */
    const struct mc_cd_key *signers; /* beside the known ones */
    size_t n_signers;
    bool allow_test_key;
    bool has_now;
    int64_t now_unix;
    const struct mc_revset *revocations; /* NULL: none */
};

struct mc_attest {
    uint16_t result; /* of the first step that failed; 0 is Success */
    bool valid;      /* no rule is broken */
    struct mc_attest_step step[MC_ATTEST_STEPS];
    struct mc_att_ids dac, pai;    /* as far as they could be read */
    const struct mc_cert *paa;     /* one of in->paas, or NULL */
    bool has_cd;                   /* cd was read */
    struct mc_cd cd;
    const struct mc_cd_key *signer; /* NULL: unknown */
};

/* True if the result is 0 and no rule is broken. */
bool mc_attest_check(struct mc_verifier *v, const struct mc_attest_in *in, struct mc_attest *out);

/* A stable name ("pai-format"), and a sentence of what holds when the step is passed. */
const char *mc_attest_step_name(unsigned id);
const char *mc_attest_step_text(unsigned id);

#endif
