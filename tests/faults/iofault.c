/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iofault.c - preloaded: what a failing disk, a full one or a power loss does to a program. It counts the
 * changes that the process and its children make below $IOFAULT_DIR (write, pwrite, truncate, sync, rename,
 * unlink, mkdir, creating open) and acts at one of them.
 *
 *     IOFAULT_AT=N             the N-th change: (0: only count)
 *     IOFAULT_DO=kill          the process is killed before it
 *                short         only half of what is written is, and the call says so
 *                torn          half of it is written, then the process is killed
 *                eio, enospc   it fails, once
 *                eintr         a write is interrupted before it begins, once: to be tried again
 *                full          it fails for want of space, and so does every one after it that needs some
 *                sync          the first sync from here on fails once; those after it succeed, as the kernel
 * does IOFAULT_ONLY=END         only files whose name ends so IOFAULT_COUNT=FILE       the number of changes
 * is written there IOFAULT_SHADOW=DIR       what a power loss would leave: a copy of the folder, where files
 * get the content of their last sync, and a new file its name by it; renames and removals last at once
 *
 * Writing through stdio is seen by nobody but the C library; SQLite and heddle's own writer do not use it for
 * what must last.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum what { NOTHING, KILL, SHORT, TORN, FAIL_EIO, FAIL_ENOSPC, FAIL_EINTR, FULL, SYNC };
enum change { WRITES, SYNCS, NAMES, MAKES };

static struct {
    bool begun;
    char dir[PATH_MAX], shadow[PATH_MAX], only[64];
    size_t dir_n;
    enum what what;
    unsigned long at;
    _Atomic unsigned long *count; /* shared by all processes */
    atomic_bool sync_failed;
} plan;

#define REAL(name) ((__typeof__(&name))(size_t)real_function(#name))

static void *real_function(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);

    if (f == NULL)
        abort();
    return f;
}

static enum what parse(const char *text)
{
    static const char *const names[] = {[KILL] = "kill",
        [SHORT] = "short",
        [TORN] = "torn",
        [FAIL_EIO] = "eio",
        [FAIL_ENOSPC] = "enospc",
        [FAIL_EINTR] = "eintr",
        [FULL] = "full",
        [SYNC] = "sync"};

    for (size_t i = KILL; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0)
            return (enum what)i;
    return NOTHING;
}

static void begin(void)
{
    const char *at = getenv("IOFAULT_AT"), *dir = getenv("IOFAULT_DIR"), *count = getenv("IOFAULT_COUNT");
    const char *shadow = getenv("IOFAULT_SHADOW"), *only = getenv("IOFAULT_ONLY");
    int fd = count != NULL ? REAL(open)(count, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

    plan.begun = true;
    snprintf(plan.dir, sizeof(plan.dir), "%s", dir != NULL ? dir : "/nonexistent");
    plan.dir_n = strlen(plan.dir);
    snprintf(plan.shadow, sizeof(plan.shadow), "%s", shadow != NULL ? shadow : "");
    snprintf(plan.only, sizeof(plan.only), "%s", only != NULL ? only : "");
    plan.what = parse(getenv("IOFAULT_DO"));
    plan.at = at != NULL ? strtoul(at, NULL, 10) : 0;
    if (fd < 0 || REAL(ftruncate)(fd, sizeof(*plan.count)) != 0)
        _exit(99);
    plan.count = mmap(NULL, sizeof(*plan.count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REAL(close)(fd);
    if (plan.count == MAP_FAILED)
        _exit(99);
}

static void die(void)
{
    kill(0, SIGKILL);
    for (;;)
        pause();
}

/* --- paths ----------------------------------------------------------------------------------------- */

static bool ends_with(const char *path, size_t n, const char *end)
{
    size_t m = strlen(end);

    return n >= m && strcmp(path + n - m, end) == 0;
}

/* The name below the folder under test; false if it is outside. SQLite's shared memory is no file to lose. */
static bool below(const char *path, const char **name)
{
    size_t n = strlen(path);

    if (!plan.begun)
        begin();
    if (strncmp(path, plan.dir, plan.dir_n) != 0 || (path[plan.dir_n] != '/' && path[plan.dir_n] != '\0'))
        return false;
    *name = path + plan.dir_n;
    return !ends_with(path, n, "-shm") && ends_with(path, n, plan.only);
}

static bool of_fd(int fd, char path[PATH_MAX], const char **name)
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    return below(path, name);
}

static bool of_name(int dirfd, const char *given, char path[PATH_MAX], const char **name)
{
    const char *folder;
    size_t n;

    if (given[0] == '/') {
        snprintf(path, PATH_MAX, "%s", given);
        return below(path, name);
    }
    if (dirfd == AT_FDCWD) {
        if (getcwd(path, PATH_MAX) == NULL)
            return false;
    } else if (!of_fd(dirfd, path, &folder)) {
        return false;
    }
    n = strlen(path);
    snprintf(path + n, PATH_MAX - n, "/%s", given);
    return below(path, name);
}

/* --- what lasts ------------------------------------------------------------------------------------ */

static void shadow_path(const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%.2000s%.2000s", plan.shadow, name);
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
    char buf[65536];
    ssize_t n;
    int in = REAL(open)(from, O_RDONLY | O_CLOEXEC),
        out = REAL(open)(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
        if (REAL(write)(out, buf, (size_t)n) != n)
            _exit(99);
    if (in >= 0)
        REAL(close)(in);
    if (out >= 0)
        REAL(close)(out);
}

static void shadow_keep(const char *path, const char *name)
{
    char to[PATH_MAX], parent[PATH_MAX];
    struct stat st;

    if (plan.shadow[0] == '\0' || stat(path, &st) != 0)
        return;
    shadow_path(name, to);
    if (!S_ISREG(st.st_mode))
        return;
    snprintf(parent, sizeof(parent), "%s", to);
    *strrchr(parent, '/') = '\0';
    if (access(parent, F_OK) == 0)
        copy_file(path, to, st.st_mode & 0777);
}

/* A rename lasts by itself once the file under the old name was synced: what file systems with a journal do.
 */
static void shadow_rename(const char *from, const char *to)
{
    char a[PATH_MAX], b[PATH_MAX];

    if (plan.shadow[0] == '\0')
        return;
    shadow_path(from, a);
    shadow_path(to, b);
    (void)!REAL(rename)(a, b);
}

static void shadow_unlink(const char *name)
{
    char a[PATH_MAX];

    if (plan.shadow[0] == '\0')
        return;
    shadow_path(name, a);
    (void)!remove(a);
}

/* --- the changes ----------------------------------------------------------------------------------- */

/* 0: go on; -1: fail with errno; 1: do half. */
static int change(enum change kind)
{
    bool needs_room = kind == WRITES || kind == MAKES;
    unsigned long n = atomic_fetch_add(plan.count, 1) + 1;

    if (plan.at == 0 || n < plan.at)
        return 0;
    if (plan.what == FULL && needs_room) {
        errno = ENOSPC;
        return -1;
    }
    if (plan.what == SYNC && kind == SYNCS && !atomic_exchange(&plan.sync_failed, true)) {
        errno = EIO;
        return -1;
    }
    if (n != plan.at)
        return 0;
    if (plan.what == KILL || (plan.what == TORN && kind != WRITES))
        die();
    if (plan.what == FAIL_EIO || plan.what == FAIL_ENOSPC) {
        errno = plan.what == FAIL_EIO ? EIO : ENOSPC;
        return -1;
    }
    if (plan.what == FAIL_EINTR && kind == WRITES) {
        errno = EINTR;
        return -1;
    }
    return (plan.what == SHORT || plan.what == TORN) && kind == WRITES;
}

static ssize_t write_at(int fd, const void *p, size_t n, off_t at)
{
    return at < 0 ? REAL(write)(fd, p, n) : REAL(pwrite)(fd, p, n, at);
}

static ssize_t do_write(int fd, const void *p, size_t n, off_t at)
{
    char path[PATH_MAX];
    const char *name;
    int how = of_fd(fd, path, &name) ? change(WRITES) : 0;
    ssize_t done;

    if (how < 0)
        return -1;
    done = write_at(fd, p, how != 0 && n > 1 ? n / 2 : n, at);
    if (how != 0 && plan.what == TORN)
        die();
    return done;
}

ssize_t write(int fd, const void *p, size_t n)
{
    return do_write(fd, p, n, -1);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return do_write(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
    return do_write(fd, p, n, at);
}

static int do_truncate(int fd, off_t n)
{
    char path[PATH_MAX];
    const char *name;

    if (of_fd(fd, path, &name) && change(WRITES) < 0)
        return -1;
    return REAL(ftruncate)(fd, n);
}

int ftruncate(int fd, off_t n)
{
    return do_truncate(fd, n);
}

int ftruncate64(int fd, off_t n)
{
    return do_truncate(fd, n);
}

static int do_sync(int fd, int (*sync)(int))
{
    char path[PATH_MAX];
    const char *name;
    bool ours = of_fd(fd, path, &name);
    int done;

    if (ours && change(SYNCS) < 0)
        return -1;
    done = sync(fd);
    if (ours && done == 0)
        shadow_keep(path, name);
    return done;
}

int fsync(int fd)
{
    return do_sync(fd, REAL(fsync));
}

int fdatasync(int fd)
{
    return do_sync(fd, REAL(fdatasync));
}

static int do_rename(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    char a[PATH_MAX], b[PATH_MAX];
    const char *from_name, *to_name;
    bool ours = of_name(from_dir, from, a, &from_name) && of_name(to_dir, to, b, &to_name);
    int done;

    if (ours && change(NAMES) < 0)
        return -1;
    done = REAL(renameat2)(from_dir, from, to_dir, to, flags);
    if (ours && done == 0)
        shadow_rename(from_name, to_name);
    return done;
}

int rename(const char *from, const char *to)
{
    return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return do_rename(from_dir, from, to_dir, to, 0);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    return do_rename(from_dir, from, to_dir, to, flags);
}

static int do_unlink(int dir, const char *given, int flags)
{
    char path[PATH_MAX];
    const char *name;
    bool ours = of_name(dir, given, path, &name);
    int done;

    if (ours && change(NAMES) < 0)
        return -1;
    done = REAL(unlinkat)(dir, given, flags);
    if (ours && done == 0)
        shadow_unlink(name);
    return done;
}

int unlink(const char *path)
{
    return do_unlink(AT_FDCWD, path, 0);
}

int unlinkat(int dir, const char *path, int flags)
{
    return do_unlink(dir, path, flags);
}

static int do_mkdir(int dir, const char *given, mode_t mode)
{
    char path[PATH_MAX];
    const char *name;
    char to[PATH_MAX];
    bool ours = of_name(dir, given, path, &name);
    int done;

    if (ours && change(MAKES) < 0)
        return -1;
    done = REAL(mkdirat)(dir, given, mode);
    if (ours && done == 0 && plan.shadow[0] != '\0') {
        shadow_path(name, to);
        (void)!REAL(mkdirat)(AT_FDCWD, to, mode);
    }
    return done;
}

int mkdir(const char *path, mode_t mode)
{
    return do_mkdir(AT_FDCWD, path, mode);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
    return do_mkdir(dir, path, mode);
}

static int do_open(int dir, const char *given, int flags, mode_t mode)
{
    char path[PATH_MAX];
    const char *name;

    if ((flags & O_CREAT) != 0 && of_name(dir, given, path, &name) && access(path, F_OK) != 0 &&
        change(MAKES) < 0)
        return -1;
    return REAL(openat)(dir, given, flags, mode);
}

#define OPEN(dir)                                                                                            \
    va_list more;                                                                                            \
    mode_t mode = 0;                                                                                         \
                                                                                                             \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {                                                              \
        va_start(more, flags);                                                                               \
        mode = va_arg(more, mode_t);                                                                         \
        va_end(more);                                                                                        \
    }                                                                                                        \
    return do_open(dir, path, flags, mode)

int open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int openat(int dir, const char *path, int flags, ...)
{
    OPEN(dir);
}

int openat64(int dir, const char *path, int flags, ...)
{
    OPEN(dir);
}
