/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.c - keeps the embedded token's files whole.
 *
 * SoftHSM rewrites tokens/UUID/token.object at every login, also with a wrong PIN: it truncates the file,
 * drops its lock, and only then writes, without fsync or rename. Two processes that start together fail,
 * and a process that is killed in that moment leaves the file empty: the token and all its keys are lost.
 * The guards, each of which alone is not enough:
 *   - a lock around C_Initialize to C_Login (it does not help a process that is killed);
 *   - mode 0400, with which SoftHSM logs in without writing (root is not held by it);
 *   - token.object.copy, made while the file was good and put back under the lock when it differs.
 * token.object.sum is the SHA-256 of the copy: a copy that does not fit it never replaces a token.object
 * that is there. A PIN that another program changes is undone by this; the objects' key stays the same.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "internal.h"

#define OBJECT_MAX 65536 /* octets; a real token.object has 320 */
#define STORE_PATH 1024
#define SUM_TEXT   (2 * SHA256_DIGEST_LENGTH)

struct store {
    char folder[STORE_PATH], object[STORE_PATH]; /* tokens/UUID, tokens/UUID/token.object */
    char copy[STORE_PATH], sum[STORE_PATH], scratch[STORE_PATH];
};

struct content {
    size_t n;
    uint8_t bytes[OBJECT_MAX];
};

enum mc_rc hsm_store_lock(const char *dir, unsigned timeout_ms, int *fd, struct mc_err *e)
{
    char path[STORE_PATH];
    enum mc_rc rc = hsm_path_join(path, sizeof(path), dir, "lock", e);

    return rc != MC_OK ? rc : hsm_file_lock(path, timeout_ms, fd, e);
}

/* SoftHSM names a token's folder by a UUID whose last 16 hex digits are the serial number. */
static bool names_serial(const char *name, const char *serial)
{
    char digits[64];
    size_t n = 0, want;

    for (; *name != '\0' && n < sizeof(digits) - 1; name++)
        if (*name != '-')
            digits[n++] = *name;
    digits[n] = '\0';
    if (serial == NULL)
        return n == 32;
    want = strlen(serial);
    return n >= want && strcmp(digits + n - want, serial) == 0;
}

static enum mc_rc find_folder(
    const char *tokens, const char *serial, char *name, size_t cap, struct mc_err *e)
{
    DIR *d = opendir(tokens);
    struct dirent *entry;
    unsigned found = 0;

    if (d == NULL)
        return hsm_fail_errno(e, HSM_E_NO_TOKEN, "open", tokens);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.' || !names_serial(entry->d_name, serial))
            continue;
        found++;
        snprintf(name, cap, "%s", entry->d_name);
    }
    closedir(d);
    if (found == 0)
        return mc_fail(e, HSM_E_NO_TOKEN, NULL, "%s has no folder of serial number %s", tokens,
            serial ? serial : "(any)");
    if (found > 1)
        return mc_fail(e, HSM_E_TOKEN_TWICE, NULL, "%s holds %u tokens", tokens, found);
    return MC_OK;
}

static enum mc_rc find_store(const char *dir, const char *serial, struct store *st, struct mc_err *e)
{
    char tokens[STORE_PATH], name[256];
    enum mc_rc rc = hsm_path_join(tokens, sizeof(tokens), dir, "tokens", e);

    if (rc == MC_OK)
        rc = find_folder(tokens, serial, name, sizeof(name), e);
    if (rc == MC_OK)
        rc = hsm_path_join(st->folder, sizeof(st->folder), tokens, name, e);
    if (rc == MC_OK)
        rc = hsm_path_join(st->object, sizeof(st->object), st->folder, "token.object", e);
    if (rc == MC_OK)
        rc = hsm_path_join(st->copy, sizeof(st->copy), dir, "token.object.copy", e);
    if (rc == MC_OK)
        rc = hsm_path_join(st->sum, sizeof(st->sum), dir, "token.object.sum", e);
    if (rc == MC_OK)
        rc = hsm_path_join(st->scratch, sizeof(st->scratch), dir, "token.object.new", e);
    return rc;
}

static void sum_text(const struct content *c, char text[SUM_TEXT + 1])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256(c->bytes, c->n, digest);
    mc_hex_encode(digest, sizeof(digest), text);
}

static bool read_content(const char *path, struct content *c)
{
    return hsm_file_read(path, c->bytes, sizeof(c->bytes), &c->n) == 0 && c->n != 0;
}

/* The copy, only if its sum is there and right. */
static bool read_copy(const struct store *st, struct content *c)
{
    char want[SUM_TEXT + 1];
    uint8_t sum[SUM_TEXT + 2];
    size_t n = 0;

    if (!read_content(st->copy, c) || hsm_file_read(st->sum, sum, sizeof(sum), &n) != 0)
        return false;
    sum_text(c, want);
    return n == SUM_TEXT && memcmp(sum, want, SUM_TEXT) == 0;
}

static enum mc_rc protect(const struct store *st, struct mc_err *e)
{
    struct stat info;

    if (stat(st->object, &info) == 0 && (info.st_mode & 07777) == 0400)
        return MC_OK;
    if (chmod(st->object, 0400) == 0)
        return MC_OK;
    return hsm_fail_errno(e, HSM_E_STORE, "protect", st->object);
}

static enum mc_rc mend(const struct store *st, struct content *object, struct content *copy, struct mc_err *e)
{
    bool have_object = read_content(st->object, object);
    bool have_copy = read_copy(st, copy);

    if (!have_object && !have_copy)
        return mc_fail(e, HSM_E_STORE, NULL, "%s is missing or empty, and so is its copy", st->object);
    if (!have_copy ||
        (have_object && mc_span_eq(mc_span_of(object->bytes, object->n), mc_span_of(copy->bytes, copy->n))))
        return protect(st, e);
    errno = hsm_file_replace(st->object, st->scratch, copy->bytes, copy->n, 0400);
    return errno == 0 ? MC_OK : hsm_fail_errno(e, HSM_E_STORE, "restore", st->object);
}

enum mc_rc hsm_store_mend(const char *dir, const char *serial, struct mc_err *e)
{
    struct store st;
    struct content *both = NULL;
    enum mc_rc rc = find_store(dir, serial, &st, e);

    if (rc != MC_OK)
        return rc;
    both = calloc(2, sizeof(*both));
    if (both == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mend(&st, &both[0], &both[1], e);
    free(both);
    return rc;
}

/* The sum goes last: without it the copy is not trusted. */
static enum mc_rc keep(const struct store *st, struct content *c, struct mc_err *e)
{
    char text[SUM_TEXT + 1];

    if (read_copy(st, c))
        return MC_OK;
    if (!read_content(st->object, c))
        return mc_fail(e, HSM_E_STORE, NULL, "cannot read %s", st->object);
    errno = hsm_file_replace(st->copy, st->scratch, c->bytes, c->n, 0400);
    if (errno != 0)
        return hsm_fail_errno(e, HSM_E_STORE, "write", st->copy);
    sum_text(c, text);
    errno = hsm_file_replace(st->sum, st->scratch, text, SUM_TEXT, 0400);
    if (errno != 0)
        return hsm_fail_errno(e, HSM_E_STORE, "write", st->sum);
    return protect(st, e);
}

enum mc_rc hsm_store_keep(const char *dir, const char *serial, struct mc_err *e)
{
    struct store st;
    struct content *c = NULL;
    enum mc_rc rc = find_store(dir, serial, &st, e);

    if (rc != MC_OK)
        return rc;
    c = calloc(1, sizeof(*c));
    if (c == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = keep(&st, c, e);
    free(c);
    return rc;
}

static int sync_file_at(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int err = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (fsync(fd) != 0)
        err = errno;
    close(fd);
    return err;
}

static int sync_files(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    int err = 0;

    if (d == NULL)
        return errno;
    while (err == 0 && (entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.')
            err = sync_file_at(dirfd(d), entry->d_name);
    closedir(d);
    return err;
}

enum mc_rc hsm_store_sync(const char *dir, const char *serial, struct mc_err *e)
{
    char tokens[STORE_PATH];
    struct store st;
    enum mc_rc rc = find_store(dir, serial, &st, e);
    int err;

    if (rc == MC_OK)
        rc = hsm_path_join(tokens, sizeof(tokens), dir, "tokens", e);
    if (rc != MC_OK)
        return rc;
    err = sync_files(st.folder);
    if (err == 0)
        err = hsm_folder_sync(st.folder);
    if (err == 0)
        err = hsm_folder_sync(tokens);
    errno = err;
    return err == 0 ? MC_OK : hsm_fail_errno(e, HSM_E_STORE, "sync", st.folder);
}
