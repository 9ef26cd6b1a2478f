/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What verifying a chain of three TLV certificates costs: read, judged by all the rules, two signatures checked
 * (the root is trusted), in one thread, against two raw ECDSA verifications by libcrypto with keys that are
 * ready. Processor time of the thread, rounds interleaved, the median counts: other work on the machine hits
 * both alike. Exit status 1 if the goal is missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/chain.h"

#define ROUNDS 201
#define LOOPS  8
#define GOAL   1.10

enum { ROOT, ICA, NOC, CERTS };

struct made {
    EVP_PKEY *key, *public;
    EVP_PKEY_CTX *verify;
    uint8_t point[MC_POINT_LEN], id[MC_KEY_ID_LEN];
    uint8_t tlv[MC_CERT_TLV_MAX], sig[MC_SIG_DER_MAX], hash[MC_DIGEST_LEN];
    size_t tlv_n, sig_n;
    struct mc_dn subject;
};

static struct made made[CERTS];
static struct mc_verifier *verifier;

/* A key as a reader of certificates has it: the curve by name, and the point. */
static EVP_PKEY *public_key(const uint8_t point[MC_POINT_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new();

    if (key != NULL && EVP_PKEY_copy_parameters(key, made[ROOT].key) == 1 &&
        EVP_PKEY_set1_encoded_public_key(key, point, MC_POINT_LEN) == 1)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static bool make_key(struct made *m)
{
    size_t n;

    m->key = EVP_EC_gen("P-256");
    return m->key != NULL &&
           EVP_PKEY_get_octet_string_param(m->key, "encoded-pub-key", m->point, sizeof(m->point), &n) == 1 &&
           mc_key_id(verifier, m->point, m->id) == MC_OK && (m->public = public_key(m->point)) != NULL &&
           (m->verify = EVP_PKEY_CTX_new(m->public, NULL)) != NULL &&
           EVP_PKEY_verify_init(m->verify) == 1;
}

static bool sign(struct made *m, const struct made *issuer, struct mc_cert *c)
{
    uint8_t tbs[MC_CERT_DER_MAX];
    size_t n;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(issuer->key, NULL);
    bool ok;

    m->sig_n = sizeof(m->sig);
    ok = ctx != NULL && mc_cert_encode_tbs(c, tbs, sizeof(tbs), &n, NULL) == MC_OK &&
         mc_sha256(verifier, mc_span_of(tbs, n), m->hash) == MC_OK && EVP_PKEY_sign_init(ctx) == 1 &&
         EVP_PKEY_sign(ctx, m->sig, &m->sig_n, m->hash, sizeof(m->hash)) == 1 &&
         mc_sig_from_der(mc_span_of(m->sig, m->sig_n), c->sig) == MC_OK;
    EVP_PKEY_CTX_free(ctx);
    c->has_sig = true;
    return ok && mc_cert_encode_tlv(c, m->tlv, sizeof(m->tlv), &m->tlv_n, NULL) == MC_OK;
}

static bool make(int i, const struct made *issuer)
{
    static const uint8_t serial[16] = {0x5A, 1};
    static const uint8_t ids[] = {MC_EXT_BASIC_CONSTRAINTS, MC_EXT_KEY_USAGE, MC_EXT_EXTENDED_KEY_USAGE,
        MC_EXT_SUBJECT_KEY_ID, MC_EXT_AUTHORITY_KEY_ID};
    struct made *m = &made[i];
    struct mc_cert c = {.version = 3, .p256 = true, .has_bc = true, .has_ku = true, .has_skid = true, .has_akid = true,
        .is_ca = i != NOC, .has_eku = i == NOC, .serial = {serial, sizeof(serial)}, .not_before_unix = 1602771823,
        .not_after_unix = MC_TIME_NO_EXPIRY, .point = {m->point, MC_POINT_LEN}, .skid = {m->id, MC_KEY_ID_LEN},
        .akid = {issuer->id, MC_KEY_ID_LEN}, .eku = {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}};
    bool ok = mc_dn_add_num(&c.subject, i == ROOT ? MC_ATTR_RCAC_ID : i == ICA ? MC_ATTR_ICAC_ID : MC_ATTR_NODE_ID, 1) ==
              MC_OK;

    c.n_eku = i == NOC ? 2 : 0;
    c.ku = i == NOC ? MC_KU_DIGITAL_SIGNATURE : MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN;
    for (size_t k = 0; k < sizeof(ids); k++)
        if (i == NOC || ids[k] != MC_EXT_EXTENDED_KEY_USAGE)
            c.ext[c.n_ext++] = (struct mc_ext){.id = ids[k], .critical = k < 3, .decoded = true};
    if (i == NOC)
        ok &= mc_dn_add_num(&c.subject, MC_ATTR_FABRIC_ID, 0x1D) == MC_OK;
    m->subject = c.subject;
    c.issuer = issuer->subject;
    return ok && sign(m, issuer, &c);
}

/* Everything that mattercert does with three files, but reading them. */
static bool task_chain(void)
{
    struct mc_cert c[CERTS];
    struct mc_chain chain = {.root = &c[ROOT], .ica = &c[ICA], .leaf = &c[NOC], .at_unix = 1800000000,
        .leaf_kind = MC_KIND_NOC, .root_trusted = true};
    struct mc_verdict d;

    for (int i = 0; i < CERTS; i++)
        if (mc_cert_parse_tlv(mc_span_of(made[i].tlv, made[i].tlv_n), &c[i], NULL) != MC_OK)
            return false;
    return mc_chain_check(verifier, &chain, &d) == MC_OK;
}

static bool task_raw(void)
{
    return EVP_PKEY_verify(made[ROOT].verify, made[ICA].sig, made[ICA].sig_n, made[ICA].hash, MC_DIGEST_LEN) == 1 &&
           EVP_PKEY_verify(made[ICA].verify, made[NOC].sig, made[NOC].sig_n, made[NOC].hash, MC_DIGEST_LEN) == 1;
}

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool measure(bool (*task)(void), double *ns)
{
    double start = now_ns();

    for (int i = 0; i < LOOPS; i++)
        if (!task())
            return false;
    *ns = (now_ns() - start) / LOOPS;
    return true;
}

int main(void)
{
    static double chain[ROUNDS], raw[ROUNDS];
    bool ok;
    double ratio;

    verifier = mc_verifier_new();
    ok = verifier != NULL;
    for (int i = 0; ok && i < CERTS; i++)
        ok = make_key(&made[i]) && make(i, &made[i == NOC ? ICA : ROOT]);
    for (int i = 0; ok && i < ROUNDS; i++)
        ok = measure(task_chain, &chain[i]) && measure(task_raw, &raw[i]);
    for (int i = 0; i < CERTS; i++) {
        EVP_PKEY_CTX_free(made[i].verify);
        EVP_PKEY_free(made[i].public);
        EVP_PKEY_free(made[i].key);
    }
    mc_verifier_free(verifier);
    if (!ok) {
        fprintf(stderr, "bench_verify: a task failed\n");
        return 1;
    }
    qsort(chain, ROUNDS, sizeof(chain[0]), by_value);
    qsort(raw, ROUNDS, sizeof(raw[0]), by_value);
    ratio = chain[ROUNDS / 2] / raw[ROUNDS / 2];
    printf("Verifying a chain of three TLV certificates: microseconds, median of interleaved rounds, one thread.\n\n");
    printf("chain %.1f, two raw verifications %.1f, ratio %.3f (goal %.2f): %s\n", chain[ROUNDS / 2] / 1e3,
        raw[ROUNDS / 2] / 1e3, ratio, GOAL, ratio <= GOAL ? "met" : "MISSED");
    return ratio <= GOAL ? 0 : 1;
}
