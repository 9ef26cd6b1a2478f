/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.c - signatures. In the embedded SoftHSM they are made on the caller's thread, since the switch to the
 * helper thread costs as much as the signature. With a session copy of the key a signature is pure
 * computation: no system call but getpid, so nothing that can stall. With the token's own object SoftHSM
 * opens, locks and reads files at every C_SignInit, and a timer ends the wait for a lock (watch.c).
 * Everything else, and what fails here, goes to the session's helper thread.
 */
#include "internal.h"

CK_RV hsm_sign_raw(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key,
    const uint8_t digest[HSM_DIGEST_LEN], uint8_t sig[HSM_SIG_LEN], const char **call)
{
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    CK_ULONG n = HSM_SIG_LEN;
    CK_RV rv = h->m.f->C_SignInit(s, &ecdsa, key);

    *call = "C_SignInit";
    if (rv != CKR_OK)
        return rv;
    *call = "C_Sign";
    rv = h->m.f->C_Sign(s, hsm_mutable(digest), HSM_DIGEST_LEN, sig, &n);
    return rv == CKR_OK && n != HSM_SIG_LEN ? CKR_SIGNATURE_LEN_RANGE : rv;
}

/* True when o is a session object that guards the key as the token's own object does. */
static bool is_good_copy(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o)
{
    enum hsm_tri token = HSM_ABSENT, sensitive = HSM_ABSENT, extractable = HSM_ABSENT;

    return hsm_object_bool(h, s, o, CKA_TOKEN, &token) == CKR_OK && token == HSM_FALSE &&
           hsm_object_bool(h, s, o, CKA_SENSITIVE, &sensitive) == CKR_OK && sensitive == HSM_TRUE &&
           hsm_object_bool(h, s, o, CKA_EXTRACTABLE, &extractable) == CKR_OK && extractable == HSM_FALSE;
}

/* The copy lives as long as the session that made it, so each session has its own. */
void hsm_key_copy(struct hsm_key *k, struct hsm_session *s)
{
    CK_FUNCTION_LIST_PTR f = k->h->m.f;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE change = {CKA_TOKEN, &no, sizeof(no)};
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    CK_RV rv;

    if (!k->h->session_copy || k->no_copy || k->copy[s->index] != CK_INVALID_HANDLE)
        return;
    rv = f->C_CopyObject(s->handle, k->object, &change, 1, &copy);
    if (rv == CKR_OK && is_good_copy(k->h, s->handle, copy)) {
        k->copy[s->index] = copy;
        return;
    }
    if (rv == CKR_OK)
        f->C_DestroyObject(s->handle, copy);
    /* A lost session says nothing about what the token allows. */
    k->no_copy = rv == CKR_OK || !hsm_ckr_is_lost(rv);
}

struct sign_task {
    struct hsm_task t;
    struct hsm_key *k;
    uint8_t digest[HSM_DIGEST_LEN], sig[HSM_SIG_LEN];
};

/* The handle as it is now: another session may take it out of k at any time, which does not make it wrong. */
static enum mc_rc bound_object(struct sign_task *st, CK_OBJECT_HANDLE *object)
{
    struct hsm *h = st->t.h;
    enum mc_rc rc = MC_OK;

    *object = st->k->object;
    if (*object != CK_INVALID_HANDLE)
        return MC_OK;
    pthread_mutex_lock(&h->bind_lock);
    if (st->k->object == CK_INVALID_HANDLE)
        rc = hsm_key_bind(st->k, st->t.s, &st->t.e);
    *object = st->k->object;
    pthread_mutex_unlock(&h->bind_lock);
    return rc;
}

/* Signs with the copy where there is one, else, or where that fails, with the token's object. */
static CK_RV sign_once(struct sign_task *st, CK_OBJECT_HANDLE object, const char **call)
{
    struct hsm_key *k = st->k;
    struct hsm_session *s = st->t.s;
    CK_OBJECT_HANDLE copy;
    CK_RV rv;

    hsm_key_copy(k, s);
    copy = k->copy[s->index];
    if (copy != CK_INVALID_HANDLE) {
        rv = hsm_sign_raw(k->h, s->handle, copy, st->digest, st->sig, call);
        if (rv == CKR_OK || hsm_session_lost(k->h, s, rv))
            return rv;
        k->no_copy = true;
        k->copy[s->index] = CK_INVALID_HANDLE;
    }
    return hsm_sign_raw(k->h, s->handle, object, st->digest, st->sig, call);
}

static enum mc_rc sign_run(struct hsm_task *t)
{
    struct sign_task *st = (struct sign_task *)t;
    const char *call = "";
    CK_OBJECT_HANDLE object;
    enum mc_rc rc = bound_object(st, &object);
    CK_RV rv;

    if (rc != MC_OK)
        return rc;
    rv = sign_once(st, object, &call);
    if (rv == CKR_OK)
        return MC_OK;
    if (rv == CKR_SIGNATURE_LEN_RANGE)
        return mc_fail(
            &t->e, HSM_E_SIGN, NULL, "%s: the signature does not have %d octets", call, HSM_SIG_LEN);
    if (hsm_session_lost(t->h, t->s, rv))
        return mc_fail(&t->e, HSM_E_TOKEN_LOST, NULL, "%s: %s (0x%lx)", call, hsm_ckr_name(rv), rv);
    return hsm_fail_ckr(&t->e, call, rv);
}

static enum mc_rc sign_on_helper(
    struct hsm_key *k, struct hsm_session *s, const uint8_t *digest, uint8_t *sig, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(k->h, sizeof(struct sign_task), sign_run, &t, e);
    struct sign_task *st = (struct sign_task *)t;

    if (rc != MC_OK)
        return rc;
    t->recover = true;
    st->k = k;
    memcpy(st->digest, digest, HSM_DIGEST_LEN);
    rc = hsm_task_run(s, &t, k->h->timeout_ms, e);
    if (rc == MC_OK)
        memcpy(sig, st->sig, HSM_SIG_LEN);
    hsm_task_free(t);
    return rc;
}

static bool sign_object_here(struct hsm_key *k, struct hsm_session *s, const uint8_t *digest, uint8_t *sig)
{
    const char *call;
    CK_RV rv;

    if (k->object == CK_INVALID_HANDLE || !hsm_watch_start(s, k->h->timeout_ms))
        return false;
    rv = hsm_sign_raw(k->h, s->handle, k->object, digest, sig, &call);
    hsm_watch_stop(s);
    return rv == CKR_OK;
}

/* What fails here is tried again on the helper thread, which makes copies and knows what to do about a loss.
 */
static bool sign_here(struct hsm_key *k, struct hsm_session *s, const uint8_t *digest, uint8_t *sig)
{
    CK_OBJECT_HANDLE copy = k->copy[s->index];
    uint8_t made[HSM_SIG_LEN];
    const char *call;
    bool done = false;

    if (!k->h->embedded)
        return false;
    if (copy != CK_INVALID_HANDLE)
        done = hsm_sign_raw(k->h, s->handle, copy, digest, made, &call) == CKR_OK;
    else if (k->no_copy || !k->h->session_copy)
        done = sign_object_here(k, s, digest, made);
    if (done)
        memcpy(sig, made, HSM_SIG_LEN);
    return done;
}

enum mc_rc hsm_sign(
    struct hsm_key *k, const uint8_t digest[HSM_DIGEST_LEN], uint8_t sig[HSM_SIG_LEN], struct mc_err *e)
{
    enum mc_rc rc = hsm_check_usable(k->h, e);
    struct hsm_session *s;

    if (rc != MC_OK)
        return rc;
    if (k->removed)
        return mc_fail(e, HSM_E_KEY_NOT_FOUND, NULL, "the key was removed from the token");
    s = hsm_session_take(k->h);
    if (s == NULL)
        return mc_fail(e, HSM_E_SESSIONS, NULL, "all %u sessions are in use", k->h->session_count);
    if (!sign_here(k, s, digest, sig))
        rc = sign_on_helper(k, s, digest, sig, e);
    hsm_session_give(s);
    return rc;
}
