/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.h - who is alive: each issuing process holds a lock on a file of its own in STATE/run.
 *
 * The kernel drops the lock when the process dies, however it dies. An intent whose instance is not held
 * by anybody belongs to a dead process and is burned by the next one that starts.
 */
#ifndef CA_INSTANCE_H
#define CA_INSTANCE_H

#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

struct instance;

/*
 * Removes the files of dead processes, makes STATE/run/<16 hex>.lock (mode 0600) and locks it. The number is
 * random and never 0. CA_E_IO.
 */
MC_MUST_CHECK enum mc_rc instance_open(const char *run_dir, struct instance **out, struct mc_err *e);
uint64_t instance_number(const struct instance *i);
void instance_close(struct instance *i); /* removes the file; NULL is fine */
/* True if a living process holds this number. Removes the file of a dead one. CA_E_IO. */
MC_MUST_CHECK enum mc_rc instance_alive(const char *run_dir, uint64_t number, bool *alive, struct mc_err *e);

#endif
