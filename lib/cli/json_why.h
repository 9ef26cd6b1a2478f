/* SPDX-License-Identifier: Apache-2.0 */
/* json_why.h - jansson's parser for those who call it themselves, so that it tells memory that ran out from a bad text. */
#ifndef CLI_JSON_WHY_H
#define CLI_JSON_WHY_H

#include <stdbool.h>
#include <stddef.h>

struct json_t;       /* jansson's */
struct json_error_t; /* jansson's */

/*
 * json_loadb; NULL and json_why_memory() where memory ran out and nothing is known about the text, of which jansson
 * itself mostly says that a token in it is invalid.
 */
struct json_t *json_why_load(const char *text, size_t n, size_t flags, struct json_error_t *why);
bool json_why_memory(const struct json_error_t *why);

#endif
