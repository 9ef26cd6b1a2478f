/* SPDX-License-Identifier: Apache-2.0 */
/* lint: what is wrong, or unwise, about certificates and CSRs. */
#include "lint.h"

#include <time.h>

#include "lib/cli/io.h"
#include "tool.h"

const struct cli_option tool_lint_options[] = {
    {.name = "as", .arg = "KIND", .help = "lint as rcac, icac, noc, firmware-signing, network-identity, vvsc, paa, pai, dac, cd-signer, crl-signer or csr"},
    {.name = "issuer", .arg = "FILE", .help = "the issuer's certificate: look at the link to it too"},
    {.name = "at", .arg = "TIME", .help = "judge periods at this time (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "severity", .arg = "LEAST", .help = "show error, warning or notice (default) and above"},
    {.name = "json", .help = "print JSON, schema mattercert.lint/1"},
    {.name = "sarif", .help = "print SARIF 2.1.0"},
    {.name = "rules", .help = "list the rules; no FILE is read"},
    {.name = "markdown", .help = "with --rules: as the page docs/rules.md"},
    {.name = NULL},
};

struct job {
    const struct cli *c;
    struct mc_verifier *v;
    enum lint_output how;
    enum mc_severity least;
    uint32_t as; /* 0: by itself */
    int64_t now_unix;
    bool lines, has_issuer;
    struct tool_input issuer_input, input;
    struct mc_cert issuer, cert;
    struct mc_csr csr;
    struct lint_report report;
};

/* The gravest first; of the same severity, in the order of the table. */
static bool collect(void *arg, const struct mc_finding *f)
{
    struct job *j = arg;
    struct lint_report *r = &j->report;
    unsigned at = r->n;

    r->count[f->rule->severity]++;
    if (f->rule->severity < j->least || r->n == LINT_FINDINGS_MAX)
        return true;
    for (; at > 0 && r->list[at - 1].rule->severity < f->rule->severity; at--)
        r->list[at] = r->list[at - 1];
    r->list[at] = *f;
    r->n++;
    return true;
}

/* Reads the object; the kind follows from it unless it is told. */
static enum mc_rc read_object(struct job *j, struct mc_lint_input *in, struct mc_err *e)
{
    struct mc_span csr = j->input.in.bytes;
    struct mc_nocsr nocsr;
    enum mc_rc rc = MC_OK;

    in->whole = j->input.in.bytes;
    if (j->input.object == MC_OBJECT_NOCSR) {
        rc = mc_nocsr_parse(j->input.in.bytes, &nocsr, e);
        csr = nocsr.csr;
    }
    if (j->input.object == MC_OBJECT_CSR || j->input.object == MC_OBJECT_NOCSR || j->as == MC_LINT_CSR) {
        in->kind = MC_LINT_CSR;
        in->csr = &j->csr;
        return rc == MC_OK ? mc_csr_parse(csr, &j->csr, e) : rc;
    }
    in->kind = j->as != 0 ? j->as : MC_LINT_UNKNOWN;
    rc = tool_certificate(&j->input, MC_RULES_X509, &j->cert, e);
    if (rc != MC_OK)
        return rc;
    in->c = &j->cert;
    if (j->as == 0)
        in->kind = mc_lint_kind_of(&j->cert);
    return MC_OK;
}

static bool is_file_fault(enum mc_rc rc)
{
    return rc != MC_OK && mc_rc_class(rc) != MC_CLASS_MALFORMED;
}

static void lint_one(struct job *j, const char *path, struct tool_tally *tally)
{
    struct mc_lint_input in = {.v = j->v, .now_unix = j->now_unix, .kind = MC_LINT_UNKNOWN};
    struct mc_err err;

    mc_err_init(&err);
    memset(&j->report, 0, sizeof(j->report));
    j->input.in.bytes = mc_span_of(NULL, 0);
    j->report.file = tool_name_in(path);
    in.read_rc = tool_load(path, &j->input, &err);
    if (is_file_fault(in.read_rc) || in.read_rc == CA_E_IS_DIRECTORY) {
        tool_count(tally, j->c, j->report.file, in.read_rc, &err);
        return;
    }
    if (in.read_rc == MC_OK)
        in.read_rc = read_object(j, &in, &err);
    if (in.read_rc != MC_OK) {
        in.c = NULL;
        in.csr = NULL;
        in.read_err = &err;
    }
    in.issuer = j->has_issuer ? &j->issuer : NULL;
    j->report.readable = in.read_rc == MC_OK;
    j->report.kind = in.kind;
    if (j->how == LINT_SARIF && mc_sha256(j->v, j->input.in.bytes, j->report.digest) != MC_OK)
        memset(j->report.digest, 0, sizeof(j->report.digest));
    (void)mc_lint(&in, collect, j);
    if (mc_verifier_failure(j->v) != MC_OK) {
        tool_count(tally, j->c, j->report.file, mc_fail(&err, mc_verifier_failure(j->v), NULL, NULL), &err);
        return;
    }
    lint_put(j->how, &j->report, j->lines);
    if (j->report.count[MC_ERROR] == 0)
        tally->done++;
    else if (tally->failed++ == 0)
        tally->first_failure = in.read_rc != MC_OK ? in.read_rc : MC_E_LINT;
}

static enum mc_rc lint_folder(struct job *j, const char *path, struct tool_tally *tally, struct mc_err *e)
{
    struct io_names all = {0};
    enum mc_rc rc = io_list(path, &all, e);

    for (size_t i = 0; rc == MC_OK && i < all.n; i++)
        lint_one(j, all.name[i], tally);
    io_names_free(&all);
    return rc;
}

static enum mc_rc take_options(struct cli *c, struct job *j, struct mc_err *e)
{
    const char *as = cli_value(c, "as"), *at = cli_value(c, "at"), *least = cli_value(c, "severity");

    j->c = c;
    j->how = cli_flag(c, "sarif") ? LINT_SARIF : c->json ? LINT_JSON : LINT_TEXT;
    if (c->json && cli_flag(c, "sarif"))
        return mc_fail(e, CA_E_USAGE, "--sarif", "give --json or --sarif, not both");
    if (as != NULL && (j->as = mc_lint_kind_find(as)) == 0)
        return mc_fail(e, CA_E_USAGE, "--as", "no kind is called '%s'", as);
    if (least != NULL) {
        while (j->least <= MC_ERROR && strcmp(least, mc_severity_name(j->least)) != 0)
            j->least++;
        if (j->least > MC_ERROR)
            return mc_fail(e, CA_E_USAGE, "--severity", "it takes error, warning or notice");
    }
    j->now_unix = (int64_t)time(NULL);
    return at != NULL ? mc_time_parse_text(at, &j->now_unix, e) : MC_OK;
}

static enum mc_rc load_issuer(struct cli *c, struct job *j, struct mc_err *e)
{
    const char *path = cli_value(c, "issuer");
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = tool_load(path, &j->issuer_input, e);
    if (rc == MC_OK)
        rc = tool_certificate(&j->issuer_input, MC_RULES_X509, &j->issuer, e);
    if (rc == MC_OK)
        c->where = NULL;
    j->has_issuer = true;
    return rc;
}

static enum mc_rc print_rules(const struct cli *c, struct mc_err *e)
{
    if (c->n_operands > 0)
        return mc_fail(e, CA_E_USAGE, "--rules", "it reads no file");
    if (cli_flag(c, "markdown"))
        lint_rules_markdown();
    else if (c->json)
        lint_rules_json();
    else
        lint_rules_text();
    return MC_OK;
}

enum mc_rc tool_lint(struct cli *c, struct mc_err *e)
{
    static struct job j;
    struct tool_tally tally = {0};
    enum mc_rc rc;

    if (cli_flag(c, "rules"))
        return print_rules(c, e);
    if (c->n_operands == 0)
        return mc_fail(e, CA_E_USAGE, "FILE", "give at least one file, '-', or --rules");
    rc = take_options(c, &j, e);
    if (rc == MC_OK)
        rc = load_issuer(c, &j, e);
    if (rc != MC_OK)
        return rc;
    j.v = mc_verifier_new();
    if (j.v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    lint_begin(j.how);
    for (int i = 0; rc == MC_OK && i < c->n_operands; i++) {
        bool folder = strcmp(c->operands[i], "-") != 0 && io_is_directory(c->operands[i]);

        j.lines = c->n_operands > 1 || folder;
        if (folder)
            rc = lint_folder(&j, c->operands[i], &tally, e);
        else
            lint_one(&j, c->operands[i], &tally);
    }
    lint_end(j.how);
    mc_verifier_free(j.v);
    if (rc != MC_OK)
        return rc;
    /* The findings have been told on stdout; only the status is left to give. */
    c->reported = tally.failed > 0;
    return tally.failed > 0 ? tally.first_failure : MC_OK;
}
