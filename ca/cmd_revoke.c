/* SPDX-License-Identifier: Apache-2.0 */
/* revoke: attestation certificates by serial number or file. */
#include "cmd_revocation.h"

#include <stdlib.h>

#include "cmd_ledger.h"
#include "cmd_life.h"
#include "lib/armor.h"
#include "revoke.h"

const struct cli_option revoke_options[] = {
    {"cert", "FILE", "the certificate, in any form; may be repeated", true, false, 0},
    {"why", "TEXT", "why; kept in the ledger, not in the CRL", false, false, 0},
    {0},
};

#define FILE_MAX 65536

/* Orders with what they borrow. */
struct revocation {
    struct revoke_order *order;
    struct revoke_result *result;
    uint8_t (*serial)[MC_SERIAL_MAX];
    uint8_t (*der)[MC_CERT_DER_MAX];
    const char **name; /* as the command line has it */
    size_t n;
};

static enum mc_rc read_cert(const char *path, struct revocation *r, size_t at, struct mc_err *e)
{
    static uint8_t raw[FILE_MAX + 1], scratch[FILE_MAX + 1];
    struct mc_input in;
    struct mc_cert c;
    size_t n;
    enum mc_rc rc = io_read_into(path, raw, sizeof(raw), &n, e);

    if (rc == MC_OK)
        rc = mc_input_decode(mc_span_of(raw, n), scratch, sizeof(scratch), &in, e);
    if (rc == MC_OK && (in.inner != MC_INNER_DER || in.bytes.n > MC_CERT_DER_MAX))
        rc = mc_fail(e, MC_E_OBJECT, NULL, "not an attestation certificate");
    if (rc == MC_OK)
        rc = mc_cert_parse_der(in.bytes, MC_RULES_X509, &c, e);
    if (rc == MC_OK && (c.serial.n == 0 || c.serial.n > MC_SERIAL_MAX))
        rc = mc_fail(e, MC_E_SERIAL, NULL, NULL);
    if (rc != MC_OK)
        return rc;
    memcpy(r->serial[at], c.serial.p, c.serial.n);
    memcpy(r->der[at], in.bytes.p, in.bytes.n);
    r->order[at].serial = mc_span_of(r->serial[at], c.serial.n);
    r->order[at].der = mc_span_of(r->der[at], in.bytes.n);
    return MC_OK;
}

static enum mc_rc read_orders(struct cli *c, struct revocation *r, const char *why, struct mc_err *e)
{
    size_t files = 0, n = 0;
    enum mc_rc rc = MC_OK;

    while (cli_value_at(c, "cert", (unsigned)files) != NULL)
        files++;
    r->n = files + (size_t)c->n_operands;
    if (r->n == 0)
        return mc_fail(e, CA_E_USAGE, NULL, "give serial numbers, or certificates with --cert");
    r->order = calloc(r->n, sizeof(*r->order));
    r->result = calloc(r->n, sizeof(*r->result));
    r->serial = calloc(r->n, sizeof(*r->serial));
    r->der = calloc(r->n, sizeof(*r->der));
    r->name = calloc(r->n, sizeof(const char *));
    if (r->order == NULL || r->result == NULL || r->serial == NULL || r->der == NULL || r->name == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (int i = 0; rc == MC_OK && i < c->n_operands; i++, n++) {
        r->name[n] = c->operands[i];
        rc = cmd_serial(c->operands[i], r->serial[n], &r->order[n].serial.n, e);
        r->order[n].serial.p = r->serial[n];
    }
    for (size_t i = 0; rc == MC_OK && i < files; i++, n++) {
        r->name[n] = c->where = cli_value_at(c, "cert", (unsigned)i);
        rc = read_cert(r->name[n], r, n, e);
        if (rc == MC_OK)
            c->where = NULL;
    }
    for (size_t i = 0; i < r->n; i++)
        r->order[i].why = why;
    return rc;
}

static void print_result(const struct cli *c, const struct revocation *r, size_t i)
{
    const struct revoke_result *x = &r->result[i];
    char serial[2 * MC_SERIAL_MAX + 1];
    struct json j;

    mc_hex_encode(r->order[i].serial.p, r->order[i].serial.n, serial);
    if (!c->json) {
        printf("%s %s %s by entry %llu\n", mc_kind_name(x->kind), serial,
            x->repeated ? "was revoked before" : "is revoked", (unsigned long long)x->seq);
        return;
    }
    json_init(&j, stdout, r->n > 1);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.revoke/1");
    json_string(&j, "serial", serial);
    json_string(&j, "kind", mc_kind_name(x->kind));
    json_string(&j, "status", x->repeated ? "repeated" : "revoked");
    json_number(&j, "authority", x->authority);
    json_number(&j, "entry", (int64_t)x->seq);
    json_end_object(&j);
}

static enum mc_rc run(struct cli *c, struct revocation *r, struct mc_err *e)
{
    struct state s;
    size_t failed = r->n;
    enum mc_rc rc = cmd_open(c, LEDGER_WRITE, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = revoke(&s, r->order, r->n, r->result, &failed, e);
    if (rc != MC_OK && failed < r->n)
        c->where = r->name[failed];
    for (size_t i = 0; rc == MC_OK && i < r->n; i++)
        print_result(c, r, i);
    if (rc == MC_OK)
        cli_note(c, "a CRL makes it known: 'heddle crl due' tells which");
    state_close(&s);
    return rc;
}

enum mc_rc cmd_revoke(struct cli *c, struct mc_err *e)
{
    struct revocation r = {0};
    const char *why;
    enum mc_rc rc = life_why(c, &why, e);

    if (rc == MC_OK)
        rc = read_orders(c, &r, why, e);
    if (rc == MC_OK)
        rc = run(c, &r, e);
    free(r.order);
    free(r.result);
    free(r.serial);
    free(r.der);
    free(r.name);
    return rc;
}
