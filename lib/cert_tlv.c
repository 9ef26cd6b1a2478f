/* SPDX-License-Identifier: Apache-2.0 */
/* Matter TLV certificates: the reader and the writer (matter-operational 2.2, 1.8). */
#include "cert_parse.h"
#include "dn.h"

enum {
    TAG_SERIAL = 1,
    TAG_SIG_ALG = 2,
    TAG_ISSUER = 3,
    TAG_NOT_BEFORE = 4,
    TAG_NOT_AFTER = 5,
    TAG_SUBJECT = 6,
    TAG_KEY_ALG = 7,
    TAG_CURVE = 8,
    TAG_POINT = 9,
    TAG_EXTENSIONS = 10,
    TAG_SIGNATURE = 11,
};

static enum mc_rc take(struct mc_reader *r, struct mc_tlv *t, enum mc_tlv_type type, int tag, const char *field,
    struct mc_tlv_elem *el)
{
    size_t offset = mc_tlv_offset(t);
    enum mc_rc rc = mc_tlv_take_as(t, type, tag, el);

    return __builtin_expect(rc == MC_OK, 1) ? MC_OK : mc_fail_at(r->e, rc, offset, field, NULL);
}

/* A number that must be 1: the only algorithm, key type and curve there are. */
static enum mc_rc take_one(struct mc_reader *r, struct mc_tlv *t, int tag, const char *field, enum mc_rc wrong)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = take(r, t, MC_TLV_UINT, tag, field, &el);

    if (rc != MC_OK)
        return rc;
    return el.num == 1 ? MC_OK
                       : mc_fail_at(r->e, wrong, el.offset, field, "got %llu, not 1", (unsigned long long)el.num);
}

static enum mc_rc take_octets(
    struct mc_reader *r, struct mc_tlv *t, int tag, size_t want, const char *field, struct mc_span *out)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = take(r, t, MC_TLV_BYTES, tag, field, &el);

    if (rc != MC_OK)
        return rc;
    *out = el.bytes;
    if (want != 0 && el.bytes.n != want)
        return mc_fail_at(r->e, MC_E_TLV_LENGTH, el.offset, field, "%zu octets, not %zu", el.bytes.n, want);
    return MC_OK;
}

static enum mc_rc take_time(struct mc_reader *r, struct mc_tlv *t, int tag, const char *field, int64_t *unix_time)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = take(r, t, MC_TLV_UINT, tag, field, &el);

    if (rc != MC_OK)
        return rc;
    if (el.num > UINT32_MAX)
        return mc_fail_at(r->e, MC_E_TLV_RANGE, el.offset, field, NULL);
    *unix_time = tag == TAG_NOT_AFTER && el.num == 0 ? MC_TIME_NO_EXPIRY : MC_EPOCH2000_UNIX + (int64_t)el.num;
    return MC_OK;
}

static enum mc_rc take_name(struct mc_reader *r, struct mc_tlv *t, int tag, const char *field, struct mc_dn *dn)
{
    struct mc_dn_reader reader = {field, NULL, r->e};
    struct mc_tlv_elem el;
    enum mc_rc rc = take(r, t, MC_TLV_LIST, tag, field, &el);

    return rc == MC_OK ? mc_dn_take_tlv(&reader, t, dn) : rc;
}

static enum mc_rc take_validity(struct mc_reader *r, struct mc_tlv *t)
{
    struct mc_cert *c = r->c;
    const char *field;
    enum mc_rc rc = take_time(r, t, TAG_NOT_BEFORE, "validity.notBefore", &c->not_before_unix);

    if (rc == MC_OK)
        rc = take_time(r, t, TAG_NOT_AFTER, "validity.notAfter", &c->not_after_unix);
    if (rc != MC_OK)
        return rc;
    rc = mc_validity_check(c->not_before_unix, c->not_after_unix, &field);
    return rc == MC_OK ? MC_OK : mc_fail_at(r->e, rc, mc_tlv_offset(t), field, NULL);
}

static enum mc_rc take_point(struct mc_reader *r, struct mc_tlv *t)
{
    struct mc_cert *c = r->c;
    size_t offset = mc_tlv_offset(t);
    enum mc_rc rc = take_octets(r, t, TAG_POINT, MC_POINT_LEN, "subjectPublicKey.point", &c->point);

    if (rc != MC_OK)
        return rc;
    if (c->point.p[0] != 0x04)
        return mc_fail_at(r->e, MC_E_POINT, offset, "subjectPublicKey.point", NULL);
    c->p256 = true;
    return MC_OK;
}

static enum mc_rc take_signature(struct mc_reader *r, struct mc_tlv *t)
{
    struct mc_span sig;
    enum mc_rc rc = take_octets(r, t, TAG_SIGNATURE, MC_SIG_LEN, "signature", &sig);

    if (rc != MC_OK)
        return rc;
    memcpy(r->c->sig, sig.p, MC_SIG_LEN);
    r->c->has_sig = true;
    return MC_OK;
}

/* A rule that nodes do not enforce: an error, or noted in c->obstacle; n tells the length that is wrong. */
static enum mc_rc depart(struct mc_reader *r, enum mc_rc rc, size_t offset, const char *field, size_t n)
{
    (void)mc_fail_at(r->x509 ? &r->c->obstacle : r->e, rc, offset, field, n != 0 ? "%zu octets" : NULL, n);
    return r->x509 ? MC_OK : rc;
}

static enum mc_rc take_full(struct mc_reader *r, struct mc_tlv *t)
{
    struct mc_cert *c = r->c;
    struct mc_tlv_elem el;
    enum mc_rc rc = take_octets(r, t, TAG_SERIAL, 0, "serialNumber", &c->serial);

    if (rc == MC_OK && mc_serial_check(c->serial) != MC_OK)
        rc = depart(r, MC_E_SERIAL, mc_tlv_offset(t) - c->serial.n, "serialNumber", c->serial.n);
    if (rc == MC_OK)
        rc = take_one(r, t, TAG_SIG_ALG, "signature.algorithm", MC_E_SIG_ALG);
    if (rc == MC_OK)
        rc = take_name(r, t, TAG_ISSUER, "issuer", &c->issuer);
    if (rc == MC_OK)
        rc = take_validity(r, t);
    if (rc == MC_OK)
        rc = take_name(r, t, TAG_SUBJECT, "subject", &c->subject);
    if (rc == MC_OK)
        rc = take_one(r, t, TAG_KEY_ALG, "subjectPublicKey.algorithm", MC_E_KEY_ALG);
    if (rc == MC_OK)
        rc = take_one(r, t, TAG_CURVE, "subjectPublicKey.curve", MC_E_CURVE);
    if (rc == MC_OK)
        rc = take_point(r, t);
    if (rc == MC_OK)
        rc = take(r, t, MC_TLV_LIST, TAG_EXTENSIONS, "extensions", &el);
    if (rc == MC_OK)
        rc = mc_exts_take_tlv(r, t);
    return rc == MC_OK ? take_signature(r, t) : rc;
}

static enum mc_rc take_compact(struct mc_reader *r, struct mc_tlv *t)
{
    enum mc_rc rc;

    r->c->form = MC_FORM_COMPACT;
    mc_identity_fill(r->c);
    rc = take_point(r, t);
    return rc == MC_OK ? take_signature(r, t) : rc;
}

static enum mc_rc check_whole(struct mc_reader *r, struct mc_span in)
{
    size_t n;

    if (in.n > MC_CERT_TLV_MAX)
        return mc_fail(r->e, MC_E_SIZE_TLV, NULL, "%zu octets", in.n);
    if (mc_cert_kind(r->c) == MC_KIND_NETWORK_IDENTITY) {
        enum mc_rc rc = mc_identity_check(r->c, r->e);

        if (rc != MC_OK)
            return rc;
    }
    n = mc_cert_der_bound(r->c);
    return n <= MC_CERT_DER_MAX ? MC_OK : mc_fail(r->e, MC_E_SIZE_DER, NULL, "%zu octets", n);
}

static enum mc_rc parse(struct mc_reader r, struct mc_span in)
{
    struct mc_tlv t = mc_tlv_of(in, !r.x509);
    struct mc_tlv_elem el;
    struct mc_cert *c = r.c;
    struct mc_err *e = r.e;
    enum mc_rc rc;

    mc_cert_reset(c, MC_FORM_TLV);
    if (in.n > 2 * MC_CERT_TLV_MAX)
        return mc_fail(e, MC_E_SIZE_TLV, NULL, "%zu octets", in.n);
    rc = take(&r, &t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, "certificate", &el);
    if (rc != MC_OK)
        return rc;
    /* A structure that begins with the key is the compact form of a network identity. */
    if (in.n > 2 && t.p[0] == 0x30 && t.p[1] == TAG_POINT)
        rc = take_compact(&r, &t);
    else
        rc = take_full(&r, &t);
    if (rc != MC_OK)
        return rc;
    rc = mc_tlv_take(&t, &el);
    if (rc != MC_OK || el.type != MC_TLV_END)
        return mc_fail_at(e, rc != MC_OK ? rc : MC_E_TLV_TAG, mc_tlv_offset(&t), "certificate", NULL);
    if (t.wide) /* only a loose cursor notes it */
        (void)depart(&r, MC_E_TLV_MINIMAL, t.wide_at, "certificate", 0);
    if (t.p != t.end)
        rc = depart(&r, MC_E_TLV_TRAILING, mc_tlv_offset(&t), "certificate", 0);
    return rc == MC_OK ? check_whole(&r, in) : rc;
}

enum mc_rc mc_cert_parse_tlv(struct mc_span in, struct mc_cert *c, struct mc_err *e)
{
    return parse((struct mc_reader){c, false, e}, in);
}

enum mc_rc mc_cert_parse_tlv_loose(struct mc_span in, struct mc_cert *c, struct mc_err *e)
{
    return parse((struct mc_reader){c, true, e}, in);
}

enum mc_rc mc_cert_encode_tlv(const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap < MC_CERT_TLV_MAX ? cap : MC_CERT_TLV_MAX);
    enum mc_rc rc = mc_cert_check_writable(c, e);

    if (rc != MC_OK)
        return rc;
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_bytes(&o, TAG_SERIAL, c->serial);
    mc_tlv_put_uint(&o, TAG_SIG_ALG, 1);
    mc_dn_put_tlv(&o, TAG_ISSUER, &c->issuer);
    mc_tlv_put_uint(&o, TAG_NOT_BEFORE, mc_epoch2000(c->not_before_unix));
    mc_tlv_put_uint(&o, TAG_NOT_AFTER, mc_epoch2000(c->not_after_unix));
    mc_dn_put_tlv(&o, TAG_SUBJECT, &c->subject);
    mc_tlv_put_uint(&o, TAG_KEY_ALG, 1);
    mc_tlv_put_uint(&o, TAG_CURVE, 1);
    mc_tlv_put_bytes(&o, TAG_POINT, c->point);
    mc_exts_put_tlv(&o, c);
    mc_tlv_put_bytes(&o, TAG_SIGNATURE, mc_span_of(c->sig, MC_SIG_LEN));
    mc_tlv_close(&o);
    if (o.rc != MC_OK)
        return mc_fail(e, o.cap < MC_CERT_TLV_MAX ? MC_E_SPACE : MC_E_SIZE_TLV, NULL, NULL);
    *n = o.n;
    return MC_OK;
}

enum mc_rc mc_cert_encode_compact(const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    enum mc_rc rc = mc_cert_check_writable(c, e);

    if (rc != MC_OK)
        return rc;
    if (mc_cert_kind(c) != MC_KIND_NETWORK_IDENTITY || mc_identity_check(c, e) != MC_OK)
        return mc_fail(e, MC_E_NOT_COMPACT, NULL, "this is a certificate of kind %s", mc_kind_name(mc_cert_kind(c)));
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_bytes(&o, TAG_POINT, c->point);
    mc_tlv_put_bytes(&o, TAG_SIGNATURE, mc_span_of(c->sig, MC_SIG_LEN));
    mc_tlv_close(&o);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, NULL, NULL);
    *n = o.n;
    return MC_OK;
}
