/* SPDX-License-Identifier: Apache-2.0 */
/* DACs: one, or a batch. */
#include "cmd_attestation.h"
#include "cmd_batch.h"
#include "dac.h"
#include "dac_seed.h"
#include "lib/armor.h"
#include "lib/att_chain.h"

#include <stdlib.h>

#define DEVICE_OPTIONS \
    {"vid", "0xVID", "the vendor id; default: the PAI's", false, false, 0}, \
        {"pid", "0xPID", "the product id; default: the PAI's, if it has one", false, false, 0}, \
        {"recipient", "CERT", "who gets the device's secrets: they are sealed to this certificate, which may be self-signed", false, false, 0}, \
        {"iterations", "N", "of PBKDF2 in the Spake2+ verifier, 1000 (default) to 100000", false, false, 0}, \
        {"flow", "NAME", "commissioning: standard (default), user-action or custom", false, false, 0}, \
        {"rendezvous", "LIST", "how it is found, of ble (default), on-network, softap, wifi-paf, nfc, thread", false, false, 0}, \
        {"crl-url", "URL", "where the CRL will be that the DAC may stand on", false, false, 0}, \
        {"crl-signer", "NAME", "with --crl-url: who signs that CRL, if not the PAI", false, false, 0}
#define PIN_OPTIONS \
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0}, \
        {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0}

const struct cli_option dac_issue_options[] = {
    {"csr", "FILE", "the device's CSR (PEM or DER)", false, false, 0},
    {"make-key", NULL, "make the device's key; it goes to the recipient, sealed, and nowhere else", false, false, 0},
    {"serial-number", "TEXT", "of the device; no other of this product may have it", false, false, 0},
    {"discriminator", "N", "0 to 4095; default: a random one", false, false, 0},
    DEVICE_OPTIONS,
    {"request-id", "ID", "the same id gives the same device; default: follows from the CSR, or with --make-key a new one", false, false, 0},
    {"out", "DIR", "where to write dac.der, pai.der, and device.cms for the recipient", false, true, 0},
    {"format", "FORMAT", "der (default), pem or all", false, false, 0},
    PIN_OPTIONS,
    {0},
};

const struct cli_option dac_batch_options[] = {
    {"in", "MANIFEST", "the devices, JSON Lines; '-' is stdin", false, true, 0},
    {"out", "FILE", "the answers, JSON Lines; '-' is stdout", false, true, 0},
    {"name", "NAME", "a name to find the batch by", false, false, 0},
    DEVICE_OPTIONS,
    {"unordered", NULL, "give answers as they come, not in the order of the input", false, false, 0},
    {"dry-run", NULL, "check every line and sign nothing", false, false, 0},
    {"workers", "N", "signing processes; default: one for each processor", false, false, 0},
    PIN_OPTIONS,
    {0},
};

/* --- what both have -------------------------------------------------------------------------------------- */

static enum mc_rc read_codes(const struct cli *c, uint32_t *iterations, uint8_t *flow, uint8_t *rendezvous, struct mc_err *e)
{
    uint64_t n;
    enum mc_rc rc = cli_number(c, "iterations", 8, 0, &n, e);

    *iterations = (uint32_t)n;
    *flow = MC_FLOW_STANDARD;
    *rendezvous = MC_RENDEZVOUS_BLE;
    if (rc == MC_OK && cli_value(c, "flow") != NULL)
        rc = mc_flow_parse(cli_value(c, "flow"), flow, e);
    if (rc == MC_OK && cli_value(c, "rendezvous") != NULL)
        rc = mc_rendezvous_parse(cli_value(c, "rendezvous"), rendezvous, e);
    return rc;
}

static enum mc_rc read_recipient(struct cli *c, struct recipient **out, struct mc_err *e)
{
    const char *path = cli_value(c, "recipient");
    enum mc_rc rc;

    *out = NULL;
    if (path == NULL)
        return MC_OK;
    c->where = path;
    rc = recipient_read(path, out, e);
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

/* --- a batch --------------------------------------------------------------------------------------------- */

static enum mc_rc describe_dacs(struct cli *c, struct batch_record *b, struct mc_err *e)
{
    const char *url = cli_value(c, "crl-url"), *signer = cli_value(c, "crl-signer");
    struct batch_dacs *d = &b->dac;
    struct recipient *to = NULL;
    enum mc_rc rc = cmd_describe_batch(c, b, e);

    b->dacs = true;
    if (rc == MC_OK)
        rc = cmd_product_id(c, "vid", &d->has_vid, &d->vid, e);
    if (rc == MC_OK)
        rc = cmd_product_id(c, "pid", &d->has_pid, &d->pid, e);
    if (rc == MC_OK)
        rc = read_codes(c, &d->iterations, &d->flow, &d->rendezvous, e);
    if (rc == MC_OK && url != NULL && strlen(url) > MC_CRL_URI_MAX)
        rc = mc_fail(e, MC_E_CRL_URI, "--crl-url", "it has %zu characters", strlen(url));
    if (rc == MC_OK && signer != NULL)
        rc = name_check(signer, e);
    if (rc == MC_OK)
        rc = read_recipient(c, &to, e);
    if (rc != MC_OK)
        return rc;
    snprintf(d->crl_url, sizeof(d->crl_url), "%s", url != NULL ? url : "");
    snprintf(d->crl_signer, sizeof(d->crl_signer), "%s", signer != NULL ? signer : "");
    if (to != NULL) {
        d->recipient_n = recipient_der(to).n;
        memcpy(d->recipient, recipient_der(to).p, d->recipient_n);
    }
    recipient_free(to);
    return MC_OK;
}

enum mc_rc cmd_dac_batch(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    enum mc_rc rc = describe_dacs(c, &b, e);

    return rc == MC_OK ? cmd_run_batch(c, &b, e) : rc;
}

/* --- one DAC --------------------------------------------------------------------------------------------- */

#define INPUT_MAX 65536

/* One device on its way. It holds secrets. */
struct one {
    struct dac_request r;
    struct factory_options o;
    struct device device;
    uint8_t csr_point[MC_POINT_LEN];
    char own_id[REQUEST_OWN_ID_MAX];
    struct recipient *to;
    struct dac_seed seed; /* with a recipient */
    bool deliver;         /* its record is for the recipient */
    uint8_t crl_points[MC_CRL_POINTS_MAX];
};

static enum mc_rc read_csr(struct cli *c, struct mc_verifier *v, struct one *d, struct mc_err *e)
{
    uint8_t *raw = NULL, *scratch = NULL;
    struct mc_input in = {.label = ""};
    struct mc_csr csr;
    size_t n;
    enum mc_rc rc;

    c->where = cli_value(c, "csr");
    rc = io_read(c->where, INPUT_MAX, &raw, &n, e);
    if (rc != MC_OK)
        return rc;
    scratch = malloc(n + 1);
    rc = scratch == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL)
                         : mc_input_decode(mc_span_of(raw, n), scratch, n + 1, &in, e);
    if (rc == MC_OK)
        rc = mc_csr_parse(in.bytes, &csr, e);
    if (rc == MC_OK)
        rc = mc_csr_check(v, &csr, e);
    if (rc == MC_OK)
        rc = mc_sha256(v, csr.whole, d->r.input_sha256);
    if (rc == MC_OK) {
        memcpy(d->csr_point, csr.point.p, MC_POINT_LEN);
        d->r.point = d->csr_point;
        c->where = NULL;
    }
    free(scratch);
    free(raw);
    return rc;
}

static enum mc_rc read_options(struct cli *c, struct one *d, struct mc_err *e)
{
    uint64_t discriminator = 0;
    bool has;
    enum mc_rc rc;

    d->r.request_id = cli_value(c, "request-id");
    d->r.serial_number = cli_value(c, "serial-number") != NULL ? cli_value(c, "serial-number") : "";
    if (d->r.request_id != NULL && !request_id_valid(d->r.request_id))
        return mc_fail(e, CA_E_USAGE, "--request-id", "give 1 to %d visible ASCII characters", ENTRY_REQUEST_MAX);
    if ((cli_value(c, "csr") != NULL) == cli_flag(c, "make-key"))
        return mc_fail(e, CA_E_USAGE, NULL, "give either --csr or --make-key");
    if (cli_flag(c, "make-key") && cli_value(c, "recipient") == NULL)
        return mc_fail(e, CA_E_USAGE, "--make-key", "it needs --recipient: a private key leaves in no other way than sealed");
    rc = cmd_check_der_format(c, e);
    if (rc == MC_OK)
        rc = read_codes(c, &d->o.iterations, &d->o.flow, &d->o.rendezvous, e);
    if (rc == MC_OK)
        rc = cli_number(c, "discriminator", 4, 0, &discriminator, e);
    d->o.discriminator = cli_value(c, "discriminator") != NULL ? (int32_t)discriminator : FACTORY_DERIVED;
    d->o.passcode = FACTORY_DERIVED;
    d->o.make_key = cli_flag(c, "make-key");
    d->o.serial_number = d->r.serial_number[0] != '\0' ? d->r.serial_number : NULL;
    if (rc == MC_OK)
        rc = cmd_product_id(c, "vid", &has, &d->r.vid, e);
    if (rc == MC_OK)
        rc = cmd_product_id(c, "pid", &has, &d->r.pid, e);
    if (rc == MC_OK && d->o.serial_number != NULL &&
        (strlen(d->o.serial_number) > DEVICE_SERIAL_MAX || !request_id_valid(d->o.serial_number)))
        rc = mc_fail(e, CA_E_USAGE, "--serial-number", "give 1 to %d visible ASCII characters", DEVICE_SERIAL_MAX);
    return rc == MC_OK ? read_recipient(c, &d->to, e) : rc;
}

/* What the command does not say follows from the PAI. */
static enum mc_rc take_product(const struct cli *c, const struct issuer *pai, struct one *d, struct mc_err *e)
{
    struct mc_att_ids ids;
    enum mc_rc rc = mc_att_ids_of(&pai->cert, &ids, e);

    if (rc != MC_OK)
        return rc;
    if (cli_value(c, "vid") == NULL && ids.has_vid)
        d->r.vid = ids.vid;
    if (cli_value(c, "pid") == NULL && ids.has_pid)
        d->r.pid = ids.pid;
    if (cli_value(c, "pid") == NULL && !ids.has_pid)
        return mc_fail(e, CA_E_USAGE, "--pid", "it is missing, and the PAI is for no product alone");
    d->o.vid = d->r.vid;
    d->o.pid = d->r.pid;
    return MC_OK;
}

/* The id: given, or of the request's content; of a key that is made now, which nothing can ask for again, a random one. */
static enum mc_rc name_request(struct state *s, uint32_t pai, struct one *d, struct mc_err *e)
{
    bool own = d->r.request_id == NULL;
    uint8_t random[16];
    enum mc_rc rc;

    if (own && d->o.make_key) {
        rc = ca_random(random, sizeof(random), e);
        if (rc != MC_OK)
            return rc;
        memcpy(d->own_id, "made-", 5);
        mc_hex_encode(random, sizeof(random), d->own_id + 5);
        d->r.request_id = d->own_id;
        own = false;
    }
    rc = dac_content(s->verifier, pai, &d->r, own ? d->own_id : NULL);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc is_on_record(struct state *s, const char *request_id, bool *found, struct mc_err *e)
{
    struct ledger_row row;

    return request_maybe(ledger_find_request(s->ledger, 0, request_id, &row, e), found, e);
}

/*
 * The device, in memory. Its seed is kept until its record is written. Where the request is on record and no seed is
 * kept, the secrets were handed over: none are made.
 */
static enum mc_rc make_device(struct state *s, struct one *d, struct mc_err *e)
{
    bool found;
    enum mc_rc rc = factory_check(d->r.request_id, &d->o, e);

    if (rc != MC_OK || d->to == NULL)
        return rc;
    rc = is_on_record(s, d->r.request_id, &found, e);
    d->deliver = rc == MC_OK && (!found || dac_seed_kept(s, d->r.request_id));
    if (d->deliver)
        rc = dac_seed_get(s, d->r.request_id, &d->seed, e);
    return rc == MC_OK && d->deliver ? factory_make(d->seed.seed, d->r.request_id, &d->o, &d->device, e) : rc;
}

/* A seed for what did not come on record is for nothing; the next try has a new one. */
static void after_failure(struct state *s, struct one *d)
{
    bool found;

    if (d->deliver && is_on_record(s, d->r.request_id, &found, NULL) == MC_OK && !found)
        (void)!dac_seed_destroy(s, &d->seed, NULL);
}

/*
 * A certificate that was on record is of this device only if the seed is older than this run: another process may have
 * answered the request meanwhile, with a seed of its own.
 */
static enum mc_rc check_repeated(struct state *s, struct one *d, const struct issued *i, struct mc_err *e)
{
    struct mc_cert cert;
    enum mc_rc rc;

    if (d->seed.made) {
        d->deliver = false;
        return dac_seed_destroy(s, &d->seed, e);
    }
    rc = mc_cert_parse_der(mc_span_of(i->cert, i->cert_n), MC_RULES_X509, &cert, e);
    if (rc == MC_OK && d->o.make_key && !mc_span_eq(cert.point, mc_span_of(d->device.point, MC_POINT_LEN)))
        rc = mc_fail(e, CA_E_STATE_DAMAGED, NULL, "the seed that is kept for '%s' is not its device's", d->r.request_id);
    return rc;
}

static enum mc_rc write_device(struct one *d, const struct issuer *pai, const struct issued *i, const char *dir, struct mc_err *e)
{
    uint8_t sealed[SEALED_MAX];
    char path[STATE_PATH_MAX + 16];
    size_t n = 0;
    enum mc_rc rc = dac_seal(d->to, &d->device, mc_span_of(i->cert, i->cert_n), mc_span_of(pai->der, pai->der_n), sealed, &n, e);

    snprintf(path, sizeof(path), "%.*s/device.cms", STATE_PATH_MAX, dir);
    return rc == MC_OK ? io_write(path, mc_span_of(sealed, n), 0644, e) : rc;
}

static enum mc_rc write_issued(
    const struct cli *c, struct state *s, struct one *d, const struct issuer *pai, const struct issued *i, struct mc_err *e)
{
    const char *dir = cli_value(c, "out");
    struct ledger_authority a = {.kind = MC_KIND_UNKNOWN};
    enum mc_rc rc = cmd_write_der(c, dir, "dac", mc_span_of(i->cert, i->cert_n), e);

    if (rc == MC_OK)
        rc = cmd_write_der(c, dir, "pai", mc_span_of(pai->der, pai->der_n), e);
    if (rc == MC_OK)
        rc = ledger_authority(s->ledger, pai->number, &a, e);
    if (rc == MC_OK && a.issuer != 0)
        rc = ledger_authority(s->ledger, a.issuer, &a, e);
    if (rc == MC_OK && a.kind == MC_KIND_PAA)
        rc = cmd_write_der(c, dir, "paa", mc_span_of(a.cert_der, a.cert_n), e);
    if (rc == MC_OK && d->deliver)
        rc = write_device(d, pai, i, dir, e);
    return rc == MC_OK && d->deliver ? dac_seed_destroy(s, &d->seed, e) : rc;
}

static void print_issued(const struct cli *c, const struct one *d, const struct issued *i)
{
    const char *dir = cli_value(c, "out");
    char serial[2 * MC_SERIAL_MAX + 1];
    struct json j;

    mc_hex_encode(i->serial, i->serial_n, serial);
    if (!c->json) {
        printf("%s\n", serial);
        cli_note(c, "%s DAC of 0x%04X/0x%04X under %s, entry %llu, in %s%s", i->repeated ? "repeated" : "issued", d->r.vid,
            d->r.pid, c->operands[0], (unsigned long long)i->seq, dir,
            d->to == NULL ? "" : d->deliver ? "; device.cms holds the device's secrets, for the recipient"
                                            : "; no secrets: they go with the first answer alone");
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.dac/1");
    json_string(&j, "status", i->repeated ? "repeated" : "issued");
    json_string(&j, "id", d->r.request_id);
    json_string(&j, "pai", c->operands[0]);
    json_id(&j, "vid", d->r.vid, 4);
    json_id(&j, "pid", d->r.pid, 4);
    json_string(&j, "serial", serial);
    json_number(&j, "leaf", (int64_t)i->seq);
    json_bool(&j, "sealed", d->deliver);
    json_string(&j, "out", dir);
    json_end_object(&j);
}

static enum mc_rc issue_one(struct cli *c, struct state *s, struct one *d, struct mc_err *e)
{
    const char *dir = cli_value(c, "out");
    struct issuer pai;
    struct profile_file profile;
    struct dac_line line = {&pai, c->operands[0], &profile, {NULL, 0}};
    struct issued issued;
    enum mc_rc rc = state_profile(s, MC_KIND_DAC, &profile, e);

    if (rc == MC_OK)
        rc = attestation_issuer(s, c->operands[0], MC_KIND_PAI, &pai, e);
    if (rc == MC_OK)
        rc = attestation_crl_points(s, cli_value(c, "crl-url"), cli_value(c, "crl-signer"), d->crl_points, &line.crl_points, e);
    if (rc == MC_OK)
        rc = take_product(c, &pai, d, e);
    if (rc == MC_OK)
        rc = name_request(s, pai.number, d, e);
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0755, e);
    if (rc == MC_OK) {
        rc = make_device(s, d, e);
        if (rc == MC_OK)
            rc = dac_issue(s, &line, &d->r, d->r.point != NULL ? d->r.point : d->device.point, &issued, e);
        if (rc != MC_OK)
            after_failure(s, d);
    }
    if (rc == MC_OK && d->deliver && issued.repeated)
        rc = check_repeated(s, d, &issued, e);
    if (rc == MC_OK)
        rc = write_issued(c, s, d, &pai, &issued, e);
    if (rc == MC_OK)
        print_issued(c, d, &issued);
    return rc;
}

static void tell_left(void *arg, const char *request_id)
{
    cli_note(arg, "note: the device of request '%s' is not finished: give the same command with --request-id %s", request_id, request_id);
}

enum mc_rc cmd_dac_issue(struct cli *c, struct mc_err *e)
{
    struct one *d = calloc(1, sizeof(*d));
    struct mc_verifier *v = mc_verifier_new();
    struct state s = {0};
    enum mc_rc rc;

    if (d == NULL || v == NULL) {
        mc_verifier_free(v);
        free(d);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    d->seed.fd = -1;
    rc = read_options(c, d, e);
    if (rc == MC_OK && cli_value(c, "csr") != NULL)
        rc = read_csr(c, v, d, e);
    if (rc == MC_OK) {
        rc = cmd_open_token(c, &s, e);
        if (rc == MC_OK)
            rc = issue_one(c, &s, d, e);
        dac_seed_close(&d->seed);
        if (rc == MC_OK) {
            cmd_checkpoint(c, &s, true);
            dac_seed_left(&s, tell_left, c);
        }
        state_close(&s);
    }
    mc_verifier_free(v);
    recipient_free(d->to);
    hsm_wipe(d, sizeof(*d));
    free(d);
    return rc;
}
