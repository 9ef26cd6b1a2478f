/* SPDX-License-Identifier: Apache-2.0 */
/* What lint found, and the table of rules: as text, JSON and Markdown. SARIF: lint_sarif.c. */
#include "lib/cli/json.h"
#include "lib/cli/text.h"
#include "lib/cli/wrap.h"
#include "lint.h"

static void put_count(unsigned n, enum mc_severity s)
{
    if (n != 0)
        printf(", %u %s%s", n, mc_severity_name(s), n == 1 ? "" : "s");
}

/* On a terminal it is wrapped. */
static void put_line(const char *before, const char *text)
{
    struct wrap w;

    fputs(before, stdout);
    wrap_start(&w, stdout, wrap_width(stdout, WRAP_NEVER), strlen(before), strlen(before));
    wrap_text(&w, text, strlen(text));
    wrap_end(&w);
}

static void put_text(const struct lint_report *r)
{
    text_puts(stdout, r->file);
    printf(": %s", r->readable ? mc_lint_kind_name(r->kind) : "not readable");
    for (int s = MC_ERROR; s >= MC_NOTICE; s--)
        put_count(r->count[s], (enum mc_severity)s);
    puts(r->count[MC_ERROR] + r->count[MC_WARNING] + r->count[MC_NOTICE] == 0 ? ", nothing found" : "");
    for (unsigned i = 0; i < r->n; i++) {
        const struct mc_rule *rule = r->list[i].rule;

        printf("  %-8s %s\n", mc_severity_name(rule->severity), rule->id);
        put_line("           ", rule->text);
        if (r->list[i].what[0] != '\0')
            put_line("           here: ", r->list[i].what);
        put_line("           cure: ", rule->cure);
    }
}

static void put_json(const struct lint_report *r, bool lines)
{
    struct json j;

    json_init(&j, stdout, lines);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.lint/1");
    json_string(&j, "file", r->file);
    json_string(&j, "kind", mc_lint_kind_name(r->kind));
    json_bool(&j, "readable", r->readable);
    json_number(&j, "errors", r->count[MC_ERROR]);
    json_number(&j, "warnings", r->count[MC_WARNING]);
    json_number(&j, "notices", r->count[MC_NOTICE]);
    json_array(&j, "findings");
    for (unsigned i = 0; i < r->n; i++) {
        const struct mc_rule *rule = r->list[i].rule;

        json_object(&j, NULL);
        json_string(&j, "rule", rule->id);
        json_string(&j, "severity", mc_severity_name(rule->severity));
        if (r->list[i].what[0] != '\0')
            json_string(&j, "what", r->list[i].what);
        json_string(&j, "text", rule->text);
        json_string(&j, "cure", rule->cure);
        json_string(&j, "source", rule->source);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
}

/* --- all outputs --------------------------------------------------------------------------------------- */

void lint_begin(enum lint_output how)
{
    if (how == LINT_SARIF)
        lint_sarif_begin();
}

void lint_put(enum lint_output how, const struct lint_report *r, bool lines)
{
    if (how == LINT_TEXT)
        put_text(r);
    else if (how == LINT_JSON)
        put_json(r, lines);
    else
        lint_sarif_put(r);
}

void lint_end(enum lint_output how)
{
    if (how == LINT_SARIF)
        lint_sarif_end();
}

/* --- the rules ----------------------------------------------------------------------------------------- */

enum { KIND_BITS = 19 };

/* "rcac, icac", or "all certificates". */
static void kinds_text(uint32_t kinds, char *out, size_t cap)
{
    size_t n = 0;

    out[0] = '\0';
    for (unsigned bit = 0; bit < KIND_BITS && n < cap; bit++)
        if ((kinds & 1u << bit) != 0)
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n != 0 ? ", " : "", mc_lint_kind_name(1u << bit));
}

void lint_rules_text(void)
{
    const struct mc_rule *r;

    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++)
        printf("%-8s %-26s %s\n", mc_severity_name(r->severity), r->id, r->text);
}

void lint_rules_json(void)
{
    const struct mc_rule *r;
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.lint-rules/1");
    json_array(&j, "rules");
    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++) {
        json_object(&j, NULL);
        json_string(&j, "rule", r->id);
        json_string(&j, "severity", mc_severity_name(r->severity));
        json_array(&j, "kinds");
        for (unsigned bit = 0; bit < KIND_BITS; bit++)
            if ((r->kinds & 1u << bit) != 0)
                json_string(&j, NULL, mc_lint_kind_name(1u << bit));
        json_end_array(&j);
        json_string(&j, "since", r->since);
        json_string(&j, "source", r->source);
        json_string(&j, "text", r->text);
        json_string(&j, "cure", r->cure);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
}

void lint_rules_markdown(void)
{
    const struct mc_rule *r;
    char kinds[256];

    puts("| rule | severity | applies to | since | source | what is wrong, and the cure |\n|---|---|---|---|---|---|");
    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++) {
        kinds_text(r->kinds, kinds, sizeof(kinds));
        printf("| `%s` | %s | %s | %s | %s | %s *%s* |\n", r->id, mc_severity_name(r->severity), kinds, r->since,
            r->source, r->text, r->cure);
    }
}
