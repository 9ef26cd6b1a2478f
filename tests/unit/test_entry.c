/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/entry.h"
#include "lib/tlv.h"

static const uint8_t octets[MC_CERT_DER_MAX] = {1, 2, 3};

#define HASH  mc_span_of(octets, 32)
#define POINT mc_span_of(octets, MC_POINT_LEN)
#define TEXT(s) mc_span_of(s, sizeof(s) - 1)

/* One entry of each type with every field that it may have. */
static const struct mc_entry full[] = {
    {.type = ENTRY_GENESIS, .seq = 0, .time_unix = 1, .name = {(const uint8_t *)"heddle.example/1", 16},
        .point = {octets, 65}, .key_id = {octets, 20}, .label = {(const uint8_t *)"audit", 5}},
    {.type = ENTRY_KEY, .seq = 1, .time_unix = INT64_MAX, .fabric = 1, .kind = MC_KIND_RCAC, .point = {octets, 65},
        .key_id = {octets, 20}, .label = {(const uint8_t *)"root", 4}},
    {.type = ENTRY_AUTHORITY, .seq = 255, .time_unix = 3, .fabric = 1, .authority = 2, .issuer = UINT32_MAX,
        .serial = {octets, 20}, .request_id = {(const uint8_t *)"r", 1}, .cert_tlv = {octets, 400},
        .csr_sha256 = {octets, 32}, .tbs_sha256 = {octets, 32}, .point = {octets, 65}, .key_id = {octets, 20},
        .label = {(const uint8_t *)"ica", 3}, .kind = MC_KIND_ICAC, .profile_sha256 = {octets, 32},
        .has_state = true, .state = AUTHORITY_RETIRED, .has_node_id = true, .node_id = 0, .batch = 1,
        .content_sha256 = {octets, 32}},
    {.type = ENTRY_FABRIC, .seq = 256, .time_unix = 4, .fabric = 1, .name = {(const uint8_t *)"home", 4},
        .has_fabric_id = true, .fabric_id = UINT64_MAX, .root = 1, .ica = 2, .sealed = {octets, 45},
        .profile_sha256 = {octets, 32}},
    {.type = ENTRY_ISSUED, .seq = 65536, .time_unix = 5, .fabric = 1, .authority = 2, .serial = {octets, 20},
        .request_id = {(const uint8_t *)"r", 1}, .cert_der = {octets, 600}, .csr_sha256 = {octets, 32},
        .tbs_sha256 = {octets, 32}, .kind = MC_KIND_NOC, .profile_sha256 = {octets, 32}, .has_node_id = true,
        .node_id = UINT64_MAX, .batch = UINT64_MAX, .content_sha256 = {octets, 32}},
    {.type = ENTRY_VOID, .seq = 1, .time_unix = 6, .fabric = 1, .authority = 2, .serial = {octets, 20},
        .request_id = {(const uint8_t *)"r", 1}, .csr_sha256 = {octets, 32}, .tbs_sha256 = {octets, 32},
        .kind = MC_KIND_NOC, .rule = {(const uint8_t *)"interrupted", 11}, .why = {(const uint8_t *)"why", 3},
        .profile_sha256 = {octets, 32}, .has_node_id = true, .node_id = 1, .batch = 7, .content_sha256 = {octets, 32}},
    {.type = ENTRY_REFUSED, .seq = 1, .time_unix = 7, .fabric = 1, .authority = 2, .serial = {octets, 20},
        .request_id = {(const uint8_t *)"r", 1}, .csr_sha256 = {octets, 32}, .tbs_sha256 = {octets, 32},
        .kind = MC_KIND_NOC, .rule = {(const uint8_t *)"node-taken", 10}, .why = {(const uint8_t *)"why", 3},
        .profile_sha256 = {octets, 32}, .has_node_id = true, .node_id = 1, .batch = 7, .content_sha256 = {octets, 32}},
    {.type = ENTRY_SECRET, .seq = UINT64_MAX, .time_unix = 8, .fabric = 1, .rule = {(const uint8_t *)"export", 6},
        .why = {(const uint8_t *)"\xC3\xA9t\xC3\xA9", 5}},
    {.type = ENTRY_STATE, .seq = 1, .time_unix = 9, .fabric = 1, .authority = 2, .has_state = true, .state = 0,
        .rule = {(const uint8_t *)"rotation", 8}, .why = {(const uint8_t *)"why", 3}},
    {.type = ENTRY_DECISION, .seq = 1, .time_unix = 9, .fabric = 1, .rule = {(const uint8_t *)"cat-version", 11},
        .why = {(const uint8_t *)"why", 3}, .name = {(const uint8_t *)"next", 4}, .has_node_id = true, .node_id = 1,
        .cat = UINT32_MAX},
    {.type = ENTRY_ADOPTED, .seq = 1, .time_unix = 9, .fabric = 1, .authority = 2, .cert_tlv = {octets, 400},
        .kind = MC_KIND_NOC, .has_node_id = true, .node_id = 1},
    {.type = ENTRY_REVOKED, .seq = 1, .time_unix = 9, .authority = 2, .serial = {octets, 20}, .kind = MC_KIND_DAC,
        .why = {(const uint8_t *)"lost", 4}},
    {.type = ENTRY_DOCUMENT, .seq = 1, .time_unix = 9, .authority = 2, .issuer = 1, .tbs_sha256 = {octets, 32},
        .document = DOCUMENT_CRL, .number = UINT64_MAX, .until_unix = INT64_MAX, .has_state = true,
        .state = AUTHORITY_ACTIVE, .name = {(const uint8_t *)"pai", 3}, .why = {(const uint8_t *)"why", 3}},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static size_t encode(const struct mc_entry *x, uint8_t *out)
{
    struct mc_err e;
    size_t n = 0;

    mc_err_init(&e);
    if (mc_entry_encode(x, out, ENTRY_MAX, &n, &e) != MC_OK)
        fail_msg("%s: %s: %s", mc_entry_type_name(x->type), e.field, e.what);
    return n;
}

static void every_type_comes_back_as_it_went(void **state)
{
    uint8_t a[ENTRY_MAX], b[ENTRY_MAX];
    struct mc_entry x;

    (void)state;
    assert_int_equal(COUNT(full), ENTRY_TYPE_COUNT - 1);
    for (size_t i = 0; i < COUNT(full); i++) {
        size_t n = encode(&full[i], a);

        assert_int_equal(full[i].type, i + 1);
        assert_int_equal(mc_entry_parse(mc_span_of(a, n), &x, NULL), MC_OK);
        assert_int_equal(encode(&x, b), n);
        assert_memory_equal(a, b, n);
        assert_int_equal(x.seq, full[i].seq);
        assert_int_equal(x.time_unix, full[i].time_unix);
        assert_int_equal(x.authority, full[i].authority);
        assert_int_equal(x.issuer, full[i].issuer);
        assert_int_equal(x.has_node_id, full[i].has_node_id);
        assert_int_equal(x.node_id, full[i].node_id);
        assert_int_equal(x.fabric_id, full[i].fabric_id);
        assert_int_equal(x.has_state, full[i].has_state);
        assert_int_equal(x.state, full[i].state);
        assert_true(mc_span_eq(x.why, full[i].why));
    }
}

/* Each octet replaced by each other value: refused, or read as exactly what is there. */
static void a_changed_octet_is_refused_or_encodes_identically(void **state)
{
    uint8_t a[ENTRY_MAX], b[ENTRY_MAX];
    struct mc_entry x;
    unsigned kept = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(full); i++) {
        size_t n = encode(&full[i], a);

        for (size_t at = 0; at < n; at++) {
            for (unsigned flip = 1; flip < 256; flip++) {
                a[at] ^= (uint8_t)flip;
                if (mc_entry_parse(mc_span_of(a, n), &x, NULL) == MC_OK) {
                    assert_int_equal(encode(&x, b), n);
                    assert_memory_equal(a, b, n);
                    kept++;
                } else {
                    refused++;
                }
                a[at] ^= (uint8_t)flip;
            }
        }
    }
    assert_true(kept != 0 && refused != 0);
}

static void every_shorter_or_longer_entry_is_refused(void **state)
{
    uint8_t a[ENTRY_MAX + 1];
    struct mc_entry x;

    (void)state;
    for (size_t i = 0; i < COUNT(full); i++) {
        size_t n = encode(&full[i], a);

        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(mc_entry_parse(mc_span_of(a, cut), &x, NULL), CA_E_LEDGER);
        a[n] = 0x18;
        assert_int_equal(mc_entry_parse(mc_span_of(a, n + 1), &x, NULL), CA_E_LEDGER);
    }
}

static void a_buffer_that_is_too_small_is_told(void **state)
{
    uint8_t a[ENTRY_MAX];
    size_t n, got = 99;

    (void)state;
    n = encode(&full[4], a);
    for (size_t cap = 0; cap < n; cap++)
        assert_int_equal(mc_entry_encode(&full[4], a, cap, &got, NULL), MC_E_SPACE);
    assert_int_equal(got, 99);
    assert_int_equal(mc_entry_encode(&full[4], a, n, &got, NULL), MC_OK);
}

static void a_type_without_one_of_its_fields_is_refused(void **state)
{
    uint8_t a[ENTRY_MAX];
    struct mc_entry x = full[4];
    struct mc_err e;
    size_t n;

    (void)state;
    x.serial.n = 0;
    mc_err_init(&e);
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "serial");
    x = full[4];
    x.cert_der.n = 0;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x.cert_tlv = x.cert_der = mc_span_of(octets, 9);
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[3];
    x.has_fabric_id = false;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

/* With its NOC an adopted node has issuer and kind; without, none of the three. */
static void an_adopted_node_has_its_noc_whole_or_not_at_all(void **state)
{
    const struct mc_entry bare = {.type = ENTRY_ADOPTED, .seq = 1, .time_unix = 9, .fabric = 1, .has_node_id = true, .node_id = 7};
    const struct mc_entry noc = full[10];
    uint8_t a[ENTRY_MAX], b[ENTRY_MAX];
    struct mc_entry x;
    size_t n;

    (void)state;
    n = encode(&bare, a);
    assert_int_equal(mc_entry_parse(mc_span_of(a, n), &x, NULL), MC_OK);
    assert_int_equal(encode(&x, b), n);
    assert_memory_equal(a, b, n);
    for (unsigned parts = 1; parts < 7; parts++) {
        x = bare;
        if ((parts & 1) != 0)
            x.authority = noc.authority;
        if ((parts & 2) != 0)
            x.kind = noc.kind;
        if ((parts & 4) != 0)
            x.cert_tlv = noc.cert_tlv;
        assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    }
    x = bare;
    x.has_node_id = false;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

static void a_field_of_another_type_is_refused(void **state)
{
    uint8_t a[ENTRY_MAX];
    struct mc_entry x = full[8];
    struct mc_err e;
    size_t n;

    (void)state;
    x.sealed = HASH;
    mc_err_init(&e);
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "sealed");
    x = full[4];
    x.point = POINT;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[0];
    x.type = 0;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x.type = ENTRY_TYPE_COUNT;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

/* The IPK of a fabric, or the seed of a batch: of one of them, and of one alone. */
static void a_secret_is_of_a_fabric_or_of_a_batch(void **state)
{
    static const char rule[] = "seed-destroyed";
    struct mc_entry x = {.type = ENTRY_SECRET, .time_unix = 8, .authority = 3, .batch = UINT64_MAX,
        .rule = {(const uint8_t *)rule, sizeof(rule) - 1}};
    struct mc_entry back;
    uint8_t a[ENTRY_MAX];
    size_t n = encode(&x, a);

    (void)state;
    assert_int_equal(mc_entry_parse(mc_span_of(a, n), &back, NULL), MC_OK);
    assert_int_equal(back.batch, UINT64_MAX);
    assert_int_equal(back.authority, 3);
    assert_true(mc_span_eq(back.rule, x.rule));
    x.fabric = 1;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x.fabric = 0;
    x.batch = 0;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

static void a_value_out_of_its_range_is_refused(void **state)
{
    uint8_t a[ENTRY_MAX];
    struct mc_entry x = full[8];
    size_t n;

    (void)state;
    x.state = AUTHORITY_RETIRED + 1;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[8];
    x.time_unix = -1;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[4];
    x.kind = MC_KIND_COUNT;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[4];
    x.serial.n = MC_SERIAL_MAX + 1;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
    x = full[4];
    x.tbs_sha256.n = 31;
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

static void text_is_utf8_without_control_characters(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"request 1", true}, {"\xC3\xA9", true}, {"\xE2\x82\xAC", true}, {"\xF0\x9F\xA7\xB5", true},
        {"\xF4\x8F\xBF\xBF", true}, {"\xED\x9F\xBF", true}, {"a\nb", false}, {"\x7F", false}, {"\x1B[31m", false},
        {"\x80", false}, {"\xC0\x80", false}, {"\xC1\xBF", false}, {"\xC3", false}, {"\xC3(", false},
        {"\xE0\x9F\xBF", false}, {"\xED\xA0\x80", false}, {"\xE2\x82", false}, {"\xF0\x8F\xBF\xBF", false},
        {"\xF4\x90\x80\x80", false}, {"\xF5\x80\x80\x80", false}, {"\xFF", false},
    };
    uint8_t a[ENTRY_MAX];
    struct mc_entry x = full[4];
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        x.request_id = mc_span_of(rows[i].text, strlen(rows[i].text));
        if ((mc_entry_encode(&x, a, sizeof(a), &n, NULL) == MC_OK) != rows[i].good)
            fail_msg("row %zu", i);
    }
    x.request_id = TEXT("a\0b");
    assert_int_equal(mc_entry_encode(&x, a, sizeof(a), &n, NULL), CA_E_LEDGER);
}

/* An entry made by hand: type STATE, seq 1, time 9, then what the test wants. */
static enum mc_rc parse_made(void (*put)(struct mc_out *o))
{
    uint8_t a[ENTRY_MAX];
    struct mc_out o = mc_out_of(a, sizeof(a));
    struct mc_entry x;

    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, 0, ENTRY_STATE);
    mc_tlv_put_uint(&o, 1, 1);
    mc_tlv_put_uint(&o, 2, 9);
    put(&o);
    mc_tlv_close(&o);
    assert_int_equal(o.rc, MC_OK);
    return mc_entry_parse(mc_span_of(a, o.n), &x, NULL);
}

static void put_good(struct mc_out *o)
{
    mc_tlv_put_uint(o, 4, 2);
    mc_tlv_put_uint(o, 24, 1);
}

static void put_unordered(struct mc_out *o)
{
    mc_tlv_put_uint(o, 24, 1);
    mc_tlv_put_uint(o, 4, 2);
}

static void put_twice(struct mc_out *o)
{
    mc_tlv_put_uint(o, 4, 2);
    put_good(o);
}

static void put_zero(struct mc_out *o)
{
    mc_tlv_put_uint(o, 3, 0);
    put_good(o);
}

static void put_unknown(struct mc_out *o)
{
    put_good(o);
    mc_tlv_put_uint(o, 28, 1);
}

static void put_wide(struct mc_out *o)
{
    mc_tlv_put_uint(o, 4, UINT64_C(1) << 32);
    mc_tlv_put_uint(o, 24, 1);
}

static void put_nested(struct mc_out *o)
{
    put_good(o);
    mc_tlv_begin(o, MC_TLV_STRUCT, 25);
    mc_tlv_close(o);
}

static void put_two_octets(struct mc_out *o)
{
    static const uint8_t wide[] = {0x25, 4, 2, 0}; /* 2 in two octets */

    mc_out_put(o, wide, sizeof(wide));
    mc_tlv_put_uint(o, 24, 1);
}

static void only_the_canonical_encoding_is_read(void **state)
{
    (void)state;
    assert_int_equal(parse_made(put_good), MC_OK);
    assert_int_equal(parse_made(put_unordered), CA_E_LEDGER);
    assert_int_equal(parse_made(put_twice), CA_E_LEDGER);
    assert_int_equal(parse_made(put_zero), CA_E_LEDGER);
    assert_int_equal(parse_made(put_unknown), CA_E_LEDGER);
    assert_int_equal(parse_made(put_wide), CA_E_LEDGER);
    assert_int_equal(parse_made(put_nested), CA_E_LEDGER);
    assert_int_equal(parse_made(put_two_octets), CA_E_LEDGER);
}

static void types_and_states_have_names(void **state)
{
    (void)state;
    assert_string_equal(mc_entry_type_name(ENTRY_ISSUED), "issued");
    assert_string_equal(mc_entry_type_name(ENTRY_TYPE_COUNT), "unknown");
    assert_string_equal(mc_authority_state_name(AUTHORITY_DRAINING), "draining");
    assert_string_equal(mc_authority_state_name((enum authority_state)9), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back_as_it_went),
        cmocka_unit_test(a_changed_octet_is_refused_or_encodes_identically),
        cmocka_unit_test(every_shorter_or_longer_entry_is_refused),
        cmocka_unit_test(a_buffer_that_is_too_small_is_told),
        cmocka_unit_test(a_type_without_one_of_its_fields_is_refused),
        cmocka_unit_test(an_adopted_node_has_its_noc_whole_or_not_at_all),
        cmocka_unit_test(a_field_of_another_type_is_refused),
        cmocka_unit_test(a_secret_is_of_a_fabric_or_of_a_batch),
        cmocka_unit_test(a_value_out_of_its_range_is_refused),
        cmocka_unit_test(text_is_utf8_without_control_characters),
        cmocka_unit_test(only_the_canonical_encoding_is_read),
        cmocka_unit_test(types_and_states_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
