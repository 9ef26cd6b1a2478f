/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelope of declarations. What the strict reader accepts encodes back to the same octets, and the deployed
 * reader takes it for the same; the deployed one accepts more, but nothing outside of the input.
 */
#include "fuzz.h"
#include "lib/cms.h"

enum { ROOM = 4096 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_der(data, n, max, seed);
}

static bool inside(struct mc_span part, struct mc_span whole)
{
    return part.p >= whole.p && part.n <= whole.n && (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void check_deployed(struct mc_span in)
{
    struct mc_span key_id, payload;
    struct mc_cms c;

    if (mc_cms_deployed_key_id(in, &key_id))
        REQUIRE(inside(key_id, in));
    if (mc_cms_deployed_payload(in, &payload))
        REQUIRE(inside(payload, in));
    if (mc_cms_deployed_open(in, &c)) {
        REQUIRE(inside(c.payload, in) && inside(c.key_id, in));
        /* The first pass reads the same signer. */
        REQUIRE(mc_cms_deployed_key_id(in, &key_id) && mc_span_eq(key_id, c.key_id));
    }
}

static void check_accepted(const struct mc_cms *c, struct mc_span in)
{
    static uint8_t out[ROOM + 1];
    struct mc_span key_id, payload;
    struct mc_cms d;
    size_t n = 0;

    REQUIRE(c->key_id.n == MC_KEY_ID_LEN && inside(c->payload, in) && inside(c->key_id, in));
    REQUIRE(in.n <= c->payload.n + MC_CMS_OVERHEAD);
    REQUIRE(mc_cms_encode(c, out, ROOM, &n, NULL) == MC_OK && mc_span_eq(mc_span_of(out, n), in));
    REQUIRE(mc_cms_deployed_key_id(in, &key_id) && mc_span_eq(key_id, c->key_id));
    REQUIRE(mc_cms_deployed_payload(in, &payload) && mc_span_eq(payload, c->payload));
    REQUIRE(mc_cms_deployed_open(in, &d) && mc_span_eq(d.payload, c->payload));
    REQUIRE(memcmp(d.sig, c->sig, MC_SIG_LEN) == 0);
    out[n - 1] = FUZZ_CANARY;
    REQUIRE(mc_cms_encode(c, out, n - 1, &n, NULL) == MC_E_SPACE && out[in.n - 1] == FUZZ_CANARY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_cms c;
    struct mc_err e;
    enum mc_rc rc;

    if (n > ROOM)
        return 0;
    mc_err_init(&e);
    rc = mc_cms_parse(in, &c, &e);
    fuzz_check_err(rc, &e, n);
    check_deployed(in);
    if (rc == MC_OK)
        check_accepted(&c, in);
    return 0;
}
