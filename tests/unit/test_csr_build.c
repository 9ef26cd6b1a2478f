/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs of our own keys: what they say, that strict readers and OpenSSL take them, what is refused. */
#include "certs.h"

#include <openssl/x509.h>

#include "lib/csr.h"

static struct certs_key key;
static struct mc_verifier *v;

static int set_up(void **state)
{
    (void)state;
    certs_key_new(&key);
    v = mc_verifier_new();
    return v == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    certs_key_free(&key);
    mc_verifier_free(v);
    return 0;
}

static struct mc_dn name_of(const char *common_name, const char *vid)
{
    struct mc_dn dn = {0};

    if (common_name != NULL)
        certs_add_text(&dn, MC_ATTR_COMMON_NAME, common_name);
    if (vid != NULL)
        certs_add_text(&dn, MC_ATTR_VID, vid);
    return dn;
}

/* The CSR of this name, signed by the key; out holds CERTS_ROOM. */
static struct mc_span make(const struct mc_dn *dn, uint8_t *out)
{
    uint8_t info[CERTS_ROOM], sig[MC_SIG_LEN];
    size_t n_info, n;

    assert_int_equal(mc_csr_encode_info(dn, key.point, info, sizeof(info), &n_info, NULL), MC_OK);
    certs_sign(&key, mc_span_of(info, n_info), sig);
    assert_int_equal(mc_csr_assemble(mc_span_of(info, n_info), sig, out, CERTS_ROOM, &n, NULL), MC_OK);
    return mc_span_of(out, n);
}

static void strict_readers_and_openssl_take_it(void **state)
{
    static const struct {
        const char *common_name, *vid;
    } rows[] = {{"ACME PAI", "FFF1"}, {"ACME PAI Mvid:FFF1", NULL}, {NULL, NULL}};
    uint8_t room[CERTS_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mc_dn dn = name_of(rows[i].common_name, rows[i].vid);
        struct mc_span der = make(&dn, room);
        const unsigned char *p = der.p;
        X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)der.n);
        struct mc_csr csr;

        assert_int_equal(mc_csr_parse(der, &csr, NULL), MC_OK);
        assert_int_equal(mc_csr_check(v, &csr, NULL), MC_OK);
        assert_memory_equal(csr.point.p, key.point, MC_POINT_LEN);
        assert_non_null(req);
        assert_true(p == der.p + der.n);
        assert_int_equal(X509_REQ_verify(req, key.key), 1);
        assert_int_equal(X509_REQ_get_version(req), 0);
        assert_int_equal(X509_REQ_get_attr_count(req), 0);
        assert_int_equal(X509_NAME_entry_count(X509_REQ_get_subject_name(req)),
            (rows[i].common_name != NULL) + (rows[i].vid != NULL));
        X509_REQ_free(req);
    }
}

static void another_signature_is_not_taken_for_its_own(void **state)
{
    struct mc_dn dn = name_of("ACME PAI", "FFF1");
    uint8_t room[CERTS_ROOM], info[CERTS_ROOM], sig[MC_SIG_LEN];
    struct certs_key other;
    struct mc_csr csr;
    size_t n_info, n;

    (void)state;
    certs_key_new(&other);
    assert_int_equal(mc_csr_encode_info(&dn, key.point, info, sizeof(info), &n_info, NULL), MC_OK);
    certs_sign(&other, mc_span_of(info, n_info), sig);
    certs_key_free(&other);
    assert_int_equal(mc_csr_assemble(mc_span_of(info, n_info), sig, room, sizeof(room), &n, NULL), MC_OK);
    assert_int_equal(mc_csr_parse(mc_span_of(room, n), &csr, NULL), MC_OK);
    assert_int_equal(mc_csr_check(v, &csr, NULL), MC_E_CSR_SIGNATURE);
}

static void it_needs_room_and_a_whole_point(void **state)
{
    struct mc_dn dn = name_of("ACME PAI", "FFF1");
    uint8_t info[CERTS_ROOM], out[CERTS_ROOM], point[MC_POINT_LEN], sig[MC_SIG_LEN];
    size_t n_info, n_csr, n;

    (void)state;
    assert_int_equal(mc_csr_encode_info(&dn, key.point, info, sizeof(info), &n_info, NULL), MC_OK);
    certs_sign(&key, mc_span_of(info, n_info), sig);
    assert_int_equal(mc_csr_assemble(mc_span_of(info, n_info), sig, out, sizeof(out), &n_csr, NULL), MC_OK);
    for (size_t cap = 0; cap < n_csr; cap++) {
        uint8_t *exact = malloc(cap + 1);

        assert_non_null(exact);
        if (cap < n_info)
            assert_int_equal(mc_csr_encode_info(&dn, key.point, exact, cap, &n, NULL), MC_E_SPACE);
        assert_int_equal(mc_csr_assemble(mc_span_of(info, n_info), sig, exact, cap, &n, NULL), MC_E_SPACE);
        free(exact);
    }
    memcpy(point, key.point, sizeof(point));
    for (unsigned first = 0; first < 8; first++) {
        point[0] = (uint8_t)first;
        assert_int_equal(mc_csr_encode_info(&dn, point, out, sizeof(out), &n, NULL), first == 4 ? MC_OK : MC_E_POINT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_readers_and_openssl_take_it),
        cmocka_unit_test(another_signature_is_not_taken_for_its_own),
        cmocka_unit_test(it_needs_room_and_a_whole_point),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
