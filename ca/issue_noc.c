/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for NOCs: what they ask for, whether policy allows it, and the way through issue.h. */
#include "issue.h"

#include <stdio.h>

#include "lib/tlv.h"
#include "recover.h"

/*
 * What is asked for, canonically: { 0 kind, 1 fabric, 2 node id (absent: the ledger chooses), 3 CATs,
 * 4 public key }. The same request id with another hash is another request.
 */
static enum mc_rc hash_content(
    struct state *s, uint32_t fabric, const struct noc_request *r, uint8_t out[MC_DIGEST_LEN])
{
    uint8_t text[256];
    struct mc_out o = mc_out_of(text, sizeof(text));

    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, 0, MC_KIND_NOC);
    mc_tlv_put_uint(&o, 1, fabric);
    if (!r->next)
        mc_tlv_put_uint(&o, 2, r->node_id);
    mc_tlv_begin(&o, MC_TLV_ARRAY, 3);
    for (unsigned i = 0; i < r->n_cat; i++)
        mc_tlv_put_uint(&o, MC_TLV_ANONYMOUS, r->cat[i]);
    mc_tlv_close(&o);
    mc_tlv_put_bytes(&o, 4, r->csr.point);
    mc_tlv_close(&o);
    return o.rc != MC_OK ? o.rc : mc_sha256(s->verifier, mc_span_of(text, o.n), out);
}

static enum mc_rc fill_issued(const struct ca_entry *x, struct issued *out, struct mc_err *e)
{
    struct mc_cert c;
    enum mc_rc rc = mc_cert_parse_tlv(x->cert_tlv, &c, e);

    if (rc == MC_OK)
        rc = mc_cert_encode_der(&c, out->der, sizeof(out->der), &out->der_n, e);
    if (rc != MC_OK)
        return mc_fail(e, CA_E_LEDGER, NULL, "the certificate of entry %llu cannot be read", (unsigned long long)x->seq);
    out->seq = x->seq;
    out->authority = x->authority;
    out->node_id = x->node_id;
    out->serial_n = x->serial.n;
    memcpy(out->serial, x->serial.p, x->serial.n);
    out->tlv_n = x->cert_tlv.n;
    memcpy(out->tlv, x->cert_tlv.p, x->cert_tlv.n);
    return MC_OK;
}

/* Promise 5. MC_OK with *found false means that the request id is new. */
static enum mc_rc find_repeated(struct state *s, const struct issue *i, bool *found, struct issued *out, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc = ledger_find_request(s->ledger, i->fabric, i->request_id, &row, e);

    *found = rc == MC_OK;
    if (rc == CA_E_NOT_FOUND) {
        mc_err_init(e);
        return MC_OK;
    }
    if (rc != MC_OK)
        return rc;
    if (!mc_span_eq(row.x.content_sha256, mc_span_of(i->content_sha256, sizeof(i->content_sha256))))
        return mc_fail(e, CA_E_REQUEST_CONFLICT, "request-id", "'%s' is entry %llu", i->request_id,
            (unsigned long long)row.seq);
    out->repeated = true;
    return fill_issued(&row.x, out, e);
}

/* One key is one node: a key that two nodes share is a key that was copied. */
static enum mc_rc check_key_free(
    struct state *s, const struct ledger_fabric *f, const struct noc_request *r, struct mc_err *e)
{
    struct ledger_row row;
    bool is_authority;
    enum mc_rc rc = ledger_is_authority_key(s->ledger, r->csr.point.p, &is_authority, e);

    if (rc != MC_OK)
        return rc;
    if (is_authority)
        return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "it is the key of an authority");
    rc = ledger_find_key(s->ledger, r->csr.point.p, &row, e);
    if (rc == CA_E_NOT_FOUND) {
        mc_err_init(e);
        return MC_OK;
    }
    if (rc != MC_OK || (row.x.fabric == f->number && !r->next && row.x.node_id == r->node_id))
        return rc;
    return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "node 0x%llX of fabric %u has it (entry %llu)",
        (unsigned long long)row.x.node_id, row.x.fabric, (unsigned long long)row.seq);
}

static enum mc_rc choose_node(struct state *s, struct issue *i, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc;

    i->request.has_node_id = true;
    if (r->next)
        return ledger_next_node(s->ledger, i->fabric, &i->request.node_id, e);
    i->request.node_id = r->node_id;
    rc = ledger_find_node(s->ledger, i->fabric, r->node_id, &row, e);
    if (rc == CA_E_NOT_FOUND) {
        mc_err_init(e);
        return MC_OK;
    }
    out->replaces = rc == MC_OK;
    return rc;
}

/* The first transaction: is it new, is it allowed, and the intent. */
static enum mc_rc open_request(struct state *s, const struct ledger_fabric *f, struct issue *i, const struct noc_request *r,
    struct issued *out, struct mc_err *e)
{
    bool repeated = false;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = find_repeated(s, i, &repeated, out, e);
    if (rc == MC_OK && !repeated)
        rc = check_key_free(s, f, r, e);
    if (rc == MC_OK && !repeated)
        rc = choose_node(s, i, r, out, e);
    if (rc == MC_OK && !repeated)
        rc = issue_open(s, i, e);
    if (rc == MC_OK && !repeated)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK || repeated)
        ledger_rollback(s->ledger);
    return rc;
}

/* The second transaction: what was signed is on record, the intent is closed. */
static enum mc_rc record(struct state *s, struct issue *i, struct issued *out, struct mc_err *e)
{
    struct ca_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    issue_entry(i, ENTRY_ISSUED, &x);
    x.authority = i->issuer->number;
    x.fabric = i->fabric;
    x.request_id = mc_span_of(i->request_id, strlen(i->request_id));
    x.csr_sha256 = mc_span_of(i->input_sha256, sizeof(i->input_sha256));
    x.content_sha256 = mc_span_of(i->content_sha256, sizeof(i->content_sha256));
    x.has_node_id = true;
    x.node_id = i->request.node_id;
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_intent_close(s->ledger, i->intent.id, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK) {
        ledger_rollback(s->ledger);
        return rc;
    }
    return fill_issued(&x, out, e);
}

/* The request did not come to its end: its serial is burned now rather than by the next start. */
static void give_up(struct state *s, const struct issue *i, enum mc_rc why)
{
    (void)!recover_void(s, &i->intent, mc_rc_rule(why), NULL);
}

static enum mc_rc prepare(struct state *s, const struct ledger_fabric *f, const struct noc_request *r, struct issue *i,
    char own_id[ENTRY_REQUEST_MAX + 1], struct mc_err *e)
{
    enum mc_rc rc = hash_content(s, f->number, r, i->content_sha256);

    if (rc == MC_OK)
        rc = mc_sha256(s->verifier, r->csr.whole, i->input_sha256);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (r->request_id == NULL) {
        memcpy(own_id, "auto-", 5);
        mc_hex_encode(i->content_sha256, 16, own_id + 5);
        i->request_id = own_id;
    }
    i->request.has_fabric_id = true;
    i->request.fabric_id = f->fabric_id;
    i->request.point = r->csr.point.p;
    i->request.n_cat = r->n_cat;
    memcpy(i->request.cat, r->cat, sizeof(r->cat));
    return MC_OK;
}

enum mc_rc issue_noc(struct state *s, const struct ledger_fabric *f, const struct issuer *issuer,
    const struct profile_file *profile, const struct noc_request *r, struct issued *out, struct mc_err *e)
{
    char own_id[ENTRY_REQUEST_MAX + 1];
    struct issue i = {
        .kind = MC_KIND_NOC,
        .profile = profile,
        .issuer = issuer,
        .fabric = f->number,
        .request_id = r->request_id,
    };
    enum mc_rc rc = prepare(s, f, r, &i, own_id, e);

    memset(out, 0, sizeof(*out));
    if (rc == MC_OK)
        rc = open_request(s, f, &i, r, out, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = issue_sign(s, &i, e);
    if (rc != MC_OK) {
        give_up(s, &i, rc);
        return rc;
    }
    return record(s, &i, out, e);
}
