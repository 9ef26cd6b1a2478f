/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint.h - what is wrong, or unwise, about a certificate or CSR: one table of rules, each a small check.
 *
 * A finding is not an error of the library: linting succeeds whatever it finds. An object that cannot be
 * read at all gives one finding that names why. heddle lints every TBS before it signs it.
 */
#ifndef MC_LINT_H
#define MC_LINT_H

#include "csr.h"

enum mc_severity { MC_NOTICE, MC_WARNING, MC_ERROR };

/* Kinds of objects that rules apply to, as bits. The first ten are 1 << enum mc_kind. */
#define MC_LINT_KIND(k)     (1u << (k))
#define MC_LINT_CD_SIGNER   (1u << 16)
#define MC_LINT_CRL_SIGNER  (1u << 17)
#define MC_LINT_CSR         (1u << 18)
#define MC_LINT_UNKNOWN     (1u << 19)
#define MC_LINT_OPERATIONAL \
    (MC_LINT_KIND(MC_KIND_RCAC) | MC_LINT_KIND(MC_KIND_ICAC) | MC_LINT_KIND(MC_KIND_NOC) | \
        MC_LINT_KIND(MC_KIND_FIRMWARE_SIGNING) | MC_LINT_KIND(MC_KIND_VVSC))
#define MC_LINT_ATTESTATION (MC_LINT_KIND(MC_KIND_PAA) | MC_LINT_KIND(MC_KIND_PAI) | MC_LINT_KIND(MC_KIND_DAC))

/* What a check sees. */
struct mc_lint_input {
    uint32_t kind;             /* one MC_LINT_ bit */
    struct mc_verifier *v;
    const struct mc_cert *c;   /* parsed under MC_RULES_X509, or from TLV; NULL for a CSR */
    const struct mc_csr *csr;  /* NULL for a certificate; may be only partly read */
    const struct mc_cert *issuer; /* NULL: not known */
    struct mc_span whole;      /* the bytes as given */
    bool tbs_only;             /* a TBS before signing: no signature yet */
    int64_t now_unix;          /* 0: rules about now do not apply */
    enum mc_rc read_rc;        /* the reader's code and record, where the object cannot be read */
    const struct mc_err *read_err;
};

struct mc_rule {
    const char *id;     /* stable: "op-noc-ca-true" */
    enum mc_severity severity;
    uint32_t kinds;     /* MC_LINT_ bits */
    const char *since;  /* Matter version: "1.0" */
    const char *source; /* "matter-operational 1.4" */
    const char *text;   /* one sentence: what is wrong and why it matters */
    const char *cure;
    /* True: broken. what[] may get particulars. */
    bool (*broken)(const struct mc_lint_input *in, char *what, size_t cap);
};

struct mc_finding {
    const struct mc_rule *rule;
    char what[160];
};

/* The whole table, in order of documentation. */
const struct mc_rule *mc_lint_rules(size_t *n);
const struct mc_rule *mc_lint_find(const char *id);
/* Calls found() for each broken rule that applies, until it returns false. Gives the number of errors. */
unsigned mc_lint(const struct mc_lint_input *in, bool (*found)(void *arg, const struct mc_finding *f), void *arg);
/* The bit of a certificate as it presents itself (CD and CRL signers by their key usage and names). */
uint32_t mc_lint_kind_of(const struct mc_cert *c);
const char *mc_lint_kind_name(uint32_t kind);
uint32_t mc_lint_kind_find(const char *name); /* 0: none */

#endif
