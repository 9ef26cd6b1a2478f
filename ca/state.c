/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a state: what is there, whose it is, what dead processes left. Making one: state_create.c. */
#include "state.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint.h"
#include "lib/cli/io.h"
#include "recover.h"

#define PROFILE_MAX MC_CONF_MAX
#define ROOM_MIN    65536 /* octets: less is too little for one key in the token, or for SQLite's index of the WAL */

int64_t ca_now(void)
{
    return (int64_t)time(NULL);
}

enum mc_rc ca_random(void *out, size_t n, struct mc_err *e)
{
    return RAND_bytes(out, (int)n) == 1 ? MC_OK : mc_fail(e, MC_E_CRYPTO, NULL, "no random octets");
}

bool state_path(const struct state *s, const char *name, char out[STATE_PATH_MAX])
{
    int n = snprintf(out, STATE_PATH_MAX, "%s/%s", s->dir, name);

    return n > 0 && n < STATE_PATH_MAX;
}

/* Other users must neither read (PIN, IPKs, requests) nor write (ledger) here. */
static enum mc_rc check_dir(struct state *s, const char *dir, struct mc_err *e)
{
    struct stat st;
    char *real = realpath(dir, NULL);

    if (real == NULL)
        return errno == ENOENT || errno == ENOTDIR ? mc_fail(e, CA_E_STATE_NONE, NULL, "%s", dir)
                                                   : mc_fail(e, CA_E_READ, NULL, "%s: %s", dir, strerror(errno));
    if (strlen(real) >= STATE_PATH_MAX - 64) {
        free(real);
        return mc_fail(e, CA_E_READ, NULL, "the path of the state is too long");
    }
    memcpy(s->dir, real, strlen(real) + 1);
    free(real);
    if (stat(s->dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "%s is not a directory", dir);
    if ((st.st_mode & 077) != 0)
        return mc_fail(e, CA_E_STATE_MODE, NULL, "%s has mode %03o", dir, (unsigned)st.st_mode & 0777);
    if (st.st_uid != geteuid() && geteuid() != 0)
        return mc_fail(e, CA_E_STATE_MODE, NULL, "%s belongs to user %u", dir, (unsigned)st.st_uid);
    return MC_OK;
}

/* A missing or empty part means a damaged state, not a bad path of the user's. */
static enum mc_rc read_part(const struct state *s, const char *name, size_t max, uint8_t **out, size_t *n, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    enum mc_rc rc;

    if (!state_path(s, name, path))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "the path is too long");
    rc = io_read(path, max, out, n, e);
    if (rc == CA_E_FILE_NOT_FOUND)
        return mc_fail(e, CA_E_STATE_DAMAGED, NULL, "%s is missing", name);
    return rc;
}

/* All mistakes at once: the first in full, the lines of the others after it. */
static enum mc_rc report_mistakes(const struct mc_mistakes *m, const char *name, struct mc_err *e)
{
    char lines[160] = "";
    size_t at = 0;
    const struct mc_err *first = &m->list[0];

    for (unsigned i = 1; i < m->n && i < MC_CONF_MISTAKES && at + 24 < sizeof(lines); i++)
        at += (size_t)snprintf(lines + at, sizeof(lines) - at, "%s%u", i == 1 ? "; also lines " : ", ", m->list[i].line);
    mc_err_init(e);
    (void)mc_fail(e, first->rc, first->field, "%s line %u%s%.60s%s", name, first->line,
        first->what[0] != '\0' ? ": " : "", first->what, lines);
    if (e != NULL)
        e->line = first->line;
    return first->rc;
}

static enum mc_rc read_config(struct state *s, struct mc_err *e)
{
    struct mc_mistakes *m = malloc(sizeof(*m));
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = m == NULL ? MC_E_MEMORY : read_part(s, "heddle.conf", MC_CONF_MAX, &text, &n, e);

    if (rc == MC_OK) {
        rc = config_parse(mc_span_of(text, n), &s->config, m);
        if (rc != MC_OK)
            rc = report_mistakes(m, "heddle.conf", e);
    }
    free(text);
    free(m);
    return rc;
}

enum mc_rc state_profile(const struct state *s, enum mc_kind kind, struct profile_file *out, struct mc_err *e)
{
    struct mc_mistakes *m = malloc(sizeof(*m));
    char name[64];
    uint8_t *text = NULL;
    size_t n;
    enum mc_rc rc;

    snprintf(name, sizeof(name), "profiles/%s.profile", mc_kind_name(kind));
    rc = m == NULL ? MC_E_MEMORY : read_part(s, name, PROFILE_MAX, &text, &n, e);
    if (rc != MC_OK)
        goto out;
    rc = mc_profile_parse(mc_span_of(text, n), &out->profile, m);
    if (rc != MC_OK) {
        rc = report_mistakes(m, name, e);
        goto out;
    }
    if (out->profile.kind != kind) {
        rc = mc_fail(e, MC_E_PROFILE_RULE, "kind", "%s is for another kind of certificate", name);
        goto out;
    }
    if (s->config.has_days[kind])
        out->profile.validity_days = s->config.days[kind];
    /* With the lifetime, since heddle.conf may replace it: intent and entry must tell what was issued by. */
    rc = mc_sha256_parts(s->verifier,
        (struct mc_span[]){mc_span_of(text, n),
            mc_span_of(&out->profile.validity_days, sizeof(out->profile.validity_days))},
        2, out->sha256);
out:
    free(text);
    free(m);
    return rc;
}

enum mc_rc state_blame_disk(const struct state *s, enum mc_rc rc, struct mc_err *e)
{
    char was[sizeof(e->what)] = "";
    struct statvfs disk;
    bool token = mc_rc_class(rc) == MC_CLASS_TOKEN && s->config.module[0] == '\0', closed, full;

    if ((rc != CA_E_DB && !token) || statvfs(s->dir, &disk) != 0)
        return rc;
    closed = (disk.f_flag & ST_RDONLY) != 0;
    full = disk.f_bavail * disk.f_frsize < ROOM_MIN || (disk.f_files != 0 && disk.f_favail == 0);
    if (!closed && !full)
        return rc;
    if (e != NULL)
        memcpy(was, e->what, sizeof(was));
    return mc_fail(e, closed ? CA_E_DB_READONLY : CA_E_DB_FULL, NULL, "%s", was);
}

static enum mc_rc open_for_writing(struct state *s, unsigned *burned, struct mc_err *e)
{
    char run[STATE_PATH_MAX];
    enum mc_rc rc;

    if (!state_path(s, "run", run))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "the path is too long");
    if (!io_is_directory(run))
        return mc_fail(e, CA_E_STATE_DAMAGED, NULL, "run is missing: an empty folder of mode 0700 will do");
    rc = instance_open(run, &s->instance, e);
    return rc == MC_OK ? recover_intents(s, run, burned, e) : rc;
}

static enum mc_rc open_ledger(struct state *s, enum ledger_mode mode, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    enum mc_rc rc;

    if (!state_path(s, "ledger.db", path))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "the path is too long");
    rc = ledger_open(path, mode, s->config.busy_timeout_seconds * 1000, &s->ledger, e);
    if (rc == CA_E_STATE_NONE)
        return mc_fail(e, CA_E_STATE_DAMAGED, NULL, "ledger.db is missing");
    return state_blame_disk(s, rc, e);
}

static enum mc_rc check_checkpoint(struct state *s, enum ledger_mode mode, struct mc_err *e)
{
    enum mc_rc rc = checkpoint_guard(s, e);

    if (rc == MC_OK && mode == LEDGER_WRITE && s->checkpoint.missing)
        return mc_fail(e, CA_E_CHECKPOINT_NONE, NULL, NULL);
    return rc;
}

static enum mc_rc open_state(
    const char *dir, enum ledger_mode mode, bool check, struct state *s, unsigned *burned, struct mc_err *e)
{
    enum mc_rc rc;

    memset(s, 0, sizeof(*s));
    rc = check_dir(s, dir, e);
    if (rc != MC_OK)
        return rc;
    s->verifier = mc_verifier_new();
    if (s->verifier == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, "P-256 or SHA-256 cannot be had");
    rc = read_config(s, e);
    if (rc == MC_OK)
        rc = open_ledger(s, mode, e);
    if (rc == MC_OK && check)
        rc = check_checkpoint(s, mode, e);
    if (rc == MC_OK && mode == LEDGER_WRITE)
        rc = open_for_writing(s, burned, e);
    if (rc != MC_OK)
        state_close(s);
    return rc;
}

enum mc_rc state_open(const char *dir, enum ledger_mode mode, struct state *s, unsigned *burned, struct mc_err *e)
{
    return open_state(dir, mode, true, s, burned, e);
}

enum mc_rc state_open_unchecked(
    const char *dir, enum ledger_mode mode, struct state *s, unsigned *burned, struct mc_err *e)
{
    return open_state(dir, mode, false, s, burned, e);
}

enum mc_rc state_open_token(struct state *s, const struct hsm_pin_source *pin, struct mc_err *e)
{
    char embedded[STATE_PATH_MAX], pin_file[STATE_PATH_MAX], pin_wrong[STATE_PATH_MAX];
    bool is_embedded = s->config.module[0] == '\0';
    struct hsm_config c = {
        .module = is_embedded ? NULL : s->config.module,
        .token_label = s->config.label,
        .token_serial = s->config.serial[0] != '\0' ? s->config.serial : NULL,
        .embedded_dir = embedded,
        .pin_wrong_file = pin_wrong,
        .pin = {.fd = -1},
        .sessions = s->config.sessions,
        .session_copy = s->config.session_copy,
        .timeout_ms = s->config.token_timeout_seconds * 1000,
    };

    if (s->hsm != NULL)
        return MC_OK;
    if (!state_path(s, "softhsm", embedded) || !state_path(s, "pin", pin_file) || !state_path(s, "pin-wrong", pin_wrong))
        return mc_fail(e, CA_E_STATE_NONE, NULL, "the path is too long");
    if (pin != NULL)
        c.pin = *pin;
    else if (is_embedded)
        c.pin.file = pin_file;
    else
        c.pin.prompt = true;
    return state_blame_disk(s, hsm_open(&c, &s->hsm, e), e);
}

void state_close(struct state *s)
{
    hsm_close(s->hsm);
    ledger_close(s->ledger);
    instance_close(s->instance);
    mc_verifier_free(s->verifier);
    s->hsm = NULL;
    s->ledger = NULL;
    s->instance = NULL;
    s->verifier = NULL;
}
