/* SPDX-License-Identifier: Apache-2.0 */
/* PAIs that somebody else's PAA signs: the CSR that goes out, and the certificate that comes back. */
#include "attestation.h"

#include <stdio.h>

#include "lib/att_chain.h"
#include "lib/chain.h"
#include "lib/csr.h"
#include "lib/lint.h"
#include "maker.h"

/* The key is on record with what it is about to sign. */
static enum mc_rc record_key(struct state *s, const struct maker *m, const uint8_t digest[MC_DIGEST_LEN], struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    maker_key_entry(m, ca_now(), &x);
    x.kind = MC_KIND_PAI;
    x.name = mc_span_of(m->name, strlen(m->name));
    x.tbs_sha256 = mc_span_of(digest, MC_DIGEST_LEN);
    return maker_finish(s, ledger_append(s->ledger, &x, e), e);
}

static enum mc_rc sign_csr(struct state *s, struct maker *m, struct mc_span info, uint8_t *csr, size_t *n, struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];
    struct mc_csr back;
    enum mc_rc rc = mc_sha256(s->verifier, info, digest);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    rc = record_key(s, m, digest, e);
    if (rc == MC_OK)
        rc = hsm_sign(m->self.key, digest, sig, e);
    if (rc == MC_OK && (rc = mc_verify(s->verifier, m->self.point, digest, sig)) != MC_OK)
        rc = mc_fail(e, mc_rc_class(rc) == MC_CLASS_INTERNAL ? rc : HSM_E_SIGN, NULL, NULL);
    if (rc == MC_OK)
        rc = mc_csr_assemble(info, sig, csr, ATTESTATION_CSR_MAX, n, e);
    if (rc == MC_OK)
        rc = mc_csr_parse(mc_span_of(csr, *n), &back, e);
    return rc == MC_OK ? mc_csr_check(s->verifier, &back, e) : rc;
}

enum mc_rc attestation_request(struct state *s, const struct attestation_order *o, uint8_t csr[ATTESTATION_CSR_MAX],
    size_t *n, struct mc_err *e)
{
    struct maker m = {.name = o->name};
    char common_name[ATTESTATION_NAME_ROOM];
    uint8_t info[ATTESTATION_CSR_MAX];
    struct mc_cert c;
    size_t info_n = 0;
    enum mc_rc rc = attestation_check_free(s, o->name, e);

    if (rc == MC_OK)
        rc = state_profile(s, o->kind, &m.profile, e);
    attestation_fill(&m.issue.request, o, common_name);
    if (rc == MC_OK)
        rc = mc_profile_subject(&m.profile.profile, &m.issue.request, &c, e);
    if (rc == MC_OK)
        rc = maker_key(s, &m, o->name, mc_kind_name(o->kind), e);
    if (rc == MC_OK)
        rc = mc_csr_encode_info(&c.subject, m.self.point, info, sizeof(info), &info_n, e);
    return rc == MC_OK ? sign_csr(s, &m, mc_span_of(info, info_n), csr, n, e) : rc;
}

/* --- the answer ------------------------------------------------------------------------------------------ */

/* PAI and PAA by themselves, and the one under the other, at the moment when the PAI was issued. */
static enum mc_rc judge(struct state *s, const struct mc_cert *pai, struct mc_span whole, const struct mc_cert *paa, struct mc_err *e)
{
    struct mc_request ids = {0};
    struct mc_att_ids own;
    enum mc_chain_cert where;
    const struct mc_lint_input in = {.kind = MC_LINT_KIND(MC_KIND_PAI), .v = s->verifier, .c = pai, .issuer = paa, .whole = whole};
    enum mc_rc rc = MC_OK;

    if (mc_cert_kind(pai) != MC_KIND_PAI)
        rc = mc_fail(e, MC_E_CHAIN_KIND, "--cert", "it is of kind %s, not pai", mc_kind_name(mc_cert_kind(pai)));
    else if (mc_cert_kind(paa) != MC_KIND_PAA)
        rc = mc_fail(e, MC_E_CHAIN_KIND, "--paa", "it is of kind %s, not paa", mc_kind_name(mc_cert_kind(paa)));
    if (rc == MC_OK && pai->not_after_unix <= ca_now())
        rc = mc_fail(e, MC_E_CHAIN_EXPIRED, "--cert", NULL);
    if (rc == MC_OK)
        rc = mc_att_check_format(paa, MC_KIND_PAA, e);
    if (rc == MC_OK)
        rc = mc_att_check_format(pai, MC_KIND_PAI, e);
    if (rc == MC_OK)
        rc = mc_att_check_path(s->verifier, paa, NULL, pai, &where, e);
    if (rc == MC_OK)
        rc = mc_cert_check_signature(s->verifier, paa, paa->point.p, e);
    if (rc == MC_OK)
        rc = mc_att_ids_of(pai, &own, e);
    if (rc != MC_OK)
        return rc;
    ids.has_vid = own.has_vid;
    ids.vid = own.vid;
    rc = mc_profile_check_product(MC_KIND_PAI, &ids, paa, e);
    return rc == MC_OK ? mc_lint_check_errors(&in, e) : rc;
}

static enum mc_rc record_import(
    struct state *s, struct maker *m, const struct mc_cert *c, struct mc_span der, struct mc_err *e)
{
    struct mc_entry x = {.type = ENTRY_AUTHORITY,
        .time_unix = ca_now(),
        .cert_der = der,
        .name = mc_span_of(m->name, strlen(m->name)),
        .point = c->point,
        .key_id = mc_span_of(m->key_id, HSM_ID_LEN),
        .label = mc_span_of(m->label, strlen(m->label)),
        .kind = MC_KIND_PAI};
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc == MC_OK)
        rc = maker_finish(s, ledger_append(s->ledger, &x, e), e);
    m->self.number = x.authority;
    return rc;
}

enum mc_rc attestation_import(struct state *s, const char *name, struct mc_span pai, struct mc_span paa,
    struct ledger_authority *out, struct mc_err *e)
{
    struct maker m = {.name = name};
    struct mc_cert c, above;
    uint8_t id[MC_DIGEST_LEN];
    bool used = false;
    enum mc_rc rc = mc_cert_parse_der(pai, MC_RULES_X509, &c, e);

    if (rc == MC_OK)
        rc = mc_cert_parse_der(paa, MC_RULES_X509, &above, e);
    if (rc == MC_OK && ledger_authority_by_name(s->ledger, name, out, NULL) == MC_OK &&
        mc_span_eq(mc_span_of(out->cert_der, out->cert_n), pai))
        return MC_OK;
    if (rc == MC_OK)
        rc = attestation_check_free(s, name, e);
    if (rc == MC_OK)
        rc = judge(s, &c, pai, &above, e);
    if (rc == MC_OK && (rc = mc_key_id(s->verifier, c.point.p, id)) != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    if (rc != MC_OK)
        return rc;
    memcpy(m.key_id, id, sizeof(m.key_id));
    memcpy(m.self.point, c.point.p, sizeof(m.self.point));
    snprintf(m.label, sizeof(m.label), "%.48s %s", name, mc_kind_name(MC_KIND_PAI));
    rc = hsm_find_key(s->hsm, m.key_id, m.self.point, &m.self.key, e);
    if (rc == MC_OK)
        rc = ledger_is_authority_key(s->ledger, m.self.point, &used, e);
    if (rc == MC_OK && used)
        rc = mc_fail(e, CA_E_KEY_TAKEN, "--cert", "its key is that of an authority on record");
    if (rc == MC_OK)
        rc = record_import(s, &m, &c, pai, e);
    return rc == MC_OK ? ledger_authority(s->ledger, m.self.number, out, e) : rc;
}
