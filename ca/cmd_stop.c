/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <signal.h>

static volatile sig_atomic_t stopped;

static void note_stop(int sig)
{
    stopped = sig;
}

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
#define STOPS (sizeof(stops) / sizeof(stops[0]))

enum mc_rc cmd_unless_stopped(enum mc_rc (*work)(void *arg, struct mc_err *e), void *arg, struct mc_err *e)
{
    struct sigaction sa = {.sa_handler = note_stop}, before[STOPS];
    enum mc_rc rc;

    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &sa, &before[i]);
    rc = work(arg, e);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &before[i], NULL);
    if (stopped != 0)
        raise((int)stopped);
    return rc;
}
