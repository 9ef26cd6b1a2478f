/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needle keys STATE           prints in hex the private values that SoftHSM keeps for STATE, decrypted with
 *                             its PIN, and the PIN itself: what must be nowhere else
 * needle find FILE...         reads such lines from stdin and prints each FILE that holds one of them, as
 *                             octets, hex or base64; status 1 if there is any. Status 2 for a line that it
 *                             cannot look for: less than 8 octets may stand anywhere by chance
 *
 * SoftHSM 2's file format: key = SHA-256 of (salt, PIN), iterated; objects hold (IV, AES-256-CBC).
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#define ATTR_VALUE    0x11u
#define ATTR_USER_PIN 0x8000534Du

#define NEEDLES    256
#define NEEDLE_MIN 16 /* hex digits */
#define NEEDLE_MAX 1000

struct bytes {
    uint8_t *p;
    size_t n;
};

static void stop(const char *what)
{
    fprintf(stderr, "needle: %s\n", what);
    exit(2);
}

static struct bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct bytes b = {NULL, 0};
    struct stat st = {0};

    if (f != NULL && fstat(fileno(f), &st) != 0)
        st.st_size = 0;
    b.p = malloc((size_t)st.st_size + 1);
    if (b.p == NULL)
        stop("no memory");
    if (f != NULL) {
        b.n = fread(b.p, 1, (size_t)st.st_size, f);
        fclose(f);
    }
    return b;
}

static uint64_t number(const uint8_t *p)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

/* A byte string attribute stands in the file as type, kind 3, length (8 octets each), octets. */
static bool attribute(struct bytes file, uint64_t type, struct bytes *value)
{
    for (size_t at = 8; at + 24 <= file.n; at++) {
        uint64_t n = number(file.p + at + 16);

        if (number(file.p + at) != type || number(file.p + at + 8) != 3 || n > file.n - at - 24)
            continue;
        *value = (struct bytes){file.p + at + 24, n};
        return true;
    }
    return false;
}

static size_t decrypt(const uint8_t key[32], struct bytes in, uint8_t *out)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0, last = 0;

    if (in.n < 32 || EVP_DecryptInit_ex(c, EVP_aes_256_cbc(), NULL, key, in.p) != 1 ||
        EVP_DecryptUpdate(c, out, &n, in.p + 16, (int)in.n - 16) != 1 || EVP_DecryptFinal_ex(c, out + n, &last) != 1)
        n = last = 0;
    EVP_CIPHER_CTX_free(c);
    return (size_t)(n + last);
}

static void derive(struct bytes salt, const char *pin, uint8_t key[32])
{
    uint8_t text[64 + 256];
    unsigned rounds = 1500 + salt.p[salt.n - 1];

    memcpy(text, salt.p, salt.n);
    memcpy(text + salt.n, pin, strlen(pin));
    SHA256(text, salt.n + strlen(pin), key);
    while (--rounds > 0)
        SHA256(key, 32, key);
}

static void print_hex(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", p[i]);
    putchar('\n');
}

/* The token's own key stands behind 3 octets of magic. */
static bool token_key(const char *folder, const char *pin, uint8_t key[32])
{
    char path[4096];
    uint8_t by_pin[32], clear[512];
    struct bytes file, blob;

    snprintf(path, sizeof(path), "%.4000s/token.object", folder);
    file = read_file(path);
    if (!attribute(file, ATTR_USER_PIN, &blob) || blob.n < 8 + 32)
        return false;
    derive((struct bytes){blob.p, 8}, pin, by_pin);
    if (decrypt(by_pin, (struct bytes){blob.p + 8, blob.n - 8}, clear) != 35 || memcmp(clear, "RJR", 3) != 0)
        return false;
    memcpy(key, clear + 3, 32);
    free(file.p);
    return true;
}

static void print_values(const char *folder, const uint8_t key[32])
{
    DIR *d = opendir(folder);
    struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        char path[4096];
        uint8_t clear[8192];
        struct bytes file, value;
        size_t n;

        if (strstr(entry->d_name, ".object") == NULL || strcmp(entry->d_name, "token.object") == 0)
            continue;
        snprintf(path, sizeof(path), "%.3800s/%.255s", folder, entry->d_name);
        file = read_file(path);
        if (attribute(file, ATTR_VALUE, &value) && value.n < sizeof(clear) && (n = decrypt(key, value, clear)) >= 16)
            print_hex(clear, n);
        free(file.p);
    }
    if (d != NULL)
        closedir(d);
}

static int keys(const char *state)
{
    char path[4096], folder[4096] = "";
    struct bytes pin;
    struct dirent *entry;
    uint8_t key[32];
    DIR *d;

    snprintf(path, sizeof(path), "%s/pin", state);
    pin = read_file(path);
    pin.p[pin.n] = '\0';
    pin.p[strcspn((char *)pin.p, "\n")] = '\0';
    snprintf(path, sizeof(path), "%s/softhsm/tokens", state);
    d = opendir(path);
    while (d != NULL && (entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.')
            snprintf(folder, sizeof(folder), "%.3000s/%.200s", path, entry->d_name);
    if (d == NULL || !token_key(folder, (char *)pin.p, key))
        stop("the token's key cannot be had");
    printf("%s\n", (char *)pin.p); /* which is hex, so that its octets are looked for too */
    print_hex(key, sizeof(key));
    print_values(folder, key);
    return 0;
}

static bool holds(struct bytes file, const void *p, size_t n)
{
    return n > 0 && memmem(file.p, file.n, p, n) != NULL;
}

/* Base64 shifts with the place: the middle of each of the three forms is looked for. */
static bool holds_base64(struct bytes file, const uint8_t *p, size_t n)
{
    for (size_t skip = 0; skip < 3; skip++) {
        char text[1024];
        size_t whole = (n - skip) / 3 * 3;

        EVP_EncodeBlock((unsigned char *)text, p + skip, (int)whole);
        if (holds(file, text, strlen(text)))
            return true;
    }
    return false;
}

static bool holds_needle(struct bytes file, const char *hex)
{
    uint8_t raw[512];
    char upper[1025];
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        sscanf(hex + 2 * i, "%2hhx", &raw[i]);
    for (size_t i = 0; i <= 2 * n; i++)
        upper[i] = hex[i] >= 'a' && hex[i] <= 'f' ? (char)(hex[i] - 32) : hex[i];
    return holds(file, raw, n) || holds(file, hex, 2 * n) || holds(file, upper, 2 * n) || holds_base64(file, raw, n);
}

static unsigned read_needles(char lines[NEEDLES][NEEDLE_MAX + 2])
{
    unsigned n = 0;
    char more;

    while (n < NEEDLES && fgets(lines[n], NEEDLE_MAX + 2, stdin) != NULL) {
        size_t len = strcspn(lines[n], "\n");

        lines[n][len] = '\0';
        if (len < NEEDLE_MIN || len > NEEDLE_MAX || len % 2 != 0 || strspn(lines[n], "0123456789abcdefABCDEF") != len)
            stop("a line that cannot be looked for");
        n++;
    }
    if (n == 0 || fread(&more, 1, 1, stdin) == 1)
        stop(n == 0 ? "nothing to look for" : "too many lines");
    return n;
}

int main(int argc, char **argv)
{
    static char lines[NEEDLES][NEEDLE_MAX + 2];
    unsigned n, found = 0;

    if (argc == 3 && strcmp(argv[1], "keys") == 0)
        return keys(argv[2]);
    n = read_needles(lines);
    for (int i = 2; i < argc; i++) {
        struct bytes file = read_file(argv[i]);

        for (unsigned k = 0; k < n; k++) {
            if (!holds_needle(file, lines[k]))
                continue;
            printf("%s: needle %u\n", argv[i], k);
            found++;
        }
        free(file.p);
    }
    return found > 0;
}
