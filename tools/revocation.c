/* SPDX-License-Identifier: Apache-2.0 */
/* revocation show, revocation check. */
#include <stdlib.h>

#include "lib/att_chain.h"
#include "lib/cli/json.h"
#include "lib/cli/revset_file.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "pool.h"
#include "revocation.h"

const struct cli_option tool_revocation_show_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.revocation-set/1"},
    {.name = NULL},
};

const struct cli_option tool_revocation_check_options[] = {
    {.name = "dac", .arg = "DAC", .help = "the device's certificate"},
    {.name = "pai", .arg = "PAI", .help = "the certificate that issued it, or another PAI"},
    {.name = "json", .help = "print JSON, schema mattercert.revocation/1"},
    {.name = NULL},
};

enum { NAME_TEXT = 512 };

const char *revocation_verdict_name(enum mc_revset_verdict v)
{
    static const char *const names[] = {"unknown-issuer", "not-revoked", "revoked", "entry-broken"};

    return names[v];
}

uint16_t revocation_result(enum mc_revset_verdict dac, enum mc_revset_verdict pai)
{
    if (dac == MC_REVSET_REVOKED)
        return pai == MC_REVSET_REVOKED ? 208 : 302;
    return pai == MC_REVSET_REVOKED ? 202 : 0;
}

static void name_of(struct mc_span der, char out[NAME_TEXT])
{
    struct mc_dn dn;

    snprintf(out, NAME_TEXT, "not a name");
    if (mc_dn_parse_name(der, &dn) == MC_OK)
        mc_dn_format(&dn, out, NAME_TEXT);
}

static void json_entry(struct json *j, const struct mc_revset_entry *x, enum mc_rc rc, const struct mc_err *e)
{
    char text[NAME_TEXT];

    name_of(x->issuer_name, text);
    json_object(j, NULL);
    json_string(j, "issuer", text);
    json_hex(j, "key_id", x->issuer_key_id);
    json_bool(j, "delegated", x->has_delegator);
    json_bool(j, "usable", rc == MC_OK);
    if (rc != MC_OK) {
        mc_err_format(e, text, sizeof(text));
        json_string(j, "why", text);
    }
    json_array(j, "revoked");
    for (size_t i = 0; i < x->n_serial; i++) {
        mc_hex_encode_upper(x->serial[i].p, x->serial[i].n, text);
        json_string(j, NULL, text);
    }
    json_end_array(j);
    json_end_object(j);
}

/* What commissioners cannot use is said, for each entry. */
static enum mc_rc print_entry(struct table *t, const struct mc_revset_entry *x, enum mc_rc rc)
{
    char name[NAME_TEXT], id[3 * MC_KEY_ID_LEN + 1], n[24];

    name_of(x->issuer_name, name);
    tool_key_id(x->issuer_key_id, id);
    snprintf(n, sizeof(n), "%zu", x->n_serial);
    return table_row(t, (const char *const[]){name, id, n, x->has_delegator ? "delegate" : "itself", rc == MC_OK ? "yes" : "NO"});
}

enum mc_rc tool_revocation_show(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {"ISSUER", "KEY ID", ">REVOKED", "SIGNED BY", "USABLE", NULL};
    struct table *t = table_new(headers);
    struct revset_file f = {0};
    struct mc_err why;
    struct json j;
    enum mc_rc rc;

    c->where = tool_name_in(c->operands[0]);
    rc = t == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : revset_file_read(c->operands[0], &f, e);
    if (rc == MC_OK && c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "mattercert.revocation-set/1");
        json_string(&j, "file", c->where);
        json_array(&j, "entries");
    }
    for (size_t i = 0; rc == MC_OK && i < f.set.n; i++) {
        mc_err_init(&why);
        enum mc_rc usable = mc_revset_check_entry(&f.entry[i], &why);

        if (c->json)
            json_entry(&j, &f.entry[i], usable, &why);
        else
            rc = print_entry(t, &f.entry[i], usable);
        if (usable != MC_OK && !c->json)
            cli_note(c, "entry %zu: %s: %s", i, why.field, why.what);
    }
    if (rc == MC_OK && c->json) {
        json_end_array(&j);
        json_end_object(&j);
    } else if (rc == MC_OK) {
        table_print(t, stdout);
    }
    table_free(t);
    revset_file_clear(&f);
    return rc;
}

/* One certificate, its verdict and the entry that gave it. */
struct answer {
    const char *role;
    bool there;
    struct mc_cert c;
    struct tool_input input;
    enum mc_revset_verdict verdict;
    size_t at;
};

static enum mc_rc ask(struct cli *c, const char *option, const struct mc_revset *set, struct answer *a, struct mc_err *e)
{
    const char *path = cli_value(c, option);
    enum mc_rc rc;

    a->there = path != NULL;
    a->verdict = MC_REVSET_NOTHING;
    if (!a->there)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = tool_load(path, &a->input, e);
    if (rc == MC_OK)
        rc = tool_certificate(&a->input, MC_RULES_X509, &a->c, e);
    if (rc == MC_OK)
        a->verdict = mc_revset_find_cert(set, &a->c, &a->at);
    return rc;
}

static void print_answer(const struct answer *a)
{
    static const char *const says[] = {"nothing is known about its issuer", "not revoked", "revoked",
        "the entry about its issuer is broken: commissioners take it for not revoked"};
    char serial[2 * MC_SERIAL_MAX + 1] = "";
    struct mc_span magnitude = mc_serial_magnitude(a->c.serial);

    if (!a->there)
        return;
    if (magnitude.n <= MC_SERIAL_MAX)
        mc_hex_encode_upper(magnitude.p, magnitude.n, serial);
    printf("%s %s: %s%s\n", a->role, serial, says[a->verdict],
        a->verdict == MC_REVSET_REVOKED && !mc_serial_is_portable(a->c.serial)
            ? " (commissioners on mbedTLS do not find a serial number with its top bit set)"
            : "");
}

static void json_answer(struct json *j, const struct answer *a)
{
    char serial[2 * MC_SERIAL_MAX + 1] = "";
    struct mc_span magnitude = mc_serial_magnitude(a->c.serial);

    if (!a->there)
        return;
    if (magnitude.n <= MC_SERIAL_MAX)
        mc_hex_encode_upper(magnitude.p, magnitude.n, serial);
    json_object(j, a->role);
    json_string(j, "serial", serial);
    json_string(j, "verdict", revocation_verdict_name(a->verdict));
    json_bool(j, "found_by_all", mc_serial_is_portable(a->c.serial));
    if (a->verdict != MC_REVSET_NOTHING)
        json_number(j, "entry", (int64_t)a->at);
    json_end_object(j);
}

static void print_answers(const struct cli *c, const struct answer *dac, const struct answer *pai, uint16_t result)
{
    const struct mc_att_result *r = mc_att_result_find(result);
    struct json j;

    if (!c->json) {
        print_answer(dac);
        print_answer(pai);
        printf("by a commissioner result %u %s\n", result, r != NULL ? r->name : "");
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.revocation/1");
    json_answer(&j, dac);
    json_answer(&j, pai);
    json_number(&j, "result", result);
    json_string(&j, "result_name", r != NULL ? r->name : "");
    json_end_object(&j);
}

enum mc_rc tool_revocation_check(struct cli *c, struct mc_err *e)
{
    static struct answer dac = {.role = "DAC"}, pai = {.role = "PAI"};
    struct revset_file f;
    uint16_t result;
    enum mc_rc rc;

    if (cli_value(c, "dac") == NULL && cli_value(c, "pai") == NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "give --dac, --pai or both");
    c->where = tool_name_in(c->operands[0]);
    rc = revset_file_read(c->operands[0], &f, e);
    if (rc == MC_OK)
        rc = ask(c, "dac", &f.set, &dac, e);
    if (rc == MC_OK)
        rc = ask(c, "pai", &f.set, &pai, e);
    if (rc == MC_OK) {
        result = revocation_result(dac.verdict, pai.verdict);
        print_answers(c, &dac, &pai, result);
        c->reported = result != 0;
        rc = result != 0 ? MC_E_REVOKED : MC_OK;
    }
    revset_file_clear(&f);
    return rc;
}
