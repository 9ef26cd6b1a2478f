/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs say to people on stderr. */
#include <stdarg.h>

#include "front.h"
#include "text.h"

enum { SENTENCE_MAX = 512, NOTE_MAX = 2048 };

static void put_cure(const struct cli *c, const struct mc_err *e)
{
    if (e->rc != CA_E_USAGE || c == NULL) {
        fprintf(stderr, "  %s\n", mc_rc_cure(e->rc));
        return;
    }
    if (c->verb != NULL) {
        fputs("  usage: ", stderr);
        cli_usage_line(c->program, c->verb, stderr);
    }
    fprintf(stderr, "  see '%s %s%s'\n", c->program->name, c->verb != NULL ? "help " : "--help",
        c->verb != NULL ? c->verb->name : "");
}

void cli_print_error(const struct cli *c, const char *where, const struct mc_err *e)
{
    char sentence[SENTENCE_MAX];
    bool colour = text_has_colour(stderr);

    fflush(stdout);
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
    text_puts(stderr, text);
    putc('\n', stderr);
}
