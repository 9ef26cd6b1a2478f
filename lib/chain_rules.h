/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_rules.h - what the two judges of chains and the linter share.
 */
#ifndef MC_CHAIN_RULES_H
#define MC_CHAIN_RULES_H

#include "chain.h"

/* No two CATs of a name have the same identifier (high 16 bits). */
bool mc_cats_distinct(const struct mc_dn *dn);
bool mc_has_purpose(const struct mc_cert *c, enum mc_eku purpose);
bool mc_has_unknown_critical(const struct mc_cert *c);
/* An extension of RFC 5280 beside Matter's five that path validation in the field processes, also where it is critical. */
bool mc_ext_is_processed(struct mc_span oid);
/* Node id and fabric id of an accepted chain. */
void mc_verdict_ids(const struct mc_chain *chain, struct mc_verdict *out);

#endif
