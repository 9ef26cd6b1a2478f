/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_bundle.h - whom a commissioner trusts, in one dated file: PAAs, signers of declarations, revocation sets.
 *
 *     {"schema": "mattercert.trust/1", "date": TIME, "paas": [CERT...], "cd_signers": [CERT...],
 *      "revocation_sets": [objects of matter-attestation 5.5...]}
 *     CERT: {"subject": text for people, "key_id": 40 hex digits, "certificate": base64 of DER}
 *
 * The text of a bundle is canonical: what is in it stands once and in order, so that two bundles of the same things
 * differ in their date alone, and a signature over the text's hash is one over what is in it.
 */
#ifndef CLI_TRUST_BUNDLE_H
#define CLI_TRUST_BUNDLE_H

#include "lib/note.h"
#include "lib/revset.h"
#include "trust_store.h"

#define TRUST_BUNDLE_MAX    (64 * 1024 * 1024) /* octets of a file */
#define TRUST_BUNDLE_SCHEMA "mattercert.trust/1"

struct trust_cert {
    struct mc_cert c; /* read under MC_RULES_X509; borrows from octets */
    struct mc_span der;
    uint8_t octets[MC_CERT_DER_MAX];
};

struct trust_bundle {
    int64_t date_unix;
    struct trust_cert **paa, **signer; /* by key id, then octets */
    size_t n_paas, n_signers;
    struct mc_revset_entry *entry; /* by key id of the authority, then signer; each owns what it borrows */
    size_t n_entries;
    struct trust_left_out *left_out; /* what could not be used, and why */
    size_t n_left_out, cap_left_out;
};

/*
 * Each is judged by itself, copied, and kept once. A PAA must have the format of one and have signed itself, and is
 * not the CSA's certification root, which is none; a signer of declarations has a P-256 key and a key id of 20
 * octets; an entry of a revocation set is one that commissioners can use. MC_E_MEMORY, MC_E_CHAIN_KIND, and the codes
 * of the readers, mc_att_check_format and mc_revset_check_entry.
 */
MC_MUST_CHECK enum mc_rc trust_bundle_add_paa(
    struct trust_bundle *b, struct mc_verifier *v, struct mc_span der, struct mc_err *e);
MC_MUST_CHECK enum mc_rc trust_bundle_add_signer(struct trust_bundle *b, struct mc_span der, struct mc_err *e);
MC_MUST_CHECK enum mc_rc trust_bundle_add_entry(
    struct trust_bundle *b, const struct mc_revset_entry *x, struct mc_err *e);
/* The CSA's certification root, which lies among the PAAs that the DCL gives out and is none (1.11, 5.3). */
bool trust_is_csa_root(const struct mc_cert *c);
/* Remembers what is left out; name tells it. MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc trust_bundle_leave_out(
    struct trust_bundle *b, const char *name, const struct mc_err *why, struct mc_err *e);

/* The canonical text, malloc'ed. */
MC_MUST_CHECK enum mc_rc trust_bundle_text(const struct trust_bundle *b, char **out, size_t *n, struct mc_err *e);
/*
 * Reads a bundle. A bad entry never blocks the others: it goes to left_out. What is no bundle at all is refused:
 * MC_E_JSON, MC_E_JSON_MEMBER, MC_E_TRUST.
 */
MC_MUST_CHECK enum mc_rc trust_bundle_parse(
    struct mc_span text, struct mc_verifier *v, struct trust_bundle *b, struct mc_err *e);
void trust_bundle_clear(struct trust_bundle *b);

/* True if text begins like a JSON object: a bundle, not a certificate. */
bool trust_bundle_looks_like(struct mc_span text);
/* The set of a bundle's entries, for look-ups; borrows. */
struct mc_revset trust_bundle_revset(const struct trust_bundle *b);

/*
 * The signed note of a bundle (heddle trust sign): origin "ORIGIN/trust", the number of the signing, SHA-256 of the
 * text, signed by the audit key of the ledger ORIGIN. Another origin than a checkpoint's, so that neither passes for
 * the other.
 */
#define TRUST_NOTE_SUFFIX "/trust"
struct trust_note {
    char origin[NOTE_ORIGIN_MAX + 1]; /* of the ledger */
    uint64_t number;
};
/* MC_E_SIGNATURE, CA_E_NOTE, MC_E_TRUST (the note is of another bundle). */
MC_MUST_CHECK enum mc_rc trust_note_check(struct mc_verifier *v, struct mc_span note, struct mc_span text,
    const uint8_t point[MC_POINT_LEN], struct trust_note *out, struct mc_err *e);

#endif
