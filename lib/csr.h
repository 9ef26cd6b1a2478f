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

/*
 * Form: version, algorithms, named curve, uncompressed point, sizes, no trailing octets, a well-formed name
 * and attributes. A NULL parameter of ecdsa-with-SHA256 is tolerated, since deployed nodes send it. Not the
 * signature. Errors name the field ("csr.key.curve") and the offset. MC_E_CSR_SIZE,
 * MC_E_CSR_FORM, MC_E_CSR_VERSION, MC_E_CSR_SIG_ALG, MC_E_KEY_ALG, MC_E_CURVE, MC_E_POINT,
 * MC_E_SIGNATURE_FORM and those of the DER cursor.
 */
MC_MUST_CHECK enum mc_rc mc_csr_parse(struct mc_span der, struct mc_csr *c, struct mc_err *e);
/* Point on the curve, then the self-signature. MC_E_POINT_CURVE, MC_E_CSR_SIGNATURE. */
MC_MUST_CHECK enum mc_rc mc_csr_check(struct mc_verifier *v, const struct mc_csr *c, struct mc_err *e);

/*
 * A CSR of our own: CertificationRequestInfo with no attributes, then the whole with the signature over it. MC_E_SPACE,
 * MC_E_POINT.
 */
MC_MUST_CHECK enum mc_rc mc_csr_encode_info(const struct mc_dn *subject, const uint8_t point[MC_POINT_LEN], uint8_t *out,
    size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_csr_assemble(
    struct mc_span info, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

struct mc_nocsr {
    struct mc_span csr;
    struct mc_span nonce;     /* 32 octets */
    struct mc_span vendor[3]; /* vendor_reserved1..3; n == 0 if absent */
};

/*
 * Reads the anonymous structure; element widths need not be minimal (nodes differ), order and tags must fit.
 * A profile tag ends the reading, what follows it is the vendor's. MC_E_NOCSR_SIZE, MC_E_NOCSR_ORDER,
 * MC_E_NOCSR_TAG, MC_E_NOCSR_NONCE and those of the TLV cursor.
 */
MC_MUST_CHECK enum mc_rc mc_nocsr_parse(struct mc_span tlv, struct mc_nocsr *n, struct mc_err *e);
/* The nonce is the one that was sent with CSRRequest. MC_E_NOCSR_NONCE_OTHER. */
MC_MUST_CHECK enum mc_rc mc_nocsr_check_nonce(
    const struct mc_nocsr *n, const uint8_t sent[MC_NONCE_LEN], struct mc_err *e);
/* The same four codes. */
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
