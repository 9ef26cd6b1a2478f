/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

enum { WIDTH_MIN = 30, WIDTH_MAX = 100, ESCAPED = 4 /* columns of \xNN */ };

size_t wrap_width(FILE *f, size_t otherwise)
{
    struct winsize size = {0};

    if (isatty(fileno(f)) != 1)
        return otherwise;
    if (ioctl(fileno(f), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WRAP_WIDTH;
    return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col <= WIDTH_MIN ? WIDTH_MIN : size.ws_col - 1u;
}

static size_t columns_of(struct mc_span text)
{
    size_t columns = 0;

    while (text.n != 0) {
        size_t n;
        int32_t code;

        text_next(text, &n, &code);
        columns += code < 0 || text_is_unsafe(code) ? ESCAPED * n : 1;
        text.p += n;
        text.n -= n;
    }
    return columns;
}

void wrap_start(struct wrap *w, FILE *f, size_t width, size_t column, size_t indent)
{
    *w = (struct wrap){.f = f, .width = width, .indent = indent, .column = column};
}

void wrap_word(struct wrap *w, const char *word, size_t n)
{
    size_t columns = columns_of(mc_span_of(word, n));

    if (w->open && w->column + 1 + columns > w->width) {
        fprintf(w->f, "\n%*s", (int)w->indent, "");
        w->column = w->indent;
    } else if (w->open) {
        putc(' ', w->f);
        w->column++;
    }
    text_put(w->f, mc_span_of(word, n));
    w->column += columns;
    w->open = true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

void wrap_text(struct wrap *w, const char *text, size_t n)
{
    const char *end = text + n;

    while (text < end) {
        const char *word = text;

        while (text < end && !is_blank(*text))
            text++;
        if (text > word)
            wrap_word(w, word, (size_t)(text - word));
        while (text < end && is_blank(*text))
            text++;
    }
}

void wrap_end(struct wrap *w)
{
    putc('\n', w->f);
}
