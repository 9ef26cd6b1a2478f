/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"
#include "lib/cli/table.h"

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

/* --- doctor ---------------------------------------------------------------------------------------- */

static const char *answer(const struct hsm_probe *p, enum hsm_probe_step i)
{
    return p->step[i].ok ? "yes" : p->step[i].why[0] != '\0' ? "no" : "not tried";
}

static enum mc_rc print_steps(const struct hsm_probe *p)
{
    static const char *const headers[] = {"CAN IT", "", "NEEDED", "WHY NOT", NULL};
    struct table *t = table_new(headers);
    enum mc_rc rc = t != NULL ? MC_OK : MC_E_MEMORY;

    for (unsigned i = 0; rc == MC_OK && i < HSM_PROBE_STEPS; i++)
        rc = table_row(t, (const char *const[]){hsm_probe_what(i), answer(p, i), yes(hsm_probe_needed(i)), p->step[i].why});
    if (rc == MC_OK)
        table_print(t, stdout);
    table_free(t);
    return rc;
}

static void print_speed(const struct hsm_probe *p)
{
    printf("\nhow fast\n  key pair    %.1f ms\n", p->keygen_us / 1e3);
    if (p->one_per_second > 0)
        printf("  signature   %.2f ms, %.0f a second in one session\n", 1e3 / p->one_per_second, p->one_per_second);
    if (p->sessions > 1 && p->all_per_second > 0)
        printf("              %.0f a second in %u sessions\n", p->all_per_second, p->sessions);
    printf("  sessions    %u open", p->sessions);
    if (p->sessions_max > 0)
        printf(", the token allows %u", p->sessions_max);
    printf("\n");
}

/* What waits is worth more sessions; what computes in this machine is not. */
static void advise(const struct cli *c, const struct hsm_info *i, const struct hsm_probe *p)
{
    double ms = p->one_per_second > 0 ? 1e3 / p->one_per_second : 0;

    if (p->sessions == 1 && ms >= 1 && !i->embedded)
        cli_note(c, "a signature takes %.1f ms: with 'sessions = %d' in heddle.conf batches ask for many at once", ms,
            ms > 8 ? 64 : 16);
    if (p->sessions > 1 && p->all_per_second < 1.5 * p->one_per_second)
        cli_note(c, "%u sessions are hardly faster than one: 'sessions = 1' is enough", p->sessions);
}

static void doctor_json(const struct hsm_info *i, const struct hsm_probe *p)
{
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.hsm-doctor/1");
    json_string(&j, "token", i->label);
    json_string(&j, "model", i->model);
    json_array(&j, "steps");
    for (unsigned k = 0; k < HSM_PROBE_STEPS; k++) {
        json_object(&j, NULL);
        json_string(&j, "what", hsm_probe_what(k));
        json_bool(&j, "ok", p->step[k].ok);
        json_bool(&j, "needed", hsm_probe_needed(k));
        json_string(&j, "why", p->step[k].why);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_number(&j, "key_pair_us", (int64_t)p->keygen_us);
    json_number(&j, "signatures_per_second_one_session", (int64_t)p->one_per_second);
    json_number(&j, "signatures_per_second_all_sessions", (int64_t)p->all_per_second);
    json_number(&j, "sessions", p->sessions);
    if (p->sessions_max > 0)
        json_number(&j, "sessions_max", p->sessions_max);
    json_end_object(&j);
}

/* A token that the CA cannot work with is an error of its own, said after all else. */
static enum mc_rc verdict(const struct hsm_probe *p, struct mc_err *e)
{
    for (unsigned i = 0; i < HSM_PROBE_STEPS; i++)
        if (hsm_probe_needed(i) && !p->step[i].ok)
            return mc_fail(e, HSM_E_UNFIT, NULL, "it does not %s", hsm_probe_what(i));
    return MC_OK;
}

enum mc_rc cmd_hsm_doctor(struct cli *c, struct mc_err *e)
{
    struct hsm_pin_source pin;
    struct hsm_probe p;
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
        rc = hsm_probe(s.hsm, &p, e);
    if (rc == MC_OK && c->json) {
        doctor_json(&info, &p);
    } else if (rc == MC_OK) {
        print_table(&info);
        printf("\n");
        rc = print_steps(&p);
        print_speed(&p);
        advise(c, &info, &p);
    }
    if (rc == MC_OK)
        rc = verdict(&p, e);
    state_close(&s);
    return rc;
}
