/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - text from outside on its way to a terminal: nothing in it may steer the terminal.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

#include "lib/buf.h"

/*
 * Takes the next character of text, which is not empty: *n gets its octets, *code its number, or -1 for an
 * octet that is not UTF-8.
 */
void text_next(struct mc_span text, size_t *n, int32_t *code);
/* True for control characters, line separators and marks that turn the direction of text. */
bool text_is_unsafe(int32_t code);

/* True if a terminal can show all of it: UTF-8 with nothing unsafe. */
bool text_is_plain(const char *text);

/* Prints text; what is not UTF-8, and what is unsafe, goes out as \xNN for each octet. */
void text_put(FILE *f, struct mc_span text);
void text_puts(FILE *f, const char *text);

/* True if f is a terminal and neither NO_COLOR nor TERM=dumb asks for plain text. */
bool text_has_colour(FILE *f);

/*
 * The one of names (ends with NULL) that is nearest to word, or NULL if none is near: at most a third of
 * the letters differ.
 */
const char *text_nearest(const char *word, const char *const *names);

#endif
