/* SPDX-License-Identifier: Apache-2.0 */
#include "device_out.h"

#include <stdio.h>

#include "hsm/hsm.h"
#include "lib/cli/text.h"
#include "put.h"

static const struct {
    const char *name, *suffix;
} formats[DEVICE_FORMATS] = {
    [DEVICE_ESP_NVS] = {"esp-nvs", ".csv"},
    [DEVICE_NRF] = {"nrf", ".json"},
    [DEVICE_JSON] = {"json", ".json"},
    [DEVICE_CSV] = {"csv", ".csv"},
};

const char *device_format_name(enum device_format f)
{
    return formats[f].name;
}

const char *device_format_suffix(enum device_format f)
{
    return formats[f].suffix;
}

enum mc_rc device_format_parse(const char *text, enum device_format *f, struct mc_err *e)
{
    for (unsigned i = 0; i < DEVICE_FORMATS; i++) {
        if (strcmp(text, formats[i].name) == 0) {
            *f = (enum device_format)i;
            return MC_OK;
        }
    }
    return mc_fail(e, CA_E_USAGE, "--format", "it takes esp-nvs, nrf, json or csv");
}

/* --- the product ----------------------------------------------------------------------------------- */

static bool is_date(const char *text)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned month, day;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (unsigned i = 0; i < 10; i++)
        if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9'))
            return false;
    month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
    day = (unsigned)(text[8] - '0') * 10 + (unsigned)(text[9] - '0');
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

enum mc_rc factory_product_check(const struct factory_product *p, enum device_format f, struct mc_err *e)
{
    const struct {
        const char *option, *text;
        size_t max;
        bool for_nrf;
    } texts[] = {
        {"--vendor-name", p->vendor_name, 32, true},
        {"--product-name", p->product_name, 32, true},
        {"--hw-ver-str", p->hw_ver_str, 64, true},
        {"--part-number", p->part_number, 32, false},
        {"--product-label", p->product_label, 64, false},
        {"--product-url", p->product_url, 256, false},
    };
    const struct {
        const char *option;
        int32_t value, max;
    } numbers[] = {{"--hw-ver", p->hw_ver, UINT16_MAX}, {"--finish", p->finish, 5}, {"--color", p->color, 20}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *t = texts[i].text;

        if (t == NULL && f == DEVICE_NRF && texts[i].for_nrf)
            return mc_fail(e, CA_E_USAGE, texts[i].option, "the form nrf needs it");
        if (t != NULL && (*t == '\0' || strlen(t) > texts[i].max || !text_is_plain(t)))
            return mc_fail(e, CA_E_USAGE, texts[i].option, "1 to %zu octets of plain text are wanted", texts[i].max);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i].value > numbers[i].max)
            return mc_fail(e, CA_E_USAGE, numbers[i].option, "it is at most %d", (int)numbers[i].max);
    if (f == DEVICE_NRF && p->hw_ver < 0)
        return mc_fail(e, CA_E_USAGE, "--hw-ver", "the form nrf needs it");
    if (p->date != NULL && !is_date(p->date))
        return mc_fail(e, CA_E_USAGE, "--date", "it is written as 2026-11-25");
    if (p->cd.n > FACTORY_CD_MAX)
        return mc_fail(e, CA_E_USAGE, "--cd", "%zu octets are more than %d", p->cd.n, FACTORY_CD_MAX);
    return MC_OK;
}

/* --- ESP NVS --------------------------------------------------------------------------------------- */

static void nvs_number(struct mc_out *o, const char *key, uint32_t value)
{
    put_text(o, key);
    put_text(o, ",data,u32,");
    put_number(o, value);
    put_text(o, "\n");
}

static void nvs_string(struct mc_out *o, const char *key, const char *value)
{
    if (value == NULL)
        return;
    put_text(o, key);
    put_text(o, ",data,string,");
    put_csv(o, value);
    put_text(o, "\n");
}

static void nvs_base64(struct mc_out *o, const char *key, const uint8_t *p, size_t n)
{
    put_text(o, key);
    put_text(o, ",data,string,");
    put_base64(o, p, n);
    put_text(o, "\n");
}

static void nvs_octets(struct mc_out *o, const char *key, const uint8_t *p, size_t n)
{
    put_text(o, key);
    put_text(o, ",data,hex2bin,");
    put_hex(o, p, n);
    put_text(o, "\n");
}

/* The field begins with YYYYMMDD. */
static void nvs_date(struct mc_out *o, const char *date)
{
    char text[9];

    if (date == NULL)
        return;
    snprintf(text, sizeof(text), "%.4s%.2s%.2s", date, date + 5, date + 8);
    nvs_string(o, "mfg-date", text);
}

static void put_esp_nvs(const struct device *d, const struct factory_product *p, struct mc_out *o)
{
    put_text(o, "key,type,encoding,value\nchip-factory,namespace,,\n");
    nvs_number(o, "discriminator", d->discriminator);
    nvs_number(o, "iteration-count", d->iterations);
    nvs_base64(o, "salt", d->salt, d->salt_n);
    nvs_base64(o, "verifier", d->verifier, sizeof(d->verifier));
    nvs_octets(o, "dac-cert", d->dac, d->dac_n);
    if (d->has_key)
        nvs_octets(o, "dac-key", d->key, sizeof(d->key));
    nvs_octets(o, "dac-pub-key", d->point, sizeof(d->point));
    nvs_octets(o, "pai-cert", d->pai, d->pai_n);
    if (p->cd.n > 0)
        nvs_octets(o, "cert-dclrn", p->cd.p, p->cd.n);
    nvs_number(o, "vendor-id", d->vid);
    nvs_number(o, "product-id", d->pid);
    nvs_string(o, "vendor-name", p->vendor_name);
    nvs_string(o, "product-name", p->product_name);
    if (p->hw_ver >= 0)
        nvs_number(o, "hardware-ver", (uint32_t)p->hw_ver);
    nvs_string(o, "hw-ver-str", p->hw_ver_str);
    nvs_date(o, p->date);
    nvs_string(o, "serial-num", d->serial_number);
    nvs_octets(o, "rd-id-uid", d->rotating_id, sizeof(d->rotating_id));
    if (p->finish >= 0)
        nvs_number(o, "product-finish", (uint32_t)p->finish);
    if (p->color >= 0)
        nvs_number(o, "product-color", (uint32_t)p->color);
    nvs_string(o, "part-number", p->part_number);
    nvs_string(o, "product-label", p->product_label);
    nvs_string(o, "product-url", p->product_url);
}

/* --- nRF Connect ----------------------------------------------------------------------------------- */

static void nrf_name(struct mc_out *o, const char *name)
{
    put_text(o, o->n > 2 ? ",\n  " : "\n  ");
    put_json_string(o, name);
    put_text(o, ": ");
}

static void nrf_number(struct mc_out *o, const char *name, uint32_t value)
{
    nrf_name(o, name);
    put_number(o, value);
}

static void nrf_string(struct mc_out *o, const char *name, const char *value)
{
    if (value == NULL)
        return;
    nrf_name(o, name);
    put_json_string(o, value);
}

static void nrf_octets(struct mc_out *o, const char *name, const uint8_t *p, size_t n)
{
    nrf_name(o, name);
    put_text(o, "\"hex:");
    put_hex(o, p, n);
    put_text(o, "\"");
}

static enum mc_rc put_nrf(const struct device *d, const struct factory_product *p, struct mc_out *o, struct mc_err *e)
{
    if (!d->has_key)
        return mc_fail(e, CA_E_DEVICE, "key", "the form nrf needs it, and the device made its own (CSR)");
    put_text(o, "{");
    nrf_number(o, "version", 1);
    nrf_string(o, "sn", d->serial_number);
    nrf_number(o, "vendor_id", d->vid);
    nrf_number(o, "product_id", d->pid);
    nrf_string(o, "vendor_name", p->vendor_name);
    nrf_string(o, "product_name", p->product_name);
    nrf_string(o, "product_label", p->product_label);
    nrf_string(o, "product_url", p->product_url);
    nrf_string(o, "part_number", p->part_number);
    nrf_string(o, "date", p->date);
    nrf_number(o, "hw_ver", (uint32_t)p->hw_ver);
    nrf_string(o, "hw_ver_str", p->hw_ver_str);
    nrf_octets(o, "rd_uid", d->rotating_id, sizeof(d->rotating_id));
    nrf_octets(o, "dac_cert", d->dac, d->dac_n);
    nrf_octets(o, "dac_key", d->key, sizeof(d->key));
    nrf_octets(o, "pai_cert", d->pai, d->pai_n);
    if (p->with_passcode)
        nrf_number(o, "passcode", d->passcode);
    nrf_number(o, "spake2_it", d->iterations);
    nrf_octets(o, "spake2_salt", d->salt, d->salt_n);
    nrf_octets(o, "spake2_verifier", d->verifier, sizeof(d->verifier));
    nrf_number(o, "discriminator", d->discriminator);
    if (p->finish >= 0)
        nrf_number(o, "product_finish", (uint32_t)p->finish);
    if (p->color >= 0)
        nrf_number(o, "primary_color", (uint32_t)p->color);
    put_text(o, "\n}\n");
    return MC_OK;
}

/* --- CSV ------------------------------------------------------------------------------------------- */

static void csv_octets(struct mc_out *o, const uint8_t *p, size_t n)
{
    put_text(o, ",");
    put_base64(o, p, n);
}

static void csv_number(struct mc_out *o, uint32_t value)
{
    put_text(o, ",");
    put_number(o, value);
}

static void put_line(const struct device *d, struct mc_out *o)
{
    char ids[24];

    put_csv(o, d->id);
    snprintf(ids, sizeof(ids), ",0x%04X,0x%04X,", d->vid, d->pid);
    put_text(o, ids);
    put_csv(o, d->serial_number);
    csv_number(o, d->discriminator);
    csv_number(o, d->passcode);
    put_text(o, ",");
    put_text(o, d->qr);
    put_text(o, ",");
    put_text(o, d->manual);
    put_text(o, ",");
    put_text(o, mc_flow_name(d->flow));
    csv_number(o, d->rendezvous);
    csv_number(o, d->iterations);
    csv_octets(o, d->salt, d->salt_n);
    csv_octets(o, d->verifier, sizeof(d->verifier));
    csv_octets(o, d->rotating_id, sizeof(d->rotating_id));
    csv_octets(o, d->dac, d->dac_n);
    csv_octets(o, d->pai, d->pai_n);
    csv_octets(o, d->key, d->has_key ? sizeof(d->key) : 0);
    put_text(o, "\n");
}

void device_out_head(enum device_format f, struct mc_out *o)
{
    if (f == DEVICE_CSV)
        put_text(o, "id,vid,pid,serial_number,discriminator,passcode,qr,manual,flow,rendezvous,iterations,salt,verifier,"
                    "rotating_id,dac,pai,key\n");
}

enum mc_rc device_out_put(
    const struct device *d, const struct factory_product *p, enum device_format f, struct mc_out *o, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;
    size_t n = 0;

    switch (f) {
    case DEVICE_ESP_NVS:
        put_esp_nvs(d, p, o);
        break;
    case DEVICE_NRF:
        rc = put_nrf(d, p, o, e);
        break;
    case DEVICE_JSON:
        rc = device_json_put(d, o->p + o->n, o->cap - o->n, &n, e);
        o->n += rc == MC_OK ? n : 0;
        put_text(o, "\n");
        break;
    default:
        put_line(d, o);
    }
    return rc != MC_OK || o->rc == MC_OK ? rc : mc_fail(e, o->rc, NULL, NULL);
}
