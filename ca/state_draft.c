/* SPDX-License-Identifier: Apache-2.0 */
/* A state in the making: a folder beside its name that becomes it in one step, or goes. */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAFT       ".heddle-new-"
#define DRAFT_TRIES 5

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_all(const char *draft)
{
    (void)nftw(draft, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The draft of this process is locked as long as it lives. */
static int draft_fd = -1;

static void end_draft(void)
{
    if (draft_fd >= 0)
        close(draft_fd);
    draft_fd = -1;
}

static void sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)syncfs(fd);
        close(fd);
    }
}

static enum mc_rc parent_of(const char *dir, char parent[STATE_PATH_MAX], struct mc_err *e)
{
    size_t n = strlen(dir);
    char *slash;

    if (n == 0 || n >= STATE_PATH_MAX - 64)
        return mc_fail(e, CA_E_USAGE, NULL, "the path of the state is empty or too long");
    memcpy(parent, dir, n + 1);
    while (n > 1 && parent[n - 1] == '/')
        parent[--n] = '\0';
    slash = strrchr(parent, '/');
    if (slash == NULL)
        memcpy(parent, ".", 2);
    else
        slash[slash == parent ? 1 : 0] = '\0';
    return MC_OK;
}

/* Parents that are missing are made, mode 0700. */
static enum mc_rc make_parent(const char *dir, char parent[STATE_PATH_MAX], struct mc_err *e)
{
    enum mc_rc rc = parent_of(dir, parent, e);

    if (rc != MC_OK || strcmp(parent, ".") == 0)
        return rc;
    for (char *p = parent + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(parent, 0700) != 0 && errno != EEXIST)
            return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", parent, strerror(errno));
        *p = '/';
    }
    if (mkdir(parent, 0700) != 0 && errno != EEXIST)
        return mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", parent, strerror(errno));
    return MC_OK;
}

/* What is locked is run/: the folder itself is locked by whoever makes a checkpoint. */
static int lock_draft(const char *draft, int how)
{
    char run[STATE_PATH_MAX + 272];
    int fd;

    snprintf(run, sizeof(run), "%s/run", draft);
    fd = open(run, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, how) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/*
 * Takes a draft that nobody works on: -1 if somebody does. One without run/ was killed at its very begin, or half
 * removed; who makes it for himself is the one that may have it, as make_draft does not go on with a run/ that is there.
 */
static int take_draft(const char *draft)
{
    char run[STATE_PATH_MAX + 272];
    struct stat st;

    if (lstat(draft, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return -1;
    snprintf(run, sizeof(run), "%s/run", draft);
    return access(run, F_OK) == 0 || mkdir(run, 0700) == 0 ? lock_draft(draft, LOCK_EX | LOCK_NB) : -1;
}

/* What processes have left that were killed: keys may be in it. */
static void sweep(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    char path[STATE_PATH_MAX + 264];

    while (d != NULL && (entry = readdir(d)) != NULL) {
        int fd;

        if (strncmp(entry->d_name, DRAFT, strlen(DRAFT)) != 0 || strlen(entry->d_name) != strlen(DRAFT) + 6)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        fd = take_draft(path);
        if (fd < 0)
            continue;
        remove_all(path);
        close(fd);
    }
    if (d != NULL)
        closedir(d);
}

/* Somebody's sweep may come between making and locking: then it is gone, and another one is made. */
static bool make_draft(const char *folder, char draft[STATE_PATH_MAX])
{
    char run[STATE_PATH_MAX + 8];
    struct stat st;

    for (unsigned i = 0; i < DRAFT_TRIES; i++) {
        int n = snprintf(draft, STATE_PATH_MAX, "%s/" DRAFT "XXXXXX", folder);

        if (n < 0 || n >= STATE_PATH_MAX - 64) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (mkdtemp(draft) == NULL)
            return false;
        snprintf(run, sizeof(run), "%s/run", draft);
        if (mkdir(run, 0700) == 0 && (draft_fd = lock_draft(draft, LOCK_EX)) >= 0 && lstat(run, &st) == 0)
            return true;
        end_draft();
    }
    return false;
}

enum mc_rc state_draft_in(const char *folder, char draft[STATE_PATH_MAX], struct mc_err *e)
{
    char *real = realpath(folder, NULL);
    bool made;

    if (real != NULL)
        sweep(real);
    made = real != NULL && make_draft(real, draft);
    free(real);
    return made ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "%s: %s", folder, strerror(errno));
}

enum mc_rc state_draft_begin(const char *dir, char draft[STATE_PATH_MAX], struct mc_err *e)
{
    char parent[STATE_PATH_MAX];
    struct stat st;
    enum mc_rc rc = make_parent(dir, parent, e);

    if (rc == MC_OK && lstat(dir, &st) == 0)
        rc = mc_fail(e, CA_E_EXISTS, NULL, "%s", dir);
    return rc == MC_OK ? state_draft_in(parent, draft, e) : rc;
}

enum mc_rc state_draft_commit(const char *draft, const char *dir, struct mc_err *e)
{
    char parent[STATE_PATH_MAX];
    enum mc_rc rc = parent_of(dir, parent, e);

    if (rc != MC_OK)
        return rc;
    sync_dir(draft);
    if (renameat2(AT_FDCWD, draft, AT_FDCWD, dir, RENAME_NOREPLACE) != 0)
        return mc_fail(e, errno == EEXIST ? CA_E_EXISTS : CA_E_OUTPUT, NULL, "%s: %s", dir, strerror(errno));
    sync_dir(parent);
    end_draft();
    return MC_OK;
}

void state_draft_drop(const char *draft)
{
    remove_all(draft);
    end_draft();
}
