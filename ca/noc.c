/* SPDX-License-Identifier: Apache-2.0 */
#include "noc.h"

#include "lib/tlv.h"
#include "recover.h"

bool noc_request_id_valid(const char *id)
{
    size_t n = 0;

    while (id[n] >= 0x21 && id[n] <= 0x7E)
        n++;
    return n > 0 && n <= ENTRY_REQUEST_MAX && id[n] == '\0';
}

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
enum mc_rc noc_content(struct mc_verifier *v, uint32_t fabric, struct noc_request *r, char own_id[NOC_OWN_ID_MAX])
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
        memcpy(own_id, "auto-", 5);
        mc_hex_encode(r->content_sha256, 16, own_id + 5);
        r->request_id = own_id;
    }
    return rc;
}

enum mc_rc noc_issued(const struct mc_entry *x, struct issued *out, struct mc_err *e)
{
    if (x->cert_tlv.n == 0 || x->cert_tlv.n > sizeof(out->cert) || x->serial.n > sizeof(out->serial))
        return mc_fail(e, CA_E_LEDGER, NULL, "entry %llu holds no certificate", (unsigned long long)x->seq);
    out->seq = x->seq;
    out->batch = x->batch;
    out->authority = x->authority;
    out->node_id = x->node_id;
    out->serial_n = x->serial.n;
    memcpy(out->serial, x->serial.p, x->serial.n);
    out->cert_n = x->cert_tlv.n;
    memcpy(out->cert, x->cert_tlv.p, x->cert_tlv.n);
    return MC_OK;
}

/* A search that finds nothing is no error here. */
static enum mc_rc maybe(enum mc_rc rc, bool *found, struct mc_err *e)
{
    *found = rc == MC_OK;
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

static enum mc_rc find_repeated(
    struct state *s, uint32_t fabric, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc = maybe(ledger_find_request(s->ledger, fabric, r->request_id, &row, e), &out->repeated, e);

    if (rc != MC_OK || !out->repeated)
        return rc;
    if (!mc_span_eq(row.x.content_sha256, mc_span_of(r->content_sha256, sizeof(r->content_sha256))))
        return mc_fail(e, CA_E_REQUEST_CONFLICT, "request-id", "'%s' is entry %llu", r->request_id,
            (unsigned long long)row.seq);
    return noc_issued(&row.x, out, e);
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
        rc = maybe(ledger_find_key(s->ledger, r->point, &row, e), &found, e);
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
    rc = find_repeated(s, fabric, r, out, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = check_key_free(s, fabric, r, e);
    if (rc == MC_OK && !r->next)
        rc = check_not_removed(s, fabric, r->node_id, e);
    if (rc == MC_OK && !r->next)
        rc = maybe(ledger_find_node(s->ledger, fabric, r->node_id, &row, e), &out->replaces, e);
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

/* The first transaction: is it new, is it allowed, and the intent. */
static enum mc_rc open_request(
    struct state *s, struct issue *i, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = noc_decide(s, i->fabric, r, out, e);
    if (rc == MC_OK && !out->repeated && r->next)
        rc = ledger_next_node(s->ledger, i->fabric, &i->request.node_id, e);
    if (rc == MC_OK && !out->repeated)
        rc = issue_open(s, i, e);
    if (rc == MC_OK && !out->repeated)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK || out->repeated)
        ledger_rollback(s->ledger);
    return rc;
}

/*
 * The second transaction: what was signed is on record, the intent is closed. Not if another process answered the
 * request meanwhile or gave its key to another node: the serial number is then void.
 */
static enum mc_rc record(struct state *s, struct issue *i, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = noc_decide(s, i->fabric, r, out, e);
    if (rc != MC_OK || out->repeated) {
        ledger_rollback(s->ledger);
        (void)!recover_void(s, &i->intent, mc_rc_rule(rc != MC_OK ? rc : CA_E_VOID), NULL);
        return rc;
    }
    noc_entry(i, &x);
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_intent_close(s->ledger, i->intent.id, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK) {
        ledger_rollback(s->ledger);
        return rc;
    }
    return noc_issued(&x, out, e);
}

/*
 * What an auditor asks first: who asked for what and was told no. A failure to record it hides nothing new.
 * An issuer that is past its end is left out: the clock that says so may run ahead, and an entry of that time
 * would refuse every request until the right clock has caught up.
 */
static void record_refusal(struct state *s, const struct issue *i, const struct noc_request *r, const struct mc_err *why)
{
    struct mc_entry x;

    if (why == NULL || (mc_rc_class(why->rc) != MC_CLASS_REFUSED && mc_rc_class(why->rc) != MC_CLASS_CONFLICT))
        return;
    if (why->rc == CA_E_LIFETIME || ledger_begin(s->ledger, NULL) != MC_OK)
        return;
    noc_refusal(r, i->fabric, why, &x);
    if (ledger_append(s->ledger, &x, NULL) != MC_OK || ledger_commit(s->ledger, NULL) != MC_OK)
        ledger_rollback(s->ledger);
}

enum mc_rc noc_issue(struct state *s, const struct ledger_fabric *f, const struct issuer *issuer,
    const struct profile_file *profile, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    struct issue i = {.profile = profile, .issuer = issuer};
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    noc_fill(r, f, &i);
    rc = open_request(s, &i, r, out, e);
    if (rc != MC_OK)
        record_refusal(s, &i, r, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = issue_sign(s->verifier, &i, e);
    if (rc != MC_OK) {
        /* The serial is burned now rather than by the next start. */
        (void)!recover_void(s, &i.intent, mc_rc_rule(rc), NULL);
        return rc;
    }
    rc = record(s, &i, r, out, e);
    if (rc != MC_OK)
        record_refusal(s, &i, r, e);
    return rc;
}
