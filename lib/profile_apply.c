/* SPDX-License-Identifier: Apache-2.0 */
/* From profile, request and issuer to the content of one certificate. */
#include <stdio.h>

#include "cert_parse.h"
#include "profile_build.h"

enum {
    SECONDS_PER_DAY = 86400,
    CAT_VERSION_BITS = 16,
    POINT_UNCOMPRESSED = 0x04,
    FIELD_MAX = 64,
    TBS_BUFFER = 2 * MC_CERT_DER_MAX,
    ALGORITHM_DER_LEN = 12, /* AlgorithmIdentifier of ecdsa-with-SHA256 */
};

/* A clock that is wrong by millennia must not overflow the sums; the range rules refuse it later. */
static const int64_t clock_limit = INT64_C(1) << 40;

enum mc_rc mc_build_attr_fail(struct mc_builder *b, enum mc_rc rc, enum mc_attr_id id, const char *why)
{
    char field[FIELD_MAX];

    snprintf(field, sizeof(field), "subject.%s", mc_attr_name(id));
    return why != NULL ? mc_fail(b->e, rc, field, "%s", why) : mc_fail(b->e, rc, field, NULL);
}

bool mc_profile_has(const struct mc_profile *p, enum mc_attr_id id)
{
    for (unsigned i = 0; i < p->n_attr; i++)
        if (p->attr[i].id == id && p->attr[i].presence != MC_FORBIDDEN)
            return true;
    return false;
}

/* The number that the request gives for this attribute; false if it gives none. */
static bool wanted(const struct mc_request *r, enum mc_attr_id id, uint64_t *num)
{
    switch (id) {
    case MC_ATTR_NODE_ID:
        *num = r->node_id;
        return r->has_node_id;
    case MC_ATTR_FABRIC_ID:
        *num = r->fabric_id;
        return r->has_fabric_id;
    case MC_ATTR_FIRMWARE_SIGNING_ID:
        *num = r->firmware_id;
        return r->has_firmware_id;
    case MC_ATTR_RCAC_ID:
    case MC_ATTR_ICAC_ID:
    case MC_ATTR_VVS_ID:
        *num = r->authority_id;
        return r->has_authority_id;
    default:
        return false;
    }
}

/* Nothing of a request is dropped in silence. */
static enum mc_rc check_nothing_unknown(struct mc_builder *b)
{
    static const char why[] = "the profile has no such attribute";
    const struct mc_request *r = b->r;
    const struct mc_profile *p = b->p;

    if (r->has_node_id && !mc_profile_has(p, MC_ATTR_NODE_ID))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_NODE_ID, why);
    if (r->has_fabric_id && !mc_profile_has(p, MC_ATTR_FABRIC_ID))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_FABRIC_ID, why);
    if (r->has_firmware_id && !mc_profile_has(p, MC_ATTR_FIRMWARE_SIGNING_ID))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_FIRMWARE_SIGNING_ID, why);
    if (r->has_authority_id && !mc_profile_has(p, MC_ATTR_RCAC_ID) && !mc_profile_has(p, MC_ATTR_ICAC_ID) &&
        !mc_profile_has(p, MC_ATTR_VVS_ID))
        return mc_fail(b->e, MC_E_PROFILE_REQUEST, "subject.authority-id", "%s", why);
    if (r->n_cat != 0 && !mc_profile_has(p, MC_ATTR_CAT))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_CAT, why);
    if (r->has_vid && !mc_profile_has(p, MC_ATTR_VID))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_VID, why);
    if (r->has_pid && !mc_profile_has(p, MC_ATTR_PID))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_PID, why);
    if (r->crl_points.n != 0 && p->crl_points == MC_FORBIDDEN)
        return mc_fail(b->e, MC_E_PROFILE_REQUEST, "cRLDistributionPoints", "the profile does not take it from a request");
    if (r->common_name.n != 0 && !mc_profile_has(p, MC_ATTR_COMMON_NAME))
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, MC_ATTR_COMMON_NAME, why);
    return MC_OK;
}

static enum mc_rc id_check(enum mc_attr_id id, uint64_t num)
{
    if (id == MC_ATTR_NODE_ID)
        return mc_node_id_check(num);
    return id == MC_ATTR_FABRIC_ID ? mc_fabric_id_check(num) : MC_OK;
}

static enum mc_rc add_id(struct mc_builder *b, enum mc_attr_id id)
{
    uint64_t num;
    enum mc_rc rc;

    if (!wanted(b->r, id, &num))
        return MC_OK;
    rc = id_check(id, num);
    if (rc == MC_OK)
        rc = mc_dn_add_num(&b->c->subject, id, num);
    return rc == MC_OK ? MC_OK : mc_build_attr_fail(b, rc, id, NULL);
}

static bool same_identifier(const struct mc_request *r, unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (r->cat[k] >> CAT_VERSION_BITS == r->cat[i] >> CAT_VERSION_BITS)
            return true;
    return false;
}

static enum mc_rc add_cats(struct mc_builder *b)
{
    const struct mc_request *r = b->r;

    if (r->n_cat > MC_CAT_MAX)
        return mc_build_attr_fail(b, MC_E_CAT_COUNT, MC_ATTR_CAT, NULL);
    for (unsigned i = 0; i < r->n_cat; i++) {
        enum mc_rc rc = mc_cat_check(r->cat[i]);

        if (rc == MC_OK && same_identifier(r, i))
            rc = MC_E_CAT_TWICE;
        if (rc == MC_OK)
            rc = mc_dn_add_num(&b->c->subject, MC_ATTR_CAT, r->cat[i]);
        if (rc != MC_OK)
            return mc_build_attr_fail(b, rc, MC_ATTR_CAT, NULL);
    }
    return MC_OK;
}

static enum mc_rc add_text(struct mc_builder *b, const struct mc_profile_attr *a)
{
    bool fixed = a->text_len != 0;
    uint8_t tag = fixed && a->printable ? MC_DER_PRINTABLE : MC_DER_UTF8;
    struct mc_span text = fixed ? mc_span_of(a->text, a->text_len) : b->r->common_name;
    const char *fault;
    enum mc_rc rc = MC_OK;

    if (a->id == MC_ATTR_COMMON_NAME && mc_kind_is_attestation(b->p->kind))
        rc = mc_build_product_name(b, &text);
    if (rc != MC_OK || text.n == 0)
        return rc;
    fault = mc_profile_text_fault(tag, text);
    if (fault != NULL)
        return mc_build_attr_fail(b, MC_E_DN_TEXT, a->id, fault);
    rc = mc_dn_add_text(&b->c->subject, a->id, text);
    if (rc != MC_OK)
        return mc_build_attr_fail(b, rc, a->id, NULL);
    b->c->subject.attr[b->c->subject.n - 1].string_tag = tag;
    return MC_OK;
}

/* One line of the profile: adds what the request or the line itself gives. */
static enum mc_rc add_line(struct mc_builder *b, const struct mc_profile_attr *a)
{
    unsigned before = b->c->subject.n;
    enum mc_rc rc;

    if (a->id == MC_ATTR_VID || a->id == MC_ATTR_PID)
        return mc_build_product(b, a);
    if (a->id == MC_ATTR_CAT)
        rc = add_cats(b);
    else if (mc_attr_is_matter(a->id))
        rc = add_id(b, a->id);
    else
        rc = add_text(b, a);
    if (rc == MC_OK && a->presence == MC_REQUIRED && b->c->subject.n == before)
        return mc_build_attr_fail(b, MC_E_PROFILE_REQUEST, a->id, "the profile requires it");
    return rc;
}

static enum mc_rc build_subject(struct mc_builder *b)
{
    enum mc_rc rc = check_nothing_unknown(b);

    for (unsigned i = 0; rc == MC_OK && i < b->p->n_attr; i++)
        rc = add_line(b, &b->p->attr[i]);
    return rc;
}

#define KIND(k) (1u << MC_KIND_##k)

/* Who may sign: an operational root signs itself, and so on (matter-operational 1.3, matter-attestation 1.2, 1.11, 1.12). */
static bool kinds_fit(enum mc_kind kind, enum mc_kind issuer)
{
    static const uint32_t above[MC_KIND_COUNT] = {
        [MC_KIND_ICAC] = KIND(RCAC),
        [MC_KIND_NOC] = KIND(RCAC) | KIND(ICAC),
        [MC_KIND_FIRMWARE_SIGNING] = KIND(RCAC) | KIND(ICAC),
        [MC_KIND_VVSC] = KIND(RCAC) | KIND(ICAC),
        [MC_KIND_PAI] = KIND(PAA),
        [MC_KIND_DAC] = KIND(PAI),
        [MC_KIND_CD_SIGNER] = KIND(PAA),
        [MC_KIND_CRL_SIGNER] = KIND(PAA) | KIND(PAI),
    };

    return (above[kind] & 1u << issuer) != 0;
}

static bool signs_itself(enum mc_kind kind)
{
    return kind == MC_KIND_RCAC || kind == MC_KIND_PAA || kind == MC_KIND_CD_SIGNER;
}

static enum mc_rc issuer_fail(struct mc_builder *b, enum mc_rc rc, const char *why)
{
    return why != NULL ? mc_fail(b->e, rc, "issuer", "%s", why) : mc_fail(b->e, rc, "issuer", NULL);
}

static enum mc_rc check_issuer(struct mc_builder *b)
{
    const struct mc_cert *i = b->issuer;
    uint64_t fabric_id;

    if (i == NULL)
        return signs_itself(b->p->kind) ? MC_OK : issuer_fail(b, MC_E_ISSUER_KIND, "only a root signs itself");
    if (i->obstacle.rc != MC_OK && !mc_kind_is_attestation(b->p->kind))
        return issuer_fail(b, MC_E_ISSUER_KIND, "its certificate has no Matter form");
    if (!kinds_fit(b->p->kind, mc_cert_kind(i)))
        return issuer_fail(b, MC_E_ISSUER_KIND, mc_kind_name(mc_cert_kind(i)));
    if (!i->is_ca || (i->ku & MC_KU_KEY_CERT_SIGN) == 0)
        return issuer_fail(b, MC_E_ISSUER_KIND, "its certificate does not let it sign certificates");
    if (b->p->is_ca && i->has_path_len && i->path_len == 0)
        return issuer_fail(b, MC_E_ISSUER_PATH, NULL);
    if (!i->has_skid || i->skid.n != MC_KEY_ID_LEN)
        return issuer_fail(b, MC_E_ISSUER_KEY_ID, NULL);
    if (mc_span_eq(i->point, mc_span_of(b->r->point, MC_POINT_LEN)))
        return issuer_fail(b, MC_E_ISSUER_KEY, NULL);
    if (b->r->has_fabric_id && mc_dn_find(&i->subject, MC_ATTR_FABRIC_ID, &fabric_id) &&
        fabric_id != b->r->fabric_id)
        return mc_build_attr_fail(b, MC_E_ISSUER_FABRIC, MC_ATTR_FABRIC_ID, NULL);
    return mc_kind_is_attestation(b->p->kind) ? mc_build_check_product(b) : MC_OK;
}

static enum mc_rc build_period(struct mc_builder *b)
{
    const struct mc_request *r = b->r;
    const char *field;
    enum mc_rc rc = mc_validity_check(r->not_before_unix, r->not_after_unix, &field);

    if (rc != MC_OK)
        return mc_fail(b->e, rc, field, NULL);
    if (b->issuer != NULL && r->not_before_unix < b->issuer->not_before_unix)
        return mc_fail(b->e, MC_E_ISSUER_PERIOD, "validity.notBefore", NULL);
    if (b->issuer != NULL && r->not_after_unix > b->issuer->not_after_unix)
        return mc_fail(b->e, MC_E_ISSUER_PERIOD, "validity.notAfter", NULL);
    b->c->not_before_unix = r->not_before_unix;
    b->c->not_after_unix = r->not_after_unix;
    return MC_OK;
}

static enum mc_rc build_serial_and_key(struct mc_builder *b)
{
    const struct mc_request *r = b->r;

    if (mc_serial_check(r->serial) != MC_OK)
        return mc_fail(b->e, MC_E_SERIAL, "serialNumber", NULL);
    if ((r->serial.p[0] & 0x80) != 0 || (r->serial.n == 1 && r->serial.p[0] == 0))
        return mc_fail(b->e, MC_E_SERIAL_POSITIVE, "serialNumber", NULL);
    if (r->point[0] != POINT_UNCOMPRESSED)
        return mc_fail(b->e, MC_E_POINT, "subjectPublicKey", NULL);
    b->c->serial = r->serial;
    b->c->point = mc_span_of(r->point, MC_POINT_LEN);
    b->c->p256 = true;
    return MC_OK;
}

static enum mc_rc build_extensions(struct mc_builder *b)
{
    const struct mc_profile *p = b->p;
    struct mc_cert *c = b->c;

    c->has_bc = c->has_ku = c->has_skid = c->has_akid = true;
    c->is_ca = p->is_ca;
    c->has_path_len = p->path_len_present;
    c->path_len = p->path_len;
    c->ku = p->ku;
    c->has_eku = p->n_eku != 0;
    c->n_eku = p->n_eku;
    memcpy(c->eku, p->eku, sizeof(c->eku));
    c->skid = mc_span_of(b->r->key_id, MC_KEY_ID_LEN);
    c->akid = b->issuer != NULL ? b->issuer->skid : c->skid;
    for (unsigned i = 0; i < p->n_ext; i++) {
        struct mc_ext *x = &c->ext[c->n_ext];
        enum mc_rc rc = MC_OK;

        if (p->ext[i] != MC_EXT_FUTURE)
            *x = (struct mc_ext){.id = p->ext[i],
                .critical = p->ext[i] <= MC_EXT_EXTENDED_KEY_USAGE,
                .decoded = true,
                .oid = mc_ext_oid(p->ext[i])};
        else if (p->crl_points_n != 0 || b->r->crl_points.n != 0)
            rc = mc_build_crl_points(b, x);
        else if (p->crl_points == MC_REQUIRED)
            rc = mc_fail(b->e, MC_E_PROFILE_REQUEST, "cRLDistributionPoints", "the profile requires it");
        else
            continue;
        if (rc != MC_OK)
            return rc;
        c->n_ext++;
    }
    return MC_OK;
}

/* Octets of an element with this much content. */
static size_t element_len(size_t content)
{
    return content + (content < 0x80 ? 2 : content < 0x100 ? 3 : 4);
}

/* The limits must hold whatever signature comes: the largest takes MC_SIG_DER_MAX octets. */
static enum mc_rc check_sizes(struct mc_builder *b)
{
    uint8_t buffer[TBS_BUFFER];
    size_t tbs, der, tlv;
    bool attestation = mc_kind_is_attestation(b->p->kind);
    enum mc_rc rc = mc_cert_encode_tbs(b->c, buffer, sizeof(buffer), &tbs, NULL);

    if (rc == MC_E_SPACE || rc == MC_E_SIZE_DER || (rc == MC_OK && tbs > MC_CERT_TBS_MAX && !attestation))
        return mc_fail(b->e, attestation ? MC_E_SIZE_DER : MC_E_TBS_SIZE, "tbsCertificate", rc == MC_OK ? "%zu octets" : NULL, tbs);
    if (rc != MC_OK)
        return mc_fail(b->e, rc, "tbsCertificate", NULL);
    der = element_len(tbs + ALGORITHM_DER_LEN + element_len(1 + MC_SIG_DER_MAX));
    if (der > MC_CERT_DER_MAX)
        return mc_fail(b->e, MC_E_SIZE_DER, "certificate", "it can come to %zu octets", der);
    return attestation ? MC_OK : mc_cert_encode_tlv(b->c, buffer, sizeof(buffer), &tlv, b->e);
}

enum mc_rc mc_profile_subject(
    const struct mc_profile *p, struct mc_request *r, struct mc_cert *c, struct mc_err *e)
{
    struct mc_builder b = {p, r, NULL, c, e};

    mc_cert_reset(c, mc_kind_is_attestation(p->kind) ? MC_FORM_DER : MC_FORM_TLV);
    return build_subject(&b);
}

enum mc_rc mc_profile_apply(const struct mc_profile *p, struct mc_request *r,
    const struct mc_cert *issuer, struct mc_cert *c, struct mc_err *e)
{
    struct mc_builder b = {p, r, issuer, c, e};
    enum mc_rc rc;

    mc_cert_reset(c, mc_kind_is_attestation(p->kind) ? MC_FORM_DER : MC_FORM_TLV);
    memset(c->sig, 0, sizeof(c->sig));
    rc = check_issuer(&b);
    if (rc == MC_OK)
        rc = build_subject(&b);
    if (rc == MC_OK)
        rc = build_period(&b);
    if (rc == MC_OK)
        rc = build_serial_and_key(&b);
    if (rc != MC_OK)
        return rc;
    c->issuer = issuer != NULL ? issuer->subject : c->subject;
    c->issuer.as_read = issuer != NULL && issuer->subject.der.n != 0 && mc_kind_is_attestation(p->kind);
    rc = build_extensions(&b);
    if (rc == MC_OK && mc_kind_is_attestation(p->kind))
        rc = mc_build_check_kind(&b);
    return rc == MC_OK ? check_sizes(&b) : rc;
}

void mc_profile_period(const struct mc_profile *p, int64_t now_unix, const struct mc_cert *issuer,
    int64_t *not_before_unix, int64_t *not_after_unix)
{
    int64_t now = now_unix < -clock_limit ? -clock_limit : now_unix > clock_limit ? clock_limit : now_unix;

    *not_before_unix = now - (int64_t)p->backdate_seconds;
    *not_after_unix =
        p->validity_days == 0 ? MC_TIME_NO_EXPIRY : now + (int64_t)p->validity_days * SECONDS_PER_DAY;
    if (issuer == NULL)
        return;
    if (*not_before_unix < issuer->not_before_unix)
        *not_before_unix = issuer->not_before_unix;
    if (*not_after_unix > issuer->not_after_unix)
        *not_after_unix = issuer->not_after_unix;
}
