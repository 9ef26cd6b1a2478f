/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - what a certificate of one kind may contain, as data; and the TBS bytes that follow from a
 * profile, a request and the issuer.
 *
 * The text form (profiles/NAME.profile, OpenSSL configuration syntax) is described in profiles/README.md.
 * A profile is checked against Matter's rules when it is read (matter-operational 1.1 to 1.6): a profile
 * that would make a forbidden certificate is refused with the line and the rule.
 */
#ifndef MC_PROFILE_H
#define MC_PROFILE_H

#include "conf.h"
#include "csr.h"

#define MC_PROFILE_TEXT_MAX 64  /* octets of a fixed name attribute */
#define MC_CRL_URI_MAX      100 /* octets that commissioners keep of a CRL's address (matter-attestation 1.8) */
#define MC_CRL_POINTS_MAX   384 /* octets of the largest cRLDistributionPoints that is written */

enum mc_presence { MC_FORBIDDEN, MC_OPTIONAL, MC_REQUIRED };

struct mc_profile_attr { /* one line of [ subject ], in order */
    uint8_t id;          /* enum mc_attr_id */
    uint8_t presence;    /* enum mc_presence: from the request */
    bool printable;      /* fixed text is a PrintableString */
    uint8_t text_len;    /* > 0: fixed text, always there */
    char text[MC_PROFILE_TEXT_MAX];
};

struct mc_profile {
    enum mc_kind kind;
    uint32_t validity_days; /* 0: no expiry (99991231235959Z) */
    uint32_t backdate_seconds;
    bool is_ca;
    bool path_len_present;
    uint8_t path_len;
    uint16_t ku;
    uint8_t n_eku, eku[MC_EKU_CAP];
    uint8_t n_attr;
    struct mc_profile_attr attr[MC_DN_CAP];
    uint8_t n_ext, ext[6]; /* enum mc_ext_id, in the order to be written; MC_EXT_FUTURE: cRLDistributionPoints */
    bool ids_in_common_name; /* VID and PID stand in the common name (matter-attestation 1.4) */
    uint8_t crl_points;      /* enum mc_presence: from the request */
    uint8_t crl_points_n;    /* > 0: fixed, always there */
    uint8_t crl_points_der[MC_CRL_URI_MAX + 28];
};

/*
 * Reads and checks a profile. m is cleared first. All mistakes go to m, each with its line; MC_OK only if there is none, else
 * the code of the first.
 */
MC_MUST_CHECK enum mc_rc mc_profile_parse(struct mc_span text, struct mc_profile *p, struct mc_mistakes *m);

/* What one certificate shall hold. Absent ids are 0 with the has_ flag false. */
struct mc_request {
    bool has_node_id, has_fabric_id, has_authority_id, has_firmware_id;
    uint64_t node_id, fabric_id;
    uint64_t authority_id; /* matter-rcac-id, matter-icac-id or matter-vvs-id, as the kind has it */
    uint64_t firmware_id;
    unsigned n_cat;
    uint32_t cat[MC_CAT_MAX];
    bool has_vid, has_pid;
    uint16_t vid, pid;
    struct mc_span crl_points;  /* a whole extension (mc_crl_points_encode); n == 0: none */
    struct mc_span common_name; /* n == 0: none */
    struct mc_span serial;      /* INTEGER content, 1..20 octets, positive and minimal */
    int64_t not_before_unix;    /* the caller has back-dated and bounded both times */
    int64_t not_after_unix;
    const uint8_t *point;              /* 65 octets; on the curve (checked by the caller) */
    uint8_t key_id[MC_KEY_ID_LEN];     /* SHA-1 of point */
    /* Written by mc_profile_apply: text that the names of attestation certificates borrow. */
    char vid_text[4], pid_text[4], name_text[MC_PROFILE_TEXT_MAX];
};

/*
 * Fills c from profile and request. issuer NULL means self-signed. The issuer's subject is copied as it is
 * and its SKID becomes the AKID. c borrows from p, r and issuer. The TBS bytes come from mc_cert_encode_tbs.
 *
 * All rules are applied, and the code names the field: what profile and request do not share
 * (MC_E_PROFILE_REQUEST); ids (MC_E_NODE_ID, MC_E_FABRIC_ID, MC_E_CAT_VERSION, MC_E_CAT_TWICE,
 * MC_E_CAT_COUNT), names (MC_E_DN_COUNT, MC_E_DN_TEXT); the issuer (MC_E_ISSUER_KIND, _PATH, _KEY_ID, _KEY,
 * _FABRIC, _PERIOD); times (MC_E_TIME_RANGE, _ZERO, _ORDER); serial (MC_E_SERIAL, MC_E_SERIAL_POSITIVE) and
 * point (MC_E_POINT); and the sizes, with the largest signature there can be: MC_E_TBS_SIZE (527 octets),
 * MC_E_SIZE_DER (600, which a TBS of more than 509 octets breaks), MC_E_SIZE_TLV (400).
 *
 * Attestation kinds (matter-attestation 1.2 to 1.8, 1.11, 1.12) have no TLV form: of the sizes only the 600
 * octets count. The issuer was read under MC_RULES_X509. What a commissioner would answer to the chain is asked
 * here: MC_E_ATT_VID, MC_E_ATT_PID (results 205, 305, 306); MC_E_ATT_ID for ids that no vendor or product has.
 */
MC_MUST_CHECK enum mc_rc mc_profile_apply(const struct mc_profile *p, struct mc_request *r,
    const struct mc_cert *issuer, struct mc_cert *c, struct mc_err *e);

/* VID and PID against those of the issuer's subject, which mc_profile_apply asks too. MC_E_ATT_VID, _PID, _ID. */
MC_MUST_CHECK enum mc_rc mc_profile_check_product(
    enum mc_kind kind, const struct mc_request *r, const struct mc_cert *issuer, struct mc_err *e);

/* The subject alone, into c->subject: for a CSR to somebody else's authority. Codes of names as above. */
MC_MUST_CHECK enum mc_rc mc_profile_subject(
    const struct mc_profile *p, struct mc_request *r, struct mc_cert *c, struct mc_err *e);

/*
 * The extension cRLDistributionPoints with one URI and, for a CRL that another than the issuer signs, the DER name
 * of that signer (n == 0: none). MC_E_CRL_URI: not http:// or https://, more than 100 octets, not ASCII. MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc mc_crl_points_encode(
    struct mc_span uri, struct mc_span crl_issuer, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

/*
 * The period that a profile gives at time now: back-dated, cut to the issuer's (NULL: none). Times that
 * Matter cannot hold are given as they are; mc_profile_apply refuses them.
 */
void mc_profile_period(const struct mc_profile *p, int64_t now_unix, const struct mc_cert *issuer,
    int64_t *not_before_unix, int64_t *not_after_unix);

#endif
