/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.c - a limit for calls that SoftHSM makes on the caller's thread. All that can keep SoftHSM waiting is
 * a lock on one of its files that a stopped process holds. A timer of the session interrupts that wait with
 * a signal, again and again until the call has ended; SoftHSM then does without the lock, with the object as
 * it has it in memory, or fails.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define AGAIN_MS 50

/* Out of the way of what programs and libraries choose first. */
static int watch_signal(void)
{
    return SIGRTMAX - 5;
}

static void interrupt(int sig)
{
    (void)sig;
}

/*
 * Without SA_RESTART, so that waiting ends. False when the program uses the signal itself or this thread
 * blocks it.
 */
static bool install_handler(void)
{
    struct sigaction mine = {.sa_handler = interrupt}, now;
    sigset_t blocked;

    if (sigaction(watch_signal(), NULL, &now) != 0)
        return false;
    if (now.sa_handler != SIG_DFL && now.sa_handler != interrupt)
        return false;
    if (pthread_sigmask(SIG_BLOCK, NULL, &blocked) != 0 || sigismember(&blocked, watch_signal()) != 0)
        return false;
    sigemptyset(&mine.sa_mask);
    return sigaction(watch_signal(), &mine, NULL) == 0;
}

void hsm_watch_free(struct hsm_session *s)
{
    if (s->watched_thread != 0)
        timer_delete(s->watch);
    s->watched_thread = 0;
}

/* The timer belongs to one thread; a session that moves to another gets a new one. */
static bool have_timer(struct hsm_session *s)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = watch_signal()};
    pid_t self = gettid();

    if (s->watched_thread == self)
        return true;
    hsm_watch_free(s);
    event.sigev_notify_thread_id = self;
    if (!install_handler() || timer_create(CLOCK_MONOTONIC, &event, &s->watch) != 0)
        return false;
    s->watched_thread = self;
    return true;
}

bool hsm_watch_start(struct hsm_session *s, unsigned timeout_ms)
{
    const struct itimerspec when = {
        .it_value = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000},
        .it_interval = {0, AGAIN_MS * 1000000},
    };

    return have_timer(s) && timer_settime(s->watch, 0, &when, NULL) == 0;
}

void hsm_watch_stop(struct hsm_session *s)
{
    const struct itimerspec never = {0};

    timer_settime(s->watch, 0, &never, NULL);
}
