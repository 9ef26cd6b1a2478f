/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h - a private folder with an embedded token in it, for one test. */
#ifndef TESTS_HSM_FIXTURE_H
#define TESTS_HSM_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/internal.h"

#define FIXTURE_PIN "fixture-pin-0123456789"

struct fixture {
    char root[128], dir[256], pin[256], wrong[256];
    char serial[17];
    struct hsm_config cfg;
    struct mc_err e;
};

static inline int fixture_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static inline void fixture_remove(struct fixture *f)
{
    nftw(f->root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline bool fixture_write(const char *path, const void *data, size_t n, mode_t mode)
{
    FILE *out = unlink(path) == 0 || errno == ENOENT ? fopen(path, "w") : NULL;
    bool ok = out != NULL && fwrite(data, 1, n, out) == n;

    if (out != NULL && fclose(out) != 0)
        ok = false;
    return ok && chmod(path, mode) == 0;
}

/* The folder and the PIN file; no token yet. */
static inline bool fixture_folder(struct fixture *f)
{
    const char *tmp = getenv("TMPDIR");

    memset(f, 0, sizeof(*f));
    mc_err_init(&f->e);
    snprintf(f->root, sizeof(f->root), "%.80s/heddle-hsm-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(f->root) == NULL)
        return false;
    snprintf(f->dir, sizeof(f->dir), "%s/softhsm", f->root);
    snprintf(f->pin, sizeof(f->pin), "%s/pin", f->root);
    snprintf(f->wrong, sizeof(f->wrong), "%s/pin-wrong", f->root);
    f->cfg = (struct hsm_config){
        .token_label = "fixture token",
        .embedded_dir = f->dir,
        .pin_wrong_file = f->wrong,
        .pin = {.fd = -1, .file = f->pin},
        .session_copy = true,
        .timeout_ms = 20000,
    };
    return mkdir(f->dir, 0700) == 0 && fixture_write(f->pin, FIXTURE_PIN "\n", strlen(FIXTURE_PIN) + 1, 0600);
}

static inline bool fixture_make(struct fixture *f)
{
    char text[512];

    if (!fixture_folder(f))
        return false;
    if (hsm_embedded_create(&f->cfg, f->serial, &f->e) == MC_OK) {
        f->cfg.token_serial = f->serial;
        return true;
    }
    mc_err_format(&f->e, text, sizeof(text));
    fprintf(stderr, "the fixture's token: %s\n", text);
    fixture_remove(f);
    return false;
}

/* The path of a file in the token's own folder (tokens/UUID). */
static inline bool fixture_token_file(const struct fixture *f, const char *name, char *out, size_t cap)
{
    char command[600];
    FILE *p;
    bool ok;

    snprintf(command, sizeof(command), "ls -d '%s'/tokens/*/", f->dir);
    p = popen(command, "r");
    ok = p != NULL && fgets(out, (int)cap, p) != NULL;
    if (p != NULL)
        pclose(p);
    if (!ok || strcspn(out, "\n") + strlen(name) + 1 >= cap)
        return false;
    strcpy(out + strcspn(out, "\n"), name);
    return true;
}

#endif
