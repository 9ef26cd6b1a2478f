/* SPDX-License-Identifier: Apache-2.0 */
/* Operational certificates as a whole: further extensions, sizes, and the network identity (1.5, 1.8). */
#include "cert_parse.h"
#include "lint_rules.h"

enum { DER_SIGNATURE_MAX = 12 + 2 + 1 + MC_SIG_DER_MAX }; /* algorithm, BIT STRING */

/* --- further extensions -------------------------------------------------------------------------------- */

static unsigned further(const struct mc_cert *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_ext; i++)
        n += c->ext[i].id == MC_EXT_FUTURE;
    return n;
}

static bool further_critical(struct mc_lint_check *k)
{
    return mc_has_unknown_critical(k->c);
}

static bool further_form(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < k->c->n_ext; i++)
        if (k->c->ext[i].id == MC_EXT_FUTURE && k->c->ext[i].oid.n != 0 &&
            mc_ext_check_future(&k->c->ext[i]) != MC_OK)
            return true;
    return false;
}

static bool further_one(struct mc_lint_check *k)
{
    return further(k->c) == 1;
}

static bool further_several(struct mc_lint_check *k)
{
    unsigned n = further(k->c);

    return n > 1 && mc_lint_say(k, "%u", n);
}

static bool extension_order(struct mc_lint_check *k)
{
    for (unsigned i = 1; i < k->c->n_ext; i++)
        if (k->c->ext[i].id < k->c->ext[i - 1].id)
            return true;
    return false;
}

/* --- sizes --------------------------------------------------------------------------------------------- */

static size_t tbs_size(const struct mc_lint_check *k)
{
    return k->c->tbs.n != 0 ? k->c->tbs.n : mc_cert_tbs_size(k->c);
}

static bool size_tbs(struct mc_lint_check *k)
{
    size_t n = tbs_size(k);

    return n > MC_CERT_TBS_MAX && mc_lint_say(k, "%zu octets", n);
}

static size_t der_size(const struct mc_lint_check *k)
{
    if (k->in->tbs_only)
        return 4 + tbs_size(k) + DER_SIGNATURE_MAX;
    return k->c->form == MC_FORM_DER ? k->in->whole.n : mc_cert_der_bound(k->c);
}

static bool size_der(struct mc_lint_check *k)
{
    size_t n = der_size(k);

    return n > MC_CERT_DER_MAX && mc_lint_say(k, "%zu octets", n);
}

/* What cannot be converted has no size in TLV. */
static bool size_tlv(struct mc_lint_check *k)
{
    size_t n = k->c->obstacle.rc == MC_OK || k->c->obstacle.rc == MC_E_SIZE_DER ? mc_cert_tlv_bound(k->c) : 0;

    return n > MC_CERT_TLV_MAX && mc_lint_say(k, "%zu octets", n);
}

/* --- the network identity ------------------------------------------------------------------------------ */

static bool identity_serial(struct mc_lint_check *k)
{
    return k->c->serial.n != 1 || k->c->serial.p[0] != 1;
}

static bool identity_issuer(struct mc_lint_check *k)
{
    return !k->f.self_issued;
}

static bool identity_period(struct mc_lint_check *k)
{
    return k->c->not_before_unix != MC_EPOCH2000_UNIX + 1 || k->c->not_after_unix != MC_TIME_NO_EXPIRY;
}

static bool identity_extensions(struct mc_lint_check *k)
{
    if (k->c->n_ext != 3)
        return true;
    for (unsigned i = 0; i < 3; i++)
        if (k->c->ext[i].id != MC_EXT_BASIC_CONSTRAINTS + i || !k->c->ext[i].critical)
            return true;
    return false;
}

static bool identity_usage(struct mc_lint_check *k)
{
    const struct mc_cert *c = k->c;

    return c->is_ca || !c->has_ku || c->ku != MC_KU_DIGITAL_SIGNATURE || c->n_eku != 2 ||
           c->eku[0] != MC_EKU_CLIENT_AUTH || c->eku[1] != MC_EKU_SERVER_AUTH;
}

static const struct mc_rule rules[] = {
    {"op-ext-critical", MC_ERROR, OP, "1.0", "matter-operational 1.5",
        "A further extension is critical; the certificate converts, but every chain with it is refused (CHIP error 0x4D).",
        "mark the extension not critical", MC_OK, further_critical},
    {"op-ext-form", MC_ERROR, MATTER, "1.0", "matter-operational 1.5",
        "A further extension is not one DER value under an OID of its own, so it cannot be converted.",
        "leave the extension out", MC_E_EXT_FUTURE, further_form},
    {"op-ext-further", MC_WARNING, OP, "1.0", "peers: matter.js",
        "The certificate has a further extension, which matter.js loses when it converts from X.509.",
        "leave it out unless all nodes of the fabric need it", MC_OK, further_one},
    {"op-ext-several", MC_WARNING, OP, "1.0", "matter-operational 6 row 32",
        "The certificate has several further extensions, which matter.js puts together in one place, so the signature fails there unless they stand side by side.",
        "leave them out", MC_OK, further_several},
    {"op-ext-order", MC_NOTICE, OP, "1.0", "matter-operational 1.1",
        "The extensions do not stand in the usual order (basicConstraints, keyUsage, extKeyUsage, key identifiers); a converter that forgets the order breaks the signature.",
        "issue in the usual order", MC_OK, extension_order},
    {"op-size-tbs", MC_ERROR, MATTER, "1.0", "matter-operational 2.5, 6 row 33",
        "The signed part is larger than 527 octets, and the SDK has no room to verify it.",
        "use fewer CATs, shorter names, or leave extensions out", MC_OK, size_tbs},
    {"op-size-der", MC_ERROR, MATTER, "1.0", "matter-operational 1.1",
        "The certificate is larger than 600 octets of DER, the limit of every reader.",
        "shorten names or leave extensions out", MC_E_SIZE_DER, size_der},
    {"op-size-tlv", MC_ERROR, MATTER, "1.0", "matter-operational 1.1",
        "The certificate is larger than 400 octets of Matter TLV, the limit of every command.",
        "shorten names or leave extensions out", MC_E_SIZE_TLV, size_tlv},
    {"op-identity-form", MC_ERROR, NETID | MC_LINT_UNKNOWN, "1.0", "matter-operational 1.8",
        "The certificate of a network identity differs from its rigid form, so the SDK refuses it (0x9D).",
        "make the identity again", MC_E_IDENTITY, NULL},
    {"op-identity-serial", MC_ERROR, NETID, "1.0", "matter-operational 1.8",
        "The serial number of a network identity is not 1; its bytes are fixed, and the SDK refuses it (0x9D).",
        "make the identity again", MC_OK, identity_serial},
    {"op-identity-issuer", MC_ERROR, NETID, "1.0", "matter-operational 1.8",
        "The issuer of a network identity is not CN=*; its bytes are fixed, and the SDK refuses it (0x9D).",
        "make the identity again", MC_OK, identity_issuer},
    {"op-identity-period", MC_ERROR, NETID, "1.0", "matter-operational 1.8",
        "The period of a network identity is not 2000-01-01T00:00:01Z without expiry; its bytes are fixed (0x9D).",
        "make the identity again", MC_OK, identity_period},
    {"op-identity-extensions", MC_ERROR, NETID, "1.0", "matter-operational 1.8",
        "The extensions of a network identity are not basicConstraints, keyUsage and extKeyUsage, critical and in this order (0x9D).",
        "make the identity again", MC_OK, identity_extensions},
    {"op-identity-usage", MC_ERROR, NETID, "1.0", "matter-operational 1.8",
        "A network identity is for digitalSignature, clientAuth and serverAuth in this order and nothing else (0x9D).",
        "make the identity again", MC_OK, identity_usage},
};

const struct mc_rule_table mc_rules_op = MC_RULE_TABLE(rules);
