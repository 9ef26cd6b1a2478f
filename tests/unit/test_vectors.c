/* SPDX-License-Identifier: Apache-2.0 */
/* The published vectors: pairs of both forms, error cases, and every X.509 certificate there is. */
#include "certs.h"

#include <ftw.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#define PAIRS "operational/pairs/sTestCert_"
#define ERROR "operational/error-cases/"

static const struct {
    const char *name, *issuer;
    enum mc_kind kind;
} pairs[] = {
    {"Root01", "Root01", MC_KIND_RCAC},
    {"Root02", "Root02", MC_KIND_RCAC},
    {"Root03", "Root03", MC_KIND_RCAC},
    {"ICA01", "Root01", MC_KIND_ICAC},
    {"ICA01_1", "Root01", MC_KIND_ICAC},
    {"ICA02", "Root02", MC_KIND_ICAC},
    {"FWSign01", "ICA01_1", MC_KIND_FIRMWARE_SIGNING},
    {"Node01_01", "ICA01", MC_KIND_NOC},
    {"Node01_02", "Root01", MC_KIND_NOC},
    {"Node02_01", "ICA02", MC_KIND_NOC},
    {"Node02_02", "ICA02", MC_KIND_NOC},
    {"Node02_03", "ICA02", MC_KIND_NOC},
    {"Node02_04", "ICA02", MC_KIND_NOC},
    {"Node02_05", "ICA02", MC_KIND_NOC},
    {"Node02_06", "ICA02", MC_KIND_NOC},
    {"Node02_07", "ICA02", MC_KIND_NOC},
    {"Node02_08", "ICA02", MC_KIND_NOC},
    {"PDCID01", "PDCID01", MC_KIND_NETWORK_IDENTITY},
};

static size_t read_pair(const char *name, const char *rest, uint8_t *out, size_t cap)
{
    char path[128];

    snprintf(path, sizeof(path), PAIRS "%s_%s", name, rest);
    return vectors_read(path, out, cap);
}

static void each_pair_is_one_certificate_in_two_forms(void **state)
{
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX], out[MC_CERT_DER_MAX];

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct mc_span d = mc_span_of(der, read_pair(pairs[i].name, "DER.der", der, sizeof(der)));
        struct mc_span t = mc_span_of(tlv, read_pair(pairs[i].name, "Chip.tlv", tlv, sizeof(tlv)));
        struct mc_cert c;
        size_t n;

        assert_int_equal(mc_cert_parse_der(d, MC_RULES_MATTER, &c, NULL), MC_OK);
        assert_int_equal(mc_cert_kind(&c), pairs[i].kind);
        assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), t));
        assert_int_equal(mc_cert_parse_tlv(t, &c, NULL), MC_OK);
        assert_int_equal(mc_cert_kind(&c), pairs[i].kind);
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), d));
    }
}

static void each_pair_verifies_with_its_issuer_and_matches_its_key(void **state)
{
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX], point[MC_POINT_LEN], issuer[MC_POINT_LEN], id[32];
    struct mc_verifier *v;

    (void)state;
    vectors_need();
    v = mc_verifier_new();
    assert_non_null(v);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct mc_cert c, t;
        size_t n = read_pair(pairs[i].name, "DER.der", der, sizeof(der));

        assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &c, NULL), MC_OK);
        n = read_pair(pairs[i].name, "Chip.tlv", tlv, sizeof(tlv));
        assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &t, NULL), MC_OK);
        assert_int_equal(read_pair(pairs[i].name, "PublicKey.bin", point, sizeof(point)), sizeof(point));
        assert_int_equal(read_pair(pairs[i].issuer, "PublicKey.bin", issuer, sizeof(issuer)), sizeof(issuer));
        assert_memory_equal(c.point.p, point, sizeof(point));
        assert_int_equal(mc_point_check(v, c.point), MC_OK);
        assert_int_equal(mc_cert_check_signature(v, &c, issuer, NULL), MC_OK);
        assert_int_equal(mc_cert_check_signature(v, &t, issuer, NULL), MC_OK);
        if (pairs[i].kind == MC_KIND_NETWORK_IDENTITY) {
            assert_false(c.has_skid || c.has_akid);
            continue;
        }
        assert_int_equal(read_pair(pairs[i].name, "SubjectKeyId.bin", id, sizeof(id)), MC_KEY_ID_LEN);
        assert_true(mc_span_eq(c.skid, mc_span_of(id, MC_KEY_ID_LEN)));
        assert_int_equal(mc_key_id(v, point, id), MC_OK);
        assert_true(mc_span_eq(c.skid, mc_span_of(id, MC_KEY_ID_LEN)));
        assert_int_equal(read_pair(pairs[i].name, "AuthorityKeyId.bin", id, sizeof(id)), MC_KEY_ID_LEN);
        assert_true(mc_span_eq(c.akid, mc_span_of(id, MC_KEY_ID_LEN)));
    }
    mc_verifier_free(v);
}

static void the_compact_identity_is_the_full_one(void **state)
{
    uint8_t compact[MC_CERT_TLV_MAX], der[MC_CERT_DER_MAX], out[MC_CERT_DER_MAX];
    struct mc_cert c;
    size_t n, m;

    (void)state;
    vectors_need();
    n = read_pair("PDCID01", "ChipCompact.tlv", compact, sizeof(compact));
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(compact, n), &c, NULL), MC_OK);
    assert_int_equal(c.form, MC_FORM_COMPACT);
    m = read_pair("PDCID01", "DER.der", der, sizeof(der));
    assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), mc_span_of(der, m)));
    assert_int_equal(mc_cert_parse_der(mc_span_of(der, m), MC_RULES_MATTER, &c, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_compact(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), mc_span_of(compact, MC_IDENTITY_TLV_LEN)));
}

static void the_certificate_that_must_not_convert_does_not(void **state)
{
    uint8_t tlv[MC_CERT_TLV_MAX];
    struct mc_cert c;
    struct mc_err e;
    size_t n;

    (void)state;
    vectors_need();
    mc_err_init(&e);
    n = read_pair("Node01_01_Err01", "Chip.tlv", tlv, sizeof(tlv));
    assert_int_not_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &c, &e), MC_OK);
    print_message("Node01_01_Err01: %s\n", mc_rc_symbol(e.rc));
}

/* True if the certificate of an error case, in either form, is read. */
static bool is_read(const char *file)
{
    uint8_t in[2048];
    char path[320];
    struct mc_cert c;
    size_t n;

    snprintf(path, sizeof(path), ERROR "%s", file);
    n = vectors_read(path, in, sizeof(in));
    if (strstr(file, ".chip") != NULL)
        return mc_cert_parse_tlv(mc_span_of(in, n), &c, NULL) == MC_OK;
    return mc_cert_parse_der(mc_span_of(in, n), MC_RULES_MATTER, &c, NULL) == MC_OK;
}

static void each_error_case_fails_where_it_must_and_only_there(void **state)
{
    char path[512], line[256];
    unsigned refused = 0, read = 0;
    FILE *f;

    (void)state;
    vectors_need();
    snprintf(path, sizeof(path), "%s/expected/error-cases.tsv", vectors_root());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    while (fgets(line, sizeof(line), f) != NULL) {
        char *what = strchr(line, '\t');

        assert_non_null(what);
        *what++ = '\0';
        bool must_fail =
            strstr(what, "x509-to-tlv") != NULL || strstr(what, "tlv-to-x509") != NULL || strstr(what, "load") != NULL;

        if (is_read(line) == must_fail)
            fail_msg("%s is %s", line, must_fail ? "read" : "refused");
        refused += must_fail;
        read += !must_fail;
    }
    fclose(f);
    assert_true(refused > 40 && read > 10);
}

/* Every X.509 certificate below the vectors, for the walk that nftw makes. */
static unsigned certificates, convertible;

static int64_t unix_of(const ASN1_TIME *t)
{
    struct tm tm;
    struct mc_calendar c;

    assert_int_equal(ASN1_TIME_to_tm(t, &tm), 1);
    c = (struct mc_calendar){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
    return mc_calendar_to_unix(&c);
}

static void check_name(const X509_NAME *name, const struct mc_dn *dn)
{
    const uint8_t *der;
    size_t n;

    assert_int_equal(X509_NAME_get0_der(name, &der, &n), 1);
    assert_true(mc_span_eq(mc_span_of(der, n), dn->der));
    assert_int_equal(X509_NAME_entry_count(name), dn->n);
    for (int i = 0; i < dn->n; i++) {
        const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));

        assert_int_equal(ASN1_STRING_length(s), dn->attr[i].text.n);
        assert_memory_equal(ASN1_STRING_get0_data(s), dn->attr[i].text.p, dn->attr[i].text.n);
    }
}

static void check_x509(const char *path, X509 *x)
{
    uint8_t *der = NULL, out[MC_CERT_DER_MAX];
    int len = i2d_X509(x, &der);
    struct mc_cert c;
    struct mc_err e;
    size_t n;

    assert_true(len > 0);
    mc_err_init(&e);
    if (mc_cert_parse_der(mc_span_of(der, (size_t)len), MC_RULES_X509, &c, &e) != MC_OK)
        fail_msg("%s: %s at %zu", path, mc_rc_symbol(e.rc), e.offset);
    check_name(X509_get_issuer_name(x), &c.issuer);
    check_name(X509_get_subject_name(x), &c.subject);
    assert_int_equal(unix_of(X509_get0_notBefore(x)), c.not_before_unix);
    assert_int_equal(unix_of(X509_get0_notAfter(x)), c.not_after_unix);
    assert_int_equal(X509_get_version(x) + 1, c.version);
    assert_int_equal(X509_get_ext_count(x), c.n_ext);
    certificates++;
    if (c.obstacle.rc == MC_OK) {
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, &e), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), mc_span_of(der, (size_t)len)));
        convertible++;
    }
    OPENSSL_free(der);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    size_t n = strlen(path);
    bool pem = n > 4 && strcmp(path + n - 4, ".pem") == 0;
    FILE *f;
    X509 *x;

    (void)st;
    (void)ftw;
    if (type != FTW_F || (!pem && (n < 4 || strcmp(path + n - 4, ".der") != 0)))
        return 0;
    f = fopen(path, "rb");
    assert_non_null(f);
    x = pem ? PEM_read_X509(f, NULL, NULL, NULL) : d2i_X509_fp(f, NULL);
    fclose(f);
    if (x != NULL)
        check_x509(path, x);
    X509_free(x);
    return 0;
}

static void openssl_agrees_on_every_certificate_of_the_vectors(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(nftw(vectors_root(), visit, 16, FTW_PHYS), 0);
    print_message("%u X.509 certificates, %u of them convertible\n", certificates, convertible);
    assert_true(certificates > 300 && convertible > 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_is_one_certificate_in_two_forms),
        cmocka_unit_test(each_pair_verifies_with_its_issuer_and_matches_its_key),
        cmocka_unit_test(the_compact_identity_is_the_full_one),
        cmocka_unit_test(the_certificate_that_must_not_convert_does_not),
        cmocka_unit_test(each_error_case_fails_where_it_must_and_only_there),
        cmocka_unit_test(openssl_agrees_on_every_certificate_of_the_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
