/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h - the certificate struct, and its two encodings: X.509 DER and Matter TLV.
 *
 * A parsed struct mc_cert borrows from its input: keep the input alive. Nothing allocates; the encoders
 * fill the caller's buffer. What mc_cert_parse_* accepts under MC_RULES_MATTER encodes in both forms, and
 * each form parses back to the same bytes: everything else is refused with the field and the rule.
 * Sources: matter-operational chapters 1 and 2; matter-attestation chapter 1 for MC_RULES_X509.
 */
#ifndef MC_CERT_H
#define MC_CERT_H

#include "caltime.h"
#include "oid.h"

#define MC_CERT_DER_MAX     600 /* octets of DER */
#define MC_CERT_TLV_MAX     400 /* octets of Matter TLV */
#define MC_CERT_TBS_MAX     527 /* octets of TBSCertificate that deployed nodes can verify */
#define MC_SERIAL_MAX       20
#define MC_POINT_LEN        65
#define MC_KEY_ID_LEN       20
#define MC_SIG_LEN          64  /* r || s */
#define MC_SIG_DER_MAX      72
#define MC_DIGEST_LEN       32
#define MC_DN_MAX           5   /* RDNs in a Matter name */
#define MC_DN_CAP           16  /* attributes that the X.509 reader keeps */
#define MC_EXT_CAP          24
#define MC_EKU_CAP          8
#define MC_CAT_MAX          3
#define MC_IDENTITY_TBS_LEN 244
#define MC_IDENTITY_TLV_LEN 137 /* the compact form */
#define MC_X509_INPUT_MAX   65536

#define MC_NODE_ID_MIN UINT64_C(0x0000000000000001)
#define MC_NODE_ID_MAX UINT64_C(0xFFFFFFEFFFFFFFFF)

/* keyUsage bits: bit n is the RFC 5280 named bit n. */
enum {
    MC_KU_DIGITAL_SIGNATURE = 0x0001,
    MC_KU_NON_REPUDIATION = 0x0002,
    MC_KU_KEY_ENCIPHERMENT = 0x0004,
    MC_KU_DATA_ENCIPHERMENT = 0x0008,
    MC_KU_KEY_AGREEMENT = 0x0010,
    MC_KU_KEY_CERT_SIGN = 0x0020,
    MC_KU_CRL_SIGN = 0x0040,
    MC_KU_ENCIPHER_ONLY = 0x0080,
    MC_KU_DECIPHER_ONLY = 0x0100,
};

enum mc_rules {
    MC_RULES_MATTER, /* must be representable in both forms */
    MC_RULES_X509,   /* anything that is a DER X.509 certificate; obstacles to conversion are noted */
};

enum mc_form { MC_FORM_DER, MC_FORM_TLV, MC_FORM_COMPACT };

enum mc_kind {
    MC_KIND_UNKNOWN,
    MC_KIND_RCAC,
    MC_KIND_ICAC,
    MC_KIND_NOC,
    MC_KIND_FIRMWARE_SIGNING,
    MC_KIND_NETWORK_IDENTITY,
    MC_KIND_VVSC,
    MC_KIND_PAA,
    MC_KIND_PAI,
    MC_KIND_DAC,
    MC_KIND_CD_SIGNER,
    MC_KIND_CRL_SIGNER,
    MC_KIND_COUNT
};

/*
 * One attribute of a name. Matter ids have num and no text. string_tag is the DER tag of the value
 * (MC_DER_UTF8, MC_DER_PRINTABLE, MC_DER_IA5, or in X.509 any other). rdn numbers the RDN it stands in.
 */
struct mc_attr {
    uint8_t id; /* enum mc_attr_id */
    uint8_t string_tag;
    uint8_t rdn;
    uint64_t num;
    struct mc_span text; /* also the hex digits of a Matter id when read from DER */
    struct mc_span oid;  /* set for MC_ATTR_UNKNOWN */
};

struct mc_dn {
    uint8_t n;
    bool as_read; /* a builder wants it written as der has it: an issuer's name that Matter could not hold */
    struct mc_attr attr[MC_DN_CAP];
    struct mc_span der; /* the whole Name element, when read from DER; else n == 0 */
};

/*
 * One extension, in order. For the five known ones the value is decoded in struct mc_cert. For
 * MC_EXT_FUTURE whole is the complete Extension SEQUENCE. value is the content of extnValue.
 */
struct mc_ext {
    uint8_t id; /* enum mc_ext_id */
    bool critical;
    bool decoded; /* false where MC_RULES_X509 met a value that is not in Matter's form */
    struct mc_span oid, value, whole;
};

struct mc_cert {
    enum mc_form form; /* what it was read from */
    uint8_t version;   /* 3 */
    bool p256;         /* the key is an uncompressed P-256 point, in point */
    bool has_sig;      /* the signature is in sig; else (X509 rules) only in sig_der */
    bool sig_alg_differs; /* X509 rules: the algorithm beside the signature is not the one that is signed */
    bool has_bc, is_ca, has_path_len, has_ku, has_eku, has_skid, has_akid;
    uint8_t path_len;
    uint8_t n_eku, n_ext;
    uint16_t ku;
    uint8_t eku[MC_EKU_CAP]; /* enum mc_eku, in order */
    struct mc_span serial;   /* INTEGER content octets */
    int64_t not_before_unix, not_after_unix; /* notAfter may be MC_TIME_NO_EXPIRY */
    struct mc_span point;      /* 65 octets if p256 */
    struct mc_span skid, akid; /* 20 octets each */
    uint8_t sig[MC_SIG_LEN];
    struct mc_ext ext[MC_EXT_CAP];
    struct mc_dn issuer, subject;
    /* DER input only: */
    struct mc_span tbs;     /* the signed octets, tag and length included */
    struct mc_span sig_der; /* content of the signature BIT STRING */
    struct mc_span sig_alg_oid, key_alg_oid, key_params; /* key_params: the whole parameters element */
    struct mc_span key_bits;                            /* content of the key's BIT STRING */
    struct mc_err obstacle; /* MC_RULES_X509, loose TLV: the first rule that forbids conversion; rc MC_OK if none */
};

/*
 * Reads one whole certificate; trailing octets are refused (an obstacle under MC_RULES_X509). On failure *c
 * is unspecified. The input must outlive c. Codes: the classes MALFORMED of err.def for encodings, names,
 * times, extensions, sizes.
 */
MC_MUST_CHECK enum mc_rc mc_cert_parse_der(
    struct mc_span in, enum mc_rules rules, struct mc_cert *c, struct mc_err *e);
/* The full form, or the compact form of a network identity. */
MC_MUST_CHECK enum mc_rc mc_cert_parse_tlv(struct mc_span in, struct mc_cert *c, struct mc_err *e);
/*
 * As nodes read it (matter-operational 2.1, 5): a serial number of any length or form, numbers and lengths wider than needed and
 * octets behind the end are noted in c->obstacle, the first of them, and reading goes on.
 */
MC_MUST_CHECK enum mc_rc mc_cert_parse_tlv_loose(struct mc_span in, struct mc_cert *c, struct mc_err *e);

/*
 * Writes TBSCertificate, Certificate or the Matter TLV. *n gets the length. c came from a parser under
 * MC_RULES_MATTER, or was filled by a builder and has no text that is not the caller's own.
 * MC_E_SPACE if cap is too small (MC_CERT_DER_MAX and MC_CERT_TLV_MAX always suffice for parsed input);
 * MC_E_SIZE_DER, MC_E_SIZE_TLV over the limits; the obstacle of a certificate (but the TBSCertificate of what was
 * read loosely is written, because that is what was signed); MC_E_SERIAL, MC_E_TIME_*,
 * MC_E_POINT, MC_E_EXT_KEY_ID where a builder left a field out or out of range.
 */
MC_MUST_CHECK enum mc_rc mc_cert_encode_tbs(
    const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_cert_encode_der(
    const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_cert_encode_tlv(
    const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
/* Only a network identity has it: MC_E_NOT_COMPACT. */
MC_MUST_CHECK enum mc_rc mc_cert_encode_compact(
    const struct mc_cert *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

/* Assembles Certificate from the signed TBS octets and r || s, without touching the TBS. */
MC_MUST_CHECK enum mc_rc mc_cert_assemble(struct mc_span tbs, const uint8_t sig[MC_SIG_LEN], uint8_t *out,
    size_t cap, size_t *n, struct mc_err *e);

/* r || s to ECDSA-Sig-Value DER (at most MC_SIG_DER_MAX octets) and back (strict: MC_E_SIGNATURE_FORM). */
size_t mc_sig_to_der(const uint8_t sig[MC_SIG_LEN], uint8_t out[MC_SIG_DER_MAX]);
MC_MUST_CHECK enum mc_rc mc_sig_from_der(struct mc_span der, uint8_t sig[MC_SIG_LEN]);

/*
 * What the subject says the certificate is (matter-operational 1.3; attestation by VID, PID and cA). A CD signer is
 * known by its common name, a delegated CRL signer by its key usage (matter-attestation 1.11, 1.12).
 */
enum mc_kind mc_cert_kind(const struct mc_cert *c);
/* PAA, PAI, DAC and the signers beside them: certificates that have no Matter TLV form and need none. */
static inline bool mc_kind_is_attestation(enum mc_kind k)
{
    return k >= MC_KIND_PAA && k <= MC_KIND_CRL_SIGNER;
}
const char *mc_kind_name(enum mc_kind k);      /* "rcac", "icac", "noc", "firmware-signing", ... */
enum mc_kind mc_kind_find(const char *name);   /* MC_KIND_UNKNOWN if none */

/* The only attribute with this id; false if there is none or more than one. */
bool mc_dn_find(const struct mc_dn *dn, enum mc_attr_id id, uint64_t *num);
/* CATs in order; returns how many there are (out holds MC_DN_CAP). */
unsigned mc_dn_cats(const struct mc_dn *dn, uint32_t *out);
/* As CHIP compares: same count (not 0), order, attribute, string type, value (matter-operational 3.3). */
bool mc_dn_equal(const struct mc_dn *a, const struct mc_dn *b);
/* Appends an attribute, for builders. text must outlive dn. MC_E_DN_COUNT. */
MC_MUST_CHECK enum mc_rc mc_dn_add_num(struct mc_dn *dn, enum mc_attr_id id, uint64_t num);
MC_MUST_CHECK enum mc_rc mc_dn_add_text(struct mc_dn *dn, enum mc_attr_id id, struct mc_span text);
/* "CN=...,matter-node-id=..." for people; control characters and commas escaped; cut at cap. */
void mc_dn_format(const struct mc_dn *dn, char *out, size_t cap);

/* The rules of an id wherever it stands; used by both parsers, builders and the programs. */
MC_MUST_CHECK enum mc_rc mc_node_id_check(uint64_t node_id);
MC_MUST_CHECK enum mc_rc mc_fabric_id_check(uint64_t fabric_id);
MC_MUST_CHECK enum mc_rc mc_cat_check(uint32_t cat);

#endif
