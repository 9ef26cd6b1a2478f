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
/* The same into the caller's buffer, which holds one octet more than the largest input that is accepted. */
MC_MUST_CHECK enum mc_rc io_read_into(
    const char *path, uint8_t *buf, size_t cap, size_t *n, struct mc_err *e);

/*
 * Writes a file as a whole: a temporary name beside it, fsync, rename, fsync of the folder. "-" is stdout.
 * Nothing half-written stays, also when a signal ends the program (io_cleanup_on_signals). mode is the
 * file's (0644 for certificates, 0600 for secrets), less the umask. A symbolic link is followed; a device or
 * pipe is written to as it is. CA_E_OUTPUT, CA_E_DB_FULL, CA_E_IS_DIRECTORY.
 */
MC_MUST_CHECK enum mc_rc io_write(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* As io_write without the fsyncs: for many files that can be made again (convert). */
MC_MUST_CHECK enum mc_rc io_write_fast(
    const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* As io_write, but never touches a file that exists: CA_E_EXISTS. */
MC_MUST_CHECK enum mc_rc io_create(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* As io_write_fast, but never touches a file that exists: CA_E_EXISTS. */
MC_MUST_CHECK enum mc_rc io_write_new(
    const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e);
/* Makes a directory (0755 or as told) in one that exists; fine if it is there. CA_E_OUTPUT, CA_E_DB_FULL. */
MC_MUST_CHECK enum mc_rc io_make_dir(const char *path, unsigned mode, struct mc_err *e);

struct io_names {
    char **name;
    size_t n;
};
/*
 * The files in a directory, not those in its subdirectories and none whose name begins with '.', as paths
 * that begin with `path`, sorted by octets. CA_E_FILE_NOT_FOUND, CA_E_READ, MC_E_MEMORY.
 */
MC_MUST_CHECK enum mc_rc io_list(const char *path, struct io_names *names, struct mc_err *e);
void io_names_free(struct io_names *names);
bool io_is_directory(const char *path);

/* SIGINT, SIGTERM, SIGHUP: the temporary file at work is removed, then the signal takes its course. */
void io_cleanup_on_signals(void);

#endif
