/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

static void hashes_follow_the_published_values(void **state)
{
    static const char want[] = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    struct mc_verifier *v = mc_verifier_new();
    struct mc_span parts[] = {{(const uint8_t *)"a", 1}, {NULL, 0}, {(const uint8_t *)"bc", 2}};
    uint8_t out[MC_DIGEST_LEN], room[CERTS_ROOM];
    struct mc_span digest = certs_octets(want, room);

    (void)state;
    assert_non_null(v);
    assert_int_equal(mc_sha256(v, mc_span_of("abc", 3), out), MC_OK);
    assert_memory_equal(out, digest.p, sizeof(out));
    assert_int_equal(mc_sha256_parts(v, parts, COUNT(parts), out), MC_OK);
    assert_memory_equal(out, digest.p, sizeof(out));
    assert_int_equal(mc_sha256(v, mc_span_of(NULL, 0), out), MC_OK);
    assert_int_equal(out[0], 0xE3);
    mc_verifier_free(v);
    mc_verifier_free(NULL);
}

static void a_key_id_is_the_sha1_of_the_point(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    struct certs_key k;
    uint8_t id[MC_KEY_ID_LEN];

    (void)state;
    certs_key_new(&k);
    assert_int_equal(mc_key_id(v, k.point, id), MC_OK);
    assert_memory_equal(id, k.id, sizeof(id));
    certs_key_free(&k);
    mc_verifier_free(v);
}

/* The base point of P-256 and what is wrong with points that look like it. */
#define GX "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
#define GY "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define P  "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
#define Z  "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *name, *point;
    enum mc_rc want;
} points[] = {
    {"the base point", "04" GX GY, MC_OK},
    {"another y", "04" GX GX, MC_E_POINT_CURVE},
    {"zero", "04" Z Z, MC_E_POINT_CURVE},
    {"x not below p", "04" P GY, MC_E_POINT_CURVE},
    {"compressed, filled up", "03" GX GY, MC_E_POINT},
    {"hybrid", "07" GX GY, MC_E_POINT},
    {"infinity, filled up", "00" Z Z, MC_E_POINT},
    {"compressed", "03" GX, MC_E_POINT},
    {"infinity", "00", MC_E_POINT},
    {"nothing", "", MC_E_POINT},
    {"one octet more", "04" GX GY "00", MC_E_POINT},
};

static void points_must_lie_on_the_curve(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t room[CERTS_ROOM];

    (void)state;
    assert_int_equal(mc_point_check(v, certs_octets("00" Z Z, room)), MC_E_POINT); /* as memory that was never written */
    for (size_t i = 0; i < COUNT(points); i++) {
        enum mc_rc rc = mc_point_check(v, certs_octets(points[i].point, room));

        if (rc != points[i].want)
            fail_msg("%s: %s", points[i].name, mc_rc_symbol(rc));
    }
    mc_verifier_free(v);
}

static void a_signature_verifies_with_its_key_and_digest_only(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t digest[2][MC_DIGEST_LEN], sig[2][MC_SIG_LEN], bad[MC_POINT_LEN] = {0x04};
    struct certs_key k[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct mc_span text = mc_span_of(&"message"[i], 6);

        certs_key_new(&k[i]);
        certs_sign(&k[i], text, sig[i]);
        assert_int_equal(mc_sha256(v, text, digest[i]), MC_OK);
    }
    /* Keys in turn: the one that is kept must never answer for the other. */
    for (int round = 0; round < 16; round++) {
        int key = round & 1, of = round >> 1 & 1, by = round >> 2 & 1;
        enum mc_rc want = key == of && key == by ? MC_OK : MC_E_SIGNATURE;

        assert_int_equal(mc_verify(v, k[key].point, digest[of], sig[by]), want);
        assert_int_equal(mc_verify(v, k[key].point, digest[key], sig[key]), MC_OK);
    }
    assert_int_equal(mc_verify(v, bad, digest[0], sig[0]), MC_E_POINT_CURVE);
    bad[0] = 0x02;
    assert_int_equal(mc_verify(v, bad, digest[0], sig[0]), MC_E_POINT);
    assert_int_equal(mc_verify(v, k[0].point, digest[0], sig[0]), MC_OK);
    for (int i = 0; i < 2; i++)
        certs_key_free(&k[i]);
    mc_verifier_free(v);
}

static void r_and_s_lie_between_zero_and_the_order(void **state)
{
    static const char *const halves[] = {Z, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"};
    struct mc_verifier *v = mc_verifier_new();
    uint8_t digest[MC_DIGEST_LEN] = {1}, sig[MC_SIG_LEN], wrong[MC_SIG_LEN], room[CERTS_ROOM];
    struct certs_key k;

    (void)state;
    certs_key_new(&k);
    certs_sign(&k, mc_span_of("text", 4), sig);
    assert_int_equal(mc_sha256(v, mc_span_of("text", 4), digest), MC_OK);
    for (size_t i = 0; i < COUNT(halves); i++) {
        struct mc_span half = certs_octets(halves[i], room);

        for (int s = 0; s < 2; s++) {
            memcpy(wrong, sig, sizeof(sig));
            memcpy(wrong + 32 * s, half.p, half.n);
            assert_int_equal(mc_verify(v, k.point, digest, wrong), MC_E_SIGNATURE);
        }
    }
    assert_int_equal(mc_verify(v, k.point, digest, sig), MC_OK);
    certs_key_free(&k);
    mc_verifier_free(v);
}

static void every_flipped_bit_of_a_signature_is_noticed(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    struct certs_key k;

    (void)state;
    certs_key_new(&k);
    certs_sign(&k, mc_span_of("text", 4), sig);
    assert_int_equal(mc_sha256(v, mc_span_of("text", 4), digest), MC_OK);
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mc_verify(v, k.point, digest, sig), MC_E_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    certs_key_free(&k);
    mc_verifier_free(v);
}

static void a_certificate_is_checked_over_its_tbs(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    struct certs_key issuer, subject;
    struct mc_cert c, from_der, from_tlv;
    struct mc_err e;
    size_t n;

    (void)state;
    mc_err_init(&e);
    certs_key_new(&issuer);
    certs_key_new(&subject);
    certs_noc(&c, &subject, issuer.id);
    struct mc_span whole = certs_issue(&c, &issuer, der);

    assert_int_equal(mc_cert_parse_der(whole, MC_RULES_MATTER, &from_der, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_tlv(&from_der, tlv, sizeof(tlv), &n, NULL), MC_OK);
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &from_tlv, NULL), MC_OK);
    assert_int_equal(mc_cert_check_signature(v, &from_der, issuer.point, &e), MC_OK);
    assert_int_equal(mc_cert_check_signature(v, &from_tlv, issuer.point, &e), MC_OK);
    assert_int_equal(mc_cert_check_signature(v, &from_der, subject.point, &e), MC_E_SIGNATURE);
    assert_string_equal(e.field, "signature");
    assert_int_equal(mc_cert_check_signature(v, &from_tlv, subject.point, &e), MC_E_SIGNATURE);
    from_tlv.not_after_unix++;
    assert_int_equal(mc_cert_check_signature(v, &from_tlv, issuer.point, NULL), MC_E_SIGNATURE);
    from_der.has_sig = false;
    assert_int_equal(mc_cert_check_signature(v, &from_der, issuer.point, NULL), MC_E_SIGNATURE_FORM);
    certs_key_free(&issuer);
    certs_key_free(&subject);
    mc_verifier_free(v);
}

/* A right SHA-256 signature in a certificate that names another algorithm is no valid one. */
static void another_algorithm_is_not_checked_as_sha256(void **state)
{
    static const char sha1[] = "30(06072A8648CE3D0401)", sha256[] = "30(06082A8648CE3D040302)";
    struct mc_verifier *v = mc_verifier_new();
    const char *parts[DER_PARTS];
    uint8_t in[CERTS_ROOM];
    struct certs_key k;
    struct mc_cert c;

    (void)state;
    certs_key_new(&k);
    memcpy(parts, certs_der_parts, sizeof(parts));
    for (int i = 0; i < 2; i++) {
        parts[DER_TBS_ALG] = parts[DER_ALG] = i == 0 ? sha256 : sha1;
        assert_int_equal(mc_cert_parse_der(certs_der_of(parts, in), MC_RULES_X509, &c, NULL), MC_OK);
        certs_sign(&k, c.tbs, c.sig);
        assert_int_equal(mc_cert_check_signature(v, &c, k.point, NULL), i == 0 ? MC_OK : MC_E_SIG_ALG);
    }
    certs_key_free(&k);
    mc_verifier_free(v);
}

/* RFC 5869, appendix A, cases 1 and 3. */
static void hkdf_follows_the_rfc(void **state)
{
    uint8_t ikm[CERTS_ROOM], salt[CERTS_ROOM], info[CERTS_ROOM], want[CERTS_ROOM], out[42];

    (void)state;
    assert_int_equal(mc_hkdf(certs_octets("0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B", ikm),
                         certs_octets("000102030405060708090A0B0C", salt), certs_octets("F0F1F2F3F4F5F6F7F8F9", info),
                         out, sizeof(out)),
        MC_OK);
    assert_memory_equal(out,
        certs_octets("3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF34007208D5B887185865", want).p, 42);
    assert_int_equal(mc_hkdf(certs_octets("0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B", ikm), mc_span_of(NULL, 0),
                         mc_span_of("", 0), out, sizeof(out)),
        MC_OK);
    assert_memory_equal(out,
        certs_octets("8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D9D201395FAA4B61A96C8", want).p, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_follow_the_published_values),
        cmocka_unit_test(a_key_id_is_the_sha1_of_the_point),
        cmocka_unit_test(points_must_lie_on_the_curve),
        cmocka_unit_test(a_signature_verifies_with_its_key_and_digest_only),
        cmocka_unit_test(r_and_s_lie_between_zero_and_the_order),
        cmocka_unit_test(every_flipped_bit_of_a_signature_is_noticed),
        cmocka_unit_test(a_certificate_is_checked_over_its_tbs),
        cmocka_unit_test(another_algorithm_is_not_checked_as_sha256),
        cmocka_unit_test(hkdf_follows_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
