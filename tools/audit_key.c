/* SPDX-License-Identifier: Apache-2.0 */
/* The audit key of a ledger, from a file. */
#include "audit_key.h"

/* Entry 0 names origin and key; a key alone says which ledger it is by itself. */
enum mc_rc tool_audit_key(
    struct mc_verifier *v, const char *path, struct tool_input *t, struct tool_audit_key *k, struct mc_err *e)
{
    struct mc_entry x;
    uint8_t spki[MC_SPKI_LEN];
    enum mc_rc rc = tool_load(path, t, e);

    k->origin[0] = '\0';
    if (rc != MC_OK)
        return rc;
    if (t->in.inner == MC_INNER_TLV) {
        rc = mc_entry_parse(t->in.bytes, &x, NULL);
        if (rc != MC_OK || x.type != ENTRY_GENESIS)
            return mc_fail(e, MC_E_OBJECT, "--key", "neither a public key nor entry 0 of a ledger");
        memcpy(k->origin, x.name.p, x.name.n);
        k->origin[x.name.n] = '\0';
        k->point = x.point.p;
    } else {
        k->point = t->in.bytes.p + (MC_SPKI_LEN - MC_POINT_LEN);
        if (t->in.bytes.n != MC_SPKI_LEN)
            return mc_fail(e, MC_E_OBJECT, "--key", "neither a P-256 public key nor entry 0 of a ledger");
        mc_spki_of(k->point, spki);
        if (memcmp(t->in.bytes.p, spki, sizeof(spki)) != 0)
            return mc_fail(e, MC_E_OBJECT, "--key", "neither a P-256 public key nor entry 0 of a ledger");
    }
    rc = mc_point_check(v, mc_span_of(k->point, MC_POINT_LEN));
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, "--key", NULL);
}
