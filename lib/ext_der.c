/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of certificates in DER (matter-operational 1.4, 1.5, 2.4, 2.5). */
#include "cert_parse.h"

/* BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
static enum mc_rc take_basic_constraints(struct mc_cert *c, struct mc_der *value)
{
    struct mc_der seq;
    uint64_t path_len;
    enum mc_rc rc = mc_der_take(value, MC_DER_SEQUENCE, &seq);

    if (rc != MC_OK)
        return rc;
    c->is_ca = false;
    c->has_path_len = false;
    if (mc_der_peek(&seq, MC_DER_BOOLEAN)) {
        rc = mc_der_take_bool(&seq, &c->is_ca);
        if (rc != MC_OK || !c->is_ca)
            return MC_E_DER_BOOLEAN;
    }
    if (mc_der_more(&seq)) {
        rc = mc_der_take_uint(&seq, &path_len);
        if (rc != MC_OK)
            return rc;
        if (!c->is_ca || path_len > UINT8_MAX)
            return MC_E_EXT_BC;
        c->has_path_len = true;
        c->path_len = (uint8_t)path_len;
    }
    return mc_der_end(&seq);
}

static uint8_t reverse_bits(unsigned b)
{
    b = (b & 0xF0) >> 4 | (b & 0x0F) << 4;
    b = (b & 0xCC) >> 2 | (b & 0x33) << 2;
    return (uint8_t)((b & 0xAA) >> 1 | (b & 0x55) << 1);
}

/* A named bit list in DER ends with its last one bit; bit 0 is the highest of the first octet. */
static enum mc_rc take_key_usage(struct mc_cert *c, struct mc_der *value)
{
    struct mc_der bits;
    enum mc_rc rc = mc_der_take(value, MC_DER_BIT_STRING, &bits);
    size_t n;
    uint8_t unused;

    if (rc != MC_OK)
        return rc;
    if (!mc_der_more(&bits))
        return MC_E_EXT_KU;
    unused = *bits.p++;
    n = (size_t)(bits.end - bits.p);
    if (n == 0) {
        c->ku = 0;
        return unused == 0 ? MC_OK : MC_E_EXT_KU;
    }
    if (n > 2 || unused > 7 || (bits.end[-1] & ((1u << (unused + 1)) - 1)) != 1u << unused)
        return MC_E_EXT_KU;
    c->ku = reverse_bits(bits.p[0]);
    if (n == 2)
        c->ku = (uint16_t)(c->ku | reverse_bits(bits.p[1]) << 8);
    return c->ku <= 0x1FF ? MC_OK : MC_E_EXT_KU;
}

static enum mc_rc take_key_purposes(struct mc_cert *c, struct mc_der *value)
{
    struct mc_der seq;
    struct mc_span oid;
    enum mc_rc rc = mc_der_take(value, MC_DER_SEQUENCE, &seq);

    c->n_eku = 0;
    if (rc == MC_OK && !mc_der_more(&seq))
        return MC_E_EXT_EKU;
    while (rc == MC_OK && mc_der_more(&seq)) {
        rc = mc_der_take_oid(&seq, &oid);
        if (rc != MC_OK)
            return rc;
        enum mc_eku purpose = mc_eku_find(oid);

        if (purpose == MC_EKU_UNKNOWN || c->n_eku == MC_EKU_CAP)
            return MC_E_EXT_EKU;
        c->eku[c->n_eku++] = (uint8_t)purpose;
    }
    return rc;
}

static enum mc_rc take_skid(struct mc_cert *c, struct mc_der *value)
{
    struct mc_der id;
    enum mc_rc rc = mc_der_take(value, MC_DER_OCTET_STRING, &id);

    if (rc != MC_OK)
        return rc;
    c->skid = mc_der_rest(&id);
    return c->skid.n == MC_KEY_ID_LEN ? MC_OK : MC_E_EXT_KEY_ID;
}

/* AuthorityKeyIdentifier with nothing but keyIdentifier [0]. */
static enum mc_rc take_akid(struct mc_cert *c, struct mc_der *value)
{
    struct mc_der seq, id;
    enum mc_rc rc = mc_der_take(value, MC_DER_SEQUENCE, &seq);

    if (rc == MC_OK)
        rc = mc_der_take(&seq, MC_DER_CONTEXT, &id);
    if (rc != MC_OK || mc_der_more(&seq))
        return MC_E_EXT_AKID;
    c->akid = mc_der_rest(&id);
    return c->akid.n == MC_KEY_ID_LEN ? MC_OK : MC_E_EXT_AKID;
}

static enum mc_rc take_value(struct mc_cert *c, enum mc_ext_id id, struct mc_der *value)
{
    enum mc_rc rc;

    switch (id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        rc = take_basic_constraints(c, value);
        break;
    case MC_EXT_KEY_USAGE:
        rc = take_key_usage(c, value);
        break;
    case MC_EXT_EXTENDED_KEY_USAGE:
        rc = take_key_purposes(c, value);
        break;
    case MC_EXT_SUBJECT_KEY_ID:
        rc = take_skid(c, value);
        break;
    default:
        rc = take_akid(c, value);
    }
    return rc != MC_OK ? rc : mc_der_end(value);
}

bool *mc_ext_presence(struct mc_cert *c, enum mc_ext_id id)
{
    switch (id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        return &c->has_bc;
    case MC_EXT_KEY_USAGE:
        return &c->has_ku;
    case MC_EXT_EXTENDED_KEY_USAGE:
        return &c->has_eku;
    case MC_EXT_SUBJECT_KEY_ID:
        return &c->has_skid;
    default:
        return &c->has_akid;
    }
}

/* TLV does not carry criticality: it follows from the extension. */
bool mc_ext_is_critical(enum mc_ext_id id)
{
    return id <= MC_EXT_EXTENDED_KEY_USAGE;
}

/* What a value that is not Matter's left behind must not be taken for its content. */
static void forget_value(struct mc_cert *c, enum mc_ext_id id)
{
    if (id == MC_EXT_BASIC_CONSTRAINTS)
        c->is_ca = c->has_path_len = false;
    else if (id == MC_EXT_KEY_USAGE)
        c->ku = 0;
    else if (id == MC_EXT_EXTENDED_KEY_USAGE)
        c->n_eku = 0;
    else if (id == MC_EXT_SUBJECT_KEY_ID)
        c->skid = mc_span_of(NULL, 0);
    else
        c->akid = mc_span_of(NULL, 0);
}

/* The payload must be one DER element and the OID not one that the Matter tables use for something else. */
enum mc_rc mc_ext_check_future(const struct mc_ext *x)
{
    struct mc_der payload = mc_der_of(x->value), content;
    uint8_t tag;

    if (mc_ext_find(x->oid) != MC_EXT_FUTURE || mc_oid_is_other_category(x->oid) ||
        mc_der_take_any(&payload, &tag, &content) != MC_OK || mc_der_more(&payload))
        return MC_E_EXT_FUTURE;
    return MC_OK;
}

/* Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
enum mc_rc mc_ext_take_der(struct mc_reader *r, struct mc_der *exts, struct mc_ext *x)
{
    const uint8_t *start = exts->p;
    struct mc_der seq = *exts, value;
    enum mc_rc rc = mc_der_take(exts, MC_DER_SEQUENCE, &seq);

    x->critical = false;
    if (rc == MC_OK)
        rc = mc_der_take_oid(&seq, &x->oid);
    if (rc == MC_OK && mc_der_peek(&seq, MC_DER_BOOLEAN)) {
        rc = mc_der_take_bool(&seq, &x->critical);
        if (rc == MC_OK && !x->critical)
            rc = mc_obstacle(r, MC_E_DER_BOOLEAN, mc_der_offset(&seq), "extensions.critical");
    }
    if (rc == MC_OK)
        rc = mc_der_take(&seq, MC_DER_OCTET_STRING, &value);
    if (rc == MC_OK)
        rc = mc_der_end(&seq);
    if (rc != MC_OK)
        return mc_fail_at(r->e, rc, mc_der_offset(&seq), "extensions", NULL);
    x->value = mc_der_rest(&value);
    x->whole = mc_span_of(start, (size_t)(seq.end - start));
    x->id = (uint8_t)mc_ext_find(x->oid);
    x->decoded = true;
    return MC_OK;
}

static enum mc_rc interpret(struct mc_reader *r, const uint8_t *base, struct mc_ext *x)
{
    struct mc_der value = {base, x->value.p, x->value.p + x->value.n};
    size_t offset = mc_der_offset(&value);
    bool *present;
    enum mc_rc rc;

    if (x->id == MC_EXT_FUTURE) {
        rc = mc_ext_check_future(x);
        return rc == MC_OK ? MC_OK : mc_obstacle(r, rc, offset, "extensions");
    }
    present = mc_ext_presence(r->c, x->id);
    if (*present)
        return mc_obstacle(r, MC_E_EXT_TWICE, offset, mc_ext_name(x->id));
    rc = take_value(r->c, x->id, &value);
    if (rc != MC_OK) {
        x->decoded = false;
        forget_value(r->c, x->id);
        return mc_obstacle(r, rc, offset, mc_ext_name(x->id));
    }
    *present = true;
    if (x->critical != mc_ext_is_critical(x->id))
        return mc_obstacle(r, MC_E_EXT_CRITICAL, offset, mc_ext_name(x->id));
    return MC_OK;
}

enum mc_rc mc_exts_take_der(struct mc_reader *r, struct mc_der *exts)
{
    struct mc_cert *c = r->c;

    if (!mc_der_more(exts))
        return mc_fail_at(r->e, MC_E_EXT_MISSING, mc_der_offset(exts), "extensions", NULL);
    while (mc_der_more(exts)) {
        struct mc_ext *x = &c->ext[c->n_ext];
        enum mc_rc rc;

        if (c->n_ext == MC_EXT_CAP)
            return mc_fail_at(r->e, MC_E_EXT_COUNT, mc_der_offset(exts), "extensions", "more than %d", MC_EXT_CAP);
        rc = mc_ext_take_der(r, exts, x);
        if (rc == MC_OK)
            rc = interpret(r, exts->base, x);
        if (rc != MC_OK)
            return rc;
        c->n_ext++;
    }
    return MC_OK;
}

static void put_basic_constraints(struct mc_out *o, const struct mc_cert *c)
{
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);

    if (c->is_ca)
        mc_der_put(o, MC_DER_BOOLEAN, "\xFF", 1);
    if (c->has_path_len)
        mc_der_put_unsigned(o, &c->path_len, 1);
    mc_der_close(o, seq);
}

static void put_key_usage(struct mc_out *o, uint16_t ku)
{
    uint8_t bits[3] = {0, reverse_bits(ku & 0xFF), reverse_bits(ku >> 8)};
    size_t n = ku == 0 ? 1 : ku < 0x100 ? 2 : 3;

    if (n > 1)
        bits[0] = (uint8_t)__builtin_ctz(bits[n - 1]);
    mc_der_put(o, MC_DER_BIT_STRING, bits, n);
}

static void put_key_purposes(struct mc_out *o, const struct mc_cert *c)
{
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);

    for (unsigned i = 0; i < c->n_eku; i++) {
        struct mc_span oid = mc_eku_oid(c->eku[i]);

        mc_der_put(o, MC_DER_OID, oid.p, oid.n);
    }
    mc_der_close(o, seq);
}

static void put_value(struct mc_out *o, const struct mc_cert *c, enum mc_ext_id id)
{
    size_t seq;

    switch (id) {
    case MC_EXT_BASIC_CONSTRAINTS:
        put_basic_constraints(o, c);
        break;
    case MC_EXT_KEY_USAGE:
        put_key_usage(o, c->ku);
        break;
    case MC_EXT_EXTENDED_KEY_USAGE:
        put_key_purposes(o, c);
        break;
    case MC_EXT_SUBJECT_KEY_ID:
        mc_der_put(o, MC_DER_OCTET_STRING, c->skid.p, c->skid.n);
        break;
    default:
        seq = mc_der_begin(o, MC_DER_SEQUENCE);
        mc_der_put(o, MC_DER_CONTEXT, c->akid.p, c->akid.n);
        mc_der_close(o, seq);
    }
}

static void put_extension(struct mc_out *o, const struct mc_cert *c, enum mc_ext_id id)
{
    struct mc_span oid = mc_ext_oid(id);
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);
    size_t value;

    mc_der_put(o, MC_DER_OID, oid.p, oid.n);
    if (mc_ext_is_critical(id))
        mc_der_put(o, MC_DER_BOOLEAN, "\xFF", 1);
    value = mc_der_begin(o, MC_DER_OCTET_STRING);
    put_value(o, c, id);
    mc_der_close(o, value);
    mc_der_close(o, seq);
}

/* [3] EXPLICIT SEQUENCE OF Extension */
void mc_exts_put_der(struct mc_out *o, const struct mc_cert *c)
{
    size_t outer = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED | 3);
    size_t list = mc_der_begin(o, MC_DER_SEQUENCE);

    for (unsigned i = 0; i < c->n_ext; i++) {
        if (c->ext[i].id == MC_EXT_FUTURE)
            mc_out_put(o, c->ext[i].whole.p, c->ext[i].whole.n);
        else
            put_extension(o, c, c->ext[i].id);
    }
    mc_der_close(o, list);
    mc_der_close(o, outer);
}
