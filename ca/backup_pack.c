/* SPDX-License-Identifier: Apache-2.0 */
#include "backup_pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "hsm/hsm.h"
#include "state.h"

#define PIECE     16384
#define DEPTH_MAX 3
#define HEAD_LEN  10

/* --- names -------------------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

bool pack_name_valid(const char *name)
{
    static const char *const files[] = {"heddle.conf", "ledger.db", "checkpoint", "pin", "manifest.json"};
    unsigned depth = 0;
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (strcmp(name, files[i]) == 0)
            return true;
    if (n > PACK_NAME_MAX || (!has_prefix(name, "profiles/") && !has_prefix(name, "batches/") && !has_prefix(name, "softhsm/")))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool begins = i == 0 || name[i - 1] == '/';

        if (name[i] == '/' ? begins || i + 1 == n || ++depth > DEPTH_MAX : !is_name_char(name[i]) || (begins && name[i] == '.'))
            return false;
    }
    return true;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

/*
 * Locks hold nothing. A seed makes the keys of devices: it must not live on in a copy when it is destroyed here.
 * softhsm2.conf is written anew for the folder that the token comes to.
 */
static bool is_left_out(const char *name)
{
    return name[0] == '.' || strcmp(name, "lock") == 0 || strcmp(name, "softhsm2.conf") == 0 || ends_with(name, ".lock") ||
           ends_with(name, ".seed") || ends_with(name, ".new");
}

/* --- packing ------------------------------------------------------------------------------------------ */

static enum mc_rc put_head(struct seal *s, const char *name, uint64_t size, struct mc_err *e)
{
    uint8_t head[HEAD_LEN];
    size_t n = strlen(name);
    enum mc_rc rc;

    if (!pack_name_valid(name))
        return mc_fail(e, CA_E_READ, NULL, "%s: a state has no file of this name; take it away or rename it", name);
    head[0] = (uint8_t)(n >> 8);
    head[1] = (uint8_t)n;
    for (int i = 0; i < 8; i++)
        head[2 + i] = (uint8_t)(size >> (56 - 8 * i));
    rc = seal_write(s, head, sizeof(head), e);
    return rc == MC_OK ? seal_write(s, name, n, e) : rc;
}

enum mc_rc pack_bytes(struct seal *s, const char *name, struct mc_span bytes, struct mc_err *e)
{
    uint8_t sum[SHA256_DIGEST_LENGTH];
    enum mc_rc rc = put_head(s, name, bytes.n, e);

    if (rc == MC_OK)
        rc = seal_write(s, bytes.p, bytes.n, e);
    SHA256(bytes.p, bytes.n, sum);
    return rc == MC_OK ? seal_write(s, sum, sizeof(sum), e) : rc;
}

/* As many octets as the file had when it was opened. */
static enum mc_rc put_content(struct seal *s, int fd, uint64_t size, EVP_MD_CTX *md, struct mc_err *e)
{
    uint8_t piece[PIECE];
    enum mc_rc rc = MC_OK;

    while (size != 0 && rc == MC_OK) {
        ssize_t n = read(fd, piece, size < sizeof(piece) ? (size_t)size : sizeof(piece));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            rc = mc_fail(e, CA_E_READ, NULL, "%s", n < 0 ? strerror(errno) : "it became shorter while it was read");
        else if (EVP_DigestUpdate(md, piece, (size_t)n) != 1)
            rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
        else
            rc = seal_write(s, piece, (size_t)n, e);
        size -= n > 0 ? (uint64_t)n : 0;
    }
    hsm_wipe(piece, sizeof(piece));
    return rc;
}

static enum mc_rc put_file(struct seal *s, const char *name, int fd, struct mc_err *e)
{
    uint8_t sum[SHA256_DIGEST_LENGTH];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct stat st;
    enum mc_rc rc = MC_OK;

    if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = mc_fail(e, CA_E_READ, NULL, "%s is no regular file", name);
    if (rc == MC_OK)
        rc = put_head(s, name, (uint64_t)st.st_size, e);
    if (rc == MC_OK)
        rc = put_content(s, fd, (uint64_t)st.st_size, md, e);
    if (rc == MC_OK && EVP_DigestFinal_ex(md, sum, NULL) != 1)
        rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    if (rc == MC_OK)
        rc = seal_write(s, sum, sizeof(sum), e);
    EVP_MD_CTX_free(md);
    return rc;
}

enum mc_rc pack_file(struct seal *s, const char *name, const char *path, struct mc_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum mc_rc rc;

    if (fd < 0)
        return mc_fail(e, CA_E_READ, NULL, "%s: %s", path, strerror(errno));
    rc = put_file(s, name, fd, e);
    close(fd);
    return rc;
}

static int listed(const struct dirent *d)
{
    return !is_left_out(d->d_name);
}

static enum mc_rc pack_one(struct seal *s, const char *dir, const char *name, struct mc_err *e)
{
    char path[STATE_PATH_MAX + PACK_NAME_MAX];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (lstat(path, &st) != 0)
        return mc_fail(e, CA_E_READ, NULL, "%s: %s", path, strerror(errno));
    return S_ISDIR(st.st_mode) ? pack_tree(s, dir, name, e) : pack_file(s, name, path, e);
}

/* Names that are too long are cut and fail as names; folders nest no deeper than names may. */
enum mc_rc pack_tree(struct seal *s, const char *dir, const char *name, struct mc_err *e)
{
    char path[STATE_PATH_MAX + PACK_NAME_MAX], inner[PACK_NAME_MAX + 2];
    struct dirent **list;
    enum mc_rc rc = MC_OK;
    int n;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    n = scandir(path, &list, listed, alphasort);
    if (n < 0)
        return errno == ENOENT ? MC_OK : mc_fail(e, CA_E_READ, NULL, "%s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        int len = snprintf(inner, sizeof(inner), "%s/%s", name, list[i]->d_name);

        if (rc == MC_OK && (len < 0 || len > PACK_NAME_MAX))
            rc = mc_fail(e, CA_E_READ, NULL, "%s/%s: the name is too long", path, list[i]->d_name);
        if (rc == MC_OK)
            rc = pack_one(s, dir, inner, e);
        free(list[i]);
    }
    free(list);
    return rc;
}

enum mc_rc pack_end(struct seal *s, struct mc_err *e)
{
    enum mc_rc rc = seal_write(s, "\0", 2, e);

    return rc == MC_OK ? seal_finish(s, e) : rc;
}

/* --- unpacking ---------------------------------------------------------------------------------------- */

struct member {
    char name[PACK_NAME_MAX + 1];
    uint64_t size;
};

static enum mc_rc bad_member(struct mc_err *e, const char *name, const char *what)
{
    return mc_fail(e, CA_E_BACKUP_DAMAGED, NULL, "%s: %s", name, what);
}

/* What no backup of ours holds in its folders: of somebody else's it would steer the token, or pass for a seed. */
static bool is_never_packed(const char *name)
{
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        char part[PACK_NAME_MAX + 1];

        snprintf(part, sizeof(part), "%.*s", (int)strcspn(slash + 1, "/"), slash + 1);
        if (is_left_out(part))
            return true;
    }
    return false;
}

static enum mc_rc take_head(struct seal *s, struct member *m, bool *end, struct mc_err *e)
{
    uint8_t head[HEAD_LEN];
    size_t n;
    enum mc_rc rc = seal_read(s, head, 2, e);

    n = rc == MC_OK ? (size_t)head[0] << 8 | head[1] : 0;
    *end = rc == MC_OK && n == 0;
    if (rc != MC_OK || *end)
        return rc;
    if (n > PACK_NAME_MAX)
        return bad_member(e, "a file", "its name is too long");
    rc = seal_read(s, head + 2, HEAD_LEN - 2, e);
    if (rc == MC_OK)
        rc = seal_read(s, m->name, n, e);
    if (rc != MC_OK)
        return rc;
    m->name[n] = '\0';
    m->size = 0;
    for (int i = 0; i < 8; i++)
        m->size = m->size << 8 | head[2 + i];
    return strlen(m->name) == n && pack_name_valid(m->name) && !is_never_packed(m->name)
               ? MC_OK
               : bad_member(e, "a file", "a state has none of its name");
}

static enum mc_rc take_content(struct seal *s, const struct member *m, int fd, EVP_MD_CTX *md, struct mc_err *e)
{
    uint8_t piece[PIECE];
    uint64_t left = m->size;
    enum mc_rc rc = MC_OK;

    while (left != 0 && rc == MC_OK) {
        size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

        rc = seal_read(s, piece, n, e);
        if (rc == MC_OK && EVP_DigestUpdate(md, piece, n) != 1)
            rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
        if (rc == MC_OK && fd >= 0)
            rc = seal_write_fd(fd, piece, n, e);
        left -= n;
    }
    hsm_wipe(piece, sizeof(piece));
    return rc;
}

static enum mc_rc take_file(struct seal *s, const struct member *m, int fd, struct mc_err *e)
{
    uint8_t sum[SHA256_DIGEST_LENGTH], want[SHA256_DIGEST_LENGTH];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    enum mc_rc rc = md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1 ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : MC_OK;

    if (rc == MC_OK)
        rc = take_content(s, m, fd, md, e);
    if (rc == MC_OK)
        rc = seal_read(s, want, sizeof(want), e);
    if (rc == MC_OK && (EVP_DigestFinal_ex(md, sum, NULL) != 1 || memcmp(sum, want, sizeof(sum)) != 0))
        rc = bad_member(e, m->name, "its digest is wrong");
    EVP_MD_CTX_free(md);
    return rc;
}

/* The folders of a name, made one by one; names have no more than a few. */
static enum mc_rc make_folders(const char *dir, const char *name, struct mc_err *e)
{
    char path[STATE_PATH_MAX + PACK_NAME_MAX];

    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof(path), "%s/%.*s", dir, (int)(slash - name), name);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", path, strerror(errno));
    }
    return MC_OK;
}

static enum mc_rc unpack_to(struct seal *s, const char *dir, const struct member *m, struct mc_err *e)
{
    char path[STATE_PATH_MAX + PACK_NAME_MAX];
    enum mc_rc rc = make_folders(dir, m->name, e);
    int fd;

    if (rc != MC_OK)
        return rc;
    snprintf(path, sizeof(path), "%s/%s", dir, m->name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST)
        return bad_member(e, m->name, "it is there twice");
    if (fd < 0)
        return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", path, strerror(errno));
    rc = take_file(s, m, fd, e);
    close(fd);
    return rc;
}

enum mc_rc unpack(struct seal *s, const char *dir, unsigned *n, struct mc_err *e)
{
    struct member m;
    bool end = false;
    enum mc_rc rc = take_head(s, &m, &end, e);

    for (*n = 0; rc == MC_OK && !end; (*n)++) {
        rc = dir != NULL ? unpack_to(s, dir, &m, e) : take_file(s, &m, -1, e);
        if (rc == MC_OK)
            rc = take_head(s, &m, &end, e);
    }
    if (rc == MC_OK && !seal_at_end(s))
        rc = mc_fail(e, CA_E_BACKUP_DAMAGED, NULL, "something follows its end");
    return rc;
}
