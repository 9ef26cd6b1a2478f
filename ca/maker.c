/* SPDX-License-Identifier: Apache-2.0 */
#include "maker.h"

#include <stdio.h>

#include "recover.h"

enum mc_rc maker_key(struct state *s, struct maker *m, const char *name, const char *role, struct mc_err *e)
{
    enum mc_rc rc;

    /* The token's label is cut where it must be; the id tells keys apart. */
    snprintf(m->label, sizeof(m->label), "%.48s %s", name, role);
    rc = hsm_generate_p256(s->hsm, m->label, m->self.point, m->key_id, e);
    return rc == MC_OK ? hsm_find_key(s->hsm, m->key_id, m->self.point, &m->self.key, e) : rc;
}

enum mc_rc maker_sign(struct state *s, struct maker *m, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc == MC_OK)
        rc = issue_open(s, &m->issue, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK) {
        ledger_rollback(s->ledger);
        return rc;
    }
    rc = issue_sign(s->verifier, &m->issue, e);
    if (rc != MC_OK)
        (void)!recover_void(s, &m->issue.intent, mc_rc_rule(rc), NULL);
    return rc;
}

void maker_key_entry(const struct maker *m, int64_t time_unix, struct mc_entry *x)
{
    *x = (struct mc_entry){
        .type = ENTRY_KEY,
        .time_unix = time_unix,
        .point = mc_span_of(m->self.point, MC_POINT_LEN),
        .key_id = mc_span_of(m->key_id, HSM_ID_LEN),
        .label = mc_span_of(m->label, strlen(m->label)),
    };
}

enum mc_rc maker_append(struct state *s, struct maker *m, uint32_t issuer, struct mc_err *e)
{
    struct mc_entry key, x;
    enum mc_rc rc = MC_OK;

    maker_key_entry(m, m->issue.intent.time_unix, &key);
    if (m->issue.like == NULL)
        rc = ledger_append(s->ledger, &key, e);
    if (rc != MC_OK)
        return rc;
    issue_entry(&m->issue, ENTRY_AUTHORITY, &x);
    x.fabric = m->issue.fabric;
    x.has_state = m->state != AUTHORITY_ACTIVE; /* absent means active */
    x.state = (uint8_t)m->state;
    x.issuer = issuer;
    x.point = key.point;
    x.key_id = key.key_id;
    x.label = key.label;
    if (m->name != NULL)
        x.name = mc_span_of(m->name, strlen(m->name));
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_intent_close(s->ledger, m->issue.intent.id, e);
    m->self.number = x.authority;
    return rc;
}

enum mc_rc maker_finish(struct state *s, enum mc_rc rc, struct mc_err *e)
{
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}
