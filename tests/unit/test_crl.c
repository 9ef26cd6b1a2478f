/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: the strict reader, the writer, Matter's profile, signers and dates. */
#include "certs.h"

#include <openssl/x509.h>

#include "lib/crl.h"

#define CRL_ROOM 8192
#define THIS     "17('250101000000Z')"
#define NEXT     "17('260101000000Z')"
#define NAME     "30(31(30(06035504030C('PAI'))))"
#define OTHER    "30(31(30(06035504030C('PAI 2'))))"
#define AKID     "30(0603551D23 04(30(8014" CERTS_ID ")))"
#define NUMBER   "30(0603551D14 04(020107))"
#define POINT    "30(0603551D1C 0101FF 04(30(A0(A0(86('http://a/b')))8401FF)))"
#define ISSUER_OF(name) "30(30(0603551D1D 0101FF 04(30(A4(" name ")))))"
#define ENTRY(serial, exts) "30(02(" serial ")" THIS exts ")"
#define DATES_2025 INT64_C(1735689600)

/* The parts of a CRL in the notation of certs.h. */
enum part { VERSION, ALG, ISSUER, THIS_UPDATE, NEXT_UPDATE, ENTRIES, EXTENSIONS, AFTER_TBS, OUTER_ALG, SIGNATURE, AFTER_SIG,
    AFTER, PARTS };

static const char *const good[PARTS] = {
    [VERSION] = "020101",
    [ALG] = "30(06082A8648CE3D040302)",
    [ISSUER] = NAME,
    [THIS_UPDATE] = THIS,
    [NEXT_UPDATE] = NEXT,
    [ENTRIES] = "30(" ENTRY("01", "") ENTRY("7F00", "") ")",
    [EXTENSIONS] = "A0(30(" AKID NUMBER "))",
    [AFTER_TBS] = "",
    [OUTER_ALG] = "30(06082A8648CE3D040302)",
    [SIGNATURE] = "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))",
    [AFTER_SIG] = "",
    [AFTER] = "",
};

static struct mc_span make(enum part part, const char *with, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CRL_ROOM);
    size_t whole = mc_der_begin(&o, MC_DER_SEQUENCE), tbs = mc_der_begin(&o, MC_DER_SEQUENCE);

    for (unsigned i = 0; i < PARTS; i++) {
        if (i == OUTER_ALG)
            mc_der_close(&o, tbs);
        if (i == AFTER)
            mc_der_close(&o, whole);
        certs_put(&o, i == part ? with : good[i]);
    }
    return mc_span_of(out, o.n);
}

static void a_good_crl_is_read_as_it_was_written(void **state)
{
    uint8_t out[CRL_ROOM];
    struct mc_crl c;
    struct mc_crl_cursor at;
    struct mc_crl_entry x;

    (void)state;
    assert_int_equal(mc_crl_parse(make(PARTS, NULL, out), &c, NULL), MC_OK);
    assert_int_equal(c.this_update_unix, DATES_2025);
    assert_true(c.has_next && c.next_update_unix == DATES_2025 + 365 * 86400);
    assert_true(c.has_akid && c.akid.p[19] == 0x13);
    assert_int_equal(c.number.n, 1);
    assert_int_equal(c.n, 2);
    assert_int_equal(c.n_issuer, 0);
    assert_int_equal(mc_crl_check(&c, NULL), MC_OK);
    at = mc_crl_begin(&c);
    assert_true(mc_crl_next(&at, &x) && x.serial.n == 1 && x.issuer.n == 0 && x.implied.n == 0 && !x.has_reason);
    assert_true(mc_crl_next(&at, &x) && x.serial.n == 2);
    assert_false(mc_crl_next(&at, &x));
}

static void each_part_is_held_to_its_form(void **state)
{
    static const struct {
        enum part part;
        const char *with;
        enum mc_rc rc;
    } rows[] = {
        {VERSION, "", MC_E_CRL_FORM},
        {VERSION, "020100", MC_E_CRL_FORM},
        {VERSION, "020102", MC_E_CRL_FORM},
        {ALG, "30(06082A8648CE3D040303)", MC_E_SIG_ALG},
        {ALG, "30(06082A8648CE3D0403020500)", MC_E_SIG_ALG},
        {OUTER_ALG, "30(06072A8648CE3D0401)", MC_E_SIG_ALG},
        {ISSUER, "31(30(06035504030C('PAI')))", MC_E_DER_TAG},
        {ISSUER, "30(31(30(06035504030C('PAI')00)))", MC_E_DER_TRAILING},
        {THIS_UPDATE, "", MC_OK}, /* then nextUpdate is taken for it: the profile refuses */
        {THIS_UPDATE, "18('20250101000000Z')", MC_E_TIME_CHOICE},
        {THIS_UPDATE, "17('2501010000Z')", MC_E_TIME_FORM},
        {NEXT_UPDATE, "", MC_OK},
        {NEXT_UPDATE, "17('241231235959Z')", MC_E_CRL_FORM},
        {NEXT_UPDATE, "18('21250101000000Z')", MC_OK},
        {NEXT_UPDATE, THIS, MC_OK},
        {ENTRIES, "", MC_OK},
        {ENTRIES, "30()", MC_E_CRL_FORM},
        {ENTRIES, "30(" ENTRY("00", "") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("80", "") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("0001", "") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("0080", "") ")", MC_OK},
        {ENTRIES, "30(" ENTRY("0102030405060708090A0B0C0D0E0F1011121314", "") ")", MC_OK},
        {ENTRIES, "30(" ENTRY("0102030405060708090A0B0C0D0E0F101112131415", "") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30()") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D15 04(0A0101)))") ")", MC_OK},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D15 04(0A0107)))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D15 04(0A010B)))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D15 04(0A0101))30(0603551D15 04(0A0101)))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", ISSUER_OF(OTHER)) ")", MC_OK},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D1D 04(30(A4(" OTHER ")))))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D1D 0101FF 04(30(86('http://a')))))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D1D 0101FF 04(30(A4(" OTHER ")A4(" NAME ")))))") ")", MC_E_CRL_ENTRY},
        {ENTRIES, "30(" ENTRY("01", "30(30(0603551D1D 010100 04(30(A4(" OTHER ")))))") ")", MC_E_DER_BOOLEAN},
        {ENTRIES, "30(" ENTRY("01", "0500") ")", MC_E_DER_TAG},
        {EXTENSIONS, "", MC_OK},
        {EXTENSIONS, "A0(30())", MC_E_CRL_FORM},
        {EXTENSIONS, "A0(30(" AKID AKID NUMBER "))", MC_E_EXT_AKID},
        {EXTENSIONS, "A0(30(30(0603551D23 04(30(8013000102030405060708090A0B0C0D0E0F101112)))))", MC_E_EXT_AKID},
        {EXTENSIONS, "A0(30(30(0603551D23 04(30(820101)))))", MC_E_EXT_AKID},
        {EXTENSIONS, "A0(30(" AKID NUMBER NUMBER "))", MC_E_CRL_FORM},
        {EXTENSIONS, "A0(30(" AKID "30(0603551D14 04(0201FF))))", MC_E_CRL_FORM},
        {EXTENSIONS, "A0(30(" AKID "30(0603551D14 04(0201070500))))", MC_E_DER_TRAILING},
        {EXTENSIONS, "A0(30(" AKID NUMBER POINT "))", MC_OK},
        {EXTENSIONS, "A0(30(" AKID NUMBER POINT POINT "))", MC_E_CRL_FORM},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(840100)))))", MC_E_DER_BOOLEAN},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(8401FF8101FF)))))", MC_E_DER_TRAILING},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(A0(A0()))))))", MC_E_CRL_FORM},
        {AFTER_TBS, "0500", MC_E_DER_TRAILING},
        {SIGNATURE, "03(01 30(02(00" CERTS_R ")02(00" CERTS_S ")))", MC_E_DER_BITS},
        {SIGNATURE, "03(00 30(02(00" CERTS_R ")))", MC_E_SIGNATURE_FORM},
        {AFTER_SIG, "0500", MC_E_DER_TRAILING},
        {AFTER, "00", MC_E_DER_TRAILING},
    };
    uint8_t out[CRL_ROOM];
    struct mc_crl c;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum mc_rc rc = mc_crl_parse(make(rows[i].part, rows[i].with, out), &c, NULL);

        if (rc != rows[i].rc)
            fail_msg("row %zu (%s): %s", i, rows[i].with, mc_rc_symbol(rc));
    }
    assert_int_equal(mc_crl_parse(mc_span_of(out, MC_CRL_MAX + 1), &c, NULL), MC_E_TOO_BIG);
}

static void the_profile_of_matter_is_asked_for(void **state)
{
    static const struct {
        enum part part;
        const char *with, *field; /* NULL: it is fine */
    } rows[] = {
        {NEXT_UPDATE, "", "nextUpdate"},
        {EXTENSIONS, "A0(30(" NUMBER "))", "authorityKeyIdentifier"},
        {EXTENSIONS, "A0(30(" AKID "))", "cRLNumber"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1B 0101FF 04(020101))))", "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(8101FF)))))", "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(83020640)))))", "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(06032A0304 0101FF 04(0500))))", "extensions"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(06032A0304 04(0500))))", NULL},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 04(30(A0(A0(86('http://a'))))))))", "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(A0(A0(86('http://a'))))))))", NULL},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(8401FF)))))", "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(A0(A0(86('ftp://a')))8401FF)))))",
            "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(A0(A0(86('http://a')86('http://b')))8401FF)))))",
            "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER "30(0603551D1C 0101FF 04(30(A0(A1(" "06035504030C('x')" "))8401FF)))))",
            "issuingDistributionPoint"},
        {EXTENSIONS, "A0(30(" AKID NUMBER POINT "))", NULL},
        {ENTRIES, "30(" ENTRY("01", ISSUER_OF(OTHER)) ")", "certificateIssuer"},
        {ENTRIES, "30(" ENTRY("01", "30(30(06032A0304 0101FF 04(0500)))") ")", "extensions"},
    };
    uint8_t out[CRL_ROOM];
    struct mc_crl c;
    struct mc_err e;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        mc_err_init(&e);
        if (mc_crl_parse(make(rows[i].part, rows[i].with, out), &c, &e) != MC_OK)
            fail_msg("row %zu: %s %s", i, mc_rc_symbol(e.rc), e.field);
        if (mc_crl_check(&c, &e) != (rows[i].field == NULL ? MC_OK : MC_E_CRL_PROFILE))
            fail_msg("row %zu: %s", i, e.field);
        if (rows[i].field != NULL)
            assert_string_equal(e.field, rows[i].field);
    }
}

static void dates_are_judged_at_the_time_given(void **state)
{
    uint8_t out[CRL_ROOM];
    struct mc_crl c;

    (void)state;
    assert_int_equal(mc_crl_parse(make(PARTS, NULL, out), &c, NULL), MC_OK);
    assert_int_equal(mc_crl_check_date(&c, DATES_2025 - 1, NULL), MC_E_CRL_DATE);
    assert_int_equal(mc_crl_check_date(&c, DATES_2025, NULL), MC_OK);
    assert_int_equal(mc_crl_check_date(&c, c.next_update_unix - 1, NULL), MC_OK);
    assert_int_equal(mc_crl_check_date(&c, c.next_update_unix, NULL), MC_E_CRL_DATE);
}

static void issuers_of_entries_are_told_and_implied(void **state)
{
    static const char *const entries = "30(" ENTRY("01", "") ENTRY("02", ISSUER_OF(OTHER)) ENTRY("03", "") ")";
    uint8_t out[CRL_ROOM];
    struct mc_crl c;
    struct mc_crl_cursor at;
    struct mc_crl_entry x;

    (void)state;
    assert_int_equal(mc_crl_parse(make(ENTRIES, entries, out), &c, NULL), MC_OK);
    assert_int_equal(c.n_issuer, 1);
    at = mc_crl_begin(&c);
    assert_true(mc_crl_next(&at, &x) && x.issuer.n == 0 && x.implied.n == 0);
    assert_true(mc_crl_next(&at, &x) && x.issuer.n != 0 && mc_span_eq(x.issuer, x.implied));
    assert_true(mc_crl_next(&at, &x) && x.issuer.n == 0 && x.implied.n != 0);
}

/* --- writing --- */

#define MANY 300

struct writing {
    struct certs_key key;
    struct mc_cert signer;
    uint8_t signer_der[MC_CERT_DER_MAX], name[64], other[64], serial[MANY][20], crl[64 * MANY + 200 * MANY + 1024];
    struct mc_crl_entry entry[MANY];
    struct mc_crl_draft draft;
    struct mc_verifier *v;
};

/* A signer whose certificate is made by OpenSSL's hand, as it were: only what the checks look at is filled. */
static struct writing *writing_new(void)
{
    struct writing *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->v = mc_verifier_new();
    certs_key_new(&w->key);
    certs_fill(&w->signer, true, &w->key, w->key.id);
    w->signer.subject.der = certs_octets(NAME, w->name);
    for (unsigned i = 0; i < MANY; i++) {
        w->serial[i][0] = 0x40;
        w->serial[i][18] = (uint8_t)(i >> 8);
        w->serial[i][19] = (uint8_t)i;
        w->entry[i] = (struct mc_crl_entry){.serial = mc_span_of(w->serial[i], 20), .time_unix = DATES_2025 + i};
    }
    w->draft = (struct mc_crl_draft){.issuer = w->signer.subject.der, .akid = mc_span_of(w->key.id, 20), .number = 128,
        .this_update_unix = DATES_2025, .next_update_unix = DATES_2025 + 86400, .entry = w->entry, .n = 3};
    return w;
}

static void writing_free(struct writing *w)
{
    certs_key_free(&w->key);
    mc_verifier_free(w->v);
    free(w);
}

static struct mc_span sign(struct writing *w)
{
    uint8_t *tbs = malloc(mc_crl_bound(&w->draft)), sig[MC_SIG_LEN];
    size_t n = 0;
    struct mc_err e;

    mc_err_init(&e);
    assert_non_null(tbs);
    assert_true(mc_crl_bound(&w->draft) <= sizeof(w->crl));
    if (mc_crl_encode_tbs(&w->draft, tbs, mc_crl_bound(&w->draft), &n, &e) != MC_OK)
        fail_msg("%s %s %s", mc_rc_symbol(e.rc), e.field, e.what);
    certs_sign(&w->key, mc_span_of(tbs, n), sig);
    assert_int_equal(mc_crl_assemble(mc_span_of(tbs, n), sig, w->crl, mc_crl_bound(&w->draft), &n, NULL), MC_OK);
    free(tbs);
    return mc_span_of(w->crl, n);
}

static void check_with_openssl(struct writing *w, struct mc_span der, int n)
{
    const uint8_t *p = der.p;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);
    uint8_t *again = NULL;

    assert_non_null(crl);
    assert_int_equal(X509_CRL_verify(crl, w->key.key), 1);
    assert_int_equal(X509_CRL_get_version(crl), X509_CRL_VERSION_2);
    assert_int_equal(n == 0 ? 0 : sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), n);
    assert_int_equal(i2d_X509_CRL(crl, &again), der.n);
    assert_memory_equal(again, der.p, der.n);
    OPENSSL_free(again);
    X509_CRL_free(crl);
}

static void what_is_written_is_read_back_verified_and_openssl_agrees(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 4, 5, 60, MANY};
    struct writing *w = writing_new();
    struct mc_crl_cursor at;
    struct mc_crl_entry x;
    struct mc_crl c;

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        for (unsigned kind = 0; kind < 3; kind++) {
            size_t seen = 0;
            struct mc_span der;

            w->draft.n = counts[i];
            w->draft.uri = kind == 0 ? mc_span_of(NULL, 0) : mc_span_of("https://example.com/crl.der", 27);
            w->draft.indirect = kind == 2;
            w->draft.authority = certs_octets(OTHER, w->other);
            der = sign(w);
            assert_int_equal(mc_crl_parse(der, &c, NULL), MC_OK);
            assert_int_equal(mc_crl_check(&c, NULL), MC_OK);
            assert_int_equal(mc_crl_check_signer(w->v, &c, &w->signer, NULL), MC_OK);
            assert_int_equal(c.n, counts[i]);
            assert_true(c.number.n == 2 && c.number.p[1] == 0x80);
            assert_int_equal(c.indirect, kind == 2);
            assert_int_equal(c.n_issuer, kind == 2 ? counts[i] : 0);
            for (at = mc_crl_begin(&c); mc_crl_next(&at, &x); seen++) {
                assert_true(mc_span_eq(x.serial, w->entry[seen].serial));
                assert_int_equal(x.time_unix, w->entry[seen].time_unix);
                assert_true(kind != 2 || mc_span_eq(x.issuer, w->draft.authority));
            }
            assert_int_equal(seen, counts[i]);
            check_with_openssl(w, der, (int)counts[i]);
        }
    }
    writing_free(w);
}

static void a_crl_of_another_signer_is_refused(void **state)
{
    struct writing *w = writing_new();
    struct mc_span der = sign(w);
    struct mc_cert other = w->signer;
    struct certs_key key;
    struct mc_err e;
    struct mc_crl c;

    (void)state;
    certs_key_new(&key);
    assert_int_equal(mc_crl_parse(der, &c, NULL), MC_OK);
    assert_int_equal(mc_crl_check_signer(w->v, &c, &w->signer, NULL), MC_OK);
    mc_err_init(&e);
    other.subject.der = certs_octets(OTHER, w->other);
    assert_int_equal(mc_crl_check_signer(w->v, &c, &other, &e), MC_E_CRL_SIGNER);
    assert_string_equal(e.field, "issuer");
    other = w->signer;
    other.skid = mc_span_of(key.id, 20);
    assert_int_equal(mc_crl_check_signer(w->v, &c, &other, NULL), MC_E_CRL_SIGNER);
    other = w->signer;
    other.ku = MC_KU_KEY_CERT_SIGN;
    assert_int_equal(mc_crl_check_signer(w->v, &c, &other, NULL), MC_E_CRL_SIGNER);
    other = w->signer;
    other.point = mc_span_of(key.point, MC_POINT_LEN);
    assert_int_equal(mc_crl_check_signer(w->v, &c, &other, NULL), MC_E_SIGNATURE);
    w->crl[der.n - 1] ^= 1;
    assert_int_equal(mc_crl_parse(der, &c, NULL), MC_OK);
    assert_int_equal(mc_crl_check_signer(w->v, &c, &w->signer, NULL), MC_E_SIGNATURE);
    certs_key_free(&key);
    writing_free(w);
}

static void a_delegate_has_the_format_of_one(void **state)
{
    struct writing *w = writing_new();
    struct mc_cert good_one = w->signer, c;

    (void)state;
    good_one.is_ca = false;
    good_one.ku = MC_KU_CRL_SIGN;
    good_one.sig_alg_oid = mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
    assert_int_equal(mc_crl_check_delegate(&good_one, NULL), MC_OK);
    c = good_one;
    c.ku |= MC_KU_DIGITAL_SIGNATURE;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_OK);
    c.ku |= MC_KU_KEY_CERT_SIGN;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.ku = MC_KU_DIGITAL_SIGNATURE;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.is_ca = true;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.ext[0].critical = false;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.ext[1].critical = false;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.version = 2;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.p256 = false;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.has_skid = false;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    c = good_one;
    c.sig_alg_oid.n = 0;
    assert_int_equal(mc_crl_check_delegate(&c, NULL), MC_E_CRL_SIGNER);
    writing_free(w);
}

static void a_draft_that_makes_no_good_crl_is_refused(void **state)
{
    static const struct {
        const char *uri;
        enum mc_rc rc;
    } addresses[] = {{"http://a", MC_OK}, {"https://a/b?c=~", MC_OK}, {"http://", MC_E_CRL_PROFILE}, {"https://", MC_E_CRL_PROFILE},
        {"ftp://a/b", MC_E_CRL_PROFILE}, {"a/b", MC_E_CRL_PROFILE}, {"http://a/ b", MC_E_CRL_PROFILE}, {"http://a\x7F", MC_E_CRL_PROFILE},
        {"http://\xC3\xA4", MC_E_CRL_PROFILE}, {"http://a\n", MC_E_CRL_PROFILE}};
    struct writing *w = writing_new();
    struct mc_crl_draft d;
    uint8_t out[4096], sig[MC_SIG_LEN] = {1};
    size_t n = 0, got;

    (void)state;
    sig[63] = 1;
    assert_int_equal(mc_crl_encode_tbs(&w->draft, out, sizeof(out), &n, NULL), MC_OK);
    for (size_t cap = 0; cap < n; cap++)
        assert_int_equal(mc_crl_encode_tbs(&w->draft, out, cap, &got, NULL), MC_E_SPACE);
    assert_int_equal(mc_crl_assemble(mc_span_of(w->crl, n), sig, out, n, &got, NULL), MC_E_SPACE);
    d = w->draft;
    d.next_update_unix = d.this_update_unix;
    assert_int_equal(mc_crl_encode_tbs(&d, out, sizeof(out), &n, NULL), MC_E_TIME_ORDER);
    d = w->draft;
    d.akid.n = 19;
    assert_int_equal(mc_crl_encode_tbs(&d, out, sizeof(out), &n, NULL), MC_E_CRL_PROFILE);
    d = w->draft;
    d.indirect = true;
    assert_int_equal(mc_crl_encode_tbs(&d, out, sizeof(out), &n, NULL), MC_E_CRL_PROFILE);
    d = w->draft;
    d.uri = mc_span_of(w->crl, MC_CRL_POINT_MAX + 1);
    assert_int_equal(mc_crl_encode_tbs(&d, out, sizeof(out), &n, NULL), MC_E_CRL_PROFILE);
    for (size_t i = 0; i < COUNT(addresses); i++) {
        d.uri = mc_span_of(addresses[i].uri, strlen(addresses[i].uri));
        if (mc_crl_encode_tbs(&d, out, sizeof(out), &n, NULL) != addresses[i].rc)
            fail_msg("'%s'", addresses[i].uri);
    }
    w->entry[1].serial.n = 0;
    assert_int_equal(mc_crl_encode_tbs(&w->draft, out, sizeof(out), &n, NULL), MC_E_SERIAL);
    w->serial[1][0] = 0x80;
    w->entry[1].serial.n = 20;
    assert_int_equal(mc_crl_encode_tbs(&w->draft, out, sizeof(out), &n, NULL), MC_E_SERIAL);
    writing_free(w);
}

/* Each octet of a CRL changed in every way: refused, or read without harm. */
static void changed_octets_do_no_harm(void **state)
{
    static const char *const entries = "30(" ENTRY("01", ISSUER_OF(OTHER)) ENTRY("02", "30(30(0603551D15 04(0A0101)))") ")";
    uint8_t out[CRL_ROOM];
    struct mc_span der = make(ENTRIES, entries, out);
    struct mc_crl_cursor at;
    struct mc_crl_entry x;
    struct mc_crl c;
    unsigned kept = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < der.n; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            size_t n = 0;

            out[i] ^= (uint8_t)flip;
            if (mc_crl_parse(der, &c, NULL) == MC_OK) {
                for (at = mc_crl_begin(&c); mc_crl_next(&at, &x); n++)
                    assert_true(x.serial.n != 0 && x.serial.n <= 20);
                assert_int_equal(n, c.n);
                kept++;
            } else {
                refused++;
            }
            out[i] ^= (uint8_t)flip;
        }
    }
    for (size_t n = 0; n < der.n; n++)
        assert_int_not_equal(mc_crl_parse(mc_span_of(out, n), &c, NULL), MC_OK);
    assert_true(kept != 0 && refused != 0);
}

static void the_crls_of_the_sdk_are_good(void **state)
{
    static const struct {
        const char *crl, *signer;
        size_t n;
    } rows[] = {
        {"revocation/Chip-Test-PAA-FFF1-CRL.der", "revocation/Chip-Test-PAA-FFF1-Cert.der", 1},
        {"revocation/Chip-Test-PAI-FFF1-noPID-Revoked-CRL.der", "revocation/Chip-Test-PAI-FFF1-noPID-Revoked-Cert.der", 1},
        {"revocation/Matter-Development-PAI-FFF1-noPID-CRL.der", "revocation/Matter-Development-PAI-FFF1-noPID-Cert.der", 3},
    };
    struct mc_verifier *v = mc_verifier_new();
    uint8_t crl[4096], der[MC_CERT_DER_MAX];
    struct mc_cert signer;
    struct mc_crl c;

    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = vectors_read(rows[i].crl, crl, sizeof(crl));

        assert_int_equal(mc_crl_parse(mc_span_of(crl, n), &c, NULL), MC_OK);
        assert_int_equal(c.n, rows[i].n);
        assert_int_equal(mc_crl_check(&c, NULL), MC_OK);
        n = vectors_read(rows[i].signer, der, sizeof(der));
        assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_X509, &signer, NULL), MC_OK);
        assert_int_equal(mc_crl_check_signer(v, &c, &signer, NULL), MC_OK);
    }
    mc_verifier_free(v);
}

static void reasons_have_the_names_of_the_standard(void **state)
{
    (void)state;
    assert_string_equal(mc_crl_reason_name(1), "keyCompromise");
    assert_string_equal(mc_crl_reason_name(7), "");
    assert_string_equal(mc_crl_reason_name(10), "aACompromise");
    assert_string_equal(mc_crl_reason_name(11), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_crl_is_read_as_it_was_written),
        cmocka_unit_test(each_part_is_held_to_its_form),
        cmocka_unit_test(the_profile_of_matter_is_asked_for),
        cmocka_unit_test(dates_are_judged_at_the_time_given),
        cmocka_unit_test(issuers_of_entries_are_told_and_implied),
        cmocka_unit_test(what_is_written_is_read_back_verified_and_openssl_agrees),
        cmocka_unit_test(a_crl_of_another_signer_is_refused),
        cmocka_unit_test(a_delegate_has_the_format_of_one),
        cmocka_unit_test(a_draft_that_makes_no_good_crl_is_refused),
        cmocka_unit_test(changed_octets_do_no_harm),
        cmocka_unit_test(the_crls_of_the_sdk_are_good),
        cmocka_unit_test(reasons_have_the_names_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
