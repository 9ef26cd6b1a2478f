/* SPDX-License-Identifier: Apache-2.0 */
#include "elements.h"

#include "tlv.h"

enum { TAG_CD = 1, TAG_NONCE, TAG_TIMESTAMP, TAG_FIRMWARE, TAG_KNOWN };

enum { /* the tag control of an element; fully qualified: vendor and profile in 2 octets each */
    CONTROL_SHIFT = 5,
    CONTROL_FULL_6 = 6, /* a number in 2 octets */
    CONTROL_FULL_8 = 7, /* a number in 4 octets */
};

static const char *const fields[TAG_KNOWN] = {
    "elements", "elements.certification_declaration", "elements.attestation_nonce", "elements.timestamp",
    "elements.firmware_information"};

struct reader {
    struct mc_tlv t;
    struct mc_elements *el;
    bool deployed;
    int last_tag;       /* context tag; 0: none yet */
    unsigned seen;      /* bits of the known context tags */
    uint64_t last_full; /* tag of the last vendor's element, if n_vendor is not 0 */
    struct mc_err *e;
};

static enum mc_rc fail(struct reader *r, enum mc_rc rc, size_t offset, int tag, const char *why)
{
    return mc_fail_at(r->e, rc, offset, fields[tag > 0 && tag < TAG_KNOWN ? tag : 0], "%s", why);
}

static enum mc_rc keep_octets(struct reader *r, const struct mc_tlv_elem *el, struct mc_span *out)
{
    if (el->type != MC_TLV_BYTES)
        return fail(r, MC_E_TLV_TYPE, el->offset, el->tag, "an octet string is wanted");
    *out = el->bytes;
    return MC_OK;
}

static enum mc_rc keep_nonce(struct reader *r, const struct mc_tlv_elem *el)
{
    enum mc_rc rc = keep_octets(r, el, &r->el->nonce);

    if (rc == MC_OK && !r->deployed && el->bytes.n != MC_NONCE_LEN)
        rc = fail(r, MC_E_TLV_LENGTH, el->offset, el->tag, "32 octets are wanted");
    return rc;
}

static enum mc_rc keep_cd(struct reader *r, const struct mc_tlv_elem *el)
{
    enum mc_rc rc = keep_octets(r, el, &r->el->cd);

    if (rc == MC_OK && !r->deployed && el->bytes.n == 0)
        rc = fail(r, MC_E_TLV_LENGTH, el->offset, el->tag, "it is empty");
    return rc;
}

static enum mc_rc keep_timestamp(struct reader *r, const struct mc_tlv_elem *el)
{
    if (el->type != MC_TLV_UINT)
        return fail(r, MC_E_TLV_TYPE, el->offset, el->tag, "an unsigned number is wanted");
    if (el->num > UINT32_MAX)
        return fail(r, MC_E_TLV_RANGE, el->offset, el->tag, "at most 32 bits are wanted");
    r->el->timestamp = (uint32_t)el->num;
    return MC_OK;
}

static enum mc_rc keep_context(struct reader *r, const struct mc_tlv_elem *el)
{
    if (r->last_tag == 0 && el->tag != TAG_CD)
        return fail(r, MC_E_ELEMENTS_ORDER, el->offset, TAG_CD, "it must come first");
    if (el->tag <= r->last_tag)
        return fail(r, MC_E_ELEMENTS_ORDER, el->offset, el->tag, "it stands behind one with its tag or a higher one");
    r->last_tag = el->tag;
    r->seen |= el->tag < TAG_KNOWN ? 1u << el->tag : 0;
    switch (el->tag) {
    case TAG_CD:
        return keep_cd(r, el);
    case TAG_NONCE:
        return keep_nonce(r, el);
    case TAG_TIMESTAMP:
        return keep_timestamp(r, el);
    case TAG_FIRMWARE:
        return keep_octets(r, el, &r->el->firmware);
    default:
        r->el->n_future++;
        return MC_OK;
    }
}

/* Vendor, profile and number of the fully qualified tag at p, in the order in which they sort. */
static uint64_t full_tag(const uint8_t *p)
{
    uint64_t number = (uint64_t)(p[5] | p[6] << 8);

    if (p[0] >> CONTROL_SHIFT == CONTROL_FULL_8)
        number |= (uint64_t)p[7] << 16 | (uint64_t)p[8] << 24;
    return (uint64_t)(p[1] | p[2] << 8) << 48 | (uint64_t)(p[3] | p[4] << 8) << 32 | number;
}

static enum mc_rc keep_vendor(struct reader *r, const struct mc_tlv_elem *el)
{
    const uint8_t *p = r->t.base + el->offset;
    uint64_t tag;

    if (r->deployed)
        return MC_OK;
    if (p[0] >> CONTROL_SHIFT < CONTROL_FULL_6)
        return fail(r, MC_E_TLV_TAG, el->offset, 0, "behind the context tags only fully qualified ones may stand");
    if (el->type != MC_TLV_BYTES)
        return fail(r, MC_E_TLV_TYPE, el->offset, 0, "a vendor's element must be an octet string");
    tag = full_tag(p);
    if (r->el->n_vendor > 0 && tag <= r->last_full)
        return fail(r, MC_E_ELEMENTS_ORDER, el->offset, 0, "vendors' elements are not sorted, or one is there twice");
    r->last_full = tag;
    r->el->n_vendor++;
    return MC_OK;
}

static enum mc_rc take_members(struct reader *r)
{
    struct mc_tlv_elem el;
    bool in_context = true;

    for (;;) {
        enum mc_rc rc = mc_tlv_take(&r->t, &el);
        size_t inner = mc_tlv_offset(&r->t);

        if (rc == MC_OK && el.type >= MC_TLV_STRUCT && el.type < MC_TLV_END)
            rc = mc_tlv_skip_container(&r->t);
        if (rc != MC_OK)
            return fail(r, rc, inner, 0, "");
        if (el.type == MC_TLV_END)
            return MC_OK;
        in_context = in_context && el.tag >= 0;
        rc = in_context ? keep_context(r, &el) : keep_vendor(r, &el);
        if (rc != MC_OK)
            return rc;
    }
}

static enum mc_rc parse(struct mc_span tlv, bool deployed, struct mc_elements *out, struct mc_err *e)
{
    struct reader r = {.t = mc_tlv_of(tlv, false), .el = out, .deployed = deployed, .e = e};
    struct mc_tlv_elem el;
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    if (!deployed && tlv.n > MC_ELEMENTS_MAX)
        return mc_fail(e, MC_E_ELEMENTS_SIZE, fields[0], "they have %zu", tlv.n);
    rc = mc_tlv_take_as(&r.t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &el);
    if (rc != MC_OK)
        return mc_fail_at(e, rc, 0, fields[0], "an anonymous structure is wanted");
    rc = take_members(&r);
    if (rc != MC_OK)
        return rc;
    for (int tag = TAG_CD; tag <= TAG_TIMESTAMP; tag++)
        if ((r.seen >> tag & 1) == 0)
            return fail(&r, MC_E_ELEMENTS_ORDER, mc_tlv_offset(&r.t), tag, "it is missing");
    if (!deployed && r.t.p != r.t.end)
        return fail(&r, MC_E_TLV_TRAILING, mc_tlv_offset(&r.t), 0, "");
    return MC_OK;
}

enum mc_rc mc_elements_parse(struct mc_span tlv, struct mc_elements *el, struct mc_err *e)
{
    return parse(tlv, false, el, e);
}

enum mc_rc mc_elements_parse_deployed(struct mc_span tlv, struct mc_elements *el, struct mc_err *e)
{
    return parse(tlv, true, el, e);
}

enum mc_rc mc_elements_check_nonce(const struct mc_elements *el, struct mc_span sent, struct mc_err *e)
{
    return mc_span_eq(el->nonce, sent) ? MC_OK : mc_fail(e, MC_E_ELEMENTS_NONCE, fields[TAG_NONCE], NULL);
}

enum mc_rc mc_elements_encode(const struct mc_elements *el, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);

    if (el->cd.n == 0)
        return mc_fail(e, MC_E_ELEMENTS_ORDER, fields[TAG_CD], "it is missing");
    if (el->nonce.n != MC_NONCE_LEN)
        return mc_fail(e, MC_E_TLV_LENGTH, fields[TAG_NONCE], "32 octets are wanted");
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_bytes(&o, TAG_CD, el->cd);
    mc_tlv_put_bytes(&o, TAG_NONCE, el->nonce);
    mc_tlv_put_uint(&o, TAG_TIMESTAMP, el->timestamp);
    if (el->firmware.n > 0)
        mc_tlv_put_bytes(&o, TAG_FIRMWARE, el->firmware);
    mc_tlv_close(&o);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, fields[0], NULL);
    if (o.n > MC_ELEMENTS_MAX)
        return mc_fail(e, MC_E_ELEMENTS_SIZE, fields[0], "they would have %zu", o.n);
    *n = o.n;
    return MC_OK;
}
