/* SPDX-License-Identifier: Apache-2.0 */
/* trust check: what a commissioner with a bundle says of a device. */
#include "attest.h"
#include "pool.h"
#include "trust.h"

const struct cli_option tool_trust_check_options[] = {
    {.name = "dac", .arg = "FILE", .help = "the device's certificate", .required = true},
    {.name = "pai", .arg = "FILE", .help = "the certificate above it", .required = true},
    {.name = "cd", .arg = "FILE", .help = "the certification declaration"},
    {.name = "vid", .arg = "0xID", .help = "VendorID of Basic Information"},
    {.name = "pid", .arg = "0xID", .help = "ProductID of Basic Information"},
    {.name = "allow-test-cd", .help = "allow declarations that the published test key signed"},
    {.name = "at", .arg = "TIME", .help = "judge at this time (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "no-time", .help = "as a commissioner without a clock"},
    {.name = "as", .arg = "JUDGE", .help = "whose verdict gives the status: rules (default) or commissioner"},
    TRUST_NOTE_OPTIONS,
    {.name = "json", .help = "print JSON, schema mattercert.trust-check/1"},
    {.name = NULL},
};

/* What the judgement borrows from. Large, so in static memory. */
struct device {
    struct tool_input dac, pai, cd;
    struct trust_store store;
    struct mc_revset revoked;
    struct mc_attest_in in;
};

static enum mc_rc load(struct cli *c, const char *option, struct tool_input *t, enum mc_object wanted, struct mc_span *out,
    struct mc_err *e)
{
    const char *path = cli_value(c, option);
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = tool_load(path, t, e);
    if (rc == MC_OK)
        rc = tool_want(t, wanted, e);
    if (rc != MC_OK)
        return rc;
    *out = t->in.bytes;
    c->where = NULL;
    return MC_OK;
}

static enum mc_rc load_device(struct cli *c, struct device *d, struct mc_err *e)
{
    uint64_t vid, pid;
    enum mc_rc rc = load(c, "dac", &d->dac, MC_OBJECT_CERTIFICATE, &d->in.dac, e);

    if (rc == MC_OK)
        rc = load(c, "pai", &d->pai, MC_OBJECT_CERTIFICATE, &d->in.pai, e);
    if (rc == MC_OK)
        rc = load(c, "cd", &d->cd, MC_OBJECT_CMS, &d->in.cd, e);
    if (rc == MC_OK)
        rc = cli_number(c, "vid", 4, 0, &vid, e);
    if (rc == MC_OK)
        rc = cli_number(c, "pid", 4, 0, &pid, e);
    if (rc != MC_OK)
        return rc;
    d->in.has_vid = cli_value(c, "vid") != NULL;
    d->in.has_pid = cli_value(c, "pid") != NULL;
    d->in.vid = (uint16_t)vid;
    d->in.pid = (uint16_t)pid;
    d->in.allow_test_key = cli_flag(c, "allow-test-cd");
    return tool_time(c, &d->in.has_now, &d->in.now_unix, e);
}

static enum mc_rc judge(
    struct cli *c, struct mc_verifier *v, const struct trust_input *t, struct device *d, struct mc_err *e)
{
    static struct mc_attest a;
    bool as_commissioner;
    struct json j;
    enum mc_rc rc = attest_take_as(c, &as_commissioner, e);

    if (rc == MC_OK)
        rc = trust_store_add_bundle(&d->store, &t->bundle, e);
    if (rc != MC_OK)
        return rc;
    d->in.paas = d->store.paa;
    d->in.n_paas = d->store.n_paas;
    d->in.signers = d->store.signer;
    d->in.n_signers = d->store.n_signers;
    d->revoked = trust_bundle_revset(&t->bundle);
    d->in.revocations = &d->revoked;
    (void)mc_attest_check(v, &d->in, &a);
    if (c->json) {
        trust_json_head(&j, "mattercert.trust-check/1", t);
        attest_json(&j, &a);
        json_end_object(&j);
    } else if (!c->quiet) {
        trust_print_head(t);
        attest_print_device(&a);
    }
    if (a.result == MC_ATT_PAA_NOT_FOUND && t->bundle.n_left_out != 0)
        cli_note(c, "the PAA may be what is left out of the bundle: see the lines above");
    return attest_status(c, &a, as_commissioner);
}

enum mc_rc tool_trust_check(struct cli *c, struct mc_err *e)
{
    static struct device d;
    struct mc_verifier *v = mc_verifier_new();
    struct trust_input t;
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : trust_load(c, v, c->operands[0], &t, e);

    if (rc == MC_OK) {
        rc = load_device(c, &d, e);
        if (rc == MC_OK)
            rc = judge(c, v, &t, &d, e);
        trust_store_clear(&d.store);
        trust_unload(&t);
    }
    mc_verifier_free(v);
    return rc;
}
