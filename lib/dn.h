/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dn.h - distinguished names in both encodings, for the certificate readers and writers
 * (matter-operational 1.2, 1.3, 1.7, 2.3).
 */
#ifndef MC_DN_H
#define MC_DN_H

#include "cert.h"
#include "der.h"
#include "tlv.h"

struct mc_dn_reader {
    const char *field;       /* "issuer" or "subject", for errors */
    struct mc_err *obstacle; /* X.509 rules: what forbids conversion goes here; NULL: it is an error */
    struct mc_err *e;
};

MC_MUST_CHECK enum mc_rc mc_dn_take_der(struct mc_dn_reader *r, struct mc_der *d, struct mc_dn *dn);
/* The members of the list whose opening was just taken, and its end. */
MC_MUST_CHECK enum mc_rc mc_dn_take_tlv(struct mc_dn_reader *r, struct mc_tlv *t, struct mc_dn *dn);
void mc_dn_put_der(struct mc_out *o, const struct mc_dn *dn);
void mc_dn_put_tlv(struct mc_out *o, int tag, const struct mc_dn *dn);

/* Hex digits of a Matter id in DER: 8 for a CAT, else 16. */
unsigned mc_attr_digits(enum mc_attr_id id);
/* True if the octets are allowed in a string of this DER tag and survive Matter TLV. */
bool mc_dn_text_valid(uint8_t string_tag, struct mc_span text);

#endif
