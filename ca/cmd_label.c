/* SPDX-License-Identifier: Apache-2.0 */
/* factory label: what is printed and stuck on each device. */
#include "cmd_factory.h"

#include <unistd.h>

#include "label.h"
#include "lib/cli/text.h"

#define MARGIN_MM 10.0
#define GAP_MM    3.0

const struct cli_option factory_label_options[] = {
    {"format", "FORM", "svg, png or term", false, true, 0},
    FACTORY_IN_OPTIONS,
    {"out", "DIR", "write DIR/ID.svg or .png for each device; without it the one label goes to stdout", false, false, 'o'},
    {"sheet", "PAPER", "sheets of a4 or letter in place of single labels: DIR/sheet-001.svg", false, false, 0},
    {"name", "TEXT", "what stands above the code: the product's name", false, false, 0},
    {"width", "MM", "of a label, 25 to 200; default 50. Its height is a third", false, false, 0},
    {"dpi", "N", "of a PNG, 100 to 1200; default 300", false, false, 0},
    {0},
};

enum label_form { FORM_SVG, FORM_PNG, FORM_TERM };

struct labels {
    struct cli *c;
    enum label_form form;
    const char *dir, *name;
    unsigned dpi, n;
    double mm_per_unit;
    /* sheets: in units */
    bool on_sheets;
    double page_w, page_h, left; /* left: of the first column */
    unsigned columns, rows, at, sheets;
    struct label_page *page;
};

static const char *suffix(const struct labels *l)
{
    return l->form == FORM_PNG ? ".png" : ".svg";
}

static enum label_kind kind(const struct labels *l)
{
    return l->form == FORM_PNG ? LABEL_PNG : LABEL_SVG;
}

/* Writes the page to DIR/ID or, without a folder, to stdout. */
static enum mc_rc write_page(struct labels *l, const char *id, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    struct mc_span bytes;
    enum mc_rc rc = label_page_bytes(l->page, &bytes, e);

    if (rc == MC_OK && l->dir == NULL) {
        if (fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n)
            rc = mc_fail(e, CA_E_OUTPUT, NULL, NULL);
    } else if (rc == MC_OK) {
        rc = factory_path(l->dir, id, suffix(l), path, e);
        if (rc == MC_OK)
            rc = io_write_new(path, bytes, 0600, e);
    }
    label_page_free(l->page);
    l->page = NULL;
    return rc;
}

static enum mc_rc end_sheet(struct labels *l, struct mc_err *e)
{
    char id[32];

    if (l->page == NULL)
        return MC_OK;
    snprintf(id, sizeof(id), "sheet-%03u", ++l->sheets);
    l->at = 0;
    return write_page(l, id, e);
}

static enum mc_rc put_on_sheet(struct labels *l, const struct device *d, struct mc_err *e)
{
    double top = MARGIN_MM / l->mm_per_unit, gap = GAP_MM / l->mm_per_unit;
    unsigned column = l->at % l->columns, row = l->at / l->columns;
    enum mc_rc rc = MC_OK;

    if (l->page == NULL)
        rc = label_page_new(kind(l), l->page_w, l->page_h, l->mm_per_unit, l->dpi, &l->page, e);
    /* On whole units, so that the modules of a PNG are whole pixels. */
    if (rc == MC_OK)
        rc = label_draw(l->page, d, l->name, (double)(unsigned)(l->left + column * (LABEL_W + gap)),
            (double)(unsigned)(top + row * (LABEL_H + gap)), true, e);
    if (rc == MC_OK && ++l->at == l->columns * l->rows)
        rc = end_sheet(l, e);
    return rc;
}

static enum mc_rc put_one(void *arg, const struct device *d, bool *fatal, struct mc_err *e)
{
    struct labels *l = arg;
    enum mc_rc rc;

    if (l->form == FORM_TERM) {
        rc = label_term(stdout, d, l->name, text_has_colour(stdout), e);
    } else if (l->on_sheets) {
        rc = put_on_sheet(l, d, e);
        *fatal = rc != MC_OK;
    } else if (l->dir == NULL && l->n > 0) {
        *fatal = true;
        rc = mc_fail(e, CA_E_USAGE, "--out", "stdout takes one label alone");
    } else {
        rc = label_page_new(kind(l), LABEL_W, LABEL_H, l->mm_per_unit, l->dpi, &l->page, e);
        *fatal = rc != MC_OK;
        if (rc == MC_OK)
            rc = label_draw(l->page, d, l->name, 0, 0, false, e);
        if (rc == MC_OK)
            rc = write_page(l, d->id, e);
    }
    label_page_free(l->on_sheets ? NULL : l->page);
    l->page = l->on_sheets ? l->page : NULL;
    l->n += rc == MC_OK;
    return rc;
}

static enum mc_rc take_sheet(struct labels *l, const char *paper, struct mc_err *e)
{
    double w = 0, h = 0, label_w = LABEL_W * l->mm_per_unit, label_h = LABEL_H * l->mm_per_unit;

    if (paper == NULL)
        return MC_OK;
    if (strcmp(paper, "a4") == 0)
        w = 210, h = 297;
    else if (strcmp(paper, "letter") == 0)
        w = 215.9, h = 279.4;
    else
        return mc_fail(e, CA_E_USAGE, "--sheet", "it takes a4 or letter");
    if (l->form == FORM_TERM || l->dir == NULL)
        return mc_fail(e, CA_E_USAGE, "--sheet", "it goes with svg or png, and with --out");
    l->on_sheets = true;
    l->page_w = w / l->mm_per_unit;
    l->page_h = h / l->mm_per_unit;
    l->columns = (unsigned)((w - 2 * MARGIN_MM + GAP_MM) / (label_w + GAP_MM));
    l->rows = (unsigned)((h - 2 * MARGIN_MM + GAP_MM) / (label_h + GAP_MM));
    if (l->columns == 0 || l->rows == 0)
        return mc_fail(e, CA_E_USAGE, "--width", "the paper is narrower");
    l->left = (w - l->columns * (label_w + GAP_MM) + GAP_MM) / 2 / l->mm_per_unit;
    return MC_OK;
}

static enum mc_rc take_options(struct labels *l, struct mc_err *e)
{
    static const char *const forms[] = {"svg", "png", "term"};
    const char *format = cli_value(l->c, "format");
    uint64_t width = 0, dpi = 0;
    unsigned form = 0;
    enum mc_rc rc = cli_number(l->c, "width", 2, 50, &width, e);

    while (form <= FORM_TERM && strcmp(format, forms[form]) != 0)
        form++;
    if (form > FORM_TERM)
        return mc_fail(e, CA_E_USAGE, "--format", "it takes svg, png or term");
    l->form = (enum label_form)form;
    if (rc == MC_OK)
        rc = cli_number(l->c, "dpi", 4, 300, &dpi, e);
    if (rc != MC_OK)
        return rc;
    if (width < 25 || width > 200)
        return mc_fail(e, CA_E_USAGE, "--width", "it is between 25 and 200");
    if (dpi < 100 || dpi > 1200)
        return mc_fail(e, CA_E_USAGE, "--dpi", "it is between 100 and 1200");
    l->mm_per_unit = (double)width / LABEL_W;
    l->dpi = (unsigned)dpi;
    l->dir = cli_value(l->c, "out");
    l->name = cli_value(l->c, "name");
    if (l->form == FORM_TERM && l->dir != NULL)
        return mc_fail(e, CA_E_USAGE, "--out", "a picture for the terminal goes to stdout");
    if (l->form == FORM_PNG && l->dir == NULL && isatty(STDOUT_FILENO))
        return mc_fail(e, CA_E_USAGE, "--out", "a PNG is not written to a terminal");
    if (l->name != NULL)
        rc = label_name_check(l->name, e);
    return rc == MC_OK ? take_sheet(l, cli_value(l->c, "sheet"), e) : rc;
}

enum mc_rc cmd_factory_label(struct cli *c, struct mc_err *e)
{
    static struct factory_run r;
    struct labels l = {.c = c};
    enum mc_rc rc = take_options(&l, e), ended;

    if (rc == MC_OK)
        rc = factory_run_open(&r, c, e);
    if (rc != MC_OK)
        return rc;
    if (l.dir != NULL)
        rc = io_make_dir(l.dir, 0700, e);
    if (rc == MC_OK)
        rc = factory_run_all(&r, put_one, &l, e);
    ended = rc == MC_OK || rc == CA_E_PARTIAL ? end_sheet(&l, rc == MC_OK ? e : NULL) : MC_OK;
    label_page_free(l.page);
    factory_run_close(&r);
    if (l.dir != NULL && ended == MC_OK && (rc == MC_OK || rc == CA_E_PARTIAL))
        cli_note(c, "%u label%s written to %s: they show the passcodes", l.n, l.n == 1 ? "" : "s", l.dir);
    return rc != MC_OK ? rc : ended;
}
