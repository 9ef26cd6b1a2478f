/* SPDX-License-Identifier: Apache-2.0 */
/* keymake.c - makes and removes key pairs. */
#include <stdio.h>

#include <openssl/rand.h>

#include "internal.h"

/* --- make ---------------------------------------------------------------------------------------------- */

struct make_task {
    struct hsm_task t;
    struct hsm_selector sel;   /* the final label; the id once it is known */
    struct hsm_selector first; /* the provisional id and label */
    uint8_t point[HSM_POINT_LEN];
};

/* Uses that are off unless they are said to be off: SoftHSM's default for decrypt and unwrap is on. */
static CK_RV generate(struct hsm *h, CK_SESSION_HANDLE s, const struct hsm_selector *first,
    bool restrict_mechanism, CK_OBJECT_HANDLE pair[2])
{
    CK_MECHANISM keygen = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_MECHANISM_TYPE only = CKM_ECDSA;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE public[] = {
        {CKA_EC_PARAMS, hsm_mutable(hsm_p256_params), sizeof(hsm_p256_params)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_VERIFY, &yes, sizeof(yes)},
        {CKA_ENCRYPT, &no, sizeof(no)},
        {CKA_WRAP, &no, sizeof(no)},
        {CKA_ID, hsm_mutable(first->id), first->id_n},
        {CKA_LABEL, hsm_mutable(first->label), strlen(first->label)},
    };
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},
        {CKA_EXTRACTABLE, &no, sizeof(no)},
        {CKA_SIGN, &yes, sizeof(yes)},
        {CKA_DECRYPT, &no, sizeof(no)},
        {CKA_UNWRAP, &no, sizeof(no)},
        {CKA_DERIVE, &no, sizeof(no)},
        {CKA_SIGN_RECOVER, &no, sizeof(no)},
        {CKA_ID, hsm_mutable(first->id), first->id_n},
        {CKA_LABEL, hsm_mutable(first->label), strlen(first->label)},
        {CKA_ALLOWED_MECHANISMS, &only, sizeof(only)},
    };
    size_t private_n = sizeof(private) / sizeof(private[0]) - (restrict_mechanism ? 0 : 1);

    return h->m.f->C_GenerateKeyPair(
        s, &keygen, public, sizeof(public) / sizeof(public[0]), private, private_n, &pair[0], &pair[1]);
}

static bool refuses_template(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_VALUE_INVALID ||
           rv == CKR_TEMPLATE_INCONSISTENT || rv == CKR_ATTRIBUTE_READ_ONLY;
}

/*
 * The id is the hash of a point that does not exist yet, so the pair is born under a random id and the
 * label of unfinished keys; a crash before the end leaves what hsm_list_keys names and hsm_destroy_key
 * removes. CKA_MODIFIABLE stays true for that reason: it could be set false only in a copy, for a moment
 * there would be two keys, many tokens refuse such copies, and who has the PIN gains no extraction by it.
 * An added use (CKA_DERIVE) is seen each time the key is opened.
 */
static enum mc_rc name_provisionally(struct make_task *m, struct mc_err *e)
{
    m->first.id_n = HSM_ID_LEN;
    snprintf(m->first.label, sizeof(m->first.label), "%s", HSM_LABEL_UNFINISHED);
    if (RAND_bytes(m->first.id, HSM_ID_LEN) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "no random octets");
    return MC_OK;
}

static CK_RV rename_object(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, const struct hsm_selector *sel)
{
    CK_ATTRIBUTE name[] = {
        {CKA_ID, hsm_mutable(sel->id), sel->id_n}, {CKA_LABEL, hsm_mutable(sel->label), strlen(sel->label)}};

    return h->m.f->C_SetAttributeValue(s, o, name, 2);
}

/* The private key last: once it has its id, the pair is complete. */
static enum mc_rc finish(
    struct hsm *h, CK_SESSION_HANDLE s, struct make_task *m, CK_OBJECT_HANDLE pair[2], struct mc_err *e)
{
    enum mc_rc rc = hsm_object_point(h, s, pair[0], m->point, e);
    CK_RV rv;

    if (rc == MC_OK)
        rc = mc_point_check(h->verifier, mc_span_of(m->point, HSM_POINT_LEN));
    if (rc == MC_OK)
        rc = mc_key_id(h->verifier, m->point, m->sel.id);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, "the token's new public key");
    m->sel.id_n = HSM_ID_LEN;
    rv = rename_object(h, s, pair[0], &m->sel);
    if (rv == CKR_OK)
        rv = rename_object(h, s, pair[1], &m->sel);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_SetAttributeValue", rv);
    return h->embedded ? hsm_store_sync(h->dir, h->serial, e) : MC_OK;
}

static enum mc_rc make_pair(struct hsm *h, CK_SESSION_HANDLE s, struct make_task *m, struct mc_err *e)
{
    CK_OBJECT_HANDLE pair[2] = {CK_INVALID_HANDLE, CK_INVALID_HANDLE};
    CK_RV rv = generate(h, s, &m->first, true, pair);
    enum mc_rc rc;

    if (refuses_template(rv))
        rv = generate(h, s, &m->first, false, pair);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GenerateKeyPair", rv);
    rc = finish(h, s, m, pair, e);
    if (rc == MC_OK)
        return MC_OK;
    h->m.f->C_DestroyObject(s, pair[1]);
    h->m.f->C_DestroyObject(s, pair[0]);
    return rc;
}

static enum mc_rc make_run(struct hsm_task *t)
{
    struct make_task *m = (struct make_task *)t;
    CK_SESSION_HANDLE s;
    enum mc_rc rc = name_provisionally(m, &t->e);

    if (rc == MC_OK)
        rc = hsm_session_open_rw(t->h, &s, &t->e);
    if (rc != MC_OK)
        return rc;
    rc = make_pair(t->h, s, m, &t->e);
    t->h->m.f->C_CloseSession(s);
    return rc;
}

static enum mc_rc check_label(const char *label, struct mc_err *e)
{
    size_t n = strnlen(label, HSM_KEY_LABEL_MAX + 1);

    if (n == 0 || n > HSM_KEY_LABEL_MAX)
        return mc_fail(e, MC_E_INTERNAL, NULL, "a key's label must have 1 to %d octets", HSM_KEY_LABEL_MAX);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
            return mc_fail(e, MC_E_INTERNAL, NULL, "a key's label has a control character in it");
    return MC_OK;
}

enum mc_rc hsm_generate_p256(
    struct hsm *h, const char *label, uint8_t point[HSM_POINT_LEN], uint8_t id[HSM_ID_LEN], struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct make_task *m;
    enum mc_rc rc = check_label(label, e);

    if (rc == MC_OK)
        rc = hsm_task_new(h, sizeof(*m), make_run, &t, e);
    if (rc != MC_OK)
        return rc;
    m = (struct make_task *)t;
    snprintf(m->sel.label, sizeof(m->sel.label), "%s", label);
    rc = hsm_task_do(&t, e);
    if (rc == MC_OK) {
        memcpy(point, m->point, HSM_POINT_LEN);
        memcpy(id, m->sel.id, HSM_ID_LEN);
    }
    hsm_task_free(t);
    return rc;
}

/* --- remove --------------------------------------------------------------------------------------------- */

struct remove_task {
    struct hsm_task t;
    struct hsm_selector sel;
};

static enum mc_rc remove_object(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_CLASS class,
    const struct hsm_selector *sel, struct mc_err *e)
{
    CK_OBJECT_HANDLE o;
    enum mc_rc rc = hsm_key_object(h, s, class, sel, &o, e);
    CK_RV rv;

    if (rc != MC_OK)
        return rc;
    rv = h->m.f->C_DestroyObject(s, o);
    return rv == CKR_OK ? MC_OK : hsm_fail_ckr(e, "C_DestroyObject", rv);
}

/* The copies would go on signing. */
static void remove_cached(struct hsm *h, const struct hsm_selector *sel)
{
    for (struct hsm_key *k = h->keys; k != NULL; k = k->next) {
        if (!mc_span_eq(mc_span_of(k->sel.id, k->sel.id_n), mc_span_of(sel->id, sel->id_n)))
            continue;
        for (unsigned i = 0; i < h->session_count; i++)
            if (k->copy[i] != CK_INVALID_HANDLE)
                h->m.f->C_DestroyObject(h->sessions[i].handle, k->copy[i]);
        memset(k->copy, 0, sizeof(k->copy));
        k->object = CK_INVALID_HANDLE;
        k->removed = true;
    }
}

/* Either half may be missing after a crash; there is nothing to remove only when both are. */
static enum mc_rc remove_pair(
    struct hsm *h, CK_SESSION_HANDLE s, const struct hsm_selector *sel, struct mc_err *e)
{
    struct mc_err no_public;
    enum mc_rc private_rc = remove_object(h, s, CKO_PRIVATE_KEY, sel, e);
    enum mc_rc public_rc;

    if (private_rc != MC_OK && private_rc != HSM_E_KEY_NOT_FOUND)
        return private_rc;
    remove_cached(h, sel);
    mc_err_init(&no_public);
    public_rc = remove_object(h, s, CKO_PUBLIC_KEY, sel, &no_public);
    if (public_rc == HSM_E_KEY_NOT_FOUND)
        return private_rc;
    if (public_rc != MC_OK)
        return mc_fail(e, public_rc, NULL, "%s", no_public.what);
    return h->embedded ? hsm_store_sync(h->dir, h->serial, e) : MC_OK;
}

static enum mc_rc remove_run(struct hsm_task *t)
{
    CK_SESSION_HANDLE s;
    enum mc_rc rc = hsm_session_open_rw(t->h, &s, &t->e);

    if (rc != MC_OK)
        return rc;
    rc = remove_pair(t->h, s, &((struct remove_task *)t)->sel, &t->e);
    t->h->m.f->C_CloseSession(s);
    return rc;
}

enum mc_rc hsm_destroy_key(struct hsm *h, const uint8_t id[HSM_ID_LEN], struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct remove_task *r;
    enum mc_rc rc = hsm_task_new(h, sizeof(*r), remove_run, &t, e);

    if (rc != MC_OK)
        return rc;
    r = (struct remove_task *)t;
    r->sel.id_n = HSM_ID_LEN;
    memcpy(r->sel.id, id, HSM_ID_LEN);
    rc = hsm_task_do(&t, e);
    hsm_task_free(t);
    return rc;
}
