/* SPDX-License-Identifier: Apache-2.0 */
/* Names of operational certificates (matter-operational 1.2, 1.3, 1.7, 2.3). */
#include "lint_rules.h"

enum { OWN_IDS = 5 };

static const uint8_t own_ids[OWN_IDS] = {
    MC_ATTR_NODE_ID, MC_ATTR_FIRMWARE_SIGNING_ID, MC_ATTR_ICAC_ID, MC_ATTR_RCAC_ID, MC_ATTR_VVS_ID};

static unsigned own_id_of(uint32_t kind)
{
    switch (kind) {
    case RCAC:
        return MC_ATTR_RCAC_ID;
    case ICAC:
        return MC_ATTR_ICAC_ID;
    case NOC:
        return MC_ATTR_NODE_ID;
    case FW:
        return MC_ATTR_FIRMWARE_SIGNING_ID;
    default:
        return MC_ATTR_VVS_ID;
    }
}

/* --- what makes the kind ------------------------------------------------------------------------------ */

static bool kind_unknown(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < OWN_IDS; i++)
        if (k->f.subject[own_ids[i]] != 0)
            return false;
    return true;
}

static bool own_id_missing(struct mc_lint_check *k)
{
    unsigned id = own_id_of(k->in->kind);

    return k->f.subject[id] == 0 && mc_lint_say(k, "no %s", mc_attr_name(id));
}

static bool own_id_twice(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < OWN_IDS; i++)
        if (k->f.subject[own_ids[i]] > 1)
            return mc_lint_say(k, "%s", mc_attr_name(own_ids[i]));
    return false;
}

static bool several_kinds(struct mc_lint_check *k)
{
    unsigned n = 0;

    for (unsigned i = 0; i < OWN_IDS; i++)
        n += k->f.subject[own_ids[i]] != 0;
    return n > 1;
}

static bool id_zero(struct mc_lint_check *k)
{
    uint64_t id;

    return mc_dn_find(&k->c->subject, own_id_of(k->in->kind), &id) && id == 0;
}

/* --- fabric id and CATs ------------------------------------------------------------------------------- */

static bool fabric_id_missing(struct mc_lint_check *k)
{
    return k->f.subject[MC_ATTR_FABRIC_ID] == 0;
}

static bool fabric_id_present(struct mc_lint_check *k)
{
    return k->f.subject[MC_ATTR_FABRIC_ID] != 0;
}

static bool fabric_id_twice(struct mc_lint_check *k)
{
    return k->f.subject[MC_ATTR_FABRIC_ID] > 1;
}

static bool fabric_id_other(struct mc_lint_check *k)
{
    uint64_t above, below;

    return mc_dn_find(&k->c->issuer, MC_ATTR_FABRIC_ID, &above) &&
           mc_dn_find(&k->c->subject, MC_ATTR_FABRIC_ID, &below) && above != below &&
           mc_lint_say(k, "0x%llX under 0x%llX", (unsigned long long)below, (unsigned long long)above);
}

static bool cat_present(struct mc_lint_check *k)
{
    return k->f.subject[MC_ATTR_CAT] != 0;
}

static bool cat_many(struct mc_lint_check *k)
{
    return k->f.subject[MC_ATTR_CAT] > MC_CAT_MAX && mc_lint_say(k, "%u", k->f.subject[MC_ATTR_CAT]);
}

static bool cat_same_identifier(struct mc_lint_check *k)
{
    return !mc_cats_distinct(&k->c->subject);
}

/* They stand in more than one run. */
static bool cats_apart(struct mc_lint_check *k)
{
    const struct mc_dn *dn = &k->c->subject;
    unsigned runs = 0;

    for (unsigned i = 0; i < dn->n; i++)
        runs += dn->attr[i].id == MC_ATTR_CAT && (i == 0 || dn->attr[i - 1].id != MC_ATTR_CAT);
    return runs > 1;
}

static bool cat_high_identifier(struct mc_lint_check *k)
{
    uint32_t cat[MC_DN_CAP];
    unsigned n = mc_dn_cats(&k->c->subject, cat);

    for (unsigned i = 0; i < n; i++)
        if (cat[i] >= 0x80000000u)
            return mc_lint_say(k, "0x%08X", cat[i]);
    return false;
}

/* --- the name as a whole ------------------------------------------------------------------------------- */

static bool empty_name(struct mc_lint_check *k)
{
    return (k->c->subject.n == 0 || k->c->issuer.n == 0) &&
           mc_lint_say(k, "%s", k->c->subject.n == 0 ? "subject" : "issuer");
}

static bool many_rdns(struct mc_lint_check *k)
{
    return (k->f.subject_rdns > MC_DN_MAX || k->f.issuer_rdns > MC_DN_MAX) &&
           mc_lint_say(k, "%s", k->f.subject_rdns > MC_DN_MAX ? "subject" : "issuer");
}

static bool multi_rdn(struct mc_lint_check *k)
{
    return (k->f.subject_rdns != k->c->subject.n || k->f.issuer_rdns != k->c->issuer.n) &&
           mc_lint_say(k, "%s", k->f.subject_rdns != k->c->subject.n ? "subject" : "issuer");
}

static bool repeated(struct mc_lint_check *k)
{
    for (unsigned id = MC_ATTR_COMMON_NAME; id <= MC_ATTR_DOMAIN_COMPONENT; id++)
        if (k->f.subject[id] > 1 || k->f.issuer[id] > 1)
            return mc_lint_say(k, "%s: %s", k->f.subject[id] > 1 ? "subject" : "issuer", mc_attr_name(id));
    return false;
}

static bool root_issuer(struct mc_lint_check *k)
{
    return !k->f.self_issued;
}

static bool icac_issuer(struct mc_lint_check *k)
{
    return k->f.issuer[MC_ATTR_RCAC_ID] != 1;
}

static bool leaf_issuer(struct mc_lint_check *k)
{
    return k->f.issuer[MC_ATTR_RCAC_ID] + k->f.issuer[MC_ATTR_ICAC_ID] != 1;
}

static bool issuer_is_node(struct mc_lint_check *k)
{
    return k->f.issuer[MC_ATTR_NODE_ID] != 0;
}

static const struct mc_rule rules[] = {
    {"op-kind-unknown", MC_ERROR, MC_LINT_UNKNOWN, "1.0", "matter-operational 1.3",
        "The subject has none of the ids that say what a Matter certificate is, so nothing accepts it in any place.",
        "issue it with the id of its kind, or say the kind with --as", MC_OK, kind_unknown},
    {"op-kind-several", MC_ERROR, MATTER & ~NETID, "1.0", "matter-operational 1.3",
        "The subject has the ids of several kinds, which readers refuse (CHIP error 0x59).",
        "issue it with the id of one kind", MC_OK, several_kinds},
    {"op-id-missing", MC_ERROR, OP, "1.0", "matter-operational 1.3",
        "The subject lacks the id of its kind, so it cannot stand in that place (CHIP error 0x59).",
        "issue it with exactly one id of its kind", MC_OK, own_id_missing},
    {"op-id-twice", MC_ERROR, MATTER & ~NETID, "1.0", "matter-operational 1.3",
        "The subject has the id of its kind twice, which readers refuse (CHIP error 0x59).",
        "issue it with exactly one id of its kind", MC_OK, own_id_twice},
    {"op-authority-id-zero", MC_NOTICE, OP_CA, "1.0", "matter-operational 6, more quirks",
        "The authority's id is 0, as one implementation sets it by default, so authorities are not told apart by it.",
        "give each authority an id of its own", MC_OK, id_zero},
    {"op-fabric-id-missing", MC_ERROR, NOC, "1.0", "matter-operational 1.3",
        "The NOC names no fabric, so no node accepts it (CHIP error 0x59).", "issue it with one matter-fabric-id",
        MC_OK, fabric_id_missing},
    {"op-fabric-id-twice", MC_ERROR, OP, "1.0", "matter-operational 1.3",
        "The subject names a fabric twice, so it is of no kind (CHIP error 0x59).", "issue it with one matter-fabric-id",
        MC_OK, fabric_id_twice},
    {"op-fabric-id-vvsc", MC_ERROR, VVSC, "1.0", "matter-operational 1.3",
        "The subject names a fabric, but a VID verification signer belongs to none.", "leave the fabric id out", MC_OK,
        fabric_id_present},
    {"op-fabric-id-issuer", MC_ERROR, ICAC | NOC | FW, "1.0", "matter-operational 3.3, 6 row 3",
        "The fabric id is not the one in the issuer's name, so a node of either fabric refuses the chain.",
        "issue under an authority of this fabric, or one that names none", MC_OK, fabric_id_other},
    {"op-cat-identifier-twice", MC_ERROR, NOC, "1.0", "matter-operational 1.3, 6 row 40",
        "Two CATs have the same identifier, so CASE sessions with this node fail although the NOC installs.",
        "keep the one with the higher version", MC_OK, cat_same_identifier},
    {"op-cat-count", MC_ERROR, NOC, "1.0", "matter-operational 1.3",
        "The NOC has more than 3 CATs, which its name cannot hold.", "leave CATs out", MC_OK, cat_many},
    {"op-cat-kind", MC_ERROR, OP & ~NOC, "1.0", "matter-operational 1.3",
        "Only a NOC has CATs; in another certificate they make it of no kind (CHIP error 0x59).", "leave them out",
        MC_OK, cat_present},
    {"op-cats-apart", MC_WARNING, NOC, "1.0", "matter-operational 6 row 5",
        "Other attributes stand between the CATs; matter.js rebuilds the name with all CATs at the place of the first, so the signature breaks there.",
        "put the CATs side by side at the end", MC_OK, cats_apart},
    {"op-cat-identifier-high", MC_NOTICE, NOC, "1.0", "peers: matter.js",
        "A CAT has an identifier of 0x8000 or more, which one constructor of matter.js takes for a negative number.",
        "choose identifiers below 0x8000 where matter.js makes access lists", MC_OK, cat_high_identifier},
    {"op-dn-empty", MC_ERROR, MATTER, "1.0", "matter-operational 2.3",
        "A name is empty; it compares unequal to everything, so it never chains.", "issue it with a name", MC_OK,
        empty_name},
    {"op-dn-count", MC_ERROR, MATTER, "1.0", "matter-operational 1.1, 6 row 4",
        "A name has more than 5 RDNs, and the SDK's decoder fails at the sixth.", "leave attributes out", MC_E_DN_COUNT,
        many_rdns},
    {"op-dn-multi", MC_ERROR, MATTER, "1.0", "matter-operational 1.1",
        "An RDN has more than one attribute, which Matter TLV cannot hold.", "put each attribute into its own RDN",
        MC_E_DN_MULTI, multi_rdn},
    {"op-dn-repeated", MC_WARNING, OP, "1.0", "matter-operational 6 row 6",
        "A standard attribute stands twice in a name; matter.js keeps the last one only, so the signature fails there.",
        "use each standard attribute once", MC_OK, repeated},
    {"op-root-issuer", MC_ERROR, RCAC, "1.0", "matter-operational 1.3, 6 row 19",
        "The root's issuer is not its own subject, so AddTrustedRootCertificate refuses it.",
        "copy the subject into the issuer", MC_OK, root_issuer},
    {"op-icac-issuer", MC_ERROR, ICAC, "1.0", "matter-operational 1.3",
        "The ICAC's issuer is no RCAC by its name, and no other path is allowed.", "issue it with the fabric's root",
        MC_OK, icac_issuer},
    {"op-leaf-issuer", MC_ERROR, NOC | VVSC, "1.0", "matter-operational 1.3",
        "The issuer is neither an RCAC nor an ICAC by its name, so no chain leads to it.",
        "issue it with the fabric's ICAC or root", MC_OK, leaf_issuer},
    {"op-issuer-node", MC_ERROR, OP, "1.0", "peers: chip-cert",
        "The issuer is a node by its name, and a node may not issue certificates.",
        "issue it with the fabric's ICAC or root", MC_OK, issuer_is_node},
};

const struct mc_rule_table mc_rules_op_name = MC_RULE_TABLE(rules);
