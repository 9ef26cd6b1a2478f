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

/* One more authority of a fabric. */
struct authority_order {
    enum mc_kind kind; /* RCAC or ICAC */
    enum authority_state state;
    const struct ledger_fabric *fabric;
    const struct issuer *signer; /* of an ICAC; NULL for an RCAC */
    bool pin_fabric_id;          /* a new name holds the fabric id */
    /*
     * NULL: a new key and a new name. Else a new certificate for the same key and name, so that whatever was signed by
     * the one hangs from the other as well; it becomes draining in the same transaction if the new one is active.
     */
    const struct issuer *renews;
    const struct ledger_authority *renewed; /* the same authority as its row says */
};
/* Key, intent, signature, entries. HSM_E_*, CA_E_LIFETIME, CA_E_CLOCK. */
MC_MUST_CHECK enum mc_rc authority_make(
    struct state *s, const struct authority_order *o, uint32_t *number, struct mc_err *e);

/* Inside a transaction: the STATE entry; rule and why may be "". */
MC_MUST_CHECK enum mc_rc authority_set_state(struct state *s, uint32_t number, enum authority_state state,
    const char *rule, const char *why, struct mc_err *e);

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

struct sealed_ipk {
    size_t n;
    uint8_t p[MC_IPK_LEN + HSM_SEAL_OVERHEAD];
};
/* Seals an epoch key to its fabric; given NULL: a new one. */
MC_MUST_CHECK enum mc_rc fabric_ipk_seal(struct state *s, uint64_t fabric_id, const uint8_t root_point[MC_POINT_LEN],
    const uint8_t *given, struct sealed_ipk *out, struct mc_err *e);
/* That the IPK on record opens with this token; nothing is recorded, nothing leaves. HSM_E_UNSEAL. */
MC_MUST_CHECK enum mc_rc fabric_ipk_check(struct state *s, const struct ledger_fabric *f, struct mc_err *e);

/* 1..ENTRY_NAME_MAX of a-z A-Z 0-9 . _ -, not starting with . or -. CA_E_NAME. */
MC_MUST_CHECK enum mc_rc name_check(const char *name, struct mc_err *e);

#endif
