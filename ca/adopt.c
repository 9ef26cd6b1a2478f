/* SPDX-License-Identifier: Apache-2.0 */
#include "adopt.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/chain.h"

static enum mc_rc wrong(struct mc_err *e, const char *field, const char *what)
{
    return mc_fail(e, CA_E_ADOPT, field, "%s", what);
}

static enum mc_rc check_kind(const struct adopt_cert *c, enum mc_kind kind, const char *field, struct mc_err *e)
{
    enum mc_kind is = mc_cert_kind(&c->cert);

    return is == kind ? MC_OK : mc_fail(e, MC_E_CHAIN_KIND, field, "it is of the kind %s", mc_kind_name(is));
}

/* Issuer and signature: what decides whether nodes take them for a chain. */
static enum mc_rc check_signed(struct state *s, const struct adopt_cert *c, const struct adopt_cert *by, const char *field,
    struct mc_err *e)
{
    if (!mc_dn_equal(&c->cert.issuer, &by->cert.subject))
        return mc_fail(e, MC_E_CHAIN_ISSUER, field, NULL);
    return mc_cert_check_signature(s->verifier, &c->cert, by->cert.point.p, e);
}

static enum mc_rc check_authorities(struct state *s, const struct adopt_order *o, struct mc_err *e)
{
    enum mc_rc rc = check_kind(o->root, MC_KIND_RCAC, "root", e);

    if (rc == MC_OK)
        rc = check_signed(s, o->root, o->root, "root", e);
    if (rc != MC_OK || o->ica == NULL)
        return rc;
    rc = check_kind(o->ica, MC_KIND_ICAC, "ica", e);
    if (rc == MC_OK)
        rc = check_signed(s, o->ica, o->root, "ica", e);
    if (rc == MC_OK && mc_span_eq(o->ica->cert.point, o->root->cert.point))
        rc = wrong(e, "ica", "it has the root's key");
    return rc;
}

static enum mc_rc take_fabric_id(const struct adopt_cert *c, uint64_t *id, bool *known, struct mc_err *e)
{
    uint64_t named;

    if (!mc_dn_find(&c->cert.subject, MC_ATTR_FABRIC_ID, &named))
        return MC_OK;
    if (*known && named != *id)
        return mc_fail(e, CA_E_ADOPT, "fabric-id", "0x%llX and 0x%llX", (unsigned long long)*id, (unsigned long long)named);
    *id = named;
    *known = true;
    return MC_OK;
}

/* Who signed a NOC. Some controllers have an ICA and sign with the root all the same; nodes take that. */
enum signer { SIGNED_BY_NONE, SIGNED_BY_ROOT, SIGNED_BY_ICA };

static enum mc_rc find_signer(
    struct state *s, const struct adopt_order *o, const struct adopt_cert *noc, enum signer *by, struct mc_err *e)
{
    bool ica = o->ica != NULL && mc_dn_equal(&noc->cert.issuer, &o->ica->cert.subject);
    enum mc_rc rc = check_kind(noc, MC_KIND_NOC, "noc", e);

    if (rc == MC_OK)
        rc = check_signed(s, noc, ica ? o->ica : o->root, "noc", e);
    *by = rc != MC_OK ? SIGNED_BY_NONE : ica ? SIGNED_BY_ICA : SIGNED_BY_ROOT;
    return rc;
}

/* What is adopted, once it was looked at. */
struct plan_of_adoption {
    uint64_t fabric_id;
    uint8_t *by; /* enum signer of each NOC */
    size_t passed_over;
};

static enum mc_rc check_nocs(
    struct state *s, const struct adopt_order *o, bool *known, struct plan_of_adoption *p, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < o->n_noc && rc == MC_OK; i++) {
        enum signer by = SIGNED_BY_NONE;

        rc = find_signer(s, o, o->noc[i], &by, o->pass_over ? NULL : e);
        if (rc == MC_OK)
            rc = take_fabric_id(o->noc[i], &p->fabric_id, known, o->pass_over ? NULL : e);
        if (rc != MC_OK && o->pass_over) {
            by = SIGNED_BY_NONE;
            p->passed_over++;
            rc = MC_OK;
        }
        p->by[i] = (uint8_t)by;
    }
    return rc;
}

/* Names first: what a NOC says of the fabric counts only if nothing nearer to the root says it. */
static enum mc_rc check_all(struct state *s, const struct adopt_order *o, struct plan_of_adoption *p, struct mc_err *e)
{
    bool known = o->has_fabric_id;
    enum mc_rc rc = check_authorities(s, o, e);

    p->fabric_id = o->fabric_id;
    if (rc == MC_OK)
        rc = take_fabric_id(o->root, &p->fabric_id, &known, e);
    if (rc == MC_OK && o->ica != NULL)
        rc = take_fabric_id(o->ica, &p->fabric_id, &known, e);
    if (rc == MC_OK)
        rc = check_nocs(s, o, &known, p, e);
    if (rc == MC_OK && !known)
        rc = mc_fail(e, CA_E_USAGE, "--fabric-id", "no certificate names the fabric id: give it");
    if (rc == MC_OK && mc_fabric_id_check(p->fabric_id) != MC_OK)
        rc = mc_fail(e, CA_E_FABRIC_ID, "--fabric-id", NULL);
    return rc;
}

/* What is on record of a fabric of this name. */
struct earlier {
    const struct adopt_order *o;
    struct ledger_fabric fabric; /* number 0: none */
    uint32_t root, ica;          /* the adopted ones that are those of the order; 0: none */
    bool has_ica;                /* an ICA was adopted */
    struct state *s;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool is_cert(const struct adopt_cert *c, const struct mc_entry *x)
{
    return c != NULL && mc_span_eq(x->cert_tlv, mc_span_of(c->tlv, c->tlv_n));
}

static bool note_adopted(void *arg, const struct ledger_authority *a)
{
    struct earlier *was = arg;
    struct ledger_row r;

    was->rc = ledger_get(was->s->ledger, a->seq, &r, was->e);
    if (was->rc != MC_OK || r.x.serial.n != 0)
        return was->rc == MC_OK;
    if (a->kind == MC_KIND_RCAC && is_cert(was->o->root, &r.x))
        was->root = a->number;
    if (a->kind == MC_KIND_ICAC)
        was->has_ica = true;
    if (a->kind == MC_KIND_ICAC && is_cert(was->o->ica, &r.x))
        was->ica = a->number;
    return true;
}

/* The fabric of this name, if it is the one of the order: then the command was interrupted, or nodes came since. */
static enum mc_rc find_earlier(struct state *s, const struct adopt_order *o, uint64_t fabric_id, struct earlier *was, struct mc_err *e)
{
    enum mc_rc rc = name_check(o->name, e);

    *was = (struct earlier){.o = o, .s = s, .e = e, .rc = MC_OK};
    if (rc == MC_OK)
        rc = ledger_fabric_by_name(s->ledger, o->name, &was->fabric, e);
    if (rc == CA_E_NOT_FOUND) {
        mc_err_init(e);
        was->fabric.number = 0;
        return MC_OK;
    }
    if (rc == MC_OK)
        rc = ledger_authorities(s->ledger, was->fabric.number, note_adopted, was, e);
    if (rc == MC_OK)
        rc = was->rc;
    if (rc != MC_OK)
        return rc;
    if (was->fabric.fabric_id == fabric_id && was->root != 0 && was->has_ica == (o->ica != NULL) && (o->ica == NULL || was->ica != 0))
        return MC_OK;
    return mc_fail(e, CA_E_FABRIC_EXISTS, NULL, "'%s'", o->name);
}

static enum mc_rc check_new_keys(struct state *s, const struct adopt_order *o, struct mc_err *e)
{
    bool found = false;
    enum mc_rc rc = ledger_is_authority_key(s->ledger, o->root->cert.point.p, &found, e);

    if (rc == MC_OK && found)
        return mc_fail(e, CA_E_KEY_TAKEN, "root", "it is an authority here already");
    if (rc == MC_OK && o->ica != NULL)
        rc = ledger_is_authority_key(s->ledger, o->ica->cert.point.p, &found, e);
    return rc == MC_OK && found ? mc_fail(e, CA_E_KEY_TAKEN, "ica", "it is an authority here already") : rc;
}

/* One authority: its key is in the token before the ledger names it. */
struct adoptee {
    const struct adopt_cert *c;
    enum mc_kind kind;
    uint32_t number;
    uint8_t key_id[HSM_ID_LEN];
    char label[HSM_KEY_LABEL_MAX + 1];
};

static enum mc_rc import_key(struct state *s, struct adoptee *a, const char *name, const uint8_t *scalar, struct mc_err *e)
{
    struct hsm_key *key;
    enum mc_rc rc;

    snprintf(a->label, sizeof(a->label), "%.48s %s", name, a->kind == MC_KIND_RCAC ? "root" : "ica");
    rc = hsm_import_p256(s->hsm, a->label, scalar, a->c->cert.point.p, a->key_id, e);
    return rc == MC_OK ? hsm_find_key(s->hsm, a->key_id, a->c->cert.point.p, &key, e) : rc;
}

static enum mc_rc record_authority(struct state *s, struct adoptee *a, uint32_t issuer, struct mc_err *e)
{
    struct mc_entry key = {
        .type = ENTRY_KEY,
        .time_unix = ca_now(),
        .point = a->c->cert.point,
        .key_id = mc_span_of(a->key_id, sizeof(a->key_id)),
        .label = mc_span_of(a->label, strlen(a->label)),
    };
    struct mc_entry x = key;
    enum mc_rc rc = ledger_append(s->ledger, &key, e);

    if (rc != MC_OK)
        return rc;
    x.type = ENTRY_AUTHORITY;
    x.kind = (uint8_t)a->kind;
    x.issuer = issuer;
    x.cert_tlv = mc_span_of(a->c->tlv, a->c->tlv_n);
    rc = ledger_append(s->ledger, &x, e);
    a->number = x.authority;
    return rc;
}

/* --- nodes ----------------------------------------------------------------------------------------------------- */

/* Where the nodes of the order go. */
struct members {
    uint32_t fabric, root, ica;
};

/* Whether anything is on record of a node, and whether that is only its id. */
static enum mc_rc find_node(struct state *s, uint32_t fabric, uint64_t node_id, bool *there, bool *bare, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc = ledger_find_node(s->ledger, fabric, node_id, &row, e);

    *there = rc == MC_OK;
    *bare = rc == MC_OK && row.x.cert_tlv.n == 0;
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

/* Of a fabric that was adopted before, a NOC of a node that had none: what is on record is newer than the rest. */
static enum mc_rc record_noc(struct state *s, const struct adopt_cert *c, uint32_t authority, const struct members *to,
    struct adopt_result *out, struct mc_err *e)
{
    struct mc_entry x = {
        .type = ENTRY_ADOPTED,
        .time_unix = ca_now(),
        .fabric = to->fabric,
        .authority = authority,
        .kind = MC_KIND_NOC,
        .cert_tlv = mc_span_of(c->tlv, c->tlv_n),
    };
    bool there = false, bare = false;
    enum mc_rc rc = MC_OK;

    x.has_node_id = mc_dn_find(&c->cert.subject, MC_ATTR_NODE_ID, &x.node_id);
    if (out->again)
        rc = find_node(s, to->fabric, x.node_id, &there, &bare, e);
    if (rc != MC_OK || (there && !bare))
        return rc;
    rc = ledger_append(s->ledger, &x, e);
    out->nocs += rc == MC_OK;
    return rc;
}

static enum mc_rc record_node(struct state *s, uint64_t node_id, const struct members *to, struct adopt_result *out, struct mc_err *e)
{
    struct mc_entry x = {.type = ENTRY_ADOPTED, .time_unix = ca_now(), .fabric = to->fabric, .has_node_id = true, .node_id = node_id};
    bool there, bare;
    enum mc_rc rc = find_node(s, to->fabric, node_id, &there, &bare, e);

    if (rc != MC_OK || there)
        return rc;
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        out->node[out->n_node++] = node_id;
    return rc;
}

/* NOCs first: a node of which one is at hand needs no entry of its id. */
static enum mc_rc record_members(struct state *s, const struct adopt_order *o, const struct plan_of_adoption *p,
    const struct members *to, struct adopt_result *out, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < o->n_noc && rc == MC_OK; i++)
        if (p->by[i] != SIGNED_BY_NONE)
            rc = record_noc(s, o->noc[i], p->by[i] == SIGNED_BY_ICA ? to->ica : to->root, to, out, e);
    for (size_t i = 0; i < o->n_node && rc == MC_OK; i++)
        rc = record_node(s, o->node[i], to, out, e);
    return rc;
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static enum mc_rc record_fabric(struct state *s, const struct adopt_order *o, struct adoptee who[2], uint64_t fabric_id,
    const struct sealed_ipk *ipk, struct members *to, struct mc_err *e)
{
    struct mc_entry x = {.type = ENTRY_FABRIC, .time_unix = ca_now(), .has_fabric_id = true, .fabric_id = fabric_id};
    enum mc_rc rc = record_authority(s, &who[0], 0, e);

    if (rc == MC_OK && o->ica != NULL)
        rc = record_authority(s, &who[1], who[0].number, e);
    if (rc != MC_OK)
        return rc;
    x.name = mc_span_of(o->name, strlen(o->name));
    x.root = who[0].number;
    x.ica = who[1].number;
    x.sealed = mc_span_of(ipk->p, ipk->n);
    rc = ledger_append(s->ledger, &x, e);
    *to = (struct members){x.fabric, x.root, x.ica};
    return rc;
}

static enum mc_rc finish(struct state *s, enum mc_rc rc, struct mc_err *e)
{
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

/* The keys first: an entry never names a key that is not in the token. */
static enum mc_rc adopt_new(
    struct state *s, const struct adopt_order *o, const struct plan_of_adoption *p, struct adopt_result *out, struct mc_err *e)
{
    struct adoptee who[2] = {{.c = o->root, .kind = MC_KIND_RCAC}, {.c = o->ica, .kind = MC_KIND_ICAC}};
    struct sealed_ipk ipk;
    struct members to;
    enum mc_rc rc = check_new_keys(s, o, e);

    if (rc == MC_OK)
        rc = import_key(s, &who[0], o->name, o->root_key, e);
    if (rc == MC_OK && o->ica != NULL)
        rc = import_key(s, &who[1], o->name, o->ica_key, e);
    if (rc == MC_OK)
        rc = fabric_ipk_seal(s, p->fabric_id, o->root->cert.point.p, o->ipk, &ipk, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    if (rc != MC_OK)
        return rc;
    rc = record_fabric(s, o, who, p->fabric_id, &ipk, &to, e);
    if (rc == MC_OK)
        rc = record_members(s, o, p, &to, out, e);
    return finish(s, rc, e);
}

static enum mc_rc adopt_more(struct state *s, const struct adopt_order *o, const struct plan_of_adoption *p,
    const struct earlier *was, struct adopt_result *out, struct mc_err *e)
{
    const struct members to = {was->fabric.number, was->root, was->ica};
    enum mc_rc rc = ledger_begin(s->ledger, e);

    out->again = true;
    return rc == MC_OK ? finish(s, record_members(s, o, p, &to, out, e), e) : rc;
}

enum mc_rc fabric_adopt(struct state *s, const struct adopt_order *o, struct adopt_result *out, struct mc_err *e)
{
    struct plan_of_adoption p = {.by = calloc(o->n_noc + 1, 1)};
    struct earlier was;
    enum mc_rc rc;

    *out = (struct adopt_result){.node = calloc(o->n_node + 1, sizeof(*out->node))};
    rc = p.by != NULL && out->node != NULL ? check_all(s, o, &p, e) : mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK)
        rc = find_earlier(s, o, p.fabric_id, &was, e);
    if (rc == MC_OK)
        rc = was.fabric.number != 0 ? adopt_more(s, o, &p, &was, out, e) : adopt_new(s, o, &p, out, e);
    free(p.by);
    out->passed_over = p.passed_over;
    return rc == MC_OK ? ledger_fabric_by_name(s->ledger, o->name, &out->fabric, e) : rc;
}

void adopt_result_clear(struct adopt_result *r)
{
    free(r->node);
    *r = (struct adopt_result){0};
}
