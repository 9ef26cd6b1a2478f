/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation sets: made from CRLs (matter-attestation 5.4), and their text (5.5). */
#include "revset.h"

#include "att_chain.h"

static bool is_self_issued(const struct mc_cert *c)
{
    return mc_span_eq(c->issuer.der, c->subject.der);
}

enum mc_rc mc_revset_check_link(
    struct mc_verifier *v, const struct mc_cert *child, const struct mc_cert *parent, const char *field, struct mc_err *e)
{
    if (!mc_span_eq(child->issuer.der, parent->subject.der))
        return mc_fail(e, MC_E_CHAIN_ISSUER, field, NULL);
    if (!child->has_akid || !parent->has_skid || !mc_span_eq(child->akid, parent->skid))
        return mc_fail(e, MC_E_CHAIN_AKID, field, NULL);
    if (!parent->is_ca || !parent->has_ku || (parent->ku & MC_KU_KEY_CERT_SIGN) == 0)
        return mc_fail(e, MC_E_CHAIN_CA, field, "the certificate above may not sign certificates");
    if (!parent->p256)
        return mc_fail(e, MC_E_POINT, field, "of the certificate above");
    return mc_cert_check_signature(v, child, parent->point.p, e);
}

/* The record's VID and PID against those of whom the CRL is about: a PAA need have none, a PAI has a VID. */
static enum mc_rc check_ids(const struct mc_revset_point *p, struct mc_err *e)
{
    const struct mc_cert *c = p->is_paa || p->delegator == NULL ? p->signer : p->delegator;
    struct mc_att_ids ids;
    enum mc_rc rc = mc_att_ids_of(c, &ids, e);

    if (rc != MC_OK)
        return rc;
    if (!p->is_paa && !ids.has_vid)
        return mc_fail(e, MC_E_ATT_VID, "crlSignerCertificate", "a PAI has a VID");
    if (!p->has_vid)
        return MC_OK;
    if (ids.has_vid && ids.vid != p->vid)
        return mc_fail(e, MC_E_ATT_VID, "crlSignerCertificate", "0x%04X; the record says 0x%04X", ids.vid, p->vid);
    if (!p->is_paa && ids.has_pid && (!p->has_pid || ids.pid != p->pid))
        return mc_fail(e, MC_E_ATT_PID, "crlSignerCertificate", "0x%04X; the record says another or none", ids.pid);
    return MC_OK;
}

static enum mc_rc check_root(struct mc_verifier *v, const struct mc_cert *paa, struct mc_err *e)
{
    if (!is_self_issued(paa) || !paa->p256)
        return mc_fail(e, MC_E_CHAIN_SELF, "paa", NULL);
    return mc_cert_check_signature(v, paa, paa->point.p, e);
}

static enum mc_rc check_chain(struct mc_verifier *v, const struct mc_revset_point *p, struct mc_err *e)
{
    const struct mc_cert *below = p->signer;
    enum mc_rc rc = check_root(v, p->paa, e);

    if (rc != MC_OK || (p->delegator == NULL && mc_span_eq(p->signer->tbs, p->paa->tbs)))
        return rc;
    if (p->delegator != NULL) {
        rc = mc_revset_check_link(v, p->signer, p->delegator, "crlSignerDelegator", e);
        below = p->delegator;
    }
    if (rc != MC_OK || mc_span_eq(below->tbs, p->paa->tbs))
        return rc;
    return mc_revset_check_link(v, below, p->paa, "paa", e);
}

/* Who may sign (5.2): the authority itself, or a delegate in the format of one. */
static enum mc_rc check_role(const struct mc_revset_point *p, struct mc_err *e)
{
    bool delegated = p->is_paa ? !is_self_issued(p->signer) : p->delegator != NULL;

    if (delegated)
        return mc_crl_check_delegate(p->signer, e);
    if (!p->signer->is_ca)
        return mc_fail(e, MC_E_CRL_SIGNER, "crlSignerCertificate", "a delegate of a PAI needs the PAI as crlSignerDelegator");
    if (!p->is_paa && is_self_issued(p->signer))
        return mc_fail(e, MC_E_CRL_SIGNER, "crlSignerCertificate", "it is a PAA, and the record says it is none");
    return MC_OK;
}

static enum mc_rc check_crl(
    struct mc_verifier *v, const struct mc_revset_point *p, const struct mc_crl *crl, struct mc_err *e)
{
    enum mc_rc rc = mc_crl_check_signer(v, crl, p->signer, e);

    if (rc == MC_OK && p->shared && (crl->n_uri != 1 || !mc_span_eq(crl->uri, p->data_url)))
        return mc_fail(e, MC_E_REVSET_POINT, "dataURL",
            "several records have this vid and key id, and the CRL's issuingDistributionPoint is not this URL");
    if (rc == MC_OK)
        rc = mc_crl_check(crl, e);
    return rc == MC_OK && p->has_now ? mc_crl_check_date(crl, p->now_unix, e) : rc;
}

enum mc_rc mc_revset_check_point(struct mc_verifier *v, const struct mc_revset_point *p, const struct mc_crl *crl,
    const struct mc_cert **authority, struct mc_err *e)
{
    const struct mc_cert *about;
    enum mc_rc rc = check_ids(p, e);

    if (rc == MC_OK)
        rc = check_role(p, e);
    if (rc == MC_OK)
        rc = check_chain(v, p, e);
    if (rc == MC_OK)
        rc = check_crl(v, p, crl, e);
    if (rc != MC_OK)
        return rc;
    if (p->is_paa && !is_self_issued(p->signer))
        about = p->paa;
    else
        about = p->delegator != NULL ? p->delegator : p->signer;
    if (!about->has_skid || (p->issuer_key_id.n != 0 && !mc_span_eq(about->skid, p->issuer_key_id)))
        return mc_fail(e, MC_E_REVSET_POINT, "issuerSubjectKeyID", "it is not the key id of the authority");
    *authority = about;
    return MC_OK;
}

enum mc_rc mc_revset_collect(const struct mc_crl *crl, struct mc_span authority_name, enum mc_revset_issuers issuers,
    struct mc_span *serial, size_t cap, size_t *n, size_t *unnamed)
{
    struct mc_crl_cursor at = mc_crl_begin(crl);
    struct mc_crl_entry x;

    *n = *unnamed = 0;
    while (mc_crl_next(&at, &x)) {
        struct mc_span by_rfc = x.implied.n != 0 ? x.implied : crl->issuer.der;
        bool sdk = x.issuer.n == 0 || mc_span_eq(x.issuer, authority_name);
        bool rfc = mc_span_eq(by_rfc, authority_name);

        *unnamed += sdk != rfc;
        if (!(issuers == MC_REVSET_ISSUERS_SDK ? sdk : rfc))
            continue;
        if (*n == cap)
            return MC_E_SPACE;
        serial[(*n)++] = mc_serial_magnitude(x.serial);
    }
    return MC_OK;
}

enum { LINE_MAX = 80, MEMBER_BOUND = 64 };

static const char indent[] = "        "; /* of members; serials have half as much again */

static size_t base64_length(size_t n)
{
    return 4 * ((n + 2) / 3);
}

size_t mc_revset_json_bound(const struct mc_revset *set)
{
    size_t n = 16;

    for (size_t i = 0; i < set->n; i++) {
        const struct mc_revset_entry *x = &set->entry[i];

        n += 8 * MEMBER_BOUND + base64_length(x->issuer_name.n) + base64_length(x->signer.n) +
             base64_length(x->delegator.n);
        n += x->n_serial * (2 * MC_SERIAL_MAX + 20);
    }
    return n;
}

static void put_text(struct mc_out *o, const char *text)
{
    mc_out_put(o, text, strlen(text));
}

/* The end of a member, and the name of the next one. */
static void put_name(struct mc_out *o, const char *before, const char *name)
{
    put_text(o, before);
    put_text(o, indent);
    put_text(o, "\"");
    put_text(o, name);
    put_text(o, "\": ");
}

static void put_base64(struct mc_out *o, struct mc_span s)
{
    char text[4 * ((MC_CERT_DER_MAX + 2) / 3) + 1];

    mc_base64_encode(s.p, s.n, text);
    put_text(o, "\"");
    put_text(o, text);
    put_text(o, "\"");
}

static void put_hex(struct mc_out *o, struct mc_span s)
{
    char text[2 * MC_SERIAL_MAX + 1];

    mc_hex_encode_upper(s.p, s.n, text);
    put_text(o, "\"");
    put_text(o, text);
    put_text(o, "\"");
}

/* On one line where it fits, as the formatter of the published sets has it. */
static void put_serials(struct mc_out *o, const struct mc_revset_entry *x)
{
    size_t length = sizeof(indent) - 1 + strlen("\"revoked_serial_numbers\": [],");
    bool one_line;

    for (size_t i = 0; i < x->n_serial && length <= LINE_MAX; i++)
        length += 2 * x->serial[i].n + 2 + (i == 0 ? 0 : 2);
    one_line = length <= LINE_MAX;
    put_text(o, "[");
    for (size_t i = 0; i < x->n_serial; i++) {
        put_text(o, i == 0 ? "" : one_line ? ", " : ",");
        if (!one_line) {
            put_text(o, "\n    ");
            put_text(o, indent);
        }
        put_hex(o, x->serial[i]);
    }
    if (!one_line) {
        put_text(o, "\n");
        put_text(o, indent);
    }
    put_text(o, "]");
}

static void put_entry(struct mc_out *o, const struct mc_revset_entry *x)
{
    put_text(o, "    {\n");
    put_name(o, "", "type");
    put_text(o, "\"revocation_set\"");
    put_name(o, ",\n", "issuer_subject_key_id");
    put_hex(o, x->issuer_key_id);
    put_name(o, ",\n", "issuer_name");
    put_base64(o, x->issuer_name);
    put_name(o, ",\n", "revoked_serial_numbers");
    put_serials(o, x);
    put_name(o, ",\n", "crl_signer_cert");
    put_base64(o, x->signer);
    if (x->has_delegator) {
        put_name(o, ",\n", "crl_signer_delegator");
        put_base64(o, x->delegator);
    }
    put_text(o, "\n    }");
}

enum mc_rc mc_revset_encode_json(const struct mc_revset *set, char *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of((uint8_t *)out, cap);
    enum mc_rc rc;

    put_text(&o, "[");
    for (size_t i = 0; i < set->n; i++) {
        rc = mc_revset_check_entry(&set->entry[i], e);
        if (rc != MC_OK)
            return rc;
        put_text(&o, i == 0 ? "\n" : ",\n");
        put_entry(&o, &set->entry[i]);
    }
    put_text(&o, set->n == 0 ? "]\n" : "\n]\n");
    if (o.rc != MC_OK)
        return mc_fail(e, o.rc, NULL, NULL);
    *n = o.n;
    return MC_OK;
}
