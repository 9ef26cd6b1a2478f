/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_life.h"

const struct cli_option cat_bump_options[] = {
    {"cat", "0xTAGVERS", "the tag with its new version in the low 16 bits", false, true, 0},
    {"why", "TEXT", "for the ledger", false, false, 0},
    {"list", NULL, "record nothing: list who still carries a lower version than the one on record", false, false, 0},
    {0},
};

/* matter-operational 5.5: a NOC's version satisfies an ACL subject that is not higher. */
static const char *const steps[] = {
    "1. Give each node listed a new NOC ('heddle noc batch' or 'heddle noc renew --csr', then UpdateNOC).",
    "2. When all have it, write the new version into every ACL entry that names the CAT.",
    "Until step 2 the old version still opens every door.",
    "A node that misses step 1 loses at step 2 the access that the CAT gave it, and gets it back with its new NOC.",
};

static enum mc_rc list(struct cli *c, struct state *s, const struct ledger_fabric *f, uint32_t cat, struct mc_err *e)
{
    struct json j;
    struct life_rows rows = {c, &j, RENEW_CAT, cat, 0};
    struct renew_progress p;
    enum mc_rc rc;

    life_begin(c, &j, "heddle.cat/1", f->name, NULL);
    if (c->json) {
        json_id(&j, "cat", cat, 8);
        json_array(&j, "steps");
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
            life_say(c, &j, steps[i]);
        json_end_array(&j);
        json_array(&j, "pending");
    }
    rc = renew_nodes(s, f, life_row, &rows, &p, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_end_array(&j);
        json_number(&j, "nodes", (int64_t)rows.n);
        json_end_object(&j);
        return MC_OK;
    }
    printf("%llu node%s of %llu need%s a new NOC\n", (unsigned long long)rows.n, rows.n == 1 ? "" : "s",
        (unsigned long long)p.live, rows.n == 1 ? "s" : "");
    for (size_t i = 0; rows.n != 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
        life_say(c, &j, steps[i]);
    return MC_OK;
}

static enum mc_rc bump(struct cli *c, struct state *s, uint32_t cat, const char *why, struct mc_err *e)
{
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK && !cli_flag(c, "list"))
        rc = cat_bump(s, &f, cat, why, e);
    return rc == MC_OK ? list(c, s, &f, cat, e) : rc;
}

enum mc_rc cmd_cat_bump(struct cli *c, struct mc_err *e)
{
    struct state s;
    const char *why;
    uint64_t cat;
    enum mc_rc rc = cli_number(c, "cat", 8, 0, &cat, e);

    if (rc == MC_OK)
        rc = noc_check_cat((uint32_t)cat, "--cat", cli_value(c, "cat"), e);
    if (rc == MC_OK)
        rc = life_why(c, &why, e);
    if (rc == MC_OK)
        rc = cmd_open(c, cli_flag(c, "list") ? LEDGER_READ : LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, bump(c, &s, (uint32_t)cat, why, e), e);
    state_close(&s);
    return rc;
}
