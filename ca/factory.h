/* SPDX-License-Identifier: Apache-2.0 */
/*
 * factory.h - what a device gets on the line: its DAC key, passcode, discriminator, Spake2+ verifier, and the
 * record that carries all of it, heddle.device/1.
 *
 * Everything secret derives from a seed and the device's id: HKDF-SHA256, empty salt, info "heddle.device/1" || 0
 * || id, cut up for key, passcode, discriminator, salt, serial number and rotating id. The same seed and id give
 * the same device again (a killed batch goes on); without the seed nothing can be had.
 *
 * The record is one JSON object:
 *
 *     {"schema": "heddle.device/1", "id": "...", "vid": "0xFFF1", "pid": "0x8000", "serial_number": "...",
 *      "dac": "<base64 DER>", "pai": "<base64 DER>", "key": "<base64, 32 octets>", "discriminator": 3840,
 *      "passcode": 20202021, "spake2p": {"iterations": 1000, "salt": "<base64>", "verifier": "<base64, 97 octets>"},
 *      "rotating_id": "<base64, 16 octets>", "flow": "standard", "rendezvous": 2, "qr": "MT:...", "manual": "..."}
 *
 * "key" is missing where the DAC was issued for a CSR. It holds secrets in clear: it leaves the process sealed to
 * a recipient (CMS), or as `heddle factory` writes it for the line.
 */
#ifndef CA_FACTORY_H
#define CA_FACTORY_H

#include "lib/entry.h"
#include "lib/payload.h"
#include "lib/spake.h"

#define DEVICE_SCHEMA     "heddle.device/1"
#define DEVICE_ID_MAX     ENTRY_REQUEST_MAX
#define DEVICE_SERIAL_MAX 32 /* octets of a serial number: the limit of Basic Information */
#define DEVICE_KEY_LEN    32
#define DEVICE_ROTATING_ID_LEN 16 /* the unique id from which rotating device ids come: 16 octets at least */
#define DEVICE_JSON_MAX   4096 /* octets of the record; device_json_put never needs more */

#define FACTORY_SEED_LEN   32
#define FACTORY_SALT_LEN   32
#define FACTORY_ITERATIONS 1000 /* of PBKDF2, where none are given: no number protects 27 bits for long */
#define FACTORY_DERIVED    (-1)

/* What is told about a device, or left to be derived. */
struct factory_options {
    uint16_t vid, pid;
    const char *serial_number; /* NULL: 16 hex digits are derived */
    int32_t discriminator;     /* 0..4095 or FACTORY_DERIVED */
    int64_t passcode;          /* an allowed one or FACTORY_DERIVED: uniform over all that are allowed */
    uint32_t iterations;       /* 0: FACTORY_ITERATIONS */
    uint8_t flow, rendezvous;  /* lib/payload.h */
    bool make_key;             /* false: the device made its own and sent a CSR */
};

/* A device. The whole struct is secret: device_wipe it. */
struct device {
    char id[DEVICE_ID_MAX + 1];
    char serial_number[DEVICE_SERIAL_MAX + 1];
    uint16_t vid, pid;
    bool has_key;
    uint8_t key[DEVICE_KEY_LEN];  /* the scalar, big-endian */
    uint8_t point[MC_POINT_LEN];  /* its public key; without a key: the DAC's when the record was read, else zeros */
    size_t dac_n, pai_n;          /* 0: not issued yet */
    uint8_t dac[MC_CERT_DER_MAX], pai[MC_CERT_DER_MAX];
    uint16_t discriminator;
    uint32_t passcode, iterations;
    size_t salt_n;
    uint8_t salt[MC_SPAKE_SALT_MAX];
    uint8_t verifier[MC_SPAKE_VERIFIER_LEN];
    uint8_t rotating_id[DEVICE_ROTATING_ID_LEN];
    uint8_t flow, rendezvous;
    char qr[MC_QR_LEN + 1], manual[MC_MANUAL_MAX + 1];
};

/*
 * Checks what is told about a device, before anything is made: MC_E_PASSCODE, MC_E_SPAKE, MC_E_PAYLOAD_FIELD,
 * CA_E_DEVICE (id, serial number, vendor or product id); the record's field is the option's name ("iterations").
 */
MC_MUST_CHECK enum mc_rc factory_check(const char *id, const struct factory_options *o, struct mc_err *e);
/*
 * Makes a device: all of it but dac and pai, which the caller adds. As factory_check, and MC_E_CRYPTO. On failure
 * out is wiped. May run in many processes at once; allocates nothing that lasts.
 */
MC_MUST_CHECK enum mc_rc factory_make(const uint8_t seed[FACTORY_SEED_LEN], const char *id,
    const struct factory_options *o, struct device *out, struct mc_err *e);

/* The payload of its codes. */
struct mc_payload factory_payload(const struct device *d);

/* Writes the record, one line without its end. cap: DEVICE_JSON_MAX suffices. MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc device_json_put(
    const struct device *d, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
/*
 * Reads a record strictly: every member there, none unknown or twice; and everything agrees with everything else: the
 * key with the DAC, verifier with passcode, codes with fields, VID and PID with the DAC's. CA_E_DEVICE, or
 * the code of the part that is wrong; no error repeats a secret. On failure out is wiped.
 */
MC_MUST_CHECK enum mc_rc device_json_parse(struct mc_span text, struct device *out, struct mc_err *e);
void device_wipe(struct device *d);

#endif
