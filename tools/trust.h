/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h - what the verbs about trust bundles share.
 */
#ifndef TOOL_TRUST_H
#define TOOL_TRUST_H

#include "lib/cli/json.h"
#include "lib/cli/trust_bundle.h"
#include "tool.h"

/* A bundle as it was read, and who signed it. */
struct trust_input {
    struct trust_bundle bundle;
    uint8_t *text;
    size_t n;
    uint8_t sha256[MC_DIGEST_LEN];
    bool is_signed; /* note is that of --note, checked with --key */
    struct trust_note note;
};
/*
 * Reads a bundle; with --note and --key, which belong together, checks that it is signed. What it leaves out is
 * told on stderr. MC_E_TRUST, MC_E_SIGNATURE, CA_E_NOTE, CA_E_USAGE, and those of trust_bundle_parse.
 */
MC_MUST_CHECK enum mc_rc trust_load(
    struct cli *c, struct mc_verifier *v, const char *path, struct trust_input *t, struct mc_err *e);
void trust_unload(struct trust_input *t);

#define TRUST_NOTE_OPTIONS \
    {.name = "note", .arg = "FILE", .help = "the bundle must be the one that this note was signed for"}, \
        {.name = "key", .arg = "FILE", .help = "with --note: the audit key of the ledger that signed it"}

/* "bundle of DATE: 2 PAAs, ..." */
void trust_print_head(const struct trust_input *t);
/* Begins the outermost object: schema, date, hash, who signed, what is left out. */
void trust_json_head(struct json *j, const char *schema, const struct trust_input *t);
/* Whom an entry of a revocation set is about. */
void trust_describe(const struct mc_revset_entry *x, char subject[512], char id[3 * MC_KEY_ID_LEN + 1]);

/* The verbs. */
extern const struct cli_option tool_trust_make_options[], tool_trust_show_options[], tool_trust_check_options[],
    tool_trust_diff_options[], tool_trust_export_options[];
enum mc_rc tool_trust_make(struct cli *c, struct mc_err *e);
enum mc_rc tool_trust_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_trust_check(struct cli *c, struct mc_err *e);
enum mc_rc tool_trust_diff(struct cli *c, struct mc_err *e);
enum mc_rc tool_trust_export(struct cli *c, struct mc_err *e);

#endif
