/* SPDX-License-Identifier: Apache-2.0 */
/* shim.h - what a test tells the shim (shim.c), a PKCS#11 module that passes everything on to SoftHSM. */
#ifndef TESTS_HSM_SHIM_H
#define TESTS_HSM_SHIM_H

#include <p11-kit/pkcs11.h>

enum shim_call {
    SHIM_INITIALIZE,
    SHIM_OPEN_SESSION,
    SHIM_LOGIN,
    SHIM_SIGN_INIT,
    SHIM_SIGN,
    SHIM_COPY,
    SHIM_ENCRYPT_INIT,
    SHIM_SET_ATTRIBUTE,
    SHIM_GENERATE_PAIR,
    SHIM_CALLS,
};

struct shim {
    struct {
        unsigned seen;  /* how often it was called */
        unsigned times; /* how many of the next calls answer rv */
        CK_RV rv;
        unsigned stall_ms; /* every call waits so long */
    } call[SHIM_CALLS];
    CK_FLAGS token_flags;          /* added to those of C_GetTokenInfo */
    int other_serial;              /* C_GetTokenInfo tells another serial number */
    int refuse_allowed_mechanisms; /* C_GenerateKeyPair does not know that attribute */
    int raw_point;                 /* CKA_EC_POINT without its OCTET STRING */
    CK_ULONG signature_len;        /* what C_Sign says, if not 0 */
};

struct shim *shim_control(void);

#endif
