/* SPDX-License-Identifier: Apache-2.0 */
/* Trust bundles: what goes in, the canonical text, the note. */
#include "trust_bundle.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"

/* The CSA's certification root: a root on the ledger that is no PAA (matter-attestation 1.11, 5.3). */
static const uint8_t csa_root_id[MC_KEY_ID_LEN] = {0x97, 0xE4, 0x69, 0xD0, 0xC5, 0x04, 0x14, 0xC2, 0x6F, 0xC7, 0x01,
    0xF7, 0x7E, 0x94, 0x77, 0x39, 0x09, 0x8D, 0xF6, 0xA5};

static enum mc_rc read_cert(struct mc_span der, struct trust_cert **out, struct mc_err *e)
{
    struct trust_cert *x;
    enum mc_rc rc;

    if (der.n > MC_CERT_DER_MAX)
        return mc_fail(e, MC_E_SIZE_DER, "certificate", "%zu octets", der.n);
    x = malloc(sizeof(*x));
    if (x == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (der.n != 0)
        memcpy(x->octets, der.p, der.n);
    x->der = mc_span_of(x->octets, der.n);
    rc = mc_cert_parse_der(x->der, MC_RULES_X509, &x->c, e);
    if (rc == MC_OK && x->c.obstacle.rc == MC_E_DER_TRAILING)
        rc = mc_fail(e, MC_E_DER_TRAILING, "certificate", NULL);
    if (rc == MC_OK && (!x->c.has_skid || x->c.skid.n != MC_KEY_ID_LEN))
        rc = mc_fail(e, MC_E_EXT_KEY_ID, "subjectKeyIdentifier", NULL);
    if (rc == MC_OK)
        *out = x;
    else
        free(x);
    return rc;
}

static int compare_spans(struct mc_span a, struct mc_span b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_certs(const struct trust_cert *a, const struct trust_cert *b)
{
    int order = compare_spans(a->c.skid, b->c.skid);

    return order != 0 ? order : compare_spans(a->der, b->der);
}

/* Into its place; one that is there already is not kept twice. Takes x over. */
static enum mc_rc insert_cert(struct trust_cert ***list, size_t *n, struct trust_cert *x, struct mc_err *e)
{
    struct trust_cert **more;
    size_t at = 0;

    while (at < *n && compare_certs((*list)[at], x) < 0)
        at++;
    if (at < *n && compare_certs((*list)[at], x) == 0) {
        free(x);
        return MC_OK;
    }
    more = realloc(*list, (*n + 1) * sizeof(struct trust_cert *));
    if (more == NULL) {
        free(x);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    *list = more;
    memmove(&more[at + 1], &more[at], (*n - at) * sizeof(struct trust_cert *));
    more[at] = x;
    ++*n;
    return MC_OK;
}

bool trust_is_csa_root(const struct mc_cert *c)
{
    return c->has_skid && mc_span_eq(c->skid, mc_span_of(csa_root_id, sizeof(csa_root_id)));
}

enum mc_rc trust_bundle_add_paa(struct trust_bundle *b, struct mc_verifier *v, struct mc_span der, struct mc_err *e)
{
    struct trust_cert *x = NULL;
    enum mc_rc rc = read_cert(der, &x, e);

    if (rc != MC_OK)
        return rc;
    if (!mc_span_eq(x->c.subject.der, x->c.issuer.der))
        rc = mc_fail(e, MC_E_CHAIN_KIND, NULL, "it is no PAA: it did not sign itself");
    else if (trust_is_csa_root(&x->c))
        rc = mc_fail(e, MC_E_CHAIN_KIND, NULL, "it is the CSA's certification root, which is no PAA");
    else
        rc = mc_att_check_format(&x->c, MC_KIND_PAA, e);
    if (rc == MC_OK)
        rc = mc_cert_check_signature(v, &x->c, x->c.point.p, e);
    if (rc == MC_OK)
        return insert_cert(&b->paa, &b->n_paas, x, e);
    free(x);
    return rc;
}

enum mc_rc trust_bundle_add_signer(struct trust_bundle *b, struct mc_span der, struct mc_err *e)
{
    struct trust_cert *x = NULL;
    struct mc_cd_key key;
    enum mc_rc rc = read_cert(der, &x, e);

    if (rc != MC_OK)
        return rc;
    rc = mc_cd_key_of(&x->c, "trusted signer", &key, e);
    if (rc == MC_OK)
        return insert_cert(&b->signer, &b->n_signers, x, e);
    free(x);
    return rc;
}

static int compare_entries(const struct mc_revset_entry *a, const struct mc_revset_entry *b)
{
    int order = compare_spans(a->issuer_key_id, b->issuer_key_id);

    if (order == 0)
        order = compare_spans(a->issuer_name, b->issuer_name);
    if (order == 0)
        order = compare_spans(a->signer, b->signer);
    if (order == 0)
        order = (a->n_serial > b->n_serial) - (a->n_serial < b->n_serial);
    for (size_t i = 0; order == 0 && i < a->n_serial; i++)
        order = compare_spans(a->serial[i], b->serial[i]);
    return order;
}

static struct mc_span copy_span(uint8_t **at, struct mc_span s)
{
    struct mc_span out = mc_span_of(*at, s.n);

    if (s.n != 0)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return out;
}

static int by_serial(const void *left, const void *right)
{
    return compare_spans(*(const struct mc_span *)left, *(const struct mc_span *)right);
}

/* One block: the list of serials, then octets. Serials come in order and once. */
static enum mc_rc copy_entry(const struct mc_revset_entry *x, struct mc_revset_entry *out, struct mc_err *e)
{
    size_t n = x->issuer_name.n + x->issuer_key_id.n + x->signer.n + x->delegator.n, kept = 0;
    struct mc_span *serial;
    uint8_t *at;

    for (size_t i = 0; i < x->n_serial; i++)
        n += x->serial[i].n;
    serial = malloc(x->n_serial * sizeof(*serial) + n + 1);
    if (serial == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    at = (uint8_t *)(serial + x->n_serial);
    *out = *x;
    out->issuer_name = copy_span(&at, x->issuer_name);
    out->issuer_key_id = copy_span(&at, x->issuer_key_id);
    out->signer = copy_span(&at, x->signer);
    out->delegator = copy_span(&at, x->delegator);
    for (size_t i = 0; i < x->n_serial; i++)
        serial[i] = copy_span(&at, x->serial[i]);
    if (x->n_serial != 0)
        qsort(serial, x->n_serial, sizeof(*serial), by_serial);
    for (size_t i = 0; i < x->n_serial; i++)
        if (i == 0 || !mc_span_eq(serial[i], serial[kept - 1]))
            serial[kept++] = serial[i];
    out->serial = serial;
    out->n_serial = kept;
    return MC_OK;
}

static void free_entry(struct mc_revset_entry *x)
{
    free((void *)(uintptr_t)x->serial);
}

enum mc_rc trust_bundle_add_entry(struct trust_bundle *b, const struct mc_revset_entry *x, struct mc_err *e)
{
    struct mc_revset_entry copy, *more;
    size_t at = 0;
    enum mc_rc rc = mc_revset_check_entry(x, e);

    if (rc == MC_OK)
        rc = copy_entry(x, &copy, e);
    if (rc != MC_OK)
        return rc;
    while (at < b->n_entries && compare_entries(&b->entry[at], &copy) < 0)
        at++;
    if (at < b->n_entries && compare_entries(&b->entry[at], &copy) == 0) {
        free_entry(&copy);
        return MC_OK;
    }
    more = realloc(b->entry, (b->n_entries + 1) * sizeof(*more));
    if (more == NULL) {
        free_entry(&copy);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    b->entry = more;
    memmove(&more[at + 1], &more[at], (b->n_entries - at) * sizeof(*more));
    more[at] = copy;
    b->n_entries++;
    return MC_OK;
}

enum mc_rc trust_bundle_leave_out(
    struct trust_bundle *b, const char *name, const struct mc_err *why, struct mc_err *e)
{
    char *copy = strdup(name);
    struct trust_left_out *more = realloc(b->left_out, (b->n_left_out + 1) * sizeof(*more));

    if (more != NULL)
        b->left_out = more;
    if (copy == NULL || more == NULL) {
        free(copy);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    more[b->n_left_out].path = copy;
    more[b->n_left_out++].err = *why;
    return MC_OK;
}

static void put_base64(struct json *j, const char *key, struct mc_span s)
{
    char text[4 * ((MC_CERT_DER_MAX + 2) / 3) + 1];

    mc_base64_encode(s.p, s.n, text);
    json_string(j, key, text);
}

static void put_certs(struct json *j, const char *key, struct trust_cert *const *list, size_t n)
{
    char subject[512], id[2 * MC_KEY_ID_LEN + 1];

    json_array(j, key);
    for (size_t i = 0; i < n; i++) {
        mc_dn_format(&list[i]->c.subject, subject, sizeof(subject));
        mc_hex_encode_upper(list[i]->c.skid.p, list[i]->c.skid.n, id);
        json_object(j, NULL);
        json_string(j, "subject", subject);
        json_string(j, "key_id", id);
        put_base64(j, "certificate", list[i]->der);
        json_end_object(j);
    }
    json_end_array(j);
}

/* The members of matter-attestation 5.5, in their order. */
static void put_entry(struct json *j, const struct mc_revset_entry *x)
{
    char hex[2 * MC_KEY_ID_LEN + 1];

    json_object(j, NULL);
    json_string(j, "type", "revocation_set");
    mc_hex_encode_upper(x->issuer_key_id.p, x->issuer_key_id.n, hex);
    json_string(j, "issuer_subject_key_id", hex);
    put_base64(j, "issuer_name", x->issuer_name);
    json_array(j, "revoked_serial_numbers");
    for (size_t i = 0; i < x->n_serial; i++) {
        mc_hex_encode_upper(x->serial[i].p, x->serial[i].n, hex);
        json_string(j, NULL, hex);
    }
    json_end_array(j);
    put_base64(j, "crl_signer_cert", x->signer);
    if (x->has_delegator)
        put_base64(j, "crl_signer_delegator", x->delegator);
    json_end_object(j);
}

enum mc_rc trust_bundle_text(const struct trust_bundle *b, char **out, size_t *n, struct mc_err *e)
{
    char date[MC_TIME_TEXT_MAX];
    FILE *f = open_memstream(out, n);
    struct json j;

    if (f == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    mc_time_format(b->date_unix, date);
    json_init(&j, f, false);
    json_object(&j, NULL);
    json_string(&j, "schema", TRUST_BUNDLE_SCHEMA);
    json_string(&j, "date", date);
    put_certs(&j, "paas", b->paa, b->n_paas);
    put_certs(&j, "cd_signers", b->signer, b->n_signers);
    json_array(&j, "revocation_sets");
    for (size_t i = 0; i < b->n_entries; i++)
        put_entry(&j, &b->entry[i]);
    json_end_array(&j);
    json_end_object(&j);
    if (fclose(f) == 0)
        return MC_OK;
    free(*out);
    *out = NULL;
    return mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

void trust_bundle_clear(struct trust_bundle *b)
{
    for (size_t i = 0; i < b->n_paas; i++)
        free(b->paa[i]);
    for (size_t i = 0; i < b->n_signers; i++)
        free(b->signer[i]);
    for (size_t i = 0; i < b->n_entries; i++)
        free_entry(&b->entry[i]);
    for (size_t i = 0; i < b->n_left_out; i++)
        free(b->left_out[i].path);
    free(b->paa);
    free(b->signer);
    free(b->entry);
    free(b->left_out);
    *b = (struct trust_bundle){0};
}

struct mc_revset trust_bundle_revset(const struct trust_bundle *b)
{
    return (struct mc_revset){b->entry, b->n_entries};
}

bool trust_bundle_looks_like(struct mc_span text)
{
    size_t i = 0;

    while (i < text.n && mc_is_space((char)text.p[i]))
        i++;
    return i < text.n && text.p[i] == '{';
}

/* The first line of the note, without the suffix: the ledger's origin, which is the name of its key. */
static bool origin_of(struct mc_span note, char origin[NOTE_ORIGIN_MAX + 1])
{
    const size_t suffix = sizeof(TRUST_NOTE_SUFFIX) - 1;
    struct mc_span line;

    if (!mc_note_take_line(&note, &line) || line.n <= suffix || line.n - suffix > NOTE_ORIGIN_MAX ||
        memcmp(line.p + line.n - suffix, TRUST_NOTE_SUFFIX, suffix) != 0)
        return false;
    memcpy(origin, line.p, line.n - suffix);
    origin[line.n - suffix] = '\0';
    return true;
}

enum mc_rc trust_note_check(struct mc_verifier *v, struct mc_span note, struct mc_span text,
    const uint8_t point[MC_POINT_LEN], struct trust_note *out, struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    struct mc_checkpoint c;
    struct mc_err why;
    enum mc_rc rc;

    if (!origin_of(note, out->origin))
        return mc_fail(e, CA_E_NOTE, "note", "not a note of 'heddle trust sign'");
    mc_err_init(&why);
    rc = mc_note_check(v, note, out->origin, point, &c, &why);
    if (rc == MC_OK)
        rc = mc_sha256(v, text, digest);
    if (rc != MC_OK)
        return mc_fail(e, rc, "note", "%s", why.what);
    if (memcmp(digest, c.root, sizeof(digest)) != 0)
        return mc_fail(e, MC_E_TRUST, "note", "it was signed for another bundle than this one");
    out->number = c.size;
    return MC_OK;
}
