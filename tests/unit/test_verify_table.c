/* SPDX-License-Identifier: Apache-2.0 */
/* Verification with a table of the key's multiples: it must say what libcrypto's own verification says. */
#include "certs.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

static const char order_hex[] = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

struct pair {
    struct mc_verifier *plain, *table;
    struct certs_key k;
};

static void pair_new(struct pair *p)
{
    certs_key_new(&p->k);
    p->plain = mc_verifier_new();
    p->table = mc_verifier_new();
    assert_non_null(p->plain);
    assert_non_null(p->table);
    assert_int_equal(mc_verify_often(p->table, p->k.point), MC_OK);
}

static void pair_free(struct pair *p)
{
    mc_verifier_free(p->plain);
    mc_verifier_free(p->table);
    certs_key_free(&p->k);
}

static void both_say(struct pair *p, const uint8_t *digest, const uint8_t *sig, enum mc_rc want)
{
    assert_int_equal(mc_verify(p->plain, p->k.point, digest, sig), want);
    assert_int_equal(mc_verify(p->table, p->k.point, digest, sig), want);
}

static void sign_digest(struct pair *p, const uint8_t *digest, uint8_t sig[MC_SIG_LEN])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, p->k.key, NULL);
    uint8_t der[MC_SIG_DER_MAX];
    size_t n = sizeof(der);

    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, der, &n, digest, MC_DIGEST_LEN), 1);
    assert_int_equal(mc_sig_from_der(mc_span_of(der, n), sig), MC_OK);
    EVP_PKEY_CTX_free(ctx);
}

static void right_signatures_are_right_and_wrong_ones_wrong(void **state)
{
    (void)state;
    for (int key = 0; key < 3; key++) {
        struct pair p;

        pair_new(&p);
        for (int i = 0; i < 200; i++) {
            uint8_t digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];

            assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
            sign_digest(&p, digest, sig);
            both_say(&p, digest, sig, MC_OK);
            digest[i % MC_DIGEST_LEN] ^= 1;
            both_say(&p, digest, sig, MC_E_SIGNATURE);
        }
        pair_free(&p);
    }
}

static void every_flipped_bit_is_noticed(void **state)
{
    uint8_t digest[MC_DIGEST_LEN] = {7}, sig[MC_SIG_LEN];
    struct pair p;

    (void)state;
    pair_new(&p);
    sign_digest(&p, digest, sig);
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mc_verify(p.table, p.k.point, digest, sig), MC_E_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(mc_verify(p.table, p.k.point, digest, sig), MC_OK);
    pair_free(&p);
}

static void digests_of_zero_and_above_the_order_are_numbers_too(void **state)
{
    static const char *const texts[] = {"0000000000000000000000000000000000000000000000000000000000000000", order_hex,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"};
    uint8_t sig[MC_SIG_LEN], room[CERTS_ROOM];
    struct pair p;

    (void)state;
    pair_new(&p);
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct mc_span digest = certs_octets(texts[i], room);

        sign_digest(&p, digest.p, sig);
        both_say(&p, digest.p, sig, MC_OK);
    }
    pair_free(&p);
}

static void r_and_s_lie_between_zero_and_the_order(void **state)
{
    static const char *const halves[] = {"0000000000000000000000000000000000000000000000000000000000000000", order_hex,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"};
    uint8_t digest[MC_DIGEST_LEN] = {1}, sig[MC_SIG_LEN], wrong[MC_SIG_LEN], room[CERTS_ROOM];
    struct pair p;

    (void)state;
    pair_new(&p);
    sign_digest(&p, digest, sig);
    for (size_t i = 0; i < COUNT(halves); i++) {
        struct mc_span half = certs_octets(halves[i], room);

        for (int s = 0; s < 2; s++) {
            memcpy(wrong, sig, sizeof(sig));
            memcpy(wrong + 32 * s, half.p, half.n);
            both_say(&p, digest, wrong, MC_E_SIGNATURE);
        }
    }
    pair_free(&p);
}

/*
 * Both products the same point (the sum doubles it), or opposite points (the sum is none): with r = x(kG) and the
 * private key d, the digests are r d and -r d; s = 2 e / k makes the first one a signature.
 */
static void products_that_meet_are_summed_rightly(void **state)
{
    uint8_t digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    const BIGNUM *n = EC_GROUP_get0_order(g);
    BIGNUM *d = NULL, *k = BN_new(), *r = BN_new(), *s = BN_new(), *e = BN_new();
    EC_POINT *kg = EC_POINT_new(g);
    BN_CTX *ctx = BN_CTX_new();
    struct pair p;

    (void)state;
    pair_new(&p);
    assert_int_equal(EVP_PKEY_get_bn_param(p.k.key, OSSL_PKEY_PARAM_PRIV_KEY, &d), 1);
    assert_int_equal(BN_rand_range(k, n), 1);
    assert_int_equal(EC_POINT_mul(g, kg, k, NULL, NULL, ctx), 1);
    assert_int_equal(EC_POINT_get_affine_coordinates(g, kg, r, NULL, ctx), 1);
    assert_int_equal(BN_nnmod(r, r, n, ctx), 1);
    assert_int_equal(BN_mod_mul(e, r, d, n, ctx), 1);
    assert_non_null(BN_mod_inverse(s, k, n, ctx));
    assert_int_equal(BN_mod_mul(s, s, e, n, ctx), 1);
    assert_int_equal(BN_mod_lshift1(s, s, n, ctx), 1);
    assert_int_equal(BN_bn2binpad(r, sig, 32), 32);
    assert_int_equal(BN_bn2binpad(s, sig + 32, 32), 32);
    assert_int_equal(BN_bn2binpad(e, digest, 32), 32);
    both_say(&p, digest, sig, MC_OK);
    assert_int_equal(BN_sub(e, n, e), 1);
    assert_int_equal(BN_bn2binpad(e, digest, 32), 32);
    both_say(&p, digest, sig, MC_E_SIGNATURE);
    BN_free(d);
    BN_free(k);
    BN_free(r);
    BN_free(s);
    BN_free(e);
    EC_POINT_free(kg);
    EC_GROUP_free(g);
    BN_CTX_free(ctx);
    pair_free(&p);
}

static void other_keys_are_checked_as_before(void **state)
{
    uint8_t digest[MC_DIGEST_LEN] = {3}, sig[2][MC_SIG_LEN], bad[MC_POINT_LEN] = {0x04};
    struct pair p[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        pair_new(&p[i]);
        sign_digest(&p[i], digest, sig[i]);
    }
    for (int i = 0; i < 4; i++) {
        int key = i & 1, by = i >> 1;

        assert_int_equal(mc_verify(p[0].table, p[key].k.point, digest, sig[by]), key == by ? MC_OK : MC_E_SIGNATURE);
    }
    assert_int_equal(mc_verify(p[0].table, bad, digest, sig[0]), MC_E_POINT_CURVE);
    assert_int_equal(mc_verify_often(p[0].table, bad), MC_E_POINT_CURVE);
    bad[0] = 0x02;
    assert_int_equal(mc_verify_often(p[0].table, bad), MC_E_POINT);
    assert_int_equal(mc_verify(p[0].table, p[0].k.point, digest, sig[0]), MC_OK);
    /* The table of another key takes the place of the first. */
    assert_int_equal(mc_verify_often(p[0].table, p[1].k.point), MC_OK);
    assert_int_equal(mc_verify_often(p[0].table, p[1].k.point), MC_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mc_verify(p[0].table, p[i].k.point, digest, sig[i]), MC_OK);
        assert_int_equal(mc_verify(p[0].table, p[i].k.point, digest, sig[1 - i]), MC_E_SIGNATURE);
    }
    pair_free(&p[0]);
    pair_free(&p[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_signatures_are_right_and_wrong_ones_wrong),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(digests_of_zero_and_above_the_order_are_numbers_too),
        cmocka_unit_test(r_and_s_lie_between_zero_and_the_order),
        cmocka_unit_test(products_that_meet_are_summed_rightly),
        cmocka_unit_test(other_keys_are_checked_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
