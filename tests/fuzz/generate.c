/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that keep every rule, made from fuzzer input. Sizes reach and pass the limits. */
#include "fuzz.h"
#include "lib/cert_parse.h"
#include "lib/dn.h"

enum { IDENTITY_SHARE = 24, EXT_MAX = 8, NAME_LENGTHS = MC_DN_MAX + 1 };

static uint8_t *room_take(struct fuzz_room *room, size_t n)
{
    uint8_t *at = room->bytes + room->n;

    REQUIRE(n <= sizeof(room->bytes) - room->n);
    room->n += n;
    return at;
}

static struct mc_span take_octets(struct fuzz_bytes *b, struct fuzz_room *room, size_t n)
{
    uint8_t *at = room_take(room, n);

    for (size_t i = 0; i < n; i++)
        at[i] = fuzz_u8(b);
    return mc_span_of(at, n);
}

/* Minimal INTEGER content of 1 to 20 octets, of either sign. */
static struct mc_span generate_serial(struct fuzz_bytes *b, struct fuzz_room *room)
{
    size_t n = 1 + fuzz_u8(b) % MC_SERIAL_MAX;
    uint8_t *at = room_take(room, n);

    for (size_t i = 0; i < n; i++)
        at[i] = fuzz_u8(b);
    if (n > 1 && (at[0] == 0x00 || at[0] == 0xFF))
        at[0] = (uint8_t)(at[1] & 0x80 ? 0x00 : 0xFF);
    return mc_span_of(at, n);
}

static void generate_period(struct fuzz_bytes *b, struct mc_cert *c)
{
    uint64_t v = fuzz_u64(b);
    uint32_t before = 1 + (uint32_t)v % (UINT32_MAX - 1);
    uint32_t after = before + 1 + (uint32_t)(v >> 32) % (UINT32_MAX - before);

    c->not_before_unix = MC_EPOCH2000_UNIX + before;
    c->not_after_unix = fuzz_u8(b) % 2 != 0 ? MC_TIME_NO_EXPIRY : MC_EPOCH2000_UNIX + after;
}

static uint64_t generate_id(struct fuzz_bytes *b, enum mc_attr_id id)
{
    unsigned shift = fuzz_u8(b) % 64;
    uint64_t num = fuzz_u64(b) >> shift;

    if (id == MC_ATTR_CAT)
        return (uint32_t)num | 1;
    if (id == MC_ATTR_NODE_ID && mc_node_id_check(num) != MC_OK)
        return MC_NODE_ID_MAX;
    return id == MC_ATTR_FABRIC_ID && num == 0 ? 1 : num;
}

/* Octets that the string type does not allow become such as it does. */
static struct mc_span generate_text(struct fuzz_bytes *b, struct fuzz_room *room, uint8_t tag)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
    size_t n = fuzz_u8(b) % (fuzz_u8(b) % 8 == 0 ? 256 : 48);
    uint8_t *at = room_take(room, n);

    for (size_t i = 0; i < n; i++)
        at[i] = fuzz_u8(b);
    if (!mc_dn_text_valid(tag, mc_span_of(at, n)))
        for (size_t i = 0; i < n; i++)
            at[i] = (uint8_t)alphabet[at[i] % (sizeof(alphabet) - 1)];
    return mc_span_of(at, n);
}

static void generate_name(struct fuzz_bytes *b, struct fuzz_room *room, struct mc_dn *dn)
{
    unsigned n = fuzz_u8(b) % NAME_LENGTHS;

    memset(dn, 0, sizeof(*dn));
    for (unsigned i = 0; i < n; i++) {
        struct mc_attr *a = &dn->attr[i];

        a->id = (uint8_t)(1 + fuzz_u8(b) % MC_ATTR_TLV_LAST);
        a->rdn = dn->n++;
        a->string_tag = MC_DER_UTF8;
        if (mc_attr_is_matter(a->id)) {
            a->num = generate_id(b, a->id);
            continue;
        }
        if (a->id == MC_ATTR_DOMAIN_COMPONENT)
            a->string_tag = MC_DER_IA5;
        else if (fuzz_u8(b) % 4 == 0)
            a->string_tag = MC_DER_PRINTABLE;
        a->text = generate_text(b, room, a->string_tag);
    }
}

/* SEQUENCE { OID 1.3.6.1.4.1.N, critical, OCTET STRING { one element of any tag } } */
static void generate_future(struct fuzz_bytes *b, struct fuzz_room *room, struct mc_ext *x)
{
    static const uint8_t arc[] = {0x2B, 0x06, 0x01, 0x04, 0x01};
    uint8_t oid[sizeof(arc) + 1];
    struct mc_out o = mc_out_of(room->bytes + room->n, sizeof(room->bytes) - room->n);
    size_t n = fuzz_u8(b), whole = mc_der_begin(&o, MC_DER_SEQUENCE), value, payload;

    memcpy(oid, arc, sizeof(arc));
    oid[sizeof(arc)] = fuzz_u8(b) & 0x7F;
    mc_der_put(&o, MC_DER_OID, oid, sizeof(oid));
    if (fuzz_u8(b) % 4 == 0)
        mc_der_put(&o, MC_DER_BOOLEAN, "\xFF", 1);
    value = mc_der_begin(&o, MC_DER_OCTET_STRING);
    payload = mc_der_begin(&o, fuzz_u8(b) & 0xFE);
    for (size_t i = 0; i < n; i++)
        mc_out_byte(&o, fuzz_u8(b));
    mc_der_close(&o, payload);
    mc_der_close(&o, value);
    mc_der_close(&o, whole);
    REQUIRE(o.rc == MC_OK);
    room->n += o.n;
    x->whole = mc_span_of(o.p, o.n);
}

static void generate_usage(struct fuzz_bytes *b, struct mc_cert *c)
{
    unsigned n = 1 + fuzz_u8(b) % MC_EKU_CAP;

    c->ku = (uint16_t)(fuzz_u8(b) | (fuzz_u8(b) & 1) << 8);
    for (c->n_eku = 0; c->n_eku < n; c->n_eku++)
        c->eku[c->n_eku] = (uint8_t)(1 + fuzz_u8(b) % (MC_EKU_COUNT - 1));
}

static void generate_extensions(struct fuzz_bytes *b, struct fuzz_room *room, struct mc_cert *c)
{
    unsigned n = 1 + fuzz_u8(b) % EXT_MAX;
    uint8_t constraints = fuzz_u8(b);

    c->is_ca = constraints % 2 != 0;
    c->has_path_len = c->is_ca && constraints % 4 == 3;
    c->path_len = fuzz_u8(b);
    generate_usage(b, c);
    c->skid = take_octets(b, room, MC_KEY_ID_LEN);
    c->akid = take_octets(b, room, MC_KEY_ID_LEN);
    for (unsigned i = 0; i < n || c->n_ext == 0; i++) {
        struct mc_ext *x = &c->ext[c->n_ext];

        *x = (struct mc_ext){.id = (uint8_t)(1 + fuzz_u8(b) % MC_EXT_FUTURE), .decoded = true};
        if (x->id == MC_EXT_FUTURE)
            generate_future(b, room, x);
        else if (*mc_ext_presence(c, x->id))
            continue;
        else
            *mc_ext_presence(c, x->id) = true;
        c->n_ext++;
    }
    if (!c->has_eku)
        c->n_eku = 0;
    if (!c->has_ku)
        c->ku = 0;
    if (!c->has_bc)
        c->is_ca = c->has_path_len = false;
}

/* One octet repeated, behind leading zeros: what matters for its DER form. */
static void generate_scalar(struct fuzz_bytes *b, uint8_t out[MC_SIG_LEN / 2])
{
    unsigned zeros = fuzz_u8(b);

    memset(out, fuzz_u8(b), MC_SIG_LEN / 2);
    if (zeros <= MC_SIG_LEN / 2)
        memset(out, 0, zeros);
}

void fuzz_generate(struct fuzz_bytes *b, struct fuzz_room *room, struct mc_cert *c)
{
    bool identity = fuzz_u8(b) % IDENTITY_SHARE == 0;
    uint8_t *point;

    room->n = 0;
    memset(c, 0, sizeof(*c));
    mc_cert_reset(c, MC_FORM_TLV);
    point = room_take(room, MC_POINT_LEN);
    memset(point, fuzz_u8(b), MC_POINT_LEN);
    point[0] = 0x04;
    c->point = mc_span_of(point, MC_POINT_LEN);
    c->p256 = c->has_sig = true;
    generate_scalar(b, c->sig);
    generate_scalar(b, c->sig + MC_SIG_LEN / 2);
    if (identity) {
        mc_identity_fill(c);
        return;
    }
    c->serial = generate_serial(b, room);
    generate_period(b, c);
    generate_name(b, room, &c->issuer);
    if (fuzz_u8(b) % 8 == 0)
        c->subject = c->issuer;
    else
        generate_name(b, room, &c->subject);
    generate_extensions(b, room, c);
}
