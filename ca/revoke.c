/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations come on record. */
#include "revoke.h"

#include <stdio.h>

/* What must be true of the certificate's own entry. */
static enum mc_rc check_target(const struct revoke_order *o, const struct ledger_row *r, struct mc_err *e)
{
    uint32_t issuer = r->x.type == ENTRY_AUTHORITY ? r->x.issuer : r->x.authority;

    if (r->x.type != ENTRY_ISSUED && r->x.type != ENTRY_AUTHORITY)
        return mc_fail(e, CA_E_NOT_FOUND, "serial", "it was burned: no certificate with it was given out");
    if (r->x.fabric != 0 || r->x.kind < MC_KIND_PAI)
        return mc_fail(e, CA_E_REVOKE_KIND, "serial", "it is a certificate of kind %s", mc_kind_name(r->x.kind));
    if (issuer == 0)
        return mc_fail(e, CA_E_REVOKE_KIND, "serial", "it signed itself, or its issuer is not here");
    if (o->der.n != 0 && !mc_span_eq(o->der, r->x.cert_der))
        return mc_fail(e, CA_E_NOT_FOUND, "serial", "the certificate on record with it is another one");
    return MC_OK;
}

struct foreign {
    const struct revoke_order *o;
    char name[ENTRY_NAME_MAX + 1];
};

static bool find_foreign(void *arg, const struct ledger_authority *a)
{
    struct foreign *f = arg;
    struct mc_cert c;

    if (a->issuer != 0 || mc_cert_parse_der(mc_span_of(a->cert_der, a->cert_n), MC_RULES_X509, &c, NULL) != MC_OK ||
        mc_dn_equal(&c.subject, &c.issuer) || !mc_span_eq(c.serial, f->o->serial) ||
        (f->o->der.n != 0 && !mc_span_eq(f->o->der, mc_span_of(a->cert_der, a->cert_n))))
        return true;
    memcpy(f->name, a->name, sizeof(f->name));
    return false;
}

/* A serial number that was not given out here may be that of an imported PAI: its PAA revokes it. */
static enum mc_rc explain_unknown(struct state *s, const struct revoke_order *o, struct mc_err *e)
{
    struct foreign f = {.o = o};
    enum mc_rc rc = attestation_each(s, MC_KIND_PAI, find_foreign, &f, e);

    if (rc != MC_OK)
        return rc;
    if (f.name[0] != '\0')
        return mc_fail(e, CA_E_REVOKE_KIND, "serial", "'%s' has its certificate from an authority that is not here", f.name);
    return mc_fail(e, CA_E_NOT_FOUND, "serial", "no certificate of this ledger has it");
}

static enum mc_rc revoke_one(
    struct state *s, const struct revoke_order *o, int64_t now, struct revoke_result *out, struct mc_err *e)
{
    struct ledger_revocation old;
    struct ledger_row r;
    struct mc_entry x;
    enum mc_rc rc = ledger_find_serial(s->ledger, o->serial, &r, e);

    if (rc == CA_E_NOT_FOUND)
        return explain_unknown(s, o, e);
    if (rc == MC_OK)
        rc = check_target(o, &r, e);
    if (rc != MC_OK)
        return rc;
    *out = (struct revoke_result){.authority = r.x.type == ENTRY_AUTHORITY ? r.x.issuer : r.x.authority, .kind = r.x.kind};
    rc = ledger_revocation(s->ledger, o->serial, &old, e);
    if (rc == MC_OK) {
        out->seq = old.seq;
        out->repeated = true;
        return MC_OK;
    }
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    x = (struct mc_entry){.type = ENTRY_REVOKED, .time_unix = now, .authority = out->authority, .kind = r.x.kind,
        .serial = o->serial, .why = mc_span_of(o->why, o->why != NULL ? strlen(o->why) : 0)};
    rc = ledger_append(s->ledger, &x, e);
    out->seq = x.seq;
    return rc;
}

enum mc_rc revoke(struct state *s, const struct revoke_order *o, size_t n, struct revoke_result *out, size_t *failed,
    struct mc_err *e)
{
    int64_t now = ca_now();
    enum mc_rc rc = issue_check_clock(s, now, e);

    *failed = n;
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        rc = revoke_one(s, &o[i], now, &out[i], e);
        if (rc != MC_OK)
            *failed = i;
    }
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}
