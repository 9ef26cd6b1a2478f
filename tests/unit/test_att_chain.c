/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation chains: VID and PID in both encodings, formats, issuance times, paths, results. */
#include "certs.h"

#include "lib/att_chain.h"

#define NOW INT64_C(1800000000)

static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    v = mc_verifier_new();
    return v == NULL;
}

static int tear_down(void **state)
{
    (void)state;
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
    assert_int_equal(mc_att_result_find_name("kPaaNotFound")->number, 101);
    assert_int_equal(mc_att_result_find_name("dacexpired")->number, 300);
    assert_null(mc_att_result_find(99));
    assert_null(mc_att_result_find_name("k"));
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
    assert_true(each_row("att-format-cases.tsv", check_format_row) >= 14);
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
    assert_true(each_row("issuance-time-cases.tsv", check_issuance_row) >= 13);
}

static void check_chain_row(char **f)
{
    bool has_ica = strcmp(f[1], "-") != 0;
    bool good = load(f[0], 0) && load(f[2], 2) && (!has_ica || load(f[1], 1)) &&
                mc_att_check_path(v, &cert[0], has_ica ? &cert[1] : NULL, &cert[2], NULL) == MC_OK;

    if (good != (strcmp(f[4], "kSuccess") == 0))
        fail_msg("%s, %s, %s: %s", f[0], f[1], f[2], good ? "accepted" : "refused");
}

static void paths_are_judged_as_published(void **state)
{
    (void)state;
    assert_true(each_row("att-chain-cases.tsv", check_chain_row) >= 22);
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
    enum { PAA, PAI, DAC };
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vid_and_pid_are_read_from_common_names),
        cmocka_unit_test(an_attribute_that_stands_twice_is_refused),
        cmocka_unit_test(results_have_numbers_and_names),
        cmocka_unit_test(formats_are_judged_as_published),
        cmocka_unit_test(issuance_times_are_judged_as_published),
        cmocka_unit_test(paths_are_judged_as_published),
        cmocka_unit_test(commissioners_answer_as_published),
        cmocka_unit_test(each_certificate_is_blamed_for_its_own_fault),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
