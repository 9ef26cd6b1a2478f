/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io.h - the only reader and writer of files of both programs.
 */
#ifndef CLI_IO_H
#define CLI_IO_H

#include "lib/buf.h"

/*
 * Reads a whole file, or stdin for "-", of at most max octets. *out is malloc'ed (n may be 0); the caller
 * frees *out. Directories, devices that never end, missing and unreadable files each have their code:
 * CA_E_FILE_NOT_FOUND, CA_E_IS_DIRECTORY, CA_E_READ, MC_E_TOO_BIG, MC_E_MEMORY.
 */
MC_MUST_CHECK enum mc_rc io_read(const char *path, size_t max, uint8_t **out, size_t *n, struct mc_err *e);

/*
 * Writes a file as a whole: a temporary name beside it, fsync, rename, fsync of the folder. "-" is stdout.
 * Nothing half-written stays, also when a signal ends the program (io_cleanup_on_signals). mode is the
 * file's (0644 for certificates, 0600 for secrets). CA_E_OUTPUT, CA_E_DB_FULL.
 */
MC_MUST_CHECK enum mc_rc io_write(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* As io_write without the fsyncs: for many files that can be made again (convert). */
MC_MUST_CHECK enum mc_rc io_write_fast(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* Makes a directory (0755 or as told); fine if it is there. CA_E_OUTPUT. */
MC_MUST_CHECK enum mc_rc io_make_dir(const char *path, unsigned mode, struct mc_err *e);
/* SIGINT, SIGTERM, SIGHUP: the temporary file at work is removed, then the signal takes its course. */
void io_cleanup_on_signals(void);

#endif
