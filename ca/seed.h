/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seed.h - the seeds from which the secrets of devices come (factory.h), while they are needed: 32 random octets, sealed
 * by the token, in a file of STATE/batches. Of a batch: batch_seed.h; of a device by itself: dac_seed.h.
 *
 * The file is the sealed seed, and behind it a text in clear that says whose it is, or none. Backups leave it out.
 */
#ifndef CA_SEED_H
#define CA_SEED_H

#include "factory.h"
#include "state.h"

#define SEED_SEALED_LEN (FACTORY_SEED_LEN + HSM_SEAL_OVERHEAD)
#define SEED_TEXT_MAX   ENTRY_REQUEST_MAX

/*
 * The seed in the file at path, or a new one whose file is durable; *made says which. It opens with the same context
 * alone. The state's token is open. HSM_E_*, CA_E_OUTPUT, CA_E_READ.
 */
MC_MUST_CHECK enum mc_rc seed_get(struct state *s, const char *path, struct mc_span context, const char *text,
    uint8_t seed[FACTORY_SEED_LEN], bool *made, struct mc_err *e);
/* Overwrites and removes the file, and makes that durable. Once more is no error. CA_E_OUTPUT. */
MC_MUST_CHECK enum mc_rc seed_destroy(struct state *s, const char *path, struct mc_err *e);

#endif
