/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation chains as a commissioner judges them (matter-attestation 2.1 to 2.4). VID and PID: att_ids.c. */
#include "att_chain.h"

#include <strings.h>

#include "der.h"

enum { /* the results that chains can have */
    PAA_NOT_FOUND = 101,
    PAA_FORMAT_INVALID = 105,
    PAI_FORMAT_INVALID = 203,
    PAI_VENDOR_ID_MISMATCH = 205,
    DAC_EXPIRED = 300,
    DAC_SIGNATURE_INVALID = 301,
    DAC_FORMAT_INVALID = 303,
    DAC_VENDOR_ID_MISMATCH = 305,
    DAC_PRODUCT_ID_MISMATCH = 306,
};

static const struct mc_att_result results[] = {
    {0, "Success"},
    {100, "PaaUntrusted"},
    {101, "PaaNotFound"},
    {102, "PaaExpired"},
    {103, "PaaSignatureInvalid"},
    {104, "PaaRevoked"},
    {105, "PaaFormatInvalid"},
    {106, "PaaArgumentInvalid"},
    {200, "PaiExpired"},
    {201, "PaiSignatureInvalid"},
    {202, "PaiRevoked"},
    {203, "PaiFormatInvalid"},
    {204, "PaiArgumentInvalid"},
    {205, "PaiVendorIdMismatch"},
    {206, "PaiAuthorityNotFound"},
    {207, "PaiMissing"},
    {208, "PaiAndDacRevoked"},
    {300, "DacExpired"},
    {301, "DacSignatureInvalid"},
    {302, "DacRevoked"},
    {303, "DacFormatInvalid"},
    {304, "DacArgumentInvalid"},
    {305, "DacVendorIdMismatch"},
    {306, "DacProductIdMismatch"},
    {307, "DacAuthorityNotFound"},
    {400, "FirmwareInformationMismatch"},
    {401, "FirmwareInformationMissing"},
    {500, "AttestationSignatureInvalid"},
    {501, "AttestationElementsMalformed"},
    {502, "AttestationNonceMismatch"},
    {503, "AttestationSignatureInvalidFormat"},
    {600, "CertificationDeclarationNoKeyId"},
    {601, "CertificationDeclarationNoCertificateFound"},
    {602, "CertificationDeclarationInvalidSignature"},
    {603, "CertificationDeclarationInvalidFormat"},
    {604, "CertificationDeclarationInvalidVendorId"},
    {605, "CertificationDeclarationInvalidProductId"},
    {606, "CertificationDeclarationInvalidPAA"},
    {700, "NoMemory"},
    {701, "InvalidArgument"},
    {702, "InternalError"},
    {703, "NotImplemented"},
};

const struct mc_att_result *mc_att_result_find(uint32_t number)
{
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (results[i].number == number)
            return &results[i];
    return NULL;
}

const struct mc_att_result *mc_att_result_find_name(const char *name)
{
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (strcasecmp(name, results[i].name) == 0 ||
            ((*name == 'k' || *name == 'K') && strcasecmp(name + 1, results[i].name) == 0))
            return &results[i];
    return NULL;
}

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

static enum mc_rc check_link(struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    const struct mc_ext *akid = find_ext(c, MC_EXT_AUTHORITY_KEY_ID);
    struct mc_span id;

    if (!mc_span_eq(c->issuer.der, issuer->subject.der))
        return mc_fail(e, MC_E_CHAIN_ISSUER, "issuer", NULL);
    if (akid != NULL && (!akid_of(akid, &id) || !mc_span_eq(id, issuer->skid)))
        return mc_fail(e, MC_E_CHAIN_AKID, "authorityKeyIdentifier", NULL);
    if (!issuer->p256)
        return mc_fail(e, MC_E_CURVE, "subjectPublicKey", NULL);
    return mc_cert_check_signature(v, c, issuer->point.p, e);
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
        rc = check_link(v, leaf, issuer, e);
    return rc == MC_OK && ica != NULL ? check_link(v, ica, root, e) : rc;
}

/* --- the chain of three (2.3, without attestation elements and CD) --------------------------------- */

static enum mc_rc judge(struct mc_att_verdict *out, enum mc_rc rc, enum mc_chain_cert where, uint16_t result)
{
    if (rc == MC_OK)
        return MC_OK;
    out->rc = mc_fail(&out->err, rc, NULL, NULL);
    out->where = where;
    out->result = result;
    return rc;
}

static enum mc_rc check_formats(const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    enum mc_rc rc = judge(
        out, mc_att_check_format(chain->pai, MC_KIND_PAI, &out->err), MC_CHAIN_ICA, PAI_FORMAT_INVALID);

    if (rc == MC_OK)
        rc = judge(out, mc_att_check_format(chain->dac, MC_KIND_DAC, &out->err), MC_CHAIN_LEAF, DAC_FORMAT_INVALID);
    if (rc == MC_OK)
        rc = judge(out, mc_att_ids_of(chain->dac, &out->dac, &out->err), MC_CHAIN_LEAF, DAC_FORMAT_INVALID);
    if (rc == MC_OK)
        rc = judge(out, mc_att_ids_of(chain->pai, &out->pai, &out->err), MC_CHAIN_ICA, PAI_FORMAT_INVALID);
    return rc;
}

static enum mc_rc check_products(struct mc_att_verdict *out)
{
    const struct mc_att_ids *dac = &out->dac, *pai = &out->pai;
    struct mc_err *e = &out->err;

    if (!pai->has_vid || !dac->has_vid || pai->vid != dac->vid) {
        enum mc_chain_cert where = pai->has_vid ? MC_CHAIN_LEAF : MC_CHAIN_ICA;
        const char *why = !pai->has_vid ? "the PAI has none" : !dac->has_vid ? "the DAC has none" : "DAC and PAI differ";

        return judge(out, mc_fail(e, MC_E_ATT_VID, "subject.VID", "%s", why), where, DAC_VENDOR_ID_MISMATCH);
    }
    if (!dac->has_pid)
        return judge(out, mc_fail(e, MC_E_ATT_PID, "subject.PID", "the DAC has none"), MC_CHAIN_LEAF,
            DAC_PRODUCT_ID_MISMATCH);
    if (pai->has_pid && pai->pid != dac->pid)
        return judge(out, mc_fail(e, MC_E_ATT_PID, "subject.PID", "0x%04X under 0x%04X", dac->pid, pai->pid),
            MC_CHAIN_LEAF, DAC_PRODUCT_ID_MISMATCH);
    return MC_OK;
}

/* The trust store finds the PAA by its key identifier and holds only PAAs of the right format. */
static enum mc_rc check_paa(const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    struct mc_att_ids ids;
    struct mc_err *e = &out->err;
    struct mc_span akid;
    enum mc_rc rc = mc_att_check_format(chain->paa, MC_KIND_PAA, e);

    if (rc != MC_OK)
        return judge(out, rc, MC_CHAIN_ROOT, PAA_FORMAT_INVALID);
    if (!akid_of(find_ext(chain->pai, MC_EXT_AUTHORITY_KEY_ID), &akid) || !mc_span_eq(akid, chain->paa->skid))
        return judge(out, mc_fail(e, MC_E_CHAIN_AKID, "authorityKeyIdentifier", "the PAI is not of this PAA"),
            MC_CHAIN_ICA, PAA_NOT_FOUND);
    rc = judge(out, mc_att_ids_of(chain->paa, &ids, e), MC_CHAIN_ROOT, PAA_FORMAT_INVALID);
    if (rc != MC_OK)
        return rc;
    if (ids.has_vid && ids.vid != out->pai.vid)
        return judge(out, mc_fail(e, MC_E_ATT_VID, "subject.VID", "0x%04X under a PAA of 0x%04X", out->pai.vid, ids.vid),
            MC_CHAIN_ICA, PAI_VENDOR_ID_MISMATCH);
    if (ids.has_pid)
        return judge(out, mc_fail(e, MC_E_ATT_PID, "subject.PID", "a PAA may have none"), MC_CHAIN_ROOT,
            PAA_FORMAT_INVALID);
    return MC_OK;
}

static enum mc_rc check_now(const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    const struct mc_cert *dac = chain->dac;

    if (chain->has_now && chain->now_unix < dac->not_before_unix)
        return judge(out, mc_fail(&out->err, MC_E_CHAIN_NOT_YET, "validity.notBefore", NULL), MC_CHAIN_LEAF, DAC_EXPIRED);
    if (chain->has_now && chain->now_unix > dac->not_after_unix)
        return judge(out, mc_fail(&out->err, MC_E_CHAIN_EXPIRED, "validity.notAfter", NULL), MC_CHAIN_LEAF, DAC_EXPIRED);
    return MC_OK;
}

static enum mc_rc check_self(struct mc_verifier *v, const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    const struct mc_cert *paa = chain->paa;
    enum mc_rc rc = mc_span_eq(paa->issuer.der, paa->subject.der)
                        ? mc_cert_check_signature(v, paa, paa->point.p, &out->err)
                        : mc_fail(&out->err, MC_E_CHAIN_SELF, "issuer", NULL);

    return judge(out, rc, MC_CHAIN_ROOT, 0);
}

/* Which certificate the path breaks at: the PAI if it does not even stand below the PAA. */
static enum mc_chain_cert blame(struct mc_verifier *v, const struct mc_att_chain *chain)
{
    return check_link(v, chain->pai, chain->paa, NULL) == MC_OK ? MC_CHAIN_LEAF : MC_CHAIN_ICA;
}

enum mc_rc mc_att_chain_check(struct mc_verifier *v, const struct mc_att_chain *chain, struct mc_att_verdict *out)
{
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    mc_err_init(&out->err);
    rc = check_formats(chain, out);
    if (rc == MC_OK)
        rc = check_products(out);
    if (rc == MC_OK)
        rc = check_paa(chain, out);
    if (rc == MC_OK)
        rc = check_now(chain, out);
    if (rc == MC_OK) {
        rc = mc_att_check_path(v, chain->paa, chain->pai, chain->dac, &out->err);
        rc = judge(out, rc, rc != MC_OK ? blame(v, chain) : MC_CHAIN_NONE, DAC_SIGNATURE_INVALID);
    }
    return rc == MC_OK ? check_self(v, chain, out) : rc;
}
