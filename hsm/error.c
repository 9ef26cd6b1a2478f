/* SPDX-License-Identifier: Apache-2.0 */
/* error.c - PKCS#11 results: their names, and the code that each becomes. */
#include <errno.h>
#include <string.h>

#include "internal.h"

struct ckr {
    CK_RV rv;
    const char *name;
    enum mc_rc rc;
    bool lost;
};

#define ROW(symbol, rc, lost)                                                                                \
    {                                                                                                        \
        symbol, #symbol, rc, lost                                                                            \
    }
#define CALL(symbol)                                                                                         \
    {                                                                                                        \
        symbol, #symbol, HSM_E_MODULE_CALL, false                                                            \
    }
#define LOST(symbol)                                                                                         \
    {                                                                                                        \
        symbol, #symbol, HSM_E_TOKEN_LOST, true                                                              \
    }

static const struct ckr table[] = {
    CALL(CKR_OK),
    CALL(CKR_CANCEL),
    ROW(CKR_HOST_MEMORY, MC_E_MEMORY, false),
    LOST(CKR_SLOT_ID_INVALID),
    CALL(CKR_GENERAL_ERROR),
    CALL(CKR_FUNCTION_FAILED),
    CALL(CKR_ARGUMENTS_BAD),
    CALL(CKR_NO_EVENT),
    CALL(CKR_NEED_TO_CREATE_THREADS),
    CALL(CKR_CANT_LOCK),
    CALL(CKR_ATTRIBUTE_READ_ONLY),
    CALL(CKR_ATTRIBUTE_SENSITIVE),
    CALL(CKR_ATTRIBUTE_TYPE_INVALID),
    CALL(CKR_ATTRIBUTE_VALUE_INVALID),
    CALL(CKR_ACTION_PROHIBITED),
    CALL(CKR_DATA_INVALID),
    CALL(CKR_DATA_LEN_RANGE),
    LOST(CKR_DEVICE_ERROR),
    CALL(CKR_DEVICE_MEMORY),
    LOST(CKR_DEVICE_REMOVED),
    CALL(CKR_ENCRYPTED_DATA_INVALID),
    CALL(CKR_ENCRYPTED_DATA_LEN_RANGE),
    CALL(CKR_FUNCTION_CANCELED),
    CALL(CKR_FUNCTION_NOT_PARALLEL),
    CALL(CKR_FUNCTION_NOT_SUPPORTED),
    LOST(CKR_KEY_HANDLE_INVALID),
    CALL(CKR_KEY_SIZE_RANGE),
    CALL(CKR_KEY_TYPE_INCONSISTENT),
    CALL(CKR_KEY_NOT_NEEDED),
    CALL(CKR_KEY_CHANGED),
    CALL(CKR_KEY_NEEDED),
    CALL(CKR_KEY_INDIGESTIBLE),
    CALL(CKR_KEY_FUNCTION_NOT_PERMITTED),
    CALL(CKR_KEY_NOT_WRAPPABLE),
    CALL(CKR_KEY_UNEXTRACTABLE),
    CALL(CKR_MECHANISM_INVALID),
    CALL(CKR_MECHANISM_PARAM_INVALID),
    LOST(CKR_OBJECT_HANDLE_INVALID),
    LOST(CKR_OPERATION_ACTIVE),
    CALL(CKR_OPERATION_NOT_INITIALIZED),
    ROW(CKR_PIN_INCORRECT, HSM_E_PIN_WRONG, false),
    ROW(CKR_PIN_INVALID, HSM_E_PIN_WRONG, false),
    ROW(CKR_PIN_LEN_RANGE, HSM_E_PIN_WRONG, false),
    ROW(CKR_PIN_EXPIRED, HSM_E_PIN_LOCKED, false),
    ROW(CKR_PIN_LOCKED, HSM_E_PIN_LOCKED, false),
    LOST(CKR_SESSION_CLOSED),
    ROW(CKR_SESSION_COUNT, HSM_E_SESSIONS, false),
    LOST(CKR_SESSION_HANDLE_INVALID),
    CALL(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
    CALL(CKR_SESSION_READ_ONLY),
    CALL(CKR_SESSION_EXISTS),
    CALL(CKR_SESSION_READ_ONLY_EXISTS),
    CALL(CKR_SESSION_READ_WRITE_SO_EXISTS),
    CALL(CKR_SIGNATURE_INVALID),
    CALL(CKR_SIGNATURE_LEN_RANGE),
    CALL(CKR_TEMPLATE_INCOMPLETE),
    CALL(CKR_TEMPLATE_INCONSISTENT),
    LOST(CKR_TOKEN_NOT_PRESENT),
    LOST(CKR_TOKEN_NOT_RECOGNIZED),
    CALL(CKR_TOKEN_WRITE_PROTECTED),
    CALL(CKR_USER_ALREADY_LOGGED_IN),
    LOST(CKR_USER_NOT_LOGGED_IN),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, HSM_E_PIN_LOCKED, false),
    CALL(CKR_USER_TYPE_INVALID),
    CALL(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
    CALL(CKR_USER_TOO_MANY_TYPES),
    CALL(CKR_RANDOM_SEED_NOT_SUPPORTED),
    CALL(CKR_RANDOM_NO_RNG),
    CALL(CKR_DOMAIN_PARAMS_INVALID),
    CALL(CKR_CURVE_NOT_SUPPORTED),
    CALL(CKR_BUFFER_TOO_SMALL),
    CALL(CKR_SAVED_STATE_INVALID),
    CALL(CKR_INFORMATION_SENSITIVE),
    CALL(CKR_STATE_UNSAVEABLE),
    LOST(CKR_CRYPTOKI_NOT_INITIALIZED),
    CALL(CKR_CRYPTOKI_ALREADY_INITIALIZED),
    CALL(CKR_MUTEX_BAD),
    CALL(CKR_MUTEX_NOT_LOCKED),
    CALL(CKR_NEW_PIN_MODE),
    CALL(CKR_NEXT_OTP),
    CALL(CKR_EXCEEDED_MAX_ITERATIONS),
    CALL(CKR_FIPS_SELF_TEST_FAILED),
    CALL(CKR_LIBRARY_LOAD_FAILED),
    ROW(CKR_PIN_TOO_WEAK, HSM_E_PIN_WRONG, false),
    CALL(CKR_PUBLIC_KEY_INVALID),
    CALL(CKR_FUNCTION_REJECTED),
};

static const struct ckr *ckr_of(CK_RV rv)
{
    static const struct ckr unknown = {0, "an unknown CKR", HSM_E_MODULE_CALL, false};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].rv == rv)
            return &table[i];
    return &unknown;
}

const char *hsm_ckr_name(CK_RV rv)
{
    return ckr_of(rv)->name;
}

enum mc_rc hsm_ckr_rc(CK_RV rv)
{
    return ckr_of(rv)->rc;
}

bool hsm_ckr_is_lost(CK_RV rv)
{
    return ckr_of(rv)->lost;
}

enum mc_rc hsm_fail_ckr(struct mc_err *e, const char *call, CK_RV rv)
{
    return mc_fail(e, hsm_ckr_rc(rv), NULL, "%s: %s (0x%lx)", call, hsm_ckr_name(rv), rv);
}

enum mc_rc hsm_fail_errno(struct mc_err *e, enum mc_rc rc, const char *doing, const char *path)
{
    char why[96];

    return mc_fail(e, rc, NULL, "cannot %s %s: %s", doing, path, strerror_r(errno, why, sizeof(why)));
}
