/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust bundles. A text is no bundle at all, or each of its things is taken or left out with a reason. What was taken
 * is in order and once, OpenSSL reads its certificates as the same, and its text is canonical: read again it leaves
 * nothing out and gives the same text. Each certificate that was taken stands there with its own key id.
 */
#include <jansson.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "fuzz.h"
#include "lib/cli/trust_bundle.h"

enum { OPENSSL_SHARE = 8 };

/* Signers may be any X.509 certificate, also such as OpenSSL cannot read: then there is nothing to compare. */
static void compare(const struct trust_cert *c, bool must_read)
{
    const unsigned char *p = c->der.p, *name = NULL;
    X509 *x = d2i_X509(NULL, &p, (long)c->der.n);
    ASN1_OCTET_STRING *id;
    size_t n = 0;

    REQUIRE(x != NULL || !must_read || !fuzz_openssl_takes_name(c->c.subject.der));
    ERR_clear_error();
    if (x == NULL)
        return;
    REQUIRE(p == c->der.p + c->der.n && X509_NAME_get0_der(X509_get_subject_name(x), &name, &n) == 1);
    REQUIRE(mc_span_eq(mc_span_of(name, n), c->c.subject.der));
    id = X509_get_ext_d2i(x, NID_subject_key_identifier, NULL, NULL);
    REQUIRE(id != NULL && mc_span_eq(mc_span_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)), c->c.skid));
    ASN1_OCTET_STRING_free(id);
    X509_free(x);
}

static bool is_before(struct mc_span a, struct mc_span b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order < 0 : a.n < b.n;
}

static void check_order(struct trust_cert *const *list, size_t n, bool openssl, bool must_read)
{
    for (size_t i = 0; i < n; i++) {
        REQUIRE(list[i]->c.skid.n == MC_KEY_ID_LEN);
        REQUIRE(i == 0 || memcmp(list[i - 1]->c.skid.p, list[i]->c.skid.p, MC_KEY_ID_LEN) <= 0);
        REQUIRE(i == 0 || !mc_span_eq(list[i - 1]->c.skid, list[i]->c.skid) || is_before(list[i - 1]->der, list[i]->der));
        if (openssl)
            compare(list[i], must_read);
    }
}

static void check_bundle(const struct trust_bundle *b, size_t n_text, bool openssl)
{
    struct mc_revset set = trust_bundle_revset(b);

    check_order(b->paa, b->n_paas, openssl, true);
    check_order(b->signer, b->n_signers, openssl, false);
    for (size_t i = 0; i < b->n_paas; i++)
        REQUIRE(mc_att_check_format(&b->paa[i]->c, MC_KIND_PAA, NULL) == MC_OK && !trust_is_csa_root(&b->paa[i]->c));
    for (size_t i = 0; i < set.n; i++) {
        const struct mc_revset_entry *x = &set.entry[i];

        REQUIRE(mc_revset_check_entry(x, NULL) == MC_OK);
        REQUIRE(i == 0 || memcmp(set.entry[i - 1].issuer_key_id.p, x->issuer_key_id.p, MC_KEY_ID_LEN) <= 0);
        for (size_t k = 1; k < x->n_serial; k++)
            REQUIRE(is_before(x->serial[k - 1], x->serial[k]));
    }
    for (size_t i = 0; i < b->n_left_out; i++) {
        REQUIRE(b->left_out[i].path[0] != '\0' && b->left_out[i].err.rc != MC_OK);
        fuzz_check_err(b->left_out[i].err.rc, &b->left_out[i].err, n_text);
    }
}

/* Elements of an array with this key id. */
static size_t count_id(const json_t *all, const char *name, struct mc_span id)
{
    const json_t *list = json_object_get(all, name), *x;
    uint8_t octets[MC_KEY_ID_LEN];
    size_t i, n = 0;

    json_array_foreach(list, i, x) {
        const char *text = json_string_value(json_object_get(x, "key_id"));

        n += text != NULL && strlen(text) == 2 * MC_KEY_ID_LEN && mc_hex_decode(text, MC_KEY_ID_LEN, octets) &&
             mc_span_eq(id, mc_span_of(octets, sizeof(octets)));
    }
    return n;
}

/* jansson's own view: as many certificates of an id in the text as were taken, or more. */
static void compare_text(struct mc_span text, const struct trust_bundle *b)
{
    json_t *all = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    size_t things = json_array_size(json_object_get(all, "paas")) + json_array_size(json_object_get(all, "cd_signers")) +
                    json_array_size(json_object_get(all, "revocation_sets"));

    REQUIRE(b->n_paas + b->n_signers + b->n_entries + b->n_left_out <= things);
    for (size_t i = 0; i < b->n_paas; i++)
        REQUIRE(count_id(all, "paas", b->paa[i]->c.skid) != 0);
    for (size_t i = 0; i < b->n_signers; i++)
        REQUIRE(count_id(all, "cd_signers", b->signer[i]->c.skid) != 0);
    json_decref(all);
}

static void write_anew(const struct trust_bundle *b)
{
    struct trust_bundle back;
    char *text = NULL, *again = NULL;
    size_t n = 0, n_again = 0;

    REQUIRE(trust_bundle_text(b, &text, &n, NULL) == MC_OK && trust_bundle_looks_like(mc_span_of(text, n)));
    REQUIRE(trust_bundle_parse(mc_span_of(text, n), fuzz_verifier(), &back, NULL) == MC_OK);
    REQUIRE(back.n_left_out == 0 && back.date_unix == b->date_unix);
    REQUIRE(back.n_paas == b->n_paas && back.n_signers == b->n_signers && back.n_entries == b->n_entries);
    REQUIRE(trust_bundle_text(&back, &again, &n_again, NULL) == MC_OK);
    REQUIRE(n_again == n && memcmp(text, again, n) == 0);
    trust_bundle_clear(&back);
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span text = mc_span_of(data, n);
    struct trust_bundle b;
    struct mc_err e;
    enum mc_rc rc;
    bool sampled = fuzz_sampled(text, OPENSSL_SHARE);

    mc_err_init(&e);
    rc = trust_bundle_parse(text, fuzz_verifier(), &b, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK) {
        REQUIRE(b.n_paas == 0 && b.n_signers == 0 && b.n_entries == 0 && b.n_left_out == 0);
        return 0;
    }
    check_bundle(&b, n, sampled);
    if (sampled) {
        compare_text(text, &b);
        write_anew(&b);
    }
    trust_bundle_clear(&b);
    return 0;
}
