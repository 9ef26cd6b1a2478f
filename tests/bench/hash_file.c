/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_file FILE THREADS: SHA-256 over a file by libcrypto, each thread an equal part of it, read in order. Prints
 * seconds: by the clock, and of CPU.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE   (256 * 1024)
#define THREADS 64

struct part {
    pthread_t thread;
    int fd;
    off_t at, end;
    bool ok;
};

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *hash(void *arg)
{
    struct part *p = arg;
    unsigned char *piece = malloc(PIECE), out[SHA256_DIGEST_LENGTH];
    SHA256_CTX c;

    p->ok = piece != NULL && SHA256_Init(&c) == 1;
    while (p->ok && p->at < p->end) {
        size_t want = p->end - p->at < PIECE ? (size_t)(p->end - p->at) : PIECE;
        ssize_t n = pread(p->fd, piece, want, p->at);

        p->ok = n > 0 && SHA256_Update(&c, piece, (size_t)n) == 1;
        p->at += n > 0 ? n : 0;
    }
    p->ok = p->ok && SHA256_Final(out, &c) == 1;
    free(piece);
    return NULL;
}

int main(int argc, char **argv)
{
    long n = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    struct part part[THREADS] = {0};
    int fd = n > 0 && n <= THREADS ? open(argv[1], O_RDONLY) : -1;
    double wall = now(CLOCK_MONOTONIC);
    struct stat st;
    bool ok = true;

    if (fd < 0 || fstat(fd, &st) != 0) {
        fprintf(stderr, "usage: hash_file FILE THREADS\n");
        return 2;
    }
    for (long i = 0; i < n; i++) {
        part[i] = (struct part){.fd = fd, .at = st.st_size / n * i, .end = i == n - 1 ? st.st_size : st.st_size / n * (i + 1)};
        if (pthread_create(&part[i].thread, NULL, hash, &part[i]) != 0)
            return 1;
    }
    for (long i = 0; i < n; i++) {
        pthread_join(part[i].thread, NULL);
        ok = ok && part[i].ok;
    }
    printf("%.3f %.3f\n", now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID));
    return ok ? 0 : 1;
}
