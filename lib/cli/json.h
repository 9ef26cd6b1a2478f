/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - a small writer of JSON to a stream: objects, arrays, strings, numbers, in the order given.
 *
 * Commas, indentation and escapes are its work. Octets that are not UTF-8 are written as U+FFFD. Control
 * characters, also those above U+007F, and marks that turn the direction of text are written as escapes.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdio.h>

#include "lib/buf.h"

#define JSON_DEPTH_MAX 16

/*
 * The JSON library that heddle links for reading has functions of these four names. Ours get other ones in
 * the object files; a source that needs both includes that library's header first.
 */
#define json_object cli_json_object
#define json_array  cli_json_array
#define json_string cli_json_string
#define json_null   cli_json_null

struct json {
    FILE *f;
    bool compact; /* one line: for JSON Lines */
    unsigned depth;
    bool comma[JSON_DEPTH_MAX];
};

void json_init(struct json *j, FILE *f, bool compact);
/* key is NULL inside arrays and at the top. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end_object(struct json *j); /* writes the last newline at depth 0 */
void json_end_array(struct json *j);
void json_string(struct json *j, const char *key, const char *value);
void json_text(struct json *j, const char *key, struct mc_span value);
void json_hex(struct json *j, const char *key, struct mc_span value);        /* lower-case hex string */
void json_id(struct json *j, const char *key, uint64_t id, unsigned digits); /* "0x" and upper-case digits */
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
