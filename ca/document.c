/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

enum mc_rc document_begin(struct state *s, struct document *d, struct mc_err *e)
{
    enum mc_rc rc;

    d->time_unix = ca_now();
    rc = issue_check_clock(s, d->time_unix, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    return rc == MC_OK ? ledger_document_next(s->ledger, d->authority, d->what, &d->number, e) : rc;
}

static void fill_entry(const struct document *d, struct mc_entry *x)
{
    *x = (struct mc_entry){
        .type = ENTRY_DOCUMENT,
        .time_unix = ca_now(),
        .authority = d->authority,
        .issuer = d->subject,
        .document = (uint8_t)d->what,
        .number = d->number,
        .until_unix = (uint64_t)d->until_unix,
        .tbs_sha256 = mc_span_of(d->tbs_sha256, sizeof(d->tbs_sha256)),
        .name = mc_span_of(d->name, d->name != NULL ? strlen(d->name) : 0),
    };
}

enum mc_rc document_commit(struct state *s, struct document *d, struct mc_span tbs, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = mc_sha256(s->verifier, tbs, d->tbs_sha256);

    fill_entry(d, &x);
    if (rc != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    else
        rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

enum mc_rc document_sign(struct state *s, const struct document *d, struct hsm_key *key,
    const uint8_t point[MC_POINT_LEN], uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    enum mc_rc rc = hsm_sign(key, d->tbs_sha256, sig, e);

    if (rc == MC_OK && mc_verify(s->verifier, point, d->tbs_sha256, sig) != MC_OK)
        rc = mc_fail(e, HSM_E_SIGN, mc_document_name(d->what), NULL);
    return rc;
}

enum mc_rc document_released(struct state *s, const struct document *d, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    fill_entry(d, &x);
    x.has_state = true;
    x.state = AUTHORITY_ACTIVE;
    if (rc == MC_OK)
        rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}
