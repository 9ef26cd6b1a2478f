/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <signal.h>

const struct cli_option init_options[] = {
    {"module", "PATH", "use this PKCS#11 module instead of the embedded SoftHSM", false, false, 0},
    {"token", "LABEL", "the label of the token behind --module", false, false, 0},
    {"token-serial", "SERIAL", "its serial number, where two tokens have one label", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static volatile sig_atomic_t stopped;

static void note_stop(int sig)
{
    stopped = sig;
}

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
#define STOPS (sizeof(stops) / sizeof(stops[0]))

/*
 * A half-made state holds a PIN, so it is taken away before a signal acts. Making one takes well under a
 * second, apart from the question for a PIN, which the signal ends.
 */
static enum mc_rc create_unless_stopped(const char *dir, const struct state_options *o, struct mc_err *e)
{
    struct sigaction sa = {.sa_handler = note_stop}, before[STOPS];
    enum mc_rc rc;

    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &sa, &before[i]);
    rc = state_create(dir, o, e);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &before[i], NULL);
    if (stopped != 0)
        raise((int)stopped);
    return rc;
}

/* SoftHSM would misread its configuration: better said now than when the state has its name. */
static enum mc_rc check_embedded_path(const char *dir, struct mc_err *e)
{
    for (const char *p = dir; *p != '\0'; p++)
        if (*p == '#' || *p == '=' || (unsigned char)*p < 0x20 || *p == 0x7F)
            return mc_fail(e, CA_E_USAGE, "--state",
                "SoftHSM keeps no token under a path with '#', '=' or control characters");
    return MC_OK;
}

enum mc_rc cmd_init(struct cli *c, struct mc_err *e)
{
    char dir[STATE_PATH_MAX];
    struct state_options o = {
        .module = cli_value(c, "module"), .label = cli_value(c, "token"), .serial = cli_value(c, "token-serial")};
    struct state s;
    struct json j;
    bool given;
    enum mc_rc rc = cmd_state_dir(c, dir, e);

    if (rc == MC_OK)
        rc = cmd_pin(c, &o.pin, &given, e);
    if (rc != MC_OK)
        return rc;
    if (o.module == NULL && (o.label != NULL || o.serial != NULL || given))
        return mc_fail(e, CA_E_USAGE, NULL, "--token, --token-serial and PIN options go with --module");
    if (o.module == NULL && (rc = check_embedded_path(dir, e)) != MC_OK)
        return rc;
    o.pin.prompt = !given;
    rc = create_unless_stopped(dir, &o, e);
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
