/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revset.h - revocation sets: what commissioners ask whether a DAC or PAI is revoked (matter-attestation 5.4
 * to 5.6). A set is made from CRLs; its text is the JSON of the Matter SDK.
 *
 * Nothing allocates: a set borrows from whoever read or made it.
 */
#ifndef MC_REVSET_H
#define MC_REVSET_H

#include "crl.h"

#define MC_REVSET_NAME_MAX 200 /* octets of a name that commissioners can look up (1.3) */

/* One object of the set: the certificates of one authority that one signer's CRLs revoke. */
struct mc_revset_entry {
    struct mc_span issuer_name;   /* the authority's subject, a DER Name */
    struct mc_span issuer_key_id; /* the authority's SKID, 20 octets */
    struct mc_span signer;        /* certificate of the CRL's signer, DER */
    bool has_delegator;           /* the member stands, whatever it holds */
    struct mc_span delegator;     /* who delegated, DER; n == 0: null, which commissioners take for a broken one */
    const struct mc_span *serial; /* magnitudes: big-endian, no leading zero octet */
    size_t n_serial;
};

struct mc_revset {
    const struct mc_revset_entry *entry;
    size_t n;
};

enum mc_revset_verdict {
    MC_REVSET_NOTHING, /* the set has nothing about this issuer */
    MC_REVSET_GOOD,    /* it has, and the certificate is not among the revoked */
    MC_REVSET_REVOKED,
    MC_REVSET_BROKEN, /* an entry of this issuer is not vouched for by its own certificates: commissioners stop
                         there and take the certificate for not revoked */
};

/*
 * Looks a certificate up as the SDK does: entries in order, those of another issuer name or key id skipped; the
 * certificate that stands for the authority (the delegator if the member is there, else the signer) must have
 * that subject and SKID; then serials are compared. serial is INTEGER content, with or without a leading zero
 * octet. *at (may be NULL) gets the index of the entry that decided, or set->n.
 */
enum mc_revset_verdict mc_revset_find(const struct mc_revset *set, struct mc_span issuer_name, struct mc_span akid,
    struct mc_span serial, size_t *at);
/* The same for a certificate that was read from DER; one without an AKID of 20 octets has nothing in any set. */
enum mc_revset_verdict mc_revset_find_cert(const struct mc_revset *set, const struct mc_cert *c, size_t *at);

/* INTEGER content without the zero octet that a set top bit needs. */
struct mc_span mc_serial_magnitude(struct mc_span serial);
/*
 * False for a serial with its top bit set: commissioners on mbedTLS compare the leading zero octet too, and
 * never find it (5.6).
 */
bool mc_serial_is_portable(struct mc_span serial);

/*
 * What an entry must hold so that every commissioner can use it: names and certificates of the sizes above and
 * of 600 octets, a key id of 20, serials of 1 to 20 octets without leading zero, and an authority certificate
 * with that name and key id. MC_E_REVSET.
 */
MC_MUST_CHECK enum mc_rc mc_revset_check_entry(const struct mc_revset_entry *x, struct mc_err *e);

/*
 * A distribution point, as a DCL record names it or as the certificates themselves tell (5.2 to 5.4). The
 * certificates were read from DER under MC_RULES_X509.
 */
struct mc_revset_point {
    bool is_paa;                     /* PAAs sign, or delegate; else PAIs */
    bool has_vid, has_pid;           /* of the record; without has_vid neither is compared */
    uint16_t vid, pid;
    const struct mc_cert *signer;    /* of the CRL */
    const struct mc_cert *delegator; /* NULL: none was given */
    const struct mc_cert *paa;       /* the root that the chain ends with */
    struct mc_span issuer_key_id;    /* of the record; n == 0: not compared */
    struct mc_span data_url;         /* of the record; n == 0: not compared */
    bool shared;                     /* other records have the same vid and key id: the URL must be in the CRL */
    bool has_now;
    int64_t now_unix;
};
/*
 * Everything of 5.4 but the download, in its order: ids, chain, CRL against signer, its signature and dates (with
 * has_now), URL, authority. *authority is then the certificate whose certificates are revoked: the PAA, the
 * delegator, or the signer. MC_E_REVSET_POINT, MC_E_ATT_VID, MC_E_ATT_PID, MC_E_CHAIN_*, MC_E_SIGNATURE, MC_E_CRL_*.
 */
MC_MUST_CHECK enum mc_rc mc_revset_check_point(struct mc_verifier *v, const struct mc_revset_point *p,
    const struct mc_crl *crl, const struct mc_cert **authority, struct mc_err *e);

/* One link of that chain: names, key identifiers, the right to sign, signature. */
MC_MUST_CHECK enum mc_rc mc_revset_check_link(struct mc_verifier *v, const struct mc_cert *child,
    const struct mc_cert *parent, const char *field, struct mc_err *e);

/* How entries of a CRL that name no certificateIssuer are taken (5.1). */
enum mc_revset_issuers {
    MC_REVSET_ISSUERS_SDK,  /* they are of the authority at hand, as the SDK's script takes them */
    MC_REVSET_ISSUERS_RFC,  /* RFC 5280 5.3.3: of the issuer that an entry before named, or of the CRL's issuer */
};
/*
 * The serials of a CRL that are of this authority, in the CRL's order; serial holds cap. *unnamed gets how many of
 * them name no issuer although an entry before named another than the authority: the two ways differ there.
 * MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc mc_revset_collect(const struct mc_crl *crl, struct mc_span authority_name,
    enum mc_revset_issuers issuers, struct mc_span *serial, size_t cap, size_t *n, size_t *unnamed);

/* Octets that the JSON text needs at most. */
size_t mc_revset_json_bound(const struct mc_revset *set);
/*
 * The JSON text as the SDK publishes it: indented by four spaces, members in the order of 5.5, no delegator
 * member where there is none, serials on one line if that has at most 80 characters, a newline at the end.
 * Entries must pass mc_revset_check_entry. MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc mc_revset_encode_json(
    const struct mc_revset *set, char *out, size_t cap, size_t *n, struct mc_err *e);

#endif
