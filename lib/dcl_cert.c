/* SPDX-License-Identifier: Apache-2.0 */
/* The DCL's rules for a PAA, PAI or DAC by itself, and for a proposed PAA (matter-attestation 6.2, 6.3). */
#include "dcl_rules.h"

#define CA    (MC_DCL_PAA | MC_DCL_PAI)
#define CHILD (MC_DCL_PAI | MC_DCL_DAC)

RULE(version)
{
    PASS_IF(c->cert->version == 3, "version %u", c->cert->version);
}

RULE(algorithms)
{
    if (!c->cert->p256)
        FAIL("the key is no P-256 point");
    PASS_IF(mc_dcl_is_p256_sha256(c->cert), "the signature algorithm is another one");
}

/* basicConstraints is there, critical, and says whether this is a CA. */
static enum mc_dcl_outcome basic_constraints(const struct mc_cert *x, bool ca, char *why)
{
    const struct mc_ext *bc = mc_dcl_ext(x, MC_EXT_BASIC_CONSTRAINTS);

    if (bc == NULL)
        FAIL("there is none");
    if (!bc->critical)
        FAIL("it is not critical");
    PASS_IF(x->is_ca == ca, "cA is %sTRUE", ca ? "not " : "");
}

RULE(ca)
{
    return basic_constraints(c->cert, true, why);
}

RULE(paa_path_len)
{
    PASS_IF(!c->cert->has_path_len || c->cert->path_len == 1, "it is %u", c->cert->path_len);
}

RULE(pai_path_len)
{
    if (!c->cert->has_path_len)
        FAIL("there is none");
    PASS_IF(c->cert->path_len == 0, "it is %u", c->cert->path_len);
}

/* keyUsage is there, critical, and has the bits of must and none besides may. */
static enum mc_dcl_outcome key_usage(const struct mc_cert *x, unsigned must, unsigned may, char *why)
{
    const struct mc_ext *ku = mc_dcl_ext(x, MC_EXT_KEY_USAGE);

    if (ku == NULL)
        FAIL("there is none");
    if (!ku->critical)
        FAIL("it is not critical");
    if (!ku->decoded)
        FAIL("it cannot be read");
    if ((x->ku & must) != must)
        FAIL("it lacks a bit");
    PASS_IF((x->ku & ~(must | may)) == 0, "it has another bit");
}

RULE(ca_key_usage)
{
    return key_usage(c->cert, MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN, MC_KU_DIGITAL_SIGNATURE, why);
}

RULE(dac_key_usage)
{
    return key_usage(c->cert, MC_KU_DIGITAL_SIGNATURE, 0, why);
}

RULE(dac_not_ca)
{
    return basic_constraints(c->cert, false, why);
}

RULE(key_id)
{
    PASS_IF(c->cert->has_skid && c->cert->skid.n == MC_KEY_ID_LEN, "it is missing or not 20 octets");
}

RULE(authority_key_id)
{
    struct mc_span akid;

    PASS_IF(mc_att_akid(c->cert, &akid), "it is missing or not 20 octets");
}

RULE(kind)
{
    const struct mc_cert *x = c->cert;

    if (mc_dcl_ext(x, MC_EXT_BASIC_CONSTRAINTS) == NULL)
        FAIL("there is none");
    PASS_IF(x->is_ca == (c->kind == MC_DCL_PAI), "cA is %s, which makes it a %s", x->is_ca ? "TRUE" : "not TRUE",
        x->is_ca ? "PAI" : "DAC");
}

RULE(own_key_id)
{
    const struct mc_cert *x = c->cert;
    struct mc_span akid;

    if (mc_dcl_ext(x, MC_EXT_AUTHORITY_KEY_ID) == NULL)
        return MC_DCL_PASSED;
    PASS_IF(mc_att_akid(x, &akid) && x->has_skid && mc_span_eq(akid, x->skid), "it is another one");
}

RULE(self_signed)
{
    const struct mc_cert *x = c->cert;

    if (!mc_span_eq(x->issuer.der, x->subject.der))
        FAIL("the issuer is not the subject");
    PASS_IF(x->p256 && mc_cert_check_signature(c->v, x, x->point.p, NULL) == MC_OK,
        "the signature does not verify with its own key");
}

RULE(paa_pid)
{
    struct mc_att_ids ids;

    if (!mc_dcl_ids(&c->cert->subject, &ids))
        return MC_DCL_ABSENT; /* dcl-ids tells */
    PASS_IF(!ids.has_pid, "it names PID 0x%04X", ids.pid);
}

RULE(paa_vid)
{
    struct mc_att_ids ids;

    if (!mc_dcl_ids(&c->cert->subject, &ids))
        return MC_DCL_ABSENT;
    if (!c->has_vid)
        UNKNOWN("give the VID of the transaction with --vid");
    if (c->vid == 0)
        FAIL("vid is 0");
    PASS_IF(!ids.has_vid || ids.vid == c->vid, "the subject says 0x%04X, the transaction 0x%04X", ids.vid, c->vid);
}

RULE(paa_pending)
{
    for (size_t i = 0; i < c->n_pending; i++) {
        const struct mc_cert *x = c->pending[i].c;

        if (mc_span_eq(x->subject.der, c->cert->subject.der) && mc_span_eq(x->skid, c->cert->skid))
            FAIL("one is pending");
    }
    if (!c->has_pending)
        UNKNOWN("give the proposed PAAs with --pending");
    return MC_DCL_PASSED;
}

static bool is_operational(const struct mc_cert *x)
{
    enum mc_kind k = mc_cert_kind(x);

    return k >= MC_KIND_RCAC && k <= MC_KIND_VVSC;
}

RULE(paa_namesake)
{
    const struct mc_cert *x = mc_dcl_namesake(c);

    if (x == NULL && !c->has_ledger)
        UNKNOWN(NEED_LEDGER);
    if (x == NULL)
        return MC_DCL_PASSED;
    if (!mc_dcl_is_self_signed(x))
        FAIL("the one on the ledger is no root");
    if (is_operational(x))
        FAIL("the one on the ledger is operational");
    UNKNOWN("one is on the ledger: it must be your account's");
}

static const struct mc_dcl_rule rules[] = {
    {"dcl-version", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.2 A1, 6.3 I1",
        "The certificate must be X.509 version 3.", "issue it as version 3", version, false},
    {"dcl-algorithms", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.2 A2, 6.3 I1",
        "Key and signature must be P-256 and ecdsa-with-SHA256.", "issue it with them", algorithms, false},
    {"dcl-kind", MC_ERROR, CHILD, "matter-attestation 6.3 I2",
        "basicConstraints must be there: by its cA the ledger tells a PAI from a DAC.", "give the right --as, or issue it again",
        kind, false},
    {"dcl-ca", MC_ERROR, CA, "matter-attestation 6.2 A3, 6.3 I3",
        "basicConstraints of a PAA or PAI must be critical with cA TRUE.", "issue it by the profile", ca, false},
    {"dcl-paa-path-len", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A4",
        "The path length of a PAA must be 1 or missing.", "issue it with path length 1", paa_path_len, false},
    {"dcl-pai-path-len", MC_ERROR, MC_DCL_PAI, "matter-attestation 6.3 I3", "A PAI must have the path length 0.",
        "issue it with path length 0", pai_path_len, false},
    {"dcl-ca-key-usage", MC_ERROR, CA, "matter-attestation 6.2 A5, 6.3 I3",
        "keyUsage of a PAA or PAI must be critical: keyCertSign, cRLSign, and at most digitalSignature besides.",
        "issue it by the profile", ca_key_usage, false},
    {"dcl-dac-not-ca", MC_ERROR, MC_DCL_DAC, "matter-attestation 6.3 I4",
        "basicConstraints of a DAC must be critical with cA FALSE.", "issue it by the profile", dac_not_ca, false},
    {"dcl-dac-key-usage", MC_ERROR, MC_DCL_DAC, "matter-attestation 6.3 I4",
        "keyUsage of a DAC must be critical and exactly digitalSignature.", "issue it by the profile", dac_key_usage, false},
    {"dcl-key-id", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.2 A6, 6.3 I3, I4",
        "The subject key identifier must be there and have 20 octets.", "issue it by the profile", key_id, false},
    {"dcl-authority-key-id", MC_ERROR, CHILD, "matter-attestation 6.3 I3, I4",
        "The authority key identifier of a PAI or DAC must be there and have 20 octets.", "issue it by the profile",
        authority_key_id, false},
    {"dcl-paa-authority-key-id", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A7",
        "The authority key identifier of a PAA must be its own key identifier, or missing.", "issue it by the profile",
        own_key_id, false},
    {"dcl-paa-self-signed", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A8",
        "A PAA must have its subject as issuer and be signed with its own key.", "propose the root, or use --as pai", self_signed, false},
    {"dcl-paa-pid", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A9", "A PAA may not name a product.",
        "issue it without PID", paa_pid, false},
    {"dcl-paa-vid", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A11",
        "The vid of the transaction must be 1 to 65535, and that of the subject if it names one.",
        "submit with the VID of the subject", paa_vid, false},
    {"dcl-paa-pending", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A12",
        "No proposal with the same subject and key identifier may be pending.",
        "wait for its approval, or have it rejected first", paa_pending, false},
    {"dcl-paa-namesake", MC_ERROR, MC_DCL_PAA, "matter-attestation 6.2 A13",
        "What is on the ledger with the same subject and key identifier must be a root of attestation of the same account.",
        "use another subject or key", paa_namesake, false},
};

const struct mc_dcl_table mc_dcl_format_rules = DCL_TABLE(rules);
