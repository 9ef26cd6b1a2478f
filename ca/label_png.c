/* SPDX-License-Identifier: Apache-2.0 */
/* A page of grey pixels, written by libpng. */
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include <png.h>

#include "label_page.h"

enum { PIXELS_MAX = 200 * 1000 * 1000, SCALE_MIN = 2 };

enum mc_rc label_png_new(struct label_page *p, unsigned dpi, struct mc_err *e)
{
    double scale = p->mm_per_unit * dpi / 25.4;

    if (scale < SCALE_MIN - 0.5 || scale > 1000)
        return mc_fail(e, CA_E_USAGE, "--dpi", "a module of the QR code would have %.1f pixels", scale);
    p->scale = (unsigned)lround(scale);
    p->px_w = (unsigned)ceil(p->w * p->scale);
    p->px_h = (unsigned)ceil(p->h * p->scale);
    if ((double)p->px_w * p->px_h > PIXELS_MAX)
        return mc_fail(e, CA_E_USAGE, "--dpi", "the page would have %u x %u pixels", p->px_w, p->px_h);
    p->gray = malloc((size_t)p->px_w * p->px_h);
    if (p->gray == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    memset(p->gray, 0xFF, (size_t)p->px_w * p->px_h);
    return MC_OK;
}

static unsigned clamp(double v, unsigned max)
{
    return v <= 0 ? 0 : v >= max ? max : (unsigned)v;
}

void label_png_rect(struct label_page *p, double x, double y, double w, double h)
{
    unsigned x0 = clamp(x * p->scale + 0.5, p->px_w), x1 = clamp((x + w) * p->scale + 0.5, p->px_w);
    unsigned y0 = clamp(y * p->scale + 0.5, p->px_h), y1 = clamp((y + h) * p->scale + 0.5, p->px_h);

    for (unsigned row = y0; row < y1; row++)
        memset(p->gray + (size_t)row * p->px_w + x0, 0, x1 - x0);
}

static double distance(double x, double y, struct label_point a, struct label_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, n = dx * dx + dy * dy;
    double t = n > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / n : 0;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/* Each pixel gets the share of it that the pen covers, about. */
static void segment(struct label_page *p, struct label_point a, struct label_point b, double radius, uint8_t grey)
{
    unsigned x0 = clamp(fmin(a.x, b.x) - radius - 1, p->px_w), x1 = clamp(fmax(a.x, b.x) + radius + 2, p->px_w);
    unsigned y0 = clamp(fmin(a.y, b.y) - radius - 1, p->px_h), y1 = clamp(fmax(a.y, b.y) + radius + 2, p->px_h);

    for (unsigned y = y0; y < y1; y++) {
        for (unsigned x = x0; x < x1; x++) {
            double cover = radius + 0.5 - distance(x + 0.5, y + 0.5, a, b);
            uint8_t *at = p->gray + (size_t)y * p->px_w + x;
            double v;

            if (cover <= 0)
                continue;
            v = 255 - (cover < 1 ? cover : 1) * (255 - grey);
            if (v < *at)
                *at = (uint8_t)v;
        }
    }
}

void label_png_stroke(struct label_page *p, const struct label_point *at, size_t n, double width, uint8_t grey)
{
    double s = p->scale;

    for (size_t i = 0; i < n; i++) {
        struct label_point a = {at[i > 0 ? i - 1 : 0].x * s, at[i > 0 ? i - 1 : 0].y * s}, b = {at[i].x * s, at[i].y * s};

        if (i > 0 || n == 1)
            segment(p, a, b, width * s / 2, grey);
    }
}

/* --- libpng ---------------------------------------------------------------------------------------- */

static void append(png_structp png, png_bytep data, size_t n)
{
    struct label_page *p = png_get_io_ptr(png);
    uint8_t *more = realloc(p->png, p->png_n + n);

    if (more == NULL)
        png_error(png, "memory");
    memcpy(more + p->png_n, data, n);
    p->png = more;
    p->png_n += n;
}

static void flush(png_structp png)
{
    (void)png;
}

static void be_silent(png_structp png, png_const_charp what)
{
    (void)png;
    (void)what;
}

_Noreturn static void give_up(png_structp png, png_const_charp what)
{
    (void)what;
    png_longjmp(png, 1);
}

static bool write_all(struct label_page *p, png_structp png, png_infop info)
{
    double per_metre = 1000.0 * p->scale / p->mm_per_unit;

    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_write_fn(png, p, append, flush);
    png_set_IHDR(png, info, p->px_w, p->px_h, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_set_pHYs(png, info, (png_uint_32)lround(per_metre), (png_uint_32)lround(per_metre), PNG_RESOLUTION_METER);
    png_write_info(png, info);
    for (unsigned y = 0; y < p->px_h; y++)
        png_write_row(png, p->gray + (size_t)y * p->px_w);
    png_write_end(png, info);
    return true;
}

enum mc_rc label_png_bytes(struct label_page *p, struct mc_span *bytes, struct mc_err *e)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, give_up, be_silent);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool written = info != NULL && write_all(p, png, info);

    png_destroy_write_struct(&png, &info);
    *bytes = mc_span_of(p->png, p->png_n);
    return written ? MC_OK : mc_fail(e, MC_E_MEMORY, NULL, NULL);
}
