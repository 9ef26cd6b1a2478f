/* SPDX-License-Identifier: Apache-2.0 */
#include "dn.h"

#include <endian.h>
#include <stdio.h>

enum mc_rc mc_node_id_check(uint64_t node_id)
{
    return node_id >= MC_NODE_ID_MIN && node_id <= MC_NODE_ID_MAX ? MC_OK : MC_E_NODE_ID;
}

enum mc_rc mc_fabric_id_check(uint64_t fabric_id)
{
    return fabric_id != 0 ? MC_OK : MC_E_FABRIC_ID;
}

enum mc_rc mc_cat_check(uint32_t cat)
{
    return (cat & 0xFFFF) != 0 ? MC_OK : MC_E_CAT_VERSION;
}

/* The rules of a Matter id by its attribute; icac, rcac, firmware and vvs ids take any value. */
static enum mc_rc check_id(enum mc_attr_id id, uint64_t num)
{
    switch (id) {
    case MC_ATTR_NODE_ID:
        return mc_node_id_check(num);
    case MC_ATTR_FABRIC_ID:
        return mc_fabric_id_check(num);
    case MC_ATTR_CAT:
        return num > UINT32_MAX ? MC_E_TLV_RANGE : mc_cat_check((uint32_t)num);
    default:
        return MC_OK;
    }
}

unsigned mc_attr_digits(enum mc_attr_id id)
{
    return id == MC_ATTR_CAT ? 8 : 16;
}

/* Eight octets at once, as one number each: OCTETS(1) is 1 in every octet. */
#define OCTETS(b) (UINT64_C(0x0101010101010101) * (b))

static uint64_t load_big_endian(const uint8_t p[8])
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return be64toh(v);
}

/* The digit of each octet, 0 to 15, as the character that stands for it: 7 lie between '9' and 'A'. */
static uint64_t digits_to_text(uint64_t digits)
{
    uint64_t letters = (digits + OCTETS(0x80 - 10)) >> 7 & OCTETS(1);

    return digits + OCTETS('0') + 7 * letters;
}

/* Bit 6 tells a letter, whose low four bits count from 1. What is then written otherwise was no digit. */
static bool parse_eight_digits(const uint8_t p[8], uint64_t *num)
{
    uint64_t text = load_big_endian(p);
    uint64_t v = (text & OCTETS(0x0F)) + 9 * (text >> 6 & OCTETS(1));

    if ((v & OCTETS(0xF0)) != 0 || digits_to_text(v) != text)
        return false;
    v = (v | v >> 4) & UINT64_C(0x00FF00FF00FF00FF);
    v = (v | v >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    *num = (v | v >> 16) & UINT32_MAX;
    return true;
}

/* 4, 8 or 16 upper-case digits only: in DER the hex text must be the one that the number is written as. */
static bool parse_upper_hex(struct mc_span text, uint64_t *num)
{
    uint8_t four[8] = "0000";
    uint64_t low;

    if (text.n == 4) {
        memcpy(four + 4, text.p, 4);
        return parse_eight_digits(four, num);
    }
    if (text.n == 8)
        return parse_eight_digits(text.p, num);
    if (text.n != 16 || !parse_eight_digits(text.p, num) || !parse_eight_digits(text.p + 8, &low))
        return false;
    *num = *num << 32 | low;
    return true;
}

static bool printable(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(" '()+,-./:=?", c) != NULL);
}

/* 0x1F is an ordinary character to X.509, but TLV readers in the field cut a string there. */
bool mc_dn_text_valid(uint8_t string_tag, struct mc_span text)
{
    bool ascii = true, print = true;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == 0x1F)
            return false;
        ascii &= text.p[i] < 0x80;
        print = print && (string_tag != MC_DER_PRINTABLE || printable(text.p[i]));
    }
    if (string_tag == MC_DER_PRINTABLE)
        return print;
    return ascii || (string_tag == MC_DER_UTF8 && mc_utf8_check(text));
}

/* Standard attributes: UTF8String or PrintableString, domainComponent IA5String. */
static enum mc_rc check_text(const struct mc_attr *a)
{
    bool is_dc = a->id == MC_ATTR_DOMAIN_COMPONENT;
    bool held = is_dc ? a->string_tag == MC_DER_IA5
                      : a->string_tag == MC_DER_UTF8 || a->string_tag == MC_DER_PRINTABLE;

    if (!held)
        return MC_E_DN_STRING;
    return mc_dn_text_valid(a->string_tag, a->text) ? MC_OK : MC_E_DN_TEXT;
}

/* What forbids this attribute, read from DER, in a Matter name. */
static enum mc_rc check_der_attr(struct mc_attr *a)
{
    if (a->id == MC_ATTR_UNKNOWN || a->id > MC_ATTR_TLV_LAST)
        return MC_E_DN_ATTR;
    if (!mc_attr_is_matter(a->id))
        return check_text(a);
    if (a->string_tag != MC_DER_UTF8 || a->text.n != mc_attr_digits(a->id) || !parse_upper_hex(a->text, &a->num))
        return MC_E_DN_HEX;
    return check_id(a->id, a->num);
}

/* VID or PID: four upper-case digits in either string type that the field writes (matter-attestation 1.3). */
static bool take_attestation_id(struct mc_attr *a)
{
    return (a->string_tag == MC_DER_UTF8 || a->string_tag == MC_DER_PRINTABLE) && a->text.n == 4 &&
           parse_upper_hex(a->text, &a->num);
}

static const char *name_of(const struct mc_attr *a, char oid[64])
{
    if (a->id != MC_ATTR_UNKNOWN)
        return mc_attr_name(a->id);
    mc_oid_format(a->oid, oid, 64);
    return oid;
}

/* The cold half of an attribute that is not Matter's. */
static enum mc_rc attr_obstacle(struct mc_dn_reader *r, struct mc_attr *a, enum mc_rc rc, size_t offset)
{
    char field[128], oid[64];
    char text[48];
    size_t n = a->text.n < sizeof(text) - 1 ? a->text.n : sizeof(text) - 1;

    memcpy(text, a->text.p, n);
    text[n] = '\0';
    snprintf(field, sizeof(field), "%s.%s", r->field, name_of(a, oid));
    if (r->obstacle == NULL)
        return mc_fail_at(r->e, rc, offset, field, "'%s'", text);
    if (r->obstacle->rc == MC_OK)
        (void)mc_fail_at(r->obstacle, rc, offset, field, "'%s'", text);
    /* VID and PID are read where they are in order; a broken id has no number and is shown as it stands. */
    if (mc_attr_is_matter(a->id) || (a->id > MC_ATTR_TLV_LAST && !take_attestation_id(a)))
        a->id = MC_ATTR_UNKNOWN;
    return MC_OK;
}

static enum mc_rc take_attr(struct mc_dn_reader *r, struct mc_der *set, struct mc_dn *dn, uint8_t rdn)
{
    struct mc_der seq = *set, value;
    struct mc_attr *a = &dn->attr[dn->n];
    enum mc_rc rc = mc_der_take(set, MC_DER_SEQUENCE, &seq);

    if (rc == MC_OK)
        rc = mc_der_take_oid(&seq, &a->oid);
    if (rc == MC_OK)
        rc = mc_der_take_any(&seq, &a->string_tag, &value);
    if (rc == MC_OK)
        rc = mc_der_end(&seq);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(&seq), r->field, NULL);
    a->text = mc_der_rest(&value);
    a->id = (uint8_t)mc_attr_find(a->oid);
    a->rdn = rdn;
    a->num = 0;
    dn->n++;
    rc = check_der_attr(a);
    return rc == MC_OK ? MC_OK : attr_obstacle(r, a, rc, mc_der_offset(&value));
}

/*
 * What every RDN with a Matter id begins with, up to the last octet of the OID: SET, SEQUENCE (both lengths
 * follow from the number of digits), OID. Behind it come that octet, the string's tag and length, and the digits.
 */
static const uint8_t id_rdn[15] = {
    0x31, 0x20, 0x30, 0x1E, 0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xA2, 0x7C, 0x01};
#define ID_RDN_HEAD 18

/* The common case in one comparison; false leaves everything to the general reader. */
static bool take_id_rdn(struct mc_der *names, struct mc_dn *dn, uint8_t rdn)
{
    const uint8_t *p = names->p;
    struct mc_attr *a = &dn->attr[dn->n];
    unsigned digits;

    if (names->end - p < ID_RDN_HEAD + 8 || memcmp(p + 4, id_rdn + 4, sizeof(id_rdn) - 4) != 0 || p[15] < 1 ||
        p[15] > 7)
        return false;
    a->id = (uint8_t)(MC_ATTR_NODE_ID + p[15] - 1);
    digits = mc_attr_digits(a->id);
    if (p[0] != MC_DER_SET || p[1] != 16 + digits || p[2] != MC_DER_SEQUENCE || p[3] != 14 + digits ||
        p[16] != MC_DER_UTF8 || p[17] != digits || names->end - p < (ptrdiff_t)(ID_RDN_HEAD + digits))
        return false;
    a->string_tag = MC_DER_UTF8;
    a->rdn = rdn;
    a->text = mc_span_of(p + ID_RDN_HEAD, digits);
    if (!parse_upper_hex(a->text, &a->num) || check_id(a->id, a->num) != MC_OK)
        return false;
    dn->n++;
    names->p += ID_RDN_HEAD + digits;
    return true;
}

static enum mc_rc take_rdn(struct mc_dn_reader *r, struct mc_der *names, struct mc_dn *dn, uint8_t rdn)
{
    struct mc_der set;
    unsigned attrs = 0;
    enum mc_rc rc = mc_der_take(names, MC_DER_SET, &set);

    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(names), r->field, NULL);
    do {
        if (dn->n == MC_DN_CAP)
            return mc_fail_at(r->e, MC_E_DN_COUNT, mc_der_offset(&set), r->field, "more than %d", MC_DN_CAP);
        if (attrs++ == 1) {
            if (r->obstacle == NULL)
                return mc_fail_at(r->e, MC_E_DN_MULTI, mc_der_offset(&set), r->field, NULL);
            if (r->obstacle->rc == MC_OK)
                (void)mc_fail_at(r->obstacle, MC_E_DN_MULTI, mc_der_offset(&set), r->field, NULL);
        }
        rc = take_attr(r, &set, dn, rdn);
    } while (rc == MC_OK && mc_der_more(&set));
    return rc;
}

enum mc_rc mc_dn_take_der(struct mc_dn_reader *r, struct mc_der *d, struct mc_dn *dn)
{
    const uint8_t *start = d->p;
    struct mc_der names;
    uint8_t rdns = 0;
    enum mc_rc rc = mc_der_take(d, MC_DER_SEQUENCE, &names);

    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(d), r->field, NULL);
    dn->n = 0;
    dn->as_read = false;
    dn->der = mc_span_of(start, (size_t)(names.end - start));
    for (; mc_der_more(&names); rdns++) {
        if (rdns == MC_DN_MAX) {
            if (r->obstacle == NULL)
                return mc_fail_at(r->e, MC_E_DN_COUNT, mc_der_offset(&names), r->field, NULL);
            if (r->obstacle->rc == MC_OK)
                (void)mc_fail_at(r->obstacle, MC_E_DN_COUNT, mc_der_offset(&names), r->field, NULL);
        }
        if (dn->n < MC_DN_MAX && take_id_rdn(&names, dn, rdns))
            continue;
        rc = take_rdn(r, &names, dn, rdns);
        if (rc != MC_OK)
            return rc;
    }
    return MC_OK;
}

static void put_eight_digits(uint8_t *at, uint32_t num)
{
    uint64_t v = num;

    v = (v | v << 16) & UINT64_C(0x0000FFFF0000FFFF);
    v = (v | v << 8) & UINT64_C(0x00FF00FF00FF00FF);
    v = digits_to_text((v | v << 4) & OCTETS(0x0F));
    v = htobe64(v);
    memcpy(at, &v, sizeof(v));
}

static void put_id_rdn(struct mc_out *o, const struct mc_attr *a)
{
    unsigned digits = mc_attr_digits(a->id);
    uint8_t *at = mc_out_room(o, ID_RDN_HEAD + digits);

    if (at == NULL)
        return;
    memcpy(at, id_rdn, sizeof(id_rdn));
    at[1] = (uint8_t)(16 + digits);
    at[3] = (uint8_t)(14 + digits);
    at[15] = (uint8_t)(a->id - MC_ATTR_NODE_ID + 1);
    at[16] = MC_DER_UTF8;
    at[17] = (uint8_t)digits;
    at += ID_RDN_HEAD;
    if (digits == 16) {
        put_eight_digits(at, (uint32_t)(a->num >> 32));
        at += 8;
    }
    put_eight_digits(at, (uint32_t)a->num);
}

static void put_text_rdn(struct mc_out *o, const struct mc_attr *a)
{
    struct mc_span oid = mc_attr_oid(a->id);
    size_t set = mc_der_begin(o, MC_DER_SET);
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);
    size_t text;

    mc_der_put(o, MC_DER_OID, oid.p, oid.n);
    text = mc_der_begin(o, a->string_tag);
    mc_out_put(o, a->text.p, a->text.n);
    mc_der_close(o, text);
    mc_der_close(o, seq);
    mc_der_close(o, set);
}

/* Name ::= SEQUENCE OF SET OF { SEQUENCE { OID, string } }, one attribute in each SET. */
void mc_dn_put_der(struct mc_out *o, const struct mc_dn *dn)
{
    size_t name;

    if (dn->as_read) {
        mc_out_put(o, dn->der.p, dn->der.n);
        return;
    }
    name = mc_der_begin(o, MC_DER_SEQUENCE);
    for (unsigned i = 0; i < dn->n; i++) {
        if (mc_attr_is_matter(dn->attr[i].id))
            put_id_rdn(o, &dn->attr[i]);
        else
            put_text_rdn(o, &dn->attr[i]);
    }
    mc_der_close(o, name);
}

#define TLV_PRINTABLE 0x80

static enum mc_rc tlv_attr(const struct mc_tlv_elem *el, struct mc_attr *a)
{
    unsigned id = (unsigned)el->tag & ~(unsigned)TLV_PRINTABLE;

    a->text = el->bytes;
    a->num = 0;
    a->id = (uint8_t)id;
    if (el->tag < 0 || id == MC_ATTR_UNKNOWN || id > MC_ATTR_TLV_LAST)
        return el->tag < 0 ? MC_E_TLV_TAG : MC_E_DN_ATTR;
    if (mc_attr_is_matter(id)) {
        if ((unsigned)el->tag != id)
            return MC_E_TLV_TAG;
        if (el->type != MC_TLV_UINT)
            return MC_E_TLV_TYPE;
        a->string_tag = MC_DER_UTF8;
        a->num = el->num;
        a->text = mc_span_of(NULL, 0);
        return check_id(id, el->num);
    }
    if (el->type != MC_TLV_UTF8)
        return MC_E_TLV_TYPE;
    a->string_tag = (unsigned)el->tag != id ? MC_DER_PRINTABLE
                    : id == MC_ATTR_DOMAIN_COMPONENT ? MC_DER_IA5
                                                     : MC_DER_UTF8;
    return check_text(a);
}

enum mc_rc mc_dn_take_tlv(struct mc_dn_reader *r, struct mc_tlv *t, struct mc_dn *dn)
{
    struct mc_tlv_elem el;
    char field[80];

    dn->n = 0;
    dn->as_read = false;
    dn->der = mc_span_of(NULL, 0);
    for (;;) {
        struct mc_attr *a = &dn->attr[dn->n];
        enum mc_rc rc = mc_tlv_take(t, &el);

        if (rc != MC_OK)
            return mc_fail_at(r->e, rc, mc_tlv_offset(t), r->field, NULL);
        if (el.type == MC_TLV_END)
            return MC_OK;
        if (dn->n == MC_DN_MAX)
            return mc_fail_at(r->e, MC_E_DN_COUNT, el.offset, r->field, NULL);
        rc = tlv_attr(&el, a);
        if (rc != MC_OK) {
            snprintf(field, sizeof(field), "%s.%s", r->field, a->id < MC_ATTR_COUNT ? mc_attr_name(a->id) : "");
            return mc_fail_at(r->e, rc, el.offset, field, "tag %d, value 0x%llx", el.tag,
                (unsigned long long)(el.type == MC_TLV_UINT ? el.num : 0));
        }
        a->rdn = dn->n++;
    }
}

void mc_dn_put_tlv(struct mc_out *o, int tag, const struct mc_dn *dn)
{
    mc_tlv_begin(o, MC_TLV_LIST, tag);
    for (unsigned i = 0; i < dn->n; i++) {
        const struct mc_attr *a = &dn->attr[i];

        if (mc_attr_is_matter(a->id))
            mc_tlv_put_uint(o, a->id, a->num);
        else
            mc_tlv_put_utf8(o, a->id | (a->string_tag == MC_DER_PRINTABLE ? TLV_PRINTABLE : 0), a->text);
    }
    mc_tlv_close(o);
}
