/* SPDX-License-Identifier: Apache-2.0 */
/* Single values: the first octet says which reader or writer gets the rest. */
#include <stdio.h>

#include "fuzz.h"
#include "lib/der.h"

enum { IN_MAX = 1024 };

static void check_oid(struct mc_span in)
{
    struct mc_der d = mc_der_of(in);
    struct mc_span oid;

    fuzz_check_oid_format(in);
    if (mc_der_take_oid(&d, &oid) == MC_OK)
        fuzz_check_oid_format(oid);
}

static void check_time(struct mc_span in)
{
    struct fuzz_bytes b = {in.p, in.p + in.n};
    uint8_t out[32];
    struct mc_out o = mc_out_of(out, sizeof(out));
    int64_t unix_time;
    bool canonical;

    fuzz_check_time_format((int64_t)fuzz_u64(&b));
    if (in.n < 2 ||
        mc_time_parse_x509(in.p[0], mc_span_of(in.p + 1, in.n - 1), &unix_time, &canonical) != MC_OK)
        return;
    fuzz_check_time_format(unix_time);
    mc_time_put_x509(&o, unix_time);
    REQUIRE(o.rc == MC_OK);
    REQUIRE(canonical == (o.n == in.n + 1 && out[0] == in.p[0] && memcmp(out + 2, in.p + 1, in.n - 1) == 0));
}

static void check_text(struct mc_span in)
{
    char text[IN_MAX + 1];
    uint64_t value;
    int64_t unix_time;
    struct mc_err e;
    enum mc_rc rc;

    memcpy(text, in.p, in.n);
    text[in.n] = '\0';
    mc_err_init(&e);
    rc = mc_time_parse_text(text, &unix_time, &e);
    fuzz_check_err(rc, &e, in.n);
    if (rc == MC_OK)
        fuzz_check_time_format(unix_time);
    for (unsigned digits = 1; digits <= 16; digits += 5) {
        char back[32];

        mc_err_init(&e);
        rc = mc_number_parse(text, digits, &value, &e);
        fuzz_check_err(rc, &e, in.n);
        if (rc != MC_OK || text[1] == 'x')
            continue;
        REQUIRE(digits == 16 || value >> 4 * digits == 0);
        snprintf(back, sizeof(back), "%llu", (unsigned long long)value);
        REQUIRE(strcmp(back, text) == 0);
    }
}

static void check_signature(struct mc_span in)
{
    uint8_t sig[MC_SIG_LEN], der[MC_SIG_DER_MAX];

    if (mc_sig_from_der(in, sig) == MC_OK)
        REQUIRE(mc_span_eq(mc_span_of(der, mc_sig_to_der(sig, der)), in));
    if (in.n < MC_SIG_LEN)
        return;
    REQUIRE(mc_sig_from_der(mc_span_of(der, mc_sig_to_der(in.p, der)), sig) == MC_OK);
    REQUIRE(memcmp(sig, in.p, MC_SIG_LEN) == 0);
}

static void check_base64(struct mc_span in)
{
    uint8_t out[IN_MAX];
    char text[2 * IN_MAX];
    size_t n = FUZZ_LEN_UNTOUCHED;

    if (mc_base64_decode((const char *)in.p, in.n, false, out, sizeof(out), &n) == MC_OK) {
        mc_base64_encode(out, n, text);
        REQUIRE(mc_span_eq(mc_span_of(text, strlen(text)), in));
    }
    mc_base64_encode(in.p, in.n, text);
    REQUIRE(mc_base64_decode(text, strlen(text), false, out, in.n, &n) == MC_OK);
    REQUIRE(mc_span_eq(mc_span_of(out, n), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const checks[])(struct mc_span in) = {
        check_oid, check_time, check_text, check_signature, check_base64};

    if (n == 0 || n > IN_MAX)
        return 0;
    checks[data[0] % (sizeof(checks) / sizeof(checks[0]))](mc_span_of(data + 1, n - 1));
    return 0;
}
