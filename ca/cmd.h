/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd.h - what the verbs of heddle share: opening the state that the command line names.
 */
#ifndef CA_CMD_H
#define CA_CMD_H

#include "authority.h"
#include "lib/cli/cli.h"
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/table.h"

extern const struct cli_option no_options[];
extern const struct cli_option pin_options[];

/* --state, else $HEDDLE_STATE, else $XDG_STATE_HOME/heddle, else ~/.local/state/heddle. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_state_dir(const struct cli *c, char out[STATE_PATH_MAX], struct mc_err *e);
/* The same for a state to be made with an embedded token, which cannot be under any path. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_new_state_dir(const struct cli *c, char out[STATE_PATH_MAX], struct mc_err *e);
/*
 * Does work that leaves nothing behind when it fails, and only then lets SIGINT, SIGTERM and SIGHUP act: what it
 * writes meanwhile (a PIN, keys) must not stay half-made.
 */
MC_MUST_CHECK enum mc_rc cmd_unless_stopped(
    enum mc_rc (*work)(void *arg, struct mc_err *e), void *arg, struct mc_err *e);
/* Opens it; with write, says what was burned. */
MC_MUST_CHECK enum mc_rc cmd_open(const struct cli *c, enum ledger_mode mode, struct state *s, struct mc_err *e);
/* The same without a look at the checkpoint (checkpoint.h). */
MC_MUST_CHECK enum mc_rc cmd_open_unchecked(
    const struct cli *c, enum ledger_mode mode, struct state *s, struct mc_err *e);
MC_MUST_CHECK enum mc_rc cmd_open_token_unchecked(const struct cli *c, struct state *s, struct mc_err *e);
/*
 * Signs a new checkpoint when the work of a command is on record; due: only if the last one is old. A failure is
 * told, and no more: what was issued stands.
 */
void cmd_checkpoint(const struct cli *c, struct state *s, bool due);
/* Opens it for writing, and the token. */
MC_MUST_CHECK enum mc_rc cmd_open_token(const struct cli *c, struct state *s, struct mc_err *e);
/* The PIN source that --pin-file or --pin-fd names; *given false without either. */
MC_MUST_CHECK enum mc_rc cmd_pin(
    const struct cli *c, struct hsm_pin_source *pin, bool *given, struct mc_err *e);
/* The fabric of the first operand. CA_E_NOT_FOUND, CA_E_NAME. */
MC_MUST_CHECK enum mc_rc cmd_fabric(const struct cli *c, struct state *s, struct ledger_fabric *f, struct mc_err *e);

/* --format is tlv, der, pem, all or missing. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_check_format(const struct cli *c, struct mc_err *e);
/* Writes DIR/NAME.EXT in the formats asked for by --format (default tlv), from the two encodings. */
struct cmd_cert {
    const char *name; /* "noc" */
    struct mc_span tlv, der;
};
MC_MUST_CHECK enum mc_rc cmd_write_cert(
    const struct cli *c, const char *dir, const struct cmd_cert *cert, struct mc_err *e);
/* rcac and, where there is one, icac of an authority that signs NOCs. */
MC_MUST_CHECK enum mc_rc cmd_write_chain(
    const struct cli *c, struct state *s, uint32_t authority, const char *dir, struct mc_err *e);

/* The verbs. */
enum mc_rc cmd_init(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_create(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_export(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_ipk(struct cli *c, struct mc_err *e);
enum mc_rc cmd_noc_issue(struct cli *c, struct mc_err *e);
enum mc_rc cmd_noc_renew(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ica_rotate(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ica_activate(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ica_retire(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ica_rollback(struct cli *c, struct mc_err *e);
enum mc_rc cmd_campaign(struct cli *c, struct mc_err *e);
enum mc_rc cmd_root_renew(struct cli *c, struct mc_err *e);
enum mc_rc cmd_root_replace(struct cli *c, struct mc_err *e);
enum mc_rc cmd_node_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_node_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_node_remove(struct cli *c, struct mc_err *e);
enum mc_rc cmd_cat_bump(struct cli *c, struct mc_err *e);
enum mc_rc cmd_plan(struct cli *c, struct mc_err *e);
enum mc_rc cmd_noc_batch(struct cli *c, struct mc_err *e);
enum mc_rc cmd_batch_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_batch_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_batch_resume(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_verify(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_checkpoint(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_key(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_prove(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_export(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_search(struct cli *c, struct mc_err *e);
enum mc_rc cmd_ledger_status(struct cli *c, struct mc_err *e);
enum mc_rc cmd_hsm_status(struct cli *c, struct mc_err *e);
enum mc_rc cmd_hsm_doctor(struct cli *c, struct mc_err *e);
enum mc_rc cmd_hsm_keys(struct cli *c, struct mc_err *e);
enum mc_rc cmd_backup(struct cli *c, struct mc_err *e);
enum mc_rc cmd_fabric_adopt(struct cli *c, struct mc_err *e);
enum mc_rc cmd_restore(struct cli *c, struct mc_err *e);
enum mc_rc cmd_factory_open(struct cli *c, struct mc_err *e);
enum mc_rc cmd_factory_label(struct cli *c, struct mc_err *e);
enum mc_rc cmd_factory_check(struct cli *c, struct mc_err *e);
enum mc_rc cmd_factory_write(struct cli *c, struct mc_err *e);

enum mc_rc cmd_paa_create(struct cli *c, struct mc_err *e);
enum mc_rc cmd_pai_create(struct cli *c, struct mc_err *e);
enum mc_rc cmd_pai_import(struct cli *c, struct mc_err *e);
enum mc_rc cmd_cd_signer_create(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_signer_create(struct cli *c, struct mc_err *e);
enum mc_rc cmd_dac_issue(struct cli *c, struct mc_err *e);
enum mc_rc cmd_dac_batch(struct cli *c, struct mc_err *e);
enum mc_rc cmd_paa_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_pai_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_cd_signer_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_signer_list(struct cli *c, struct mc_err *e);
enum mc_rc cmd_paa_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_pai_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_cd_signer_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_signer_show(struct cli *c, struct mc_err *e);
enum mc_rc cmd_paa_export(struct cli *c, struct mc_err *e);
enum mc_rc cmd_pai_export(struct cli *c, struct mc_err *e);
enum mc_rc cmd_cd_signer_export(struct cli *c, struct mc_err *e);
enum mc_rc cmd_crl_signer_export(struct cli *c, struct mc_err *e);

extern const struct cli_option paa_create_options[], pai_create_options[], pai_import_options[], cd_signer_create_options[],
    crl_signer_create_options[], attestation_export_options[], dac_issue_options[], dac_batch_options[];
extern const struct cli_option noc_renew_options[], ica_rotate_options[], ica_retire_options[], root_replace_options[],
    node_list_options[], node_show_options[], node_remove_options[], cat_bump_options[], campaign_options[], plan_options[];
extern const struct cli_option factory_open_options[], factory_write_options[], factory_label_options[], factory_check_options[];
extern const struct cli_option backup_options[], restore_options[], fabric_adopt_options[];
extern const struct cli_option noc_batch_options[], batch_resume_options[];
extern const struct cli_option init_options[], fabric_create_options[], fabric_export_options[],
    fabric_ipk_options[], noc_issue_options[], ledger_list_options[], ledger_verify_options[], ledger_checkpoint_options[],
    ledger_key_options[], ledger_prove_options[], ledger_export_options[], ledger_search_options[],
    ledger_status_options[];

#endif
