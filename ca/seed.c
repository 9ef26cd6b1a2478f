/* SPDX-License-Identifier: Apache-2.0 */
#include "seed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cli/io.h"

/* A file that another process has put there meanwhile stays: CA_E_EXISTS. */
static enum mc_rc make(
    struct state *s, const char *path, struct mc_span context, const char *text, uint8_t *seed, struct mc_err *e)
{
    uint8_t file[SEED_SEALED_LEN + SEED_TEXT_MAX];
    char dir[STATE_PATH_MAX];
    size_t n = 0, text_n = strlen(text);
    enum mc_rc rc = ca_random(seed, FACTORY_SEED_LEN, e);

    if (rc == MC_OK)
        rc = hsm_seal(s->hsm, context, mc_span_of(seed, FACTORY_SEED_LEN), file, SEED_SEALED_LEN, &n, e);
    if (rc == MC_OK && (n != SEED_SEALED_LEN || text_n > SEED_TEXT_MAX || !state_path(s, "batches", dir)))
        rc = mc_fail(e, MC_E_INTERNAL, NULL, "a seed has %zu octets", n);
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0700, e);
    if (rc != MC_OK)
        return rc;
    memcpy(file + n, text, text_n);
    return io_create(path, mc_span_of(file, n + text_n), 0600, e);
}

/*
 * It is sealed, so that what a disk keeps of the file is worth nothing without the token; it is overwritten as well.
 */
static enum mc_rc remove_file(const char *path, struct mc_err *e)
{
    const uint8_t nothing[SEED_SEALED_LEN] = {0};
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return errno == ENOENT ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", path, strerror(errno));
    if (write(fd, nothing, sizeof(nothing)) != (ssize_t)sizeof(nothing) || fsync(fd) != 0 || unlink(path) != 0) {
        close(fd);
        return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", path, strerror(errno));
    }
    close(fd);
    return MC_OK;
}

static enum mc_rc sync_folder(const struct state *s, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    int fd = state_path(s, "batches", path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "batches: %s", strerror(errno));
}

enum mc_rc seed_destroy(struct state *s, const char *path, struct mc_err *e)
{
    enum mc_rc rc = remove_file(path, e);

    return rc == MC_OK ? sync_folder(s, e) : rc;
}

/* A file that was overwritten and not yet removed when its process was killed holds nothing any more. */
static enum mc_rc read_file(
    struct state *s, const char *path, struct mc_span context, uint8_t *seed, struct mc_err *e)
{
    uint8_t *file = NULL;
    size_t n = 0, seed_n = 0;
    enum mc_rc rc = io_read(path, SEED_SEALED_LEN + SEED_TEXT_MAX, &file, &n, e);

    if (rc == MC_OK && n < SEED_SEALED_LEN)
        rc = mc_fail(e, CA_E_STATE_DAMAGED, NULL, "%s is no sealed seed", path);
    else if (rc == MC_OK && file[0] == 0)
        rc = (rc = seed_destroy(s, path, e)) == MC_OK ? CA_E_FILE_NOT_FOUND : rc;
    else if (rc == MC_OK)
        rc = hsm_unseal(s->hsm, context, mc_span_of(file, SEED_SEALED_LEN), seed, FACTORY_SEED_LEN, &seed_n, e);
    free(file);
    return rc == MC_OK && seed_n != FACTORY_SEED_LEN ? mc_fail(e, HSM_E_UNSEAL, NULL, "it is no seed") : rc;
}

enum mc_rc seed_get(struct state *s, const char *path, struct mc_span context, const char *text,
    uint8_t seed[FACTORY_SEED_LEN], bool *made, struct mc_err *e)
{
    enum mc_rc rc = read_file(s, path, context, seed, e);

    *made = false;
    if (rc != CA_E_FILE_NOT_FOUND)
        return rc;
    mc_err_init(e);
    rc = make(s, path, context, text, seed, e);
    *made = rc == MC_OK;
    if (rc != CA_E_EXISTS)
        return rc;
    mc_err_init(e);
    return read_file(s, path, context, seed, e);
}
