/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of a certification declaration: read, checked, written (matter-attestation 4.1, 4.2). */
#include "cd.h"

#include "tlv.h"

enum cd_tag {
    TAG_VERSION,
    TAG_VENDOR,
    TAG_PRODUCTS,
    TAG_DEVICE_TYPE,
    TAG_ID,
    TAG_LEVEL,
    TAG_INFORMATION,
    TAG_NUMBER,
    TAG_TYPE,
    TAG_ORIGIN_VENDOR,
    TAG_ORIGIN_PRODUCT,
    TAG_PAAS,
    TAG_KNOWN
};

static const char *const fields[TAG_KNOWN] = {"cd.format_version", "cd.vendor_id", "cd.product_id_array", "cd.device_type_id",
    "cd.certificate_id", "cd.security_level", "cd.security_information", "cd.version_number", "cd.certification_type",
    "cd.dac_origin_vendor_id", "cd.dac_origin_product_id", "cd.authorized_paa_list"};

/* A payload at work. */
struct reader {
    struct mc_tlv t;
    struct mc_cd *cd;
    bool deployed;
    struct mc_err *e;
};

static enum mc_rc take_as(struct reader *r, enum mc_tlv_type type, int tag, struct mc_tlv_elem *el)
{
    enum mc_rc rc = mc_tlv_take_as(&r->t, type, tag, el);

    return rc == MC_OK ? MC_OK : mc_fail_at(r->e, rc, mc_tlv_offset(&r->t), fields[tag], NULL);
}

static enum mc_rc take_uint(struct reader *r, int tag, uint64_t max, uint64_t *value)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = take_as(r, MC_TLV_UINT, tag, &el);

    if (rc == MC_OK && el.num > max)
        rc = mc_fail_at(r->e, MC_E_TLV_RANGE, el.offset, fields[tag], "%llu", (unsigned long long)el.num);
    *value = rc == MC_OK ? el.num : 0;
    return rc;
}

static enum mc_rc take_u16(struct reader *r, int tag, uint16_t *value)
{
    uint64_t number;
    enum mc_rc rc = take_uint(r, tag, UINT16_MAX, &number);

    *value = (uint16_t)number;
    return rc;
}

static enum mc_rc take_u8(struct reader *r, int tag, uint8_t *value)
{
    uint64_t number;
    enum mc_rc rc = take_uint(r, tag, UINT8_MAX, &number);

    *value = (uint8_t)number;
    return rc;
}

/* The next member of an array: type and no tag; *end at its end. */
static enum mc_rc take_member(struct reader *r, int tag, enum mc_tlv_type type, struct mc_tlv_elem *el, bool *end)
{
    enum mc_rc rc = mc_tlv_take(&r->t, el);

    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_tlv_offset(&r->t), fields[tag], NULL);
    *end = el->type == MC_TLV_END;
    if (*end || (el->type == type && el->tag == MC_TLV_ANONYMOUS))
        return MC_OK;
    return mc_fail_at(r->e, el->type == type ? MC_E_TLV_TAG : MC_E_TLV_TYPE, el->offset, fields[tag], NULL);
}

static enum mc_rc take_products(struct reader *r)
{
    struct mc_tlv_elem el;
    bool end = false, done = false;
    enum mc_rc rc = take_as(r, MC_TLV_ARRAY, TAG_PRODUCTS, &el);

    while (rc == MC_OK) {
        rc = take_member(r, TAG_PRODUCTS, MC_TLV_UINT, &el, &end);
        if (rc != MC_OK || end)
            break;
        done = done || (el.num > UINT16_MAX && r->deployed);
        if (done)
            continue;
        if (el.num > UINT16_MAX)
            rc = mc_fail_at(r->e, MC_E_TLV_RANGE, el.offset, fields[TAG_PRODUCTS], "%llu", (unsigned long long)el.num);
        else if (r->cd->n_products == MC_CD_PRODUCTS_CAP)
            rc = mc_fail(r->e, MC_E_CD_SIZE, fields[TAG_PRODUCTS], NULL);
        else
            r->cd->product[r->cd->n_products++] = (uint16_t)el.num;
    }
    return rc;
}

static enum mc_rc take_id(struct reader *r)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = take_as(r, MC_TLV_UTF8, TAG_ID, &el);
    struct mc_span id = el.bytes;

    if (rc != MC_OK)
        return rc;
    if (id.n != MC_CD_ID_LEN)
        return mc_fail_at(r->e, MC_E_CD_ID, el.offset, fields[TAG_ID], "it has %zu", id.n);
    if (memchr(id.p, '\0', id.n) != NULL)
        return mc_fail_at(r->e, MC_E_CD_ID, el.offset, fields[TAG_ID], "it holds a NUL");
    if (!r->deployed && !mc_utf8_check(id))
        return mc_fail_at(r->e, MC_E_CD_ID, el.offset, fields[TAG_ID], "it is not UTF-8");
    r->cd->certificate_id = id;
    return MC_OK;
}

/* Tags 0 to 8: all there, in this order. */
static enum mc_rc take_fixed(struct reader *r)
{
    struct mc_cd *cd = r->cd;
    uint64_t device_type = 0;
    enum mc_rc rc = take_u16(r, TAG_VERSION, &cd->format_version);

    if (rc == MC_OK)
        rc = take_u16(r, TAG_VENDOR, &cd->vendor_id);
    if (rc == MC_OK)
        rc = take_products(r);
    if (rc == MC_OK)
        rc = take_uint(r, TAG_DEVICE_TYPE, UINT32_MAX, &device_type);
    if (rc == MC_OK)
        rc = take_id(r);
    if (rc == MC_OK)
        rc = take_u8(r, TAG_LEVEL, &cd->security_level);
    if (rc == MC_OK)
        rc = take_u16(r, TAG_INFORMATION, &cd->security_information);
    if (rc == MC_OK)
        rc = take_u16(r, TAG_NUMBER, &cd->version_number);
    if (rc == MC_OK)
        rc = take_u8(r, TAG_TYPE, &cd->certification_type);
    cd->device_type = (uint32_t)device_type;
    return rc;
}

/* True if the next element has this context tag. */
static bool follows(const struct reader *r, int tag)
{
    const uint8_t *p = r->t.p;

    return r->t.end - p >= 2 && p[0] >> 5 == 1 && p[1] == tag;
}

static enum mc_rc take_origin(struct reader *r)
{
    enum mc_rc rc;

    if (follows(r, TAG_ORIGIN_PRODUCT))
        return mc_fail_at(r->e, MC_E_CD_ORIGIN, mc_tlv_offset(&r->t), fields[TAG_ORIGIN_VENDOR], "it is missing");
    if (!follows(r, TAG_ORIGIN_VENDOR))
        return MC_OK;
    rc = take_u16(r, TAG_ORIGIN_VENDOR, &r->cd->origin_vid);
    if (rc == MC_OK && !follows(r, TAG_ORIGIN_PRODUCT))
        rc = mc_fail_at(r->e, MC_E_CD_ORIGIN, mc_tlv_offset(&r->t), fields[TAG_ORIGIN_PRODUCT], "it is missing");
    if (rc == MC_OK)
        rc = take_u16(r, TAG_ORIGIN_PRODUCT, &r->cd->origin_pid);
    r->cd->has_origin = rc == MC_OK;
    return rc;
}

static enum mc_rc take_paas(struct reader *r)
{
    struct mc_tlv_elem el;
    bool end = false;
    enum mc_rc rc;

    if (!follows(r, TAG_PAAS))
        return MC_OK;
    rc = take_as(r, MC_TLV_ARRAY, TAG_PAAS, &el);
    r->cd->has_paas = rc == MC_OK;
    while (rc == MC_OK) {
        rc = take_member(r, TAG_PAAS, MC_TLV_BYTES, &el, &end);
        if (rc != MC_OK || end)
            break;
        if (el.bytes.n != MC_KEY_ID_LEN)
            rc = mc_fail_at(r->e, MC_E_TLV_LENGTH, el.offset, fields[TAG_PAAS], "%zu octets", el.bytes.n);
        else if (r->cd->n_paas == MC_CD_PAAS_CAP)
            rc = mc_fail(r->e, MC_E_CD_SIZE, fields[TAG_PAAS], NULL);
        else
            r->cd->paa[r->cd->n_paas++] = el.bytes;
    }
    return rc;
}

/* Whatever follows the known elements, up to the end of the structure and of the payload. */
static enum mc_rc take_unknown(struct reader *r)
{
    struct mc_tlv_elem el;

    for (;;) {
        enum mc_rc rc = mc_tlv_take(&r->t, &el);

        if (rc == MC_OK && el.type >= MC_TLV_STRUCT && el.type < MC_TLV_END)
            rc = mc_tlv_skip_container(&r->t);
        if (rc != MC_OK)
            return mc_fail_at(r->e, rc, mc_tlv_offset(&r->t), "cd", NULL);
        if (el.type == MC_TLV_END)
            break;
        if (!r->deployed && el.tag >= 0 && el.tag < TAG_KNOWN)
            return mc_fail_at(r->e, MC_E_TLV_ORDER, el.offset, fields[el.tag], NULL);
        r->cd->n_unknown++;
    }
    if (r->t.p != r->t.end)
        return mc_fail_at(r->e, MC_E_TLV_TRAILING, mc_tlv_offset(&r->t), "cd", NULL);
    return MC_OK;
}

static enum mc_rc parse(struct mc_span tlv, bool deployed, struct mc_cd *cd, struct mc_err *e)
{
    struct reader r = {mc_tlv_of(tlv, false), cd, deployed, e};
    struct mc_tlv_elem el;
    enum mc_rc rc;

    memset(cd, 0, sizeof(*cd));
    if (tlv.n > MC_CD_PAYLOAD_MAX)
        return mc_fail(e, MC_E_CD_SIZE, "cd", "the payload has %zu", tlv.n);
    rc = mc_tlv_take_as(&r.t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &el);
    if (rc != MC_OK)
        return mc_fail_at(e, rc, 0, "cd", "an anonymous structure is wanted");
    rc = take_fixed(&r);
    if (rc == MC_OK)
        rc = take_origin(&r);
    if (rc == MC_OK)
        rc = take_paas(&r);
    return rc == MC_OK ? take_unknown(&r) : rc;
}

enum mc_rc mc_cd_parse(struct mc_span tlv, struct mc_cd *cd, struct mc_err *e)
{
    return parse(tlv, false, cd, e);
}

enum mc_rc mc_cd_parse_deployed(struct mc_span tlv, struct mc_cd *cd, struct mc_err *e)
{
    return parse(tlv, true, cd, e);
}

enum mc_rc mc_cd_check(const struct mc_cd *cd, struct mc_err *e)
{
    if (cd->format_version != 1)
        return mc_fail(e, MC_E_CD_VERSION, fields[TAG_VERSION], "%u", cd->format_version);
    if (cd->certification_type >= MC_CD_TYPES)
        return mc_fail(e, MC_E_CD_TYPE, fields[TAG_TYPE], "%u", cd->certification_type);
    if (cd->n_products == 0 || cd->n_products > MC_CD_PRODUCTS_MAX)
        return mc_fail(e, MC_E_CD_COUNT, fields[TAG_PRODUCTS], "there are %u, 1 to 100 are allowed", cd->n_products);
    if (cd->has_paas && (cd->n_paas == 0 || cd->n_paas > MC_CD_PAAS_MAX))
        return mc_fail(e, MC_E_CD_COUNT, fields[TAG_PAAS], "there are %u, 1 to 10 are allowed", cd->n_paas);
    return MC_OK;
}

/* --- writing --------------------------------------------------------------------------------------- */

static void put(struct mc_out *o, const struct mc_cd *cd)
{
    mc_tlv_begin(o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(o, TAG_VERSION, cd->format_version);
    mc_tlv_put_uint(o, TAG_VENDOR, cd->vendor_id);
    mc_tlv_begin(o, MC_TLV_ARRAY, TAG_PRODUCTS);
    for (unsigned i = 0; i < cd->n_products; i++)
        mc_tlv_put_uint(o, MC_TLV_ANONYMOUS, cd->product[i]);
    mc_tlv_close(o);
    mc_tlv_put_uint(o, TAG_DEVICE_TYPE, cd->device_type);
    mc_tlv_put_utf8(o, TAG_ID, cd->certificate_id);
    mc_tlv_put_uint(o, TAG_LEVEL, cd->security_level);
    mc_tlv_put_uint(o, TAG_INFORMATION, cd->security_information);
    mc_tlv_put_uint(o, TAG_NUMBER, cd->version_number);
    mc_tlv_put_uint(o, TAG_TYPE, cd->certification_type);
    if (cd->has_origin) {
        mc_tlv_put_uint(o, TAG_ORIGIN_VENDOR, cd->origin_vid);
        mc_tlv_put_uint(o, TAG_ORIGIN_PRODUCT, cd->origin_pid);
    }
    if (cd->has_paas) {
        mc_tlv_begin(o, MC_TLV_ARRAY, TAG_PAAS);
        for (unsigned i = 0; i < cd->n_paas; i++)
            mc_tlv_put_bytes(o, MC_TLV_ANONYMOUS, cd->paa[i]);
        mc_tlv_close(o);
    }
    mc_tlv_close(o);
}

enum mc_rc mc_cd_encode(const struct mc_cd *cd, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    struct mc_span id = cd->certificate_id;
    enum mc_rc rc = mc_cd_check(cd, e);

    if (rc != MC_OK)
        return rc;
    if (id.n != MC_CD_ID_LEN || memchr(id.p, '\0', id.n) != NULL || !mc_utf8_check(id))
        return mc_fail(e, MC_E_CD_ID, fields[TAG_ID], "it has %zu", id.n);
    for (unsigned i = 0; cd->has_paas && i < cd->n_paas; i++)
        if (cd->paa[i].n != MC_KEY_ID_LEN)
            return mc_fail(e, MC_E_TLV_LENGTH, fields[TAG_PAAS], "%zu octets", cd->paa[i].n);
    put(&o, cd);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, "cd", NULL);
    *n = o.n;
    return MC_OK;
}
