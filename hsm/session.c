/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - the login and the pool of sessions, on the module's own function list. libp11 is not used
 * for them: 0.4.12 keeps the PIN in its heap until the end, calls any PIN right once it is logged in, and
 * waits for ever when C_OpenSession fails.
 */
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* One thread a session may sign: taking one is the only thing that signing threads share. */
struct hsm_session *hsm_session_take(struct hsm *h)
{
    for (unsigned i = 0; i < h->session_count; i++)
        if (!atomic_exchange_explicit(&h->sessions[i].busy, true, memory_order_acquire))
            return &h->sessions[i];
    return NULL;
}

void hsm_session_give(struct hsm_session *s)
{
    atomic_store_explicit(&s->busy, false, memory_order_release);
}

enum mc_rc hsm_session_open(struct hsm *h, struct hsm_session *s, struct mc_err *e)
{
    CK_RV rv = h->m.f->C_OpenSession(h->slot, CKF_SERIAL_SESSION, NULL, NULL, &s->handle);

    if (rv == CKR_OK)
        return MC_OK;
    s->handle = CK_INVALID_HANDLE;
    return hsm_fail_ckr(e, "C_OpenSession", rv);
}

enum mc_rc hsm_session_open_rw(struct hsm *h, CK_SESSION_HANDLE *handle, struct mc_err *e)
{
    CK_RV rv = h->m.f->C_OpenSession(h->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, handle);

    return rv == CKR_OK ? MC_OK : hsm_fail_ckr(e, "C_OpenSession (writing)", rv);
}

/*
 * One lock for everything between looking for remembered wrong PINs and remembering another: processes
 * that start together try a wrong PIN once, not once each. The embedded token's lock guards its files too.
 */
enum mc_rc hsm_login_lock(const struct hsm *h, int *fd, struct mc_err *e)
{
    /* Half, so that a lock that others hold ends in an error before the helper thread is given up as stuck.
     */
    unsigned wait_ms = h->timeout_ms / 2;
    char path[1024];
    enum mc_rc rc;

    *fd = -1;
    if (h->embedded)
        return hsm_store_lock(h->dir, wait_ms, fd, e);
    if (h->pin_wrong_file == NULL)
        return MC_OK;
    rc = hsm_path_join(path, sizeof(path) - 5, h->pin_wrong_file, "", e);
    if (rc != MC_OK)
        return rc;
    memcpy(path + strlen(h->pin_wrong_file), ".lock", 6);
    return hsm_file_lock(path, wait_ms, fd, e);
}

/*
 * SoftHSM cannot write its protected token.object at login and holds the object for broken from then on: it
 * signs and makes keys, but C_GetTokenInfo is CKR_GENERAL_ERROR. What it said before the login stays true.
 */
enum mc_rc hsm_token_info(struct hsm *h, CK_TOKEN_INFO *info, struct mc_err *e)
{
    CK_RV rv;

    if (h->embedded && h->have_token_info) {
        *info = h->token_info;
        return MC_OK;
    }
    rv = h->m.f->C_GetTokenInfo(h->slot, info);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetTokenInfo", rv);
    h->token_info = *info;
    h->have_token_info = true;
    return MC_OK;
}

static enum mc_rc check_pin_flags(struct hsm *h, struct mc_err *e)
{
    CK_TOKEN_INFO info;
    enum mc_rc rc = hsm_token_info(h, &info, e);

    if (rc != MC_OK)
        return rc;
    if ((info.flags & CKF_USER_PIN_LOCKED) != 0)
        return mc_fail(e, HSM_E_PIN_LOCKED, NULL, "token '%s'", h->label);
    if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0)
        return mc_fail(e, HSM_E_PIN_LAST, NULL, "token '%s'", h->label);
    return MC_OK;
}

static enum mc_rc login_refused(struct hsm *h, const struct hsm_pin *pin, CK_RV rv, struct mc_err *e)
{
    if (rv == CKR_USER_ALREADY_LOGGED_IN)
        return mc_fail(e, HSM_E_MODULE_CALL, NULL,
            "C_Login: CKR_USER_ALREADY_LOGGED_IN: another part of this process is logged in, the PIN was not "
            "checked");
    if (hsm_ckr_rc(rv) == HSM_E_PIN_WRONG &&
        hsm_pinwrong_add(h->pin_wrong_file, h->label, pin, NULL) != MC_OK)
        return mc_fail(e, HSM_E_PIN_WRONG, NULL,
            "C_Login: %s; it could not be remembered in %s: do not try it again", hsm_ckr_name(rv),
            h->pin_wrong_file);
    return hsm_fail_ckr(e, "C_Login", rv);
}

enum mc_rc hsm_login(struct hsm *h, struct hsm_session *s, const struct hsm_pin *pin, struct mc_err *e)
{
    enum mc_rc rc = hsm_pinwrong_check(h->pin_wrong_file, h->label, pin, e);
    CK_RV rv;

    if (rc == MC_OK)
        rc = check_pin_flags(h, e);
    if (rc != MC_OK)
        return rc;
    rv = h->m.f->C_Login(s->handle, CKU_USER, (CK_UTF8CHAR_PTR)hsm_mutable(pin->bytes), pin->n);
    if (rv != CKR_OK)
        return login_refused(h, pin, rv, e);
    h->logged_in = true;
    /* A file that stays names other PINs than this one: no harm, so no failure. */
    (void)!hsm_pinwrong_forget(h->pin_wrong_file, NULL);
    return MC_OK;
}

static bool is_user_session(struct hsm *h, struct hsm_session *s)
{
    CK_SESSION_INFO info;

    if (h->m.f->C_GetSessionInfo(s->handle, &info) != CKR_OK)
        return false;
    return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

/* SoftHSM says CKR_GENERAL_ERROR when the login is gone. */
bool hsm_session_lost(struct hsm *h, struct hsm_session *s, CK_RV rv)
{
    if (hsm_ckr_is_lost(rv))
        return true;
    return (rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED) && !is_user_session(h, s);
}

/* Another token may have been put into the slot: it gets no PIN from us. */
static enum mc_rc check_same_token(struct hsm *h, struct mc_err *e)
{
    char label[33], serial[17];
    CK_TOKEN_INFO info;
    enum mc_rc rc = hsm_token_info(h, &info, e);

    if (rc != MC_OK)
        return rc;
    hsm_text(label, info.label, sizeof(info.label));
    hsm_text(serial, info.serialNumber, sizeof(info.serialNumber));
    if (strcmp(label, h->label) != 0 || strcmp(serial, h->serial) != 0)
        return mc_fail(
            e, HSM_E_TOKEN_LOST, NULL, "another token is in the slot: '%s', serial number %s", label, serial);
    return MC_OK;
}

/*
 * The PIN is wiped after the first login; only a file can give it again, and nobody is asked. Once in the
 * life of h, so that a token that falls out again and again is noticed.
 */
static enum mc_rc login_again(struct hsm *h, struct hsm_session *s, struct mc_err *e)
{
    const struct hsm_pin_source src = {.fd = -1, .file = h->pin_file};
    struct hsm_pin *pin = NULL;
    enum mc_rc rc;

    h->logged_in = false;
    if (h->pin_file == NULL || h->relogged)
        return mc_fail(e, HSM_E_TOKEN_LOST, NULL, "the login has ended");
    h->relogged = true;
    rc = hsm_pin_read(&src, h->label, &pin, e);
    if (rc == MC_OK)
        rc = hsm_login(h, s, pin, e);
    hsm_pin_free(pin);
    return rc;
}

static enum mc_rc reopen(struct hsm *h, struct hsm_session *s, struct mc_err *e)
{
    CK_SESSION_HANDLE old = s->handle;
    enum mc_rc rc = check_same_token(h, e);

    if (rc != MC_OK)
        return rc;
    /* The new one first: with the last session of a process its login ends. */
    rc = hsm_session_open(h, s, NULL);
    h->m.f->C_CloseSession(old);
    if (rc != MC_OK)
        rc = hsm_session_open(h, s, e);
    if (rc != MC_OK || is_user_session(h, s))
        return rc;
    return login_again(h, s, e);
}

enum mc_rc hsm_session_recover(struct hsm *h, struct hsm_session *s, struct mc_err *e)
{
    int lock;
    enum mc_rc rc = hsm_login_lock(h, &lock, e);
    struct mc_err why;

    if (rc != MC_OK)
        return rc;
    hsm_keys_unbind(h);
    mc_err_init(&why);
    rc = reopen(h, s, &why);
    if (lock >= 0)
        close(lock);
    if (rc == MC_OK || mc_rc_class(rc) == MC_CLASS_PIN)
        return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, "%s", why.what);
    return mc_fail(e, HSM_E_TOKEN_LOST, NULL, "%s", why.what);
}
