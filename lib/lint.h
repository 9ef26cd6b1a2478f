/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint.h - what is wrong, or unwise, about a certificate or CSR: one table of rules, each a small check.
 *
 * A finding is not an error of the library: linting succeeds whatever it finds. An object that cannot be
 * read at all gives one finding that names why. heddle lints every TBS before it signs it. Nothing allocates.
 *
 * Severities: an error is what a conforming node or commissioner refuses or the format forbids; a warning
 * works today but breaks with some implementation, or is unwise; a notice is worth knowing.
 */
#ifndef MC_LINT_H
#define MC_LINT_H

#include "csr.h"

enum mc_severity { MC_NOTICE, MC_WARNING, MC_ERROR };

/* Kinds of objects that rules apply to, as bits: 1 << enum mc_kind, unknown being the first, and one for CSRs. */
#define MC_LINT_KIND(k)     (1u << (k))
#define MC_LINT_UNKNOWN     MC_LINT_KIND(MC_KIND_UNKNOWN)
#define MC_LINT_CD_SIGNER   MC_LINT_KIND(MC_KIND_CD_SIGNER)
#define MC_LINT_CRL_SIGNER  MC_LINT_KIND(MC_KIND_CRL_SIGNER)
#define MC_LINT_CSR         (1u << 18)
#define MC_LINT_OPERATIONAL                                                                                  \
    (MC_LINT_KIND(MC_KIND_RCAC) | MC_LINT_KIND(MC_KIND_ICAC) | MC_LINT_KIND(MC_KIND_NOC) |                   \
        MC_LINT_KIND(MC_KIND_FIRMWARE_SIGNING) | MC_LINT_KIND(MC_KIND_VVSC))
#define MC_LINT_ATTESTATION                                                                                  \
    (MC_LINT_KIND(MC_KIND_PAA) | MC_LINT_KIND(MC_KIND_PAI) | MC_LINT_KIND(MC_KIND_DAC))

/* What is linted. Set what is known, leave the rest zero. */
struct mc_lint_input {
    uint32_t kind; /* one MC_LINT_ bit */
    struct mc_verifier *v;
    const struct mc_cert *c;      /* read under MC_RULES_X509, or from TLV, or built; NULL for a CSR */
    const struct mc_csr *csr;     /* NULL for a certificate */
    const struct mc_cert *issuer; /* NULL: not known. Must be readable; its own rules are not looked at */
    struct mc_span whole;         /* the bytes as given; empty for a TBS */
    bool tbs_only;                /* a TBS before signing: no signature yet, and its key was checked */
    int64_t now_unix;             /* 0: rules about now do not apply */
    enum mc_rc read_rc;           /* the reader's code, where the object cannot be read: then c and csr are NULL */
    const struct mc_err *read_err; /* and its record */
};

struct mc_lint_check; /* what a check sees: lint_rules.h */

struct mc_rule {
    const char *id; /* stable: "op-leaf-ca-true" */
    enum mc_severity severity;
    uint32_t kinds;     /* MC_LINT_ bits */
    const char *since;  /* Matter version: "1.0" */
    const char *source; /* "matter-operational 1.4" */
    const char *text;   /* one sentence: what is wrong and why it matters */
    const char *cure;
    enum mc_rc code; /* the reader's refusal or obstacle that this rule explains; MC_OK: none */
    bool (*broken)(struct mc_lint_check *k); /* NULL: only by its code */
};

struct mc_finding {
    const struct mc_rule *rule;
    char what[160]; /* particulars, or "" */
};

/* The i-th rule, in order of documentation; NULL behind the last. */
const struct mc_rule *mc_lint_rule(size_t i);
const struct mc_rule *mc_lint_find(const char *id);

/* Calls found() for each broken rule that applies, until it returns false. Gives the number of errors. */
unsigned mc_lint(
    const struct mc_lint_input *in, bool (*found)(void *arg, const struct mc_finding *f), void *arg);

/* MC_E_LINT if a rule of severity error is broken, as mc_lint_tbs. */
MC_MUST_CHECK enum mc_rc mc_lint_check_errors(const struct mc_lint_input *in, struct mc_err *e);
/*
 * What heddle asks before it signs: c is what the TBS is encoded from, issuer NULL for a root. MC_E_LINT if a
 * rule of severity error is broken; e gets its id, particulars and sentence.
 */
MC_MUST_CHECK enum mc_rc mc_lint_tbs(struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer,
    uint32_t kind, struct mc_err *e);

/*
 * The bit of a certificate as it presents itself: its kind, or the one that it comes nearest to; CD signers by
 * their name, CRL signers by their key usage.
 */
uint32_t mc_lint_kind_of(const struct mc_cert *c);
const char *mc_lint_kind_name(uint32_t kind);
uint32_t mc_lint_kind_find(const char *name); /* 0: none */
const char *mc_severity_name(enum mc_severity s);

#endif
