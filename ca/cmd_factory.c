/* SPDX-License-Identifier: Apache-2.0 */
/* factory open, factory write: the devices of a batch for the line that flashes them. */
#include "cmd_factory.h"

#include <stdlib.h>
#include <time.h>

#include "device_out.h"
#include "lib/armor.h"

#define INSECURE_DIR                                                                                         \
    {"insecure-dir", "DIR", "write a file for each device, in clear, of mode 0600; default: stdout", false, false, 0}

const struct cli_option factory_open_options[] = {FACTORY_IN_OPTIONS, INSECURE_DIR, {0}};

const struct cli_option factory_write_options[] = {
    {"format", "FORM", "esp-nvs, nrf, json or csv", false, true, 0},
    FACTORY_IN_OPTIONS,
    INSECURE_DIR,
    {"vendor-name", "TEXT", "of Basic Information", false, false, 0},
    {"product-name", "TEXT", "of Basic Information", false, false, 0},
    {"hw-ver", "N", "hardware version", false, false, 0},
    {"hw-ver-str", "TEXT", "hardware version for people", false, false, 0},
    {"date", "YYYY-MM-DD", "of manufacture; default: today (UTC)", false, false, 0},
    {"part-number", "TEXT", "of Basic Information", false, false, 0},
    {"product-label", "TEXT", "of Basic Information", false, false, 0},
    {"product-url", "URL", "of Basic Information", false, false, 0},
    {"finish", "N", "product finish, 0 to 5", false, false, 0},
    {"color", "N", "product colour, 0 to 20", false, false, 0},
    {"cd", "FILE", "the certification declaration, for esp-nvs", false, false, 0},
    {"with-passcode", NULL, "nrf: the passcode too", false, false, 0},
    {0},
};

/* --- what all verbs share --------------------------------------------------------------------------- */

enum mc_rc factory_run_open(struct factory_run *r, struct cli *c, struct mc_err *e)
{
    struct hsm_pin_source from = {.fd = -1, .file = cli_value(c, "passphrase-file")};
    const char *path = cli_value(c, "in");
    uint64_t fd = 0;
    enum mc_rc rc = cli_number(c, "passphrase-fd", 4, 0, &fd, e);

    memset(r, 0, sizeof(*r));
    r->c = c;
    if (rc != MC_OK)
        return rc;
    if (cli_value(c, "passphrase-fd") != NULL && from.file != NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "give either --passphrase-fd or --passphrase-file");
    if (cli_value(c, "passphrase-fd") != NULL)
        from.fd = (int)fd;
    from.prompt = from.fd < 0 && from.file == NULL;
    path = path != NULL ? path : "-";
    rc = device_in_open(&r->in, path, cli_value(c, "key"), &from, e);
    r->reading = rc == MC_OK;
    if (rc == MC_OK)
        c->where = strcmp(path, "-") == 0 ? "standard input" : path;
    return rc;
}

enum mc_rc factory_run_all(struct factory_run *r,
    enum mc_rc (*work)(void *arg, const struct device *d, bool *fatal, struct mc_err *e), void *arg, struct mc_err *e)
{
    bool end = false, fatal = false;

    while (!end) {
        struct mc_err one;
        enum mc_rc rc;

        mc_err_init(&one);
        rc = device_in_next(&r->in, &r->d, &end, &one);
        if (rc == MC_OK && end)
            break;
        if (rc == MC_OK)
            rc = work(arg, &r->d, &fatal, &one);
        if (rc == MC_OK) {
            r->done++;
            continue;
        }
        if (one.line == 0)
            one.line = r->in.line;
        if (end || fatal) {
            *e = one;
            return rc;
        }
        cli_print_error(r->c, r->c->where, &one);
        r->first_failure = r->failed == 0 ? rc : r->first_failure;
        r->failed++;
    }
    if (r->failed == 0)
        return r->done > 0 ? MC_OK : mc_fail(e, MC_E_EMPTY, NULL, "no device is in it");
    if (r->done > 0)
        return mc_fail(e, CA_E_PARTIAL, NULL, "%u of %u devices failed", r->failed, r->failed + r->done);
    r->c->reported = true;
    return mc_fail(e, r->first_failure, NULL, NULL);
}

void factory_run_close(struct factory_run *r)
{
    if (r->reading)
        device_in_close(&r->in);
    device_wipe(&r->d);
}

enum mc_rc factory_path(const char *dir, const char *id, const char *suffix, char out[STATE_PATH_MAX], struct mc_err *e)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char name[3 * DEVICE_ID_MAX + 1];
    size_t n = 0;

    for (const char *p = id; *p != '\0'; p++) {
        if (strchr(fine, *p) != NULL && (p != id || *p != '.'))
            name[n++] = *p;
        else
            n += (size_t)snprintf(name + n, sizeof(name) - n, "%%%02X", (unsigned char)*p);
    }
    name[n] = '\0';
    if (n + strlen(suffix) > 255 || snprintf(out, STATE_PATH_MAX, "%s/%s%s", dir, name, suffix) >= STATE_PATH_MAX)
        return mc_fail(e, CA_E_USAGE, "id", "no file can be named after it: it is too long");
    return MC_OK;
}

/* --- writing ---------------------------------------------------------------------------------------- */

struct writer {
    const struct cli *c;
    const char *dir; /* NULL: stdout */
    enum device_format format;
    struct factory_product product;
    char date[MC_TIME_TEXT_MAX];
    uint8_t cd[FACTORY_CD_MAX + 1];
    FILE *csv; /* csv goes into one file */
    unsigned n;
};

/* A file that holds secrets: never in place of one that is there. */
static enum mc_rc write_file(const struct writer *w, const char *id, struct mc_span bytes, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    enum mc_rc rc = factory_path(w->dir, id, device_format_suffix(w->format), path, e);

    return rc == MC_OK ? io_write_new(path, bytes, 0600, e) : rc;
}

static enum mc_rc write_one(void *arg, const struct device *d, bool *fatal, struct mc_err *e)
{
    static uint8_t text[DEVICE_OUT_MAX];
    struct writer *w = arg;
    bool one_file = w->format == DEVICE_CSV || w->dir == NULL;
    struct mc_out o = mc_out_of(text, sizeof(text));
    enum mc_rc rc;

    if (w->dir == NULL && w->n > 0 && (w->format == DEVICE_ESP_NVS || w->format == DEVICE_NRF)) {
        *fatal = true;
        return mc_fail(e, CA_E_USAGE, "--insecure-dir", "the form %s is one file a device: stdout takes the first alone",
            device_format_name(w->format));
    }
    if (one_file && w->n == 0)
        device_out_head(w->format, &o);
    rc = device_out_put(d, &w->product, w->format, &o, e);
    if (rc == MC_OK && one_file) {
        FILE *f = w->csv != NULL ? w->csv : stdout;

        if (fwrite(o.p, 1, o.n, f) != o.n) {
            *fatal = true;
            rc = mc_fail(e, CA_E_OUTPUT, NULL, NULL);
        }
    } else if (rc == MC_OK) {
        rc = write_file(w, d->id, mc_span_of(o.p, o.n), e);
    }
    hsm_wipe(text, sizeof(text));
    w->n += rc == MC_OK;
    return rc;
}

/* DIR/devices.csv is written under a name of its own and gets its name when it is whole. */
static enum mc_rc write_all(struct writer *w, struct factory_run *r, struct mc_err *e)
{
    char *text = NULL, path[STATE_PATH_MAX];
    size_t n = 0;
    enum mc_rc rc = MC_OK, written = MC_OK;

    if (w->dir != NULL)
        rc = io_make_dir(w->dir, 0700, e);
    if (rc == MC_OK && w->dir != NULL && w->format == DEVICE_CSV) {
        rc = factory_path(w->dir, "devices", ".csv", path, e);
        w->csv = rc == MC_OK ? open_memstream(&text, &n) : NULL;
        if (rc == MC_OK && w->csv == NULL)
            rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    if (rc == MC_OK)
        rc = factory_run_all(r, write_one, w, e);
    if (w->csv != NULL) {
        if (fclose(w->csv) != 0)
            written = mc_fail(e, MC_E_MEMORY, NULL, NULL);
        else if (w->n > 0)
            written = io_write_new(path, mc_span_of(text, n), 0600, rc == MC_OK ? e : NULL);
        hsm_wipe(text, n);
        free(text);
    }
    if (w->dir != NULL && (rc == MC_OK || rc == CA_E_PARTIAL))
        cli_note(w->c, "%u device%s written to %s, in clear", w->n, w->n == 1 ? "" : "s", w->dir);
    return rc != MC_OK ? rc : written;
}

enum mc_rc cmd_factory_open(struct cli *c, struct mc_err *e)
{
    static struct factory_run r;
    struct writer w = {.c = c, .dir = cli_value(c, "insecure-dir"), .format = DEVICE_JSON};
    enum mc_rc rc = factory_run_open(&r, c, e);

    if (rc == MC_OK)
        rc = write_all(&w, &r, e);
    factory_run_close(&r);
    return rc;
}

static enum mc_rc take_number(const struct cli *c, const char *option, int32_t *out, struct mc_err *e)
{
    uint64_t n = 0;
    enum mc_rc rc = cli_number(c, option, 4, 0, &n, e);

    *out = cli_value(c, option) != NULL ? (int32_t)n : -1;
    return rc;
}

static enum mc_rc take_product(const struct cli *c, struct writer *w, struct mc_err *e)
{
    struct factory_product *p = &w->product;
    const char *cd = cli_value(c, "cd");
    size_t n = 0;
    enum mc_rc rc = take_number(c, "hw-ver", &p->hw_ver, e);

    if (rc == MC_OK)
        rc = take_number(c, "finish", &p->finish, e);
    if (rc == MC_OK)
        rc = take_number(c, "color", &p->color, e);
    p->vendor_name = cli_value(c, "vendor-name");
    p->product_name = cli_value(c, "product-name");
    p->part_number = cli_value(c, "part-number");
    p->product_label = cli_value(c, "product-label");
    p->product_url = cli_value(c, "product-url");
    p->hw_ver_str = cli_value(c, "hw-ver-str");
    p->with_passcode = cli_flag(c, "with-passcode");
    p->date = cli_value(c, "date");
    if (p->date == NULL) {
        mc_time_format(ca_now(), w->date);
        w->date[10] = '\0';
        p->date = w->date;
    }
    if (rc == MC_OK && cd != NULL)
        rc = io_read_into(cd, w->cd, sizeof(w->cd), &n, e);
    p->cd = mc_span_of(w->cd, n);
    return rc == MC_OK ? factory_product_check(p, w->format, e) : rc;
}

enum mc_rc cmd_factory_write(struct cli *c, struct mc_err *e)
{
    static struct factory_run r;
    static struct writer w;
    enum mc_rc rc = device_format_parse(cli_value(c, "format"), &w.format, e);

    w.c = c;
    w.dir = cli_value(c, "insecure-dir");
    if (rc == MC_OK)
        rc = take_product(c, &w, e);
    if (rc != MC_OK)
        return rc;
    rc = factory_run_open(&r, c, e);
    if (rc == MC_OK)
        rc = write_all(&w, &r, e);
    factory_run_close(&r);
    return rc;
}
