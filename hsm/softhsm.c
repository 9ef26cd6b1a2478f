/* SPDX-License-Identifier: Apache-2.0 */
/*
 * softhsm.c - the embedded token: SoftHSM 2 with its own configuration and folder, made through PKCS#11.
 * SOFTHSM2_CONF is set inside this process only; no global file is read or changed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "internal.h"

#define DIR_MAX    800 /* SoftHSM cuts the lines of its configuration at 1023 octets */
#define CONF_MAX   2048
#define SO_PIN_LEN 32

enum mc_rc hsm_softhsm_path(const char *wish, const char **path, struct mc_err *e)
{
    static const char *const places[] = {
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/arm-linux-gnueabihf/softhsm/libsofthsm2.so",
        "/usr/lib/riscv64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    };

    if (wish != NULL) {
        *path = wish;
        return MC_OK;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (access(places[i], R_OK) == 0) {
            *path = places[i];
            return MC_OK;
        }
    }
    return mc_fail(e, HSM_E_MODULE, NULL, "SoftHSM 2 is not installed in any of the usual places");
}

/*
 * SoftHSM reads "name = value" up to a # and reports a bad configuration as CKR_GENERAL_ERROR without a
 * reason, so what it would misread is refused here.
 */
static enum mc_rc check_dir(const char *dir, struct mc_err *e)
{
    size_t n = dir == NULL ? 0 : strlen(dir);

    if (n == 0 || dir[0] != '/')
        return mc_fail(e, HSM_E_PATH, NULL, "the embedded token's folder must be an absolute path");
    if (n > DIR_MAX)
        return mc_fail(e, HSM_E_PATH, NULL, "the embedded token's path is longer than %d octets", DIR_MAX);
    for (const char *c = dir; *c != '\0'; c++)
        if (*c == '#' || *c == '=' || (unsigned char)*c < 0x20 || *c == 0x7f)
            return mc_fail(e, HSM_E_PATH, NULL,
                "SoftHSM cannot keep a token under a path with '%c' in it: %s", *c < 0x20 ? '?' : *c, dir);
    return MC_OK;
}

/*
 * ERROR: SoftHSM logs paths and causes there, and nothing of what passes through it at any level. A child
 * process that opens its own token must not go on with the state that it inherited: reset_on_fork.
 */
static int conf_text(const char *dir, char *out, size_t cap)
{
    return snprintf(out, cap,
        "# Written by heddle, which writes it anew when this folder has moved.\n"
        "directories.tokendir = %s/tokens\n"
        "objectstore.backend = file\n"
        "log.level = ERROR\n"
        "slots.removable = false\n"
        "slots.mechanisms = ALL\n"
        "library.reset_on_fork = true\n",
        dir);
}

/* True when the configuration at path names this folder: other lines may have been changed by hand. */
static bool conf_fits(const char *path, const char *dir)
{
    char text[CONF_MAX + 1], want[DIR_MAX + 64];
    size_t n = 0;

    if (hsm_file_read(path, (uint8_t *)text, CONF_MAX, &n) != 0)
        return false;
    text[n] = '\0';
    snprintf(want, sizeof(want), "\ndirectories.tokendir = %s/tokens\n", dir);
    return strstr(text, want) != NULL;
}

enum mc_rc hsm_softhsm_conf(const char *dir, struct mc_err *e)
{
    char path[DIR_MAX + 64], scratch[DIR_MAX + 64], text[CONF_MAX];
    enum mc_rc rc = check_dir(dir, e);
    int n;

    if (rc != MC_OK)
        return rc;
    snprintf(path, sizeof(path), "%s/softhsm2.conf", dir);
    snprintf(scratch, sizeof(scratch), "%s/softhsm2.conf.new", dir);
    if (conf_fits(path, dir))
        return MC_OK;
    n = conf_text(dir, text, sizeof(text));
    errno = hsm_file_replace(path, scratch, text, (size_t)n, 0600);
    return errno == 0 ? MC_OK : hsm_fail_errno(e, HSM_E_STORE, "write", path);
}

enum mc_rc hsm_softhsm_env(const char *dir, struct mc_err *e)
{
    char path[DIR_MAX + 64];
    enum mc_rc rc = check_dir(dir, e);

    if (rc != MC_OK)
        return rc;
    snprintf(path, sizeof(path), "%s/softhsm2.conf", dir);
    if (setenv("SOFTHSM2_CONF", path, 1) != 0)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return MC_OK;
}

enum mc_rc hsm_embedded_relocate(const char *embedded_dir, struct mc_err *e)
{
    enum mc_rc rc = check_dir(embedded_dir, e);
    int lock;

    if (rc == MC_OK)
        rc = hsm_store_lock(embedded_dir, HSM_TIMEOUT_DEFAULT_MS, &lock, e);
    if (rc != MC_OK)
        return rc;
    rc = hsm_softhsm_conf(embedded_dir, e);
    close(lock);
    return rc;
}

/* --- making the token ------------------------------------------------------------------------------ */

struct create_task {
    struct hsm_task t;
    struct hsm_pin *pin;
    char so_pin[2 * SO_PIN_LEN + 1];
};

static void clear_create(struct hsm_task *t)
{
    hsm_pin_free(((struct create_task *)t)->pin);
}

static enum mc_rc check_empty(const char *dir, struct mc_err *e)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    bool empty = true;

    if (d == NULL)
        return hsm_fail_errno(e, HSM_E_STORE, "open", dir);
    while ((entry = readdir(d)) != NULL)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(d);
    return empty ? MC_OK : mc_fail(e, HSM_E_STORE, NULL, "%s is not empty: no token is made in it", dir);
}

/* The security officer's PIN is not kept: it could only set another user PIN, and nobody else should. */
static enum mc_rc make_so_pin(struct create_task *c, struct mc_err *e)
{
    uint8_t random[SO_PIN_LEN];

    if (RAND_priv_bytes(random, sizeof(random)) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "no random octets for the SO PIN");
    mc_hex_encode(random, sizeof(random), c->so_pin);
    hsm_wipe(random, sizeof(random));
    return MC_OK;
}

static enum mc_rc check_pin_length(struct hsm *h, const struct hsm_pin *pin, struct mc_err *e)
{
    CK_TOKEN_INFO info;
    CK_RV rv = h->m.f->C_GetTokenInfo(h->slot, &info);

    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_GetTokenInfo", rv);
    if (pin->n < info.ulMinPinLen || pin->n > info.ulMaxPinLen)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "the token takes PINs of %lu to %lu octets", info.ulMinPinLen,
            info.ulMaxPinLen);
    return MC_OK;
}

static enum mc_rc init_token(struct hsm *h, struct create_task *c, struct mc_err *e)
{
    const struct hsm_token_want blank = {.blank = true}, made = {.label = h->label};
    unsigned char label[HSM_LABEL_MAX];
    enum mc_rc rc = hsm_module_find_slot(&h->m, &blank, &h->slot, h->serial, e);
    CK_RV rv;

    if (rc == MC_OK)
        rc = check_pin_length(h, c->pin, e);
    if (rc != MC_OK)
        return rc;
    memset(label, ' ', sizeof(label));
    memcpy(label, h->label, strlen(h->label));
    rv = h->m.f->C_InitToken(h->slot, (CK_UTF8CHAR_PTR)c->so_pin, strlen(c->so_pin), label);
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_InitToken", rv);
    return hsm_module_find_slot(&h->m, &made, &h->slot, h->serial, e);
}

static enum mc_rc init_pin(struct hsm *h, struct create_task *c, struct mc_err *e)
{
    CK_FUNCTION_LIST_PTR f = h->m.f;
    CK_SESSION_HANDLE s = CK_INVALID_HANDLE;
    enum mc_rc rc = hsm_session_open_rw(h, &s, e);
    CK_RV rv;

    if (rc != MC_OK)
        return rc;
    rv = f->C_Login(s, CKU_SO, (CK_UTF8CHAR_PTR)c->so_pin, strlen(c->so_pin));
    if (rv != CKR_OK) {
        rc = hsm_fail_ckr(e, "C_Login (SO)", rv);
        goto out;
    }
    rv = f->C_InitPIN(s, c->pin->bytes, c->pin->n);
    if (rv != CKR_OK)
        rc = hsm_fail_ckr(e, "C_InitPIN", rv);
    f->C_Logout(s);
out:
    f->C_CloseSession(s);
    return rc;
}

static enum mc_rc create_token(struct hsm *h, struct create_task *c, struct mc_err *e)
{
    enum mc_rc rc = hsm_module_load(&h->m, h->module_path, e);

    if (rc != MC_OK)
        return rc;
    rc = init_token(h, c, e);
    if (rc == MC_OK)
        rc = init_pin(h, c, e);
    hsm_module_unload(&h->m);
    return rc;
}

static enum mc_rc create_run(struct hsm_task *t)
{
    struct create_task *c = (struct create_task *)t;
    struct hsm *h = t->h;
    char tokens[DIR_MAX + 64];
    enum mc_rc rc;
    int lock;

    rc = hsm_store_lock(h->dir, h->timeout_ms, &lock, &t->e);
    if (rc != MC_OK)
        return rc;
    snprintf(tokens, sizeof(tokens), "%s/tokens", h->dir);
    if (mkdir(tokens, 0700) != 0)
        rc = hsm_fail_errno(&t->e, HSM_E_STORE, "make", tokens);
    if (rc == MC_OK)
        rc = hsm_softhsm_conf(h->dir, &t->e);
    if (rc == MC_OK)
        rc = make_so_pin(c, &t->e);
    if (rc == MC_OK)
        rc = create_token(h, c, &t->e);
    if (rc == MC_OK)
        rc = hsm_store_sync(h->dir, h->serial, &t->e);
    if (rc == MC_OK)
        rc = hsm_store_keep(h->dir, h->serial, &t->e);
    close(lock);
    return rc;
}

static enum mc_rc create_with(struct hsm *h, const struct hsm_config *cfg, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    enum mc_rc rc = hsm_task_new(h, sizeof(struct create_task), create_run, &t, e);

    if (rc != MC_OK)
        return rc;
    t->clear = clear_create;
    rc = hsm_pin_read(&cfg->pin, h->label, &((struct create_task *)t)->pin, e);
    if (rc == MC_OK)
        rc = hsm_task_run(&h->sessions[0], &t, 2 * h->timeout_ms, e);
    hsm_task_free(t);
    return rc;
}

enum mc_rc hsm_embedded_create(const struct hsm_config *cfg, char serial[17], struct mc_err *e)
{
    struct hsm *h = NULL;
    enum mc_rc rc;

    if (cfg->module != NULL)
        return mc_fail(e, HSM_E_MODULE, NULL, "only the embedded token can be made, and a module is given");
    rc = hsm_new(cfg, &h, e);
    if (rc == MC_OK)
        rc = check_empty(h->dir, e);
    if (rc == MC_OK)
        rc = create_with(h, cfg, e);
    if (rc == MC_OK)
        snprintf(serial, 17, "%s", h->serial);
    hsm_free(h);
    return rc;
}
