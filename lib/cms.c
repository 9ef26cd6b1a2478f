/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader and the writer of the envelope, in the order of matter-attestation 4.3. */
#include "cms.h"

#include "cms_oid.h"
#include "der.h"

enum { CMS_VERSION = 3, CERTIFICATES = 0, CRLS = 1, SIGNED_ATTRIBUTES = 0, UNSIGNED_ATTRIBUTES = 1 };

const uint8_t mc_oid_signed_data[9] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};
const uint8_t mc_oid_data[9] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
const uint8_t mc_oid_sha256[9] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};

static enum mc_rc at(struct mc_err *e, const struct mc_der *d, enum mc_rc rc, const char *field)
{
    return rc == MC_OK ? MC_OK : mc_fail_at(e, rc, mc_der_offset(d), field, NULL);
}

static enum mc_rc enter(struct mc_der *d, uint8_t tag, struct mc_der *content, const char *field, struct mc_err *e)
{
    return at(e, d, mc_der_take(d, tag, content), field);
}

/* Nothing may follow in this container. */
static enum mc_rc leave(const struct mc_der *d, const char *field, struct mc_err *e)
{
    return mc_der_more(d) ? mc_fail_at(e, MC_E_CMS_EXTRA, mc_der_offset(d), field, "something follows in it") : MC_OK;
}

static enum mc_rc take_version(struct mc_der *d, const char *field, struct mc_err *e)
{
    size_t offset = mc_der_offset(d);
    uint64_t version;
    enum mc_rc rc = at(e, d, mc_der_take_uint(d, &version), field);

    if (rc == MC_OK && version != CMS_VERSION)
        rc = mc_fail_at(e, MC_E_CMS_VERSION, offset, field, "%llu", (unsigned long long)version);
    return rc;
}

static enum mc_rc take_oid(struct mc_der *d, struct mc_span wanted, enum mc_rc otherwise, const char *field, struct mc_err *e)
{
    size_t offset = mc_der_offset(d);
    struct mc_span oid;
    char text[96];
    enum mc_rc rc = at(e, d, mc_der_take_oid(d, &oid), field);

    if (rc != MC_OK || mc_span_eq(oid, wanted))
        return rc;
    mc_oid_format(oid, text, sizeof(text));
    return mc_fail_at(e, otherwise, offset, field, "%s", text);
}

/* An AlgorithmIdentifier of this OID, without parameters. */
static enum mc_rc take_algorithm(struct mc_der *d, struct mc_span oid, enum mc_rc otherwise, const char *field, struct mc_err *e)
{
    struct mc_der algorithm;
    enum mc_rc rc = enter(d, MC_DER_SEQUENCE, &algorithm, field, e);

    if (rc == MC_OK)
        rc = take_oid(&algorithm, oid, otherwise, field, e);
    if (rc == MC_OK && mc_der_more(&algorithm))
        rc = mc_fail_at(e, MC_E_CMS_EXTRA, mc_der_offset(&algorithm), field, "it has parameters");
    return rc;
}

static enum mc_rc take_digests(struct mc_der *d, struct mc_err *e)
{
    static const char field[] = "cms.digestAlgorithms";
    struct mc_der set;
    enum mc_rc rc = enter(d, MC_DER_SET, &set, field, e);

    if (rc == MC_OK)
        rc = take_algorithm(&set, MC_OID_SPAN(mc_oid_sha256), MC_E_CMS_DIGEST, field, e);
    return rc == MC_OK ? leave(&set, field, e) : rc;
}

static enum mc_rc take_content(struct mc_der *d, struct mc_span *payload, struct mc_err *e)
{
    struct mc_der info, explicit, octets;
    enum mc_rc rc = enter(d, MC_DER_SEQUENCE, &info, "cms.encapContentInfo", e);

    if (rc == MC_OK)
        rc = take_oid(&info, MC_OID_SPAN(mc_oid_data), MC_E_CMS_TYPE, "cms.eContentType", e);
    if (rc == MC_OK)
        rc = enter(&info, MC_DER_CONTEXT_CONSTRUCTED, &explicit, "cms.eContent", e);
    if (rc == MC_OK)
        rc = leave(&info, "cms.encapContentInfo", e);
    if (rc == MC_OK)
        rc = enter(&explicit, MC_DER_OCTET_STRING, &octets, "cms.eContent", e);
    if (rc != MC_OK)
        return rc;
    *payload = mc_der_rest(&octets);
    return leave(&explicit, "cms.eContent", e);
}

static enum mc_rc refuse(const struct mc_der *d, unsigned number, const char *field, const char *what, struct mc_err *e)
{
    if (!mc_der_peek(d, (uint8_t)(MC_DER_CONTEXT_CONSTRUCTED | number)))
        return MC_OK;
    return mc_fail_at(e, MC_E_CMS_EXTRA, mc_der_offset(d), field, "%s", what);
}

static enum mc_rc take_key_id(struct mc_der *d, struct mc_span *key_id, struct mc_err *e)
{
    static const char field[] = "cms.signerInfo.sid";
    size_t offset = mc_der_offset(d);
    struct mc_der content;

    if (mc_der_peek(d, MC_DER_SEQUENCE))
        return mc_fail_at(e, MC_E_CMS_KEY_ID, offset, field, "it is an issuer and serial number");
    enum mc_rc rc = enter(d, MC_DER_CONTEXT, &content, field, e);
    if (rc != MC_OK)
        return rc;
    *key_id = mc_der_rest(&content);
    return key_id->n == MC_KEY_ID_LEN ? MC_OK
                                      : mc_fail_at(e, MC_E_CMS_KEY_ID, offset, field, "it has %zu octets", key_id->n);
}

static enum mc_rc take_signature(struct mc_der *d, uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    static const char field[] = "cms.signerInfo.signature";
    size_t offset = mc_der_offset(d);
    struct mc_der octets;
    enum mc_rc rc = enter(d, MC_DER_OCTET_STRING, &octets, field, e);

    if (rc == MC_OK)
        rc = mc_sig_from_der(mc_der_rest(&octets), sig);
    return rc == MC_OK ? MC_OK : mc_fail_at(e, rc, offset, field, NULL);
}

static enum mc_rc take_signer(struct mc_der *d, struct mc_cms *c, struct mc_err *e)
{
    struct mc_der s;
    enum mc_rc rc = enter(d, MC_DER_SEQUENCE, &s, "cms.signerInfo", e);

    if (rc == MC_OK)
        rc = take_version(&s, "cms.signerInfo.version", e);
    if (rc == MC_OK)
        rc = take_key_id(&s, &c->key_id, e);
    if (rc == MC_OK)
        rc = take_algorithm(
            &s, MC_OID_SPAN(mc_oid_sha256), MC_E_CMS_DIGEST, "cms.signerInfo.digestAlgorithm", e);
    if (rc == MC_OK)
        rc = refuse(&s, SIGNED_ATTRIBUTES, "cms.signerInfo.signedAttrs", "it has signed attributes", e);
    if (rc == MC_OK)
        rc = take_algorithm(
            &s, MC_OID_SPAN(mc_oid_ecdsa_sha256), MC_E_CMS_SIG_ALG, "cms.signerInfo.signatureAlgorithm", e);
    if (rc == MC_OK)
        rc = take_signature(&s, c->sig, e);
    if (rc == MC_OK)
        rc = refuse(&s, UNSIGNED_ATTRIBUTES, "cms.signerInfo.unsignedAttrs", "it has unsigned attributes", e);
    return rc == MC_OK ? leave(&s, "cms.signerInfo", e) : rc;
}

static enum mc_rc take_signed_data(struct mc_der *d, struct mc_cms *c, struct mc_err *e)
{
    struct mc_der signers = *d;
    enum mc_rc rc = take_version(d, "cms.version", e);

    if (rc == MC_OK)
        rc = take_digests(d, e);
    if (rc == MC_OK)
        rc = take_content(d, &c->payload, e);
    if (rc == MC_OK)
        rc = refuse(d, CERTIFICATES, "cms.certificates", "it holds certificates", e);
    if (rc == MC_OK)
        rc = refuse(d, CRLS, "cms.crls", "it holds CRLs", e);
    if (rc == MC_OK)
        rc = enter(d, MC_DER_SET, &signers, "cms.signerInfos", e);
    if (rc == MC_OK)
        rc = take_signer(&signers, c, e);
    if (rc == MC_OK && mc_der_more(&signers))
        rc = mc_fail_at(e, MC_E_CMS_EXTRA, mc_der_offset(&signers), "cms.signerInfos", "there is more than one signer");
    return rc == MC_OK ? leave(d, "cms.signedData", e) : rc;
}

enum mc_rc mc_cms_parse(struct mc_span der, struct mc_cms *c, struct mc_err *e)
{
    struct mc_der d = mc_der_of(der), info = d, explicit = d, data = d;
    enum mc_rc rc;

    memset(c, 0, sizeof(*c));
    rc = enter(&d, MC_DER_SEQUENCE, &info, "cms", e);
    if (rc == MC_OK)
        rc = at(e, &d, mc_der_end(&d), "cms");
    if (rc == MC_OK)
        rc = take_oid(&info, MC_OID_SPAN(mc_oid_signed_data), MC_E_CMS_TYPE, "cms.contentType", e);
    if (rc == MC_OK)
        rc = enter(&info, MC_DER_CONTEXT_CONSTRUCTED, &explicit, "cms.content", e);
    if (rc == MC_OK)
        rc = leave(&info, "cms", e);
    if (rc == MC_OK)
        rc = enter(&explicit, MC_DER_SEQUENCE, &data, "cms.signedData", e);
    if (rc == MC_OK)
        rc = leave(&explicit, "cms.content", e);
    return rc == MC_OK ? take_signed_data(&data, c, e) : rc;
}

/* --- writing --------------------------------------------------------------------------------------- */

static void put_oid(struct mc_out *o, struct mc_span oid)
{
    mc_der_put(o, MC_DER_OID, oid.p, oid.n);
}

static void put_algorithm(struct mc_out *o, struct mc_span oid)
{
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);

    put_oid(o, oid);
    mc_der_close(o, seq);
}

static void put_version(struct mc_out *o)
{
    uint8_t version = CMS_VERSION;

    mc_der_put(o, MC_DER_INTEGER, &version, 1);
}

static void put_octets(struct mc_out *o, struct mc_span octets)
{
    size_t mark = mc_der_begin(o, MC_DER_OCTET_STRING);

    mc_out_put(o, octets.p, octets.n);
    mc_der_close(o, mark);
}

static void put_content(struct mc_out *o, struct mc_span payload)
{
    size_t info = mc_der_begin(o, MC_DER_SEQUENCE), explicit;

    put_oid(o, MC_OID_SPAN(mc_oid_data));
    explicit = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED);
    put_octets(o, payload);
    mc_der_close(o, explicit);
    mc_der_close(o, info);
}

static void put_signer(struct mc_out *o, const struct mc_cms *c)
{
    uint8_t sig[MC_SIG_DER_MAX];
    size_t set = mc_der_begin(o, MC_DER_SET), seq = mc_der_begin(o, MC_DER_SEQUENCE);

    put_version(o);
    mc_der_put(o, MC_DER_CONTEXT, c->key_id.p, c->key_id.n);
    put_algorithm(o, MC_OID_SPAN(mc_oid_sha256));
    put_algorithm(o, MC_OID_SPAN(mc_oid_ecdsa_sha256));
    put_octets(o, mc_span_of(sig, mc_sig_to_der(c->sig, sig)));
    mc_der_close(o, seq);
    mc_der_close(o, set);
}

enum mc_rc mc_cms_encode(const struct mc_cms *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    size_t whole, explicit, data, set;

    if (c->key_id.n != MC_KEY_ID_LEN)
        return mc_fail(e, MC_E_CMS_KEY_ID, "cms.signerInfo.sid", "it has %zu octets", c->key_id.n);
    whole = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_oid(&o, MC_OID_SPAN(mc_oid_signed_data));
    explicit = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    data = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_version(&o);
    set = mc_der_begin(&o, MC_DER_SET);
    put_algorithm(&o, MC_OID_SPAN(mc_oid_sha256));
    mc_der_close(&o, set);
    put_content(&o, c->payload);
    put_signer(&o, c);
    mc_der_close(&o, data);
    mc_der_close(&o, explicit);
    mc_der_close(&o, whole);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, "cms", NULL);
    *n = o.n;
    return MC_OK;
}

enum mc_rc mc_cms_check_signature(
    struct mc_verifier *v, const struct mc_cms *c, const uint8_t point[MC_POINT_LEN], struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc = mc_sha256(v, c->payload, digest);

    if (rc == MC_OK)
        rc = mc_verify(v, point, digest, c->sig);
    if (rc == MC_OK)
        return MC_OK;
    return mc_fail(e, rc == MC_E_SIGNATURE ? MC_E_CMS_SIGNATURE : rc, "cms.signerInfo.signature", NULL);
}
