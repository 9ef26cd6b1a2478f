/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_life.h"

#include <stdlib.h>

#include "lib/caltime.h"
#include "lib/cli/text.h"

void life_date(int64_t unix_time, char out[LIFE_DATE_MAX])
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(unix_time, text);
    snprintf(out, LIFE_DATE_MAX, "%.10s", unix_time == MC_TIME_NO_EXPIRY ? "never" : text);
}

void life_node_date(const struct ledger_node *n, char out[LIFE_DATE_MAX])
{
    life_date(n->not_after_unix, out);
    if (n->nocs == 0)
        snprintf(out, LIFE_DATE_MAX, "unknown");
}

void life_node_authority(const struct ledger_node *n, char out[LIFE_NUMBER_MAX])
{
    snprintf(out, LIFE_NUMBER_MAX, n->nocs != 0 ? "%u" : "-", n->authority);
}

/* Live NOCs by the number of their authority. */
struct counts {
    uint32_t n;
    uint64_t *live;
    int64_t now;
};

static bool find_last(void *arg, const struct ledger_authority *a)
{
    struct counts *k = arg;

    k->n = a->number + 1;
    return true;
}

static bool count_node(void *arg, const struct ledger_node *n)
{
    struct counts *k = arg;

    if (n->nocs != 0 && n->authority < k->n && !n->removed && n->not_after_unix >= k->now)
        k->live[n->authority]++;
    return true;
}

static enum mc_rc count_all(struct state *s, uint32_t fabric, struct counts *k, struct mc_err *e)
{
    enum mc_rc rc = ledger_authorities(s->ledger, fabric, find_last, k, e);

    k->now = ca_now();
    k->live = calloc((size_t)k->n + 1, sizeof(*k->live));
    if (rc == MC_OK && k->live == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return rc == MC_OK ? ledger_nodes(s->ledger, fabric, count_node, k, e) : rc;
}

struct printer {
    struct counts counts;
    struct json *j;
    struct table *t;
    struct mc_err *e;
    enum mc_rc rc;
};

static enum mc_rc print_row(struct printer *p, const struct ledger_authority *a, uint64_t live, const struct mc_cert *cert)
{
    char number[16], nocs[24], until[LIFE_DATE_MAX], serial[2 * MC_SERIAL_MAX + 1];

    snprintf(number, sizeof(number), "%u", a->number);
    snprintf(nocs, sizeof(nocs), "%llu", (unsigned long long)live);
    life_date(cert->not_after_unix, until);
    mc_hex_encode(cert->serial.p, cert->serial.n, serial);
    return table_row(p->t,
        (const char *const[]){number, mc_kind_name((enum mc_kind)a->kind), mc_authority_state_name(a->state), nocs, until, serial});
}

static bool print_one(void *arg, const struct ledger_authority *a)
{
    struct printer *p = arg;
    struct mc_cert cert;
    char until[MC_TIME_TEXT_MAX];
    uint64_t live = a->number < p->counts.n ? p->counts.live[a->number] : 0;

    p->rc = mc_cert_parse_der(mc_span_of(a->cert_der, a->cert_n), MC_RULES_MATTER, &cert, p->e);
    if (p->rc != MC_OK)
        return false;
    if (p->j == NULL) {
        p->rc = print_row(p, a, live, &cert);
        return p->rc == MC_OK;
    }
    mc_time_format(cert.not_after_unix, until);
    json_object(p->j, NULL);
    json_number(p->j, "authority", a->number);
    json_string(p->j, "kind", mc_kind_name((enum mc_kind)a->kind));
    json_string(p->j, "state", mc_authority_state_name(a->state));
    json_number(p->j, "issuer", a->issuer);
    json_number(p->j, "live_nocs", (int64_t)live);
    json_string(p->j, "not_after", until);
    json_hex(p->j, "serial", cert.serial);
    json_hex(p->j, "key_id", cert.skid);
    json_end_object(p->j);
    return true;
}

enum mc_rc life_authorities(const struct cli *c, struct state *s, const char *fabric, struct json *j, struct mc_err *e)
{
    static const char *const headers[] = {">AUTHORITY", "KIND", "STATE", ">LIVE NOCS", "EXPIRES", "SERIAL", NULL};
    struct printer p = {.j = c->json ? j : NULL, .e = e, .rc = MC_OK};
    struct ledger_fabric f;
    enum mc_rc rc = ledger_fabric_by_name(s->ledger, fabric, &f, e);

    if (rc == MC_OK)
        rc = count_all(s, f.number, &p.counts, e);
    if (rc == MC_OK && p.j == NULL && (p.t = table_new(headers)) == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK && p.j != NULL)
        json_array(p.j, "authorities");
    if (rc == MC_OK)
        rc = ledger_authorities(s->ledger, f.number, print_one, &p, e);
    if (rc == MC_OK)
        rc = p.rc;
    if (rc == MC_OK && p.j != NULL)
        json_end_array(p.j);
    else if (rc == MC_OK)
        table_print(p.t, stdout);
    table_free(p.t);
    free(p.counts.live);
    return rc;
}

void life_begin(const struct cli *c, struct json *j, const char *schema, const char *fabric, const char *step)
{
    if (!c->json)
        return;
    json_init(j, stdout, false);
    json_object(j, NULL);
    json_string(j, "schema", schema);
    json_string(j, "fabric", fabric);
    if (step != NULL)
        json_string(j, "step", step);
}

void life_say(const struct cli *c, struct json *j, const char *text)
{
    if (c->json)
        json_string(j, NULL, text);
    else
        cli_note(c, "%s", text);
}

static const char *reason_of(unsigned reasons)
{
    if (reasons == RENEW_UNKNOWN)
        return "no NOC";
    if (reasons == (RENEW_ISSUER | RENEW_CAT))
        return "issuer, CAT";
    return reasons == RENEW_CAT ? "CAT" : "issuer";
}

static void row_json(struct json *j, const struct renew_node *n)
{
    char until[MC_TIME_TEXT_MAX];

    mc_time_format(n->node.not_after_unix, until);
    json_object(j, NULL);
    json_id(j, "node_id", n->node.node_id, 16);
    if (n->node.nocs != 0) {
        json_hex(j, "serial", mc_span_of(n->serial, n->serial_n));
        json_number(j, "authority", n->node.authority);
        json_string(j, "not_after", until);
    }
    json_string(j, "reason", reason_of(n->reasons));
    json_array(j, "cats");
    for (unsigned i = 0; i < n->n_cat; i++)
        json_id(j, NULL, n->cat[i], 8);
    json_end_array(j);
    json_end_object(j);
}

/* What is not known of a node may be anything. */
static bool is_wanted(const struct life_rows *r, const struct renew_node *n)
{
    bool carries = r->cat == 0;

    if (n->reasons == RENEW_UNKNOWN)
        return true;
    for (unsigned i = 0; i < n->n_cat; i++)
        carries = carries || n->cat[i] >> 16 == r->cat >> 16;
    return carries && (n->reasons & r->reasons) != 0;
}

bool life_row(void *rows, const struct renew_node *n)
{
    struct life_rows *r = rows;
    char until[LIFE_DATE_MAX], by[LIFE_NUMBER_MAX], serial[2 * MC_SERIAL_MAX + 1];

    if (!is_wanted(r, n))
        return true;
    if (r->c->json) {
        row_json(r->j, n);
    } else {
        if (r->n == 0)
            printf("%-18s  %9s  %-10s  %-11s  %s\n", "NODE", "AUTHORITY", "EXPIRES", "REASON", "SERIAL");
        life_node_date(&n->node, until);
        life_node_authority(&n->node, by);
        mc_hex_encode(n->serial, n->serial_n, serial);
        printf("0x%016llX  %9s  %-10s  %-11s  %s\n", (unsigned long long)n->node.node_id, by, until,
            reason_of(n->reasons), serial);
    }
    r->n++;
    return true;
}

enum mc_rc life_node_id(const struct cli *c, uint64_t *node_id, struct mc_err *e)
{
    const char *text = cli_value(c, "node-id");
    enum mc_rc rc = mc_number_parse(text, 16, node_id, e);

    if (rc != MC_OK)
        return mc_fail(e, rc, "--node-id", NULL);
    return noc_check_node(*node_id, "--node-id", text, e);
}

enum mc_rc life_why(const struct cli *c, const char **why, struct mc_err *e)
{
    const char *text = cli_value(c, "why");

    *why = text != NULL ? text : "";
    if (strlen(*why) > ENTRY_TEXT_MAX || !text_is_plain(*why))
        return mc_fail(e, CA_E_USAGE, "--why", "give at most %d octets of UTF-8 without control characters", ENTRY_TEXT_MAX);
    return MC_OK;
}

enum mc_rc life_authority(const struct cli *c, uint32_t *number, struct mc_err *e)
{
    const char *text = c->n_operands > 1 ? c->operands[1] : NULL;
    unsigned long value = 0;

    *number = 0;
    if (text == NULL)
        return MC_OK;
    if (strlen(text) < 10 && strspn(text, "0123456789") == strlen(text))
        value = strtoul(text, NULL, 10);
    if (value == 0)
        return mc_fail(e, CA_E_USAGE, "AUTHORITY", "give its number, as 'heddle fabric show' tells it");
    *number = (uint32_t)value;
    return MC_OK;
}
