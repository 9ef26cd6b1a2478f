/* SPDX-License-Identifier: Apache-2.0 */
/* The epoch key of a fabric, of which the SDK's controllers keep only what was derived from it. */
#include "foreign.h"

/* What they all begin with (the SDK's TestGroupData.h): whoever reads the SDK knows it. */
static const uint8_t well_known[MC_IPK_LEN] = {'t', 'e', 'm', 'p', 'o', 'r', 'a', 'r', 'y', ' ', 'i', 'p', 'k', ' ', '0', '1'};

static bool derives(const struct foreign *f, const uint8_t ipk[MC_IPK_LEN])
{
    uint8_t id[MC_COMPRESSED_LEN], key[MC_IPK_LEN];
    bool same = mc_compressed_fabric_id(f->root.cert.point.p, f->fabric_id, id) == MC_OK &&
                mc_operational_group_key(ipk, id, key) == MC_OK && memcmp(key, f->operational_ipk, sizeof(key)) == 0;

    hsm_wipe(key, sizeof(key));
    return same;
}

enum mc_rc foreign_find_ipk(struct foreign *f, const uint8_t *given, bool make_new, enum foreign_ipk *of, struct mc_err *e)
{
    if (make_new) {
        *of = FOREIGN_IPK_NEW;
        return MC_OK;
    }
    *of = FOREIGN_IPK_OWN;
    if (given != NULL)
        memcpy(f->ipk, given, sizeof(f->ipk));
    else if (!f->has_ipk && f->has_operational_ipk && f->has_fabric_id && derives(f, well_known))
        memcpy(f->ipk, well_known, sizeof(f->ipk));
    else if (!f->has_ipk)
        return mc_fail(e, CA_E_ADOPT_IPK, NULL, f->has_operational_ipk ? "it holds what was derived from the key, and the SDK's own key it is not"
                                                                       : "it holds nothing of it");
    f->has_ipk = true;
    if (f->has_operational_ipk && f->has_fabric_id && !derives(f, f->ipk))
        return mc_fail(e, CA_E_ADOPT, "ipk", "the epoch key is not the one from which the storage's was derived");
    if (memcmp(f->ipk, well_known, sizeof(f->ipk)) == 0)
        *of = FOREIGN_IPK_WELL_KNOWN;
    return MC_OK;
}
