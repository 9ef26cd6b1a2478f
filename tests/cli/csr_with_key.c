/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr_with_key PUBLIC.pem PRIVATE.pem: a CSR (DER, on stdout) that shows the one key and is signed with the
 * other, as somebody would make it who wants a certificate for a key that is not his.
 */
#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

int main(int argc, char **argv)
{
    FILE *shown = argc == 3 ? fopen(argv[1], "r") : NULL, *own = argc == 3 ? fopen(argv[2], "r") : NULL;
    EVP_PKEY *public = shown != NULL ? PEM_read_PUBKEY(shown, NULL, NULL, NULL) : NULL;
    EVP_PKEY *private = own != NULL ? PEM_read_PrivateKey(own, NULL, NULL, NULL) : NULL;
    X509_REQ *r = X509_REQ_new();

    if (public == NULL || private == NULL || r == NULL)
        return 1;
    if (X509_REQ_set_version(r, 0) != 1 || X509_REQ_set_pubkey(r, public) != 1 ||
        X509_REQ_sign(r, private, EVP_sha256()) <= 0 || i2d_X509_REQ_fp(stdout, r) != 1)
        return 1;
    return fflush(stdout) != 0;
}
