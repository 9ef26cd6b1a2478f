/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of profiles: profiles/README.md. */
#include "der.h"
#include "profile_rules.h"

enum {
    WORD_MAX = 32,
    NUMBER_DIGITS = 8, /* hex digits: room for every number of a profile */
    DAYS_MAX = 49710,  /* the whole of Matter time, 136 years */
    PATH_LEN_MAX = 255,
    BACKDATE_MAX = 7 * 86400, /* seconds: more would be a false date */
};

struct reader {
    struct mc_profile *p;
    struct mc_mistakes *m;
    struct mc_conf c;
    struct mc_profile_lines lines;
    bool has_validity, has_backdate;
};

static void value_mistake(struct reader *r, const char *why)
{
    mc_mistake(r->m, MC_E_CONF_VALUE, r->c.line, r->c.key, "%s", why);
}

/* A decimal number up to max that fills text. */
static bool decimal(const char *text, uint64_t max, uint32_t *out)
{
    uint64_t value;

    if (text[0] < '0' || text[0] > '9' || text[1] == 'x' || strlen(text) > NUMBER_DIGITS)
        return false;
    if (mc_number_parse(text, NUMBER_DIGITS, &value, NULL) != MC_OK || value > max)
        return false;
    *out = (uint32_t)value;
    return true;
}

static void take_kind(struct reader *r)
{
    r->lines.kind = r->c.line;
    r->p->kind = mc_kind_find(r->c.value);
    if (r->p->kind == MC_KIND_UNKNOWN)
        value_mistake(r, "it is one of rcac, icac, noc, firmware-signing, vvsc, paa, pai, dac, cd-signer, crl-signer");
}

/* Where VID and PID stand. */
static void take_product_ids(struct reader *r)
{
    r->lines.product_ids = r->c.line;
    r->p->ids_in_common_name = strcmp(r->c.value, "common-name") == 0;
    if (!r->p->ids_in_common_name && strcmp(r->c.value, "attributes") != 0)
        value_mistake(r, "write attributes or common-name");
}

/* "NNN days" or "no-expiry" */
static void take_validity(struct reader *r)
{
    static const char unit[] = " days", why[] = "write 'no-expiry' or '1 days' to '49710 days'";
    size_t n = strlen(r->c.value), unit_len = sizeof(unit) - 1;

    r->has_validity = true;
    if (strcmp(r->c.value, "no-expiry") == 0) {
        r->p->validity_days = 0;
        return;
    }
    if (n <= unit_len || strcmp(r->c.value + n - unit_len, unit) != 0) {
        value_mistake(r, why);
        return;
    }
    r->c.value[n - unit_len] = '\0';
    if (!decimal(r->c.value, DAYS_MAX, &r->p->validity_days) || r->p->validity_days == 0)
        value_mistake(r, why);
}

static void take_backdate(struct reader *r)
{
    r->has_backdate = true;
    if (!decimal(r->c.value, BACKDATE_MAX, &r->p->backdate_seconds))
        value_mistake(r, "write seconds, 0 to 604800");
}

static void take_profile(struct reader *r)
{
    if (strcmp(r->c.key, "kind") == 0)
        take_kind(r);
    else if (strcmp(r->c.key, "validity") == 0)
        take_validity(r);
    else if (strcmp(r->c.key, "backdate") == 0)
        take_backdate(r);
    else if (strcmp(r->c.key, "product-ids") == 0)
        take_product_ids(r);
    else
        mc_mistake(r->m, MC_E_CONF_KEY, r->c.line, r->c.key, "this section has kind, validity, backdate, product-ids");
}

static bool take_presence(const struct mc_conf *c, struct mc_profile_attr *a)
{
    if (c->quoted)
        return false;
    if (strcmp(c->value, "required") == 0)
        a->presence = MC_REQUIRED;
    else if (strcmp(c->value, "optional") == 0)
        a->presence = MC_OPTIONAL;
    return a->presence != MC_FORBIDDEN;
}

/* "text" in quotes is a UTF8String, PRINTABLE:text a PrintableString. Why it is neither, or NULL. */
static const char *take_text(const struct mc_conf *c, struct mc_profile_attr *a)
{
    static const char mark[] = "PRINTABLE:";
    const char *text = c->value, *fault;
    struct mc_span span;

    if (!c->quoted) {
        if (strncmp(text, mark, sizeof(mark) - 1) != 0)
            return a->id == MC_ATTR_COMMON_NAME
                       ? "write required, optional, \"fixed text\" or PRINTABLE:fixed text"
                       : "write \"fixed text\" or PRINTABLE:fixed text";
        text += sizeof(mark) - 1;
        a->printable = true;
    }
    span = mc_span_of(text, strlen(text));
    fault = mc_profile_text_fault(a->printable ? MC_DER_PRINTABLE : MC_DER_UTF8, span);
    if (fault != NULL)
        return fault;
    memcpy(a->text, span.p, span.n);
    a->text_len = (uint8_t)span.n;
    return NULL;
}

static void take_subject(struct reader *r)
{
    struct mc_profile_attr a = {.id = (uint8_t)mc_attr_find_name(r->c.key)};
    const char *fault = NULL;

    if (a.id == MC_ATTR_UNKNOWN) {
        mc_mistake(r->m, MC_E_CONF_KEY, r->c.line, r->c.key, "it is no attribute of Matter's names");
        return;
    }
    for (unsigned i = 0; i < r->p->n_attr; i++) {
        if (r->p->attr[i].id != a.id)
            continue;
        mc_mistake(r->m, MC_E_CONF_TWICE, r->c.line, r->c.key, "the attribute stands in line %u",
            r->lines.subject[i]);
        return;
    }
    if (mc_attr_is_matter(a.id) || a.id > MC_ATTR_TLV_LAST) {
        if (!take_presence(&r->c, &a))
            fault = "write required or optional: the value comes from the request";
    } else if (a.id != MC_ATTR_COMMON_NAME || !take_presence(&r->c, &a)) {
        fault = take_text(&r->c, &a);
    }
    if (fault != NULL)
        value_mistake(r, fault);
    if (r->p->n_attr == MC_DN_CAP) {
        mc_mistake(r->m, MC_E_PROFILE_RULE, r->c.line, r->c.key, "a name holds at most 5 attributes");
        return;
    }
    r->lines.subject[r->p->n_attr] = r->c.line;
    r->p->attr[r->p->n_attr++] = a;
}

/* The next word of a list with commas; false at the end. A word that is too long comes back empty. */
static bool next_word(const char **p, char word[WORD_MAX])
{
    const char *start = *p, *stop;

    if (start == NULL)
        return false;
    stop = strchrnul(start, ',');
    *p = *stop == ',' ? stop + 1 : NULL;
    while (mc_is_space(*start))
        start++;
    while (stop > start && mc_is_space(stop[-1]))
        stop--;
    word[0] = '\0';
    if (stop - start < WORD_MAX) {
        memcpy(word, start, (size_t)(stop - start));
        word[stop - start] = '\0';
    }
    return true;
}

static bool word_basic_constraints(struct reader *r, const char *word)
{
    uint32_t path_len;

    if (strcmp(word, "CA:TRUE") == 0 || strcmp(word, "CA:FALSE") == 0) {
        r->p->is_ca = word[3] == 'T';
        return true;
    }
    if (strncmp(word, "pathlen:", 8) != 0 || !decimal(word + 8, PATH_LEN_MAX, &path_len))
        return false;
    r->p->path_len_present = true;
    r->p->path_len = (uint8_t)path_len;
    return true;
}

static bool word_key_usage(struct reader *r, const char *word)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
        "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(word, names[i]) != 0)
            continue;
        r->p->ku |= (uint16_t)(1u << i);
        return true;
    }
    return false;
}

static bool word_purpose(struct reader *r, const char *word)
{
    for (unsigned id = MC_EKU_SERVER_AUTH; id < MC_EKU_COUNT; id++) {
        if (strcmp(word, mc_eku_name(id)) != 0)
            continue;
        if (r->p->n_eku == MC_EKU_CAP || memchr(r->p->eku, (int)id, r->p->n_eku) != NULL)
            return false;
        r->p->eku[r->p->n_eku++] = (uint8_t)id;
        return true;
    }
    return false;
}

static bool word_subject_key(struct reader *r, const char *word)
{
    (void)r;
    return strcmp(word, "hash") == 0;
}

static bool word_authority_key(struct reader *r, const char *word)
{
    (void)r;
    return strcmp(word, "keyid") == 0;
}

/* Names and words are those of OpenSSL's x509v3_config(5). */
static const struct extension {
    const char *name;
    uint8_t id;
    bool critical; /* fixed by Matter for each type: TLV does not carry it */
    bool (*word)(struct reader *r, const char *word);
    const char *words;
} extensions[] = {
    {"basicConstraints", MC_EXT_BASIC_CONSTRAINTS, true, word_basic_constraints,
        "CA:TRUE, CA:FALSE, pathlen:N"},
    {"keyUsage", MC_EXT_KEY_USAGE, true, word_key_usage, "digitalSignature, keyCertSign, cRLSign, ..."},
    {"extendedKeyUsage", MC_EXT_EXTENDED_KEY_USAGE, true, word_purpose,
        "each once: clientAuth, serverAuth, ..."},
    {"subjectKeyIdentifier", MC_EXT_SUBJECT_KEY_ID, false, word_subject_key, "hash"},
    {"authorityKeyIdentifier", MC_EXT_AUTHORITY_KEY_ID, false, word_authority_key, "keyid"},
};

static void take_words(struct reader *r, const struct extension *x)
{
    const char *list = r->c.value;
    bool critical = false;
    char word[WORD_MAX];

    while (next_word(&list, word)) {
        if (strcmp(word, "critical") == 0)
            critical = true;
        else if (!x->word(r, word))
            mc_mistake(
                r->m, MC_E_CONF_VALUE, r->c.line, r->c.key, "'%s' is none of its words: %s", word, x->words);
    }
    if (critical != x->critical)
        mc_mistake(r->m, MC_E_PROFILE_RULE, r->c.line, r->c.key, "Matter has it %s",
            x->critical ? "critical" : "not critical");
}

/* Not one of TLV's five: optional or required (from the request), or URI:http://... for all certificates. */
static void take_crl_points(struct reader *r)
{
    static const char mark[] = "URI:";
    const char *uri = r->c.value + sizeof(mark) - 1;
    struct mc_profile_attr presence = {0};
    struct mc_err e;
    size_t n = 0;

    if (r->lines.crl_points != 0) {
        mc_mistake(r->m, MC_E_CONF_TWICE, r->c.line, r->c.key, "the extension stands in line %u", r->lines.crl_points);
        return;
    }
    r->lines.crl_points = r->c.line;
    r->p->ext[r->p->n_ext++] = MC_EXT_FUTURE;
    if (take_presence(&r->c, &presence)) {
        r->p->crl_points = presence.presence;
        return;
    }
    mc_err_init(&e);
    if (strncmp(r->c.value, mark, sizeof(mark) - 1) != 0)
        value_mistake(r, "write optional, required or URI:http://...");
    else if (mc_crl_points_encode(mc_span_of(uri, strlen(uri)), mc_span_of(NULL, 0), r->p->crl_points_der,
                 sizeof(r->p->crl_points_der), &n, &e) != MC_OK)
        value_mistake(r, e.what[0] != '\0' ? e.what : mc_rc_text(e.rc));
    r->p->crl_points_n = (uint8_t)n;
}

static void take_extension(struct reader *r)
{
    if (strcmp(r->c.key, "crlDistributionPoints") == 0) {
        take_crl_points(r);
        return;
    }
    for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        const struct extension *x = &extensions[i];

        if (strcmp(r->c.key, x->name) != 0)
            continue;
        /* The section may stand twice, each time with this key once. */
        if (r->lines.ext[x->id] != 0) {
            mc_mistake(r->m, MC_E_CONF_TWICE, r->c.line, r->c.key, "the extension stands in line %u",
                r->lines.ext[x->id]);
            return;
        }
        take_words(r, x);
        r->lines.ext[x->id] = r->c.line;
        r->p->ext[r->p->n_ext++] = x->id;
        return;
    }
    mc_mistake(r->m, MC_E_CONF_KEY, r->c.line, r->c.key, "it is none of the extensions of a profile");
}

static const struct section {
    const char *name;
    void (*take)(struct reader *r);
} sections[] = {
    {"profile", take_profile},
    {"subject", take_subject},
    {"extensions", take_extension},
};

static const struct section *section_find(struct mc_span name)
{
    for (unsigned i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
        if (mc_span_eq(name, mc_span_of(sections[i].name, strlen(sections[i].name))))
            return &sections[i];
    return NULL;
}

static void take_all(struct reader *r)
{
    while (mc_conf_take(&r->c, r->m)) {
        const struct section *s = section_find(mc_span_of(r->c.section, strlen(r->c.section)));

        if (s != NULL)
            s->take(r);
        else if (r->c.section[0] == '\0')
            mc_mistake(r->m, MC_E_CONF_KEY, r->c.line, r->c.key, "it stands before the first section");
    }
    for (unsigned i = 0; i < r->c.n_sections; i++) {
        struct mc_span name = r->c.sections[i].name;

        if (section_find(name) == NULL)
            mc_mistake(r->m, MC_E_CONF_KEY, r->c.sections[i].line, NULL,
                "section '%.*s': a profile has profile, subject, extensions", (int)name.n,
                (const char *)name.p);
    }
}

static void check_present(struct reader *r)
{
    if (r->lines.kind == 0)
        mc_mistake(r->m, MC_E_CONF_MISSING, 0, "kind", NULL);
    if (!r->has_validity)
        mc_mistake(r->m, MC_E_CONF_MISSING, r->lines.kind, "validity", NULL);
    if (!r->has_backdate)
        mc_mistake(r->m, MC_E_CONF_MISSING, r->lines.kind, "backdate", NULL);
}

enum mc_rc mc_profile_parse(struct mc_span text, struct mc_profile *p, struct mc_mistakes *m)
{
    struct reader r = {.p = p, .m = m};

    memset(p, 0, sizeof(*p));
    mc_mistakes_init(m);
    mc_conf_init(&r.c, text);
    take_all(&r);
    check_present(&r);
    if (p->kind != MC_KIND_UNKNOWN)
        mc_profile_check(p, &r.lines, m);
    mc_mistakes_sort(m);
    return m->n == 0 ? MC_OK : m->list[0].rc;
}
