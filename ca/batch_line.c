/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_line.h"

#include "lib/cli/json_why.h"

/* --- in place: false where jansson has to look ----------------------------------------------------- */

struct scan {
    const char *p, *end;
};

/* Takes one character, and space before it. */
static bool take(struct scan *s, char c)
{
    while (s->p < s->end && mc_is_space(*s->p))
        s->p++;
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* A string of visible ASCII and blanks, without escapes. */
static bool take_string(struct scan *s, struct mc_span *out)
{
    const char *start;

    if (!take(s, '"'))
        return false;
    start = s->p;
    while (s->p < s->end && *s->p >= 0x20 && *s->p <= 0x7E && *s->p != '"' && *s->p != '\\')
        s->p++;
    *out = mc_span_of(start, (size_t)(s->p - start));
    return s->p < s->end && *s->p++ == '"';
}

static bool take_list(struct scan *s, struct batch_line *l)
{
    if (l->cats != CATS_NONE || !take(s, '['))
        return false;
    l->cats = CATS_LIST;
    if (take(s, ']'))
        return true;
    do {
        if (l->n_cat == MC_CAT_MAX || !take_string(s, &l->cat[l->n_cat++]))
            return false;
    } while (take(s, ','));
    return take(s, ']');
}

static bool is(struct mc_span key, const char *name)
{
    return mc_span_eq(key, mc_span_of(name, strlen(name)));
}

static struct mc_span *member_of(struct batch_line *l, struct mc_span key)
{
    if (is(key, "id"))
        return &l->id;
    if (is(key, "csr"))
        return &l->csr;
    return is(key, "node_id") ? &l->node_id : NULL;
}

static bool take_member(struct scan *s, struct batch_line *l)
{
    struct mc_span key, *value;

    if (!take_string(s, &key) || !take(s, ':'))
        return false;
    if (is(key, "cats"))
        return take_list(s, l);
    value = member_of(l, key);
    return value != NULL && value->p == NULL && take_string(s, value);
}

static bool read_in_place(struct mc_span text, struct batch_line *l)
{
    struct scan s = {(const char *)text.p, (const char *)text.p + text.n};

    if (!take(&s, '{'))
        return false;
    do {
        if (!take_member(&s, l))
            return false;
    } while (take(&s, ','));
    if (!take(&s, '}'))
        return false;
    while (s.p < s.end && mc_is_space(*s.p))
        s.p++;
    return s.p == s.end;
}

/* --- by jansson ------------------------------------------------------------------------------------ */

static struct mc_span string_of(const json_t *value)
{
    return mc_span_of(json_string_value(value), json_string_length(value));
}

static void find_cats(const json_t *cats, struct batch_line *l)
{
    if (cats == NULL)
        return;
    l->cats = json_is_array(cats) ? CATS_LIST : CATS_NO_LIST;
    l->n_cat = json_array_size(cats);
    for (size_t i = 0; i < l->n_cat && i < MC_CAT_MAX; i++)
        l->cat[i] = string_of(json_array_get(cats, i));
}

static void find_unknown(struct batch_line *l)
{
    const char *key;
    json_t *value;

    json_object_foreach(l->json, key, value)
    {
        struct mc_span name = mc_span_of(key, strlen(key));

        if (l->unknown == NULL && member_of(l, name) == NULL && !is(name, "cats"))
            l->unknown = key;
    }
}

enum mc_rc batch_line_parse_json(struct mc_span text, struct batch_line *out, struct mc_err *e)
{
    json_error_t why;

    memset(out, 0, sizeof(*out));
    out->json = json_why_load((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &why);
    if (out->json == NULL && json_why_memory(&why))
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (out->json == NULL)
        return mc_fail(e, CA_E_REQUEST_FORM, NULL, "%.120s at column %d", why.text, why.column);
    if (!json_is_object(out->json))
        return mc_fail(e, CA_E_REQUEST_FORM, NULL, "an object is wanted");
    out->id = string_of(json_object_get(out->json, "id"));
    out->csr = string_of(json_object_get(out->json, "csr"));
    out->node_id = string_of(json_object_get(out->json, "node_id"));
    find_cats(json_object_get(out->json, "cats"), out);
    find_unknown(out);
    return MC_OK;
}

enum mc_rc batch_line_parse(struct mc_span text, struct batch_line *out, struct mc_err *e)
{
    memset(out, 0, sizeof(*out));
    return read_in_place(text, out) ? MC_OK : batch_line_parse_json(text, out, e);
}

void batch_line_clear(struct batch_line *l)
{
    json_decref(l->json);
    l->json = NULL;
}
