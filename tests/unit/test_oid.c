/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include "lib/oid.h"

/* The tables of matter-operational 2.3 and 2.4, written down a second time. */
static const struct {
    unsigned id;
    const char *oid, *dotted;
} attributes[] = {
    {1, "550403", "2.5.4.3"},
    {2, "550404", "2.5.4.4"},
    {3, "550405", "2.5.4.5"},
    {4, "550406", "2.5.4.6"},
    {5, "550407", "2.5.4.7"},
    {6, "550408", "2.5.4.8"},
    {7, "55040A", "2.5.4.10"},
    {8, "55040B", "2.5.4.11"},
    {9, "55040C", "2.5.4.12"},
    {10, "550429", "2.5.4.41"},
    {11, "55042A", "2.5.4.42"},
    {12, "55042B", "2.5.4.43"},
    {13, "55042C", "2.5.4.44"},
    {14, "55042E", "2.5.4.46"},
    {15, "550441", "2.5.4.65"},
    {16, "0992268993F22C640119", "0.9.2342.19200300.100.1.25"},
    {17, "2B0601040182A27C0101", "1.3.6.1.4.1.37244.1.1"},
    {18, "2B0601040182A27C0102", "1.3.6.1.4.1.37244.1.2"},
    {19, "2B0601040182A27C0103", "1.3.6.1.4.1.37244.1.3"},
    {20, "2B0601040182A27C0104", "1.3.6.1.4.1.37244.1.4"},
    {21, "2B0601040182A27C0105", "1.3.6.1.4.1.37244.1.5"},
    {22, "2B0601040182A27C0106", "1.3.6.1.4.1.37244.1.6"},
    {23, "2B0601040182A27C0107", "1.3.6.1.4.1.37244.1.7"},
    {24, "2B0601040182A27C0201", "1.3.6.1.4.1.37244.2.1"},
    {25, "2B0601040182A27C0202", "1.3.6.1.4.1.37244.2.2"},
}, purposes[] = {
    {1, "2B06010505070301", "1.3.6.1.5.5.7.3.1"},
    {2, "2B06010505070302", "1.3.6.1.5.5.7.3.2"},
    {3, "2B06010505070303", "1.3.6.1.5.5.7.3.3"},
    {4, "2B06010505070304", "1.3.6.1.5.5.7.3.4"},
    {5, "2B06010505070308", "1.3.6.1.5.5.7.3.8"},
    {6, "2B06010505070309", "1.3.6.1.5.5.7.3.9"},
}, extensions[] = {
    {1, "551D13", "2.5.29.19"},
    {2, "551D0F", "2.5.29.15"},
    {3, "551D25", "2.5.29.37"},
    {4, "551D0E", "2.5.29.14"},
    {5, "551D23", "2.5.29.35"},
};

static void attributes_are_found_by_their_oid_and_their_names(void **state)
{
    uint8_t room[CERTS_ROOM];
    char text[64];

    (void)state;
    assert_int_equal(COUNT(attributes), MC_ATTR_COUNT - 1);
    for (size_t i = 0; i < COUNT(attributes); i++) {
        enum mc_attr_id id = attributes[i].id;
        struct mc_span oid = certs_octets(attributes[i].oid, room);

        assert_true(mc_span_eq(mc_attr_oid(id), oid));
        assert_int_equal(mc_attr_find(oid), id);
        assert_int_equal(mc_attr_find_name(mc_attr_name(id)), id);
        assert_int_equal(mc_attr_find_name(mc_attr_short_name(id)), id);
        assert_string_equal(mc_oid_name(oid), mc_attr_name(id));
        assert_int_equal(mc_attr_is_matter(id), id >= 17 && id <= 23);
        mc_oid_format(oid, text, sizeof(text));
        assert_string_equal(text, attributes[i].dotted);
        oid.n--;
        assert_int_equal(mc_attr_find(oid), MC_ATTR_UNKNOWN);
    }
}

static void purposes_and_extensions_are_found_by_their_oid(void **state)
{
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(purposes); i++) {
        struct mc_span oid = certs_octets(purposes[i].oid, room);

        assert_true(mc_span_eq(mc_eku_oid(purposes[i].id), oid));
        assert_int_equal(mc_eku_find(oid), purposes[i].id);
        assert_string_equal(mc_oid_name(oid), mc_eku_name(purposes[i].id));
        assert_true(mc_oid_is_other_category(oid));
        assert_int_equal(mc_ext_find(oid), MC_EXT_FUTURE);
    }
    for (size_t i = 0; i < COUNT(extensions); i++) {
        struct mc_span oid = certs_octets(extensions[i].oid, room);

        assert_true(mc_span_eq(mc_ext_oid(extensions[i].id), oid));
        assert_int_equal(mc_ext_find(oid), extensions[i].id);
        assert_string_equal(mc_oid_name(oid), mc_ext_name(extensions[i].id));
        assert_false(mc_oid_is_other_category(oid));
        assert_int_equal(mc_eku_find(oid), MC_EKU_UNKNOWN);
    }
}

static void no_other_number_of_the_arcs_is_known(void **state)
{
    static const char *const arcs[] = {"5504", "551D", "2B060105050703", "2B0601040182A27C01", "2B0601040182A27C02"};
    uint8_t room[CERTS_ROOM];
    unsigned attrs = 0, ekus = 0, exts = 0;

    (void)state;
    for (size_t a = 0; a < COUNT(arcs); a++) {
        struct mc_span oid = certs_octets(arcs[a], room);

        oid.n++;
        for (unsigned last = 0; last < 256; last++) {
            room[oid.n - 1] = (uint8_t)last;
            attrs += mc_attr_find(oid) != MC_ATTR_UNKNOWN;
            ekus += mc_eku_find(oid) != MC_EKU_UNKNOWN;
            exts += mc_ext_find(oid) != MC_EXT_FUTURE;
        }
    }
    assert_int_equal(attrs, COUNT(attributes) - 1);
    assert_int_equal(ekus, COUNT(purposes));
    assert_int_equal(exts, COUNT(extensions));
    assert_int_equal(mc_attr_find_name("no-such-name"), MC_ATTR_UNKNOWN);
    assert_int_equal(mc_attr_find_name(""), MC_ATTR_UNKNOWN);
}

static void ids_outside_of_the_tables_have_neither_oid_nor_name(void **state)
{
    static const unsigned outside[] = {0, 100, 255};

    (void)state;
    for (size_t i = 0; i < COUNT(outside); i++) {
        assert_int_equal(mc_attr_oid(outside[i]).n, 0);
        assert_int_equal(mc_eku_oid(outside[i]).n, 0);
        assert_int_equal(mc_ext_oid(outside[i]).n, 0);
        assert_string_equal(mc_attr_name(outside[i]), "");
        assert_string_equal(mc_attr_short_name(outside[i]), "");
        assert_string_equal(mc_eku_name(outside[i]), "");
        assert_string_equal(mc_ext_name(outside[i]), "");
    }
    assert_int_equal(mc_ext_oid(MC_EXT_FUTURE).n, 0);
    assert_string_equal(mc_oid_name(mc_span_of(NULL, 0)), "");
    assert_string_equal(mc_oid_name(mc_span_of("\x01", 1)), "");
}

static void an_oid_is_known_as_a_whole(void **state)
{
    static const uint8_t cn[] = {0x55, 0x04, 0x03, 0x00}, other[] = {0x54, 0x04, 0x03}, bc[] = {0x55, 0x1D, 0x13, 0x00};

    (void)state;
    assert_int_equal(mc_attr_find(mc_span_of(cn, 3)), MC_ATTR_COMMON_NAME);
    assert_int_equal(mc_attr_find(mc_span_of(cn, 4)), MC_ATTR_UNKNOWN);
    assert_int_equal(mc_attr_find(mc_span_of(other, 3)), MC_ATTR_UNKNOWN);
    assert_int_equal(mc_ext_find(mc_span_of(bc, 3)), MC_EXT_BASIC_CONSTRAINTS);
    assert_int_equal(mc_ext_find(mc_span_of(bc, 4)), MC_EXT_FUTURE);
    assert_true(mc_oid_is_other_category(mc_span_of(cn, 3)));
    assert_false(mc_oid_is_other_category(mc_span_of(other, 3)));
}

static void algorithms_are_no_extensions(void **state)
{
    static const char *const others[] = {"2A8648CE3D040302", "2A8648CE3D0201", "2A8648CE3D030107", "2A864886F70D01090E"};
    static const char *const free_ones[] = {"551D1F", "551D11", "2B06010505070101", "2B06010401BE6BFF7F"};
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        assert_true(mc_oid_is_other_category(certs_octets(others[i], room)));
    for (size_t i = 0; i < COUNT(free_ones); i++)
        assert_false(mc_oid_is_other_category(certs_octets(free_ones[i], room)));
    assert_string_equal(
        mc_oid_name(mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256))), "ecdsa-with-SHA256");
    assert_string_equal(
        mc_oid_name(mc_span_of(mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key))), "id-ecPublicKey");
    assert_string_equal(mc_oid_name(mc_span_of(mc_oid_prime256v1, sizeof(mc_oid_prime256v1))), "prime256v1");
}

static const struct {
    const char *oid, *text;
} dotted[] = {
    {"", ""},
    {"00", "0.0"},
    {"27", "0.39"},
    {"28", "1.0"},
    {"4F", "1.39"},
    {"50", "2.0"},
    {"8837", "2.999"},
    {"2A8648CE3D030107", "1.2.840.10045.3.1.7"},
    {"2A00", "1.2.0"},
    {"2AFFFFFFFFFFFFFFFF7F", "1.2.9223372036854775807"},
    {"2A81FFFFFFFFFFFFFFFF7F", ""},
    {"2A8648CE", ""},
    {"86", ""},
    {"8055", ""},
    {"2A800103", ""},
};

static void oids_are_shown_in_dotted_decimal_or_not_at_all(void **state)
{
    uint8_t room[CERTS_ROOM];
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT(dotted); i++) {
        mc_oid_format(certs_octets(dotted[i].oid, room), text, sizeof(text));
        if (strcmp(text, dotted[i].text) != 0)
            fail_msg("%s: %s", dotted[i].oid, text);
    }
}

static void a_long_oid_is_cut_with_dots(void **state)
{
    static const char whole[] = "1.2.840.10045.3.1.7";
    struct mc_span oid = mc_span_of(mc_oid_prime256v1, sizeof(mc_oid_prime256v1));
    char text[sizeof(whole)];

    (void)state;
    for (size_t cap = 0; cap <= sizeof(text); cap++) {
        memset(text, 'x', sizeof(text));
        mc_oid_format(oid, text, cap);
        if (cap == 0)
            assert_int_equal(text[0], 'x');
        else if (cap == sizeof(text))
            assert_string_equal(text, whole);
        else if (cap >= 4)
            assert_string_equal(text + cap - 4, "...");
        else
            assert_true(strlen(text) < cap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_found_by_their_oid_and_their_names),
        cmocka_unit_test(purposes_and_extensions_are_found_by_their_oid),
        cmocka_unit_test(no_other_number_of_the_arcs_is_known),
        cmocka_unit_test(ids_outside_of_the_tables_have_neither_oid_nor_name),
        cmocka_unit_test(an_oid_is_known_as_a_whole),
        cmocka_unit_test(algorithms_are_no_extensions),
        cmocka_unit_test(oids_are_shown_in_dotted_decimal_or_not_at_all),
        cmocka_unit_test(a_long_oid_is_cut_with_dots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
