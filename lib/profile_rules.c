/* SPDX-License-Identifier: Apache-2.0 */
#include "profile_rules.h"

#include "dn.h"

enum {
    KU_AUTHORITY = MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN,
    EKU_MAX = 2,
    NO_PATH_LEN = -1,
};

/*
 * One row for each kind: exactly what is issued, the strictest reading of all known nodes and commissioners. A
 * presence that is MC_OPTIONAL is as the profile likes.
 */
struct kind_rule {
    uint8_t kind, own_id; /* own_id: the Matter id that makes the kind; 0 for attestation */
    uint8_t fabric, vid, pid;
    bool cats, is_ca, crl_points;
    int8_t path_len;       /* that it must have */
    bool path_len_may_lack;
    uint16_t ku, ku_may;   /* all of ku, and of ku_may what the profile likes */
    uint8_t n_eku, eku[EKU_MAX];
};

static const struct kind_rule rules[] = {
    {.kind = MC_KIND_RCAC, .own_id = MC_ATTR_RCAC_ID, .fabric = MC_OPTIONAL, .is_ca = true, .path_len = NO_PATH_LEN,
        .ku = KU_AUTHORITY},
    /* NOCs only below it */
    {.kind = MC_KIND_ICAC, .own_id = MC_ATTR_ICAC_ID, .fabric = MC_OPTIONAL, .is_ca = true, .path_len = 0,
        .ku = KU_AUTHORITY},
    {.kind = MC_KIND_NOC, .own_id = MC_ATTR_NODE_ID, .fabric = MC_REQUIRED, .cats = true, .path_len = NO_PATH_LEN,
        .ku = MC_KU_DIGITAL_SIGNATURE, .n_eku = 2, .eku = {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}},
    {.kind = MC_KIND_FIRMWARE_SIGNING, .own_id = MC_ATTR_FIRMWARE_SIGNING_ID, .fabric = MC_OPTIONAL,
        .path_len = NO_PATH_LEN, .ku = MC_KU_DIGITAL_SIGNATURE, .n_eku = 1, .eku = {MC_EKU_CODE_SIGNING}},
    {.kind = MC_KIND_VVSC, .own_id = MC_ATTR_VVS_ID, .path_len = NO_PATH_LEN, .ku = MC_KU_DIGITAL_SIGNATURE},
    {.kind = MC_KIND_PAA, .vid = MC_OPTIONAL, .is_ca = true, .path_len = 1, .path_len_may_lack = true,
        .ku = KU_AUTHORITY, .ku_may = MC_KU_DIGITAL_SIGNATURE},
    {.kind = MC_KIND_PAI, .vid = MC_REQUIRED, .pid = MC_OPTIONAL, .is_ca = true, .crl_points = true, .path_len = 0,
        .ku = KU_AUTHORITY, .ku_may = MC_KU_DIGITAL_SIGNATURE},
    {.kind = MC_KIND_DAC, .vid = MC_REQUIRED, .pid = MC_REQUIRED, .crl_points = true, .path_len = NO_PATH_LEN,
        .ku = MC_KU_DIGITAL_SIGNATURE},
    {.kind = MC_KIND_CD_SIGNER, .vid = MC_OPTIONAL, .is_ca = true, .path_len = 0,
        .ku = KU_AUTHORITY | MC_KU_DIGITAL_SIGNATURE},
    {.kind = MC_KIND_CRL_SIGNER, .path_len = NO_PATH_LEN, .ku = MC_KU_CRL_SIGN, .ku_may = MC_KU_DIGITAL_SIGNATURE},
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

static void check_product(struct checker *k, const struct mc_profile_attr *a, unsigned line)
{
    uint8_t rule = a->id == MC_ATTR_VID ? k->rule->vid : k->rule->pid;

    if (rule == MC_FORBIDDEN)
        broken(k, line, mc_attr_name(a->id), a->id == MC_ATTR_PID ? "this kind names no product" : "this kind names no vendor");
    else if (rule == MC_REQUIRED && a->presence != MC_REQUIRED)
        broken(k, line, mc_attr_name(a->id), "this kind always has it, so it is required");
}

static void check_attr(struct checker *k, unsigned i)
{
    const struct mc_profile_attr *a = &k->p->attr[i];
    const char *name = mc_attr_name(a->id);
    unsigned line = k->lines->subject[i];

    if (a->id == MC_ATTR_VID || a->id == MC_ATTR_PID) {
        check_product(k, a, line);
        return;
    }
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
    if (k->rule->own_id != 0 && !has_attr(k->p, k->rule->own_id))
        broken(k, 0, mc_attr_name(k->rule->own_id), "it is missing, and makes the kind");
    if (k->rule->fabric == MC_REQUIRED && !has_attr(k->p, MC_ATTR_FABRIC_ID))
        broken(k, 0, mc_attr_name(MC_ATTR_FABRIC_ID), "it is missing");
    if (k->rule->vid == MC_REQUIRED && !has_attr(k->p, MC_ATTR_VID))
        broken(k, 0, mc_attr_name(MC_ATTR_VID), "it is missing");
    if (k->rule->pid == MC_REQUIRED && !has_attr(k->p, MC_ATTR_PID))
        broken(k, 0, mc_attr_name(MC_ATTR_PID), "it is missing");
    if (mc_kind_is_attestation(k->p->kind) && !has_attr(k->p, MC_ATTR_COMMON_NAME))
        broken(k, 0, mc_attr_name(MC_ATTR_COMMON_NAME), "it is missing");
    if (k->lines->product_ids != 0 && k->rule->vid == MC_FORBIDDEN)
        broken(k, k->lines->product_ids, "product-ids", "this kind names no vendor");
    if (always > MC_DN_MAX)
        broken(k, k->lines->subject[MC_DN_MAX], "subject", "a name holds at most 5 attributes");
}

static void check_constraints(struct checker *k)
{
    const struct mc_profile *p = k->p;
    const struct kind_rule *r = k->rule;
    unsigned line = k->lines->ext[MC_EXT_BASIC_CONSTRAINTS];

    if (p->path_len_present && r->path_len == NO_PATH_LEN)
        broken(k, line, "basicConstraints", r->is_ca ? "a root has no path length" : "only an authority has a path length");
    else if (p->path_len_present ? p->path_len != r->path_len : r->path_len != NO_PATH_LEN && !r->path_len_may_lack)
        broken(k, line, "basicConstraints",
            r->path_len == 1                 ? "a PAA has pathlen:1, or none"
            : p->kind == MC_KIND_ICAC        ? "an ICAC has pathlen:0"
            : p->kind == MC_KIND_CD_SIGNER   ? "a CD signer has pathlen:0"
                                             : "a PAI has pathlen:0");
    if (p->is_ca != r->is_ca)
        broken(k, line, "basicConstraints", r->is_ca ? "an authority has CA:TRUE" : "only an authority has CA:TRUE");
}

static bool has_purpose(const struct mc_profile *p, uint8_t purpose)
{
    return memchr(p->eku, purpose, p->n_eku) != NULL;
}

static const char *usage_of(const struct kind_rule *r)
{
    if (r->kind == MC_KIND_CD_SIGNER)
        return "a CD signer has digitalSignature, keyCertSign and cRLSign";
    if (r->kind == MC_KIND_CRL_SIGNER)
        return "a CRL signer has cRLSign, and no more than digitalSignature beside it";
    if (r->ku_may != 0)
        return "an authority has keyCertSign and cRLSign, and no more than digitalSignature beside them";
    return r->is_ca ? "an authority has exactly keyCertSign and cRLSign" : "this kind has exactly digitalSignature";
}

static void check_usage(struct checker *k)
{
    const unsigned *line = k->lines->ext;
    bool all = k->p->n_eku == k->rule->n_eku;

    if (line[MC_EXT_KEY_USAGE] != 0 && (k->p->ku & ~k->rule->ku_may) != k->rule->ku)
        broken(k, line[MC_EXT_KEY_USAGE], "keyUsage", usage_of(k->rule));
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
    if (k->lines->crl_points != 0 && !k->rule->crl_points)
        broken(k, k->lines->crl_points, "crlDistributionPoints", "only a PAI or a DAC tells where its CRL is");
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
