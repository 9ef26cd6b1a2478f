/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger entries: one entry has one encoding. */
#include "fuzz.h"
#include "lib/entry.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_tlv(data, n, max, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    uint8_t out[ENTRY_MAX + 1];
    struct mc_entry x;
    struct mc_err e;
    size_t len = FUZZ_LEN_UNTOUCHED;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_entry_parse(in, &x, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK)
        return 0;
    REQUIRE(n <= ENTRY_MAX && mc_entry_type_name(x.type)[0] != '\0');
    REQUIRE(mc_entry_encode(&x, out, n, &len, &e) == MC_OK && mc_span_eq(mc_span_of(out, len), in));
    len = FUZZ_LEN_UNTOUCHED;
    out[n - 1] = FUZZ_CANARY;
    REQUIRE(mc_entry_encode(&x, out, n - 1, &len, &e) == MC_E_SPACE);
    REQUIRE(len == FUZZ_LEN_UNTOUCHED && out[n - 1] == FUZZ_CANARY);
    return 0;
}
