/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - operational chains: RCAC, at most one ICAC, NOC. Two judges.
 *
 * mc_chain_check applies all the rules and says what is right. mc_chain_check_sdk applies the checks of the
 * deployed SDK in its order (matter-operational 3.2, 3.3, 3.5) and says what a node answers; the SDK accepts
 * some chains that are wrong and hides most causes.
 */
#ifndef MC_CHAIN_H
#define MC_CHAIN_H

#include "pubkey.h"

enum mc_chain_cert { MC_CHAIN_NONE, MC_CHAIN_ROOT, MC_CHAIN_ICA, MC_CHAIN_LEAF };

enum mc_time_source {
    MC_TIME_CURRENT,    /* at_unix is the time now */
    MC_TIME_LAST_KNOWN, /* at_unix is a last-known-good time: notBefore is not considered */
    MC_TIME_UNKNOWN,    /* validity is not considered */
};

struct mc_chain {
    const struct mc_cert *root, *ica, *leaf; /* ica NULL: none */
    enum mc_time_source time_source;
    int64_t at_unix;
    enum mc_kind leaf_kind; /* what the leaf must be; MC_KIND_NOC as a rule */
    bool root_trusted; /* the caller has verified the root's self-signature, or trusts its key without */
};

/* Numbers of the SDK's CHIP_ERROR (matter-operational 3.1); 0 is no error. */
struct mc_sdk_error {
    uint32_t number;
    const char *name; /* without the prefix: "CA_CERT_NOT_FOUND" */
};
/* By number or by name (with or without prefix, any case); NULL if there is none. */
const struct mc_sdk_error *mc_sdk_error_find(uint32_t number);
const struct mc_sdk_error *mc_sdk_error_find_name(const char *name);

struct mc_verdict {
    enum mc_rc rc;             /* MC_OK: accepted */
    enum mc_chain_cert where;  /* which certificate breaks the rule */
    struct mc_err err;
    /* the SDK's judge only: */
    uint32_t sdk_error;        /* CHIP_ERROR number that surfaces */
    uint8_t noc_status;        /* NOCResponse.StatusCode of AddNOC: 0 OK, 1 InvalidPublicKey, ... */
    uint32_t inner_error;      /* the cause that the SDK only logs; 0 if it is the same */
    uint64_t node_id, fabric_id; /* of an accepted leaf */
};

/*
 * A certificate with an obstacle breaks that rule. The root's self-signature, every signature, names,
 * key identifiers, kinds, basic constraints, key usages, fabric ids, CATs, sizes, unknown critical extensions,
 * periods. MC_OK in out->rc or the first rule that is broken; the return value is the same.
 *
 * Two things are the linter's, because deployed chains that work break them: a key identifier that is not the
 * hash of its key (controllers differ in the hash), and a period that does not lie within the issuer's.
 */
enum mc_rc mc_chain_check(struct mc_verifier *v, const struct mc_chain *chain, struct mc_verdict *out);
/* As AddTrustedRootCertificate, then AddNOC or CASE would judge. */
enum mc_rc mc_chain_check_sdk(struct mc_verifier *v, const struct mc_chain *chain, struct mc_verdict *out);
/* ValidateChipRCAC (3.5): what AddTrustedRootCertificate asks of a root. */
enum mc_rc mc_root_check_sdk(struct mc_verifier *v, const struct mc_cert *root, struct mc_verdict *out);
/* The rules for one certificate of a kind (profile, names, key identifiers), without its issuer. */
enum mc_rc mc_cert_check_kind(struct mc_verifier *v, const struct mc_cert *c, enum mc_kind kind, struct mc_err *e);

#endif
