/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <stdarg.h>
#include <stdio.h>

void mc_mistakes_init(struct mc_mistakes *m)
{
    memset(m, 0, sizeof(*m));
}

void mc_mistake(struct mc_mistakes *m, enum mc_rc rc, unsigned line, const char *key, const char *fmt, ...)
{
    struct mc_err *e;
    va_list ap;

    if (m->n++ >= MC_CONF_MISTAKES)
        return;
    e = &m->list[m->n - 1];
    mc_err_init(e);
    e->rc = rc;
    e->line = line;
    if (key != NULL)
        snprintf(e->field, sizeof(e->field), "%s", key);
    if (fmt == NULL)
        return;
    va_start(ap, fmt);
    vsnprintf(e->what, sizeof(e->what), fmt, ap);
    va_end(ap);
}

void mc_mistakes_sort(struct mc_mistakes *m)
{
    unsigned kept = m->n < MC_CONF_MISTAKES ? m->n : MC_CONF_MISTAKES;

    for (unsigned i = 1; i < kept; i++) {
        struct mc_err moving = m->list[i];
        unsigned at = i;

        for (; at > 0 && m->list[at - 1].line > moving.line; at--)
            m->list[at] = m->list[at - 1];
        m->list[at] = moving;
    }
}

void mc_conf_init(struct mc_conf *c, struct mc_span text)
{
    memset(c, 0, sizeof(*c));
    c->p = (const char *)text.p;
    c->end = c->p + text.n;
}

struct line {
    const char *p;
    size_t n;
};

static void trim(struct line *l)
{
    for (; l->n != 0 && mc_is_space(l->p[0]); l->n--)
        l->p++;
    while (l->n != 0 && mc_is_space(l->p[l->n - 1]))
        l->n--;
}

/* The next line without its end; the first one without the byte order mark. */
static struct line next_line(struct mc_conf *c)
{
    static const char bom[3] = "\xEF\xBB\xBF";
    struct line l;
    const char *nl;

    if (c->line == 0 && c->end - c->p >= 3 && memcmp(c->p, bom, sizeof(bom)) == 0)
        c->p += sizeof(bom);
    nl = memchr(c->p, '\n', (size_t)(c->end - c->p));
    l = (struct line){c->p, (size_t)((nl != NULL ? nl : c->end) - c->p)};
    c->p = nl != NULL ? nl + 1 : c->end;
    c->line++;
    if (l.n != 0 && l.p[l.n - 1] == '\r')
        l.n--;
    return l;
}

static bool has_control(struct line l)
{
    for (size_t i = 0; i < l.n; i++)
        if (((uint8_t)l.p[i] < 0x20 && l.p[i] != '\t') || l.p[i] == 0x7F)
            return true;
    return false;
}

/* The part before the comment: the first # outside of double quotes. */
static struct line without_comment(struct line l)
{
    bool quoted = false;

    for (size_t i = 0; i < l.n; i++) {
        if (l.p[i] == '"')
            quoted = !quoted;
        if (l.p[i] == '#' && !quoted)
            return (struct line){l.p, i};
    }
    return l;
}

static bool name_copy(struct line l, char out[MC_CONF_NAME_MAX])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (l.n == 0 || l.n >= MC_CONF_NAME_MAX)
        return false;
    for (size_t i = 0; i < l.n; i++)
        if (strchr(allowed, l.p[i]) == NULL)
            return false;
    memcpy(out, l.p, l.n);
    out[l.n] = '\0';
    return true;
}

/* Remembers a name; false, with the mistake noted, if it is there already or there is no room. */
static bool remember(const struct mc_conf *c, struct mc_conf_name *list, unsigned *n, unsigned cap,
    struct line l, struct mc_mistakes *m)
{
    struct mc_span name = mc_span_of(l.p, l.n);

    for (unsigned i = 0; i < *n; i++) {
        if (!mc_span_eq(list[i].name, name))
            continue;
        mc_mistake(
            m, MC_E_CONF_TWICE, c->line, NULL, "'%.*s' stands in line %u", (int)l.n, l.p, list[i].line);
        return false;
    }
    if (*n == cap) {
        mc_mistake(m, MC_E_CONF_SIZE, c->line, NULL, "more than %u names", cap);
        return false;
    }
    list[(*n)++] = (struct mc_conf_name){name, c->line};
    return true;
}

static void syntax(const struct mc_conf *c, struct mc_mistakes *m, const char *why)
{
    mc_mistake(m, MC_E_CONF_SYNTAX, c->line, NULL, "%s", why);
}

static void take_section(struct mc_conf *c, struct line l, struct mc_mistakes *m)
{
    if (l.p[l.n - 1] != ']') {
        syntax(c, m, "the section's ] is missing");
        return;
    }
    l = (struct line){l.p + 1, l.n - 2};
    trim(&l);
    if (!name_copy(l, c->section)) {
        syntax(c, m, "the section's name is empty, too long or has other characters than a-z A-Z 0-9 . _ -");
        return;
    }
    c->n_keys = 0;
    (void)remember(c, c->sections, &c->n_sections, MC_CONF_SECTIONS, l, m);
}

/* Copies the value without its quotes. Why it is none, or NULL. */
static const char *take_value(struct mc_conf *c, struct line l)
{
    c->quoted = l.n != 0 && l.p[0] == '"';
    if (c->quoted) {
        if (l.n < 2 || l.p[l.n - 1] != '"')
            return "the value's closing \" is missing, or text follows it";
        l = (struct line){l.p + 1, l.n - 2};
    }
    if (memchr(l.p, '"', l.n) != NULL)
        return "a \" stands inside the value: put the whole value into quotes, or none of it";
    memcpy(c->value, l.p, l.n);
    c->value[l.n] = '\0';
    return NULL;
}

/* key = value into c; false, with the mistake noted, if the line is none. */
static bool take_item(struct mc_conf *c, struct line l, struct mc_mistakes *m)
{
    const char *equals = memchr(l.p, '=', l.n), *why;
    struct line key, value;

    if (l.p[0] == '.') {
        syntax(c, m, "directives such as .include are not followed");
        return false;
    }
    if (equals == NULL) {
        syntax(c, m, "the = is missing");
        return false;
    }
    key = (struct line){l.p, (size_t)(equals - l.p)};
    value = (struct line){equals + 1, l.n - key.n - 1};
    trim(&key);
    trim(&value);
    if (!name_copy(key, c->key)) {
        syntax(c, m, "the key is empty, too long or has other characters than a-z A-Z 0-9 . _ -");
        return false;
    }
    why = take_value(c, value);
    if (why != NULL) {
        mc_mistake(m, MC_E_CONF_SYNTAX, c->line, c->key, "%s", why);
        return false;
    }
    return remember(c, c->keys, &c->n_keys, MC_CONF_KEYS, key, m);
}

/* What no line may hold, comments included. Why, or NULL. */
static const char *forbidden_in_line(struct line l)
{
    if (has_control(l))
        return "the line has a control character";
    if (!mc_utf8_check(mc_span_of(l.p, l.n)))
        return "the line is not UTF-8 text";
    if (l.n != 0 && l.p[l.n - 1] == '\\')
        return "a \\ at the end does not continue the line here";
    return NULL;
}

static const char *forbidden_in_item(struct line l)
{
    if (memchr(l.p, '$', l.n) != NULL)
        return "variables ($) are not expanded";
    if (memchr(l.p, '\\', l.n) != NULL)
        return "escapes (\\) are not read";
    return NULL;
}

/* One line; true if it gave an item. */
static bool take_line(struct mc_conf *c, struct line l, struct mc_mistakes *m)
{
    const char *why = forbidden_in_line(l);

    if (l.n >= MC_CONF_LINE_MAX) {
        mc_mistake(m, MC_E_CONF_SIZE, c->line, NULL, "the line has %zu octets", l.n);
        return false;
    }
    l = without_comment(l);
    trim(&l);
    if (why == NULL)
        why = forbidden_in_item(l);
    if (why != NULL) {
        syntax(c, m, why);
        return false;
    }
    if (l.n == 0)
        return false;
    if (l.p[0] != '[')
        return take_item(c, l, m);
    take_section(c, l, m);
    return false;
}

bool mc_conf_take(struct mc_conf *c, struct mc_mistakes *m)
{
    if (c->end - c->p > MC_CONF_MAX) {
        mc_mistake(m, MC_E_CONF_SIZE, c->line, NULL, "the file has more than %d octets", MC_CONF_MAX);
        c->p = c->end;
    }
    while (c->p < c->end)
        if (take_line(c, next_line(c), m))
            return true;
    return false;
}
