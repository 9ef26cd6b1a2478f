/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the seeds of all targets with this project's own code and the keys that corpus.sh made:
 *
 *     make_corpus PROFILES KEYS OUT
 *
 * PROFILES holds the .profile files, KEYS the files ca.pem, ica.pem, node.pem and csr.der, and OUT gets one
 * folder a target.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/pem.h>

#include "corpus.h"
#include "lib/entry.h"
#include "lib/armor.h"
#include "lib/cert_parse.h"
#include "lib/cd.h"
#include "lib/elements.h"
#include "lib/csr.h"

enum { FILE_MAX = 8192, PATH_LEN = 512, BUILD_SEEDS = 8, BUILD_LEN = 640 };

static const char *out_dir;
static struct mc_verifier *verifier;

void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "make_corpus: %s\n", what);
    exit(1);
}

static struct mc_span read_file(const char *dir, const char *name, const char *suffix)
{
    char path[PATH_LEN];
    uint8_t *p = malloc(FILE_MAX);
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
    f = fopen(path, "rb");
    must(f != NULL && p != NULL, path);
    n = fread(p, 1, FILE_MAX, f);
    fclose(f);
    return mc_span_of(p, n);
}

void write_seed(const char *target, const char *name, struct mc_span bytes)
{
    char path[PATH_LEN];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", out_dir, target);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", out_dir, target, name);
    f = fopen(path, "wb");
    must(f != NULL && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0, path);
}

static void load_key(const char *dir, const char *name, struct key *k)
{
    char path[PATH_LEN];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "r");
    must(f != NULL, path);
    k->pkey = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    must(k->pkey != NULL &&
             EVP_PKEY_get_octet_string_param(k->pkey, "encoded-pub-key", k->point, sizeof(k->point), &n) ==
                 1 &&
             n == MC_POINT_LEN && mc_key_id(verifier, k->point, k->id) == MC_OK,
        path);
}

void sign(const struct key *k, struct mc_span tbs, uint8_t sig[MC_SIG_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t der[MC_SIG_DER_MAX + 8];
    size_t n = sizeof(der);

    must(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
             EVP_DigestSign(ctx, der, &n, tbs.p, tbs.n) == 1 &&
             mc_sig_from_der(mc_span_of(der, n), sig) == MC_OK,
        "signing");
    EVP_MD_CTX_free(ctx);
}

struct forms {
    uint8_t tbs[MC_CERT_DER_MAX], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    size_t tbs_n, der_n, tlv_n;
};

/* Signs c, encodes it in both forms and writes both as seeds. */
static void finish(struct mc_cert *c, const struct key *signer, const char *name, struct forms *f)
{
    must(mc_cert_encode_tbs(c, f->tbs, sizeof(f->tbs), &f->tbs_n, NULL) == MC_OK, name);
    sign(signer, mc_span_of(f->tbs, f->tbs_n), c->sig);
    must(mc_cert_encode_der(c, f->der, sizeof(f->der), &f->der_n, NULL) == MC_OK, name);
    must(mc_cert_encode_tlv(c, f->tlv, sizeof(f->tlv), &f->tlv_n, NULL) == MC_OK, name);
    write_seed("cert_der", name, mc_span_of(f->der, f->der_n));
    write_seed("cert_tlv", name, mc_span_of(f->tlv, f->tlv_n));
}

static struct mc_request request_of(const struct key *k, enum mc_kind kind)
{
    struct mc_request r = {
        .has_node_id = kind == MC_KIND_NOC,
        .has_fabric_id = kind == MC_KIND_NOC,
        .has_authority_id = kind == MC_KIND_RCAC || kind == MC_KIND_ICAC || kind == MC_KIND_VVSC,
        .has_firmware_id = kind == MC_KIND_FIRMWARE_SIGNING,
        .node_id = UINT64_C(0x1122334455667788),
        .fabric_id = UINT64_C(0xFAB1),
        .authority_id = UINT64_C(0xCACACACA00000001),
        .firmware_id = 7,
        .serial = {(const uint8_t *)"\x10\x20\x30\x40\x50\x60\x70\x01\x02\x03\x04\x05\x06\x07\x08\x09", 16},
        .not_before_unix = INT64_C(1790000000),
        .not_after_unix = kind == MC_KIND_RCAC ? MC_TIME_NO_EXPIRY : INT64_C(2800000000),
        .point = k->point,
    };

    memcpy(r.key_id, k->id, sizeof(r.key_id));
    return r;
}

struct issued {
    struct mc_profile profile;
    struct mc_cert cert;
    struct forms forms;
};

static void issue(const char *profiles, const char *name, struct mc_request *r, const struct issued *issuer,
    const struct key *signer, const char *seed, struct issued *out)
{
    static struct mc_mistakes m;
    struct mc_span text = read_file(profiles, name, ".profile");

    must(mc_profile_parse(text, &out->profile, &m) == MC_OK, name);
    must(mc_profile_apply(&out->profile, r, issuer != NULL ? &issuer->cert : NULL, &out->cert, NULL) == MC_OK,
        seed);
    finish(&out->cert, signer, seed, &out->forms);
    write_seed("profile", name, text);
}

static struct issued root, ica, noc, other;

static void make_operational(const char *profiles, const struct key k[3])
{
    struct mc_request r = request_of(&k[0], MC_KIND_RCAC), icac = request_of(&k[1], MC_KIND_ICAC),
                      node = request_of(&k[2], MC_KIND_NOC);

    issue(profiles, "rcac", &r, NULL, &k[0], "rcac", &root);
    issue(profiles, "icac", &icac, &root, &k[0], "icac", &ica);
    node.common_name = mc_span_of("a node of the fuzz corpus", 25);
    issue(profiles, "noc", &node, &ica, &k[1], "noc-name", &noc);
    node.common_name.n = 0;
    node.n_cat = 3;
    node.cat[0] = 0xABCD0001;
    node.cat[1] = 0xABCE0002;
    node.cat[2] = 0x00010003;
    issue(profiles, "noc", &node, &ica, &k[1], "noc-cats", &noc);
    node = request_of(&k[2], MC_KIND_FIRMWARE_SIGNING);
    issue(profiles, "firmware-signing", &node, &ica, &k[1], "firmware-signing", &other);
    node = request_of(&k[2], MC_KIND_VVSC);
    issue(profiles, "vvsc", &node, &ica, &k[1], "vvsc", &other);
}

/* The texts alone: their certificates come from the forge. */
static void make_profiles(const char *profiles)
{
    static const char *const names[] = {"paa", "pai", "dac", "cd-signer", "crl-signer"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        write_seed("profile", names[i], read_file(profiles, names[i], ".profile"));
}

static void put_sized(struct mc_out *o, const struct forms *f)
{
    mc_out_byte(o, (uint8_t)(f->tlv_n >> 8));
    mc_out_byte(o, (uint8_t)f->tlv_n);
    mc_out_put(o, f->tlv, f->tlv_n);
}

/* Each certificate behind its length, as fuzz_chain.c reads them. */
static void make_chains(void)
{
    static uint8_t room[FILE_MAX];
    struct mc_out o = mc_out_of(room, sizeof(room));

    put_sized(&o, &root.forms);
    put_sized(&o, &ica.forms);
    put_sized(&o, &noc.forms);
    write_seed("chain", "three", mc_span_of(room, o.n));
    o.n = 0;
    put_sized(&o, &root.forms);
    put_sized(&o, &root.forms);
    put_sized(&o, &ica.forms);
    write_seed("chain", "wrong-places", mc_span_of(room, o.n));
}

static void make_identity(const struct key *k)
{
    static struct mc_cert c;
    static struct forms f;
    uint8_t compact[MC_IDENTITY_TLV_LEN];
    size_t n;

    mc_cert_reset(&c, MC_FORM_TLV);
    mc_identity_fill(&c);
    c.point = mc_span_of(k->point, MC_POINT_LEN);
    finish(&c, k, "network-identity", &f);
    must(mc_cert_encode_compact(&c, compact, sizeof(compact), &n, NULL) == MC_OK, "compact");
    write_seed("cert_tlv", "network-identity-compact", mc_span_of(compact, n));
}

/* Names of every attribute and further extensions come from the generator; its input is a seed of its own. */
static void make_generated(void)
{
    static struct fuzz_room room;
    static struct mc_cert c;
    uint8_t input[BUILD_LEN], der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    uint32_t v = 1;
    char name[32];

    for (unsigned made = 0; made < BUILD_SEEDS;) {
        struct fuzz_bytes b = {input, input + sizeof(input)};
        size_t der_n, tlv_n;

        for (size_t i = 0; i < sizeof(input); i++)
            input[i] = (uint8_t)((v = v * 1664525u + 1013904223u) >> 24);
        fuzz_generate(&b, &room, &c);
        if (mc_cert_encode_der(&c, der, sizeof(der), &der_n, NULL) != MC_OK ||
            mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &tlv_n, NULL) != MC_OK)
            continue;
        snprintf(name, sizeof(name), "generated-%u", made++);
        write_seed("cert_build", name, mc_span_of(input, (size_t)(b.p - input) + 8));
        write_seed("cert_der", name, mc_span_of(der, der_n));
        write_seed("cert_tlv", name, mc_span_of(tlv, tlv_n));
    }
}

static void make_requests(const char *keys)
{
    struct mc_span csr = read_file(keys, "csr", ".der");
    static const uint8_t nonce[MC_NONCE_LEN] = {1, 2, 3};
    struct mc_nocsr n = {.csr = csr, .nonce = {nonce, sizeof(nonce)}};
    uint8_t out[MC_NOCSR_MAX];
    size_t len;

    write_seed("csr", "openssl", csr);
    must(mc_nocsr_encode(&n, out, sizeof(out), &len, NULL) == MC_OK, "nocsr");
    write_seed("nocsr", "plain", mc_span_of(out, len));
    n.vendor[0] = n.vendor[2] = mc_span_of("vendor", 6);
    must(mc_nocsr_encode(&n, out, sizeof(out), &len, NULL) == MC_OK, "nocsr");
    write_seed("nocsr", "vendor", mc_span_of(out, len));
}

static void put_part(struct mc_out *o, struct mc_span part)
{
    mc_out_byte(o, (uint8_t)(part.n >> 8));
    mc_out_byte(o, (uint8_t)part.n);
    mc_out_put(o, part.p, part.n);
}

static uint8_t declared_room[FILE_MAX];
static struct mc_out declared = {declared_room, sizeof(declared_room), 0, MC_OK}; /* envelope and elements, as parts */

/* A declaration: payload, envelope and attestation elements around it. */
static void make_declaration(const struct key *k, const char *name, const struct mc_cd *cd)
{
    static const uint8_t nonce[MC_NONCE_LEN] = {4, 5, 6};
    static uint8_t payload[MC_CD_PAYLOAD_MAX], cms[MC_CMS_MAX], elements[MC_ELEMENTS_MAX];
    struct mc_cms c = {.key_id = mc_span_of(k->id, MC_KEY_ID_LEN)};
    struct mc_elements el = {.nonce = mc_span_of(nonce, sizeof(nonce)), .firmware = mc_span_of("fw", cd->has_paas ? 2 : 0)};
    size_t n;

    must(mc_cd_encode(cd, payload, sizeof(payload), &n, NULL) == MC_OK, "payload");
    write_seed("cd", name, mc_span_of(payload, n));
    c.payload = mc_span_of(payload, n);
    sign(k, c.payload, c.sig);
    must(mc_cms_encode(&c, cms, sizeof(cms), &n, NULL) == MC_OK, "envelope");
    write_seed("cms", name, mc_span_of(cms, n));
    el.cd = mc_span_of(cms, n);
    declared.n = 0;
    put_part(&declared, el.cd);
    must(mc_elements_encode(&el, elements, sizeof(elements), &n, NULL) == MC_OK, "elements");
    write_seed("elements", name, mc_span_of(elements, n));
    put_part(&declared, mc_span_of(elements, n));
}

static void make_declarations(const struct key *k)
{
    struct mc_cd cd = {.format_version = 1, .vendor_id = 0xFFF1, .device_type = 0x0100, .n_products = 1, .product = {0x8000},
        .certificate_id = mc_span_of("CSA00000SWC00000-00", MC_CD_ID_LEN), .version_number = 1};

    make_declaration(k, "plain", &cd);
    cd.has_origin = true;
    cd.origin_vid = 0xFFF2;
    cd.origin_pid = 0x8001;
    make_declaration(k, "origin", &cd);
    cd.has_paas = true;
    cd.n_paas = 2;
    cd.paa[0] = cd.paa[1] = mc_span_of(k->id, MC_KEY_ID_LEN);
    cd.n_products = 20;
    for (unsigned i = 0; i < cd.n_products; i++)
        cd.product[i] = (uint16_t)(0x8000 + i);
    make_declaration(k, "lists", &cd);
}

static void attest(const char *profiles, const char *name, enum mc_kind kind, const struct key *k, const struct attested *issuer,
    const struct key *signer, struct attested *out)
{
    static struct mc_mistakes m;
    uint8_t sig[MC_SIG_LEN];

    out->request = request_of(k, kind);
    out->request.has_vid = kind != MC_KIND_PAA;
    out->request.has_pid = kind == MC_KIND_DAC;
    out->request.vid = 0xFFF1;
    out->request.pid = 0x8000;
    out->request.common_name = mc_span_of(name, strlen(name));
    must(mc_profile_parse(read_file(profiles, name, ".profile"), &out->profile, &m) == MC_OK, name);
    must(mc_profile_apply(&out->profile, &out->request, issuer != NULL ? &issuer->cert : NULL, &out->cert, NULL) == MC_OK, name);
    must(mc_cert_encode_tbs(&out->cert, out->tbs, sizeof(out->tbs), &out->n, NULL) == MC_OK, name);
    sign(signer, mc_span_of(out->tbs, out->n), sig);
    must(mc_cert_assemble(mc_span_of(out->tbs, out->n), sig, out->der, sizeof(out->der), &out->n, NULL) == MC_OK, name);
}

/* DAC, PAI, PAA, declaration and elements, as fuzz_attest.c reads them. */
static void make_attestations(const char *profiles, const struct key k[3])
{
    static struct attested paa, pai, dac;
    static uint8_t room[FILE_MAX];
    struct mc_out o = mc_out_of(room, sizeof(room));

    attest(profiles, "paa", MC_KIND_PAA, &k[0], NULL, &k[0], &paa);
    attest(profiles, "pai", MC_KIND_PAI, &k[1], &paa, &k[0], &pai);
    attest(profiles, "dac", MC_KIND_DAC, &k[2], &pai, &k[1], &dac);
    put_part(&o, mc_span_of(dac.der, dac.n));
    put_part(&o, mc_span_of(pai.der, pai.n));
    put_part(&o, mc_span_of(paa.der, paa.n));
    mc_out_put(&o, declared.p, declared.n);
    write_seed("attest", "whole", mc_span_of(room, o.n));
    if (o.n % 2 != 0)
        mc_out_byte(&o, 0);
    write_seed("attest", "with-elements", mc_span_of(room, o.n));
    corpus_revocation(k, &paa, &pai);
}

static void make_inputs(void)
{
    static char text[FILE_MAX];
    struct mc_span der = mc_span_of(root.forms.der, root.forms.der_n);
    struct mc_span tlv = mc_span_of(root.forms.tlv, root.forms.tlv_n);
    size_t n;

    must(mc_pem_encode(der, "CERTIFICATE", text, sizeof(text), &n) == MC_OK, "PEM");
    write_seed("input", "pem", mc_span_of(text, n));
    mc_hex_encode(der.p, der.n, text);
    write_seed("input", "der-hex", mc_span_of(text, 2 * der.n));
    mc_base64_encode(der.p, der.n, text);
    write_seed("input", "der-base64", mc_span_of(text, strlen(text)));
    mc_hex_encode(tlv.p, tlv.n, text);
    write_seed("input", "tlv-hex", mc_span_of(text, 2 * tlv.n));
    mc_base64_encode(tlv.p, tlv.n, text);
    write_seed("input", "tlv-base64", mc_span_of(text, strlen(text)));
    write_seed("input", "der", der);
    write_seed("input", "tlv", tlv);
}

static void put_entry(const char *name, struct mc_entry x)
{
    uint8_t out[ENTRY_MAX];
    size_t n;

    x.seq = 300;
    x.time_unix = INT64_C(1790000000);
    must(mc_entry_encode(&x, out, sizeof(out), &n, NULL) == MC_OK, name);
    write_seed("entry", name, mc_span_of(out, n));
}

#define TEXT(s)                                                                                              \
    {                                                                                                        \
        (const uint8_t *)(s), sizeof(s) - 1                                                                  \
    }

static void make_entries(const struct key *k)
{
    static const uint8_t digest[MC_DIGEST_LEN] = {9};
    struct mc_span hash = {digest, sizeof(digest)}, point = {k->point, MC_POINT_LEN},
                   id = {k->id, MC_KEY_ID_LEN};
    struct mc_span serial = TEXT("\x10\x20"), label = TEXT("label"), name = TEXT("home"), rule = TEXT("rule");
    struct mc_span tlv = {noc.forms.tlv, noc.forms.tlv_n}, why = TEXT("because"), request = TEXT("r-1");

    put_entry(
        "genesis", (struct mc_entry){.type = ENTRY_GENESIS, .name = name, .point = point, .key_id = id});
    put_entry(
        "key", (struct mc_entry){.type = ENTRY_KEY, .point = point, .key_id = id, .label = label, .kind = 1});
    put_entry("authority", (struct mc_entry){.type = ENTRY_AUTHORITY,
                               .authority = 1,
                               .point = point,
                               .key_id = id,
                               .label = label,
                               .kind = 1,
                               .cert_tlv = tlv,
                               .serial = serial,
                               .tbs_sha256 = hash});
    put_entry("fabric", (struct mc_entry){.type = ENTRY_FABRIC,
                            .fabric = 1,
                            .name = name,
                            .has_fabric_id = true,
                            .fabric_id = 1,
                            .root = 1,
                            .ica = 2,
                            .sealed = label});
    put_entry("issued", (struct mc_entry){.type = ENTRY_ISSUED,
                            .authority = 2,
                            .serial = serial,
                            .tbs_sha256 = hash,
                            .kind = 3,
                            .cert_tlv = tlv,
                            .fabric = 1,
                            .request_id = request,
                            .csr_sha256 = hash,
                            .has_node_id = true,
                            .node_id = 5,
                            .batch = 70000,
                            .content_sha256 = hash});
    put_entry("void", (struct mc_entry){.type = ENTRY_VOID, .serial = serial, .rule = rule, .why = why});
    put_entry(
        "refused", (struct mc_entry){.type = ENTRY_REFUSED, .rule = rule, .why = why, .request_id = request});
    put_entry("secret", (struct mc_entry){.type = ENTRY_SECRET, .fabric = 1, .why = why});
    put_entry("state", (struct mc_entry){.type = ENTRY_STATE, .authority = 1, .has_state = true, .state = 3});
}

static void make_texts(void)
{
    static const struct {
        const char *target, *name;
        struct mc_span bytes;
    } seeds[] = {
        {"uri", "full",
            TEXT("pkcs11:token=a%20b;serial=0123;manufacturer=m;model=x;object=o;id=%01%02;type=private"
                 "?module-path=/m")},
        {"uri", "own",
            TEXT("pkcs11:token=t;object=root;id=%01%02%03%04%05%06%07%08%09%0A%0B%0C%0D%0E%0F%10%11%12"
                 "%13%14;type=private")},
        {"uri", "pin", TEXT("pkcs11:object=a?pin-value=1234")},
        {"values", "oid", TEXT("\x00\x06\x0A\x2B\x06\x01\x04\x01\x82\xA2\x7C\x01\x05")},
        {"values", "utc-time",
            TEXT("\x01\x17"
                 "261123180000Z")},
        {"values", "generalized-time",
            TEXT("\x01\x18"
                 "20561123180000Z")},
        {"values", "time-text",
            TEXT("\x02"
                 "2026-11-23T18:00:00Z")},
        {"values", "number",
            TEXT("\x02"
                 "18446744073709551615")},
        {"values", "hex-number",
            TEXT("\x02"
                 "0xFFFFFFEFFFFFFFFF")},
        {"values", "signature", TEXT("\x03\x30\x06\x02\x01\x01\x02\x01\x7F")},
        {"values", "base64", TEXT("\x04MIIB")},
    };

    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
        write_seed(seeds[i].target, seeds[i].name, seeds[i].bytes);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"ca.pem", "ica.pem", "node.pem"};
    struct key keys[3];

    must(argc == 4, "PROFILES KEYS OUT are wanted");
    out_dir = argv[3];
    verifier = mc_verifier_new();
    must(verifier != NULL, "libcrypto");
    for (unsigned i = 0; i < 3; i++)
        load_key(argv[2], names[i], &keys[i]);
    make_operational(argv[1], keys);
    make_profiles(argv[1]);
    make_chains();
    make_identity(&keys[2]);
    make_generated();
    make_requests(argv[2]);
    make_declarations(&keys[0]);
    make_attestations(argv[1], keys);
    make_inputs();
    make_entries(&keys[0]);
    make_texts();
    for (unsigned i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i].pkey);
    mc_verifier_free(verifier);
    return 0;
}
