/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_requests N PREFIX [--next|--dac]: N lines of `heddle noc batch`, each with a fresh key and its CSR.
 * Node ids count up from 1, or are left to the ledger; --dac: lines of `heddle dac batch`, without any.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

static int make_csr(unsigned char **der)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *req = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    int n = -1;

    if (key != NULL && req != NULL && name != NULL &&
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"CSR", -1, -1, 0) == 1 &&
        X509_REQ_set_subject_name(req, name) == 1 && X509_REQ_set_pubkey(req, key) == 1 &&
        X509_REQ_sign(req, key, EVP_sha256()) > 0)
        n = i2d_X509_REQ(req, der);
    X509_NAME_free(name);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
    return n;
}

int main(int argc, char **argv)
{
    unsigned long n = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    int next = argc > 3 && strcmp(argv[3], "--next") == 0, dac = argc > 3 && strcmp(argv[3], "--dac") == 0;
    char text[2048], node[48] = "";

    if (n == 0) {
        fprintf(stderr, "usage: make_requests N PREFIX [--next|--dac]\n");
        return 2;
    }
    for (unsigned long i = 1; i <= n; i++) {
        unsigned char *der = NULL;
        int len = make_csr(&der);

        if (len <= 0)
            return 1;
        mc_base64_encode(der, (size_t)len, text);
        OPENSSL_free(der);
        if (!dac)
            snprintf(node, sizeof(node), next ? ",\"node_id\":\"next\"" : ",\"node_id\":\"0x%lX\"", i);
        printf("{\"id\":\"%s-%lu\",\"csr\":\"%s\"%s}\n", argv[2], i, text, node);
    }
    return 0;
}
