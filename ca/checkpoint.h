/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint.h - the signed head of the ledger: made, kept in STATE/checkpoint, compared with the ledger.
 *
 * The file is a signed note (lib/note.h) by the audit key, whose public point and origin are in entry 0. It lies
 * beside the database so that a database that is older, cut, changed or exchanged is found at the next start.
 * Copies of it that are kept elsewhere (witnesses) find even a state that was exchanged as a whole.
 */
#ifndef CA_CHECKPOINT_H
#define CA_CHECKPOINT_H

#include "lib/note.h"
#include "state.h"

#define CHECKPOINT_FILE "checkpoint"

/* Who signs checkpoints: from entry 0. */
struct audit_key {
    char origin[NOTE_ORIGIN_MAX + 1];
    uint8_t point[MC_POINT_LEN], key_id[HSM_ID_LEN];
};
/* CA_E_LEDGER if entry 0 is not what it must be. */
MC_MUST_CHECK enum mc_rc audit_key_read(struct ledger *l, struct audit_key *k, struct mc_err *e);

/*
 * Compares a signed checkpoint with the ledger; name stands for it in sentences. CA_E_LEDGER, field
 * "checkpoint", with a sentence that says which: no checkpoint, signature, another ledger, rolled back, forked.
 */
MC_MUST_CHECK enum mc_rc checkpoint_compare(struct state *s, struct mc_span note, const char *name,
    struct mc_checkpoint *c, struct mc_err *e);

/*
 * For state_open: compares STATE/checkpoint and fills s->checkpoint. A missing file is no failure here
 * (s->checkpoint.missing). CA_E_LEDGER, CA_E_READ.
 */
MC_MUST_CHECK enum mc_rc checkpoint_guard(struct state *s, struct mc_err *e);

/*
 * Signs the present head and puts it in place of STATE/checkpoint, never in place of a newer one, and never if
 * the ledger does not continue the one that is there. The state is open for writing, its token too, and no
 * transaction is open; merges that are due in the ledger are done (ledger_maintain). HSM_E_*, CA_E_LEDGER,
 * CA_E_OUTPUT.
 */
MC_MUST_CHECK enum mc_rc checkpoint_make(struct state *s, struct mc_err *e);
/* The same, signed by another process that has the token open: sign() is asked once. */
struct checkpoint_signer {
    enum mc_rc (*sign)(void *arg, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN],
        uint8_t sig[MC_SIG_LEN], struct mc_err *e);
    void *arg;
};
MC_MUST_CHECK enum mc_rc checkpoint_make_by(struct state *s, const struct checkpoint_signer *by, struct mc_err *e);
/*
 * The same in two steps, where other work is done until the signature is there; without merges. The ledger may grow
 * between them.
 */
struct checkpoint_draft {
    struct audit_key key;
    struct mc_checkpoint c;
    size_t n;
    char body[NOTE_MAX];
    uint8_t digest[MC_DIGEST_LEN]; /* to be signed */
};
MC_MUST_CHECK enum mc_rc checkpoint_draft(struct state *s, struct checkpoint_draft *d, struct mc_err *e);
MC_MUST_CHECK enum mc_rc checkpoint_put(
    struct state *s, struct checkpoint_draft *d, const uint8_t sig[MC_SIG_LEN], struct mc_err *e);
/* Whether the last one is `checkpoint-every` entries or a day behind a ledger of so many entries. */
bool checkpoint_is_due(const struct state *s, uint64_t size);
/*
 * checkpoint_make if it is due. For commands that issue one
 * certificate: what they issued stands, whatever becomes of the checkpoint.
 */
MC_MUST_CHECK enum mc_rc checkpoint_make_due(struct state *s, struct mc_err *e);

/* The text of STATE/checkpoint; out holds NOTE_MAX + 1 octets. CA_E_FILE_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc checkpoint_text(const struct state *s, char *out, size_t *n, struct mc_err *e);

#endif
