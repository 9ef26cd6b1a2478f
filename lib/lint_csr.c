/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests (matter-operational 4.6, 4.7). */
#include "lint_rules.h"

static enum mc_rc checked(const struct mc_lint_check *k)
{
    return k->in->csr != NULL && k->in->v != NULL ? mc_csr_check(k->in->v, k->in->csr, NULL) : MC_OK;
}

static bool point_curve(struct mc_lint_check *k)
{
    return checked(k) == MC_E_POINT_CURVE;
}

static bool signature(struct mc_lint_check *k)
{
    return checked(k) == MC_E_CSR_SIGNATURE;
}

/* CertificationRequest ::= SEQUENCE { info, AlgorithmIdentifier, BIT STRING } */
static bool null_parameter(struct mc_lint_check *k)
{
    struct mc_der d = mc_der_of(k->in->csr->whole), outer, part;

    return mc_der_take(&d, MC_DER_SEQUENCE, &outer) == MC_OK && mc_der_take(&outer, MC_DER_SEQUENCE, &part) == MC_OK &&
           mc_der_take(&outer, MC_DER_SEQUENCE, &part) == MC_OK && mc_der_take(&part, MC_DER_OID, &d) == MC_OK &&
           mc_der_more(&part);
}

static bool no_attributes(struct mc_lint_check *k)
{
    return !k->in->csr->has_attributes;
}

static bool has(struct mc_span in, const void *octets, size_t n)
{
    return in.n != 0 && memmem(in.p, in.n, octets, n) != NULL;
}

/* The OID 2.5.29.x of any extension that is asked for, inside of extensionRequest. */
static bool asks_extensions(struct mc_lint_check *k)
{
    return has(k->in->csr->attributes, "\x06\x03\x55\x1D", 4);
}

static bool asks_password(struct mc_lint_check *k)
{
    return has(k->in->csr->attributes, "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x07", 11);
}

static bool states_ids(struct mc_lint_check *k)
{
    return has(k->in->csr->subject, "\x2B\x06\x01\x04\x01\x82\xA2\x7C", 8);
}

static bool issuer_key(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && mc_span_eq(k->in->issuer->point, k->in->csr->point);
}

static const struct mc_rule rules[] = {
    {"csr-size", MC_ERROR, CSR, "1.0", "matter-operational 4.6",
        "The CSR is not between 16 and 900 octets, which is what a NOCSR answer can carry.",
        "make a CSR with a P-256 key and a short subject", MC_E_CSR_SIZE, NULL},
    {"csr-form", MC_ERROR, CSR, "1.0", "matter-operational 4.6", "This is not a PKCS#10 certification request.",
        "give the CSR, or the NOCSR elements that hold it", MC_E_CSR_FORM, NULL},
    {"csr-version", MC_ERROR, CSR, "1.0", "matter-operational 4.6",
        "The CSR is not PKCS#10 version 1 (encoded 0), the only one that there is.", "make the CSR as version 1",
        MC_E_CSR_VERSION, NULL},
    {"csr-sig-alg", MC_ERROR, CSR, "1.0", "matter-operational 4.6",
        "The CSR is not signed with ecdsa-with-SHA256, so a CA for Matter refuses it.",
        "sign the CSR with its own P-256 key and SHA-256", MC_E_CSR_SIG_ALG, NULL},
    {"csr-signature-form", MC_ERROR, CSR, "1.0", "field 2d, 2c F13",
        "The CSR's signature is not two INTEGERs of at most 32 octets in shortest form, so strict readers refuse it.",
        "sign again with a conforming encoder", MC_E_SIGNATURE_FORM, NULL},
    {"csr-point-curve", MC_ERROR, CSR, "1.0", "field 2c F26",
        "The CSR's key is no point of the curve, so nobody can hold its private key.", "make a new key", MC_OK,
        point_curve},
    {"csr-signature", MC_ERROR, CSR, "1.0", "matter-operational 4.6",
        "The CSR's signature does not verify with its own key, so nothing shows that the sender holds the key.",
        "make the CSR again on the device that holds the key", MC_OK, signature},
    {"csr-sig-alg-null", MC_NOTICE, CSR, "1.0", "matter-operational 6 row 34",
        "The signature algorithm has a NULL parameter, as an older Mbed TLS writes it; CAs tolerate it, RFC 5758 does not want it.",
        "update the library of the device", MC_OK, null_parameter},
    {"csr-attributes-missing", MC_WARNING, CSR, "1.0", "matter-operational 6 row 34",
        "The CSR has no attributes element, not even an empty one, which PKCS#10 wants and rs-matter requires.",
        "write an empty [0] behind the key", MC_OK, no_attributes},
    {"csr-attributes-extensions", MC_NOTICE, CSR, "1.0", "matter-operational 4.6",
        "The CSR asks for extensions; a CA for Matter takes its key and nothing else.",
        "expect the extensions of the profile", MC_OK, asks_extensions},
    {"csr-attributes-password", MC_WARNING, CSR, "1.0", "matter-operational 4.6",
        "The CSR carries a challenge password in clear, which Matter has no use for.", "leave it out", MC_OK,
        asks_password},
    {"csr-subject-ids", MC_WARNING, CSR, "1.0", "matter-operational 4.6",
        "The CSR's subject states Matter ids; who asks does not choose them, and the CA ignores them.",
        "give node id and CATs with the request to the CA", MC_OK, states_ids},
    {"csr-issuer-key", MC_ERROR, CSR, "1.0", "field 2c F25",
        "The CSR is for the given issuer's own key, so its holder could issue.", "make a key of its own for the node",
        MC_OK, issuer_key},
};

const struct mc_rule_table mc_rules_csr = MC_RULE_TABLE(rules);
