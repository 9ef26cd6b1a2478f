/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include <openssl/ecdsa.h>

#define ALG_SHA1   "30(06072A8648CE3D0401)"
#define ALG_NULL   "30(06082A8648CE3D040302 0500)"
#define SPKI(a, p, bits) "30(30(" a p ")03(" bits "))"
#define EC         "06072A8648CE3D0201"
#define P256       "06082A8648CE3D030107"
#define PERIOD(a, b) "30(" a b ")"
#define UTC(t)     "17('" t "')"
#define GEN(t)     "18('" t "')"
#define AFTER      UTC("401015142342Z")
#define HALF       "1111111111111111111111111111111111111111111111111111111111111111"
#define BIG        "8111111111111111111111111111111111111111111111111111111111111111"
#define SIG(r, s)  "03(00 30(02(" r ")02(" s ")))"

/* What the Matter rules say, and what is an error under X.509 rules too. */
static const struct {
    const char *name;
    unsigned part;
    const char *with;
    enum mc_rc want, x509;
    const char *field;
} rows[] = {
    {"unchanged", DER_PARTS, "", MC_OK, MC_OK, ""},
    {"version 1", DER_VERSION, "", MC_E_VERSION, MC_OK, "version"},
    {"version 1, written out", DER_VERSION, "A0(020100)", MC_E_VERSION, MC_OK, "version"},
    {"version 2", DER_VERSION, "A0(020101)", MC_E_VERSION, MC_OK, "version"},
    {"version 4", DER_VERSION, "A0(020103)", MC_E_VERSION, MC_OK, "version"},
    {"version in two octets", DER_VERSION, "A0(02020002)", MC_E_DER_INTEGER, MC_E_DER_INTEGER, "version"},
    {"two versions", DER_VERSION, "A0(020102020102)", MC_E_DER_TRAILING, MC_E_DER_TRAILING, "version"},
    {"a version with a length of four octets", DER_VERSION, "A08400000003020102", MC_E_DER_LENGTH, MC_E_DER_LENGTH, "version"},
    {"no version in its tag", DER_VERSION, "A0()", MC_E_DER_TAG, MC_E_DER_TAG, "version"},

    {"serial 0", DER_SERIAL, "02(00)", MC_OK, MC_OK, ""},
    {"serial of 1 octet", DER_SERIAL, "02(7F)", MC_OK, MC_OK, ""},
    {"serial with sign octet", DER_SERIAL, "02(0080)", MC_OK, MC_OK, ""},
    {"negative serial", DER_SERIAL, "02(80)", MC_OK, MC_OK, ""},
    {"serial of 20 octets", DER_SERIAL, "02(100102030405060708090A0B0C0D0E0F10111213)", MC_OK, MC_OK, ""},
    {"serial of 21 octets", DER_SERIAL, "02(100102030405060708090A0B0C0D0E0F1011121314)", MC_E_SERIAL, MC_OK,
        "serialNumber"},
    {"no serial octets", DER_SERIAL, "02()", MC_E_SERIAL, MC_OK, "serialNumber"},
    {"serial 1 in two octets", DER_SERIAL, "02(0001)", MC_E_SERIAL, MC_OK, "serialNumber"},
    {"serial -1 in two octets", DER_SERIAL, "02(FFFF)", MC_E_SERIAL, MC_OK, "serialNumber"},
    {"no serial", DER_SERIAL, "", MC_E_DER_TAG, MC_E_DER_TAG, "serialNumber"},

    {"another algorithm inside", DER_TBS_ALG, ALG_SHA1, MC_E_SIG_ALG, MC_OK, "signature.algorithm"},
    {"an algorithm with NULL", DER_TBS_ALG, ALG_NULL, MC_E_SIG_ALG, MC_OK, "signature.algorithm"},
    {"no algorithm inside", DER_TBS_ALG, "30()", MC_E_DER_TAG, MC_E_DER_TAG, "signature.algorithm"},
    {"the algorithm in a set", DER_TBS_ALG, "31(06082A8648CE3D040302)", MC_E_DER_TAG, MC_E_DER_TAG, "signature.algorithm"},
    {"the algorithm outside in a set", DER_ALG, "31(06082A8648CE3D040302)", MC_E_DER_TAG, MC_E_DER_TAG, "signatureAlgorithm"},
    {"a longer algorithm inside", DER_TBS_ALG, "30(06092A8648CE3D04030201)", MC_E_SIG_ALG, MC_OK, "signature.algorithm"},
    {"another algorithm outside", DER_ALG, ALG_SHA1, MC_E_SIG_ALG_MISMATCH, MC_OK, "signatureAlgorithm"},
    {"an algorithm with NULL outside", DER_ALG, ALG_NULL, MC_E_SIG_ALG_MISMATCH, MC_OK, "signatureAlgorithm"},
    {"a broken OID outside", DER_ALG, "30(06022A86)", MC_E_DER_OID, MC_E_DER_OID, "signatureAlgorithm"},

    {"an empty issuer", DER_ISSUER, "3000", MC_OK, MC_OK, ""},
    {"no issuer", DER_ISSUER, "", MC_E_DER_TAG, MC_E_DER_TAG, "issuer"},
    {"issuer as SET", DER_ISSUER, "3100", MC_E_DER_TAG, MC_E_DER_TAG, "issuer"},

    {"one second of validity", DER_VALIDITY, PERIOD(UTC("201015142343Z"), UTC("201015142344Z")), MC_OK, MC_OK, ""},
    {"no second of validity", DER_VALIDITY, PERIOD(UTC("201015142343Z"), UTC("201015142343Z")), MC_E_TIME_ORDER, MC_OK,
        "validity.notAfter"},
    {"validity backwards", DER_VALIDITY, PERIOD(UTC("401015142342Z"), UTC("201015142343Z")), MC_E_TIME_ORDER, MC_OK,
        "validity.notAfter"},
    {"no expiry", DER_VALIDITY, PERIOD(UTC("201015142343Z"), GEN("99991231235959Z")), MC_OK, MC_OK, ""},
    {"a second before no expiry", DER_VALIDITY, PERIOD(UTC("201015142343Z"), GEN("99991231235958Z")), MC_E_TIME_RANGE,
        MC_OK, "validity.notAfter"},
    {"the last of Matter", DER_VALIDITY, PERIOD(UTC("201015142343Z"), GEN("21360207062815Z")), MC_OK, MC_OK, ""},
    {"a second later", DER_VALIDITY, PERIOD(UTC("201015142343Z"), GEN("21360207062816Z")), MC_E_TIME_RANGE, MC_OK,
        "validity.notAfter"},
    {"notBefore that late", DER_VALIDITY, PERIOD(GEN("21360207062815Z"), GEN("99991231235959Z")), MC_OK, MC_OK, ""},
    {"notBefore too late", DER_VALIDITY, PERIOD(GEN("21360207062816Z"), GEN("99991231235959Z")), MC_E_TIME_RANGE, MC_OK,
        "validity.notBefore"},
    {"notBefore of no expiry", DER_VALIDITY, PERIOD(GEN("99991231235959Z"), GEN("99991231235959Z")), MC_E_TIME_RANGE,
        MC_OK, "validity.notBefore"},
    {"Matter second 0", DER_VALIDITY, PERIOD(UTC("000101000000Z"), AFTER), MC_E_TIME_ZERO, MC_OK, "validity.notBefore"},
    {"Matter second 1", DER_VALIDITY, PERIOD(UTC("000101000001Z"), AFTER), MC_OK, MC_OK, ""},
    {"1999", DER_VALIDITY, PERIOD(UTC("991231235959Z"), AFTER), MC_E_TIME_RANGE, MC_OK, "validity.notBefore"},
    {"1950", DER_VALIDITY, PERIOD(UTC("500101000000Z"), AFTER), MC_E_TIME_RANGE, MC_OK, "validity.notBefore"},
    {"notAfter of Matter second 0", DER_VALIDITY, PERIOD(UTC("000101000001Z"), UTC("000101000000Z")), MC_E_TIME_RANGE,
        MC_OK, "validity.notAfter"},
    {"2049", DER_VALIDITY, PERIOD(UTC("201015142343Z"), UTC("491231235959Z")), MC_OK, MC_OK, ""},
    {"2049 generalized", DER_VALIDITY, PERIOD(UTC("201015142343Z"), GEN("20491231235959Z")), MC_E_TIME_CHOICE, MC_OK,
        "validity.notAfter"},
    {"2050", DER_VALIDITY, PERIOD(GEN("20500101000000Z"), GEN("20500101000001Z")), MC_OK, MC_OK, ""},
    {"no time", DER_VALIDITY, PERIOD(UTC("201015142343Z"), UTC("401315142342Z")), MC_E_TIME_FORM, MC_E_TIME_FORM,
        "validity.notAfter"},
    {"one time", DER_VALIDITY, PERIOD(UTC("201015142343Z"), ""), MC_E_DER_TRUNCATED, MC_E_DER_TRUNCATED,
        "validity.notAfter"},
    {"three times", DER_VALIDITY, PERIOD(UTC("201015142343Z"), AFTER AFTER), MC_E_DER_TRAILING, MC_E_DER_TRAILING,
        "validity"},

    {"an RSA key", DER_KEY, SPKI("06092A864886F70D010101", "0500", "00 3006020101020103"), MC_E_KEY_ALG, MC_OK,
        "subjectPublicKey.algorithm"},
    {"a longer algorithm", DER_KEY, SPKI("06082A8648CE3D020101", P256, "00" CERTS_POINT), MC_E_KEY_ALG, MC_OK,
        "subjectPublicKey.algorithm"},
    {"a longer curve", DER_KEY, SPKI(EC, "06092A8648CE3D03010701", "00" CERTS_POINT), MC_E_CURVE, MC_OK,
        "subjectPublicKey.curve"},
    {"a key in a set", DER_KEY, "31(30(" EC P256 ")03(00" CERTS_POINT "))", MC_E_DER_TAG, MC_E_DER_TAG, "subjectPublicKey"},
    {"a key's algorithm in a set", DER_KEY, "30(31(" EC P256 ")03(00" CERTS_POINT "))", MC_E_DER_TAG, MC_E_DER_TAG,
        "subjectPublicKey.algorithm"},
    {"a key's algorithm with a broken OID", DER_KEY, SPKI("06022A86", P256, "00" CERTS_POINT), MC_E_DER_OID, MC_E_DER_OID,
        "subjectPublicKey.algorithm"},
    {"secp256k1", DER_KEY, SPKI(EC, "06052B8104000A", "00" CERTS_POINT), MC_E_CURVE, MC_OK, "subjectPublicKey.curve"},
    {"no curve", DER_KEY, SPKI(EC, "", "00" CERTS_POINT), MC_E_CURVE, MC_OK, "subjectPublicKey.curve"},
    {"explicit parameters", DER_KEY, SPKI(EC, "3003020101", "00" CERTS_POINT), MC_E_CURVE, MC_OK,
        "subjectPublicKey.curve"},
    {"a curve and NULL", DER_KEY, SPKI(EC, P256 "0500", "00" CERTS_POINT), MC_E_CURVE, MC_OK, "subjectPublicKey.curve"},
    {"a compressed point", DER_KEY, SPKI(EC, P256, "00 02" HALF), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"a hybrid point", DER_KEY, SPKI(EC, P256, "00 06" CERTS_64), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"a point of 64 octets", DER_KEY, SPKI(EC, P256, "00" CERTS_64), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"a point of 66 octets", DER_KEY, SPKI(EC, P256, "00" CERTS_POINT "00"), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"the point at infinity", DER_KEY, SPKI(EC, P256, "00 00"), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"no point", DER_KEY, SPKI(EC, P256, "00"), MC_E_POINT, MC_OK, "subjectPublicKey.point"},
    {"unused bits in the key", DER_KEY, SPKI(EC, P256, "01" CERTS_POINT), MC_E_DER_BITS, MC_E_DER_BITS,
        "subjectPublicKey"},
    {"more behind the key", DER_KEY, "30(30(" EC P256 ")03(00" CERTS_POINT ")0500)", MC_E_DER_TRAILING,
        MC_E_DER_TRAILING, "subjectPublicKey"},

    {"issuerUniqueID", DER_UNIQUE_IDS, "81020000", MC_E_UNIQUE_ID, MC_OK, "uniqueID"},
    {"subjectUniqueID", DER_UNIQUE_IDS, "82020000", MC_E_UNIQUE_ID, MC_OK, "uniqueID"},
    {"both", DER_UNIQUE_IDS, "8102000082020000", MC_E_UNIQUE_ID, MC_OK, "uniqueID"},
    {"both, out of order", DER_UNIQUE_IDS, "8202000081020000", MC_E_UNIQUE_ID, MC_E_DER_TAG, NULL},
    {"issuerUniqueID of indefinite length", DER_UNIQUE_IDS, "81800000", MC_E_UNIQUE_ID, MC_E_DER_LENGTH, "uniqueID"},
    {"a third one", DER_UNIQUE_IDS, "83020000", MC_E_DER_TAG, MC_E_DER_TAG, "extensions"},
    {"no extensions", DER_EXTENSIONS, "", MC_E_EXT_MISSING, MC_OK, "extensions"},
    {"an empty list of extensions", DER_EXTENSIONS, "A3023000", MC_E_EXT_MISSING, MC_E_EXT_MISSING, "extensions"},
    {"no list of extensions", DER_EXTENSIONS, "A300", MC_E_DER_TAG, MC_E_DER_TAG, "extensions"},
    {"two lists of extensions", DER_EXTENSIONS, "A3(30(" CERTS_BC ")30(" CERTS_KU "))", MC_E_DER_TRAILING,
        MC_E_DER_TRAILING, "extensions"},
    {"extensions in another tag", DER_EXTENSIONS, "A4(30(" CERTS_BC "))", MC_E_DER_TAG, MC_E_DER_TAG, "extensions"},
    {"more in the TBS", DER_AFTER_EXTENSIONS, "0500", MC_E_DER_TRAILING, MC_E_DER_TRAILING, "tbsCertificate"},

    {"r and s of 32 octets", DER_SIGNATURE, SIG(HALF, HALF), MC_OK, MC_OK, ""},
    {"r and s with sign octet", DER_SIGNATURE, SIG("00" BIG, "00" BIG), MC_OK, MC_OK, ""},
    {"r of 33 octets", DER_SIGNATURE, SIG("11" HALF, HALF), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"s of 33 octets", DER_SIGNATURE, SIG(HALF, "11" HALF), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"r negative", DER_SIGNATURE, SIG(BIG, HALF), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"s negative", DER_SIGNATURE, SIG(HALF, "80"), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"a leading zero too many", DER_SIGNATURE, SIG("00" HALF, HALF), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"short r and s", DER_SIGNATURE, SIG("01", "0080"), MC_OK, MC_OK, ""},
    {"r and s of 0", DER_SIGNATURE, SIG("00", "00"), MC_OK, MC_OK, ""},
    {"r of no octets", DER_SIGNATURE, SIG("", "01"), MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"r only", DER_SIGNATURE, "03(00 30(0201 11))", MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"three numbers", DER_SIGNATURE, "03(00 30(020111 020111 020111))", MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"more behind r and s", DER_SIGNATURE, "03(00 30(020111 020111) 00)", MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"a raw signature", DER_SIGNATURE, "03(00" CERTS_64 ")", MC_E_SIGNATURE_FORM, MC_OK, "signature"},
    {"unused bits", DER_SIGNATURE, "03(01 30(020111 020110))", MC_E_DER_BITS, MC_E_DER_BITS, "signature"},
    {"no signature", DER_SIGNATURE, "", MC_E_DER_TAG, MC_E_DER_TAG, "signature"},
    {"signature as OCTET STRING", DER_SIGNATURE, "04(30(020111 020111))", MC_E_DER_TAG, MC_E_DER_TAG, "signature"},
    {"more in the certificate", DER_AFTER_SIGNATURE, "0500", MC_E_DER_TRAILING, MC_E_DER_TRAILING, "certificate"},
    {"more behind the certificate", DER_AFTER, "00", MC_E_DER_TRAILING, MC_OK, "certificate"},
};

static void certificates_in_der_follow_the_rules(void **state)
{
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span der = certs_der(rows[i].part, rows[i].with, in);
        struct mc_cert c;
        struct mc_err e;
        size_t n;

        mc_err_init(&e);
        enum mc_rc rc = mc_cert_parse_der(der, MC_RULES_MATTER, &c, &e);

        if (rc != rows[i].want || e.rc != rc)
            fail_msg("%s: %s", rows[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK) {
            if (rows[i].field != NULL)
                assert_string_equal(e.field, rows[i].field);
            assert_true(e.offset <= der.n);
            continue;
        }
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, &e), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), der));
        assert_int_equal(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, &e), MC_OK);
        assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &c, &e), MC_OK);
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, &e), MC_OK);
        if (!mc_span_eq(mc_span_of(out, n), der))
            fail_msg("%s: does not come back from TLV", rows[i].name);
    }
}

static void x509_rules_read_on_and_note_the_first_obstacle(void **state)
{
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_cert c;
        struct mc_err e;
        size_t n;

        mc_err_init(&e);
        enum mc_rc rc = mc_cert_parse_der(certs_der(rows[i].part, rows[i].with, in), MC_RULES_X509, &c, &e);

        if (rc != rows[i].x509)
            fail_msg("%s: %s", rows[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK)
            continue;
        if (c.obstacle.rc != rows[i].want)
            fail_msg("%s: obstacle %s", rows[i].name, mc_rc_symbol(c.obstacle.rc));
        assert_string_equal(c.obstacle.field, rows[i].field);
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, &e), rows[i].want);
        assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, &e), rows[i].want);
    }
}

/* The TBS ends inside of what all certificates have, and the octets behind it would complete that. */
static void what_stands_behind_the_tbs_is_not_taken_for_its_own(void **state)
{
    static const struct {
        const char *tbs, *behind, *field;
    } ends[] = {
        {"300A06082A8648CE3D0403", "02", "signature.algorithm"},
        {"300A", "06082A8648CE3D040302", "signature.algorithm"},
        {"30(06082A8648CE3D040302) 3000 30(17('201015142343Z')17('401015142342Z')) 3000"
         "3059301306072A8648CE3D020106082A8648CE3D03010703420004" CERTS_X "3333333333333333444444444444444444444444444444",
            "44", "subjectPublicKey"},
        {"30(06082A8648CE3D040302) 3000 30(17('201015142343Z')17('401015142342Z')) 3000"
         "3059301306072A8648CE3D020106082A8648CE3D030107034200",
            CERTS_POINT, "subjectPublicKey"},
    };
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        char text[1024];
        struct mc_cert c;
        struct mc_err e;

        snprintf(text, sizeof(text), "30(30(A0(020102) 02(01) %s) %s 30(06082A8648CE3D040302) 03(00 30(020111 020111)))",
            ends[i].tbs, ends[i].behind);
        mc_err_init(&e);
        assert_int_equal(mc_cert_parse_der(certs_octets(text, in), MC_RULES_X509, &c, &e), MC_E_DER_TRUNCATED);
        assert_string_equal(e.field, ends[i].field);
    }
}

static void versions_are_counted_from_1(void **state)
{
    static const struct {
        const char *with;
        unsigned version; /* 0: there is none with this number */
    } versions[] = {{"", 1}, {"A0(020100)", 1}, {"A0(020101)", 2}, {"A0(020102)", 3}, {"A0(020103)", 0}, {"A0(020200FF)", 0}};
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct mc_cert c;

        assert_int_equal(mc_cert_parse_der(certs_der(DER_VERSION, versions[i].with, in), MC_RULES_X509, &c, NULL), MC_OK);
        assert_int_equal(c.version, versions[i].version);
    }
}

static void every_cut_is_refused(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_span der = certs_der(DER_PARTS, "", in);

    (void)state;
    for (size_t n = 0; n < der.n; n++) {
        uint8_t *cut = malloc(n + 1);
        struct mc_cert c;
        struct mc_err e;

        assert_non_null(cut);
        memcpy(cut, der.p, n);
        mc_err_init(&e);
        if (mc_cert_parse_der(mc_span_of(cut, n), MC_RULES_MATTER, &c, &e) == MC_OK ||
            mc_cert_parse_der(mc_span_of(cut, n), MC_RULES_X509, &c, &e) == MC_OK)
            fail_msg("accepted after %zu octets", n);
        free(cut);
    }
}

/* A flipped bit is refused, or the certificate is read as what it now says: written again it is the same. */
static void every_flipped_bit_is_refused_or_kept(void **state)
{
    uint8_t in[CERTS_ROOM], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    struct mc_span whole = certs_der(DER_PARTS, "", in);
    unsigned kept = 0;

    (void)state;
    for (size_t bit = 0; bit < 8 * whole.n; bit++) {
        struct mc_cert c, back;
        size_t n;

        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (mc_cert_parse_der(whole, MC_RULES_MATTER, &c, NULL) == MC_OK) {
            kept++;
            assert_int_equal(mc_cert_encode_der(&c, der, sizeof(der), &n, NULL), MC_OK);
            assert_true(mc_span_eq(mc_span_of(der, n), whole));
            assert_int_equal(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, NULL), MC_OK);
            assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &back, NULL), MC_OK);
            assert_int_equal(mc_cert_encode_der(&back, der, sizeof(der), &n, NULL), MC_OK);
            assert_true(mc_span_eq(mc_span_of(der, n), whole));
        }
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(kept > 8 * MC_POINT_LEN);
}

static void the_reader_gives_every_field(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_span der = certs_der(DER_PARTS, "", in);
    struct mc_cert c;
    uint64_t id = 0;

    (void)state;
    assert_int_equal(mc_cert_parse_der(der, MC_RULES_MATTER, &c, NULL), MC_OK);
    assert_int_equal(c.form, MC_FORM_DER);
    assert_int_equal(c.version, 3);
    assert_int_equal(c.serial.n, 8);
    assert_int_equal(c.not_before_unix, 1602771823);
    assert_int_equal(c.not_after_unix, 2233923822);
    assert_true(c.p256 && c.has_sig && c.has_bc && c.has_ku && c.has_eku && c.has_skid && c.has_akid);
    assert_false(c.is_ca || c.has_path_len);
    assert_int_equal(c.ku, MC_KU_DIGITAL_SIGNATURE);
    assert_int_equal(c.n_eku, 2);
    assert_int_equal(c.eku[0], MC_EKU_CLIENT_AUTH);
    assert_int_equal(c.n_ext, 5);
    assert_ptr_equal(c.tbs.p, in + 4);
    assert_int_equal(c.sig[30], 0x11);
    assert_int_equal(c.sig[63], 0x44);
    assert_true(mc_dn_find(&c.subject, MC_ATTR_NODE_ID, &id));
    assert_true(id == UINT64_C(0xDEDEDEDE00020003));
    assert_int_equal(mc_cert_kind(&c), MC_KIND_NOC);
}

static void encoders_stay_inside_of_the_room_they_get(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_span der = certs_der(DER_PARTS, "", in);
    struct mc_cert c;

    (void)state;
    assert_int_equal(mc_cert_parse_der(der, MC_RULES_MATTER, &c, NULL), MC_OK);
    for (size_t cap = 0; cap <= der.n; cap++) {
        uint8_t *out = malloc(cap + 1);
        size_t n = 12345;

        assert_non_null(out);
        assert_int_equal(mc_cert_encode_der(&c, out, cap, &n, NULL), cap < der.n ? MC_E_SPACE : MC_OK);
        assert_int_equal(n, cap < der.n ? 12345 : der.n);
        n = 12345;
        assert_int_equal(mc_cert_encode_tbs(&c, out, cap, &n, NULL), cap < c.tbs.n ? MC_E_SPACE : MC_OK);
        assert_int_equal(n, cap < c.tbs.n ? 12345 : c.tbs.n);
        assert_int_equal(mc_cert_assemble(c.tbs, c.sig, out, cap, &n, NULL), cap < der.n ? MC_E_SPACE : MC_OK);
        if (cap >= der.n)
            assert_memory_equal(out, der.p, der.n);
        free(out);
    }
}

static void encoders_refuse_what_no_reader_would_take(void **state)
{
    static const uint8_t serial[21] = {1};
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX];
    struct mc_span der = certs_der(DER_PARTS, "", in);
    struct mc_cert good, c;
    size_t n;

    (void)state;
    assert_int_equal(mc_cert_parse_der(der, MC_RULES_MATTER, &good, NULL), MC_OK);
#define REFUSED(change, code)                                                            \
    do {                                                                                 \
        c = good;                                                                        \
        change;                                                                          \
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), code);      \
        assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL), code);      \
        assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL), code);      \
    } while (0)
    REFUSED((void)0, MC_OK);
    REFUSED(c.serial = mc_span_of(serial, 0), MC_E_SERIAL);
    REFUSED(c.serial = mc_span_of(serial, 21), MC_E_SERIAL);
    REFUSED(c.not_before_unix = MC_EPOCH2000_UNIX, MC_E_TIME_ZERO);
    REFUSED(c.not_after_unix = MC_EPOCH2000_LAST + 1, MC_E_TIME_RANGE);
    REFUSED(c.not_after_unix = c.not_before_unix, MC_E_TIME_ORDER);
    REFUSED(c.point.n = 64, MC_E_POINT);
    REFUSED(c.skid.n = 19, MC_E_EXT_KEY_ID);
    REFUSED(c.akid.n = 21, MC_E_EXT_KEY_ID);
#undef REFUSED
}

static void signatures_are_written_as_openssl_writes_them(void **state)
{
    static const char *const halves[] = {"00", "01", "7F", "80", "FF00"};
    uint8_t sig[MC_SIG_LEN], der[MC_SIG_DER_MAX], back[MC_SIG_LEN], *openssl = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(halves) * COUNT(halves) * 2; i++) {
        uint8_t fill = i >= COUNT(halves) * COUNT(halves) ? 0xEE : 0;
        ECDSA_SIG *s = ECDSA_SIG_new();

        memset(sig, fill, sizeof(sig));
        uint8_t room[CERTS_ROOM];
        struct mc_span r = certs_octets(halves[i % COUNT(halves)], room);

        memcpy(fill ? sig : sig + 32 - r.n, r.p, r.n);
        r = certs_octets(halves[i / COUNT(halves) % COUNT(halves)], room);
        memcpy(fill ? sig + 32 : sig + 64 - r.n, r.p, r.n);
        assert_int_equal(ECDSA_SIG_set0(s, BN_bin2bn(sig, 32, NULL), BN_bin2bn(sig + 32, 32, NULL)), 1);
        int n = i2d_ECDSA_SIG(s, &openssl);

        assert_int_equal(mc_sig_to_der(sig, der), n);
        assert_memory_equal(der, openssl, (size_t)n);
        assert_int_equal(mc_sig_from_der(mc_span_of(der, (size_t)n), back), MC_OK);
        assert_memory_equal(back, sig, sizeof(sig));
        OPENSSL_free(openssl);
        openssl = NULL;
        ECDSA_SIG_free(s);
    }
}

static void inputs_beyond_any_certificate_are_not_looked_at(void **state)
{
    static uint8_t big[MC_X509_INPUT_MAX + 1] = {0x30, 0x83, 0x00, 0xFF, 0xFC};
    struct mc_cert c;

    (void)state;
    assert_int_equal(mc_cert_parse_der(mc_span_of(big, sizeof(big)), MC_RULES_X509, &c, NULL), MC_E_TOO_BIG);
    assert_int_equal(mc_cert_parse_der(mc_span_of(big, sizeof(big) - 1), MC_RULES_X509, &c, NULL), MC_E_DER_LENGTH);
    assert_int_equal(
        mc_cert_parse_der(mc_span_of(big, 2 * MC_CERT_DER_MAX + 1), MC_RULES_MATTER, &c, NULL), MC_E_SIZE_DER);
    assert_int_equal(
        mc_cert_parse_der(mc_span_of(big, 2 * MC_CERT_DER_MAX), MC_RULES_MATTER, &c, NULL), MC_E_DER_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_in_der_follow_the_rules),
        cmocka_unit_test(x509_rules_read_on_and_note_the_first_obstacle),
        cmocka_unit_test(what_stands_behind_the_tbs_is_not_taken_for_its_own),
        cmocka_unit_test(versions_are_counted_from_1),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused_or_kept),
        cmocka_unit_test(the_reader_gives_every_field),
        cmocka_unit_test(encoders_stay_inside_of_the_room_they_get),
        cmocka_unit_test(encoders_refuse_what_no_reader_would_take),
        cmocka_unit_test(signatures_are_written_as_openssl_writes_them),
        cmocka_unit_test(inputs_beyond_any_certificate_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
