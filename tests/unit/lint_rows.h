/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint_rows.h - for each rule of the linter an object that breaks it: a valid one of some kind with one or two
 * parts replaced, in the notation of certs.h. A row without a rule is at the edge of one: what it gives stands
 * in lint_findings.txt, like what every other row gives.
 */
#ifndef TEST_LINT_ROWS_H
#define TEST_LINT_ROWS_H

#include "certs.h"

/* The generator G and 2G, whose private keys are 1 and 2, with their key identifiers. */
#define POINT1 "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define POINT2 "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC4766997807775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1"
#define ID1    "B467A3999EB5EFA671DE0032F08A9C9E5EFDA0E1"
#define ID2    "5B4717B04EACED57C4ECA1728CA9A71D3B224340"
#define ID2_SHA256 "A9F300EB5960E89133AF7362011A1E26F0E2EA2E"
#define EC      "06072A8648CE3D0201"
#define P256    "06082A8648CE3D030107"
#define KEY(point) "30(30(" EC P256 ")03(00" point "))"
#define KEY1    KEY(POINT1)
#define KEY2    KEY(POINT2)

#define EXTS(list) "A3(30(" list "))"
#define BC(value)  "30(0603551D13 0101FF 04(" value "))"
#define BC_CA      BC("30(0101FF)")
#define BC_CA0     BC("30(0101FF 020100)")
#define BC_CA1     BC("30(0101FF 020101)")
#define KU(bits)   "30(0603551D0F 0101FF 04(" bits "))"
#define KU_CA      KU("03020106")
#define KU_CRL     KU("03020102")
#define EKU(list)  "30(0603551D25 0101FF 04(30(" list ")))"
#define SERVER     "06082B06010505070301"
#define CLIENT     "06082B06010505070302"
#define CODE       "06082B06010505070303"
#define SKID(id)   "30(0603551D0E 04(0414" id "))"
#define AKID(id)   "30(0603551D23 04(30168014" id "))"
#define CDP(value) "30(0603551D1F 04(30(" value ")))"
#define POINT_OF(names) "30(A0(A0(" names ")))"
#define URI(text)  "86('" text "')"
#define HTTP       URI("http://example.org/c")
#define EXT_OTHER  "30(06092B06010401BE6BFF7E 04(0403616263))"

#define DN(rdns)   "30(" rdns ")"
#define NODE(x)    CERTS_RDN("01", x)
#define ICA(x)     CERTS_RDN("03", x)
#define ROOT(x)    CERTS_RDN("04", x)
#define FABRIC(x)  CERTS_RDN("05", x)
#define CAT(x)     CERTS_RDN("06", x)
#define ATTR(oid, tag, text) "31(30(" oid tag "('" text "')))"
#define CN(text)   ATTR("0603550403", "0C", text)
#define ORG(text)  ATTR("060355040A", "0C", text)
#define VID_OID    "060A2B0601040182A27C0201"
#define PID_OID    "060A2B0601040182A27C0202"
#define VID(text)  ATTR(VID_OID, "0C", text)
#define PID(text)  ATTR(PID_OID, "0C", text)
#define T64        "0123456789012345678901234567890123456789012345678901234567890123"

#define PERIOD(a, b) "30(17('" a "')17('" b "'))"
#define NO_EXPIRY(a) "30(17('" a "')18('99991231235959Z'))"
#define SERIAL16   "02(5A0102030405060708090A0B0C0D0E0F)"
#define ECDSA_SHA1 "30(06072A8648CE3D0401)"
#define ECDSA_NULL "30(06082A8648CE3D0403020500)"

#define ROOT_DN    DN(ROOT("CACACACA00000001"))
#define NOC_DN     DN(NODE("DEDEDEDE00020003") FABRIC("FAB000000000001D"))
#define PAA_DN     DN(CN("Test PAA") VID("1234"))
#define PAI_DN     DN(CN("Test PAI") VID("1234"))
#define CA_EXTS    KU_CA
#define NOC_EXTS(bc, ku, eku, skid, akid) EXTS(bc ku eku skid akid)
#define OF_KEY1    SKID(ID1) AKID(ID1)
#define OF_KEY2    SKID(ID2) AKID(ID1)

enum base {
    B_NONE,
    B_RCAC,
    B_ICAC,
    B_NOC,
    B_FW,
    B_NETID,
    B_VVSC,
    B_PAA,
    B_PAI,
    B_DAC,
    B_CDS,
    B_CRLS,
    B_BASES,
    B_TLV = B_BASES, /* a NOC in TLV */
    B_CSR,
    B_RAW, /* `with` is the whole object, in DER */
    B_HUGE,
};

/* What each kind has in place of the parts of certs.h; the private key that signs it is 1 or 2. */
static const struct base_row {
    uint32_t kind;
    unsigned signer;
    const char *issuer, *validity, *subject, *key, *exts, *serial;
} bases[B_BASES] = {
    [B_RCAC] = {MC_LINT_KIND(MC_KIND_RCAC), 1, ROOT_DN, NO_EXPIRY("201015142343Z"), ROOT_DN, KEY1,
        EXTS(BC_CA KU_CA OF_KEY1), NULL},
    [B_ICAC] = {MC_LINT_KIND(MC_KIND_ICAC), 1, ROOT_DN, PERIOD("201015142343Z", "401015142342Z"),
        DN(ICA("CACACACA00000004")), KEY2, EXTS(BC_CA0 KU_CA OF_KEY2), NULL},
    [B_NOC] = {MC_LINT_KIND(MC_KIND_NOC), 1, ROOT_DN, PERIOD("201015142343Z", "401015142342Z"), NOC_DN, KEY2,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU OF_KEY2), NULL},
    [B_FW] = {MC_LINT_KIND(MC_KIND_FIRMWARE_SIGNING), 1, ROOT_DN, PERIOD("201015142343Z", "401015142342Z"),
        DN(CERTS_RDN("02", "0000000000000007")), KEY2, EXTS(CERTS_BC CERTS_KU EKU(CODE) OF_KEY2), NULL},
    [B_NETID] = {MC_LINT_KIND(MC_KIND_NETWORK_IDENTITY), 1, DN(CN("*")), NO_EXPIRY("000101000001Z"), DN(CN("*")),
        KEY1, EXTS(CERTS_BC CERTS_KU CERTS_EKU), "02(01)"},
    [B_VVSC] = {MC_LINT_KIND(MC_KIND_VVSC), 1, ROOT_DN, PERIOD("201015142343Z", "401015142342Z"),
        DN(CERTS_RDN("07", "0000000000000009")), KEY2, EXTS(CERTS_BC CERTS_KU OF_KEY2), NULL},
    [B_PAA] = {MC_LINT_KIND(MC_KIND_PAA), 1, PAA_DN, NO_EXPIRY("201015142343Z"), PAA_DN, KEY1,
        EXTS(BC_CA1 KU_CA OF_KEY1), NULL},
    [B_PAI] = {MC_LINT_KIND(MC_KIND_PAI), 1, PAA_DN, NO_EXPIRY("201015142343Z"), PAI_DN, KEY2,
        EXTS(BC_CA0 KU_CA OF_KEY2), NULL},
    [B_DAC] = {MC_LINT_KIND(MC_KIND_DAC), 2, PAI_DN, NO_EXPIRY("201015142343Z"),
        DN(CN("Test DAC") VID("1234") PID("8000")), KEY1, EXTS(CERTS_BC CERTS_KU SKID(ID1) AKID(ID2)), NULL},
    [B_CDS] = {MC_LINT_CD_SIGNER, 1, PAA_DN, NO_EXPIRY("201015142343Z"),
        DN(CN("Certification Declaration Signing Key 001") VID("1234")), KEY2,
        EXTS(BC_CA0 KU("03020186") OF_KEY2), NULL},
    [B_CRLS] = {MC_LINT_CRL_SIGNER, 1, PAA_DN, NO_EXPIRY("201015142343Z"), DN(CN("PAA Delegate")), KEY2,
        EXTS(CERTS_BC KU_CRL OF_KEY2), NULL},
};

enum csr_part { CSR_INFO, CSR_ALG, CSR_SIG };
#define CSR_BODY(version, subject, key, attributes) version subject key attributes
#define CSR_NAME DN(ORG("CSR"))

struct row {
    const char *rule;
    uint8_t base;
    uint8_t part; /* of certs_der_part, certs_tlv_part or csr_part */
    const char *with;
    uint8_t part2;
    const char *with2;
    uint8_t issuer; /* a base, where the issuer is given */
    int64_t now;
    enum mc_rc rc;  /* the object cannot be read at all, for this reason */
    uint8_t issuer_part;
    const char *issuer_with; /* this part of the issuer replaced */
    const char *note; /* of a row without a rule: what it is about */
    enum { TBS_ONLY = 1, NO_VERIFIER = 2, NO_NOW = 4, NO_WHOLE = 8, AS_UNKNOWN = 16 } given;
};

#define T2020 INT64_C(1602000000) /* 2020-10-06, before the bases begin */
#define T2040 INT64_C(2210000000) /* within a year of their end */
#define T2041 INT64_C(2240000000)

#define LEAF_OF(bc, ku, eku) EXTS(bc ku eku OF_KEY2)
#define NOC_SUBJECT(more) DN(NODE("DEDEDEDE00020003") FABRIC("FAB000000000001D") more)
#define FIVE EXT_OTHER EXT_OTHER EXT_OTHER EXT_OTHER EXT_OTHER

static const struct row rows[] = {
    {.rule = "x509-version", B_NOC, DER_VERSION, "A0(020101)"},
    {.rule = "x509-serial-length", B_NOC, DER_SERIAL, "02(005A0102030405060708090A0B0C0D0E0F10111213)"},
    {.rule = "x509-serial-form", B_NOC, DER_SERIAL, "02(005A01020304050607)"},
    {.rule = "field-serial-zero", B_NOC, DER_SERIAL, "02(00)"},
    {.rule = "field-serial-one", B_NOC, DER_SERIAL, "02(01)"},
    {.rule = "field-serial-negative", B_NOC, DER_SERIAL, "02(8102030405060708)"},
    {.rule = "att-serial-positive", B_DAC, DER_SERIAL, "02(8102030405060708)"},
    {.rule = "att-serial-positive", B_PAI, DER_SERIAL, "02(00)"},
    {.rule = "att-serial-sign-octet", B_DAC, DER_SERIAL, "02(0081020304050607080900)"},
    {.rule = "field-serial-63-bits", B_NOC, DER_SERIAL, "02(5A02030405060708)"},
    {.rule = "field-serial-short", B_NOC, DER_SERIAL, "02(5A020304050607)"},
    {.rule = "x509-sig-alg", B_NOC, DER_TBS_ALG, ECDSA_SHA1, DER_ALG, ECDSA_SHA1},
    {.rule = "op-sig-alg-parameters", B_NOC, DER_TBS_ALG, ECDSA_NULL, DER_ALG, ECDSA_NULL},
    {.rule = "att-sig-alg-parameters", B_DAC, DER_TBS_ALG, ECDSA_NULL, DER_ALG, ECDSA_NULL},
    {.rule = "x509-sig-alg-mismatch", B_NOC, DER_ALG, ECDSA_SHA1},
    {.rule = "x509-sig-alg-mismatch", B_DAC, DER_ALG, ECDSA_SHA1},
    {.rule = "x509-key-alg", B_NOC, DER_KEY, "30(30(06092A864886F70D0101010500)03(00 30(0201050201 05)))"},
    {.rule = "x509-curve", B_NOC, DER_KEY, "30(30(" EC "06052B8104000A)03(00" POINT2 "))"},
    {.rule = "x509-curve", B_DAC, DER_KEY, "30(30(" EC "30(020101))03(00" POINT2 "))"},
    {.rule = "x509-point-form", B_NOC, DER_KEY, KEY("02" CERTS_ID "000102030405060708090A0B")},
    {.rule = "x509-point-curve", B_NOC, DER_KEY, KEY(CERTS_POINT)},
    {.rule = "x509-signature-form", B_NOC, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(0081" CERTS_S ")))"},
    {.rule = "x509-signature-form", B_NOC, DER_SIGNATURE, "03(00 30(020101))"},
    {.rule = "x509-signature-form", B_NOC, DER_SIGNATURE, "03(00)"},
    {.rule = "x509-signature-form", B_DAC, DER_SIGNATURE, "03(00 30(020101 020101 020101))"},
    {.rule = "x509-signature-form", B_DAC, DER_SIGNATURE, "03(00 30(020101 020101) 00)"},
    {.rule = "field-signature-padded", B_NOC, DER_SIGNATURE, "03(00 30(02(0011" CERTS_ZEROS "1122)02(00" CERTS_S ")))"},
    {.rule = "field-signature-padded", B_NOC, DER_SIGNATURE, "03(00 30(02(00" CERTS_S ")02(0011" CERTS_ZEROS "1122)))"},
    {.rule = "field-signature-negative", B_NOC, DER_SIGNATURE, "03(00 30(02(" CERTS_R ")02(00" CERTS_S ")))"},
    {.rule = "x509-signature-zero", B_NOC, DER_SIGNATURE, "03(00 30(020100 02(00" CERTS_S ")))"},
    {.rule = "x509-signature-zero", B_NOC, DER_SIGNATURE, "03(00 30(02(00" CERTS_S ")020100))"},
    {.rule = "x509-self-signature", B_RCAC, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"},
    {.rule = "x509-self-signature", B_PAA, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))"},
    {.rule = "op-unique-id", B_NOC, DER_UNIQUE_IDS, "81(0001)"},
    {.rule = "op-unique-id", B_NOC, DER_UNIQUE_IDS, "82(0001)"},
    {.rule = "att-unique-id", B_DAC, DER_UNIQUE_IDS, "82(0001)"},
    {.rule = "x509-ext-none", B_NOC, DER_EXTENSIONS, ""},
    {.rule = "x509-ext-none", B_NOC, DER_EXTENSIONS, "A3(30())"},
    {.rule = "x509-ext-twice", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_BC CERTS_KU CERTS_EKU OF_KEY2)},
    {.rule = "x509-ext-twice", B_DAC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU EXT_OTHER EXT_OTHER SKID(ID1) AKID(ID2))},
    {.rule = "x509-ext-critical-false", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU "30(0603551D0E 010100 04(0414" ID2 "))" AKID(ID1))},
    {.rule = "x509-ext-count", B_NOC, DER_EXTENSIONS, EXTS(FIVE FIVE FIVE FIVE FIVE)},
    {.rule = "x509-skid-sha256", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2_SHA256) AKID(ID1))},
    {.rule = "x509-skid-other", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(CERTS_ID) AKID(ID1))},
    {.rule = "x509-akid-own", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2) AKID(ID2))},
    {.rule = "x509-issuer-name", B_NOC, DER_ISSUER, DN(ROOT("CACACACA00000002")), .issuer = B_RCAC},
    {.rule = "x509-issuer-key-id", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2) AKID(CERTS_ID)),
        .issuer = B_RCAC},
    {.rule = "x509-issuer-signature", B_NOC, DER_SIGNATURE, "03(00 30(02(00" CERTS_R ")02(00" CERTS_S ")))",
        .issuer = B_RCAC},
    {.rule = "x509-issuer-ca", B_NOC, DER_VERSION, "A0(020102)", .issuer = B_DAC},
    {.rule = "x509-issuer-path", B_PAI, DER_VERSION, "A0(020102)", .issuer = B_ICAC},
    {.rule = "field-issuer-key", B_NOC, DER_KEY, KEY1, .issuer = B_RCAC},

    {.rule = "x509-time-form", B_NOC, DER_VALIDITY, "30(17('2010151423Z')17('401015142342Z'))"},
    {.rule = "x509-time-order", B_NOC, DER_VALIDITY, PERIOD("401015142342Z", "401015142342Z")},
    {.rule = "op-time-choice", B_NOC, DER_VALIDITY, "30(18('20201015142343Z')17('401015142342Z'))"},
    {.rule = "op-time-choice", B_NOC, DER_VALIDITY, "30(17('201015142343Z')18('20401015142342Z'))"},
    {.rule = "att-time-choice", B_DAC, DER_VALIDITY, "30(18('20201015142343Z')17('401015142342Z'))"},
    {.rule = "op-time-range", B_NOC, DER_VALIDITY, "30(17('201015142343Z')18('21360207062816Z'))"},
    {.rule = "op-time-range", B_NOC, DER_VALIDITY, PERIOD("991231235959Z", "401015142342Z")},
    {.rule = "op-not-before-zero", B_NOC, DER_VALIDITY, PERIOD("000101000000Z", "401015142342Z")},
    {.rule = "op-not-after-zero", B_NOC, DER_VALIDITY, PERIOD("991231235959Z", "000101000000Z")},
    {.rule = "field-2030-12-30", B_NOC, DER_VALIDITY, PERIOD("210101000000Z", "301230000000Z")},
    {.rule = "field-2030-12-30", B_NOC, DER_VALIDITY, PERIOD("210101000000Z", "301230235959Z")},
    {.rule = "op-expired", B_NOC, DER_VERSION, "A0(020102)", .now = T2041},
    {.rule = "op-not-yet-valid", B_NOC, DER_VERSION, "A0(020102)", .now = T2020},
    {.rule = "op-expires-soon", B_NOC, DER_VERSION, "A0(020102)", .now = T2040},
    {.rule = "op-root-expires", B_RCAC, DER_VALIDITY, PERIOD("201015142343Z", "401015142342Z")},
    {.rule = "op-no-expiry", B_NOC, DER_VALIDITY, NO_EXPIRY("201015142343Z")},
    {.rule = "op-outlives-issuer", B_NOC, DER_VALIDITY, PERIOD("201015142343Z", "401015142343Z"), .issuer = B_ICAC},
    {.rule = "op-older-than-issuer", B_NOC, DER_VALIDITY, PERIOD("201015142342Z", "401015142342Z"), .issuer = B_RCAC},
    {.rule = "att-issued-outside-issuer", B_DAC, DER_VALIDITY, NO_EXPIRY("201015142342Z"), .issuer = B_PAI},
    {.rule = "att-issued-outside-issuer", B_DAC, DER_VALIDITY, NO_EXPIRY("401015142343Z"), .issuer = B_ICAC},
    {.rule = "att-dac-expired", B_DAC, DER_VALIDITY, PERIOD("201015142343Z", "401015142342Z"), .now = T2041},
    {.rule = "att-dac-not-yet-valid", B_DAC, DER_VERSION, "A0(020102)", .now = T2020},
    {.rule = "att-authority-expired", B_PAI, DER_VALIDITY, PERIOD("201015142343Z", "401015142342Z"), .now = T2041},
    {.rule = "att-authority-not-yet-valid", B_PAI, DER_VERSION, "A0(020102)", .now = T2020},
    {.rule = "att-dac-expires-soon", B_DAC, DER_VALIDITY, PERIOD("201015142343Z", "401015142342Z"), .now = T2040},
    {.rule = "att-dac-time-32-bits", B_DAC, DER_VALIDITY, "30(18('21060207062816Z')18('99991231235959Z'))"},
    {.rule = "att-dac-time-32-bits", B_DAC, DER_VALIDITY, NO_EXPIRY("691231235959Z")},

    {.rule = "op-kind-unknown", B_NONE, DER_SUBJECT, DN(CN("nobody"))},
    {.rule = "op-kind-several", B_NOC, DER_SUBJECT, NOC_SUBJECT(ICA("0000000000000001"))},
    {.rule = "op-id-missing", B_NOC, DER_SUBJECT, DN(FABRIC("FAB000000000001D"))},
    {.rule = "op-id-missing", B_ICAC, DER_SUBJECT, DN(ROOT("FAB000000000001D"))},
    {.rule = "op-id-twice", B_NOC, DER_SUBJECT, NOC_SUBJECT(NODE("DEDEDEDE00020004"))},
    {.rule = "op-authority-id-zero", B_ICAC, DER_SUBJECT, DN(ICA("0000000000000000"))},
    {.rule = "op-fabric-id-missing", B_NOC, DER_SUBJECT, DN(NODE("DEDEDEDE00020003"))},
    {.rule = "op-fabric-id-twice", B_NOC, DER_SUBJECT, NOC_SUBJECT(FABRIC("FAB000000000001D"))},
    {.rule = "op-fabric-id-vvsc", B_VVSC, DER_SUBJECT, DN(CERTS_RDN("07", "0000000000000009") FABRIC("FAB000000000001D"))},
    {.rule = "op-fabric-id-issuer", B_NOC, DER_ISSUER, DN(ROOT("CACACACA00000001") FABRIC("FAB000000000001E"))},
    {.rule = "op-cat-identifier-twice", B_NOC, DER_SUBJECT, NOC_SUBJECT(CAT("12340001") CAT("12340002"))},
    {.rule = "op-cat-count", B_NOC, DER_SUBJECT, NOC_SUBJECT(CAT("12340001") CAT("12350001") CAT("12360001") CAT("12370001"))},
    {.rule = "op-cat-kind", B_ICAC, DER_SUBJECT, DN(ICA("CACACACA00000004") CAT("12340001"))},
    {.rule = "op-cats-apart", B_NOC, DER_SUBJECT, NOC_SUBJECT(CAT("12340001") CN("x") CAT("12350001"))},
    {.rule = "op-cat-identifier-high", B_NOC, DER_SUBJECT, NOC_SUBJECT(CAT("80000001"))},
    {.rule = "op-dn-empty", B_NOC, DER_ISSUER, "30()"},
    {.rule = "op-dn-empty", B_NOC, DER_SUBJECT, "30()"},
    {.rule = "op-dn-count", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN("x") ORG("y") CAT("12340001") CAT("12350001"))},
    {.rule = "op-dn-count", B_NOC, DER_ISSUER,
        DN(ROOT("CACACACA00000001") CN("x") ORG("y") CN("z") CN("u") CN("v"))},
    {.rule = "op-dn-multi", B_NOC, DER_SUBJECT, NOC_SUBJECT("31(30(0603550403 0C('x')) 30(060355040A 0C('y')))")},
    {.rule = "op-dn-multi", B_NOC, DER_ISSUER,
        DN(ROOT("CACACACA00000001") "31(30(0603550403 0C('x')) 30(060355040A 0C('y')))")},
    {.rule = "op-dn-repeated", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN("x") CN("y"))},
    {.rule = "op-dn-repeated", B_NOC, DER_ISSUER, DN(ROOT("CACACACA00000001") CN("x") CN("y"))},
    {.rule = "op-root-issuer", B_RCAC, DER_ISSUER, DN(ROOT("CACACACA00000002"))},
    {.rule = "op-icac-issuer", B_ICAC, DER_ISSUER, DN(ICA("CACACACA00000002"))},
    {.rule = "op-leaf-issuer", B_NOC, DER_ISSUER, DN(CN("x"))},
    {.rule = "op-issuer-node", B_NOC, DER_ISSUER, DN(NODE("DEDEDEDE00020004") FABRIC("FAB000000000001D"))},
    {.rule = "op-node-id-range", B_NOC, DER_SUBJECT, DN(NODE("0000000000000000") FABRIC("FAB000000000001D"))},
    {.rule = "op-node-id-range", B_NOC, DER_SUBJECT, DN(NODE("FFFFFFF000000000") FABRIC("FAB000000000001D"))},
    {.rule = "op-node-id-range", B_TLV, TLV_SUBJECT, "3706 241100 2715 1D00000000 00B0FA 18"},
    {.rule = "op-fabric-id-zero", B_NOC, DER_SUBJECT, DN(NODE("DEDEDEDE00020003") FABRIC("0000000000000000"))},
    {.rule = "op-cat-version-zero", B_NOC, DER_SUBJECT, NOC_SUBJECT(CAT("12340000"))},
    {.rule = "op-dn-attribute", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("0603550409", "0C", "street"))},
    {.rule = "op-dn-attribute", B_NOC, DER_SUBJECT, NOC_SUBJECT(VID("1234"))},
    {.rule = "op-dn-string", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("0603550403", "16", "ia5"))},
    {.rule = "op-dn-string", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("060A0992268993F22C640119", "0C", "dc"))},
    {.rule = "op-dn-text", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("0603550403", "13", "a*b"))},
    {.rule = "op-dn-text", B_NOC, DER_SUBJECT, NOC_SUBJECT("31(30(0603550403 0C(611F62)))")},
    {.rule = "op-dn-hex", B_NOC, DER_SUBJECT, DN(NODE("dedededE00020003") FABRIC("FAB000000000001D"))},
    {.rule = "op-dn-hex", B_NOC, DER_SUBJECT, DN(NODE("DEDEDEDE0002003") FABRIC("FAB000000000001D"))},
    {.rule = "op-dn-hex", B_NOC, DER_SUBJECT, DN(ATTR(CERTS_MATTER "01", "13", "DEDEDEDE00020003") FABRIC("FAB000000000001D"))},
    {.rule = "op-dn-domain-component", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("060A0992268993F22C640119", "16", "dc"))},
    {.rule = "op-dn-domain-component", B_NOC, DER_ISSUER,
        DN(ROOT("CACACACA00000001") ATTR("060A0992268993F22C640119", "16", "dc"))},
    {.rule = "op-dn-not-ascii", B_NOC, DER_SUBJECT, NOC_SUBJECT("31(30(0603550403 0C(C3A4)))")},
    {.rule = "x509-dn-long", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN(T64 "x"))},
    {.rule = "x509-dn-long", B_DAC, DER_SUBJECT, DN(CN(T64 "x") VID("1234") PID("8000"))},
    {.rule = "x509-dn-empty-text", B_NOC, DER_SUBJECT, NOC_SUBJECT(ORG(""))},
    {.rule = "x509-dn-country", B_NOC, DER_SUBJECT, NOC_SUBJECT(ATTR("0603550406", "13", "DEU"))},

    {.rule = "op-bc-missing", B_NOC, DER_EXTENSIONS, LEAF_OF("", CERTS_KU, CERTS_EKU)},
    {.rule = "op-bc-critical", B_NOC, DER_EXTENSIONS, LEAF_OF("30(0603551D13 04(3000))", CERTS_KU, CERTS_EKU)},
    {.rule = "op-bc-form", B_NOC, DER_EXTENSIONS, LEAF_OF(BC("30(010100)"), CERTS_KU, CERTS_EKU)},
    {.rule = "op-authority-ca-false", B_ICAC, DER_EXTENSIONS, EXTS(CERTS_BC KU_CA OF_KEY2)},
    {.rule = "field-leaf-ca-true", B_NOC, DER_EXTENSIONS, LEAF_OF(BC_CA, CERTS_KU, CERTS_EKU)},
    {.rule = "op-leaf-path-len", B_NOC, DER_EXTENSIONS, LEAF_OF(BC("30(020100)"), CERTS_KU, CERTS_EKU)},
    {.rule = "op-root-path-len", B_RCAC, DER_EXTENSIONS, EXTS(BC("30(0101FF 020102)") KU_CA OF_KEY1)},
    {.rule = "op-root-path-len-zero", B_RCAC, DER_EXTENSIONS, EXTS(BC_CA0 KU_CA OF_KEY1)},
    {.rule = "op-root-path-len-one", B_RCAC, DER_EXTENSIONS, EXTS(BC_CA1 KU_CA OF_KEY1)},
    {.rule = "op-icac-path-len-missing", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA KU_CA OF_KEY2)},
    {.rule = "op-icac-path-len", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA1 KU_CA OF_KEY2)},
    {.rule = "op-ku-missing", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, "", CERTS_EKU)},
    {.rule = "op-ku-critical", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, "30(0603551D0F 04(03020780))", CERTS_EKU)},
    {.rule = "op-ku-form", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, KU("03020080"), CERTS_EKU)},
    {.rule = "op-ku-cert-sign", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA0 KU_CRL OF_KEY2)},
    {.rule = "op-ku-crl-sign", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA0 KU("03020204") OF_KEY2)},
    {.rule = "op-ku-authority", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA0 KU("0302010E") OF_KEY2)},
    {.rule = "op-ku-authority-signs", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA0 KU("03020186") OF_KEY2)},
    {.rule = "op-ku-digital-signature", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, KU("03020640"), CERTS_EKU)},
    {.rule = "op-ku-leaf", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, KU("030206C0"), CERTS_EKU)},
    {.rule = "op-ku-decipher-only", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, KU("0303078080"), CERTS_EKU)},
    {.rule = "op-eku-authority", B_ICAC, DER_EXTENSIONS, EXTS(BC_CA0 KU_CA CERTS_EKU OF_KEY2)},
    {.rule = "op-eku-vvsc", B_VVSC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, CERTS_EKU)},
    {.rule = "op-eku-missing", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, "")},
    {.rule = "op-eku-critical", B_NOC, DER_EXTENSIONS,
        LEAF_OF(CERTS_BC, CERTS_KU, "30(0603551D25 04(30(" CLIENT SERVER ")))")},
    {.rule = "op-eku-form", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(CLIENT SERVER "06082B06010505070311"))},
    {.rule = "op-eku-server-auth", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(CLIENT))},
    {.rule = "op-eku-client-auth", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(SERVER))},
    {.rule = "op-eku-code-signing", B_FW, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(SERVER))},
    {.rule = "op-eku-node", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(CLIENT SERVER CODE))},
    {.rule = "op-eku-firmware", B_FW, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(CODE SERVER))},
    {.rule = "op-eku-twice", B_NOC, DER_EXTENSIONS, LEAF_OF(CERTS_BC, CERTS_KU, EKU(CLIENT SERVER CLIENT))},
    {.rule = "op-skid-missing", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU AKID(ID1))},
    {.rule = "op-key-id-length", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU "30(0603551D0E 04(04020102))" AKID(ID1))},
    {.rule = "op-key-id-length", B_TLV, TLV_EXTENSIONS, "370A 3501280118 240201 36030402040118 30040101 300514" CERTS_ID "18"},
    {.rule = "op-skid-critical", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU "30(0603551D0E 0101FF 04(0414" ID2 "))" AKID(ID1))},
    {.rule = "op-akid-missing", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2))},
    {.rule = "op-akid-form", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2) "30(0603551D23 04(30(8014" ID1 "820101)))")},
    {.rule = "op-akid-critical", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID2) "30(0603551D23 0101FF 04(30168014" ID1 "))")},
    {.rule = "op-root-akid", B_RCAC, DER_EXTENSIONS, EXTS(BC_CA KU_CA SKID(ID1) AKID(ID2))},

    {.rule = "op-ext-critical", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU OF_KEY2 "30(06092B06010401BE6BFF7F 0101FF 04(0403616263))")},
    {.rule = "op-ext-form", B_NOC, DER_EXTENSIONS,
        EXTS(CERTS_BC CERTS_KU CERTS_EKU OF_KEY2 "30(06092B06010401BE6BFF7F 04(616263))")},
    {.rule = "op-ext-further", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU OF_KEY2 CERTS_FUTURE)},
    {.rule = "op-ext-several", B_NOC, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU OF_KEY2 CERTS_FUTURE EXT_OTHER)},
    {.rule = "op-ext-order", B_NOC, DER_EXTENSIONS, EXTS(CERTS_KU CERTS_BC CERTS_EKU OF_KEY2)},
    {.rule = "op-size-tbs", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN(T64) ORG(T64) CAT("12340001"))},
    {.rule = "op-size-der", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN(T64) ORG(T64 "0123456789"))},
    {.rule = "op-size-tlv", B_NOC, DER_SUBJECT, NOC_SUBJECT(CN(T64) ORG(T64) CAT("12340001"))},
    {.rule = "op-identity-form", B_NETID, DER_SERIAL, "02(02)"},
    {.rule = "op-identity-serial", B_NETID, DER_SERIAL, "02(02)"},
    {.rule = "op-identity-issuer", B_NETID, DER_ISSUER, DN(CN("+"))},
    {.rule = "op-identity-period", B_NETID, DER_VALIDITY, NO_EXPIRY("000101000002Z")},
    {.rule = "op-identity-period", B_NETID, DER_VALIDITY, PERIOD("000101000001Z", "401015142342Z")},
    {.rule = "op-identity-extensions", B_NETID, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU CERTS_EKU SKID(ID1))},
    {.rule = "op-identity-extensions", B_NETID, DER_EXTENSIONS, EXTS(CERTS_KU CERTS_BC CERTS_EKU)},
    {.rule = "op-identity-usage", B_NETID, DER_EXTENSIONS, EXTS(CERTS_BC CERTS_KU EKU(SERVER CLIENT))},
#include "lint_rows_att.h"
#include "lint_rows_edge.h"
};

#endif
