/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dac_seed.h - the seed of a device that is made by itself (`dac issue --recipient`). Before its certificate is asked
 * for, the seed is durable in STATE/batches/device-HASH.seed, under the request's id; when the device's record is
 * written it is destroyed. So the same request, after a kill or a full disk, gives the same device.
 */
#ifndef CA_DAC_SEED_H
#define CA_DAC_SEED_H

#include "seed.h"

struct dac_seed {
    uint8_t seed[FACTORY_SEED_LEN];
    bool made; /* now; else it is that of a request that came to no end */
    int fd;    /* holds the lock that says: at work */
    char path[STATE_PATH_MAX];
};

/* Of this request, kept or new. The token is open. As seed_get. Close it in any case. */
MC_MUST_CHECK enum mc_rc dac_seed_get(struct state *s, const char *request_id, struct dac_seed *d, struct mc_err *e);
/* Whether one is kept. */
bool dac_seed_kept(struct state *s, const char *request_id);
MC_MUST_CHECK enum mc_rc dac_seed_destroy(struct state *s, struct dac_seed *d, struct mc_err *e);
void dac_seed_close(struct dac_seed *d); /* wipes */
/* Calls each() with the id of every request that has a seed and that no process is at work on. */
void dac_seed_left(struct state *s, void (*each)(void *arg, const char *request_id), void *arg);

#endif
