/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - attestation certificates from files and folders, each kept once, and CRLs of any size.
 */
#ifndef TOOL_POOL_H
#define TOOL_POOL_H

#include "lib/crl.h"
#include "tool.h"

struct pool_cert {
    char *path;
    struct mc_span der; /* on the heap */
    struct mc_cert c;   /* read under MC_RULES_X509; borrows from der */
};

/* The certificates stay where they are while the pool grows. */
struct pool {
    struct pool_cert **cert;
    size_t n, cap;
};

/*
 * Adds a certificate file, or every certificate of a folder. A file that cannot be read is reported and counted
 * in tally, and stops nothing; in a folder, what is known to be something else (a key, a CRL, JSON, text) is
 * passed over. MC_E_MEMORY, and those of io_list.
 */
MC_MUST_CHECK enum mc_rc pool_add(
    struct pool *p, struct cli *c, const char *path, struct tool_tally *tally, struct mc_err *e);
/* Adds one from DER; *out (may be NULL) is the one kept, an older one if the same octets are there. */
MC_MUST_CHECK enum mc_rc pool_add_der(
    struct pool *p, const char *path, struct mc_span der, const struct pool_cert **out, struct mc_err *e);
/* The next one at or behind *at with this subject and SKID; NULL if there is none. *at moves behind it. */
const struct pool_cert *pool_find(const struct pool *p, struct mc_span subject, struct mc_span skid, size_t *at);
/* Who issued c, by its issuer's name and its AKID; itself if it is self-issued. NULL if not here. */
const struct pool_cert *pool_issuer(const struct pool *p, const struct mc_cert *c);
void pool_free(struct pool *p);

/* A CRL from a file, PEM or DER, of up to MC_CRL_MAX octets. Borrows from text and scratch. */
struct crl_input {
    uint8_t *text, *scratch;
    struct mc_span der;
    struct mc_crl crl;
};
MC_MUST_CHECK enum mc_rc crl_load(const char *path, struct crl_input *in, struct mc_err *e);
void crl_unload(struct crl_input *in);

/* --at, or now; *has false with --no-time (where the verb has it). */
MC_MUST_CHECK enum mc_rc tool_time(const struct cli *c, bool *has, int64_t *unix_time, struct mc_err *e);
/* "6A:FD:..", as the DCL and logs write key ids; out holds 3 * 20. */
void tool_key_id(struct mc_span id, char out[3 * MC_KEY_ID_LEN + 1]);

#endif
