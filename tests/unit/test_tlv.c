/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include "lib/tlv.h"

#define BOTH MC_OK

/* One element: what a strict cursor says, and what a lenient one says where that differs. */
static const struct {
    const char *name, *in;
    enum mc_rc strict, lenient;
    enum mc_tlv_type type;
    int tag;
    uint64_t num; /* of a string: its length */
} elements[] = {
    {"uint8", "0400", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_ANONYMOUS, 0},
    {"uint8, context tag", "2401FF", MC_OK, BOTH, MC_TLV_UINT, 1, 255},
    {"tag 255", "24FF07", MC_OK, BOTH, MC_TLV_UINT, 255, 7},
    {"uint16", "25020001", MC_OK, BOTH, MC_TLV_UINT, 2, 256},
    {"uint16 of 255", "2502FF00", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_UINT, 2, 255},
    {"uint32", "260400000100", MC_OK, BOTH, MC_TLV_UINT, 4, 65536},
    {"uint32 of 65535", "2604FFFF0000", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_UINT, 4, 65535},
    {"uint64", "27050000000001000000", MC_OK, BOTH, MC_TLV_UINT, 5, UINT64_C(0x100000000)},
    {"uint64 of 32 bits", "2705FFFFFFFF00000000", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_UINT, 5, UINT32_MAX},
    {"uint64, all ones", "2705FFFFFFFFFFFFFFFF", MC_OK, BOTH, MC_TLV_UINT, 5, UINT64_MAX},
    {"int8", "00FF", MC_OK, BOTH, MC_TLV_INT, MC_TLV_ANONYMOUS, UINT64_MAX},
    {"int16", "010080", MC_OK, BOTH, MC_TLV_INT, MC_TLV_ANONYMOUS, (uint64_t)INT16_MIN},
    {"int16 of -128", "0180FF", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_INT, MC_TLV_ANONYMOUS, (uint64_t)INT8_MIN},
    {"int16 of 127", "017F00", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_INT, MC_TLV_ANONYMOUS, 127},
    {"int16 of 128", "018000", MC_OK, BOTH, MC_TLV_INT, MC_TLV_ANONYMOUS, 128},
    {"int32 of -32769", "02FF7FFFFF", MC_OK, BOTH, MC_TLV_INT, MC_TLV_ANONYMOUS, (uint64_t)-32769},
    {"int64 of -1", "03FFFFFFFFFFFFFFFF", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_INT, MC_TLV_ANONYMOUS, UINT64_MAX},
    {"false", "2801", MC_OK, BOTH, MC_TLV_FALSE, 1, 0},
    {"true", "2901", MC_OK, BOTH, MC_TLV_TRUE, 1, 0},
    {"text", "2C0102'ab'", MC_OK, BOTH, MC_TLV_UTF8, 1, 2},
    {"no text", "2C0100", MC_OK, BOTH, MC_TLV_UTF8, 1, 0},
    {"text, length in two octets", "2D010200'ab'", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_UTF8, 1, 2},
    {"octets", "30010141", MC_OK, BOTH, MC_TLV_BYTES, 1, 1},
    {"octets, length in four octets", "32010100000041", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_BYTES, 1, 1},
    {"octets, length in eight octets", "3301010000000000000041", MC_E_TLV_MINIMAL, MC_OK, MC_TLV_BYTES, 1, 1},
    {"octets, huge length", "3301FFFFFFFFFFFFFFFF41", MC_E_TLV_TRUNCATED, BOTH, MC_TLV_BYTES, 1, 0},
    {"octets, one missing", "30010241", MC_E_TLV_TRUNCATED, BOTH, MC_TLV_BYTES, 1, 0},
    {"null", "3401", MC_OK, BOTH, MC_TLV_NULL, 1, 0},
    {"structure", "15", MC_OK, BOTH, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, 0},
    {"array", "3603", MC_OK, BOTH, MC_TLV_ARRAY, 3, 0},
    {"list", "370A", MC_OK, BOTH, MC_TLV_LIST, 10, 0},
    {"end", "18", MC_OK, BOTH, MC_TLV_END, MC_TLV_ANONYMOUS, 0},
    {"end with a tag", "3801", MC_E_TLV_TAG, BOTH, MC_TLV_END, 0, 0},
    {"float", "0A0000803F", MC_OK, BOTH, MC_TLV_FLOAT, MC_TLV_ANONYMOUS, 0x3F800000},
    {"double", "2B010000000000000040", MC_OK, BOTH, MC_TLV_DOUBLE, 1, UINT64_C(0x4000000000000000)},
    {"double, one octet missing", "2B0100000000000000", MC_E_TLV_TRUNCATED, BOTH, 0, 0, 0},
    {"type 19", "19", MC_E_TLV_TYPE, BOTH, 0, 0, 0},
    {"type 1F", "1F", MC_E_TLV_TYPE, BOTH, 0, 0, 0},
    {"common profile tag, 2 octets", "44010007", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
    {"common profile tag, 4 octets", "640100000007", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
    {"implicit profile tag, 2 octets", "84010007", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
    {"implicit profile tag, 4 octets", "A40100000007", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
    {"full tag, 6 octets", "C4F1FF0001000107", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
    {"full tag, 8 octets", "E4F1FF00010001000007", MC_OK, BOTH, MC_TLV_UINT, MC_TLV_PROFILE, 7},
};

static void elements_are_read_in_strict_and_lenient_ways(void **state)
{
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(elements); i++) {
        for (int strict = 0; strict < 2; strict++) {
            enum mc_rc want = strict || elements[i].strict != MC_E_TLV_MINIMAL ? elements[i].strict : elements[i].lenient;
            struct mc_tlv t = mc_tlv_of(certs_octets(elements[i].in, room), strict);
            struct mc_tlv_elem e = {0};
            enum mc_rc rc = mc_tlv_take(&t, &e);
            bool is_string = e.type == MC_TLV_UTF8 || e.type == MC_TLV_BYTES;

            if (rc != want)
                fail_msg("%s, strict %d: %s", elements[i].name, strict, mc_rc_symbol(rc));
            if (rc != MC_OK)
                continue;
            assert_int_equal(e.type, elements[i].type);
            assert_int_equal(e.tag, elements[i].tag);
            assert_int_equal(is_string ? e.bytes.n : e.num, elements[i].num);
            assert_int_equal(e.offset, 0);
            assert_ptr_equal(t.p, t.end);
            assert_int_equal(t.wide, elements[i].strict == MC_E_TLV_MINIMAL);
            assert_int_equal(t.wide_at, 0);
        }
    }
}

static void the_first_wide_element_is_remembered(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_tlv t = mc_tlv_of(certs_octets("240107 25020700 240307 2604070000 00", room), false);
    struct mc_tlv_elem e;

    (void)state;
    assert_int_equal(mc_tlv_take(&t, &e), MC_OK);
    assert_false(t.wide);
    for (int i = 0; i < 3; i++)
        assert_int_equal(mc_tlv_take(&t, &e), MC_OK);
    assert_true(t.wide);
    assert_int_equal(t.wide_at, 3);
}

static void every_cut_of_an_element_is_noticed(void **state)
{
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(elements); i++) {
        struct mc_span in = certs_octets(elements[i].in, room);

        for (size_t n = 0; elements[i].strict == MC_OK && n < in.n; n++) {
            struct mc_tlv t = mc_tlv_of(mc_span_of(in.p, n), true);
            struct mc_tlv_elem e;

            if (mc_tlv_take(&t, &e) != MC_E_TLV_TRUNCATED)
                fail_msg("%s, cut to %zu octets", elements[i].name, n);
        }
    }
}

static void an_element_has_the_wanted_tag_and_type(void **state)
{
    static const struct {
        const char *in;
        enum mc_rc want;
    } rows[] = {
        {"240107", MC_OK},
        {"240207", MC_E_TLV_ORDER},
        {"0407", MC_E_TLV_ORDER},
        {"18", MC_E_TLV_ORDER},
        {"2101FF7F", MC_E_TLV_TYPE},
        {"2801", MC_E_TLV_TYPE},
        {"300100", MC_E_TLV_TYPE},
        {"25010700", MC_E_TLV_MINIMAL},
        {"2401", MC_E_TLV_TRUNCATED},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_tlv t = mc_tlv_of(certs_octets(rows[i].in, room), true);
        struct mc_tlv_elem e;
        enum mc_rc rc = mc_tlv_take_as(&t, MC_TLV_UINT, 1, &e);

        if (rc != rows[i].want)
            fail_msg("%s: %s", rows[i].in, mc_rc_symbol(rc));
    }
}

/* Skips a container that is nested to `levels` and is followed by one more element. */
static enum mc_rc skip_nested(unsigned levels, size_t cut, size_t *left)
{
    uint8_t room[64];
    struct mc_out o = mc_out_of(room, sizeof(room));
    struct mc_tlv_elem e;
    struct mc_tlv t;
    enum mc_rc rc;

    for (unsigned i = 0; i < levels; i++)
        mc_tlv_begin(&o, i == 0 ? MC_TLV_STRUCT : i % 2 != 0 ? MC_TLV_ARRAY : MC_TLV_LIST, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, 3, 500);
    for (unsigned i = 0; i < levels; i++)
        mc_tlv_close(&o);
    mc_tlv_put_bool(&o, 9, true);
    assert_int_equal(o.rc, MC_OK);
    t = mc_tlv_of(mc_span_of(room, o.n - cut), true);
    assert_int_equal(mc_tlv_take(&t, &e), MC_OK);
    rc = mc_tlv_skip_container(&t);
    *left = (size_t)(t.end - t.p);
    return rc;
}

static void containers_are_skipped_to_their_end_and_no_deeper_than_the_limit(void **state)
{
    size_t left;

    (void)state;
    for (unsigned levels = 1; levels <= MC_TLV_DEPTH_MAX; levels++) {
        assert_int_equal(skip_nested(levels, 0, &left), MC_OK);
        assert_int_equal(left, 2);
        assert_int_equal(skip_nested(levels, 3, &left), MC_E_TLV_TRUNCATED);
    }
    assert_int_equal(skip_nested(MC_TLV_DEPTH_MAX + 1, 0, &left), MC_E_TLV_DEPTH);
}

static void numbers_are_written_in_the_smallest_width(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit <= 64; bit++) {
        for (int below = 0; below < 2; below++) {
            uint64_t value = (bit == 64 ? 0 : UINT64_C(1) << bit) - (uint64_t)below;
            uint8_t room[10];
            struct mc_out o = mc_out_of(room, sizeof(room));
            struct mc_tlv_elem e;
            struct mc_tlv t;

            mc_tlv_put_uint(&o, 200, value);
            t = mc_tlv_of(mc_span_of(room, o.n), true);
            assert_int_equal(mc_tlv_take_as(&t, MC_TLV_UINT, 200, &e), MC_OK);
            assert_true(e.num == value);
            assert_ptr_equal(t.p, t.end);
        }
    }
}

static void strings_are_written_with_the_smallest_length(void **state)
{
    static const size_t lengths[] = {0, 1, 255, 256, 65535, 65536};
    static uint8_t text[65536], room[65536 + 8];

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct mc_out o = mc_out_of(room, sizeof(room));
        struct mc_tlv_elem e;
        struct mc_tlv t;

        mc_tlv_put_bytes(&o, MC_TLV_ANONYMOUS, mc_span_of(text, lengths[i]));
        t = mc_tlv_of(mc_span_of(room, o.n), true);
        assert_int_equal(mc_tlv_take_as(&t, MC_TLV_BYTES, MC_TLV_ANONYMOUS, &e), MC_OK);
        assert_int_equal(e.bytes.n, lengths[i]);
        assert_ptr_equal(t.p, t.end);
        o = mc_out_of(room, o.n - 1);
        mc_tlv_put_utf8(&o, MC_TLV_ANONYMOUS, mc_span_of(text, lengths[i]));
        assert_int_equal(o.rc, MC_E_SPACE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_read_in_strict_and_lenient_ways),
        cmocka_unit_test(the_first_wide_element_is_remembered),
        cmocka_unit_test(every_cut_of_an_element_is_noticed),
        cmocka_unit_test(an_element_has_the_wanted_tag_and_type),
        cmocka_unit_test(containers_are_skipped_to_their_end_and_no_deeper_than_the_limit),
        cmocka_unit_test(numbers_are_written_in_the_smallest_width),
        cmocka_unit_test(strings_are_written_with_the_smallest_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
