/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates are, whatever they were read from: kinds, shared rules, the network identity. */
#include "cert_parse.h"

enum mc_rc mc_obstacle(struct mc_reader *r, enum mc_rc rc, size_t offset, const char *field)
{
    if (!r->x509)
        return mc_fail_at(r->e, rc, offset, field, NULL);
    if (r->c->obstacle.rc == MC_OK)
        (void)mc_fail_at(&r->c->obstacle, rc, offset, field, NULL);
    return MC_OK;
}

void mc_cert_reset(struct mc_cert *c, enum mc_form form)
{
    struct mc_span none = {NULL, 0};

    c->form = form;
    c->version = 3;
    c->p256 = c->has_sig = c->sig_alg_differs = c->has_bc = c->is_ca = c->has_path_len = c->has_ku = c->has_eku = c->has_skid =
        c->has_akid = false;
    c->path_len = c->n_eku = c->n_ext = 0;
    c->ku = 0;
    c->serial = c->point = c->skid = c->akid = c->tbs = c->sig_der = none;
    c->sig_alg_oid = mc_span_of(mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
    c->key_alg_oid = mc_span_of(mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key));
    c->key_params = c->key_bits = none;
    c->issuer.n = c->subject.n = 0;
    c->issuer.as_read = c->subject.as_read = false;
    c->issuer.der = c->subject.der = none;
    mc_err_init(&c->obstacle);
}

enum mc_rc mc_serial_check(struct mc_span serial)
{
    return serial.n <= MC_SERIAL_MAX && mc_der_check_integer(serial) == MC_OK ? MC_OK : MC_E_SERIAL;
}

enum mc_rc mc_validity_check(int64_t not_before_unix, int64_t not_after_unix, const char **field)
{
    *field = "validity.notBefore";
    if (not_before_unix == MC_EPOCH2000_UNIX)
        return MC_E_TIME_ZERO;
    if (not_before_unix < MC_EPOCH2000_UNIX || not_before_unix > MC_EPOCH2000_LAST)
        return MC_E_TIME_RANGE;
    *field = "validity.notAfter";
    if (not_after_unix == MC_TIME_NO_EXPIRY)
        return MC_OK;
    if (not_after_unix <= MC_EPOCH2000_UNIX || not_after_unix > MC_EPOCH2000_LAST)
        return MC_E_TIME_RANGE;
    return not_before_unix < not_after_unix ? MC_OK : MC_E_TIME_ORDER;
}

static const char *const kind_names[MC_KIND_COUNT] = {
    [MC_KIND_UNKNOWN] = "unknown",
    [MC_KIND_RCAC] = "rcac",
    [MC_KIND_ICAC] = "icac",
    [MC_KIND_NOC] = "noc",
    [MC_KIND_FIRMWARE_SIGNING] = "firmware-signing",
    [MC_KIND_NETWORK_IDENTITY] = "network-identity",
    [MC_KIND_VVSC] = "vvsc",
    [MC_KIND_PAA] = "paa",
    [MC_KIND_PAI] = "pai",
    [MC_KIND_DAC] = "dac",
    [MC_KIND_CD_SIGNER] = "cd-signer",
    [MC_KIND_CRL_SIGNER] = "crl-signer",
};

const char *mc_kind_name(enum mc_kind k)
{
    return kind_names[(unsigned)k < MC_KIND_COUNT ? k : MC_KIND_UNKNOWN];
}

enum mc_kind mc_kind_find(const char *name)
{
    for (unsigned k = MC_KIND_RCAC; k < MC_KIND_COUNT; k++)
        if (strcmp(name, kind_names[k]) == 0)
            return k;
    return MC_KIND_UNKNOWN;
}

static bool is_star(const struct mc_dn *dn)
{
    return dn->n == 1 && dn->attr[0].id == MC_ATTR_COMMON_NAME && dn->attr[0].string_tag == MC_DER_UTF8 &&
           mc_span_eq(dn->attr[0].text, mc_span_of("*", 1));
}

/*
 * X.509 only: VID and PID name the product, cA tells the level, and a self-issued CA is the root. The
 * fallback form, "Mvid:" and "Mpid:" inside of a common name, counts too (matter-attestation 1.4).
 */
static bool in_common_name(const struct mc_dn *dn, const char *mark)
{
    for (unsigned i = 0; i < dn->n; i++) {
        struct mc_span t = dn->attr[i].text;

        if (dn->attr[i].id == MC_ATTR_COMMON_NAME && memmem(t.p, t.n, mark, strlen(mark)) != NULL)
            return true;
    }
    return false;
}

bool mc_dn_names_cd_signer(const struct mc_dn *dn)
{
    return in_common_name(dn, "Certification Declaration Sign") || in_common_name(dn, "CD Signing");
}

bool mc_cert_signs_crls_only(const struct mc_cert *c)
{
    return (c->ku & (MC_KU_CRL_SIGN | MC_KU_KEY_CERT_SIGN)) == MC_KU_CRL_SIGN && !mc_dn_equal(&c->subject, &c->issuer);
}

/* What a builder made has no octets of a name yet. */
static bool is_self_issued(const struct mc_cert *c)
{
    return c->subject.der.n == 0 ? mc_dn_equal(&c->subject, &c->issuer) : mc_span_eq(c->subject.der, c->issuer.der);
}

static enum mc_kind attestation_kind(const struct mc_cert *c)
{
    uint64_t id;
    bool vid = mc_dn_find(&c->subject, MC_ATTR_VID, &id) || in_common_name(&c->subject, "Mvid:");
    bool pid = mc_dn_find(&c->subject, MC_ATTR_PID, &id) || in_common_name(&c->subject, "Mpid:");

    if (c->form != MC_FORM_DER || !c->has_bc)
        return MC_KIND_UNKNOWN;
    if (mc_dn_names_cd_signer(&c->subject))
        return MC_KIND_CD_SIGNER;
    if (!c->is_ca && vid && pid)
        return MC_KIND_DAC;
    if (!c->is_ca)
        return mc_cert_signs_crls_only(c) ? MC_KIND_CRL_SIGNER : MC_KIND_UNKNOWN;
    if (is_self_issued(c))
        return pid ? MC_KIND_UNKNOWN : MC_KIND_PAA;
    return vid ? MC_KIND_PAI : MC_KIND_UNKNOWN;
}

/* As the SDK derives it (matter-operational 1.3): exactly one of the five ids says the kind. */
enum mc_kind mc_cert_kind(const struct mc_cert *c)
{
    enum mc_kind kind = MC_KIND_UNKNOWN;

    if (is_star(&c->subject))
        return MC_KIND_NETWORK_IDENTITY;
    for (unsigned i = 0; i < c->subject.n; i++) {
        static const uint8_t kind_of[] = {MC_KIND_NOC, MC_KIND_FIRMWARE_SIGNING, MC_KIND_ICAC, MC_KIND_RCAC,
            MC_KIND_UNKNOWN, MC_KIND_UNKNOWN, MC_KIND_VVSC};
        unsigned id = c->subject.attr[i].id;

        if (id < MC_ATTR_NODE_ID || id > MC_ATTR_VVS_ID || id == MC_ATTR_FABRIC_ID || id == MC_ATTR_CAT)
            continue;
        if (kind != MC_KIND_UNKNOWN)
            return MC_KIND_UNKNOWN;
        kind = kind_of[id - MC_ATTR_NODE_ID];
    }
    return kind != MC_KIND_UNKNOWN ? kind : attestation_kind(c);
}

/*
 * A reader guarantees all of this, a builder may not: the encoders would write octets that no reader takes,
 * or a time that is another one in TLV.
 */
enum mc_rc mc_cert_check_writable(const struct mc_cert *c, struct mc_err *e)
{
    const char *field;
    enum mc_rc rc;

    if (c->obstacle.rc != MC_OK) {
        if (e != NULL)
            *e = c->obstacle;
        return c->obstacle.rc;
    }
    if (mc_serial_check(c->serial) != MC_OK)
        return mc_fail(e, MC_E_SERIAL, "serialNumber", NULL);
    rc = mc_validity_check(c->not_before_unix, c->not_after_unix, &field);
    if (rc != MC_OK)
        return mc_fail(e, rc, field, NULL);
    if (c->point.n != MC_POINT_LEN)
        return mc_fail(e, MC_E_POINT, "subjectPublicKey", NULL);
    if ((c->has_skid && c->skid.n != MC_KEY_ID_LEN) || (c->has_akid && c->akid.n != MC_KEY_ID_LEN))
        return mc_fail(e, MC_E_EXT_KEY_ID, "extensions", NULL);
    return MC_OK;
}

static const uint8_t identity_serial[1] = {0x01};
static const uint8_t identity_ext[] = {MC_EXT_BASIC_CONSTRAINTS, MC_EXT_KEY_USAGE, MC_EXT_EXTENDED_KEY_USAGE};

void mc_identity_fill(struct mc_cert *c)
{
    struct mc_attr star = {.id = MC_ATTR_COMMON_NAME, .string_tag = MC_DER_UTF8, .text = {(const uint8_t *)"*", 1}};

    c->serial = mc_span_of(identity_serial, sizeof(identity_serial));
    c->issuer.n = c->subject.n = 1;
    c->issuer.attr[0] = c->subject.attr[0] = star;
    c->not_before_unix = MC_EPOCH2000_UNIX + 1;
    c->not_after_unix = MC_TIME_NO_EXPIRY;
    c->has_bc = c->has_ku = c->has_eku = true;
    c->ku = MC_KU_DIGITAL_SIGNATURE;
    c->n_eku = 2;
    c->eku[0] = MC_EKU_CLIENT_AUTH;
    c->eku[1] = MC_EKU_SERVER_AUTH;
    c->n_ext = sizeof(identity_ext);
    for (unsigned i = 0; i < sizeof(identity_ext); i++)
        c->ext[i] = (struct mc_ext){.id = identity_ext[i], .critical = true, .decoded = true};
}

enum mc_rc mc_identity_check(const struct mc_cert *c, struct mc_err *e)
{
    if (c->serial.n != 1 || c->serial.p[0] != 1)
        return mc_fail(e, MC_E_IDENTITY, "serialNumber", "must be 1");
    if (!is_star(&c->issuer))
        return mc_fail(e, MC_E_IDENTITY, "issuer", "must be CN=*");
    if (c->not_before_unix != MC_EPOCH2000_UNIX + 1 || c->not_after_unix != MC_TIME_NO_EXPIRY)
        return mc_fail(e, MC_E_IDENTITY, "validity", "must be 2000-01-01T00:00:01Z to 9999-12-31T23:59:59Z");
    if (c->n_ext != sizeof(identity_ext))
        return mc_fail(e, MC_E_IDENTITY, "extensions", "must be basicConstraints, keyUsage, extKeyUsage");
    for (unsigned i = 0; i < sizeof(identity_ext); i++)
        if (c->ext[i].id != identity_ext[i])
            return mc_fail(e, MC_E_IDENTITY, "extensions", "must be basicConstraints, keyUsage, extKeyUsage");
    if (c->is_ca || c->ku != MC_KU_DIGITAL_SIGNATURE)
        return mc_fail(e, MC_E_IDENTITY, "extensions", "must be an end entity for digitalSignature only");
    if (c->n_eku != 2 || c->eku[0] != MC_EKU_CLIENT_AUTH || c->eku[1] != MC_EKU_SERVER_AUTH)
        return mc_fail(e, MC_E_IDENTITY, "extKeyUsage", "must be clientAuth, serverAuth");
    return MC_OK;
}
