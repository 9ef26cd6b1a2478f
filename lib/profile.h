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

#define MC_PROFILE_TEXT_MAX 64 /* octets of a fixed name attribute */

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
    uint8_t n_ext, ext[5]; /* enum mc_ext_id, in the order to be written */
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
    struct mc_span common_name; /* n == 0: none */
    struct mc_span serial;      /* INTEGER content, 1..20 octets, positive and minimal */
    int64_t not_before_unix;    /* the caller has back-dated and bounded both times */
    int64_t not_after_unix;
    const uint8_t *point;              /* 65 octets; on the curve (checked by the caller) */
    uint8_t key_id[MC_KEY_ID_LEN];     /* SHA-1 of point */
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
 */
MC_MUST_CHECK enum mc_rc mc_profile_apply(const struct mc_profile *p, const struct mc_request *r,
    const struct mc_cert *issuer, struct mc_cert *c, struct mc_err *e);

/*
 * The period that a profile gives at time now: back-dated, cut to the issuer's (NULL: none). Times that
 * Matter cannot hold are given as they are; mc_profile_apply refuses them.
 */
void mc_profile_period(const struct mc_profile *p, int64_t now_unix, const struct mc_cert *issuer,
    int64_t *not_before_unix, int64_t *not_after_unix);

#endif
