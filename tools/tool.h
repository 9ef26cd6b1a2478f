/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool.h - what the verbs of mattercert share: reading an object from a file, and counting files.
 */
#ifndef TOOL_H
#define TOOL_H

#include "lib/armor.h"
#include "lib/cert.h"
#include "lib/cli/cli.h"

#define TOOL_INPUT_MAX                                                                                       \
    (256 * 1024) /* octets of a file: 64 KiB of DER as hex with blanks, and text around PEM */

/* One input, decoded. Large: the verbs keep theirs in static memory and use it for one file after the other.
 */
struct tool_input {
    uint8_t raw[TOOL_INPUT_MAX + 1];
    uint8_t scratch[TOOL_INPUT_MAX + 1];
    size_t n;           /* octets in raw */
    struct mc_input in; /* points into raw or scratch */
    enum mc_object object;
};

/* Reads and decodes path ("-" for stdin). A private key is refused here, in whatever form it comes. */
MC_MUST_CHECK enum mc_rc tool_load(const char *path, struct tool_input *t, struct mc_err *e);
/* The two halves of tool_load, for a verb that takes other text (JSON) too. */
MC_MUST_CHECK enum mc_rc tool_read(const char *path, struct tool_input *t, struct mc_err *e);
MC_MUST_CHECK enum mc_rc tool_decode(struct tool_input *t, struct mc_err *e);
/*
 * Refuses objects that are known to be something else than `wanted`, by name and with the verb to use;
 * an unknown one passes, so that its reader tells what is wrong. MC_E_OBJECT.
 */
MC_MUST_CHECK enum mc_rc tool_want(const struct tool_input *t, enum mc_object wanted, struct mc_err *e);
MC_MUST_CHECK enum mc_rc tool_want_object(enum mc_object got, enum mc_object wanted, struct mc_err *e);
/* Reads a certificate in either form: DER under rules, TLV strictly or (MC_RULES_X509) loosely. */
MC_MUST_CHECK enum mc_rc tool_certificate(
    const struct tool_input *t, enum mc_rules rules, struct mc_cert *c, struct mc_err *e);

/* "-" as people call it. */
const char *tool_name_in(const char *path);
const char *tool_name_out(const char *path);
const char *tool_form_name(const struct mc_input *in); /* "PEM", "DER", "hex of Matter TLV", ... */

/* The outcome of many files: a fault of one does not stop the others. */
struct tool_tally {
    unsigned done, failed;
    enum mc_rc first_failure;
};
/* Counts rc; prints e with the file's name if it is a failure. */
void tool_count(
    struct tool_tally *t, const struct cli *c, const char *where, enum mc_rc rc, const struct mc_err *e);
/* MC_OK, or CA_E_PARTIAL when some failed, or the first failure when all did. */
enum mc_rc tool_total(const struct tool_tally *t, struct cli *c);

extern const struct cli_option tool_attest_verify_options[], tool_cd_show_options[], tool_cd_verify_options[];
extern const struct cli_option tool_convert_options[], tool_show_options[], tool_csr_show_options[],
    tool_csr_check_options[], tool_proof_check_options[], tool_verify_options[], tool_forge_options[],
    tool_explain_options[], tool_diff_options[],
    tool_lint_options[], tool_payload_show_options[], tool_payload_make_options[], tool_dcl_check_options[];
enum mc_rc tool_convert(struct cli *c, struct mc_err *e);
enum mc_rc tool_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_csr_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_csr_check(struct cli *c, struct mc_err *e);
enum mc_rc tool_verify(struct cli *c, struct mc_err *e);
enum mc_rc tool_forge(struct cli *c, struct mc_err *e);
enum mc_rc tool_explain(struct cli *c, struct mc_err *e);
enum mc_rc tool_diff(struct cli *c, struct mc_err *e);
enum mc_rc tool_lint(struct cli *c, struct mc_err *e);
enum mc_rc tool_dcl_check(struct cli *c, struct mc_err *e);
enum mc_rc tool_payload_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_payload_make(struct cli *c, struct mc_err *e);
enum mc_rc tool_attest_verify(struct cli *c, struct mc_err *e);
enum mc_rc tool_cd_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_cd_verify(struct cli *c, struct mc_err *e);
enum mc_rc tool_proof_check(struct cli *c, struct mc_err *e);

#endif
