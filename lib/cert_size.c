/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a certificate is in each form, from sums alone: a reader must know whether the other form fits its
 * limit, and writing it to find out would double the work. Exact for what a reader accepts; the order of the
 * terms is that of the encoders.
 */
#include "cert_parse.h"
#include "dn.h"

#define UTC_TIME_END INT64_C(2524608000) /* 2050-01-01T00:00:00Z */

/* An element with this much content: its length takes 1 octet below 128, and at most 3 in a certificate. */
static size_t element(size_t content)
{
    return content + (content < 0x80 ? 2 : content < 0x100 ? 3 : 4);
}

static size_t time_der(int64_t unix_time)
{
    return unix_time < UTC_TIME_END ? 15 : 17;
}

static size_t dn_der(const struct mc_dn *dn)
{
    size_t n = 0;

    if (dn->as_read)
        return dn->der.n;
    for (unsigned i = 0; i < dn->n; i++) {
        const struct mc_attr *a = &dn->attr[i];

        if (mc_attr_is_matter(a->id))
            n += 18 + mc_attr_digits(a->id);
        else
            n += element(element(2 + mc_attr_oid(a->id).n + element(a->text.n)));
    }
    return element(n);
}

static size_t ext_der(const struct mc_cert *c, const struct mc_ext *x)
{
    switch (x->id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        return 14u + (c->is_ca ? 3 : 0) + (c->has_path_len ? 3 + (c->path_len >> 7) : 0);
    case MC_EXT_KEY_USAGE:
        return c->ku == 0 ? 15 : c->ku < 0x100 ? 16 : 17;
    case MC_EXT_EXTENDED_KEY_USAGE:
        return 14 + 10u * c->n_eku;
    case MC_EXT_SUBJECT_KEY_ID:
        return 31;
    case MC_EXT_AUTHORITY_KEY_ID:
        return 33;
    default:
        return x->whole.n;
    }
}

static size_t integer_der(const uint8_t *p, size_t n)
{
    while (n > 1 && *p == 0) {
        p++;
        n--;
    }
    return 2 + n + (*p >> 7);
}

size_t mc_cert_tbs_size(const struct mc_cert *c)
{
    size_t exts = 0;

    for (unsigned i = 0; i < c->n_ext; i++)
        exts += ext_der(c, &c->ext[i]);
    return element(5 + 2 + c->serial.n + 12 + dn_der(&c->issuer) +
                   element(time_der(c->not_before_unix) + time_der(c->not_after_unix)) + dn_der(&c->subject) + 91 +
                   element(element(exts)));
}

size_t mc_cert_der_bound(const struct mc_cert *c)
{
    size_t sig = element(integer_der(c->sig, MC_SIG_LEN / 2) + integer_der(c->sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2));

    return element(mc_cert_tbs_size(c) + 12 + element(1 + sig));
}

/* With a context tag. */
static size_t uint_tlv(uint64_t v)
{
    return v <= 0xFF ? 3 : v <= 0xFFFF ? 4 : v <= 0xFFFFFFFF ? 6 : 10;
}

static size_t string_tlv(size_t n)
{
    return n + (n < 0x100 ? 3 : 4);
}

static size_t dn_tlv(const struct mc_dn *dn)
{
    size_t n = 3;

    for (unsigned i = 0; i < dn->n; i++) {
        const struct mc_attr *a = &dn->attr[i];

        n += mc_attr_is_matter(a->id) ? uint_tlv(a->num) : string_tlv(a->text.n);
    }
    return n;
}

static size_t ext_tlv(const struct mc_cert *c, const struct mc_ext *x)
{
    switch (x->id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        return c->has_path_len ? 8 : 5;
    case MC_EXT_KEY_USAGE:
        return uint_tlv(c->ku);
    case MC_EXT_EXTENDED_KEY_USAGE:
        return 3 + 2u * c->n_eku;
    case MC_EXT_SUBJECT_KEY_ID:
    case MC_EXT_AUTHORITY_KEY_ID:
        return string_tlv(MC_KEY_ID_LEN);
    default:
        return string_tlv(x->whole.n);
    }
}

size_t mc_cert_tlv_bound(const struct mc_cert *c)
{
    size_t n = 2 + string_tlv(c->serial.n) + 3 + dn_tlv(&c->issuer) + uint_tlv(mc_epoch2000(c->not_before_unix)) +
               uint_tlv(mc_epoch2000(c->not_after_unix)) + dn_tlv(&c->subject) + 3 + 3 + string_tlv(MC_POINT_LEN) +
               3 + string_tlv(MC_SIG_LEN);

    for (unsigned i = 0; i < c->n_ext; i++)
        n += ext_tlv(c, &c->ext[i]);
    return n;
}
