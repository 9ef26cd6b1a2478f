/* SPDX-License-Identifier: Apache-2.0 */
/* A batch at work, as it is told: progress, summary, how to go on. */
#include "cmd_batch_job.h"

#include <inttypes.h>
#include <unistd.h>

static double seconds_since(const struct timespec *t)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

void job_begin_progress(struct job *j)
{
    clock_gettime(CLOCK_MONOTONIC, &j->began);
    j->shown = j->saved = j->began;
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

#define BAR          24
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

void job_progress(void *arg, uint64_t done)
{
    struct job *j = arg;

    save_now_and_then(j);
    show_progress(j, done);
}

void job_clear_progress(const struct job *j)
{
    if (j->shown.tv_sec != j->began.tv_sec || j->shown.tv_nsec != j->began.tv_nsec)
        fprintf(stderr, "\r%78s\r", "");
}

/* In a dry run nothing was issued: what would be is valid. */
void job_print_summary(const struct job *j, bool dry_run)
{
    double seconds = j->began.tv_sec != 0 ? seconds_since(&j->began) : 0;
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
void job_print_way_on(const struct job *j, enum mc_rc rc)
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
