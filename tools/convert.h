/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert.h - one conversion, for the one-file and the many-files form of the verb.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "tool.h"

#define CONVERT_OUTPUT_MAX (2 * TOOL_INPUT_MAX + 2)

struct convert_form {
    const char *name;   /* of --to */
    const char *suffix; /* of files */
    enum mc_inner inner;
    enum mc_outer outer;
};

struct convert_job {
    const struct convert_form *form;
    bool compact; /* the compact form of a network identity */
    bool force;   /* overwrite files */
    struct tool_input input;
    uint8_t output[CONVERT_OUTPUT_MAX];
    size_t n; /* octets of output */
};

/* Reads path and puts the result into job->output. */
MC_MUST_CHECK enum mc_rc convert_file(struct convert_job *job, const char *path, struct mc_err *e);
/* Every operand is a file or a directory; results go into folder. */
MC_MUST_CHECK enum mc_rc convert_many(
    struct convert_job *job, struct cli *c, const char *folder, struct mc_err *e);

#endif
