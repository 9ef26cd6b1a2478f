/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a batch of NOCs, {"id": "...", "csr": "...", "node_id": "0x...", "cats": ["0x..."]}, and what NOCs are to a batch. */
#include "batch_chunk.h"

#include "authority.h"
#include "batch_dac.h"
#include "batch_line.h"
#include "lib/armor.h"
#include "lib/csr.h"

#define CSR_TEXT_MAX    8192
#define NUMBER_TEXT_MAX 64

static enum mc_rc wrong(struct mc_err *e, const char *field, const char *want)
{
    return mc_fail(e, CA_E_REQUEST_FORM, field, "%s", want);
}

/* Text of a number, for what wants a string; longer than any number is cut and stays none. */
static void copy_text(struct mc_span text, char out[NUMBER_TEXT_MAX])
{
    size_t n = text.n < NUMBER_TEXT_MAX ? text.n : NUMBER_TEXT_MAX - 1;

    memcpy(out, text.p, n);
    out[n] = '\0';
}

enum mc_rc batch_take_id(struct mc_span id, struct batch_item *item, struct mc_err *e)
{
    bool fits = id.p != NULL && id.n < sizeof(item->id);

    if (fits) {
        memcpy(item->id, id.p, id.n);
        item->id[id.n] = '\0';
    }
    item->identified = fits && request_id_valid(item->id);
    if (item->identified)
        return MC_OK;
    item->id[0] = '\0';
    return wrong(e, "id", "a string of 1 to 128 visible ASCII characters is wanted");
}

static enum mc_rc take_node(const struct batch_line *l, struct batch_item *item, struct mc_err *e)
{
    char text[NUMBER_TEXT_MAX];

    if (l->node_id.p == NULL)
        return wrong(e, "node_id", "a string is wanted: \"0x...\" or \"next\"");
    copy_text(l->node_id, text);
    item->next = strcmp(text, "next") == 0;
    if (item->next)
        return MC_OK;
    if (mc_number_parse(text, 16, &item->node_id, NULL) != MC_OK)
        return mc_fail(e, CA_E_REQUEST_FORM, "node_id", "'%.40s' is neither a number (\"0x...\") nor \"next\"", text);
    return noc_check_node(item->node_id, "node_id", text, e);
}

static enum mc_rc take_cats(const struct batch_line *l, struct batch_item *item, struct mc_err *e)
{
    item->n_cat = 0;
    if (l->cats == CATS_NO_LIST)
        return wrong(e, "cats", "an array of strings is wanted");
    if (l->n_cat > MC_CAT_MAX)
        return mc_fail(e, MC_E_CAT_COUNT, "cats", NULL);
    for (size_t i = 0; i < l->n_cat; i++) {
        char text[NUMBER_TEXT_MAX] = "";
        uint64_t cat;
        enum mc_rc rc;

        if (l->cat[i].p != NULL)
            copy_text(l->cat[i], text);
        if (l->cat[i].p == NULL || mc_number_parse(text, 8, &cat, NULL) != MC_OK)
            return wrong(e, "cats", "an array of strings \"0xTAGVERS\" is wanted");
        rc = noc_check_cat((uint32_t)cat, "cats", text, e);
        if (rc != MC_OK)
            return rc;
        item->cat[item->n_cat++] = (uint32_t)cat;
    }
    return MC_OK;
}

/* The CSR inside its text: PEM, base64 or hex of DER, or of NOCSR elements. */
static enum mc_rc decode_csr(struct mc_span text, uint8_t *scratch, size_t cap, struct mc_span *der, struct mc_err *e)
{
    struct mc_input in;
    struct mc_nocsr n;
    enum mc_rc rc = mc_input_decode(text, scratch, cap, &in, e);

    if (rc != MC_OK)
        return rc;
    *der = in.bytes;
    if (in.inner == MC_INNER_DER)
        return MC_OK;
    rc = mc_nocsr_parse(in.bytes, &n, e);
    *der = n.csr;
    return rc;
}

enum mc_rc batch_take_csr(struct mc_verifier *v, struct mc_span text, struct batch_item *item, struct mc_err *e)
{
    uint8_t scratch[CSR_TEXT_MAX];
    struct mc_span der = {NULL, 0};
    struct mc_csr parsed;
    enum mc_rc rc;

    if (text.p == NULL || text.n > sizeof(scratch))
        return wrong(e, "csr", "a string with PEM or base64 DER is wanted");
    rc = decode_csr(text, scratch, sizeof(scratch), &der, e);
    if (rc == MC_OK)
        rc = mc_csr_parse(der, &parsed, e);
    if (rc == MC_OK)
        rc = mc_csr_check(v, &parsed, e);
    if (rc != MC_OK)
        return rc;
    memcpy(item->point, parsed.point.p, MC_POINT_LEN);
    return mc_sha256(v, parsed.whole, item->input_sha256);
}

static enum mc_rc take_request(struct mc_verifier *v, const struct batch_line *l, struct batch_item *item, struct mc_err *e)
{
    enum mc_rc rc = batch_take_id(l->id, item, e);

    /* A key that is misspelt must not be passed over: it may have been a CAT that restricts the node. */
    if (rc == MC_OK && l->unknown != NULL)
        rc = mc_fail(e, CA_E_REQUEST_FORM, "key", "'%.40s' is unknown", l->unknown);
    if (rc == MC_OK)
        rc = take_node(l, item, e);
    if (rc == MC_OK)
        rc = take_cats(l, item, e);
    if (rc == MC_OK)
        rc = batch_take_csr(v, l->csr, item, e);
    return rc;
}

/* The item as policy sees it; borrows from the item. */
static void request_of(const struct batch_item *item, struct noc_request *r)
{
    *r = (struct noc_request){
        .request_id = item->id,
        .point = item->point,
        .next = item->next,
        .node_id = item->node_id,
        .n_cat = item->n_cat,
    };
    memcpy(r->cat, item->cat, sizeof(r->cat));
    memcpy(r->input_sha256, item->input_sha256, sizeof(r->input_sha256));
    memcpy(r->content_sha256, item->content_sha256, sizeof(r->content_sha256));
}

static enum mc_rc parse(const struct batch_side *b, struct mc_verifier *v, struct mc_span line, struct batch_item *item)
{
    struct batch_line l;
    struct noc_request r;
    enum mc_rc rc = batch_line_parse(line, &l, &item->err);

    if (rc == MC_OK)
        rc = take_request(v, &l, item, &item->err);
    batch_line_clear(&l);
    if (rc != MC_OK)
        return rc;
    request_of(item, &r);
    rc = noc_content(v, batch_fabric(b->target), &r, NULL);
    memcpy(item->content_sha256, r.content_sha256, sizeof(r.content_sha256));
    return rc;
}

static enum mc_rc decide(const struct batch_side *b, struct state *s, const struct batch_item *item, struct issued *out,
    struct mc_err *e)
{
    struct noc_request r;

    request_of(item, &r);
    return noc_decide(s, batch_fabric(b->target), &r, out, e);
}

static enum mc_rc fill(const struct batch_side *b, struct mc_verifier *v, const struct batch_item *item, struct issue *i,
    struct mc_err *e)
{
    struct noc_request r;
    enum mc_rc rc;

    request_of(item, &r);
    noc_fill(&r, b->target->fabric, i);
    rc = mc_key_id(v, item->point, i->request.key_id);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static void entry(const struct batch_side *b, struct issue *i, const struct batch_item *item, struct mc_entry *x)
{
    struct noc_request r;

    request_of(item, &r);
    noc_fill(&r, b->target->fabric, i);
    memcpy(i->tlv, item->cert, item->cert_n);
    i->tlv_n = item->cert_n;
    noc_entry(i, x);
}

static void refusal(const struct batch_side *b, const struct batch_item *item, struct mc_entry *x)
{
    struct noc_request r;

    request_of(item, &r);
    noc_refusal(&r, batch_fabric(b->target), &item->err, x);
    x->csr_sha256 = mc_span_of(item->input_sha256, sizeof(item->input_sha256));
}

const struct batch_ops batch_noc_ops = {
    .kind = MC_KIND_NOC, .parse = parse, .decide = decide, .fill = fill, .entry = entry, .refusal = refusal};

struct batch_target batch_of_nocs(const struct ledger_fabric *f)
{
    return (struct batch_target){&batch_noc_ops, fabric_issuer(f), f, NULL};
}

bool batch_has_records(const struct batch_target *t)
{
    return t->dac != NULL && t->dac->recipient != NULL;
}

static enum mc_rc hash_ids(struct mc_verifier *v, struct batch_item *item)
{
    uint8_t hash[MC_DIGEST_LEN];
    enum mc_rc rc = mc_sha256(v, mc_span_of(item->id, strlen(item->id)), hash);

    memcpy(&item->id_hash, hash, sizeof(item->id_hash));
    memcpy(&item->key_hash, item->point + 1, sizeof(item->key_hash));
    /* A key that is not made yet is like no other; the id stands for it. */
    if (item->point[0] == 0)
        item->key_hash = item->id_hash;
    /* Zero marks an empty slot where these are kept. */
    item->id_hash |= 1;
    item->key_hash |= 1;
    item->device_hash = 0;
    if (rc == MC_OK && item->serial_number[0] != '\0') {
        rc = mc_sha256_parts(v, (struct mc_span[]){mc_span_of("serial", 6), mc_span_of(&item->vid, sizeof(item->vid)),
            mc_span_of(&item->pid, sizeof(item->pid)), mc_span_of(item->serial_number, strlen(item->serial_number))}, 4, hash);
        memcpy(&item->device_hash, hash, sizeof(item->device_hash));
        item->device_hash |= 1;
    }
    return rc;
}

static enum mc_rc too_long(struct mc_err *e)
{
    return mc_fail(e, CA_E_REQUEST_FORM, NULL, "the line is longer than %d octets", BATCH_LINE_MAX);
}

void batch_parse(const struct batch_side *b, struct mc_verifier *v, const char *text, struct batch_item *item)
{
    struct mc_err *e = &item->err;
    enum mc_rc rc;

    mc_err_init(e);
    item->id[0] = '\0';
    item->identified = item->delivered = false;
    item->point[0] = 0;
    item->serial_number[0] = '\0';
    rc = item->text_n == BATCH_TOO_LONG
             ? too_long(e)
             : b->target->ops->parse(b, v, mc_span_of(text + item->text_at, item->text_n), item);
    if (rc == MC_OK)
        rc = hash_ids(v, item);
    if (rc != MC_OK)
        (void)mc_fail(e, rc, NULL, NULL);
    item->state = rc == MC_OK ? ITEM_CHECKED : ITEM_REFUSED;
}
