/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_pack.h - the files of a state inside a sealed stream.
 *
 *     member  length of the name (2, big-endian), length of the content (8), name, content, SHA-256 of the content
 *     end     two zero octets, and nothing behind them
 *
 * Names are those of a state's files and nothing else: no other path can come out of a backup.
 */
#ifndef CA_BACKUP_PACK_H
#define CA_BACKUP_PACK_H

#include "backup_seal.h"

#define PACK_NAME_MAX 200

/* A name of a file that a backup may hold. */
bool pack_name_valid(const char *name);

/* The regular file at path, under name. CA_E_READ, CA_E_OUTPUT. */
MC_MUST_CHECK enum mc_rc pack_file(struct seal *s, const char *name, const char *path, struct mc_err *e);
MC_MUST_CHECK enum mc_rc pack_bytes(struct seal *s, const char *name, struct mc_span bytes, struct mc_err *e);
/*
 * All files below DIR/NAME, in order, with the same path in the backup; a folder that is not there has none. What
 * each process makes for itself (locks, scratch files) is left out.
 */
MC_MUST_CHECK enum mc_rc pack_tree(struct seal *s, const char *dir, const char *name, struct mc_err *e);
MC_MUST_CHECK enum mc_rc pack_end(struct seal *s, struct mc_err *e);

/*
 * Takes all members out: into dir, where no file may exist yet; dir NULL: only reads and checks them. n counts
 * files. CA_E_BACKUP_DAMAGED, CA_E_OUTPUT, CA_E_DB_FULL.
 */
MC_MUST_CHECK enum mc_rc unpack(struct seal *s, const char *dir, unsigned *n, struct mc_err *e);

#endif
