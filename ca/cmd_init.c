/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

const struct cli_option init_options[] = {
    {"module", "PATH", "use this PKCS#11 module instead of the embedded SoftHSM", false, false, 0},
    {"token", "LABEL", "the label of the token behind --module", false, false, 0},
    {"token-serial", "SERIAL", "its serial number, where two tokens have one label", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

struct init_work {
    const char *dir;
    const struct state_options *o;
};

static enum mc_rc create(void *arg, struct mc_err *e)
{
    struct init_work *w = arg;

    return state_create(w->dir, w->o, e);
}

enum mc_rc cmd_new_state_dir(const struct cli *c, char out[STATE_PATH_MAX], struct mc_err *e)
{
    enum mc_rc rc = cmd_state_dir(c, out, e);

    /* SoftHSM would misread its configuration: better said now than when the state has its name. */
    for (const char *p = out; rc == MC_OK && *p != '\0'; p++)
        if (*p == '#' || *p == '=' || (unsigned char)*p < 0x20 || *p == 0x7F)
            rc = mc_fail(e, CA_E_USAGE, "--state",
                "SoftHSM keeps no token under a path with '#', '=' or control characters");
    return rc;
}

enum mc_rc cmd_init(struct cli *c, struct mc_err *e)
{
    char dir[STATE_PATH_MAX];
    struct state_options o = {
        .module = cli_value(c, "module"), .label = cli_value(c, "token"), .serial = cli_value(c, "token-serial")};
    struct state s;
    struct json j;
    bool given;
    struct init_work w = {dir, &o};
    enum mc_rc rc = o.module != NULL ? cmd_state_dir(c, dir, e) : cmd_new_state_dir(c, dir, e);

    if (rc == MC_OK)
        rc = cmd_pin(c, &o.pin, &given, e);
    if (rc != MC_OK)
        return rc;
    if (o.module == NULL && (o.label != NULL || o.serial != NULL || given))
        return mc_fail(e, CA_E_USAGE, NULL, "--token, --token-serial and PIN options go with --module");
    o.pin.prompt = !given;
    rc = cmd_unless_stopped(create, &w, e);
    if (rc == MC_OK)
        rc = state_open(dir, LEDGER_READ, &s, NULL, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.init/1");
        json_string(&j, "state", s.dir);
        json_string(&j, "module", s.config.module[0] != '\0' ? s.config.module : "embedded");
        json_string(&j, "token", s.config.label);
        json_string(&j, "token_serial", s.config.serial);
        json_end_object(&j);
    } else {
        cli_note(c, "made %s with the token '%s'%s", s.dir, s.config.label,
            s.config.module[0] == '\0' ? " (embedded SoftHSM)" : "");
    }
    state_close(&s);
    return MC_OK;
}
