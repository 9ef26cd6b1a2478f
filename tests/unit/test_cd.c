/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of declarations, their signers, and what they say about a device. */
#include "certs.h"

#include "lib/cd.h"

enum part { HEAD, VERSION, VENDOR, PRODUCTS, DEVICE_TYPE, ID, LEVEL, INFORMATION, NUMBER, TYPE, OPTIONAL, END, PARTS };

#define ID_TEXT  "'ZIG20141ZB330001-24'"
#define PAA      CERTS_ID
#define PAA_LIST "360B 1014" PAA "18"

static const char *const parts[PARTS] = {
    [HEAD] = "15",
    [VERSION] = "240001",
    [VENDOR] = "2501F1FF",
    [PRODUCTS] = "3602 050080 18",
    [DEVICE_TYPE] = "25033412",
    [ID] = "2C0413" ID_TEXT,
    [LEVEL] = "240500",
    [INFORMATION] = "240600",
    [NUMBER] = "25077698",
    [TYPE] = "240800",
    [OPTIONAL] = "",
    [END] = "18",
};

static struct mc_span payload(unsigned part, const char *with, uint8_t *out)
{
    return certs_row(parts, PARTS, part, with, out);
}

static void a_payload_is_read_and_written_again(void **state)
{
    uint8_t room[CERTS_ROOM], out[MC_CD_PAYLOAD_MAX];
    struct mc_span in = payload(OPTIONAL, "2509F1FF 250A0080" PAA_LIST, room);
    struct mc_cd cd;
    size_t n;

    (void)state;
    assert_int_equal(mc_cd_parse(in, &cd, NULL), MC_OK);
    assert_int_equal(mc_cd_check(&cd, NULL), MC_OK);
    assert_int_equal(cd.format_version, 1);
    assert_int_equal(cd.vendor_id, 0xFFF1);
    assert_int_equal(cd.n_products, 1);
    assert_true(mc_cd_has_product(&cd, 0x8000) && !mc_cd_has_product(&cd, 0x8001));
    cd.product[cd.n_products] = 0x8001; /* behind the last one */
    assert_false(mc_cd_has_product(&cd, 0x8001));
    cd.product[cd.n_products] = 0;
    assert_int_equal(cd.device_type, 0x1234);
    assert_memory_equal(cd.certificate_id.p, "ZIG20141ZB330001-24", MC_CD_ID_LEN);
    assert_int_equal(cd.security_level, 0);
    assert_int_equal(cd.security_information, 0);
    assert_int_equal(cd.version_number, 0x9876);
    assert_int_equal(cd.certification_type, MC_CD_TEST);
    assert_true(cd.has_origin && cd.origin_vid == 0xFFF1 && cd.origin_pid == 0x8000);
    assert_true(cd.has_paas && cd.n_paas == 1 && mc_cd_has_paa(&cd, cd.paa[0]));
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), in));
    assert_int_equal(mc_cd_encode(&cd, out, n - 1, &n, NULL), MC_E_SPACE);
    assert_int_equal(mc_cd_parse(payload(PARTS, NULL, room), &cd, NULL), MC_OK);
    assert_false(cd.has_origin || cd.has_paas);
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_OK);
    assert_int_equal(n, 54);
}

/* What the strict reader says of each form, and the deployed one where it differs. */
static void each_fault_of_the_form_is_named(void **state)
{
    static const struct {
        const char *name;
        unsigned part;
        const char *with;
        enum mc_rc strict, deployed;
    } rows[] = {
        {"as it should be", PARTS, "", MC_OK, MC_OK},
        {"a list in place of the structure", HEAD, "17", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a structure with a tag", HEAD, "3501", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"version missing", VERSION, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"version of 32 bits that fits", VERSION, "260001000000", MC_OK, MC_OK},
        {"version of 32 bits", VERSION, "260001000100", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"version signed", VERSION, "200001", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"vendor missing", VENDOR, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"vendor of 32 bits", VENDOR, "2601F1FFFFFF", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"products missing", PRODUCTS, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"products as a list", PRODUCTS, "370205008018", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"no products", PRODUCTS, "360218", MC_OK, MC_OK},
        {"a product with a tag", PRODUCTS, "36022501008018", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"a product as text", PRODUCTS, "36020C01'a'18", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a product signed", PRODUCTS, "3602000118", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a product of 17 bits", PRODUCTS, "3602060000010018", MC_E_TLV_RANGE, MC_OK},
        {"a product of 17 bits with a tag", PRODUCTS, "360226010000010018", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"a product of a reserved type", PRODUCTS, "3602 050080 1F", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"products never end", PRODUCTS, "3602", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"device type of 32 bits", DEVICE_TYPE, "2603FFFFFFFF", MC_OK, MC_OK},
        {"device type of 64 bits", DEVICE_TYPE, "27030000000001000000", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"device type missing", DEVICE_TYPE, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"id missing", ID, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"id of 18", ID, "2C0412'ZIG20141ZB330001-2'", MC_E_CD_ID, MC_E_CD_ID},
        {"id of 20", ID, "2C0414'ZIG20141ZB330001-243'", MC_E_CD_ID, MC_E_CD_ID},
        {"id as octets", ID, "300413" ID_TEXT, MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"id with a NUL", ID, "2C0413'ZIG20141ZB'00'30001-24'", MC_E_CD_ID, MC_E_CD_ID},
        {"id not UTF-8", ID, "2C0413'ZIG20141ZB'FF'30001-24'", MC_E_CD_ID, MC_OK},
        {"level missing", LEVEL, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"level of 9 bits", LEVEL, "25050001", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"information missing", INFORMATION, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"information of 16 bits", INFORMATION, "2506FFFF", MC_OK, MC_OK},
        {"information of 17 bits", INFORMATION, "260600000100", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"number missing", NUMBER, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"number of 17 bits", NUMBER, "260700000100", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"type missing", TYPE, "", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"type true", TYPE, "2908", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"something in between", NUMBER, "25077698 2410FF", MC_E_TLV_ORDER, MC_E_TLV_ORDER},
        {"origin", OPTIONAL, "2509F1FF250A0080", MC_OK, MC_OK},
        {"origin without product", OPTIONAL, "2509F1FF", MC_E_CD_ORIGIN, MC_E_CD_ORIGIN},
        {"origin without product, then PAAs", OPTIONAL, "2509F1FF" PAA_LIST, MC_E_CD_ORIGIN, MC_E_CD_ORIGIN},
        {"origin without vendor", OPTIONAL, "250A0080", MC_E_CD_ORIGIN, MC_E_CD_ORIGIN},
        {"origin of 17 bits", OPTIONAL, "260900000100250A0080", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"origin of 17 bits without product", OPTIONAL, "260900000100", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"origin's product of 17 bits", OPTIONAL, "2509F1FF 260A00000100", MC_E_TLV_RANGE, MC_E_TLV_RANGE},
        {"origin behind the PAAs", OPTIONAL, PAA_LIST "2509F1FF250A0080", MC_E_TLV_ORDER, MC_OK},
        {"PAAs", OPTIONAL, PAA_LIST, MC_OK, MC_OK},
        {"no PAAs", OPTIONAL, "360B18", MC_OK, MC_OK},
        {"PAAs as a list", OPTIONAL, "370B18", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a PAA of 19 octets", OPTIONAL, "360B1013000102030405060708090A0B0C0D0E0F10111218", MC_E_TLV_LENGTH, MC_E_TLV_LENGTH},
        {"a PAA as a number", OPTIONAL, "360B040118", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"a PAA of a reserved type", OPTIONAL, "360B 1014" PAA "1F", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"an unknown element", OPTIONAL, "240C01", MC_OK, MC_OK},
        {"unknown elements of all types", OPTIONAL, "2B0C0000000000000040 350D240101 18 360E18 370F18 3410 0401", MC_OK, MC_OK},
        {"an unknown element of a reserved type", OPTIONAL, "390C", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"an unknown element without a tag", OPTIONAL, "040B 040A 0409", MC_OK, MC_OK},
        {"an unknown structure with a reserved type in it", OPTIONAL, "350C 390C 18", MC_E_TLV_TYPE, MC_E_TLV_TYPE},
        {"an unknown structure with a tagged end in it", OPTIONAL, "350C 38FF 18", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"a tagged end behind an unknown structure", OPTIONAL, "350C 18 38FF", MC_E_TLV_TAG, MC_E_TLV_TAG},
        {"the version again", OPTIONAL, "240001", MC_E_TLV_ORDER, MC_OK},
        {"PAAs behind an unknown element", OPTIONAL, "240C01" PAA_LIST, MC_E_TLV_ORDER, MC_OK},
        {"origin's product is the last that is there", END, "240A", MC_E_CD_ORIGIN, MC_E_CD_ORIGIN},
        {"the end is missing", END, "", MC_E_TLV_TRUNCATED, MC_E_TLV_TRUNCATED},
        {"an octet behind the end", END, "1800", MC_E_TLV_TRAILING, MC_E_TLV_TRAILING},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span in = payload(rows[i].part, rows[i].with, room);
        struct mc_cd cd;
        struct mc_err e;
        enum mc_rc strict, deployed;

        mc_err_init(&e);
        strict = mc_cd_parse(in, &cd, &e);
        deployed = mc_cd_parse_deployed(in, &cd, NULL);
        if (strict != rows[i].strict || e.rc != strict || deployed != rows[i].deployed)
            fail_msg("%s: %s (%s), deployed %s", rows[i].name, mc_rc_symbol(strict), e.field, mc_rc_symbol(deployed));
    }
}

/* The list ends there for a deployed reader: what was listed before counts, what comes after does not. */
static void a_product_of_17_bits_ends_the_list_as_deployed(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_cd cd;

    (void)state;
    assert_int_equal(
        mc_cd_parse_deployed(payload(PRODUCTS, "3602 050080 0600000100 050180 18", room), &cd, NULL), MC_OK);
    assert_int_equal(cd.n_products, 1);
    assert_true(mc_cd_has_product(&cd, 0x8000) && !mc_cd_has_product(&cd, 0x8001));
    assert_int_equal(cd.device_type, 0x1234);
}

/* Behind the end of the payload stands what would make it another one. */
static void nothing_behind_the_end_counts(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_span in = payload(OPTIONAL, "250A0080", room);
    struct mc_cd cd;

    (void)state;
    assert_int_equal(mc_cd_parse(mc_span_of(in.p, in.n - 1), &cd, NULL), MC_E_CD_ORIGIN);
    assert_int_equal(mc_cd_parse(mc_span_of(in.p, in.n - 4), &cd, NULL), MC_E_TLV_TRUNCATED);
    assert_int_equal(mc_cd_parse(mc_span_of(in.p, in.n - 5), &cd, NULL), MC_E_TLV_TRUNCATED);
}

static void the_end_can_come_anywhere(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_span in = payload(OPTIONAL, "2509F1FF 250A0080" PAA_LIST "240C01", room);
    struct mc_cd cd;

    (void)state;
    for (size_t n = 0; n < in.n; n++) {
        uint8_t *copy = malloc(n + 1);

        assert_non_null(copy);
        memcpy(copy, in.p, n);
        assert_int_not_equal(mc_cd_parse(mc_span_of(copy, n), &cd, NULL), MC_OK);
        assert_int_not_equal(mc_cd_parse_deployed(mc_span_of(copy, n), &cd, NULL), MC_OK);
        free(copy);
    }
}

static void values_and_counts_have_limits(void **state)
{
    uint8_t room[CERTS_ROOM], out[MC_CD_PAYLOAD_MAX];
    struct mc_cd cd, good;
    size_t n;

    (void)state;
    assert_int_equal(mc_cd_parse(payload(OPTIONAL, PAA_LIST, room), &good, NULL), MC_OK);
    cd = good;
    cd.format_version = 2;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_VERSION);
    cd = good;
    cd.certification_type = MC_CD_TYPES;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_TYPE);
    cd.certification_type = MC_CD_OFFICIAL;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_OK);
    for (unsigned i = 0; i < MC_CD_PRODUCTS_CAP; i++)
        cd.product[i] = (uint16_t)(0x8000 + i);
    for (unsigned i = 0; i < MC_CD_PAAS_CAP; i++)
        cd.paa[i] = good.paa[0];
    cd.n_products = MC_CD_PRODUCTS_MAX;
    cd.n_paas = MC_CD_PAAS_MAX;
    cd.has_origin = true;
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(n <= MC_CMS_MAX - MC_CMS_OVERHEAD);
    cd.n_products = MC_CD_PRODUCTS_MAX + 1;
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_E_CD_COUNT);
    cd.n_products = 0;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_COUNT);
    cd.n_products = 1;
    cd.n_paas = MC_CD_PAAS_MAX + 1;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_COUNT);
    cd.n_paas = 0;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_COUNT);
    cd.has_paas = false;
    assert_int_equal(mc_cd_check(&cd, NULL), MC_OK);
    cd.certificate_id.n = 18;
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_E_CD_ID);
    cd = good;
    cd.paa[0].n = 19;
    assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_E_TLV_LENGTH);
}

/* As many products and PAAs as fit, and one octet too many. */
static void a_large_payload_is_read_up_to_the_limit(void **state)
{
    static uint8_t large[MC_CD_PAYLOAD_MAX + 1];
    struct mc_out o = mc_out_of(large, sizeof(large));
    struct mc_cd cd;

    (void)state;
    certs_put(&o, "15 240001 2501F1FF 3602");
    while (o.n + 52 < MC_CD_PAYLOAD_MAX)
        certs_put(&o, "0401");
    certs_put(&o, "18 250334122C0413" ID_TEXT "240500 240600 25077698 240800");
    while (o.n + 1 < MC_CD_PAYLOAD_MAX)
        certs_put(&o, "14");
    certs_put(&o, "18");
    assert_int_equal(o.n, MC_CD_PAYLOAD_MAX);
    assert_int_equal(mc_cd_parse(mc_span_of(large, o.n), &cd, NULL), MC_OK);
    assert_true(cd.n_products > 300);
    assert_int_equal(mc_cd_check(&cd, NULL), MC_E_CD_COUNT);
    assert_int_equal(mc_cd_parse(mc_span_of(large, o.n + 1), &cd, NULL), MC_E_CD_SIZE);
    assert_int_equal(mc_cd_parse_deployed(mc_span_of(large, o.n + 1), &cd, NULL), MC_E_CD_SIZE);
}

/* --- against the device (4.6) ---------------------------------------------------------------------- */

static void a_device_is_compared_field_by_field(void **state)
{
    static const struct {
        const char *name, *optional;
        uint16_t vid, pid, dac_vid, pai_vid, dac_pid, pai_pid;
        const char *paa;
        int broken; /* enum mc_cd_field, -1: none */
        enum mc_rc rc;
    } rows[] = {
        {"all the same", "", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, -1, MC_OK},
        {"other vendor", "", 0xFFF2, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, MC_CD_VS_VENDOR, MC_E_CD_VENDOR},
        {"other product", "", 0xFFF1, 0x8001, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, MC_CD_VS_PRODUCT, MC_E_CD_PRODUCT},
        {"DAC of another vendor", "", 0xFFF1, 0x8000, 0xFFF2, 0xFFF1, 0x8000, 0x8000, PAA, MC_CD_VS_DAC_VENDOR, MC_E_CD_VENDOR},
        {"PAI of another vendor", "", 0xFFF1, 0x8000, 0xFFF1, 0xFFF2, 0x8000, 0x8000, PAA, MC_CD_VS_PAI_VENDOR, MC_E_CD_VENDOR},
        {"DAC of another product", "", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8001, 0x8000, PAA, MC_CD_VS_DAC_PRODUCT, MC_E_CD_PRODUCT},
        {"PAI of another product", "", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8001, PAA, MC_CD_VS_PAI_PRODUCT, MC_E_CD_PRODUCT},
        {"PAI with product 0", "", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0, PAA, -1, MC_OK},
        {"of an origin", "2509F2FF250A0180", 0xFFF1, 0x8000, 0xFFF2, 0xFFF2, 0x8001, 0x8001, PAA, -1, MC_OK},
        {"origin, DAC not of it", "2509F2FF250A0180", 0xFFF1, 0x8000, 0xFFF1, 0xFFF2, 0x8001, 0x8001, PAA, MC_CD_VS_DAC_VENDOR, MC_E_CD_VENDOR},
        {"origin, PAI not of it", "2509F2FF250A0180", 0xFFF1, 0x8000, 0xFFF2, 0xFFF1, 0x8001, 0x8001, PAA, MC_CD_VS_PAI_VENDOR, MC_E_CD_VENDOR},
        {"origin, DAC's product not of it", "2509F2FF250A0180", 0xFFF1, 0x8000, 0xFFF2, 0xFFF2, 0x8000, 0x8001, PAA, MC_CD_VS_DAC_PRODUCT, MC_E_CD_PRODUCT},
        {"origin, PAI's product not of it", "2509F2FF250A0180", 0xFFF1, 0x8000, 0xFFF2, 0xFFF2, 0x8001, 0x8000, PAA, MC_CD_VS_PAI_PRODUCT, MC_E_CD_PRODUCT},
        {"PAA listed", PAA_LIST, 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, -1, MC_OK},
        {"PAA not listed", "360B 1014 FF0102030405060708090A0B0C0D0E0F10111213 18", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, MC_CD_VS_PAA, MC_E_CD_PAA},
        {"no PAA listed", "360B18", 0xFFF1, 0x8000, 0xFFF1, 0xFFF1, 0x8000, 0x8000, PAA, MC_CD_VS_PAA, MC_E_CD_PAA},
    };
    uint8_t room[CERTS_ROOM], paa[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_att_ids dac = {.has_vid = true, .has_pid = true, .vid = rows[i].dac_vid, .pid = rows[i].dac_pid};
        struct mc_att_ids pai = {.has_vid = true, .has_pid = true, .vid = rows[i].pai_vid, .pid = rows[i].pai_pid};
        struct mc_cd_device d = {.has_vid = true, .has_pid = true, .vid = rows[i].vid, .pid = rows[i].pid, .dac = &dac,
            .pai = &pai, .paa_key_id = certs_octets(rows[i].paa, paa)};
        struct mc_cd cd;

        assert_int_equal(mc_cd_parse(payload(OPTIONAL, rows[i].optional, room), &cd, NULL), MC_OK);
        for (int f = 0; f < MC_CD_VS_COUNT; f++) {
            bool compared;
            enum mc_rc rc = mc_cd_compare(&cd, &d, (enum mc_cd_field)f, &compared, NULL);

            if (rc != (f == rows[i].broken ? rows[i].rc : MC_OK))
                fail_msg("%s: field %d: %s", rows[i].name, f, mc_rc_symbol(rc));
        }
    }
}

static void what_is_not_known_is_not_compared(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_cd_device d = {.dac = NULL};
    struct mc_att_ids none = {.has_vid = false};
    struct mc_cd cd;
    bool compared = true;

    (void)state;
    assert_int_equal(mc_cd_parse(payload(OPTIONAL, PAA_LIST, room), &cd, NULL), MC_OK);
    for (int f = 0; f < MC_CD_VS_COUNT; f++) {
        assert_int_equal(mc_cd_compare(&cd, &d, (enum mc_cd_field)f, &compared, NULL), MC_OK);
        assert_false(compared);
        d.dac = d.pai = &none;
    }
}

/* --- signers --------------------------------------------------------------------------------------- */

static struct mc_cert read_certificate(const char *name, uint8_t *room)
{
    struct mc_cert c;

    assert_int_equal(mc_cert_parse_der(mc_span_of(room, vectors_read(name, room, CERTS_ROOM)), MC_RULES_X509, &c, NULL), MC_OK);
    return c;
}

static void the_known_signers_are_those_of_the_published_certificates(void **state)
{
    static const char *const folders[] = {"cd/signers-development/CSA_Matter_CD_Signing_Key_00%u.cert.der",
        "cd/signers-production/dcld_mirror_CN_Certification_Declaration_Signing_Key_00%u_O_CSA_vid_0xC5A0.der"};
    uint8_t room[CERTS_ROOM];

    (void)state;
    vectors_need();
    assert_int_equal(mc_cd_keys_n, 6);
    for (unsigned i = 0; i < 11; i++) {
        const struct mc_cd_key *key;
        struct mc_cert c;
        char path[160], name[64];

        snprintf(path, sizeof(path), i == 10 ? "cd/signers-development/Chip-Test-CD-Cert.der" : folders[i / 5], i % 5 + 1);
        snprintf(name, sizeof(name), i == 10 ? "test key" : "official key 00%u", i % 5 + 1);
        c = read_certificate(path, room);
        key = mc_cd_key_find(NULL, 0, c.skid);
        assert_non_null(key);
        assert_string_equal(key->name, name);
        assert_int_equal(key->test, i == 10);
        assert_memory_equal(key->point, c.point.p, MC_POINT_LEN);
    }
}

static void further_signers_are_found_behind_the_known_ones(void **state)
{
    struct mc_cd_key more = {.name = "own", .key_id = {1}};

    (void)state;
    assert_ptr_equal(mc_cd_key_find(&more, 1, mc_span_of(more.key_id, MC_KEY_ID_LEN)), &more);
    assert_null(mc_cd_key_find(&more, 1, mc_span_of(more.key_id, MC_KEY_ID_LEN - 1)));
    assert_null(mc_cd_key_find(NULL, 0, mc_span_of(more.key_id, MC_KEY_ID_LEN)));
    memcpy(more.key_id, mc_cd_keys[0].key_id, MC_KEY_ID_LEN);
    assert_ptr_equal(mc_cd_key_find(&more, 1, mc_span_of(more.key_id, MC_KEY_ID_LEN)), &mc_cd_keys[0]);
}

static void official_signers_are_issued_by_the_root_of_the_csa(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t room[CERTS_ROOM];
    struct mc_cd_key key;
    struct mc_cert c;
    char path[128];

    (void)state;
    vectors_need();
    assert_non_null(v);
    for (unsigned i = 1; i <= 5; i++) {
        snprintf(path, sizeof(path), "cd/signers-development/CSA_Matter_CD_Signing_Key_00%u.cert.der", i);
        c = read_certificate(path, room);
        assert_int_equal(mc_cd_check_official(v, &c, NULL), MC_OK);
        assert_int_equal(mc_cd_key_of(&c, "one", &key, NULL), MC_OK);
        assert_memory_equal(key.point, c.point.p, MC_POINT_LEN);
    }
    c.sig[9] ^= 1;
    assert_int_equal(mc_cd_check_official(v, &c, NULL), MC_E_SIGNATURE);
    c.not_before_unix = 0;
    assert_int_equal(mc_cd_check_official(v, &c, NULL), MC_E_ATT_PERIOD);
    c.skid.n = 19;
    assert_int_equal(mc_cd_key_of(&c, "one", &key, NULL), MC_E_CHAIN_KEY_ID);
    c.p256 = false;
    assert_int_equal(mc_cd_key_of(&c, "one", &key, NULL), MC_E_CURVE);
    c = read_certificate("cd/signers-development/Chip-Test-CD-Cert.der", room);
    assert_int_equal(mc_cd_check_official(v, &c, NULL), MC_E_CD_KEY);
    mc_verifier_free(v);
}

static void the_test_key_is_for_two_types(void **state)
{
    (void)state;
    assert_true(mc_cd_test_key_fits(MC_CD_TEST) && mc_cd_test_key_fits(MC_CD_PROVISIONAL));
    assert_false(mc_cd_test_key_fits(MC_CD_OFFICIAL) || mc_cd_test_key_fits(0xFF));
    assert_string_equal(mc_cd_type_name(MC_CD_OFFICIAL), "official");
    assert_string_equal(mc_cd_type_name(0xFF), "reserved");
    assert_int_equal(mc_cd_type_find("Provisional"), MC_CD_PROVISIONAL);
    assert_int_equal(mc_cd_type_find("reserved"), MC_CD_TYPES);
}

/* --- published declarations ------------------------------------------------------------------------ */

static void the_published_payloads_are_read(void **state)
{
    static const struct {
        const char *name;
        enum mc_rc rc;
    } rows[] = {
        {"TestCertificationDeclaration/sTestCMS_CDContent01.tlv", MC_OK},
        {"TestCertificationDeclaration/sTestCMS_CDContent01_Err01.tlv", MC_E_TLV_RANGE},
        {"TestCertificationDeclaration/sTestCMS_CDContent01_Err02.tlv", MC_E_TLV_ORDER},
        {"TestCertificationDeclaration/sTestCMS_CDContent02.tlv", MC_OK},
        {"TestDeviceAttestationCredentials/TestDACVerifierExample_CertDeclarationVerification.sTestCMS_CDContent.tlv", MC_OK},
    };
    uint8_t room[CERTS_ROOM], out[MC_CD_PAYLOAD_MAX];

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[160];
        struct mc_span in;
        struct mc_cd cd;
        size_t n;

        snprintf(path, sizeof(path), "values/%s", rows[i].name);
        in = mc_span_of(room, vectors_read(path, room, sizeof(room)));
        assert_int_equal(mc_cd_parse(in, &cd, NULL), rows[i].rc);
        assert_int_equal(mc_cd_parse_deployed(in, &cd, NULL), rows[i].rc);
        if (rows[i].rc != MC_OK)
            continue;
        assert_int_equal(mc_cd_encode(&cd, out, sizeof(out), &n, NULL), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), in));
    }
}

static void the_published_declarations_verify_with_their_signers(void **state)
{
    static const struct {
        const char *name;
        bool known;
        uint16_t vid, origin;
    } rows[] = {
        {"cd/test/Chip-Test-CD-FFF2-8001-8002-WithDACOrigin.der", true, 0xFFF2, 0xFFF1},
        {"cd/test/Chip-Test-CD-FFF2-8001-8002.der", true, 0xFFF2, 0},
        {"cd/test/Chip-Test-CD-FFF2-8001.der", true, 0xFFF2, 0},
        {"cd/test/Chip-Test-CD-FFF2-8002-WithDACOrigin.der", true, 0xFFF2, 0xFFF1},
        {"cd/test/Chip-Test-CD-FFF2-8002.der", true, 0xFFF2, 0},
        {"cd/test/Chip-Test-CD-FFF3-8001-8002-WithDACOrigin.der", true, 0xFFF3, 0xFFF1},
        {"cd/test/Chip-Test-CD-FFF3-8001-8002.der", true, 0xFFF3, 0},
        {"cd/test/Chip-Test-CD-FFF3-8001.der", true, 0xFFF3, 0},
        {"cd/test/Chip-Test-CD-FFF3-8002-WithDACOrigin.der", true, 0xFFF3, 0xFFF1},
        {"cd/test/Chip-Test-CD-FFF3-8002.der", true, 0xFFF3, 0},
        {"values/DeviceAttestationCredsExample/GetCertificationDeclaration.kCdForAllExamples.der", true, 0, 0},
        {"values/DeviceAttestationCredsExample/GetCertificationDeclaration.kCdForAllExamples-2.der", true, 0, 0},
        {"values/DeviceAttestationCredsExample/GetCertificationDeclaration.kCdForAllExamples-3.der", true, 0, 0},
        {"values/TestCertificationDeclaration/gUntrustedCd.der", false, 0, 0},
    };
    struct mc_verifier *v = mc_verifier_new();
    uint8_t room[CERTS_ROOM], out[MC_CMS_MAX];

    (void)state;
    vectors_need();
    assert_non_null(v);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span in = mc_span_of(room, vectors_read(rows[i].name, room, sizeof(room)));
        const struct mc_cd_key *key;
        struct mc_cms cms;
        struct mc_cd cd;
        size_t n;

        assert_int_equal(mc_cms_parse(in, &cms, NULL), MC_OK);
        key = mc_cd_key_find(NULL, 0, cms.key_id);
        if ((key != NULL) != rows[i].known)
            fail_msg("%s", rows[i].name);
        if (key != NULL)
            assert_int_equal(mc_cms_check_signature(v, &cms, key->point, NULL), MC_OK);
        assert_int_equal(mc_cd_parse(cms.payload, &cd, NULL), MC_OK);
        assert_int_equal(mc_cd_check(&cd, NULL), MC_OK);
        if (rows[i].vid != 0) {
            assert_int_equal(cd.vendor_id, rows[i].vid);
            assert_int_equal(cd.has_origin, rows[i].origin != 0);
            assert_int_equal(cd.origin_vid, rows[i].origin);
        }
        assert_int_equal(mc_cms_encode(&cms, out, sizeof(out), &n, NULL), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), in));
    }
    mc_verifier_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_is_read_and_written_again),
        cmocka_unit_test(each_fault_of_the_form_is_named),
        cmocka_unit_test(a_product_of_17_bits_ends_the_list_as_deployed),
        cmocka_unit_test(nothing_behind_the_end_counts),
        cmocka_unit_test(the_end_can_come_anywhere),
        cmocka_unit_test(values_and_counts_have_limits),
        cmocka_unit_test(a_large_payload_is_read_up_to_the_limit),
        cmocka_unit_test(a_device_is_compared_field_by_field),
        cmocka_unit_test(what_is_not_known_is_not_compared),
        cmocka_unit_test(the_known_signers_are_those_of_the_published_certificates),
        cmocka_unit_test(further_signers_are_found_behind_the_known_ones),
        cmocka_unit_test(official_signers_are_issued_by_the_root_of_the_csa),
        cmocka_unit_test(the_test_key_is_for_two_types),
        cmocka_unit_test(the_published_payloads_are_read),
        cmocka_unit_test(the_published_declarations_verify_with_their_signers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
