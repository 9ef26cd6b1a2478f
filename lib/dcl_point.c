/* SPDX-License-Identifier: Apache-2.0 */
/* The DCL's rules for revocation distribution points (matter-attestation 6.4). */
#include "crl.h"
#include "dcl_rules.h"

enum { LABEL_MAX = 64, PEM_MAX = 2048, KEY_ID_TEXT_MAX = 64, DIGEST_MAX = 128 };

#define NEED_SIGNER()                  \
    if (c->point->signer.c == NULL)    \
    UNKNOWN("the signer is not known")

static bool ids_of(const struct mc_cert *x, struct mc_att_ids *ids)
{
    return mc_dcl_ids(&x->subject, ids);
}

RULE(vid)
{
    const struct mc_dcl_point *p = c->point;

    if (p->vid == 0 || p->vid > UINT16_MAX)
        FAIL("vid is %llu", (unsigned long long)p->vid);
    if (p->pid > UINT16_MAX)
        FAIL("pid is %llu", (unsigned long long)p->pid);
    if (!c->has_vid)
        UNKNOWN("give the VID of the account with --vid");
    PASS_IF(p->vid == c->vid, "the record says 0x%04X, the account is of 0x%04X", (unsigned)p->vid, c->vid);
}

/* ^(?:[0-9A-F]{2})+$ */
static bool is_key_id_text(struct mc_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'F')))
            return false;
    return s.n != 0 && s.n % 2 == 0;
}

static enum mc_dcl_outcome member(const struct mc_dcl_member *m, const char *name, char *why)
{
    if (m->text.n > PEM_MAX)
        FAIL("%s has %zu octets", name, m->text.n);
    PASS_IF(m->c != NULL, "%s is no PEM certificate", name);
}

RULE(members)
{
    const struct mc_dcl_point *p = c->point;
    enum mc_dcl_outcome outcome;

    if (p->label.n == 0 || p->label.n > LABEL_MAX)
        FAIL("label has %zu octets", p->label.n);
    if (p->issuer_key_id.n > KEY_ID_TEXT_MAX || !is_key_id_text(p->issuer_key_id))
        FAIL("issuerSubjectKeyID is not pairs of 0-9 A-F, without colons");
    outcome = member(&p->signer, "crlSignerCertificate", why);
    if (outcome == MC_DCL_PASSED && p->delegator.text.n != 0)
        outcome = member(&p->delegator, "crlSignerDelegator", why);
    return outcome;
}

RULE(url)
{
    struct mc_span u = c->point->data_url;
    bool is_url = (u.n > 7 && memcmp(u.p, "http://", 7) == 0) || (u.n > 8 && memcmp(u.p, "https://", 8) == 0);

    if (!is_url)
        FAIL("it is none");
    PASS_IF(u.n <= MC_CRL_POINT_MAX, "it has %zu octets", u.n);
}

RULE(type)
{
    const struct mc_dcl_point *p = c->point;

    if (p->type != 1)
        FAIL("revocationType is %llu", (unsigned long long)p->type);
    PASS_IF(p->data_file_size == 0 && p->data_digest.n == 0 && p->data_digest_type == 0,
        "dataFileSize, dataDigest or dataDigestType is there");
}

RULE(digest)
{
    const struct mc_dcl_point *p = c->point;
    uint64_t t = p->data_digest_type;

    if ((p->data_file_size != 0) != (p->data_digest.n != 0) || (p->data_digest.n != 0) != (t != 0))
        FAIL("one of them is missing");
    if (p->data_digest.n > DIGEST_MAX)
        FAIL("dataDigest has %zu octets", p->data_digest.n);
    PASS_IF(t == 0 || t == 1 || t == 7 || t == 8 || (t >= 10 && t <= 12), "dataDigestType is %llu", (unsigned long long)t);
}

RULE(schema)
{
    PASS_IF(c->point->schema_version == 0, "it is %llu", (unsigned long long)c->point->schema_version);
}

RULE(of_paa)
{
    const struct mc_dcl_point *p = c->point;
    struct mc_att_ids ids;

    if (!p->is_paa)
        return MC_DCL_ABSENT;
    if (p->pid != 0)
        FAIL("pid is %llu", (unsigned long long)p->pid);
    NEED_SIGNER();
    if (!ids_of(p->signer.c, &ids))
        FAIL("an id of the signer is not well-formed");
    if (ids.has_pid)
        FAIL("the signer names PID 0x%04X", ids.pid);
    PASS_IF(!ids.has_vid || ids.vid == p->vid, "the signer is of 0x%04X", ids.vid);
}

RULE(of_pai)
{
    const struct mc_dcl_point *p = c->point;
    struct mc_att_ids ids;

    if (p->is_paa)
        return MC_DCL_ABSENT;
    NEED_SIGNER();
    if (mc_dcl_is_self_signed(p->signer.c))
        FAIL("the signer is self-signed, so isPAA is true");
    if (!ids_of(p->signer.c, &ids))
        FAIL("an id of the signer is not well-formed");
    if (ids.has_vid && ids.vid != p->vid)
        FAIL("the signer is of 0x%04X", ids.vid);
    if (ids.has_pid != (p->pid != 0))
        FAIL("the %s names a product, the %s does not", ids.has_pid ? "signer" : "record", ids.has_pid ? "record" : "signer");
    PASS_IF(!ids.has_pid || ids.pid == p->pid, "the signer is for 0x%04X", ids.pid);
}

/* The signer is not the authority itself. */
static bool is_delegate(const struct mc_dcl_point *p)
{
    if (p->signer.c == NULL)
        return false;
    return p->is_paa ? !mc_dcl_is_self_signed(p->signer.c) : p->delegator.text.n != 0;
}

RULE(delegator)
{
    const struct mc_dcl_point *p = c->point;
    struct mc_dcl_path path;
    enum mc_dcl_outcome outcome;

    if (p->is_paa || p->delegator.text.n == 0)
        return MC_DCL_ABSENT;
    NEED_SIGNER();
    if (p->delegator.c == NULL)
        UNKNOWN("the delegator is not known");
    if (!mc_span_eq(p->signer.c->issuer.der, p->delegator.c->subject.der))
        FAIL("the signer's issuer is not the delegator");
    outcome = mc_dcl_go(c, p->signer.c, why);
    if (outcome == MC_DCL_PASSED)
        outcome = mc_dcl_link(c, p->signer.c, p->delegator.c, why);
    return outcome == MC_DCL_PASSED ? mc_dcl_chain(c, p->delegator.c, &path, why) : outcome;
}

RULE(root)
{
    const struct mc_dcl_point *p = c->point;
    struct mc_att_ids ids;
    bool found = false;

    NEED_SIGNER();
    if (!mc_dcl_is_self_signed(p->signer.c))
        return MC_DCL_ABSENT;
    for (size_t i = 0; !found && i < c->n_ledger; i++)
        found = mc_span_eq(c->ledger[i].der, p->signer.der);
    if (!found && !c->has_ledger)
        UNKNOWN(NEED_LEDGER);
    if (!found)
        FAIL("it is not on the ledger, octet for octet");
    if (!ids_of(p->signer.c, &ids))
        FAIL("an id of the signer is not well-formed");
    if (ids.has_vid)
        return MC_DCL_PASSED;
    if (!c->has_associated)
        UNKNOWN(NEED_ASSOCIATED);
    PASS_IF(c->associated == p->vid, "the record says 0x%04X, with the root goes 0x%04X", (unsigned)p->vid, c->associated);
}

RULE(chain)
{
    const struct mc_dcl_point *p = c->point;
    struct mc_dcl_path path;

    NEED_SIGNER();
    if (mc_dcl_is_self_signed(p->signer.c) || (!p->is_paa && p->delegator.text.n != 0))
        return MC_DCL_ABSENT;
    return mc_dcl_chain(c, p->signer.c, &path, why);
}

RULE(delegate)
{
    struct mc_err e;

    if (!is_delegate(c->point))
        return MC_DCL_ABSENT;
    mc_err_init(&e);
    PASS_IF(mc_crl_check_delegate(c->point->signer.c, &e) == MC_OK, "%s: %s", e.field, e.what);
}

static const struct mc_dcl_point *find_other(const struct mc_dcl_case *c)
{
    const struct mc_dcl_point *p = c->point;

    for (size_t i = 0; i < c->n_others; i++) {
        const struct mc_dcl_point *o = &c->others[i];

        if (o->vid == p->vid && mc_span_eq(o->issuer_key_id, p->issuer_key_id) && mc_span_eq(o->label, p->label))
            return o;
    }
    return NULL;
}

#define NEED_POINTS "give the records on the ledger with --points"

RULE(unique)
{
    const struct mc_dcl_point *p = c->point, *same = find_other(c);

    if (same != NULL && !c->is_update)
        FAIL("a record with this vid, label and issuerSubjectKeyID is there");
    for (size_t i = 0; i < c->n_others; i++) {
        const struct mc_dcl_point *o = &c->others[i];

        if (o != same && o->vid == p->vid && mc_span_eq(o->issuer_key_id, p->issuer_key_id) &&
            mc_span_eq(o->data_url, p->data_url))
            FAIL("the record '%.*s' has this dataURL", (int)(o->label.n > LABEL_MAX ? LABEL_MAX : o->label.n),
                (const char *)o->label.p);
    }
    if (!c->has_others)
        UNKNOWN(NEED_POINTS);
    return MC_DCL_PASSED;
}

RULE(update)
{
    const struct mc_dcl_point *old;
    bool was, is;

    if (!c->is_update)
        return MC_DCL_ABSENT;
    old = find_other(c);
    if (old == NULL && !c->has_others)
        UNKNOWN(NEED_POINTS);
    if (old == NULL)
        FAIL("there is none");
    if (old->signer.c == NULL || c->point->signer.c == NULL)
        UNKNOWN("a signer is not known");
    was = mc_dcl_is_self_signed(old->signer.c);
    is = mc_dcl_is_self_signed(c->point->signer.c);
    PASS_IF(was == is, "the old signer is%s self-signed, the new one is%s", was ? "" : " not", is ? "" : " not");
}

/* Whose certificates are revoked (5.4 step 9). */
RULE(authority)
{
    const struct mc_dcl_point *p = c->point;
    const struct mc_cert *x = p->signer.c;
    uint8_t id[MC_KEY_ID_LEN];

    NEED_SIGNER();
    if (p->is_paa && !mc_dcl_is_self_signed(x))
        x = mc_dcl_parent(c, x);
    else if (p->delegator.text.n != 0)
        x = p->delegator.c;
    if (x == NULL)
        UNKNOWN("the authority is not known");
    PASS_IF(p->issuer_key_id.n == 2 * sizeof(id) && mc_hex_decode((const char *)p->issuer_key_id.p, sizeof(id), id) &&
                mc_span_eq(x->skid, mc_span_of(id, sizeof(id))),
        "it is another one");
}

#define POINT MC_DCL_POINT
static const struct mc_dcl_rule rules[] = {
    {"dcl-point-vid", MC_ERROR, POINT, "matter-attestation 6.4 R1",
        "vid must be 1 to 65535 and the account's, pid at most 65535.", "submit with the VID of the account", vid, false},
    {"dcl-point-members", MC_ERROR, POINT, "matter-attestation 6.4 R2",
        "label (at most 64 octets), issuerSubjectKeyID (at most 64 upper-case hex digits, no colons) and crlSignerCertificate "
        "must be there; a certificate is PEM of at most 2048 octets.",
        "fill the members in", members, false},
    {"dcl-point-url", MC_ERROR, POINT, "matter-attestation 6.4 R3",
        "dataURL must be an http:// or https:// URL of at most 256 octets.", "give the whole URL of the CRL", url, false},
    {"dcl-point-type", MC_ERROR, POINT, "matter-attestation 6.4 R4",
        "revocationType must be 1, a CRL, and a CRL has no size and no digest.",
        "give 1, and leave dataFileSize, dataDigest and dataDigestType out", type, false},
    {"dcl-point-digest", MC_ERROR, POINT, "matter-attestation 6.4 R5",
        "dataFileSize, dataDigest (at most 128 octets) and dataDigestType (1, 7, 8, 10, 11 or 12) go together or not at all.",
        "leave all three out", digest, false},
    {"dcl-point-schema", MC_ERROR, POINT, "matter-attestation 6.4 R6", "schemaVersion must be 0.", "leave it out", schema, false},
    {"dcl-point-paa", MC_ERROR, POINT, "matter-attestation 6.4 R7",
        "With isPAA there is no pid, and the signer names no product and no other vendor.",
        "give the PAA or its delegate as signer", of_paa, false},
    {"dcl-point-pai", MC_ERROR, POINT, "matter-attestation 6.4 R8",
        "Without isPAA the signer is not self-signed and names no other vendor; signer and record name the same product, or "
        "neither does.",
        "give the PAI or its delegate as signer, with the PAI's pid", of_pai, false},
    {"dcl-point-delegator", MC_ERROR, POINT, "matter-attestation 6.4 R9",
        "A delegator must have issued the signer's certificate, and its own chain must end on the ledger.",
        "give the PAI that issued the delegate", delegator, false},
    {"dcl-point-root", MC_ERROR, POINT, "matter-attestation 6.4 R10",
        "A self-signed signer must be an approved root, the same octets, and be associated with the record's vid if it names no "
        "vendor.",
        "have the PAA approved first, and submit its very certificate", root, false},
    {"dcl-point-chain", MC_ERROR, POINT, "matter-attestation 6.4 R11",
        "Another signer's chain must end on the ledger; it need not be there itself.", "have the certificates above added first",
        chain, false},
    {"dcl-point-delegate", MC_ERROR, POINT, "matter-attestation 6.4 R7, R9, R12",
        "A delegate is no CA (critical), may sign CRLs and at most digital signatures besides (critical), has a P-256 key, a key "
        "identifier and ecdsa-with-SHA256.",
        "make the delegate with 'heddle crl-signer create'", delegate, false},
    {"dcl-point-unique", MC_ERROR, POINT, "matter-attestation 6.4 R13",
        "vid, label and issuerSubjectKeyID must be new together, and the dataURL among the records of one issuer.",
        "give another label and URL, or update the record (--update)", unique, false},
    {"dcl-point-update", MC_ERROR, POINT, "matter-attestation 6.4, update",
        "An update needs a record to change; a self-signed signer gives way to a self-signed one only, another to another.",
        "add a new record instead", update, false},
    {"dcl-point-authority", MC_WARNING, POINT, "matter-attestation 5.4 step 9",
        "The ledger does not compare, but commissioners' sets leave a record out whose issuerSubjectKeyID is not the key "
        "identifier of the authority whose certificates are revoked.",
        "give the key identifier of the PAA or PAI, not of its delegate", authority, false},
};

const struct mc_dcl_table mc_dcl_point_rules = DCL_TABLE(rules);
