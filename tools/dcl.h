/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcl.h - what the verb dcl check and its outputs share.
 */
#ifndef TOOL_DCL_H
#define TOOL_DCL_H

#include "lib/dcl.h"

#define DCL_FINDINGS_MAX 64 /* more than there are rules */

struct dcl_finding {
    const struct mc_dcl_rule *rule;
    enum mc_dcl_outcome outcome; /* FAILED or UNKNOWN */
    char why[MC_DCL_WHY_MAX];
};

/* One certificate or record. */
struct dcl_report {
    const char *where;
    enum mc_dcl_kind kind;
    unsigned n, errors, warnings, unknown;
    struct dcl_finding list[DCL_FINDINGS_MAX]; /* in the order of the table */
};

void dcl_put_text(const struct dcl_report *r);
void dcl_put_json(const struct dcl_report *r, bool lines);

/* The table itself. */
void dcl_rules_text(void);
void dcl_rules_json(void);
void dcl_rules_markdown(void);

#endif
