/* SPDX-License-Identifier: Apache-2.0 */
/* Matter TLV certificates, full and compact. */
#include "fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_tlv(data, n, max, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_cert_tlv(mc_span_of(data, n));
    return 0;
}
