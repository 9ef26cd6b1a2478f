/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_seed.h - the seed from which the devices of a batch come: 32 random octets that live as long as the batch is not
 * finished, sealed by the token in STATE/batches/NUMBER.seed, and then no more.
 *
 * The token is asked by a process of its own: the parent of a batch never loads the module.
 */
#ifndef CA_BATCH_SEED_H
#define CA_BATCH_SEED_H

#include "seed.h"

/* The seed of batch number: the one in its file, or a new one whose file is durable. HSM_E_*, CA_E_OUTPUT. */
MC_MUST_CHECK enum mc_rc batch_seed_get(struct state *s, const struct hsm_pin_source *pin, uint64_t number,
    uint8_t seed[FACTORY_SEED_LEN], struct mc_err *e);
/* Overwrites and removes the file, and records that: authority is the PAI. Once more is no error. */
MC_MUST_CHECK enum mc_rc batch_seed_destroy(struct state *s, uint32_t authority, uint64_t number, struct mc_err *e);

#endif
