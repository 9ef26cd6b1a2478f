/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - configuration text in OpenSSL's syntax: [ section ], key = value, # comment.
 *
 * OpenSSL's own reader (NCONF) is not used: it does not keep the line of a key, follows .include to other
 * files and expands $ENV, and a checker must name the line and must not be led elsewhere. Variables ($),
 * directives (.), escapes and line continuations (\) are refused with their line. Values may stand in
 * double quotes; a # outside of quotes begins a comment.
 *
 * Section and key names are 1 to 63 of a-z A-Z 0-9 . _ -, a key does not begin with a dot. A section stands
 * in the text once, a key once in its section. The text is UTF-8, with or without byte order mark; lines end
 * with LF or CRLF.
 */
#ifndef MC_CONF_H
#define MC_CONF_H

#include "buf.h"

#define MC_CONF_MAX      65536 /* octets of a file */
#define MC_CONF_LINE_MAX 1024
#define MC_CONF_MISTAKES 32
#define MC_CONF_NAME_MAX 64 /* of a section or key, with NUL */
#define MC_CONF_SECTIONS 32
#define MC_CONF_KEYS     128 /* in one section */

struct mc_conf_name { /* borrows from the text */
    struct mc_span name;
    unsigned line;
};

struct mc_conf {
    const char *p, *end;
    unsigned line; /* of the last item, from 1 */
    bool quoted;   /* the value of the last item stood in double quotes */
    char section[MC_CONF_NAME_MAX];
    char key[MC_CONF_NAME_MAX];
    char value[MC_CONF_LINE_MAX];
    /* What was met so far, to find repetitions; sections also for readers that refuse unknown ones. */
    unsigned n_sections, n_keys;
    struct mc_conf_name sections[MC_CONF_SECTIONS];
    struct mc_conf_name keys[MC_CONF_KEYS]; /* of the section at hand */
};

/* All mistakes of one text, in order of their lines; n may exceed what is kept. */
struct mc_mistakes {
    unsigned n;
    struct mc_err list[MC_CONF_MISTAKES];
};

void mc_mistakes_init(struct mc_mistakes *m);
void mc_mistake(struct mc_mistakes *m, enum mc_rc rc, unsigned line, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Puts the mistakes that are kept into the order of their lines. */
void mc_mistakes_sort(struct mc_mistakes *m);

/* The text must outlive c. */
void mc_conf_init(struct mc_conf *c, struct mc_span text);
/*
 * Takes the next key = value; false at the end. Lines that are no item are noted in m and skipped. Keys
 * before the first section are in section "". MC_E_CONF_SYNTAX, MC_E_CONF_TWICE, MC_E_CONF_SIZE.
 */
bool mc_conf_take(struct mc_conf *c, struct mc_mistakes *m);

#endif
