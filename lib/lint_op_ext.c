/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of operational certificates (matter-operational 1.4, 1.5). */
#include "lint_rules.h"

enum {
    KU_AUTHORITY = MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN,
    ROOT_PATH_MAX = 1,
};

static bool stands(const struct mc_lint_check *k, enum mc_ext_id id)
{
    return k->f.ext[id] != NULL;
}

/* --- basicConstraints --------------------------------------------------------------------------------- */

static bool bc_missing(struct mc_lint_check *k)
{
    return !stands(k, MC_EXT_BASIC_CONSTRAINTS);
}

static bool bc_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_BASIC_CONSTRAINTS);
}

static bool bc_form(struct mc_lint_check *k)
{
    return stands(k, MC_EXT_BASIC_CONSTRAINTS) && !k->c->has_bc;
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

static bool path_len_leaf(struct mc_lint_check *k)
{
    return !k->f.bc.is_ca && path_len_present(k);
}

static bool root_path_len_long(struct mc_lint_check *k)
{
    return k->f.bc.path_len > ROOT_PATH_MAX && path_len_present(k);
}

static bool root_path_len_zero(struct mc_lint_check *k)
{
    return k->f.bc.has_path_len && k->f.bc.path_len == 0;
}

static bool root_path_len_one(struct mc_lint_check *k)
{
    return k->f.bc.path_len == 1;
}

static bool icac_path_len_missing(struct mc_lint_check *k)
{
    return k->c->is_ca && !k->f.bc.has_path_len;
}

static bool icac_path_len_other(struct mc_lint_check *k)
{
    return k->f.bc.path_len != 0 && path_len_present(k);
}

/* --- keyUsage ----------------------------------------------------------------------------------------- */

static bool ku_missing(struct mc_lint_check *k)
{
    return !stands(k, MC_EXT_KEY_USAGE);
}

static bool ku_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_KEY_USAGE);
}

static bool ku_form(struct mc_lint_check *k)
{
    return stands(k, MC_EXT_KEY_USAGE) && !k->c->has_ku;
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

static bool ku_authority_signs(struct mc_lint_check *k)
{
    return (k->c->ku & MC_KU_DIGITAL_SIGNATURE) != 0;
}

static bool ku_no_digital_signature(struct mc_lint_check *k)
{
    return ku_lacks(k, MC_KU_DIGITAL_SIGNATURE);
}

static bool ku_leaf_beyond(struct mc_lint_check *k)
{
    return ku_beyond(k, MC_KU_DIGITAL_SIGNATURE);
}

static bool ku_decipher_only(struct mc_lint_check *k)
{
    return (k->c->ku & MC_KU_DECIPHER_ONLY) != 0;
}

/* --- extKeyUsage -------------------------------------------------------------------------------------- */

static bool eku_present(struct mc_lint_check *k)
{
    return stands(k, MC_EXT_EXTENDED_KEY_USAGE);
}

static bool eku_missing(struct mc_lint_check *k)
{
    return !eku_present(k);
}

static bool eku_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_EXTENDED_KEY_USAGE);
}

static bool eku_form(struct mc_lint_check *k)
{
    return eku_present(k) && !k->c->has_eku;
}

static bool eku_lacks(const struct mc_lint_check *k, enum mc_eku purpose)
{
    return k->c->has_eku && !mc_has_purpose(k->c, purpose);
}

static bool eku_no_server(struct mc_lint_check *k)
{
    return eku_lacks(k, MC_EKU_SERVER_AUTH);
}

static bool eku_no_client(struct mc_lint_check *k)
{
    return eku_lacks(k, MC_EKU_CLIENT_AUTH);
}

static bool eku_no_code_signing(struct mc_lint_check *k)
{
    return eku_lacks(k, MC_EKU_CODE_SIGNING);
}

static bool eku_beyond(struct mc_lint_check *k, unsigned allowed)
{
    for (unsigned i = 0; i < k->c->n_eku; i++)
        if ((allowed & 1u << k->c->eku[i]) == 0)
            return mc_lint_say(k, "%s", mc_eku_name(k->c->eku[i]));
    return false;
}

static bool eku_node_beyond(struct mc_lint_check *k)
{
    return eku_beyond(k, 1u << MC_EKU_CLIENT_AUTH | 1u << MC_EKU_SERVER_AUTH);
}

static bool eku_firmware_beyond(struct mc_lint_check *k)
{
    return eku_beyond(k, 1u << MC_EKU_CODE_SIGNING);
}

static bool eku_twice(struct mc_lint_check *k)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < k->c->n_eku; i++) {
        if ((seen & 1u << k->c->eku[i]) != 0)
            return mc_lint_say(k, "%s", mc_eku_name(k->c->eku[i]));
        seen |= 1u << k->c->eku[i];
    }
    return false;
}

/* --- key identifiers ---------------------------------------------------------------------------------- */

static bool skid_missing(struct mc_lint_check *k)
{
    return !stands(k, MC_EXT_SUBJECT_KEY_ID);
}

static bool skid_form(struct mc_lint_check *k)
{
    return stands(k, MC_EXT_SUBJECT_KEY_ID) && !k->c->has_skid;
}

static bool skid_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_SUBJECT_KEY_ID);
}

static bool akid_missing(struct mc_lint_check *k)
{
    return !stands(k, MC_EXT_AUTHORITY_KEY_ID);
}

static bool akid_form(struct mc_lint_check *k)
{
    return stands(k, MC_EXT_AUTHORITY_KEY_ID) && !k->c->has_akid;
}

static bool akid_critical(struct mc_lint_check *k)
{
    return mc_lint_critical_wrong(k, MC_EXT_AUTHORITY_KEY_ID);
}

static bool root_akid(struct mc_lint_check *k)
{
    return k->c->has_skid && k->c->has_akid && !mc_span_eq(k->c->skid, k->c->akid);
}

static const struct mc_rule rules[] = {
    {"op-bc-missing", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "basicConstraints is missing, so nothing says whether this is an authority.",
        "issue it with critical basicConstraints", MC_OK, bc_missing},
    {"op-bc-critical", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "basicConstraints is not critical; Matter TLV cannot say so, and the SDK refuses to convert it.",
        "mark it critical", MC_OK, bc_critical},
    {"op-bc-form", MC_ERROR, MATTER, "1.0", "matter-operational 2.5",
        "basicConstraints is not in a form that Matter TLV can hold.",
        "write an empty SEQUENCE, or cA TRUE with a path length of at most 255", MC_E_EXT_BC, bc_form},
    {"op-authority-ca-false", MC_ERROR, OP_CA, "1.0", "matter-operational 1.4",
        "basicConstraints denies that this is an authority, so nothing that it signs is accepted.",
        "issue it with cA TRUE", MC_OK, ca_false},
    {"field-leaf-ca-true", MC_ERROR, OP_END, "1.0", "matter-operational 1.4, field 2d",
        "A certificate at the end of the chain is marked as an authority (cA TRUE): its holder could make nodes of its own.",
        "issue it with empty basicConstraints", MC_OK, ca_true},
    {"op-leaf-path-len", MC_ERROR, OP_END | MC_LINT_UNKNOWN, "1.0", "matter-operational 1.4",
        "A path length stands beside cA FALSE, which the SDK refuses to convert.", "leave the path length out", MC_OK,
        path_len_leaf},
    {"op-root-path-len", MC_ERROR, RCAC, "1.0", "matter-operational 1.4, 6 row 25",
        "The root's path length is more than 1, so AddTrustedRootCertificate refuses it.", "leave the path length out",
        MC_OK, root_path_len_long},
    {"op-root-path-len-zero", MC_WARNING, RCAC, "1.0", "matter-operational 1.4",
        "The root's path length is 0, so it can never have an ICAC below it.", "leave the path length out", MC_OK,
        root_path_len_zero},
    {"op-root-path-len-one", MC_NOTICE, RCAC, "1.0", "matter-operational 6 row 24",
        "The root has a path length, which most implementations leave out.", "leave the path length out", MC_OK,
        root_path_len_one},
    {"op-icac-path-len-missing", MC_NOTICE, ICAC, "1.0", "matter-operational 6 row 24",
        "The ICAC has no path length; 0 would say that only NOCs stand below it.", "issue ICACs with pathLen 0", MC_OK,
        icac_path_len_missing},
    {"op-icac-path-len", MC_WARNING, ICAC, "1.0", "matter-operational 1.4",
        "The ICAC's path length allows authorities below it, though a chain has at most one.",
        "issue ICACs with pathLen 0", MC_OK, icac_path_len_other},
    {"op-ku-missing", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "keyUsage is missing, and every reader asks for it (CHIP error 0x4D).", "issue it with critical keyUsage", MC_OK,
        ku_missing},
    {"op-ku-critical", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "keyUsage is not critical; Matter TLV cannot say so, and the SDK refuses to convert it.", "mark it critical",
        MC_OK, ku_critical},
    {"op-ku-form", MC_ERROR, MATTER, "1.0", "matter-operational 2.5",
        "keyUsage is not a named bit list in shortest form, so its signature breaks when it is rebuilt.",
        "drop trailing zero bits", MC_E_EXT_KU, ku_form},
    {"op-ku-cert-sign", MC_ERROR, OP_CA, "1.0", "matter-operational 1.4",
        "The authority lacks keyCertSign, so nothing that it signs is accepted.",
        "issue it with keyCertSign and cRLSign", MC_OK, ku_no_cert_sign},
    {"op-ku-crl-sign", MC_ERROR, OP_CA, "1.0", "matter-operational 1.4, 6 row 20",
        "The authority lacks cRLSign, and matter.js accepts only exact key usages.",
        "issue it with keyCertSign and cRLSign", MC_OK, ku_no_crl_sign},
    {"op-ku-authority", MC_ERROR, OP_CA, "1.0", "matter-operational 1.4, 6 row 20",
        "The authority has key usages beyond keyCertSign, cRLSign and digitalSignature, and matter.js refuses it.",
        "issue it with keyCertSign and cRLSign", MC_OK, ku_authority_beyond},
    {"op-ku-authority-signs", MC_NOTICE, OP_CA, "1.0", "matter-operational 1.4",
        "The authority's key may also sign data, which authorities have no use for.",
        "issue it with keyCertSign and cRLSign only", MC_OK, ku_authority_signs},
    {"op-ku-digital-signature", MC_ERROR, OP_END, "1.0", "matter-operational 1.4",
        "The key may not sign (digitalSignature), so no session can be set up with it.",
        "issue it with digitalSignature only", MC_OK, ku_no_digital_signature},
    {"op-ku-leaf", MC_ERROR, OP_END, "1.0", "matter-operational 1.4",
        "The certificate has key usages beyond digitalSignature, which its profile does not allow.",
        "issue it with digitalSignature only", MC_OK, ku_leaf_beyond},
    {"op-ku-decipher-only", MC_ERROR, MATTER, "1.0", "matter-operational 1.4",
        "decipherOnly is set, and the SDK refuses every certificate with it.", "leave it out", MC_OK, ku_decipher_only},
    {"op-eku-authority", MC_ERROR, OP_CA, "1.0", "matter-operational 1.4",
        "An authority has extKeyUsage, and matter.js refuses it.", "leave extKeyUsage out", MC_OK, eku_present},
    {"op-eku-vvsc", MC_ERROR, VVSC, "1.0", "matter-operational 1.4",
        "A VID verification signer has extKeyUsage, which its profile does not allow.", "leave extKeyUsage out", MC_OK,
        eku_present},
    {"op-eku-missing", MC_ERROR, NOC | FW, "1.0", "matter-operational 1.4, 6 row 21",
        "extKeyUsage is missing, and readers ask for its purposes.",
        "issue it with critical extKeyUsage: clientAuth and serverAuth for a NOC, codeSigning for firmware", MC_OK,
        eku_missing},
    {"op-eku-critical", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "extKeyUsage is not critical; Matter TLV cannot say so, and the SDK refuses to convert it.", "mark it critical",
        MC_OK, eku_critical},
    {"op-eku-form", MC_ERROR, MATTER, "1.0", "matter-operational 2.4",
        "extKeyUsage holds a purpose that Matter TLV cannot hold, or none.", "use the purposes of the kind",
        MC_E_EXT_EKU, eku_form},
    {"op-eku-server-auth", MC_ERROR, NOC, "1.0", "matter-operational 6 row 21",
        "extKeyUsage lacks serverAuth, and the SDK refuses the NOC.", "issue it with clientAuth and serverAuth", MC_OK,
        eku_no_server},
    {"op-eku-client-auth", MC_ERROR, NOC, "1.0", "matter-operational 6 row 21",
        "extKeyUsage lacks clientAuth, and rs-matter refuses the NOC.", "issue it with clientAuth and serverAuth", MC_OK,
        eku_no_client},
    {"op-eku-code-signing", MC_ERROR, FW, "1.0", "matter-operational 1.4",
        "extKeyUsage lacks codeSigning, so firmware signed with this key is not trusted.",
        "issue it with codeSigning only", MC_OK, eku_no_code_signing},
    {"op-eku-node", MC_ERROR, NOC, "1.0", "matter-operational 1.4",
        "extKeyUsage has purposes beyond clientAuth and serverAuth, which the profile does not allow.",
        "issue it with clientAuth and serverAuth only", MC_OK, eku_node_beyond},
    {"op-eku-firmware", MC_ERROR, FW, "1.0", "matter-operational 1.4",
        "extKeyUsage has purposes beyond codeSigning, so a key for firmware could do more.",
        "issue it with codeSigning only", MC_OK, eku_firmware_beyond},
    {"op-eku-twice", MC_WARNING, MATTER, "1.0", "matter-operational 2.4",
        "extKeyUsage names a purpose twice, which fills a certificate and tells nothing.", "name each purpose once",
        MC_OK, eku_twice},
    {"op-skid-missing", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "subjectKeyIdentifier is missing, and chains are built by it.", "issue it with SHA-1 of the key's point", MC_OK,
        skid_missing},
    {"op-key-id-length", MC_ERROR, MATTER, "1.0", "matter-operational 1.4",
        "A key identifier is not 20 octets, and readers take no other length.",
        "issue it with SHA-1 of the key's point", MC_E_EXT_KEY_ID, skid_form},
    {"op-skid-critical", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "subjectKeyIdentifier is critical; Matter TLV cannot say so, and the SDK refuses to convert it.",
        "mark it not critical", MC_OK, skid_critical},
    {"op-akid-missing", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "authorityKeyIdentifier is missing, and chains are built by it.",
        "issue it with the issuer's subject key identifier", MC_OK, akid_missing},
    {"op-akid-form", MC_ERROR, MATTER, "1.0", "matter-operational 1.4",
        "authorityKeyIdentifier is not exactly one key identifier of 20 octets.",
        "leave authorityCertIssuer and authorityCertSerialNumber out", MC_E_EXT_AKID, akid_form},
    {"op-akid-critical", MC_ERROR, OP, "1.0", "matter-operational 1.4",
        "authorityKeyIdentifier is critical; Matter TLV cannot say so, and the SDK refuses to convert it.",
        "mark it not critical", MC_OK, akid_critical},
    {"op-root-akid", MC_ERROR, RCAC, "1.0", "matter-operational 1.4",
        "The root's authority key identifier is not its own subject key identifier, so no chain ends in it.",
        "copy the subject key identifier", MC_OK, root_akid},
};

const struct mc_rule_table mc_rules_op_ext = MC_RULE_TABLE(rules);
