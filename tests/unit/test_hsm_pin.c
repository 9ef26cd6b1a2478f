/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

#include "tests/hsm/fixture.h"

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return f != NULL && fixture_folder(f) ? 0 : -1;
}

static int drop(void **state)
{
    fixture_remove(*state);
    free(*state);
    return 0;
}

static enum mc_rc read_pin(const struct hsm_pin_source *src, char *out)
{
    struct hsm_pin *pin = NULL;
    enum mc_rc rc = hsm_pin_read(src, "t", &pin, NULL);

    if (rc == MC_OK) {
        memcpy(out, pin->bytes, pin->n);
        out[pin->n] = '\0';
    }
    hsm_pin_free(pin);
    return rc;
}

static enum mc_rc read_file(struct fixture *f, const char *content, size_t n, mode_t mode, char *out)
{
    const struct hsm_pin_source src = {.fd = -1, .file = f->pin};

    assert_true(fixture_write(f->pin, content, n, 0600));
    assert_int_equal(chmod(f->pin, mode), 0);
    return read_pin(&src, out);
}

static void a_pin_is_read_from_a_file_of_its_owner(void **state)
{
    char out[HSM_PIN_MAX + 1], longest[HSM_PIN_MAX + 1];

    assert_int_equal(read_file(*state, "1234\n", 5, 0600, out), MC_OK);
    assert_string_equal(out, "1234");
    assert_int_equal(read_file(*state, "1234", 4, 0400, out), MC_OK);
    assert_int_equal(read_file(*state, " with spaces ", 13, 0600, out), MC_OK);
    assert_string_equal(out, " with spaces ");
    memset(longest, 'x', sizeof(longest));
    longest[HSM_PIN_MAX] = '\n';
    assert_int_equal(read_file(*state, longest, sizeof(longest), 0600, out), MC_OK);
    assert_int_equal(strlen(out), HSM_PIN_MAX);
}

static void a_pin_file_that_others_can_read_is_refused(void **state)
{
    static const mode_t bad[] = {0640, 0604, 0660, 0644, 0620, 0610, 0601, 0777};
    char out[HSM_PIN_MAX + 1];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(read_file(*state, "1234\n", 5, bad[i], out), HSM_E_PIN_FILE);
}

static void a_pin_file_without_one_line_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } bad[] = {{"", 0}, {"\n", 1}, {"1234\n\n", 6}, {"1234\n5678\n", 10}, {"1234\r\n", 6},
        {"12\0"
         "34\n",
            6},
        {"12\t34", 5}};
    char out[HSM_PIN_MAX + 1], longer[HSM_PIN_MAX + 2];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(read_file(*state, bad[i].text, bad[i].n, 0600, out), HSM_E_PIN_FILE);
    memset(longer, 'x', sizeof(longer));
    assert_int_equal(read_file(*state, longer, HSM_PIN_MAX + 1, 0600, out), HSM_E_PIN_FILE);
}

static void what_is_not_a_regular_file_of_ours_is_refused(void **state)
{
    struct fixture *f = *state;
    struct hsm_pin_source src = {.fd = -1, .file = f->dir};
    char out[HSM_PIN_MAX + 1];

    assert_int_equal(read_pin(&src, out), HSM_E_PIN_FILE);
    src.file = f->wrong;
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_FILE); /* missing */
    assert_int_equal(mkfifo(f->wrong, 0600), 0);
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_FILE);
    if (geteuid() != 0)
        return;
    assert_int_equal(chown(f->pin, 12345, 12345), 0);
    src.file = f->pin;
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_FILE);
}

static void a_pin_from_a_descriptor_ends_at_the_newline(void **state)
{
    struct hsm_pin_source src = {0};
    char out[HSM_PIN_MAX + 1], rest[8] = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "1234\nrest", 9), 9);
    src.fd = ends[0];
    assert_int_equal(read_pin(&src, out), MC_OK);
    assert_string_equal(out, "1234");
    assert_int_equal(read(ends[0], rest, 4), 4);
    assert_string_equal(rest, "rest");
    close(ends[1]);
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_FILE); /* at its end */
    close(ends[0]);
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_SOURCE); /* closed */
}

static void the_descriptor_goes_before_the_file(void **state)
{
    struct fixture *f = *state;
    struct hsm_pin_source src = {.file = f->pin};
    char out[HSM_PIN_MAX + 1];
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from fd\n", 8), 8);
    src.fd = ends[0];
    assert_int_equal(read_pin(&src, out), MC_OK);
    assert_string_equal(out, "from fd");
    close(ends[0]);
    close(ends[1]);
}

/* In a process of its own: whether the PIN is the one that was held. */
static bool child_has(const struct hsm_pin_source *src, const char *want)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        char out[HSM_PIN_MAX + 1];

        _exit(read_pin(src, out) == MC_OK && strcmp(out, want) == 0 ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void a_held_pin_serves_so_many_processes(void **state)
{
    struct hsm_pin_source from = {.fd = -1}, shared = {.fd = -1};
    struct hsm_held_pin *held = NULL;
    char out[HSM_PIN_MAX + 1];
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "1234\nmore", 9), 9);
    from.fd = fds[0];
    assert_int_equal(hsm_pin_hold(&from, "t", 3, &held, NULL), MC_OK);
    shared.held = held;
    assert_true(child_has(&shared, "1234"));
    assert_true(child_has(&shared, "1234"));
    assert_int_equal(read_pin(&shared, out), MC_OK);
    assert_string_equal(out, "1234");
    assert_int_equal(read_pin(&shared, out), HSM_E_PIN_SOURCE);
    assert_false(child_has(&shared, "1234"));
    assert_null(memmem(held, 64, "1234", 4));
    hsm_pin_release(held);
    /* What comes behind the PIN is left to the caller. */
    assert_int_equal(read(fds[0], out, sizeof(out)), 4);
    close(fds[1]);
    assert_int_equal(hsm_pin_hold(&from, "t", 1, &held, NULL), HSM_E_PIN_FILE);
    close(fds[0]);
    hsm_pin_release(NULL);
}

static void without_a_source_there_is_no_pin(void **state)
{
    const struct hsm_pin_source src = {.fd = -1};
    char out[HSM_PIN_MAX + 1];

    (void)state;
    assert_int_equal(read_pin(&src, out), HSM_E_PIN_SOURCE);
}

/* --- the prompt -------------------------------------------------------------------------------------- */

/* In the child on the terminal: 0 when the PIN is the expected one. */
static int prompt_child(const char *want)
{
    const struct hsm_pin_source src = {.fd = -1, .prompt = true};
    struct termios before, after;
    char out[HSM_PIN_MAX + 1];
    enum mc_rc rc;

    tcgetattr(0, &before);
    rc = read_pin(&src, out);
    tcgetattr(0, &after);
    if ((before.c_lflag & ECHO) == 0 || before.c_lflag != after.c_lflag)
        return 3;
    if (want == NULL)
        return rc == HSM_E_PIN_SOURCE ? 0 : 2;
    return rc == MC_OK && strcmp(out, want) == 0 ? 0 : 1;
}

/* Reads what the terminal shows until it holds text. */
static void await(int tty, const char *text, char *seen, size_t cap)
{
    size_t n = strlen(seen);

    while (strstr(seen, text) == NULL) {
        struct pollfd p = {.fd = tty, .events = POLLIN};
        ssize_t r;

        if (poll(&p, 1, 5000) != 1)
            fail_msg("the terminal shows '%s', not '%s'", seen, text);
        r = read(tty, seen + n, cap - 1 - n);
        if (r <= 0)
            return;
        n += (size_t)r;
        seen[n] = '\0';
    }
}

/* Some chroots have no /dev/pts. */
static void need_terminal(void)
{
    int tty = -1, slave = -1;

    if (openpty(&tty, &slave, NULL, NULL, NULL) != 0) {
        print_message("no pseudo-terminal can be had here\n");
        skip();
    }
    close(slave);
    close(tty);
}

static int run_prompt(const char *typed, const char *want, char *seen, size_t cap)
{
    int tty = -1, status = 0;
    pid_t pid = forkpty(&tty, NULL, NULL, NULL);

    if (pid == 0)
        _exit(prompt_child(want));
    seen[0] = '\0';
    await(tty, "PIN of the token 't': ", seen, cap);
    assert_int_equal(write(tty, typed, strlen(typed)), (int)strlen(typed));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    await(tty, "never shown", seen, cap); /* drains: read fails once the child is gone */
    close(tty);
    return status;
}

static void a_pin_that_is_typed_is_not_shown(void **state)
{
    char seen[512];

    (void)state;
    need_terminal();
    assert_int_equal(run_prompt("s3cret\n", "s3cret", seen, sizeof(seen)), 0);
    assert_null(strstr(seen, "s3cret"));
}

static void no_answer_is_no_pin(void **state)
{
    char seen[512];

    (void)state;
    need_terminal();
    assert_int_equal(run_prompt("\n", NULL, seen, sizeof(seen)), 0);
    assert_int_equal(run_prompt("\x04", NULL, seen, sizeof(seen)), 0);
}

/* Ctrl-C at the question ends the process as it would anywhere, with the terminal as it was. */
static void an_interrupt_restores_the_terminal_and_acts(void **state)
{
    struct termios t;
    char seen[512] = "";
    int tty = -1, slave = -1, status = 0;
    pid_t pid;

    (void)state;
    need_terminal();
    assert_int_equal(openpty(&tty, &slave, NULL, NULL, NULL), 0);
    pid = fork();
    if (pid == 0) {
        login_tty(slave);
        _exit(prompt_child("never"));
    }
    await(tty, "PIN of the token 't': ", seen, sizeof(seen));
    assert_int_equal(tcgetattr(slave, &t), 0);
    assert_int_equal(t.c_lflag & ECHO, 0);
    assert_int_equal(write(tty, "half\x03", 5), 5);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    assert_int_equal(tcgetattr(slave, &t), 0);
    assert_int_not_equal(t.c_lflag & ECHO, 0);
    close(slave);
    close(tty);
}

static int without_terminal(void)
{
    const struct hsm_pin_source src = {.fd = -1, .prompt = true};
    char out[HSM_PIN_MAX + 1];

    setsid();
    return read_pin(&src, out) == HSM_E_PIN_SOURCE ? 0 : 1;
}

static void without_a_terminal_nobody_is_asked(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(without_terminal());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* --- remembered wrong PINs ------------------------------------------------------------------------------ */

static struct hsm_pin *pin_of(const char *text)
{
    struct hsm_pin *pin = hsm_pin_new();

    assert_non_null(pin);
    pin->n = strlen(text);
    memcpy(pin->bytes, text, pin->n);
    return pin;
}

static enum mc_rc check(struct fixture *f, const char *label, const char *text)
{
    struct hsm_pin *pin = pin_of(text);
    enum mc_rc rc = hsm_pinwrong_check(f->wrong, label, pin, NULL);

    hsm_pin_free(pin);
    return rc;
}

static void add(struct fixture *f, const char *text)
{
    struct hsm_pin *pin = pin_of(text);

    assert_int_equal(hsm_pinwrong_add(f->wrong, "t", pin, &f->e), MC_OK);
    hsm_pin_free(pin);
}

static void a_wrong_pin_is_remembered_for_its_token_only(void **state)
{
    struct fixture *f = *state;
    char text[2048] = "";
    struct stat st;
    size_t n = 0;

    assert_int_equal(check(f, "t", "1234"), MC_OK);
    add(f, "1234");
    assert_int_equal(check(f, "t", "1234"), HSM_E_PIN_REMEMBERED);
    assert_int_equal(check(f, "t", "12345"), MC_OK);
    assert_int_equal(check(f, "other", "1234"), MC_OK);
    assert_int_equal(stat(f->wrong, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(hsm_file_read(f->wrong, (uint8_t *)text, sizeof(text) - 1, &n), 0);
    assert_null(strstr(text, "1234\n"));
    assert_int_equal(hsm_pinwrong_forget(f->wrong, &f->e), MC_OK);
    assert_int_equal(check(f, "t", "1234"), MC_OK);
    assert_int_equal(hsm_pinwrong_forget(f->wrong, &f->e), MC_OK);
}

static void many_wrong_pins_are_remembered_and_the_oldest_go(void **state)
{
    struct fixture *f = *state;
    char text[16];

    for (int i = 0; i < 18; i++) {
        snprintf(text, sizeof(text), "pin %d", i);
        add(f, text);
    }
    assert_int_equal(check(f, "t", "pin 17"), HSM_E_PIN_REMEMBERED);
    assert_int_equal(check(f, "t", "pin 2"), HSM_E_PIN_REMEMBERED);
    assert_int_equal(check(f, "t", "pin 1"), MC_OK);
}

static void a_damaged_memory_lets_no_pin_through(void **state)
{
    static const char *const bad[] = {"", "x", "heddle-pin-wrong-1 600000\n",
        "heddle-pin-wrong-1 600000 000102030405060708090a0b0c0d0e0f\n",
        "heddle-pin-wrong-1 600000 000102030405060708090a0b0c0d0e0f\nabcd\n",
        "heddle-pin-wrong-1 0 000102030405060708090a0b0c0d0e0f\n"
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n",
        "heddle-pin-wrong-1 99999999 000102030405060708090a0b0c0d0e0f\n"
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n",
        "heddle-pin-wrong-1 1000 000102030405060708090a0b0c0d0e0f\n"
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(fixture_write(f->wrong, bad[i], strlen(bad[i]), 0600));
        assert_int_equal(check(f, "t", "1234"), HSM_E_PIN_REMEMBERED);
    }
}

static void without_a_memory_every_pin_passes(void **state)
{
    struct hsm_pin *pin = pin_of("1234");

    (void)state;
    assert_int_equal(hsm_pinwrong_add(NULL, "t", pin, NULL), MC_OK);
    assert_int_equal(hsm_pinwrong_check(NULL, "t", pin, NULL), MC_OK);
    assert_int_equal(hsm_pinwrong_forget(NULL, NULL), MC_OK);
    hsm_pin_free(pin);
}

#define IN_FOLDER(t) cmocka_unit_test_setup_teardown(t, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_pin_is_read_from_a_file_of_its_owner),
        IN_FOLDER(a_pin_file_that_others_can_read_is_refused),
        IN_FOLDER(a_pin_file_without_one_line_is_refused),
        IN_FOLDER(what_is_not_a_regular_file_of_ours_is_refused),
        cmocka_unit_test(a_pin_from_a_descriptor_ends_at_the_newline),
        IN_FOLDER(the_descriptor_goes_before_the_file),
        cmocka_unit_test(a_held_pin_serves_so_many_processes),
        cmocka_unit_test(without_a_source_there_is_no_pin),
        cmocka_unit_test(a_pin_that_is_typed_is_not_shown),
        cmocka_unit_test(no_answer_is_no_pin),
        cmocka_unit_test(an_interrupt_restores_the_terminal_and_acts),
        cmocka_unit_test(without_a_terminal_nobody_is_asked),
        IN_FOLDER(a_wrong_pin_is_remembered_for_its_token_only),
        IN_FOLDER(many_wrong_pins_are_remembered_and_the_oldest_go),
        IN_FOLDER(a_damaged_memory_lets_no_pin_through),
        cmocka_unit_test(without_a_memory_every_pin_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
