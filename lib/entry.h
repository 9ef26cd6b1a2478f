/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.h - the entries of the ledger, and their canonical bytes.
 *
 * An entry is one anonymous Matter TLV structure whose members stand in ascending order of their tags and
 * have minimal widths, so that one entry has exactly one encoding: the leaf of the Merkle tree is
 * SHA-256(0x00 || these bytes). A tag means the same field in every type; which fields a type has is in
 * the table of entry.c. docs/ledger.md says the same for strangers who check a ledger.
 */
#ifndef MC_ENTRY_H
#define MC_ENTRY_H

#include "cert.h"

enum entry_type {
    ENTRY_GENESIS = 1,   /* the state was made: origin, audit key */
    ENTRY_KEY = 2,       /* a key was made in the token */
    ENTRY_AUTHORITY = 3, /* a key became an authority: its certificate was issued or adopted */
    ENTRY_FABRIC = 4,    /* a fabric was made: name, id, root, ICA, sealed IPK */
    ENTRY_ISSUED = 5,    /* a certificate was issued */
    ENTRY_VOID = 6,      /* an intent was burned: its serial is used up, nothing was released */
    ENTRY_REFUSED = 7,   /* a request was refused by rule */
    ENTRY_SECRET = 8,    /* a secret (IPK) was given out on an explicit command; the seed of a batch was destroyed */
    ENTRY_STATE = 9,     /* an authority changed its state (rotation) */
    ENTRY_DECISION = 10, /* what the operator decided about a fabric: rule says what */
    ENTRY_ADOPTED = 11,  /* a node of a fabric from elsewhere came on record: its NOC, or its id alone */
    ENTRY_REVOKED = 12,  /* a certificate was revoked: no more than this; a CRL makes it known */
    ENTRY_DOCUMENT = 13, /* a numbered document (CRL, certification declaration, trust bundle) is signed */
    ENTRY_TYPE_COUNT
};

/* What kind of document: a number in entries. */
enum entry_document { DOCUMENT_CRL = 1, DOCUMENT_CD, DOCUMENT_TRUST, DOCUMENT_COUNT };

enum authority_state { AUTHORITY_PREPARED, AUTHORITY_ACTIVE, AUTHORITY_DRAINING, AUTHORITY_RETIRED };

#define ENTRY_MAX         2048 /* octets of one encoded entry */
#define ENTRY_NAME_MAX    64   /* octets of fabric names and key labels */
#define ENTRY_REQUEST_MAX 128  /* octets of a request id */
#define ENTRY_TEXT_MAX    256  /* octets of why */

/*
 * What each type means by its fields, beyond their names:
 *
 * GENESIS    the first entry and only the first; name is the origin, point the audit key.
 * KEY        comes before the AUTHORITY entry of the key. With name and tbs_sha256: the key signs a CSR for
 *            somebody else's authority, and tbs_sha256 is of its CertificationRequestInfo.
 * AUTHORITY  authority is its own number (set by the ledger), issuer the number of who signed, 0 if it is
 *            self-signed or was adopted from outside. serial is there if it was issued here: it belongs to
 *            an intent whose authority is the issuer, like the serial of an ISSUED entry. fabric is 0 for
 *            the first authorities of a fabric, which the FABRIC entry that follows takes into it. state
 *            is ACTIVE when absent. Authorities of product attestation (PAA, PAI, signers of CDs and CRLs)
 *            have a name that no other has, their certificate as DER, and never a fabric.
 * FABRIC     fabric is its own number (set by the ledger); root and ica are its authorities.
 * ISSUED     authority is the issuer; a NOC has fabric and node_id, which are those of the certificate; a DAC may
 *            have a name: the serial number of the device, which no other of its vendor and product has.
 * VOID       serial is the one that was burned; authority is 0 if it would have been self-signed.
 * REFUSED    serial only if the refusal came after the intent: it is burned like that of a VOID entry.
 * SECRET     with fabric: its IPK was given out. With batch: the seed of its devices' keys, of which authority is
 *            the issuer, does not exist any more (rule seed-destroyed).
 * STATE      an RCAC or ICAC that becomes ACTIVE takes the place of root or ica in its fabric.
 * DECISION   rule is node-removed or node-restored (node_id), cat-version (cat: from now on NOCs carry this
 *            version or a higher one) or fabric-replaced (name: of the fabric that takes its place).
 *
 * ADOPTED    with a certificate: authority is the issuer; the serial number is only in the certificate: it is not
 *            one of ours. Without: fabric and node_id alone; the node is there, and what it holds is not known.
 * REVOKED    serial of an ISSUED or AUTHORITY entry without fabric, authority its issuer; once for a serial.
 * DOCUMENT   without state: number is taken, one more than the last of this signer and kind, and tbs_sha256
 *            is of the octets that the token will be asked to sign; authority is the signer, 0 the audit key;
 *            issuer is the authority whose certificates a delegated CRL is about, 0 the signer's own; until
 *            is when a CRL must have been replaced (nextUpdate). With state ACTIVE: the document of the last
 *            such entry, with the same number and tbs_sha256, was signed, verified and written out.
 *
 * Numbers and spans; a span with n == 0 and a number with its has_ flag false is absent. Tag in comment.
 */
struct mc_entry {
    enum entry_type type;  /* 0 */
    uint64_t seq;          /* 1: index of the leaf, from 0; set by the ledger */
    int64_t time_unix;     /* 2 */
    uint32_t fabric;       /* 3: row number, from 1; 0 absent */
    uint32_t authority;    /* 4: row number of the issuer (ISSUED, VOID, REFUSED) or of itself; 0 absent */
    struct mc_span serial; /* 5: INTEGER content octets */
    struct mc_span request_id; /* 6: UTF-8 */
    struct mc_span cert_tlv;   /* 7: the certificate as Matter TLV */
    struct mc_span cert_der;   /* 8: as DER, only where it has no TLV form */
    struct mc_span csr_sha256; /* 9 */
    struct mc_span tbs_sha256; /* 10 */
    struct mc_span name;       /* 11: of a fabric or an attestation authority, a device's serial number, or the state's origin */
    bool has_fabric_id;
    uint64_t fabric_id;       /* 12 */
    struct mc_span point;     /* 13: 65 octets */
    struct mc_span key_id;    /* 14: CKA_ID */
    struct mc_span label;     /* 15: CKA_LABEL */
    uint8_t kind;             /* 16: enum mc_kind; 0 absent */
    struct mc_span rule;      /* 17: rule id of a refusal or reason of a void */
    struct mc_span why;       /* 18 */
    struct mc_span profile_sha256; /* 19: of the profile text */
    bool has_node_id;
    uint64_t node_id;             /* 20 */
    uint32_t root, ica;           /* 21, 22: authorities of a fabric; 0 absent */
    struct mc_span sealed;        /* 23: the IPK sealed under the token (hsm_seal) */
    bool has_state;
    uint8_t state;                /* 24: enum authority_state */
    uint64_t batch;               /* 25: batch number; 0 absent */
    struct mc_span content_sha256; /* 26: what the request asked for, canonically: same id, same content? */
    uint32_t issuer;               /* 27: authority that signed an AUTHORITY's certificate; 0 absent */
    uint32_t cat;                  /* 28: a CASE authenticated tag with its version; 0 absent */
    uint8_t document;              /* 29: enum entry_document; 0 absent */
    uint64_t number;               /* 30: of the document, from 1; 0 absent */
    uint64_t until_unix;           /* 31: 0 absent */
};

/* MC_E_SPACE, CA_E_LEDGER (fields that the type does not have, or lacks). */
MC_MUST_CHECK enum mc_rc mc_entry_encode(
    const struct mc_entry *x, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
/* x borrows from body. Strict: parses only what mc_entry_encode writes. CA_E_LEDGER. */
MC_MUST_CHECK enum mc_rc mc_entry_parse(struct mc_span body, struct mc_entry *x, struct mc_err *e);
const char *mc_entry_type_name(enum entry_type t);      /* "issued", ... */
const char *mc_authority_state_name(enum authority_state s);
const char *mc_document_name(enum entry_document d); /* "crl", "cd", "trust" */

#endif
