/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_table.h - ECDSA verification (SEC 1, 4.1.4) with one key whose multiples stand in a table. Private to pubkey.c.
 *
 * With r, s, the digest e and the key Q, a signature is right if r = x(e/s G + r/s Q). libcrypto has a table of the
 * multiples of G, and makes one of Q where Q is the generator of a group: then either product costs additions only, and
 * the whole half of what it costs otherwise. The table takes 150 KiB, and as long as 500 verifications.
 */
#ifndef MC_VERIFY_TABLE_H
#define MC_VERIFY_TABLE_H

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "pubkey.h"

struct verify_table {
    EC_GROUP *curve, *of_key; /* of_key: the curve with Q as its generator */
    EC_POINT *left, *right;
    BN_CTX *ctx;
    uint8_t point[MC_POINT_LEN];
};

/* Takes a point that was checked; t is zero or cleared. MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc verify_table_init(struct verify_table *t, const uint8_t point[MC_POINT_LEN]);
void verify_table_clear(struct verify_table *t);
bool verify_table_is_of(const struct verify_table *t, const uint8_t point[MC_POINT_LEN]);

/* MC_OK only if the signature is right, else MC_E_SIGNATURE. What libcrypto failed of stays in its queue of errors. */
MC_MUST_CHECK enum mc_rc verify_table_verify(
    struct verify_table *t, const uint8_t digest[MC_DIGEST_LEN], const uint8_t sig[MC_SIG_LEN]);

#endif
