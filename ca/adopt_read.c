/* SPDX-License-Identifier: Apache-2.0 */
/* What is adopted, read from files. */
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "adopt.h"
#include "lib/armor.h"
#include "lib/cli/io.h"

#define CERT_TEXT_MAX 8192
#define KEY_TEXT_MAX  8192

enum mc_rc adopt_parse_cert(struct mc_span text, struct adopt_cert *out, struct mc_err *e)
{
    uint8_t scratch[CERT_TEXT_MAX];
    struct mc_input in;
    struct mc_cert c;
    enum mc_rc rc = mc_input_decode(text, scratch, sizeof(scratch), &in, e);

    if (rc != MC_OK)
        return rc;
    if (in.inner == MC_INNER_TLV)
        rc = mc_cert_parse_tlv(in.bytes, &c, e);
    else
        rc = mc_cert_parse_der(in.bytes, MC_RULES_MATTER, &c, e);
    if (rc == MC_OK)
        rc = mc_cert_encode_der(&c, out->der, sizeof(out->der), &out->der_n, e);
    if (rc == MC_OK)
        rc = mc_cert_encode_tlv(&c, out->tlv, sizeof(out->tlv), &out->tlv_n, e);
    if (rc == MC_OK)
        rc = mc_cert_parse_der(mc_span_of(out->der, out->der_n), MC_RULES_MATTER, &out->cert, e);
    return rc;
}

enum mc_rc adopt_read_cert(const char *path, struct adopt_cert *out, struct mc_err *e)
{
    uint8_t raw[CERT_TEXT_MAX + 1];
    size_t n;
    enum mc_rc rc = io_read_into(path, raw, sizeof(raw), &n, e);

    return rc == MC_OK ? adopt_parse_cert(mc_span_of(raw, n), out, e) : rc;
}

/* An encrypted key asks for a password: it gets none. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static EVP_PKEY *decode_key(struct mc_span raw)
{
    const unsigned char *p = raw.p;
    BIO *bio = BIO_new_mem_buf(raw.p, (int)raw.n);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    if (key == NULL) {
        key = d2i_AutoPrivateKey(NULL, &p, (long)raw.n);
        if (key != NULL && p != raw.p + raw.n) {
            EVP_PKEY_free(key);
            key = NULL;
        }
    }
    ERR_clear_error();
    return key;
}

static bool take_scalar(EVP_PKEY *key, uint8_t scalar[HSM_SCALAR_LEN])
{
    char group[32] = "";
    BIGNUM *d = NULL;
    bool taken = key != NULL && EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
                 strcmp(group, "prime256v1") == 0 && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
                 BN_bn2binpad(d, scalar, HSM_SCALAR_LEN) == HSM_SCALAR_LEN;

    BN_clear_free(d);
    return taken;
}

bool adopt_parse_key(struct mc_span text, uint8_t scalar[HSM_SCALAR_LEN])
{
    EVP_PKEY *key = text.n <= KEY_TEXT_MAX ? decode_key(text) : NULL;
    bool taken = take_scalar(key, scalar);

    EVP_PKEY_free(key);
    return taken;
}

enum mc_rc adopt_read_key(const char *path, uint8_t scalar[HSM_SCALAR_LEN], struct mc_err *e)
{
    uint8_t raw[KEY_TEXT_MAX + 1];
    size_t n;
    enum mc_rc rc = io_read_into(path, raw, sizeof(raw), &n, e);

    if (rc == MC_OK && !adopt_parse_key(mc_span_of(raw, n), scalar))
        rc = mc_fail(e, CA_E_KEY_FILE, NULL, "%s", path);
    hsm_wipe(raw, sizeof(raw));
    return rc;
}

enum mc_rc adopt_read_ipk(const char *path, uint8_t ipk[MC_IPK_LEN], struct mc_err *e)
{
    uint8_t raw[128];
    size_t n;
    enum mc_rc rc = io_read_into(path, raw, sizeof(raw), &n, e);

    if (rc == MC_OK && n == MC_IPK_LEN) {
        memcpy(ipk, raw, MC_IPK_LEN);
    } else if (rc == MC_OK) {
        while (n > 0 && mc_is_space((char)raw[n - 1]))
            n--;
        if (n != 2 * MC_IPK_LEN || !mc_hex_decode((const char *)raw, MC_IPK_LEN, ipk))
            rc = mc_fail(e, CA_E_KEY_FILE, NULL, "%s: an IPK is 16 octets, or 32 hex digits", path);
    }
    hsm_wipe(raw, sizeof(raw));
    return rc;
}
