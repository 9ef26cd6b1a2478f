/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_key.h - the audit key of a ledger, as `heddle ledger key` writes it or as entry 0 holds it.
 */
#ifndef TOOL_AUDIT_KEY_H
#define TOOL_AUDIT_KEY_H

#include "lib/entry.h"
#include "lib/note.h"
#include "tool.h"

struct tool_audit_key {
    char origin[ENTRY_NAME_MAX + 1]; /* "": not known */
    const uint8_t *point;            /* borrows from the input */
};
/* MC_E_OBJECT, MC_E_POINT, MC_E_POINT_CURVE, and those of tool_load. */
MC_MUST_CHECK enum mc_rc tool_audit_key(
    struct mc_verifier *v, const char *path, struct tool_input *t, struct tool_audit_key *k, struct mc_err *e);

#endif
