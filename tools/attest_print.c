/* SPDX-License-Identifier: Apache-2.0 */
#include "attest.h"

#include <stdio.h>

#include "lib/cli/text.h"

enum { WHY_MAX = 512 };

static const char *const state_names[] = {"passed", "failed", "skipped", "blocked"};

static const char *result_name(uint16_t number)
{
    const struct mc_att_result *r = mc_att_result_find(number);

    return r != NULL ? r->name : "";
}

static unsigned count_broken(const struct mc_attest *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        n += a->step[i].broken;
    return n;
}

/* One line a step; two verdicts where they differ from "passed" and "kept". */
static void print_step(unsigned id, const struct mc_attest_step *s)
{
    bool told = s->deployed == MC_ATTEST_FAILED || s->broken;
    char verdict[16], why[WHY_MAX];

    if (s->deployed == MC_ATTEST_FAILED)
        snprintf(verdict, sizeof(verdict), "%u", s->result);
    else
        snprintf(verdict, sizeof(verdict), "%s", state_names[s->deployed]);
    if (!told && s->deployed != MC_ATTEST_PASSED && s->note == NULL)
        return; /* what was not judged is not listed */
    printf("  %-14s  %-7s  %-6s  ", mc_attest_step_name(id), verdict, s->broken ? "broken" : "kept");
    if (told) {
        mc_err_format(&s->err, why, sizeof(why));
        text_puts(stdout, why);
        printf("\n%35s%s\n", "", mc_rc_cure(s->err.rc));
    } else {
        printf("%s\n", mc_attest_step_text(id));
    }
    if (s->note != NULL)
        printf("%35snote: %s\n", "", s->note);
}

static void print_unjudged(const struct mc_attest *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++) {
        if (a->step[i].deployed != MC_ATTEST_BLOCKED)
            continue;
        printf("%s%s", n++ == 0 ? "  not judged, because of what failed: " : ", ", mc_attest_step_name(i));
    }
    if (n > 0)
        putchar('\n');
}

void attest_print(const struct mc_attest *a, const char *what)
{
    unsigned broken = count_broken(a);

    printf("  %-14s  %-7s  %-6s\n", "step", "answer", "rules");
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        print_step(i, &a->step[i]);
    print_unjudged(a);
    printf("result %u %s: a commissioner %s %s\n", a->result, result_name(a->result), a->result == 0 ? "accepts" : "refuses", what);
    if (broken == 0)
        printf("by the rules: valid\n");
    else
        printf("by the rules: not valid, %u step%s broken%s\n", broken, broken == 1 ? " is" : "s are",
            a->result == 0 ? ": a stricter verifier than today's refuses it" : "");
}

/* --- JSON ------------------------------------------------------------------------------------------ */

void attest_json_cd(struct json *j, const char *key, const struct mc_cd *cd)
{
    json_object(j, key);
    json_number(j, "format_version", cd->format_version);
    json_id(j, "vendor_id", cd->vendor_id, 4);
    json_array(j, "product_ids");
    for (unsigned i = 0; i < cd->n_products; i++)
        json_id(j, NULL, cd->product[i], 4);
    json_end_array(j);
    json_id(j, "device_type_id", cd->device_type, 4);
    json_text(j, "certificate_id", cd->certificate_id);
    json_number(j, "security_level", cd->security_level);
    json_number(j, "security_information", cd->security_information);
    json_number(j, "version_number", cd->version_number);
    json_number(j, "certification_type", cd->certification_type);
    json_string(j, "certification_type_name", mc_cd_type_name(cd->certification_type));
    if (cd->has_origin) {
        json_id(j, "dac_origin_vendor_id", cd->origin_vid, 4);
        json_id(j, "dac_origin_product_id", cd->origin_pid, 4);
    }
    if (cd->has_paas) {
        json_array(j, "authorized_paas");
        for (unsigned i = 0; i < cd->n_paas; i++)
            json_hex(j, NULL, cd->paa[i]);
        json_end_array(j);
    }
    json_end_object(j);
}

static void json_step(struct json *j, unsigned id, const struct mc_attest_step *s)
{
    char why[WHY_MAX];

    json_object(j, NULL);
    json_string(j, "step", mc_attest_step_name(id));
    json_string(j, "text", mc_attest_step_text(id));
    json_string(j, "commissioner", state_names[s->deployed]);
    if (s->deployed == MC_ATTEST_FAILED) {
        json_number(j, "result", s->result);
        json_string(j, "result_name", result_name(s->result));
    }
    json_string(j, "rules", s->broken ? "broken" : "kept");
    if (s->deployed == MC_ATTEST_FAILED || s->broken) {
        mc_err_format(&s->err, why, sizeof(why));
        json_string(j, "rule", mc_rc_rule(s->err.rc));
        json_string(j, "why", why);
        json_string(j, "cure", mc_rc_cure(s->err.rc));
    }
    if (s->note != NULL)
        json_string(j, "note", s->note);
    json_end_object(j);
}

static void json_ids(struct json *j, const char *vid, const char *pid, const struct mc_att_ids *ids)
{
    if (ids->has_vid)
        json_id(j, vid, ids->vid, 4);
    if (ids->has_pid)
        json_id(j, pid, ids->pid, 4);
}

void attest_json(struct json *j, const struct mc_attest *a)
{
    json_bool(j, "valid", a->result == 0 && a->valid);
    json_number(j, "result", a->result);
    json_string(j, "result_name", result_name(a->result));
    json_string(j, "rules", a->valid ? "kept" : "broken");
    json_ids(j, "vid", "pid", &a->dac);
    json_ids(j, "pai_vid", "pai_pid", &a->pai);
    if (a->paa != NULL)
        json_hex(j, "paa_key_id", a->paa->skid);
    if (a->signer != NULL) {
        json_string(j, "cd_signer", a->signer->name);
        json_hex(j, "cd_signer_key_id", mc_span_of(a->signer->key_id, MC_KEY_ID_LEN));
    }
    if (a->has_cd)
        attest_json_cd(j, "cd", &a->cd);
    json_array(j, "steps");
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++)
        json_step(j, i, &a->step[i]);
    json_end_array(j);
}

/* --- the status ------------------------------------------------------------------------------------ */

enum mc_rc attest_take_as(const struct cli *c, bool *as_commissioner, struct mc_err *e)
{
    const char *as = cli_value(c, "as");

    *as_commissioner = as != NULL && strcmp(as, "commissioner") == 0;
    if (as != NULL && !*as_commissioner && strcmp(as, "rules") != 0)
        return mc_fail(e, CA_E_USAGE, "--as", "it takes rules or commissioner");
    return MC_OK;
}

enum mc_rc attest_status(struct cli *c, const struct mc_attest *a, bool as_commissioner)
{
    if (a->result == 0 && (a->valid || as_commissioner))
        return MC_OK;
    c->reported = true; /* all of it stands on stdout */
    return MC_E_NOT_VALID;
}
