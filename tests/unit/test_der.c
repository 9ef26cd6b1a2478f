/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

enum reader { ANY, UINT, BOOL, OCTET_BITS, OID, SEQUENCE };

/* Reads one element and demands that nothing follows. */
static enum mc_rc read_with(enum reader reader, struct mc_span in, uint64_t *value)
{
    struct mc_der d = mc_der_of(in), content;
    struct mc_span oid;
    uint8_t tag;
    bool flag;
    enum mc_rc rc;

    switch (reader) {
    case UINT:
        rc = mc_der_take_uint(&d, value);
        break;
    case BOOL:
        rc = mc_der_take_bool(&d, &flag);
        *value = rc == MC_OK && flag;
        break;
    case OCTET_BITS:
        rc = mc_der_take_octet_bits(&d, &content);
        *value = rc == MC_OK ? mc_der_rest(&content).n : 0;
        break;
    case OID:
        rc = mc_der_take_oid(&d, &oid);
        *value = rc == MC_OK ? oid.n : 0;
        break;
    case SEQUENCE:
        rc = mc_der_take(&d, MC_DER_SEQUENCE, &content);
        *value = rc == MC_OK ? mc_der_rest(&content).n : 0;
        break;
    default:
        rc = mc_der_take_any(&d, &tag, &content);
        *value = rc == MC_OK ? mc_der_rest(&content).n : 0;
    }
    return rc == MC_OK ? mc_der_end(&d) : rc;
}

/* `value`: the number, the truth, or the length of the content. */
static const struct {
    const char *name;
    enum reader reader;
    const char *in;
    enum mc_rc want;
    uint64_t value;
} elements[] = {
    {"nothing", ANY, "", MC_E_DER_TRUNCATED, 0},
    {"a tag alone", ANY, "30", MC_E_DER_TRUNCATED, 0},
    {"no content", ANY, "3000", MC_OK, 0},
    {"one octet missing", ANY, "30021122", MC_OK, 2},
    {"one octet missing", ANY, "300211", MC_E_DER_TRUNCATED, 0},
    {"one octet too many", ANY, "3001 1122", MC_E_DER_TRAILING, 0},
    {"low tag number 30", ANY, "1E00", MC_OK, 0},
    {"high tag number", ANY, "1F0100", MC_E_DER_TAG, 0},
    {"high tag number, constructed", ANY, "BF0100", MC_E_DER_TAG, 0},
    {"indefinite length", ANY, "3080 0000", MC_E_DER_LENGTH, 0},
    {"long form of 0", ANY, "308100", MC_E_DER_LENGTH, 0},
    {"long form of 127", ANY, "30817F", MC_E_DER_LENGTH, 0},
    {"long form of 128, content missing", ANY, "308180", MC_E_DER_TRUNCATED, 0},
    {"two octets for 255", ANY, "308200FF", MC_E_DER_LENGTH, 0},
    {"two octets for 256, content missing", ANY, "30820100", MC_E_DER_TRUNCATED, 0},
    {"three octets for 65535", ANY, "308300FFFF", MC_E_DER_LENGTH, 0},
    {"three octets for 65536, content missing", ANY, "3083010000", MC_E_DER_TRUNCATED, 0},
    {"four octets of length", ANY, "308401000000", MC_E_DER_LENGTH, 0},
    {"reserved length FF", ANY, "30FF", MC_E_DER_LENGTH, 0},
    {"one octet of length missing", ANY, "3081", MC_E_DER_TRUNCATED, 0},
    {"second octet of length missing", ANY, "308201", MC_E_DER_TRUNCATED, 0},
    {"the tag that is wanted", SEQUENCE, "3000", MC_OK, 0},
    {"another tag", SEQUENCE, "3100", MC_E_DER_TAG, 0},
    {"primitive instead of constructed", SEQUENCE, "1000", MC_E_DER_TAG, 0},
    {"nothing where a tag is wanted", SEQUENCE, "", MC_E_DER_TAG, 0},
    {"the wanted tag, cut", SEQUENCE, "30", MC_E_DER_TRUNCATED, 0},

    {"FALSE", BOOL, "010100", MC_OK, 0},
    {"TRUE", BOOL, "0101FF", MC_OK, 1},
    {"TRUE of BER", BOOL, "010101", MC_E_DER_BOOLEAN, 0},
    {"nearly TRUE", BOOL, "0101FE", MC_E_DER_BOOLEAN, 0},
    {"a BOOLEAN without content", BOOL, "0100", MC_E_DER_BOOLEAN, 0},
    {"a BOOLEAN of two octets", BOOL, "0102FFFF", MC_E_DER_BOOLEAN, 0},
    {"an INTEGER for a BOOLEAN", BOOL, "0201FF", MC_E_DER_TAG, 0},

    {"zero", UINT, "020100", MC_OK, 0},
    {"127", UINT, "02017F", MC_OK, 127},
    {"128", UINT, "02020080", MC_OK, 128},
    {"255", UINT, "020200FF", MC_OK, 255},
    {"63 bits", UINT, "0208 7FFFFFFFFFFFFFFF", MC_OK, UINT64_C(0x7FFFFFFFFFFFFFFF)},
    {"64 bits", UINT, "0209 008000000000000000", MC_E_DER_INTEGER, 0},
    {"negative", UINT, "020180", MC_E_DER_INTEGER, 0},
    {"minus one", UINT, "0201FF", MC_E_DER_INTEGER, 0},
    {"zero in two octets", UINT, "02020000", MC_E_DER_INTEGER, 0},
    {"127 in two octets", UINT, "0202007F", MC_E_DER_INTEGER, 0},
    {"minus 128 in two octets", UINT, "0202FF80", MC_E_DER_INTEGER, 0},
    {"an INTEGER without content", UINT, "0200", MC_E_DER_INTEGER, 0},
    {"an ENUMERATED for an INTEGER", UINT, "0A0100", MC_E_DER_TAG, 0},

    {"no bits", OCTET_BITS, "030100", MC_OK, 0},
    {"two octets of bits", OCTET_BITS, "0303001122", MC_OK, 2},
    {"unused bits", OCTET_BITS, "03020780", MC_E_DER_BITS, 0},
    {"eight unused bits", OCTET_BITS, "03020800", MC_E_DER_BITS, 0},
    {"a BIT STRING without content", OCTET_BITS, "0300", MC_E_DER_BITS, 0},
    {"a constructed BIT STRING", OCTET_BITS, "230403020011", MC_E_DER_TAG, 0},

    {"2.5.4.3", OID, "0603550403", MC_OK, 3},
    {"an arc of two octets", OID, "06032A8648", MC_OK, 3},
    {"an OID without content", OID, "0600", MC_E_DER_OID, 0},
    {"an arc that does not end", OID, "06025586", MC_E_DER_OID, 0},
    {"a first arc with a leading zero", OID, "0603805504", MC_E_DER_OID, 0},
    {"a later arc with a leading zero", OID, "06042A800103", MC_E_DER_OID, 0},
    {"80 inside of an arc", OID, "06042A818001", MC_OK, 4},
    {"a relative OID", OID, "0D03550403", MC_E_DER_TAG, 0},
};

static void elements_are_read_strictly(void **state)
{
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(elements); i++) {
        uint64_t value = 0;
        enum mc_rc rc = read_with(elements[i].reader, certs_octets(elements[i].in, room), &value);

        if (rc != elements[i].want || (rc == MC_OK && value != elements[i].value))
            fail_msg("%s (%s): %s, %llu", elements[i].name, elements[i].in, mc_rc_symbol(rc),
                (unsigned long long)value);
    }
}

static void the_three_long_lengths_are_read_at_their_bounds(void **state)
{
    static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
    static uint8_t room[70000];
    struct mc_der d, content = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct mc_out o = mc_out_of(room, sizeof(room));
        size_t mark = mc_der_begin(&o, MC_DER_OCTET_STRING);

        assert_non_null(mc_out_room(&o, lengths[i]));
        mc_der_close(&o, mark);
        assert_int_equal(o.rc, MC_OK);
        d = mc_der_of(mc_span_of(room, o.n));
        assert_int_equal(mc_der_take(&d, MC_DER_OCTET_STRING, &content), MC_OK);
        assert_int_equal(mc_der_rest(&content).n, lengths[i]);
        assert_int_equal(mc_der_end(&d), MC_OK);
        d = mc_der_of(mc_span_of(room, o.n - 1));
        assert_int_equal(mc_der_take(&d, MC_DER_OCTET_STRING, &content), MC_E_DER_TRUNCATED);
    }
}

static void a_failed_take_does_not_move_the_cursor(void **state)
{
    static const uint8_t in[] = {0x30, 0x05, 0x00};
    struct mc_der d = mc_der_of(mc_span_of(in, sizeof(in))), content;
    uint8_t tag;

    (void)state;
    assert_int_equal(mc_der_take_any(&d, &tag, &content), MC_E_DER_TRUNCATED);
    assert_int_equal(mc_der_take(&d, MC_DER_SET, &content), MC_E_DER_TAG);
    assert_int_equal(mc_der_offset(&d), 0);
    assert_true(mc_der_more(&d));
    assert_true(mc_der_peek(&d, 0x30));
    assert_false(mc_der_peek(&d, 0x31));
}

static void offsets_count_from_the_whole_object(void **state)
{
    static const uint8_t in[] = {0x30, 0x04, 0x02, 0x01, 0x05, 0x05};
    struct mc_der d = mc_der_of(mc_span_of(in, sizeof(in))), seq;
    uint64_t value;

    (void)state;
    assert_int_equal(mc_der_take(&d, MC_DER_SEQUENCE, &seq), MC_OK);
    assert_int_equal(mc_der_offset(&seq), 2);
    assert_int_equal(mc_der_take_uint(&seq, &value), MC_OK);
    assert_int_equal(mc_der_offset(&seq), 5);
    assert_int_equal(mc_der_end(&seq), MC_E_DER_TRAILING);
}

static const struct {
    const char *content, *written;
} unsigneds[] = {
    {"00", "020100"},
    {"0000", "020100"},
    {"01", "020101"},
    {"0001", "020101"},
    {"7F", "02017F"},
    {"80", "02020080"},
    {"0080", "02020080"},
    {"FF00", "020300FF00"},
};

static void unsigned_numbers_are_written_in_shortest_form(void **state)
{
    uint8_t in[CERTS_ROOM], want[CERTS_ROOM], got[16];

    (void)state;
    for (size_t i = 0; i < COUNT(unsigneds); i++) {
        struct mc_span content = certs_octets(unsigneds[i].content, in);
        struct mc_out o = mc_out_of(got, sizeof(got));

        mc_der_put_unsigned(&o, content.p, content.n);
        assert_true(mc_span_eq(mc_span_of(got, o.n), certs_octets(unsigneds[i].written, want)));
    }
}

/* Whatever the room, the writer stays inside of it and says so. */
static void a_writer_without_room_fails_and_stays_failed(void **state)
{
    uint8_t room[300], *out;

    (void)state;
    for (size_t cap = 0; cap <= 265; cap++) {
        struct mc_out o;

        out = malloc(cap + 1);
        assert_non_null(out);
        o = mc_out_of(out, cap);
        size_t outer = mc_der_begin(&o, MC_DER_SEQUENCE), inner = mc_der_begin(&o, MC_DER_OCTET_STRING);

        memset(room, 0x55, sizeof(room));
        mc_out_put(&o, room, 250);
        mc_der_close(&o, inner);
        mc_der_put(&o, MC_DER_BOOLEAN, "\xFF", 1);
        mc_der_close(&o, outer);
        assert_int_equal(o.rc, cap >= 260 ? MC_OK : MC_E_SPACE);
        if (cap >= 260)
            assert_int_equal(o.n, 260);
        mc_der_put(&o, MC_DER_NULL, "", 0);
        assert_int_equal(o.rc, cap >= 262 ? MC_OK : MC_E_SPACE);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_read_strictly),
        cmocka_unit_test(the_three_long_lengths_are_read_at_their_bounds),
        cmocka_unit_test(a_failed_take_does_not_move_the_cursor),
        cmocka_unit_test(offsets_count_from_the_whole_object),
        cmocka_unit_test(unsigned_numbers_are_written_in_shortest_form),
        cmocka_unit_test(a_writer_without_room_fails_and_stays_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
