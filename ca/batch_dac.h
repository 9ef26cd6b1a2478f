/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_dac.h - batches of DACs. A line of the manifest is one device,
 *
 *     {"id": "...", "vid": "0xFFF1", "pid": "0x8000", "serial_number": "...", "csr": "...", "discriminator": 3840,
 *      "passcode": 20202021}
 *
 * of which only the id must be there; or {"count": N, "prefix": "..."} with some of the others, for N devices whose ids
 * are the prefix and a number from 1 in as many digits as N has.
 *
 * With a recipient each device gets all that a factory writes into it (factory.h), sealed; without a CSR its key as
 * well. It derives from the seed of the batch, so that a batch that was killed gives the same record again.
 */
#ifndef CA_BATCH_DAC_H
#define CA_BATCH_DAC_H

#include "batch_io.h"
#include "dac.h"

#define MANIFEST_COUNT_MAX  10000000
#define MANIFEST_PREFIX_MAX (ENTRY_REQUEST_MAX - 8) /* as many digits as the largest count has */

/* What all devices of a batch share. */
struct dac_batch {
    const char *pai_name;
    bool has_vid, has_pid; /* for lines without their own */
    uint16_t vid, pid;
    uint32_t iterations;
    uint8_t flow, rendezvous;
    struct mc_span crl_points;
    const struct recipient *recipient; /* NULL: certificates alone */
    uint8_t seed[FACTORY_SEED_LEN];    /* with a recipient */
};
struct batch_target batch_of_dacs(uint32_t pai, const struct dac_batch *d);

/* The manifest line by line: the one for many devices as the many that it stands for. */
struct manifest {
    struct batch_lines lines;
    uint64_t line;         /* that was read last, from 1 */
    uint64_t count, given; /* of the line at work; count 0: none */
    char prefix[ENTRY_REQUEST_MAX + 1];
    char rest[512]; /* its other members, as JSON behind the id */
};
MC_MUST_CHECK enum mc_rc manifest_open(struct manifest *m, const char *path, struct mc_err *e);
void manifest_close(struct manifest *m);
struct batch_source manifest_source(struct manifest *m);

#endif
