/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h - certificate revocation lists of Matter's attestation certificates (matter-attestation 5.1, 5.2; RFC
 * 5280 chapter 5).
 *
 *     CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }
 *     TBSCertList ::= SEQUENCE { version 1, signature, issuer, thisUpdate, nextUpdate OPTIONAL,
 *         revokedCertificates SEQUENCE OF SEQUENCE { serial, revocationDate, crlEntryExtensions OPTIONAL } OPTIONAL,
 *         crlExtensions [0] }
 *
 * A parsed struct mc_crl borrows from its input. Nothing allocates.
 */
#ifndef MC_CRL_H
#define MC_CRL_H

#include "cert.h"
#include "pubkey.h"

#define MC_CRL_MAX     0xFFFFFF /* octets of a CRL: der.h writes no longer element */
#define MC_CRL_POINT_MAX 256      /* octets of a distribution point's URI (6.4 R3) */

struct mc_crl_entry {
    struct mc_span serial;  /* INTEGER content octets, positive, at most 20 */
    int64_t time_unix;      /* revocationDate */
    struct mc_span issuer;  /* certificateIssuer, a DER Name; n == 0: the entry has none */
    struct mc_span implied; /* RFC 5280 5.3.3: issuer, or that of the entry before; n == 0: the CRL's */
    bool has_reason;
    uint8_t reason; /* CRLReason */
};

struct mc_crl {
    struct mc_dn issuer; /* issuer.der is the whole Name */
    int64_t this_update_unix, next_update_unix;
    bool has_next, has_akid;
    bool has_idp, idp_critical, indirect;
    bool partial;           /* the distribution point leaves certificates or reasons out, or this is a delta */
    unsigned n_uri;         /* names in the distribution point's fullName */
    struct mc_span uri;     /* the first of them, if it is a URI */
    struct mc_span akid;    /* 20 octets */
    struct mc_span number;  /* INTEGER content octets of cRLNumber; n == 0: none */
    struct mc_span entries; /* content of revokedCertificates */
    size_t n;               /* entries */
    size_t n_issuer;        /* entries with certificateIssuer */
    struct mc_span critical; /* OID of the first unknown critical extension; n == 0: none */
    struct mc_span tbs;      /* the signed octets, tag and length included */
    uint8_t sig[MC_SIG_LEN];
};

/*
 * Reads one whole CRL, strictly: version 2, ecdsa-with-SHA256, all entries. What Matter asks beyond the form is
 * mc_crl_check's. MC_E_CRL_FORM, MC_E_CRL_ENTRY, MC_E_TOO_BIG, and the codes of DER, names, times and signatures.
 */
MC_MUST_CHECK enum mc_rc mc_crl_parse(struct mc_span in, struct mc_crl *c, struct mc_err *e);

/* The entries of a parsed CRL, in order. */
struct mc_crl_cursor {
    const uint8_t *base, *p, *end;
    struct mc_span implied;
};
struct mc_crl_cursor mc_crl_begin(const struct mc_crl *c);
bool mc_crl_next(struct mc_crl_cursor *at, struct mc_crl_entry *x); /* false at the end */

/*
 * Matter's profile (5.1): key identifier, number and nextUpdate are there; not partial; no unknown critical
 * extension; an indirect CRL has a critical distribution point with one URI; certificateIssuer only in such a
 * one. MC_E_CRL_PROFILE.
 */
MC_MUST_CHECK enum mc_rc mc_crl_check(const struct mc_crl *c, struct mc_err *e);
/* c was signed by the owner of this certificate, who may: MC_E_CRL_SIGNER, MC_E_SIGNATURE. */
MC_MUST_CHECK enum mc_rc mc_crl_check_signer(
    struct mc_verifier *v, const struct mc_crl *c, const struct mc_cert *signer, struct mc_err *e);
/* thisUpdate <= now < nextUpdate. MC_E_CRL_DATE. */
MC_MUST_CHECK enum mc_rc mc_crl_check_date(const struct mc_crl *c, int64_t now_unix, struct mc_err *e);
/*
 * The format of a delegated signer (1.12, 6.4 R12): version 3, P-256, ecdsa-with-SHA256, basicConstraints
 * critical without cA, keyUsage critical with cRLSign and at most digitalSignature besides, a key identifier.
 * MC_E_CRL_SIGNER.
 */
MC_MUST_CHECK enum mc_rc mc_crl_check_delegate(const struct mc_cert *c, struct mc_err *e);

/* What a CRL says. Entries need serial and time_unix only; issuer is written where the CRL is indirect. */
struct mc_crl_draft {
    struct mc_span issuer; /* the signer's subject, a DER Name */
    struct mc_span akid;   /* the signer's SKID, 20 octets */
    uint64_t number;
    int64_t this_update_unix, next_update_unix;
    struct mc_span uri;    /* a critical issuingDistributionPoint with it; n == 0: none (not if indirect) */
    bool indirect;         /* every entry gets a critical certificateIssuer */
    struct mc_span authority; /* indirect: the subject of whose certificates these are */
    const struct mc_crl_entry *entry;
    size_t n;
};
/* Octets that the CRL needs at most. */
size_t mc_crl_bound(const struct mc_crl_draft *d);
/* TBSCertList; then the whole with r || s. MC_E_SPACE, MC_E_SERIAL, MC_E_TIME_ORDER, MC_E_CRL_PROFILE, MC_E_TOO_BIG. */
MC_MUST_CHECK enum mc_rc mc_crl_encode_tbs(
    const struct mc_crl_draft *d, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc mc_crl_assemble(
    struct mc_span tbs, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

/* One Name and nothing behind it, as X.509 has it: for the issuers of entries. */
MC_MUST_CHECK enum mc_rc mc_dn_parse_name(struct mc_span der, struct mc_dn *dn);
/* "keyCompromise"; "" for a number that has no name. */
const char *mc_crl_reason_name(uint8_t reason);

#endif
