/* SPDX-License-Identifier: Apache-2.0 */
/* shim.c - a PKCS#11 module that stands before SoftHSM ($HEDDLE_SHIM_MODULE) and fails on order; see shim.h.
 */
#include "shim.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct shim control;
static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;

struct shim *shim_control(void)
{
    return &control;
}

static CK_RV enter(enum shim_call c)
{
    struct timespec nap = {
        control.call[c].stall_ms / 1000, (long)(control.call[c].stall_ms % 1000) * 1000000};

    control.call[c].seen++;
    if (control.call[c].stall_ms != 0)
        nanosleep(&nap, NULL);
    if (control.call[c].times == 0)
        return CKR_OK;
    control.call[c].times--;
    return control.call[c].rv;
}

#define PASS(which, call)                                                                                    \
    do {                                                                                                     \
        CK_RV ordered = enter(which);                                                                        \
        return ordered != CKR_OK ? ordered : (call);                                                         \
    } while (0)

static CK_RV initialize(void *args)
{
    PASS(SHIM_INITIALIZE, real->C_Initialize(args));
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *s)
{
    PASS(SHIM_OPEN_SESSION, real->C_OpenSession(slot, flags, app, notify, s));
}

static CK_RV login(CK_SESSION_HANDLE s, CK_USER_TYPE user, unsigned char *pin, CK_ULONG n)
{
    PASS(SHIM_LOGIN, real->C_Login(s, user, pin, n));
}

static CK_RV sign_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    PASS(SHIM_SIGN_INIT, real->C_SignInit(s, m, key));
}

static CK_RV sign(CK_SESSION_HANDLE s, unsigned char *in, CK_ULONG n, unsigned char *sig, CK_ULONG *sig_n)
{
    CK_RV rv = enter(SHIM_SIGN);

    if (rv == CKR_OK)
        rv = real->C_Sign(s, in, n, sig, sig_n);
    if (control.signature_len != 0)
        *sig_n = control.signature_len;
    return rv;
}

static CK_RV copy(
    CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *change, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
    PASS(SHIM_COPY, real->C_CopyObject(s, o, change, n, out));
}

static CK_RV encrypt_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    PASS(SHIM_ENCRYPT_INIT, real->C_EncryptInit(s, m, key));
}

static CK_RV set_attribute(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *a, CK_ULONG n)
{
    PASS(SHIM_SET_ATTRIBUTE, real->C_SetAttributeValue(s, o, a, n));
}

static CK_RV generate_pair(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *pub, CK_ULONG pub_n,
    CK_ATTRIBUTE *priv, CK_ULONG priv_n, CK_OBJECT_HANDLE *a, CK_OBJECT_HANDLE *b)
{
    CK_RV rv = enter(SHIM_GENERATE_PAIR);

    if (rv != CKR_OK)
        return rv;
    for (CK_ULONG i = 0; i < priv_n; i++)
        if (priv[i].type == CKA_ALLOWED_MECHANISMS && control.refuse_allowed_mechanisms)
            return CKR_ATTRIBUTE_TYPE_INVALID;
    return real->C_GenerateKeyPair(s, m, pub, pub_n, priv, priv_n, a, b);
}

static CK_RV get_attribute(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *a, CK_ULONG n)
{
    CK_RV rv = real->C_GetAttributeValue(s, o, a, n);

    if (rv == CKR_OK && control.raw_point && a->type == CKA_EC_POINT && a->ulValueLen == 67) {
        memmove(a->pValue, (unsigned char *)a->pValue + 2, 65);
        a->ulValueLen = 65;
    }
    return rv;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = real->C_GetTokenInfo(slot, info);

    if (rv != CKR_OK)
        return rv;
    info->flags |= control.token_flags;
    if (control.other_serial)
        memset(info->serialNumber, 'x', sizeof(info->serialNumber));
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
    const char *path = getenv("HEDDLE_SHIM_MODULE");
    void *dl = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get;

    if (dl == NULL)
        return CKR_GENERAL_ERROR;
    *(void **)&get = dlsym(dl, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_Initialize = initialize;
    list.C_OpenSession = open_session;
    list.C_Login = login;
    list.C_SignInit = sign_init;
    list.C_Sign = sign;
    list.C_CopyObject = copy;
    list.C_EncryptInit = encrypt_init;
    list.C_SetAttributeValue = set_attribute;
    list.C_GenerateKeyPair = generate_pair;
    list.C_GetAttributeValue = get_attribute;
    list.C_GetTokenInfo = get_token_info;
    *out = &list;
    return CKR_OK;
}
