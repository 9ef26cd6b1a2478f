/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_listing.h - a list of what a state has: a table for people, one JSON object with an array for programs.
 */
#ifndef CA_CMD_LISTING_H
#define CA_CMD_LISTING_H

#include "cmd.h"

struct listing {
    struct state *s;
    struct table *table; /* NULL: JSON */
    struct json j;
    struct mc_err *e;
    enum mc_rc rc; /* of the row at work */
};

/* The column heads end with NULL (table.h). The state is open. */
MC_MUST_CHECK enum mc_rc listing_begin(struct listing *l, const struct cli *c, struct state *s, const char *schema,
    const char *array, const char *const headers[], struct mc_err *e);
/* Prints if rc, of the search, and all rows are MC_OK; gives back what went wrong first. */
MC_MUST_CHECK enum mc_rc listing_end(struct listing *l, enum mc_rc rc);

#endif
