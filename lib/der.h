/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.h - strict DER: a cursor that reads and a sticky writer, both inline because every conversion of a
 * certificate goes through some forty of them.
 *
 * Only what certificates need: one-octet identifiers, definite lengths in shortest form below 2^24. The
 * cursor's `base` is the start of the whole object, so offsets in errors count from there.
 */
#ifndef MC_DER_H
#define MC_DER_H

#include "buf.h"

enum mc_der_tag {
    MC_DER_BOOLEAN = 0x01,
    MC_DER_INTEGER = 0x02,
    MC_DER_BIT_STRING = 0x03,
    MC_DER_OCTET_STRING = 0x04,
    MC_DER_NULL = 0x05,
    MC_DER_OID = 0x06,
    MC_DER_UTF8 = 0x0C,
    MC_DER_PRINTABLE = 0x13,
    MC_DER_TELETEX = 0x14,
    MC_DER_IA5 = 0x16,
    MC_DER_UTC_TIME = 0x17,
    MC_DER_GENERALIZED_TIME = 0x18,
    MC_DER_UNIVERSAL = 0x1C,
    MC_DER_BMP = 0x1E,
    MC_DER_SEQUENCE = 0x30,
    MC_DER_SET = 0x31,
    MC_DER_CONTEXT = 0x80,             /* [n] primitive */
    MC_DER_CONTEXT_CONSTRUCTED = 0xA0, /* [n] constructed */
};

struct mc_der {
    const uint8_t *base, *p, *end;
};

static inline struct mc_der mc_der_of(struct mc_span in)
{
    return (struct mc_der){in.p, in.p, in.p + in.n};
}

static inline bool mc_der_more(const struct mc_der *d)
{
    return d->p < d->end;
}

static inline size_t mc_der_offset(const struct mc_der *d)
{
    return (size_t)(d->p - d->base);
}

static inline struct mc_span mc_der_rest(const struct mc_der *d)
{
    return mc_span_of(d->p, (size_t)(d->end - d->p));
}

static inline bool mc_der_peek(const struct mc_der *d, uint8_t tag)
{
    return d->p < d->end && *d->p == tag;
}

/* The long form of a length, at *pp: 0x81, 0x82 or 0x83 and as many octets as needed, no more. */
enum mc_rc mc_der_long_length(const uint8_t **pp, const uint8_t *end, size_t *length);

/*
 * Takes one element of any tag: its tag, and a cursor over its content. d moves behind it only on success.
 * MC_E_DER_TRUNCATED, MC_E_DER_LENGTH, MC_E_DER_TAG (high tag numbers).
 */
static inline enum mc_rc mc_der_take_any(struct mc_der *d, uint8_t *tag, struct mc_der *content)
{
    const uint8_t *p = d->p;
    size_t n;

    if (__builtin_expect(d->end - p < 2, 0))
        return MC_E_DER_TRUNCATED;
    *tag = *p++;
    if (__builtin_expect((*tag & 0x1F) == 0x1F, 0))
        return MC_E_DER_TAG;
    n = *p++;
    if (n >= 0x80) {
        p--;
        enum mc_rc rc = mc_der_long_length(&p, d->end, &n);
        if (rc != MC_OK)
            return rc;
    }
    if (__builtin_expect(n > (size_t)(d->end - p), 0))
        return MC_E_DER_TRUNCATED;
    content->base = d->base;
    content->p = p;
    content->end = p + n;
    d->p = p + n;
    return MC_OK;
}

/* Takes one element that must have this tag. MC_E_DER_TAG if another is there (or none). */
static inline enum mc_rc mc_der_take(struct mc_der *d, uint8_t tag, struct mc_der *content)
{
    uint8_t got;

    if (__builtin_expect(d->p >= d->end || *d->p != tag, 0))
        return MC_E_DER_TAG;
    return mc_der_take_any(d, &got, content);
}

/* The cursor must stand at its end. MC_E_DER_TRAILING. */
static inline enum mc_rc mc_der_end(const struct mc_der *d)
{
    return d->p == d->end ? MC_OK : MC_E_DER_TRAILING;
}

/* A non-negative INTEGER of at most 63 bits in shortest form. MC_E_DER_TAG, MC_E_DER_INTEGER. */
MC_MUST_CHECK enum mc_rc mc_der_take_uint(struct mc_der *d, uint64_t *value);
/* BOOLEAN, 00 or FF. MC_E_DER_TAG, MC_E_DER_BOOLEAN. */
MC_MUST_CHECK enum mc_rc mc_der_take_bool(struct mc_der *d, bool *value);
/* BIT STRING without unused bits; content excludes the unused-bits octet. MC_E_DER_BITS. */
MC_MUST_CHECK enum mc_rc mc_der_take_octet_bits(struct mc_der *d, struct mc_der *content);
/* OID content octets: not empty, each arc in shortest form, last octet ends an arc. MC_E_DER_OID. */
MC_MUST_CHECK enum mc_rc mc_der_take_oid(struct mc_der *d, struct mc_span *oid);
/* The content octets of an INTEGER: at least one, shortest form. MC_E_DER_INTEGER. */
MC_MUST_CHECK enum mc_rc mc_der_check_integer(struct mc_span content);

/*
 * Writing. mc_der_begin writes tag and a one-octet length, mc_der_close patches the length and, for a
 * content of 128 octets or more, moves the content up by one or two octets.
 */
static inline size_t mc_der_begin(struct mc_out *o, uint8_t tag)
{
    uint8_t *at = mc_out_room(o, 2);

    if (at != NULL)
        at[0] = tag;
    return o->n;
}

void mc_der_close_long(struct mc_out *o, size_t mark);

static inline void mc_der_close(struct mc_out *o, size_t mark)
{
    size_t n = o->n - mark;

    if (o->rc != MC_OK)
        return;
    if (n < 0x80)
        o->p[mark - 1] = (uint8_t)n;
    else
        mc_der_close_long(o, mark);
}

/* A whole element with content of known length below 128. */
static inline void mc_der_put(struct mc_out *o, uint8_t tag, const void *content, size_t n)
{
    uint8_t *at = mc_out_room(o, n + 2);

    if (at == NULL)
        return;
    at[0] = tag;
    at[1] = (uint8_t)n;
    memcpy(at + 2, content, n);
}

/* A non-negative INTEGER from big-endian octets: leading zeros dropped, a sign octet added if needed. */
void mc_der_put_unsigned(struct mc_out *o, const uint8_t *p, size_t n);

#endif
