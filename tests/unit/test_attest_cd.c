/* SPDX-License-Identifier: Apache-2.0 */
/* What a commissioner asks last: elements, the declaration in them, the label, revocation. */
#include "attest_device.h"

/* --- declarations of a signer of our own ------------------------------------------------------------ */

static struct mc_cd_key own = {.name = "own"};
static struct certs_key own_key;

static int begin(void **state)
{
    certs_key_new(&own_key);
    memcpy(own.key_id, own_key.id, MC_KEY_ID_LEN);
    memcpy(own.point, own_key.point, MC_POINT_LEN);
    return set_up(state);
}

static int end(void **state)
{
    certs_key_free(&own_key);
    EVP_PKEY_free(dev.dac_key);
    return tear_down(state);
}

/* The payload of the good declaration, in dev.cd, where it can be changed. */
static struct mc_span good_payload(void)
{
    struct mc_cms cms;

    assert_int_equal(mc_cms_parse(load(good_case, "cd.der", dev.cd), &cms, NULL), MC_OK);
    return cms.payload;
}

/* The device answers with this payload, signed by `own`, who is trusted. */
static void sign_own(struct mc_span payload)
{
    struct mc_cms cms = {.payload = payload, .key_id = mc_span_of(own.key_id, MC_KEY_ID_LEN)};
    uint8_t cd[ROOM];
    size_t n = 0;

    certs_sign(&own_key, payload, cms.sig);
    assert_int_equal(mc_cms_encode(&cms, cd, sizeof(cd), &n, NULL), MC_OK);
    dev.in.signers = &own;
    dev.in.n_signers = 1;
    answer(mc_span_of(cd, n));
}

static void sign_cd(const struct mc_cd *cd)
{
    uint8_t payload[MC_CD_PAYLOAD_MAX];
    size_t n = 0;

    assert_int_equal(mc_cd_encode(cd, payload, sizeof(payload), &n, NULL), MC_OK);
    sign_own(mc_span_of(payload, n));
}

static struct mc_cd good_cd(void)
{
    struct mc_cd cd;

    assert_int_equal(mc_cd_parse(good_payload(), &cd, NULL), MC_OK);
    return cd;
}

/* --- elements ---------------------------------------------------------------------------------------- */

static void elements_that_are_malformed_are_501(void **state)
{
    (void)state;
    load_good();
    memmove(dev.elements + dev.in.elements.n, "\x39\x05\x18", 3); /* an element of a reserved type before the end */
    dev.elements[dev.in.elements.n - 1] = 0x39;
    sign_elements(mc_span_of(dev.elements, dev.in.elements.n + 2));
    dev.nonce[0] ^= 1;
    expect("elements", 501, MC_E_TLV_TYPE);
    expect_state(MC_ATTEST_NONCE, MC_ATTEST_BLOCKED);
    for (unsigned i = MC_ATTEST_CD_ENVELOPE; i <= MC_ATTEST_CD_LAST; i++)
        expect_state(i, MC_ATTEST_BLOCKED);
}

static void a_nonce_needs_elements_and_one_that_was_sent(void **state)
{
    (void)state;
    load_good();
    dev.nonce[0] ^= 1;
    dev.in.has_nonce = false;
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_NONCE, MC_ATTEST_SKIPPED);
    dev.in.has_nonce = true;
    expect("nonce", 502, MC_E_ELEMENTS_NONCE);
    dev.in.has_elements = dev.in.has_signature = false;
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_NONCE, MC_ATTEST_SKIPPED);
}

static void the_declaration_in_the_elements_counts(void **state)
{
    (void)state;
    load_good();
    assert_null((expect("", 0, MC_OK), out.step[MC_ATTEST_ELEMENTS].note));
    dev.in.cd = load(good_case, "cd.der", dev.cd);
    expect("", 0, MC_OK);
    assert_null(out.step[MC_ATTEST_ELEMENTS].note);
    dev.in.cd.n--;
    expect("", 0, MC_OK);
    assert_non_null(out.step[MC_ATTEST_ELEMENTS].note);
    dev.elements[0] = 0x17; /* no structure: there is nothing to compare with */
    sign_elements(dev.in.elements);
    expect("elements", 501, MC_E_TLV_TYPE);
    assert_null(out.step[MC_ATTEST_ELEMENTS].note);
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

/* --- the declaration --------------------------------------------------------------------------------- */

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
    expect_state(MC_ATTEST_SIGNATURE, MC_ATTEST_SKIPPED);
    for (unsigned i = MC_ATTEST_ELEMENTS; i <= MC_ATTEST_CD_LAST; i++)
        expect_state(i, MC_ATTEST_SKIPPED);
    dev.in.cd = load(good_case, "cd.der", dev.cd);
    expect("", 0, MC_OK);
    expect_state(MC_ATTEST_CD_SIGNATURE, MC_ATTEST_PASSED);
    assert_string_equal(out.signer->name, "test key");
    dev.in.allow_test_key = false;
    expect("cd-test-key", 601, MC_E_CD_TEST_KEY);
    dev.cd[dev.in.cd.n - 1] ^= 1;
    dev.in.allow_test_key = true;
    expect("cd-signature", 602, MC_E_CMS_SIGNATURE);
}

static void further_signers_are_trusted(void **state)
{
    char text[2 * MC_KEY_ID_LEN + 1];

    (void)state;
    load_good();
    sign_own(good_payload());
    dev.in.allow_test_key = false;
    expect("", 0, MC_OK);
    assert_ptr_equal(out.signer, &own);
    dev.in.n_signers = 0;
    expect("cd-signer", 601, MC_E_CD_KEY);
    mc_hex_encode_upper(own.key_id, MC_KEY_ID_LEN, text);
    assert_string_equal(out.step[MC_ATTEST_CD_SIGNER].err.what, text);
}

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

/* The last octet of the content's type, pkcs7-data. */
static uint8_t *content_type(struct mc_span cd)
{
    static const uint8_t data[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
    uint8_t *at = memmem(cd.p, cd.n, data, sizeof(data));

    assert_non_null(at);
    return at + sizeof(data) - 1;
}

/* What the second pass refuses belongs to the signature, and hides what stands in the payload. */
static void what_fails_is_told_by_its_own_step(void **state)
{
    struct mc_span cd;

    (void)state;
    load_good();
    cd = load(good_case, "cd.der", dev.cd);
    *content_type(cd) = 2;
    answer(cd);
    expect("cd-signature", 602, MC_E_CMS_TYPE);
    assert_false(out.step[MC_ATTEST_CD_ENVELOPE].broken);
    expect_state(MC_ATTEST_CD_FORMAT, MC_ATTEST_BLOCKED);
    expect_state(MC_ATTEST_CD_VALUES, MC_ATTEST_BLOCKED);
    expect_state(MC_ATTEST_CD_TEST_TYPE, MC_ATTEST_BLOCKED);
    expect_state(MC_ATTEST_CD_FIRST, MC_ATTEST_BLOCKED);
    answer(mc_span_of("\x30\x00", 2));
    assert_false(mc_attest_check(v, &dev.in, &out));
    assert_int_equal(out.result, 600);
    expect_state(MC_ATTEST_CD_SIGNER, MC_ATTEST_BLOCKED);
    expect_state(MC_ATTEST_CD_TEST_KEY, MC_ATTEST_BLOCKED);
    expect_state(MC_ATTEST_CD_SIGNATURE, MC_ATTEST_BLOCKED);
}

/* A declaration of n octets: the good payload with an unknown element, signed until the signature has the right length. */
static void large_declaration(size_t n)
{
    static uint8_t payload[ROOM], cd[ROOM];
    struct mc_cms cms = {.key_id = mc_span_of(own.key_id, MC_KEY_ID_LEN)};
    struct mc_span good = good_payload();
    size_t at = good.n - 1, more = n - good.n - MC_CMS_OVERHEAD, got = 0;

    memcpy(payload, good.p, at);
    memcpy(payload + at, "\x31\x0C", 2); /* octets, their length in two */
    for (unsigned i = 0; i < 1000 && got != n; i++) {
        payload[at + 2] = (uint8_t)(more - 4);
        payload[at + 3] = (uint8_t)((more - 4) >> 8);
        payload[at + more] = 0x18;
        cms.payload = mc_span_of(payload, good.n + more);
        certs_sign(&own_key, cms.payload, cms.sig);
        assert_int_equal(mc_cms_encode(&cms, cd, sizeof(cd), &got, NULL), MC_OK);
        more += got + 3 < n ? 1 : 0;
    }
    assert_int_equal(got, n);
    dev.in.cd = mc_span_of(cd, n);
}

/* Alone it may be larger than what fits into elements. */
static void a_declaration_can_be_too_large(void **state)
{
    (void)state;
    load_good();
    dev.in.signers = &own;
    dev.in.n_signers = 1;
    dev.in.has_elements = dev.in.has_nonce = dev.in.has_signature = false;
    large_declaration(MC_CMS_MAX);
    expect("", 0, MC_OK);
    assert_true(out.valid);
    large_declaration(MC_CMS_MAX + 1);
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_CD_ENVELOPE].err.rc, MC_E_CD_SIZE);
    dev.in.cd.n++; /* what stands behind it is said before its size */
    expect("", 0, MC_OK);
    assert_int_equal(out.step[MC_ATTEST_CD_ENVELOPE].err.rc, MC_E_DER_TRAILING);
    large_declaration(MC_CMS_MAX + 1);
    *content_type(dev.in.cd) = 2;
    expect("cd-signature", 602, MC_E_CMS_TYPE);
    assert_false(out.step[MC_ATTEST_CD_ENVELOPE].broken);
}

static void a_text_that_is_not_utf8_breaks_rules_only(void **state)
{
    struct mc_span payload;

    (void)state;
    load_good();
    payload = good_payload();
    *(uint8_t *)memmem(payload.p, payload.n, "ZIG", 3) = 0xFF;
    sign_own(payload);
    expect("", 0, MC_OK);
    assert_true(!out.valid && out.step[MC_ATTEST_CD_FORMAT].err.rc == MC_E_CD_ID);
}

static void a_payload_must_be_a_declaration(void **state)
{
    struct mc_span payload;

    (void)state;
    load_good();
    payload = good_payload();
    dev.cd[payload.p - dev.cd] = 0x17;
    sign_own(payload);
    expect("cd-format", 603, MC_E_TLV_TYPE);
    expect_state(MC_ATTEST_CD_TEST_TYPE, MC_ATTEST_BLOCKED);
}

/* The test key signs no official declarations; other signers sign all. */
static void an_own_signer_may_sign_each_type(void **state)
{
    struct mc_cd cd;

    (void)state;
    load_good();
    cd = good_cd();
    for (unsigned type = 0; type < MC_CD_TYPES; type++) {
        cd.certification_type = (uint8_t)type;
        sign_cd(&cd);
        expect("", 0, MC_OK);
        expect_state(MC_ATTEST_CD_TEST_TYPE, MC_ATTEST_PASSED);
    }
}

static void security_that_is_not_0_is_noted(void **state)
{
    struct mc_cd cd;

    (void)state;
    load_good();
    expect("", 0, MC_OK);
    assert_null(out.step[MC_ATTEST_CD_VALUES].note);
    for (unsigned i = 0; i < 2; i++) {
        cd = good_cd();
        cd.security_level = i == 0;
        cd.security_information = (uint16_t)i;
        sign_cd(&cd);
        expect("", 0, MC_OK);
        assert_non_null(out.step[MC_ATTEST_CD_VALUES].note);
    }
}

static void an_empty_list_breaks_rules_only(void **state)
{
    struct mc_span payload;
    uint8_t *list;

    (void)state;
    load_good();
    payload = good_payload();
    list = memmem(payload.p, payload.n, "\x36\x0B\x10\x14", 4);
    assert_non_null(list);
    memcpy(list + 2, "\x18\x18", 2); /* the list, then the structure end */
    sign_own(mc_span_of(payload.p, (size_t)(list + 4 - payload.p)));
    dev.in.n_paas = 0;
    expect("paa-found", 101, MC_E_ATT_PAA);
    assert_true(out.step[MC_ATTEST_CD_VALUES].broken && out.step[MC_ATTEST_CD_VALUES].err.rc == MC_E_CD_COUNT);
    expect_state(MC_ATTEST_CD_VALUES, MC_ATTEST_PASSED);
    /* Without a PAA there is nothing to compare the list with: the PAI's AKID stands for it only in the partial verifier. */
    expect_state(MC_ATTEST_CD_FIRST + MC_CD_VS_PAA, MC_ATTEST_SKIPPED);
}

/* --- label and revocation ---------------------------------------------------------------------------- */

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
    assert_string_equal(out.step[MC_ATTEST_PAYLOAD].err.field, "payload.PID");
    assert_string_equal(out.step[MC_ATTEST_PAYLOAD].err.what, "0x8001");
    label.pid = 0x8000;
    label.vid = 0xFFF2;
    expect("", 0, MC_OK);
    assert_false(out.valid);
    dev.in.has_vid = false; /* the declaration stands for Basic Information */
    expect("", 0, MC_OK);
    assert_false(out.valid);
    assert_string_equal(out.step[MC_ATTEST_PAYLOAD].err.field, "payload.VID");
    assert_string_equal(out.step[MC_ATTEST_PAYLOAD].err.what, "0xFFF2");
    label.has_ids = false;
    expect("", 0, MC_OK);
    assert_true(out.valid);
    label = (struct mc_payload){.has_ids = true}; /* not told */
    expect("", 0, MC_OK);
    assert_true(out.valid);
}

/* Basic Information is what the label is to agree with; without it the declaration is. */
static void the_label_agrees_with_the_device(void **state)
{
    struct mc_payload label = {.has_ids = true, .vid = 0xFFF2, .pid = 0x8001};

    (void)state;
    load_good();
    dev.in.payload = &label;
    dev.in.vid = 0xFFF2;
    dev.in.pid = 0x8001;
    expect("cd-vendor", 604, MC_E_CD_VENDOR);
    assert_false(out.step[MC_ATTEST_PAYLOAD].broken);
    load_good();
    dev.in.payload = &label;
    dev.in.has_vid = dev.in.has_pid = false;
    label = (struct mc_payload){.has_ids = true, .vid = 0xFFF1, .pid = 0x8000};
    expect("", 0, MC_OK);
    assert_true(out.valid);
    label.pid = 0x7FFF;
    expect("", 0, MC_OK);
    assert_false(out.valid);
    dev.in.has_elements = dev.in.has_nonce = dev.in.has_signature = false; /* nothing says what it is */
    expect("", 0, MC_OK);
    assert_true(out.valid);
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

/* Whose issuers the set speaks of: the DAC's, the PAI's, or both. */
static struct mc_cert the_dac, the_pai;
static struct mc_span revoked[2];
static struct mc_revset_entry entries[2];
static struct mc_revset both = {entries, 2};

static void load_revoked(bool dac, bool pai)
{
    load_good();
    expect("", 0, MC_OK);
    assert_int_equal(mc_cert_parse_der(dev.in.dac, MC_RULES_X509, &the_dac, NULL), MC_OK);
    assert_int_equal(mc_cert_parse_der(dev.in.pai, MC_RULES_X509, &the_pai, NULL), MC_OK);
    revoked[0] = mc_serial_magnitude(the_dac.serial);
    revoked[1] = mc_serial_magnitude(the_pai.serial);
    entries[0] = (struct mc_revset_entry){.issuer_name = the_dac.issuer.der, .issuer_key_id = the_pai.skid, .signer = dev.in.pai,
        .serial = &revoked[0], .n_serial = dac};
    entries[1] = (struct mc_revset_entry){.issuer_name = the_pai.issuer.der, .issuer_key_id = out.paa->skid,
        .signer = paa_der[out.paa - paas], .serial = &revoked[1], .n_serial = pai};
    dev.in.revocations = &both;
}

static void who_is_revoked_is_said(void **state)
{
    static const struct {
        bool dac, pai;
        uint16_t result;
        const char *what;
    } rows[] = {{false, false, 0, ""}, {true, false, 302, "the DAC"}, {false, true, 202, "the PAI"}, {true, true, 208, "DAC and PAI"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        load_revoked(rows[i].dac, rows[i].pai);
        expect("revocation", rows[i].result, rows[i].result != 0 ? MC_E_ATT_REVOKED : MC_OK);
        assert_string_equal(out.step[MC_ATTEST_REVOCATION].err.what, rows[i].what);
        assert_null(out.step[MC_ATTEST_REVOCATION].note);
    }
    load_revoked(false, true);
    entries[1].signer = dev.in.pai;
    expect("", 0, MC_OK);
    assert_non_null(out.step[MC_ATTEST_REVOCATION].note);
    load_revoked(true, true);
    dev.in.pai.n--;
    expect("pai-format", 203, MC_E_DER_TRUNCATED);
    expect_state(MC_ATTEST_REVOCATION, MC_ATTEST_BLOCKED);
    load_revoked(true, true);
    dev.in.dac.n--;
    expect("dac-format", 303, MC_E_DER_TRUNCATED);
    expect_state(MC_ATTEST_REVOCATION, MC_ATTEST_BLOCKED);
}

/* A serial number with its top bit set is not found by all; the signature over it is broken here, which is no matter. */
static void serials_that_some_do_not_find_are_noted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool dac = i & 1, whose = i & 2;

        load_revoked(dac, !dac);
        if (whose)
            dev.dac[the_dac.serial.p - dev.dac] |= 0x80;
        else
            dev.pai[the_pai.serial.p - dev.pai] |= 0x80;
        (void)mc_attest_check(v, &dev.in, &out);
        assert_int_equal(out.step[MC_ATTEST_REVOCATION].result, dac ? 302 : 202);
        if ((out.step[MC_ATTEST_REVOCATION].note != NULL) != (dac == whose))
            fail_msg("%u: the note is '%s'", i, out.step[MC_ATTEST_REVOCATION].note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_that_are_malformed_are_501),
        cmocka_unit_test(a_nonce_needs_elements_and_one_that_was_sent),
        cmocka_unit_test(the_declaration_in_the_elements_counts),
        cmocka_unit_test(octets_behind_the_elements_break_rules_only),
        cmocka_unit_test(basic_information_is_compared),
        cmocka_unit_test(a_declaration_alone_is_judged_without_an_answer),
        cmocka_unit_test(further_signers_are_trusted),
        cmocka_unit_test(extras_of_the_envelope_break_rules_only),
        cmocka_unit_test(what_fails_is_told_by_its_own_step),
        cmocka_unit_test(a_declaration_can_be_too_large),
        cmocka_unit_test(a_text_that_is_not_utf8_breaks_rules_only),
        cmocka_unit_test(a_payload_must_be_a_declaration),
        cmocka_unit_test(an_own_signer_may_sign_each_type),
        cmocka_unit_test(security_that_is_not_0_is_noted),
        cmocka_unit_test(an_empty_list_breaks_rules_only),
        cmocka_unit_test(the_label_is_compared_by_the_rules_alone),
        cmocka_unit_test(the_label_agrees_with_the_device),
        cmocka_unit_test(revocation_is_asked_last),
        cmocka_unit_test(who_is_revoked_is_said),
        cmocka_unit_test(serials_that_some_do_not_find_are_noted),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
