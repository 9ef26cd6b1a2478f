/* SPDX-License-Identifier: Apache-2.0 */
/* The ICA of a fabric is changed for another one, step by step. */
#include "cmd_life.h"

const struct cli_option ica_rotate_options[] = {
    {"same-key", NULL, "a new ICAC for the same key and name", false, false, 0},
    {"prepare-only", NULL, "make it, but let the old one go on signing until 'ica activate'", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option ica_retire_options[] = {
    {"force", NULL, "also while live NOCs hang from it; the ledger has it on record", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* What a step means, and for the nodes that miss it. */
static enum mc_rc print_step(const struct cli *c, struct state *s, const char *step, uint32_t number, const char *means, struct mc_err *e)
{
    struct json j;
    enum mc_rc rc;

    life_begin(c, &j, "heddle.ica/1", c->operands[0], step);
    if (c->json) {
        json_number(&j, "authority", number);
        json_string(&j, "means", means);
    }
    rc = life_authorities(c, s, c->operands[0], &j, e);
    if (rc == MC_OK && c->json)
        json_end_object(&j);
    if (rc == MC_OK)
        cli_note(c, "%s authority %u. %s", step, number, means);
    return rc;
}

static const char prepared_means[] =
    "It signs nothing yet and no node knows it: 'heddle ica activate' makes it the one that signs, 'heddle ica rollback' "
    "drops it.";
static const char active_means[] =
    "NOCs come from it from now on. Nodes that get no new NOC keep their old one and its ICAC, which peers accept as "
    "before until one of the two expires; 'heddle campaign' lists them.";
static const char retired_means[] =
    "It will never sign again. A node that still holds a NOC and ICAC of it is accepted by its peers until they expire: "
    "Matter has no revocation of NOCs.";
static const char back_means[] =
    "It is prepared again, and the ICA before it signs as before. No live NOC hung from it, so no node misses anything.";
static const char dropped_means[] = "No node ever knew it. Its key stays in the token and signs nothing more.";

static enum mc_rc rotate(struct cli *c, struct state *s, struct mc_err *e)
{
    bool made = false;
    uint32_t number = 0;
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = ica_prepare(s, &f, cli_flag(c, "same-key"), &number, &made, e);
    if (rc == MC_OK && !made)
        cli_note(c, "authority %u was prepared before: going on with it", number);
    if (rc != MC_OK)
        return rc;
    if (cli_flag(c, "prepare-only"))
        return print_step(c, s, "prepared", number, prepared_means, e);
    rc = ica_activate(s, &f, &number, e);
    return rc == MC_OK ? print_step(c, s, "activated", number, active_means, e) : rc;
}

static enum mc_rc activate(struct cli *c, struct state *s, struct mc_err *e)
{
    struct ledger_fabric f;
    uint32_t number = 0;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = life_authority(c, &number, e);
    if (rc == MC_OK)
        rc = ica_activate(s, &f, &number, e);
    return rc == MC_OK ? print_step(c, s, "activated", number, active_means, e) : rc;
}

static enum mc_rc retire(struct cli *c, struct state *s, struct mc_err *e)
{
    struct ledger_fabric f;
    uint32_t number = 0;
    uint64_t live = 0;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = life_authority(c, &number, e);
    if (rc == MC_OK)
        rc = ica_retire(s, &f, &number, cli_flag(c, "force"), &live, e);
    if (rc == MC_OK && live != 0)
        cli_note(c, "%llu node%s depend%s on it", (unsigned long long)live, live == 1 ? "" : "s", live == 1 ? "s" : "");
    return rc == MC_OK ? print_step(c, s, "retired", number, retired_means, e) : rc;
}

static enum mc_rc rollback(struct cli *c, struct state *s, struct mc_err *e)
{
    struct ledger_fabric f;
    uint32_t was = 0, now = 0;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = ica_rollback(s, &f, &was, &now, e);
    if (rc != MC_OK)
        return rc;
    return print_step(c, s, now != 0 ? "rolled back" : "dropped", was, now != 0 ? back_means : dropped_means, e);
}

static enum mc_rc with_token(struct cli *c, enum mc_rc (*step)(struct cli *c, struct state *s, struct mc_err *e), struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = cmd_open_token(c, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, step(c, &s, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, false);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_ica_rotate(struct cli *c, struct mc_err *e)
{
    return with_token(c, rotate, e);
}

enum mc_rc cmd_ica_activate(struct cli *c, struct mc_err *e)
{
    return with_token(c, activate, e);
}

enum mc_rc cmd_ica_retire(struct cli *c, struct mc_err *e)
{
    return with_token(c, retire, e);
}

enum mc_rc cmd_ica_rollback(struct cli *c, struct mc_err *e)
{
    return with_token(c, rollback, e);
}
