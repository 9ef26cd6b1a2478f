/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what a text names: numbers and names of errors, rule ids, words of a trouble. */
#include "explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "lib/att_chain.h"
#include "lib/lint.h"

enum { TOKEN_MAX = 96 };

const char *explain_set_name(enum explain_set set)
{
    static const char *const names[] = {"CHIP error", "NOCResponse status", "attestation result"};

    return names[set];
}

const struct explain_code *explain_find(enum explain_set set, uint32_t number)
{
    static const struct explain_code *const sets[] = {explain_chip, explain_noc_status, explain_attestation};

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

static bool explain_noc_name(struct explain *x, const char *name)
{
    for (const struct explain_code *c = explain_noc_status; c->means != NULL; c++)
        if (strcasecmp(c->name, name) == 0 || (*name == 'k' && strcasecmp(c->name, name + 1) == 0))
            return explain_number(x, EXPLAIN_NOC_STATUS, c->number);
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

/* A number says what it is by the word before it, its form, or its size. */
static bool explain_any_number(struct explain *x, const char *before, uint32_t number, bool hex)
{
    bool alone = *before == '\0';
    bool att = strcasestr(before, "attest") != NULL || strcasestr(before, "result") != NULL ||
               strcasestr(before, "err") != NULL;
    bool status = strcasestr(before, "status") != NULL || strcasestr(before, "InvalidNOC") != NULL;

    if (status)
        return explain_number(x, EXPLAIN_NOC_STATUS, number);
    if (!hex && number >= 100 && (att || alone))
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
    if (strlen(token) > 3 && explain_noc_name(x, token))
        return true;
    if (r != NULL && strlen(token) > 7)
        return explain_number(x, EXPLAIN_ATTESTATION, r->number);
    return strchr(token, '-') != NULL && explain_rule(x, token);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static void explain_tokens(struct explain *x, const char *text)
{
    char token[TOKEN_MAX], before[TOKEN_MAX] = "";
    uint32_t number;
    bool hex;

    while (*text != '\0') {
        size_t n = 0;

        while (*text != '\0' && !is_word(*text))
            text++;
        while (is_word(text[n]))
            n++;
        if (n > 0 && n < sizeof(token)) {
            memcpy(token, text, n);
            token[n] = '\0';
            if (is_number(token, &number, &hex))
                (void)explain_any_number(x, before, number, hex);
            else
                (void)explain_name(x, token);
            memcpy(before, token, n + 1);
        }
        text += n;
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
