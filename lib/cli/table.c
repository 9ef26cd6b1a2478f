/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { GAP = 2 };

struct table {
    const char *const *headers;
    size_t columns, rows, cap;
    size_t *width; /* of each column, in characters */
    char **cells;  /* rows * columns, clean */
    bool titled;   /* the titles are printed */
};

/* Characters, not octets: lead octets are counted, continuation octets are not. */
static size_t width_of(const char *cell)
{
    size_t width = 0;

    for (; *cell != '\0'; cell++)
        width += ((unsigned char)*cell & 0xC0) != 0x80;
    return width;
}

static bool is_right(const struct table *t, size_t column)
{
    return t->headers[column][0] == '>';
}

static const char *title(const struct table *t, size_t column)
{
    return t->headers[column] + is_right(t, column);
}

struct table *table_new(const char *const *headers)
{
    struct table *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->headers = headers;
    while (headers[t->columns] != NULL)
        t->columns++;
    t->width = calloc(t->columns + 1, sizeof(*t->width));
    if (t->width == NULL) {
        free(t);
        return NULL;
    }
    for (size_t c = 0; c < t->columns; c++)
        t->width[c] = width_of(title(t, c));
    return t;
}

static void drop_rows(struct table *t)
{
    for (size_t i = 0; i < t->rows * t->columns; i++)
        free(t->cells[i]);
    t->rows = 0;
}

void table_free(struct table *t)
{
    if (t == NULL)
        return;
    drop_rows(t);
    free(t->cells);
    free(t->width);
    free(t);
}

/* A copy in which what is unsafe on a terminal, or is not UTF-8, is '?'. */
static char *clean_copy(const char *cell)
{
    struct mc_span text = mc_span_of(cell, strlen(cell));
    char *copy = malloc(text.n + 1), *at = copy;

    if (copy == NULL)
        return NULL;
    while (text.n != 0) {
        size_t n;
        int32_t code;

        text_next(text, &n, &code);
        if (code < 0 || text_is_unsafe(code)) {
            *at++ = '?';
        } else {
            memcpy(at, text.p, n);
            at += n;
        }
        text.p += n;
        text.n -= n;
    }
    *at = '\0';
    return copy;
}

static bool grow(struct table *t)
{
    size_t cap = t->cap == 0 ? 16 : 2 * t->cap;
    char **cells;

    if (t->rows < t->cap)
        return true;
    cells = reallocarray(t->cells, cap, t->columns * sizeof(*cells));
    if (cells == NULL)
        return false;
    t->cells = cells;
    t->cap = cap;
    return true;
}

enum mc_rc table_row(struct table *t, const char *const *cells)
{
    char **row;

    if (!grow(t))
        return MC_E_MEMORY;
    row = t->cells + t->rows * t->columns;
    for (size_t i = 0; i < t->columns; i++) {
        row[i] = clean_copy(cells[i]);
        if (row[i] != NULL)
            continue;
        while (i-- > 0)
            free(row[i]);
        return MC_E_MEMORY;
    }
    for (size_t i = 0; i < t->columns; i++)
        if (width_of(row[i]) > t->width[i])
            t->width[i] = width_of(row[i]);
    t->rows++;
    return MC_OK;
}

/* The last cell has no padding behind it, so that no line ends in blanks. */
static void put_cell(const struct table *t, size_t column, const char *cell, bool last, FILE *f)
{
    int pad = (int)(t->width[column] - width_of(cell));
    bool right = is_right(t, column);

    fprintf(f, "%*s%s%*s", right ? pad : 0, "", cell, last ? 0 : (right ? 0 : pad) + GAP, "");
}

static void put_titles(const struct table *t, FILE *f)
{
    bool bold = text_has_colour(f);

    fputs(bold ? "\033[1m" : "", f);
    for (size_t c = 0; c < t->columns; c++)
        put_cell(t, c, title(t, c), c + 1 == t->columns, f);
    fputs(bold ? "\033[0m\n" : "\n", f);
}

static void put_row(const struct table *t, char *const *row, FILE *f)
{
    size_t n = t->columns;

    while (n > 1 && row[n - 1][0] == '\0')
        n--;
    for (size_t c = 0; c < n; c++)
        put_cell(t, c, row[c], c + 1 == n, f);
    putc('\n', f);
}

void table_print(struct table *t, FILE *f)
{
    if (!t->titled)
        put_titles(t, f);
    t->titled = true;
    for (size_t i = 0; i < t->rows; i++)
        put_row(t, t->cells + i * t->columns, f);
    drop_rows(t);
}
