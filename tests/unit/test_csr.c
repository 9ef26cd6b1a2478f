/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A good CSR is put together from parts and signed with a fresh key; each row changes one part and is signed
 * again, so that it is refused for what it says and not for its signature. Other keys come from OpenSSL.
 */
#include "vectors.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/csr.h"
#include "lib/der.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CSR_ROOM 2048

static EVP_PKEY *key;
static uint8_t point[MC_POINT_LEN];
static struct mc_verifier *verifier;

struct bytes {
    uint8_t p[1024];
    size_t n;
};

/* In the order of their places; `sig` replaces the real signature when n > 0. */
struct parts {
    struct bytes version, name, algorithm, bits, key_tail, attributes, info_tail;
    struct bytes sig_algorithm, sig_unused, sig, sig_tail, outer_tail, after;
};

static void set_hex(struct bytes *b, const char *hex)
{
    b->n = strlen(hex) / 2;
    assert_true(b->n <= sizeof(b->p) && mc_hex_decode(hex, b->n, b->p));
}

static void good_parts(struct parts *p)
{
    memset(p, 0, sizeof(*p));
    set_hex(&p->version, "020100");
    set_hex(&p->name, "300e310c300a060355040b0c03435341");
    set_hex(&p->algorithm, "301306072a8648ce3d020106082a8648ce3d030107");
    p->bits.n = 1 + sizeof(point);
    memcpy(p->bits.p + 1, point, sizeof(point));
    set_hex(&p->attributes, "a011300f06092a864886f70d01090e31023000");
    set_hex(&p->sig_algorithm, "300a06082a8648ce3d040302");
    set_hex(&p->sig_unused, "00");
}

static void put(struct mc_out *o, const struct bytes *b)
{
    mc_out_put(o, b->p, b->n);
}

static void put_signature(struct mc_out *o, const struct parts *p, const uint8_t *info, size_t n)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t sig[MC_SIG_DER_MAX];
    size_t len = sizeof(sig);

    if (p->sig.n != 0) {
        put(o, &p->sig);
    } else {
        assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestSign(ctx, sig, &len, info, n), 1);
        mc_out_put(o, sig, len);
    }
    EVP_MD_CTX_free(ctx);
}

static size_t build(const struct parts *p, uint8_t out[CSR_ROOM])
{
    struct mc_out o = mc_out_of(out, CSR_ROOM), info = mc_out_of((uint8_t[CSR_ROOM]){0}, CSR_ROOM);
    size_t seq = mc_der_begin(&info, MC_DER_SEQUENCE), spki, bits;

    put(&info, &p->version);
    put(&info, &p->name);
    spki = mc_der_begin(&info, MC_DER_SEQUENCE);
    put(&info, &p->algorithm);
    bits = mc_der_begin(&info, MC_DER_BIT_STRING);
    put(&info, &p->bits);
    mc_der_close(&info, bits);
    put(&info, &p->key_tail);
    mc_der_close(&info, spki);
    put(&info, &p->attributes);
    put(&info, &p->info_tail);
    mc_der_close(&info, seq);
    seq = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_out_put(&o, info.p, info.n);
    put(&o, &p->sig_algorithm);
    bits = mc_der_begin(&o, MC_DER_BIT_STRING);
    put(&o, &p->sig_unused);
    put_signature(&o, p, info.p, info.n);
    put(&o, &p->sig_tail);
    mc_der_close(&o, bits);
    put(&o, &p->outer_tail);
    mc_der_close(&o, seq);
    put(&o, &p->after);
    assert_int_equal(info.rc, MC_OK);
    assert_int_equal(o.rc, MC_OK);
    return o.n;
}

/* As an issuer judges: form, then point and signature. */
static enum mc_rc judge(const uint8_t *der, size_t n, struct mc_csr *c, struct mc_err *e)
{
    enum mc_rc rc;

    mc_err_init(e);
    rc = mc_csr_parse(mc_span_of(der, n), c, e);
    if (rc == MC_OK)
        rc = mc_csr_check(verifier, c, e);
    assert_int_equal(e->rc, rc);
    return rc;
}

static void expect(const char *name, const uint8_t *der, size_t n, enum mc_rc rc, const char *field)
{
    struct mc_csr c;
    struct mc_err e;
    enum mc_rc got = judge(der, n, &c, &e);

    if (got != rc || strcmp(e.field, field) != 0)
        fail_msg("%s: %s in %s (%s)", name, mc_rc_symbol(got), e.field, e.what);
}

#define PART(member) offsetof(struct parts, member)
#define RSA_SHA256   "300d06092a864886f70d01010b0500"

static const struct {
    const char *name;
    size_t part;
    const char *hex;
    enum mc_rc rc;
    const char *field;
} rows[] = {
    {"version 2", PART(version), "020101", MC_E_CSR_VERSION, "csr.version"},
    {"version missing", PART(version), "", MC_E_CSR_VERSION, "csr.version"},
    {"version in two octets", PART(version), "02020000", MC_E_DER_INTEGER, "csr.version"},
    {"version negative", PART(version), "0201ff", MC_E_DER_INTEGER, "csr.version"},
    {"a certificate's version", PART(version), "a003020102", MC_E_CSR_FORM, "csr.info"},
    {"subject that is a SET", PART(name), "3100", MC_E_DER_TAG, "csr.subject"},
    {"subject with a non-minimal length", PART(name), "30810e310c300a060355040b0c03435341", MC_E_DER_LENGTH,
        "csr.subject"},
    {"subject of indefinite length", PART(name), "3080310c300a060355040b0c034353410000", MC_E_DER_LENGTH,
        "csr.subject"},
    {"RDN that is a SEQUENCE", PART(name), "300e300c300a060355040b0c03435341", MC_E_DER_TAG, "csr.subject"},
    {"RDN with a non-minimal length", PART(name), "300f31810c300a060355040b0c03435341", MC_E_DER_LENGTH, "csr.subject"},
    {"RDN without attribute", PART(name), "30023100", MC_E_DER_TAG, "csr.subject"},
    {"attribute without value", PART(name), "3009310730050603550403", MC_E_DER_TRUNCATED, "csr.subject"},
    {"attribute with two values", PART(name),
        "3010310e300c060355040b0c0143"
        "0c0153",
        MC_E_DER_TRAILING, "csr.subject"},
    {"attribute with a bad OID", PART(name), "300e310c300a060380040b0c03435341", MC_E_DER_OID, "csr.subject"},
    {"no key algorithm", PART(algorithm), "", MC_E_DER_TAG, "csr.key.algorithm"},
    {"key algorithm with a bad OID", PART(algorithm), "300e06022a8606082a8648ce3d030107", MC_E_DER_OID, "csr.key.algorithm"},
    {"curve with a bad OID", PART(algorithm), "300d06072a8648ce3d020106022a86", MC_E_DER_OID, "csr.key.curve"},
    {"explicit curve parameters", PART(algorithm), "300e06072a8648ce3d02013003020101", MC_E_CURVE,
        "csr.key.curve"},
    {"no curve", PART(algorithm), "300906072a8648ce3d0201", MC_E_CURVE, "csr.key.curve"},
    {"NULL curve", PART(algorithm), "300b06072a8648ce3d02010500", MC_E_CURVE, "csr.key.curve"},
    {"curve and more", PART(algorithm), "301506072a8648ce3d020106082a8648ce3d0301070500", MC_E_DER_TRAILING,
        "csr.key.algorithm"},
    {"ECDH key", PART(algorithm), "301106052b8104010c06082a8648ce3d030107", MC_E_KEY_ALG,
        "csr.key.algorithm"},
    {"key with unused bits", PART(bits), "0104", MC_E_DER_BITS, "csr.key.point"},
    {"key without octets", PART(bits), "", MC_E_DER_BITS, "csr.key.point"},
    {"empty point", PART(bits), "00", MC_E_POINT, "csr.key.point"},
    {"point at infinity", PART(bits), "0000", MC_E_POINT, "csr.key.point"},
    {"point of unknown form", PART(bits), "0005", MC_E_POINT, "csr.key.point"},
    {"point cut short", PART(bits), "000411", MC_E_POINT, "csr.key.point"},
    {"octets behind the key", PART(key_tail), "0500", MC_E_DER_TRAILING, "csr.key"},
    {"attributes that are no SET OF Attribute", PART(attributes), "a003020101", MC_E_DER_TAG,
        "csr.attributes"},
    {"attributes with a non-minimal length", PART(attributes), "a08100", MC_E_DER_LENGTH, "csr.attributes"},
    {"attribute without values", PART(attributes), "a00d300b06092a864886f70d01090e", MC_E_DER_TAG,
        "csr.attributes"},
    {"attribute with an empty SET", PART(attributes), "a00f300d06092a864886f70d01090e3100",
        MC_E_DER_TRUNCATED, "csr.attributes"},
    {"attribute with a torn value", PART(attributes), "a011300f06092a864886f70d01090e31023005",
        MC_E_DER_TRUNCATED, "csr.attributes"},
    {"attribute with more behind", PART(attributes), "a013301106092a864886f70d01090e310230000500",
        MC_E_DER_TRAILING, "csr.attributes"},
    {"attributes twice", PART(info_tail), "a000", MC_E_DER_TRAILING, "csr.info"},
    {"octets behind the attributes", PART(info_tail), "0500", MC_E_DER_TRAILING, "csr.info"},
    {"ecdsa-with-SHA384", PART(sig_algorithm), "300a06082a8648ce3d040303", MC_E_CSR_SIG_ALG,
        "csr.signatureAlgorithm"},
    {"ecdsa-with-SHA1", PART(sig_algorithm), "300906072a8648ce3d0401", MC_E_CSR_SIG_ALG,
        "csr.signatureAlgorithm"},
    {"RSA signature", PART(sig_algorithm), RSA_SHA256, MC_E_CSR_SIG_ALG, "csr.signatureAlgorithm"},
    {"signature with parameters", PART(sig_algorithm), "300d06082a8648ce3d040302020101", MC_E_CSR_SIG_ALG,
        "csr.signatureAlgorithm"},
    {"NULL that is not empty", PART(sig_algorithm), "300d06082a8648ce3d040302050100", MC_E_CSR_SIG_ALG,
        "csr.signatureAlgorithm"},
    {"NULL twice", PART(sig_algorithm), "300e06082a8648ce3d04030205000500", MC_E_CSR_SIG_ALG,
        "csr.signatureAlgorithm"},
    {"signature algorithm with a bad OID", PART(sig_algorithm), "300406022a86", MC_E_DER_OID, "csr.signatureAlgorithm"},
    {"no signature algorithm", PART(sig_algorithm), "", MC_E_DER_TAG, "csr.signatureAlgorithm"},
    {"signature with unused bits", PART(sig_unused), "01", MC_E_DER_BITS, "csr.signature"},
    {"octets behind the signature's SEQUENCE", PART(sig_tail), "00", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"octets behind r and s", PART(sig),
        "30090201010201010201"
        "01",
        MC_E_SIGNATURE_FORM, "csr.signature"},
    {"r alone", PART(sig), "3003020101", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"negative r", PART(sig), "3006020180020101", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"negative s", PART(sig), "3006020101020180", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"zero r", PART(sig), "3006020100020101", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"zero s", PART(sig), "3006020101020100", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"empty r", PART(sig), "30050200020101", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"r with a superfluous zero", PART(sig), "300702020001020101", MC_E_SIGNATURE_FORM, "csr.signature"},
    {"s too long", PART(sig),
        "30260201010221010000000000000000000000000000000000000000000000000000000000000001",
        MC_E_SIGNATURE_FORM, "csr.signature"},
    {"signature with a non-minimal length", PART(sig), "308106020101020101", MC_E_SIGNATURE_FORM,
        "csr.signature"},
    {"another signature", PART(sig), "3006020101020101", MC_E_CSR_SIGNATURE, "csr.signature"},
    {"octets behind the signature", PART(outer_tail), "0500", MC_E_DER_TRAILING, "csr"},
    {"octets behind the CSR", PART(after), "00", MC_E_DER_TRAILING, "csr"},
};

static void each_broken_part_is_refused_by_its_own_rule(void **state)
{
    uint8_t der[CSR_ROOM];
    struct parts p;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        good_parts(&p);
        set_hex((struct bytes *)((uint8_t *)&p + rows[i].part), rows[i].hex);
        expect(rows[i].name, der, build(&p, der), rows[i].rc, rows[i].field);
    }
}

#define R33 "0221010000000000000000000000000000000000000000000000000000000000000001"
#define R32 "02200100000000000000000000000000000000000000000000000000000000000001"

/* What the maker of a device reads of the first fault. */
static void the_fault_of_a_signature_is_told(void **state)
{
    static const struct {
        const char *hex, *what;
    } faults[] = {
        {"3106020101020101", "it is not a SEQUENCE of two INTEGERs"},
        {"3003020101", "it is not a SEQUENCE of two INTEGERs"},
        {"3006040101020101", "it is not a SEQUENCE of two INTEGERs"},
        {"300602010102010100", "octets follow its SEQUENCE"},
        {"30050200020101", "an INTEGER is empty"},
        {"3006020180020101", "an INTEGER is negative"},
        {"3006020101020180", "an INTEGER is negative"},
        {"3006020100020101", "an INTEGER is zero"},
        {"300702020001020101", "an INTEGER has a superfluous zero octet"},
        {"3026" R33 "020101", "an INTEGER is too long"},
        {"3026020101" R33, "an INTEGER is too long"},
        {"3009020101020101020101", "octets follow its two INTEGERs"},
        {"3027" R32 "0201010200", "octets follow its two INTEGERs"},
    };
    uint8_t der[CSR_ROOM];
    struct parts p;

    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct mc_csr c;
        struct mc_err e;

        good_parts(&p);
        set_hex(&p.sig, faults[i].hex);
        if (judge(der, build(&p, der), &c, &e) != MC_E_SIGNATURE_FORM || strcmp(e.what, faults[i].what) != 0)
            fail_msg("%s: %s (%s)", faults[i].hex, mc_rc_symbol(e.rc), e.what);
    }
}

static const struct {
    const char *name;
    size_t part;
    const char *hex;
} accepted[] = {
    {"as the SDK makes it", PART(version), "020100"},
    {"empty subject", PART(name), "3000"},
    {"subject with two attributes in an RDN", PART(name),
        "301a3118300a060355040b0c03435341300a060355040a13034f5247"},
    {"subject with a string of another type", PART(name), "300e310c300a060355040b1e03004100"},
    {"no attributes", PART(attributes), ""},
    {"empty attributes", PART(attributes), "a000"},
    {"attribute with two values", PART(attributes), "a013301106092a864886f70d01090e310430003000"},
    {"NULL parameter, as Mbed TLS writes it", PART(sig_algorithm), "300c06082a8648ce3d0403020500"},
};

static void good_requests_are_accepted_and_give_the_key(void **state)
{
    uint8_t der[CSR_ROOM];
    struct parts p;

    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct mc_csr c;
        struct mc_err e;
        size_t n;

        good_parts(&p);
        set_hex((struct bytes *)((uint8_t *)&p + accepted[i].part), accepted[i].hex);
        n = build(&p, der);
        if (judge(der, n, &c, &e) != MC_OK)
            fail_msg("%s: %s in %s (%s)", accepted[i].name, mc_rc_symbol(e.rc), e.field, e.what);
        assert_true(mc_span_eq(c.point, mc_span_of(point, sizeof(point))));
        assert_true(mc_span_eq(c.whole, mc_span_of(der, n)));
        assert_true(mc_span_eq(c.subject, mc_span_of(p.name.p, p.name.n)));
        assert_int_equal(c.has_attributes, p.attributes.n != 0);
        assert_int_equal(c.attributes.n, p.attributes.n != 0 ? p.attributes.n - 2 : 0);
    }
}

static void refusals_are_different_sentences(void **state)
{
    static char text[COUNT(rows)][400];
    uint8_t der[CSR_ROOM];
    struct parts p;
    unsigned same = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_csr c;
        struct mc_err e;

        good_parts(&p);
        set_hex((struct bytes *)((uint8_t *)&p + rows[i].part), rows[i].hex);
        (void)judge(der, build(&p, der), &c, &e);
        e.offset = MC_NO_OFFSET;
        mc_err_format(&e, text[i], sizeof(text[i]));
    }
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < i; k++)
            same += strcmp(text[i], text[k]) == 0 && rows[i].part != rows[k].part;
    assert_int_equal(same, 0);
}

/* A point of the same 64 octets in hybrid form, and one beside the curve. */
static void points_in_other_forms_are_refused(void **state)
{
    uint8_t der[CSR_ROOM];
    struct parts p;

    (void)state;
    for (uint8_t form = 0x06; form <= 0x07; form++) {
        good_parts(&p);
        p.bits.p[1] = form;
        expect("hybrid point", der, build(&p, der), MC_E_POINT, "csr.key.point");
    }
    good_parts(&p);
    p.bits.p[1] = (uint8_t)(0x02 | (point[64] & 1));
    p.bits.n = 1 + 33;
    expect("compressed point", der, build(&p, der), MC_E_POINT, "csr.key.point");
    good_parts(&p);
    p.bits.p[p.bits.n - 1] ^= 1;
    expect("point beside the curve", der, build(&p, der), MC_E_POINT_CURVE, "csr.key.point");
    good_parts(&p);
    memset(p.bits.p + 2, 0, 64);
    expect("zero point", der, build(&p, der), MC_E_POINT_CURVE, "csr.key.point");
    good_parts(&p);
    memset(p.bits.p + 2, 0xFF, 64);
    expect("coordinates above the prime", der, build(&p, der), MC_E_POINT_CURVE, "csr.key.point");
}

/* A CSR that OpenSSL makes and signs with any key; frees the key. */
static size_t openssl_csr(EVP_PKEY *pkey, const EVP_MD *md, uint8_t out[CSR_ROOM])
{
    X509_REQ *req = X509_REQ_new();
    uint8_t *p = out;
    int n;

    assert_non_null(pkey);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "O", MBSTRING_ASC,
                         (const uint8_t *)"CSR", -1, -1, 0),
        1);
    assert_int_equal(X509_REQ_set_pubkey(req, pkey), 1);
    assert_true(X509_REQ_sign(req, pkey, md) > 0);
    n = i2d_X509_REQ(req, NULL);
    assert_true(n > 0 && n <= CSR_ROOM);
    n = i2d_X509_REQ(req, &p);
    X509_REQ_free(req);
    EVP_PKEY_free(pkey);
    return (size_t)n;
}

static EVP_PKEY *ec_key(const char *param, const char *value)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");

    assert_int_equal(EVP_PKEY_set_utf8_string_param(pkey, param, value), 1);
    return pkey;
}

static void requests_of_openssl_are_judged_by_their_keys(void **state)
{
    uint8_t der[CSR_ROOM];
    struct mc_csr c;
    struct mc_err e;
    size_t n = openssl_csr(EVP_EC_gen("P-256"), EVP_sha256(), der);

    (void)state;
    assert_int_equal(judge(der, n, &c, &e), MC_OK);
    n = openssl_csr(EVP_EC_gen("P-256"), EVP_sha384(), der);
    expect("SHA-384", der, n, MC_E_CSR_SIG_ALG, "csr.signatureAlgorithm");
    n = openssl_csr(EVP_EC_gen("P-384"), EVP_sha256(), der);
    expect("P-384", der, n, MC_E_CURVE, "csr.key.curve");
    n = openssl_csr(EVP_EC_gen("secp256k1"), EVP_sha256(), der);
    expect("secp256k1", der, n, MC_E_CURVE, "csr.key.curve");
    n = openssl_csr(EVP_RSA_gen(2048), EVP_sha256(), der);
    expect("RSA", der, n, MC_E_KEY_ALG, "csr.key.algorithm");
    n = openssl_csr(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, der);
    expect("Ed25519", der, n, MC_E_KEY_ALG, "csr.key.algorithm");
    n = openssl_csr(ec_key(OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT), EVP_sha256(), der);
    expect("explicit parameters", der, n, MC_E_CURVE, "csr.key.curve");
    n = openssl_csr(
        ec_key(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED),
        EVP_sha256(), der);
    expect("compressed", der, n, MC_E_POINT, "csr.key.point");
    n = openssl_csr(
        ec_key(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_HYBRID),
        EVP_sha256(), der);
    expect("hybrid", der, n, MC_E_POINT, "csr.key.point");
}

static void the_outer_length_must_be_in_shortest_form(void **state)
{
    uint8_t der[CSR_ROOM], changed[CSR_ROOM];
    struct parts p;
    size_t n;

    (void)state;
    good_parts(&p);
    n = build(&p, der);
    assert_int_equal(der[1], 0x81);
    memcpy(changed, "\x30\x82\x00", 3);
    memcpy(changed + 3, der + 2, n - 2);
    expect("length in three octets", changed, n + 1, MC_E_DER_LENGTH, "csr");
    memcpy(changed, "\x30\x80", 2);
    memcpy(changed + 2, der + 3, n - 3);
    memset(changed + n - 1, 0, 2);
    expect("indefinite length", changed, n + 1, MC_E_DER_LENGTH, "csr");
    der[0] = 0x31;
    expect("a SET", der, n, MC_E_CSR_FORM, "csr");
}

static void values_nested_beyond_reason_are_refused(void **state)
{
    uint8_t der[CSR_ROOM], inner[128] = {0};
    struct parts p;
    size_t depth = sizeof(inner) / 2;

    (void)state;
    for (size_t i = 0; i < depth; i++) {
        inner[2 * i] = 0x30;
        inner[2 * i + 1] = (uint8_t)(2 * (depth - i - 1));
    }
    good_parts(&p);
    for (size_t levels = 1; levels <= 40; levels++) {
        const uint8_t *value = inner + sizeof(inner) - 2 * levels;
        struct mc_out o = mc_out_of(p.attributes.p, sizeof(p.attributes.p));
        size_t a = mc_der_begin(&o, 0xA0), seq = mc_der_begin(&o, 0x30), set;
        struct mc_csr c;
        struct mc_err e;

        mc_der_put(&o, MC_DER_OID, "\x2A\x03", 2);
        set = mc_der_begin(&o, 0x31);
        mc_out_put(&o, value, 2 * levels);
        mc_der_close(&o, set);
        mc_der_close(&o, seq);
        mc_der_close(&o, a);
        p.attributes.n = o.n;
        assert_int_equal(judge(der, build(&p, der), &c, &e), levels <= 16 ? MC_OK : MC_E_CSR_FORM);
    }
}

/* A CSR of exactly this many octets: the length of the subject is moved until it fits. */
static void build_of_size(size_t want, uint8_t der[CSR_ROOM])
{
    size_t text = want - 250, n = 0;
    struct parts p;

    for (int tries = 0; n != want && tries < 200; tries++) {
        struct mc_out o;
        size_t name, rdn, pair, value;

        good_parts(&p);
        o = mc_out_of(p.name.p, sizeof(p.name.p));
        name = mc_der_begin(&o, MC_DER_SEQUENCE);
        rdn = mc_der_begin(&o, MC_DER_SET);
        pair = mc_der_begin(&o, MC_DER_SEQUENCE);
        mc_der_put(&o, MC_DER_OID, "\x55\x04\x03", 3);
        value = mc_der_begin(&o, MC_DER_UTF8);
        memset(mc_out_room(&o, text), 'a', text);
        mc_der_close(&o, value);
        mc_der_close(&o, pair);
        mc_der_close(&o, rdn);
        mc_der_close(&o, name);
        p.name.n = o.n;
        n = build(&p, der);
        text += want - n;
    }
    assert_int_equal(n, want);
}

static void size_is_limited_to_what_a_node_can_send(void **state)
{
    uint8_t der[CSR_ROOM];
    struct mc_csr c;
    struct mc_err e;

    (void)state;
    build_of_size(MC_CSR_MAX, der);
    assert_int_equal(judge(der, MC_CSR_MAX, &c, &e), MC_OK);
    build_of_size(MC_CSR_MAX + 1, der);
    expect("901 octets", der, MC_CSR_MAX + 1, MC_E_CSR_SIZE, "csr");
    expect("nothing", der, 0, MC_E_CSR_SIZE, "csr");
    expect("15 octets", der, MC_CSR_MIN - 1, MC_E_CSR_SIZE, "csr");
    expect("16 octets of a longer one", der, MC_CSR_MIN, MC_E_DER_TRUNCATED, "csr");
}

static void a_request_cut_anywhere_is_refused(void **state)
{
    uint8_t der[CSR_ROOM];
    struct parts p;
    size_t whole;

    (void)state;
    good_parts(&p);
    whole = build(&p, der);
    for (size_t n = 0; n < whole; n++) {
        uint8_t *exact = malloc(n + 1); /* so that a sanitizer sees any octet read behind the end */

        memcpy(exact, der, n);
        expect("cut", exact, n, n < MC_CSR_MIN ? MC_E_CSR_SIZE : MC_E_DER_TRUNCATED, "csr");
        free(exact);
    }
}

static void a_request_with_any_bit_flipped_is_refused(void **state)
{
    uint8_t der[CSR_ROOM];
    struct parts p;
    size_t n;

    (void)state;
    good_parts(&p);
    n = build(&p, der);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        struct mc_csr c;
        struct mc_err e;

        der[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (judge(der, n, &c, &e) == MC_OK)
            fail_msg("bit %zu of octet %zu may flip", bit % 8, bit / 8);
        der[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void another_key_does_not_verify(void **state)
{
    uint8_t der[CSR_ROOM], other[CSR_ROOM];
    struct mc_csr a, b;
    struct mc_err e;
    size_t n = openssl_csr(EVP_EC_gen("P-256"), EVP_sha256(), der);
    size_t m = openssl_csr(EVP_EC_gen("P-256"), EVP_sha256(), other);

    (void)state;
    assert_int_equal(judge(der, n, &a, &e), MC_OK);
    assert_int_equal(judge(other, m, &b, &e), MC_OK);
    a.point = b.point;
    mc_err_init(&e);
    assert_int_equal(mc_csr_check(verifier, &a, &e), MC_E_CSR_SIGNATURE);
}

static void random_changes_never_break_the_reader(void **state)
{
    uint8_t der[CSR_ROOM], changed[CSR_ROOM];
    unsigned seed = 11;
    struct parts p;
    size_t n;

    (void)state;
    good_parts(&p);
    n = build(&p, der);
    for (int round = 0; round < 100000; round++) {
        size_t len = n - (unsigned)rand_r(&seed) % 4;
        struct mc_csr c;

        memcpy(changed, der, n);
        for (int flips = rand_r(&seed) % 6; flips >= 0; flips--)
            changed[(unsigned)rand_r(&seed) % n] = (uint8_t)rand_r(&seed);
        if (mc_csr_parse(mc_span_of(changed, len), &c, NULL) == MC_OK)
            assert_int_equal(c.point.n, MC_POINT_LEN);
    }
}

static const struct {
    const char *file;
    enum mc_rc rc;
    const char *field;
} files[] = {
    {"TestChipCryptoPAL/TestCSR_Verify.kGoodCsr.der", MC_OK, ""}, /* with a NULL parameter */
    {"TestDeviceAttestationConstruction/TestNocsrElements_Construction.kExampleCsr.der", MC_OK, ""},
    {"TestDeviceAttestationConstruction/TestNocsrElements_Deconstruction.kExampleCsr.der", MC_OK, ""},
    {"TestChipCryptoPAL/TestCSR_Verify.kBadSignatureSignatureCsr.der", MC_E_CSR_SIGNATURE, "csr.signature"},
    {"TestChipCryptoPAL/TestCSR_Verify.kBadTooBigCsr.bin", MC_E_DER_TRAILING, "csr"},
    {"TestChipCryptoPAL/TestCSR_Verify.kBadTrailingGarbageCsr.bin", MC_E_DER_TRAILING, "csr"},
    {"TestChipCryptoPAL/TestCSR_Verify.kNotSequenceCsr.bin", MC_E_CSR_FORM, "csr"},
    {"TestChipCryptoPAL/TestCSR_Verify.kTooSmallCsr.bin", MC_E_CSR_SIZE, "csr"},
};

static void requests_of_the_field_are_judged_as_the_sdk_does(void **state)
{
    uint8_t der[CSR_ROOM], want[MC_POINT_LEN];
    struct mc_csr c;
    struct mc_err e;
    char path[160];

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof(path), "values/%s", files[i].file);
        expect(files[i].file, der, vectors_read(path, der, sizeof(der)), files[i].rc, files[i].field);
    }
    snprintf(path, sizeof(path), "values/%s", files[0].file);
    assert_int_equal(judge(der, vectors_read(path, der, sizeof(der)), &c, &e), MC_OK);
    vectors_read("values/TestChipCryptoPAL/TestCSR_Verify.kGoodCsrSubjectPublicKey.bin", want, sizeof(want));
    assert_memory_equal(c.point.p, want, sizeof(want));
}

static int set_up(void **state)
{
    size_t n;

    (void)state;
    key = EVP_EC_gen("P-256");
    verifier = mc_verifier_new();
    if (key == NULL || verifier == NULL)
        return -1;
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) == 1 &&
                   n == sizeof(point)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mc_verifier_free(verifier);
    EVP_PKEY_free(key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fault_of_a_signature_is_told),
        cmocka_unit_test(good_requests_are_accepted_and_give_the_key),
        cmocka_unit_test(each_broken_part_is_refused_by_its_own_rule),
        cmocka_unit_test(refusals_are_different_sentences),
        cmocka_unit_test(points_in_other_forms_are_refused),
        cmocka_unit_test(requests_of_openssl_are_judged_by_their_keys),
        cmocka_unit_test(the_outer_length_must_be_in_shortest_form),
        cmocka_unit_test(values_nested_beyond_reason_are_refused),
        cmocka_unit_test(size_is_limited_to_what_a_node_can_send),
        cmocka_unit_test(a_request_cut_anywhere_is_refused),
        cmocka_unit_test(a_request_with_any_bit_flipped_is_refused),
        cmocka_unit_test(another_key_does_not_verify),
        cmocka_unit_test(random_changes_never_break_the_reader),
        cmocka_unit_test(requests_of_the_field_are_judged_as_the_sdk_does),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
