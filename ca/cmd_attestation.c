/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities of product attestation: made. */
#include "cmd_attestation.h"

#define VID_OPTION {"vid", "0xVID", "the vendor id", false, false, 0}
#define PID_OPTION {"pid", "0xPID", "the product id: with it, it is for this product alone", false, false, 0}
#define NAME_OPTION {"common-name", "TEXT", "the common name; default: follows from NAME", false, false, 0}
#define CRL_OPTIONS \
    {"crl-url", "URL", "where the CRL will be that this certificate may stand on", false, false, 0}, \
        {"crl-signer", "NAME", "with --crl-url: who signs that CRL, if not the issuer", false, false, 0}
#define PIN_OPTIONS \
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0}, \
        {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0}

const struct cli_option paa_create_options[] = {VID_OPTION, NAME_OPTION, PIN_OPTIONS, {0}};
const struct cli_option pai_create_options[] = {
    {"paa", "NAME", "the PAA that signs it", false, true, 0}, VID_OPTION, PID_OPTION, NAME_OPTION, CRL_OPTIONS, PIN_OPTIONS, {0}};
const struct cli_option cd_signer_create_options[] = {
    {"paa", "NAME", "the root that signs it; default: itself", false, false, 0}, VID_OPTION, NAME_OPTION, PIN_OPTIONS, {0}};
const struct cli_option crl_signer_create_options[] = {
    {"for", "NAME", "the PAA or PAI whose CRLs it signs", false, true, 0}, NAME_OPTION, PIN_OPTIONS, {0}};

enum mc_rc cmd_product_id(const struct cli *c, const char *option, bool *has, uint16_t *id, struct mc_err *e)
{
    uint64_t value;
    char field[16];
    enum mc_rc rc = cli_number(c, option, 4, 0, &value, e);

    *has = cli_value(c, option) != NULL;
    *id = (uint16_t)value;
    snprintf(field, sizeof(field), "--%s", option);
    return rc == MC_OK && value > UINT16_MAX ? mc_fail(e, MC_E_NUMBER, field, NULL) : rc;
}

static enum mc_rc create(struct cli *c, enum mc_kind kind, const char *signer, struct mc_err *e)
{
    uint8_t points[MC_CRL_POINTS_MAX];
    struct attestation_order o = {
        .kind = kind, .name = c->operands[0], .common_name = cli_value(c, "common-name"), .signer = signer};
    struct ledger_authority a;
    struct state s;
    enum mc_rc rc = name_check(o.name, e);

    if (rc == MC_OK)
        rc = cmd_product_id(c, "vid", &o.has_vid, &o.vid, e);
    if (rc == MC_OK)
        rc = cmd_product_id(c, "pid", &o.has_pid, &o.pid, e);
    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = attestation_crl_points(&s, cli_value(c, "crl-url"), cli_value(c, "crl-signer"), points, &o.crl_points, e);
    if (rc == MC_OK)
        rc = state_blame_disk(&s, attestation_make(&s, &o, &a, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, false);
    if (rc == MC_OK)
        rc = cmd_print_authority(c, &s, &a, e);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_paa_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_PAA, NULL, e);
}

enum mc_rc cmd_pai_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_PAI, cli_value(c, "paa"), e);
}

enum mc_rc cmd_cd_signer_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_CD_SIGNER, cli_value(c, "paa"), e);
}

enum mc_rc cmd_crl_signer_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_CRL_SIGNER, cli_value(c, "for"), e);
}
