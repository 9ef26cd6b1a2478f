/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hsm.h - keys behind PKCS#11, and the whole interface to them. Nothing above this layer sees PKCS#11.
 *
 * A struct hsm is one loaded module, one token, one login; a process has at most one open at a time. It
 * must be opened in the process that uses it: after fork every call on the parent's struct is refused with
 * HSM_E_MODULE_CALL, and the child opens its own. Calls on one struct hsm are made from one thread at a
 * time, but for hsm_sign: as many threads as there are sessions may call it at once. Private keys never
 * leave the token: they are sensitive, not extractable, and sign only.
 *
 * Every call that needs the token can end with HSM_E_TIMEOUT. The module is then stuck: this process can
 * use no token any more, hsm_close does nothing, and exit() ends without the exit handlers that were
 * registered before (stdio is flushed; those of a stuck module abort). Every call that needs the login
 * can end with HSM_E_TOKEN_LOST, after the session was opened again once and, where the PIN came from a
 * file, one new login in the life of the struct was made.
 */
#ifndef HSM_H
#define HSM_H

#include "lib/buf.h"

#define HSM_PIN_MAX       255 /* octets, without NUL */
#define HSM_LABEL_MAX     32  /* octets; the token's own limit */
#define HSM_ID_LEN        20  /* CKA_ID of every key made here: SHA-1 of the public point, so never twice */
#define HSM_POINT_LEN     65
#define HSM_KEY_LABEL_MAX 64 /* octets, printable */
#define HSM_SIG_LEN       64 /* r || s, each 32 octets big-endian */
#define HSM_DIGEST_LEN    32
/* The label of a key whose making was cut short; it has a random id and no certificate can name it. */
#define HSM_LABEL_UNFINISHED "heddle-unfinished"

struct hsm;
struct hsm_key;

struct hsm_held_pin;

/* Where a PIN comes from. Exactly one of the members is used, in this order: held, fd, file, prompt. */
struct hsm_pin_source {
    struct hsm_held_pin *held; /* hsm_pin_hold; NULL: none */
    int fd;           /* a descriptor to read the PIN from up to newline or end; -1: none */
    const char *file; /* a file of mode 0600 or stricter, owned by the caller's uid or root; NULL: none */
    bool prompt;      /* ask on the controlling terminal, echo off */
};

/*
 * A descriptor gives its PIN once, and a person should be asked once: this reads the PIN for so many processes that
 * are forked afterwards and log in each by itself. It lies in locked pages that they share and no core file has, and
 * is wiped when the last of them has taken it. HSM_E_PIN_SOURCE, HSM_E_PIN_FILE.
 */
MC_MUST_CHECK enum mc_rc hsm_pin_hold(const struct hsm_pin_source *from, const char *token_label, unsigned processes,
    struct hsm_held_pin **out, struct mc_err *e);
void hsm_pin_release(struct hsm_held_pin *held); /* wipes; in the process that held it; NULL is fine */

struct hsm_config {
    const char *module;       /* path of the PKCS#11 module; NULL: the embedded SoftHSM */
    const char *token_label;  /* <= HSM_LABEL_MAX */
    const char *token_serial; /* 16 characters, or NULL while unknown (first use) */
    const char
        *embedded_dir; /* embedded only: the folder of softhsm2.conf and tokens/, absolute, no # or = */
    const char *embedded_module; /* embedded only: where SoftHSM is; NULL: the usual places are tried */
    /*
     * A wrong PIN is remembered here (salted, slow hash) and not tried again; NULL: not kept. A module that
     * is not the embedded one also has a lock file beside it (".lock").
     */
    const char *pin_wrong_file;
    struct hsm_pin_source pin;
    unsigned sessions;   /* signing sessions to open, 1..64; 0: 1 */
    bool session_copy;   /* sign with session copies of the keys where the token allows it */
    unsigned timeout_ms; /* longest wait for one token operation (opening: twice); 0: 30000 */
};

struct hsm_info { /* for `heddle hsm status`; strings are NUL-terminated, padding removed */
    char module[256];
    char library[33]; /* CK_INFO.libraryDescription */
    unsigned library_major, library_minor;
    char label[33], serial[17], manufacturer[33], model[17];
    unsigned firmware_major, firmware_minor;
    bool embedded, logged_in, pin_count_low, pin_final_try, pin_locked, write_protected;
    unsigned sessions_open, keys; /* keys: private keys visible */
    bool mech_ecdsa, mech_ec_keygen, mech_aes_gcm;
};

/*
 * Makes the embedded token: writes softhsm2.conf and tokens/ under cfg->embedded_dir (which exists and is
 * empty), initialises the token through PKCS#11 with a random SO PIN that is forgotten, sets the PIN that
 * is read from cfg->pin, and gives the token's serial (17 octets with NUL). Nothing global is read or
 * changed but SOFTHSM2_CONF in this process's environment: call it and hsm_open while no other thread reads
 * the environment. HSM_E_MODULE, HSM_E_MODULE_CALL, HSM_E_PATH, HSM_E_STORE, HSM_E_PIN_*, HSM_E_TIMEOUT.
 */
MC_MUST_CHECK enum mc_rc hsm_embedded_create(const struct hsm_config *cfg, char serial[17], struct mc_err *e);

/* Writes softhsm2.conf anew for a state folder that has moved; hsm_open does it by itself too. */
MC_MUST_CHECK enum mc_rc hsm_embedded_relocate(const char *embedded_dir, struct mc_err *e);

/*
 * Loads the module, finds the token by label and serial, logs in once. The PIN is wiped before return.
 * A token that is known (token_serial given) and missing is HSM_E_NO_TOKEN: it is never made anew.
 * HSM_E_MODULE, HSM_E_MODULE_CALL, HSM_E_NO_TOKEN, HSM_E_TOKEN_TWICE, HSM_E_PIN_*, HSM_E_PATH,
 * HSM_E_STORE, HSM_E_TIMEOUT, HSM_E_SESSIONS.
 */
MC_MUST_CHECK enum mc_rc hsm_open(const struct hsm_config *cfg, struct hsm **out, struct mc_err *e);
void hsm_close(struct hsm *h); /* frees the keys got from h too; NULL is fine */

MC_MUST_CHECK enum mc_rc hsm_status(struct hsm *h, struct hsm_info *info, struct mc_err *e);

/*
 * Tries what the CA asks of a token, one step after the other, with keys that live as long as their session: nothing
 * is left in the token. A step that fails is no failure of the call; why says which function said what.
 */
enum hsm_probe_step {
    HSM_PROBE_RANDOM,
    HSM_PROBE_KEYGEN,
    HSM_PROBE_HIDDEN,
    HSM_PROBE_SIGN,
    HSM_PROBE_COPY,
    HSM_PROBE_SEAL,
    HSM_PROBE_WRITE,
    HSM_PROBE_STEPS
};
struct hsm_probe_result {
    bool ok;
    char why[256]; /* empty: it could not be tried, because an earlier step failed */
};
struct hsm_probe {
    struct hsm_probe_result step[HSM_PROBE_STEPS];
    unsigned sessions, sessions_max; /* open here; the token's limit, 0: it tells none */
    double keygen_us, one_per_second, all_per_second; /* signatures of one session, of all at once */
};
const char *hsm_probe_what(enum hsm_probe_step s);
bool hsm_probe_needed(enum hsm_probe_step s); /* the CA cannot do without */
MC_MUST_CHECK enum mc_rc hsm_probe(struct hsm *h, struct hsm_probe *out, struct mc_err *e);

/*
 * Makes a P-256 key pair in the token: sensitive, not extractable, sign only, CKA_ID = SHA-1(point). The
 * key is durable (the embedded token's folder is synced) before this returns. point gets 04 X Y.
 */
MC_MUST_CHECK enum mc_rc hsm_generate_p256(
    struct hsm *h, const char *label, uint8_t point[HSM_POINT_LEN], uint8_t id[HSM_ID_LEN], struct mc_err *e);

/*
 * Finds the private key with this CKA_ID, checks its attributes (HSM_E_KEY_ATTR) and that its public key
 * equals point, by the public object where there is one and by a trial signature (HSM_E_KEY_OTHER). The
 * handle is cached; it is freed with h. HSM_E_KEY_NOT_FOUND, HSM_E_KEY_TWICE.
 */
MC_MUST_CHECK enum mc_rc hsm_find_key(struct hsm *h, const uint8_t id[HSM_ID_LEN],
    const uint8_t point[HSM_POINT_LEN], struct hsm_key **out, struct mc_err *e);

/*
 * As hsm_find_key, by an RFC 7512 URI with `object` and/or `id`; `token`, `serial`, `manufacturer`, `model`,
 * `type` and `module-path` must fit what is open. Anything else, and any PIN, is refused: HSM_E_URI.
 */
MC_MUST_CHECK enum mc_rc hsm_find_key_uri(struct hsm *h, const char *uri, const uint8_t point[HSM_POINT_LEN],
    struct hsm_key **out, struct mc_err *e);

/* The URI of a key made here: "pkcs11:token=LABEL;object=LABEL;id=%..;type=private". out holds 512. */
void hsm_key_uri(struct hsm *h, const char *label, const uint8_t id[HSM_ID_LEN], char *out);

/*
 * Signs a SHA-256 digest. The signature is raw r || s of 32 octets each, as the token gave it: the caller
 * verifies it. A lost session is opened again once. HSM_E_TOKEN_LOST, HSM_E_TIMEOUT, HSM_E_MODULE_CALL.
 */
MC_MUST_CHECK enum mc_rc hsm_sign(
    struct hsm_key *k, const uint8_t digest[HSM_DIGEST_LEN], uint8_t sig[HSM_SIG_LEN], struct mc_err *e);

/*
 * From now on calls run on the caller's own thread, without the two thread switches, and nothing ends one that
 * stalls: for a caller with a thread for each session who watches them himself. If one stays stuck, the process is to
 * end by _exit, without hsm_close.
 */
void hsm_run_here(struct hsm *h);

/* The state of the private key object, as the token tells it; for tests and `hsm status`. */
struct hsm_key_facts {
    bool sensitive, extractable, always_sensitive, never_extractable, sign, decrypt, unwrap, derive, local;
};
MC_MUST_CHECK enum mc_rc hsm_key_facts(struct hsm_key *k, struct hsm_key_facts *f, struct mc_err *e);

/* Removes the key pair with this id: only for a key whose making failed half-way. HSM_E_KEY_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc hsm_destroy_key(struct hsm *h, const uint8_t id[HSM_ID_LEN], struct mc_err *e);

/*
 * Secrets at rest (the IPK): sealed with AES-256-GCM under a key that is made in the token at first use
 * (label "heddle-seal", sensitive, not extractable, encrypt and decrypt only). context is bound in as
 * additional data, so that a sealed value works only where it belongs. sealed = version (1) || IV (12) ||
 * ciphertext || tag (16): n + HSM_SEAL_OVERHEAD octets.
 */
#define HSM_SEAL_OVERHEAD 29
MC_MUST_CHECK enum mc_rc hsm_seal(struct hsm *h, struct mc_span context, struct mc_span secret,
    uint8_t *sealed, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc hsm_unseal(struct hsm *h, struct mc_span context, struct mc_span sealed,
    uint8_t *secret, size_t cap, size_t *n, struct mc_err *e);

/*
 * Lists the private keys that heddle made, for reconciling: calls each() once a key until it returns
 * false. point is NULL where the token holds no public object.
 */
MC_MUST_CHECK enum mc_rc hsm_list_keys(struct hsm *h,
    bool (*each)(void *arg, const char *label, struct mc_span id, const uint8_t *point), void *arg,
    struct mc_err *e);

/*
 * Puts a private key from outside into the token, for good: sensitive, not extractable, sign only, CKA_ID =
 * SHA-1(point). scalar is big-endian and stays the caller's to wipe; point is its public key. Durable before this
 * returns. A key that is there already is left as it is and checked like any other.
 * HSM_E_KEY_OTHER if scalar and point do not belong together; HSM_E_MODULE_CALL where the token takes no keys.
 */
#define HSM_SCALAR_LEN 32
MC_MUST_CHECK enum mc_rc hsm_import_p256(struct hsm *h, const char *label, const uint8_t scalar[HSM_SCALAR_LEN],
    const uint8_t point[HSM_POINT_LEN], uint8_t id[HSM_ID_LEN], struct mc_err *e);

/*
 * Reads a passphrase as a PIN is read: from a descriptor, from a file of mode 0600, or typed on the terminal as
 * the answer to question. The caller wipes out. HSM_E_PIN_SOURCE, HSM_E_PIN_FILE.
 */
MC_MUST_CHECK enum mc_rc hsm_passphrase_read(const struct hsm_pin_source *src, const char *question,
    uint8_t out[HSM_PIN_MAX + 1], size_t *n, struct mc_err *e);

/*
 * Keeps everybody else from opening or mending the embedded token while its files are copied; close *fd to let
 * go. HSM_E_TIMEOUT, HSM_E_STORE.
 */
MC_MUST_CHECK enum mc_rc hsm_embedded_lock(const char *embedded_dir, int *fd, struct mc_err *e);

/* Overwrites n octets so that the compiler cannot leave it out. */
void hsm_wipe(void *p, size_t n);
/* No core files, no ptrace by others: called first in main of a program that opens a token. */
void hsm_harden_process(void);

#endif
