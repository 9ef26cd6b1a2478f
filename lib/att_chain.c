/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation certificates by themselves and as a path (matter-attestation 2.1, 2.2). VID and PID: att_ids.c; the steps
 * of a commissioner: attest.c.
 */
#include "att_chain.h"

#include "chain_rules.h"
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

/* cA FALSE, which DER leaves out: commissioners take it for what it says. */
static bool spells_out_false(const struct mc_ext *x)
{
    return mc_span_eq(x->value, mc_span_of("\x30\x03\x01\x01", 5));
}

static enum mc_rc check_basic_constraints(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    const struct mc_ext *x;
    enum mc_rc rc = find_once(c, MC_EXT_BASIC_CONSTRAINTS, true, &x, e);

    if (rc != MC_OK)
        return rc;
    if (x == NULL || (!x->decoded && !spells_out_false(x)))
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

/* The named bits also where the list is not minimal, as DER wants it: commissioners take no notice. */
static bool usages_of(const struct mc_cert *c, const struct mc_ext *x, uint16_t *ku)
{
    struct mc_der d = mc_der_of(x->value), bits;

    *ku = c->ku;
    if (x->decoded)
        return true;
    if (mc_der_take(&d, MC_DER_BIT_STRING, &bits) != MC_OK || mc_der_more(&d) || !mc_der_more(&bits) || *bits.p > 7)
        return false;
    for (unsigned i = 0; i < 9 && bits.p + 1 + i / 8 < bits.end; i++)
        *ku |= (uint16_t)((bits.p[1 + i / 8] >> (7 - i % 8) & 1) << i);
    return true;
}

static enum mc_rc check_key_usage(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    const struct mc_ext *x;
    enum mc_rc rc = find_once(c, MC_EXT_KEY_USAGE, true, &x, e);
    uint16_t ku, said;

    if (rc != MC_OK)
        return rc;
    if (x == NULL || !usages_of(c, x, &said))
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", x == NULL ? "it is missing" : "not in DER form");
    ku = kind != MC_KIND_DAC ? (uint16_t)(said & ~MC_KU_DIGITAL_SIGNATURE) : said;
    if (ku != (kind == MC_KIND_DAC ? MC_KU_DIGITAL_SIGNATURE : MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN))
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", "0x%04X in a %s", said, mc_kind_name(kind));
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

enum mc_rc mc_att_check_der(const struct mc_cert *c, struct mc_err *e)
{
    const struct mc_ext *bc = find_ext(c, MC_EXT_BASIC_CONSTRAINTS), *ku = find_ext(c, MC_EXT_KEY_USAGE);

    if (bc != NULL && !bc->decoded)
        return mc_fail(e, MC_E_DER_BOOLEAN, "basicConstraints.cA", "FALSE is spelt out");
    return ku == NULL || ku->decoded ? MC_OK : mc_fail(e, MC_E_EXT_KU, "keyUsage", NULL);
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

/* subjectAltName, nameConstraints, cRLDistributionPoints, certificatePolicies and its mappings and limits. */
bool mc_ext_is_processed(struct mc_span oid)
{
    static const uint8_t last[] = {0x11, 0x1E, 0x1F, 0x20, 0x21, 0x24, 0x36};

    return oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1D && memchr(last, oid.p[2], sizeof(last)) != NULL;
}

static enum mc_rc check_critical(const struct mc_cert *c, struct mc_err *e)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].critical && c->ext[i].id == MC_EXT_FUTURE && !mc_ext_is_processed(c->ext[i].oid))
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

enum mc_rc mc_att_check_signature(
    struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    if (c->sig_alg_differs)
        return mc_fail(e, MC_E_SIG_ALG_MISMATCH, "signatureAlgorithm", NULL);
    if (!issuer->p256)
        return mc_fail(e, MC_E_CURVE, "subjectPublicKey", NULL);
    return mc_cert_check_signature(v, c, issuer->point.p, e);
}

static enum mc_rc check_link(struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    const struct mc_ext *akid = find_ext(c, MC_EXT_AUTHORITY_KEY_ID);
    struct mc_span id = {NULL, 0};

    if (!mc_span_eq(c->issuer.der, issuer->subject.der))
        return mc_fail(e, MC_E_CHAIN_ISSUER, "issuer", NULL);
    if (akid != NULL && (!akid_of(akid, &id) || !mc_span_eq(id, issuer->skid)))
        return mc_fail(e, MC_E_CHAIN_AKID, "authorityKeyIdentifier", NULL);
    return mc_att_check_signature(v, c, issuer, e);
}

enum mc_rc mc_att_check_path(struct mc_verifier *v, const struct mc_cert *root, const struct mc_cert *ica,
    const struct mc_cert *leaf, enum mc_chain_cert *where, struct mc_err *e)
{
    const struct mc_cert *issuer = ica != NULL ? ica : root;
    enum mc_rc rc;

    *where = MC_CHAIN_ROOT;
    rc = check_authority(root, ica != NULL, e);
    if (rc == MC_OK && ica != NULL) {
        *where = MC_CHAIN_ICA;
        rc = check_authority(ica, 0, e);
        if (rc == MC_OK)
            rc = check_link(v, ica, root, e);
    }
    if (rc != MC_OK)
        return rc;
    *where = MC_CHAIN_LEAF;
    rc = mc_att_check_issuance(leaf, root, e);
    if (rc == MC_OK)
        rc = mc_att_check_issuance(leaf, issuer, e);
    if (rc == MC_OK)
        rc = check_critical(leaf, e);
    return rc == MC_OK ? check_link(v, leaf, issuer, e) : rc;
}
