/* SPDX-License-Identifier: Apache-2.0 */
#include "pubkey.h"

/*
 * SHA256_Init and the like are deprecated in favour of EVP, whose set-up costs more than hashing the few blocks of
 * an entry or a node of the tree: a seventh of the time of verifying a ledger.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>

#include "verify_table.h"

struct mc_verifier {
    EVP_MD *sha1;
    EVP_MD_CTX *md;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    uint8_t point[MC_POINT_LEN];
    bool has_key;
    enum mc_rc failed;
    struct verify_table table; /* of the key of mc_verify_often */
};

void mc_verifier_free(struct mc_verifier *v)
{
    if (v == NULL)
        return;
    verify_table_clear(&v->table);
    EVP_PKEY_CTX_free(v->ctx);
    EVP_PKEY_free(v->key);
    EVP_MD_CTX_free(v->md);
    EVP_MD_free(v->sha1);
    OPENSSL_free(v);
}

/* A key object with the curve and no point yet: points are set into it. */
static EVP_PKEY *curve_key(void)
{
    EVP_PKEY *key = EVP_PKEY_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group) - 1),
        OSSL_PARAM_construct_end(),
    };

    if (key == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, params) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

enum mc_rc mc_verifier_failure(const struct mc_verifier *v)
{
    return v->failed;
}

struct mc_verifier *mc_verifier_new(void)
{
    struct mc_verifier *v;

    /* Where its own beginnings fail for want of memory, what comes next dies of it. */
    if (OSSL_LIB_CTX_get0_global_default() == NULL)
        return NULL;
    ERR_clear_error(); /* makes the place for errors, so that those of memory can be told */
    v = OPENSSL_zalloc(sizeof(*v));
    if (v == NULL)
        return NULL;
    v->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    v->md = EVP_MD_CTX_new();
    v->key = curve_key();
    if (v->sha1 == NULL || v->md == NULL || v->key == NULL) {
        ERR_clear_error();
        mc_verifier_free(v);
        return NULL;
    }
    return v;
}

/*
 * What a failure of libcrypto means, whose errors are taken away: memory that ran out says nothing about a key or a
 * signature.
 */
static enum mc_rc failure(struct mc_verifier *v, enum mc_rc otherwise)
{
    unsigned long error;
    bool memory = false;

    while ((error = ERR_get_error()) != 0)
        memory = memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
    if (memory)
        otherwise = MC_E_MEMORY;
    if (v != NULL && v->failed == MC_OK && mc_rc_class(otherwise) == MC_CLASS_INTERNAL)
        v->failed = otherwise;
    return otherwise;
}

static enum mc_rc digest(struct mc_verifier *v, const EVP_MD *md, const struct mc_span *parts, size_t n, uint8_t *out)
{
    bool ok;

    ERR_clear_error();
    ok = EVP_DigestInit_ex2(v->md, md, NULL) == 1;
    for (size_t i = 0; ok && i < n; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(v->md, parts[i].p, parts[i].n) == 1;
    if (ok && EVP_DigestFinal_ex(v->md, out, NULL) == 1)
        return MC_OK;
    return failure(v, MC_E_CRYPTO);
}

enum mc_rc mc_sha256(struct mc_verifier *v, struct mc_span in, uint8_t out[MC_DIGEST_LEN])
{
    return mc_sha256_parts(v, &in, 1, out);
}

enum mc_rc mc_sha256_parts(struct mc_verifier *v, const struct mc_span *parts, size_t n, uint8_t out[MC_DIGEST_LEN])
{
    SHA256_CTX c;
    bool ok = SHA256_Init(&c) == 1;

    (void)v;
    for (size_t i = 0; ok && i < n; i++)
        ok = parts[i].n == 0 || SHA256_Update(&c, parts[i].p, parts[i].n) == 1;
    return ok && SHA256_Final(out, &c) == 1 ? MC_OK : MC_E_CRYPTO;
}

enum mc_rc mc_key_id(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN], uint8_t id[MC_KEY_ID_LEN])
{
    struct mc_span in = mc_span_of(point, MC_POINT_LEN);

    return digest(v, v->sha1, &in, 1, id);
}

/*
 * Loads a point into the key object. EVP_PKEY_set1_encoded_public_key checks that the point is on the
 * curve, but also takes the point at infinity and compressed points, so the form is checked first.
 */
static enum mc_rc set_key(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN])
{
    if (v->has_key && memcmp(v->point, point, MC_POINT_LEN) == 0)
        return MC_OK;
    if (point[0] != 0x04)
        return MC_E_POINT;
    v->has_key = false;
    ERR_clear_error();
    if (EVP_PKEY_set1_encoded_public_key(v->key, point, MC_POINT_LEN) != 1)
        return failure(v, MC_E_POINT_CURVE);
    if (v->ctx == NULL)
        v->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, v->key, NULL);
    if (v->ctx == NULL || EVP_PKEY_verify_init(v->ctx) != 1)
        return failure(v, MC_E_CRYPTO);
    memcpy(v->point, point, MC_POINT_LEN);
    v->has_key = true;
    return MC_OK;
}

enum mc_rc mc_point_check(struct mc_verifier *v, struct mc_span point)
{
    if (point.n != MC_POINT_LEN)
        return MC_E_POINT;
    return set_key(v, point.p);
}

enum mc_rc mc_verify_often(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN])
{
    enum mc_rc rc = set_key(v, point);

    if (rc != MC_OK || verify_table_is_of(&v->table, point))
        return rc;
    verify_table_clear(&v->table);
    ERR_clear_error();
    return verify_table_init(&v->table, point) == MC_OK ? MC_OK : failure(v, MC_E_CRYPTO);
}

enum mc_rc mc_verify(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN], const uint8_t digest_in[MC_DIGEST_LEN],
    const uint8_t sig[MC_SIG_LEN])
{
    uint8_t der[MC_SIG_DER_MAX];
    size_t n;
    enum mc_rc rc;

    ERR_clear_error(); /* libcrypto may have recovered from what is in it */
    if (verify_table_is_of(&v->table, point))
        return verify_table_verify(&v->table, digest_in, sig) == MC_OK ? MC_OK : failure(v, MC_E_SIGNATURE);
    n = mc_sig_to_der(sig, der);
    rc = set_key(v, point);
    if (rc != MC_OK)
        return rc;
    return EVP_PKEY_verify(v->ctx, der, n, digest_in, MC_DIGEST_LEN) == 1 ? MC_OK : failure(v, MC_E_SIGNATURE);
}

enum mc_rc mc_cert_check_signature(
    struct mc_verifier *v, const struct mc_cert *c, const uint8_t issuer_point[MC_POINT_LEN], struct mc_err *e)
{
    uint8_t rebuilt[MC_CERT_DER_MAX], hash[MC_DIGEST_LEN];
    struct mc_span tbs = c->tbs;
    enum mc_rc rc;

    if (!c->has_sig)
        return mc_fail(e, MC_E_SIGNATURE_FORM, "signature", NULL);
    if (c->tbs.n != 0 && !mc_span_eq(c->sig_alg_oid, mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256))))
        return mc_fail(e, MC_E_SIG_ALG, "signature.algorithm", NULL);
    if (tbs.n == 0) {
        size_t n;

        rc = mc_cert_encode_tbs(c, rebuilt, sizeof(rebuilt), &n, e);
        if (rc != MC_OK)
            return rc;
        tbs = mc_span_of(rebuilt, n);
    }
    rc = mc_sha256(v, tbs, hash);
    if (rc == MC_OK)
        rc = mc_verify(v, issuer_point, hash, c->sig);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, "signature", NULL);
}

enum mc_rc mc_hkdf(struct mc_span ikm, struct mc_span salt, struct mc_span info, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    char sha256[] = "SHA256";
    OSSL_PARAM params[5], *p = params;
    enum mc_rc rc = MC_E_CRYPTO;

    /* The parameters are read only, though their constructor takes no const. */
    *p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, sizeof(sha256) - 1);
    *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)ikm.p, ikm.n);
    *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.p, info.n);
    if (salt.n != 0)
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.p, salt.n);
    *p = OSSL_PARAM_construct_end();
    if (ctx != NULL && EVP_KDF_derive(ctx, out, n, params) == 1)
        rc = MC_OK;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return rc == MC_OK ? MC_OK : failure(NULL, rc);
}
