/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oid.h - every object identifier of Matter certificates, in one table (matter-operational 1.2, 2.3, 2.4;
 * matter-attestation 1.1).
 */
#ifndef MC_OID_H
#define MC_OID_H

#include "buf.h"

/*
 * Attributes of distinguished names. 1..23 are the Matter TLV tags of chapter 2.3; the two attestation
 * attributes exist in X.509 only.
 */
enum mc_attr_id {
    MC_ATTR_UNKNOWN = 0,
    MC_ATTR_COMMON_NAME = 1,
    MC_ATTR_SURNAME,
    MC_ATTR_SERIAL_NUMBER,
    MC_ATTR_COUNTRY,
    MC_ATTR_LOCALITY,
    MC_ATTR_STATE,
    MC_ATTR_ORGANIZATION,
    MC_ATTR_ORGANIZATIONAL_UNIT,
    MC_ATTR_TITLE,
    MC_ATTR_NAME,
    MC_ATTR_GIVEN_NAME,
    MC_ATTR_INITIALS,
    MC_ATTR_GENERATION_QUALIFIER,
    MC_ATTR_DN_QUALIFIER,
    MC_ATTR_PSEUDONYM,
    MC_ATTR_DOMAIN_COMPONENT = 16,
    MC_ATTR_NODE_ID = 17,
    MC_ATTR_FIRMWARE_SIGNING_ID,
    MC_ATTR_ICAC_ID,
    MC_ATTR_RCAC_ID,
    MC_ATTR_FABRIC_ID,
    MC_ATTR_CAT,
    MC_ATTR_VVS_ID = 23,
    MC_ATTR_TLV_LAST = MC_ATTR_VVS_ID,
    MC_ATTR_VID = 24,
    MC_ATTR_PID = 25,
    MC_ATTR_COUNT
};

static inline bool mc_attr_is_matter(enum mc_attr_id id)
{
    return id >= MC_ATTR_NODE_ID && id <= MC_ATTR_VVS_ID;
}

/* Extended key purposes: the Matter TLV numbers. */
enum mc_eku {
    MC_EKU_UNKNOWN = 0,
    MC_EKU_SERVER_AUTH = 1,
    MC_EKU_CLIENT_AUTH,
    MC_EKU_CODE_SIGNING,
    MC_EKU_EMAIL_PROTECTION,
    MC_EKU_TIME_STAMPING,
    MC_EKU_OCSP_SIGNING,
    MC_EKU_COUNT
};

/* Extensions: the Matter TLV tags 1..5; FUTURE stands for any other. */
enum mc_ext_id {
    MC_EXT_BASIC_CONSTRAINTS = 1,
    MC_EXT_KEY_USAGE,
    MC_EXT_EXTENDED_KEY_USAGE,
    MC_EXT_SUBJECT_KEY_ID,
    MC_EXT_AUTHORITY_KEY_ID,
    MC_EXT_FUTURE = 6,
};

/* Content octets. */
extern const uint8_t mc_oid_ecdsa_sha256[8];
extern const uint8_t mc_oid_ec_public_key[7];
extern const uint8_t mc_oid_prime256v1[8];

/* The content octets of an attribute, purpose or extension (1..5); n is 0 for ids that have none. */
struct mc_span mc_attr_oid(enum mc_attr_id id);
struct mc_span mc_eku_oid(enum mc_eku id);
struct mc_span mc_ext_oid(enum mc_ext_id id);

enum mc_attr_id mc_attr_find(struct mc_span oid);
enum mc_eku mc_eku_find(struct mc_span oid);
/* MC_EXT_FUTURE for every OID that is none of the five. */
enum mc_ext_id mc_ext_find(struct mc_span oid);
/* True for the OIDs of the Matter tables that are no extensions: such an extension cannot be converted. */
bool mc_oid_is_other_category(struct mc_span oid);

/* "matter-node-id", "commonName", ...; "" for unknown. */
const char *mc_attr_name(enum mc_attr_id id);
/* The short names of RFC 4514 and OpenSSL where there is one ("CN", "O"), else as mc_attr_name. */
const char *mc_attr_short_name(enum mc_attr_id id);
enum mc_attr_id mc_attr_find_name(const char *name); /* long or short name; case-sensitive */
const char *mc_eku_name(enum mc_eku id);
const char *mc_ext_name(enum mc_ext_id id);
/* A name for any OID that the field meets (signature algorithms, curves, CRL extensions), or "". */
const char *mc_oid_name(struct mc_span oid);
/* Dotted decimal, always NUL-terminated, cut with "..." if too long; "" if not well-formed. */
void mc_oid_format(struct mc_span oid, char *out, size_t cap);

#endif
