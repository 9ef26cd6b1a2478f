/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelope as deployed commissioners read it (matter-attestation 4.3, "decoder tolerance"): lengths need not be
 * minimal, what follows the last expected element of a container is not looked at, and neither is whether a
 * primitive element is marked as constructed.
 */
#include "cms.h"
#include "cms_oid.h"
#include "der.h"

enum { CONSTRUCTED = 0x20, NUMBER = 0x1F, LENGTH_OCTETS_MAX = 4, INTEGER_MAX = 8, CMS_VERSION = 3 };

/* Takes one element; false at the end, for high tag numbers, indefinite lengths and what is cut off. */
static bool take(struct mc_span *in, uint8_t *tag, struct mc_span *value)
{
    size_t n, used = 2;

    if (in->n < 2 || (in->p[0] & NUMBER) == NUMBER)
        return false;
    n = in->p[1];
    if (n == 0x80)
        return false;
    if (n > 0x80) {
        size_t octets = n & 0x7F;

        if (in->n < used + octets)
            return false;
        for (n = 0; octets > 0; octets--) {
            if (n >> (8 * (LENGTH_OCTETS_MAX - 1)) != 0)
                return false;
            n = n << 8 | in->p[used++];
        }
    }
    if (n > in->n - used)
        return false;
    *tag = in->p[0];
    *value = mc_span_of(in->p + used, n);
    *in = mc_span_of(in->p + used + n, in->n - used - n);
    return true;
}

static bool skip(struct mc_span *in)
{
    struct mc_span value;
    uint8_t tag;

    return take(in, &tag, &value);
}

/* An element of this class and number. */
static bool take_as(struct mc_span *in, uint8_t wanted, struct mc_span *value)
{
    uint8_t tag;

    return take(in, &tag, value) && (tag & ~CONSTRUCTED) == (wanted & ~CONSTRUCTED);
}

/* The content of a constructed one. */
static bool enter(struct mc_span *in, uint8_t wanted, struct mc_span *content)
{
    uint8_t tag;

    return take(in, &tag, content) && tag == (wanted | CONSTRUCTED);
}

static bool take_version(struct mc_span *in)
{
    struct mc_span value;
    uint64_t version = 0;

    if (!take_as(in, MC_DER_INTEGER, &value) || value.n > INTEGER_MAX)
        return false;
    for (size_t i = 0; i < value.n; i++)
        version = version << 8 | value.p[i];
    return version == CMS_VERSION;
}

static bool take_oid(struct mc_span *in, struct mc_span wanted)
{
    struct mc_span oid;

    return take_as(in, MC_DER_OID, &oid) && mc_span_eq(oid, wanted);
}

static bool take_algorithm(struct mc_span *in, struct mc_span oid)
{
    struct mc_span algorithm;

    return enter(in, MC_DER_SEQUENCE, &algorithm) && take_oid(&algorithm, oid);
}

/* r or s, right-aligned: leading zeros pass. */
static bool take_scalar(struct mc_span *in, uint8_t out[MC_SIG_LEN / 2])
{
    struct mc_span value;
    uint8_t tag;

    if (!take(in, &tag, &value) || tag != MC_DER_INTEGER)
        return false;
    while (value.n > 0 && value.p[0] == 0)
        value = mc_span_of(value.p + 1, value.n - 1);
    if (value.n > MC_SIG_LEN / 2)
        return false;
    memset(out, 0, MC_SIG_LEN / 2 - value.n);
    if (value.n > 0)
        memcpy(out + MC_SIG_LEN / 2 - value.n, value.p, value.n);
    return true;
}

static bool take_signature(struct mc_span *in, uint8_t sig[MC_SIG_LEN])
{
    struct mc_span octets, pair;

    return take_as(in, MC_DER_OCTET_STRING, &octets) && enter(&octets, MC_DER_SEQUENCE, &pair) &&
           take_scalar(&pair, sig) && take_scalar(&pair, sig + MC_SIG_LEN / 2);
}

static bool take_signer(struct mc_span *in, struct mc_cms *c)
{
    struct mc_span set, s;

    return enter(in, MC_DER_SET, &set) && enter(&set, MC_DER_SEQUENCE, &s) && take_version(&s) &&
           take_as(&s, MC_DER_CONTEXT, &c->key_id) && take_algorithm(&s, MC_OID_SPAN(mc_oid_sha256)) &&
           take_algorithm(&s, MC_OID_SPAN(mc_oid_ecdsa_sha256)) && take_signature(&s, c->sig);
}

static bool take_content(struct mc_span *in, struct mc_span *payload)
{
    struct mc_span info, explicit;

    return enter(in, MC_DER_SEQUENCE, &info) && take_oid(&info, MC_OID_SPAN(mc_oid_data)) &&
           enter(&info, MC_DER_CONTEXT, &explicit) && take_as(&explicit, MC_DER_OCTET_STRING, payload);
}

/* SignedData, behind a content type that is not looked at. */
static bool enter_unseen(struct mc_span in, struct mc_span *data)
{
    struct mc_span whole, explicit;

    return enter(&in, MC_DER_SEQUENCE, &whole) && skip(&whole) && enter(&whole, MC_DER_CONTEXT, &explicit) &&
           enter(&explicit, MC_DER_SEQUENCE, data);
}

bool mc_cms_deployed_key_id(struct mc_span in, struct mc_span *key_id)
{
    struct mc_span data;
    struct mc_cms c;

    if (!enter_unseen(in, &data) || !skip(&data) || !skip(&data) || !skip(&data) || !take_signer(&data, &c))
        return false;
    *key_id = c.key_id;
    return true;
}

bool mc_cms_deployed_payload(struct mc_span in, struct mc_span *payload)
{
    struct mc_span data;

    return enter_unseen(in, &data) && skip(&data) && skip(&data) && take_content(&data, payload) && skip(&data);
}

bool mc_cms_deployed_open(struct mc_span in, struct mc_cms *c)
{
    struct mc_span whole, explicit, data, digests;

    memset(c, 0, sizeof(*c));
    return enter(&in, MC_DER_SEQUENCE, &whole) && take_oid(&whole, MC_OID_SPAN(mc_oid_signed_data)) &&
           enter(&whole, MC_DER_CONTEXT, &explicit) && enter(&explicit, MC_DER_SEQUENCE, &data) && take_version(&data) &&
           enter(&data, MC_DER_SET, &digests) && take_algorithm(&digests, MC_OID_SPAN(mc_oid_sha256)) &&
           take_content(&data, &c->payload) && take_signer(&data, c);
}
