/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl_oid.h - the extensions of CRLs and what the reader and the writer share of them. Private to crl*.c. All
 * are in the arc id-ce (2.5.29), so that the last octet tells them apart.
 */
#ifndef MC_CRL_OID_H
#define MC_CRL_OID_H

#include "buf.h"

enum mc_crl_oid {
    mc_crl_oid_number = 0x14,
    mc_crl_oid_reason = 0x15,
    mc_crl_oid_delta = 0x1B,
    mc_crl_oid_point = 0x1C,
    mc_crl_oid_certificate_issuer = 0x1D,
    mc_crl_oid_akid = 0x23,
};

static inline bool mc_crl_is(struct mc_span oid, enum mc_crl_oid id)
{
    return oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1D && oid.p[2] == (uint8_t)id;
}

/* AlgorithmIdentifier of ecdsa-with-SHA256, whole. */
extern const uint8_t mc_crl_ecdsa_sha256[12];

#endif
