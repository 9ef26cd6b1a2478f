/* SPDX-License-Identifier: Apache-2.0 */
/* A device that answers and a commissioner that judges it, for the tests of attestation. */
#ifndef ATTEST_DEVICE_H
#define ATTEST_DEVICE_H

#include "certs.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lib/attest.h"
#include "lib/cli/json_read.h"

#define NOW INT64_C(1788220800) /* 2026-09-01 */

enum { ROOM = 4096, PAAS_MAX = 8 };

static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    v = mc_verifier_new();
    return v == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mc_verifier_free(v);
    return 0;
}

/* --- a device and a commissioner ------------------------------------------------------------------- */

struct device {
    uint8_t dac[ROOM], pai[ROOM], cd[ROOM], elements[ROOM], key[ROOM];
    uint8_t sig[MC_SIG_LEN], nonce[MC_NONCE_LEN], challenge[MC_CHALLENGE_LEN];
    EVP_PKEY *dac_key;
    struct mc_attest_in in;
};

static struct device dev;
static struct mc_cert paas[PAAS_MAX];
static uint8_t paa_room[PAAS_MAX][ROOM];
static struct mc_span paa_der[PAAS_MAX];
static struct mc_attest out;

static void load_paas(void)
{
    static const char *const names[] = {"attestation/test/Chip-Test-PAA-NoVID-ToResignPAIs-Cert.der",
        "attestation/test/Chip-Test-PAA-NoVID-Cert.der", "attestation/test/Chip-Test-PAA-FFF1-Cert.der",
        "attestation/test/Chip-Test-PAA-FFF2-ValInPast-Cert.der", "attestation/test/Chip-Test-PAA-FFF2-ValInFuture-Cert.der"};

    for (size_t i = 0; i < COUNT(names); i++) {
        paa_der[i] = mc_span_of(paa_room[i], vectors_read(names[i], paa_room[i], ROOM));
        assert_int_equal(mc_cert_parse_der(paa_der[i], MC_RULES_X509, &paas[i], NULL), MC_OK);
        assert_int_equal(mc_att_check_format(&paas[i], MC_KIND_PAA, NULL), MC_OK);
    }
    dev.in.paas = paas;
    dev.in.n_paas = COUNT(names);
}

static void sign_elements(struct mc_span elements)
{
    uint8_t message[ROOM + MC_CHALLENGE_LEN];
    struct certs_key key = {.key = dev.dac_key};

    memcpy(message, elements.p, elements.n);
    memcpy(message + elements.n, dev.challenge, MC_CHALLENGE_LEN);
    certs_sign(&key, mc_span_of(message, elements.n + MC_CHALLENGE_LEN), dev.sig);
    dev.in.elements = elements;
    dev.in.signature = mc_span_of(dev.sig, MC_SIG_LEN);
}

/* Elements around a declaration, signed with the DAC's key. */
static void answer(struct mc_span cd)
{
    struct mc_elements el = {.cd = cd, .nonce = mc_span_of(dev.nonce, MC_NONCE_LEN)};
    size_t n = 0;

    assert_int_equal(mc_elements_encode(&el, dev.elements, sizeof(dev.elements), &n, NULL), MC_OK);
    sign_elements(mc_span_of(dev.elements, n));
}

static struct mc_span load(const char *name, const char *file, uint8_t *room)
{
    char path[256];

    snprintf(path, sizeof(path), "attestation/commissioner-cases/%s/%s", name, file);
    return mc_span_of(room, vectors_read(path, room, ROOM));
}

/* What a published case consists of; the VID of Basic Information is FFF1 in all of them. */
static void load_case(const char *name)
{
    char path[256];
    struct json_t *json = NULL;
    struct mc_span key;
    const uint8_t *p;
    uint64_t pid = 0;

    EVP_PKEY_free(dev.dac_key);
    memset(&dev, 0, sizeof(dev));
    memset(dev.nonce, 0xAB, MC_NONCE_LEN);
    memset(dev.challenge, 0xCD, MC_CHALLENGE_LEN);
    dev.in.dac = load(name, "dac-Cert.der", dev.dac);
    dev.in.pai = load(name, "pai-Cert.der", dev.pai);
    key = load(name, "dac-Key.der", dev.key);
    p = key.p;
    dev.dac_key = d2i_AutoPrivateKey(NULL, &p, (long)key.n);
    assert_non_null(dev.dac_key);
    snprintf(path, sizeof(path), "%s/attestation/commissioner-cases/%s/test_case_vector.json", vectors_root(), name);
    assert_int_equal(json_read_file(path, 1 << 16, &json, NULL), MC_OK);
    assert_int_equal(json_read_uint(json, "", "basic_info_pid", UINT16_MAX, &pid, NULL), MC_OK);
    json_read_free(json);
    dev.in.has_elements = dev.in.has_nonce = dev.in.has_signature = dev.in.has_vid = dev.in.has_pid = dev.in.allow_test_key = dev.in.has_now = true;
    dev.in.vid = 0xFFF1;
    dev.in.pid = (uint16_t)pid;
    dev.in.now_unix = NOW;
    dev.in.nonce = mc_span_of(dev.nonce, MC_NONCE_LEN);
    dev.in.challenge = mc_span_of(dev.challenge, MC_CHALLENGE_LEN);
    answer(load(name, "cd.der", dev.cd));
    load_paas();
}

static const char good_case[] = "struct_cd_authorized_paa_list_count10_valid";

static void load_good(void)
{
    vectors_need();
    load_case(good_case);
}

/* The step that fails first has this name and result, and every failed one says why. */
static void expect(const char *step, uint16_t result, enum mc_rc rc)
{
    unsigned first = MC_ATTEST_STEPS;
    bool all = mc_attest_check(v, &dev.in, &out);

    assert_int_equal(all, out.result == 0 && out.valid);
    for (unsigned i = MC_ATTEST_STEPS; i-- > 0;) {
        const struct mc_attest_step *s = &out.step[i];

        if (s->deployed == MC_ATTEST_FAILED)
            first = i;
        assert_int_equal(s->deployed == MC_ATTEST_FAILED, s->result != 0);
        if (s->deployed == MC_ATTEST_FAILED || s->broken)
            assert_int_not_equal(s->err.rc, MC_OK);
        else if (s->err.rc != MC_OK || s->err.offset != MC_NO_OFFSET)
            fail_msg("%s says why, but nothing is wrong", mc_attest_step_name(i));
    }
    if (out.result != result || (first < MC_ATTEST_STEPS && strcmp(mc_attest_step_name(first), step) != 0))
        fail_msg("wanted %s with %u, got %s with %u", step, result, mc_attest_step_name(first), out.result);
    if (first < MC_ATTEST_STEPS)
        assert_int_equal(out.step[first].err.rc, rc);
}

static void expect_state(enum mc_attest_id id, enum mc_attest_state wanted)
{
    if (out.step[id].deployed != wanted)
        fail_msg("%s is %u, wanted %u", mc_attest_step_name(id), out.step[id].deployed, wanted);
}

#endif
