/* SPDX-License-Identifier: Apache-2.0 */
#include "authority.h"

#include <stdio.h>

#include "lib/chain.h"
#include "maker.h"
#include "recover.h"

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

enum mc_rc name_check(const char *name, struct mc_err *e)
{
    size_t n = 0;

    while (is_name_char(name[n]))
        n++;
    if (n == 0 || n > ENTRY_NAME_MAX || name[n] != '\0' || name[0] == '.' || name[0] == '-')
        return mc_fail(e, CA_E_NAME, NULL, "'%.80s'", name);
    return MC_OK;
}

enum mc_rc issuer_read(const struct ledger_authority *a, struct issuer *out, struct mc_err *e)
{
    memset(out, 0, sizeof(*out));
    out->number = a->number;
    out->der_n = a->cert_n;
    memcpy(out->der, a->cert_der, a->cert_n);
    if (mc_cert_parse_der(mc_span_of(out->der, out->der_n), issue_rules(a->kind), &out->cert, e) != MC_OK)
        return mc_fail(e, CA_E_LEDGER, "authority", "its certificate cannot be read");
    memcpy(out->point, out->cert.point.p, MC_POINT_LEN);
    return MC_OK;
}

enum mc_rc issuer_load(struct state *s, uint32_t number, struct issuer *out, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = ledger_authority(s->ledger, number, &a, e);

    if (rc == MC_OK)
        rc = issuer_read(&a, out, e);
    if (rc != MC_OK)
        return rc;
    return hsm_find_key(s->hsm, a.key_id, out->point, &out->key, e);
}

/* Authority ids are random: two roots made anywhere must not have one name. */
static enum mc_rc fill_request(struct maker *m, const struct fabric_options *o, struct mc_err *e)
{
    struct mc_request *r = &m->issue.request;

    r->has_authority_id = true;
    r->point = m->self.point;
    r->has_fabric_id = o->pin_fabric_id;
    r->fabric_id = o->pin_fabric_id ? o->fabric_id : 0;
    return ca_random(&r->authority_id, sizeof(r->authority_id), e);
}

/* The authority's own certificate becomes the issuer of what it signs next. */
static enum mc_rc become_issuer(struct maker *m, struct mc_err *e)
{
    struct issuer *i = &m->self;

    i->der_n = m->issue.der_n;
    memcpy(i->der, m->issue.der, m->issue.der_n);
    return mc_cert_parse_der(mc_span_of(i->der, i->der_n), MC_RULES_MATTER, &i->cert, e);
}

static enum mc_rc make_root(struct state *s, struct maker *m, const struct fabric_options *o, struct mc_err *e)
{
    enum mc_rc rc = state_profile(s, MC_KIND_RCAC, &m->profile, e);

    m->issue = (struct issue){
        .kind = MC_KIND_RCAC, .profile = &m->profile, .issuer = &m->self, .request_id = ""};
    if (rc == MC_OK)
        rc = maker_key(s, m, o->name, "root", e);
    if (rc == MC_OK)
        rc = fill_request(m, o, e);
    if (rc == MC_OK)
        rc = maker_sign(s, m, e);
    return rc;
}

static enum mc_rc make_ica(
    struct state *s, struct maker *m, const struct issuer *root, const struct fabric_options *o, struct mc_err *e)
{
    enum mc_rc rc = state_profile(s, MC_KIND_ICAC, &m->profile, e);

    m->issue = (struct issue){.kind = MC_KIND_ICAC, .profile = &m->profile, .issuer = root, .request_id = ""};
    if (rc == MC_OK)
        rc = maker_key(s, m, o->name, "ica", e);
    if (rc == MC_OK)
        rc = fill_request(m, o, e);
    if (rc == MC_OK)
        rc = maker_sign(s, m, e);
    return rc;
}

enum mc_rc authority_set_state(struct state *s, uint32_t number, enum authority_state state, const char *rule,
    const char *why, struct mc_err *e)
{
    struct mc_entry x = {
        .type = ENTRY_STATE,
        .time_unix = ca_now(),
        .authority = number,
        .has_state = true,
        .state = (uint8_t)state,
        .rule = mc_span_of(rule, strlen(rule)),
        .why = mc_span_of(why, strlen(why)),
    };
    struct ledger_authority a;
    enum mc_rc rc = ledger_authority(s->ledger, number, &a, e);

    if (rc != MC_OK)
        return rc;
    x.fabric = a.fabric;
    return ledger_append(s->ledger, &x, e);
}

/* The key that is there, and what the new certificate takes from the old one. */
static void keep_key(struct maker *m, const struct authority_order *o)
{
    memcpy(m->key_id, o->renewed->key_id, sizeof(m->key_id));
    snprintf(m->label, sizeof(m->label), "%s", o->renewed->label);
    memcpy(m->self.point, o->renews->point, sizeof(m->self.point));
    m->self.key = o->renews->key;
    m->issue.like = &o->renews->cert;
}

/* A name that the profile did not write is judged by the rules that every chain is judged by. */
static enum mc_rc check_renewed(struct state *s, struct maker *m, struct mc_err *e)
{
    struct mc_cert c;
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(m->issue.der, m->issue.der_n), MC_RULES_MATTER, &c, e);

    if (rc == MC_OK)
        rc = mc_cert_check_kind(s->verifier, &c, m->issue.kind, e);
    if (rc != MC_OK)
        (void)!recover_void(s, &m->issue.intent, mc_rc_rule(rc), NULL);
    return rc;
}

static enum mc_rc record_authority(struct state *s, struct maker *m, const struct authority_order *o, struct mc_err *e)
{
    bool takes_place = o->renews != NULL && o->state == AUTHORITY_ACTIVE;
    enum authority_state was = AUTHORITY_ACTIVE;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    if (takes_place)
        rc = ledger_authority_state(s->ledger, o->renews->number, &was, e);
    if (rc == MC_OK && was != AUTHORITY_ACTIVE)
        rc = mc_fail(e, CA_E_BUSY, "authority", "another process has just renewed it");
    if (rc == MC_OK)
        rc = maker_append(s, m, o->signer != NULL ? o->signer->number : 0, e);
    if (rc == MC_OK && takes_place)
        rc = authority_set_state(s, o->renews->number, AUTHORITY_DRAINING, "renewed", "", e);
    rc = maker_finish(s, rc, e);
    if (rc == CA_E_BUSY)
        (void)!recover_void(s, &m->issue.intent, mc_rc_rule(rc), NULL);
    return rc;
}

enum mc_rc authority_make(struct state *s, const struct authority_order *o, uint32_t *number, struct mc_err *e)
{
    const struct fabric_options name = {o->fabric->name, o->fabric->fabric_id, true, o->pin_fabric_id};
    struct maker m = {.state = o->state};
    enum mc_rc rc = state_profile(s, o->kind, &m.profile, e);

    m.issue = (struct issue){.kind = o->kind, .profile = &m.profile, .issuer = o->signer != NULL ? o->signer : &m.self,
        .request_id = "", .fabric = o->fabric->number};
    if (rc == MC_OK && o->renews != NULL)
        keep_key(&m, o);
    else if (rc == MC_OK)
        rc = maker_key(s, &m, o->fabric->name, o->kind == MC_KIND_RCAC ? "root" : "ica", e);
    if (rc == MC_OK)
        rc = fill_request(&m, &name, e);
    if (rc == MC_OK)
        rc = maker_sign(s, &m, e);
    if (rc == MC_OK && o->renews != NULL)
        rc = check_renewed(s, &m, e);
    if (rc == MC_OK)
        rc = record_authority(s, &m, o, e);
    if (rc == MC_OK)
        *number = m.self.number;
    return rc;
}

/* Sealed to its fabric: one fabric's IPK cannot be put into another's row. */
static struct mc_span seal_context(uint64_t fabric_id, const uint8_t root_point[MC_POINT_LEN], uint8_t buffer[80])
{
    memcpy(buffer, "ipk", 3);
    for (int i = 0; i < 8; i++)
        buffer[3 + i] = (uint8_t)(fabric_id >> (56 - 8 * i));
    memcpy(buffer + 11, root_point, MC_POINT_LEN);
    return mc_span_of(buffer, 11 + MC_POINT_LEN);
}

enum mc_rc fabric_ipk_seal(struct state *s, uint64_t fabric_id, const uint8_t root_point[MC_POINT_LEN],
    const uint8_t *given, struct sealed_ipk *out, struct mc_err *e)
{
    uint8_t ipk[MC_IPK_LEN], context[80];
    enum mc_rc rc = MC_OK;

    if (given != NULL)
        memcpy(ipk, given, sizeof(ipk));
    else
        rc = ca_random(ipk, sizeof(ipk), e);
    if (rc == MC_OK)
        rc = hsm_seal(s->hsm, seal_context(fabric_id, root_point, context), mc_span_of(ipk, sizeof(ipk)), out->p,
            sizeof(out->p), &out->n, e);
    hsm_wipe(ipk, sizeof(ipk));
    return rc;
}

static enum mc_rc append_fabric(struct state *s, const struct maker *root, const struct maker *ica,
    const struct fabric_options *o, struct mc_span sealed, struct mc_err *e)
{
    struct mc_entry x = {
        .type = ENTRY_FABRIC,
        .time_unix = ca_now(),
        .name = mc_span_of(o->name, strlen(o->name)),
        .has_fabric_id = true,
        .fabric_id = o->fabric_id,
        .root = root->self.number,
        .ica = ica != NULL ? ica->self.number : 0,
        .sealed = sealed,
    };

    return ledger_append(s->ledger, &x, e);
}

/* Root, then ICA and fabric: each signature has its own intent, committed before it. */
static enum mc_rc make_authorities(struct state *s, struct maker *root, struct maker *ica, const struct fabric_options *o,
    struct mc_err *e)
{
    struct sealed_ipk sealed = {0};
    enum mc_rc rc = make_root(s, root, o, e);

    if (rc == MC_OK)
        rc = become_issuer(root, e);
    if (rc == MC_OK)
        rc = fabric_ipk_seal(s, o->fabric_id, root->self.point, NULL, &sealed, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    if (rc != MC_OK)
        return rc;
    rc = maker_append(s, root, 0, e);
    if (o->ica) {
        rc = maker_finish(s, rc, e);
        if (rc == MC_OK)
            rc = make_ica(s, ica, &root->self, o, e);
        if (rc == MC_OK)
            rc = ledger_begin(s->ledger, e);
        if (rc != MC_OK)
            return rc;
        rc = maker_append(s, ica, root->self.number, e);
    }
    if (rc == MC_OK)
        rc = append_fabric(s, root, o->ica ? ica : NULL, o, mc_span_of(sealed.p, sealed.n), e);
    return maker_finish(s, rc, e);
}

enum mc_rc fabric_create(struct state *s, const struct fabric_options *o, struct ledger_fabric *out, struct mc_err *e)
{
    struct maker root = {.state = AUTHORITY_ACTIVE}, ica = {.state = AUTHORITY_ACTIVE};
    enum mc_rc rc = name_check(o->name, e);

    if (rc == MC_OK && mc_fabric_id_check(o->fabric_id) != MC_OK)
        rc = mc_fail(e, CA_E_FABRIC_ID, "--fabric-id", NULL);
    if (rc != MC_OK)
        return rc;
    rc = ledger_fabric_by_name(s->ledger, o->name, out, e);
    if (rc == MC_OK)
        return mc_fail(e, CA_E_FABRIC_EXISTS, NULL, "'%s'", o->name);
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    rc = make_authorities(s, &root, &ica, o, e);
    return rc == MC_OK ? ledger_fabric_by_name(s->ledger, o->name, out, e) : rc;
}

uint32_t fabric_issuer(const struct ledger_fabric *f)
{
    return f->ica != 0 ? f->ica : f->root;
}

enum mc_rc fabric_compressed_id(
    struct state *s, const struct ledger_fabric *f, uint8_t out[MC_COMPRESSED_LEN], struct mc_err *e)
{
    struct ledger_authority root;
    enum mc_rc rc = ledger_authority(s->ledger, f->root, &root, e);

    if (rc == MC_OK)
        rc = mc_compressed_fabric_id(root.point, f->fabric_id, out);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc unseal_ipk(struct state *s, const struct ledger_fabric *f, uint8_t ipk[MC_IPK_LEN], struct mc_err *e)
{
    struct ledger_authority root;
    uint8_t context[80];
    size_t n = 0;
    enum mc_rc rc = ledger_authority(s->ledger, f->root, &root, e);

    if (rc == MC_OK)
        rc = hsm_unseal(s->hsm, seal_context(f->fabric_id, root.point, context), mc_span_of(f->sealed, f->sealed_n), ipk,
            MC_IPK_LEN, &n, e);
    if (rc == MC_OK && n != MC_IPK_LEN)
        rc = mc_fail(e, HSM_E_UNSEAL, NULL, "it is not an IPK");
    return rc;
}

enum mc_rc fabric_ipk_check(struct state *s, const struct ledger_fabric *f, struct mc_err *e)
{
    uint8_t ipk[MC_IPK_LEN];
    enum mc_rc rc = unseal_ipk(s, f, ipk, e);

    hsm_wipe(ipk, sizeof(ipk));
    return rc;
}

enum mc_rc fabric_ipk(
    struct state *s, const struct ledger_fabric *f, const char *why, uint8_t ipk[MC_IPK_LEN], struct mc_err *e)
{
    struct mc_entry x = {
        .type = ENTRY_SECRET,
        .time_unix = ca_now(),
        .fabric = f->number,
        .why = mc_span_of(why, strlen(why)),
    };
    enum mc_rc rc = unseal_ipk(s, f, ipk, e);

    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    if (rc == MC_OK)
        rc = maker_finish(s, ledger_append(s->ledger, &x, e), e);
    if (rc != MC_OK)
        hsm_wipe(ipk, MC_IPK_LEN);
    return rc;
}
