/* SPDX-License-Identifier: Apache-2.0 */
#include "noc.h"

#include "lib/tlv.h"

enum mc_rc noc_check_node(uint64_t node_id, const char *field, const char *text, struct mc_err *e)
{
    return mc_node_id_check(node_id) == MC_OK ? MC_OK : mc_fail(e, CA_E_NODE_ID, field, "%.24s", text);
}

enum mc_rc noc_check_cat(uint32_t cat, const char *field, const char *text, struct mc_err *e)
{
    return mc_cat_check(cat) == MC_OK ? MC_OK : mc_fail(e, CA_E_CAT, field, "%.16s", text);
}

/*
 * Canonically: { 0 kind, 1 fabric, 2 node id (absent: the ledger chooses), 3 CATs, 4 public key }.
 */
enum mc_rc noc_content(struct mc_verifier *v, uint32_t fabric, struct noc_request *r, char own_id[REQUEST_OWN_ID_MAX])
{
    uint8_t text[256];
    struct mc_out o = mc_out_of(text, sizeof(text));
    enum mc_rc rc;

    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, 0, MC_KIND_NOC);
    mc_tlv_put_uint(&o, 1, fabric);
    if (!r->next)
        mc_tlv_put_uint(&o, 2, r->node_id);
    mc_tlv_begin(&o, MC_TLV_ARRAY, 3);
    for (unsigned i = 0; i < r->n_cat; i++)
        mc_tlv_put_uint(&o, MC_TLV_ANONYMOUS, r->cat[i]);
    mc_tlv_close(&o);
    mc_tlv_put_bytes(&o, 4, mc_span_of(r->point, MC_POINT_LEN));
    mc_tlv_close(&o);
    rc = o.rc != MC_OK ? o.rc : mc_sha256(v, mc_span_of(text, o.n), r->content_sha256);
    if (rc == MC_OK && own_id != NULL) {
        request_own_id(r->content_sha256, own_id);
        r->request_id = own_id;
    }
    return rc;
}

/* One key is one node: a key that two nodes share is a key that was copied. */
static enum mc_rc check_key_free(struct state *s, uint32_t fabric, const struct noc_request *r, struct mc_err *e)
{
    struct ledger_row row;
    bool found;
    enum mc_rc rc = ledger_is_authority_key(s->ledger, r->point, &found, e);

    if (rc == MC_OK && found)
        return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "it is the key of an authority");
    if (rc == MC_OK)
        rc = request_maybe(ledger_find_key(s->ledger, r->point, &row, e), &found, e);
    if (rc != MC_OK || !found || (row.x.fabric == fabric && !r->next && row.x.node_id == r->node_id))
        return rc;
    return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "node 0x%llX of fabric %u has it (entry %llu)",
        (unsigned long long)row.x.node_id, row.x.fabric, (unsigned long long)row.seq);
}

static enum mc_rc check_not_removed(struct state *s, uint32_t fabric, uint64_t node_id, struct mc_err *e)
{
    bool removed;
    enum mc_rc rc = ledger_node_removed(s->ledger, fabric, node_id, &removed, e);

    return rc == MC_OK && removed ? mc_fail(e, CA_E_NODE_REMOVED, "node_id", "0x%016llX", (unsigned long long)node_id) : rc;
}

enum mc_rc noc_decide(struct state *s, uint32_t fabric, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc;

    out->repeated = out->replaces = false;
    rc = request_find(s, fabric, r->request_id, r->content_sha256, out, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = check_key_free(s, fabric, r, e);
    if (rc == MC_OK && !r->next)
        rc = check_not_removed(s, fabric, r->node_id, e);
    if (rc == MC_OK && !r->next)
        rc = request_maybe(ledger_find_node(s->ledger, fabric, r->node_id, &row, e), &out->replaces, e);
    return rc;
}

void noc_fill(const struct noc_request *r, const struct ledger_fabric *f, struct issue *i)
{
    i->kind = MC_KIND_NOC;
    i->fabric = f->number;
    i->request_id = r->request_id;
    memcpy(i->input_sha256, r->input_sha256, sizeof(i->input_sha256));
    memcpy(i->content_sha256, r->content_sha256, sizeof(i->content_sha256));
    i->request.has_fabric_id = true;
    i->request.fabric_id = f->fabric_id;
    i->request.has_node_id = true;
    i->request.node_id = r->node_id;
    i->request.point = r->point;
    i->request.n_cat = r->n_cat;
    memcpy(i->request.cat, r->cat, sizeof(r->cat));
}

void noc_entry(const struct issue *i, struct mc_entry *x)
{
    issue_entry(i, ENTRY_ISSUED, x);
    x->authority = i->issuer->number;
    x->fabric = i->fabric;
    x->request_id = mc_span_of(i->request_id, strlen(i->request_id));
    x->csr_sha256 = mc_span_of(i->input_sha256, sizeof(i->input_sha256));
    x->content_sha256 = mc_span_of(i->content_sha256, sizeof(i->content_sha256));
    x->has_node_id = true;
    x->node_id = i->request.node_id;
    x->batch = i->intent.batch;
}

void noc_refusal(const struct noc_request *r, uint32_t fabric, const struct mc_err *why, struct mc_entry *x)
{
    const char *rule = mc_rc_rule(why->rc);

    *x = (struct mc_entry){
        .type = ENTRY_REFUSED,
        .time_unix = ca_now(),
        .fabric = fabric,
        .request_id = mc_span_of(r->request_id, strlen(r->request_id)),
        .csr_sha256 = mc_span_of(r->input_sha256, sizeof(r->input_sha256)),
        .kind = MC_KIND_NOC,
        .rule = mc_span_of(rule, strlen(rule)),
        .why = mc_span_of(why->what, strlen(why->what)),
        .has_node_id = !r->next,
        .node_id = r->next ? 0 : r->node_id,
    };
}

/* --- one request ----------------------------------------------------------------------------------- */

struct one {
    const struct noc_request *r;
    uint32_t fabric;
};

static enum mc_rc decide_one(const void *arg, struct state *s, struct issued *out, struct mc_err *e)
{
    const struct one *o = arg;

    return noc_decide(s, o->fabric, o->r, out, e);
}

static enum mc_rc choose_node(const void *arg, struct state *s, struct issue *i, struct mc_err *e)
{
    const struct one *o = arg;

    return o->r->next ? ledger_next_node(s->ledger, o->fabric, &i->request.node_id, e) : MC_OK;
}

static void entry_of_one(const void *arg, const struct issue *i, struct mc_entry *x)
{
    (void)arg;
    noc_entry(i, x);
}

static void refusal_of_one(const void *arg, const struct mc_err *why, struct mc_entry *x)
{
    const struct one *o = arg;

    noc_refusal(o->r, o->fabric, why, x);
}

enum mc_rc noc_issue(struct state *s, const struct ledger_fabric *f, const struct issuer *issuer,
    const struct profile_file *profile, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    static const struct request_ops ops = {decide_one, choose_node, entry_of_one, refusal_of_one};
    const struct one one = {r, f->number};
    struct issue i = {.profile = profile, .issuer = issuer};

    noc_fill(r, f, &i);
    return request_run(s, &ops, &one, &i, out, e);
}
