/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's rules on certificates, as what they are and as what they are not, and on records that hold them. */
#include <stdlib.h>

#include "fuzz.h"
#include "lib/dcl.h"

enum { CRYPTO_SHARE = 64 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_der(data, n, max, seed);
}

/* Every rule has one outcome, the same each time, and says why where it does not pass. */
static void judge(const struct mc_dcl_case *c)
{
    const struct mc_dcl_rule *r;

    for (size_t i = 0; (r = mc_dcl_rule(i)) != NULL; i++) {
        char why[MC_DCL_WHY_MAX], again[MC_DCL_WHY_MAX];
        enum mc_dcl_outcome outcome = mc_dcl_judge(r, c, why);

        REQUIRE(mc_dcl_judge(r, c, again) == outcome && strcmp(why, again) == 0);
        REQUIRE(outcome <= MC_DCL_ABSENT && memchr(why, '\0', sizeof(why)) != NULL);
        REQUIRE(outcome == MC_DCL_PASSED || outcome == MC_DCL_ABSENT || why[0] != '\0');
        REQUIRE((r->kinds & c->kind) != 0 || outcome == MC_DCL_ABSENT);
    }
}

/* The certificate as signer and delegator, its octets as text. */
static void judge_record(struct mc_dcl_case *c, const struct mc_cert *x, struct mc_span der)
{
    const struct mc_dcl_member m = {.text = der, .c = x, .der = der};
    struct mc_dcl_point point = {.vid = der.n, .pid = der.p[0] & 3u, .type = 1, .is_paa = der.n % 2 != 0};

    point.label = point.data_url = der;
    point.issuer_key_id = x->skid;
    point.signer = m;
    if (der.n % 3 == 0)
        point.delegator = m;
    c->kind = MC_DCL_POINT;
    c->point = c->others = &point;
    for (c->n_others = 0; c->n_others < 2; c->n_others++) {
        c->is_update = c->n_others != 0;
        judge(c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct mc_verifier *v;
    static struct mc_cert x;
    struct mc_span der = mc_span_of(data, n);
    struct mc_err e;
    struct mc_dcl_cert known = {&x, der};
    struct mc_dcl_case c = {.now_unix = INT64_C(1790000000), .cert = &x, .read_err = &e, .der = der, .is_pem = true,
        .has_vid = true, .vid = 0xFFF1, .ledger = &known, .pending = &known};

    if (n == 0)
        return 0;
    if (v == NULL)
        v = mc_verifier_new();
    if (v == NULL)
        abort();
    c.v = v;
    mc_err_init(&e);
    if (mc_cert_parse_der(der, MC_RULES_X509, &x, &e) != MC_OK) {
        c.cert = NULL;
        c.kind = MC_DCL_PAI;
        judge(&c);
        return 0;
    }
    REQUIRE(mc_dcl_kind_find(mc_dcl_kind_name(mc_dcl_kind_of(&x))) == mc_dcl_kind_of(&x));
    /* Signatures are slow, and only a ledger with the certificate on it has chains to verify. */
    c.n_ledger = c.n_pending = fuzz_sampled(der, CRYPTO_SHARE) ? 1 : 0;
    for (unsigned k = MC_DCL_PAI; k <= MC_DCL_DAC; k <<= 1) {
        c.kind = (enum mc_dcl_kind)k;
        judge(&c);
    }
    if (c.n_ledger != 0) {
        c.kind = MC_DCL_PAA;
        judge(&c);
    }
    judge_record(&c, &x, der);
    return 0;
}
