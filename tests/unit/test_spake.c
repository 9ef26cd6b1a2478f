/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <openssl/evp.h>

#include "lib/spake.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SALT     "SPAKE2P Key Salt"

static const char w0_hex[] = "b96170aae803346884724fe9a3b287c30330c2a660375d17bb205a8cf1aecb35";
static const char w1_hex[] = "823d264225e36f4923b43ad64f8c862a30f4a129bbf9ee8074a32d6d67586a90";
static const char verifier_base64[] = "uWFwqugDNGiEck/po7KHwwMwwqZgN10XuyBajPGuyzUEV/iree4lOrao5GuwnlQ65CJzbeUB49s31EH+NEkg"
                                      "0JVI5MGCQGMMT/SRPFNRODm3wH/MBiehuFc6FJ/NH6Rmzw==";

static struct mc_span salt_of(size_t n)
{
    static const char salt[] = SALT SALT SALT;

    return mc_span_of(salt, n);
}

static void the_worked_example_holds(void **state)
{
    uint8_t v[MC_SPAKE_VERIFIER_LEN], w0[32];
    char text[4 * ((sizeof(v) + 2) / 3) + 1];

    (void)state;
    assert_int_equal(mc_spake_verifier(20202021, salt_of(16), 1000, v, NULL), MC_OK);
    mc_base64_encode(v, sizeof(v), text);
    assert_string_equal(text, verifier_base64);
    assert_true(mc_hex_decode(w0_hex, 32, w0));
    assert_memory_equal(v, w0, 32);
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v)), NULL), MC_OK);
}

static void l_is_w1_times_g(void **state)
{
    uint8_t v[MC_SPAKE_VERIFIER_LEN], w1[32], point[MC_POINT_LEN];

    (void)state;
    assert_int_equal(mc_spake_verifier(20202021, salt_of(16), 1000, v, NULL), MC_OK);
    assert_true(mc_hex_decode(w1_hex, 32, w1));
    assert_int_equal(mc_p256_point_of(w1, point), MC_OK);
    assert_memory_equal(v + 32, point, MC_POINT_LEN);
}

/* RFC 9383's, as the SDK has them: w0 and w1 are below the order, so leading zeros give ws. */
static void the_points_of_the_rfc_follow_from_w1(void **state)
{
    static const struct {
        const char *w0, *w1, *l;
    } sets[] = {{"w0_1", "w1_2", "L_3"}, {"w0_17", "w1_18", "L_19"}, {"w0_33", "w1_34", "L_35"}, {"w0_49", "w1_50", "L_51"}};

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(sets); i++) {
        uint8_t ws[2 * MC_SPAKE_W_LEN] = {0}, l[MC_POINT_LEN], v[MC_SPAKE_VERIFIER_LEN];
        char name[128];

        snprintf(name, sizeof(name), "values/SPAKE2P_RFC_test_vectors/chiptest_e4836c3b50dd_%s.bin", sets[i].w0);
        assert_int_equal(vectors_read(name, ws + 8, 32), 32);
        snprintf(name, sizeof(name), "values/SPAKE2P_RFC_test_vectors/chiptest_e4836c3b50dd_%s.bin", sets[i].w1);
        assert_int_equal(vectors_read(name, ws + MC_SPAKE_W_LEN + 8, 32), 32);
        snprintf(name, sizeof(name), "values/SPAKE2P_RFC_test_vectors/chiptest_e4836c3b50dd_%s.bin", sets[i].l);
        assert_int_equal(vectors_read(name, l, sizeof(l)), sizeof(l));
        assert_int_equal(mc_spake_verifier_of(ws, v), MC_OK);
        assert_memory_equal(v, ws + 8, 32);
        assert_memory_equal(v + 32, l, sizeof(l));
    }
}

/* libcrypto's own PBKDF2 is the other opinion. */
static void the_hash_is_pbkdf2(void **state)
{
    static const struct {
        uint32_t passcode, iterations;
        size_t salt;
    } rows[] = {{1, 1000, 16}, {20202021, 1001, 17}, {99999998, 1000, 32}, {54321, 3000, 31}, {16777216, 1500, 24}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span salt = salt_of(rows[i].salt);
        uint32_t p = rows[i].passcode;
        const char text[4] = {(char)p, (char)(p >> 8), (char)(p >> 16), (char)(p >> 24)};
        uint8_t ws[2 * MC_SPAKE_W_LEN], want[MC_SPAKE_VERIFIER_LEN], v[MC_SPAKE_VERIFIER_LEN];

        assert_int_equal(PKCS5_PBKDF2_HMAC(text, sizeof(text), salt.p, (int)salt.n, (int)rows[i].iterations, EVP_sha256(),
            sizeof(ws), ws), 1);
        assert_int_equal(mc_spake_verifier_of(ws, want), MC_OK);
        assert_int_equal(mc_spake_verifier(p, salt, rows[i].iterations, v, NULL), MC_OK);
        assert_memory_equal(v, want, sizeof(v));
    }
}

static void parameters_have_ranges(void **state)
{
    static const struct {
        uint32_t passcode, iterations;
        size_t salt;
        enum mc_rc rc;
    } rows[] = {
        {1, 1000, 16, MC_OK},
        {99999998, 1000, 32, MC_OK},
        {20202021, 999, 16, MC_E_SPAKE},
        {20202021, 100000, 16, MC_OK},
        {20202021, 100001, 16, MC_E_SPAKE},
        {20202021, 1000, 15, MC_E_SPAKE},
        {20202021, 1000, 33, MC_E_SPAKE},
        {0, 1000, 16, MC_E_PASSCODE},
        {12345678, 1000, 16, MC_E_PASSCODE},
    };
    uint8_t v[MC_SPAKE_VERIFIER_LEN];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(mc_spake_verifier(rows[i].passcode, salt_of(rows[i].salt), rows[i].iterations, v, NULL), rows[i].rc);
}

static void a_verifier_has_its_form(void **state)
{
    uint8_t v[MC_SPAKE_VERIFIER_LEN];

    (void)state;
    assert_int_equal(mc_spake_verifier(1, salt_of(16), 1000, v, NULL), MC_OK);
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v)), NULL), MC_OK);
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v) - 1), NULL), MC_E_SPAKE);
    v[sizeof(v) - 1] ^= 1;
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v)), NULL), MC_E_SPAKE);
    v[sizeof(v) - 1] ^= 1;
    v[32] = 2;
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v)), NULL), MC_E_SPAKE);
    v[32] = 4;
    memset(v, 0xFF, 32);
    assert_int_equal(mc_spake_check(mc_span_of(v, sizeof(v)), NULL), MC_E_SPAKE);
}

static void a_key_comes_of_enough_octets(void **state)
{
    uint8_t random[48] = {0}, scalar[32], point[MC_POINT_LEN], again[MC_POINT_LEN];

    (void)state;
    assert_int_equal(mc_p256_key_of(mc_span_of(random, 47), scalar, point), MC_E_CRYPTO);
    assert_int_equal(mc_p256_key_of(mc_span_of(random, 48), scalar, point), MC_OK);
    assert_int_equal(scalar[31], 1); /* 0 mod (n - 1) + 1 */
    memset(random, 0xFF, sizeof(random));
    assert_int_equal(mc_p256_key_of(mc_span_of(random, 48), scalar, point), MC_OK);
    assert_int_equal(mc_p256_point_of(scalar, again), MC_OK);
    assert_memory_equal(point, again, sizeof(point));
    memset(scalar, 0, sizeof(scalar));
    assert_int_equal(mc_p256_point_of(scalar, again), MC_E_POINT);
    memset(scalar, 0xFF, sizeof(scalar));
    assert_int_equal(mc_p256_point_of(scalar, again), MC_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_holds),
        cmocka_unit_test(l_is_w1_times_g),
        cmocka_unit_test(the_points_of_the_rfc_follow_from_w1),
        cmocka_unit_test(the_hash_is_pbkdf2),
        cmocka_unit_test(parameters_have_ranges),
        cmocka_unit_test(a_verifier_has_its_form),
        cmocka_unit_test(a_key_comes_of_enough_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
