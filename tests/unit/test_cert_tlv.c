/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#define HALF   "1111111111111111111111111111111111111111111111111111111111111111"
#define STAR   "2C0101'*' 18"
#define ID_EXT "370A 3501280118 240201 36030402040118 18"

static const struct {
    const char *name;
    unsigned part;
    const char *with;
    enum mc_rc want;
    const char *field;
} rows[] = {
    {"unchanged", TLV_PARTS, "", MC_OK, ""},
    {"a tagged structure", TLV_BEGIN, "3501", MC_E_TLV_ORDER, "certificate"},
    {"a list", TLV_BEGIN, "17", MC_E_TLV_TYPE, "certificate"},
    {"no structure", TLV_BEGIN, "", MC_E_TLV_ORDER, "certificate"},

    {"serial 0", TLV_SERIAL, "30010100", MC_OK, ""},
    {"no serial octets", TLV_SERIAL, "300100", MC_E_SERIAL, "serialNumber"},
    {"serial of 20 octets", TLV_SERIAL, "300114 7F0102030405060708090A0B0C0D0E0F10111213", MC_OK, ""},
    {"serial of 21 octets", TLV_SERIAL, "300115 7F0102030405060708090A0B0C0D0E0F1011121314", MC_E_SERIAL, "serialNumber"},
    {"negative serial", TLV_SERIAL, "30010180", MC_OK, ""},
    {"serial with sign octet", TLV_SERIAL, "3001020080", MC_OK, ""},
    {"serial 1 in two octets", TLV_SERIAL, "3001020001", MC_E_SERIAL, "serialNumber"},
    {"serial as number", TLV_SERIAL, "240101", MC_E_TLV_TYPE, "serialNumber"},
    {"serial with a wide length", TLV_SERIAL, "3101010001", MC_E_TLV_MINIMAL, "serialNumber"},
    {"no serial", TLV_SERIAL, "", MC_E_TLV_ORDER, "serialNumber"},

    {"signature algorithm 0", TLV_SIG_ALG, "240200", MC_E_SIG_ALG, "signature.algorithm"},
    {"signature algorithm 2", TLV_SIG_ALG, "240202", MC_E_SIG_ALG, "signature.algorithm"},
    {"signature algorithm 257", TLV_SIG_ALG, "25020101", MC_E_SIG_ALG, "signature.algorithm"},
    {"wide signature algorithm", TLV_SIG_ALG, "25020100", MC_E_TLV_MINIMAL, "signature.algorithm"},
    {"signed signature algorithm", TLV_SIG_ALG, "200201", MC_E_TLV_TYPE, "signature.algorithm"},
    {"no signature algorithm", TLV_SIG_ALG, "", MC_E_TLV_ORDER, "signature.algorithm"},

    {"an empty issuer", TLV_ISSUER, "370318", MC_OK, ""},
    {"issuer as structure", TLV_ISSUER, "3503 18", MC_E_TLV_TYPE, "issuer"},
    {"no issuer", TLV_ISSUER, "", MC_E_TLV_ORDER, "issuer"},
    {"an issuer without end", TLV_ISSUER, "3703", MC_E_TLV_TYPE, NULL},

    {"second 0", TLV_NOT_BEFORE, "240400", MC_E_TIME_ZERO, "validity.notBefore"},
    {"second 1", TLV_NOT_BEFORE, "240401", MC_OK, ""},
    {"notBefore of 33 bits", TLV_NOT_BEFORE, "27040000000001000000", MC_E_TLV_RANGE, "validity.notBefore"},
    {"notBefore after notAfter", TLV_NOT_BEFORE, "26046FB5B94C", MC_E_TIME_ORDER, "validity.notAfter"},
    {"notBefore at notAfter", TLV_NOT_BEFORE, "26046EB5B94C", MC_E_TIME_ORDER, "validity.notAfter"},
    {"notBefore a second earlier", TLV_NOT_BEFORE, "26046DB5B94C", MC_OK, ""},
    {"no notBefore", TLV_NOT_BEFORE, "", MC_E_TLV_ORDER, "validity.notBefore"},
    {"no expiry", TLV_NOT_AFTER, "240500", MC_OK, ""},
    {"the last second", TLV_NOT_AFTER, "2605FFFFFFFF", MC_OK, ""},
    {"a second later", TLV_NOT_AFTER, "27050000000001000000", MC_E_TLV_RANGE, "validity.notAfter"},
    {"the last of 2049", TLV_NOT_AFTER, "2605 7F320D5E", MC_OK, ""},
    {"the first of 2050", TLV_NOT_AFTER, "2605 80320D5E", MC_OK, ""},
    {"notAfter as text", TLV_NOT_AFTER, "2C050100", MC_E_TLV_TYPE, "validity.notAfter"},
    {"no notAfter", TLV_NOT_AFTER, "", MC_E_TLV_ORDER, "validity.notAfter"},

    {"an empty subject", TLV_SUBJECT, "370618", MC_OK, ""},
    {"node id 0", TLV_SUBJECT, "3706 241100 18", MC_E_NODE_ID, "subject.matter-node-id"},
    {"fabric id 0", TLV_SUBJECT, "3706 241500 18", MC_E_FABRIC_ID, "subject.matter-fabric-id"},
    {"CAT version 0", TLV_SUBJECT, "3706 26160000CDAB 18", MC_E_CAT_VERSION, "subject.matter-noc-cat"},
    {"no subject", TLV_SUBJECT, "", MC_E_TLV_ORDER, "subject"},

    {"key algorithm 2", TLV_KEY_ALG, "240702", MC_E_KEY_ALG, "subjectPublicKey.algorithm"},
    {"curve 2", TLV_CURVE, "240802", MC_E_CURVE, "subjectPublicKey.curve"},
    {"key algorithm and curve exchanged", TLV_KEY_ALG, "240801", MC_E_TLV_ORDER, "subjectPublicKey.algorithm"},
    {"a point of 64 octets", TLV_POINT, "300940 04" HALF "11111111111111111111111111111111111111111111111111111111111111",
        MC_E_TLV_LENGTH, "subjectPublicKey.point"},
    {"a compressed point", TLV_POINT, "300921 02" HALF, MC_E_TLV_LENGTH, "subjectPublicKey.point"},
    {"a point of 66 octets", TLV_POINT, "300942 04" HALF HALF "00", MC_E_TLV_LENGTH, "subjectPublicKey.point"},
    {"a hybrid point", TLV_POINT, "300941 06" HALF HALF, MC_E_POINT, "subjectPublicKey.point"},
    {"no point", TLV_POINT, "", MC_E_TLV_ORDER, "subjectPublicKey.point"},

    {"no extensions", TLV_EXTENSIONS, "", MC_E_TLV_ORDER, "extensions"},
    {"extensions as array", TLV_EXTENSIONS, "360A 18", MC_E_TLV_TYPE, "extensions"},
    {"r and s of 32 octets", TLV_SIGNATURE, "300B40" HALF HALF, MC_OK, ""},
    {"63 octets of signature", TLV_SIGNATURE, "300B3F 11111111111111111111111111111111111111111111111111111111111111" HALF,
        MC_E_TLV_LENGTH, "signature"},
    {"65 octets of signature", TLV_SIGNATURE, "300B41" HALF HALF "11", MC_E_TLV_LENGTH, "signature"},
    {"no signature", TLV_SIGNATURE, "", MC_E_TLV_ORDER, "signature"},
    {"signature with another tag", TLV_SIGNATURE, "300C40" HALF HALF, MC_E_TLV_ORDER, "signature"},

    {"a twelfth field", TLV_FINISH, "240C0118", MC_E_TLV_TAG, "certificate"},
    {"an untagged field", TLV_FINISH, "040118", MC_E_TLV_TAG, "certificate"},
    {"no end", TLV_FINISH, "", MC_E_TLV_TRUNCATED, "certificate"},
    {"a tagged end", TLV_FINISH, "3801", MC_E_TLV_TAG, "certificate"},
    {"an octet behind the end", TLV_AFTER, "00", MC_E_TLV_TRAILING, "certificate"},
    {"a second end", TLV_AFTER, "18", MC_E_TLV_TRAILING, "certificate"},
};

static void certificates_in_tlv_follow_the_rules(void **state)
{
    uint8_t in[CERTS_ROOM], der[MC_CERT_DER_MAX], out[MC_CERT_TLV_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span tlv = certs_tlv(rows[i].part, rows[i].with, in);
        struct mc_cert c;
        struct mc_err e;
        size_t n;

        mc_err_init(&e);
        enum mc_rc rc = mc_cert_parse_tlv(tlv, &c, &e);

        if (rc != rows[i].want || e.rc != rc)
            fail_msg("%s: %s", rows[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK) {
            if (rows[i].field != NULL)
                assert_string_equal(e.field, rows[i].field);
            assert_true(e.offset == MC_NO_OFFSET || e.offset <= tlv.n);
            continue;
        }
        assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, &e), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, n), tlv));
        assert_int_equal(mc_cert_encode_der(&c, der, sizeof(der), &n, &e), MC_OK);
        assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &c, &e), MC_OK);
        assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, &e), MC_OK);
        if (!mc_span_eq(mc_span_of(out, n), tlv))
            fail_msg("%s: does not come back from DER", rows[i].name);
    }
}

static bool nodes_let_pass(enum mc_rc rc)
{
    return rc == MC_E_SERIAL || rc == MC_E_TLV_MINIMAL || rc == MC_E_TLV_TRAILING;
}

/* What nodes let pass is noted and still signed; all else is refused as ever. */
static void the_loose_reader_notes_what_nodes_let_pass(void **state)
{
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX], want[MC_CERT_DER_MAX];
    unsigned noted = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span tlv = certs_tlv(rows[i].part, rows[i].with, in);
        struct mc_cert c;
        size_t n;
        enum mc_rc rc = mc_cert_parse_tlv_loose(tlv, &c, NULL);

        if (rc != (nodes_let_pass(rows[i].want) ? MC_OK : rows[i].want))
            fail_msg("%s: %s", rows[i].name, mc_rc_symbol(rc));
        if (rc != MC_OK)
            continue;
        assert_int_equal(c.obstacle.rc, rows[i].want);
        assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL), MC_OK);
        if (rows[i].want == MC_OK)
            continue;
        noted++;
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), rows[i].want);
        assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL), rows[i].want);
    }
    assert_true(noted >= 5);

    /* The length of a wrong serial number is told, and where the first wide number stands. */
    struct mc_cert wide, plain;
    struct mc_err e;

    mc_err_init(&e);
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_SERIAL, "300115 010203040506070809101112131415161718192021", in), &wide, &e),
        MC_E_SERIAL);
    assert_string_equal(e.what, "21 octets");
    mc_err_init(&e);
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_AFTER, "00", in), &wide, &e), MC_E_TLV_TRAILING);
    assert_string_equal(e.what, "");
    assert_int_equal(mc_cert_parse_tlv_loose(certs_tlv(TLV_SIG_ALG, "25020100", in), &wide, NULL), MC_OK);
    assert_int_equal(wide.obstacle.offset, 12);

    /* The same signed octets as of the minimal form. */
    size_t n, m;
    uint8_t other[CERTS_ROOM];

    assert_int_equal(mc_cert_parse_tlv_loose(certs_tlv(TLV_CURVE, "25080100", in), &wide, NULL), MC_OK);
    assert_int_equal(wide.obstacle.rc, MC_E_TLV_MINIMAL);
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_PARTS, "", other), &plain, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_tbs(&wide, out, sizeof(out), &n, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_tbs(&plain, want, sizeof(want), &m, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), mc_span_of(want, m)));
}

static void both_forms_of_the_test_certificate_are_one(void **state)
{
    uint8_t in[CERTS_ROOM], want[CERTS_ROOM], out[MC_CERT_DER_MAX];
    struct mc_cert c;
    size_t n;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_PARTS, "", in), &c, NULL), MC_OK);
    assert_int_equal(c.form, MC_FORM_TLV);
    assert_int_equal(mc_cert_kind(&c), MC_KIND_NOC);
    assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), certs_der(DER_PARTS, "", want)));
}

/* Fields exchanged pairwise: only the order of the table is read. */
static void fields_come_in_ascending_order(void **state)
{
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (unsigned a = TLV_SERIAL; a < TLV_SIGNATURE; a++) {
        const char *parts[TLV_PARTS];
        struct mc_cert c;

        memcpy(parts, certs_tlv_parts, sizeof(parts));
        parts[a] = certs_tlv_parts[a + 1];
        parts[a + 1] = certs_tlv_parts[a];
        assert_int_equal(mc_cert_parse_tlv(certs_tlv_of(parts, in), &c, NULL), MC_E_TLV_ORDER);
    }
}

static void every_cut_is_refused(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_span tlv = certs_tlv(TLV_PARTS, "", in);

    (void)state;
    for (size_t n = 0; n < tlv.n; n++) {
        uint8_t *cut = malloc(n + 1);
        struct mc_cert c;

        assert_non_null(cut);
        memcpy(cut, tlv.p, n);
        if (mc_cert_parse_tlv(mc_span_of(cut, n), &c, NULL) != MC_E_TLV_TRUNCATED)
            fail_msg("accepted after %zu octets", n);
        free(cut);
    }
}

static void every_flipped_bit_is_refused_or_kept(void **state)
{
    uint8_t in[CERTS_ROOM], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    struct mc_span whole = certs_tlv(TLV_PARTS, "", in);
    unsigned kept = 0;

    (void)state;
    for (size_t bit = 0; bit < 8 * whole.n; bit++) {
        struct mc_cert c, back;
        size_t n;

        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (mc_cert_parse_tlv(whole, &c, NULL) == MC_OK) {
            kept++;
            assert_int_equal(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, NULL), MC_OK);
            assert_true(mc_span_eq(mc_span_of(tlv, n), whole));
            assert_int_equal(mc_cert_encode_der(&c, der, sizeof(der), &n, NULL), MC_OK);
            assert_int_equal(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &back, NULL), MC_OK);
            assert_int_equal(mc_cert_encode_tlv(&back, tlv, sizeof(tlv), &n, NULL), MC_OK);
            assert_true(mc_span_eq(mc_span_of(tlv, n), whole));
        }
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(kept > 8 * (MC_POINT_LEN + MC_SIG_LEN + 2 * MC_KEY_ID_LEN - 2));
}

static void encoders_stay_inside_of_the_room_they_get(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_span tlv = certs_tlv(TLV_PARTS, "", in);
    struct mc_cert c;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(tlv, &c, NULL), MC_OK);
    for (size_t cap = 0; cap <= tlv.n; cap++) {
        uint8_t *out = malloc(cap + 1);
        size_t n = 12345;

        assert_non_null(out);
        assert_int_equal(mc_cert_encode_tlv(&c, out, cap, &n, NULL), cap < tlv.n ? MC_E_SPACE : MC_OK);
        assert_int_equal(n, cap < tlv.n ? 12345 : tlv.n);
        free(out);
    }
}

/* The full form of a network identity (matter-operational 1.8), with one part replaced. */
static struct mc_span identity(unsigned part, const char *with, uint8_t *out)
{
    const char *parts[TLV_PARTS + 1];

    memcpy(parts, certs_tlv_parts, sizeof(certs_tlv_parts));
    parts[TLV_SERIAL] = "30010101";
    parts[TLV_ISSUER] = "3703" STAR;
    parts[TLV_NOT_BEFORE] = "240401";
    parts[TLV_NOT_AFTER] = "240500";
    parts[TLV_SUBJECT] = "3706" STAR;
    parts[TLV_EXTENSIONS] = ID_EXT;
    parts[part] = with;
    return certs_tlv_of(parts, out);
}

static const struct {
    const char *name;
    unsigned part;
    const char *with;
    enum mc_rc want;
    enum mc_kind kind;
} identities[] = {
    {"unchanged", TLV_PARTS, "", MC_OK, MC_KIND_NETWORK_IDENTITY},
    {"serial 2", TLV_SERIAL, "30010102", MC_E_IDENTITY, 0},
    {"serial 257", TLV_SERIAL, "3001020101", MC_E_IDENTITY, 0},
    {"another issuer", TLV_ISSUER, "3703 241401 18", MC_E_IDENTITY, 0},
    {"an issuer of two", TLV_ISSUER, "3703 2C0101'*' 2C0101'*' 18", MC_E_IDENTITY, 0},
    {"issuer as Organization", TLV_ISSUER, "3703 2C0701'*' 18", MC_E_IDENTITY, 0},
    {"another notBefore", TLV_NOT_BEFORE, "240402", MC_E_IDENTITY, 0},
    {"an expiry", TLV_NOT_AFTER, "240502", MC_E_IDENTITY, 0},
    {"another CN", TLV_SUBJECT, "3706 2C0101'+' 18", MC_OK, MC_KIND_UNKNOWN},
    {"a longer CN", TLV_SUBJECT, "3706 2C0102'**' 18", MC_OK, MC_KIND_UNKNOWN},
    {"two RDNs", TLV_SUBJECT, "3706 2C0101'*' 2C0101'*' 18", MC_OK, MC_KIND_UNKNOWN},
    {"a CA", TLV_EXTENSIONS, "370A 3501290118 240201 36030402040118 18", MC_E_IDENTITY, 0},
    {"another usage", TLV_EXTENSIONS, "370A 3501280118 240203 36030402040118 18", MC_E_IDENTITY, 0},
    {"purposes exchanged", TLV_EXTENSIONS, "370A 3501280118 240201 36030401040218 18", MC_E_IDENTITY, 0},
    {"one purpose", TLV_EXTENSIONS, "370A 3501280118 240201 3603040218 18", MC_E_IDENTITY, 0},
    {"extensions exchanged", TLV_EXTENSIONS, "370A 240201 3501280118 36030402040118 18", MC_E_IDENTITY, 0},
    {"a key identifier", TLV_EXTENSIONS, "370A 3501280118 240201 36030402040118 300414" CERTS_ID "18", MC_E_IDENTITY, 0},
    {"two extensions", TLV_EXTENSIONS, "370A 3501280118 240201 18", MC_E_IDENTITY, 0},
};

static void a_network_identity_is_rigid_in_both_forms(void **state)
{
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(identities); i++) {
        struct mc_cert c;
        struct mc_err e;
        size_t n;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = mc_cert_parse_tlv(identity(identities[i].part, identities[i].with, in), &c, &e);
        if (rc != identities[i].want)
            fail_msg("%s: %s", identities[i].name, mc_rc_symbol(rc));
        if (rc == MC_OK)
            assert_int_equal(mc_cert_kind(&c), identities[i].kind);
        /* The struct is filled, so the same certificate can be offered as X.509. */
        assert_int_equal(mc_cert_encode_der(&c, out, sizeof(out), &n, NULL), MC_OK);
        assert_int_equal(mc_cert_parse_der(mc_span_of(out, n), MC_RULES_MATTER, &c, &e), identities[i].want);
        assert_int_equal(mc_cert_parse_der(mc_span_of(out, n), MC_RULES_X509, &c, &e), MC_OK);
        assert_int_equal(c.obstacle.rc, identities[i].want);
    }
}

static void a_network_identity_has_a_compact_form(void **state)
{
    uint8_t in[CERTS_ROOM], want[CERTS_ROOM], out[MC_CERT_TLV_MAX], tbs[MC_CERT_DER_MAX];
    struct mc_span compact = certs_octets("300941" CERTS_POINT "300B40" CERTS_64, want + 1);
    struct mc_cert c;
    size_t n;

    (void)state;
    want[0] = 0x15;
    want[compact.n + 1] = 0x18;
    compact = mc_span_of(want, compact.n + 2);
    assert_int_equal(compact.n, MC_IDENTITY_TLV_LEN);
    assert_int_equal(
        mc_cert_parse_tlv(identity(TLV_SIGNATURE, "300B40" CERTS_64, in), &c, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_compact(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), compact));
    assert_int_equal(mc_cert_encode_compact(&c, out, MC_IDENTITY_TLV_LEN - 1, &n, NULL), MC_E_SPACE);

    memset(&c, 0, sizeof(c));
    assert_int_equal(mc_cert_parse_tlv(compact, &c, NULL), MC_OK);
    assert_int_equal(c.form, MC_FORM_COMPACT);
    assert_int_equal(mc_cert_kind(&c), MC_KIND_NETWORK_IDENTITY);
    assert_int_equal(c.n_ext, 3);
    for (unsigned i = 0; i < c.n_ext; i++)
        assert_true(c.ext[i].id == MC_EXT_BASIC_CONSTRAINTS + i && c.ext[i].critical && c.ext[i].decoded);
    assert_int_equal(mc_cert_encode_tlv(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), identity(TLV_SIGNATURE, "300B40" CERTS_64, in)));
    assert_int_equal(mc_cert_encode_tbs(&c, tbs, sizeof(tbs), &n, NULL), MC_OK);
    assert_int_equal(n, MC_IDENTITY_TBS_LEN);
    for (n = 0; n < compact.n; n++)
        assert_int_equal(mc_cert_parse_tlv(mc_span_of(want, n), &c, NULL), MC_E_TLV_TRUNCATED);
    want[compact.n] = 0;
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(want, compact.n + 1), &c, NULL), MC_E_TLV_TRAILING);
    want[3] = 0x40;
    assert_int_equal(mc_cert_parse_tlv(compact, &c, NULL), MC_E_TLV_LENGTH);
}

/* Only a key that comes first makes a compact form, and only where it is there. */
static void what_is_no_compact_form_is_read_as_a_full_one(void **state)
{
    static const struct {
        const char *tlv;
        size_t n; /* what of it is read */
        enum mc_rc want;
        const char *field;
    } heads[] = {
        {"15300941" CERTS_POINT "18", 70, MC_E_TLV_ORDER, "signature"},
        {"15300941" CERTS_POINT "18", 3, MC_E_TLV_TRUNCATED, "subjectPublicKey.point"},
        {"15300941" CERTS_POINT "18", 2, MC_E_TLV_TRUNCATED, "serialNumber"},
        {"15300941" CERTS_POINT "18", 1, MC_E_TLV_TRUNCATED, "serialNumber"},
        {"1524090118", 5, MC_E_TLV_ORDER, "serialNumber"},
        {"15300A0118", 5, MC_E_TLV_ORDER, "serialNumber"},
    };
    uint8_t in[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct mc_span tlv = certs_octets(heads[i].tlv, in);
        struct mc_cert c;
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = mc_cert_parse_tlv(mc_span_of(tlv.p, heads[i].n), &c, &e);
        if (rc != heads[i].want || strcmp(e.field, heads[i].field) != 0)
            fail_msg("%zu of %s: %s at %s", heads[i].n, heads[i].tlv, mc_rc_symbol(rc), e.field);
    }
}

static void the_length_of_a_serial_number_is_told(void **state)
{
    uint8_t in[CERTS_ROOM];
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    mc_err_init(&e);
    assert_int_equal(
        mc_cert_parse_tlv(certs_tlv(TLV_SERIAL, "300115 7F0102030405060708090A0B0C0D0E0F1011121314", in), &c, &e), MC_E_SERIAL);
    assert_string_equal(e.what, "21 octets");
    mc_err_init(&e);
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_AFTER, "00", in), &c, &e), MC_E_TLV_TRAILING);
    assert_string_equal(e.what, "");
}

static void only_a_network_identity_has_a_compact_form(void **state)
{
    uint8_t in[CERTS_ROOM], out[MC_CERT_TLV_MAX];
    struct mc_cert c;
    size_t n;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_PARTS, "", in), &c, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_compact(&c, out, sizeof(out), &n, NULL), MC_E_NOT_COMPACT);
}

/* Read from TLV or built: what is changed afterwards is checked before it is written as the octets to sign. */
static void a_tbs_from_tlv_is_checked_before_it_is_written(void **state)
{
    static const uint8_t serial[21] = {1};
    uint8_t in[CERTS_ROOM], out[MC_CERT_DER_MAX];
    struct mc_cert c;
    size_t n;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(certs_tlv(TLV_PARTS, "", in), &c, NULL), MC_OK);
    assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL), MC_OK);
    c.serial = mc_span_of(serial, sizeof(serial));
    assert_int_equal(mc_cert_encode_tbs(&c, out, sizeof(out), &n, NULL), MC_E_SERIAL);
}

static void inputs_beyond_any_certificate_are_not_looked_at(void **state)
{
    static uint8_t big[2 * MC_CERT_TLV_MAX + 1] = {0x18};
    struct mc_cert c;

    (void)state;
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(big, sizeof(big)), &c, NULL), MC_E_SIZE_TLV);
    assert_int_equal(mc_cert_parse_tlv(mc_span_of(big, sizeof(big) - 1), &c, NULL), MC_E_TLV_ORDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_in_tlv_follow_the_rules),
        cmocka_unit_test(the_loose_reader_notes_what_nodes_let_pass),
        cmocka_unit_test(both_forms_of_the_test_certificate_are_one),
        cmocka_unit_test(fields_come_in_ascending_order),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused_or_kept),
        cmocka_unit_test(encoders_stay_inside_of_the_room_they_get),
        cmocka_unit_test(a_network_identity_is_rigid_in_both_forms),
        cmocka_unit_test(a_network_identity_has_a_compact_form),
        cmocka_unit_test(what_is_no_compact_form_is_read_as_a_full_one),
        cmocka_unit_test(the_length_of_a_serial_number_is_told),
        cmocka_unit_test(only_a_network_identity_has_a_compact_form),
        cmocka_unit_test(a_tbs_from_tlv_is_checked_before_it_is_written),
        cmocka_unit_test(inputs_beyond_any_certificate_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
