/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - results: one table of codes for all layers, and the record of what went wrong.
 *
 * Every fallible call gives an enum mc_rc and takes, last, an optional struct mc_err on the caller's
 * stack. MC_OK is 0. The table err.def gives each code its class (which is the exit status of the
 * programs), a stable rule id, one sentence, and the cure. Nothing here allocates or prints.
 */
#ifndef MC_ERR_H
#define MC_ERR_H

#include <stddef.h>
#include <stdint.h>

/* The class of a code; its value is the exit status of both programs, for ever. */
enum mc_class {
    MC_CLASS_OK = 0,
    MC_CLASS_INTERNAL = 1,  /* a fault of this program or its host */
    MC_CLASS_USAGE = 2,     /* the command line is wrong */
    MC_CLASS_REFUSED = 3,   /* policy, lint, or not valid */
    MC_CLASS_MALFORMED = 4, /* input unreadable or malformed */
    MC_CLASS_NOT_FOUND = 5,
    MC_CLASS_CONFLICT = 6, /* same id, other content; or it exists already */
    MC_CLASS_TOKEN = 7,    /* token unavailable */
    MC_CLASS_PIN = 8,      /* PIN wrong or locked */
    MC_CLASS_INTEGRITY = 9,
    MC_CLASS_PARTIAL = 10, /* batch partly done */
    MC_CLASS_BUSY = 11,
};

enum mc_rc {
#define E(symbol, class, rule, text, cure) symbol,
#include "err.def"
#undef E
    MC_RC_COUNT
};

#define MC_NO_OFFSET ((size_t)-1)

/*
 * What went wrong, for the person who must mend it. `field` is the path of the field inside the object
 * ("subject.matter-node-id"), `what` the particulars ("0x0 is not an operational node id"); both may be
 * empty. `offset` counts bytes from the start of the decoded input, or is MC_NO_OFFSET; `line` counts
 * from 1 in text inputs, or is 0. Never holds a secret.
 */
struct mc_err {
    enum mc_rc rc;
    size_t offset;
    unsigned line;
    char field[64];
    char what[224];
};

#define MC_MUST_CHECK __attribute__((warn_unused_result))

/* Facts of a code; all are static strings. */
const char *mc_rc_symbol(enum mc_rc rc);
const char *mc_rc_rule(enum mc_rc rc);
const char *mc_rc_text(enum mc_rc rc);
const char *mc_rc_cure(enum mc_rc rc);
enum mc_class mc_rc_class(enum mc_rc rc);

/* Clears e (NULL is fine). */
void mc_err_init(struct mc_err *e);

/*
 * Records rc, field and the formatted particulars in e (if e is not NULL) and returns rc, so that a
 * check reads `return mc_fail(e, MC_E_X, "field", "got %u", n);`. field may be NULL; fmt may be NULL.
 * The first record wins: a caller further out that fails again with the same e only fills empty fields.
 */
enum mc_rc mc_fail(struct mc_err *e, enum mc_rc rc, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5), cold));

/* As mc_fail, with the byte offset at which the input breaks the rule. */
enum mc_rc mc_fail_at(struct mc_err *e, enum mc_rc rc, size_t offset, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6), cold));

/*
 * Writes one sentence ("subject.matter-node-id: the node id is not operational: 0x0 (offset 52)
 * [node-id-range]") into out, always NUL-terminated, cut at cap. Control characters become '?'.
 */
void mc_err_format(const struct mc_err *e, char *out, size_t cap);

#endif
