/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label.h - labels with the QR code, the manual code in groups, name and serial number: on pages of SVG or PNG, or as a
 * picture for the terminal. A label shows the passcode.
 *
 * Lengths are in units: one unit is one module of the QR code (25 modules and 4 of margin around). A label is
 * LABEL_W units wide and LABEL_H high. Text is drawn with strokes of label_font.c, so that it looks the same
 * everywhere and no font is needed.
 */
#ifndef CA_LABEL_H
#define CA_LABEL_H

#include <stdio.h>

#include "factory.h"

#define LABEL_W        100
#define LABEL_H        33
#define LABEL_NAME_MAX 32 /* visible ASCII characters and blanks */

enum label_kind { LABEL_SVG, LABEL_PNG };

struct label_page;

/* The strokes of a character: points of x '0'..'8' and y 'a'..'p' in half units, a blank between strokes. NULL: none. */
const char *label_glyph(char c);

/* 1..LABEL_NAME_MAX characters that label_glyph knows. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc label_name_check(const char *name, struct mc_err *e);

/*
 * A white page of w x h units, each mm_per_unit wide. A PNG has a whole number of pixels for each unit, as many
 * as come nearest to dpi; its density says the true size. MC_E_MEMORY; CA_E_USAGE if units would have less than 2 or
 * the page too many pixels.
 */
MC_MUST_CHECK enum mc_rc label_page_new(enum label_kind kind, double w, double h, double mm_per_unit, unsigned dpi,
    struct label_page **out, struct mc_err *e);
/* Draws a label at x, y. name: NULL or what stands above the code; frame: with a hairline to cut along. MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc label_draw(struct label_page *p, const struct device *d, const char *name, double x, double y,
    bool frame, struct mc_err *e);
/* The file. bytes lives as long as the page. MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc label_page_bytes(struct label_page *p, struct mc_span *bytes, struct mc_err *e);
void label_page_free(struct label_page *p); /* wipes; NULL is fine */

/*
 * The QR code of half blocks and the texts below it. With colour, dark on light whatever the terminal's colours; else light
 * modules are the blocks, for a terminal with a dark ground. MC_E_MEMORY.
 */
MC_MUST_CHECK enum mc_rc label_term(
    FILE *f, const struct device *d, const char *name, bool colour, struct mc_err *e);

#endif
