/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h - what an authority signs besides certificates: CRLs, certification declarations, trust bundles. The
 * same promises hold as for certificates (issue.h):
 *
 *     document_begin     a transaction; the number that is next for this signer and kind
 *     document_commit    the octets to be signed are on record, durably, before the token is asked
 *     document_sign      the token signs; the signature is verified with the signer's key
 *     document_released  the document was written out: on record too
 *
 *     document_end       whatever came of it
 *
 * A process that dies in between burns the number: the next document gets another, and 'not released' is on record.
 * From begin to end one process has STATE/run/documents.lock, so that documents are written out in the order of their
 * numbers: an older CRL never takes the place of a newer one.
 */
#ifndef CA_DOCUMENT_H
#define CA_DOCUMENT_H

#include "authority.h"

struct document {
    enum entry_document what;
    uint32_t authority; /* who signs; 0: the audit key */
    uint32_t subject;   /* whose certificates a delegated CRL is about; 0: the signer's own */
    int64_t until_unix; /* when it must have been replaced; 0: never */
    const char *name;   /* for people; NULL: none */
    /* filled by the steps */
    uint64_t number;
    int64_t time_unix; /* of document_begin: what the document is dated with */
    uint8_t tbs_sha256[MC_DIGEST_LEN];
    bool locked;
    int lock;
};

/* CA_E_CLOCK, CA_E_BUSY (also: another process signs a document for too long). After a failure, and after a success that comes to nothing, ledger_rollback. */
MC_MUST_CHECK enum mc_rc document_begin(struct state *s, struct document *d, struct mc_err *e);
/* tbs: the octets that will be signed. Ends the transaction either way. */
MC_MUST_CHECK enum mc_rc document_commit(struct state *s, struct document *d, struct mc_span tbs, struct mc_err *e);
/* HSM_E_*; HSM_E_SIGN if the signature does not verify with point. */
MC_MUST_CHECK enum mc_rc document_sign(struct state *s, const struct document *d, struct hsm_key *key,
    const uint8_t point[MC_POINT_LEN], uint8_t sig[MC_SIG_LEN], struct mc_err *e);
MC_MUST_CHECK enum mc_rc document_released(struct state *s, const struct document *d, struct mc_err *e);
void document_end(struct document *d); /* also after a document_begin that failed, or none */

#endif
