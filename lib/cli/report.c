/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs say to people on stderr. */
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "front.h"
#include "text.h"
#include "wrap.h"

enum { SENTENCE_MAX = 512, NOTE_MAX = 2048, PROGRESS_FIRST_MS = 1000, PROGRESS_EVERY_MS = 100 };

static const char wipe_line[] = "\r\033[K";
static bool progress_shown;

/* Errors and notes do not stand behind a progress line. */
static void wipe_progress(void)
{
    if (progress_shown)
        fputs(wipe_line, stderr);
    progress_shown = false;
}

static void put_cure(const struct cli *c, const struct mc_err *e)
{
    if (e->rc != CA_E_USAGE || c == NULL) {
        fprintf(stderr, "  %s\n", mc_rc_cure(e->rc));
        return;
    }
    if (c->verb != NULL)
        cli_usage_line(c->program, c->verb, "  usage: ", stderr);
    fprintf(stderr, "  see '%s %s%s'\n", c->program->name, c->verb != NULL ? "help " : "--help",
        c->verb != NULL ? c->verb->name : "");
}

void cli_print_error(const struct cli *c, const char *where, const struct mc_err *e)
{
    char sentence[SENTENCE_MAX];
    bool colour = text_has_colour(stderr);

    fflush(stdout);
    wipe_progress();
    mc_err_format(e, sentence, sizeof(sentence));
    if (c != NULL)
        fprintf(stderr, "%s: ", c->program->name);
    if (where != NULL) {
        text_puts(stderr, where);
        if (e->line != 0)
            fprintf(stderr, ":%u", e->line);
        fputs(": ", stderr);
    }
    fputs(colour ? "\033[31m" : "", stderr);
    text_puts(stderr, sentence);
    fputs(colour ? "\033[0m\n" : "\n", stderr);
    if (*mc_rc_cure(e->rc) != '\0')
        put_cure(c, e);
}

/* Wrapped where people read it; blanks at its begin indent it. */
static void put_note(const char *text)
{
    size_t width = wrap_width(stderr, WRAP_NEVER), blanks = strspn(text, " ");
    struct wrap w;

    if (width == WRAP_NEVER) {
        text_puts(stderr, text);
        putc('\n', stderr);
        return;
    }
    fprintf(stderr, "%*s", (int)blanks, "");
    wrap_start(&w, stderr, width, blanks, blanks + 2);
    wrap_text(&w, text + blanks, strlen(text + blanks));
    wrap_end(&w);
}

void cli_note(const struct cli *c, const char *fmt, ...)
{
    char text[NOTE_MAX];
    va_list ap;

    if (c->quiet)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    fflush(stdout);
    wipe_progress();
    put_note(text);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void cli_progress(const struct cli *c, size_t done, size_t total)
{
    static int64_t next_ms;
    static int terminal = -1;

    if (terminal < 0)
        terminal = !c->quiet && isatty(STDERR_FILENO) == 1;
    if (terminal == 0)
        return;
    if (done == total) {
        wipe_progress();
        next_ms = 0;
        return;
    }
    if (next_ms == 0)
        next_ms = now_ms() + PROGRESS_FIRST_MS;
    if (now_ms() < next_ms)
        return;
    next_ms = now_ms() + PROGRESS_EVERY_MS;
    progress_shown = true;
    fprintf(stderr, total > 0 ? "%s%zu of %zu" : "%s%zu", wipe_line, done, total);
    fflush(stderr);
}
