/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spake.h - what a device keeps of its passcode: the Spake2+ verifier (matter-attestation 7.1).
 *
 * w0s || w1s = PBKDF2-HMAC-SHA256(passcode as 4 octets little-endian, salt, iterations, 80 octets); w0 and w1 are
 * these, big-endian, modulo the order of P-256; L = w1 * G. The verifier is w0 (32 octets) || L (04 X Y).
 */
#ifndef MC_SPAKE_H
#define MC_SPAKE_H

#include "cert.h"

#define MC_SPAKE_ITERATIONS_MIN 1000
#define MC_SPAKE_ITERATIONS_MAX 100000
#define MC_SPAKE_SALT_MIN       16
#define MC_SPAKE_SALT_MAX       32
#define MC_SPAKE_W_LEN          40 /* of w0s and of w1s */
#define MC_SPAKE_VERIFIER_LEN   97

/*
 * MC_E_PASSCODE for one that is not allowed; MC_E_SPAKE for iterations or a salt out of range. Intermediate
 * values are wiped.
 */
MC_MUST_CHECK enum mc_rc mc_spake_verifier(uint32_t passcode, struct mc_span salt, uint32_t iterations,
    uint8_t out[MC_SPAKE_VERIFIER_LEN], struct mc_err *e);
/* The part of it behind PBKDF2. MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc mc_spake_verifier_of(
    const uint8_t ws[2 * MC_SPAKE_W_LEN], uint8_t out[MC_SPAKE_VERIFIER_LEN]);
/* The form of a verifier: w0 below the order, L on the curve. MC_E_SPAKE. */
MC_MUST_CHECK enum mc_rc mc_spake_check(struct mc_span verifier, struct mc_err *e);

/*
 * A scalar of 48 random octets or more, big-endian, reduced to 1..order-1 (FIPS 186-5 A.2.1), and its point. For
 * keys of devices that are made in memory. MC_E_CRYPTO.
 */
MC_MUST_CHECK enum mc_rc mc_p256_key_of(struct mc_span random, uint8_t scalar[32], uint8_t point[MC_POINT_LEN]);
/* The point of a scalar; MC_E_POINT if the scalar is not in 1..order-1. */
MC_MUST_CHECK enum mc_rc mc_p256_point_of(const uint8_t scalar[32], uint8_t point[MC_POINT_LEN]);

#endif
