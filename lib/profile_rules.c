/* SPDX-License-Identifier: Apache-2.0 */
#include "profile_rules.h"

#include "dn.h"

enum {
    KU_AUTHORITY = MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN,
    EKU_MAX = 2,
    ICAC_PATH_LEN = 0, /* NOCs only */
};

/* One row for each kind: exactly what is issued, the strictest reading of all known nodes. */
struct kind_rule {
    uint8_t kind, own_id;
    uint8_t fabric; /* MC_REQUIRED, MC_FORBIDDEN, or MC_OPTIONAL: as the profile likes */
    bool cats, is_ca, path_len;
    uint16_t ku;
    uint8_t n_eku, eku[EKU_MAX];
};

static const struct kind_rule rules[] = {
    {MC_KIND_RCAC, MC_ATTR_RCAC_ID, MC_OPTIONAL, false, true, false, KU_AUTHORITY, 0, {0}},
    {MC_KIND_ICAC, MC_ATTR_ICAC_ID, MC_OPTIONAL, false, true, true, KU_AUTHORITY, 0, {0}},
    {MC_KIND_NOC, MC_ATTR_NODE_ID, MC_REQUIRED, true, false, false, MC_KU_DIGITAL_SIGNATURE, 2,
        {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}},
    {MC_KIND_FIRMWARE_SIGNING, MC_ATTR_FIRMWARE_SIGNING_ID, MC_OPTIONAL, false, false, false,
        MC_KU_DIGITAL_SIGNATURE, 1, {MC_EKU_CODE_SIGNING}},
    {MC_KIND_VVSC, MC_ATTR_VVS_ID, MC_FORBIDDEN, false, false, false, MC_KU_DIGITAL_SIGNATURE, 0, {0}},
};

struct checker {
    const struct mc_profile *p;
    const struct mc_profile_lines *lines;
    const struct kind_rule *rule;
    struct mc_mistakes *m;
};

const char *mc_profile_text_fault(uint8_t string_tag, struct mc_span text)
{
    if (text.n == 0)
        return "the text is empty";
    if (text.n > MC_PROFILE_TEXT_MAX)
        return "the text has more than 64 octets";
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] == 0x7F)
            return "the text has a control character";
    if (mc_dn_text_valid(string_tag, text))
        return NULL;
    return string_tag == MC_DER_PRINTABLE
               ? "a PrintableString takes A-Z a-z 0-9 space ' ( ) + , - . / : = ? only"
               : "the text is not UTF-8";
}

static void broken(struct checker *k, unsigned line, const char *field, const char *why)
{
    mc_mistake(k->m, MC_E_PROFILE_RULE, line != 0 ? line : k->lines->kind, field, "%s", why);
}

static void check_attr(struct checker *k, unsigned i)
{
    const struct mc_profile_attr *a = &k->p->attr[i];
    const char *name = mc_attr_name(a->id);
    unsigned line = k->lines->subject[i];

    if (!mc_attr_is_matter(a->id)) {
        if (a->id == MC_ATTR_DOMAIN_COMPONENT)
            broken(k, line, name, "some nodes cannot verify names with it");
        return;
    }
    if (a->id == k->rule->own_id) {
        if (a->presence != MC_REQUIRED)
            broken(k, line, name, "it makes the kind, so it is required");
    } else if (a->id == MC_ATTR_FABRIC_ID) {
        if (k->rule->fabric == MC_FORBIDDEN)
            broken(k, line, name, "this kind belongs to no fabric");
        else if (k->rule->fabric == MC_REQUIRED && a->presence != MC_REQUIRED)
            broken(k, line, name, "a NOC has exactly one fabric id, so it is required");
    } else if (a->id == MC_ATTR_CAT && k->rule->cats) {
        if (i + 1 != k->p->n_attr)
            broken(k, line, name, "CATs stand last, or some nodes rebuild the name in another order");
    } else {
        broken(k, line, name, a->id == MC_ATTR_CAT ? "only a NOC has CATs" : "it belongs to another kind");
    }
}

static bool has_attr(const struct mc_profile *p, enum mc_attr_id id)
{
    for (unsigned i = 0; i < p->n_attr; i++)
        if (p->attr[i].id == id)
            return true;
    return false;
}

static void check_subject(struct checker *k)
{
    unsigned always = 0;

    for (unsigned i = 0; i < k->p->n_attr; i++) {
        check_attr(k, i);
        always += k->p->attr[i].presence == MC_REQUIRED || k->p->attr[i].text_len != 0;
    }
    if (!has_attr(k->p, k->rule->own_id))
        broken(k, 0, mc_attr_name(k->rule->own_id), "it is missing, and makes the kind");
    if (k->rule->fabric == MC_REQUIRED && !has_attr(k->p, MC_ATTR_FABRIC_ID))
        broken(k, 0, mc_attr_name(MC_ATTR_FABRIC_ID), "it is missing");
    if (always > MC_DN_MAX)
        broken(k, k->lines->subject[MC_DN_MAX], "subject", "a name holds at most 5 attributes");
}

static void check_constraints(struct checker *k)
{
    const struct mc_profile *p = k->p;
    const unsigned *line = k->lines->ext;

    if (p->path_len_present && !k->rule->path_len)
        broken(k, line[MC_EXT_BASIC_CONSTRAINTS], "basicConstraints",
            k->rule->is_ca ? "a root has no path length" : "only an authority has a path length");
    if (k->rule->path_len && (!p->path_len_present || p->path_len != ICAC_PATH_LEN))
        broken(k, line[MC_EXT_BASIC_CONSTRAINTS], "basicConstraints", "an ICAC has pathlen:0");
    if (p->is_ca != k->rule->is_ca)
        broken(k, line[MC_EXT_BASIC_CONSTRAINTS], "basicConstraints",
            k->rule->is_ca ? "an authority has CA:TRUE" : "only an authority has CA:TRUE");
}

static bool has_purpose(const struct mc_profile *p, uint8_t purpose)
{
    return memchr(p->eku, purpose, p->n_eku) != NULL;
}

static void check_usage(struct checker *k)
{
    const unsigned *line = k->lines->ext;
    bool all = k->p->n_eku == k->rule->n_eku;

    if (line[MC_EXT_KEY_USAGE] != 0 && k->p->ku != k->rule->ku)
        broken(k, line[MC_EXT_KEY_USAGE], "keyUsage",
            k->rule->is_ca ? "an authority has exactly keyCertSign and cRLSign"
                           : "this kind has exactly digitalSignature");
    if (line[MC_EXT_EXTENDED_KEY_USAGE] == 0)
        return;
    for (unsigned i = 0; i < k->rule->n_eku; i++)
        all = all && has_purpose(k->p, k->rule->eku[i]);
    if (!all)
        broken(k, line[MC_EXT_EXTENDED_KEY_USAGE], "extendedKeyUsage",
            k->rule->n_eku == 0   ? "this kind has no extended key usage"
            : k->rule->n_eku == 1 ? "firmware signing has exactly codeSigning"
                                  : "a NOC has exactly clientAuth and serverAuth");
}

static void check_extensions(struct checker *k)
{
    const unsigned *line = k->lines->ext;

    if (line[MC_EXT_BASIC_CONSTRAINTS] == 0)
        broken(k, 0, "basicConstraints", "it is missing");
    else
        check_constraints(k);
    if (line[MC_EXT_KEY_USAGE] == 0)
        broken(k, 0, "keyUsage", "it is missing");
    if (line[MC_EXT_EXTENDED_KEY_USAGE] == 0 && k->rule->n_eku != 0)
        broken(k, 0, "extendedKeyUsage", "it is missing");
    if (line[MC_EXT_SUBJECT_KEY_ID] == 0)
        broken(k, 0, "subjectKeyIdentifier", "it is missing");
    if (line[MC_EXT_AUTHORITY_KEY_ID] == 0)
        broken(k, 0, "authorityKeyIdentifier", "it is missing");
    check_usage(k);
}

void mc_profile_check(const struct mc_profile *p, const struct mc_profile_lines *lines, struct mc_mistakes *m)
{
    struct checker k = {p, lines, NULL, m};

    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].kind == p->kind)
            k.rule = &rules[i];
    if (k.rule == NULL) {
        mc_mistake(m, MC_E_CONF_VALUE, lines->kind, "kind", "no profile is read for this kind");
        return;
    }
    check_subject(&k);
    check_extensions(&k);
}
