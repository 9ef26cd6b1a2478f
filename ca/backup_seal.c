/* SPDX-License-Identifier: Apache-2.0 */
#include "backup_seal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include "hsm/hsm.h"
#include "state.h"

#define MAGIC      "heddle-backup/1\n"
#define MAGIC_LEN  16
#define FAMILY_LEN 14 /* of the magic without the number of the form */
#define AT_SCRYPT  16
#define AT_TIME    20
#define AT_SALT    28
#define AT_SUM     64
#define AT_MAC     96
#define SALT_LEN   32
#define KEY_LEN    32
#define COST_MAX   20 /* what a hostile file may cost: 1 GiB */
#define BLOCK      8
#define LANES      1

struct seal {
    int fd;
    bool writing, last; /* last: of the chunks, the last one is in buf */
    EVP_CIPHER_CTX *ctx;
    uint8_t head[SEAL_HEAD_LEN];
    uint8_t key[2 * KEY_LEN];
    uint64_t chunk; /* number of the next */
    uint64_t left;  /* reading: octets of the file that were not read */
    size_t at, n;   /* of buf */
    uint8_t buf[SEAL_CHUNK];
    uint8_t sealed[SEAL_CHUNK + SEAL_TAG_LEN];
};

enum mc_rc seal_write_fd(int fd, const uint8_t *p, size_t n, struct mc_err *e)
{
    while (n != 0) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return mc_fail(e, errno == ENOSPC || errno == EDQUOT ? CA_E_DB_FULL : CA_E_OUTPUT, NULL, "%s", strerror(errno));
        p += w;
        n -= (size_t)w;
    }
    return MC_OK;
}

static enum mc_rc read_all(int fd, uint8_t *p, size_t n, struct mc_err *e)
{
    while (n != 0) {
        ssize_t r = read(fd, p, n);

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return mc_fail(e, CA_E_READ, NULL, "%s", r < 0 ? strerror(errno) : "the file became shorter");
        p += r;
        n -= (size_t)r;
    }
    return MC_OK;
}

static enum mc_rc derive(struct seal *s, struct mc_span passphrase, struct mc_err *e)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    uint64_t n = UINT64_C(1) << s->head[AT_SCRYPT], memory = UINT64_C(1) << 31;
    uint32_t r = s->head[AT_SCRYPT + 1], p = s->head[AT_SCRYPT + 2];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)passphrase.p, passphrase.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s->head + AT_SALT, SALT_LEN),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
        OSSL_PARAM_construct_end(),
    };
    bool done = ctx != NULL && EVP_KDF_derive(ctx, s->key, sizeof(s->key), params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return done ? MC_OK : mc_fail(e, MC_E_CRYPTO, NULL, "scrypt failed: it needs %u MiB", 1u << (s->head[AT_SCRYPT] - 10));
}

static bool mac_of(const struct seal *s, uint8_t mac[SHA256_DIGEST_LENGTH])
{
    unsigned n = SHA256_DIGEST_LENGTH;

    return HMAC(EVP_sha256(), s->key + KEY_LEN, KEY_LEN, s->head, AT_SUM, mac, &n) != NULL;
}

/* IV and additional data of the next chunk. */
static bool start_chunk(struct seal *s, bool last)
{
    uint8_t iv[12] = {0};
    int n;

    for (int i = 0; i < 8; i++)
        iv[i] = (uint8_t)(s->chunk >> (56 - 8 * i));
    iv[11] = last;
    return EVP_CipherInit_ex(s->ctx, EVP_aes_256_gcm(), NULL, s->key, iv, s->writing) == 1 &&
           EVP_CipherUpdate(s->ctx, NULL, &n, s->head, SEAL_HEAD_LEN) == 1;
}

static enum mc_rc new_seal(int fd, bool writing, struct seal **out, struct mc_err *e)
{
    struct seal *s = calloc(1, sizeof(*s));

    if (s == NULL || (s->ctx = EVP_CIPHER_CTX_new()) == NULL) {
        free(s);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    s->fd = fd;
    s->writing = writing;
    *out = s;
    return MC_OK;
}

void seal_free(struct seal *s)
{
    if (s == NULL)
        return;
    EVP_CIPHER_CTX_free(s->ctx);
    hsm_wipe(s, sizeof(*s));
    free(s);
}

static enum mc_rc fill_head(struct seal *s, struct mc_span passphrase, unsigned cost, struct mc_err *e)
{
    uint64_t now = (uint64_t)ca_now();
    enum mc_rc rc;

    memcpy(s->head, MAGIC, MAGIC_LEN);
    s->head[AT_SCRYPT] = (uint8_t)cost;
    s->head[AT_SCRYPT + 1] = BLOCK;
    s->head[AT_SCRYPT + 2] = LANES;
    for (int i = 0; i < 8; i++)
        s->head[AT_TIME + i] = (uint8_t)(now >> (56 - 8 * i));
    rc = ca_random(s->head + AT_SALT, SALT_LEN, e);
    if (rc == MC_OK)
        rc = derive(s, passphrase, e);
    if (rc == MC_OK && (SHA256(s->head, AT_SUM, s->head + AT_SUM) == NULL || !mac_of(s, s->head + AT_MAC)))
        rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    return rc;
}

enum mc_rc seal_create(int fd, struct mc_span passphrase, unsigned cost, struct seal **out, struct mc_err *e)
{
    struct seal *s = NULL;
    enum mc_rc rc = new_seal(fd, true, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = fill_head(s, passphrase, cost, e);
    if (rc == MC_OK)
        rc = seal_write_fd(fd, s->head, sizeof(s->head), e);
    if (rc == MC_OK)
        *out = s;
    else
        seal_free(s);
    return rc;
}

static enum mc_rc put_chunk(struct seal *s, bool last, struct mc_err *e)
{
    int n = 0, end = 0;

    if (!start_chunk(s, last) || EVP_CipherUpdate(s->ctx, s->sealed, &n, s->buf, (int)s->n) != 1 ||
        EVP_CipherFinal_ex(s->ctx, s->sealed + n, &end) != 1 ||
        EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN, s->sealed + n) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    s->chunk++;
    s->n = 0;
    return seal_write_fd(s->fd, s->sealed, (size_t)n + SEAL_TAG_LEN, e);
}

/* A full chunk waits until something follows: only then is it known not to be the last. */
enum mc_rc seal_write(struct seal *s, const void *p, size_t n, struct mc_err *e)
{
    const uint8_t *from = p;
    enum mc_rc rc = MC_OK;

    while (n != 0 && rc == MC_OK) {
        size_t part;

        if (s->n == SEAL_CHUNK && (rc = put_chunk(s, false, e)) != MC_OK)
            break;
        part = n < SEAL_CHUNK - s->n ? n : SEAL_CHUNK - s->n;
        memcpy(s->buf + s->n, from, part);
        s->n += part;
        from += part;
        n -= part;
    }
    return rc;
}

enum mc_rc seal_finish(struct seal *s, struct mc_err *e)
{
    return put_chunk(s, true, e);
}

/* What can be told without the passphrase. */
static enum mc_rc check_head(const struct seal *s, struct mc_err *e)
{
    uint8_t sum[SHA256_DIGEST_LENGTH];
    const uint8_t *cost = s->head + AT_SCRYPT;

    if (memcmp(s->head, MAGIC, FAMILY_LEN) != 0 || s->head[MAGIC_LEN - 1] != '\n')
        return mc_fail(e, CA_E_BACKUP_FORM, "head", "it does not begin like one");
    if (memcmp(s->head, MAGIC, MAGIC_LEN) != 0)
        return mc_fail(e, CA_E_BACKUP_VERSION, "head", "form 1 is known");
    SHA256(s->head, AT_SUM, sum);
    if (memcmp(sum, s->head + AT_SUM, sizeof(sum)) != 0)
        return mc_fail(e, CA_E_BACKUP_DAMAGED, "head", "it is not what was written");
    if (cost[0] < SEAL_COST_MIN || cost[0] > COST_MAX || cost[1] != BLOCK || cost[2] != LANES || cost[3] != 0)
        return mc_fail(e, CA_E_BACKUP_VERSION, "head", "its cost of scrypt is not one that heddle writes");
    return MC_OK;
}

static enum mc_rc read_head(struct seal *s, struct mc_span passphrase, struct mc_err *e)
{
    uint8_t mac[SHA256_DIGEST_LENGTH];
    struct stat st;
    enum mc_rc rc;

    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return mc_fail(e, CA_E_BACKUP_FORM, NULL, "it is no regular file");
    if (st.st_size < SEAL_HEAD_LEN)
        return mc_fail(e, CA_E_BACKUP_FORM, "head", "%lld octets are less than its head", (long long)st.st_size);
    rc = read_all(s->fd, s->head, SEAL_HEAD_LEN, e);
    s->left = (uint64_t)st.st_size - SEAL_HEAD_LEN;
    if (rc == MC_OK)
        rc = check_head(s, e);
    if (rc == MC_OK)
        rc = derive(s, passphrase, e);
    if (rc == MC_OK && !mac_of(s, mac))
        rc = mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    if (rc == MC_OK && CRYPTO_memcmp(mac, s->head + AT_MAC, sizeof(mac)) != 0)
        rc = mc_fail(e, CA_E_PASSPHRASE, NULL, "or the end of its head was changed");
    return rc;
}

enum mc_rc seal_open(int fd, struct mc_span passphrase, struct seal **out, struct mc_err *e)
{
    struct seal *s = NULL;
    enum mc_rc rc = new_seal(fd, false, &s, e);

    if (rc != MC_OK || s == NULL)
        return rc;
    rc = read_head(s, passphrase, e);
    if (rc == MC_OK)
        *out = s;
    else
        seal_free(s);
    return rc;
}

static bool open_chunk(struct seal *s, size_t n, bool last)
{
    int got = 0, end = 0;

    return start_chunk(s, last) &&
           EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, s->sealed + n) == 1 &&
           EVP_CipherUpdate(s->ctx, s->buf, &got, s->sealed, (int)n) == 1 &&
           EVP_CipherFinal_ex(s->ctx, s->buf + got, &end) == 1;
}

static enum mc_rc take_chunk(struct seal *s, struct mc_err *e)
{
    unsigned long long number = s->chunk + 1;
    size_t n = s->left < sizeof(s->sealed) ? (size_t)s->left : sizeof(s->sealed);
    enum mc_rc rc;

    if (s->last || n <= SEAL_TAG_LEN)
        return mc_fail(e, CA_E_BACKUP_DAMAGED, NULL, "it ends before chunk %llu: cut off", number);
    rc = read_all(s->fd, s->sealed, n, e);
    if (rc != MC_OK)
        return rc;
    s->left -= n;
    s->last = s->left == 0;
    n -= SEAL_TAG_LEN;
    s->at = s->n = 0;
    if (!open_chunk(s, n, s->last)) {
        bool cut = s->last && open_chunk(s, n, false);

        hsm_wipe(s->buf, sizeof(s->buf));
        return mc_fail(e, CA_E_BACKUP_DAMAGED, NULL,
            cut ? "it was cut off behind chunk %llu" : "chunk %llu was changed or cut off", number);
    }
    s->chunk++;
    s->n = n;
    return MC_OK;
}

enum mc_rc seal_read(struct seal *s, void *p, size_t n, struct mc_err *e)
{
    uint8_t *to = p;
    enum mc_rc rc = MC_OK;

    while (n != 0 && rc == MC_OK) {
        size_t part;

        if (s->at == s->n && (rc = take_chunk(s, e)) != MC_OK)
            break;
        part = n < s->n - s->at ? n : s->n - s->at;
        memcpy(to, s->buf + s->at, part);
        s->at += part;
        to += part;
        n -= part;
    }
    return rc;
}

bool seal_at_end(const struct seal *s)
{
    return s->last && s->at == s->n;
}

int64_t seal_time_unix(const struct seal *s)
{
    uint64_t t = 0;

    for (int i = 0; i < 8; i++)
        t = t << 8 | s->head[AT_TIME + i];
    return (int64_t)(t & INT64_MAX);
}
