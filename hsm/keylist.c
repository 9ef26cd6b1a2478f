/* SPDX-License-Identifier: Apache-2.0 */
/* keylist.c - lists the keys that heddle made, and tells what a key is. */
#include <stdlib.h>

#include "internal.h"

struct entry {
    struct hsm_selector name;
    uint8_t point[HSM_POINT_LEN];
    bool has_point;
};

struct list_task {
    struct hsm_task t;
    struct entry *entries;
    size_t n;
};

static void clear_list(struct hsm_task *t)
{
    free(((struct list_task *)t)->entries);
}

/* An object that vanishes meanwhile, or has no such attributes, is left out: it is no key of ours. */
static bool read_name(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, struct hsm_selector *name)
{
    struct mc_out id = mc_out_of(name->id, sizeof(name->id));
    struct mc_out label = mc_out_of((uint8_t *)name->label, HSM_KEY_LABEL_MAX);

    if (hsm_object_bytes(h, s, o, CKA_ID, &id) != CKR_OK ||
        hsm_object_bytes(h, s, o, CKA_LABEL, &label) != CKR_OK)
        return false;
    name->id_n = id.n;
    name->label[label.n] = '\0';
    return true;
}

static CK_RV find_class(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE **out, size_t *n)
{
    CK_BBOOL yes = CK_TRUE;
    CK_KEY_TYPE ec = CKK_EC;
    CK_ATTRIBUTE want[] = {
        {CKA_CLASS, &class, sizeof(class)}, {CKA_TOKEN, &yes, sizeof(yes)}, {CKA_KEY_TYPE, &ec, sizeof(ec)}};

    return hsm_object_find(h, s, want, 3, out, n);
}

/* Reads all keys of a class into a fresh array. */
static enum mc_rc read_class(struct hsm_task *t, CK_OBJECT_CLASS class, struct entry **entries, size_t *count)
{
    CK_OBJECT_HANDLE *found = NULL;
    size_t n = 0, kept = 0;
    CK_RV rv = find_class(t->h, t->s->handle, class, &found, &n);
    struct entry *list = rv == CKR_OK ? calloc(n + 1, sizeof(*list)) : NULL;
    enum mc_rc rc = MC_OK;

    if (rv != CKR_OK)
        rc = hsm_fail_ckr(&t->e, "C_FindObjects", rv);
    else if (list == NULL)
        rc = mc_fail(&t->e, MC_E_MEMORY, NULL, NULL);
    for (size_t i = 0; list != NULL && i < n; i++) {
        struct entry *it = &list[kept];

        if (!read_name(t->h, t->s->handle, found[i], &it->name))
            continue;
        if (class == CKO_PUBLIC_KEY)
            it->has_point = hsm_object_point(t->h, t->s->handle, found[i], it->point, NULL) == MC_OK;
        kept++;
    }
    free(found);
    *entries = list;
    *count = kept;
    return rc;
}

static void join_points(struct list_task *l, const struct entry *publics, size_t n)
{
    for (size_t i = 0; i < l->n; i++) {
        struct entry *it = &l->entries[i];

        for (size_t j = 0; j < n && !it->has_point; j++) {
            const struct entry *p = &publics[j];

            it->has_point = p->has_point && mc_span_eq(mc_span_of(p->name.id, p->name.id_n),
                                                mc_span_of(it->name.id, it->name.id_n));
            memcpy(it->point, p->point, HSM_POINT_LEN);
        }
    }
}

static enum mc_rc list_run(struct hsm_task *t)
{
    struct list_task *l = (struct list_task *)t;
    struct entry *publics = NULL;
    size_t n = 0;
    enum mc_rc rc;

    free(l->entries);
    l->entries = NULL;
    rc = read_class(t, CKO_PRIVATE_KEY, &l->entries, &l->n);
    if (rc == MC_OK)
        rc = read_class(t, CKO_PUBLIC_KEY, &publics, &n);
    if (rc == MC_OK)
        join_points(l, publics, n);
    free(publics);
    return rc;
}

/* Ours: an id that is the hash of the point; or one that could be, where the point is not known. */
static bool is_ours(struct hsm *h, const struct entry *it)
{
    uint8_t id[HSM_ID_LEN];

    if (it->name.id_n != HSM_ID_LEN)
        return false;
    if (!it->has_point || strcmp(it->name.label, HSM_LABEL_UNFINISHED) == 0)
        return true;
    return mc_key_id(h->verifier, it->point, id) == MC_OK && memcmp(id, it->name.id, HSM_ID_LEN) == 0;
}

enum mc_rc hsm_list_keys(struct hsm *h,
    bool (*each)(void *arg, const char *label, struct mc_span id, const uint8_t *point), void *arg,
    struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct list_task *l;
    enum mc_rc rc = hsm_task_new(h, sizeof(*l), list_run, &t, e);

    if (rc != MC_OK)
        return rc;
    t->clear = clear_list;
    l = (struct list_task *)t;
    rc = hsm_task_do(&t, e);
    for (size_t i = 0; rc == MC_OK && i < l->n; i++) {
        const struct entry *it = &l->entries[i];

        if (is_ours(h, it) && !each(arg, it->name.label, mc_span_of(it->name.id, it->name.id_n),
                                  it->has_point ? it->point : NULL))
            break;
    }
    hsm_task_free(t);
    return rc;
}

struct facts_task {
    struct hsm_task t;
    struct hsm_key *k;
    struct hsm_key_facts facts;
};

static enum mc_rc facts_run(struct hsm_task *t)
{
    struct facts_task *ft = (struct facts_task *)t;
    struct hsm_key_facts *f = &ft->facts;
    const struct {
        CK_ATTRIBUTE_TYPE type;
        bool *to;
    } rows[] = {
        {CKA_SENSITIVE, &f->sensitive},
        {CKA_EXTRACTABLE, &f->extractable},
        {CKA_ALWAYS_SENSITIVE, &f->always_sensitive},
        {CKA_NEVER_EXTRACTABLE, &f->never_extractable},
        {CKA_SIGN, &f->sign},
        {CKA_DECRYPT, &f->decrypt},
        {CKA_UNWRAP, &f->unwrap},
        {CKA_DERIVE, &f->derive},
        {CKA_LOCAL, &f->local},
    };

    if (ft->k->object == CK_INVALID_HANDLE) {
        enum mc_rc rc = hsm_key_bind(ft->k, t->s, &t->e);

        if (rc != MC_OK)
            return rc;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum hsm_tri have;
        CK_RV rv = hsm_object_bool(t->h, t->s->handle, ft->k->object, rows[i].type, &have);

        if (rv != CKR_OK)
            return hsm_fail_ckr(&t->e, "C_GetAttributeValue", rv);
        *rows[i].to = have == HSM_TRUE;
    }
    return MC_OK;
}

enum mc_rc hsm_key_facts(struct hsm_key *k, struct hsm_key_facts *f, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(k->h, sizeof(struct facts_task), facts_run, &t, e);

    if (rc != MC_OK)
        return rc;
    ((struct facts_task *)t)->k = k;
    rc = hsm_task_do(&t, e);
    if (rc == MC_OK)
        *f = ((struct facts_task *)t)->facts;
    hsm_task_free(t);
    return rc;
}
