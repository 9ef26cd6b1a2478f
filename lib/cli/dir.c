/* SPDX-License-Identifier: Apache-2.0 */
/* Directories: what files they hold. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io.h"

bool io_is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void io_names_free(struct io_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct io_names){NULL, 0};
}

static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add(struct io_names *names, size_t *cap, char *path)
{
    if (names->n == *cap) {
        size_t wider = *cap == 0 ? 64 : 2 * *cap;
        char **name = reallocarray(names->name, wider, sizeof(*name));

        if (name == NULL)
            return false;
        names->name = name;
        *cap = wider;
    }
    names->name[names->n++] = path;
    return true;
}

/* The path of an entry if it is a file of any sort, else NULL; *memory is false when out of it. */
static char *file_path(const char *folder, const struct dirent *entry, bool *memory)
{
    bool slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/';
    char *path = NULL;

    if (entry->d_name[0] == '.' || entry->d_type == DT_DIR)
        return NULL;
    *memory = asprintf(&path, "%s%s%s", folder, slash ? "" : "/", entry->d_name) >= 0;
    if (!*memory)
        return NULL;
    if ((entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) && io_is_directory(path)) {
        free(path);
        return NULL;
    }
    return path;
}

static enum mc_rc collect(DIR *dir, const char *folder, struct io_names *names, struct mc_err *e)
{
    struct dirent *entry;
    size_t cap = 0;
    bool memory = true;

    for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
        char *path = file_path(folder, entry, &memory);

        if (path != NULL && !add(names, &cap, path)) {
            free(path);
            memory = false;
        }
        if (!memory)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    return errno == 0 ? MC_OK : mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
}

enum mc_rc io_list(const char *path, struct io_names *names, struct mc_err *e)
{
    DIR *dir = opendir(path);
    enum mc_rc rc;

    *names = (struct io_names){NULL, 0};
    if (dir == NULL)
        return errno == ENOENT ? mc_fail(e, CA_E_FILE_NOT_FOUND, NULL, NULL)
                               : mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
    rc = collect(dir, path, names, e);
    closedir(dir);
    if (rc != MC_OK)
        io_names_free(names);
    else if (names->n > 0)
        qsort(names->name, names->n, sizeof(*names->name), by_octets);
    return rc;
}
