/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_store.h - whom a commissioner trusts: PAAs and signers of declarations, from files and folders.
 *
 * A file holds a certificate in any form, PEM with many of them, or a trust bundle (trust_bundle.h), which brings
 * revocation sets as well. One that cannot be used never blocks the others; it is remembered with the reason.
 */
#ifndef CLI_TRUST_STORE_H
#define CLI_TRUST_STORE_H

#include "lib/cd.h"

#define TRUST_FILE_MAX (4 * 1024 * 1024)

struct trust_left_out {
    char *path;
    struct mc_err err;
};

struct trust_store {
    struct mc_cert *paa; /* read under MC_RULES_X509; each keeps the format of a PAA and has an SKID */
    size_t n_paas, cap_paas;
    struct mc_cd_key *signer;
    size_t n_signers, cap_signers;
    struct trust_left_out *left_out;
    size_t n_left_out, cap_left_out;
    struct trust_bundle *revoked; /* the entries of revocation sets that bundles held; NULL: none */
    uint8_t **octets; /* what the certificates borrow from */
    size_t n_octets, cap_octets;
};

/*
 * Adds what a file or a folder holds, files by name; an empty struct is a store. A self-issued CA that is a PAA by its format
 * is trusted as one. A signer of declarations is trusted if the CSA's certification root issued it. PAIs, DACs, keys,
 * CRLs and texts are passed over in a folder, and left out with the reason as a file.
 * MC_E_MEMORY, and those of io_read and io_list.
 */
MC_MUST_CHECK enum mc_rc trust_store_add(
    struct trust_store *t, struct mc_verifier *v, const char *path, struct mc_err *e);
/* Trusts a signer of declarations because its user says so. As above, MC_E_CURVE, MC_E_CHAIN_KEY_ID, and those of the readers. */
MC_MUST_CHECK enum mc_rc trust_store_add_signer(struct trust_store *t, const char *path, struct mc_err *e);
/* Adds what a bundle holds; copied. MC_E_MEMORY. */
struct trust_bundle;
MC_MUST_CHECK enum mc_rc trust_store_add_bundle(
    struct trust_store *t, const struct trust_bundle *b, struct mc_err *e);
void trust_store_clear(struct trust_store *t);

#endif
