/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attestation.h - the authorities of product attestation: PAA, PAI, signers of certification declarations (CD),
 * delegated signers of CRLs. They are authorities like those of fabrics (authority.h) but belong to none, and are
 * known by a name that no other of them has. What they sign: dac.h, and CRLs and CDs.
 */
#ifndef CA_ATTESTATION_H
#define CA_ATTESTATION_H

#include "authority.h"

/*
 * The attestation authority of this name, of kind (MC_KIND_UNKNOWN: any). CA_E_NAME, CA_E_NOT_FOUND,
 * CA_E_AUTHORITY_KIND.
 */
MC_MUST_CHECK enum mc_rc attestation_find(
    struct state *s, const char *name, enum mc_kind kind, struct ledger_authority *a, struct mc_err *e);
/* The same, with its key in the token: what can sign. Not a retired one (CA_E_AUTHORITY_STATE). HSM_E_KEY_*. */
MC_MUST_CHECK enum mc_rc attestation_issuer(
    struct state *s, const char *name, enum mc_kind kind, struct issuer *out, struct mc_err *e);
/* An authority whose certificate was revoked here signs nothing more. CA_E_AUTHORITY_STATE. */
MC_MUST_CHECK enum mc_rc attestation_check_not_revoked(
    struct state *s, const struct issuer *i, const char *name, struct mc_err *e);
/* Calls each() for every one of kind (MC_KIND_UNKNOWN: all), by number, until it returns false. */
MC_MUST_CHECK enum mc_rc attestation_each(struct state *s, enum mc_kind kind,
    bool (*each)(void *arg, const struct ledger_authority *a), void *arg, struct mc_err *e);

/*
 * The address of a CRL as an extension in out, and the signer of that CRL if it is not the issuer; *points stays
 * empty where url is "" or NULL. MC_E_CRL_URI, CA_E_USAGE, and those of attestation_find.
 */
MC_MUST_CHECK enum mc_rc attestation_crl_points(struct state *s, const char *url, const char *signer,
    uint8_t out[MC_CRL_POINTS_MAX], struct mc_span *points, struct mc_err *e);

/* What an attestation authority, or the CSR for one, shall say. */
struct attestation_order {
    enum mc_kind kind; /* PAA, PAI, CD_SIGNER, CRL_SIGNER */
    const char *name;
    const char *common_name; /* NULL: follows from the name ("NAME PAA") */
    bool has_vid, has_pid;
    uint16_t vid, pid;
    const char *signer;        /* name of the PAA (of a CRL signer: PAA or PAI); NULL: signs itself */
    struct mc_span crl_points; /* mc_crl_points_encode; n == 0: none */
};
/* The parts of a request that an order gives; common_name is room for one that follows from the name. */
#define ATTESTATION_NAME_ROOM (ENTRY_NAME_MAX + 32)
void attestation_fill(struct mc_request *r, const struct attestation_order *o, char common_name[ATTESTATION_NAME_ROOM]);
/* No attestation authority has this name. CA_E_NAME, CA_E_AUTHORITY_EXISTS. */
MC_MUST_CHECK enum mc_rc attestation_check_free(struct state *s, const char *name, struct mc_err *e);

/*
 * Key, intent, signature, entries. A name that is taken is refused before a key is made. CA_E_AUTHORITY_EXISTS, and the
 * codes of attestation_issuer, mc_profile_apply and issue_open.
 */
MC_MUST_CHECK enum mc_rc attestation_make(
    struct state *s, const struct attestation_order *o, struct ledger_authority *out, struct mc_err *e);

/*
 * A key in the token and a CSR for it, signed by it, for somebody else's PAA. The key's entry, with name and hash of
 * what is signed, is durable before the token is asked. A name that an authority has is refused. HSM_E_*.
 */
#define ATTESTATION_CSR_MAX 600
MC_MUST_CHECK enum mc_rc attestation_request(struct state *s, const struct attestation_order *o,
    uint8_t csr[ATTESTATION_CSR_MAX], size_t *n, struct mc_err *e);
/*
 * Takes in the answer: a PAI for a key of this token, judged with the PAA that signed it as commissioners judge it, and
 * by lint. The same certificate under the same name once more is no error. CA_E_AUTHORITY_EXISTS, HSM_E_KEY_NOT_FOUND,
 * MC_E_CHAIN_*, MC_E_ATT_*, MC_E_SIGNATURE, MC_E_LINT.
 */
MC_MUST_CHECK enum mc_rc attestation_import(struct state *s, const char *name, struct mc_span pai, struct mc_span paa,
    struct ledger_authority *out, struct mc_err *e);

#endif
