/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noalloc.c - preloaded: memory that runs out. It counts the allocations of the process and its children, and one of
 * them fails.
 *
 *     NOALLOC_AT=N        the N-th (0: none)
 *     NOALLOC_DO=once     only that one
 *                on       that one and all after it
 *     NOALLOC_LIST=FILE   a line "N PLACE" for each allocation: PLACE is the same for the same calls that lead to it
 *
 * What the PKCS#11 module allocates never fails, nor what others allocate for it: how a module dies is its own matter,
 * and what becomes of the CA then is what chaos.c and the kills show. NOALLOC_OUTCOME=FILE gets "module" where the N-th was
 * such a one, and "failed" otherwise.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES_MAX = 64, PLACE_FRAMES = 12 };

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t each);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

static struct {
    _Atomic unsigned long *count; /* shared by all processes; NULL: not begun */
    unsigned long at;
    bool on;
    int list, outcome;
} plan = {.list = -1, .outcome = -1};

static __thread bool inside;

static int create(const char *variable)
{
    const char *path = getenv(variable);

    return path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("NOALLOC_AT"), *how = getenv("NOALLOC_DO");
    void *frames[2], *shared;

    (void)backtrace(frames, 2); /* loads what it needs, now */
    plan.at = at != NULL ? strtoul(at, NULL, 10) : 0;
    plan.on = how != NULL && strcmp(how, "on") == 0;
    plan.list = create("NOALLOC_LIST");
    plan.outcome = create("NOALLOC_OUTCOME");
    shared = mmap(NULL, sizeof(*plan.count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        plan.count = shared;
}

static const struct link_map *object_of(void *address)
{
    struct dl_find_object found;

    return _dl_find_object(address, &found) == 0 ? found.dlfo_link_map : NULL;
}

static bool is_module(void *address)
{
    const struct link_map *in = object_of(address);

    return in != NULL && strstr(in->l_name, "softhsm") != NULL;
}

static bool from_module(void *const *frames, int n)
{
    for (int i = 0; i < n; i++)
        if (is_module(frames[i]))
            return true;
    return false;
}

/* Offsets in their objects, so that the place has the same name in each run. */
static uint64_t place_of(void *const *frames, int n)
{
    uint64_t h = 14695981039346656037u;

    for (int i = 2; i < n && i < PLACE_FRAMES; i++) {
        const struct link_map *in = object_of(frames[i]);

        h = (h ^ ((uintptr_t)frames[i] - (in != NULL ? in->l_addr : 0))) * 1099511628211u;
    }
    return h;
}

static void tell(int fd, const char *text)
{
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        abort();
}

static void list(unsigned long number, void *const *frames, int n)
{
    char line[64];

    snprintf(line, sizeof(line), "%lu %s%016llx\n", number, from_module(frames, n) ? "module-" : "",
        (unsigned long long)place_of(frames, n));
    tell(plan.list, line);
}

static bool fails(void)
{
    void *frames[FRAMES_MAX];
    unsigned long number;
    bool failing = false;
    int n;

    if (plan.count == NULL || inside || (plan.at == 0 && plan.list < 0))
        return false;
    number = atomic_fetch_add(plan.count, 1) + 1;
    if (plan.list < 0 && number != plan.at && (!plan.on || number < plan.at))
        return false;
    inside = true;
    n = backtrace(frames, FRAMES_MAX);
    if (plan.list >= 0)
        list(number, frames, n);
    if (plan.at != 0 && (number == plan.at || (plan.on && number > plan.at))) {
        failing = !from_module(frames, n);
        if (number == plan.at)
            tell(plan.outcome, failing ? "failed\n" : "module\n");
    }
    inside = false;
    if (failing)
        errno = ENOMEM;
    return failing;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t each)
{
    return fails() ? NULL : __libc_calloc(n, each);
}

void *realloc(void *p, size_t n)
{
    return n != 0 && fails() ? NULL : __libc_realloc(p, n);
}

void *reallocarray(void *p, size_t n, size_t each)
{
    size_t all;

    if (__builtin_mul_overflow(n, each, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, all);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return fails() ? NULL : __libc_memalign(alignment, n);
}

void *memalign(size_t alignment, size_t n)
{
    return fails() ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
    void *p = fails() ? NULL : __libc_memalign(alignment, n);

    if (p == NULL)
        return ENOMEM;
    *out = p;
    return 0;
}
