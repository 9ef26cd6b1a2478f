/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revoke.h - revocation of attestation certificates: on record, then known by CRLs (matter-attestation 5).
 *
 * Matter's only means is the CRL: of the PAA or PAI itself, or of a delegate with a certificate from it. A CRL is a
 * numbered document (document.h) that lists all that its authority has revoked.
 */
#ifndef CA_REVOKE_H
#define CA_REVOKE_H

#include "attestation.h"
#include "document.h"
#include "lib/crl.h"

/* A certificate to be revoked, by its serial number. */
struct revoke_order {
    struct mc_span serial;
    struct mc_span der; /* n == 0, or the certificate, which must be the one on record */
    const char *why;    /* NULL or "": none */
};
struct revoke_result {
    uint64_t seq; /* the entry that revokes it */
    uint32_t authority;
    uint8_t kind; /* enum mc_kind */
    bool repeated; /* it was revoked before: by that entry */
};
/*
 * All of them in one transaction: all or none is on record. CA_E_NOT_FOUND (not on record, or another certificate
 * with this serial), CA_E_REVOKE_KIND (of a fabric, self-signed), CA_E_CLOCK.
 */
MC_MUST_CHECK enum mc_rc revoke(struct state *s, const struct revoke_order *o, size_t n, struct revoke_result *out,
    size_t *failed, struct mc_err *e);

/* A CRL to be signed. */
struct crl_order {
    const char *authority;  /* name of the PAA or PAI whose certificates it is about */
    const char *signer;     /* name of its delegate; NULL: the authority itself */
    const char *uri;        /* where it will be found; NULL: not said in it. A delegate's needs it */
    int64_t valid_seconds;  /* from now to nextUpdate, if until_unix is 0 */
    int64_t until_unix;     /* nextUpdate */
};
struct crl_made {
    uint64_t number;
    int64_t this_update_unix, next_update_unix;
    size_t revoked;
    uint32_t authority; /* whose certificates */
};
/*
 * Numbers, records, signs, verifies, writes it to path ("-": standard output) as DER or PEM, and records that it was
 * given out. The state is open for writing, with its token. CA_E_AUTHORITY_KIND, CA_E_CRL_SIGNER, MC_E_CRL_*,
 * HSM_E_*, CA_E_OUTPUT.
 */
MC_MUST_CHECK enum mc_rc crl_sign(struct state *s, const struct crl_order *o, const char *path, bool pem,
    struct crl_made *out, struct mc_err *e);

/* Whether an authority's CRL must be made anew. */
enum crl_need {
    CRL_NONE,       /* it never revoked anything, nor signed a CRL */
    CRL_GOOD,
    CRL_SOON,       /* its nextUpdate is near */
    CRL_EXPIRED,
    CRL_INCOMPLETE, /* something was revoked since */
    CRL_MISSING,    /* something was revoked and no CRL was given out */
};
const char *crl_need_name(enum crl_need n);
struct crl_status {
    struct ledger_authority authority;
    enum crl_need need;
    uint64_t number; /* of the last that was given out; 0: none */
    uint32_t signer; /* its signer */
    int64_t until_unix;
    uint64_t revoked, not_in_it; /* certificates; those that this CRL lacks */
};
/* Calls each() for every PAA and PAI, by number; soon_seconds is how near is near. */
MC_MUST_CHECK enum mc_rc crl_each(struct state *s, int64_t soon_seconds,
    bool (*each)(void *arg, const struct crl_status *x), void *arg, struct mc_err *e);

#endif
