/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cli/io.h"

#define SEALED_LEN (FACTORY_SEED_LEN + HSM_SEAL_OVERHEAD)

static bool seed_path(const struct state *s, uint64_t number, char out[STATE_PATH_MAX])
{
    char name[64];

    snprintf(name, sizeof(name), "batches/%" PRIu64 ".seed", number);
    return state_path(s, name, out);
}

/* A seed opens for its own batch alone. */
static struct mc_span context_of(uint64_t number, uint8_t buffer[20])
{
    memcpy(buffer, "batch-seed", 10);
    for (int i = 0; i < 8; i++)
        buffer[10 + i] = (uint8_t)(number >> (56 - 8 * i));
    return mc_span_of(buffer, 18);
}

/* --- in the process that asks the token ------------------------------------------------------------------- */

static enum mc_rc make_seed(struct state *s, const char *path, struct mc_span context, uint8_t *seed, struct mc_err *e)
{
    uint8_t sealed[SEALED_LEN];
    size_t n = 0;
    enum mc_rc rc = ca_random(seed, FACTORY_SEED_LEN, e);

    if (rc == MC_OK)
        rc = hsm_seal(s->hsm, context, mc_span_of(seed, FACTORY_SEED_LEN), sealed, sizeof(sealed), &n, e);
    return rc == MC_OK ? io_write(path, mc_span_of(sealed, n), 0600, e) : rc;
}

static enum mc_rc open_seed(
    struct state *s, struct mc_span sealed, struct mc_span context, uint8_t *seed, struct mc_err *e)
{
    size_t n = 0;
    enum mc_rc rc = hsm_unseal(s->hsm, context, sealed, seed, FACTORY_SEED_LEN, &n, e);

    return rc == MC_OK && n != FACTORY_SEED_LEN ? mc_fail(e, HSM_E_UNSEAL, NULL, "it is no seed") : rc;
}

static enum mc_rc get(struct state *s, const struct hsm_pin_source *pin, uint64_t number, uint8_t *seed, struct mc_err *e)
{
    uint8_t context[20], *sealed = NULL;
    char path[STATE_PATH_MAX];
    size_t n = 0;
    enum mc_rc rc;

    if (!seed_path(s, number, path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    rc = io_read(path, SEALED_LEN, &sealed, &n, e);
    if (rc != MC_OK && rc != CA_E_FILE_NOT_FOUND)
        return rc;
    if (rc == CA_E_FILE_NOT_FOUND)
        mc_err_init(e);
    rc = state_open_token(s, pin, e);
    if (rc == MC_OK)
        rc = sealed != NULL ? open_seed(s, mc_span_of(sealed, n), context_of(number, context), seed, e)
                            : make_seed(s, path, context_of(number, context), seed, e);
    free(sealed);
    return rc;
}

/* What comes back through the pipe. */
struct outcome {
    enum mc_rc rc;
    struct mc_err err;
    uint8_t seed[FACTORY_SEED_LEN];
};

static void ask(const struct state *s, const struct hsm_pin_source *pin, uint64_t number, int fd, pid_t parent)
{
    struct outcome o = {0};
    struct state own = *s;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    own.hsm = NULL;
    mc_err_init(&o.err);
    o.rc = get(&own, pin, number, o.seed, &o.err);
    hsm_close(own.hsm);
    if (write(fd, &o, sizeof(o)) != (ssize_t)sizeof(o))
        _exit(1);
    hsm_wipe(&o, sizeof(o));
    _exit(0);
}

static bool read_all(int fd, void *to, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t r = read(fd, (char *)to + done, n - done);

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        done += (size_t)r;
    }
    return true;
}

enum mc_rc batch_seed_get(struct state *s, const struct hsm_pin_source *pin, uint64_t number,
    uint8_t seed[FACTORY_SEED_LEN], struct mc_err *e)
{
    struct outcome o;
    pid_t parent = getpid(), pid;
    int pair[2];
    enum mc_rc rc;

    if (pipe2(pair, O_CLOEXEC) != 0)
        return mc_fail(e, CA_E_IO, NULL, "pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        close(pair[0]);
        ask(s, pin, number, pair[1], parent);
    }
    close(pair[1]);
    rc = pid < 0 ? mc_fail(e, CA_E_IO, NULL, "fork: %s", strerror(errno)) : MC_OK;
    if (rc == MC_OK && !read_all(pair[0], &o, sizeof(o)))
        rc = mc_fail(e, HSM_E_MODULE_CALL, NULL, "the process that asked the token ended");
    close(pair[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (rc != MC_OK)
        return rc;
    memcpy(seed, o.seed, FACTORY_SEED_LEN);
    if (o.rc != MC_OK && e != NULL)
        *e = o.err;
    rc = o.rc;
    hsm_wipe(&o, sizeof(o));
    return rc;
}

/* --- the end of a seed ------------------------------------------------------------------------------------ */

/*
 * It is sealed, so that what a disk keeps of the file is worth nothing without the token; it is overwritten as well.
 */
static enum mc_rc remove_file(const char *path, struct mc_err *e)
{
    const uint8_t nothing[SEALED_LEN] = {0};
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

enum mc_rc batch_seed_destroy(struct state *s, uint32_t authority, uint64_t number, struct mc_err *e)
{
    static const char rule[] = "seed-destroyed";
    struct mc_entry x = {.type = ENTRY_SECRET,
        .time_unix = ca_now(),
        .authority = authority,
        .batch = number,
        .rule = mc_span_of(rule, sizeof(rule) - 1)};
    char path[STATE_PATH_MAX];
    enum mc_rc rc = seed_path(s, number, path) ? remove_file(path, e) : mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");

    if (rc == MC_OK)
        rc = sync_folder(s, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    if (rc != MC_OK)
        return rc;
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}
