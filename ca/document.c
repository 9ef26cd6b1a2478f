/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static time_t seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* Polls: a lock that is waited for could be bounded only by a signal. */
static enum mc_rc lock_within(int fd, unsigned seconds, struct mc_err *e)
{
    const struct timespec nap = {0, 5000000};
    const time_t end = seconds_now() + (time_t)seconds;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return mc_fail(e, CA_E_IO, "run", "documents.lock: %s", strerror(errno));
        if (seconds_now() >= end)
            return mc_fail(e, CA_E_BUSY, NULL, "another process is signing a CRL, a declaration or a bundle");
        nanosleep(&nap, NULL);
    }
    return MC_OK;
}

static enum mc_rc lock(struct state *s, struct document *d, struct mc_err *e)
{
    char path[STATE_PATH_MAX];

    if (!state_path(s, "run/documents.lock", path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    d->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (d->lock < 0)
        return mc_fail(e, CA_E_IO, "run", "documents.lock: %s", strerror(errno));
    d->locked = true;
    return lock_within(d->lock, s->config.busy_timeout_seconds, e);
}

void document_end(struct document *d)
{
    if (d->locked)
        close(d->lock);
    d->locked = false;
}

enum mc_rc document_begin(struct state *s, struct document *d, struct mc_err *e)
{
    enum mc_rc rc = lock(s, d, e);

    d->time_unix = ca_now();
    if (rc == MC_OK)
        rc = issue_check_clock(s, d->time_unix, e);
    if (rc == MC_OK)
        rc = ledger_begin(s->ledger, e);
    return rc == MC_OK ? ledger_document_next(s->ledger, d->authority, d->what, &d->number, e) : rc;
}

static void fill_entry(const struct document *d, struct mc_entry *x)
{
    *x = (struct mc_entry){
        .type = ENTRY_DOCUMENT,
        .time_unix = ca_now(),
        .authority = d->authority,
        .issuer = d->subject,
        .document = (uint8_t)d->what,
        .number = d->number,
        .until_unix = (uint64_t)d->until_unix,
        .tbs_sha256 = mc_span_of(d->tbs_sha256, sizeof(d->tbs_sha256)),
        .name = mc_span_of(d->name, d->name != NULL ? strlen(d->name) : 0),
    };
}

enum mc_rc document_commit(struct state *s, struct document *d, struct mc_span tbs, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = mc_sha256(s->verifier, tbs, d->tbs_sha256);

    fill_entry(d, &x);
    if (rc != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    else
        rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}

enum mc_rc document_sign(struct state *s, const struct document *d, struct hsm_key *key,
    const uint8_t point[MC_POINT_LEN], uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    enum mc_rc rc = hsm_sign(key, d->tbs_sha256, sig, e);

    if (rc != MC_OK)
        return rc;
    rc = mc_verify(s->verifier, point, d->tbs_sha256, sig);
    return rc == MC_OK ? MC_OK : mc_fail(e, mc_rc_class(rc) == MC_CLASS_INTERNAL ? rc : HSM_E_SIGN, mc_document_name(d->what), NULL);
}

enum mc_rc document_released(struct state *s, const struct document *d, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    fill_entry(d, &x);
    x.has_state = true;
    x.state = AUTHORITY_ACTIVE;
    if (rc == MC_OK)
        rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK)
        ledger_rollback(s->ledger);
    return rc;
}
