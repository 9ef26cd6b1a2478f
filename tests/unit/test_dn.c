/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include <ctype.h>

#include "lib/dn.h"

#define NODE   CERTS_RDN("01", "0000000000000001")
#define FABRIC CERTS_RDN("05", "0000000000000001")
#define CN(t)  "31(30(0603550403 0C('" t "')))"
#define MULTI  "31(30(0603550403 0C('a')) 30(0603550404 0C('b')))"
#define FIVE   NODE FABRIC CERTS_RDN("04", "0000000000000000") CN("a") CN("b")

/* Whole names, DER; `tlv` is the list's content that they are equal to. */
static const struct {
    const char *name, *der;
    enum mc_rc want;
    const char *tlv;
} der_names[] = {
    {"no RDN", "", MC_OK, ""},
    {"one", CN("a"), MC_OK, "2C0101'a'"},
    {"five", FIVE, MC_OK, "241101 241501 241400 2C0101'a' 2C0101'b'"},
    {"six", FIVE CN("c"), MC_E_DN_COUNT, NULL},
    {"six ids", NODE NODE NODE NODE NODE NODE, MC_E_DN_COUNT, NULL},
    {"an RDN of two", MULTI, MC_E_DN_MULTI, NULL},
    {"an empty RDN", "31()", MC_E_DER_TAG, NULL},
    {"no SET", "30(0603550403 0C('a'))", MC_E_DER_TAG, NULL},
    {"an attribute without value", "31(30(0603550403))", MC_E_DER_TRUNCATED, NULL},
    {"an attribute with two values", "31(30(0603550403 0C('a')0C('b')))", MC_E_DER_TRAILING, NULL},
    {"an attribute that is no OID", "31(30(06028001 0C('a')))", MC_E_DER_OID, NULL},
    {"a bad attribute before a good one", "31(30(0603550409 0C('a')) 30(0603550403 0C('b')))", MC_E_DN_ATTR, NULL},
    {"an unknown attribute", "31(30(0603550409 0C('street')))", MC_E_DN_ATTR, NULL},
    {"an e-mail address", "31(30(06092A864886F70D010901 16('a')))", MC_E_DN_ATTR, NULL},
    {"a VID", "31(30(060A2B0601040182A27C0201 0C('FFF1')))", MC_E_DN_ATTR, NULL},
    {"a PID", "31(30(060A2B0601040182A27C0202 0C('8000')))", MC_E_DN_ATTR, NULL},
    {"Matter attribute 0", CERTS_RDN("00", "0000000000000001"), MC_E_DN_ATTR, NULL},
    {"Matter attribute 8", CERTS_RDN("08", "0000000000000001"), MC_E_DN_ATTR, NULL},

    {"TeletexString", "31(30(0603550403 14('a')))", MC_E_DN_STRING, NULL},
    {"BMPString", "31(30(0603550403 1E(0041)))", MC_E_DN_STRING, NULL},
    {"UniversalString", "31(30(0603550403 1C(00000041)))", MC_E_DN_STRING, NULL},
    {"IA5String", "31(30(0603550403 16('a')))", MC_E_DN_STRING, NULL},
    {"an INTEGER", "31(30(0603550403 02(01)))", MC_E_DN_STRING, NULL},
    {"domainComponent as IA5String", "31(30(060A0992268993F22C640119 16('a@b')))", MC_OK, "2C1003'a@b'"},
    {"domainComponent as UTF8String", "31(30(060A0992268993F22C640119 0C('a')))", MC_E_DN_STRING, NULL},
    {"domainComponent as PrintableString", "31(30(060A0992268993F22C640119 13('a')))", MC_E_DN_STRING, NULL},
    {"domainComponent that is not ASCII", "31(30(060A0992268993F22C640119 16(C3A4)))", MC_E_DN_TEXT, NULL},

    {"no text", CN(""), MC_OK, "2C0100"},
    {"text in UTF-8", "31(30(0603550403 0C(C3A4E282ACF09F9882)))", MC_OK, "2C0109C3A4E282ACF09F9882"},
    {"overlong UTF-8", "31(30(0603550403 0C(C0AF)))", MC_E_DN_TEXT, NULL},
    {"cut UTF-8", "31(30(0603550403 0C(E282)))", MC_E_DN_TEXT, NULL},
    {"a surrogate", "31(30(0603550403 0C(EDA080)))", MC_E_DN_TEXT, NULL},
    {"Latin-1", "31(30(0603550403 0C(E4)))", MC_E_DN_TEXT, NULL},
    {"0x1E", "31(30(0603550403 0C(411E42)))", MC_OK, "2C0103411E42"},
    {"0x1F", "31(30(0603550403 0C(411F42)))", MC_E_DN_TEXT, NULL},
    {"Printable with all marks", "31(30(0603550403 13(20272829 2B2C2D2E2F3A3D3F)))", MC_OK,
        "2C810C20272829 2B2C2D2E2F3A3D3F"},
    {"Printable with *", "31(30(0603550403 13('*')))", MC_E_DN_TEXT, NULL},
    {"Printable with @", "31(30(0603550403 13('a@b')))", MC_E_DN_TEXT, NULL},
    {"Printable with NUL", "31(30(0603550403 13(00)))", MC_E_DN_TEXT, NULL},
    {"Printable with UTF-8", "31(30(0603550403 13(C3A4)))", MC_E_DN_TEXT, NULL},

    {"node id 0", CERTS_RDN("01", "0000000000000000"), MC_E_NODE_ID, NULL},
    {"node id 1", CERTS_RDN("01", "0000000000000001"), MC_OK, "241101"},
    {"the last node id", CERTS_RDN("01", "FFFFFFEFFFFFFFFF"), MC_OK, "2711FFFFFFFFEFFFFFFF"},
    {"the first reserved node id", CERTS_RDN("01", "FFFFFFF000000000"), MC_E_NODE_ID, NULL},
    {"a CAT as node id", CERTS_RDN("01", "FFFFFFFD00010001"), MC_E_NODE_ID, NULL},
    {"a group id as node id", CERTS_RDN("01", "FFFFFFFFFFFF0001"), MC_E_NODE_ID, NULL},
    {"firmware signing id 0", CERTS_RDN("02", "0000000000000000"), MC_OK, "241200"},
    {"icac id 0", CERTS_RDN("03", "0000000000000000"), MC_OK, "241300"},
    {"rcac id of all ones", CERTS_RDN("04", "FFFFFFFFFFFFFFFF"), MC_OK, "2714FFFFFFFFFFFFFFFF"},
    {"fabric id 0", CERTS_RDN("05", "0000000000000000"), MC_E_FABRIC_ID, NULL},
    {"fabric id 1", CERTS_RDN("05", "0000000000000001"), MC_OK, "241501"},
    {"fabric id of all ones", CERTS_RDN("05", "FFFFFFFFFFFFFFFF"), MC_OK, "2715FFFFFFFFFFFFFFFF"},
    {"CAT of version 1", CERTS_RDN("06", "ABCD0001"), MC_OK, "26160100CDAB"},
    {"CAT of identifier 0", CERTS_RDN("06", "0000FFFF"), MC_OK, "2516FFFF"},
    {"CAT of version 0", CERTS_RDN("06", "ABCD0000"), MC_E_CAT_VERSION, NULL},
    {"vvs id", CERTS_RDN("07", "00000000000000FF"), MC_OK, "2417FF"},

    {"lower case", CERTS_RDN("01", "00000000000000ab"), MC_E_DN_HEX, NULL},
    {"lower case CAT", CERTS_RDN("06", "abcd0001"), MC_E_DN_HEX, NULL},
    {"G", CERTS_RDN("01", "000000000000000G"), MC_E_DN_HEX, NULL},
    {"@, before A", CERTS_RDN("01", "000000000000000@"), MC_E_DN_HEX, NULL},
    {"a colon, behind 9", CERTS_RDN("01", ":000000000000001"), MC_E_DN_HEX, NULL},
    {"a slash, before 0", CERTS_RDN("01", "/000000000000001"), MC_E_DN_HEX, NULL},
    {"15 digits", CERTS_RDN("01", "000000000000001"), MC_E_DN_HEX, NULL},
    {"17 digits", CERTS_RDN("01", "00000000000000001"), MC_E_DN_HEX, NULL},
    {"no digits", CERTS_RDN("01", ""), MC_E_DN_HEX, NULL},
    {"CAT of 7 digits", CERTS_RDN("06", "BCD0001"), MC_E_DN_HEX, NULL},
    {"CAT of 16 digits", CERTS_RDN("06", "00000000ABCD0001"), MC_E_DN_HEX, NULL},
    {"an id as PrintableString", "31(30(" CERTS_MATTER "01 13('0000000000000001')))", MC_E_DN_HEX, NULL},
    {"a CAT as PrintableString", "31(30(" CERTS_MATTER "06 13('ABCD0001')))", MC_E_DN_HEX, NULL},
    {"an id as IA5String", "31(30(" CERTS_MATTER "01 16('0000000000000001')))", MC_E_DN_HEX, NULL},
    {"an id in an RDN of two", "31(30(" CERTS_MATTER "01 0C('0000000000000001')) 30(0603550403 0C('a')))",
        MC_E_DN_MULTI, NULL},
};

static void names_in_der_follow_the_rules_and_become_tlv(void **state)
{
    uint8_t in[CERTS_ROOM], want[CERTS_ROOM], out[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(der_names); i++) {
        char text[1024], list[512];
        struct mc_err e;
        struct mc_dn_reader r = {"subject", NULL, &e};
        struct mc_dn dn;

        mc_err_init(&e);
        snprintf(text, sizeof(text), "30(%s)", der_names[i].der);
        struct mc_span der = certs_octets(text, in);
        struct mc_der d = mc_der_of(der);
        enum mc_rc rc = mc_dn_take_der(&r, &d, &dn);

        if (rc != der_names[i].want || e.rc != rc)
            fail_msg("%s: %s", der_names[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK) {
            assert_true(strncmp(e.field, "subject", 7) == 0);
            assert_true(e.offset <= der.n);
            continue;
        }
        assert_true(mc_span_eq(dn.der, der));
        struct mc_out o = mc_out_of(out, sizeof(out));

        mc_dn_put_der(&o, &dn);
        assert_true(mc_span_eq(mc_span_of(out, o.n), der));
        o = mc_out_of(out, sizeof(out));
        mc_dn_put_tlv(&o, 6, &dn);
        snprintf(list, sizeof(list), "3706%s18", der_names[i].tlv);
        if (!mc_span_eq(mc_span_of(out, o.n), certs_octets(list, want)))
            fail_msg("%s: another TLV", der_names[i].name);
    }
}

static const struct {
    const char *name, *tlv;
    enum mc_rc want;
} tlv_names[] = {
    {"no member", "", MC_OK},
    {"five", "241101 241501 241400 2C0101'a' 2C0101'b'", MC_OK},
    {"six", "241101 241501 241400 2C0101'a' 2C0101'b' 2C0101'c'", MC_E_DN_COUNT},
    {"tag 0", "2C0001'a'", MC_E_DN_ATTR},
    {"tag 23", "241701", MC_OK},
    {"tag 24, as X.509 numbers VIDs", "241801", MC_E_DN_ATTR},
    {"tag 128", "2C8001'a'", MC_E_DN_ATTR},
    {"tag 255", "2CFF01'a'", MC_E_DN_ATTR},
    {"no tag", "0401", MC_E_TLV_TAG},
    {"a profile tag", "44010007", MC_E_TLV_TAG},
    {"a number for a name", "240101", MC_E_TLV_TYPE},
    {"octets for a name", "30010161", MC_E_TLV_TYPE},
    {"text for an id", "2C1110'0000000000000001'", MC_E_TLV_TYPE},
    {"a signed id", "201101", MC_E_TLV_TYPE},
    {"an id with the Printable bit", "249101", MC_E_TLV_TAG},
    {"a CAT with the Printable bit", "26960100CDAB", MC_E_TLV_TAG},
    {"a wide id", "25110100", MC_E_TLV_MINIMAL},
    {"node id 0", "241100", MC_E_NODE_ID},
    {"the last node id", "2711FFFFFFFFEFFFFFFF", MC_OK},
    {"the first reserved node id", "271100000000F0FFFFFF", MC_E_NODE_ID},
    {"fabric id 0", "241500", MC_E_FABRIC_ID},
    {"CAT of 32 bits", "2616FFFFFFFF", MC_OK},
    {"CAT of 33 bits", "27160100000001000000", MC_E_TLV_RANGE},
    {"CAT of version 0", "26160000CDAB", MC_E_CAT_VERSION},
    {"domainComponent", "2C1003'a@b'", MC_OK},
    {"domainComponent with the Printable bit", "2C9001'a'", MC_E_DN_STRING},
    {"domainComponent that is not ASCII", "2C1002C3A4", MC_E_DN_TEXT},
    {"a cut character", "2C0101C3", MC_E_DN_TEXT},
    {"0x1F", "2C01011F", MC_E_DN_TEXT},
    {"Printable with *", "2C8101'*'", MC_E_DN_TEXT},
    {"Printable", "2C8101'x'", MC_OK},
    {"a structure", "3501 18", MC_E_TLV_TYPE},
    {"a float", "2A0100000000", MC_E_TLV_TYPE},
};

static void names_in_tlv_follow_the_rules(void **state)
{
    uint8_t in[CERTS_ROOM], out[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(tlv_names); i++) {
        char text[512];
        struct mc_err e;
        struct mc_dn_reader r = {"issuer", NULL, &e};
        struct mc_dn dn;

        mc_err_init(&e);
        snprintf(text, sizeof(text), "%s18", tlv_names[i].tlv);
        struct mc_span list = certs_octets(text, in);
        struct mc_tlv t = mc_tlv_of(list, true);
        enum mc_rc rc = mc_dn_take_tlv(&r, &t, &dn);

        if (rc != tlv_names[i].want || e.rc != rc)
            fail_msg("%s: %s", tlv_names[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK)
            continue;
        struct mc_out o = mc_out_of(out, sizeof(out));

        mc_dn_put_tlv(&o, 6, &dn);
        assert_true(mc_span_eq(mc_span_of(out + 2, o.n - 2), list));
        t = mc_tlv_of(mc_span_of(in, list.n - 1), true);
        assert_int_equal(mc_dn_take_tlv(&r, &t, &dn), MC_E_TLV_TRUNCATED);
    }
}

/* Every standard attribute, in both string types where it has both. */
static void all_sixteen_standard_attributes_travel_in_both_string_types(void **state)
{
    static const uint8_t tags[] = {MC_DER_UTF8, MC_DER_PRINTABLE, MC_DER_IA5};
    uint8_t der[128], tlv[128], again[128];

    (void)state;
    for (unsigned id = MC_ATTR_COMMON_NAME; id <= MC_ATTR_DOMAIN_COMPONENT; id++) {
        for (size_t k = 0; k < COUNT(tags); k++) {
            struct mc_dn dn = {.n = 1, .attr = {{.id = (uint8_t)id, .string_tag = tags[k], .text = mc_span_of("x", 1)}}};
            struct mc_dn back;
            struct mc_err e;
            struct mc_dn_reader r = {"subject", NULL, &e};
            struct mc_out o = mc_out_of(der, sizeof(der)), list = mc_out_of(tlv, sizeof(tlv));
            bool held = (id == MC_ATTR_DOMAIN_COMPONENT) == (tags[k] == MC_DER_IA5);

            mc_err_init(&e);
            mc_dn_put_der(&o, &dn);
            struct mc_der d = mc_der_of(mc_span_of(der, o.n));

            assert_int_equal(mc_dn_take_der(&r, &d, &back), held ? MC_OK : MC_E_DN_STRING);
            if (!held)
                continue;
            mc_dn_put_tlv(&list, 3, &back);
            assert_int_equal(tlv[3], id | (tags[k] == MC_DER_PRINTABLE ? 0x80 : 0));
            struct mc_tlv t = mc_tlv_of(mc_span_of(tlv + 2, list.n - 2), true);

            assert_int_equal(mc_dn_take_tlv(&r, &t, &back), MC_OK);
            assert_true(mc_dn_equal(&dn, &back));
            struct mc_out once_more = mc_out_of(again, sizeof(again));

            mc_dn_put_der(&once_more, &back);
            assert_true(mc_span_eq(mc_span_of(again, once_more.n), mc_span_of(der, o.n)));
        }
    }
}

static void x509_names_are_kept_and_their_first_obstacle_noted(void **state)
{
    uint8_t in[CERTS_ROOM];
    char text[256];
    struct mc_err e, obstacle;
    struct mc_dn_reader r = {"subject", &obstacle, &e};
    struct mc_dn dn;
    uint64_t num = 0;

    (void)state;
    mc_err_init(&obstacle);
    struct mc_der d = mc_der_of(certs_octets("30(" MULTI NODE CN("a,b") "31(30(0603550409 14('s')))"
                                             "31(30(060A2B0601040182A27C0201 13('FFF1')))"
                                             "31(30(060A2B0601040182A27C0202 0C('80b0'))))", in));

    assert_int_equal(mc_dn_take_der(&r, &d, &dn), MC_OK);
    assert_int_equal(obstacle.rc, MC_E_DN_MULTI);
    assert_int_equal(dn.n, 7);
    mc_dn_format(&dn, text, sizeof(text));
    assert_string_equal(text, "CN=a+SN=b,matter-node-id=0000000000000001,CN=a\\,b,2.5.4.9=s,VID=FFF1,"
                              "1.3.6.1.4.1.37244.2.2=80b0");
    assert_true(mc_dn_find(&dn, MC_ATTR_VID, &num));
    assert_int_equal(num, 0xFFF1);
    assert_false(mc_dn_find(&dn, MC_ATTR_PID, &num));
}

/* One attribute, beside a CN in its RDN so that the general reader takes it; gives the obstacle. */
static struct mc_attr read_x509_attr(const char *der, struct mc_err *obstacle)
{
    static uint8_t in[CERTS_ROOM];
    struct mc_err e;
    struct mc_dn_reader r = {"subject", obstacle, &e};
    struct mc_dn dn;
    char text[512];

    mc_err_init(obstacle);
    mc_err_init(&e);
    snprintf(text, sizeof(text), "30(31(30(0603550403 0C('a')) %s))", der);
    struct mc_der d = mc_der_of(certs_octets(text, in));

    assert_int_equal(mc_dn_take_der(&r, &d, &dn), MC_OK);
    assert_int_equal(dn.n, 2);
    return dn.attr[1];
}

static void x509_attributes_that_are_broken_have_no_id(void **state)
{
    static const struct {
        const char *name, *der;
        enum mc_attr_id id;
        uint64_t num;
    } cases[] = {
        {"VID", "30(060A2B0601040182A27C0201 0C('FFF1'))", MC_ATTR_VID, 0xFFF1},
        {"VID as PrintableString", "30(060A2B0601040182A27C0201 13('FFF1'))", MC_ATTR_VID, 0xFFF1},
        {"VID as IA5String", "30(060A2B0601040182A27C0201 16('FFF1'))", MC_ATTR_UNKNOWN, 0},
        {"VID of 8 digits", "30(060A2B0601040182A27C0201 0C('0000FFF1'))", MC_ATTR_UNKNOWN, 0},
        {"VID in lower case", "30(060A2B0601040182A27C0201 0C('fff1'))", MC_ATTR_UNKNOWN, 0},
        {"node id in lower case", "30(" CERTS_MATTER "01 0C('000000000000000a'))", MC_ATTR_UNKNOWN, 0},
        {"node id", "30(" CERTS_MATTER "01 0C('000000000000000A'))", MC_ATTR_NODE_ID, 10},
        {"vvs id", "30(" CERTS_MATTER "07 0C('000000000000000A'))", MC_ATTR_VVS_ID, 10},
        {"CN as BMPString", "30(0603550403 1E(0041))", MC_ATTR_COMMON_NAME, 0},
        {"street", "30(0603550409 0C('a'))", MC_ATTR_UNKNOWN, 0},
    };
    struct mc_err obstacle;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mc_attr a = read_x509_attr(cases[i].der, &obstacle);

        if (a.id != cases[i].id || a.num != cases[i].num)
            fail_msg("%s: id %u, number %llx", cases[i].name, a.id, (unsigned long long)a.num);
    }
}

/* What stands in the way is named and shown, up to 47 octets of it. */
static void the_obstacle_of_a_name_is_shown(void **state)
{
    char der[256], text[64], want[64];
    struct mc_err e;

    (void)state;
    for (int n = 45; n <= 49; n++) {
        struct mc_dn_reader r = {"subject", NULL, &e};
        struct mc_dn dn;
        uint8_t in[CERTS_ROOM];

        memset(text, 'x', sizeof(text));
        text[n] = '\0';
        mc_err_init(&e);
        snprintf(der, sizeof(der), "30(31(30(0603550409 0C('%s'))))", text);
        struct mc_der d = mc_der_of(certs_octets(der, in));

        assert_int_equal(mc_dn_take_der(&r, &d, &dn), MC_E_DN_ATTR);
        snprintf(want, sizeof(want), "'%.*s'", n < 47 ? n : 47, text);
        assert_string_equal(e.what, want);
        assert_string_equal(e.field, "subject.2.5.4.9");
    }
}

static void each_string_type_has_its_characters(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t octet = (uint8_t)c;
        struct mc_span text = mc_span_of(&octet, 1);
        bool printable = (c < 128 && isalnum((int)c)) || (c != 0 && strchr(" '()+,-./:=?", (int)c) != NULL);

        if (mc_dn_text_valid(MC_DER_PRINTABLE, text) != printable)
            fail_msg("0x%02X in a PrintableString", c);
        if (mc_dn_text_valid(MC_DER_IA5, text) != (c < 0x80 && c != 0x1F))
            fail_msg("0x%02X in an IA5String", c);
        if (mc_dn_text_valid(MC_DER_UTF8, text) != (c < 0x80 && c != 0x1F))
            fail_msg("0x%02X in a UTF8String", c);
    }
}

static void an_x509_name_may_have_sixteen_attributes_and_no_more(void **state)
{
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (unsigned n = MC_DN_CAP - 1; n <= MC_DN_CAP + 1; n++) {
        struct mc_out o = mc_out_of(in, sizeof(in));
        struct mc_err e, obstacle;
        struct mc_dn_reader r = {"issuer", &obstacle, &e};
        struct mc_dn dn;
        size_t mark = mc_der_begin(&o, MC_DER_SEQUENCE);

        mc_err_init(&e);
        mc_err_init(&obstacle);
        for (unsigned i = 0; i < n; i++)
            certs_put(&o, NODE);
        mc_der_close(&o, mark);
        struct mc_der d = mc_der_of(mc_span_of(in, o.n));

        assert_int_equal(mc_dn_take_der(&r, &d, &dn), n <= MC_DN_CAP ? MC_OK : MC_E_DN_COUNT);
        assert_int_equal(obstacle.rc, MC_E_DN_COUNT);
    }
}

static void builders_stop_at_five(void **state)
{
    struct mc_dn dn = {0};

    (void)state;
    for (unsigned i = 0; i < MC_DN_MAX; i++)
        assert_int_equal(mc_dn_add_num(&dn, MC_ATTR_CAT, 0x10001 + i), MC_OK);
    assert_int_equal(mc_dn_add_num(&dn, MC_ATTR_CAT, 1), MC_E_DN_COUNT);
    assert_int_equal(mc_dn_add_text(&dn, MC_ATTR_COMMON_NAME, mc_span_of("a", 1)), MC_E_DN_COUNT);
    assert_int_equal(dn.n, MC_DN_MAX);
}

static void an_attribute_is_found_only_where_it_is_alone(void **state)
{
    struct mc_dn dn = {0};
    uint32_t cats[MC_DN_CAP];
    uint64_t num = 7;

    (void)state;
    assert_false(mc_dn_find(&dn, MC_ATTR_NODE_ID, &num));
    assert_int_equal(mc_dn_cats(&dn, cats), 0);
    certs_add_num(&dn, MC_ATTR_CAT, 0x20001);
    certs_add_num(&dn, MC_ATTR_NODE_ID, 5);
    certs_add_num(&dn, MC_ATTR_CAT, 0x10002);
    assert_true(mc_dn_find(&dn, MC_ATTR_NODE_ID, &num));
    assert_int_equal(num, 5);
    assert_false(mc_dn_find(&dn, MC_ATTR_CAT, &num));
    assert_int_equal(mc_dn_cats(&dn, cats), 2);
    assert_int_equal(cats[0], 0x20001);
    assert_int_equal(cats[1], 0x10002);
}

static void names_are_equal_only_in_count_order_type_and_value(void **state)
{
    struct mc_dn a = {0}, b;

    (void)state;
    assert_false(mc_dn_equal(&a, &a));
    certs_add_num(&a, MC_ATTR_RCAC_ID, 1);
    certs_add_text(&a, MC_ATTR_COMMON_NAME, "Root");
    assert_true(mc_dn_equal(&a, &a));
    b = a;
    b.n = 1;
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[0] = a.attr[1];
    b.attr[1] = a.attr[0];
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[0].num = 2;
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[1].string_tag = MC_DER_PRINTABLE;
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[1].text = mc_span_of("root", 4);
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[1].rdn = 0;
    assert_false(mc_dn_equal(&a, &b));
    b = a;
    b.attr[0].id = MC_ATTR_ICAC_ID;
    assert_false(mc_dn_equal(&a, &b));
    /* What is not Matter's is told apart by its OID. */
    a.attr[1].id = MC_ATTR_UNKNOWN;
    a.attr[1].oid = mc_span_of("\x55\x04\x09", 3);
    b = a;
    assert_true(mc_dn_equal(&a, &b));
    b.attr[1].oid = mc_span_of("\x55\x04\x0F", 3);
    assert_false(mc_dn_equal(&a, &b));
}

static const struct {
    const char *text, *shown;
} formats[] = {
    {"'a+b'", "CN=a\\+b"},
    {"'a,b;c<d>e'5C'f'22", "CN=a\\,b\\;c\\<d\\>e\\\\f\\\""},
    {"1B'[31m'", "CN=\\1B[31m"},
    {"00 0A 7F", "CN=\\00\\0A\\7F"},
    {"1F 20 7E", "CN=\\1F ~"},
    {"C3A4", "CN=\xC3\xA4"},
    {"C380 DF9F", "CN=\xC3\x80\xDF\x9F"},
    {"C280 C29F C2A0", "CN=\\C2\\80\\C2\\9F\xC2\xA0"},
    {"80'x'", "CN=\\80x"},
    {"C285'x'", "CN=\\C2\\85x"},
    {"C2A0'x'", "CN=\xC2\xA0x"},
    {"E4'x'", "CN=\\E4x"},
    {"9B'x'C3A4", "CN=\\9Bx\\C3\\A4"},
};

static void names_are_shown_without_what_a_terminal_obeys(void **state)
{
    uint8_t room[CERTS_ROOM];
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct mc_dn dn = {0};

        assert_int_equal(mc_dn_add_text(&dn, MC_ATTR_COMMON_NAME, certs_octets(formats[i].text, room)), MC_OK);
        mc_dn_format(&dn, text, sizeof(text));
        assert_string_equal(text, formats[i].shown);
    }
}

static void a_shown_name_never_leaves_its_room(void **state)
{
    struct mc_dn dn = {0};
    char text[40];

    (void)state;
    certs_add_text(&dn, MC_ATTR_ORGANIZATION, "a,b");
    certs_add_num(&dn, MC_ATTR_CAT, 0xABCD0001);
    for (size_t cap = 0; cap <= sizeof(text); cap++) {
        memset(text, 'x', sizeof(text));
        mc_dn_format(&dn, text, cap);
        assert_true(cap == 0 || memchr(text, '\0', cap) != NULL);
        for (size_t i = cap; i < sizeof(text); i++)
            assert_int_equal(text[i], 'x');
    }
    assert_string_equal(text, "O=a\\,b,matter-noc-cat=ABCD0001");
}

static void ids_have_their_bounds(void **state)
{
    (void)state;
    assert_int_equal(mc_node_id_check(0), MC_E_NODE_ID);
    assert_int_equal(mc_node_id_check(MC_NODE_ID_MIN), MC_OK);
    assert_int_equal(mc_node_id_check(MC_NODE_ID_MAX), MC_OK);
    assert_int_equal(mc_node_id_check(MC_NODE_ID_MAX + 1), MC_E_NODE_ID);
    assert_int_equal(mc_node_id_check(UINT64_MAX), MC_E_NODE_ID);
    assert_int_equal(mc_fabric_id_check(0), MC_E_FABRIC_ID);
    assert_int_equal(mc_fabric_id_check(UINT64_MAX), MC_OK);
    assert_int_equal(mc_cat_check(0x00010000), MC_E_CAT_VERSION);
    assert_int_equal(mc_cat_check(0x00000001), MC_OK);
    assert_int_equal(mc_cat_check(0xFFFFFFFF), MC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_der_follow_the_rules_and_become_tlv),
        cmocka_unit_test(names_in_tlv_follow_the_rules),
        cmocka_unit_test(all_sixteen_standard_attributes_travel_in_both_string_types),
        cmocka_unit_test(x509_names_are_kept_and_their_first_obstacle_noted),
        cmocka_unit_test(x509_attributes_that_are_broken_have_no_id),
        cmocka_unit_test(the_obstacle_of_a_name_is_shown),
        cmocka_unit_test(each_string_type_has_its_characters),
        cmocka_unit_test(an_x509_name_may_have_sixteen_attributes_and_no_more),
        cmocka_unit_test(builders_stop_at_five),
        cmocka_unit_test(an_attribute_is_found_only_where_it_is_alone),
        cmocka_unit_test(names_are_equal_only_in_count_order_type_and_value),
        cmocka_unit_test(names_are_shown_without_what_a_terminal_obeys),
        cmocka_unit_test(a_shown_name_never_leaves_its_room),
        cmocka_unit_test(ids_have_their_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
