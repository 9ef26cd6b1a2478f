/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotate.h - the lives of the authorities of a fabric, after fabric_create.
 *
 *     prepare -> PREPARED -> activate -> ACTIVE -> (another is activated) -> DRAINING -> retire -> RETIRED
 *                   ^  \__ rollback: RETIRED        rollback, activate: ACTIVE again __/
 *                   \______ rollback, while no live NOC hangs from it ______/
 *
 * One ICA of a fabric is active and signs its NOCs. A draining one signs nothing more; the chains of the nodes that
 * hold its certificate stay valid. Nothing here changes a node: a node gets its new NOC and ICAC by UpdateNOC
 * (matter-operational 5.2, 5.3). Every step is one transaction of entries, so an interruption leaves the state
 * before it or after it.
 */
#ifndef CA_ROTATE_H
#define CA_ROTATE_H

#include "authority.h"

/*
 * A new ICAC under the fabric's root, PREPARED: with a new key, or for the key and name of the active one. One that
 * is prepared already is given instead, and *made is false; CA_E_AUTHORITY_STATE if it is not of the kind asked for.
 * Also for a fabric without ICA, whose root signs NOCs until the ICA is activated.
 */
MC_MUST_CHECK enum mc_rc ica_prepare(
    struct state *s, const struct ledger_fabric *f, bool same_key, uint32_t *number, bool *made, struct mc_err *e);

/*
 * Makes an ICA the one that signs: number, or 0 for the only prepared one. Its key must be in the token. The one
 * that was active becomes draining. CA_E_AUTHORITY_STATE, CA_E_NOT_FOUND, CA_E_LIFETIME.
 */
MC_MUST_CHECK enum mc_rc ica_activate(
    struct state *s, const struct ledger_fabric *f, uint32_t *number, struct mc_err *e);

/*
 * Ends a draining (or prepared) ICA: number, or 0 for the only draining one. CA_E_AUTHORITY_USED while live NOCs
 * hang from it (or may, see renew.h), unless force; the count is then in the entry. *live (may be NULL) gets it.
 */
MC_MUST_CHECK enum mc_rc ica_retire(struct state *s, const struct ledger_fabric *f, uint32_t *number, bool force,
    uint64_t *live, struct mc_err *e);

/*
 * One step back: a prepared ICA is retired (*now is 0); an active one from which no live NOC hangs becomes prepared
 * again, and the draining one before it active (*now). *was is the ICA that stepped back. CA_E_AUTHORITY_USED,
 * CA_E_AUTHORITY_STATE.
 */
MC_MUST_CHECK enum mc_rc ica_rollback(
    struct state *s, const struct ledger_fabric *f, uint32_t *was, uint32_t *now, struct mc_err *e);

/*
 * A new RCAC for the root's key and name: the fabric stays what it is. The old one is DRAINING for ever, for the
 * nodes that hold it.
 */
MC_MUST_CHECK enum mc_rc root_renew(struct state *s, const struct ledger_fabric *f, uint32_t *number, struct mc_err *e);

/*
 * A fabric of another name, with a root of its own, that takes the place of f; the fact is recorded. Run again, it
 * goes on from where it was interrupted: *made is false if the fabric was there. CA_E_FABRIC_REPLACED if f has
 * another successor, CA_E_FABRIC_EXISTS if the name is that of a fabric in use.
 */
MC_MUST_CHECK enum mc_rc root_replace(struct state *s, const struct ledger_fabric *f, const struct fabric_options *o,
    struct ledger_fabric *out, bool *made, struct mc_err *e);

/* The fabric that takes the place of f. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc fabric_successor(
    struct state *s, const struct ledger_fabric *f, struct ledger_fabric *out, struct mc_err *e);

#endif
