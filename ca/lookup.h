/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.h - finding entries by a random key (request id, public key, node) without touching a random
 * page of a large b-tree for each insert.
 *
 * A key is known by h, the first 64 bits of SHA-256(kind || key); a pair (h, seq) says that entry seq may
 * be about that key. Whoever asks confirms each candidate against the entry itself. The pairs of a
 * transaction are held in memory until its end. Few of them become rows of the small table lookup_new. Many,
 * or more than that table may hold, become a run together with all of its rows: pairs in order of h, cut into
 * 2^bits parts by the top bits of h, so that the part of a key is one row found by its number.
 *
 * The level of a run follows from its size. When there are LOOKUP_FAN runs of a level, with none above it
 * between them, they and all that are newer are merged into one: at once where that takes a moment, else only in
 * lookup_merge. Runs are thus ordered by age, and the newest candidate is found first.
 *
 * Each run has a Bloom filter. A process that asks often keeps the filters in memory and a miss costs it
 * no reading at all; one that asks a few times reads one row a run instead.
 *
 * All this happens inside the caller's transactions.
 */
#ifndef CA_LOOKUP_H
#define CA_LOOKUP_H

#include "lib/pubkey.h"

#include <endian.h>
#include <sqlite3.h>

#define LOOKUP_FRESH_MAX 8192 /* rows of lookup_new, and pairs held in memory */
#define LOOKUP_RUN_MIN   1024 /* pairs of one transaction that become a run */
#define LOOKUP_FAN       8
#define LOOKUP_PART_MIN  64 /* pairs in an average part: this to twice as many */

enum lookup_kind { LOOKUP_REQUEST = 1, LOOKUP_KEY = 2, LOOKUP_NODE = 3, LOOKUP_DEVICE = 4 };

struct lookup_pair {
    uint64_t h, seq;
};

struct lookup;

static inline void lookup_be64(uint8_t out[8], uint64_t value)
{
    value = htobe64(value);
    memcpy(out, &value, sizeof(value));
}

/* h of a key within a fabric (0 where fabrics do not matter). MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc lookup_hash(
    struct mc_verifier *v, enum lookup_kind kind, uint32_t fabric, struct mc_span key, uint64_t *h);

/* db is borrowed. MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc lookup_new(sqlite3 *db, struct lookup **out);
void lookup_free(struct lookup *k); /* NULL is fine; before the database is closed */

/* The head's `fresh` and `lookups` at the start of a transaction: says what memory may keep. */
MC_MUST_CHECK enum mc_rc lookup_begin(struct lookup *k, uint64_t fresh, uint64_t changes, struct mc_err *e);
/* What to store there at its end. */
void lookup_counts(const struct lookup *k, uint64_t *fresh, uint64_t *changes);
/* After a rollback: forgets everything. */
void lookup_forget(struct lookup *k);

MC_MUST_CHECK enum mc_rc lookup_add(struct lookup *k, uint64_t h, uint64_t seq, struct mc_err *e);
/* Writes what was added since the transaction began: before its commit. */
MC_MUST_CHECK enum mc_rc lookup_store(struct lookup *k, struct mc_err *e);
/* Reads all filters, as many questions would. */
MC_MUST_CHECK enum mc_rc lookup_expect_many(struct lookup *k, struct mc_err *e);
/* Tells each() the candidates, newest first, until it gives something other than MC_OK, which is returned. */
MC_MUST_CHECK enum mc_rc lookup_find(struct lookup *k, uint64_t h,
    enum mc_rc (*each)(void *arg, uint64_t seq, struct mc_err *e), void *arg, struct mc_err *e);

/* Does one merge if one is due that makes a run of at most so many pairs. */
MC_MUST_CHECK enum mc_rc lookup_merge(struct lookup *k, uint64_t most, bool *merged, struct mc_err *e);

/* For verifying: every pair that is stored, in no promised order; checks the runs' form. CA_E_LEDGER. */
MC_MUST_CHECK enum mc_rc lookup_each(struct lookup *k,
    void (*each)(void *arg, const struct lookup_pair *p), void *arg, struct mc_err *e);

#endif
