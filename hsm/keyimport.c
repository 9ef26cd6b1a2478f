/* SPDX-License-Identifier: Apache-2.0 */
/* keyimport.c - puts a key from outside into the token, from where it does not come out again. */
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "internal.h"

struct import_task {
    struct hsm_task t; /* wiped when freed, and the scalar with it */
    struct hsm_selector sel;
    uint8_t scalar[HSM_SCALAR_LEN];
    uint8_t point[HSM_POINT_LEN];
};

/* A token that computed another public key would sign what nobody can verify. */
static bool belong_together(const uint8_t scalar[HSM_SCALAR_LEN], const uint8_t point[HSM_POINT_LEN])
{
    EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *d = BN_secure_new();
    EC_POINT *p = g != NULL ? EC_POINT_new(g) : NULL;
    uint8_t got[HSM_POINT_LEN];
    bool same = d != NULL && p != NULL && BN_bin2bn(scalar, HSM_SCALAR_LEN, d) != NULL;

    if (same)
        BN_set_flags(d, BN_FLG_CONSTTIME);
    same = same && !BN_is_zero(d) && BN_cmp(d, EC_GROUP_get0_order(g)) < 0 && EC_POINT_mul(g, p, d, NULL, NULL, NULL) == 1 &&
           EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED, got, sizeof(got), NULL) == sizeof(got) &&
           memcmp(got, point, sizeof(got)) == 0;
    EC_POINT_free(p);
    BN_clear_free(d);
    EC_GROUP_free(g);
    return same;
}

static CK_RV create_private(struct hsm *h, CK_SESSION_HANDLE s, struct import_task *m, bool restrict_mechanism)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_MECHANISM_TYPE only = CKM_ECDSA;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE made;
    CK_ATTRIBUTE private[] = {
        {CKA_CLASS, &class, sizeof(class)},
        {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_EC_PARAMS, hsm_mutable(hsm_p256_params), sizeof(hsm_p256_params)},
        {CKA_VALUE, m->scalar, sizeof(m->scalar)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},
        {CKA_EXTRACTABLE, &no, sizeof(no)},
        {CKA_SIGN, &yes, sizeof(yes)},
        {CKA_DECRYPT, &no, sizeof(no)},
        {CKA_UNWRAP, &no, sizeof(no)},
        {CKA_DERIVE, &no, sizeof(no)},
        {CKA_SIGN_RECOVER, &no, sizeof(no)},
        {CKA_ID, m->sel.id, m->sel.id_n},
        {CKA_LABEL, m->sel.label, strlen(m->sel.label)},
        {CKA_ALLOWED_MECHANISMS, &only, sizeof(only)},
    };

    return h->m.f->C_CreateObject(s, private, sizeof(private) / sizeof(private[0]) - (restrict_mechanism ? 0 : 1), &made);
}

static CK_RV create_public(struct hsm *h, CK_SESSION_HANDLE s, struct import_task *m)
{
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    uint8_t wrapped[2 + HSM_POINT_LEN] = {0x04, HSM_POINT_LEN}; /* as an OCTET STRING */
    CK_OBJECT_HANDLE made;
    CK_ATTRIBUTE public[] = {
        {CKA_CLASS, &class, sizeof(class)},
        {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_EC_PARAMS, hsm_mutable(hsm_p256_params), sizeof(hsm_p256_params)},
        {CKA_EC_POINT, wrapped, sizeof(wrapped)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_VERIFY, &yes, sizeof(yes)},
        {CKA_ENCRYPT, &no, sizeof(no)},
        {CKA_WRAP, &no, sizeof(no)},
        {CKA_ID, m->sel.id, m->sel.id_n},
        {CKA_LABEL, m->sel.label, strlen(m->sel.label)},
    };

    memcpy(wrapped + 2, m->point, HSM_POINT_LEN);
    return h->m.f->C_CreateObject(s, public, sizeof(public) / sizeof(public[0]), &made);
}

/* The private key last: once it is there, the pair is complete. A half that a crash left is not made twice. */
static enum mc_rc import_pair(struct hsm *h, CK_SESSION_HANDLE s, struct import_task *m, struct mc_err *e)
{
    struct hsm_selector id = m->sel;
    CK_OBJECT_HANDLE found;
    CK_RV rv = CKR_OK;
    enum mc_rc rc;

    id.label[0] = '\0';
    rc = hsm_key_object(h, s, CKO_PRIVATE_KEY, &id, &found, NULL);
    if (rc != HSM_E_KEY_NOT_FOUND)
        return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
    if (hsm_key_object(h, s, CKO_PUBLIC_KEY, &id, &found, NULL) == HSM_E_KEY_NOT_FOUND)
        rv = create_public(h, s, m);
    if (rv == CKR_OK) {
        rv = create_private(h, s, m, true);
        if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_TEMPLATE_INCONSISTENT)
            rv = create_private(h, s, m, false);
    }
    if (rv != CKR_OK)
        return hsm_fail_ckr(e, "C_CreateObject", rv);
    return h->embedded ? hsm_store_sync(h->dir, h->serial, e) : MC_OK;
}

static enum mc_rc import_run(struct hsm_task *t)
{
    struct import_task *m = (struct import_task *)t;
    CK_SESSION_HANDLE s;
    enum mc_rc rc = hsm_session_open_rw(t->h, &s, &t->e);

    if (rc != MC_OK)
        return rc;
    rc = import_pair(t->h, s, m, &t->e);
    t->h->m.f->C_CloseSession(s);
    return rc;
}

enum mc_rc hsm_import_p256(struct hsm *h, const char *label, const uint8_t scalar[HSM_SCALAR_LEN],
    const uint8_t point[HSM_POINT_LEN], uint8_t id[HSM_ID_LEN], struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct import_task *m;
    enum mc_rc rc;

    if (!belong_together(scalar, point))
        return mc_fail(e, HSM_E_KEY_OTHER, NULL, "the private key is not that of the certificate");
    rc = hsm_task_new(h, sizeof(*m), import_run, &t, e);
    if (rc != MC_OK)
        return rc;
    m = (struct import_task *)t;
    snprintf(m->sel.label, sizeof(m->sel.label), "%s", label);
    m->sel.id_n = HSM_ID_LEN;
    memcpy(m->scalar, scalar, sizeof(m->scalar));
    memcpy(m->point, point, sizeof(m->point));
    if (mc_key_id(h->verifier, point, m->sel.id) != MC_OK) {
        hsm_task_free(t);
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    }
    memcpy(id, m->sel.id, HSM_ID_LEN);
    rc = hsm_task_do(&t, e);
    hsm_task_free(t);
    return rc;
}
