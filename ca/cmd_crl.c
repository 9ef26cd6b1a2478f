/* SPDX-License-Identifier: Apache-2.0 */
/* crl sign, crl due. */
#include "cmd_revocation.h"

#include <stdlib.h>

#include "cmd.h"
#include "revoke.h"

const struct cli_option crl_sign_options[] = {
    {"out", "FILE", "write the CRL there", false, true, 'o'},
    {"next-update", "WHEN", "when it must have been replaced: 30d, 12h, or a time; default by heddle.conf", false, false, 0},
    {"signer", "NAME", "the delegate that signs it, instead of the authority itself", false, false, 0},
    {"uri", "URL", "where it will be found; said in it. A delegate's needs it", false, false, 0},
    {"format", "FORMAT", "der (default, what commissioners' tools fetch) or pem", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option crl_due_options[] = {
    {"within", "TIME", "how near a nextUpdate is near: 7d, 12h; default by heddle.conf", false, false, 0},
    {"all", NULL, "also those that are good", false, false, 0},
    {0},
};

enum { HOUR = 3600, DAY = 86400, COUNT_MAX = 40000 };

/* "30d" or "12h". */
static bool parse_span(const char *text, int64_t *seconds)
{
    char *end;
    long n = text[0] >= '1' && text[0] <= '9' ? strtol(text, &end, 10) : 0;

    if (n <= 0 || n > COUNT_MAX || (strcmp(end, "d") != 0 && strcmp(end, "h") != 0))
        return false;
    *seconds = n * (*end == 'd' ? DAY : HOUR);
    return true;
}

static enum mc_rc read_next(const struct cli *c, struct crl_order *o, struct mc_err *e)
{
    const char *text = cli_value(c, "next-update");
    enum mc_rc rc;

    o->valid_seconds = 0;
    if (text == NULL || parse_span(text, &o->valid_seconds))
        return MC_OK;
    rc = mc_time_parse_text(text, &o->until_unix, NULL);
    if (rc != MC_OK)
        return mc_fail(e, MC_E_TIME_TEXT, "--next-update", "give 30d, 12h or a time like 2026-12-31");
    return o->until_unix > ca_now() ? MC_OK : mc_fail(e, CA_E_USAGE, "--next-update", "it is in the past");
}

static enum mc_rc read_format(const struct cli *c, bool *pem, struct mc_err *e)
{
    const char *text = cli_value(c, "format");

    *pem = text != NULL && strcmp(text, "pem") == 0;
    return text == NULL || *pem || strcmp(text, "der") == 0 ? MC_OK : mc_fail(e, CA_E_USAGE, "--format", "it takes der or pem");
}

static void print_made(const struct cli *c, const struct crl_order *o, const struct crl_made *made)
{
    char this_update[MC_TIME_TEXT_MAX], next_update[MC_TIME_TEXT_MAX];
    struct json j;

    mc_time_format(made->this_update_unix, this_update);
    mc_time_format(made->next_update_unix, next_update);
    if (strcmp(cli_value(c, "out"), "-") == 0)
        return;
    if (!c->json) {
        printf("CRL %llu of %s%s%s: %zu revoked, to be replaced by %s\n", (unsigned long long)made->number, o->authority,
            o->signer != NULL ? ", by " : "", o->signer != NULL ? o->signer : "", made->revoked, next_update);
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.crl/1");
    json_string(&j, "authority", o->authority);
    if (o->signer != NULL)
        json_string(&j, "signer", o->signer);
    json_number(&j, "number", (int64_t)made->number);
    json_number(&j, "revoked", (int64_t)made->revoked);
    json_string(&j, "this_update", this_update);
    json_string(&j, "next_update", next_update);
    json_string(&j, "file", cli_value(c, "out"));
    json_end_object(&j);
}

enum mc_rc cmd_crl_sign(struct cli *c, struct mc_err *e)
{
    struct crl_order o = {.authority = c->operands[0], .signer = cli_value(c, "signer"), .uri = cli_value(c, "uri")};
    struct crl_made made;
    struct state s;
    bool pem;
    enum mc_rc rc = read_next(c, &o, e);

    if (rc == MC_OK)
        rc = read_format(c, &pem, e);
    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    if (o.valid_seconds == 0)
        o.valid_seconds = s.config.crl_next_update_seconds;
    rc = state_blame_disk(&s, crl_sign(&s, &o, cli_value(c, "out"), pem, &made, e), e);
    if (rc == MC_OK) {
        cmd_checkpoint(c, &s, true);
        print_made(c, &o, &made);
    }
    state_close(&s);
    return rc;
}

struct due {
    const struct cli *c;
    struct table *table;
    struct json j;
    enum mc_rc rc;
};

static void json_status(struct json *j, const struct crl_status *x)
{
    char until[MC_TIME_TEXT_MAX];

    json_object(j, NULL);
    json_string(j, "authority", x->authority.name);
    json_string(j, "kind", mc_kind_name(x->authority.kind));
    json_string(j, "need", crl_need_name(x->need));
    json_number(j, "revoked", (int64_t)x->revoked);
    json_number(j, "not_in_it", (int64_t)x->not_in_it);
    if (x->number != 0) {
        mc_time_format(x->until_unix, until);
        json_number(j, "number", (int64_t)x->number);
        json_string(j, "next_update", until);
        json_bool(j, "delegated", x->signer != x->authority.number);
    }
    json_end_object(j);
}

static bool add_status(void *arg, const struct crl_status *x)
{
    struct due *d = arg;
    char number[24] = "", until[MC_TIME_TEXT_MAX] = "", revoked[24], lacks[24];

    if (x->need <= CRL_GOOD && !cli_flag(d->c, "all"))
        return true;
    if (d->c->json) {
        json_status(&d->j, x);
        return true;
    }
    if (x->number != 0) {
        snprintf(number, sizeof(number), "%llu", (unsigned long long)x->number);
        mc_time_format(x->until_unix, until);
    }
    snprintf(revoked, sizeof(revoked), "%llu", (unsigned long long)x->revoked);
    snprintf(lacks, sizeof(lacks), "%llu", (unsigned long long)x->not_in_it);
    d->rc = table_row(d->table,
        (const char *const[]){x->authority.name, mc_kind_name(x->authority.kind), crl_need_name(x->need), revoked, lacks, number, until});
    return d->rc == MC_OK;
}

static enum mc_rc print_due(struct due *d, struct state *s, int64_t soon, struct mc_err *e)
{
    enum mc_rc rc;

    if (d->c->json) {
        json_init(&d->j, stdout, false);
        json_object(&d->j, NULL);
        json_string(&d->j, "schema", "heddle.crl-due/1");
        json_array(&d->j, "authorities");
    }
    rc = crl_each(s, soon, add_status, d, e);
    if (rc == MC_OK && d->rc != MC_OK)
        rc = mc_fail(e, d->rc, NULL, NULL);
    if (d->c->json) {
        json_end_array(&d->j);
        json_end_object(&d->j);
    } else if (rc == MC_OK) {
        table_print(d->table, stdout);
    }
    return rc;
}

enum mc_rc cmd_crl_due(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {"AUTHORITY", "KIND", "CRL IS", ">REVOKED", ">NOT IN IT", ">NUMBER", "NEXT UPDATE", NULL};
    const char *within = cli_value(c, "within");
    struct due d = {.c = c, .rc = MC_OK};
    int64_t soon = 0;
    struct state s;
    enum mc_rc rc;

    if (within != NULL && !parse_span(within, &soon))
        return mc_fail(e, CA_E_USAGE, "--within", "it takes days or hours: 7d, 12h");
    d.table = table_new(headers);
    rc = d.table == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : cmd_open(c, LEDGER_READ, &s, e);
    if (rc == MC_OK) {
        rc = print_due(&d, &s, within != NULL ? soon : s.config.crl_due_within_seconds, e);
        state_close(&s);
    }
    table_free(d.table);
    return rc;
}
