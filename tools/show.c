/* SPDX-License-Identifier: Apache-2.0 */
/* show: one page, or one JSON object, for each certificate. */
#include "facts.h"
#include "lib/cli/text.h"

const struct cli_option tool_show_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.certificate/1"},
    {.name = NULL},
};

static enum mc_rc show_one(struct mc_verifier *v, const struct cli *c, int i, struct mc_err *e)
{
    static struct tool_input input;
    static struct facts facts;
    const char *name = tool_name_in(c->operands[i]);
    bool many = c->n_operands > 1;
    enum mc_rc rc = tool_load(c->operands[i], &input, e);

    if (rc == MC_OK)
        rc = facts_of(v, &input, &facts, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        show_json(&facts, name, many, stdout);
        return MC_OK;
    }
    if (many) {
        fputs(i > 0 ? "\n" : "", stdout);
        text_puts(stdout, name);
        fputs(":\n", stdout);
    }
    show_page(&facts, stdout);
    return MC_OK;
}

enum mc_rc tool_show(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct tool_tally tally = {0};

    if (v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    for (int i = 0; i < c->n_operands; i++) {
        struct mc_err err;
        enum mc_rc rc;

        mc_err_init(&err);
        rc = show_one(v, c, i, &err);
        tool_count(&tally, c, tool_name_in(c->operands[i]), rc, &err);
    }
    mc_verifier_free(v);
    return tool_total(&tally, c);
}
