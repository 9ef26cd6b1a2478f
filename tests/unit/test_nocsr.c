/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/csr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ROOM     2048

static struct mc_verifier *verifier;

/* Members of a structure in hex; N stands for the nonce member, C for a short CSR member. */
#define C     "30010130"
#define NONCE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define N     "300220" NONCE

static size_t unhex(const char *hex, uint8_t *out)
{
    assert_true(mc_hex_decode(hex, strlen(hex) / 2, out));
    return strlen(hex) / 2;
}

static enum mc_rc parse(const char *hex, struct mc_nocsr *n, struct mc_err *e)
{
    static uint8_t tlv[ROOM];

    mc_err_init(e);
    return mc_nocsr_parse(mc_span_of(tlv, unhex(hex, tlv)), n, e);
}

static const struct {
    const char *name, *hex;
    unsigned vendor; /* bits: which of the three are there */
} accepted[] = {
    {"CSR and nonce", "15" C N "18", 0},
    {"with vendor field 1",
        "15" C N "300301aa"
        "18",
        1},
    {"with vendor field 2",
        "15" C N "300401aa"
        "18",
        2},
    {"with vendor fields 1 and 3",
        "15" C N "300301aa"
        "300501bb"
        "18",
        5},
    {"with all vendor fields",
        "15" C N "300301aa"
        "300401bb"
        "300501cc"
        "18",
        7},
    {"with an empty vendor field",
        "15" C N "300300"
        "18",
        0},
    {"with lengths wider than needed",
        "15"
        "3101010030"
        "320220000000" NONCE "18",
        0},
    {"with a common profile tag behind",
        "15" C N "50f1ff01aa"
        "18",
        0},
    {"with a full profile tag behind",
        "15" C N "d0f1ff0100020001aa"
        "18",
        0},
    {"with whatever behind the profile tag",
        "15" C N "50f1ff01aa"
        "300902aa",
        0},
};

static void elements_of_nodes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct mc_nocsr n;
        struct mc_err e;

        if (parse(accepted[i].hex, &n, &e) != MC_OK)
            fail_msg("%s: %s in %s (%s)", accepted[i].name, mc_rc_symbol(e.rc), e.field, e.what);
        assert_int_equal(n.csr.n, 1);
        assert_int_equal(n.nonce.n, MC_NONCE_LEN);
        for (unsigned k = 0; k < 3; k++)
            assert_int_equal(n.vendor[k].n, accepted[i].vendor >> k & 1);
    }
}

static const struct {
    const char *name, *hex;
    enum mc_rc rc;
} refused[] = {
    {"nothing", "", MC_E_TLV_TRUNCATED},
    {"an array", "16" C N "18", MC_E_TLV_TYPE},
    {"a structure with a tag", "3501" C N "18", MC_E_TLV_ORDER},
    {"no member", "1518", MC_E_NOCSR_ORDER},
    {"no CSR", "15" N "18", MC_E_NOCSR_ORDER},
    {"no nonce", "15" C "18", MC_E_NOCSR_ORDER},
    {"vendor field in place of the nonce",
        "15" C "300301aa"
        "18",
        MC_E_NOCSR_ORDER},
    {"CSR behind the nonce", "15" N C "18", MC_E_NOCSR_ORDER},
    {"CSR twice", "15" C C N "18", MC_E_NOCSR_ORDER},
    {"nonce twice", "15" C N N "18", MC_E_NOCSR_ORDER},
    {"vendor fields out of order",
        "15" C N "300401aa"
        "300301aa"
        "18",
        MC_E_NOCSR_ORDER},
    {"profile tag before the nonce", "15" C "50f1ff01aa" N "18", MC_E_NOCSR_ORDER},
    {"profile tag first",
        "15"
        "50f1ff01aa" C N "18",
        MC_E_NOCSR_ORDER},
    {"tag 0",
        "15"
        "300001aa" C N "18",
        MC_E_NOCSR_TAG},
    {"tag 6",
        "15" C N "300601aa"
        "18",
        MC_E_NOCSR_TAG},
    {"tag 255",
        "15" C N "30ff01aa"
        "18",
        MC_E_NOCSR_TAG},
    {"member without tag",
        "15" C N "1001aa"
        "18",
        MC_E_NOCSR_TAG},
    {"CSR as text",
        "15"
        "2c010130" N "18",
        MC_E_TLV_TYPE},
    {"CSR as number",
        "15"
        "240130" N "18",
        MC_E_TLV_TYPE},
    {"vendor field that is a structure",
        "15" C N "3503"
        "18"
        "18",
        MC_E_TLV_TYPE},
    {"nonce of 31",
        "15" C "30021f"
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
        "18",
        MC_E_NOCSR_NONCE},
    {"nonce of 33",
        "15" C "300221" NONCE "20"
        "18",
        MC_E_NOCSR_NONCE},
    {"empty nonce",
        "15" C "300200"
        "18",
        MC_E_NOCSR_NONCE},
    {"empty CSR",
        "15"
        "300100" N "18",
        MC_E_CSR_SIZE},
    {"no end", "15" C N, MC_E_TLV_TRUNCATED},
    {"cut inside a member",
        "15" C "300220"
        "0001",
        MC_E_TLV_TRUNCATED},
    {"octets behind the end",
        "15" C N "18"
        "00",
        MC_E_TLV_TRAILING},
};

static void elements_that_break_a_rule_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct mc_nocsr n;
        struct mc_err e;
        enum mc_rc rc = parse(refused[i].hex, &n, &e);

        if (rc != refused[i].rc || e.rc != rc || e.field[0] == '\0')
            fail_msg("%s: %s in %s (%s)", refused[i].name, mc_rc_symbol(rc), e.field, e.what);
    }
}

static void a_tag_that_does_not_belong_there_is_told(void **state)
{
    static const struct {
        const char *hex, *what;
    } cases[] = {{"151001aa18", "it has none"}, {"15300001aa18", "tag 0"}, {"15300601aa18", "tag 6"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mc_nocsr n;
        struct mc_err e;

        assert_int_equal(parse(cases[i].hex, &n, &e), MC_E_NOCSR_TAG);
        assert_string_equal(e.what, cases[i].what);
    }
}

static void size_is_limited_in_both_directions(void **state)
{
    static uint8_t csr[MC_NOCSR_MAX], nonce[MC_NONCE_LEN], tlv[ROOM];
    struct mc_nocsr n = {.nonce = {nonce, sizeof(nonce)}}, back;
    size_t frame = 1 + 4 + 3 + MC_NONCE_LEN + 1, len;

    (void)state;
    n.csr = mc_span_of(csr, MC_NOCSR_MAX - frame);
    assert_int_equal(mc_nocsr_encode(&n, tlv, sizeof(tlv), &len, NULL), MC_OK);
    assert_int_equal(len, MC_NOCSR_MAX);
    assert_int_equal(mc_nocsr_parse(mc_span_of(tlv, len), &back, NULL), MC_OK);
    assert_int_equal(mc_nocsr_parse(mc_span_of(tlv, len + 1), &back, NULL), MC_E_NOCSR_SIZE);
    assert_int_equal(mc_nocsr_encode(&n, tlv, len - 1, &len, NULL), MC_E_SPACE);
    n.csr.n++;
    assert_int_equal(mc_nocsr_encode(&n, tlv, sizeof(tlv), &len, NULL), MC_E_NOCSR_SIZE);
}

static void what_nodes_may_not_send_is_not_written(void **state)
{
    uint8_t octets[MC_NONCE_LEN + 1] = {0}, tlv[ROOM];
    struct mc_nocsr n = {.csr = {octets, 1}, .nonce = {octets, MC_NONCE_LEN}};
    size_t len;

    (void)state;
    assert_int_equal(mc_nocsr_encode(&n, tlv, sizeof(tlv), &len, NULL), MC_OK);
    n.csr.n = 0;
    assert_int_equal(mc_nocsr_encode(&n, tlv, sizeof(tlv), &len, NULL), MC_E_NOCSR_ORDER);
    n.csr.n = 1;
    n.nonce.n = MC_NONCE_LEN + 1;
    assert_int_equal(mc_nocsr_encode(&n, tlv, sizeof(tlv), &len, NULL), MC_E_NOCSR_NONCE);
}

static void the_nonce_must_be_the_one_that_was_sent(void **state)
{
    uint8_t sent[MC_NONCE_LEN];
    struct mc_nocsr n;
    struct mc_err e;

    (void)state;
    unhex(NONCE, sent);
    assert_int_equal(parse("15" C N "18", &n, &e), MC_OK);
    assert_int_equal(mc_nocsr_check_nonce(&n, sent, &e), MC_OK);
    sent[31] ^= 1;
    assert_int_equal(mc_nocsr_check_nonce(&n, sent, &e), MC_E_NOCSR_NONCE_OTHER);
}

static void damaged_elements_never_break_the_reader(void **state)
{
    uint8_t good[ROOM], changed[ROOM];
    size_t n = unhex("15" C N "300301aa"
                     "300501bb"
                     "18",
        good);
    unsigned seed = 5;

    (void)state;
    for (size_t len = 0; len < n; len++) {
        uint8_t *exact = malloc(len + 1);
        struct mc_nocsr nocsr;

        memcpy(exact, good, len);
        assert_int_not_equal(mc_nocsr_parse(mc_span_of(exact, len), &nocsr, NULL), MC_OK);
        free(exact);
    }
    for (int round = 0; round < 50000; round++) {
        struct mc_nocsr nocsr;

        memcpy(changed, good, n);
        for (int flips = rand_r(&seed) % 4; flips >= 0; flips--)
            changed[(unsigned)rand_r(&seed) % n] = (uint8_t)rand_r(&seed);
        if (mc_nocsr_parse(mc_span_of(changed, n), &nocsr, NULL) == MC_OK)
            assert_int_equal(nocsr.nonce.n, MC_NONCE_LEN);
    }
}

#define CONSTRUCTION "values/TestDeviceAttestationConstruction/TestNocsrElements_"

static void check_vector(const char *set)
{
    uint8_t tlv[ROOM], value[ROOM], again[ROOM];
    struct mc_nocsr n;
    struct mc_err e;
    char path[160];
    size_t len, len2;

    snprintf(path, sizeof(path), CONSTRUCTION "%s.kNoCsrElementsVector.tlv", set);
    len = vectors_read(path, tlv, sizeof(tlv));
    assert_int_equal(mc_nocsr_parse(mc_span_of(tlv, len), &n, &e), MC_OK);
    snprintf(path, sizeof(path), CONSTRUCTION "%s.kExampleCsr.der", set);
    assert_true(mc_span_eq(n.csr, mc_span_of(value, vectors_read(path, value, sizeof(value)))));
    snprintf(path, sizeof(path), CONSTRUCTION "%s.kNocsrNonce.bin", set);
    assert_true(mc_span_eq(n.nonce, mc_span_of(value, vectors_read(path, value, sizeof(value)))));
    snprintf(path, sizeof(path), CONSTRUCTION "%s.kVendorReserved1.bin", set);
    assert_true(mc_span_eq(n.vendor[0], mc_span_of(value, vectors_read(path, value, sizeof(value)))));
    assert_int_equal(n.vendor[1].n, 0);
    snprintf(path, sizeof(path), CONSTRUCTION "%s.kVendorReserved3.bin", set);
    assert_true(mc_span_eq(n.vendor[2], mc_span_of(value, vectors_read(path, value, sizeof(value)))));
    assert_int_equal(mc_nocsr_encode(&n, again, sizeof(again), &len2, &e), MC_OK);
    assert_true(mc_span_eq(mc_span_of(tlv, len), mc_span_of(again, len2)));
}

static void vectors_of_the_field_are_read_and_written_back(void **state)
{
    (void)state;
    vectors_need();
    check_vector("Construction");
    check_vector("Deconstruction");
}

#define INFORMATION                                                                                          \
    "values/TestDeviceAttestationCredentials/TestDACVerifierExample_NocsrInformationVerification."

static void the_attestation_vector_verifies_and_its_wrong_twin_does_not(void **state)
{
    uint8_t elements[ROOM], challenge[MC_CHALLENGE_LEN], nonce[MC_NONCE_LEN], point[MC_POINT_LEN];
    uint8_t sig[MC_SIG_LEN], wrong[MC_SIG_LEN];
    struct mc_span span;
    struct mc_nocsr n;
    struct mc_csr csr;
    struct mc_err e;

    (void)state;
    vectors_need();
    span = mc_span_of(
        elements, vectors_read(INFORMATION "nocsrElementsTestVector.tlv", elements, sizeof(elements)));
    vectors_read(INFORMATION "attestationChallengeTestVector.bin", challenge, sizeof(challenge));
    vectors_read(INFORMATION "csrNonceTestVector.bin", nonce, sizeof(nonce));
    vectors_read(INFORMATION "attestationPublicKey.bin", point, sizeof(point));
    vectors_read(INFORMATION "attestationSignatureTestVector.bin", sig, sizeof(sig));
    vectors_read(INFORMATION "wrongAttestationSignatureTestVector.bin", wrong, sizeof(wrong));
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, sig, &e), MC_OK);
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, wrong, &e), MC_E_ATT_SIGNATURE);
    assert_int_equal(mc_nocsr_parse(span, &n, &e), MC_OK);
    assert_int_equal(mc_nocsr_check_nonce(&n, nonce, &e), MC_OK);
    assert_int_equal(mc_csr_parse(n.csr, &csr, &e), MC_OK);
    assert_int_equal(mc_csr_check(verifier, &csr, &e), MC_OK);
    challenge[0] ^= 1;
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, sig, &e), MC_E_ATT_SIGNATURE);
    challenge[0] ^= 1;
    span.n--;
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, sig, &e), MC_E_ATT_SIGNATURE);
    point[64] ^= 1;
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, sig, &e), MC_E_POINT_CURVE);
    point[0] = 0x02;
    assert_int_equal(mc_attestation_check(verifier, span, challenge, point, sig, &e), MC_E_POINT);
}

static void a_fresh_attestation_signature_verifies_with_its_key_only(void **state)
{
    static const uint8_t message[] = "elementsCHALLENGE16bytes"; /* 8 and 16 octets */
    EVP_PKEY *keys[2] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-256")};
    uint8_t points[2][MC_POINT_LEN], der[MC_SIG_DER_MAX], sig[MC_SIG_LEN];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n, der_len = sizeof(der);
    struct mc_err e;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            EVP_PKEY_get_octet_string_param(keys[i], OSSL_PKEY_PARAM_PUB_KEY, points[i], MC_POINT_LEN, &n),
            1);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, keys[0]), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &der_len, message, 24), 1);
    assert_int_equal(mc_sig_from_der(mc_span_of(der, der_len), sig), MC_OK);
    assert_int_equal(
        mc_attestation_check(verifier, mc_span_of(message, 8), message + 8, points[0], sig, &e), MC_OK);
    assert_int_equal(mc_attestation_check(verifier, mc_span_of(message, 8), message + 8, points[1], sig, &e),
        MC_E_ATT_SIGNATURE);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
}

static int set_up(void **state)
{
    (void)state;
    verifier = mc_verifier_new();
    return verifier != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mc_verifier_free(verifier);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_of_nodes_are_read),
        cmocka_unit_test(elements_that_break_a_rule_are_refused),
        cmocka_unit_test(a_tag_that_does_not_belong_there_is_told),
        cmocka_unit_test(size_is_limited_in_both_directions),
        cmocka_unit_test(what_nodes_may_not_send_is_not_written),
        cmocka_unit_test(the_nonce_must_be_the_one_that_was_sent),
        cmocka_unit_test(damaged_elements_never_break_the_reader),
        cmocka_unit_test(vectors_of_the_field_are_read_and_written_back),
        cmocka_unit_test(the_attestation_vector_verifies_and_its_wrong_twin_does_not),
        cmocka_unit_test(a_fresh_attestation_signature_verifies_with_its_key_only),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
