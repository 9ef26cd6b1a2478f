/* SPDX-License-Identifier: Apache-2.0 */
/* ledger verify, checkpoint, key: what an auditor is told and given. */
#include "cmd_ledger.h"

#include "lib/armor.h"

const struct cli_option ledger_verify_options[] = {
    {"since-checkpoint", "FILE", "only what came after this signed checkpoint", false, false, 0},
    {"checkpoint", "FILE", "also compare with this signed checkpoint, kept elsewhere", true, false, 0},
    {"key", "FILE", "the audit key as you know it (PEM or DER); refused if the ledger names another", false, false, 0},
    {0},
};

const struct cli_option ledger_checkpoint_options[] = {
    {"out", "FILE", "also write a copy for a witness", false, false, 0},
    {"adopt", NULL, "where the last checkpoint is lost: verify the whole ledger and sign it as it is", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option ledger_key_options[] = {
    {"out", "FILE", "where to write the key; default standard output", false, false, 0},
    {0},
};

static void progress(void *arg, uint64_t done, uint64_t total)
{
    cli_progress(arg, done, total);
}

/* The audit key that the auditor knows must be the one in entry 0. */
static enum mc_rc check_key(struct cli *c, struct state *s, struct mc_err *e)
{
    const char *path = cli_value(c, "key");
    uint8_t raw[4096], scratch[4096], want[MC_SPKI_LEN];
    struct audit_key k;
    struct mc_input in;
    size_t n;
    enum mc_rc rc = path == NULL ? MC_OK : audit_key_read(s->ledger, &k, e);

    if (path == NULL || rc != MC_OK)
        return rc;
    c->where = path;
    rc = io_read_into(path, raw, sizeof(raw), &n, e);
    if (rc == MC_OK)
        rc = mc_input_decode(mc_span_of(raw, n), scratch, sizeof(scratch), &in, e);
    if (rc != MC_OK)
        return rc;
    c->where = NULL;
    mc_spki_of(k.point, want);
    return mc_span_eq(in.bytes, mc_span_of(want, sizeof(want)))
               ? MC_OK
               : mc_fail(e, CA_E_LEDGER, "entry 0", "it names another audit key: this is another ledger");
}

static enum mc_rc compare_file(struct cli *c, struct state *s, const char *path, struct mc_checkpoint *at, struct mc_err *e)
{
    char text[NOTE_MAX + 1];
    size_t n;
    enum mc_rc rc;

    c->where = path;
    rc = io_read_into(path, (uint8_t *)text, sizeof(text), &n, e);
    if (rc != MC_OK)
        return rc;
    c->where = NULL;
    return checkpoint_compare(s, mc_span_of(text, n), path, at, e);
}

/* The state's own checkpoint, and those that others kept. */
static enum mc_rc compare_checkpoints(struct cli *c, struct state *s, struct mc_err *e)
{
    struct mc_checkpoint at;
    enum mc_rc rc = checkpoint_guard(s, e);

    for (unsigned i = 0; rc == MC_OK && cli_value_at(c, "checkpoint", i) != NULL; i++)
        rc = compare_file(c, s, cli_value_at(c, "checkpoint", i), &at, e);
    if (rc == MC_OK && s->checkpoint.missing)
        cli_note(c, "note: the state's own checkpoint is missing; see 'heddle ledger checkpoint --adopt'");
    return rc;
}

struct verified {
    uint64_t from;
    unsigned witnesses;
    struct ledger_head head;
};

static enum mc_rc verify(struct cli *c, struct state *s, struct verified *v, struct mc_err *e)
{
    const char *since = cli_value(c, "since-checkpoint");
    struct mc_checkpoint at;
    enum mc_rc rc = check_key(c, s, e);

    if (rc == MC_OK && since != NULL) {
        rc = compare_file(c, s, since, &at, e);
        v->from = at.size;
    }
    if (rc == MC_OK)
        rc = ledger_verify(s->ledger, v->from, progress, c, e);
    if (rc == MC_OK)
        rc = compare_checkpoints(c, s, e);
    while (cli_value_at(c, "checkpoint", v->witnesses) != NULL)
        v->witnesses++;
    return rc == MC_OK ? ledger_head(s->ledger, &v->head, e) : rc;
}

/* What holds, and how far a signature of the audit key speaks for it. */
static void print_found(const struct state *s, const struct verified *v, const char *root)
{
    unsigned long long n = v->head.size, from = v->from;

    if (from == 0)
        printf("valid: all %llu entries", n);
    else if (from < n)
        printf("valid: entries %llu to %llu, after those of the checkpoint given", from, n - 1);
    else
        printf("valid: no entry came after the checkpoint given");
    if (s->checkpoint.missing)
        printf("; no checkpoint\n");
    else
        printf("; signed checkpoint over %llu\n", (unsigned long long)s->checkpoint.size);
    printf("root %s\n", root);
}

static void print_verified(const struct cli *c, const struct state *s, const struct verified *v, const struct mc_err *e)
{
    char root[2 * LEDGER_HASH_LEN + 1];
    struct json j;

    mc_hex_encode(v->head.root, sizeof(v->head.root), root);
    if (!c->json) {
        print_found(s, v, root);
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.verify/1");
    json_bool(&j, "valid", e->rc == MC_OK);
    if (e->rc == MC_OK) {
        json_number(&j, "entries", (int64_t)v->head.size);
        json_string(&j, "root", root);
        json_number(&j, "from", (int64_t)v->from);
        if (!s->checkpoint.missing)
            json_number(&j, "checkpoint", (int64_t)s->checkpoint.size);
        json_number(&j, "witnesses", v->witnesses);
    } else {
        json_string(&j, "rule", mc_rc_rule(e->rc));
        json_string(&j, "field", e->field);
        json_string(&j, "why", e->what);
    }
    json_end_object(&j);
}

enum mc_rc cmd_ledger_verify(struct cli *c, struct mc_err *e)
{
    struct verified v = {0};
    struct state s;
    enum mc_rc rc = cmd_open_unchecked(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = verify(c, &s, &v, e);
    if (rc == MC_OK || (c->json && mc_rc_class(rc) == MC_CLASS_INTEGRITY))
        print_verified(c, &s, &v, e);
    state_close(&s);
    return rc;
}

/* A lost checkpoint is replaced only over a ledger that is sound in itself. */
static enum mc_rc prepare_adoption(struct cli *c, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = cmd_open_unchecked(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = checkpoint_guard(&s, e);
    if (rc == MC_OK && !s.checkpoint.missing)
        rc = mc_fail(e, CA_E_EXISTS, "checkpoint", "--adopt is for a state whose checkpoint is lost");
    if (rc == MC_OK)
        rc = ledger_verify(s.ledger, 0, progress, c, e);
    state_close(&s);
    return rc;
}

static enum mc_rc print_checkpoint(const struct cli *c, const struct state *s, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    char text[NOTE_MAX + 1];
    struct json j;
    size_t n;
    enum mc_rc rc = checkpoint_text(s, text, &n, e);

    if (rc == MC_OK && out != NULL)
        rc = io_write(out, mc_span_of(text, n), 0644, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.checkpoint/1");
        json_number(&j, "entries", (int64_t)s->checkpoint.size);
        json_text(&j, "note", mc_span_of(text, n));
        json_end_object(&j);
    } else if (out == NULL || strcmp(out, "-") != 0) {
        cli_note(c, "signed the first %llu entries%s%s", (unsigned long long)s->checkpoint.size,
            out != NULL ? ", copy in " : "", out != NULL ? out : "");
    }
    return MC_OK;
}

enum mc_rc cmd_ledger_checkpoint(struct cli *c, struct mc_err *e)
{
    bool adopt = cli_flag(c, "adopt");
    struct state s;
    enum mc_rc rc = c->json && cli_value(c, "out") != NULL && strcmp(cli_value(c, "out"), "-") == 0
                        ? mc_fail(e, CA_E_USAGE, "--out", "the JSON holds the checkpoint already")
                        : MC_OK;

    if (rc == MC_OK && adopt)
        rc = prepare_adoption(c, e);
    if (rc == MC_OK)
        rc = adopt ? cmd_open_token_unchecked(c, &s, e) : cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = checkpoint_make(&s, e);
    if (rc == MC_OK && adopt)
        cli_note(c,
            "the ledger is sound in itself and was adopted as it is; only checkpoints kept elsewhere can tell whether "
            "entries are missing at its end");
    if (rc == MC_OK)
        rc = print_checkpoint(c, &s, e);
    state_close(&s);
    return rc;
}

static enum mc_rc print_key(const struct cli *c, const struct audit_key *k, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    uint8_t spki[MC_SPKI_LEN];
    char pem[512], text[1024];
    struct json j;
    size_t n = 0;
    int len;
    enum mc_rc rc;

    mc_spki_of(k->point, spki);
    rc = mc_pem_encode(mc_span_of(spki, sizeof(spki)), "PUBLIC KEY", pem, sizeof(pem), &n);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    len = snprintf(text, sizeof(text), "# audit key of the ledger %s\n%s", k->origin, pem);
    if (out != NULL || !c->json)
        rc = io_write(out != NULL ? out : "-", mc_span_of(text, (size_t)len), 0644, e);
    if (rc != MC_OK || !c->json)
        return rc;
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.audit-key/1");
    json_string(&j, "origin", k->origin);
    json_hex(&j, "point", mc_span_of(k->point, sizeof(k->point)));
    json_string(&j, "pem", pem);
    json_end_object(&j);
    return MC_OK;
}

enum mc_rc cmd_ledger_key(struct cli *c, struct mc_err *e)
{
    struct audit_key k;
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = audit_key_read(s.ledger, &k, e);
    if (rc == MC_OK)
        rc = print_key(c, &k, e);
    state_close(&s);
    return rc;
}
