/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.c - small secrets at rest, AES-256-GCM under a key that stays in the token.
 * Sealed: version 01 || IV (12, random) || ciphertext || tag (16). The version is bound in with the context.
 */
#include <stdlib.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "internal.h"

#define SEAL_LABEL   "heddle-seal"
#define SEAL_VERSION 1
#define IV_LEN       12
#define TAG_LEN      16
#define SECRET_MAX   4096
#define CONTEXT_MAX  1024

struct seal_task {
    struct hsm_task t;
    uint8_t aad[1 + CONTEXT_MAX];
    size_t aad_n;
    uint8_t iv[IV_LEN];
    uint8_t in[SECRET_MAX + TAG_LEN], out[SECRET_MAX + TAG_LEN];
    size_t in_n;
    CK_ULONG out_n;
};

static CK_RV find_seal_keys(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE **out, size_t *n)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE aes = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_KEY_TYPE, &aes, sizeof(aes)}, {CKA_LABEL, hsm_mutable(SEAL_LABEL), sizeof(SEAL_LABEL) - 1}};

    return hsm_object_find(h, s, want, 4, out, n);
}

static CK_RV generate(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *key)
{
    CK_MECHANISM keygen = {CKM_AES_KEY_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG length = 32;
    CK_ATTRIBUTE want[] = {
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},
        {CKA_EXTRACTABLE, &no, sizeof(no)},
        {CKA_ENCRYPT, &yes, sizeof(yes)},
        {CKA_DECRYPT, &yes, sizeof(yes)},
        {CKA_SIGN, &no, sizeof(no)},
        {CKA_VERIFY, &no, sizeof(no)},
        {CKA_WRAP, &no, sizeof(no)},
        {CKA_UNWRAP, &no, sizeof(no)},
        {CKA_DERIVE, &no, sizeof(no)},
        {CKA_VALUE_LEN, &length, sizeof(length)},
        {CKA_LABEL, hsm_mutable(SEAL_LABEL), sizeof(SEAL_LABEL) - 1},
    };

    return h->m.f->C_GenerateKey(s, &keygen, want, sizeof(want) / sizeof(want[0]), key);
}

static enum mc_rc make_key(struct hsm *h, CK_OBJECT_HANDLE *key, struct mc_err *e)
{
    CK_SESSION_HANDLE s;
    enum mc_rc rc = hsm_session_open_rw(h, &s, e);
    CK_RV rv;

    if (rc != MC_OK)
        return rc;
    rv = generate(h, s, key);
    h->m.f->C_CloseSession(s);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GenerateKey (CKM_AES_KEY_GEN)", rv);
    return h->embedded ? hsm_store_sync(h->dir, h->serial, e) : MC_OK;
}

/* A key made by hand or changed since could leave the token, or open what it should only keep. */
static enum mc_rc check_key(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key, struct mc_err *e)
{
    enum hsm_tri sensitive = HSM_ABSENT, extractable = HSM_ABSENT;
    CK_RV rv = hsm_object_bool(h, s, key, CKA_SENSITIVE, &sensitive);

    if (rv == CKR_OK)
        rv = hsm_object_bool(h, s, key, CKA_EXTRACTABLE, &extractable);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetAttributeValue", rv);
    if (sensitive != HSM_TRUE || extractable != HSM_FALSE)
        return mc_fail(e, HSM_E_KEY_ATTR, NULL, "the key '%s' can be read out of the token", SEAL_LABEL);
    return MC_OK;
}

static enum mc_rc find_or_make(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *key, struct mc_err *e)
{
    CK_OBJECT_HANDLE *found = NULL;
    size_t n = 0;
    CK_RV rv = find_seal_keys(h, s, &found, &n);
    enum mc_rc rc = MC_OK;

    if (rv != CKR_OK)
        rc = hsm_fail_ckr(e, "C_FindObjects", rv);
    else if (n == 0)
        rc = make_key(h, key, e);
    else
        *key = found[0];
    free(found);
    return rc == MC_OK ? check_key(h, s, *key, e) : rc;
}

/* The lock keeps two processes from making a key each; two would do no harm, see unseal_run. */
static enum mc_rc seal_key(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *key, struct mc_err *e)
{
    int lock;
    enum mc_rc rc = hsm_login_lock(h, &lock, e);

    if (rc != MC_OK)
        return rc;
    rc = find_or_make(h, s, key, e);
    if (lock >= 0)
        close(lock);
    return rc;
}

static CK_GCM_PARAMS gcm_params(struct seal_task *st)
{
    return (CK_GCM_PARAMS){
        .iv_ptr = st->iv,
        .iv_len = IV_LEN,
        .iv_bits = IV_LEN * 8,
        .aad_ptr = st->aad,
        .aad_len = st->aad_n,
        .tag_bits = TAG_LEN * 8,
    };
}

static enum mc_rc seal_run(struct hsm_task *t)
{
    struct seal_task *st = (struct seal_task *)t;
    CK_GCM_PARAMS params = gcm_params(st);
    CK_MECHANISM gcm = {CKM_AES_GCM, &params, sizeof(params)};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    enum mc_rc rc = seal_key(t->h, t->s->handle, &key, &t->e);
    CK_RV rv;

    if (rc != MC_OK)
        return rc;
    if (RAND_bytes(st->iv, IV_LEN) != 1)
        return mc_fail(&t->e, MC_E_CRYPTO, NULL, "no random octets");
    rv = t->h->m.f->C_EncryptInit(t->s->handle, &gcm, key);
    if (rv != CKR_OK)
        return hsm_fail_ckr(&t->e, "C_EncryptInit (CKM_AES_GCM)", rv);
    st->out_n = sizeof(st->out);
    rv = t->h->m.f->C_Encrypt(t->s->handle, st->in, st->in_n, st->out, &st->out_n);
    if (rv != CKR_OK)
        return hsm_fail_ckr(&t->e, "C_Encrypt (CKM_AES_GCM)", rv);
    if (st->out_n != st->in_n + TAG_LEN)
        return mc_fail(&t->e, HSM_E_MODULE_CALL, NULL, "C_Encrypt (CKM_AES_GCM) gave %lu octets for %zu",
            st->out_n, st->in_n);
    return MC_OK;
}

static CK_RV decrypt(struct seal_task *st, CK_OBJECT_HANDLE key, const char **call)
{
    CK_FUNCTION_LIST_PTR f = st->t.h->m.f;
    CK_GCM_PARAMS params = gcm_params(st);
    CK_MECHANISM gcm = {CKM_AES_GCM, &params, sizeof(params)};
    CK_RV rv = f->C_DecryptInit(st->t.s->handle, &gcm, key);

    *call = "C_DecryptInit (CKM_AES_GCM)";
    if (rv != CKR_OK)
        return rv;
    *call = NULL;
    st->out_n = sizeof(st->out);
    rv = f->C_Decrypt(st->t.s->handle, st->in, st->in_n, st->out, &st->out_n);
    if (hsm_session_lost(st->t.h, st->t.s, rv))
        *call = "C_Decrypt (CKM_AES_GCM)";
    return rv;
}

/* Tokens have many answers for a tag that does not fit; all that C_Decrypt can say but a loss is that. */
static enum mc_rc decrypt_with_any(struct seal_task *st, const CK_OBJECT_HANDLE *keys, size_t n)
{
    struct hsm_task *t = &st->t;
    const char *call = NULL;

    for (size_t i = 0; i < n; i++) {
        CK_RV rv = decrypt(st, keys[i], &call);

        if (rv == CKR_OK && st->out_n == st->in_n - TAG_LEN)
            return MC_OK;
        if (call != NULL && rv != CKR_OK)
            return hsm_fail_ckr(&t->e, call, rv);
    }
    return mc_fail(&t->e, HSM_E_UNSEAL, NULL,
        n == 0 ? "the token holds no key '%s'" : "it does not fit the key '%s'", SEAL_LABEL);
}

/* Two keys can be there when two hosts sealed their first secret on one token at once: both are tried. */
static enum mc_rc unseal_run(struct hsm_task *t)
{
    CK_OBJECT_HANDLE *found = NULL;
    size_t n = 0;
    CK_RV rv = find_seal_keys(t->h, t->s->handle, &found, &n);
    enum mc_rc rc;

    if (rv != CKR_OK)
        rc = hsm_fail_ckr(&t->e, "C_FindObjects", rv);
    else
        rc = decrypt_with_any((struct seal_task *)t, found, n);
    free(found);
    return rc;
}

static enum mc_rc check_context(struct mc_span context, struct mc_err *e)
{
    if (context.n <= CONTEXT_MAX)
        return MC_OK;
    return mc_fail(e, MC_E_SPACE, NULL, "the context of a sealed secret has at most %d octets", CONTEXT_MAX);
}

/* NULL: out of memory. */
static struct seal_task *new_task(
    struct hsm *h, struct mc_span context, enum mc_rc (*run)(struct hsm_task *t), struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct seal_task *st;

    if (hsm_task_new(h, sizeof(*st), run, &t, e) != MC_OK)
        return NULL;
    st = (struct seal_task *)t;
    st->aad[0] = SEAL_VERSION;
    if (context.n != 0)
        memcpy(st->aad + 1, context.p, context.n);
    st->aad_n = 1 + context.n;
    return st;
}

enum mc_rc hsm_seal(struct hsm *h, struct mc_span context, struct mc_span secret, uint8_t *sealed, size_t cap,
    size_t *n, struct mc_err *e)
{
    struct mc_out out = mc_out_of(sealed, cap);
    struct seal_task *st;
    struct hsm_task *t;
    enum mc_rc rc;

    if (secret.n == 0 || secret.n > SECRET_MAX || cap < secret.n + HSM_SEAL_OVERHEAD)
        return mc_fail(e, MC_E_SPACE, NULL, "a sealed secret has 1 to %d octets and %d more when sealed",
            SECRET_MAX, HSM_SEAL_OVERHEAD);
    rc = check_context(context, e);
    if (rc != MC_OK)
        return rc;
    st = new_task(h, context, seal_run, e);
    if (st == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    memcpy(st->in, secret.p, secret.n);
    st->in_n = secret.n;
    t = &st->t;
    rc = hsm_task_do(&t, e);
    if (rc == MC_OK) {
        mc_out_byte(&out, SEAL_VERSION);
        mc_out_put(&out, st->iv, IV_LEN);
        mc_out_put(&out, st->out, st->out_n);
        *n = out.n;
    }
    hsm_task_free(t);
    return rc;
}

enum mc_rc hsm_unseal(struct hsm *h, struct mc_span context, struct mc_span sealed, uint8_t *secret,
    size_t cap, size_t *n, struct mc_err *e)
{
    struct seal_task *st;
    struct hsm_task *t;
    enum mc_rc rc;

    if (sealed.n <= HSM_SEAL_OVERHEAD || sealed.n > SECRET_MAX + HSM_SEAL_OVERHEAD ||
        sealed.p[0] != SEAL_VERSION)
        return mc_fail(e, HSM_E_UNSEAL, NULL, "not a sealed secret of version %d", SEAL_VERSION);
    if (cap < sealed.n - HSM_SEAL_OVERHEAD)
        return mc_fail(e, MC_E_SPACE, NULL, "the secret has %zu octets", sealed.n - HSM_SEAL_OVERHEAD);
    rc = check_context(context, e);
    if (rc != MC_OK)
        return rc;
    st = new_task(h, context, unseal_run, e);
    if (st == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    memcpy(st->iv, sealed.p + 1, IV_LEN);
    st->in_n = sealed.n - 1 - IV_LEN;
    memcpy(st->in, sealed.p + 1 + IV_LEN, st->in_n);
    t = &st->t;
    rc = hsm_task_do(&t, e);
    if (rc == MC_OK) {
        memcpy(secret, st->out, st->out_n);
        *n = st->out_n;
    }
    hsm_task_free(t);
    return rc;
}
