/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr.h - PKCS#10 requests and the NOCSR elements that carry them (matter-operational 4.6 and 4.7).
 *
 * A CSR gives a public key and nothing else. Views borrow from the input.
 */
#ifndef MC_CSR_H
#define MC_CSR_H

#include "pubkey.h"

#define MC_CSR_MIN        16
#define MC_CSR_MAX        900 /* a NOCSR answer cannot carry more */
#define MC_NOCSR_MAX      900
#define MC_NONCE_LEN      32
#define MC_CHALLENGE_LEN  16

struct mc_csr {
    struct mc_span whole;   /* the CertificationRequest */
    struct mc_span info;    /* the signed CertificationRequestInfo, tag and length included */
    struct mc_span subject; /* the Name element; ignored when issuing */
    struct mc_span attributes; /* content of [0]; n == 0 if absent or empty */
    bool has_attributes;
    struct mc_span point; /* 65 octets */
    uint8_t sig[MC_SIG_LEN];
};

/* Form: version, algorithms, named curve, uncompressed point, sizes, no trailing octets. Not the signature. */
MC_MUST_CHECK enum mc_rc mc_csr_parse(struct mc_span der, struct mc_csr *c, struct mc_err *e);
/* Point on the curve, then the self-signature. MC_E_POINT_CURVE, MC_E_CSR_SIGNATURE. */
MC_MUST_CHECK enum mc_rc mc_csr_check(struct mc_verifier *v, const struct mc_csr *c, struct mc_err *e);

struct mc_nocsr {
    struct mc_span csr;
    struct mc_span nonce;     /* 32 octets */
    struct mc_span vendor[3]; /* vendor_reserved1..3; n == 0 if absent */
};

/* Reads the anonymous structure; element widths need not be minimal (nodes differ), order and tags must fit. */
MC_MUST_CHECK enum mc_rc mc_nocsr_parse(struct mc_span tlv, struct mc_nocsr *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_nocsr_encode(
    const struct mc_nocsr *n, uint8_t *out, size_t cap, size_t *len, struct mc_err *e);
/*
 * The attestation signature over elements || challenge, made with the DAC's key; the same construction
 * signs attestation elements. MC_E_ATT_SIGNATURE.
 */
MC_MUST_CHECK enum mc_rc mc_attestation_check(struct mc_verifier *v, struct mc_span elements,
    const uint8_t challenge[MC_CHALLENGE_LEN], const uint8_t dac_point[MC_POINT_LEN],
    const uint8_t sig[MC_SIG_LEN], struct mc_err *e);

#endif
