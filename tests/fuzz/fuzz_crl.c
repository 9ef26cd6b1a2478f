/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs. What the strict reader takes, OpenSSL reads as the same list; what is in Matter's profile is written anew by
 * our writer, reads back as the same, and then has one encoding.
 */
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "fuzz.h"
#include "lib/crl.h"
#include "lib/revset.h"

enum { OPENSSL_SHARE = 8, ENTRIES_MAX = 256, OUT_MAX = 32768 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_der(data, n, max, seed);
}

static bool inside(struct mc_span part, struct mc_span whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* --- our own walk over the entries ------------------------------------------------------------------------- */

static struct mc_crl_entry entry[ENTRIES_MAX];

/* The entries, as many as the reader counted; all of them if there is room. */
static size_t walk(const struct mc_crl *c)
{
    struct mc_crl_cursor at = mc_crl_begin(c);
    struct mc_span implied = {NULL, 0};
    struct mc_crl_entry x;
    size_t n = 0, named = 0;

    for (; mc_crl_next(&at, &x); n++) {
        if (x.issuer.n != 0)
            implied = x.issuer;
        named += x.issuer.n != 0;
        REQUIRE(inside(x.serial, c->entries) && inside(x.issuer, c->entries) && mc_span_eq(x.implied, implied));
        REQUIRE(x.serial.n >= 1 && x.serial.n <= MC_SERIAL_MAX && (x.serial.p[0] & 0x80) == 0);
        REQUIRE(!x.has_reason || mc_crl_reason_name(x.reason)[0] != '\0');
        if (n < ENTRIES_MAX)
            entry[n] = x;
    }
    REQUIRE(n == c->n && named == c->n_issuer);
    return n < ENTRIES_MAX ? n : ENTRIES_MAX;
}

/* Whose serials they are: without certificateIssuer both ways give all of them to the CRL's issuer. */
static void collect(const struct mc_crl *c)
{
    static struct mc_span sdk[ENTRIES_MAX], rfc[ENTRIES_MAX];
    size_t n_sdk = 0, n_rfc = 0, unnamed = 0, again = 0;

    if (c->n > ENTRIES_MAX)
        return;
    REQUIRE(mc_revset_collect(c, c->issuer.der, MC_REVSET_ISSUERS_SDK, sdk, ENTRIES_MAX, &n_sdk, &unnamed) == MC_OK);
    REQUIRE(mc_revset_collect(c, c->issuer.der, MC_REVSET_ISSUERS_RFC, rfc, ENTRIES_MAX, &n_rfc, &again) == MC_OK);
    REQUIRE(n_sdk <= c->n && n_rfc <= n_sdk && n_sdk - n_rfc == unnamed && again == unnamed);
    REQUIRE(c->n_issuer != 0 || (n_sdk == c->n && unnamed == 0));
    for (size_t i = 0; i < n_sdk; i++)
        REQUIRE(sdk[i].n == 1 || sdk[i].p[0] != 0);
    if (n_sdk != 0)
        REQUIRE(mc_revset_collect(c, c->issuer.der, MC_REVSET_ISSUERS_SDK, sdk, n_sdk - 1, &again, &unnamed) == MC_E_SPACE);
}

/* --- the writer ---------------------------------------------------------------------------------------------- */

/* What is read may be published anywhere, what is written is fetched over HTTP. */
static bool is_fetched(struct mc_span uri)
{
    for (size_t i = 0; i < uri.n; i++)
        if (uri.p[i] < '!' || uri.p[i] > '~')
            return false;
    return uri.n == 0 || (uri.n > 7 && memcmp(uri.p, "http://", 7) == 0) || (uri.n > 8 && memcmp(uri.p, "https://", 8) == 0);
}

static bool is_written(const struct mc_crl *c, size_t n, struct mc_crl_draft *d)
{
    *d = (struct mc_crl_draft){.issuer = c->issuer.der, .akid = c->akid, .this_update_unix = c->this_update_unix,
        .next_update_unix = c->next_update_unix, .uri = c->uri, .indirect = c->indirect, .entry = entry, .n = n};
    if (mc_crl_check(c, NULL) != MC_OK || c->number.n > 8 || c->next_update_unix == c->this_update_unix || n != c->n ||
        c->n_uri > 1 || (c->has_idp && c->uri.n == 0) || c->uri.n > MC_CRL_POINT_MAX)
        return false;
    for (size_t i = 0; i < c->number.n; i++)
        d->number = d->number << 8 | c->number.p[i];
    d->authority = n != 0 ? entry[0].issuer : c->issuer.der;
    for (size_t i = 0; i < n; i++)
        if (entry[i].has_reason || (c->indirect && !mc_span_eq(entry[i].issuer, d->authority)))
            return false;
    return !c->indirect || d->authority.n != 0;
}

static void require_same(const struct mc_crl *a, const struct mc_crl *b)
{
    struct mc_crl_cursor at = mc_crl_begin(b);
    struct mc_crl_entry x;

    REQUIRE(mc_span_eq(a->issuer.der, b->issuer.der) && mc_span_eq(a->akid, b->akid) && mc_span_eq(a->number, b->number));
    REQUIRE(a->this_update_unix == b->this_update_unix && b->has_next && a->next_update_unix == b->next_update_unix);
    REQUIRE(mc_span_eq(a->uri, b->uri) && a->indirect == b->indirect && a->n == b->n && a->n_issuer == b->n_issuer);
    REQUIRE(memcmp(a->sig, b->sig, sizeof(a->sig)) == 0 && mc_crl_check(b, NULL) == MC_OK);
    for (size_t i = 0; i < a->n; i++)
        REQUIRE(mc_crl_next(&at, &x) && mc_span_eq(x.serial, entry[i].serial) && x.time_unix == entry[i].time_unix &&
                mc_span_eq(x.issuer, entry[i].issuer));
}

static void write_anew(const struct mc_crl *c, size_t n)
{
    static uint8_t tbs[OUT_MAX], whole[OUT_MAX + 256], again[OUT_MAX];
    struct mc_crl_draft d;
    struct mc_crl back;
    size_t tbs_n = 0, whole_n = 0, again_n = FUZZ_LEN_UNTOUCHED;

    if (!is_written(c, n, &d))
        return;
    if (!is_fetched(c->uri)) {
        REQUIRE(mc_crl_encode_tbs(&d, tbs, sizeof(tbs), &tbs_n, NULL) == MC_E_CRL_PROFILE);
        return;
    }
    REQUIRE(mc_crl_encode_tbs(&d, tbs, sizeof(tbs), &tbs_n, NULL) == MC_OK && tbs_n <= mc_crl_bound(&d));
    REQUIRE(mc_crl_assemble(mc_span_of(tbs, tbs_n), c->sig, whole, sizeof(whole), &whole_n, NULL) == MC_OK);
    REQUIRE(mc_crl_parse(mc_span_of(whole, whole_n), &back, NULL) == MC_OK);
    REQUIRE(mc_span_eq(back.tbs, mc_span_of(tbs, tbs_n)));
    require_same(c, &back);
    REQUIRE(mc_crl_encode_tbs(&d, again, tbs_n - 1, &again_n, NULL) == MC_E_SPACE && again_n == FUZZ_LEN_UNTOUCHED);
    /* From what was read back: its one encoding. */
    REQUIRE(walk(&back) == n && is_written(&back, n, &d));
    REQUIRE(mc_crl_encode_tbs(&d, again, sizeof(again), &again_n, NULL) == MC_OK);
    REQUIRE(mc_span_eq(mc_span_of(again, again_n), mc_span_of(tbs, tbs_n)));
}

/* --- OpenSSL's reader ------------------------------------------------------------------------------------------ */

static int64_t unix_of(const ASN1_TIME *t)
{
    struct tm tm;

    REQUIRE(t != NULL && ASN1_TIME_to_tm(t, &tm) == 1);
    return timegm(&tm);
}

static void require_integer(const ASN1_INTEGER *number, struct mc_span content)
{
    unsigned char out[64], *p = out;
    int n = i2d_ASN1_INTEGER((ASN1_INTEGER *)(uintptr_t)number, NULL);

    REQUIRE(n > 2 && n <= (int)sizeof(out) && i2d_ASN1_INTEGER((ASN1_INTEGER *)(uintptr_t)number, &p) == n);
    REQUIRE(mc_span_eq(mc_span_of(out + 2, (size_t)n - 2), content));
}

static void compare_entries(X509_CRL *x, const struct mc_crl *c, size_t n)
{
    const STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(x);
    int critical;

    REQUIRE(sk_X509_REVOKED_num(list) == (c->n == 0 ? -1 : (int)c->n));
    for (size_t i = 0; i < n; i++) {
        const X509_REVOKED *r = sk_X509_REVOKED_value(list, (int)i);
        ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, &critical, NULL);

        require_integer(X509_REVOKED_get0_serialNumber(r), entry[i].serial);
        REQUIRE(unix_of(X509_REVOKED_get0_revocationDate(r)) == entry[i].time_unix);
        REQUIRE((reason != NULL) == entry[i].has_reason);
        REQUIRE(reason == NULL || ASN1_ENUMERATED_get(reason) == entry[i].reason);
        REQUIRE((X509_REVOKED_get_ext_by_NID(r, NID_certificate_issuer, -1) >= 0) == (entry[i].issuer.n != 0));
        ASN1_ENUMERATED_free(reason);
    }
}

static void compare_extensions(X509_CRL *x, const struct mc_crl *c)
{
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(x, NID_crl_number, NULL, NULL);
    AUTHORITY_KEYID *akid = X509_CRL_get_ext_d2i(x, NID_authority_key_identifier, NULL, NULL);
    int critical = -1;
    ISSUING_DIST_POINT *point = X509_CRL_get_ext_d2i(x, NID_issuing_distribution_point, &critical, NULL);

    REQUIRE((number != NULL) == (c->number.n != 0) && (akid != NULL) == c->has_akid);
    if (number != NULL)
        require_integer(number, c->number);
    if (akid != NULL)
        REQUIRE(mc_span_eq(mc_span_of(akid->keyid->data, (size_t)akid->keyid->length), c->akid));
    /* What a distribution point leaves open, such as the strings of a name, need not be well-formed to us. */
    REQUIRE(c->has_idp ? critical != -1 : point == NULL);
    if (point != NULL)
        REQUIRE((critical == 1) == c->idp_critical && (point->indirectCRL > 0) == c->indirect);
    ASN1_INTEGER_free(number);
    AUTHORITY_KEYID_free(akid);
    ISSUING_DIST_POINT_free(point);
}

static void compare(const struct mc_crl *c, struct mc_span in, size_t n)
{
    const unsigned char *p = in.p;
    X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)in.n);
    const unsigned char *name = NULL;
    size_t name_n = 0;

    if (x == NULL && !fuzz_openssl_takes_name(c->issuer.der))
        return;
    REQUIRE(x != NULL && p == in.p + in.n);
    REQUIRE(X509_CRL_get_version(x) == 1 && X509_CRL_get_signature_nid(x) == NID_ecdsa_with_SHA256);
    REQUIRE(X509_NAME_get0_der(X509_CRL_get_issuer(x), &name, &name_n) == 1);
    REQUIRE(mc_span_eq(mc_span_of(name, name_n), c->issuer.der));
    REQUIRE(unix_of(X509_CRL_get0_lastUpdate(x)) == c->this_update_unix);
    REQUIRE((X509_CRL_get0_nextUpdate(x) != NULL) == c->has_next);
    REQUIRE(!c->has_next || unix_of(X509_CRL_get0_nextUpdate(x)) == c->next_update_unix);
    compare_entries(x, c, n);
    compare_extensions(x, c);
    X509_CRL_free(x);
    ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_crl c;
    struct mc_err e;
    size_t entries;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_crl_parse(in, &c, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK)
        return 0;
    REQUIRE(inside(c.tbs, in) && inside(c.issuer.der, c.tbs) && inside(c.entries, c.tbs) && inside(c.akid, c.tbs));
    mc_err_init(&e);
    rc = mc_crl_check(&c, &e);
    fuzz_check_err(rc, &e, n);
    entries = walk(&c);
    collect(&c);
    write_anew(&c, entries);
    if (fuzz_sampled(in, OPENSSL_SHARE)) {
        (void)walk(&c);
        compare(&c, in, entries);
    }
    return 0;
}
