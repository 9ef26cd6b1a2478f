/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_batch_job.h"

#include <unistd.h>

const struct cli_option noc_batch_options[] = {
    {"in", "FILE", "the requests, JSON Lines; '-' is stdin; or a folder of CSR files", false, true, 0},
    {"out", "FILE", "the answers, JSON Lines; '-' is stdout", false, true, 0},
    {"name", "NAME", "a name to find the batch by", false, false, 0},
    {"node-ids", "RULE", "for a folder: next, from:0xID, or name (the file's name is the id)", false, false, 0},
    {"unordered", NULL, "give answers as they come, not in the order of the input", false, false, 0},
    {"dry-run", NULL, "check every request and sign nothing", false, false, 0},
    {"workers", "N", "signing processes; default: one for each processor", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option batch_resume_options[] = {
    {"workers", "N", "signing processes; default: one for each processor", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static enum mc_rc options_of(const struct cli *c, struct batch_options *o, struct hsm_pin_source *pin, struct mc_err *e)
{
    uint64_t workers = 0;
    bool given;
    enum mc_rc rc = cmd_pin(c, pin, &given, e);

    if (rc == MC_OK)
        rc = cli_number(c, "workers", 4, 0, &workers, e);
    if (rc == MC_OK && workers > BATCH_WORKERS_MAX)
        rc = mc_fail(e, CA_E_USAGE, "--workers", "at most %d", BATCH_WORKERS_MAX);
    o->workers = (unsigned)workers;
    o->pin = given ? pin : NULL;
    return rc;
}

static enum mc_rc absolute(const char *path, char out[STATE_PATH_MAX], const char *option, struct mc_err *e)
{
    char cwd[STATE_PATH_MAX];
    int n;

    if (strcmp(path, "-") == 0 || path[0] == '/')
        n = snprintf(out, STATE_PATH_MAX, "%s", path);
    else if (getcwd(cwd, sizeof(cwd)) != NULL)
        n = snprintf(out, STATE_PATH_MAX, "%s/%s", cwd, path);
    else
        n = -1;
    return n > 0 && n < STATE_PATH_MAX ? MC_OK : mc_fail(e, CA_E_USAGE, option, "the path is empty or too long");
}

enum mc_rc cmd_describe_batch(const struct cli *c, struct batch_record *b, struct mc_err *e)
{
    const char *name = cli_value(c, "name"), *rule = cli_value(c, "node-ids");
    enum mc_rc rc = name_check(c->operands[0], e);

    memset(b, 0, sizeof(*b));
    b->lock = -1;
    if (rc == MC_OK && name != NULL)
        rc = name_check(name, e);
    if (rc == MC_OK && rule != NULL && strlen(rule) >= sizeof(b->node_ids))
        rc = mc_fail(e, CA_E_USAGE, "--node-ids", "it takes next, from:0xID or name");
    if (rc == MC_OK)
        rc = absolute(cli_value(c, "in"), b->in, "--in", e);
    if (rc == MC_OK)
        rc = absolute(cli_value(c, "out"), b->out, "--out", e);
    if (rc != MC_OK)
        return rc;
    snprintf(b->of, sizeof(b->of), "%s", c->operands[0]);
    snprintf(b->name, sizeof(b->name), "%s", name != NULL ? name : "");
    snprintf(b->node_ids, sizeof(b->node_ids), "%s", rule != NULL ? rule : "");
    b->unordered = cli_flag(c, "unordered");
    return MC_OK;
}

enum mc_rc cmd_run_batch(struct cli *c, struct batch_record *b, struct mc_err *e)
{
    struct batch_options o = {.dry_run = cli_flag(c, "dry-run")};
    struct hsm_pin_source pin;
    struct state s;
    struct job j = {.c = c, .s = &s, .record = b};
    enum mc_rc rc = options_of(c, &o, &pin, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = job_check(&j, e);
    if (rc == MC_OK && o.dry_run)
        snprintf(b->name, sizeof(b->name), "dry run");
    else if (rc == MC_OK)
        rc = batch_file_create(&s, b, e);
    if (rc == MC_OK)
        rc = job_run(&j, &o, e);
    batch_file_close(b);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_noc_batch(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    enum mc_rc rc = cmd_describe_batch(c, &b, e);

    return rc == MC_OK ? cmd_run_batch(c, &b, e) : rc;
}

enum mc_rc cmd_batch_resume(struct cli *c, struct mc_err *e)
{
    struct batch_record b = {.lock = -1};
    struct batch_options o = {0};
    struct hsm_pin_source pin;
    struct state s;
    struct job j = {.c = c, .s = &s, .record = &b};
    enum mc_rc rc = options_of(c, &o, &pin, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = batch_file_open(&s, c->operands[0], &b, e);
    if (rc == MC_OK && strcmp(b.in, "-") == 0)
        rc = mc_fail(e, CA_E_USAGE, NULL, "its requests came from standard input: give them to '%s batch' again",
            b.dacs ? "dac" : "noc");
    if (rc == MC_OK && b.dac.delivered)
        rc = job_finish_delivered(&j, e);
    else if (rc == MC_OK)
        rc = job_run(&j, &o, e);
    batch_file_close(&b);
    state_close(&s);
    return rc;
}
