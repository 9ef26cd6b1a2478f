/* SPDX-License-Identifier: Apache-2.0 */
/* A state in the making: a folder beside its name that becomes it in one step, or goes. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
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

enum mc_rc state_draft_in(const char *folder, char draft[STATE_PATH_MAX], struct mc_err *e)
{
    char *real = realpath(folder, NULL);
    int n = real == NULL ? -1 : snprintf(draft, STATE_PATH_MAX, "%s/.heddle-new-XXXXXX", real);
    bool made = n > 0 && n < STATE_PATH_MAX - 64 && mkdtemp(draft) != NULL;

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
    return MC_OK;
}

void state_draft_drop(const char *draft)
{
    (void)nftw(draft, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
