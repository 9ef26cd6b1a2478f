/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.h - a fabric that was made elsewhere: its keys go into the token, its certificates into the ledger.
 *
 * What nodes hold stays what it is: the root, the ICA and the NOCs are recorded as they are, with their defects, and
 * what is issued from then on has none. Nothing of a foreign certificate but names, keys and ids is used again.
 */
#ifndef CA_ADOPT_H
#define CA_ADOPT_H

#include "authority.h"

/* A certificate in both forms; cert borrows from der. */
struct adopt_cert {
    size_t der_n, tlv_n;
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    struct mc_cert cert;
};
/*
 * Reads a certificate in any form. It must have both: what no node can hold has no fabric.
 * CA_E_FILE_NOT_FOUND, MC_E_*.
 */
MC_MUST_CHECK enum mc_rc adopt_read_cert(const char *path, struct adopt_cert *out, struct mc_err *e);
/* The same from octets. MC_E_*. */
MC_MUST_CHECK enum mc_rc adopt_parse_cert(struct mc_span text, struct adopt_cert *out, struct mc_err *e);
/*
 * Reads a P-256 private key: PEM or DER, SEC 1 or PKCS#8, not encrypted. The caller wipes it.
 * CA_E_KEY_FILE, CA_E_FILE_NOT_FOUND.
 */
MC_MUST_CHECK enum mc_rc adopt_read_key(const char *path, uint8_t scalar[HSM_SCALAR_LEN], struct mc_err *e);
/* The same from octets; false if they are no such key. */
bool adopt_parse_key(struct mc_span text, uint8_t scalar[HSM_SCALAR_LEN]);
/* Reads an epoch key: 16 octets, or 32 hex digits. The caller wipes it. CA_E_KEY_FILE. */
MC_MUST_CHECK enum mc_rc adopt_read_ipk(const char *path, uint8_t ipk[MC_IPK_LEN], struct mc_err *e);

struct adopt_order {
    const char *name;
    bool has_fabric_id;
    uint64_t fabric_id; /* where no certificate names it */
    const struct adopt_cert *root, *ica; /* ica NULL: the root signs NOCs */
    const uint8_t *root_key, *ica_key;   /* scalars */
    const uint8_t *ipk;                  /* NULL: a new one is made */
    const struct adopt_cert *const *noc;
    size_t n_noc;
    const uint64_t *node; /* ids of nodes, also of some that have a NOC here */
    size_t n_node;
    bool pass_over; /* NOCs that do not belong to the fabric are left out; else they stop the adoption */
};

struct adopt_result {
    struct ledger_fabric fabric;
    bool again;  /* the fabric was adopted before; what was not on record came to it */
    size_t nocs; /* that were recorded */
    size_t passed_over;
    uint64_t *node; /* that were recorded by their id alone */
    size_t n_node;
};
/*
 * Checks that all belongs together, imports the keys, records. An interruption leaves at most keys in the token that
 * no entry names; the same command then finds them there. A fabric that was adopted under this name with the same
 * root, ICA and fabric id is no error: nodes that are not on record come to it. *out is to be cleared in any case.
 * CA_E_ADOPT, CA_E_FABRIC_EXISTS, CA_E_KEY_TAKEN, HSM_E_KEY_OTHER, HSM_E_*, MC_E_CHAIN_*, MC_E_SIGNATURE.
 */
MC_MUST_CHECK enum mc_rc fabric_adopt(
    struct state *s, const struct adopt_order *o, struct adopt_result *out, struct mc_err *e);
void adopt_result_clear(struct adopt_result *r); /* of a zeroed one, too */

#endif
