/* SPDX-License-Identifier: Apache-2.0 */
#include "armor.h"
#include "der.h"
#include "tlv.h"

enum {
    SHAPE_MAX = 4, /* elements that tell the objects apart */
    CERT_FIRST_TAG = 1,
    COMPACT_FIRST_TAG = 9,
    NOCSR_NONCE_TAG = 2,
    NOCSR_NONCE_LEN = 32,
    VERSION_TAG = MC_DER_CONTEXT_CONSTRUCTED,
};

/* 1.2.840.113549.1.7.2, signedData */
static const uint8_t oid_signed_data[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};

/* The tags of the first members of a SEQUENCE, and a cursor over each; a missing one has tag 0. */
struct shape {
    uint8_t tag[SHAPE_MAX];
    struct mc_der member[SHAPE_MAX];
};

static struct shape shape_of(struct mc_der content)
{
    struct shape s = {0};

    for (unsigned i = 0; i < SHAPE_MAX; i++) {
        if (mc_der_take_any(&content, &s.tag[i], &s.member[i]) == MC_OK)
            continue;
        s.tag[i] = 0;
        break;
    }
    return s;
}

static bool is_time(uint8_t tag)
{
    return tag == MC_DER_UTC_TIME || tag == MC_DER_GENERALIZED_TIME;
}

/* The signed part of a certificate, CSR or CRL. The member behind the names tells them apart. */
static enum mc_object guess_signed(struct mc_der content)
{
    struct shape s = shape_of(content);
    unsigned at = s.tag[0] == MC_DER_INTEGER ? 1 : 0;
    uint8_t third = at == 1 ? s.tag[3] : s.tag[2];

    if (s.tag[0] == VERSION_TAG)
        return MC_OBJECT_CERTIFICATE;
    if (s.tag[at] != MC_DER_SEQUENCE || s.tag[at + 1] != MC_DER_SEQUENCE)
        return MC_OBJECT_UNKNOWN;
    if (is_time(third))
        return MC_OBJECT_CRL;
    if (at == 1 && third == MC_DER_SEQUENCE)
        return MC_OBJECT_CERTIFICATE; /* version 1 */
    if (at == 1 && (third == 0 || third == MC_DER_CONTEXT_CONSTRUCTED))
        return MC_OBJECT_CSR;
    return MC_OBJECT_UNKNOWN;
}

/* SEQUENCE { INTEGER, ... } at the outermost level: SEC1, PKCS#1 and PKCS#8 private keys. */
static enum mc_object guess_numbered(const struct shape *s)
{
    bool sec1 = s->tag[1] == MC_DER_OCTET_STRING;
    bool pkcs8 = s->tag[1] == MC_DER_SEQUENCE && s->tag[2] == MC_DER_OCTET_STRING;
    bool pkcs1 = s->tag[1] == MC_DER_INTEGER && s->tag[2] == MC_DER_INTEGER;

    return sec1 || pkcs8 || pkcs1 ? MC_OBJECT_PRIVATE_KEY : MC_OBJECT_UNKNOWN;
}

static enum mc_object guess_der(struct mc_span bytes)
{
    struct mc_der d = mc_der_of(bytes), content;
    struct shape s;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &content) != MC_OK)
        return MC_OBJECT_UNKNOWN;
    s = shape_of(content);
    if (s.tag[0] == MC_DER_INTEGER)
        return guess_numbered(&s);
    if (s.tag[0] == MC_DER_OID)
        return mc_span_eq(mc_der_rest(&s.member[0]), mc_span_of(oid_signed_data, sizeof(oid_signed_data)))
                   ? MC_OBJECT_CMS
                   : MC_OBJECT_UNKNOWN;
    if (s.tag[0] != MC_DER_SEQUENCE)
        return MC_OBJECT_UNKNOWN;
    if (s.tag[1] == MC_DER_BIT_STRING && mc_der_peek(&s.member[0], MC_DER_OID))
        return MC_OBJECT_PUBLIC_KEY;
    if (s.tag[1] == MC_DER_OCTET_STRING && mc_der_peek(&s.member[0], MC_DER_OID))
        return MC_OBJECT_PRIVATE_KEY; /* encrypted PKCS#8 */
    return guess_signed(s.member[0]);
}

/*
 * NOCSR elements and attestation elements both begin with an object in DER and a nonce; the latter hold a
 * certification declaration, which is CMS.
 */
static enum mc_object guess_tlv(struct mc_span bytes)
{
    struct mc_tlv t = mc_tlv_of(bytes, false);
    struct mc_tlv_elem first, second;

    if (mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &first) != MC_OK)
        return MC_OBJECT_UNKNOWN;
    if (mc_tlv_take(&t, &first) != MC_OK || first.type != MC_TLV_BYTES)
        return MC_OBJECT_UNKNOWN;
    if (first.tag == COMPACT_FIRST_TAG)
        return MC_OBJECT_CERTIFICATE;
    if (first.tag != CERT_FIRST_TAG)
        return MC_OBJECT_UNKNOWN;
    if (mc_tlv_take(&t, &second) != MC_OK || second.type != MC_TLV_BYTES || second.tag != NOCSR_NONCE_TAG)
        return MC_OBJECT_CERTIFICATE;
    if (second.bytes.n != NOCSR_NONCE_LEN || first.bytes.n == 0 || first.bytes.p[0] != MC_DER_SEQUENCE)
        return MC_OBJECT_UNKNOWN;
    return guess_der(first.bytes) == MC_OBJECT_CMS ? MC_OBJECT_ELEMENTS : MC_OBJECT_NOCSR;
}

enum mc_object mc_object_guess(const struct mc_input *in)
{
    return in->inner == MC_INNER_DER ? guess_der(in->bytes) : guess_tlv(in->bytes);
}

const char *mc_object_name(enum mc_object o)
{
    static const char *const names[MC_OBJECT_COUNT] = {
        [MC_OBJECT_UNKNOWN] = "an unknown object",
        [MC_OBJECT_CERTIFICATE] = "a certificate",
        [MC_OBJECT_CSR] = "a CSR",
        [MC_OBJECT_CRL] = "a CRL",
        [MC_OBJECT_PRIVATE_KEY] = "a private key",
        [MC_OBJECT_PUBLIC_KEY] = "a public key",
        [MC_OBJECT_CMS] = "a CMS signed message",
        [MC_OBJECT_NOCSR] = "NOCSR elements",
        [MC_OBJECT_ELEMENTS] = "attestation elements",
    };

    return (unsigned)o < MC_OBJECT_COUNT ? names[o] : names[MC_OBJECT_UNKNOWN];
}
