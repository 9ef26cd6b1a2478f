/* SPDX-License-Identifier: Apache-2.0 */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_FIRST = 64 * 1024, NAME_TRIES = 100, TEMP_NAME_MAX = 40 };

/* The temporary file at work, for the signal handler; pid tells a forked child that it is not its own. */
static char temp_path[PATH_MAX + TEMP_NAME_MAX];
static volatile sig_atomic_t temp_armed;
static volatile pid_t temp_pid;

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static enum mc_rc fail_errno(struct mc_err *e, enum mc_rc rc, int code)
{
    return mc_fail(e, rc, NULL, "%s", strerror(code));
}

static enum mc_rc read_fail(struct mc_err *e, int code)
{
    if (code == ENOENT || code == ENOTDIR)
        return code == ENOENT ? mc_fail(e, CA_E_FILE_NOT_FOUND, NULL, NULL) : fail_errno(e, CA_E_FILE_NOT_FOUND, code);
    if (code == EISDIR)
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, NULL);
    return fail_errno(e, CA_E_READ, code);
}

static enum mc_rc write_fail(struct mc_err *e, int code)
{
    if (code == ENOSPC || code == EDQUOT)
        return fail_errno(e, CA_E_DB_FULL, code);
    if (code == EISDIR)
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, NULL);
    return fail_errno(e, CA_E_OUTPUT, code);
}

static enum mc_rc open_input(const char *path, int *fd, off_t *size, struct mc_err *e)
{
    struct stat st;

    *fd = is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return read_fail(e, errno);
    if (fstat(*fd, &st) != 0)
        return read_fail(e, errno);
    if (S_ISDIR(st.st_mode))
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, NULL);
    *size = S_ISREG(st.st_mode) ? st.st_size : 0;
    return MC_OK;
}

static void close_input(int fd)
{
    if (fd > STDIN_FILENO)
        close(fd);
}

/* Reads up to the end of the input or of the room. */
static enum mc_rc fill(int fd, uint8_t *p, size_t room, size_t *n, struct mc_err *e)
{
    *n = 0;
    while (*n < room) {
        ssize_t got = read(fd, p + *n, room - *n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return read_fail(e, errno);
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return MC_OK;
}

static enum mc_rc too_big(struct mc_err *e, size_t max)
{
    return mc_fail(e, MC_E_TOO_BIG, NULL, "more than %zu octets", max);
}

enum mc_rc io_read_into(const char *path, uint8_t *buf, size_t cap, size_t *n, struct mc_err *e)
{
    off_t size;
    int fd = -1;
    enum mc_rc rc = open_input(path, &fd, &size, e);

    if (rc == MC_OK && size >= (off_t)cap)
        rc = too_big(e, cap - 1);
    if (rc == MC_OK)
        rc = fill(fd, buf, cap, n, e);
    if (rc == MC_OK && *n == cap)
        rc = too_big(e, cap - 1);
    close_input(fd);
    return rc;
}

/* Reads on in a buffer that doubles, up to max octets and one more that must not come. */
static enum mc_rc read_growing(int fd, size_t cap, size_t max, uint8_t **p, size_t *n, struct mc_err *e)
{
    size_t got;
    enum mc_rc rc;

    for (*n = 0;;) {
        uint8_t *wider;

        cap = cap <= max ? cap : max + 1;
        wider = realloc(*p, cap);
        if (wider == NULL)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
        *p = wider;
        rc = fill(fd, *p + *n, cap - *n, &got, e);
        if (rc != MC_OK)
            return rc;
        *n += got;
        if (*n < cap)
            return MC_OK;
        if (cap == max + 1)
            return too_big(e, max);
        cap *= 2;
    }
}

enum mc_rc io_read(const char *path, size_t max, uint8_t **out, size_t *n, struct mc_err *e)
{
    uint8_t *p = NULL;
    size_t got = 0;
    off_t size;
    int fd = -1;
    enum mc_rc rc = open_input(path, &fd, &size, e);

    if (rc == MC_OK && size > (off_t)max)
        rc = too_big(e, max);
    if (rc == MC_OK)
        rc = read_growing(fd, size > 0 ? (size_t)size + 1 : READ_FIRST, max, &p, &got, e);
    close_input(fd);
    if (rc != MC_OK) {
        free(p);
        return rc;
    }
    *out = p;
    *n = got;
    return MC_OK;
}

static enum mc_rc write_all(int fd, struct mc_span bytes, struct mc_err *e)
{
    while (bytes.n != 0) {
        ssize_t done = write(fd, bytes.p, bytes.n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return write_fail(e, errno);
        bytes.p += done;
        bytes.n -= (size_t)done;
    }
    return MC_OK;
}

/* What was printed before goes out first, so that the order is kept. */
static enum mc_rc write_stdout(struct mc_span bytes, struct mc_err *e)
{
    if (fflush(stdout) != 0)
        return write_fail(e, errno);
    return write_all(STDOUT_FILENO, bytes, e);
}

static enum mc_rc write_in_place(const char *path, struct mc_span bytes, struct mc_err *e)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    enum mc_rc rc;

    if (fd < 0)
        return write_fail(e, errno);
    rc = write_all(fd, bytes, e);
    if (close(fd) != 0 && rc == MC_OK)
        rc = write_fail(e, errno);
    return rc;
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* A name of our own in the folder of path, of fixed length, so that long names fit too. */
static void name_temp(const char *path)
{
    static uint64_t seed, count;

    if (seed == 0 && getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        seed = (uint64_t)(uintptr_t)&count;
    snprintf(temp_path, sizeof(temp_path), "%.*s.tmp-%x-%016llx", (int)folder_length(path), path,
        (unsigned)temp_pid, (unsigned long long)(seed + count++));
}

static void disarm(void)
{
    temp_armed = 0;
}

/* Opens a temporary file beside path, its name in temp_path; the signal handler knows it from here on. */
static enum mc_rc open_temp(const char *path, unsigned mode, int *fd, struct mc_err *e)
{
    if (strlen(path) >= PATH_MAX)
        return write_fail(e, ENAMETOOLONG);
    temp_pid = getpid();
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        name_temp(path);
        temp_armed = 1;
        *fd = open(temp_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (*fd >= 0)
            return MC_OK;
        disarm();
        if (errno != EEXIST)
            break;
    }
    return write_fail(e, errno);
}

static enum mc_rc sync_folder(const char *path, struct mc_err *e)
{
    char folder[PATH_MAX];
    size_t n = folder_length(path);
    enum mc_rc rc = MC_OK;
    int fd;

    snprintf(folder, sizeof(folder), "%.*s", n == 0 ? 1 : (int)n, n == 0 ? "." : path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return write_fail(e, errno);
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        rc = write_fail(e, errno);
    close(fd);
    return rc;
}

/* File systems that cannot rename without replacing can link. */
static int move_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return link(from, to) == 0 ? unlink(from) : -1;
}

struct how {
    unsigned mode;
    bool sync, only_new;
};

static enum mc_rc put_in_place(const char *path, struct how how, struct mc_err *e)
{
    if ((how.only_new ? move_new(temp_path, path) : rename(temp_path, path)) == 0)
        return how.sync ? sync_folder(path, e) : MC_OK;
    return errno == EEXIST ? mc_fail(e, CA_E_EXISTS, NULL, NULL) : write_fail(e, errno);
}

static enum mc_rc write_whole(const char *path, struct mc_span bytes, struct how how, struct mc_err *e)
{
    int fd = -1;
    enum mc_rc rc = open_temp(path, how.mode, &fd, e);

    if (rc != MC_OK)
        return rc;
    rc = write_all(fd, bytes, e);
    if (rc == MC_OK && how.sync && fsync(fd) != 0)
        rc = write_fail(e, errno);
    if (close(fd) != 0 && rc == MC_OK)
        rc = write_fail(e, errno);
    if (rc == MC_OK)
        rc = put_in_place(path, how, e);
    if (rc != MC_OK)
        unlink(temp_path);
    disarm();
    return rc;
}

/* Looks at what stands at path: a link is followed, a device or pipe is not replaced by a file. */
static enum mc_rc write_path(const char *path, struct mc_span bytes, struct how how, struct mc_err *e)
{
    char real[PATH_MAX];
    struct stat st;

    if (is_standard(path))
        return write_stdout(bytes, e);
    if (how.only_new || lstat(path, &st) != 0)
        return write_whole(path, bytes, how, e);
    if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
        return write_fail(e, errno);
    if (S_ISDIR(st.st_mode))
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, NULL);
    if (!S_ISREG(st.st_mode))
        return write_in_place(path, bytes, e);
    if (realpath(path, real) == NULL)
        return write_fail(e, errno);
    return write_whole(real, bytes, how, e);
}

enum mc_rc io_write(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e)
{
    return write_path(path, bytes, (struct how){.mode = mode, .sync = true}, e);
}

enum mc_rc io_create(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e)
{
    return write_path(path, bytes, (struct how){.mode = mode, .sync = true, .only_new = true}, e);
}

enum mc_rc io_write_fast(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e)
{
    return write_path(path, bytes, (struct how){.mode = mode}, e);
}

enum mc_rc io_write_new(const char *path, struct mc_span bytes, unsigned mode, struct mc_err *e)
{
    return write_path(path, bytes, (struct how){.mode = mode, .only_new = true}, e);
}

enum mc_rc io_make_dir(const char *path, unsigned mode, struct mc_err *e)
{
    if (mkdir(path, (mode_t)mode) == 0)
        return MC_OK;
    if (errno == EEXIST && io_is_directory(path))
        return MC_OK;
    return write_fail(e, errno);
}

/* Async-signal-safe: unlink, then the default course, so that the parent sees which signal it was. */
static void on_signal(int number)
{
    if (temp_armed && temp_pid == getpid())
        unlink(temp_path);
    signal(number, SIG_DFL);
    raise(number);
}

void io_cleanup_on_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction old, action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            continue; /* nohup */
        sigaction(numbers[i], &action, NULL);
    }
}
