/* SPDX-License-Identifier: Apache-2.0 */
/* convert: X.509 to Matter TLV and back, and the text forms of both. */
#include "convert.h"

#include <unistd.h>

#include "lib/cli/io.h"
#include "lib/der.h"

enum { FILE_MODE = 0644 };

static const struct convert_form forms[] = {
    {"tlv", "tlv", MC_INNER_TLV, MC_OUTER_RAW},
    {"tlv-hex", "hex", MC_INNER_TLV, MC_OUTER_HEX},
    {"tlv-base64", "b64", MC_INNER_TLV, MC_OUTER_BASE64},
    {"der", "der", MC_INNER_DER, MC_OUTER_RAW},
    {"der-hex", "hex", MC_INNER_DER, MC_OUTER_HEX},
    {"pem", "pem", MC_INNER_DER, MC_OUTER_PEM},
};

const struct cli_option tool_convert_options[] = {
    {.name = "to", .arg = "FORM", .required = true, .help = "tlv, tlv-hex, tlv-base64, der, der-hex or pem"},
    {.name = "out", .arg = "DIR", .letter = 'o', .help = "convert every IN into a file in DIR"},
    {.name = "compact", .help = "with TLV: the compact form of a network identity"},
    {.name = "force", .letter = 'f', .help = "with --out: overwrite files that exist"},
    {.name = NULL},
};

static const struct convert_form *find_form(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

static enum mc_rc to_tlv(const struct convert_job *job, struct mc_span *bytes, struct mc_err *e)
{
    static uint8_t buffer[MC_CERT_TLV_MAX];
    struct mc_cert cert;
    enum mc_rc rc = tool_certificate(&job->input, MC_RULES_MATTER, &cert, e);

    if (rc != MC_OK)
        return rc;
    bytes->p = buffer;
    if (job->compact)
        return mc_cert_encode_compact(&cert, buffer, sizeof(buffer), &bytes->n, e);
    return mc_cert_encode_tlv(&cert, buffer, sizeof(buffer), &bytes->n, e);
}

/* Trailing octets are an oddity that can be shown, but what goes out is one certificate and nothing else. */
static enum mc_rc check_end(struct mc_span der, struct mc_err *e)
{
    struct mc_der d = mc_der_of(der), content;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &content) == MC_OK && !mc_der_more(&d))
        return MC_OK;
    return mc_fail_at(e, MC_E_DER_TRAILING, mc_der_offset(&d), "certificate", NULL);
}

/* DER stays as it is: any X.509 certificate may change between DER, hex and PEM. */
static enum mc_rc to_der(const struct convert_job *job, struct mc_span *bytes, struct mc_err *e)
{
    static uint8_t buffer[MC_CERT_DER_MAX];
    struct mc_cert cert;
    enum mc_rc rc = tool_certificate(&job->input, MC_RULES_X509, &cert, e);

    if (rc != MC_OK)
        return rc;
    if (cert.form == MC_FORM_DER) {
        *bytes = job->input.in.bytes;
        return check_end(*bytes, e);
    }
    bytes->p = buffer;
    return mc_cert_encode_der(&cert, buffer, sizeof(buffer), &bytes->n, e);
}

/* The output has room for the longest text of the largest input. */
static enum mc_rc put_outer(struct convert_job *job, struct mc_span bytes, struct mc_err *e)
{
    char *text = (char *)job->output;

    if (2 * bytes.n + 2 > sizeof(job->output))
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    switch (job->form->outer) {
    case MC_OUTER_RAW:
        memcpy(job->output, bytes.p, bytes.n);
        job->n = bytes.n;
        return MC_OK;
    case MC_OUTER_PEM:
        return mc_pem_encode(bytes, "CERTIFICATE", text, sizeof(job->output), &job->n);
    case MC_OUTER_HEX:
        mc_hex_encode(bytes.p, bytes.n, text);
        break;
    case MC_OUTER_BASE64:
        mc_base64_encode(bytes.p, bytes.n, text);
        break;
    }
    job->n = strlen(text);
    text[job->n++] = '\n';
    return MC_OK;
}

enum mc_rc convert_file(struct convert_job *job, const char *path, struct mc_err *e)
{
    struct mc_span bytes = {NULL, 0};
    enum mc_rc rc = tool_load(path, &job->input, e);

    if (rc == MC_OK)
        rc = job->form->inner == MC_INNER_TLV ? to_tlv(job, &bytes, e) : to_der(job, &bytes, e);
    return rc == MC_OK ? put_outer(job, bytes, e) : rc;
}

static enum mc_rc convert_one(struct convert_job *job, struct cli *c, struct mc_err *e)
{
    const char *out = c->n_operands > 1 ? c->operands[1] : "-";
    enum mc_rc rc;

    if (c->n_operands > 2)
        return mc_fail(e, CA_E_USAGE, NULL, "more than one IN needs --out DIR");
    if (job->force)
        return mc_fail(e, CA_E_USAGE, NULL, "--force goes with --out; a named OUT is always overwritten");
    if (strcmp(out, "-") == 0 && job->form->outer == MC_OUTER_RAW && isatty(STDOUT_FILENO) == 1)
        return mc_fail(e, CA_E_TERMINAL, NULL, NULL);
    c->where = tool_name_in(c->operands[0]);
    rc = convert_file(job, c->operands[0], e);
    if (rc != MC_OK)
        return rc;
    c->where = tool_name_out(out);
    return io_write_fast(out, mc_span_of(job->output, job->n), FILE_MODE, e);
}

enum mc_rc tool_convert(struct cli *c, struct mc_err *e)
{
    static struct convert_job job;
    const char *to = cli_value(c, "to"), *folder = cli_value(c, "out");

    job.form = find_form(to);
    job.compact = cli_flag(c, "compact");
    job.force = cli_flag(c, "force");
    if (job.form == NULL)
        return mc_fail(
            e, CA_E_USAGE, "--to", "'%.40s' is none of tlv, tlv-hex, tlv-base64, der, der-hex, pem", to);
    if (job.compact && job.form->inner != MC_INNER_TLV)
        return mc_fail(e, CA_E_USAGE, "--compact", "only Matter TLV has a compact form");
    return folder != NULL ? convert_many(&job, c, folder, e) : convert_one(&job, c, e);
}
