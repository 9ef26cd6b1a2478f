/* SPDX-License-Identifier: Apache-2.0 */
#include "tlv.h"

static uint64_t little_endian(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;

    while (n > 0)
        v = v << 8 | p[--n];
    return v;
}

/* True if a value needs all of width octets (or is one octet wide). */
static bool minimal(uint64_t v, unsigned width)
{
    return width == 1 || v >> (4 * width) != 0;
}

/* Octets of a tag by the three tag control bits; 0 and 1 are anonymous and context. */
static const uint8_t tag_octets[8] = {0, 1, 2, 4, 2, 4, 6, 8};

static enum mc_rc take_tag(struct mc_tlv *t, uint8_t control, struct mc_tlv_elem *e)
{
    unsigned form = control >> 5;
    unsigned n = tag_octets[form];

    if ((size_t)(t->end - t->p) < n)
        return MC_E_TLV_TRUNCATED;
    e->tag = form == 0 ? MC_TLV_ANONYMOUS : form == 1 ? *t->p : MC_TLV_PROFILE;
    t->p += n;
    return MC_OK;
}

static enum mc_rc take_number(struct mc_tlv *t, unsigned width, uint64_t *v)
{
    if ((size_t)(t->end - t->p) < width)
        return MC_E_TLV_TRUNCATED;
    *v = width == 1 ? *t->p : little_endian(t->p, width);
    t->p += width;
    return MC_OK;
}

__attribute__((cold)) static enum mc_rc wider(struct mc_tlv *t, const struct mc_tlv_elem *e)
{
    if (t->strict)
        return MC_E_TLV_MINIMAL;
    if (!t->wide)
        t->wide_at = e->offset;
    t->wide = true;
    return MC_OK;
}

static enum mc_rc take_string(struct mc_tlv *t, unsigned width, struct mc_tlv_elem *e)
{
    uint64_t n;
    enum mc_rc rc = take_number(t, width, &n);

    if (rc == MC_OK && !minimal(n, width))
        rc = wider(t, e);
    if (rc != MC_OK)
        return rc;
    if (n > (uint64_t)(t->end - t->p))
        return MC_E_TLV_TRUNCATED;
    e->bytes = mc_span_of(t->p, (size_t)n);
    t->p += n;
    return MC_OK;
}

static uint64_t sign_extend(uint64_t v, unsigned width)
{
    unsigned shift = 64 - 8 * width;

    return (uint64_t)((int64_t)(v << shift) >> shift);
}

/* The width of a signed number is minimal when the next smaller one would change its value. */
static bool minimal_signed(uint64_t v, unsigned width)
{
    return width == 1 || sign_extend(v, width / 2) != v;
}

static enum mc_rc take_value(struct mc_tlv *t, uint8_t type, struct mc_tlv_elem *e)
{
    unsigned width = 1u << (type & 3);
    enum mc_rc rc;

    switch (type & 0x1C) {
    case MC_TLV_UINT:
        e->type = MC_TLV_UINT;
        rc = take_number(t, width, &e->num);
        return rc == MC_OK && !minimal(e->num, width) ? wider(t, e) : rc;
    case MC_TLV_UTF8:
        e->type = MC_TLV_UTF8;
        return take_string(t, width, e);
    case MC_TLV_BYTES:
        e->type = MC_TLV_BYTES;
        return take_string(t, width, e);
    case MC_TLV_INT:
        e->type = MC_TLV_INT;
        rc = take_number(t, width, &e->num);
        if (rc != MC_OK)
            return rc;
        e->num = sign_extend(e->num, width);
        return minimal_signed(e->num, width) ? MC_OK : wider(t, e);
    default:
        e->type = type;
        if (type == MC_TLV_FLOAT || type == MC_TLV_DOUBLE)
            return take_number(t, type == MC_TLV_FLOAT ? 4 : 8, &e->num);
        return type > MC_TLV_END ? MC_E_TLV_TYPE : MC_OK;
    }
}

enum mc_rc mc_tlv_take(struct mc_tlv *t, struct mc_tlv_elem *e)
{
    const uint8_t *start = t->p;
    uint8_t control;
    enum mc_rc rc;

    if (t->p >= t->end)
        return MC_E_TLV_TRUNCATED;
    control = *t->p++;
    e->offset = (size_t)(start - t->base);
    if (control >> 5 == 1 && t->p < t->end) {
        e->tag = *t->p++;
    } else {
        rc = take_tag(t, control, e);
        if (rc != MC_OK)
            return rc;
    }
    if ((control & 0x1F) == MC_TLV_END && control != MC_TLV_END)
        return MC_E_TLV_TAG;
    return take_value(t, control & 0x1F, e);
}

enum mc_rc mc_tlv_skip_container(struct mc_tlv *t)
{
    struct mc_tlv_elem e;
    unsigned depth = 1;

    while (depth > 0) {
        enum mc_rc rc = mc_tlv_take(t, &e);

        if (rc != MC_OK)
            return rc;
        if (e.type == MC_TLV_END)
            depth--;
        else if (e.type >= MC_TLV_STRUCT && ++depth > MC_TLV_DEPTH_MAX)
            return MC_E_TLV_DEPTH;
    }
    return MC_OK;
}

enum mc_rc mc_tlv_take_as(struct mc_tlv *t, enum mc_tlv_type type, int tag, struct mc_tlv_elem *e)
{
    enum mc_rc rc = mc_tlv_take(t, e);

    if (rc != MC_OK)
        return rc;
    if (e->type == MC_TLV_END || e->tag != tag)
        return MC_E_TLV_ORDER;
    return e->type == type ? MC_OK : MC_E_TLV_TYPE;
}

static uint8_t *put_control(struct mc_out *o, int tag, uint8_t type, size_t more)
{
    uint8_t *at = mc_out_room(o, (tag < 0 ? 1 : 2) + more);

    if (at == NULL)
        return NULL;
    if (tag < 0) {
        *at++ = type;
    } else {
        *at++ = 0x20 | type;
        *at++ = (uint8_t)tag;
    }
    return at;
}

/* Bits 0..1 of the control octet for a value: log2 of its width in octets. */
static unsigned width_code(uint64_t v)
{
    return v <= 0xFF ? 0 : v <= 0xFFFF ? 1 : v <= 0xFFFFFFFF ? 2 : 3;
}

static void store_little_endian(uint8_t *at, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

void mc_tlv_put_uint(struct mc_out *o, int tag, uint64_t value)
{
    unsigned code = width_code(value);
    uint8_t *at = put_control(o, tag, (uint8_t)(MC_TLV_UINT | code), (size_t)1 << code);

    if (at != NULL)
        store_little_endian(at, value, 1u << code);
}

void mc_tlv_put_bool(struct mc_out *o, int tag, bool value)
{
    put_control(o, tag, value ? MC_TLV_TRUE : MC_TLV_FALSE, 0);
}

static void put_string(struct mc_out *o, int tag, uint8_t type, struct mc_span s)
{
    unsigned code = width_code(s.n);
    uint8_t *at = put_control(o, tag, (uint8_t)(type | code), ((size_t)1 << code) + s.n);

    if (at == NULL)
        return;
    store_little_endian(at, s.n, 1u << code);
    if (s.n != 0)
        memcpy(at + (1u << code), s.p, s.n);
}

void mc_tlv_put_bytes(struct mc_out *o, int tag, struct mc_span bytes)
{
    put_string(o, tag, MC_TLV_BYTES, bytes);
}

void mc_tlv_put_utf8(struct mc_out *o, int tag, struct mc_span text)
{
    put_string(o, tag, MC_TLV_UTF8, text);
}

void mc_tlv_begin(struct mc_out *o, enum mc_tlv_type container, int tag)
{
    put_control(o, tag, (uint8_t)container, 0);
}

void mc_tlv_close(struct mc_out *o)
{
    mc_out_byte(o, MC_TLV_END);
}
