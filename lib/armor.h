/* SPDX-License-Identifier: Apache-2.0 */
/*
 * armor.h - recognises the form of an input: PEM, DER or Matter TLV; raw, hex or base64. Nobody is asked.
 */
#ifndef MC_ARMOR_H
#define MC_ARMOR_H

#include "buf.h"

enum mc_inner { MC_INNER_DER, MC_INNER_TLV };
enum mc_outer { MC_OUTER_RAW, MC_OUTER_HEX, MC_OUTER_BASE64, MC_OUTER_PEM };

#define MC_PEM_LABEL_MAX 64

struct mc_input {
    struct mc_span bytes; /* the DER or TLV: in `in` itself (raw) or in the caller's scratch */
    enum mc_inner inner;
    enum mc_outer outer;
    char label[MC_PEM_LABEL_MAX]; /* PEM label, else "" */
};

/*
 * Decodes in. scratch holds the decoded bytes of text forms; cap >= in.n always suffices. UTF-8 BOM, CRLF
 * and blank lines are accepted around text. Text before a PEM block (OpenSSL's -text) is skipped, text
 * after it that is not blank is refused unless it is another block (MC_E_PEM_COUNT).
 * MC_E_EMPTY, MC_E_FORM, MC_E_PEM, MC_E_PEM_COUNT, MC_E_PRIVATE_KEY, MC_E_BASE64, MC_E_HEX, MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc mc_input_decode(
    struct mc_span in, uint8_t *scratch, size_t cap, struct mc_input *out, struct mc_err *e);

/* What a DER or TLV object looks like, from its outer shape only. */
enum mc_object {
    MC_OBJECT_UNKNOWN,
    MC_OBJECT_CERTIFICATE,
    MC_OBJECT_CSR,
    MC_OBJECT_CRL,
    MC_OBJECT_PRIVATE_KEY,
    MC_OBJECT_PUBLIC_KEY,
    MC_OBJECT_CMS, /* a certification declaration */
    MC_OBJECT_NOCSR,
    MC_OBJECT_ELEMENTS, /* attestation elements */
    MC_OBJECT_COUNT
};
enum mc_object mc_object_guess(const struct mc_input *in);
const char *mc_object_name(enum mc_object o); /* "a certificate", "a CSR", ... */

/*
 * PEM of der under label ("CERTIFICATE"), lines of 64, NUL-terminated. MC_E_SPACE: needs at most
 * 4/3 n + n/48 + 2 * strlen(label) + 64.
 */
MC_MUST_CHECK enum mc_rc mc_pem_encode(struct mc_span der, const char *label, char *out, size_t cap, size_t *n);

#endif
