/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates that were on their way when a batch was killed, made again from what is on record. */
#include "model.h"

#include <stdlib.h>

#include "ca/authority.h"
#include "ca/batch_dac.h"

#define WINDOW_SECONDS 300 /* between an intent and the record that it was burned */

struct rebuild {
    struct model *m;
    struct profile_file profile;
    struct issuer issuer;
    struct batch_target target;
    struct batch_side side;
};

static bool parse(struct rebuild *b, const struct model_request *q, struct batch_item *item)
{
    memset(item, 0, sizeof(*item));
    item->text_n = (uint32_t)q->n;
    batch_parse(&b->side, b->m->s.verifier, q->text, item);
    return item->state == ITEM_CHECKED;
}

/* How many signatures there are for this request under this serial, if its intent was made at this time. */
static unsigned explain_at(
    struct rebuild *b, const struct batch_item *item, const uint8_t *serial, int64_t time)
{
    struct mc_verifier *v = b->m->s.verifier;
    struct issue i = {.profile = &b->profile, .issuer = &b->issuer};
    struct mc_cert c;

    if (b->target.ops->fill(&b->side, v, item, &i, NULL) != MC_OK)
        return 0;
    i.request.serial = mc_span_of(serial, LEDGER_SERIAL_LEN);
    mc_profile_period(
        &b->profile.profile, time, &b->issuer.cert, &i.request.not_before_unix, &i.request.not_after_unix);
    if (mc_profile_apply(&b->profile.profile, &i.request, &b->issuer.cert, &c, NULL) != MC_OK ||
        mc_cert_encode_tbs(&c, i.tbs, sizeof(i.tbs), &i.tbs_n, NULL) != MC_OK ||
        mc_sha256(v, mc_span_of(i.tbs, i.tbs_n), i.tbs_sha256) != MC_OK)
        return 0;
    return model_explain(b->m, i.tbs_sha256);
}

/* Requests are signed in order: the first tells the second at which the intent was made. */
static unsigned explain_run(
    struct rebuild *b, const struct model_entry *first, size_t n, const struct model_request **q)
{
    struct batch_item item;
    unsigned found = 0;
    int64_t t = first->time_unix;

    if (!parse(b, q[0], &item))
        return 0;
    for (; found == 0 && t > first->time_unix - WINDOW_SECONDS; t--)
        found = explain_at(b, &item, first->serial, t);
    for (size_t k = 1; found > 0 && k < n; k++)
        if (parse(b, q[k], &item))
            found += explain_at(b, &item, first[k].serial, t + 1);
    return found;
}

static uint64_t counter_of(const struct model_entry *x)
{
    return ledger_serial_sn(mc_span_of(x->serial, LEDGER_SERIAL_LEN));
}

/* The lines of the chunk whose hash the intent had, without those that an earlier intent was for. */
static size_t lines_of(struct model *m, const struct model_entry *x, const struct model_request **q)
{
    struct mc_span *parts = calloc(m->n_requests + 1, sizeof(*parts));
    uint8_t hash[MC_DIGEST_LEN];
    size_t n = 0;

    for (size_t from = 0, end; parts != NULL && from < m->n_requests && n == 0; from = end) {
        for (end = from; end < m->n_requests && m->request[end].chunk == m->request[from].chunk; end++)
            parts[end - from] = mc_span_of(m->request[end].text, m->request[end].n);
        if (mc_sha256_parts(m->s.verifier, parts, end - from, hash) != MC_OK ||
            memcmp(hash, x->input_sha256, sizeof(hash)) != 0)
            continue;
        for (size_t i = from; i < end; i++)
            if (m->request[i].issued_sn > counter_of(x))
                q[n++] = &m->request[i];
    }
    free(parts);
    return n;
}

static unsigned explain_block(struct rebuild *b, const struct model_entry *first, size_t n)
{
    const struct model_request *q[BATCH_CHUNK];
    size_t lines = lines_of(b->m, first, q);

    if (lines == n)
        return explain_run(b, first, n, q);
    /* None: it was of another batch than the one that is looked at. */
    if (lines == 0)
        return 0;
    model_mistake(b->m, "entry %llu: %zu serial numbers were burned, %zu requests are behind them",
        (unsigned long long)first->seq, n, lines);
    return 0;
}

/* A request of a chunk that the token failed at has its own VOID entry, with its id. */
static unsigned explain_one(struct rebuild *b, const struct model_entry *x)
{
    const struct model_request *q[1] = {NULL};

    for (size_t i = 0; i < b->m->n_requests; i++)
        if (strcmp(b->m->request[i].id, x->id) == 0)
            q[0] = &b->m->request[i];
    return q[0] != NULL ? explain_run(b, x, 1, q) : 0;
}

struct open_blocks {
    struct rebuild *b;
    unsigned found;
};

/* A worker may be dying for a moment longer than its parent: its intent stays open until a later start. */
static bool explain_open(void *arg, const struct ledger_intent *i)
{
    struct open_blocks *o = arg;
    struct model_entry *x = calloc(BATCH_CHUNK, sizeof(*x));

    if (x == NULL || i->request_id[0] != '\0' || i->n > BATCH_CHUNK) {
        o->found += model_explain(o->b->m, i->tbs_sha256);
        free(x);
        return true;
    }
    for (uint32_t k = 0; k < i->n; k++) {
        ledger_serial(i->seed, i->first_sn + k, x[k].serial);
        memcpy(x[k].input_sha256, i->input_sha256, MC_DIGEST_LEN);
        x[k].time_unix = i->time_unix;
    }
    o->found += explain_block(o->b, x, i->n);
    free(x);
    return true;
}

unsigned model_burned_blocks(struct model *m)
{
    struct rebuild b = {.m = m};
    struct open_blocks open = {.b = &b};
    const struct dac_batch dacs = {.pai_name = m->pai.name, .rendezvous = MC_RENDEZVOUS_BLE};
    struct ledger_authority a = m->pai;
    unsigned found = 0;

    if ((m->fabric.number != 0 && ledger_authority(m->s.ledger, fabric_issuer(&m->fabric), &a, NULL) != MC_OK) ||
        issuer_read(&a, &b.issuer, NULL) != MC_OK ||
        state_profile(&m->s, m->fabric.number != 0 ? MC_KIND_NOC : MC_KIND_DAC, &b.profile, NULL) != MC_OK) {
        model_mistake(m, "the issuer cannot be read");
        return 0;
    }
    b.target = m->fabric.number != 0 ? batch_of_nocs(&m->fabric) : batch_of_dacs(m->pai.number, &dacs);
    b.side = (struct batch_side){&b.target, &b.issuer, &b.profile};
    for (size_t i = 0, end; i < m->n_entries; i = end) {
        const struct model_entry *x = &m->entry[i];

        end = i + 1;
        if (!x->has_serial || (x->type != ENTRY_VOID && x->type != ENTRY_REFUSED) || x->has_tbs ||
            x->fabric != m->fabric.number)
            continue;
        if (x->id[0] != '\0') {
            found += explain_one(&b, x);
            continue;
        }
        while (end < m->n_entries && m->entry[end].type == ENTRY_VOID && end - i < BATCH_CHUNK &&
               memcmp(m->entry[end].input_sha256, x->input_sha256, MC_DIGEST_LEN) == 0 &&
               counter_of(&m->entry[end]) == counter_of(x) + (end - i))
            end++;
        found += explain_block(&b, x, end - i);
    }
    if (ledger_intents(m->s.ledger, explain_open, &open, NULL) != MC_OK)
        model_mistake(m, "the intents cannot be read");
    return found + open.found;
}
