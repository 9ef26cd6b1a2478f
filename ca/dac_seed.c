/* SPDX-License-Identifier: Apache-2.0 */
#include "dac_seed.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/pubkey.h"

#define PREFIX      "device-"
#define NAME_LEN    (sizeof(PREFIX) - 1 + 32 + 5) /* 32 hex digits and ".seed" */
#define CONTEXT     "device-seed"
#define CONTEXT_MAX (sizeof(CONTEXT) + ENTRY_REQUEST_MAX)

static bool path_of(struct state *s, const char *request_id, char out[STATE_PATH_MAX])
{
    uint8_t hash[MC_DIGEST_LEN];
    char hex[33], name[64];

    if (mc_sha256(s->verifier, mc_span_of(request_id, strlen(request_id)), hash) != MC_OK)
        return false;
    mc_hex_encode(hash, 16, hex);
    snprintf(name, sizeof(name), "batches/" PREFIX "%s.seed", hex);
    return state_path(s, name, out);
}

enum mc_rc dac_seed_get(struct state *s, const char *request_id, struct dac_seed *d, struct mc_err *e)
{
    uint8_t context[CONTEXT_MAX];
    struct mc_out o = mc_out_of(context, sizeof(context));
    enum mc_rc rc;

    memset(d, 0, sizeof(*d));
    d->fd = -1;
    mc_out_put(&o, CONTEXT, sizeof(CONTEXT));
    mc_out_put(&o, request_id, strlen(request_id));
    if (o.rc != MC_OK || !path_of(s, request_id, d->path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    rc = seed_get(s, d->path, mc_span_of(context, o.n), request_id, d->seed, &d->made, e);
    if (rc != MC_OK)
        return rc;
    /* Two processes with the same request may share it: they make the same device. */
    d->fd = open(d->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (d->fd >= 0)
        (void)flock(d->fd, LOCK_SH | LOCK_NB);
    return MC_OK;
}

bool dac_seed_kept(struct state *s, const char *request_id)
{
    char path[STATE_PATH_MAX];

    return path_of(s, request_id, path) && access(path, F_OK) == 0;
}

enum mc_rc dac_seed_destroy(struct state *s, struct dac_seed *d, struct mc_err *e)
{
    return d->path[0] != '\0' ? seed_destroy(s, d->path, e) : MC_OK;
}

void dac_seed_close(struct dac_seed *d)
{
    if (d->fd >= 0)
        close(d->fd);
    hsm_wipe(d, sizeof(*d));
    d->fd = -1;
}

/* The text behind the sealed seed, where nobody holds the file. */
static bool read_left(int dir, const char *name, char text[SEED_TEXT_MAX + 1])
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = -1;

    if (fd < 0)
        return false;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        n = pread(fd, text, SEED_TEXT_MAX, SEED_SEALED_LEN);
    close(fd);
    for (ssize_t i = 0; i < n; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return false;
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

void dac_seed_left(struct state *s, void (*each)(void *arg, const char *request_id), void *arg)
{
    char path[STATE_PATH_MAX], text[SEED_TEXT_MAX + 1];
    DIR *d = state_path(s, "batches", path) ? opendir(path) : NULL;
    struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL)
        if (strlen(entry->d_name) == NAME_LEN && strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) == 0 &&
            read_left(dirfd(d), entry->d_name, text))
            each(arg, text);
    if (d != NULL)
        closedir(d);
}
