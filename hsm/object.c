/* SPDX-License-Identifier: Apache-2.0 */
/* object.c - finding token objects and reading their attributes. */
#include <stdlib.h>

#include "internal.h"

#define BATCH 32

const uint8_t hsm_p256_params[10] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static CK_RV collect(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE **out, size_t *n)
{
    for (;;) {
        CK_ULONG got = 0;
        CK_RV rv;
        CK_OBJECT_HANDLE *more = realloc(*out, (*n + BATCH) * sizeof(**out));

        if (more == NULL)
            return CKR_HOST_MEMORY;
        *out = more;
        rv = h->m.f->C_FindObjects(s, *out + *n, BATCH, &got);
        if (rv != CKR_OK || got == 0)
            return rv;
        *n += got;
    }
}

CK_RV hsm_object_find(
    struct hsm *h, CK_SESSION_HANDLE s, CK_ATTRIBUTE *want, size_t want_n, CK_OBJECT_HANDLE **out, size_t *n)
{
    CK_RV rv = h->m.f->C_FindObjectsInit(s, want, want_n), end;

    *out = NULL;
    *n = 0;
    if (rv != CKR_OK)
        return rv;
    rv = collect(h, s, out, n);
    end = h->m.f->C_FindObjectsFinal(s);
    return rv != CKR_OK ? rv : end;
}

CK_RV hsm_object_bool(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, enum hsm_tri *out)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE a = {type, &value, sizeof(value)};
    CK_RV rv = h->m.f->C_GetAttributeValue(s, o, &a, 1);

    *out = HSM_ABSENT;
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
        return CKR_OK;
    if (rv == CKR_OK && a.ulValueLen == sizeof(value))
        *out = value == CK_FALSE ? HSM_FALSE : HSM_TRUE;
    return rv;
}

CK_RV hsm_object_bytes(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, struct mc_out *out)
{
    CK_ATTRIBUTE a = {type, out->p, out->cap};
    CK_RV rv = h->m.f->C_GetAttributeValue(s, o, &a, 1);

    if (rv != CKR_OK)
        return rv;
    if (a.ulValueLen > out->cap)
        return CKR_BUFFER_TOO_SMALL;
    out->n = a.ulValueLen;
    return CKR_OK;
}

enum mc_rc hsm_object_point(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, uint8_t point[HSM_POINT_LEN], struct mc_err *e)
{
    uint8_t value[HSM_POINT_LEN + 2] = {0};
    struct mc_out out = mc_out_of(value, sizeof(value));
    const uint8_t *at = value;
    CK_RV rv = hsm_object_bytes(h, s, o, CKA_EC_POINT, &out);

    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetAttributeValue (CKA_EC_POINT)", rv);
    /* PKCS#11 wants an OCTET STRING around the point; some tokens give the point alone. */
    if (out.n == HSM_POINT_LEN + 2 && value[0] == 0x04 && value[1] == HSM_POINT_LEN)
        at = value + 2;
    else if (out.n != HSM_POINT_LEN)
        return mc_fail(e, HSM_E_KEY_OTHER, NULL, "the token's public key is not an uncompressed P-256 point");
    if (at[0] != 0x04)
        return mc_fail(e, HSM_E_KEY_OTHER, NULL, "the token's public key is not an uncompressed P-256 point");
    memcpy(point, at, HSM_POINT_LEN);
    return MC_OK;
}
