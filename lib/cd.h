/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cd.h - certification declarations: the payload, and what it says about a device (matter-attestation 4).
 *
 * A declaration is a CMS envelope (cms.h) around Matter TLV:
 *
 *     { 0: format_version, 1: vendor_id, 2: [product ids], 3: device_type_id, 4: "certificate id", 5: security_level,
 *       6: security_information, 7: version_number, 8: certification_type,
 *       9: dac_origin_vendor_id, 10: dac_origin_product_id,     both or none
 *       11: [key ids of authorized PAAs] }                      optional
 *
 * All numbers unsigned. Elements with other tags may follow and are ignored. Views borrow from the input.
 */
#ifndef MC_CD_H
#define MC_CD_H

#include "att_chain.h"
#include "cms.h"

#define MC_CD_PAYLOAD_MAX  790 /* octets that a commissioner reads at most */
#define MC_CD_PRODUCTS_MAX 100
#define MC_CD_PAAS_MAX     10
#define MC_CD_ID_LEN       19  /* of the certificate id: "CSA00000SWC00000-00" */
/* How many a payload can hold that breaks the two rules above. */
#define MC_CD_PRODUCTS_CAP (MC_CD_PAYLOAD_MAX / 2)
#define MC_CD_PAAS_CAP     (MC_CD_PAYLOAD_MAX / (MC_KEY_ID_LEN + 2))

enum { /* certification_type */
    MC_CD_TEST = 0,
    MC_CD_PROVISIONAL = 1,
    MC_CD_OFFICIAL = 2,
    MC_CD_TYPES = 3, /* this and above: reserved */
};

struct mc_cd {
    uint16_t format_version, vendor_id;
    uint32_t device_type;
    struct mc_span certificate_id; /* UTF-8, MC_CD_ID_LEN octets */
    uint8_t security_level;
    uint16_t security_information, version_number;
    uint8_t certification_type;
    bool has_origin, has_paas;
    uint16_t origin_vid, origin_pid;
    uint16_t n_products, n_paas;
    uint16_t product[MC_CD_PRODUCTS_CAP];
    struct mc_span paa[MC_CD_PAAS_CAP]; /* MC_KEY_ID_LEN octets each */
    uint16_t n_unknown;                 /* elements behind the known ones */
};

/*
 * The payload's form: MC_E_CD_SIZE, MC_E_CD_ID, MC_E_CD_ORIGIN and those of the TLV cursor (result 603). The deployed
 * reader differs in this: product ids above 0xFFFF end the list instead of being refused, known tags behind
 * unknown ones are ignored instead of being refused, and text need not be UTF-8.
 */
MC_MUST_CHECK enum mc_rc mc_cd_parse(struct mc_span tlv, struct mc_cd *cd, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_cd_parse_deployed(struct mc_span tlv, struct mc_cd *cd, struct mc_err *e);
/* The values: format_version 1, certification_type below 3 (result 501); the counts. MC_E_CD_VERSION, MC_E_CD_TYPE, MC_E_CD_COUNT. */
MC_MUST_CHECK enum mc_rc mc_cd_check(const struct mc_cd *cd, struct mc_err *e);
/* In smallest widths; refuses what mc_cd_check or mc_cd_parse would. n_unknown is not written. */
MC_MUST_CHECK enum mc_rc mc_cd_encode(const struct mc_cd *cd, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
/* "development and test", "provisional", "official", "reserved". */
const char *mc_cd_type_name(uint8_t certification_type);
/* "test", "provisional" or "official", any case; MC_CD_TYPES if it is none. */
uint8_t mc_cd_type_find(const char *name);

bool mc_cd_has_product(const struct mc_cd *cd, uint16_t pid);
bool mc_cd_has_paa(const struct mc_cd *cd, struct mc_span key_id);

/* A key that may sign declarations. */
struct mc_cd_key {
    const char *name; /* "official key 001" */
    bool test;        /* the SDK's published test key: only for declarations of type 0 and 1, and if allowed */
    uint8_t key_id[MC_KEY_ID_LEN];
    uint8_t point[MC_POINT_LEN];
};
/* The known signers of matter-attestation 4.5. */
extern const struct mc_cd_key mc_cd_keys[];
extern const size_t mc_cd_keys_n;
/* Looks among the known ones, then among `more`. NULL if there is none. */
const struct mc_cd_key *mc_cd_key_find(const struct mc_cd_key *more, size_t n_more, struct mc_span key_id);
/* The key of a signer's certificate: P-256, SKID of 20 octets. MC_E_CURVE, MC_E_CHAIN_KEY_ID. name is kept as it is. */
MC_MUST_CHECK enum mc_rc mc_cd_key_of(
    const struct mc_cert *c, const char *name, struct mc_cd_key *key, struct mc_err *e);
/*
 * Commissioners add a signer only if its certificate is issued directly by the CSA's certification root (1.11).
 * MC_E_CD_KEY, MC_E_ATT_PERIOD, MC_E_SIGNATURE.
 */
MC_MUST_CHECK enum mc_rc mc_cd_check_official(struct mc_verifier *v, const struct mc_cert *c, struct mc_err *e);
/* 4.4: whether the test key may sign this certification type. */
bool mc_cd_test_key_fits(uint8_t certification_type);

/* What a declaration is compared with, in the order of 4.6. What is not known is not compared. */
struct mc_cd_device {
    bool has_vid, has_pid; /* Basic Information */
    uint16_t vid, pid;
    const struct mc_att_ids *dac, *pai; /* NULL: not known */
    struct mc_span paa_key_id;          /* n == 0: not known */
};
enum mc_cd_field {
    MC_CD_VS_VENDOR,      /* vendor_id and Basic Information: 604 */
    MC_CD_VS_PRODUCT,     /* product_id_array and Basic Information: 605 */
    MC_CD_VS_DAC_VENDOR,  /* 604 */
    MC_CD_VS_PAI_VENDOR,  /* 604 */
    MC_CD_VS_DAC_PRODUCT, /* 605 */
    MC_CD_VS_PAI_PRODUCT, /* 605 */
    MC_CD_VS_PAA,         /* 606 */
    MC_CD_VS_COUNT
};
/*
 * One comparison: MC_OK, MC_E_CD_VENDOR, MC_E_CD_PRODUCT or MC_E_CD_PAA. *compared is false where there is nothing to
 * compare with. A PID of 0 in the PAI is no PID, as commissioners have it.
 */
MC_MUST_CHECK enum mc_rc mc_cd_compare(const struct mc_cd *cd, const struct mc_cd_device *d, enum mc_cd_field field,
    bool *compared, struct mc_err *e);

#endif
