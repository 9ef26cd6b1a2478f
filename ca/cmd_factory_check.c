/* SPDX-License-Identifier: Apache-2.0 */
/* factory check: what a commissioner will say about each device, before anything is flashed. */
#include "cmd_factory.h"

#include "device_out.h"
#include "lib/attest.h"
#include "lib/cli/revset_file.h"
#include "lib/cli/text.h"
#include "lib/cli/trust_store.h"

const struct cli_option factory_check_options[] = {
    FACTORY_IN_OPTIONS,
    {"trust", "FILE-or-DIR", "PAAs, and signers of declarations that the CSA certified", true, true, 0},
    {"cd", "FILE", "the product's certification declaration (DER)", false, true, 0},
    {"vid", "0xID", "VendorID that the firmware tells (Basic Information); default: the device's", false, false, 0},
    {"pid", "0xID", "ProductID that the firmware tells; default: the device's", false, false, 0},
    {"cd-signer", "FILE", "trust the signer of declarations with this certificate", true, false, 0},
    {"allow-test-cd", NULL, "allow declarations that the published test key signed", false, false, 0},
    {"revocation-set", "FILE", "revocation set, JSON of the SDK", false, false, 0},
    {"at", "TIME", "judge at this time (UTC, 2026-11-23T18:00:00Z); default now", false, false, 0},
    {"json", NULL, "print a line for each device, schema heddle.factory-check/1", false, false, 0},
    {0},
};

struct check {
    struct cli *c;
    struct mc_verifier *v;
    struct trust_store trust;
    struct revset_file revocations;
    struct mc_attest_in in; /* what is the same for all devices */
    struct mc_attest a;
    uint8_t cd[FACTORY_CD_MAX + 1];
    bool has_vid, has_pid; /* told, not the device's */
    struct json json;
    unsigned n, refused, broken;
};

/* --- options ---------------------------------------------------------------------------------------- */

static enum mc_rc take_ids(struct check *k, struct mc_err *e)
{
    uint64_t vid = 0, pid = 0;
    const char *at = cli_value(k->c, "at");
    enum mc_rc rc = cli_number(k->c, "vid", 4, 0, &vid, e);

    if (rc == MC_OK)
        rc = cli_number(k->c, "pid", 4, 0, &pid, e);
    k->has_vid = cli_value(k->c, "vid") != NULL;
    k->has_pid = cli_value(k->c, "pid") != NULL;
    k->in.vid = (uint16_t)vid;
    k->in.pid = (uint16_t)pid;
    k->in.has_vid = k->in.has_pid = k->in.has_now = true;
    k->in.now_unix = ca_now();
    k->in.allow_test_key = cli_flag(k->c, "allow-test-cd");
    return rc == MC_OK && at != NULL ? mc_time_parse_text(at, &k->in.now_unix, e) : rc;
}

static enum mc_rc load_trust(struct check *k, struct mc_err *e)
{
    const char *path;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(k->c, "trust", i)) != NULL; i++) {
        k->c->where = path;
        rc = trust_store_add(&k->trust, k->v, path, e);
    }
    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(k->c, "cd-signer", i)) != NULL; i++) {
        k->c->where = path;
        rc = trust_store_add_signer(&k->trust, path, e);
    }
    for (size_t i = 0; i < k->trust.n_left_out; i++) {
        char why[512];

        mc_err_format(&k->trust.left_out[i].err, why, sizeof(why));
        cli_note(k->c, "%s is left out: %s", k->trust.left_out[i].path, why);
    }
    k->in.paas = k->trust.paa;
    k->in.n_paas = k->trust.n_paas;
    k->in.signers = k->trust.signer;
    k->in.n_signers = k->trust.n_signers;
    return rc;
}

static enum mc_rc load(struct check *k, struct mc_err *e)
{
    const char *set = cli_value(k->c, "revocation-set");
    size_t n = 0;
    enum mc_rc rc;

    k->c->where = cli_value(k->c, "cd");
    rc = io_read_into(k->c->where, k->cd, sizeof(k->cd), &n, e);
    k->in.cd = mc_span_of(k->cd, n);
    if (rc == MC_OK && set != NULL) {
        k->c->where = set;
        rc = revset_file_read(set, &k->revocations, e);
        k->in.revocations = &k->revocations.set;
    }
    if (rc == MC_OK)
        rc = load_trust(k, e);
    if (rc == MC_OK)
        k->c->where = NULL;
    return rc;
}

/* --- one device ------------------------------------------------------------------------------------- */

static const char *result_name(uint16_t number)
{
    const struct mc_att_result *r = mc_att_result_find(number);

    return r != NULL ? r->name : "";
}

static void print_device(const struct check *k, const struct device *d)
{
    const struct mc_attest *a = &k->a;
    char why[512];

    text_puts(stdout, d->id);
    printf(": result %u %s%s\n", a->result, result_name(a->result), a->result == 0 ? ", but a rule is broken" : "");
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++) {
        const struct mc_attest_step *s = &a->step[i];

        if (s->deployed != MC_ATTEST_FAILED && !s->broken)
            continue;
        mc_err_format(&s->err, why, sizeof(why));
        printf("  %-14s  ", mc_attest_step_name(i));
        text_puts(stdout, why);
        printf("\n%18s%s\n", "", mc_rc_cure(s->err.rc));
    }
}

static void json_device(struct check *k, const struct device *d)
{
    const struct mc_attest *a = &k->a;
    struct json *j = &k->json;
    char why[512];

    json_object(j, NULL);
    json_string(j, "schema", "heddle.factory-check/1");
    json_string(j, "id", d->id);
    json_object(j, "result");
    json_number(j, "number", a->result);
    json_string(j, "name", result_name(a->result));
    json_end_object(j);
    json_bool(j, "valid", a->valid);
    json_array(j, "failures");
    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++) {
        const struct mc_attest_step *s = &a->step[i];

        if (s->deployed != MC_ATTEST_FAILED && !s->broken)
            continue;
        mc_err_format(&s->err, why, sizeof(why));
        json_object(j, NULL);
        json_string(j, "step", mc_attest_step_name(i));
        json_number(j, "result", s->result);
        json_string(j, "rule", mc_rc_rule(s->err.rc));
        json_string(j, "why", why);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static enum mc_rc check_one(void *arg, const struct device *d, bool *fatal, struct mc_err *e)
{
    struct check *k = arg;
    struct mc_payload payload = factory_payload(d);
    bool good;

    (void)fatal;
    (void)e;
    k->in.dac = mc_span_of(d->dac, d->dac_n);
    k->in.pai = mc_span_of(d->pai, d->pai_n);
    k->in.payload = &payload;
    if (!k->has_vid)
        k->in.vid = d->vid;
    if (!k->has_pid)
        k->in.pid = d->pid;
    good = mc_attest_check(k->v, &k->in, &k->a);
    k->in.payload = NULL;
    k->n++;
    k->refused += k->a.result != 0;
    k->broken += k->a.result == 0 && !good;
    if (k->c->json)
        json_device(k, d);
    else if (!good && !k->c->quiet)
        print_device(k, d);
    return MC_OK;
}

static enum mc_rc check_all(struct check *k, struct factory_run *r, struct mc_err *e)
{
    enum mc_rc rc = factory_run_open(r, k->c, e);

    json_init(&k->json, stdout, true);
    if (rc == MC_OK)
        rc = factory_run_all(r, check_one, k, e);
    if (k->n > 0 && !k->c->json && !k->c->quiet)
        printf("%u device%s: %u accepted, %u refused%s\n", k->n, k->n == 1 ? "" : "s", k->n - k->refused, k->refused,
            k->broken == 0 ? "" : "; of the accepted some break rules");
    if (rc == MC_OK && k->refused + k->broken > 0) {
        k->c->where = NULL;
        rc = mc_fail(e, MC_E_NOT_VALID, NULL, "%u of %u devices", k->refused + k->broken, k->n);
    }
    return rc;
}

enum mc_rc cmd_factory_check(struct cli *c, struct mc_err *e)
{
    static struct factory_run r;
    static struct check k;
    enum mc_rc rc;

    k.c = c;
    rc = take_ids(&k, e);
    if (rc != MC_OK)
        return rc;
    k.v = mc_verifier_new();
    if (k.v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = load(&k, e);
    if (rc == MC_OK)
        rc = check_all(&k, &r, e);
    factory_run_close(&r);
    trust_store_clear(&k.trust);
    revset_file_clear(&k.revocations);
    mc_verifier_free(k.v);
    return rc;
}
