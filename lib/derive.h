/* SPDX-License-Identifier: Apache-2.0 */
/*
 * derive.h - values that follow from keys and ids (matter-operational 4.1 to 4.4).
 */
#ifndef MC_DERIVE_H
#define MC_DERIVE_H

#include "pubkey.h"

#define MC_IPK_LEN           16
#define MC_COMPRESSED_LEN    8
#define MC_INSTANCE_TEXT_MAX 34 /* "87E1B004E235A130-8FC7772401CD0696" and NUL */

/*
 * HKDF over X || Y of the root key, salt = fabric id big-endian, info "CompressedFabric". MC_E_POINT if the
 * key is not in uncompressed form (whether it is on the curve is not looked at), MC_E_FABRIC_ID.
 */
MC_MUST_CHECK enum mc_rc mc_compressed_fabric_id(
    const uint8_t root_point[MC_POINT_LEN], uint64_t fabric_id, uint8_t out[MC_COMPRESSED_LEN]);
/* "GroupKey v1.0": the operational key of an epoch key (for key set 0: the operational IPK). */
MC_MUST_CHECK enum mc_rc mc_operational_group_key(const uint8_t epoch_key[MC_IPK_LEN],
    const uint8_t compressed_fabric_id[MC_COMPRESSED_LEN], uint8_t out[MC_IPK_LEN]);
/* "GroupKeyHash", read big-endian, and "PrivacyKey". */
MC_MUST_CHECK enum mc_rc mc_group_session_id(const uint8_t operational_key[MC_IPK_LEN], uint16_t *id);
MC_MUST_CHECK enum mc_rc mc_group_privacy_key(const uint8_t operational_key[MC_IPK_LEN], uint8_t out[MC_IPK_LEN]);
/*
 * CASE destination identifier, 32 octets; fabric and node id go in little-endian. MC_E_POINT, MC_E_FABRIC_ID,
 * MC_E_NODE_ID.
 */
MC_MUST_CHECK enum mc_rc mc_destination_id(const uint8_t operational_ipk[MC_IPK_LEN], const uint8_t random[32],
    const uint8_t root_point[MC_POINT_LEN], uint64_t fabric_id, uint64_t node_id, uint8_t out[32]);
/* DNS-SD instance name of an operational node. */
void mc_instance_name(const uint8_t compressed_fabric_id[MC_COMPRESSED_LEN], uint64_t node_id,
    char out[MC_INSTANCE_TEXT_MAX]);

#endif
