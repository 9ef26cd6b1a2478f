/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a commissioner on attestation elements and the declaration in them (matter-attestation 2.3, 4), and on
 * revocation (5.6).
 */
#include "attest_run.h"

void mc_attest_elements(struct mc_attest_run *r, struct mc_attest_step *s)
{
    struct mc_elements strict;
    enum mc_rc rc, deployed;

    if (!mc_attest_wants(s, r->in->has_elements))
        return;
    rc = mc_elements_parse(r->in->elements, &strict, &s->err);
    deployed = mc_elements_parse_deployed(r->in->elements, &r->elements, NULL);
    r->has_elements = deployed == MC_OK;
    if (deployed != MC_OK)
        mc_attest_fail(s, MC_ATT_ELEMENTS, rc); /* the strict reader refuses it too */
    else if (rc != MC_OK)
        mc_attest_break(s, rc);
    if (r->has_elements && r->cd.n != 0 && !mc_span_eq(r->cd, r->elements.cd))
        s->note = "the declaration in the elements is not the one that was given besides; it is the one that counts";
    if (r->has_elements)
        r->cd = r->elements.cd;
}

void mc_attest_nonce(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (mc_attest_wants(s, r->in->has_elements && r->in->has_nonce) && mc_attest_needs(s, r->has_elements))
        mc_attest_judge_rc(s, MC_ATT_NONCE, mc_elements_check_nonce(&r->elements, r->in->nonce, &s->err));
}

static bool has_cd(const struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (r->in->has_elements)
        return mc_attest_needs(s, r->has_elements);
    return mc_attest_wants(s, r->cd.n != 0);
}

/*
 * What the strict reader refuses but the deployed one passes is broken here; what the deployed one refuses only in
 * its second pass belongs to the signature.
 */
void mc_attest_cd_envelope(struct mc_attest_run *r, struct mc_attest_step *s)
{
    struct mc_cms strict, deployed;
    enum mc_rc rc;

    if (!has_cd(r, s))
        return;
    rc = mc_cms_parse(r->cd, &strict, &s->err);
    r->has_key_id = mc_cms_deployed_key_id(r->cd, &r->key_id);
    if (!r->has_key_id)
        mc_attest_fail(s, MC_ATT_CD_NO_KEY_ID, rc);
    else if (rc != MC_OK && mc_cms_deployed_open(r->cd, &deployed))
        mc_attest_break(s, rc);
    else if (rc == MC_OK && r->cd.n > MC_CMS_MAX)
        mc_attest_break(s, mc_fail(&s->err, MC_E_CD_SIZE, "cd", "it has %zu", r->cd.n));
    else
        mc_err_init(&s->err);
}

void mc_attest_cd_signer(struct mc_attest_run *r, struct mc_attest_step *s)
{
    char text[2 * MC_KEY_ID_LEN + 1] = "";

    if (!mc_attest_wants(s, !r->in->partial) || !has_cd(r, s) || !mc_attest_needs(s, r->has_key_id))
        return;
    r->out->signer = mc_cd_key_find(r->in->signers, r->in->n_signers, r->key_id);
    if (r->out->signer != NULL)
        return;
    if (r->key_id.n <= MC_KEY_ID_LEN)
        mc_hex_encode_upper(r->key_id.p, r->key_id.n, text);
    mc_attest_fail(s, MC_ATT_CD_NO_SIGNER, mc_fail(&s->err, MC_E_CD_KEY, "cms.signerInfo.sid", "%s", text));
}

void mc_attest_cd_test_key(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!has_cd(r, s) || !mc_attest_needs(s, r->out->signer != NULL))
        return;
    if (r->out->signer->test && !r->in->allow_test_key)
        mc_attest_fail(s, MC_ATT_CD_NO_SIGNER, mc_fail(&s->err, MC_E_CD_TEST_KEY, NULL, "test keys are not allowed"));
}

/* Why the second pass fails. */
static enum mc_rc envelope_fault(const struct mc_attest_run *r, struct mc_err *e)
{
    struct mc_cms strict;
    enum mc_rc rc = mc_cms_parse(r->cd, &strict, e);

    return rc != MC_OK ? rc : MC_E_CMS_SIGNATURE;
}

/* The partial verifier has no keys: it takes the payload out, and a failure has an odd result. */
static void take_payload(struct mc_attest_run *r, struct mc_attest_step *s)
{
    r->has_payload = mc_cms_deployed_payload(r->cd, &r->payload);
    if (!r->has_payload)
        mc_attest_fail(s, MC_ATT_PAA_FORMAT, envelope_fault(r, &s->err));
}

void mc_attest_cd_signature(struct mc_attest_run *r, struct mc_attest_step *s)
{
    struct mc_cms cms;

    if (!has_cd(r, s))
        return;
    if (r->in->partial) {
        take_payload(r, s);
        return;
    }
    r->has_payload = mc_cms_deployed_open(r->cd, &cms);
    r->payload = cms.payload;
    if (!mc_attest_needs(s, r->has_key_id))
        return;
    if (!r->has_payload)
        mc_attest_fail(s, MC_ATT_CD_SIGNATURE, envelope_fault(r, &s->err));
    else if (mc_attest_needs(s, r->out->signer != NULL))
        mc_attest_judge_rc(s, MC_ATT_CD_SIGNATURE, mc_cms_check_signature(r->v, &cms, r->out->signer->point, &s->err));
}

void mc_attest_cd_format(struct mc_attest_run *r, struct mc_attest_step *s)
{
    struct mc_cd strict = {0};
    enum mc_rc rc, deployed;

    if (!has_cd(r, s) || !mc_attest_needs(s, r->has_payload))
        return;
    rc = mc_cd_parse(r->payload, &strict, &s->err);
    deployed = mc_cd_parse_deployed(r->payload, &r->out->cd, NULL);
    r->out->has_cd = deployed == MC_OK;
    if (deployed != MC_OK)
        mc_attest_fail(s, MC_ATT_CD_FORMAT, rc); /* the strict reader refuses it too */
    else if (rc != MC_OK)
        mc_attest_break(s, rc);
}

void mc_attest_cd_test_type(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!has_cd(r, s) || !mc_attest_needs(s, r->out->has_cd && r->out->signer != NULL))
        return;
    if (r->out->signer->test && !mc_cd_test_key_fits(r->out->cd.certification_type))
        mc_attest_fail(s, MC_ATT_CD_NO_SIGNER,
            mc_fail(&s->err, MC_E_CD_TEST_KEY, "cd.certification_type", "%u", r->out->cd.certification_type));
}

/* The counts are rules that commissioners do not look at: an empty list fails where something is looked up in it. */
void mc_attest_cd_values(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_cd *cd = &r->out->cd;
    enum mc_rc rc;

    if (!has_cd(r, s) || !mc_attest_needs(s, r->out->has_cd))
        return;
    rc = mc_cd_check(cd, &s->err);
    if (rc == MC_E_CD_COUNT)
        mc_attest_break(s, rc);
    else
        mc_attest_judge_rc(s, MC_ATT_ELEMENTS, rc);
    if (cd->security_level != 0 || cd->security_information != 0)
        s->note = "security_level and security_information should be 0; commissioners ignore them";
}

void mc_attest_cd_field(struct mc_attest_run *r, struct mc_attest_step *s)
{
    static const uint16_t results[MC_CD_VS_COUNT] = {
        [MC_CD_VS_VENDOR] = MC_ATT_CD_VENDOR,
        [MC_CD_VS_PRODUCT] = MC_ATT_CD_PRODUCT,
        [MC_CD_VS_DAC_VENDOR] = MC_ATT_CD_VENDOR,
        [MC_CD_VS_PAI_VENDOR] = MC_ATT_CD_VENDOR,
        [MC_CD_VS_DAC_PRODUCT] = MC_ATT_CD_PRODUCT,
        [MC_CD_VS_PAI_PRODUCT] = MC_ATT_CD_PRODUCT,
        [MC_CD_VS_PAA] = MC_ATT_CD_PAA,
    };
    enum mc_cd_field field = (enum mc_cd_field)(s - &r->out->step[MC_ATTEST_CD_FIRST]);
    struct mc_cd_device d = {.has_vid = r->in->has_vid, .has_pid = r->in->has_pid, .vid = r->in->vid, .pid = r->in->pid,
        .dac = r->dac_ids ? &r->out->dac : NULL, .pai = r->pai_ids ? &r->out->pai : NULL};
    bool compared;
    enum mc_rc rc;

    if (!has_cd(r, s) || !mc_attest_needs(s, r->out->has_cd))
        return;
    if (r->in->partial && r->pai != NULL)
        (void)mc_att_akid(r->pai, &d.paa_key_id);
    else if (r->paa != NULL)
        d.paa_key_id = r->paa->skid;
    rc = mc_cd_compare(&r->out->cd, &d, field, &compared, &s->err);
    if (mc_attest_wants(s, compared))
        mc_attest_judge_rc(s, results[field], rc);
}

/* Commissioners take the ids of the label only to find the device; what differs there confuses people and apps. */
void mc_attest_payload(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_payload *p = r->in->payload;
    const struct mc_cd *cd = &r->out->cd;
    bool fits_vid = true, fits_pid = true;

    s->deployed = MC_ATTEST_SKIPPED;
    if (p == NULL || !p->has_ids || p->vid == 0)
        return;
    if (r->in->has_vid)
        fits_vid = p->vid == r->in->vid;
    else if (r->out->has_cd)
        fits_vid = p->vid == cd->vendor_id;
    if (r->in->has_pid)
        fits_pid = p->pid == r->in->pid;
    else if (r->out->has_cd)
        fits_pid = mc_cd_has_product(cd, p->pid);
    if (!fits_vid || !fits_pid)
        mc_attest_break(s, mc_fail(&s->err, MC_E_ATT_PAYLOAD, fits_vid ? "payload.PID" : "payload.VID", "0x%04X",
                               fits_vid ? p->pid : p->vid));
}

void mc_attest_revocation(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_revset *set = r->in->revocations;
    enum mc_revset_verdict dac, pai;
    bool revoked_dac, revoked_pai;

    if (!mc_attest_wants(s, set != NULL) || !mc_attest_needs(s, r->dac != NULL && r->pai != NULL))
        return;
    dac = mc_revset_find_cert(set, r->dac, NULL);
    pai = mc_revset_find_cert(set, r->pai, NULL);
    revoked_dac = dac == MC_REVSET_REVOKED;
    revoked_pai = pai == MC_REVSET_REVOKED;
    if (revoked_dac || revoked_pai)
        mc_attest_fail(s, !revoked_pai ? MC_ATT_DAC_REVOKED : !revoked_dac ? MC_ATT_PAI_REVOKED : MC_ATT_BOTH_REVOKED,
            mc_fail(&s->err, MC_E_ATT_REVOKED, NULL, "%s", !revoked_pai ? "the DAC" : !revoked_dac ? "the PAI" : "DAC and PAI"));
    if (dac == MC_REVSET_BROKEN || pai == MC_REVSET_BROKEN)
        s->note = "the set's entry for an issuer is not vouched for by its own certificates: commissioners stop there and "
                  "take the certificate for not revoked";
    else if ((revoked_dac && !mc_serial_is_portable(r->dac->serial)) || (revoked_pai && !mc_serial_is_portable(r->pai->serial)))
        s->note = "commissioners on mbedTLS do not find serial numbers whose top bit is set";
}
