/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the linter fires on an object that breaks it, and on no valid one. */
#include "lib/lint.h"

#include "lint_objects.h"
#include "lint_rows.h"

#define NOW INT64_C(1790000000) /* 2026-09-21 */

static struct mc_verifier *v;
static uint8_t huge[MC_X509_INPUT_MAX + 1];

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

/* --- objects -------------------------------------------------------------------------------------------- */

static struct mc_span request(const struct row *r, uint8_t *out)
{
    const char *parts[] = {"020100" CSR_NAME KEY1 "A000", "30(06082A8648CE3D040302)", NULL};
    struct signed_object s;

    if (r != NULL)
        parts[r->part] = r->with;
    s = (struct signed_object){parts, 1, parts[CSR_ALG], parts[CSR_SIG], "", "", 1};
    return build(&s, out);
}

static struct mc_span object(unsigned base, const struct row *r, uint8_t *out)
{
    if (base == B_TLV)
        return certs_tlv(r != NULL ? r->part : (unsigned)TLV_PARTS, r != NULL ? r->with : "", out);
    if (base == B_CSR)
        return request(r, out);
    if (base == B_RAW)
        return certs_octets(r->with, out);
    if (base == B_HUGE)
        return mc_span_of(huge, sizeof(huge));
    return certificate(base, r, out);
}

/* --- linting ------------------------------------------------------------------------------------------- */

struct findings {
    unsigned n;
    struct mc_finding list[64];
};

static bool collect(void *arg, const struct mc_finding *f)
{
    struct findings *all = arg;

    assert_true(all->n < COUNT(all->list));
    all->list[all->n++] = *f;
    return true;
}

/* Less than everything is known. */
static void limit_input(struct mc_lint_input *in, unsigned given)
{
    if (given & NO_VERIFIER)
        in->v = NULL;
    if (given & NO_NOW)
        in->now_unix = 0;
    if (given & NO_WHOLE)
        in->whole = mc_span_of(NULL, 0);
    if (given & AS_UNKNOWN)
        in->kind = MC_LINT_UNKNOWN;
    in->tbs_only = (given & TBS_ONLY) != 0;
}

static unsigned lint_object(unsigned base, const struct row *r, struct findings *all)
{
    static struct mc_cert c, issuer;
    static struct mc_csr csr;
    static uint8_t room[CERTS_ROOM], issuer_room[CERTS_ROOM];
    struct mc_lint_input in = {.v = v, .kind = base < B_BASES ? bases[base].kind : MC_LINT_UNKNOWN,
        .now_unix = r != NULL && r->now != 0 ? r->now : NOW};
    struct mc_err e;

    mc_err_init(&e);
    all->n = 0;
    if (base == B_NONE)
        in.kind = MC_LINT_UNKNOWN;
    in.whole = object(base, r, room);
    if (base == B_CSR) {
        in.kind = MC_LINT_CSR;
        in.read_rc = mc_csr_parse(in.whole, &csr, &e);
        in.csr = &csr;
    } else {
        in.read_rc = base == B_TLV ? mc_cert_parse_tlv(in.whole, &c, &e)
                                   : mc_cert_parse_der(in.whole, MC_RULES_X509, &c, &e);
        in.c = &c;
    }
    if (r != NULL && r->rc != MC_OK)
        in.read_rc = r->rc;
    if (r != NULL)
        limit_input(&in, r->given);
    in.read_err = &e;
    if (r != NULL && r->issuer != B_NONE) {
        const struct row of_issuer = {.part = r->issuer_part, .with = r->issuer_with};
        struct mc_span der = certificate(r->issuer, &of_issuer, issuer_room);

        assert_int_equal(mc_cert_parse_der(der, MC_RULES_X509, &issuer, NULL), MC_OK);
        in.issuer = &issuer;
    }
    return mc_lint(&in, collect, all);
}

static bool has(const struct findings *all, const char *rule)
{
    for (unsigned i = 0; i < all->n; i++)
        if (strcmp(all->list[i].rule->id, rule) == 0)
            return true;
    return false;
}

static void each_rule_finds_the_object_that_breaks_it(void **state)
{
    struct findings all;
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].rule == NULL)
            continue;
        lint_object(rows[i].base, &rows[i], &all);
        if (has(&all, rows[i].rule))
            continue;
        print_message("row %zu: %s did not fire;", i, rows[i].rule);
        for (unsigned k = 0; k < all.n; k++)
            print_message(" %s (%s)", all.list[k].rule->id, all.list[k].what);
        print_message("\n");
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

#define FINDINGS "tests/unit/lint_findings.txt"

static void put_findings(FILE *f, const struct row *r)
{
    static const char *const raw[] = {"tlv", "csr", "octets", "octets"};
    struct findings all;
    unsigned base = r->base;

    fprintf(f, "%s, %s\n", r->rule != NULL ? r->rule : r->note,
        base == B_NONE     ? "unknown"
        : base < B_BASES ? mc_lint_kind_name(bases[base].kind)
                         : raw[base - B_BASES]);
    lint_object(base, r, &all);
    for (unsigned k = 0; k < all.n; k++)
        fprintf(f, "    %-7s %s%s%s\n", mc_severity_name(all.list[k].rule->severity), all.list[k].rule->id,
            all.list[k].what[0] != '\0' ? ": " : "", all.list[k].what);
}

/*
 * Every finding of every row, with its severity and particulars: no more and no less than FINDINGS says. Write
 * it anew with UPDATE=1 in the environment, and read the difference.
 */
static void each_object_gives_exactly_its_findings(void **state)
{
    bool update = getenv("UPDATE") != NULL;
    FILE *f = update ? fopen(FINDINGS, "w") : tmpfile(), *wanted;
    char is[400], want[400];

    (void)state;
    assert_non_null(f);
    for (size_t i = 0; i < COUNT(rows); i++)
        put_findings(f, &rows[i]);
    if (update) {
        fclose(f);
        return;
    }
    rewind(f);
    wanted = fopen(FINDINGS, "r");
    if (wanted == NULL)
        fail_msg("run this from the top of the tree: there is no " FINDINGS);
    while (fgets(is, sizeof(is), f) != NULL) {
        if (fgets(want, sizeof(want), wanted) == NULL)
            want[0] = '\0';
        if (strcmp(is, want) != 0)
            fail_msg("found: %s  wanted: %s", is, want);
    }
    assert_null(fgets(want, sizeof(want), wanted));
    fclose(f);
    fclose(wanted);
}

static void no_rule_finds_anything_in_a_valid_object(void **state)
{
    static const uint8_t with_issuer[][2] = {{B_ICAC, B_RCAC}, {B_NOC, B_RCAC}, {B_FW, B_RCAC}, {B_VVSC, B_RCAC},
        {B_PAI, B_PAA}, {B_DAC, B_PAI}, {B_CDS, B_PAA}, {B_CRLS, B_PAA}, {B_RCAC, B_RCAC}, {B_PAA, B_PAA}};
    struct findings all;
    unsigned wrong = 0;

    (void)state;
    for (unsigned base = B_RCAC; base <= B_CSR; base++) {
        if (base == B_TLV)
            continue;
        assert_int_equal(lint_object(base, NULL, &all), 0);
        for (unsigned k = 0; k < all.n; k++, wrong++)
            print_message("base %u: %s %s\n", base, all.list[k].rule->id, all.list[k].what);
    }
    for (size_t i = 0; i < COUNT(with_issuer); i++) {
        const struct row r = {.issuer = with_issuer[i][1]};

        lint_object(with_issuer[i][0], &r, &all);
        for (unsigned k = 0; k < all.n; k++, wrong++)
            print_message("base %u under %u: %s %s\n", with_issuer[i][0], with_issuer[i][1], all.list[k].rule->id,
                all.list[k].what);
    }
    assert_int_equal(wrong, 0);
}

static void each_rule_has_an_object_and_is_complete(void **state)
{
    const struct mc_rule *r;
    size_t n = 0;
    unsigned wrong = 0;

    (void)state;
    for (; (r = mc_lint_rule(n)) != NULL; n++) {
        bool found = false;

        for (size_t i = 0; i < COUNT(rows); i++)
            found = found || (rows[i].rule != NULL && strcmp(rows[i].rule, r->id) == 0);
        if (!found) {
            print_message("no object breaks %s\n", r->id);
            wrong++;
        }
        assert_ptr_equal(mc_lint_find(r->id), r); /* ids are unique */
        assert_true(r->kinds != 0 && r->severity <= MC_ERROR);
        assert_true(r->text[strlen(r->text) - 1] == '.' && r->cure[0] != '\0' && r->source[0] != '\0' &&
                    r->since[0] != '\0');
        assert_true(r->broken != NULL || r->code != MC_OK || mc_lint_rule(n + 1) == NULL);
    }
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(rows[i].rule != NULL ? mc_lint_find(rows[i].rule) != NULL : rows[i].note != NULL);
    assert_int_equal(wrong, 0);
    assert_true(n >= 120);
}

static void what_cannot_be_read_gives_one_finding(void **state)
{
    static const uint8_t raw[] = {B_RAW, B_HUGE};
    struct findings all;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (memchr(raw, rows[i].base, sizeof(raw)) == NULL)
            continue;
        assert_int_equal(lint_object(rows[i].base, &rows[i], &all), 1);
        assert_int_equal(all.n, 1);
    }
}

/* --- kinds --------------------------------------------------------------------------------------------- */

static void each_valid_certificate_is_of_its_kind(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_cert c;

    (void)state;
    for (unsigned base = B_RCAC; base < B_BASES; base++) {
        assert_int_equal(mc_cert_parse_der(certificate(base, NULL, room), MC_RULES_X509, &c, NULL), MC_OK);
        assert_int_equal(mc_lint_kind_of(&c), bases[base].kind);
        assert_int_equal(mc_lint_kind_find(mc_lint_kind_name(bases[base].kind)), bases[base].kind);
    }
    assert_int_equal(mc_lint_kind_find("csr"), MC_LINT_CSR);
    assert_int_equal(mc_lint_kind_find("certificate"), 0);
}

static void a_broken_certificate_is_of_the_kind_that_it_comes_nearest_to(void **state)
{
    static const struct row near[] = {
        {.rule = "noc", B_NOC, DER_SUBJECT, DN(NODE("dedededE00020003") FABRIC("FAB000000000001D"))},
        {.rule = "noc", B_NOC, DER_SUBJECT, NOC_SUBJECT(NODE("DEDEDEDE00020003"))},
        {.rule = "unknown", B_NOC, DER_SUBJECT, NOC_SUBJECT(ICA("DEDEDEDE00020003"))},
        {.rule = "unknown", B_NOC, DER_SUBJECT, DN(FABRIC("FAB000000000001D"))},
        {.rule = "unknown", B_NOC, DER_SUBJECT, DN(CN("nobody"))},
        {.rule = "dac", B_DAC, DER_EXTENSIONS, EXTS(CERTS_KU SKID(ID1) AKID(ID2))},
        {.rule = "dac", B_DAC, DER_SUBJECT, DN(VID("12ef") PID("8000"))},
        {.rule = "dac", B_DAC, DER_SUBJECT, DN(CN("Mvid:FFF1"))},
        {.rule = "pai", B_PAI, DER_EXTENSIONS, EXTS(CERTS_BC KU_CA OF_KEY2)},
        {.rule = "pai", B_PAI, DER_SUBJECT, DN(VID("1234") VID("1234"))},
        {.rule = "paa", B_PAA, DER_EXTENSIONS, EXTS(KU_CA OF_KEY1)},
        {.rule = "dac", B_DAC, DER_EXTENSIONS, EXTS(CERTS_BC KU("03020186") SKID(ID1) AKID(ID2))},
        {.rule = "cd-signer", B_CDS, DER_SUBJECT, DN(VID("1234") CN("Certification Declaration Signing Key 001"))},
        {.rule = "cd-signer", B_CDS, DER_SUBJECT, DN(CN("Matter Test CD Signing Authority"))},
        {.rule = "pai", B_CDS, DER_SUBJECT, DN(ORG("CD Signing") VID("1234"))},
        {.rule = "pai", B_PAI, DER_SUBJECT, DN(VID("12ef")), DER_EXTENSIONS, EXTS(BC_CA0 KU_CRL OF_KEY2)},
        {.rule = "dac", B_DAC, DER_SUBJECT, DN(CN("Mpid:8000")), DER_EXTENSIONS, EXTS(CERTS_KU SKID(ID1) AKID(ID2))},
        {.rule = "unknown", B_DAC, DER_SUBJECT, DN(CN("x")), DER_ISSUER, DN(CN("x"))},
        {.rule = "unknown", B_PAI, DER_SUBJECT, DN(CN("x"))},
        {.rule = "dac", B_DAC, DER_EXTENSIONS, EXTS(SKID(ID1) AKID(ID2))},
        {.rule = "dac", B_DAC, DER_SUBJECT, DN(CN("Mvid:1234 Mpid:8000")), DER_EXTENSIONS, EXTS(SKID(ID1) AKID(ID2))},
        {.rule = "pai", B_DAC, DER_SUBJECT, DN(VID("1234")), DER_EXTENSIONS, EXTS(SKID(ID1) AKID(ID2))},
        {.rule = "unknown", B_CRLS, DER_SUBJECT, DN(CN("x")), DER_ISSUER, DN(CN("x"))},
        {.rule = "dac", B_DAC, DER_EXTENSIONS, EXTS(CERTS_BC KU_CRL SKID(ID1) AKID(ID2))},
        {.rule = "unknown", B_CRLS, DER_EXTENSIONS, EXTS(BC_CA KU_CRL OF_KEY2)},
    };
    uint8_t room[CERTS_ROOM];
    struct mc_cert c;

    (void)state;
    for (size_t i = 0; i < COUNT(near); i++) {
        assert_int_equal(mc_cert_parse_der(certificate(near[i].base, &near[i], room), MC_RULES_X509, &c, NULL), MC_OK);
        if (strcmp(mc_lint_kind_name(mc_lint_kind_of(&c)), near[i].rule) != 0)
            fail_msg("%zu: %s is not %s", i, mc_lint_kind_name(mc_lint_kind_of(&c)), near[i].rule);
    }
}

/* Only X.509 has attestation certificates and signers. */
static void what_is_in_tlv_is_operational_or_unknown(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_cert c;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_SUBJECT, "3706 2C010A 'CD Signing' 18", room), &c, NULL), MC_OK);
    assert_string_equal(mc_lint_kind_name(mc_lint_kind_of(&c)), "unknown");
    assert_string_equal(mc_lint_kind_name(MC_LINT_CSR), "csr");
    assert_string_equal(mc_lint_kind_name(MC_LINT_UNKNOWN), "unknown");
    assert_string_equal(mc_lint_kind_name(1u << 30), "unknown");
}

/* --- before signing ------------------------------------------------------------------------------------ */

static void a_tbs_is_refused_for_an_error_and_not_for_less(void **state)
{
    static const uint8_t serial[16] = {0x5A};
    uint8_t room[CERTS_ROOM];
    struct certs_key key;
    struct mc_cert c, issuer;
    struct mc_err e;

    (void)state;
    certs_key_new(&key);
    assert_int_equal(mc_cert_parse_der(certificate(B_RCAC, NULL, room), MC_RULES_X509, &issuer, NULL), MC_OK);
    certs_fill(&c, false, &key, issuer.skid.p);
    c.issuer = issuer.subject;
    c.serial = mc_span_of(serial, sizeof(serial));
    certs_add_num(&c.subject, MC_ATTR_NODE_ID, 1);
    certs_add_num(&c.subject, MC_ATTR_FABRIC_ID, 1);
    mc_err_init(&e);
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_NOC), &e), MC_OK);
    c.not_after_unix = MC_TIME_NO_EXPIRY; /* a notice */
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_NOC), &e), MC_OK);
    assert_int_equal(e.rc, MC_OK);
    c.is_ca = true;
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_NOC), &e), MC_E_LINT);
    assert_int_equal(e.rc, MC_E_LINT);
    assert_true(strncmp(e.what, "field-leaf-ca-true: ", 20) == 0 &&
                strncmp(e.what + 20, mc_lint_find("field-leaf-ca-true")->text, 20) == 0);
    assert_int_equal(mc_rc_class(MC_E_LINT), MC_CLASS_REFUSED);
    c.is_ca = false;
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_ICAC), NULL), MC_E_LINT);
    mc_err_init(&e);
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_VVSC), &e), MC_E_LINT);
    assert_ptr_equal(strstr(e.what, "op-id-missing: no matter-vvs-id: The "), e.what);
    certs_key_free(&key);
}

/* A builder may fill in what no reader takes. */
static void ids_of_a_tbs_are_in_their_ranges(void **state)
{
    static const uint8_t serial[16] = {0x5A};
    static const struct {
        unsigned attr;
        uint64_t num;
        const char *rule;
    } cases[] = {{0, 0, "op-node-id-range"}, {0, UINT64_C(0xFFFFFFF000000000), "op-node-id-range"},
        {1, 0, "op-fabric-id-zero"}, {2, 0x12340000, "op-cat-version-zero"}};
    uint8_t room[CERTS_ROOM];
    struct certs_key key;
    struct mc_cert c, issuer;

    (void)state;
    certs_key_new(&key);
    assert_int_equal(mc_cert_parse_der(certificate(B_RCAC, NULL, room), MC_RULES_X509, &issuer, NULL), MC_OK);
    certs_fill(&c, false, &key, issuer.skid.p);
    c.issuer = issuer.subject;
    c.serial = mc_span_of(serial, sizeof(serial));
    certs_add_num(&c.subject, MC_ATTR_NODE_ID, 1);
    certs_add_num(&c.subject, MC_ATTR_FABRIC_ID, 1);
    certs_add_num(&c.subject, MC_ATTR_CAT, 0x12340001);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t good = c.subject.attr[cases[i].attr].num;
        struct mc_err e;

        mc_err_init(&e);
        c.subject.attr[cases[i].attr].num = cases[i].num;
        assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_NOC), &e), MC_E_LINT);
        assert_ptr_equal(strstr(e.what, cases[i].rule), e.what);
        c.subject.attr[cases[i].attr].num = good;
        assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_NOC), &e), MC_OK);
    }
    certs_key_free(&key);
}

static bool stop(void *arg, const struct mc_finding *f)
{
    (void)f;
    ++*(unsigned *)arg;
    return false;
}

static void the_caller_can_stop(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_cert c;
    unsigned calls = 0;
    struct mc_lint_input in = {.kind = MC_LINT_KIND(MC_KIND_RCAC), .v = v, .c = &c};

    (void)state;
    assert_int_equal(mc_cert_parse_der(certificate(B_NOC, NULL, room), MC_RULES_X509, &c, NULL), MC_OK);
    assert_true(mc_lint(&in, NULL, NULL) > 1);
    (void)mc_lint(&in, stop, &calls);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_finds_the_object_that_breaks_it),
        cmocka_unit_test(each_object_gives_exactly_its_findings),
        cmocka_unit_test(no_rule_finds_anything_in_a_valid_object),
        cmocka_unit_test(each_rule_has_an_object_and_is_complete),
        cmocka_unit_test(what_cannot_be_read_gives_one_finding),
        cmocka_unit_test(each_valid_certificate_is_of_its_kind),
        cmocka_unit_test(a_broken_certificate_is_of_the_kind_that_it_comes_nearest_to),
        cmocka_unit_test(a_tbs_is_refused_for_an_error_and_not_for_less),
        cmocka_unit_test(what_is_in_tlv_is_operational_or_unknown),
        cmocka_unit_test(ids_of_a_tbs_are_in_their_ranges),
        cmocka_unit_test(the_caller_can_stop),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
