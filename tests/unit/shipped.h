/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles of the project, read from the folder in which the tests run. */
#ifndef TEST_SHIPPED_H
#define TEST_SHIPPED_H

#include "vectors.h"

#include "lib/profile.h"

enum { RCAC, ICAC, NOC, FIRMWARE, VVSC, SHIPPED };

static const char *const shipped_files[SHIPPED] = {"profiles/rcac.profile", "profiles/icac.profile",
    "profiles/noc.profile", "profiles/firmware-signing.profile", "profiles/vvsc.profile"};
static const enum mc_kind shipped_kinds[SHIPPED] = {
    MC_KIND_RCAC, MC_KIND_ICAC, MC_KIND_NOC, MC_KIND_FIRMWARE_SIGNING, MC_KIND_VVSC};

/* Reads all; -1, with the first mistake printed, if one cannot be read. */
static inline int shipped_read(struct mc_profile shipped[SHIPPED])
{
    static struct mc_mistakes mistakes;

    for (int i = 0; i < SHIPPED; i++) {
        char text[4096];
        FILE *f = fopen(shipped_files[i], "rb");
        size_t n = f != NULL ? fread(text, 1, sizeof(text), f) : 0;

        if (f != NULL)
            fclose(f);
        if (mc_profile_parse(mc_span_of(text, n), &shipped[i], &mistakes) != MC_OK) {
            print_error("%s:%u: %s: %s\n", shipped_files[i], mistakes.list[0].line, mistakes.list[0].field,
                mistakes.list[0].what);
            return -1;
        }
    }
    return 0;
}

#endif
