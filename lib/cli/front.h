/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.h - what the files of this folder that read the command line and print help share.
 */
#ifndef CLI_FRONT_H
#define CLI_FRONT_H

#include <stdio.h>

#include "cli.h"

/* The options that may stand: a verb's (if any), the program's, this front's. */
struct cli_accept {
    const struct cli_option *option[CLI_OPTIONS_MAX];
    unsigned n;
};
void cli_accept_fill(struct cli_accept *a, const struct cli_program *p, const struct cli_verb *v);
const struct cli_option *cli_accept_find(const struct cli_accept *a, const char *name);

extern const struct cli_option cli_builtin[];

/* The verb of the first one or two words, and how many words it took; NULL if none. */
const struct cli_verb *cli_verb_find(const struct cli_program *p, int n, char *const *words, int *taken);
/* True if a verb of two words begins with word. */
bool cli_is_group(const struct cli_program *p, const char *word);

void cli_help_program(const struct cli_program *p, FILE *f);
void cli_help_group(const struct cli_program *p, const char *word, FILE *f);
void cli_help_verb(const struct cli_program *p, const struct cli_verb *v, FILE *f);
/* What stands before it is printed first; the lines after the first are indented behind it. */
void cli_usage_line(const struct cli_program *p, const struct cli_verb *v, const char *before, FILE *f);
void cli_synopsis(const struct cli_program *p, FILE *f);
void cli_completion_bash(const struct cli_program *p, FILE *f);

#endif
