/* SPDX-License-Identifier: Apache-2.0 */
#include "oid.h"

#include <stdio.h>

const uint8_t mc_oid_ecdsa_sha256[8] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
const uint8_t mc_oid_ec_public_key[7] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
const uint8_t mc_oid_prime256v1[8] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

struct row {
    uint8_t n;
    uint8_t oid[10];
    const char *name, *short_name;
};

#define X520(nn)       3, {0x55, 0x04, nn}
#define MATTER_DN(nn)  10, {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xA2, 0x7C, 0x01, nn}
#define MATTER_ATT(nn) 10, {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xA2, 0x7C, 0x02, nn}
#define CE(nn)         3, {0x55, 0x1D, nn}
#define KP(nn)         8, {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, nn}

static const struct row attributes[MC_ATTR_COUNT] = {
    [MC_ATTR_COMMON_NAME] = {X520(0x03), "commonName", "CN"},
    [MC_ATTR_SURNAME] = {X520(0x04), "surname", "SN"},
    [MC_ATTR_SERIAL_NUMBER] = {X520(0x05), "serialNumber", "serialNumber"},
    [MC_ATTR_COUNTRY] = {X520(0x06), "countryName", "C"},
    [MC_ATTR_LOCALITY] = {X520(0x07), "localityName", "L"},
    [MC_ATTR_STATE] = {X520(0x08), "stateOrProvinceName", "ST"},
    [MC_ATTR_ORGANIZATION] = {X520(0x0A), "organizationName", "O"},
    [MC_ATTR_ORGANIZATIONAL_UNIT] = {X520(0x0B), "organizationalUnitName", "OU"},
    [MC_ATTR_TITLE] = {X520(0x0C), "title", "title"},
    [MC_ATTR_NAME] = {X520(0x29), "name", "name"},
    [MC_ATTR_GIVEN_NAME] = {X520(0x2A), "givenName", "GN"},
    [MC_ATTR_INITIALS] = {X520(0x2B), "initials", "initials"},
    [MC_ATTR_GENERATION_QUALIFIER] = {X520(0x2C), "generationQualifier", "generationQualifier"},
    [MC_ATTR_DN_QUALIFIER] = {X520(0x2E), "dnQualifier", "dnQualifier"},
    [MC_ATTR_PSEUDONYM] = {X520(0x41), "pseudonym", "pseudonym"},
    [MC_ATTR_DOMAIN_COMPONENT] = {10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19},
        "domainComponent", "DC"},
    [MC_ATTR_NODE_ID] = {MATTER_DN(1), "matter-node-id", "matter-node-id"},
    [MC_ATTR_FIRMWARE_SIGNING_ID] = {MATTER_DN(2), "matter-firmware-signing-id", "matter-firmware-signing-id"},
    [MC_ATTR_ICAC_ID] = {MATTER_DN(3), "matter-icac-id", "matter-icac-id"},
    [MC_ATTR_RCAC_ID] = {MATTER_DN(4), "matter-rcac-id", "matter-rcac-id"},
    [MC_ATTR_FABRIC_ID] = {MATTER_DN(5), "matter-fabric-id", "matter-fabric-id"},
    [MC_ATTR_CAT] = {MATTER_DN(6), "matter-noc-cat", "matter-noc-cat"},
    [MC_ATTR_VVS_ID] = {MATTER_DN(7), "matter-vvs-id", "matter-vvs-id"},
    [MC_ATTR_VID] = {MATTER_ATT(1), "matter-vid", "VID"},
    [MC_ATTR_PID] = {MATTER_ATT(2), "matter-pid", "PID"},
};

static const struct row purposes[MC_EKU_COUNT] = {
    [MC_EKU_SERVER_AUTH] = {KP(1), "serverAuth", ""},
    [MC_EKU_CLIENT_AUTH] = {KP(2), "clientAuth", ""},
    [MC_EKU_CODE_SIGNING] = {KP(3), "codeSigning", ""},
    [MC_EKU_EMAIL_PROTECTION] = {KP(4), "emailProtection", ""},
    [MC_EKU_TIME_STAMPING] = {KP(8), "timeStamping", ""},
    [MC_EKU_OCSP_SIGNING] = {KP(9), "OCSPSigning", ""},
};

static const struct row extensions[MC_EXT_FUTURE] = {
    [MC_EXT_BASIC_CONSTRAINTS] = {CE(0x13), "basicConstraints", ""},
    [MC_EXT_KEY_USAGE] = {CE(0x0F), "keyUsage", ""},
    [MC_EXT_EXTENDED_KEY_USAGE] = {CE(0x25), "extKeyUsage", ""},
    [MC_EXT_SUBJECT_KEY_ID] = {CE(0x0E), "subjectKeyIdentifier", ""},
    [MC_EXT_AUTHORITY_KEY_ID] = {CE(0x23), "authorityKeyIdentifier", ""},
};

/* What else the field meets. The first `CATEGORY_ROWS` are in the Matter tables, and are no extensions. */
#define CATEGORY_ROWS 4
static const struct row others[] = {
    {8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}, "ecdsa-with-SHA256", ""},
    {7, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01}, "id-ecPublicKey", ""},
    {8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, "prime256v1", ""},
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x0E}, "extensionRequest", ""},
    {7, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}, "ecdsa-with-SHA1", ""},
    {8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03}, "ecdsa-with-SHA384", ""},
    {8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04}, "ecdsa-with-SHA512", ""},
    {5, {0x2B, 0x81, 0x04, 0x00, 0x0A}, "secp256k1", ""},
    {5, {0x2B, 0x81, 0x04, 0x00, 0x22}, "secp384r1", ""},
    {5, {0x2B, 0x81, 0x04, 0x00, 0x23}, "secp521r1", ""},
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}, "rsaEncryption", ""},
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B}, "sha256WithRSAEncryption", ""},
    {3, {0x2B, 0x65, 0x70}, "Ed25519", ""},
    {3, {0x55, 0x1D, 0x1F}, "cRLDistributionPoints", ""},
    {3, {0x55, 0x1D, 0x11}, "subjectAltName", ""},
    {3, {0x55, 0x1D, 0x12}, "issuerAltName", ""},
    {3, {0x55, 0x1D, 0x20}, "certificatePolicies", ""},
    {3, {0x55, 0x1D, 0x14}, "cRLNumber", ""},
    {8, {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01}, "authorityInfoAccess", ""},
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x01}, "emailAddress", ""},
    {3, {0x55, 0x04, 0x09}, "streetAddress", ""},
    {3, {0x55, 0x04, 0x11}, "postalCode", ""},
    {3, {0x55, 0x04, 0x61}, "organizationIdentifier", ""},
};

static struct mc_span oid_of(const struct row *r)
{
    return mc_span_of(r->oid, r->n);
}

static bool is_oid(const struct row *r, struct mc_span oid)
{
    return r->n == oid.n && memcmp(r->oid, oid.p, oid.n) == 0;
}

struct mc_span mc_attr_oid(enum mc_attr_id id)
{
    return oid_of(&attributes[(unsigned)id < MC_ATTR_COUNT ? id : 0]);
}

struct mc_span mc_eku_oid(enum mc_eku id)
{
    return oid_of(&purposes[(unsigned)id < MC_EKU_COUNT ? id : 0]);
}

struct mc_span mc_ext_oid(enum mc_ext_id id)
{
    return oid_of(&extensions[(unsigned)id < MC_EXT_FUTURE ? id : 0]);
}

/* The Matter arc ends in the number of the attribute, X.520's differ in their last octet; the others are searched. */
enum mc_attr_id mc_attr_find(struct mc_span oid)
{
    if (oid.n == 3) {
        if (oid.p[0] != 0x55 || oid.p[1] != 0x04)
            return MC_ATTR_UNKNOWN;
        for (unsigned i = MC_ATTR_COMMON_NAME; i <= MC_ATTR_PSEUDONYM; i++)
            if (attributes[i].oid[2] == oid.p[2])
                return i;
        return MC_ATTR_UNKNOWN;
    }
    if (oid.n == 10 && memcmp(oid.p, attributes[MC_ATTR_NODE_ID].oid, 9) == 0) {
        unsigned nn = oid.p[9];

        return nn >= 1 && nn <= 7 ? MC_ATTR_NODE_ID + nn - 1 : MC_ATTR_UNKNOWN;
    }
    for (unsigned i = MC_ATTR_DOMAIN_COMPONENT; i < MC_ATTR_COUNT; i++)
        if (is_oid(&attributes[i], oid))
            return i;
    return MC_ATTR_UNKNOWN;
}

enum mc_eku mc_eku_find(struct mc_span oid)
{
    for (unsigned i = MC_EKU_SERVER_AUTH; i < MC_EKU_COUNT; i++)
        if (is_oid(&purposes[i], oid))
            return i;
    return MC_EKU_UNKNOWN;
}

enum mc_ext_id mc_ext_find(struct mc_span oid)
{
    if (oid.n != 3 || oid.p[0] != 0x55 || oid.p[1] != 0x1D)
        return MC_EXT_FUTURE;
    for (unsigned i = MC_EXT_BASIC_CONSTRAINTS; i < MC_EXT_FUTURE; i++)
        if (extensions[i].oid[2] == oid.p[2])
            return i;
    return MC_EXT_FUTURE;
}

bool mc_oid_is_other_category(struct mc_span oid)
{
    for (unsigned i = 0; i < CATEGORY_ROWS; i++)
        if (is_oid(&others[i], oid))
            return true;
    return mc_attr_find(oid) != MC_ATTR_UNKNOWN || mc_eku_find(oid) != MC_EKU_UNKNOWN;
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

const char *mc_attr_name(enum mc_attr_id id)
{
    return or_empty(attributes[(unsigned)id < MC_ATTR_COUNT ? id : 0].name);
}

const char *mc_attr_short_name(enum mc_attr_id id)
{
    return or_empty(attributes[(unsigned)id < MC_ATTR_COUNT ? id : 0].short_name);
}

enum mc_attr_id mc_attr_find_name(const char *name)
{
    for (unsigned i = MC_ATTR_COMMON_NAME; i < MC_ATTR_COUNT; i++)
        if (strcmp(name, attributes[i].name) == 0 || strcmp(name, attributes[i].short_name) == 0)
            return i;
    return MC_ATTR_UNKNOWN;
}

const char *mc_eku_name(enum mc_eku id)
{
    return or_empty(purposes[(unsigned)id < MC_EKU_COUNT ? id : 0].name);
}

const char *mc_ext_name(enum mc_ext_id id)
{
    return or_empty(extensions[(unsigned)id < MC_EXT_FUTURE ? id : 0].name);
}

static const char *name_in(const struct row *rows, size_t n, struct mc_span oid)
{
    for (size_t i = 0; i < n; i++)
        if (is_oid(&rows[i], oid))
            return or_empty(rows[i].name);
    return "";
}

const char *mc_oid_name(struct mc_span oid)
{
    const char *name = "";

    if (oid.n == 0)
        return name;
    name = name_in(others, sizeof(others) / sizeof(others[0]), oid);
    if (*name == '\0')
        name = name_in(extensions, MC_EXT_FUTURE, oid);
    if (*name == '\0')
        name = name_in(attributes, MC_ATTR_COUNT, oid);
    if (*name == '\0')
        name = name_in(purposes, MC_EKU_COUNT, oid);
    return name;
}

/* One arc at *p, moved behind it; false if it does not end before `end`, or takes more than 63 bits. */
static bool take_arc(const uint8_t **p, const uint8_t *end, uint64_t *arc)
{
    const uint8_t *at = *p;
    uint64_t v = 0;

    if (at == end || *at == 0x80)
        return false;
    do {
        if (at == end || v >> 56 != 0)
            return false;
        v = v << 7 | (*at & 0x7F);
    } while ((*at++ & 0x80) != 0);
    *p = at;
    *arc = v;
    return true;
}

void mc_oid_format(struct mc_span oid, char *out, size_t cap)
{
    const uint8_t *p = oid.p, *end;
    size_t at = 0;
    uint64_t arc;

    if (cap == 0)
        return;
    out[0] = '\0';
    if (oid.n == 0) /* and p may be NULL */
        return;
    end = oid.p + oid.n;
    while (p < end) {
        bool first = p == oid.p;
        int n;

        if (!take_arc(&p, end, &arc)) {
            out[0] = '\0';
            return;
        }
        unsigned top = arc < 40 ? 0 : arc < 80 ? 1 : 2;

        n = first ? snprintf(out + at, cap - at, "%u.%llu", top, (unsigned long long)(arc - 40 * top))
                  : snprintf(out + at, cap - at, ".%llu", (unsigned long long)arc);
        if (n < 0 || (size_t)n >= cap - at) {
            if (cap >= 4)
                memcpy(out + cap - 4, "...", 4);
            return;
        }
        at += (size_t)n;
    }
}
