/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge.h - certificates, CSRs, NOCSR elements and declarations that are right, or wrong in one named way.
 *
 * A draft is filled right for its kind; a fault changes one thing in it; the draft is written in DER and in
 * Matter TLV, and signed. The writers here keep no rule: what lib's encoders refuse is what is wanted. All
 * keys are made at run time and thrown away; nothing takes a key from outside.
 */
#ifndef FORGE_H
#define FORGE_H

#include <openssl/evp.h>

#include "tool.h"

#define FORGE_MARK      "HEDDLE FORGED TEST"
#define FORGE_FABRIC_ID UINT64_C(0xFFFFF06ED0000001) /* the fabric of all forged certificates */
#define FORGE_NODE_ID   UINT64_C(0x0000F06ED0000001)
#define FORGE_ROOM      2048

/* Kinds beside those of certificates. */
enum { FORGE_CSR = MC_KIND_COUNT, FORGE_NOCSR, FORGE_CD, FORGE_KINDS };
#define FORGE_BIT(k) (1u << (k))

struct forge_attr {
    uint8_t id, tag;
    bool joined; /* in the RDN of the attribute before it */
    uint64_t num;
    size_t n;
    char text[400];
};

struct forge_name {
    bool missing;
    unsigned n;
    struct forge_attr attr[10];
};

enum forge_critical { FORGE_NOT_CRITICAL, FORGE_IS_CRITICAL, FORGE_CRITICAL_FALSE };

struct forge_ext {
    uint8_t id;
    enum forge_critical critical;
    size_t n; /* > 0: whole is written as it is (a further extension, or a malformed one) */
    uint8_t whole[400];
};

enum forge_alg { FORGE_SHA256, FORGE_SHA256_NULL, FORGE_SHA1 };
enum forge_signature { FORGE_SIGNED, FORGE_FLIPPED, FORGE_PADDED, FORGE_NEGATIVE, FORGE_ZERO, FORGE_TRUNCATED };

/* What is done to the octets when all is written: no reader gets further. */
enum forge_mangle {
    FORGE_WHOLE,
    FORGE_LONG_LENGTH,   /* DER: the outer length takes an octet too many */
    FORGE_LONG_VERSION,  /* DER: so does the INTEGER of the version */
    FORGE_UNUSED_BITS,   /* DER: the key has an unused bit */
    FORGE_BROKEN_OID,    /* DER: the first OID ends inside of a number */
    FORGE_NO_INFO,       /* CSR: its first part is another element */
    FORGE_CUT,           /* the last octet is missing */
    FORGE_BOOLEAN_ALG,   /* TLV: the algorithm is a boolean */
    FORGE_WIDE_ALG,      /* TLV: the algorithm takes two octets */
    FORGE_EXTENSION_TAG, /* TLV: the first extension has a tag that none has */
};

#define FORGE_EXTS 26

struct forge_key {
    EVP_PKEY *key;
    uint8_t point[MC_POINT_LEN], id[MC_KEY_ID_LEN];
};

/* A certification declaration: each part as hex, "" to leave it out. */
struct forge_cd {
    const char *begin, *version, *vid, *pids, *device_type, *id, *level, *information, *number, *type, *end; /* of the payload */
    char lists[1024]; /* what follows the type */
    const char *content_type, *cms_version, *digests, *econtent_type, *before_signers;
    const char *signer_version, *signer_digest, *signed_attributes, *algorithm, *after_signature, *after_signer;
    const char *sid; /* NULL: the signer's key id */
    bool raw_signature;
};

struct forge_draft {
    unsigned kind;
    uint8_t version; /* 2 is v3 */
    bool no_serial, no_not_before, no_not_after, unique_id, trailing, generalized, no_is_ca;
    bool no_seconds; /* in notBefore */
    bool k1; /* the key is said to be on secp256k1 */
    bool rsa; /* and this one to be an RSA key */
    bool akid_more; /* the AKID has a serial number too */
    enum forge_mangle mangle;
    uint8_t serial[24];
    size_t serial_n;
    enum forge_alg alg, outer_alg;
    enum forge_signature signature;
    const struct forge_key *signer;
    struct forge_name issuer, subject;
    int64_t not_before_unix, not_after_unix;
    uint8_t point[MC_POINT_LEN + 8];
    size_t point_n;
    bool is_ca, has_path_len;
    uint8_t path_len, n_eku, eku[8];
    uint16_t ku;
    uint8_t skid[24], akid[24];
    size_t skid_n, akid_n;
    unsigned n_ext;
    struct forge_ext ext[FORGE_EXTS];
    const char *csr_attributes; /* in hex; NULL: an empty [0] */
    /* of NOCSR elements */
    bool no_csr, swapped, unknown_tag;
    size_t nonce_n, vendor_n;
    struct forge_cd cd;
};

struct forge_bytes {
    uint8_t p[FORGE_ROOM];
    size_t n;
};

/* One key for each kind that signs or is signed, and one that signs nothing else. */
struct forge_world {
    struct forge_key key[FORGE_KINDS], stranger, k1;
    int64_t now_unix;
};

enum { FORGE_DER = 1, FORGE_TLV = 2 };

/*
 * One fault. rule is what verify, csr check or the readers report (MC_OK: nothing, it is a matter for lint or
 * allowed); lint a rule id that lint reports, NULL where none is promised. sdk is what the SDK answers: FORGE_READ
 * if it cannot read the object, else a CHIP_ERROR number, for attestation a result code; 0 is accepted.
 */
#define FORGE_READ   0xFFFF
#define FORGE_FORMAT 0xFFFE /* 105, 203 or 303, as the certificate is PAA, PAI or DAC */
struct forge_fault {
    const char *name;
    uint32_t kinds;
    uint8_t forms;
    void (*apply)(struct forge_draft *d, const struct forge_world *w);
    enum mc_rc rule;
    uint32_t sdk;
    const char *lint;
    enum mc_rc rule_tlv; /* where the TLV form breaks another rule; else MC_OK */
};

extern const struct forge_fault forge_op_faults[], forge_att_faults[], forge_request_faults[], forge_lint_faults[],
    forge_cd_faults[]; /* end with name NULL */

const char *forge_kind_name(unsigned kind);
unsigned forge_kind_find(const char *name); /* 0: none */

/* Fills a draft of a declaration right; the DAC, PAI and PAA of the same world fit it. */
void forge_cd_fill(struct forge_draft *d);
MC_MUST_CHECK enum mc_rc forge_cd_write(const struct forge_draft *d, struct forge_bytes *out, struct mc_err *e);
/* The signature of the draft's signer over tbs, spoilt as the draft says. */
MC_MUST_CHECK enum mc_rc forge_sign(
    const struct forge_draft *d, struct mc_span tbs, uint8_t sig[MC_SIG_LEN], struct mc_err *e);
void forge_put_hex(struct mc_out *o, const char *hex);
MC_MUST_CHECK enum mc_rc forge_world_make(struct forge_world *w, int64_t now_unix, struct mc_err *e);
void forge_world_clear(struct forge_world *w);
/* A right draft of this kind. */
void forge_draft_fill(struct forge_draft *d, unsigned kind, const struct forge_world *w);
MC_MUST_CHECK enum mc_rc forge_write(const struct forge_draft *d, bool tlv, struct forge_bytes *out, struct mc_err *e);

/* For faults. */
void forge_add_text(struct forge_name *n, enum mc_attr_id id, uint8_t tag, const char *text);
void forge_add_num(struct forge_name *n, enum mc_attr_id id, uint64_t num);
void forge_drop_attr(struct forge_name *n, enum mc_attr_id id);
struct forge_attr *forge_find_attr(struct forge_name *n, enum mc_attr_id id);
struct forge_ext *forge_find_ext(struct forge_draft *d, enum mc_ext_id id);
void forge_add_ext(struct forge_draft *d, enum mc_ext_id id);
void forge_drop_ext(struct forge_draft *d, enum mc_ext_id id);
/* Replaces the extension of this id, or adds one, by octets in hex: the whole Extension. */
void forge_raw_ext(struct forge_draft *d, enum mc_ext_id id, const char *hex);

#endif
