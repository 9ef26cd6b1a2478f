/* SPDX-License-Identifier: Apache-2.0 */
/* Names of attestation certificates: VID and PID in both encodings (matter-attestation 1.3 to 1.5). */
#include "lint_rules.h"

enum { NAME_DER_MAX = 200, VID_STANDARD_LAST = 0xFFF0, VID_TEST_LAST = 0xFFF4 };

static bool vid_missing(struct mc_lint_check *k)
{
    return k->f.product.vid.state == MC_ID_ABSENT;
}

static bool pid_missing(struct mc_lint_check *k)
{
    return k->f.product.pid.state == MC_ID_ABSENT;
}

static bool pid_present(struct mc_lint_check *k)
{
    return k->f.product.pid.state != MC_ID_ABSENT;
}

static bool twice(struct mc_lint_check *k, enum mc_attr_id id)
{
    return (k->f.subject[id] > 1 || k->f.issuer[id] > 1) &&
           mc_lint_say(k, "%s", k->f.subject[id] > 1 ? "subject" : "issuer");
}

static bool vid_twice(struct mc_lint_check *k)
{
    return twice(k, MC_ATTR_VID);
}

static bool pid_twice(struct mc_lint_check *k)
{
    return twice(k, MC_ATTR_PID);
}

static bool vid_form(struct mc_lint_check *k)
{
    return k->f.product.oid_vid.state == MC_ID_BAD || k->f.issuer_product.oid_vid.state == MC_ID_BAD;
}

static bool pid_form(struct mc_lint_check *k)
{
    return k->f.product.oid_pid.state == MC_ID_BAD || k->f.issuer_product.oid_pid.state == MC_ID_BAD;
}

static bool fallback_vid_form(struct mc_lint_check *k)
{
    return k->f.product.cn_vid.state == MC_ID_BAD;
}

static bool fallback_pid_form(struct mc_lint_check *k)
{
    return k->f.product.cn_pid.state == MC_ID_BAD;
}

/* The string types of VID and PID attributes in the subject. */
static bool string_type(const struct mc_lint_check *k, bool (*wrong)(uint8_t tag))
{
    static const uint8_t ids[] = {MC_ATTR_VID, MC_ATTR_PID};

    for (unsigned i = 0; i < sizeof(ids); i++) {
        const struct mc_attr *a = k->f.subject[ids[i]] != 0 ? mc_lint_attr(&k->c->subject, ids[i]) : NULL;

        if (a != NULL && wrong(a->string_tag))
            return true;
    }
    return false;
}

static bool is_no_string(uint8_t tag)
{
    return tag != MC_DER_UTF8 && tag != MC_DER_PRINTABLE;
}

static bool is_printable(uint8_t tag)
{
    return tag == MC_DER_PRINTABLE;
}

static bool id_string(struct mc_lint_check *k)
{
    return string_type(k, is_no_string);
}

static bool id_printable(struct mc_lint_check *k)
{
    return string_type(k, is_printable);
}

static bool fallback_used(struct mc_lint_check *k)
{
    const struct mc_lint_product *p = &k->f.product;

    return !p->by_oid && (p->vid.state == MC_ID_FOUND || p->pid.state == MC_ID_FOUND);
}

static bool fallback_ignored(struct mc_lint_check *k)
{
    const struct mc_lint_product *p = &k->f.product;

    return p->by_oid && (p->cn_vid.state == MC_ID_FOUND || p->cn_pid.state == MC_ID_FOUND);
}

static bool vid_is(const struct mc_lint_check *k, unsigned first, unsigned last)
{
    const struct mc_lint_id *vid = &k->f.product.vid;

    return vid->state == MC_ID_FOUND && vid->value >= first && vid->value <= last;
}

static bool vid_zero(struct mc_lint_check *k)
{
    return vid_is(k, 0, 0);
}

static bool vid_test(struct mc_lint_check *k)
{
    return vid_is(k, VID_STANDARD_LAST + 1, VID_TEST_LAST);
}

static bool vid_reserved(struct mc_lint_check *k)
{
    return vid_is(k, VID_TEST_LAST + 1, 0xFFFF);
}

static bool pid_zero(struct mc_lint_check *k)
{
    return k->f.product.pid.state == MC_ID_FOUND && k->f.product.pid.value == 0;
}

/* --- against the issuer's name ------------------------------------------------------------------------- */

static bool differs(struct mc_lint_check *k, struct mc_lint_id own, struct mc_lint_id above)
{
    return own.state == MC_ID_FOUND && above.state == MC_ID_FOUND && own.value != above.value &&
           mc_lint_say(k, "%04X under %04X", own.value, above.value);
}

static bool vid_other(struct mc_lint_check *k)
{
    return differs(k, k->f.product.vid, k->f.issuer_product.vid);
}

static bool pid_other(struct mc_lint_check *k)
{
    return differs(k, k->f.product.pid, k->f.issuer_product.pid);
}

static bool issuer_vid_missing(struct mc_lint_check *k)
{
    return k->f.issuer_product.vid.state == MC_ID_ABSENT;
}

static bool not_self_issued(struct mc_lint_check *k)
{
    return !k->f.self_issued;
}

static bool self_issued(struct mc_lint_check *k)
{
    return k->f.self_issued;
}

/* --- other attributes ---------------------------------------------------------------------------------- */

static bool operational_attr(struct mc_lint_check *k)
{
    for (unsigned id = MC_ATTR_NODE_ID; id <= MC_ATTR_VVS_ID; id++)
        if (k->f.subject[id] != 0)
            return mc_lint_say(k, "%s", mc_attr_name(id));
    return false;
}

static bool common_name_empty(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < k->c->subject.n; i++)
        if (k->c->subject.attr[i].id == MC_ATTR_COMMON_NAME && k->c->subject.attr[i].text.n == 0)
            return true;
    return false;
}

static bool subject_empty(struct mc_lint_check *k)
{
    return k->c->subject.n == 0;
}

static bool name_long(struct mc_lint_check *k)
{
    return (k->c->subject.der.n > NAME_DER_MAX || k->c->issuer.der.n > NAME_DER_MAX) &&
           mc_lint_say(k, "%s", k->c->subject.der.n > NAME_DER_MAX ? "subject" : "issuer");
}

static bool multi_rdn(struct mc_lint_check *k)
{
    return k->f.subject_rdns != k->c->subject.n;
}

static const struct mc_rule rules[] = {
    {"att-vid-missing", MC_ERROR, PAI | DAC, "1.0", "matter-attestation 1.2, 1.5",
        "The subject names no vendor, neither by attribute nor in the common name, so commissioners refuse it (result 305).",
        "issue it with one VID attribute", MC_OK, vid_missing},
    {"att-pid-missing", MC_ERROR, DAC, "1.0", "matter-attestation 1.2, 1.5",
        "The DAC names no product, so commissioners refuse the device (result 306).", "issue it with one PID attribute",
        MC_OK, pid_missing},
    {"att-paa-pid", MC_ERROR, PAA, "1.0", "matter-attestation 1.5",
        "The PAA names a product, which a PAA must not (result 105).", "leave the PID out", MC_OK, pid_present},
    {"att-vid-twice", MC_ERROR, ATT, "1.0", "matter-attestation 1.3",
        "A name has two VID attributes, and the SDK and the DCL refuse it.", "issue it with one VID attribute", MC_OK,
        vid_twice},
    {"att-pid-twice", MC_ERROR, ATT, "1.0", "matter-attestation 1.3",
        "A name has two PID attributes, and the SDK and the DCL refuse it.", "issue it with one PID attribute", MC_OK,
        pid_twice},
    {"att-vid-form", MC_ERROR, ATT, "1.0", "matter-attestation 1.3",
        "A VID attribute is not exactly four upper-case hex digits, so the whole certificate is refused.",
        "write the number with leading zeros and upper-case digits", MC_OK, vid_form},
    {"att-pid-form", MC_ERROR, ATT, "1.0", "matter-attestation 1.3",
        "A PID attribute is not exactly four upper-case hex digits, so the whole certificate is refused.",
        "write the number with leading zeros and upper-case digits", MC_OK, pid_form},
    {"att-id-string", MC_ERROR, ATT, "1.0", "matter-attestation 1.3, 6.1 C7",
        "VID or PID is neither UTF8String nor PrintableString, and the DCL refuses it.", "write it as UTF8String", MC_OK,
        id_string},
    {"att-id-printable", MC_NOTICE, ATT, "1.0", "matter-attestation 1.3",
        "VID or PID is a PrintableString; it is accepted, but nearly everyone writes UTF8String.",
        "write it as UTF8String", MC_OK, id_printable},
    {"att-fallback-vid-form", MC_ERROR, ATT, "1.0", "matter-attestation 1.4",
        "The common name has 'Mvid:' without four upper-case hex digits behind it, which is fatal even beside attributes.",
        "write 'Mvid:' and four upper-case hex digits within the first 64 octets", MC_OK, fallback_vid_form},
    {"att-fallback-pid-form", MC_ERROR, ATT, "1.0", "matter-attestation 1.4",
        "The common name has 'Mpid:' without four upper-case hex digits behind it, which is fatal even beside attributes.",
        "write 'Mpid:' and four upper-case hex digits within the first 64 octets", MC_OK, fallback_pid_form},
    {"att-fallback-used", MC_NOTICE, ATT, "1.0", "matter-attestation 1.4",
        "VID or PID stands in the common name; readers must support it, but attributes of their own are plainer.",
        "issue with VID and PID attributes where the CA can write them", MC_OK, fallback_used},
    {"att-fallback-ignored", MC_WARNING, ATT, "1.0", "matter-attestation 1.4",
        "The common name states VID or PID, but attributes stand beside it, so what it says does not count.",
        "state VID and PID once, by attributes", MC_OK, fallback_ignored},
    {"att-vid-zero", MC_WARNING, ATT, "1.0", "matter-attestation 6.2 A11",
        "The VID is 0, which belongs to no vendor and which the DCL refuses.", "use the vendor's VID", MC_OK, vid_zero},
    {"att-vid-test", MC_NOTICE, ATT, "1.0", "matter-attestation 4.4",
        "The VID is one of those for tests (FFF1 to FFF4), so this is not for production.",
        "use the vendor's VID in production", MC_OK, vid_test},
    {"att-vid-reserved", MC_WARNING, ATT, "1.0", "matter-operational 5.6",
        "The VID is above FFF4, which no vendor can have.", "use the vendor's VID", MC_OK, vid_reserved},
    {"att-pid-zero", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 4.6",
        "The PID is 0; the SDK takes it for no PID in one place and for a PID in another.",
        "leave it out of the PAI; give the DAC the product's PID", MC_OK, pid_zero},
    {"att-vid-issuer", MC_ERROR, PAI | DAC, "1.0", "matter-attestation 1.5",
        "The VID is not the one in the issuer's name, so commissioners refuse the chain (result 205 or 305).",
        "issue under the vendor's own authority", MC_OK, vid_other},
    {"att-pid-issuer", MC_ERROR, DAC, "1.0", "matter-attestation 1.5",
        "The PID is not the one in the issuer's name, so commissioners refuse the chain (result 306).",
        "issue under a PAI of this product, or one without PID", MC_OK, pid_other},
    {"att-issuer-vid-missing", MC_ERROR, DAC, "1.0", "matter-attestation 1.3",
        "The issuer's name has no VID, but every PAI has one, so no valid chain leads to this DAC.",
        "issue it with a PAI", MC_OK, issuer_vid_missing},
    {"att-paa-issuer", MC_ERROR, PAA, "1.0", "matter-attestation 1.2, 6.2 A8",
        "The PAA's issuer is not its own subject, but a PAA is self-signed.", "copy the subject into the issuer", MC_OK,
        not_self_issued},
    {"att-self-issued", MC_ERROR, PAI | DAC, "1.0", "matter-attestation 6.3 I5",
        "The certificate names itself as issuer, but a PAI comes from a PAA and a DAC from a PAI.",
        "have it issued by its authority", MC_OK, self_issued},
    {"att-operational-attribute", MC_WARNING, ATT | CDS | CRLS, "1.0", "matter-attestation 1.1",
        "The subject has an attribute of operational certificates (37244.1), which says nothing here.",
        "use the attributes 37244.2.1 (VID) and 37244.2.2 (PID)", MC_OK, operational_attr},
    {"att-common-name-empty", MC_ERROR, ATT, "1.0", "matter-attestation 1.4",
        "The common name is empty, which the SDK takes for an error of the whole certificate.",
        "write a name, or leave the attribute out", MC_OK, common_name_empty},
    {"att-subject-empty", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.3",
        "The subject is empty, so no certificate or CRL can name this one.", "issue it with a name", MC_OK,
        subject_empty},
    {"att-name-long", MC_WARNING, ATT | CRLS, "1.0", "matter-attestation 1.3",
        "A name is larger than 200 octets of DER, so the SDK cannot look it up for revocation.", "shorten the name",
        MC_OK, name_long},
    {"att-dn-multi", MC_NOTICE, ATT, "1.0", "matter-attestation 1.3",
        "An RDN of the subject has more than one attribute, which few readers have been tried with.",
        "put each attribute into its own RDN", MC_OK, multi_rdn},
};

const struct mc_rule_table mc_rules_att_name = MC_RULE_TABLE(rules);
