/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint.h - what the verb lint and its outputs share.
 */
#ifndef TOOL_LINT_H
#define TOOL_LINT_H

#include <stdio.h>

#include "lib/cli/cli.h"
#include "lib/lint.h"

enum lint_output { LINT_TEXT, LINT_JSON, LINT_SARIF };

#define LINT_FINDINGS_MAX 256 /* more than there are rules */

/* The findings of one file. */
struct lint_report {
    const char *file;
    uint32_t kind;
    bool readable;
    unsigned n, count[MC_ERROR + 1]; /* count holds all, list those that are asked for */
    struct mc_finding list[LINT_FINDINGS_MAX];
    uint8_t digest[MC_DIGEST_LEN]; /* SHA-256 of the object's octets */
};

/* Around all files; SARIF is one document. */
void lint_begin(enum lint_output how);
void lint_put(enum lint_output how, const struct lint_report *r, bool lines);
void lint_end(enum lint_output how);

void lint_sarif_begin(void);
void lint_sarif_put(const struct lint_report *r);
void lint_sarif_end(void);

/* The table itself. */
void lint_rules_text(void);
void lint_rules_json(void);
void lint_rules_markdown(void);

#endif
