/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation sets: look-up with its traps, distribution points, collecting serials, the JSON text. */
#include "certs.h"

#include "lib/cli/revset_file.h"
#include "lib/revset.h"

#define NOW INT64_C(1750000000)

/* A certificate of the attestation side with its key. */
struct party {
    struct certs_key key;
    struct mc_cert c;
    uint8_t der[MC_CERT_DER_MAX];
    size_t n;
};

enum role { PAA, PAI, DELEGATE };

static void issue(struct party *p, enum role role, const char *name, struct party *issuer, const char *issuer_name)
{
    struct mc_cert c;
    struct mc_span der;

    certs_key_new(&p->key);
    certs_fill(&c, role != DELEGATE, &p->key, issuer->key.id);
    if (role == DELEGATE) {
        c.has_eku = false;
        c.ku = MC_KU_CRL_SIGN;
        c.n_ext = 2;
        certs_add_ext(&c, MC_EXT_SUBJECT_KEY_ID);
        certs_add_ext(&c, MC_EXT_AUTHORITY_KEY_ID);
    }
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, name);
    certs_add_text(&c.issuer, MC_ATTR_COMMON_NAME, issuer_name);
    der = certs_issue(&c, &issuer->key, p->der);
    p->n = der.n;
    assert_int_equal(mc_cert_parse_der(der, MC_RULES_X509, &p->c, NULL), MC_OK);
}

/* A PAA, a PAI, a delegate of each, and another PAA of which nothing hangs. */
struct world {
    struct party paa, pai, paa_delegate, pai_delegate, stranger;
    struct mc_verifier *v;
};

static struct world *world;

static int set_up(void **state)
{
    (void)state;
    world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->v = mc_verifier_new();
    issue(&world->paa, PAA, "PAA Mvid:FFF1", &world->paa, "PAA Mvid:FFF1");
    issue(&world->pai, PAI, "PAI Mvid:FFF1 Mpid:8000", &world->paa, "PAA Mvid:FFF1");
    issue(&world->paa_delegate, DELEGATE, "PAA Delegate", &world->paa, "PAA Mvid:FFF1");
    issue(&world->pai_delegate, DELEGATE, "PAI Delegate", &world->pai, "PAI Mvid:FFF1 Mpid:8000");
    issue(&world->stranger, PAA, "Other PAA", &world->stranger, "Other PAA");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    certs_key_free(&world->paa.key);
    certs_key_free(&world->pai.key);
    certs_key_free(&world->paa_delegate.key);
    certs_key_free(&world->pai_delegate.key);
    certs_key_free(&world->stranger.key);
    mc_verifier_free(world->v);
    free(world);
    return 0;
}

static struct mc_span der_of(const struct party *p)
{
    return mc_span_of(p->der, p->n);
}

static const uint8_t serial_a[] = {0x30, 0x26}, serial_b[] = {0x0A}, serial_top[] = {0x00, 0x80, 0x01};

/* --- look-up --- */

static struct mc_revset_entry entry_of(const struct party *authority, const struct party *signer, bool has_delegator,
    const struct mc_span *serial, size_t n)
{
    return (struct mc_revset_entry){.issuer_name = authority->c.subject.der, .issuer_key_id = authority->c.skid,
        .signer = der_of(signer), .has_delegator = has_delegator,
        .delegator = has_delegator ? der_of(authority) : mc_span_of(NULL, 0), .serial = serial, .n_serial = n};
}

static enum mc_revset_verdict find(const struct mc_revset_entry *entry, size_t n, const struct party *issuer,
    struct mc_span serial, size_t *at)
{
    const struct mc_revset set = {entry, n};

    return mc_revset_find(&set, issuer->c.subject.der, issuer->c.skid, serial, at);
}

static void a_revoked_serial_is_found_and_others_are_not(void **state)
{
    const struct mc_span serials[] = {mc_span_of(serial_b, 1), mc_span_of(serial_a, 2), mc_span_of(serial_top + 1, 2)};
    const struct mc_revset_entry entries[] = {entry_of(&world->paa, &world->paa, false, NULL, 0),
        entry_of(&world->pai, &world->pai, false, serials, 3)};
    size_t at = 9;

    (void)state;
    assert_int_equal(find(entries, 2, &world->pai, mc_span_of(serial_a, 2), &at), MC_REVSET_REVOKED);
    assert_int_equal(at, 1);
    assert_int_equal(find(entries, 2, &world->pai, mc_span_of(serial_a, 1), &at), MC_REVSET_GOOD);
    assert_int_equal(at, 1);
    assert_int_equal(find(entries, 2, &world->paa, mc_span_of(serial_a, 2), &at), MC_REVSET_GOOD);
    assert_int_equal(at, 0);
    assert_int_equal(find(entries, 2, &world->stranger, mc_span_of(serial_a, 2), &at), MC_REVSET_NOTHING);
    assert_int_equal(at, 2);
    /* The leading zero octet of a serial with its top bit set does not count, and is told apart. */
    assert_int_equal(find(entries, 2, &world->pai, mc_span_of(serial_top, 3), NULL), MC_REVSET_REVOKED);
    assert_false(mc_serial_is_portable(mc_span_of(serial_top, 3)));
    assert_false(mc_serial_is_portable(mc_span_of(serial_top, 0)));
    assert_int_equal(mc_serial_magnitude(mc_span_of(serial_top, 3)).n, 2);
    assert_int_equal(mc_serial_magnitude(mc_span_of("\0\0", 2)).n, 1);
    assert_int_equal(mc_serial_magnitude(mc_span_of("\0", 1)).n, 1);
    assert_int_equal(mc_serial_magnitude(mc_span_of(NULL, 0)).n, 0);
    assert_true(mc_serial_is_portable(mc_span_of(serial_a, 2)));
}

static void both_name_and_key_id_must_be_the_issuer_s(void **state)
{
    const struct mc_span serials[] = {mc_span_of(serial_a, 2)};
    const struct mc_revset_entry entry = entry_of(&world->pai, &world->pai, false, serials, 1);
    const struct mc_revset set = {&entry, 1};

    (void)state;
    assert_int_equal(mc_revset_find(&set, world->pai.c.subject.der, world->paa.c.skid, serials[0], NULL), MC_REVSET_NOTHING);
    assert_int_equal(mc_revset_find(&set, world->paa.c.subject.der, world->pai.c.skid, serials[0], NULL), MC_REVSET_NOTHING);
}

/* 5.6: what fails cross-validation ends the search as not revoked, also when a later entry would revoke. */
static void an_entry_that_nobody_vouches_for_ends_the_search(void **state)
{
    static uint8_t long_der[MC_CERT_DER_MAX + 1];
    const struct mc_span serials[] = {mc_span_of(serial_a, 2)};
    struct mc_revset_entry entries[] = {entry_of(&world->pai, &world->pai, false, NULL, 0),
        entry_of(&world->pai, &world->pai, false, serials, 1)};
    size_t at;

    (void)state;
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_REVOKED);
    assert_int_equal(at, 1);
    entries[0].signer = der_of(&world->stranger);
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_BROKEN);
    assert_int_equal(at, 0);
    entries[0] = entry_of(&world->pai, &world->pai_delegate, false, NULL, 0); /* a delegate without delegator */
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_BROKEN);
    entries[0] = entry_of(&world->pai, &world->pai_delegate, true, NULL, 0);
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_REVOKED);
    entries[0].delegator = mc_span_of(NULL, 0); /* "crl_signer_delegator": null */
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_BROKEN);
    entries[0].delegator = mc_span_of(serial_a, 2);
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_BROKEN);
    memcpy(long_der, world->pai.der, world->pai.n);
    entries[0].delegator = mc_span_of(long_der, MC_CERT_DER_MAX + 1); /* right, but for what stands behind it */
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_BROKEN);
    entries[0].delegator.n--;
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_REVOKED);
}

/* The authority of another name with that key, and of that name with another key. */
static void who_vouches_has_both_name_and_key(void **state)
{
    const struct mc_span serials[] = {mc_span_of(serial_a, 2)};
    struct mc_revset_entry entry = entry_of(&world->pai, &world->pai, false, serials, 1);
    const struct mc_revset set = {&entry, 1};

    (void)state;
    entry.issuer_name = world->paa.c.subject.der;
    assert_int_equal(mc_revset_find(&set, entry.issuer_name, entry.issuer_key_id, serials[0], NULL), MC_REVSET_BROKEN);
    entry = entry_of(&world->pai, &world->pai, false, serials, 1);
    entry.issuer_key_id = world->paa.c.skid;
    assert_int_equal(mc_revset_find(&set, entry.issuer_name, entry.issuer_key_id, serials[0], NULL), MC_REVSET_BROKEN);
}

/* The first entry that revokes decides, and none behind the last one does. */
static void entries_are_asked_in_their_order(void **state)
{
    const struct mc_span serials[] = {mc_span_of(serial_a, 2)};
    struct mc_revset_entry entries[] = {entry_of(&world->pai, &world->pai, false, serials, 1),
        entry_of(&world->pai, &world->pai, false, NULL, 0), entry_of(&world->paa, &world->paa, false, serials, 1)};
    size_t at;

    (void)state;
    assert_int_equal(find(entries, 2, &world->pai, serials[0], &at), MC_REVSET_REVOKED);
    assert_int_equal(at, 0);
    assert_int_equal(find(entries, 2, &world->paa, serials[0], &at), MC_REVSET_NOTHING);
    assert_int_equal(at, 2);
}

static void a_certificate_is_looked_up_by_what_it_says_of_its_issuer(void **state)
{
    struct mc_cert dac = world->pai.c;
    struct mc_span serials[1] = {mc_serial_magnitude(dac.serial)};
    struct mc_revset_entry entry = entry_of(&world->paa, &world->paa, false, serials, 1);
    const struct mc_revset set = {&entry, 1};

    (void)state;
    assert_int_equal(mc_revset_find_cert(&set, &dac, NULL), MC_REVSET_REVOKED);
    dac.akid.n--;
    entry.issuer_key_id.n--; /* the same, but no key identifier */
    assert_int_equal(mc_revset_find_cert(&set, &dac, NULL), MC_REVSET_NOTHING);
    dac.akid.n++;
    dac.has_akid = false;
    assert_int_equal(mc_revset_find_cert(&set, &dac, NULL), MC_REVSET_NOTHING);
}

static void an_entry_must_be_one_that_every_commissioner_can_use(void **state)
{
    static const uint8_t zero_first[] = {0, 1}, long_name[MC_REVSET_NAME_MAX + 1] = {0x30};
    const struct mc_span bad_serial[] = {mc_span_of(zero_first, 2)}, no_serial[] = {mc_span_of(zero_first, 0)};
    const struct mc_revset_entry good = entry_of(&world->pai, &world->pai_delegate, true, NULL, 0);
    struct mc_revset_entry x = good;
    struct mc_err e;

    (void)state;
    assert_int_equal(mc_revset_check_entry(&good, NULL), MC_OK);
    x.issuer_name = mc_span_of(long_name, sizeof(long_name));
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
    x = good;
    x.issuer_key_id.n = 19;
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
    x = good;
    x.signer.n = MC_CERT_DER_MAX + 1;
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
    x = good;
    x.delegator = mc_span_of(NULL, 0);
    mc_err_init(&e);
    assert_int_equal(mc_revset_check_entry(&x, &e), MC_E_REVSET);
    assert_string_equal(e.field, "crl_signer_delegator");
    x = good;
    x.delegator = der_of(&world->paa);
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
    x = good;
    x.n_serial = 1;
    x.serial = bad_serial;
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
    x.serial = no_serial;
    assert_int_equal(mc_revset_check_entry(&x, NULL), MC_E_REVSET);
}

/* --- distribution points --- */

static uint8_t crl_octets[4096];

/* A CRL by this party; about NULL: its own certificates, or no certificateIssuer. */
static void make_crl(struct mc_crl *c, struct party *signer, const char *uri, const struct party *about)
{
    uint8_t tbs[2048], sig[MC_SIG_LEN];
    const struct mc_crl_entry entries[] = {{.serial = mc_span_of(serial_a, 2), .time_unix = NOW - 5}};
    const struct mc_crl_draft d = {.issuer = signer->c.subject.der, .akid = signer->c.skid, .number = 1,
        .this_update_unix = NOW - 10, .next_update_unix = NOW + 10, .uri = mc_span_of(uri, strlen(uri)),
        .indirect = about != NULL, .authority = about != NULL ? about->c.subject.der : mc_span_of(NULL, 0),
        .entry = entries, .n = 1};
    size_t n = 0;

    assert_int_equal(mc_crl_encode_tbs(&d, tbs, sizeof(tbs), &n, NULL), MC_OK);
    certs_sign(&signer->key, mc_span_of(tbs, n), sig);
    assert_int_equal(mc_crl_assemble(mc_span_of(tbs, n), sig, crl_octets, sizeof(crl_octets), &n, NULL), MC_OK);
    assert_int_equal(mc_crl_parse(mc_span_of(crl_octets, n), c, NULL), MC_OK);
}

enum point { BY_PAA, BY_PAI, BY_PAA_DELEGATE, BY_PAA_DELEGATE_NAMED, BY_PAI_DELEGATE };

static struct mc_revset_point point_of(enum point kind, struct mc_crl *crl)
{
    struct mc_revset_point p = {.paa = &world->paa.c, .has_vid = true, .vid = 0xFFF1, .has_now = true, .now_unix = NOW,
        .data_url = mc_span_of("http://a/b", 10)};
    struct party *signer = kind == BY_PAA ? &world->paa : kind == BY_PAI ? &world->pai
        : kind == BY_PAI_DELEGATE ? &world->pai_delegate : &world->paa_delegate;
    struct party *authority = kind == BY_PAI || kind == BY_PAI_DELEGATE ? &world->pai : &world->paa;

    p.is_paa = authority == &world->paa;
    p.signer = &signer->c;
    p.delegator = kind == BY_PAI_DELEGATE || kind == BY_PAA_DELEGATE_NAMED ? &authority->c : NULL;
    p.issuer_key_id = authority->c.skid;
    p.has_pid = !p.is_paa;
    p.pid = 0x8000;
    make_crl(crl, signer, "http://a/b", kind >= BY_PAA_DELEGATE ? authority : NULL);
    return p;
}

static void every_way_to_sign_is_accepted(void **state)
{
    struct mc_crl crl;
    struct mc_err e;

    (void)state;
    for (int kind = BY_PAA; kind <= BY_PAI_DELEGATE; kind++) {
        struct mc_revset_point p = point_of(kind, &crl);
        const struct mc_cert *authority = NULL;

        mc_err_init(&e);
        if (mc_revset_check_point(world->v, &p, &crl, &authority, &e) != MC_OK)
            fail_msg("%d: %s %s %s", kind, mc_rc_symbol(e.rc), e.field, e.what);
        assert_ptr_equal(authority, kind == BY_PAI || kind == BY_PAI_DELEGATE ? &world->pai.c : &world->paa.c);
        p.shared = true;
        assert_int_equal(mc_revset_check_point(world->v, &p, &crl, &authority, NULL), MC_OK);
    }
}

#define EXPECT(kind, change, code)                                                                      \
    do {                                                                                                \
        struct mc_crl crl;                                                                              \
        struct mc_revset_point p = point_of(kind, &crl);                                                \
        const struct mc_cert *authority = NULL;                                                         \
        change;                                                                                         \
        assert_int_equal(mc_revset_check_point(world->v, &p, &crl, &authority, NULL), code);            \
        assert_null(authority);                                                                         \
    } while (0)

static void each_rule_of_a_distribution_point_refuses(void **state)
{
    struct party fake;
    struct mc_cert other;

    (void)state;
    EXPECT(BY_PAA, p.vid = 0xFFF2, MC_E_ATT_VID);
    EXPECT(BY_PAI, p.vid = 0xFFF2, MC_E_ATT_VID);
    EXPECT(BY_PAI, p.pid = 0x8001, MC_E_ATT_PID);
    EXPECT(BY_PAI, p.has_pid = false, MC_E_ATT_PID);
    EXPECT(BY_PAI_DELEGATE, p.pid = 0x8001, MC_E_ATT_PID);
    EXPECT(BY_PAI_DELEGATE, p.delegator = NULL, MC_E_ATT_VID); /* a delegate has no VID of its own */
    EXPECT(BY_PAI_DELEGATE, p.delegator = &world->paa.c, MC_E_CHAIN_ISSUER);
    EXPECT(BY_PAI, p.paa = &world->stranger.c, MC_E_CHAIN_ISSUER);
    EXPECT(BY_PAI, p.paa = &world->pai.c, MC_E_CHAIN_SELF);
    EXPECT(BY_PAI, p.is_paa = true, MC_E_CRL_SIGNER); /* then it must have the format of a delegate */
    EXPECT(BY_PAA, p.is_paa = false; p.has_vid = false, MC_E_CRL_SIGNER);
    EXPECT(BY_PAI, p.issuer_key_id = world->paa.c.skid, MC_E_REVSET_POINT);
    EXPECT(BY_PAI, p.shared = true; p.data_url = mc_span_of("http://a/c", 10), MC_E_REVSET_POINT);
    EXPECT(BY_PAI, make_crl(&crl, &world->pai, "", NULL); p.shared = true, MC_E_REVSET_POINT);
    EXPECT(BY_PAI, p.now_unix = NOW + 10, MC_E_CRL_DATE);
    EXPECT(BY_PAI, p.now_unix = NOW - 11, MC_E_CRL_DATE);
    EXPECT(BY_PAI, make_crl(&crl, &world->paa, "", NULL), MC_E_CRL_SIGNER);
    EXPECT(BY_PAI, crl.sig[5] ^= 1, MC_E_SIGNATURE); /* the SDK's script does not look: 5.4 step 8 */
    EXPECT(BY_PAI, crl.number.n = 0, MC_E_CRL_PROFILE);
    issue(&fake, PAI, "PAI Mvid:FFF1 Mpid:8000", &world->stranger, "PAA Mvid:FFF1");
    EXPECT(BY_PAI, p.signer = &fake.c, MC_E_CHAIN_AKID);
    other = world->pai.c;
    other.sig[9] ^= 1;
    EXPECT(BY_PAI, p.signer = &other, MC_E_SIGNATURE);
    other = world->paa.c;
    other.is_ca = false;
    EXPECT(BY_PAI, p.paa = &other, MC_E_CHAIN_CA);
    certs_key_free(&fake.key);
}

static void a_record_is_not_compared_where_none_is_given(void **state)
{
    struct mc_crl crl;
    struct mc_revset_point p = point_of(BY_PAI, &crl);
    const struct mc_cert *authority;

    (void)state;
    p.has_vid = p.has_pid = p.has_now = false;
    p.issuer_key_id.n = 0;
    assert_int_equal(mc_revset_check_point(world->v, &p, &crl, &authority, NULL), MC_OK);
}

/* --- entries of a CRL --- */

#define TIME "17('250101000000Z')"
#define NAMED(name) "30(30(0603551D1D 0101FF 04(30(A4(30(31(30(06035504030C('" name "'))))))))) "

/* The CRL of a delegate: entry 1 names PAI 02, entry 2 nobody, entry 3 PAI 01, entry 4 nobody. */
static void parse_indirect(struct mc_crl *c)
{
    struct mc_out o = mc_out_of(crl_octets, sizeof(crl_octets));

    certs_put(&o, "30(30(020101 30(06082A8648CE3D040302) 30(31(30(06035504030C('D'))))" TIME "17('260101000000Z')"
        "30(30(020101" TIME NAMED("PAI 02") ")30(020102" TIME ")30(020103" TIME NAMED("PAI 01") ")30(020104" TIME "))"
        "A0(30(30(0603551D23 04(30(8014" CERTS_ID ")))30(0603551D14 04(020107)))))"
        "30(06082A8648CE3D040302) 03(00 30(02(00" CERTS_R ")02(00" CERTS_S "))))");
    assert_int_equal(mc_crl_parse(mc_span_of(crl_octets, o.n), c, NULL), MC_OK);
}

static void entries_that_name_nobody_go_by_the_script_or_by_the_standard(void **state)
{
    static const struct {
        const char *name;
        enum mc_revset_issuers way;
        uint8_t serial[4];
        size_t n, unnamed;
    } rows[] = {
        {"30(31(30(06035504030C('PAI 02'))))", MC_REVSET_ISSUERS_SDK, {1, 2, 4}, 3, 1},
        {"30(31(30(06035504030C('PAI 02'))))", MC_REVSET_ISSUERS_RFC, {1, 2}, 2, 1},
        {"30(31(30(06035504030C('PAI 01'))))", MC_REVSET_ISSUERS_SDK, {2, 3, 4}, 3, 1},
        {"30(31(30(06035504030C('PAI 01'))))", MC_REVSET_ISSUERS_RFC, {3, 4}, 2, 1},
        {"30(31(30(06035504030C('PAI 03'))))", MC_REVSET_ISSUERS_SDK, {2, 4}, 2, 2},
        {"30(31(30(06035504030C('PAI 03'))))", MC_REVSET_ISSUERS_RFC, {0}, 0, 2},
    };
    struct mc_span serial[4];
    uint8_t name[64];
    struct mc_crl c;
    size_t n, unnamed;

    (void)state;
    parse_indirect(&c);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            mc_revset_collect(&c, certs_octets(rows[i].name, name), rows[i].way, serial, 4, &n, &unnamed), MC_OK);
        assert_int_equal(n, rows[i].n);
        assert_int_equal(unnamed, rows[i].unnamed);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(serial[k].p[0], rows[i].serial[k]);
    }
    assert_int_equal(mc_revset_collect(&c, certs_octets(rows[0].name, name), rows[0].way, serial, 2, &n, &unnamed), MC_E_SPACE);
}

/* --- text --- */

static void what_is_written_is_read_back_and_written_the_same(void **state)
{
    static const uint8_t wide[20] = {0x7F, 1};
    const struct mc_span serials[] = {mc_span_of(serial_a, 2), mc_span_of(serial_b, 1), mc_span_of(wide, 20), mc_span_of(wide, 20)};
    struct mc_revset_entry entries[] = {entry_of(&world->paa, &world->paa_delegate, true, serials, 1),
        entry_of(&world->pai, &world->pai, false, serials, 4), entry_of(&world->pai, &world->pai, false, NULL, 0)};
    char text[8192], again[8192];
    struct revset_file f;
    size_t n = 0, m = 0;

    (void)state;
    for (size_t count = 0; count <= COUNT(entries); count++) {
        const struct mc_revset set = {entries, count};

        assert_true(mc_revset_json_bound(&set) <= sizeof(text));
        assert_int_equal(mc_revset_encode_json(&set, text, mc_revset_json_bound(&set), &n, NULL), MC_OK);
        assert_int_equal(revset_file_parse(mc_span_of(text, n), &f, NULL), MC_OK);
        assert_int_equal(f.set.n, count);
        assert_int_equal(mc_revset_encode_json(&f.set, again, sizeof(again), &m, NULL), MC_OK);
        assert_int_equal(m, n);
        assert_memory_equal(text, again, n);
        for (size_t cap = 0; cap < n; cap++)
            assert_int_equal(mc_revset_encode_json(&set, again, cap, &m, NULL), MC_E_SPACE);
        revset_file_clear(&f);
    }
    entries[0].delegator.n = 0;
    assert_int_equal(mc_revset_encode_json(&(struct mc_revset){entries, 1}, text, sizeof(text), &n, NULL), MC_E_REVSET);
}

#define HEAD "{\"type\":\"revocation_set\",\"issuer_subject_key_id\":\"000102030405060708090A0B0C0D0E0F10111213\","
#define REST "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"01\"],\"crl_signer_cert\":\"MAA=\""

static void text_that_is_no_set_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum mc_rc rc;
    } rows[] = {
        {"[]", MC_OK},
        {"[" HEAD REST "}]", MC_OK},
        {"[" HEAD REST ",\"crl_signer_delegator\":\"MAA=\"}]", MC_OK},
        {"[" HEAD REST ",\"crl_signer_delegator\":null}]", MC_OK}, /* read; found broken when it is asked */
        {"", MC_E_JSON},
        {"{}", MC_E_REVSET},
        {"[1]", MC_E_JSON_MEMBER},
        {"[{}]", MC_E_JSON_MEMBER},
        {"[] []", MC_E_JSON},
        {"[" HEAD REST ",\"x\":1}]", MC_E_JSON_MEMBER},
        {"[" HEAD REST ",\"type\":\"revocation_set\"}]", MC_E_JSON},
        {"[" HEAD REST ",\"crl_signer_delegator\":\"\"}]", MC_E_REVSET},
        {"[" HEAD REST ",\"crl_signer_delegator\":7}]", MC_E_JSON_MEMBER},
        {"[{\"type\":\"other\"," REST "}]", MC_E_REVSET},
        {"[{\"type\":\"revocation_set\",\"issuer_subject_key_id\":\"0001\"," REST "}]", MC_E_REVSET},
        {"[{\"type\":\"revocation_set\",\"issuer_subject_key_id\":\"000102030405060708090a0B0C0D0E0F10111213\"," REST "}]",
            MC_E_REVSET},
        {"[{\"type\":\"revocation_set\",\"issuer_subject_key_id\":\"00:01\"," REST "}]", MC_E_JSON_MEMBER},
        {"[" HEAD "\"issuer_name\":\"MAA\",\"revoked_serial_numbers\":[],\"crl_signer_cert\":\"MAA=\"}]", MC_E_JSON_MEMBER},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"1\"],\"crl_signer_cert\":\"MAA=\"}]", MC_E_REVSET},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"\"],\"crl_signer_cert\":\"MAA=\"}]", MC_E_REVSET},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"ab\"],\"crl_signer_cert\":\"MAA=\"}]", MC_E_REVSET},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"0080\"],\"crl_signer_cert\":\"MAA=\"}]", MC_E_REVSET},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[1],\"crl_signer_cert\":\"MAA=\"}]", MC_E_JSON_MEMBER},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":\"01\",\"crl_signer_cert\":\"MAA=\"}]", MC_E_JSON_MEMBER},
        {"[" HEAD "\"issuer_name\":\"MAA=\",\"revoked_serial_numbers\":[\"010203040506070809101112131415161718192021\"],"
         "\"crl_signer_cert\":\"MAA=\"}]", MC_E_REVSET},
    };
    struct revset_file f;
    struct mc_err e;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        mc_err_init(&e);
        if (revset_file_parse(mc_span_of(rows[i].text, strlen(rows[i].text)), &f, &e) != rows[i].rc)
            fail_msg("row %zu: %s %s %s", i, mc_rc_symbol(e.rc), e.field, e.what);
        revset_file_clear(&f);
    }
}

/* The published set is written back octet for octet. */
static void the_published_set_is_ours_octet_for_octet(void **state)
{
    static uint8_t text[32768];
    static char again[65536];
    struct revset_file f;
    struct mc_err e;
    size_t n, m = 0;

    (void)state;
    vectors_need();
    n = vectors_read("revocation/revocation-sets/revocation-set.json", text, sizeof(text));
    mc_err_init(&e);
    if (revset_file_parse(mc_span_of(text, n), &f, &e) != MC_OK ||
        mc_revset_encode_json(&f.set, again, sizeof(again), &m, &e) != MC_OK)
        fail_msg("%s %s %s", mc_rc_symbol(e.rc), e.field, e.what);
    assert_int_equal(f.set.n, 7);
    assert_int_equal(m, n);
    assert_memory_equal(text, again, n);
    revset_file_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revoked_serial_is_found_and_others_are_not),
        cmocka_unit_test(both_name_and_key_id_must_be_the_issuer_s),
        cmocka_unit_test(an_entry_that_nobody_vouches_for_ends_the_search),
        cmocka_unit_test(who_vouches_has_both_name_and_key),
        cmocka_unit_test(entries_are_asked_in_their_order),
        cmocka_unit_test(a_certificate_is_looked_up_by_what_it_says_of_its_issuer),
        cmocka_unit_test(an_entry_must_be_one_that_every_commissioner_can_use),
        cmocka_unit_test(every_way_to_sign_is_accepted),
        cmocka_unit_test(each_rule_of_a_distribution_point_refuses),
        cmocka_unit_test(a_record_is_not_compared_where_none_is_given),
        cmocka_unit_test(entries_that_name_nobody_go_by_the_script_or_by_the_standard),
        cmocka_unit_test(what_is_written_is_read_back_and_written_the_same),
        cmocka_unit_test(text_that_is_no_set_is_refused),
        cmocka_unit_test(the_published_set_is_ours_octet_for_octet),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
