/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_backup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_seal.h"

#define WITNESS_MAX CLI_REPEAT_MAX

const struct cli_option backup_options[] = {
    {"out", "FILE", "where to write the backup; never in place of a file", false, true, 0},
    PASSPHRASE_OPTIONS,
    {0},
};

const struct cli_option restore_options[] = {
    {"check", NULL, "check everything and restore nothing", false, false, 0},
    {"checkpoint", "FILE", "refuse a backup that is older than this signed checkpoint, kept elsewhere", true, false, 0},
    {"module", "PATH", "the PKCS#11 module of the outside token, on this machine", false, false, 0},
    {"no-token", NULL, "the outside token is not at hand: leave its keys unchecked", false, false, 0},
    PASSPHRASE_OPTIONS,
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* What was wrong with a PIN's file is as wrong with a passphrase's; only the name is another. */
static enum mc_rc read_once(const struct hsm_pin_source *from, const char *question, struct passphrase *p, struct mc_err *e)
{
    enum mc_rc rc = hsm_passphrase_read(from, question, p->bytes, &p->n, NULL);

    if (rc == HSM_E_PIN_FILE)
        return mc_fail(e, CA_E_PASSPHRASE_SOURCE, NULL, "%s: not a file of mode 0600 with one line of at most %d octets",
            from->file != NULL ? from->file : "the descriptor", HSM_PIN_MAX);
    if (rc == HSM_E_PIN_SOURCE)
        return mc_fail(e, CA_E_PASSPHRASE_SOURCE, NULL,
            from->fd >= 0 ? "the descriptor cannot be read" : "there is no terminal, or no answer");
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

enum mc_rc cmd_passphrase(const struct cli *c, bool twice, struct passphrase *p, struct mc_err *e)
{
    struct hsm_pin_source from = {.fd = -1, .file = cli_value(c, "passphrase-file")};
    struct passphrase again;
    uint64_t fd = 0;
    enum mc_rc rc = cli_number(c, "passphrase-fd", 4, 0, &fd, e);

    if (rc != MC_OK)
        return rc;
    if (cli_value(c, "passphrase-fd") != NULL && from.file != NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "give either --passphrase-fd or --passphrase-file");
    if (cli_value(c, "passphrase-fd") != NULL)
        from.fd = (int)fd;
    from.prompt = from.fd < 0 && from.file == NULL;
    rc = read_once(&from, "Passphrase of the backup: ", p, e);
    if (rc != MC_OK || !twice || !from.prompt)
        return rc;
    rc = read_once(&from, "The same passphrase again: ", &again, e);
    if (rc == MC_OK && (again.n != p->n || memcmp(again.bytes, p->bytes, p->n) != 0))
        rc = mc_fail(e, CA_E_PASSPHRASE_SOURCE, NULL, "the two are not the same");
    hsm_wipe(&again, sizeof(again));
    return rc;
}

static void print_facts(const struct cli *c, const char *schema, const struct backup_facts *f)
{
    char made[MC_TIME_TEXT_MAX];
    struct json j;

    mc_time_format(f->time_unix, made);
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", schema);
    json_string(&j, "made", made);
    json_string(&j, "origin", f->origin);
    json_number(&j, "entries", (int64_t)f->entries);
    json_number(&j, "checkpoint", (int64_t)f->checkpoint);
    json_number(&j, "files", f->files);
    json_string(&j, "token", f->token);
    json_bool(&j, "keys", f->embedded);
    if (!f->embedded)
        json_string(&j, "keys_note", f->keys_note);
    if (strcmp(c->verb->name, "restore") == 0) {
        json_number(&j, "authorities_proven", f->authorities);
        json_number(&j, "fabrics_proven", f->fabrics);
    }
    json_end_object(&j);
}

struct backup_work {
    struct state *s;
    const char *out;
    const struct passphrase *p;
    struct backup_facts facts;
};

static enum mc_rc make(void *arg, struct mc_err *e)
{
    struct backup_work *w = arg;
    const struct backup_order o = {w->out, mc_span_of(w->p->bytes, w->p->n), SEAL_COST};

    return backup_make(w->s, &o, &w->facts, e);
}

enum mc_rc cmd_backup_possible(const char *out, const struct passphrase *p, struct mc_err *e)
{
    char folder[STATE_PATH_MAX];
    struct stat st;
    char *slash;

    if (p->n < SEAL_PASSPHRASE_MIN)
        return mc_fail(e, CA_E_PASSPHRASE_SHORT, NULL, "%zu characters", p->n);
    if (lstat(out, &st) == 0)
        return mc_fail(e, CA_E_EXISTS, NULL, "%s", out);
    if (snprintf(folder, sizeof(folder), "%s", out) >= (int)sizeof(folder))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, sizeof(folder), ".");
    else
        slash[slash == folder ? 1 : 0] = '\0';
    return access(folder, W_OK | X_OK) == 0 ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", folder, strerror(errno));
}

enum mc_rc cmd_backup_make(
    const struct cli *c, const char *out, const struct passphrase *p, struct backup_facts *facts, struct mc_err *e)
{
    struct state s;
    struct backup_work w = {.s = &s, .out = out, .p = p};
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, cmd_unless_stopped(make, &w, e), e);
    state_close(&s);
    *facts = w.facts;
    return rc;
}

enum mc_rc cmd_backup(struct cli *c, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    struct passphrase p = {0};
    struct backup_facts facts;
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    state_close(&s); /* there is one: only then is anybody asked for a passphrase */
    rc = cmd_passphrase(c, true, &p, e);
    if (rc == MC_OK)
        rc = cmd_backup_make(c, out, &p, &facts, e);
    hsm_wipe(&p, sizeof(p));
    if (rc != MC_OK)
        return rc;
    if (c->json)
        print_facts(c, "heddle.backup/1", &facts);
    else
        cli_note(c, "wrote %s: %llu entries%s; without its passphrase it is worth nothing", out,
            (unsigned long long)facts.entries, facts.embedded ? ", and the keys" : "");
    if (!facts.embedded)
        cli_note(c, "note: %s", facts.keys_note);
    return MC_OK;
}

static void progress(void *arg, uint64_t done, uint64_t total)
{
    cli_progress(arg, done, total);
}

struct restore_work {
    struct restore_order order;
    struct backup_facts facts;
};

static enum mc_rc do_restore(void *arg, struct mc_err *e)
{
    struct restore_work *w = arg;

    return restore(&w->order, &w->facts, e);
}

static void tell(const struct cli *c, const struct restore_work *w)
{
    const struct backup_facts *f = &w->facts;
    char made[MC_TIME_TEXT_MAX], what[STATE_PATH_MAX + 32];

    if (c->json) {
        print_facts(c, "heddle.restore/1", f);
        return;
    }
    mc_time_format(f->time_unix, made);
    if (w->order.dir != NULL)
        snprintf(what, sizeof(what), "restored to %s", w->order.dir);
    else
        snprintf(what, sizeof(what), "sound");
    cli_note(c, "%s: backup of %s, %llu entries; checkpoint, ledger and %u keys of authorities belong together", what,
        made, (unsigned long long)f->entries, f->authorities);
}

enum mc_rc cmd_restore(struct cli *c, struct mc_err *e)
{
    const char *witness[WITNESS_MAX];
    char dir[STATE_PATH_MAX];
    struct passphrase p = {0};
    struct hsm_pin_source pin;
    struct restore_work w = {.order = {.file = c->operands[0], .witness = witness, .no_token = cli_flag(c, "no-token"),
                                 .module = cli_value(c, "module"),
                                 .progress = progress, .arg = c}};
    bool given;
    enum mc_rc rc = cmd_pin(c, &pin, &given, e);

    if (rc == MC_OK && !cli_flag(c, "check"))
        rc = cmd_new_state_dir(c, dir, e);
    if (rc != MC_OK)
        return rc;
    w.order.dir = cli_flag(c, "check") ? NULL : dir;
    w.order.pin = given ? &pin : NULL;
    while (w.order.n_witness < WITNESS_MAX && cli_value_at(c, "checkpoint", w.order.n_witness) != NULL) {
        witness[w.order.n_witness] = cli_value_at(c, "checkpoint", w.order.n_witness);
        w.order.n_witness++;
    }
    rc = cmd_passphrase(c, false, &p, e);
    w.order.passphrase = mc_span_of(p.bytes, p.n);
    if (rc == MC_OK)
        rc = cmd_unless_stopped(do_restore, &w, e);
    hsm_wipe(&p, sizeof(p));
    if (rc != MC_OK)
        return rc;
    tell(c, &w);
    if (!w.facts.embedded)
        cli_note(c, "note: %s", w.facts.keys_note);
    return MC_OK;
}
