/* SPDX-License-Identifier: Apache-2.0 */
/* A set of hashes, open addressing with linear probing; the hashes are of SHA-256 or of public keys. */
#include "batch_chunk.h"

static uint32_t home(uint64_t hash)
{
    return (uint32_t)(hash >> 40) & (PENDING_SLOTS - 1);
}

static uint32_t next(uint32_t i)
{
    return (i + 1) & (PENDING_SLOTS - 1);
}

bool pending_has(const struct pending *p, uint64_t hash)
{
    for (uint32_t i = home(hash); p->slot[i] != 0; i = next(i))
        if (p->slot[i] == hash)
            return true;
    return false;
}

void pending_add(struct pending *p, uint64_t hash)
{
    uint32_t i = home(hash);

    while (p->slot[i] != 0)
        i = next(i);
    p->slot[i] = hash;
    p->n++;
}

/* What stands behind the hole and would no longer be reached moves into it. */
void pending_remove(struct pending *p, uint64_t hash)
{
    uint32_t hole = home(hash);

    while (p->slot[hole] != hash) {
        if (p->slot[hole] == 0)
            return;
        hole = next(hole);
    }
    for (uint32_t i = next(hole); p->slot[i] != 0; i = next(i)) {
        uint32_t from_home = (i - home(p->slot[i])) & (PENDING_SLOTS - 1);
        uint32_t from_hole = (i - hole) & (PENDING_SLOTS - 1);

        if (from_home >= from_hole) {
            p->slot[hole] = p->slot[i];
            hole = i;
        }
    }
    p->slot[hole] = 0;
    p->n--;
}
