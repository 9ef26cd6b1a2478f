/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What converting a certificate between DER and Matter TLV costs, in one thread and without a process in
 * between, against two yardsticks that run in the same rounds: one SHA-256 of the same octets (of the DER, with
 * a fetched algorithm and a kept context), and libcrypto's d2i_X509 followed by i2d_X509.
 *
 * Rounds are interleaved and the median of each task counts, so that a busy machine or a change of clock hits
 * all alike. Exit status 1 if a goal is missed on a NOC.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/cert.h"

#define ROUNDS      61
#define LOOPS       600
#define GOAL_SHA    1.5
#define GOAL_X509   (1.0 / 12)
#define SAMPLES_MAX 16

struct sample {
    char name[24];
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    size_t der_n, tlv_n;
    bool noc;
};

static EVP_MD *sha256;
static EVP_MD_CTX *context;

static bool task_to_tlv(const struct sample *s)
{
    struct mc_cert c;
    uint8_t out[MC_CERT_TLV_MAX];
    size_t n;

    return mc_cert_parse_der(mc_span_of(s->der, s->der_n), MC_RULES_MATTER, &c, NULL) == MC_OK &&
           mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL) == MC_OK && n == s->tlv_n;
}

static bool task_to_der(const struct sample *s)
{
    struct mc_cert c;
    uint8_t out[MC_CERT_DER_MAX];
    size_t n;

    return mc_cert_parse_tlv(mc_span_of(s->tlv, s->tlv_n), &c, NULL) == MC_OK &&
           mc_cert_encode_der(&c, out, sizeof(out), &n, NULL) == MC_OK && n == s->der_n;
}

static bool task_sha256(const struct sample *s)
{
    uint8_t out[MC_DIGEST_LEN];

    return EVP_DigestInit_ex2(context, sha256, NULL) == 1 && EVP_DigestUpdate(context, s->der, s->der_n) == 1 &&
           EVP_DigestFinal_ex(context, out, NULL) == 1;
}

static bool task_x509(const struct sample *s)
{
    uint8_t out[MC_CERT_DER_MAX], *to = out;
    const uint8_t *from = s->der;
    X509 *x = d2i_X509(NULL, &from, (long)s->der_n);
    bool ok = x != NULL && i2d_X509(x, &to) == (int)s->der_n;

    X509_free(x);
    return ok;
}

enum { TO_TLV, TO_DER, SHA, OPENSSL, TASKS };
static bool (*const tasks[TASKS])(const struct sample *) = {task_to_tlv, task_to_der, task_sha256, task_x509};

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nanoseconds of one run of each task; false if one fails. */
static bool measure(const struct sample *s, double median[TASKS])
{
    static double ns[TASKS][ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        for (int t = 0; t < TASKS; t++) {
            int loops = t == OPENSSL ? LOOPS / 10 : LOOPS;
            double start = now_ns();

            for (int i = 0; i < loops; i++)
                if (!tasks[t](s))
                    return false;
            ns[t][round] = (now_ns() - start) / loops;
        }
    }
    for (int t = 0; t < TASKS; t++) {
        qsort(ns[t], ROUNDS, sizeof(ns[t][0]), by_value);
        median[t] = ns[t][ROUNDS / 2];
    }
    return true;
}

/* What our own builder makes: the smallest NOC, one with three CATs, and one with text in its names. */
static bool build(struct sample *s, const char *name, unsigned cats, bool text)
{
    static const uint8_t serial[16] = {0x5A, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const uint8_t point[MC_POINT_LEN] = {0x04, 0x6B}, id[MC_KEY_ID_LEN] = {0xE5, 0x7F};
    static const uint8_t ext[] = {MC_EXT_BASIC_CONSTRAINTS, MC_EXT_KEY_USAGE, MC_EXT_EXTENDED_KEY_USAGE,
        MC_EXT_SUBJECT_KEY_ID, MC_EXT_AUTHORITY_KEY_ID};
    struct mc_cert c = {.version = 3, .p256 = true, .has_sig = true, .has_bc = true, .has_ku = true, .has_eku = true,
        .has_skid = true, .has_akid = true, .ku = MC_KU_DIGITAL_SIGNATURE, .n_eku = 2,
        .eku = {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}, .serial = {serial, sizeof(serial)},
        .not_before_unix = 1602771823, .not_after_unix = 2233923822, .point = {point, sizeof(point)},
        .skid = {id, sizeof(id)}, .akid = {id, sizeof(id)}};
    bool ok;

    memset(c.sig, 0x91, sizeof(c.sig));
    for (size_t i = 0; i < sizeof(ext); i++)
        c.ext[c.n_ext++] = (struct mc_ext){.id = ext[i], .critical = i < 3, .decoded = true};
    ok = mc_dn_add_num(&c.issuer, MC_ATTR_ICAC_ID, UINT64_C(0xCACACACA00000004)) == MC_OK &&
         mc_dn_add_num(&c.subject, MC_ATTR_NODE_ID, UINT64_C(0xDEDEDEDE00020003)) == MC_OK &&
         mc_dn_add_num(&c.subject, MC_ATTR_FABRIC_ID, UINT64_C(0xFAB000000000001D)) == MC_OK;
    for (unsigned i = 0; ok && i < cats; i++)
        ok = mc_dn_add_num(&c.subject, MC_ATTR_CAT, 0xABCD0001 + (i << 16)) == MC_OK;
    if (ok && text)
        ok = mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, mc_span_of("Light in the living room", 24)) == MC_OK &&
             mc_dn_add_text(&c.subject, MC_ATTR_ORGANIZATION, mc_span_of("Example", 7)) == MC_OK;
    snprintf(s->name, sizeof(s->name), "%s", name);
    s->noc = true;
    return ok && mc_cert_encode_der(&c, s->der, sizeof(s->der), &s->der_n, NULL) == MC_OK &&
           mc_cert_encode_tlv(&c, s->tlv, sizeof(s->tlv), &s->tlv_n, NULL) == MC_OK;
}

static bool load(struct sample *s, const char *name)
{
    const char *root = getenv("HEDDLE_VECTORS");
    char path[512];
    struct mc_cert c;
    FILE *f;

    snprintf(path, sizeof(path), "%s/operational/pairs/sTestCert_%s_DER.der", root != NULL ? root : "../shared/vectors",
        name);
    f = fopen(path, "rb");
    if (f == NULL)
        return false;
    s->der_n = fread(s->der, 1, sizeof(s->der), f);
    fclose(f);
    snprintf(s->name, sizeof(s->name), "%s", name);
    if (mc_cert_parse_der(mc_span_of(s->der, s->der_n), MC_RULES_MATTER, &c, NULL) != MC_OK)
        return false;
    s->noc = mc_cert_kind(&c) == MC_KIND_NOC;
    return mc_cert_encode_tlv(&c, s->tlv, sizeof(s->tlv), &s->tlv_n, NULL) == MC_OK;
}

static unsigned collect(struct sample *s)
{
    static const char *const vectors[] = {
        "Root01", "ICA02", "Node01_01", "Node02_02", "Node02_03", "Node02_04", "Node02_05", "Node02_06", "Node02_08"};
    unsigned n = 0;

    n += build(&s[n], "NOC", 0, false);
    n += build(&s[n], "NOC, 3 CATs", 3, false);
    n += build(&s[n], "NOC, names", 1, true);
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        n += load(&s[n], vectors[i]);
    return n;
}

/* Prints one row; false if a NOC misses a goal. */
static bool report(const struct sample *s, const double ns[TASKS])
{
    double slower = ns[TO_TLV] > ns[TO_DER] ? ns[TO_TLV] : ns[TO_DER];
    bool met = slower <= GOAL_SHA * ns[SHA] && slower <= GOAL_X509 * ns[OPENSSL];

    printf("%-14s %4zu %4zu %8.0f %8.0f %8.0f %9.0f %8.2f %8.2f %8.1f %8.1f  %s\n", s->name, s->der_n, s->tlv_n,
        ns[TO_TLV], ns[TO_DER], ns[SHA], ns[OPENSSL], ns[TO_TLV] / ns[SHA], ns[TO_DER] / ns[SHA],
        ns[OPENSSL] / ns[TO_TLV], ns[OPENSSL] / ns[TO_DER], !s->noc ? "-" : met ? "met" : "MISSED");
    return met || !s->noc;
}

int main(void)
{
    static struct sample samples[SAMPLES_MAX];
    unsigned n = collect(samples);
    bool met = n >= 3;

    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    context = EVP_MD_CTX_new();
    if (sha256 == NULL || context == NULL || n < 3) {
        fprintf(stderr, "bench_convert: cannot be set up\n");
        return 1;
    }
    if (n == 3)
        puts("No test vectors: only certificates of our own.");
    puts("Converting a certificate: nanoseconds, median of interleaved rounds, one thread.");
    puts("Goals for a NOC: at most 1.5 SHA-256 of its DER, at most 1/12 of d2i_X509 + i2d_X509.\n");
    printf("%-14s %4s %4s %8s %8s %8s %9s %8s %8s %8s %8s  %s\n", "certificate", "DER", "TLV", "to TLV", "to DER",
        "SHA-256", "d2i+i2d", "TLV/SHA", "DER/SHA", "x to TLV", "x to DER", "goals");
    for (unsigned i = 0; i < n; i++) {
        double ns[TASKS];

        if (!measure(&samples[i], ns)) {
            fprintf(stderr, "bench_convert: %s: a task failed\n", samples[i].name);
            return 1;
        }
        met &= report(&samples[i], ns);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(sha256);
    return met ? 0 : 1;
}
