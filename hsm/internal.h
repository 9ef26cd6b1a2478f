/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal.h - what the files of this layer share; nobody else includes it.
 *
 * Who may call the module: only code that runs on the helper thread of a session (task.c), so that a call
 * that stalls can be given up, with one exception: a signature in the embedded SoftHSM (sign.c).
 */
#ifndef HSM_INTERNAL_H
#define HSM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include <p11-kit/pkcs11.h>

#include "hsm.h"
#include "lib/pubkey.h"

#define HSM_SESSIONS_MAX       64
#define HSM_TIMEOUT_DEFAULT_MS 30000
#define HSM_ANY_ID_MAX         64 /* foreign keys have ids of other lengths */

/* PKCS#11 declares its inputs without const; nothing is written through them. */
static inline void *hsm_mutable(const void *p)
{
    return (void *)(uintptr_t)p;
}

/* --- error.c ------------------------------------------------------------------------------------- */

const char *hsm_ckr_name(CK_RV rv); /* "CKR_PIN_INCORRECT", or "an unknown CKR" */
/* The code for what a call other than C_Login answered. */
enum mc_rc hsm_ckr_rc(CK_RV rv);
/* The session, the login, the token or the object's handle is gone: opening it again may help. */
bool hsm_ckr_is_lost(CK_RV rv);
/* Records "C_Sign: CKR_DEVICE_REMOVED (0x32)". */
enum mc_rc hsm_fail_ckr(struct mc_err *e, const char *call, CK_RV rv);
/* Records errno under rc: "cannot open PATH: No such file or directory". */
enum mc_rc hsm_fail_errno(struct mc_err *e, enum mc_rc rc, const char *doing, const char *path);

/* --- pin.c, prompt.c, pinwrong.c ------------------------------------------------------------------ */

/* A PIN in its own locked page, left out of core files and wiped in a forked child. */
struct hsm_pin {
    size_t n;
    uint8_t bytes[HSM_PIN_MAX + 1];
};

MC_MUST_CHECK struct hsm_pin *hsm_pin_new(void); /* NULL: out of memory */
void hsm_pin_free(struct hsm_pin *pin);          /* wipes; NULL is fine */
/* Reads from the one source that is given. HSM_E_PIN_SOURCE, HSM_E_PIN_FILE. */
MC_MUST_CHECK enum mc_rc hsm_pin_read(
    const struct hsm_pin_source *src, const char *token_label, struct hsm_pin **out, struct mc_err *e);
/* Asks on the controlling terminal with echo off. HSM_E_PIN_SOURCE. */
MC_MUST_CHECK enum mc_rc hsm_prompt(const char *question, struct hsm_pin *pin, struct mc_err *e);
MC_MUST_CHECK enum mc_rc hsm_pin_prompt(const char *token_label, struct hsm_pin *pin, struct mc_err *e);

/*
 * Wrong PINs, remembered as a slow salted hash that is bound to the token's label. HSM_E_PIN_REMEMBERED
 * when this PIN is one of them or the file cannot be understood. The caller holds the login lock.
 */
MC_MUST_CHECK enum mc_rc hsm_pinwrong_check(
    const char *path, const char *label, const struct hsm_pin *pin, struct mc_err *e);
MC_MUST_CHECK enum mc_rc hsm_pinwrong_add(
    const char *path, const char *label, const struct hsm_pin *pin, struct mc_err *e);
MC_MUST_CHECK enum mc_rc hsm_pinwrong_forget(const char *path, struct mc_err *e);

/* --- file.c --------------------------------------------------------------------------------------- */

/* Joins folder and name; HSM_E_PATH when it does not fit. */
MC_MUST_CHECK enum mc_rc hsm_path_join(
    char *out, size_t cap, const char *folder, const char *name, struct mc_err *e);
/* Reads a whole regular file; errno-style result: 0, ENOENT, EFBIG, ... */
int hsm_file_read(const char *path, uint8_t *buf, size_t cap, size_t *n);
/* Replaces path: written to scratch (same file system), synced, renamed, folder synced. 0 or errno. */
int hsm_file_replace(const char *path, const char *scratch, const void *data, size_t n, mode_t mode);
int hsm_folder_sync(const char *path); /* 0 or errno */
/*
 * Takes an exclusive lock on a file that is made when missing; *fd gets what to close to let it go.
 * Waits at most timeout_ms. HSM_E_TIMEOUT, HSM_E_STORE.
 */
MC_MUST_CHECK enum mc_rc hsm_file_lock(const char *path, unsigned timeout_ms, int *fd, struct mc_err *e);

/* --- module.c ------------------------------------------------------------------------------------- */

struct PKCS11_ctx_st;
struct hsm_module {
    void *dl;
    CK_FUNCTION_LIST_PTR f;
    struct PKCS11_ctx_st *ctx; /* libp11's */
};

/* What a slot must hold. */
struct hsm_token_want {
    bool blank; /* a token that is not initialised; the rest is ignored */
    const char *label;
    const char *serial; /* NULL: any */
};

MC_MUST_CHECK enum mc_rc hsm_module_load(struct hsm_module *m, const char *path, struct mc_err *e);
void hsm_module_unload(struct hsm_module *m);
/* The one slot whose token fits. serial (17) gets the token's own. HSM_E_NO_TOKEN, HSM_E_TOKEN_TWICE. */
MC_MUST_CHECK enum mc_rc hsm_module_find_slot(struct hsm_module *m, const struct hsm_token_want *want,
    CK_SLOT_ID *slot, char serial[17], struct mc_err *e);
/* A padded PKCS#11 text field as a string; out holds n + 1. */
void hsm_text(char *out, const unsigned char *field, size_t n);

/* --- softhsm.c, store.c: the embedded token ------------------------------------------------------- */

/* The path of SoftHSM: wish when given, else the first known place that is there. HSM_E_MODULE. */
MC_MUST_CHECK enum mc_rc hsm_softhsm_path(const char *wish, const char **path, struct mc_err *e);
/* Writes softhsm2.conf when it is missing or names another folder; the caller holds the store's lock. */
MC_MUST_CHECK enum mc_rc hsm_softhsm_conf(const char *dir, struct mc_err *e);
/* Points SOFTHSM2_CONF of this process at the folder's softhsm2.conf; called before any helper thread. */
MC_MUST_CHECK enum mc_rc hsm_softhsm_env(const char *dir, struct mc_err *e);

MC_MUST_CHECK enum mc_rc hsm_store_lock(const char *dir, unsigned timeout_ms, int *fd, struct mc_err *e);
/* Puts token.object right before SoftHSM reads it. HSM_E_STORE, HSM_E_NO_TOKEN. */
MC_MUST_CHECK enum mc_rc hsm_store_mend(const char *dir, const char *serial, struct mc_err *e);
/* Keeps a copy of a token.object that is known to be good, where there is no sound copy yet. */
MC_MUST_CHECK enum mc_rc hsm_store_keep(const char *dir, const char *serial, struct mc_err *e);
/* Makes what SoftHSM wrote into the token's folder durable. */
MC_MUST_CHECK enum mc_rc hsm_store_sync(const char *dir, const char *serial, struct mc_err *e);

/* --- task.c: calls that may stall ------------------------------------------------------------------ */

struct hsm_session;

/* The head of every piece of work; the piece's own fields follow it. Lives on the heap, wiped when freed. */
struct hsm_task {
    enum mc_rc (*run)(struct hsm_task *t);
    void (*clear)(struct hsm_task *t); /* frees what the task owns; may be NULL */
    struct hsm *h;
    struct hsm_session *s;
    bool recover; /* after HSM_E_TOKEN_LOST, open the session again and run once more */
    enum mc_rc rc;
    struct mc_err e;
    size_t size;
    atomic_int state;
};

MC_MUST_CHECK enum mc_rc hsm_task_new(struct hsm *h, size_t size, enum mc_rc (*run)(struct hsm_task *t),
    struct hsm_task **out, struct mc_err *e);
void hsm_task_free(struct hsm_task *t); /* NULL is fine */
/*
 * Runs *t on the helper thread of session s and gives its result. After HSM_E_TIMEOUT the call is still
 * stuck in the module and owns the task: *t is NULL then, and h refuses all further work.
 */
MC_MUST_CHECK enum mc_rc hsm_task_run(
    struct hsm_session *s, struct hsm_task **t, unsigned timeout_ms, struct mc_err *e);
/* Takes a session from the pool, runs *t on it within h's timeout, with recovery, gives it back. */
MC_MUST_CHECK enum mc_rc hsm_task_do(struct hsm_task **t, struct mc_err *e);

/* True once a call has been given up in this process. */
bool hsm_process_stuck(void);

struct hsm_runner;
void hsm_runner_stop(struct hsm_runner *r); /* NULL is fine */

/* --- watch.c: calls on the caller's own thread ------------------------------------------------------- */

/* Interrupts this thread's waiting from timeout_ms on, until stop. False when it cannot. */
MC_MUST_CHECK bool hsm_watch_start(struct hsm_session *s, unsigned timeout_ms);
void hsm_watch_stop(struct hsm_session *s);
void hsm_watch_free(struct hsm_session *s);

/* --- token.c, session.c ---------------------------------------------------------------------------- */

struct hsm_session {
    CK_SESSION_HANDLE handle; /* CK_INVALID_HANDLE: closed */
    unsigned index;
    atomic_bool busy;
    struct hsm_runner *runner; /* started at first use */
    timer_t watch;
    pid_t watched_thread; /* whose calls watch interrupts; 0: there is no timer */
};

struct hsm {
    pid_t pid; /* the process that opened it */
    bool embedded, session_copy, logged_in;
    bool relogged; /* the one new login after a loss is used up */
    bool run_here; /* see hsm_run_here */
    unsigned timeout_ms;
    char label[HSM_LABEL_MAX + 1], serial[17];
    char *module_path, *dir, *pin_file, *pin_wrong_file; /* owned; NULL where they do not apply */
    struct hsm_module m;
    CK_SLOT_ID slot;
    CK_TOKEN_INFO token_info; /* as it was before the login */
    bool have_token_info;
    struct hsm_session sessions[HSM_SESSIONS_MAX];
    unsigned session_count;
    struct hsm_key *keys;
    struct mc_verifier *verifier;
    pthread_mutex_t bind_lock; /* one session at a time recovers or binds keys */
    atomic_bool poisoned;      /* a call is stuck in the module */
};

/* The struct alone, from a checked configuration; nothing is loaded yet. HSM_E_MODULE, HSM_E_PATH. */
MC_MUST_CHECK enum mc_rc hsm_new(const struct hsm_config *cfg, struct hsm **out, struct mc_err *e);
/* Frees the struct and its threads; leaves it alone while a call is stuck in the module. */
void hsm_free(struct hsm *h);

/* Refuses a struct hsm that was opened before a fork or whose module is stuck. */
MC_MUST_CHECK enum mc_rc hsm_check_usable(const struct hsm *h, struct mc_err *e);

MC_MUST_CHECK enum mc_rc hsm_token_info(struct hsm *h, CK_TOKEN_INFO *info, struct mc_err *e);
MC_MUST_CHECK enum mc_rc hsm_login_lock(const struct hsm *h, int *fd, struct mc_err *e);
/* Logs in on s with pin: remembered wrong PINs first, then the token's flags, then one C_Login. */
MC_MUST_CHECK enum mc_rc hsm_login(
    struct hsm *h, struct hsm_session *s, const struct hsm_pin *pin, struct mc_err *e);

struct hsm_session *hsm_session_take(struct hsm *h); /* NULL: all are busy */
void hsm_session_give(struct hsm_session *s);
MC_MUST_CHECK enum mc_rc hsm_session_open(struct hsm *h, struct hsm_session *s, struct mc_err *e);
/* Opens a second, writing session on the same slot for the making and removing of objects. */
MC_MUST_CHECK enum mc_rc hsm_session_open_rw(struct hsm *h, CK_SESSION_HANDLE *handle, struct mc_err *e);
/* True when rv says that the session, login or token is gone; asks the session where rv is vague. */
bool hsm_session_lost(struct hsm *h, struct hsm_session *s, CK_RV rv);
/* Opens a lost session again, with one new login where the PIN comes from a file. HSM_E_TOKEN_LOST. */
MC_MUST_CHECK enum mc_rc hsm_session_recover(struct hsm *h, struct hsm_session *s, struct mc_err *e);

/* --- object.c --------------------------------------------------------------------------------------- */

/* Finds all objects that fit the template. *out is freed by the caller, also after an error. */
CK_RV hsm_object_find(
    struct hsm *h, CK_SESSION_HANDLE s, CK_ATTRIBUTE *want, size_t want_n, CK_OBJECT_HANDLE **out, size_t *n);
/* Reads a boolean; an attribute that the token does not know is absent, which is no error. */
enum hsm_tri { HSM_FALSE, HSM_TRUE, HSM_ABSENT };
CK_RV hsm_object_bool(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, enum hsm_tri *out);
/* Reads up to cap octets; longer values are CKR_BUFFER_TOO_SMALL. */
CK_RV hsm_object_bytes(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, struct mc_out *out);
/* CKA_EC_POINT as 04 X Y, whether the token gives it raw or in an OCTET STRING. */
MC_MUST_CHECK enum mc_rc hsm_object_point(
    struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, uint8_t point[HSM_POINT_LEN], struct mc_err *e);
extern const uint8_t hsm_p256_params[10]; /* the curve's OID in DER */

/* --- key.c, sign.c ------------------------------------------------------------------------------------ */

/* How a key is told from others: by id, by label, or both. */
struct hsm_selector {
    uint8_t id[HSM_ANY_ID_MAX];
    size_t id_n;                       /* 0: any */
    char label[HSM_KEY_LABEL_MAX + 1]; /* empty: any */
};

struct hsm_key {
    struct hsm_key *next;
    struct hsm *h;
    struct hsm_selector sel;
    uint8_t point[HSM_POINT_LEN];
    /* Several sessions sign at once, and one that recovers takes the handles away from all of them. */
    _Atomic CK_OBJECT_HANDLE object; /* CK_INVALID_HANDLE: not bound (any more) */
    bool removed;
    atomic_bool no_copy;
    _Atomic CK_OBJECT_HANDLE copy[HSM_SESSIONS_MAX]; /* the session copy on each session, or CK_INVALID_HANDLE */
};

/* Finds the token's object for k, checks it and makes a trial signature. */
MC_MUST_CHECK enum mc_rc hsm_key_bind(struct hsm_key *k, struct hsm_session *s, struct mc_err *e);
/* Finds the one private (or public) token object that sel selects. HSM_E_KEY_NOT_FOUND, HSM_E_KEY_TWICE. */
MC_MUST_CHECK enum mc_rc hsm_key_object(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_CLASS class,
    const struct hsm_selector *sel, CK_OBJECT_HANDLE *out, struct mc_err *e);
/* Forgets every handle of every key, after a loss. */
void hsm_keys_unbind(struct hsm *h);
/* One C_SignInit and C_Sign; *call names the one that failed. */
CK_RV hsm_sign_raw(struct hsm *h, CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key,
    const uint8_t digest[HSM_DIGEST_LEN], uint8_t sig[HSM_SIG_LEN], const char **call);
/* Makes the session copy of k on s when it is wanted and can be had; signing works either way. */
void hsm_key_copy(struct hsm_key *k, struct hsm_session *s);

/* --- uri.c --------------------------------------------------------------------------------------------- */

struct hsm_uri {
    char token[HSM_LABEL_MAX + 1], serial[17], manufacturer[33], model[17];
    char module_path[256];
    struct hsm_selector key;
};

/* Parses an RFC 7512 URI that names a private key. Pure. HSM_E_URI. */
MC_MUST_CHECK enum mc_rc hsm_uri_parse(const char *text, struct hsm_uri *out, struct mc_err *e);

#endif
