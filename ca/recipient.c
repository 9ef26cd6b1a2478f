/* SPDX-License-Identifier: Apache-2.0 */
#include "recipient.h"

#include <stdlib.h>

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "lib/armor.h"
#include "lib/cli/io.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, EC_BITS_MIN = 256 };

struct recipient {
    X509 *cert;
    bool rsa;
    size_t n;
    uint8_t der[RECIPIENT_CERT_MAX];
};

static enum mc_rc unfit(struct mc_err *e, const char *why)
{
    ERR_clear_error();
    return mc_fail(e, CA_E_RECIPIENT, "recipient", "%s", why);
}

static enum mc_rc check_key(struct recipient *r, struct mc_err *e)
{
    EVP_PKEY *key = X509_get0_pubkey(r->cert);
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;

    if (key == NULL)
        return unfit(e, "its key cannot be read");
    r->rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    if (r->rsa)
        return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? MC_OK : unfit(e, "its RSA key has not 2048 to 4096 bits");
    if (EVP_PKEY_is_a(key, "EC") != 1)
        return unfit(e, "its key is neither RSA nor EC");
    return bits >= EC_BITS_MIN ? MC_OK : unfit(e, "its EC key has less than 256 bits");
}

/* What cannot be sealed is found out before the first device is made. */
static enum mc_rc try_it(const struct recipient *r, struct mc_err *e)
{
    uint8_t out[SEALED_MAX];
    size_t n;

    return recipient_seal(r, mc_span_of("trial", 5), out, sizeof(out), &n, NULL) == MC_OK
               ? MC_OK
               : unfit(e, "OpenSSL cannot seal anything to it");
}

enum mc_rc recipient_new(struct mc_span der, struct recipient **out, struct mc_err *e)
{
    const unsigned char *p = der.p;
    struct recipient *r = calloc(1, sizeof(*r));
    enum mc_rc rc;

    if (r == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (der.n > sizeof(r->der) || (r->cert = d2i_X509(NULL, &p, (long)der.n)) == NULL || p != der.p + der.n) {
        recipient_free(r);
        return unfit(e, "it cannot be read");
    }
    memcpy(r->der, der.p, der.n);
    r->n = der.n;
    rc = check_key(r, e);
    if (rc == MC_OK)
        rc = try_it(r, e);
    if (rc != MC_OK) {
        recipient_free(r);
        return rc;
    }
    *out = r;
    return MC_OK;
}

enum mc_rc recipient_read(const char *path, struct recipient **out, struct mc_err *e)
{
    uint8_t *raw = NULL, *scratch = NULL;
    struct mc_input in = {.label = ""};
    size_t n;
    enum mc_rc rc = io_read(path, 2 * RECIPIENT_CERT_MAX, &raw, &n, e);

    if (rc != MC_OK)
        return rc;
    scratch = malloc(n + 1);
    rc = scratch == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL)
                         : mc_input_decode(mc_span_of(raw, n), scratch, n + 1, &in, e);
    if (rc == MC_OK)
        rc = recipient_new(in.bytes, out, e);
    free(scratch);
    free(raw);
    return rc;
}

void recipient_free(struct recipient *r)
{
    if (r == NULL)
        return;
    X509_free(r->cert);
    free(r);
}

struct mc_span recipient_der(const struct recipient *r)
{
    return mc_span_of(r->der, r->n);
}

/* The defaults of OpenSSL 3.0 are PKCS #1 v1.5 and SHA-1. */
static bool set_key_transport(const struct recipient *r, CMS_RecipientInfo *ri)
{
    EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);

    if (ctx == NULL)
        return false;
    if (r->rsa)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
    return EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) > 0;
}

static CMS_ContentInfo *seal(const struct recipient *r, struct mc_span secret)
{
    const unsigned flags = CMS_BINARY | CMS_PARTIAL;
    BIO *in = BIO_new_mem_buf(secret.p, (int)secret.n);
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), flags);
    CMS_RecipientInfo *ri = cms != NULL ? CMS_add1_recipient_cert(cms, r->cert, flags | CMS_KEY_PARAM) : NULL;

    if (in == NULL || ri == NULL || !set_key_transport(r, ri) || CMS_final(cms, in, NULL, flags) != 1) {
        CMS_ContentInfo_free(cms);
        cms = NULL;
    }
    BIO_free(in);
    return cms;
}

enum mc_rc recipient_seal(
    const struct recipient *r, struct mc_span secret, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    CMS_ContentInfo *cms = seal(r, secret);
    int len = cms != NULL ? i2d_CMS_ContentInfo(cms, NULL) : -1;
    unsigned char *p = out;
    enum mc_rc rc = MC_OK;

    if (len <= 0)
        rc = mc_fail(e, MC_E_CRYPTO, "recipient", "the record of a device cannot be sealed");
    else if ((size_t)len > cap)
        rc = mc_fail(e, MC_E_SPACE, "recipient", NULL);
    else
        *n = (size_t)i2d_CMS_ContentInfo(cms, &p);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return rc;
}
