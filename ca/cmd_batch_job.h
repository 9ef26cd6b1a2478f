/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_batch_job.h - a batch as the process of a command runs it. Private to cmd_batch*.c. */
#ifndef CA_CMD_BATCH_JOB_H
#define CA_CMD_BATCH_JOB_H

#include <time.h>

#include "cmd_batch.h"

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

/* cmd_batch_run.c: what cannot work is said before a batch comes into being. */
MC_MUST_CHECK enum mc_rc job_check(struct job *j, struct mc_err *e);
/* Runs the batch that j->record describes, keeps its file up to date and tells how it went. */
MC_MUST_CHECK enum mc_rc job_run(struct job *j, struct batch_options *o, struct mc_err *e);
/* The end of a batch whose answers are there and whose seed was to be destroyed when it was killed. */
MC_MUST_CHECK enum mc_rc job_finish_delivered(struct job *j, struct mc_err *e);

/* cmd_batch_tell.c: what people and programs see of it. */
void job_begin_progress(struct job *j);
void job_progress(void *job, uint64_t done); /* of a struct batch_sink */
void job_clear_progress(const struct job *j);
void job_print_summary(const struct job *j, bool dry_run);
void job_print_way_on(const struct job *j, enum mc_rc rc); /* rc: that ended it */

#endif
