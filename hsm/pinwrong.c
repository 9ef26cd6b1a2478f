/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pinwrong.c - wrong PINs are remembered, so that no second run tries one again and locks the token.
 *
 * The file: "heddle-pin-wrong-1 ROUNDS SALT", then one line for each wrong PIN, the newest last:
 * hex of PBKDF2-HMAC-SHA256(PIN, SALT || token label, ROUNDS). The hash is slow because a wrong PIN is often
 * the right one of another token, or close to it. The file is there only between a wrong PIN and a right one.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "internal.h"

#define MAGIC      "heddle-pin-wrong-1"
#define ROUNDS     600000
#define ROUNDS_MAX 10000000 /* a hostile file must not keep us busy */
#define SALT_LEN   16
#define HASH_LEN   32
#define HASHES_MAX 16
#define FILE_MAX   2048

struct memory {
    unsigned rounds, n;
    uint8_t salt[SALT_LEN];
    uint8_t hash[HASHES_MAX][HASH_LEN];
};

/* Takes one line without its newline off *text; NULL when none is left or it does not end. */
static char *take_line(char **text)
{
    char *line = *text;
    char *end = strchr(line, '\n');

    if (end == NULL)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

static bool parse_head(const char *line, struct memory *m)
{
    char salt[2 * SALT_LEN + 1];
    int end = 0;

    if (line == NULL || sscanf(line, MAGIC " %8u %32[0-9a-f]%n", &m->rounds, salt, &end) != 2)
        return false;
    return line[end] == '\0' && m->rounds > 0 && m->rounds <= ROUNDS_MAX && strlen(salt) == 2 * SALT_LEN &&
           mc_hex_decode(salt, SALT_LEN, m->salt);
}

static bool parse(char *text, struct memory *m)
{
    const char *line;

    m->n = 0;
    if (!parse_head(take_line(&text), m))
        return false;
    while ((line = take_line(&text)) != NULL) {
        if (m->n == HASHES_MAX || strlen(line) != 2 * HASH_LEN ||
            !mc_hex_decode(line, HASH_LEN, m->hash[m->n]))
            return false;
        m->n++;
    }
    return *text == '\0' && m->n > 0;
}

/* found is false, and the result MC_OK, when nothing is remembered. */
static enum mc_rc load(const char *path, struct memory *m, bool *found, struct mc_err *e)
{
    char text[FILE_MAX + 1];
    size_t n = 0;
    int err = hsm_file_read(path, (uint8_t *)text, FILE_MAX, &n);

    *found = err != ENOENT;
    if (err == ENOENT)
        return MC_OK;
    errno = err;
    if (err != 0 && err != EFBIG)
        return hsm_fail_errno(e, HSM_E_PIN_REMEMBERED, "read", path);
    text[n] = '\0';
    if (err == EFBIG || strlen(text) != n || !parse(text, m))
        return mc_fail(e, HSM_E_PIN_REMEMBERED, NULL, "%s is damaged, so no PIN is tried", path);
    return MC_OK;
}

static enum mc_rc hash_pin(const struct memory *m, const char *label, const struct hsm_pin *pin,
    uint8_t hash[HASH_LEN], struct mc_err *e)
{
    uint8_t salt[SALT_LEN + HSM_LABEL_MAX];
    size_t label_n = strnlen(label, HSM_LABEL_MAX);

    memcpy(salt, m->salt, SALT_LEN);
    memcpy(salt + SALT_LEN, label, label_n);
    if (PKCS5_PBKDF2_HMAC((const char *)pin->bytes, (int)pin->n, salt, (int)(SALT_LEN + label_n),
            (int)m->rounds, EVP_sha256(), HASH_LEN, hash) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "PBKDF2 failed");
    return MC_OK;
}

static bool holds(const struct memory *m, const uint8_t hash[HASH_LEN])
{
    for (unsigned i = 0; i < m->n; i++)
        if (memcmp(m->hash[i], hash, HASH_LEN) == 0)
            return true;
    return false;
}

enum mc_rc hsm_pinwrong_check(
    const char *path, const char *label, const struct hsm_pin *pin, struct mc_err *e)
{
    struct memory m;
    uint8_t hash[HASH_LEN];
    bool found;
    enum mc_rc rc = path == NULL ? MC_OK : load(path, &m, &found, e);

    if (path == NULL || rc != MC_OK || !found)
        return rc;
    rc = hash_pin(&m, label, pin, hash, e);
    if (rc != MC_OK)
        return rc;
    if (holds(&m, hash))
        return mc_fail(e, HSM_E_PIN_REMEMBERED, NULL, "the token '%s' has refused it; see %s", label, path);
    return MC_OK;
}

static enum mc_rc save(const char *path, const struct memory *m, struct mc_err *e)
{
    char text[FILE_MAX], scratch[1024], hex[2 * HASH_LEN + 1];
    size_t n;
    int err;

    if (snprintf(scratch, sizeof(scratch), "%s.new", path) >= (int)sizeof(scratch))
        return mc_fail(e, HSM_E_PATH, NULL, "the path is too long: %s", path);
    mc_hex_encode(m->salt, SALT_LEN, hex);
    n = (size_t)snprintf(text, sizeof(text), MAGIC " %u %s\n", m->rounds, hex);
    for (unsigned i = 0; i < m->n; i++) {
        mc_hex_encode(m->hash[i], HASH_LEN, hex);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", hex);
    }
    err = hsm_file_replace(path, scratch, text, n, 0600);
    errno = err;
    return err == 0 ? MC_OK : hsm_fail_errno(e, HSM_E_STORE, "write", path);
}

enum mc_rc hsm_pinwrong_add(const char *path, const char *label, const struct hsm_pin *pin, struct mc_err *e)
{
    struct memory m = {.rounds = ROUNDS};
    bool found;
    enum mc_rc rc = path == NULL ? MC_OK : load(path, &m, &found, e);

    if (path == NULL || rc != MC_OK)
        return rc;
    if (!found && RAND_bytes(m.salt, SALT_LEN) != 1)
        return mc_fail(e, MC_E_CRYPTO, NULL, "no random octets for the salt");
    if (m.n == HASHES_MAX) {
        memmove(m.hash[0], m.hash[1], sizeof(m.hash) - HASH_LEN);
        m.n--;
    }
    rc = hash_pin(&m, label, pin, m.hash[m.n], e);
    if (rc != MC_OK)
        return rc;
    m.n++;
    return save(path, &m, e);
}

enum mc_rc hsm_pinwrong_forget(const char *path, struct mc_err *e)
{
    if (path == NULL || unlink(path) == 0 || errno == ENOENT)
        return MC_OK;
    return hsm_fail_errno(e, HSM_E_STORE, "remove", path);
}
