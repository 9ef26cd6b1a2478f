/* SPDX-License-Identifier: Apache-2.0 */
/* cd sign: what a certification declaration says comes from options or from a JSON file. */
#include <stdlib.h>

#include "cd.h"
#include "cmd_attestation.h"
#include "lib/cli/json_read.h"

enum { FILE_MAX_OCTETS = 65536, HEX_ID = 2 * MC_KEY_ID_LEN };

const struct cli_option cd_sign_options[] = {
    {"out", "FILE", "write the declaration there", false, true, 'o'},
    {"in", "FILE", "what it says, as JSON; instead of the options that follow", false, false, 0},
    {"vid", "0xID", "the vendor id", false, false, 0},
    {"pid", "0xID", "a product id; more than 8 of them need --in", true, false, 0},
    {"device-type", "0xID", "the device type id", false, false, 0},
    {"certificate-id", "TEXT", "19 characters; default CSA00000SWC00000-00, as tests have it", false, false, 0},
    {"type", "NAME", "test (default), provisional or official", false, false, 0},
    {"version-number", "N", "the version number that the CSA assigned; default 1", false, false, 0},
    {"dac-origin-vid", "0xID", "the VID in DAC and PAI, where it is another one", false, false, 0},
    {"dac-origin-pid", "0xID", "the PID in DAC and PAI; both or none", false, false, 0},
    {"paa", "NAME", "authorize this PAA only: a name here, or 40 hex digits of a key id", true, false, 0},
    {"format", "FORMAT", "der (default, what devices hold) or pem", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* A declaration at work, with what it borrows. */
struct wish {
    struct mc_cd cd;
    char certificate_id[MC_CD_ID_LEN + 1];
    uint8_t paa[MC_CD_PAAS_CAP][MC_KEY_ID_LEN];
    struct json_t *json;
};

/* --- from a file ----------------------------------------------------------------------------------- */

static enum mc_rc read_u16(const struct json_t *o, const char *name, uint16_t *out, struct mc_err *e)
{
    uint64_t value = 0;
    enum mc_rc rc = json_read_uint(o, "", name, UINT16_MAX, &value, e);

    *out = (uint16_t)value;
    return rc;
}

static enum mc_rc read_optional(const struct json_t *o, const char *name, uint64_t max, uint64_t *out, struct mc_err *e)
{
    return json_read_has(o, name) ? json_read_uint(o, "", name, max, out, e) : MC_OK;
}

static enum mc_rc read_products(const struct json_t *o, struct mc_cd *cd, struct mc_err *e)
{
    const struct json_t *list = NULL;
    enum mc_rc rc = json_read_array(o, "", "product_ids", &list, e);
    size_t n = json_read_count(list);

    if (rc == MC_OK && n > MC_CD_PRODUCTS_MAX)
        return mc_fail(e, MC_E_CD_COUNT, "product_ids", "there are %zu, 1 to 100 are allowed", n);
    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        uint64_t pid = 0;

        rc = json_read_uint_at(list, "product_ids", i, UINT16_MAX, &pid, e);
        cd->product[cd->n_products++] = (uint16_t)pid;
    }
    return rc;
}

static enum mc_rc read_paas(const struct json_t *o, struct wish *w, struct mc_err *e)
{
    const struct json_t *list = NULL;
    enum mc_rc rc;
    size_t n;

    if (!json_read_has(o, "authorized_paas"))
        return MC_OK;
    rc = json_read_array(o, "", "authorized_paas", &list, e);
    n = json_read_count(list);
    w->cd.has_paas = true;
    if (rc == MC_OK && n > MC_CD_PAAS_MAX)
        return mc_fail(e, MC_E_CD_COUNT, "authorized_paas", "there are %zu, 1 to 10 are allowed", n);
    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        const char *text = "";

        rc = json_read_string_at(list, "authorized_paas", i, &text, e);
        if (rc == MC_OK && (strlen(text) != HEX_ID || !mc_hex_decode(text, MC_KEY_ID_LEN, w->paa[i])))
            rc = mc_fail(e, MC_E_JSON_MEMBER, "authorized_paas", "40 hex digits are wanted");
        w->cd.paa[w->cd.n_paas++] = mc_span_of(w->paa[i], MC_KEY_ID_LEN);
    }
    return rc;
}

static enum mc_rc take_id(struct wish *w, const char *text, const char *field, struct mc_err *e)
{
    size_t n = strlen(text);

    if (n != MC_CD_ID_LEN)
        return mc_fail(e, MC_E_CD_ID, field, "it has %zu", n);
    memcpy(w->certificate_id, text, n + 1);
    w->cd.certificate_id = mc_span_of(w->certificate_id, n);
    return MC_OK;
}

static enum mc_rc read_origin(const struct json_t *o, struct mc_cd *cd, struct mc_err *e)
{
    bool vid = json_read_has(o, "dac_origin_vendor_id"), pid = json_read_has(o, "dac_origin_product_id");
    enum mc_rc rc;

    if (vid != pid)
        return mc_fail(e, MC_E_CD_ORIGIN, NULL, NULL);
    if (!vid)
        return MC_OK;
    cd->has_origin = true;
    rc = read_u16(o, "dac_origin_vendor_id", &cd->origin_vid, e);
    return rc == MC_OK ? read_u16(o, "dac_origin_product_id", &cd->origin_pid, e) : rc;
}

/* "official" or 2. */
static enum mc_rc read_type(const struct json_t *o, struct mc_cd *cd, struct mc_err *e)
{
    const char *text = "";
    uint64_t number = 0;

    if (json_read_uint(o, "", "certification_type", UINT8_MAX, &number, NULL) == MC_OK) {
        cd->certification_type = (uint8_t)number;
        return MC_OK;
    }
    if (json_read_string(o, "", "certification_type", &text, e) != MC_OK)
        return e->rc;
    cd->certification_type = mc_cd_type_find(text);
    return MC_OK;
}

static enum mc_rc read_numbers(const struct json_t *o, struct mc_cd *cd, struct mc_err *e)
{
    uint64_t version = 1, type = 0, level = 0, information = 0, number = 1;
    enum mc_rc rc = read_u16(o, "vendor_id", &cd->vendor_id, e);

    if (rc == MC_OK)
        rc = read_optional(o, "format_version", UINT16_MAX, &version, e);
    if (rc == MC_OK)
        rc = json_read_uint(o, "", "device_type_id", UINT32_MAX, &type, e);
    if (rc == MC_OK)
        rc = read_optional(o, "security_level", UINT8_MAX, &level, e);
    if (rc == MC_OK)
        rc = read_optional(o, "security_information", UINT16_MAX, &information, e);
    if (rc == MC_OK)
        rc = read_optional(o, "version_number", UINT16_MAX, &number, e);
    cd->format_version = (uint16_t)version;
    cd->device_type = (uint32_t)type;
    cd->security_level = (uint8_t)level;
    cd->security_information = (uint16_t)information;
    cd->version_number = (uint16_t)number;
    return rc;
}

/* The members are those that `mattercert cd show --json` prints. */
static enum mc_rc read_file(struct cli *c, const char *path, struct wish *w, struct mc_err *e)
{
    static const char *const names[] = {"format_version", "vendor_id", "product_ids", "device_type_id", "certificate_id",
        "security_level", "security_information", "version_number", "certification_type", "certification_type_name",
        "dac_origin_vendor_id", "dac_origin_product_id", "authorized_paas", NULL};
    const char *id = "";
    enum mc_rc rc;

    c->where = path;
    rc = json_read_file(path, FILE_MAX_OCTETS, &w->json, e);
    if (rc == MC_OK)
        rc = json_read_object(w->json, "", names, e);
    if (rc == MC_OK)
        rc = read_numbers(w->json, &w->cd, e);
    if (rc == MC_OK)
        rc = read_products(w->json, &w->cd, e);
    if (rc == MC_OK)
        rc = json_read_string(w->json, "", "certificate_id", &id, e);
    if (rc == MC_OK)
        rc = take_id(w, id, "certificate_id", e);
    if (rc == MC_OK)
        rc = read_type(w->json, &w->cd, e);
    if (rc == MC_OK)
        rc = read_origin(w->json, &w->cd, e);
    if (rc == MC_OK)
        rc = read_paas(w->json, w, e);
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

/* --- from options ---------------------------------------------------------------------------------- */

static enum mc_rc number_of(const struct cli *c, const char *option, const char *text, uint64_t max, uint64_t *out, struct mc_err *e)
{
    char field[32];
    enum mc_rc rc = mc_number_parse(text, 16, out, NULL);

    (void)c;
    snprintf(field, sizeof(field), "--%s", option);
    return rc == MC_OK && *out <= max ? MC_OK : mc_fail(e, MC_E_NUMBER, field, "%s", text);
}

static enum mc_rc option_number(
    const struct cli *c, const char *option, uint64_t max, uint64_t fallback, uint64_t *out, struct mc_err *e)
{
    const char *text = cli_value(c, option);

    *out = fallback;
    return text != NULL ? number_of(c, option, text, max, out, e) : MC_OK;
}

static enum mc_rc take_products(const struct cli *c, struct mc_cd *cd, struct mc_err *e)
{
    const char *text;

    while ((text = cli_value_at(c, "pid", cd->n_products)) != NULL) {
        uint64_t pid = 0;
        enum mc_rc rc = number_of(c, "pid", text, UINT16_MAX, &pid, e);

        if (rc != MC_OK)
            return rc;
        cd->product[cd->n_products++] = (uint16_t)pid;
    }
    return cd->n_products > 0 ? MC_OK : mc_fail(e, CA_E_USAGE, "--pid", "it is missing: give it, or --in FILE");
}

static enum mc_rc take_origin(const struct cli *c, struct mc_cd *cd, struct mc_err *e)
{
    bool vid = cli_value(c, "dac-origin-vid") != NULL, pid = cli_value(c, "dac-origin-pid") != NULL;
    uint64_t v = 0, p = 0;
    enum mc_rc rc;

    if (vid != pid)
        return mc_fail(e, CA_E_USAGE, vid ? "--dac-origin-pid" : "--dac-origin-vid", "--dac-origin-vid and --dac-origin-pid go together");
    rc = option_number(c, "dac-origin-vid", UINT16_MAX, 0, &v, e);
    if (rc == MC_OK)
        rc = option_number(c, "dac-origin-pid", UINT16_MAX, 0, &p, e);
    cd->has_origin = vid;
    cd->origin_vid = (uint16_t)v;
    cd->origin_pid = (uint16_t)p;
    return rc;
}

static enum mc_rc take_options(const struct cli *c, struct wish *w, struct mc_err *e)
{
    const char *id = cli_value(c, "certificate-id"), *type = cli_value(c, "type");
    uint64_t vid = 0, device = 0, number = 1;
    enum mc_rc rc = option_number(c, "vid", UINT16_MAX, 0, &vid, e);

    if (rc == MC_OK)
        rc = option_number(c, "device-type", UINT32_MAX, 0, &device, e);
    if (rc == MC_OK)
        rc = option_number(c, "version-number", UINT16_MAX, 1, &number, e);
    if (rc == MC_OK && (cli_value(c, "vid") == NULL || cli_value(c, "device-type") == NULL))
        rc = mc_fail(e, CA_E_USAGE, cli_value(c, "vid") == NULL ? "--vid" : "--device-type", "it is missing: give it, or --in FILE");
    if (rc == MC_OK)
        rc = take_products(c, &w->cd, e);
    if (rc == MC_OK)
        rc = take_origin(c, &w->cd, e);
    if (rc == MC_OK)
        rc = take_id(w, id != NULL ? id : "CSA00000SWC00000-00", "--certificate-id", e);
    w->cd.format_version = 1;
    w->cd.vendor_id = (uint16_t)vid;
    w->cd.device_type = (uint32_t)device;
    w->cd.version_number = (uint16_t)number;
    w->cd.certification_type = type != NULL ? mc_cd_type_find(type) : MC_CD_TEST;
    if (rc == MC_OK && w->cd.certification_type == MC_CD_TYPES)
        rc = mc_fail(e, CA_E_USAGE, "--type", "it takes test, provisional or official");
    return rc;
}

/* PAAs by their name in this ledger, or by key id. */
static enum mc_rc take_paas(const struct cli *c, struct state *s, struct wish *w, struct mc_err *e)
{
    const char *text;

    while ((text = cli_value_at(c, "paa", w->cd.n_paas)) != NULL) {
        uint8_t *id = w->paa[w->cd.n_paas];
        struct ledger_authority a;
        struct mc_cert cert;
        enum mc_rc rc = MC_OK;

        if (strlen(text) != HEX_ID || !mc_hex_decode(text, MC_KEY_ID_LEN, id)) {
            rc = attestation_find(s, text, MC_KIND_PAA, &a, e);
            if (rc == MC_OK)
                rc = mc_cert_parse_der(mc_span_of(a.cert_der, a.cert_n), MC_RULES_X509, &cert, e);
            if (rc != MC_OK)
                return rc;
            memcpy(id, cert.skid.p, MC_KEY_ID_LEN);
        }
        w->cd.has_paas = true;
        w->cd.paa[w->cd.n_paas++] = mc_span_of(id, MC_KEY_ID_LEN);
    }
    return MC_OK;
}

/* --- the verb -------------------------------------------------------------------------------------- */

/* With --in, nothing of what it says may stand on the command line too. */
static enum mc_rc check_options(const struct cli *c, bool *pem, struct mc_err *e)
{
    static const char *const names[] = {"vid", "pid", "device-type", "certificate-id", "type", "version-number", "dac-origin-vid",
        "dac-origin-pid", "paa"};
    const char *format = cli_value(c, "format");
    char field[32];

    *pem = format != NULL && strcmp(format, "pem") == 0;
    if (format != NULL && !*pem && strcmp(format, "der") != 0)
        return mc_fail(e, CA_E_USAGE, "--format", "it takes der or pem");
    for (size_t i = 0; cli_value(c, "in") != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (cli_value(c, names[i]) == NULL)
            continue;
        snprintf(field, sizeof(field), "--%s", names[i]);
        return mc_fail(e, CA_E_USAGE, field, "the file of --in says it");
    }
    return MC_OK;
}

static void print_made(const struct cli *c, const struct wish *w, uint64_t number)
{
    struct json j;

    if (strcmp(cli_value(c, "out"), "-") == 0)
        return;
    if (!c->json) {
        printf("declaration %llu of %s: %s, VID 0x%04X, %u product%s, %s\n", (unsigned long long)number, c->operands[0],
            w->certificate_id, w->cd.vendor_id, w->cd.n_products, w->cd.n_products == 1 ? "" : "s",
            mc_cd_type_name(w->cd.certification_type));
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.cd/1");
    json_string(&j, "signer", c->operands[0]);
    json_number(&j, "number", (int64_t)number);
    json_string(&j, "certificate_id", w->certificate_id);
    json_id(&j, "vendor_id", w->cd.vendor_id, 4);
    json_string(&j, "file", cli_value(c, "out"));
    json_end_object(&j);
}

enum mc_rc cmd_cd_sign(struct cli *c, struct mc_err *e)
{
    static struct wish w;
    const char *in = cli_value(c, "in");
    struct state s;
    uint64_t number = 0;
    bool pem = false;
    enum mc_rc rc = check_options(c, &pem, e);

    if (rc == MC_OK)
        rc = in != NULL ? read_file(c, in, &w, e) : take_options(c, &w, e);
    json_read_free(w.json);
    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = take_paas(c, &s, &w, e);
    if (rc == MC_OK)
        rc = state_blame_disk(&s, cd_sign(&s, c->operands[0], &w.cd, cli_value(c, "out"), pem, &number, e), e);
    if (rc == MC_OK) {
        cmd_checkpoint(c, &s, true);
        print_made(c, &w, number);
    }
    state_close(&s);
    return rc;
}
