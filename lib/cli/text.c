/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdlib.h>
#include <unistd.h>

enum { WORD_MAX = 40, NOT_UTF8 = -1 };

void text_next(struct mc_span text, size_t *n, int32_t *code)
{
    static const uint8_t mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint8_t lead = text.p[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    *n = 1;
    *code = NOT_UTF8;
    if (len > text.n || !mc_utf8_check(mc_span_of(text.p, len)))
        return;
    *n = len;
    *code = lead & mask[len];
    for (size_t i = 1; i < len; i++)
        *code = *code << 6 | (text.p[i] & 0x3F);
}

bool text_is_unsafe(int32_t code)
{
    static const int32_t ranges[][2] = {
        {0x00, 0x1F},
        {0x7F, 0x9F},
        {0x61C, 0x61C},
        {0x200E, 0x200F},
        {0x2028, 0x202E},
        {0x2066, 0x2069},
        {0xFEFF, 0xFEFF},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

bool text_is_plain(const char *text)
{
    struct mc_span left = mc_span_of(text, strlen(text));

    while (left.n != 0) {
        size_t n;
        int32_t code;

        text_next(left, &n, &code);
        if (code == NOT_UTF8 || text_is_unsafe(code))
            return false;
        left.p += n;
        left.n -= n;
    }
    return true;
}

void text_put(FILE *f, struct mc_span text)
{
    while (text.n != 0) {
        size_t n;
        int32_t code;

        text_next(text, &n, &code);
        if (code != NOT_UTF8 && !text_is_unsafe(code))
            fwrite(text.p, 1, n, f);
        else
            for (size_t i = 0; i < n; i++)
                fprintf(f, "\\x%02X", text.p[i]);
        text.p += n;
        text.n -= n;
    }
}

void text_puts(FILE *f, const char *text)
{
    text_put(f, mc_span_of(text, strlen(text)));
}

bool text_has_colour(FILE *f)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if ((no != NULL && *no != '\0') || (term != NULL && strcmp(term, "dumb") == 0))
        return false;
    return isatty(fileno(f)) == 1;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to change, add, drop or swap with their neighbour to make b of a (optimal string alignment). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[3][WORD_MAX + 1] = {{0}};
    size_t na = strlen(a), nb = strlen(b);

    for (size_t j = 0; j <= nb; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);

            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[na % 3][nb];
}

const char *text_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    unsigned best_distance;

    if (strlen(word) > WORD_MAX)
        return NULL;
    best_distance = (unsigned)strlen(word) / 3 + 1;
    for (; *names != NULL; names++) {
        unsigned d = strlen(*names) <= WORD_MAX ? distance(word, *names) : WORD_MAX;

        if (d > best_distance || (d == best_distance && best != NULL) || d >= strlen(word))
            continue;
        best = *names;
        best_distance = d;
    }
    return best;
}
