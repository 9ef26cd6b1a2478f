/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of attestation certificates, CD signers and CRL signers (matter-attestation 1.2, 1.6, 1.11, 1.12). */
#include "lint_rules.h"

enum { KU_AUTHORITY = MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN };

/* --- basicConstraints --------------------------------------------------------------------------------- */

static bool bc_missing(struct mc_lint_check *k)
{
    return k->f.ext[MC_EXT_BASIC_CONSTRAINTS] == NULL;
}

static bool bc_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_BASIC_CONSTRAINTS);
}

static bool bc_form(struct mc_lint_check *k)
{
    return !bc_missing(k) && !k->f.bc.readable;
}

/* Read, but not in the one form that DER has for it. */
static bool bc_false_written(struct mc_lint_check *k)
{
    return k->f.bc.readable && !k->c->has_bc && !k->f.bc.has_path_len;
}

static bool ca_false(struct mc_lint_check *k)
{
    return k->f.bc.readable && !k->f.bc.is_ca;
}

static bool ca_true(struct mc_lint_check *k)
{
    return k->f.bc.is_ca;
}

static bool path_len_present(struct mc_lint_check *k)
{
    return k->f.bc.has_path_len && mc_lint_say(k, "pathLen %llu", (unsigned long long)k->f.bc.path_len);
}

static bool paa_path_len(struct mc_lint_check *k)
{
    return k->f.bc.path_len != 1 && path_len_present(k);
}

static bool pai_path_len(struct mc_lint_check *k)
{
    if (!k->f.bc.readable || (k->f.bc.has_path_len && k->f.bc.path_len == 0))
        return false;
    return path_len_present(k) || mc_lint_say(k, "absent");
}

/* --- keyUsage ----------------------------------------------------------------------------------------- */

static bool ku_missing(struct mc_lint_check *k)
{
    return k->f.ext[MC_EXT_KEY_USAGE] == NULL;
}

static bool ku_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_KEY_USAGE);
}

static bool ku_form(struct mc_lint_check *k)
{
    return !ku_missing(k) && !k->c->has_ku;
}

static bool ku_lacks(const struct mc_lint_check *k, unsigned bit)
{
    return k->c->has_ku && (k->c->ku & bit) == 0;
}

static bool ku_beyond(struct mc_lint_check *k, unsigned allowed)
{
    return (k->c->ku & ~allowed) != 0 && mc_lint_say(k, "0x%04X", k->c->ku);
}

static bool ku_no_cert_sign(struct mc_lint_check *k)
{
    return ku_lacks(k, MC_KU_KEY_CERT_SIGN);
}

static bool ku_no_crl_sign(struct mc_lint_check *k)
{
    return ku_lacks(k, MC_KU_CRL_SIGN);
}

static bool ku_authority_beyond(struct mc_lint_check *k)
{
    return ku_beyond(k, KU_AUTHORITY | MC_KU_DIGITAL_SIGNATURE);
}

static bool ku_no_digital_signature(struct mc_lint_check *k)
{
    return ku_lacks(k, MC_KU_DIGITAL_SIGNATURE);
}

static bool ku_dac_beyond(struct mc_lint_check *k)
{
    return ku_beyond(k, MC_KU_DIGITAL_SIGNATURE);
}

static bool ku_crl_signer_beyond(struct mc_lint_check *k)
{
    return ku_beyond(k, MC_KU_CRL_SIGN | MC_KU_DIGITAL_SIGNATURE);
}

/* --- extKeyUsage -------------------------------------------------------------------------------------- */

static bool eku_no_server_auth(struct mc_lint_check *k)
{
    return k->c->has_eku && !mc_has_purpose(k->c, MC_EKU_SERVER_AUTH);
}

/* --- key identifiers ---------------------------------------------------------------------------------- */

static bool skid_missing(struct mc_lint_check *k)
{
    return k->f.ext[MC_EXT_SUBJECT_KEY_ID] == NULL;
}

static bool skid_form(struct mc_lint_check *k)
{
    return !skid_missing(k) && !k->c->has_skid;
}

static bool skid_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_SUBJECT_KEY_ID);
}

static bool akid_missing(struct mc_lint_check *k)
{
    return k->f.ext[MC_EXT_AUTHORITY_KEY_ID] == NULL;
}

/* There is a key identifier of 20 octets, and something behind it. */
static bool akid_more(struct mc_lint_check *k)
{
    struct mc_der d, seq, id;

    if (akid_missing(k) || k->c->has_akid)
        return false;
    d = mc_der_of(k->f.ext[MC_EXT_AUTHORITY_KEY_ID]->value);
    return mc_der_take(&d, MC_DER_SEQUENCE, &seq) == MC_OK && !mc_der_more(&d) &&
           mc_der_take(&seq, MC_DER_CONTEXT, &id) == MC_OK && id.end - id.p == MC_KEY_ID_LEN && mc_der_more(&seq);
}

static bool akid_form(struct mc_lint_check *k)
{
    return !akid_missing(k) && !k->c->has_akid && !akid_more(k);
}

static bool akid_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_AUTHORITY_KEY_ID);
}

static bool paa_akid(struct mc_lint_check *k)
{
    return k->c->has_skid && k->c->has_akid && !mc_span_eq(k->c->skid, k->c->akid);
}

static const struct mc_rule rules[] = {
    {"att-bc-missing", MC_ERROR, ATT | CRLS, "1.0", "matter-attestation 1.2, 2.1",
        "basicConstraints is missing, and the format check of every commissioner asks for it.",
        "issue it with critical basicConstraints", MC_OK, bc_missing},
    {"att-bc-critical", MC_ERROR, ATT | CRLS, "1.0", "matter-attestation 1.2, 2.1",
        "basicConstraints is not critical, and the format check refuses that.", "mark it critical", MC_OK, bc_critical},
    {"att-bc-form", MC_ERROR, ATT | CRLS, "1.0", "matter-attestation 1.2",
        "basicConstraints cannot be read.", "issue it again with a conforming encoder", MC_OK, bc_form},
    {"att-bc-false-written", MC_WARNING, DAC | CRLS, "1.0", "matter-attestation 1.2",
        "basicConstraints spells out cA FALSE, which DER leaves out; commissioners accept it, strict readers do not.",
        "write an empty SEQUENCE", MC_OK, bc_false_written},
    {"att-authority-ca-false", MC_ERROR, ATT_CA, "1.0", "matter-attestation 1.2, 2.1",
        "basicConstraints denies that this is an authority, so commissioners refuse it.", "issue it with cA TRUE",
        MC_OK, ca_false},
    {"att-dac-ca-true", MC_ERROR, DAC, "1.0", "matter-attestation 1.2, 2.1",
        "The DAC is marked as an authority (cA TRUE): a device could make devices, and commissioners refuse it.",
        "issue it with empty basicConstraints", MC_OK, ca_true},
    {"att-crl-signer-ca-true", MC_ERROR, CRLS, "1.0", "matter-attestation 1.12, 6.4 R12",
        "The delegated CRL signer is marked as an authority, and the DCL refuses it.",
        "issue it with empty basicConstraints", MC_OK, ca_true},
    {"att-paa-path-len", MC_ERROR, PAA, "1.0", "matter-attestation 1.2",
        "The PAA's path length is neither absent nor 1, so PAIs or DACs below it are refused.",
        "issue it with pathLen 1, or none", MC_OK, paa_path_len},
    {"att-pai-path-len", MC_ERROR, PAI, "1.0", "matter-attestation 1.2",
        "The PAI's path length is not 0, and it must be there and be 0.", "issue it with pathLen 0", MC_OK,
        pai_path_len},
    {"att-dac-path-len", MC_ERROR, DAC | CRLS, "1.0", "matter-attestation 1.2",
        "A path length stands in a certificate that is no authority, and the format check refuses that.",
        "issue it with empty basicConstraints", MC_OK, path_len_present},
    {"att-ku-missing", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.2, 2.1",
        "keyUsage is missing, and every check asks for it.", "issue it with critical keyUsage", MC_OK, ku_missing},
    {"att-ku-critical", MC_ERROR, ATT | CRLS, "1.0", "matter-attestation 1.2, 2.1",
        "keyUsage is not critical, and the format check refuses that.", "mark it critical", MC_OK, ku_critical},
    {"att-ku-form", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.2",
        "keyUsage is not a named bit list in shortest form, so it is not DER.",
        "issue it again with a conforming encoder", MC_OK, ku_form},
    {"att-ku-cert-sign", MC_ERROR, ATT_CA, "1.0", "matter-attestation 1.2",
        "The authority lacks keyCertSign, so nothing that it signs is accepted.",
        "issue it with keyCertSign and cRLSign", MC_OK, ku_no_cert_sign},
    {"att-ku-crl-sign", MC_ERROR, ATT_CA | CRLS, "1.0", "matter-attestation 1.2, 6.4 R12",
        "cRLSign is missing, so the format check refuses an authority and the DCL a CRL signer.",
        "issue it with cRLSign", MC_OK, ku_no_crl_sign},
    {"att-ku-authority", MC_ERROR, ATT_CA, "1.0", "matter-attestation 1.2",
        "The authority has key usages beyond keyCertSign, cRLSign and digitalSignature, and the format check refuses it.",
        "issue it with keyCertSign and cRLSign", MC_OK, ku_authority_beyond},
    {"att-ku-dac-signature", MC_ERROR, DAC, "1.0", "matter-attestation 1.2",
        "The DAC's key may not sign (digitalSignature), so it cannot attest anything.",
        "issue it with digitalSignature only", MC_OK, ku_no_digital_signature},
    {"att-ku-dac", MC_ERROR, DAC, "1.0", "matter-attestation 1.2",
        "The DAC has key usages beyond digitalSignature, and the format check refuses it.",
        "issue it with digitalSignature only", MC_OK, ku_dac_beyond},
    {"att-ku-crl-signer", MC_ERROR, CRLS, "1.0", "matter-attestation 6.4 R12",
        "The CRL signer has key usages beyond cRLSign and digitalSignature, and the DCL refuses it.",
        "issue it with cRLSign only", MC_OK, ku_crl_signer_beyond},
    {"att-ku-cd-signer", MC_NOTICE, CDS, "1.0", "matter-attestation 1.11",
        "The CD signer lacks digitalSignature, though declarations are data and not certificates; the official signers have it.",
        "issue it with digitalSignature", MC_OK, ku_no_digital_signature},
    {"att-eku-server-auth", MC_WARNING, ATT, "1.0", "matter-attestation 6.1 C8",
        "extKeyUsage lacks serverAuth, which the DCL's verifier asks of every certificate in a chain that has the extension.",
        "leave extKeyUsage out", MC_OK, eku_no_server_auth},
    {"att-skid-missing", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.6, 2.1",
        "subjectKeyIdentifier is missing, and certificates are looked up by it.",
        "issue it with SHA-1 of the key's point", MC_OK, skid_missing},
    {"att-skid-form", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.6",
        "subjectKeyIdentifier is not 20 octets, and the format check takes no other length.",
        "issue it with SHA-1 of the key's point", MC_OK, skid_form},
    {"att-skid-critical", MC_ERROR, ATT, "1.0", "matter-attestation 1.2, 2.1",
        "subjectKeyIdentifier is critical, and the format check refuses that.", "mark it not critical", MC_OK,
        skid_critical},
    {"att-akid-missing", MC_ERROR, PAI | DAC | CRLS, "1.0", "matter-attestation 1.2, 2.1",
        "authorityKeyIdentifier is missing, and the authority is found by it.",
        "issue it with the issuer's subject key identifier", MC_OK, akid_missing},
    {"att-akid-form", MC_ERROR, ATT | CRLS, "1.0", "matter-attestation 1.2",
        "authorityKeyIdentifier has no key identifier of 20 octets, and the format check refuses that.",
        "write the key identifier alone", MC_OK, akid_form},
    {"att-akid-more", MC_WARNING, ATT | CRLS, "1.0", "matter-attestation 1.2",
        "authorityKeyIdentifier has more than the key identifier; issuer and serial number in it pin one certificate of the authority, so a renewal of the authority breaks the chain.",
        "write the key identifier alone", MC_OK, akid_more},
    {"att-akid-critical", MC_ERROR, ATT, "1.0", "matter-attestation 1.2, 2.1",
        "authorityKeyIdentifier is critical, and the format check refuses that.", "mark it not critical", MC_OK,
        akid_critical},
    {"att-paa-akid", MC_ERROR, PAA, "1.0", "matter-attestation 6.2 A7",
        "The PAA's authority key identifier is not its own subject key identifier, so the DCL takes it for no root.",
        "copy the subject key identifier, or leave the extension out", MC_OK, paa_akid},
    {"att-paa-akid-missing", MC_WARNING, PAA, "1.0", "matter-attestation 5.4 step 5",
        "The PAA has no authority key identifier; it is valid, but the script that builds revocation sets cannot follow chains to it.",
        "issue new PAAs with it", MC_OK, akid_missing},
};

const struct mc_rule_table mc_rules_att_ext = MC_RULE_TABLE(rules);
