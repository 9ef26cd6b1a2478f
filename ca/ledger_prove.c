/* SPDX-License-Identifier: Apache-2.0 */
/* Roots and inclusion proofs of any size of the tree, from the leaf column and the subtree rows. */
#include "ledger_internal.h"

/*
 * The perfect subtree idx of a level (2^level leaves). Rows are kept for every eighth level only, so up to
 * 128 rows of the level below are hashed together.
 */
static enum mc_rc perfect(
    struct ledger *l, unsigned level, uint64_t idx, uint8_t out[MC_DIGEST_LEN], struct mc_err *e)
{
    unsigned rows_level = level / LEDGER_TILE_BITS, shift = level % LEDGER_TILE_BITS;
    uint64_t first = idx << shift, end = (idx + 1) << shift;
    struct mc_span hash;
    struct mc_merkle m;
    sqlite3_stmt *s;
    enum mc_rc rc;
    bool row = true;
    int column = 1;

    mc_merkle_init(&m);
    s = ledger_stmt(l, rows_level == 0 ? SQL_LEAF_RANGE : SQL_SUBTREE_RANGE, &rc, e);
    if (s == NULL)
        return rc;
    if (rows_level != 0)
        sqlite3_bind_int(s, column++, (int)rows_level);
    sqlite3_bind_int64(s, column++, (sqlite3_int64)first);
    sqlite3_bind_int64(s, column, (sqlite3_int64)end);
    while ((rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        hash = ledger_column_span(s, 0);
        if (hash.n != MC_DIGEST_LEN)
            break;
        rc = mc_merkle_append(l->v, &m, hash.p, NULL, NULL);
        if (rc != MC_OK)
            break;
    }
    sqlite3_reset(s);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (m.size != end - first || m.n != 1)
        return mc_fail(e, CA_E_LEDGER, "subtree", "hashes are missing for entries %llu to %llu",
            (unsigned long long)(idx << level), (unsigned long long)((idx + 1) << level) - 1);
    memcpy(out, m.peak[0], MC_DIGEST_LEN);
    return MC_OK;
}

/* The root of leaves from..size-1, where `from` is a multiple of a power of two that is not below their
 * count. */
static enum mc_rc root_of(
    struct ledger *l, uint64_t from, uint64_t size, uint8_t root[MC_DIGEST_LEN], struct mc_err *e)
{
    struct mc_merkle m = {.size = size - from};
    enum mc_rc rc = MC_OK;

    for (int level = 63; level >= 0 && rc == MC_OK; level--) {
        if ((m.size >> level & 1) == 0)
            continue;
        rc = perfect(l, (unsigned)level, from >> level, m.peak[m.n++], e);
        from += UINT64_C(1) << level;
    }
    if (rc != MC_OK)
        return rc;
    rc = mc_merkle_root(l->v, &m, root);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

/* The size that is asked for must be one that the tree has had. */
static enum mc_rc begin(struct ledger *l, uint64_t size, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    if (!l->in_txn)
        rc = ledger_load_head(l, e);
    if (rc == MC_OK && size > l->tree.size)
        rc = mc_fail(
            e, CA_E_NOT_FOUND, "size", "the ledger has %llu entries", (unsigned long long)l->tree.size);
    if (rc != MC_OK)
        ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_root_at(struct ledger *l, uint64_t size, uint8_t root[LEDGER_HASH_LEN], struct mc_err *e)
{
    enum mc_rc rc = begin(l, size, e);

    if (rc != MC_OK)
        return rc;
    rc = root_of(l, 0, size, root, e);
    ledger_read_end(l);
    return rc;
}

/*
 * From the leaf up: the sibling is a perfect subtree, or the last node of its level, which need not be
 * perfect, or missing, and then the node is its own parent.
 */
static enum mc_rc collect(struct ledger *l, struct ledger_proof *p, struct mc_err *e)
{
    uint64_t at = p->seq, last = p->size - 1;
    enum mc_rc rc = MC_OK;

    p->n = 0;
    for (unsigned level = 0; last > 0 && rc == MC_OK; level++, at >>= 1, last >>= 1) {
        uint64_t sibling = at ^ 1;

        if (sibling < last)
            rc = perfect(l, level, sibling, p->hash[p->n++], e);
        else if (sibling == last)
            rc = root_of(l, sibling << level, p->size, p->hash[p->n++], e);
    }
    return rc;
}

static enum mc_rc prove(struct ledger *l, struct ledger_proof *p, struct mc_err *e)
{
    uint8_t root[MC_DIGEST_LEN];
    enum mc_rc rc = perfect(l, 0, p->seq, p->leaf, e);

    if (rc == MC_OK)
        rc = root_of(l, 0, p->size, p->root, e);
    if (rc == MC_OK)
        rc = collect(l, p, e);
    if (rc != MC_OK)
        return rc;
    rc = mc_merkle_root_from_proof(
        l->v, p->seq, p->size, p->leaf, (const uint8_t(*)[MC_DIGEST_LEN])p->hash, p->n, root);
    if (rc != MC_OK || memcmp(root, p->root, sizeof(root)) != 0)
        return mc_fail(e, CA_E_LEDGER, "subtree", "the hashes above entry %llu contradict each other",
            (unsigned long long)p->seq);
    return MC_OK;
}

enum mc_rc ledger_prove(
    struct ledger *l, uint64_t seq, uint64_t size, struct ledger_proof *p, struct mc_err *e)
{
    enum mc_rc rc;

    if (seq >= size)
        return mc_fail(e, CA_E_NOT_FOUND, "entry", "%llu is not among the first %llu",
            (unsigned long long)seq, (unsigned long long)size);
    rc = begin(l, size, e);
    if (rc != MC_OK)
        return rc;
    p->seq = seq;
    p->size = size;
    rc = prove(l, p, e);
    ledger_read_end(l);
    return rc;
}
