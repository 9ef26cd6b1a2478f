/* SPDX-License-Identifier: Apache-2.0 */
/* The linter on the published vectors: each broken one by the right rule, no error on what is good. */
#include "lib/lint.h"

#include "certs.h"

#include <dirent.h>

#define NOW  INT64_C(1790000000) /* 2026-09-21 */
#define ROOM 4096

struct findings {
    unsigned n;
    const struct mc_rule *list[64];
};

static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    v = mc_verifier_new();
    return v != NULL ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    mc_verifier_free(v);
    return 0;
}

static bool collect(void *arg, const struct mc_finding *f)
{
    struct findings *all = arg;

    all->list[all->n++] = f->rule;
    return all->n < COUNT(all->list);
}

static bool has(const struct findings *all, const char *rule)
{
    for (unsigned i = 0; i < all->n; i++)
        if (strcmp(all->list[i]->id, rule) == 0)
            return true;
    return false;
}

static void tell(const char *name, const struct findings *all)
{
    print_message("%s:", name);
    for (unsigned i = 0; i < all->n; i++)
        print_message(" %s", all->list[i]->id);
    print_message("\n");
}

/* Gives the number of errors. kind 0: by itself. */
static unsigned lint_bytes(
    struct mc_span whole, bool tlv, uint32_t kind, const struct mc_cert *issuer, struct findings *all)
{
    struct mc_cert c;
    struct mc_err e;
    struct mc_lint_input in = {.v = v, .c = &c, .issuer = issuer, .whole = whole, .now_unix = NOW};

    all->n = 0;
    mc_err_init(&e);
    in.read_rc = tlv ? mc_cert_parse_tlv(whole, &c, &e) : mc_cert_parse_der(whole, MC_RULES_X509, &c, &e);
    in.read_err = &e;
    in.kind = kind != 0 ? kind : in.read_rc == MC_OK ? mc_lint_kind_of(&c) : MC_LINT_UNKNOWN;
    return mc_lint(&in, collect, all);
}

static unsigned lint_file(const char *path, uint32_t kind, const struct mc_cert *issuer, struct findings *all)
{
    uint8_t room[ROOM];
    size_t n = vectors_read(path, room, sizeof(room));

    return lint_bytes(mc_span_of(room, n), strstr(path, ".der") == NULL, kind, issuer, all);
}

/* Every file in a folder whose name ends so; each must be without errors. */
static unsigned folder_without_errors(const char *folder, const char *end, unsigned *warnings)
{
    char path[512], name[320];
    struct dirent *entry;
    unsigned n = 0, wrong = 0;
    DIR *d;

    snprintf(path, sizeof(path), "%s/%s", vectors_root(), folder);
    d = opendir(path);
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        struct findings all;

        if (len < strlen(end) || strcmp(entry->d_name + len - strlen(end), end) != 0)
            continue;
        snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
        n++;
        if (lint_file(name, 0, NULL, &all) != 0) {
            tell(entry->d_name, &all);
            wrong++;
        }
        for (unsigned i = 0; i < all.n; i++)
            *warnings += all.list[i]->severity == MC_WARNING;
    }
    closedir(d);
    assert_int_equal(wrong, 0);
    return n;
}

static void production_paas_have_no_error_and_four_warnings(void **state)
{
    unsigned warnings = 0;

    (void)state;
    vectors_need();
    assert_int_equal(folder_without_errors("paa/production", ".der", &warnings), 40);
    /* Three without authority key identifier, one with NULL parameters: docs/rules.md says why they are right. */
    assert_int_equal(warnings, 4);
}

static void development_certificates_and_cd_signers_have_no_error(void **state)
{
    unsigned warnings = 0;

    (void)state;
    vectors_need();
    assert_int_equal(folder_without_errors("attestation/development", "-Cert.der", &warnings), 55);
    assert_int_equal(folder_without_errors("cd/signers-production", ".der", &warnings), 5);
    assert_int_equal(folder_without_errors("cd/signers-development", ".der", &warnings), 7);
}

/* --- operational ---------------------------------------------------------------------------------------- */

static void read_issuer(const char *name, uint8_t *room, struct mc_cert *c)
{
    char path[128];
    size_t n;

    snprintf(path, sizeof(path), "operational/pairs/sTestCert_%s_DER.der", name);
    n = vectors_read(path, room, MC_CERT_DER_MAX);
    assert_int_equal(mc_cert_parse_der(mc_span_of(room, n), MC_RULES_X509, c, NULL), MC_OK);
}

static void pairs_have_no_error_but_the_one_that_is_meant(void **state)
{
    static const struct {
        const char *name, *issuer, *error;
    } pairs[] = {{"Root01", "Root01", NULL}, {"Root02", "Root02", NULL}, {"Root03", "Root03", NULL},
        {"ICA01", "Root01", NULL}, {"ICA01_1", "Root01", NULL}, {"ICA02", "Root02", NULL},
        {"FWSign01", "ICA01_1", NULL}, {"Node01_01", "ICA01", NULL}, {"Node01_02", "Root01", NULL},
        {"Node02_01", "ICA02", NULL}, {"Node02_02", "ICA02", NULL}, {"Node02_03", "ICA02", NULL},
        {"Node02_04", "ICA02", NULL}, {"Node02_05", "ICA02", NULL}, {"Node02_06", "ICA02", NULL},
        {"Node02_07", "ICA02", "op-ext-critical"}, {"Node02_08", "ICA02", NULL}, {"PDCID01", "PDCID01", NULL}};
    static const char *const forms[] = {"DER.der", "Chip.tlv"};
    uint8_t room[MC_CERT_DER_MAX];
    struct mc_cert issuer;
    struct findings all;

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(pairs); i++) {
        read_issuer(pairs[i].issuer, room, &issuer);
        for (size_t f = 0; f < COUNT(forms); f++) {
            char path[128];
            unsigned errors;

            snprintf(path, sizeof(path), "operational/pairs/sTestCert_%s_%s", pairs[i].name, forms[f]);
            errors = lint_file(path, 0, &issuer, &all);
            if (errors != (pairs[i].error != NULL) || (errors == 1 && !has(&all, pairs[i].error))) {
                tell(path, &all);
                fail();
            }
        }
    }
}

#define ERROR_CASES "operational/error-cases/Chip-Test-"

/* What the name of a case says is wrong, and the rules that may find it in DER and in TLV. */
static const struct {
    const char *part, *der, *tlv;
} causes[] = {
    {"Cert-Version-V2", "x509-version", NULL},
    {"Ext-AKID-Length-Invalid", "op-akid-form", "op-key-id-length"},
    {"ICAC-Ext-Basic-CA-Wrong", NULL, "op-authority-ca-false"},
    {"NOC-Ext-Basic-CA-Wrong", NULL, "field-leaf-ca-true"},
    {"NOC-Ext-Basic-CA-Missing", "op-leaf-path-len", "tlv-order"},
    {"RCAC-Ext-Basic-CA-Missing", "op-authority-ca-false", "tlv-order"},
    {"Ext-Basic-Critical-Missing", "op-bc-critical", NULL},
    {"Ext-Basic-Critical-Wrong", "op-bc-critical", NULL},
    {"Ext-Basic-Missing", NULL, "op-bc-missing"},
    {"NOC-Ext-Basic-PathLen-Presence-Wrong", "op-leaf-path-len", "x509-issuer-signature"},
    {"RCAC-Ext-Basic-PathLen-Presence-Wrong", NULL, "x509-self-signature"},
    {"Ext-KeyUsage-Critical-Wrong", "op-ku-critical", NULL},
    {"Ext-KeyUsage-Critical-Missing", "op-ku-critical", NULL},
    {"Ext-KeyUsage-KeyCertSign-Wrong", NULL, "op-ku-cert-sign"},
    {"Ext-KeyUsage-Missing", NULL, "op-ku-missing"},
    {"Ext-SKID-Missing", NULL, "op-skid-missing"},
    {"Ext-SKID-Length-Invalid", "op-key-id-length", "op-key-id-length"},
    {"Issuer-Missing", NULL, "tlv-order"},
    {"Oversized", "op-size-der", "op-size-tlv"},
    {"PublicKey-Wrong", NULL, "x509-point-curve"},
    {"Serial-Number-Missing", NULL, "tlv-order"},
    {"Sig-Algo-ECDSA-With-SHA1", "x509-sig-alg", "x509-sig-alg"},
    {"Sig-Curve-Secp256k1", "x509-curve", "x509-curve"},
    {"RCAC-Signature-Wrong", NULL, "x509-self-signature"},
    {"Signature-Wrong", NULL, "x509-issuer-signature"},
    {"Subject-CAT-Invalid", "op-cat-version-zero", "op-cat-version-zero"},
    {"Subject-CAT-Twice", NULL, "op-cat-kind"},
    {"RCAC-Subject-FabricId-Twice", NULL, "op-kind-unknown"}, /* twice, but the id of the kind is missing too */
    {"Subject-FabricId-Twice", NULL, "op-fabric-id-twice"},
    {"Subject-FabricId-Missing", NULL, "op-fabric-id-missing"},
    {"Subject-FabricId-Invalid", "op-fabric-id-zero", "op-fabric-id-zero"},
    {"Subject-MatterId-Missing", NULL, "op-kind-unknown"},
    {"Subject-MatterId-Twice", NULL, "op-id-twice"},
    {"Subject-NodeId-Invalid", "op-node-id-range", "op-node-id-range"},
    {"Subject-Missing", NULL, "tlv-order"},
    {"Validity-Not-After-Missing", "x509-der-tag", "tlv-order"},
    {"Validity-Not-Before-Missing", "x509-der-tag", "tlv-order"},
    {"Validity-Wrong", "x509-time-order", "x509-time-order"},
};

static const char *cause_of(const char *file)
{
    for (size_t i = 0; i < COUNT(causes); i++)
        if (strstr(file, causes[i].part) != NULL)
            return strstr(file, ".der") != NULL ? causes[i].der : causes[i].tlv;
    return NULL;
}

static void each_error_case_is_found_by_the_right_rule(void **state)
{
    char path[512], line[256], name[320];
    uint8_t room[2][MC_CERT_DER_MAX];
    struct mc_cert root, ica;
    struct findings all;
    unsigned n = 0, wrong = 0;
    FILE *f;

    (void)state;
    vectors_need();
    read_issuer("Root01", room[0], &root);
    read_issuer("ICA02", room[1], &ica);
    snprintf(path, sizeof(path), "%s/expected/error-cases.tsv", vectors_root());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    for (; fgets(line, sizeof(line), f) != NULL; n++) {
        const char *rule;

        *strchr(line, '\t') = '\0';
        rule = cause_of(line);
        snprintf(name, sizeof(name), "operational/error-cases/%s", line);
        if (lint_file(name, 0, strstr(line, "NOC") != NULL ? &ica : strstr(line, "ICAC") != NULL ? &root : NULL, &all) > 0 &&
            rule != NULL && has(&all, rule))
            continue;
        tell(line, &all);
        wrong++;
    }
    fclose(f);
    assert_int_equal(wrong, 0);
    assert_true(n > 70);
}

/* --- attestation ---------------------------------------------------------------------------------------- */

/* The octets of a hex string member; there is no other escape in these files. */
static size_t hex_member(const char *json, const char *name, uint8_t *out)
{
    char key[64];
    const char *p, *end;

    snprintf(key, sizeof(key), "\"%s\"", name);
    p = strstr(json, key);
    assert_non_null(p);
    p = strchr(strchr(p, ':'), '"') + 1;
    end = strchr(p, '"');
    assert_true((size_t)(end - p) / 2 <= ROOM && mc_hex_decode(p, (size_t)(end - p) / 2, out));
    return (size_t)(end - p) / 2;
}

/* What the name of a case says is wrong with its DAC or PAI. The others have sound certificates. */
static const struct {
    const char *part, *rule;
} att_causes[] = {
    {"cert_version_v2", "x509-version"},
    {"ext_akid_missing", "att-akid-missing"},
    {"dac_ext_basic_ca_missing", "att-dac-path-len"},
    {"pai_ext_basic_ca_missing", "att-authority-ca-false"},
    {"dac_ext_basic_ca_wrong", "att-dac-ca-true"},
    {"pai_ext_basic_ca_wrong", "att-authority-ca-false"},
    {"ext_basic_critical", "att-bc-critical"},
    {"ext_basic_missing", "att-bc-missing"},
    {"dac_ext_basic_pathlen", "att-dac-path-len"},
    {"pai_ext_basic_pathlen1", "att-pai-path-len"},
    {"pai_ext_basic_pathlen2", "att-pai-path-len"},
    {"pai_ext_basic_pathlen_presence", "att-pai-path-len"},
    {"ext_key_usage_critical", "att-ku-critical"},
    {"dac_ext_key_usage_crl_sign_wrong", "att-ku-dac"},
    {"pai_ext_key_usage_crl_sign_wrong", "att-ku-crl-sign"},
    {"dac_ext_key_usage_dig_sig_wrong", "att-ku-dac-signature"},
    {"dac_ext_key_usage_key_cert_sign_wrong", "att-ku-dac"},
    {"pai_ext_key_usage_key_cert_sign_wrong", "att-ku-cert-sign"},
    {"ext_key_usage_missing", "att-ku-missing"},
    {"ext_skid_missing", "att-skid-missing"},
    {"fuzzed_akid_malformed", "att-akid-form"},
    {"dac_fuzzed_skid_malformed", "att-skid-form"},
    {"pai_fuzzed_skid_malformed", "att-ku-missing"},
    {"sig_algo_ecdsa_with_sha1", "x509-sig-alg"},
    {"sig_curve_secp256k1", "x509-curve"},
    {"subject_vid_mismatch", "att-vid-issuer"},
    {"dac_valid_in_future", "att-dac-not-yet-valid"},
    {"dac_valid_in_past", "att-dac-expired"},
    {"pai_valid_in", "att-issued-outside-issuer"},
    {"fallback_encoding_06", "att-fallback-vid-form"},
    {"fallback_encoding_07", "att-fallback-vid-form"},
    {"fallback_encoding_08", "att-fallback-pid-form"},
    {"fallback_encoding_09", "att-fallback-pid-form"},
    {"fallback_encoding_10", "att-fallback-vid-form"},
    {"fallback_encoding_12", "att-fallback-pid-form"},
    {"fallback_encoding_13", "att-vid-missing"},
    {"fallback_encoding_14", "att-vid-missing"},
    {"fallback_encoding_16", "att-vid-issuer"},
    {"fallback_encoding_17", "att-vid-missing"},
    {"fallback_encoding_19", "att-fallback-pid-form"},
};

static const char *att_cause_of(const char *name)
{
    if (strstr(name, "_cd_") != NULL)
        return NULL;
    for (size_t i = 0; i < COUNT(att_causes); i++)
        if (strstr(name, att_causes[i].part) != NULL)
            return att_causes[i].rule;
    return NULL;
}

/* Lints DAC and PAI of a case; true if the rule is among the findings, or none is wanted and there is no error. */
static bool case_is_told(const char *name, const char *rule)
{
    static char json[65536];
    static uint8_t room[2][ROOM];
    char path[360];
    struct findings dac, pai;
    struct mc_cert issuer;
    bool has_issuer;
    unsigned errors;
    size_t n;

    snprintf(path, sizeof(path), "attestation/commissioner-cases/%s/test_case_vector.json", name);
    n = vectors_read(path, (uint8_t *)json, sizeof(json) - 1);
    json[n] = '\0';
    n = hex_member(json, "pai_cert", room[0]);
    errors = lint_bytes(mc_span_of(room[0], n), false, MC_LINT_KIND(MC_KIND_PAI), NULL, &pai);
    has_issuer = mc_cert_parse_der(mc_span_of(room[0], n), MC_RULES_X509, &issuer, NULL) == MC_OK;
    n = hex_member(json, "dac_cert", room[1]);
    errors += lint_bytes(mc_span_of(room[1], n), false, MC_LINT_KIND(MC_KIND_DAC), has_issuer ? &issuer : NULL, &dac);
    if (rule != NULL ? has(&dac, rule) || has(&pai, rule) : errors == 0)
        return true;
    print_message("wanted %s\n", rule != NULL ? rule : "no error");
    tell(name, &pai);
    tell(name, &dac);
    return false;
}

static void each_broken_dac_or_pai_of_a_commissioner_is_found(void **state)
{
    char path[512];
    struct dirent *entry;
    unsigned n = 0, found = 0, wrong = 0;
    DIR *d;

    (void)state;
    vectors_need();
    snprintf(path, sizeof(path), "%s/attestation/commissioner-cases", vectors_root());
    d = opendir(path);
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        const char *rule = att_cause_of(entry->d_name);

        if (strncmp(entry->d_name, "struct_", 7) != 0)
            continue;
        n++;
        found += rule != NULL;
        wrong += !case_is_told(entry->d_name, rule);
    }
    closedir(d);
    assert_int_equal(wrong, 0);
    assert_true(n > 90 && found > 30);
}

/* The table of matter-attestation 1.8: what the SDK's two extractors make of each, by the rule that says why not. */
static void crl_points_are_found_as_published(void **state)
{
    static const struct {
        const char *name, *rule; /* NULL: nothing is wrong */
    } rows[] = {
        {"", NULL},
        {"CDP-", NULL},
        {"CDP-HTTPS-", NULL},
        {"CDP-Issuer-PAA-FFF1-", NULL},
        {"CDP-Issuer-PAA-NoVID-", NULL},
        {"CDP-Issuer-PAI-FFF2-8004-", NULL},
        {"CDP-2URIs-", "att-crl-point-uri"},
        {"CDP-2DPs-", "att-crl-point-count"},
        {"2CDPs-", "x509-ext-twice"},
        {"CDP-Wrong-Prefix-", "att-crl-point-scheme"},
        {"CDP-Long-", "att-crl-point-long"},
        {"2CDPs-Issuer-PAA-FFF1-", "x509-ext-twice"},
        {"2CDPs-Issuer-PAI-FFF2-8004-", "att-crl-point-count"},
        {"CDP-CRL-Issuer-PAA-FFF1-2DPs-", "att-crl-point-count"},
        {"CDP-2CRLIssuers-PAA-FFF1-", "att-crl-point-issuers"},
        {"CDP-Issuer-PAI-FFF2-8004-Long-", "att-crl-point-long"},
    };
    unsigned wrong = 0;

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[256];
        struct findings all;
        unsigned about = 0;

        snprintf(path, sizeof(path), "attestation/test/Chip-Test-DAC-FFF1-8000-0000-%sCert.der", rows[i].name);
        lint_file(path, 0, NULL, &all);
        for (unsigned k = 0; k < all.n; k++)
            about += strncmp(all.list[k]->id, "att-crl-point-", 14) == 0 || strcmp(all.list[k]->id, "x509-ext-twice") == 0;
        if (rows[i].rule == NULL ? about == 0 : has(&all, rows[i].rule))
            continue;
        tell(path, &all);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(production_paas_have_no_error_and_four_warnings),
        cmocka_unit_test(development_certificates_and_cd_signers_have_no_error),
        cmocka_unit_test(pairs_have_no_error_but_the_one_that_is_meant),
        cmocka_unit_test(each_error_case_is_found_by_the_right_rule),
        cmocka_unit_test(each_broken_dac_or_pai_of_a_commissioner_is_found),
        cmocka_unit_test(crl_points_are_found_as_published),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
