/* SPDX-License-Identifier: Apache-2.0 */
#include "der.h"

enum mc_rc mc_der_long_length(const uint8_t **pp, const uint8_t *end, size_t *length)
{
    const uint8_t *p = *pp;
    unsigned octets = *p++ & 0x7Fu;
    size_t n = 0;

    /* 0x80 is the indefinite form; more than three octets cannot be a certificate's. */
    if (octets == 0 || octets > 3)
        return MC_E_DER_LENGTH;
    if ((size_t)(end - p) < octets)
        return MC_E_DER_TRUNCATED;
    for (unsigned i = 0; i < octets; i++)
        n = n << 8 | *p++;
    if (n < 0x80 || (octets > 1 && n >> (8 * (octets - 1)) == 0))
        return MC_E_DER_LENGTH;
    *length = n;
    *pp = p;
    return MC_OK;
}

enum mc_rc mc_der_check_integer(struct mc_span c)
{
    if (c.n == 0)
        return MC_E_DER_INTEGER;
    if (c.n > 1 && c.p[0] == 0x00 && (c.p[1] & 0x80) == 0)
        return MC_E_DER_INTEGER;
    if (c.n > 1 && c.p[0] == 0xFF && (c.p[1] & 0x80) != 0)
        return MC_E_DER_INTEGER;
    return MC_OK;
}

enum mc_rc mc_der_take_uint(struct mc_der *d, uint64_t *value)
{
    struct mc_der c;
    uint64_t v = 0;
    enum mc_rc rc = mc_der_take(d, MC_DER_INTEGER, &c);

    if (rc != MC_OK)
        return rc;
    rc = mc_der_check_integer(mc_der_rest(&c));
    if (rc != MC_OK || (*c.p & 0x80) != 0 || c.end - c.p > 8)
        return MC_E_DER_INTEGER;
    while (c.p < c.end)
        v = v << 8 | *c.p++;
    *value = v;
    return MC_OK;
}

enum mc_rc mc_der_take_bool(struct mc_der *d, bool *value)
{
    struct mc_der c;
    enum mc_rc rc = mc_der_take(d, MC_DER_BOOLEAN, &c);

    if (rc != MC_OK)
        return rc;
    if (c.end - c.p != 1 || (*c.p != 0x00 && *c.p != 0xFF))
        return MC_E_DER_BOOLEAN;
    *value = *c.p == 0xFF;
    return MC_OK;
}

enum mc_rc mc_der_take_octet_bits(struct mc_der *d, struct mc_der *content)
{
    struct mc_der c;
    enum mc_rc rc = mc_der_take(d, MC_DER_BIT_STRING, &c);

    if (rc != MC_OK)
        return rc;
    if (c.p == c.end || *c.p != 0)
        return MC_E_DER_BITS;
    c.p++;
    *content = c;
    return MC_OK;
}

enum mc_rc mc_der_take_oid(struct mc_der *d, struct mc_span *oid)
{
    struct mc_der c;
    enum mc_rc rc = mc_der_take(d, MC_DER_OID, &c);
    bool arc_starts = true;

    if (rc != MC_OK)
        return rc;
    if (c.p == c.end || (c.end[-1] & 0x80) != 0)
        return MC_E_DER_OID;
    for (const uint8_t *p = c.p; p < c.end; p++) {
        if (arc_starts && *p == 0x80)
            return MC_E_DER_OID;
        arc_starts = (*p & 0x80) == 0;
    }
    *oid = mc_der_rest(&c);
    return MC_OK;
}

void mc_der_close_long(struct mc_out *o, size_t mark)
{
    size_t n = o->n - mark;
    size_t extra = n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;

    if (mc_out_room(o, extra) == NULL)
        return;
    memmove(o->p + mark + extra, o->p + mark, n);
    o->p[mark - 1] = (uint8_t)(0x80 | extra);
    for (size_t i = extra; i > 0; i--) {
        o->p[mark + i - 1] = (uint8_t)n;
        n >>= 8;
    }
}

void mc_der_put_unsigned(struct mc_out *o, const uint8_t *p, size_t n)
{
    uint8_t *at;

    while (n > 1 && *p == 0) {
        p++;
        n--;
    }
    size_t sign = *p >> 7;
    at = mc_out_room(o, 2 + sign + n);
    if (at == NULL)
        return;
    *at++ = MC_DER_INTEGER;
    *at++ = (uint8_t)(sign + n);
    if (sign)
        *at++ = 0;
    memcpy(at, p, n);
}
