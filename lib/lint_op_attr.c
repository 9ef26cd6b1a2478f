/* SPDX-License-Identifier: Apache-2.0 */
/* Single attributes of names (matter-operational 1.2, 1.7, 2.3). */
#include "dn.h"
#include "lint_rules.h"

enum { TEXT_MAX = 64 };

typedef bool attr_test(const struct mc_attr *a);

static bool say_attr(struct mc_lint_check *k, const char *name, const struct mc_attr *a)
{
    char oid[64] = "";
    enum mc_attr_id id = mc_lint_attr_id(a);

    if (id == MC_ATTR_UNKNOWN)
        mc_oid_format(a->oid, oid, sizeof(oid));
    return mc_lint_say(k, "%s: %s", name, id == MC_ATTR_UNKNOWN ? oid : mc_attr_name(id));
}

static bool any_attr(struct mc_lint_check *k, attr_test *broken)
{
    const struct mc_dn *const names[] = {&k->c->subject, &k->c->issuer};

    for (unsigned n = 0; n < 2; n++)
        for (unsigned i = 0; i < names[n]->n; i++)
            if (broken(&names[n]->attr[i]))
                return say_attr(k, n == 0 ? "subject" : "issuer", &names[n]->attr[i]);
    return false;
}

static bool is_foreign(const struct mc_attr *a)
{
    enum mc_attr_id id = mc_lint_attr_id(a);

    return id == MC_ATTR_UNKNOWN || id > MC_ATTR_TLV_LAST;
}

static bool foreign(struct mc_lint_check *k)
{
    return any_attr(k, is_foreign);
}

static bool is_text(const struct mc_attr *a)
{
    return a->id != MC_ATTR_UNKNOWN && a->id < MC_ATTR_NODE_ID;
}

static bool is_wrong_string(const struct mc_attr *a)
{
    if (!is_text(a))
        return false;
    if (a->id == MC_ATTR_DOMAIN_COMPONENT)
        return a->string_tag != MC_DER_IA5;
    return a->string_tag != MC_DER_UTF8 && a->string_tag != MC_DER_PRINTABLE;
}

static bool wrong_string(struct mc_lint_check *k)
{
    return any_attr(k, is_wrong_string);
}

static bool is_wrong_text(const struct mc_attr *a)
{
    return is_text(a) && !is_wrong_string(a) && !mc_dn_text_valid(a->string_tag, a->text);
}

static bool wrong_text(struct mc_lint_check *k)
{
    return any_attr(k, is_wrong_text);
}

/* A Matter id that the reader could not take is left without its id; its value says why. */
static bool is_broken_id(const struct mc_attr *a, enum mc_attr_id *id)
{
    uint64_t num;

    *id = mc_lint_attr_id(a);
    if (a->id != MC_ATTR_UNKNOWN || !mc_attr_is_matter(*id))
        return false;
    if (a->string_tag != MC_DER_UTF8 || a->text.n != mc_attr_digits(*id) || !mc_lint_upper_hex(a->text, &num))
        return true;
    *id = MC_ATTR_UNKNOWN; /* the form is right: it is the value that is refused */
    return true;
}

static bool is_wrong_hex(const struct mc_attr *a)
{
    enum mc_attr_id id;

    return is_broken_id(a, &id) && id != MC_ATTR_UNKNOWN;
}

static bool wrong_hex(struct mc_lint_check *k)
{
    return any_attr(k, is_wrong_hex);
}

static bool is_refused(const struct mc_attr *a, enum mc_attr_id wanted)
{
    enum mc_attr_id id;

    return is_broken_id(a, &id) && id == MC_ATTR_UNKNOWN && mc_lint_attr_id(a) == wanted;
}

static bool is_node_id_refused(const struct mc_attr *a)
{
    return is_refused(a, MC_ATTR_NODE_ID) ||
           (a->id == MC_ATTR_NODE_ID && mc_node_id_check(a->num) != MC_OK);
}

static bool is_fabric_id_refused(const struct mc_attr *a)
{
    return is_refused(a, MC_ATTR_FABRIC_ID) ||
           (a->id == MC_ATTR_FABRIC_ID && mc_fabric_id_check(a->num) != MC_OK);
}

static bool is_cat_refused(const struct mc_attr *a)
{
    return is_refused(a, MC_ATTR_CAT) || (a->id == MC_ATTR_CAT && mc_cat_check((uint32_t)a->num) != MC_OK);
}

static bool node_id_range(struct mc_lint_check *k)
{
    return any_attr(k, is_node_id_refused);
}

static bool fabric_id_zero(struct mc_lint_check *k)
{
    return any_attr(k, is_fabric_id_refused);
}

static bool cat_version_zero(struct mc_lint_check *k)
{
    return any_attr(k, is_cat_refused);
}

static bool is_domain_component(const struct mc_attr *a)
{
    return a->id == MC_ATTR_DOMAIN_COMPONENT;
}

static bool domain_component(struct mc_lint_check *k)
{
    return any_attr(k, is_domain_component);
}

static bool is_not_ascii(const struct mc_attr *a)
{
    for (size_t i = 0; is_text(a) && i < a->text.n; i++)
        if (a->text.p[i] < 0x20 || a->text.p[i] > 0x7E)
            return true;
    return false;
}

static bool not_ascii(struct mc_lint_check *k)
{
    return any_attr(k, is_not_ascii);
}

static bool is_long_text(const struct mc_attr *a)
{
    return is_text(a) && a->text.n > TEXT_MAX;
}

static bool long_text(struct mc_lint_check *k)
{
    return any_attr(k, is_long_text);
}

static bool is_empty_text(const struct mc_attr *a)
{
    return is_text(a) && a->text.n == 0;
}

static bool empty_text(struct mc_lint_check *k)
{
    return any_attr(k, is_empty_text);
}

static bool is_odd_country(const struct mc_attr *a)
{
    return a->id == MC_ATTR_COUNTRY && a->text.n != 2;
}

static bool odd_country(struct mc_lint_check *k)
{
    return any_attr(k, is_odd_country);
}

static const struct mc_rule rules[] = {
    {"op-node-id-range", MC_ERROR, MATTER, "1.0", "matter-operational 1.2",
        "The node id is not operational (0x1 to 0xFFFFFFEFFFFFFFFF): groups, CATs and temporary ids are not nodes.",
        "choose a node id inside of the operational range", MC_E_NODE_ID, node_id_range},
    {"op-fabric-id-zero", MC_ERROR, MATTER, "1.0", "matter-operational 1.2",
        "The fabric id is 0, which means no fabric.", "choose a fabric id from 0x1 to 0xFFFFFFFFFFFFFFFF",
        MC_E_FABRIC_ID, fabric_id_zero},
    {"op-cat-version-zero", MC_ERROR, MATTER, "1.0", "matter-operational 1.2",
        "A CAT has version 0, which readers refuse.", "give the CAT a version from 1 to 0xFFFF in its low 16 bits",
        MC_E_CAT_VERSION, cat_version_zero},
    {"op-dn-attribute", MC_ERROR, MATTER, "1.0", "matter-operational 1.7",
        "A name has an attribute that Matter TLV does not know.", "leave the attribute out", MC_E_DN_ATTR, foreign},
    {"op-dn-string", MC_ERROR, MATTER, "1.0", "matter-operational 1.7, 6 row 8",
        "An attribute has a string type that Matter TLV cannot hold, so the signature breaks when it is rebuilt.",
        "write UTF8String or PrintableString (domainComponent: IA5String)", MC_E_DN_STRING, wrong_string},
    {"op-dn-text", MC_ERROR, MATTER, "1.0", "matter-operational 2.3",
        "A string has characters that its type does not allow, or 0x1F, where the SDK cuts it.", "use plain ASCII text",
        MC_E_DN_TEXT, wrong_text},
    {"op-dn-hex", MC_ERROR, MATTER, "1.0", "matter-operational 1.2",
        "A Matter id is not 16 (a CAT: 8) upper-case hex digits in a UTF8String, so converters refuse it.",
        "write the id with leading zeros and upper-case digits", MC_E_DN_HEX, wrong_hex},
    {"op-dn-domain-component", MC_WARNING, MATTER, "1.0", "matter-operational 6 row 7",
        "A name has a domainComponent; matter.js and rs-matter rebuild it wrongly, so the signature fails there.",
        "never put domainComponent into Matter certificates", MC_OK, domain_component},
    {"op-dn-not-ascii", MC_WARNING, MATTER, "1.0", "matter-operational 6 row 39",
        "A string has characters outside of printable ASCII, which implementations treat differently.",
        "use plain ASCII text", MC_OK, not_ascii},
    {"x509-dn-long", MC_WARNING, X509, "1.0", "matter-operational 6 row 39, matter-attestation 1.4",
        "A string of a name has more than 64 octets; RFC 5280 forbids it, and a verifier examines only the first 64 of a common name.",
        "shorten the text to 64 octets", MC_OK, long_text},
    {"x509-dn-empty-text", MC_WARNING, MATTER | CDS | CRLS, "1.0", "matter-operational 6 row 39",
        "A string of a name is empty, which RFC 5280 forbids.", "leave the attribute out", MC_OK, empty_text},
    {"x509-dn-country", MC_WARNING, X509, "1.0", "matter-operational 1.7, RFC 5280",
        "countryName is not two letters, as X.520 wants it, so strict libraries refuse the name.",
        "write the ISO 3166 code", MC_OK, odd_country},
};

const struct mc_rule_table mc_rules_op_attr = MC_RULE_TABLE(rules);
