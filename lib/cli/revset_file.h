/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revset_file.h - revocation sets from JSON files (matter-attestation 5.5), for both programs.
 */
#ifndef CLI_REVSET_FILE_H
#define CLI_REVSET_FILE_H

#include "lib/revset.h"

#define REVSET_FILE_MAX (64 * 1024 * 1024) /* octets of a file */

/* A set with what it borrows. */
struct revset_file {
    struct mc_revset set;
    struct mc_revset_entry *entry;
    struct mc_span *serial;
    uint8_t *octets;
};

/*
 * Reads a set strictly: an array of objects with the members of 5.5 and no others, hex in upper case, nothing too
 * large for a commissioner. A null delegator is kept as it is: look-ups find it broken, as commissioners do.
 * MC_E_JSON, MC_E_JSON_MEMBER, MC_E_REVSET, MC_E_MEMORY, and those of io_read. Clear with revset_file_clear.
 */
MC_MUST_CHECK enum mc_rc revset_file_read(const char *path, struct revset_file *f, struct mc_err *e);
MC_MUST_CHECK enum mc_rc revset_file_parse(struct mc_span text, struct revset_file *f, struct mc_err *e);
/* One object of a set, that stands at `where` in other JSON. */
struct json_t;
MC_MUST_CHECK enum mc_rc revset_file_take(
    const struct json_t *object, const char *where, struct revset_file *f, struct mc_err *e);
void revset_file_clear(struct revset_file *f); /* an empty struct is fine */

#endif
