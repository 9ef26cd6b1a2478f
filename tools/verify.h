/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - the attestation half of the verb verify.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "lib/pubkey.h"
#include "lib/revset.h"
#include "tool.h"

struct verify_att {
    struct cli *c;
    struct mc_verifier *v;
    const struct mc_cert *paa, *pai; /* read under MC_RULES_X509 */
    bool has_now;
    int64_t now_unix;
    const struct mc_revset *revoked; /* asked after the chain; NULL: nothing is */
    bool as_sdk;                     /* the commissioner's answer counts, not the rules */
};

/* Prints one line behind what stands before it; on a terminal it is wrapped. */
void verify_say(const char *before, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* True if the root or the intermediate presents itself as a PAA or PAI. */
bool verify_is_attestation(const struct mc_cert *root, const struct mc_cert *ica);
/* Judges one DAC and prints the verdict. MC_E_NOT_VALID, or why the file cannot be read. */
MC_MUST_CHECK enum mc_rc verify_att_one(
    const struct verify_att *a, const char *path, struct tool_input *input, bool one_line, struct mc_err *e);

#endif
