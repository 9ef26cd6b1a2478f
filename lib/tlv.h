/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tlv.h - Matter TLV: a cursor and a sticky writer for what certificates, NOCSR elements, certification
 * declarations and ledger entries use (matter-operational 2.1).
 *
 * Element = control octet (tag control << 5 | type), tag octets, length or value. Integers and lengths are
 * little-endian. Only anonymous and context tags are read here; a strict cursor also refuses integers and
 * length fields that are wider than needed, because a canonical form cannot survive them.
 */
#ifndef MC_TLV_H
#define MC_TLV_H

#include "buf.h"

enum mc_tlv_type { /* after folding the widths */
    MC_TLV_INT = 0x00,
    MC_TLV_UINT = 0x04,
    MC_TLV_FALSE = 0x08,
    MC_TLV_TRUE = 0x09,
    MC_TLV_FLOAT = 0x0A,
    MC_TLV_DOUBLE = 0x0B,
    MC_TLV_UTF8 = 0x0C,
    MC_TLV_BYTES = 0x10,
    MC_TLV_NULL = 0x14,
    MC_TLV_STRUCT = 0x15,
    MC_TLV_ARRAY = 0x16,
    MC_TLV_LIST = 0x17,
    MC_TLV_END = 0x18,
};

#define MC_TLV_ANONYMOUS (-1)
#define MC_TLV_PROFILE   (-2) /* a common, implicit or fully qualified profile tag: its value is not kept */
#define MC_TLV_DEPTH_MAX 8

struct mc_tlv {
    const uint8_t *base, *p, *end;
    bool strict;
    bool wide;      /* a cursor that is not strict has met a number or length wider than needed: */
    size_t wide_at; /* the offset of the first such element */
};

struct mc_tlv_elem {
    enum mc_tlv_type type;
    int tag;              /* 0..255, MC_TLV_ANONYMOUS or MC_TLV_PROFILE */
    uint64_t num;         /* UINT; INT as its two's complement; FLOAT and DOUBLE as their bits */
    struct mc_span bytes; /* UTF8, BYTES */
    size_t offset;        /* of the control octet */
};

static inline struct mc_tlv mc_tlv_of(struct mc_span in, bool strict)
{
    return (struct mc_tlv){.base = in.p, .p = in.p, .end = in.p + in.n, .strict = strict};
}

static inline size_t mc_tlv_offset(const struct mc_tlv *t)
{
    return (size_t)(t->p - t->base);
}

/*
 * Takes the next element. Of a container only the opening is taken: its members follow, then MC_TLV_END.
 * MC_E_TLV_TRUNCATED, MC_E_TLV_TYPE (reserved types), MC_E_TLV_MINIMAL (strict cursor only).
 */
enum mc_rc mc_tlv_take(struct mc_tlv *t, struct mc_tlv_elem *e);

/* Skips to behind the end of the container whose opening was just taken. MC_E_TLV_DEPTH and as above. */
MC_MUST_CHECK enum mc_rc mc_tlv_skip_container(struct mc_tlv *t);

/* Takes an element that must have this type and tag. MC_E_TLV_ORDER if another tag or the end is there, MC_E_TLV_TYPE, and as mc_tlv_take. */
MC_MUST_CHECK enum mc_rc mc_tlv_take_as(
    struct mc_tlv *t, enum mc_tlv_type type, int tag, struct mc_tlv_elem *e);

/* Writing, always in minimal width. tag: 0..255 or MC_TLV_ANONYMOUS. */
void mc_tlv_put_uint(struct mc_out *o, int tag, uint64_t value);
void mc_tlv_put_bool(struct mc_out *o, int tag, bool value);
void mc_tlv_put_bytes(struct mc_out *o, int tag, struct mc_span bytes);
void mc_tlv_put_utf8(struct mc_out *o, int tag, struct mc_span text);
void mc_tlv_begin(struct mc_out *o, enum mc_tlv_type container, int tag);
void mc_tlv_close(struct mc_out *o);

#endif
