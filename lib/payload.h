/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload.h - the onboarding payload of a device: QR code text and manual pairing code (matter-attestation 7.1
 * to 7.3).
 *
 * QR code text = "MT:" + base38 of 88 bits, packed least significant bit first: version 3, vendor id 16, product
 * id 16, flow 2, rendezvous 8, discriminator 12, passcode 27, padding 4; then perhaps Matter TLV. Several payloads
 * may stand behind one "MT:", joined by '*'. Manual code = 11 or 21 decimal digits, the last one a check digit.
 *
 * Reading gives every field that the code has, also those out of range; mc_payload_check then says whether a
 * device may have it. The passcode in a code is a secret: no record of an error repeats any part of a code.
 */
#ifndef MC_PAYLOAD_H
#define MC_PAYLOAD_H

#include "buf.h"

#define MC_PASSCODE_MAX      99999998u
#define MC_DISCRIMINATOR_MAX 0xFFF
#define MC_VENDOR_ID_MAX     0xFFF4 /* of a vendor or for tests; above are groups of vendors and reserved ids */

#define MC_QR_LEN     22 /* characters of a QR code text without TLV */
#define MC_QR_MAX     1024 /* characters of one payload with TLV, "MT:" included */
#define MC_MANUAL_MAX 21 /* digits */
#define MC_MANUAL_TEXT_MAX 32 /* digits in groups, and NUL */
#define MC_PAYLOAD_TLV_MAX 512 /* octets */

enum mc_flow { MC_FLOW_STANDARD = 0, MC_FLOW_USER_ACTION = 1, MC_FLOW_CUSTOM = 2 };

#define MC_RENDEZVOUS_SOFTAP     0x01
#define MC_RENDEZVOUS_BLE        0x02
#define MC_RENDEZVOUS_ON_NETWORK 0x04
#define MC_RENDEZVOUS_WIFI_PAF   0x08
#define MC_RENDEZVOUS_NFC        0x10
#define MC_RENDEZVOUS_THREAD     0x20
#define MC_RENDEZVOUS_KNOWN      0x3F

/* The optional TLV of a QR code: an anonymous structure of these tags and vendor tags from 0x80. */
enum mc_payload_tag {
    MC_PAYLOAD_SERIAL_NUMBER = 0, /* UTF-8 string or unsigned number */
    MC_PAYLOAD_ITERATIONS = 1,    /* of PBKDF2 */
    MC_PAYLOAD_SALT = 2,          /* of PBKDF2, octets */
    MC_PAYLOAD_DEVICES = 3,       /* how many */
    MC_PAYLOAD_TIMEOUT = 4,       /* of commissioning */
    MC_PAYLOAD_VENDOR = 0x80,     /* the first of the vendor's own: UTF-8 string or number */
};

struct mc_payload {
    bool manual;              /* came from, or goes into, a manual code: the fields marked (QR) are absent */
    uint8_t version;          /* 0; a manual code has none but its form */
    bool has_ids;             /* a manual code of 11 digits has no ids */
    uint16_t vid, pid;        /* 0: not told */
    uint8_t flow;             /* enum mc_flow; a manual code with ids tells only that it is not standard */
    uint8_t rendezvous;       /* (QR) MC_RENDEZVOUS_* */
    uint16_t discriminator;   /* 12 bits; of a manual code its upper 4 bits */
    uint32_t passcode;
    uint8_t padding;          /* (QR) 0 */
    struct mc_span tlv;       /* (QR) the whole structure, or empty; borrows */
};

/* 1..99999998 and none of the eleven that are forbidden. */
bool mc_passcode_allowed(uint32_t passcode);

/* The octets of one base38 payload, decoded; borrowed by struct mc_payload. */
struct mc_payload_room {
    uint8_t bytes[11 + MC_PAYLOAD_TLV_MAX];
};

/*
 * Finds the QR code text in a text that may hold more: segments end at '%', and the first that begins with "MT:"
 * is the one. *body gets what follows "MT:" up to the end of the segment: one payload or several, joined by
 * '*'. False if there is none.
 */
bool mc_qr_find(struct mc_span text, struct mc_span *body);
/* Takes the next payload of body, up to '*'. False at the end; an empty payload is one too. */
bool mc_qr_next(struct mc_span *body, struct mc_span *one);
/*
 * Reads one payload, the base38 without "MT:". MC_E_PAYLOAD_BASE38, MC_E_PAYLOAD_LENGTH, MC_E_PAYLOAD_TLV. The
 * TLV is read to its end: one structure of elements with the tags and types above or reserved tags.
 */
MC_MUST_CHECK enum mc_rc mc_qr_parse(
    struct mc_span base38, struct mc_payload_room *room, struct mc_payload *out, struct mc_err *e);
/*
 * Reads a manual code of 11 or 21 digits; dashes and blanks between them are skipped. MC_E_PAYLOAD_MANUAL (other
 * characters, another length, a length that does not fit the first digit, an id above 65535),
 * MC_E_PAYLOAD_DIGIT (the check digit).
 */
MC_MUST_CHECK enum mc_rc mc_manual_parse(struct mc_span text, struct mc_payload *out, struct mc_err *e);

/*
 * May a device have this payload? MC_E_PASSCODE; MC_E_PAYLOAD_FIELD: version, flow or padding not known, a vendor
 * id above 0xFFF4, one id without the other, unknown rendezvous bits, none at all.
 */
MC_MUST_CHECK enum mc_rc mc_payload_check(const struct mc_payload *p, struct mc_err *e);

/*
 * "MT:" and base38 of what mc_payload_check accepts, with p->tlv behind it as it is, NUL-terminated.
 * out holds MC_QR_MAX + 1 (MC_QR_LEN + 1 without TLV). MC_E_PAYLOAD_FIELD, MC_E_PAYLOAD_LENGTH, MC_E_PASSCODE.
 */
MC_MUST_CHECK enum mc_rc mc_qr_encode(const struct mc_payload *p, char *out, struct mc_err *e);
/*
 * The manual code of a payload with a discriminator of 12 bits: 11 digits for the standard flow, 21 for others.
 * out holds MC_MANUAL_MAX + 1. As mc_qr_encode.
 */
MC_MUST_CHECK enum mc_rc mc_manual_encode(const struct mc_payload *p, char *out, struct mc_err *e);
/* Digits as people read them: 3497-011-2332, 7497-011-2336-5521-3276-87. out holds MC_MANUAL_TEXT_MAX. */
void mc_manual_format(const char *digits, char *out);

/* The check digit over n decimal digits (ASCII), and whether the last of n digits is it (Verhoeff). */
char mc_verhoeff(const char *digits, size_t n);
bool mc_verhoeff_holds(const char *digits, size_t n);

const char *mc_flow_name(unsigned flow); /* "standard", "user-action", "custom", "reserved" */
/* The flow of a name or of 0, 1, 2. MC_E_PAYLOAD_FIELD. */
MC_MUST_CHECK enum mc_rc mc_flow_parse(const char *text, uint8_t *flow, struct mc_err *e);
/* Bits of "ble,on-network" (any case; also softap, wifi-paf, nfc, thread) or of a number. MC_E_PAYLOAD_FIELD. */
MC_MUST_CHECK enum mc_rc mc_rendezvous_parse(const char *text, uint8_t *rendezvous, struct mc_err *e);
/* "BLE, on-network" of the known bits; 64 characters suffice. */
void mc_rendezvous_format(uint8_t rendezvous, char *out, size_t cap);
/* "serial number", ..., "vendor element", "reserved element". */
const char *mc_payload_tag_name(unsigned tag);

#endif
