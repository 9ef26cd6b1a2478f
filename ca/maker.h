/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maker.h - the steps that make one authority, whether of a fabric (authority.h) or of product attestation
 * (attestation.h): its key in the token, then the one path of issue.h.
 */
#ifndef CA_MAKER_H
#define CA_MAKER_H

#include "issue.h"

struct maker {
    struct issue issue;
    struct issuer self; /* its own key, as issuer of itself or of what comes next */
    struct profile_file profile;
    uint8_t key_id[HSM_ID_LEN];
    char label[HSM_KEY_LABEL_MAX + 1];
    const char *name; /* of an attestation authority; NULL: none */
    enum authority_state state;
};

/* Makes the key with the label "NAME ROLE". HSM_E_*. */
MC_MUST_CHECK enum mc_rc maker_key(
    struct state *s, struct maker *m, const char *name, const char *role, struct mc_err *e);
/* Intent, signature, checks; a failure burns the serial number. */
MC_MUST_CHECK enum mc_rc maker_sign(struct state *s, struct maker *m, struct mc_err *e);
/*
 * Inside a transaction: the entries of key (unless it is on record) and authority, and the end of the intent.
 * m->self.number is the new authority's.
 */
MC_MUST_CHECK enum mc_rc maker_append(struct state *s, struct maker *m, uint32_t issuer, struct mc_err *e);
/* The entry of a key alone: x->type KEY, to which the caller may add. Borrows from m. */
void maker_key_entry(const struct maker *m, int64_t time_unix, struct mc_entry *x);
/* Commits if rc is MC_OK, else rolls back. */
MC_MUST_CHECK enum mc_rc maker_finish(struct state *s, enum mc_rc rc, struct mc_err *e);

#endif
