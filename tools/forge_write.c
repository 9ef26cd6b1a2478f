/* SPDX-License-Identifier: Apache-2.0 */
/* forge: writers that keep no rule. */
#include <openssl/err.h>
#include <openssl/rand.h>

#include "forge.h"
#include "lib/der.h"
#include "lib/dn.h"
#include "lib/tlv.h"

/* --- DER ------------------------------------------------------------------------------------------- */

void forge_put_hex(struct mc_out *o, const char *hex)
{
    size_t n = strlen(hex) / 2;
    uint8_t *at = mc_out_room(o, n);

    if (at != NULL && !mc_hex_decode(hex, n, at))
        mc_out_fail(o, MC_E_INTERNAL);
}

static void put_alg(struct mc_out *o, enum forge_alg alg)
{
    static const char *const hex[] = {
        [FORGE_SHA256] = "300A06082A8648CE3D040302",
        [FORGE_SHA256_NULL] = "300C06082A8648CE3D0403020500",
        [FORGE_SHA1] = "300906072A8648CE3D0401",
    };

    forge_put_hex(o, hex[alg]);
}

static void put_name(struct mc_out *o, const struct forge_name *name)
{
    size_t seq, set = 0, pair;

    if (name->missing)
        return;
    seq = mc_der_begin(o, MC_DER_SEQUENCE);
    for (unsigned i = 0; i < name->n; i++) {
        const struct forge_attr *a = &name->attr[i];
        struct mc_span oid = a->id != MC_ATTR_UNKNOWN ? mc_attr_oid(a->id) : mc_span_of("\x55\x04\x09", 3);
        size_t text;

        if (!a->joined)
            set = mc_der_begin(o, MC_DER_SET);
        pair = mc_der_begin(o, MC_DER_SEQUENCE);
        mc_der_put(o, MC_DER_OID, oid.p, oid.n);
        text = mc_der_begin(o, a->tag);
        mc_out_put(o, a->text, a->n);
        mc_der_close(o, text);
        mc_der_close(o, pair);
        if (i + 1 == name->n || !name->attr[i + 1].joined)
            mc_der_close(o, set);
    }
    mc_der_close(o, seq);
}

static void put_time(struct mc_out *o, int64_t unix_time, bool generalized)
{
    struct mc_calendar c;
    char text[32];

    if (!generalized) {
        mc_time_put_x509(o, unix_time);
        return;
    }
    mc_calendar_from_unix(unix_time, &c);
    snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
    mc_der_put(o, MC_DER_GENERALIZED_TIME, text, strlen(text));
}

static void put_validity(struct mc_out *o, const struct forge_draft *d)
{
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);

    if (d->no_seconds)
        mc_der_put(o, MC_DER_UTC_TIME, "2610241200Z", 11);
    else if (!d->no_not_before)
        put_time(o, d->not_before_unix, d->generalized);
    if (!d->no_not_after)
        put_time(o, d->not_after_unix, d->generalized);
    mc_der_close(o, seq);
}

static void put_key(struct mc_out *o, const struct forge_draft *d)
{
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE), bits;

    forge_put_hex(o, d->rsa ? "300D06092A864886F70D0101010500"
               : d->k1 ? "301006072A8648CE3D020106052B8104000A" : "301306072A8648CE3D020106082A8648CE3D030107");
    bits = mc_der_begin(o, MC_DER_BIT_STRING);
    mc_out_byte(o, 0);
    mc_out_put(o, d->point, d->point_n);
    mc_der_close(o, bits);
    mc_der_close(o, seq);
}

static void put_usage(struct mc_out *o, uint16_t ku)
{
    uint8_t bits[3] = {0};
    size_t n = ku == 0 ? 1 : ku < 0x100 ? 2 : 3;

    for (unsigned i = 0; i < 9; i++)
        if (ku >> i & 1)
            bits[1 + i / 8] = (uint8_t)(bits[1 + i / 8] | 0x80 >> i % 8);
    if (n > 1)
        bits[0] = (uint8_t)__builtin_ctz(bits[n - 1]);
    mc_der_put(o, MC_DER_BIT_STRING, bits, n);
}

static void put_value(struct mc_out *o, const struct forge_draft *d, enum mc_ext_id id)
{
    size_t seq;

    if (id == MC_EXT_KEY_USAGE) {
        put_usage(o, d->ku);
        return;
    }
    if (id == MC_EXT_SUBJECT_KEY_ID) {
        mc_der_put(o, MC_DER_OCTET_STRING, d->skid, d->skid_n);
        return;
    }
    seq = mc_der_begin(o, MC_DER_SEQUENCE);
    if (id == MC_EXT_AUTHORITY_KEY_ID)
        mc_der_put(o, MC_DER_CONTEXT, d->akid, d->akid_n);
    if (id == MC_EXT_AUTHORITY_KEY_ID && d->akid_more)
        mc_der_put(o, MC_DER_CONTEXT | 2, "\x01", 1);
    if (id == MC_EXT_BASIC_CONSTRAINTS && d->is_ca && !d->no_is_ca)
        mc_der_put(o, MC_DER_BOOLEAN, "\xFF", 1);
    if (id == MC_EXT_BASIC_CONSTRAINTS && d->has_path_len)
        mc_der_put_unsigned(o, &d->path_len, 1);
    for (unsigned i = 0; id == MC_EXT_EXTENDED_KEY_USAGE && i < d->n_eku; i++) {
        struct mc_span oid = mc_eku_oid(d->eku[i]);

        mc_der_put(o, MC_DER_OID, oid.p, oid.n);
    }
    mc_der_close(o, seq);
}

static void put_extension(struct mc_out *o, const struct forge_draft *d, const struct forge_ext *x)
{
    size_t seq, value;
    struct mc_span oid = mc_ext_oid(x->id);

    if (x->n > 0) {
        mc_out_put(o, x->whole, x->n);
        return;
    }
    seq = mc_der_begin(o, MC_DER_SEQUENCE);
    mc_der_put(o, MC_DER_OID, oid.p, oid.n);
    if (x->critical != FORGE_NOT_CRITICAL)
        mc_der_put(o, MC_DER_BOOLEAN, x->critical == FORGE_IS_CRITICAL ? "\xFF" : "\x00", 1);
    value = mc_der_begin(o, MC_DER_OCTET_STRING);
    put_value(o, d, x->id);
    mc_der_close(o, value);
    mc_der_close(o, seq);
}

static void put_extensions(struct mc_out *o, const struct forge_draft *d)
{
    size_t outer, list;

    if (d->n_ext == 0)
        return;
    outer = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED | 3);
    list = mc_der_begin(o, MC_DER_SEQUENCE);
    for (unsigned i = 0; i < d->n_ext; i++)
        put_extension(o, d, &d->ext[i]);
    mc_der_close(o, list);
    mc_der_close(o, outer);
}

static void put_tbs(struct mc_out *o, const struct forge_draft *d)
{
    size_t tbs = mc_der_begin(o, MC_DER_SEQUENCE), version = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED);

    mc_der_put(o, MC_DER_INTEGER, &d->version, 1);
    mc_der_close(o, version);
    if (!d->no_serial)
        mc_der_put(o, MC_DER_INTEGER, d->serial, d->serial_n);
    put_alg(o, d->alg);
    put_name(o, &d->issuer);
    put_validity(o, d);
    put_name(o, &d->subject);
    put_key(o, d);
    if (d->unique_id)
        forge_put_hex(o, "81020001");
    put_extensions(o, d);
    mc_der_close(o, tbs);
}

/* CertificationRequestInfo */
static void put_info(struct mc_out *o, const struct forge_draft *d)
{
    size_t info = mc_der_begin(o, MC_DER_SEQUENCE);

    mc_der_put(o, MC_DER_INTEGER, &d->version, 1);
    put_name(o, &d->subject);
    put_key(o, d);
    forge_put_hex(o, d->csr_attributes != NULL ? d->csr_attributes : "A000");
    mc_der_close(o, info);
}

/* --- signatures ------------------------------------------------------------------------------------ */

enum mc_rc forge_sign(const struct forge_draft *d, struct mc_span tbs, uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    uint8_t der[MC_SIG_DER_MAX + 8];
    size_t n = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *md = d->alg == FORGE_SHA1 ? EVP_sha1() : EVP_sha256();
    bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, md, NULL, d->signer->key) == 1 &&
              EVP_DigestSign(ctx, der, &n, tbs.p, tbs.n) == 1 && mc_sig_from_der(mc_span_of(der, n), sig) == MC_OK;

    EVP_MD_CTX_free(ctx);
    if (!ok) {
        ERR_clear_error();
        return mc_fail(e, MC_E_CRYPTO, "signature", NULL);
    }
    if (d->signature == FORGE_NEGATIVE && (sig[0] & 0x80) == 0)
        return forge_sign(d, tbs, sig, e); /* every other signature will do */
    if (d->signature == FORGE_FLIPPED)
        sig[20] ^= 0x10;
    if (d->signature == FORGE_ZERO)
        memset(sig, 0, MC_SIG_LEN);
    return MC_OK;
}

static void put_signature(struct mc_out *o, const struct forge_draft *d, const uint8_t sig[MC_SIG_LEN])
{
    uint8_t der[MC_SIG_DER_MAX], padded[MC_SIG_LEN / 2 + 3] = {0};
    size_t n = mc_sig_to_der(sig, der), bits = mc_der_begin(o, MC_DER_BIT_STRING), seq;

    mc_out_byte(o, 0);
    if (d->signature == FORGE_NEGATIVE) {
        seq = mc_der_begin(o, MC_DER_SEQUENCE);
        mc_der_put(o, MC_DER_INTEGER, sig, MC_SIG_LEN / 2);
        mc_der_put_unsigned(o, sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2);
        mc_der_close(o, seq);
    } else if (d->signature != FORGE_PADDED) {
        mc_out_put(o, der, d->signature == FORGE_TRUNCATED ? n - 3 : n);
    } else { /* r with two octets of zero before it */
        memcpy(padded + 3, sig, MC_SIG_LEN / 2);
        seq = mc_der_begin(o, MC_DER_SEQUENCE);
        mc_der_put(o, MC_DER_INTEGER, padded, sizeof(padded));
        mc_der_put_unsigned(o, sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2);
        mc_der_close(o, seq);
    }
    mc_der_close(o, bits);
}

static enum mc_rc write_der(const struct forge_draft *d, struct forge_bytes *out, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out->p, sizeof(out->p));
    size_t whole = mc_der_begin(&o, MC_DER_SEQUENCE), start = o.n;
    uint8_t sig[MC_SIG_LEN];
    enum mc_rc rc;

    if (d->kind >= MC_KIND_COUNT)
        put_info(&o, d);
    else
        put_tbs(&o, d);
    rc = forge_sign(d, mc_span_of(out->p + start, o.n - start), sig, e);
    if (rc != MC_OK)
        return rc;
    put_alg(&o, d->outer_alg);
    put_signature(&o, d, sig);
    mc_der_close(&o, whole);
    if (d->trailing)
        mc_out_byte(&o, 0);
    out->n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, NULL, NULL);
}

/* --- Matter TLV ------------------------------------------------------------------------------------ */

static void put_name_tlv(struct mc_out *o, int tag, const struct forge_name *name)
{
    if (name->missing)
        return;
    mc_tlv_begin(o, MC_TLV_LIST, tag);
    for (unsigned i = 0; i < name->n; i++) {
        const struct forge_attr *a = &name->attr[i];

        if (mc_attr_is_matter(a->id))
            mc_tlv_put_uint(o, a->id, a->num);
        else
            mc_tlv_put_utf8(o, a->id | (a->tag == MC_DER_PRINTABLE ? 0x80 : 0), mc_span_of(a->text, a->n));
    }
    mc_tlv_close(o);
}

static void put_extension_tlv(struct mc_out *o, const struct forge_draft *d, const struct forge_ext *x)
{
    if (x->n > 0) {
        mc_tlv_put_bytes(o, MC_EXT_FUTURE, mc_span_of(x->whole, x->n));
    } else if (x->id == MC_EXT_BASIC_CONSTRAINTS) {
        mc_tlv_begin(o, MC_TLV_STRUCT, x->id);
        if (!d->no_is_ca)
            mc_tlv_put_bool(o, 1, d->is_ca);
        if (d->has_path_len)
            mc_tlv_put_uint(o, 2, d->path_len);
        mc_tlv_close(o);
    } else if (x->id == MC_EXT_KEY_USAGE) {
        mc_tlv_put_uint(o, x->id, d->ku);
    } else if (x->id == MC_EXT_EXTENDED_KEY_USAGE) {
        mc_tlv_begin(o, MC_TLV_ARRAY, x->id);
        for (unsigned i = 0; i < d->n_eku; i++)
            mc_tlv_put_uint(o, MC_TLV_ANONYMOUS, d->eku[i]);
        mc_tlv_close(o);
    } else {
        bool skid = x->id == MC_EXT_SUBJECT_KEY_ID;

        mc_tlv_put_bytes(o, x->id, skid ? mc_span_of(d->skid, d->skid_n) : mc_span_of(d->akid, d->akid_n));
    }
}

static uint64_t epoch(int64_t unix_time)
{
    return unix_time == MC_TIME_NO_EXPIRY ? 0 : (uint64_t)(unix_time - MC_EPOCH2000_UNIX);
}

static void put_tlv(struct mc_out *o, const struct forge_draft *d, const uint8_t sig[MC_SIG_LEN])
{
    mc_tlv_begin(o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    if (!d->no_serial)
        mc_tlv_put_bytes(o, 1, mc_span_of(d->serial, d->serial_n));
    mc_tlv_put_uint(o, 2, d->alg == FORGE_SHA1 ? 2 : 1);
    put_name_tlv(o, 3, &d->issuer);
    if (!d->no_not_before)
        mc_tlv_put_uint(o, 4, epoch(d->not_before_unix));
    if (!d->no_not_after)
        mc_tlv_put_uint(o, 5, epoch(d->not_after_unix));
    put_name_tlv(o, 6, &d->subject);
    mc_tlv_put_uint(o, 7, 1);
    mc_tlv_put_uint(o, 8, d->k1 ? 2 : 1);
    mc_tlv_put_bytes(o, 9, mc_span_of(d->point, d->point_n));
    mc_tlv_begin(o, MC_TLV_LIST, 10);
    for (unsigned i = 0; i < d->n_ext; i++)
        put_extension_tlv(o, d, &d->ext[i]);
    mc_tlv_close(o);
    mc_tlv_put_bytes(o, 11, mc_span_of(sig, d->signature == FORGE_TRUNCATED ? MC_SIG_LEN - 1 : MC_SIG_LEN));
    mc_tlv_close(o);
    if (d->trailing)
        mc_out_byte(o, 0);
}

static enum mc_rc write_tlv(const struct forge_draft *d, struct forge_bytes *out, struct mc_err *e)
{
    static uint8_t tbs[FORGE_ROOM];
    struct mc_out t = mc_out_of(tbs, sizeof(tbs)), o = mc_out_of(out->p, sizeof(out->p));
    uint8_t sig[MC_SIG_LEN];
    enum mc_rc rc;

    put_tbs(&t, d);
    rc = t.rc == MC_OK ? forge_sign(d, mc_span_of(tbs, t.n), sig, e) : mc_fail(e, t.rc, NULL, NULL);
    if (rc != MC_OK)
        return rc;
    put_tlv(&o, d, sig);
    out->n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, NULL, NULL);
}

/* NOCSR elements: CSR 1, nonce 2, vendor_reserved1 3. */
static enum mc_rc write_nocsr(const struct forge_draft *d, struct forge_bytes *out, struct mc_err *e)
{
    static struct forge_bytes csr;
    static uint8_t nonce[64], vendor[1024];
    struct mc_out o = mc_out_of(out->p, sizeof(out->p));
    enum mc_rc rc = write_der(d, &csr, e);

    if (rc != MC_OK)
        return rc;
    if (RAND_bytes(nonce, sizeof(nonce)) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    if (d->swapped)
        mc_tlv_put_bytes(&o, 2, mc_span_of(nonce, d->nonce_n));
    if (!d->no_csr)
        mc_tlv_put_bytes(&o, 1, mc_span_of(csr.p, csr.n));
    if (!d->swapped && d->nonce_n > 0)
        mc_tlv_put_bytes(&o, 2, mc_span_of(nonce, d->nonce_n));
    if (d->vendor_n > 0)
        mc_tlv_put_bytes(&o, 3, mc_span_of(vendor, d->vendor_n));
    if (d->unknown_tag)
        mc_tlv_put_uint(&o, 6, 1);
    mc_tlv_close(&o);
    out->n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, NULL, NULL);
}

/* --- octets ---------------------------------------------------------------------------------------- */

/* Replaces the first place where the octets `from` stand by `to`. */
static void replace(struct forge_bytes *b, const char *from, size_t n_from, const char *to, size_t n_to)
{
    uint8_t *at = memmem(b->p, b->n, from, n_from);
    size_t behind;

    if (at == NULL || b->n + n_to > sizeof(b->p))
        return;
    behind = (size_t)(b->p + b->n - (at + n_from));
    memmove(at + n_to, at + n_from, behind);
    memcpy(at, to, n_to);
    b->n = b->n - n_from + n_to;
}

static void mangle(enum forge_mangle how, struct forge_bytes *b)
{
    static const struct {
        const char *from, *to;
        uint8_t n_from, n_to;
    } changes[] = {
        [FORGE_LONG_LENGTH] = {"\x30\x82", "\x30\x83\x00", 2, 3},
        [FORGE_LONG_VERSION] = {"\x02\x01\x02\x02\x10", "\x02\x00\x02\x02\x10", 5, 5},
        [FORGE_UNUSED_BITS] = {"\x03\x42\x00\x04", "\x03\x42\x01\x04", 4, 4},
        [FORGE_BROKEN_OID] = {"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02", "\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x82", 10, 10},
        [FORGE_NO_INFO] = {"\x02\x01\x00\x30", "\x0C\x01\x00\x30", 4, 4},
        [FORGE_BOOLEAN_ALG] = {"\x24\x02\x01\x37", "\x29\x02\x37", 4, 3},
        [FORGE_WIDE_ALG] = {"\x24\x02\x01\x37", "\x25\x02\x01\x00\x37", 4, 5},
        [FORGE_EXTENSION_TAG] = {"\x37\x0A\x35\x01", "\x37\x0A\x35\x09", 4, 4},
    };

    if (how == FORGE_CUT)
        b->n--;
    else if (how != FORGE_WHOLE)
        replace(b, changes[how].from, changes[how].n_from, changes[how].to, changes[how].n_to);
}

enum mc_rc forge_write(const struct forge_draft *d, bool tlv, struct forge_bytes *out, struct mc_err *e)
{
    enum mc_rc rc;

    if (d->kind == FORGE_NOCSR)
        return write_nocsr(d, out, e);
    if (d->kind == FORGE_CD)
        return forge_cd_write(d, out, e);
    rc = tlv ? write_tlv(d, out, e) : write_der(d, out, e);
    if (rc == MC_OK)
        mangle(d->mangle, out);
    return rc;
}
