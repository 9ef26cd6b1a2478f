/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest as lines of one device each. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "batch_dac.h"
#include "lib/cli/json_why.h"

enum mc_rc manifest_open(struct manifest *m, const char *path, struct mc_err *e)
{
    memset(m, 0, sizeof(*m));
    return batch_lines_open(&m->lines, path, e);
}

void manifest_close(struct manifest *m)
{
    batch_lines_close(&m->lines);
}

static bool manifest_ready(void *arg)
{
    struct manifest *m = arg;
    struct batch_source lines = batch_lines_source(&m->lines);

    return m->given < m->count || lines.ready(lines.arg);
}

static bool take_count(struct manifest *m, json_t *o)
{
    const json_t *count = json_object_get(o, "count"), *prefix = json_object_get(o, "prefix");
    json_int_t n = json_is_integer(count) ? json_integer_value(count) : 0;
    size_t len = json_is_string(prefix) ? json_string_length(prefix) : sizeof(m->prefix);

    if (n < 1 || n > MANIFEST_COUNT_MAX || len > MANIFEST_PREFIX_MAX || strlen(json_string_value(prefix)) != len ||
        json_object_get(o, "id") != NULL || json_object_get(o, "csr") != NULL || json_object_get(o, "serial_number") != NULL)
        return false;
    memcpy(m->prefix, json_string_value(prefix), len + 1);
    m->count = (uint64_t)n;
    m->given = 0;
    json_object_del(o, "count");
    json_object_del(o, "prefix");
    return true;
}

/*
 * A line with a count is kept and given out one device at a time. What is no such line, or a wrong one, goes on as it is:
 * the workers parse it, and tell what is wrong with it.
 */
static enum mc_rc take_many(struct manifest *m, const char *text, size_t n, bool *many, struct mc_err *e)
{
    json_error_t why;
    json_t *o = json_why_load(text, n, JSON_REJECT_DUPLICATES, &why);
    size_t rest;

    if (o == NULL && json_why_memory(&why))
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    *many = json_is_object(o) && json_object_get(o, "count") != NULL && take_count(m, o);
    rest = *many ? json_dumpb(o, m->rest, sizeof(m->rest), JSON_COMPACT) : 0;
    json_decref(o);
    *many = rest >= 2 && rest < sizeof(m->rest);
    if (*many)
        m->rest[rest] = '\0';
    else
        m->count = m->given = 0;
    return MC_OK;
}

static int digits_of(uint64_t n)
{
    int digits = 1;

    for (; n >= 10; n /= 10)
        digits++;
    return digits;
}

/* {"id":"PREFIX0001", and the other members */
static void give_one(struct manifest *m, char *buf, size_t cap, size_t *n)
{
    char id[sizeof(m->prefix) + 24];
    json_t *text;

    snprintf(id, sizeof(id), "%s%0*" PRIu64, m->prefix, digits_of(m->count), m->given + 1);
    text = json_string(id);
    *n = 6;
    memcpy(buf, "{\"id\":", 6);
    *n += text != NULL ? json_dumpb(text, buf + *n, cap - *n, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : 0;
    json_decref(text);
    *n += (size_t)snprintf(buf + *n, cap - *n, "%s%s", m->rest[1] == '}' ? "" : ",", m->rest + 1);
    m->given++;
}

static enum mc_rc manifest_next(void *arg, char *buf, size_t cap, size_t *n, bool *end, struct mc_err *e)
{
    struct manifest *m = arg;
    struct batch_source lines = batch_lines_source(&m->lines);
    bool many = false;

    if (m->given == m->count) {
        enum mc_rc rc = lines.next(lines.arg, buf, cap, n, end, e);

        m->line++;
        if (rc == MC_OK && !*end && memmem(buf, *n, "\"count\"", 7) != NULL)
            rc = take_many(m, buf, *n, &many, e);
        if (rc != MC_OK || !many)
            return rc;
    }
    give_one(m, buf, cap, n);
    return MC_OK;
}

static uint64_t manifest_line(void *arg)
{
    return ((struct manifest *)arg)->line;
}

struct batch_source manifest_source(struct manifest *m)
{
    return (struct batch_source){manifest_ready, manifest_next, m, manifest_line};
}
