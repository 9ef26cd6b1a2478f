/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pubkey.h - P-256 public keys: SHA-256, key identifiers, ECDSA verification. libcrypto does the work.
 *
 * A struct mc_verifier owns libcrypto objects that are fetched once and used again for every key and
 * signature; it is for one thread. It is the only heap object of the library.
 */
#ifndef MC_PUBKEY_H
#define MC_PUBKEY_H

#include "cert.h"

struct mc_verifier;

/* NULL when out of memory or libcrypto lacks P-256. Free with mc_verifier_free (NULL is fine). */
struct mc_verifier *mc_verifier_new(void);
void mc_verifier_free(struct mc_verifier *v);
/*
 * MC_E_MEMORY or MC_E_CRYPTO if one of its calls failed so, else MC_OK. Each says so itself, but whoever judges a whole
 * by many of them asks here before he tells what came out.
 */
MC_MUST_CHECK enum mc_rc mc_verifier_failure(const struct mc_verifier *v);

/* SHA-256 and SHA-1 with fetched algorithms. MC_E_CRYPTO, MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc mc_sha256(struct mc_verifier *v, struct mc_span in, uint8_t out[MC_DIGEST_LEN]);
/* SHA-256 over several spans, one after the other. */
MC_MUST_CHECK enum mc_rc mc_sha256_parts(
    struct mc_verifier *v, const struct mc_span *parts, size_t n, uint8_t out[MC_DIGEST_LEN]);
/* RFC 5280 4.2.1.2 method 1: SHA-1 of the 65 octets of the point. */
MC_MUST_CHECK enum mc_rc mc_key_id(
    struct mc_verifier *v, const uint8_t point[MC_POINT_LEN], uint8_t id[MC_KEY_ID_LEN]);

/* Uncompressed, 65 octets, on the curve. MC_E_POINT, MC_E_POINT_CURVE, MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc mc_point_check(struct mc_verifier *v, struct mc_span point);

/*
 * ECDSA P-256 over a SHA-256 digest. MC_OK only if the signature is right; MC_E_SIGNATURE if it is not;
 * MC_E_POINT, MC_E_POINT_CURVE for a bad key; MC_E_MEMORY, and nothing is known. The last key is kept, so that many signatures of one
 * issuer cost no key set-up.
 */
MC_MUST_CHECK enum mc_rc mc_verify(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN],
    const uint8_t digest[MC_DIGEST_LEN], const uint8_t sig[MC_SIG_LEN]);

/*
 * From now on mc_verify takes half the time with this key, and as before with others. This call itself takes as long as
 * 500 verifications. One key at a time. MC_E_POINT, MC_E_POINT_CURVE, MC_E_CRYPTO.
 */
MC_MUST_CHECK enum mc_rc mc_verify_often(struct mc_verifier *v, const uint8_t point[MC_POINT_LEN]);

/* Checks c's signature with the issuer's key, over c's TBS (rebuilt when c was read from TLV). */
MC_MUST_CHECK enum mc_rc mc_cert_check_signature(struct mc_verifier *v, const struct mc_cert *c,
    const uint8_t issuer_point[MC_POINT_LEN], struct mc_err *e);

/* HKDF-SHA256 (RFC 5869); salt may be empty. MC_E_CRYPTO, MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc mc_hkdf(
    struct mc_span ikm, struct mc_span salt, struct mc_span info, uint8_t *out, size_t n);

#endif
