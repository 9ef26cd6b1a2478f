/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ca/instance.h"

static char dir[64];

static void path_of(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", dir, name);
}

static void lock_path(uint64_t number, char path[128])
{
    snprintf(path, 128, "%s/%016llx.lock", dir, (unsigned long long)number);
}

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/heddle-run-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

static bool is_alive(uint64_t number)
{
    bool alive = true;

    assert_int_equal(instance_alive(dir, number, &alive, NULL), MC_OK);
    return alive;
}

static void an_open_instance_is_alive_until_it_is_closed(void **state)
{
    struct instance *i = NULL;
    struct stat st;
    char path[128];
    uint64_t number;

    (void)state;
    assert_int_equal(instance_open(dir, &i, NULL), MC_OK);
    number = instance_number(i);
    assert_true(number != 0);
    lock_path(number, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(is_alive(number));
    assert_true(exists(path));
    instance_close(i);
    assert_false(exists(path));
    assert_false(is_alive(number));
}

static void two_instances_have_two_numbers(void **state)
{
    struct instance *a = NULL, *b = NULL;

    (void)state;
    assert_int_equal(instance_open(dir, &a, NULL), MC_OK);
    assert_int_equal(instance_open(dir, &b, NULL), MC_OK);
    assert_true(instance_number(a) != instance_number(b));
    assert_true(is_alive(instance_number(a)) && is_alive(instance_number(b)));
    instance_close(a);
    instance_close(b);
}

/* A child that opens an instance, tells its number, and waits to be killed. */
static pid_t start_child(uint64_t *number)
{
    int fd[2];
    pid_t pid;

    assert_int_equal(pipe(fd), 0);
    pid = fork();
    if (pid == 0) {
        struct instance *i = NULL;

        if (instance_open(dir, &i, NULL) != MC_OK)
            _exit(1);
        *number = instance_number(i);
        if (write(fd[1], number, sizeof(*number)) != sizeof(*number))
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(fd[0], number, sizeof(*number)), sizeof(*number));
    close(fd[0]);
    close(fd[1]);
    return pid;
}

static void a_killed_process_is_dead_and_its_file_is_removed(void **state)
{
    uint64_t number = 0;
    char path[128];
    pid_t pid = start_child(&number);

    (void)state;
    lock_path(number, path);
    assert_true(is_alive(number));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(exists(path));
    assert_false(is_alive(number));
    assert_false(exists(path));
}

static void the_next_start_removes_what_dead_processes_left(void **state)
{
    struct instance *i = NULL;
    uint64_t dead = 0, living = 0;
    char path[128], other[128];
    pid_t pid = start_child(&dead), second = start_child(&living);

    (void)state;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    lock_path(dead, path);
    lock_path(living, other);
    assert_int_equal(instance_open(dir, &i, NULL), MC_OK);
    assert_false(exists(path));
    assert_true(exists(other));
    assert_true(is_alive(living));
    instance_close(i);
    kill(second, SIGKILL);
    waitpid(second, NULL, 0);
    assert_false(is_alive(living));
}

static void a_child_that_runs_another_program_does_not_keep_the_lock(void **state)
{
    struct instance *i = NULL;
    uint64_t number;
    pid_t pid;

    (void)state;
    assert_int_equal(instance_open(dir, &i, NULL), MC_OK);
    number = instance_number(i);
    pid = fork();
    if (pid == 0) {
        execlp("sleep", "sleep", "30", (char *)NULL);
        _exit(1);
    }
    usleep(100000);
    instance_close(i);
    assert_false(is_alive(number));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void other_things_in_the_folder_are_left_alone(void **state)
{
    static const char *const names[] = {"notes.txt", "0000000000000001.lock.old", "000000000000000G.lock",
        "1.lock", "00000000000000010.lock", "ABCDEF0000000001.lock", "a\nb.lock"};
    struct instance *i = NULL;
    char path[128], target[128];

    (void)state;
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        path_of(names[k], path);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    path_of("0000000000000002.lock", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_of("0000000000000003.lock", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    path_of("notes.txt", target);
    path_of("0000000000000004.lock", path);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(instance_open(dir, &i, NULL), MC_OK);
    instance_close(i);
    for (uint64_t n = 2; n <= 4; n++) {
        assert_false(is_alive(n));
        lock_path(n, path);
        assert_true(exists(path));
        if (unlink(path) != 0)
            assert_int_equal(rmdir(path), 0);
    }
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        path_of(names[k], path);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_folder_that_is_missing_is_an_error(void **state)
{
    struct instance *i = NULL;
    bool alive;
    char path[128];

    (void)state;
    path_of("missing", path);
    assert_int_equal(instance_open(path, &i, NULL), CA_E_IO);
    assert_null(i);
    assert_int_equal(instance_alive(path, 1, &alive, NULL), CA_E_IO);
}

static void number_zero_is_nobody(void **state)
{
    (void)state;
    assert_false(is_alive(0));
    instance_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_instance_is_alive_until_it_is_closed),
        cmocka_unit_test(two_instances_have_two_numbers),
        cmocka_unit_test(a_killed_process_is_dead_and_its_file_is_removed),
        cmocka_unit_test(the_next_start_removes_what_dead_processes_left),
        cmocka_unit_test(a_child_that_runs_another_program_does_not_keep_the_lock),
        cmocka_unit_test(other_things_in_the_folder_are_left_alone),
        cmocka_unit_test(a_folder_that_is_missing_is_an_error),
        cmocka_unit_test(number_zero_is_nobody),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
