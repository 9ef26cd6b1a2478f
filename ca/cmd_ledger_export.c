/* SPDX-License-Identifier: Apache-2.0 */
/* ledger export: all entries as JSON Lines or CSV, or the certificates in them as files. */
#include "cmd_ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

const struct cli_option ledger_export_options[] = {
    {"format", "FORMAT", "jsonl (default), csv, or certs: a file SERIAL.tlv for each certificate", false, false, 0},
    {"out", "FILE|DIR", "where to write; default standard output; a folder for certs", false, false, 0},
    {"from", "N", "begin with entry N", false, false, 0},
    {"fabric", "NAME", "only entries of this fabric", false, false, 0},
    {0},
};

struct export
{
    const struct cli *c;
    const char *dir; /* certs */
    FILE *f;
    uint32_t fabric;
    uint64_t size, written;
    void (*put)(struct export *x, const struct ledger_row *r);
    struct mc_err *e;
    enum mc_rc rc;
};

static void put_json(struct export *x, const struct ledger_row *r)
{
    struct json j;

    json_init(&j, x->f, true);
    cmd_entry_json(&j, r);
}

/* RFC 4180: quoted always, quotes doubled; entries hold no control characters. */
static void put_text(FILE *f, struct mc_span s)
{
    fputs(",\"", f);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            putc('"', f);
        putc(s.p[i], f);
    }
    putc('"', f);
}

static void put_hex(FILE *f, struct mc_span s)
{
    char hex[2 * MC_CERT_DER_MAX + 1] = "";

    if (s.n != 0 && s.n <= MC_CERT_DER_MAX)
        mc_hex_encode(s.p, s.n, hex);
    fprintf(f, ",%s", hex);
}

#define CSV_HEADER \
    "leaf,time,type,fabric,authority,kind,serial,node_id,request_id,rule,why,certificate_tlv,certificate_der,name,batch,expires\n"

/* Nothing for what is no certificate. */
static void put_expiry(FILE *f, const struct mc_entry *x)
{
    struct mc_cert cert;
    char time[MC_TIME_TEXT_MAX];
    enum mc_rc rc = x->cert_tlv.n != 0 ? mc_cert_parse_tlv(x->cert_tlv, &cert, NULL)
                                       : mc_cert_parse_der(x->cert_der, MC_RULES_X509, &cert, NULL);

    if (x->cert_tlv.n + x->cert_der.n == 0 || rc != MC_OK)
        return;
    mc_time_format(cert.not_after_unix, time);
    fputs(time, f);
}

static void put_csv(struct export *x, const struct ledger_row *r)
{
    char time[MC_TIME_TEXT_MAX];
    const struct mc_entry *n = &r->x;

    mc_time_format(n->time_unix, time);
    fprintf(x->f, "%llu,%s,%s,%u,%u,%s", (unsigned long long)r->seq, time, mc_entry_type_name(n->type), n->fabric,
        n->authority, n->kind != MC_KIND_UNKNOWN ? mc_kind_name(n->kind) : "");
    put_hex(x->f, n->serial);
    if (n->has_node_id)
        fprintf(x->f, ",0x%016llX", (unsigned long long)n->node_id);
    else
        putc(',', x->f);
    put_text(x->f, n->request_id);
    put_text(x->f, n->rule);
    put_text(x->f, n->why);
    put_hex(x->f, n->cert_tlv);
    put_hex(x->f, n->cert_der);
    put_text(x->f, n->name.n != 0 ? n->name : n->label);
    if (n->batch != 0)
        fprintf(x->f, ",%llu,", (unsigned long long)n->batch);
    else
        fputs(",,", x->f);
    put_expiry(x->f, n);
    putc('\n', x->f);
}

/* An authority that was adopted has no serial in its entry: the number of the entry names its file. */
static void put_cert(struct export *x, const struct ledger_row *r)
{
    char path[STATE_PATH_MAX + 80], name[2 * MC_SERIAL_MAX + 1];
    bool tlv = r->x.cert_tlv.n != 0;

    if (r->x.cert_tlv.n + r->x.cert_der.n == 0)
        return;
    snprintf(name, sizeof(name), "entry-%llu", (unsigned long long)r->seq);
    if (r->x.serial.n != 0)
        mc_hex_encode(r->x.serial.p, r->x.serial.n, name);
    if (snprintf(path, sizeof(path), "%s/%s.%s", x->dir, name, tlv ? "tlv" : "der") >= (int)sizeof(path))
        x->rc = mc_fail(x->e, CA_E_OUTPUT, NULL, "the path is too long");
    else
        x->rc = io_write_fast(path, tlv ? r->x.cert_tlv : r->x.cert_der, 0644, x->e);
}

static bool export_one(void *arg, const struct ledger_row *r)
{
    struct export *x = arg;

    if (r->seq % 4096 == 0)
        cli_progress(x->c, r->seq, x->size);
    if (x->fabric != 0 && r->x.fabric != x->fabric)
        return true;
    x->put(x, r);
    x->written++;
    if (x->rc == MC_OK && x->f != NULL && ferror(x->f))
        x->rc = mc_fail(x->e, CA_E_OUTPUT, NULL, "%s", strerror(errno));
    return x->rc == MC_OK;
}

static enum mc_rc run(struct state *s, struct export *x, uint64_t from)
{
    struct ledger_head h;
    enum mc_rc rc = ledger_head(s->ledger, &h, x->e);

    x->size = h.size;
    if (rc == MC_OK && x->put == put_csv)
        fputs(CSV_HEADER, x->f);
    if (rc == MC_OK)
        rc = ledger_scan(s->ledger, from, 0, export_one, x, x->e);
    if (rc == MC_OK)
        cli_progress(x->c, h.size, h.size);
    return rc == MC_OK ? x->rc : rc;
}

/* A stream of any length cannot be written by io_write: a part file beside it, made whole by a rename. */
static enum mc_rc run_to_file(struct state *s, struct export *x, uint64_t from, const char *path)
{
    char part[STATE_PATH_MAX];
    enum mc_rc rc;

    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
        return mc_fail(x->e, CA_E_OUTPUT, NULL, "the path is too long");
    x->f = fopen(part, "wxe");
    if (x->f == NULL)
        return mc_fail(x->e, CA_E_OUTPUT, NULL, "%s: %s", part, strerror(errno));
    rc = run(s, x, from);
    if ((fflush(x->f) != 0 || fsync(fileno(x->f)) != 0) && rc == MC_OK)
        rc = mc_fail(x->e, CA_E_OUTPUT, NULL, "%s: %s", part, strerror(errno));
    fclose(x->f);
    if (rc == MC_OK && rename(part, path) != 0)
        rc = mc_fail(x->e, CA_E_OUTPUT, NULL, "%s: %s", path, strerror(errno));
    if (rc != MC_OK)
        unlink(part);
    return rc;
}

static enum mc_rc choose(struct cli *c, struct export *x, struct mc_err *e)
{
    const char *format = cli_value(c, "format");

    if (format == NULL || strcmp(format, "jsonl") == 0)
        x->put = put_json;
    else if (strcmp(format, "csv") == 0)
        x->put = put_csv;
    else if (strcmp(format, "certs") == 0)
        x->put = put_cert;
    else
        return mc_fail(e, CA_E_USAGE, "--format", "it takes jsonl, csv or certs");
    if (x->put == put_cert && cli_value(c, "out") == NULL)
        return mc_fail(e, CA_E_USAGE, "--out", "name the folder for the certificates");
    return MC_OK;
}

static enum mc_rc export_to(struct state *s, struct export *x, uint64_t from, const char *out)
{
    enum mc_rc rc;

    if (x->put == put_cert) {
        x->dir = out;
        rc = io_make_dir(out, 0755, x->e);
        return rc == MC_OK ? run(s, x, from) : rc;
    }
    if (out != NULL && strcmp(out, "-") != 0)
        return run_to_file(s, x, from, out);
    x->f = stdout;
    return run(s, x, from);
}

enum mc_rc cmd_ledger_export(struct cli *c, struct mc_err *e)
{
    struct export x = {.c = c, .e = e, .rc = MC_OK};
    const char *out = cli_value(c, "out");
    uint64_t from = 0;
    struct state s;
    enum mc_rc rc = choose(c, &x, e);

    if (rc == MC_OK)
        rc = cli_number(c, "from", 16, 0, &from, e);
    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = cmd_fabric_number(c, &s, &x.fabric, e);
    if (rc == MC_OK)
        rc = export_to(&s, &x, from, out);
    if (rc == MC_OK && out != NULL && strcmp(out, "-") != 0)
        cli_note(c, "wrote %llu entries to %s", (unsigned long long)x.written, out);
    state_close(&s);
    return rc;
}
