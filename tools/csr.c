/* SPDX-License-Identifier: Apache-2.0 */
/* csr show, csr check: PKCS#10 requests, alone or inside the NOCSR elements that a node sends. */
#include "lib/csr.h"

#include "facts.h"
#include "lib/cli/json.h"
#include "lib/cli/text.h"
#include "lib/der.h"
#include "lib/dn.h"

enum { LABEL_WIDTH = 18 };

const struct cli_option tool_csr_show_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.csr/1"},
    {.name = NULL},
};

const struct cli_option tool_csr_check_options[] = {
    {.name = "nonce", .arg = "HEX", .help = "the nonce that was sent with CSRRequest, 32 octets"},
    {.name = "dac", .arg = "FILE", .help = "the device's DAC, to check the attestation signature"},
    {.name = "challenge", .arg = "HEX", .help = "the session's attestation challenge, 16 octets"},
    {.name = "signature", .arg = "HEX", .help = "the attestation signature, 64 octets"},
    {.name = "json", .help = "print JSON, schema mattercert.csr/1"},
    {.name = NULL},
};

struct request {
    struct tool_input input;
    bool has_nocsr;
    struct mc_nocsr nocsr;
    struct mc_csr csr;
    struct mc_verifier *v;
};

/* Reads the file as far as its form goes; parsing is what csr show and csr check have in common. */
static enum mc_rc parse(struct request *r, struct mc_err *e)
{
    struct mc_span csr = r->input.in.bytes;
    enum mc_rc rc = MC_OK;

    r->has_nocsr = r->input.in.inner == MC_INNER_TLV;
    if (r->input.object != MC_OBJECT_NOCSR)
        rc = tool_want(&r->input, MC_OBJECT_CSR, e);
    if (rc == MC_OK && r->has_nocsr) {
        rc = mc_nocsr_parse(r->input.in.bytes, &r->nocsr, e);
        csr = r->nocsr.csr;
    }
    return rc == MC_OK ? mc_csr_parse(csr, &r->csr, e) : rc;
}

static enum mc_rc load(struct request *r, struct cli *c, struct mc_err *e)
{
    c->where = tool_name_in(c->operands[0]);
    r->v = mc_verifier_new();
    if (r->v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    return tool_load(c->operands[0], &r->input, e);
}

/* A value of exactly n octets; missing if the option does not stand. */
static enum mc_rc hex_option(const struct cli *c, const char *name, uint8_t *out, size_t n, struct mc_err *e)
{
    const char *text = cli_value(c, name);
    char field[32];

    snprintf(field, sizeof(field), "--%s", name);
    if (text == NULL)
        return mc_fail(e, CA_E_USAGE, field, "it is missing: --dac, --challenge and --signature go together");
    if (strlen(text) != 2 * n || !mc_hex_decode(text, n, out))
        return mc_fail(e, CA_E_USAGE, field, "%zu octets are wanted, as %zu hex digits", n, 2 * n);
    return MC_OK;
}

struct wanted {
    bool nonce, attestation;
    uint8_t sent[MC_NONCE_LEN];
    uint8_t challenge[MC_CHALLENGE_LEN];
    uint8_t signature[MC_SIG_LEN];
};

/* The options, before any file is read. */
static enum mc_rc read_wanted(const struct cli *c, struct wanted *w, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    w->nonce = cli_value(c, "nonce") != NULL;
    w->attestation =
        cli_value(c, "dac") != NULL || cli_value(c, "challenge") != NULL || cli_value(c, "signature") != NULL;
    if (w->nonce)
        rc = hex_option(c, "nonce", w->sent, sizeof(w->sent), e);
    if (rc != MC_OK || !w->attestation)
        return rc;
    if (cli_value(c, "dac") == NULL)
        return mc_fail(
            e, CA_E_USAGE, "--dac", "it is missing: --dac, --challenge and --signature go together");
    rc = hex_option(c, "challenge", w->challenge, sizeof(w->challenge), e);
    return rc == MC_OK ? hex_option(c, "signature", w->signature, sizeof(w->signature), e) : rc;
}

static enum mc_rc check_attestation(
    const struct request *r, const struct wanted *w, struct cli *c, struct mc_err *e)
{
    static struct tool_input dac;
    const char *where = c->where;
    struct mc_cert cert;
    enum mc_rc rc;

    c->where = cli_value(c, "dac");
    rc = tool_load(c->where, &dac, e);
    if (rc == MC_OK)
        rc = tool_certificate(&dac, MC_RULES_X509, &cert, e);
    if (rc == MC_OK && !cert.p256)
        rc = mc_fail(e, MC_E_POINT, "dac.key", NULL);
    if (rc != MC_OK)
        return rc;
    c->where = where;
    return mc_attestation_check(r->v, r->input.in.bytes, w->challenge, cert.point.p, w->signature, e);
}

static enum mc_rc check_nocsr(
    const struct request *r, const struct wanted *w, struct cli *c, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    if (!w->nonce && !w->attestation)
        return MC_OK;
    if (!r->has_nocsr)
        return mc_fail(e, CA_E_USAGE, NULL, "--nonce and --dac are for NOCSR elements, this is a CSR alone");
    if (w->nonce)
        rc = mc_nocsr_check_nonce(&r->nocsr, w->sent, e);
    return rc == MC_OK && w->attestation ? check_attestation(r, w, c, e) : rc;
}

/* The Name of the subject as one line; it is only looked at, issuing ignores it. */
static void format_subject(struct mc_span subject, char *out, size_t cap)
{
    static struct mc_dn dn;
    struct mc_err obstacle, e;
    struct mc_der d = mc_der_of(subject);
    struct mc_dn_reader reader = {"subject", &obstacle, &e};

    mc_err_init(&obstacle);
    mc_err_init(&e);
    if (mc_dn_take_der(&reader, &d, &dn) == MC_OK && dn.n > 0)
        mc_dn_format(&dn, out, cap);
    else
        snprintf(out, cap, "%s", "(empty)");
}

static void put_line(const char *label, const char *text)
{
    printf("%-*s", LABEL_WIDTH, label);
    text_puts(stdout, text);
    putchar('\n');
}

static void put_hex(const char *label, struct mc_span value)
{
    printf("%-*s", LABEL_WIDTH, label);
    for (size_t i = 0; i < value.n; i++)
        printf("%02x", value.p[i]);
    putchar('\n');
}

static void page(const struct request *r, enum mc_rc signature)
{
    static const char *const vendor[] = {"Vendor reserved 1", "Vendor reserved 2", "Vendor reserved 3"};
    uint8_t id[MC_KEY_ID_LEN];
    char text[1024];

    put_line("Kind", r->has_nocsr ? "NOCSR elements with a CSR (PKCS#10)" : "CSR (PKCS#10)");
    snprintf(text, sizeof(text), "%s; CSR %zu octets", tool_form_name(&r->input.in), r->csr.whole.n);
    put_line("Form", text);
    if (r->has_nocsr)
        put_hex("Nonce", r->nocsr.nonce);
    for (unsigned i = 0; r->has_nocsr && i < 3; i++)
        if (r->nocsr.vendor[i].n > 0)
            put_hex(vendor[i], r->nocsr.vendor[i]);
    format_subject(r->csr.subject, text, sizeof(text));
    put_line("Subject", text);
    put_line("Public key", "P-256 (prime256v1), uncompressed point");
    put_hex("", r->csr.point);
    if (mc_key_id(r->v, r->csr.point.p, id) == MC_OK)
        put_hex("Key identifier", mc_span_of(id, sizeof(id)));
    if (r->csr.attributes.n > 0)
        put_hex("Attributes", r->csr.attributes);
    put_line("Signature", signature == MC_OK ? "ecdsa-with-SHA256, verifies with the CSR's key"
                                             : "ecdsa-with-SHA256, does NOT verify with the CSR's key");
    put_hex("  r", mc_span_of(r->csr.sig, MC_SIG_LEN / 2));
    put_hex("  s", mc_span_of(r->csr.sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2));
}

static void json_fields(struct json *j, const struct request *r)
{
    static const char *const vendor[] = {"vendor_reserved1", "vendor_reserved2", "vendor_reserved3"};
    uint8_t id[MC_KEY_ID_LEN];
    char text[1024];

    if (r->has_nocsr) {
        json_hex(j, "nonce", r->nocsr.nonce);
        for (unsigned i = 0; i < 3; i++)
            if (r->nocsr.vendor[i].n > 0)
                json_hex(j, vendor[i], r->nocsr.vendor[i]);
    }
    json_number(j, "csr_octets", (int64_t)r->csr.whole.n);
    format_subject(r->csr.subject, text, sizeof(text));
    json_string(j, "subject", text);
    json_hex(j, "point", r->csr.point);
    if (mc_key_id(r->v, r->csr.point.p, id) == MC_OK)
        json_hex(j, "key_id", mc_span_of(id, sizeof(id)));
    json_hex(j, "attributes", r->csr.attributes);
    json_hex(j, "r", mc_span_of(r->csr.sig, MC_SIG_LEN / 2));
    json_hex(j, "s", mc_span_of(r->csr.sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2));
}

/* parsed: the fields of r are there. e tells why it is not valid. */
static void print_json(const struct request *r, const struct cli *c, bool parsed, const struct mc_err *e)
{
    char why[512];
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.csr/1");
    json_string(&j, "file", tool_name_in(c->operands[0]));
    json_string(&j, "kind", r->has_nocsr ? "nocsr" : "csr");
    json_bool(&j, "valid", e->rc == MC_OK);
    if (e->rc != MC_OK) {
        mc_err_format(e, why, sizeof(why));
        json_string(&j, "rule", mc_rc_rule(e->rc));
        json_string(&j, "field", e->field);
        json_string(&j, "why", why);
    }
    if (parsed)
        json_fields(&j, r);
    json_end_object(&j);
}

enum mc_rc tool_csr_show(struct cli *c, struct mc_err *e)
{
    static struct request r;
    struct mc_err signature;
    enum mc_rc rc = load(&r, c, e);

    if (rc == MC_OK)
        rc = parse(&r, e);
    if (rc == MC_OK) {
        mc_err_init(&signature);
        rc = mc_csr_check(r.v, &r.csr, &signature);
        if (c->json)
            print_json(&r, c, true, &signature);
        else
            page(&r, rc);
        rc = MC_OK;
    }
    mc_verifier_free(r.v);
    return rc;
}

enum mc_rc tool_csr_check(struct cli *c, struct mc_err *e)
{
    static struct request r;
    static struct wanted w;
    bool parsed;
    enum mc_rc rc = read_wanted(c, &w, e);

    if (rc != MC_OK)
        return rc;
    rc = load(&r, c, e);
    if (rc != MC_OK)
        goto out;
    rc = parse(&r, e);
    parsed = rc == MC_OK;
    if (parsed)
        rc = mc_csr_check(r.v, &r.csr, e);
    if (rc == MC_OK)
        rc = check_nocsr(&r, &w, c, e);
    if (c->json && mc_rc_class(rc) != MC_CLASS_USAGE)
        print_json(&r, c, parsed, e);
    else if (rc == MC_OK)
        printf("valid: the %s, its key is on P-256 and signed it%s%s\n",
            r.has_nocsr ? "NOCSR elements hold a well-formed CSR" : "CSR is well-formed",
            w.nonce ? "; the nonce is the one sent" : "",
            w.attestation ? "; the DAC's key signed the elements" : "");
out:
    mc_verifier_free(r.v);
    return rc;
}
