/* SPDX-License-Identifier: Apache-2.0 */
/* Making a state: everything under a temporary name, then one rename. */
#include "state.h"

#include <stdio.h>

#include "checkpoint.h"
#include "lib/cli/io.h"

#define PIN_OCTETS 20 /* 160 bits: SoftHSM's own key derivation is weak, so the PIN must not be */

#define PROFILES(P) \
    P(rcac, "rcac") P(icac, "icac") P(noc, "noc") P(paa, "paa") P(pai, "pai") P(dac, "dac") P(cd_signer, "cd-signer") \
    P(crl_signer, "crl-signer")

#define P(symbol, name) extern const uint8_t ca_profile_##symbol[], ca_profile_##symbol##_end[];
PROFILES(P)
#undef P

static const struct {
    const char *name;
    const uint8_t *begin, *end;
} profile_files[] = {
#define P(symbol, name) {"profiles/" name ".profile", ca_profile_##symbol, ca_profile_##symbol##_end},
    PROFILES(P)
#undef P
};

static enum mc_rc write_part(const struct state *s, const char *name, struct mc_span bytes, unsigned mode, struct mc_err *e)
{
    char path[STATE_PATH_MAX];

    if (!state_path(s, name, path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    return io_write(path, bytes, mode, e);
}

static enum mc_rc make_part_dir(const struct state *s, const char *name, struct mc_err *e)
{
    char path[STATE_PATH_MAX];

    if (!state_path(s, name, path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    return io_make_dir(path, 0700, e);
}

static enum mc_rc write_pin(const struct state *s, struct mc_err *e)
{
    uint8_t random[PIN_OCTETS];
    char text[2 * PIN_OCTETS + 2];
    enum mc_rc rc = ca_random(random, sizeof(random), e);

    if (rc == MC_OK) {
        mc_hex_encode(random, sizeof(random), text);
        text[2 * PIN_OCTETS] = '\n';
        rc = write_part(s, "pin", mc_span_of(text, sizeof(text) - 1), 0600, e);
    }
    hsm_wipe(random, sizeof(random));
    hsm_wipe(text, sizeof(text));
    return rc;
}

static enum mc_rc write_config(const struct state *s, struct mc_err *e)
{
    char text[8192];
    size_t n;
    enum mc_rc rc = config_format(&s->config, text, sizeof(text), &n);

    return rc == MC_OK ? write_part(s, "heddle.conf", mc_span_of(text, n), 0600, e) : mc_fail(e, rc, NULL, NULL);
}

/* A label of its own for each embedded token, so that two states are never taken for one another. */
static enum mc_rc own_label(struct state *s, struct mc_err *e)
{
    uint8_t random[4];
    char hex[9];
    enum mc_rc rc = ca_random(random, sizeof(random), e);

    if (rc != MC_OK)
        return rc;
    mc_hex_encode(random, sizeof(random), hex);
    snprintf(s->config.label, sizeof(s->config.label), "heddle-%s", hex);
    return MC_OK;
}

static enum mc_rc make_embedded_token(struct state *s, struct mc_err *e)
{
    char dir[STATE_PATH_MAX], pin[STATE_PATH_MAX];
    struct hsm_config c = {.token_label = s->config.label, .embedded_dir = dir, .pin = {.fd = -1, .file = pin}};
    enum mc_rc rc = write_pin(s, e);

    if (rc != MC_OK || !state_path(s, "softhsm", dir) || !state_path(s, "pin", pin))
        return rc;
    rc = make_part_dir(s, "softhsm", e);
    return rc == MC_OK ? hsm_embedded_create(&c, s->config.serial, e) : rc;
}

/* The first entry: which ledger this is, and the key that will sign its checkpoints. */
static enum mc_rc record_genesis(struct state *s, struct mc_err *e)
{
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    char origin[64];
    struct mc_entry x = {.type = ENTRY_GENESIS, .time_unix = ca_now()};
    enum mc_rc rc = hsm_generate_p256(s->hsm, "heddle-audit", point, id, e);

    if (rc != MC_OK)
        return rc;
    snprintf(origin, sizeof(origin), "heddle.ledger/%02x%02x%02x%02x%02x%02x%02x%02x", id[0], id[1], id[2], id[3],
        id[4], id[5], id[6], id[7]);
    x.name = mc_span_of(origin, strlen(origin));
    x.point = mc_span_of(point, sizeof(point));
    x.key_id = mc_span_of(id, sizeof(id));
    x.label = mc_span_of("heddle-audit", strlen("heddle-audit"));
    rc = ledger_begin(s->ledger, e);
    if (rc == MC_OK)
        rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    return rc;
}

static enum mc_rc fill(struct state *s, const struct state_options *o, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    struct hsm_info info;
    enum mc_rc rc = make_part_dir(s, "profiles", e);

    for (size_t i = 0; rc == MC_OK && i < sizeof(profile_files) / sizeof(profile_files[0]); i++)
        rc = write_part(s, profile_files[i].name,
            mc_span_of(profile_files[i].begin, (size_t)(profile_files[i].end - profile_files[i].begin)), 0600, e);
    if (rc == MC_OK && o->module == NULL)
        rc = make_embedded_token(s, e);
    if (rc == MC_OK)
        rc = state_open_token(s, o->module != NULL ? &o->pin : NULL, e);
    if (rc == MC_OK)
        rc = hsm_status(s->hsm, &info, e);
    if (rc != MC_OK || !state_path(s, "ledger.db", path))
        return rc;
    snprintf(s->config.serial, sizeof(s->config.serial), "%s", info.serial);
    rc = write_config(s, e);
    if (rc == MC_OK)
        rc = ledger_create(path, e);
    if (rc == MC_OK)
        rc = ledger_open(path, LEDGER_WRITE, s->config.busy_timeout_seconds * 1000, &s->ledger, e);
    if (rc == MC_OK)
        rc = record_genesis(s, e);
    return rc == MC_OK ? checkpoint_make(s, e) : rc;
}

static enum mc_rc take_options(struct state *s, const struct state_options *o, struct mc_err *e)
{
    config_defaults(&s->config);
    if (o->module == NULL)
        return own_label(s, e);
    if (o->module[0] != '/' || strlen(o->module) >= CONFIG_PATH_MAX)
        return mc_fail(e, CA_E_USAGE, "--module", "give the absolute path of the PKCS#11 module");
    if (o->label == NULL || strlen(o->label) > HSM_LABEL_MAX)
        return mc_fail(e, CA_E_USAGE, "--token", "give the token's label, at most %d octets", HSM_LABEL_MAX);
    snprintf(s->config.module, sizeof(s->config.module), "%s", o->module);
    snprintf(s->config.label, sizeof(s->config.label), "%s", o->label);
    if (o->serial != NULL)
        snprintf(s->config.serial, sizeof(s->config.serial), "%s", o->serial);
    return MC_OK;
}

enum mc_rc state_create(const char *dir, const struct state_options *o, struct mc_err *e)
{
    struct state s = {0};
    enum mc_rc rc = take_options(&s, o, e);

    if (rc == MC_OK)
        rc = state_draft_begin(dir, s.dir, e);
    if (rc != MC_OK)
        return rc;
    s.verifier = mc_verifier_new();
    rc = s.verifier == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : state_blame_disk(&s, fill(&s, o, e), e);
    state_close(&s);
    if (rc == MC_OK)
        rc = state_draft_commit(s.dir, dir, e);
    if (rc != MC_OK)
        state_draft_drop(s.dir);
    return rc;
}
