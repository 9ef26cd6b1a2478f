/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "batch_file.h"
#include "batch_io.h"

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
    bool is_folder;
    struct batch_writer writer;
    struct timespec began, shown;
};

static double seconds_since(const struct timespec *t)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

/* How much of the input is taken, 0 to 1; negative if that cannot be told. */
static double taken_share(const struct job *j)
{
    if (j->is_folder)
        return j->folder.names.n > 0 ? (double)j->folder.at / (double)j->folder.names.n : 1;
    return j->lines.size > 0 ? (double)j->lines.taken / (double)j->lines.size : -1;
}

#define BAR 24

/* Only on a terminal, for work of over a second, five times a second. */
static void show_progress(void *arg, uint64_t done)
{
    struct job *j = arg;
    double seconds = seconds_since(&j->began), share = taken_share(j);
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

static void clear_progress(const struct job *j)
{
    if (j->shown.tv_sec != j->began.tv_sec || j->shown.tv_nsec != j->began.tv_nsec)
        fprintf(stderr, "\r%78s\r", "");
}

static enum mc_rc open_input(struct job *j, struct batch_source *source, struct mc_err *e)
{
    const struct batch_record *b = j->record;
    enum mc_rc rc;

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
    if (j->is_folder)
        batch_folder_close(&j->folder);
    else
        batch_lines_close(&j->lines);
}

static void print_summary(const struct job *j, const char *state, double seconds)
{
    const struct batch_record *b = j->record;
    const struct batch_counts *n = &b->counts;
    uint64_t all = n->issued + n->repeated + n->refused;
    struct json out;

    if (j->c->json && !j->writer.to_stdout) {
        json_init(&out, stdout, false);
        json_object(&out, NULL);
        json_string(&out, "schema", "heddle.batch-summary/1");
        json_string(&out, "name", b->name);
        json_string(&out, "state", state);
        json_number(&out, "issued", (int64_t)n->issued);
        json_number(&out, "repeated", (int64_t)n->repeated);
        json_number(&out, "refused", (int64_t)n->refused);
        json_end_object(&out);
        return;
    }
    cli_note(j->c, "%s %s: %" PRIu64 " issued, %" PRIu64 " repeated, %" PRIu64 " refused in %.1f s (%.0f/s)", b->name,
        state, n->issued, n->repeated, n->refused, seconds, seconds > 0 ? (double)all / seconds : 0.0);
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

static enum mc_rc run_opened(struct job *j, const struct batch_options *o, const struct batch_source *source, struct mc_err *e)
{
    struct batch_sink sink = {batch_writer_answer, batch_writer_flush, show_progress, &j->writer, j};
    struct ledger_fabric f;
    enum mc_rc rc = ledger_fabric_by_name(j->s->ledger, j->record->fabric, &f, e);

    if (rc == CA_E_NOT_FOUND)
        return mc_fail(e, rc, "fabric", "'%s'", j->record->fabric);
    if (rc != MC_OK)
        return rc;
    rc = batch_run(j->s, &f, o, source, &sink, &stop_batch, &j->record->counts, e);
    if (rc == MC_OK)
        rc = batch_writer_finish(&j->writer, e);
    return rc;
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
    struct batch_source source;
    enum mc_rc rc = open_input(j, &source, e), saved = MC_OK;

    o->number = b->number;
    o->unordered = b->unordered;
    if (rc == MC_OK)
        rc = batch_writer_open(&j->writer, b->out, o->dry_run, e);
    clock_gettime(CLOCK_MONOTONIC, &j->began);
    j->shown = j->began;
    catch_stops();
    if (rc == MC_OK)
        rc = run_opened(j, o, &source, e);
    clear_progress(j);
    if (!o->dry_run && b->counts.issued != 0 && !b->counts.signed_over)
        sign_end(j, o);
    b->done = rc == MC_OK;
    b->ended_unix = ca_now();
    if (!o->dry_run)
        saved = batch_file_save(j->s, b, rc == MC_OK ? e : NULL);
    if (rc == MC_OK || rc == CA_E_SIGNAL)
        print_summary(j, o->dry_run ? "checked" : b->done ? "done" : "stopped", seconds_since(&j->began));
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

static enum mc_rc describe(const struct cli *c, struct batch_record *b, struct mc_err *e)
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
    snprintf(b->fabric, sizeof(b->fabric), "%s", c->operands[0]);
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
    enum mc_rc rc = ledger_fabric_by_name(j->s->ledger, j->record->fabric, &f, e);

    if (rc != MC_OK)
        return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "fabric", "'%s'", j->record->fabric) : rc;
    rc = open_input(j, &source, e);
    close_input(j);
    return rc;
}

enum mc_rc cmd_noc_batch(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    struct batch_options o = {.dry_run = cli_flag(c, "dry-run")};
    struct hsm_pin_source pin;
    struct state s;
    struct job j = {.c = c, .s = &s, .record = &b};
    enum mc_rc rc = describe(c, &b, e);

    if (rc == MC_OK)
        rc = options_of(c, &o, &pin, e);
    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = check_first(&j, e);
    if (rc == MC_OK && o.dry_run)
        snprintf(b.name, sizeof(b.name), "dry run");
    else if (rc == MC_OK)
        rc = batch_file_create(&s, &b, e);
    if (rc == MC_OK)
        rc = run_batch(&j, &o, e);
    batch_file_close(&b);
    state_close(&s);
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
        rc = mc_fail(e, CA_E_USAGE, NULL, "its requests came from standard input: give them to 'noc batch' again");
    if (rc == MC_OK)
        rc = run_batch(&j, &o, e);
    batch_file_close(&b);
    state_close(&s);
    return rc;
}

struct list {
    struct state *s;
    struct table *table;
    struct json *json;
    enum mc_rc rc;
};

static void batch_json(struct json *j, struct state *s, const struct batch_record *b)
{
    char time[MC_TIME_TEXT_MAX];

    json_object(j, NULL);
    json_string(j, "schema", "heddle.batch/1");
    json_string(j, "name", b->name);
    json_number(j, "number", (int64_t)b->number);
    json_string(j, "state", batch_file_state(s, b));
    json_string(j, "fabric", b->fabric);
    json_string(j, "in", b->in);
    json_string(j, "out", b->out);
    mc_time_format(b->began_unix, time);
    json_string(j, "began", time);
    if (b->ended_unix != 0) {
        mc_time_format(b->ended_unix, time);
        json_string(j, "ended", time);
    }
    json_number(j, "issued", (int64_t)b->counts.issued);
    json_number(j, "repeated", (int64_t)b->counts.repeated);
    json_number(j, "refused", (int64_t)b->counts.refused);
    json_end_object(j);
}

static bool list_one(void *arg, const struct batch_record *b)
{
    struct list *l = arg;
    char issued[24], repeated[24], refused[24], began[MC_TIME_TEXT_MAX];

    if (l->json != NULL) {
        batch_json(l->json, l->s, b);
        return true;
    }
    snprintf(issued, sizeof(issued), "%" PRIu64, b->counts.issued);
    snprintf(repeated, sizeof(repeated), "%" PRIu64, b->counts.repeated);
    snprintf(refused, sizeof(refused), "%" PRIu64, b->counts.refused);
    mc_time_format(b->began_unix, began);
    l->rc = table_row(l->table,
        (const char *const[]){b->name, batch_file_state(l->s, b), b->fabric, began, issued, repeated, refused});
    return l->rc == MC_OK;
}

enum mc_rc cmd_batch_list(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {"NAME", "STATE", "FABRIC", "BEGAN", ">ISSUED", ">REPEATED", ">REFUSED", NULL};
    struct state s;
    struct json j;
    struct list l = {.s = &s};
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    json_init(&j, stdout, true);
    if (c->json)
        l.json = &j;
    else
        l.table = table_new(headers);
    rc = !c->json && l.table == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : batch_file_list(&s, list_one, &l, e);
    if (rc == MC_OK)
        rc = l.rc;
    if (rc == MC_OK && !c->json)
        table_print(l.table, stdout);
    table_free(l.table);
    state_close(&s);
    return rc;
}

struct wanted {
    const char *name;
    struct batch_record *b;
    bool found;
};

static bool pick(void *arg, const struct batch_record *b)
{
    struct wanted *w = arg;

    w->found = strcmp(w->name, b->name) == 0;
    if (w->found)
        *w->b = *b;
    return !w->found;
}

enum mc_rc cmd_batch_show(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    struct wanted w = {c->operands[0], &b, false};
    struct state s;
    struct json j;
    char time[MC_TIME_TEXT_MAX];
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = batch_file_list(&s, pick, &w, e);
    if (rc == MC_OK && !w.found)
        rc = mc_fail(e, CA_E_NOT_FOUND, "batch", "'%.64s'", w.name);
    if (rc == MC_OK && c->json) {
        json_init(&j, stdout, false);
        batch_json(&j, &s, &b);
    } else if (rc == MC_OK) {
        mc_time_format(b.began_unix, time);
        printf("batch         %s\n  state       %s\n  fabric      %s\n  began       %s\n", b.name, batch_file_state(&s, &b),
            b.fabric, time);
        if (b.ended_unix != 0) {
            mc_time_format(b.ended_unix, time);
            printf("  ended       %s\n", time);
        }
        printf("  in          %s\n  out         %s\n", b.in, b.out);
        printf("  issued      %" PRIu64 "\n  repeated    %" PRIu64 "\n  refused     %" PRIu64 "\n", b.counts.issued,
            b.counts.repeated, b.counts.refused);
    }
    state_close(&s);
    return rc;
}
