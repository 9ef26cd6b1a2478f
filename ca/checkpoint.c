/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cli/io.h"

#define DAY 86400

static enum mc_rc wrong(struct mc_err *e, const char *what)
{
    mc_err_init(e);
    return mc_fail(e, CA_E_LEDGER, "checkpoint", "%s", what);
}

enum mc_rc audit_key_read(struct ledger *l, struct audit_key *k, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_get(l, 0, &r, e);

    if (rc != MC_OK && rc != CA_E_NOT_FOUND)
        return rc;
    if (rc != MC_OK || r.x.type != ENTRY_GENESIS || r.x.key_id.n != sizeof(k->key_id)) {
        mc_err_init(e);
        return mc_fail(e, CA_E_LEDGER, "entry 0", "it does not name origin and audit key");
    }
    memcpy(k->origin, r.x.name.p, r.x.name.n);
    k->origin[r.x.name.n] = '\0';
    memcpy(k->point, r.x.point.p, sizeof(k->point));
    memcpy(k->key_id, r.x.key_id.p, sizeof(k->key_id));
    return MC_OK;
}

/* Signature and form; what is wrong is said in terms of the ledger. */
static enum mc_rc check_note(struct state *s, const struct audit_key *k, struct mc_span note, const char *name,
    struct mc_checkpoint *c, struct mc_err *e)
{
    enum mc_rc rc = mc_note_check(s->verifier, note, k->origin, k->point, c, NULL);

    if (mc_rc_class(rc) == MC_CLASS_INTERNAL)
        return mc_fail(e, rc, NULL, NULL);
    mc_err_init(e);
    if (rc == CA_E_NOTE)
        return mc_fail(e, CA_E_LEDGER, "checkpoint", "%s is not a signed checkpoint: damaged, or cut off", name);
    if (rc != MC_OK)
        return mc_fail(e, CA_E_LEDGER, "checkpoint",
            "signature: %s is not signed by the audit key of this ledger: forged, or of another ledger", name);
    if (strcmp(c->origin, k->origin) != 0)
        return mc_fail(e, CA_E_LEDGER, "checkpoint", "%s is of another ledger: %s", name, c->origin);
    return MC_OK;
}

static enum mc_rc compare_head(struct state *s, const struct mc_checkpoint *c, const char *name, struct mc_err *e)
{
    unsigned long long size = c->size;
    struct ledger_head h;
    enum mc_rc rc = ledger_head(s->ledger, &h, e);

    if (rc == MC_OK && h.size > c->size)
        rc = ledger_root_at(s->ledger, c->size, h.root, e);
    if (rc != MC_OK)
        return rc;
    if (h.size < c->size)
        return mc_fail(e, CA_E_LEDGER, "checkpoint",
            "rolled back: %llu entries, but %s was signed over %llu; an older database was put back, or its end cut off",
            (unsigned long long)h.size, name, size);
    if (memcmp(h.root, c->root, sizeof(h.root)) != 0)
        return mc_fail(e, CA_E_LEDGER, "checkpoint",
            "forked: the first %llu entries are not those that %s was signed over; entries were changed, or this is "
            "another branch of the ledger",
            size, name);
    return MC_OK;
}

enum mc_rc checkpoint_compare(
    struct state *s, struct mc_span note, const char *name, struct mc_checkpoint *c, struct mc_err *e)
{
    struct audit_key k;
    enum mc_rc rc = audit_key_read(s->ledger, &k, e);

    if (rc == MC_OK)
        rc = check_note(s, &k, note, name, c, e);
    return rc == MC_OK ? compare_head(s, c, name, e) : rc;
}

enum mc_rc checkpoint_text(const struct state *s, char *out, size_t *n, struct mc_err *e)
{
    char path[STATE_PATH_MAX];

    if (!state_path(s, CHECKPOINT_FILE, path))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "the path is too long");
    return io_read_into(path, (uint8_t *)out, NOTE_MAX + 1, n, e);
}

enum mc_rc checkpoint_guard(struct state *s, struct mc_err *e)
{
    char text[NOTE_MAX + 1], path[STATE_PATH_MAX];
    struct mc_checkpoint c;
    struct stat st;
    size_t n;
    enum mc_rc rc = checkpoint_text(s, text, &n, e);

    s->checkpoint.missing = rc == CA_E_FILE_NOT_FOUND;
    if (s->checkpoint.missing)
        mc_err_init(e);
    if (rc == MC_E_TOO_BIG)
        return wrong(e, "the state's checkpoint is not a signed checkpoint: it is too large");
    if (rc != MC_OK)
        return s->checkpoint.missing ? MC_OK : rc;
    rc = checkpoint_compare(s, mc_span_of(text, n), "the state's checkpoint", &c, e);
    if (rc != MC_OK)
        return rc;
    s->checkpoint.size = c.size;
    if (state_path(s, CHECKPOINT_FILE, path) && stat(path, &st) == 0)
        s->checkpoint.time_unix = st.st_mtime;
    return MC_OK;
}

/*
 * The root comes from the stored leaves and subtrees, not from memory or the head's row alone: a signature over a
 * head that the rows do not have would make a sound ledger look forked.
 */
enum mc_rc checkpoint_draft(struct state *s, struct checkpoint_draft *d, struct mc_err *e)
{
    uint8_t root[MC_DIGEST_LEN];
    struct ledger_head h;
    enum mc_rc rc = audit_key_read(s->ledger, &d->key, e);

    if (rc == MC_OK)
        rc = ledger_head(s->ledger, &h, e);
    if (rc == MC_OK)
        rc = ledger_root_at(s->ledger, h.size, root, e);
    if (rc == MC_OK && memcmp(root, h.root, sizeof(root)) != 0)
        rc = mc_fail(e, CA_E_LEDGER, "head", "its root is not that of the entries");
    if (rc != MC_OK)
        return rc;
    d->c = (struct mc_checkpoint){.size = h.size};
    memcpy(d->c.root, h.root, sizeof(d->c.root));
    memcpy(d->c.origin, d->key.origin, sizeof(d->key.origin));
    rc = mc_note_format_body(&d->c, d->body, sizeof(d->body), &d->n, e);
    if (rc == MC_OK)
        rc = mc_sha256(s->verifier, mc_span_of(d->body, d->n), d->digest);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

/* Two processes that make checkpoints at once: the folder is the lock. */
static enum mc_rc lock(const struct state *s, int *fd, struct mc_err *e)
{
    *fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
        if (*fd >= 0)
            close(*fd);
        return mc_fail(e, CA_E_IO, "checkpoint", "the state cannot be locked: %s", strerror(errno));
    }
    return MC_OK;
}

static enum mc_rc put_in_place(struct state *s, const struct mc_checkpoint *c, struct mc_span note, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    enum mc_rc rc;
    int fd;

    if (!state_path(s, CHECKPOINT_FILE, path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    rc = lock(s, &fd, e);
    if (rc != MC_OK)
        return rc;
    s->checkpoint.size = 0;
    rc = checkpoint_guard(s, e);
    if (rc == MC_OK && c->size > s->checkpoint.size) {
        rc = io_write(path, note, 0600, e);
        if (rc == MC_OK)
            s->checkpoint = (struct state_checkpoint){.size = c->size, .time_unix = ca_now()};
    }
    close(fd);
    return rc;
}

enum mc_rc checkpoint_put(
    struct state *s, struct checkpoint_draft *d, const uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    const struct audit_key *k = &d->key;
    char note[NOTE_MAX];
    size_t n;
    enum mc_rc rc =
        mc_note_assemble(s->verifier, mc_span_of(d->body, d->n), k->origin, k->point, sig, note, sizeof(note), &n, e);

    if (rc == MC_OK && mc_note_check(s->verifier, mc_span_of(note, n), k->origin, k->point, &d->c, NULL) != MC_OK)
        rc = mc_fail(e, HSM_E_SIGN, "checkpoint", NULL);
    return rc == MC_OK ? put_in_place(s, &d->c, mc_span_of(note, n), e) : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc sign_here(
    void *arg, const struct audit_key *k, const uint8_t digest[MC_DIGEST_LEN], uint8_t sig[MC_SIG_LEN], struct mc_err *e)
{
    struct state *s = arg;
    struct hsm_key *key;
    enum mc_rc rc = hsm_find_key(s->hsm, k->key_id, k->point, &key, e);

    return rc == MC_OK ? hsm_sign(key, digest, sig, e) : rc;
}

enum mc_rc checkpoint_make(struct state *s, struct mc_err *e)
{
    return checkpoint_make_by(s, &(struct checkpoint_signer){sign_here, s}, e);
}

enum mc_rc checkpoint_make_by(struct state *s, const struct checkpoint_signer *by, struct mc_err *e)
{
    struct checkpoint_draft d;
    uint8_t sig[MC_SIG_LEN];
    enum mc_rc rc = ledger_maintain(s->ledger, e);

    if (rc == MC_OK)
        rc = checkpoint_draft(s, &d, e);
    if (rc == MC_OK)
        rc = by->sign(by->arg, &d.key, d.digest, sig, e);
    return rc == MC_OK ? checkpoint_put(s, &d, sig, e) : rc;
}

bool checkpoint_is_due(const struct state *s, uint64_t size)
{
    int64_t age = ca_now() - s->checkpoint.time_unix;

    return size >= s->checkpoint.size + s->config.checkpoint_every || age >= DAY || age < 0;
}

enum mc_rc checkpoint_make_due(struct state *s, struct mc_err *e)
{
    struct ledger_head h;
    enum mc_rc rc = ledger_head(s->ledger, &h, e);

    return rc == MC_OK && checkpoint_is_due(s, h.size) ? checkpoint_make(s, e) : rc;
}
