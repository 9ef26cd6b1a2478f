/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_attestation.h - what the verbs of product attestation share. */
#ifndef CA_CMD_ATTESTATION_H
#define CA_CMD_ATTESTATION_H

#include "attestation.h"
#include "cmd.h"

/* --vid or --pid: 0x and four hex digits; *has false where it does not stand. MC_E_NUMBER, CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_product_id(const struct cli *c, const char *option, bool *has, uint16_t *id, struct mc_err *e);
/* --format is der, pem, all or missing. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_check_der_format(const struct cli *c, struct mc_err *e);
/* DIR/NAME.der, .pem or both, as --format says. */
MC_MUST_CHECK enum mc_rc cmd_write_der(
    const struct cli *c, const char *dir, const char *name, struct mc_span der, struct mc_err *e);
/* An attestation authority for people, or with --json as heddle.authority/1. */
MC_MUST_CHECK enum mc_rc cmd_print_authority(
    const struct cli *c, struct state *s, const struct ledger_authority *a, struct mc_err *e);

extern const struct cli_option cd_sign_options[];
enum mc_rc cmd_cd_sign(struct cli *c, struct mc_err *e);

#endif
