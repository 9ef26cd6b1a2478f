/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets sealed to a certificate: OpenSSL's own CMS opens them, with nothing weaker than what recipient.h says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ca/recipient.h"

struct holder {
    EVP_PKEY *key;
    X509 *cert;
    uint8_t der[RECIPIENT_CERT_MAX + 1];
    size_t n;
};

static void make(struct holder *h, EVP_PKEY *key)
{
    unsigned char *p = h->der;

    assert_non_null(key);
    h->key = key;
    h->cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(h->cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(h->cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(h->cert), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(h->cert), "CN", MBSTRING_ASC, (const unsigned char *)"line", -1, -1, 0);
    X509_set_issuer_name(h->cert, X509_get_subject_name(h->cert));
    X509_set_pubkey(h->cert, key);
    assert_true(X509_sign(h->cert, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256()) > 0);
    h->n = (size_t)i2d_X509(h->cert, &p);
}

static void drop(struct holder *h)
{
    X509_free(h->cert);
    EVP_PKEY_free(h->key);
}

static struct mc_span der_of(const struct holder *h)
{
    return mc_span_of(h->der, h->n);
}

/* Seals, opens again, and looks at how it was sealed. */
static void opens(EVP_PKEY *key)
{
    static const char secret[] = "{\"passcode\": 20202021}";
    struct holder h;
    struct recipient *r = NULL;
    uint8_t out[SEALED_MAX], again[SEALED_MAX];
    const unsigned char *p = out;
    size_t n = 0, n2 = 0;
    CMS_ContentInfo *cms;
    BIO *clear = BIO_new(BIO_s_mem());
    char *text;

    make(&h, key);
    assert_int_equal(recipient_new(der_of(&h), &r, NULL), MC_OK);
    assert_true(mc_span_eq(recipient_der(r), der_of(&h)));
    assert_int_equal(recipient_seal(r, mc_span_of(secret, sizeof(secret) - 1), out, sizeof(out), &n, NULL), MC_OK);
    assert_null(memmem(out, n, "20202021", 8));
    assert_int_equal(recipient_seal(r, mc_span_of(secret, sizeof(secret) - 1), again, sizeof(again), &n2, NULL), MC_OK);
    assert_true(n != n2 || memcmp(out, again, n) != 0);
    cms = d2i_CMS_ContentInfo(NULL, &p, (long)n);
    assert_non_null(cms);
    assert_ptr_equal(p, out + n);
    assert_int_equal(OBJ_obj2nid(CMS_get0_type(cms)), NID_pkcs7_enveloped);
    assert_int_equal(sk_CMS_RecipientInfo_num(CMS_get0_RecipientInfos(cms)), 1);
    assert_int_equal(CMS_decrypt(cms, h.key, h.cert, NULL, clear, 0), 1);
    assert_int_equal(BIO_get_mem_data(clear, &text), sizeof(secret) - 1);
    assert_memory_equal(text, secret, sizeof(secret) - 1);
    /* id-aes256-CBC; and, for RSA, id-RSAES-OAEP with SHA-256 twice: itself and in MGF1 */
    assert_non_null(memmem(out, n, "\x60\x86\x48\x01\x65\x03\x04\x01\x2A", 9));
    if (EVP_PKEY_is_a(h.key, "RSA")) {
        const uint8_t *at = memmem(out, n, "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x07", 9);
        const uint8_t *one = at != NULL ? memmem(at, 60, "\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9) : NULL;

        assert_non_null(one);
        assert_non_null(memmem(one + 9, 40, "\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9));
    } else {
        /* dhSinglePass-stdDH-sha256kdf-scheme */
        assert_non_null(memmem(out, n, "\x2B\x81\x04\x01\x0B\x01", 6));
    }
    assert_int_equal(recipient_seal(r, mc_span_of(secret, sizeof(secret) - 1), out, n < n2 ? n - 9 : n2 - 9, &n, NULL), MC_E_SPACE);
    recipient_free(r);
    CMS_ContentInfo_free(cms);
    BIO_free(clear);
    drop(&h);
}

static void what_is_sealed_opens_with_the_key_alone(void **state)
{
    (void)state;
    opens(EVP_RSA_gen(2048));
    opens(EVP_RSA_gen(4096));
    opens(EVP_EC_gen("P-256"));
    opens(EVP_EC_gen("P-521"));
}

static void refused(EVP_PKEY *key, const char *why)
{
    struct holder h;
    struct recipient *r = NULL;
    struct mc_err e;

    make(&h, key);
    mc_err_init(&e);
    assert_int_equal(recipient_new(der_of(&h), &r, &e), CA_E_RECIPIENT);
    assert_null(r);
    assert_non_null(strstr(e.what, why));
    drop(&h);
}

static void a_key_that_is_weak_or_cannot_be_sealed_to_is_refused(void **state)
{
    (void)state;
    refused(EVP_RSA_gen(1024), "2048 to 4096");
    refused(EVP_RSA_gen(2040), "2048 to 4096");
    refused(EVP_RSA_gen(4104), "2048 to 4096");
    refused(EVP_EC_gen("P-224"), "256 bits");
    refused(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "neither RSA nor EC");
}

static void what_is_no_certificate_is_refused(void **state)
{
    struct holder h;
    struct recipient *r = NULL;

    (void)state;
    make(&h, EVP_EC_gen("P-256"));
    assert_int_equal(recipient_new(mc_span_of(h.der, h.n - 1), &r, NULL), CA_E_RECIPIENT);
    h.der[h.n] = 0;
    assert_int_equal(recipient_new(mc_span_of(h.der, h.n + 1), &r, NULL), CA_E_RECIPIENT);
    assert_int_equal(recipient_new(mc_span_of(h.der, 0), &r, NULL), CA_E_RECIPIENT);
    assert_int_equal(recipient_new(mc_span_of(h.der, sizeof(h.der)), &r, NULL), CA_E_RECIPIENT);
    h.der[1] ^= 1;
    assert_int_equal(recipient_new(der_of(&h), &r, NULL), CA_E_RECIPIENT);
    recipient_free(NULL);
    drop(&h);
}

static void a_file_is_pem_or_der(void **state)
{
    char path[] = "/tmp/recipient-XXXXXX";
    struct holder h;
    struct recipient *r = NULL;
    FILE *f = fdopen(mkstemp(path), "w+");

    (void)state;
    make(&h, EVP_EC_gen("P-256"));
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, h.cert), 1);
    fflush(f);
    assert_int_equal(recipient_read(path, &r, NULL), MC_OK);
    assert_true(mc_span_eq(recipient_der(r), der_of(&h)));
    recipient_free(r);
    rewind(f);
    assert_int_equal(ftruncate(fileno(f), 0), 0);
    assert_int_equal(fwrite(h.der, 1, h.n, f), h.n);
    fflush(f);
    assert_int_equal(recipient_read(path, &r, NULL), MC_OK);
    recipient_free(r);
    assert_int_equal(ftruncate(fileno(f), 3 * RECIPIENT_CERT_MAX), 0);
    assert_int_equal(recipient_read(path, &r, NULL), MC_E_TOO_BIG);
    fclose(f);
    unlink(path);
    assert_int_equal(recipient_read(path, &r, NULL), CA_E_FILE_NOT_FOUND);
    drop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_with_the_key_alone),
        cmocka_unit_test(a_key_that_is_weak_or_cannot_be_sealed_to_is_refused),
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(a_file_is_pem_or_der),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
