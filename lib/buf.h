/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - borrowed views and sticky output, the two shapes in which bytes travel through the library.
 *
 * A struct mc_span borrows: it dies with the memory it points into. A struct mc_out writes into the
 * caller's buffer; the first failure sticks in rc and is read once at the end, so that a builder reads
 * like its schema. Nothing allocates.
 */
#ifndef MC_BUF_H
#define MC_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "err.h"

struct mc_span {
    const uint8_t *p;
    size_t n;
};

static inline struct mc_span mc_span_of(const void *p, size_t n)
{
    return (struct mc_span){p, n};
}

static inline bool mc_span_eq(struct mc_span a, struct mc_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

struct mc_out {
    uint8_t *p;
    size_t cap;
    size_t n;      /* bytes written */
    enum mc_rc rc; /* the first failure */
};

static inline struct mc_out mc_out_of(uint8_t *p, size_t cap)
{
    return (struct mc_out){p, cap, 0, MC_OK};
}

static inline void mc_out_fail(struct mc_out *o, enum mc_rc rc)
{
    if (o->rc == MC_OK)
        o->rc = rc;
}

/* Makes room for n bytes and returns where they go, or NULL after a failure. */
static inline uint8_t *mc_out_room(struct mc_out *o, size_t n)
{
    uint8_t *at = o->p + o->n;

    if (__builtin_expect(o->rc != MC_OK || n > o->cap - o->n, 0)) {
        mc_out_fail(o, MC_E_SPACE);
        return NULL;
    }
    o->n += n;
    return at;
}

static inline void mc_out_put(struct mc_out *o, const void *p, size_t n)
{
    uint8_t *at = mc_out_room(o, n);

    if (at != NULL && n != 0)
        memcpy(at, p, n);
}

static inline void mc_out_byte(struct mc_out *o, uint8_t b)
{
    uint8_t *at = mc_out_room(o, 1);

    if (at != NULL)
        *at = b;
}

/* Lower-case hex of p[0..n), NUL-terminated; out holds 2n + 1 characters. */
void mc_hex_encode(const uint8_t *p, size_t n, char *out);
/* Upper-case, otherwise as mc_hex_encode. */
void mc_hex_encode_upper(const uint8_t *p, size_t n, char *out);
/* Exactly 2n hex digits of either case at text into out; false if one is no digit. */
bool mc_hex_decode(const char *text, size_t n, uint8_t *out);
/* Padded base64 without line breaks, NUL-terminated; out holds 4 * ((n + 2) / 3) + 1 characters. */
void mc_base64_encode(const uint8_t *p, size_t n, char *out);
/*
 * Decodes base64 (RFC 4648 section 4, padding required, unused bits zero, white space skipped when
 * skip_space) from text[0..n). *len gets the length; no text gives no octets. MC_E_BASE64, MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc mc_base64_decode(
    const char *text, size_t n, bool skip_space, uint8_t *out, size_t cap, size_t *len);

/*
 * Reads "0x" and 1..max_digits hex digits, or a decimal number, that fills text wholly and fits
 * 4 * max_digits bits (max_digits <= 16). A decimal number has no leading zero: whoever writes a vendor
 * id as 0123 means hex, other readers take it for octal, so it is refused. MC_E_NUMBER.
 */
MC_MUST_CHECK enum mc_rc mc_number_parse(const char *text, unsigned max_digits, uint64_t *value, struct mc_err *e);

/* Space, tab, CR or LF. */
bool mc_is_space(char c);
/* Well-formed UTF-8 (RFC 3629): no overlong form, surrogate or value above 10FFFF. Empty text is. */
bool mc_utf8_check(struct mc_span text);

#endif
