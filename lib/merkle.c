/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle.h"

enum mc_rc mc_merkle_leaf(struct mc_verifier *v, struct mc_span entry, uint8_t out[MC_DIGEST_LEN])
{
    static const uint8_t prefix = 0x00;
    const struct mc_span parts[] = {{&prefix, 1}, entry};

    return mc_sha256_parts(v, parts, 2, out);
}

enum mc_rc mc_merkle_node(struct mc_verifier *v, const uint8_t left[MC_DIGEST_LEN],
    const uint8_t right[MC_DIGEST_LEN], uint8_t out[MC_DIGEST_LEN])
{
    uint8_t in[1 + 2 * MC_DIGEST_LEN];

    in[0] = 0x01;
    memcpy(in + 1, left, MC_DIGEST_LEN);
    memcpy(in + 1 + MC_DIGEST_LEN, right, MC_DIGEST_LEN);
    return mc_sha256(v, mc_span_of(in, sizeof(in)), out);
}

void mc_merkle_init(struct mc_merkle *m)
{
    m->size = 0;
    m->n = 0;
}

/*
 * The new leaf is a subtree of level 0; while the frontier ends with one of the same level (the low bits of
 * the old size are ones), the two become one of the next level.
 */
enum mc_rc mc_merkle_append(struct mc_verifier *v, struct mc_merkle *m, const uint8_t leaf[MC_DIGEST_LEN],
    enum mc_rc (*done)(void *arg, unsigned level, uint64_t index, const uint8_t hash[MC_DIGEST_LEN]),
    void *arg)
{
    uint8_t hash[MC_DIGEST_LEN];
    unsigned level = 0, n = m->n;
    enum mc_rc rc;

    if (m->size == UINT64_MAX)
        return CA_E_LEDGER;
    memcpy(hash, leaf, MC_DIGEST_LEN);
    for (uint64_t rest = m->size; rest & 1; rest >>= 1) {
        rc = mc_merkle_node(v, m->peak[--n], hash, hash);
        if (rc != MC_OK)
            return rc;
        level++;
        if (done != NULL && (rc = done(arg, level, m->size >> level, hash)) != MC_OK)
            return rc;
    }
    memcpy(m->peak[n], hash, MC_DIGEST_LEN);
    m->n = n + 1;
    m->size++;
    return MC_OK;
}

enum mc_rc mc_merkle_root(struct mc_verifier *v, const struct mc_merkle *m, uint8_t root[MC_DIGEST_LEN])
{
    enum mc_rc rc = MC_OK;

    if (m->n == 0)
        return mc_sha256(v, mc_span_of("", 0), root);
    memcpy(root, m->peak[m->n - 1], MC_DIGEST_LEN);
    for (unsigned i = m->n - 1; i > 0 && rc == MC_OK; i--)
        rc = mc_merkle_node(v, m->peak[i - 1], root, root);
    return rc;
}

/* fn is the index of the node on the path at the present level, sn that of the last node of the level. */
enum mc_rc mc_merkle_root_from_proof(struct mc_verifier *v, uint64_t seq, uint64_t size,
    const uint8_t leaf[MC_DIGEST_LEN], const uint8_t (*hash)[MC_DIGEST_LEN], unsigned n,
    uint8_t root[MC_DIGEST_LEN])
{
    uint64_t fn = seq, sn = size - 1;
    uint8_t at[MC_DIGEST_LEN];
    enum mc_rc rc;

    if (size == 0 || seq >= size)
        return CA_E_LEDGER;
    memcpy(at, leaf, MC_DIGEST_LEN);
    for (unsigned i = 0; i < n; i++) {
        if (sn == 0)
            return CA_E_LEDGER;
        if ((fn & 1) != 0 || fn == sn) {
            rc = mc_merkle_node(v, hash[i], at, at);
            for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                sn >>= 1;
        } else {
            rc = mc_merkle_node(v, at, hash[i], at);
        }
        if (rc != MC_OK)
            return rc;
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0)
        return CA_E_LEDGER;
    memcpy(root, at, MC_DIGEST_LEN);
    return MC_OK;
}
