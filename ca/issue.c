/* SPDX-License-Identifier: Apache-2.0 */
#include "issue.h"

#include "lib/att_chain.h"
#include "lib/lint.h"

#include <stdio.h>

/* Promise 9: a clock behind the ledger would date certificates into a past that others already signed. */
enum mc_rc issue_check_clock(struct state *s, int64_t now, struct mc_err *e)
{
    struct ledger_head h;
    char was[MC_TIME_TEXT_MAX], is[MC_TIME_TEXT_MAX];
    enum mc_rc rc = ledger_head(s->ledger, &h, e);

    if (rc != MC_OK || now + (int64_t)s->config.clock_tolerance_seconds >= h.last_time_unix)
        return rc;
    mc_time_format(h.last_time_unix, was);
    mc_time_format(now, is);
    return mc_fail(e, CA_E_CLOCK, NULL, "it is %s, the last entry is of %s", is, was);
}

static enum mc_rc set_period(struct issue *i, int64_t now, struct mc_err *e)
{
    const struct mc_cert *issuer = i->issuer->der_n > 0 ? &i->issuer->cert : NULL;
    struct mc_request *r = &i->request;
    char until[MC_TIME_TEXT_MAX];

    if (issuer != NULL && issuer->not_after_unix <= now) {
        mc_time_format(issuer->not_after_unix, until);
        return mc_fail(e, CA_E_LIFETIME, "issuer", "it expired at %s", until);
    }
    mc_profile_period(&i->profile->profile, now, issuer, &r->not_before_unix, &r->not_after_unix);
    /* What hangs from the old certificate must lie within the period of the new one as well. */
    if (i->like != NULL && i->like->not_before_unix < r->not_before_unix &&
        (issuer == NULL || i->like->not_before_unix >= issuer->not_before_unix))
        r->not_before_unix = i->like->not_before_unix;
    if (issuer != NULL && (r->not_before_unix < issuer->not_before_unix || r->not_after_unix > issuer->not_after_unix))
        return mc_fail(e, CA_E_LIFETIME, NULL, NULL);
    return MC_OK;
}

/* Certificates below name their issuer by these octets, which need not be what the profile would write. */
static void keep_name(const struct issue *i, struct mc_cert *c)
{
    c->subject = i->like->subject;
    c->skid = i->like->skid;
    if (i->issuer->der_n == 0) {
        c->issuer = c->subject;
        c->akid = c->skid;
    }
}

enum mc_rc issue_build(struct mc_verifier *v, struct issue *i, uint64_t sn, struct mc_err *e)
{
    struct mc_cert c;
    enum mc_rc rc;

    ledger_serial(i->intent.seed, sn, i->serial);
    i->request.serial = mc_span_of(i->serial, sizeof(i->serial));
    rc = mc_profile_apply(&i->profile->profile, &i->request, i->issuer->der_n > 0 ? &i->issuer->cert : NULL, &c, e);
    if (rc == MC_OK && i->like != NULL)
        keep_name(i, &c);
    if (rc == MC_OK)
        rc = mc_lint_tbs(v, &c, i->issuer->der_n > 0 ? &i->issuer->cert : NULL, MC_LINT_KIND(i->kind), e);
    if (rc == MC_OK)
        rc = mc_cert_encode_tbs(&c, i->tbs, sizeof(i->tbs), &i->tbs_n, e);
    if (rc != MC_OK)
        return rc;
    rc = mc_sha256(v, mc_span_of(i->tbs, i->tbs_n), i->tbs_sha256);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

/* A block of a batch may still come from the ICA that was active when the batch began. */
static enum mc_rc check_issuer(struct state *s, const struct issue *i, struct mc_err *e)
{
    enum authority_state state;
    enum mc_rc rc;

    if (i->issuer->number == 0)
        return MC_OK;
    rc = ledger_authority_state(s->ledger, i->issuer->number, &state, e);
    if (rc != MC_OK || state == AUTHORITY_ACTIVE || (state == AUTHORITY_DRAINING && i->request_id[0] == '\0'))
        return rc;
    return mc_fail(e, CA_E_AUTHORITY_STATE, "issuer", "authority %u is %s", i->issuer->number, mc_authority_state_name(state));
}

/* What every intent of this process says, whether it is for one request or for a block of them. */
static enum mc_rc fill_intent(struct state *s, struct issue *i, int64_t now, struct mc_err *e)
{
    struct ledger_intent *t = &i->intent;

    memset(t, 0, sizeof(*t));
    t->n = 1;
    t->instance = instance_number(s->instance);
    t->authority = i->issuer->number;
    t->fabric = i->fabric;
    t->kind = (uint8_t)i->kind;
    t->time_unix = now;
    t->not_before_unix = i->request.not_before_unix;
    memcpy(t->profile_sha256, i->profile->sha256, sizeof(t->profile_sha256));
    return ca_random(t->seed, sizeof(t->seed), e);
}

enum mc_rc issue_prepare(struct state *s, struct issue *i, struct mc_err *e)
{
    int64_t now = ca_now();
    enum mc_rc rc = issue_check_clock(s, now, e);

    if (rc == MC_OK)
        rc = check_issuer(s, i, e);
    if (rc == MC_OK)
        rc = set_period(i, now, e);
    return rc == MC_OK ? fill_intent(s, i, now, e) : rc;
}

enum mc_rc issue_open(struct state *s, struct issue *i, struct mc_err *e)
{
    struct ledger_intent *t = &i->intent;
    enum mc_rc rc = issue_prepare(s, i, e);

    if (rc == MC_OK)
        rc = mc_key_id(s->verifier, i->request.point, i->request.key_id);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    memcpy(t->input_sha256, i->input_sha256, sizeof(t->input_sha256));
    memcpy(t->content_sha256, i->content_sha256, sizeof(t->content_sha256));
    snprintf(t->request_id, sizeof(t->request_id), "%s", i->request_id);
    t->has_node_id = i->request.has_node_id;
    t->node_id = i->request.node_id;
    rc = ledger_intent_open(s->ledger, t, e);
    if (rc == MC_OK)
        rc = issue_build(s->verifier, i, t->first_sn, e);
    if (rc == MC_OK)
        rc = ledger_intent_set_tbs(s->ledger, t->id, i->tbs_sha256, e);
    memcpy(t->tbs_sha256, i->tbs_sha256, sizeof(t->tbs_sha256));
    return rc;
}

/* What commissioners ask of a PAA, PAI or DAC by itself; signers have no such check. */
static enum mc_rc check_format(const struct issue *i, const struct mc_cert *c, struct mc_err *e)
{
    enum mc_rc rc = i->kind == MC_KIND_CD_SIGNER || i->kind == MC_KIND_CRL_SIGNER ? MC_OK : mc_att_check_format(c, i->kind, e);

    return rc == MC_OK ? mc_att_check_der(c, e) : rc;
}

/* What was built, signed and put together must be what a strict reader sees, in both forms where there are two. */
static enum mc_rc read_back(struct issue *i, struct mc_err *e)
{
    struct mc_cert c;
    enum mc_rc rc = mc_cert_assemble(mc_span_of(i->tbs, i->tbs_n), i->sig, i->der, sizeof(i->der), &i->der_n, e);

    i->tlv_n = 0;
    if (rc == MC_OK)
        rc = mc_cert_parse_der(mc_span_of(i->der, i->der_n), issue_rules(i->kind), &c, e);
    if (rc == MC_OK && (!mc_span_eq(c.tbs, mc_span_of(i->tbs, i->tbs_n)) || mc_cert_kind(&c) != i->kind))
        rc = mc_fail(e, MC_E_INTERNAL, NULL, "the certificate is not what was asked for");
    if (rc != MC_OK)
        return rc;
    return mc_kind_is_attestation(i->kind) ? check_format(i, &c, e)
                                           : mc_cert_encode_tlv(&c, i->tlv, sizeof(i->tlv), &i->tlv_n, e);
}

enum mc_rc issue_finish(struct mc_verifier *v, struct issue *i, struct mc_err *e)
{
    enum mc_rc rc = mc_verify(v, i->issuer->point, i->tbs_sha256, i->sig);

    if (rc != MC_OK)
        return mc_fail(e, mc_rc_class(rc) == MC_CLASS_INTERNAL ? rc : HSM_E_SIGN, NULL, NULL);
    return read_back(i, e);
}

enum mc_rc issue_sign(struct mc_verifier *v, struct issue *i, struct mc_err *e)
{
    enum mc_rc rc = hsm_sign(i->issuer->key, i->tbs_sha256, i->sig, e);

    return rc == MC_OK ? issue_finish(v, i, e) : rc;
}

void issue_entry(const struct issue *i, enum entry_type type, struct mc_entry *x)
{
    *x = (struct mc_entry){
        .type = type,
        .time_unix = i->intent.time_unix,
        .serial = mc_span_of(i->serial, sizeof(i->serial)),
        .cert_tlv = mc_span_of(i->tlv, i->tlv_n),
        .cert_der = i->tlv_n == 0 ? mc_span_of(i->der, i->der_n) : mc_span_of(NULL, 0),
        .tbs_sha256 = mc_span_of(i->tbs_sha256, sizeof(i->tbs_sha256)),
        .profile_sha256 = mc_span_of(i->profile->sha256, sizeof(i->profile->sha256)),
        .kind = (uint8_t)i->kind,
    };
}
