/* SPDX-License-Identifier: Apache-2.0 */
/* The DCL's rules for every certificate (matter-attestation 6.1). */
#include "dcl_rules.h"

#include "der.h"

enum { PEM_MAX = 20480, SAN_MAX = 100, ATTR_MAX = 50, INFO_MAX = 4096 };

static bool is_ce(struct mc_span oid, uint8_t last)
{
    return oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1D && oid.p[2] == last;
}

RULE(pem)
{
    if (!c->is_pem)
        FAIL("it is not PEM");
    PASS_IF(c->text_n <= PEM_MAX, "%zu octets", c->text_n);
}

static bool is_repeated(const struct mc_cert *x, unsigned at)
{
    for (unsigned i = 0; i < at; i++)
        if (mc_span_eq(x->ext[i].oid, x->ext[at].oid))
            return true;
    return false;
}

/* BasicConstraints that any reader of DER can read, though FALSE be spelt out. */
static bool is_readable_bc(const struct mc_ext *x)
{
    struct mc_der value = mc_der_of(x->value), seq;
    uint64_t n;
    bool b;

    if (mc_der_take(&value, MC_DER_SEQUENCE, &seq) != MC_OK || mc_der_more(&value))
        return false;
    if (mc_der_peek(&seq, MC_DER_BOOLEAN) && mc_der_take_bool(&seq, &b) != MC_OK)
        return false;
    if (mc_der_more(&seq) && mc_der_take_uint(&seq, &n) != MC_OK)
        return false;
    return !mc_der_more(&seq);
}

RULE(der)
{
    const struct mc_cert *x = c->cert;
    char text[MC_DCL_WHY_MAX];

    if (x == NULL) {
        mc_err_format(c->read_err, text, sizeof(text));
        FAIL("%s", text);
    }
    if (x->obstacle.rc == MC_E_DER_TRAILING)
        FAIL("octets follow the certificate");
    if (x->sig_alg_differs)
        FAIL("the algorithm beside the signature is not the one that is signed");
    for (unsigned i = 0; i < x->n_ext; i++) {
        if (is_repeated(x, i))
            FAIL("an extension stands twice");
        if (x->ext[i].id == MC_EXT_BASIC_CONSTRAINTS && !is_readable_bc(&x->ext[i]))
            FAIL("basicConstraints cannot be read");
    }
    return MC_DCL_PASSED;
}

RULE(serial)
{
    struct mc_span s = c->cert->serial;

    if (s.n == 0 || (s.p[0] & 0x80) != 0 || (s.n == 1 && s.p[0] == 0))
        FAIL("it is not positive");
    PASS_IF(s.n - (s.p[0] == 0) <= MC_SERIAL_MAX, "%zu octets", s.n - (s.p[0] == 0));
}

/* GeneralNames that Go keeps: e-mail [1], DNS [2], URI [6], IP [7]. */
static size_t count_names(const struct mc_cert *cert)
{
    struct mc_der value, names, name;
    uint8_t tag;
    size_t n = 0;

    for (unsigned i = 0; i < cert->n_ext; i++) {
        if (!is_ce(cert->ext[i].oid, 0x11))
            continue;
        value = mc_der_of(cert->ext[i].value);
        if (mc_der_take(&value, MC_DER_SEQUENCE, &names) != MC_OK)
            continue;
        while (mc_der_more(&names) && mc_der_take_any(&names, &tag, &name) == MC_OK)
            n += tag == 0x81 || tag == 0x82 || tag == 0x86 || tag == 0x87;
    }
    return n;
}

/* All attributes of a Name, also those beyond what the reader keeps. */
static size_t count_attrs(struct mc_span name)
{
    struct mc_der d = mc_der_of(name), rdns, rdn, attr;
    size_t n = 0;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &rdns) != MC_OK)
        return 0;
    while (mc_der_more(&rdns) && mc_der_take(&rdns, MC_DER_SET, &rdn) == MC_OK)
        while (mc_der_more(&rdn) && mc_der_take(&rdn, MC_DER_SEQUENCE, &attr) == MC_OK)
            n++;
    return n;
}

RULE(counts)
{
    size_t names = count_names(c->cert), attrs = count_attrs(c->cert->subject.der);

    if (names > SAN_MAX)
        FAIL("%zu alternative names", names);
    PASS_IF(attrs <= ATTR_MAX, "%zu attributes in the subject", attrs);
}

static enum mc_dcl_outcome find_serial(
    const struct mc_dcl_case *c, const struct mc_dcl_cert *list, size_t n, char *why)
{
    for (size_t i = 0; i < n; i++) {
        const struct mc_cert *x = list[i].c;

        if (mc_span_eq(x->issuer.der, c->cert->issuer.der) && mc_span_eq(x->serial, c->cert->serial))
            FAIL("%s", mc_span_eq(list[i].der, c->der) ? "it is there already" : "another certificate has both");
    }
    return MC_DCL_PASSED;
}

RULE(serial_unique)
{
    enum mc_dcl_outcome outcome = find_serial(c, c->ledger, c->n_ledger, why);

    if (outcome == MC_DCL_PASSED)
        outcome = find_serial(c, c->pending, c->n_pending, why);
    if (outcome == MC_DCL_PASSED && !c->has_ledger)
        UNKNOWN(NEED_LEDGER);
    return outcome;
}

RULE(schema)
{
    if (c->schema_version != 0)
        FAIL("certSchemaVersion is %llu", (unsigned long long)c->schema_version);
    PASS_IF(c->info_n <= INFO_MAX, "the info has %zu octets", c->info_n);
}

/* A VID or PID in a string type that the ledger takes, four characters of it. */
static bool are_ids_strings(const struct mc_dn *dn)
{
    for (unsigned i = 0; i < dn->n; i++) {
        const struct mc_attr *a = &dn->attr[i];
        enum mc_attr_id id = a->id != MC_ATTR_UNKNOWN ? a->id : mc_attr_find(a->oid);

        if ((id == MC_ATTR_VID || id == MC_ATTR_PID) && a->string_tag != MC_DER_UTF8 && a->string_tag != MC_DER_PRINTABLE)
            return false;
    }
    return true;
}

RULE(ids)
{
    const struct mc_dn *names[] = {&c->cert->subject, &c->cert->issuer};
    static const char *const where[] = {"subject", "issuer"};
    struct mc_att_ids found;

    for (unsigned i = 0; i < 2; i++) {
        if (!are_ids_strings(names[i]))
            FAIL("in the %s one is neither UTF8String nor PrintableString", where[i]);
        if (!mc_dcl_ids(names[i], &found))
            FAIL("in the %s one is not four upper-case hex digits, or stands twice", where[i]);
    }
    return MC_DCL_PASSED;
}

static unsigned count_attr(const struct mc_dn *dn, enum mc_attr_id id)
{
    unsigned n = 0;

    for (unsigned i = 0; i < dn->n; i++)
        n += (dn->attr[i].id != MC_ATTR_UNKNOWN ? dn->attr[i].id : mc_attr_find(dn->attr[i].oid)) == id;
    return n;
}

RULE(ids_once)
{
    const struct mc_dn *names[] = {&c->cert->subject, &c->cert->issuer};

    for (unsigned i = 0; i < 2; i++)
        if (count_attr(names[i], MC_ATTR_VID) > 1 || count_attr(names[i], MC_ATTR_PID) > 1)
            FAIL("one stands twice in the %s", i == 0 ? "subject" : "issuer");
    return MC_DCL_PASSED;
}

/* serverAuth or anyExtendedKeyUsage among the purposes. */
static bool has_server_auth(struct mc_span value)
{
    static const uint8_t any[] = {0x55, 0x1D, 0x25, 0x00};
    struct mc_der d = mc_der_of(value), list;
    struct mc_span oid;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &list) != MC_OK)
        return false;
    while (mc_der_more(&list) && mc_der_take_oid(&list, &oid) == MC_OK)
        if (mc_eku_find(oid) == MC_EKU_SERVER_AUTH || mc_span_eq(oid, mc_span_of(any, sizeof(any))))
            return true;
    return false;
}

static bool is_known_to_go(struct mc_span oid)
{
    static const uint8_t known[] = {0x0E, 0x0F, 0x11, 0x13, 0x1E, 0x1F, 0x20, 0x23, 0x25};

    for (size_t i = 0; i < sizeof(known); i++)
        if (is_ce(oid, known[i]))
            return true;
    return false;
}

enum mc_dcl_outcome mc_dcl_go(const struct mc_dcl_case *c, const struct mc_cert *x, char *why)
{
    char subject[96], text[MC_TIME_TEXT_MAX];

    mc_dn_format(&x->subject, subject, sizeof(subject));
    for (unsigned i = 0; i < x->n_ext; i++) {
        if (x->ext[i].critical && !is_known_to_go(x->ext[i].oid))
            FAIL("an unknown extension is critical in %s", subject);
        if (x->ext[i].id == MC_EXT_EXTENDED_KEY_USAGE && !has_server_auth(x->ext[i].value))
            FAIL("extKeyUsage without serverAuth in %s", subject);
    }
    mc_time_format(c->now_unix < x->not_before_unix ? x->not_before_unix : x->not_after_unix, text);
    if (c->now_unix < x->not_before_unix)
        FAIL("%s begins at %s", subject, text);
    PASS_IF(c->now_unix <= x->not_after_unix, "%s ended at %s", subject, text);
}

RULE(verifies)
{
    struct mc_dcl_path path;
    enum mc_dcl_outcome outcome;

    if (c->kind == MC_DCL_PAA)
        return mc_dcl_go(c, c->cert, why);
    outcome = mc_dcl_chain(c, c->cert, &path, why);
    return outcome == MC_DCL_FAILED && path.missing ? mc_dcl_say(MC_DCL_UNKNOWN, why, "the chain is not complete") : outcome;
}

static const struct mc_dcl_rule rules[] = {
    {"dcl-pem", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C1",
        "A certificate is submitted as PEM text of at most 20480 octets.",
        "'mattercert convert --to pem', and leave other text out", pem, true},
    {"dcl-der", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C2",
        "The certificate must be strict DER, with nothing behind it and no extension twice.",
        "have the certificate made again by a conforming encoder; 'mattercert lint' names the place", der, true},
    {"dcl-serial", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C3",
        "The serial number must be positive and have at most 20 octets.", "issue the certificate again", serial, false},
    {"dcl-counts", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C4",
        "At most 100 alternative names and 50 attributes in the subject are taken.", "leave some out", counts, false},
    {"dcl-serial-unique", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C5",
        "No other certificate on the whole ledger may have the same issuer and serial number.",
        "issue the certificate under another serial number; if it is this one, nothing is to be done", serial_unique, false},
    {"dcl-schema", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C6",
        "certSchemaVersion must be 0, and the info text has at most 4096 octets.", "leave them out", schema, true},
    {"dcl-ids", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C7",
        "A VID or PID, in the subject or issuer, must be four upper-case hex digits in a UTF8String or PrintableString.",
        "issue the certificate with the ids written so", ids, false},
    {"dcl-ids-once", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.2 A10, 6.3 I6",
        "The subject, and the issuer, may have one VID and one PID at most.", "issue the certificate with one of each",
        ids_once, false},
    {"dcl-verifies", MC_ERROR, MC_DCL_CERT, "matter-attestation 6.1 C8",
        "The certificate and all above it must be valid at the block's time and pass Go's verifier: signatures, no unknown "
        "critical extension, serverAuth where purposes are named.",
        "submit it within its period; issue it without the extension", verifies, false},
};

const struct mc_dcl_table mc_dcl_any_rules = DCL_TABLE(rules);
