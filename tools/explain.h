/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - what is known about errors, answers and troubles, as data; and where explanations go.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "lib/cli/json.h"
#include "tool.h"

#define EXPLAIN_MAX 64 /* explanations of one run */

enum explain_set { EXPLAIN_CHIP, EXPLAIN_NOC_STATUS, EXPLAIN_ATTESTATION, EXPLAIN_INTERACTION, EXPLAIN_SETS };

/* One number of a set. name NULL: lib has it. */
struct explain_code {
    uint32_t number;
    const char *name, *means, *cause, *cure;
};
/* Each ends with means NULL. */
extern const struct explain_code explain_chip[], explain_noc_status[], explain_attestation[], explain_interaction[];

/* A trouble that people meet, found by words in what they paste: every word of one alternative must be there. */
struct explain_trouble {
    const char *id;
    const char *words[4]; /* alternatives; the words of one are separated by '+' */
    const char *means, *cause, *cure;
};
extern const struct explain_trouble explain_troubles[]; /* ends with id NULL */

struct explain {
    struct cli *c;
    struct json j;
    unsigned said, left_out;
    unsigned since;               /* the first explanation of the object at hand */
    char topic[EXPLAIN_MAX][160]; /* what was said: from `since` on nothing is said twice */
};

/* Prints one explanation. Empty or NULL parts are left out. */
void explain_say(struct explain *x, const char *topic, const char *means, const char *cause, const char *cure);

const struct explain_code *explain_find(enum explain_set set, uint32_t number);
const char *explain_set_name(enum explain_set set);
/* Explains a number of a set; false if it has none. */
bool explain_number(struct explain *x, enum explain_set set, uint32_t number);
/* Everything that text names. */
void explain_text(struct explain *x, const char *text);
/* The objects inside of a text, which are blanked out, then everything that the rest names. */
void explain_found(struct explain *x, char *text);
/* An object that was decoded. */
MC_MUST_CHECK enum mc_rc explain_object(struct explain *x, const struct tool_input *t, struct mc_err *e);

#endif
