/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults that forge knows: what each changes in a draft, and who reports it. The names are those of the
 * SDK's own generator where it has the fault (matter-operational 3.8), so that results can be compared.
 */
#include "forge.h"
#include "lib/der.h"

#define FAULT(name) static void name(struct forge_draft *d, const struct forge_world *w)
#define UNUSED (void)w

/* --- any certificate ------------------------------------------------------------------------------- */

FAULT(valid) { UNUSED; (void)d; }
FAULT(version_v2) { UNUSED; d->version = 1; }
FAULT(serial_missing) { UNUSED; d->no_serial = true; }
FAULT(serial_21) { UNUSED; d->serial_n = 21; }
FAULT(serial_zero) { UNUSED; d->serial[0] = 0; d->serial_n = 1; }
FAULT(serial_one) { UNUSED; d->serial[0] = 1; d->serial_n = 1; }
FAULT(serial_negative) { UNUSED; d->serial[0] = 0x91; }
FAULT(serial_padded) { UNUSED; d->serial[0] = 0; d->serial[1] = 1; }
FAULT(issuer_missing) { UNUSED; d->issuer.missing = true; }
FAULT(subject_missing) { UNUSED; d->subject.missing = true; }
FAULT(algo_sha1) { UNUSED; d->alg = d->outer_alg = FORGE_SHA1; }
FAULT(algo_null) { UNUSED; d->alg = d->outer_alg = FORGE_SHA256_NULL; }
FAULT(algo_mismatch) { UNUSED; d->outer_alg = FORGE_SHA1; }
FAULT(curve_k1) { d->k1 = true; memcpy(d->point, w->k1.point, MC_POINT_LEN); }
FAULT(point_off_curve) { UNUSED; memset(d->point + 1, 0x77, MC_POINT_LEN - 1); }
FAULT(point_compressed) { UNUSED; d->point[0] = 0x02; d->point_n = 33; }
FAULT(key_wrong) { memcpy(d->point, w->stranger.point, MC_POINT_LEN); }
FAULT(signature_wrong) { UNUSED; d->signature = FORGE_FLIPPED; }
FAULT(signature_padded) { UNUSED; d->signature = FORGE_PADDED; }
FAULT(signature_zero) { UNUSED; d->signature = FORGE_ZERO; }
FAULT(signature_truncated) { UNUSED; d->signature = FORGE_TRUNCATED; }
FAULT(not_before_missing) { UNUSED; d->no_not_before = true; }
FAULT(not_after_missing) { UNUSED; d->no_not_after = true; }
FAULT(not_before_zero) { UNUSED; d->not_before_unix = MC_EPOCH2000_UNIX; }
FAULT(no_expiry) { UNUSED; d->not_after_unix = MC_TIME_NO_EXPIRY; }
FAULT(cliff_2030) { UNUSED; d->not_after_unix = INT64_C(1924905599); }
FAULT(time_generalized) { UNUSED; d->generalized = true; }
FAULT(outlives) { UNUSED; d->not_after_unix += 86400; }
FAULT(future) { d->not_before_unix = w->now_unix + 86400; }
FAULT(expired) { d->not_after_unix = w->now_unix - 86400; }
FAULT(unique_id) { UNUSED; d->unique_id = true; }
FAULT(trailing) { UNUSED; d->trailing = true; }
FAULT(issuer_wrong) { UNUSED; forge_add_text(&d->issuer, MC_ATTR_ORGANIZATION, MC_DER_UTF8, "Another"); }
FAULT(akid_wrong) { memcpy(d->akid, w->stranger.id, MC_KEY_ID_LEN); }
FAULT(skid_wrong) { memcpy(d->skid, w->stranger.id, MC_KEY_ID_LEN); }

FAULT(validity_wrong)
{
    int64_t t = d->not_before_unix;

    UNUSED;
    d->not_before_unix = d->not_after_unix;
    d->not_after_unix = t;
}

/* --- extensions ------------------------------------------------------------------------------------ */

FAULT(basic_missing) { UNUSED; forge_drop_ext(d, MC_EXT_BASIC_CONSTRAINTS); }
FAULT(basic_ca_wrong) { UNUSED; d->is_ca = !d->is_ca; d->has_path_len = false; }
FAULT(basic_ca_missing) { UNUSED; d->no_is_ca = d->has_path_len = true; }
FAULT(basic_not_critical) { UNUSED; forge_find_ext(d, MC_EXT_BASIC_CONSTRAINTS)->critical = FORGE_NOT_CRITICAL; }
FAULT(basic_critical_false) { UNUSED; forge_find_ext(d, MC_EXT_BASIC_CONSTRAINTS)->critical = FORGE_CRITICAL_FALSE; }
FAULT(usage_not_critical) { UNUSED; forge_find_ext(d, MC_EXT_KEY_USAGE)->critical = FORGE_NOT_CRITICAL; }
FAULT(usage_critical_false) { UNUSED; forge_find_ext(d, MC_EXT_KEY_USAGE)->critical = FORGE_CRITICAL_FALSE; }
FAULT(skid_critical) { UNUSED; forge_find_ext(d, MC_EXT_SUBJECT_KEY_ID)->critical = FORGE_IS_CRITICAL; }
FAULT(akid_critical) { UNUSED; forge_find_ext(d, MC_EXT_AUTHORITY_KEY_ID)->critical = FORGE_IS_CRITICAL; }
FAULT(path_len_presence) { UNUSED; d->has_path_len = !d->has_path_len; }
FAULT(path_len_0) { UNUSED; d->has_path_len = true; d->path_len = 0; }
FAULT(path_len_1) { UNUSED; d->has_path_len = true; d->path_len = 1; }
FAULT(path_len_2) { UNUSED; d->has_path_len = true; d->path_len = 2; }
FAULT(usage_missing) { UNUSED; forge_drop_ext(d, MC_EXT_KEY_USAGE); }
FAULT(usage_cert_sign) { UNUSED; d->ku ^= MC_KU_KEY_CERT_SIGN; }
FAULT(usage_dig_sig) { UNUSED; d->ku ^= MC_KU_DIGITAL_SIGNATURE; }
FAULT(usage_crl_sign) { UNUSED; d->ku ^= MC_KU_CRL_SIGN; }
FAULT(usage_decipher) { UNUSED; d->ku |= MC_KU_DECIPHER_ONLY; }
FAULT(akid_missing) { UNUSED; forge_drop_ext(d, MC_EXT_AUTHORITY_KEY_ID); }
FAULT(skid_missing) { UNUSED; forge_drop_ext(d, MC_EXT_SUBJECT_KEY_ID); }
FAULT(akid_short) { UNUSED; d->akid_n = 19; }
FAULT(skid_short) { UNUSED; d->skid_n = 19; }
FAULT(akid_malformed) { UNUSED; forge_raw_ext(d, MC_EXT_AUTHORITY_KEY_ID, "300E0603551D23040730058203010203"); }
FAULT(skid_malformed) { UNUSED; forge_raw_ext(d, MC_EXT_SUBJECT_KEY_ID, "300A0603551D0E0403010203"); }
FAULT(purposes_missing) { UNUSED; forge_drop_ext(d, MC_EXT_EXTENDED_KEY_USAGE); }
FAULT(purpose_client) { UNUSED; d->n_eku = 1; }
FAULT(purpose_server) { UNUSED; d->n_eku = 1; d->eku[0] = MC_EKU_SERVER_AUTH; }
FAULT(further) { UNUSED; forge_raw_ext(d, MC_EXT_FUTURE, "301106092B06010401BE6BFF7F04040402ABCD"); }
FAULT(further_critical) { UNUSED; forge_raw_ext(d, MC_EXT_FUTURE, "301406092B06010401BE6BFF7F0101FF04040402ABCD"); }
FAULT(ext_twice) { UNUSED; d->ext[d->n_ext++] = *forge_find_ext(d, MC_EXT_KEY_USAGE); }
FAULT(ext_none) { UNUSED; d->n_ext = 0; }
FAULT(san) { UNUSED; forge_raw_ext(d, MC_EXT_FUTURE, "30170603551D110410300E820C6578616D706C652E74657374"); }
FAULT(aia)
{
    UNUSED;
    forge_raw_ext(d, MC_EXT_FUTURE,
        "302F06082B0601050507010104233021301F06082B060105050730018613687474703A2F2F6F6373702E6578616D706C65");
}

FAULT(purposes_present)
{
    UNUSED;
    d->n_eku = 1;
    d->eku[0] = MC_EKU_CLIENT_AUTH;
    forge_add_ext(d, MC_EXT_EXTENDED_KEY_USAGE);
}

/* --- operational names ----------------------------------------------------------------------------- */

static enum mc_attr_id own_id(const struct forge_draft *d)
{
    return d->kind == MC_KIND_RCAC ? MC_ATTR_RCAC_ID : d->kind == MC_KIND_ICAC ? MC_ATTR_ICAC_ID : MC_ATTR_NODE_ID;
}

/* A root names itself. */
static void follow(struct forge_draft *d)
{
    if (d->kind == MC_KIND_RCAC || d->kind == MC_KIND_PAA)
        d->issuer = d->subject;
}

/* The fabric id marks what has no room for a common name. */
static void make_room(struct forge_draft *d)
{
    forge_drop_attr(&d->subject, MC_ATTR_COMMON_NAME);
}

static void set_num(struct forge_draft *d, enum mc_attr_id id, uint64_t num)
{
    forge_drop_attr(&d->subject, id);
    forge_add_num(&d->subject, id, num);
    follow(d);
}

FAULT(id_missing) { UNUSED; forge_drop_attr(&d->subject, own_id(d)); follow(d); }
FAULT(id_twice) { UNUSED; forge_add_num(&d->subject, own_id(d), 7); follow(d); }
FAULT(fabric_missing) { UNUSED; forge_drop_attr(&d->subject, MC_ATTR_FABRIC_ID); }
FAULT(fabric_twice)
{
    UNUSED;
    make_room(d);
    forge_drop_attr(&d->subject, MC_ATTR_FABRIC_ID);
    forge_add_num(&d->subject, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID);
    forge_add_num(&d->subject, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID);
    follow(d);
}
FAULT(fabric_zero) { UNUSED; set_num(d, MC_ATTR_FABRIC_ID, 0); }
FAULT(fabric_mismatch) { UNUSED; set_num(d, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID + 1); }
FAULT(node_id_zero) { UNUSED; set_num(d, MC_ATTR_NODE_ID, 0); }
FAULT(node_id_group) { UNUSED; set_num(d, MC_ATTR_NODE_ID, UINT64_C(0xFFFFFFFFFFFF0001)); }
FAULT(cat_zero) { UNUSED; forge_add_num(&d->subject, MC_ATTR_CAT, 0xABCD0000); follow(d); }
FAULT(cat_one) { UNUSED; forge_add_num(&d->subject, MC_ATTR_CAT, 0xABCD0001); follow(d); }
FAULT(cat_twice)
{
    UNUSED;
    make_room(d);
    forge_add_num(&d->subject, MC_ATTR_CAT, 0xABCD0001);
    forge_add_num(&d->subject, MC_ATTR_CAT, 0xABCD0002);
    follow(d);
}
FAULT(names_six)
{
    UNUSED;
    while (d->subject.n < 6)
        forge_add_text(&d->subject, MC_ATTR_ORGANIZATIONAL_UNIT, MC_DER_UTF8, "unit");
    follow(d);
}
FAULT(names_multi) { UNUSED; d->subject.attr[1].joined = true; follow(d); }
FAULT(id_lower) { UNUSED; memcpy(d->subject.attr[0].text, "00000000deadbeef", 16); follow(d); }
FAULT(id_printable) { UNUSED; d->subject.attr[0].tag = MC_DER_PRINTABLE; follow(d); }
FAULT(name_teletex) { UNUSED; forge_find_attr(&d->subject, MC_ATTR_COMMON_NAME)->tag = MC_DER_TELETEX; follow(d); }

/* Text until one of the two forms is larger than its limit. */
static void grow(struct forge_draft *d, bool tlv, size_t limit)
{
    static struct forge_bytes room;
    struct forge_attr *a;

    forge_add_text(&d->subject, MC_ATTR_ORGANIZATION, MC_DER_UTF8, "x");
    a = &d->subject.attr[d->subject.n - 1];
    do {
        a->text[a->n++] = 'x';
        follow(d);
    } while (a->n < sizeof(a->text) && forge_write(d, tlv, &room, NULL) == MC_OK && room.n <= limit + 2);
}

FAULT(oversized) { UNUSED; grow(d, false, MC_CERT_DER_MAX); }
FAULT(oversized_tlv) { UNUSED; grow(d, true, MC_CERT_TLV_MAX); }

FAULT(identity_serial) { UNUSED; d->serial[0] = 2; }
FAULT(identity_period) { UNUSED; d->not_before_unix++; }
FAULT(identity_usage) { UNUSED; d->ku = MC_KU_KEY_AGREEMENT; }

#define RCAC FORGE_BIT(MC_KIND_RCAC)
#define ICAC FORGE_BIT(MC_KIND_ICAC)
#define NOC  FORGE_BIT(MC_KIND_NOC)
#define IDENTITY FORGE_BIT(MC_KIND_NETWORK_IDENTITY)
#define LEAVES (FORGE_BIT(MC_KIND_FIRMWARE_SIGNING) | FORGE_BIT(MC_KIND_VVSC))
#define ALL  (RCAC | ICAC | NOC)
#define CAS  (RCAC | ICAC)
#define BOTH (FORGE_DER | FORGE_TLV)

const struct forge_fault forge_op_faults[] = {
    {"valid", ALL | LEAVES | IDENTITY, BOTH, valid, MC_OK, 0, NULL, MC_OK},
    {"oversized", ALL, BOTH, oversized, MC_E_SIZE_DER, FORGE_READ, "op-size-der", MC_OK},
    {"oversized-tlv", ALL, FORGE_TLV, oversized_tlv, MC_E_SIZE_TLV, FORGE_READ, "op-size-tlv", MC_OK},
    {"cert-version-v2", ALL, FORGE_DER, version_v2, MC_E_VERSION, FORGE_READ, "x509-version", MC_OK},
    {"serial-number-missing", ALL, BOTH, serial_missing, MC_E_DER_TAG, FORGE_READ, "x509-der-tag", MC_E_TLV_ORDER},
    {"issuer-missing", ALL, BOTH, issuer_missing, MC_E_DER_TAG, FORGE_READ, "x509-der-tag", MC_E_TLV_ORDER},
    {"subject-missing", ALL, BOTH, subject_missing, MC_E_DER_TAG, FORGE_READ, "x509-der-tag", MC_E_TLV_ORDER},
    {"sig-algo-ecdsa-with-sha1", ALL, BOTH, algo_sha1, MC_E_SIG_ALG, FORGE_READ, "x509-sig-alg", MC_OK},
    {"sig-curve-secp256k1", ALL, BOTH, curve_k1, MC_E_CURVE, FORGE_READ, "x509-curve", MC_OK},
    {"validity-not-before-missing", ALL, BOTH, not_before_missing, MC_E_DER_TRUNCATED, FORGE_READ, "x509-der-truncated", MC_E_TLV_ORDER},
    {"validity-not-after-missing", ALL, BOTH, not_after_missing, MC_E_DER_TRUNCATED, FORGE_READ, "x509-der-truncated", MC_E_TLV_ORDER},
    {"validity-wrong", ALL, BOTH, validity_wrong, MC_E_TIME_ORDER, FORGE_READ, "x509-time-order", MC_OK},
    {"subject-matterid-missing", RCAC | NOC, BOTH, id_missing, MC_E_CHAIN_KIND, 0x9D, "op-id-missing", MC_OK},
    {"subject-matterid-missing", ICAC, BOTH, id_missing, MC_E_CHAIN_KIND, 0x59, "op-id-missing", MC_OK},
    {"subject-matterid-twice", ALL, BOTH, id_twice, MC_E_CHAIN_KIND, 0x59, "op-id-twice", MC_OK},
    {"subject-fabricid-missing", NOC, BOTH, fabric_missing, MC_E_CHAIN_NAME, 0x59, "op-fabric-id-missing", MC_OK},
    {"subject-fabricid-twice", ALL, BOTH, fabric_twice, MC_E_CHAIN_NAME, 0x59, "op-fabric-id-twice", MC_OK},
    {"subject-fabricid-invalid", ALL, BOTH, fabric_zero, MC_E_FABRIC_ID, FORGE_READ, "op-fabric-id-zero", MC_OK},
    {"subject-fabricid-mismatch", NOC, BOTH, fabric_mismatch, MC_E_CHAIN_FABRIC, 0xC6, "op-fabric-id-issuer", MC_OK},
    {"subject-nodeid-invalid", NOC, BOTH, node_id_zero, MC_E_NODE_ID, FORGE_READ, "op-node-id-range", MC_OK},
    {"subject-nodeid-group", NOC, BOTH, node_id_group, MC_E_NODE_ID, FORGE_READ, "op-node-id-range", MC_OK},
    {"subject-cat-invalid", ALL, BOTH, cat_zero, MC_E_CAT_VERSION, FORGE_READ, "op-cat-version-zero", MC_OK},
    {"subject-cat-twice", NOC, BOTH, cat_twice, MC_E_CHAIN_CAT, 0x59, "op-cat-identifier-twice", MC_OK},
    {"subject-cat-twice", CAS, BOTH, cat_twice, MC_E_CHAIN_CAT, 0x59, "op-cat-kind", MC_OK},
    {"subject-cat-in-authority", CAS, BOTH, cat_one, MC_E_CHAIN_CAT, 0x59, "op-cat-kind", MC_OK},
    {"subject-cat", NOC, BOTH, cat_one, MC_OK, 0, "op-cat-identifier-high", MC_OK},
    {"subject-six-rdns", ALL, BOTH, names_six, MC_E_DN_COUNT, FORGE_READ, "op-dn-count", MC_OK},
    {"subject-multi-valued-rdn", ALL, FORGE_DER, names_multi, MC_E_DN_MULTI, FORGE_READ, "op-dn-multi", MC_OK},
    {"subject-matterid-lower-case", ALL, FORGE_DER, id_lower, MC_E_DN_HEX, FORGE_READ, "op-dn-hex", MC_OK},
    {"subject-matterid-printable", ALL, FORGE_DER, id_printable, MC_E_DN_HEX, FORGE_READ, "op-dn-hex", MC_OK},
    {"subject-teletex", RCAC | NOC, FORGE_DER, name_teletex, MC_E_DN_STRING, FORGE_READ, "op-dn-string", MC_OK},
    {"publickey-wrong", CAS, BOTH, key_wrong, MC_E_SIGNATURE, 0x14, "x509-skid-other", MC_OK},
    {"publickey-wrong", NOC, BOTH, key_wrong, MC_OK, 0, "x509-skid-other", MC_OK},
    {"publickey-off-curve", NOC, BOTH, point_off_curve, MC_E_POINT_CURVE, 0, "x509-point-curve", MC_OK},
    {"publickey-compressed", ALL, BOTH, point_compressed, MC_E_POINT, FORGE_READ, "x509-point-form", MC_E_TLV_LENGTH},
    {"signature-wrong", RCAC | NOC, BOTH, signature_wrong, MC_E_SIGNATURE, 0x14, NULL, MC_OK},
    {"signature-wrong", ICAC, BOTH, signature_wrong, MC_E_SIGNATURE, 0x4A, "x509-issuer-signature", MC_OK},
    {"signature-zero", RCAC | NOC, BOTH, signature_zero, MC_E_SIGNATURE, 0x14, "x509-signature-zero", MC_OK},
    {"signature-padded", ALL, FORGE_DER, signature_padded, MC_E_SIGNATURE_FORM, FORGE_READ, "field-signature-padded", MC_OK},
    {"signature-truncated", ALL, BOTH, signature_truncated, MC_E_SIGNATURE_FORM, FORGE_READ, "x509-signature-form", MC_E_TLV_LENGTH},
    {"sig-algo-null-parameters", ALL, FORGE_DER, algo_null, MC_E_SIG_ALG, FORGE_READ, "op-sig-alg-parameters", MC_OK},
    {"sig-algo-mismatch", ALL, FORGE_DER, algo_mismatch, MC_E_SIG_ALG_MISMATCH, FORGE_READ, "x509-sig-alg-mismatch", MC_OK},
    {"ext-basic-missing", RCAC, BOTH, basic_missing, MC_E_CHAIN_CA, 0x4D, "op-bc-missing", MC_OK},
    {"ext-basic-missing", ICAC, BOTH, basic_missing, MC_E_CHAIN_CA, 0x4A, "op-bc-missing", MC_OK},
    {"ext-basic-missing", NOC, BOTH, basic_missing, MC_E_CHAIN_CA, 0, "op-bc-missing", MC_OK},
    {"ext-basic-ca-wrong", RCAC, BOTH, basic_ca_wrong, MC_E_CHAIN_CA, 0x4D, "op-authority-ca-false", MC_OK},
    {"ext-basic-ca-wrong", ICAC, BOTH, basic_ca_wrong, MC_E_CHAIN_CA, 0x4A, "op-authority-ca-false", MC_OK},
    {"ext-basic-ca-wrong", NOC, BOTH, basic_ca_wrong, MC_E_CHAIN_CA, 0, "field-leaf-ca-true", MC_OK},
    {"ext-basic-ca-missing", ALL, BOTH, basic_ca_missing, MC_E_EXT_BC, FORGE_READ, "op-bc-form", MC_E_TLV_ORDER},
    {"ext-basic-critical-missing", ALL, FORGE_DER, basic_not_critical, MC_E_EXT_CRITICAL, FORGE_READ, "op-bc-critical", MC_OK},
    {"ext-basic-critical-wrong", ALL, FORGE_DER, basic_critical_false, MC_E_DER_BOOLEAN, FORGE_READ, "x509-ext-critical-false", MC_OK},
    {"ext-basic-pathlen-presence-wrong", NOC, BOTH, path_len_presence, MC_E_EXT_BC, FORGE_READ, "op-bc-form", MC_OK},
    {"ext-basic-pathlen0", RCAC, BOTH, path_len_0, MC_E_CHAIN_PATH_LEN, 0x4A, "op-root-path-len-zero", MC_OK},
    {"ext-basic-pathlen0", ICAC, BOTH, path_len_0, MC_OK, 0, NULL, MC_OK},
    {"ext-basic-pathlen1", CAS, BOTH, path_len_1, MC_OK, 0, NULL, MC_OK},
    {"ext-basic-pathlen2", RCAC, BOTH, path_len_2, MC_E_CHAIN_PATH_LEN, 0x4D, "op-root-path-len", MC_OK},
    {"ext-basic-pathlen2", ICAC, BOTH, path_len_2, MC_OK, 0, "op-icac-path-len", MC_OK},
    {"ext-keyusage-missing", RCAC | NOC, BOTH, usage_missing, MC_E_CHAIN_KEY_USAGE, 0x4D, "op-ku-missing", MC_OK},
    {"ext-keyusage-missing", ICAC, BOTH, usage_missing, MC_E_CHAIN_KEY_USAGE, 0x4A, "op-ku-missing", MC_OK},
    {"ext-keyusage-critical-missing", ALL, FORGE_DER, usage_not_critical, MC_E_EXT_CRITICAL, FORGE_READ, "op-ku-critical", MC_OK},
    {"ext-keyusage-critical-wrong", ALL, FORGE_DER, usage_critical_false, MC_E_DER_BOOLEAN, FORGE_READ, "x509-ext-critical-false", MC_OK},
    {"ext-keyusage-keycertsign-wrong", RCAC, BOTH, usage_cert_sign, MC_E_CHAIN_KEY_USAGE, 0x4D, "op-ku-cert-sign", MC_OK},
    {"ext-keyusage-keycertsign-wrong", ICAC, BOTH, usage_cert_sign, MC_E_CHAIN_KEY_USAGE, 0x4A, "op-ku-cert-sign", MC_OK},
    {"ext-keyusage-keycertsign-wrong", NOC, BOTH, usage_cert_sign, MC_E_CHAIN_KEY_USAGE, 0, "op-ku-leaf", MC_OK},
    {"ext-keyusage-digsig-wrong", NOC, BOTH, usage_dig_sig, MC_E_CHAIN_KEY_USAGE, 0x4D, "op-ku-digital-signature", MC_OK},
    {"ext-keyusage-digsig-wrong", CAS, BOTH, usage_dig_sig, MC_OK, 0, "op-ku-authority-signs", MC_OK},
    {"ext-keyusage-crlsign-wrong", CAS, BOTH, usage_crl_sign, MC_E_CHAIN_KEY_USAGE, 0, "op-ku-crl-sign", MC_OK},
    {"ext-keyusage-crlsign-wrong", NOC, BOTH, usage_crl_sign, MC_E_CHAIN_KEY_USAGE, 0, "op-ku-leaf", MC_OK},
    {"ext-keyusage-decipher-only", NOC, BOTH, usage_decipher, MC_E_CHAIN_KEY_USAGE, 0x50, "op-ku-decipher-only", MC_OK},
    {"ext-akid-missing", ALL, BOTH, akid_missing, MC_E_CHAIN_KEY_ID, 0x50, "op-akid-missing", MC_OK},
    {"ext-skid-missing", ALL, BOTH, skid_missing, MC_E_CHAIN_KEY_ID, 0x50, "op-skid-missing", MC_OK},
    {"ext-akid-length-invalid", ALL, BOTH, akid_short, MC_E_EXT_AKID, FORGE_READ, "op-akid-form", MC_E_EXT_KEY_ID},
    {"ext-skid-length-invalid", ALL, BOTH, skid_short, MC_E_EXT_KEY_ID, FORGE_READ, "op-key-id-length", MC_OK},
    {"ext-akid-wrong", NOC, BOTH, akid_wrong, MC_E_CHAIN_AKID, 0x4A, "x509-issuer-key-id", MC_OK},
    {"ext-akid-wrong", RCAC, BOTH, akid_wrong, MC_E_CHAIN_SELF, 0x9D, "op-root-akid", MC_OK},
    {"ext-skid-wrong", NOC, BOTH, skid_wrong, MC_OK, 0, "x509-skid-other", MC_OK},
    {"ext-skid-critical", ALL, FORGE_DER, skid_critical, MC_E_EXT_CRITICAL, FORGE_READ, "op-skid-critical", MC_OK},
    {"ext-akid-critical", ALL, FORGE_DER, akid_critical, MC_E_EXT_CRITICAL, FORGE_READ, "op-akid-critical", MC_OK},
    {"ext-extendedkeyusage-missing", NOC, BOTH, purposes_missing, MC_E_CHAIN_EKU, 0x4D, "op-eku-missing", MC_OK},
    {"ext-extendedkeyusage-client-only", NOC, BOTH, purpose_client, MC_E_CHAIN_EKU, 0x4D, "op-eku-server-auth", MC_OK},
    {"ext-extendedkeyusage-server-only", NOC, BOTH, purpose_server, MC_E_CHAIN_EKU, 0, "op-eku-client-auth", MC_OK},
    {"ext-extendedkeyusage-present", CAS, BOTH, purposes_present, MC_E_CHAIN_EKU, 0, "op-eku-authority", MC_OK},
    {"ext-further", ALL, BOTH, further, MC_OK, 0, "op-ext-further", MC_OK},
    {"ext-further-critical", NOC, BOTH, further_critical, MC_E_CHAIN_CRITICAL, 0x4D, "op-ext-critical", MC_OK},
    {"ext-further-critical", CAS, BOTH, further_critical, MC_E_CHAIN_CRITICAL, 0x4A, "op-ext-critical", MC_OK},
    {"ext-twice", ALL, BOTH, ext_twice, MC_E_EXT_TWICE, FORGE_READ, "x509-ext-twice", MC_OK},
    {"ext-none", ALL, FORGE_DER, ext_none, MC_E_EXT_MISSING, FORGE_READ, "x509-ext-none", MC_OK},
    {"serial-number-21-octets", ALL, BOTH, serial_21, MC_E_SERIAL, 0, "x509-serial-length", MC_OK},
    {"serial-number-zero", ALL, BOTH, serial_zero, MC_OK, 0, "field-serial-zero", MC_OK},
    {"serial-number-one", RCAC, BOTH, serial_one, MC_OK, 0, NULL, MC_OK},
    {"serial-number-one", ICAC | NOC, BOTH, serial_one, MC_OK, 0, "field-serial-one", MC_OK},
    {"serial-number-negative", ALL, BOTH, serial_negative, MC_OK, 0, "field-serial-negative", MC_OK},
    {"serial-number-not-minimal", ALL, BOTH, serial_padded, MC_E_SERIAL, 0, "x509-serial-form", MC_OK},
    {"unique-id", ALL, FORGE_DER, unique_id, MC_E_UNIQUE_ID, FORGE_READ, "op-unique-id", MC_OK},
    {"validity-not-before-zero", NOC, BOTH, not_before_zero, MC_E_TIME_ZERO, FORGE_READ, "op-not-before-zero", MC_OK},
    {"validity-generalized-time", NOC, FORGE_DER, time_generalized, MC_E_TIME_CHOICE, 0x14, "op-time-choice", MC_OK},
    {"validity-no-expiry", ALL, BOTH, no_expiry, MC_OK, 0, NULL, MC_OK},
    {"validity-2030-12-30", ALL, BOTH, cliff_2030, MC_OK, 0, "field-2030-12-30", MC_OK},
    {"validity-outlives-issuer", NOC, BOTH, outlives, MC_OK, 0, "op-outlives-issuer", MC_OK},
    {"validity-in-future", NOC, BOTH, future, MC_E_CHAIN_NOT_YET, 0x4F, "op-not-yet-valid", MC_OK},
    {"validity-in-future", CAS, BOTH, future, MC_E_CHAIN_NOT_YET, 0x4A, "op-not-yet-valid", MC_OK},
    {"validity-in-past", NOC, BOTH, expired, MC_E_CHAIN_EXPIRED, 0x4E, "op-expired", MC_OK},
    {"validity-in-past", ICAC, BOTH, expired, MC_E_CHAIN_EXPIRED, 0x4A, "op-expired", MC_OK},
    {"validity-in-past", RCAC, BOTH, expired, MC_E_CHAIN_EXPIRED, 0, "op-expired", MC_OK},
    {"issuer-wrong", NOC, BOTH, issuer_wrong, MC_E_CHAIN_ISSUER, 0x4A, "x509-issuer-name", MC_OK},
    {"issuer-wrong", RCAC, BOTH, issuer_wrong, MC_E_CHAIN_SELF, 0x9D, "op-root-issuer", MC_OK},
    {"trailing-octets", ALL | IDENTITY, BOTH, trailing, MC_E_DER_TRAILING, 0, "x509-der-trailing", MC_E_TLV_TRAILING},
    {"serial-number-wrong", IDENTITY, BOTH, identity_serial, MC_E_IDENTITY, FORGE_READ, "op-identity-form", MC_OK},
    {"validity-wrong-period", IDENTITY, BOTH, identity_period, MC_E_IDENTITY, FORGE_READ, "op-identity-form", MC_OK},
    {"ext-keyusage-wrong", IDENTITY, BOTH, identity_usage, MC_E_IDENTITY, FORGE_READ, "op-identity-form", MC_OK},
    {.name = NULL},
};

/* --- attestation ----------------------------------------------------------------------------------- */

static void set_text(struct forge_draft *d, enum mc_attr_id id, const char *text)
{
    forge_drop_attr(&d->subject, id);
    forge_add_text(&d->subject, id, MC_DER_UTF8, text);
    follow(d);
}

static void fallback(struct forge_draft *d, const char *cn)
{
    forge_drop_attr(&d->subject, MC_ATTR_VID);
    forge_drop_attr(&d->subject, MC_ATTR_PID);
    set_text(d, MC_ATTR_COMMON_NAME, cn);
}

FAULT(vid_mismatch) { UNUSED; set_text(d, MC_ATTR_VID, "FFF2"); }
FAULT(pid_mismatch) { UNUSED; set_text(d, MC_ATTR_PID, "8001"); }
FAULT(vid_missing) { UNUSED; forge_drop_attr(&d->subject, MC_ATTR_VID); }
FAULT(pid_missing) { UNUSED; forge_drop_attr(&d->subject, MC_ATTR_PID); }
FAULT(vid_lower) { UNUSED; set_text(d, MC_ATTR_VID, "fff1"); }
FAULT(vid_twice) { UNUSED; forge_add_text(&d->subject, MC_ATTR_VID, MC_DER_UTF8, "FFF1"); follow(d); }
FAULT(vid_printable) { UNUSED; forge_find_attr(&d->subject, MC_ATTR_VID)->tag = MC_DER_PRINTABLE; }
FAULT(fallback_good) { UNUSED; fallback(d, FORGE_MARK " DAC Mvid:FFF1 Mpid:8000"); }
FAULT(fallback_order) { UNUSED; fallback(d, "Mpid:8000," FORGE_MARK " DAC,Mvid:FFF1"); }
FAULT(fallback_short_vid) { UNUSED; fallback(d, FORGE_MARK " Mvid:FF1 Mpid:8000"); }
FAULT(fallback_lower) { UNUSED; fallback(d, FORGE_MARK " Mvid:fff1 Mpid:8000"); }
FAULT(fallback_short_pid) { UNUSED; fallback(d, FORGE_MARK " Mvid:FFF1 Mpid:80"); }
FAULT(fallback_prefix) { UNUSED; fallback(d, FORGE_MARK " Mpid:8000 MVID:FFF1"); }
FAULT(fallback_separator) { UNUSED; fallback(d, FORGE_MARK " Mpid_8000 Mvid_FFF1"); }
FAULT(fallback_mixed)
{
    UNUSED;
    fallback(d, FORGE_MARK " Mvid:FFF1");
    forge_add_text(&d->subject, MC_ATTR_PID, MC_DER_UTF8, "8000");
}

#define PAA FORGE_BIT(MC_KIND_PAA)
#define PAI FORGE_BIT(MC_KIND_PAI)
#define DAC FORGE_BIT(MC_KIND_DAC)
#define ATT (PAA | PAI | DAC)
#define SIGNERS (FORGE_BIT(MC_KIND_CD_SIGNER) | FORGE_BIT(MC_KIND_CRL_SIGNER))
#define ROW(name, kinds, apply, rule, result, lint) {name, kinds, FORGE_DER, apply, rule, result, lint, MC_OK}

const struct forge_fault forge_att_faults[] = {
    ROW("valid", ATT | SIGNERS, valid, MC_OK, 0, NULL),
    ROW("signature-wrong", SIGNERS, signature_wrong, MC_OK, 0, "x509-issuer-signature"),
    ROW("ext-skid-missing", SIGNERS, skid_missing, MC_OK, 0, "att-skid-missing"),
    ROW("sig-curve-secp256k1", SIGNERS, curve_k1, MC_OK, 0, "x509-curve"),
    ROW("sig-algo-ecdsa-with-sha1", SIGNERS, algo_sha1, MC_OK, 0, "x509-sig-alg"),
    ROW("ext-basic-critical-missing", FORGE_BIT(MC_KIND_CRL_SIGNER), basic_not_critical, MC_OK, 0, "att-bc-critical"),
    ROW("ext-keyusage-critical-missing", FORGE_BIT(MC_KIND_CRL_SIGNER), usage_not_critical, MC_OK, 0, "att-ku-critical"),
    ROW("cert-version-v2", ATT, version_v2, MC_E_VERSION, FORGE_FORMAT, "x509-version"),
    ROW("serial-number-missing", ATT, serial_missing, MC_E_DER_TAG, FORGE_FORMAT, "x509-der-tag"),
    ROW("issuer-missing", ATT, issuer_missing, MC_E_DER_TAG, FORGE_FORMAT, "x509-der-tag"),
    ROW("sig-algo-ecdsa-with-sha1", ATT, algo_sha1, MC_E_SIG_ALG, FORGE_FORMAT, "x509-sig-alg"),
    ROW("sig-curve-secp256k1", ATT, curve_k1, MC_E_CURVE, FORGE_FORMAT, "x509-curve"),
    ROW("subject-vid-mismatch", PAI | DAC, vid_mismatch, MC_E_ATT_VID, 305, "att-vid-issuer"),
    ROW("subject-vid-mismatch", PAA, vid_mismatch, MC_E_ATT_VID, 205, NULL),
    ROW("subject-vid-missing", PAI | DAC, vid_missing, MC_E_ATT_VID, 305, "att-vid-missing"),
    ROW("subject-vid-lower-case", ATT, vid_lower, MC_E_ATT_ID, FORGE_FORMAT, "att-vid-form"),
    ROW("subject-vid-twice", ATT, vid_twice, MC_E_ATT_ID, FORGE_FORMAT, "att-vid-twice"),
    ROW("subject-vid-printable", DAC, vid_printable, MC_OK, 0, "att-id-printable"),
    ROW("subject-pid-mismatch", PAI | DAC, pid_mismatch, MC_E_ATT_PID, 306, NULL),
    ROW("subject-pid-missing", DAC, pid_missing, MC_E_ATT_PID, 306, "att-pid-missing"),
    ROW("subject-pid-present", PAA, pid_mismatch, MC_E_ATT_PID, 105, "att-paa-pid"),
    ROW("vidpid-fallback-encoding", DAC, fallback_good, MC_OK, 0, "att-fallback-used"),
    ROW("vidpid-fallback-encoding-order", DAC, fallback_order, MC_OK, 0, "att-fallback-used"),
    ROW("vidpid-fallback-encoding-short-vid", DAC | PAI, fallback_short_vid, MC_E_ATT_ID, FORGE_FORMAT, "att-fallback-vid-form"),
    ROW("vidpid-fallback-encoding-lower-case", DAC | PAI, fallback_lower, MC_E_ATT_ID, FORGE_FORMAT, "att-fallback-vid-form"),
    ROW("vidpid-fallback-encoding-short-pid", DAC | PAI, fallback_short_pid, MC_E_ATT_ID, FORGE_FORMAT, "att-fallback-pid-form"),
    ROW("vidpid-fallback-encoding-prefix", DAC, fallback_prefix, MC_E_ATT_VID, 305, "att-vid-missing"),
    ROW("vidpid-fallback-encoding-separator", DAC, fallback_separator, MC_E_ATT_VID, 305, "att-vid-missing"),
    ROW("vidpid-fallback-encoding-mixed", DAC, fallback_mixed, MC_E_ATT_VID, 305, "att-vid-missing"),
    ROW("valid-in-future", DAC, future, MC_E_CHAIN_NOT_YET, 300, "att-dac-not-yet-valid"),
    ROW("valid-in-future", PAI | PAA, future, MC_E_ATT_PERIOD, 301, "att-authority-not-yet-valid"),
    ROW("valid-in-past", DAC, expired, MC_E_CHAIN_EXPIRED, 300, "att-dac-expired"),
    ROW("publickey-wrong", PAI | PAA, key_wrong, MC_E_SIGNATURE, 301, "x509-skid-other"),
    ROW("publickey-wrong", DAC, key_wrong, MC_OK, 0, "x509-skid-other"),
    ROW("signature-wrong", PAI | DAC, signature_wrong, MC_E_SIGNATURE, 301, "x509-issuer-signature"),
    ROW("signature-wrong", PAA, signature_wrong, MC_E_SIGNATURE, 0, "x509-self-signature"),
    ROW("issuer-wrong", DAC | PAI, issuer_wrong, MC_E_CHAIN_ISSUER, 301, "x509-issuer-name"),
    ROW("ext-basic-missing", ATT, basic_missing, MC_E_CHAIN_CA, FORGE_FORMAT, "att-bc-missing"),
    ROW("ext-basic-ca-wrong", ATT, basic_ca_wrong, MC_E_CHAIN_CA, FORGE_FORMAT, NULL),
    ROW("ext-basic-ca-missing", ATT, basic_ca_missing, MC_E_CHAIN_CA, FORGE_FORMAT, NULL),
    ROW("ext-basic-critical-missing", ATT, basic_not_critical, MC_E_EXT_CRITICAL, FORGE_FORMAT, "att-bc-critical"),
    ROW("ext-basic-critical-wrong", ATT, basic_critical_false, MC_E_EXT_CRITICAL, FORGE_FORMAT, "x509-ext-critical-false"),
    ROW("ext-basic-pathlen-presence-wrong", PAI, path_len_presence, MC_E_CHAIN_PATH_LEN, FORGE_FORMAT, "att-pai-path-len"),
    ROW("ext-basic-pathlen-presence-wrong", DAC, path_len_presence, MC_E_CHAIN_CA, FORGE_FORMAT, "att-dac-path-len"),
    ROW("ext-basic-pathlen0", PAA, path_len_0, MC_E_CHAIN_PATH_LEN, FORGE_FORMAT, "att-paa-path-len"),
    ROW("ext-basic-pathlen0", DAC, path_len_0, MC_E_CHAIN_CA, FORGE_FORMAT, "att-dac-path-len"),
    ROW("ext-basic-pathlen1", PAI, path_len_1, MC_E_CHAIN_PATH_LEN, FORGE_FORMAT, "att-pai-path-len"),
    ROW("ext-basic-pathlen2", PAI | PAA, path_len_2, MC_E_CHAIN_PATH_LEN, FORGE_FORMAT, NULL),
    ROW("ext-keyusage-missing", ATT, usage_missing, MC_E_CHAIN_KEY_USAGE, FORGE_FORMAT, "att-ku-missing"),
    ROW("ext-keyusage-critical-missing", ATT, usage_not_critical, MC_E_EXT_CRITICAL, FORGE_FORMAT, "att-ku-critical"),
    ROW("ext-keyusage-critical-wrong", ATT, usage_critical_false, MC_E_EXT_CRITICAL, FORGE_FORMAT, "x509-ext-critical-false"),
    ROW("ext-keyusage-keycertsign-wrong", ATT, usage_cert_sign, MC_E_CHAIN_KEY_USAGE, FORGE_FORMAT, NULL),
    ROW("ext-keyusage-digsig-wrong", DAC, usage_dig_sig, MC_E_CHAIN_KEY_USAGE, FORGE_FORMAT, "att-ku-dac-signature"),
    ROW("ext-keyusage-digsig-wrong", PAI | PAA, usage_dig_sig, MC_OK, 0, NULL),
    ROW("ext-keyusage-crlsign-wrong", ATT, usage_crl_sign, MC_E_CHAIN_KEY_USAGE, FORGE_FORMAT, NULL),
    ROW("ext-akid-missing", PAI | DAC, akid_missing, MC_E_CHAIN_KEY_ID, FORGE_FORMAT, "att-akid-missing"),
    ROW("ext-akid-missing", PAA, akid_missing, MC_OK, 0, "att-paa-akid-missing"),
    ROW("ext-akid-malformed", ATT, akid_malformed, MC_E_EXT_AKID, FORGE_FORMAT, "att-akid-form"),
    ROW("ext-akid-length-invalid", ATT, akid_short, MC_E_EXT_AKID, FORGE_FORMAT, "att-akid-form"),
    ROW("ext-akid-critical", ATT, akid_critical, MC_E_EXT_CRITICAL, FORGE_FORMAT, "att-akid-critical"),
    ROW("ext-akid-wrong", DAC, akid_wrong, MC_E_CHAIN_AKID, 301, "x509-issuer-key-id"),
    ROW("ext-akid-wrong", PAI, akid_wrong, MC_E_ATT_PAA, 101, "x509-issuer-key-id"),
    ROW("ext-skid-missing", PAI | DAC, skid_missing, MC_E_CHAIN_KEY_ID, FORGE_FORMAT, "att-skid-missing"),
    ROW("ext-skid-missing", PAA, skid_missing, MC_E_ATT_PAA, 101, "att-skid-missing"),
    ROW("ext-skid-malformed", PAI | DAC, skid_malformed, MC_E_EXT_KEY_ID, FORGE_FORMAT, "att-skid-form"),
    ROW("ext-skid-malformed", PAA, skid_malformed, MC_E_ATT_PAA, 101, "att-skid-form"),
    ROW("ext-skid-length-invalid", PAI | DAC, skid_short, MC_E_EXT_KEY_ID, FORGE_FORMAT, "att-skid-form"),
    ROW("ext-skid-length-invalid", PAA, skid_short, MC_E_ATT_PAA, 101, "att-skid-form"),
    ROW("ext-skid-critical", ATT, skid_critical, MC_E_EXT_CRITICAL, FORGE_FORMAT, "att-skid-critical"),
    ROW("ext-twice", ATT, ext_twice, MC_E_EXT_TWICE, FORGE_FORMAT, "x509-ext-twice"),
    ROW("ext-extendedkeyusage-present", PAI | DAC, purposes_present, MC_OK, 0, "att-eku-server-auth"),
    ROW("ext-subject-alt-name-present", PAI | DAC, san, MC_OK, 0, NULL),
    ROW("ext-authority-info-access-present", PAI | DAC, aia, MC_OK, 0, NULL),
    ROW("ext-further-critical", PAI | DAC, further_critical, MC_E_CHAIN_CRITICAL, 301, "att-ext-critical"),
    {.name = NULL},
};

/* --- requests -------------------------------------------------------------------------------------- */

FAULT(csr_version) { UNUSED; d->version = 1; }
FAULT(csr_k1) { d->k1 = true; memcpy(d->point, w->k1.point, MC_POINT_LEN); }
FAULT(csr_not_own_key) { d->signer = &w->stranger; }
FAULT(csr_large)
{
    static const char text[] = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
                               "8901234567890123456789012345678901234567890123456789012345678901234567890123456789";

    UNUSED;
    for (int i = 0; i < 6; i++)
        forge_add_text(&d->subject, MC_ATTR_ORGANIZATIONAL_UNIT, MC_DER_UTF8, text);
}
FAULT(nocsr_no_csr) { UNUSED; d->no_csr = true; }
FAULT(nocsr_no_nonce) { UNUSED; d->nonce_n = 0; }
FAULT(nocsr_short_nonce) { UNUSED; d->nonce_n = 31; }
FAULT(nocsr_swapped) { UNUSED; d->swapped = true; }
FAULT(nocsr_unknown) { UNUSED; d->unknown_tag = true; }
FAULT(nocsr_vendor) { UNUSED; d->vendor_n = 16; }
FAULT(nocsr_large) { UNUSED; d->vendor_n = 900; }

#define CSR   FORGE_BIT(FORGE_CSR)
#define NOCSR FORGE_BIT(FORGE_NOCSR)
#define WITH(name, kinds, apply, rule) {name, kinds, FORGE_DER, apply, rule, (rule) == MC_OK ? 0 : FORGE_READ, NULL, MC_OK}

const struct forge_fault forge_request_faults[] = {
    WITH("valid", CSR | NOCSR, valid, MC_OK),
    WITH("version-2", CSR, csr_version, MC_E_CSR_VERSION),
    WITH("sig-algo-ecdsa-with-sha1", CSR | NOCSR, algo_sha1, MC_E_CSR_SIG_ALG),
    WITH("sig-algo-null-parameters", CSR, algo_null, MC_OK),
    WITH("sig-curve-secp256k1", CSR | NOCSR, csr_k1, MC_E_CURVE),
    WITH("publickey-off-curve", CSR | NOCSR, point_off_curve, MC_E_POINT_CURVE),
    WITH("publickey-compressed", CSR, point_compressed, MC_E_POINT),
    WITH("signature-wrong", CSR | NOCSR, signature_wrong, MC_E_CSR_SIGNATURE),
    WITH("signature-of-another-key", CSR | NOCSR, csr_not_own_key, MC_E_CSR_SIGNATURE),
    WITH("signature-padded", CSR, signature_padded, MC_E_SIGNATURE_FORM),
    WITH("trailing-octets", CSR | NOCSR, trailing, MC_E_DER_TRAILING),
    WITH("oversized", CSR, csr_large, MC_E_CSR_SIZE),
    WITH("csr-missing", NOCSR, nocsr_no_csr, MC_E_NOCSR_ORDER),
    WITH("nonce-missing", NOCSR, nocsr_no_nonce, MC_E_OBJECT),
    WITH("nonce-31-octets", NOCSR, nocsr_short_nonce, MC_E_NOCSR_NONCE),
    WITH("order-swapped", NOCSR, nocsr_swapped, MC_E_NOCSR_ORDER),
    WITH("unknown-tag", NOCSR, nocsr_unknown, MC_E_NOCSR_TAG),
    WITH("vendor-reserved", NOCSR, nocsr_vendor, MC_OK),
    WITH("oversized", NOCSR, nocsr_large, MC_E_NOCSR_SIZE),
    {.name = NULL},
};
