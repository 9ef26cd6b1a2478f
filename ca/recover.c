/* SPDX-License-Identifier: Apache-2.0 */
#include "recover.h"

#include <stdlib.h>

/* The VOID entries of an intent and its end, inside a transaction. */
static enum mc_rc append_void(struct state *s, const struct ledger_intent *i, const char *reason, struct mc_err *e)
{
    static const uint8_t none[MC_DIGEST_LEN];
    uint8_t serial[LEDGER_SERIAL_LEN];
    struct mc_entry x = {
        .type = ENTRY_VOID,
        .time_unix = ca_now(),
        .fabric = i->fabric,
        .authority = i->authority,
        .kind = i->kind,
        .request_id = mc_span_of(i->request_id, strlen(i->request_id)),
        .csr_sha256 = mc_span_of(i->input_sha256, sizeof(i->input_sha256)),
        .rule = mc_span_of(reason, strlen(reason)),
        .profile_sha256 = mc_span_of(i->profile_sha256, sizeof(i->profile_sha256)),
        .has_node_id = i->has_node_id,
        .node_id = i->node_id,
        .batch = i->batch,
    };

    /* What may have been signed under it; of a block that follows from the requests. */
    if (memcmp(i->tbs_sha256, none, sizeof(none)) != 0)
        x.tbs_sha256 = mc_span_of(i->tbs_sha256, sizeof(i->tbs_sha256));
    for (uint32_t k = 0; k < i->n; k++) {
        enum mc_rc rc;

        ledger_serial(i->seed, i->first_sn + k, serial);
        x.serial = mc_span_of(serial, sizeof(serial));
        rc = ledger_append(s->ledger, &x, e);
        if (rc != MC_OK)
            return rc;
    }
    return ledger_intent_close(s->ledger, i->id, e);
}

static enum mc_rc finish(struct state *s, enum mc_rc rc, struct mc_err *e)
{
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

enum mc_rc recover_void(struct state *s, const struct ledger_intent *i, const char *reason, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    return finish(s, append_void(s, i, reason, e), e);
}

struct found {
    struct ledger_intent *list;
    size_t n, cap;
    bool full;
};

static bool collect(void *arg, const struct ledger_intent *i)
{
    struct found *f = arg;

    if (f->n == f->cap) {
        size_t cap = f->cap == 0 ? 16 : 2 * f->cap;
        struct ledger_intent *list = realloc(f->list, cap * sizeof(*list));

        if (list == NULL) {
            f->full = true;
            return false;
        }
        f->list = list;
        f->cap = cap;
    }
    f->list[f->n++] = *i;
    return true;
}

static enum mc_rc burn_dead(struct state *s, const char *run_dir, const struct found *f, unsigned *burned, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (size_t k = 0; rc == MC_OK && k < f->n; k++) {
        bool alive = f->list[k].instance == instance_number(s->instance);

        if (!alive)
            rc = instance_alive(run_dir, f->list[k].instance, &alive, e);
        if (rc == MC_OK && !alive) {
            rc = append_void(s, &f->list[k], "interrupted", e);
            *burned += f->list[k].n;
        }
    }
    return rc;
}

/*
 * Most starts find no intent: they look without taking the write lock. Inside the transaction the list is
 * read anew, since another process may have burned or finished what the first look saw.
 */
enum mc_rc recover_intents(struct state *s, const char *run_dir, unsigned *burned, struct mc_err *e)
{
    struct found f = {0};
    unsigned count = 0;
    enum mc_rc rc = ledger_intents(s->ledger, collect, &f, e);

    if (rc == MC_OK && f.n > 0) {
        f.n = 0;
        rc = ledger_begin(s->ledger, e);
        if (rc == MC_OK) {
            rc = ledger_intents(s->ledger, collect, &f, e);
            if (rc == MC_OK && f.full)
                rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
            if (rc == MC_OK)
                rc = burn_dead(s, run_dir, &f, &count, e);
            rc = finish(s, rc, e);
        }
    }
    free(f.list);
    if (burned != NULL)
        *burned = rc == MC_OK ? count : 0;
    return rc;
}
