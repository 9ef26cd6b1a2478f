/* SPDX-License-Identifier: Apache-2.0 */
/* pin.c - the PIN: where it comes from, and the memory that holds it while it is needed. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

struct hsm_pin *hsm_pin_new(void)
{
    void *page =
        mmap(NULL, sizeof(struct hsm_pin), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    /* Best effort: the limit on locked memory may be 0, and the PIN lives for milliseconds only. */
    (void)mlock(page, sizeof(struct hsm_pin));
    (void)madvise(page, sizeof(struct hsm_pin), MADV_DONTDUMP);
    (void)madvise(page, sizeof(struct hsm_pin), MADV_WIPEONFORK);
    return page;
}

void hsm_pin_free(struct hsm_pin *pin)
{
    if (pin == NULL)
        return;
    hsm_wipe(pin, sizeof(*pin));
    munmap(pin, sizeof(*pin));
}

/*
 * Octet by octet, so that nothing past the newline is taken from a pipe that the caller goes on reading.
 * Returns 0, errno, or EFBIG; *line tells whether a newline ended it.
 */
static int read_line(int fd, struct hsm_pin *pin, bool *line)
{
    uint8_t c;

    *line = false;
    for (;;) {
        ssize_t r = read(fd, &c, 1);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno;
        *line = r == 1 && c == '\n';
        if (r == 0 || *line)
            return 0;
        if (pin->n == HSM_PIN_MAX)
            return EFBIG;
        pin->bytes[pin->n++] = c;
    }
}

/*
 * No PIN has control characters; a stray one (the CR of a foreign editor) would cost a try at the token.
 */
static enum mc_rc check_content(const struct hsm_pin *pin, const char *from, struct mc_err *e)
{
    if (pin->n == 0)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "%s holds no PIN", from);
    for (size_t i = 0; i < pin->n; i++)
        if (pin->bytes[i] < 0x20 || pin->bytes[i] == 0x7f)
            return mc_fail(e, HSM_E_PIN_FILE, NULL, "the PIN from %s has a control character in it", from);
    return MC_OK;
}

static enum mc_rc read_fd(int fd, struct hsm_pin *pin, struct mc_err *e)
{
    bool line;
    int err = read_line(fd, pin, &line);

    if (err == EFBIG)
        return mc_fail(
            e, HSM_E_PIN_FILE, NULL, "the PIN from the descriptor is longer than %d octets", HSM_PIN_MAX);
    errno = err;
    if (err != 0)
        return hsm_fail_errno(e, HSM_E_PIN_SOURCE, "read", "the PIN's descriptor");
    return check_content(pin, "the descriptor", e);
}

static enum mc_rc check_file(int fd, const char *path, struct mc_err *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return hsm_fail_errno(e, HSM_E_PIN_FILE, "examine", path);
    if (!S_ISREG(st.st_mode))
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "%s is not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "%s belongs to another user", path);
    if ((st.st_mode & 077) != 0)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "%s has mode %04o, 0600 or stricter is wanted", path,
            (unsigned)(st.st_mode & 07777));
    return MC_OK;
}

static enum mc_rc read_opened(int fd, const char *path, struct hsm_pin *pin, struct mc_err *e)
{
    enum mc_rc rc = check_file(fd, path, e);
    uint8_t more;
    bool line;
    int err;

    if (rc != MC_OK)
        return rc;
    err = read_line(fd, pin, &line);
    if (err == EFBIG)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "the PIN in %s is longer than %d octets", path, HSM_PIN_MAX);
    errno = err;
    if (err != 0)
        return hsm_fail_errno(e, HSM_E_PIN_FILE, "read", path);
    if (line && read(fd, &more, 1) != 0)
        return mc_fail(e, HSM_E_PIN_FILE, NULL, "%s has more than one line", path);
    return check_content(pin, path, e);
}

static enum mc_rc read_file(const char *path, struct hsm_pin *pin, struct mc_err *e)
{
    /* Not blocking, so that a FIFO put there is refused and not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum mc_rc rc;

    if (fd < 0)
        return hsm_fail_errno(e, HSM_E_PIN_FILE, "open", path);
    rc = read_opened(fd, path, pin, e);
    close(fd);
    return rc;
}

/* --- one PIN for several processes ---------------------------------------------------------------- */

struct hsm_held_pin {
    unsigned processes;
    atomic_uint begun, taken; /* by so many; who is the last to have taken it wipes it */
    struct hsm_pin pin;
};

static enum mc_rc take_held(struct hsm_held_pin *held, struct hsm_pin *pin, struct mc_err *e)
{
    if (atomic_fetch_add(&held->begun, 1) >= held->processes)
        return mc_fail(e, HSM_E_PIN_SOURCE, NULL, "it was read once, and each process that was to log in has had it");
    *pin = held->pin;
    if (atomic_fetch_add(&held->taken, 1) + 1 == held->processes)
        hsm_wipe(&held->pin, sizeof(held->pin));
    return MC_OK;
}

void hsm_pin_release(struct hsm_held_pin *held)
{
    if (held == NULL)
        return;
    hsm_wipe(held, sizeof(*held));
    munmap(held, sizeof(*held));
}

enum mc_rc hsm_pin_hold(const struct hsm_pin_source *from, const char *token_label, unsigned processes,
    struct hsm_held_pin **out, struct mc_err *e)
{
    struct hsm_held_pin *held =
        mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct hsm_pin *pin = NULL;
    enum mc_rc rc;

    if (held == MAP_FAILED)
        return mc_fail(e, MC_E_MEMORY, NULL, "no memory for the PIN");
    (void)mlock(held, sizeof(*held));
    (void)madvise(held, sizeof(*held), MADV_DONTDUMP);
    rc = hsm_pin_read(from, token_label, &pin, e);
    if (rc == MC_OK) {
        held->processes = processes;
        held->pin = *pin;
        *out = held;
    } else {
        hsm_pin_release(held);
    }
    hsm_pin_free(pin);
    return rc;
}

enum mc_rc hsm_pin_read(
    const struct hsm_pin_source *src, const char *token_label, struct hsm_pin **out, struct mc_err *e)
{
    struct hsm_pin *pin = hsm_pin_new();
    enum mc_rc rc;

    if (pin == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, "no memory for the PIN");
    if (src->held != NULL)
        rc = take_held(src->held, pin, e);
    else if (src->fd >= 0)
        rc = read_fd(src->fd, pin, e);
    else if (src->file != NULL)
        rc = read_file(src->file, pin, e);
    else if (src->prompt)
        rc = hsm_pin_prompt(token_label, pin, e);
    else
        rc = mc_fail(e, HSM_E_PIN_SOURCE, NULL, "no file, descriptor or terminal is given for the PIN");
    if (rc != MC_OK) {
        hsm_pin_free(pin);
        return rc;
    }
    *out = pin;
    return MC_OK;
}
