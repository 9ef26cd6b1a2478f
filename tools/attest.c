/* SPDX-License-Identifier: Apache-2.0 */
/* attest verify: the whole procedure of a commissioner, step by step. */
#include "attest.h"

#include <stdlib.h>
#include <time.h>

#include "lib/cli/io.h"
#include "lib/cli/revset_file.h"
#include "lib/cli/text.h"
#include "lib/cli/trust_bundle.h"

enum { SIGNATURE_MAX = 256, PAYLOAD_TEXT_MAX = 4096 };

const struct cli_option tool_attest_verify_options[] = {
    {.name = "dac", .arg = "FILE", .help = "the device's certificate", .required = true},
    {.name = "pai", .arg = "FILE", .help = "the certificate above it; without one the result is PaiMissing"},
    {.name = "trust", .arg = "FILE-or-DIR", .help = "PAAs, and signers of declarations that the CSA certified", .repeat = true},
    {.name = "partial", .help = "without any trust, as the SDK's partial verifier"},
    {.name = "cd", .arg = "FILE", .help = "the certification declaration, if there are no elements"},
    {.name = "cd-signer", .arg = "FILE", .help = "trust the signer of declarations with this certificate", .repeat = true},
    {.name = "allow-test-cd", .help = "allow declarations that the published test key signed"},
    {.name = "vid", .arg = "0xID", .help = "VendorID of Basic Information"},
    {.name = "pid", .arg = "0xID", .help = "ProductID of Basic Information"},
    {.name = "elements", .arg = "FILE", .help = "the attestation elements as the device sent them"},
    {.name = "nonce", .arg = "HEX", .help = "the nonce that was sent with AttestationRequest"},
    {.name = "challenge", .arg = "HEX", .help = "the session's attestation challenge, 16 octets"},
    {.name = "signature", .arg = "HEX", .help = "the attestation signature, 64 octets"},
    {.name = "payload-file", .arg = "FILE", .help = "the QR code text or manual code on the label; '-' is stdin"},
    {.name = "revocation-set", .arg = "FILE", .help = "revocation set, JSON of the SDK"},
    {.name = "at", .arg = "TIME", .help = "judge at this time (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "no-time", .help = "as a commissioner without a clock"},
    {.name = "as", .arg = "JUDGE", .help = "whose verdict gives the status: rules (default) or commissioner"},
    {.name = "json", .help = "print JSON, schema mattercert.attest/1"},
    {.name = NULL},
};

/* Everything that one attestation borrows from. Large, so in static memory. */
struct job {
    struct cli *c;
    struct mc_verifier *v;
    struct tool_input dac, pai, cd, elements;
    uint8_t nonce[MC_NONCE_LEN], challenge[MC_CHALLENGE_LEN], signature[SIGNATURE_MAX];
    char payload_text[PAYLOAD_TEXT_MAX + 1];
    struct mc_payload_room payload_room;
    struct mc_payload payload;
    struct trust_store trust;
    struct revset_file revocations;
    struct mc_revset bundled; /* of a trust bundle */
    struct mc_attest_in in;
    bool as_commissioner;
};

/* --- options --------------------------------------------------------------------------------------- */

/* Hex of exactly `exact` octets, or of 1 to cap where exact is 0. *given is false if the option does not stand. */
static enum mc_rc take_hex(const struct cli *c, const char *name, uint8_t *out, size_t cap, size_t exact,
    struct mc_span *span, bool *given, struct mc_err *e)
{
    const char *text = cli_value(c, name);
    size_t n = text != NULL ? strlen(text) / 2 : 0;
    char field[32];

    *given = text != NULL;
    if (text == NULL)
        return MC_OK;
    snprintf(field, sizeof(field), "--%s", name);
    if (strlen(text) % 2 != 0 || n == 0 || n > cap || (exact != 0 && n != exact) || !mc_hex_decode(text, n, out))
        return mc_fail(e, CA_E_USAGE, field, exact != 0 ? "%zu octets are wanted, as hex digits" : "1 to %zu octets are wanted, as hex digits",
            exact != 0 ? exact : cap);
    *span = mc_span_of(out, n);
    return MC_OK;
}

static enum mc_rc take_response(struct job *j, struct mc_err *e)
{
    struct mc_attest_in *in = &j->in;
    bool challenge, signature;
    enum mc_rc rc = take_hex(j->c, "nonce", j->nonce, MC_NONCE_LEN, MC_NONCE_LEN, &in->nonce, &in->has_nonce, e);

    if (rc == MC_OK)
        rc = take_hex(j->c, "challenge", j->challenge, MC_CHALLENGE_LEN, MC_CHALLENGE_LEN, &in->challenge, &challenge, e);
    if (rc == MC_OK)
        rc = take_hex(j->c, "signature", j->signature, SIGNATURE_MAX, 0, &in->signature, &signature, e);
    if (rc != MC_OK)
        return rc;
    in->has_elements = cli_value(j->c, "elements") != NULL;
    in->has_signature = challenge;
    if (challenge != signature)
        return mc_fail(e, CA_E_USAGE, challenge ? "--signature" : "--challenge", "--challenge and --signature go together");
    if (!in->has_elements && (challenge || in->has_nonce))
        return mc_fail(e, CA_E_USAGE, "--elements", "--nonce, --challenge and --signature are for them");
    return MC_OK;
}

static enum mc_rc take_ids(struct job *j, struct mc_err *e)
{
    uint64_t vid = 0, pid = 0;
    enum mc_rc rc = cli_number(j->c, "vid", 4, 0, &vid, e);

    if (rc == MC_OK)
        rc = cli_number(j->c, "pid", 4, 0, &pid, e);
    j->in.has_vid = cli_value(j->c, "vid") != NULL;
    j->in.has_pid = cli_value(j->c, "pid") != NULL;
    j->in.vid = (uint16_t)vid;
    j->in.pid = (uint16_t)pid;
    return rc;
}

static enum mc_rc take_time(struct job *j, struct mc_err *e)
{
    const char *at = cli_value(j->c, "at");

    j->in.has_now = !cli_flag(j->c, "no-time");
    j->in.now_unix = (int64_t)time(NULL);
    return at != NULL ? mc_time_parse_text(at, &j->in.now_unix, e) : MC_OK;
}

static enum mc_rc take_options(struct job *j, struct mc_err *e)
{
    enum mc_rc rc = take_response(j, e);

    if (rc == MC_OK)
        rc = take_ids(j, e);
    if (rc == MC_OK)
        rc = take_time(j, e);
    if (rc == MC_OK)
        rc = attest_take_as(j->c, &j->as_commissioner, e);
    j->in.partial = cli_flag(j->c, "partial");
    j->in.allow_test_key = cli_flag(j->c, "allow-test-cd");
    if (rc == MC_OK && j->in.partial == (cli_value(j->c, "trust") != NULL))
        rc = mc_fail(e, CA_E_USAGE, "--trust", "give the trusted PAAs, or --partial to judge without any");
    return rc;
}

/* --- files ----------------------------------------------------------------------------------------- */

/* What a device sent: octets that no reader of ours makes sense of go on as they are, as they would to a commissioner. */
static enum mc_rc load_raw(struct job *j, const char *option, struct tool_input *t, enum mc_object wanted, struct mc_span *out, struct mc_err *e)
{
    const char *path = cli_value(j->c, option);
    struct mc_err why;
    size_t n = 0;
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    mc_err_init(&why);
    j->c->where = tool_name_in(path);
    rc = io_read_into(path, t->raw, sizeof(t->raw), &n, e);
    if (rc != MC_OK)
        return rc;
    *out = mc_span_of(t->raw, n);
    rc = mc_input_decode(*out, t->scratch, sizeof(t->scratch), &t->in, &why);
    if (rc == MC_OK) {
        t->object = mc_object_guess(&t->in);
        *out = t->in.bytes;
        if (t->object == MC_OBJECT_PRIVATE_KEY)
            rc = mc_fail(&why, MC_E_PRIVATE_KEY, NULL, NULL);
        else if (wanted != MC_OBJECT_UNKNOWN)
            rc = tool_want(t, wanted, &why);
    } else if (rc == MC_E_FORM && wanted == MC_OBJECT_UNKNOWN) {
        rc = MC_OK;
    }
    if (rc != MC_OK) {
        *e = why;
        return rc;
    }
    j->c->where = NULL;
    return MC_OK;
}

static enum mc_rc load_payload(struct job *j, struct mc_err *e)
{
    const char *path = cli_value(j->c, "payload-file");
    struct mc_span text, body, one;
    size_t n = 0;
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    j->c->where = tool_name_in(path);
    rc = io_read_into(path, (uint8_t *)j->payload_text, sizeof(j->payload_text), &n, e);
    if (rc != MC_OK)
        return rc;
    while (n > 0 && mc_is_space(j->payload_text[n - 1]))
        n--;
    text = mc_span_of(j->payload_text, n);
    if (mc_qr_find(text, &body) && mc_qr_next(&body, &one))
        rc = mc_qr_parse(one, &j->payload_room, &j->payload, e);
    else
        rc = mc_manual_parse(text, &j->payload, e);
    if (rc != MC_OK)
        return rc;
    j->in.payload = &j->payload;
    j->c->where = NULL;
    return MC_OK;
}

static enum mc_rc load_trust(struct job *j, struct mc_err *e)
{
    const char *path;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(j->c, "trust", i)) != NULL; i++) {
        j->c->where = tool_name_in(path);
        rc = trust_store_add(&j->trust, j->v, path, e);
    }
    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(j->c, "cd-signer", i)) != NULL; i++) {
        j->c->where = tool_name_in(path);
        rc = trust_store_add_signer(&j->trust, path, e);
    }
    if (rc != MC_OK)
        return rc;
    j->c->where = NULL;
    for (size_t i = 0; i < j->trust.n_left_out; i++) {
        char why[512];

        mc_err_format(&j->trust.left_out[i].err, why, sizeof(why));
        cli_note(j->c, "%s is left out: %s", j->trust.left_out[i].path, why);
    }
    if (j->trust.n_paas == 0 && !j->in.partial)
        cli_note(j->c, "there is no PAA among what is trusted");
    if (j->in.revocations == NULL && j->trust.revoked != NULL) {
        j->bundled = trust_bundle_revset(j->trust.revoked);
        j->in.revocations = &j->bundled;
    }
    j->in.paas = j->trust.paa;
    j->in.n_paas = j->trust.n_paas;
    j->in.signers = j->trust.signer;
    j->in.n_signers = j->trust.n_signers;
    return MC_OK;
}

static enum mc_rc load_revocations(struct job *j, struct mc_err *e)
{
    const char *path = cli_value(j->c, "revocation-set");
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    j->c->where = tool_name_in(path);
    rc = revset_file_read(path, &j->revocations, e);
    if (rc != MC_OK)
        return rc;
    j->c->where = NULL;
    j->in.revocations = &j->revocations.set;
    return MC_OK;
}

static enum mc_rc load_all(struct job *j, struct mc_err *e)
{
    enum mc_rc rc = load_raw(j, "dac", &j->dac, MC_OBJECT_CERTIFICATE, &j->in.dac, e);

    if (rc == MC_OK)
        rc = load_raw(j, "pai", &j->pai, MC_OBJECT_CERTIFICATE, &j->in.pai, e);
    if (rc == MC_OK)
        rc = load_raw(j, "cd", &j->cd, MC_OBJECT_CMS, &j->in.cd, e);
    if (rc == MC_OK)
        rc = load_raw(j, "elements", &j->elements, MC_OBJECT_UNKNOWN, &j->in.elements, e);
    if (rc == MC_OK)
        rc = load_payload(j, e);
    if (rc == MC_OK)
        rc = load_revocations(j, e);
    return rc == MC_OK ? load_trust(j, e) : rc;
}

/* --- the verb -------------------------------------------------------------------------------------- */

static void print_json(const struct job *j, const struct mc_attest *a)
{
    struct json json;

    json_init(&json, stdout, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "mattercert.attest/1");
    attest_json(&json, a);
    json_number(&json, "trusted_paas", (int64_t)j->trust.n_paas);
    json_array(&json, "left_out");
    for (size_t i = 0; i < j->trust.n_left_out; i++) {
        json_object(&json, NULL);
        json_string(&json, "file", j->trust.left_out[i].path);
        json_string(&json, "rule", mc_rc_rule(j->trust.left_out[i].err.rc));
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
}

void attest_print_device(const struct mc_attest *a)
{
    if (a->dac.has_vid && a->dac.has_pid)
        printf("DAC of VID 0x%04X, PID 0x%04X%s\n", a->dac.vid, a->dac.pid, a->dac.in_common_name ? " (in the common name)" : "");
    if (a->has_cd) {
        printf("declaration ");
        text_put(stdout, a->cd.certificate_id);
        printf(" for VID 0x%04X, %s, signed with %s\n", a->cd.vendor_id, mc_cd_type_name(a->cd.certification_type),
            a->signer != NULL ? a->signer->name : "an unknown key");
    }
    attest_print(a, "the device");
}

enum mc_rc tool_attest_verify(struct cli *c, struct mc_err *e)
{
    static struct job j;
    static struct mc_attest a;
    enum mc_rc rc;

    j.c = c;
    rc = take_options(&j, e);
    if (rc != MC_OK)
        return rc;
    j.v = mc_verifier_new();
    if (j.v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = load_all(&j, e);
    if (rc == MC_OK)
        (void)mc_attest_check(j.v, &j.in, &a);
    if (rc == MC_OK && (rc = mc_verifier_failure(j.v)) != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    if (rc == MC_OK) {
        if (c->json)
            print_json(&j, &a);
        else if (!c->quiet)
            attest_print_device(&a);
        rc = attest_status(c, &a, j.as_commissioner);
    }
    trust_store_clear(&j.trust);
    revset_file_clear(&j.revocations);
    mc_verifier_free(j.v);
    return rc;
}
