/* SPDX-License-Identifier: Apache-2.0 */
/* proof check: that a certificate is in a ledger, from the proof and the ledger's audit key alone. */
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/text.h"
#include "lib/proof.h"
#include "audit_key.h"

const struct cli_option tool_proof_check_options[] = {
    {.name = "key",
        .arg = "FILE",
        .help = "the ledger's audit key (PEM or DER, of 'heddle ledger key'), or its entry 0",
        .required = true},
    {.name = "cert", .arg = "FILE", .help = "the certificate that the entry must hold"},
    {.name = "json", .help = "print JSON, schema mattercert.proof/1"},
    {.name = NULL},
};

/* The certificate in the form in which the entry holds it, octet by octet. */
static enum mc_rc compare_cert(const char *path, const struct mc_entry *x, struct mc_err *e)
{
    static struct tool_input t;
    uint8_t tlv[MC_CERT_TLV_MAX];
    struct mc_cert c;
    size_t n = 0;
    enum mc_rc rc = tool_load(path, &t, e);

    if (rc == MC_OK)
        rc = tool_certificate(&t, MC_RULES_X509, &c, e);
    if (rc == MC_OK && x->cert_tlv.n != 0)
        rc = mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, e);
    if (rc != MC_OK)
        return rc;
    if (x->cert_tlv.n != 0 ? mc_span_eq(x->cert_tlv, mc_span_of(tlv, n))
                           : x->cert_der.n != 0 && mc_span_eq(x->cert_der, t.in.bytes))
        return MC_OK;
    return mc_fail(e, MC_E_PROOF_OTHER, "certificate", "entry %llu is %s%s", (unsigned long long)x->seq,
        mc_entry_type_name(x->type), x->cert_tlv.n + x->cert_der.n == 0 ? " and holds no certificate" : "");
}

static void print_result(
    const struct cli *c, const struct mc_checkpoint *at, const struct mc_entry *x, const struct mc_err *e)
{
    char serial[2 * MC_SERIAL_MAX + 1] = "", time[MC_TIME_TEXT_MAX], why[400];
    struct json j;

    if (x->serial.n != 0)
        mc_hex_encode(x->serial.p, x->serial.n, serial);
    mc_time_format(x->time_unix, time);
    if (!c->json) {
        printf("proven: entry %llu (%s", (unsigned long long)x->seq, mc_entry_type_name(x->type));
        printf(serial[0] != '\0' ? ", serial %s" : "%s", serial);
        printf(", %s) is among the first %llu of ", time, (unsigned long long)at->size);
        text_puts(stdout, at->origin);
        fputs(cli_value(c, "cert") != NULL ? "; it holds the certificate\n" : "\n", stdout);
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.proof/1");
    json_bool(&j, "valid", e->rc == MC_OK);
    if (e->rc != MC_OK) {
        mc_err_format(e, why, sizeof(why));
        json_string(&j, "rule", mc_rc_rule(e->rc));
        json_string(&j, "field", e->field);
        json_string(&j, "why", why);
    } else {
        json_string(&j, "origin", at->origin);
        json_number(&j, "size", (int64_t)at->size);
        json_hex(&j, "root", mc_span_of(at->root, sizeof(at->root)));
        json_number(&j, "leaf", (int64_t)x->seq);
        json_string(&j, "type", mc_entry_type_name(x->type));
        json_string(&j, "time", time);
        if (serial[0] != '\0')
            json_string(&j, "serial", serial);
        json_bool(&j, "certificate_compared", cli_value(c, "cert") != NULL);
    }
    json_end_object(&j);
}

static enum mc_rc check(struct mc_verifier *v, struct cli *c, struct mc_checkpoint *at, struct mc_entry *x,
    struct mc_err *e)
{
    static char text[MC_PROOF_TEXT_MAX + 1];
    static struct tool_input input;
    static struct mc_proof p;
    struct tool_audit_key k;
    size_t n;
    enum mc_rc rc;

    c->where = cli_value(c, "key");
    rc = tool_audit_key(v, c->where, &input, &k, e);
    if (rc != MC_OK)
        return rc;
    c->where = tool_name_in(c->operands[0]);
    rc = io_read_into(c->operands[0], (uint8_t *)text, sizeof(text), &n, e);
    if (rc == MC_OK)
        rc = mc_proof_parse(mc_span_of(text, n), &p, e);
    if (rc == MC_OK)
        rc = mc_proof_check(v, &p, k.origin[0] != '\0' ? k.origin : NULL, k.point, at, x, e);
    if (rc != MC_OK || cli_value(c, "cert") == NULL)
        return rc;
    c->where = cli_value(c, "cert");
    return compare_cert(c->where, x, e);
}

enum mc_rc tool_proof_check(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct mc_checkpoint at = {0};
    struct mc_entry x = {0};
    enum mc_rc rc;

    if (v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = check(v, c, &at, &x, e);
    if (rc == MC_OK || c->json)
        print_result(c, &at, &x, e);
    mc_verifier_free(v);
    return rc;
}
