/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_read.h - JSON that comes in, read strictly; jansson does the parsing, and nobody else here sees it.
 *
 * RFC 8259 in UTF-8: no member twice, nothing behind the value, no U+0000. The tree belongs to the caller; what
 * is taken from it borrows. Errors name the line of a syntax error and the path of a wrong member
 * ("[3].vid"): `where` is the path of the object at hand, "" for the outermost.
 */
#ifndef CLI_JSON_READ_H
#define CLI_JSON_READ_H

#include "lib/buf.h"

struct json_t; /* jansson's */

/* MC_E_JSON, MC_E_TOO_BIG, MC_E_MEMORY, and those of io_read. Free *out with json_read_free (NULL is fine). */
MC_MUST_CHECK enum mc_rc json_read_file(const char *path, size_t max, struct json_t **out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc json_read_text(struct mc_span text, struct json_t **out, struct mc_err *e);
void json_read_free(struct json_t *root);

/* value is an object, and each of its members is one of names (ends with NULL). MC_E_JSON_MEMBER. */
MC_MUST_CHECK enum mc_rc json_read_object(
    const struct json_t *value, const char *where, const char *const *names, struct mc_err *e);
bool json_read_has(const struct json_t *object, const char *name);
/* The member of an object, of any type; NULL if it is missing. */
const struct json_t *json_read_member(const struct json_t *object, const char *name);
bool json_read_is_null(const struct json_t *object, const char *name); /* it is there and null */

/* A member that must be there. MC_E_JSON_MEMBER if it is missing or has another type or range. */
MC_MUST_CHECK enum mc_rc json_read_string(
    const struct json_t *object, const char *where, const char *name, const char **out, struct mc_err *e);
/* An integer, or a string as mc_number_parse reads it ("0xFFF1"), of at most max. */
MC_MUST_CHECK enum mc_rc json_read_uint(const struct json_t *object, const char *where, const char *name,
    uint64_t max, uint64_t *out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc json_read_bool(
    const struct json_t *object, const char *where, const char *name, bool *out, struct mc_err *e);
/* Octets from a string of hex digits of either case, or of base64; at most cap. */
MC_MUST_CHECK enum mc_rc json_read_hex(const struct json_t *object, const char *where, const char *name,
    uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc json_read_base64(const struct json_t *object, const char *where, const char *name,
    uint8_t *out, size_t cap, size_t *n, struct mc_err *e);
MC_MUST_CHECK enum mc_rc json_read_array(const struct json_t *object, const char *where, const char *name,
    const struct json_t **out, struct mc_err *e);

/* Of an array: how many there are (0 for what is no array), and the i-th; NULL if there is none. */
bool json_read_is_array(const struct json_t *value);
size_t json_read_count(const struct json_t *array);
const struct json_t *json_read_at(const struct json_t *array, size_t i);
/* The i-th as a string or number, as above. */
MC_MUST_CHECK enum mc_rc json_read_string_at(
    const struct json_t *array, const char *where, size_t i, const char **out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc json_read_uint_at(
    const struct json_t *array, const char *where, size_t i, uint64_t max, uint64_t *out, struct mc_err *e);

#endif
