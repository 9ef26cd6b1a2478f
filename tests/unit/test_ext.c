/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#define BC(v)   "30(0603551D13 0101FF 04(" v "))"
#define KU(v)   "30(0603551D0F 0101FF 04(" v "))"
#define EKU(v)  "30(0603551D25 0101FF 04(30(" v ")))"
#define SKID(v) "30(0603551D0E 04(" v "))"
#define AKID(v) "30(0603551D23 04(" v "))"
#define KP(nn)  "06082B060105050703" nn
#define ARC     "06092B06010401BE6BFF"
#define ID19    "000102030405060708090A0B0C0D0E0F101112"
#define ID21    "000102030405060708090A0B0C0D0E0F1011121314"
#define FIVE_KP KP("01") KP("02") KP("03") KP("04") KP("08")

/* One or more Extension elements and what the list of them is in TLV; tlv NULL where DER is refused. */
static const struct {
    const char *name, *der, *tlv;
    enum mc_rc want;
} rows[] = {
    {"an end entity", BC("3000"), "350128 0118", MC_OK},
    {"a CA", BC("30(0101FF)"), "3501290118", MC_OK},
    {"cA FALSE written out", BC("30(010100)"), NULL, MC_E_DER_BOOLEAN},
    {"cA 1", BC("30(010101)"), NULL, MC_E_DER_BOOLEAN},
    {"path length 0", BC("30(0101FF020100)"), "350129 01 240200 18", MC_OK},
    {"path length 1", BC("30(0101FF020101)"), "350129 01 240201 18", MC_OK},
    {"path length 127", BC("30(0101FF02017F)"), "350129 01 24027F 18", MC_OK},
    {"path length 128", BC("30(0101FF02020080)"), "350129 01 240280 18", MC_OK},
    {"path length 255", BC("30(0101FF020200FF)"), "350129 01 2402FF 18", MC_OK},
    {"path length 256", BC("30(0101FF02020100)"), NULL, MC_E_EXT_BC},
    {"path length -1", BC("30(0101FF0201FF)"), NULL, MC_E_DER_INTEGER},
    {"path length 0 in two octets", BC("30(0101FF02020000)"), NULL, MC_E_DER_INTEGER},
    {"path length without CA", BC("30(020100)"), NULL, MC_E_EXT_BC},
    {"path length before cA", BC("30(0201000101FF)"), NULL, MC_E_EXT_BC},
    {"more in basicConstraints", BC("30(0101FF0201000500)"), NULL, MC_E_DER_TRAILING},
    {"more behind basicConstraints", BC("30000500"), NULL, MC_E_DER_TRAILING},
    {"no basicConstraints", BC(""), NULL, MC_E_DER_TAG},
    {"basicConstraints as SET", BC("3100"), NULL, MC_E_DER_TAG},
    {"basicConstraints not critical", "30(0603551D13 04(3000))", NULL, MC_E_EXT_CRITICAL},
    {"basicConstraints critical FALSE", "30(0603551D13 010100 04(3000))", NULL, MC_E_DER_BOOLEAN},
    {"critical 1", "30(0603551D13 010101 04(3000))", NULL, MC_E_DER_BOOLEAN},

    {"digitalSignature", KU("03020780"), "240201", MC_OK},
    {"nonRepudiation", KU("03020640"), "240202", MC_OK},
    {"keyEncipherment", KU("03020520"), "240204", MC_OK},
    {"dataEncipherment", KU("03020410"), "240208", MC_OK},
    {"keyAgreement", KU("03020308"), "240210", MC_OK},
    {"keyCertSign", KU("03020204"), "240220", MC_OK},
    {"cRLSign", KU("03020102"), "240240", MC_OK},
    {"encipherOnly", KU("03020001"), "240280", MC_OK},
    {"decipherOnly", KU("0303070080"), "25020001", MC_OK},
    {"keyCertSign and cRLSign", KU("03020106"), "240260", MC_OK},
    {"with digitalSignature", KU("03020186"), "240261", MC_OK},
    {"all nine", KU("030307FF80"), "2502FF01", MC_OK},
    {"no usage", KU("030100"), "240200", MC_OK},
    {"no usage, unused bits", KU("030107"), NULL, MC_E_EXT_KU},
    {"no usage in an octet", KU("03020000"), NULL, MC_E_EXT_KU},
    {"trailing zero bits", KU("03020080"), NULL, MC_E_EXT_KU},
    {"too many unused bits", KU("03020880"), NULL, MC_E_EXT_KU},
    {"one bit more unused than zero", KU("03020206"), NULL, MC_E_EXT_KU},
    {"a second octet of zero", KU("0303008000"), NULL, MC_E_EXT_KU},
    {"a tenth bit", KU("03030600C0"), NULL, MC_E_EXT_KU},
    {"the tenth bit alone", KU("0303060040"), NULL, MC_E_EXT_KU},
    {"a seventeenth bit", KU("030407000080"), NULL, MC_E_EXT_KU},
    {"keyUsage without octets", KU("0300"), NULL, MC_E_EXT_KU},
    {"keyUsage as OCTET STRING", KU("04020780"), NULL, MC_E_DER_TAG},
    {"more behind keyUsage", KU("030207800500"), NULL, MC_E_DER_TRAILING},
    {"keyUsage not critical", "30(0603551D0F 04(03020780))", NULL, MC_E_EXT_CRITICAL},

    {"serverAuth", EKU(KP("01")), "3603040118", MC_OK},
    {"all six", EKU(KP("01") KP("02") KP("03") KP("04") KP("08") KP("09")), "3603 0401 0402 0403 0404 0405 0406 18", MC_OK},
    {"another order", EKU(KP("09") KP("02") KP("01")), "3603 0406 0402 0401 18", MC_OK},
    {"eight", EKU(FIVE_KP KP("09") KP("01") KP("02")), "3603 0401 0402 0403 0404 0405 0406 0401 0402 18", MC_OK},
    {"nine", EKU(FIVE_KP KP("09") KP("01") KP("02") KP("03")), NULL, MC_E_EXT_EKU},
    {"ipsecEndSystem", EKU(KP("05")), NULL, MC_E_EXT_EKU},
    {"anyExtendedKeyUsage", EKU("0604551D2500"), NULL, MC_E_EXT_EKU},
    {"no purpose", EKU(""), NULL, MC_E_EXT_EKU},
    {"a purpose that is no OID", EKU("0500"), NULL, MC_E_DER_TAG},
    {"a broken purpose", EKU("06022B86"), NULL, MC_E_DER_OID},
    {"extKeyUsage as SET", "30(0603551D25 0101FF 04(31(" KP("01") ")))", NULL, MC_E_DER_TAG},
    {"extKeyUsage not critical", "30(0603551D25 04(30(" KP("01") ")))", NULL, MC_E_EXT_CRITICAL},

    {"SKID", SKID("0414" CERTS_ID), "300414" CERTS_ID, MC_OK},
    {"SKID of 19", SKID("0413" ID19), NULL, MC_E_EXT_KEY_ID},
    {"SKID of 21", SKID("0415" ID21), NULL, MC_E_EXT_KEY_ID},
    {"SKID without the inner OCTET STRING", SKID(CERTS_ID), NULL, MC_E_DER_TAG},
    {"more behind the SKID", SKID("0414" CERTS_ID "00"), NULL, MC_E_DER_TRAILING},
    {"SKID critical", "30(0603551D0E 0101FF 04(0414" CERTS_ID "))", NULL, MC_E_EXT_CRITICAL},

    {"AKID", AKID("30(8014" CERTS_ID ")"), "300514" CERTS_ID, MC_OK},
    {"AKID of 19", AKID("30(8013" ID19 ")"), NULL, MC_E_EXT_AKID},
    {"AKID of 21", AKID("30(8015" ID21 ")"), NULL, MC_E_EXT_AKID},
    {"AKID with a serial number", AKID("30(8014" CERTS_ID "820101)"), NULL, MC_E_EXT_AKID},
    {"AKID of a serial number only", AKID("30(820101)"), NULL, MC_E_EXT_AKID},
    {"AKID of a name", AKID("30(8114" CERTS_ID ")"), NULL, MC_E_EXT_AKID},
    {"an empty AKID", AKID("3000"), NULL, MC_E_EXT_AKID},
    {"AKID as OCTET STRING", AKID("0414" CERTS_ID), NULL, MC_E_EXT_AKID},
    {"more behind the AKID", AKID("30(8014" CERTS_ID ")00"), NULL, MC_E_DER_TRAILING},
    {"AKID critical", "30(0603551D23 0101FF 04(30(8014" CERTS_ID ")))", NULL, MC_E_EXT_CRITICAL},

    {"a future extension", "30(" ARC "7F 04(0403616263))", "3006(30(" ARC "7F 04(0403616263)))", MC_OK},
    {"a critical one", "30(" ARC "7F 0101FF 04(0500))", "3006(30(" ARC "7F 0101FF 04(0500)))", MC_OK},
    {"two", "30(" ARC "7F 04(0500))30(" ARC "7E 04(3000))",
        "3006(30(" ARC "7F 04(0500))) 3006(30(" ARC "7E 04(3000)))", MC_OK},
    {"cRLDistributionPoints", "30(0603551D1F 04(3000))", "3006(30(0603551D1F 04(3000)))", MC_OK},
    {"one with critical FALSE", "30(" ARC "7F 010100 04(0500))", NULL, MC_E_DER_BOOLEAN},
    {"one without payload", "30(" ARC "7F 04())", NULL, MC_E_EXT_FUTURE},
    {"a payload that is no DER", "30(" ARC "7F 04(616263))", NULL, MC_E_EXT_FUTURE},
    {"a payload of two elements", "30(" ARC "7F 04(05000500))", NULL, MC_E_EXT_FUTURE},
    {"a payload that is cut", "30(" ARC "7F 04(040561))", NULL, MC_E_EXT_FUTURE},
    {"a payload of indefinite length", "30(" ARC "7F 04(30800000))", NULL, MC_E_EXT_FUTURE},
    {"extensionRequest", "30(06092A864886F70D01090E 04(3000))", NULL, MC_E_EXT_FUTURE},
    {"a key purpose as extension", "30(" KP("01") " 04(3000))", NULL, MC_E_EXT_FUTURE},
    {"an attribute as extension", "30(0603550403 04(3000))", NULL, MC_E_EXT_FUTURE},
    {"a Matter attribute as extension", "30(060A2B0601040182A27C0101 04(3000))", NULL, MC_E_EXT_FUTURE},
    {"an algorithm as extension", "30(06082A8648CE3D040302 04(3000))", NULL, MC_E_EXT_FUTURE},

    {"any order", CERTS_AKID CERTS_FUTURE CERTS_KU,
        "300514" CERTS_ID "3006(" CERTS_FUTURE ")240201", MC_OK},
    {"basicConstraints twice", CERTS_BC CERTS_BC, NULL, MC_E_EXT_TWICE},
    {"keyUsage twice", CERTS_KU CERTS_SKID CERTS_KU, NULL, MC_E_EXT_TWICE},
    {"extKeyUsage twice", CERTS_EKU CERTS_EKU, NULL, MC_E_EXT_TWICE},
    {"SKID twice", CERTS_SKID CERTS_SKID, NULL, MC_E_EXT_TWICE},
    {"AKID twice", CERTS_AKID CERTS_AKID, NULL, MC_E_EXT_TWICE},
    {"no extension", "", NULL, MC_E_EXT_MISSING},
    {"an extension that is no SEQUENCE", "3100", NULL, MC_E_DER_TAG},
    {"an extension without OID", "30(04(3000))", NULL, MC_E_DER_TAG},
    {"an extension with a broken OID", "30(0602551D86 04(3000))", NULL, MC_E_DER_TAG},
    {"an extension without value", "30(" ARC "7F)", NULL, MC_E_DER_TAG},
    {"an extension with two values", "30(" ARC "7F 04(0500)04(0500))", NULL, MC_E_DER_TRAILING},
    {"the flag behind the value", "30(0603551D13 04(3000)0101FF)", NULL, MC_E_DER_TRAILING},
};

static void extensions_in_der_follow_the_rules_and_become_tlv(void **state)
{
    uint8_t in[CERTS_ROOM], want[CERTS_ROOM], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    char text[2048];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_cert c;
        struct mc_err e;
        size_t n;

        mc_err_init(&e);
        snprintf(text, sizeof(text), "A3(30(%s))", rows[i].der);
        struct mc_span x509 = certs_der(DER_EXTENSIONS, text, in);
        enum mc_rc rc = mc_cert_parse_der(x509, MC_RULES_MATTER, &c, &e);

        if (rc != rows[i].want || e.rc != rc)
            fail_msg("%s: %s", rows[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK)
            continue;
        assert_int_equal(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, &e), MC_OK);
        snprintf(text, sizeof(text), "370A%s18", rows[i].tlv);
        if (!mc_span_eq(mc_span_of(tlv, n), certs_tlv(TLV_EXTENSIONS, text, want)))
            fail_msg("%s: another TLV", rows[i].name);
        assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &c, &e), MC_OK);
        assert_int_equal(mc_cert_encode_der(&c, der, sizeof(der), &n, &e), MC_OK);
        if (!mc_span_eq(mc_span_of(der, n), x509))
            fail_msg("%s: another DER", rows[i].name);
    }
}

/* X.509 rules keep every certificate whose extensions are DER, and say what Matter has against it. */
static void x509_rules_note_what_matter_rules_refuse(void **state)
{
    uint8_t in[CERTS_ROOM], tlv[MC_CERT_TLV_MAX];
    char text[2048];
    unsigned noted = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_cert c;
        struct mc_err e;
        size_t n;

        mc_err_init(&e);
        snprintf(text, sizeof(text), "A3(30(%s))", rows[i].der);
        enum mc_rc rc = mc_cert_parse_der(certs_der(DER_EXTENSIONS, text, in), MC_RULES_X509, &c, &e);

        if (rc != MC_OK) {
            assert_int_equal(rc, rows[i].want);
            continue;
        }
        assert_int_equal(c.obstacle.rc, rows[i].want);
        assert_int_equal(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, &e), rows[i].want);
        noted += rows[i].want != MC_OK;
        if (!c.has_bc)
            assert_false(c.is_ca || c.has_path_len);
        if (!c.has_ku)
            assert_int_equal(c.ku, 0);
        if (!c.has_skid)
            assert_int_equal(c.skid.n, 0);
        if (!c.has_akid)
            assert_int_equal(c.akid.n, 0);
        if (!c.has_eku)
            assert_int_equal(c.n_eku, 0);
    }
    assert_true(noted > 50);
}

/* Members of the TLV list that no DER leads to. */
static const struct {
    const char *name, *tlv;
    enum mc_rc want;
} tlv_rows[] = {
    {"no extension", "", MC_E_EXT_MISSING},
    {"one", "240201", MC_OK},
    {"tag 0", "240001", MC_E_TLV_TAG},
    {"tag 7", "30070100", MC_E_TLV_TAG},
    {"no tag", "0401", MC_E_TLV_TAG},
    {"a profile tag", "44020001", MC_E_TLV_TAG},
    {"basic-cnstr as list", "3701280118", MC_E_TLV_TYPE},
    {"key-usage as octets", "30020101", MC_E_TLV_TYPE},
    {"key-usage as signed number", "200201", MC_E_TLV_TYPE},
    {"extended-key-usage as list", "3703040118", MC_E_TLV_TYPE},
    {"SKID as text", "2C0414'aaaaaaaaaaaaaaaaaaaa'", MC_E_TLV_TYPE},
    {"basic-cnstr without is-ca", "350118", MC_E_TLV_ORDER},
    {"path length first", "3501 240200 2901 18", MC_E_TLV_ORDER},
    {"is-ca without tag", "35010918", MC_E_TLV_ORDER},
    {"is-ca as number", "350124010118", MC_E_TLV_TYPE},
    {"path length without CA", "3501 2801 240200 18", MC_E_EXT_BC},
    {"path length 255", "3501 2901 2402FF 18", MC_OK},
    {"path length 256", "3501 2901 25020001 18", MC_E_EXT_BC},
    {"a wide path length", "3501 2901 25020100 18", MC_E_TLV_MINIMAL},
    {"path length twice", "3501 2901 240200 240200 18", MC_E_TLV_TAG},
    {"an unknown member of basic-cnstr", "3501 2901 240300 18", MC_E_TLV_TAG},
    {"path length as octets", "3501 2901 30020100 18", MC_E_TLV_TAG},
    {"key-usage 0", "240200", MC_OK},
    {"key-usage 0x1FF", "2502FF01", MC_OK},
    {"key-usage 0x200", "25020002", MC_E_EXT_KU},
    {"key-usage of 33 bits", "27020100000001000000", MC_E_EXT_KU},
    {"wide key-usage", "25020100", MC_E_TLV_MINIMAL},
    {"purpose 0", "3603040018", MC_E_EXT_EKU},
    {"purpose 6", "3603040618", MC_OK},
    {"purpose 7", "3603040718", MC_E_EXT_EKU},
    {"purpose 257", "360305010118", MC_E_EXT_EKU},
    {"no purpose", "360318", MC_E_EXT_EKU},
    {"eight purposes", "3603 0401040104010401 0401040104010401 18", MC_OK},
    {"nine purposes", "3603 0401040104010401 0401040104010401 0401 18", MC_E_EXT_EKU},
    {"a purpose with tag", "360324010118", MC_E_TLV_TAG},
    {"a signed purpose", "3603000118", MC_E_TLV_TYPE},
    {"SKID of 19", "300413" ID19, MC_E_EXT_KEY_ID},
    {"SKID of 21", "300415" ID21, MC_E_EXT_KEY_ID},
    {"AKID of 19", "300513" ID19, MC_E_EXT_KEY_ID},
    {"AKID of 21", "300515" ID21, MC_E_EXT_KEY_ID},
    {"key-usage twice", "240201240201", MC_E_EXT_TWICE},
    {"basic-cnstr twice", "350128011835012801 18", MC_E_EXT_TWICE},
    {"SKID twice", "300414" CERTS_ID "300414" CERTS_ID, MC_E_EXT_TWICE},
    {"an empty future extension", "300600", MC_E_DER_TAG},
    {"one that is cut", "300605 30(" ARC "7F 04(0500))", MC_E_DER_TRUNCATED},
    {"two in one", "3006(30(" ARC "7F 04(0500)) 30(" ARC "7E 04(0500)))", MC_E_DER_TRAILING},
    {"one that TLV has a tag for", "3006(30(0603551D0F 04(03020780)))", MC_E_EXT_FUTURE},
    {"extensionRequest", "3006(30(06092A864886F70D01090E 04(3000)))", MC_E_EXT_FUTURE},
    {"a key purpose as extension", "3006(30(" KP("01") " 04(3000)))", MC_E_EXT_FUTURE},
    {"a payload that is no DER", "3006(30(" ARC "7F 04(6161)))", MC_E_EXT_FUTURE},
    {"critical FALSE", "3006(30(" ARC "7F 010100 04(0500)))", MC_E_DER_BOOLEAN},
    {"a length that is not minimal", "3006(30810F " ARC "7F 04020500)", MC_E_DER_LENGTH},
};

static void extensions_in_tlv_follow_the_rules(void **state)
{
    uint8_t in[CERTS_ROOM];
    char text[2048];

    (void)state;
    for (size_t i = 0; i < COUNT(tlv_rows); i++) {
        struct mc_cert c;
        struct mc_err e;

        mc_err_init(&e);
        snprintf(text, sizeof(text), "370A%s18", tlv_rows[i].tlv);
        enum mc_rc rc = mc_cert_parse_tlv(certs_tlv(TLV_EXTENSIONS, text, in), &c, &e);

        if (rc != tlv_rows[i].want || e.rc != rc)
            fail_msg("%s: %s", tlv_rows[i].name, mc_rc_symbol(rc));
    }
}

/* Each of the 512 values of key usage, as TLV and as DER. */
static void every_key_usage_travels(void **state)
{
    uint8_t in[CERTS_ROOM], der[MC_CERT_DER_MAX];
    struct mc_cert c, back;
    size_t n;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_PARTS, "", in), &c, NULL), MC_OK);
    for (unsigned ku = 0; ku <= 0x1FF; ku++) {
        c.ku = (uint16_t)ku;
        assert_int_equal(mc_cert_encode_der(&c, der, sizeof(der), &n, NULL), MC_OK);
        assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &back, NULL), MC_OK);
        assert_int_equal(back.ku, ku);
    }
}

static void there_are_at_most_24_extensions(void **state)
{
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (unsigned n = MC_EXT_CAP; n <= MC_EXT_CAP + 1; n++) {
        struct mc_cert c;
        char der[2048] = "A3(30(", tlv[2048] = "370A";

        for (unsigned i = 0; i < n; i++) {
            strcat(der, "30(0603551D1F 04(0500))");
            strcat(tlv, "3006(30(0603551D1F 04(0500)))");
        }
        strcat(der, "))");
        strcat(tlv, "18");
        /* So many do not fit the size limit either: beyond the count, that is the next rule. */
        assert_int_equal(mc_cert_parse_der(certs_der(DER_EXTENSIONS, der, in), MC_RULES_X509, &c, NULL),
            n > MC_EXT_CAP ? MC_E_EXT_COUNT : MC_OK);
        assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_EXTENSIONS, tlv, in), &c, NULL),
            n > MC_EXT_CAP ? MC_E_EXT_COUNT : MC_E_SIZE_TLV);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extensions_in_der_follow_the_rules_and_become_tlv),
        cmocka_unit_test(x509_rules_note_what_matter_rules_refuse),
        cmocka_unit_test(extensions_in_tlv_follow_the_rules),
        cmocka_unit_test(every_key_usage_travels),
        cmocka_unit_test(there_are_at_most_24_extensions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
