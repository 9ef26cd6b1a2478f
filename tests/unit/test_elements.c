/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation elements: form, order, vendors' parts, nonce, signature. */
#include "certs.h"

#include "lib/elements.h"

enum part { HEAD, CD, NONCE, TIMESTAMP, OPTIONAL, END, PARTS };

#define NONCE_TEXT "'0123456789ABCDEF0123456789ABCDEF'"

static const char *const parts[PARTS] = {
    [HEAD] = "15",
    [CD] = "3001023000",
    [NONCE] = "300220" NONCE_TEXT,
    [TIMESTAMP] = "240300",
    [OPTIONAL] = "",
    [END] = "18",
};

static struct mc_span elements(unsigned part, const char *with, uint8_t *out)
{
    return certs_row(parts, PARTS, part, with, out);
}

static void elements_are_read_and_written_again(void **state)
{
    uint8_t room[CERTS_ROOM], out[MC_ELEMENTS_MAX];
    struct mc_span in = elements(OPTIONAL, "300403'fwi'", room);
    struct mc_elements el;
    size_t n;

    (void)state;
    assert_int_equal(mc_elements_parse(in, &el, NULL), MC_OK);
    assert_int_equal(el.cd.n, 2);
    assert_int_equal(el.timestamp, 0);
    assert_true(mc_span_eq(el.firmware, mc_span_of("fwi", 3)));
    assert_int_equal(mc_elements_check_nonce(&el, mc_span_of("0123456789ABCDEF0123456789ABCDEF", 32), NULL), MC_OK);
    assert_int_equal(
        mc_elements_check_nonce(&el, mc_span_of("0123456789ABCDEF0123456789ABCDEG", 32), NULL), MC_E_ELEMENTS_NONCE);
    assert_int_equal(mc_elements_encode(&el, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), in));
    assert_int_equal(mc_elements_encode(&el, out, n - 1, &n, NULL), MC_E_SPACE);
    el.nonce.n = 31;
    assert_int_equal(mc_elements_encode(&el, out, sizeof(out), &n, NULL), MC_E_TLV_LENGTH);
    el.nonce.n = 32;
    el.cd.n = 0;
    assert_int_equal(mc_elements_encode(&el, out, sizeof(out), &n, NULL), MC_E_ELEMENTS_ORDER);
}

static void each_fault_is_named(void **state)
{
    static const struct {
        const char *name;
        unsigned part;
        const char *with;
        enum mc_rc strict, deployed;
    } rows[] = {
        {"as they should be", PARTS, "", MC_OK, MC_OK},
        {"a list", HEAD, "17", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"tag 0 before the declaration", HEAD, "15 240000", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"firmware information before the declaration", HEAD, "15 300403'fwi'", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"a vendor's element before the declaration", HEAD, "15 D0F1FF3E00010001'a'", MC_E_TLV_TAG, MC_E_ELEMENTS_ORDER},
        {"declaration as a number", CD, "240100", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"declaration missing", CD, "", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"declaration as text", CD, "2C010130", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"declaration empty", CD, "300100", MC_E_TLV_LENGTH, MC_OK},
        {"declaration twice", CD, "3001023000 3001023000", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"declaration with a length of four octets", CD, "3201020000003000", MC_OK, MC_OK},
        {"nonce missing", NONCE, "", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"nonce of 31 octets", NONCE, "30021F'0123456789ABCDEF0123456789ABCDE'", MC_E_TLV_LENGTH, MC_OK},
        {"nonce as a number", NONCE, "240200", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"timestamp missing", TIMESTAMP, "", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"timestamp of 32 bits", TIMESTAMP, "2603FFFFFFFF", MC_OK, MC_OK},
        {"timestamp of 64 bits", TIMESTAMP, "27030000000001000000", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"timestamp signed", TIMESTAMP, "200300", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"timestamp before the nonce", NONCE, "240300 300220" NONCE_TEXT, MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"firmware information", OPTIONAL, "300403'fwi'", MC_OK, MC_OK},
        {"firmware information as text", OPTIONAL, "2C0403'fwi'", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a further tag", OPTIONAL, "2605EFBEADDE", MC_OK, MC_OK},
        {"a further structure", OPTIONAL, "3505 2401FF 18", MC_OK, MC_OK},
        {"a further list", OPTIONAL, "3705 2401FF 18", MC_OK, MC_OK},
        {"a further null", OPTIONAL, "3405", MC_OK, MC_OK},
        {"a further structure with a reserved type in it", OPTIONAL, "3505 39FF 18", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a further structure with a tagged end in it", OPTIONAL, "3505 38FF 18", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"a tagged end behind a further structure", OPTIONAL, "3505 18 38FF", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"a further tag twice", OPTIONAL, "240501 240501", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"firmware information behind it", OPTIONAL, "240501 300403'fwi'", MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_ORDER},
        {"a vendor's element", OPTIONAL, "D0F1FF3E00010001'a'", MC_OK, MC_OK},
        {"with a tag of 8 octets", OPTIONAL, "F0F1FF3E000100010001'a'", MC_OK, MC_OK},
        {"two, sorted by number", OPTIONAL, "D0F1FF3E00010001'a' D0F1FF3E00020001'a'", MC_OK, MC_OK},
        {"with the lowest of all tags", OPTIONAL, "D000000000000001'a'", MC_OK, MC_OK},
        {"two, sorted by number, the first one longer", OPTIONAL, "D0F1FF3E00010002'aa' D0F1FF3E00020001'a'", MC_OK, MC_OK},
        {"two, sorted by the upper half of a number", OPTIONAL, "F0F1FF3E000100010001'a' F0F1FF3E000100020001'a'", MC_OK, MC_OK},
        {"two, not sorted by the upper half of a number", OPTIONAL, "F0F1FF3E000100020001'a' F0F1FF3E000200010001'a'", MC_E_ELEMENTS_ORDER, MC_OK},
        {"two, sorted by profile", OPTIONAL, "D0F1FF3E00020001'a' D0F1FF3F00010001'a'", MC_OK, MC_OK},
        {"two, sorted by vendor", OPTIONAL, "D0F1FF3F00020001'a' D0F2FF3E00010001'a'", MC_OK, MC_OK},
        {"the last of all tags, twice", OPTIONAL, "F0FFFFFFFFFFFFFFFF01'a' F0FFFFFFFFFFFFFFFF01'a'", MC_E_ELEMENTS_ORDER, MC_OK},
        {"two, not sorted", OPTIONAL, "D0F1FF3E00020001'a' D0F1FF3E00010001'a'", MC_E_ELEMENTS_ORDER, MC_OK},
        {"a vendor's number", OPTIONAL, "C4F1FF3E00010001", MC_E_TLV_TYPE, MC_OK},
        {"an implicit tag", OPTIONAL, "90010001'a'", MC_E_TLV_TAG, MC_OK},
        {"an implicit tag of 4 octets", OPTIONAL, "B00100010001'a'", MC_E_TLV_TAG, MC_OK},
        {"no tag", OPTIONAL, "0401", MC_E_TLV_TAG, MC_OK},
        {"a context tag behind a vendor's", OPTIONAL, "D0F1FF3E00010001'a' 240501", MC_E_TLV_TAG, MC_OK},
        {"malformed behind a vendor's", OPTIONAL, "D0F1FF3E00010001'a' 3905", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"the end is missing", END, "", MC_E_TLV_TRUNCATED, MC_E_TLV_TRUNCATED},
        {"an octet behind the end", END, "1800", MC_E_TLV_TRAILING, MC_OK},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span in = elements(rows[i].part, rows[i].with, room);
        struct mc_elements el;
        struct mc_err e;
        enum mc_rc strict, deployed;

        mc_err_init(&e);
        strict = mc_elements_parse(in, &el, &e);
        deployed = mc_elements_parse_deployed(in, &el, NULL);
        if (strict != rows[i].strict || e.rc != strict || deployed != rows[i].deployed)
            fail_msg("%s: %s (%s), deployed %s", rows[i].name, mc_rc_symbol(strict), e.field, mc_rc_symbol(deployed));
    }
}

/* Which element is at fault, for the person who must mend it. */
static void the_element_at_fault_is_named(void **state)
{
    static const struct {
        unsigned part;
        const char *with, *field;
    } rows[] = {
        {HEAD, "17", "elements"},
        {HEAD, "15 240000", "elements.certification_declaration"},
        {CD, "2C010130", "elements.certification_declaration"},
        {CD, "3001023000 3001023000", "elements.certification_declaration"},
        {NONCE, "240200", "elements.attestation_nonce"},
        {NONCE, "", "elements.attestation_nonce"},
        {TIMESTAMP, "200300", "elements.timestamp"},
        {TIMESTAMP, "", "elements.timestamp"},
        {OPTIONAL, "2C0403'fwi'", "elements.firmware_information"},
        {OPTIONAL, "240501 240501", "elements"},
        {OPTIONAL, "24FF01 24FF01", "elements"},
        {OPTIONAL, "C4F1FF3E00010001", "elements"},
        {END, "", "elements"},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_elements el;
        struct mc_err e;

        mc_err_init(&e);
        assert_int_not_equal(mc_elements_parse(elements(rows[i].part, rows[i].with, room), &el, &e), MC_OK);
        if (strcmp(e.field, rows[i].field) != 0)
            fail_msg("%s: %s", rows[i].with, e.field);
    }
}

static void they_have_at_most_900_octets(void **state)
{
    static uint8_t cd[MC_ELEMENTS_MAX], nonce[MC_NONCE_LEN], out[MC_ELEMENTS_MAX + 8];
    struct mc_elements el = {.cd = mc_span_of(cd, 856), .nonce = mc_span_of(nonce, sizeof(nonce))}, back;
    size_t n;

    (void)state;
    assert_int_equal(mc_elements_encode(&el, out, sizeof(out), &n, NULL), MC_OK);
    assert_int_equal(n, MC_ELEMENTS_MAX);
    assert_int_equal(mc_elements_parse(mc_span_of(out, n), &back, NULL), MC_OK);
    el.cd = mc_span_of(cd, 857);
    assert_int_equal(mc_elements_encode(&el, out, sizeof(out), &n, NULL), MC_E_ELEMENTS_SIZE);
    assert_int_equal(mc_elements_parse(mc_span_of(out, MC_ELEMENTS_MAX + 1), &back, NULL), MC_E_ELEMENTS_SIZE);
    assert_int_equal(mc_elements_parse_deployed(mc_span_of(out, MC_ELEMENTS_MAX + 1), &back, NULL), MC_OK);
    assert_int_equal(back.cd.n, 857);
}

/* --- published ones -------------------------------------------------------------------------------- */

#define FOLDER "values/TestDeviceAttestationConstruction/TestAttestationElements_"

static void the_published_elements_are_read(void **state)
{
    static const struct {
        const char *name;
        enum mc_rc rc;
        unsigned n_vendor, n_future;
        size_t firmware;
    } rows[] = {
        {"Construction.attestationElementsTestVector.tlv", MC_OK, 2, 0, 0},
        {"Deconstruction.attestationElementsTestVectorOnlyKnownTags.tlv", MC_OK, 2, 0, 0},
        {"Deconstruction.attestationElementsTestVectorWithOneUnknownTag.tlv", MC_OK, 2, 1, 0},
        {"DeconstructionNoVendorReserved.attestationElementsTestVectorNoVendor.tlv", MC_OK, 0, 0, 0},
        {"DeconstructionUnordered.attestationElementsUnorderedTestVector.tlv", MC_E_ELEMENTS_ORDER, 0, 0, 0},
        {"DeconstructionWithFirmwareInfo.attestationElementsTestVectorWithFirmwareInfo.tlv", MC_OK, 2, 0, 105},
        {"DeconstructionCorruptedTLV.attestationElementsCorruptedTLVTestVector.bin", MC_E_TLV_TRUNCATED, 0, 0, 0},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[192];
        struct mc_elements el;
        size_t n;

        snprintf(path, sizeof(path), FOLDER "%s", rows[i].name);
        n = vectors_read(path, room, sizeof(room));
        assert_int_equal(mc_elements_parse(mc_span_of(room, n), &el, NULL), rows[i].rc);
        assert_int_equal(mc_elements_parse_deployed(mc_span_of(room, n), &el, NULL), rows[i].rc);
        if (rows[i].rc != MC_OK)
            continue;
        assert_int_equal(mc_elements_parse(mc_span_of(room, n), &el, NULL), MC_OK);
        assert_int_equal(el.n_vendor, rows[i].n_vendor);
        assert_int_equal(el.n_future, rows[i].n_future);
        assert_int_equal(el.firmware.n, rows[i].firmware);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_read_and_written_again),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(the_element_at_fault_is_named),
        cmocka_unit_test(they_have_at_most_900_octets),
        cmocka_unit_test(the_published_elements_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
