/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup.h - a state in one encrypted file, and back. docs/backup.md is the runbook.
 *
 * In the file: heddle.conf, profiles/, batches/, the checkpoint, ledger.db as it was at one moment, for the
 * embedded token softhsm/ and pin, and a manifest. The checkpoint and the batches are read before the ledger, the
 * keys after it: so the ledger has all that was signed, and the token every key that the ledger names, whatever
 * is issued meanwhile.
 */
#ifndef CA_BACKUP_H
#define CA_BACKUP_H

#include "lib/note.h"
#include "state.h"

struct backup_facts {
    char origin[NOTE_ORIGIN_MAX + 1]; /* of the ledger */
    uint64_t entries;       /* of the ledger */
    uint64_t checkpoint;    /* entries that the checkpoint is over */
    int64_t time_unix;      /* when it was made */
    bool embedded;          /* the keys are in the file */
    char token[HSM_LABEL_MAX + 1];
    char keys_note[512];    /* where the keys of an outside token are, and how they are backed up */
    unsigned files;
    unsigned authorities, fabrics; /* restore: whose keys and secrets were proven */
};

struct backup_order {
    const char *out; /* must not exist */
    struct mc_span passphrase;
    unsigned cost; /* of a guess at the passphrase: SEAL_COST (backup_seal.h) */
};
/*
 * Writes the backup of an open state, and reads it again. The state is only read. CA_E_EXISTS, CA_E_OUTPUT, CA_E_DB_FULL, CA_E_LEDGER,
 * CA_E_CHECKPOINT_NONE, CA_E_PASSPHRASE_SHORT, HSM_E_STORE.
 */
MC_MUST_CHECK enum mc_rc backup_make(
    struct state *s, const struct backup_order *o, struct backup_facts *facts, struct mc_err *e);

struct restore_order {
    const char *file;
    const char *dir;               /* the state to be; NULL: check only */
    struct mc_span passphrase;
    const struct hsm_pin_source *pin; /* of an outside token; NULL: prompt */
    const char *module;            /* of an outside token, on this machine; NULL: not told */
    bool no_token;                 /* an outside token is not at hand: its keys are not looked at */
    const char *const *witness;    /* checkpoints that others kept; n of them */
    unsigned n_witness;
    void (*progress)(void *arg, uint64_t done, uint64_t total);
    void *arg;
};
/*
 * Unpacks beside dir, checks everything, and only then gives it its name: the file's own seal and digests, the whole
 * ledger, the checkpoint's signature, that the audit key and the key of each authority in the token are those of
 * the ledger (trial signatures), that each fabric's IPK opens. A module is code: the one that the backup names is
 * never loaded on its word, but the one that the caller names, which the restored heddle.conf then has; without one
 * an outside token is not opened: CA_E_USAGE, unless no_token. CA_E_EXISTS, CA_E_BACKUP_*, CA_E_PASSPHRASE,
 * CA_E_LEDGER, HSM_E_*.
 */
MC_MUST_CHECK enum mc_rc restore(const struct restore_order *o, struct backup_facts *facts, struct mc_err *e);

#endif
