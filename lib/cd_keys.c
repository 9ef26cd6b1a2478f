/* SPDX-License-Identifier: Apache-2.0 */
/* Who may sign a declaration (matter-attestation 1.11, 4.4, 4.5). */
#include "cd.h"

const struct mc_cd_key mc_cd_keys[] = {
#include "cd_keys.def"
};
const size_t mc_cd_keys_n = sizeof(mc_cd_keys) / sizeof(mc_cd_keys[0]);

const struct mc_cd_key *mc_cd_key_find(const struct mc_cd_key *more, size_t n_more, struct mc_span key_id)
{
    for (size_t i = 0; i < mc_cd_keys_n; i++)
        if (mc_span_eq(mc_span_of(mc_cd_keys[i].key_id, MC_KEY_ID_LEN), key_id))
            return &mc_cd_keys[i];
    for (size_t i = 0; i < n_more; i++)
        if (mc_span_eq(mc_span_of(more[i].key_id, MC_KEY_ID_LEN), key_id))
            return &more[i];
    return NULL;
}

bool mc_cd_test_key_fits(uint8_t certification_type)
{
    return certification_type == MC_CD_TEST || certification_type == MC_CD_PROVISIONAL;
}

/* "Matter Certification and Testing CA" of the CSA: its key id, its key, and since when it is valid. */
static const uint8_t root_key_id[MC_KEY_ID_LEN] = {
    0x97, 0xE4, 0x69, 0xD0, 0xC5, 0x04, 0x14, 0xC2, 0x6F, 0xC7, 0x01, 0xF7, 0x7E, 0x94, 0x77, 0x39,
    0x09, 0x8D, 0xF6, 0xA5,
};
static const uint8_t root_point[MC_POINT_LEN] = {
    0x04, 0x38, 0x4A, 0x3A, 0xC3, 0xAA, 0x5D, 0xBE, 0xCB, 0x72, 0x0F, 0xE6, 0x21, 0x1D, 0x3C, 0xAD,
    0x48, 0x62, 0x6F, 0xF7, 0x11, 0xA0, 0xA4, 0x92, 0x9F, 0xAD, 0xD8, 0x60, 0xF8, 0xE2, 0x77, 0xFF,
    0xC0, 0xDE, 0x1F, 0x3E, 0xB6, 0x33, 0x7A, 0x34, 0x84, 0x7B, 0x5A, 0x3A, 0x05, 0x6E, 0xA8, 0x71,
    0x0E, 0x93, 0x77, 0xEE, 0xED, 0xEE, 0x25, 0x17, 0x03, 0xFD, 0xD9, 0x35, 0x01, 0x25, 0xCB, 0x8E,
    0x48,
};
#define ROOT_NOT_BEFORE_UNIX INT64_C(1657222084) /* 2022-07-07T19:28:04Z */

enum mc_rc mc_cd_key_of(const struct mc_cert *c, const char *name, struct mc_cd_key *key, struct mc_err *e)
{
    if (!c->p256)
        return mc_fail(e, MC_E_CURVE, "subjectPublicKey", NULL);
    if (!c->has_skid || c->skid.n != MC_KEY_ID_LEN)
        return mc_fail(e, MC_E_CHAIN_KEY_ID, "subjectKeyIdentifier", NULL);
    *key = (struct mc_cd_key){.name = name};
    memcpy(key->key_id, c->skid.p, MC_KEY_ID_LEN);
    memcpy(key->point, c->point.p, MC_POINT_LEN);
    return MC_OK;
}

enum mc_rc mc_cd_check_official(struct mc_verifier *v, const struct mc_cert *c, struct mc_err *e)
{
    struct mc_span akid;

    if (!mc_att_akid(c, &akid) || !mc_span_eq(akid, mc_span_of(root_key_id, MC_KEY_ID_LEN)))
        return mc_fail(e, MC_E_CD_KEY, "authorityKeyIdentifier", "it is not the certification root's of the CSA");
    if (c->not_before_unix < ROOT_NOT_BEFORE_UNIX)
        return mc_fail(e, MC_E_ATT_PERIOD, "validity.notBefore", NULL);
    return mc_cert_check_signature(v, c, root_point, e);
}
