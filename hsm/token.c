/* SPDX-License-Identifier: Apache-2.0 */
/* token.c - opens and closes a token, and tells its state. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

enum mc_rc hsm_check_usable(const struct hsm *h, struct mc_err *e)
{
    if (h->pid != getpid())
        return mc_fail(
            e, HSM_E_MODULE_CALL, NULL, "the token was opened before a fork; this process must open its own");
    if (atomic_load_explicit(&h->poisoned, memory_order_relaxed))
        return mc_fail(e, HSM_E_TIMEOUT, NULL, "an earlier call of the token has not come back");
    return MC_OK;
}

static enum mc_rc copy_text(const char *from, char **to, struct mc_err *e)
{
    if (from == NULL)
        return MC_OK;
    *to = strdup(from);
    return *to != NULL ? MC_OK : mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

static enum mc_rc check_config(const struct hsm_config *cfg, struct mc_err *e)
{
    size_t label_n = cfg->token_label == NULL ? 0 : strlen(cfg->token_label);

    if (label_n == 0 || label_n > HSM_LABEL_MAX)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the token's label must have 1 to %d octets", HSM_LABEL_MAX);
    for (size_t i = 0; i < label_n; i++)
        if ((unsigned char)cfg->token_label[i] < 0x20 || cfg->token_label[i] == 0x7f)
            return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the token's label has a control character in it");
    if (cfg->token_serial != NULL && strlen(cfg->token_serial) > 16)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "the token's serial number has more than 16 octets");
    if (hsm_process_stuck())
        return mc_fail(
            e, HSM_E_TIMEOUT, NULL, "an earlier call of a token has not come back in this process");
    if (cfg->sessions > HSM_SESSIONS_MAX)
        return mc_fail(e, HSM_E_SESSIONS, NULL, "at most %d sessions can be opened", HSM_SESSIONS_MAX);
    return MC_OK;
}

static enum mc_rc fill(struct hsm *h, const struct hsm_config *cfg, struct mc_err *e)
{
    const char *module = cfg->module;
    enum mc_rc rc = MC_OK;

    h->pid = getpid();
    h->embedded = cfg->module == NULL;
    h->session_copy = cfg->session_copy;
    h->timeout_ms = cfg->timeout_ms == 0 ? HSM_TIMEOUT_DEFAULT_MS : cfg->timeout_ms;
    h->session_count = cfg->sessions == 0 ? 1 : cfg->sessions;
    for (unsigned i = 0; i < HSM_SESSIONS_MAX; i++)
        h->sessions[i].index = i;
    snprintf(h->label, sizeof(h->label), "%s", cfg->token_label);
    snprintf(h->serial, sizeof(h->serial), "%s", cfg->token_serial == NULL ? "" : cfg->token_serial);
    if (h->embedded)
        rc = hsm_softhsm_path(cfg->embedded_module, &module, e);
    if (rc == MC_OK && h->embedded)
        rc = hsm_softhsm_env(cfg->embedded_dir, e);
    if (rc == MC_OK && h->embedded)
        rc = copy_text(cfg->embedded_dir, &h->dir, e);
    if (rc == MC_OK)
        rc = copy_text(module, &h->module_path, e);
    if (rc == MC_OK && cfg->pin.fd < 0)
        rc = copy_text(cfg->pin.file, &h->pin_file, e);
    if (rc == MC_OK)
        rc = copy_text(cfg->pin_wrong_file, &h->pin_wrong_file, e);
    return rc;
}

enum mc_rc hsm_new(const struct hsm_config *cfg, struct hsm **out, struct mc_err *e)
{
    enum mc_rc rc = check_config(cfg, e);
    struct hsm *h;

    if (rc != MC_OK)
        return rc;
    h = calloc(1, sizeof(*h));
    if (h == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    pthread_mutex_init(&h->bind_lock, NULL);
    rc = fill(h, cfg, e);
    if (rc == MC_OK && (h->verifier = mc_verifier_new()) == NULL)
        rc = mc_fail(e, MC_E_CRYPTO, NULL, "libcrypto lacks P-256 or memory");
    if (rc != MC_OK) {
        hsm_free(h);
        return rc;
    }
    *out = h;
    return MC_OK;
}

void hsm_free(struct hsm *h)
{
    /* In a forked child the threads are not there; under a stuck call the memory is in use. */
    if (h == NULL || h->pid != getpid() || atomic_load(&h->poisoned))
        return;
    for (unsigned i = 0; i < HSM_SESSIONS_MAX; i++) {
        hsm_runner_stop(h->sessions[i].runner);
        hsm_watch_free(&h->sessions[i]);
    }
    while (h->keys != NULL) {
        struct hsm_key *k = h->keys;

        h->keys = k->next;
        free(k);
    }
    mc_verifier_free(h->verifier);
    pthread_mutex_destroy(&h->bind_lock);
    free(h->module_path);
    free(h->dir);
    free(h->pin_file);
    free(h->pin_wrong_file);
    free(h);
}

/* --- open ------------------------------------------------------------------------------------------- */

struct open_task {
    struct hsm_task t;
    struct hsm_pin *pin;
    bool any_serial; /* the token is not known yet */
};

static void clear_open(struct hsm_task *t)
{
    hsm_pin_free(((struct open_task *)t)->pin);
}

static enum mc_rc find_token(struct hsm *h, bool any_serial, struct mc_err *e)
{
    const struct hsm_token_want want = {.label = h->label, .serial = any_serial ? NULL : h->serial};
    char serial[17];
    enum mc_rc rc = hsm_module_find_slot(&h->m, &want, &h->slot, serial, e);

    if (rc == MC_OK)
        memcpy(h->serial, serial, sizeof(h->serial));
    return rc;
}

/* The embedded token's files are put right first: SoftHSM takes an empty token.object for no token. */
static enum mc_rc prepare_files(struct hsm *h, bool any_serial, struct mc_err *e)
{
    enum mc_rc rc = h->embedded ? hsm_softhsm_conf(h->dir, e) : MC_OK;

    if (rc != MC_OK || !h->embedded)
        return rc;
    return hsm_store_mend(h->dir, any_serial ? NULL : h->serial, e);
}

static enum mc_rc start(struct hsm *h, struct open_task *o, struct mc_err *e)
{
    enum mc_rc rc = prepare_files(h, o->any_serial, e);

    if (rc == MC_OK)
        rc = hsm_module_load(&h->m, h->module_path, e);
    if (rc == MC_OK)
        rc = find_token(h, o->any_serial, e);
    if (rc == MC_OK)
        rc = hsm_session_open(h, &h->sessions[0], e);
    if (rc == MC_OK)
        rc = hsm_login(h, &h->sessions[0], o->pin, e);
    hsm_pin_free(o->pin);
    o->pin = NULL;
    if (rc == MC_OK && h->embedded)
        rc = hsm_store_keep(h->dir, h->serial, e);
    return rc;
}

static void stop(struct hsm *h)
{
    CK_FUNCTION_LIST_PTR f = h->m.f;

    if (f == NULL)
        return;
    if (h->logged_in)
        f->C_Logout(h->sessions[0].handle);
    for (unsigned i = 0; i < h->session_count; i++)
        if (h->sessions[i].handle != CK_INVALID_HANDLE)
            f->C_CloseSession(h->sessions[i].handle);
    h->logged_in = false;
    hsm_module_unload(&h->m);
}

static enum mc_rc open_run(struct hsm_task *t)
{
    struct hsm *h = t->h;
    int lock;
    enum mc_rc rc = hsm_login_lock(h, &lock, &t->e);

    if (rc != MC_OK)
        return rc;
    rc = start(h, (struct open_task *)t, &t->e);
    if (lock >= 0)
        close(lock);
    for (unsigned i = 1; rc == MC_OK && i < h->session_count; i++)
        rc = hsm_session_open(h, &h->sessions[i], &t->e);
    if (rc != MC_OK)
        stop(h);
    return rc;
}

static enum mc_rc open_with(struct hsm *h, const struct hsm_config *cfg, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(h, sizeof(struct open_task), open_run, &t, e);

    if (rc != MC_OK)
        return rc;
    t->clear = clear_open;
    ((struct open_task *)t)->any_serial = cfg->token_serial == NULL;
    rc = hsm_pin_read(&cfg->pin, h->label, &((struct open_task *)t)->pin, e);
    /* Twice: opening is many calls, and waits for a lock and for the slow hash of a remembered PIN. */
    if (rc == MC_OK)
        rc = hsm_task_run(&h->sessions[0], &t, 2 * h->timeout_ms, e);
    hsm_task_free(t);
    return rc;
}

enum mc_rc hsm_open(const struct hsm_config *cfg, struct hsm **out, struct mc_err *e)
{
    struct hsm *h = NULL;
    enum mc_rc rc = hsm_new(cfg, &h, e);

    if (rc == MC_OK)
        rc = open_with(h, cfg, e);
    if (rc != MC_OK) {
        hsm_free(h);
        return rc;
    }
    *out = h;
    return MC_OK;
}

static enum mc_rc close_run(struct hsm_task *t)
{
    stop(t->h);
    return MC_OK;
}

void hsm_close(struct hsm *h)
{
    struct hsm_task *t = NULL;

    if (h == NULL || hsm_check_usable(h, NULL) != MC_OK)
        return;
    /* Without memory for the task the module is left as it is; the process is about to end anyway. */
    if (hsm_task_new(h, sizeof(*t), close_run, &t, NULL) == MC_OK)
        (void)!hsm_task_run(&h->sessions[0], &t, h->timeout_ms, NULL);
    hsm_task_free(t);
    hsm_free(h);
}
