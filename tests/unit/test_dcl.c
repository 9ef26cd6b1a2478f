/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the ledger takes what is right and refuses what breaks it; what it cannot know, it says. */
#include "dcl_world.h"

static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    keys_make();
    v = mc_verifier_new();
    return v != NULL ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    keys_free();
    mc_verifier_free(v);
    return 0;
}

/* --- changes of the world ------------------------------------------------------------------------------ */

#define TWIST(name) static void name(void)
#define UNDER_OPEN_ROOT \
    put(PAA, B_PAA, &open_paa); \
    w.ledger[0] = on_ledger(PAA)

static const struct row open_paa = {
    .part = DER_SUBJECT, .with = DN(CN("Open PAA")), .part2 = DER_ISSUER, .with2 = DN(CN("Open PAA"))};
static const struct row open_pai = {.part = DER_ISSUER, .with = DN(CN("Open PAA"))};

TWIST(not_pem) { w.c.is_pem = false; }
TWIST(pem_20480) { w.c.text_n = 20480; }
TWIST(pem_20481) { w.c.text_n = 20481; }
TWIST(not_read)
{
    w.c.cert = NULL;
    (void)mc_fail(&w.err, MC_E_DER_TRUNCATED, "certificate", NULL);
}
TWIST(info_4096) { w.c.info_n = 4096; }
TWIST(info_4097) { w.c.info_n = 4097; }
TWIST(schema_1) { w.c.schema_version = 1; }
/* The reader keeps no more than 16 attributes, the name is whole. */
static void subject_is(const char *name)
{
    w.cert[SUBMITTED].subject.der = certs_octets(name, w.room[OTHER]);
}
#define O10 ORG("x") ORG("x") ORG("x") ORG("x") ORG("x") ORG("x") ORG("x") ORG("x") ORG("x") ORG("x")
TWIST(subject_of_50) { subject_is(DN(O10 O10 O10 O10 O10)); }
TWIST(subject_of_51) { subject_is(DN(O10 O10 O10 O10 O10 ORG("x"))); }
TWIST(there_already)
{
    w.ledger[0] = on_ledger(SUBMITTED);
    w.c.n_ledger = 1;
}
TWIST(is_proposed)
{
    w.pending[0] = on_ledger(SUBMITTED);
    w.c.n_pending = 1;
}
TWIST(other_is_proposed)
{
    put(OTHER, B_PAA, &open_paa);
    w.pending[0] = on_ledger(OTHER);
    w.c.n_pending = 1;
}
TWIST(same_serial)
{
    put(OTHER, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(CN("Other PAI") VID("1234"))});
    w.ledger[1] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
TWIST(other_serial)
{
    put(OTHER, B_PAI, &(struct row){.part = DER_SERIAL, .with = "02(5B)"});
    w.ledger[1] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
TWIST(in_2019) { w.c.now_unix = INT64_C(1550000000); }
TWIST(at_its_first_second) { w.c.now_unix = w.c.cert->not_before_unix; }
TWIST(at_its_last_second) { w.c.now_unix = w.c.cert->not_after_unix; }
TWIST(behind_its_last_second) { w.c.now_unix = w.c.cert->not_after_unix + 1; }
TWIST(above_is_expired)
{
    put(PAA, B_PAA, &(struct row){.part = DER_VALIDITY, .with = PERIOD("201015142343Z", "251015142342Z")});
}
TWIST(above_is_no_ca)
{
    put(PAA, B_PAA, &(struct row){.part = DER_EXTENSIONS, .with = EXTS(CERTS_BC KU_CA OF_KEY1)});
}
TWIST(above_signs_no_certificates)
{
    put(PAA, B_PAA, &(struct row){.part = DER_EXTENSIONS, .with = EXTS(BC_CA1 KU_CRL OF_KEY1)});
}
TWIST(above_has_another_key) { put(PAA, B_PAA, &(struct row){.part = DER_KEY, .with = KEY2}); }
TWIST(pai_above_8000)
{
    put(PAI, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(VID("1234") PID("8000"))});
}
TWIST(nothing_above) { w.c.n_ledger = 0; }
TWIST(only_the_pai_above)
{
    w.ledger[0] = on_ledger(PAI);
    w.c.n_ledger = 1;
}
TWIST(a_broken_namesake_before_the_right_one)
{
    put(OTHER, B_PAA, &(struct row){.part = DER_KEY, .with = KEY2});
    w.ledger[1] = w.ledger[0];
    w.ledger[0] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
/* The PAA's name is an RCAC's. */
TWIST(root_is_operational)
{
    put(PAA, B_PAA, &(struct row){.part = DER_SUBJECT, .with = ROOT_DN, .part2 = DER_ISSUER, .with2 = ROOT_DN});
    put(SUBMITTED, B_PAI, &(struct row){.part = DER_ISSUER, .with = ROOT_DN});
}
TWIST(no_account) { w.c.has_vid = false; }
TWIST(account_1235) { w.c.vid = 0x1235; }
TWIST(account_0) { w.c.vid = 0; }
TWIST(is_a_pai)
{
    w.c.kind = MC_DCL_PAI;
    w.c.n_ledger = 1;
}
TWIST(is_a_dac) { w.c.kind = MC_DCL_DAC; }
TWIST(pai_namesake_of_other_issuer)
{
    put(OTHER, B_PAI, &open_pai);
    w.ledger[1] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
TWIST(pai_namesake_of_other_key)
{
    put(OTHER, B_PAI, &(struct row){.part = DER_EXTENSIONS, .with = EXTS(BC_CA0 KU_CA SKID(ID2) AKID(ID2))});
    w.ledger[1] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
TWIST(namesake_is_a_root)
{
    put(OTHER, B_PAA, &(struct row){.part = DER_SUBJECT, .with = PAI_DN, .part2 = DER_ISSUER, .with2 = PAI_DN});
    w.cert[OTHER].skid = w.cert[OTHER].akid = w.c.cert->skid;
    w.ledger[1] = on_ledger(OTHER);
    w.c.n_ledger = 2;
}
TWIST(namesake_is_no_root)
{
    put(OTHER, B_PAI, &(struct row){.part = DER_SUBJECT, .with = PAA_DN, .part2 = DER_ISSUER, .with2 = PAI_DN});
    w.cert[OTHER].skid = w.c.cert->skid;
    w.ledger[0] = on_ledger(OTHER);
    w.c.n_ledger = 1;
}
TWIST(namesake_is_operational)
{
    put(SUBMITTED, B_RCAC, NULL);
    put(OTHER, B_RCAC, &(struct row){.part = DER_SERIAL, .with = "02(5B)"});
    w.ledger[0] = on_ledger(OTHER);
    w.c.n_ledger = 1;
}
TWIST(ledger_not_told) { w.c.has_ledger = false; }
TWIST(ledger_empty_and_not_told)
{
    w.c.has_ledger = false;
    w.c.n_ledger = 0;
}
TWIST(pending_not_told) { w.c.has_pending = false; }
TWIST(points_not_told) { w.c.has_others = false; }

/* Roots that name no vendor. */
TWIST(open_root_1234)
{
    UNDER_OPEN_ROOT;
    put(SUBMITTED, B_PAI, &open_pai);
    w.c.has_associated = true;
    w.c.associated = 0x1234;
}
TWIST(open_root_and_no_vendor)
{
    open_root_1234();
    put(SUBMITTED, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(CN("PAI")), .part2 = DER_ISSUER, .with2 = DN(CN("Open PAA"))});
}
TWIST(open_root_1235)
{
    open_root_1234();
    w.c.associated = 0x1235;
}
TWIST(open_root_without)
{
    open_root_1234();
    w.c.associated = 0;
}
TWIST(open_root_not_told)
{
    open_root_1234();
    w.c.has_associated = false;
}
TWIST(open_root_other_account)
{
    open_root_1234();
    w.c.vid = 0x1235;
}

/* Records. */
#define RECORD(name, change) TWIST(name) { w.point.change; }
RECORD(vid_0, vid = 0)
RECORD(vid_65536, vid = 65536)
RECORD(vid_1235, vid = 0x1235)
RECORD(pid_65536, pid = 65536)
RECORD(pid_8000, pid = 0x8000)
RECORD(no_label, label = text_of(""))
RECORD(label_64, label = text_of(T64))
RECORD(label_65, label = text_of(T64 "x"))
RECORD(no_key_id, issuer_key_id = text_of(""))
RECORD(key_id_colons, issuer_key_id = text_of("5B:47"))
RECORD(key_id_lower, issuer_key_id = text_of("5b4717"))
RECORD(key_id_odd, issuer_key_id = text_of("5B471"))
RECORD(key_id_65, issuer_key_id = text_of(ID1 ID2))
RECORD(key_id_of_paa, issuer_key_id = text_of(ID1))
RECORD(no_signer, signer = (struct mc_dcl_member){0})
RECORD(signer_broken, signer.c = NULL)
RECORD(signer_2049, signer.text.n = 2049)
RECORD(delegator_broken, delegator.text = text_of(PEM_TEXT))
RECORD(no_url, data_url = text_of(""))
RECORD(url_http, data_url = text_of("http://a"))
RECORD(url_empty, data_url = text_of("https://"))
RECORD(url_ftp, data_url = text_of("ftp://example.com/pai.crl"))
RECORD(url_256, data_url = text_of("https://" T64 T64 T64 "01234567890123456789012345678901234567890123456789012345"))
RECORD(url_257, data_url = text_of("https://" T64 T64 T64 "012345678901234567890123456789012345678901234567890123456"))
RECORD(type_2, type = 2)
RECORD(schema_2, schema_version = 2)
RECORD(file_size, data_file_size = 7)
TWIST(whole_digest)
{
    w.point.data_file_size = 7;
    w.point.data_digest = text_of("x");
    w.point.data_digest_type = 12;
}
TWIST(digest_type_9)
{
    whole_digest();
    w.point.data_digest_type = 9;
}
TWIST(digest_129)
{
    whole_digest();
    w.point.data_digest = text_of(T64 T64 "x");
}
TWIST(of_paa)
{
    w.cert[SIGNER] = w.cert[PAA];
    w.der[SIGNER] = w.der[PAA];
    w.point.is_paa = true;
    w.point.signer = in_record(SIGNER);
    w.point.issuer_key_id = text_of(ID1);
}
TWIST(of_paa_with_pid)
{
    of_paa();
    w.point.pid = 1;
}
TWIST(of_other_paa)
{
    of_paa();
    put(SIGNER, B_PAA, &(struct row){.part = DER_SUBJECT, .with = DN(VID("1235")), .part2 = DER_ISSUER, .with2 = DN(VID("1235"))});
    w.point.signer = in_record(SIGNER);
}
TWIST(of_product_paa)
{
    of_paa();
    put(SIGNER, B_PAA, &(struct row){.part = DER_SUBJECT, .with = DN(VID("1234") PID("8000"))});
}
TWIST(of_open_paa)
{
    of_paa();
    put(SIGNER, B_PAA, &open_paa);
    w.ledger[0] = on_ledger(SIGNER);
    w.c.has_associated = true;
    w.c.associated = 0x1234;
}
TWIST(of_open_paa_1235)
{
    of_open_paa();
    w.c.associated = 0x1235;
}
TWIST(of_open_paa_not_told)
{
    of_open_paa();
    w.c.has_associated = false;
}
TWIST(of_paa_not_approved)
{
    of_paa();
    w.c.n_ledger = 0;
}
/* Another certificate of the same root. */
TWIST(of_paa_renewed)
{
    of_paa();
    put(SIGNER, B_PAA, &(struct row){.part = DER_SERIAL, .with = "02(5B)"});
}
TWIST(paa_as_pai)
{
    of_paa();
    w.point.is_paa = false;
}
TWIST(pai_of_1235) { put(SIGNER, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(VID("1235"))}); }
TWIST(pai_8000) { put(SIGNER, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(VID("1234") PID("8000"))}); }
TWIST(pai_and_pid_8000)
{
    pai_8000();
    w.point.pid = 0x8000;
}
TWIST(pai_8000_and_pid_8001)
{
    pai_8000();
    w.point.pid = 0x8001;
}
TWIST(paa_delegate)
{
    of_paa();
    put(SIGNER, B_CRLS, NULL);
}
static void delegated_by(const struct row *r)
{
    put(SIGNER, B_DAC, r);
    put(DELEGATOR, B_PAI, NULL);
    w.point.delegator = in_record(DELEGATOR);
}
TWIST(delegate) { delegated_by(&pai_delegate); }
TWIST(delegate_signs_too) { delegated_by(&(struct row)PAI_DELEGATE(CERTS_BC KU("03020182") SKID(ID1) AKID(ID2))); }
TWIST(delegate_signs_certificates) { delegated_by(&(struct row)PAI_DELEGATE(CERTS_BC KU_CA SKID(ID1) AKID(ID2))); }
TWIST(delegate_signs_no_crls) { delegated_by(&(struct row)PAI_DELEGATE(CERTS_BC CERTS_KU SKID(ID1) AKID(ID2))); }
TWIST(delegate_ku_not_critical)
{
    delegated_by(&(struct row)PAI_DELEGATE(CERTS_BC "30(0603551D0F 04(03020102))" SKID(ID1) AKID(ID2)));
}
TWIST(delegate_bc_not_critical)
{
    delegated_by(&(struct row)PAI_DELEGATE("30(0603551D13 04(3000))" KU_CRL SKID(ID1) AKID(ID2)));
}
TWIST(delegate_is_ca) { delegated_by(&(struct row)PAI_DELEGATE(BC_CA KU_CRL SKID(ID1) AKID(ID2))); }
TWIST(delegate_without_key_id) { delegated_by(&(struct row)PAI_DELEGATE(CERTS_BC KU_CRL AKID(ID2))); }
TWIST(delegate_v2)
{
    delegate();
    w.cert[SIGNER].version = 2;
}
TWIST(delegate_of_paa_is_ca)
{
    of_paa();
    put(SIGNER, B_CRLS, &(struct row){.part = DER_EXTENSIONS, .with = EXTS(BC_CA KU_CRL OF_KEY2)});
}
TWIST(delegate_of_another)
{
    delegate();
    put(DELEGATOR, B_PAI, &(struct row){.part = DER_SUBJECT, .with = DN(CN("Other PAI") VID("1234"))});
}
TWIST(delegate_with_another_key)
{
    delegate();
    put(DELEGATOR, B_PAI, &(struct row){.part = DER_KEY, .with = KEY1});
}
TWIST(delegator_without_root)
{
    delegate();
    w.c.n_ledger = 0;
}
TWIST(delegate_and_key_id_of_its_own)
{
    delegate();
    w.point.issuer_key_id = text_of(ID1);
}
static void another_record(const char *label, const char *url)
{
    put(OLD_SIGNER, B_PAI, NULL);
    w.old = w.point;
    w.old.label = text_of(label);
    w.old.data_url = text_of(url);
    w.old.signer = in_record(OLD_SIGNER);
    w.c.n_others = 1;
}
TWIST(same_label) { another_record("acme", "https://example.com/other.crl"); }
TWIST(same_url) { another_record("other", "https://example.com/pai.crl"); }
TWIST(other_record) { another_record("other", "https://example.com/other.crl"); }
TWIST(same_of_other_vendor)
{
    same_label();
    w.old.vid = 0x1235;
}
TWIST(update)
{
    another_record("acme", "https://example.com/pai.crl");
    w.c.is_update = true;
}
TWIST(update_of_nothing) { w.c.is_update = true; }
TWIST(update_by_a_root)
{
    update();
    of_paa();
    w.old.issuer_key_id = text_of(ID1);
}
TWIST(update_not_told)
{
    w.c.is_update = true;
    w.c.has_others = false;
}

#include "dcl_rows.h"

/* --- the table ----------------------------------------------------------------------------------------- */

static const struct mc_dcl_rule *find(const char *id)
{
    const struct mc_dcl_rule *r = NULL;

    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL && strcmp(r->id, id) != 0; i++)
        continue;
    return r;
}

static enum mc_dcl_outcome judge_row(const struct dcl_row *x, char why[MC_DCL_WHY_MAX])
{
    begin(v, x->kind);
    if (x->row.with != NULL)
        put(SUBMITTED, x->kind == MC_DCL_PAA ? B_PAA : x->kind == MC_DCL_PAI ? B_PAI : B_DAC, &x->row);
    w.c.der = w.der[SUBMITTED];
    if (x->twist != NULL)
        x->twist();
    w.point.signer.der = w.der[SIGNER];
    return mc_dcl_judge(find(x->rule), &w.c, why);
}

static void each_row_is_judged_as_it_says(void **state)
{
    char why[MC_DCL_WHY_MAX];
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_non_null(find(rows[i].rule));
        if (judge_row(&rows[i], why) != rows[i].want) {
            print_message("row %zu, %s: not as wanted: %s\n", i, rows[i].rule, why);
            wrong++;
        }
        /* A refusal says why, and what is needed is said too. */
        if ((rows[i].want == MC_DCL_FAILED || rows[i].want == MC_DCL_UNKNOWN) && why[0] == '\0') {
            print_message("row %zu, %s: no reason\n", i, rows[i].rule);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void every_rule_has_one_that_it_takes_and_one_that_it_refuses(void **state)
{
    const struct mc_dcl_rule *r;
    unsigned wrong = 0;

    (void)state;
    for (size_t n = 0; (r = mc_dcl_rule(n)) != NULL; n++) {
        bool takes = false, refuses = false;

        for (size_t i = 0; i < COUNT(rows); i++) {
            if (strcmp(rows[i].rule, r->id) != 0)
                continue;
            takes = takes || rows[i].want == MC_DCL_PASSED;
            refuses = refuses || rows[i].want == MC_DCL_FAILED;
        }
        if (!takes || !refuses) {
            print_message("%s lacks a row\n", r->id);
            wrong++;
        }
        assert_ptr_equal(find(r->id), r); /* ids are unique */
        assert_true(r->kinds != 0 && r->severity <= MC_ERROR);
        assert_true(r->text[strlen(r->text) - 1] == '.' && r->cure[0] != '\0');
        assert_int_equal(strncmp(r->source, "matter-attestation ", 19), 0);
    }
    assert_int_equal(wrong, 0);
}

/* All rules of 6.1 to 6.4 stand in the table, by the ids of the fact sheet. */
static void the_fact_sheet_is_covered(void **state)
{
    static const struct {
        char letter;
        unsigned n;
    } chapters[] = {{'C', 8}, {'A', 13}, {'I', 11}, {'R', 13}};
    const struct mc_dcl_rule *r;

    (void)state;
    for (size_t c = 0; c < COUNT(chapters); c++) {
        for (unsigned k = 1; k <= chapters[c].n; k++) {
            char id[8];
            bool found = false;

            snprintf(id, sizeof(id), " %c%u", chapters[c].letter, k);
            for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++) {
                const char *at = strstr(r->source, id);

                found = found || (at != NULL && (at[strlen(id)] == '\0' || at[strlen(id)] == ','));
            }
            if (!found)
                fail_msg("no rule has%s", id);
        }
    }
}

static void what_is_right_breaks_no_rule(void **state)
{
    static const enum mc_dcl_kind kinds[] = {MC_DCL_PAA, MC_DCL_PAI, MC_DCL_DAC, MC_DCL_POINT};
    const struct mc_dcl_rule *r;
    char why[MC_DCL_WHY_MAX];

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        begin(v, kinds[k]);
        for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++) {
            enum mc_dcl_outcome outcome = mc_dcl_judge(r, &w.c, why);

            if (outcome != MC_DCL_PASSED && outcome != MC_DCL_ABSENT)
                fail_msg("%s of a %s: %s", r->id, mc_dcl_kind_name(kinds[k]), why);
        }
        assert_int_equal(mc_dcl_kind_find(mc_dcl_kind_name(kinds[k])), kinds[k]);
        if (kinds[k] != MC_DCL_POINT)
            assert_int_equal(mc_dcl_kind_of(w.c.cert), kinds[k]);
    }
    assert_int_equal(mc_dcl_kind_find("noc"), 0);
}

static void what_cannot_be_read_breaks_one_rule(void **state)
{
    const struct mc_dcl_rule *r;
    char why[MC_DCL_WHY_MAX];
    unsigned n = 0;

    (void)state;
    begin(v, MC_DCL_PAI);
    not_read();
    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++)
        n += mc_dcl_judge(r, &w.c, why) == MC_DCL_FAILED;
    assert_int_equal(n, 1);
}

/* Namesakes on the ledger that all lead nowhere cost a bounded time. */
static void a_ledger_of_namesakes_ends(void **state)
{
    static struct mc_dcl_cert many[2000];
    char why[MC_DCL_WHY_MAX];

    (void)state;
    begin(v, MC_DCL_PAI);
    /* It is its own parent by name and key id, but not self-signed: its serial is another's. */
    put(OTHER, B_PAI, &(struct row){.part = DER_ISSUER, .with = PAI_DN, .part2 = DER_EXTENSIONS,
        .with2 = EXTS(BC_CA0 KU_CA SKID(ID2) AKID(ID2))});
    put(SUBMITTED, B_PAI, &(struct row){.part = DER_ISSUER, .with = PAI_DN, .part2 = DER_EXTENSIONS,
        .with2 = EXTS(BC_CA0 KU_CA SKID(ID1) AKID(ID2))});
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = on_ledger(OTHER);
    w.c.ledger = many;
    w.c.n_ledger = COUNT(many);
    assert_int_equal(mc_dcl_judge(find("dcl-verifies"), &w.c, why), MC_DCL_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_judged_as_it_says),
        cmocka_unit_test(every_rule_has_one_that_it_takes_and_one_that_it_refuses),
        cmocka_unit_test(the_fact_sheet_is_covered),
        cmocka_unit_test(what_is_right_breaks_no_rule),
        cmocka_unit_test(what_cannot_be_read_breaks_one_rule),
        cmocka_unit_test(a_ledger_of_namesakes_ends),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
