/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_bundle.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "io.h"
#include "lib/armor.h"

static const char pem_begin[] = "-----BEGIN ", pem_end[] = "-----END ";

/* A list with room for one more element: itself or a longer one, or NULL, and then it is as it was. */
static void *grown(void *list, size_t n, size_t *cap, size_t size)
{
    size_t wider = *cap == 0 ? 16 : *cap * 2;
    void *p = n < *cap ? list : realloc(list, wider * size);

    if (p != NULL && n >= *cap)
        *cap = wider;
    return p;
}

static enum mc_rc leave_out(struct trust_store *t, const char *path, const struct mc_err *why, struct mc_err *e)
{
    struct trust_left_out *list = grown(t->left_out, t->n_left_out, &t->cap_left_out, sizeof(*list));
    char *copy = strdup(path);

    if (list != NULL)
        t->left_out = list;
    if (copy == NULL || list == NULL) {
        free(copy);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    list[t->n_left_out].path = copy;
    list[t->n_left_out++].err = *why;
    return MC_OK;
}

/* One object of a file, and what is done with it. */
struct entry {
    struct trust_store *t;
    struct mc_verifier *v;
    const char *path;
    bool in_folder;
};

static enum mc_rc keep(struct trust_store *t, const struct mc_cert *c, uint8_t *octets, struct mc_err *e)
{
    struct mc_cert *paa = grown(t->paa, t->n_paas, &t->cap_paas, sizeof(*paa));
    uint8_t **owned = grown(t->octets, t->n_octets, &t->cap_octets, sizeof(*owned));

    if (paa != NULL)
        t->paa = paa;
    if (owned != NULL)
        t->octets = owned;
    if (paa == NULL || owned == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    paa[t->n_paas++] = *c;
    owned[t->n_octets++] = octets;
    return MC_OK;
}

static enum mc_rc keep_signer(struct trust_store *t, const struct mc_cd_key *key, struct mc_err *e)
{
    struct mc_cd_key *list;

    if (mc_cd_key_find(t->signer, t->n_signers, mc_span_of(key->key_id, MC_KEY_ID_LEN)) != NULL)
        return MC_OK;
    list = grown(t->signer, t->n_signers, &t->cap_signers, sizeof(*list));
    if (list == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    t->signer = list;
    list[t->n_signers++] = *key;
    return MC_OK;
}

static bool is_paa_twice(const struct trust_store *t, struct mc_span tbs)
{
    for (size_t i = 0; i < t->n_paas; i++)
        if (mc_span_eq(t->paa[i].tbs, tbs))
            return true;
    return false;
}

/*
 * A certificate that was read from octets, which become the store's if it is kept (*octets is then NULL). `why` is
 * filled if it is left out.
 */
static enum mc_rc take_certificate(
    const struct entry *x, const struct mc_cert *c, uint8_t **octets, struct mc_err *why, struct mc_err *e)
{
    enum mc_kind kind = mc_cert_kind(c);
    struct mc_cd_key key;
    enum mc_rc rc;

    if (kind == MC_KIND_CD_SIGNER) {
        if (mc_cd_key_of(c, "trusted signer", &key, why) != MC_OK ||
            mc_cd_key_find(NULL, 0, mc_span_of(key.key_id, MC_KEY_ID_LEN)) != NULL ||
            mc_cd_check_official(x->v, c, why) != MC_OK)
            return MC_OK;
        return keep_signer(x->t, &key, e);
    }
    if (!mc_span_eq(c->subject.der, c->issuer.der) || kind == MC_KIND_DAC) {
        if (!x->in_folder)
            (void)mc_fail(why, MC_E_CHAIN_KIND, NULL, "it is no PAA");
        return MC_OK;
    }
    if (mc_att_check_format(c, MC_KIND_PAA, why) != MC_OK || is_paa_twice(x->t, c->tbs))
        return MC_OK;
    rc = keep(x->t, c, *octets, e);
    if (rc == MC_OK)
        *octets = NULL;
    return rc;
}

/* In a folder, what is named like a certificate should be one. */
static bool is_named_like_one(const char *path)
{
    static const char *const ends[] = {".der", ".pem", ".crt", ".cer"};
    size_t n = strlen(path);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (n > strlen(ends[i]) && strcmp(path + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

static enum mc_rc take_object(const struct entry *x, struct mc_span text, struct mc_err *e)
{
    uint8_t *octets = OPENSSL_malloc(text.n + 1);
    struct mc_input in;
    struct mc_cert c;
    struct mc_err why;
    enum mc_object object = MC_OBJECT_UNKNOWN;
    bool expected;
    enum mc_rc rc = MC_OK;

    if (octets == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    mc_err_init(&why);
    if (mc_input_decode(text, octets, text.n, &in, &why) == MC_OK) {
        if (in.outer == MC_OUTER_RAW)
            memcpy(octets, in.bytes.p, in.bytes.n);
        in.bytes.p = octets;
        object = mc_object_guess(&in);
        if (object != MC_OBJECT_CERTIFICATE && (object != MC_OBJECT_UNKNOWN || in.inner == MC_INNER_TLV))
            (void)mc_fail(&why, MC_E_OBJECT, NULL, "%s", mc_object_name(object));
        else if (mc_cert_parse_der(in.bytes, MC_RULES_X509, &c, &why) == MC_OK)
            rc = take_certificate(x, &c, &octets, &why, e);
    }
    OPENSSL_clear_free(octets, text.n); /* it may have been a key */
    expected = object == MC_OBJECT_CERTIFICATE ||
               (object == MC_OBJECT_UNKNOWN && why.rc != MC_E_PRIVATE_KEY && is_named_like_one(x->path));
    if (rc == MC_OK && why.rc != MC_OK && (!x->in_folder || expected))
        rc = leave_out(x->t, x->path, &why, e);
    return rc;
}

static enum mc_rc take_bundled_paa(struct trust_store *t, const struct trust_cert *x, struct mc_err *e)
{
    uint8_t *octets = OPENSSL_malloc(x->der.n);
    struct mc_cert c;
    enum mc_rc rc;

    if (octets == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    memcpy(octets, x->der.p, x->der.n);
    rc = mc_cert_parse_der(mc_span_of(octets, x->der.n), MC_RULES_X509, &c, e);
    if (rc == MC_OK && !is_paa_twice(t, c.tbs) && (rc = keep(t, &c, octets, e)) == MC_OK)
        return MC_OK;
    OPENSSL_free(octets);
    return rc;
}

static enum mc_rc take_bundled_rest(struct trust_store *t, const struct trust_bundle *b, struct mc_err *e)
{
    struct mc_cd_key key;
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; rc == MC_OK && i < b->n_signers; i++) {
        rc = mc_cd_key_of(&b->signer[i]->c, "trusted signer", &key, e);
        if (rc == MC_OK)
            rc = keep_signer(t, &key, e);
    }
    if (rc == MC_OK && b->n_entries != 0 && t->revoked == NULL) {
        t->revoked = calloc(1, sizeof(*t->revoked));
        rc = t->revoked == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;
    }
    for (size_t i = 0; rc == MC_OK && i < b->n_entries; i++)
        rc = trust_bundle_add_entry(t->revoked, &b->entry[i], e);
    for (size_t i = 0; rc == MC_OK && i < b->n_left_out; i++)
        rc = leave_out(t, b->left_out[i].path, &b->left_out[i].err, e);
    return rc;
}

enum mc_rc trust_store_add_bundle(struct trust_store *t, const struct trust_bundle *b, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; rc == MC_OK && i < b->n_paas; i++)
        rc = take_bundled_paa(t, b->paa[i], e);
    return rc == MC_OK ? take_bundled_rest(t, b, e) : rc;
}

static enum mc_rc take_bundle(const struct entry *x, struct mc_span text, struct mc_err *e)
{
    struct trust_bundle b;
    enum mc_rc rc = trust_bundle_parse(text, x->v, &b, e);

    if (rc != MC_OK)
        return rc;
    rc = trust_store_add_bundle(x->t, &b, e);
    trust_bundle_clear(&b);
    return rc;
}

/* Each PEM block, or the file as one object. */
static enum mc_rc take_file(const struct entry *x, struct mc_span text, struct mc_err *e)
{
    const uint8_t *end = text.p + text.n, *at = memmem(text.p, text.n, pem_begin, sizeof(pem_begin) - 1);
    enum mc_rc rc = MC_OK;

    if (trust_bundle_looks_like(text))
        return x->in_folder ? MC_OK : take_bundle(x, text, e);
    if (at == NULL)
        return take_object(x, text, e);
    while (rc == MC_OK && at != NULL) {
        const uint8_t *stop = memmem(at, (size_t)(end - at), pem_end, sizeof(pem_end) - 1);
        const uint8_t *next = memmem(at + 1, (size_t)(end - at - 1), pem_begin, sizeof(pem_begin) - 1);

        if (stop != NULL) /* to the end of the line */
            stop = memchr(stop, '\n', (size_t)(end - stop));
        if (stop == NULL || (next != NULL && next < stop))
            stop = next != NULL ? next : end;
        rc = take_object(x, mc_span_of(at, (size_t)(stop - at)), e);
        at = next;
    }
    return rc;
}

static enum mc_rc add_file(const struct entry *x, struct mc_err *e)
{
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = io_read(x->path, TRUST_BUNDLE_MAX, &text, &n, e);

    if (rc == MC_OK)
        rc = take_file(x, mc_span_of(text, n), e);
    if (text != NULL)
        OPENSSL_cleanse(text, n);
    free(text);
    return rc;
}

enum mc_rc trust_store_add(struct trust_store *t, struct mc_verifier *v, const char *path, struct mc_err *e)
{
    struct io_names names = {0};
    struct entry x = {.t = t, .v = v, .path = path};
    enum mc_rc rc;

    if (strcmp(path, "-") == 0 || !io_is_directory(path))
        return add_file(&x, e);
    x.in_folder = true;
    rc = io_list(path, &names, e);
    for (size_t i = 0; rc == MC_OK && i < names.n; i++) {
        struct mc_err why;

        mc_err_init(&why);
        x.path = names.name[i];
        if (add_file(&x, &why) == MC_E_MEMORY)
            rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
        else if (why.rc != MC_OK)
            rc = leave_out(t, x.path, &why, e);
    }
    io_names_free(&names);
    return rc;
}

enum mc_rc trust_store_add_signer(struct trust_store *t, const char *path, struct mc_err *e)
{
    uint8_t *text = NULL, *octets = NULL;
    struct mc_input in;
    struct mc_cert c;
    struct mc_cd_key key;
    size_t n = 0;
    enum mc_rc rc = io_read(path, TRUST_FILE_MAX, &text, &n, e);

    if (rc == MC_OK) {
        octets = OPENSSL_malloc(n + 1);
        rc = octets != NULL ? mc_input_decode(mc_span_of(text, n), octets, n, &in, e) : mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    if (rc == MC_OK)
        rc = mc_cert_parse_der(in.bytes, MC_RULES_X509, &c, e);
    if (rc == MC_OK)
        rc = mc_cd_key_of(&c, "trusted signer", &key, e);
    if (rc == MC_OK)
        rc = keep_signer(t, &key, e);
    OPENSSL_free(octets);
    free(text);
    return rc;
}

void trust_store_clear(struct trust_store *t)
{
    for (size_t i = 0; i < t->n_left_out; i++)
        free(t->left_out[i].path);
    for (size_t i = 0; i < t->n_octets; i++)
        OPENSSL_free(t->octets[i]);
    if (t->revoked != NULL)
        trust_bundle_clear(t->revoked);
    free(t->revoked);
    free(t->left_out);
    free(t->octets);
    free(t->paa);
    free(t->signer);
    memset(t, 0, sizeof(*t));
}
