/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/caltime.h"
#include "rotate.h"

#define DAY INT64_C(86400)

struct reader {
    struct plan *p;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool read_authority(void *arg, const struct ledger_authority *a)
{
    struct reader *r = arg;
    struct plan *p = r->p;
    struct mc_cert cert;

    if (p->n_authority == PLAN_AUTHORITIES_MAX) /* the oldest are long retired; the newest count */
        memmove(p->authority, p->authority + 1, --p->n_authority * sizeof(p->authority[0]));
    r->rc = mc_cert_parse_der(mc_span_of(a->cert_der, a->cert_n), MC_RULES_MATTER, &cert, r->e);
    if (r->rc != MC_OK)
        return false;
    p->authority[p->n_authority++] = (struct plan_authority){
        .number = a->number,
        .issuer = a->issuer,
        .kind = a->kind,
        .state = a->state,
        .not_before_unix = cert.not_before_unix,
        .not_after_unix = cert.not_after_unix,
        .first_end_unix = MC_TIME_NO_EXPIRY,
    };
    return true;
}

/* Its place in the list, or n_authority. */
static unsigned place_of(const struct plan *p, uint32_t number)
{
    unsigned i = 0;

    while (i < p->n_authority && p->authority[i].number != number)
        i++;
    return i;
}

static const struct plan_authority *find(const struct plan *p, uint32_t number)
{
    unsigned i = place_of(p, number);

    return i < p->n_authority ? &p->authority[i] : NULL;
}

int64_t plan_chain_end(const struct plan *p, const struct ledger_node *n)
{
    const struct plan_authority *a = find(p, n->authority);

    if (a == NULL || a->kind != MC_KIND_ICAC || a->not_after_unix > n->not_after_unix)
        return n->not_after_unix;
    return a->not_after_unix;
}

static void count_year(struct plan *p, int64_t end)
{
    struct mc_calendar c;

    if (end == MC_TIME_NO_EXPIRY) {
        p->never++;
        return;
    }
    mc_calendar_from_unix(end, &c);
    if (c.year >= PLAN_YEAR_FIRST && c.year < PLAN_YEAR_FIRST + PLAN_YEARS)
        p->year[c.year - PLAN_YEAR_FIRST]++;
}

static bool read_node(void *arg, const struct ledger_node *n)
{
    struct plan *p = arg;
    unsigned place = place_of(p, n->authority);
    struct plan_authority *a = place < p->n_authority ? &p->authority[place] : NULL;
    int64_t end = plan_chain_end(p, n);

    if (n->removed) {
        p->removed++;
        return true;
    }
    if (n->nocs == 0) {
        p->unknown++;
        return true;
    }
    if (end < p->now_unix) {
        p->expired++;
        return true;
    }
    p->live++;
    count_year(p, end);
    if (end <= p->until_unix)
        p->ending++;
    if (end < p->first_end_unix)
        p->first_end_unix = end;
    if (a == NULL)
        return true;
    a->live++;
    if (n->not_after_unix > a->not_after_unix)
        a->outlived++;
    if (end < a->first_end_unix)
        a->first_end_unix = end;
    return true;
}

enum mc_rc plan_read(
    struct state *s, const struct ledger_fabric *f, int64_t until_unix, struct plan *p, struct mc_err *e)
{
    struct reader r = {p, e, MC_OK};
    struct profile_file profile;
    struct ledger_fabric after;
    enum mc_rc rc = state_profile(s, MC_KIND_NOC, &profile, e);

    if (rc != MC_OK)
        return rc;
    memset(p, 0, sizeof(*p));
    snprintf(p->name, sizeof(p->name), "%s", f->name);
    if (fabric_successor(s, f, &after, NULL) == MC_OK)
        snprintf(p->successor, sizeof(p->successor), "%s", after.name);
    p->root = f->root;
    p->ica = f->ica;
    p->now_unix = ca_now();
    p->until_unix = until_unix;
    p->noc_days = profile.profile.validity_days;
    p->first_end_unix = MC_TIME_NO_EXPIRY;
    rc = ledger_authorities(s->ledger, f->number, read_authority, &r, e);
    if (rc == MC_OK)
        rc = r.rc;
    return rc == MC_OK ? ledger_nodes(s->ledger, f->number, read_node, p, e) : rc;
}

struct advice {
    const struct plan *p;
    struct plan_finding *list;
    unsigned n;
};

static void advise(struct advice *a, int64_t by, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void advise(struct advice *a, int64_t by, const char *rule, const char *fmt, ...)
{
    struct plan_finding *f = &a->list[a->n];
    va_list ap;

    if (a->n == PLAN_FINDINGS_MAX)
        return;
    f->by_unix = by < a->p->now_unix ? a->p->now_unix : by;
    f->rule = rule;
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, ap);
    va_end(ap);
    a->n++;
}

/* The SDK's example issuer dates everything to 2030-12-30; so do fabrics that came from it. */
static bool is_example_date(int64_t unix_time)
{
    struct mc_calendar c;

    mc_calendar_from_unix(unix_time, &c);
    return c.year == 2030 && c.month == 12 && c.day == 30;
}

static unsigned long long count(uint64_t n)
{
    return (unsigned long long)n;
}

static void advise_root(struct advice *a, const struct plan_authority *r)
{
    if (r->number != a->p->root || r->not_after_unix == MC_TIME_NO_EXPIRY)
        return;
    if (is_example_date(r->not_after_unix))
        advise(a, r->not_after_unix, "plan-2030",
            "the root ends on 2030-12-30, the date of the SDK's example issuer: 'heddle root renew %s', then 'heddle ica rotate "
            "%s' and new NOCs",
            a->p->name, a->p->name);
    else if (r->not_after_unix <= a->p->until_unix)
        advise(a, r->not_after_unix, "plan-root-ends",
            "the root ends; nodes tolerate that as a rule, but ICACs and NOCs cannot be dated beyond it: 'heddle root renew %s'",
            a->p->name);
}

/* An ICA should hand over while a NOC of full length still fits below it. */
static void advise_active(struct advice *a, const struct plan_authority *i)
{
    int64_t hand_over = i->not_after_unix - (int64_t)a->p->noc_days * DAY;
    const struct plan_authority *root = find(a->p, a->p->root);
    bool root_first = root != NULL && root->not_after_unix <= i->not_after_unix; /* a new ICAC would end no later */

    if (i->not_after_unix == MC_TIME_NO_EXPIRY)
        return;
    if (i->not_after_unix < a->p->now_unix)
        advise(a, a->p->now_unix, "plan-ica-ended", "the active ICA %u has ended and can sign nothing: 'heddle ica rotate %s'",
            i->number, a->p->name);
    else if (a->p->noc_days == 0 || hand_over <= a->p->until_unix)
        advise(a, a->p->noc_days == 0 ? a->p->now_unix : hand_over, "plan-ica-short",
            "from then on NOCs are cut to the end of ICA %u: %s%s%s'heddle ica rotate %s'", i->number,
            root_first ? "'heddle root renew " : "", root_first ? a->p->name : "", root_first ? "', then " : "", a->p->name);
}

static void advise_ica(struct advice *a, const struct plan_authority *i)
{
    const struct plan_authority *root = find(a->p, a->p->root);

    if (i->state == AUTHORITY_RETIRED && i->live == 0)
        return;
    if (root != NULL && i->not_after_unix > root->not_after_unix)
        advise(a, root->not_after_unix, "plan-ica-outlives-root", "ICA %u ends after the root: 'heddle root renew %s'", i->number,
            a->p->name);
    if (i->number == a->p->ica)
        advise_active(a, i);
    else if (i->state == AUTHORITY_PREPARED)
        advise(a, MC_TIME_NO_EXPIRY, "plan-ica-prepared", "ICA %u is prepared and signs nothing: 'heddle ica activate %s' or "
            "'heddle ica rollback %s'", i->number, a->p->name, a->p->name);
    else if (i->live != 0)
        advise(a, i->first_end_unix, "plan-campaign", "%llu live NOC%s hang%s from the %s ICA %u: 'heddle campaign %s'",
            count(i->live), i->live == 1 ? "" : "s", i->live == 1 ? "s" : "", mc_authority_state_name(i->state), i->number, a->p->name);
    else if (i->state == AUTHORITY_DRAINING && a->p->unknown == 0) /* or it may not be retired yet */
        advise(a, MC_TIME_NO_EXPIRY, "plan-ica-drained", "no live NOC hangs from ICA %u any more: 'heddle ica retire %s %u'",
            i->number, a->p->name, i->number);
}

static void advise_nodes(struct advice *a)
{
    const struct plan *p = a->p;

    for (unsigned i = 0; i < p->n_authority; i++)
        if (p->authority[i].outlived != 0)
            advise(a, p->authority[i].not_after_unix, "plan-noc-outlives",
                "%llu NOC%s end%s after authority %u, whose end is theirs: renew them below a newer one",
                count(p->authority[i].outlived), p->authority[i].outlived == 1 ? "" : "s",
                p->authority[i].outlived == 1 ? "s" : "", p->authority[i].number);
    if (p->unknown != 0)
        advise(a, p->now_unix, "plan-nodes-unknown",
            "%llu node%s adopted without NOC, and when %s is not known: new CSRs, then 'heddle noc batch %s'", count(p->unknown),
            p->unknown == 1 ? " was" : "s were", p->unknown == 1 ? "its chain ends" : "their chains end", p->name);
    if (p->ending != 0)
        advise(a, p->first_end_unix, "plan-nodes-end",
            "the chain%s of %llu node%s end%s until the date asked for, this one first: new CSRs, then 'heddle noc batch %s'",
            p->ending == 1 ? "" : "s", count(p->ending), p->ending == 1 ? "" : "s", p->ending == 1 ? "s" : "", p->name);
    if (p->expired != 0)
        advise(a, p->now_unix, "plan-nodes-ended",
            "%llu node%s whose chain has ended: nodes that know the time refuse them; renew, or 'heddle node remove %s'",
            count(p->expired), p->expired == 1 ? "" : "s", p->name);
    if (p->successor[0] != '\0' && p->live != 0)
        advise(a, p->first_end_unix, "plan-replaced", "'%s' takes the place of this fabric: 'heddle root replace %s --to %s' tells what "
            "is left", p->successor, p->name, p->successor);
}

static int by_date(const void *left, const void *right)
{
    const struct plan_finding *x = left, *y = right;

    if (x->by_unix != y->by_unix)
        return x->by_unix < y->by_unix ? -1 : 1;
    return strcmp(x->rule, y->rule);
}

unsigned plan_findings(const struct plan *p, struct plan_finding *list)
{
    struct advice a = {p, list, 0};

    for (unsigned i = 0; i < p->n_authority; i++) {
        if (p->authority[i].kind == MC_KIND_RCAC)
            advise_root(&a, &p->authority[i]);
        else
            advise_ica(&a, &p->authority[i]);
    }
    advise_nodes(&a);
    qsort(list, a.n, sizeof(*list), by_date);
    return a.n;
}
