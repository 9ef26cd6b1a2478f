/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what a text names: numbers and names of errors, rule ids, words of a trouble. */
#include "explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "lib/att_chain.h"
#include "lib/lint.h"

enum {
    TOKEN_MAX = 96,
    WORDS_MAX = 4,    /* of a name that is written as words */
    IM_GLOBAL = 0x05, /* the second octet of an error that stands for a status of the interaction model */
};

const char *explain_set_name(enum explain_set set)
{
    static const char *const names[] = {
        "CHIP error", "NOCResponse status", "attestation result", "interaction status"};

    return names[set];
}

const struct explain_code *explain_find(enum explain_set set, uint32_t number)
{
    static const struct explain_code *const sets[] = {
        explain_chip, explain_noc_status, explain_attestation, explain_interaction};

    for (const struct explain_code *c = sets[set]; c->means != NULL; c++)
        if (c->number == number)
            return c;
    return NULL;
}

static const char *name_of(enum explain_set set, const struct explain_code *c)
{
    const struct mc_sdk_error *e = mc_sdk_error_find(c->number);
    const struct mc_att_result *r = mc_att_result_find(c->number);

    if (c->name != NULL)
        return c->name;
    if (set == EXPLAIN_CHIP)
        return e != NULL ? e->name : "";
    return r != NULL ? r->name : "";
}

bool explain_number(struct explain *x, enum explain_set set, uint32_t number)
{
    const struct explain_code *c = explain_find(set, number);
    char topic[128];

    if (c == NULL)
        return false;
    if (set == EXPLAIN_ATTESTATION)
        snprintf(topic, sizeof(topic), "%s %u %s", explain_set_name(set), number, name_of(set, c));
    else
        snprintf(topic, sizeof(topic), "%s 0x%02X %s", explain_set_name(set), number, name_of(set, c));
    explain_say(x, topic, c->means, c->cause, c->cure);
    return true;
}

/* A rule id of our own: of the table of results, or of lint. */
static bool explain_rule(struct explain *x, const char *id)
{
    const struct mc_rule *r = mc_lint_find(id);
    char topic[128];

    snprintf(topic, sizeof(topic), "rule %s", id);
    if (r != NULL) {
        explain_say(x, topic, r->text, r->source, r->cure);
        return true;
    }
    for (int rc = MC_E_INTERNAL; rc < MC_RC_COUNT; rc++)
        if (strcmp(mc_rc_rule((enum mc_rc)rc), id) == 0) {
            explain_say(x, topic, mc_rc_text((enum mc_rc)rc), "", mc_rc_cure((enum mc_rc)rc));
            return true;
        }
    return false;
}

/* In any case, with or without '_' between words, and with the k of a constant. */
static bool is_named(const char *name, const char *text)
{
    if (*text == 'k' && *name != 'k' && *name != 'K')
        text++;
    while (*name != '\0' || *text != '\0') {
        name += *name == '_';
        text += *text == '_';
        if (tolower((unsigned char)*name) != tolower((unsigned char)*text))
            return false;
        name += *name != '\0';
        text += *text != '\0';
    }
    return true;
}

static bool explain_status_name(
    struct explain *x, enum explain_set set, const struct explain_code *codes, const char *name)
{
    for (const struct explain_code *c = codes; c->means != NULL; c++)
        if (is_named(c->name, name))
            return explain_number(x, set, c->number);
    return false;
}

/* "0x0000004A", "4A" is not: a bare number is decimal. */
static bool is_number(const char *token, uint32_t *number, bool *hex)
{
    char *end;
    unsigned long n;

    *hex = strncasecmp(token, "0x", 2) == 0;
    if (!isdigit((unsigned char)*token))
        return false;
    n = strtoul(token, &end, *hex ? 16 : 10);
    *number = (uint32_t)n;
    return *end == '\0' && end != token && n <= UINT32_MAX;
}

static bool has_any(const char *text, const char *const *words)
{
    while (*words != NULL && strcasestr(text, *words) == NULL)
        words++;
    return *words != NULL;
}

/* A number says what it is by the word before it, by what the text is about, its form, or its size. */
static bool explain_any_number(
    struct explain *x, const char *text, const char *before, uint32_t number, bool hex)
{
    static const char *const results[] = {"attest", "result", "err", NULL},
                             *const codes[] = {"with", "code", "reason", NULL},
                             *const statuses[] = {"status", "InvalidNOC", NULL};
    bool alone = *before == '\0';
    bool att = has_any(before, results) || (has_any(before, codes) && strcasestr(text, "attest") != NULL);

    if (number >> 8 == IM_GLOBAL)
        return explain_number(x, EXPLAIN_INTERACTION, number & 0xFF);
    if (has_any(before, statuses))
        return explain_number(x, EXPLAIN_NOC_STATUS, number) ||
               explain_number(x, EXPLAIN_INTERACTION, number);
    if (hex ? strcasestr(before, "attest") != NULL : number >= 100 && (att || alone))
        return explain_number(x, EXPLAIN_ATTESTATION, number);
    if (alone && !hex && number < 0x0C)
        (void)explain_number(x, EXPLAIN_NOC_STATUS, number);
    if (hex || alone || att)
        return explain_number(x, EXPLAIN_CHIP, number);
    return false;
}

static bool explain_name(struct explain *x, const char *token)
{
    const struct mc_sdk_error *e = mc_sdk_error_find_name(token);
    const struct mc_att_result *r = mc_att_result_find_name(token);
    bool shouts = strncasecmp(token, "CHIP_", 5) == 0 || strchr(token, '_') != NULL;

    if (e != NULL && shouts)
        return explain_number(x, EXPLAIN_CHIP, e->number);
    if (strlen(token) > 3 && (explain_status_name(x, EXPLAIN_NOC_STATUS, explain_noc_status, token) ||
                                 explain_status_name(x, EXPLAIN_INTERACTION, explain_interaction, token)))
        return true;
    if (r != NULL && strlen(token) > 7)
        return explain_number(x, EXPLAIN_ATTESTATION, r->number);
    return strchr(token, '-') != NULL && explain_rule(x, token);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* The words of a text, and the last ones joined: "CA certificate not found" is CA_CERT_NOT_FOUND, "Invalid
 * NOC" InvalidNOC. */
struct words {
    char last[WORDS_MAX][TOKEN_MAX];
    unsigned n;
};

static void explain_joined(struct explain *x, const struct words *w)
{
    char under[TOKEN_MAX * WORDS_MAX] = "", plain[TOKEN_MAX * WORDS_MAX] = "";
    const struct mc_att_result *r;
    const struct mc_sdk_error *e;

    for (unsigned i = 0; i < w->n; i++) {
        const char *word = strncasecmp(w->last[i], "certificate", 11) == 0 ? "cert" : w->last[i];

        snprintf(plain + strlen(plain), sizeof(plain) - strlen(plain), "%s", w->last[i]);
        snprintf(under + strlen(under), sizeof(under) - strlen(under), "%s%s", i > 0 ? "_" : "", word);
    }
    e = mc_sdk_error_find_name(under);
    r = mc_att_result_find_name(plain);
    (void)explain_status_name(x, EXPLAIN_NOC_STATUS, explain_noc_status, plain);
    if (e != NULL)
        (void)explain_number(x, EXPLAIN_CHIP, e->number);
    if (r != NULL)
        (void)explain_number(x, EXPLAIN_ATTESTATION, r->number);
}

/* The word goes behind the last ones; what ends with it is looked up, the longest first. */
static void join_word(struct explain *x, struct words *w, const char *word)
{
    unsigned said = x->said + x->left_out;

    if (w->n == WORDS_MAX) {
        memmove(w->last[0], w->last[1], sizeof(w->last) - sizeof(w->last[0]));
        w->n--;
    }
    snprintf(w->last[w->n++], TOKEN_MAX, "%s", word);
    for (unsigned first = 0; first + 1 < w->n && said == x->said + x->left_out; first++) {
        struct words part = {.n = w->n - first};

        memcpy(part.last, w->last[first], part.n * sizeof(part.last[0]));
        explain_joined(x, &part);
    }
}

static void explain_tokens(struct explain *x, const char *text)
{
    char token[TOKEN_MAX], before[TOKEN_MAX] = "";
    struct words words = {.n = 0};
    const char *at = text;
    uint32_t number;
    bool hex;

    while (*at != '\0') {
        size_t n = 0;

        while (*at != '\0' && !is_word(*at))
            at++;
        while (is_word(at[n]))
            n++;
        if (n > 0 && n < sizeof(token)) {
            memcpy(token, at, n);
            token[n] = '\0';
            if (is_number(token, &number, &hex))
                (void)explain_any_number(x, text, before, number, hex);
            else if (!explain_name(x, token))
                join_word(x, &words, token);
            memcpy(before, token, n + 1);
        }
        at += n;
    }
}

/* All words of one alternative are in the text. */
static bool has_words(const char *text, const char *words)
{
    char word[TOKEN_MAX];

    while (*words != '\0') {
        size_t n = strcspn(words, "+");

        snprintf(word, sizeof(word), "%.*s", (int)n, words);
        if (strcasestr(text, word) == NULL)
            return false;
        words += n + (words[n] == '+');
    }
    return true;
}

static void explain_words(struct explain *x, const char *text)
{
    char topic[64];

    for (const struct explain_trouble *t = explain_troubles; t->id != NULL; t++) {
        for (size_t i = 0; i < sizeof(t->words) / sizeof(t->words[0]) && t->words[i] != NULL; i++) {
            if (!has_words(text, t->words[i]))
                continue;
            snprintf(topic, sizeof(topic), "trouble %s", t->id);
            explain_say(x, topic, t->means, t->cause, t->cure);
            break;
        }
    }
}

void explain_text(struct explain *x, const char *text)
{
    explain_tokens(x, text);
    explain_words(x, text);
}
