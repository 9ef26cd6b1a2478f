/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "lib/note.h"

static struct mc_verifier *v;
static EVP_PKEY *key;
static uint8_t point[MC_POINT_LEN];
static struct mc_checkpoint head = {.origin = "heddle.example/1", .size = 20852163, .root = {1, 2, 3}};

static int make_key(void **state)
{
    size_t n;

    (void)state;
    v = mc_verifier_new();
    key = EVP_EC_gen("P-256");
    return v == NULL || key == NULL ||
           EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", point, sizeof(point), &n) != 1 ||
           n != sizeof(point);
}

static int drop_key(void **state)
{
    (void)state;
    mc_verifier_free(v);
    EVP_PKEY_free(key);
    return 0;
}

static void sign(const char *body, size_t n, uint8_t sig[MC_SIG_LEN])
{
    uint8_t der[80];
    size_t len = sizeof(der);
    EVP_MD_CTX *c = EVP_MD_CTX_new();

    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(c, der, &len, (const uint8_t *)body, n), 1);
    EVP_MD_CTX_free(c);
    assert_int_equal(mc_sig_from_der(mc_span_of(der, len), sig), MC_OK);
}

/* A signed checkpoint of head by the name "audit". */
static size_t make_note(const char *name, char *out)
{
    char body[300];
    uint8_t sig[MC_SIG_LEN];
    size_t n;

    assert_int_equal(mc_note_format_body(&head, body, sizeof(body), &n, NULL), MC_OK);
    sign(body, n, sig);
    assert_int_equal(mc_note_assemble(v, mc_span_of(body, n), name, point, sig, out, NOTE_MAX, &n, NULL), MC_OK);
    return n;
}

static enum mc_rc check(const char *note, size_t n, const char *name, struct mc_checkpoint *c)
{
    return mc_note_check(v, mc_span_of(note, n), name, point, c, NULL);
}

static void the_body_is_origin_size_and_root(void **state)
{
    char body[300];
    size_t n;

    (void)state;
    assert_int_equal(mc_note_format_body(&head, body, sizeof(body), &n, NULL), MC_OK);
    assert_string_equal(body, "heddle.example/1\n20852163\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    assert_int_equal(n, strlen(body));
    assert_int_equal(mc_note_format_body(&head, body, n, &n, NULL), MC_E_SPACE);
}

static void the_key_id_is_that_of_the_public_key_info(void **state)
{
    uint8_t id[NOTE_KEY_ID_LEN], digest[32], *der = NULL;
    int n = i2d_PUBKEY(key, &der);

    (void)state;
    assert_true(n > 0);
    SHA256(der, (size_t)n, digest);
    OPENSSL_free(der);
    assert_int_equal(mc_note_key_hash(v, point, id), MC_OK);
    assert_memory_equal(id, digest, sizeof(id));
}

static void a_signed_checkpoint_comes_back(void **state)
{
    struct mc_checkpoint c;
    char note[NOTE_MAX];
    size_t n = make_note("audit", note);

    (void)state;
    assert_non_null(strstr(note, "\n\n\xE2\x80\x94 audit "));
    assert_int_equal(note[n - 1], '\n');
    assert_int_equal(check(note, n, "audit", &c), MC_OK);
    assert_string_equal(c.origin, head.origin);
    assert_int_equal(c.size, head.size);
    assert_memory_equal(c.root, head.root, sizeof(c.root));
}

static void any_changed_octet_is_refused(void **state)
{
    struct mc_checkpoint c;
    char note[NOTE_MAX];
    size_t n = make_note("audit", note);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            note[i] ^= (char)(1 << bit);
            if (check(note, n, "audit", &c) == MC_OK)
                fail_msg("octet %zu, bit %u", i, bit);
            note[i] ^= (char)(1 << bit);
        }
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_not_equal(check(note, cut, "audit", &c), MC_OK);
}

static void another_key_or_name_is_not_ours(void **state)
{
    struct mc_checkpoint c;
    uint8_t other[MC_POINT_LEN];
    char note[NOTE_MAX];
    size_t n = make_note("audit", note);

    (void)state;
    assert_int_equal(check(note, n, "other", &c), MC_E_SIGNATURE);
    memcpy(other, point, sizeof(other));
    other[64] ^= 1;
    assert_int_equal(mc_note_check(v, mc_span_of(note, n), "audit", other, &c, NULL), MC_E_SIGNATURE);
}

static void signatures_of_others_are_ignored(void **state)
{
    static const char others[] =
        "\xE2\x80\x94 witness.example AAAAAWJhc2U2NA==\n\xE2\x80\x94 audit AAAAAWJhc2U2NA==\n";
    struct mc_checkpoint c;
    char note[NOTE_MAX];
    size_t n = make_note("audit", note);

    (void)state;
    memcpy(note + n, others, sizeof(others));
    assert_int_equal(check(note, n + sizeof(others) - 1, "audit", &c), MC_OK);
    n = make_note("audit", note);
    memcpy(note + n, "no signature\n", 14);
    assert_int_equal(check(note, n + 13, "audit", &c), CA_E_NOTE);
}

/* Signed by the right key and still no checkpoint. */
static void a_signed_text_of_another_form_is_refused(void **state)
{
    static const char *const bodies[] = {
        "heddle.example/1\n5\n",
        "heddle.example/1\n05\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "heddle.example/1\n\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "heddle.example/1\n-5\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "heddle.example/1\n18446744073709551616\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "heddle.example/1\n5\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n",
        "heddle.example/1\n5\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n",
        "heddle example\n5\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "\n5\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    };
    struct mc_checkpoint c;
    uint8_t sig[MC_SIG_LEN];
    char note[NOTE_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct mc_span body = mc_span_of(bodies[i], strlen(bodies[i]));

        sign(bodies[i], body.n, sig);
        assert_int_equal(mc_note_assemble(v, body, "audit", point, sig, note, sizeof(note), &n, NULL), MC_OK);
        if (check(note, n, "audit", &c) != CA_E_NOTE)
            fail_msg("%s", bodies[i]);
    }
}

static void names_with_spaces_or_plus_are_refused(void **state)
{
    static const char *const names[] = {"", "a b", "a+b", "a\nb", "caf\xC3\xA9"};
    struct mc_checkpoint c = head;
    uint8_t sig[MC_SIG_LEN] = {0};
    char out[NOTE_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(c.origin, sizeof(c.origin), "%s", names[i]);
        assert_int_equal(mc_note_format_body(&c, out, sizeof(out), &n, NULL), CA_E_NAME);
        assert_int_equal(
            mc_note_assemble(v, mc_span_of("x\n", 2), names[i], point, sig, out, sizeof(out), &n, NULL),
            CA_E_NAME);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_is_origin_size_and_root),
        cmocka_unit_test(the_key_id_is_that_of_the_public_key_info),
        cmocka_unit_test(a_signed_checkpoint_comes_back),
        cmocka_unit_test(any_changed_octet_is_refused),
        cmocka_unit_test(another_key_or_name_is_not_ours),
        cmocka_unit_test(signatures_of_others_are_ignored),
        cmocka_unit_test(a_signed_text_of_another_form_is_refused),
        cmocka_unit_test(names_with_spaces_or_plus_are_refused),
    };

    return cmocka_run_group_tests(tests, make_key, drop_key);
}
