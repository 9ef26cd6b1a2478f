/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest_run.h - one attestation at work, for the files that hold its steps.
 */
#ifndef MC_ATTEST_RUN_H
#define MC_ATTEST_RUN_H

#include "attest.h"

struct mc_attest_run {
    struct mc_verifier *v;
    const struct mc_attest_in *in;
    struct mc_attest *out;
    /* What could be read; NULL or false: not, or not yet. */
    const struct mc_cert *dac, *pai, *paa;
    bool dac_ids, pai_ids, paa_ids;
    struct mc_att_ids paa_id;
    enum mc_chain_cert path_at; /* where the path breaks */
    bool has_elements;
    struct mc_elements elements;
    struct mc_span cd; /* the envelope; n == 0: none */
    bool has_key_id, has_payload;
    struct mc_span key_id, payload;
};

typedef void mc_attest_judge(struct mc_attest_run *r, struct mc_attest_step *s);

/* The outcomes of a step. Failing takes why from s->err, or from rc where nobody has said it. */
void mc_attest_fail(struct mc_attest_step *s, uint16_t result, enum mc_rc rc);
void mc_attest_break(struct mc_attest_step *s, enum mc_rc rc);
static inline void mc_attest_judge_rc(struct mc_attest_step *s, uint16_t result, enum mc_rc rc)
{
    if (rc != MC_OK)
        mc_attest_fail(s, result, rc);
}
/* False, and the step is blocked, if what it needs is not there. */
static inline bool mc_attest_needs(struct mc_attest_step *s, bool there)
{
    if (!there)
        s->deployed = MC_ATTEST_BLOCKED;
    return there;
}
static inline bool mc_attest_wants(struct mc_attest_step *s, bool given)
{
    if (!given)
        s->deployed = MC_ATTEST_SKIPPED;
    return given;
}

/* attest_cd.c */
mc_attest_judge mc_attest_elements, mc_attest_nonce, mc_attest_cd_envelope, mc_attest_cd_signer, mc_attest_cd_test_key,
    mc_attest_cd_signature, mc_attest_cd_format, mc_attest_cd_test_type, mc_attest_cd_values, mc_attest_cd_field,
    mc_attest_payload, mc_attest_revocation;

#endif
