/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token MODULE LABEL PIN-FILE list            one line for each private and secret key: label, attributes,
 *                                             and whether its value can be read
 * token MODULE LABEL PIN-FILE csr CERT.pem    a CSR (DER, on stdout) for the certificate's key, signed by it
 *
 * Speaks PKCS#11 itself, so that nothing of heddle stands between the test and the token.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST_PTR f;
static CK_SESSION_HANDLE session;

static void stop(const char *what, CK_RV rv)
{
    fprintf(stderr, "token: %s failed (0x%lx)\n", what, rv);
    exit(1);
}

static void check(const char *what, CK_RV rv)
{
    if (rv != CKR_OK)
        stop(what, rv);
}

static CK_SLOT_ID find_slot(const char *label)
{
    CK_SLOT_ID slots[64];
    CK_ULONG n = 64;
    CK_TOKEN_INFO info;

    check("C_GetSlotList", f->C_GetSlotList(CK_TRUE, slots, &n));
    for (CK_ULONG i = 0; i < n; i++) {
        size_t len = strlen(label);

        check("C_GetTokenInfo", f->C_GetTokenInfo(slots[i], &info));
        if (memcmp(info.label, label, len) == 0 && (len == sizeof(info.label) || info.label[len] == ' '))
            return slots[i];
    }
    stop("finding the token", 0);
    return 0;
}

static void open_token(const char *module, const char *label, const char *pin_file)
{
    void *so = dlopen(module, RTLD_NOW);
    CK_C_GetFunctionList get = NULL;
    FILE *pin = fopen(pin_file, "r");
    char text[256];

    if (so == NULL || pin == NULL || fgets(text, sizeof(text), pin) == NULL)
        stop("opening module or PIN", 0);
    fclose(pin);
    text[strcspn(text, "\n")] = '\0';
    *(void **)&get = dlsym(so, "C_GetFunctionList");
    check("C_GetFunctionList", get(&f));
    check("C_Initialize", f->C_Initialize(NULL));
    check("C_OpenSession", f->C_OpenSession(find_slot(label), CKF_SERIAL_SESSION, NULL, NULL, &session));
    check("C_Login", f->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)text, strlen(text)));
}

static bool flag(CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = 99;
    CK_ATTRIBUTE a = {type, &value, sizeof(value)};

    check("C_GetAttributeValue", f->C_GetAttributeValue(session, o, &a, 1));
    return value == CK_TRUE;
}

static void show(CK_OBJECT_HANDLE o)
{
    char label[128];
    unsigned char value[512];
    CK_ATTRIBUTE name = {CKA_LABEL, label, sizeof(label) - 1}, secret = {CKA_VALUE, value, sizeof(value)};

    check("C_GetAttributeValue", f->C_GetAttributeValue(session, o, &name, 1));
    label[name.ulValueLen] = '\0';
    printf("%s: sensitive=%d always=%d extractable=%d never=%d value=%s\n", label, flag(o, CKA_SENSITIVE),
        flag(o, CKA_ALWAYS_SENSITIVE), flag(o, CKA_EXTRACTABLE), flag(o, CKA_NEVER_EXTRACTABLE),
        f->C_GetAttributeValue(session, o, &secret, 1) == CKR_OK ? "readable" : "closed");
}

static void list(CK_OBJECT_CLASS class)
{
    CK_ATTRIBUTE want = {CKA_CLASS, &class, sizeof(class)};
    CK_OBJECT_HANDLE found[64];
    CK_ULONG n = 0;

    check("C_FindObjectsInit", f->C_FindObjectsInit(session, &want, 1));
    check("C_FindObjects", f->C_FindObjects(session, found, 64, &n));
    check("C_FindObjectsFinal", f->C_FindObjectsFinal(session));
    for (CK_ULONG i = 0; i < n; i++)
        show(found[i]);
}

/* The private key whose id is the SHA-1 of the certificate's point. */
static CK_OBJECT_HANDLE key_of(X509 *cert)
{
    const ASN1_BIT_STRING *point = X509_get0_pubkey_bitstr(cert);
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    unsigned char id[SHA_DIGEST_LENGTH];
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_ID, id, sizeof(id)}};
    CK_OBJECT_HANDLE key;
    CK_ULONG n = 0;

    SHA1(point->data, (size_t)point->length, id);
    check("C_FindObjectsInit", f->C_FindObjectsInit(session, want, 2));
    check("C_FindObjects", f->C_FindObjects(session, &key, 1, &n));
    check("C_FindObjectsFinal", f->C_FindObjectsFinal(session));
    if (n != 1)
        stop("finding the key", 0);
    return key;
}

static ASN1_BIT_STRING *sign(X509_REQ *r, CK_OBJECT_HANDLE key)
{
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    unsigned char *tbs = NULL, *der = NULL, digest[SHA256_DIGEST_LENGTH], raw[64];
    CK_ULONG n = sizeof(raw);
    int len = i2d_re_X509_REQ_tbs(r, &tbs);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();

    SHA256(tbs, (size_t)len, digest);
    check("C_SignInit", f->C_SignInit(session, &ecdsa, key));
    check("C_Sign", f->C_Sign(session, digest, sizeof(digest), raw, &n));
    ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    len = i2d_ECDSA_SIG(sig, &der);
    ASN1_BIT_STRING_set(bits, der, len);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    return bits;
}

static int csr(const char *path)
{
    FILE *in = fopen(path, "r");
    X509 *cert = in != NULL ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
    X509_REQ *r = X509_REQ_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();

    if (cert == NULL || X509_REQ_set_version(r, 0) != 1 || X509_REQ_set_pubkey(r, X509_get0_pubkey(cert)) != 1)
        return 1;
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL);
    X509_REQ_set1_signature_algo(r, algorithm);
    X509_REQ_set0_signature(r, sign(r, key_of(cert)));
    return i2d_X509_REQ_fp(stdout, r) != 1 || fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    open_token(argv[1], argv[2], argv[3]);
    if (strcmp(argv[4], "csr") == 0)
        return argc != 6 || csr(argv[5]);
    list(CKO_PRIVATE_KEY);
    list(CKO_SECRET_KEY);
    return fflush(stdout) != 0;
}
