/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle.h - the tree of RFC 6962 2.1: leaf SHA-256(0x00 || entry), node SHA-256(0x01 || left || right).
 *
 * The frontier is the list of roots of the perfect subtrees that make up a tree of `size` leaves, largest
 * first: all that is needed to append and to tell the root.
 */
#ifndef MC_MERKLE_H
#define MC_MERKLE_H

#include "pubkey.h"

#define MERKLE_FRONTIER_MAX 64

struct mc_merkle {
    uint64_t size;
    unsigned n;
    uint8_t peak[MERKLE_FRONTIER_MAX][MC_DIGEST_LEN];
};

MC_MUST_CHECK enum mc_rc mc_merkle_leaf(struct mc_verifier *v, struct mc_span entry, uint8_t out[MC_DIGEST_LEN]);
MC_MUST_CHECK enum mc_rc mc_merkle_node(struct mc_verifier *v, const uint8_t left[MC_DIGEST_LEN],
    const uint8_t right[MC_DIGEST_LEN], uint8_t out[MC_DIGEST_LEN]);
void mc_merkle_init(struct mc_merkle *m);
/* Appends a leaf hash. done(arg, level, index, hash), if given, is told each perfect subtree that it completes. */
MC_MUST_CHECK enum mc_rc mc_merkle_append(struct mc_verifier *v, struct mc_merkle *m, const uint8_t leaf[MC_DIGEST_LEN],
    enum mc_rc (*done)(void *arg, unsigned level, uint64_t index, const uint8_t hash[MC_DIGEST_LEN]), void *arg);
MC_MUST_CHECK enum mc_rc mc_merkle_root(
    struct mc_verifier *v, const struct mc_merkle *m, uint8_t root[MC_DIGEST_LEN]);
/*
 * The root that follows from a leaf and its inclusion proof (RFC 9162 2.1.3.2). CA_E_LEDGER if the proof
 * has the wrong number of hashes for seq and size.
 */
MC_MUST_CHECK enum mc_rc mc_merkle_root_from_proof(struct mc_verifier *v, uint64_t seq, uint64_t size,
    const uint8_t leaf[MC_DIGEST_LEN], const uint8_t (*hash)[MC_DIGEST_LEN], unsigned n,
    uint8_t root[MC_DIGEST_LEN]);

#endif
