/* SPDX-License-Identifier: Apache-2.0 */
/* verify: operational chains by all the rules and as the deployed SDK judges them; what both halves share. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/revset_file.h"
#include "lib/cli/wrap.h"
#include "lib/derive.h"
#include "verify.h"

#define PARALLEL_MIN 256 /* files from which on several processes share the work */

const struct cli_option tool_verify_options[] = {
    {.name = "root", .arg = "RCAC", .help = "the trusted root: an RCAC or a PAA", .required = true},
    {.name = "ica", .arg = "ICAC", .help = "the intermediate, if there is one: an ICAC or a PAI"},
    {.name = "at", .arg = "TIME", .help = "judge at this time (UTC, 2026-11-23T18:00:00Z); default now"},
    {.name = "last-known-good", .help = "--at is a last-known-good time: notBefore is not considered"},
    {.name = "no-time", .help = "do not consider validity, as AddNOC does"},
    {.name = "revocation-set", .arg = "FILE", .help = "attestation: who is revoked, as 'revocation make' writes it"},
    {.name = "as", .arg = "JUDGE", .help = "whose verdict gives the exit status: rules (default) or sdk"},
    {.name = "json", .help = "print JSON, schema mattercert.verify/1"},
    {.name = NULL},
};

/* Everything that the verdicts on many leaves share. */
struct job {
    const struct cli *c;
    struct mc_verifier *v;
    struct tool_input root_input, ica_input, leaf_input;
    struct mc_cert root, ica, leaf;
    struct mc_chain chain;
    bool as_sdk;
    bool is_attestation;
    struct verify_att att;
    struct revset_file revoked;
};

struct verdicts {
    struct mc_verdict rules, sdk;
};

void verify_say(const char *before, const char *fmt, ...)
{
    char text[1024];
    struct wrap w;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    fputs(before, stdout);
    wrap_start(&w, stdout, wrap_width(stdout, WRAP_NEVER), strlen(before), strlen(before));
    wrap_text(&w, text, strlen(text));
    wrap_end(&w);
}

static const char *role_name(enum mc_chain_cert where)
{
    static const char *const names[] = {"chain", "root", "ICAC", "NOC"};

    return names[where];
}

static const char *status_name(uint8_t status)
{
    switch (status) {
    case 0x02:
        return "AddNOC is answered InvalidNodeOpId (0x02)";
    case 0x03:
        return "AddNOC is answered InvalidNOC (0x03)";
    case 0x85:
        return "AddTrustedRootCertificate is answered INVALID_COMMAND (0x85)";
    default:
        return "accepted";
    }
}

/* The commonest of all: the NOC says that an ICAC issued it, and none is given. */
static bool lacks_ica(const struct mc_chain *chain, const struct mc_verdict *d)
{
    uint64_t id;

    return d->rc == MC_E_CHAIN_ISSUER && d->where == MC_CHAIN_LEAF && chain->ica == NULL &&
           mc_dn_find(&chain->leaf->issuer, MC_ATTR_ICAC_ID, &id);
}

static const char *cure_of(const struct mc_chain *chain, const struct mc_verdict *d)
{
    return lacks_ica(chain, d) ? "its issuer is an ICAC: give that with --ica" : mc_rc_cure(d->rc);
}

static void print_rules(const struct mc_chain *chain, const struct verdicts *r)
{
    char text[512];

    if (r->rules.rc == MC_OK) {
        printf("  by the rules  valid: node 0x%016llX of fabric 0x%016llX\n", (unsigned long long)r->rules.node_id,
            (unsigned long long)r->rules.fabric_id);
        return;
    }
    mc_err_format(&r->rules.err, text, sizeof(text));
    verify_say("  by the rules  ", "not valid: %s: %s", role_name(r->rules.where), text);
    verify_say("                ", "%s", cure_of(chain, &r->rules));
}

static void print_sdk(const struct verdicts *r)
{
    const struct mc_sdk_error *surface = mc_sdk_error_find(r->sdk.sdk_error);
    const struct mc_sdk_error *inner = mc_sdk_error_find(r->sdk.inner_error);
    char more[128] = "";

    if (r->sdk.rc == MC_OK) {
        printf("  by the SDK    accepted\n");
        return;
    }
    verify_say("  by the SDK    ", "%s; CHIP error 0x%02X %s", status_name(r->sdk.noc_status), r->sdk.sdk_error,
        surface != NULL ? surface->name : "");
    if (inner != NULL)
        snprintf(more, sizeof(more), " (logged only: 0x%02X %s)", inner->number, inner->name);
    verify_say("                ", "because of the %s: %s%s", role_name(r->sdk.where), r->sdk.err.what, more);
}

/* One verdict where both judges agree that all is well; both where there is something to say. */
static void print_page(const char *path, const struct mc_chain *chain, const struct verdicts *r)
{
    if (r->rules.rc == MC_OK && r->sdk.rc == MC_OK) {
        printf("%s: valid, node 0x%016llX of fabric 0x%016llX\n", tool_name_in(path), (unsigned long long)r->rules.node_id,
            (unsigned long long)r->rules.fabric_id);
        return;
    }
    printf("%s: %s\n", tool_name_in(path), r->rules.rc == MC_OK ? "valid, but nodes refuse it" : "not valid");
    print_rules(chain, r);
    print_sdk(r);
}

static void json_judge(struct json *j, const char *name, const struct mc_chain *chain, const struct mc_verdict *d)
{
    char text[512];
    const struct mc_sdk_error *e = mc_sdk_error_find(d->sdk_error);

    json_object(j, name);
    json_bool(j, "valid", d->rc == MC_OK);
    if (d->rc != MC_OK) {
        mc_err_format(&d->err, text, sizeof(text));
        json_string(j, "rule", mc_rc_rule(d->rc));
        json_string(j, "certificate", role_name(d->where));
        json_string(j, "why", text);
        json_string(j, "cure", cure_of(chain, d));
    }
    if (d->sdk_error != 0) {
        json_number(j, "chip_error", d->sdk_error);
        json_string(j, "chip_error_name", e != NULL ? e->name : "");
        json_string(j, "answer", status_name(d->noc_status));
    }
    json_end_object(j);
}

static void json_ids(struct json *j, const struct mc_verdict *d, const struct mc_cert *root)
{
    uint8_t id[MC_COMPRESSED_LEN];
    char text[2 * MC_COMPRESSED_LEN + 1];

    json_id(j, "node_id", d->node_id, 16);
    json_id(j, "fabric_id", d->fabric_id, 16);
    if (mc_compressed_fabric_id(root->point.p, d->fabric_id, id) != MC_OK)
        return;
    mc_hex_encode_upper(id, sizeof(id), text);
    json_string(j, "compressed_fabric_id", text);
}

static void print_json(const char *path, const struct mc_chain *chain, const struct verdicts *r, bool lines)
{
    struct json j;

    json_init(&j, stdout, lines);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.verify/1");
    json_string(&j, "file", tool_name_in(path));
    json_bool(&j, "valid", r->rules.rc == MC_OK);
    json_judge(&j, "rules", chain, &r->rules);
    json_judge(&j, "sdk", chain, &r->sdk);
    if (r->rules.rc == MC_OK)
        json_ids(&j, &r->rules, chain->root);
    json_end_object(&j);
}

/* An operational certificate must be one in both forms, but for what nodes let pass: the judges differ on that. */
static enum mc_rc check_operational(const struct mc_cert *cert, struct mc_err *e)
{
    enum mc_rc rc = cert->obstacle.rc;

    if (rc == MC_OK || rc == MC_E_SERIAL || rc == MC_E_DER_TRAILING || cert->form != MC_FORM_DER)
        return MC_OK;
    *e = cert->obstacle;
    return rc;
}

static enum mc_rc load_leaf(struct job *j, const char *path, struct mc_err *e)
{
    enum mc_rc rc = tool_load(path, &j->leaf_input, e);

    if (rc == MC_OK)
        rc = tool_certificate(&j->leaf_input, MC_RULES_X509, &j->leaf, e);
    return rc == MC_OK ? check_operational(&j->leaf, e) : rc;
}

/* Many verdicts in JSON stand on one line each. */
static bool one_line(const struct job *j)
{
    return j->c->n_operands > 1 || io_is_directory(j->c->operands[0]);
}

static enum mc_rc judge_operational(struct job *j, const char *path, struct mc_err *e)
{
    static struct verdicts r;
    enum mc_rc rc = load_leaf(j, path, e);

    if (rc != MC_OK)
        return rc;
    j->chain.leaf = &j->leaf;
    (void)mc_chain_check(j->v, &j->chain, &r.rules);
    (void)mc_chain_check_sdk(j->v, &j->chain, &r.sdk);
    if (mc_verifier_failure(j->v) != MC_OK)
        return mc_fail(e, mc_verifier_failure(j->v), NULL, NULL);
    if (j->c->json)
        print_json(path, &j->chain, &r, one_line(j));
    else if (!j->c->quiet)
        print_page(path, &j->chain, &r);
    return (j->as_sdk ? r.sdk.rc : r.rules.rc) == MC_OK ? MC_OK : MC_E_NOT_VALID;
}

static void judge_one(struct job *j, const char *path, struct tool_tally *tally)
{
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = j->is_attestation ? verify_att_one(&j->att, path, &j->leaf_input, one_line(j), &e)
                           : judge_operational(j, path, &e);
    if (rc != MC_E_NOT_VALID) { /* which has been told on stdout */
        tool_count(tally, j->c, tool_name_in(path), rc, &e);
    } else if (tally->failed++ == 0) {
        tally->first_failure = rc;
    }
}

static void judge_slice(struct job *j, const struct io_names *all, size_t from, size_t to, struct tool_tally *tally)
{
    for (size_t i = from; i < to; i++)
        judge_one(j, all->name[i], tally);
}

/* A worker writes to a file of its own; the parent puts the parts together in order. */
struct part {
    FILE *out;
    pid_t pid;
    int fd; /* the tally comes back here */
};

static bool start_part(struct job *j, const struct io_names *all, size_t from, size_t to, struct part *p)
{
    int pair[2];

    p->out = tmpfile();
    if (p->out == NULL || pipe(pair) != 0)
        return false;
    fflush(stdout);
    p->pid = fork();
    if (p->pid == 0) {
        struct tool_tally tally = {0};

        if (dup2(fileno(p->out), STDOUT_FILENO) < 0)
            _exit(1);
        judge_slice(j, all, from, to, &tally);
        fflush(stdout);
        _exit(write(pair[1], &tally, sizeof(tally)) == (ssize_t)sizeof(tally) ? 0 : 1);
    }
    close(pair[1]);
    p->fd = pair[0];
    return p->pid > 0;
}

static bool finish_part(struct part *p, struct tool_tally *tally)
{
    struct tool_tally own;
    char buf[65536];
    size_t n;
    bool ok = read(p->fd, &own, sizeof(own)) == (ssize_t)sizeof(own);

    close(p->fd);
    waitpid(p->pid, NULL, 0);
    rewind(p->out);
    while ((n = fread(buf, 1, sizeof(buf), p->out)) > 0)
        fwrite(buf, 1, n, stdout);
    fclose(p->out);
    if (!ok)
        return false;
    if (tally->failed == 0)
        tally->first_failure = own.first_failure;
    tally->done += own.done;
    tally->failed += own.failed;
    return true;
}

#define PARTS_MAX 64

static enum mc_rc judge_parallel(struct job *j, const struct io_names *all, struct tool_tally *tally, struct mc_err *e)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = cpus < 1 ? 1 : cpus > PARTS_MAX ? PARTS_MAX : (size_t)cpus;
    struct part part[PARTS_MAX];
    size_t started = 0;
    bool ok = true;

    while (started < n && ok) {
        ok = start_part(j, all, all->n * started / n, all->n * (started + 1) / n, &part[started]);
        started += ok;
    }
    for (size_t i = 0; i < started; i++)
        ok = finish_part(&part[i], tally) && ok;
    return ok ? MC_OK : mc_fail(e, CA_E_IO, NULL, "a process could not do its part: %s", strerror(errno));
}

static enum mc_rc judge_folder(struct job *j, const char *path, struct tool_tally *tally, struct mc_err *e)
{
    struct io_names all = {0};
    enum mc_rc rc = io_list(path, &all, e);

    if (rc == MC_OK && all.n >= PARALLEL_MIN)
        rc = judge_parallel(j, &all, tally, e);
    else if (rc == MC_OK)
        judge_slice(j, &all, 0, all.n, tally);
    io_names_free(&all);
    return rc;
}

static enum mc_rc load_authority(struct cli *c, const char *path, struct tool_input *t, struct mc_cert *cert, struct mc_err *e)
{
    enum mc_rc rc;

    c->where = tool_name_in(path);
    rc = tool_load(path, t, e);
    if (rc == MC_OK)
        rc = tool_certificate(t, MC_RULES_X509, cert, e);
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

static enum mc_rc take_options(struct cli *c, struct job *j, struct mc_err *e)
{
    const char *as = cli_value(c, "as"), *at = cli_value(c, "at");

    j->as_sdk = as != NULL && strcmp(as, "sdk") == 0;
    if (as != NULL && !j->as_sdk && strcmp(as, "rules") != 0)
        return mc_fail(e, CA_E_USAGE, "--as", "it takes rules or sdk");
    j->chain.leaf_kind = MC_KIND_NOC;
    j->chain.time_source = cli_flag(c, "no-time") ? MC_TIME_UNKNOWN
                           : cli_flag(c, "last-known-good") ? MC_TIME_LAST_KNOWN
                                                            : MC_TIME_CURRENT;
    j->chain.at_unix = (int64_t)time(NULL);
    return at != NULL ? mc_time_parse_text(at, &j->chain.at_unix, e) : MC_OK;
}

static enum mc_rc load_revoked(struct cli *c, struct job *j, struct mc_err *e)
{
    const char *path = cli_value(c, "revocation-set");
    enum mc_rc rc;

    if (path == NULL)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = revset_file_read(path, &j->revoked, e);
    if (rc != MC_OK)
        return rc;
    c->where = NULL;
    j->att.revoked = &j->revoked.set;
    return MC_OK;
}

static enum mc_rc load_chain(struct cli *c, struct job *j, struct mc_err *e)
{
    const char *root = cli_value(c, "root"), *ica = cli_value(c, "ica");
    enum mc_rc rc = load_authority(c, root, &j->root_input, &j->root, e);

    if (rc == MC_OK && ica != NULL)
        rc = load_authority(c, ica, &j->ica_input, &j->ica, e);
    if (rc != MC_OK)
        return rc;
    j->chain.root = &j->root;
    j->chain.ica = ica != NULL ? &j->ica : NULL;
    j->is_attestation = verify_is_attestation(j->chain.root, j->chain.ica);
    if (!j->is_attestation && cli_value(c, "revocation-set") != NULL)
        return mc_fail(e, CA_E_USAGE, "--revocation-set", "only attestation certificates are revoked");
    if (!j->is_attestation) {
        c->where = tool_name_in(root);
        rc = check_operational(&j->root, e);
        if (rc == MC_OK && ica != NULL) {
            c->where = tool_name_in(ica);
            rc = check_operational(&j->ica, e);
        }
        if (rc == MC_OK)
            c->where = NULL;
        return rc;
    }
    if (ica == NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "an attestation chain needs --ica PAI");
    j->att = (struct verify_att){.c = c, .paa = j->chain.root, .pai = j->chain.ica,
        .has_now = j->chain.time_source == MC_TIME_CURRENT, .now_unix = j->chain.at_unix, .as_sdk = j->as_sdk};
    return load_revoked(c, j, e);
}

enum mc_rc tool_verify(struct cli *c, struct mc_err *e)
{
    static struct job j;
    struct tool_tally tally = {0};
    enum mc_rc rc = take_options(c, &j, e);

    j.c = c;
    if (rc == MC_OK)
        rc = load_chain(c, &j, e);
    if (rc != MC_OK)
        return rc;
    j.v = mc_verifier_new();
    if (j.v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    j.att.v = j.v;
    /* Once for all leaves; where it fails, the judges find out for each and say so. */
    j.chain.root_trusted = j.root.p256 && mc_cert_check_signature(j.v, &j.root, j.root.point.p, NULL) == MC_OK;
    for (int i = 0; rc == MC_OK && i < c->n_operands; i++) {
        if (strcmp(c->operands[i], "-") != 0 && io_is_directory(c->operands[i]))
            rc = judge_folder(&j, c->operands[i], &tally, e);
        else
            judge_one(&j, c->operands[i], &tally);
    }
    mc_verifier_free(j.v);
    revset_file_clear(&j.revoked);
    if (rc != MC_OK)
        return rc;
    /* What is not valid has been told on stdout, what cannot be read on stderr: only the status is left. */
    c->reported = tally.failed > 0;
    return tally.failed > 0 ? tally.first_failure : MC_OK;
}
