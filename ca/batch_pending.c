/* SPDX-License-Identifier: Apache-2.0 */
/* A set of hashes, open addressing with linear probing; the hashes are of SHA-256 or of public keys. */
#include "batch_chunk.h"

#include <stdlib.h>

struct pending *pending_new(uint32_t requests)
{
    uint32_t slots = 1024;
    struct pending *p;

    while (slots / 8 < requests) /* each has two or three hashes */
        slots *= 2;
    p = calloc(1, sizeof(*p) + slots * sizeof(p->slot[0]));
    if (p != NULL)
        p->mask = slots - 1;
    return p;
}

static uint32_t home(const struct pending *p, uint64_t hash)
{
    return (uint32_t)(hash >> 40) & p->mask;
}

static uint32_t next(const struct pending *p, uint32_t i)
{
    return (i + 1) & p->mask;
}

bool pending_has(const struct pending *p, uint64_t hash)
{
    for (uint32_t i = home(p, hash); p->slot[i] != 0; i = next(p, i))
        if (p->slot[i] == hash)
            return true;
    return false;
}

void pending_add(struct pending *p, uint64_t hash)
{
    uint32_t i = home(p, hash);

    while (p->slot[i] != 0)
        i = next(p, i);
    p->slot[i] = hash;
}

/* What stands behind the hole and would no longer be reached moves into it. */
void pending_remove(struct pending *p, uint64_t hash)
{
    uint32_t hole = home(p, hash);

    while (p->slot[hole] != hash) {
        if (p->slot[hole] == 0)
            return;
        hole = next(p, hole);
    }
    for (uint32_t i = next(p, hole); p->slot[i] != 0; i = next(p, i)) {
        uint32_t from_home = (i - home(p, p->slot[i])) & p->mask;
        uint32_t from_hole = (i - hole) & p->mask;

        if (from_home >= from_hole) {
            p->slot[hole] = p->slot[i];
            hole = i;
        }
    }
    p->slot[hole] = 0;
}
