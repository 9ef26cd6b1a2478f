/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/hsm/fixture.h"

struct rig {
    struct fixture f;
    struct hsm *h;
};

static const uint8_t secret[16] = {0xa5, 0x4d, 0x61, 0x74, 0x74, 0x65, 0x72, 1, 2, 3, 4, 5, 6, 7, 8, 9};
#define SECRET  mc_span_of(secret, sizeof(secret))
#define CONTEXT mc_span_of("fabric 1", 8)

static int make_rig(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));

    *state = r;
    return r != NULL && fixture_make(&r->f) && hsm_open(&r->f.cfg, &r->h, &r->f.e) == MC_OK ? 0 : -1;
}

static int drop_rig(void **state)
{
    struct rig *r = *state;

    hsm_close(r->h);
    fixture_remove(&r->f);
    free(r);
    return 0;
}

static size_t seal(struct rig *r, uint8_t sealed[64])
{
    size_t n = 0;

    assert_int_equal(hsm_seal(r->h, CONTEXT, SECRET, sealed, 64, &n, &r->f.e), MC_OK);
    assert_int_equal(n, sizeof(secret) + HSM_SEAL_OVERHEAD);
    return n;
}

static void a_sealed_secret_opens_again_also_in_a_later_run(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[64], out[16];
    size_t n = seal(r, sealed), out_n = 0;

    assert_int_equal(sealed[0], 1);
    assert_null(memmem(sealed, n, secret, 8));
    assert_int_equal(
        hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, n), out, sizeof(out), &out_n, &r->f.e), MC_OK);
    assert_int_equal(out_n, sizeof(secret));
    assert_memory_equal(out, secret, sizeof(secret));
    hsm_close(r->h);
    r->h = NULL;
    assert_int_equal(hsm_open(&r->f.cfg, &r->h, &r->f.e), MC_OK);
    memset(out, 0, sizeof(out));
    assert_int_equal(
        hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, n), out, sizeof(out), &out_n, &r->f.e), MC_OK);
    assert_memory_equal(out, secret, sizeof(secret));
}

static void the_same_secret_is_sealed_differently_each_time(void **state)
{
    struct rig *r = *state;
    uint8_t a[64], b[64];

    seal(r, a);
    seal(r, b);
    assert_memory_not_equal(a + 1, b + 1, 12);
    assert_memory_not_equal(a + 13, b + 13, 16);
}

static void a_sealed_secret_does_not_open_elsewhere(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[64], out[16] = {0};
    size_t n = seal(r, sealed), out_n = 99;

    assert_int_equal(
        hsm_unseal(r->h, mc_span_of("fabric 2", 8), mc_span_of(sealed, n), out, 16, &out_n, NULL),
        HSM_E_UNSEAL);
    assert_int_equal(
        hsm_unseal(r->h, mc_span_of(NULL, 0), mc_span_of(sealed, n), out, 16, &out_n, NULL), HSM_E_UNSEAL);
    assert_int_equal(out_n, 99);
    assert_int_equal(out[0], 0);
}

static void every_changed_octet_is_noticed(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[64], out[64];
    size_t n = seal(r, sealed), out_n;

    for (size_t i = 0; i < n; i++) {
        sealed[i] ^= 0x40;
        assert_int_equal(
            hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, n), out, 64, &out_n, NULL), HSM_E_UNSEAL);
        sealed[i] ^= 0x40;
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(
            hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, cut), out, 64, &out_n, NULL), HSM_E_UNSEAL);
    assert_int_equal(hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, n), out, 64, &out_n, &r->f.e), MC_OK);
}

static void a_buffer_that_is_too_small_is_refused(void **state)
{
    struct rig *r = *state;
    static const uint8_t long_context[1025];
    uint8_t sealed[64], out[16];
    size_t n = seal(r, sealed), out_n;

    assert_int_equal(hsm_seal(r->h, CONTEXT, SECRET, sealed, n - 1, &out_n, NULL), MC_E_SPACE);
    assert_int_equal(hsm_seal(r->h, CONTEXT, mc_span_of(secret, 0), sealed, 64, &out_n, NULL), MC_E_SPACE);
    assert_int_equal(hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, n), out, 15, &out_n, NULL), MC_E_SPACE);
    assert_int_equal(
        hsm_seal(r->h, mc_span_of(long_context, sizeof(long_context)), SECRET, sealed, 64, &out_n, NULL),
        MC_E_SPACE);
}

static void a_token_without_the_sealing_key_unseals_nothing_and_makes_none(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[45] = {1}, out[16];
    size_t n;

    for (int i = 0; i < 2; i++) {
        mc_err_init(&r->f.e);
        assert_int_equal(hsm_unseal(r->h, CONTEXT, mc_span_of(sealed, sizeof(sealed)), out, 16, &n, &r->f.e),
            HSM_E_UNSEAL);
        assert_non_null(strstr(r->f.e.what, "holds no key"));
    }
}

static CK_OBJECT_HANDLE sealing_key(struct rig *r)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_ATTRIBUTE want = {CKA_CLASS, &class, sizeof(class)};
    CK_OBJECT_HANDLE *found = NULL, key;
    size_t n = 0;

    assert_int_equal(hsm_object_find(r->h, r->h->sessions[0].handle, &want, 1, &found, &n), CKR_OK);
    assert_int_equal(n, 1);
    key = found[0];
    free(found);
    return key;
}

static void the_sealing_key_is_made_once_and_cannot_leave(void **state)
{
    struct rig *r = *state;
    CK_SESSION_HANDLE s = r->h->sessions[0].handle;
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        enum hsm_tri want;
    } rows[] = {{CKA_SENSITIVE, HSM_TRUE}, {CKA_EXTRACTABLE, HSM_FALSE}, {CKA_WRAP, HSM_FALSE},
        {CKA_UNWRAP, HSM_FALSE}, {CKA_DERIVE, HSM_FALSE}, {CKA_SIGN, HSM_FALSE}, {CKA_VERIFY, HSM_FALSE},
        {CKA_ENCRYPT, HSM_TRUE}, {CKA_DECRYPT, HSM_TRUE}, {CKA_PRIVATE, HSM_TRUE}};
    uint8_t sealed[64];
    CK_OBJECT_HANDLE key;

    seal(r, sealed);
    seal(r, sealed);
    key = sealing_key(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum hsm_tri have;

        assert_int_equal(hsm_object_bool(r->h, s, key, rows[i].type, &have), CKR_OK);
        assert_int_equal(have, rows[i].want);
    }
}

/* Two hosts that seal their first secret on one token at the same moment may make a key each. */
static void a_secret_opens_with_whichever_sealing_key_fits(void **state)
{
    struct rig *r = *state;
    CK_ATTRIBUTE change = {CKA_LABEL, hsm_mutable("aside"), 5},
                 back = {CKA_LABEL, hsm_mutable("heddle-seal"), 11};
    uint8_t a[64], b[64], out[16];
    CK_SESSION_HANDLE s;
    CK_OBJECT_HANDLE key;
    size_t n = seal(r, a), out_n;

    key = sealing_key(r);
    assert_int_equal(hsm_session_open_rw(r->h, &s, NULL), MC_OK);
    assert_int_equal(r->h->m.f->C_SetAttributeValue(s, key, &change, 1), CKR_OK);
    seal(r, b);
    assert_int_equal(r->h->m.f->C_SetAttributeValue(s, key, &back, 1), CKR_OK);
    assert_int_equal(hsm_unseal(r->h, CONTEXT, mc_span_of(a, n), out, 16, &out_n, &r->f.e), MC_OK);
    assert_int_equal(hsm_unseal(r->h, CONTEXT, mc_span_of(b, n), out, 16, &out_n, &r->f.e), MC_OK);
}

#define WITH_TOKEN(t) cmocka_unit_test_setup_teardown(t, make_rig, drop_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOKEN(a_sealed_secret_opens_again_also_in_a_later_run),
        WITH_TOKEN(the_same_secret_is_sealed_differently_each_time),
        WITH_TOKEN(a_sealed_secret_does_not_open_elsewhere),
        WITH_TOKEN(every_changed_octet_is_noticed),
        WITH_TOKEN(a_buffer_that_is_too_small_is_refused),
        WITH_TOKEN(a_token_without_the_sealing_key_unseals_nothing_and_makes_none),
        WITH_TOKEN(the_sealing_key_is_made_once_and_cannot_leave),
        WITH_TOKEN(a_secret_opens_with_whichever_sealing_key_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
