/* SPDX-License-Identifier: Apache-2.0 */
/* forge: test certificates, right or wrong in one way, from keys that are thrown away. */
#include "forge.h"

#include <time.h>

#include "lib/chain.h"
#include "lib/att_chain.h"
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/lint.h"

enum { PATH_MAX_LEN = 1024, FILE_MODE = 0644, DIR_MODE = 0755, REPORT_MAX = 256 * 1024 };

const struct cli_option tool_forge_options[] = {
    {.name = "list", .help = "list kinds and faults, write nothing"},
    {.name = "all", .help = "every fault of every kind (of KIND, if one is named)"},
    {.name = "fault", .arg = "NAME", .help = "this fault; default valid"},
    {.name = "out", .arg = "DIR", .letter = 'o', .help = "where the files go"},
    {.name = "form", .arg = "FORM", .help = "tlv, der or pem; default tlv where the kind has it, else der"},
    {.name = "at", .arg = "TIME", .help = "make them as of this time; default now"},
    {.name = "json", .help = "print JSON, schema mattercert.forge/1"},
    {.name = NULL},
};

struct job {
    struct cli *c;
    const char *dir, *form; /* form NULL: the kind's own */
    struct forge_world world;
    char report[REPORT_MAX];
    size_t n;
    unsigned files;
};

static const struct forge_fault *const tables[] = {forge_op_faults, forge_att_faults, forge_request_faults, forge_lint_faults, forge_cd_faults};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static bool is_attestation(unsigned kind)
{
    return kind >= MC_KIND_PAA && kind <= MC_KIND_CRL_SIGNER;
}

/* The SDK's answer as one column. */
static void format_answer(const struct forge_fault *f, unsigned kind, char *out, size_t cap)
{
    uint32_t sdk = f->sdk;
    const struct mc_sdk_error *e = mc_sdk_error_find(sdk);
    const char *answer = kind == MC_KIND_RCAC ? "INVALID_COMMAND" : "InvalidNOC";

    if (sdk == FORGE_FORMAT)
        sdk = kind == MC_KIND_PAA ? 105 : kind == MC_KIND_PAI ? 203 : 303;
    if (kind == MC_KIND_CD_SIGNER || kind == MC_KIND_CRL_SIGNER)
        snprintf(out, cap, "-"); /* no node or commissioner judges them alone */
    else if (sdk == 0)
        snprintf(out, cap, "accepted");
    else if (is_attestation(kind) || kind == FORGE_CD)
        snprintf(out, cap, "%u %s", sdk, mc_att_result_find(sdk)->name);
    else if (kind >= MC_KIND_COUNT || (kind > MC_KIND_NOC && sdk == FORGE_READ))
        snprintf(out, cap, "refused");
    else if (sdk == FORGE_READ)
        snprintf(out, cap, "%s, not read", answer);
    else
        snprintf(out, cap, "%s, 0x%02X %s", answer, sdk, e != NULL ? e->name : "");
}

static const char *default_form(unsigned kind)
{
    return kind == FORGE_NOCSR || (kind >= MC_KIND_RCAC && kind <= MC_KIND_VVSC) ? "tlv" : "der";
}

static const char *pem_label(unsigned kind)
{
    return kind == FORGE_CSR ? "CERTIFICATE REQUEST" : kind == FORGE_CD ? "CMS" : "CERTIFICATE";
}

/* What lint says of an object that it cannot read: the rule that explains the reader's code. */
static const char *lint_of(enum mc_rc code, unsigned kind)
{
    const struct mc_rule *r;

    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++)
        if (r->code == code && (r->kinds & MC_LINT_KIND(kind)) != 0)
            return r->id;
    return mc_rc_rule(code);
}

static void report(struct job *j, const char *file, unsigned kind, const struct forge_fault *f, bool tlv)
{
    enum mc_rc rule = tlv && f->rule_tlv != MC_OK ? f->rule_tlv : f->rule;
    const char *lint = tlv && f->rule_tlv != MC_OK ? lint_of(f->rule_tlv, kind) : f->lint;
    char answer[96];
    int n;

    format_answer(f, kind, answer, sizeof(answer));
    n = snprintf(j->report + j->n, sizeof(j->report) - j->n, "%s\t%s\t%s\t%s\t%s\t%s\n", file, forge_kind_name(kind),
        f->name, rule == MC_OK ? "-" : mc_rc_rule(rule), lint != NULL ? lint : "-", answer);
    if (n > 0 && (size_t)n < sizeof(j->report) - j->n)
        j->n += (size_t)n;
    j->files++;
}

static enum mc_rc write_file(struct job *j, const char *file, struct mc_span bytes, struct mc_err *e)
{
    char path[PATH_MAX_LEN];

    if (snprintf(path, sizeof(path), "%s/%s", j->dir, file) >= (int)sizeof(path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    return io_write_fast(path, bytes, FILE_MODE, e);
}

static enum mc_rc forge_one(struct job *j, unsigned kind, const struct forge_fault *f, const char *form, struct mc_err *e)
{
    static struct forge_draft d;
    static struct forge_bytes bytes;
    static char pem[2 * FORGE_ROOM];
    struct mc_span out;
    char file[160];
    bool tlv = strcmp(form, "tlv") == 0;
    size_t n = 0;
    enum mc_rc rc;

    forge_draft_fill(&d, kind, &j->world);
    f->apply(&d, &j->world);
    rc = forge_write(&d, tlv, &bytes, e);
    if (rc != MC_OK)
        return rc;
    out = mc_span_of(bytes.p, bytes.n);
    if (strcmp(form, "pem") == 0) {
        rc = mc_pem_encode(out, pem_label(kind), pem, sizeof(pem), &n);
        if (rc != MC_OK)
            return mc_fail(e, rc, NULL, NULL);
        out = mc_span_of(pem, n);
    }
    snprintf(file, sizeof(file), "%s-%s.%s", forge_kind_name(kind), f->name, form);
    report(j, file, kind, f, tlv);
    return write_file(j, file, out, e);
}

/* In the form that is asked for, or all that the fault has. */
static enum mc_rc forge_forms(struct job *j, unsigned kind, const struct forge_fault *f, struct mc_err *e)
{
    bool request = kind >= MC_KIND_COUNT;
    enum mc_rc rc = MC_OK;

    if (kind == FORGE_NOCSR)
        return forge_one(j, kind, f, "tlv", e);
    if (j->form == NULL && !request && (f->forms & FORGE_TLV) != 0)
        rc = forge_one(j, kind, f, "tlv", e);
    else if (j->form == NULL)
        rc = forge_one(j, kind, f, "der", e);
    if (j->form == NULL && rc == MC_OK && f->forms == (FORGE_TLV | FORGE_DER) && cli_flag(j->c, "all"))
        rc = forge_one(j, kind, f, "der", e);
    if (j->form == NULL)
        return rc;
    if (strcmp(j->form, "tlv") == 0 && (request || (f->forms & FORGE_TLV) == 0))
        return cli_flag(j->c, "all") ? MC_OK
                                     : mc_fail(e, CA_E_USAGE, "--form", "%s-%s cannot be written in TLV",
                                           forge_kind_name(kind), f->name);
    if (strcmp(j->form, "tlv") != 0 && (f->forms & FORGE_DER) == 0)
        return cli_flag(j->c, "all") ? MC_OK : mc_fail(e, CA_E_USAGE, "--form", "%s exists in TLV only", f->name);
    return forge_one(j, kind, f, j->form, e);
}

/* kind 0: every kind; name NULL: every fault. *found counts. */
static enum mc_rc forge_matching(struct job *j, unsigned kind, const char *name, unsigned *found, struct mc_err *e)
{
    for (size_t t = 0; t < TABLES; t++) {
        for (const struct forge_fault *f = tables[t]; f->name != NULL; f++) {
            if (name != NULL && strcmp(f->name, name) != 0)
                continue;
            for (unsigned k = 1; k < FORGE_KINDS; k++) {
                enum mc_rc rc;

                if ((f->kinds & FORGE_BIT(k)) == 0 || (kind != 0 && k != kind))
                    continue;
                rc = forge_forms(j, k, f, e);
                if (rc != MC_OK)
                    return rc;
                (*found)++;
            }
        }
    }
    return MC_OK;
}

/* What a broken certificate is judged with: the valid ones around it. */
static enum mc_rc forge_company(struct job *j, unsigned kind, struct mc_err *e)
{
    static const uint8_t operational[] = {MC_KIND_RCAC, MC_KIND_ICAC, MC_KIND_NOC},
                         attestation[] = {MC_KIND_PAA, MC_KIND_PAI, MC_KIND_DAC, MC_KIND_CD_SIGNER};
    bool attests = is_attestation(kind) || kind == FORGE_CD;
    const uint8_t *around = attests ? attestation : operational;
    unsigned n = kind == FORGE_CD ? 4 : kind < MC_KIND_COUNT ? 3 : 0;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; rc == MC_OK && i < n; i++) {
        const struct forge_fault *f = attests ? forge_att_faults : forge_op_faults;

        rc = forge_one(j, around[i], f, j->form != NULL ? j->form : default_form(around[i]), e);
    }
    return rc;
}

static void list(const struct cli *c)
{
    struct json js;

    json_init(&js, stdout, false);
    if (c->json) {
        json_object(&js, NULL);
        json_string(&js, "schema", "mattercert.forge/1");
        json_array(&js, "faults");
    }
    for (size_t t = 0; t < TABLES; t++) {
        for (const struct forge_fault *f = tables[t]; f->name != NULL; f++) {
            for (unsigned k = 1; k < FORGE_KINDS; k++) {
                char answer[96];

                if ((f->kinds & FORGE_BIT(k)) == 0)
                    continue;
                format_answer(f, k, answer, sizeof(answer));
                if (!c->json) {
                    printf("%-17s %-36s %-24s %s\n", forge_kind_name(k), f->name,
                        f->rule == MC_OK ? "-" : mc_rc_rule(f->rule), answer);
                    continue;
                }
                json_object(&js, NULL);
                json_string(&js, "kind", forge_kind_name(k));
                json_string(&js, "fault", f->name);
                json_string(&js, "rule", f->rule == MC_OK ? "" : mc_rc_rule(f->rule));
                json_string(&js, "lint", f->lint != NULL ? f->lint : "");
                json_string(&js, "sdk", answer);
                json_end_object(&js);
            }
        }
    }
    if (c->json) {
        json_end_array(&js);
        json_end_object(&js);
    }
}

static enum mc_rc take_kind(const struct cli *c, unsigned *kind, struct mc_err *e)
{
    const char *name = c->n_operands > 0 ? c->operands[0] : NULL;

    *kind = name != NULL ? forge_kind_find(name) : 0;
    if (name != NULL && (strncmp(name, "pkcs11:", 7) == 0 || strchr(name, '/') != NULL || strchr(name, '.') != NULL))
        return mc_fail(e, CA_E_USAGE, NULL, "forge makes its own keys and takes none: it never signs for a real CA");
    if (name != NULL && *kind == 0)
        return mc_fail(e, CA_E_USAGE, "KIND", "'%.40s' is none of rcac, icac, noc, firmware-signing, vvsc, "
                       "network-identity, paa, pai, dac, cd-signer, crl-signer, cd, csr, nocsr", name);
    if (name == NULL && !cli_flag(c, "all"))
        return mc_fail(e, CA_E_USAGE, NULL, "name a KIND, or use --all or --list");
    return MC_OK;
}

static enum mc_rc take_options(struct job *j, struct mc_err *e)
{
    const char *at = cli_value(j->c, "at");
    int64_t now = (int64_t)time(NULL);
    enum mc_rc rc = at != NULL ? mc_time_parse_text(at, &now, e) : MC_OK;

    if (rc != MC_OK)
        return rc;
    j->dir = cli_value(j->c, "out");
    j->form = cli_value(j->c, "form");
    if (j->dir == NULL)
        return mc_fail(e, CA_E_USAGE, "--out", "it says where the files go");
    if (j->form != NULL && strcmp(j->form, "tlv") != 0 && strcmp(j->form, "der") != 0 && strcmp(j->form, "pem") != 0)
        return mc_fail(e, CA_E_USAGE, "--form", "it takes tlv, der or pem");
    if (now < MC_EPOCH2000_UNIX + INT64_C(86400) * 366 || now > MC_EPOCH2000_LAST - INT64_C(86400) * 366 * 12)
        return mc_fail(e, CA_E_USAGE, "--at", "it lies outside of what Matter certificates can say");
    rc = io_make_dir(j->dir, DIR_MODE, e);
    return rc == MC_OK ? forge_world_make(&j->world, now, e) : rc;
}

static enum mc_rc finish(struct job *j, struct mc_err *e)
{
    enum mc_rc rc = write_file(j, "expected.tsv", mc_span_of(j->report, j->n), e);

    if (rc != MC_OK)
        return rc;
    if (j->c->json) {
        struct json js;

        json_init(&js, stdout, false);
        json_object(&js, NULL);
        json_string(&js, "schema", "mattercert.forge/1");
        json_string(&js, "out", j->dir);
        json_number(&js, "files", j->files);
        json_end_object(&js);
    } else {
        cli_note(j->c, "%u files and expected.tsv in %s", j->files, j->dir);
    }
    return MC_OK;
}

enum mc_rc tool_forge(struct cli *c, struct mc_err *e)
{
    static struct job j;
    const char *fault = cli_value(c, "fault");
    unsigned kind = 0, found = 0;
    enum mc_rc rc;

    j.c = c;
    if (cli_flag(c, "list")) {
        list(c);
        return MC_OK;
    }
    rc = take_kind(c, &kind, e);
    if (rc == MC_OK)
        rc = take_options(&j, e);
    if (rc != MC_OK)
        return rc;
    j.n = (size_t)snprintf(j.report, sizeof(j.report), "file\tkind\tfault\trule\tlint\tsdk\n");
    if (!cli_flag(c, "all") && fault == NULL)
        fault = "valid";
    if (kind == FORGE_CD || (!cli_flag(c, "all") && strcmp(fault, "valid") != 0))
        rc = forge_company(&j, kind, e);
    if (rc == MC_OK)
        rc = forge_matching(&j, kind, fault, &found, e);
    if (rc == MC_OK && found == 0)
        rc = mc_fail(e, CA_E_USAGE, "--fault", "'%.60s' is no fault of this kind: see --list", fault);
    forge_world_clear(&j.world);
    return rc == MC_OK ? finish(&j, e) : rc;
}
