/* SPDX-License-Identifier: Apache-2.0 */
/* Trust bundles and stores: what is taken and what is left out and why, the canonical text, the note. */
#include "certs.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/armor.h"
#include "lib/cli/trust_bundle.h"

#define DATE INT64_C(1764000000)

/* A certificate with its key. */
struct party {
    struct certs_key key;
    struct mc_cert c;
    uint8_t der[MC_CERT_DER_MAX];
    size_t n;
};

static struct world {
    struct party paa, other_paa, pai, signer, self_less;
    struct mc_verifier *v;
} w;

static struct mc_span der_of(const struct party *p)
{
    return mc_span_of(p->der, p->n);
}

/* path_length: of the basic constraints; -1: none, and no CA. */
static void issue(struct party *p, const char *name, int path_length, struct party *issuer, const char *issuer_name)
{
    struct mc_cert c;

    certs_key_new(&p->key);
    certs_fill(&c, path_length >= 0, &p->key, issuer->key.id);
    if (path_length >= 0) {
        c.has_path_len = true;
        c.path_len = (uint8_t)path_length;
    } else {
        c.has_eku = false;
        c.n_ext = 2;
        certs_add_ext(&c, MC_EXT_SUBJECT_KEY_ID);
        certs_add_ext(&c, MC_EXT_AUTHORITY_KEY_ID);
    }
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, name);
    certs_add_text(&c.issuer, MC_ATTR_COMMON_NAME, issuer_name);
    p->n = certs_issue(&c, &issuer->key, p->der).n;
    assert_int_equal(mc_cert_parse_der(der_of(p), MC_RULES_X509, &p->c, NULL), MC_OK);
}

static int set_up(void **state)
{
    (void)state;
    w.v = mc_verifier_new();
    issue(&w.paa, "PAA Mvid:FFF1", 1, &w.paa, "PAA Mvid:FFF1");
    issue(&w.other_paa, "Other PAA", 1, &w.other_paa, "Other PAA");
    issue(&w.pai, "PAI Mvid:FFF1", 0, &w.paa, "PAA Mvid:FFF1");
    issue(&w.signer, "Lab CD Signing", -1, &w.signer, "Lab CD Signing");
    /* It names itself as its issuer, and somebody else signed it. */
    issue(&w.self_less, "Forged PAA", 1, &w.other_paa, "Forged PAA");
    return w.v == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    certs_key_free(&w.paa.key);
    certs_key_free(&w.other_paa.key);
    certs_key_free(&w.pai.key);
    certs_key_free(&w.signer.key);
    certs_key_free(&w.self_less.key);
    mc_verifier_free(w.v);
    return 0;
}

static struct mc_revset_entry entry_of(const struct mc_span *serial, size_t n)
{
    return (struct mc_revset_entry){.issuer_name = w.paa.c.subject.der, .issuer_key_id = w.paa.c.skid,
        .signer = der_of(&w.paa), .serial = serial, .n_serial = n};
}

static const uint8_t serial_a[] = {0x40, 1}, serial_b[] = {0x40, 2};

/* Two PAAs, a signer, one revocation set. */
static void fill(struct trust_bundle *b, bool backwards)
{
    const struct mc_span serials[] = {mc_span_of(serial_b, 2), mc_span_of(serial_a, 2), mc_span_of(serial_b, 2)};
    const struct mc_revset_entry entry = entry_of(serials, 3);
    const struct party *paas[] = {&w.paa, &w.other_paa};

    *b = (struct trust_bundle){.date_unix = DATE};
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(trust_bundle_add_paa(b, w.v, der_of(paas[backwards ? 1 - i : i]), NULL), MC_OK);
    assert_int_equal(trust_bundle_add_signer(b, der_of(&w.signer), NULL), MC_OK);
    assert_int_equal(trust_bundle_add_entry(b, &entry, NULL), MC_OK);
}

static void make_text(const struct trust_bundle *b, char **text, size_t *n)
{
    assert_int_equal(trust_bundle_text(b, text, n, NULL), MC_OK);
}

static void only_what_fits_is_taken(void **state)
{
    static const struct mc_span serial[] = {{serial_a, 2}};
    struct mc_revset_entry entry = entry_of(serial, 1);
    struct trust_bundle b = {0};
    struct mc_span cut = der_of(&w.paa);

    (void)state;
    assert_int_equal(trust_bundle_add_paa(&b, w.v, der_of(&w.paa), NULL), MC_OK);
    assert_int_equal(trust_bundle_add_paa(&b, w.v, der_of(&w.paa), NULL), MC_OK);
    assert_int_equal(b.n_paas, 1);
    assert_int_equal(trust_bundle_add_paa(&b, w.v, der_of(&w.pai), NULL), MC_E_CHAIN_KIND);
    assert_int_not_equal(trust_bundle_add_paa(&b, w.v, der_of(&w.signer), NULL), MC_OK);
    assert_int_equal(trust_bundle_add_paa(&b, w.v, der_of(&w.self_less), NULL), MC_E_SIGNATURE);
    cut.n--;
    assert_int_not_equal(trust_bundle_add_paa(&b, w.v, cut, NULL), MC_OK);
    assert_int_not_equal(trust_bundle_add_paa(&b, w.v, mc_span_of(NULL, 0), NULL), MC_OK);
    assert_int_equal(b.n_paas, 1);
    assert_int_equal(trust_bundle_add_signer(&b, der_of(&w.signer), NULL), MC_OK);
    assert_int_equal(trust_bundle_add_signer(&b, der_of(&w.signer), NULL), MC_OK);
    assert_int_equal(b.n_signers, 1);
    assert_int_equal(trust_bundle_add_entry(&b, &entry, NULL), MC_OK);
    assert_int_equal(trust_bundle_add_entry(&b, &entry, NULL), MC_OK);
    assert_int_equal(b.n_entries, 1);
    entry.signer = der_of(&w.other_paa);
    assert_int_equal(trust_bundle_add_entry(&b, &entry, NULL), MC_E_REVSET);
    assert_int_equal(b.n_entries, 1);
    trust_bundle_clear(&b);
}

static void the_text_depends_on_what_is_in_it_alone(void **state)
{
    struct trust_bundle one, other, back;
    size_t n, m, k;
    char *a, *b, *c;

    (void)state;
    fill(&one, false);
    fill(&other, true);
    make_text(&one, &a, &n);
    make_text(&other, &b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_int_equal(one.entry[0].n_serial, 2);
    assert_int_equal(trust_bundle_parse(mc_span_of(a, n), w.v, &back, NULL), MC_OK);
    assert_int_equal(back.n_left_out, 0);
    assert_true(back.n_paas == 2 && back.n_signers == 1 && back.n_entries == 1 && back.date_unix == DATE);
    make_text(&back, &c, &k);
    assert_int_equal(k, n);
    assert_memory_equal(c, a, n);
    free(a);
    free(b);
    free(c);
    trust_bundle_clear(&one);
    trust_bundle_clear(&other);
    trust_bundle_clear(&back);
}

/* text with the first `from` in it replaced; freed by the caller. */
static char *changed(const char *text, const char *from, const char *to)
{
    size_t before = strstr(text, from) != NULL ? (size_t)(strstr(text, from) - text) : strlen(text);
    char *out = malloc(strlen(text) + strlen(to) + 1);

    assert_non_null(out);
    assert_true(before < strlen(text));
    memcpy(out, text, before);
    strcpy(out + before, to);
    strcat(out, text + before + strlen(from));
    return out;
}

/* What cannot be used is left out with its reason, and the rest stays; what is no bundle is refused. */
static void a_bad_entry_never_blocks_the_others(void **state)
{
    static const struct {
        const char *from, *to;
        enum mc_rc rc;                   /* of the whole */
        size_t paas, signers, entries;   /* if it is read */
        const char *path;                /* of what is left out; NULL: nothing */
    } rows[] = {
        {"\"date\"", "\"date\"", MC_OK, 2, 1, 1, NULL},
        {"\"key_id\": \"", "\"key_id\": \"00", MC_OK, 1, 1, 1, "paas[0]"},
        {"\"certificate\": \"M", "\"certificate\": \"?", MC_OK, 1, 1, 1, "paas[0]"},
        {"\"certificate\": \"MII", "\"certificate\": \"", MC_OK, 1, 1, 1, "paas[0]"},
        {"\"subject\": \"", "\"more\": 1, \"subject\": \"", MC_OK, 1, 1, 1, "paas[0]"},
        {"\"type\": \"revocation_set\"", "\"type\": \"other\"", MC_OK, 2, 1, 0, "revocation_sets[0]"},
        {"\"4001\"", "\"004001\"", MC_OK, 2, 1, 0, "revocation_sets[0]"},
        {"mattercert.trust/1", "mattercert.trust/2", MC_E_TRUST, 0, 0, 0, NULL},
        {"\"date\": \"2", "\"date\": \"x", MC_E_TRUST, 0, 0, 0, NULL},
        {"\"schema\"", "\"more\": 1, \"schema\"", MC_E_JSON_MEMBER, 0, 0, 0, NULL},
        {"\"cd_signers\": [", "\"cd_signers\": 1, \"x\": [", MC_E_JSON_MEMBER, 0, 0, 0, NULL},
        {"{", "[", MC_E_JSON, 0, 0, 0, NULL},
    };
    struct trust_bundle whole;
    size_t n;
    char *text;

    (void)state;
    fill(&whole, false);
    make_text(&whole, &text, &n);
    trust_bundle_clear(&whole);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *with = changed(text, rows[i].from, rows[i].to);
        struct trust_bundle b;
        enum mc_rc rc = trust_bundle_parse(mc_span_of(with, strlen(with)), w.v, &b, NULL);

        if (rc != rows[i].rc || b.n_paas != rows[i].paas || b.n_signers != rows[i].signers || b.n_entries != rows[i].entries ||
            b.n_left_out != (rows[i].path != NULL) || (rows[i].path != NULL && strcmp(b.left_out[0].path, rows[i].path) != 0))
            fail_msg("row %zu: %s, %zu %zu %zu, %zu left out (%s)", i, mc_rc_symbol(rc), b.n_paas, b.n_signers, b.n_entries,
                b.n_left_out, b.n_left_out > 0 ? b.left_out[0].path : "");
        trust_bundle_clear(&b);
        free(with);
    }
    free(text);
}

/* Each octet of a bundle cut off or changed: read, or refused, and never harm. */
static void changed_texts_do_no_harm(void **state)
{
    struct trust_bundle whole, b;
    size_t n;
    char *text;

    (void)state;
    fill(&whole, false);
    make_text(&whole, &text, &n);
    trust_bundle_clear(&whole);
    for (size_t i = 0; i < n; i++) {
        char *copy = malloc(n), was = text[i];

        assert_non_null(copy);
        memcpy(copy, text, i);
        if (trust_bundle_parse(mc_span_of(copy, i), w.v, &b, NULL) == MC_OK)
            assert_true(i + 2 > n); /* but for the line's end */
        trust_bundle_clear(&b);
        free(copy);
        text[i] = (char)(i % 3 == 0 ? 0 : i % 3 == 1 ? '"' : was ^ 1);
        if (trust_bundle_parse(mc_span_of(text, n), w.v, &b, NULL) == MC_OK)
            trust_bundle_clear(&b);
        text[i] = was;
    }
    free(text);
}

/* --- the note ---------------------------------------------------------------------------------------- */

static size_t sign_note(struct certs_key *key, const char *origin, const char *signer, struct mc_span text, char note[NOTE_MAX])
{
    struct mc_checkpoint c = {.size = 7};
    uint8_t sig[MC_SIG_LEN];
    char body[NOTE_MAX];
    size_t n, m;

    snprintf(c.origin, sizeof(c.origin), "%s", origin);
    assert_int_equal(mc_sha256(w.v, text, c.root), MC_OK);
    assert_int_equal(mc_note_format_body(&c, body, sizeof(body), &n, NULL), MC_OK);
    certs_sign(key, mc_span_of(body, n), sig);
    assert_int_equal(mc_note_assemble(w.v, mc_span_of(body, n), signer, key->point, sig, note, NOTE_MAX, &m, NULL), MC_OK);
    return m;
}

static void a_note_is_for_one_bundle_and_one_key(void **state)
{
    const struct mc_span text = mc_span_of("bundle", 6), other = mc_span_of("bundlf", 6);
    struct trust_note out;
    char note[NOTE_MAX];
    size_t n = sign_note(&w.paa.key, "heddle/1" TRUST_NOTE_SUFFIX, "heddle/1", text, note);

    (void)state;
    assert_int_equal(trust_note_check(w.v, mc_span_of(note, n), text, w.paa.key.point, &out, NULL), MC_OK);
    assert_string_equal(out.origin, "heddle/1");
    assert_int_equal(out.number, 7);
    assert_int_equal(trust_note_check(w.v, mc_span_of(note, n), other, w.paa.key.point, &out, NULL), MC_E_TRUST);
    assert_int_not_equal(trust_note_check(w.v, mc_span_of(note, n), text, w.pai.key.point, &out, NULL), MC_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_not_equal(trust_note_check(w.v, mc_span_of(note, i), text, w.paa.key.point, &out, NULL), MC_OK);
    /* A checkpoint of the ledger is no note of a bundle, whatever its root is. */
    n = sign_note(&w.paa.key, "heddle/1", "heddle/1", text, note);
    assert_int_equal(trust_note_check(w.v, mc_span_of(note, n), text, w.paa.key.point, &out, NULL), CA_E_NOTE);
    n = sign_note(&w.paa.key, "heddle/1" TRUST_NOTE_SUFFIX, "heddle/2", text, note);
    assert_int_not_equal(trust_note_check(w.v, mc_span_of(note, n), text, w.paa.key.point, &out, NULL), MC_OK);
}

/* --- stores ------------------------------------------------------------------------------------------ */

static char folder[] = "/tmp/heddle-trust-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put_file(const char *name, struct mc_span octets)
{
    FILE *f = fopen(path_of(name), "we");

    assert_non_null(f);
    assert_int_equal(fwrite(octets.p, 1, octets.n, f), octets.n);
    assert_int_equal(fclose(f), 0);
}

static size_t put_pem(const struct party *p, char *at, size_t cap)
{
    size_t n;

    assert_int_equal(mc_pem_encode(der_of(p), "CERTIFICATE", at, cap, &n), MC_OK);
    return n;
}

static void empty_folder(void)
{
    static const char *const names[] = {"a.der", "b.der", "c.der", "d.txt", "e.der", "f.pem", "g.json"};

    for (size_t i = 0; i < COUNT(names); i++)
        unlink(path_of(names[i]));
}

/* Signers are trusted when their user says so; what is no PAA is passed over in a folder, and told of as a file. */
static void a_store_takes_paas_and_tells_what_it_leaves_out(void **state)
{
    struct trust_store t = {0};
    char pem[8192];
    size_t n;

    (void)state;
    put_file("a.der", der_of(&w.paa));
    put_file("b.der", der_of(&w.paa));
    put_file("c.der", der_of(&w.pai));
    put_file("d.txt", mc_span_of("what lies beside them", 21));
    put_file("e.der", mc_span_of(w.paa.der, w.paa.n - 1));
    n = put_pem(&w.other_paa, pem, sizeof(pem));
    n += put_pem(&w.pai, pem + n, sizeof(pem) - n);
    put_file("f.pem", mc_span_of(pem, n));
    assert_int_equal(trust_store_add(&t, w.v, folder, NULL), MC_OK);
    assert_int_equal(t.n_paas, 2);
    assert_int_equal(t.n_left_out, 1);
    assert_string_equal(t.left_out[0].path, path_of("e.der"));
    assert_int_equal(trust_store_add(&t, w.v, path_of("c.der"), NULL), MC_OK);
    assert_int_equal(t.n_left_out, 2);
    assert_int_equal(t.left_out[1].err.rc, MC_E_CHAIN_KIND);
    assert_int_equal(trust_store_add(&t, w.v, path_of("none"), NULL), CA_E_FILE_NOT_FOUND);
    put_file("e.der", der_of(&w.signer));
    assert_int_equal(trust_store_add(&t, w.v, path_of("e.der"), NULL), MC_OK);
    assert_int_equal(t.n_signers, 0);
    assert_int_equal(trust_store_add_signer(&t, path_of("e.der"), NULL), MC_OK);
    assert_int_equal(trust_store_add_signer(&t, path_of("e.der"), NULL), MC_OK);
    assert_int_equal(t.n_signers, 1);
    assert_int_not_equal(trust_store_add_signer(&t, path_of("d.txt"), NULL), MC_OK);
    trust_store_clear(&t);
    assert_int_equal(t.n_paas + t.n_left_out + t.n_signers, 0);
    empty_folder();
}

static void a_bundle_brings_its_revocations(void **state)
{
    struct trust_store t = {0};
    struct trust_bundle b;
    size_t n;
    char *text;

    (void)state;
    fill(&b, false);
    make_text(&b, &text, &n);
    put_file("g.json", mc_span_of(text, n));
    assert_int_equal(trust_store_add(&t, w.v, path_of("g.json"), NULL), MC_OK);
    assert_int_equal(trust_store_add_bundle(&t, &b, NULL), MC_OK);
    trust_bundle_clear(&b);
    free(text);
    assert_true(t.n_paas == 2 && t.n_signers == 1 && t.n_left_out == 0);
    assert_non_null(t.revoked);
    assert_int_equal(t.revoked->n_entries, 1);
    trust_store_clear(&t);
    put_file("g.json", mc_span_of("{}", 2));
    assert_int_equal(trust_store_add(&t, w.v, path_of("g.json"), NULL), MC_E_JSON_MEMBER);
    /* In a folder other JSON is none of its business. */
    assert_int_equal(trust_store_add(&t, w.v, folder, NULL), MC_OK);
    assert_int_equal(t.n_left_out, 0);
    trust_store_clear(&t);
    empty_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_fits_is_taken),
        cmocka_unit_test(the_text_depends_on_what_is_in_it_alone),
        cmocka_unit_test(a_bad_entry_never_blocks_the_others),
        cmocka_unit_test(changed_texts_do_no_harm),
        cmocka_unit_test(a_note_is_for_one_bundle_and_one_key),
        cmocka_unit_test(a_store_takes_paas_and_tells_what_it_leaves_out),
        cmocka_unit_test(a_bundle_brings_its_revocations),
    };
    int failed;

    if (mkdtemp(folder) == NULL)
        return 1;
    failed = cmocka_run_group_tests(tests, set_up, tear_down);
    rmdir(folder);
    return failed;
}
