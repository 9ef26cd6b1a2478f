/* SPDX-License-Identifier: Apache-2.0 */
/* From a backup to a state: unpacked aside, proven, and only then given its name. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority.h"
#include "backup.h"
#include "backup_pack.h"
#include "checkpoint.h"
#include "lib/cli/io.h"
#include "lib/cli/text.h"
#include "lib/conf.h"

#define MANIFEST_MAX 65536

static enum mc_rc unpack_file(const struct restore_order *o, const char *draft, struct backup_facts *facts, struct mc_err *e)
{
    struct seal *seal = NULL;
    enum mc_rc rc;
    int fd = open(o->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return mc_fail(e, errno == ENOENT ? CA_E_FILE_NOT_FOUND : CA_E_READ, NULL, "%s: %s", o->file, strerror(errno));
    rc = seal_open(fd, o->passphrase, &seal, e);
    if (rc == MC_OK) {
        facts->time_unix = seal_time_unix(seal);
        rc = unpack(seal, draft, &facts->files, e);
    }
    seal_free(seal);
    close(fd);
    return rc;
}

static enum mc_rc take_manifest(const uint8_t *text, size_t n, struct backup_facts *f, struct mc_err *e)
{
    const char *schema, *origin, *token, *note;
    json_int_t time, entries, checkpoint;
    int keys;
    json_t *o = json_loadb((const char *)text, n, JSON_REJECT_DUPLICATES, NULL);
    bool read = o != NULL && json_unpack(o, "{ss sI ss sI sI ss sb ss}", "schema", &schema, "time", &time, "origin",
                                 &origin, "entries", &entries, "checkpoint", &checkpoint, "token", &token, "keys",
                                 &keys, "keys_note", &note) == 0;

    /* They are printed. */
    if (read && strcmp(schema, "heddle.backup-manifest/1") == 0 && text_is_plain(origin) && text_is_plain(token) && text_is_plain(note)) {
        f->entries = (uint64_t)entries;
        f->checkpoint = (uint64_t)checkpoint;
        f->embedded = keys != 0;
        snprintf(f->origin, sizeof(f->origin), "%s", origin);
        snprintf(f->token, sizeof(f->token), "%s", token);
        snprintf(f->keys_note, sizeof(f->keys_note), "%s", note);
    } else {
        read = false;
    }
    json_decref(o);
    return read ? MC_OK : mc_fail(e, CA_E_BACKUP_DAMAGED, "manifest", "it cannot be read");
}

/* It has done its work when it was compared: a state has none. */
static enum mc_rc read_manifest(const char *draft, struct backup_facts *facts, struct mc_err *e)
{
    char path[STATE_PATH_MAX + 32];
    uint8_t *text = NULL;
    size_t n;
    enum mc_rc rc;

    snprintf(path, sizeof(path), "%s/manifest.json", draft);
    rc = io_read(path, MANIFEST_MAX, &text, &n, e);
    if (rc == CA_E_FILE_NOT_FOUND) {
        mc_err_init(e);
        rc = mc_fail(e, CA_E_BACKUP_DAMAGED, "manifest", "it is missing");
    }
    if (rc == MC_OK)
        rc = take_manifest(text, n, facts, e);
    free(text);
    unlink(path);
    return rc;
}

static enum mc_rc compare_manifest(struct state *s, const struct backup_facts *f, struct mc_err *e)
{
    struct ledger_head head;
    struct audit_key k;
    enum mc_rc rc = ledger_head(s->ledger, &head, e);

    if (rc == MC_OK)
        rc = audit_key_read(s->ledger, &k, e);
    if (rc != MC_OK)
        return rc;
    if (strcmp(k.origin, f->origin) != 0)
        return mc_fail(e, CA_E_BACKUP_CONTENT, "ledger.db", "it is %s, the manifest says %s", k.origin, f->origin);
    if (head.size != f->entries || s->checkpoint.size != f->checkpoint)
        return mc_fail(e, CA_E_BACKUP_CONTENT, "ledger.db", "%llu entries, the manifest says %llu",
            (unsigned long long)head.size, (unsigned long long)f->entries);
    if (f->embedded != (s->config.module[0] == '\0') || strcmp(s->config.label, f->token) != 0)
        return mc_fail(e, CA_E_BACKUP_CONTENT, "heddle.conf", "it names another token than the manifest");
    return MC_OK;
}

/* Copies of checkpoints that others kept find a backup that is older than what was already signed. */
static enum mc_rc compare_witnesses(struct state *s, const struct restore_order *o, struct mc_err *e)
{
    char text[NOTE_MAX + 1];
    struct mc_checkpoint c;
    size_t n;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; i < o->n_witness && rc == MC_OK; i++) {
        rc = io_read_into(o->witness[i], (uint8_t *)text, sizeof(text), &n, e);
        if (rc == MC_OK)
            rc = checkpoint_compare(s, mc_span_of(text, n), o->witness[i], &c, e);
    }
    return rc;
}

struct proof {
    struct state *s;
    struct backup_facts *facts;
    enum mc_rc rc;
    struct mc_err *e;
};

static bool prove_ipk(void *arg, const struct ledger_fabric *f)
{
    struct proof *p = arg;

    p->rc = fabric_ipk_check(p->s, f, p->e);
    p->facts->fabrics++;
    return p->rc == MC_OK;
}

/* Retired authorities sign nothing any more, and their keys may have been destroyed. */
static enum mc_rc prove_authorities(struct proof *p, struct mc_err *e)
{
    struct ledger_authority a;
    struct issuer i;
    enum mc_rc rc = MC_OK;

    for (uint32_t number = 1; rc == MC_OK; number++) {
        rc = ledger_authority(p->s->ledger, number, &a, e);
        if (rc == MC_OK && a.state != AUTHORITY_RETIRED) {
            rc = issuer_load(p->s, number, &i, e);
            p->facts->authorities++;
        }
    }
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

static enum mc_rc prove_keys(struct state *s, const struct restore_order *o, struct backup_facts *facts, struct mc_err *e)
{
    struct proof p = {s, facts, MC_OK, e};
    struct audit_key k;
    struct hsm_key *key;
    enum mc_rc rc = state_open_token(s, facts->embedded ? NULL : o->pin, e);

    if (rc == MC_OK)
        rc = audit_key_read(s->ledger, &k, e);
    if (rc == MC_OK)
        rc = hsm_find_key(s->hsm, k.key_id, k.point, &key, e);
    if (rc == MC_OK)
        rc = prove_authorities(&p, e);
    if (rc == MC_OK)
        rc = ledger_fabrics(s->ledger, prove_ipk, &p, e);
    return rc == MC_OK ? p.rc : rc;
}

static enum mc_rc check_profiles(const struct state *s, struct mc_err *e)
{
    static const enum mc_kind kinds[] = {MC_KIND_RCAC, MC_KIND_ICAC, MC_KIND_NOC, MC_KIND_PAA, MC_KIND_PAI, MC_KIND_DAC,
        MC_KIND_CD_SIGNER, MC_KIND_CRL_SIGNER};
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && rc == MC_OK; i++) {
        struct profile_file *p = malloc(sizeof(*p));

        rc = p == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : state_profile(s, kinds[i], p, e);
        free(p);
    }
    return rc;
}

/* --- the module of an outside token ---------------------------------------------------------------------- */

/* The place of the line `module = ...`. */
static bool find_module(struct mc_span text, size_t *from, size_t *to)
{
    struct mc_mistakes mistakes;
    struct mc_conf item;
    const char *at = (const char *)text.p, *end = at + text.n, *stop;
    unsigned line = 1;

    mc_mistakes_init(&mistakes);
    mc_conf_init(&item, text);
    while (mc_conf_take(&item, &mistakes)) {
        if (strcmp(item.section, "token") != 0 || strcmp(item.key, "module") != 0)
            continue;
        for (; line < item.line && (stop = memchr(at, '\n', (size_t)(end - at))) != NULL; line++)
            at = stop + 1;
        stop = memchr(at, '\n', (size_t)(end - at));
        *from = (size_t)(at - (const char *)text.p);
        *to = (size_t)((stop != NULL ? stop : end) - (const char *)text.p);
        return line == item.line;
    }
    return false;
}

/* The rest of heddle.conf stays as its owner wrote it. */
static enum mc_rc write_module(struct state *s, const char *path, struct mc_span text, const char *module, struct mc_err *e)
{
    struct mc_mistakes mistakes;
    struct config c = {0};
    size_t from = 0, to = 0, n = 0;
    char *out = NULL;
    FILE *f;
    enum mc_rc rc = MC_OK;

    if (!find_module(text, &from, &to))
        return mc_fail(e, CA_E_STATE_DAMAGED, "heddle.conf", "no line 'module' in section [token]");
    f = open_memstream(&out, &n);
    if (f == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    fwrite(text.p, 1, from, f);
    fprintf(f, "module = \"%s\"", module);
    fwrite(text.p + to, 1, text.n - to, f);
    if (fclose(f) != 0)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    else if (config_parse(mc_span_of(out, n), &c, &mistakes) != MC_OK || strcmp(c.module, module) != 0)
        rc = mc_fail(e, CA_E_USAGE, "--module", "give the absolute path of the PKCS#11 module");
    if (rc == MC_OK)
        rc = io_write(path, mc_span_of(out, n), 0600, e);
    if (rc == MC_OK)
        s->config = c;
    free(out);
    return rc;
}

static enum mc_rc set_module(struct state *s, const char *module, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc;

    if (strcmp(module, s->config.module) == 0)
        return MC_OK;
    if (!state_path(s, "heddle.conf", path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    rc = io_read(path, MC_CONF_MAX, &text, &n, e);
    if (rc == MC_OK)
        rc = write_module(s, path, mc_span_of(text, n), module, e);
    free(text);
    return rc;
}

static bool is_there(const struct state *s, const char *name)
{
    char path[STATE_PATH_MAX];

    return state_path(s, name, path) && access(path, F_OK) == 0;
}

static enum mc_rc choose_module(struct state *s, const struct restore_order *o, const struct backup_facts *facts, struct mc_err *e)
{
    if (facts->embedded)
        return o->module == NULL ? MC_OK : mc_fail(e, CA_E_USAGE, "--module", "the keys are in the backup: it needs no module");
    if (is_there(s, "softhsm") || is_there(s, "pin"))
        return mc_fail(e, CA_E_BACKUP_CONTENT, "softhsm", "it holds an embedded token, and names an outside one");
    if (o->module != NULL)
        return set_module(s, o->module, e);
    if (o->no_token)
        return MC_OK;
    return mc_fail(e, CA_E_USAGE, "--module",
        "the keys are in the token '%s' of the module %s. Name the module of this machine, which is code that is run, or pass "
        "--no-token",
        s->config.label, s->config.module);
}

static enum mc_rc prove(const char *draft, const struct restore_order *o, struct backup_facts *facts, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = state_open(draft, LEDGER_READ, &s, NULL, e);

    if (rc != MC_OK)
        return rc;
    if (s.checkpoint.missing)
        rc = mc_fail(e, CA_E_BACKUP_CONTENT, "checkpoint", "it is missing");
    if (rc == MC_OK)
        rc = compare_manifest(&s, facts, e);
    if (rc == MC_OK)
        rc = choose_module(&s, o, facts, e);
    if (rc == MC_OK)
        rc = check_profiles(&s, e);
    if (rc == MC_OK)
        rc = ledger_verify(s.ledger, 0, o->progress, o->arg, e);
    if (rc == MC_OK)
        rc = compare_witnesses(&s, o, e);
    if (rc == MC_OK && (facts->embedded || !o->no_token))
        rc = prove_keys(&s, o, facts, e);
    state_close(&s);
    return rc;
}

static enum mc_rc fill_draft(const char *draft, const struct restore_order *o, struct backup_facts *facts, struct mc_err *e)
{
    enum mc_rc rc = unpack_file(o, draft, facts, e);

    if (rc == MC_OK)
        rc = read_manifest(draft, facts, e);
    return rc == MC_OK ? prove(draft, o, facts, e) : rc;
}

enum mc_rc restore(const struct restore_order *o, struct backup_facts *facts, struct mc_err *e)
{
    const char *temporary = getenv("TMPDIR");
    char draft[STATE_PATH_MAX];
    enum mc_rc rc;

    memset(facts, 0, sizeof(*facts));
    if (o->dir != NULL)
        rc = state_draft_begin(o->dir, draft, e);
    else
        rc = state_draft_in(temporary != NULL ? temporary : "/tmp", draft, e);
    if (rc != MC_OK)
        return rc;
    rc = fill_draft(draft, o, facts, e);
    if (rc == MC_OK && o->dir != NULL)
        rc = state_draft_commit(draft, o->dir, e);
    if (rc != MC_OK || o->dir == NULL)
        state_draft_drop(draft);
    return rc;
}
