/* SPDX-License-Identifier: Apache-2.0 */
/* The DCL's rules for a PAI or DAC and what is above it (matter-attestation 6.3). */
#include "dcl_rules.h"

#define CHILD (MC_DCL_PAI | MC_DCL_DAC)

RULE(not_self_signed)
{
    PASS_IF(!mc_dcl_is_self_signed(c->cert), "it is its own issuer");
}

RULE(namesake)
{
    const struct mc_cert *x = mc_dcl_namesake(c);
    struct mc_span own, other;

    if (x == NULL && !c->has_ledger)
        UNKNOWN(NEED_LEDGER);
    if (x == NULL)
        return MC_DCL_PASSED;
    if (mc_dcl_is_self_signed(x))
        FAIL("the one on the ledger is a root");
    if (mc_cert_kind(x) >= MC_KIND_RCAC && mc_cert_kind(x) <= MC_KIND_VVSC)
        FAIL("the one on the ledger is operational");
    if (!mc_span_eq(x->issuer.der, c->cert->issuer.der) || !mc_att_akid(x, &other) || !mc_att_akid(c->cert, &own) ||
        !mc_span_eq(own, other))
        FAIL("the one on the ledger has another issuer");
    UNKNOWN("one is on the ledger: it must be of your VID");
}

RULE(parent)
{
    struct mc_dcl_path path;
    enum mc_dcl_outcome outcome = mc_dcl_chain(c, c->cert, &path, why);

    if (outcome != MC_DCL_PASSED)
        return path.missing ? outcome : MC_DCL_ABSENT; /* dcl-verifies tells */
    PASS_IF(mc_cert_kind(path.root) != MC_KIND_RCAC, "the root is operational");
}

/* The VIDs of child and root; false where the root is not known or an id is not well-formed, which others tell. */
static bool root_ids(const struct mc_dcl_case *c, struct mc_att_ids *child, struct mc_att_ids *root)
{
    struct mc_dcl_path path;
    char unused[MC_DCL_WHY_MAX];

    return mc_dcl_chain(c, c->cert, &path, unused) == MC_DCL_PASSED && mc_dcl_ids(&path.root->subject, root) &&
           mc_dcl_ids(&c->cert->subject, child);
}

RULE(root_scoped)
{
    struct mc_att_ids child, root;

    if (!root_ids(c, &child, &root))
        UNKNOWN("its root is not known");
    if (!root.has_vid)
        return MC_DCL_ABSENT;
    if (!child.has_vid)
        FAIL("it names no vendor, the root 0x%04X", root.vid);
    if (child.vid != root.vid)
        FAIL("it says 0x%04X, the root 0x%04X", child.vid, root.vid);
    if (!c->has_vid)
        UNKNOWN("give the VID of the account with --vid");
    PASS_IF(c->vid == root.vid, "the account is of 0x%04X, the root of 0x%04X", c->vid, root.vid);
}

RULE(root_open)
{
    struct mc_att_ids child, root;

    if (!root_ids(c, &child, &root))
        UNKNOWN("its root is not known");
    if (root.has_vid)
        return MC_DCL_ABSENT;
    if (!c->has_associated)
        UNKNOWN(NEED_ASSOCIATED);
    if (c->associated == 0)
        FAIL("no VID is associated with the root");
    if (child.has_vid && child.vid != c->associated)
        FAIL("it says 0x%04X, with the root goes 0x%04X", child.vid, c->associated);
    if (!c->has_vid)
        UNKNOWN("give the VID of the account with --vid");
    PASS_IF(c->vid == c->associated, "the account is of 0x%04X, with the root goes 0x%04X", c->vid, c->associated);
}

RULE(parent_ids)
{
    const struct mc_cert *parent = mc_dcl_parent(c, c->cert);
    struct mc_att_ids child, above;

    if (parent == NULL)
        UNKNOWN("the certificate above is not known");
    if (!mc_dcl_ids(&c->cert->subject, &child) || !mc_dcl_ids(&parent->subject, &above))
        return MC_DCL_ABSENT; /* dcl-ids tells */
    if (above.has_vid && (!child.has_vid || child.vid != above.vid))
        FAIL("above it is VID 0x%04X", above.vid);
    PASS_IF(!above.has_pid || (child.has_pid && child.pid == above.pid), "above it is PID 0x%04X", above.pid);
}

RULE(pai_vid)
{
    struct mc_att_ids ids;

    if (!mc_dcl_ids(&c->cert->subject, &ids))
        return MC_DCL_ABSENT;
    PASS_IF(ids.has_vid, "it names no vendor");
}

static const struct mc_dcl_rule rules[] = {
    {"dcl-not-self-signed", MC_ERROR, CHILD, "matter-attestation 6.3 I5", "A PAI or DAC may not be self-signed.",
        "propose a root as one (--as paa)", not_self_signed, false},
    {"dcl-namesake", MC_ERROR, CHILD, "matter-attestation 6.3 I7",
        "What is on the ledger with the same subject and key identifier must be of the same issuer and vendor, and no root.",
        "use another subject or key", namesake, false},
    {"dcl-parent", MC_ERROR, CHILD, "matter-attestation 6.3 I8",
        "The certificates above, found by issuer name and authority key identifier, must be on the ledger up to a root of "
        "attestation.",
        "have the PAA approved and the PAI added first", parent, false},
    {"dcl-root-scoped", MC_ERROR, CHILD, "matter-attestation 6.3 I9",
        "Under a PAA for one vendor, its VID must be that of the certificate and of the account.",
        "submit from the account of that vendor", root_scoped, false},
    {"dcl-root-open", MC_ERROR, CHILD, "matter-attestation 6.3 I10",
        "Under a PAA for any vendor, the VID that is associated with it must be that of the certificate, if it names one, and "
        "of the account.",
        "have the VID assigned to the root, and submit from the account of that vendor", root_open, false},
    {"dcl-parent-ids", MC_ERROR, CHILD, "matter-attestation 6.3 I11",
        "A VID, and a PID, of the certificate above must be this one's too.", "issue it with them", parent_ids, false},
    {"dcl-pai-vid", MC_WARNING, MC_DCL_PAI, "matter-attestation 6.3, 1.2",
        "The ledger takes a PAI without VID, but every commissioner refuses the devices under it (result 305).",
        "issue the PAI with its VID", pai_vid, false},
};

const struct mc_dcl_table mc_dcl_child_rules = DCL_TABLE(rules);
