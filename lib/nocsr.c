/* SPDX-License-Identifier: Apache-2.0 */
#include "csr.h"
#include "tlv.h"

enum nocsr_tag { TAG_CSR = 1, TAG_NONCE, TAG_VENDOR_FIRST, TAG_VENDOR_LAST = 5 };

enum {
    TAG_CONTROL_SHIFT = 5,
    TAG_CONTROL_PROFILE_FIRST = 2, /* 0 is anonymous, 1 context; all others are profile tags */
};

static const char *const field_names[] = {
    [TAG_CSR] = "nocsr.csr",
    [TAG_NONCE] = "nocsr.nonce",
    [TAG_VENDOR_FIRST] = "nocsr.vendor-reserved1",
    [TAG_VENDOR_FIRST + 1] = "nocsr.vendor-reserved2",
    [TAG_VENDOR_LAST] = "nocsr.vendor-reserved3",
};

static bool profile_tag_follows(const struct mc_tlv *t)
{
    return t->p < t->end && *t->p >> TAG_CONTROL_SHIFT >= TAG_CONTROL_PROFILE_FIRST;
}

static struct mc_span *field_of(struct mc_nocsr *n, int tag)
{
    if (tag == TAG_CSR)
        return &n->csr;
    return tag == TAG_NONCE ? &n->nonce : &n->vendor[tag - TAG_VENDOR_FIRST];
}

/* One member: a known context tag above the last one, and an octet string. */
static enum mc_rc keep(struct mc_nocsr *n, const struct mc_tlv_elem *el, int last_tag, struct mc_err *e)
{
    if (el->tag < TAG_CSR || el->tag > TAG_VENDOR_LAST)
        return mc_fail_at(
            e, MC_E_NOCSR_TAG, el->offset, "nocsr", el->tag < 0 ? "it has none" : "tag %d", el->tag);
    if (el->tag <= last_tag)
        return mc_fail_at(
            e, MC_E_NOCSR_ORDER, el->offset, field_names[el->tag], "it stands behind tag %d", last_tag);
    if (last_tag == 0 && el->tag != TAG_CSR)
        return mc_fail_at(e, MC_E_NOCSR_ORDER, el->offset, field_names[TAG_CSR], "it is missing");
    if (el->type != MC_TLV_BYTES)
        return mc_fail_at(e, MC_E_TLV_TYPE, el->offset, field_names[el->tag], "an octet string is wanted");
    if (el->tag == TAG_CSR && el->bytes.n == 0)
        return mc_fail_at(e, MC_E_CSR_SIZE, el->offset, field_names[TAG_CSR], "it is empty");
    if (el->tag == TAG_NONCE && el->bytes.n != MC_NONCE_LEN)
        return mc_fail_at(e, MC_E_NOCSR_NONCE, el->offset, field_names[TAG_NONCE], "it has %zu", el->bytes.n);
    *field_of(n, el->tag) = el->bytes;
    return MC_OK;
}

/* Members up to the end of the structure, or to the first profile tag: what follows that is the vendor's. */
static enum mc_rc take_members(struct mc_tlv *t, struct mc_nocsr *n, int *last_tag, struct mc_err *e)
{
    struct mc_tlv_elem el;
    enum mc_rc rc;

    *last_tag = 0;
    while (!profile_tag_follows(t)) {
        rc = mc_tlv_take(t, &el);
        if (rc != MC_OK)
            return mc_fail_at(e, rc, mc_tlv_offset(t), "nocsr", NULL);
        if (el.type == MC_TLV_END)
            return t->p == t->end ? MC_OK : mc_fail_at(e, MC_E_TLV_TRAILING, mc_tlv_offset(t), "nocsr", NULL);
        rc = keep(n, &el, *last_tag, e);
        if (rc != MC_OK)
            return rc;
        *last_tag = el.tag;
    }
    return MC_OK;
}

enum mc_rc mc_nocsr_parse(struct mc_span tlv, struct mc_nocsr *n, struct mc_err *e)
{
    struct mc_tlv t = mc_tlv_of(tlv, false);
    struct mc_tlv_elem el;
    int last_tag;
    enum mc_rc rc;

    memset(n, 0, sizeof(*n));
    if (tlv.n > MC_NOCSR_MAX)
        return mc_fail(e, MC_E_NOCSR_SIZE, "nocsr", "they have %zu", tlv.n);
    rc = mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &el);
    if (rc != MC_OK)
        return mc_fail_at(e, rc, 0, "nocsr", "an anonymous structure is wanted");
    rc = take_members(&t, n, &last_tag, e);
    if (rc != MC_OK)
        return rc;
    if (last_tag < TAG_NONCE)
        return mc_fail_at(e, MC_E_NOCSR_ORDER, mc_tlv_offset(&t), field_names[last_tag + 1], "it is missing");
    if (n->nonce.n != MC_NONCE_LEN)
        return mc_fail(e, MC_E_NOCSR_ORDER, field_names[TAG_NONCE], "it is missing");
    return MC_OK;
}

enum mc_rc mc_nocsr_check_nonce(const struct mc_nocsr *n, const uint8_t sent[MC_NONCE_LEN], struct mc_err *e)
{
    if (mc_span_eq(n->nonce, mc_span_of(sent, MC_NONCE_LEN)))
        return MC_OK;
    return mc_fail(e, MC_E_NOCSR_NONCE_OTHER, field_names[TAG_NONCE], NULL);
}

enum mc_rc mc_nocsr_encode(const struct mc_nocsr *n, uint8_t *out, size_t cap, size_t *len, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);

    if (n->csr.n == 0)
        return mc_fail(e, MC_E_NOCSR_ORDER, field_names[TAG_CSR], "it is missing");
    if (n->nonce.n != MC_NONCE_LEN)
        return mc_fail(e, MC_E_NOCSR_NONCE, field_names[TAG_NONCE], "it has %zu", n->nonce.n);
    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_bytes(&o, TAG_CSR, n->csr);
    mc_tlv_put_bytes(&o, TAG_NONCE, n->nonce);
    for (int tag = TAG_VENDOR_FIRST; tag <= TAG_VENDOR_LAST; tag++)
        if (n->vendor[tag - TAG_VENDOR_FIRST].n != 0)
            mc_tlv_put_bytes(&o, tag, n->vendor[tag - TAG_VENDOR_FIRST]);
    mc_tlv_close(&o);
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, "nocsr", NULL);
    if (o.n > MC_NOCSR_MAX)
        return mc_fail(e, MC_E_NOCSR_SIZE, "nocsr", "they would have %zu", o.n);
    *len = o.n;
    return MC_OK;
}

enum mc_rc mc_attestation_check(struct mc_verifier *v, struct mc_span elements,
    const uint8_t challenge[MC_CHALLENGE_LEN], const uint8_t dac_point[MC_POINT_LEN],
    const uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    struct mc_span parts[] = {elements, mc_span_of(challenge, MC_CHALLENGE_LEN)};
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc = mc_sha256_parts(v, parts, sizeof(parts) / sizeof(parts[0]), digest);

    if (rc == MC_OK)
        rc = mc_verify(v, dac_point, digest, sig);
    if (rc == MC_OK)
        return MC_OK;
    if (rc == MC_E_SIGNATURE)
        return mc_fail(e, MC_E_ATT_SIGNATURE, "attestation-signature", NULL);
    return mc_fail(e, rc, rc == MC_E_CRYPTO ? "attestation-signature" : "dac.key", NULL);
}
