/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - what of a fabric ends when, and what to do about it.
 *
 * A node's chain ends when its latest NOC does, or the ICAC that it hangs from, whichever is first. The root's end is
 * told apart: deployed nodes tolerate it, since no command replaces a root (matter-operational 3.4, 5.4).
 */
#ifndef CA_PLAN_H
#define CA_PLAN_H

#include "authority.h"

#define PLAN_AUTHORITIES_MAX 64 /* of one fabric; retired ones are left out when there are more */
#define PLAN_FINDINGS_MAX    (4 * PLAN_AUTHORITIES_MAX)
#define PLAN_TEXT_MAX        256

struct plan_authority {
    uint32_t number, issuer;
    uint8_t kind;
    enum authority_state state;
    int64_t not_before_unix, not_after_unix;
    uint64_t live, outlived; /* NOCs; those that end after it */
    int64_t first_end_unix;  /* of the chains that hang from it; MC_TIME_NO_EXPIRY for none */
};

/* Live NOCs by the year in which their chain ends. */
#define PLAN_YEAR_FIRST 2000
#define PLAN_YEARS      137 /* to 2136, the last year that a certificate can name */

struct plan {
    char name[ENTRY_NAME_MAX + 1], successor[ENTRY_NAME_MAX + 1]; /* "": none */
    uint32_t root, ica;
    int64_t now_unix, until_unix;
    uint32_t noc_days; /* of the profile; 0: no expiry */
    unsigned n_authority;
    struct plan_authority authority[PLAN_AUTHORITIES_MAX];
    uint64_t year[PLAN_YEARS], never;
    uint64_t live, expired, removed, ending; /* ending: chains that end until then */
    uint64_t unknown;                        /* nodes whose NOC is not on record */
    int64_t first_end_unix;
};

/* What to do, by when. rule is stable; text names the command. */
struct plan_finding {
    int64_t by_unix;
    const char *rule;
    char text[PLAN_TEXT_MAX];
};

/* Reads a fabric. Every node is looked at once; memory stays flat. */
MC_MUST_CHECK enum mc_rc plan_read(
    struct state *s, const struct ledger_fabric *f, int64_t until_unix, struct plan *p, struct mc_err *e);

/* The end of a node's chain under a plan. */
int64_t plan_chain_end(const struct plan *p, const struct ledger_node *n);

/* What follows from a plan, the most urgent first; returns how many (list holds PLAN_FINDINGS_MAX). */
unsigned plan_findings(const struct plan *p, struct plan_finding *list);

#endif
