/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOCSR elements. The reader is lenient in widths, empty vendor fields and what follows a profile tag; what
 * it accepts has one canonical form, which is never longer, and is the input itself if it is as long.
 */
#include "fuzz.h"
#include "lib/csr.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_tlv(data, n, max, seed);
}

static void require_same(const struct mc_nocsr *a, const struct mc_nocsr *b)
{
    REQUIRE(mc_span_eq(a->csr, b->csr) && mc_span_eq(a->nonce, b->nonce));
    for (unsigned i = 0; i < 3; i++)
        REQUIRE(mc_span_eq(a->vendor[i], b->vendor[i]));
}

static void check_accepted(const struct mc_nocsr *elements, struct mc_span in)
{
    uint8_t out[MC_NOCSR_MAX + 1];
    struct mc_nocsr back;
    struct mc_err e;
    size_t n = 0;

    mc_err_init(&e);
    REQUIRE(elements->nonce.n == MC_NONCE_LEN);
    REQUIRE(mc_nocsr_encode(elements, out, MC_NOCSR_MAX, &n, &e) == MC_OK);
    REQUIRE(n <= in.n);
    /* A profile tag may stand where the end of the structure is wanted. */
    if (n == in.n)
        REQUIRE(memcmp(out, in.p, n - 1) == 0 && (in.p[n - 1] == out[n - 1] || in.p[n - 1] >> 5 >= 2));
    REQUIRE(mc_nocsr_parse(mc_span_of(out, n), &back, &e) == MC_OK);
    require_same(elements, &back);
    REQUIRE(mc_nocsr_check_nonce(&back, elements->nonce.p, &e) == MC_OK && e.rc == MC_OK);
    out[n - 1] = FUZZ_CANARY;
    REQUIRE(mc_nocsr_encode(elements, out, n - 1, &n, &e) == MC_E_SPACE && out[n - 1] == FUZZ_CANARY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_nocsr elements;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_nocsr_parse(in, &elements, &e);
    fuzz_check_err(rc, &e, n);
    if (rc == MC_OK)
        check_accepted(&elements, in);
    return 0;
}
