/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - everything that show tells of a certificate, worked out once for the page and for JSON.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdio.h>

#include "lib/pubkey.h"
#include "tool.h"

enum key_id_origin {
    KEY_ID_NONE,   /* there is no key identifier to judge, or no P-256 point to judge it by */
    KEY_ID_SHA1,   /* RFC 5280 method 1, which Matter asks for */
    KEY_ID_SHA256, /* the first 20 octets of SHA-256: some controllers' own CA */
    KEY_ID_OTHER,
};

enum self_state { SELF_NO, SELF_VERIFIES, SELF_FAILS, SELF_UNCHECKED };

struct facts {
    const struct mc_input *in;
    struct mc_cert cert;
    enum mc_kind kind;
    struct mc_span der, tlv;       /* both forms; n == 0 where there is none */
    struct mc_err obstacle;        /* why there is no other form; rc is MC_OK if there is */
    uint8_t sha256[MC_DIGEST_LEN]; /* of der, or of the input where there is no DER */
    uint8_t key_id[MC_KEY_ID_LEN]; /* what the key identifier should be; if cert.p256 */
    enum key_id_origin skid_origin;
    enum self_state self_issued;
    uint8_t der_room[MC_CERT_DER_MAX], tlv_room[MC_CERT_TLV_MAX];
};

MC_MUST_CHECK enum mc_rc facts_of(
    struct mc_verifier *v, const struct tool_input *t, struct facts *f, struct mc_err *e);

/* "Matter node operational certificate (NOC)". */
const char *facts_kind_title(enum mc_kind kind);
/* "tlv", "der" or "compact". */
const char *facts_form_name(enum mc_form form);
/* The i-th of the nine usages of RFC 5280 (0 to 8). */
const char *facts_usage_name(unsigned i);
/* "commonName", or the name or dotted number of the OID; out holds cap. */
void facts_attr_name(const struct mc_attr *a, char *out, size_t cap);
const char *facts_oid_name(struct mc_span oid, char *out, size_t cap);
/* True if the attribute is a number: ids, VID, PID. *digits gets its hex digits. */
bool facts_attr_is_id(const struct mc_attr *a, unsigned *digits);
/* "UTF8String", "PrintableString", ...; "" for a tag that is no string. */
const char *facts_string_name(uint8_t tag);
/* Whole days from the first to the last second, both counted. */
int64_t facts_days(const struct mc_cert *c);

void show_page(const struct facts *facts, FILE *f);
void show_json(const struct facts *f, const char *file, bool one_line, FILE *out);

#endif
