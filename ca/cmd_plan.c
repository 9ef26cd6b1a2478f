/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_life.h"
#include "lib/caltime.h"
#include "plan.h"

#include <stdlib.h>

const struct cli_option plan_options[] = {
    {"until", "TIME", "tell of what ends until then; default: in two years", false, false, 0},
    {0},
};

#define DEFAULT_SPAN (INT64_C(731) * 86400)
#define BAR          40 /* columns of the longest bar */

struct job {
    const struct cli *c;
    struct state *s;
    struct json *j;
    struct plan plan;
    struct plan_finding finding[PLAN_FINDINGS_MAX];
    int64_t until;
    uint64_t rows;
    struct mc_err *e;
    enum mc_rc rc;
};

static void json_time(struct json *j, const char *key, int64_t unix_time)
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(unix_time, text);
    json_string(j, key, text);
}

static void print_heading(const struct job *b, unsigned findings)
{
    const struct plan *p = &b->plan;

    printf("fabric %s: %llu live nodes, %llu ended, %llu removed", p->name, (unsigned long long)p->live,
        (unsigned long long)p->expired, (unsigned long long)p->removed);
    if (p->unknown != 0)
        printf(", %llu without a NOC on record", (unsigned long long)p->unknown);
    printf("\n%s", findings == 0 ? "nothing to do\n" : "what to do, and by when:\n");
}

static void print_findings(struct job *b)
{
    unsigned n = plan_findings(&b->plan, b->finding);
    char date[LIFE_DATE_MAX];

    if (b->j != NULL)
        json_array(b->j, "findings");
    else
        print_heading(b, n);
    for (unsigned i = 0; i < n; i++) {
        const struct plan_finding *f = &b->finding[i];

        if (b->j == NULL) {
            life_date(f->by_unix, date);
            printf("  %-10s  %s [%s]\n", f->by_unix == MC_TIME_NO_EXPIRY ? "any time" : date, f->text, f->rule);
            continue;
        }
        json_object(b->j, NULL);
        json_time(b->j, "by", f->by_unix);
        json_string(b->j, "rule", f->rule);
        json_string(b->j, "text", f->text);
        json_end_object(b->j);
    }
    if (b->j != NULL)
        json_end_array(b->j);
}

static void authority_json(struct json *j, const struct plan_authority *a)
{
    json_object(j, NULL);
    json_number(j, "authority", a->number);
    json_string(j, "kind", mc_kind_name((enum mc_kind)a->kind));
    json_string(j, "state", mc_authority_state_name(a->state));
    json_time(j, "not_after", a->not_after_unix);
    json_number(j, "live_nocs", (int64_t)a->live);
    if (a->live != 0)
        json_time(j, "first_end", a->first_end_unix);
    json_end_object(j);
}

static enum mc_rc print_authorities(struct job *b)
{
    static const char *const headers[] = {">AUTHORITY", "KIND", "STATE", "ENDS", ">LIVE NOCS", "FIRST ENDS", NULL};
    struct table *t = b->j == NULL ? table_new(headers) : NULL;
    enum mc_rc rc = b->j == NULL && t == NULL ? mc_fail(b->e, MC_E_MEMORY, NULL, NULL) : MC_OK;

    if (b->j != NULL)
        json_array(b->j, "authorities");
    for (unsigned i = 0; i < b->plan.n_authority && rc == MC_OK; i++) {
        const struct plan_authority *a = &b->plan.authority[i];
        char number[16], live[24], until[LIFE_DATE_MAX], first[LIFE_DATE_MAX];

        if (b->j != NULL) {
            authority_json(b->j, a);
            continue;
        }
        snprintf(number, sizeof(number), "%u", a->number);
        snprintf(live, sizeof(live), "%llu", (unsigned long long)a->live);
        life_date(a->not_after_unix, until);
        life_date(a->first_end_unix, first);
        rc = table_row(t, (const char *const[]){number, mc_kind_name((enum mc_kind)a->kind), mc_authority_state_name(a->state),
                              until, live, a->live == 0 ? "" : first});
    }
    if (b->j != NULL) {
        json_end_array(b->j);
    } else if (rc == MC_OK) {
        printf("\n");
        table_print(t, stdout);
    }
    table_free(t);
    return rc;
}

/* The authorities that end in a year: "root 1, ICA 2". */
static void ends_in(const struct plan *p, int year, char *out, size_t cap)
{
    struct mc_calendar c;
    size_t n = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < p->n_authority; i++) {
        const struct plan_authority *a = &p->authority[i];

        mc_calendar_from_unix(a->not_after_unix, &c);
        if (a->state == AUTHORITY_RETIRED || (a->kind == MC_KIND_RCAC && a->number != p->root))
            continue;
        if (c.year == year && n + 24 < cap)
            n += (size_t)snprintf(out + n, cap - n, "%s%s %u", n == 0 ? "  " : ", ", a->kind == MC_KIND_RCAC ? "root" : "ICA", a->number);
    }
}

static void print_bar(const char *label, uint64_t n, uint64_t most, const char *ends)
{
    char bar[BAR + 1];
    size_t len = n == 0 ? 0 : (size_t)((n * BAR + most - 1) / most);

    memset(bar, '#', len);
    bar[len] = '\0';
    printf("  %-5s  %s", label, bar);
    if (n != 0)
        printf(" %llu", (unsigned long long)n);
    printf("%s\n", ends);
}

static void timeline_json(struct job *b)
{
    json_array(b->j, "years");
    for (int i = 0; i < PLAN_YEARS; i++) {
        if (b->plan.year[i] == 0)
            continue;
        json_object(b->j, NULL);
        json_number(b->j, "year", PLAN_YEAR_FIRST + i);
        json_number(b->j, "nocs", (int64_t)b->plan.year[i]);
        json_end_object(b->j);
    }
    json_end_array(b->j);
    json_number(b->j, "never", (int64_t)b->plan.never);
}

/* A line for each year in which something ends. */
static void print_timeline(struct job *b)
{
    uint64_t most = b->plan.never;
    char label[16], ends[160];

    if (b->j != NULL) {
        timeline_json(b);
        return;
    }
    for (int i = 0; i < PLAN_YEARS; i++)
        most = b->plan.year[i] > most ? b->plan.year[i] : most;
    printf("\nlive NOCs whose chain ends in\n");
    for (int i = 0; i < PLAN_YEARS; i++) {
        ends_in(&b->plan, PLAN_YEAR_FIRST + i, ends, sizeof(ends));
        snprintf(label, sizeof(label), "%d", PLAN_YEAR_FIRST + i);
        if (b->plan.year[i] != 0 || ends[0] != '\0')
            print_bar(label, b->plan.year[i], most, ends);
    }
    ends_in(&b->plan, 9999, ends, sizeof(ends));
    if (b->plan.never != 0 || ends[0] != '\0')
        print_bar("never", b->plan.never, most, ends);
}

static bool print_node(void *arg, const struct ledger_node *n)
{
    struct job *b = arg;
    int64_t end = plan_chain_end(&b->plan, n);
    char date[LIFE_DATE_MAX], by[LIFE_NUMBER_MAX];

    if (n->removed || end > b->until)
        return true;
    if (b->j != NULL) {
        json_object(b->j, NULL);
        json_id(b->j, "node_id", n->node_id, 16);
        if (n->nocs != 0) {
            json_time(b->j, "ends", end);
            json_number(b->j, "authority", n->authority);
        }
        json_bool(b->j, "ended", n->nocs != 0 && end < b->plan.now_unix);
        json_end_object(b->j);
        return true;
    }
    if (n->nocs != 0)
        life_date(end, date);
    else
        life_node_date(n, date);
    if (b->rows++ == 0)
        printf("\n%-18s  %-10s  %9s\n", "NODE", "ENDS", "AUTHORITY");
    life_node_authority(n, by);
    printf("0x%016llX  %-10s  %9s\n", (unsigned long long)n->node_id, date, by);
    return true;
}

static enum mc_rc print_plan(struct job *b, const struct ledger_fabric *f)
{
    enum mc_rc rc = plan_read(b->s, f, b->until, &b->plan, b->e);

    if (rc != MC_OK)
        return rc;
    if (b->j != NULL) {
        json_object(b->j, NULL);
        json_string(b->j, "fabric", f->name);
        json_number(b->j, "live", (int64_t)b->plan.live);
        json_number(b->j, "ended", (int64_t)b->plan.expired);
        json_number(b->j, "removed", (int64_t)b->plan.removed);
        json_number(b->j, "unknown", (int64_t)b->plan.unknown);
    }
    print_findings(b);
    rc = print_authorities(b);
    if (rc != MC_OK)
        return rc;
    print_timeline(b);
    if (b->j != NULL)
        json_array(b->j, "nodes");
    b->rows = 0;
    rc = ledger_nodes(b->s->ledger, f->number, print_node, b, b->e);
    if (b->j != NULL) {
        json_end_array(b->j);
        json_end_object(b->j);
    }
    return rc;
}

/* Fabrics are remembered first: each is planned outside of the transaction that lists them. */
struct names {
    uint32_t n, cap;
    struct ledger_fabric *list;
    bool no_memory;
};

static bool keep_fabric(void *arg, const struct ledger_fabric *f)
{
    struct names *k = arg;
    struct ledger_fabric *more;

    if (k->n == k->cap) {
        more = realloc(k->list, (k->cap == 0 ? 8 : 2 * k->cap) * sizeof(*more));
        k->no_memory = more == NULL;
        if (more == NULL)
            return false;
        k->list = more;
        k->cap = k->cap == 0 ? 8 : 2 * k->cap;
    }
    k->list[k->n++] = *f;
    return true;
}

static enum mc_rc print_all(struct job *b)
{
    struct names k = {0};
    struct ledger_fabric f;
    enum mc_rc rc;

    if (b->c->n_operands > 0) {
        rc = cmd_fabric(b->c, b->s, &f, b->e);
        return rc == MC_OK ? print_plan(b, &f) : rc;
    }
    rc = ledger_fabrics(b->s->ledger, keep_fabric, &k, b->e);
    if (rc == MC_OK && k.no_memory)
        rc = mc_fail(b->e, MC_E_MEMORY, NULL, NULL);
    for (uint32_t i = 0; i < k.n && rc == MC_OK; i++) {
        if (i != 0 && b->j == NULL)
            printf("\n");
        rc = print_plan(b, &k.list[i]);
    }
    free(k.list);
    return rc;
}

static enum mc_rc plan(struct cli *c, struct state *s, int64_t until, struct mc_err *e)
{
    struct json j = {0};
    struct job *b = malloc(sizeof(*b));
    enum mc_rc rc;

    if (b == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    *b = (struct job){.c = c, .s = s, .j = c->json ? &j : NULL, .until = until, .e = e};
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.plan/1");
        json_time(&j, "now", ca_now());
        json_time(&j, "until", until);
        json_array(&j, "fabrics");
    }
    rc = print_all(b);
    if (rc == MC_OK && c->json) {
        json_end_array(&j);
        json_end_object(&j);
    }
    free(b);
    return rc;
}

enum mc_rc cmd_plan(struct cli *c, struct mc_err *e)
{
    int64_t until = ca_now() + DEFAULT_SPAN;
    struct state s;
    enum mc_rc rc = MC_OK;

    if (cli_value(c, "until") != NULL && mc_time_parse_text(cli_value(c, "until"), &until, e) != MC_OK)
        return mc_fail(e, CA_E_USAGE, "--until", "give a time like 2031-01-01 or 2031-01-01T00:00:00Z, in UTC");
    rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = plan(c, &s, until, e);
    state_close(&s);
    return rc;
}
