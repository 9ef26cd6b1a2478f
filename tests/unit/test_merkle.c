/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/sha.h>

#include "lib/merkle.h"

#define LEAVES 301

static struct mc_verifier *v;
static uint8_t leaf[LEAVES][MC_DIGEST_LEN];

/* RFC 6962 2.1 word for word, on libcrypto alone: what the code is compared with. */
static void naive_node(const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    uint8_t in[65];

    in[0] = 1;
    memcpy(in + 1, left, 32);
    memcpy(in + 33, right, 32);
    SHA256(in, sizeof(in), out);
}

static size_t split(size_t n)
{
    size_t k = 1;

    while (2 * k < n)
        k *= 2;
    return k;
}

static void naive_root(size_t from, size_t n, uint8_t *out)
{
    uint8_t left[32], right[32];

    if (n == 0) {
        SHA256((const uint8_t *)"", 0, out);
        return;
    }
    if (n == 1) {
        memcpy(out, leaf[from], 32);
        return;
    }
    naive_root(from, split(n), left);
    naive_root(from + split(n), n - split(n), right);
    naive_node(left, right, out);
}

/* RFC 6962 2.1.1 PATH(m, D[n]). */
static unsigned naive_path(size_t m, size_t from, size_t n, uint8_t (*out)[32])
{
    size_t k = split(n);
    unsigned count;

    if (n == 1)
        return 0;
    if (m < k) {
        count = naive_path(m, from, k, out);
        naive_root(from + k, n - k, out[count]);
    } else {
        count = naive_path(m - k, from + k, n - k, out);
        naive_root(from, k, out[count]);
    }
    return count + 1;
}

static int make_leaves(void **state)
{
    (void)state;
    v = mc_verifier_new();
    if (v == NULL)
        return 1;
    for (unsigned i = 0; i < LEAVES; i++) {
        uint8_t entry[4] = {0, (uint8_t)(i >> 8), (uint8_t)i, 7};

        if (mc_merkle_leaf(v, mc_span_of(entry, sizeof(entry)), leaf[i]) != MC_OK)
            return 1;
    }
    return 0;
}

static int drop_verifier(void **state)
{
    (void)state;
    mc_verifier_free(v);
    return 0;
}

static void the_published_roots_come_out(void **state)
{
    /* The tree of the eight inputs that the RFC 6962 reference implementation tests with. */
    static const struct {
        const char *octets;
        size_t n;
    } inputs[] = {{"", 0}, {"\x00", 1}, {"\x10", 1}, {"\x20\x21", 2}, {"\x30\x31", 2},
        {"\x40\x41\x42\x43", 4}, {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
        {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    static const uint8_t empty[] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14};
    static const uint8_t one[] = {0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98};
    static const uint8_t eight[] = {0x5d, 0xc9, 0xda, 0x79, 0xa7, 0x06, 0x59, 0xa9};
    uint8_t hash[32], root[32];
    struct mc_merkle m;

    (void)state;
    mc_merkle_init(&m);
    assert_int_equal(mc_merkle_root(v, &m, root), MC_OK);
    assert_memory_equal(root, empty, sizeof(empty));
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(mc_merkle_leaf(v, mc_span_of(inputs[i].octets, inputs[i].n), hash), MC_OK);
        assert_int_equal(mc_merkle_append(v, &m, hash, NULL, NULL), MC_OK);
        assert_int_equal(mc_merkle_root(v, &m, root), MC_OK);
        if (i == 0)
            assert_memory_equal(root, one, sizeof(one));
    }
    assert_memory_equal(root, eight, sizeof(eight));
}

static void the_root_of_every_size_is_that_of_the_definition(void **state)
{
    uint8_t want[32], got[32];
    struct mc_merkle m;

    (void)state;
    mc_merkle_init(&m);
    for (unsigned n = 0; n < LEAVES; n++) {
        naive_root(0, n, want);
        assert_int_equal(mc_merkle_root(v, &m, got), MC_OK);
        assert_memory_equal(got, want, 32);
        assert_int_equal(m.size, n);
        assert_int_equal(mc_merkle_append(v, &m, leaf[n], NULL, NULL), MC_OK);
    }
}

struct told {
    unsigned count[16];
};

static enum mc_rc compare_subtree(
    void *arg, unsigned level, uint64_t index, const uint8_t hash[MC_DIGEST_LEN])
{
    struct told *t = arg;
    uint8_t want[32];

    assert_true(level >= 1 && level < 16);
    assert_int_equal(index, t->count[level]);
    naive_root(index << level, (size_t)1 << level, want);
    assert_memory_equal(hash, want, 32);
    t->count[level]++;
    return MC_OK;
}

static void each_perfect_subtree_is_told_once_and_in_order(void **state)
{
    struct told t = {0};
    struct mc_merkle m;

    (void)state;
    mc_merkle_init(&m);
    for (unsigned n = 0; n < LEAVES; n++)
        assert_int_equal(mc_merkle_append(v, &m, leaf[n], compare_subtree, &t), MC_OK);
    for (unsigned level = 1; level < 16; level++)
        assert_int_equal(t.count[level], LEAVES >> level);
}

static enum mc_rc refuse(void *arg, unsigned level, uint64_t index, const uint8_t hash[MC_DIGEST_LEN])
{
    (void)arg, (void)level, (void)index, (void)hash;
    return CA_E_DB_FULL;
}

static void a_subtree_that_cannot_be_stored_leaves_the_tree_as_it_was(void **state)
{
    struct mc_merkle m, before;

    (void)state;
    mc_merkle_init(&m);
    assert_int_equal(mc_merkle_append(v, &m, leaf[0], refuse, NULL), MC_OK);
    before = m;
    assert_int_equal(mc_merkle_append(v, &m, leaf[1], refuse, NULL), CA_E_DB_FULL);
    assert_int_equal(m.size, before.size);
    assert_int_equal(m.n, before.n);
    assert_memory_equal(m.peak[0], before.peak[0], 32);
}

static void every_proof_of_every_size_leads_to_the_root(void **state)
{
    uint8_t path[64][32], want[32], got[32];

    (void)state;
    for (size_t n = 1; n < LEAVES; n++) {
        naive_root(0, n, want);
        for (size_t m = 0; m < n; m++) {
            unsigned count = naive_path(m, 0, n, path);

            assert_int_equal(
                mc_merkle_root_from_proof(v, m, n, leaf[m], (const uint8_t(*)[32])path, count, got), MC_OK);
            assert_memory_equal(got, want, 32);
        }
    }
}

static void a_proof_of_the_wrong_length_is_refused(void **state)
{
    uint8_t path[64][32] = {{0}}, got[32];

    (void)state;
    for (size_t n = 1; n < 70; n++) {
        for (size_t m = 0; m < n; m++) {
            unsigned count = naive_path(m, 0, n, path);

            assert_int_equal(
                mc_merkle_root_from_proof(v, m, n, leaf[m], (const uint8_t(*)[32])path, count + 1, got),
                CA_E_LEDGER);
            if (count > 0)
                assert_int_equal(
                    mc_merkle_root_from_proof(v, m, n, leaf[m], (const uint8_t(*)[32])path, count - 1, got),
                    CA_E_LEDGER);
        }
    }
    assert_int_equal(mc_merkle_root_from_proof(v, 0, 0, leaf[0], NULL, 0, got), CA_E_LEDGER);
    assert_int_equal(mc_merkle_root_from_proof(v, 5, 5, leaf[0], NULL, 0, got), CA_E_LEDGER);
}

static void a_proof_with_one_changed_bit_leads_elsewhere(void **state)
{
    uint8_t path[64][32], want[32], got[32];
    const size_t n = 77, m = 41;
    unsigned count = naive_path(m, 0, n, path);

    (void)state;
    naive_root(0, n, want);
    for (unsigned i = 0; i < count; i++) {
        path[i][i] ^= 0x10;
        assert_int_equal(
            mc_merkle_root_from_proof(v, m, n, leaf[m], (const uint8_t(*)[32])path, count, got), MC_OK);
        assert_memory_not_equal(got, want, 32);
        path[i][i] ^= 0x10;
    }
    assert_int_equal(
        mc_merkle_root_from_proof(v, m + 1, n, leaf[m], (const uint8_t(*)[32])path, count, got), MC_OK);
    assert_memory_not_equal(got, want, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_roots_come_out),
        cmocka_unit_test(the_root_of_every_size_is_that_of_the_definition),
        cmocka_unit_test(each_perfect_subtree_is_told_once_and_in_order),
        cmocka_unit_test(a_subtree_that_cannot_be_stored_leaves_the_tree_as_it_was),
        cmocka_unit_test(every_proof_of_every_size_leads_to_the_root),
        cmocka_unit_test(a_proof_of_the_wrong_length_is_refused),
        cmocka_unit_test(a_proof_with_one_changed_bit_leads_elsewhere),
    };

    return cmocka_run_group_tests(tests, make_leaves, drop_verifier);
}
