/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "json_why.h"

static json_malloc_t below;
static bool lacking;

static void *noting(size_t n)
{
    void *p = below(n);

    lacking = lacking || p == NULL;
    return p;
}

json_t *json_why_load(const char *text, size_t n, size_t flags, json_error_t *why)
{
    json_free_t release;
    json_t *o;

    json_get_alloc_funcs(&below, &release);
    json_set_alloc_funcs(noting, release);
    lacking = false;
    o = json_loadb(text, n, flags, why);
    json_set_alloc_funcs(below, release);
    if (o == NULL && lacking)
        why->text[JSON_ERROR_TEXT_LENGTH - 1] = (char)json_error_out_of_memory; /* where its code is kept */
    return o;
}

bool json_why_memory(const json_error_t *why)
{
    return json_error_code(why) == json_error_out_of_memory;
}
