/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put.h - text into a struct mc_out: pieces of JSON and CSV that hold secrets, so that no stream keeps a copy.
 */
#ifndef CA_PUT_H
#define CA_PUT_H

#include "lib/buf.h"

void put_text(struct mc_out *o, const char *text);
void put_number(struct mc_out *o, uint32_t value);
void put_base64(struct mc_out *o, const uint8_t *p, size_t n);
void put_hex(struct mc_out *o, const uint8_t *p, size_t n); /* lower case */
/* A JSON string with its quotes. The text is UTF-8 without control characters. */
void put_json_string(struct mc_out *o, const char *text);
/* A field of CSV (RFC 4180): quoted where it holds a comma, a quote or a blank at its ends. As above. */
void put_csv(struct mc_out *o, const char *text);

#endif
