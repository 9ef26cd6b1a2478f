/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certs.h - certificates for tests, made in two ways.
 *
 * In a notation: hex digits stand for octets, 'text' for its characters, TT( ... ) for an element with tag
 * TT whose DER length is counted; spaces do not matter. A certificate is a row of such parts, of which a
 * test replaces one. Its signature is well-formed but signs nothing.
 *
 * By filling a struct mc_cert and signing its TBS with a throw-away key.
 */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#include "vectors.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/cert.h"
#include "lib/der.h"
#include "lib/pubkey.h"

#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))
#define CERTS_ROOM     4096
#define CERTS_FUTURE   "30(06092B06010401BE6BFF7F 04(0403616263))"
#define CERTS_BC       "30(0603551D13 0101FF 04(3000))"
#define CERTS_KU       "30(0603551D0F 0101FF 04(03020780))"
#define CERTS_EKU      "30(0603551D25 0101FF 04(30(06082B06010505070302 06082B06010505070301)))"
#define CERTS_ID       "000102030405060708090A0B0C0D0E0F10111213"
#define CERTS_SKID     "30(0603551D0E 04(0414" CERTS_ID "))"
#define CERTS_AKID     "30(0603551D23 04(30168014" CERTS_ID "))"
#define CERTS_MATTER   "060A2B0601040182A27C01"
#define CERTS_RDN(nn, text) "31(30(" CERTS_MATTER nn "0C('" text "')))"
#define CERTS_X        "11111111111111111111111111111111222222222222222222222222222222223333333333333333"
#define CERTS_64       CERTS_X "333333333333333344444444444444444444444444444444"
#define CERTS_POINT    "04" CERTS_64
#define CERTS_ZEROS    "0000000000000000000000000000000000000000000000000000000000"
#define CERTS_R        "81" CERTS_ZEROS "1122"
#define CERTS_S        "82" CERTS_ZEROS "3344"

/* The parts of an X.509 certificate; TBS ones first. AFTER_* are where nothing should be. */
enum certs_der_part {
    DER_VERSION,
    DER_SERIAL,
    DER_TBS_ALG,
    DER_ISSUER,
    DER_VALIDITY,
    DER_SUBJECT,
    DER_KEY,
    DER_UNIQUE_IDS,
    DER_EXTENSIONS,
    DER_AFTER_EXTENSIONS,
    DER_ALG,
    DER_SIGNATURE,
    DER_AFTER_SIGNATURE,
    DER_AFTER,
    DER_PARTS
};

static const char *const certs_der_parts[DER_PARTS] = {
    [DER_VERSION] = "A0(020102)",
    [DER_SERIAL] = "02(0102030405060708)",
    [DER_TBS_ALG] = "30(06082A8648CE3D040302)",
    [DER_ISSUER] = "30(" CERTS_RDN("03", "CACACACA00000004") ")",
    [DER_VALIDITY] = "30(17('201015142343Z')17('401015142342Z'))",
    [DER_SUBJECT] = "30(" CERTS_RDN("01", "DEDEDEDE00020003") CERTS_RDN("05", "FAB000000000001D") ")",
    [DER_KEY] = "30(30(06072A8648CE3D0201 06082A8648CE3D030107)03(00" CERTS_POINT "))",
    [DER_UNIQUE_IDS] = "",
    [DER_EXTENSIONS] = "A3(30(" CERTS_BC CERTS_KU CERTS_EKU CERTS_SKID CERTS_AKID "))",
    [DER_AFTER_EXTENSIONS] = "",
    [DER_ALG] = "30(06082A8648CE3D040302)",
    [DER_SIGNATURE] = "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))",
    [DER_AFTER_SIGNATURE] = "",
    [DER_AFTER] = "",
};

/* The same certificate in Matter TLV. */
enum certs_tlv_part {
    TLV_BEGIN,
    TLV_SERIAL,
    TLV_SIG_ALG,
    TLV_ISSUER,
    TLV_NOT_BEFORE,
    TLV_NOT_AFTER,
    TLV_SUBJECT,
    TLV_KEY_ALG,
    TLV_CURVE,
    TLV_POINT,
    TLV_EXTENSIONS,
    TLV_SIGNATURE,
    TLV_FINISH,
    TLV_AFTER,
    TLV_PARTS
};

static const char *const certs_tlv_parts[TLV_PARTS] = {
    [TLV_BEGIN] = "15",
    [TLV_SERIAL] = "300108 0102030405060708",
    [TLV_SIG_ALG] = "240201",
    [TLV_ISSUER] = "3703 2713 04000000CACACACA 18",
    [TLV_NOT_BEFORE] = "2604 EF171B27",
    [TLV_NOT_AFTER] = "2605 6EB5B94C",
    [TLV_SUBJECT] = "3706 2711 03000200DEDEDEDE 2715 1D00000000 00B0FA 18",
    [TLV_KEY_ALG] = "240701",
    [TLV_CURVE] = "240801",
    [TLV_POINT] = "300941" CERTS_POINT,
    [TLV_EXTENSIONS] = "370A 3501280118 240201 36030402040118 300414" CERTS_ID "300514" CERTS_ID "18",
    [TLV_SIGNATURE] = "300B40" CERTS_R CERTS_S,
    [TLV_FINISH] = "18",
    [TLV_AFTER] = "",
};

static inline unsigned certs_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

/* Writes what the notation says behind *o. */
static inline void certs_put(struct mc_out *o, const char *text)
{
    size_t marks[16], depth = 0;

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == ' ')
            continue;
        if (*p == '\'') {
            while (*++p != '\'')
                mc_out_byte(o, (uint8_t)*p);
        } else if (*p == '(') {
            mc_out_byte(o, 0);
            marks[depth++] = o->n;
        } else if (*p == ')') {
            mc_der_close(o, marks[--depth]);
        } else {
            mc_out_byte(o, (uint8_t)(certs_digit(p[0]) << 4 | certs_digit(p[1])));
            p++;
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(o->rc, MC_OK);
}

/* One value in the notation; out holds CERTS_ROOM. */
static inline struct mc_span certs_octets(const char *text, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);

    certs_put(&o, text);
    return mc_span_of(out, o.n);
}

static inline struct mc_span certs_der_of(const char *const parts[DER_PARTS], uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);
    size_t whole = mc_der_begin(&o, MC_DER_SEQUENCE), tbs = mc_der_begin(&o, MC_DER_SEQUENCE);

    for (unsigned i = 0; i < DER_PARTS; i++) {
        if (i == DER_ALG)
            mc_der_close(&o, tbs);
        if (i == DER_AFTER)
            mc_der_close(&o, whole);
        certs_put(&o, parts[i]);
    }
    return mc_span_of(out, o.n);
}

/* n parts in a row, one of them replaced (part n: none). */
static inline struct mc_span certs_row(const char *const *parts, unsigned n, unsigned part, const char *with, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);

    for (unsigned i = 0; i < n; i++)
        certs_put(&o, i == part ? with : parts[i]);
    return mc_span_of(out, o.n);
}

static inline struct mc_span certs_tlv_of(const char *const parts[TLV_PARTS], uint8_t *out)
{
    return certs_row(parts, TLV_PARTS, TLV_PARTS, NULL, out);
}

/* The X.509 certificate with one part replaced (part DER_PARTS: none). */
static inline struct mc_span certs_der(unsigned part, const char *with, uint8_t *out)
{
    const char *parts[DER_PARTS + 1];

    memcpy(parts, certs_der_parts, sizeof(certs_der_parts));
    parts[part] = with;
    return certs_der_of(parts, out);
}

static inline struct mc_span certs_tlv(unsigned part, const char *with, uint8_t *out)
{
    return certs_row(certs_tlv_parts, TLV_PARTS, part, with, out);
}

/* A throw-away key and what certificates say about it. */
struct certs_key {
    EVP_PKEY *key;
    uint8_t point[MC_POINT_LEN], id[MC_KEY_ID_LEN];
};

static inline void certs_key_new(struct certs_key *k)
{
    size_t n = 0;

    k->key = EVP_EC_gen("P-256");
    assert_non_null(k->key);
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(k->key, "encoded-pub-key", k->point, sizeof(k->point), &n), 1);
    assert_int_equal(n, MC_POINT_LEN);
    assert_int_equal(EVP_Digest(k->point, sizeof(k->point), k->id, NULL, EVP_sha1(), NULL), 1);
}

static inline void certs_key_free(struct certs_key *k)
{
    EVP_PKEY_free(k->key);
}

/* r || s over the octets. */
static inline void certs_sign(struct certs_key *k, struct mc_span tbs, uint8_t sig[MC_SIG_LEN])
{
    uint8_t der[MC_SIG_DER_MAX];
    size_t n = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    assert_non_null(ctx);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &n, tbs.p, tbs.n), 1);
    EVP_MD_CTX_free(ctx);
    assert_int_equal(mc_sig_from_der(mc_span_of(der, n), sig), MC_OK);
}

static inline void certs_add_ext(struct mc_cert *c, enum mc_ext_id id)
{
    c->ext[c->n_ext++] = (struct mc_ext){.id = (uint8_t)id, .critical = id <= MC_EXT_EXTENDED_KEY_USAGE, .decoded = true};
}

/* An extension that TLV carries whole. */
static inline void certs_add_future(struct mc_cert *c, struct mc_span whole)
{
    c->ext[c->n_ext++] = (struct mc_ext){.id = MC_EXT_FUTURE, .decoded = true, .whole = whole};
}

static inline void certs_add_num(struct mc_dn *dn, enum mc_attr_id id, uint64_t num)
{
    assert_int_equal(mc_dn_add_num(dn, id, num), MC_OK);
}

static inline void certs_add_text(struct mc_dn *dn, enum mc_attr_id id, const char *text)
{
    assert_int_equal(mc_dn_add_text(dn, id, mc_span_of(text, strlen(text))), MC_OK);
}

/*
 * Everything but the signature of a NOC (is_ca false) or an authority: five extensions (four for an
 * authority), no names.
 */
static inline void certs_fill(struct mc_cert *c, bool is_ca, const struct certs_key *subject, const uint8_t *issuer_id)
{
    static const uint8_t serial[8] = {0x5A, 1, 2, 3, 4, 5, 6, 7};

    *c = (struct mc_cert){.version = 3, .p256 = true, .is_ca = is_ca};
    c->has_bc = c->has_ku = c->has_skid = c->has_akid = true;
    c->serial = mc_span_of(serial, sizeof(serial));
    c->not_before_unix = INT64_C(1602771823);
    c->not_after_unix = INT64_C(2233931022);
    c->point = mc_span_of(subject->point, MC_POINT_LEN);
    c->skid = mc_span_of(subject->id, MC_KEY_ID_LEN);
    c->akid = mc_span_of(issuer_id, MC_KEY_ID_LEN);
    c->ku = is_ca ? MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN : MC_KU_DIGITAL_SIGNATURE;
    certs_add_ext(c, MC_EXT_BASIC_CONSTRAINTS);
    certs_add_ext(c, MC_EXT_KEY_USAGE);
    if (!is_ca) {
        c->has_eku = true;
        c->eku[c->n_eku++] = MC_EKU_CLIENT_AUTH;
        c->eku[c->n_eku++] = MC_EKU_SERVER_AUTH;
        certs_add_ext(c, MC_EXT_EXTENDED_KEY_USAGE);
    }
    certs_add_ext(c, MC_EXT_SUBJECT_KEY_ID);
    certs_add_ext(c, MC_EXT_AUTHORITY_KEY_ID);
}

/* The NOC that most tests begin with: issuer an ICAC, subject node and fabric id. */
static inline void certs_noc(struct mc_cert *c, const struct certs_key *subject, const uint8_t *issuer_id)
{
    certs_fill(c, false, subject, issuer_id);
    certs_add_num(&c->issuer, MC_ATTR_ICAC_ID, UINT64_C(0xCACACACA00000004));
    certs_add_num(&c->subject, MC_ATTR_NODE_ID, UINT64_C(0xDEDEDEDE00020003));
    certs_add_num(&c->subject, MC_ATTR_FABRIC_ID, UINT64_C(0xFAB000000000001D));
}

/* Signs c's TBS and writes the X.509 form; out holds MC_CERT_DER_MAX. */
static inline struct mc_span certs_issue(struct mc_cert *c, struct certs_key *issuer, uint8_t *out)
{
    struct mc_err e;
    char why[400];
    size_t n = 0;

    mc_err_init(&e);
    if (mc_cert_encode_tbs(c, out, MC_CERT_DER_MAX, &n, &e) == MC_OK) {
        certs_sign(issuer, mc_span_of(out, n), c->sig);
        c->has_sig = true;
    }
    if (e.rc == MC_OK && mc_cert_encode_der(c, out, MC_CERT_DER_MAX, &n, &e) == MC_OK)
        return mc_span_of(out, n);
    mc_err_format(&e, why, sizeof(why));
    fail_msg("%s", why);
    return mc_span_of(NULL, 0);
}

#endif
