/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/internal.h"

static void an_answer_of_the_module_is_told_by_name_and_number(void **state)
{
    struct mc_err e;

    (void)state;
    mc_err_init(&e);
    assert_int_equal(hsm_fail_ckr(&e, "C_Sign", CKR_DEVICE_REMOVED), HSM_E_TOKEN_LOST);
    assert_string_equal(e.what, "C_Sign: CKR_DEVICE_REMOVED (0x32)");
    mc_err_init(&e);
    assert_int_equal(hsm_fail_ckr(&e, "C_Sign", CKR_VENDOR_DEFINED | 0x77), HSM_E_MODULE_CALL);
    assert_string_equal(e.what, "C_Sign: an unknown CKR (0x80000077)");
}

static void each_class_of_answers_has_its_code(void **state)
{
    static const struct {
        CK_RV rv;
        enum mc_rc rc;
        bool lost;
    } rows[] = {{CKR_SESSION_HANDLE_INVALID, HSM_E_TOKEN_LOST, true},
        {CKR_TOKEN_NOT_PRESENT, HSM_E_TOKEN_LOST, true}, {CKR_USER_NOT_LOGGED_IN, HSM_E_TOKEN_LOST, true},
        {CKR_SESSION_COUNT, HSM_E_SESSIONS, false}, {CKR_PIN_INCORRECT, HSM_E_PIN_WRONG, false},
        {CKR_PIN_LOCKED, HSM_E_PIN_LOCKED, false}, {CKR_HOST_MEMORY, MC_E_MEMORY, false},
        {CKR_MECHANISM_INVALID, HSM_E_MODULE_CALL, false}, {0xdeadbeef, HSM_E_MODULE_CALL, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(hsm_ckr_rc(rows[i].rv), rows[i].rc);
        assert_int_equal(hsm_ckr_is_lost(rows[i].rv), rows[i].lost);
    }
}

static void every_code_of_this_layer_has_the_class_that_scripts_rely_on(void **state)
{
    (void)state;
    assert_int_equal(mc_rc_class(HSM_E_TOKEN_LOST), 7);
    assert_int_equal(mc_rc_class(HSM_E_TIMEOUT), 7);
    assert_int_equal(mc_rc_class(HSM_E_PIN_WRONG), 8);
    assert_int_equal(mc_rc_class(HSM_E_PIN_REMEMBERED), 8);
    assert_int_equal(mc_rc_class(HSM_E_PIN_FILE), 8);
}

static void an_error_of_the_system_names_what_was_done_and_to_what(void **state)
{
    struct mc_err e;

    (void)state;
    mc_err_init(&e);
    errno = ENOENT;
    assert_int_equal(hsm_fail_errno(&e, HSM_E_STORE, "open", "/x"), HSM_E_STORE);
    assert_string_equal(e.what, "cannot open /x: No such file or directory");
}

static void wiped_memory_is_zero(void **state)
{
    uint8_t secret[32], zero[32] = {0};

    (void)state;
    memset(secret, 0x55, sizeof(secret));
    hsm_wipe(secret, sizeof(secret));
    assert_memory_equal(secret, zero, sizeof(zero));
}

static int hardened(void)
{
    struct rlimit core;

    hsm_harden_process();
    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 &&
           prctl(PR_GET_DUMPABLE) == 0;
}

static void a_hardened_process_leaves_no_core(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(hardened() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_of_the_module_is_told_by_name_and_number),
        cmocka_unit_test(each_class_of_answers_has_its_code),
        cmocka_unit_test(every_code_of_this_layer_has_the_class_that_scripts_rely_on),
        cmocka_unit_test(an_error_of_the_system_names_what_was_done_and_to_what),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(a_hardened_process_leaves_no_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
