/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "lib/derive.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define FABRIC_ID UINT64_C(0x2906C908D115D362)

static const char root_hex[] = "044a9f42b1ca4840d37292bbc7f6a7e11e22200c976fc900dbc98a7a383a641cb8"
                               "254a2e56d4e295a847943b4e3897c4a773e930277b4d9fbede8a052686bfacfa";
static const char compressed_hex[] = "87e1b004e235a130";

static void unhex(const char *hex, uint8_t *out)
{
    assert_true(mc_hex_decode(hex, strlen(hex) / 2, out));
}

static void assert_hex(const uint8_t *got, const char *hex)
{
    uint8_t want[MC_POINT_LEN];

    unhex(hex, want);
    assert_memory_equal(got, want, strlen(hex) / 2);
}

static void compressed_fabric_id_follows_the_vector(void **state)
{
    uint8_t root[MC_POINT_LEN], out[MC_COMPRESSED_LEN];

    (void)state;
    unhex(root_hex, root);
    assert_int_equal(mc_compressed_fabric_id(root, FABRIC_ID, out), MC_OK);
    assert_hex(out, compressed_hex);
}

static void compressed_fabric_id_needs_a_key_and_a_fabric(void **state)
{
    uint8_t root[MC_POINT_LEN], out[MC_COMPRESSED_LEN];

    (void)state;
    unhex(root_hex, root);
    assert_int_equal(mc_compressed_fabric_id(root, 0, out), MC_E_FABRIC_ID);
    for (int first = 0; first < 256; first++) {
        root[0] = (uint8_t)first;
        assert_int_equal(mc_compressed_fabric_id(root, FABRIC_ID, out), first == 0x04 ? MC_OK : MC_E_POINT);
    }
}

static void compressed_fabric_id_follows_the_vector_files(void **state)
{
    uint8_t root[MC_POINT_LEN], want[MC_COMPRESSED_LEN], out[MC_COMPRESSED_LEN];

    (void)state;
    vectors_need();
    assert_int_equal(
        vectors_read(
            "values/TestChipCryptoPAL/TestCompressedFabricIdentifier.kRootPublicKey.bin", root, sizeof(root)),
        sizeof(root));
    assert_int_equal(
        vectors_read(
            "values/TestChipCryptoPAL/TestCompressedFabricIdentifier.kExpectedCompressedFabricIdentifier.bin",
            want, sizeof(want)),
        sizeof(want));
    assert_int_equal(mc_compressed_fabric_id(root, FABRIC_ID, out), MC_OK);
    assert_memory_equal(out, want, sizeof(want));
    vectors_read("values/TestGroupOperationalCredentials/kCompressedFabricIdBuffer1.bin", want, sizeof(want));
    assert_memory_equal(out, want, sizeof(want));
    vectors_read("values/TestChipCryptoPAL/TestCompressedFabricIdentifier.kInvalidRootPublicKey.bin", root,
        sizeof(root));
    assert_int_equal(mc_compressed_fabric_id(root, FABRIC_ID, out), MC_E_POINT);
}

static const struct {
    const char *compressed, *epoch, *operational, *privacy;
    int session; /* -1: the source gives none */
} groups[] = {
    {compressed_hex, "235bf7e62823d358dca4ba50b1535f4b", "a6f5306baf6d050af23ba4bd6b9dd960",
        "01f8d1927126f194082572d49b1fdc73", 0xB9F7},
    {compressed_hex, "00000000000000000000000000000000", "c5f2690187115150c356ad93b385bb0f",
        "f5ce81881d1118c5c891c9060bc77009", 0x479E},
    {"2906c908d115d362", "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "1f19ed3cef8a211baf306faeeee7aac6",
        "b8279f89621ed327a9c39f6a27247358", -1},
    {"2906c908d115d362", "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf", "aa979a48bd8cdf293a0709b9c1eb1930",
        "f72570c3c089a0fe28758357afffb8d2", -1},
};

static void group_keys_follow_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(groups); i++) {
        uint8_t compressed[MC_COMPRESSED_LEN], epoch[MC_IPK_LEN], key[MC_IPK_LEN], privacy[MC_IPK_LEN];
        uint16_t session;

        unhex(groups[i].compressed, compressed);
        unhex(groups[i].epoch, epoch);
        assert_int_equal(mc_operational_group_key(epoch, compressed, key), MC_OK);
        assert_hex(key, groups[i].operational);
        assert_int_equal(mc_group_privacy_key(key, privacy), MC_OK);
        assert_hex(privacy, groups[i].privacy);
        assert_int_equal(mc_group_session_id(key, &session), MC_OK);
        if (groups[i].session >= 0)
            assert_int_equal(session, groups[i].session);
    }
}

static const struct {
    const char *compressed, *epoch, *operational, *privacy;
} group_files[] = {
    {"kCompressedFabricId", "kEpochKeyBuffer1", "kGroupOperationalKey1", "kGroupPrivacyKey1"},
    {"kCompressedFabricId", "kEpochKeyBuffer2", "kGroupOperationalKey2", "kGroupPrivacyKey2"},
    {"kCompressedFabricId2", "kEpochKeyBuffer3", "kGroupOperationalKey3", "kGroupPrivacyKey3"},
};

static void read_value(const char *name, uint8_t *out, size_t n)
{
    char path[128];

    snprintf(path, sizeof(path), "values/TestChipCryptoPAL/%s.bin", name);
    assert_int_equal(vectors_read(path, out, n), n);
}

static void group_keys_follow_the_vector_files(void **state)
{
    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(group_files); i++) {
        uint8_t compressed[MC_COMPRESSED_LEN], epoch[MC_IPK_LEN], key[MC_IPK_LEN], want[MC_IPK_LEN];

        read_value(group_files[i].compressed, compressed, sizeof(compressed));
        read_value(group_files[i].epoch, epoch, sizeof(epoch));
        read_value(group_files[i].operational, want, sizeof(want));
        assert_int_equal(mc_operational_group_key(epoch, compressed, key), MC_OK);
        assert_memory_equal(key, want, sizeof(want));
        read_value(group_files[i].privacy, want, sizeof(want));
        assert_int_equal(mc_group_privacy_key(key, key), MC_OK);
        assert_memory_equal(key, want, sizeof(want));
    }
}

static void destination_id_follows_the_vector(void **state)
{
    uint8_t ipk[MC_IPK_LEN], random[32], root[MC_POINT_LEN], out[32];

    (void)state;
    unhex("9bc61cd9c62a2df6d64dfcaa9dc472d4", ipk);
    unhex("7e171231568dfa17206b3accf8faec2f4d21b580113196f47c7c4deb810a73dc", random);
    unhex(root_hex, root);
    assert_int_equal(
        mc_destination_id(ipk, random, root, FABRIC_ID, UINT64_C(0xCD5544AA7B13EF14), out), MC_OK);
    assert_hex(out, "dc35dd5fc9134cc5544538c9c3fc4297c1ec3370c839136a80e10796451d4c53");
}

static void destination_id_needs_valid_ids_and_a_key(void **state)
{
    uint8_t ipk[MC_IPK_LEN] = {0}, random[32] = {0}, root[MC_POINT_LEN], out[32];

    (void)state;
    unhex(root_hex, root);
    assert_int_equal(mc_destination_id(ipk, random, root, 0, 1, out), MC_E_FABRIC_ID);
    assert_int_equal(mc_destination_id(ipk, random, root, 1, 0, out), MC_E_NODE_ID);
    assert_int_equal(mc_destination_id(ipk, random, root, 1, MC_NODE_ID_MAX + 1, out), MC_E_NODE_ID);
    assert_int_equal(mc_destination_id(ipk, random, root, 1, MC_NODE_ID_MAX, out), MC_OK);
    root[0] = 0x02;
    assert_int_equal(mc_destination_id(ipk, random, root, 1, 1, out), MC_E_POINT);
}

static void instance_name_is_upper_case_and_padded(void **state)
{
    uint8_t compressed[MC_COMPRESSED_LEN];
    char name[MC_INSTANCE_TEXT_MAX];

    (void)state;
    unhex(compressed_hex, compressed);
    mc_instance_name(compressed, UINT64_C(0x8FC7772401CD0696), name);
    assert_string_equal(name, "87E1B004E235A130-8FC7772401CD0696");
    mc_instance_name(compressed, 1, name);
    assert_string_equal(name, "87E1B004E235A130-0000000000000001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressed_fabric_id_follows_the_vector),
        cmocka_unit_test(compressed_fabric_id_needs_a_key_and_a_fabric),
        cmocka_unit_test(compressed_fabric_id_follows_the_vector_files),
        cmocka_unit_test(group_keys_follow_the_vectors),
        cmocka_unit_test(group_keys_follow_the_vector_files),
        cmocka_unit_test(destination_id_follows_the_vector),
        cmocka_unit_test(destination_id_needs_valid_ids_and_a_key),
        cmocka_unit_test(instance_name_is_upper_case_and_padded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
