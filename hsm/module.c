/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.c - loads a PKCS#11 module and finds a token in it. libp11 initialises the module and enumerates
 * slots and tokens; everything else calls the module's function list directly, in the same instance.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method: see guard_random */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <libp11.h>

#include "internal.h"

/*
 * The process that has a module loaded, or 0. A module has one login per process and C_Finalize ends it
 * for all: two open tokens would log each other in and out.
 */
static _Atomic pid_t owner;

/*
 * SoftHSM makes OpenSSL's rdrand ENGINE the default source of random numbers of the whole process, where
 * that engine is present. A method that is set outright is not replaced by an engine.
 */
static enum mc_rc guard_random(struct mc_err *e)
{
    if (RAND_set_rand_method(RAND_OpenSSL()) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "RAND_set_rand_method failed");
    return MC_OK;
}

static enum mc_rc claim_process(struct mc_err *e)
{
    pid_t self = getpid(), held = atomic_load(&owner);

    do {
        if (held == self)
            return mc_fail(e, HSM_E_MODULE_CALL, NULL, "this process has a token open already");
    } while (!atomic_compare_exchange_weak(&owner, &held, self));
    return MC_OK;
}

/*
 * Loaded before libp11 does, since libp11 prints the reason to stderr when loading fails. It is never
 * unmapped: modules leave threads and exit handlers behind.
 */
static enum mc_rc open_library(struct hsm_module *m, const char *path, struct mc_err *e)
{
    CK_C_GetFunctionList get;
    CK_RV rv;

    if (path[0] != '/')
        return mc_fail(e, HSM_E_MODULE, NULL, "the module's path must be absolute: %s", path);
    m->dl = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (m->dl == NULL)
        return mc_fail(e, HSM_E_MODULE, NULL, "%s", dlerror());
    *(void **)&get = dlsym(m->dl, "C_GetFunctionList");
    if (get == NULL)
        return mc_fail(e, HSM_E_MODULE, NULL, "%s is not a PKCS#11 module", path);
    rv = get(&m->f);
    if (rv != CKR_OK || m->f == NULL)
        return hsm_fail_ckr(e, "C_GetFunctionList", rv);
    return MC_OK;
}

/* libp11 keeps the module's answer as the reason of an OpenSSL error of its own library number. */
static enum mc_rc fail_libp11(struct mc_err *e, const char *call)
{
    unsigned long err = ERR_peek_last_error();
    CK_RV rv = (CK_RV)ERR_GET_REASON(err);

    if (err == 0 || ERR_GET_LIB(err) != ERR_get_CKR_code())
        return mc_fail(e, HSM_E_MODULE_CALL, NULL, "%s failed in libp11", call);
    /* SoftHSM has this one answer for everything that is wrong with its configuration or folder. */
    if (rv == CKR_GENERAL_ERROR)
        return mc_fail(e, HSM_E_MODULE_CALL, NULL,
            "%s: CKR_GENERAL_ERROR (the module's configuration or storage; SoftHSM tells syslog why)", call);
    return hsm_fail_ckr(e, call, rv);
}

static enum mc_rc initialize(struct hsm_module *m, const char *path, struct mc_err *e)
{
    m->ctx = PKCS11_CTX_new();
    if (m->ctx == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, "PKCS11_CTX_new failed");
    if (PKCS11_CTX_load(m->ctx, path) == 0)
        return MC_OK;
    PKCS11_CTX_free(m->ctx);
    m->ctx = NULL;
    return fail_libp11(e, "C_Initialize");
}

enum mc_rc hsm_module_load(struct hsm_module *m, const char *path, struct mc_err *e)
{
    enum mc_rc rc = claim_process(e);

    if (rc != MC_OK)
        return rc;
    ERR_clear_error();
    rc = guard_random(e);
    if (rc == MC_OK)
        rc = open_library(m, path, e);
    if (rc == MC_OK)
        rc = initialize(m, path, e);
    /* SoftHSM leaves the errors of a missing rdrand engine in the queue. */
    ERR_clear_error();
    if (rc != MC_OK) {
        if (m->dl != NULL)
            dlclose(m->dl);
        *m = (struct hsm_module){0};
        atomic_store(&owner, 0);
    }
    return rc;
}

void hsm_module_unload(struct hsm_module *m)
{
    if (m->ctx == NULL)
        return;
    PKCS11_CTX_unload(m->ctx);
    PKCS11_CTX_free(m->ctx);
    dlclose(m->dl);
    *m = (struct hsm_module){0};
    atomic_store(&owner, 0);
}

static bool fits(const PKCS11_TOKEN *t, const struct hsm_token_want *want)
{
    if (t == NULL || (bool)t->initialized == want->blank)
        return false;
    if (want->blank)
        return true;
    return t->label != NULL && strcmp(t->label, want->label) == 0 &&
           (want->serial == NULL || (t->serialnr != NULL && strcmp(t->serialnr, want->serial) == 0));
}

static enum mc_rc fail_no_token(const struct hsm_token_want *want, struct mc_err *e)
{
    if (want->blank)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the module has no slot for a new token");
    return mc_fail(e, HSM_E_NO_TOKEN, NULL, "label '%s', serial number %s", want->label,
        want->serial == NULL ? "(any)" : want->serial);
}

/* Never by slot number: SoftHSM numbers its slots anew in every process. */
static enum mc_rc pick_slot(PKCS11_SLOT *slots, unsigned n, const struct hsm_token_want *want,
    CK_SLOT_ID *slot, char serial[17], struct mc_err *e)
{
    PKCS11_SLOT *found = NULL;

    for (unsigned i = 0; i < n; i++) {
        if (!fits(slots[i].token, want))
            continue;
        if (found != NULL && !want->blank)
            return mc_fail(e, HSM_E_TOKEN_TWICE, NULL, "label '%s'", want->label);
        found = &slots[i];
    }
    if (found == NULL)
        return fail_no_token(want, e);
    *slot = PKCS11_get_slotid_from_slot(found);
    snprintf(serial, 17, "%s", found->token->serialnr == NULL ? "" : found->token->serialnr);
    return MC_OK;
}

/* A reader that was pulled out, with some modules; libp11 calls that a failure. */
static bool has_no_slot(const struct hsm_module *m)
{
    CK_ULONG n = 1;

    return m->f->C_GetSlotList(CK_FALSE, NULL, &n) == CKR_OK && n == 0;
}

enum mc_rc hsm_module_find_slot(struct hsm_module *m, const struct hsm_token_want *want, CK_SLOT_ID *slot,
    char serial[17], struct mc_err *e)
{
    PKCS11_SLOT *slots = NULL;
    unsigned n = 0;
    enum mc_rc rc;

    ERR_clear_error();
    if (PKCS11_enumerate_slots(m->ctx, &slots, &n) != 0)
        rc = has_no_slot(m) ? fail_no_token(want, e) : fail_libp11(e, "C_GetSlotList");
    else
        rc = pick_slot(slots, n, want, slot, serial, e);
    if (slots != NULL)
        PKCS11_release_all_slots(m->ctx, slots, n);
    ERR_clear_error();
    return rc;
}

void hsm_text(char *out, const unsigned char *field, size_t n)
{
    while (n != 0 && (field[n - 1] == ' ' || field[n - 1] == '\0'))
        n--;
    memcpy(out, field, n);
    out[n] = '\0';
    for (char *c = out; c < out + n; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}
