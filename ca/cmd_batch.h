/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_batch.h - what 'noc batch' and 'dac batch' share. */
#ifndef CA_CMD_BATCH_H
#define CA_CMD_BATCH_H

#include "attestation.h"
#include "batch_dac.h"
#include "batch_file.h"
#include "cmd.h"

/* Name, input and output, as the command line gives them. CA_E_USAGE, CA_E_NAME. */
MC_MUST_CHECK enum mc_rc cmd_describe_batch(const struct cli *c, struct batch_record *b, struct mc_err *e);
/* The batch that b describes, from its beginning to its end. */
MC_MUST_CHECK enum mc_rc cmd_run_batch(struct cli *c, struct batch_record *b, struct mc_err *e);

#endif
