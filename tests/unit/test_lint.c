/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the linter fires on an object that breaks it, and on no valid one. */
#include "lib/lint.h"

#include "lint_rows.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#define NOW INT64_C(1790000000) /* 2026-09-21 */

static struct certs_key keys[3]; /* private keys 1 and 2 */
static struct mc_verifier *v;
static uint8_t huge[MC_X509_INPUT_MAX + 1];

static EVP_PKEY *key_of(unsigned number, const char *point)
{
    uint8_t room[CERTS_ROOM];
    struct mc_span p = certs_octets(point, room);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *d = BN_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *params;
    EVP_PKEY *key = NULL;

    assert_int_equal(BN_set_word(d, number), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, p.p, p.n), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, d), 1);
    params = OSSL_PARAM_BLD_to_param(b);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    BN_free(d);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static int set_up(void **state)
{
    (void)state;
    keys[1].key = key_of(1, POINT1);
    keys[2].key = key_of(2, POINT2);
    v = mc_verifier_new();
    return v != NULL ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(keys[1].key);
    EVP_PKEY_free(keys[2].key);
    mc_verifier_free(v);
    return 0;
}

/* --- objects ------------------------------------------------------------------------------------------- */

/* BIT STRING { ECDSA-Sig-Value } over signed octets. */
static void put_signature(struct mc_out *o, unsigned signer, struct mc_span over)
{
    uint8_t sig[MC_SIG_LEN], der[MC_SIG_DER_MAX];
    size_t bits;

    certs_sign(&keys[signer], over, sig);
    bits = mc_der_begin(o, MC_DER_BIT_STRING);
    mc_out_byte(o, 0);
    mc_out_put(o, der, mc_sig_to_der(sig, der));
    mc_der_close(o, bits);
}

/* SEQUENCE { signed part, algorithm, signature or the one given, what follows }, tail behind it. */
struct signed_object {
    const char *const *body;
    unsigned n_body;
    const char *alg, *sig, *inside, *behind;
    unsigned signer;
};

static struct mc_span build(const struct signed_object *s, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);
    uint8_t copy[CERTS_ROOM];
    size_t whole, part, n = 0;

    /* The signature needs the octets before lengths around them move, so they are made apart. */
    part = mc_der_begin(&o, MC_DER_SEQUENCE);
    for (unsigned i = 0; i < s->n_body; i++)
        certs_put(&o, s->body[i]);
    mc_der_close(&o, part);
    n = o.n;
    memcpy(copy, out, n);
    o = mc_out_of(out, CERTS_ROOM);
    whole = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_out_put(&o, copy, n);
    certs_put(&o, s->alg);
    if (s->sig != NULL)
        certs_put(&o, s->sig);
    else
        put_signature(&o, s->signer, mc_span_of(copy, n));
    certs_put(&o, s->inside);
    mc_der_close(&o, whole);
    certs_put(&o, s->behind);
    assert_int_equal(o.rc, MC_OK);
    return mc_span_of(out, o.n);
}

/* The valid certificate of a base, with up to two parts replaced (NULL: none). */
static struct mc_span certificate(unsigned base, const struct row *r, uint8_t *out)
{
    const struct base_row *b = &bases[base != B_NONE ? base : B_NOC];
    const char *parts[DER_PARTS];
    struct signed_object s;

    memcpy(parts, certs_der_parts, sizeof(parts));
    parts[DER_SERIAL] = b->serial != NULL ? b->serial : SERIAL16;
    parts[DER_ISSUER] = b->issuer;
    parts[DER_VALIDITY] = b->validity;
    parts[DER_SUBJECT] = b->subject;
    parts[DER_KEY] = b->key;
    parts[DER_EXTENSIONS] = b->exts;
    parts[DER_SIGNATURE] = NULL;
    if (r != NULL && r->with != NULL)
        parts[r->part] = r->with;
    if (r != NULL && r->with2 != NULL)
        parts[r->part2] = r->with2;
    s = (struct signed_object){parts, DER_ALG, parts[DER_ALG], parts[DER_SIGNATURE], parts[DER_AFTER_SIGNATURE],
        parts[DER_AFTER], b->signer};
    return build(&s, out);
}

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
    in.read_err = &e;
    if (r != NULL && r->issuer != B_NONE) {
        struct mc_span der = certificate(r->issuer, NULL, issuer_room);

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
            found = found || strcmp(rows[i].rule, r->id) == 0;
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
        assert_non_null(mc_lint_find(rows[i].rule));
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
    assert_non_null(strstr(e.what, "field-leaf-ca-true"));
    assert_int_equal(mc_rc_class(MC_E_LINT), MC_CLASS_REFUSED);
    c.is_ca = false;
    assert_int_equal(mc_lint_tbs(v, &c, &issuer, MC_LINT_KIND(MC_KIND_ICAC), NULL), MC_E_LINT);
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
        cmocka_unit_test(no_rule_finds_anything_in_a_valid_object),
        cmocka_unit_test(each_rule_has_an_object_and_is_complete),
        cmocka_unit_test(what_cannot_be_read_gives_one_finding),
        cmocka_unit_test(each_valid_certificate_is_of_its_kind),
        cmocka_unit_test(a_broken_certificate_is_of_the_kind_that_it_comes_nearest_to),
        cmocka_unit_test(a_tbs_is_refused_for_an_error_and_not_for_less),
        cmocka_unit_test(the_caller_can_stop),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
