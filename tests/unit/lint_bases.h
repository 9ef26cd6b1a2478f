/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint_bases.h - a valid certificate of each kind in the notation of certs.h, and how one is changed: a row
 * replaces one or two of its parts.
 */
#ifndef TEST_LINT_BASES_H
#define TEST_LINT_BASES_H

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

#endif
