/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crash_points.c - every function of ca/ and of the file writer is a point at which a program may be killed.
 * Linked into the instrumented build only (tests/faults/faults.mk), where the compiler calls the two hooks
 * below at the begin and the end of each function. So the points need no mark in the sources, and code that
 * is added has its points at once.
 *
 *     HEDDLE_POINTS_OUT=FILE           write the points that are passed: `OFFSET EDGE NUMBER`, where EDGE is
 *                                      begin or end and NUMBER counts how often this process was there
 *     HEDDLE_CRASH_AT=OFFSET:EDGE:NUMBER   kill the process there
 *     HEDDLE_CRASH_GROUP=1             and its whole process group with it
 *     HEDDLE_CRASH_DELAY=MS            wait there instead
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET __attribute__((no_instrument_function))
#define SLOTS 16384
#define MOST  4 /* times that one point is listed */

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);
extern char __executable_start;

static struct {
    bool begun, lists, waits, group;
    pid_t pid;
    int fd;
    uintptr_t offset;
    char edge[8];
    unsigned long number, wait_ms;
    atomic_ulong seen;
} plan;

static struct {
    uintptr_t point;
    unsigned n;
} passed[SLOTS];

QUIET static void begin(void)
{
    const char *out = getenv("HEDDLE_POINTS_OUT"), *at = getenv("HEDDLE_CRASH_AT");
    const char *delay = getenv("HEDDLE_CRASH_DELAY");
    unsigned long offset = 0;

    plan.begun = true;
    plan.pid = getpid();
    plan.fd = out != NULL ? open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    plan.lists = plan.fd >= 0;
    plan.group = getenv("HEDDLE_CRASH_GROUP") != NULL;
    plan.waits = delay != NULL;
    plan.wait_ms = delay != NULL ? strtoul(delay, NULL, 10) : 0;
    if (at == NULL || sscanf(at, "%lx:%7[a-z]:%lu", &offset, plan.edge, &plan.number) != 3)
        plan.number = 0;
    plan.offset = offset;
}

QUIET static void act(void)
{
    struct timespec t = {(time_t)(plan.wait_ms / 1000), (long)(plan.wait_ms % 1000) * 1000000};

    if (plan.waits) {
        nanosleep(&t, NULL);
        return;
    }
    kill(plan.group ? 0 : getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Threads share the table; a count that two of them get wrong only leaves a point out of the list. */
QUIET static void write_down(uintptr_t offset, const char *edge)
{
    uintptr_t key = offset * 2 + (edge[0] == 'e');
    size_t i = key * 2654435761u % SLOTS;
    char line[64];
    int n;

    if (plan.pid != getpid()) {
        memset(passed, 0, sizeof(passed));
        plan.pid = getpid();
    }
    while (passed[i].point != 0 && passed[i].point != key)
        i = (i + 1) % SLOTS;
    passed[i].point = key;
    if (++passed[i].n > MOST)
        return;
    n = snprintf(line, sizeof(line), "%lx %s %u\n", (unsigned long)offset, edge, passed[i].n);
    if (write(plan.fd, line, (size_t)n) != n)
        abort();
}

QUIET static void point(void *function, const char *edge)
{
    uintptr_t offset = (uintptr_t)function - (uintptr_t)&__executable_start;

    if (!plan.begun)
        begin();
    if (plan.lists)
        write_down(offset, edge);
    if (plan.number == 0 || offset != plan.offset || strcmp(edge, plan.edge) != 0)
        return;
    if (atomic_fetch_add(&plan.seen, 1) + 1 == plan.number)
        act();
}

QUIET void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)caller;
    point(function, "begin");
}

QUIET void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)caller;
    point(function, "end");
}
