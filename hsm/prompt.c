/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prompt.c - asks for the PIN on the controlling terminal. Not libcrypto's UI: that reads through stdio,
 * whose buffer keeps the PIN in freed memory, and falls back to stdin where there is no terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "internal.h"

static const int caught[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};
enum { CAUGHT_N = sizeof(caught) / sizeof(caught[0]) };

static volatile sig_atomic_t got_signal;

static void note_signal(int sig)
{
    got_signal = sig;
}

/* Without SA_RESTART: the read must end, so that the terminal is put right before the signal acts. */
static void catch_signals(struct sigaction saved[CAUGHT_N])
{
    struct sigaction sa = {.sa_handler = note_signal};

    sigemptyset(&sa.sa_mask);
    got_signal = 0;
    for (size_t i = 0; i < CAUGHT_N; i++) {
        sigaction(caught[i], NULL, &saved[i]);
        if (saved[i].sa_handler != SIG_IGN)
            sigaction(caught[i], &sa, NULL);
    }
}

static void release_signals(const struct sigaction saved[CAUGHT_N])
{
    for (size_t i = 0; i < CAUGHT_N; i++)
        sigaction(caught[i], &saved[i], NULL);
}

/* Reads one line; false when a signal or the end of the terminal came first. What is too long is told by n.
 */
static bool read_answer(int tty, struct hsm_pin *pin)
{
    uint8_t c;

    pin->n = 0;
    while (got_signal == 0) {
        ssize_t r = read(tty, &c, 1);

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        if (c == '\n' || c == '\r')
            return true;
        if (pin->n <= HSM_PIN_MAX)
            pin->bytes[pin->n] = c;
        pin->n += pin->n <= HSM_PIN_MAX;
    }
    return false;
}

/* One question with echo off; the terminal and the signals are as before afterwards. */
static bool ask_once(int tty, const char *question, struct hsm_pin *pin)
{
    struct sigaction saved[CAUGHT_N];
    struct termios before, quiet;
    bool answered = false;

    if (tcgetattr(tty, &before) != 0)
        return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    catch_signals(saved);
    if (tcsetattr(tty, TCSAFLUSH, &quiet) == 0) {
        if (write(tty, question, strlen(question)) >= 0)
            answered = read_answer(tty, pin);
        tcsetattr(tty, TCSAFLUSH, &before);
        (void)!write(tty, "\n", 1);
    }
    release_signals(saved);
    return answered;
}

static bool is_stop(int sig)
{
    return sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* After a stop (Ctrl-Z) and a continue, the question is asked again. */
static bool ask(int tty, const char *question, struct hsm_pin *pin)
{
    for (;;) {
        bool answered = ask_once(tty, question, pin);
        int sig = (int)got_signal;

        if (sig != 0)
            raise(sig);
        if (answered || !is_stop(sig))
            return answered;
    }
}

static enum mc_rc check_answer(const struct hsm_pin *pin, struct mc_err *e)
{
    if (pin->n == 0)
        return mc_fail(e, HSM_E_PIN_SOURCE, NULL, "no PIN was typed");
    if (pin->n > HSM_PIN_MAX)
        return mc_fail(e, HSM_E_PIN_SOURCE, NULL, "the PIN is longer than %d octets", HSM_PIN_MAX);
    return MC_OK;
}

/* The label comes from a token: only what prints reaches the terminal. */
static void write_question(char *out, size_t cap, const char *token_label)
{
    snprintf(out, cap, "PIN of the token '%s': ", token_label);
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

enum mc_rc hsm_prompt(const char *question, struct hsm_pin *pin, struct mc_err *e)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool answered;

    if (tty < 0)
        return mc_fail(e, HSM_E_PIN_SOURCE, NULL, "there is no terminal to ask for the PIN on");
    answered = ask(tty, question, pin);
    close(tty);
    if (!answered)
        return mc_fail(e, HSM_E_PIN_SOURCE, NULL, "the question for the PIN was not answered");
    return check_answer(pin, e);
}

enum mc_rc hsm_pin_prompt(const char *token_label, struct hsm_pin *pin, struct mc_err *e)
{
    char question[80];

    write_question(question, sizeof(question), token_label);
    return hsm_prompt(question, pin, e);
}
