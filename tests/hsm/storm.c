/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm.c - starts one command many times.
 *   storm together N WIDTH CMD...  N runs, WIDTH at a time; prints how many failed
 *   storm kill N MAX_US CMD...     N runs one after the other, each killed (SIGKILL) at a random moment
 * within its first MAX_US; prints how many were hit. What ends by itself must succeed. The exit status is 1
 * when a run failed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t start(char **cmd)
{
    pid_t pid = fork();

    if (pid == 0) {
        execv(cmd[0], cmd);
        _exit(127);
    }
    return pid;
}

static int together(unsigned n, unsigned width, char **cmd)
{
    unsigned started = 0, running = 0, failed = 0;

    while (started < n || running > 0) {
        int status = 0;

        if (started < n && running < width) {
            if (start(cmd) < 0)
                return 1;
            started++;
            running++;
            continue;
        }
        if (wait(&status) < 0)
            return 1;
        running--;
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    printf("%u starts, %u at a time: %u failed\n", n, width, failed);
    return failed != 0;
}

static int kill_at_random(unsigned n, unsigned max_us, char **cmd)
{
    unsigned killed = 0, ended = 0, failed = 0;

    for (unsigned i = 0; i < n; i++) {
        struct timespec nap = {0, (long)(random() % (max_us + 1)) * 1000};
        int status = 0;
        pid_t pid = start(cmd);

        if (pid < 0)
            return 1;
        nanosleep(&nap, NULL);
        kill(pid, SIGKILL);
        if (waitpid(pid, &status, 0) != pid)
            return 1;
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        ended += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        failed += !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) &&
                  !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    printf("%u starts: %u killed within %u us, %u had ended, %u failed\n", n, killed, max_us, ended, failed);
    return failed != 0;
}

int main(int argc, char **argv)
{
    struct timespec now;

    if (argc < 5)
        return 2;
    clock_gettime(CLOCK_REALTIME, &now);
    srandom((unsigned)now.tv_nsec);
    if (strcmp(argv[1], "together") == 0)
        return together((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), argv + 4);
    if (strcmp(argv[1], "kill") == 0)
        return kill_at_random((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), argv + 4);
    return 2;
}
