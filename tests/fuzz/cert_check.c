/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for every input of the two certificate readers, and for what they accept. */
#include "fuzz.h"

enum {
    OUT_MAX = 1024,
    SIGNATURE_SHARE = 512, /* one ECDSA verification costs as much as hundreds of conversions */
    LOOK_SHARE = 16,       /* as does printing, to a lesser degree */
};

typedef enum mc_rc encoder(const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

/* Gives exactly want in a buffer that just holds it, and refuses one octet less without touching it. */
static void require_encodes(encoder *encode, const struct mc_cert *c, struct mc_span want)
{
    uint8_t out[OUT_MAX];
    size_t n = FUZZ_LEN_UNTOUCHED;
    struct mc_err e;

    mc_err_init(&e);
    out[want.n] = FUZZ_CANARY;
    REQUIRE(encode(c, out, want.n, &n, &e) == MC_OK);
    REQUIRE(mc_span_eq(mc_span_of(out, n), want) && out[want.n] == FUZZ_CANARY);
    n = FUZZ_LEN_UNTOUCHED;
    out[want.n - 1] = FUZZ_CANARY;
    REQUIRE(encode(c, out, want.n - 1, &n, &e) == MC_E_SPACE);
    REQUIRE(e.rc == MC_E_SPACE && n == FUZZ_LEN_UNTOUCHED && out[want.n - 1] == FUZZ_CANARY);
}

static struct mc_span encoded(encoder *encode, const struct mc_cert *c, uint8_t out[OUT_MAX])
{
    size_t n = 0;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(encode(c, out, OUT_MAX, &n, &e) == MC_OK && e.rc == MC_OK);
    return mc_span_of(out, n);
}

static void require_refused(encoder *encode, const struct mc_cert *c)
{
    uint8_t out[OUT_MAX];
    size_t n = FUZZ_LEN_UNTOUCHED;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(encode(c, out, sizeof(out), &n, &e) == c->obstacle.rc);
    REQUIRE(e.rc == c->obstacle.rc && n == FUZZ_LEN_UNTOUCHED);
}

static void look_at_name(const struct mc_dn *dn, size_t cap)
{
    char text[OUT_MAX];
    uint32_t cats[MC_DN_CAP];
    uint64_t num;
    unsigned n = mc_dn_cats(dn, cats);

    text[cap] = (char)FUZZ_CANARY;
    mc_dn_format(dn, text, cap);
    REQUIRE(text[cap] == (char)FUZZ_CANARY && strnlen(text, cap) < cap);
    REQUIRE(n <= dn->n && mc_dn_find(dn, MC_ATTR_CAT, &num) == (n == 1));
    REQUIRE(mc_dn_equal(dn, dn) == (dn->n != 0));
}

/* What the programs do with any certificate that was read, whether it has a Matter form or not. */
static void look_at(const struct mc_cert *c, struct mc_span in)
{
    REQUIRE(mc_kind_name(mc_cert_kind(c))[0] != '\0');
    if (!fuzz_sampled(in, LOOK_SHARE))
        return;
    look_at_name(&c->issuer, 1 + in.n % 64);
    look_at_name(&c->subject, OUT_MAX - 1);
    fuzz_check_time_format(c->not_before_unix);
    fuzz_check_time_format(c->not_after_unix);
    fuzz_check_oid_format(c->sig_alg_oid);
    fuzz_check_oid_format(c->key_alg_oid);
    for (unsigned i = 0; i < c->n_ext; i++)
        fuzz_check_oid_format(c->ext[i].oid);
}

/* The signature is over the DER TBS, so both forms of one certificate verify alike. */
static void require_same_signature(const struct mc_cert *a, const struct mc_cert *b)
{
    struct mc_err ea, eb;
    enum mc_rc rc;

    mc_err_init(&ea);
    mc_err_init(&eb);
    rc = mc_cert_check_signature(fuzz_verifier(), a, a->point.p, &ea);
    REQUIRE(rc == MC_OK || rc == MC_E_SIGNATURE || rc == MC_E_POINT || rc == MC_E_POINT_CURVE);
    REQUIRE(mc_cert_check_signature(fuzz_verifier(), b, b->point.p, &eb) == rc && ea.rc == rc && eb.rc == rc);
}

static void require_same_content(const struct mc_cert *a, const struct mc_cert *b)
{
    enum mc_kind kind = mc_cert_kind(b);

    REQUIRE(mc_dn_equal(&a->subject, &b->subject) == (a->subject.n != 0));
    REQUIRE(mc_dn_equal(&a->issuer, &b->issuer) == (a->issuer.n != 0));
    REQUIRE(a->n_ext == b->n_ext && a->ku == b->ku && a->n_eku == b->n_eku);
    REQUIRE(a->is_ca == b->is_ca && a->has_path_len == b->has_path_len);
    REQUIRE(a->not_before_unix == b->not_before_unix && a->not_after_unix == b->not_after_unix);
    /* b was read from TLV: attestation kinds are told in X.509 only. */
    REQUIRE(kind == MC_KIND_UNKNOWN || kind == mc_cert_kind(a));
}

static void parse_der(struct mc_span in, struct mc_cert *c)
{
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_der(in, MC_RULES_MATTER, c, &e) == MC_OK && e.rc == MC_OK);
}

static void parse_tlv(struct mc_span in, struct mc_cert *c)
{
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_tlv(in, c, &e) == MC_OK && e.rc == MC_OK);
}

static void require_compact(const struct mc_cert *c, struct mc_span der)
{
    static struct mc_cert back;
    uint8_t out[OUT_MAX];
    struct mc_span compact = encoded(mc_cert_encode_compact, c, out);

    REQUIRE(compact.n == MC_IDENTITY_TLV_LEN);
    parse_tlv(compact, &back);
    REQUIRE(back.form == MC_FORM_COMPACT);
    require_encodes(mc_cert_encode_compact, &back, compact);
    require_encodes(mc_cert_encode_der, &back, der);
}

static void require_assembles(const struct mc_cert *c, struct mc_span der)
{
    uint8_t out[OUT_MAX];
    size_t n = 0;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_assemble(c->tbs, c->sig, out, der.n, &n, &e) == MC_OK);
    REQUIRE(mc_span_eq(mc_span_of(out, n), der));
}

/* c was read from der under Matter's rules. */
static void require_der_round_trip(const struct mc_cert *c, struct mc_span der)
{
    static struct mc_cert back;
    uint8_t out[OUT_MAX];
    struct mc_span tlv;

    REQUIRE(der.n <= MC_CERT_DER_MAX);
    require_encodes(mc_cert_encode_der, c, der);
    require_encodes(mc_cert_encode_tbs, c, c->tbs);
    require_assembles(c, der);
    tlv = encoded(mc_cert_encode_tlv, c, out);
    REQUIRE(tlv.n <= MC_CERT_TLV_MAX);
    parse_tlv(tlv, &back);
    require_encodes(mc_cert_encode_der, &back, der);
    require_encodes(mc_cert_encode_tlv, &back, tlv);
    require_same_content(c, &back);
    if (mc_cert_kind(c) == MC_KIND_NETWORK_IDENTITY)
        require_compact(c, der);
    if (fuzz_sampled(der, SIGNATURE_SHARE))
        require_same_signature(c, &back);
}

void fuzz_cert_der(struct mc_span in)
{
    static struct mc_cert loose, strict;
    struct mc_err loose_err, strict_err;
    enum mc_rc loose_rc, strict_rc;

    mc_err_init(&loose_err);
    mc_err_init(&strict_err);
    loose_rc = mc_cert_parse_der(in, MC_RULES_X509, &loose, &loose_err);
    strict_rc = mc_cert_parse_der(in, MC_RULES_MATTER, &strict, &strict_err);
    fuzz_check_err(loose_rc, &loose_err, in.n);
    fuzz_check_err(strict_rc, &strict_err, in.n);
    if (loose_rc != MC_OK) {
        REQUIRE(strict_rc != MC_OK);
        return;
    }
    fuzz_check_err(loose.obstacle.rc, &loose.obstacle, in.n);
    REQUIRE((loose.obstacle.rc == MC_OK) == (strict_rc == MC_OK));
    /* Octets far beyond the limit are refused before anything is read. */
    if (in.n <= 2 * MC_CERT_DER_MAX)
        REQUIRE(loose.obstacle.rc == strict_rc);
    look_at(&loose, in);
    if (strict_rc == MC_OK) {
        require_der_round_trip(&strict, in);
        require_encodes(mc_cert_encode_der, &loose, in);
        return;
    }
    require_refused(mc_cert_encode_tbs, &loose);
    require_refused(mc_cert_encode_der, &loose);
    require_refused(mc_cert_encode_tlv, &loose);
    require_refused(mc_cert_encode_compact, &loose);
}

/* What the strict reader refuses is refused, or noted and has signed octets but no other form. */
static void require_loose(struct mc_span in, enum mc_rc strict)
{
    static struct mc_cert c;
    uint8_t out[OUT_MAX];
    size_t n;
    enum mc_rc rc = mc_cert_parse_tlv_loose(in, &c, NULL);

    if (rc != MC_OK) {
        REQUIRE(strict != MC_OK);
        return;
    }
    REQUIRE((c.obstacle.rc == MC_OK) == (strict == MC_OK));
    REQUIRE(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL) == MC_OK);
    if (strict != MC_OK)
        REQUIRE(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL) == c.obstacle.rc);
}

void fuzz_cert_tlv(struct mc_span in)
{
    static struct mc_cert c, back;
    uint8_t out[OUT_MAX];
    struct mc_span der;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_cert_parse_tlv(in, &c, &e);
    fuzz_check_err(rc, &e, in.n);
    require_loose(in, rc);
    if (rc != MC_OK)
        return;
    REQUIRE(in.n <= MC_CERT_TLV_MAX);
    der = encoded(mc_cert_encode_der, &c, out);
    REQUIRE(der.n <= MC_CERT_DER_MAX);
    look_at(&c, in);
    parse_der(der, &back);
    require_same_content(&back, &c);
    require_encodes(mc_cert_encode_der, &back, der);
    if (c.form == MC_FORM_COMPACT) {
        require_encodes(mc_cert_encode_compact, &c, in);
        require_encodes(mc_cert_encode_compact, &back, in);
        return;
    }
    require_encodes(mc_cert_encode_tlv, &c, in);
    require_encodes(mc_cert_encode_tlv, &back, in);
    if (mc_cert_kind(&c) == MC_KIND_NETWORK_IDENTITY)
        require_compact(&c, der);
    if (fuzz_sampled(in, SIGNATURE_SHARE))
        require_same_signature(&back, &c);
}
