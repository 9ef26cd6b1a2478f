/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "lib/buf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void hex_is_written_in_both_cases(void **state)
{
    static const uint8_t octets[] = {0x00, 0x0F, 0xA5, 0xFF};
    char out[9];

    (void)state;
    mc_hex_encode(octets, sizeof(octets), out);
    assert_string_equal(out, "000fa5ff");
    mc_hex_encode_upper(octets, sizeof(octets), out);
    assert_string_equal(out, "000FA5FF");
    mc_hex_encode(octets, 0, out);
    assert_string_equal(out, "");
}

static void hex_of_either_case_is_read(void **state)
{
    static const uint8_t want[] = {0x00, 0x0F, 0xA5, 0xFF};
    uint8_t got[4];

    (void)state;
    assert_true(mc_hex_decode("000fA5Ff", 4, got));
    assert_memory_equal(got, want, sizeof(want));
}

static void no_other_character_is_a_hex_digit(void **state)
{
    uint8_t got;
    char text[3] = "00";

    (void)state;
    for (int c = 0; c < 256; c++) {
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        text[0] = (char)c;
        text[1] = '0';
        assert_int_equal(mc_hex_decode(text, 1, &got), digit);
        text[0] = '0';
        text[1] = (char)c;
        assert_int_equal(mc_hex_decode(text, 1, &got), digit);
    }
}

static const struct {
    const char *octets, *text;
} base64_vectors[] = {
    /* RFC 4648 section 10 */
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void base64_follows_its_vectors_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(base64_vectors); i++) {
        const char *octets = base64_vectors[i].octets, *text = base64_vectors[i].text;
        char encoded[16];
        uint8_t decoded[16];
        size_t n;

        mc_base64_encode((const uint8_t *)octets, strlen(octets), encoded);
        assert_string_equal(encoded, text);
        assert_int_equal(mc_base64_decode(text, strlen(text), false, decoded, sizeof(decoded), &n), MC_OK);
        assert_int_equal(n, strlen(octets));
        assert_memory_equal(decoded, octets, n);
    }
}

static void base64_of_all_octets_round_trips(void **state)
{
    uint8_t octets[256], back[256];
    char text[345];

    (void)state;
    for (int i = 0; i < 256; i++)
        octets[i] = (uint8_t)i;
    for (size_t n = 0; n <= sizeof(octets); n++) {
        size_t got;

        mc_base64_encode(octets, n, text);
        assert_int_equal(strlen(text), 4 * ((n + 2) / 3));
        assert_int_equal(mc_base64_decode(text, strlen(text), false, back, sizeof(back), &got), MC_OK);
        assert_int_equal(got, n);
        assert_memory_equal(back, octets, n);
    }
}

static const struct {
    const char *name, *text;
    bool skip_space;
} base64_refused[] = {
    {"one character", "Z", true},
    {"no padding", "Zg", true},
    {"half of the padding", "Zg=", true},
    {"padding alone", "====", true},
    {"three paddings", "Z===", true},
    {"unused bits, one octet", "Zh==", true},
    {"unused bits, two octets", "Zm9=", true},
    {"padding in the middle", "Zg==Zg==", true},
    {"padding before a digit", "Zg=v", true},
    {"url alphabet", "-_-_", true},
    {"octet above ASCII", "Zm9\xC3", true},
    {"white space when none may be", "Zm9v\n", false},
    {"text behind the padding", "Zg==Z", true},
};

static void malformed_base64_is_refused(void **state)
{
    uint8_t out[16];
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(base64_refused); i++) {
        const char *text = base64_refused[i].text;

        if (mc_base64_decode(text, strlen(text), base64_refused[i].skip_space, out, sizeof(out), &n) !=
            MC_E_BASE64)
            fail_msg("%s was not refused", base64_refused[i].name);
    }
}

static void base64_skips_white_space_when_asked(void **state)
{
    static const char text[] = " Z\r\nm9\tv Yg = = \n";
    uint8_t out[4];
    size_t n;

    (void)state;
    assert_int_equal(mc_base64_decode(text, strlen(text), true, out, sizeof(out), &n), MC_OK);
    assert_int_equal(n, 4);
    assert_memory_equal(out, "foob", 4);
}

static void base64_never_writes_past_the_buffer(void **state)
{
    uint8_t out[6] = {0, 0, 0, 0, 0, 0xAA};
    size_t n;

    (void)state;
    assert_int_equal(mc_base64_decode("Zm9vYmFy", 8, false, out, 5, &n), MC_E_SPACE);
    assert_int_equal(out[5], 0xAA);
    assert_int_equal(mc_base64_decode("Zm9vYmE=", 8, false, out, 5, &n), MC_OK);
    assert_int_equal(out[5], 0xAA);
}

static const struct {
    const char *text;
    unsigned digits;
    uint64_t value;
} numbers[] = {
    {"0", 16, 0},
    {"7", 1, 7},
    {"15", 1, 15},
    {"0x0", 1, 0},
    {"0xF", 1, 15},
    {"0xfFf1", 4, 0xFFF1},
    {"65535", 4, 65535},
    {"0x0000000000000001", 16, 1},
    {"0xFFFFFFFFFFFFFFFF", 16, UINT64_MAX},
    {"18446744073709551615", 16, UINT64_MAX},
};

static void numbers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        uint64_t value = 1234;

        assert_int_equal(mc_number_parse(numbers[i].text, numbers[i].digits, &value, NULL), MC_OK);
        assert_true(value == numbers[i].value);
    }
}

static const struct {
    const char *name, *text;
    unsigned digits;
    enum mc_rc rc;
} numbers_refused[] = {
    {"nothing", "", 16, MC_E_NUMBER},
    {"prefix alone", "0x", 16, MC_E_NUMBER},
    {"upper-case prefix", "0XFF", 16, MC_E_NUMBER},
    {"hex without prefix", "FFF1", 4, MC_E_NUMBER},
    {"leading zero", "0123", 4, MC_E_NUMBER},
    {"two zeros", "00", 4, MC_E_NUMBER},
    {"sign", "-1", 4, MC_E_NUMBER},
    {"plus", "+1", 4, MC_E_NUMBER},
    {"white space in front", " 1", 4, MC_E_NUMBER},
    {"white space behind", "1 ", 4, MC_E_NUMBER},
    {"unit", "1k", 4, MC_E_NUMBER},
    {"hex digit in decimal", "1a", 4, MC_E_NUMBER},
    {"no hex digit", "0x1g", 4, MC_E_NUMBER},
    {"too many digits", "0x10000", 4, MC_E_NUMBER},
    {"too many zeros", "0x00001", 4, MC_E_NUMBER},
    {"too large", "65536", 4, MC_E_NUMBER},
    {"2^64", "18446744073709551616", 16, MC_E_NUMBER},
    {"many digits", "99999999999999999999999999", 16, MC_E_NUMBER},
    {"width of no integer", "1", 17, MC_E_INTERNAL},
    {"width 0", "1", 0, MC_E_INTERNAL},
};

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers_refused); i++) {
        uint64_t value = 1234;
        struct mc_err e;

        mc_err_init(&e);
        if (mc_number_parse(numbers_refused[i].text, numbers_refused[i].digits, &value, &e) !=
                numbers_refused[i].rc ||
            e.rc != numbers_refused[i].rc || e.what[0] == '\0')
            fail_msg("%s was not refused with a reason", numbers_refused[i].name);
        assert_true(value == 1234);
    }
}

static const struct {
    const char *name, *text;
    bool valid;
} utf8[] = {
    {"nothing", "", true},
    {"ASCII", "Heddle", true},
    {"two octets", "M\xC3\xBCller", true},
    {"three octets", "\xE2\x82\xAC", true},
    {"four octets", "\xF0\x9F\x94\x91", true},
    {"last code", "\xF4\x8F\xBF\xBF", true},
    {"continuation alone", "\x80", false},
    {"cut short", "\xE2\x82", false},
    {"no continuation", "\xC3(", false},
    {"overlong two", "\xC0\xAF", false},
    {"overlong three", "\xE0\x80\xAF", false},
    {"overlong four", "\xF0\x80\x80\xAF", false},
    {"surrogate", "\xED\xA0\x80", false},
    {"above 10FFFF", "\xF4\x90\x80\x80", false},
    {"five octets", "\xF8\x88\x80\x80\x80", false},
};

static void utf8_is_told_from_what_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(utf8); i++)
        if (mc_utf8_check(mc_span_of(utf8[i].text, strlen(utf8[i].text))) != utf8[i].valid)
            fail_msg("%s was judged wrongly", utf8[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_written_in_both_cases),
        cmocka_unit_test(hex_of_either_case_is_read),
        cmocka_unit_test(no_other_character_is_a_hex_digit),
        cmocka_unit_test(base64_follows_its_vectors_both_ways),
        cmocka_unit_test(base64_of_all_octets_round_trips),
        cmocka_unit_test(malformed_base64_is_refused),
        cmocka_unit_test(base64_skips_white_space_when_asked),
        cmocka_unit_test(base64_never_writes_past_the_buffer),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(utf8_is_told_from_what_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
