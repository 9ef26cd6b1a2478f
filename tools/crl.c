/* SPDX-License-Identifier: Apache-2.0 */
/* crl show, crl verify. */
#include <stdlib.h>

#include "lib/cli/json.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "lib/revset.h"
#include "pool.h"
#include "revocation.h"

const struct cli_option tool_crl_show_options[] = {
    {.name = "limit", .arg = "N", .help = "list at most N entries; default all"},
    {.name = "json", .help = "print JSON, schema mattercert.crl/1"},
    {.name = NULL},
};

const struct cli_option tool_crl_verify_options[] = {
    {.name = "signer", .arg = "CERT", .help = "who signed it: PAA, PAI or delegate", .required = true},
    {.name = "authority", .arg = "CERT", .help = "who delegated to the signer: PAA or PAI"},
    {.name = "at", .arg = "TIME", .help = "judge at this time (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "no-time", .help = "do not consider the dates"},
    {.name = "json", .help = "print JSON, schema mattercert.crl-verify/1"},
    {.name = NULL},
};

enum { NAME_TEXT = 512, HEX_TEXT = 2 * MC_SERIAL_MAX + 1 };

static void hex_of(struct mc_span s, char out[HEX_TEXT])
{
    *out = '\0';
    if (s.n != 0 && s.n <= MC_SERIAL_MAX)
        mc_hex_encode_upper(s.p, s.n, out);
}

/* The name in a DER Name that the CRL's reader has accepted. */
static void name_of(struct mc_span der, char out[NAME_TEXT])
{
    static const char wrong[] = "?";
    struct mc_dn dn;

    memcpy(out, wrong, sizeof(wrong));
    if (mc_dn_parse_name(der, &dn) == MC_OK)
        mc_dn_format(&dn, out, NAME_TEXT);
}

static void json_time(struct json *j, const char *key, int64_t unix_time)
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(unix_time, text);
    json_string(j, key, text);
}

static void json_entry(struct json *j, const struct mc_crl_entry *x)
{
    char hex[HEX_TEXT], name[NAME_TEXT];

    hex_of(mc_serial_magnitude(x->serial), hex);
    json_object(j, NULL);
    json_string(j, "serial", hex);
    json_time(j, "revoked", x->time_unix);
    if (x->has_reason)
        json_string(j, "reason", mc_crl_reason_name(x->reason));
    if (x->issuer.n != 0) {
        name_of(x->issuer, name);
        json_string(j, "certificate_issuer", name);
    }
    json_end_object(j);
}

static void json_crl(const struct mc_crl *c, const char *file, uint64_t limit)
{
    struct mc_crl_cursor at = mc_crl_begin(c);
    struct mc_crl_entry x;
    struct json j;
    char name[NAME_TEXT], hex[HEX_TEXT];

    mc_dn_format(&c->issuer, name, sizeof(name));
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.crl/1");
    json_string(&j, "file", file);
    json_string(&j, "issuer", name);
    json_hex(&j, "issuer_der", c->issuer.der);
    json_time(&j, "this_update", c->this_update_unix);
    if (c->has_next)
        json_time(&j, "next_update", c->next_update_unix);
    if (c->has_akid)
        json_hex(&j, "authority_key_id", c->akid);
    hex_of(c->number, hex);
    if (c->number.n != 0)
        json_string(&j, "number", hex);
    json_bool(&j, "indirect", c->indirect);
    if (c->uri.n != 0)
        json_text(&j, "distribution_point", c->uri);
    json_number(&j, "count", (int64_t)c->n);
    json_array(&j, "revoked");
    while (limit-- > 0 && mc_crl_next(&at, &x))
        json_entry(&j, &x);
    json_end_array(&j);
    json_end_object(&j);
}

static void row(const char *name, const char *value)
{
    printf("%-18s", name);
    text_puts(stdout, value);
    putchar('\n');
}

static void time_row(const char *name, int64_t unix_time)
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(unix_time, text);
    row(name, text);
}

static void print_head(const struct mc_crl *c)
{
    char text[NAME_TEXT], id[3 * MC_KEY_ID_LEN + 1];

    mc_dn_format(&c->issuer, text, sizeof(text));
    row("issuer", text);
    time_row("this update", c->this_update_unix);
    if (c->has_next)
        time_row("next update", c->next_update_unix);
    tool_key_id(c->akid, id);
    row("authority key id", c->has_akid ? id : "none");
    hex_of(c->number, text);
    row("number", c->number.n != 0 ? text : "none");
    if (c->has_idp) {
        row("indirect", c->indirect ? "yes" : "no");
        printf("%-18s", "point");
        text_put(stdout, c->uri);
        putchar('\n');
    }
    printf("%-18s%zu\n", "entries", c->n);
}

static enum mc_rc print_entries(const struct mc_crl *c, uint64_t limit, struct mc_err *e)
{
    static const char *const headers[] = {"SERIAL", "REVOKED", "REASON", "ISSUER", NULL};
    struct mc_crl_cursor at = mc_crl_begin(c);
    struct table *t = table_new(headers);
    struct mc_crl_entry x;
    enum mc_rc rc = t == NULL ? MC_E_MEMORY : MC_OK;

    while (rc == MC_OK && limit-- > 0 && mc_crl_next(&at, &x)) {
        char serial[HEX_TEXT], revoked[MC_TIME_TEXT_MAX], issuer[NAME_TEXT] = "";

        hex_of(mc_serial_magnitude(x.serial), serial);
        mc_time_format(x.time_unix, revoked);
        if (x.issuer.n != 0)
            name_of(x.issuer, issuer);
        rc = table_row(
            t, (const char *const[]){serial, revoked, x.has_reason ? mc_crl_reason_name(x.reason) : "", issuer});
    }
    if (rc == MC_OK && c->n != 0) {
        putchar('\n');
        table_print(t, stdout);
    }
    table_free(t);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

enum mc_rc tool_crl_show(struct cli *c, struct mc_err *e)
{
    struct crl_input in;
    uint64_t limit;
    enum mc_rc rc = cli_number(c, "limit", 16, UINT64_MAX, &limit, e);

    if (rc != MC_OK)
        return rc;
    c->where = tool_name_in(c->operands[0]);
    rc = crl_load(c->operands[0], &in, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_crl(&in.crl, c->where, limit);
    } else {
        print_head(&in.crl);
        rc = print_entries(&in.crl, limit, e);
    }
    crl_unload(&in);
    return rc;
}

/* Reads the certificate that an option names into the pool. */
static enum mc_rc load_cert(
    struct cli *c, struct pool *p, const char *option, const struct pool_cert **out, struct mc_err *e)
{
    static struct tool_input input;
    const char *path = cli_value(c, option);
    enum mc_rc rc;

    *out = NULL;
    if (path == NULL)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = tool_load(path, &input, e);
    if (rc == MC_OK)
        rc = tool_want(&input, MC_OBJECT_CERTIFICATE, e);
    if (rc == MC_OK && input.in.inner != MC_INNER_DER)
        rc = mc_fail(e, MC_E_OBJECT, NULL, "attestation certificates are DER or PEM");
    return rc == MC_OK ? pool_add_der(p, path, input.in.bytes, out, e) : rc;
}

/* Who signed it, whether that one may, form and dates. */
static enum mc_rc check(struct mc_verifier *v, const struct mc_crl *crl, const struct pool_cert *signer,
    const struct pool_cert *authority, const int64_t *now_unix, struct mc_err *e)
{
    enum mc_rc rc = mc_crl_check(crl, e);

    if (rc == MC_OK)
        rc = mc_crl_check_signer(v, crl, &signer->c, e);
    if (rc == MC_OK && (authority != NULL || !signer->c.is_ca))
        rc = mc_crl_check_delegate(&signer->c, e);
    if (rc == MC_OK && authority != NULL)
        rc = mc_revset_check_link(v, &signer->c, &authority->c, "signer", e);
    return rc == MC_OK && now_unix != NULL ? mc_crl_check_date(crl, *now_unix, e) : rc;
}

static void print_verdict(const struct cli *c, const struct mc_crl *crl, const char *file, enum mc_rc rc, const struct mc_err *e)
{
    char text[512] = "", number[HEX_TEXT];
    struct json j;

    hex_of(crl->number, number);
    if (rc != MC_OK)
        mc_err_format(e, text, sizeof(text));
    if (!c->json) {
        if (rc == MC_OK && !c->quiet)
            printf("%s: valid, number %s, %zu revoked\n", file, number, crl->n);
        else if (rc != MC_OK)
            printf("%s: not valid\n  %s\n  %s\n", file, text, mc_rc_cure(rc));
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.crl-verify/1");
    json_string(&j, "file", file);
    json_bool(&j, "valid", rc == MC_OK);
    json_string(&j, "number", number);
    json_number(&j, "count", (int64_t)crl->n);
    if (rc != MC_OK) {
        json_string(&j, "rule", mc_rc_rule(rc));
        json_string(&j, "why", text);
        json_string(&j, "cure", mc_rc_cure(rc));
    }
    json_end_object(&j);
}

static enum mc_rc verify(struct cli *c, struct mc_verifier *v, struct pool *p, struct mc_err *e)
{
    const struct pool_cert *signer = NULL, *authority = NULL;
    struct crl_input in;
    struct mc_err why;
    int64_t now_unix;
    bool has_now;
    enum mc_rc rc = tool_time(c, &has_now, &now_unix, e);

    if (rc == MC_OK)
        rc = load_cert(c, p, "signer", &signer, e);
    if (rc == MC_OK)
        rc = load_cert(c, p, "authority", &authority, e);
    if (rc != MC_OK)
        return rc;
    c->where = tool_name_in(c->operands[0]);
    rc = crl_load(c->operands[0], &in, e);
    if (rc != MC_OK)
        return rc;
    mc_err_init(&why);
    rc = check(v, &in.crl, signer, authority, has_now ? &now_unix : NULL, &why);
    print_verdict(c, &in.crl, c->where, rc, &why);
    crl_unload(&in);
    c->reported = rc != MC_OK;
    return rc == MC_OK ? MC_OK : mc_rc_class(rc) == MC_CLASS_INTERNAL ? mc_fail(e, rc, NULL, NULL) : MC_E_NOT_VALID;
}

enum mc_rc tool_crl_verify(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct pool p = {0};
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : verify(c, v, &p, e);

    pool_free(&p);
    mc_verifier_free(v);
    return rc;
}
