/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the ledger, for people and for programs. */
#include "cmd_ledger.h"

#include <stdlib.h>

#include "lib/cli/text.h"

static void decision_subject(const struct mc_entry *x, char *out, size_t cap)
{
    int n = (int)x->rule.n;

    if (x->has_node_id)
        snprintf(out, cap, "%.*s 0x%016llX", n, (const char *)x->rule.p, (unsigned long long)x->node_id);
    else if (x->cat != 0)
        snprintf(out, cap, "%.*s 0x%08X", n, (const char *)x->rule.p, x->cat);
    else
        snprintf(out, cap, "%.*s %.*s", n, (const char *)x->rule.p, (int)x->name.n, (const char *)x->name.p);
}

/* "crl 12 of authority 3 for 2, given out" */
static void document_subject(const struct mc_entry *x, char *out, size_t cap)
{
    char signer[32] = "the audit key", about[24] = "";

    if (x->authority != 0)
        snprintf(signer, sizeof(signer), "authority %u", x->authority);
    if (x->issuer != 0)
        snprintf(about, sizeof(about), " for %u", x->issuer);
    snprintf(out, cap, "%s %llu of %s%s%s", mc_document_name(x->document), (unsigned long long)x->number, signer,
        about, x->has_state ? ", given out" : "");
}

static void secret_subject(const struct mc_entry *x, char *out, size_t cap)
{
    out[0] = '\0';
    if (x->type == ENTRY_SECRET && x->batch != 0)
        snprintf(out, cap, "seed of batch %llu", (unsigned long long)x->batch);
    else if (x->type == ENTRY_SECRET)
        snprintf(out, cap, "IPK");
}

/* "noc 0x0000000000000012: key-taken" */
static void request_subject(const struct mc_entry *x, char *out, size_t cap)
{
    char node[24] = "";

    if (x->has_node_id)
        snprintf(node, sizeof(node), " 0x%016llX", (unsigned long long)x->node_id);
    snprintf(out, cap, "%s%s%s%.*s", mc_kind_name(x->kind), node, x->rule.n != 0 ? ": " : "", (int)x->rule.n,
        (const char *)x->rule.p);
}

void cmd_entry_subject(const struct mc_entry *x, char *out, size_t cap)
{
    if (x->type == ENTRY_DECISION)
        decision_subject(x, out, cap);
    else if (x->type == ENTRY_STATE)
        snprintf(out, cap, "authority %u %s", x->authority, mc_authority_state_name(x->state));
    else if (x->type == ENTRY_REVOKED)
        snprintf(out, cap, "%s of authority %u", mc_kind_name(x->kind), x->authority);
    else if (x->type == ENTRY_DOCUMENT)
        document_subject(x, out, cap);
    else if (mc_kind_is_attestation(x->kind) && x->request_id.n > 0)
        snprintf(out, cap, "%s %.*s", mc_kind_name(x->kind), (int)x->request_id.n, (const char *)x->request_id.p);
    else if (x->type == ENTRY_ADOPTED)
        snprintf(out, cap, "%s 0x%016llX", x->kind != 0 ? mc_kind_name(x->kind) : "node", (unsigned long long)x->node_id);
    else if (x->type == ENTRY_ISSUED || x->type == ENTRY_VOID || x->type == ENTRY_REFUSED)
        request_subject(x, out, cap);
    else if (x->name.n > 0)
        snprintf(out, cap, "%.*s", (int)x->name.n, (const char *)x->name.p);
    else if (x->label.n > 0)
        snprintf(out, cap, "%.*s", (int)x->label.n, (const char *)x->label.p);
    else
        secret_subject(x, out, cap);
}

static void json_span(struct json *j, const char *key, struct mc_span s)
{
    if (s.n > 0)
        json_text(j, key, s);
}

static void json_octets(struct json *j, const char *key, struct mc_span s)
{
    if (s.n > 0)
        json_hex(j, key, s);
}

static void json_count(struct json *j, const char *key, uint32_t n)
{
    if (n > 0)
        json_number(j, key, n);
}

void cmd_entry_json(struct json *j, const struct ledger_row *r)
{
    const struct mc_entry *x = &r->x;
    char time[MC_TIME_TEXT_MAX];

    mc_time_format(x->time_unix, time);
    json_object(j, NULL);
    json_string(j, "schema", "heddle.entry/1");
    json_number(j, "leaf", (int64_t)r->seq);
    json_string(j, "type", mc_entry_type_name(x->type));
    json_string(j, "time", time);
    json_count(j, "fabric", x->fabric);
    json_count(j, "authority", x->authority);
    json_count(j, "issuer", x->issuer);
    json_count(j, "root", x->root);
    json_count(j, "ica", x->ica);
    if (x->kind != MC_KIND_UNKNOWN)
        json_string(j, "kind", mc_kind_name(x->kind));
    json_octets(j, "serial", x->serial);
    json_span(j, "request_id", x->request_id);
    if (x->batch != 0)
        json_number(j, "batch", (int64_t)x->batch);
    if (x->has_node_id)
        json_id(j, "node_id", x->node_id, 16);
    if (x->cat != 0)
        json_id(j, "cat", x->cat, 8);
    if (x->document != 0)
        json_string(j, "document", mc_document_name(x->document));
    if (x->number != 0)
        json_number(j, "number", (int64_t)x->number);
    if (x->until_unix != 0) {
        mc_time_format((int64_t)x->until_unix, time);
        json_string(j, "until", time);
    }
    json_span(j, "name", x->name);
    if (x->has_fabric_id)
        json_id(j, "fabric_id", x->fabric_id, 16);
    json_span(j, "label", x->label);
    json_octets(j, "key_id", x->key_id);
    json_octets(j, "point", x->point);
    json_span(j, "rule", x->rule);
    json_span(j, "why", x->why);
    if (x->has_state)
        json_string(j, "state", mc_authority_state_name(x->state));
    json_octets(j, "csr_sha256", x->csr_sha256);
    json_octets(j, "tbs_sha256", x->tbs_sha256);
    json_octets(j, "profile_sha256", x->profile_sha256);
    json_octets(j, "content_sha256", x->content_sha256);
    json_octets(j, "certificate_tlv", x->cert_tlv);
    json_octets(j, "certificate_der", x->cert_der);
    json_hex(j, "entry", mc_span_of(r->body, r->n));
    json_end_object(j);
}

static void print_line(const char *name, const char *value)
{
    if (value[0] != '\0')
        printf("  %-12s%s\n", name, value);
}

static void print_hex(const char *name, struct mc_span s)
{
    if (s.n == 0)
        return;
    printf("  %-12s", name);
    for (size_t i = 0; i < s.n; i++)
        printf("%02x", s.p[i]);
    printf("\n");
}

static void print_text(const char *name, struct mc_span s)
{
    if (s.n == 0)
        return;
    printf("  %-12s", name);
    text_put(stdout, s);
    printf("\n");
}

/* What people ask about a certificate, before its octets. */
static void print_cert(const struct mc_entry *x)
{
    struct mc_cert cert;
    char text[1024];
    enum mc_rc rc = x->cert_tlv.n != 0 ? mc_cert_parse_tlv(x->cert_tlv, &cert, NULL)
                                       : mc_cert_parse_der(x->cert_der, MC_RULES_X509, &cert, NULL);

    if (x->cert_tlv.n + x->cert_der.n == 0 || rc != MC_OK)
        return;
    mc_dn_format(&cert.subject, text, sizeof(text));
    print_line("name", text);
    mc_time_format(cert.not_before_unix, text);
    print_line("valid from", text);
    mc_time_format(cert.not_after_unix, text);
    print_line("expires", cert.not_after_unix != MC_TIME_NO_EXPIRY ? text : "never");
    if (cert.has_skid)
        print_hex("key id", cert.skid);
    print_hex("certificate", x->cert_tlv.n != 0 ? x->cert_tlv : x->cert_der);
}

void cmd_entry_print(const struct ledger_row *r)
{
    const struct mc_entry *x = &r->x;
    char time[MC_TIME_TEXT_MAX], subject[ENTRY_NAME_MAX + 64];

    mc_time_format(x->time_unix, time);
    cmd_entry_subject(x, subject, sizeof(subject));
    printf("entry         %llu\n", (unsigned long long)r->seq);
    print_line("type", mc_entry_type_name(x->type));
    print_line("time", time);
    print_line("subject", subject);
    if (x->fabric != 0)
        printf("  fabric      %u\n", x->fabric);
    if (x->authority != 0)
        printf("  authority   %u\n", x->authority);
    print_hex("serial", x->serial);
    print_text("request", x->request_id);
    if (x->batch != 0)
        printf("  batch       %llu\n", (unsigned long long)x->batch);
    if (x->until_unix != 0) {
        mc_time_format((int64_t)x->until_unix, time);
        print_line("until", time);
    }
    print_text("rule", x->rule);
    print_text("why", x->why);
    print_hex("CSR", x->csr_sha256);
    print_hex("TBS", x->tbs_sha256);
    print_hex("profile", x->profile_sha256);
    print_cert(x);
}

static bool is_entry_number(const char *text)
{
    return strlen(text) < 16 && strspn(text, "0123456789") == strlen(text);
}

enum mc_rc cmd_serial(const char *text, uint8_t serial[MC_SERIAL_MAX], size_t *n, struct mc_err *e)
{
    char hex[2 * MC_SERIAL_MAX + 2];
    size_t len = 0;

    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    for (; *text != '\0' && len < sizeof(hex) - 1; text++)
        if (*text != ':')
            hex[len++] = *text;
    if (*text != '\0' || len == 0 || len % 2 != 0 || len > 2 * MC_SERIAL_MAX || !mc_hex_decode(hex, len / 2, serial))
        return mc_fail(e, CA_E_USAGE, NULL, "give a serial number in hex, or the number of an entry");
    *n = len / 2;
    return MC_OK;
}

enum mc_rc cmd_entry_find(struct state *s, const char *text, struct ledger_row *r, struct mc_err *e)
{
    uint8_t serial[MC_SERIAL_MAX];
    size_t n = 0;
    enum mc_rc rc;

    if (is_entry_number(text)) {
        rc = ledger_get(s->ledger, strtoull(text, NULL, 10), r, e);
    } else {
        rc = cmd_serial(text, serial, &n, e);
        if (rc == MC_OK)
            rc = ledger_find_serial(s->ledger, mc_span_of(serial, n), r, e);
    }
    return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, NULL, "'%.60s'", text) : rc;
}

#define PAGE 4096 /* rows that are collected before they are printed: memory stays flat */

static const char *const headers[] = {">ENTRY", "TIME", "TYPE", "SUBJECT", "SERIAL", NULL};

enum mc_rc cmd_listing_init(struct cmd_listing *l, const struct cli *c, uint64_t limit, struct mc_err *e)
{
    *l = (struct cmd_listing){.json = c->json, .left = limit};
    if (!l->json && (l->table = table_new(headers)) == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return MC_OK;
}

static enum mc_rc add_row(struct cmd_listing *l, const struct ledger_row *r)
{
    char seq[24], time[MC_TIME_TEXT_MAX], serial[2 * MC_SERIAL_MAX + 1] = "", subject[ENTRY_NAME_MAX + 64];
    const struct mc_entry *x = &r->x;

    snprintf(seq, sizeof(seq), "%llu", (unsigned long long)r->seq);
    mc_time_format(x->time_unix, time);
    if (x->serial.n > 0)
        mc_hex_encode(x->serial.p, x->serial.n, serial);
    cmd_entry_subject(x, subject, sizeof(subject));
    return table_row(l->table, (const char *const[]){seq, time, mc_entry_type_name(x->type), subject, serial});
}

bool cmd_listing_add(void *listing, const struct ledger_row *r)
{
    struct cmd_listing *l = listing;
    struct json j;

    if (l->left == 0)
        return false;
    l->left--;
    if (l->json) {
        json_init(&j, stdout, true);
        cmd_entry_json(&j, r);
    } else {
        l->rc = add_row(l, r);
        if (++l->rows % PAGE == 0)
            table_print(l->table, stdout);
    }
    return l->rc == MC_OK && l->left != 0;
}

enum mc_rc cmd_listing_end(struct cmd_listing *l, enum mc_rc rc, struct mc_err *e)
{
    if (rc == MC_OK && l->rc != MC_OK)
        rc = mc_fail(e, l->rc, NULL, NULL);
    if (rc == MC_OK && !l->json)
        table_print(l->table, stdout);
    table_free(l->table);
    return rc;
}
