/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint_objects.h - the objects of lint_bases.h, signed by the keys whose private numbers are 1 and 2.
 */
#ifndef TEST_LINT_OBJECTS_H
#define TEST_LINT_OBJECTS_H

#include "lint_bases.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

static struct certs_key keys[3]; /* by private number */

static EVP_PKEY *key_of(unsigned number, const char *point)
{
    uint8_t room[CERTS_ROOM];
    struct mc_span p = certs_octets(point, room);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *d = BN_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *params;
    EVP_PKEY *key = NULL;

    assert_int_equal(BN_set_word(d, number), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, p.p, p.n), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, d), 1);
    params = OSSL_PARAM_BLD_to_param(b);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    BN_free(d);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void keys_make(void)
{
    keys[1].key = key_of(1, POINT1);
    keys[2].key = key_of(2, POINT2);
}

static void keys_free(void)
{
    EVP_PKEY_free(keys[1].key);
    EVP_PKEY_free(keys[2].key);
}

/* BIT STRING { ECDSA-Sig-Value } over signed octets, always of the same length: some findings tell a size. */
static void put_signature(struct mc_out *o, unsigned signer, struct mc_span over)
{
    uint8_t sig[MC_SIG_LEN], der[MC_SIG_DER_MAX];
    size_t bits, n;

    do {
        certs_sign(&keys[signer], over, sig);
        n = mc_sig_to_der(sig, der);
    } while (n != MC_SIG_DER_MAX - 1);
    bits = mc_der_begin(o, MC_DER_BIT_STRING);
    mc_out_byte(o, 0);
    mc_out_put(o, der, n);
    mc_der_close(o, bits);
}

/* SEQUENCE { signed part, algorithm, signature or the one given, what follows }, tail behind it. */
struct signed_object {
    const char *const *body;
    unsigned n_body;
    const char *alg, *sig, *inside, *behind;
    unsigned signer;
};

static struct mc_span build(const struct signed_object *s, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);
    uint8_t copy[CERTS_ROOM];
    size_t whole, part, n = 0;

    /* The signature needs the octets before lengths around them move, so they are made apart. */
    part = mc_der_begin(&o, MC_DER_SEQUENCE);
    for (unsigned i = 0; i < s->n_body; i++)
        certs_put(&o, s->body[i]);
    mc_der_close(&o, part);
    n = o.n;
    memcpy(copy, out, n);
    o = mc_out_of(out, CERTS_ROOM);
    whole = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_out_put(&o, copy, n);
    certs_put(&o, s->alg);
    if (s->sig != NULL)
        certs_put(&o, s->sig);
    else
        put_signature(&o, s->signer, mc_span_of(copy, n));
    certs_put(&o, s->inside);
    mc_der_close(&o, whole);
    certs_put(&o, s->behind);
    assert_int_equal(o.rc, MC_OK);
    return mc_span_of(out, o.n);
}

/* The valid certificate of a base, with up to two parts replaced (NULL: none). */
static struct mc_span certificate(unsigned base, const struct row *r, uint8_t *out)
{
    const struct base_row *b = &bases[base != B_NONE ? base : B_NOC];
    const char *parts[DER_PARTS];
    struct signed_object s;

    memcpy(parts, certs_der_parts, sizeof(parts));
    parts[DER_SERIAL] = b->serial != NULL ? b->serial : SERIAL16;
    parts[DER_ISSUER] = b->issuer;
    parts[DER_VALIDITY] = b->validity;
    parts[DER_SUBJECT] = b->subject;
    parts[DER_KEY] = b->key;
    parts[DER_EXTENSIONS] = b->exts;
    parts[DER_SIGNATURE] = NULL;
    if (r != NULL && r->with != NULL)
        parts[r->part] = r->with;
    if (r != NULL && r->with2 != NULL)
        parts[r->part2] = r->with2;
    s = (struct signed_object){parts, DER_ALG, parts[DER_ALG], parts[DER_SIGNATURE], parts[DER_AFTER_SIGNATURE],
        parts[DER_AFTER], b->signer};
    return build(&s, out);
}

#endif
