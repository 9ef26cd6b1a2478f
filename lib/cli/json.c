/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <inttypes.h>

#include "text.h"

enum { INDENT = 2 };

void json_init(struct json *j, FILE *f, bool compact)
{
    memset(j, 0, sizeof(*j));
    j->f = f;
    j->compact = compact;
}

static void put_escaped(FILE *f, int32_t code)
{
    static const char shorthand[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = code > 0 && code < 0x80 ? strchr(shorthand, code) : NULL;

    if (at != NULL)
        fprintf(f, "\\%c", letter[at - shorthand]);
    else
        fprintf(f, "\\u%04" PRIX32, (uint32_t)code);
}

static void put_string(FILE *f, struct mc_span text)
{
    putc('"', f);
    while (text.n != 0) {
        size_t n;
        int32_t code;

        text_next(text, &n, &code);
        if (code < 0)
            fputs("\xEF\xBF\xBD", f);
        else if (code == '"' || code == '\\' || text_is_unsafe(code))
            put_escaped(f, code);
        else
            fwrite(text.p, 1, n, f);
        text.p += n;
        text.n -= n;
    }
    putc('"', f);
}

static void new_line(const struct json *j)
{
    if (j->compact || j->depth == 0)
        return;
    fprintf(j->f, "\n%*s", (int)(INDENT * j->depth), "");
}

/* What stands before any value: comma, line, key. */
static void begin(struct json *j, const char *key)
{
    if (j->comma[j->depth])
        putc(',', j->f);
    if (j->comma[j->depth] && j->compact && j->depth > 0)
        putc(' ', j->f);
    j->comma[j->depth] = j->depth > 0;
    new_line(j);
    if (key == NULL)
        return;
    put_string(j->f, mc_span_of(key, strlen(key)));
    fputs(": ", j->f);
}

static void open_level(struct json *j, const char *key, char bracket)
{
    begin(j, key);
    putc(bracket, j->f);
    if (j->depth + 1 < JSON_DEPTH_MAX)
        j->depth++;
    j->comma[j->depth] = false;
}

static void close_level(struct json *j, char bracket)
{
    bool filled = j->comma[j->depth];

    if (j->depth > 0)
        j->depth--;
    if (filled && j->depth > 0)
        new_line(j);
    else if (filled && !j->compact)
        putc('\n', j->f);
    putc(bracket, j->f);
    if (j->depth == 0)
        putc('\n', j->f);
}

void json_object(struct json *j, const char *key)
{
    open_level(j, key, '{');
}

void json_array(struct json *j, const char *key)
{
    open_level(j, key, '[');
}

void json_end_object(struct json *j)
{
    close_level(j, '}');
}

void json_end_array(struct json *j)
{
    close_level(j, ']');
}

void json_text(struct json *j, const char *key, struct mc_span value)
{
    begin(j, key);
    put_string(j->f, value);
}

void json_string(struct json *j, const char *key, const char *value)
{
    json_text(j, key, mc_span_of(value, strlen(value)));
}

void json_hex(struct json *j, const char *key, struct mc_span value)
{
    begin(j, key);
    putc('"', j->f);
    for (size_t i = 0; i < value.n; i++)
        fprintf(j->f, "%02x", value.p[i]);
    putc('"', j->f);
}

void json_id(struct json *j, const char *key, uint64_t id, unsigned digits)
{
    begin(j, key);
    fprintf(j->f, "\"0x%0*" PRIX64 "\"", (int)digits, id);
}

void json_number(struct json *j, const char *key, int64_t value)
{
    begin(j, key);
    fprintf(j->f, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin(j, key);
    fputs(value ? "true" : "false", j->f);
}

void json_null(struct json *j, const char *key)
{
    begin(j, key);
    fputs("null", j->f);
}
