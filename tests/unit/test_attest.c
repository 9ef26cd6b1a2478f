/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation step by step: every published case of a commissioner with its result, one fault at a time in a good
 * answer, the partial verifier, and where rules and deployed code differ. Elements, declaration and what is asked
 * last: test_attest_cd.c.
 */
#include "attest_device.h"

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

static void a_good_answer_passes_each_step(void **state)
{
    (void)state;
    load_good();
    expect("", 0, MC_OK);
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        expect_state(i, 
            i == MC_ATTEST_PAA_SELF || i == MC_ATTEST_PAYLOAD || i == MC_ATTEST_REVOCATION ? MC_ATTEST_SKIPPED : MC_ATTEST_PASSED);
}

static void what_the_device_must_send_is_not_empty(void **state)
{
    struct mc_span *const parts[] = {&dev.in.elements, &dev.in.nonce, &dev.in.challenge, &dev.in.signature};

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        load_good();
        parts[i]->n = 0;
        expect("inputs", 701, MC_E_EMPTY);
        dev.in.has_elements = dev.in.has_nonce = dev.in.has_signature = false; /* not looked at */
        dev.in.elements.n = i == 0 ? MC_ELEMENTS_MAX + 1 : 0;
        expect("", 0, MC_OK);
    }
}

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
    expect_state(MC_ATTEST_PAI_FORMAT, MC_ATTEST_BLOCKED);
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
    expect_state(MC_ATTEST_SIGNATURE, MC_ATTEST_BLOCKED);
    dev.in.signature.n = 63;
    expect("signature", 500, MC_E_ATT_SIGNATURE);
    load_good();
    expect("", 0, MC_OK);
    dev.in.n_paas = (size_t)(out.paa - paas); /* it stands behind the last one */
    expect("paa-found", 101, MC_E_ATT_PAA);
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

/* The signature is over elements and challenge: without either it is not judged. */
static void a_signature_needs_what_it_signs(void **state)
{
    (void)state;
    load_good();
    dev.sig[7] ^= 1;
    dev.in.has_elements = dev.in.has_nonce = false;
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_SIGNATURE, MC_ATTEST_SKIPPED);
    load_good();
    dev.in.has_signature = false;
    dev.in.signature.n = 63;
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_SIGNATURE, MC_ATTEST_SKIPPED);
}

static void steps_behind_a_failed_one_are_judged_too(void **state)
{
    (void)state;
    load_good();
    dev.in.now_unix = 0;
    dev.in.vid = 0xFFF2;
    dev.in.n_paas = 0;
    expect("paa-found", 101, MC_E_ATT_PAA);
    assert_int_equal(out.step[MC_ATTEST_DAC_TIME].result, 300);
    assert_int_equal(out.step[MC_ATTEST_CHAIN].deployed, MC_ATTEST_BLOCKED);
    assert_int_equal(out.step[MC_ATTEST_CD_FIRST + MC_CD_VS_VENDOR].result, 604);
}

/* The last octet of the identifier of VID in a subject, behind which stand type, length and digits. */
static uint8_t *vid_in(struct mc_span der)
{
    static const uint8_t oid[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xA2, 0x7C, 0x02, 0x01, 0x0C, 0x04};
    struct mc_cert c;
    uint8_t *at;

    assert_int_equal(mc_cert_parse_der(der, MC_RULES_X509, &c, NULL), MC_OK);
    at = memmem(c.subject.der.p, c.subject.der.n, oid, sizeof(oid));
    assert_non_null(at);
    return at + 9;
}

/* VID or PID that is not well-formed is another fault than one that is missing. */
static void malformed_ids_are_not_absent_ones(void **state)
{
    uint8_t *at;

    (void)state;
    load_good();
    at = vid_in(dev.in.dac);
    at[3] = 'f';
    expect("dac-ids", 303, MC_E_ATT_ID);
    at[3] = 'E';
    expect("vendor", 305, MC_E_ATT_VID);
    at[0] = 0x03; /* another attribute */
    expect("vendor", 305, MC_E_ATT_VID);
}

static void steps_that_compare_need_both_sides(void **state)
{
    static const enum mc_attest_id of_dac[] = {MC_ATTEST_VENDOR, MC_ATTEST_PRODUCT},
                                   of_pai[] = {MC_ATTEST_VENDOR, MC_ATTEST_PRODUCT, MC_ATTEST_PAA_VENDOR},
                                   of_paa[] = {MC_ATTEST_PAA_VENDOR, MC_ATTEST_PAA_PRODUCT};

    (void)state;
    load_good();
    vid_in(dev.in.dac)[3] = 'f';
    expect("dac-ids", 303, MC_E_ATT_ID);
    for (size_t i = 0; i < COUNT(of_dac); i++)
        expect_state(of_dac[i], MC_ATTEST_BLOCKED);
    load_good();
    vid_in(dev.in.pai)[3] = 'f';
    expect("pai-ids", 203, MC_E_ATT_ID);
    for (size_t i = 0; i < COUNT(of_pai); i++)
        expect_state(of_pai[i], MC_ATTEST_BLOCKED);
    load_good();
    for (size_t i = 0; i < dev.in.n_paas; i++)
        paas[i].subject = (struct mc_dn){.n = 1, .der = paas[i].subject.der, .attr = {{.id = MC_ATTR_VID, .text = mc_span_of("FFf1", 4)}}};
    expect("paa-ids", 105, MC_E_ATT_ID);
    for (size_t i = 0; i < COUNT(of_paa); i++)
        expect_state(of_paa[i], MC_ATTEST_BLOCKED);
}

static void a_pai_without_product_is_not_compared_with_the_declaration(void **state)
{
    uint8_t *at;

    (void)state;
    load_good();
    at = memmem(dev.pai, dev.in.pai.n, "\x82\xA2\x7C\x02\x02\x0C\x04", 7);
    assert_non_null(at);
    at[4] = 3; /* another attribute */
    (void)mc_attest_check(v, &dev.in, &out);
    expect_state(MC_ATTEST_PRODUCT, MC_ATTEST_PASSED);
    expect_state(MC_ATTEST_CD_FIRST + MC_CD_VS_PAI_PRODUCT, MC_ATTEST_SKIPPED);
}

/* VID 0 is a vendor's that is said, not one that is missing. */
static void a_paa_of_vendor_0_takes_no_pai_without_vendor(void **state)
{
    (void)state;
    load_good();
    for (size_t i = 0; i < dev.in.n_paas; i++)
        paas[i].subject = (struct mc_dn){.n = 1, .der = paas[i].subject.der, .attr = {{.id = MC_ATTR_VID, .text = mc_span_of("0000", 4)}}};
    *vid_in(dev.in.pai) = 3; /* another attribute */
    expect("vendor", 305, MC_E_ATT_VID);
    assert_int_equal(out.step[MC_ATTEST_PAA_VENDOR].result, 205);
}

/* What is worst about a certificate is told: its format, then its size, then what stands behind it. */
static void the_format_comes_before_the_size(void **state)
{
    static const uint8_t version_3[] = {0xA0, 3, 2, 1, 2};
    uint8_t *version;

    (void)state;
    load_good();
    dev.in.dac.n = MC_CERT_DER_MAX;
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_DAC_FORMAT].err.rc, MC_E_DER_TRAILING);
    dev.in.dac.n = MC_CERT_DER_MAX + 1;
    expect("", 0, MC_OK);
    assert_true(out.step[MC_ATTEST_DAC_FORMAT].broken && out.step[MC_ATTEST_DAC_FORMAT].err.rc == MC_E_SIZE_DER);
    version = memmem(dev.dac, ROOM, version_3, sizeof(version_3));
    version[4] = 1;
    expect("dac-format", 303, MC_E_VERSION);
    dev.in.dac.n = MC_CERT_DER_MAX;
    expect("dac-format", 303, MC_E_VERSION);
}

static void a_key_off_the_curve_is_a_fault_of_the_format(void **state)
{
    struct mc_cert pai;

    (void)state;
    load_good();
    assert_int_equal(mc_cert_parse_der(dev.in.pai, MC_RULES_X509, &pai, NULL), MC_OK);
    dev.pai[pai.point.p + 9 - dev.pai] ^= 1;
    expect("pai-format", 203, MC_E_POINT_CURVE);
}

static void a_declaration_is_judged_alone(void **state)
{
    static const struct mc_payload label = {.has_ids = true, .vid = 0xFFF1, .pid = 0x7FFF};
    static const struct mc_revset none;

    (void)state;
    load_good();
    dev.in = (struct mc_attest_in){.cd_only = true, .cd = load(good_case, "cd.der", dev.cd), .allow_test_key = true,
        .has_vid = true, .vid = 0xFFF1, .has_elements = false, .has_nonce = true, .revocations = &none, .payload = &label};
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_NONCE, MC_ATTEST_SKIPPED);
    expect_state(MC_ATTEST_CD_ENVELOPE, MC_ATTEST_PASSED);
    expect_state(MC_ATTEST_REVOCATION, MC_ATTEST_SKIPPED);
    assert_int_equal(out.step[MC_ATTEST_PAYLOAD].err.rc, MC_E_ATT_PAYLOAD);
    dev.in.payload = NULL;
    expect("", 0, MC_OK);
    assert_true(out.valid);
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
    assert_null(out.signer);
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
    for (size_t i = 0; i < dev.in.n_paas; i++)
        paas[i].p256 = false; /* of another curve: it is not for this step to say */
    (void)mc_attest_check(v, &dev.in, &out);
    assert_false(out.step[MC_ATTEST_PAA_SELF].broken);
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
    load_good();
    expect("", 0, MC_OK);
    paas[dev.in.n_paas++] = *out.paa; /* the same once more */
    expect("", 0, MC_OK);
    assert_true(out.paa < &paas[dev.in.n_paas - 1]);
    for (size_t i = 0; i < dev.in.n_paas; i++)
        paas[i].subject.der.n--; /* the right key id, another name */
    expect("chain", 301, MC_E_CHAIN_ISSUER);
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
        cmocka_unit_test(a_good_answer_passes_each_step),
        cmocka_unit_test(what_the_device_must_send_is_not_empty),
        cmocka_unit_test(the_steps_before_the_declaration_refuse),
        cmocka_unit_test(a_signature_needs_what_it_signs),
        cmocka_unit_test(steps_behind_a_failed_one_are_judged_too),
        cmocka_unit_test(malformed_ids_are_not_absent_ones),
        cmocka_unit_test(steps_that_compare_need_both_sides),
        cmocka_unit_test(a_pai_without_product_is_not_compared_with_the_declaration),
        cmocka_unit_test(a_paa_of_vendor_0_takes_no_pai_without_vendor),
        cmocka_unit_test(the_format_comes_before_the_size),
        cmocka_unit_test(a_key_off_the_curve_is_a_fault_of_the_format),
        cmocka_unit_test(a_declaration_is_judged_alone),
        cmocka_unit_test(a_verifier_without_trust_takes_fewer_steps),
        cmocka_unit_test(octets_behind_a_certificate_break_rules_only),
        cmocka_unit_test(the_last_second_of_a_dac_is_too_late_for_commissioners),
        cmocka_unit_test(a_paa_that_is_not_self_signed_breaks_rules_only),
        cmocka_unit_test(the_paa_is_chosen_by_name_among_equal_key_ids),
        cmocka_unit_test(steps_have_names_of_their_own),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
