/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#10 requests: what is accepted is rebuilt from its parts. */
#include "fuzz.h"
#include "lib/csr.h"
#include "lib/der.h"

enum { OUT_MAX = 1024, CHECK_SHARE = 256 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_der(data, n, max, seed);
}

/* CertificationRequest ::= SEQUENCE { info, ecdsa-with-SHA256 (NULL is tolerated), BIT STRING } */
static bool is_rebuilt(const struct mc_csr *c, bool null_parameter)
{
    uint8_t bytes[OUT_MAX], sig[MC_SIG_DER_MAX];
    struct mc_out o = mc_out_of(bytes, sizeof(bytes));
    size_t whole = mc_der_begin(&o, MC_DER_SEQUENCE), inner;

    mc_out_put(&o, c->info.p, c->info.n);
    inner = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_der_put(&o, MC_DER_OID, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
    if (null_parameter)
        mc_der_put(&o, MC_DER_NULL, "", 0);
    mc_der_close(&o, inner);
    inner = mc_der_begin(&o, MC_DER_BIT_STRING);
    mc_out_byte(&o, 0);
    mc_out_put(&o, sig, mc_sig_to_der(c->sig, sig));
    mc_der_close(&o, inner);
    mc_der_close(&o, whole);
    return o.rc == MC_OK && mc_span_eq(mc_span_of(bytes, o.n), c->whole);
}

static bool inside(struct mc_span inner, struct mc_span outer)
{
    return inner.n == 0 ||
           (inner.p >= outer.p && inner.n <= outer.n && (size_t)(inner.p - outer.p) <= outer.n - inner.n);
}

static void check_signature(const struct mc_csr *c)
{
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_csr_check(fuzz_verifier(), c, &e);
    REQUIRE(rc == MC_OK || rc == MC_E_CSR_SIGNATURE || rc == MC_E_POINT_CURVE);
    fuzz_check_err(rc, &e, c->whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_csr c;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_csr_parse(in, &c, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK)
        return 0;
    REQUIRE(mc_span_eq(c.whole, in) && n >= MC_CSR_MIN && n <= MC_CSR_MAX);
    REQUIRE(c.point.n == MC_POINT_LEN && c.point.p[0] == 0x04);
    REQUIRE(inside(c.info, in) && inside(c.subject, c.info) && inside(c.point, c.info));
    REQUIRE(inside(c.attributes, c.info) && (c.has_attributes || c.attributes.n == 0));
    REQUIRE(is_rebuilt(&c, false) || is_rebuilt(&c, true));
    if (fuzz_sampled(in, CHECK_SHARE))
        check_signature(&c);
    return 0;
}
