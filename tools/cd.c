/* SPDX-License-Identifier: Apache-2.0 */
/* cd show, cd verify: certification declarations. */
#include "attest.h"
#include "lib/cli/text.h"
#include "lib/cli/trust_store.h"
#include "lib/tlv.h"

enum { LABEL_WIDTH = 20 };

const struct cli_option tool_cd_show_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.cd/1"},
    {.name = NULL},
};

const struct cli_option tool_cd_verify_options[] = {
    {.name = "trust", .arg = "FILE-or-DIR", .help = "signers of declarations that the CSA certified, beside the known ones", .repeat = true},
    {.name = "cd-signer", .arg = "FILE", .help = "trust the signer with this certificate", .repeat = true},
    {.name = "allow-test-cd", .help = "allow the published test key"},
    {.name = "vid", .arg = "0xID", .help = "VendorID of Basic Information"},
    {.name = "pid", .arg = "0xID", .help = "ProductID of Basic Information"},
    {.name = "as", .arg = "JUDGE", .help = "whose verdict gives the status: rules (default) or commissioner"},
    {.name = "json", .help = "print JSON, schema mattercert.cd-verify/1"},
    {.name = NULL},
};

/* --- the file -------------------------------------------------------------------------------------- */

enum mc_rc cd_load(const char *path, struct cd_input *in, struct mc_err *e)
{
    struct mc_elements el;
    struct mc_cms cms;
    enum mc_rc rc = tool_load(path, &in->file, e);

    in->envelope = in->payload = mc_span_of(NULL, 0);
    in->in_elements = false;
    if (rc != MC_OK)
        return rc;
    if (in->file.in.inner == MC_INNER_DER) {
        rc = tool_want(&in->file, MC_OBJECT_CMS, e);
        in->envelope = in->file.in.bytes;
    } else if (mc_elements_parse_deployed(in->file.in.bytes, &el, NULL) == MC_OK) {
        in->in_elements = true;
        in->envelope = el.cd;
    } else {
        in->payload = in->file.in.bytes;
    }
    if (rc == MC_OK && in->envelope.n != 0 && mc_cms_deployed_open(in->envelope, &cms))
        in->payload = cms.payload;
    return rc;
}

/* --- show ------------------------------------------------------------------------------------------ */

struct shown {
    struct cd_input in;
    struct mc_cd cd;
    struct mc_span key_id;         /* n == 0: none */
    const struct mc_cd_key *signer; /* among the known */
    struct mc_err fault;           /* what a strict reader says; rc MC_OK: nothing */
};

static void label(const char *name)
{
    printf("%-*s", LABEL_WIDTH, name);
}

static void put_number(const char *name, uint64_t number, int digits)
{
    label(name);
    printf(digits > 0 ? "0x%0*llX\n" : "%.*llu\n", digits > 0 ? digits : 1, (unsigned long long)number);
}

static void put_upper_hex(struct mc_span s)
{
    for (size_t i = 0; i < s.n; i++)
        printf("%02X", s.p[i]);
}

static void put_lists(const struct mc_cd *cd)
{
    label("Products");
    for (unsigned i = 0; i < cd->n_products; i++)
        printf("%s0x%04X", i == 0 ? "" : i % 10 == 0 ? "\n                    " : " ", cd->product[i]);
    printf(cd->n_products == 0 ? "none\n" : "\n");
    for (unsigned i = 0; i < cd->n_paas; i++) {
        label(i == 0 ? "Authorized PAAs" : "");
        put_upper_hex(cd->paa[i]);
        putchar('\n');
    }
    if (cd->has_paas && cd->n_paas == 0)
        printf("%-*snone\n", LABEL_WIDTH, "Authorized PAAs");
}

static void show_page(const struct shown *s)
{
    const struct mc_cd *cd = &s->cd;
    char why[512];

    printf("certification declaration%s, %zu octets, payload %zu\n", s->in.in_elements ? " in attestation elements" : "",
        s->in.envelope.n, s->in.payload.n);
    put_number("Format version", cd->format_version, 0);
    put_number("Vendor", cd->vendor_id, 4);
    put_lists(cd);
    put_number("Device type", cd->device_type, 4);
    label("Certificate id");
    text_put(stdout, cd->certificate_id);
    putchar('\n');
    label("Certification type");
    printf("%u (%s)\n", cd->certification_type, mc_cd_type_name(cd->certification_type));
    put_number("Version number", cd->version_number, 4);
    put_number("Security level", cd->security_level, 0);
    put_number("Security info", cd->security_information, 0);
    if (cd->has_origin)
        printf("%-*sVID 0x%04X, PID 0x%04X\n", LABEL_WIDTH, "DAC origin", cd->origin_vid, cd->origin_pid);
    if (cd->n_unknown > 0)
        put_number("Unknown elements", cd->n_unknown, 0);
    if (s->key_id.n > 0) {
        label("Signer");
        put_upper_hex(s->key_id);
        printf(" (%s)\n", s->signer != NULL ? s->signer->name : "not a known one");
    }
    if (s->fault.rc != MC_OK) {
        mc_err_format(&s->fault, why, sizeof(why));
        label("Broken rule");
        text_puts(stdout, why);
        putchar('\n');
    }
}

static void show_json(const struct shown *s, const char *file)
{
    struct json j;
    char why[512];

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.cd/1");
    json_string(&j, "file", file);
    json_bool(&j, "in_elements", s->in.in_elements);
    attest_json_cd(&j, "cd", &s->cd);
    json_number(&j, "unknown_elements", s->cd.n_unknown);
    if (s->key_id.n > 0) {
        json_hex(&j, "signer_key_id", s->key_id);
        json_string(&j, "signer", s->signer != NULL ? s->signer->name : "");
    }
    json_hex(&j, "payload", s->in.payload);
    if (s->fault.rc != MC_OK) {
        mc_err_format(&s->fault, why, sizeof(why));
        json_string(&j, "rule", mc_rc_rule(s->fault.rc));
        json_string(&j, "why", why);
    }
    json_end_object(&j);
}

/* Reads as a commissioner does, and notes what a strict reader says; what neither can read is an error. */
static enum mc_rc read_shown(struct shown *s, struct mc_err *e)
{
    struct mc_cms cms;
    struct mc_cd strict = {0};
    enum mc_rc rc = MC_OK;

    mc_err_init(&s->fault);
    if (s->in.envelope.n != 0) {
        rc = mc_cms_parse(s->in.envelope, &cms, &s->fault);
        if (s->in.payload.p == NULL) {
            *e = s->fault;
            return rc != MC_OK ? rc : mc_fail(e, MC_E_CMS_TYPE, NULL, NULL);
        }
        if (!mc_cms_deployed_key_id(s->in.envelope, &s->key_id))
            s->key_id.n = 0;
        s->signer = mc_cd_key_find(NULL, 0, s->key_id);
    }
    if (mc_cd_parse_deployed(s->in.payload, &s->cd, e) != MC_OK)
        return e->rc;
    rc = s->fault.rc;
    if (rc == MC_OK)
        rc = mc_cd_parse(s->in.payload, &strict, &s->fault);
    if (rc == MC_OK)
        s->fault.rc = mc_cd_check(&s->cd, &s->fault);
    return MC_OK;
}

enum mc_rc tool_cd_show(struct cli *c, struct mc_err *e)
{
    static struct shown s;
    enum mc_rc rc;

    c->where = tool_name_in(c->operands[0]);
    rc = cd_load(c->operands[0], &s.in, e);
    if (rc == MC_OK)
        rc = read_shown(&s, e);
    if (rc != MC_OK)
        return rc;
    if (c->json)
        show_json(&s, c->where);
    else
        show_page(&s);
    return MC_OK;
}

/* --- verify ---------------------------------------------------------------------------------------- */

static enum mc_rc load_signers(struct cli *c, struct mc_verifier *v, struct trust_store *t, struct mc_err *e)
{
    const char *path;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(c, "trust", i)) != NULL; i++) {
        c->where = tool_name_in(path);
        rc = trust_store_add(t, v, path, e);
    }
    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(c, "cd-signer", i)) != NULL; i++) {
        c->where = tool_name_in(path);
        rc = trust_store_add_signer(t, path, e);
    }
    return rc;
}

static enum mc_rc judge(struct cli *c, struct mc_verifier *v, struct mc_attest_in *in, bool as_commissioner, struct mc_err *e)
{
    static struct mc_attest a;
    struct json j;

    (void)mc_attest_check(v, in, &a);
    if (mc_verifier_failure(v) != MC_OK)
        return mc_fail(e, mc_verifier_failure(v), NULL, NULL);
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "mattercert.cd-verify/1");
        attest_json(&j, &a);
        json_end_object(&j);
    } else if (!c->quiet) {
        attest_print(&a, "the declaration");
    }
    return attest_status(c, &a, as_commissioner);
}

enum mc_rc tool_cd_verify(struct cli *c, struct mc_err *e)
{
    static struct cd_input in;
    struct trust_store trust = {0};
    struct mc_attest_in what = {.cd_only = true, .allow_test_key = cli_flag(c, "allow-test-cd"),
        .has_vid = cli_value(c, "vid") != NULL, .has_pid = cli_value(c, "pid") != NULL};
    struct mc_verifier *v;
    uint64_t vid = 0, pid = 0;
    bool as_commissioner = false;
    enum mc_rc rc = attest_take_as(c, &as_commissioner, e);

    if (rc == MC_OK)
        rc = cli_number(c, "vid", 4, 0, &vid, e);
    if (rc == MC_OK)
        rc = cli_number(c, "pid", 4, 0, &pid, e);
    if (rc != MC_OK)
        return rc;
    v = mc_verifier_new();
    if (v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = load_signers(c, v, &trust, e);
    if (rc == MC_OK) {
        c->where = tool_name_in(c->operands[0]);
        rc = cd_load(c->operands[0], &in, e);
    }
    if (rc == MC_OK && in.envelope.n == 0)
        rc = mc_fail(e, MC_E_CMS_TYPE, NULL, "a payload without its envelope is not signed");
    if (rc == MC_OK) {
        what.vid = (uint16_t)vid;
        what.pid = (uint16_t)pid;
        what.cd = in.envelope;
        what.signers = trust.signer;
        what.n_signers = trust.n_signers;
        rc = judge(c, v, &what, as_commissioner, e);
    }
    trust_store_clear(&trust);
    mc_verifier_free(v);
    return rc;
}
