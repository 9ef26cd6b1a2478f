/* SPDX-License-Identifier: Apache-2.0 */
/* status.c - tells the state of the module, the token and the login. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

struct status_task {
    struct hsm_task t;
    struct hsm_info info;
};

static CK_RV has_mechanism(struct hsm *h, CK_MECHANISM_TYPE type, CK_FLAGS use, bool *has)
{
    CK_MECHANISM_INFO info;
    CK_RV rv = h->m.f->C_GetMechanismInfo(h->slot, type, &info);

    *has = rv == CKR_OK && (info.flags & use) == use;
    return rv == CKR_MECHANISM_INVALID ? CKR_OK : rv;
}

static enum mc_rc fill_mechanisms(struct hsm *h, struct hsm_info *out, struct mc_err *e)
{
    CK_RV rv = has_mechanism(h, CKM_ECDSA, CKF_SIGN, &out->mech_ecdsa);

    if (rv == CKR_OK)
        rv = has_mechanism(h, CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, &out->mech_ec_keygen);
    if (rv == CKR_OK)
        rv = has_mechanism(h, CKM_AES_GCM, CKF_ENCRYPT | CKF_DECRYPT, &out->mech_aes_gcm);
    return rv == CKR_OK ? MC_OK : hsm_fail_ckr(e, "C_GetMechanismInfo", rv);
}

static void fill_token(const CK_TOKEN_INFO *info, struct hsm_info *out)
{
    hsm_text(out->label, info->label, sizeof(info->label));
    hsm_text(out->serial, info->serialNumber, sizeof(info->serialNumber));
    hsm_text(out->manufacturer, info->manufacturerID, sizeof(info->manufacturerID));
    hsm_text(out->model, info->model, sizeof(info->model));
    out->firmware_major = info->firmwareVersion.major;
    out->firmware_minor = info->firmwareVersion.minor;
    out->pin_count_low = (info->flags & CKF_USER_PIN_COUNT_LOW) != 0;
    out->pin_final_try = (info->flags & CKF_USER_PIN_FINAL_TRY) != 0;
    out->pin_locked = (info->flags & CKF_USER_PIN_LOCKED) != 0;
    out->write_protected = (info->flags & CKF_WRITE_PROTECTED) != 0;
}

static enum mc_rc count_keys(struct hsm *h, CK_SESSION_HANDLE s, unsigned *n, struct mc_err *e)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_TOKEN, &yes, sizeof(yes)}};
    CK_OBJECT_HANDLE *found = NULL;
    size_t count = 0;
    CK_RV rv = hsm_object_find(h, s, want, 2, &found, &count);

    free(found);
    *n = (unsigned)count;
    return rv == CKR_OK ? MC_OK : hsm_fail_ckr(e, "C_FindObjects", rv);
}

static enum mc_rc status(struct hsm *h, CK_SESSION_HANDLE s, struct hsm_info *out, struct mc_err *e)
{
    CK_INFO library;
    CK_TOKEN_INFO token;
    CK_SESSION_INFO session;
    enum mc_rc rc;
    CK_RV rv = h->m.f->C_GetInfo(&library);

    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetInfo", rv);
    rc = hsm_token_info(h, &token, e);
    if (rc != MC_OK)
        return rc;
    rv = h->m.f->C_GetSessionInfo(s, &session);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetSessionInfo", rv);
    snprintf(out->module, sizeof(out->module), "%s", h->module_path);
    hsm_text(out->library, library.libraryDescription, sizeof(library.libraryDescription));
    out->library_major = library.libraryVersion.major;
    out->library_minor = library.libraryVersion.minor;
    fill_token(&token, out);
    out->embedded = h->embedded;
    out->logged_in = session.state == CKS_RO_USER_FUNCTIONS || session.state == CKS_RW_USER_FUNCTIONS;
    out->sessions_open = h->session_count;
    return count_keys(h, s, &out->keys, e);
}

static enum mc_rc status_run(struct hsm_task *t)
{
    struct hsm_info *info = &((struct status_task *)t)->info;
    enum mc_rc rc = status(t->h, t->s->handle, info, &t->e);

    return rc == MC_OK ? fill_mechanisms(t->h, info, &t->e) : rc;
}

enum mc_rc hsm_status(struct hsm *h, struct hsm_info *info, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(h, sizeof(struct status_task), status_run, &t, e);

    if (rc == MC_OK)
        rc = hsm_task_do(&t, e);
    if (rc == MC_OK)
        *info = ((struct status_task *)t)->info;
    hsm_task_free(t);
    return rc;
}
