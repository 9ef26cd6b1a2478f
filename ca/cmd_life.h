/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_life.h - what the verbs about the lives of authorities and nodes print in common.
 */
#ifndef CA_CMD_LIFE_H
#define CA_CMD_LIFE_H

#include "cmd.h"
#include "renew.h"
#include "rotate.h"

#define LIFE_DATE_MAX 11 /* "2026-11-23" or "never", and NUL */

/* The day, or "never". */
void life_date(int64_t unix_time, char out[LIFE_DATE_MAX]);
/* The end of a node's latest NOC; "unknown" if it was adopted without one. */
void life_node_date(const struct ledger_node *n, char out[LIFE_DATE_MAX]);
/* The number of its issuer; "-" then. */
#define LIFE_NUMBER_MAX 12
void life_node_authority(const struct ledger_node *n, char out[LIFE_NUMBER_MAX]);

/*
 * The authorities of a fabric with their states and the live NOCs that hang from each, read anew. With --json the
 * array "authorities" inside of the open object of j.
 */
MC_MUST_CHECK enum mc_rc life_authorities(const struct cli *c, struct state *s, const char *fabric, struct json *j, struct mc_err *e);

/* {"schema", "fabric", "step"} are written; the caller goes on and ends the object. Nothing without --json. */
void life_begin(const struct cli *c, struct json *j, const char *schema, const char *fabric, const char *step);

/* A text for people on standard error, or with --json one string of the array that is open. */
void life_say(const struct cli *c, struct json *j, const char *text);

/* Rows of nodes that need a new NOC, one by one: memory stays flat. */
struct life_rows {
    const struct cli *c;
    struct json *j;
    unsigned reasons; /* print only nodes with one of these */
    uint32_t cat;     /* not 0: only nodes that carry this CAT's identifier */
    uint64_t n;       /* printed */
};
bool life_row(void *rows, const struct renew_node *n);

/* --node-id as a number. */
MC_MUST_CHECK enum mc_rc life_node_id(const struct cli *c, uint64_t *node_id, struct mc_err *e);
/* --why, or "". CA_E_USAGE if it is too long or holds what could steer a terminal. */
MC_MUST_CHECK enum mc_rc life_why(const struct cli *c, const char **why, struct mc_err *e);
/* The second operand as the number of an authority; 0 if there is none. */
MC_MUST_CHECK enum mc_rc life_authority(const struct cli *c, uint32_t *number, struct mc_err *e);

#endif
