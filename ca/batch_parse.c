/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a batch: {"id": "...", "csr": "...", "node_id": "0x...", "cats": ["0x..."]} */
#include "batch_chunk.h"

#include <jansson.h>

#include "lib/armor.h"
#include "lib/csr.h"

#define CSR_TEXT_MAX 8192

static enum mc_rc wrong(struct mc_err *e, const char *field, const char *want)
{
    return mc_fail(e, CA_E_REQUEST_FORM, field, "%s", want);
}

static enum mc_rc take_id(const json_t *o, struct batch_item *item, struct mc_err *e)
{
    const json_t *id = json_object_get(o, "id");
    const char *text = json_string_value(id);

    if (text == NULL || !noc_request_id_valid(text))
        return wrong(e, "id", "a string of 1 to 128 visible ASCII characters is wanted");
    memcpy(item->id, text, json_string_length(id) + 1);
    item->identified = true;
    return MC_OK;
}

static enum mc_rc take_node(const json_t *o, struct batch_item *item, struct mc_err *e)
{
    const char *text = json_string_value(json_object_get(o, "node_id"));
    enum mc_rc rc;

    if (text == NULL)
        return wrong(e, "node_id", "a string is wanted: \"0x...\" or \"next\"");
    item->next = strcmp(text, "next") == 0;
    if (item->next)
        return MC_OK;
    rc = mc_number_parse(text, 16, &item->node_id, e);
    if (rc != MC_OK)
        return wrong(e, "node_id", "it is no number");
    return noc_check_node(item->node_id, "node_id", text, e);
}

static enum mc_rc take_cats(const json_t *o, struct batch_item *item, struct mc_err *e)
{
    const json_t *cats = json_object_get(o, "cats");

    item->n_cat = 0;
    if (cats == NULL)
        return MC_OK;
    if (!json_is_array(cats))
        return wrong(e, "cats", "an array of strings is wanted");
    if (json_array_size(cats) > MC_CAT_MAX)
        return mc_fail(e, MC_E_CAT_COUNT, "cats", NULL);
    for (size_t i = 0; i < json_array_size(cats); i++) {
        const char *text = json_string_value(json_array_get(cats, i));
        uint64_t cat;
        enum mc_rc rc;

        if (text == NULL || mc_number_parse(text, 8, &cat, e) != MC_OK)
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

static enum mc_rc take_csr(struct mc_verifier *v, const json_t *o, struct batch_item *item, struct mc_err *e)
{
    const json_t *csr = json_object_get(o, "csr");
    struct mc_span text = mc_span_of(json_string_value(csr), json_string_length(csr));
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

/* A key that is misspelt must not be passed over: it may have been a CAT that restricts the node. */
static enum mc_rc check_keys(json_t *o, struct mc_err *e)
{
    const char *key;
    json_t *value;

    json_object_foreach(o, key, value)
    {
        if (strcmp(key, "id") != 0 && strcmp(key, "csr") != 0 && strcmp(key, "node_id") != 0 && strcmp(key, "cats") != 0)
            return mc_fail(e, CA_E_REQUEST_FORM, "key", "'%.40s' is unknown", key);
    }
    return MC_OK;
}

static enum mc_rc take_request(struct mc_verifier *v, json_t *o, struct batch_item *item, struct mc_err *e)
{
    enum mc_rc rc = json_is_object(o) ? take_id(o, item, e) : wrong(e, NULL, "an object is wanted");

    if (rc == MC_OK)
        rc = check_keys(o, e);
    if (rc == MC_OK)
        rc = take_node(o, item, e);
    if (rc == MC_OK)
        rc = take_cats(o, item, e);
    if (rc == MC_OK)
        rc = take_csr(v, o, item, e);
    return rc;
}

void batch_request(const struct batch_item *item, struct noc_request *r)
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

static enum mc_rc hash_ids(struct mc_verifier *v, struct batch_item *item)
{
    uint8_t hash[MC_DIGEST_LEN];
    enum mc_rc rc = mc_sha256(v, mc_span_of(item->id, strlen(item->id)), hash);

    memcpy(&item->id_hash, hash, sizeof(item->id_hash));
    memcpy(&item->key_hash, item->point + 1, sizeof(item->key_hash));
    /* Zero marks an empty slot where these are kept. */
    item->id_hash |= 1;
    item->key_hash |= 1;
    return rc;
}

void batch_parse(struct mc_verifier *v, uint32_t fabric, const char *text, struct batch_item *item)
{
    json_error_t why;
    json_t *o;
    struct noc_request r;
    struct mc_err *e = &item->err;
    enum mc_rc rc;

    mc_err_init(e);
    item->id[0] = '\0';
    item->identified = false;
    o = json_loadb(text + item->text_at, item->text_n, JSON_REJECT_DUPLICATES, &why);
    if (o == NULL)
        rc = mc_fail(e, CA_E_REQUEST_FORM, NULL, "%.120s at column %d", why.text, why.column);
    else
        rc = take_request(v, o, item, e);
    json_decref(o);
    if (rc == MC_OK) {
        batch_request(item, &r);
        rc = noc_content(v, fabric, &r, NULL);
        memcpy(item->content_sha256, r.content_sha256, sizeof(r.content_sha256));
    }
    if (rc == MC_OK)
        rc = hash_ids(v, item);
    if (rc != MC_OK)
        (void)mc_fail(e, rc, NULL, NULL);
    item->state = rc == MC_OK ? ITEM_CHECKED : ITEM_REFUSED;
}
