/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_out.h - the data of a device in the forms that factories flash (matter-attestation 7.4, 7.5).
 *
 *     esp-nvs  CSV of ESP-IDF's NVS partition generator: key,type,encoding,value in the namespace chip-factory.
 *              Binary values stand in it as hex2bin, which gives the same blobs as files would, without a key file
 *     nrf      JSON of the nRF Connect SDK: NrfConnect_Factory_Data_schema
 *     json     the record, heddle.device/1
 *     csv      one line a device, all columns in base64 or plain
 */
#ifndef CA_DEVICE_OUT_H
#define CA_DEVICE_OUT_H

#include "factory.h"

#define DEVICE_OUT_MAX 16384 /* octets of one device in any form */
#define FACTORY_CD_MAX 790   /* octets of a certification declaration (4.2) */

enum device_format { DEVICE_ESP_NVS, DEVICE_NRF, DEVICE_JSON, DEVICE_CSV, DEVICE_FORMATS };

/* What all devices of one product share; NULL or -1: not told. Texts are UTF-8 without control characters. */
struct factory_product {
    const char *vendor_name, *product_name, *part_number, *product_label, *product_url, *hw_ver_str;
    const char *date; /* YYYY-MM-DD */
    int32_t hw_ver, finish, color;
    bool with_passcode; /* nrf: the passcode too, for firmware that shows its code */
    struct mc_span cd;  /* esp-nvs: the certification declaration; empty: in the firmware */
};

const char *device_format_name(enum device_format f); /* "esp-nvs" */
const char *device_format_suffix(enum device_format f); /* ".csv" */
/* MC_OK, or CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc device_format_parse(const char *text, enum device_format *f, struct mc_err *e);
/* Lengths and ranges, and what the form must have. CA_E_USAGE with the option as field. */
MC_MUST_CHECK enum mc_rc factory_product_check(
    const struct factory_product *p, enum device_format f, struct mc_err *e);
/* The first line of a CSV; nothing for other forms. */
void device_out_head(enum device_format f, struct mc_out *o);
/*
 * One device, as a whole file (esp-nvs, nrf) or one line (json, csv). o holds DEVICE_OUT_MAX. CA_E_DEVICE where
 * the form needs the key and the device made its own; MC_E_SPACE.
 */
MC_MUST_CHECK enum mc_rc device_out_put(
    const struct device *d, const struct factory_product *p, enum device_format f, struct mc_out *o, struct mc_err *e);

#endif
