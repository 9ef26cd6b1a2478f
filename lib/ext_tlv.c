/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of certificates in Matter TLV (matter-operational 2.4). */
#include "cert_parse.h"

/* basic-cnstr: structure { 1 is-ca: boolean, 2 path-len-constraint: unsigned (8), optional } */
static enum mc_rc tlv_basic_constraints(struct mc_cert *c, struct mc_tlv *t)
{
    struct mc_tlv_elem el;
    enum mc_rc rc = mc_tlv_take(t, &el);

    if (rc != MC_OK)
        return rc;
    if (el.type == MC_TLV_END || el.tag != 1)
        return MC_E_TLV_ORDER;
    if (el.type != MC_TLV_TRUE && el.type != MC_TLV_FALSE)
        return MC_E_TLV_TYPE;
    c->is_ca = el.type == MC_TLV_TRUE;
    c->has_path_len = false;
    rc = mc_tlv_take(t, &el);
    if (rc == MC_OK && el.type == MC_TLV_UINT && el.tag == 2) {
        if (!c->is_ca || el.num > UINT8_MAX)
            return MC_E_EXT_BC;
        c->has_path_len = true;
        c->path_len = (uint8_t)el.num;
        rc = mc_tlv_take(t, &el);
    }
    if (rc != MC_OK)
        return rc;
    return el.type == MC_TLV_END ? MC_OK : MC_E_TLV_TAG;
}

static enum mc_rc tlv_key_purposes(struct mc_cert *c, struct mc_tlv *t)
{
    struct mc_tlv_elem el;

    for (c->n_eku = 0;; c->n_eku++) {
        enum mc_rc rc = mc_tlv_take(t, &el);

        if (rc != MC_OK)
            return rc;
        if (el.type == MC_TLV_END)
            return c->n_eku > 0 ? MC_OK : MC_E_EXT_EKU;
        if (el.tag != MC_TLV_ANONYMOUS)
            return MC_E_TLV_TAG;
        if (el.type != MC_TLV_UINT)
            return MC_E_TLV_TYPE;
        if (el.num == 0 || el.num >= MC_EKU_COUNT || c->n_eku == MC_EKU_CAP)
            return MC_E_EXT_EKU;
        c->eku[c->n_eku] = (uint8_t)el.num;
    }
}

/* future-extension: the whole Extension SEQUENCE, which must be what DER would hold in this place. */
static enum mc_rc tlv_future(struct mc_reader *r, const uint8_t *base, struct mc_ext *x, struct mc_span whole)
{
    struct mc_der d = {base, whole.p, whole.p + whole.n};
    enum mc_rc rc = mc_ext_take_der(r, &d, x);

    if (rc != MC_OK)
        return rc;
    if (mc_der_more(&d))
        return MC_E_DER_TRAILING;
    return x->id == MC_EXT_FUTURE ? mc_ext_check_future(x) : MC_E_EXT_FUTURE;
}

static enum mc_rc tlv_extension(struct mc_reader *r, struct mc_tlv *t, const struct mc_tlv_elem *el, struct mc_ext *x)
{
    static const uint8_t type[] = {0, MC_TLV_STRUCT, MC_TLV_UINT, MC_TLV_ARRAY, MC_TLV_BYTES, MC_TLV_BYTES,
        MC_TLV_BYTES};
    struct mc_cert *c = r->c;
    bool *present;

    if (el->tag < MC_EXT_BASIC_CONSTRAINTS || el->tag > MC_EXT_FUTURE)
        return MC_E_TLV_TAG;
    if (el->type != type[el->tag])
        return MC_E_TLV_TYPE;
    x->id = (uint8_t)el->tag;
    x->decoded = true;
    if (x->id == MC_EXT_FUTURE)
        return tlv_future(r, t->base, x, el->bytes);
    x->critical = mc_ext_is_critical(x->id);
    x->oid = mc_ext_oid(x->id);
    x->value = x->whole = mc_span_of(NULL, 0);
    present = mc_ext_presence(c, x->id);
    if (*present)
        return MC_E_EXT_TWICE;
    *present = true;
    switch (x->id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        return tlv_basic_constraints(c, t);
    case MC_EXT_KEY_USAGE:
        c->ku = (uint16_t)el->num;
        return el->num <= 0x1FF ? MC_OK : MC_E_EXT_KU;
    case MC_EXT_EXTENDED_KEY_USAGE:
        return tlv_key_purposes(c, t);
    case MC_EXT_SUBJECT_KEY_ID:
        c->skid = el->bytes;
        return el->bytes.n == MC_KEY_ID_LEN ? MC_OK : MC_E_EXT_KEY_ID;
    default:
        c->akid = el->bytes;
        return el->bytes.n == MC_KEY_ID_LEN ? MC_OK : MC_E_EXT_KEY_ID;
    }
}

enum mc_rc mc_exts_take_tlv(struct mc_reader *r, struct mc_tlv *t)
{
    struct mc_cert *c = r->c;
    struct mc_tlv_elem el;

    for (;;) {
        enum mc_rc rc = mc_tlv_take(t, &el);

        if (rc != MC_OK)
            return mc_fail_at(r->e, rc, mc_tlv_offset(t), "extensions", NULL);
        if (el.type == MC_TLV_END)
            break;
        if (c->n_ext == MC_EXT_CAP)
            return mc_fail_at(r->e, MC_E_EXT_COUNT, el.offset, "extensions", "more than %d", MC_EXT_CAP);
        rc = tlv_extension(r, t, &el, &c->ext[c->n_ext]);
        if (rc != MC_OK)
            return mc_fail_at(r->e, rc, el.offset, mc_ext_name((enum mc_ext_id)el.tag), NULL);
        c->n_ext++;
    }
    return c->n_ext > 0 ? MC_OK : mc_fail_at(r->e, MC_E_EXT_MISSING, mc_tlv_offset(t), "extensions", NULL);
}

void mc_exts_put_tlv(struct mc_out *o, const struct mc_cert *c)
{
    mc_tlv_begin(o, MC_TLV_LIST, 10);
    for (unsigned i = 0; i < c->n_ext; i++) {
        int tag = c->ext[i].id;

        switch (tag) {
        case MC_EXT_BASIC_CONSTRAINTS:
            mc_tlv_begin(o, MC_TLV_STRUCT, tag);
            mc_tlv_put_bool(o, 1, c->is_ca);
            if (c->has_path_len)
                mc_tlv_put_uint(o, 2, c->path_len);
            mc_tlv_close(o);
            break;
        case MC_EXT_KEY_USAGE:
            mc_tlv_put_uint(o, tag, c->ku);
            break;
        case MC_EXT_EXTENDED_KEY_USAGE:
            mc_tlv_begin(o, MC_TLV_ARRAY, tag);
            for (unsigned k = 0; k < c->n_eku; k++)
                mc_tlv_put_uint(o, MC_TLV_ANONYMOUS, c->eku[k]);
            mc_tlv_close(o);
            break;
        case MC_EXT_SUBJECT_KEY_ID:
            mc_tlv_put_bytes(o, tag, c->skid);
            break;
        case MC_EXT_AUTHORITY_KEY_ID:
            mc_tlv_put_bytes(o, tag, c->akid);
            break;
        default:
            mc_tlv_put_bytes(o, tag, c->ext[i].whole);
        }
    }
    mc_tlv_close(o);
}
