/* SPDX-License-Identifier: Apache-2.0 */
#include "payload.h"

#include <stdio.h>

#include "tlv.h"

enum { FIXED_LEN = 11 }; /* octets of the fields */

bool mc_passcode_allowed(uint32_t passcode)
{
    return passcode >= 1 && passcode <= MC_PASSCODE_MAX && passcode % 11111111 != 0 && passcode != 12345678 &&
           passcode != 87654321;
}

/* --- names ----------------------------------------------------------------------------------------- */

const char *mc_flow_name(unsigned flow)
{
    static const char *const name[] = {"standard", "user-action", "custom"};

    return flow < sizeof(name) / sizeof(name[0]) ? name[flow] : "reserved";
}

enum mc_rc mc_flow_parse(const char *text, uint8_t *flow, struct mc_err *e)
{
    for (uint8_t f = MC_FLOW_STANDARD; f <= MC_FLOW_CUSTOM; f++) {
        char digit[2] = {(char)('0' + f), '\0'};

        if (strcmp(text, mc_flow_name(f)) == 0 || strcmp(text, digit) == 0) {
            *flow = f;
            return MC_OK;
        }
    }
    return mc_fail(e, MC_E_PAYLOAD_FIELD, "flow", "it is standard, user-action or custom");
}

static bool same_word(const char *p, size_t n, const char *word)
{
    size_t i = 0;

    for (; i < n && word[i] != '\0'; i++)
        if ((p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]) != word[i])
            return false;
    return i == n && word[i] == '\0';
}

enum mc_rc mc_rendezvous_parse(const char *text, uint8_t *rendezvous, struct mc_err *e)
{
    static const char *const name[] = {"softap", "ble", "on-network", "wifi-paf", "nfc", "thread"};
    uint64_t number = 0;
    uint8_t bits = 0;

    if (*text >= '0' && *text <= '9') {
        if (mc_number_parse(text, 2, &number, NULL) != MC_OK || number == 0 || (number & ~UINT64_C(0x3F)) != 0)
            return mc_fail(e, MC_E_PAYLOAD_FIELD, "rendezvous", "the number is not between 0x01 and 0x3F");
        *rendezvous = (uint8_t)number;
        return MC_OK;
    }
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ","), i = 0;

        while (i < sizeof(name) / sizeof(name[0]) && !same_word(p, n, name[i]))
            i++;
        if (i == sizeof(name) / sizeof(name[0]))
            return mc_fail(e, MC_E_PAYLOAD_FIELD, "rendezvous", "it is a list of softap, ble, on-network, wifi-paf, nfc, thread");
        bits |= (uint8_t)(1u << i);
        p += n;
        if (*p == '\0')
            break;
    }
    *rendezvous = bits;
    return MC_OK;
}

void mc_rendezvous_format(uint8_t rendezvous, char *out, size_t cap)
{
    static const char *const name[] = {"SoftAP", "BLE", "on-network", "Wi-Fi PAF", "NFC", "Thread"};
    size_t n = 0;

    if (cap == 0)
        return;
    out[0] = '\0';
    for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++)
        if ((rendezvous >> i & 1) != 0 && n < cap)
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n > 0 ? ", " : "", name[i]);
}

const char *mc_payload_tag_name(unsigned tag)
{
    static const char *const name[] = {
        "serial number", "PBKDF iterations", "PBKDF salt", "number of devices", "commissioning timeout"};

    if (tag >= MC_PAYLOAD_VENDOR)
        return "vendor element";
    return tag < sizeof(name) / sizeof(name[0]) ? name[tag] : "reserved element";
}

/* --- fields in bits -------------------------------------------------------------------------------- */

struct bits {
    uint8_t *p;
    unsigned at;
};

static uint32_t take_bits(struct bits *b, unsigned n)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < n; i++, b->at++)
        v |= (uint32_t)(b->p[b->at / 8] >> b->at % 8 & 1) << i;
    return v;
}

static void put_bits(struct bits *b, unsigned n, uint32_t v)
{
    for (unsigned i = 0; i < n; i++, b->at++)
        b->p[b->at / 8] |= (uint8_t)((v >> i & 1) << b->at % 8);
}

static void unpack(uint8_t *bytes, struct mc_payload *p)
{
    struct bits b = {bytes, 0};

    p->version = (uint8_t)take_bits(&b, 3);
    p->vid = (uint16_t)take_bits(&b, 16);
    p->pid = (uint16_t)take_bits(&b, 16);
    p->flow = (uint8_t)take_bits(&b, 2);
    p->rendezvous = (uint8_t)take_bits(&b, 8);
    p->discriminator = (uint16_t)take_bits(&b, 12);
    p->passcode = take_bits(&b, 27);
    p->padding = (uint8_t)take_bits(&b, 4);
    p->has_ids = true;
}

static void pack(const struct mc_payload *p, uint8_t bytes[FIXED_LEN])
{
    struct bits b = {bytes, 0};

    memset(bytes, 0, FIXED_LEN);
    put_bits(&b, 3, p->version);
    put_bits(&b, 16, p->vid);
    put_bits(&b, 16, p->pid);
    put_bits(&b, 2, p->flow);
    put_bits(&b, 8, p->rendezvous);
    put_bits(&b, 12, p->discriminator);
    put_bits(&b, 27, p->passcode);
}

/* --- base38 ---------------------------------------------------------------------------------------- */

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";

/* Characters of 0, 1, 2 and 3 octets. */
static const uint8_t chars_of[] = {0, 2, 4, 5};

static enum mc_rc base38_decode(struct mc_span in, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    size_t at = 0;

    *n = 0;
    while (at < in.n) {
        size_t chars = in.n - at < 5 ? in.n - at : 5;
        unsigned octets = chars == 5 ? 3 : chars == 4 ? 2 : 1;
        uint32_t v = 0;

        if (chars == 1 || chars == 3)
            return mc_fail_at(e, MC_E_PAYLOAD_BASE38, at, NULL, "%zu characters are no whole number of octets", chars);
        for (size_t i = chars; i-- > 0;) {
            const char *c = in.p[at + i] != '\0' ? strchr(alphabet, in.p[at + i]) : NULL;

            if (c == NULL)
                return mc_fail_at(e, MC_E_PAYLOAD_BASE38, at + i, NULL, "a character that base38 does not have");
            v = v * 38 + (uint32_t)(c - alphabet);
        }
        if (v >> 8 * octets != 0)
            return mc_fail_at(e, MC_E_PAYLOAD_BASE38, at, NULL, "the group is too large for its octets");
        if (octets > cap - *n)
            return mc_fail(e, MC_E_PAYLOAD_LENGTH, NULL, "at most %d octets of TLV are read", MC_PAYLOAD_TLV_MAX);
        for (; octets > 0; octets--, v >>= 8)
            out[(*n)++] = (uint8_t)v;
        at += chars;
    }
    return MC_OK;
}

static size_t base38_encode(struct mc_span in, char *out)
{
    size_t n = 0;

    for (size_t at = 0; at < in.n;) {
        unsigned octets = in.n - at < 3 ? (unsigned)(in.n - at) : 3;
        uint32_t v = 0;

        for (unsigned i = octets; i-- > 0;)
            v = v << 8 | in.p[at + i];
        for (unsigned i = 0; i < chars_of[octets]; i++, v /= 38)
            out[n++] = alphabet[v % 38];
        at += octets;
    }
    out[n] = '\0';
    return n;
}

/* --- the TLV --------------------------------------------------------------------------------------- */

static bool type_fits(const struct mc_tlv_elem *x)
{
    switch (x->tag) {
    case MC_PAYLOAD_SERIAL_NUMBER:
        return x->type == MC_TLV_UTF8 || x->type == MC_TLV_UINT;
    case MC_PAYLOAD_ITERATIONS:
    case MC_PAYLOAD_DEVICES:
    case MC_PAYLOAD_TIMEOUT:
        return x->type == MC_TLV_UINT;
    case MC_PAYLOAD_SALT:
        return x->type == MC_TLV_BYTES;
    default:
        return x->tag < MC_PAYLOAD_VENDOR || x->type == MC_TLV_UTF8 || x->type == MC_TLV_UINT || x->type == MC_TLV_INT;
    }
}

static enum mc_rc check_element(const struct mc_tlv_elem *x, uint32_t seen[8], struct mc_err *e)
{
    if (x->tag < 0)
        return mc_fail_at(e, MC_E_PAYLOAD_TLV, x->offset, "tlv", "an element without a context tag");
    if ((seen[x->tag / 32] >> x->tag % 32 & 1) != 0)
        return mc_fail_at(e, MC_E_PAYLOAD_TLV, x->offset, "tlv", "tag 0x%02X is there twice", (unsigned)x->tag);
    seen[x->tag / 32] |= UINT32_C(1) << x->tag % 32;
    if (!type_fits(x) || (x->type == MC_TLV_UTF8 && !mc_utf8_check(x->bytes)))
        return mc_fail_at(e, MC_E_PAYLOAD_TLV, x->offset, "tlv", "the %s (tag 0x%02X) has the wrong type",
            mc_payload_tag_name((unsigned)x->tag), (unsigned)x->tag);
    return MC_OK;
}

/* One anonymous structure, to the last octet. */
static enum mc_rc check_tlv(struct mc_span in, struct mc_err *e)
{
    struct mc_tlv t = mc_tlv_of(in, false);
    struct mc_tlv_elem x;
    uint32_t seen[8] = {0};
    enum mc_rc rc = mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &x);

    while (rc == MC_OK && (rc = mc_tlv_take(&t, &x)) == MC_OK && x.type != MC_TLV_END) {
        enum mc_rc bad = check_element(&x, seen, e);

        if (bad != MC_OK)
            return bad;
        if (x.type >= MC_TLV_STRUCT)
            rc = mc_tlv_skip_container(&t);
    }
    if (rc != MC_OK)
        return mc_fail_at(e, MC_E_PAYLOAD_TLV, mc_tlv_offset(&t), "tlv", "%s", mc_rc_text(rc));
    if (t.p != t.end)
        return mc_fail_at(e, MC_E_PAYLOAD_TLV, mc_tlv_offset(&t), "tlv", "octets follow the structure");
    return MC_OK;
}

/* --- QR code text ---------------------------------------------------------------------------------- */

bool mc_qr_find(struct mc_span text, struct mc_span *body)
{
    const uint8_t *p = text.p, *end = text.p + text.n;

    while (p < end) {
        const uint8_t *stop = memchr(p, '%', (size_t)(end - p));
        size_t n = (size_t)((stop != NULL ? stop : end) - p);

        if (n >= 3 && memcmp(p, "MT:", 3) == 0) {
            *body = mc_span_of(p + 3, n - 3);
            return true;
        }
        p += n + 1;
    }
    return false;
}

bool mc_qr_next(struct mc_span *body, struct mc_span *one)
{
    const uint8_t *star;

    if (body->p == NULL)
        return false;
    star = body->n > 0 ? memchr(body->p, '*', body->n) : NULL;
    *one = mc_span_of(body->p, star != NULL ? (size_t)(star - body->p) : body->n);
    *body = star != NULL ? mc_span_of(star + 1, body->n - one->n - 1) : mc_span_of(NULL, 0);
    return true;
}

enum mc_rc mc_qr_parse(struct mc_span base38, struct mc_payload_room *room, struct mc_payload *out, struct mc_err *e)
{
    struct mc_payload p = {.manual = false};
    size_t n;
    enum mc_rc rc = base38_decode(base38, room->bytes, sizeof(room->bytes), &n, e);

    if (rc != MC_OK)
        return rc;
    if (n < FIXED_LEN)
        return mc_fail(e, MC_E_PAYLOAD_LENGTH, NULL, "%zu octets where %d are wanted", n, FIXED_LEN);
    unpack(room->bytes, &p);
    if (n > FIXED_LEN) {
        p.tlv = mc_span_of(room->bytes + FIXED_LEN, n - FIXED_LEN);
        rc = check_tlv(p.tlv, e);
    }
    if (rc == MC_OK)
        *out = p;
    return rc;
}

static enum mc_rc check_ids(const struct mc_payload *p, struct mc_err *e)
{
    if (p->vid > MC_VENDOR_ID_MAX)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "vid", "0x%04X is no vendor's", p->vid);
    if ((p->vid == 0) != (p->pid == 0) && p->vid == 0)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "pid", "0x%04X without a vendor id", p->pid);
    if (p->vid != 0 && p->pid == 0)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "pid", "0 goes only with vendor id 0");
    return MC_OK;
}

enum mc_rc mc_payload_check(const struct mc_payload *p, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    if (!p->manual && p->version != 0)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "version", "%u is not known, only 0 is", p->version);
    if (p->has_ids)
        rc = check_ids(p, e);
    if (rc != MC_OK)
        return rc;
    if (p->flow > MC_FLOW_CUSTOM)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "flow", "%u is reserved", p->flow);
    if (!p->manual && (p->rendezvous == 0 || (p->rendezvous & ~MC_RENDEZVOUS_KNOWN) != 0))
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "rendezvous", p->rendezvous == 0 ? "no way to find the device" : "a reserved bit is set");
    if (p->discriminator > MC_DISCRIMINATOR_MAX)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "discriminator", "%u is more than 4095", p->discriminator);
    if (!p->manual && p->padding != 0)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "padding", "it is not 0");
    return mc_passcode_allowed(p->passcode) ? MC_OK : mc_fail(e, MC_E_PASSCODE, "passcode", NULL);
}

enum mc_rc mc_qr_encode(const struct mc_payload *p, char *out, struct mc_err *e)
{
    uint8_t bytes[FIXED_LEN + MC_PAYLOAD_TLV_MAX];
    struct mc_payload qr = *p;
    enum mc_rc rc;

    qr.manual = false;
    rc = mc_payload_check(&qr, e);
    if (rc == MC_OK && p->tlv.n > MC_PAYLOAD_TLV_MAX)
        rc = mc_fail(e, MC_E_PAYLOAD_LENGTH, "tlv", "at most %d octets", MC_PAYLOAD_TLV_MAX);
    if (rc == MC_OK && p->tlv.n > 0)
        rc = check_tlv(p->tlv, e);
    if (rc != MC_OK)
        return rc;
    pack(p, bytes);
    if (p->tlv.n > 0)
        memcpy(bytes + FIXED_LEN, p->tlv.p, p->tlv.n);
    memcpy(out, "MT:", 3);
    base38_encode(mc_span_of(bytes, FIXED_LEN + p->tlv.n), out + 3);
    memset(bytes, 0, sizeof(bytes));
    return MC_OK;
}
