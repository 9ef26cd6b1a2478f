/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap.h - prose in lines that fit: words are put one behind the other, and a line that is full is broken before
 * the next word. What a terminal could take for a command goes out as text.h says.
 */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { WRAP_WIDTH = 79 };          /* columns of a line of which nobody knows where it will be read */
#define WRAP_NEVER ((size_t)-1 / 2) /* columns for text that scripts read by the line */

struct wrap {
    FILE *f;
    size_t width, indent, column;
    bool open; /* a word stands before the next one */
};

/* The columns of a line of f: a terminal's, but its last and at most 100, or what is given for anything else. */
size_t wrap_width(FILE *f, size_t otherwise);

/* Words follow in a line of which `column` columns are taken; further lines begin with `indent` blanks. */
void wrap_start(struct wrap *w, FILE *f, size_t width, size_t column, size_t indent);
/* One word of n octets, which is never broken, whatever blanks it holds. */
void wrap_word(struct wrap *w, const char *word, size_t n);
/* The words of text, which blanks and line breaks part. */
void wrap_text(struct wrap *w, const char *text, size_t n);
void wrap_end(struct wrap *w);

#endif
