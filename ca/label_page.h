/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label_page.h - a page to draw on: black rectangles and strokes of a round pen, all in units. What SVG and PNG have
 * in common; private to the label*.c files.
 */
#ifndef CA_LABEL_PAGE_H
#define CA_LABEL_PAGE_H

#include "label.h"

struct label_point {
    double x, y;
};

struct label_page {
    enum label_kind kind;
    double w, h, mm_per_unit;
    /* SVG: the text so far */
    FILE *f;
    char *text;
    size_t text_n;
    /* PNG: 0 is black */
    unsigned scale, px_w, px_h; /* scale: pixels of a unit */
    uint8_t *gray;
    uint8_t *png;
    size_t png_n;
};

/* Corners on whole units give sharp edges. */
void label_rect(struct label_page *p, double x, double y, double w, double h);
/* n >= 1 points joined by lines; grey 0 is black. */
void label_stroke(struct label_page *p, const struct label_point *at, size_t n, double width, uint8_t grey);

MC_MUST_CHECK enum mc_rc label_png_new(struct label_page *p, unsigned dpi, struct mc_err *e);
void label_png_rect(struct label_page *p, double x, double y, double w, double h);
void label_png_stroke(struct label_page *p, const struct label_point *at, size_t n, double width, uint8_t grey);
MC_MUST_CHECK enum mc_rc label_png_bytes(struct label_page *p, struct mc_span *bytes, struct mc_err *e);

#endif
