/* SPDX-License-Identifier: Apache-2.0 */
/* corpus.h - what the writers of seeds share: make_corpus.c, and one file for each further family of inputs. */
#ifndef FUZZ_CORPUS_H
#define FUZZ_CORPUS_H

#include <openssl/evp.h>

#include "fuzz.h"
#include "lib/profile.h"

/* A key that corpus.sh made and throws away. */
struct key {
    EVP_PKEY *pkey;
    uint8_t point[MC_POINT_LEN], id[MC_KEY_ID_LEN];
};

/* A PAA, PAI or DAC. */
struct attested {
    struct mc_profile profile;
    struct mc_request request;
    struct mc_cert cert;
    uint8_t tbs[MC_CERT_DER_MAX], der[MC_CERT_DER_MAX];
    size_t n;
};

/* Ends the program, and says what, if it is not ok. */
void must(bool ok, const char *what);
void write_seed(const char *target, const char *name, struct mc_span bytes);
void sign(const struct key *k, struct mc_span tbs, uint8_t sig[MC_SIG_LEN]);

/* CRLs of the PAA (k[0]) and the PAI (k[1]), revocation sets and trust bundles with them. */
void corpus_revocation(const struct key k[3], const struct attested *paa, const struct attested *pai);

#endif
