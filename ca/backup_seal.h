/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_seal.h - an encrypted, authenticated stream of octets in a file, for backups. docs/backup.md has the form.
 *
 *     head (128) || chunk 0 || chunk 1 || ... || last chunk
 *
 *     head   magic (16), log2 N, r, p of scrypt, 0, time of making (8, big-endian), salt (32), zeros (4);
 *            SHA-256 of these 64 octets, which tells damage from a wrong passphrase; HMAC-SHA256 of them under the
 *            second half of what scrypt gives
 *     chunk  AES-256-GCM of 65536 octets (the last: 1 to 65536) and its tag of 16, under the first half; IV: number of
 *            the chunk (8, big-endian), zeros, and 1 in the last octet of the last chunk; the head is bound in
 *
 * The salt is random, so that no key is used for two files. Chunks that are missing, added, moved or of another
 * file, and an end that was cut off, fail to open.
 */
#ifndef CA_BACKUP_SEAL_H
#define CA_BACKUP_SEAL_H

#include "lib/buf.h"

#define SEAL_HEAD_LEN       128
#define SEAL_CHUNK          65536
#define SEAL_TAG_LEN        16
#define SEAL_PASSPHRASE_MIN 8
#define SEAL_COST           17 /* log2 N: 128 MiB and some tenths of a second for each guess */
#define SEAL_COST_MIN       14 /* the least that is read: for tests */

struct seal;

/* Starts a stream at the file's beginning. cost: SEAL_COST. CA_E_OUTPUT, MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc seal_create(
    int fd, struct mc_span passphrase, unsigned cost, struct seal **out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc seal_write(struct seal *s, const void *p, size_t n, struct mc_err *e);
/* Writes the last chunk; the file is not synced. */
MC_MUST_CHECK enum mc_rc seal_finish(struct seal *s, struct mc_err *e);

/* CA_E_BACKUP_FORM, CA_E_BACKUP_VERSION, CA_E_BACKUP_DAMAGED, CA_E_PASSPHRASE. */
MC_MUST_CHECK enum mc_rc seal_open(int fd, struct mc_span passphrase, struct seal **out, struct mc_err *e);
/* Exactly n octets, each of which was authenticated. CA_E_BACKUP_DAMAGED. */
MC_MUST_CHECK enum mc_rc seal_read(struct seal *s, void *p, size_t n, struct mc_err *e);
/* True when the last octet was read. */
bool seal_at_end(const struct seal *s);
int64_t seal_time_unix(const struct seal *s); /* when it was made, as the head says */
void seal_free(struct seal *s); /* wipes; NULL is fine; the file stays open */

/* All n octets to a descriptor, as they are. CA_E_OUTPUT, CA_E_DB_FULL. */
MC_MUST_CHECK enum mc_rc seal_write_fd(int fd, const uint8_t *p, size_t n, struct mc_err *e);

#endif
