/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

static const char *yes(bool b)
{
    return b ? "yes" : "no";
}

static void print_table(const struct hsm_info *i)
{
    printf("token         %s\n", i->label);
    printf("  serial      %s\n", i->serial);
    printf("  model       %s %s %u.%u\n", i->manufacturer, i->model, i->firmware_major, i->firmware_minor);
    printf("  module      %s%s\n", i->module, i->embedded ? " (embedded)" : "");
    printf("  library     %s %u.%u\n", i->library, i->library_major, i->library_minor);
    printf("  logged in   %s\n", yes(i->logged_in));
    printf("  keys        %u\n", i->keys);
    printf("  sessions    %u\n", i->sessions_open);
    printf("  mechanisms  ECDSA %s, EC key generation %s, AES-GCM %s\n", yes(i->mech_ecdsa), yes(i->mech_ec_keygen),
        yes(i->mech_aes_gcm));
    if (i->pin_count_low)
        printf("  warning     a wrong PIN was tried\n");
    if (i->write_protected)
        printf("  warning     the token is write-protected\n");
}

static void print_json(const struct hsm_info *i)
{
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.hsm/1");
    json_string(&j, "token", i->label);
    json_string(&j, "serial", i->serial);
    json_string(&j, "manufacturer", i->manufacturer);
    json_string(&j, "model", i->model);
    json_string(&j, "module", i->module);
    json_string(&j, "library", i->library);
    json_bool(&j, "embedded", i->embedded);
    json_bool(&j, "logged_in", i->logged_in);
    json_bool(&j, "pin_count_low", i->pin_count_low);
    json_bool(&j, "write_protected", i->write_protected);
    json_number(&j, "keys", i->keys);
    json_number(&j, "sessions", i->sessions_open);
    json_bool(&j, "ecdsa", i->mech_ecdsa);
    json_bool(&j, "ec_key_generation", i->mech_ec_keygen);
    json_bool(&j, "aes_gcm", i->mech_aes_gcm);
    json_end_object(&j);
}

enum mc_rc cmd_hsm_status(struct cli *c, struct mc_err *e)
{
    struct hsm_pin_source pin;
    struct hsm_info info;
    struct state s;
    bool given;
    enum mc_rc rc = cmd_pin(c, &pin, &given, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_open_token(&s, given ? &pin : NULL, e);
    if (rc == MC_OK)
        rc = hsm_status(s.hsm, &info, e);
    if (rc == MC_OK)
        c->json ? print_json(&info) : print_table(&info);
    state_close(&s);
    return rc;
}
