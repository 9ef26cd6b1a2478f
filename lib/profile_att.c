/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile makes of VID, PID and the address of the CRL (matter-attestation 1.3 to 1.5, 1.8). */
#include <stdio.h>

#include "att_chain.h"
#include "cert_parse.h"
#include "profile_build.h"

enum { VID_LAST = 0xFFF4, DIGITS = 4 };

static const uint8_t oid_crl_points[] = {0x55, 0x1D, 0x1F};

static void put_digits(char out[DIGITS], uint16_t value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (int i = 0; i < DIGITS; i++)
        out[i] = digits[value >> (12 - 4 * i) & 0xF];
}

static enum mc_rc check_id(struct mc_builder *b, enum mc_attr_id id, uint16_t value)
{
    if (value == 0)
        return mc_build_attr_fail(b, MC_E_ATT_ID, id, id == MC_ATTR_VID ? "0 belongs to no vendor" : "0 is no product");
    if (id == MC_ATTR_VID && value > VID_LAST)
        return mc_build_attr_fail(b, MC_E_ATT_ID, id, "no vendor has a VID above FFF4");
    return MC_OK;
}

enum mc_rc mc_build_product(struct mc_builder *b, const struct mc_profile_attr *a)
{
    bool is_vid = a->id == MC_ATTR_VID, has = is_vid ? b->r->has_vid : b->r->has_pid;
    char *text = is_vid ? b->r->vid_text : b->r->pid_text;
    enum mc_rc rc;

    if (!has)
        return a->presence != MC_REQUIRED
                   ? MC_OK
                   : mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, a->id, "the profile requires it");
    rc = check_id(b, a->id, is_vid ? b->r->vid : b->r->pid);
    if (rc != MC_OK || b->p->ids_in_common_name)
        return rc;
    put_digits(text, is_vid ? b->r->vid : b->r->pid);
    rc = mc_dn_add_text(&b->c->subject, a->id, mc_span_of(text, DIGITS));
    return rc == MC_OK ? MC_OK : mc_build_attr_fail(b, rc, a->id, NULL);
}

static bool contains(struct mc_span text, const char *mark)
{
    return text.n != 0 && memmem(text.p, text.n, mark, strlen(mark)) != NULL;
}

enum mc_rc mc_build_product_name(struct mc_builder *b, struct mc_span *text)
{
    struct mc_request *r = b->r;
    struct mc_out o = mc_out_of((uint8_t *)r->name_text, sizeof(r->name_text));

    if (contains(*text, "Mvid:") || contains(*text, "Mpid:"))
        return mc_build_attr_fail(b, MC_E_DN_TEXT, MC_ATTR_COMMON_NAME, "VID and PID are given apart from it");
    if (!b->p->ids_in_common_name || (!r->has_vid && !r->has_pid))
        return MC_OK;
    mc_out_put(&o, text->p, text->n);
    if (r->has_vid) {
        put_digits(r->vid_text, r->vid);
        mc_out_put(&o, " Mvid:", 6);
        mc_out_put(&o, r->vid_text, DIGITS);
    }
    if (r->has_pid) {
        put_digits(r->pid_text, r->pid);
        mc_out_put(&o, " Mpid:", 6);
        mc_out_put(&o, r->pid_text, DIGITS);
    }
    if (o.rc != MC_OK)
        return mc_build_attr_fail(
            b, MC_E_DN_TEXT, MC_ATTR_COMMON_NAME, "with VID and PID behind it, it has more than 64 octets");
    *text = text->n == 0 ? mc_span_of(r->name_text + 1, o.n - 1) : mc_span_of(r->name_text, o.n);
    return MC_OK;
}

/* A commissioner compares VID and PID of each certificate with those of the one above: better said before signing. */
enum mc_rc mc_profile_check_product(
    enum mc_kind kind, const struct mc_request *r, const struct mc_cert *issuer, struct mc_err *e)
{
    struct mc_att_ids above;
    enum mc_rc rc = mc_att_ids_of(issuer, &above, e);

    if (rc != MC_OK)
        return rc;
    if (r->has_vid && above.has_vid && r->vid != above.vid)
        return mc_fail(e, MC_E_ATT_VID, "subject.VID", "%04X under %04X: commissioners would answer %s", r->vid, above.vid,
            kind == MC_KIND_DAC ? "305 (DacVendorIdMismatch)" : "205 (PaiVendorIdMismatch)");
    if (r->has_pid && above.has_pid && r->pid != above.pid)
        return mc_fail(e, MC_E_ATT_PID, "subject.PID", "%04X under %04X: commissioners would answer %s", r->pid, above.pid,
            "306 (DacProductIdMismatch)");
    return MC_OK;
}

enum mc_rc mc_build_check_product(struct mc_builder *b)
{
    return b->issuer != NULL ? mc_profile_check_product(b->p->kind, b->r, b->issuer, b->e) : MC_OK;
}

enum mc_rc mc_build_check_kind(struct mc_builder *b)
{
    enum mc_kind kind = mc_cert_kind(b->c);

    if (kind == b->p->kind)
        return MC_OK;
    if (b->p->kind == MC_KIND_CD_SIGNER)
        return mc_build_attr_fail(
            b, MC_E_PROFILE_REQUEST, MC_ATTR_COMMON_NAME, "a signer of declarations is known by 'CD Signing' in its name");
    return mc_fail(b->e, MC_E_PROFILE_REQUEST, "subject", "with this name it would pass for a %s", mc_kind_name(kind));
}

static enum mc_rc check_uri(struct mc_span uri, struct mc_err *e)
{
    bool http = uri.n > 7 && memcmp(uri.p, "http://", 7) == 0, https = uri.n > 8 && memcmp(uri.p, "https://", 8) == 0;

    for (size_t i = 0; i < uri.n; i++)
        if (uri.p[i] <= 0x20 || uri.p[i] >= 0x7F)
            return mc_fail(e, MC_E_CRL_URI, "cRLDistributionPoints", "it holds a space, a control character or no ASCII");
    if (!http && !https)
        return mc_fail(e, MC_E_CRL_URI, "cRLDistributionPoints", "it does not begin with http:// or https://");
    return uri.n <= MC_CRL_URI_MAX
               ? MC_OK
               : mc_fail(e, MC_E_CRL_URI, "cRLDistributionPoints", "it has %zu characters", uri.n);
}

/*
 * Extension { 2.5.29.31, OCTET STRING { SEQUENCE { DistributionPoint {
 *     [0] { [0] fullName { [6] URI } }, [2] cRLIssuer { [4] { Name } } } } } }
 */
enum mc_rc mc_crl_points_encode(
    struct mc_span uri, struct mc_span crl_issuer, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    enum mc_rc rc = check_uri(uri, e);
    size_t mark[6];

    if (rc != MC_OK)
        return rc;
    mark[0] = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_der_put(&o, MC_DER_OID, oid_crl_points, sizeof(oid_crl_points));
    mark[1] = mc_der_begin(&o, MC_DER_OCTET_STRING);
    mark[2] = mc_der_begin(&o, MC_DER_SEQUENCE);
    mark[3] = mc_der_begin(&o, MC_DER_SEQUENCE);
    mark[4] = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    mark[5] = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    mc_der_put(&o, MC_DER_CONTEXT | 6, uri.p, uri.n);
    mc_der_close(&o, mark[5]);
    mc_der_close(&o, mark[4]);
    if (crl_issuer.n != 0) {
        mark[4] = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED | 2);
        mark[5] = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED | 4);
        mc_out_put(&o, crl_issuer.p, crl_issuer.n);
        mc_der_close(&o, mark[5]);
        mc_der_close(&o, mark[4]);
    }
    for (int i = 3; i >= 0; i--)
        mc_der_close(&o, mark[i]);
    *n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, "cRLDistributionPoints", NULL);
}

enum mc_rc mc_build_crl_points(struct mc_builder *b, struct mc_ext *x)
{
    struct mc_span whole = b->p->crl_points_n != 0 ? mc_span_of(b->p->crl_points_der, b->p->crl_points_n) : b->r->crl_points;
    struct mc_der d = mc_der_of(whole), seq = d, value;
    enum mc_rc rc = mc_der_take(&d, MC_DER_SEQUENCE, &seq);

    if (rc == MC_OK)
        rc = mc_der_take_oid(&seq, &x->oid);
    if (rc == MC_OK)
        rc = mc_der_take(&seq, MC_DER_OCTET_STRING, &value);
    if (rc != MC_OK || mc_der_more(&d) || mc_der_more(&seq) ||
        !mc_span_eq(x->oid, mc_span_of(oid_crl_points, sizeof(oid_crl_points))))
        return mc_fail(b->e, MC_E_EXT_FUTURE, "cRLDistributionPoints", NULL);
    x->id = MC_EXT_FUTURE;
    x->critical = false;
    x->decoded = true;
    x->value = mc_der_rest(&value);
    x->whole = whole;
    return MC_OK;
}
