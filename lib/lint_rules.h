/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint_rules.h - what the tables of rules share. Private to lint*.c.
 *
 * Everything that several rules ask for is gathered once, before the first check. A check looks at it, says
 * the particulars and returns true where its rule is broken.
 */
#ifndef MC_LINT_RULES_H
#define MC_LINT_RULES_H

#include "chain_rules.h"
#include "der.h"
#include "lint.h"

#define RCAC   MC_LINT_KIND(MC_KIND_RCAC)
#define ICAC   MC_LINT_KIND(MC_KIND_ICAC)
#define NOC    MC_LINT_KIND(MC_KIND_NOC)
#define FW     MC_LINT_KIND(MC_KIND_FIRMWARE_SIGNING)
#define NETID  MC_LINT_KIND(MC_KIND_NETWORK_IDENTITY)
#define VVSC   MC_LINT_KIND(MC_KIND_VVSC)
#define PAA    MC_LINT_KIND(MC_KIND_PAA)
#define PAI    MC_LINT_KIND(MC_KIND_PAI)
#define DAC    MC_LINT_KIND(MC_KIND_DAC)
#define CDS    MC_LINT_CD_SIGNER
#define CRLS   MC_LINT_CRL_SIGNER
#define CSR    MC_LINT_CSR
#define OP     MC_LINT_OPERATIONAL
#define OP_CA  (RCAC | ICAC)
#define OP_END (NOC | FW | VVSC)
#define ATT    MC_LINT_ATTESTATION
#define ATT_CA (PAA | PAI)
#define MATTER (OP | NETID | MC_LINT_UNKNOWN) /* must exist in both forms */
#define X509   (MATTER | ATT | CDS | CRLS)    /* every certificate */

/* An extension's value read leniently, where the certificate's reader found no Matter form. */
struct mc_lint_constraints {
    bool readable, is_ca, has_path_len;
    uint64_t path_len;
};

enum mc_lint_key_id { MC_KEY_ID_UNKNOWN, MC_KEY_ID_SHA1, MC_KEY_ID_SHA256, MC_KEY_ID_OTHER };

/* VID or PID of a name (matter-attestation 1.4). */
enum mc_lint_id_state { MC_ID_ABSENT, MC_ID_FOUND, MC_ID_BAD };
struct mc_lint_id {
    enum mc_lint_id_state state;
    uint16_t value;
};
struct mc_lint_product {
    bool by_oid; /* an attribute of its own stands, so what the common name says does not count */
    struct mc_lint_id vid, pid;         /* what a verifier gets */
    struct mc_lint_id cn_vid, cn_pid;   /* what the common names say */
    struct mc_lint_id oid_vid, oid_pid; /* what the attributes say */
};

struct mc_lint_facts {
    uint8_t subject[MC_ATTR_COUNT], issuer[MC_ATTR_COUNT]; /* how often each attribute stands, broken ones too */
    uint8_t subject_rdns, issuer_rdns;
    const struct mc_ext *ext[MC_EXT_FUTURE]; /* the first of each known kind */
    bool self_issued;
    struct mc_lint_constraints bc;
    enum mc_lint_key_id key_id;
    bool alg_parameters, unique_id, generalized_early; /* of the octets */
    struct mc_lint_product product, issuer_product;    /* attestation kinds only */
};

struct mc_lint_check {
    const struct mc_lint_input *in;
    const struct mc_cert *c;
    struct mc_lint_facts f;
    struct mc_finding finding;
};

/* Writes the particulars; true, so that a check can end with it. */
bool mc_lint_say(struct mc_lint_check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));

void mc_lint_gather(struct mc_lint_check *k);
void mc_lint_product_of(const struct mc_dn *dn, struct mc_lint_product *p);
/* Upper-case digits only. */
bool mc_lint_upper_hex(struct mc_span text, uint64_t *value);
/* The attribute's id by its OID, also where its value is broken. */
enum mc_attr_id mc_lint_attr_id(const struct mc_attr *a);
/* The first attribute with this id, or NULL. */
const struct mc_attr *mc_lint_attr(const struct mc_dn *dn, enum mc_attr_id id);

static inline bool mc_lint_kinds(const struct mc_lint_check *k, uint32_t kinds)
{
    return (k->in->kind & kinds) != 0;
}

/* The known extension is there and its criticality is not the one that it must have. */
bool mc_lint_critical_wrong(const struct mc_lint_check *k, enum mc_ext_id id);

struct mc_rule_table {
    const struct mc_rule *rules;
    size_t n;
};
#define MC_RULE_TABLE(rules) {rules, sizeof(rules) / sizeof((rules)[0])}

extern const struct mc_rule_table mc_rules_x509, mc_rules_time, mc_rules_read, mc_rules_op_name, mc_rules_op_attr, mc_rules_op_ext,
    mc_rules_op, mc_rules_att_name, mc_rules_att_ext, mc_rules_att, mc_rules_csr;

#endif
