/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates: the reader and the writer (matter-operational 2.5). */
#include "cert_parse.h"
#include "dn.h"

/* SEQUENCE { OID id-ecPublicKey, OID prime256v1 }, BIT STRING 00 || (the 65 octets of the point) */
static const uint8_t spki_prefix[26] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
    0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
#define SPKI_LEN ((ptrdiff_t)(sizeof(spki_prefix) + MC_POINT_LEN))
#define SPKI_PARAMS_LEN 10 /* OID prime256v1, before the 3 octets of the BIT STRING's head */
static const uint8_t version_3[5] = {0xA0, 0x03, 0x02, 0x01, 0x02};
static const uint8_t ecdsa_sha256[12] = {
    0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};

/* Takes an element of this tag and records where it went wrong. */
static enum mc_rc take(struct mc_reader *r, struct mc_der *d, uint8_t tag, struct mc_der *inner, const char *field)
{
    enum mc_rc rc = mc_der_take(d, tag, inner);

    return __builtin_expect(rc == MC_OK, 1) ? MC_OK : mc_fail_at(r->e, rc, mc_der_offset(d), field, NULL);
}

static enum mc_rc end(struct mc_reader *r, const struct mc_der *d, const char *field)
{
    return d->p == d->end ? MC_OK : mc_fail_at(r->e, MC_E_DER_TRAILING, mc_der_offset(d), field, NULL);
}

static bool is(struct mc_span a, const uint8_t *p, size_t n)
{
    return a.n == n && memcmp(a.p, p, n) == 0;
}

/* Octets that Matter certificates always have, taken in one comparison; false leaves them where they are. */
static bool take_fixed(struct mc_der *d, const uint8_t *p, size_t n)
{
    if ((size_t)(d->end - d->p) < n || memcmp(d->p, p, n) != 0)
        return false;
    d->p += n;
    return true;
}

/* AlgorithmIdentifier: the OID alone; *rest gets what follows it (parameters) as one view. */
static enum mc_rc take_algorithm(
    struct mc_reader *r, struct mc_der *d, const char *field, struct mc_span *oid, struct mc_span *rest)
{
    struct mc_der seq;
    enum mc_rc rc;

    if (take_fixed(d, ecdsa_sha256, sizeof(ecdsa_sha256))) {
        *oid = mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
        *rest = mc_span_of(d->p, 0);
        return MC_OK;
    }
    rc = take(r, d, MC_DER_SEQUENCE, &seq, field);
    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_oid(&seq, oid);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(&seq), field, NULL);
    *rest = mc_der_rest(&seq);
    return MC_OK;
}

/* version [0] EXPLICIT INTEGER, 2 for v3; X.509 v1 leaves it out. */
static enum mc_rc take_version(struct mc_reader *r, struct mc_der *tbs)
{
    struct mc_der explicit;
    uint64_t version = 0;
    size_t offset = mc_der_offset(tbs);
    enum mc_rc rc;

    if (mc_der_peek(tbs, MC_DER_CONTEXT_CONSTRUCTED)) {
        rc = take(r, tbs, MC_DER_CONTEXT_CONSTRUCTED, &explicit, "version");
        if (rc == MC_OK) {
            rc = mc_der_take_uint(&explicit, &version);
            if (rc == MC_OK)
                rc = mc_der_end(&explicit);
        }
        if (rc != MC_OK)
            return mc_fail_at(r->e, rc, offset, "version", NULL);
    }
    r->c->version = version < 3 ? (uint8_t)(version + 1) : 0;
    return version == 2 ? MC_OK : mc_obstacle(r, MC_E_VERSION, offset, "version");
}

static enum mc_rc take_serial(struct mc_reader *r, struct mc_der *tbs)
{
    struct mc_der content;
    enum mc_rc rc = take(r, tbs, MC_DER_INTEGER, &content, "serialNumber");

    if (rc != MC_OK)
        return rc;
    r->c->serial = mc_der_rest(&content);
    rc = mc_serial_check(r->c->serial);
    return rc == MC_OK ? MC_OK : mc_obstacle(r, rc, mc_der_offset(&content), "serialNumber");
}

static enum mc_rc take_time(struct mc_reader *r, struct mc_der *seq, int64_t *unix_time, const char *field)
{
    struct mc_der content;
    bool canonical;
    uint8_t tag;
    enum mc_rc rc = mc_der_take_any(seq, &tag, &content);

    if (rc == MC_OK)
        rc = mc_time_parse_x509(tag, mc_der_rest(&content), unix_time, &canonical);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(seq), field, NULL);
    return canonical ? MC_OK : mc_obstacle(r, MC_E_TIME_CHOICE, mc_der_offset(&content), field);
}

static enum mc_rc take_validity(struct mc_reader *r, struct mc_der *tbs)
{
    struct mc_cert *c = r->c;
    struct mc_der seq;
    const char *field;
    enum mc_rc rc = take(r, tbs, MC_DER_SEQUENCE, &seq, "validity");

    if (rc == MC_OK)
        rc = take_time(r, &seq, &c->not_before_unix, "validity.notBefore");
    if (rc == MC_OK)
        rc = take_time(r, &seq, &c->not_after_unix, "validity.notAfter");
    if (rc == MC_OK)
        rc = end(r, &seq, "validity");
    if (rc != MC_OK)
        return rc;
    rc = mc_validity_check(c->not_before_unix, c->not_after_unix, &field);
    return rc == MC_OK ? MC_OK : mc_obstacle(r, rc, mc_der_offset(&seq), field);
}

static enum mc_rc check_key(struct mc_reader *r, size_t offset)
{
    struct mc_cert *c = r->c;
    struct mc_der params = mc_der_of(c->key_params), oid;

    if (!is(c->key_alg_oid, mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key)))
        return mc_obstacle(r, MC_E_KEY_ALG, offset, "subjectPublicKey.algorithm");
    if (mc_der_take(&params, MC_DER_OID, &oid) != MC_OK || mc_der_more(&params) ||
        !is(mc_der_rest(&oid), mc_oid_prime256v1, sizeof(mc_oid_prime256v1)))
        return mc_obstacle(r, MC_E_CURVE, offset, "subjectPublicKey.curve");
    if (c->key_bits.n != MC_POINT_LEN || c->key_bits.p[0] != 0x04)
        return mc_obstacle(r, MC_E_POINT, offset, "subjectPublicKey.point");
    c->point = c->key_bits;
    c->p256 = true;
    return MC_OK;
}

static enum mc_rc take_key(struct mc_reader *r, struct mc_der *tbs)
{
    struct mc_cert *c = r->c;
    struct mc_der seq, bits;
    enum mc_rc rc;

    if (tbs->end - tbs->p >= SPKI_LEN && tbs->p[sizeof(spki_prefix)] == 0x04 &&
        take_fixed(tbs, spki_prefix, sizeof(spki_prefix))) {
        c->key_params = mc_span_of(tbs->p - SPKI_PARAMS_LEN - 3, SPKI_PARAMS_LEN);
        c->key_bits = c->point = mc_span_of(tbs->p, MC_POINT_LEN);
        c->p256 = true;
        tbs->p += MC_POINT_LEN;
        return MC_OK;
    }
    rc = take(r, tbs, MC_DER_SEQUENCE, &seq, "subjectPublicKey");
    if (rc == MC_OK)
        rc = take_algorithm(r, &seq, "subjectPublicKey.algorithm", &c->key_alg_oid, &c->key_params);
    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_octet_bits(&seq, &bits);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(&seq), "subjectPublicKey", NULL);
    c->key_bits = mc_der_rest(&bits);
    rc = end(r, &seq, "subjectPublicKey");
    return rc == MC_OK ? check_key(r, mc_der_offset(&seq)) : rc;
}

/* issuerUniqueID [1], subjectUniqueID [2]: Matter has neither; then extensions [3]. */
static enum mc_rc take_tail(struct mc_reader *r, struct mc_der *tbs)
{
    struct mc_der skipped, explicit, list;
    enum mc_rc rc = MC_OK;

    for (uint8_t tag = MC_DER_CONTEXT | 1; tag <= (MC_DER_CONTEXT | 2); tag++) {
        if (!mc_der_peek(tbs, tag))
            continue;
        rc = mc_obstacle(r, MC_E_UNIQUE_ID, mc_der_offset(tbs), "uniqueID");
        if (rc == MC_OK)
            rc = take(r, tbs, tag, &skipped, "uniqueID");
        if (rc != MC_OK)
            return rc;
    }
    if (!mc_der_more(tbs))
        return mc_obstacle(r, MC_E_EXT_MISSING, mc_der_offset(tbs), "extensions");
    rc = take(r, tbs, MC_DER_CONTEXT_CONSTRUCTED | 3, &explicit, "extensions");
    if (rc == MC_OK)
        rc = take(r, &explicit, MC_DER_SEQUENCE, &list, "extensions");
    if (rc == MC_OK)
        rc = end(r, &explicit, "extensions");
    if (rc == MC_OK)
        rc = mc_exts_take_der(r, &list);
    return rc == MC_OK ? end(r, tbs, "tbsCertificate") : rc;
}

static enum mc_rc take_tbs(struct mc_reader *r, struct mc_der *cert, struct mc_span *sig_alg_rest)
{
    struct mc_cert *c = r->c;
    struct mc_dn_reader dn = {"issuer", r->x509 ? &c->obstacle : NULL, r->e};
    const uint8_t *start = cert->p;
    struct mc_der tbs;
    enum mc_rc rc = take(r, cert, MC_DER_SEQUENCE, &tbs, "tbsCertificate");

    if (rc != MC_OK)
        return rc;
    c->tbs = mc_span_of(start, (size_t)(tbs.end - start));
    rc = take_version(r, &tbs);
    if (rc == MC_OK)
        rc = take_serial(r, &tbs);
    if (rc == MC_OK)
        rc = take_algorithm(r, &tbs, "signature.algorithm", &c->sig_alg_oid, sig_alg_rest);
    if (rc == MC_OK && (!is(c->sig_alg_oid, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256)) || sig_alg_rest->n != 0))
        rc = mc_obstacle(r, MC_E_SIG_ALG, mc_der_offset(&tbs), "signature.algorithm");
    if (rc == MC_OK)
        rc = mc_dn_take_der(&dn, &tbs, &c->issuer);
    if (rc == MC_OK)
        rc = take_validity(r, &tbs);
    dn.field = "subject";
    if (rc == MC_OK)
        rc = mc_dn_take_der(&dn, &tbs, &c->subject);
    if (rc == MC_OK)
        rc = take_key(r, &tbs);
    return rc == MC_OK ? take_tail(r, &tbs) : rc;
}

static enum mc_rc take_signature(struct mc_reader *r, struct mc_der *cert, struct mc_span tbs_alg_rest)
{
    struct mc_cert *c = r->c;
    struct mc_span oid, rest;
    struct mc_der bits;
    size_t offset = mc_der_offset(cert);
    enum mc_rc rc = take_algorithm(r, cert, "signatureAlgorithm", &oid, &rest);

    if (rc != MC_OK)
        return rc;
    if (!mc_span_eq(oid, c->sig_alg_oid) || !mc_span_eq(rest, tbs_alg_rest)) {
        c->sig_alg_differs = true;
        rc = mc_obstacle(r, MC_E_SIG_ALG_MISMATCH, offset, "signatureAlgorithm");
        if (rc != MC_OK)
            return rc;
    }
    offset = mc_der_offset(cert);
    rc = mc_der_take_octet_bits(cert, &bits);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, offset, "signature", NULL);
    c->sig_der = mc_der_rest(&bits);
    rc = mc_sig_from_der(c->sig_der, c->sig);
    if (rc != MC_OK)
        return mc_obstacle(r, rc, offset, "signature");
    c->has_sig = true;
    return MC_OK;
}

static enum mc_rc check_matter(struct mc_reader *r, struct mc_span in)
{
    struct mc_cert *c = r->c;
    struct mc_err e;
    enum mc_rc rc;

    if (c->obstacle.rc != MC_OK)
        return MC_OK;
    if (in.n > MC_CERT_DER_MAX)
        return mc_obstacle(r, MC_E_SIZE_DER, MC_CERT_DER_MAX, NULL);
    mc_err_init(&e);
    if (mc_cert_kind(c) == MC_KIND_NETWORK_IDENTITY) {
        rc = mc_identity_check(c, &e);
        if (rc != MC_OK)
            return r->x509 ? (c->obstacle = e, MC_OK) : mc_fail(r->e, rc, e.field, "%s", e.what);
    }
    return mc_cert_tlv_bound(c) <= MC_CERT_TLV_MAX ? MC_OK : mc_obstacle(r, MC_E_SIZE_TLV, MC_NO_OFFSET, NULL);
}

enum mc_rc mc_cert_parse_der(struct mc_span in, enum mc_rules rules, struct mc_cert *c, struct mc_err *e)
{
    struct mc_reader r = {c, rules == MC_RULES_X509, e};
    struct mc_der outer = mc_der_of(in), cert;
    struct mc_span rest;
    enum mc_rc rc;

    mc_cert_reset(c, MC_FORM_DER);
    if (in.n > (r.x509 ? MC_X509_INPUT_MAX : 2 * MC_CERT_DER_MAX))
        return mc_fail(e, r.x509 ? MC_E_TOO_BIG : MC_E_SIZE_DER, NULL, "%zu octets", in.n);
    rc = take(&r, &outer, MC_DER_SEQUENCE, &cert, "certificate");
    if (rc == MC_OK && mc_der_more(&outer))
        rc = mc_obstacle(&r, MC_E_DER_TRAILING, mc_der_offset(&outer), "certificate");
    if (rc == MC_OK)
        rc = take_tbs(&r, &cert, &rest);
    if (rc == MC_OK)
        rc = take_signature(&r, &cert, rest);
    if (rc == MC_OK)
        rc = end(&r, &cert, "certificate");
    return rc == MC_OK ? check_matter(&r, in) : rc;
}

/*
 * TBSCertificate ::= SEQUENCE { version, serialNumber, signature, issuer, validity, subject,
 *                               subjectPublicKeyInfo, extensions [3] }
 */
static void put_tbs(struct mc_out *o, const struct mc_cert *c)
{
    size_t tbs = mc_der_begin(o, MC_DER_SEQUENCE), validity;

    mc_out_put(o, version_3, sizeof(version_3));
    mc_der_put(o, MC_DER_INTEGER, c->serial.p, c->serial.n);
    mc_out_put(o, ecdsa_sha256, sizeof(ecdsa_sha256));
    mc_dn_put_der(o, &c->issuer);
    validity = mc_der_begin(o, MC_DER_SEQUENCE);
    mc_time_put_x509(o, c->not_before_unix);
    mc_time_put_x509(o, c->not_after_unix);
    mc_der_close(o, validity);
    mc_dn_put_der(o, &c->subject);
    mc_out_put(o, spki_prefix, sizeof(spki_prefix));
    mc_out_put(o, c->point.p, MC_POINT_LEN);
    mc_exts_put_der(o, c);
    mc_der_close(o, tbs);
}

static enum mc_rc finish(const struct mc_out *o, size_t *n, struct mc_err *e)
{
    if (o->rc != MC_OK)
        return mc_fail(e, o->rc, NULL, NULL);
    if (o->n > MC_CERT_DER_MAX)
        return mc_fail(e, MC_E_SIZE_DER, NULL, "%zu octets", o->n);
    *n = o->n;
    return MC_OK;
}

/* What mc_cert_parse_tlv_loose lets pass leaves the signed octets as they were. */
static bool was_read_loosely(const struct mc_cert *c)
{
    return c->form != MC_FORM_DER && c->obstacle.rc != MC_OK;
}

enum mc_rc mc_cert_encode_tbs(const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    enum mc_rc rc = was_read_loosely(c) ? MC_OK : mc_cert_check_writable(c, e);

    if (rc != MC_OK)
        return rc;
    put_tbs(&o, c);
    if (o.rc == MC_E_SPACE && cap >= MC_CERT_DER_MAX)
        return mc_fail(e, MC_E_SIZE_DER, "tbsCertificate", NULL);
    return finish(&o, n, e);
}

/* signatureAlgorithm, signatureValue BIT STRING { ECDSA-Sig-Value } */
static void put_signature(struct mc_out *o, const uint8_t sig[MC_SIG_LEN])
{
    size_t bits;
    uint8_t *at;

    mc_out_put(o, ecdsa_sha256, sizeof(ecdsa_sha256));
    bits = mc_der_begin(o, MC_DER_BIT_STRING);
    mc_out_byte(o, 0);
    at = mc_out_room(o, MC_SIG_DER_MAX);
    if (at == NULL)
        return;
    o->n -= MC_SIG_DER_MAX - mc_sig_to_der(sig, at);
    mc_der_close(o, bits);
}

/* Room beyond the limit, so that a certificate of exactly 600 octets can be put together in any buffer. */
#define WORK_MAX (MC_CERT_DER_MAX + MC_SIG_DER_MAX)

static enum mc_rc assemble(struct mc_out *work, size_t mark, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap,
    size_t *n, struct mc_err *e)
{
    enum mc_rc rc;
    size_t len = 0;

    put_signature(work, sig);
    mc_der_close(work, mark);
    if (work->rc == MC_E_SPACE)
        return mc_fail(e, MC_E_SIZE_DER, NULL, NULL);
    rc = finish(work, &len, e);
    if (rc != MC_OK)
        return rc;
    if (len > cap)
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    memcpy(out, work->p, len);
    *n = len;
    return MC_OK;
}

enum mc_rc mc_cert_encode_der(const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    uint8_t buffer[WORK_MAX];
    struct mc_out work = mc_out_of(buffer, sizeof(buffer));
    enum mc_rc rc = mc_cert_check_writable(c, e);
    size_t mark;

    if (rc != MC_OK)
        return rc;
    mark = mc_der_begin(&work, MC_DER_SEQUENCE);
    put_tbs(&work, c);
    return assemble(&work, mark, c->sig, out, cap, n, e);
}

enum mc_rc mc_cert_assemble(
    struct mc_span tbs, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    uint8_t buffer[WORK_MAX];
    struct mc_out work = mc_out_of(buffer, sizeof(buffer));
    size_t mark = mc_der_begin(&work, MC_DER_SEQUENCE);

    mc_out_put(&work, tbs.p, tbs.n);
    return assemble(&work, mark, sig, out, cap, n, e);
}

size_t mc_sig_to_der(const uint8_t sig[MC_SIG_LEN], uint8_t out[MC_SIG_DER_MAX])
{
    struct mc_out o = mc_out_of(out, MC_SIG_DER_MAX);
    size_t seq = mc_der_begin(&o, MC_DER_SEQUENCE);

    mc_der_put_unsigned(&o, sig, MC_SIG_LEN / 2);
    mc_der_put_unsigned(&o, sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2);
    mc_der_close(&o, seq);
    return o.n;
}

static bool take_scalar(struct mc_der *seq, uint8_t out[MC_SIG_LEN / 2])
{
    struct mc_der content;
    size_t n;

    if (mc_der_take(seq, MC_DER_INTEGER, &content) != MC_OK || mc_der_check_integer(mc_der_rest(&content)) != MC_OK ||
        (*content.p & 0x80) != 0)
        return false;
    if (*content.p == 0)
        content.p++;
    n = (size_t)(content.end - content.p);
    if (n > MC_SIG_LEN / 2)
        return false;
    memset(out, 0, MC_SIG_LEN / 2 - n);
    memcpy(out + MC_SIG_LEN / 2 - n, content.p, n);
    return true;
}

enum mc_rc mc_sig_from_der(struct mc_span der, uint8_t sig[MC_SIG_LEN])
{
    struct mc_der d = mc_der_of(der), seq;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &seq) != MC_OK || mc_der_more(&d) || !take_scalar(&seq, sig) ||
        !take_scalar(&seq, sig + MC_SIG_LEN / 2) || mc_der_more(&seq))
        return MC_E_SIGNATURE_FORM;
    return MC_OK;
}
