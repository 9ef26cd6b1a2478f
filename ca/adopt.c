/* SPDX-License-Identifier: Apache-2.0 */
#include "adopt.h"

#include <stdio.h>

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

static enum mc_rc check_chain(struct state *s, const struct adopt_order *o, struct mc_err *e)
{
    const struct adopt_cert *signer = o->ica != NULL ? o->ica : o->root;
    enum mc_rc rc = check_kind(o->root, MC_KIND_RCAC, "root", e);

    if (rc == MC_OK)
        rc = check_signed(s, o->root, o->root, "root", e);
    if (rc == MC_OK && o->ica != NULL)
        rc = check_kind(o->ica, MC_KIND_ICAC, "ica", e);
    if (rc == MC_OK && o->ica != NULL)
        rc = check_signed(s, o->ica, o->root, "ica", e);
    if (rc == MC_OK && o->ica != NULL && mc_span_eq(o->ica->cert.point, o->root->cert.point))
        rc = wrong(e, "ica", "it has the root's key");
    for (unsigned i = 0; i < o->n_noc && rc == MC_OK; i++) {
        rc = check_kind(&o->noc[i], MC_KIND_NOC, "noc", e);
        if (rc == MC_OK)
            rc = check_signed(s, &o->noc[i], signer, "noc", e);
    }
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

static enum mc_rc find_fabric_id(const struct adopt_order *o, uint64_t *id, struct mc_err *e)
{
    bool known = o->has_fabric_id;
    enum mc_rc rc;

    *id = o->fabric_id;
    rc = take_fabric_id(o->root, id, &known, e);
    if (rc == MC_OK && o->ica != NULL)
        rc = take_fabric_id(o->ica, id, &known, e);
    for (unsigned i = 0; i < o->n_noc && rc == MC_OK; i++)
        rc = take_fabric_id(&o->noc[i], id, &known, e);
    if (rc == MC_OK && !known)
        rc = mc_fail(e, CA_E_USAGE, "--fabric-id", "no certificate names the fabric id: give it");
    if (rc == MC_OK && mc_fabric_id_check(*id) != MC_OK)
        rc = mc_fail(e, CA_E_FABRIC_ID, "--fabric-id", NULL);
    return rc;
}

static enum mc_rc check_new(struct state *s, const struct adopt_order *o, struct mc_err *e)
{
    struct ledger_fabric f;
    bool found = false;
    enum mc_rc rc = name_check(o->name, e);

    if (rc == MC_OK)
        rc = ledger_fabric_by_name(s->ledger, o->name, &f, e);
    if (rc == MC_OK)
        return mc_fail(e, CA_E_FABRIC_EXISTS, NULL, "'%s'", o->name);
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    rc = ledger_is_authority_key(s->ledger, o->root->cert.point.p, &found, e);
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

static enum mc_rc record_noc(
    struct state *s, const struct adopt_cert *c, uint32_t fabric, uint32_t authority, struct mc_err *e)
{
    struct mc_entry x = {
        .type = ENTRY_ADOPTED,
        .time_unix = ca_now(),
        .fabric = fabric,
        .authority = authority,
        .kind = MC_KIND_NOC,
        .cert_tlv = mc_span_of(c->tlv, c->tlv_n),
    };

    x.has_node_id = mc_dn_find(&c->cert.subject, MC_ATTR_NODE_ID, &x.node_id);
    return ledger_append(s->ledger, &x, e);
}

static enum mc_rc record_all(struct state *s, const struct adopt_order *o, struct adoptee who[2], uint64_t fabric_id,
    const struct sealed_ipk *ipk, struct mc_err *e)
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
    for (unsigned i = 0; i < o->n_noc && rc == MC_OK; i++)
        rc = record_noc(s, &o->noc[i], x.fabric, x.ica != 0 ? x.ica : x.root, e);
    return rc;
}

enum mc_rc fabric_adopt(struct state *s, const struct adopt_order *o, struct ledger_fabric *out, struct mc_err *e)
{
    struct adoptee who[2] = {{.c = o->root, .kind = MC_KIND_RCAC}, {.c = o->ica, .kind = MC_KIND_ICAC}};
    struct sealed_ipk ipk;
    uint64_t fabric_id;
    enum mc_rc rc = check_chain(s, o, e);

    if (rc == MC_OK)
        rc = find_fabric_id(o, &fabric_id, e);
    if (rc == MC_OK)
        rc = check_new(s, o, e);
    if (rc == MC_OK)
        rc = import_key(s, &who[0], o->name, o->root_key, e);
    if (rc == MC_OK && o->ica != NULL)
        rc = import_key(s, &who[1], o->name, o->ica_key, e);
    if (rc == MC_OK)
        rc = fabric_ipk_seal(s, fabric_id, o->root->cert.point.p, o->ipk, &ipk, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    if (rc != MC_OK)
        return rc;
    rc = record_all(s, o, who, fabric_id, &ipk, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc == MC_OK ? ledger_fabric_by_name(s->ledger, o->name, out, e) : rc;
}
