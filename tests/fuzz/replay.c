/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a target without libFuzzer: each file of the corpus once, then a number of mutations of them that
 * is the same in each run.
 *
 *     replay_NAME [-n MUTATIONS] FILE|FOLDER...
 *
 * What fails is counted, and the first few such inputs are printed in hex; the last line is "N passed, N
 * failed".
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { FILES_MAX = 512, INPUT_MAX = 8192, ROUNDS_MAX = 4, MUTATIONS = 20000, SHOWN_MAX = 5 };

struct input {
    uint8_t *p;
    size_t n;
};

#pragma weak LLVMFuzzerCustomMutator

static struct input files[FILES_MAX];
static unsigned n_files, passed, failed;
static sigjmp_buf on_failure;
static uint64_t state = 0x9E3779B97F4A7C15;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

_Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
    if (failed < SHOWN_MAX)
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    siglongjmp(on_failure, 1);
}

static void crashed(int sig)
{
    siglongjmp(on_failure, sig);
}

/* A part of another corpus file, so that inputs cross. */
static size_t cross(uint8_t *data, size_t n, size_t max)
{
    const struct input *from = &files[next() % n_files];
    size_t at = next() % (n + 1), start, len;

    if (from->n == 0)
        return n;
    start = next() % from->n;
    len = 1 + next() % (from->n - start);
    len = len < max - at ? len : max - at;
    memcpy(data + at, from->p + start, len);
    return at + len > n ? at + len : n;
}

static size_t insert(uint8_t *data, size_t n, size_t max)
{
    size_t at = next() % (n + 1), len = 1 + next() % 8;

    if (len > max - n)
        return n;
    memmove(data + at + len, data + at, n - at);
    memset(data + at, (int)(next() & 0xFF), len);
    return n + len;
}

static size_t erase(uint8_t *data, size_t n)
{
    size_t at = next() % n, len = 1 + next() % (n - at < 16 ? n - at : 16);

    memmove(data + at, data + at + len, n - at - len);
    return n - len;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x18, 0x30, 0x7F, 0x80, 0x81, 0x82, 0xFF};
    uint32_t what = next() % 8;

    n = n < max ? n : max;
    if (n == 0 || what == 0)
        return n < max ? insert(data, n, max) : n;
    if (what == 1)
        return erase(data, n);
    if (what == 2)
        return cross(data, n, max);
    if (what <= 4)
        data[next() % n] = edges[next() % sizeof(edges)];
    else if (what <= 6)
        data[next() % n] ^= (uint8_t)(1u << next() % 8);
    else
        data[next() % n] = (uint8_t)next();
    return n;
}

static size_t mutate(uint8_t *data, size_t n)
{
    unsigned rounds = 1 + next() % ROUNDS_MAX;

    for (unsigned i = 0; i < rounds; i++) {
        if (LLVMFuzzerCustomMutator != NULL)
            n = LLVMFuzzerCustomMutator(data, n, INPUT_MAX, next());
        else
            n = LLVMFuzzerMutate(data, n, INPUT_MAX);
    }
    return n;
}

static void show(const uint8_t *data, size_t n)
{
    fprintf(stderr, "with the input ");
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%02x", data[i]);
    fprintf(stderr, "\n");
}

/* The input gets a block of exactly its size, so that a sanitizer sees what reads past its end. */
static void run(const uint8_t *data, size_t n)
{
    uint8_t *exact = malloc(n != 0 ? n : 1);

    if (exact == NULL)
        abort();
    if (n != 0)
        memcpy(exact, data, n);
    if (sigsetjmp(on_failure, 1) == 0) {
        (void)LLVMFuzzerTestOneInput(exact, n);
        passed++;
    } else if (failed++ < SHOWN_MAX) {
        show(data, n);
    }
    free(exact);
}

static void fault(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s\n", path, what);
    exit(1);
}

static void load_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct input in = {malloc(INPUT_MAX), 0};

    if (f == NULL || in.p == NULL || n_files == FILES_MAX)
        fault("cannot be read", path);
    in.n = fread(in.p, 1, INPUT_MAX, f);
    fclose(f);
    files[n_files++] = in;
}

static int is_visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* In the order of names, so that a run can be repeated. */
static void load(const char *path)
{
    struct dirent **names;
    struct stat st;
    int n;

    if (stat(path, &st) != 0)
        fault("is not there", path);
    if (!S_ISDIR(st.st_mode)) {
        load_file(path);
        return;
    }
    n = scandir(path, &names, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char name[4096];

        snprintf(name, sizeof(name), "%s/%s", path, names[i]->d_name);
        load_file(name);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    static uint8_t work[INPUT_MAX];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    unsigned long mutations = MUTATIONS;
    int c;

    while ((c = getopt(argc, argv, "n:")) == 'n')
        mutations = strtoul(optarg, NULL, 10);
    for (int i = optind; i < argc; i++)
        load(argv[i]);
    if (n_files == 0)
        fault("there is no corpus", argv[0]);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], crashed);
    for (unsigned i = 0; i < n_files; i++)
        run(files[i].p, files[i].n);
    for (unsigned long i = 0; i < mutations; i++) {
        const struct input *in = &files[i % n_files];

        memcpy(work, in->p, in->n);
        run(work, mutate(work, in->n));
    }
    for (unsigned i = 0; i < n_files; i++)
        free(files[i].p);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
