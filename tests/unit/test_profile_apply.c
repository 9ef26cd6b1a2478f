/* SPDX-License-Identifier: Apache-2.0 */
#include "shipped.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/der.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY      INT64_C(86400)
#define NOW      INT64_C(1795458000) /* 2026-11-23T18:20:00Z */

static struct mc_profile shipped[SHIPPED];
static struct mc_verifier *verifier;
enum { ROOT_KEY, SUBJECT_KEY, ICAC_KEY, KEYS };
static EVP_PKEY *keys[KEYS];
static uint8_t points[KEYS][MC_POINT_LEN];
static const uint8_t serial[MC_SERIAL_MAX] = {
    0x7F, 0xEE, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

/* A request that fits the shipped profile of this number. */
static struct mc_request good_request(int which)
{
    struct mc_request r = {0};
    bool authority = which == RCAC || which == ICAC || which == VVSC;

    r.has_node_id = r.has_fabric_id = which == NOC;
    r.has_authority_id = authority;
    r.has_firmware_id = which == FIRMWARE;
    r.node_id = r.authority_id = r.firmware_id = UINT64_C(0x1122334455667788);
    r.fabric_id = UINT64_C(0xFAB000000000001D);
    r.serial = mc_span_of(serial, sizeof(serial));
    r.not_before_unix = NOW - DAY;
    r.not_after_unix = which == RCAC ? MC_TIME_NO_EXPIRY : NOW + 365 * DAY;
    r.point = points[which == RCAC ? ROOT_KEY : SUBJECT_KEY];
    assert_int_equal(mc_key_id(verifier, r.point, r.key_id), MC_OK);
    return r;
}

/* Signs c's TBS with a key and reads the result back, in both forms, into out; der holds it. */
static void sign_and_read(
    const struct mc_cert *c, EVP_PKEY *key, uint8_t der[MC_CERT_DER_MAX], struct mc_cert *out)
{
    uint8_t tbs[MC_CERT_DER_MAX], sig_der[MC_SIG_DER_MAX], sig[MC_SIG_LEN], tlv[MC_CERT_TLV_MAX];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n, sig_len = sizeof(sig_der), len;
    struct mc_cert again;
    struct mc_err e;

    assert_int_equal(mc_cert_encode_tbs(c, tbs, sizeof(tbs), &n, &e), MC_OK);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig_der, &sig_len, tbs, n), 1);
    EVP_MD_CTX_free(ctx);
    assert_int_equal(mc_sig_from_der(mc_span_of(sig_der, sig_len), sig), MC_OK);
    assert_int_equal(mc_cert_assemble(mc_span_of(tbs, n), sig, der, MC_CERT_DER_MAX, &len, &e), MC_OK);
    assert_int_equal(mc_cert_parse_der(mc_span_of(der, len), MC_RULES_MATTER, out, &e), MC_OK);
    assert_true(mc_span_eq(out->tbs, mc_span_of(tbs, n)));
    assert_int_equal(mc_cert_encode_tlv(out, tlv, sizeof(tlv), &n, &e), MC_OK);
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(tlv, n), &again, &e), MC_OK);
    assert_true(mc_dn_equal(&again.subject, &out->subject));
}

static struct mc_cert root, root_with_fabric, intermediate;
static uint8_t root_der[MC_CERT_DER_MAX], root_with_fabric_der[MC_CERT_DER_MAX],
    intermediate_der[MC_CERT_DER_MAX];

static void make_issuers(void)
{
    struct mc_request r = good_request(RCAC), i = good_request(ICAC);
    struct mc_cert c;
    struct mc_err e;

    assert_int_equal(mc_profile_apply(&shipped[RCAC], &r, NULL, &c, &e), MC_OK);
    sign_and_read(&c, keys[ROOT_KEY], root_der, &root);
    r.has_fabric_id = true;
    assert_int_equal(mc_profile_apply(&shipped[RCAC], &r, NULL, &c, &e), MC_OK);
    sign_and_read(&c, keys[ROOT_KEY], root_with_fabric_der, &root_with_fabric);
    i.not_after_unix = NOW + 4000 * DAY;
    i.point = points[ICAC_KEY];
    assert_int_equal(mc_key_id(verifier, i.point, i.key_id), MC_OK);
    assert_int_equal(mc_profile_apply(&shipped[ICAC], &i, &root, &c, &e), MC_OK);
    sign_and_read(&c, keys[ROOT_KEY], intermediate_der, &intermediate);
}

static void every_kind_comes_out_as_a_certificate_that_verifies(void **state)
{
    (void)state;
    for (int which = RCAC; which < SHIPPED; which++) {
        struct mc_request r = good_request(which);
        const struct mc_cert *issuer = which == RCAC ? NULL : &root;
        uint8_t der[MC_CERT_DER_MAX];
        struct mc_cert c, back;
        struct mc_err e;

        mc_err_init(&e);
        if (mc_profile_apply(&shipped[which], &r, issuer, &c, &e) != MC_OK)
            fail_msg("%s: %s in %s", shipped_files[which], mc_rc_symbol(e.rc), e.field);
        sign_and_read(&c, keys[ROOT_KEY], der, &back);
        assert_int_equal(mc_cert_kind(&back), shipped_kinds[which]);
        assert_int_equal(mc_cert_check_signature(verifier, &back, points[ROOT_KEY], &e), MC_OK);
        assert_true(mc_dn_equal(&back.issuer, which == RCAC ? &back.subject : &root.subject));
        assert_true(mc_span_eq(back.akid, which == RCAC ? back.skid : root.skid));
        assert_memory_equal(back.skid.p, r.key_id, MC_KEY_ID_LEN);
        assert_true(mc_span_eq(back.serial, r.serial));
        assert_int_equal(back.not_before_unix, r.not_before_unix);
        assert_int_equal(back.not_after_unix, r.not_after_unix);
        assert_int_equal(back.is_ca, which <= ICAC);
        assert_int_equal(back.ku, which <= ICAC ? 0x60 : 0x01);
        assert_int_equal(back.has_path_len, which == ICAC);
    }
}

static void cats_and_common_name_stand_in_the_profiles_order(void **state)
{
    struct mc_request r = good_request(NOC);
    uint32_t cats[MC_DN_CAP];
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    r.common_name = mc_span_of("K\xC3\xBC"
                               "che",
        6);
    r.n_cat = 2;
    r.cat[0] = 0xABCD0001;
    r.cat[1] = 0xABCE0001;
    assert_int_equal(mc_profile_apply(&shipped[NOC], &r, &root, &c, &e), MC_OK);
    assert_int_equal(c.subject.n, 5);
    assert_int_equal(c.subject.attr[2].id, MC_ATTR_COMMON_NAME);
    assert_int_equal(mc_dn_cats(&c.subject, cats), 2);
    assert_int_equal(cats[0], 0xABCD0001);
    assert_int_equal(c.subject.attr[4].id, MC_ATTR_CAT);
}

static void fixed_text_is_written_with_its_string_type(void **state)
{
    struct mc_request r = good_request(VVSC);
    struct mc_profile p = shipped[VVSC];
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    p.attr[1] = (struct mc_profile_attr){.id = MC_ATTR_ORGANIZATION, .text_len = 4, .text = "Home"};
    p.attr[2] =
        (struct mc_profile_attr){.id = MC_ATTR_LOCALITY, .printable = true, .text_len = 5, .text = "Attic"};
    p.n_attr = 3;
    assert_int_equal(mc_profile_apply(&p, &r, &root, &c, &e), MC_OK);
    assert_int_equal(c.subject.n, 3);
    assert_int_equal(c.subject.attr[1].string_tag, MC_DER_UTF8);
    assert_int_equal(c.subject.attr[2].string_tag, MC_DER_PRINTABLE);
    assert_true(mc_span_eq(c.subject.attr[2].text, mc_span_of("Attic", 5)));
}

/* One change to a good request or issuer makes one refusal. */
struct trial {
    struct mc_request r;
    struct mc_cert issuer;
    bool self_signed;
};

static void no_change(struct trial *t)
{
    (void)t;
}
static void node_id_zero(struct trial *t)
{
    t->r.node_id = 0;
}
static void node_id_group(struct trial *t)
{
    t->r.node_id = MC_NODE_ID_MAX + 1;
}
static void node_id_last(struct trial *t)
{
    t->r.node_id = MC_NODE_ID_MAX;
}
static void node_id_missing(struct trial *t)
{
    t->r.has_node_id = false;
}
static void node_id_too_much(struct trial *t)
{
    t->r.has_node_id = true;
}
static void fabric_id_zero(struct trial *t)
{
    t->r.fabric_id = 0;
}
static void fabric_id_missing(struct trial *t)
{
    t->r.has_fabric_id = false;
}
static void fabric_id_too_much(struct trial *t)
{
    t->r.has_fabric_id = true;
}
static void authority_id_missing(struct trial *t)
{
    t->r.has_authority_id = false;
}
static void authority_id_zero(struct trial *t)
{
    t->r.authority_id = 0;
}
static void authority_id_too_much(struct trial *t)
{
    t->r.has_authority_id = true;
}
static void firmware_id_missing(struct trial *t)
{
    t->r.has_firmware_id = false;
}
static void firmware_id_too_much(struct trial *t)
{
    t->r.has_firmware_id = true;
}
static void name_empty_of_text(struct trial *t)
{
    t->r.common_name = mc_span_of("a\x1F"
                                  "b",
        3);
}
static void name_not_utf8(struct trial *t)
{
    t->r.common_name = mc_span_of("M\xFCller", 6);
}
static void name_too_much(struct trial *t)
{
    t->r.common_name = mc_span_of("a", 1);
}
static const char long_text[] = "12345678901234567890123456789012345678901234567890123456789012345";
static void name_of_64(struct trial *t)
{
    t->r.common_name = mc_span_of(long_text, 64);
}
static void name_of_65(struct trial *t)
{
    t->r.common_name = mc_span_of(long_text, 65);
}

static void cats(struct trial *t, unsigned n, uint32_t a, uint32_t b, uint32_t c)
{
    t->r.n_cat = n;
    t->r.cat[0] = a;
    t->r.cat[1] = b;
    t->r.cat[2] = c;
}

static void cats_three(struct trial *t)
{
    cats(t, 3, 0x00010001, 0x00020001, 0xFFFFFFFF);
}
static void cats_four(struct trial *t)
{
    cats(t, 4, 0x00010001, 0x00020001, 0x00030001);
}
static void cats_version_zero(struct trial *t)
{
    cats(t, 2, 0x00010001, 0x00020000, 0);
}
static void cats_same_identifier(struct trial *t)
{
    cats(t, 3, 0x00010001, 0x00020001, 0x00010002);
}
static void cats_same_twice(struct trial *t)
{
    cats(t, 2, 0x00010001, 0x00010001, 0);
}
static void cats_too_much(struct trial *t)
{
    cats(t, 1, 0x00010001, 0, 0);
}

static void six_rdns(struct trial *t)
{
    cats_three(t);
    name_too_much(t);
}

static void before_is_epoch(struct trial *t)
{
    t->r.not_before_unix = MC_EPOCH2000_UNIX;
}
static void before_is_too_early(struct trial *t)
{
    t->r.not_before_unix = MC_EPOCH2000_UNIX - 1;
}
static void before_is_first(struct trial *t)
{
    t->r.not_before_unix = MC_EPOCH2000_UNIX + 1;
}
static void before_is_1970(struct trial *t)
{
    t->r.not_before_unix = 0;
}
static void after_is_too_late(struct trial *t)
{
    t->r.not_after_unix = MC_EPOCH2000_LAST + 1;
}
static void after_is_last(struct trial *t)
{
    t->r.not_after_unix = MC_EPOCH2000_LAST;
}
static void after_is_before(struct trial *t)
{
    t->r.not_after_unix = t->r.not_before_unix;
}
static void before_is_issuers(struct trial *t)
{
    t->r.not_before_unix = t->issuer.not_before_unix;
}
static void before_is_before_issuers(struct trial *t)
{
    t->r.not_before_unix = t->issuer.not_before_unix - 1;
}
static void after_is_issuers(struct trial *t)
{
    t->r.not_after_unix = t->issuer.not_after_unix;
}
static void after_is_after_issuers(struct trial *t)
{
    t->r.not_after_unix = t->issuer.not_after_unix + 1;
}
static void never_expires(struct trial *t)
{
    t->r.not_after_unix = MC_TIME_NO_EXPIRY;
}

static void serial_of(struct trial *t, const char *p, size_t n)
{
    t->r.serial = mc_span_of(p, n);
}
static void serial_empty(struct trial *t)
{
    serial_of(t, "", 0);
}
static void serial_of_21(struct trial *t)
{
    serial_of(t, "123456789012345678901", 21);
}
static void serial_padded(struct trial *t)
{
    serial_of(t, "\0\1", 2);
}
static void serial_negative(struct trial *t)
{
    serial_of(t, "\x80", 1);
}
static void serial_zero(struct trial *t)
{
    serial_of(t, "\0", 1);
}
static void serial_one(struct trial *t)
{
    serial_of(t, "\1", 1);
}
static void serial_high_bit(struct trial *t)
{
    serial_of(t, "\0\x80", 2);
}

static void point_compressed(struct trial *t)
{
    static uint8_t changed[MC_POINT_LEN];

    memcpy(changed, points[SUBJECT_KEY], sizeof(changed));
    changed[0] = 0x02;
    t->r.point = changed;
}

static void no_issuer(struct trial *t)
{
    t->self_signed = true;
}
static void issuer_obstacle(struct trial *t)
{
    t->issuer.obstacle.rc = MC_E_DN_ATTR;
}
static void issuer_no_ca(struct trial *t)
{
    t->issuer.is_ca = false;
}
static void issuer_no_cert_sign(struct trial *t)
{
    t->issuer.ku = MC_KU_CRL_SIGN;
}
static void issuer_is_noc(struct trial *t)
{
    t->issuer.subject.attr[0].id = MC_ATTR_NODE_ID;
}
static void issuer_unknown(struct trial *t)
{
    t->issuer.subject.attr[0].id = MC_ATTR_FABRIC_ID;
}
static void issuer_key(struct trial *t)
{
    t->r.point = points[ROOT_KEY];
}
static void issuer_no_skid(struct trial *t)
{
    t->issuer.has_skid = false;
}
static void issuer_short_skid(struct trial *t)
{
    t->issuer.skid.n = 19;
}

static void issuer_path_zero(struct trial *t)
{
    t->issuer.has_path_len = true;
    t->issuer.path_len = 0;
}

static void issuer_path_one(struct trial *t)
{
    t->issuer.has_path_len = true;
    t->issuer.path_len = 1;
}

static void other_fabric(struct trial *t)
{
    t->issuer = root_with_fabric;
    t->r.has_fabric_id = true;
    t->r.fabric_id++;
}

static void same_fabric(struct trial *t)
{
    t->issuer = root_with_fabric;
    t->r.has_fabric_id = true;
}

static void issuer_with_fabric(struct trial *t)
{
    t->issuer = root_with_fabric;
}
static void issuer_is_icac(struct trial *t)
{
    t->issuer = intermediate;
}

static void two_cats_below_a_fabric(struct trial *t)
{
    same_fabric(t);
    cats(t, 2, 0x00010001, 0x00020001, 0);
}

static void three_cats_below_a_fabric(struct trial *t)
{
    same_fabric(t);
    cats_three(t);
}

static void tbs_too_large(struct trial *t)
{
    same_fabric(t);
    cats(t, 2, 0x00010001, 0x00020001, 0);
    t->r.common_name = mc_span_of(long_text, 64);
}

static const struct {
    const char *name;
    int profile;
    void (*change)(struct trial *t);
    enum mc_rc rc;
    const char *field;
} trials[] = {
    {"good NOC", NOC, no_change, MC_OK, ""},
    {"last node id", NOC, node_id_last, MC_OK, ""},
    {"node id 0", NOC, node_id_zero, MC_E_NODE_ID, "subject.matter-node-id"},
    {"node id that is not operational", NOC, node_id_group, MC_E_NODE_ID, "subject.matter-node-id"},
    {"no node id", NOC, node_id_missing, MC_E_PROFILE_REQUEST, "subject.matter-node-id"},
    {"node id for an ICAC", ICAC, node_id_too_much, MC_E_PROFILE_REQUEST, "subject.matter-node-id"},
    {"fabric id 0", NOC, fabric_id_zero, MC_E_FABRIC_ID, "subject.matter-fabric-id"},
    {"no fabric id", NOC, fabric_id_missing, MC_E_PROFILE_REQUEST, "subject.matter-fabric-id"},
    {"fabric id for a VVSC", VVSC, fabric_id_too_much, MC_E_PROFILE_REQUEST, "subject.matter-fabric-id"},
    {"fabric id for an ICAC", ICAC, fabric_id_too_much, MC_OK, ""},
    {"authority id 0", ICAC, authority_id_zero, MC_OK, ""},
    {"no ICAC id", ICAC, authority_id_missing, MC_E_PROFILE_REQUEST, "subject.matter-icac-id"},
    {"no VVS id", VVSC, authority_id_missing, MC_E_PROFILE_REQUEST, "subject.matter-vvs-id"},
    {"authority id for a NOC", NOC, authority_id_too_much, MC_E_PROFILE_REQUEST, "subject.authority-id"},
    {"no firmware id", FIRMWARE, firmware_id_missing, MC_E_PROFILE_REQUEST,
        "subject.matter-firmware-signing-id"},
    {"firmware id for a NOC", NOC, firmware_id_too_much, MC_E_PROFILE_REQUEST,
        "subject.matter-firmware-signing-id"},
    {"common name of 64 octets", NOC, name_of_64, MC_OK, ""},
    {"common name of 65 octets", NOC, name_of_65, MC_E_DN_TEXT, "subject.commonName"},
    {"common name with a control character", NOC, name_empty_of_text, MC_E_DN_TEXT, "subject.commonName"},
    {"common name that is not UTF-8", NOC, name_not_utf8, MC_E_DN_TEXT, "subject.commonName"},
    {"common name for an ICAC", ICAC, name_too_much, MC_E_PROFILE_REQUEST, "subject.commonName"},
    {"three CATs", NOC, cats_three, MC_OK, ""},
    {"four CATs", NOC, cats_four, MC_E_CAT_COUNT, "subject.matter-noc-cat"},
    {"CAT of version 0", NOC, cats_version_zero, MC_E_CAT_VERSION, "subject.matter-noc-cat"},
    {"CATs of one identifier", NOC, cats_same_identifier, MC_E_CAT_TWICE, "subject.matter-noc-cat"},
    {"the same CAT twice", NOC, cats_same_twice, MC_E_CAT_TWICE, "subject.matter-noc-cat"},
    {"CAT for firmware signing", FIRMWARE, cats_too_much, MC_E_PROFILE_REQUEST, "subject.matter-noc-cat"},
    {"six RDNs", NOC, six_rdns, MC_E_DN_COUNT, "subject.matter-noc-cat"},
    {"notBefore at second 0", NOC, before_is_epoch, MC_E_TIME_ZERO, "validity.notBefore"},
    {"notBefore in 1999", NOC, before_is_too_early, MC_E_TIME_RANGE, "validity.notBefore"},
    {"notBefore in 1970", NOC, before_is_1970, MC_E_TIME_RANGE, "validity.notBefore"},
    {"notBefore at second 1, before the issuer's", NOC, before_is_first, MC_E_ISSUER_PERIOD,
        "validity.notBefore"},
    {"root from second 1", RCAC, before_is_first, MC_OK, ""},
    {"notAfter beyond Matter time", NOC, after_is_too_late, MC_E_TIME_RANGE, "validity.notAfter"},
    {"notAfter at the end of Matter time", NOC, after_is_last, MC_OK, ""},
    {"empty period", NOC, after_is_before, MC_E_TIME_ORDER, "validity.notAfter"},
    {"no expiry below a root without expiry", NOC, never_expires, MC_OK, ""},
    {"notBefore of the issuer", NOC, before_is_issuers, MC_OK, ""},
    {"notBefore before the issuer's", NOC, before_is_before_issuers, MC_E_ISSUER_PERIOD,
        "validity.notBefore"},
    {"no serial", NOC, serial_empty, MC_E_SERIAL, "serialNumber"},
    {"serial of 21 octets", NOC, serial_of_21, MC_E_SERIAL, "serialNumber"},
    {"serial with a superfluous zero", NOC, serial_padded, MC_E_SERIAL, "serialNumber"},
    {"negative serial", NOC, serial_negative, MC_E_SERIAL_POSITIVE, "serialNumber"},
    {"serial 0", NOC, serial_zero, MC_E_SERIAL_POSITIVE, "serialNumber"},
    {"serial 1", NOC, serial_one, MC_OK, ""},
    {"serial 128", NOC, serial_high_bit, MC_OK, ""},
    {"compressed key", NOC, point_compressed, MC_E_POINT, "subjectPublicKey"},
    {"NOC that signs itself", NOC, no_issuer, MC_E_ISSUER_KIND, "issuer"},
    {"issuer that has no Matter form", NOC, issuer_obstacle, MC_E_ISSUER_KIND, "issuer"},
    {"issuer that is no CA", NOC, issuer_no_ca, MC_E_ISSUER_KIND, "issuer"},
    {"issuer that signs no certificates", NOC, issuer_no_cert_sign, MC_E_ISSUER_KIND, "issuer"},
    {"NOC below a NOC", NOC, issuer_is_noc, MC_E_ISSUER_KIND, "issuer"},
    {"issuer of no kind", NOC, issuer_unknown, MC_E_ISSUER_KIND, "issuer"},
    {"NOC below an ICAC", NOC, issuer_is_icac, MC_OK, ""},
    {"VVSC below an ICAC", VVSC, issuer_is_icac, MC_OK, ""},
    {"ICAC below an ICAC", ICAC, issuer_is_icac, MC_E_ISSUER_KIND, "issuer"},
    {"ICAC below a root of path length 0", ICAC, issuer_path_zero, MC_E_ISSUER_PATH, "issuer"},
    {"ICAC below a root of path length 1", ICAC, issuer_path_one, MC_OK, ""},
    {"NOC below a root of path length 0", NOC, issuer_path_zero, MC_OK, ""},
    {"the issuer's own key", ICAC, issuer_key, MC_E_ISSUER_KEY, "issuer"},
    {"issuer without key id", NOC, issuer_no_skid, MC_E_ISSUER_KEY_ID, "issuer"},
    {"issuer with a short key id", NOC, issuer_short_skid, MC_E_ISSUER_KEY_ID, "issuer"},
    {"NOC of the issuer's fabric", NOC, same_fabric, MC_OK, ""},
    {"NOC of another fabric", NOC, other_fabric, MC_E_ISSUER_FABRIC, "subject.matter-fabric-id"},
    {"ICAC of another fabric", ICAC, other_fabric, MC_E_ISSUER_FABRIC, "subject.matter-fabric-id"},
    {"ICAC of no fabric below a root with one", ICAC, issuer_with_fabric, MC_OK, ""},
    {"two CATs below a name with a fabric id", NOC, two_cats_below_a_fabric, MC_OK, ""},
    {"three CATs below a name with a fabric id", NOC, three_cats_below_a_fabric, MC_E_SIZE_DER,
        "certificate"},
    {"longest name below a name with a fabric id", NOC, tbs_too_large, MC_E_TBS_SIZE, "tbsCertificate"},
};

static void each_rule_of_issuing_has_its_own_refusal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(trials); i++) {
        struct trial t = {.r = good_request(trials[i].profile), .issuer = root};
        const struct mc_profile *p = &shipped[trials[i].profile];
        uint8_t der[MC_CERT_DER_MAX];
        struct mc_cert c, back;
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        trials[i].change(&t);
        rc = mc_profile_apply(p, &t.r, t.self_signed || trials[i].profile == RCAC ? NULL : &t.issuer, &c, &e);
        if (rc != trials[i].rc || e.rc != rc || strcmp(e.field, trials[i].field) != 0)
            fail_msg("%s: %s in %s (%s)", trials[i].name, mc_rc_symbol(rc), e.field, e.what);
        if (rc == MC_OK)
            sign_and_read(&c, keys[ROOT_KEY], der, &back);
    }
}

static void a_period_ends_with_the_issuers(void **state)
{
    struct trial t = {.r = good_request(NOC), .issuer = intermediate};
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    after_is_issuers(&t);
    assert_int_equal(mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e), MC_OK);
    after_is_after_issuers(&t);
    assert_int_equal(mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e), MC_E_ISSUER_PERIOD);
    never_expires(&t);
    assert_int_equal(mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e), MC_E_ISSUER_PERIOD);
}

static void a_root_has_no_issuer(void **state)
{
    struct mc_request r = good_request(RCAC);
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    assert_int_equal(mc_profile_apply(&shipped[RCAC], &r, &root, &c, &e), MC_E_ISSUER_KIND);
}

/* The sizes that profiles/README.md tells: the largest NOC with three CATs, whatever the signature. */
static void three_cats_fit_below_a_name_of_one_id(void **state)
{
    struct trial t = {.r = good_request(NOC), .issuer = intermediate};
    uint8_t buffer[MC_CERT_DER_MAX], sig[MC_SIG_LEN];
    struct mc_cert c;
    struct mc_err e;
    size_t tbs, der, tlv;

    (void)state;
    cats_three(&t);
    assert_int_equal(mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e), MC_OK);
    assert_int_equal(mc_cert_encode_tbs(&c, buffer, sizeof(buffer), &tbs, &e), MC_OK);
    assert_int_equal(mc_cert_encode_tlv(&c, (uint8_t[MC_CERT_TLV_MAX]){0}, MC_CERT_TLV_MAX, &tlv, &e), MC_OK);
    memset(sig, 0xFF, sizeof(sig));
    assert_int_equal(mc_cert_assemble(mc_span_of(buffer, tbs), sig, (uint8_t[MC_CERT_DER_MAX]){0},
                         MC_CERT_DER_MAX, &der, &e),
        MC_OK);
    assert_int_equal(tbs, 485);
    assert_int_equal(der, 576);
    assert_int_equal(tlv, 299);
    mc_err_init(&e);
    same_fabric(&t);
    assert_int_equal(mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e), MC_E_SIZE_DER);
    assert_string_equal(e.what, "it can come to 610 octets");
    assert_int_equal(mc_cert_encode_tlv(&c, (uint8_t[MC_CERT_TLV_MAX]){0}, MC_CERT_TLV_MAX, &tlv, &e), MC_OK);
    assert_int_equal(tlv, 309);
}

/* Every length of the name: what apply accepts always assembles, and nothing that assembles is refused. */
static void the_size_rule_is_exact(void **state)
{
    uint8_t buffer[MC_CERT_DER_MAX], der[MC_CERT_DER_MAX], sig[MC_SIG_LEN];
    unsigned accepted = 0, refused = 0;
    char text[65];

    (void)state;
    memset(text, 'a', sizeof(text));
    memset(sig, 0xFF, sizeof(sig));
    for (size_t len = 1; len <= 64; len++) {
        struct trial t = {.r = good_request(NOC)};
        struct mc_cert c;
        struct mc_err e;
        size_t n, whole;
        enum mc_rc rc;

        same_fabric(&t);
        cats(&t, 1, 0x00010001, 0, 0);
        t.r.common_name = mc_span_of(text, len);
        rc = mc_profile_apply(&shipped[NOC], &t.r, &t.issuer, &c, &e);
        assert_int_equal(mc_cert_encode_tbs(&c, buffer, sizeof(buffer), &n, &e), MC_OK);
        assert_int_equal(rc,
            n > MC_CERT_TBS_MAX ? MC_E_TBS_SIZE
                                : mc_cert_assemble(mc_span_of(buffer, n), sig, der, sizeof(der), &whole, &e));
        *(rc == MC_OK ? &accepted : &refused) += 1;
    }
    assert_true(accepted > 0 && refused > 0);
}

static void periods_are_backdated_and_cut_to_the_issuers(void **state)
{
    struct mc_profile p = shipped[NOC];
    struct mc_cert issuer = intermediate;
    int64_t before, after;

    (void)state;
    p.validity_days = 100;
    p.backdate_seconds = 60;
    mc_profile_period(&p, NOW, NULL, &before, &after);
    assert_int_equal(before, NOW - 60);
    assert_int_equal(after, NOW + 100 * DAY);
    issuer.not_before_unix = NOW - 10;
    issuer.not_after_unix = NOW + 50 * DAY;
    mc_profile_period(&p, NOW, &issuer, &before, &after);
    assert_int_equal(before, NOW - 10);
    assert_int_equal(after, NOW + 50 * DAY);
    p.validity_days = 0;
    mc_profile_period(&p, NOW, NULL, &before, &after);
    assert_int_equal(after, MC_TIME_NO_EXPIRY);
    mc_profile_period(&p, NOW, &root, &before, &after);
    assert_int_equal(after, MC_TIME_NO_EXPIRY);
}

static void a_clock_of_any_value_overflows_nothing(void **state)
{
    static const int64_t clocks[] = {INT64_MIN, INT64_MAX, 0, -1};
    struct mc_request r = good_request(NOC);
    struct mc_cert c;

    (void)state;
    for (size_t i = 0; i < COUNT(clocks); i++) {
        mc_profile_period(&shipped[NOC], clocks[i], NULL, &r.not_before_unix, &r.not_after_unix);
        assert_int_equal(mc_profile_apply(&shipped[NOC], &r, &root, &c, NULL), MC_E_TIME_RANGE);
    }
}

static int set_up(void **state)
{
    size_t n;

    (void)state;
    verifier = mc_verifier_new();
    if (verifier == NULL || shipped_read(shipped) != 0)
        return -1;
    for (int i = 0; i < KEYS; i++) {
        keys[i] = EVP_EC_gen("P-256");
        if (EVP_PKEY_get_octet_string_param(keys[i], OSSL_PKEY_PARAM_PUB_KEY, points[i], MC_POINT_LEN, &n) !=
            1)
            return -1;
    }
    make_issuers();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    mc_verifier_free(verifier);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_out_as_a_certificate_that_verifies),
        cmocka_unit_test(cats_and_common_name_stand_in_the_profiles_order),
        cmocka_unit_test(fixed_text_is_written_with_its_string_type),
        cmocka_unit_test(each_rule_of_issuing_has_its_own_refusal),
        cmocka_unit_test(a_period_ends_with_the_issuers),
        cmocka_unit_test(a_root_has_no_issuer),
        cmocka_unit_test(three_cats_fit_below_a_name_of_one_id),
        cmocka_unit_test(the_size_rule_is_exact),
        cmocka_unit_test(periods_are_backdated_and_cut_to_the_issuers),
        cmocka_unit_test(a_clock_of_any_value_overflows_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
