/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates under both rules. */
#include "fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_der(data, n, max, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_cert_der(mc_span_of(data, n));
    return 0;
}
