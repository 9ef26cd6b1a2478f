/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What linting a NOC costs, in one thread: once read from DER or TLV (reading counts), and as a TBS before signing.
 * The yardstick, in the same rounds, is one SHA-256 of the same octets of DER. Rounds are interleaved and the median
 * counts. Exit status 1 if a goal is missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>

#include "lib/lint.h"

#define ROUNDS  61
#define LOOPS   400
#define GOAL_NS 5000.0
#define GOAL_SHA 10.0
#define NOW     INT64_C(1790000000)

/* G and 2G of P-256: two keys in turn, since the verifier remembers the last one. */
static const uint8_t point[2][MC_POINT_LEN] = {
    {0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77,
        0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3,
        0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33,
        0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5},
    {0x04, 0x7C, 0xF2, 0x7B, 0x18, 0x8D, 0x03, 0x4F, 0x7E, 0x8A, 0x52, 0x38, 0x03, 0x04, 0xB5, 0x1A, 0xC3, 0xC0,
        0x89, 0x69, 0xE2, 0x77, 0xF2, 0x1B, 0x35, 0xA6, 0x0B, 0x48, 0xFC, 0x47, 0x66, 0x99, 0x78, 0x07, 0x77,
        0x55, 0x10, 0xDB, 0x8E, 0xD0, 0x40, 0x29, 0x3D, 0x9A, 0xC6, 0x9F, 0x74, 0x30, 0xDB, 0xBA, 0x7D, 0xAD,
        0xE6, 0x3C, 0xE9, 0x82, 0x29, 0x9E, 0x04, 0xB7, 0x9D, 0x22, 0x78, 0x73, 0xD1},
};
static const uint8_t serial[16] = {0x5A, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static uint8_t id[2][MC_KEY_ID_LEN], issuer_id[MC_KEY_ID_LEN] = {1};

static struct mc_verifier *v;
static struct mc_cert built[2];
static uint8_t der[2][MC_CERT_DER_MAX], tlv[2][MC_CERT_TLV_MAX];
static size_t der_n[2], tlv_n[2];
static unsigned findings, turn;

static bool count(void *arg, const struct mc_finding *f)
{
    (void)arg;
    findings += f->rule->severity == MC_ERROR;
    return true;
}

static bool lint(const struct mc_cert *c, struct mc_span whole)
{
    const struct mc_lint_input in = {
        .kind = mc_lint_kind_of(c), .v = v, .c = c, .whole = whole, .now_unix = NOW};

    return mc_lint(&in, count, NULL) == 0;
}

static bool task_der(void)
{
    struct mc_cert c;
    struct mc_span whole = mc_span_of(der[turn], der_n[turn]);

    return mc_cert_parse_der(whole, MC_RULES_X509, &c, NULL) == MC_OK && lint(&c, whole);
}

static bool task_tlv(void)
{
    struct mc_cert c;
    struct mc_span whole = mc_span_of(tlv[turn], tlv_n[turn]);

    return mc_cert_parse_tlv(whole, &c, NULL) == MC_OK && lint(&c, whole);
}

static bool task_tbs(void)
{
    return mc_lint_tbs(v, &built[turn], NULL, MC_LINT_KIND(MC_KIND_NOC), NULL) == MC_OK;
}

static bool task_sha256(void)
{
    uint8_t out[MC_DIGEST_LEN];

    return mc_sha256(v, mc_span_of(der[turn], der_n[turn]), out) == MC_OK;
}

enum { FROM_DER, FROM_TLV, TBS, SHA, TASKS };
static bool (*const tasks[TASKS])(void) = {task_der, task_tlv, task_tbs, task_sha256};
static const char *const names[TASKS] = {"NOC, from DER", "NOC, from TLV", "NOC, TBS", "SHA-256 of the DER"};

static bool build(unsigned k)
{
    static const uint8_t ext[] = {MC_EXT_BASIC_CONSTRAINTS, MC_EXT_KEY_USAGE, MC_EXT_EXTENDED_KEY_USAGE,
        MC_EXT_SUBJECT_KEY_ID, MC_EXT_AUTHORITY_KEY_ID};
    struct mc_cert *c = &built[k];

    *c = (struct mc_cert){.version = 3, .p256 = true, .has_sig = true, .has_bc = true, .has_ku = true, .has_eku = true,
        .has_skid = true, .has_akid = true, .ku = MC_KU_DIGITAL_SIGNATURE, .n_eku = 2,
        .eku = {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}, .serial = {serial, sizeof(serial)},
        .not_before_unix = 1602771823, .not_after_unix = 2233923822, .point = {point[k], MC_POINT_LEN},
        .skid = {id[k], MC_KEY_ID_LEN}, .akid = {issuer_id, sizeof(issuer_id)}};
    memset(c->sig, 0x91, sizeof(c->sig));
    for (size_t i = 0; i < sizeof(ext); i++)
        c->ext[c->n_ext++] = (struct mc_ext){.id = ext[i], .critical = i < 3, .decoded = true};
    return mc_key_id(v, point[k], id[k]) == MC_OK &&
           mc_dn_add_num(&c->issuer, MC_ATTR_ICAC_ID, UINT64_C(0xCACACACA00000004)) == MC_OK &&
           mc_dn_add_num(&c->subject, MC_ATTR_NODE_ID, UINT64_C(0xDEDEDEDE00020003)) == MC_OK &&
           mc_dn_add_num(&c->subject, MC_ATTR_FABRIC_ID, UINT64_C(0xFAB000000000001D)) == MC_OK &&
           mc_dn_add_num(&c->subject, MC_ATTR_CAT, 0x12340001) == MC_OK &&
           mc_cert_encode_der(c, der[k], MC_CERT_DER_MAX, &der_n[k], NULL) == MC_OK &&
           mc_cert_encode_tlv(c, tlv[k], MC_CERT_TLV_MAX, &tlv_n[k], NULL) == MC_OK;
}

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

static bool measure(double median[TASKS])
{
    static double ns[TASKS][ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        for (int t = 0; t < TASKS; t++) {
            double start = now_ns();

            for (int i = 0; i < LOOPS; i++, turn ^= 1)
                if (!tasks[t]())
                    return false;
            ns[t][round] = (now_ns() - start) / LOOPS;
        }
    }
    for (int t = 0; t < TASKS; t++) {
        qsort(ns[t], ROUNDS, sizeof(ns[t][0]), by_value);
        median[t] = ns[t][ROUNDS / 2];
    }
    return true;
}

int main(void)
{
    double ns[TASKS];
    bool met = true;

    v = mc_verifier_new();
    if (v == NULL || !build(0) || !build(1) || !measure(ns) || findings != 0) {
        fprintf(stderr, "bench_lint: a task failed\n");
        return 1;
    }
    puts("Linting a NOC: nanoseconds, median of interleaved rounds, one thread.");
    puts("Goal: at most 5000, or 10 SHA-256 of its DER.\n");
    for (int t = 0; t < TASKS; t++) {
        bool ok = ns[t] <= GOAL_NS || ns[t] <= GOAL_SHA * ns[SHA];

        printf("%-20s %8.0f %8.2f SHA-256  %s\n", names[t], ns[t], ns[t] / ns[SHA], t == SHA ? "-" : ok ? "met" : "MISSED");
        met = met && ok;
    }
    mc_verifier_free(v);
    return met ? 0 : 1;
}
