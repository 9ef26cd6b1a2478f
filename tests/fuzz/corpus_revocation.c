/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of crl, revset and trust. */
#include <stdlib.h>

#include "corpus.h"
#include "lib/cli/trust_bundle.h"

enum { OUT_MAX = 8192 };

#define SERIAL(text)                                                                                         \
    {                                                                                                        \
        (const uint8_t *)(text), sizeof(text) - 1                                                            \
    }

struct authority {
    struct mc_cert c;
    struct mc_span der;
};

static const struct mc_crl_entry revoked[] = {
    {.serial = SERIAL("\x01"), .time_unix = INT64_C(1790000000)},
    {.serial = SERIAL("\x10\x20\x30\x40\x50\x60\x70\x01\x02\x03\x04\x05\x06\x07\x08\x09"), .time_unix = INT64_C(1790000001)},
    {.serial = SERIAL("\x00\x80\x01"), .time_unix = INT64_C(2600000000)},
};
static const struct mc_span serials[] = {SERIAL("\x01"), SERIAL("\x10\x20\x30\x40\x50\x60\x70"), SERIAL("\x80\x01")};

static void make_crl(const char *name, const struct key *k, struct mc_crl_draft d)
{
    static uint8_t tbs[OUT_MAX], whole[OUT_MAX];
    uint8_t sig[MC_SIG_LEN];
    size_t n = 0;

    d.this_update_unix = INT64_C(1790000002);
    d.next_update_unix = INT64_C(1800000000);
    d.akid = mc_span_of(k->id, MC_KEY_ID_LEN);
    d.entry = revoked;
    must(mc_crl_encode_tbs(&d, tbs, sizeof(tbs), &n, NULL) == MC_OK, name);
    sign(k, mc_span_of(tbs, n), sig);
    must(mc_crl_assemble(mc_span_of(tbs, n), sig, whole, sizeof(whole), &n, NULL) == MC_OK, name);
    write_seed("crl", name, mc_span_of(whole, n));
}

static void make_crls(const struct key k[3], const struct authority *paa, const struct authority *pai)
{
    struct mc_span uri = SERIAL("http://example.org/crl");

    make_crl("empty", &k[0], (struct mc_crl_draft){.issuer = paa->c.subject.der, .number = 1});
    make_crl("three", &k[1], (struct mc_crl_draft){.issuer = pai->c.subject.der, .number = 70000, .n = 3, .uri = uri});
    make_crl("indirect", &k[2], (struct mc_crl_draft){.issuer = pai->c.subject.der, .number = 300, .n = 2, .uri = uri,
                                    .indirect = true, .authority = paa->c.subject.der});
}

static struct mc_revset_entry entry_of(const struct authority *a, size_t n)
{
    return (struct mc_revset_entry){.issuer_name = a->c.subject.der, .issuer_key_id = a->c.skid,
        .signer = a->der, .serial = serials, .n_serial = n};
}

static void make_set(const char *name, const struct mc_revset_entry *entry, size_t n_entries)
{
    static char out[OUT_MAX];
    struct mc_revset set = {entry, n_entries};
    size_t n = 0;

    must(mc_revset_encode_json(&set, out, sizeof(out), &n, NULL) == MC_OK, name);
    write_seed("revset", name, mc_span_of(out, n));
}

static void make_bundle(const char *name, struct trust_bundle *b)
{
    char *text = NULL;
    size_t n = 0;

    b->date_unix = INT64_C(1790000000);
    must(trust_bundle_text(b, &text, &n, NULL) == MC_OK, name);
    write_seed("trust", name, mc_span_of(text, n));
    trust_bundle_clear(b);
    free(text);
}

static void make_bundles(const struct mc_revset_entry entry[2], const struct authority *paa, const struct authority *pai)
{
    struct trust_bundle b = {0};
    struct mc_span signer = pai->der;

    make_bundle("nothing", &b);
    must(trust_bundle_add_signer(&b, signer, NULL) == MC_OK, "signer");
    make_bundle("signer", &b);
    must(trust_bundle_add_entry(&b, &entry[1], NULL) == MC_OK, "entry");
    make_bundle("set", &b);
    must(trust_bundle_add_paa(&b, fuzz_verifier(), paa->der, NULL) == MC_OK, "PAA");
    must(trust_bundle_add_signer(&b, signer, NULL) == MC_OK && trust_bundle_add_signer(&b, paa->der, NULL) == MC_OK &&
             trust_bundle_add_entry(&b, &entry[0], NULL) == MC_OK &&
             trust_bundle_add_entry(&b, &entry[1], NULL) == MC_OK, "bundle");
    make_bundle("whole", &b);
}

/* With the octets of its names. */
static void read_back(const struct attested *from, struct authority *a)
{
    a->der = mc_span_of(from->der, from->n);
    must(mc_cert_parse_der(a->der, MC_RULES_X509, &a->c, NULL) == MC_OK, "reading back");
}

void corpus_revocation(const struct key k[3], const struct attested *paa, const struct attested *pai)
{
    static struct authority root, line;
    struct mc_revset_entry entry[2];

    read_back(paa, &root);
    read_back(pai, &line);
    make_crls(k, &root, &line);
    entry[0] = entry_of(&root, 3);
    entry[1] = entry_of(&line, 1);
    make_set("nothing", entry, 0);
    make_set("two", entry, 2);
    make_bundles(entry, &root, &line);
    entry[1].has_delegator = true;
    entry[1].delegator = entry[1].signer;
    entry[1].signer = entry[0].signer;
    make_set("delegated", &entry[1], 1);
}
