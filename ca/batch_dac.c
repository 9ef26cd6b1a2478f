/* SPDX-License-Identifier: Apache-2.0 */
/* What DACs are to a batch. */
#include "batch_dac.h"

#include "batch_chunk.h"
#include "lib/cli/json_read.h"

static struct dac_line line_of(const struct batch_side *b)
{
    return (struct dac_line){b->issuer, b->target->dac->pai_name, b->profile, b->target->dac->crl_points};
}

static void request_of(const struct batch_item *item, struct dac_request *r)
{
    *r = (struct dac_request){
        .request_id = item->id,
        .point = item->has_csr ? item->point : NULL,
        .vid = item->vid,
        .pid = item->pid,
        .serial_number = item->serial_number,
    };
    memcpy(r->input_sha256, item->input_sha256, sizeof(r->input_sha256));
    memcpy(r->content_sha256, item->content_sha256, sizeof(r->content_sha256));
}

static struct factory_options options_of(const struct dac_batch *d, const struct batch_item *item)
{
    return (struct factory_options){
        .vid = item->vid,
        .pid = item->pid,
        .serial_number = item->serial_number[0] != '\0' ? item->serial_number : NULL,
        .discriminator = item->discriminator,
        .passcode = item->passcode,
        .iterations = d->iterations,
        .flow = d->flow,
        .rendezvous = d->rendezvous,
        .make_key = !item->has_csr,
    };
}

/* --- a line ---------------------------------------------------------------------------------------------- */

static enum mc_rc take_id16(const struct json_t *o, const char *name, bool has, uint16_t fallback, uint16_t *out, struct mc_err *e)
{
    uint64_t value = fallback;
    enum mc_rc rc = MC_OK;

    if (json_read_has(o, name))
        rc = json_read_uint(o, "", name, UINT16_MAX, &value, e);
    else if (!has)
        rc = mc_fail(e, CA_E_MANIFEST, name, "it is missing, and the command gives none");
    *out = (uint16_t)value;
    return rc;
}

static enum mc_rc take_serial_number(const struct json_t *o, struct batch_item *item, struct mc_err *e)
{
    const char *text;
    enum mc_rc rc;

    if (!json_read_has(o, "serial_number"))
        return MC_OK;
    rc = json_read_string(o, "", "serial_number", &text, e);
    if (rc != MC_OK)
        return rc;
    if (text[0] == '\0' || strlen(text) >= sizeof(item->serial_number))
        return mc_fail(e, CA_E_MANIFEST, "serial_number", "1 to %d octets are wanted", DEVICE_SERIAL_MAX);
    memcpy(item->serial_number, text, strlen(text) + 1);
    return MC_OK;
}

/* No error repeats a passcode. */
static enum mc_rc take_codes(const struct json_t *o, struct batch_item *item, struct mc_err *e)
{
    uint64_t value;
    enum mc_rc rc = MC_OK;

    item->discriminator = FACTORY_DERIVED;
    item->passcode = FACTORY_DERIVED;
    if (json_read_has(o, "discriminator") &&
        (rc = json_read_uint(o, "", "discriminator", INT32_MAX, &value, e)) == MC_OK)
        item->discriminator = (int32_t)value;
    if (rc == MC_OK && json_read_has(o, "passcode") && (rc = json_read_uint(o, "", "passcode", INT32_MAX, &value, e)) == MC_OK)
        item->passcode = (int64_t)value;
    return rc;
}

static enum mc_rc take_key(
    const struct dac_batch *d, const struct json_t *o, struct mc_verifier *v, struct batch_item *item, struct mc_err *e)
{
    const char *csr;
    enum mc_rc rc;

    item->has_csr = json_read_has(o, "csr");
    memset(item->input_sha256, 0, sizeof(item->input_sha256));
    if (!item->has_csr)
        return d->recipient != NULL
                   ? MC_OK
                   : mc_fail(e, CA_E_MANIFEST, "csr", "it is missing: a key is made only for a recipient (--recipient)");
    rc = json_read_string(o, "", "csr", &csr, e);
    return rc == MC_OK ? batch_take_csr(v, mc_span_of(csr, strlen(csr)), item, e) : rc;
}

static enum mc_rc take_all(
    const struct dac_batch *d, const struct json_t *o, struct mc_verifier *v, struct batch_item *item, struct mc_err *e)
{
    static const char *const names[] = {"id", "vid", "pid", "serial_number", "csr", "discriminator", "passcode", NULL};
    struct factory_options options;
    const char *id = NULL;
    enum mc_rc rc;

    /* A good one was taken apart where the manifest is read. */
    if (json_read_has(o, "count"))
        return mc_fail(e, CA_E_MANIFEST, "count", "a line for many devices has a count of 1 to %d and a prefix of at most %d "
            "octets, and beside them vid, pid, discriminator and passcode alone", MANIFEST_COUNT_MAX, MANIFEST_PREFIX_MAX);
    rc = json_read_string(o, "", "id", &id, e);
    /* The id first: a refusal is told by it. */
    if (rc == MC_OK)
        rc = batch_take_id(mc_span_of(id, strlen(id)), item, e);
    if (rc == MC_OK)
        rc = json_read_object(o, "", names, e);
    if (rc == MC_OK)
        rc = take_id16(o, "vid", d->has_vid, d->vid, &item->vid, e);
    if (rc == MC_OK)
        rc = take_id16(o, "pid", d->has_pid, d->pid, &item->pid, e);
    if (rc == MC_OK)
        rc = take_serial_number(o, item, e);
    if (rc == MC_OK)
        rc = take_codes(o, item, e);
    if (rc == MC_OK)
        rc = take_key(d, o, v, item, e);
    if (rc != MC_OK)
        return rc;
    options = options_of(d, item);
    return factory_check(item->id, &options, e);
}

static enum mc_rc parse(const struct batch_side *b, struct mc_verifier *v, struct mc_span line, struct batch_item *item)
{
    struct json_t *o = NULL;
    struct dac_request r;
    enum mc_rc rc = json_read_text(line, &o, &item->err);

    item->next = false;
    item->node_id = 0;
    item->n_cat = 0;
    if (rc == MC_OK)
        rc = take_all(b->target->dac, o, v, item, &item->err);
    json_read_free(o);
    if (rc != MC_OK)
        return rc;
    request_of(item, &r);
    rc = dac_content(v, b->issuer->number, &r, NULL);
    memcpy(item->content_sha256, r.content_sha256, sizeof(r.content_sha256));
    return rc;
}

/* --- policy and entries ---------------------------------------------------------------------------------- */

static enum mc_rc decide(const struct batch_side *b, struct state *s, const struct batch_item *item, struct issued *out,
    struct mc_err *e)
{
    const struct dac_line line = line_of(b);
    struct dac_request r;

    request_of(item, &r);
    return dac_decide(s, &line, &r, out, e);
}

static enum mc_rc fill(const struct batch_side *b, struct mc_verifier *v, const struct batch_item *item, struct issue *i,
    struct mc_err *e)
{
    const struct dac_line line = line_of(b);
    struct dac_request r;

    request_of(item, &r);
    return dac_fill(v, &line, &r, item->point, i, e);
}

static void entry(const struct batch_side *b, struct issue *i, const struct batch_item *item, struct mc_entry *x)
{
    struct dac_request r;

    (void)b;
    request_of(item, &r);
    memcpy(i->der, item->cert, item->cert_n);
    i->der_n = item->cert_n;
    i->tlv_n = 0;
    dac_entry(i, &r, x);
    x->request_id = mc_span_of(item->id, strlen(item->id));
    x->name = mc_span_of(item->serial_number, strlen(item->serial_number));
    x->content_sha256 = mc_span_of(item->content_sha256, sizeof(item->content_sha256));
    if (x->csr_sha256.n != 0)
        x->csr_sha256 = mc_span_of(item->input_sha256, sizeof(item->input_sha256));
}

static void refusal(const struct batch_side *b, const struct batch_item *item, struct mc_entry *x)
{
    const struct dac_line line = line_of(b);
    struct dac_request r;

    request_of(item, &r);
    dac_refusal(&line, &r, &item->err, x);
    if (x->csr_sha256.n != 0)
        x->csr_sha256 = mc_span_of(item->input_sha256, sizeof(item->input_sha256));
}

/* --- devices --------------------------------------------------------------------------------------------- */

static enum mc_rc make(const struct batch_side *b, struct batch_item *item, struct device *d, struct mc_err *e)
{
    const struct dac_batch *batch = b->target->dac;
    const struct factory_options o = options_of(batch, item);
    enum mc_rc rc = factory_make(batch->seed, item->id, &o, d, e);

    if (rc == MC_OK && !item->has_csr)
        memcpy(item->point, d->point, sizeof(item->point));
    return rc;
}

/* A certificate that was found on record must be of the very device that the seed gives. */
static enum mc_rc check_same(const struct batch_item *item, struct mc_err *e)
{
    struct mc_cert c;

    if (mc_cert_parse_der(mc_span_of(item->cert, item->cert_n), MC_RULES_X509, &c, NULL) != MC_OK ||
        !mc_span_eq(c.point, mc_span_of(item->point, MC_POINT_LEN)))
        return mc_fail(e, CA_E_STATE_DAMAGED, NULL, "the seed of the batch is not the one that it began with");
    return MC_OK;
}

static enum mc_rc deliver(const struct batch_side *b, struct batch_item *item, struct device *d, struct batch_parcel *parcel,
    struct mc_err *e)
{
    size_t n = 0;
    enum mc_rc rc = check_same(item, e);

    if (rc == MC_OK)
        rc = dac_seal(b->target->dac->recipient, d, mc_span_of(item->cert, item->cert_n),
            mc_span_of(b->issuer->der, b->issuer->der_n), parcel->p, &n, e);
    parcel->n = (uint32_t)n;
    item->delivered = rc == MC_OK;
    return rc;
}

const struct batch_ops batch_dac_ops = {.kind = MC_KIND_DAC,
    .parse = parse,
    .decide = decide,
    .fill = fill,
    .entry = entry,
    .refusal = refusal,
    .make = make,
    .deliver = deliver};

struct batch_target batch_of_dacs(uint32_t pai, const struct dac_batch *d)
{
    return (struct batch_target){&batch_dac_ops, pai, NULL, d};
}
