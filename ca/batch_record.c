/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent does with a chunk: policy and intent, entries, answers. */
#include "batch_chunk.h"

static void keep_issued(struct batch_item *item, const struct issued *out)
{
    item->state = ITEM_REPEATED;
    item->seq = out->seq;
    item->node_id = out->node_id;
    item->sn = out->batch;
    memcpy(item->serial, out->serial, out->serial_n < sizeof(item->serial) ? out->serial_n : sizeof(item->serial));
    item->cert_n = (uint16_t)out->cert_n;
    memcpy(item->cert, out->cert, out->cert_n);
}

static bool is_refusal(enum mc_rc rc)
{
    enum mc_class class = mc_rc_class(rc);

    return class == MC_CLASS_REFUSED || class == MC_CLASS_CONFLICT || class == MC_CLASS_MALFORMED;
}

/* A refusal is the item's; anything else is the ledger's and ends the batch. */
static enum mc_rc decide_item(struct batch_run *r, struct batch_item *item, struct mc_err *e)
{
    struct issued out = {0};
    enum mc_rc rc;

    mc_err_init(&item->err);
    rc = r->side.target->ops->decide(&r->side, r->s, item, &out, &item->err);
    if (rc == MC_OK && out.repeated)
        keep_issued(item, &out);
    else if (rc == MC_OK)
        item->state = ITEM_NEW;
    else if (is_refusal(rc))
        item->state = ITEM_REFUSED;
    else
        return e != NULL ? (*e = item->err, rc) : rc;
    item->replaces = rc == MC_OK && out.replaces;
    return MC_OK;
}

static bool is_pending(const struct batch_run *r, const struct batch_item *item)
{
    return pending_has(r->pending, item->id_hash) || pending_has(r->pending, item->key_hash) ||
           (item->device_hash != 0 && pending_has(r->pending, item->device_hash));
}

static void add_pending(struct batch_run *r, const struct batch_item *item)
{
    pending_add(r->pending, item->id_hash);
    pending_add(r->pending, item->key_hash);
    if (item->device_hash != 0)
        pending_add(r->pending, item->device_hash);
}

/* What a chunk knows of node ids; next is asked of the ledger once, since until the chunk's intent nothing changes there. */
struct chunk_nodes {
    uint64_t next, highest; /* 0: not known, none */
};

/* Node ids of `next` follow the highest that the ledger, its open intents or this chunk know. */
static enum mc_rc choose_node(struct batch_run *r, struct batch_item *item, struct chunk_nodes *n, struct mc_err *e)
{
    if (item->next) {
        enum mc_rc rc = MC_OK;

        if (n->next == 0)
            rc = ledger_next_node(r->s->ledger, batch_fabric(r->side.target), &n->next, e);
        if (rc != MC_OK)
            return rc;
        item->node_id = n->next > n->highest ? n->next : n->highest + 1;
        if (mc_node_id_check(item->node_id) != MC_OK)
            return mc_fail(e, CA_E_NODE_SPACE, NULL, NULL);
    }
    if (item->node_id > n->highest)
        n->highest = item->node_id;
    return MC_OK;
}

static enum mc_rc open_intent(struct batch_run *r, struct batch_chunk *c, uint32_t n, uint64_t highest, struct mc_err *e)
{
    struct issue *i = &c->issue;
    enum mc_rc rc;
    uint64_t sn;

    memset(i, 0, sizeof(*i));
    i->kind = r->side.target->ops->kind;
    i->profile = r->side.profile;
    i->issuer = r->side.issuer;
    i->fabric = batch_fabric(r->side.target);
    i->request_id = "";
    rc = issue_prepare(r->s, i, e);
    if (rc == MC_OK)
        rc = mc_sha256(r->s->verifier, mc_span_of(c->text, c->text_n), i->intent.input_sha256);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    i->intent.n = n;
    i->intent.batch = r->o->number;
    i->intent.has_node_id = highest != 0;
    i->intent.node_id = highest;
    rc = ledger_intent_open(r->s->ledger, &i->intent, e);
    sn = i->intent.first_sn;
    for (uint32_t k = 0; k < c->n; k++)
        if (c->item[k].state == ITEM_NEW)
            c->item[k].sn = sn++;
    return rc;
}

enum mc_rc batch_decide(struct batch_run *r, struct batch_chunk *c, struct mc_err *e)
{
    struct chunk_nodes nodes = {0};
    uint32_t n = 0, again = 0;

    c->late = 0;
    c->strangers = r->strangers;
    for (uint32_t k = 0; k < c->n; k++) {
        struct batch_item *item = &c->item[k];
        enum mc_rc rc = MC_OK;

        if (item->state != ITEM_CHECKED)
            continue;
        if (is_pending(r, item)) {
            item->state = ITEM_LATE;
            c->late++;
            continue;
        }
        rc = decide_item(r, item, e);
        if (rc == MC_OK && item->state == ITEM_NEW)
            rc = choose_node(r, item, &nodes, e);
        if (rc != MC_OK)
            return rc;
        if (item->state == ITEM_NEW) {
            add_pending(r, item);
            n++;
        }
        again += item->state == ITEM_REPEATED && batch_delivers_again(r->parcels != NULL, r->o, item);
    }
    c->state = n + again > 0 && !r->o->dry_run ? CHUNK_OPENED : CHUNK_SIGNED;
    return n > 0 && c->state == CHUNK_OPENED ? open_intent(r, c, n, nodes.highest, e) : MC_OK;
}

/* A certificate was signed, or its serial number was used up without one. */
static enum mc_rc append_new(struct batch_run *r, struct batch_chunk *c, struct batch_item *item, struct mc_err *e)
{
    const struct batch_ops *ops = r->side.target->ops;
    struct issue *i = &c->issue;
    struct mc_entry x;
    enum mc_rc rc;

    if (item->state == ITEM_NEW && item->err.rc == MC_OK)
        (void)mc_fail(&item->err, CA_E_VOID, NULL, "the batch was stopped");
    ledger_serial(i->intent.seed, item->sn, i->serial);
    if (item->state == ITEM_SIGNED) {
        memcpy(i->tbs_sha256, item->tbs_sha256, sizeof(i->tbs_sha256));
        ops->entry(&r->side, i, item, &x);
    } else {
        ops->refusal(&r->side, item, &x);
        x.authority = r->side.issuer->number;
        x.serial = mc_span_of(i->serial, sizeof(i->serial));
        x.has_node_id = item->node_id != 0;
        x.node_id = item->node_id;
        x.batch = r->o->number;
        if (!is_refusal(item->err.rc))
            x.type = ENTRY_VOID;
    }
    rc = ledger_append(r->s->ledger, &x, e);
    item->seq = x.seq;
    return rc;
}

/*
 * Since it was decided another process may have answered the same request, or given its key to another node. Then
 * this certificate is never released, and its serial number is void.
 */
static enum mc_rc append_unless_overtaken(
    struct batch_run *r, struct batch_chunk *c, struct batch_item *item, struct mc_err *e)
{
    struct issued other = {0};
    struct mc_err why;
    enum mc_rc rc = MC_OK;

    if (c->strangers == r->strangers || item->state != ITEM_SIGNED)
        return append_new(r, c, item, e);
    mc_err_init(&why);
    rc = r->side.target->ops->decide(&r->side, r->s, item, &other, &why);
    if (rc != MC_OK && !is_refusal(rc))
        return e != NULL ? (*e = why, rc) : rc;
    if (rc == MC_OK && !other.repeated)
        return append_new(r, c, item, e);
    item->state = ITEM_NEW;
    item->delivered = false;
    if (rc != MC_OK)
        item->err = why;
    else
        (void)mc_fail(&item->err, CA_E_VOID, NULL, "another process answered it first");
    rc = append_new(r, c, item, e);
    if (other.repeated)
        keep_issued(item, &other);
    return rc;
}

static enum mc_rc append_refusal(struct batch_run *r, struct batch_item *item, struct mc_err *e)
{
    struct mc_entry x;

    r->side.target->ops->refusal(&r->side, item, &x);
    x.batch = r->o->number;
    if (mc_rc_class(item->err.rc) == MC_CLASS_MALFORMED)
        x.csr_sha256.n = 0;
    return ledger_append(r->s->ledger, &x, e);
}

/*
 * Its forerunner is on record now. If that one failed, or this is another request for the same node and key, it must
 * be asked for again.
 */
static enum mc_rc decide_late(struct batch_run *r, struct batch_item *item, struct mc_err *e)
{
    enum mc_rc rc = decide_item(r, item, e);

    if (rc != MC_OK || item->state != ITEM_NEW)
        return rc;
    item->state = ITEM_REFUSED;
    (void)mc_fail(&item->err, CA_E_VOID, NULL, "an earlier line of this batch has its id or key: give it in a batch of its own");
    return MC_OK;
}

static void remove_pending(struct batch_run *r, const struct batch_item *item)
{
    pending_remove(r->pending, item->id_hash);
    pending_remove(r->pending, item->key_hash);
    if (item->device_hash != 0)
        pending_remove(r->pending, item->device_hash);
}

enum mc_rc batch_record(struct batch_run *r, struct batch_chunk *c, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (uint32_t k = 0; rc == MC_OK && k < c->n; k++) {
        struct batch_item *item = &c->item[k];

        if (item->state == ITEM_LATE && !r->o->dry_run)
            rc = decide_late(r, item, e);
        if (item->state == ITEM_SIGNED || item->state == ITEM_NEW)
            remove_pending(r, item);
        if (rc != MC_OK || r->o->dry_run)
            continue;
        if (item->state == ITEM_SIGNED || item->state == ITEM_NEW)
            rc = append_unless_overtaken(r, c, item, e);
        else if (item->state == ITEM_REFUSED && item->identified)
            rc = append_refusal(r, item, e);
    }
    if (rc == MC_OK && c->issue.intent.id != 0)
        rc = ledger_intent_close(r->s->ledger, c->issue.intent.id, e);
    return rc;
}

static void fill_issued(const struct batch_item *item, uint32_t authority, struct issued *out)
{
    out->repeated = item->state == ITEM_REPEATED;
    out->replaces = item->replaces;
    out->seq = item->seq;
    out->authority = authority;
    out->node_id = item->node_id;
    out->serial_n = sizeof(item->serial);
    memcpy(out->serial, item->serial, sizeof(item->serial));
    out->cert_n = item->cert_n;
    memcpy(out->cert, item->cert, item->cert_n);
}

static enum mc_rc answer_item(
    struct batch_run *r, const struct batch_item *item, const struct batch_parcel *parcel, struct mc_err *e)
{
    struct issued out;
    struct batch_answer a = {.line = item->line, .id = item->id, .issued = &out, .vid = item->vid, .pid = item->pid};
    bool would_be = r->o->dry_run && (item->state == ITEM_NEW || item->state == ITEM_LATE);

    if (item->state == ITEM_SIGNED || item->state == ITEM_REPEATED || would_be) {
        fill_issued(item, r->side.issuer->number, &out);
        if (parcel != NULL && item->delivered)
            a.sealed = mc_span_of(parcel->p, parcel->n);
        /*
         * What this very batch issued before it was stopped is its own answer, not a repetition; a line that stands
         * twice has its device's record once.
         */
        a.repeated = out.repeated && (item->sn != r->o->number || (parcel != NULL && !item->delivered && !would_be));
        *(a.repeated ? &r->counts->repeated : &r->counts->issued) += 1;
    } else if (item->state == ITEM_REFUSED || is_refusal(item->err.rc)) {
        a.rc = item->err.rc;
        a.why = &item->err;
        a.issued = NULL;
        r->counts->refused++;
    } else {
        return MC_OK; /* the token failed: no answer, the batch is resumed */
    }
    r->answered++;
    return r->sink->answer(r->sink->arg, &a, e);
}

enum mc_rc batch_answer(struct batch_run *r, struct batch_chunk *c, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (uint32_t k = 0; rc == MC_OK && k < c->n; k++)
        rc = answer_item(r, &c->item[k], batch_parcel_of(r->parcels, (size_t)(c - r->chunks), k), e);
    c->state = CHUNK_FREE;
    return rc;
}
