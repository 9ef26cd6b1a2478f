/* SPDX-License-Identifier: Apache-2.0 */
#include "derive.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum {
    POINT_UNCOMPRESSED = 0x04,
    RANDOM_LEN = 32,
    ID_LEN = 8,
    DESTINATION_MESSAGE_LEN = RANDOM_LEN + MC_POINT_LEN + 2 * ID_LEN,
};

static void put_big_endian(uint8_t out[ID_LEN], uint64_t value)
{
    for (unsigned i = ID_LEN; i > 0; i--, value >>= 8)
        out[i - 1] = (uint8_t)value;
}

static void put_little_endian(uint8_t out[ID_LEN], uint64_t value)
{
    for (unsigned i = 0; i < ID_LEN; i++, value >>= 8)
        out[i] = (uint8_t)value;
}

static struct mc_span info_of(const char *text)
{
    return mc_span_of(text, strlen(text));
}

enum mc_rc mc_compressed_fabric_id(
    const uint8_t root_point[MC_POINT_LEN], uint64_t fabric_id, uint8_t out[MC_COMPRESSED_LEN])
{
    uint8_t salt[ID_LEN];
    enum mc_rc rc = mc_fabric_id_check(fabric_id);

    if (rc != MC_OK)
        return rc;
    if (root_point[0] != POINT_UNCOMPRESSED)
        return MC_E_POINT;
    put_big_endian(salt, fabric_id);
    return mc_hkdf(mc_span_of(root_point + 1, MC_POINT_LEN - 1), mc_span_of(salt, sizeof(salt)),
        info_of("CompressedFabric"), out, MC_COMPRESSED_LEN);
}

enum mc_rc mc_operational_group_key(const uint8_t epoch_key[MC_IPK_LEN],
    const uint8_t compressed_fabric_id[MC_COMPRESSED_LEN], uint8_t out[MC_IPK_LEN])
{
    return mc_hkdf(mc_span_of(epoch_key, MC_IPK_LEN), mc_span_of(compressed_fabric_id, MC_COMPRESSED_LEN),
        info_of("GroupKey v1.0"), out, MC_IPK_LEN);
}

enum mc_rc mc_group_session_id(const uint8_t operational_key[MC_IPK_LEN], uint16_t *id)
{
    uint8_t octets[2];
    enum mc_rc rc = mc_hkdf(mc_span_of(operational_key, MC_IPK_LEN), mc_span_of(NULL, 0),
        info_of("GroupKeyHash"), octets, sizeof(octets));

    if (rc == MC_OK)
        *id = (uint16_t)(octets[0] << 8 | octets[1]);
    return rc;
}

enum mc_rc mc_group_privacy_key(const uint8_t operational_key[MC_IPK_LEN], uint8_t out[MC_IPK_LEN])
{
    return mc_hkdf(
        mc_span_of(operational_key, MC_IPK_LEN), mc_span_of(NULL, 0), info_of("PrivacyKey"), out, MC_IPK_LEN);
}

enum mc_rc mc_destination_id(const uint8_t operational_ipk[MC_IPK_LEN], const uint8_t random[32],
    const uint8_t root_point[MC_POINT_LEN], uint64_t fabric_id, uint64_t node_id, uint8_t out[32])
{
    uint8_t message[DESTINATION_MESSAGE_LEN], *p = message;
    enum mc_rc rc = mc_fabric_id_check(fabric_id);

    if (rc == MC_OK)
        rc = mc_node_id_check(node_id);
    if (rc != MC_OK)
        return rc;
    if (root_point[0] != POINT_UNCOMPRESSED)
        return MC_E_POINT;
    p = (uint8_t *)mempcpy(p, random, RANDOM_LEN);
    p = (uint8_t *)mempcpy(p, root_point, MC_POINT_LEN);
    put_little_endian(p, fabric_id);
    put_little_endian(p + ID_LEN, node_id);
    if (HMAC(EVP_sha256(), operational_ipk, MC_IPK_LEN, message, sizeof(message), out, NULL) != NULL)
        return MC_OK;
    ERR_clear_error();
    return MC_E_CRYPTO;
}

void mc_instance_name(
    const uint8_t compressed_fabric_id[MC_COMPRESSED_LEN], uint64_t node_id, char out[MC_INSTANCE_TEXT_MAX])
{
    uint8_t node[ID_LEN];

    put_big_endian(node, node_id);
    mc_hex_encode_upper(compressed_fabric_id, MC_COMPRESSED_LEN, out);
    out[2 * MC_COMPRESSED_LEN] = '-';
    mc_hex_encode_upper(node, sizeof(node), out + 2 * MC_COMPRESSED_LEN + 1);
}
