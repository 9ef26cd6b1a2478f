/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of declarations: what the strict reader and a deployed commissioner make of each fault. */
#include "certs.h"

#include "lib/cms.h"

#define OID_SIGNED_DATA "06092A864886F70D010702"
#define OID_DATA        "06092A864886F70D010701"
#define SHA256          "30(0609608648016503040201)"
#define SIG             "04(30(02(00" CERTS_R ")02(00" CERTS_S ")))"
#define SID             "80(" CERTS_ID ")"

enum part {
    CONTENT_TYPE,
    VERSION,
    DIGESTS,
    CONTENT,
    CERTIFICATES,
    SIGNER_VERSION,
    SIGNER_ID,
    SIGNER_DIGEST,
    SIGNED_ATTRIBUTES,
    SIGNER_ALGORITHM,
    SIGNATURE,
    AFTER_SIGNATURE,
    AFTER_SIGNER,
    AFTER_SIGNERS,
    AFTER_DATA,
    AFTER_CONTENT,
    AFTER,
    PARTS
};

static const char *const parts[PARTS] = {
    [CONTENT_TYPE] = OID_SIGNED_DATA,
    [VERSION] = "020103",
    [DIGESTS] = "31(" SHA256 ")",
    [CONTENT] = "30(" OID_DATA "A0(04('payload')))",
    [CERTIFICATES] = "",
    [SIGNER_VERSION] = "020103",
    [SIGNER_ID] = SID,
    [SIGNER_DIGEST] = SHA256,
    [SIGNED_ATTRIBUTES] = "",
    [SIGNER_ALGORITHM] = "30(06082A8648CE3D040302)",
    [SIGNATURE] = SIG,
    [AFTER_SIGNATURE] = "",
    [AFTER_SIGNER] = "",
    [AFTER_SIGNERS] = "",
    [AFTER_DATA] = "",
    [AFTER_CONTENT] = "",
    [AFTER] = "",
};

static void put_parts(struct mc_out *o, const char *const *p, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        certs_put(o, p[i]);
}

static struct mc_span envelope(unsigned part, const char *with, uint8_t *out)
{
    struct mc_out o = mc_out_of(out, CERTS_ROOM);
    const char *p[PARTS + 1];
    size_t whole, explicit, data, set, signer;

    memcpy(p, parts, sizeof(parts));
    p[part] = with;
    whole = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_parts(&o, p, CONTENT_TYPE, CONTENT_TYPE);
    explicit = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    data = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_parts(&o, p, VERSION, CERTIFICATES);
    set = mc_der_begin(&o, MC_DER_SET);
    signer = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_parts(&o, p, SIGNER_VERSION, AFTER_SIGNATURE);
    mc_der_close(&o, signer);
    put_parts(&o, p, AFTER_SIGNER, AFTER_SIGNER);
    mc_der_close(&o, set);
    put_parts(&o, p, AFTER_SIGNERS, AFTER_SIGNERS);
    mc_der_close(&o, data);
    put_parts(&o, p, AFTER_DATA, AFTER_DATA);
    mc_der_close(&o, explicit);
    put_parts(&o, p, AFTER_CONTENT, AFTER_CONTENT);
    mc_der_close(&o, whole);
    put_parts(&o, p, AFTER, AFTER);
    return mc_span_of(out, o.n);
}

/* What a commissioner answers before it looks at the signature; 0: it opens the envelope. */
static unsigned deployed_answer(struct mc_span in)
{
    struct mc_span key_id;
    struct mc_cms c;

    if (!mc_cms_deployed_key_id(in, &key_id))
        return 600;
    return mc_cms_deployed_open(in, &c) ? 0 : 602;
}

static void the_rigid_form_is_read_and_written(void **state)
{
    uint8_t room[CERTS_ROOM], out[MC_CMS_MAX];
    struct mc_span in = envelope(PARTS, NULL, room), key_id, payload;
    struct mc_cms c, d;
    size_t n;

    (void)state;
    assert_int_equal(mc_cms_parse(in, &c, NULL), MC_OK);
    assert_true(mc_span_eq(c.payload, mc_span_of("payload", 7)));
    assert_int_equal(c.key_id.n, MC_KEY_ID_LEN);
    assert_true(mc_cms_deployed_key_id(in, &key_id) && mc_span_eq(key_id, c.key_id));
    assert_true(mc_cms_deployed_open(in, &d) && mc_span_eq(d.payload, c.payload));
    assert_memory_equal(d.sig, c.sig, MC_SIG_LEN);
    assert_true(mc_cms_deployed_payload(in, &payload) && mc_span_eq(payload, c.payload));
    assert_int_equal(mc_cms_encode(&c, out, sizeof(out), &n, NULL), MC_OK);
    assert_true(mc_span_eq(mc_span_of(out, n), in));
    assert_true(n - c.payload.n <= MC_CMS_OVERHEAD);
    assert_int_equal(mc_cms_encode(&c, out, n - 1, &n, NULL), MC_E_SPACE);
    c.key_id.n = 19;
    assert_int_equal(mc_cms_encode(&c, out, sizeof(out), &n, NULL), MC_E_CMS_KEY_ID);
}

static void each_fault_is_named_and_has_the_answer_of_a_commissioner(void **state)
{
    static const struct {
        const char *name;
        unsigned part;
        const char *with;
        enum mc_rc rc;
        const char *field;
        unsigned answer;
    } rows[] = {
        {"content type data", CONTENT_TYPE, OID_DATA, MC_E_CMS_TYPE, "cms.contentType", 602},
        {"content type missing", CONTENT_TYPE, "", MC_E_DER_TAG, "cms.contentType", 600},
        {"version 1", VERSION, "020101", MC_E_CMS_VERSION, "cms.version", 602},
        {"version 3 in two octets", VERSION, "02020003", MC_E_DER_INTEGER, "cms.version", 0},
        {"version missing", VERSION, "", MC_E_DER_TAG, "cms.version", 600},
        {"digest SHA-1", DIGESTS, "31(30(06052B0E03021A))", MC_E_CMS_DIGEST, "cms.digestAlgorithms", 602},
        {"digest with NULL", DIGESTS, "31(30(06096086480165030402010500))", MC_E_CMS_EXTRA, "cms.digestAlgorithms", 0},
        {"two digests", DIGESTS, "31(" SHA256 SHA256 ")", MC_E_CMS_EXTRA, "cms.digestAlgorithms", 0},
        {"no digest", DIGESTS, "31()", MC_E_DER_TAG, "cms.digestAlgorithms", 602},
        {"content type of the payload", CONTENT, "30(" OID_SIGNED_DATA "A0(04('payload')))", MC_E_CMS_TYPE, "cms.eContentType", 602},
        {"payload missing", CONTENT, "30(" OID_DATA ")", MC_E_DER_TAG, "cms.eContent", 602},
        {"payload is no octet string", CONTENT, "30(" OID_DATA "A0(0C('payload')))", MC_E_DER_TAG, "cms.eContent", 602},
        {"payload of parts", CONTENT, "30(" OID_DATA "A0(24(04('pay')04('load'))))", MC_E_DER_TAG, "cms.eContent", 0},
        {"something behind the payload", CONTENT, "30(" OID_DATA "A0(04('payload')0500))", MC_E_CMS_EXTRA, "cms.eContent", 0},
        {"something behind the content", CONTENT, "30(" OID_DATA "A0(04('payload'))0500)", MC_E_CMS_EXTRA, "cms.encapContentInfo", 0},
        {"certificates", CERTIFICATES, "A0(3000)", MC_E_CMS_EXTRA, "cms.certificates", 600},
        {"CRLs", CERTIFICATES, "A1(3000)", MC_E_CMS_EXTRA, "cms.crls", 600},
        {"signer version 1", SIGNER_VERSION, "020101", MC_E_CMS_VERSION, "cms.signerInfo.version", 600},
        {"signer by issuer and serial", SIGNER_ID, "30(3000020101)", MC_E_CMS_KEY_ID, "cms.signerInfo.sid", 600},
        {"signer id of 19 octets", SIGNER_ID, "80(000102030405060708090A0B0C0D0E0F101112)", MC_E_CMS_KEY_ID, "cms.signerInfo.sid", 0},
        {"signer id is constructed", SIGNER_ID, "A0(" CERTS_ID ")", MC_E_DER_TAG, "cms.signerInfo.sid", 0},
        {"signer digest SHA-1", SIGNER_DIGEST, "30(06052B0E03021A)", MC_E_CMS_DIGEST, "cms.signerInfo.digestAlgorithm", 600},
        {"signed attributes", SIGNED_ATTRIBUTES, "A0(3000)", MC_E_CMS_EXTRA, "cms.signerInfo.signedAttrs", 600},
        {"signed with SHA-1", SIGNER_ALGORITHM, "30(06072A8648CE3D0401)", MC_E_CMS_SIG_ALG, "cms.signerInfo.signatureAlgorithm", 600},
        {"signature algorithm with NULL", SIGNER_ALGORITHM, "30(06082A8648CE3D0403020500)", MC_E_CMS_EXTRA, "cms.signerInfo.signatureAlgorithm", 0},
        {"signature raw", SIGNATURE, "04(" CERTS_R CERTS_S ")", MC_E_SIGNATURE_FORM, "cms.signerInfo.signature", 600},
        {"signature with a leading zero", SIGNATURE, "04(30(02(0000" CERTS_R ")02(00" CERTS_S ")))", MC_E_SIGNATURE_FORM, "cms.signerInfo.signature", 0},
        {"signature of 33 octets", SIGNATURE, "04(30(02(01" CERTS_R ")02(00" CERTS_S ")))", MC_E_SIGNATURE_FORM, "cms.signerInfo.signature", 600},
        {"signature missing", SIGNATURE, "", MC_E_DER_TAG, "cms.signerInfo.signature", 600},
        {"unsigned attributes", AFTER_SIGNATURE, "A1(3000)", MC_E_CMS_EXTRA, "cms.signerInfo.unsignedAttrs", 0},
        {"something behind the signature", AFTER_SIGNATURE, "0500", MC_E_CMS_EXTRA, "cms.signerInfo", 0},
        {"a second signer", AFTER_SIGNER, "30(0500)", MC_E_CMS_EXTRA, "cms.signerInfos", 0},
        {"something behind the signers", AFTER_SIGNERS, "0500", MC_E_CMS_EXTRA, "cms.signedData", 0},
        {"something behind SignedData", AFTER_DATA, "0500", MC_E_CMS_EXTRA, "cms.content", 0},
        {"something behind the content", AFTER_CONTENT, "0500", MC_E_CMS_EXTRA, "cms", 0},
        {"trailing octets", AFTER, "00", MC_E_DER_TRAILING, "cms", 0},
        {"a length of two octets", CONTENT, "3080" OID_DATA "0000", MC_E_DER_LENGTH, "cms.encapContentInfo", 600},
        {"a length that is too wide", VERSION, "02810103", MC_E_DER_LENGTH, "cms.version", 0},
        {"a length of five octets", VERSION, "0285010000000103", MC_E_DER_LENGTH, "cms.version", 600},
        {"a high tag number", VERSION, "1F0103", MC_E_DER_TAG, "cms.version", 600},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span in = envelope(rows[i].part, rows[i].with, room);
        struct mc_cms c;
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = mc_cms_parse(in, &c, &e);
        if (rc != rows[i].rc || e.rc != rc || strcmp(e.field, rows[i].field) != 0)
            fail_msg("%s: %s at %s", rows[i].name, mc_rc_symbol(rc), e.field);
        if (deployed_answer(in) != rows[i].answer)
            fail_msg("%s: a commissioner answers %u", rows[i].name, deployed_answer(in));
    }
}

static void what_is_cut_off_is_refused_by_all(void **state)
{
    uint8_t room[CERTS_ROOM];
    struct mc_span in = envelope(PARTS, NULL, room), payload;
    struct mc_cms c;

    (void)state;
    for (size_t n = 0; n < in.n; n++) {
        uint8_t *copy = malloc(n + 1); /* so that a read behind the end is found */

        assert_non_null(copy);
        memcpy(copy, in.p, n);
        assert_int_not_equal(mc_cms_parse(mc_span_of(copy, n), &c, NULL), MC_OK);
        assert_int_equal(deployed_answer(mc_span_of(copy, n)), 600);
        assert_false(mc_cms_deployed_payload(mc_span_of(copy, n), &payload));
        free(copy);
    }
}

/* --- deployed readers ------------------------------------------------------------------------------ */

#define DIGESTS_SET "31(" SHA256 ")"
#define ECDSA       "30(06082A8648CE3D040302)"
#define PAYLOAD     "30(" OID_DATA "A0(04('payload')))"
#define DATA(data)  "30(" OID_SIGNED_DATA "A0(30(" data ")))"
#define FRONT       "020103" DIGESTS_SET PAYLOAD
#define SIGNED(sig) DATA(FRONT "31(30(020103" SID SHA256 ECDSA sig "))")
#define SIGNER      "30(020103" SID SHA256 ECDSA SIG ")"
#define SIGNERS     "31(" SIGNER ")"

/* Each step alone: the key id behind what is skipped, the payload without its signer, and the whole. */
static void each_deployed_reader_stops_at_its_own_faults(void **state)
{
    static const struct {
        const char *name, *whole;
        bool key_id, payload, open;
    } rows[] = {
        {"as it should be", DATA(FRONT SIGNERS), true, true, true},
        {"a set in place of the envelope", "31(" OID_SIGNED_DATA "A0(30(" FRONT SIGNERS ")))", false, false, false},
        {"the envelope is primitive", "10(" OID_SIGNED_DATA "A0(30(" FRONT SIGNERS ")))", false, false, false},
        {"its content in [1]", "30(" OID_SIGNED_DATA "A1(30(" FRONT SIGNERS ")))", false, false, false},
        {"a set in place of SignedData", "30(" OID_SIGNED_DATA "A0(31(" FRONT SIGNERS ")))", false, false, false},
        {"content type as text", "30(0C092A864886F70D010702 A0(30(" FRONT SIGNERS ")))", true, true, false},
        {"content type constructed", "30(26092A864886F70D010702 A0(30(" FRONT SIGNERS ")))", true, true, true},
        {"version is enumerated", DATA("0A0103" DIGESTS_SET PAYLOAD SIGNERS), true, true, false},
        {"version of 8 octets", DATA("02080000000000000003" DIGESTS_SET PAYLOAD SIGNERS), true, true, true},
        {"version of 9 octets", DATA("0209000000000000000003" DIGESTS_SET PAYLOAD SIGNERS), true, true, false},
        {"version of 0 octets", DATA("0200" DIGESTS_SET PAYLOAD SIGNERS), true, true, false},
        {"version 2^64 + 3", DATA("0209010000000000000003" DIGESTS_SET PAYLOAD SIGNERS), true, true, false},
        {"digests in a sequence", DATA("020103 30(" SHA256 ")" PAYLOAD SIGNERS), true, true, false},
        {"digest in a set", DATA("020103 31(31(0609608648016503040201))" PAYLOAD SIGNERS), true, true, false},
        {"digest as text", DATA("020103 31(30(0C09608648016503040201))" PAYLOAD SIGNERS), true, true, false},
        {"no content", DATA("020103" DIGESTS_SET SIGNERS), false, false, false},
        {"content in a set", DATA("020103" DIGESTS_SET "31(" OID_DATA "A0(04('payload')))" SIGNERS), true, false, false},
        {"content of another type", DATA("020103" DIGESTS_SET "30(" OID_SIGNED_DATA "A0(04('payload')))" SIGNERS), true, false, false},
        {"payload in [1]", DATA("020103" DIGESTS_SET "30(" OID_DATA "A1(04('payload')))" SIGNERS), true, false, false},
        {"payload as text", DATA("020103" DIGESTS_SET "30(" OID_DATA "A0(0C('payload')))" SIGNERS), true, false, false},
        {"a payload of no octets, its length in two", DATA("020103" DIGESTS_SET "30(" OID_DATA "A0(048100))" SIGNERS), true, true, true},
        {"the length of the payload is cut off", DATA("020103" DIGESTS_SET "30(" OID_DATA "A0(0481))" SIGNERS), true, false, false},
        {"one octet in place of the signers", DATA(FRONT "31") "00", false, false, false},
        {"no signers", DATA(FRONT), false, false, false},
        {"something that is no set of signers", DATA(FRONT "0500"), false, true, false},
        {"signers in a sequence", DATA(FRONT "30(" SIGNER ")"), false, true, false},
        {"signer in a set", DATA(FRONT "31(31(020103" SID SHA256 ECDSA SIG "))"), false, true, false},
        {"signer version 2", DATA(FRONT "31(30(020102" SID SHA256 ECDSA SIG "))"), false, true, false},
        {"signer id in [1]", DATA(FRONT "31(30(020103 81(" CERTS_ID ")" SHA256 ECDSA SIG "))"), false, true, false},
        {"signer digest in a set", DATA(FRONT "31(30(020103" SID "31(0609608648016503040201)" ECDSA SIG "))"), false, true, false},
        {"signature algorithm in a set", DATA(FRONT "31(30(020103" SID SHA256 "31(06082A8648CE3D040302)" SIG "))"), false, true, false},
        {"signature as a bit string", SIGNED("03(30(02(00" CERTS_R ")02(00" CERTS_S ")))"), false, true, false},
        {"signature constructed", SIGNED("24(30(02(00" CERTS_R ")02(00" CERTS_S ")))"), true, true, true},
        {"r and s in a set", SIGNED("04(31(02(00" CERTS_R ")02(00" CERTS_S ")))"), false, true, false},
        {"r as octets", SIGNED("04(30(04(00" CERTS_R ")02(00" CERTS_S ")))"), false, true, false},
        {"s constructed", SIGNED("04(30(02(00" CERTS_R ")22(00" CERTS_S ")))"), false, true, false},
        {"s missing", SIGNED("04(30(02(00" CERTS_R ")))"), false, true, false},
        {"s of 33 octets", SIGNED("04(30(02(00" CERTS_R ")02(01" CERTS_S ")))"), false, true, false},
        {"r and s missing", SIGNED("04(30())"), false, true, false},
        {"r of no octets", SIGNED("04(30(0200 02(00" CERTS_S ")))"), true, true, true},
        {"s is 0, and 0 behind it", SIGNED("04(30(02(00" CERTS_R ")020100 0000))"), true, true, true},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_span in = certs_octets(rows[i].whole, room), key_id, payload;
        struct mc_cms c;
        bool id = mc_cms_deployed_key_id(in, &key_id), taken = mc_cms_deployed_payload(in, &payload);
        bool open = mc_cms_deployed_open(in, &c);

        if (id != rows[i].key_id || taken != rows[i].payload || open != rows[i].open)
            fail_msg("%s: key id %d, payload %d, whole %d", rows[i].name, id, taken, open);
        assert_true(!id || key_id.n == MC_KEY_ID_LEN);
        assert_true(!taken || payload.n == 0 || mc_span_eq(payload, mc_span_of("payload", 7)));
    }
}

/* The longest and the shortest form of a length, and one octet more or less than there is. */
static void lengths_are_read_as_deployed(void **state)
{
    static const struct {
        const char *version;
        bool open;
    } rows[] = {
        {"028103 000003", true},
        {"0284 00000001 03", true},
        {"0285 0000000001 03", true},
        {"0285 0100000001 03", false},
        {"0288 0000000000000001 03", true},
        {"0288 0000000100000001 03", false},
        {"0280 03 0000", false},
        {"02FF 03", false},
        {"1F01 03", false},
        {"3F01 03", false},
    };
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_cms c;

        if (mc_cms_deployed_open(envelope(VERSION, rows[i].version, room), &c) != rows[i].open)
            fail_msg("%s", rows[i].version);
    }
}

/* Right-aligned in 32 octets each, however many stand there. */
static void short_and_long_integers_of_a_signature_are_aligned(void **state)
{
    static const struct {
        const char *pair, *raw;
    } rows[] = {
        {"020105 020106", "00" CERTS_ZEROS "0005" "00" CERTS_ZEROS "0006"},
        {"0203000005 02020600", "00" CERTS_ZEROS "0005" "00" CERTS_ZEROS "0600"},
        {"0200 020100", "00" CERTS_ZEROS "0000" "00" CERTS_ZEROS "0000"},
        {"02(" CERTS_R ") 02(000000" CERTS_S ")", CERTS_R CERTS_S},
    };
    uint8_t room[CERTS_ROOM], raw[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_cms c;
        char sig[256];

        snprintf(sig, sizeof(sig), "04(30(%s))", rows[i].pair);
        assert_true(mc_cms_deployed_open(envelope(SIGNATURE, sig, room), &c));
        assert_int_equal(certs_octets(rows[i].raw, raw).n, MC_SIG_LEN);
        assert_memory_equal(c.sig, raw, MC_SIG_LEN);
    }
}

static void the_signature_is_over_the_payload_alone(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t room[CERTS_ROOM];
    struct certs_key key;
    struct mc_cms c;
    struct mc_err e;

    (void)state;
    assert_non_null(v);
    certs_key_new(&key);
    assert_int_equal(mc_cms_parse(envelope(PARTS, NULL, room), &c, NULL), MC_OK);
    certs_sign(&key, c.payload, c.sig);
    mc_err_init(&e);
    assert_int_equal(mc_cms_check_signature(v, &c, key.point, &e), MC_OK);
    c.payload.n--;
    assert_int_equal(mc_cms_check_signature(v, &c, key.point, &e), MC_E_CMS_SIGNATURE);
    key.point[40] ^= 1;
    assert_int_equal(mc_cms_check_signature(v, &c, key.point, NULL), MC_E_POINT_CURVE);
    certs_key_free(&key);
    mc_verifier_free(v);
}

/* A published envelope that was made by the SDK's tool, with its payload. */
static void the_published_envelopes_are_read(void **state)
{
    static const char *const names[] = {"01", "02"};
    struct mc_verifier *v = mc_verifier_new();
    uint8_t cms[1024], payload[1024], point[MC_POINT_LEN], out[1024];

    (void)state;
    vectors_need();
    assert_non_null(v);
    assert_int_equal(
        vectors_read("values/TestCertificationDeclaration/sTestCMS_SignerPublicKey.bin", point, sizeof(point)), MC_POINT_LEN);
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[128];
        struct mc_cms c;
        size_t n, n_payload, written;

        snprintf(path, sizeof(path), "values/TestCertificationDeclaration/sTestCMS_SignedMessage%s.der", names[i]);
        n = vectors_read(path, cms, sizeof(cms));
        snprintf(path, sizeof(path), "values/TestCertificationDeclaration/sTestCMS_CDContent%s.tlv", names[i]);
        n_payload = vectors_read(path, payload, sizeof(payload));
        assert_int_equal(mc_cms_parse(mc_span_of(cms, n), &c, NULL), MC_OK);
        assert_true(mc_span_eq(c.payload, mc_span_of(payload, n_payload)));
        assert_int_equal(mc_cms_check_signature(v, &c, point, NULL), MC_OK);
        assert_int_equal(mc_cms_encode(&c, out, sizeof(out), &written, NULL), MC_OK);
        assert_true(mc_span_eq(mc_span_of(out, written), mc_span_of(cms, n)));
    }
    mc_verifier_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rigid_form_is_read_and_written),
        cmocka_unit_test(each_fault_is_named_and_has_the_answer_of_a_commissioner),
        cmocka_unit_test(what_is_cut_off_is_refused_by_all),
        cmocka_unit_test(each_deployed_reader_stops_at_its_own_faults),
        cmocka_unit_test(lengths_are_read_as_deployed),
        cmocka_unit_test(short_and_long_integers_of_a_signature_are_aligned),
        cmocka_unit_test(the_signature_is_over_the_payload_alone),
        cmocka_unit_test(the_published_envelopes_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
