/* SPDX-License-Identifier: Apache-2.0 */
/* file.c - small files that must be whole after a crash, and the lock on them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum mc_rc hsm_path_join(char *out, size_t cap, const char *folder, const char *name, struct mc_err *e)
{
    int n = snprintf(out, cap, "%s/%s", folder, name);

    if (n < 0 || (size_t)n >= cap)
        return mc_fail(e, HSM_E_PATH, NULL, "the path is too long: %s/%s", folder, name);
    return MC_OK;
}

int hsm_file_read(const char *path, uint8_t *buf, size_t cap, size_t *n)
{
    struct stat st;
    size_t got = 0;
    ssize_t r = 0;
    int err = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0)
        err = errno;
    else if (!S_ISREG(st.st_mode))
        err = EINVAL;
    while (err == 0 && got < cap && (r = read(fd, buf + got, cap - got)) != 0) {
        if (r > 0)
            got += (size_t)r;
        else if (errno != EINTR)
            err = errno;
    }
    if (err == 0 && got == cap)
        err = EFBIG;
    close(fd);
    *n = got;
    return err;
}

static int write_all(int fd, const uint8_t *p, size_t n)
{
    while (n != 0) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return errno;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

int hsm_folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = 0;

    if (fd < 0)
        return errno;
    if (fsync(fd) != 0)
        err = errno;
    close(fd);
    return err;
}

/* Makes the entry of path in its folder durable. */
static int parent_sync(const char *path)
{
    char folder[1024];
    int n = snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');

    if (n < 0 || (size_t)n >= sizeof(folder) || slash == NULL)
        return EINVAL;
    *slash = '\0';
    return hsm_folder_sync(folder[0] == '\0' ? "/" : folder);
}

int hsm_file_replace(const char *path, const char *scratch, const void *data, size_t n, mode_t mode)
{
    int err;
    int fd;

    /* What a crash left may be write-protected. */
    if (unlink(scratch) != 0 && errno != ENOENT)
        return errno;
    fd = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    err = write_all(fd, data, n);
    if (err == 0 && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
        err = errno;
    close(fd);
    if (err == 0 && rename(scratch, path) != 0)
        err = errno;
    if (err != 0) {
        unlink(scratch);
        return err;
    }
    return parent_sync(path);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Polls: a blocking flock can be bounded only by a signal, and signals belong to the program. Waiters that
 * were started together are kept apart by their process ids.
 */
static int lock_within(int fd, unsigned timeout_ms)
{
    int64_t end = now_ms() + timeout_ms;
    struct timespec nap = {0, 1000000 + (long)(getpid() % 7) * 300000};

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        if (now_ms() >= end)
            return ETIMEDOUT;
        nanosleep(&nap, NULL);
    }
    return 0;
}

enum mc_rc hsm_file_lock(const char *path, unsigned timeout_ms, int *fd, struct mc_err *e)
{
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    int err;

    if (lock < 0)
        return hsm_fail_errno(e, HSM_E_STORE, "open", path);
    err = lock_within(lock, timeout_ms);
    if (err == 0) {
        *fd = lock;
        return MC_OK;
    }
    close(lock);
    errno = err;
    if (err == ETIMEDOUT)
        return mc_fail(e, HSM_E_TIMEOUT, NULL, "another process has held %s for %u ms", path, timeout_ms);
    return hsm_fail_errno(e, HSM_E_STORE, "lock", path);
}
