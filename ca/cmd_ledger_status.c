/* SPDX-License-Identifier: Apache-2.0 */
/* ledger status: what was issued and what expires when, from counts that are kept with the entries. */
#include "cmd_ledger.h"

#include <stdlib.h>

const struct cli_option ledger_status_options[] = {
    {"fabric", "NAME", "only this fabric", false, false, 0},
    {0},
};

#define BAR_MAX     40
#define MONTHS      12 /* shown one by one, the present one first; then years */
#define MONTH_NEVER (12 * 9999 + 11)

/* The rows of tally, and what they are read with. */
struct status {
    struct ledger_tally *row;
    size_t n, cap;
    uint32_t fabric; /* 0: all */
    uint32_t now;    /* this month */
    bool out_of_memory;
};

static bool keep(void *arg, const struct ledger_tally *t)
{
    struct status *s = arg;

    if (s->fabric != 0 && t->fabric != s->fabric)
        return true;
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
        struct ledger_tally *more = realloc(s->row, cap * sizeof(*more));

        s->out_of_memory = more == NULL;
        if (more == NULL)
            return false;
        s->row = more;
        s->cap = cap;
    }
    s->row[s->n++] = *t;
    return true;
}

/* The rows of one fabric and authority, and what they come to. */
struct group {
    const struct ledger_tally *row;
    size_t n;
    uint64_t count[ENTRY_TYPE_COUNT];
    int64_t last_issued_unix;
};

static bool next_group(const struct status *s, size_t *at, struct group *g)
{
    *g = (struct group){.row = s->row + *at};
    if (*at == s->n)
        return false;
    for (; *at < s->n; ++*at, g->n++) {
        const struct ledger_tally *t = &s->row[*at];

        if (t->fabric != g->row->fabric || t->authority != g->row->authority)
            break;
        if (t->type < ENTRY_TYPE_COUNT)
            g->count[t->type] += t->n;
        if (t->type == ENTRY_ISSUED && t->last_time_unix > g->last_issued_unix)
            g->last_issued_unix = t->last_time_unix;
    }
    return true;
}

/* What a month is shown under: "expired", "2026-11", "2028", "never". */
static void bucket_of(uint32_t month, uint32_t now, char out[16])
{
    if (month == MONTH_NEVER)
        snprintf(out, 16, "never");
    else if (month < now)
        snprintf(out, 16, "expired");
    else if (month < now + MONTHS)
        snprintf(out, 16, "%04u-%02u", month / 12, month % 12 + 1);
    else
        snprintf(out, 16, "%04u", month / 12);
}

/* Calls each() for each bucket of a group that holds certificates, in order of time. */
static void each_bucket(const struct group *g, uint32_t now,
    void (*each)(void *arg, const char *name, uint64_t n), void *arg)
{
    char name[16] = "", other[16];
    uint64_t n = 0;

    for (size_t i = 0; i < g->n; i++) {
        if (g->row[i].type != ENTRY_ISSUED)
            continue;
        bucket_of(g->row[i].month, now, other);
        if (strcmp(name, other) != 0 && n != 0)
            each(arg, name, n);
        if (strcmp(name, other) != 0)
            n = 0;
        memcpy(name, other, sizeof(name));
        n += g->row[i].n;
    }
    if (n != 0)
        each(arg, name, n);
}

static void find_most(void *arg, const char *name, uint64_t n)
{
    uint64_t *most = arg;

    (void)name;
    if (n > *most)
        *most = n;
}

static void print_bar(void *arg, const char *name, uint64_t n)
{
    const uint64_t *most = arg;
    int length = (int)((double)n / (double)*most * BAR_MAX + 0.5);

    printf("  %-8s %10llu  ", name, (unsigned long long)n);
    for (int i = 0; i < (length > 0 ? length : 1); i++)
        putchar('#');
    putchar('\n');
}

static void json_bucket(void *arg, const char *name, uint64_t n)
{
    struct json *j = arg;

    json_object(j, NULL);
    json_string(j, "when", name);
    json_number(j, "certificates", (int64_t)n);
    json_end_object(j);
}

/* Names of fabrics by number; few, so each is looked for. */
struct naming {
    uint32_t number;
    char name[ENTRY_NAME_MAX + 1];
};

static bool take_name(void *arg, const struct ledger_fabric *f)
{
    struct naming *n = arg;

    if (f->number == n->number)
        memcpy(n->name, f->name, sizeof(n->name));
    return f->number != n->number;
}

/* "home", and "icac 2" or "none". */
static enum mc_rc name_group(
    struct state *s, const struct group *g, struct naming *fabric, char authority[32], struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc;

    *fabric = (struct naming){g->row->fabric, "(none)"};
    rc = ledger_fabrics(s->ledger, take_name, fabric, e);
    snprintf(authority, 32, "none");
    if (rc != MC_OK || g->row->authority == 0)
        return rc;
    rc = ledger_authority(s->ledger, g->row->authority, &a, e);
    if (rc == MC_OK)
        snprintf(authority, 32, "%s %u", mc_kind_name(a.kind), a.number);
    return rc;
}

static enum mc_rc print_table(struct state *s, const struct status *st, struct mc_err *e)
{
    static const char *const headers[] = {"FABRIC", "AUTHORITY", ">ISSUED", ">VOID", ">REFUSED", ">REVOKED", "LAST ISSUED", NULL};
    struct table *table = table_new(headers);
    struct group g;
    struct naming fabric;
    char authority[32], issued[24], voided[24], refused[24], revoked[24], last[MC_TIME_TEXT_MAX];
    size_t at = 0;
    enum mc_rc rc = table == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;

    while (rc == MC_OK && next_group(st, &at, &g)) {
        rc = name_group(s, &g, &fabric, authority, e);
        if (rc != MC_OK)
            break;
        snprintf(issued, sizeof(issued), "%llu", (unsigned long long)g.count[ENTRY_ISSUED]);
        snprintf(voided, sizeof(voided), "%llu", (unsigned long long)g.count[ENTRY_VOID]);
        snprintf(refused, sizeof(refused), "%llu", (unsigned long long)g.count[ENTRY_REFUSED]);
        snprintf(revoked, sizeof(revoked), "%llu", (unsigned long long)g.count[ENTRY_REVOKED]);
        mc_time_format(g.last_issued_unix, last);
        rc = table_row(table, (const char *const[]){fabric.name, authority, issued, voided, refused, revoked,
                                  g.count[ENTRY_ISSUED] != 0 ? last : "never"});
    }
    if (rc == MC_OK)
        table_print(table, stdout);
    table_free(table);
    return rc;
}

static enum mc_rc print_charts(struct state *s, const struct status *st, struct mc_err *e)
{
    struct group g;
    struct naming fabric;
    char authority[32];
    size_t at = 0;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && next_group(st, &at, &g)) {
        uint64_t most = 0;

        each_bucket(&g, st->now, find_most, &most);
        if (most == 0)
            continue;
        rc = name_group(s, &g, &fabric, authority, e);
        if (rc != MC_OK)
            break;
        printf("\n%s, %s: certificates by expiry\n", fabric.name, authority);
        each_bucket(&g, st->now, print_bar, &most);
    }
    return rc;
}

static enum mc_rc print_json(struct state *s, const struct status *st, const struct ledger_head *h, struct mc_err *e)
{
    struct json j;
    struct group g;
    struct naming fabric;
    char authority[32], time[MC_TIME_TEXT_MAX];
    size_t at = 0;
    enum mc_rc rc = MC_OK;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.ledger-status/1");
    json_number(&j, "entries", (int64_t)h->size);
    json_number(&j, "checkpoint", (int64_t)s->checkpoint.size);
    mc_time_format(h->last_time_unix, time);
    json_string(&j, "last_time", time);
    json_array(&j, "authorities");
    while (rc == MC_OK && next_group(st, &at, &g)) {
        rc = name_group(s, &g, &fabric, authority, e);
        json_object(&j, NULL);
        if (g.row->fabric != 0)
            json_string(&j, "fabric", fabric.name);
        if (g.row->authority != 0)
            json_number(&j, "authority", g.row->authority);
        json_number(&j, "issued", (int64_t)g.count[ENTRY_ISSUED]);
        json_number(&j, "void", (int64_t)g.count[ENTRY_VOID]);
        json_number(&j, "refused", (int64_t)g.count[ENTRY_REFUSED]);
        json_number(&j, "revoked", (int64_t)g.count[ENTRY_REVOKED]);
        mc_time_format(g.last_issued_unix, time);
        if (g.count[ENTRY_ISSUED] != 0)
            json_string(&j, "last_issued", time);
        json_array(&j, "expiring");
        each_bucket(&g, st->now, json_bucket, &j);
        json_end_array(&j);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    return rc;
}

static uint32_t this_month(void)
{
    struct mc_calendar c;

    mc_calendar_from_unix(ca_now(), &c);
    return (uint32_t)(12 * c.year + c.month - 1);
}

static enum mc_rc print_status(const struct cli *c, struct state *s, struct status *st, struct mc_err *e)
{
    struct ledger_head h;
    char time[MC_TIME_TEXT_MAX];
    enum mc_rc rc = ledger_head(s->ledger, &h, e);

    if (rc == MC_OK)
        rc = ledger_tallies(s->ledger, keep, st, e);
    if (rc == MC_OK && st->out_of_memory)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc != MC_OK || c->json)
        return rc == MC_OK ? print_json(s, st, &h, e) : rc;
    mc_time_format(h.last_time_unix, time);
    printf("%llu entries, the last of %s; checkpoint over %llu\n", (unsigned long long)h.size, time,
        (unsigned long long)s->checkpoint.size);
    if (st->n == 0)
        return MC_OK;
    putchar('\n');
    rc = print_table(s, st, e);
    return rc == MC_OK ? print_charts(s, st, e) : rc;
}

enum mc_rc cmd_ledger_status(struct cli *c, struct mc_err *e)
{
    struct status st = {.now = this_month()};
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = cmd_fabric_number(c, &s, &st.fabric, e);
    if (rc == MC_OK)
        rc = print_status(c, &s, &st, e);
    free(st.row);
    state_close(&s);
    return rc;
}
