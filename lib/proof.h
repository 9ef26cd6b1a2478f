/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof.h - that an entry is in a ledger, as one text that a stranger can check (C2SP tlog-proof).
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64 of the entry's bytes>
 *     index <number of the leaf, decimal>
 *     <base64 of a hash>                     the inclusion proof (RFC 6962 2.1.1), from the leaf up
 *     ...
 *
 *     <signed checkpoint>                    note.h, up to the end
 *
 * The entry's bytes are not protected by the text itself: their leaf hash is what the proof is about.
 */
#ifndef MC_PROOF_H
#define MC_PROOF_H

#include "entry.h"
#include "note.h"

#define MC_PROOF_HASHES   64
#define MC_PROOF_TEXT_MAX 12288 /* octets of the whole text */

struct mc_proof {
    uint64_t index;
    unsigned n;
    uint8_t hash[MC_PROOF_HASHES][MC_DIGEST_LEN];
    size_t entry_n;
    uint8_t entry[ENTRY_MAX];
    struct mc_span note; /* borrowed */
};

/* NUL-terminated; MC_PROOF_TEXT_MAX always suffices. MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc mc_proof_encode(
    const struct mc_proof *p, char *out, size_t cap, size_t *n, struct mc_err *e);
/* p->note borrows from text. MC_E_PROOF_FORM, with the line. */
MC_MUST_CHECK enum mc_rc mc_proof_parse(struct mc_span text, struct mc_proof *p, struct mc_err *e);
/*
 * Checks everything: the checkpoint is signed by this key, the entry is canonical and says its own index, and
 * leaf and hashes give the root that was signed. origin NULL: whatever the checkpoint names, since the key alone
 * says which ledger it is. x borrows from p. MC_E_PROOF_SIGNATURE, MC_E_PROOF_WRONG, CA_E_NOTE, CA_E_LEDGER (the
 * entry is not canonical).
 */
MC_MUST_CHECK enum mc_rc mc_proof_check(struct mc_verifier *v, const struct mc_proof *p, const char *origin,
    const uint8_t point[MC_POINT_LEN], struct mc_checkpoint *c, struct mc_entry *x, struct mc_err *e);

#endif
