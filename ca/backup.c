/* SPDX-License-Identifier: Apache-2.0 */
#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_pack.h"
#include "checkpoint.h"
#include "lib/cli/json.h"

#define SNAPSHOT "backup."

/* --- the ledger at one moment --------------------------------------------------------------------------- */

struct snapshot {
    char path[STATE_PATH_MAX];
    int fd; /* locked while it is in use */
};

static void remove_snapshot(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[STATE_PATH_MAX + 288];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* What a backup that was killed has left: nobody holds its lock. */
static void sweep(const char *run)
{
    DIR *d = opendir(run);
    struct dirent *entry;
    char path[STATE_PATH_MAX + 264];

    while (d != NULL && (entry = readdir(d)) != NULL) {
        int fd;

        if (strncmp(entry->d_name, SNAPSHOT, strlen(SNAPSHOT)) != 0 || strchr(entry->d_name, '-') != NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", run, entry->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_snapshot(path);
        if (fd >= 0)
            close(fd);
    }
    if (d != NULL)
        closedir(d);
}

static enum mc_rc take_snapshot(struct state *s, struct snapshot *shot, struct mc_err *e)
{
    char run[STATE_PATH_MAX];
    int n;

    shot->fd = -1;
    if (!state_path(s, "run", run))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    sweep(run);
    n = snprintf(shot->path, sizeof(shot->path), "%s/" SNAPSHOT "XXXXXX", run);
    if (n < 0 || (size_t)n >= sizeof(shot->path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    shot->fd = mkostemp(shot->path, O_CLOEXEC);
    if (shot->fd < 0 || flock(shot->fd, LOCK_EX) != 0)
        return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", run, strerror(errno));
    return ledger_copy(s->ledger, shot->path, e);
}

static void drop_snapshot(struct snapshot *shot)
{
    if (shot->fd < 0)
        return;
    remove_snapshot(shot->path);
    close(shot->fd);
}

/* A backup of a ledger that is not sound would be found out when it is needed. */
static enum mc_rc examine(struct state *s, const struct snapshot *shot, struct backup_facts *facts, struct mc_err *e)
{
    struct ledger *own = s->ledger;
    struct ledger_head head;
    struct audit_key k;
    enum mc_rc rc;

    rc = ledger_open(shot->path, LEDGER_READ, 0, &s->ledger, e);
    if (rc != MC_OK) {
        s->ledger = own;
        return rc;
    }
    rc = ledger_verify(s->ledger, 0, NULL, NULL, e);
    if (rc == MC_OK)
        rc = ledger_head(s->ledger, &head, e);
    if (rc == MC_OK)
        rc = audit_key_read(s->ledger, &k, e);
    ledger_close(s->ledger);
    s->ledger = own;
    if (rc != MC_OK)
        return rc;
    facts->entries = head.size;
    snprintf(facts->origin, sizeof(facts->origin), "%s", k.origin);
    return MC_OK;
}

/* --- the keys --------------------------------------------------------------------------------------------- */

/* How keys are saved is the token's own matter; its module tells whose it is. */
static const struct {
    const char *module, *procedure;
} vendors[] = {
    {"yubihsm", "YubiHSM 2: export the keys under a wrap key with yubihsm-shell (get wrapped) onto a second device"},
    {"Cryptoki2", "Thales Luna: partition backup to a Luna Backup HSM or a member of the high-availability group (lunacm)"},
    {"cryptoki", "Thales Luna: partition backup to a Luna Backup HSM or a member of the high-availability group (lunacm)"},
    {"cknfast", "Entrust nShield: copy kmdata/local of the security world and keep the administrator card set"},
    {"cs_pkcs11", "Utimaco: backup under the master backup key (p11tool2 or csadm)"},
    {"cloudhsm", "AWS CloudHSM: the cluster's own backups; note the cluster and the region"},
    {"sc-hsm", "SmartCard-HSM, Nitrokey HSM: wrapped keys under the DKEK shares (sc-hsm-tool --wrap-key)"},
    {"opensc", "SmartCard-HSM, Nitrokey HSM: wrapped keys under the DKEK shares (sc-hsm-tool --wrap-key)"},
    {"softhsm", "SoftHSM outside of the state: copy its token directory while nothing uses it"},
    {"", "the vendor's procedure for key backup (wrapped keys, a cloned token, a second member of the cluster)"},
};

static void note_keys(const struct state *s, struct backup_facts *facts)
{
    size_t i = 0;

    snprintf(facts->token, sizeof(facts->token), "%s", s->config.label);
    facts->embedded = s->config.module[0] == '\0';
    if (facts->embedded)
        return;
    while (strcasestr(s->config.module, vendors[i].module) == NULL)
        i++;
    snprintf(facts->keys_note, sizeof(facts->keys_note),
        "the keys are not in this file; they are in the token '%s' (serial %s), and are backed up by: %s",
        s->config.label, s->config.serial, vendors[i].procedure);
}

static enum mc_rc pack_keys(struct state *s, struct seal *seal, struct mc_err *e)
{
    char dir[STATE_PATH_MAX], pin[STATE_PATH_MAX];
    int lock;
    enum mc_rc rc;

    if (!state_path(s, "softhsm", dir) || !state_path(s, "pin", pin))
        return mc_fail(e, CA_E_READ, NULL, "the path is too long");
    rc = hsm_embedded_lock(dir, &lock, e);
    if (rc != MC_OK)
        return rc;
    rc = pack_tree(seal, s->dir, "softhsm", e);
    if (rc == MC_OK)
        rc = pack_file(seal, "pin", pin, e);
    close(lock);
    return rc;
}

/* --- the file --------------------------------------------------------------------------------------------- */

static enum mc_rc pack_manifest(struct seal *seal, const struct backup_facts *f, struct mc_err *e)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    struct json j;
    enum mc_rc rc;

    if (out == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    json_init(&j, out, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.backup-manifest/1");
    json_number(&j, "time", f->time_unix);
    json_string(&j, "origin", f->origin);
    json_number(&j, "entries", (int64_t)f->entries);
    json_number(&j, "checkpoint", (int64_t)f->checkpoint);
    json_string(&j, "token", f->token);
    json_bool(&j, "keys", f->embedded);
    json_string(&j, "keys_note", f->keys_note);
    json_end_object(&j);
    rc = fclose(out) == 0 ? pack_bytes(seal, "manifest.json", mc_span_of(text, n), e) : mc_fail(e, MC_E_MEMORY, NULL, NULL);
    free(text);
    return rc;
}

static enum mc_rc pack_named(struct state *s, struct seal *seal, const char *name, struct mc_err *e)
{
    char path[STATE_PATH_MAX];

    return state_path(s, name, path) ? pack_file(seal, name, path, e) : mc_fail(e, CA_E_READ, NULL, "the path is too long");
}

static enum mc_rc pack_ledger(struct state *s, struct seal *seal, struct backup_facts *facts, struct mc_err *e)
{
    struct snapshot shot;
    enum mc_rc rc = take_snapshot(s, &shot, e);

    if (rc == MC_OK)
        rc = examine(s, &shot, facts, e);
    if (rc == MC_OK)
        rc = pack_file(seal, "ledger.db", shot.path, e);
    drop_snapshot(&shot);
    return rc;
}

static enum mc_rc pack_checkpoint(struct state *s, struct seal *seal, struct backup_facts *facts, struct mc_err *e)
{
    char text[NOTE_MAX + 1];
    struct mc_checkpoint c;
    size_t n;
    enum mc_rc rc = checkpoint_text(s, text, &n, e);

    if (rc == CA_E_FILE_NOT_FOUND) {
        mc_err_init(e);
        return mc_fail(e, CA_E_CHECKPOINT_NONE, NULL, NULL);
    }
    if (rc == MC_OK)
        rc = checkpoint_compare(s, mc_span_of(text, n), "the state's checkpoint", &c, e);
    if (rc != MC_OK)
        return rc;
    facts->checkpoint = c.size;
    return pack_bytes(seal, "checkpoint", mc_span_of(text, n), e);
}

static enum mc_rc pack_state(struct state *s, struct seal *seal, struct backup_facts *facts, struct mc_err *e)
{
    enum mc_rc rc = pack_named(s, seal, "heddle.conf", e);

    if (rc == MC_OK)
        rc = pack_tree(seal, s->dir, "profiles", e);
    if (rc == MC_OK)
        rc = pack_tree(seal, s->dir, "batches", e);
    if (rc == MC_OK)
        rc = pack_checkpoint(s, seal, facts, e);
    if (rc == MC_OK)
        rc = pack_ledger(s, seal, facts, e);
    if (rc == MC_OK && facts->embedded)
        rc = pack_keys(s, seal, e);
    if (rc == MC_OK)
        rc = pack_manifest(seal, facts, e);
    return rc == MC_OK ? pack_end(seal, e) : rc;
}

static enum mc_rc write_backup(
    struct state *s, int fd, const struct backup_order *o, struct backup_facts *facts, struct mc_err *e)
{
    struct seal *seal = NULL;
    enum mc_rc rc = seal_create(fd, o->passphrase, o->cost, &seal, e);

    if (rc == MC_OK) {
        facts->time_unix = seal_time_unix(seal);
        rc = pack_state(s, seal, facts, e);
    }
    seal_free(seal);
    if (rc == MC_OK && fsync(fd) != 0)
        rc = mc_fail(e, CA_E_OUTPUT, NULL, "%s", strerror(errno));
    return rc;
}

/* What stands on the disk is what will be restored, if anything: so it is read from there. */
static enum mc_rc read_again(int fd, struct mc_span passphrase, struct backup_facts *facts, struct mc_err *e)
{
    struct seal *seal = NULL;
    enum mc_rc rc = lseek(fd, 0, SEEK_SET) == 0 ? seal_open(fd, passphrase, &seal, e)
                                                : mc_fail(e, CA_E_OUTPUT, NULL, "%s", strerror(errno));

    if (rc == MC_OK)
        rc = unpack(seal, NULL, &facts->files, e);
    seal_free(seal);
    return rc;
}

/* --- where it is written ---------------------------------------------------------------------------------- */

/* A file that has no name yet: killed, it leaves nothing. part is "" then, else its name where that cannot be had. */
struct nameless {
    int fd;
    char folder[STATE_PATH_MAX], part[STATE_PATH_MAX + 8];
};

static enum mc_rc begin_file(const char *out, struct nameless *f, struct mc_err *e)
{
    char *slash;

    f->part[0] = '\0';
    if (snprintf(f->folder, sizeof(f->folder), "%s", out) >= (int)sizeof(f->folder))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    slash = strrchr(f->folder, '/');
    if (slash == NULL)
        snprintf(f->folder, sizeof(f->folder), ".");
    else
        slash[slash == f->folder ? 1 : 0] = '\0';
    f->fd = open(f->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (f->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOSYS)) {
        snprintf(f->part, sizeof(f->part), "%s.XXXXXX", out);
        f->fd = mkostemp(f->part, O_CLOEXEC);
    }
    return f->fd >= 0 ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", out, strerror(errno));
}

/* Never in place of a file that has come meanwhile. */
static enum mc_rc give_name(const struct nameless *f, const char *out, struct mc_err *e)
{
    char self[32];
    int folder, done;

    snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
    if (f->part[0] != '\0')
        done = renameat2(AT_FDCWD, f->part, AT_FDCWD, out, RENAME_NOREPLACE);
    else
        done = linkat(AT_FDCWD, self, AT_FDCWD, out, AT_SYMLINK_FOLLOW);
    if (done != 0)
        return mc_fail(e, errno == EEXIST ? CA_E_EXISTS : CA_E_OUTPUT, NULL, "%s: %s", out, strerror(errno));
    folder = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        close(folder);
    }
    return MC_OK;
}

enum mc_rc backup_make(struct state *s, const struct backup_order *o, struct backup_facts *facts, struct mc_err *e)
{
    struct nameless f;
    struct stat st;
    enum mc_rc rc;

    memset(facts, 0, sizeof(*facts));
    note_keys(s, facts);
    if (o->passphrase.n < SEAL_PASSPHRASE_MIN)
        return mc_fail(e, CA_E_PASSPHRASE_SHORT, NULL, "%zu characters", o->passphrase.n);
    if (lstat(o->out, &st) == 0)
        return mc_fail(e, CA_E_EXISTS, NULL, "%s", o->out);
    rc = begin_file(o->out, &f, e);
    if (rc != MC_OK)
        return rc;
    rc = write_backup(s, f.fd, o, facts, e);
    if (rc == MC_OK)
        rc = read_again(f.fd, o->passphrase, facts, e);
    if (rc == MC_OK)
        rc = give_name(&f, o->out, e);
    close(f.fd);
    if (rc != MC_OK && f.part[0] != '\0')
        unlink(f.part);
    return rc;
}
