/* SPDX-License-Identifier: Apache-2.0 */
#include "rotate.h"

#include <stdio.h>

#include "renew.h"

static enum mc_rc finish(struct state *s, enum mc_rc rc, struct mc_err *e)
{
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

static enum mc_rc wrong_state(struct mc_err *e, uint32_t number, enum authority_state state, const char *needs)
{
    return mc_fail(e, CA_E_AUTHORITY_STATE, "authority", "authority %u is %s; %s", number, mc_authority_state_name(state), needs);
}

/* The ICAs of a fabric in one state: how many, and the newest. */
struct in_state {
    enum authority_state state;
    unsigned n;
    struct ledger_authority newest;
};

static bool take_in_state(void *arg, const struct ledger_authority *a)
{
    struct in_state *w = arg;

    if (a->kind == MC_KIND_ICAC && a->state == w->state) {
        w->n++;
        w->newest = *a;
    }
    return true;
}

static enum mc_rc find_in_state(
    struct state *s, uint32_t fabric, enum authority_state state, struct in_state *w, struct mc_err *e)
{
    w->state = state;
    w->n = 0;
    return ledger_authorities(s->ledger, fabric, take_in_state, w, e);
}

/* The ICA of that number; for 0 the only one in this state. */
static enum mc_rc choose(struct state *s, const struct ledger_fabric *f, uint32_t number, enum authority_state state,
    struct ledger_authority *out, struct mc_err *e)
{
    struct in_state w;
    enum mc_rc rc;

    if (number != 0) {
        rc = ledger_authority(s->ledger, number, out, e);
        if (rc == MC_OK && (out->fabric != f->number || out->kind != MC_KIND_ICAC))
            rc = mc_fail(e, CA_E_NOT_FOUND, "authority", "%u is no ICA of fabric '%s'", number, f->name);
        return rc;
    }
    rc = find_in_state(s, f->number, state, &w, e);
    if (rc != MC_OK)
        return rc;
    if (w.n == 0)
        return mc_fail(
            e, CA_E_AUTHORITY_STATE, "ica", "fabric '%s' has no %s ICA", f->name, mc_authority_state_name(state));
    if (w.n > 1)
        return mc_fail(e, CA_E_USAGE, "AUTHORITY", "%u ICAs of fabric '%s' are %s: name one by its number", w.n, f->name,
            mc_authority_state_name(state));
    *out = w.newest;
    return MC_OK;
}

static bool same_key(const struct ledger_authority *a, const struct ledger_authority *b)
{
    return memcmp(a->point, b->point, sizeof(a->point)) == 0;
}

/* The prepared one is what an interrupted rotation left, or an earlier --prepare-only. */
static enum mc_rc take_prepared(struct state *s, const struct ledger_fabric *f, bool same, uint32_t *number, struct mc_err *e)
{
    struct ledger_authority active;
    struct in_state w;
    bool is_same = false;
    enum mc_rc rc = find_in_state(s, f->number, AUTHORITY_PREPARED, &w, e);

    *number = 0;
    if (rc != MC_OK || w.n == 0)
        return rc;
    if (f->ica != 0) {
        rc = ledger_authority(s->ledger, f->ica, &active, e);
        is_same = rc == MC_OK && same_key(&active, &w.newest);
    }
    if (rc == MC_OK && is_same != same)
        return mc_fail(e, CA_E_AUTHORITY_STATE, "ica",
            "authority %u is prepared with %s key: activate it, or undo it with 'heddle ica rollback'", w.newest.number,
            is_same ? "the same" : "a new");
    *number = w.newest.number;
    return rc;
}

/* A name that held the fabric id goes on holding it. */
static enum mc_rc is_pinned(struct state *s, const struct ledger_fabric *f, bool *pinned, struct mc_err *e)
{
    struct ledger_authority a;
    struct issuer i;
    uint64_t id;
    enum mc_rc rc = ledger_authority(s->ledger, fabric_issuer(f), &a, e);

    if (rc == MC_OK)
        rc = issuer_read(&a, &i, e);
    *pinned = rc == MC_OK && mc_dn_find(&i.cert.subject, MC_ATTR_FABRIC_ID, &id);
    return rc;
}

enum mc_rc ica_prepare(
    struct state *s, const struct ledger_fabric *f, bool same, uint32_t *number, bool *made, struct mc_err *e)
{
    struct authority_order o = {.kind = MC_KIND_ICAC, .state = AUTHORITY_PREPARED, .fabric = f};
    struct ledger_authority old;
    struct issuer root, ica;
    enum mc_rc rc;

    if (same && f->ica == 0)
        return mc_fail(e, CA_E_AUTHORITY_STATE, "ica", "fabric '%s' has no ICA whose key could be kept", f->name);
    rc = take_prepared(s, f, same, number, e);
    *made = rc == MC_OK && *number == 0;
    if (rc != MC_OK || !*made)
        return rc;
    rc = issuer_load(s, f->root, &root, e);
    if (rc == MC_OK)
        rc = is_pinned(s, f, &o.pin_fabric_id, e);
    if (rc == MC_OK && same) {
        rc = issuer_load(s, f->ica, &ica, e);
        if (rc == MC_OK)
            rc = ledger_authority(s->ledger, f->ica, &old, e);
        o.renews = &ica;
        o.renewed = &old;
    }
    o.signer = &root;
    return rc == MC_OK ? authority_make(s, &o, number, e) : rc;
}

/* The fabric as it is inside the transaction. */
static enum mc_rc begin(struct state *s, const struct ledger_fabric *f, struct ledger_fabric *now, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    return rc == MC_OK ? ledger_fabric_by_name(s->ledger, f->name, now, e) : rc;
}

static enum mc_rc activate(struct state *s, const struct ledger_fabric *f, const struct ledger_authority *a, struct mc_err *e)
{
    enum authority_state state = AUTHORITY_PREPARED;
    struct ledger_fabric now;
    enum mc_rc rc = begin(s, f, &now, e);

    if (rc == MC_OK)
        rc = ledger_authority_state(s->ledger, a->number, &state, e);
    if (rc == MC_OK && state != AUTHORITY_PREPARED && state != AUTHORITY_DRAINING)
        rc = wrong_state(e, a->number, state, "only a prepared or draining one can be made active");
    if (rc == MC_OK && now.ica != 0)
        rc = authority_set_state(s, now.ica, AUTHORITY_DRAINING, "rotated", "", e);
    if (rc == MC_OK)
        rc = authority_set_state(s, a->number, AUTHORITY_ACTIVE, "rotated", "", e);
    return finish(s, rc, e);
}

enum mc_rc ica_activate(struct state *s, const struct ledger_fabric *f, uint32_t *number, struct mc_err *e)
{
    struct ledger_authority a;
    struct issuer i;
    char until[MC_TIME_TEXT_MAX];
    enum mc_rc rc = choose(s, f, *number, AUTHORITY_PREPARED, &a, e);

    if (rc != MC_OK)
        return rc;
    *number = a.number;
    if (a.state != AUTHORITY_PREPARED && a.state != AUTHORITY_DRAINING)
        return wrong_state(e, a.number, a.state, "only a prepared or draining one can be made active");
    rc = issuer_load(s, a.number, &i, e); /* nothing may depend on a key that is not there */
    if (rc == MC_OK && i.cert.not_after_unix <= ca_now()) {
        mc_time_format(i.cert.not_after_unix, until);
        rc = mc_fail(e, CA_E_LIFETIME, "ica", "it expired at %s", until);
    }
    return rc == MC_OK ? activate(s, f, &a, e) : rc;
}

struct used {
    uint32_t authority;
    bool is;
};

static bool find_intent(void *arg, const struct ledger_intent *i)
{
    struct used *u = arg;

    u->is = u->is || i->authority == u->authority;
    return !u->is;
}

/*
 * Counted outside of the transaction, since that can take seconds; inside of it, what was issued since or is being
 * issued makes the count worthless.
 */
static enum mc_rc check_unused(
    struct state *s, const struct ledger_fabric *before, const struct ledger_fabric *now, uint32_t number, struct mc_err *e)
{
    struct used u = {number, false};
    enum mc_rc rc = ledger_intents(s->ledger, find_intent, &u, e);

    if (rc == MC_OK && (u.is || before->issued != now->issued))
        rc = mc_fail(e, CA_E_BUSY, "authority", "NOCs are being issued");
    return rc;
}

static enum mc_rc check_hanging(uint32_t number, const struct renew_hanging *n, struct mc_err *e)
{
    if (n->live != 0)
        return mc_fail(e, CA_E_AUTHORITY_USED, "authority", "%llu live NOC%s hang%s from authority %u",
            (unsigned long long)n->live, n->live == 1 ? "" : "s", n->live == 1 ? "s" : "", number);
    if (n->unknown != 0)
        return mc_fail(e, CA_E_AUTHORITY_USED, "authority",
            "%llu node%s adopted without NOC, which may hang from authority %u", (unsigned long long)n->unknown,
            n->unknown == 1 ? " was" : "s were", number);
    return MC_OK;
}

enum mc_rc ica_retire(struct state *s, const struct ledger_fabric *f, uint32_t *number, bool force, uint64_t *live,
    struct mc_err *e)
{
    struct ledger_fabric before, now;
    struct ledger_authority a;
    struct renew_hanging n = {0};
    char why[80] = "";
    enum mc_rc rc = ledger_fabric_by_name(s->ledger, f->name, &before, e);

    if (rc == MC_OK)
        rc = choose(s, f, *number, AUTHORITY_DRAINING, &a, e);
    if (rc != MC_OK)
        return rc;
    *number = a.number;
    if (a.state == AUTHORITY_ACTIVE || a.state == AUTHORITY_RETIRED)
        return wrong_state(e, a.number, a.state, "only a draining or prepared one can be retired");
    rc = renew_count_hanging(s, f->number, a.number, &n, e);
    if (rc == MC_OK && !force)
        rc = check_hanging(a.number, &n, e);
    if (rc != MC_OK)
        return rc;
    if (live != NULL)
        *live = n.live + n.unknown;
    if (n.live != 0)
        snprintf(why, sizeof(why), "forced while %llu live NOCs hang from it", (unsigned long long)n.live);
    else if (n.unknown != 0)
        snprintf(why, sizeof(why), "forced while %llu adopted nodes may hang from it", (unsigned long long)n.unknown);
    rc = begin(s, f, &now, e);
    if (rc == MC_OK && !force)
        rc = check_unused(s, &before, &now, a.number, e);
    if (rc == MC_OK && now.ica == a.number)
        rc = wrong_state(e, a.number, AUTHORITY_ACTIVE, "another process has made it active");
    if (rc == MC_OK)
        rc = authority_set_state(s, a.number, AUTHORITY_RETIRED, n.live + n.unknown != 0 ? "retired-by-force" : "retired", why, e);
    return finish(s, rc, e);
}

static enum mc_rc drop_prepared(struct state *s, uint32_t number, struct mc_err *e)
{
    enum authority_state state = AUTHORITY_PREPARED;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc == MC_OK)
        rc = ledger_authority_state(s->ledger, number, &state, e);
    if (rc == MC_OK && state != AUTHORITY_PREPARED)
        rc = wrong_state(e, number, state, "another process was faster");
    if (rc == MC_OK)
        rc = authority_set_state(s, number, AUTHORITY_RETIRED, "rolled-back", "", e);
    return finish(s, rc, e);
}

static enum mc_rc step_back(struct state *s, const struct ledger_fabric *f, uint32_t to, struct mc_err *e)
{
    struct ledger_fabric now;
    enum mc_rc rc = begin(s, f, &now, e);

    if (rc == MC_OK)
        rc = check_unused(s, f, &now, f->ica, e);
    if (rc == MC_OK && now.ica != f->ica)
        rc = mc_fail(e, CA_E_BUSY, "ica", "another process has just made another one active");
    if (rc == MC_OK)
        rc = authority_set_state(s, f->ica, AUTHORITY_PREPARED, "rolled-back", "", e);
    if (rc == MC_OK)
        rc = authority_set_state(s, to, AUTHORITY_ACTIVE, "rolled-back", "", e);
    return finish(s, rc, e);
}

enum mc_rc ica_rollback(
    struct state *s, const struct ledger_fabric *f, uint32_t *was, uint32_t *now, struct mc_err *e)
{
    struct ledger_fabric fresh;
    struct issuer old;
    struct in_state w;
    struct renew_hanging n = {0};
    enum mc_rc rc = ledger_fabric_by_name(s->ledger, f->name, &fresh, e);

    if (rc == MC_OK)
        rc = find_in_state(s, f->number, AUTHORITY_PREPARED, &w, e);
    if (rc != MC_OK)
        return rc;
    *now = 0;
    *was = w.newest.number;
    if (w.n != 0)
        return drop_prepared(s, w.newest.number, e);
    rc = find_in_state(s, f->number, AUTHORITY_DRAINING, &w, e);
    if (rc == MC_OK && (fresh.ica == 0 || w.n == 0))
        rc = mc_fail(e, CA_E_AUTHORITY_STATE, "ica", "fabric '%s' has no ICA to go back to", f->name);
    *was = fresh.ica;
    *now = w.newest.number;
    if (rc == MC_OK)
        rc = renew_count_hanging(s, f->number, fresh.ica, &n, e);
    if (rc == MC_OK && n.live != 0)
        rc = mc_fail(e, CA_E_AUTHORITY_USED, "ica",
            "%llu live NOCs hang from authority %u: nodes depend on it. 'heddle ica activate %s %u' takes the former one "
            "back without undoing",
            (unsigned long long)n.live, fresh.ica, f->name, *now);
    if (rc == MC_OK)
        rc = issuer_load(s, *now, &old, e);
    return rc == MC_OK ? step_back(s, &fresh, *now, e) : rc;
}

enum mc_rc root_renew(struct state *s, const struct ledger_fabric *f, uint32_t *number, struct mc_err *e)
{
    struct ledger_authority old;
    struct issuer root;
    struct authority_order o = {.kind = MC_KIND_RCAC, .state = AUTHORITY_ACTIVE, .fabric = f, .renews = &root, .renewed = &old};
    enum mc_rc rc = ledger_authority(s->ledger, f->root, &old, e);

    if (rc == MC_OK)
        rc = issuer_load(s, f->root, &root, e);
    return rc == MC_OK ? authority_make(s, &o, number, e) : rc;
}

enum mc_rc fabric_successor(
    struct state *s, const struct ledger_fabric *f, struct ledger_fabric *out, struct mc_err *e)
{
    struct ledger_row r;
    char name[ENTRY_NAME_MAX + 1] = "";
    enum mc_rc rc = ledger_decision(s->ledger, f->number, LEDGER_FABRIC_REPLACED, 0, &r, e);

    if (rc != MC_OK)
        return rc;
    memcpy(name, r.x.name.p, r.x.name.n);
    return ledger_fabric_by_name(s->ledger, name, out, e);
}

/* A fabric that an interrupted call made, or that was made for this: of the right id, and nobody uses it yet. */
static enum mc_rc take_or_make(struct state *s, const struct fabric_options *o, struct ledger_fabric *out, bool *made, struct mc_err *e)
{
    struct ledger_fabric after;
    enum mc_rc rc = ledger_fabric_by_name(s->ledger, o->name, out, e);

    *made = rc == CA_E_NOT_FOUND;
    if (*made) {
        mc_err_init(e);
        return fabric_create(s, o, out, e);
    }
    if (rc != MC_OK)
        return rc;
    if (out->issued != 0 || out->fabric_id != o->fabric_id)
        return mc_fail(e, CA_E_FABRIC_EXISTS, "--to", "'%s' %s", o->name,
            out->issued != 0 ? "has NOCs of its own" : "has another fabric id");
    if (fabric_successor(s, out, &after, e) == MC_OK)
        return mc_fail(e, CA_E_FABRIC_EXISTS, "--to", "'%s' was itself replaced by '%s'", o->name, after.name);
    mc_err_init(e);
    return MC_OK;
}

enum mc_rc root_replace(struct state *s, const struct ledger_fabric *f, const struct fabric_options *o,
    struct ledger_fabric *out, bool *made, struct mc_err *e)
{
    const char *rule = ledger_what_rule(LEDGER_FABRIC_REPLACED);
    struct mc_entry x = {
        .type = ENTRY_DECISION,
        .time_unix = ca_now(),
        .fabric = f->number,
        .rule = mc_span_of(rule, strlen(rule)),
        .name = mc_span_of(o->name, strlen(o->name)),
    };
    enum mc_rc rc = name_check(o->name, e);

    *made = false;
    if (rc == MC_OK && strcmp(o->name, f->name) == 0)
        rc = mc_fail(e, CA_E_FABRIC_EXISTS, "--to", "a fabric does not replace itself");
    if (rc != MC_OK)
        return rc;
    rc = fabric_successor(s, f, out, e);
    if (rc == MC_OK)
        return strcmp(out->name, o->name) == 0 ? MC_OK : mc_fail(e, CA_E_FABRIC_REPLACED, "--to", "by '%s'", out->name);
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    rc = take_or_make(s, o, out, made, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    return rc == MC_OK ? finish(s, ledger_append(s->ledger, &x, e), e) : rc;
}
