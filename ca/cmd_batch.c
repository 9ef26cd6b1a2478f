/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "batch_seed.h"
#include "cmd_batch.h"
#include "lib/att_chain.h"

const struct cli_option noc_batch_options[] = {
    {"in", "FILE", "the requests, JSON Lines; '-' is stdin; or a folder of CSR files", false, true, 0},
    {"out", "FILE", "the answers, JSON Lines; '-' is stdout", false, true, 0},
    {"name", "NAME", "a name to find the batch by", false, false, 0},
    {"node-ids", "RULE", "for a folder: next, from:0xID, or name (the file's name is the id)", false, false, 0},
    {"unordered", NULL, "give answers as they come, not in the order of the input", false, false, 0},
    {"dry-run", NULL, "check every request and sign nothing", false, false, 0},
    {"workers", "N", "signing processes; default: one for each processor", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option batch_resume_options[] = {
    {"workers", "N", "signing processes; default: one for each processor", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static volatile int stop_batch;

/* The first signal lets what is signed be recorded; the second acts as if there were no handler. */
static void on_stop(int sig)
{
    stop_batch = sig;
    signal(sig, SIG_DFL);
}

static void catch_stops(void)
{
    struct sigaction sa = {.sa_handler = on_stop};

    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
}

/* A batch as this process runs it. */
struct job {
    const struct cli *c;
    struct state *s;
    struct batch_record *record;
    struct batch_lines lines;
    struct batch_folder folder;
    struct manifest manifest; /* of DACs */
    bool is_folder;
    struct batch_writer writer;
    bool dry_run;
    struct timespec began, shown, saved;
};

static double seconds_since(const struct timespec *t)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

static const struct batch_lines *lines_of(const struct job *j)
{
    return j->record->dacs ? &j->manifest.lines : &j->lines;
}

/*
 * How much of the input is answered, 0 to 1; negative if that cannot be told. Reading is far ahead of the answers: how
 * many there will be is guessed from the length of what was read.
 */
static double done_share(const struct job *j, uint64_t done)
{
    const struct batch_lines *l = lines_of(j);
    double all;

    if (j->is_folder)
        all = (double)j->folder.names.n;
    else if (j->record->dacs && j->manifest.count > 0)
        all = (double)j->manifest.count;
    else if (l->size > 0 && l->taken > 0)
        all = (double)l->given * (double)l->size / (double)l->taken;
    else
        return -1;
    return (double)done < all ? (double)done / all : 1;
}

#define BAR 24

#define SAVE_SECONDS 2 /* each costs a sync */

/* What 'batch show' tells of a batch at work. That it could not be saved is told at the end, if it still cannot. */
static void save_now_and_then(struct job *j)
{
    if (j->dry_run || seconds_since(&j->saved) < SAVE_SECONDS)
        return;
    clock_gettime(CLOCK_MONOTONIC, &j->saved);
    (void)!batch_file_save(j->s, j->record, NULL);
}

/* Only on a terminal, for work of over a second, five times a second. */
static void show_progress(struct job *j, uint64_t done)
{
    double seconds = seconds_since(&j->began), share = done_share(j, done);
    char bar[BAR + 1];

    if (j->c->quiet || !isatty(STDERR_FILENO) || seconds < 1 || seconds_since(&j->shown) < 0.2)
        return;
    clock_gettime(CLOCK_MONOTONIC, &j->shown);
    if (share < 0) {
        fprintf(stderr, "\r%" PRIu64 " answered, %.0f/s ", done, (double)done / seconds);
        return;
    }
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(share * BAR) ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r[%s] %3.0f %%  %" PRIu64 " answered, %.0f/s, %.0f s left ", bar, 100 * share, done,
        (double)done / seconds, share > 0 ? seconds / share - seconds : 0.0);
}

static void progress(void *arg, uint64_t done)
{
    struct job *j = arg;

    save_now_and_then(j);
    show_progress(j, done);
}

static void clear_progress(const struct job *j)
{
    if (j->shown.tv_sec != j->began.tv_sec || j->shown.tv_nsec != j->began.tv_nsec)
        fprintf(stderr, "\r%78s\r", "");
}

static enum mc_rc open_input(struct job *j, struct batch_source *source, struct mc_err *e)
{
    const struct batch_record *b = j->record;
    enum mc_rc rc;

    if (b->dacs) {
        rc = manifest_open(&j->manifest, b->in, e);
        *source = manifest_source(&j->manifest);
        return rc;
    }
    j->is_folder = strcmp(b->in, "-") != 0 && io_is_directory(b->in);
    if (j->is_folder) {
        if (b->node_ids[0] == '\0')
            return mc_fail(e, CA_E_USAGE, "--node-ids", "a folder of CSRs needs a rule for node ids");
        rc = batch_folder_open(&j->folder, b->in, b->node_ids, e);
        *source = batch_folder_source(&j->folder);
        return rc;
    }
    if (b->node_ids[0] != '\0')
        return mc_fail(e, CA_E_USAGE, "--node-ids", "it goes with a folder of CSRs");
    rc = batch_lines_open(&j->lines, b->in, e);
    *source = batch_lines_source(&j->lines);
    return rc;
}

static void close_input(struct job *j)
{
    if (j->record->dacs)
        manifest_close(&j->manifest);
    else if (j->is_folder)
        batch_folder_close(&j->folder);
    else
        batch_lines_close(&j->lines);
}

/* In a dry run nothing was issued: what would be is valid. */
static void print_summary(const struct job *j, bool dry_run, double seconds)
{
    const struct batch_record *b = j->record;
    const struct batch_counts *n = &b->counts;
    uint64_t all = n->issued + n->repeated + n->refused;
    const char *state = dry_run ? "checked" : b->done ? "done" : "stopped";
    struct json out;

    if (j->c->json && !j->writer.to_stdout) {
        json_init(&out, stdout, false);
        json_object(&out, NULL);
        json_string(&out, "schema", "heddle.batch-summary/1");
        json_string(&out, "name", b->name);
        json_string(&out, "state", state);
        json_number(&out, dry_run ? "valid" : "issued", (int64_t)n->issued);
        json_number(&out, "repeated", (int64_t)n->repeated);
        json_number(&out, "refused", (int64_t)n->refused);
        json_end_object(&out);
        return;
    }
    cli_note(j->c, "%s %s: %" PRIu64 " %s, %" PRIu64 " repeated, %" PRIu64 " refused in %.1f s (%.0f/s)", b->name, state,
        n->issued, dry_run ? "valid" : "issued", n->repeated, n->refused, seconds,
        seconds > 0 ? (double)all / seconds : 0.0);
}

/* An error that ends a batch is followed by how to go on with it. */
static void print_way_on(const struct job *j, enum mc_rc rc)
{
    const struct batch_record *b = j->record;

    if (rc == MC_OK || b->done)
        return;
    if (strcmp(b->in, "-") == 0)
        cli_note(j->c, "to go on, give the same requests to '%s batch' again: those that have an answer get the same",
            b->dacs ? "dac" : "noc");
    else
        cli_note(j->c, "'heddle batch resume %s' goes on with it", b->name);
}

static enum mc_rc options_of(const struct cli *c, struct batch_options *o, struct hsm_pin_source *pin, struct mc_err *e)
{
    uint64_t workers = 0;
    bool given;
    enum mc_rc rc = cmd_pin(c, pin, &given, e);

    if (rc == MC_OK)
        rc = cli_number(c, "workers", 4, 0, &workers, e);
    if (rc == MC_OK && workers > BATCH_WORKERS_MAX)
        rc = mc_fail(e, CA_E_USAGE, "--workers", "at most %d", BATCH_WORKERS_MAX);
    o->workers = (unsigned)workers;
    o->pin = given ? pin : NULL;
    return rc;
}

static enum mc_rc run_nocs(struct job *j, const struct batch_options *o, const struct batch_source *source,
    const struct batch_sink *sink, struct mc_err *e)
{
    struct batch_target target;
    struct ledger_fabric f;
    enum mc_rc rc = ledger_fabric_by_name(j->s->ledger, j->record->of, &f, e);

    if (rc != MC_OK)
        return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "fabric", "'%s'", j->record->of) : rc;
    target = batch_of_nocs(&f);
    return batch_run(j->s, &target, o, source, sink, &stop_batch, &j->record->counts, e);
}

/* The parts of a batch of DACs that its record names. */
struct dac_parts {
    struct ledger_authority pai;
    struct dac_batch batch;
    struct recipient *recipient;
    uint8_t crl_points[MC_CRL_POINTS_MAX];
};

/* What neither a line nor the command says follows from the PAI. */
static enum mc_rc take_product(struct dac_parts *p, struct mc_err *e)
{
    struct mc_att_ids ids;
    struct mc_cert cert;
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(p->pai.cert_der, p->pai.cert_n), MC_RULES_X509, &cert, e);

    if (rc == MC_OK)
        rc = mc_att_ids_of(&cert, &ids, e);
    if (rc != MC_OK)
        return rc;
    if (!p->batch.has_vid && ids.has_vid) {
        p->batch.has_vid = true;
        p->batch.vid = ids.vid;
    }
    if (!p->batch.has_pid && ids.has_pid) {
        p->batch.has_pid = true;
        p->batch.pid = ids.pid;
    }
    return MC_OK;
}

static enum mc_rc open_parts(struct job *j, struct dac_parts *p, struct mc_err *e)
{
    const struct batch_dacs *d = &j->record->dac;
    enum mc_rc rc = attestation_find(j->s, j->record->of, MC_KIND_PAI, &p->pai, e);

    p->recipient = NULL;
    p->batch = (struct dac_batch){.pai_name = p->pai.name,
        .has_vid = d->has_vid,
        .has_pid = d->has_pid,
        .vid = d->vid,
        .pid = d->pid,
        .iterations = d->iterations,
        .flow = d->flow,
        .rendezvous = d->rendezvous};
    if (rc == MC_OK)
        rc = take_product(p, e);
    if (rc == MC_OK)
        rc = attestation_crl_points(j->s, d->crl_url, d->crl_signer, p->crl_points, &p->batch.crl_points, e);
    if (rc == MC_OK && d->recipient_n != 0)
        rc = recipient_new(mc_span_of(d->recipient, d->recipient_n), &p->recipient, e);
    p->batch.recipient = p->recipient;
    return rc;
}

static enum mc_rc run_dacs(struct job *j, const struct batch_options *o, const struct batch_source *source,
    const struct batch_sink *sink, struct mc_err *e)
{
    struct batch_target target;
    struct dac_parts p;
    enum mc_rc rc = open_parts(j, &p, e);

    if (rc == MC_OK && p.recipient != NULL && !o->dry_run)
        rc = batch_seed_get(j->s, o->pin, o->number, p.batch.seed, e);
    target = batch_of_dacs(p.pai.number, &p.batch);
    if (rc == MC_OK)
        rc = batch_run(j->s, &target, o, source, sink, &stop_batch, &j->record->counts, e);
    hsm_wipe(p.batch.seed, sizeof(p.batch.seed));
    recipient_free(p.recipient);
    return rc;
}

/*
 * A PIN that comes from a descriptor or a person is read once, here, for all processes that log in. at is room for the
 * source that gives it to them.
 */
static enum mc_rc hold_pin(
    struct job *j, struct batch_options *o, struct hsm_pin_source *at, struct hsm_held_pin **held, struct mc_err *e)
{
    const struct hsm_pin_source asked = {.fd = -1, .prompt = true}, *from = o->pin != NULL ? o->pin : &asked;
    bool seed = j->record->dacs && j->record->dac.recipient_n != 0, embedded = j->s->config.module[0] == '\0';
    enum mc_rc rc;

    *held = NULL;
    if (o->dry_run || from->file != NULL || (o->pin == NULL && embedded))
        return MC_OK;
    rc = hsm_pin_hold(from, j->s->config.label, batch_workers(o) + seed, held, e);
    *at = (struct hsm_pin_source){.held = *held, .fd = -1};
    if (rc == MC_OK)
        o->pin = at;
    return rc;
}

static enum mc_rc run_opened(struct job *j, const struct batch_options *o, const struct batch_source *source, struct mc_err *e)
{
    struct batch_sink sink = {batch_writer_answer, batch_writer_flush, progress, &j->writer, j};
    enum mc_rc rc = j->record->dacs ? run_dacs(j, o, source, &sink, e) : run_nocs(j, o, source, &sink, e);

    if (rc == MC_OK)
        rc = batch_writer_finish(&j->writer, e);
    return rc;
}

/*
 * The answers are durable: now that no kill can lose them, the seed is destroyed. First the batch's file says so, so
 * that a resume after a kill goes on here.
 */
static enum mc_rc end_seed(struct job *j, struct mc_err *e)
{
    struct batch_record *b = j->record;
    struct ledger_authority pai;
    enum mc_rc rc;

    if (!b->dacs || b->dac.recipient_n == 0)
        return MC_OK;
    b->dac.delivered = true;
    rc = batch_file_save(j->s, b, e);
    if (rc == MC_OK)
        rc = attestation_find(j->s, b->of, MC_KIND_PAI, &pai, e);
    return rc == MC_OK ? batch_seed_destroy(j->s, pai.number, b->number, e) : rc;
}

/* The end of a batch is signed over; where no worker could, they are gone, and the token may be opened here. */
static void sign_end(struct job *j, const struct batch_options *o)
{
    struct mc_err why;
    char text[400];

    mc_err_init(&why);
    if (state_open_token(j->s, o->pin, &why) == MC_OK) {
        cmd_checkpoint(j->c, j->s, false);
        return;
    }
    mc_err_format(&why, text, sizeof(text));
    cli_note(j->c, "note: all is on record, but no new checkpoint could be signed: %s", text);
}

/* Runs the batch that j->record describes, keeps its file up to date and tells how it went. */
static enum mc_rc run_batch(struct job *j, struct batch_options *o, struct mc_err *e)
{
    struct batch_record *b = j->record;
    const struct hsm_pin_source *given = o->pin;
    struct hsm_pin_source shared;
    struct hsm_held_pin *held = NULL;
    struct batch_source source;
    enum mc_rc rc = open_input(j, &source, e), saved = MC_OK;

    o->number = b->number;
    o->unordered = b->unordered;
    if (rc == MC_OK)
        rc = batch_writer_open(&j->writer, b->out, b->dacs, o->dry_run, e);
    clock_gettime(CLOCK_MONOTONIC, &j->began);
    j->shown = j->saved = j->began;
    j->dry_run = o->dry_run;
    if (rc == MC_OK)
        rc = hold_pin(j, o, &shared, &held, e);
    catch_stops();
    if (rc == MC_OK)
        rc = run_opened(j, o, &source, e);
    hsm_pin_release(held);
    o->pin = given;
    if (rc == MC_OK && !o->dry_run)
        rc = end_seed(j, e);
    clear_progress(j);
    if (!o->dry_run && b->counts.issued != 0 && !b->counts.signed_over)
        sign_end(j, o);
    b->done = rc == MC_OK;
    b->ended_unix = ca_now();
    if (!o->dry_run)
        saved = batch_file_save(j->s, b, rc == MC_OK ? e : NULL);
    if (rc == MC_OK || rc == CA_E_SIGNAL)
        print_summary(j, o->dry_run, seconds_since(&j->began));
    if (!o->dry_run)
        print_way_on(j, rc);
    batch_writer_close(&j->writer);
    close_input(j);
    if (rc == MC_OK)
        rc = saved;
    if (rc == MC_OK && b->counts.refused > 0)
        rc = mc_fail(e, CA_E_PARTIAL, NULL, "%" PRIu64 " of %" PRIu64 " requests were refused", b->counts.refused,
            b->counts.issued + b->counts.repeated + b->counts.refused);
    return rc;
}

static enum mc_rc absolute(const char *path, char out[STATE_PATH_MAX], const char *option, struct mc_err *e)
{
    char cwd[STATE_PATH_MAX];
    int n;

    if (strcmp(path, "-") == 0 || path[0] == '/')
        n = snprintf(out, STATE_PATH_MAX, "%s", path);
    else if (getcwd(cwd, sizeof(cwd)) != NULL)
        n = snprintf(out, STATE_PATH_MAX, "%s/%s", cwd, path);
    else
        n = -1;
    return n > 0 && n < STATE_PATH_MAX ? MC_OK : mc_fail(e, CA_E_USAGE, option, "the path is empty or too long");
}

enum mc_rc cmd_describe_batch(const struct cli *c, struct batch_record *b, struct mc_err *e)
{
    const char *name = cli_value(c, "name"), *rule = cli_value(c, "node-ids");
    enum mc_rc rc = name_check(c->operands[0], e);

    memset(b, 0, sizeof(*b));
    b->lock = -1;
    if (rc == MC_OK && name != NULL)
        rc = name_check(name, e);
    if (rc == MC_OK && rule != NULL && strlen(rule) >= sizeof(b->node_ids))
        rc = mc_fail(e, CA_E_USAGE, "--node-ids", "it takes next, from:0xID or name");
    if (rc == MC_OK)
        rc = absolute(cli_value(c, "in"), b->in, "--in", e);
    if (rc == MC_OK)
        rc = absolute(cli_value(c, "out"), b->out, "--out", e);
    if (rc != MC_OK)
        return rc;
    snprintf(b->of, sizeof(b->of), "%s", c->operands[0]);
    snprintf(b->name, sizeof(b->name), "%s", name != NULL ? name : "");
    snprintf(b->node_ids, sizeof(b->node_ids), "%s", rule != NULL ? rule : "");
    b->unordered = cli_flag(c, "unordered");
    return MC_OK;
}

/* What cannot work is said before a batch comes into being. */
static enum mc_rc check_first(struct job *j, struct mc_err *e)
{
    struct batch_source source;
    struct ledger_fabric f;
    struct dac_parts p = {.recipient = NULL};
    enum mc_rc rc = j->record->dacs ? open_parts(j, &p, e) : ledger_fabric_by_name(j->s->ledger, j->record->of, &f, e);

    recipient_free(p.recipient);
    if (rc != MC_OK)
        return rc == CA_E_NOT_FOUND && !j->record->dacs ? mc_fail(e, rc, "fabric", "'%s'", j->record->of) : rc;
    rc = open_input(j, &source, e);
    close_input(j);
    return rc;
}

enum mc_rc cmd_run_batch(struct cli *c, struct batch_record *b, struct mc_err *e)
{
    struct batch_options o = {.dry_run = cli_flag(c, "dry-run")};
    struct hsm_pin_source pin;
    struct state s;
    struct job j = {.c = c, .s = &s, .record = b};
    enum mc_rc rc = options_of(c, &o, &pin, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = check_first(&j, e);
    if (rc == MC_OK && o.dry_run)
        snprintf(b->name, sizeof(b->name), "dry run");
    else if (rc == MC_OK)
        rc = batch_file_create(&s, b, e);
    if (rc == MC_OK)
        rc = run_batch(&j, &o, e);
    batch_file_close(b);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_noc_batch(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    enum mc_rc rc = cmd_describe_batch(c, &b, e);

    return rc == MC_OK ? cmd_run_batch(c, &b, e) : rc;
}

/* A batch whose answers are there and whose seed was to be destroyed when it was killed. */
static enum mc_rc finish_delivered(struct job *j, struct mc_err *e)
{
    enum mc_rc rc = end_seed(j, e);

    if (rc == MC_OK) {
        j->record->done = true;
        j->record->ended_unix = ca_now();
        rc = batch_file_save(j->s, j->record, e);
    }
    if (rc == MC_OK)
        print_summary(j, false, 0);
    return rc;
}

enum mc_rc cmd_batch_resume(struct cli *c, struct mc_err *e)
{
    struct batch_record b = {.lock = -1};
    struct batch_options o = {0};
    struct hsm_pin_source pin;
    struct state s;
    struct job j = {.c = c, .s = &s, .record = &b};
    enum mc_rc rc = options_of(c, &o, &pin, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = batch_file_open(&s, c->operands[0], &b, e);
    if (rc == MC_OK && strcmp(b.in, "-") == 0)
        rc = mc_fail(e, CA_E_USAGE, NULL, "its requests came from standard input: give them to '%s batch' again",
            b.dacs ? "dac" : "noc");
    if (rc == MC_OK && b.dac.delivered)
        rc = finish_delivered(&j, e);
    else if (rc == MC_OK)
        rc = run_batch(&j, &o, e);
    batch_file_close(&b);
    state_close(&s);
    return rc;
}
