/* SPDX-License-Identifier: Apache-2.0 */
/* key.c - finds keys, proves that they are the right ones, lists and removes them. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "internal.h"

/* --- the token's objects ------------------------------------------------------------------------------ */

/* Only token objects: the session copies have the same id and label. */
static CK_RV select_objects(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_CLASS class,
    const struct hsm_selector *sel, CK_OBJECT_HANDLE **out, size_t *n)
{
    CK_BBOOL yes = CK_TRUE;
    CK_KEY_TYPE ec = CKK_EC;
    CK_ATTRIBUTE want[5] = {
        {CKA_CLASS, &class, sizeof(class)}, {CKA_TOKEN, &yes, sizeof(yes)}, {CKA_KEY_TYPE, &ec, sizeof(ec)}};
    size_t want_n = 3;

    if (sel->id_n != 0)
        want[want_n++] = (CK_ATTRIBUTE){CKA_ID, hsm_mutable(sel->id), sel->id_n};
    if (sel->label[0] != '\0')
        want[want_n++] = (CK_ATTRIBUTE){CKA_LABEL, hsm_mutable(sel->label), strlen(sel->label)};
    return hsm_object_find(h, s, want, want_n, out, n);
}

static void name_selector(const struct hsm_selector *sel, char *out, size_t cap)
{
    char id[2 * HSM_ANY_ID_MAX + 1];

    mc_hex_encode(sel->id, sel->id_n, id);
    snprintf(out, cap, "%s%s%s%s", sel->id_n != 0 ? "id " : "", id, sel->label[0] != '\0' ? " label " : "",
        sel->label);
}

enum mc_rc hsm_key_object(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_CLASS class,
    const struct hsm_selector *sel, CK_OBJECT_HANDLE *out, struct mc_err *e)
{
    char name[2 * HSM_ANY_ID_MAX + HSM_KEY_LABEL_MAX + 16];
    CK_OBJECT_HANDLE *found = NULL;
    size_t n = 0;
    CK_RV rv = select_objects(h, s, class, sel, &found, &n);
    enum mc_rc rc = MC_OK;

    name_selector(sel, name, sizeof(name));
    if (rv != CKR_OK)
        rc = hsm_fail_ckr(e, "C_FindObjects", rv);
    else if (n == 0)
        rc = mc_fail(e, HSM_E_KEY_NOT_FOUND, NULL, "token '%s', %s", h->label, name);
    else if (n > 1)
        rc = mc_fail(e, HSM_E_KEY_TWICE, NULL, "%zu %s keys with %s", n,
            class == CKO_PRIVATE_KEY ? "private" : "public", name);
    else
        *out = found[0];
    free(found);
    return rc;
}

/* --- what the key must be ------------------------------------------------------------------------------- */

struct attr_rule {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    bool want;
    bool absent_is_fine; /* a token that does not know a use does not allow it */
};

static const struct attr_rule attr_rules[] = {
    {CKA_SENSITIVE, "CKA_SENSITIVE", true, false},
    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false, false},
    {CKA_SIGN, "CKA_SIGN", true, false},
    {CKA_DECRYPT, "CKA_DECRYPT", false, true},
    {CKA_UNWRAP, "CKA_UNWRAP", false, true},
    {CKA_DERIVE, "CKA_DERIVE", false, true},
    {CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER", false, true},
};

static enum mc_rc check_attributes(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, struct mc_err *e)
{
    for (size_t i = 0; i < sizeof(attr_rules) / sizeof(attr_rules[0]); i++) {
        const struct attr_rule *r = &attr_rules[i];
        enum hsm_tri have;
        CK_RV rv = hsm_object_bool(h, s, o, r->type, &have);

        if (rv != CKR_OK)
            return hsm_fail_ckr(e, "C_GetAttributeValue", rv);
        if (have == HSM_ABSENT && r->absent_is_fine)
            continue;
        if (have != (r->want ? HSM_TRUE : HSM_FALSE))
            return mc_fail(e, HSM_E_KEY_ATTR, NULL, "%s is %s", r->name,
                have == HSM_ABSENT ? "absent"
                : have == HSM_TRUE ? "true"
                                   : "false");
    }
    return MC_OK;
}

static enum mc_rc check_public(struct hsm_key *k, CK_SESSION_HANDLE s, struct mc_err *e)
{
    uint8_t point[HSM_POINT_LEN];
    CK_OBJECT_HANDLE o;
    struct mc_err missing;
    enum mc_rc rc;

    mc_err_init(&missing);
    rc = hsm_key_object(k->h, s, CKO_PUBLIC_KEY, &k->sel, &o, &missing);
    if (rc == HSM_E_KEY_NOT_FOUND)
        return MC_OK;
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, "%s", missing.what);
    rc = hsm_object_point(k->h, s, o, point, e);
    if (rc == MC_OK && memcmp(point, k->point, HSM_POINT_LEN) != 0)
        rc = mc_fail(e, HSM_E_KEY_OTHER, NULL, "the public key object under this id is another one");
    return rc;
}

/* The public object is a mere note beside the private key: only a signature proves what that is. */
static enum mc_rc check_by_signing(
    struct hsm_key *k, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, struct mc_err *e)
{
    uint8_t digest[HSM_DIGEST_LEN], sig[HSM_SIG_LEN];
    const char *call;
    enum mc_rc rc;
    CK_RV rv;

    if (RAND_bytes(digest, sizeof(digest)) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "no random octets");
    rv = hsm_sign_raw(k->h, s, o, digest, sig, &call);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, call, rv);
    rc = mc_verify(k->h->verifier, k->point, digest, sig);
    if (mc_rc_class(rc) == MC_CLASS_INTERNAL)
        return mc_fail(e, rc, NULL, NULL);
    if (rc != MC_OK)
        return mc_fail(
            e, HSM_E_KEY_OTHER, NULL, "a trial signature does not verify with the expected public key");
    return MC_OK;
}

/* A copy that does not sign rightly is not used; the token's own object then decides. */
static enum mc_rc check_signatures(struct hsm_key *k, struct hsm_session *s, struct mc_err *e)
{
    _Atomic CK_OBJECT_HANDLE *copy = &k->copy[s->index];

    hsm_key_copy(k, s);
    if (*copy != CK_INVALID_HANDLE && check_by_signing(k, s->handle, *copy, NULL) == MC_OK)
        return MC_OK;
    if (*copy != CK_INVALID_HANDLE) {
        k->no_copy = true;
        k->h->m.f->C_DestroyObject(s->handle, *copy);
        *copy = CK_INVALID_HANDLE;
    }
    return check_by_signing(k, s->handle, k->object, e);
}

enum mc_rc hsm_key_bind(struct hsm_key *k, struct hsm_session *s, struct mc_err *e)
{
    CK_OBJECT_HANDLE o = CK_INVALID_HANDLE;
    enum mc_rc rc = hsm_key_object(k->h, s->handle, CKO_PRIVATE_KEY, &k->sel, &o, e);

    if (rc == MC_OK)
        rc = check_attributes(k->h, s->handle, o, e);
    if (rc == MC_OK)
        rc = check_public(k, s->handle, e);
    if (rc != MC_OK)
        return rc;
    k->object = o;
    rc = check_signatures(k, s, e);
    if (rc != MC_OK)
        k->object = CK_INVALID_HANDLE;
    return rc;
}

void hsm_keys_unbind(struct hsm *h)
{
    for (struct hsm_key *k = h->keys; k != NULL; k = k->next) {
        k->object = CK_INVALID_HANDLE;
        memset(k->copy, 0, sizeof(k->copy));
    }
}

/* --- find ---------------------------------------------------------------------------------------------- */

struct find_task {
    struct hsm_task t;
    struct hsm_key *k;
};

static void clear_find(struct hsm_task *t)
{
    free(((struct find_task *)t)->k);
}

static enum mc_rc find_run(struct hsm_task *t)
{
    return hsm_key_bind(((struct find_task *)t)->k, t->s, &t->e);
}

static bool same_selector(const struct hsm_selector *a, const struct hsm_selector *b)
{
    return mc_span_eq(mc_span_of(a->id, a->id_n), mc_span_of(b->id, b->id_n)) &&
           strcmp(a->label, b->label) == 0;
}

static struct hsm_key *find_cached(struct hsm *h, const struct hsm_selector *sel, const uint8_t *point)
{
    for (struct hsm_key *k = h->keys; k != NULL; k = k->next)
        if (!k->removed && same_selector(&k->sel, sel) && memcmp(k->point, point, HSM_POINT_LEN) == 0)
            return k;
    return NULL;
}

static enum mc_rc find_key(struct hsm *h, const struct hsm_selector *sel, const uint8_t point[HSM_POINT_LEN],
    struct hsm_key **out, struct mc_err *e)
{
    struct find_task *f;
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(h, sizeof(*f), find_run, &t, e);

    if (rc != MC_OK)
        return rc;
    t->clear = clear_find;
    f = (struct find_task *)t;
    f->k = calloc(1, sizeof(*f->k));
    if (f->k == NULL) {
        hsm_task_free(t);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    f->k->h = h;
    f->k->sel = *sel;
    memcpy(f->k->point, point, HSM_POINT_LEN);
    rc = hsm_task_do(&t, e);
    if (rc == MC_OK) {
        /* Threads that sign may unbind all keys meanwhile. */
        pthread_mutex_lock(&h->bind_lock);
        f->k->next = h->keys;
        h->keys = *out = f->k;
        pthread_mutex_unlock(&h->bind_lock);
        f->k = NULL;
    }
    hsm_task_free(t);
    return rc;
}

static enum mc_rc find(struct hsm *h, const struct hsm_selector *sel, const uint8_t point[HSM_POINT_LEN],
    struct hsm_key **out, struct mc_err *e)
{
    enum mc_rc rc = hsm_check_usable(h, e);
    struct hsm_key *k;

    if (rc != MC_OK)
        return rc;
    k = find_cached(h, sel, point);
    if (k == NULL)
        return find_key(h, sel, point, out, e);
    *out = k;
    return MC_OK;
}

enum mc_rc hsm_find_key(struct hsm *h, const uint8_t id[HSM_ID_LEN], const uint8_t point[HSM_POINT_LEN],
    struct hsm_key **out, struct mc_err *e)
{
    struct hsm_selector sel = {.id_n = HSM_ID_LEN};

    memcpy(sel.id, id, HSM_ID_LEN);
    return find(h, &sel, point, out, e);
}

/* What the URI says of the module and the token must be true of the one that is open. */
static enum mc_rc check_uri_token(struct hsm *h, const struct hsm_uri *u, struct mc_err *e)
{
    struct hsm_info info = {0};
    enum mc_rc rc = MC_OK;

    if (u->manufacturer[0] != '\0' || u->model[0] != '\0')
        rc = hsm_status(h, &info, e);
    if (rc != MC_OK)
        return rc;
    if (u->token[0] != '\0' && strcmp(u->token, h->label) != 0)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the URI names token '%s', open is '%s'", u->token, h->label);
    if (u->serial[0] != '\0' && strcmp(u->serial, h->serial) != 0)
        return mc_fail(
            e, HSM_E_NO_TOKEN, NULL, "the URI names serial number %s, open is %s", u->serial, h->serial);
    if (u->manufacturer[0] != '\0' && strcmp(u->manufacturer, info.manufacturer) != 0)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the URI names manufacturer '%s', open is '%s'",
            u->manufacturer, info.manufacturer);
    if (u->model[0] != '\0' && strcmp(u->model, info.model) != 0)
        return mc_fail(
            e, HSM_E_NO_TOKEN, NULL, "the URI names model '%s', open is '%s'", u->model, info.model);
    if (u->module_path[0] != '\0' && strcmp(u->module_path, h->module_path) != 0)
        return mc_fail(e, HSM_E_MODULE, NULL, "the URI names another module: %s", u->module_path);
    return MC_OK;
}

enum mc_rc hsm_find_key_uri(struct hsm *h, const char *uri, const uint8_t point[HSM_POINT_LEN],
    struct hsm_key **out, struct mc_err *e)
{
    struct hsm_uri u;
    enum mc_rc rc = hsm_uri_parse(uri, &u, e);

    if (rc == MC_OK)
        rc = check_uri_token(h, &u, e);
    return rc == MC_OK ? find(h, &u.key, point, out, e) : rc;
}
