/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_io.h - where a batch's requests come from and where its answers go: JSON Lines, or a folder of CSRs.
 */
#ifndef CA_BATCH_IO_H
#define CA_BATCH_IO_H

#include <stdio.h>

#include "batch.h"
#include "lib/cli/io.h"

#define BATCH_READ_MAX  (256 * 1024)
#define BATCH_WRITE_MAX (256 * 1024)

/* A reader of lines from a descriptor. */
struct batch_lines {
    int fd;
    bool close_fd, at_end;
    uint64_t size, taken; /* octets of the file (0: not known), octets handed on */
    uint64_t given;       /* lines handed on */
    size_t from, to;      /* what of buf is not yet handed on */
    char *buf;            /* BATCH_READ_MAX */
};
/* path "-" is stdin. CA_E_FILE_NOT_FOUND, CA_E_IS_DIRECTORY, CA_E_READ. */
MC_MUST_CHECK enum mc_rc batch_lines_open(struct batch_lines *l, const char *path, struct mc_err *e);
void batch_lines_close(struct batch_lines *l);
struct batch_source batch_lines_source(struct batch_lines *l);

/*
 * A folder of CSR files, in order of their names. The rule for node ids: "next"; "from:0xID", counting up;
 * or "name": the file's name up to its first dot is the node id. The request id is "file:" and the name.
 */
struct batch_folder {
    struct io_names names;
    size_t at;
    char rule[32];
    uint64_t next_node;
    uint8_t *raw, *scratch;
};
MC_MUST_CHECK enum mc_rc batch_folder_open(
    struct batch_folder *d, const char *path, const char *rule, struct mc_err *e);
void batch_folder_close(struct batch_folder *d);
struct batch_source batch_folder_source(struct batch_folder *d);

/*
 * Answers as JSON Lines. A file is written under OUT.part and takes its name at the end, so that a result
 * that has its name is complete.
 */
struct batch_writer {
    FILE *f;
    char *buf; /* BATCH_WRITE_MAX, behind f */
    bool to_stdout, dacs, dry_run;
    char path[STATE_PATH_MAX], part[STATE_PATH_MAX + 8];
};
MC_MUST_CHECK enum mc_rc batch_writer_open(
    struct batch_writer *w, const char *path, bool dacs, bool dry_run, struct mc_err *e);
MC_MUST_CHECK enum mc_rc batch_writer_answer(void *arg, const struct batch_answer *a, struct mc_err *e);
MC_MUST_CHECK enum mc_rc batch_writer_flush(void *arg, struct mc_err *e);
/* Makes the file durable and gives it its name. */
MC_MUST_CHECK enum mc_rc batch_writer_finish(struct batch_writer *w, struct mc_err *e);
void batch_writer_close(struct batch_writer *w);

#endif
