/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover.h - intents that dead processes left open are burned: recorded as VOID, never signed again.
 */
#ifndef CA_RECOVER_H
#define CA_RECOVER_H

#include "state.h"

/* Burns every open intent whose instance is not alive. *burned (may be NULL) counts serial numbers. */
MC_MUST_CHECK enum mc_rc recover_intents(struct state *s, const char *run_dir, unsigned *burned, struct mc_err *e);

/*
 * Records the intent's serial numbers as VOID for this reason (a rule id) and closes it, in one transaction
 * of its own.
 */
MC_MUST_CHECK enum mc_rc recover_void(
    struct state *s, const struct ledger_intent *i, const char *reason, struct mc_err *e);

#endif
