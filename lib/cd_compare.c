/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a declaration fits a device (matter-attestation 4.6). */
#include <strings.h>

#include "cd.h"

static const struct {
    const char *option, *name;
} types[] = {
    [MC_CD_TEST] = {"test", "development and test"},
    [MC_CD_PROVISIONAL] = {"provisional", "provisional"},
    [MC_CD_OFFICIAL] = {"official", "official"},
    [MC_CD_TYPES] = {"", "reserved"},
};

const char *mc_cd_type_name(uint8_t certification_type)
{
    return types[certification_type < MC_CD_TYPES ? certification_type : MC_CD_TYPES].name;
}

uint8_t mc_cd_type_find(const char *name)
{
    uint8_t type = 0;

    while (type < MC_CD_TYPES && strcasecmp(types[type].option, name) != 0)
        type++;
    return type;
}

bool mc_cd_has_product(const struct mc_cd *cd, uint16_t pid)
{
    for (unsigned i = 0; i < cd->n_products; i++)
        if (cd->product[i] == pid)
            return true;
    return false;
}

bool mc_cd_has_paa(const struct mc_cd *cd, struct mc_span key_id)
{
    for (unsigned i = 0; i < cd->n_paas; i++)
        if (mc_span_eq(cd->paa[i], key_id))
            return true;
    return false;
}

static enum mc_rc compare_vendor(uint16_t wanted, const char *wanted_name, uint16_t vid, const char *whose, struct mc_err *e)
{
    if (vid == wanted)
        return MC_OK;
    return mc_fail(e, MC_E_CD_VENDOR, wanted_name, "it is 0x%04X, %s has 0x%04X", wanted, whose, vid);
}

static enum mc_rc compare_product(const struct mc_cd *cd, uint16_t pid, const char *whose, struct mc_err *e)
{
    if (mc_cd_has_product(cd, pid))
        return MC_OK;
    return mc_fail(e, MC_E_CD_PRODUCT, "cd.product_id_array", "it lacks 0x%04X, which %s has", pid, whose);
}

static enum mc_rc compare_ids_vendor(const struct mc_cd *cd, uint16_t vid, const char *whose, struct mc_err *e)
{
    if (cd->has_origin)
        return compare_vendor(cd->origin_vid, "cd.dac_origin_vendor_id", vid, whose, e);
    return compare_vendor(cd->vendor_id, "cd.vendor_id", vid, whose, e);
}

static enum mc_rc compare_ids_product(const struct mc_cd *cd, uint16_t pid, const char *whose, struct mc_err *e)
{
    if (!cd->has_origin)
        return compare_product(cd, pid, whose, e);
    if (pid == cd->origin_pid)
        return MC_OK;
    return mc_fail(e, MC_E_CD_PRODUCT, "cd.dac_origin_product_id", "it is 0x%04X, %s has 0x%04X", cd->origin_pid, whose, pid);
}

static bool can_compare(const struct mc_cd *cd, const struct mc_cd_device *d, enum mc_cd_field field)
{
    switch (field) {
    case MC_CD_VS_VENDOR:
        return d->has_vid;
    case MC_CD_VS_PRODUCT:
        return d->has_pid;
    case MC_CD_VS_DAC_VENDOR:
        return d->dac != NULL && d->dac->has_vid;
    case MC_CD_VS_PAI_VENDOR:
        return d->pai != NULL && d->pai->has_vid;
    case MC_CD_VS_DAC_PRODUCT:
        return d->dac != NULL && d->dac->has_pid;
    case MC_CD_VS_PAI_PRODUCT:
        return d->pai != NULL && d->pai->has_pid && d->pai->pid != 0;
    case MC_CD_VS_PAA:
        return cd->has_paas && d->paa_key_id.n != 0;
    default:
        return false;
    }
}

enum mc_rc mc_cd_compare(const struct mc_cd *cd, const struct mc_cd_device *d, enum mc_cd_field field, bool *compared,
    struct mc_err *e)
{
    *compared = can_compare(cd, d, field);
    if (!*compared)
        return MC_OK;
    switch (field) {
    case MC_CD_VS_VENDOR:
        return compare_vendor(cd->vendor_id, "cd.vendor_id", d->vid, "Basic Information", e);
    case MC_CD_VS_PRODUCT:
        return compare_product(cd, d->pid, "Basic Information", e);
    case MC_CD_VS_DAC_VENDOR:
        return compare_ids_vendor(cd, d->dac->vid, "the DAC", e);
    case MC_CD_VS_PAI_VENDOR:
        return compare_ids_vendor(cd, d->pai->vid, "the PAI", e);
    case MC_CD_VS_DAC_PRODUCT:
        return compare_ids_product(cd, d->dac->pid, "the DAC", e);
    case MC_CD_VS_PAI_PRODUCT:
        return compare_ids_product(cd, d->pai->pid, "the PAI", e);
    default:
        break;
    }
    if (mc_cd_has_paa(cd, d->paa_key_id))
        return MC_OK;
    return mc_fail(e, MC_E_CD_PAA, "cd.authorized_paa_list", NULL);
}
