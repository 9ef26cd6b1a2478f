/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a device: refused, or written back so that it reads as the same device. */
#include "ca/factory.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct device d, back, zeros;
    static uint8_t text[DEVICE_JSON_MAX];
    struct mc_err e;
    size_t len = 0;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = device_json_parse(mc_span_of(data, n), &d, &e);
    fuzz_check_err(rc, &e, sizeof(d.dac));
    if (rc != MC_OK) {
        REQUIRE(memcmp(&d, &zeros, sizeof(d)) == 0);
        return 0;
    }
    REQUIRE(device_json_put(&d, text, sizeof(text), &len, NULL) == MC_OK);
    REQUIRE(device_json_parse(mc_span_of(text, len), &back, NULL) == MC_OK);
    REQUIRE(memcmp(&d, &back, sizeof(d)) == 0);
    return 0;
}
