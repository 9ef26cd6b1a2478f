/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation step by step: every published case of a commissioner with its result, one fault at a time in a good
 * answer, the partial verifier, and where rules and deployed code differ.
 */
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
static struct mc_attest out;

static void load_paas(void)
{
    static const char *const names[] = {"attestation/test/Chip-Test-PAA-NoVID-ToResignPAIs-Cert.der",
        "attestation/test/Chip-Test-PAA-NoVID-Cert.der", "attestation/test/Chip-Test-PAA-FFF1-Cert.der",
        "attestation/test/Chip-Test-PAA-FFF2-ValInPast-Cert.der", "attestation/test/Chip-Test-PAA-FFF2-ValInFuture-Cert.der"};

    for (size_t i = 0; i < COUNT(names); i++) {
        size_t n = vectors_read(names[i], paa_room[i], ROOM);

        assert_int_equal(mc_cert_parse_der(mc_span_of(paa_room[i], n), MC_RULES_X509, &paas[i], NULL), MC_OK);
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
        else if (s->err.rc != MC_OK)
            fail_msg("%s says why, but nothing is wrong", mc_attest_step_name(i));
    }
    if (out.result != result || (first < MC_ATTEST_STEPS && strcmp(mc_attest_step_name(first), step) != 0))
        fail_msg("wanted %s with %u, got %s with %u", step, result, mc_attest_step_name(first), out.result);
    if (first < MC_ATTEST_STEPS)
        assert_int_equal(out.step[first].err.rc, rc);
}

/* --- published cases ------------------------------------------------------------------------------- */

static void each_published_case_has_its_result(void **state)
{
    char path[256], line[1024];
    unsigned cases = 0;
    FILE *f;

    (void)state;
    vectors_need();
    snprintf(path, sizeof(path), "%s/expected/commissioner-cases.tsv", vectors_root());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    while (fgets(line, sizeof(line), f) != NULL) {
        char name[200], valid[8];
        unsigned result;

        assert_int_equal(sscanf(line, "%199s %7s %u", name, valid, &result), 3);
        load_case(name);
        (void)mc_attest_check(v, &dev.in, &out);
        if (out.result != result)
            fail_msg("%s: %u, wanted %u", name, out.result, result);
        if (out.valid != (result == 0))
            fail_msg("%s: a commissioner says %u, but by the rules it is %d", name, result, out.valid);
        assert_int_equal(mc_attest_check(v, &dev.in, &out), result == 0);
        dev.in.allow_test_key = false;
        assert_false(mc_attest_check(v, &dev.in, &out));
        cases++;
    }
    fclose(f);
    print_message("%u cases\n", cases);
    assert_true(cases >= 98);
}

/* The unit test of the SDK's verifier: elements, challenge and signature of a real device. */
static void the_published_answer_of_a_device_verifies(void **state)
{
#define ANSWER "values/TestDeviceAttestationCredentials/TestDACVerifierExample_AttestationInfoVerification."
    static uint8_t nonce[64], challenge[64], sig[128];

    (void)state;
    load_good();
    dev.in.dac = mc_span_of(dev.dac, vectors_read("attestation/test/Chip-Test-DAC-FFF1-8000-0004-Cert.der", dev.dac, ROOM));
    dev.in.pai = mc_span_of(dev.pai, vectors_read("attestation/test/Chip-Test-PAI-FFF1-8000-Cert.der", dev.pai, ROOM));
    dev.in.elements = mc_span_of(
        dev.elements, vectors_read(ANSWER "attestationElementsTestVector.tlv", dev.elements, ROOM));
    dev.in.nonce = mc_span_of(nonce, vectors_read(ANSWER "attestationNonceTestVector.bin", nonce, sizeof(nonce)));
    dev.in.challenge = mc_span_of(challenge, vectors_read(ANSWER "attestationChallengeTestVector.bin", challenge, sizeof(challenge)));
    dev.in.signature = mc_span_of(sig, vectors_read(ANSWER "attestationSignatureTestVector.bin", sig, sizeof(sig)));
    expect("", 0, MC_OK);
    sig[3] ^= 1;
    expect("signature", 500, MC_E_ATT_SIGNATURE);
}

/* --- one fault at a time --------------------------------------------------------------------------- */

static void the_steps_before_the_declaration_refuse(void **state)
{
    uint8_t kept;

    (void)state;
    load_good();
    expect("", 0, MC_OK);
    dev.in.dac.n = 0;
    expect("inputs", 701, MC_E_EMPTY);
    load_good();
    dev.in.nonce.n = 0;
    expect("inputs", 701, MC_E_EMPTY);
    load_good();
    dev.in.elements.n = MC_ELEMENTS_MAX + 1;
    expect("inputs", 701, MC_E_ELEMENTS_SIZE);
    load_good();
    dev.in.pai.n = 0;
    expect("pai-present", 207, MC_E_EMPTY);
    load_good();
    dev.in.pai.n--;
    expect("pai-format", 203, MC_E_DER_TRUNCATED);
    load_good();
    dev.in.dac.n--;
    expect("dac-format", 303, MC_E_DER_TRUNCATED);
    load_good();
    dev.sig[7] ^= 1;
    expect("signature", 500, MC_E_ATT_SIGNATURE);
    load_good();
    dev.challenge[0] ^= 1;
    expect("signature", 500, MC_E_ATT_SIGNATURE);
    load_good();
    dev.in.signature = mc_span_of(dev.cd, 65);
    expect("signature-size", 503, MC_E_SIGNATURE_FORM);
    dev.in.signature.n = 63;
    expect("signature", 500, MC_E_ATT_SIGNATURE);
    load_good();
    dev.in.n_paas = 0;
    expect("paa-found", 101, MC_E_CHAIN_AKID);
    load_good();
    dev.in.now_unix = 0;
    expect("dac-time", 300, MC_E_CHAIN_NOT_YET);
    dev.in.has_now = false;
    expect("", 0, MC_OK);
    load_good();
    kept = dev.nonce[0];
    dev.nonce[0] = (uint8_t)~kept;
    expect("nonce", 502, MC_E_ELEMENTS_NONCE);
}

static void elements_that_are_malformed_are_501(void **state)
{
    (void)state;
    load_good();
    memmove(dev.elements + dev.in.elements.n, "\x39\x05\x18", 3); /* an element of a reserved type before the end */
    dev.elements[dev.in.elements.n - 1] = 0x39;
    sign_elements(mc_span_of(dev.elements, dev.in.elements.n + 2));
    expect("elements", 501, MC_E_TLV_TYPE);
    assert_int_equal(out.step[MC_ATTEST_CD_ENVELOPE].deployed, MC_ATTEST_BLOCKED);
}

static void basic_information_is_compared(void **state)
{
    (void)state;
    load_good();
    dev.in.vid = 0xFFF2;
    expect("cd-vendor", 604, MC_E_CD_VENDOR);
    load_good();
    dev.in.pid = 0x8001;
    expect("cd-product", 605, MC_E_CD_PRODUCT);
    dev.in.has_pid = false;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_CD_FIRST + MC_CD_VS_PRODUCT].deployed, MC_ATTEST_SKIPPED);
}

static void a_declaration_alone_is_judged_without_an_answer(void **state)
{
    (void)state;
    load_good();
    dev.in.has_elements = dev.in.has_nonce = dev.in.has_signature = false;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_SIGNATURE].deployed, MC_ATTEST_SKIPPED);
    assert_int_equal(out.step[MC_ATTEST_CD_SIGNER].deployed, MC_ATTEST_SKIPPED);
    dev.in.cd = load(good_case, "cd.der", dev.cd);
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_CD_SIGNATURE].deployed, MC_ATTEST_PASSED);
    assert_string_equal(out.signer->name, "test key");
    dev.in.allow_test_key = false;
    expect("cd-test-key", 601, MC_E_CD_TEST_KEY);
    dev.cd[dev.in.cd.n - 1] ^= 1;
    dev.in.allow_test_key = true;
    expect("cd-signature", 602, MC_E_CMS_SIGNATURE);
}

static void steps_behind_a_failed_one_are_judged_too(void **state)
{
    (void)state;
    load_good();
    dev.in.now_unix = 0;
    dev.in.vid = 0xFFF2;
    dev.in.n_paas = 0;
    expect("paa-found", 101, MC_E_CHAIN_AKID);
    assert_int_equal(out.step[MC_ATTEST_DAC_TIME].result, 300);
    assert_int_equal(out.step[MC_ATTEST_CHAIN].deployed, MC_ATTEST_BLOCKED);
    assert_int_equal(out.step[MC_ATTEST_CD_FIRST + MC_CD_VS_VENDOR].result, 604);
}

static void further_signers_are_trusted(void **state)
{
    static struct mc_cd_key own = {.name = "own"};
    struct certs_key key;
    struct mc_cms cms;
    size_t n;

    (void)state;
    load_good();
    certs_key_new(&key);
    memcpy(own.key_id, key.id, MC_KEY_ID_LEN);
    memcpy(own.point, key.point, MC_POINT_LEN);
    assert_int_equal(mc_cms_parse(load(good_case, "cd.der", dev.cd), &cms, NULL), MC_OK);
    certs_sign(&key, cms.payload, cms.sig);
    cms.key_id = mc_span_of(key.id, MC_KEY_ID_LEN);
    uint8_t cd[MC_CMS_MAX];

    assert_int_equal(mc_cms_encode(&cms, cd, sizeof(cd), &n, NULL), MC_OK);
    answer(mc_span_of(cd, n));
    dev.in.allow_test_key = false;
    expect("cd-signer", 601, MC_E_CD_KEY);
    dev.in.signers = &own;
    dev.in.n_signers = 1;
    expect("", 0, MC_OK);
    assert_ptr_equal(out.signer, &own);
    certs_key_free(&key);
}

/* A set of one entry, made from the PAI itself. */
static void revocation_is_asked_last(void **state)
{
    static struct mc_cert dac, pai;
    struct mc_span serials[1];
    struct mc_revset_entry entry = {.serial = serials, .n_serial = 1};
    struct mc_revset set = {&entry, 1};

    (void)state;
    load_good();
    assert_int_equal(mc_cert_parse_der(dev.in.dac, MC_RULES_X509, &dac, NULL), MC_OK);
    assert_int_equal(mc_cert_parse_der(dev.in.pai, MC_RULES_X509, &pai, NULL), MC_OK);
    entry.issuer_name = dac.issuer.der;
    entry.issuer_key_id = pai.skid;
    entry.signer = dev.in.pai;
    serials[0] = mc_serial_magnitude(dac.serial);
    dev.in.revocations = &set;
    expect("revocation", 302, MC_E_ATT_REVOKED);
    dev.in.vid = 0xFFF2;
    expect("cd-vendor", 604, MC_E_CD_VENDOR);
    assert_int_equal(out.step[MC_ATTEST_REVOCATION].result, 302);
    dev.in.vid = 0xFFF1;
    serials[0].n--;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_REVOCATION].deployed, MC_ATTEST_PASSED);
    serials[0].n++;
    entry.signer = dev.in.dac; /* it does not vouch for this issuer: commissioners do not look on */
    expect("", 0, MC_OK);
    assert_non_null(out.step[MC_ATTEST_REVOCATION].note);
}

static void the_label_is_compared_by_the_rules_alone(void **state)
{
    struct mc_payload label = {.has_ids = true, .vid = 0xFFF1, .pid = 0x8000};

    (void)state;
    load_good();
    dev.in.payload = &label;
    expect("", 0, MC_OK);
    assert_true(out.valid);
    label.pid = 0x8001;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_PAYLOAD].err.rc, MC_E_ATT_PAYLOAD);
    label.pid = 0x8000;
    label.vid = 0xFFF2;
    expect("", 0, MC_OK);
    assert_false(out.valid);
    dev.in.has_vid = false; /* the declaration stands for Basic Information */
    expect("", 0, MC_OK);
    assert_false(out.valid);
    label.vid = label.pid = 0; /* not told */
    expect("", 0, MC_OK);
    assert_true(out.valid);
}

/* VID or PID that is not well-formed is another fault than one that is missing. */
static void malformed_ids_are_not_absent_ones(void **state)
{
    static const uint8_t vid_oid[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xA2, 0x7C, 0x02, 0x01, 0x0C, 0x04};
    struct mc_cert dac;
    uint8_t *at;

    (void)state;
    load_good();
    assert_int_equal(mc_cert_parse_der(dev.in.dac, MC_RULES_X509, &dac, NULL), MC_OK);
    at = memmem(dac.subject.der.p, dac.subject.der.n, vid_oid, sizeof(vid_oid));
    assert_non_null(at);
    at[sizeof(vid_oid)] = 'f';
    expect("dac-ids", 303, MC_E_ATT_ID);
    at[sizeof(vid_oid)] = 'E';
    expect("vendor", 305, MC_E_ATT_VID);
    at[sizeof(vid_oid) - 3] = 0x03; /* another attribute */
    expect("vendor", 305, MC_E_ATT_VID);
}

static void a_declaration_is_judged_alone(void **state)
{
    (void)state;
    load_good();
    dev.in = (struct mc_attest_in){.cd_only = true, .cd = load(good_case, "cd.der", dev.cd), .allow_test_key = true,
        .has_vid = true, .vid = 0xFFF1};
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_INPUTS].deployed, MC_ATTEST_SKIPPED);
    dev.in.vid = 0xFFF2;
    expect("cd-vendor", 604, MC_E_CD_VENDOR);
}

/* --- the partial verifier -------------------------------------------------------------------------- */

static void a_verifier_without_trust_takes_fewer_steps(void **state)
{
    static const uint8_t data[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
    struct mc_span cd;
    uint8_t *type;

    (void)state;
    load_good();
    dev.in.partial = true;
    dev.in.n_paas = 0;
    dev.in.allow_test_key = false;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_CHAIN].deployed, MC_ATTEST_SKIPPED);
    assert_int_equal(out.step[MC_ATTEST_CD_TEST_KEY].deployed, MC_ATTEST_SKIPPED);
    /* The authority key identifier of the PAI stands for the PAA. */
    assert_int_equal(out.step[MC_ATTEST_CD_FIRST + MC_CD_VS_PAA].deployed, MC_ATTEST_PASSED);
    dev.in.pai.n = 0;
    expect("pai-present", 701, MC_E_EMPTY);
    load_case("struct_cd_cms_econtent_type_pkcs7_data");
    dev.in.partial = true;
    cd = load("struct_cd_cms_econtent_type_pkcs7_data", "cd.der", dev.cd);
    type = memmem(cd.p, cd.n, data, sizeof(data));
    assert_non_null(type);
    type[sizeof(data) - 1] = 2;
    answer(cd);
    expect("cd-signature", 105, MC_E_CMS_TYPE);
    dev.in.partial = false;
    expect("cd-signature", 602, MC_E_CMS_TYPE);
    load_case("struct_cd_vid_mismatch");
    dev.in.partial = true;
    expect("cd-vendor", 604, MC_E_CD_VENDOR);
}

/* --- where the verdicts differ --------------------------------------------------------------------- */

static void extras_of_the_envelope_break_rules_only(void **state)
{
    struct mc_span cd;

    (void)state;
    load_good();
    cd = load(good_case, "cd.der", dev.cd);
    dev.cd[cd.n] = 0;
    answer(mc_span_of(dev.cd, cd.n + 1));
    expect("", 0, MC_OK);
    assert_false(out.valid);
    assert_true(out.step[MC_ATTEST_CD_ENVELOPE].broken);
    assert_int_equal(out.step[MC_ATTEST_CD_ENVELOPE].err.rc, MC_E_DER_TRAILING);
}

static void octets_behind_the_elements_break_rules_only(void **state)
{
    (void)state;
    load_good();
    dev.elements[dev.in.elements.n] = 0;
    sign_elements(mc_span_of(dev.elements, dev.in.elements.n + 1));
    expect("", 0, MC_OK);
    assert_true(!out.valid && out.step[MC_ATTEST_ELEMENTS].err.rc == MC_E_TLV_TRAILING);
}

static void octets_behind_a_certificate_break_rules_only(void **state)
{
    (void)state;
    load_good();
    dev.dac[dev.in.dac.n++] = 0;
    expect("", 0, MC_OK);
    assert_true(!out.valid && out.step[MC_ATTEST_DAC_FORMAT].err.rc == MC_E_DER_TRAILING);
    load_good();
    dev.in.pai.n++;
    expect("", 0, MC_OK);
    assert_true(!out.valid && out.step[MC_ATTEST_PAI_FORMAT].err.rc == MC_E_DER_TRAILING);
}

static void the_last_second_of_a_dac_is_too_late_for_commissioners(void **state)
{
    struct mc_cert dac;

    (void)state;
    load_good();
    assert_int_equal(mc_cert_parse_der(dev.in.dac, MC_RULES_X509, &dac, NULL), MC_OK);
    dev.in.now_unix = dac.not_after_unix - 1;
    expect("", 0, MC_OK);
    dev.in.now_unix++;
    assert_false(mc_attest_check(v, &dev.in, &out));
    assert_true(out.result == 300 && out.valid);
    dev.in.now_unix++;
    assert_false(mc_attest_check(v, &dev.in, &out));
    assert_true(out.result == 300 && !out.valid);
}

static void a_paa_that_is_not_self_signed_breaks_rules_only(void **state)
{
    (void)state;
    load_good();
    for (size_t i = 0; i < dev.in.n_paas; i++)
        paas[i].sig[4] ^= 1;
    expect("", 0, MC_OK);
    assert_true(!out.valid && out.step[MC_ATTEST_PAA_SELF].err.rc == MC_E_SIGNATURE);
}

/* Two PAAs of the vectors share a key identifier; the right one is found by its name, and the trap is told. */
static void the_paa_is_chosen_by_name_among_equal_key_ids(void **state)
{
    (void)state;
    vectors_need();
    load_case("struct_dac_sig_curve_prime256v1");
    dev.in.pai = mc_span_of(dev.pai, vectors_read("attestation/test/Chip-Test-PAI-FFF2-NoPID-Cert.der", dev.pai, ROOM));
    (void)mc_attest_check(v, &dev.in, &out);
    assert_ptr_equal(out.paa, &paas[1]);
    assert_non_null(out.step[MC_ATTEST_PAA_FOUND].note);
    dev.in.paas = &paas[1];
    dev.in.n_paas = 2;
    (void)mc_attest_check(v, &dev.in, &out);
    assert_null(out.step[MC_ATTEST_PAA_FOUND].note);
}

static void steps_have_names_of_their_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++) {
        assert_true(strlen(mc_attest_step_name(i)) > 3 && strlen(mc_attest_step_text(i)) > 10);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(mc_attest_step_name(i), mc_attest_step_name(j));
    }
    assert_string_equal(mc_attest_step_name(MC_ATTEST_STEPS), "");
    assert_string_equal(mc_attest_step_text(MC_ATTEST_STEPS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_published_case_has_its_result),
        cmocka_unit_test(the_published_answer_of_a_device_verifies),
        cmocka_unit_test(the_steps_before_the_declaration_refuse),
        cmocka_unit_test(elements_that_are_malformed_are_501),
        cmocka_unit_test(basic_information_is_compared),
        cmocka_unit_test(a_declaration_alone_is_judged_without_an_answer),
        cmocka_unit_test(steps_behind_a_failed_one_are_judged_too),
        cmocka_unit_test(further_signers_are_trusted),
        cmocka_unit_test(revocation_is_asked_last),
        cmocka_unit_test(the_label_is_compared_by_the_rules_alone),
        cmocka_unit_test(malformed_ids_are_not_absent_ones),
        cmocka_unit_test(a_declaration_is_judged_alone),
        cmocka_unit_test(a_verifier_without_trust_takes_fewer_steps),
        cmocka_unit_test(extras_of_the_envelope_break_rules_only),
        cmocka_unit_test(octets_behind_the_elements_break_rules_only),
        cmocka_unit_test(octets_behind_a_certificate_break_rules_only),
        cmocka_unit_test(the_last_second_of_a_dac_is_too_late_for_commissioners),
        cmocka_unit_test(a_paa_that_is_not_self_signed_breaks_rules_only),
        cmocka_unit_test(the_paa_is_chosen_by_name_among_equal_key_ids),
        cmocka_unit_test(steps_have_names_of_their_own),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
