/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - what both programs share at their front: the verb table, options, help, errors.
 *
 * One table of verbs makes the dispatch, --help, the synopsis of the man page and the shell completion.
 * This folder is a layer of its own above lib: it reads and writes files and prints. Programs use it, and
 * ca uses its io.h; lib and hsm do not know it.
 */
#ifndef CLI_H
#define CLI_H

#include "lib/buf.h"

#define CLI_VERSION     "0.1.0"
#define CLI_OPTIONS_MAX 32 /* of a verb, its program and this front together */
#define CLI_REPEAT_MAX  8  /* times that a repeatable option may stand */

struct cli_option {
    const char *name; /* long name without "--" */
    const char *arg;  /* what stands for its value in help ("FILE"); NULL: a flag */
    const char *help; /* one line */
    bool repeat;      /* may stand up to CLI_REPEAT_MAX times */
    bool required;
    char letter; /* short form, or 0; only h V q v n o f y exist */
};

struct cli;

struct cli_verb {
    const char *name;     /* "noc issue": one or two words */
    const char *operands; /* "NAME", "IN [OUT]", "FILE...", "": [] may be missing, "..." repeats the last */
    const char *summary;  /* one line, for the list of verbs */
    const char *help;     /* an example, its lines indented by two; an empty line; paragraphs. May be NULL */
    const struct cli_option *options; /* ends with name NULL; may be NULL */
    enum mc_rc (*run)(struct cli *c, struct mc_err *e);
};

struct cli_program {
    const char *name;                 /* "heddle" */
    const char *summary;              /* one line */
    const struct cli_option *options; /* of every verb, before or after it ("--state", "--json") */
    const struct cli_verb *verbs;     /* ends with name NULL */
    const char *example; /* lines, indented by two spaces, with which `PROGRAM --help` begins; may be NULL */
};

struct cli_values; /* the options that stand; private to cli.c */

/* A parsed command line. Valid while run() runs. */
struct cli {
    const struct cli_program *program;
    const struct cli_verb *verb;
    int n_operands;
    char **operands; /* "-" means stdin or stdout where the verb takes a file */
    bool json, quiet;
    const char *where; /* the verb sets it to the file or line at work, so that errors name it */
    bool reported;     /* the verb sets it when it has printed its errors itself: only the status is left */
    struct cli_values *values;
};

/*
 * Parses, runs the verb, prints its error, and gives the exit status: the class of the code. --help and
 * --version are handled here (status 0); a mistake on the command line is status 2 with one sentence and
 * the nearest verb or option. Flushes stdout and turns a failed write into CA_E_OUTPUT; SIGPIPE is ignored.
 * Option names are never abbreviated, so that a new option breaks no script. The front brings --help (-h),
 * --version (-V) and --quiet (-q); --json sets c->json wherever it is declared.
 * Hidden options: `--synopsis` prints the synopsis in mdoc, `--completion bash` the completion script.
 */
int cli_main(const struct cli_program *p, int argc, char **argv);

/* The value of an option, or NULL; the i-th value of a repeatable one; whether a flag stands. */
const char *cli_value(const struct cli *c, const char *option);
const char *cli_value_at(const struct cli *c, const char *option, unsigned i);
bool cli_flag(const struct cli *c, const char *option);
/*
 * The value as a number, or fallback where the option is missing (mc_number_parse). MC_E_NUMBER, whose
 * record repeats no value of an option with "pin" in its name.
 */
MC_MUST_CHECK enum mc_rc cli_number(const struct cli *c, const char *option, unsigned max_digits,
    uint64_t fallback, uint64_t *out, struct mc_err *e);

/*
 * Prints "PROGRAM: WHERE: sentence" and, indented, the cure, to stderr; colour only on a terminal and
 * without NO_COLOR. where may be NULL.
 */
void cli_print_error(const struct cli *c, const char *where, const struct mc_err *e);
/* A note for people on stderr; nothing under --quiet. */
void cli_note(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * How far a long work has come: after its first second, a line on stderr that is written over, if that is a
 * terminal and --quiet does not stand. The call with done == total wipes it; total 0 is unknown.
 */
void cli_progress(const struct cli *c, size_t done, size_t total);

#endif
