/* SPDX-License-Identifier: Apache-2.0 */
#include "spake.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_*: see pbkdf2 */

#include <endian.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "payload.h"

/* --- PBKDF2 ---------------------------------------------------------------------------------------------- */

#define HMAC_TEXT_BITS (8 * (SHA256_CBLOCK + SHA256_DIGEST_LENGTH)) /* of what each hash of HMAC takes in: key, digest */

/* HMAC-SHA256 under one key: what its two hashes are after the key. */
struct hmac {
    SHA256_CTX inner, outer, work;
};

/* key: a block of SHA-256 at most. */
static void hmac_begin(struct hmac *h, struct mc_span key)
{
    uint8_t block[SHA256_CBLOCK];

    memset(block, 0x36, sizeof(block));
    for (size_t i = 0; i < key.n; i++)
        block[i] ^= key.p[i];
    SHA256_Init(&h->inner);
    SHA256_Update(&h->inner, block, sizeof(block));
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36 ^ 0x5C;
    SHA256_Init(&h->outer);
    SHA256_Update(&h->outer, block, sizeof(block));
    OPENSSL_cleanse(block, sizeof(block));
}

static void hmac_of(struct hmac *h, const uint8_t *text, size_t n, uint8_t out[SHA256_DIGEST_LENGTH])
{
    h->work = h->inner;
    SHA256_Update(&h->work, text, n);
    SHA256_Final(out, &h->work);
    h->work = h->outer;
    SHA256_Update(&h->work, out, SHA256_DIGEST_LENGTH);
    SHA256_Final(out, &h->work);
}

/* block holds a digest and the padding of a last block: it becomes the digest of that after what `from` has taken in. */
static void hash_again(SHA256_CTX *work, const SHA256_CTX *from, uint8_t block[SHA256_CBLOCK])
{
    memcpy(work->h, from->h, sizeof(work->h));
    SHA256_Transform(work, block);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH / 4; i++) {
        uint32_t word = htobe32(work->h[i]);

        memcpy(block + 4 * i, &word, sizeof(word));
    }
}

/* t = u ^ HMAC(u) ^ HMAC(HMAC(u)) ..., so many in all. block: room for one; begins with u. */
static void fold(struct hmac *h, uint8_t block[SHA256_CBLOCK], uint32_t iterations, uint8_t t[SHA256_DIGEST_LENGTH])
{
    memset(block + SHA256_DIGEST_LENGTH, 0, SHA256_CBLOCK - SHA256_DIGEST_LENGTH);
    block[SHA256_DIGEST_LENGTH] = 0x80;
    block[SHA256_CBLOCK - 2] = HMAC_TEXT_BITS >> 8;
    block[SHA256_CBLOCK - 1] = HMAC_TEXT_BITS & 0xFF;
    memcpy(t, block, SHA256_DIGEST_LENGTH);
    for (uint32_t i = 1; i < iterations; i++) {
        hash_again(&h->work, &h->inner, block);
        hash_again(&h->work, &h->outer, block);
        for (size_t k = 0; k < SHA256_DIGEST_LENGTH; k++)
            t[k] ^= block[k];
    }
}

/*
 * RFC 8018 5.2 with HMAC-SHA256, for a password of one block at most. PKCS5_PBKDF2_HMAC makes a copy of the hash on the
 * heap each time and needs more than twice as long, which is most of what a device of a batch costs.
 */
static void pbkdf2(struct mc_span password, struct mc_span salt, uint32_t iterations, uint8_t *out, size_t n)
{
    uint8_t text[MC_SPAKE_SALT_MAX + 4] = {0}, block[SHA256_CBLOCK], t[SHA256_DIGEST_LENGTH];
    struct hmac h;

    memcpy(text, salt.p, salt.n);
    hmac_begin(&h, password);
    for (size_t done = 0, take; done < n; done += take) {
        text[salt.n + 3]++;
        hmac_of(&h, text, salt.n + 4, block);
        fold(&h, block, iterations, t);
        take = n - done < sizeof(t) ? n - done : sizeof(t);
        memcpy(out + done, t, take);
    }
    OPENSSL_cleanse(&h, sizeof(h));
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(t, sizeof(t));
}

/* --- the curve ------------------------------------------------------------------------------------------- */

/* The curve, made once in a process: its tables cost as much as a multiplication. Nothing changes it. */
static EC_GROUP *p256;

static void make_p256(void)
{
    p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
}

static const EC_GROUP *the_curve(void)
{
    static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

    return CRYPTO_THREAD_run_once(&once, make_p256) == 1 ? p256 : NULL;
}

/* What arithmetic on the curve needs; made for one call. */
struct work {
    const EC_GROUP *group;
    BN_CTX *ctx;
    EC_POINT *point;
    BIGNUM *n, *k;
    const BIGNUM *order;
};

static bool work_begin(struct work *w)
{
    w->group = the_curve();
    w->ctx = BN_CTX_secure_new();
    w->point = w->group != NULL ? EC_POINT_new(w->group) : NULL;
    w->n = BN_secure_new();
    w->k = BN_secure_new();
    w->order = w->group != NULL ? EC_GROUP_get0_order(w->group) : NULL;
    return w->point != NULL && w->ctx != NULL && w->n != NULL && w->k != NULL && w->order != NULL;
}

static enum mc_rc work_end(struct work *w, enum mc_rc rc)
{
    EC_POINT_clear_free(w->point);
    BN_clear_free(w->n);
    BN_clear_free(w->k);
    BN_CTX_free(w->ctx);
    if (rc != MC_OK)
        ERR_clear_error();
    return rc;
}

/* point = k * G, uncompressed; k is secret. */
static bool times_g(struct work *w, uint8_t point[MC_POINT_LEN])
{
    BN_set_flags(w->k, BN_FLG_CONSTTIME);
    return EC_POINT_mul(w->group, w->point, w->k, NULL, NULL, w->ctx) == 1 &&
           EC_POINT_point2oct(w->group, w->point, POINT_CONVERSION_UNCOMPRESSED, point, MC_POINT_LEN, w->ctx) ==
               MC_POINT_LEN;
}

/* k = in mod m */
static bool reduce(struct work *w, const uint8_t *in, size_t n, const BIGNUM *m)
{
    return BN_bin2bn(in, (int)n, w->n) != NULL && BN_mod(w->k, w->n, m, w->ctx) == 1;
}

enum mc_rc mc_spake_verifier_of(const uint8_t ws[2 * MC_SPAKE_W_LEN], uint8_t out[MC_SPAKE_VERIFIER_LEN])
{
    struct work w;
    bool done = work_begin(&w) && reduce(&w, ws, MC_SPAKE_W_LEN, w.order) && BN_bn2binpad(w.k, out, 32) == 32 &&
                reduce(&w, ws + MC_SPAKE_W_LEN, MC_SPAKE_W_LEN, w.order) && times_g(&w, out + 32);

    return work_end(&w, done ? MC_OK : MC_E_CRYPTO);
}

enum mc_rc mc_spake_verifier(
    uint32_t passcode, struct mc_span salt, uint32_t iterations, uint8_t out[MC_SPAKE_VERIFIER_LEN], struct mc_err *e)
{
    uint8_t ws[2 * MC_SPAKE_W_LEN];
    uint8_t text[4] = {(uint8_t)passcode, (uint8_t)(passcode >> 8), (uint8_t)(passcode >> 16), (uint8_t)(passcode >> 24)};
    enum mc_rc rc;

    if (!mc_passcode_allowed(passcode))
        return mc_fail(e, MC_E_PASSCODE, "passcode", NULL);
    if (iterations < MC_SPAKE_ITERATIONS_MIN || iterations > MC_SPAKE_ITERATIONS_MAX)
        return mc_fail(e, MC_E_SPAKE, "iterations", "%u is not between 1000 and 100000", (unsigned)iterations);
    if (salt.n < MC_SPAKE_SALT_MIN || salt.n > MC_SPAKE_SALT_MAX)
        return mc_fail(e, MC_E_SPAKE, "salt", "%zu octets are not between 16 and 32", salt.n);
    pbkdf2(mc_span_of(text, sizeof(text)), salt, iterations, ws, sizeof(ws));
    rc = mc_spake_verifier_of(ws, out);
    OPENSSL_cleanse(ws, sizeof(ws));
    OPENSSL_cleanse(text, sizeof(text));
    return rc == MC_OK ? rc : mc_fail(e, rc, NULL, NULL);
}

enum mc_rc mc_spake_check(struct mc_span verifier, struct mc_err *e)
{
    struct work w;
    bool whole = verifier.n == MC_SPAKE_VERIFIER_LEN, below = false, on_curve = false;
    enum mc_rc rc = MC_OK;

    if (!whole)
        return mc_fail(e, MC_E_SPAKE, "verifier", "%zu octets where %d are wanted", verifier.n, MC_SPAKE_VERIFIER_LEN);
    if (!work_begin(&w) || BN_bin2bn(verifier.p, 32, w.k) == NULL)
        return mc_fail(e, work_end(&w, MC_E_CRYPTO), NULL, NULL);
    below = BN_cmp(w.k, w.order) < 0;
    on_curve = verifier.p[32] == 0x04 &&
               EC_POINT_oct2point(w.group, w.point, verifier.p + 32, MC_POINT_LEN, w.ctx) == 1;
    if (!below || !on_curve)
        rc = MC_E_SPAKE;
    work_end(&w, rc);
    return rc == MC_OK ? rc : mc_fail(e, rc, "verifier", below ? "L is not a point on P-256" : "w0 is not below the order");
}

enum mc_rc mc_p256_key_of(struct mc_span random, uint8_t scalar[32], uint8_t point[MC_POINT_LEN])
{
    struct work w;
    BIGNUM *m = BN_new();
    bool done = work_begin(&w) && m != NULL && random.n >= 48 && random.n <= 64 && BN_copy(m, w.order) != NULL &&
                BN_sub_word(m, 1) == 1 && reduce(&w, random.p, random.n, m) && BN_add_word(w.k, 1) == 1 &&
                BN_bn2binpad(w.k, scalar, 32) == 32 && times_g(&w, point);

    BN_free(m);
    return work_end(&w, done ? MC_OK : MC_E_CRYPTO);
}

enum mc_rc mc_p256_point_of(const uint8_t scalar[32], uint8_t point[MC_POINT_LEN])
{
    struct work w;
    enum mc_rc rc = MC_E_CRYPTO;

    if (work_begin(&w) && BN_bin2bn(scalar, 32, w.k) != NULL)
        rc = BN_is_zero(w.k) || BN_cmp(w.k, w.order) >= 0 ? MC_E_POINT : times_g(&w, point) ? MC_OK : MC_E_CRYPTO;
    return work_end(&w, rc);
}
