/* SPDX-License-Identifier: Apache-2.0 */
/* faults.c - a module that fails, stalls, loses its sessions; run by faults.sh with $HEDDLE_SHIM set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/hsm/fixture.h"
#include "tests/hsm/shim.h"

struct rig {
    struct fixture f;
    struct shim *shim;
    struct mc_verifier *v;
    struct hsm *h;
    struct hsm_key *k;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
};

static const uint8_t digest[HSM_DIGEST_LEN] = {0x42};

static int make_rig(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));
    struct shim *(*get)(void);
    char object[512];
    void *dl = dlopen(getenv("HEDDLE_SHIM"), RTLD_NOW | RTLD_LOCAL);

    *state = r;
    if (r == NULL || dl == NULL || !fixture_make(&r->f))
        return -1;
    /* As the token of a SoftHSM that is not embedded. */
    if (!fixture_token_file(&r->f, "token.object", object, sizeof(object)) || chmod(object, 0600) != 0)
        return -1;
    *(void **)&get = dlsym(dl, "shim_control");
    r->shim = get();
    memset(r->shim, 0, sizeof(*r->shim));
    r->v = mc_verifier_new();
    r->f.cfg.module =
        getenv("HEDDLE_SHIM"); /* finds the token by the SOFTHSM2_CONF that the fixture has set */
    return 0;
}

static int drop_rig(void **state)
{
    struct rig *r = *state;

    memset(r->shim, 0, sizeof(*r->shim));
    hsm_close(r->h);
    mc_verifier_free(r->v);
    fixture_remove(&r->f);
    free(r);
    return 0;
}

static enum mc_rc open_token(struct rig *r)
{
    mc_err_init(&r->f.e);
    return hsm_open(&r->f.cfg, &r->h, &r->f.e);
}

static void open_with_key(struct rig *r)
{
    assert_int_equal(open_token(r), MC_OK);
    assert_int_equal(hsm_generate_p256(r->h, "k", r->point, r->id, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &r->k, &r->f.e), MC_OK);
}

static enum mc_rc sign(struct rig *r)
{
    uint8_t sig[HSM_SIG_LEN];
    enum mc_rc rc;

    mc_err_init(&r->f.e);
    rc = hsm_sign(r->k, digest, sig, &r->f.e);
    if (rc == MC_OK)
        assert_int_equal(mc_verify(r->v, r->point, digest, sig), MC_OK);
    return rc;
}

static void fail_next(struct rig *r, enum shim_call c, unsigned times, CK_RV rv)
{
    r->shim->call[c].times = times;
    r->shim->call[c].rv = rv;
}

static unsigned logins(struct rig *r)
{
    return r->shim->call[SHIM_LOGIN].seen;
}

static void set_pin(struct rig *r, const char *pin)
{
    assert_true(fixture_write(r->f.pin, pin, strlen(pin), 0600));
}

/* --- the PIN ----------------------------------------------------------------------------------------- */

static void a_wrong_pin_reaches_the_token_once(void **state)
{
    struct rig *r = *state;

    set_pin(r, "wrong pin");
    assert_int_equal(open_token(r), HSM_E_PIN_WRONG);
    assert_int_equal(logins(r), 1);
    assert_non_null(strstr(r->f.e.what, "C_Login: CKR_PIN_INCORRECT"));
    assert_int_equal(open_token(r), HSM_E_PIN_REMEMBERED);
    assert_int_equal(logins(r), 1);
    set_pin(r, FIXTURE_PIN);
    assert_int_equal(open_token(r), MC_OK);
    assert_int_equal(logins(r), 2);
}

static void processes_that_start_together_try_a_wrong_pin_once(void **state)
{
    struct rig *r = *state;
    unsigned wrong = 0, remembered = 0;

    set_pin(r, "wrong pin");
    for (int i = 0; i < 6; i++)
        if (fork() == 0)
            _exit(open_token(r) == HSM_E_PIN_WRONG ? 1 : r->f.e.rc == HSM_E_PIN_REMEMBERED ? 2 : 3);
    for (int i = 0; i < 6; i++) {
        int status = 0;

        wait(&status);
        wrong += WEXITSTATUS(status) == 1;
        remembered += WEXITSTATUS(status) == 2;
    }
    assert_int_equal(wrong, 1);
    assert_int_equal(remembered, 5);
}

static void the_last_try_is_not_used(void **state)
{
    struct rig *r = *state;

    r->shim->token_flags = CKF_USER_PIN_FINAL_TRY;
    assert_int_equal(open_token(r), HSM_E_PIN_LAST);
    r->shim->token_flags = CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY;
    assert_int_equal(open_token(r), HSM_E_PIN_LOCKED);
    assert_int_equal(logins(r), 0);
    r->shim->token_flags = CKF_USER_PIN_COUNT_LOW;
    assert_int_equal(open_token(r), MC_OK);
}

static void each_answer_of_a_login_has_its_code(void **state)
{
    static const struct {
        CK_RV rv;
        enum mc_rc rc;
    } rows[] = {{CKR_PIN_LOCKED, HSM_E_PIN_LOCKED}, {CKR_PIN_EXPIRED, HSM_E_PIN_LOCKED},
        {CKR_USER_PIN_NOT_INITIALIZED, HSM_E_PIN_LOCKED}, {CKR_USER_ALREADY_LOGGED_IN, HSM_E_MODULE_CALL},
        {CKR_DEVICE_REMOVED, HSM_E_TOKEN_LOST}, {CKR_GENERAL_ERROR, HSM_E_MODULE_CALL},
        {CKR_HOST_MEMORY, MC_E_MEMORY}, {CKR_VENDOR_DEFINED + 5, HSM_E_MODULE_CALL}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fail_next(r, SHIM_LOGIN, 1, rows[i].rv);
        assert_int_equal(open_token(r), rows[i].rc);
        assert_non_null(strstr(r->f.e.what, "C_Login"));
        assert_int_equal(access(r->f.wrong, F_OK), -1);
    }
}

/* --- sessions ----------------------------------------------------------------------------------------- */

static void a_token_without_a_free_session_is_told_at_once(void **state)
{
    struct rig *r = *state;

    fail_next(r, SHIM_OPEN_SESSION, 1, CKR_SESSION_COUNT);
    assert_int_equal(open_token(r), HSM_E_SESSIONS);
    assert_int_equal(logins(r), 0);
    r->f.cfg.sessions = 2;
    fail_next(r, SHIM_OPEN_SESSION, 0, 0);
    assert_int_equal(open_token(r), MC_OK);
}

static void a_session_that_is_lost_is_opened_again(void **state)
{
    static const CK_RV lost[] = {CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT,
        CKR_USER_NOT_LOGGED_IN, CKR_OBJECT_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID, CKR_SESSION_CLOSED,
        CKR_OPERATION_ACTIVE, CKR_DEVICE_ERROR};
    struct rig *r = *state;

    open_with_key(r);
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        fail_next(r, SHIM_SIGN_INIT, 1, lost[i]);
        assert_int_equal(sign(r), MC_OK);
        fail_next(r, SHIM_SIGN, 1, lost[i]);
        assert_int_equal(sign(r), MC_OK);
    }
    assert_int_equal(logins(r), 1); /* the login was still good */
}

static void a_loss_that_stays_is_told(void **state)
{
    struct rig *r = *state;

    open_with_key(r);
    fail_next(r, SHIM_SIGN_INIT, 1000, CKR_DEVICE_REMOVED);
    assert_int_equal(sign(r), HSM_E_TOKEN_LOST);
    assert_non_null(strstr(r->f.e.what, "C_SignInit: CKR_DEVICE_REMOVED"));
    fail_next(r, SHIM_SIGN_INIT, 0, 0);
    assert_int_equal(sign(r), MC_OK);
}

static void any_other_failure_is_told_and_not_tried_again(void **state)
{
    struct rig *r = *state;
    unsigned seen;

    open_with_key(r);
    r->k->no_copy = true; /* else the token's own object is tried after the copy */
    memset(r->k->copy, 0, sizeof(r->k->copy));
    seen = r->shim->call[SHIM_SIGN].seen;
    fail_next(r, SHIM_SIGN, 1, CKR_FUNCTION_FAILED);
    assert_int_equal(sign(r), HSM_E_MODULE_CALL);
    assert_non_null(strstr(r->f.e.what, "C_Sign: CKR_FUNCTION_FAILED"));
    assert_int_equal(r->shim->call[SHIM_SIGN].seen, seen + 1);
}

static void a_login_that_has_ended_is_renewed_once_from_a_pin_file(void **state)
{
    struct rig *r = *state;

    open_with_key(r);
    assert_int_equal(r->h->m.f->C_CloseAllSessions(r->h->slot), CKR_OK);
    assert_int_equal(sign(r), MC_OK);
    assert_int_equal(logins(r), 2);
    assert_int_equal(r->h->m.f->C_Logout(r->h->sessions[0].handle), CKR_OK);
    assert_int_equal(sign(r), HSM_E_TOKEN_LOST);
    assert_int_equal(logins(r), 2);
}

static void other_work_recovers_from_a_loss_too(void **state)
{
    struct rig *r = *state;
    struct hsm_info info;

    open_with_key(r);
    assert_int_equal(r->h->m.f->C_CloseAllSessions(r->h->slot), CKR_OK);
    assert_int_equal(hsm_status(r->h, &info, &r->f.e), MC_OK);
    assert_true(info.logged_in);
    assert_int_equal(info.keys, 1);
}

static void without_a_pin_file_a_login_is_not_renewed(void **state)
{
    struct rig *r = *state;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], FIXTURE_PIN "\n", strlen(FIXTURE_PIN) + 1), (int)strlen(FIXTURE_PIN) + 1);
    r->f.cfg.pin.fd = ends[0];
    open_with_key(r);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(r->h->m.f->C_CloseAllSessions(r->h->slot), CKR_OK);
    assert_int_equal(sign(r), HSM_E_TOKEN_LOST);
    assert_int_equal(logins(r), 1);
}

static void a_pin_that_is_no_longer_right_is_tried_once_after_a_loss(void **state)
{
    struct rig *r = *state;

    open_with_key(r);
    set_pin(r, "changed since");
    assert_int_equal(r->h->m.f->C_CloseAllSessions(r->h->slot), CKR_OK);
    assert_int_equal(sign(r), HSM_E_PIN_WRONG);
    assert_int_equal(logins(r), 2);
    assert_int_not_equal(sign(r), MC_OK);
    assert_int_equal(logins(r), 2);
    assert_int_equal(access(r->f.wrong, F_OK), 0);
}

static void another_token_in_the_slot_gets_no_pin(void **state)
{
    struct rig *r = *state;

    open_with_key(r);
    assert_int_equal(r->h->m.f->C_CloseAllSessions(r->h->slot), CKR_OK);
    r->shim->other_serial = 1;
    assert_int_equal(sign(r), HSM_E_TOKEN_LOST);
    assert_non_null(strstr(r->f.e.what, "another token"));
    assert_int_equal(logins(r), 1);
}

/* --- keys ----------------------------------------------------------------------------------------------- */

static void a_token_that_does_not_know_an_attribute_still_makes_keys(void **state)
{
    struct rig *r = *state;

    r->shim->refuse_allowed_mechanisms = 1;
    open_with_key(r);
    assert_int_equal(sign(r), MC_OK);
    assert_int_equal(r->shim->call[SHIM_GENERATE_PAIR].seen, 2);
}

static void a_point_without_its_octet_string_is_read(void **state)
{
    struct rig *r = *state;

    r->shim->raw_point = 1;
    open_with_key(r);
    assert_int_equal(sign(r), MC_OK);
}

static void a_key_that_cannot_be_named_is_removed(void **state)
{
    struct rig *r = *state;
    struct hsm_info info;

    assert_int_equal(open_token(r), MC_OK);
    fail_next(r, SHIM_SET_ATTRIBUTE, 1, CKR_ATTRIBUTE_READ_ONLY);
    assert_int_equal(hsm_generate_p256(r->h, "k", r->point, r->id, &r->f.e), HSM_E_MODULE_CALL);
    assert_non_null(strstr(r->f.e.what, "C_SetAttributeValue: CKR_ATTRIBUTE_READ_ONLY"));
    assert_int_equal(hsm_status(r->h, &info, NULL), MC_OK);
    assert_int_equal(info.keys, 0);
}

static void a_copy_that_cannot_be_had_does_not_stop_signing(void **state)
{
    struct rig *r = *state;

    r->shim->call[SHIM_COPY].rv = CKR_ACTION_PROHIBITED;
    r->shim->call[SHIM_COPY].times = 1000;
    open_with_key(r);
    assert_true(r->k->no_copy);
    assert_int_equal(sign(r), MC_OK);
    assert_int_equal(r->shim->call[SHIM_COPY].seen, 1);
}

static void a_signature_of_another_length_is_refused(void **state)
{
    struct rig *r = *state;

    open_with_key(r);
    r->shim->signature_len = 63;
    assert_int_equal(sign(r), HSM_E_SIGN);
}

static void a_token_without_aes_gcm_cannot_seal(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[64];
    size_t n;

    assert_int_equal(open_token(r), MC_OK);
    fail_next(r, SHIM_ENCRYPT_INIT, 1, CKR_MECHANISM_INVALID);
    assert_int_equal(
        hsm_seal(r->h, mc_span_of("c", 1), mc_span_of("secret", 6), sealed, sizeof(sealed), &n, &r->f.e),
        HSM_E_MODULE_CALL);
    assert_non_null(strstr(r->f.e.what, "CKM_AES_GCM"));
    assert_non_null(strstr(r->f.e.what, "CKR_MECHANISM_INVALID"));
}

static void two_tokens_with_one_label_need_a_serial_number(void **state)
{
    struct rig *r = *state;
    const struct hsm_token_want blank = {.blank = true};
    unsigned char label[33] = "fixture token                   ";
    char serial[17];
    CK_SLOT_ID slot;

    assert_int_equal(open_token(r), MC_OK);
    assert_int_equal(hsm_module_find_slot(&r->h->m, &blank, &slot, serial, &r->f.e), MC_OK);
    assert_int_equal(r->h->m.f->C_InitToken(slot, hsm_mutable("12345678"), 8, label), CKR_OK);
    hsm_close(r->h);
    r->h = NULL;
    r->f.cfg.token_serial = NULL;
    assert_int_equal(open_token(r), HSM_E_TOKEN_TWICE);
    r->f.cfg.token_serial = r->f.serial;
    assert_int_equal(open_token(r), MC_OK);
}

/* --- stalls ------------------------------------------------------------------------------------------------
 */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In a child, since a stuck module stays stuck. Ends by exit(), so that the module's exit handlers would run.
 */
static void in_child(struct rig *r, int (*body)(struct rig *r))
{
    int64_t start = now_ms();
    int status = 0;
    pid_t pid;

    r->f.cfg.timeout_ms = 1500;
    pid = fork();
    if (pid == 0)
        exit(body(r));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_true(now_ms() - start < 30000);
}

static int stall_open(struct rig *r)
{
    if (open_token(r) != HSM_E_TIMEOUT)
        return 1;
    return open_token(r) == HSM_E_TIMEOUT ? 42 : 2;
}

static void a_module_that_stalls_when_opened_ends_in_a_timeout(void **state)
{
    static const enum shim_call calls[] = {SHIM_INITIALIZE, SHIM_OPEN_SESSION, SHIM_LOGIN};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        r->shim->call[calls[i]].stall_ms = 60000;
        in_child(r, stall_open);
        r->shim->call[calls[i]].stall_ms = 0;
        unlink(r->f.wrong);
    }
}

static int stall_sign(struct rig *r)
{
    uint8_t sig[HSM_SIG_LEN] = {0}, zero[HSM_SIG_LEN] = {0}, point[HSM_POINT_LEN], id[HSM_ID_LEN];

    if (open_token(r) != MC_OK || hsm_generate_p256(r->h, "k", r->point, r->id, NULL) != MC_OK ||
        hsm_find_key(r->h, r->id, r->point, &r->k, NULL) != MC_OK)
        return 1;
    r->shim->call[SHIM_SIGN].stall_ms = 60000;
    if (hsm_sign(r->k, digest, sig, NULL) != HSM_E_TIMEOUT || memcmp(sig, zero, sizeof(sig)) != 0)
        return 2;
    if (hsm_sign(r->k, digest, sig, NULL) != HSM_E_TIMEOUT ||
        hsm_generate_p256(r->h, "x", point, id, NULL) != HSM_E_TIMEOUT)
        return 3;
    hsm_close(r->h);
    return 42;
}

static void a_signature_that_stalls_ends_in_a_timeout(void **state)
{
    in_child(*state, stall_sign);
}

/* The stuck call comes back later, while the program still runs: what it left must not be touched twice. */
static int stall_a_little(struct rig *r)
{
    struct timespec nap = {2, 0};

    r->shim->call[SHIM_LOGIN].stall_ms = 4000;
    if (open_token(r) != HSM_E_TIMEOUT)
        return 1;
    nanosleep(&nap, NULL);
    return open_token(r) == HSM_E_TIMEOUT ? 42 : 2;
}

static void a_call_that_comes_back_late_does_no_harm(void **state)
{
    in_child(*state, stall_a_little);
}

#define WITH_SHIM(t) cmocka_unit_test_setup_teardown(t, make_rig, drop_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SHIM(a_wrong_pin_reaches_the_token_once),
        WITH_SHIM(processes_that_start_together_try_a_wrong_pin_once),
        WITH_SHIM(the_last_try_is_not_used),
        WITH_SHIM(each_answer_of_a_login_has_its_code),
        WITH_SHIM(a_token_without_a_free_session_is_told_at_once),
        WITH_SHIM(a_session_that_is_lost_is_opened_again),
        WITH_SHIM(a_loss_that_stays_is_told),
        WITH_SHIM(any_other_failure_is_told_and_not_tried_again),
        WITH_SHIM(a_login_that_has_ended_is_renewed_once_from_a_pin_file),
        WITH_SHIM(other_work_recovers_from_a_loss_too),
        WITH_SHIM(without_a_pin_file_a_login_is_not_renewed),
        WITH_SHIM(a_pin_that_is_no_longer_right_is_tried_once_after_a_loss),
        WITH_SHIM(another_token_in_the_slot_gets_no_pin),
        WITH_SHIM(a_token_that_does_not_know_an_attribute_still_makes_keys),
        WITH_SHIM(a_point_without_its_octet_string_is_read),
        WITH_SHIM(a_key_that_cannot_be_named_is_removed),
        WITH_SHIM(a_copy_that_cannot_be_had_does_not_stop_signing),
        WITH_SHIM(a_signature_of_another_length_is_refused),
        WITH_SHIM(a_token_without_aes_gcm_cannot_seal),
        WITH_SHIM(two_tokens_with_one_label_need_a_serial_number),
        WITH_SHIM(a_module_that_stalls_when_opened_ends_in_a_timeout),
        WITH_SHIM(a_signature_that_stalls_ends_in_a_timeout),
        WITH_SHIM(a_call_that_comes_back_late_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
