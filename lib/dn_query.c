/* SPDX-License-Identifier: Apache-2.0 */
#include "dn.h"

#include <stdio.h>

bool mc_dn_find(const struct mc_dn *dn, enum mc_attr_id id, uint64_t *num)
{
    unsigned found = 0;

    for (unsigned i = 0; i < dn->n; i++) {
        if (dn->attr[i].id == id) {
            *num = dn->attr[i].num;
            found++;
        }
    }
    return found == 1;
}

unsigned mc_dn_cats(const struct mc_dn *dn, uint32_t *out)
{
    unsigned n = 0;

    for (unsigned i = 0; i < dn->n; i++)
        if (dn->attr[i].id == MC_ATTR_CAT)
            out[n++] = (uint32_t)dn->attr[i].num;
    return n;
}

static bool attr_equal(const struct mc_attr *a, const struct mc_attr *b)
{
    if (a->id != b->id || a->rdn != b->rdn)
        return false;
    if (mc_attr_is_matter(a->id))
        return a->num == b->num;
    return a->string_tag == b->string_tag && mc_span_eq(a->text, b->text) &&
           (a->id != MC_ATTR_UNKNOWN || mc_span_eq(a->oid, b->oid));
}

bool mc_dn_equal(const struct mc_dn *a, const struct mc_dn *b)
{
    if (a->n == 0 || a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (!attr_equal(&a->attr[i], &b->attr[i]))
            return false;
    return true;
}

static enum mc_rc add(struct mc_dn *dn, struct mc_attr a)
{
    if (dn->n == MC_DN_MAX)
        return MC_E_DN_COUNT;
    a.rdn = dn->n;
    dn->attr[dn->n++] = a;
    return MC_OK;
}

enum mc_rc mc_dn_add_num(struct mc_dn *dn, enum mc_attr_id id, uint64_t num)
{
    return add(dn, (struct mc_attr){.id = (uint8_t)id, .string_tag = MC_DER_UTF8, .num = num});
}

enum mc_rc mc_dn_add_text(struct mc_dn *dn, enum mc_attr_id id, struct mc_span text)
{
    uint8_t tag = id == MC_ATTR_DOMAIN_COMPONENT ? MC_DER_IA5 : MC_DER_UTF8;

    return add(dn, (struct mc_attr){.id = (uint8_t)id, .string_tag = tag, .text = text});
}

/* C2 80 to C2 9F are the C1 controls, in UTF-8. */
static bool in_c1_control(struct mc_span text, size_t i)
{
    if (i > 0 && text.p[i - 1] == 0xC2)
        return text.p[i] < 0xA0;
    return text.p[i] == 0xC2 && i + 1 < text.n && text.p[i + 1] < 0xA0;
}

/* RFC 4514 escapes, and \xx for what a terminal should not see: controls, and what is not UTF-8. */
static void put_text(struct mc_out *o, struct mc_span text)
{
    bool utf8 = mc_utf8_check(text);

    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        char hex[4];

        if (c < 0x20 || c == 0x7F || (c >= 0x80 && (!utf8 || in_c1_control(text, i)))) {
            snprintf(hex, sizeof(hex), "\\%02X", c);
            mc_out_put(o, hex, 3);
            continue;
        }
        if (c == ',' || c == '+' || c == '\\' || c == '"' || c == '<' || c == '>' || c == ';')
            mc_out_byte(o, '\\');
        mc_out_byte(o, c);
    }
}

static void put_attr(struct mc_out *o, const struct mc_attr *a)
{
    char text[64];

    if (a->id == MC_ATTR_UNKNOWN)
        mc_oid_format(a->oid, text, sizeof(text));
    else
        snprintf(text, sizeof(text), "%s", mc_attr_short_name(a->id));
    mc_out_put(o, text, strlen(text));
    mc_out_byte(o, '=');
    if (mc_attr_is_matter(a->id)) {
        snprintf(text, sizeof(text), "%0*llX", (int)mc_attr_digits(a->id), (unsigned long long)a->num);
        mc_out_put(o, text, strlen(text));
    } else {
        put_text(o, a->text);
    }
}

void mc_dn_format(const struct mc_dn *dn, char *out, size_t cap)
{
    struct mc_out o = mc_out_of((uint8_t *)out, cap > 0 ? cap - 1 : 0);

    if (cap == 0)
        return;
    for (unsigned i = 0; i < dn->n; i++) {
        if (i > 0)
            mc_out_byte(&o, dn->attr[i].rdn == dn->attr[i - 1].rdn ? '+' : ',');
        put_attr(&o, &dn->attr[i]);
    }
    out[o.n] = '\0';
}
