/* SPDX-License-Identifier: Apache-2.0 */
/* EC_GROUP_precompute_mult is deprecated and has no successor; where it makes no table the result is the same, later. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "verify_table.h"

#include <openssl/obj_mac.h>

enum mc_rc verify_table_init(struct verify_table *t, const uint8_t point[MC_POINT_LEN])
{
    EC_POINT *q = NULL;
    bool ok;

    t->curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    t->ctx = BN_CTX_new();
    ok = t->curve != NULL && t->ctx != NULL;
    if (ok) {
        t->of_key = EC_GROUP_dup(t->curve);
        t->left = EC_POINT_new(t->curve);
        t->right = EC_POINT_new(t->curve);
        q = EC_POINT_new(t->curve);
    }
    ok = ok && t->of_key != NULL && t->left != NULL && t->right != NULL && q != NULL &&
         EC_POINT_oct2point(t->curve, q, point, MC_POINT_LEN, t->ctx) == 1 &&
         EC_GROUP_set_generator(t->of_key, q, EC_GROUP_get0_order(t->curve), BN_value_one()) == 1 &&
         EC_GROUP_precompute_mult(t->of_key, t->ctx) == 1;
    EC_POINT_free(q);
    if (!ok) {
        verify_table_clear(t);
        return MC_E_CRYPTO;
    }
    memcpy(t->point, point, MC_POINT_LEN);
    return MC_OK;
}

void verify_table_clear(struct verify_table *t)
{
    EC_POINT_free(t->left);
    EC_POINT_free(t->right);
    EC_GROUP_free(t->of_key);
    EC_GROUP_free(t->curve);
    BN_CTX_free(t->ctx);
    *t = (struct verify_table){0};
}

bool verify_table_is_of(const struct verify_table *t, const uint8_t point[MC_POINT_LEN])
{
    return t->of_key != NULL && memcmp(t->point, point, MC_POINT_LEN) == 0;
}

/* 1 <= n < order */
static bool in_range(const BIGNUM *n, const BIGNUM *order)
{
    return !BN_is_zero(n) && BN_cmp(n, order) < 0;
}

/* The sum of both products is a point with an x, and that is r modulo the order. */
static bool sum_is(struct verify_table *t, const BIGNUM *of_g, const BIGNUM *of_q, const BIGNUM *r, BIGNUM *x)
{
    const BIGNUM *order = EC_GROUP_get0_order(t->curve);

    return EC_POINT_mul(t->curve, t->left, of_g, NULL, NULL, t->ctx) == 1 &&
           EC_POINT_mul(t->of_key, t->right, of_q, NULL, NULL, t->ctx) == 1 &&
           EC_POINT_add(t->curve, t->left, t->left, t->right, t->ctx) == 1 &&
           EC_POINT_is_at_infinity(t->curve, t->left) == 0 &&
           EC_POINT_get_affine_coordinates(t->curve, t->left, x, NULL, t->ctx) == 1 &&
           BN_nnmod(x, x, order, t->ctx) == 1 && BN_cmp(x, r) == 0;
}

static bool check(struct verify_table *t, const uint8_t *digest, const uint8_t *sig)
{
    const BIGNUM *order = EC_GROUP_get0_order(t->curve);
    BIGNUM *r = BN_CTX_get(t->ctx), *s = BN_CTX_get(t->ctx), *e = BN_CTX_get(t->ctx), *w = BN_CTX_get(t->ctx);
    BIGNUM *of_g = BN_CTX_get(t->ctx), *of_q = BN_CTX_get(t->ctx);

    /* One that fails makes all that follow NULL. */
    if (of_q == NULL || BN_bin2bn(sig, MC_SIG_LEN / 2, r) == NULL ||
        BN_bin2bn(sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2, s) == NULL || BN_bin2bn(digest, MC_DIGEST_LEN, e) == NULL)
        return false;
    return in_range(r, order) && in_range(s, order) && BN_mod_inverse(w, s, order, t->ctx) != NULL &&
           BN_mod_mul(of_g, e, w, order, t->ctx) == 1 && BN_mod_mul(of_q, r, w, order, t->ctx) == 1 &&
           sum_is(t, of_g, of_q, r, w);
}

enum mc_rc verify_table_verify(
    struct verify_table *t, const uint8_t digest[MC_DIGEST_LEN], const uint8_t sig[MC_SIG_LEN])
{
    bool right;

    BN_CTX_start(t->ctx);
    right = check(t, digest, sig);
    BN_CTX_end(t->ctx);
    return right ? MC_OK : MC_E_SIGNATURE;
}
