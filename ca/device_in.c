/* SPDX-License-Identifier: Apache-2.0 */
#include "device_in.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "lib/cli/io.h"
#include "lib/cli/json_read.h"

enum { KEY_TEXT_MAX = 16384, SEALED_MAX = 16384 };

/* --- the recipient's key --------------------------------------------------------------------------- */

struct passphrase {
    const struct hsm_pin_source *from;
    enum mc_rc rc;
};

/* OpenSSL asks only where the key is encrypted. */
static int give_passphrase(char *buf, int size, int writing, void *arg)
{
    struct passphrase *p = arg;
    uint8_t text[HSM_PIN_MAX + 1];
    size_t n = 0;

    (void)writing;
    p->rc = hsm_passphrase_read(p->from, "Passphrase of the recipient's key: ", text, &n, NULL);
    if (p->rc != MC_OK || n > (size_t)size)
        return -1;
    memcpy(buf, text, n);
    hsm_wipe(text, sizeof(text));
    return (int)n;
}

static enum mc_rc read_key(
    const char *path, const struct hsm_pin_source *from, EVP_PKEY **out, struct mc_err *e)
{
    struct passphrase p = {from, MC_OK};
    uint8_t raw[KEY_TEXT_MAX + 1];
    size_t n = 0;
    enum mc_rc rc = io_read_into(path, raw, sizeof(raw), &n, e);
    BIO *bio = rc == MC_OK ? BIO_new_mem_buf(raw, (int)n) : NULL;

    if (rc != MC_OK)
        return rc;
    *out = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &p) : NULL;
    BIO_free(bio);
    hsm_wipe(raw, sizeof(raw));
    ERR_clear_error();
    if (*out != NULL)
        return MC_OK;
    if (p.rc != MC_OK)
        return mc_fail(e, CA_E_PASSPHRASE_SOURCE, NULL, "the key %s is encrypted", path);
    return mc_fail(e, CA_E_RECIPIENT_KEY, NULL, "%s", path);
}

/* --- sealed records -------------------------------------------------------------------------------- */

enum mc_rc device_unseal(EVP_PKEY *key, struct mc_span sealed, uint8_t *out, size_t *n, struct mc_err *e)
{
    const unsigned char *p = sealed.p;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)sealed.n);
    BIO *content = BIO_new(BIO_s_secmem());
    bool whole = cms != NULL && p == sealed.p + sealed.n;
    int got = -1;

    if (whole && content != NULL && CMS_decrypt(cms, key, NULL, NULL, content, CMS_BINARY) == 1)
        got = BIO_read(content, out, DEVICE_JSON_MAX);
    whole = got >= 0 && BIO_eof(content);
    BIO_free(content);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    if (!whole)
        return mc_fail(e, CA_E_SEALED, "sealed", NULL);
    *n = (size_t)got;
    return MC_OK;
}

static enum mc_rc open_der(struct device_in *in, struct mc_span sealed, struct device *d, struct mc_err *e)
{
    uint8_t clear[DEVICE_JSON_MAX];
    size_t len = 0;
    enum mc_rc rc;

    if (in->key == NULL)
        return mc_fail(e, CA_E_RECIPIENT_KEY, "--key", "the record is sealed");
    rc = device_unseal(in->key, sealed, clear, &len, e);
    /* What a wrong key makes of it is no JSON: that is told as what it is. */
    if (rc == MC_OK && (len == 0 || clear[0] != '{'))
        rc = mc_fail(e, CA_E_SEALED, "sealed", NULL);
    if (rc == MC_OK)
        rc = device_json_parse(mc_span_of(clear, len), d, e);
    hsm_wipe(clear, sizeof(clear));
    return rc;
}

static enum mc_rc open_sealed(struct device_in *in, const char *base64, struct device *d, struct mc_err *e)
{
    uint8_t sealed[SEALED_MAX];
    size_t n = 0;
    enum mc_rc rc = mc_base64_decode(base64, strlen(base64), false, sealed, sizeof(sealed), &n);

    return rc == MC_OK ? open_der(in, mc_span_of(sealed, n), d, e) : mc_fail(e, rc, "sealed", NULL);
}

/* The line and what it seals are about the same device. */
static enum mc_rc check_outside(const struct json_t *j, const struct device *d, struct mc_err *e)
{
    const char *id = "";
    uint8_t dac[MC_CERT_DER_MAX];
    size_t n = 0;
    enum mc_rc rc = json_read_string(j, "", "id", &id, e);

    if (rc == MC_OK && strcmp(id, d->id) != 0)
        return mc_fail(e, CA_E_DEVICE, "id", "the sealed record is another device's");
    if (rc == MC_OK)
        rc = json_read_base64(j, "", "dac", dac, sizeof(dac), &n, e);
    if (rc == MC_OK && (n != d->dac_n || memcmp(dac, d->dac, n) != 0))
        return mc_fail(e, CA_E_DEVICE, "dac", "the sealed record has another DAC");
    return rc;
}

static enum mc_rc read_result(struct device_in *in, const struct json_t *j, struct device *d, struct mc_err *e)
{
    const char *sealed = NULL, *status = "";
    enum mc_rc rc;

    if (!json_read_has(j, "sealed")) {
        if (json_read_string(j, "", "status", &status, NULL) != MC_OK)
            return mc_fail(e, CA_E_DEVICE, NULL, "neither a record nor the result of a batch");
        return mc_fail(e, CA_E_NO_SECRETS, "status", "'%.16s'", status);
    }
    rc = json_read_string(j, "", "sealed", &sealed, e);
    if (rc == MC_OK)
        rc = open_sealed(in, sealed, d, e);
    if (rc == MC_OK)
        rc = check_outside(j, d, e);
    if (rc != MC_OK)
        device_wipe(d);
    return rc;
}

static enum mc_rc read_line(struct device_in *in, struct mc_span line, struct device *d, struct mc_err *e)
{
    struct json_t *j = NULL;
    enum mc_rc rc = json_read_text(line, &j, NULL);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, "each line is one JSON object");
    if (json_read_has(j, "schema"))
        rc = device_json_parse(line, d, e);
    else
        rc = read_result(in, j, d, e);
    json_read_free(j);
    return rc;
}

/* --- lines ----------------------------------------------------------------------------------------- */

enum mc_rc device_in_open(struct device_in *in, const char *path, const char *key_path, const struct hsm_pin_source *passphrase,
    struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    memset(in, 0, sizeof(*in));
    if (strcmp(path, "-") != 0 && io_is_directory(path))
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, "%s", path);
    if (key_path != NULL)
        rc = read_key(key_path, passphrase, &in->key, e);
    in->text = malloc(DEVICE_LINE_MAX);
    if (rc == MC_OK && in->text == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK) {
        in->f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
        if (in->f == NULL)
            rc = mc_fail(e, errno == ENOENT ? CA_E_FILE_NOT_FOUND : CA_E_READ, NULL, "%s: %s", path, strerror(errno));
    }
    if (rc != MC_OK)
        device_in_close(in);
    return rc;
}

/* Takes a line without its end; false at the end of the input. A line that is too long is taken whole, and cut. */
static bool take_line(struct device_in *in, size_t *n)
{
    int c = getc(in->f);

    *n = 0;
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getc(in->f)) {
        if (*n < DEVICE_LINE_MAX)
            in->text[*n] = (uint8_t)c;
        ++*n;
    }
    in->line++;
    return true;
}

static bool starts_as_der(struct device_in *in)
{
    int c = getc(in->f);

    if (c != EOF)
        ungetc(c, in->f);
    return c == 0x30;
}

/* The whole input is one sealed record. */
static enum mc_rc read_alone(struct device_in *in, struct device *d, struct mc_err *e)
{
    size_t n = fread(in->text, 1, DEVICE_LINE_MAX, in->f);

    in->alone = true;
    in->line = 1;
    if (ferror(in->f))
        return mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
    return n <= SEALED_MAX ? open_der(in, mc_span_of(in->text, n), d, e) : mc_fail(e, MC_E_TOO_BIG, NULL, NULL);
}

enum mc_rc device_in_next(struct device_in *in, struct device *d, bool *end, struct mc_err *e)
{
    enum mc_rc rc;
    size_t n, i;

    *end = false;
    if (in->line == 0 && starts_as_der(in))
        return read_alone(in, d, e);
    *end = in->alone;
    for (; !*end;) {
        if (!take_line(in, &n)) {
            *end = true;
            return ferror(in->f) ? mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno)) : MC_OK;
        }
        for (i = 0; i < n && i < DEVICE_LINE_MAX && mc_is_space((char)in->text[i]); i++)
            ;
        if (i < n)
            break;
    }
    if (*end)
        return MC_OK;
    rc = n <= DEVICE_LINE_MAX ? read_line(in, mc_span_of(in->text, n), d, e)
                              : mc_fail(e, MC_E_TOO_BIG, NULL, "the line has %zu octets", n);
    if (rc != MC_OK && e != NULL)
        e->line = in->line;
    return rc;
}

void device_in_close(struct device_in *in)
{
    if (in->f != NULL && in->f != stdin)
        fclose(in->f);
    EVP_PKEY_free(in->key);
    if (in->text != NULL)
        hsm_wipe(in->text, DEVICE_LINE_MAX);
    free(in->text);
    memset(in, 0, sizeof(*in));
}
