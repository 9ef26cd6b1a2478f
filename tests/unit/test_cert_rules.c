/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every certificate: kinds, sizes, and both forms being one. */
#include "certs.h"

#include <openssl/x509.h>

#include "lib/cert_parse.h"
#include "lib/tlv.h"

struct world {
    struct certs_key issuer, subject;
    struct mc_verifier *verifier;
};

static int world_make(void **state)
{
    static struct world w;

    certs_key_new(&w.issuer);
    certs_key_new(&w.subject);
    w.verifier = mc_verifier_new();
    *state = &w;
    return w.verifier != NULL ? 0 : -1;
}

static int world_end(void **state)
{
    struct world *w = *state;

    certs_key_free(&w->issuer);
    certs_key_free(&w->subject);
    mc_verifier_free(w->verifier);
    return 0;
}

/* The next of n choices by a mixed-radix counter: *at holds what is left of it. */
static unsigned pick(unsigned *at, unsigned n)
{
    unsigned r = *at % n;

    *at /= n;
    return r;
}

static const struct {
    const char *serial;
    int64_t not_before_unix, not_after_unix;
} lives[] = {
    {"01", MC_EPOCH2000_UNIX + 1, MC_TIME_NO_EXPIRY},
    {"00FFEEDDCCBBAA9988776655443322110F1E2D3C", INT64_C(1602771823), INT64_C(2233923822)},
    {"5A01020304050607", INT64_C(2524607999), INT64_C(2524608000)},
    {"80", INT64_C(2524608000), MC_EPOCH2000_LAST},
    {"7F00000000000000", INT64_C(1709164800), INT64_C(4107456000)},
};

static const enum mc_attr_id kind_ids[] = {MC_ATTR_RCAC_ID, MC_ATTR_ICAC_ID, MC_ATTR_NODE_ID,
    MC_ATTR_FIRMWARE_SIGNING_ID, MC_ATTR_VVS_ID};
static const enum mc_kind kinds[] = {MC_KIND_RCAC, MC_KIND_ICAC, MC_KIND_NOC, MC_KIND_FIRMWARE_SIGNING, MC_KIND_VVSC};
#define KINDS COUNT(kinds)

/* Beside the kind's own id. */
static void add_names(struct mc_cert *c, unsigned shape, unsigned attr)
{
    struct mc_dn *dn = &c->subject;

    if (shape & 1)
        certs_add_num(dn, MC_ATTR_FABRIC_ID, UINT64_C(0x1D) << 8 * (shape % 7));
    for (unsigned i = 0; i < shape / 2 % 4; i++)
        certs_add_num(dn, MC_ATTR_CAT, 0x00010001u << 4 * i | 1);
    if (dn->n < MC_DN_MAX)
        certs_add_text(dn, attr, attr % 3 == 0 ? "" : "Text 0-9");
    if (attr % 2 == 0 && attr != MC_ATTR_DOMAIN_COMPONENT && dn->attr[dn->n - 1].id == attr)
        dn->attr[dn->n - 1].string_tag = MC_DER_PRINTABLE;
}

static void add_extensions(struct mc_cert *c, unsigned shape, const struct mc_span *future)
{
    if (c->is_ca && shape % 4 != 0) {
        c->has_path_len = true;
        c->path_len = shape % 4 == 1 ? 0 : shape % 4 == 2 ? 1 : 255;
    }
    if (shape % 3 == 1)
        c->ku = 0x1FF;
    if (shape % 5 == 1)
        certs_add_future(c, *future);
}

/* Certificate number i of all combinations; false if it is too large. */
static bool make(struct world *w, unsigned i, struct mc_cert *c, uint8_t *room)
{
    struct mc_span future = certs_octets(CERTS_FUTURE, room);
    unsigned kind = pick(&i, KINDS), life = pick(&i, COUNT(lives)), shape = pick(&i, 8), attr = 1 + pick(&i, 16);
    size_t n;
    uint8_t tbs[1024];

    certs_fill(c, kind < 2, &w->subject, w->issuer.id);
    c->serial = certs_octets(lives[life].serial, room + future.n);
    c->not_before_unix = lives[life].not_before_unix;
    c->not_after_unix = lives[life].not_after_unix;
    certs_add_num(&c->issuer, MC_ATTR_RCAC_ID, life == 0 ? 0 : UINT64_MAX >> 8 * life);
    certs_add_num(&c->subject, kind_ids[kind], UINT64_C(0xFFFFFFEFFFFFFFFF) >> 9 * life);
    add_names(c, shape, attr);
    add_extensions(c, shape * 16 + attr, &future);
    if (mc_cert_encode_tbs(c, tbs, sizeof(tbs), &n, NULL) != MC_OK)
        return false;
    certs_sign(&w->issuer, mc_span_of(tbs, n), c->sig);
    c->has_sig = true;
    return mc_cert_encode_der(c, tbs, sizeof(tbs), &n, NULL) == MC_OK;
}

static void check_openssl(struct world *w, struct mc_span der)
{
    const uint8_t *p = der.p;
    uint8_t *again = NULL;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);

    assert_non_null(x);
    assert_ptr_equal(p, der.p + der.n);
    /* Marks the encoding as changed, so that it is really written again. */
    assert_int_equal(i2d_re_X509_tbs(x, NULL) > 0, 1);
    assert_int_equal(i2d_X509(x, &again), der.n);
    assert_memory_equal(again, der.p, der.n);
    assert_int_equal(X509_verify(x, w->issuer.key), 1);
    OPENSSL_free(again);
    X509_free(x);
}

static void check_both_ways(struct world *w, const struct mc_cert *c, enum mc_kind kind)
{
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX], der2[MC_CERT_DER_MAX], tlv2[MC_CERT_TLV_MAX];
    struct mc_cert from_der, from_tlv;
    size_t n, m, n2, m2;

    assert_int_equal(mc_cert_encode_der(c, der, sizeof(der), &n, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_tlv(c, tlv, sizeof(tlv), &m, NULL), MC_OK);
    assert_int_equal(mc_cert_der_bound(c), n);
    assert_int_equal(mc_cert_tlv_bound(c), m);
    assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &from_der, NULL), MC_OK);
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, m), &from_tlv, NULL), MC_OK);
    assert_int_equal(mc_cert_kind(&from_der), kind);
    assert_int_equal(mc_cert_kind(&from_tlv), kind);
    assert_true(mc_dn_equal(&from_der.subject, &from_tlv.subject));
    assert_int_equal(mc_cert_encode_tlv(&from_der, tlv2, sizeof(tlv2), &m2, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(tlv2, m2), mc_span_of(tlv, m)));
    assert_int_equal(mc_cert_encode_der(&from_tlv, der2, sizeof(der2), &n2, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(der2, n2), mc_span_of(der, n)));
    assert_int_equal(mc_cert_check_signature(w->verifier, &from_der, w->issuer.point, NULL), MC_OK);
    assert_int_equal(mc_cert_check_signature(w->verifier, &from_tlv, w->issuer.point, NULL), MC_OK);
    check_openssl(w, mc_span_of(der, n));
}

static void both_forms_are_one_for_all_kinds_and_options(void **state)
{
    const unsigned all = KINDS * COUNT(lives) * 8 * 16;
    struct world *w = *state;
    uint8_t room[2 * CERTS_ROOM];
    unsigned made = 0;

    for (unsigned i = 0; i < all; i++) {
        struct mc_cert c;

        if (!make(w, i, &c, room))
            continue;
        check_both_ways(w, &c, kinds[i % KINDS]);
        made++;
    }
    print_message("%u certificates\n", made);
    assert_true(made > 2000);
}


#define NODE_DER  CERTS_RDN("01", "DEDEDEDE00020003")
#define NODE_TLV  "2711 03000200DEDEDEDE"
#define IDS_DER   CERTS_RDN("05", "FAB000000000001D") CERTS_RDN("06", "ABCD0001") CERTS_RDN("06", "ABCE0001")
#define IDS_TLV   "2715 1D0000000000B0FA 2616 0100CDAB 2616 0100CEAB"

/* A signature that is as short in DER as it can be. */
#define SHORT_DER "03(00 30(020111 020111))"
#define SHORT_TLV "300B40" "00" CERTS_ZEROS "0011" "00" CERTS_ZEROS "0011"

/*
 * The test certificate with `text` letters in its name: beside many ids, where DER is the form that is first
 * at its limit; or beside a hundred more, with a short signature, where TLV is.
 */
static void make_long(bool many_ids, unsigned text, struct mc_span *der, struct mc_span *tlv)
{
    static uint8_t der_room[CERTS_ROOM], tlv_room[CERTS_ROOM];
    const char *der_parts[DER_PARTS], *tlv_parts[TLV_PARTS];
    char letters[128], hundred[101], der_name[1024], tlv_name[1024];

    memset(letters, 'x', text);
    letters[text] = '\0';
    memset(hundred, 'y', 100);
    hundred[100] = '\0';
    memcpy(der_parts, certs_der_parts, sizeof(der_parts));
    memcpy(tlv_parts, certs_tlv_parts, sizeof(tlv_parts));
    if (many_ids) {
        snprintf(der_name, sizeof(der_name), "30(%s%s31(30(0603550403 0C('%s'))))", NODE_DER, IDS_DER, letters);
        snprintf(tlv_name, sizeof(tlv_name), "3706 %s%s 2C01('%s') 18", NODE_TLV, IDS_TLV, letters);
    } else {
        snprintf(der_name, sizeof(der_name), "30(%s31(30(0603550403 0C('%s'))) 31(30(0603550404 0C('%s'))))", NODE_DER,
            letters, hundred);
        snprintf(tlv_name, sizeof(tlv_name), "3706 %s 2C01('%s') 2C02('%s') 18", NODE_TLV, letters, hundred);
        der_parts[DER_SIGNATURE] = SHORT_DER;
        tlv_parts[TLV_SIGNATURE] = SHORT_TLV;
    }
    der_parts[DER_SUBJECT] = der_name;
    tlv_parts[TLV_SUBJECT] = tlv_name;
    *der = certs_der_of(der_parts, der_room);
    *tlv = certs_tlv_of(tlv_parts, tlv_room);
}

static void certificates_end_at_exactly_600_and_400_octets(void **state)
{
    unsigned at_600 = 0, at_601 = 0, at_400 = 0, above_400 = 0;

    (void)state;
    for (unsigned i = 0; i < 2 * 128; i++) {
        bool many_ids = i % 2 == 0;
        struct mc_span der, tlv;
        struct mc_cert c;

        make_long(many_ids, i / 2, &der, &tlv);
        enum mc_rc from_der = der.n > 600 ? MC_E_SIZE_DER : tlv.n > 400 ? MC_E_SIZE_TLV : MC_OK;
        enum mc_rc from_tlv = tlv.n > 400 ? MC_E_SIZE_TLV : der.n > 600 ? MC_E_SIZE_DER : MC_OK;

        if (mc_cert_parse_der(der, MC_RULES_MATTER, &c, NULL) != from_der)
            fail_msg("DER of %zu, TLV of %zu octets", der.n, tlv.n);
        if (mc_cert_parse_tlv(tlv, &c, NULL) != from_tlv)
            fail_msg("TLV of %zu, DER of %zu octets", tlv.n, der.n);
        assert_int_equal(mc_cert_parse_der(der, MC_RULES_X509, &c, NULL), MC_OK);
        assert_int_equal(c.obstacle.rc, from_der);
        at_600 += der.n == 600 && from_der == MC_OK && from_tlv == MC_OK;
        at_601 += der.n == 601 && from_tlv == MC_E_SIZE_DER;
        at_400 += tlv.n == 400 && from_der == MC_OK;
        above_400 += tlv.n > 400 && tlv.n <= 402 && from_der == MC_E_SIZE_TLV;
    }
    assert_true(at_600 > 0 && at_601 > 0 && at_400 > 0 && above_400 > 0);
}

/* --- sizes ----------------------------------------------------------------------------------------- */

/* The smallest certificate with these names and numbers, so that a long text still fits. */
static void small(struct mc_cert *c, struct world *w)
{
    static const uint8_t serial[1] = {1};

    *c = (struct mc_cert){.version = 3, .p256 = true, .has_sig = true};
    c->serial = mc_span_of(serial, sizeof(serial));
    c->not_before_unix = MC_EPOCH2000_UNIX + 1;
    c->not_after_unix = MC_TIME_NO_EXPIRY;
    c->point = mc_span_of(w->subject.point, MC_POINT_LEN);
    c->sig[0] = c->sig[MC_SIG_LEN / 2] = 0x7F;
}

/* Both sizes are those of what the encoders write. */
static void check_sizes(const struct mc_cert *c, const char *what, uint64_t value)
{
    uint8_t out[MC_CERT_DER_MAX];
    size_t n;

    assert_int_equal(mc_cert_encode_tbs(c, out, sizeof(out), &n, NULL), MC_OK);
    if (mc_cert_tbs_size(c) != n)
        fail_msg("%s %#llx: a TBS of %zu octets", what, (unsigned long long)value, n);
    assert_int_equal(mc_cert_encode_der(c, out, sizeof(out), &n, NULL), MC_OK);
    if (mc_cert_der_bound(c) != n)
        fail_msg("%s %#llx: DER of %zu octets", what, (unsigned long long)value, n);
    if (mc_cert_tlv_bound(c) > MC_CERT_TLV_MAX)
        return;
    assert_int_equal(mc_cert_encode_tlv(c, out, sizeof(out), &n, NULL), MC_OK);
    if (mc_cert_tlv_bound(c) != n)
        fail_msg("%s %#llx: TLV of %zu octets", what, (unsigned long long)value, n);
}

/* A text takes one octet more in DER from 128, 256 and so on, for itself and for each of what is around it. */
static void sizes_are_exact_for_texts_of_all_lengths(void **state)
{
    static uint8_t text[300], written[400];
    struct mc_cert c, none;

    memset(text, 'x', sizeof(text));
    small(&none, *state);
    for (size_t n = 0; n < sizeof(text); n++) {
        struct mc_out o = mc_out_of(written, sizeof(written));
        struct mc_span span = mc_span_of(text, n);

        small(&c, *state);
        assert_int_equal(mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, span), MC_OK);
        check_sizes(&c, "text", n);
        mc_tlv_put_utf8(&o, MC_ATTR_COMMON_NAME, span);
        assert_int_equal(mc_cert_tlv_bound(&c), mc_cert_tlv_bound(&none) + o.n);
    }
}

static void sizes_are_exact_where_a_number_grows(void **state)
{
    static const uint64_t numbers[] = {0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x101, 0xFFFE, 0xFFFF, 0x10000, 0x10001, 0xFFFFFFFE,
        0xFFFFFFFF, UINT64_C(0x100000000), UINT64_C(0x100000001), UINT64_MAX};
    static const uint16_t usages[] = {0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x101, 0x1FF};
    static const uint8_t lengths[] = {0, 1, 0x7E, 0x7F, 0x80, 0x81, 0xFF};
    struct mc_cert c;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        small(&c, *state);
        certs_add_num(&c.subject, MC_ATTR_RCAC_ID, numbers[i]);
        check_sizes(&c, "id", numbers[i]);
        if (numbers[i] == 0 || numbers[i] >= UINT32_MAX)
            continue;
        c.not_before_unix = MC_EPOCH2000_UNIX + (int64_t)numbers[i];
        check_sizes(&c, "notBefore", numbers[i]);
        c.not_after_unix = c.not_before_unix + 1;
        check_sizes(&c, "notAfter behind", numbers[i]);
    }
    for (size_t i = 0; i < COUNT(usages); i++) {
        small(&c, *state);
        c.has_ku = true;
        c.ku = usages[i];
        certs_add_ext(&c, MC_EXT_KEY_USAGE);
        check_sizes(&c, "keyUsage", usages[i]);
    }
    for (size_t i = 0; i < COUNT(lengths); i++) {
        small(&c, *state);
        c.has_bc = c.is_ca = c.has_path_len = true;
        c.path_len = lengths[i];
        certs_add_ext(&c, MC_EXT_BASIC_CONSTRAINTS);
        check_sizes(&c, "pathLen", lengths[i]);
    }
}

/* r and s of each number of octets, with the top bit and without. */
static void sizes_are_exact_for_all_signatures(void **state)
{
    struct mc_cert c;

    for (unsigned n = 0; n <= MC_SIG_LEN / 2; n++) {
        for (unsigned top = 0x7F; top <= 0x80; top++) {
            small(&c, *state);
            if (n > 0)
                c.sig[MC_SIG_LEN / 2 - n] = (uint8_t)top;
            c.sig[0] = n == MC_SIG_LEN / 2 ? (uint8_t)top : 0;
            check_sizes(&c, "r of octets", n);
            memcpy(c.sig + MC_SIG_LEN / 2, c.sig, MC_SIG_LEN / 2);
            check_sizes(&c, "r and s of octets", n);
        }
    }
}

/* One letter more than fits, for each way to put a certificate together. */
static void encoders_end_at_exactly_600_octets(void **state)
{
    static uint8_t text[400], out[2 * MC_CERT_DER_MAX], tbs[2 * MC_CERT_DER_MAX];
    unsigned at_600 = 0, at_601 = 0;
    struct mc_cert c;
    size_t n;

    memset(text, 'x', sizeof(text));
    for (size_t letters = 300; letters < sizeof(text); letters++) {
        size_t whole;
        enum mc_rc want;

        small(&c, *state);
        assert_int_equal(mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, mc_span_of(text, letters)), MC_OK);
        whole = mc_cert_der_bound(&c);
        want = whole > MC_CERT_DER_MAX ? MC_E_SIZE_DER : MC_OK;
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), want);
        if (mc_cert_encode_tbs(&c, tbs, sizeof(tbs), &n, NULL) == MC_OK)
            assert_int_equal(mc_cert_assemble(mc_span_of(tbs, n), c.sig, out, sizeof(out), &n, NULL), want);
        assert_int_equal(mc_cert_encode_tbs(&c, tbs, sizeof(tbs), &n, NULL),
            mc_cert_tbs_size(&c) > MC_CERT_DER_MAX ? MC_E_SIZE_DER : MC_OK);
        at_600 += whole == MC_CERT_DER_MAX;
        at_601 += whole == MC_CERT_DER_MAX + 1;
    }
    assert_true(at_600 == 1 && at_601 == 1);
}

static void a_tbs_that_is_too_large_says_so(void **state)
{
    struct world *w = *state;
    uint8_t text[300], out[MC_CERT_DER_MAX];
    struct mc_cert c;
    size_t n;

    memset(text, 'x', sizeof(text));
    certs_noc(&c, &w->subject, w->issuer.id);
    assert_int_equal(mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, mc_span_of(text, sizeof(text))), MC_OK);
    assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL), MC_E_SIZE_DER);
    assert_int_equal(mc_cert_encode_tbs(&c, out, 500, &n, NULL), MC_E_SPACE);
    assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), MC_E_SIZE_DER);
    assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL), MC_E_SIZE_TLV);
}

/* Subjects by their ids: 1 node, 2 firmware, 3 icac, 4 rcac, 5 fabric, 6 CAT, 7 vvs. */
static const struct {
    const char *ids;
    enum mc_kind kind;
} subjects[] = {
    {"", MC_KIND_UNKNOWN},
    {"1", MC_KIND_NOC},
    {"15", MC_KIND_NOC},
    {"66516", MC_KIND_NOC},
    {"2", MC_KIND_FIRMWARE_SIGNING},
    {"3", MC_KIND_ICAC},
    {"53", MC_KIND_ICAC},
    {"4", MC_KIND_RCAC},
    {"7", MC_KIND_VVSC},
    {"5", MC_KIND_UNKNOWN},
    {"56", MC_KIND_UNKNOWN},
    {"11", MC_KIND_UNKNOWN},
    {"44", MC_KIND_UNKNOWN},
    {"13", MC_KIND_UNKNOWN},
    {"34", MC_KIND_UNKNOWN},
    {"27", MC_KIND_UNKNOWN},
    {"123", MC_KIND_UNKNOWN},
};

static void exactly_one_id_says_the_kind(void **state)
{
    struct mc_cert c = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(subjects); i++) {
        c.subject.n = 0;
        for (const char *p = subjects[i].ids; *p != '\0'; p++)
            certs_add_num(&c.subject, (enum mc_attr_id)(MC_ATTR_NODE_ID + (*p - '1')), 0x10001);
        if (mc_cert_kind(&c) != subjects[i].kind)
            fail_msg("%s: %s", subjects[i].ids, mc_kind_name(mc_cert_kind(&c)));
    }
}

#define ATT(nn, tag, text) "31(30(060A2B0601040182A27C02" nn tag "('" text "')))"
#define CN(text)           "31(30(0603550403 0C('" text "')))"
#define CA_EXT(ca)         "A3(30(30(0603551D13 0101FF 04(30(" ca ")))" "%s))"

#define KU(bits)           "30(0603551D0F 0101FF 04(" bits "))"
#define KU_CRLS            KU("03020102")
#define KU_CRLS_AND_CERTS  KU("03020106")

/* By subject, cA and key usage; the issuer of the test certificate is another name, and "=" repeats the subject. */
static const struct {
    const char *subject, *issuer, *ca;
    enum mc_kind kind;
    const char *ku; /* NULL: digitalSignature */
} attestation[] = {
    {CN("a") ATT("01", "0C", "FFF1"), "=", "0101FF", MC_KIND_PAA, NULL},
    {CN("a"), "=", "0101FF", MC_KIND_PAA, NULL},
    {CN("a") ATT("02", "0C", "8000"), "=", "0101FF", MC_KIND_UNKNOWN, NULL},
    {CN("a") ATT("01", "13", "FFF1"), CN("b"), "0101FF", MC_KIND_PAI, NULL},
    {CN("a Mvid:FFF1"), CN("b"), "0101FF", MC_KIND_PAI, NULL},
    {CN("a"), CN("b"), "0101FF", MC_KIND_UNKNOWN, NULL},
    {CN("a") ATT("01", "0C", "FFF1") ATT("02", "0C", "8000"), CN("b"), "", MC_KIND_DAC, NULL},
    {CN("a Mvid:FFF1 Mpid:8000"), CN("b"), "", MC_KIND_DAC, NULL},
    {CN("a") ATT("01", "0C", "FFF1"), CN("b"), "", MC_KIND_UNKNOWN, NULL},
    {CN("a") ATT("01", "0C", "FFF1") ATT("02", "0C", "8000"), CN("b"), "0101FF", MC_KIND_PAI, NULL},
    {CN("a") ATT("01", "0C", "fff1") ATT("02", "0C", "8000"), CN("b"), "", MC_KIND_UNKNOWN, NULL},
    {CN("Matter Test CD Signing Authority"), "=", "0101FF", MC_KIND_CD_SIGNER, NULL},
    {CN("Certification Declaration Signing Key 001") ATT("01", "0C", "C5A0"), CN("b"), "0101FF", MC_KIND_CD_SIGNER, NULL},
    {CN("Matter Certification and Testing CA"), "=", "0101FF", MC_KIND_PAA, NULL},
    {CN("PAA Delegate"), CN("b"), "", MC_KIND_CRL_SIGNER, KU_CRLS},
    {CN("PAA Delegate"), "=", "", MC_KIND_UNKNOWN, KU_CRLS},
    {CN("PAA Delegate"), CN("b"), "", MC_KIND_UNKNOWN, KU_CRLS_AND_CERTS},
    {CN("PAA Delegate"), CN("b"), "0101FF", MC_KIND_UNKNOWN, KU_CRLS},
};

static void attestation_certificates_are_told_by_vid_pid_and_ca(void **state)
{
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(attestation); i++) {
        char subject[256], issuer[256], extensions[256];
        const char *parts[DER_PARTS];
        struct mc_cert c;

        memcpy(parts, certs_der_parts, sizeof(parts));
        snprintf(subject, sizeof(subject), "30(%s)", attestation[i].subject);
        snprintf(issuer, sizeof(issuer), "30(%s)", attestation[i].issuer);
        snprintf(extensions, sizeof(extensions), CA_EXT("%s"), attestation[i].ca,
            attestation[i].ku != NULL ? attestation[i].ku : CERTS_KU);
        parts[DER_SUBJECT] = subject;
        parts[DER_ISSUER] = attestation[i].issuer[0] == '=' ? subject : issuer;
        parts[DER_EXTENSIONS] = extensions;
        assert_int_equal(mc_cert_parse_der(certs_der_of(parts, in), MC_RULES_X509, &c, NULL), MC_OK);
        if (mc_cert_kind(&c) != attestation[i].kind)
            fail_msg("%s: %s", attestation[i].subject, mc_kind_name(mc_cert_kind(&c)));
    }
}

/* An attestation authority that a builder filled, and changes of it. */
static void authority(struct mc_cert *c, struct world *w, const char *subject, const char *issuer)
{
    certs_fill(c, true, &w->subject, w->issuer.id);
    c->form = MC_FORM_DER;
    certs_add_text(&c->subject, MC_ATTR_COMMON_NAME, subject);
    certs_add_text(&c->issuer, MC_ATTR_COMMON_NAME, issuer);
}

static void attestation_certificates_are_told_before_they_are_written(void **state)
{
    uint8_t name[CERTS_ROOM];
    struct mc_cert c;

    authority(&c, *state, "a", "a");
    assert_int_equal(mc_cert_kind(&c), MC_KIND_PAA);
    c.form = MC_FORM_TLV;
    assert_int_equal(mc_cert_kind(&c), MC_KIND_UNKNOWN);
    authority(&c, *state, "a", "a");
    c.has_bc = false;
    assert_int_equal(mc_cert_kind(&c), MC_KIND_UNKNOWN);
    authority(&c, *state, "a", "a");
    c.issuer.der = certs_octets("30(" CN("a") ")", name); /* copied from a certificate that was read */
    assert_int_equal(mc_cert_kind(&c), MC_KIND_PAA);
    authority(&c, *state, "a Mvid:FFF1", "b");
    assert_int_equal(mc_cert_kind(&c), MC_KIND_PAI);
    c.has_bc = false;
    assert_int_equal(mc_cert_kind(&c), MC_KIND_UNKNOWN);
}

static void a_star_is_a_network_identity_in_utf8_alone(void **state)
{
    struct mc_cert c;

    small(&c, *state);
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, "*");
    assert_int_equal(mc_cert_kind(&c), MC_KIND_NETWORK_IDENTITY);
    c.subject.attr[0].string_tag = MC_DER_PRINTABLE;
    assert_int_equal(mc_cert_kind(&c), MC_KIND_UNKNOWN);
}

static void kinds_are_found_by_their_names(void **state)
{
    (void)state;
    for (unsigned k = MC_KIND_RCAC; k < MC_KIND_COUNT; k++)
        assert_int_equal(mc_kind_find(mc_kind_name(k)), k);
    assert_int_equal(mc_kind_find("unknown"), MC_KIND_UNKNOWN);
    assert_int_equal(mc_kind_find(""), MC_KIND_UNKNOWN);
    assert_int_equal(mc_kind_find("NOC"), MC_KIND_UNKNOWN);
    assert_string_equal(mc_kind_name(MC_KIND_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_one_for_all_kinds_and_options),
        cmocka_unit_test(certificates_end_at_exactly_600_and_400_octets),
        cmocka_unit_test(sizes_are_exact_for_texts_of_all_lengths),
        cmocka_unit_test(sizes_are_exact_where_a_number_grows),
        cmocka_unit_test(sizes_are_exact_for_all_signatures),
        cmocka_unit_test(encoders_end_at_exactly_600_octets),
        cmocka_unit_test(a_tbs_that_is_too_large_says_so),
        cmocka_unit_test(exactly_one_id_says_the_kind),
        cmocka_unit_test(attestation_certificates_are_told_by_vid_pid_and_ca),
        cmocka_unit_test(attestation_certificates_are_told_before_they_are_written),
        cmocka_unit_test(a_star_is_a_network_identity_in_utf8_alone),
        cmocka_unit_test(kinds_are_found_by_their_names),
    };

    return cmocka_run_group_tests(tests, world_make, world_end);
}
