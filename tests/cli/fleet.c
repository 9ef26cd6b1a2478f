/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of a fabric, for tests of years:
 *
 *     fleet ask PREFIX [CAT...] < NODES > REQUESTS    a request with a fresh key for each node id of a line
 *     fleet take DIR < RESULTS                        the NOC of each answer to DIR/NODE.tlv; status 1 if one was refused
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 8192

static int make_csr(unsigned char **der)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *req = X509_REQ_new();
    int n = -1;

    if (key != NULL && req != NULL && X509_REQ_set_pubkey(req, key) == 1 && X509_REQ_sign(req, key, EVP_sha256()) > 0)
        n = i2d_X509_REQ(req, der);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
    return n;
}

static int ask(const char *prefix, char **cat, int n_cat)
{
    char node[64];

    while (scanf("%63s", node) == 1) {
        unsigned char *der = NULL, text[LINE];
        int n = make_csr(&der);

        if (n <= 0 || n > LINE / 2)
            return 1;
        EVP_EncodeBlock(text, der, n);
        OPENSSL_free(der);
        printf("{\"id\":\"%s-%s\",\"csr\":\"%s\",\"node_id\":\"%s\",\"cats\":[", prefix, node, (char *)text, node);
        for (int i = 0; i < n_cat; i++)
            printf("%s\"%s\"", i == 0 ? "" : ",", cat[i]);
        printf("]}\n");
    }
    return 0;
}

static int write_noc(const char *dir, const char *node, const char *base64)
{
    unsigned char bytes[LINE];
    size_t len = strlen(base64);
    int n = len < sizeof(bytes) ? EVP_DecodeBlock(bytes, (const unsigned char *)base64, (int)len) : -1;
    char path[4096];
    FILE *f;

    for (size_t i = len; n > 0 && i > 0 && base64[i - 1] == '='; i--)
        n--;
    snprintf(path, sizeof(path), "%s/%s.tlv", dir, node);
    f = n > 0 ? fopen(path, "wb") : NULL;
    if (f == NULL || fwrite(bytes, 1, (size_t)n, f) != (size_t)n)
        return 1;
    return fclose(f) != 0;
}

static int take(const char *dir)
{
    static char line[LINE];
    int bad = 0;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        json_t *answer = json_loads(line, 0, NULL);
        const char *node = json_string_value(json_object_get(answer, "node_id"));
        const char *noc = json_string_value(json_object_get(answer, "noc"));

        if (node == NULL || noc == NULL || write_noc(dir, node, noc) != 0) {
            fputs(line, stderr);
            bad = 1;
        }
        json_decref(answer);
    }
    return bad;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "ask") == 0)
        return ask(argv[2], argv + 3, argc - 3);
    if (argc == 3 && strcmp(argv[1], "take") == 0)
        return take(argv[2]);
    return 2;
}
