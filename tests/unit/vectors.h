/* SPDX-License-Identifier: Apache-2.0 */
/* Test vectors of the field: $HEDDLE_VECTORS, else ../shared/vectors. They are no part of the project. */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static inline const char *vectors_root(void)
{
    const char *root = getenv("HEDDLE_VECTORS");

    return root != NULL ? root : "../shared/vectors";
}

/* Ends the test as skipped, and says so, when the folder is not there. */
static inline void vectors_need(void)
{
    if (access(vectors_root(), R_OK) == 0)
        return;
    print_message("skipped: no test vectors in %s\n", vectors_root());
    skip();
}

/* Reads root/name; fails the test if it is not there or larger than cap. */
static inline size_t vectors_read(const char *name, uint8_t *out, size_t cap)
{
    char path[512];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", vectors_root(), name);
    f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("cannot open %s", path);
    n = fread(out, 1, cap, f);
    if (fgetc(f) != EOF)
        fail_msg("%s has more than %zu octets", path, cap);
    fclose(f);
    return n;
}

#endif
