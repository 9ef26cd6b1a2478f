/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h - which nodes need a new NOC, and why; renewing one; removing a node; raising a CAT.
 *
 * A node is live while its latest NOC has not expired and the node was not removed. It needs a new NOC when
 * that hangs from another authority than the one that signs now, or carries a CAT below the version on record, or
 * when the node was adopted by its id alone (such a one counts as live).
 * What the ledger knows is what was issued: whether UpdateNOC reached the node is for its administrator to tell.
 */
#ifndef CA_RENEW_H
#define CA_RENEW_H

#include "noc.h"

/* What hangs from an authority. */
struct renew_hanging {
    uint64_t live;    /* nodes whose latest NOC is from it */
    uint64_t unknown; /* nodes that were adopted without NOC, if it was adopted too: theirs may be from it */
};
MC_MUST_CHECK enum mc_rc renew_count_hanging(
    struct state *s, uint32_t fabric, uint32_t authority, struct renew_hanging *n, struct mc_err *e);

/* RENEW_UNKNOWN: what the node holds is not on record; it comes alone. */
enum renew_reason { RENEW_ISSUER = 1, RENEW_CAT = 2, RENEW_UNKNOWN = 4 };

/* A node that needs a new NOC. */
struct renew_node {
    struct ledger_node node;
    unsigned reasons; /* enum renew_reason */
    size_t serial_n;
    uint8_t serial[MC_SERIAL_MAX];
    unsigned n_cat;
    uint32_t cat[MC_CAT_MAX]; /* what its new NOC shall carry: those of the old one, raised */
};
struct renew_progress {
    uint64_t live, done;       /* done: live and in need of nothing */
    uint64_t expired, removed; /* not counted as live */
};
/* Calls each() (NULL: only counts) for every live node in need until it returns false. */
MC_MUST_CHECK enum mc_rc renew_nodes(struct state *s, const struct ledger_fabric *f,
    bool (*each)(void *arg, const struct renew_node *n), void *arg, struct renew_progress *p, struct mc_err *e);

/*
 * Fills what a request for a renewal leaves open from the node's latest NOC: without a point its key (then
 * input_sha256 is that of its CSR), with keep_cats its CATs, raised to the versions on record. A request id, where
 * there is none, follows from the content, as that of any request with a CSR does; without a CSR also from
 * the issuer and the day, so that the same command gives the same bytes for the rest of the day. own holds what the
 * request then borrows. CA_E_NOT_FOUND: a node that is not on record. CA_E_NODE_UNKNOWN: it was adopted by its id alone,
 * and what the request leaves open is in a NOC that the ledger does not have.
 */
struct renew_own {
    uint8_t point[MC_POINT_LEN];
    char id[64];
};
MC_MUST_CHECK enum mc_rc renew_request(struct state *s, const struct ledger_fabric *f, struct noc_request *r,
    bool keep_cats, struct renew_own *own, struct mc_err *e);

/*
 * From now on the node gets no NOC; or it may again. why may be "". A node that is not on record, or is in that
 * state already: CA_E_NOT_FOUND, CA_E_EXISTS.
 */
MC_MUST_CHECK enum mc_rc node_remove(
    struct state *s, const struct ledger_fabric *f, uint64_t node_id, const char *why, struct mc_err *e);
MC_MUST_CHECK enum mc_rc node_restore(
    struct state *s, const struct ledger_fabric *f, uint64_t node_id, const char *why, struct mc_err *e);

/* Records the version; CA_E_CAT_VERSION if one as high is on record. */
MC_MUST_CHECK enum mc_rc cat_bump(
    struct state *s, const struct ledger_fabric *f, uint32_t cat, const char *why, struct mc_err *e);
/* The CAT with at least the version on record. */
MC_MUST_CHECK enum mc_rc cat_raise(
    struct state *s, uint32_t fabric, uint32_t cat, uint32_t *raised, struct mc_err *e);

#endif
