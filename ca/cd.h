/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cd.h - certification declarations, signed in the token (matter-attestation 4). A declaration is a numbered document
 * (document.h): its payload is on record before the token is asked.
 */
#ifndef CA_CD_H
#define CA_CD_H

#include "attestation.h"
#include "document.h"
#include "lib/cd.h"

/*
 * Encodes, numbers, records, signs, verifies, reads back by the strict rules, writes it to path ("-": standard
 * output) as DER or PEM, and records that it was given out. signer is the name of a CD signer; the state is open for
 * writing, with its token. *number gets the document's. MC_E_CD_*, CA_E_NOT_FOUND, CA_E_AUTHORITY_KIND, HSM_E_*,
 * CA_E_OUTPUT.
 */
MC_MUST_CHECK enum mc_rc cd_sign(struct state *s, const char *signer, const struct mc_cd *cd, const char *path, bool pem,
    uint64_t *number, struct mc_err *e);

#endif
