/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <sys/file.h>
#include <sys/wait.h>
#include <openssl/rand.h>

#include "tests/hsm/fixture.h"

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return f != NULL && fixture_make(f) ? 0 : -1;
}

static int drop(void **state)
{
    fixture_remove(*state);
    free(*state);
    return 0;
}

static enum mc_rc try_open(struct fixture *f)
{
    struct hsm *h = NULL;
    enum mc_rc rc;

    mc_err_init(&f->e);
    rc = hsm_open(&f->cfg, &h, &f->e);
    hsm_close(h);
    return rc;
}

static size_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void a_new_token_opens_and_tells_its_state(void **state)
{
    struct fixture *f = *state;
    struct hsm *h = NULL;
    struct hsm_info info;

    assert_int_equal(strlen(f->serial), 16);
    f->cfg.sessions = 3;
    assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
    assert_int_equal(hsm_status(h, &info, &f->e), MC_OK);
    assert_string_equal(info.label, "fixture token");
    assert_string_equal(info.serial, f->serial);
    assert_true(
        info.embedded && info.logged_in && info.mech_ecdsa && info.mech_ec_keygen && info.mech_aes_gcm);
    assert_false(info.pin_locked || info.pin_final_try || info.write_protected || info.pin_count_low);
    assert_int_equal(info.sessions_open, 3);
    assert_int_equal(info.keys, 0);
    hsm_close(h);
}

static void a_token_is_found_by_its_label_alone_at_first_use(void **state)
{
    struct fixture *f = *state;

    f->cfg.token_serial = NULL;
    assert_int_equal(try_open(f), MC_OK);
    f->cfg.token_label = "another";
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
}

static void a_folder_that_is_not_empty_gets_no_token(void **state)
{
    struct fixture *f = *state;
    char serial[17];

    assert_int_equal(hsm_embedded_create(&f->cfg, serial, &f->e), HSM_E_STORE);
}

static void a_missing_token_is_told_and_never_made_again(void **state)
{
    struct fixture *f = *state;
    char tokens[300], moved[256];
    struct stat st;

    snprintf(tokens, sizeof(tokens), "%s/tokens", f->dir);
    snprintf(moved, sizeof(moved), "%s/gone", f->root);
    assert_int_equal(rename(tokens, moved), 0);
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
    assert_int_equal(mkdir(tokens, 0700), 0);
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
    assert_int_equal(rmdir(tokens), 0); /* still empty */
    assert_int_equal(rename(moved, tokens), 0);
    assert_int_equal(try_open(f), MC_OK);
    f->cfg.token_serial = "0000000000000000";
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
    assert_int_not_equal(stat(tokens, &st), -1);
}

static void damage(const char *path, int how)
{
    assert_int_equal(chmod(path, 0600), 0);
    if (how == 0)
        assert_int_equal(unlink(path), 0);
    else if (how == 1)
        assert_int_equal(truncate(path, 0), 0);
    else if (how == 2)
        assert_int_equal(truncate(path, 100), 0);
    else
        assert_true(fixture_write(path, "not an object", 13, 0600));
}

static void a_damaged_token_object_is_put_back_and_keeps_its_keys(void **state)
{
    struct fixture *f = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_key *k;
    struct hsm *h = NULL;
    struct stat st;
    char object[512];

    assert_true(fixture_token_file(f, "token.object", object, sizeof(object)));
    assert_int_equal(stat(object, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
    assert_int_equal(hsm_generate_p256(h, "k", point, id, &f->e), MC_OK);
    hsm_close(h);
    for (int how = 0; how < 4; how++) {
        damage(object, how);
        h = NULL;
        assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
        assert_int_equal(hsm_find_key(h, id, point, &k, &f->e), MC_OK);
        hsm_close(h);
        assert_int_equal(stat(object, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0400);
    }
}

static void without_a_copy_an_empty_token_object_is_an_error(void **state)
{
    struct fixture *f = *state;
    char object[512], copy[300];

    snprintf(copy, sizeof(copy), "%s/token.object.copy", f->dir);
    assert_true(fixture_token_file(f, "token.object", object, sizeof(object)));
    assert_int_equal(unlink(copy), 0);
    damage(object, 1);
    assert_int_equal(try_open(f), HSM_E_STORE);
    assert_int_equal(size_of(object), 0);
}

static void a_damaged_copy_never_replaces_a_good_token_object(void **state)
{
    struct fixture *f = *state;
    char object[512], copy[300];
    size_t n;

    snprintf(copy, sizeof(copy), "%s/token.object.copy", f->dir);
    assert_true(fixture_token_file(f, "token.object", object, sizeof(object)));
    n = size_of(object);
    for (int how = 0; how < 4; how++) {
        damage(copy, how);
        assert_int_equal(try_open(f), MC_OK);
        assert_int_equal(size_of(object), n);
        assert_int_equal(size_of(copy), n); /* made again */
    }
    damage(object, 1);
    assert_int_equal(try_open(f), MC_OK);
}

static void a_folder_that_has_moved_opens_with_its_own_token(void **state)
{
    struct fixture *f = *state;
    char moved[200];

    snprintf(moved, sizeof(moved), "%s/other place", f->root);
    assert_int_equal(rename(f->dir, moved), 0);
    snprintf(f->dir, sizeof(f->dir), "%s", moved);
    assert_int_equal(hsm_embedded_relocate(moved, &f->e), MC_OK);
    assert_int_equal(try_open(f), MC_OK);
    snprintf(moved, sizeof(moved), "%s/third", f->root);
    assert_int_equal(rename(f->dir, moved), 0);
    snprintf(f->dir, sizeof(f->dir), "%s", moved);
    assert_int_equal(try_open(f), MC_OK); /* and without being told */
}

static void paths_that_softhsm_misreads_are_refused(void **state)
{
    static const char *const bad[] = {"relative", "/a#b", "/a=b", "/a\nb", ""};
    struct fixture *f = *state;
    char serial[17];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        f->cfg.embedded_dir = bad[i];
        assert_int_equal(try_open(f), HSM_E_PATH);
        assert_int_equal(hsm_embedded_create(&f->cfg, serial, NULL), HSM_E_PATH);
        assert_int_equal(hsm_embedded_relocate(bad[i], NULL), HSM_E_PATH);
    }
    f->cfg.embedded_dir = NULL;
    assert_int_equal(try_open(f), HSM_E_PATH);
}

static void a_wrong_pin_is_tried_once(void **state)
{
    struct fixture *f = *state;
    char object[512];
    struct stat before, after;

    assert_true(fixture_token_file(f, "token.object", object, sizeof(object)));
    assert_true(fixture_write(f->pin, "wrong-one\n", 10, 0600));
    assert_int_equal(try_open(f), HSM_E_PIN_WRONG);
    assert_null(strstr(f->e.what, "wrong-one"));
    assert_int_equal(stat(object, &before), 0);
    assert_int_equal(try_open(f), HSM_E_PIN_REMEMBERED);
    assert_int_equal(stat(object, &after), 0);
    assert_true(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec || geteuid() == 0);
    assert_true(fixture_write(f->pin, "wrong-two\n", 10, 0600));
    assert_int_equal(try_open(f), HSM_E_PIN_WRONG);
    assert_true(fixture_write(f->pin, "wrong-one\n", 10, 0600));
    assert_int_equal(try_open(f), HSM_E_PIN_REMEMBERED);
    assert_true(fixture_write(f->pin, FIXTURE_PIN "\n", strlen(FIXTURE_PIN) + 1, 0600));
    assert_int_equal(try_open(f), MC_OK);
    assert_int_equal(access(f->wrong, F_OK), -1);
}

static void no_second_token_is_opened_in_one_process(void **state)
{
    struct fixture *f = *state;
    struct hsm *h = NULL;

    assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
    assert_int_equal(try_open(f), HSM_E_MODULE_CALL);
    hsm_close(h);
    assert_int_equal(try_open(f), MC_OK);
}

static void a_lock_that_is_held_ends_in_a_timeout(void **state)
{
    struct fixture *f = *state;
    char path[300];
    int fd;

    snprintf(path, sizeof(path), "%s/lock", f->dir);
    fd = open(path, O_RDWR);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    f->cfg.timeout_ms = 100;
    assert_int_equal(try_open(f), HSM_E_TIMEOUT);
    close(fd);
    f->cfg.timeout_ms = 10000;
    assert_int_equal(try_open(f), MC_OK);
}

static int child_result(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 0 when the parent's token is refused and the child can open its own. */
static int in_child(struct fixture *f, struct hsm *parents, struct hsm_key *k)
{
    uint8_t digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN], point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_info info;
    struct hsm *own = NULL;

    if (hsm_sign(k, digest, sig, NULL) != HSM_E_MODULE_CALL)
        return 1;
    if (hsm_status(parents, &info, NULL) != HSM_E_MODULE_CALL)
        return 2;
    if (hsm_generate_p256(parents, "x", point, id, NULL) != HSM_E_MODULE_CALL)
        return 3;
    hsm_close(parents);
    if (hsm_open(&f->cfg, &own, NULL) == MC_OK)
        hsm_close(own);
    else
        return 4;
    return 0;
}

static void a_child_process_cannot_use_its_parents_token(void **state)
{
    struct fixture *f = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN], digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN];
    struct hsm_key *k;
    struct hsm *h = NULL;
    pid_t pid;

    assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
    assert_int_equal(hsm_generate_p256(h, "k", point, id, &f->e), MC_OK);
    assert_int_equal(hsm_find_key(h, id, point, &k, &f->e), MC_OK);
    pid = fork();
    if (pid == 0)
        _exit(in_child(f, h, k));
    assert_int_equal(child_result(pid), 0);
    assert_int_equal(hsm_sign(k, digest, sig, &f->e), MC_OK);
    hsm_close(h);
}

static void a_module_that_is_none_is_told(void **state)
{
    struct fixture *f = *state;

    f->cfg.module = "/nonexistent/module.so";
    assert_int_equal(try_open(f), HSM_E_MODULE);
    f->cfg.module = "libsofthsm2.so";
    assert_int_equal(try_open(f), HSM_E_MODULE);
    f->cfg.module = f->pin;
    assert_int_equal(try_open(f), HSM_E_MODULE);
    f->cfg.module = NULL;
    f->cfg.embedded_module = "/nonexistent/module.so";
    assert_int_equal(try_open(f), HSM_E_MODULE);
    f->cfg.embedded_module = NULL;
    assert_int_equal(try_open(f), MC_OK);
}

static void settings_out_of_range_are_refused(void **state)
{
    struct fixture *f = *state;

    f->cfg.sessions = HSM_SESSIONS_MAX + 1;
    assert_int_equal(try_open(f), HSM_E_SESSIONS);
    f->cfg.sessions = HSM_SESSIONS_MAX;
    assert_int_equal(try_open(f), MC_OK);
    f->cfg.token_label = "123456789012345678901234567890123";
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
    f->cfg.token_label = NULL;
    assert_int_equal(try_open(f), HSM_E_NO_TOKEN);
}

static void the_module_does_not_change_the_random_source(void **state)
{
    struct fixture *f = *state;
    uint8_t octets[16];
    struct hsm *h = NULL;

    assert_int_equal(hsm_open(&f->cfg, &h, &f->e), MC_OK);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    assert_ptr_equal(RAND_get_rand_method(), RAND_OpenSSL());
#pragma GCC diagnostic pop
    assert_int_equal(RAND_bytes(octets, sizeof(octets)), 1);
    hsm_close(h);
    assert_int_equal(RAND_bytes(octets, sizeof(octets)), 1);
}

static void a_pin_of_a_length_that_the_token_refuses_makes_no_token(void **state)
{
    struct fixture f;
    char serial[17];

    (void)state;
    assert_true(fixture_folder(&f));
    assert_true(fixture_write(f.pin, "123\n", 4, 0600));
    assert_int_equal(hsm_embedded_create(&f.cfg, serial, &f.e), HSM_E_PIN_FILE);
    fixture_remove(&f);
}

#define WITH_TOKEN(t) cmocka_unit_test_setup_teardown(t, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOKEN(a_new_token_opens_and_tells_its_state),
        WITH_TOKEN(a_token_is_found_by_its_label_alone_at_first_use),
        WITH_TOKEN(a_folder_that_is_not_empty_gets_no_token),
        WITH_TOKEN(a_missing_token_is_told_and_never_made_again),
        WITH_TOKEN(a_damaged_token_object_is_put_back_and_keeps_its_keys),
        WITH_TOKEN(without_a_copy_an_empty_token_object_is_an_error),
        WITH_TOKEN(a_damaged_copy_never_replaces_a_good_token_object),
        WITH_TOKEN(a_folder_that_has_moved_opens_with_its_own_token),
        WITH_TOKEN(paths_that_softhsm_misreads_are_refused),
        WITH_TOKEN(a_wrong_pin_is_tried_once),
        WITH_TOKEN(no_second_token_is_opened_in_one_process),
        WITH_TOKEN(a_lock_that_is_held_ends_in_a_timeout),
        WITH_TOKEN(a_child_process_cannot_use_its_parents_token),
        WITH_TOKEN(a_module_that_is_none_is_told),
        WITH_TOKEN(settings_out_of_range_are_refused),
        WITH_TOKEN(the_module_does_not_change_the_random_source),
        cmocka_unit_test(a_pin_of_a_length_that_the_token_refuses_makes_no_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
