/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revocation.h - what the verbs about revocation share with those that verify.
 */
#ifndef TOOL_REVOCATION_H
#define TOOL_REVOCATION_H

#include "lib/cli/revset_file.h"
#include "pool.h"

const char *revocation_verdict_name(enum mc_revset_verdict v); /* "revoked", "not-revoked", ... */
/* The commissioner's result (matter-attestation 2.4, 5.6): 0, 202, 302 or 208. */
uint16_t revocation_result(enum mc_revset_verdict dac, enum mc_revset_verdict pai);

/* Entries of a set as they are made, with what they borrow beyond pool and CRLs. */
struct revset_maker {
    struct cli *c;
    struct mc_verifier *v;
    struct pool *pool;
    enum mc_revset_issuers issuers;
    bool has_now;
    int64_t now_unix;
    struct mc_revset_entry *entry;
    size_t n, cap;
    struct mc_span **serials; /* one list for each entry */
};
/* Checks the point against the CRL and adds its entry. The codes of mc_revset_check_point; MC_E_REVSET, MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc revset_maker_add(
    struct revset_maker *m, const struct mc_revset_point *p, const struct mc_crl *crl, struct mc_err *e);
/*
 * Adds the entries of a CRL whose signers are found in the pool: PAA, PAI or delegates of one, told by their
 * certificates. MC_E_CRL_SIGNER if none is there.
 */
MC_MUST_CHECK enum mc_rc revset_maker_add_crl(struct revset_maker *m, const struct mc_crl *crl, struct mc_err *e);
/* The set as JSON text, malloc'ed. */
MC_MUST_CHECK enum mc_rc revset_maker_text(const struct revset_maker *m, char **out, size_t *n, struct mc_err *e);
void revset_maker_free(struct revset_maker *m);

/* All CRLs of files and folders; the same CRL counts once. */
struct crl_list {
    struct crl_input *crl;
    char **path;
    size_t n, cap;
};
MC_MUST_CHECK enum mc_rc crl_list_add(
    struct crl_list *l, struct cli *c, const char *path, struct tool_tally *tally, struct mc_err *e);
void crl_list_free(struct crl_list *l);

/*
 * Distribution points as the DCL gives them (matter-attestation 5.3): an array of records, an object with one
 * under PkiRevocationDistributionPoint, or one record. Each record that a CRL is found for gives an entry.
 */
MC_MUST_CHECK enum mc_rc revset_maker_add_points(struct revset_maker *m, const char *path, const struct crl_list *crls,
    struct tool_tally *tally, struct mc_err *e);

/* The verbs. */
extern const struct cli_option tool_crl_show_options[], tool_crl_verify_options[], tool_revocation_make_options[],
    tool_revocation_show_options[], tool_revocation_check_options[];
enum mc_rc tool_crl_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_crl_verify(struct cli *c, struct mc_err *e);
enum mc_rc tool_revocation_make(struct cli *c, struct mc_err *e);
enum mc_rc tool_revocation_show(struct cli *c, struct mc_err *e);
enum mc_rc tool_revocation_check(struct cli *c, struct mc_err *e);

#endif
