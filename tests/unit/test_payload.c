/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/payload.h"
#include "lib/tlv.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct mc_span span(const char *text)
{
    return mc_span_of(text, strlen(text));
}

/* matter-attestation 7.2, 7.3: the examples. */
static const struct {
    uint16_t vid, pid;
    uint8_t flow, rendezvous;
    uint16_t discriminator;
    uint32_t passcode;
    const char *qr, *manual, *groups;
} examples[] = {
    {12, 1, 0, 1, 128, 2048, "MT:M5L90MP500K64J00000", NULL, NULL},
    {0xFFF1, 0x8000, 0, 2, 3840, 20202021, "MT:Y.K9042C00KA0648G00", "34970112332", "3497-011-2332"},
    {0xFFF1, 0x8000, 2, 2, 3840, 20202021, NULL, "749701123365521327687", "7497-011-2336-5521-3276-87"},
    {1, 1, 0, 2, 2560, 12345679, NULL, "24129507533", "2412-950-7533"},
    {45367, 14526, 2, 2, 2560, 12345679, NULL, "641295075345367145262", "6412-950-7534-5367-1452-62"},
};

static struct mc_payload example(size_t i)
{
    return (struct mc_payload){.has_ids = true, .vid = examples[i].vid, .pid = examples[i].pid, .flow = examples[i].flow,
        .rendezvous = examples[i].rendezvous, .discriminator = examples[i].discriminator, .passcode = examples[i].passcode};
}

static void examples_are_written(void **state)
{
    char text[MC_QR_MAX + 1], groups[MC_MANUAL_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct mc_payload p = example(i);

        assert_int_equal(mc_qr_encode(&p, text, NULL), MC_OK);
        assert_int_equal(strlen(text), MC_QR_LEN);
        if (examples[i].qr != NULL)
            assert_string_equal(text, examples[i].qr);
        assert_int_equal(mc_manual_encode(&p, text, NULL), MC_OK);
        if (examples[i].manual == NULL)
            continue;
        assert_string_equal(text, examples[i].manual);
        mc_manual_format(text, groups);
        assert_string_equal(groups, examples[i].groups);
    }
}

static enum mc_rc read_qr(const char *text, struct mc_payload *p)
{
    static struct mc_payload_room room;
    struct mc_span body, one;

    assert_true(mc_qr_find(span(text), &body));
    assert_true(mc_qr_next(&body, &one));
    return mc_qr_parse(one, &room, p, NULL);
}

static void examples_are_read(void **state)
{
    struct mc_payload p;

    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        if (examples[i].qr != NULL) {
            assert_int_equal(read_qr(examples[i].qr, &p), MC_OK);
            assert_int_equal(mc_payload_check(&p, NULL), MC_OK);
            assert_false(p.manual);
            assert_int_equal(p.vid, examples[i].vid);
            assert_int_equal(p.pid, examples[i].pid);
            assert_int_equal(p.flow, examples[i].flow);
            assert_int_equal(p.rendezvous, examples[i].rendezvous);
            assert_int_equal(p.discriminator, examples[i].discriminator);
            assert_int_equal(p.passcode, examples[i].passcode);
            assert_int_equal(p.tlv.n, 0);
        }
        if (examples[i].manual == NULL)
            continue;
        assert_int_equal(mc_manual_parse(span(examples[i].manual), &p, NULL), MC_OK);
        assert_int_equal(mc_payload_check(&p, NULL), MC_OK);
        assert_true(p.manual);
        assert_int_equal(p.has_ids, examples[i].flow != 0);
        assert_int_equal(p.vid, p.has_ids ? examples[i].vid : 0);
        assert_int_equal(p.pid, p.has_ids ? examples[i].pid : 0);
        assert_int_equal(p.discriminator, examples[i].discriminator >> 8);
        assert_int_equal(p.passcode, examples[i].passcode);
        assert_int_equal(mc_manual_parse(span(examples[i].groups), &p, NULL), MC_OK);
        assert_int_equal(p.passcode, examples[i].passcode);
    }
}

static void every_value_of_a_field_survives(void **state)
{
    static const uint32_t ones[] = {1, 0x7FFF, 0x8000, MC_VENDOR_ID_MAX};
    char text[MC_QR_MAX + 1];
    struct mc_payload p, q;

    (void)state;
    for (uint32_t k = 0; k < 4096; k++) {
        p = (struct mc_payload){.has_ids = true, .vid = (uint16_t)ones[k % 4], .pid = (uint16_t)(1 + k * 15), .flow = (uint8_t)(k % 3),
            .rendezvous = (uint8_t)(1 + k % 63), .discriminator = (uint16_t)k, .passcode = 1 + k * 24413};
        if (!mc_passcode_allowed(p.passcode))
            continue;
        assert_int_equal(mc_qr_encode(&p, text, NULL), MC_OK);
        assert_int_equal(read_qr(text, &q), MC_OK);
        assert_memory_equal(&p, &q, sizeof(p));
        assert_int_equal(mc_manual_encode(&p, text, NULL), MC_OK);
        assert_int_equal(mc_manual_parse(span(text), &q, NULL), MC_OK);
        assert_int_equal(q.passcode, p.passcode);
        assert_int_equal(q.discriminator, k >> 8);
    }
}

/* One that the SDK's helpers have: serial number, vendor elements. */
static void tlv_follows_the_fields(void **state)
{
    uint8_t bytes[256];
    char text[MC_QR_MAX + 1], back[MC_QR_MAX + 1];
    struct mc_out o = mc_out_of(bytes, sizeof(bytes));
    struct mc_payload p = example(1), q;
    struct mc_tlv t;
    struct mc_tlv_elem x;

    (void)state;
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_utf8(&o, MC_PAYLOAD_SERIAL_NUMBER, span("123456789"));
    mc_tlv_put_uint(&o, MC_PAYLOAD_ITERATIONS, 1000);
    mc_tlv_put_bytes(&o, MC_PAYLOAD_SALT, span("SPAKE2P Key Salt"));
    mc_tlv_put_uint(&o, MC_PAYLOAD_DEVICES, 1);
    mc_tlv_put_uint(&o, MC_PAYLOAD_TIMEOUT, 900);
    mc_tlv_put_utf8(&o, 0x82, span("myData"));
    mc_tlv_put_uint(&o, 0x83, 65550);
    mc_tlv_close(&o);
    p.tlv = mc_span_of(bytes, o.n);
    assert_int_equal(mc_qr_encode(&p, text, NULL), MC_OK);
    assert_int_equal(read_qr(text, &q), MC_OK);
    assert_true(mc_span_eq(q.tlv, p.tlv));
    t = mc_tlv_of(q.tlv, false);
    assert_int_equal(mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &x), MC_OK);
    assert_int_equal(mc_tlv_take_as(&t, MC_TLV_UTF8, MC_PAYLOAD_SERIAL_NUMBER, &x), MC_OK);
    assert_true(mc_span_eq(x.bytes, span("123456789")));
    assert_int_equal(mc_qr_encode(&q, back, NULL), MC_OK);
    assert_string_equal(text, back);
}

static void wrong_tlv_is_refused(void **state)
{
    static const struct {
        const char *hex;
        enum mc_rc rc;
    } rows[] = {
        {"1518", MC_OK},
        {"152C00013118", MC_OK},         /* serial number "1" */
        {"15240001 18", MC_OK},          /* serial number 1 */
        {"15200001 18", MC_E_PAYLOAD_TLV}, /* a signed one */
        {"15300001 31 18", MC_E_PAYLOAD_TLV}, /* octets */
        {"152C0001FF18", MC_E_PAYLOAD_TLV}, /* not UTF-8 */
        {"152C010131 18", MC_E_PAYLOAD_TLV}, /* iterations as text */
        {"15240201 18", MC_E_PAYLOAD_TLV}, /* salt as number */
        {"15240501 18", MC_OK},           /* a reserved tag may be anything */
        {"15 3505 240001 18 18", MC_OK},  /* also a structure */
        {"15208001 18", MC_OK},           /* vendor: a signed number */
        {"15308001FF 18", MC_E_PAYLOAD_TLV}, /* vendor: octets */
        {"1524000124000118", MC_E_PAYLOAD_TLV}, /* twice */
        {"15040118", MC_E_PAYLOAD_TLV},   /* anonymous member */
        {"15240001", MC_E_PAYLOAD_TLV},   /* no end */
        {"151800", MC_E_PAYLOAD_TLV},     /* something behind it */
        {"1618", MC_E_PAYLOAD_TLV},       /* an array */
        {"00", MC_E_PAYLOAD_TLV},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_payload p = example(1);
        char text[MC_QR_MAX + 1], hex[64];
        uint8_t bytes[32];
        size_t n = 0;

        for (const char *c = rows[i].hex; *c != '\0'; c++)
            if (*c != ' ')
                hex[n++] = *c;
        assert_true(mc_hex_decode(hex, n / 2, bytes));
        p.tlv = mc_span_of(bytes, n / 2);
        if (mc_qr_encode(&p, text, NULL) != rows[i].rc)
            fail_msg("row %zu: %s", i, rows[i].hex);
    }
}

static void what_is_no_base38_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum mc_rc rc;
    } rows[] = {
        {"MT:Y.K9042C00KA0648G00", MC_OK},
        {"MT:Y.K9042C00KA0648G0", MC_E_PAYLOAD_BASE38}, /* 18 characters: 3 are left over */
        {"MT:Y.K9042C00KA06400", MC_E_PAYLOAD_LENGTH},  /* 10 octets */
        {"MT:", MC_E_PAYLOAD_LENGTH},
        {"MT:y.K9042C00KA0648G00", MC_E_PAYLOAD_BASE38},
        {"MT:Y.K9042C00KA0648G0/", MC_E_PAYLOAD_BASE38},
        {"MT:Y.K9042C 0KA0648G00", MC_E_PAYLOAD_BASE38},
        {"MT:.....42C00KA0648G00", MC_E_PAYLOAD_BASE38}, /* a group above 2^24 - 1 */
        {"MT:Y.K9042C00KA0648....", MC_E_PAYLOAD_BASE38}, /* above 2^16 - 1 */
        {"MT:Y.K9042C00KA064.....", MC_E_PAYLOAD_BASE38},
        {"MT:Y.K9042C00KA0648G000000", MC_E_PAYLOAD_BASE38},
        {"MT:Y.K9042C00KA0648G0000", MC_E_PAYLOAD_BASE38},
        {"MT:Y.K9042C00KA0648G00000", MC_E_PAYLOAD_TLV},
    };
    struct mc_payload p;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (read_qr(rows[i].text, &p) != rows[i].rc)
            fail_msg("row %zu: %s gives %s", i, rows[i].text, mc_rc_rule(read_qr(rows[i].text, &p)));
}

static void a_text_may_hold_more_than_the_payload(void **state)
{
    static const struct {
        const char *text, *body;
    } rows[] = {
        {"MT:ABC", "ABC"},
        {"MT:", ""},
        {"%MT:ABC", "ABC"},
        {"Z%MT:ABC%", "ABC"},
        {"%Z%MT:ABC%DDD", "ABC"},
        {"MT:ABC%MT:DEF", "ABC"},
        {"%%MT:A*B%", "A*B"},
        {"Z MT:ABC", NULL},
        {"MT%ABC", NULL},
        {"mt:ABC", NULL},
        {"ABC", NULL},
        {"%", NULL},
        {"", NULL},
    };
    struct mc_span body, one;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(mc_qr_find(span(rows[i].text), &body), rows[i].body != NULL);
        if (rows[i].body != NULL)
            assert_true(mc_span_eq(body, span(rows[i].body)));
    }
    body = span("A*BC**");
    assert_true(mc_qr_next(&body, &one) && mc_span_eq(one, span("A")));
    assert_true(mc_qr_next(&body, &one) && mc_span_eq(one, span("BC")));
    assert_true(mc_qr_next(&body, &one) && one.n == 0);
    assert_true(mc_qr_next(&body, &one) && one.n == 0);
    assert_false(mc_qr_next(&body, &one));
}

static void fields_have_ranges(void **state)
{
    static const struct {
        const char *name;
        struct mc_payload p;
        enum mc_rc rc;
    } rows[] = {
#define GOOD .has_ids = true, .vid = 0xFFF1, .pid = 0x8000, .rendezvous = 2, .passcode = 20202021
        {"good", {GOOD}, MC_OK},
        {"version", {GOOD, .version = 1}, MC_E_PAYLOAD_FIELD},
        {"version in a manual code is its form", {GOOD, .version = 1, .manual = true}, MC_OK},
        {"padding", {GOOD, .padding = 1}, MC_E_PAYLOAD_FIELD},
        {"flow", {GOOD, .flow = 3}, MC_E_PAYLOAD_FIELD},
        {"custom flow", {GOOD, .flow = 2}, MC_OK},
        {"discriminator", {GOOD, .discriminator = 4095}, MC_OK},
        {"discriminator too large", {GOOD, .discriminator = 4096}, MC_E_PAYLOAD_FIELD},
        {"no ids", {.has_ids = true, .rendezvous = 2, .passcode = 1}, MC_OK},
        {"vid alone", {.has_ids = true, .vid = 1, .rendezvous = 2, .passcode = 1}, MC_E_PAYLOAD_FIELD},
        {"pid alone", {.has_ids = true, .pid = 1, .rendezvous = 2, .passcode = 1}, MC_E_PAYLOAD_FIELD},
        {"vid 0xFFF4", {.has_ids = true, .vid = 0xFFF4, .pid = 1, .rendezvous = 2, .passcode = 1}, MC_OK},
        {"vid 0xFFF5", {.has_ids = true, .vid = 0xFFF5, .pid = 1, .rendezvous = 2, .passcode = 1}, MC_E_PAYLOAD_FIELD},
        {"no rendezvous", {.passcode = 1}, MC_E_PAYLOAD_FIELD},
        {"no rendezvous in a manual code", {.passcode = 1, .manual = true}, MC_OK},
        {"all rendezvous", {.rendezvous = 0x3F, .passcode = 1}, MC_OK},
        {"reserved rendezvous", {.rendezvous = 0x42, .passcode = 1}, MC_E_PAYLOAD_FIELD},
        {"passcode 0", {.rendezvous = 2}, MC_E_PASSCODE},
        {"passcode", {.rendezvous = 2, .passcode = 11111111}, MC_E_PASSCODE},
#undef GOOD
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (mc_payload_check(&rows[i].p, NULL) != rows[i].rc)
            fail_msg("%s", rows[i].name);
}

static void eleven_passcodes_and_zero_are_forbidden(void **state)
{
    static const uint32_t forbidden[] = {0, 11111111, 22222222, 33333333, 44444444, 55555555, 66666666, 77777777, 88888888,
        99999999, 12345678, 87654321, 100000000, UINT32_MAX};
    unsigned n = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(forbidden); i++) {
        assert_false(mc_passcode_allowed(forbidden[i]));
        if (forbidden[i] > 0 && forbidden[i] < 99999999) {
            assert_true(mc_passcode_allowed(forbidden[i] - 1));
            assert_true(mc_passcode_allowed(forbidden[i] + 1) || forbidden[i] == 99999998);
        }
    }
    for (uint32_t p = 0; p < UINT32_C(1) << 27; p++)
        n += mc_passcode_allowed(p);
    assert_int_equal(n, 99999998 - 10); /* of 1..99999998, ten are forbidden */
}

static void manual_codes_are_strict(void **state)
{
    static const struct {
        const char *text;
        enum mc_rc rc;
    } rows[] = {
        {"34970112332", MC_OK},
        {"3497-011-2332", MC_OK},
        {"-3497 0112332\n", MC_OK},
        {"34970112333", MC_E_PAYLOAD_DIGIT},
        {"43970112332", MC_E_PAYLOAD_DIGIT}, /* two swapped */
        {"3497011233", MC_E_PAYLOAD_MANUAL},
        {"349701123322", MC_E_PAYLOAD_MANUAL},
        {"", MC_E_PAYLOAD_MANUAL},
        {"3497011233O", MC_E_PAYLOAD_MANUAL},
        {"7497011233655213276870", MC_E_PAYLOAD_MANUAL}, /* 22 digits */
    };
    struct mc_payload p;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (mc_manual_parse(span(rows[i].text), &p, NULL) != rows[i].rc)
            fail_msg("%s", rows[i].text);
}

/* Codes with a right check digit and something else wrong. */
static void the_digits_of_manual_codes_have_ranges(void **state)
{
    static const struct {
        const char *digits;
        enum mc_rc rc;
    } rows[] = {
        {"3497011233", MC_OK},
        {"8497011233", MC_E_PAYLOAD_MANUAL},
        {"9497011233", MC_E_PAYLOAD_MANUAL},
        {"7497011233", MC_E_PAYLOAD_MANUAL},           /* says that ids follow */
        {"34970112330000100001", MC_E_PAYLOAD_MANUAL}, /* says that none do */
        {"74970112330000100001", MC_OK},
        {"74970112336553500001", MC_OK},
        {"74970112336553600001", MC_E_PAYLOAD_MANUAL}, /* vid 65536 */
        {"74970112330000165536", MC_E_PAYLOAD_MANUAL}, /* pid 65536 */
        {"3655350000", MC_OK},
        {"3655360000", MC_E_PAYLOAD_MANUAL}, /* more than 16 bits */
        {"0000008191", MC_OK},
        {"0000008192", MC_E_PAYLOAD_MANUAL}, /* more than 13 bits */
    };
    char text[32];
    struct mc_payload p;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(text, sizeof(text), "%s%c", rows[i].digits, mc_verhoeff(rows[i].digits, strlen(rows[i].digits)));
        if (mc_manual_parse(span(text), &p, NULL) != rows[i].rc)
            fail_msg("%s", text);
    }
}

static void a_manual_code_with_ids_needs_them(void **state)
{
    struct mc_payload p = {.has_ids = true, .flow = MC_FLOW_CUSTOM, .rendezvous = 2, .passcode = 1};
    char text[MC_MANUAL_MAX + 1];

    (void)state;
    assert_int_equal(mc_manual_encode(&p, text, NULL), MC_E_PAYLOAD_FIELD);
    p.flow = MC_FLOW_STANDARD;
    assert_int_equal(mc_manual_encode(&p, text, NULL), MC_OK);
    p.passcode = 12345678;
    assert_int_equal(mc_manual_encode(&p, text, NULL), MC_E_PASSCODE);
    assert_int_equal(mc_qr_encode(&p, text, NULL), MC_E_PASSCODE);
}

static void the_check_digit_finds_one_wrong_digit_and_swaps(void **state)
{
    static const char good[] = "749701123365521327687";
    char text[sizeof(good)];
    size_t n = sizeof(good) - 1;

    (void)state;
    assert_true(mc_verhoeff_holds(good, n));
    assert_int_equal(mc_verhoeff("236", 3), '3'); /* the textbook's */
    for (size_t i = 0; i < n; i++) {
        for (char c = '0'; c <= '9'; c++) {
            memcpy(text, good, sizeof(good));
            text[i] = c;
            assert_int_equal(mc_verhoeff_holds(text, n), c == good[i]);
        }
        if (i + 1 == n || good[i] == good[i + 1])
            continue;
        memcpy(text, good, sizeof(good));
        text[i] = good[i + 1];
        text[i + 1] = good[i];
        assert_false(mc_verhoeff_holds(text, n));
    }
    assert_false(mc_verhoeff_holds("", 0));
}

static void names_are_told(void **state)
{
    char text[64];

    (void)state;
    assert_string_equal(mc_flow_name(MC_FLOW_USER_ACTION), "user-action");
    assert_string_equal(mc_flow_name(3), "reserved");
    mc_rendezvous_format(0x26, text, sizeof(text));
    assert_string_equal(text, "BLE, on-network, Thread");
    mc_rendezvous_format(0xFF, text, sizeof(text));
    assert_string_equal(text, "SoftAP, BLE, on-network, Wi-Fi PAF, NFC, Thread");
    mc_rendezvous_format(0xFF, text, 12);
    assert_string_equal(text, "SoftAP, BLE");
    mc_rendezvous_format(0, text, sizeof(text));
    assert_string_equal(text, "");
    assert_string_equal(mc_payload_tag_name(4), "commissioning timeout");
    assert_string_equal(mc_payload_tag_name(5), "reserved element");
    assert_string_equal(mc_payload_tag_name(0xFF), "vendor element");
}

static void names_are_read(void **state)
{
    static const struct {
        const char *text;
        uint8_t bits; /* 0: refused */
    } rows[] = {{"ble", 2}, {"BLE,on-network", 6}, {"softap,wifi-paf,nfc,thread", 0x39}, {"2", 2}, {"0x3F", 0x3F}, {"0x40", 0},
        {"0", 0}, {"", 0}, {"ble,", 0}, {",ble", 0}, {"ble on-network", 0}, {"bl", 0}, {"bless", 0}, {"02", 0}};
    uint8_t bits, flow;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bits = 0;
        assert_int_equal(mc_rendezvous_parse(rows[i].text, &bits, NULL), rows[i].bits != 0 ? MC_OK : MC_E_PAYLOAD_FIELD);
        assert_int_equal(bits, rows[i].bits);
    }
    assert_int_equal(mc_flow_parse("user-action", &flow, NULL), MC_OK);
    assert_int_equal(flow, 1);
    assert_int_equal(mc_flow_parse("2", &flow, NULL), MC_OK);
    assert_int_equal(flow, 2);
    assert_int_equal(mc_flow_parse("3", &flow, NULL), MC_E_PAYLOAD_FIELD);
    assert_int_equal(mc_flow_parse("Standard", &flow, NULL), MC_E_PAYLOAD_FIELD);
    assert_int_equal(mc_flow_parse("", &flow, NULL), MC_E_PAYLOAD_FIELD);
}

/* No error repeats a part of the code. */
static void errors_keep_the_passcode(void **state)
{
    static const char *const texts[] = {"34970112333", "4497-0112-332", "84970112332", "3497O112332"};
    struct mc_payload p;
    struct mc_err e;
    char why[512];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        mc_err_init(&e);
        assert_int_not_equal(mc_manual_parse(span(texts[i]), &p, &e), MC_OK);
        mc_err_format(&e, why, sizeof(why));
        assert_null(strstr(why, "4970"));
        assert_null(strstr(why, "112"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_written),
        cmocka_unit_test(examples_are_read),
        cmocka_unit_test(every_value_of_a_field_survives),
        cmocka_unit_test(tlv_follows_the_fields),
        cmocka_unit_test(wrong_tlv_is_refused),
        cmocka_unit_test(what_is_no_base38_is_refused),
        cmocka_unit_test(a_text_may_hold_more_than_the_payload),
        cmocka_unit_test(fields_have_ranges),
        cmocka_unit_test(eleven_passcodes_and_zero_are_forbidden),
        cmocka_unit_test(manual_codes_are_strict),
        cmocka_unit_test(the_digits_of_manual_codes_have_ranges),
        cmocka_unit_test(a_manual_code_with_ids_needs_them),
        cmocka_unit_test(the_check_digit_finds_one_wrong_digit_and_swaps),
        cmocka_unit_test(names_are_told),
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(errors_keep_the_passcode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
