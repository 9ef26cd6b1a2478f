/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: the reader (RFC 5280 5.1 to 5.3). */
#include "crl.h"

#include "cert_parse.h"
#include "crl_oid.h"
#include "dn.h"

const uint8_t mc_crl_ecdsa_sha256[12] = {
    0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};

enum {
    TAG_ENUMERATED = 0x0A,
    TAG_URI = MC_DER_CONTEXT | 6,
    TAG_DIRECTORY_NAME = MC_DER_CONTEXT_CONSTRUCTED | 4,
    TAG_EXTENSIONS = MC_DER_CONTEXT_CONSTRUCTED,
};

static enum mc_rc wrong(struct mc_err *e, enum mc_rc rc, const struct mc_der *d, const char *field, const char *why)
{
    return mc_fail_at(e, rc, mc_der_offset(d), field, why != NULL ? "%s" : NULL, why);
}

static enum mc_rc take(
    struct mc_der *d, uint8_t tag, struct mc_der *inner, const char *field, struct mc_err *e)
{
    enum mc_rc rc = mc_der_take(d, tag, inner);

    return rc == MC_OK ? MC_OK : wrong(e, rc, d, field, NULL);
}

static enum mc_rc take_algorithm(struct mc_der *d, const char *field, struct mc_err *e)
{
    size_t n = sizeof(mc_crl_ecdsa_sha256);

    if ((size_t)(d->end - d->p) < n || memcmp(d->p, mc_crl_ecdsa_sha256, n) != 0)
        return wrong(e, MC_E_SIG_ALG, d, field, NULL);
    d->p += n;
    return MC_OK;
}

static enum mc_rc take_time(struct mc_der *d, int64_t *unix_time, const char *field, struct mc_err *e)
{
    struct mc_der content;
    bool canonical = false;
    uint8_t tag;
    enum mc_rc rc = mc_der_take_any(d, &tag, &content);

    if (rc == MC_OK)
        rc = mc_time_parse_x509(tag, mc_der_rest(&content), unix_time, &canonical);
    if (rc == MC_OK && !canonical)
        rc = MC_E_TIME_CHOICE;
    return rc == MC_OK ? MC_OK : wrong(e, rc, d, field, NULL);
}

/* One Extension: its OID, whether it is critical, and a cursor over the content of extnValue. */
struct extension {
    struct mc_span oid;
    bool critical;
    struct mc_der value;
};

static enum mc_rc take_extension(struct mc_der *list, struct extension *x, struct mc_err *e)
{
    struct mc_der seq;
    enum mc_rc rc = take(list, MC_DER_SEQUENCE, &seq, "extensions", e);

    if (rc != MC_OK)
        return rc;
    x->critical = false;
    rc = mc_der_take_oid(&seq, &x->oid);
    if (rc == MC_OK && mc_der_peek(&seq, MC_DER_BOOLEAN)) {
        rc = mc_der_take_bool(&seq, &x->critical);
        if (rc == MC_OK && !x->critical)
            rc = MC_E_DER_BOOLEAN; /* a default is left out */
    }
    if (rc == MC_OK)
        rc = mc_der_take(&seq, MC_DER_OCTET_STRING, &x->value);
    if (rc == MC_OK)
        rc = mc_der_end(&seq);
    return rc == MC_OK ? MC_OK : wrong(e, rc, &seq, "extensions", NULL);
}

static void note_critical(struct mc_crl *c, const struct extension *x)
{
    if (x->critical && c->critical.n == 0)
        c->critical = x->oid;
}

enum mc_rc mc_dn_parse_name(struct mc_span der, struct mc_dn *dn)
{
    struct mc_err obstacle;
    struct mc_dn_reader r = {"name", &obstacle, NULL};
    struct mc_der d = mc_der_of(der);
    enum mc_rc rc;

    mc_err_init(&obstacle);
    rc = mc_dn_take_der(&r, &d, dn);
    return rc == MC_OK ? mc_der_end(&d) : rc;
}

/* certificateIssuer ::= GeneralNames: one directoryName, whose Name is read whole. */
static enum mc_rc take_issuer(struct extension *x, struct mc_crl_entry *entry)
{
    struct mc_der names, name;
    struct mc_dn dn;

    if (!x->critical || entry->issuer.n != 0 || mc_der_take(&x->value, MC_DER_SEQUENCE, &names) != MC_OK ||
        mc_der_take(&names, TAG_DIRECTORY_NAME, &name) != MC_OK || mc_der_more(&names) || mc_der_more(&x->value))
        return MC_E_CRL_ENTRY;
    if (mc_dn_parse_name(mc_der_rest(&name), &dn) != MC_OK)
        return MC_E_CRL_ENTRY;
    entry->issuer = dn.der;
    return MC_OK;
}

static enum mc_rc take_reason(struct extension *x, struct mc_crl_entry *entry)
{
    struct mc_der content;

    if (entry->has_reason || mc_der_take(&x->value, TAG_ENUMERATED, &content) != MC_OK || mc_der_more(&x->value) ||
        content.end - content.p != 1 || *content.p > 10 || *content.p == 7)
        return MC_E_CRL_ENTRY;
    entry->has_reason = true;
    entry->reason = *content.p;
    return MC_OK;
}

static enum mc_rc take_entry_extensions(struct mc_crl *c, struct mc_der *entry, struct mc_crl_entry *x, struct mc_err *e)
{
    struct mc_der list;
    enum mc_rc rc = take(entry, MC_DER_SEQUENCE, &list, "entry.extensions", e);

    if (rc == MC_OK && !mc_der_more(&list))
        return wrong(e, MC_E_CRL_ENTRY, &list, "entry.extensions", "the list is empty");
    while (rc == MC_OK && mc_der_more(&list)) {
        struct extension ext;

        rc = take_extension(&list, &ext, e);
        if (rc != MC_OK)
            return rc;
        if (mc_crl_is(ext.oid, mc_crl_oid_certificate_issuer))
            rc = take_issuer(&ext, x);
        else if (mc_crl_is(ext.oid, mc_crl_oid_reason))
            rc = take_reason(&ext, x);
        else
            note_critical(c, &ext);
        if (rc != MC_OK)
            return wrong(e, rc, &ext.value, "entry.extensions",
                mc_crl_is(ext.oid, mc_crl_oid_reason) ? "not one CRL reason"
                                                      : "certificateIssuer is not one critical directoryName");
    }
    return rc;
}

static enum mc_rc take_entry(struct mc_crl *c, struct mc_der *list, struct mc_crl_entry *x, struct mc_err *e)
{
    struct mc_der entry, serial;
    enum mc_rc rc = take(list, MC_DER_SEQUENCE, &entry, "entry", e);

    memset(x, 0, sizeof(*x));
    if (rc == MC_OK)
        rc = take(&entry, MC_DER_INTEGER, &serial, "entry.serialNumber", e);
    if (rc != MC_OK)
        return rc;
    x->serial = mc_der_rest(&serial);
    if (mc_serial_check(x->serial) != MC_OK || (x->serial.p[0] & 0x80) != 0 || (x->serial.n == 1 && x->serial.p[0] == 0))
        return wrong(e, MC_E_CRL_ENTRY, &serial, "entry.serialNumber", "not a positive INTEGER of at most 20 octets");
    rc = take_time(&entry, &x->time_unix, "entry.revocationDate", e);
    if (rc == MC_OK && mc_der_more(&entry))
        rc = take_entry_extensions(c, &entry, x, e);
    if (rc == MC_OK && mc_der_more(&entry))
        rc = wrong(e, MC_E_DER_TRAILING, &entry, "entry", NULL);
    return rc;
}

static enum mc_rc take_entries(struct mc_crl *c, struct mc_der *tbs, struct mc_err *e)
{
    struct mc_crl_entry x;
    struct mc_der list;
    enum mc_rc rc = take(tbs, MC_DER_SEQUENCE, &list, "revokedCertificates", e);

    if (rc != MC_OK)
        return rc;
    if (!mc_der_more(&list))
        return wrong(e, MC_E_CRL_FORM, &list, "revokedCertificates", "an empty list is left out");
    c->entries = mc_der_rest(&list);
    while (rc == MC_OK && mc_der_more(&list)) {
        rc = take_entry(c, &list, &x, e);
        c->n++;
        c->n_issuer += x.issuer.n != 0;
    }
    return rc;
}

/* AuthorityKeyIdentifier with nothing but keyIdentifier [0]. */
static enum mc_rc take_akid(struct mc_crl *c, struct mc_der *value)
{
    struct mc_der seq, id;

    if (c->has_akid || mc_der_take(value, MC_DER_SEQUENCE, &seq) != MC_OK ||
        mc_der_take(&seq, MC_DER_CONTEXT, &id) != MC_OK || mc_der_more(&seq) || id.end - id.p != MC_KEY_ID_LEN)
        return MC_E_EXT_AKID;
    c->akid = mc_der_rest(&id);
    c->has_akid = true;
    return MC_OK;
}

static enum mc_rc take_number(struct mc_crl *c, struct mc_der *value)
{
    struct mc_der content;

    if (c->number.n != 0 || mc_der_take(value, MC_DER_INTEGER, &content) != MC_OK)
        return MC_E_CRL_FORM;
    c->number = mc_der_rest(&content);
    return mc_serial_check(c->number) == MC_OK && (c->number.p[0] & 0x80) == 0 ? MC_OK : MC_E_CRL_FORM;
}

/* DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] } */
static enum mc_rc take_point_name(struct mc_crl *c, struct mc_der *point)
{
    struct mc_der names, name;
    uint8_t tag;

    if (mc_der_peek(point, MC_DER_CONTEXT_CONSTRUCTED | 1)) {
        c->n_uri = 1; /* a name, and no URI */
        return mc_der_take_any(point, &tag, &names);
    }
    if (mc_der_take(point, MC_DER_CONTEXT_CONSTRUCTED, &names) != MC_OK || !mc_der_more(&names))
        return MC_E_CRL_FORM;
    for (; mc_der_more(&names); c->n_uri++) {
        if (mc_der_take_any(&names, &tag, &name) != MC_OK)
            return MC_E_CRL_FORM;
        if (c->n_uri == 0 && tag == TAG_URI)
            c->uri = mc_der_rest(&name);
    }
    return MC_OK;
}

/* IMPLICIT BOOLEAN [n] DEFAULT FALSE. */
static enum mc_rc take_flag(struct mc_der *seq, uint8_t number, bool *flag)
{
    struct mc_der content;

    if (!mc_der_peek(seq, MC_DER_CONTEXT | number))
        return MC_OK;
    if (mc_der_take(seq, MC_DER_CONTEXT | number, &content) != MC_OK || content.end - content.p != 1 ||
        *content.p != 0xFF)
        return MC_E_DER_BOOLEAN;
    *flag = true;
    return MC_OK;
}

/*
 * IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0], onlyContainsUserCerts [1], onlyContainsCACerts
 *     [2], onlySomeReasons [3], indirectCRL [4], onlyContainsAttributeCerts [5] }
 */
static enum mc_rc take_point(struct mc_crl *c, const struct extension *x, struct mc_der *value)
{
    struct mc_der seq, point, reasons;
    enum mc_rc rc = mc_der_take(value, MC_DER_SEQUENCE, &seq);

    if (rc != MC_OK || c->has_idp)
        return MC_E_CRL_FORM;
    c->has_idp = true;
    c->idp_critical = x->critical;
    if (mc_der_peek(&seq, MC_DER_CONTEXT_CONSTRUCTED)) {
        rc = mc_der_take(&seq, MC_DER_CONTEXT_CONSTRUCTED, &point);
        if (rc == MC_OK)
            rc = take_point_name(c, &point);
        if (rc == MC_OK)
            rc = mc_der_end(&point);
    }
    if (rc == MC_OK)
        rc = take_flag(&seq, 1, &c->partial);
    if (rc == MC_OK)
        rc = take_flag(&seq, 2, &c->partial);
    if (rc == MC_OK && mc_der_peek(&seq, MC_DER_CONTEXT | 3)) {
        c->partial = true;
        rc = mc_der_take(&seq, MC_DER_CONTEXT | 3, &reasons);
    }
    if (rc == MC_OK)
        rc = take_flag(&seq, 4, &c->indirect);
    if (rc == MC_OK)
        rc = take_flag(&seq, 5, &c->partial);
    return rc == MC_OK ? mc_der_end(&seq) : rc;
}

static enum mc_rc take_known(struct mc_crl *c, struct extension *x)
{
    enum mc_rc rc;

    if (mc_crl_is(x->oid, mc_crl_oid_akid))
        rc = take_akid(c, &x->value);
    else if (mc_crl_is(x->oid, mc_crl_oid_number))
        rc = take_number(c, &x->value);
    else if (mc_crl_is(x->oid, mc_crl_oid_point))
        rc = take_point(c, x, &x->value);
    else {
        if (mc_crl_is(x->oid, mc_crl_oid_delta))
            c->partial = true;
        else
            note_critical(c, x);
        return MC_OK;
    }
    return rc == MC_OK ? mc_der_end(&x->value) : rc;
}

static enum mc_rc take_extensions(struct mc_crl *c, struct mc_der *tbs, struct mc_err *e)
{
    struct mc_der explicit, list;
    enum mc_rc rc = take(tbs, TAG_EXTENSIONS, &explicit, "extensions", e);

    if (rc == MC_OK)
        rc = take(&explicit, MC_DER_SEQUENCE, &list, "extensions", e);
    if (rc == MC_OK && (mc_der_more(&explicit) || !mc_der_more(&list)))
        return wrong(e, MC_E_CRL_FORM, &explicit, "extensions", "not one list with something in it");
    while (rc == MC_OK && mc_der_more(&list)) {
        struct extension x;
        char oid[64];

        rc = take_extension(&list, &x, e);
        if (rc != MC_OK)
            return rc;
        rc = take_known(c, &x);
        mc_oid_format(x.oid, oid, sizeof(oid));
        if (rc != MC_OK)
            return mc_fail_at(e, rc, mc_der_offset(&x.value), "extensions", "%s", *mc_oid_name(x.oid) != '\0' ? mc_oid_name(x.oid) : oid);
    }
    return rc;
}

static enum mc_rc take_tbs(struct mc_crl *c, struct mc_der *list, struct mc_err *e)
{
    struct mc_err obstacle;
    struct mc_dn_reader dn = {"issuer", &obstacle, e};
    const uint8_t *start = list->p;
    uint64_t version = 0;
    struct mc_der tbs;
    enum mc_rc rc = take(list, MC_DER_SEQUENCE, &tbs, "tbsCertList", e);

    if (rc != MC_OK)
        return rc;
    mc_err_init(&obstacle);
    c->tbs = mc_span_of(start, (size_t)(tbs.end - start));
    if (mc_der_take_uint(&tbs, &version) != MC_OK || version != 1)
        return wrong(e, MC_E_CRL_FORM, &tbs, "version", "not 2 (encoded 1)");
    rc = take_algorithm(&tbs, "signature.algorithm", e);
    if (rc == MC_OK)
        rc = mc_dn_take_der(&dn, &tbs, &c->issuer);
    if (rc == MC_OK)
        rc = take_time(&tbs, &c->this_update_unix, "thisUpdate", e);
    if (rc == MC_OK && (mc_der_peek(&tbs, MC_DER_UTC_TIME) || mc_der_peek(&tbs, MC_DER_GENERALIZED_TIME))) {
        c->has_next = true;
        rc = take_time(&tbs, &c->next_update_unix, "nextUpdate", e);
        if (rc == MC_OK && c->next_update_unix < c->this_update_unix)
            rc = wrong(e, MC_E_CRL_FORM, &tbs, "nextUpdate", "it is before thisUpdate");
    }
    if (rc == MC_OK && mc_der_peek(&tbs, MC_DER_SEQUENCE))
        rc = take_entries(c, &tbs, e);
    if (rc == MC_OK && mc_der_more(&tbs))
        rc = take_extensions(c, &tbs, e);
    if (rc == MC_OK && mc_der_more(&tbs))
        rc = wrong(e, MC_E_DER_TRAILING, &tbs, "tbsCertList", NULL);
    return rc;
}

enum mc_rc mc_crl_parse(struct mc_span in, struct mc_crl *c, struct mc_err *e)
{
    struct mc_der outer = mc_der_of(in), list, bits;
    enum mc_rc rc;

    memset(c, 0, sizeof(*c));
    if (in.n > MC_CRL_MAX)
        return mc_fail(e, MC_E_TOO_BIG, NULL, "%zu octets", in.n);
    rc = take(&outer, MC_DER_SEQUENCE, &list, "certificateList", e);
    if (rc == MC_OK && mc_der_more(&outer))
        rc = wrong(e, MC_E_DER_TRAILING, &outer, "certificateList", NULL);
    if (rc == MC_OK)
        rc = take_tbs(c, &list, e);
    if (rc == MC_OK)
        rc = take_algorithm(&list, "signatureAlgorithm", e);
    if (rc != MC_OK)
        return rc;
    rc = mc_der_take_octet_bits(&list, &bits);
    if (rc == MC_OK)
        rc = mc_sig_from_der(mc_der_rest(&bits), c->sig);
    if (rc == MC_OK)
        rc = mc_der_end(&list);
    return rc == MC_OK ? MC_OK : wrong(e, rc, &list, "signatureValue", NULL);
}

struct mc_crl_cursor mc_crl_begin(const struct mc_crl *c)
{
    return (struct mc_crl_cursor){c->entries.p, c->entries.p, c->n == 0 ? c->entries.p : c->entries.p + c->entries.n, {0}};
}

bool mc_crl_next(struct mc_crl_cursor *at, struct mc_crl_entry *x)
{
    struct mc_der d = {at->base, at->p, at->end};
    struct mc_crl ignored = {0};

    if (!mc_der_more(&d) || take_entry(&ignored, &d, x, NULL) != MC_OK)
        return false;
    at->p = d.p;
    if (x->issuer.n != 0)
        at->implied = x->issuer;
    x->implied = at->implied;
    return true;
}
