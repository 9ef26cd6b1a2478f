/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation elements. What the strict reader accepts, the deployed one reads as the same; without the elements that
 * a writer of ours leaves out it has one canonical form, which is never longer.
 */
#include "fuzz.h"
#include "lib/elements.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_tlv(data, n, max, seed);
}

static void require_same(const struct mc_elements *a, const struct mc_elements *b)
{
    REQUIRE(mc_span_eq(a->cd, b->cd) && mc_span_eq(a->nonce, b->nonce) && mc_span_eq(a->firmware, b->firmware));
    REQUIRE(a->timestamp == b->timestamp);
}

static void check_accepted(const struct mc_elements *el, struct mc_span in)
{
    uint8_t out[MC_ELEMENTS_MAX + 1];
    struct mc_elements back;
    size_t n = 0;

    REQUIRE(el->nonce.n == MC_NONCE_LEN && el->cd.n != 0);
    REQUIRE(mc_elements_check_nonce(el, el->nonce, NULL) == MC_OK);
    REQUIRE(mc_elements_encode(el, out, MC_ELEMENTS_MAX, &n, NULL) == MC_OK && n <= in.n);
    if (n == in.n)
        REQUIRE(memcmp(out, in.p, n) == 0);
    REQUIRE(mc_elements_parse(mc_span_of(out, n), &back, NULL) == MC_OK);
    REQUIRE(back.n_future == 0 && back.n_vendor == 0);
    require_same(el, &back);
    out[n - 1] = FUZZ_CANARY;
    REQUIRE(mc_elements_encode(el, out, n - 1, &n, NULL) == MC_E_SPACE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_elements el, deployed;
    struct mc_err e;
    enum mc_rc rc, rc_deployed;

    mc_err_init(&e);
    rc = mc_elements_parse(in, &el, &e);
    fuzz_check_err(rc, &e, n);
    mc_err_init(&e);
    rc_deployed = mc_elements_parse_deployed(in, &deployed, &e);
    fuzz_check_err(rc_deployed, &e, n);
    REQUIRE(rc != MC_OK || rc_deployed == MC_OK);
    if (rc != MC_OK)
        return 0;
    require_same(&el, &deployed);
    check_accepted(&el, in);
    return 0;
}
