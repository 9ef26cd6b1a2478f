/* SPDX-License-Identifier: Apache-2.0 */
/* slow.c - a PKCS#11 module before a real one ($SLOW_MODULE) whose signatures take $SLOW_MS ms longer. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static struct timespec nap;

static CK_RV sign(CK_SESSION_HANDLE s, unsigned char *in, CK_ULONG n, unsigned char *sig, CK_ULONG *sig_n)
{
    nanosleep(&nap, NULL);
    return real->C_Sign(s, in, n, sig, sig_n);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
    const char *path = getenv("SLOW_MODULE"), *ms = getenv("SLOW_MS");
    void *dl = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    long wait = ms == NULL ? 0 : strtol(ms, NULL, 10);
    CK_C_GetFunctionList get;

    if (dl == NULL)
        return CKR_GENERAL_ERROR;
    *(void **)&get = dlsym(dl, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    nap = (struct timespec){wait / 1000, wait % 1000 * 1000000};
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_Sign = sign;
    *out = &list;
    return CKR_OK;
}
