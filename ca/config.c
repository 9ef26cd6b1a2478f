/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>

enum { HOUR = 3600, DAY = 86400, SPAN_MAX = 24 };

void config_defaults(struct config *c)
{
    memset(c, 0, sizeof(*c));
    c->sessions = 1;
    c->session_copy = true;
    c->token_timeout_seconds = 30;
    c->busy_timeout_seconds = 30;
    c->checkpoint_every = 100;
    c->clock_tolerance_seconds = 300;
    c->crl_next_update_seconds = 30 * DAY;
    c->crl_due_within_seconds = 7 * DAY;
}

enum value_type { TEXT, YES_NO, SECONDS, ENTRIES, COUNT, DAYS, SPAN };

struct key {
    const char *section, *name;
    enum value_type type;
    size_t offset;
    size_t max; /* of a text: octets with NUL; of a number: the largest, of a span in days */
};

#define FIELD(f) offsetof(struct config, f)

static const struct key keys[] = {
    {"token", "module", TEXT, FIELD(module), CONFIG_PATH_MAX},
    {"token", "label", TEXT, FIELD(label), HSM_LABEL_MAX + 1},
    {"token", "serial", TEXT, FIELD(serial), 17},
    {"token", "sessions", COUNT, FIELD(sessions), 64},
    {"token", "session-copy", YES_NO, FIELD(session_copy), 0},
    {"token", "timeout", SECONDS, FIELD(token_timeout_seconds), 3600},
    {"ledger", "busy-timeout", SECONDS, FIELD(busy_timeout_seconds), 3600},
    {"ledger", "checkpoint-every", ENTRIES, FIELD(checkpoint_every), 1000000000},
    {"policy", "clock-tolerance", SECONDS, FIELD(clock_tolerance_seconds), 86400},
    {"revocation", "next-update", SPAN, FIELD(crl_next_update_seconds), 36500},
    {"revocation", "due-within", SPAN, FIELD(crl_due_within_seconds), 36500},
    {"lifetimes", "rcac", DAYS, MC_KIND_RCAC, 49000},
    {"lifetimes", "icac", DAYS, MC_KIND_ICAC, 49000},
    {"lifetimes", "noc", DAYS, MC_KIND_NOC, 49000},
    {"lifetimes", "paa", DAYS, MC_KIND_PAA, 49000},
    {"lifetimes", "pai", DAYS, MC_KIND_PAI, 49000},
    {"lifetimes", "dac", DAYS, MC_KIND_DAC, 49000},
    {"lifetimes", "cd-signer", DAYS, MC_KIND_CD_SIGNER, 49000},
    {"lifetimes", "crl-signer", DAYS, MC_KIND_CRL_SIGNER, 49000},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct key *find_key(const struct mc_conf *item)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(item->section, keys[i].section) == 0 && strcmp(item->key, keys[i].name) == 0)
            return &keys[i];
    return NULL;
}

/* A decimal number 1..max, then blank and unit (or nothing). */
static bool parse_count(const char *text, const char *unit, size_t max, unsigned *out)
{
    unsigned long v = 0;
    const char *p = text;

    for (; *p >= '0' && *p <= '9' && v <= max; p++)
        v = v * 10 + (unsigned long)(*p - '0');
    if (p == text || v == 0 || v > max)
        return false;
    while (*p == ' ')
        p++;
    if (*p != '\0' && strcmp(p, unit) != 0)
        return false;
    *out = (unsigned)v;
    return true;
}

static bool parse_days(const char *text, const struct key *k, struct config *c)
{
    unsigned days = 0;

    if (strcmp(text, "no-expiry") != 0 && !parse_count(text, "days", k->max, &days))
        return false;
    c->has_days[k->offset] = true;
    c->days[k->offset] = days;
    return true;
}

/* "30 days" or "12 hours". */
static bool parse_span(const char *text, size_t max_days, unsigned *seconds)
{
    bool hours = strstr(text, "hours") != NULL;
    unsigned n;

    if (strchr(text, 's') == NULL || !parse_count(text, hours ? "hours" : "days", hours ? max_days * 24 : max_days, &n))
        return false;
    *seconds = n * (hours ? HOUR : DAY);
    return true;
}

static const char *const units[] = {[SECONDS] = "seconds", [ENTRIES] = "entries", [COUNT] = ""};

static bool parse_value(const char *text, const struct key *k, struct config *c)
{
    char *field = (char *)c + k->offset;
    bool yes = strcmp(text, "yes") == 0;

    switch (k->type) {
    case TEXT:
        if (strlen(text) >= k->max)
            return false;
        memcpy(field, text, strlen(text) + 1);
        return true;
    case YES_NO:
        memcpy(field, &yes, sizeof(yes));
        return yes || strcmp(text, "no") == 0;
    case DAYS:
        return parse_days(text, k, c);
    case SPAN:
        return parse_span(text, k->max, (unsigned *)(void *)field);
    default:
        return parse_count(text, units[k->type], k->max, (unsigned *)(void *)field);
    }
}

static const char *const wanted[] = {
    [TEXT] = "a shorter text",
    [YES_NO] = "yes or no",
    [SECONDS] = "a number of seconds",
    [ENTRIES] = "a number of entries",
    [COUNT] = "a number",
    [DAYS] = "a number of days, or no-expiry",
    [SPAN] = "a time like '30 days' or '12 hours'",
};

static void take_item(const struct mc_conf *item, struct config *c, bool seen[KEYS], struct mc_mistakes *m)
{
    const struct key *k = find_key(item);

    if (k == NULL) {
        mc_mistake(m, MC_E_CONF_KEY, item->line, item->key, "section [%s]", item->section);
        return;
    }
    if (seen[k - keys]) {
        mc_mistake(m, MC_E_CONF_TWICE, item->line, item->key, NULL);
        return;
    }
    seen[k - keys] = true;
    if (!parse_value(item->value, k, c))
        mc_mistake(m, MC_E_CONF_VALUE, item->line, item->key, "it takes %s", wanted[k->type]);
}

enum mc_rc config_parse(struct mc_span text, struct config *c, struct mc_mistakes *m)
{
    bool seen[KEYS] = {false};
    struct mc_conf item;

    mc_mistakes_init(m);
    config_defaults(c);
    mc_conf_init(&item, text);
    while (mc_conf_take(&item, m))
        take_item(&item, c, seen, m);
    if (c->label[0] == '\0')
        mc_mistake(m, MC_E_CONF_MISSING, 0, "label", "section [token]");
    if (c->module[0] != '\0' && c->module[0] != '/' && strcmp(c->module, "embedded") != 0)
        mc_mistake(m, MC_E_CONF_VALUE, 0, "module", "it takes 'embedded' or an absolute path");
    if (strcmp(c->module, "embedded") == 0)
        c->module[0] = '\0';
    return m->n == 0 ? MC_OK : m->list[0].rc;
}

/* A span as it is written: in days where it is whole ones. */
static void format_span(unsigned seconds, char out[SPAN_MAX])
{
    bool days = seconds % DAY == 0;

    snprintf(out, SPAN_MAX, "%u %s", seconds / (days ? DAY : HOUR), days ? "days" : "hours");
}

enum mc_rc config_format(const struct config *c, char *out, size_t cap, size_t *n)
{
    char next_update[SPAN_MAX], due_within[SPAN_MAX];
    int len;

    format_span(c->crl_next_update_seconds, next_update);
    format_span(c->crl_due_within_seconds, due_within);
    len = snprintf(out, cap,
        "# heddle.conf - how this certificate authority finds its token and what it promises.\n"
        "# Syntax: [ section ], key = value, # comment. Unknown keys are refused.\n"
        "\n"
        "[ token ]\n"
        "# 'embedded' (SoftHSM inside this directory), or the absolute path of a PKCS#11 module.\n"
        "module = %s\n"
        "# The token is found by both; one that is missing is never made again.\n"
        "label = %s\n"
        "serial = %s\n"
        "# Signing sessions to hold open; more than one only helps tokens on a network.\n"
        "sessions = %u\n"
        "# Sign with session copies of the keys (never extractable): faster with SoftHSM.\n"
        "session-copy = %s\n"
        "# Longest wait for one answer of the token.\n"
        "timeout = %u seconds\n"
        "\n"
        "[ ledger ]\n"
        "# Longest wait for another process that writes.\n"
        "busy-timeout = %u seconds\n"
        "# A new checkpoint is signed after so many entries, or after a day; a batch signs one at its end too.\n"
        "checkpoint-every = %u entries\n"
        "\n"
        "[ policy ]\n"
        "# How far the clock may be behind the ledger's last entry before issuing is refused.\n"
        "clock-tolerance = %u seconds\n"
        "\n"
        "[ revocation ]\n"
        "# When a CRL must have been replaced by the next one, where 'crl sign' has no --next-update: days or hours.\n"
        "next-update = %s\n"
        "# 'crl due' names a CRL from so long before that time on.\n"
        "due-within = %s\n"
        "\n"
        "# Lifetimes that replace those of the profiles: '3650 days' or 'no-expiry'. What runs out is made anew by hand:\n"
        "# a node keeps its NOC until an administrator comes, and a device whose DAC, PAI or PAA has ended for good is lost.\n"
        "# [ lifetimes ]\n"
        "# rcac = no-expiry\n"
        "# icac = 7300 days\n"
        "# noc = 3650 days\n"
        "# paa = no-expiry\n"
        "# pai = no-expiry\n"
        "# dac = no-expiry\n"
        "# cd-signer = no-expiry\n"
        "# crl-signer = 3653 days\n",
        c->module[0] != '\0' ? c->module : "embedded", c->label, c->serial, c->sessions,
        c->session_copy ? "yes" : "no", c->token_timeout_seconds, c->busy_timeout_seconds, c->checkpoint_every,
        c->clock_tolerance_seconds, next_update, due_within);

    if (len < 0 || (size_t)len >= cap)
        return MC_E_SPACE;
    *n = (size_t)len;
    return MC_OK;
}
