/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_verify.h - what the parts of ledger_verify share.
 *
 * The entries are read once, in chunks, by several threads with a connection each. What follows from them
 * for the large tables (cert, look-up) is not looked up row by row: both sides are summed under a secret
 * random key and the sums compared, which finds any difference; only if they differ are rows looked up to
 * name the entry. Authorities and fabrics are few and are made again in memory.
 */
#ifndef CA_LEDGER_VERIFY_H
#define CA_LEDGER_VERIFY_H

#include "ledger_internal.h"

/* A set of rows as a number: the sum of their keyed hashes. */
struct verify_sum {
    uint64_t n, sum;
};

struct verify_authority {
    uint64_t seq, key;
    uint32_t fabric, issuer;
    uint8_t kind, state;
};

struct verify_fabric {
    uint64_t seq, issued, max_node;
    uint32_t root, ica;
};

/* Authorities and fabrics by number - 1. */
struct verify_model {
    struct verify_authority *authority;
    struct verify_fabric *fabric;
    uint32_t n_authority, n_fabric;
};

/* Tallies made again: a hash table without removal, cap a power of two or 0. */
struct verify_tallies {
    struct ledger_tally *slot; /* n 0: empty */
    size_t n, cap;
};

/* What one thread has seen. */
struct verify_seen {
    struct verify_sum cert, keys;
    uint64_t *rare; /* entries that make, change or decide about authorities and fabrics, revoke, or number documents */
    size_t n_rare, cap_rare;
    struct verify_fabric *fabric; /* issued and max_node only */
    struct verify_tallies tallies;
};

struct verify {
    struct ledger *l;
    uint64_t from, size, secret;
    bool lookup_rows;            /* look up each derived row: for part of a ledger, and to name the entry */
    struct verify_model claimed; /* as the tables say */
    struct verify_seen seen;
};

static inline uint64_t verify_mix(uint64_t h, uint64_t value)
{
    h ^= value;
    h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
    return (h ^ h >> 31) + UINT64_C(0x9E3779B97F4A7C15);
}

static inline void verify_add(struct verify_sum *s, uint64_t secret, const uint64_t *value, unsigned n)
{
    uint64_t h = secret;

    for (unsigned i = 0; i < n; i++)
        h = verify_mix(h, value[i]);
    s->sum += verify_mix(h, ~secret);
    s->n++;
}

/* The row of cert that follows from an entry with a serial of ours. */
#define VERIFY_CERT_COLUMNS 8
void verify_cert_row(
    const struct mc_entry *x, const struct ledger_facts *f, uint64_t row[VERIFY_CERT_COLUMNS]);

/* "entry 41" in e, with what was said of it before. Returns CA_E_LEDGER. */
enum mc_rc verify_bad(struct mc_err *e, uint64_t seq, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

/* Entries first..end-1 through connection l: form, order, leaves, tiles, references; sums go to seen. */
MC_MUST_CHECK enum mc_rc verify_entries(struct verify *y, struct ledger *l, struct verify_seen *seen,
    uint64_t first, uint64_t end, struct mc_err *e);

/* ledger_model.c */
MC_MUST_CHECK enum mc_rc verify_load_claimed(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_model(struct verify *y, struct mc_err *e);

/* ledger_tally.c; t's n and time are added to its row */
MC_MUST_CHECK enum mc_rc verify_count(
    struct verify_tallies *v, const struct ledger_tally *t, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_tally_rows(struct verify *y, struct mc_err *e);

/* ledger_decision.c; the whole, and the row of one entry */
MC_MUST_CHECK enum mc_rc verify_decisions(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_decision_row(struct ledger *l, const struct mc_entry *x, struct mc_err *e);

/* ledger_revoked_verify.c; the whole, and the row of one entry */
MC_MUST_CHECK enum mc_rc verify_revocations(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_documents(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_revoked_row(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_document_row(struct ledger *l, const struct mc_entry *x, struct mc_err *e);

/* ledger_derived.c */
MC_MUST_CHECK enum mc_rc verify_schema(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_ranges(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_tree(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_intents(struct verify *y, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_sum_certs(struct verify *y, struct verify_sum *sum, struct mc_err *e);
MC_MUST_CHECK enum mc_rc verify_sum_keys(struct verify *y, struct verify_sum *sum, struct mc_err *e);
/* The rows of one entry, looked up. */
MC_MUST_CHECK enum mc_rc verify_rows(struct verify *y, struct ledger *l, const struct mc_entry *x,
    const struct ledger_facts *f, struct mc_err *e);

#endif
