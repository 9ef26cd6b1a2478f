/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

static enum mc_rc get(struct state *s, const struct hsm_pin_source *pin, uint64_t number, uint8_t *seed, struct mc_err *e)
{
    uint8_t context[20];
    char path[STATE_PATH_MAX];
    bool made;
    enum mc_rc rc = seed_path(s, number, path) ? state_open_token(s, pin, e)
                                               : mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");

    return rc == MC_OK ? seed_get(s, path, context_of(number, context), "", seed, &made, e) : rc;
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

enum mc_rc batch_seed_destroy(struct state *s, uint32_t authority, uint64_t number, struct mc_err *e)
{
    static const char rule[] = "seed-destroyed";
    struct mc_entry x = {.type = ENTRY_SECRET,
        .time_unix = ca_now(),
        .authority = authority,
        .batch = number,
        .rule = mc_span_of(rule, sizeof(rule) - 1)};
    char path[STATE_PATH_MAX];
    enum mc_rc rc = seed_path(s, number, path) ? seed_destroy(s, path, e) : mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");

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
