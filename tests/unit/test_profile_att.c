/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation certificates from their profiles: what comes out is judged as a commissioner would judge it. */
#include "shipped.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/att_chain.h"
#include "lib/lint.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY      INT64_C(86400)
#define NOW      INT64_C(1795458000) /* 2026-11-23T18:20:00Z */

enum { PAA, PAI, DAC, CDS, CRLS, KINDS };
static const char *const files[KINDS] = {"paa", "pai", "dac", "cd-signer", "crl-signer"};
static char texts[KINDS][4096];
static struct mc_profile profiles[KINDS];
static struct mc_mistakes mistakes;
static struct mc_verifier *verifier;
static EVP_PKEY *keys[KINDS];
static uint8_t points[KINDS][MC_POINT_LEN];
static const uint8_t serial[MC_SERIAL_MAX] = {
    0x7F, 0xEE, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

struct made {
    uint8_t der[MC_CERT_DER_MAX];
    size_t n;
    struct mc_cert cert;
};

static struct mc_span text(const char *t)
{
    return mc_span_of(t, strlen(t));
}

static struct mc_request good_request(int which)
{
    static const char *const names[KINDS] = {
        "ACME PAA", "ACME PAI", "ACME DAC 5CDA98990A1B2C3D", "ACME CD Signing Authority", "ACME PAA Delegate"};
    struct mc_request r = {0};

    r.common_name = text(names[which]);
    r.has_vid = which == PAI || which == DAC;
    r.has_pid = which == DAC;
    r.vid = 0xFFF1;
    r.pid = 0x8000;
    r.serial = mc_span_of(serial, sizeof(serial));
    r.not_before_unix = NOW - DAY;
    r.not_after_unix = MC_TIME_NO_EXPIRY;
    r.point = points[which];
    assert_int_equal(mc_key_id(verifier, r.point, r.key_id), MC_OK);
    return r;
}

static void sign(const struct mc_cert *c, EVP_PKEY *key, struct made *out)
{
    uint8_t tbs[MC_CERT_DER_MAX], sig_der[MC_SIG_DER_MAX], sig[MC_SIG_LEN];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n, sig_len = sizeof(sig_der);
    struct mc_err e;

    assert_int_equal(mc_cert_encode_tbs(c, tbs, sizeof(tbs), &n, &e), MC_OK);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig_der, &sig_len, tbs, n), 1);
    EVP_MD_CTX_free(ctx);
    assert_int_equal(mc_sig_from_der(mc_span_of(sig_der, sig_len), sig), MC_OK);
    assert_int_equal(mc_cert_assemble(mc_span_of(tbs, n), sig, out->der, sizeof(out->der), &out->n, &e), MC_OK);
    assert_int_equal(mc_cert_parse_der(mc_span_of(out->der, out->n), MC_RULES_X509, &out->cert, &e), MC_OK);
    assert_true(mc_span_eq(out->cert.tbs, mc_span_of(tbs, n)));
}

/* by: the key that signs; issuer NULL: itself. */
static void make(int which, struct mc_request *r, const struct made *issuer, int by, struct made *out)
{
    const struct mc_cert *above = issuer != NULL ? &issuer->cert : NULL;
    struct mc_cert c;
    struct mc_err e;

    mc_err_init(&e);
    if (mc_profile_apply(&profiles[which], r, above, &c, &e) != MC_OK ||
        mc_lint_tbs(verifier, &c, above, MC_LINT_KIND(profiles[which].kind), &e) != MC_OK)
        fail_msg("%s: %s in %s: %s", files[which], mc_rc_symbol(e.rc), e.field, e.what);
    sign(&c, keys[by], out);
    assert_int_equal(mc_cert_kind(&out->cert), profiles[which].kind);
    assert_int_equal(mc_cert_check_signature(verifier, &out->cert, points[by], &e), MC_OK);
}

static struct made paa, paa_for_vendor, pai, pai_for_product;

static void make_authorities(void)
{
    struct mc_request r = good_request(PAA), i = good_request(PAI);

    make(PAA, &r, NULL, PAA, &paa);
    r = good_request(PAA);
    r.has_vid = true;
    make(PAA, &r, NULL, PAA, &paa_for_vendor);
    make(PAI, &i, &paa, PAA, &pai);
    i = good_request(PAI);
    i.has_pid = true;
    make(PAI, &i, &paa_for_vendor, PAA, &pai_for_product);
}

static void commissioners_accept(const struct made *root, const struct made *middle, const struct made *leaf)
{
    const struct mc_att_chain chain = {&root->cert, &middle->cert, &leaf->cert, true, NOW};
    struct mc_att_verdict v;

    if (mc_att_chain_check(verifier, &chain, &v) != MC_OK)
        fail_msg("%u: %s: %s", v.result, v.err.field, mc_rc_symbol(v.rc));
    assert_int_equal(v.result, 0);
    assert_int_equal(v.dac.vid, 0xFFF1);
    assert_int_equal(v.dac.pid, 0x8000);
}

static bool no_findings_but(void *arg, const struct mc_finding *f)
{
    if (f->rule->severity != MC_NOTICE)
        fail_msg("%s: %s: %s", (const char *)arg, f->rule->id, f->what);
    return true;
}

static void linted(const struct made *m, const struct made *issuer, const char *name)
{
    char copy[32];
    const struct mc_lint_input in = {.kind = MC_LINT_KIND(mc_cert_kind(&m->cert)),
        .v = verifier,
        .c = &m->cert,
        .issuer = issuer != NULL ? &issuer->cert : NULL,
        .whole = mc_span_of(m->der, m->n),
        .now_unix = NOW};

    snprintf(copy, sizeof(copy), "%s", name);
    assert_int_equal(mc_lint(&in, no_findings_but, copy), 0);
}

static void chains_pass_with_and_without_scope(void **state)
{
    struct made dac;
    struct mc_request r;

    (void)state;
    make_authorities();
    r = good_request(DAC);
    make(DAC, &r, &pai, PAI, &dac);
    commissioners_accept(&paa, &pai, &dac);
    linted(&paa, NULL, "paa");
    linted(&pai, &paa, "pai");
    linted(&dac, &pai, "dac");
    r = good_request(DAC);
    make(DAC, &r, &pai_for_product, PAI, &dac);
    commissioners_accept(&paa_for_vendor, &pai_for_product, &dac);
    linted(&dac, &pai_for_product, "dac of a product");
}

static void openssl_verifies_the_chain(void **state)
{
    const struct made *certs[3];
    struct made dac;
    X509 *x[3];
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *between = sk_X509_new_null();
    struct mc_request r = good_request(DAC);

    (void)state;
    make(DAC, &r, &pai, PAI, &dac);
    certs[0] = &paa;
    certs[1] = &pai;
    certs[2] = &dac;
    for (int i = 0; i < 3; i++) {
        const uint8_t *p = certs[i]->der;

        x[i] = d2i_X509(NULL, &p, (long)certs[i]->n);
        assert_non_null(x[i]);
    }
    X509_STORE_add_cert(store, x[0]);
    sk_X509_push(between, x[1]);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, x[2], between), 1);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), NOW);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_X509_STRICT);
    assert_int_equal(X509_verify_cert(ctx), 1);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_free(between);
    for (int i = 0; i < 3; i++)
        X509_free(x[i]);
}

static void signers_come_out_as_the_field_knows_them(void **state)
{
    struct mc_request r = good_request(CDS);
    struct made cds, crls;

    (void)state;
    make(CDS, &r, NULL, CDS, &cds);
    assert_int_equal(cds.cert.ku, MC_KU_DIGITAL_SIGNATURE | MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN);
    linted(&cds, NULL, "cd signer");
    r = good_request(CDS);
    r.has_vid = true;
    r.vid = 0x1234;
    make(CDS, &r, &paa, PAA, &cds);
    linted(&cds, &paa, "cd signer under a root");
    r = good_request(CRLS);
    r.not_after_unix = NOW + 3653 * DAY;
    make(CRLS, &r, &paa, PAA, &crls);
    assert_int_equal(crls.cert.ku, MC_KU_CRL_SIGN);
    linted(&crls, &paa, "crl signer of a PAA");
    r = good_request(CRLS);
    make(CRLS, &r, &pai, PAI, &crls);
    linted(&crls, &pai, "crl signer of a PAI");
}

static void ids_stand_in_the_common_name_where_the_profile_wants_it(void **state)
{
    struct mc_profile kept[KINDS];
    struct mc_request r = good_request(PAI);
    struct made middle, dac;

    (void)state;
    memcpy(kept, profiles, sizeof(kept));
    profiles[PAI].ids_in_common_name = profiles[DAC].ids_in_common_name = true;
    make(PAI, &r, &paa, PAA, &middle);
    assert_int_equal(middle.cert.subject.n, 1);
    assert_true(mc_span_eq(middle.cert.subject.attr[0].text, text("ACME PAI Mvid:FFF1")));
    r = good_request(DAC);
    r.common_name = text("ACME DAC");
    make(DAC, &r, &middle, PAI, &dac);
    assert_true(mc_span_eq(dac.cert.subject.attr[0].text, text("ACME DAC Mvid:FFF1 Mpid:8000")));
    commissioners_accept(&paa, &middle, &dac);
    memcpy(profiles, kept, sizeof(kept));
    profiles[DAC].ids_in_common_name = true;
    profiles[DAC].attr[0].presence = MC_OPTIONAL;
    r = good_request(DAC);
    r.common_name = text("");
    make(DAC, &r, &pai, PAI, &dac);
    assert_true(mc_span_eq(dac.cert.subject.attr[0].text, text("Mvid:FFF1 Mpid:8000")));
    commissioners_accept(&paa, &pai, &dac);
    memcpy(profiles, kept, sizeof(kept));
}

/* The whole value as matter-attestation 1.8 draws it. */
static void the_address_of_the_crl_is_written_as_commissioners_read_it(void **state)
{
    static const uint8_t name[] = {0x30, 0x0D, 0x31, 0x0B, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x02, 'P', 'A'};
    static const uint8_t direct[] = {0x30, 0x21, 0x06, 0x03, 0x55, 0x1D, 0x1F, 0x04, 0x1A, 0x30, 0x18, 0x30, 0x16, 0xA0, 0x14,
        0xA0, 0x12, 0x86, 0x10, 'h', 't', 't', 'p', ':', '/', '/', 'x', '.', 'y', '/', 'c', '.', 'c', 'r', 'l'};
    uint8_t points_der[MC_CRL_POINTS_MAX];
    struct mc_request r = good_request(DAC);
    struct made dac;
    size_t n;

    (void)state;
    assert_int_equal(
        mc_crl_points_encode(text("http://x.y/c.crl"), text(""), points_der, sizeof(points_der), &n, NULL), MC_OK);
    assert_int_equal(n, sizeof(direct));
    assert_memory_equal(points_der, direct, n);
    assert_int_equal(mc_crl_points_encode(text("https://x.y/c.crl"), mc_span_of(name, sizeof(name)), points_der,
                         sizeof(points_der), &n, NULL),
        MC_OK);
    r.crl_points = mc_span_of(points_der, n);
    make(DAC, &r, &pai, PAI, &dac);
    linted(&dac, &pai, "dac with the address of its CRL");
    commissioners_accept(&paa, &pai, &dac);
    assert_int_equal(dac.cert.ext[dac.cert.n_ext - 1].id, MC_EXT_FUTURE);
    assert_memory_equal(dac.cert.ext[dac.cert.n_ext - 1].whole.p, points_der, n);
}

static void addresses_that_commissioners_ignore_are_refused(void **state)
{
    static const char long_one[] = "http://aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
                                   "gggggggggghhhhhhhhhhiiiiiiiiiijjjj";
    static const char *const bad[] = {"www.example.com/crl.pem", "ftp://x/y", "http://", "https://", "http://x y", "http://x\n",
        "http://\xC3\xBC/", long_one, ""};
    uint8_t out[MC_CRL_POINTS_MAX];
    size_t n;

    (void)state;
    assert_int_equal(strlen(long_one), 101);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (mc_crl_points_encode(text(bad[i]), text(""), out, sizeof(out), &n, NULL) != MC_E_CRL_URI)
            fail_msg("'%s' is taken", bad[i]);
    assert_int_equal(mc_crl_points_encode(mc_span_of(long_one, 100), text(""), out, sizeof(out), &n, NULL), MC_OK);
    assert_int_equal(mc_crl_points_encode(text("http://x/"), text(""), out, 20, &n, NULL), MC_E_SPACE);
}

/* The issuer's name is written as it stands, whatever it holds: a name that is rewritten chains to nothing. */
static void names_of_others_are_copied_octet_for_octet(void **state)
{
    static const uint8_t foreign[] = {0x30, 0x1A, 0x31, 0x18, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x61, 0x13, 0x01, 'X',
        0x30, 0x0C, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1E, 0x05, 0, 'P', 0, 'A', 0};
    struct mc_request r = good_request(PAI);
    struct made above = paa, below;

    (void)state;
    above.cert.subject.der = mc_span_of(foreign, sizeof(foreign));
    above.cert.issuer.der = above.cert.subject.der;
    make(PAI, &r, &above, PAA, &below);
    assert_true(mc_span_eq(below.cert.issuer.der, mc_span_of(foreign, sizeof(foreign))));
}

/* One change to a good request, profile or issuer makes one refusal. */
struct trial {
    int which;
    struct mc_request r;
    struct mc_profile p;
    const struct made *issuer;
};

#define CHANGE(name) static void name(struct trial *t)
CHANGE(no_change) { (void)t; }
CHANGE(other_vid) { t->r.vid = 0xFFF2; }
CHANGE(other_pid) { t->r.pid = 0x8001; }
CHANGE(product_pai_other_pid) { t->issuer = &pai_for_product; t->r.pid = 0x8001; }
CHANGE(vendor_paa_other_vid) { t->issuer = &paa_for_vendor; t->r.vid = 0xFFF2; }
CHANGE(no_vid) { t->r.has_vid = false; }
CHANGE(no_pid) { t->r.has_pid = false; }
CHANGE(with_vid) { t->r.has_vid = true; }
CHANGE(with_pid) { t->r.has_pid = true; }
CHANGE(vid_zero) { t->r.has_vid = true; t->r.vid = 0; }
CHANGE(vid_reserved) { t->r.vid = 0xFFF5; }
CHANGE(vid_last) { t->r.vid = 0xFFF4; }
CHANGE(pid_zero) { t->r.has_pid = true; t->r.pid = 0; }
CHANGE(no_name) { t->r.common_name = text(""); }
CHANGE(name_with_vid) { t->r.common_name = text("ACME Mvid:FFF1"); }
CHANGE(name_with_pid) { t->r.common_name = text("Mpid:"); }
CHANGE(name_of_cd_signer) { t->r.common_name = text("ACME CD Signing"); }
CHANGE(plain_name) { t->r.common_name = text("ACME"); }
CHANGE(name_too_long_for_ids)
{
    t->p.ids_in_common_name = true;
    t->r.common_name = text("123456789012345678901234567890123456789012345");
}
CHANGE(by_paa) { t->issuer = &paa; }
CHANGE(by_pai) { t->issuer = &pai; }
CHANGE(by_itself) { t->issuer = NULL; }
CHANGE(own_key) { t->r.point = points[PAI]; }
CHANGE(begins_before) { t->r.not_before_unix -= 1; }
CHANGE(crl_unwanted) { t->p.crl_points = MC_FORBIDDEN; t->r.crl_points = text("x"); }
CHANGE(crl_missing) { t->p.crl_points = MC_REQUIRED; }
CHANGE(crl_rubbish) { t->r.crl_points = text("rubbish"); }
CHANGE(node_id) { t->r.has_node_id = true; }
CHANGE(cats) { t->r.n_cat = 1; }
static const char wide[] = "0123456789012345678901234567890123456789012345678901234567890123";
CHANGE(too_large)
{
    static const uint8_t ids[] = {MC_ATTR_ORGANIZATION, MC_ATTR_LOCALITY};

    t->r.common_name = text(wide);
    for (unsigned i = 0; i < COUNT(ids); i++) {
        struct mc_profile_attr *a = &t->p.attr[t->p.n_attr++];

        *a = (struct mc_profile_attr){.id = ids[i], .text_len = 64};
        memcpy(a->text, wide, 64);
    }
}

static const struct {
    int which;
    void (*change)(struct trial *t);
    enum mc_rc rc;
    const char *what; /* in the particulars; NULL: not looked at */
} trials[] = {
    {DAC, no_change, MC_OK, NULL},
    {DAC, other_vid, MC_E_ATT_VID, "FFF2 under FFF1: commissioners would answer 305 (DacVendorIdMismatch)"},
    {DAC, other_pid, MC_OK, NULL},
    {DAC, product_pai_other_pid, MC_E_ATT_PID, "8001 under 8000: commissioners would answer 306 (DacProductIdMismatch)"},
    {PAI, no_change, MC_OK, NULL},
    {PAI, other_vid, MC_OK, NULL},
    {PAI, vendor_paa_other_vid, MC_E_ATT_VID, "FFF2 under FFF1: commissioners would answer 205 (PaiVendorIdMismatch)"},
    {DAC, no_vid, MC_E_PROFILE_REQUEST, NULL},
    {DAC, no_pid, MC_E_PROFILE_REQUEST, NULL},
    {PAI, no_vid, MC_E_PROFILE_REQUEST, NULL},
    {PAI, with_pid, MC_OK, NULL},
    {PAA, with_vid, MC_OK, NULL},
    {PAA, with_pid, MC_E_PROFILE_REQUEST, NULL},
    {PAA, vid_zero, MC_E_ATT_ID, NULL},
    {DAC, vid_zero, MC_E_ATT_VID, NULL},
    {PAI, vid_reserved, MC_E_ATT_ID, NULL},
    {PAI, vid_last, MC_OK, NULL},
    {PAI, pid_zero, MC_E_ATT_ID, NULL},
    {DAC, pid_zero, MC_E_ATT_ID, NULL},
    {CRLS, with_vid, MC_E_PROFILE_REQUEST, NULL},
    {CDS, with_vid, MC_OK, NULL},
    {PAA, no_name, MC_E_PROFILE_REQUEST, NULL},
    {PAI, name_with_vid, MC_E_DN_TEXT, NULL},
    {DAC, name_with_pid, MC_E_DN_TEXT, NULL},
    {PAA, name_of_cd_signer, MC_E_PROFILE_REQUEST, "with this name it would pass for a cd-signer"},
    {DAC, name_of_cd_signer, MC_E_PROFILE_REQUEST, NULL},
    {CDS, plain_name, MC_E_PROFILE_REQUEST, "a signer of declarations is known by 'CD Signing' in its name"},
    {DAC, name_too_long_for_ids, MC_E_DN_TEXT, NULL},
    {DAC, by_paa, MC_E_ISSUER_KIND, NULL},
    {DAC, by_itself, MC_E_ISSUER_KIND, NULL},
    {PAI, by_pai, MC_E_ISSUER_KIND, NULL},
    {PAI, by_itself, MC_E_ISSUER_KIND, NULL},
    {PAA, by_paa, MC_E_ISSUER_KIND, NULL},
    {CDS, by_paa, MC_OK, NULL},
    {CDS, by_pai, MC_E_ISSUER_KIND, NULL},
    {CRLS, by_paa, MC_OK, NULL},
    {CRLS, by_pai, MC_OK, NULL},
    {CRLS, by_itself, MC_E_ISSUER_KIND, NULL},
    {DAC, own_key, MC_E_ISSUER_KEY, NULL},
    {DAC, begins_before, MC_E_ISSUER_PERIOD, NULL},
    {DAC, crl_unwanted, MC_E_PROFILE_REQUEST, NULL},
    {DAC, crl_missing, MC_E_PROFILE_REQUEST, NULL},
    {DAC, crl_rubbish, MC_E_EXT_FUTURE, NULL},
    {DAC, node_id, MC_E_PROFILE_REQUEST, NULL},
    {DAC, cats, MC_E_PROFILE_REQUEST, NULL},
    {DAC, too_large, MC_E_SIZE_DER, NULL},
};

static void what_no_commissioner_would_take_is_refused_before_signing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(trials); i++) {
        int which = trials[i].which;
        struct trial t = {which, good_request(which), profiles[which],
            which == DAC ? &pai : which == PAI || which == CRLS ? &paa : NULL};
        struct mc_cert c;
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        trials[i].change(&t);
        rc = mc_profile_apply(&t.p, &t.r, t.issuer != NULL ? &t.issuer->cert : NULL, &c, &e);
        if (rc != trials[i].rc)
            fail_msg("%zu (%s): %s, %s", i, files[which], mc_rc_symbol(rc), e.what);
        if (trials[i].what != NULL)
            assert_string_equal(e.what, trials[i].what);
    }
}

/* --- the text ------------------------------------------------------------------------------------------ */

/* In the shipped text, from is replaced by to (NULL: added at the end). */
static const struct {
    int which;
    const char *from, *to;
    enum mc_rc rc;
    const char *what;
} edits[] = {
    {PAA, "pathlen:1", "pathlen:0", MC_E_PROFILE_RULE, "a PAA has pathlen:1, or none"},
    {PAA, ", pathlen:1", "", MC_OK, NULL},
    {PAA, "keyCertSign", "digitalSignature, keyCertSign", MC_OK, NULL},
    {PAA, "keyCertSign", "keyAgreement, keyCertSign", MC_E_PROFILE_RULE, NULL},
    {PAA, "CA:TRUE", "CA:FALSE", MC_E_PROFILE_RULE, NULL},
    {PAA, "matter-vid = optional", "matter-vid = required", MC_OK, NULL},
    {PAA, "matter-vid = optional", "matter-pid = optional", MC_E_PROFILE_RULE, "this kind names no product"},
    {PAA, NULL, "crlDistributionPoints = optional\n", MC_E_PROFILE_RULE, NULL},
    {PAI, "pathlen:0", "pathlen:1", MC_E_PROFILE_RULE, "a PAI has pathlen:0"},
    {PAI, ", pathlen:0", "", MC_E_PROFILE_RULE, "a PAI has pathlen:0"},
    {PAI, "matter-vid = required", "matter-vid = optional", MC_E_PROFILE_RULE, NULL},
    {PAI, "matter-vid = required", "", MC_E_PROFILE_RULE, "it is missing"},
    {PAI, "matter-vid = required", "matter-vid = \"FFF1\"", MC_E_CONF_VALUE, NULL},
    {PAI, "commonName = required", "", MC_E_PROFILE_RULE, "it is missing"},
    {PAI, "commonName = required", "commonName = \"ACME PAI\"\nO = \"ACME\"", MC_OK, NULL},
    {PAI, "commonName = required", "commonName = required\nmatter-node-id = required", MC_E_PROFILE_RULE, NULL},
    {PAI, "product-ids = attributes", "product-ids = common-name", MC_OK, NULL},
    {PAI, "product-ids = attributes", "product-ids = both", MC_E_CONF_VALUE, NULL},
    {PAI, "crlDistributionPoints = optional", "crlDistributionPoints = required", MC_OK, NULL},
    {PAI, "crlDistributionPoints = optional", "crlDistributionPoints = URI:http://x.y/paa.crl", MC_OK, NULL},
    {PAI, "crlDistributionPoints = optional", "crlDistributionPoints = URI:x.y/paa.crl", MC_E_CONF_VALUE, NULL},
    {PAI, "crlDistributionPoints = optional", "crlDistributionPoints = http://x.y/paa.crl", MC_E_CONF_VALUE, NULL},
    {PAI, NULL, "crlDistributionPoints = optional\n", MC_E_CONF_TWICE, NULL},
    {DAC, "matter-pid = required", "matter-pid = optional", MC_E_PROFILE_RULE, NULL},
    {DAC, "CA:FALSE", "CA:FALSE, pathlen:0", MC_E_PROFILE_RULE, NULL},
    {DAC, "digitalSignature", "digitalSignature, cRLSign", MC_E_PROFILE_RULE, NULL},
    {DAC, NULL, "extendedKeyUsage = critical, clientAuth\n", MC_E_PROFILE_RULE, NULL},
    {CDS, "digitalSignature, ", "", MC_E_PROFILE_RULE, NULL},
    {CDS, "pathlen:0", "pathlen:1", MC_E_PROFILE_RULE, "a CD signer has pathlen:0"},
    {CRLS, "cRLSign", "cRLSign, digitalSignature", MC_OK, NULL},
    {CRLS, "cRLSign", "digitalSignature", MC_E_PROFILE_RULE, NULL},
    {CRLS, "backdate = 86400", "backdate = 86400\nproduct-ids = attributes", MC_E_PROFILE_RULE, NULL},
};

static void an_edited_profile_works_or_says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(edits); i++) {
        const char *all = texts[edits[i].which], *at = edits[i].from != NULL ? strstr(all, edits[i].from) : all + strlen(all);
        struct mc_profile p;
        char edited[5000];
        enum mc_rc rc;

        assert_non_null(at);
        snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - all), all, edits[i].to,
            at + (edits[i].from != NULL ? strlen(edits[i].from) : 0));
        rc = mc_profile_parse(text(edited), &p, &mistakes);
        if (rc != edits[i].rc)
            fail_msg("%zu: %s: %s", i, mc_rc_symbol(rc), rc != MC_OK ? mistakes.list[0].what : "");
        if (edits[i].what != NULL)
            assert_string_equal(mistakes.list[0].what, edits[i].what);
    }
}

static void a_fixed_address_stands_in_every_certificate(void **state)
{
    struct mc_profile kept = profiles[DAC];
    struct mc_request r = good_request(DAC);
    struct made dac;
    char edited[5000];

    (void)state;
    snprintf(edited, sizeof(edited), "%.*sURI:http://x.y/c.crl\n", (int)(strstr(texts[DAC], "optional\n") - texts[DAC]), texts[DAC]);
    assert_int_equal(mc_profile_parse(text(edited), &profiles[DAC], &mistakes), MC_OK);
    make(DAC, &r, &pai, PAI, &dac);
    assert_int_equal(dac.cert.n_ext, 5);
    assert_memory_equal(dac.cert.ext[4].whole.p + dac.cert.ext[4].whole.n - 16, "http://x.y/c.crl", 16);
    profiles[DAC] = kept;
}

static int set_up(void **state)
{
    char path[64];
    size_t n;

    (void)state;
    verifier = mc_verifier_new();
    for (int i = 0; i < KINDS; i++) {
        FILE *f;

        snprintf(path, sizeof(path), "profiles/%s.profile", files[i]);
        f = fopen(path, "rb");
        n = f != NULL ? fread(texts[i], 1, sizeof(texts[i]) - 1, f) : 0;
        if (f != NULL)
            fclose(f);
        if (mc_profile_parse(mc_span_of(texts[i], n), &profiles[i], &mistakes) != MC_OK) {
            print_error("%s:%u: %s\n", path, mistakes.list[0].line, mistakes.list[0].what);
            return -1;
        }
        keys[i] = EVP_EC_gen("P-256");
        if (EVP_PKEY_get_octet_string_param(keys[i], OSSL_PKEY_PARAM_PUB_KEY, points[i], MC_POINT_LEN, &n) != 1)
            return -1;
    }
    return verifier != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++)
        EVP_PKEY_free(keys[i]);
    mc_verifier_free(verifier);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_pass_with_and_without_scope),
        cmocka_unit_test(openssl_verifies_the_chain),
        cmocka_unit_test(signers_come_out_as_the_field_knows_them),
        cmocka_unit_test(ids_stand_in_the_common_name_where_the_profile_wants_it),
        cmocka_unit_test(the_address_of_the_crl_is_written_as_commissioners_read_it),
        cmocka_unit_test(addresses_that_commissioners_ignore_are_refused),
        cmocka_unit_test(names_of_others_are_copied_octet_for_octet),
        cmocka_unit_test(what_no_commissioner_would_take_is_refused_before_signing),
        cmocka_unit_test(an_edited_profile_works_or_says_why_not),
        cmocka_unit_test(a_fixed_address_stands_in_every_certificate),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
