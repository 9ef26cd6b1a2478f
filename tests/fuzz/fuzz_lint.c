/* SPDX-License-Identifier: Apache-2.0 */
/* The linter on certificates and requests, as what they are and as what they are not. */
#include "fuzz.h"
#include "lib/lint.h"

enum { CRYPTO_SHARE = 64, AGAIN_SHARE = 8 };

/* Must exist in both forms: what forbids that is an error of such a certificate. */
#define MATTER (MC_LINT_OPERATIONAL | MC_LINT_UNKNOWN | MC_LINT_KIND(MC_KIND_NETWORK_IDENTITY))

struct tally {
    unsigned n, errors;
    const struct mc_rule *last;
};

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return n > 0 && data[0] == 0x15 ? fuzz_mutate_tlv(data, n, max, seed) : fuzz_mutate_der(data, n, max, seed);
}

static bool found(void *arg, const struct mc_finding *f)
{
    struct tally *t = arg;

    REQUIRE(f->rule != NULL && f->rule != t->last); /* each rule speaks once */
    REQUIRE(memchr(f->what, '\0', sizeof(f->what)) != NULL);
    t->last = f->rule;
    t->n++;
    t->errors += f->rule->severity == MC_ERROR;
    return true;
}

static struct tally lint(const struct mc_lint_input *in)
{
    struct tally first = {0}, again = {0};

    REQUIRE(mc_lint(in, found, &first) == first.errors);
    if (fuzz_sampled(in->whole, AGAIN_SHARE))
        REQUIRE(mc_lint(in, found, &again) == first.errors && again.n == first.n);
    if (in->read_rc != MC_OK)
        REQUIRE(first.n == 1 && first.errors == 1);
    return first;
}

static void lint_certificate(struct mc_lint_input *in)
{
    static struct mc_cert c;
    struct mc_err e;
    struct tally t;

    mc_err_init(&e);
    in->read_rc = in->whole.p[0] == 0x15 ? mc_cert_parse_tlv(in->whole, &c, &e)
                                         : mc_cert_parse_der(in->whole, MC_RULES_X509, &c, &e);
    in->read_err = &e;
    in->c = &c;
    in->kind = in->read_rc == MC_OK ? mc_lint_kind_of(&c) : MC_LINT_UNKNOWN;
    REQUIRE(mc_lint_kind_find(mc_lint_kind_name(in->kind)) == in->kind || in->kind == MC_LINT_UNKNOWN);
    t = lint(in);
    if (in->read_rc != MC_OK)
        return;
    if (c.obstacle.rc != MC_OK && (in->kind & MATTER) != 0)
        REQUIRE(t.errors > 0);
    in->kind = MC_LINT_KIND(in->whole.n % MC_KIND_COUNT);
    (void)lint(in);
    in->kind = in->whole.n % 2 != 0 ? MC_LINT_CD_SIGNER : MC_LINT_CRL_SIGNER;
    in->issuer = &c;
    (void)lint(in);
    in->tbs_only = true;
    in->issuer = NULL;
    (void)lint(in);
}

static void lint_request(struct mc_lint_input *in)
{
    struct mc_csr csr;
    struct mc_err e;

    mc_err_init(&e);
    in->kind = MC_LINT_CSR;
    in->read_rc = mc_csr_parse(in->whole, &csr, &e);
    in->read_err = &e;
    in->csr = &csr;
    (void)lint(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_lint_input in = {.whole = mc_span_of(data, n), .now_unix = INT64_C(1790000000)};

    if (n == 0)
        return 0;
    in.v = fuzz_sampled(in.whole, CRYPTO_SHARE) ? fuzz_verifier() : NULL;
    lint_certificate(&in);
    in = (struct mc_lint_input){.whole = in.whole, .v = in.v};
    lint_request(&in);
    return 0;
}
