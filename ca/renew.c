/* SPDX-License-Identifier: Apache-2.0 */
#include "renew.h"

#include <stdio.h>

#include "authority.h"
#include "lib/caltime.h"

struct count {
    uint32_t authority;
    bool adopted; /* the authority */
    int64_t now;
    struct renew_hanging *n;
};

static bool count_hanging(void *arg, const struct ledger_node *node)
{
    struct count *c = arg;

    if (node->removed)
        return true;
    if (node->nocs == 0)
        c->n->unknown += c->adopted;
    else if (node->authority == c->authority && node->not_after_unix >= c->now)
        c->n->live++;
    return true;
}

enum mc_rc renew_count_hanging(
    struct state *s, uint32_t fabric, uint32_t authority, struct renew_hanging *n, struct mc_err *e)
{
    struct count c = {.authority = authority, .now = ca_now(), .n = n};
    struct ledger_authority a;
    struct ledger_row r;
    enum mc_rc rc = ledger_authority(s->ledger, authority, &a, e);

    *n = (struct renew_hanging){0};
    if (rc == MC_OK)
        rc = ledger_get(s->ledger, a.seq, &r, e);
    if (rc != MC_OK)
        return rc;
    c.adopted = r.x.serial.n == 0;
    return ledger_nodes(s->ledger, fabric, count_hanging, &c, e);
}

enum mc_rc cat_raise(struct state *s, uint32_t fabric, uint32_t cat, uint32_t *raised, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_decision(s->ledger, fabric, LEDGER_CAT_VERSION, cat >> 16, &r, e);

    *raised = rc == MC_OK && r.x.cat > cat ? r.x.cat : cat;
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

/* The CATs of a certificate, raised; *changed if one of them was too low. */
static enum mc_rc raise_cats(struct state *s, uint32_t fabric, const struct mc_cert *cert, uint32_t cat[MC_CAT_MAX],
    unsigned *n, bool *changed, struct mc_err *e)
{
    uint32_t all[MC_DN_CAP];
    unsigned count = mc_dn_cats(&cert->subject, all);
    enum mc_rc rc = MC_OK;

    *changed = false;
    *n = 0;
    for (unsigned i = 0; i < count && i < MC_CAT_MAX && rc == MC_OK; i++) {
        rc = cat_raise(s, fabric, all[i], &cat[i], e);
        *changed = *changed || cat[i] != all[i];
        *n = i + 1;
    }
    return rc;
}

/* A node that was adopted by its id alone. */
static bool is_bare(const struct mc_entry *x)
{
    return x->type == ENTRY_ADOPTED && x->cert_tlv.n == 0;
}

static enum mc_rc read_noc(const struct ledger_row *r, struct mc_cert *cert, struct mc_err *e)
{
    if (r->x.cert_tlv.n == 0 || mc_cert_parse_tlv(r->x.cert_tlv, cert, e) != MC_OK)
        return mc_fail(e, CA_E_LEDGER, NULL, "the certificate of entry %llu cannot be read", (unsigned long long)r->seq);
    return MC_OK;
}

struct walk {
    struct state *s;
    uint32_t fabric, issuer;
    int64_t now;
    bool (*each)(void *arg, const struct renew_node *n);
    void *arg;
    struct renew_progress *p;
    struct mc_err *e;
    enum mc_rc rc;
};

static enum mc_rc look_at(struct walk *w, struct renew_node *n, struct mc_err *e)
{
    struct ledger_row r;
    struct mc_cert cert;
    bool changed = false;
    enum mc_rc rc = ledger_get(w->s->ledger, n->node.seq, &r, e);

    if (rc == MC_OK)
        rc = read_noc(&r, &cert, e);
    if (rc == MC_OK)
        rc = raise_cats(w->s, w->fabric, &cert, n->cat, &n->n_cat, &changed, e);
    if (rc != MC_OK)
        return rc;
    n->serial_n = cert.serial.n;
    memcpy(n->serial, cert.serial.p, cert.serial.n);
    n->reasons = (n->node.authority != w->issuer ? RENEW_ISSUER : 0) | (changed ? RENEW_CAT : 0);
    return MC_OK;
}

static bool visit(void *arg, const struct ledger_node *node)
{
    struct walk *w = arg;
    struct renew_node n = {.node = *node};

    if (node->removed) {
        w->p->removed++;
        return true;
    }
    if (node->nocs == 0) {
        w->p->live++;
        n.reasons = RENEW_UNKNOWN;
        return w->each == NULL || w->each(w->arg, &n);
    }
    if (node->not_after_unix < w->now) {
        w->p->expired++;
        return true;
    }
    w->p->live++;
    w->rc = look_at(w, &n, w->e);
    if (w->rc != MC_OK)
        return false;
    if (n.reasons != 0)
        return w->each == NULL || w->each(w->arg, &n);
    w->p->done++;
    return true;
}

enum mc_rc renew_nodes(struct state *s, const struct ledger_fabric *f,
    bool (*each)(void *arg, const struct renew_node *n), void *arg, struct renew_progress *p, struct mc_err *e)
{
    struct walk w = {s, f->number, fabric_issuer(f), ca_now(), each, arg, p, e, MC_OK};
    enum mc_rc rc;

    memset(p, 0, sizeof(*p));
    rc = ledger_nodes(s->ledger, f->number, visit, &w, e);
    return rc == MC_OK ? w.rc : rc;
}

static enum mc_rc own_id(struct mc_verifier *v, uint32_t issuer, const struct noc_request *r, char id[64])
{
    uint8_t digest[MC_DIGEST_LEN];
    char hex[33];
    struct mc_calendar day;
    enum mc_rc rc = mc_sha256_parts(v,
        (struct mc_span[]){mc_span_of(r->content_sha256, MC_DIGEST_LEN), mc_span_of(&issuer, sizeof(issuer))}, 2, digest);

    if (rc != MC_OK)
        return rc;
    mc_calendar_from_unix(ca_now(), &day);
    mc_hex_encode(digest, 16, hex);
    snprintf(id, 64, "renew-%04d-%02d-%02d-%s", day.year, day.month, day.day, hex);
    return MC_OK;
}

enum mc_rc renew_request(struct state *s, const struct ledger_fabric *f, struct noc_request *r, bool keep_cats,
    struct renew_own *own, struct mc_err *e)
{
    struct ledger_row row;
    struct mc_cert cert;
    bool changed;
    enum mc_rc rc = ledger_find_node(s->ledger, f->number, r->node_id, &row, e);

    if (rc == CA_E_NOT_FOUND)
        return mc_fail(e, rc, "node_id", "fabric '%s' has issued nothing to node 0x%016llX", f->name, (unsigned long long)r->node_id);
    if (rc == MC_OK && is_bare(&row.x) && (r->point == NULL || keep_cats))
        return mc_fail(e, CA_E_NODE_UNKNOWN, "node_id", "0x%016llX: its %s not on record", (unsigned long long)r->node_id,
            r->point == NULL ? "key is" : "CATs are");
    if (rc == MC_OK && !is_bare(&row.x))
        rc = read_noc(&row, &cert, e);
    if (rc == MC_OK && keep_cats)
        rc = raise_cats(s, f->number, &cert, r->cat, &r->n_cat, &changed, e);
    if (rc != MC_OK)
        return rc;
    if (r->point == NULL) {
        memcpy(own->point, cert.point.p, MC_POINT_LEN);
        r->point = own->point;
        if (row.x.csr_sha256.n == sizeof(r->input_sha256))
            memcpy(r->input_sha256, row.x.csr_sha256.p, sizeof(r->input_sha256));
    }
    rc = noc_content(s->verifier, f->number, r, r->request_id == NULL && r->point != own->point ? own->id : NULL);
    if (rc == MC_OK && r->request_id == NULL) {
        rc = own_id(s->verifier, fabric_issuer(f), r, own->id);
        r->request_id = own->id;
    }
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

/* One DECISION entry in a transaction of its own; check() may refuse inside of it. */
static enum mc_rc decide(struct state *s, struct mc_entry *x, enum mc_rc (*check)(struct state *s, const struct mc_entry *x, struct mc_err *e),
    struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc == MC_OK)
        rc = check(s, x, e);
    if (rc == MC_OK)
        rc = ledger_append(s->ledger, x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

static void fill(struct mc_entry *x, const struct ledger_fabric *f, enum ledger_what w, const char *why)
{
    const char *rule = ledger_what_rule(w);

    *x = (struct mc_entry){
        .type = ENTRY_DECISION,
        .time_unix = ca_now(),
        .fabric = f->number,
        .rule = mc_span_of(rule, strlen(rule)),
        .why = mc_span_of(why, strlen(why)),
    };
}

static enum mc_rc check_is_there(struct state *s, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_row row;
    bool removed;
    enum mc_rc rc = ledger_find_node(s->ledger, x->fabric, x->node_id, &row, e);

    if (rc == CA_E_NOT_FOUND)
        return mc_fail(e, rc, "node_id", "node 0x%016llX is not on record", (unsigned long long)x->node_id);
    if (rc == MC_OK)
        rc = ledger_node_removed(s->ledger, x->fabric, x->node_id, &removed, e);
    if (rc == MC_OK && removed)
        rc = mc_fail(e, CA_E_EXISTS, "node_id", "node 0x%016llX is removed already", (unsigned long long)x->node_id);
    return rc;
}

static enum mc_rc check_is_removed(struct state *s, const struct mc_entry *x, struct mc_err *e)
{
    bool removed;
    enum mc_rc rc = ledger_node_removed(s->ledger, x->fabric, x->node_id, &removed, e);

    return rc == MC_OK && !removed ? mc_fail(e, CA_E_NOT_FOUND, "node_id", "the node is not removed") : rc;
}

enum mc_rc node_remove(
    struct state *s, const struct ledger_fabric *f, uint64_t node_id, const char *why, struct mc_err *e)
{
    struct mc_entry x;

    fill(&x, f, LEDGER_NODE_REMOVED, why);
    x.has_node_id = true;
    x.node_id = node_id;
    return decide(s, &x, check_is_there, e);
}

enum mc_rc node_restore(
    struct state *s, const struct ledger_fabric *f, uint64_t node_id, const char *why, struct mc_err *e)
{
    struct mc_entry x;

    fill(&x, f, LEDGER_NODE_RESTORED, why);
    x.has_node_id = true;
    x.node_id = node_id;
    return decide(s, &x, check_is_removed, e);
}

static enum mc_rc check_is_higher(struct state *s, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_decision(s->ledger, x->fabric, LEDGER_CAT_VERSION, x->cat >> 16, &r, e);

    if (rc == MC_OK && r.x.cat >= x->cat)
        return mc_fail(e, CA_E_CAT_VERSION, "--cat", "entry %llu has 0x%08X", (unsigned long long)r.seq, r.x.cat);
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

enum mc_rc cat_bump(struct state *s, const struct ledger_fabric *f, uint32_t cat, const char *why, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = mc_cat_check(cat);

    if (rc != MC_OK)
        return mc_fail(e, CA_E_CAT, "--cat", NULL);
    fill(&x, f, LEDGER_CAT_VERSION, why);
    x.cat = cat;
    return decide(s, &x, check_is_higher, e);
}
