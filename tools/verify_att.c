/* SPDX-License-Identifier: Apache-2.0 */
/* verify: attestation chains, with the result code that a commissioner ends with. */
#include "lib/att_chain.h"
#include "lib/cli/json.h"
#include "revocation.h"
#include "verify.h"

bool verify_is_attestation(const struct mc_cert *root, const struct mc_cert *ica)
{
    enum mc_kind kind = mc_cert_kind(root), below = ica != NULL ? mc_cert_kind(ica) : MC_KIND_UNKNOWN;

    /* An RCAC without its id looks like a PAA; the other certificate tells. */
    if ((kind >= MC_KIND_RCAC && kind <= MC_KIND_VVSC) || (below >= MC_KIND_RCAC && below <= MC_KIND_VVSC))
        return false;
    return kind == MC_KIND_PAA || below == MC_KIND_PAI || below == MC_KIND_PAA;
}

static const char *role_name(enum mc_chain_cert where)
{
    static const char *const names[] = {"chain", "PAA", "PAI", "DAC"};

    return names[where];
}

static void print_page(const char *name, const struct mc_att_verdict *d)
{
    const struct mc_att_result *r = mc_att_result_find(d->result);
    char text[512];

    if (d->rc == MC_OK) {
        printf("%s: valid, VID 0x%04X, PID 0x%04X%s\n", name, d->dac.vid, d->dac.pid,
            d->dac.in_common_name ? " (in the common name)" : "");
        return;
    }
    mc_err_format(&d->err, text, sizeof(text));
    printf("%s: not valid\n", name);
    verify_say("  by the rules      ", "%s: %s", role_name(d->where), text);
    verify_say("                    ", "%s", mc_rc_cure(d->rc));
    if (d->result != 0)
        printf("  by a commissioner result %u %s\n", d->result, r != NULL ? r->name : "");
    else
        printf("  by a commissioner accepted: it does not look at this\n");
}

static void print_json(const char *name, const struct mc_att_verdict *d, bool one_line)
{
    const struct mc_att_result *r = mc_att_result_find(d->result);
    struct json j;
    char text[512];

    json_init(&j, stdout, one_line);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.verify-attestation/1");
    json_string(&j, "file", name);
    json_bool(&j, "valid", d->rc == MC_OK);
    if (d->rc != MC_OK) {
        mc_err_format(&d->err, text, sizeof(text));
        json_string(&j, "rule", mc_rc_rule(d->rc));
        json_string(&j, "certificate", role_name(d->where));
        json_string(&j, "why", text);
        json_string(&j, "cure", mc_rc_cure(d->rc));
    }
    json_number(&j, "result", d->result);
    json_string(&j, "result_name", r != NULL ? r->name : "");
    if (d->dac.has_vid)
        json_id(&j, "vid", d->dac.vid, 4);
    if (d->dac.has_pid)
        json_id(&j, "pid", d->dac.pid, 4);
    json_end_object(&j);
}

/* What a commissioner asks after a chain that it accepts (matter-attestation 5.6). */
static void ask_revoked(const struct verify_att *a, const struct mc_cert *dac, struct mc_att_verdict *d)
{
    enum mc_revset_verdict leaf, pai;
    uint16_t result;

    if (a->revoked == NULL || d->result != 0)
        return;
    leaf = mc_revset_find_cert(a->revoked, dac, NULL);
    pai = mc_revset_find_cert(a->revoked, a->pai, NULL);
    result = revocation_result(leaf, pai);
    if (leaf == MC_REVSET_BROKEN || pai == MC_REVSET_BROKEN)
        cli_note(a->c, "the revocation set's entry about the %s is broken: commissioners take it for not revoked",
            leaf == MC_REVSET_BROKEN ? "DAC" : "PAI");
    if (result == 0)
        return;
    mc_err_init(&d->err);
    d->rc = mc_fail(&d->err, MC_E_REVOKED, NULL, result == MC_ATT_BOTH_REVOKED ? "and so is its PAI" : NULL);
    d->where = leaf == MC_REVSET_REVOKED ? MC_CHAIN_LEAF : MC_CHAIN_ICA;
    d->result = result;
}

/* Of a node certificate in the DAC's place that is what is wrong, not the field in which it differs first. */
static void check_kind(const struct mc_cert *leaf, struct mc_att_verdict *d)
{
    enum mc_kind kind = mc_cert_kind(leaf);

    if (kind < MC_KIND_RCAC || kind > MC_KIND_VVSC || d->rc == MC_OK)
        return;
    mc_err_init(&d->err);
    d->rc = mc_fail(&d->err, MC_E_CHAIN_KIND, "subject", "it is of kind %s, not dac", mc_kind_name(kind));
    d->where = MC_CHAIN_LEAF;
}

enum mc_rc verify_att_one(
    const struct verify_att *a, const char *path, struct tool_input *input, bool one_line, struct mc_err *e)
{
    static struct mc_cert dac;
    struct mc_att_chain chain = {a->paa, a->pai, &dac, a->has_now, a->now_unix};
    struct mc_att_verdict d;
    enum mc_rc rc = tool_load(path, input, e);

    if (rc == MC_OK)
        rc = tool_certificate(input, MC_RULES_X509, &dac, e);
    if (rc != MC_OK)
        return rc;
    (void)mc_att_chain_check(a->v, &chain, &d);
    if (mc_verifier_failure(a->v) != MC_OK)
        return mc_fail(e, mc_verifier_failure(a->v), NULL, NULL);
    check_kind(&dac, &d);
    ask_revoked(a, &dac, &d);
    if (a->c->json)
        print_json(tool_name_in(path), &d, one_line);
    else if (!a->c->quiet)
        print_page(tool_name_in(path), &d);
    return (a->as_sdk ? d.result == 0 : d.rc == MC_OK) ? MC_OK : MC_E_NOT_VALID;
}
