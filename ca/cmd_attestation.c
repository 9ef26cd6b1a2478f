/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities of product attestation: made. */
#include "cmd_attestation.h"

#include <stdlib.h>

#include "lib/armor.h"

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
    {"paa", "NAME", "the PAA that signs it", false, false, 0},
    {"csr-out", "FILE", "make a key and write a CSR for somebody else's PAA instead (PEM)", false, false, 0}, VID_OPTION, PID_OPTION, NAME_OPTION, CRL_OPTIONS, PIN_OPTIONS, {0}};
const struct cli_option pai_import_options[] = {
    {"cert", "FILE", "the PAI's certificate (PEM or DER)", false, true, 0},
    {"paa", "FILE", "the certificate of the PAA that signed it (PEM or DER)", false, true, 0},
    PIN_OPTIONS,
    {0},
};
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

static enum mc_rc read_order(const struct cli *c, struct attestation_order *o, struct mc_err *e)
{
    enum mc_rc rc = name_check(o->name, e);

    if (rc == MC_OK)
        rc = cmd_product_id(c, "vid", &o->has_vid, &o->vid, e);
    return rc == MC_OK ? cmd_product_id(c, "pid", &o->has_pid, &o->pid, e) : rc;
}

static struct attestation_order order_of(const struct cli *c, enum mc_kind kind, const char *signer)
{
    return (struct attestation_order){
        .kind = kind, .name = c->operands[0], .common_name = cli_value(c, "common-name"), .signer = signer};
}

static enum mc_rc create(struct cli *c, enum mc_kind kind, const char *signer, struct mc_err *e)
{
    uint8_t points[MC_CRL_POINTS_MAX];
    struct attestation_order o = order_of(c, kind, signer);
    struct ledger_authority a;
    struct state s;
    enum mc_rc rc = read_order(c, &o, e);

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

/* --- a PAI of somebody else's PAA ------------------------------------------------------------------------ */

static enum mc_rc write_csr(const char *path, struct mc_span der, struct mc_err *e)
{
    char pem[2 * ATTESTATION_CSR_MAX];
    size_t n;
    enum mc_rc rc = mc_pem_encode(der, "CERTIFICATE REQUEST", pem, sizeof(pem), &n);

    return rc == MC_OK ? io_write(path, mc_span_of(pem, n), 0644, e) : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc request(struct cli *c, struct mc_err *e)
{
    const char *path = cli_value(c, "csr-out");
    struct attestation_order o = order_of(c, MC_KIND_PAI, NULL);
    uint8_t csr[ATTESTATION_CSR_MAX];
    struct state s;
    size_t n = 0;
    enum mc_rc rc = read_order(c, &o, e);

    if (rc == MC_OK && (cli_value(c, "crl-url") != NULL || cli_value(c, "crl-signer") != NULL))
        rc = mc_fail(e, CA_E_USAGE, "--crl-url", "the PAA that signs chooses it");
    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, attestation_request(&s, &o, csr, &n, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, false);
    if (rc == MC_OK)
        rc = write_csr(path, mc_span_of(csr, n), e);
    if (rc == MC_OK)
        cli_note(c, "wrote the CSR to %s; 'heddle pai import %s --cert FILE --paa FILE' takes the answer", path, o.name);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_pai_create(struct cli *c, struct mc_err *e)
{
    const char *paa = cli_value(c, "paa");

    if ((paa != NULL) == (cli_value(c, "csr-out") != NULL))
        return mc_fail(e, CA_E_USAGE, NULL, "give either --paa or --csr-out");
    return paa != NULL ? create(c, MC_KIND_PAI, paa, e) : request(c, e);
}

#define CERT_MAX 65536

/* A certificate's DER, from any of its forms; free *raw. */
static enum mc_rc read_cert(struct cli *c, const char *option, uint8_t **raw, struct mc_span *der, struct mc_err *e)
{
    struct mc_input in;
    size_t n;
    enum mc_rc rc;

    *raw = NULL;
    c->where = cli_value(c, option);
    rc = io_read(c->where, CERT_MAX, raw, &n, e);
    if (rc != MC_OK)
        return rc;
    *raw = realloc(*raw, 2 * n + 2);
    if (*raw == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_input_decode(mc_span_of(*raw, n), *raw + n, n + 2, &in, e);
    if (rc == MC_OK)
        c->where = NULL;
    *der = in.bytes;
    return rc;
}

enum mc_rc cmd_pai_import(struct cli *c, struct mc_err *e)
{
    uint8_t *raw = NULL, *raw_above = NULL;
    struct mc_span pai, paa;
    struct ledger_authority a;
    struct state s = {0};
    enum mc_rc rc = name_check(c->operands[0], e);

    if (rc == MC_OK)
        rc = read_cert(c, "cert", &raw, &pai, e);
    if (rc == MC_OK)
        rc = read_cert(c, "paa", &raw_above, &paa, e);
    if (rc == MC_OK) {
        rc = cmd_open_token(c, &s, e);
        if (rc == MC_OK)
            rc = state_blame_disk(&s, attestation_import(&s, c->operands[0], pai, paa, &a, e), e);
        if (rc == MC_OK)
            cmd_checkpoint(c, &s, false);
        if (rc == MC_OK)
            rc = cmd_print_authority(c, &s, &a, e);
        state_close(&s);
    }
    free(raw);
    free(raw_above);
    return rc;
}

/* --- signers --------------------------------------------------------------------------------------------- */

enum mc_rc cmd_cd_signer_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_CD_SIGNER, cli_value(c, "paa"), e);
}

enum mc_rc cmd_crl_signer_create(struct cli *c, struct mc_err *e)
{
    return create(c, MC_KIND_CRL_SIGNER, cli_value(c, "for"), e);
}
