/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation certificates by themselves and as a path (matter-attestation 2.1, 2.2). VID and PID: att_ids.c; the steps
 * of a commissioner: attest.c.
 */
#include "att_chain.h"

#include "der.h"

/* --- format (2.1) ---------------------------------------------------------------------------------- */

static const struct mc_ext *find_ext(const struct mc_cert *c, enum mc_ext_id id)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].id == id)
            return &c->ext[i];
    return NULL;
}

/* The one extension of this id, with this criticality; *x is NULL if there is none. */
static enum mc_rc find_once(
    const struct mc_cert *c, enum mc_ext_id id, bool critical, const struct mc_ext **x, struct mc_err *e)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_ext; i++)
        n += c->ext[i].id == id;
    if (n > 1)
        return mc_fail(e, MC_E_EXT_TWICE, mc_ext_name(id), NULL);
    *x = find_ext(c, id);
    if (*x != NULL && (*x)->critical != critical)
        return mc_fail(e, MC_E_EXT_CRITICAL, mc_ext_name(id), "it is %s", critical ? "not critical" : "critical");
    return MC_OK;
}

/* The key identifier of an AKID that may say more, which Matter TLV could not hold. */
static bool akid_of(const struct mc_ext *x, struct mc_span *id)
{
    struct mc_der d = mc_der_of(x->value), seq, content;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &seq) != MC_OK || mc_der_more(&d) ||
        mc_der_take(&seq, MC_DER_CONTEXT, &content) != MC_OK)
        return false;
    *id = mc_der_rest(&content);
    return id->n == MC_KEY_ID_LEN;
}

bool mc_att_akid(const struct mc_cert *c, struct mc_span *id)
{
    const struct mc_ext *x = find_ext(c, MC_EXT_AUTHORITY_KEY_ID);

    return x != NULL && akid_of(x, id);
}

static enum mc_rc check_basic_constraints(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    const struct mc_ext *x;
    enum mc_rc rc = find_once(c, MC_EXT_BASIC_CONSTRAINTS, true, &x, e);

    if (rc != MC_OK)
        return rc;
    if (x == NULL || !x->decoded)
        return mc_fail(e, MC_E_CHAIN_CA, "basicConstraints", x == NULL ? "it is missing" : "not in DER form");
    if (c->is_ca != (kind != MC_KIND_DAC))
        return mc_fail(e, MC_E_CHAIN_CA, "basicConstraints.cA", "it is %s in a %s", c->is_ca ? "TRUE" : "FALSE",
            mc_kind_name(kind));
    if (kind == MC_KIND_PAI && (!c->has_path_len || c->path_len != 0))
        return mc_fail(e, MC_E_CHAIN_PATH_LEN, "basicConstraints.pathLen", "a PAI must have 0");
    if (kind == MC_KIND_PAA && c->has_path_len && c->path_len != 1)
        return mc_fail(e, MC_E_CHAIN_PATH_LEN, "basicConstraints.pathLen", "a PAA must have 1 or none");
    return MC_OK;
}

static enum mc_rc check_key_usage(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    const struct mc_ext *x;
    enum mc_rc rc = find_once(c, MC_EXT_KEY_USAGE, true, &x, e);
    uint16_t ku = c->ku;

    if (rc != MC_OK)
        return rc;
    if (x == NULL || !x->decoded)
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", x == NULL ? "it is missing" : "not in DER form");
    if (kind != MC_KIND_DAC)
        ku = (uint16_t)(ku & ~MC_KU_DIGITAL_SIGNATURE);
    if (ku != (kind == MC_KIND_DAC ? MC_KU_DIGITAL_SIGNATURE : MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN))
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", "0x%04X in a %s", c->ku, mc_kind_name(kind));
    return MC_OK;
}

static enum mc_rc check_key_ids(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    const struct mc_ext *skid, *akid;
    struct mc_span id;
    enum mc_rc rc = find_once(c, MC_EXT_SUBJECT_KEY_ID, false, &skid, e);

    if (rc == MC_OK)
        rc = find_once(c, MC_EXT_AUTHORITY_KEY_ID, false, &akid, e);
    if (rc != MC_OK)
        return rc;
    if (skid == NULL || (akid == NULL && kind != MC_KIND_PAA))
        return mc_fail(
            e, MC_E_CHAIN_KEY_ID, skid == NULL ? "subjectKeyIdentifier" : "authorityKeyIdentifier", NULL);
    if (!skid->decoded)
        return mc_fail(e, MC_E_EXT_KEY_ID, "subjectKeyIdentifier", NULL);
    if (akid != NULL && !akid_of(akid, &id))
        return mc_fail(e, MC_E_EXT_AKID, "authorityKeyIdentifier", NULL);
    return MC_OK;
}

enum mc_rc mc_att_check_format(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    enum mc_rc rc;

    if (kind != MC_KIND_PAA && kind != MC_KIND_PAI && kind != MC_KIND_DAC)
        return mc_fail(e, MC_E_CHAIN_KIND, NULL, "%s is no attestation kind", mc_kind_name(kind));
    if (c->version != 3)
        return mc_fail(e, MC_E_VERSION, "version", NULL);
    if (c->serial.n == 0)
        return mc_fail(e, MC_E_SERIAL, "serialNumber", NULL);
    if (!mc_span_eq(c->sig_alg_oid, mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256))))
        return mc_fail(e, MC_E_SIG_ALG, "signature.algorithm", NULL);
    if (!c->p256)
        return mc_fail(e, MC_E_CURVE, "subjectPublicKey", NULL);
    rc = check_basic_constraints(c, kind, e);
    if (rc == MC_OK)
        rc = check_key_usage(c, kind, e);
    return rc == MC_OK ? check_key_ids(c, kind, e) : rc;
}

/* --- path (2.2) ------------------------------------------------------------------------------------ */

enum mc_rc mc_att_check_issuance(const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    char text[MC_TIME_TEXT_MAX];

    if (c->not_before_unix >= issuer->not_before_unix && c->not_before_unix <= issuer->not_after_unix)
        return MC_OK;
    mc_time_format(c->not_before_unix, text);
    return mc_fail(e, MC_E_ATT_PERIOD, "validity", "%s", text);
}

/* Extensions that path validation knows beside Matter's five: 2.5.29.17, .30, .31, .32 and others of that arc. */
static bool is_known_ext(struct mc_span oid)
{
    return oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1D;
}

static enum mc_rc check_critical(const struct mc_cert *c, struct mc_err *e)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].critical && c->ext[i].id == MC_EXT_FUTURE && !is_known_ext(c->ext[i].oid))
            return mc_fail(e, MC_E_CHAIN_CRITICAL, "extensions", NULL);
    return MC_OK;
}

static enum mc_rc check_authority(const struct mc_cert *c, unsigned below, struct mc_err *e)
{
    if (!c->has_bc || !c->is_ca)
        return mc_fail(e, MC_E_CHAIN_CA, "basicConstraints", NULL);
    if (c->has_path_len && c->path_len < below)
        return mc_fail(e, MC_E_CHAIN_PATH_LEN, "basicConstraints.pathLen", "%u", c->path_len);
    if (c->has_ku && (c->ku & MC_KU_KEY_CERT_SIGN) == 0)
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", "keyCertSign is missing");
    return check_critical(c, e);
}

/*
 * The algorithm inside of the signed part is the one that stands behind it. Readers of X.509 need not mind, path
 * validation does.
 */
static enum mc_rc check_algorithms(const struct mc_cert *c, struct mc_err *e)
{
    struct mc_der d = mc_der_of(c->tbs), tbs, skipped, outer, behind = {c->tbs.p, c->tbs.p + c->tbs.n, c->sig_der.p};
    const uint8_t *inner;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &tbs) != MC_OK ||
        mc_der_take(&tbs, MC_DER_CONTEXT_CONSTRUCTED, &skipped) != MC_OK ||
        mc_der_take(&tbs, MC_DER_INTEGER, &skipped) != MC_OK)
        return mc_fail(e, MC_E_SIG_ALG_MISMATCH, "signature", NULL);
    inner = tbs.p;
    if (mc_der_take(&tbs, MC_DER_SEQUENCE, &skipped) != MC_OK || mc_der_take(&behind, MC_DER_SEQUENCE, &outer) != MC_OK ||
        !mc_span_eq(mc_span_of(inner, (size_t)(tbs.p - inner)),
            mc_span_of(c->tbs.p + c->tbs.n, (size_t)(behind.p - (c->tbs.p + c->tbs.n)))))
        return mc_fail(e, MC_E_SIG_ALG_MISMATCH, "signature", NULL);
    return MC_OK;
}

enum mc_rc mc_att_check_link(
    struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    const struct mc_ext *akid = find_ext(c, MC_EXT_AUTHORITY_KEY_ID);
    struct mc_span id;
    enum mc_rc rc;

    if (!mc_span_eq(c->issuer.der, issuer->subject.der))
        return mc_fail(e, MC_E_CHAIN_ISSUER, "issuer", NULL);
    if (akid != NULL && (!akid_of(akid, &id) || !mc_span_eq(id, issuer->skid)))
        return mc_fail(e, MC_E_CHAIN_AKID, "authorityKeyIdentifier", NULL);
    if (!issuer->p256)
        return mc_fail(e, MC_E_CURVE, "subjectPublicKey", NULL);
    rc = check_algorithms(c, e);
    return rc == MC_OK ? mc_cert_check_signature(v, c, issuer->point.p, e) : rc;
}

enum mc_rc mc_att_check_path(struct mc_verifier *v, const struct mc_cert *root, const struct mc_cert *ica,
    const struct mc_cert *leaf, struct mc_err *e)
{
    const struct mc_cert *issuer = ica != NULL ? ica : root;
    enum mc_rc rc = check_critical(leaf, e);

    if (rc == MC_OK && ica != NULL) {
        rc = check_authority(ica, 0, e);
        if (rc == MC_OK)
            rc = mc_att_check_issuance(leaf, ica, e);
    }
    if (rc == MC_OK)
        rc = check_authority(root, ica != NULL, e);
    if (rc == MC_OK)
        rc = mc_att_check_issuance(leaf, root, e);
    if (rc == MC_OK)
        rc = mc_att_check_link(v, leaf, issuer, e);
    return rc == MC_OK && ica != NULL ? mc_att_check_link(v, ica, root, e) : rc;
}
