/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include <stdlib.h>

#include "json_read.h"

#include "io.h"
#include "json_why.h"

enum { PATH_MAX_LEN = 64 };

enum mc_rc json_read_text(struct mc_span text, struct json_t **out, struct mc_err *e)
{
    json_error_t why;
    json_t *root = json_why_load((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    enum mc_rc rc;

    if (root != NULL) {
        *out = root;
        return MC_OK;
    }
    if (json_why_memory(&why))
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_fail(e, MC_E_JSON, NULL, "%s", why.text);
    if (e != NULL && why.line > 0)
        e->line = (unsigned)why.line;
    return rc;
}

enum mc_rc json_read_file(const char *path, size_t max, struct json_t **out, struct mc_err *e)
{
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = io_read(path, max, &text, &n, e);

    if (rc == MC_OK)
        rc = json_read_text(mc_span_of(text, n), out, e);
    free(text);
    return rc;
}

void json_read_free(struct json_t *root)
{
    json_decref(root);
}

static enum mc_rc wrong(struct mc_err *e, const char *where, const char *name, const char *why)
{
    bool dotted = *where != '\0' && *name != '\0' && *name != '[';
    char path[PATH_MAX_LEN];

    snprintf(path, sizeof(path), "%.40s%s%s", where, dotted ? "." : "", name);
    return mc_fail(e, MC_E_JSON_MEMBER, path, "%s", why);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

enum mc_rc json_read_object(
    const struct json_t *value, const char *where, const char *const *names, struct mc_err *e)
{
    json_t *all = (json_t *)(uintptr_t)value, *member;
    const char *name;

    if (!json_is_object(value))
        return wrong(e, where, "", "an object is wanted");
    json_object_foreach(all, name, member) {
        if (!is_one_of(name, names))
            return wrong(e, where, name, "it is unknown");
    }
    return MC_OK;
}

bool json_read_has(const struct json_t *object, const char *name)
{
    return json_object_get(object, name) != NULL;
}

const struct json_t *json_read_member(const struct json_t *object, const char *name)
{
    return json_object_get(object, name);
}

bool json_read_is_null(const struct json_t *object, const char *name)
{
    return json_is_null(json_object_get(object, name));
}

static enum mc_rc string_of(const json_t *value, const char *where, const char *name, const char **out, struct mc_err *e)
{
    if (!json_is_string(value))
        return wrong(e, where, name, value == NULL ? "it is missing" : "a string is wanted");
    *out = json_string_value(value);
    return MC_OK;
}

static enum mc_rc uint_of(const json_t *value, const char *where, const char *name, uint64_t max, uint64_t *out, struct mc_err *e)
{
    uint64_t number = 0;

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        number = (uint64_t)json_integer_value(value);
    else if (!json_is_string(value) || mc_number_parse(json_string_value(value), 16, &number, NULL) != MC_OK)
        return wrong(e, where, name, value == NULL ? "it is missing" : "a number is wanted, or a string \"0x...\"");
    if (number > max)
        return wrong(e, where, name, "the number is too large");
    *out = number;
    return MC_OK;
}

enum mc_rc json_read_string(
    const struct json_t *object, const char *where, const char *name, const char **out, struct mc_err *e)
{
    return string_of(json_object_get(object, name), where, name, out, e);
}

enum mc_rc json_read_uint(const struct json_t *object, const char *where, const char *name, uint64_t max, uint64_t *out,
    struct mc_err *e)
{
    return uint_of(json_object_get(object, name), where, name, max, out, e);
}

enum mc_rc json_read_bool(
    const struct json_t *object, const char *where, const char *name, bool *out, struct mc_err *e)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_boolean(value))
        return wrong(e, where, name, value == NULL ? "it is missing" : "true or false is wanted");
    *out = json_is_true(value);
    return MC_OK;
}

enum mc_rc json_read_hex(const struct json_t *object, const char *where, const char *name, uint8_t *out, size_t cap,
    size_t *n, struct mc_err *e)
{
    const char *text = "";
    size_t digits;
    enum mc_rc rc = json_read_string(object, where, name, &text, e);

    if (rc != MC_OK)
        return rc;
    digits = strlen(text);
    if (digits > 2 * cap)
        return wrong(e, where, name, "it is too long");
    if (digits % 2 != 0 || !mc_hex_decode(text, digits / 2, out))
        return wrong(e, where, name, "pairs of hex digits are wanted");
    *n = digits / 2;
    return MC_OK;
}

enum mc_rc json_read_base64(const struct json_t *object, const char *where, const char *name, uint8_t *out, size_t cap,
    size_t *n, struct mc_err *e)
{
    const char *text = "";
    enum mc_rc rc = json_read_string(object, where, name, &text, e);

    if (rc != MC_OK)
        return rc;
    rc = mc_base64_decode(text, strlen(text), false, out, cap, n);
    if (rc != MC_OK)
        return wrong(e, where, name, rc == MC_E_SPACE ? "it is too long" : "padded base64 is wanted");
    return MC_OK;
}

enum mc_rc json_read_array(const struct json_t *object, const char *where, const char *name, const struct json_t **out,
    struct mc_err *e)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_array(value))
        return wrong(e, where, name, value == NULL ? "it is missing" : "an array is wanted");
    *out = value;
    return MC_OK;
}

bool json_read_is_array(const struct json_t *value)
{
    return json_is_array(value);
}

size_t json_read_count(const struct json_t *array)
{
    return json_array_size(array);
}

const struct json_t *json_read_at(const struct json_t *array, size_t i)
{
    return json_array_get(array, i);
}

static const char *index_name(size_t i, char out[PATH_MAX_LEN])
{
    snprintf(out, PATH_MAX_LEN, "[%zu]", i);
    return out;
}

enum mc_rc json_read_string_at(
    const struct json_t *array, const char *where, size_t i, const char **out, struct mc_err *e)
{
    char name[PATH_MAX_LEN];

    return string_of(json_array_get(array, i), where, index_name(i, name), out, e);
}

enum mc_rc json_read_uint_at(
    const struct json_t *array, const char *where, size_t i, uint64_t max, uint64_t *out, struct mc_err *e)
{
    char name[PATH_MAX_LEN];

    return uint_of(json_array_get(array, i), where, index_name(i, name), max, out, e);
}
