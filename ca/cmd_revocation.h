/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_revocation.h - the verbs about revocation and trust.
 */
#ifndef CA_CMD_REVOCATION_H
#define CA_CMD_REVOCATION_H

#include "lib/cli/cli.h"

extern const struct cli_option revoke_options[], crl_sign_options[], crl_due_options[], trust_sign_options[];
enum mc_rc cmd_revoke(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_sign(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_due(struct cli *c, struct mc_err *e);
enum mc_rc cmd_trust_sign(struct cli *c, struct mc_err *e);

#endif
