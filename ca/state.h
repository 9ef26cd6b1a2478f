/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state directory: made once, opened by every command (design section 4).
 *
 *     heddle.conf  ledger.db  checkpoint  profiles/  softhsm/  pin  run/
 *
 * The directory belongs to its user alone (mode 0700). Commands that only read open no token.
 */
#ifndef CA_STATE_H
#define CA_STATE_H

#include "config.h"
#include "instance.h"
#include "ledger.h"
#include "lib/profile.h"

#define STATE_PATH_MAX 1024

struct profile_file {
    struct mc_profile profile;
    uint8_t sha256[MC_DIGEST_LEN]; /* of the text */
};

/* STATE/checkpoint as it was when the state was opened, or made since (checkpoint.h). */
struct state_checkpoint {
    bool missing;
    uint64_t size;
    int64_t time_unix; /* of the file */
};

struct state {
    char dir[STATE_PATH_MAX]; /* absolute */
    struct config config;
    struct ledger *ledger;
    struct state_checkpoint checkpoint;
    struct mc_verifier *verifier;
    struct instance *instance; /* NULL while only reading */
    struct hsm *hsm;           /* NULL until state_open_token */
};

/* What `heddle init` may be told. */
struct state_options {
    const char *module, *label; /* NULL: embedded, a label of its own */
    const char *serial;         /* to tell tokens of one label apart; NULL: not needed */
    struct hsm_pin_source pin;  /* of an outside token */
};

/*
 * Makes the state under a temporary name beside dir and renames it when everything is durable: a command
 * that is interrupted leaves no state behind. The audit key is made in the token and entry 0 recorded.
 * CA_E_EXISTS, CA_E_OUTPUT, HSM_E_*.
 */
MC_MUST_CHECK enum mc_rc state_create(const char *dir, const struct state_options *o, struct mc_err *e);

/*
 * A state in the making: a folder of mode 0700 beside dir (draft gets its path; folders on the way are made) with run/ in it,
 * which becomes dir in one step when it is durable, or goes with all that is in it. One at a time in a process; what a killed
 * one has left goes when the next begins in the same folder. CA_E_EXISTS, CA_E_OUTPUT.
 */
MC_MUST_CHECK enum mc_rc state_draft_begin(const char *dir, char draft[STATE_PATH_MAX], struct mc_err *e);
MC_MUST_CHECK enum mc_rc state_draft_in(const char *folder, char draft[STATE_PATH_MAX], struct mc_err *e);
MC_MUST_CHECK enum mc_rc state_draft_commit(const char *draft, const char *dir, struct mc_err *e);
void state_draft_drop(const char *draft);

/*
 * Opens a state. LEDGER_WRITE also takes an instance lock and burns intents of dead processes; *burned
 * (may be NULL) counts them. The ledger is compared with the last checkpoint: CA_E_LEDGER if it does not hold
 * what was signed; CA_E_CHECKPOINT_NONE if there is none and the ledger is to be written (s->checkpoint.missing
 * while only reading). CA_E_STATE_*, MC_E_CONF_*, CA_E_DB*.
 */
MC_MUST_CHECK enum mc_rc state_open(
    const char *dir, enum ledger_mode mode, struct state *s, unsigned *burned, struct mc_err *e);
/* The same without a look at the checkpoint, for commands that find out what is wrong or make a new one. */
MC_MUST_CHECK enum mc_rc state_open_unchecked(
    const char *dir, enum ledger_mode mode, struct state *s, unsigned *burned, struct mc_err *e);
/*
 * A fault of the embedded token or of SQLite that only a full or read-only disk explains gets that name:
 * SoftHSM gives no cause at all. Any other rc is returned as it came. CA_E_DB_FULL, CA_E_DB_READONLY.
 */
enum mc_rc state_blame_disk(const struct state *s, enum mc_rc rc, struct mc_err *e);
/* Opens the token and logs in. pin: NULL for the embedded token's own file. */
MC_MUST_CHECK enum mc_rc state_open_token(struct state *s, const struct hsm_pin_source *pin, struct mc_err *e);
void state_close(struct state *s);

/* Reads and checks STATE/profiles/KIND.profile; the lifetime of heddle.conf replaces its own. */
MC_MUST_CHECK enum mc_rc state_profile(
    const struct state *s, enum mc_kind kind, struct profile_file *out, struct mc_err *e);

/* Joins dir and name; false if too long. */
bool state_path(const struct state *s, const char *name, char out[STATE_PATH_MAX]);

/* Seconds since 1970, and random octets from libcrypto: the only clock and the only random source. */
int64_t ca_now(void);
MC_MUST_CHECK enum mc_rc ca_random(void *out, size_t n, struct mc_err *e);

#endif
