/* SPDX-License-Identifier: Apache-2.0 */
/* lookup_internal.h - what lookup.c (asking), lookup_fresh.c (what came last) and lookup_run.c (runs) share. */
#ifndef CA_LOOKUP_INTERNAL_H
#define CA_LOOKUP_INTERNAL_H

#include "lookup.h"

#define LOOKUP_PAIR_LEN  16
#define LOOKUP_PART_BITS 24 /* of a row id */
#define LOOKUP_RUNS_MAX  4096
#define LOOKUP_LEVEL_MAX 15

struct lookup_run {
    uint64_t id, n, age;
    unsigned level, bits;
    uint8_t *filter; /* NULL: not in memory */
    size_t filter_n;
};

enum lookup_stmt {
    LK_NEW_ADD,
    LK_NEW_FIND,
    LK_NEW_ALL,
    LK_NEW_CLEAR,
    LK_RUN_ALL,
    LK_RUN_ADD,
    LK_RUN_DROP,
    LK_FILTER,
    LK_PART,
    LK_PART_ADD,
    LK_PART_DROP,
    LK_COUNT
};

struct lookup {
    sqlite3 *db;
    sqlite3_stmt *stmt[LK_COUNT];
    struct lookup_run *run; /* newest first */
    unsigned n_run;
    bool known; /* run and the counts are those of `changes` */
    uint64_t fresh, changes;
    uint64_t asked; /* how often; a process that asks often keeps the filters */
    struct lookup_pair *held; /* LOOKUP_FRESH_MAX: what this transaction added and has not written */
    size_t n_held;
    /* The filter of lookup_new as it was at these counts, and of held; NULL: not in memory. */
    uint8_t *fresh_filter;
    uint64_t seen_fresh, seen_changes;
    uint64_t missed; /* questions that it could not answer */
};

sqlite3_stmt *lookup_stmt(struct lookup *k, enum lookup_stmt id, enum mc_rc *rc, struct mc_err *e);
MC_MUST_CHECK enum mc_rc lookup_step_done(struct lookup *k, sqlite3_stmt *s, struct mc_err *e);
MC_MUST_CHECK enum mc_rc lookup_step_row(struct lookup *k, sqlite3_stmt *s, bool *row, struct mc_err *e);
MC_MUST_CHECK enum mc_rc lookup_reload(struct lookup *k, struct mc_err *e);
/* lookup_fresh.c: is there a filter, and it is true; makes one when it is worth it. */
bool lookup_knows_fresh(const struct lookup *k);
MC_MUST_CHECK enum mc_rc lookup_learn_fresh(struct lookup *k, struct mc_err *e);
bool lookup_fresh_has(const struct lookup *k, uint64_t h); /* false: surely not; there is a filter */
void lookup_drop_fresh(struct lookup *k);
/* Turns lookup_new and what is held, which is in order, into a run. */
MC_MUST_CHECK enum mc_rc lookup_spill(struct lookup *k, struct mc_err *e);

/* SQLite orders integers as signed: with the top bit flipped that is the order of unsigned hashes. */
static inline sqlite3_int64 lookup_h_to_db(uint64_t h)
{
    return (sqlite3_int64)(h ^ UINT64_C(1) << 63);
}

static inline uint64_t lookup_h_of_db(sqlite3_int64 v)
{
    return (uint64_t)v ^ UINT64_C(1) << 63;
}

static inline sqlite3_int64 lookup_part_id(uint64_t run, unsigned bits, uint64_t h)
{
    return (sqlite3_int64)(run << LOOKUP_PART_BITS | (bits == 0 ? 0 : h >> (64 - bits)));
}

static inline struct lookup_pair lookup_pair_at(const uint8_t *data, size_t i)
{
    uint64_t h, seq;

    memcpy(&h, data + i * LOOKUP_PAIR_LEN, 8);
    memcpy(&seq, data + i * LOOKUP_PAIR_LEN + 8, 8);
    return (struct lookup_pair){be64toh(h), be64toh(seq)};
}

/* A Bloom filter of blocks of 64 octets: the top of h chooses the block, its lowest 54 bits six bits there. */
#define LOOKUP_BLOCK     64
#define LOOKUP_KEY_BITS  10 /* of filter for each pair */

static inline size_t lookup_filter_len(uint64_t n)
{
    return (size_t)((n * LOOKUP_KEY_BITS + 8 * LOOKUP_BLOCK - 1) / (8 * LOOKUP_BLOCK)) * LOOKUP_BLOCK;
}

static inline size_t lookup_filter_block(size_t n, uint64_t h)
{
    return (size_t)((h >> 32) * (n / LOOKUP_BLOCK) >> 32) * LOOKUP_BLOCK;
}

static inline void lookup_filter_add(uint8_t *filter, size_t n, uint64_t h)
{
    uint8_t *block = filter + lookup_filter_block(n, h);

    for (unsigned i = 0; i < 6; i++, h >>= 9)
        block[h >> 3 & 63] |= (uint8_t)(1u << (h & 7));
}

static inline bool lookup_filter_has(const uint8_t *filter, size_t n, uint64_t h)
{
    const uint8_t *block = filter + lookup_filter_block(n, h);

    for (unsigned i = 0; i < 6; i++, h >>= 9)
        if ((block[h >> 3 & 63] >> (h & 7) & 1) == 0)
            return false;
    return true;
}

#endif
