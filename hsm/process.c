/* SPDX-License-Identifier: Apache-2.0 */
/* process.c - what keeps secrets inside the process. */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

#include "internal.h"

void hsm_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

void hsm_harden_process(void)
{
    const struct rlimit none = {0, 0};

    /* Either alone would do against core files; a failure of one (a container's policy) leaves the other. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
