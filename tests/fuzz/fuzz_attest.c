/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation as a whole. The input is DAC, PAI, PAA, declaration and elements, each behind two octets with its length; no
 * signature of it need be right. Every step has an outcome that fits its record, the result is that of the first
 * failed one, and the certificates alone give the same result.
 */
#include "fuzz.h"
#include "lib/attest.h"

enum { PARTS = 5 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    size_t at = 0, part, room;

    /* One part changes at a time; its length follows. */
    for (unsigned skip = seed % PARTS; skip > 0 && at + 2 < n; skip--)
        at += 2u + (size_t)data[at] * 256 + data[at + 1];
    if (at + 2 >= n)
        return LLVMFuzzerMutate(data, n, max);
    part = (size_t)data[at] * 256 + data[at + 1];
    part = part > n - at - 2 ? n - at - 2 : part;
    if (at + 2 + part != n) /* only the last one may grow */
        room = part;
    else
        room = max - at - 2;
    part = seed % PARTS == PARTS - 1 ? fuzz_mutate_tlv(data + at + 2, part, room, seed / PARTS)
                                     : fuzz_mutate_der(data + at + 2, part, room, seed / PARTS);
    data[at] = (uint8_t)(part >> 8);
    data[at + 1] = (uint8_t)part;
    return n > at + 2 + part ? n : at + 2 + part;
}

static struct mc_span take(struct mc_span *in)
{
    struct mc_span one = {in->p, 0};

    if (in->n < 2)
        return one;
    one.n = (size_t)in->p[0] * 256 + in->p[1];
    one.n = one.n > in->n - 2 ? in->n - 2 : one.n;
    one.p = in->p + 2;
    *in = mc_span_of(one.p + one.n, in->n - 2 - one.n);
    return one;
}

static void check_steps(const struct mc_attest *a, bool all)
{
    uint16_t first = 0;
    bool valid = true;

    for (unsigned i = 0; i < MC_ATTEST_STEPS; i++) {
        const struct mc_attest_step *s = &a->step[i];
        bool told = s->deployed == MC_ATTEST_FAILED || s->broken;

        REQUIRE((s->deployed == MC_ATTEST_FAILED) == (s->result != 0));
        REQUIRE(told == (s->err.rc != MC_OK));
        REQUIRE(!told || (mc_rc_class(s->err.rc) != MC_CLASS_INTERNAL && mc_rc_rule(s->err.rc)[0] != '\0'));
        REQUIRE(s->result == 0 || mc_att_result_find(s->result) != NULL);
        first = first == 0 ? s->result : first;
        valid = valid && !s->broken;
    }
    REQUIRE(a->result == first && a->valid == valid && all == (first == 0 && valid));
}

static void check_chain(const struct mc_attest_in *in, const struct mc_attest *a)
{
    static struct mc_cert dac, pai;
    struct mc_att_chain chain = {.paa = in->paas, .pai = &pai, .dac = &dac};
    struct mc_att_verdict d;
    uint16_t first = 0;

    if (in->n_paas == 0 || mc_cert_parse_der(in->dac, MC_RULES_X509, &dac, NULL) != MC_OK ||
        mc_cert_parse_der(in->pai, MC_RULES_X509, &pai, NULL) != MC_OK)
        return;
    for (unsigned i = MC_ATTEST_PAI_FORMAT; i <= MC_ATTEST_PAA_SELF && first == 0; i++)
        first = a->step[i].result;
    (void)mc_att_chain_check(fuzz_verifier(), &chain, &d);
    REQUIRE(d.result == first && (d.rc == MC_OK) == (d.err.rc == MC_OK));
}

static void run(const struct mc_attest_in *in, struct mc_attest *a)
{
    bool all = mc_attest_check(fuzz_verifier(), in, a);

    check_steps(a, all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct mc_attest a;
    static struct mc_cert paa;
    struct mc_span in = mc_span_of(data, n), store;
    struct mc_attest_in what = {.allow_test_key = true, .has_vid = true, .has_pid = true, .vid = 0xFFF1, .pid = 0x8000};

    what.dac = take(&in);
    what.pai = take(&in);
    store = take(&in);
    what.cd = take(&in);
    what.elements = take(&in);
    what.has_elements = what.elements.n != 0 && n % 2 == 0;
    if (mc_cert_parse_der(store, MC_RULES_X509, &paa, NULL) == MC_OK) {
        what.paas = &paa;
        what.n_paas = 1;
    }
    run(&what, &a);
    check_chain(&what, &a);
    what.partial = true;
    run(&what, &a);
    what.partial = false;
    what.cd_only = true;
    run(&what, &a);
    return 0;
}
