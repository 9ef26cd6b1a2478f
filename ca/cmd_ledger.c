/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <stdlib.h>

const struct cli_option ledger_list_options[] = {
    {"fabric", "NAME", "only entries of this fabric", false, false, 0},
    {"type", "TYPE", "only entries of this type: issued, void, authority, fabric, ...", false, false, 0},
    {"from", "N", "begin with entry N", false, false, 0},
    {"limit", "N", "at most N entries", false, false, 0},
    {0},
};

/* "node 0x...", a fabric's or an authority's name: what the entry is about, in a few words. */
static void subject_of(const struct mc_entry *x, char *out, size_t cap)
{
    if (x->type == ENTRY_ISSUED || x->type == ENTRY_VOID || x->type == ENTRY_REFUSED)
        snprintf(out, cap, "%s%s0x%016llX", mc_kind_name(x->kind), x->has_node_id ? " " : " (no node) ",
            (unsigned long long)x->node_id);
    else if (x->name.n > 0)
        snprintf(out, cap, "%.*s", (int)x->name.n, (const char *)x->name.p);
    else if (x->label.n > 0)
        snprintf(out, cap, "%.*s", (int)x->label.n, (const char *)x->label.p);
    else
        snprintf(out, cap, "%s", x->type == ENTRY_SECRET ? "IPK" : "");
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

/* Every field of an entry, and its canonical bytes, from which a stranger computes the leaf. */
static void print_json_entry(struct json *j, const struct ledger_row *r)
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
    if (x->has_node_id)
        json_id(j, "node_id", x->node_id, 16);
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

struct list {
    const struct cli *c;
    struct table *table;
    uint32_t fabric;
    uint64_t left;
    enum mc_rc rc;
};

static enum mc_rc list_row(struct list *l, const struct ledger_row *r)
{
    char seq[24], time[MC_TIME_TEXT_MAX], serial[2 * MC_SERIAL_MAX + 1] = "", subject[ENTRY_NAME_MAX + 64];
    const struct mc_entry *x = &r->x;

    snprintf(seq, sizeof(seq), "%llu", (unsigned long long)r->seq);
    mc_time_format(x->time_unix, time);
    if (x->serial.n > 0 && x->serial.n <= MC_SERIAL_MAX)
        mc_hex_encode(x->serial.p, x->serial.n, serial);
    subject_of(x, subject, sizeof(subject));
    return table_row(l->table, (const char *const[]){seq, time, mc_entry_type_name(x->type), subject, serial});
}

static bool list_one(void *arg, const struct ledger_row *r)
{
    struct list *l = arg;
    struct json j;

    if (l->fabric != 0 && r->x.fabric != l->fabric)
        return true;
    if (l->left-- == 0)
        return false;
    if (l->c->json) {
        json_init(&j, stdout, true);
        print_json_entry(&j, r);
    } else {
        l->rc = list_row(l, r);
    }
    return l->rc == MC_OK;
}

static enum mc_rc type_of(const struct cli *c, enum entry_type *type, struct mc_err *e)
{
    const char *name = cli_value(c, "type");

    *type = 0;
    if (name == NULL)
        return MC_OK;
    for (unsigned t = ENTRY_GENESIS; t < ENTRY_TYPE_COUNT; t++) {
        if (strcmp(name, mc_entry_type_name(t)) == 0) {
            *type = t;
            return MC_OK;
        }
    }
    return mc_fail(e, CA_E_USAGE, "--type", "'%.40s' is no type of entry", name);
}

static enum mc_rc list_entries(const struct cli *c, struct state *s, struct list *l, struct mc_err *e)
{
    struct ledger_fabric f;
    enum entry_type type;
    uint64_t from = 0;
    enum mc_rc rc = type_of(c, &type, e);

    if (rc == MC_OK)
        rc = cli_number(c, "from", 16, 0, &from, e);
    if (rc == MC_OK)
        rc = cli_number(c, "limit", 16, UINT64_MAX, &l->left, e);
    if (rc == MC_OK && cli_value(c, "fabric") != NULL) {
        rc = ledger_fabric_by_name(s->ledger, cli_value(c, "fabric"), &f, e);
        l->fabric = f.number;
    }
    if (rc == MC_OK)
        rc = ledger_scan(s->ledger, from, type, list_one, l, e);
    return rc == MC_OK ? l->rc : rc;
}

enum mc_rc cmd_ledger_list(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {">ENTRY", "TIME", "TYPE", "SUBJECT", "SERIAL", NULL};
    struct list l = {.c = c};
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    l.table = table_new(headers);
    rc = l.table == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : list_entries(c, &s, &l, e);
    if (rc == MC_OK && !c->json)
        table_print(l.table, stdout);
    table_free(l.table);
    state_close(&s);
    return rc;
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
    char text[ENTRY_TEXT_MAX + 1];
    size_t n = s.n < ENTRY_TEXT_MAX ? s.n : ENTRY_TEXT_MAX;

    for (size_t i = 0; i < n; i++)
        text[i] = s.p[i] >= 0x20 && s.p[i] != 0x7F ? (char)s.p[i] : '?';
    text[n] = '\0';
    print_line(name, text);
}

static void print_entry(const struct ledger_row *r)
{
    const struct mc_entry *x = &r->x;
    char time[MC_TIME_TEXT_MAX], subject[ENTRY_NAME_MAX + 64];

    mc_time_format(x->time_unix, time);
    subject_of(x, subject, sizeof(subject));
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
    print_text("rule", x->rule);
    print_text("why", x->why);
    print_hex("CSR", x->csr_sha256);
    print_hex("TBS", x->tbs_sha256);
    print_hex("profile", x->profile_sha256);
    print_hex("certificate", x->cert_tlv);
}

static bool is_entry_number(const char *text)
{
    return strlen(text) < 16 && strspn(text, "0123456789") == strlen(text);
}

/* A serial in hex, colons allowed; or, for entries that have none, the number of the entry. */
static enum mc_rc find(struct state *s, const char *text, struct ledger_row *r, struct mc_err *e)
{
    char hex[2 * MC_SERIAL_MAX + 2];
    uint8_t serial[MC_SERIAL_MAX];
    size_t n = 0;

    if (is_entry_number(text))
        return ledger_get(s->ledger, strtoull(text, NULL, 10), r, e);
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    for (; *text != '\0' && n < sizeof(hex) - 1; text++)
        if (*text != ':')
            hex[n++] = *text;
    if (*text != '\0' || n % 2 != 0 || n > 2 * MC_SERIAL_MAX || !mc_hex_decode(hex, n / 2, serial))
        return mc_fail(e, CA_E_USAGE, NULL, "give a serial number in hex, or the number of an entry");
    return ledger_find_serial(s->ledger, mc_span_of(serial, n / 2), r, e);
}

enum mc_rc cmd_ledger_show(struct cli *c, struct mc_err *e)
{
    struct ledger_row *r = malloc(sizeof(*r));
    struct state s;
    struct json j;
    enum mc_rc rc = r == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK) {
        free(r);
        return rc;
    }
    rc = find(&s, c->operands[0], r, e);
    if (rc == CA_E_NOT_FOUND)
        rc = mc_fail(e, rc, NULL, "'%.60s'", c->operands[0]);
    if (rc == MC_OK && c->json) {
        json_init(&j, stdout, false);
        print_json_entry(&j, r);
    } else if (rc == MC_OK) {
        print_entry(r);
    }
    state_close(&s);
    free(r);
    return rc;
}

enum mc_rc cmd_ledger_verify(struct cli *c, struct mc_err *e)
{
    struct ledger_head h;
    struct state s;
    struct json j;
    char root[2 * LEDGER_HASH_LEN + 1];
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_verify(s.ledger, 0, NULL, NULL, e);
    if (rc == MC_OK)
        rc = ledger_head(s.ledger, &h, e);
    if (rc == MC_OK) {
        mc_hex_encode(h.root, sizeof(h.root), root);
        if (c->json) {
            json_init(&j, stdout, false);
            json_object(&j, NULL);
            json_string(&j, "schema", "heddle.verify/1");
            json_number(&j, "entries", (int64_t)h.size);
            json_string(&j, "root", root);
            json_end_object(&j);
        } else {
            printf("%llu entries, root %s\n", (unsigned long long)h.size, root);
        }
    }
    state_close(&s);
    return rc;
}
