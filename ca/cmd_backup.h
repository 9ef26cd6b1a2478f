/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_backup.h - what verbs that write a backup share. */
#ifndef CA_CMD_BACKUP_H
#define CA_CMD_BACKUP_H

#include "backup.h"
#include "cmd.h"

#define PASSPHRASE_OPTIONS \
    {"passphrase-file", "FILE", "read the backup's passphrase from FILE (mode 0600, one line); else it is asked for", false, false, 0}, \
        {"passphrase-fd", "N", "read the backup's passphrase from descriptor N", false, false, 0}

struct passphrase {
    size_t n;
    uint8_t bytes[HSM_PIN_MAX + 1];
};
/* The passphrase that --passphrase-file or --passphrase-fd names, else asked for, twice for a new backup. The caller wipes it. */
MC_MUST_CHECK enum mc_rc cmd_passphrase(const struct cli *c, bool twice, struct passphrase *p, struct mc_err *e);
/* Opens the state and backs it up to out. As backup_make and cmd_open. */
MC_MUST_CHECK enum mc_rc cmd_backup_make(
    const struct cli *c, const char *out, const struct passphrase *p, struct backup_facts *facts, struct mc_err *e);
/* What stops a backup before it begins: the passphrase is too short, out exists or has no folder that can be written. */
MC_MUST_CHECK enum mc_rc cmd_backup_possible(const char *out, const struct passphrase *p, struct mc_err *e);

#endif
