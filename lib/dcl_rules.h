/* SPDX-License-Identifier: Apache-2.0 */
/* dcl_rules.h - what the tables of the ledger's rules share. Private to dcl*.c. */
#ifndef MC_DCL_RULES_H
#define MC_DCL_RULES_H

#include "dcl.h"

struct mc_dcl_table {
    const struct mc_dcl_rule *rule;
    size_t n;
};
extern const struct mc_dcl_table mc_dcl_any_rules, mc_dcl_format_rules, mc_dcl_child_rules, mc_dcl_point_rules;
#define DCL_TABLE(rules) {rules, sizeof(rules) / sizeof((rules)[0])}

/* A rule is a function of the case and of room for the reason. */
#define RULE(name) static enum mc_dcl_outcome name(const struct mc_dcl_case *c, char *why)
#define FAIL(...)    return mc_dcl_say(MC_DCL_FAILED, why, __VA_ARGS__)
#define UNKNOWN(...) return mc_dcl_say(MC_DCL_UNKNOWN, why, __VA_ARGS__)
#define PASS_IF(condition, ...)   \
    do {                          \
        if (condition)            \
            return MC_DCL_PASSED; \
        FAIL(__VA_ARGS__);        \
    } while (0)

#define NEED_LEDGER "give the certificates on the ledger with --ledger"
#define NEED_ASSOCIATED "give the VID that the ledger associates with the root, with --root-vid"

enum mc_dcl_outcome mc_dcl_say(enum mc_dcl_outcome outcome, char *why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Self-signed in the ledger's sense: it names itself as issuer, by key too if it names one. */
bool mc_dcl_is_self_signed(const struct mc_cert *c);
/* VID and PID of a subject or issuer; false where they are not well-formed. */
bool mc_dcl_ids(const struct mc_dn *dn, struct mc_att_ids *ids);
const struct mc_ext *mc_dcl_ext(const struct mc_cert *c, enum mc_ext_id id);
/* ecdsa-with-SHA256 and a P-256 key. */
bool mc_dcl_is_p256_sha256(const struct mc_cert *c);
/*
 * What Go's verifier asks of each certificate of a chain: valid now, no unknown critical extension, serverAuth if
 * it names purposes (6.1 C8).
 */
enum mc_dcl_outcome mc_dcl_go(const struct mc_dcl_case *c, const struct mc_cert *x, char *why);
/* parent is a CA that may sign certificates, and signed child (6.4, note). */
enum mc_dcl_outcome mc_dcl_link(
    const struct mc_dcl_case *c, const struct mc_cert *child, const struct mc_cert *parent, char *why);
/*
 * From leaf up to a root on the ledger, link by link, by issuer name and AKID. Where it ends: at *root (PASSED), at
 * a certificate that is not there (missing; UNKNOWN if not all of the ledger is known), or at a link that is broken.
 */
struct mc_dcl_path {
    const struct mc_cert *root;
    bool missing;
};
enum mc_dcl_outcome mc_dcl_chain(
    const struct mc_dcl_case *c, const struct mc_cert *leaf, struct mc_dcl_path *path, char *why);
/* One of the certificates that may be the parent, by issuer name and AKID; NULL if there is none. */
const struct mc_cert *mc_dcl_parent(const struct mc_dcl_case *c, const struct mc_cert *child);
/* The one on the ledger with the same subject and key id as cert; NULL if there is none. */
const struct mc_cert *mc_dcl_namesake(const struct mc_dcl_case *c);

#endif
