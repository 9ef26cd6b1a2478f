/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - configuration text in OpenSSL's syntax: [ section ], key = value, # comment.
 *
 * OpenSSL's own reader (NCONF) is not used: it does not keep the line of a key, follows .include to other
 * files and expands $ENV, and a checker must name the line and must not be led elsewhere. Variables ($),
 * directives (.), escapes and line continuations (\) are refused with their line. Values may stand in
 * double quotes; a # outside of quotes begins a comment.
 */
#ifndef MC_CONF_H
#define MC_CONF_H

#include "buf.h"

#define MC_CONF_MAX      65536 /* octets of a file */
#define MC_CONF_LINE_MAX 1024
#define MC_CONF_MISTAKES 32

struct mc_conf {
    const char *p, *end;
    unsigned line; /* of the last item, from 1 */
    char section[64];
    char key[64];
    char value[MC_CONF_LINE_MAX];
};

/* All mistakes of one text, in order of their lines; n may exceed what is kept. */
struct mc_mistakes {
    unsigned n;
    struct mc_err list[MC_CONF_MISTAKES];
};

void mc_mistakes_init(struct mc_mistakes *m);
void mc_mistake(struct mc_mistakes *m, enum mc_rc rc, unsigned line, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

void mc_conf_init(struct mc_conf *c, struct mc_span text);
/*
 * Takes the next key = value; false at the end. Lines that are no item are noted in m and skipped. Keys
 * before the first section are in section "".
 */
bool mc_conf_take(struct mc_conf *c, struct mc_mistakes *m);

#endif
