/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include <qrencode.h>

#include "hsm/hsm.h"
#include "label_page.h"

enum {
    QUIET = 4, /* modules of margin */
    POINTS_MAX = 32,
    ADVANCE = 11, /* half units of a character, the gap included; its height is 12 */
    GAP = 3,
};

#define TEXT_X (LABEL_H + 1.0) /* where texts begin, and how wide they may be */
#define TEXT_W (LABEL_W - TEXT_X - 3.0)

enum mc_rc label_name_check(const char *name, struct mc_err *e)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if (label_glyph(name[i]) == NULL)
            return mc_fail(e, CA_E_USAGE, "--name", "a label has ASCII characters only");
    return n >= 1 && n <= LABEL_NAME_MAX ? MC_OK : mc_fail(e, CA_E_USAGE, "--name", "1 to %d characters are wanted", LABEL_NAME_MAX);
}

/* --- pages ----------------------------------------------------------------------------------------- */

enum mc_rc label_page_new(enum label_kind kind, double w, double h, double mm_per_unit, unsigned dpi, struct label_page **out,
    struct mc_err *e)
{
    struct label_page *p = calloc(1, sizeof(*p));
    enum mc_rc rc = MC_OK;

    if (p == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    p->kind = kind;
    p->w = w;
    p->h = h;
    p->mm_per_unit = mm_per_unit;
    if (kind == LABEL_PNG) {
        rc = label_png_new(p, dpi, e);
    } else {
        p->f = open_memstream(&p->text, &p->text_n);
        if (p->f == NULL)
            rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
        else
            fprintf(p->f,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.2fmm\" height=\"%.2fmm\" viewBox=\"0 0 %.3f %.3f\">\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                w * mm_per_unit, h * mm_per_unit, w, h);
    }
    if (rc != MC_OK) {
        label_page_free(p);
        return rc;
    }
    *out = p;
    return MC_OK;
}

enum mc_rc label_page_bytes(struct label_page *p, struct mc_span *bytes, struct mc_err *e)
{
    int bad;

    if (p->kind == LABEL_PNG)
        return label_png_bytes(p, bytes, e);
    fputs("</svg>\n", p->f);
    bad = ferror(p->f);
    bad |= fclose(p->f);
    p->f = NULL;
    *bytes = mc_span_of(p->text, p->text_n);
    return bad ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;
}

void label_page_free(struct label_page *p)
{
    if (p == NULL)
        return;
    if (p->f != NULL)
        fclose(p->f);
    if (p->text != NULL)
        hsm_wipe(p->text, p->text_n);
    if (p->gray != NULL)
        hsm_wipe(p->gray, (size_t)p->px_w * p->px_h);
    if (p->png != NULL)
        hsm_wipe(p->png, p->png_n);
    free(p->text);
    free(p->gray);
    free(p->png);
    free(p);
}

void label_rect(struct label_page *p, double x, double y, double w, double h)
{
    if (p->kind == LABEL_PNG)
        label_png_rect(p, x, y, w, h);
    else
        fprintf(p->f, "M%g %gh%gv%gh%gz", x, y, w, h, -w);
}

void label_stroke(struct label_page *p, const struct label_point *at, size_t n, double width, uint8_t grey)
{
    if (p->kind == LABEL_PNG) {
        label_png_stroke(p, at, n, width, grey);
        return;
    }
    for (size_t i = 0; i < n; i++)
        fprintf(p->f, "%c%.2f %.2f", i == 0 ? 'M' : 'L', at[i].x, at[i].y);
    if (n == 1)
        fputs("h0", p->f);
}

/* What follows until close_path has one pen. */
static void open_path(struct label_page *p, double pen, const char *colour)
{
    if (p->kind == LABEL_SVG && pen > 0)
        fprintf(p->f, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%.3f\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"",
            colour, pen);
    else if (p->kind == LABEL_SVG)
        fprintf(p->f, "<path fill=\"%s\" shape-rendering=\"crispEdges\" d=\"", colour);
}

static void close_path(struct label_page *p)
{
    if (p->kind == LABEL_SVG)
        fputs("\"/>\n", p->f);
}

/* --- one label ------------------------------------------------------------------------------------- */

struct line {
    double x, y, size; /* size: the height of capitals */
    double pen;        /* width of the stroke as a share of size */
};

/* Draws one stroke of a glyph and gives where the next one begins. */
static const char *draw_glyph_stroke(struct label_page *p, const char *s, const struct line *l, double x)
{
    struct label_point at[POINTS_MAX];
    size_t n = 0;

    for (; *s != '\0' && *s != ' ' && n < POINTS_MAX; s += 2, n++) {
        at[n].x = x + (s[0] - '0') / 12.0 * l->size;
        at[n].y = l->y + (s[1] - 'a') / 12.0 * l->size;
    }
    if (n == 2 && at[0].x == at[1].x && at[0].y == at[1].y)
        n = 1;
    if (n > 0)
        label_stroke(p, at, n, l->pen * l->size, 0);
    return *s == ' ' ? s + 1 : s;
}

static double text_width(size_t n, double size)
{
    return ((double)n * ADVANCE - GAP) / 12.0 * size;
}

/* The size at which n characters fit, at most max. */
static double fitting(size_t n, double max)
{
    double size = TEXT_W / text_width(n, 1);

    return size < max ? size : max;
}

static void draw_text(struct label_page *p, const char *text, const struct line *l)
{
    open_path(p, l->pen * l->size, "#000");
    for (size_t i = 0; text[i] != '\0'; i++) {
        const char *s = label_glyph(text[i]);

        while (s != NULL && *s != '\0')
            s = draw_glyph_stroke(p, s, l, l->x + (double)i * ADVANCE / 12.0 * l->size);
    }
    close_path(p);
}

static QRcode *encode(const struct device *d, struct mc_err *e)
{
    /* Level Q gives the 22 characters 25 x 25 modules, as level L would with room to spare. */
    QRcode *q = QRcode_encodeString(d->qr, 2, QR_ECLEVEL_Q, QR_MODE_8, 1);

    if (q == NULL)
        mc_fail(e, errno == ENOMEM ? MC_E_MEMORY : MC_E_INTERNAL, "qr", NULL);
    return q;
}

static void free_qr(QRcode *q)
{
    if (q == NULL)
        return;
    hsm_wipe(q->data, (size_t)q->width * (size_t)q->width);
    QRcode_free(q);
}

static bool is_dark(const QRcode *q, int x, int y)
{
    return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1) != 0;
}

/* Runs of dark modules in a row are one rectangle. */
static void draw_qr(struct label_page *p, const QRcode *q, double x, double y)
{
    open_path(p, 0, "#000");
    for (int row = 0; row < q->width; row++) {
        for (int from = 0, to; from < q->width; from = to + 1) {
            for (to = from; is_dark(q, to, row); to++)
                ;
            if (to > from)
                label_rect(p, x + QUIET + from, y + QUIET + row, to - from, 1);
        }
    }
    close_path(p);
}

/* The manual code: one line, or two where it has 21 digits. */
static unsigned code_lines(const struct device *d, char line[2][MC_MANUAL_TEXT_MAX])
{
    char text[MC_MANUAL_TEXT_MAX];

    mc_manual_format(d->manual, text);
    if (strlen(text) <= 13) {
        memcpy(line[0], text, strlen(text) + 1);
        return 1;
    }
    memcpy(line[0], text, 14);
    line[0][14] = '\0';
    memcpy(line[1], text + 14, strlen(text + 14) + 1);
    return 2;
}

static void draw_texts(struct label_page *p, const struct device *d, const char *name, double x, double y)
{
    char code[2][MC_MANUAL_TEXT_MAX], serial[8 + DEVICE_SERIAL_MAX];
    unsigned n = code_lines(d, code);
    struct line l = {x + TEXT_X, 0, 0, 0.13};
    double space, name_size = name != NULL ? fitting(strlen(name), 3.6) : 0, code_size = n == 1 ? fitting(13, 6) : fitting(14, 4.6), serial_size;

    snprintf(serial, sizeof(serial), "S/N %s", d->serial_number);
    serial_size = fitting(strlen(serial), 2.6);
    /* Name, code and serial number share the height between the QR code's upper and lower edges. */
    space = 25 - name_size - n * code_size - serial_size;
    l.y = y + QUIET;
    if (name != NULL) {
        l.size = name_size;
        draw_text(p, name, &l);
        l.y += name_size + space / (n + 1);
    } else {
        l.y += space / (n + 1) / 2;
    }
    l.size = code_size;
    l.pen = 0.15;
    for (unsigned i = 0; i < n; i++) {
        draw_text(p, code[i], &l);
        l.y += code_size + space / (n + 1) * (i + 1 < n ? 0.6 : 1);
    }
    l.y = y + QUIET + 25 - serial_size;
    l.size = serial_size;
    l.pen = 0.13;
    draw_text(p, serial, &l);
    hsm_wipe(code, sizeof(code));
}

static void draw_frame(struct label_page *p, double x, double y)
{
    const struct label_point at[] = {{x, y}, {x + LABEL_W, y}, {x + LABEL_W, y + LABEL_H}, {x, y + LABEL_H}, {x, y}};

    open_path(p, 0.15, "#999");
    label_stroke(p, at, 5, 0.15, 0x99);
    close_path(p);
}

enum mc_rc label_draw(struct label_page *p, const struct device *d, const char *name, double x, double y, bool frame,
    struct mc_err *e)
{
    QRcode *q = encode(d, e);

    if (q == NULL)
        return MC_E_MEMORY;
    if (frame)
        draw_frame(p, x, y);
    draw_qr(p, q, x, y);
    draw_texts(p, d, name, x, y);
    free_qr(q);
    return MC_OK;
}

/* --- the terminal ---------------------------------------------------------------------------------- */

enum mc_rc label_term(FILE *f, const struct device *d, const char *name, bool colour, struct mc_err *e)
{
    /* By which of the two halves, upper and lower, are drawn. */
    static const char *const block[4] = {" ", "\xE2\x96\x80", "\xE2\x96\x84", "\xE2\x96\x88"};
    QRcode *q = encode(d, e);
    char manual[MC_MANUAL_TEXT_MAX];

    if (q == NULL)
        return MC_E_MEMORY;
    for (int row = -QUIET; row < q->width + QUIET; row += 2) {
        fputs(colour ? "\033[30;107m" : "", f);
        for (int x = -QUIET; x < q->width + QUIET; x++) {
            bool up = is_dark(q, x, row), low = is_dark(q, x, row + 1);

            if (!colour) {
                up = !up;
                low = row + 1 < q->width + QUIET && !low;
            }
            fputs(block[(up ? 1 : 0) | (low ? 2 : 0)], f);
        }
        fputs(colour ? "\033[0m\n" : "\n", f);
    }
    free_qr(q);
    mc_manual_format(d->manual, manual);
    if (name != NULL)
        fprintf(f, "    %s\n", name);
    fprintf(f, "    %s\n    S/N %s\n\n", manual, d->serial_number);
    hsm_wipe(manual, sizeof(manual));
    return MC_OK;
}
