/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger would refuse, and its table of rules: as text, JSON and Markdown. */
#include "dcl.h"

#include "lib/cli/json.h"
#include "lib/cli/text.h"

static const char *title(enum mc_dcl_kind k)
{
    switch (k) {
    case MC_DCL_PAA:
        return "PAA";
    case MC_DCL_PAI:
        return "PAI";
    case MC_DCL_DAC:
        return "DAC";
    default:
        return "revocation point";
    }
}

static void put_count(unsigned n, const char *one, const char *many)
{
    if (n != 0)
        printf(", %u %s", n, n == 1 ? one : many);
}

static bool is_said_before(const struct dcl_report *r, unsigned at)
{
    for (unsigned i = 0; i < at; i++)
        if (r->list[i].outcome == MC_DCL_UNKNOWN && strcmp(r->list[i].why, r->list[at].why) == 0)
            return true;
    return false;
}

/* What was not judged, by what is missing. */
static void put_unknown(const struct dcl_report *r)
{
    for (unsigned i = 0; i < r->n; i++) {
        if (r->list[i].outcome != MC_DCL_UNKNOWN || is_said_before(r, i))
            continue;
        fputs("  not judged ", stdout);
        for (unsigned k = i; k < r->n; k++)
            if (r->list[k].outcome == MC_DCL_UNKNOWN && strcmp(r->list[k].why, r->list[i].why) == 0)
                printf("%s %s", k == i ? "" : ",", r->list[k].rule->id);
        fputs("\n           because: ", stdout);
        text_puts(stdout, r->list[i].why);
        puts("");
    }
}

void dcl_put_text(const struct dcl_report *r)
{
    text_puts(stdout, r->where);
    printf(": %s", title(r->kind));
    put_count(r->errors, "error: the ledger refuses it", "errors: the ledger refuses it");
    put_count(r->warnings, "warning", "warnings");
    if (r->errors + r->warnings == 0)
        fputs(", nothing found", stdout);
    put_count(r->unknown, "rule not judged", "rules not judged");
    puts("");
    for (unsigned i = 0; i < r->n; i++) {
        const struct dcl_finding *f = &r->list[i];

        if (f->outcome != MC_DCL_FAILED)
            continue;
        printf("  %-8s %s\n           %s\n", mc_severity_name(f->rule->severity), f->rule->id, f->rule->text);
        fputs("           here: ", stdout);
        text_puts(stdout, f->why);
        printf("\n           cure: %s\n", f->rule->cure);
    }
    put_unknown(r);
}

static void json_finding(struct json *j, const struct dcl_finding *f)
{
    json_object(j, NULL);
    json_string(j, "rule", f->rule->id);
    json_string(j, "severity", mc_severity_name(f->rule->severity));
    json_string(j, "what", f->why);
    json_string(j, "text", f->rule->text);
    json_string(j, "cure", f->rule->cure);
    json_string(j, "source", f->rule->source);
    json_end_object(j);
}

void dcl_put_json(const struct dcl_report *r, bool lines)
{
    struct json j;

    json_init(&j, stdout, lines);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.dcl-check/1");
    json_string(&j, "file", r->where);
    json_string(&j, "kind", mc_dcl_kind_name(r->kind));
    json_bool(&j, "refused", r->errors != 0);
    json_number(&j, "errors", r->errors);
    json_number(&j, "warnings", r->warnings);
    json_array(&j, "findings");
    for (unsigned i = 0; i < r->n; i++)
        if (r->list[i].outcome == MC_DCL_FAILED)
            json_finding(&j, &r->list[i]);
    json_end_array(&j);
    json_array(&j, "not_judged");
    for (unsigned i = 0; i < r->n; i++) {
        if (r->list[i].outcome != MC_DCL_UNKNOWN)
            continue;
        json_object(&j, NULL);
        json_string(&j, "rule", r->list[i].rule->id);
        json_string(&j, "needs", r->list[i].why);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
}

/* --- the rules ----------------------------------------------------------------------------------------- */

void dcl_rules_text(void)
{
    const struct mc_dcl_rule *r;

    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++)
        printf("%-8s %-26s %s\n", mc_severity_name(r->severity), r->id, r->text);
}

void dcl_rules_json(void)
{
    const struct mc_dcl_rule *r;
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.dcl-rules/1");
    json_array(&j, "rules");
    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++) {
        json_object(&j, NULL);
        json_string(&j, "rule", r->id);
        json_string(&j, "severity", mc_severity_name(r->severity));
        json_array(&j, "kinds");
        for (unsigned k = MC_DCL_PAA; k <= MC_DCL_POINT; k <<= 1)
            if ((r->kinds & k) != 0)
                json_string(&j, NULL, mc_dcl_kind_name((enum mc_dcl_kind)k));
        json_end_array(&j);
        json_string(&j, "source", r->source);
        json_string(&j, "text", r->text);
        json_string(&j, "cure", r->cure);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
}

void dcl_rules_markdown(void)
{
    const struct mc_dcl_rule *r;

    puts("| rule | severity | applies to | source | what must hold, and the cure |\n|---|---|---|---|---|");
    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++) {
        printf("| `%s` | %s | ", r->id, mc_severity_name(r->severity));
        for (unsigned k = MC_DCL_PAA, n = 0; k <= MC_DCL_POINT; k <<= 1)
            if ((r->kinds & k) != 0)
                printf("%s%s", n++ == 0 ? "" : ", ", mc_dcl_kind_name((enum mc_dcl_kind)k));
        printf(" | %s | %s *%s* |\n", r->source, r->text, r->cure);
    }
}
