/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation chains: VID and PID in both encodings, formats, issuance times, paths, results. */
#include "lib/att_chain.h"
#include "lib/lint.h"

#include "lint_objects.h"

#define NOW INT64_C(1800000000)

static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    keys_make();
    v = mc_verifier_new();
    return v == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    keys_free();
    mc_verifier_free(v);
    return 0;
}

/* --- VID and PID ----------------------------------------------------------------------------------- */

static enum mc_rc ids_of(const char *cn, const char *vid, const char *pid, struct mc_att_ids *ids)
{
    struct mc_cert c = {.form = MC_FORM_DER};
    const struct {
        enum mc_attr_id id;
        const char *text;
    } parts[] = {{MC_ATTR_COMMON_NAME, cn}, {MC_ATTR_VID, vid}, {MC_ATTR_PID, pid}};

    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].text == NULL)
            continue;
        c.subject.attr[c.subject.n++] =
            (struct mc_attr){.id = (uint8_t)parts[i].id, .text = mc_span_of(parts[i].text, strlen(parts[i].text))};
    }
    return mc_att_ids_of(&c, ids, NULL);
}

enum { GOOD, BAD, ABSENT_VID, ABSENT_BOTH };

static void vid_and_pid_are_read_from_common_names(void **state)
{
    static const struct {
        const char *cn, *vid, *pid;
        int outcome;
        unsigned v, p;
    } rows[] = {
        {"ACME Matter Devel DAC 5CDA9899 Mvid:FFF1 Mpid:00B1", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"ACME Matter Devel DAC 5CDA9899 Mpid:00B1 Mvid:FFF1", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"Mpid:00B1,ACME Matter Devel DAC 5CDA9899,Mvid:FFF1", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"ACME Matter Devel DAC 5CDA9899 Mvid:FFF1Mpid:00B1", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"Mvid:FFF1ACME Matter Devel DAC 5CDAMpid:00B19899", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"ACME Mvid:FF1 Mpid:00B1", NULL, NULL, BAD, 0, 0},
        {"ACME Mvid:fff1 Mpid:00B1", NULL, NULL, BAD, 0, 0},
        {"ACME Mvid:FFF1 Mpid:B1", NULL, NULL, BAD, 0, 0},
        {"ACME Mpid: Mvid:FFF1", NULL, NULL, BAD, 0, 0},
        {"Mvid:FFF Mpid:00B10x", NULL, NULL, BAD, 0, 0},
        {"MpidMvid:FFF10 Matter Test Mpid:00B1", NULL, NULL, GOOD, 0xFFF1, 0x00B1},
        {"Matter Devel DAC Mpid:Mvid:Fff1", NULL, NULL, BAD, 0, 0},
        {"Matter Devel DAC Mpid:00B1 MVID:FFF1", NULL, NULL, ABSENT_VID, 0, 0x00B1},
        {"Matter Devel DAC Mpid_00B1 Mvid_FFF1", NULL, NULL, ABSENT_BOTH, 0, 0},
        {"ACME Mvid:FFF2 Mpid:00B2", "FFF1", "00B1", GOOD, 0xFFF1, 0x00B1},
        {"Mvid:FFF1", NULL, "00B1", ABSENT_VID, 0, 0x00B1},
        {"ACME Mvid:FFF1 Mpid:XYZ1", NULL, NULL, BAD, 0, 0},
        {"Mpid:987Mvid:FFF10x", NULL, NULL, BAD, 0, 0},
        {"Mpid:Mvid:FFF1 Mpid:12cd Matter Test Mpid:FE67", NULL, NULL, GOOD, 0xFFF1, 0xFE67},
        {"MpidMvid:FFF10 Matter Test Mpid:FE67", NULL, NULL, GOOD, 0xFFF1, 0xFE67},
        {"", NULL, NULL, BAD, 0, 0},
        {"Mvid:FFF", "FFF1", "00B1", BAD, 0, 0},
        {NULL, "12eF", "00B1", BAD, 0, 0},
        {NULL, "12345", "00B1", BAD, 0, 0},
        {NULL, "FFF1", "0x1", BAD, 0, 0},
        {NULL, NULL, NULL, ABSENT_BOTH, 0, 0},
        /* Only the first 64 octets of a common name count. */
        {"1234567890123456789012345678901234567890123456789012345Mvid:FFF1", NULL, NULL, GOOD, 0xFFF1, 0},
        {"12345678901234567890123456789012345678901234567890123456Mvid:FFF1", NULL, NULL, BAD, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_att_ids ids;
        enum mc_rc rc = ids_of(rows[i].cn, rows[i].vid, rows[i].pid, &ids);
        bool vid = rows[i].outcome == GOOD, pid = (rows[i].outcome == GOOD || rows[i].outcome == ABSENT_VID);

        if (rc != (rows[i].outcome == BAD ? MC_E_ATT_ID : MC_OK))
            fail_msg("row %zu: %s", i, mc_rc_symbol(rc));
        if (rc != MC_OK)
            continue;
        if (ids.has_vid != vid || (vid && ids.vid != rows[i].v) || (rows[i].p != 0 && ids.pid != rows[i].p) ||
            ids.has_pid != (pid && rows[i].p != 0))
            fail_msg("row %zu: VID %d 0x%04X, PID %d 0x%04X", i, ids.has_vid, ids.vid, ids.has_pid, ids.pid);
    }
}

static void an_attribute_that_stands_twice_is_refused(void **state)
{
    struct mc_attr vid = {.id = MC_ATTR_VID, .text = mc_span_of("FFF1", 4)};
    struct mc_cert c = {.subject = {.n = 2, .attr = {vid, vid}}};
    struct mc_att_ids ids;

    (void)state;
    assert_int_equal(mc_att_ids_of(&c, &ids, NULL), MC_E_ATT_ID);
    c.subject.n = 1;
    assert_int_equal(mc_att_ids_of(&c, &ids, NULL), MC_OK);
    assert_true(ids.has_vid && !ids.has_pid && !ids.in_common_name && ids.vid == 0xFFF1);
}

static void results_have_numbers_and_names(void **state)
{
    (void)state;
    assert_string_equal(mc_att_result_find(101)->name, "PaaNotFound");
    assert_string_equal(mc_att_result_find(703)->name, "NotImplemented");
    assert_int_equal(mc_att_result_find_name("NotImplemented")->number, 703);
    assert_int_equal(mc_att_result_find_name("KPaaNotFound")->number, 101);
    assert_null(mc_att_result_find_name("xPaaNotFound"));
    assert_int_equal(mc_att_result_find_name("kPaaNotFound")->number, 101);
    assert_int_equal(mc_att_result_find_name("dacexpired")->number, 300);
    assert_null(mc_att_result_find(99));
    assert_null(mc_att_result_find_name("k"));
}

/* --- a good chain in which one certificate changes -------------------------------------------------- */

enum { PAA, PAI, DAC };
#define AT_PAA MC_CHAIN_ROOT
#define AT_PAI MC_CHAIN_ICA
#define AT_DAC MC_CHAIN_LEAF
#define NOWHERE MC_CHAIN_NONE

static uint8_t made_bytes[3][CERTS_ROOM];
static struct mc_cert made[3];
static const struct mc_att_chain made_chain = {
    .paa = &made[PAA], .pai = &made[PAI], .dac = &made[DAC], .has_now = true, .now_unix = NOW};

/* PAA and DAC have key 1, the PAI key 2. Names of issuers follow unless a row replaces them. */
static void make_chain(const struct row change[3])
{
    for (unsigned i = PAA; i <= DAC; i++) {
        struct mc_span der = certificate(B_PAA + i, &change[i], made_bytes[i]);

        assert_int_equal(mc_cert_parse_der(der, MC_RULES_X509, &made[i], NULL), MC_OK);
    }
}

#define PAA_EXTS(list) DER_EXTENSIONS, EXTS(list)
#define CHANGED(which, ...) .change = {[which] = {.part = __VA_ARGS__}}
#define SAME DER_VERSION, "A0(020102)"
#define CRIT(oid, value) "30(" oid "0101FF 04(" value "))"
#define PLAIN(oid, value) "30(" oid "04(" value "))"
#define DAC_EXT(list) DER_EXTENSIONS, EXTS(list)
#define OF_DAC SKID(ID1) AKID(ID2)
/* All three begin in the last century, the DAC at the time given. */
#define OLD(dac)                                                                                                       \
    .change = {[PAA] = {.part = DER_VALIDITY, .with = NO_EXPIRY("600101000000Z")},                                     \
        [PAI] = {.part = DER_VALIDITY, .with = NO_EXPIRY("600101000000Z")},                                            \
        [DAC] = {.part = DER_VALIDITY, .with = NO_EXPIRY(dac)}}

static const struct chain_row {
    const char *name;
    struct row change[3];
    enum mc_rc rc;
    enum mc_chain_cert where;
    uint16_t result;
    const char *what; /* of the error, where it tells more than the rule */
} chain_rows[] = {
    {"nothing changes", CHANGED(DAC, SAME), MC_OK, NOWHERE, 0, NULL},
    {"DAC version 2", CHANGED(DAC, DER_VERSION, "A0(020101)"), MC_E_VERSION, AT_DAC, 303, NULL},
    {"PAI version 2", CHANGED(PAI, DER_VERSION, "A0(020101)"), MC_E_VERSION, AT_PAI, 203, NULL},
    {"PAA version 2", CHANGED(PAA, DER_VERSION, "A0(020101)"), MC_E_VERSION, AT_PAA, 105, NULL},
    {"DAC without serial", CHANGED(DAC, DER_SERIAL, "0200"), MC_E_SERIAL, AT_DAC, 303, NULL},
    {"DAC by SHA-1", CHANGED(DAC, DER_TBS_ALG, ECDSA_SHA1), MC_E_SIG_ALG, AT_DAC, 303, NULL},
    {"DAC of another curve", CHANGED(DAC, DER_KEY, "30(30(" EC "06052B8104000A)03(00" POINT2 "))"), MC_E_CURVE, AT_DAC, 303, NULL},
    {"DAC without constraints", CHANGED(DAC, DAC_EXT(CERTS_KU OF_DAC)), MC_E_CHAIN_CA, AT_DAC, 303, "it is missing"},
    {"DAC with broken constraints", CHANGED(DAC, DAC_EXT(BC("0400") CERTS_KU OF_DAC)), MC_E_CHAIN_CA, AT_DAC, 303, "not in DER form"},
    {"DAC with constraints twice", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_BC CERTS_KU OF_DAC)), MC_E_EXT_TWICE, AT_DAC, 303, NULL},
    {"DAC with constraints first and last", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CERTS_BC)), MC_E_EXT_TWICE, AT_DAC, 303, NULL},
    {"DAC with constraints not critical", CHANGED(DAC, DAC_EXT(PLAIN("0603551D13", "3000") CERTS_KU OF_DAC)), MC_E_EXT_CRITICAL, AT_DAC, 303,
        "it is not critical"},
    {"DAC that is a CA", CHANGED(DAC, DAC_EXT(BC_CA CERTS_KU OF_DAC)), MC_E_CHAIN_CA, AT_DAC, 303, "it is TRUE in a dac"},
    {"PAI that is no CA", CHANGED(PAI, DAC_EXT(CERTS_BC KU_CA OF_KEY2)), MC_E_CHAIN_CA, AT_PAI, 203, "it is FALSE in a pai"},
    {"PAI without pathLen", CHANGED(PAI, DAC_EXT(BC_CA KU_CA OF_KEY2)), MC_E_CHAIN_PATH_LEN, AT_PAI, 203, "a PAI must have 0"},
    {"PAI with pathLen 1", CHANGED(PAI, DAC_EXT(BC_CA1 KU_CA OF_KEY2)), MC_E_CHAIN_PATH_LEN, AT_PAI, 203, "a PAI must have 0"},
    {"PAA without pathLen", CHANGED(PAA, PAA_EXTS(BC_CA KU_CA OF_KEY1)), MC_OK, NOWHERE, 0, NULL},
    {"PAA with pathLen 0", CHANGED(PAA, PAA_EXTS(BC_CA0 KU_CA OF_KEY1)), MC_E_CHAIN_PATH_LEN, AT_PAA, 105, "a PAA must have 1 or none"},
    {"PAA with pathLen 2", CHANGED(PAA, PAA_EXTS(BC("30(0101FF 020102)") KU_CA OF_KEY1)), MC_E_CHAIN_PATH_LEN, AT_PAA, 105, NULL},
    {"DAC with pathLen 0", CHANGED(DAC, DAC_EXT(BC("30(020100)") CERTS_KU OF_DAC)), MC_E_CHAIN_CA, AT_DAC, 303, "not in DER form"},
    {"PAI without constraints", CHANGED(PAI, DAC_EXT(KU_CA OF_KEY2)), MC_E_CHAIN_CA, AT_PAI, 203, "it is missing"},
    {"PAI with constraints not critical", CHANGED(PAI, DAC_EXT(PLAIN("0603551D13", "30(0101FF 020100)") KU_CA OF_KEY2)), MC_E_EXT_CRITICAL, AT_PAI,
        203, "it is not critical"},
    {"PAI with pathLen 2", CHANGED(PAI, DAC_EXT(BC("30(0101FF 020102)") KU_CA OF_KEY2)), MC_E_CHAIN_PATH_LEN, AT_PAI, 203, "a PAI must have 0"},
    {"PAI without usage", CHANGED(PAI, DAC_EXT(BC_CA0 OF_KEY2)), MC_E_CHAIN_KEY_USAGE, AT_PAI, 203, "it is missing"},
    {"PAI with usage not critical", CHANGED(PAI, DAC_EXT(BC_CA0 PLAIN("0603551D0F", "03020106") OF_KEY2)), MC_E_EXT_CRITICAL, AT_PAI, 203, NULL},
    {"PAI without keyCertSign", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CRL OF_KEY2)), MC_E_CHAIN_KEY_USAGE, AT_PAI, 203, NULL},
    {"PAI without SKID", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CA AKID(ID1))), MC_E_CHAIN_KEY_ID, AT_PAI, 203, NULL},
    {"PAI without AKID", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CA SKID(ID2))), MC_E_CHAIN_KEY_ID, AT_PAI, 203, NULL},
    {"PAI with critical SKID", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CA CRIT("0603551D0E", "0414" ID2) AKID(ID1))), MC_E_EXT_CRITICAL, AT_PAI, 203,
        "it is critical"},
    {"DAC that signs certificates too", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020284") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, NULL},
    {"DAC that signs CRLs too", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020182") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, NULL},
    {"DAC without digitalSignature", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020520") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, NULL},
    {"PAI by SHA-1", CHANGED(PAI, DER_TBS_ALG, ECDSA_SHA1), MC_E_SIG_ALG, AT_PAI, 203, NULL},
    {"PAI of another curve", CHANGED(PAI, DER_KEY, "30(30(" EC "06052B8104000A)03(00" POINT2 "))"), MC_E_CURVE, AT_PAI, 203, NULL},
    {"PAA without constraints", CHANGED(PAA, PAA_EXTS(KU_CA OF_KEY1)), MC_E_CHAIN_CA, AT_PAA, 105, "it is missing"},
    {"PAA with constraints not critical", CHANGED(PAA, PAA_EXTS(PLAIN("0603551D13", "30(0101FF 020101)") KU_CA OF_KEY1)), MC_E_EXT_CRITICAL, AT_PAA,
        105, "it is not critical"},
    {"PAA that is no CA", CHANGED(PAA, PAA_EXTS(CERTS_BC KU_CA OF_KEY1)), MC_E_CHAIN_CA, AT_PAA, 105, "it is FALSE in a paa"},
    {"PAA with digitalSignature", CHANGED(PAA, PAA_EXTS(BC_CA1 KU("03020186") OF_KEY1)), MC_OK, NOWHERE, 0, NULL},
    {"PAA without usage", CHANGED(PAA, PAA_EXTS(BC_CA1 OF_KEY1)), MC_E_CHAIN_KEY_USAGE, AT_PAA, 105, "it is missing"},
    {"PAA with usage not critical", CHANGED(PAA, PAA_EXTS(BC_CA1 PLAIN("0603551D0F", "03020106") OF_KEY1)), MC_E_EXT_CRITICAL, AT_PAA, 105, NULL},
    {"PAA without keyCertSign", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CRL OF_KEY1)), MC_E_CHAIN_KEY_USAGE, AT_PAA, 105, NULL},
    {"PAA with a fourth usage", CHANGED(PAA, PAA_EXTS(BC_CA1 KU("0302010E") OF_KEY1)), MC_E_CHAIN_KEY_USAGE, AT_PAA, 105, NULL},
    {"PAA with a short SKID", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA PLAIN("0603551D0E", "04020102") AKID(ID1))), MC_E_ATT_PAA, AT_PAI, 101, NULL},
    {"DAC without usage", CHANGED(DAC, DAC_EXT(CERTS_BC OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "it is missing"},
    {"DAC with broken usage", CHANGED(DAC, DAC_EXT(CERTS_BC KU("0400") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "not in DER form"},
    {"DAC with usage not critical", CHANGED(DAC, DAC_EXT(CERTS_BC PLAIN("0603551D0F", "03020780") OF_DAC)), MC_E_EXT_CRITICAL, AT_DAC, 303, NULL},
    {"DAC with a second usage", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020640") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "0x0002 in a dac"},
    {"PAI with digitalSignature", CHANGED(PAI, DAC_EXT(BC_CA0 KU("03020186") OF_KEY2)), MC_OK, NOWHERE, 0, NULL},
    {"PAI without cRLSign", CHANGED(PAI, DAC_EXT(BC_CA0 KU("03020204") OF_KEY2)), MC_E_CHAIN_KEY_USAGE, AT_PAI, 203, NULL},
    {"PAI with a fourth usage", CHANGED(PAI, DAC_EXT(BC_CA0 KU("0302010E") OF_KEY2)), MC_E_CHAIN_KEY_USAGE, AT_PAI, 203, NULL},
    {"DAC without SKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU AKID(ID2))), MC_E_CHAIN_KEY_ID, AT_DAC, 303, NULL},
    {"DAC without AKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1))), MC_E_CHAIN_KEY_ID, AT_DAC, 303, NULL},
    {"PAA without SKID", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA AKID(ID1))), MC_E_ATT_PAA, AT_PAI, 101, NULL},
    {"PAA without AKID", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA SKID(ID1))), MC_OK, NOWHERE, 0, NULL},
    {"DAC with a short SKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU PLAIN("0603551D0E", "04020102") AKID(ID2))), MC_E_EXT_KEY_ID, AT_DAC, 303, NULL},
    {"DAC with critical SKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU CRIT("0603551D0E", "0414" ID1) AKID(ID2))), MC_E_EXT_CRITICAL, AT_DAC, 303,
        "it is critical"},
    {"DAC with critical AKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) CRIT("0603551D23", "30168014" ID2))), MC_E_EXT_CRITICAL, AT_DAC, 303,
        NULL},
    {"DAC with AKID twice", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC AKID(ID2))), MC_E_EXT_TWICE, AT_DAC, 303, NULL},
    {"PAA with a broken AKID", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA SKID(ID1) PLAIN("0603551D23", "30(8002 0102)"))), MC_E_EXT_AKID, AT_PAA, 105, NULL},
    {"DAC with an AKID that says more", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "30(8014" ID2 "820101)"))), MC_OK,
        NOWHERE, 0, NULL},
    {"DAC with an AKID that is no SEQUENCE", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "0400"))), MC_E_EXT_AKID, AT_DAC,
        303, NULL},
    {"DAC with more behind its AKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "30(8014" ID2 ")0500"))), MC_E_EXT_AKID,
        AT_DAC, 303, NULL},
    {"DAC with an AKID of a serial only", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "30(8214" ID2 ")"))), MC_E_EXT_AKID,
        AT_DAC, 303, NULL},

    {"DAC of another vendor", CHANGED(DAC, DER_SUBJECT, DN(VID("1235") PID("8000"))), MC_E_ATT_VID, AT_DAC, 305, "0x1235 under 0x1234"},
    {"DAC without VID", CHANGED(DAC, DER_SUBJECT, DN(PID("8000"))), MC_E_ATT_VID, AT_DAC, 305, "the DAC has none"},
    {"DAC without PID", CHANGED(DAC, DER_SUBJECT, DN(VID("1234"))), MC_E_ATT_PID, AT_DAC, 306, "the DAC has none"},
    {"DAC with VID 0", CHANGED(DAC, DER_SUBJECT, DN(VID("0000") PID("8000"))), MC_E_ATT_VID, AT_DAC, 305, "0x0000 under 0x1234"},
    {"PAI without VID", CHANGED(PAI, DER_SUBJECT, DN(CN("Test PAI"))), MC_E_ATT_VID, AT_PAI, 305, "the PAI has none"},
    {"PAI for that product", .change = {[PAI] = {.part = DER_SUBJECT, .with = DN(VID("1234") PID("8000"))},
         [DAC] = {.part = DER_ISSUER, .with = DN(VID("1234") PID("8000"))}}, MC_OK, NOWHERE, 0, NULL},
    {"PAI for another product", CHANGED(PAI, DER_SUBJECT, DN(VID("1234") PID("8001"))), MC_E_ATT_PID, AT_DAC, 306, "0x8000 under 0x8001"},
    {"neither has a VID", .change = {[PAI] = {.part = DER_SUBJECT, .with = DN(CN("x"))},
         [DAC] = {.part = DER_SUBJECT, .with = DN(PID("8000"))}}, MC_E_ATT_VID, AT_PAI, 305, "the PAI has none"},
    {"PAA of no vendor", .change = {[PAA] = {.part = DER_SUBJECT, .with = DN(CN("Test PAA")), .part2 = DER_ISSUER, .with2 = DN(CN("Test PAA"))},
         [PAI] = {.part = DER_ISSUER, .with = DN(CN("Test PAA"))}}, MC_OK, NOWHERE, 0, NULL},
    {"PAA of another vendor", CHANGED(PAA, DER_SUBJECT, DN(VID("1235"))), MC_E_ATT_VID, AT_PAI, 205, "0x1234 under a PAA of 0x1235"},
    {"PAA with VID twice", CHANGED(PAA, DER_SUBJECT, DN(VID("1234") VID("1234"))), MC_E_ATT_ID, AT_PAA, 105, "it stands twice"},
    {"PAI with VID twice", CHANGED(PAI, DER_SUBJECT, DN(VID("1234") VID("1234"))), MC_E_ATT_ID, AT_PAI, 203, "it stands twice"},
    {"PAI with PID twice", CHANGED(PAI, DER_SUBJECT, DN(VID("1234") PID("8000") PID("8000"))), MC_E_ATT_ID, AT_PAI, 203, "it stands twice"},
    {"DAC with VID twice", CHANGED(DAC, DER_SUBJECT, DN(VID("1234") VID("1234") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, "it stands twice"},
    {"DAC with PID twice", CHANGED(DAC, DER_SUBJECT, DN(VID("1234") PID("8000") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, "it stands twice"},
    {"DAC with a lower-case PID", CHANGED(DAC, DER_SUBJECT, DN(VID("1234") PID("80fF"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"DAC with a VID of five", CHANGED(DAC, DER_SUBJECT, DN(VID("12345") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"PrintableString ids", CHANGED(DAC, DER_SUBJECT, DN(ATTR(VID_OID, "13", "1234") ATTR(PID_OID, "13", "8000"))), MC_OK, NOWHERE, 0, NULL},
    {"ids in another order, others beside them", CHANGED(DAC, DER_SUBJECT, DN(PID("8000") ORG("ACME") VID("1234") CN("lamp"))), MC_OK, NOWHERE, 0,
        NULL},
    {"PAA with a malformed VID", CHANGED(PAA, DER_SUBJECT, DN(VID("12"))), MC_E_ATT_ID, AT_PAA, 105, NULL},
    {"PAA with a PID", CHANGED(PAA, DER_SUBJECT, DN(VID("1234") PID("8000"))), MC_E_ATT_PID, AT_PAA, 105, "a PAA may have none"},
    {"PAA with another key", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA SKID(CERTS_ID) AKID(CERTS_ID))), MC_E_ATT_PAA, AT_PAI, 101, NULL},

    {"DAC with VID 0 under a PAI without", .change = {[PAI] = {.part = DER_SUBJECT, .with = DN(CN("x"))},
         [DAC] = {.part = DER_SUBJECT, .with = DN(VID("0000") PID("8000"))}}, MC_E_ATT_VID, AT_PAI, 305, "the PAI has none"},
    {"DAC without VID under a PAI with 0", .change = {[PAI] = {.part = DER_SUBJECT, .with = DN(VID("0000"))},
         [DAC] = {.part = DER_SUBJECT, .with = DN(PID("8000"))}}, MC_E_ATT_VID, AT_DAC, 305, "the DAC has none"},
    {"all digits", .change = {[PAA] = {.part = DER_SUBJECT, .with = DN(VID("09AF"))}, [PAI] = {.part = DER_SUBJECT, .with = DN(VID("09AF"))},
         [DAC] = {.part = DER_SUBJECT, .with = DN(VID("09AF") PID("8000")), .part2 = DER_ISSUER, .with2 = DN(VID("09AF"))}},
        MC_E_CHAIN_ISSUER, AT_PAI, 301, NULL},
    {"a 9 that is no letter", CHANGED(DAC, DER_SUBJECT, DN(VID("1239") PID("8000"))), MC_E_ATT_VID, AT_DAC, 305, NULL},
    {"before 0", CHANGED(DAC, DER_SUBJECT, DN(VID("123/") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"behind 9", CHANGED(DAC, DER_SUBJECT, DN(VID("123:") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"before A", CHANGED(DAC, DER_SUBJECT, DN(VID("123@") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"behind F", CHANGED(DAC, DER_SUBJECT, DN(VID("123G") PID("8000"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"a bad name behind one with both", CHANGED(DAC, DER_SUBJECT, DN(CN("Mvid:1234 Mpid:8000") CN("Mvid:1"))), MC_OK, NOWHERE, 0, NULL},
    {"a name with the VID behind one with the PID", CHANGED(DAC, DER_SUBJECT, DN(CN("Mpid:8000") CN("Mvid:1234"))), MC_E_ATT_VID, AT_DAC, 305,
        "the DAC has none"},
    {"a bad PID behind a name with the VID", CHANGED(DAC, DER_SUBJECT, DN(CN("Mvid:1234") CN("Mpid:8"))), MC_E_ATT_PID, AT_DAC, 306, NULL},
    {"a name that ends with a prefix", CHANGED(DAC, DER_SUBJECT, DN(CN("Mvid:1234 Mpid:"))), MC_E_ATT_ID, AT_DAC, 303, NULL},
    {"a prefix cut at 64 octets", CHANGED(DAC, DER_SUBJECT, DN(CN("012345678901234567890123456789012345678901234567890123456789Mvid:1234"))),
        MC_E_ATT_VID, AT_DAC, 305, "the DAC has none"},

    {"DAC not yet valid", CHANGED(DAC, DER_VALIDITY, NO_EXPIRY("270115080001Z")), MC_E_CHAIN_NOT_YET, AT_DAC, 300, NULL},
    {"DAC from now", CHANGED(DAC, DER_VALIDITY, NO_EXPIRY("270115080000Z")), MC_OK, NOWHERE, 0, NULL},
    {"DAC until now", CHANGED(DAC, DER_VALIDITY, PERIOD("201015142343Z", "270115080000Z")), MC_E_CHAIN_EXPIRED, AT_DAC, 300, NULL},
    {"DAC until the next second", CHANGED(DAC, DER_VALIDITY, PERIOD("201015142343Z", "270115080001Z")), MC_OK, NOWHERE, 0, NULL},
    {"DAC expired a second ago", CHANGED(DAC, DER_VALIDITY, PERIOD("201015142343Z", "270115075959Z")), MC_E_CHAIN_EXPIRED, AT_DAC, 300, NULL},
    {"PAI expired since", CHANGED(PAI, DER_VALIDITY, PERIOD("201015142343Z", "201015142343Z")), MC_OK, NOWHERE, 0, NULL},
    {"PAI expired before the DAC", CHANGED(PAI, DER_VALIDITY, PERIOD("201015142340Z", "201015142342Z")), MC_E_ATT_PERIOD, AT_DAC, 301, NULL},
    {"PAI younger than the DAC", CHANGED(PAI, DER_VALIDITY, NO_EXPIRY("201015142344Z")), MC_E_ATT_PERIOD, AT_DAC, 301, NULL},
    {"PAA expired since", CHANGED(PAA, DER_VALIDITY, PERIOD("201015142343Z", "201015142343Z")), MC_OK, NOWHERE, 0, NULL},
    {"PAA expired before the DAC", CHANGED(PAA, DER_VALIDITY, PERIOD("201015142340Z", "201015142342Z")), MC_E_ATT_PERIOD, AT_DAC, 301, NULL},
    {"PAA younger than the DAC", CHANGED(PAA, DER_VALIDITY, NO_EXPIRY("201015142344Z")), MC_E_ATT_PERIOD, AT_DAC, 301, NULL},

    {"DAC from before 1970", OLD("691231235959Z"), MC_E_TIME_RANGE, AT_DAC, 303, NULL},
    {"DAC from the begin of 1970", OLD("700101000000Z"), MC_OK, NOWHERE, 0, NULL},
    {"PAA with a key off the curve", CHANGED(PAA, DER_KEY, KEY(CERTS_POINT)), MC_E_POINT_CURVE, AT_PAI, 301, NULL},
    {"DAC with a key off the curve", CHANGED(DAC, DER_KEY, KEY(CERTS_POINT)), MC_E_POINT_CURVE, AT_DAC, 303, NULL},

    {"DAC of another issuer", CHANGED(DAC, DER_ISSUER, DN(CN("other"))), MC_E_CHAIN_ISSUER, AT_DAC, 301, NULL},
    {"DAC of another issuer's key", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) AKID(CERTS_ID))), MC_E_CHAIN_AKID, AT_DAC, 301, NULL},
    {"DAC with a wrong signature", CHANGED(DAC, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"), MC_E_SIGNATURE, AT_DAC, 301, NULL},
    {"PAI of another issuer", CHANGED(PAI, DER_ISSUER, DN(CN("other"))), MC_E_CHAIN_ISSUER, AT_PAI, 301, NULL},
    {"PAI with a wrong signature", CHANGED(PAI, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"), MC_E_SIGNATURE, AT_PAI, 301, NULL},
    {"PAA with a wrong signature", CHANGED(PAA, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"), MC_E_SIGNATURE, AT_PAA, 0, NULL},
    {"DAC with another algorithm outside", CHANGED(DAC, DER_ALG, ECDSA_SHA1), MC_E_SIG_ALG_MISMATCH, AT_DAC, 301, NULL},
    {"DAC with NULL outside only", CHANGED(DAC, DER_ALG, ECDSA_NULL), MC_E_SIG_ALG_MISMATCH, AT_DAC, 301, NULL},
    {"PAA with another algorithm outside", CHANGED(PAA, DER_ALG, ECDSA_SHA1), MC_E_SIG_ALG_MISMATCH, AT_PAA, 0, NULL},
    {"DAC that spells out cA FALSE", CHANGED(DAC, DAC_EXT(BC("30(010100)") CERTS_KU OF_DAC)), MC_E_DER_BOOLEAN, AT_DAC, 0, NULL},
    {"PAI that spells out cA FALSE", CHANGED(PAI, DAC_EXT(BC("30(010100)") KU_CA OF_KEY2)), MC_E_CHAIN_CA, AT_PAI, 203, NULL},
    {"PAA with usages not minimal", CHANGED(PAA, PAA_EXTS(BC_CA1 KU("03020006") OF_KEY1)), MC_E_EXT_KU, AT_PAA, 0, NULL},
    {"PAI with usages not minimal", CHANGED(PAI, DAC_EXT(BC_CA0 KU("0303000600") OF_KEY2)), MC_E_EXT_KU, AT_PAI, 0, NULL},
    {"DAC with usages not minimal", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020080") OF_DAC)), MC_E_EXT_KU, AT_DAC, 0, NULL},
    {"DAC with others, not minimal", CHANGED(DAC, DAC_EXT(CERTS_BC KU("030200C0") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "0x0003 in a dac"},
    {"DAC with a ninth usage, not minimal", CHANGED(DAC, DAC_EXT(CERTS_BC KU("0303008080") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "0x0101 in a dac"},
    {"DAC with an octet too many", CHANGED(DAC, DAC_EXT(CERTS_BC KU("0303078000") OF_DAC)), MC_E_EXT_KU, AT_DAC, 0, NULL},
    {"DAC with a tenth usage", CHANGED(DAC, DAC_EXT(CERTS_BC KU("0303008040") OF_DAC)), MC_E_EXT_KU, AT_DAC, 0, NULL},
    {"DAC with usages of 8 unused bits", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020880") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "not in DER form"},
    {"DAC with usages and more", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020080 0500") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "not in DER form"},
    {"DAC with usages without octets", CHANGED(DAC, DAC_EXT(CERTS_BC KU("0300") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "not in DER form"},
    {"DAC with no usage, not minimal", CHANGED(DAC, DAC_EXT(CERTS_BC KU("03020000") OF_DAC)), MC_E_CHAIN_KEY_USAGE, AT_DAC, 303, "0x0000 in a dac"},
    {"two rules that commissioners do not look at", .change = {[PAA] = {.part = DER_ALG, .with = ECDSA_SHA1},
         [DAC] = {.part = DAC_EXT(BC("30(010100)") CERTS_KU OF_DAC)}}, MC_E_DER_BOOLEAN, AT_DAC, 0, NULL},
    {"DAC from before 1970 with a wrong signature", .change = {[PAA] = {.part = DER_VALIDITY, .with = NO_EXPIRY("600101000000Z")},
         [PAI] = {.part = DER_VALIDITY, .with = NO_EXPIRY("600101000000Z")},
         [DAC] = {.part = DER_VALIDITY, .with = NO_EXPIRY("691231235959Z"), .part2 = DER_SIGNATURE, .with2 = "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"}},
        MC_E_SIGNATURE, AT_DAC, 301, NULL},
    {"PAA of another issuer", CHANGED(PAA, DER_ISSUER, DN(CN("other"))), MC_E_CHAIN_SELF, AT_PAA, 0, NULL},

    {"further extension", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC EXT_OTHER)), MC_OK, NOWHERE, 0, NULL},
    {"further critical extension", CHANGED(DAC, DAC_EXT(CRIT("06092B06010401BE6BFF7E", "0500") CERTS_BC CERTS_KU OF_DAC)), MC_E_CHAIN_CRITICAL,
        AT_DAC, 301, NULL},
    {"the same at the end", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("06092B06010401BE6BFF7E", "0500"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301,
        NULL},
    {"the same in the PAI", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CA OF_KEY2 CRIT("06092B06010401BE6BFF7E", "0500"))), MC_E_CHAIN_CRITICAL, AT_PAI, 301, NULL},
    {"the same in the PAA", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA OF_KEY1 CRIT("06092B06010401BE6BFF7E", "0500"))), MC_E_CHAIN_CRITICAL, AT_PAA, 301, NULL},
    {"critical subjectAltName", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0603551D11", "30(82('a'))"))), MC_OK, NOWHERE, 0, NULL},
    {"critical purposes", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU EKU(CLIENT) OF_DAC)), MC_OK, NOWHERE, 0, NULL},
    {"critical issuerAltName", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0603551D12", "30(82('a'))"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301, NULL},
    {"critical 2.5.29.99", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0603551D63", "0500"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301, NULL},
    {"critical 2.5.32.17", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0603552011", "0500"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301, NULL},
    {"critical 2.6.29.17", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0603561D11", "0500"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301, NULL},
    {"critical 2.5.29.17.1", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU OF_DAC CRIT("0604551D1101", "0500"))), MC_E_CHAIN_CRITICAL, AT_DAC, 301, NULL},
};

static void each_fault_has_its_rule_and_result(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(chain_rows); i++) {
        const struct chain_row *r = &chain_rows[i];
        struct mc_att_verdict d;
        enum mc_rc rc;

        make_chain(r->change);
        rc = mc_att_chain_check(v, &made_chain, &d);
        if (rc == d.rc && rc == r->rc && d.where == r->where && d.result == r->result &&
            (r->what == NULL || strcmp(d.err.what, r->what) == 0))
            continue;
        print_message("%s: %s, at %u, result %u, '%s'\n", r->name, mc_rc_symbol(rc), d.where, d.result, d.err.what);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void the_field_is_the_one_that_breaks_the_rule(void **state)
{
    static const struct {
        struct row change[3];
        const char *field;
    } cases[] = {
        {CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU AKID(ID2))), "subjectKeyIdentifier"},
        {CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1))), "authorityKeyIdentifier"},
        {CHANGED(DAC, DER_SUBJECT, DN(VID("12") PID("8000"))), "subject.VID"},
        {CHANGED(DAC, DER_SUBJECT, DN(VID("1234") PID("80"))), "subject.PID"},
        {CHANGED(DAC, DER_SUBJECT, DN(CN("Mvid:12"))), "subject.commonName"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mc_att_verdict d;

        make_chain(cases[i].change);
        (void)mc_att_chain_check(v, &made_chain, &d);
        assert_string_equal(d.err.field, cases[i].field);
    }
}

static void without_a_clock_the_dac_is_not_judged_by_it(void **state)
{
    static const struct row expired[3] = {[DAC] = {.part = DER_VALIDITY, .with = PERIOD("201015142343Z", "210115075959Z")}},
                            future[3] = {[DAC] = {.part = DER_VALIDITY, .with = NO_EXPIRY("350115075959Z")}},
                            /* 32 bits of Unix time end at 2106-02-07T06:28:15Z. */
                            last[3] = {[DAC] = {.part = DER_VALIDITY, .with = "30(18('21060207062815Z') 18('99991231235959Z'))"}},
                            later[3] = {[DAC] = {.part = DER_VALIDITY, .with = "30(18('21060207062816Z') 18('99991231235959Z'))"}};
    struct mc_att_chain chain = made_chain;
    struct mc_att_verdict d;

    (void)state;
    chain.has_now = false;
    make_chain(expired);
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_OK);
    make_chain(future);
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_OK);
    make_chain(last);
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_OK);
    make_chain(later);
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_E_TIME_RANGE);
    assert_true(d.where == MC_CHAIN_LEAF && d.result == 303);
}

/* A clock of 2106 would be needed for it to be valid, so there is none. */
static void the_begin_of_a_dac_fits_32_bits(void **state)
{
    static const struct {
        struct row change[3];
        enum mc_rc rc;
        uint16_t result;
    } cases[] = {
        {CHANGED(DAC, DER_VALIDITY, "30(18('21060207062815Z')18('99991231235959Z'))"), MC_OK, 0},
        {CHANGED(DAC, DER_VALIDITY, "30(18('21060207062816Z')18('99991231235959Z'))"), MC_E_TIME_RANGE, 303},
    };
    struct mc_att_chain chain = made_chain;
    struct mc_att_verdict d;

    (void)state;
    chain.has_now = false;
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_chain(cases[i].change);
        assert_int_equal(mc_att_chain_check(v, &chain, &d), cases[i].rc);
        assert_int_equal(d.result, cases[i].result);
    }
}

/* An extension with so many octets that the certificate has a size; which, is told by the last octets of its value. */
static void make_chain_of_size(unsigned which, size_t size)
{
    static const char *const exts[] = {BC_CA1 KU_CA OF_KEY1, BC_CA0 KU_CA OF_KEY2, CERTS_BC CERTS_KU OF_DAC};
    struct row change[3] = {{.part = SAME}, {.part = SAME}, {.part = SAME}};
    char list[4096], pad[1024];

    for (size_t n = 1; n < 400; n++) {
        for (size_t i = 0; i < n; i++)
            memcpy(pad + 2 * i, "00", 3);
        snprintf(list, sizeof(list), "A3(30(%s30(06092B06010401BE6BFF7E 04(04(%s)))))", exts[which], pad);
        change[which] = (struct row){.part = DER_EXTENSIONS, .with = list};
        if (certificate(B_PAA + which, &change[which], made_bytes[which]).n == size) {
            make_chain(change);
            return;
        }
    }
    fail_msg("no certificate of %zu octets", size);
}

/* Commissioners do not look at it, but there is no room for more in the answer to CertificateChainRequest. */
static void a_certificate_of_600_octets_is_the_largest(void **state)
{
    (void)state;
    for (unsigned which = PAA; which <= DAC; which++) {
        struct mc_att_verdict d;

        make_chain_of_size(which, MC_CERT_DER_MAX);
        assert_int_equal(mc_att_chain_check(v, &made_chain, &d), MC_OK);
        make_chain_of_size(which, MC_CERT_DER_MAX + 1);
        assert_int_equal(mc_att_chain_check(v, &made_chain, &d), MC_E_SIZE_DER);
        assert_int_equal(d.result, 0);
        assert_int_equal(d.where, MC_CHAIN_ROOT + which);
        assert_string_equal(d.err.what, "601 octets");
    }
}

/*
 * The table of matter-attestation 1.4: as the DAC's subject under a PAI FFF1, then as the PAI's above a DAC
 * FFF1/00B1 (row 18: 0001). What is malformed is a matter of the format, what is absent one of the match.
 */
static void each_fallback_encoding_has_its_result(void **state)
{
    static const struct {
        const char *subject;
        uint16_t dac, pai;
        const char *pid; /* of the DAC, where the PAI has the subject */
    } cases[] = {
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mvid:FFF1 Mpid:00B1")), 0, 0, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mpid:00B1 Mvid:FFF1")), 0, 0, "00B1"},
        {DN(CN("Mpid:00B1,ACME Matter Devel DAC 5CDA9899,Mvid:FFF1")), 0, 0, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mvid:FFF1Mpid:00B1")), 0, 0, "00B1"},
        {DN(CN("Mvid:FFF1ACME Matter Devel DAC 5CDAMpid:00B19899")), 0, 0, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mvid:FF1 Mpid:00B1")), 303, 203, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mvid:fff1 Mpid:00B1")), 303, 203, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mvid:FFF1 Mpid:B1")), 303, 203, "00B1"},
        {DN(CN("ACME Matter Devel DAC 5CDA9899 Mpid: Mvid:FFF1")), 303, 203, "00B1"},
        {DN(CN("Mvid:FFF ACME Matter Devel DAC Mpid:00B10x")), 303, 203, "00B1"},
        {DN(CN("MpidMvid:FFF10 Matter Test Mpid:00B1")), 0, 0, "00B1"},
        {DN(CN("Matter Devel DAC Mpid:Mvid:Fff1")), 303, 203, "00B1"},
        {DN(CN("Matter Devel DAC Mpid:00B1 MVID:FFF1")), 305, 305, "00B1"},
        {DN(CN("Matter Devel DAC Mpid_00B1 Mvid_FFF1")), 305, 305, "00B1"},
        {DN(CN("ACME Mvid:FFF2 Mpid:00B2") VID("FFF1") PID("00B1")), 0, 0, "00B1"},
        {DN(CN("ACME Mvid:FFF1 Mpid:00B1") VID("FFF2") PID("00B2")), 305, 305, "00B1"},
        {DN(CN("ACME Mvid:FFF1") PID("00B1")), 305, 305, "00B1"},
        {DN(CN("ACME Mvid:FFF1 Mpid:0001")), 0, 0, "0001"},
        {DN(CN("ACME Mvid:FFF1 Mpid:XYZ1")), 303, 203, "00B1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool other = strcmp(cases[i].pid, "00B1") != 0;
        const struct row paa = {.part = DER_SUBJECT, .with = DN(CN("x")), .part2 = DER_ISSUER, .with2 = DN(CN("x"))};
        const struct row as_dac[3] = {paa,
            {.part = DER_SUBJECT, .with = DN(VID("FFF1")), .part2 = DER_ISSUER, .with2 = DN(CN("x"))},
            {.part = DER_SUBJECT, .with = cases[i].subject, .part2 = DER_ISSUER, .with2 = DN(VID("FFF1"))}};
        const struct row as_pai[3] = {paa,
            {.part = DER_SUBJECT, .with = cases[i].subject, .part2 = DER_ISSUER, .with2 = DN(CN("x"))},
            {.part = DER_SUBJECT, .with = other ? DN(VID("FFF1") PID("0001")) : DN(VID("FFF1") PID("00B1")),
                .part2 = DER_ISSUER, .with2 = cases[i].subject}};
        struct mc_att_verdict d;

        make_chain(as_dac);
        (void)mc_att_chain_check(v, &made_chain, &d);
        if (d.result != cases[i].dac || (d.rc == MC_OK) != (d.result == 0))
            fail_msg("row %zu as a DAC: result %u", i + 1, d.result);
        make_chain(as_pai);
        (void)mc_att_chain_check(v, &made_chain, &d);
        if (d.result != cases[i].pai || (d.rc == MC_OK) != (d.result == 0))
            fail_msg("row %zu as a PAI: result %u", i + 1, d.result);
    }
}

/* Paths of CD signers: a leaf directly below its root, of any kind, and what a root and an ICA must be. */
static void each_authority_of_a_path_must_be_one(void **state)
{
    static const struct {
        const char *name;
        struct row change[3];
        bool with_ica;
        enum mc_rc rc;
    } cases[] = {
        {"nothing changes", CHANGED(DAC, SAME), true, MC_OK},
        {"ICA without constraints", CHANGED(PAI, DAC_EXT(KU_CA OF_KEY2)), true, MC_E_CHAIN_CA},
        {"ICA that is no CA", CHANGED(PAI, DAC_EXT(CERTS_BC KU_CA OF_KEY2)), true, MC_E_CHAIN_CA},
        {"root that is no CA", CHANGED(PAA, PAA_EXTS(CERTS_BC KU_CA OF_KEY1)), true, MC_E_CHAIN_CA},
        {"root with pathLen 0", CHANGED(PAA, PAA_EXTS(BC_CA0 KU_CA OF_KEY1)), true, MC_E_CHAIN_PATH_LEN},
        {"root with pathLen 1", CHANGED(PAA, PAA_EXTS(BC_CA1 KU_CA OF_KEY1)), true, MC_OK},
        {"root without pathLen", CHANGED(PAA, PAA_EXTS(BC_CA KU_CA OF_KEY1)), true, MC_OK},
        {"ICA without pathLen", CHANGED(PAI, DAC_EXT(BC_CA KU_CA OF_KEY2)), true, MC_OK},
        {"ICA that may not sign", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CRL OF_KEY2)), true, MC_E_CHAIN_KEY_USAGE},
        {"ICA without usage", CHANGED(PAI, DAC_EXT(BC_CA0 OF_KEY2)), true, MC_OK},
        {"ICA without AKID", CHANGED(PAI, DAC_EXT(BC_CA0 KU_CA SKID(ID2))), true, MC_OK},
        {"leaf without AKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1))), true, MC_OK},
        {"leaf with a broken AKID", CHANGED(DAC, DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "0400"))), true, MC_E_CHAIN_AKID},
        {"ICA of another curve", CHANGED(PAI, DER_KEY, "30(30(" EC "06052B8104000A)03(00" POINT2 "))"), true, MC_E_CURVE},
        {"no ICA below its root", CHANGED(PAI, SAME), false, MC_OK},
        {"no ICA below a root with pathLen 0", CHANGED(PAA, PAA_EXTS(BC_CA0 KU_CA OF_KEY1)), false, MC_OK},
        {"leaf of another period", CHANGED(PAI, DER_VALIDITY, NO_EXPIRY("201015142342Z")), false, MC_E_ATT_PERIOD},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum mc_chain_cert where;
        enum mc_rc rc;

        make_chain(cases[i].change);
        /* Without an ICA the PAI is the leaf. */
        rc = mc_att_check_path(v, &made[PAA], cases[i].with_ica ? &made[PAI] : NULL,
            &made[cases[i].with_ica ? DAC : PAI], &where, NULL);
        if (rc != cases[i].rc)
            fail_msg("%s: %s", cases[i].name, mc_rc_symbol(rc));
    }
}

static void an_akid_is_one_of_20_octets(void **state)
{
    static const struct row none[3] = {[DAC] = {.part = DAC_EXT(CERTS_BC CERTS_KU SKID(ID1))}},
                            brief[3] = {[DAC] = {.part = DAC_EXT(CERTS_BC CERTS_KU SKID(ID1) PLAIN("0603551D23", "30(8002 0102)"))}},
                            good[3] = {[DAC] = {.part = SAME}};
    struct mc_span id;

    (void)state;
    make_chain(none);
    assert_false(mc_att_akid(&made[DAC], &id));
    make_chain(brief);
    assert_false(mc_att_akid(&made[DAC], &id));
    make_chain(good);
    assert_true(mc_att_akid(&made[DAC], &id) && mc_span_eq(id, made[PAI].skid));
}

static void formats_are_of_attestation_kinds_only(void **state)
{
    static const struct row same[3] = {[DAC] = {.part = SAME}};

    (void)state;
    make_chain(same);
    assert_int_equal(mc_att_check_format(&made[PAA], MC_KIND_PAA, NULL), MC_OK);
    assert_int_equal(mc_att_check_format(&made[PAI], MC_KIND_PAI, NULL), MC_OK);
    assert_int_equal(mc_att_check_format(&made[DAC], MC_KIND_DAC, NULL), MC_OK);
    assert_int_equal(mc_att_check_format(&made[DAC], MC_KIND_NOC, NULL), MC_E_CHAIN_KIND);
    assert_int_equal(mc_att_check_format(&made[DAC], MC_KIND_UNKNOWN, NULL), MC_E_CHAIN_KIND);
}

/* --- published vectors ----------------------------------------------------------------------------- */

static uint8_t bytes[4][4096];
static struct mc_cert cert[4];

static bool load(const char *name, int i)
{
    size_t n = strcmp(name, "-") == 0 ? 0 : vectors_read(name, bytes[i], sizeof(bytes[i]));

    return mc_cert_parse_der(mc_span_of(bytes[i], n), MC_RULES_X509, &cert[i], NULL) == MC_OK;
}

/* Calls row() with the fields of each line but the first. */
static unsigned each_row(const char *name, void (*row)(char **field))
{
    char path[512], line[1024], *field[8];
    unsigned rows = 0;
    FILE *f;

    vectors_need();
    snprintf(path, sizeof(path), "%s/expected/%s", vectors_root(), name);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    while (fgets(line, sizeof(line), f) != NULL) {
        char *p = line, *part;

        line[strcspn(line, "\r\n")] = '\0';
        for (int i = 0; i < 7 && (part = strsep(&p, "\t")) != NULL; i++)
            field[i] = part;
        row(field);
        rows++;
    }
    fclose(f);
    return rows;
}

static void check_format_row(char **f)
{
    enum mc_kind kind = strcmp(f[1], "kPAA") == 0 ? MC_KIND_PAA : strcmp(f[1], "kPAI") == 0 ? MC_KIND_PAI : MC_KIND_DAC;
    bool good = load(f[0], 0) && mc_att_check_format(&cert[0], kind, NULL) == MC_OK;

    if (good != (strcmp(f[2], "CHIP_NO_ERROR") == 0))
        fail_msg("%s as %s is %s", f[0], f[1], good ? "accepted" : "refused");
}

static void formats_are_judged_as_published(void **state)
{
    (void)state;
    assert_true(each_row("att-format-cases.tsv", check_format_row) >= 15);
}

static void check_issuance_row(char **f)
{
    bool good = load(f[0], 0) && load(f[1], 1) && mc_att_check_issuance(&cert[0], &cert[1], NULL) == MC_OK;

    if (good != (strcmp(f[2], "CHIP_NO_ERROR") == 0))
        fail_msg("%s under %s is %s", f[0], f[1], good ? "accepted" : "refused");
}

static void issuance_times_are_judged_as_published(void **state)
{
    (void)state;
    assert_true(each_row("issuance-time-cases.tsv", check_issuance_row) >= 14);
}

static void check_chain_row(char **f)
{
    bool has_ica = strcmp(f[1], "-") != 0;
    enum mc_chain_cert where;
    bool good = load(f[0], 0) && load(f[2], 2) && (!has_ica || load(f[1], 1)) &&
                mc_att_check_path(v, &cert[0], has_ica ? &cert[1] : NULL, &cert[2], &where, NULL) == MC_OK;

    if (good != (strcmp(f[4], "kSuccess") == 0))
        fail_msg("%s, %s, %s: %s", f[0], f[1], f[2], good ? "accepted" : "refused");
}

static void paths_are_judged_as_published(void **state)
{
    (void)state;
    assert_true(each_row("att-chain-cases.tsv", check_chain_row) >= 23);
}

/* The PAA that the PAI names, among those of the vectors; false if it is none of them. */
static bool load_paa(void)
{
    static const char *const names[] = {"revocation/Chip-Test-PAA-FFF1-Cert.der",
        "attestation/test/Chip-Test-PAA-NoVID-Cert.der", "attestation/test/Chip-Test-PAA-FFF2-ValInPast-Cert.der"};

    for (size_t i = 0; i < COUNT(names); i++) {
        assert_true(load(names[i], 0));
        if (mc_span_eq(cert[0].skid, cert[1].akid))
            return true;
    }
    return false;
}

static void check_commissioner_row(char **f)
{
    struct mc_att_chain chain = {.paa = &cert[0], .pai = &cert[1], .dac = &cert[2], .has_now = true, .now_unix = NOW};
    char name[256];
    struct mc_att_verdict d;
    int wanted = atoi(f[2]);

    if (strncmp(f[0], "struct_cd", 9) == 0)
        return;
    wanted = wanted >= 600 ? 0 : wanted; /* the certification declaration's */
    snprintf(name, sizeof(name), "attestation/commissioner-cases/%s/pai-Cert.der", f[0]);
    assert_true(load(name, 1));
    snprintf(name, sizeof(name), "attestation/commissioner-cases/%s/dac-Cert.der", f[0]);
    assert_true(load(name, 2));
    if (!load_paa() && cert[1].has_akid && wanted == 0)
        fail_msg("%s: no PAA", f[0]);
    (void)mc_att_chain_check(v, &chain, &d);
    if (d.result != wanted || (d.rc == MC_OK) != (wanted == 0))
        fail_msg("%s: result %u, %s, wanted %d", f[0], d.result, mc_rc_symbol(d.rc), wanted);
}

static void commissioners_answer_as_published(void **state)
{
    (void)state;
    assert_true(each_row("commissioner-cases.tsv", check_commissioner_row) > 90);
}

/* One thing of a good chain changes; the DER is not written anew, so what a reader would give is set. */
static void each_certificate_is_blamed_for_its_own_fault(void **state)
{
    static const struct {
        int which;
        size_t offset; /* of a bool in struct mc_cert that changes */
        enum mc_rc rc;
        uint16_t result;
    } rows[] = {
        {PAA, offsetof(struct mc_cert, is_ca), MC_E_CHAIN_CA, 105},
        {PAI, offsetof(struct mc_cert, is_ca), MC_E_CHAIN_CA, 203},
        {DAC, offsetof(struct mc_cert, is_ca), MC_E_CHAIN_CA, 303},
        {PAI, offsetof(struct mc_cert, has_path_len), MC_E_CHAIN_PATH_LEN, 203},
        {DAC, offsetof(struct mc_cert, p256), MC_E_CURVE, 303},
    };
    struct mc_att_chain chain = {.paa = &cert[0], .pai = &cert[1], .dac = &cert[2], .has_now = true, .now_unix = NOW};
    struct mc_att_verdict d;

    (void)state;
    vectors_need();
    for (size_t i = 0; i <= COUNT(rows); i++) {
        assert_true(load("revocation/Chip-Test-PAA-FFF1-Cert.der", 0));
        assert_true(load("attestation/test/Chip-Test-PAI-FFF1-8000-Cert.der", 1));
        assert_true(load("attestation/test/Chip-Test-DAC-FFF1-8000-0000-Cert.der", 2));
        if (i == COUNT(rows))
            break;
        bool *flag = (bool *)((char *)&cert[rows[i].which] + rows[i].offset);

        *flag = !*flag;
        assert_int_equal(mc_att_chain_check(v, &chain, &d), rows[i].rc);
        assert_int_equal(d.where, MC_CHAIN_ROOT + rows[i].which);
        assert_int_equal(d.result, rows[i].result);
    }
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_OK);
    assert_true(d.dac.vid == 0xFFF1 && d.dac.pid == 0x8000);
    cert[PAA].sig[5] ^= 1;
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_E_SIGNATURE);
    assert_true(d.where == MC_CHAIN_ROOT && d.result == 0);
    cert[PAI].sig[5] ^= 1;
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_E_SIGNATURE);
    assert_true(d.where == MC_CHAIN_ICA && d.result == 301);
    chain.now_unix = cert[DAC].not_before_unix - 1;
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_E_CHAIN_NOT_YET);
    assert_int_equal(d.result, 300);
    chain.now_unix++;
    assert_int_equal(mc_att_chain_check(v, &chain, &d), MC_E_SIGNATURE);
}

/* --- one bit, anywhere ------------------------------------------------------------------------------ */

/* $FLIPS trials, else as many as the promise says. */
static unsigned flips(void)
{
    const char *text = getenv("FLIPS");

    return text != NULL ? (unsigned)atoi(text) : 100000;
}

static uint32_t random_state = 0x9E3779B9;
static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    return random_state ^= random_state << 5;
}

/* Neither the rules nor a commissioner take a certificate in which a bit is not what was signed. */
static void one_flipped_bit_is_never_accepted(void **state)
{
    static const struct row same[3] = {[DAC] = {.part = SAME}};
    unsigned accepted = 0, commissioned = 0, unread = 0, trials = flips();

    (void)state;
    make_chain(same);
    for (unsigned i = 0; i < trials; i++) {
        unsigned which = next_random() % 3;
        uint8_t broken[CERTS_ROOM];
        /* The signature is the last thing in a certificate. */
        size_t n = (size_t)(made[which].sig_der.p + made[which].sig_der.n - made_bytes[which]), bit;
        struct mc_att_chain chain = made_chain;
        struct mc_att_verdict d;
        struct mc_cert c;

        memcpy(broken, made_bytes[which], n);
        bit = next_random() % (8 * n);
        broken[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (mc_cert_parse_der(mc_span_of(broken, n), MC_RULES_X509, &c, NULL) != MC_OK) {
            unread++;
            continue;
        }
        *(which == PAA ? &chain.paa : which == PAI ? &chain.pai : &chain.dac) = &c;
        accepted += mc_att_chain_check(v, &chain, &d) == MC_OK;
        /* Its PAA is whatever the store holds: it does not look at the signature of that. */
        commissioned += which != PAA && d.result == 0;
    }
    print_message("%u flips: %u not read, %u accepted, %u by a commissioner\n", trials, unread, accepted, commissioned);
    assert_int_equal(accepted, 0);
    assert_int_equal(commissioned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vid_and_pid_are_read_from_common_names),
        cmocka_unit_test(an_attribute_that_stands_twice_is_refused),
        cmocka_unit_test(results_have_numbers_and_names),
        cmocka_unit_test(each_fault_has_its_rule_and_result),
        cmocka_unit_test(the_field_is_the_one_that_breaks_the_rule),
        cmocka_unit_test(without_a_clock_the_dac_is_not_judged_by_it),
        cmocka_unit_test(the_begin_of_a_dac_fits_32_bits),
        cmocka_unit_test(a_certificate_of_600_octets_is_the_largest),
        cmocka_unit_test(each_fallback_encoding_has_its_result),
        cmocka_unit_test(each_authority_of_a_path_must_be_one),
        cmocka_unit_test(one_flipped_bit_is_never_accepted),
        cmocka_unit_test(an_akid_is_one_of_20_octets),
        cmocka_unit_test(formats_are_of_attestation_kinds_only),
        cmocka_unit_test(formats_are_judged_as_published),
        cmocka_unit_test(issuance_times_are_judged_as_published),
        cmocka_unit_test(paths_are_judged_as_published),
        cmocka_unit_test(commissioners_answer_as_published),
        cmocka_unit_test(each_certificate_is_blamed_for_its_own_fault),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
