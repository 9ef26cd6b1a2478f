/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload of declarations. What the strict reader accepts, the deployed one reads as the same; with values in
 * order it has one canonical form, which is never longer and reads back to the same values.
 */
#include "fuzz.h"
#include "lib/cd.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    return fuzz_mutate_tlv(data, n, max, seed);
}

static void require_same(const struct mc_cd *a, const struct mc_cd *b)
{
    REQUIRE(a->format_version == b->format_version && a->vendor_id == b->vendor_id && a->device_type == b->device_type);
    REQUIRE(mc_span_eq(a->certificate_id, b->certificate_id) && a->security_level == b->security_level);
    REQUIRE(a->security_information == b->security_information && a->version_number == b->version_number);
    REQUIRE(a->certification_type == b->certification_type && a->n_products == b->n_products && a->n_paas == b->n_paas);
    REQUIRE(a->has_origin == b->has_origin && a->has_paas == b->has_paas);
    REQUIRE(a->origin_vid == b->origin_vid && a->origin_pid == b->origin_pid);
    REQUIRE(memcmp(a->product, b->product, a->n_products * sizeof(a->product[0])) == 0);
    for (unsigned i = 0; i < a->n_paas; i++)
        REQUIRE(mc_span_eq(a->paa[i], b->paa[i]));
}

/* No comparison reads outside, whatever the declaration lists. */
static void compare(const struct mc_cd *cd)
{
    struct mc_att_ids ids = {.has_vid = true, .has_pid = true, .vid = cd->vendor_id, .pid = cd->origin_pid};
    struct mc_cd_device d = {.has_vid = true, .has_pid = true, .vid = cd->vendor_id, .pid = 0x8000, .dac = &ids, .pai = &ids,
        .paa_key_id = cd->n_paas > 0 ? cd->paa[cd->n_paas - 1u] : cd->certificate_id};

    for (int f = 0; f < MC_CD_VS_COUNT; f++) {
        bool compared;
        enum mc_rc rc = mc_cd_compare(cd, &d, (enum mc_cd_field)f, &compared, NULL);

        REQUIRE(rc == MC_OK || compared);
        REQUIRE(f != MC_CD_VS_VENDOR || rc == MC_OK);
        REQUIRE(f != MC_CD_VS_PAA || rc == MC_OK || cd->n_paas == 0);
    }
}

static void check_accepted(const struct mc_cd *cd, struct mc_span in)
{
    uint8_t out[MC_CD_PAYLOAD_MAX + 1];
    struct mc_cd back;
    size_t n = 0;
    enum mc_rc rc = mc_cd_check(cd, NULL);

    if (rc != MC_OK) {
        REQUIRE(mc_cd_encode(cd, out, sizeof(out), &n, NULL) == rc);
        return;
    }
    REQUIRE(mc_cd_encode(cd, out, MC_CD_PAYLOAD_MAX, &n, NULL) == MC_OK && n <= in.n);
    if (n == in.n)
        REQUIRE(memcmp(out, in.p, n) == 0);
    REQUIRE(mc_cd_parse(mc_span_of(out, n), &back, NULL) == MC_OK && back.n_unknown == 0);
    require_same(cd, &back);
    out[n - 1] = FUZZ_CANARY;
    REQUIRE(mc_cd_encode(cd, out, n - 1, &n, NULL) == MC_E_SPACE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in = mc_span_of(data, n);
    struct mc_cd cd, deployed;
    struct mc_err e;
    enum mc_rc rc, rc_deployed;

    mc_err_init(&e);
    rc = mc_cd_parse(in, &cd, &e);
    fuzz_check_err(rc, &e, n);
    mc_err_init(&e);
    rc_deployed = mc_cd_parse_deployed(in, &deployed, &e);
    fuzz_check_err(rc_deployed, &e, n);
    REQUIRE(rc != MC_OK || rc_deployed == MC_OK);
    if (rc_deployed == MC_OK)
        compare(&deployed);
    if (rc != MC_OK)
        return 0;
    require_same(&cd, &deployed);
    check_accepted(&cd, in);
    return 0;
}
