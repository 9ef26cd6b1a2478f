/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: Matter's profile, signer, dates (matter-attestation 1.12, 5.1, 5.2, 6.4 R12). */
#include "crl.h"

static enum mc_rc refuse(struct mc_err *e, const char *field, const char *why)
{
    return mc_fail(e, MC_E_CRL_PROFILE, field, "%s", why);
}

static bool is_url(struct mc_span uri)
{
    return (uri.n > 7 && memcmp(uri.p, "http://", 7) == 0) || (uri.n > 8 && memcmp(uri.p, "https://", 8) == 0);
}

enum mc_rc mc_crl_check(const struct mc_crl *c, struct mc_err *e)
{
    char oid[64];

    if (!c->has_next)
        return refuse(e, "nextUpdate", "it is missing");
    if (!c->has_akid)
        return refuse(e, "authorityKeyIdentifier", "it is missing");
    if (c->number.n == 0)
        return refuse(e, "cRLNumber", "it is missing");
    if (c->partial)
        return refuse(e, "issuingDistributionPoint", "the CRL is a delta, or leaves certificates or reasons out");
    if (c->critical.n != 0) {
        mc_oid_format(c->critical, oid, sizeof(oid));
        return mc_fail(e, MC_E_CRL_PROFILE, "extensions", "%s is critical and unknown", oid);
    }
    if (c->has_idp && !c->idp_critical)
        return refuse(e, "issuingDistributionPoint", "it is not critical");
    if (c->indirect && (c->n_uri != 1 || !is_url(c->uri)))
        return refuse(e, "issuingDistributionPoint", "an indirect CRL has one http or https URI in it");
    if (!c->indirect && c->n_issuer != 0)
        return refuse(e, "certificateIssuer", "only an indirect CRL names issuers");
    return MC_OK;
}

static const struct mc_ext *find_ext(const struct mc_cert *c, enum mc_ext_id id)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].id == id)
            return &c->ext[i];
    return NULL;
}

static enum mc_rc bad_signer(struct mc_err *e, const char *field, const char *why)
{
    return mc_fail(e, MC_E_CRL_SIGNER, field, "%s", why);
}

enum mc_rc mc_crl_check_delegate(const struct mc_cert *c, struct mc_err *e)
{
    const struct mc_ext *bc = find_ext(c, MC_EXT_BASIC_CONSTRAINTS), *ku = find_ext(c, MC_EXT_KEY_USAGE);

    if (c->version != 3)
        return bad_signer(e, "version", "not 3");
    if (c->sig_alg_oid.n != sizeof(mc_oid_ecdsa_sha256) ||
        memcmp(c->sig_alg_oid.p, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256)) != 0)
        return bad_signer(e, "signature.algorithm", "not ecdsa-with-SHA256");
    if (!c->p256)
        return bad_signer(e, "subjectPublicKey", "not a P-256 point");
    if (bc == NULL || !bc->critical || !bc->decoded || c->is_ca)
        return bad_signer(e, "basicConstraints", "a delegate has it, critical, without cA");
    if (ku == NULL || !ku->critical || !ku->decoded || (c->ku & MC_KU_CRL_SIGN) == 0 ||
        (c->ku & ~(MC_KU_CRL_SIGN | MC_KU_DIGITAL_SIGNATURE)) != 0)
        return bad_signer(e, "keyUsage", "a delegate has it, critical, with cRLSign and at most digitalSignature besides");
    if (!c->has_skid || c->skid.n != MC_KEY_ID_LEN)
        return bad_signer(e, "subjectKeyIdentifier", "it is missing or not 20 octets");
    return MC_OK;
}

enum mc_rc mc_crl_check_signer(
    struct mc_verifier *v, const struct mc_crl *c, const struct mc_cert *signer, struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc;

    if (!mc_span_eq(c->issuer.der, signer->subject.der))
        return bad_signer(e, "issuer", "it is not the subject of the signer's certificate");
    if (!c->has_akid || !signer->has_skid || !mc_span_eq(c->akid, signer->skid))
        return bad_signer(e, "authorityKeyIdentifier", "it is not the subject key identifier of the signer's certificate");
    if (!signer->has_ku || (signer->ku & MC_KU_CRL_SIGN) == 0)
        return bad_signer(e, "keyUsage", "the signer's certificate does not allow cRLSign");
    if (!signer->p256)
        return bad_signer(e, "subjectPublicKey", "the signer's key is no P-256 point");
    rc = mc_sha256(v, c->tbs, digest);
    if (rc == MC_OK)
        rc = mc_verify(v, signer->point.p, digest, c->sig);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, "signatureValue", NULL);
}

enum mc_rc mc_crl_check_date(const struct mc_crl *c, int64_t now_unix, struct mc_err *e)
{
    char text[MC_TIME_TEXT_MAX];

    if (now_unix < c->this_update_unix) {
        mc_time_format(c->this_update_unix, text);
        return mc_fail(e, MC_E_CRL_DATE, "thisUpdate", "%s is in the future", text);
    }
    if (c->has_next && now_unix >= c->next_update_unix) {
        mc_time_format(c->next_update_unix, text);
        return mc_fail(e, MC_E_CRL_DATE, "nextUpdate", "it had to be replaced by %s", text);
    }
    return MC_OK;
}

const char *mc_crl_reason_name(uint8_t reason)
{
    static const char *const names[] = {"unspecified", "keyCompromise", "cACompromise", "affiliationChanged",
        "superseded", "cessationOfOperation", "certificateHold", "", "removeFromCRL", "privilegeWithdrawn",
        "aACompromise"};

    return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "";
}
