/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation of libcrypto and of jansson fails in turn: what is right is never called wrong for it. */
#include <stdlib.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "ca/batch_line.h"
#include "certs.h"
#include "lib/cli/json_read.h"

enum { MANY = 20000 };

static unsigned long failing, made; /* the number of the allocation that fails (0: none), and of the last one */

static bool fails(void)
{
    return ++made == failing;
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static void *json_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static uint8_t point[MC_POINT_LEN], digest[MC_DIGEST_LEN], sig[MC_SIG_LEN];

static int set_up(void **state)
{
    uint8_t der[MC_SIG_DER_MAX + 8];
    size_t n = sizeof(der), point_n = 0;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    (void)state;
    memset(digest, 7, sizeof(digest));
    assert_int_equal(EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", point, sizeof(point), &point_n), 1);
    assert_true(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, der, &n, digest, sizeof(digest)) == 1);
    assert_int_equal(mc_sig_from_der(mc_span_of(der, n), sig), MC_OK);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return 0;
}

/* Of a verifier that may be short of memory: it says so, or is right. Gives whether it came to its end undisturbed. */
static bool verify_once(bool often)
{
    struct mc_verifier *v = mc_verifier_new();
    enum mc_rc rc = v == NULL ? MC_E_MEMORY : often ? mc_verify_often(v, point) : MC_OK;
    enum mc_rc failed;

    assert_true(rc == MC_OK || rc == MC_E_MEMORY || rc == MC_E_CRYPTO);
    if (v == NULL)
        return false;
    rc = mc_verify(v, point, digest, sig);
    failed = mc_verifier_failure(v);
    if (rc != MC_OK && ((rc != MC_E_MEMORY && rc != MC_E_CRYPTO) || failed == MC_OK))
        fail_msg("allocation %lu: %s, noted %s", failing, mc_rc_symbol(rc), mc_rc_symbol(failed));
    failing = 0;
    assert_int_equal(mc_verify(v, point, digest, sig), MC_OK);
    sig[40] ^= 1;
    assert_int_equal(mc_verify(v, point, digest, sig), MC_E_SIGNATURE);
    sig[40] ^= 1;
    mc_verifier_free(v);
    return rc == MC_OK && failed == MC_OK;
}

static void signatures_stay_right(void **state)
{
    (void)state;
    for (int often = 0; often < 2; often++) {
        unsigned long all, disturbed = 0;

        failing = made = 0;
        assert_true(verify_once(often));
        all = made;
        for (unsigned long n = 1; n <= all; n++) {
            made = 0;
            failing = n;
            disturbed += !verify_once(often);
        }
        failing = 0;
        assert_true(disturbed > 10);
    }
}

static void json_is_not_called_malformed(void **state)
{
    static const char text[] = "{\"id\":\"r\\u002d1\",\"csr\":\"MAA=\",\"node_id\":\"next\",\"cats\":[\"0x00010001\"],\"x\":[1,2.5,{\"y\":null}]}";
    struct mc_span in = mc_span_of(text, sizeof(text) - 1);
    unsigned long refused = 0;
    enum mc_rc line = MC_E_MEMORY, whole = MC_E_MEMORY;

    (void)state;
    json_set_alloc_funcs(json_malloc, free);
    for (unsigned long n = 1; n < MANY && (line != MC_OK || whole != MC_OK); n++) {
        struct batch_line l;
        struct json_t *o = NULL;

        made = 0;
        failing = n;
        line = batch_line_parse_json(in, &l, NULL);
        assert_true(line == MC_OK || line == MC_E_MEMORY);
        batch_line_clear(&l);
        made = 0;
        whole = json_read_text(in, &o, NULL);
        assert_true(whole == MC_OK || whole == MC_E_MEMORY);
        json_read_free(o);
        refused += line == MC_E_MEMORY;
    }
    failing = 0;
    json_set_alloc_funcs(malloc, free);
    assert_true(refused > 10 && line == MC_OK && whole == MC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_stay_right),
        cmocka_unit_test(json_is_not_called_malformed),
    };

    /* Before libcrypto makes anything. */
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, set_up, NULL);
}
