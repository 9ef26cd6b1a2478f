/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest.h - what `attest verify` and `cd verify` share: telling the steps.
 */
#ifndef TOOL_ATTEST_H
#define TOOL_ATTEST_H

#include "lib/attest.h"
#include "lib/cli/json.h"
#include "tool.h"

/* What was judged, for the first line ("the declaration", "the device"). */
void attest_print(const struct mc_attest *a, const char *what);
/* The device and its declaration, and then the steps. */
void attest_print_device(const struct mc_attest *a);
/* The members of the outermost object after "schema": valid, result, result_name, rules, ids, cd, steps. */
void attest_json(struct json *j, const struct mc_attest *a);
/* The members of a declaration, into an object of this key. */
void attest_json_cd(struct json *j, const char *key, const struct mc_cd *cd);
/* Whether the status is 0: by the rules and a commissioner, or with --as commissioner by the latter alone. */
MC_MUST_CHECK enum mc_rc attest_take_as(const struct cli *c, bool *as_commissioner, struct mc_err *e);
enum mc_rc attest_status(struct cli *c, const struct mc_attest *a, bool as_commissioner);

/* A file that holds a declaration: the envelope, attestation elements with one, or the payload alone. */
struct cd_input {
    struct tool_input file;
    struct mc_span envelope; /* n == 0: the payload alone */
    struct mc_span payload;
    bool in_elements;
};
MC_MUST_CHECK enum mc_rc cd_load(const char *path, struct cd_input *in, struct mc_err *e);

#endif
