/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_in.h - records of devices from JSON Lines: in clear (heddle.device/1), or sealed in the results of a batch
 * ({"id", "status", ..., "dac", "sealed"}), which the recipient's key opens; or one sealed record alone, as DER
 * (device.cms of `heddle dac issue`), which begins with '0' where a line would begin with '{'.
 */
#ifndef CA_DEVICE_IN_H
#define CA_DEVICE_IN_H

#include <stdio.h>

#include "factory.h"
#include "hsm/hsm.h"

#define DEVICE_LINE_MAX 65536 /* octets of one line */

struct evp_pkey_st;

struct device_in {
    FILE *f;
    struct evp_pkey_st *key; /* NULL: only records in clear can be read */
    unsigned line;           /* of the last one, from 1 */
    bool alone;              /* the input was one sealed record */
    uint8_t *text;           /* DEVICE_LINE_MAX */
};

/*
 * Opens path ("-": stdin). key_path: a private key in PEM, or NULL; passphrase: where the passphrase of an
 * encrypted key comes from. CA_E_FILE_NOT_FOUND, CA_E_READ, CA_E_RECIPIENT_KEY, CA_E_PASSPHRASE_SOURCE.
 */
MC_MUST_CHECK enum mc_rc device_in_open(struct device_in *in, const char *path, const char *key_path,
    const struct hsm_pin_source *passphrase, struct mc_err *e);
/*
 * Takes the next line that is not blank. *end: there is none. A failure is this line's, and the next one can be taken:
 * CA_E_NO_SECRETS (refused or repeated lines among them), CA_E_SEALED, CA_E_RECIPIENT_KEY (no key given),
 * MC_E_TOO_BIG, and those of device_json_parse. CA_E_READ ends the input. The record's line is set in e.
 */
MC_MUST_CHECK enum mc_rc device_in_next(struct device_in *in, struct device *d, bool *end, struct mc_err *e);
void device_in_close(struct device_in *in); /* wipes what was read */

/* Opens one sealed record (CMS EnvelopedData in DER). out holds DEVICE_JSON_MAX. CA_E_SEALED. */
MC_MUST_CHECK enum mc_rc device_unseal(
    struct evp_pkey_st *key, struct mc_span sealed, uint8_t *out, size_t *n, struct mc_err *e);

#endif
