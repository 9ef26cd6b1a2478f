/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a commissioner, up to the chain (matter-attestation 2.3); those behind: attest_cd.c. */
#include "attest.h"

#include "attest_run.h"

void mc_attest_fail(struct mc_attest_step *s, uint16_t result, enum mc_rc rc)
{
    s->deployed = MC_ATTEST_FAILED;
    s->result = result;
    mc_attest_break(s, rc);
}

void mc_attest_break(struct mc_attest_step *s, enum mc_rc rc)
{
    s->broken = true;
    (void)mc_fail(&s->err, rc, NULL, NULL);
}

/* --- what the device sent -------------------------------------------------------------------------- */

static void inputs(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_attest_in *in = r->in;
    bool missing = (in->has_elements && in->elements.n == 0) || (in->has_nonce && in->nonce.n == 0) ||
                   (in->has_signature && (in->challenge.n == 0 || in->signature.n == 0));

    if (in->dac.n == 0 && r->dac == NULL)
        mc_attest_fail(s, MC_ATT_ARGUMENT, mc_fail(&s->err, MC_E_EMPTY, "dac", NULL));
    else if (missing)
        mc_attest_fail(s, MC_ATT_ARGUMENT, mc_fail(&s->err, MC_E_EMPTY, "elements, nonce, challenge or signature", NULL));
    else if (in->has_elements && in->elements.n > MC_ELEMENTS_MAX)
        mc_attest_fail(s, MC_ATT_ARGUMENT, mc_fail(&s->err, MC_E_ELEMENTS_SIZE, "elements", "%zu octets", in->elements.n));
}

static void pai_present(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (r->in->pai.n == 0 && r->pai == NULL)
        mc_attest_fail(s, r->in->partial ? MC_ATT_ARGUMENT : MC_ATT_PAI_MISSING, mc_fail(&s->err, MC_E_EMPTY, "pai", NULL));
}

/* Octets of a certificate that was read from DER, as its outermost length has them; 0 for another. */
static size_t der_size(const struct mc_cert *c)
{
    size_t content = c->tbs.n == 0 ? 0 : (size_t)(c->sig_der.p + c->sig_der.n - c->tbs.p);

    return content == 0 ? 0 : content + (content < 0x80 ? 2 : content < 0x100 ? 3 : content < 0x10000 ? 4 : 5);
}

/*
 * By the rules: beyond 600 octets, and with octets behind it, a certificate cannot come through
 * CertificateChainResponse, and commissioners keep no PAA of more. given: octets as they came, 0 if that is not known.
 */
static void break_for_der(struct mc_attest_step *s, const struct mc_cert *c, size_t given)
{
    size_t n = given != 0 ? given : der_size(c);
    enum mc_rc rc;

    if (n > MC_CERT_DER_MAX)
        rc = mc_fail(&s->err, MC_E_SIZE_DER, NULL, "%zu octets", n);
    else if (c->obstacle.rc == MC_E_DER_TRAILING)
        rc = mc_fail(&s->err, MC_E_DER_TRAILING, NULL, NULL);
    else
        rc = mc_att_check_der(c, &s->err);
    if (rc != MC_OK)
        mc_attest_break(s, rc);
}

/* Format, and that the key is a point: X.509 libraries read the key with the certificate. */
static void judge_format(struct mc_attest_run *r, struct mc_attest_step *s, const struct mc_cert *c, enum mc_kind kind,
    size_t given, uint16_t result)
{
    enum mc_rc rc = mc_att_check_format(c, kind, &s->err);

    if (rc == MC_OK && mc_point_check(r->v, c->point) != MC_OK)
        rc = mc_fail(&s->err, MC_E_POINT_CURVE, "subjectPublicKey", NULL);
    mc_attest_judge_rc(s, result, rc);
    if (rc == MC_OK)
        break_for_der(s, c, given);
}

static void pai_format(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (mc_attest_needs(s, r->pai != NULL || s->err.rc != MC_OK) && r->pai == NULL)
        mc_attest_fail(s, MC_ATT_PAI_FORMAT, s->err.rc);
    else if (r->pai != NULL)
        judge_format(r, s, r->pai, MC_KIND_PAI, r->in->pai.n, MC_ATT_PAI_FORMAT);
}

static void dac_format(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (mc_attest_needs(s, r->dac != NULL || s->err.rc != MC_OK) && r->dac == NULL)
        mc_attest_fail(s, MC_ATT_DAC_FORMAT, s->err.rc);
    else if (r->dac != NULL)
        judge_format(r, s, r->dac, MC_KIND_DAC, r->in->dac.n, MC_ATT_DAC_FORMAT);
}

/* --- VID and PID ----------------------------------------------------------------------------------- */

static void dac_ids(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->dac != NULL))
        return;
    mc_attest_judge_rc(s, MC_ATT_DAC_FORMAT, mc_att_ids_of(r->dac, &r->out->dac, &s->err));
    r->dac_ids = s->deployed == MC_ATTEST_PASSED;
}

static void pai_ids(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->pai != NULL))
        return;
    mc_attest_judge_rc(s, MC_ATT_PAI_FORMAT, mc_att_ids_of(r->pai, &r->out->pai, &s->err));
    r->pai_ids = s->deployed == MC_ATTEST_PASSED;
}

static void vendor(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_att_ids *dac = &r->out->dac, *pai = &r->out->pai;

    if (!mc_attest_needs(s, r->dac_ids && r->pai_ids))
        return;
    if (!pai->has_vid || !dac->has_vid)
        mc_attest_fail(s, MC_ATT_DAC_VENDOR,
            mc_fail(&s->err, MC_E_ATT_VID, "subject.VID", "the %s has none", !pai->has_vid ? "PAI" : "DAC"));
    else if (pai->vid != dac->vid)
        mc_attest_fail(s, MC_ATT_DAC_VENDOR,
            mc_fail(&s->err, MC_E_ATT_VID, "subject.VID", "0x%04X under 0x%04X", dac->vid, pai->vid));
}

static void product(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_att_ids *dac = &r->out->dac, *pai = &r->out->pai;

    if (!mc_attest_needs(s, r->dac_ids && r->pai_ids))
        return;
    if (!dac->has_pid)
        mc_attest_fail(s, MC_ATT_DAC_PRODUCT, mc_fail(&s->err, MC_E_ATT_PID, "subject.PID", "the DAC has none"));
    else if (pai->has_pid && pai->pid != dac->pid)
        mc_attest_fail(s, MC_ATT_DAC_PRODUCT,
            mc_fail(&s->err, MC_E_ATT_PID, "subject.PID", "0x%04X under 0x%04X", dac->pid, pai->pid));
}

/* --- the answer to AttestationRequest -------------------------------------------------------------- */

static void dac_key(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->dac != NULL))
        return;
    if (!r->dac->p256)
        mc_attest_fail(s, MC_ATT_DAC_FORMAT, mc_fail(&s->err, MC_E_CURVE, "subjectPublicKey", NULL));
    else
        mc_attest_judge_rc(s, MC_ATT_DAC_FORMAT, mc_point_check(r->v, r->dac->point));
}

static void signature_size(struct mc_attest_run *r, struct mc_attest_step *s)
{
    size_t n = r->in->signature.n;

    if (!mc_attest_wants(s, r->in->has_signature))
        return;
    if (n > MC_SIG_LEN)
        mc_attest_fail(s, MC_ATT_SIGNATURE_FORM,
            mc_fail(&s->err, MC_E_SIGNATURE_FORM, "attestation-signature", "it has %zu octets, 64 are wanted", n));
}

static void signature(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_attest_in *in = r->in;
    struct mc_span parts[] = {in->elements, in->challenge};
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc;

    if (!mc_attest_wants(s, in->has_elements && in->has_signature) ||
        !mc_attest_needs(s, r->dac != NULL && r->dac->p256 && in->signature.n <= MC_SIG_LEN))
        return;
    if (in->signature.n != MC_SIG_LEN) {
        mc_attest_fail(s, MC_ATT_SIGNATURE,
            mc_fail(&s->err, MC_E_ATT_SIGNATURE, "attestation-signature", "it has %zu octets", in->signature.n));
        return;
    }
    rc = mc_sha256_parts(r->v, parts, 2, digest);
    if (rc == MC_OK)
        rc = mc_verify(r->v, r->dac->point.p, digest, in->signature.p);
    if (rc != MC_OK)
        mc_attest_fail(s, MC_ATT_SIGNATURE, mc_fail(&s->err, MC_E_ATT_SIGNATURE, "attestation-signature", NULL));
    else if (in->challenge.n != MC_CHALLENGE_LEN)
        mc_attest_break(s, mc_fail(&s->err, MC_E_ATT_SIGNATURE, "attestation-challenge", "it has %zu octets", in->challenge.n));
}

/* --- the PAA --------------------------------------------------------------------------------------- */

/*
 * By key identifier; of several with one, that whose subject is the PAI's issuer. The SDK's stores give the
 * first one, whatever its subject.
 */
/* Which one is needed, as the DCL names it. */
static void lack_paa(const struct mc_attest_run *r, struct mc_attest_step *s, struct mc_span akid)
{
    char id[2 * MC_KEY_ID_LEN + 1], name[128];

    mc_hex_encode_upper(akid.p, akid.n, id);
    mc_dn_format(&r->pai->issuer, name, sizeof(name));
    mc_attest_fail(s, MC_ATT_PAA_NOT_FOUND, mc_fail(&s->err, MC_E_ATT_PAA, NULL, "%s (%s)", id, name));
}

static void paa_found(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_cert *first = NULL, *named = NULL;
    struct mc_span akid;

    if (!mc_attest_needs(s, r->pai != NULL))
        return;
    if (!mc_att_akid(r->pai, &akid)) {
        mc_attest_fail(s, MC_ATT_PAI_FORMAT, mc_fail(&s->err, MC_E_CHAIN_KEY_ID, "authorityKeyIdentifier", NULL));
        return;
    }
    if (!mc_attest_wants(s, !r->in->partial))
        return;
    for (size_t i = 0; i < r->in->n_paas; i++) {
        const struct mc_cert *paa = &r->in->paas[i];

        if (!mc_span_eq(paa->skid, akid))
            continue;
        first = first != NULL ? first : paa;
        if (named == NULL && mc_span_eq(paa->subject.der, r->pai->issuer.der))
            named = paa;
    }
    r->paa = named != NULL ? named : first;
    r->out->paa = r->paa;
    if (first == NULL)
        lack_paa(r, s, akid);
    else if (named != NULL && named != first)
        s->note = "another PAA with this key identifier stands before it in the store: a commissioner that takes the "
                  "first one ends with DacSignatureInvalid (301)";
}

static void paa_format(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->paa != NULL))
        return;
    mc_attest_judge_rc(s, MC_ATT_PAA_FORMAT, mc_att_check_format(r->paa, MC_KIND_PAA, &s->err));
    if (s->deployed == MC_ATTEST_PASSED)
        break_for_der(s, r->paa, 0);
}

static void paa_ids(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->paa != NULL))
        return;
    mc_attest_judge_rc(s, MC_ATT_PAA_FORMAT, mc_att_ids_of(r->paa, &r->paa_id, &s->err));
    r->paa_ids = s->deployed == MC_ATTEST_PASSED;
}

static void paa_vendor(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_att_ids *pai = &r->out->pai;

    if (!mc_attest_needs(s, r->paa_ids && r->pai_ids))
        return;
    if (r->paa_id.has_vid && (!pai->has_vid || r->paa_id.vid != pai->vid))
        mc_attest_fail(s, MC_ATT_PAI_VENDOR,
            mc_fail(&s->err, MC_E_ATT_VID, "subject.VID", "0x%04X under a PAA of 0x%04X", pai->vid, r->paa_id.vid));
}

static void paa_product(struct mc_attest_run *r, struct mc_attest_step *s)
{
    if (!mc_attest_needs(s, r->paa_ids))
        return;
    if (r->paa_id.has_pid)
        mc_attest_fail(s, MC_ATT_PAA_FORMAT, mc_fail(&s->err, MC_E_ATT_PID, "subject.PID", "a PAA may have none"));
}

/* --- time and path --------------------------------------------------------------------------------- */

/* The last second of the DAC is inside of its period, but not for commissioners. */
static void dac_time(struct mc_attest_run *r, struct mc_attest_step *s)
{
    int64_t now = r->in->now_unix;

    if (!mc_attest_wants(s, r->in->has_now) || !mc_attest_needs(s, r->dac != NULL))
        return;
    if (now < r->dac->not_before_unix)
        mc_attest_fail(s, MC_ATT_DAC_EXPIRED, mc_fail(&s->err, MC_E_CHAIN_NOT_YET, "validity.notBefore", NULL));
    else if (now >= r->dac->not_after_unix)
        mc_attest_fail(s, MC_ATT_DAC_EXPIRED, mc_fail(&s->err, MC_E_CHAIN_EXPIRED, "validity.notAfter", NULL));
    if (now == r->dac->not_after_unix)
        s->broken = false;
}

static void chain(struct mc_attest_run *r, struct mc_attest_step *s)
{
    enum mc_rc rc;

    if (!mc_attest_needs(s, r->dac != NULL && r->paa != NULL)) /* a PAA is found by the PAI */
        return;
    rc = mc_att_check_path(r->v, r->paa, r->pai, r->dac, &r->path_at, &s->err);
    mc_attest_judge_rc(s, MC_ATT_DAC_SIGNATURE, rc);
    if (rc == MC_OK && (r->dac->not_before_unix < 0 || r->dac->not_before_unix > UINT32_MAX)) {
        mc_attest_fail(s, MC_ATT_DAC_FORMAT,
            mc_fail(&s->err, MC_E_TIME_RANGE, "validity.notBefore", "commissioners hold it in 32 bits of Unix time"));
        s->broken = false;
    }
}

static void paa_self(struct mc_attest_run *r, struct mc_attest_step *s)
{
    const struct mc_cert *paa = r->paa;
    enum mc_rc rc;

    s->deployed = MC_ATTEST_SKIPPED;
    if (paa == NULL || !paa->p256)
        return;
    rc = mc_span_eq(paa->issuer.der, paa->subject.der) ? mc_att_check_signature(r->v, paa, paa, &s->err)
                                                       : mc_fail(&s->err, MC_E_CHAIN_SELF, "issuer", NULL);
    if (rc != MC_OK)
        mc_attest_break(s, rc);
}

/* --- all of them ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
    mc_attest_judge *judge;
    bool partial; /* the partial verifier takes this step */
} steps[MC_ATTEST_STEPS] = {
    [MC_ATTEST_INPUTS] = {"inputs", "what the device sent is there and not too large", inputs, true},
    [MC_ATTEST_PAI_PRESENT] = {"pai-present", "there is a PAI", pai_present, true},
    [MC_ATTEST_PAI_FORMAT] = {"pai-format", "the PAI has the form of a PAI", pai_format, false},
    [MC_ATTEST_DAC_FORMAT] = {"dac-format", "the DAC has the form of a DAC", dac_format, false},
    [MC_ATTEST_DAC_IDS] = {"dac-ids", "VID and PID in the DAC are well-formed", dac_ids, true},
    [MC_ATTEST_PAI_IDS] = {"pai-ids", "VID and PID in the PAI are well-formed", pai_ids, true},
    [MC_ATTEST_VENDOR] = {"vendor", "DAC and PAI have the same VID", vendor, true},
    [MC_ATTEST_PRODUCT] = {"product", "the DAC has a PID, the PAI the same or none", product, true},
    [MC_ATTEST_DAC_KEY] = {"dac-key", "the DAC's key is a P-256 key", dac_key, true},
    [MC_ATTEST_SIGNATURE_SIZE] = {"signature-size", "the attestation signature has at most 64 octets", signature_size, true},
    [MC_ATTEST_SIGNATURE] = {"signature", "the attestation signature is the DAC's", signature, true},
    [MC_ATTEST_PAA_FOUND] = {"paa-found", "the PAA above the PAI is trusted", paa_found, true},
    [MC_ATTEST_PAA_FORMAT] = {"paa-format", "the PAA has the form of a PAA", paa_format, false},
    [MC_ATTEST_PAA_IDS] = {"paa-ids", "VID and PID in the PAA are well-formed", paa_ids, false},
    [MC_ATTEST_PAA_VENDOR] = {"paa-vendor", "the PAA is for any vendor, or for this VID", paa_vendor, false},
    [MC_ATTEST_PAA_PRODUCT] = {"paa-product", "the PAA has no PID", paa_product, false},
    [MC_ATTEST_DAC_TIME] = {"dac-time", "the DAC is valid now", dac_time, true},
    [MC_ATTEST_CHAIN] = {"chain", "the PAA issued the PAI, and the PAI the DAC, while valid", chain, false},
    [MC_ATTEST_PAA_SELF] = {"paa-self", "the PAA is signed with its own key", paa_self, false},
    [MC_ATTEST_ELEMENTS] = {"elements", "the attestation elements are well-formed", mc_attest_elements, true},
    [MC_ATTEST_NONCE] = {"nonce", "the elements hold the nonce that was sent", mc_attest_nonce, true},
    [MC_ATTEST_CD_ENVELOPE] = {"cd-envelope", "the declaration's envelope names its signer", mc_attest_cd_envelope, false},
    [MC_ATTEST_CD_SIGNER] = {"cd-signer", "the declaration's signer is trusted", mc_attest_cd_signer, false},
    [MC_ATTEST_CD_TEST_KEY] = {"cd-test-key", "the test key is allowed if it signed", mc_attest_cd_test_key, false},
    [MC_ATTEST_CD_SIGNATURE] = {"cd-signature", "the declaration is signed as it should be", mc_attest_cd_signature, true},
    [MC_ATTEST_CD_FORMAT] = {"cd-format", "the declaration's payload is well-formed", mc_attest_cd_format, true},
    [MC_ATTEST_CD_TEST_TYPE] = {"cd-test-type", "the test key may sign this certification type", mc_attest_cd_test_type, false},
    [MC_ATTEST_CD_VALUES] = {"cd-values", "format version and certification type are known", mc_attest_cd_values, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_VENDOR] = {"cd-vendor", "the declaration is for the VID of Basic Information", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_PRODUCT] = {"cd-product", "it lists the PID of Basic Information", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_DAC_VENDOR] = {"cd-dac-vendor", "it is for the VID of the DAC", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_PAI_VENDOR] = {"cd-pai-vendor", "it is for the VID of the PAI", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_DAC_PRODUCT] = {"cd-dac-product", "it is for the PID of the DAC", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_PAI_PRODUCT] = {"cd-pai-product", "it is for the PID of the PAI, if that has one", mc_attest_cd_field, true},
    [MC_ATTEST_CD_FIRST + MC_CD_VS_PAA] = {"cd-paa", "it authorizes the PAA, or any", mc_attest_cd_field, true},
    [MC_ATTEST_PAYLOAD] = {"payload", "the onboarding payload has the VID and PID of the device, or none", mc_attest_payload, false},
    [MC_ATTEST_REVOCATION] = {"revocation", "neither DAC nor PAI is revoked", mc_attest_revocation, true},
};

const char *mc_attest_step_name(unsigned id)
{
    return id < MC_ATTEST_STEPS ? steps[id].name : "";
}

const char *mc_attest_step_text(unsigned id)
{
    return id < MC_ATTEST_STEPS ? steps[id].text : "";
}

static void run_step(struct mc_attest_run *r, unsigned id)
{
    struct mc_attest_step *s = &r->out->step[id];

    if (r->in->cd_only && (id < MC_ATTEST_CD_ENVELOPE || id > MC_ATTEST_PAYLOAD)) {
        s->deployed = MC_ATTEST_SKIPPED;
        return;
    }
    steps[id].judge(r, s);
    if (r->in->partial && !steps[id].partial) {
        s->deployed = MC_ATTEST_SKIPPED;
        s->result = 0;
    }
    if (r->out->result == 0)
        r->out->result = s->result;
    r->out->valid = r->out->valid && !s->broken;
}

static void start(struct mc_attest *out)
{
    memset(out, 0, sizeof(*out));
    out->valid = true;
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        mc_err_init(&out->step[i].err);
}

/* The certificate, or NULL and why it cannot be read. */
static const struct mc_cert *read(struct mc_span der, struct mc_cert *room, struct mc_err *e)
{
    return der.n != 0 && mc_cert_parse_der(der, MC_RULES_X509, room, e) == MC_OK ? room : NULL;
}

bool mc_attest_check(struct mc_verifier *v, const struct mc_attest_in *in, struct mc_attest *out)
{
    struct mc_attest_run r = {.v = v, .in = in, .out = out};
    struct mc_cert dac, pai;

    start(out);
    r.cd = in->cd;
    if (!in->cd_only) {
        r.dac = read(in->dac, &dac, &out->step[MC_ATTEST_DAC_FORMAT].err);
        r.pai = read(in->pai, &pai, &out->step[MC_ATTEST_PAI_FORMAT].err);
    }
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        run_step(&r, i);
    return out->result == MC_ATT_SUCCESS && out->valid;
}

/* --- certificates alone ---------------------------------------------------------------------------- */

static enum mc_chain_cert place_of(struct mc_attest_run *r, unsigned id)
{
    switch (id) {
    case MC_ATTEST_PAI_FORMAT:
    case MC_ATTEST_PAI_IDS:
    case MC_ATTEST_PAA_FOUND:
    case MC_ATTEST_PAA_VENDOR:
        return MC_CHAIN_ICA;
    case MC_ATTEST_PAA_FORMAT:
    case MC_ATTEST_PAA_IDS:
    case MC_ATTEST_PAA_PRODUCT:
    case MC_ATTEST_PAA_SELF:
        return MC_CHAIN_ROOT;
    case MC_ATTEST_VENDOR:
        return r->out->pai.has_vid ? MC_CHAIN_LEAF : MC_CHAIN_ICA;
    case MC_ATTEST_CHAIN:
        return r->path_at;
    default:
        return MC_CHAIN_LEAF;
    }
}

enum mc_rc mc_att_chain_check(struct mc_verifier *v, const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    struct mc_attest_in in = {.paas = chain->paa, .n_paas = 1, .has_now = chain->has_now, .now_unix = chain->now_unix};
    struct mc_attest all;
    struct mc_attest_run r = {.v = v, .in = &in, .out = &all, .dac = chain->dac, .pai = chain->pai};
    unsigned first = MC_ATTEST_STEPS;

    memset(out, 0, sizeof(*out));
    mc_err_init(&out->err);
    start(&all);
    for (unsigned i = 0; i <= MC_ATTEST_PAA_SELF; i++) {
        const struct mc_attest_step *s = &all.step[i];

        run_step(&r, i);
        if (s->deployed == MC_ATTEST_FAILED || (s->broken && first == MC_ATTEST_STEPS))
            first = i;
        if (s->deployed == MC_ATTEST_FAILED)
            break;
    }
    out->dac = all.dac;
    out->pai = all.pai;
    if (first == MC_ATTEST_STEPS)
        return MC_OK;
    out->err = all.step[first].err;
    out->result = all.step[first].result;
    out->where = place_of(&r, first);
    out->rc = out->err.rc;
    return out->rc;
}
