/* SPDX-License-Identifier: Apache-2.0 */
#include "instance.h"

#include "lib/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LEN 21 /* 16 hex digits and ".lock" */
#define TRIES    100

struct instance {
    int dir, fd;
    uint64_t number;
};

static void name_of(uint64_t number, char name[NAME_LEN + 1])
{
    snprintf(name, NAME_LEN + 1, "%016llx.lock", (unsigned long long)number);
}

static enum mc_rc io(struct mc_err *e, const char *what)
{
    return mc_fail(e, CA_E_IO, "run", "%s: %s", what, strerror(errno));
}

static enum mc_rc open_dir(const char *run_dir, int *fd, struct mc_err *e)
{
    *fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 ? MC_OK : io(e, run_dir);
}

/* 0: got it. 1: another process holds it. -1: failed. */
static int try_lock(int fd)
{
    int got;

    do
        got = flock(fd, LOCK_EX | LOCK_NB);
    while (got != 0 && errno == EINTR);
    if (got == 0)
        return 0;
    return errno == EWOULDBLOCK ? 1 : -1;
}

/* True if the name in dir still leads to this file: a cleaner may have removed it before it was locked. */
static bool is_in_place(int dir, const char *name, int fd)
{
    struct stat here, there;

    return fstat(fd, &here) == 0 && fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/*
 * A file that is no regular file was not made here: nobody holds it, and it is left alone. The file of a
 * dead process is removed while its lock is held, so that two cleaners do not meet.
 */
static enum mc_rc look(int dir, const char *name, bool *alive, struct mc_err *e)
{
    struct stat st;
    int fd, got;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? MC_OK : io(e, name);
    if (!S_ISREG(st.st_mode))
        return MC_OK;
    fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? MC_OK : io(e, name);
    got = try_lock(fd);
    *alive = got == 1;
    if (got == 0 && is_in_place(dir, name, fd))
        unlinkat(dir, name, 0);
    close(fd);
    return got < 0 ? io(e, name) : MC_OK;
}

static bool is_lock_name(const char *name)
{
    return strlen(name) == NAME_LEN && strspn(name, "0123456789abcdef") == 16 &&
           strcmp(name + 16, ".lock") == 0;
}

/*
 * Removes the files that dead processes left. Whatever else stands in the folder is none of ours. A file
 * that cannot be looked at is no reason not to start.
 */
static void sweep(int dir)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    bool alive;

    if (d == NULL) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(d)) != NULL)
        if (is_lock_name(entry->d_name) && look(dir, entry->d_name, &alive, NULL) != MC_OK)
            continue;
    closedir(d);
}

/* One try with one random number; *fd stays -1 if the name was taken or removed in between. */
static enum mc_rc make_one(int dir, uint64_t *number, int *fd, struct mc_err *e)
{
    char name[NAME_LEN + 1];

    if (getrandom(number, sizeof(*number), 0) != (ssize_t)sizeof(*number))
        return io(e, "no random number");
    name_of(*number, name);
    *fd = *number == 0 ? -1 : openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0)
        return *number == 0 || errno == EEXIST ? MC_OK : io(e, name);
    if (try_lock(*fd) == 0 && is_in_place(dir, name, *fd))
        return MC_OK;
    close(*fd);
    *fd = -1;
    return MC_OK;
}

enum mc_rc instance_open(const char *run_dir, struct instance **out, struct mc_err *e)
{
    struct instance *i = malloc(sizeof(*i));
    enum mc_rc rc;

    if (i == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    i->fd = -1;
    rc = open_dir(run_dir, &i->dir, e);
    if (rc == MC_OK)
        sweep(i->dir);
    for (int tries = 0; rc == MC_OK && i->fd < 0 && tries < TRIES; tries++)
        rc = make_one(i->dir, &i->number, &i->fd, e);
    if (rc == MC_OK && i->fd < 0)
        rc = mc_fail(e, CA_E_IO, "run", "no lock file can be made in %s", run_dir);
    if (rc != MC_OK) {
        if (i->dir >= 0)
            close(i->dir);
        free(i);
        return rc;
    }
    *out = i;
    return MC_OK;
}

uint64_t instance_number(const struct instance *i)
{
    return i->number;
}

/* The file goes before the lock, so that nobody finds a file that is free and still in use. */
void instance_close(struct instance *i)
{
    char name[NAME_LEN + 1];

    if (i == NULL)
        return;
    name_of(i->number, name);
    if (is_in_place(i->dir, name, i->fd))
        unlinkat(i->dir, name, 0);
    close(i->fd);
    close(i->dir);
    free(i);
}

enum mc_rc instance_alive(const char *run_dir, uint64_t number, bool *alive, struct mc_err *e)
{
    char name[NAME_LEN + 1];
    int dir;
    enum mc_rc rc = open_dir(run_dir, &dir, e);

    *alive = false;
    if (rc != MC_OK || number == 0) {
        if (rc == MC_OK)
            close(dir);
        return rc;
    }
    name_of(number, name);
    rc = look(dir, name, alive, e);
    close(dir);
    return rc;
}
