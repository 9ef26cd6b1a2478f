/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults that lint has rules for and the SDK's own generator does not know. Each is named by the rule that finds
 * it, so that `mattercert lint --rules` explains it.
 */
#include "forge.h"
#include "lib/der.h"

#define FAULT(name) static void name(struct forge_draft *d, const struct forge_world *w)
#define UNUSED (void)w

enum { DAY = 86400 };

static void add(struct forge_draft *d, enum mc_attr_id id, const char *text)
{
    forge_add_text(&d->subject, id, MC_DER_UTF8, text);
}

/* The mark goes, where a name has no room for it: the fabric id marks it too. */
static void make_room(struct forge_draft *d)
{
    forge_drop_attr(&d->subject, MC_ATTR_COMMON_NAME);
}

static void set_text(struct forge_draft *d, enum mc_attr_id id, const char *text)
{
    forge_drop_attr(&d->subject, id);
    add(d, id, text);
}

/* --- any certificate ------------------------------------------------------------------------------- */

FAULT(serial_8) { UNUSED; d->serial_n = 8; }
FAULT(serial_4) { UNUSED; d->serial_n = 4; }
FAULT(serial_zero) { UNUSED; d->serial[0] = 0; d->serial_n = 1; }
FAULT(serial_sign) { UNUSED; d->serial[0] = 0; d->serial[1] |= 0x80; }
FAULT(alg_null) { UNUSED; d->alg = d->outer_alg = FORGE_SHA256_NULL; }
FAULT(unique_id) { UNUSED; d->unique_id = true; }
FAULT(rsa_key) { UNUSED; d->rsa = true; }
FAULT(negative) { UNUSED; d->signature = FORGE_NEGATIVE; }
FAULT(skid_sha256)
{
    uint8_t hash[MC_DIGEST_LEN];

    UNUSED;
    if (EVP_Digest(d->point, d->point_n, hash, NULL, EVP_sha256(), NULL) == 1)
        memcpy(d->skid, hash, MC_KEY_ID_LEN);
}
FAULT(akid_own) { UNUSED; memcpy(d->akid, d->skid, d->akid_n); }
FAULT(issuer_key)
{
    UNUSED;
    memcpy(d->point, d->signer->point, MC_POINT_LEN);
    memcpy(d->skid, d->signer->id, MC_KEY_ID_LEN);
}
FAULT(many_extensions)
{
    UNUSED;
    while (d->n_ext < FORGE_EXTS)
        forge_raw_ext(d, MC_EXT_FUTURE, "300F06092B06010401BE6BFF7F04020500");
}
FAULT(mangled_length) { UNUSED; d->mangle = FORGE_LONG_LENGTH; }
FAULT(mangled_integer) { UNUSED; d->mangle = FORGE_LONG_VERSION; }
FAULT(mangled_bits) { UNUSED; d->mangle = FORGE_UNUSED_BITS; }
FAULT(mangled_oid) { UNUSED; d->mangle = FORGE_BROKEN_OID; }
FAULT(mangled_end) { UNUSED; d->mangle = FORGE_CUT; }
FAULT(mangled_type) { UNUSED; d->mangle = FORGE_BOOLEAN_ALG; }
FAULT(mangled_tag) { UNUSED; d->mangle = FORGE_EXTENSION_TAG; }
FAULT(mangled_width) { UNUSED; d->mangle = FORGE_WIDE_ALG; }
FAULT(wide_cat) { UNUSED; forge_add_num(&d->subject, MC_ATTR_CAT, UINT64_C(0x1000012340001)); }

/* --- time ------------------------------------------------------------------------------------------ */

FAULT(no_seconds) { UNUSED; d->no_seconds = true; }
FAULT(generalized) { UNUSED; d->generalized = true; }
FAULT(until_2137) { UNUSED; d->not_after_unix = INT64_C(5270313600); }
FAULT(until_2000)
{
    UNUSED;
    d->not_before_unix = MC_EPOCH2000_UNIX - DAY;
    d->not_after_unix = MC_EPOCH2000_UNIX;
}
FAULT(ends_soon) { d->not_after_unix = w->now_unix + 100 * DAY; }
FAULT(ended) { d->not_after_unix = w->now_unix - DAY; }
FAULT(begins_early) { UNUSED; d->not_before_unix -= DAY; }
FAULT(begins_1969) { UNUSED; d->not_before_unix = -1; }

/* --- operational names ----------------------------------------------------------------------------- */

FAULT(no_ids) { UNUSED; d->subject.n = 0; add(d, MC_ATTR_COMMON_NAME, FORGE_MARK); }
FAULT(icac_too) { UNUSED; forge_add_num(&d->subject, MC_ATTR_ICAC_ID, 1); }
FAULT(id_zero)
{
    UNUSED;
    d->subject.attr[0].num = 0;
    memset(d->subject.attr[0].text, '0', 16);
    if (d->kind == MC_KIND_RCAC)
        d->issuer = d->subject;
}
FAULT(with_fabric) { UNUSED; forge_add_num(&d->subject, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID); }
FAULT(four_cats)
{
    UNUSED;
    make_room(d);
    for (uint64_t i = 1; i <= 4; i++)
        forge_add_num(&d->subject, MC_ATTR_CAT, i << 16 | 1);
}
FAULT(cats_apart)
{
    UNUSED;
    make_room(d);
    forge_add_num(&d->subject, MC_ATTR_CAT, 0x12340001);
    add(d, MC_ATTR_ORGANIZATION, "x");
    forge_add_num(&d->subject, MC_ATTR_CAT, 0x12350001);
}
FAULT(no_name) { UNUSED; d->subject.n = 0; }
FAULT(issuer_is_icac) { UNUSED; d->issuer = d->subject; }
FAULT(issuer_is_nobody)
{
    UNUSED;
    d->issuer.n = 0;
    forge_add_text(&d->issuer, MC_ATTR_COMMON_NAME, MC_DER_UTF8, "nobody");
}
FAULT(issuer_is_node)
{
    UNUSED;
    d->issuer.n = 0;
    forge_add_num(&d->issuer, MC_ATTR_NODE_ID, FORGE_NODE_ID + 1);
    forge_add_num(&d->issuer, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID);
}
FAULT(foreign) { UNUSED; add(d, MC_ATTR_UNKNOWN, "street"); }
FAULT(cut_text) { UNUSED; add(d, MC_ATTR_ORGANIZATION, "a\x1F" "b"); }
FAULT(domain_component) { UNUSED; forge_add_text(&d->subject, MC_ATTR_DOMAIN_COMPONENT, MC_DER_IA5, "test"); }
FAULT(umlaut) { UNUSED; add(d, MC_ATTR_ORGANIZATION, "\xC3\xA4"); }
FAULT(empty_text) { UNUSED; add(d, MC_ATTR_ORGANIZATION, ""); }
FAULT(long_country) { UNUSED; add(d, MC_ATTR_COUNTRY, "DEU"); }

/* --- extensions ------------------------------------------------------------------------------------ */

FAULT(no_path_len) { UNUSED; d->has_path_len = false; }
FAULT(usage_not_minimal) { UNUSED; forge_raw_ext(d, MC_EXT_KEY_USAGE, "300E0603551D0F0101FF040403020080"); }
FAULT(usage_more) { UNUSED; d->ku |= MC_KU_KEY_AGREEMENT; }
FAULT(usage_certs) { UNUSED; d->ku |= MC_KU_KEY_CERT_SIGN; }
FAULT(usage_no_signature) { UNUSED; d->ku &= (uint16_t)~MC_KU_DIGITAL_SIGNATURE; }
FAULT(purposes_of_nodes)
{
    UNUSED;
    d->n_eku = 2;
    d->eku[0] = MC_EKU_CLIENT_AUTH;
    d->eku[1] = MC_EKU_SERVER_AUTH;
    forge_add_ext(d, MC_EXT_EXTENDED_KEY_USAGE);
}
FAULT(purposes_not_critical) { UNUSED; forge_find_ext(d, MC_EXT_EXTENDED_KEY_USAGE)->critical = FORGE_NOT_CRITICAL; }
FAULT(purpose_unknown)
{
    UNUSED;
    forge_raw_ext(d, MC_EXT_EXTENDED_KEY_USAGE, "30160603551D250101FF040C300A06082B06010505070311");
}
FAULT(purpose_is_server) { UNUSED; d->eku[0] = MC_EKU_SERVER_AUTH; }
FAULT(purpose_code_too) { UNUSED; d->eku[d->n_eku++] = MC_EKU_CODE_SIGNING; }
FAULT(purpose_server_too) { UNUSED; d->eku[d->n_eku++] = MC_EKU_SERVER_AUTH; }
FAULT(purpose_twice) { UNUSED; d->eku[d->n_eku++] = MC_EKU_CLIENT_AUTH; }
FAULT(further_not_der) { UNUSED; forge_raw_ext(d, MC_EXT_FUTURE, "301006092B06010401BE6BFF7F0403616263"); }
FAULT(further_two)
{
    UNUSED;
    forge_raw_ext(d, MC_EXT_FUTURE, "301106092B06010401BE6BFF7F04040402ABCD");
    forge_raw_ext(d, MC_EXT_FUTURE, "301106092B06010401BE6BFF7E04040402ABCD");
}
FAULT(large)
{
    static const char text[] = "0123456789012345678901234567890123456789012345678901234567890123";

    UNUSED;
    add(d, MC_ATTR_ORGANIZATION, text);
    add(d, MC_ATTR_ORGANIZATIONAL_UNIT, text);
    if (d->kind == MC_KIND_CRL_SIGNER)
        add(d, MC_ATTR_LOCALITY, text);
}
FAULT(identity_issuer) { UNUSED; d->issuer.attr[0].text[0] = '+'; }
FAULT(identity_skid)
{
    memcpy(d->skid, w->key[d->kind].id, d->skid_n = MC_KEY_ID_LEN);
    forge_add_ext(d, MC_EXT_SUBJECT_KEY_ID);
}

/* --- attestation ----------------------------------------------------------------------------------- */

FAULT(pid_twice) { UNUSED; add(d, MC_ATTR_PID, "8000"); }
FAULT(pid_short) { UNUSED; set_text(d, MC_ATTR_PID, "80"); }
FAULT(vid_ia5) { UNUSED; forge_find_attr(&d->subject, MC_ATTR_VID)->tag = MC_DER_IA5; }
FAULT(vid_zero) { UNUSED; set_text(d, MC_ATTR_VID, "0000"); }
FAULT(vid_reserved) { UNUSED; set_text(d, MC_ATTR_VID, "FFF9"); }
FAULT(pid_zero) { UNUSED; set_text(d, MC_ATTR_PID, "0000"); }
FAULT(issuer_no_vid) { UNUSED; forge_drop_attr(&d->issuer, MC_ATTR_VID); }
FAULT(operational_id) { UNUSED; forge_add_num(&d->subject, MC_ATTR_NODE_ID, FORGE_NODE_ID); }
FAULT(name_empty) { UNUSED; add(d, MC_ATTR_COMMON_NAME, ""); }
FAULT(name_joined) { UNUSED; d->subject.attr[1].joined = true; }
FAULT(self_signed)
{
    d->issuer = d->subject;
    d->signer = &w->key[d->kind];
    memcpy(d->akid, d->skid, d->akid_n);
}
FAULT(bc_unreadable) { UNUSED; forge_raw_ext(d, MC_EXT_BASIC_CONSTRAINTS, "300C0603551D130101FF04020400"); }
FAULT(bc_false) { UNUSED; forge_raw_ext(d, MC_EXT_BASIC_CONSTRAINTS, "300F0603551D130101FF04053003010100"); }
FAULT(is_ca) { UNUSED; d->is_ca = true; }
FAULT(akid_says_more) { UNUSED; d->akid_more = true; }
FAULT(akid_other) { memcpy(d->akid, w->stranger.id, MC_KEY_ID_LEN); }
FAULT(with_product) { UNUSED; add(d, MC_ATTR_VID, "FFF1"); add(d, MC_ATTR_PID, "8000"); }

#define POINTS(name, hex) FAULT(name) { UNUSED; forge_raw_ext(d, MC_EXT_FUTURE, hex); }
#define URI_A "A007A0058603612F2F" /* "a//" */
POINTS(points_unreadable, "30090603551D1F04020400")
POINTS(points_critical, "301D0603551D1F0101FF041330113" "00FA00DA00B8609687474703A2F2F612F")
POINTS(points_two, "302B0603551D1F042430223" "00FA00DA00B8609687474703A2F2F612F" "300FA00DA00B8609687474703A2F2F612F")
POINTS(points_no_uri, "30140603551D1F040D300B3009A007A0058203612E62")
POINTS(points_scheme, "30140603551D1F040D300B3009" URI_A)
POINTS(points_two_issuers,
    "30330603551D1F042C302A3028" "A00DA00B8609687474703A2F2F612F" "A217" "82016182016282016382016482016582016682" "0367" "6869")
/* With the names of forged certificates it is too large as well. */
FAULT(points_long)
{
    char hex[2 * 140] = "30760603551D1F046F306D30" "6BA069A0678665687474703A2F2F"; /* 101 octets */

    UNUSED;
    for (size_t n = strlen(hex), i = 0; i < 94; i++, n += 2)
        memcpy(hex + n, "61", 3);
    forge_raw_ext(d, MC_EXT_FUTURE, hex);
}

/* --- requests -------------------------------------------------------------------------------------- */

FAULT(csr_no_attributes) { UNUSED; d->csr_attributes = ""; }
FAULT(csr_extensions)
{
    UNUSED;
    d->csr_attributes = "A01F301D06092A864886F70D01090E3110300E300C0603551D130101FF04023000";
}
FAULT(csr_password) { UNUSED; d->csr_attributes = "A018301606092A864886F70D01090731090C07736563726574" "73"; }
FAULT(csr_ids) { UNUSED; forge_add_num(&d->subject, MC_ATTR_NODE_ID, FORGE_NODE_ID); }
FAULT(csr_of_icac)
{
    memcpy(d->point, w->key[MC_KIND_ICAC].point, MC_POINT_LEN);
    d->signer = &w->key[MC_KIND_ICAC];
}
FAULT(csr_form) { UNUSED; d->mangle = FORGE_NO_INFO; }

/* --- the table ------------------------------------------------------------------------------------- */

#define BIT(k)   FORGE_BIT(MC_KIND_##k)
#define NOC      BIT(NOC)
#define ICAC     BIT(ICAC)
#define RCAC     BIT(RCAC)
#define FW       BIT(FIRMWARE_SIGNING)
#define VVSC     BIT(VVSC)
#define IDENTITY BIT(NETWORK_IDENTITY)
#define PAA      BIT(PAA)
#define PAI      BIT(PAI)
#define DAC      BIT(DAC)
#define CDS      BIT(CD_SIGNER)
#define CRLS     BIT(CRL_SIGNER)
#define CSR      FORGE_BIT(FORGE_CSR)
#define BOTH     (FORGE_DER | FORGE_TLV)

#define ROW(kinds, forms, rule, apply, code, sdk) {rule, kinds, forms, apply, code, sdk, rule, MC_OK}

const struct forge_fault forge_lint_faults[] = {
    ROW(NOC, BOTH, "field-serial-63-bits", serial_8, MC_OK, 0),
    ROW(NOC, BOTH, "field-serial-short", serial_4, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-serial-positive", serial_zero, MC_OK, 0),
    ROW(DAC | PAI, FORGE_DER, "att-serial-sign-octet", serial_sign, MC_OK, 0),
    ROW(DAC | PAI, FORGE_DER, "att-sig-alg-parameters", alg_null, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-unique-id", unique_id, MC_OK, 0),
    ROW(NOC, FORGE_DER, "x509-key-alg", rsa_key, MC_E_KEY_ALG, FORGE_READ),
    ROW(NOC, FORGE_DER, "field-signature-negative", negative, MC_E_SIGNATURE_FORM, 0),
    ROW(NOC, BOTH, "x509-skid-sha256", skid_sha256, MC_OK, 0),
    ROW(NOC, BOTH, "x509-akid-own", akid_own, MC_E_CHAIN_AKID, 0x4A),
    ROW(NOC, BOTH, "field-issuer-key", issuer_key, MC_OK, 0),
    ROW(NOC, FORGE_DER, "x509-ext-count", many_extensions, MC_E_EXT_COUNT, FORGE_READ),
    ROW(NOC, FORGE_DER, "x509-der-length", mangled_length, MC_E_DER_LENGTH, FORGE_READ),
    ROW(NOC, FORGE_DER, "x509-der-integer", mangled_integer, MC_E_DER_INTEGER, FORGE_READ),
    ROW(NOC, FORGE_DER, "x509-der-bits", mangled_bits, MC_E_DER_BITS, FORGE_READ),
    ROW(NOC, FORGE_DER, "x509-der-oid", mangled_oid, MC_E_DER_OID, FORGE_READ),
    ROW(NOC, FORGE_TLV, "tlv-truncated", mangled_end, MC_E_TLV_TRUNCATED, FORGE_READ),
    ROW(NOC, FORGE_TLV, "tlv-type", mangled_type, MC_E_TLV_TYPE, FORGE_READ),
    ROW(NOC, FORGE_TLV, "tlv-tag", mangled_tag, MC_E_TLV_TAG, FORGE_READ),
    ROW(NOC, FORGE_TLV, "tlv-minimal", mangled_width, MC_E_TLV_MINIMAL, 0),
    ROW(NOC, FORGE_TLV, "tlv-range", wide_cat, MC_E_TLV_RANGE, FORGE_READ),
    ROW(NOC, FORGE_DER, "x509-time-form", no_seconds, MC_E_TIME_FORM, FORGE_READ),
    ROW(DAC, FORGE_DER, "att-time-choice", generalized, MC_OK, 0),
    ROW(NOC, FORGE_DER, "op-time-range", until_2137, MC_E_TIME_RANGE, FORGE_READ),
    ROW(NOC, FORGE_DER, "op-not-after-zero", until_2000, MC_E_TIME_RANGE, FORGE_READ),
    ROW(NOC, BOTH, "op-expires-soon", ends_soon, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-dac-expires-soon", ends_soon, MC_OK, 0),
    ROW(PAA | PAI, FORGE_DER, "att-authority-expired", ended, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-issued-outside-issuer", begins_early, MC_E_ATT_PERIOD, 301),
    ROW(DAC, FORGE_DER, "att-dac-time-32-bits", begins_1969, MC_E_ATT_PERIOD, 301),

    ROW(NOC, BOTH, "op-kind-unknown", no_ids, MC_E_CHAIN_KIND, 0x9D),
    ROW(NOC, BOTH, "op-kind-several", icac_too, MC_E_CHAIN_KIND, 0x59),
    ROW(RCAC | ICAC, BOTH, "op-authority-id-zero", id_zero, MC_E_CHAIN_ISSUER, 0x4A),
    ROW(VVSC, BOTH, "op-fabric-id-vvsc", with_fabric, MC_OK, 0),
    ROW(NOC, FORGE_DER, "op-cat-count", four_cats, MC_E_DN_COUNT, FORGE_READ),
    ROW(NOC, BOTH, "op-cats-apart", cats_apart, MC_OK, 0),
    ROW(NOC, BOTH, "op-dn-empty", no_name, MC_E_CHAIN_KIND, 0x53),
    ROW(ICAC, BOTH, "op-icac-issuer", issuer_is_icac, MC_E_CHAIN_ISSUER, 0x4A),
    ROW(NOC, BOTH, "op-leaf-issuer", issuer_is_nobody, MC_E_CHAIN_ISSUER, 0x4A),
    ROW(NOC, BOTH, "op-issuer-node", issuer_is_node, MC_E_CHAIN_ISSUER, 0x4A),
    ROW(NOC, FORGE_DER, "op-dn-attribute", foreign, MC_E_DN_ATTR, FORGE_READ),
    ROW(NOC, BOTH, "op-dn-text", cut_text, MC_E_DN_TEXT, FORGE_READ),
    ROW(NOC, BOTH, "op-dn-domain-component", domain_component, MC_OK, 0),
    ROW(NOC, BOTH, "op-dn-not-ascii", umlaut, MC_OK, 0),
    ROW(NOC, BOTH, "x509-dn-empty-text", empty_text, MC_OK, 0),
    ROW(NOC, BOTH, "x509-dn-country", long_country, MC_OK, 0),
    ROW(ICAC, BOTH, "op-icac-path-len-missing", no_path_len, MC_OK, 0),
    ROW(NOC, FORGE_DER, "op-ku-form", usage_not_minimal, MC_E_EXT_KU, FORGE_READ),
    ROW(RCAC | ICAC, BOTH, "op-ku-authority", usage_more, MC_E_CHAIN_KEY_USAGE, 0),
    ROW(VVSC, BOTH, "op-eku-vvsc", purposes_of_nodes, MC_OK, 0),
    ROW(NOC, FORGE_DER, "op-eku-critical", purposes_not_critical, MC_E_EXT_CRITICAL, FORGE_READ),
    ROW(NOC, FORGE_DER, "op-eku-form", purpose_unknown, MC_E_EXT_EKU, FORGE_READ),
    ROW(FW, BOTH, "op-eku-code-signing", purpose_is_server, MC_OK, 0),
    ROW(FW, BOTH, "op-eku-firmware", purpose_server_too, MC_OK, 0),
    ROW(NOC, BOTH, "op-eku-node", purpose_code_too, MC_E_CHAIN_EKU, 0),
    ROW(NOC, BOTH, "op-eku-twice", purpose_twice, MC_E_CHAIN_EKU, 0),
    ROW(NOC, FORGE_DER, "op-ext-form", further_not_der, MC_E_EXT_FUTURE, FORGE_READ),
    ROW(NOC, BOTH, "op-ext-several", further_two, MC_OK, 0),
    ROW(NOC, FORGE_DER, "op-size-tbs", large, MC_E_SIZE_DER, FORGE_READ),
    ROW(IDENTITY, FORGE_DER, "op-identity-issuer", identity_issuer, MC_E_IDENTITY, FORGE_READ),
    ROW(IDENTITY, FORGE_DER, "op-identity-extensions", identity_skid, MC_E_IDENTITY, FORGE_READ),

    ROW(DAC, FORGE_DER, "att-pid-twice", pid_twice, MC_E_ATT_ID, FORGE_FORMAT),
    ROW(DAC | PAI, FORGE_DER, "att-pid-form", pid_short, MC_E_ATT_ID, FORGE_FORMAT),
    ROW(DAC, FORGE_DER, "att-id-string", vid_ia5, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-vid-zero", vid_zero, MC_E_ATT_VID, 305),
    ROW(DAC, FORGE_DER, "att-vid-reserved", vid_reserved, MC_E_ATT_VID, 305),
    ROW(DAC, FORGE_DER, "att-pid-zero", pid_zero, MC_E_ATT_PID, 306),
    ROW(DAC, FORGE_DER, "att-issuer-vid-missing", issuer_no_vid, MC_E_CHAIN_ISSUER, 301),
    ROW(PAA, FORGE_DER, "att-paa-issuer", issuer_is_nobody, MC_E_CHAIN_SELF, 0),
    ROW(PAI, FORGE_DER, "att-self-issued", issuer_is_icac, MC_E_CHAIN_ISSUER, 301),
    ROW(DAC, FORGE_DER, "att-operational-attribute", operational_id, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-common-name-empty", name_empty, MC_E_ATT_ID, FORGE_FORMAT),
    ROW(CRLS, FORGE_DER, "att-subject-empty", no_name, MC_OK, 0),
    ROW(CRLS, FORGE_DER, "att-name-long", large, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-dn-multi", name_joined, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-bc-form", bc_unreadable, MC_E_CHAIN_CA, FORGE_FORMAT),
    ROW(DAC, FORGE_DER, "att-bc-false-written", bc_false, MC_E_DER_BOOLEAN, 0),
    ROW(CRLS, FORGE_DER, "att-crl-signer-ca-true", is_ca, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-ku-form", usage_not_minimal, MC_E_EXT_KU, 0),
    ROW(PAI, FORGE_DER, "att-ku-authority", usage_more, MC_E_CHAIN_KEY_USAGE, FORGE_FORMAT),
    ROW(CRLS, FORGE_DER, "att-ku-crl-signer", usage_certs, MC_OK, 0),
    ROW(CDS, FORGE_DER, "att-ku-cd-signer", usage_no_signature, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-akid-more", akid_says_more, MC_OK, 0),
    ROW(PAA, FORGE_DER, "att-paa-akid", akid_other, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-size", large, MC_E_SIZE_DER, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-form", points_unreadable, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-critical", points_critical, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-count", points_two, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-uri", points_no_uri, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-scheme", points_scheme, MC_OK, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-long", points_long, MC_E_SIZE_DER, 0),
    ROW(DAC, FORGE_DER, "att-crl-point-issuers", points_two_issuers, MC_OK, 0),
    ROW(CRLS, FORGE_DER, "att-crl-signer-product", with_product, MC_OK, 0),
    ROW(CDS, FORGE_DER, "att-cd-signer-self", self_signed, MC_OK, 0),

    ROW(CSR, FORGE_DER, "csr-attributes-missing", csr_no_attributes, MC_OK, 0),
    ROW(CSR, FORGE_DER, "csr-attributes-extensions", csr_extensions, MC_OK, 0),
    ROW(CSR, FORGE_DER, "csr-attributes-password", csr_password, MC_OK, 0),
    ROW(CSR, FORGE_DER, "csr-subject-ids", csr_ids, MC_OK, 0),
    ROW(CSR, FORGE_DER, "csr-issuer-key", csr_of_icac, MC_OK, 0),
    ROW(CSR, FORGE_DER, "csr-form", csr_form, MC_E_CSR_FORM, FORGE_READ),
    {.name = NULL},
};
