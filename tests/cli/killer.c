/* SPDX-License-Identifier: Apache-2.0 */
/*
 * killer SIGNAL MICROSECONDS PROGRAM...: runs the program and sends it the signal (KILL, INT, TERM, ABRT,
 * SEGV) at a random moment of that span. Status: the program's; 128 + the signal's number if one ended it.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int number_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"KILL", SIGKILL}, {"INT", SIGINT}, {"TERM", SIGTERM}, {"ABRT", SIGABRT}, {"SEGV", SIGSEGV}};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (strcmp(name, signals[i].name) == 0)
            return signals[i].number;
    exit(2);
}

int main(int argc, char **argv)
{
    uint32_t random = 0;
    struct timespec pause;
    long span;
    int status;
    pid_t child;

    if (argc < 4 || getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return 2;
    span = (long)(random % (uint32_t)(atol(argv[2]) + 1));
    pause = (struct timespec){span / 1000000, span % 1000000 * 1000};
    child = fork();
    if (child == 0) {
        execv(argv[3], argv + 3);
        _exit(127);
    }
    nanosleep(&pause, NULL);
    kill(child, number_of(argv[1]));
    if (waitpid(child, &status, 0) != child)
        return 2;
    if (WIFSIGNALED(status) && WCOREDUMP(status))
        fprintf(stderr, "core dumped\n");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
