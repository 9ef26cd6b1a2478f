/* SPDX-License-Identifier: Apache-2.0 */
/* Mutators that keep an encoding in order around what they change, so that deep fields are reached. */
#include "fuzz.h"
#include "lib/der.h"
#include "lib/tlv.h"

enum {
    ELEMENTS_MAX = 192,
    WORK_MAX = 8192,
    CONSTRUCTED = 0x20,
    HEADER_MAX = 16,
};

/* One element: where it stands, its header, its content, and the element around it (-1: none). */
struct element {
    size_t at, head, len;
    int up;
};

enum operation { ANY_OCTETS, CHANGE, CHANGE_TOO, RESIZE, DROP, REPEAT, INSERT, REPLACE, RETAG, OPERATIONS };

struct plan {
    enum operation op;
    unsigned target, source;
};

static uint32_t step(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct plan plan_of(uint32_t seed, unsigned elements)
{
    struct plan p;

    p.op = step(&seed) % OPERATIONS;
    p.target = step(&seed) % elements;
    p.source = step(&seed) % elements;
    return p;
}

/* New content for an element: changed by libFuzzer, or of a length at which headers grow. */
static size_t new_content(const uint8_t *old, size_t n, bool resize, unsigned seed, uint8_t *out)
{
    static const uint16_t edges[] = {0, 1, 16, 19, 20, 21, 64, 65, 127, 128, 255, 256};

    n = n < WORK_MAX / 2 ? n : WORK_MAX / 2;
    memcpy(out, old, n);
    if (!resize)
        return LLVMFuzzerMutate(out, n, n + 16);
    size_t want = edges[seed % (sizeof(edges) / sizeof(edges[0]))];

    if (n < want)
        memset(out + n, n != 0 ? out[n - 1] : 'A', want - n);
    return want;
}

/* Replaces old octets at `at` by those of with; 0 if the result does not fit. */
static size_t splice(uint8_t *data, size_t n, size_t max, size_t at, size_t old, struct mc_span with)
{
    if (n - old + with.n > max)
        return 0;
    memmove(data + at + with.n, data + at + old, n - at - old);
    if (with.n != 0)
        memcpy(data + at, with.p, with.n);
    return n - old + with.n;
}

/* --- DER ------------------------------------------------------------------------------------------------ */

static size_t der_header(uint8_t tag, size_t len, uint8_t out[HEADER_MAX])
{
    size_t n = 0;

    out[n++] = tag;
    if (len >= 0x100) {
        out[n++] = 0x82;
        out[n++] = (uint8_t)(len >> 8);
    } else if (len >= 0x80) {
        out[n++] = 0x81;
    }
    out[n++] = (uint8_t)len;
    return n;
}

/* True if the octets are elements and nothing else, at least one. */
static bool is_der(struct mc_der d)
{
    struct mc_der content;
    uint8_t tag;

    if (!mc_der_more(&d))
        return false;
    while (mc_der_more(&d))
        if (mc_der_take_any(&d, &tag, &content) != MC_OK)
            return false;
    return true;
}

/* Lists elements in the order of the octets; strings that hold DER are opened too. */
static unsigned der_scan(struct mc_der d, int up, struct element *list, unsigned n)
{
    struct mc_der content;
    uint8_t tag;

    while (n < ELEMENTS_MAX && mc_der_more(&d)) {
        size_t at = mc_der_offset(&d);
        unsigned self = n;

        if (mc_der_take_any(&d, &tag, &content) != MC_OK)
            break;
        list[n++] = (struct element){at, mc_der_offset(&content) - at, (size_t)(content.end - content.p), up};
        if (tag == MC_DER_BIT_STRING && content.p < content.end)
            content.p++;
        if ((tag & CONSTRUCTED) != 0 ||
            ((tag == MC_DER_BIT_STRING || tag == MC_DER_OCTET_STRING) && is_der(content)))
            n = der_scan(content, (int)self, list, n);
    }
    return n;
}

/* Writes the lengths of everything around a change of `grown` octets anew, from the inside out. */
static size_t der_mend(
    uint8_t *data, size_t n, size_t max, const struct element *list, int up, ptrdiff_t grown)
{
    for (; up >= 0; up = list[up].up) {
        const struct element *e = &list[up];
        uint8_t header[HEADER_MAX];
        size_t len = (size_t)((ptrdiff_t)e->len + grown), head = der_header(data[e->at], len, header);

        n = splice(data, n, max, e->at, e->head, mc_span_of(header, head));
        if (n == 0)
            return 0;
        grown += (ptrdiff_t)head - (ptrdiff_t)e->head;
    }
    return n;
}

static size_t der_new_element(
    const uint8_t *data, const struct element *e, bool resize, unsigned seed, uint8_t *out)
{
    uint8_t content[WORK_MAX];
    size_t len = new_content(data + e->at + e->head, e->len, resize, seed, content);
    size_t head = der_header(data[e->at], len, out);

    memcpy(out + head, content, len);
    return head + len;
}

static size_t der_apply(
    uint8_t *data, size_t n, size_t max, const struct element *list, struct plan p, unsigned seed)
{
    const struct element *target = &list[p.target], *source = &list[p.source];
    uint8_t work[WORK_MAX + HEADER_MAX];
    size_t at = target->at, old = target->head + target->len;
    struct mc_span with = {work, 0};

    if (p.op == REPEAT || p.op == INSERT || p.op == REPLACE) {
        const struct element *from = p.op == REPEAT ? target : source;

        with.n = from->head + from->len;
        if (with.n > sizeof(work))
            return 0;
        memcpy(work, data + from->at, with.n);
        old = p.op == REPLACE ? old : 0;
    } else if (p.op == CHANGE || p.op == CHANGE_TOO || p.op == RESIZE) {
        with.n = der_new_element(data, target, p.op == RESIZE, seed, work);
    }
    n = splice(data, n, max, at, old, with);
    return n == 0 ? 0 : der_mend(data, n, max, list, target->up, (ptrdiff_t)with.n - (ptrdiff_t)old);
}

size_t fuzz_mutate_der(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    static struct element list[ELEMENTS_MAX];
    static uint8_t copy[2 * WORK_MAX];
    unsigned count = der_scan(mc_der_of(mc_span_of(data, n)), -1, list, 0);
    struct plan p = count != 0 ? plan_of(seed, count) : (struct plan){0};
    size_t done;

    if (p.op == ANY_OCTETS || n > WORK_MAX)
        return LLVMFuzzerMutate(data, n, max);
    if (p.op == RETAG) {
        data[list[p.target].at] = (uint8_t)(seed >> 16);
        return n;
    }
    memcpy(copy, data, n);
    done = der_apply(copy, n, max < sizeof(copy) ? max : sizeof(copy), list, p, seed);
    if (done == 0)
        return LLVMFuzzerMutate(data, n, max);
    memcpy(data, copy, done);
    return done;
}

/* --- Matter TLV ----------------------------------------------------------------------------------------- */

static bool is_string(const struct mc_tlv_elem *e)
{
    return e->type == MC_TLV_UTF8 || e->type == MC_TLV_BYTES;
}

/* A container is one element with all it holds; its members are listed too. Lengths need no mending. */
static unsigned tlv_scan(struct mc_span in, struct element *list, struct mc_tlv_elem *elems)
{
    struct mc_tlv t = mc_tlv_of(in, false);
    unsigned n = 0;

    while (n < ELEMENTS_MAX && t.p < t.end) {
        struct mc_tlv inner;
        size_t at = mc_tlv_offset(&t), head;

        if (mc_tlv_take(&t, &elems[n]) != MC_OK)
            break;
        if (elems[n].type == MC_TLV_END)
            continue;
        inner = t;
        if (elems[n].type >= MC_TLV_STRUCT && mc_tlv_skip_container(&inner) != MC_OK)
            continue;
        head = is_string(&elems[n]) ? (size_t)(elems[n].bytes.p - in.p) - at : mc_tlv_offset(&inner) - at;
        list[n] = (struct element){at, head, mc_tlv_offset(&inner) - at - head, -1};
        n++;
    }
    return n;
}

static size_t tlv_new_element(
    const struct mc_tlv_elem *e, bool resize, unsigned seed, uint8_t *out, size_t cap)
{
    static const uint64_t edges[] = {0, 1, 2, 0xFF, 0x100, 0x1FF, 0xFFFF, 0x10000, UINT32_MAX,
        UINT64_C(0x100000000), UINT64_C(0xFFFFFFEFFFFFFFFF), UINT64_C(0xFFFFFFF000000000), UINT64_MAX};
    uint8_t content[WORK_MAX];
    struct mc_out o = mc_out_of(out, cap);
    int tag = e->tag < 0 ? MC_TLV_ANONYMOUS : e->tag;

    if (is_string(e)) {
        struct mc_span s = mc_span_of(content, new_content(e->bytes.p, e->bytes.n, resize, seed, content));

        if (e->type == MC_TLV_UTF8)
            mc_tlv_put_utf8(&o, tag, s);
        else
            mc_tlv_put_bytes(&o, tag, s);
    } else if (e->type == MC_TLV_TRUE || e->type == MC_TLV_FALSE) {
        mc_tlv_put_bool(&o, tag, e->type == MC_TLV_FALSE);
    } else {
        uint64_t edge = edges[seed % (sizeof(edges) / sizeof(edges[0]))];

        mc_tlv_put_uint(&o, tag, resize ? edge : e->type == MC_TLV_UINT ? e->num + 1 - 2 * (seed & 1) : seed);
    }
    return o.rc == MC_OK ? o.n : 0;
}

size_t fuzz_mutate_tlv(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    static struct element list[ELEMENTS_MAX];
    static struct mc_tlv_elem elems[ELEMENTS_MAX];
    static uint8_t work[2 * WORK_MAX];
    unsigned count = tlv_scan(mc_span_of(data, n), list, elems);
    struct plan p = count != 0 ? plan_of(seed, count) : (struct plan){0};
    const struct element *target = &list[p.target], *from = p.op == REPEAT ? target : &list[p.source];
    struct mc_span with = {work, 0};
    size_t at = target->at, old = target->head + target->len, done;

    if (p.op == ANY_OCTETS || n > WORK_MAX)
        return LLVMFuzzerMutate(data, n, max);
    if (p.op == RETAG) {
        at += data[at] >> 5 == 1 && (seed & 0x10000) == 0; /* the tag octet, or the control octet */
        data[at] = (uint8_t)(seed >> 17);
        return n;
    }
    if (p.op == REPEAT || p.op == INSERT || p.op == REPLACE) {
        with.n = from->head + from->len;
        memcpy(work, data + from->at, with.n);
        old = p.op == REPLACE ? old : 0;
    } else if (p.op != DROP) {
        with.n = tlv_new_element(&elems[p.target], p.op == RESIZE, seed >> 8, work, sizeof(work));
    }
    done = splice(data, n, max, at, old, with);
    return done != 0 ? done : LLVMFuzzerMutate(data, n, max);
}
