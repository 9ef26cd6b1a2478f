/* SPDX-License-Identifier: Apache-2.0 */
#include "attestation.h"

#include <stdio.h>

#include "maker.h"
#include "recover.h"

enum mc_rc attestation_find(
    struct state *s, const char *name, enum mc_kind kind, struct ledger_authority *a, struct mc_err *e)
{
    enum mc_rc rc = name_check(name, e);

    if (rc == MC_OK)
        rc = ledger_authority_by_name(s->ledger, name, a, e);
    if (rc == MC_OK && kind != MC_KIND_UNKNOWN && a->kind != kind)
        rc = mc_fail(e, CA_E_AUTHORITY_KIND, "name", "'%s' is a %s, not a %s", name, mc_kind_name(a->kind), mc_kind_name(kind));
    return rc;
}

enum mc_rc attestation_issuer(
    struct state *s, const char *name, enum mc_kind kind, struct issuer *out, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = attestation_find(s, name, kind, &a, e);

    if (rc == MC_OK && a.state == AUTHORITY_RETIRED)
        rc = mc_fail(e, CA_E_AUTHORITY_STATE, "name", "'%s' is retired", name);
    return rc == MC_OK ? issuer_load(s, a.number, out, e) : rc;
}

enum mc_rc attestation_check_not_revoked(struct state *s, const struct issuer *i, const char *name, struct mc_err *e)
{
    struct ledger_revocation r;
    struct ledger_authority a;
    enum mc_rc rc = ledger_revocation(s->ledger, i->cert.serial, &r, e);

    if (rc == CA_E_NOT_FOUND) {
        mc_err_init(e);
        return MC_OK;
    }
    if (rc == MC_OK)
        rc = ledger_authority(s->ledger, i->number, &a, e);
    /* The serial number of an imported PAI is its PAA's: it may be one of ours that is revoked. */
    if (rc == MC_OK && a.issuer == r.authority)
        rc = mc_fail(e, CA_E_AUTHORITY_STATE, "issuer", "'%s' is revoked (entry %llu)", name, (unsigned long long)r.seq);
    return rc;
}

struct of_kind {
    enum mc_kind kind;
    bool (*each)(void *arg, const struct ledger_authority *a);
    void *arg;
};

static bool pass_on(void *arg, const struct ledger_authority *a)
{
    const struct of_kind *k = arg;

    if (!mc_kind_is_attestation(a->kind) || (k->kind != MC_KIND_UNKNOWN && a->kind != k->kind))
        return true;
    return k->each(k->arg, a);
}

enum mc_rc attestation_each(struct state *s, enum mc_kind kind,
    bool (*each)(void *arg, const struct ledger_authority *a), void *arg, struct mc_err *e)
{
    struct of_kind k = {kind, each, arg};

    return ledger_authorities(s->ledger, 0, pass_on, &k, e);
}

enum mc_rc attestation_crl_points(struct state *s, const char *url, const char *signer,
    uint8_t out[MC_CRL_POINTS_MAX], struct mc_span *points, struct mc_err *e)
{
    bool has_url = url != NULL && url[0] != '\0', has_signer = signer != NULL && signer[0] != '\0';
    struct mc_span name = {NULL, 0};
    struct ledger_authority a;
    struct mc_cert cert;
    enum mc_rc rc = MC_OK;
    size_t n;

    *points = name;
    if (!has_url)
        return has_signer ? mc_fail(e, CA_E_USAGE, "--crl-signer", "it belongs to --crl-url") : MC_OK;
    if (has_signer) {
        rc = attestation_find(s, signer, MC_KIND_UNKNOWN, &a, e);
        if (rc == MC_OK)
            rc = mc_cert_parse_der(mc_span_of(a.cert_der, a.cert_n), MC_RULES_X509, &cert, e);
        if (rc == MC_OK)
            name = cert.subject.der;
    }
    if (rc == MC_OK)
        rc = mc_crl_points_encode(mc_span_of(url, strlen(url)), name, out, MC_CRL_POINTS_MAX, &n, e);
    if (rc == MC_OK)
        *points = mc_span_of(out, n);
    return rc;
}

/* --- making one ----------------------------------------------------------------------------------------- */

enum mc_rc attestation_check_free(struct state *s, const char *name, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = name_check(name, e);

    if (rc == MC_OK)
        rc = ledger_authority_by_name(s->ledger, name, &a, e);
    if (rc == MC_OK)
        return mc_fail(e, CA_E_AUTHORITY_EXISTS, "name", "'%s' is a %s", name, mc_kind_name(a.kind));
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

/* What a reader of the certificate sees first. name_text holds the request's own. */
void attestation_fill(
    struct mc_request *r, const struct attestation_order *o, char common_name[ATTESTATION_NAME_ROOM])
{
    static const char *const roles[MC_KIND_COUNT] = {[MC_KIND_PAA] = "PAA",
        [MC_KIND_PAI] = "PAI",
        [MC_KIND_CD_SIGNER] = "CD Signing Authority",
        [MC_KIND_CRL_SIGNER] = "CRL Signer"};

    snprintf(common_name, ATTESTATION_NAME_ROOM, "%s %s", o->name, roles[o->kind]);
    if (o->common_name != NULL)
        r->common_name = mc_span_of(o->common_name, strlen(o->common_name));
    else
        r->common_name = mc_span_of(common_name, strlen(common_name));
    r->has_vid = o->has_vid;
    r->vid = o->vid;
    r->has_pid = o->has_pid;
    r->pid = o->pid;
    r->crl_points = o->crl_points;
}

/*
 * All rules are tried before a key is made: a token has few places for keys, and this one would never be used. The point
 * of the trial is the generator of P-256: on the curve, and nobody's.
 */
static enum mc_rc try_rules(struct state *s, const struct maker *m, struct mc_err *e)
{
    static const uint8_t generator[MC_POINT_LEN] = {0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6,
        0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98,
        0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B,
        0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
    struct issue trial = m->issue;
    enum mc_rc rc;

    trial.request.point = generator;
    rc = issue_prepare(s, &trial, e);
    if (rc == MC_OK)
        rc = mc_key_id(s->verifier, generator, trial.request.key_id);
    return rc == MC_OK ? issue_build(s->verifier, &trial, 1, e) : rc;
}

static enum mc_rc record(struct state *s, struct maker *m, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = maker_finish(s, maker_append(s, m, m->issue.issuer->number, e), e);
    /* Another process took the name meanwhile. */
    if (rc == CA_E_AUTHORITY_EXISTS)
        (void)!recover_void(s, &m->issue.intent, mc_rc_rule(rc), NULL);
    return rc;
}

enum mc_rc attestation_make(
    struct state *s, const struct attestation_order *o, struct ledger_authority *out, struct mc_err *e)
{
    struct maker m = {.state = AUTHORITY_ACTIVE, .name = o->name};
    struct issuer signer = {0};
    char common_name[ATTESTATION_NAME_ROOM];
    enum mc_rc rc = attestation_check_free(s, o->name, e);

    if (rc == MC_OK)
        rc = state_profile(s, o->kind, &m.profile, e);
    if (rc == MC_OK && o->signer != NULL)
        rc = attestation_issuer(s, o->signer, MC_KIND_UNKNOWN, &signer, e);
    if (rc == MC_OK && o->signer != NULL)
        rc = attestation_check_not_revoked(s, &signer, o->signer, e);
    m.issue = (struct issue){.kind = o->kind,
        .profile = &m.profile,
        .issuer = o->signer != NULL ? &signer : &m.self,
        .request_id = ""};
    attestation_fill(&m.issue.request, o, common_name);
    m.issue.request.point = m.self.point;
    if (rc == MC_OK)
        rc = try_rules(s, &m, e);
    if (rc == MC_OK)
        rc = maker_key(s, &m, o->name, mc_kind_name(o->kind), e);
    if (rc == MC_OK)
        rc = maker_sign(s, &m, e);
    if (rc == MC_OK)
        rc = record(s, &m, e);
    return rc == MC_OK ? ledger_authority(s->ledger, m.self.number, out, e) : rc;
}
