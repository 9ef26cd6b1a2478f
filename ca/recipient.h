/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recipient.h - handing secrets over: a text sealed to the holder of a certificate, as CMS EnvelopedData (RFC 5652)
 * with AES-256-CBC. RSA keys by OAEP with SHA-256, EC keys by ECDH with SHA-256. `openssl cms -decrypt` opens it.
 */
#ifndef CA_RECIPIENT_H
#define CA_RECIPIENT_H

#include "lib/buf.h"

#define RECIPIENT_CERT_MAX 8192 /* octets of DER */
#define SEALED_MAX         6144 /* octets of DER: a device's record to a key of at most 4096 bits */

struct recipient;

/* Reads the certificate (PEM or DER) and tries it. CA_E_RECIPIENT, CA_E_FILE_NOT_FOUND, CA_E_READ. */
MC_MUST_CHECK enum mc_rc recipient_read(const char *path, struct recipient **out, struct mc_err *e);
/* The same from DER. */
MC_MUST_CHECK enum mc_rc recipient_new(struct mc_span der, struct recipient **out, struct mc_err *e);
void recipient_free(struct recipient *r); /* NULL is fine */
/* Its certificate; lives as long as r. */
struct mc_span recipient_der(const struct recipient *r);

/* MC_E_CRYPTO; MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc recipient_seal(
    const struct recipient *r, struct mc_span secret, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

#endif
