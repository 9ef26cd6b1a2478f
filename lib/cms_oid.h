/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms_oid.h - the object identifiers of the envelope, for its two readers (matter-attestation 4.3).
 */
#ifndef MC_CMS_OID_H
#define MC_CMS_OID_H

#include "oid.h"

#define MC_OID_SPAN(oid) mc_span_of((oid), sizeof(oid))

extern const uint8_t mc_oid_signed_data[9];
extern const uint8_t mc_oid_data[9];
extern const uint8_t mc_oid_sha256[9];

#endif
