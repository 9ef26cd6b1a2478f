/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority.h - keys that sign, and the fabrics they stand for.
 */
#ifndef CA_AUTHORITY_H
#define CA_AUTHORITY_H

#include "issue.h"
#include "lib/derive.h"

/*
 * Loads an authority and finds its key in the token: the certificate's key and the token's are compared.
 * HSM_E_KEY_*, CA_E_LEDGER.
 */
MC_MUST_CHECK enum mc_rc issuer_load(struct state *s, uint32_t number, struct issuer *out, struct mc_err *e);

/* The same without the token: out->key stays NULL. CA_E_LEDGER. */
MC_MUST_CHECK enum mc_rc issuer_read(const struct ledger_authority *a, struct issuer *out, struct mc_err *e);

struct fabric_options {
    const char *name;
    uint64_t fabric_id;
    bool ica;           /* make an ICA; else the root signs NOCs */
    bool pin_fabric_id; /* write the fabric id into the authorities' names */
};
/*
 * Makes the root key and the ICA key in the token, issues RCAC and ICAC, makes the IPK. An interruption
 * leaves no fabric; keys and certificates already made are on record and belong to none.
 * CA_E_NAME, CA_E_FABRIC_EXISTS, MC_E_FABRIC_ID, HSM_E_*.
 */
MC_MUST_CHECK enum mc_rc fabric_create(
    struct state *s, const struct fabric_options *o, struct ledger_fabric *out, struct mc_err *e);

/* The authority that signs NOCs: the ICA if there is one, else the root. */
uint32_t fabric_issuer(const struct ledger_fabric *f);
MC_MUST_CHECK enum mc_rc fabric_compressed_id(
    struct state *s, const struct ledger_fabric *f, uint8_t out[MC_COMPRESSED_LEN], struct mc_err *e);

/*
 * Gives out the epoch key of the fabric, after the fact was recorded. The caller wipes it. HSM_E_UNSEAL.
 */
MC_MUST_CHECK enum mc_rc fabric_ipk(
    struct state *s, const struct ledger_fabric *f, const char *why, uint8_t ipk[MC_IPK_LEN], struct mc_err *e);

/* 1..ENTRY_NAME_MAX of a-z A-Z 0-9 . _ -, not starting with . or -. CA_E_NAME. */
MC_MUST_CHECK enum mc_rc name_check(const char *name, struct mc_err *e);

#endif
