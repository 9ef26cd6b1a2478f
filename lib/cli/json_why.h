/* SPDX-License-Identifier: Apache-2.0 */
/* json_why.h - why jansson could not read a text, for those who call it themselves. */
#ifndef CLI_JSON_WHY_H
#define CLI_JSON_WHY_H

#include <jansson.h>

#include <stdbool.h>

/* Memory ran out: nothing is known about the text. jansson leaves its sentence empty in some of these cases. */
static inline bool json_why_memory(const json_error_t *why)
{
    return json_error_code(why) == json_error_out_of_memory || why->text[0] == '\0';
}

#endif
