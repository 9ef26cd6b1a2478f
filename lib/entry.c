/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include "tlv.h"

#include <stddef.h>

enum shape { NUMBER, BYTES, TEXT };

/* Where a field lives in struct mc_entry and what values it can have. Absent is 0, or an empty span. */
struct field {
    const char *name;
    enum shape shape;
    uint8_t width;    /* NUMBER: octets of the member */
    uint16_t at, has; /* offsets; has == 0: there is no flag, 0 is absent */
    uint16_t min, max; /* octets of a span */
};

#define NUM(tag, member)           [tag] = {#member, NUMBER, sizeof(((struct mc_entry *)0)->member), \
                             offsetof(struct mc_entry, member), 0, 0, 0}
#define NUM_IF(tag, member)        [tag] = {#member, NUMBER, sizeof(((struct mc_entry *)0)->member), \
                                offsetof(struct mc_entry, member), offsetof(struct mc_entry, has_##member), 0, 0}
#define SPAN(tag, member, min, max) [tag] = {#member, BYTES, 0, offsetof(struct mc_entry, member), 0, min, max}
#define STR(tag, member, max)       [tag] = {#member, TEXT, 0, offsetof(struct mc_entry, member), 0, 1, max}

enum tag {
    T_TYPE, T_SEQ, T_TIME, T_FABRIC, T_AUTHORITY, T_SERIAL, T_REQUEST, T_TLV, T_DER, T_CSR, T_TBS, T_NAME,
    T_FABRIC_ID, T_POINT, T_KEY_ID, T_LABEL, T_KIND, T_RULE, T_WHY, T_PROFILE, T_NODE, T_ROOT, T_ICA,
    T_SEALED, T_STATE, T_BATCH, T_CONTENT, T_ISSUER, T_CAT, T_DOCUMENT, T_NUMBER, T_UNTIL, T_COUNT
};

#define T_FIRST T_FABRIC /* the three before it are in every entry and written by hand */

static const struct field fields[T_COUNT] = {
    NUM(T_FABRIC, fabric),
    NUM(T_AUTHORITY, authority),
    SPAN(T_SERIAL, serial, 1, MC_SERIAL_MAX),
    STR(T_REQUEST, request_id, ENTRY_REQUEST_MAX),
    SPAN(T_TLV, cert_tlv, 1, MC_CERT_TLV_MAX),
    SPAN(T_DER, cert_der, 1, MC_CERT_DER_MAX),
    SPAN(T_CSR, csr_sha256, MC_DIGEST_LEN, MC_DIGEST_LEN),
    SPAN(T_TBS, tbs_sha256, MC_DIGEST_LEN, MC_DIGEST_LEN),
    STR(T_NAME, name, ENTRY_NAME_MAX),
    NUM_IF(T_FABRIC_ID, fabric_id),
    SPAN(T_POINT, point, MC_POINT_LEN, MC_POINT_LEN),
    SPAN(T_KEY_ID, key_id, MC_KEY_ID_LEN, MC_KEY_ID_LEN),
    STR(T_LABEL, label, ENTRY_NAME_MAX),
    NUM(T_KIND, kind),
    STR(T_RULE, rule, ENTRY_NAME_MAX),
    STR(T_WHY, why, ENTRY_TEXT_MAX),
    SPAN(T_PROFILE, profile_sha256, MC_DIGEST_LEN, MC_DIGEST_LEN),
    NUM_IF(T_NODE, node_id),
    NUM(T_ROOT, root),
    NUM(T_ICA, ica),
    SPAN(T_SEALED, sealed, 1, 128),
    NUM_IF(T_STATE, state),
    NUM(T_BATCH, batch),
    SPAN(T_CONTENT, content_sha256, MC_DIGEST_LEN, MC_DIGEST_LEN),
    NUM(T_ISSUER, issuer),
    NUM(T_CAT, cat),
    NUM(T_DOCUMENT, document),
    NUM(T_NUMBER, number),
    NUM(T_UNTIL, until_unix),
};

#define B(tag) (UINT64_C(1) << (tag))

_Static_assert(T_COUNT <= 64, "a set of fields is 64 bits");

/* What came with a request, whatever became of it. */
#define REQUEST \
    (B(T_FABRIC) | B(T_REQUEST) | B(T_CSR) | B(T_PROFILE) | B(T_NODE) | B(T_BATCH) | B(T_CONTENT))

static const struct shape_of_type {
    const char *name;
    uint64_t must, may;
} types[ENTRY_TYPE_COUNT] = {
    [ENTRY_GENESIS] = {"genesis", B(T_NAME) | B(T_POINT), B(T_KEY_ID) | B(T_LABEL)},
    [ENTRY_KEY] = {"key", B(T_POINT) | B(T_KEY_ID) | B(T_LABEL),
        B(T_FABRIC) | B(T_KIND) | B(T_NAME) | B(T_TBS)},
    [ENTRY_AUTHORITY] = {"authority",
        B(T_AUTHORITY) | B(T_POINT) | B(T_KEY_ID) | B(T_LABEL) | B(T_KIND),
        REQUEST | B(T_TLV) | B(T_DER) | B(T_SERIAL) | B(T_TBS) | B(T_STATE) | B(T_ISSUER) | B(T_NAME)},
    [ENTRY_FABRIC] = {"fabric",
        B(T_FABRIC) | B(T_NAME) | B(T_FABRIC_ID) | B(T_ROOT) | B(T_SEALED), B(T_ICA) | B(T_PROFILE)},
    [ENTRY_ISSUED] = {"issued", B(T_AUTHORITY) | B(T_SERIAL) | B(T_TBS) | B(T_KIND),
        REQUEST | B(T_TLV) | B(T_DER) | B(T_NAME)},
    [ENTRY_VOID] = {"void", B(T_SERIAL) | B(T_RULE),
        REQUEST | B(T_AUTHORITY) | B(T_TBS) | B(T_KIND) | B(T_WHY)},
    [ENTRY_REFUSED] = {"refused", B(T_RULE),
        REQUEST | B(T_AUTHORITY) | B(T_SERIAL) | B(T_TBS) | B(T_KIND) | B(T_WHY)},
    [ENTRY_SECRET] = {"secret", 0, B(T_FABRIC) | B(T_AUTHORITY) | B(T_BATCH) | B(T_RULE) | B(T_WHY)},
    [ENTRY_STATE] = {"state", B(T_AUTHORITY) | B(T_STATE), B(T_FABRIC) | B(T_RULE) | B(T_WHY)},
    [ENTRY_DECISION] = {"decision", B(T_FABRIC) | B(T_RULE), B(T_NODE) | B(T_CAT) | B(T_NAME) | B(T_WHY)},
    [ENTRY_ADOPTED] = {"adopted", B(T_FABRIC) | B(T_NODE), B(T_AUTHORITY) | B(T_KIND) | B(T_TLV) | B(T_DER)},
    [ENTRY_REVOKED] = {"revoked", B(T_AUTHORITY) | B(T_SERIAL) | B(T_KIND), B(T_WHY)},
    [ENTRY_DOCUMENT] = {"document", B(T_DOCUMENT) | B(T_NUMBER) | B(T_TBS),
        B(T_AUTHORITY) | B(T_ISSUER) | B(T_UNTIL) | B(T_STATE) | B(T_NAME) | B(T_WHY)},
};

static bool type_is_known(uint64_t type)
{
    return type >= ENTRY_GENESIS && type < ENTRY_TYPE_COUNT;
}

static uint64_t number_of(const struct mc_entry *x, const struct field *f)
{
    const uint8_t *at = (const uint8_t *)x + f->at;
    uint32_t narrow;
    uint64_t wide;

    if (f->width == 1)
        return *at;
    if (f->width == sizeof(narrow)) {
        memcpy(&narrow, at, sizeof(narrow));
        return narrow;
    }
    memcpy(&wide, at, sizeof(wide));
    return wide;
}

static struct mc_span span_of(const struct mc_entry *x, const struct field *f)
{
    struct mc_span s;

    memcpy(&s, (const uint8_t *)x + f->at, sizeof(s));
    return s;
}

static bool is_present(const struct mc_entry *x, const struct field *f)
{
    if (f->shape != NUMBER)
        return span_of(x, f).n != 0;
    if (f->has != 0)
        return ((const uint8_t *)x)[f->has] != 0;
    return number_of(x, f) != 0;
}

/* UTF-8 without control characters. */
static bool is_text(struct mc_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    return mc_utf8_check(s);
}

static bool span_fits(const struct field *f, struct mc_span s)
{
    return s.n >= f->min && s.n <= f->max && (f->shape == BYTES || is_text(s));
}

/* Values that some fields cannot have; both directions ask it. */
static bool values_fit(const struct mc_entry *x)
{
    if (x->time_unix < 0 || x->kind >= MC_KIND_COUNT || x->document >= DOCUMENT_COUNT || x->until_unix > INT64_MAX)
        return false;
    if (x->type == ENTRY_SECRET && (x->fabric == 0) == (x->batch == 0))
        return false;
    if (x->type == ENTRY_DOCUMENT && x->has_state && x->state != AUTHORITY_ACTIVE)
        return false;
    return !x->has_state || x->state <= AUTHORITY_RETIRED;
}

/* An adopted node whose NOC is not known has none of these; another has its certificate, with issuer and kind. */
#define ADOPTED_NOC (B(T_AUTHORITY) | B(T_KIND) | B(T_TLV) | B(T_DER))

/* present: the bits of the tags that are there. */
static enum mc_rc check_fields(const struct mc_entry *x, uint64_t present, struct mc_err *e)
{
    const struct shape_of_type *t = &types[x->type];
    bool adopted_noc = x->type == ENTRY_ADOPTED && (present & ADOPTED_NOC) != 0;
    uint64_t must = t->must | (adopted_noc ? B(T_AUTHORITY) | B(T_KIND) : 0);
    uint64_t missing = must & ~present, foreign = present & ~(t->must | t->may);
    bool has_cert = x->type == ENTRY_ADOPTED ? adopted_noc : (t->may & B(T_TLV)) != 0;

    if (missing != 0)
        return mc_fail(e, CA_E_LEDGER, fields[__builtin_ctzll(missing)].name, "missing in the %s entry", t->name);
    if (foreign != 0)
        return mc_fail(
            e, CA_E_LEDGER, fields[__builtin_ctzll(foreign)].name, "does not belong in the %s entry", t->name);
    if (has_cert && ((present & B(T_TLV)) != 0) == ((present & B(T_DER)) != 0))
        return mc_fail(e, CA_E_LEDGER, "cert_tlv", "the %s entry needs one certificate", t->name);
    if (!values_fit(x))
        return mc_fail(e, CA_E_LEDGER, t->name, "a time, kind, document, batch or state is out of range");
    return MC_OK;
}

static enum mc_rc put_fields(struct mc_out *o, const struct mc_entry *x, uint64_t *present, struct mc_err *e)
{
    *present = 0;
    for (int tag = T_FIRST; tag < T_COUNT; tag++) {
        const struct field *f = &fields[tag];

        if (!is_present(x, f))
            continue;
        *present |= B(tag);
        if (f->shape == NUMBER)
            mc_tlv_put_uint(o, tag, number_of(x, f));
        else if (!span_fits(f, span_of(x, f)))
            return mc_fail(e, CA_E_LEDGER, f->name, "wrong length or not UTF-8 text");
        else if (f->shape == TEXT)
            mc_tlv_put_utf8(o, tag, span_of(x, f));
        else
            mc_tlv_put_bytes(o, tag, span_of(x, f));
    }
    return MC_OK;
}

enum mc_rc mc_entry_encode(const struct mc_entry *x, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap < ENTRY_MAX ? cap : ENTRY_MAX);
    uint64_t present;
    enum mc_rc rc;

    if (!type_is_known(x->type))
        return mc_fail(e, CA_E_LEDGER, "type", "%d is no type of entry", (int)x->type);
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, T_TYPE, x->type);
    mc_tlv_put_uint(&o, T_SEQ, x->seq);
    mc_tlv_put_uint(&o, T_TIME, (uint64_t)x->time_unix);
    rc = put_fields(&o, x, &present, e);
    if (rc == MC_OK)
        rc = check_fields(x, present, e);
    if (rc != MC_OK)
        return rc;
    mc_tlv_close(&o);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, types[x->type].name, "the entry is too large");
    *n = o.n;
    return MC_OK;
}

static enum mc_rc set_number(struct mc_entry *x, const struct field *f, uint64_t value)
{
    uint8_t *at = (uint8_t *)x + f->at;
    uint32_t narrow = (uint32_t)value;

    if (f->has != 0)
        ((uint8_t *)x)[f->has] = true;
    else if (value == 0)
        return CA_E_LEDGER;
    if (f->width < sizeof(value) && value >> (8 * f->width) != 0)
        return CA_E_LEDGER;
    if (f->width == 1)
        *at = (uint8_t)value;
    else if (f->width == sizeof(narrow))
        memcpy(at, &narrow, sizeof(narrow));
    else
        memcpy(at, &value, sizeof(value));
    return MC_OK;
}

static enum mc_rc set_field(struct mc_entry *x, const struct field *f, const struct mc_tlv_elem *el)
{
    static const enum mc_tlv_type wanted[] = {[NUMBER] = MC_TLV_UINT, [BYTES] = MC_TLV_BYTES, [TEXT] = MC_TLV_UTF8};

    if (el->type != wanted[f->shape])
        return CA_E_LEDGER;
    if (f->shape == NUMBER)
        return set_number(x, f, el->num);
    if (!span_fits(f, el->bytes))
        return CA_E_LEDGER;
    memcpy((uint8_t *)x + f->at, &el->bytes, sizeof(el->bytes));
    return MC_OK;
}

/* The opening and the three members that every entry has. */
static enum mc_rc take_start(struct mc_tlv *t, struct mc_entry *x)
{
    struct mc_tlv_elem el;

    if (mc_tlv_take_as(t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &el) != MC_OK ||
        mc_tlv_take_as(t, MC_TLV_UINT, T_TYPE, &el) != MC_OK || !type_is_known(el.num))
        return CA_E_LEDGER;
    x->type = (enum entry_type)el.num;
    if (mc_tlv_take_as(t, MC_TLV_UINT, T_SEQ, &el) != MC_OK)
        return CA_E_LEDGER;
    x->seq = el.num;
    if (mc_tlv_take_as(t, MC_TLV_UINT, T_TIME, &el) != MC_OK || el.num > INT64_MAX)
        return CA_E_LEDGER;
    x->time_unix = (int64_t)el.num;
    return MC_OK;
}

enum mc_rc mc_entry_parse(struct mc_span body, struct mc_entry *x, struct mc_err *e)
{
    struct mc_tlv t = mc_tlv_of(body, true);
    struct mc_tlv_elem el;
    uint64_t present = 0;
    int last = T_TIME;

    memset(x, 0, sizeof(*x));
    if (body.n > ENTRY_MAX || take_start(&t, x) != MC_OK)
        return mc_fail(e, CA_E_LEDGER, "entry", "not an entry");
    for (;;) {
        if (mc_tlv_take(&t, &el) != MC_OK)
            return mc_fail_at(e, CA_E_LEDGER, mc_tlv_offset(&t), "entry", "not canonical TLV");
        if (el.type == MC_TLV_END)
            break;
        if (el.tag <= last || el.tag >= T_COUNT)
            return mc_fail_at(e, CA_E_LEDGER, el.offset, "entry", "unknown tag, or out of order");
        if (set_field(x, &fields[el.tag], &el) != MC_OK)
            return mc_fail_at(e, CA_E_LEDGER, el.offset, fields[el.tag].name, "not a value of this field");
        present |= B(el.tag);
        last = el.tag;
    }
    if (t.p != t.end)
        return mc_fail_at(e, CA_E_LEDGER, mc_tlv_offset(&t), "entry", "bytes follow the entry");
    return check_fields(x, present, e);
}

const char *mc_entry_type_name(enum entry_type t)
{
    return type_is_known(t) ? types[t].name : "unknown";
}

const char *mc_authority_state_name(enum authority_state s)
{
    static const char *const names[] = {"prepared", "active", "draining", "retired"};

    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s] : "unknown";
}

const char *mc_document_name(enum entry_document d)
{
    static const char *const names[DOCUMENT_COUNT] = {"unknown", "crl", "cd", "trust"};

    return (unsigned)d < DOCUMENT_COUNT ? names[d] : names[0];
}
