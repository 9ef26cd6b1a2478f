/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation certificates as a whole: sizes, other extensions, CRL distribution points (1.8, 1.9, 6.1). */
#include "lint_rules.h"

enum { CRL_URI_MAX = 100 };

static bool size(struct mc_lint_check *k)
{
    return k->in->whole.n > MC_CERT_DER_MAX && mc_lint_say(k, "%zu octets", k->in->whole.n);
}

static bool unknown_critical(struct mc_lint_check *k)
{
    char text[64];

    for (unsigned i = 0; i < k->c->n_ext; i++) {
        const struct mc_ext *x = &k->c->ext[i];

        if (!x->critical || x->id != MC_EXT_FUTURE || mc_ext_is_processed(x->oid))
            continue;
        mc_oid_format(x->oid, text, sizeof(text));
        return mc_lint_say(k, "%s", text);
    }
    return false;
}

/* --- cRLDistributionPoints ------------------------------------------------------------------------------ */

/*
 * SEQUENCE OF DistributionPoint { [0] { [0] fullName { GeneralName... } }, [1] reasons, [2] cRLIssuer {
 * GeneralName... } }, as the SDK's two extractors want it: one of each.
 */
struct points {
    bool present, readable, critical, other_name, other_issuer;
    unsigned points, names, issuers;
    struct mc_span uri;
};

static const struct mc_ext *find_points(const struct mc_cert *c)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (mc_span_eq(c->ext[i].oid, mc_span_of("\x55\x1D\x1F", 3)))
            return &c->ext[i];
    return NULL;
}

static bool read_names(struct mc_der names, struct points *p)
{
    struct mc_der value;
    uint8_t tag;

    for (; mc_der_more(&names); p->names++) {
        if (mc_der_take_any(&names, &tag, &value) != MC_OK)
            return false;
        if (tag == (MC_DER_CONTEXT | 6))
            p->uri = mc_der_rest(&value);
        else
            p->other_name = true;
    }
    return true;
}

/* A CRL issuer is a directoryName. */
static bool read_issuers(struct mc_der names, struct points *p)
{
    struct mc_der value;
    uint8_t tag;

    for (; mc_der_more(&names); p->issuers++) {
        if (mc_der_take_any(&names, &tag, &value) != MC_OK)
            return false;
        p->other_issuer = p->other_issuer || tag != (MC_DER_CONTEXT_CONSTRUCTED | 4);
    }
    return true;
}

static bool read_point(struct mc_der point, struct points *p)
{
    struct mc_der name, full, issuer;

    if (mc_der_peek(&point, MC_DER_CONTEXT_CONSTRUCTED)) {
        if (mc_der_take(&point, MC_DER_CONTEXT_CONSTRUCTED, &name) != MC_OK ||
            mc_der_take(&name, MC_DER_CONTEXT_CONSTRUCTED, &full) != MC_OK || !read_names(full, p))
            return false;
    }
    if (mc_der_peek(&point, MC_DER_CONTEXT | 1) && mc_der_take(&point, MC_DER_CONTEXT | 1, &name) != MC_OK)
        return false;
    if (!mc_der_more(&point))
        return true;
    return mc_der_take(&point, MC_DER_CONTEXT_CONSTRUCTED | 2, &issuer) == MC_OK && !mc_der_more(&point) &&
           read_issuers(issuer, p);
}

static struct points read_points(const struct mc_lint_check *k)
{
    const struct mc_ext *x = find_points(k->c);
    struct points p = {.present = x != NULL};
    struct mc_der d, list, point;

    if (x == NULL)
        return p;
    p.critical = x->critical;
    d = mc_der_of(x->value);
    if (mc_der_take(&d, MC_DER_SEQUENCE, &list) != MC_OK || mc_der_more(&d) || !mc_der_more(&list))
        return p;
    for (; mc_der_more(&list); p.points++)
        if (mc_der_take(&list, MC_DER_SEQUENCE, &point) != MC_OK || !read_point(point, &p))
            return p;
    p.readable = true;
    return p;
}

static bool points_form(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    return p.present && !p.readable;
}

static bool points_critical(struct mc_lint_check *k)
{
    return read_points(k).critical;
}

static bool points_many(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    return p.readable && p.points > 1 && mc_lint_say(k, "%u", p.points);
}

static bool points_no_uri(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    return p.readable && p.points == 1 && (p.names != 1 || p.other_name) && mc_lint_say(k, "%u names", p.names);
}

static bool points_scheme(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    if (!p.readable || p.names == 0 || p.other_name)
        return false;
    return !(p.uri.n > 7 && memcmp(p.uri.p, "http://", 7) == 0) && !(p.uri.n > 8 && memcmp(p.uri.p, "https://", 8) == 0);
}

static bool points_long(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    return p.readable && p.uri.n > CRL_URI_MAX && mc_lint_say(k, "%zu octets", p.uri.n);
}

static bool points_issuers(struct mc_lint_check *k)
{
    struct points p = read_points(k);

    if (p.other_issuer && p.readable)
        return mc_lint_say(k, "not a directory name");
    return p.readable && p.issuers > 1 && mc_lint_say(k, "%u", p.issuers);
}

/* --- signers ------------------------------------------------------------------------------------------- */

static bool crl_signer_named(struct mc_lint_check *k)
{
    return k->f.product.pid.state != MC_ID_ABSENT;
}

static bool cd_signer_self(struct mc_lint_check *k)
{
    return k->f.self_issued;
}

static const struct mc_rule rules[] = {
    {"att-size", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 1.9",
        "The certificate is larger than 600 octets of DER, and no commissioner has room for it.",
        "shorten names or leave extensions out", MC_OK, size},
    {"att-ext-critical", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 2.2, 6.1 C8",
        "An extension that verifiers do not know is critical, so the chain is refused (result 301) and the DCL takes it not.",
        "mark the extension not critical", MC_OK, unknown_critical},
    {"att-crl-point-form", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "cRLDistributionPoints cannot be read, so revocation is never looked up.",
        "write one distribution point with one URI", MC_OK, points_form},
    {"att-crl-point-critical", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "cRLDistributionPoints is critical, which RFC 5280 advises against and some verifiers refuse.",
        "mark it not critical", MC_OK, points_critical},
    {"att-crl-point-count", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "There is more than one distribution point, and the SDK then takes none.",
        "write one distribution point with one URI", MC_OK, points_many},
    {"att-crl-point-uri", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "The distribution point has not exactly one name that is a URI, and the SDK then takes none.",
        "write one distribution point with one URI", MC_OK, points_no_uri},
    {"att-crl-point-scheme", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "The URI of the CRL does not begin with http:// or https://, and the SDK ignores it.",
        "write the whole URI", MC_OK, points_scheme},
    {"att-crl-point-long", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "The URI of the CRL has more than 100 octets, for which the SDK has no room.", "shorten the URI", MC_OK,
        points_long},
    {"att-crl-point-issuers", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 1.8",
        "The distribution point does not name exactly one CRL issuer by a directory name, and the SDK then takes none.",
        "name one CRL issuer by its subject", MC_OK, points_issuers},
    {"att-crl-signer-product", MC_WARNING, CRLS, "1.0", "matter-attestation 1.12, 6.4 R7",
        "The CRL signer names a product; delegates carry neither VID nor PID, and under a PAA the DCL refuses a PID.",
        "issue it with a plain common name", MC_OK, crl_signer_named},
    {"att-cd-signer-self", MC_NOTICE, CDS, "1.0", "matter-attestation 1.11",
        "The CD signer is self-signed: only the test signer is, and commissioners in production refuse what it signs (result 601).",
        "use declarations that the alliance signed", MC_OK, cd_signer_self},
};

const struct mc_rule_table mc_rules_att = MC_RULE_TABLE(rules);
