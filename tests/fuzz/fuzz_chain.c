/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both judges of chains. The input is a root, an ICAC and a leaf in Matter TLV, each behind two octets with its
 * length; a length of 0 repeats the certificate before it, or leaves the ICAC out. Signatures of a
 * mutated certificate are wrong, so a root is taken as trusted: what comes before them is reached.
 */
#include "fuzz.h"
#include "lib/chain.h"

enum { CERTS = 3 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    size_t at = 0;

    /* One certificate changes at a time; its length follows. */
    for (unsigned skip = seed % CERTS; skip > 0 && at + 2 < n; skip--)
        at += 2u + (size_t)data[at] * 256 + data[at + 1];
    if (at + 2 >= n)
        return LLVMFuzzerMutate(data, n, max);
    n = fuzz_mutate_tlv(data + at + 2, n - at - 2, max - at - 2, seed / CERTS) + at + 2;
    return n;
}

/* Takes one certificate of the input; false if there is none that can be read. */
static bool take(struct mc_span *in, struct mc_cert *c)
{
    size_t n;
    struct mc_span one;

    if (in->n < 2)
        return false;
    n = (size_t)in->p[0] * 256 + in->p[1];
    n = n > in->n - 2 ? in->n - 2 : n;
    one = mc_span_of(in->p + 2, n);
    *in = mc_span_of(one.p + n, in->n - 2 - n);
    return n > 0 && mc_cert_parse_tlv(one, c, NULL) == MC_OK;
}

static void require_told(const struct mc_verdict *d)
{
    char text[512];

    REQUIRE((d->rc == MC_OK) == (d->err.rc == MC_OK));
    REQUIRE(d->rc == MC_OK || mc_rc_class(d->rc) != MC_CLASS_INTERNAL);
    if (d->rc == MC_OK)
        return;
    mc_err_format(&d->err, text, sizeof(text));
    REQUIRE(strstr(text, mc_rc_rule(d->rc)) != NULL && d->where != MC_CHAIN_NONE);
}

/* What the rules accept, the SDK accepts: it knows fewer rules, and the time is no matter here. */
static void judge(const struct mc_chain *chain)
{
    struct mc_verdict rules, sdk;

    REQUIRE(mc_chain_check(fuzz_verifier(), chain, &rules) == rules.rc);
    REQUIRE(mc_chain_check_sdk(fuzz_verifier(), chain, &sdk) == sdk.rc);
    require_told(&rules);
    require_told(&sdk);
    REQUIRE((sdk.rc == MC_OK) == (sdk.sdk_error == 0));
    REQUIRE(sdk.rc == MC_OK || mc_sdk_error_find(sdk.sdk_error) != NULL);
    if (rules.rc != MC_OK)
        return;
    REQUIRE(sdk.rc == MC_OK && sdk.node_id == rules.node_id && sdk.fabric_id == rules.fabric_id);
    REQUIRE(mc_cert_check_signature(
                fuzz_verifier(), chain->leaf, (chain->ica != NULL ? chain->ica : chain->root)->point.p, NULL) == MC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct mc_cert root, ica, leaf;
    struct mc_span in = mc_span_of(data, n);
    struct mc_chain chain = {.root = &root, .time_source = MC_TIME_UNKNOWN, .leaf_kind = MC_KIND_NOC, .root_trusted = true};
    bool has_ica;

    if (!take(&in, &root))
        return 0;
    has_ica = take(&in, &ica);
    chain.leaf = take(&in, &leaf) ? &leaf : has_ica ? &ica : &root;
    judge(&chain);
    chain.ica = has_ica ? &ica : NULL;
    if (has_ica)
        judge(&chain);
    return 0;
}
