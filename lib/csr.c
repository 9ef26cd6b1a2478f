/* SPDX-License-Identifier: Apache-2.0 */
#include "csr.h"

#include "der.h"

enum {
    ELEMENT_DEPTH_MAX = 16, /* of a value inside a name or an attribute */
    CONSTRUCTED = 0x20,
    POINT_UNCOMPRESSED = 0x04,
    ATTRIBUTES_TAG = MC_DER_CONTEXT_CONSTRUCTED, /* [0] */
};

static enum mc_rc fail(
    const struct mc_der *at, enum mc_rc rc, const char *field, const char *why, struct mc_err *e)
{
    return why != NULL ? mc_fail_at(e, rc, mc_der_offset(at), field, "%s", why)
                       : mc_fail_at(e, rc, mc_der_offset(at), field, NULL);
}

static enum mc_rc take(
    struct mc_der *d, uint8_t tag, struct mc_der *content, const char *field, struct mc_err *e)
{
    enum mc_rc rc = mc_der_take(d, tag, content);

    return rc == MC_OK ? MC_OK : fail(d, rc, field, NULL, e);
}

static enum mc_rc end(const struct mc_der *d, const char *field, struct mc_err *e)
{
    enum mc_rc rc = mc_der_end(d);

    return rc == MC_OK ? MC_OK : fail(d, rc, field, NULL, e);
}

/* Takes one element of any tag and looks into it as deep as it is constructed. */
static enum mc_rc take_value(struct mc_der *d, unsigned depth)
{
    struct mc_der content;
    uint8_t tag;
    enum mc_rc rc = mc_der_take_any(d, &tag, &content);

    if (rc != MC_OK || (tag & CONSTRUCTED) == 0)
        return rc;
    if (depth == 0)
        return MC_E_CSR_FORM;
    while (rc == MC_OK && mc_der_more(&content))
        rc = take_value(&content, depth - 1);
    return rc;
}

/* SEQUENCE { OID, value } of a name, or SEQUENCE { OID, SET OF value } of an attribute. */
static enum mc_rc take_typed_value(struct mc_der *d, bool in_set)
{
    struct mc_der pair, values;
    struct mc_span oid;
    enum mc_rc rc = mc_der_take(d, MC_DER_SEQUENCE, &pair);

    if (rc == MC_OK)
        rc = mc_der_take_oid(&pair, &oid);
    if (rc != MC_OK)
        return rc;
    values = pair;
    if (in_set) {
        rc = mc_der_take(&pair, MC_DER_SET, &values);
        if (rc != MC_OK)
            return rc;
    }
    do
        rc = take_value(&values, ELEMENT_DEPTH_MAX);
    while (rc == MC_OK && in_set && mc_der_more(&values));
    if (rc != MC_OK)
        return rc;
    return in_set ? mc_der_end(&pair) : mc_der_end(&values);
}

/* Name ::= SEQUENCE OF SET (1..) OF SEQUENCE { OID, value }; empty is allowed. */
static enum mc_rc take_name(struct mc_der *info, struct mc_csr *c, struct mc_err *e)
{
    const uint8_t *start = info->p;
    struct mc_der name, rdn;
    enum mc_rc rc = take(info, MC_DER_SEQUENCE, &name, "csr.subject", e);

    while (rc == MC_OK && mc_der_more(&name)) {
        rc = mc_der_take(&name, MC_DER_SET, &rdn);
        if (rc != MC_OK)
            return fail(&name, rc, "csr.subject", "an RDN is a SET", e);
        do
            rc = take_typed_value(&rdn, false);
        while (rc == MC_OK && mc_der_more(&rdn));
        if (rc != MC_OK)
            return fail(&rdn, rc, "csr.subject", "an attribute is a SEQUENCE of an OID and a value", e);
    }
    c->subject = mc_span_of(start, (size_t)(info->p - start));
    return rc;
}

static bool oid_is(struct mc_span oid, const uint8_t *want, size_t n)
{
    return mc_span_eq(oid, mc_span_of(want, n));
}

/* AlgorithmIdentifier { id-ecPublicKey, prime256v1 } */
static enum mc_rc take_key_algorithm(struct mc_der *spki, struct mc_err *e)
{
    struct mc_der alg;
    struct mc_span oid;
    enum mc_rc rc = take(spki, MC_DER_SEQUENCE, &alg, "csr.key.algorithm", e);

    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_oid(&alg, &oid);
    if (rc != MC_OK)
        return fail(&alg, rc, "csr.key.algorithm", NULL, e);
    if (!oid_is(oid, mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key)))
        return fail(&alg, MC_E_KEY_ALG, "csr.key.algorithm", mc_oid_name(oid), e);
    if (mc_der_peek(&alg, MC_DER_SEQUENCE))
        return fail(&alg, MC_E_CURVE, "csr.key.curve", "the curve is spelt out in parameters", e);
    if (!mc_der_peek(&alg, MC_DER_OID))
        return fail(&alg, MC_E_CURVE, "csr.key.curve", "no curve is named", e);
    rc = mc_der_take_oid(&alg, &oid);
    if (rc != MC_OK)
        return fail(&alg, rc, "csr.key.curve", NULL, e);
    if (!oid_is(oid, mc_oid_prime256v1, sizeof(mc_oid_prime256v1)))
        return fail(&alg, MC_E_CURVE, "csr.key.curve", mc_oid_name(oid), e);
    return end(&alg, "csr.key.algorithm", e);
}

static const char *point_fault(struct mc_span p)
{
    if (p.n == 0)
        return "it is empty";
    switch (p.p[0]) {
    case 0x00:
        return "it is the point at infinity";
    case 0x02:
    case 0x03:
        return "it is in compressed form";
    case 0x06:
    case 0x07:
        return "it is in hybrid form";
    case POINT_UNCOMPRESSED:
        return p.n == MC_POINT_LEN ? NULL : "its length is wrong";
    default:
        return "its first octet is not 04";
    }
}

static enum mc_rc take_key(struct mc_der *info, struct mc_csr *c, struct mc_err *e)
{
    struct mc_der spki, bits;
    const char *fault;
    enum mc_rc rc = take(info, MC_DER_SEQUENCE, &spki, "csr.key", e);

    if (rc == MC_OK)
        rc = take_key_algorithm(&spki, e);
    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_octet_bits(&spki, &bits);
    if (rc != MC_OK)
        return fail(&spki, rc, "csr.key.point", NULL, e);
    c->point = mc_der_rest(&bits);
    fault = point_fault(c->point);
    if (fault != NULL)
        return fail(&bits, MC_E_POINT, "csr.key.point", fault, e);
    return end(&spki, "csr.key", e);
}

/* [0] IMPLICIT SET OF Attribute; many encoders leave an empty one out, though PKCS#10 wants it. */
static enum mc_rc take_attributes(struct mc_der *info, struct mc_csr *c, struct mc_err *e)
{
    struct mc_der set;
    enum mc_rc rc;

    c->has_attributes = mc_der_peek(info, ATTRIBUTES_TAG);
    if (!c->has_attributes)
        return MC_OK;
    rc = take(info, ATTRIBUTES_TAG, &set, "csr.attributes", e);
    if (rc != MC_OK)
        return rc;
    c->attributes = mc_der_rest(&set);
    while (mc_der_more(&set)) {
        rc = take_typed_value(&set, true);
        if (rc != MC_OK)
            return fail(
                &set, rc, "csr.attributes", "an attribute is a SEQUENCE of an OID and a SET of values", e);
    }
    return MC_OK;
}

/* INTEGER 0, which PKCS#10 calls version 1. */
static enum mc_rc take_version(struct mc_der *info, struct mc_err *e)
{
    struct mc_der start = *info;
    uint64_t version;
    enum mc_rc rc;

    if (mc_der_peek(info, MC_DER_SEQUENCE))
        return fail(info, MC_E_CSR_VERSION, "csr.version", "it is missing", e);
    if (!mc_der_peek(info, MC_DER_INTEGER))
        return fail(info, MC_E_CSR_FORM, "csr.info", NULL, e);
    rc = mc_der_take_uint(info, &version);
    if (rc != MC_OK)
        return fail(&start, rc, "csr.version", NULL, e);
    return version == 0 ? MC_OK : fail(&start, MC_E_CSR_VERSION, "csr.version", NULL, e);
}

static enum mc_rc take_info(struct mc_der *outer, struct mc_csr *c, struct mc_err *e)
{
    const uint8_t *start = outer->p;
    struct mc_der info;
    enum mc_rc rc = take(outer, MC_DER_SEQUENCE, &info, "csr.info", e);

    if (rc != MC_OK)
        return rc;
    c->info = mc_span_of(start, (size_t)(outer->p - start));
    rc = take_version(&info, e);
    if (rc == MC_OK)
        rc = take_name(&info, c, e);
    if (rc == MC_OK)
        rc = take_key(&info, c, e);
    if (rc == MC_OK)
        rc = take_attributes(&info, c, e);
    return rc == MC_OK ? end(&info, "csr.info", e) : rc;
}

/*
 * ecdsa-with-SHA256. RFC 5758 wants no parameters, but Mbed TLS wrote NULL for years, so a share of all nodes
 * sends it and the SDK takes it. Neither is signed, and nothing of it reaches a certificate.
 */
static enum mc_rc take_signature_algorithm(struct mc_der *outer, struct mc_err *e)
{
    struct mc_der alg, null;
    struct mc_span oid;
    enum mc_rc rc = take(outer, MC_DER_SEQUENCE, &alg, "csr.signatureAlgorithm", e);

    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_oid(&alg, &oid);
    if (rc != MC_OK)
        return fail(&alg, rc, "csr.signatureAlgorithm", NULL, e);
    if (!oid_is(oid, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256)))
        return fail(&alg, MC_E_CSR_SIG_ALG, "csr.signatureAlgorithm", mc_oid_name(oid), e);
    if (mc_der_take(&alg, MC_DER_NULL, &null) == MC_OK && mc_der_more(&null))
        return fail(&alg, MC_E_CSR_SIG_ALG, "csr.signatureAlgorithm", "its NULL is not empty", e);
    if (mc_der_more(&alg))
        return fail(&alg, MC_E_CSR_SIG_ALG, "csr.signatureAlgorithm", "it has parameters", e);
    return MC_OK;
}

/* What is wrong with one half of a signature, or NULL. */
static const char *half_fault(struct mc_der *pair)
{
    struct mc_der n;
    size_t len;

    if (mc_der_take(pair, MC_DER_INTEGER, &n) != MC_OK)
        return "it is not a SEQUENCE of two INTEGERs";
    len = (size_t)(n.end - n.p);
    if (len == 0)
        return "an INTEGER is empty";
    if ((n.p[0] & 0x80) != 0)
        return "an INTEGER is negative";
    if (len == 1 && n.p[0] == 0)
        return "an INTEGER is zero";
    if (mc_der_check_integer(mc_der_rest(&n)) != MC_OK)
        return "an INTEGER has a superfluous zero octet";
    return len - (n.p[0] == 0) > MC_SIG_LEN / 2 ? "an INTEGER is too long" : NULL;
}

static const char *signature_fault(struct mc_span der)
{
    struct mc_der d = mc_der_of(der), pair;
    const char *fault;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &pair) != MC_OK)
        return "it is not a SEQUENCE of two INTEGERs";
    if (mc_der_end(&d) != MC_OK)
        return "octets follow its SEQUENCE";
    fault = half_fault(&pair);
    if (fault == NULL)
        fault = half_fault(&pair);
    if (fault == NULL && mc_der_end(&pair) != MC_OK)
        fault = "octets follow its two INTEGERs";
    return fault;
}

static enum mc_rc take_signature(struct mc_der *outer, struct mc_csr *c, struct mc_err *e)
{
    struct mc_der bits;
    const char *fault;
    enum mc_rc rc = mc_der_take_octet_bits(outer, &bits);

    if (rc != MC_OK)
        return fail(outer, rc, "csr.signature", NULL, e);
    fault = signature_fault(mc_der_rest(&bits));
    if (fault != NULL)
        return fail(&bits, MC_E_SIGNATURE_FORM, "csr.signature", fault, e);
    rc = mc_sig_from_der(mc_der_rest(&bits), c->sig);
    return rc == MC_OK ? MC_OK : fail(&bits, rc, "csr.signature", NULL, e);
}

enum mc_rc mc_csr_parse(struct mc_span der, struct mc_csr *c, struct mc_err *e)
{
    struct mc_der d = mc_der_of(der), outer;
    enum mc_rc rc;

    memset(c, 0, sizeof(*c));
    if (der.n < MC_CSR_MIN || der.n > MC_CSR_MAX)
        return mc_fail(e, MC_E_CSR_SIZE, "csr", "it has %zu octets", der.n);
    if (!mc_der_peek(&d, MC_DER_SEQUENCE))
        return fail(&d, MC_E_CSR_FORM, "csr", NULL, e);
    rc = take(&d, MC_DER_SEQUENCE, &outer, "csr", e);
    if (rc != MC_OK)
        return rc;
    if (mc_der_more(&d))
        return fail(&d, MC_E_DER_TRAILING, "csr", "behind the whole request", e);
    c->whole = der;
    rc = take_info(&outer, c, e);
    if (rc == MC_OK)
        rc = take_signature_algorithm(&outer, e);
    if (rc == MC_OK)
        rc = take_signature(&outer, c, e);
    if (rc == MC_OK && mc_der_more(&outer))
        return fail(&outer, MC_E_DER_TRAILING, "csr", "behind the signature", e);
    return rc;
}

enum mc_rc mc_csr_check(struct mc_verifier *v, const struct mc_csr *c, struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc = mc_sha256(v, c->info, digest);

    if (rc == MC_OK)
        rc = mc_verify(v, c->point.p, digest, c->sig);
    if (rc == MC_OK)
        return MC_OK;
    if (rc == MC_E_SIGNATURE)
        return mc_fail(e, MC_E_CSR_SIGNATURE, "csr.signature", NULL);
    return mc_fail(e, rc, rc == MC_E_CRYPTO ? "csr" : "csr.key.point", NULL);
}
