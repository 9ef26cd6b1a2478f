/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elements.h - attestation elements, what a device signs for AttestationRequest (matter-attestation 3.2, 3.3).
 *
 *     { 1: certification declaration, 2: nonce, 3: timestamp, 4: firmware information (optional),
 *       further context tags in ascending order: ignored;
 *       fully qualified tags of vendors, sorted by vendor, profile and number: octet strings }
 *
 * The signature over elements || challenge is checked by mc_attestation_check (csr.h). Views borrow.
 */
#ifndef MC_ELEMENTS_H
#define MC_ELEMENTS_H

#include "csr.h"

#define MC_ELEMENTS_MAX 900

struct mc_elements {
    struct mc_span cd;       /* the whole CMS envelope */
    struct mc_span nonce;    /* MC_NONCE_LEN octets (deployed: any number) */
    uint32_t timestamp;      /* Matter epoch seconds; devices write 0 */
    struct mc_span firmware; /* n == 0: absent */
    uint16_t n_future;       /* further context tags */
    uint16_t n_vendor;       /* vendors' elements */
};

/*
 * Element widths need not be minimal. MC_E_ELEMENTS_SIZE, MC_E_ELEMENTS_ORDER and those of the TLV cursor. The deployed
 * reader does not look at the size, the nonce's length, what vendors' elements are, or octets behind the structure.
 */
MC_MUST_CHECK enum mc_rc mc_elements_parse(struct mc_span tlv, struct mc_elements *el, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_elements_parse_deployed(struct mc_span tlv, struct mc_elements *el, struct mc_err *e);
/* The nonce is the one that was sent. MC_E_ELEMENTS_NONCE. */
MC_MUST_CHECK enum mc_rc mc_elements_check_nonce(const struct mc_elements *el, struct mc_span sent, struct mc_err *e);
/* Without further and vendors' elements. MC_E_ELEMENTS_ORDER, MC_E_ELEMENTS_SIZE, MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc mc_elements_encode(
    const struct mc_elements *el, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

#endif
