/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h - trust bundles are signed by the audit key, as numbered documents (document.h).
 */
#ifndef CA_TRUST_H
#define CA_TRUST_H

#include "document.h"
#include "lib/note.h"

/*
 * The signed note for a bundle's text (lib/cli/trust_bundle.h): written to path ("-": standard output), and that on
 * record. HSM_E_*, CA_E_LEDGER, CA_E_OUTPUT.
 */
MC_MUST_CHECK enum mc_rc trust_sign(
    struct state *s, struct mc_span text, const char *path, uint64_t *number, struct mc_err *e);

#endif
