/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "lib/armor.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static uint8_t scratch[4096];

static enum mc_rc decode(const void *p, size_t n, struct mc_input *out)
{
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_input_decode(mc_span_of(p, n), scratch, sizeof(scratch), out, &e);
    assert_int_equal(e.rc, rc);
    return rc;
}

/* 30 06 02 01 01 02 01 02 */
static const uint8_t small_der[] = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02};
/* 15 30 01 01 05 18 */
static const uint8_t small_tlv[] = {0x15, 0x30, 0x01, 0x01, 0x05, 0x18};

static const struct {
    const char *name;
    const uint8_t *in;
    size_t n;
    enum mc_outer outer;
    enum mc_inner inner;
} forms[] = {
    {"raw DER", small_der, sizeof(small_der), MC_OUTER_RAW, MC_INNER_DER},
    {"raw TLV", small_tlv, sizeof(small_tlv), MC_OUTER_RAW, MC_INNER_TLV},
    {"hex", BYTES("3006020101020102"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex with prefix", BYTES("0x3006020101020102\n"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex with colons", BYTES("30:06:02:01:01:02:01:02"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex with spaces and lines", BYTES("30 06 02 01\r\n01 02 01 02\r\n"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex with colons over lines", BYTES("30:06:02:01:\n  01:02:01:02\n"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex with byte order mark", BYTES("\xEF\xBB\xBF\r\n 3006020101020102"), MC_OUTER_HEX, MC_INNER_DER},
    {"hex of TLV", BYTES("153001010518"), MC_OUTER_HEX, MC_INNER_TLV},
    {"base64 of DER", BYTES("MAYCAQECAQI="), MC_OUTER_BASE64, MC_INNER_DER},
    {"base64 of TLV", BYTES("FTABAQUY\n"), MC_OUTER_BASE64, MC_INNER_TLV},
    {"base64 over lines", BYTES("MAYC\r\nAQEC\r\nAQI=\r\n"), MC_OUTER_BASE64, MC_INNER_DER},
    {"PEM", BYTES("-----BEGIN X-----\nMAYCAQECAQI=\n-----END X-----\n"), MC_OUTER_PEM, MC_INNER_DER},
    {"PEM of TLV", BYTES("-----BEGIN X-----\nFTABAQUY\n-----END X-----\n"), MC_OUTER_PEM, MC_INNER_TLV},
    {"PEM with CRLF", BYTES("-----BEGIN X-----\r\nMAYCAQECAQI=\r\n-----END X-----\r\n"), MC_OUTER_PEM,
        MC_INNER_DER},
    {"PEM with byte order mark", BYTES("\xEF\xBB\xBF-----BEGIN X-----\nMAYCAQECAQI=\n-----END X-----"),
        MC_OUTER_PEM, MC_INNER_DER},
    {"PEM behind text", BYTES("subject=M\xC3\xBCller\n-----BEGIN X-----\nMAYCAQECAQI=\n-----END X-----\n"),
        MC_OUTER_PEM, MC_INNER_DER},
    {"PEM with blanks at its line ends", BYTES("-----BEGIN X----- \nMAYCAQECAQI= \n-----END X-----\t\n\n"),
        MC_OUTER_PEM, MC_INNER_DER},
    {"PEM in short lines", BYTES("-----BEGIN X-----\nMAYC\nAQEC\nAQI=\n-----END X-----\n"), MC_OUTER_PEM,
        MC_INNER_DER},
};

static void every_form_is_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct mc_input in;
        enum mc_rc rc = decode(forms[i].in, forms[i].n, &in);
        struct mc_span want = forms[i].inner == MC_INNER_DER ? mc_span_of(small_der, sizeof(small_der))
                                                             : mc_span_of(small_tlv, sizeof(small_tlv));

        if (rc != MC_OK)
            fail_msg("%s: %s", forms[i].name, mc_rc_symbol(rc));
        if (in.outer != forms[i].outer || in.inner != forms[i].inner || !mc_span_eq(in.bytes, want))
            fail_msg("%s was taken for another form", forms[i].name);
        assert_string_equal(in.label, in.outer == MC_OUTER_PEM ? "X" : "");
    }
}

#define BLOCK      "-----BEGIN X-----\nMAYCAQECAQI=\n-----END X-----\n"
#define KEY(label) "-----BEGIN " label "-----\nMAYCAQECAQI=\n-----END " label "-----\n"

static const struct {
    const char *name;
    const uint8_t *in;
    size_t n;
    enum mc_rc rc;
} refused[] = {
    {"nothing", BYTES(""), MC_E_EMPTY},
    {"white space", BYTES(" \r\n\t"), MC_E_EMPTY},
    {"a byte order mark", BYTES("\xEF\xBB\xBF\r\n"), MC_E_EMPTY},
    {"prose", BYTES("Hello, world."), MC_E_FORM},
    {"JSON", BYTES("{\"csr\": 1}"), MC_E_FORM},
    {"other binary data", BYTES("\x7F\x45LF\x02\x01\x01"), MC_E_FORM},
    {"UTF-16", BYTES("\xFF\xFE-\0-\0"), MC_E_FORM},
    {"hex of something else", BYTES("0504"), MC_E_FORM},
    {"base64 of something else", BYTES("SGVsbG8="), MC_E_FORM},
    {"PEM of something else", BYTES("-----BEGIN X-----\nSGVsbG8=\n-----END X-----\n"), MC_E_FORM},
    {"one hex digit", BYTES("3"), MC_E_HEX},
    {"odd hex", BYTES("300602010102010"), MC_E_HEX},
    {"hex with a wrong digit", BYTES("3006020101O20102"), MC_E_HEX},
    {"prefix alone", BYTES("0x"), MC_E_FORM},
    {"octet torn apart", BYTES("30 0 6"), MC_E_HEX},
    {"two colons", BYTES("30::06"), MC_E_HEX},
    {"colon in front", BYTES(":30:06"), MC_E_HEX},
    {"colon behind", BYTES("30:06:"), MC_E_HEX},
    {"base64 cut short", BYTES("MAYCAQECAQI"), MC_E_BASE64},
    {"base64 with unused bits", BYTES("MAYCAQECAQJ="), MC_E_BASE64},
    {"base64url of TLV", BYTES("FTAB-QUY"), MC_E_BASE64},
    {"PEM without END", BYTES("-----BEGIN X-----\nMAYCAQECAQI=\n"), MC_E_PEM},
    {"PEM without BEGIN", BYTES("MAYCAQECAQI=\n-----END X-----\n"), MC_E_PEM},
    {"PEM with a torn BEGIN", BYTES("-----BEGIN X\nMAYCAQECAQI=\n-----END X-----\n"), MC_E_PEM},
    {"PEM with a torn END", BYTES("-----BEGIN X-----\nMAYCAQECAQI=\n-----END X--"), MC_E_PEM},
    {"PEM with text on the BEGIN line", BYTES("-----BEGIN X-----MAYC\nAQECAQI=\n-----END X-----\n"),
        MC_E_PEM},
    {"PEM with two labels", BYTES("-----BEGIN X-----\nMAYCAQECAQI=\n-----END Y-----\n"), MC_E_PEM},
    {"PEM with nothing inside", BYTES("-----BEGIN X-----\n-----END X-----\n"), MC_E_PEM},
    {"PEM with bad base64", BYTES("-----BEGIN X-----\nMAYCAQECAQI\n-----END X-----\n"), MC_E_PEM},
    {"PEM with a header", BYTES("-----BEGIN X-----\nA: b\n\nMAYCAQECAQI=\n-----END X-----\n"), MC_E_PEM},
    {"text behind the PEM", BYTES(BLOCK "more\n"), MC_E_PEM},
    {"two PEM blocks", BYTES(BLOCK BLOCK), MC_E_PEM_COUNT},
    {"two PEM blocks with text between", BYTES(BLOCK "more\n" BLOCK), MC_E_PEM_COUNT},
    {"PKCS#8 key", BYTES(KEY("PRIVATE KEY")), MC_E_PRIVATE_KEY},
    {"SEC1 key", BYTES(KEY("EC PRIVATE KEY")), MC_E_PRIVATE_KEY},
    {"encrypted key", BYTES(KEY("ENCRYPTED PRIVATE KEY")), MC_E_PRIVATE_KEY},
    {"key behind its parameters", BYTES(KEY("EC PARAMETERS") KEY("EC PRIVATE KEY")), MC_E_PRIVATE_KEY},
    {"key behind a certificate", BYTES(BLOCK KEY("PRIVATE KEY")), MC_E_PRIVATE_KEY},
    {"key without its END line", BYTES("-----BEGIN PRIVATE KEY-----\nMAYC"), MC_E_PRIVATE_KEY},
    {"label of 64 characters", BYTES(KEY("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        MC_E_PEM},
};

static void what_is_no_object_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct mc_input in;
        enum mc_rc rc = decode(refused[i].in, refused[i].n, &in);

        if (rc != refused[i].rc)
            fail_msg("%s: %s", refused[i].name, mc_rc_symbol(rc));
    }
}

static void printable_raw_der_is_not_taken_for_text(void **state)
{
    static const char printable[] = "0A000000000000000000000000000000000000000000000000000000000000000000";
    uint8_t der[50];
    struct mc_input in;

    (void)state;
    memset(der, '0', sizeof(der)); /* 30 30, then 48 octets: also the text "000..." */
    assert_int_equal(decode(der, sizeof(der), &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_RAW);
    memcpy(der, "0.", 2); /* 30 2E, then 46 octets */
    assert_int_equal(decode(der, 48, &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_RAW);
    assert_int_equal(decode(printable, 0x41 + 2, &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_RAW);
}

static void hex_with_prefix_is_not_taken_for_raw_der(void **state)
{
    char text[123] = "0x3038"; /* as raw DER: 30 78 and exactly 120 octets */
    struct mc_input in;

    (void)state;
    memset(text + 6, '0', sizeof(text) - 7);
    assert_int_equal(decode(text, sizeof(text) - 1, &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_HEX);
    assert_int_equal(in.bytes.n, 60);
}

static void raw_tlv_is_raw_whatever_follows(void **state)
{
    static const char text[] = "\x15"
                               "0\x01\x01\n-----BEGIN X-----\n";
    struct mc_input in;

    (void)state;
    assert_int_equal(decode(text, strlen(text), &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_RAW);
    assert_ptr_equal(in.bytes.p, text);
}

static void damaged_raw_der_goes_to_its_reader(void **state)
{
    static const uint8_t tail[] = {0x30, 0x03, 0x02, 0x01, 0x01, 0xFF};
    static const uint8_t cut[] = {0x30, 0x82, 0x02};
    struct mc_input in;

    (void)state;
    assert_int_equal(decode(tail, sizeof(tail), &in), MC_OK);
    assert_int_equal(in.bytes.n, sizeof(tail));
    assert_int_equal(decode(cut, sizeof(cut), &in), MC_OK);
    assert_int_equal(in.outer, MC_OUTER_RAW);
}

static void scratch_is_never_overrun(void **state)
{
    uint8_t small[7];
    struct mc_input in;

    (void)state;
    for (size_t i = 2; i < COUNT(forms); i++) {
        enum mc_rc rc;

        if (forms[i].inner == MC_INNER_TLV)
            continue;
        rc = mc_input_decode(mc_span_of(forms[i].in, forms[i].n), small, sizeof(small), &in, NULL);
        assert_int_equal(rc, MC_E_SPACE);
    }
}

static void pem_round_trips_and_keeps_its_lines(void **state)
{
    uint8_t der[200] = {0x30, 0x81, 197};
    char pem[512];
    struct mc_input in;
    size_t n;

    (void)state;
    for (size_t len = 1; len <= sizeof(der); len++) {
        assert_int_equal(mc_pem_encode(mc_span_of(der, len), "CERTIFICATE", pem, sizeof(pem), &n), MC_OK);
        assert_int_equal(n, strlen(pem));
        assert_true(n + 1 <= len * 4 / 3 + len / 48 + 2 * strlen("CERTIFICATE") + 64);
        assert_int_equal(decode(pem, n, &in), MC_OK);
        assert_string_equal(in.label, "CERTIFICATE");
        assert_true(mc_span_eq(in.bytes, mc_span_of(der, len)));
        assert_int_equal(mc_pem_encode(mc_span_of(der, len), "CERTIFICATE", pem, n, &n), MC_E_SPACE);
    }
    assert_int_equal(mc_pem_encode(mc_span_of(der, 49), "X", pem, sizeof(pem), &n), MC_OK);
    assert_int_equal(strchr(strchr(pem, '\n') + 1, '\n') - strchr(pem, '\n') - 1, 64);
}

static const struct {
    const char *name;
    const uint8_t *in;
    size_t n;
    enum mc_object object;
} shapes[] = {
    {"v3 certificate", BYTES("\x30\x07\x30\x05\xA0\x03\x02\x01\x02"), MC_OBJECT_CERTIFICATE},
    {"v1 certificate", BYTES("\x30\x0B\x30\x09\x02\x01\x09\x30\x00\x30\x00\x30\x00"), MC_OBJECT_CERTIFICATE},
    {"CSR", BYTES("\x30\x0B\x30\x09\x02\x01\x00\x30\x00\x30\x00\xA0\x00"), MC_OBJECT_CSR},
    {"CSR without attributes", BYTES("\x30\x09\x30\x07\x02\x01\x00\x30\x00\x30\x00"), MC_OBJECT_CSR},
    {"v2 CRL", BYTES("\x30\x0B\x30\x09\x02\x01\x01\x30\x00\x30\x00\x17\x00"), MC_OBJECT_CRL},
    {"v1 CRL", BYTES("\x30\x08\x30\x06\x30\x00\x30\x00\x18\x00"), MC_OBJECT_CRL},
    {"SEC1 key", BYTES("\x30\x05\x02\x01\x01\x04\x00"), MC_OBJECT_PRIVATE_KEY},
    {"PKCS#8 key", BYTES("\x30\x07\x02\x01\x00\x30\x00\x04\x00"), MC_OBJECT_PRIVATE_KEY},
    {"PKCS#1 key", BYTES("\x30\x09\x02\x01\x00\x02\x01\x05\x02\x01\x03"), MC_OBJECT_PRIVATE_KEY},
    {"encrypted PKCS#8 key", BYTES("\x30\x07\x30\x03\x06\x01\x2A\x04\x00"), MC_OBJECT_PRIVATE_KEY},
    {"public key", BYTES("\x30\x07\x30\x03\x06\x01\x2A\x03\x00"), MC_OBJECT_PUBLIC_KEY},
    {"CMS", BYTES("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x00"), MC_OBJECT_CMS},
    {"other content info", BYTES("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0\x00"),
        MC_OBJECT_UNKNOWN},
    {"signature", BYTES("\x30\x06\x02\x01\x01\x02\x01\x02"), MC_OBJECT_UNKNOWN},
    {"empty sequence", BYTES("\x30\x00"), MC_OBJECT_UNKNOWN},
    {"cut short", BYTES("\x30\x07\x30\x05\xA0"), MC_OBJECT_UNKNOWN},
    {"TLV certificate", BYTES("\x15\x30\x01\x01\x05\x24\x02\x01\x18"), MC_OBJECT_CERTIFICATE},
    {"compact identity", BYTES("\x15\x30\x09\x01\x04\x18"), MC_OBJECT_CERTIFICATE},
    {"declaration content", BYTES("\x15\x24\x00\x01\x18"), MC_OBJECT_UNKNOWN},
    {"empty structure", BYTES("\x15\x18"), MC_OBJECT_UNKNOWN},
    {"cut TLV", BYTES("\x15"), MC_OBJECT_UNKNOWN},
};

static void objects_are_guessed_by_their_outer_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct mc_input in;
        enum mc_object got;

        assert_int_equal(decode(shapes[i].in, shapes[i].n, &in), MC_OK);
        got = mc_object_guess(&in);
        if (got != shapes[i].object)
            fail_msg("%s was taken for %s", shapes[i].name, mc_object_name(got));
    }
}

static const struct {
    const char *file;
    enum mc_object object;
} files[] = {
    {"values/TestChipCryptoPAL/TestCSR_Verify.kGoodCsr.der", MC_OBJECT_CSR},
    {"values/TestDeviceAttestationConstruction/TestNocsrElements_Construction.kNoCsrElementsVector.tlv",
        MC_OBJECT_NOCSR},
    {"values/DeviceAttestationCredsExample/GetCertificationDeclaration.kCdForAllExamples.der", MC_OBJECT_CMS},
    {"values/NASS_test_vectors/kNASSTestVector1_CompactIdentity.tlv", MC_OBJECT_CERTIFICATE},
    {"revocation/Matter-Development-PAI-FFF1-noPID-CRL.der", MC_OBJECT_CRL},
    {"revocation/Matter-Development-PAI-FFF1-noPID-CRL.pem", MC_OBJECT_CRL},
    {"revocation/Matter-Development-PAI-FFF1-noPID-Cert.der", MC_OBJECT_CERTIFICATE},
    {"revocation/Matter-Development-PAI-FFF1-noPID-Cert.pem", MC_OBJECT_CERTIFICATE},
    {"revocation/Matter-Development-PAI-FFF1-noPID-Key.der", MC_OBJECT_PRIVATE_KEY},
};

static void files_of_the_field_are_recognised(void **state)
{
    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(files); i++) {
        uint8_t file[2048];
        struct mc_input in;
        size_t n = vectors_read(files[i].file, file, sizeof(file));

        assert_int_equal(decode(file, n, &in), MC_OK);
        if (mc_object_guess(&in) != files[i].object)
            fail_msg("%s was taken for %s", files[i].file, mc_object_name(mc_object_guess(&in)));
    }
}

static void a_private_key_file_of_the_field_is_refused(void **state)
{
    uint8_t file[2048];
    struct mc_input in;
    size_t n;

    (void)state;
    vectors_need();
    n = vectors_read("revocation/Matter-Development-PAI-FFF1-noPID-Key.pem", file, sizeof(file));
    assert_int_equal(decode(file, n, &in), MC_E_PRIVATE_KEY);
}

static void attestation_elements_are_not_taken_for_nocsr_elements(void **state)
{
    uint8_t file[2048];
    struct mc_input in = {.inner = MC_INNER_TLV};
    static uint8_t tlv[2048] = {0x15, 0x31, 0x01};
    size_t n;

    (void)state;
    vectors_need();
    n = vectors_read("values/DeviceAttestationCredsExample/GetCertificationDeclaration.kCdForAllExamples.der",
        file, sizeof(file));
    tlv[3] = (uint8_t)n;
    tlv[4] = (uint8_t)(n >> 8);
    memcpy(tlv + 5, file, n);
    memcpy(tlv + 5 + n, "\x30\x02\x20", 3);
    in.bytes = mc_span_of(tlv, 5 + n + 3 + 32 + 1);
    assert_int_equal(mc_object_guess(&in), MC_OBJECT_ELEMENTS);
}

static void damaged_inputs_never_break_the_decoder(void **state)
{
    unsigned seed = 3;
    uint8_t copy[256];
    struct mc_input in;

    (void)state;
    for (int round = 0; round < 40000; round++) {
        size_t i = (unsigned)rand_r(&seed) % COUNT(forms), n = forms[i].n;

        memcpy(copy, forms[i].in, n);
        for (int flips = rand_r(&seed) % 4; flips >= 0; flips--)
            copy[(unsigned)rand_r(&seed) % n] = (uint8_t)rand_r(&seed);
        n -= (unsigned)rand_r(&seed) % 3 == 0 ? (unsigned)rand_r(&seed) % n : 0;
        if (mc_input_decode(mc_span_of(copy, n), scratch, n, &in, NULL) == MC_OK)
            (void)mc_object_guess(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_recognised),
        cmocka_unit_test(what_is_no_object_is_refused_with_its_reason),
        cmocka_unit_test(printable_raw_der_is_not_taken_for_text),
        cmocka_unit_test(hex_with_prefix_is_not_taken_for_raw_der),
        cmocka_unit_test(raw_tlv_is_raw_whatever_follows),
        cmocka_unit_test(damaged_raw_der_goes_to_its_reader),
        cmocka_unit_test(scratch_is_never_overrun),
        cmocka_unit_test(pem_round_trips_and_keeps_its_lines),
        cmocka_unit_test(objects_are_guessed_by_their_outer_shape),
        cmocka_unit_test(files_of_the_field_are_recognised),
        cmocka_unit_test(a_private_key_file_of_the_field_is_refused),
        cmocka_unit_test(attestation_elements_are_not_taken_for_nocsr_elements),
        cmocka_unit_test(damaged_inputs_never_break_the_decoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
