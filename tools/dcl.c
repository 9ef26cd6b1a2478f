/* SPDX-License-Identifier: Apache-2.0 */
/* dcl check: what the Distributed Compliance Ledger would refuse, before it is submitted. */
#include "dcl.h"

#include <stdio.h>
#include <stdlib.h>

#include "dcl_record.h"
#include "lib/cli/io.h"
#include "lib/cli/json_read.h"

const struct cli_option tool_dcl_check_options[] = {
    {.name = "as", .arg = "KIND", .help = "take certificates as paa, pai or dac; default by themselves"},
    {.name = "vid", .arg = "0xID", .help = "vendor of the account that submits; of a PAA: the transaction's vid"},
    {.name = "root-vid", .arg = "0xID", .help = "the vendor that the ledger associates with a PAA that names none"},
    {.name = "ledger", .arg = "FILE|DIR", .help = "certificates that are on the ledger; may be repeated", .repeat = true},
    {.name = "pending", .arg = "FILE|DIR", .help = "PAAs that are proposed; may be repeated", .repeat = true},
    {.name = "points", .arg = "FILE", .help = "distribution points that are on the ledger (JSON)"},
    {.name = "update", .help = "the distribution points are updates of records that are there"},
    {.name = "at", .arg = "TIME", .help = "when it is submitted (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "info", .arg = "TEXT", .help = "the text that goes with a certificate"},
    {.name = "cert-schema-version", .arg = "N", .help = "certSchemaVersion of a certificate"},
    DCL_RECORD_OPTIONS,
    {.name = "json", .help = "print JSON, schema mattercert.dcl-check/1"},
    {.name = "rules", .help = "list the rules; nothing is read"},
    {.name = "markdown", .help = "with --rules: as the page docs/dcl-rules.md"},
    {.name = NULL},
};

/* Certificates as the rules want them: a list that follows its pool. */
struct known {
    struct pool pool;
    struct mc_dcl_cert *list;
};

struct job {
    struct cli *c;
    struct mc_dcl_case base; /* what every case shares */
    unsigned as;
    bool lines;
    struct known ledger, pending;
    struct dcl_records records; /* on the ledger, and those checked before */
    struct tool_input input;
    struct mc_cert cert;
    struct dcl_report report;
    struct tool_tally tally;
};

static enum mc_rc list_known(struct known *k, struct mc_err *e)
{
    struct mc_dcl_cert *list = realloc(k->list, (k->pool.n + 1) * sizeof(*list));

    if (list == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (size_t i = 0; i < k->pool.n; i++)
        list[i] = (struct mc_dcl_cert){&k->pool.cert[i]->c, k->pool.cert[i]->der};
    k->list = list;
    return MC_OK;
}

/* What is told to be on the ledger must all be readable: else the answer would be wrong. */
static enum mc_rc load_known(struct job *j, const char *option, struct known *k, bool *has, struct mc_err *e)
{
    struct tool_tally tally = {0};
    enum mc_rc rc = MC_OK;

    *has = cli_value(j->c, option) != NULL;
    for (unsigned i = 0; rc == MC_OK && cli_value_at(j->c, option, i) != NULL; i++)
        rc = pool_add(&k->pool, j->c, cli_value_at(j->c, option, i), &tally, e);
    if (rc == MC_OK && tally.failed > 0)
        rc = mc_fail(e, tally.first_failure, option, "not everything in it can be read");
    return rc == MC_OK ? list_known(k, e) : rc;
}

static enum mc_rc take_vid(const struct cli *c, const char *option, bool *has, uint16_t *vid, struct mc_err *e)
{
    uint64_t n;
    enum mc_rc rc = cli_number(c, option, 4, 0, &n, e);

    *has = cli_value(c, option) != NULL;
    *vid = rc == MC_OK ? (uint16_t)n : 0;
    return rc;
}

static enum mc_rc take_options(struct job *j, struct mc_err *e)
{
    const char *as = cli_value(j->c, "as"), *info = cli_value(j->c, "info");
    struct mc_dcl_case *base = &j->base;
    bool has_time;
    enum mc_rc rc;

    if (as != NULL && ((j->as = mc_dcl_kind_find(as)) & MC_DCL_CERT) == 0)
        return mc_fail(e, CA_E_USAGE, "--as", "it takes paa, pai or dac");
    base->is_update = cli_flag(j->c, "update");
    base->info_n = info != NULL ? strlen(info) : 0;
    rc = take_vid(j->c, "vid", &base->has_vid, &base->vid, e);
    if (rc == MC_OK)
        rc = take_vid(j->c, "root-vid", &base->has_associated, &base->associated, e);
    if (rc == MC_OK)
        rc = cli_number(j->c, "cert-schema-version", 8, 0, &base->schema_version, e);
    if (rc == MC_OK)
        rc = tool_time(j->c, &has_time, &base->now_unix, e);
    if (rc == MC_OK)
        rc = load_known(j, "ledger", &j->ledger, &base->has_ledger, e);
    if (rc == MC_OK)
        rc = load_known(j, "pending", &j->pending, &base->has_pending, e);
    base->has_others = cli_value(j->c, "points") != NULL;
    if (rc == MC_OK && base->has_others)
        rc = dcl_records_read(&j->records, cli_value(j->c, "points"), e);
    return rc;
}

static void judge(struct job *j, const char *where, struct mc_dcl_case *x)
{
    struct dcl_report *r = &j->report;
    const struct mc_dcl_rule *rule;

    *r = (struct dcl_report){.where = where, .kind = x->kind};
    x->ledger = j->ledger.list;
    x->n_ledger = j->ledger.pool.n;
    x->pending = j->pending.list;
    x->n_pending = j->pending.pool.n;
    for (size_t i = 0; (rule = mc_dcl_rule(i)) != NULL && r->n < DCL_FINDINGS_MAX; i++) {
        struct dcl_finding *f = &r->list[r->n];

        f->rule = rule;
        f->outcome = mc_dcl_judge(rule, x, f->why);
        r->n += f->outcome == MC_DCL_FAILED || f->outcome == MC_DCL_UNKNOWN;
        r->unknown += f->outcome == MC_DCL_UNKNOWN;
        r->errors += f->outcome == MC_DCL_FAILED && rule->severity == MC_ERROR;
        r->warnings += f->outcome == MC_DCL_FAILED && rule->severity != MC_ERROR;
    }
    if (j->c->json)
        dcl_put_json(r, j->lines);
    else if (!j->c->quiet)
        dcl_put_text(r);
}

static void count(struct job *j, enum mc_rc rc)
{
    if (rc == MC_OK)
        j->tally.done++;
    else if (j->tally.failed++ == 0)
        j->tally.first_failure = rc;
}

/* A certificate that passed the reader counts as on the ledger for those that follow. */
static enum mc_rc check_cert(struct job *j, const char *where, struct mc_err *e)
{
    struct mc_dcl_case x = j->base;
    struct mc_err why;
    enum mc_rc rc;

    mc_err_init(&why);
    j->input.in = (struct mc_input){0};
    rc = tool_decode(&j->input, &why);
    if (rc == MC_OK)
        rc = tool_certificate(&j->input, MC_RULES_X509, &j->cert, &why);
    if (rc == MC_E_OBJECT || rc == MC_E_PRIVATE_KEY || (rc != MC_OK && mc_rc_class(rc) != MC_CLASS_MALFORMED)) {
        tool_count(&j->tally, j->c, where, rc, &why);
        return MC_OK;
    }
    x.cert = rc == MC_OK ? &j->cert : NULL;
    x.read_err = &why;
    x.is_pem = j->input.in.outer == MC_OUTER_PEM;
    x.text_n = j->input.n;
    x.der = j->input.in.bytes;
    x.kind = j->as != 0 ? (enum mc_dcl_kind)j->as : rc == MC_OK ? mc_dcl_kind_of(&j->cert) : MC_DCL_PAA;
    judge(j, where, &x);
    count(j, rc != MC_OK ? rc : j->report.errors != 0 ? MC_E_NOT_VALID : MC_OK);
    if (rc != MC_OK || pool_add_der(&j->ledger.pool, where, x.der, NULL, &why) != MC_OK)
        return MC_OK;
    return list_known(&j->ledger, e);
}

/* The records at and behind `from`, each against those before it. */
static void check_records(struct job *j, const char *where, size_t from)
{
    char name[160];

    for (size_t i = from; i < j->records.n; i++) {
        struct mc_dcl_case x = j->base;

        x.kind = MC_DCL_POINT;
        x.point = &j->records.point[i];
        x.others = j->records.point;
        x.n_others = i;
        snprintf(name, sizeof(name), "%.100s: '%.*s'", where, x.point->label.n > 40 ? 40 : (int)x.point->label.n,
            (const char *)x.point->label.p);
        judge(j, name, &x);
        count(j, j->report.errors != 0 ? MC_E_NOT_VALID : MC_OK);
    }
}

static bool is_json(const struct tool_input *t)
{
    size_t i = 0;

    while (i < t->n && memchr(" \t\r\n", t->raw[i], 4) != NULL)
        i++;
    return i < t->n && (t->raw[i] == '{' || t->raw[i] == '[');
}

static enum mc_rc check_json(struct job *j, const char *where, struct mc_err *e)
{
    size_t from = j->records.n;
    struct mc_err why;
    enum mc_rc rc;

    mc_err_init(&why);
    rc = dcl_records_parse(&j->records, mc_span_of(j->input.raw, j->input.n), &why);
    if (rc == MC_E_MEMORY)
        return mc_fail(e, rc, NULL, NULL);
    if (rc != MC_OK)
        tool_count(&j->tally, j->c, where, rc, &why);
    else
        check_records(j, where, from);
    return MC_OK;
}

static enum mc_rc check_file(struct job *j, const char *path, struct mc_err *e)
{
    const char *where = tool_name_in(path);
    struct mc_err why;
    enum mc_rc rc;

    mc_err_init(&why);
    rc = tool_read(path, &j->input, &why);
    if (rc != MC_OK) {
        tool_count(&j->tally, j->c, where, rc, &why);
        return MC_OK;
    }
    return is_json(&j->input) ? check_json(j, where, e) : check_cert(j, where, e);
}

static enum mc_rc check_all(struct job *j, struct mc_err *e)
{
    size_t from;
    enum mc_rc rc = take_options(j, e);

    for (int i = 0; rc == MC_OK && i < j->c->n_operands; i++)
        rc = check_file(j, j->c->operands[i], e);
    from = j->records.n;
    if (rc == MC_OK && cli_value(j->c, "certificate") != NULL) {
        rc = dcl_records_of_options(&j->records, j->c, e);
        if (rc == MC_OK)
            check_records(j, "options", from);
    }
    return rc;
}

static enum mc_rc print_rules(const struct cli *c, struct mc_err *e)
{
    if (c->n_operands > 0)
        return mc_fail(e, CA_E_USAGE, "--rules", "it reads no file");
    if (cli_flag(c, "markdown"))
        dcl_rules_markdown();
    else if (c->json)
        dcl_rules_json();
    else
        dcl_rules_text();
    return MC_OK;
}

enum mc_rc tool_dcl_check(struct cli *c, struct mc_err *e)
{
    static struct job j;
    enum mc_rc rc;

    if (cli_flag(c, "rules"))
        return print_rules(c, e);
    if (c->n_operands == 0 && cli_value(c, "certificate") == NULL)
        return mc_fail(e, CA_E_USAGE, "FILE", "give a certificate, a record (JSON), --certificate with its options, or --rules");
    j.c = c;
    j.lines = c->n_operands + (cli_value(c, "certificate") != NULL) > 1;
    j.base.v = mc_verifier_new();
    rc = j.base.v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : check_all(&j, e);
    mc_verifier_free(j.base.v);
    dcl_records_clear(&j.records);
    pool_free(&j.ledger.pool);
    pool_free(&j.pending.pool);
    free(j.ledger.list);
    free(j.pending.list);
    if (rc != MC_OK)
        return rc;
    /* The findings have been told on stdout; only the status is left to give. */
    c->reported = j.tally.failed > 0;
    return j.tally.failed > 0 ? j.tally.first_failure : MC_OK;
}
