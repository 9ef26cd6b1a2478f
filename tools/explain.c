/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what something is, what is wrong with it, what a node or commissioner answers, what to do. */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"
#include "lib/attest.h"
#include "lib/cli/io.h"
#include "lib/cli/text.h"
#include "lib/cli/wrap.h"
#include "lib/csr.h"
#include "lib/lint.h"

enum { TEXT_MAX = 8192, PART_COLUMN = 9 };

const struct cli_option tool_explain_options[] = {
    {.name = "as", .arg = "SET", .help = "what a number is: chip, noc-status, attestation or interaction"},
    {.name = "json", .help = "print JSON, schema mattercert.explain/1"},
    {.name = NULL},
};

static void say_part(const char *name, const char *text)
{
    struct wrap w;

    if (text == NULL || *text == '\0')
        return;
    printf("  %-*s ", PART_COLUMN - 3, name);
    wrap_start(&w, stdout, wrap_width(stdout, WRAP_NEVER), PART_COLUMN, PART_COLUMN);
    wrap_text(&w, text, strlen(text));
    wrap_end(&w);
}

void explain_say(struct explain *x, const char *topic, const char *means, const char *cause, const char *cure)
{
    for (unsigned i = x->since; i < x->said; i++)
        if (strcmp(x->topic[i], topic) == 0)
            return; /* a log says the same many times */
    if (x->said == EXPLAIN_MAX) {
        x->left_out++;
        return;
    }
    snprintf(x->topic[x->said++], sizeof(x->topic[0]), "%s", topic);
    if (x->c->json) {
        json_object(&x->j, NULL);
        json_string(&x->j, "topic", topic);
        json_string(&x->j, "means", means != NULL ? means : "");
        json_string(&x->j, "cause", cause != NULL ? cause : "");
        json_string(&x->j, "cure", cure != NULL ? cure : "");
        json_end_object(&x->j);
        return;
    }
    if (x->said > 1)
        putchar('\n');
    text_puts(stdout, topic);
    putchar('\n');
    say_part("means", means);
    say_part("cause", cause);
    say_part("do", cure);
}

/* --- certificates and requests --------------------------------------------------------------------- */

struct linting {
    struct explain *x;
    unsigned errors;
};

static bool say_finding(void *arg, const struct mc_finding *f)
{
    struct linting *l = arg;
    char topic[128];

    if (f->rule->severity == MC_NOTICE)
        return true;
    l->errors += f->rule->severity == MC_ERROR;
    snprintf(topic, sizeof(topic), "%s: %s", f->rule->severity == MC_ERROR ? "wrong" : "unwise", f->rule->id);
    explain_say(l->x, topic, f->rule->text, f->what, f->rule->cure);
    return true;
}

/* What a node says to a certificate when it is given alone. */
static void say_answer(struct explain *x, struct mc_verifier *v, const struct mc_cert *c, enum mc_kind kind)
{
    struct mc_verdict d;
    char text[256];
    const struct mc_sdk_error *e;

    if (kind != MC_KIND_RCAC) {
        explain_say(x, "answer", kind >= MC_KIND_PAA ? "a commissioner judges it in its chain" : "a node judges it in its chain", "",
            kind >= MC_KIND_PAA ? "mattercert verify --root PAA --ica PAI DAC" : "mattercert verify --root RCAC --ica ICAC NOC");
        return;
    }
    if (mc_root_check_sdk(v, c, &d) == MC_OK) {
        explain_say(x, "answer", "AddTrustedRootCertificate accepts it", "", "");
        return;
    }
    e = mc_sdk_error_find(d.sdk_error);
    snprintf(text, sizeof(text), "AddTrustedRootCertificate is answered INVALID_COMMAND (0x85); CHIP error 0x%02X %s",
        d.sdk_error, e != NULL ? e->name : "");
    explain_say(x, "answer", text, d.err.what, mc_rc_cure(d.rc));
}

static enum mc_rc explain_certificate(struct explain *x, struct mc_verifier *v, const struct tool_input *t, struct mc_err *e)
{
    static struct facts facts;
    struct linting l = {.x = x};
    char topic[160], subject[256], text[512];
    enum mc_rc rc = facts_of(v, t, &facts, e);
    const struct mc_cert *c = &facts.cert;
    struct mc_lint_input in = {.v = v, .c = c, .whole = t->in.bytes, .now_unix = (int64_t)time(NULL)};

    if (rc != MC_OK) {
        mc_err_format(e, text, sizeof(text));
        explain_say(x, "a certificate that cannot be read", text, "nodes and commissioners refuse it", mc_rc_cure(rc));
        mc_err_init(e);
        return MC_OK;
    }
    snprintf(topic, sizeof(topic), "%s, as %s", facts_kind_title(facts.kind), tool_form_name(&t->in));
    mc_dn_format(&c->subject, subject, sizeof(subject));
    explain_say(x, topic, subject, "", "");
    in.kind = mc_lint_kind_of(c);
    (void)mc_lint(&in, say_finding, &l);
    if (facts.kind < MC_KIND_PAA && facts.obstacle.rc != MC_OK) {
        mc_err_format(&facts.obstacle, text, sizeof(text));
        explain_say(x, "wrong: no Matter TLV", text, "nodes take Matter TLV only", mc_rc_cure(facts.obstacle.rc));
        l.errors++;
    }
    if (l.errors == 0)
        explain_say(x, "good", "nothing is wrong with it by itself", "", "");
    say_answer(x, v, c, facts.kind);
    return MC_OK;
}

static void explain_request(struct explain *x, struct mc_verifier *v, const struct tool_input *t)
{
    struct mc_csr csr;
    struct mc_nocsr elements = {.csr = t->in.bytes};
    struct mc_err e;
    char text[512];
    enum mc_rc rc = MC_OK;

    mc_err_init(&e);
    if (t->object == MC_OBJECT_NOCSR)
        rc = mc_nocsr_parse(t->in.bytes, &elements, &e);
    if (rc == MC_OK)
        rc = mc_csr_parse(elements.csr, &csr, &e);
    if (rc == MC_OK)
        rc = mc_csr_check(v, &csr, &e);
    explain_say(x, mc_object_name(t->object), "a node asks with it for a NOC for its new key", "", "");
    if (rc == MC_OK) {
        explain_say(x, "good", "it is well-formed and signed with its own key", "", "issue the NOC for exactly this key");
        return;
    }
    mc_err_format(&e, text, sizeof(text));
    explain_say(x, "wrong", text, "no CA may issue for it", mc_rc_cure(rc));
}

/* A declaration, alone or in attestation elements: every step that fails or breaks a rule. */
static void explain_declaration(struct explain *x, struct mc_verifier *v, const struct tool_input *t)
{
    static struct mc_attest a;
    struct mc_attest_in in = {.cd_only = true, .allow_test_key = true, .cd = t->in.bytes};
    struct mc_elements el;
    char topic[160], text[512];

    if (t->object == MC_OBJECT_ELEMENTS && mc_elements_parse_deployed(t->in.bytes, &el, NULL) == MC_OK)
        in.cd = el.cd;
    (void)mc_attest_check(v, &in, &a);
    snprintf(text, sizeof(text), a.has_cd ? "for VID 0x%04X, products: %u, %s, signed with %s" : "it cannot be read to its end",
        a.cd.vendor_id, a.cd.n_products, mc_cd_type_name(a.cd.certification_type), a.signer != NULL ? a.signer->name : "an unknown key");
    explain_say(x, in.cd.p == t->in.bytes.p ? "a certification declaration" : "a certification declaration in attestation elements", text,
        "", "it goes into the device as it is; 'mattercert cd show' shows it whole");
    for (unsigned i = MC_ATTEST_CD_ENVELOPE; i <= MC_ATTEST_CD_LAST; i++) {
        const struct mc_attest_step *s = &a.step[i];

        if (s->deployed != MC_ATTEST_FAILED && !s->broken)
            continue;
        mc_err_format(&s->err, text, sizeof(text));
        snprintf(topic, sizeof(topic), "wrong: %s", mc_attest_step_name(i));
        explain_say(x, topic, text, s->result != 0 ? "commissioners refuse it" : "commissioners do not look, stricter verifiers do",
            mc_rc_cure(s->err.rc));
    }
    if (a.result == 0 && a.valid)
        explain_say(x, "good", "nothing is wrong with it by itself", "", "");
    if (a.signer != NULL && a.signer->test)
        explain_say(x, "unwise: the test key", "it is signed with the published test key", "only commissioners for development take it",
            "products need the declaration that the CSA signed");
    explain_say(x, "answer", "a commissioner judges it with the device's certificates", "",
        "mattercert attest verify --dac DAC --pai PAI --trust PAAS --cd CD --vid 0xID --pid 0xID");
}

enum mc_rc explain_object(struct explain *x, const struct tool_input *t, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    enum mc_rc rc = MC_OK;

    if (v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    switch (t->object) {
    case MC_OBJECT_CSR:
    case MC_OBJECT_NOCSR:
        explain_request(x, v, t);
        break;
    case MC_OBJECT_CMS:
    case MC_OBJECT_ELEMENTS:
        explain_declaration(x, v, t);
        break;
    case MC_OBJECT_CRL:
    case MC_OBJECT_PUBLIC_KEY:
        explain_say(x, mc_object_name(t->object), "it is not a certificate", "", "");
        break;
    default:
        rc = explain_certificate(x, v, t, e);
    }
    mc_verifier_free(v);
    return rc;
}

/* --- the verb -------------------------------------------------------------------------------------- */

static struct tool_input input;

/* Pasted hex or base64 of an object: long, and it decodes to something known. */
static bool decode_pasted(const char *text)
{
    size_t n = strlen(text);

    if (n < 64 || mc_input_decode(mc_span_of(text, n), input.scratch, sizeof(input.scratch), &input.in, NULL) != MC_OK)
        return false;
    input.object = mc_object_guess(&input.in);
    return input.object != MC_OBJECT_UNKNOWN && input.object != MC_OBJECT_PRIVATE_KEY;
}

static enum mc_rc explain_file(struct explain *x, const char *path, struct mc_err *e)
{
    static char text[TOOL_INPUT_MAX + 1];
    struct mc_err why;
    size_t n = 0;
    enum mc_rc rc;

    x->c->where = tool_name_in(path);
    rc = io_read_into(path, input.raw, sizeof(input.raw), &n, e);
    if (rc != MC_OK)
        return rc;
    rc = mc_input_decode(mc_span_of(input.raw, n), input.scratch, sizeof(input.scratch), &input.in, e);
    if (rc == MC_OK)
        input.object = mc_object_guess(&input.in);
    if (rc == MC_E_PRIVATE_KEY || (rc == MC_OK && input.object == MC_OBJECT_PRIVATE_KEY)) {
        explain_say(x, "a private key", mc_rc_text(MC_E_PRIVATE_KEY), "", mc_rc_cure(MC_E_PRIVATE_KEY));
        mc_err_init(e);
        return MC_OK;
    }
    if (rc == MC_OK)
        return explain_object(x, &input, e);
    if ((rc != MC_E_FORM && rc != MC_E_PEM && rc != MC_E_PEM_COUNT) || memchr(input.raw, 0, n) != NULL)
        return rc;
    why = *e; /* no object, but text: a log */
    mc_err_init(e);
    memcpy(text, input.raw, n);
    text[n] = '\0';
    explain_found(x, text);
    if (x->said > 0 || rc == MC_E_FORM)
        return MC_OK;
    *e = why;
    return rc;
}

static enum mc_rc explain_as(struct explain *x, const char *as, const char *text, struct mc_err *e)
{
    static const char *const names[EXPLAIN_SETS] = {"chip", "noc-status", "attestation", "interaction"};
    char *end;
    unsigned long n = strtoul(text, &end, 0);

    for (unsigned set = 0; set < EXPLAIN_SETS; set++) {
        if (strcmp(as, names[set]) != 0)
            continue;
        if (end == text || *end != '\0')
            return mc_fail(e, CA_E_USAGE, "--as", "it goes with a number");
        if (n <= UINT32_MAX)
            (void)explain_number(x, set, (uint32_t)n);
        return MC_OK;
    }
    return mc_fail(e, CA_E_USAGE, "--as", "it takes chip, noc-status, attestation or interaction");
}

static enum mc_rc join(const struct cli *c, char *text, size_t cap, struct mc_err *e)
{
    size_t n = 0;

    for (int i = 0; i < c->n_operands; i++) {
        int more = snprintf(text + n, cap - n, "%s%s", i > 0 ? " " : "", c->operands[i]);

        if (more < 0 || (size_t)more >= cap - n)
            return mc_fail(e, MC_E_TOO_BIG, NULL, "put it into a file, or on stdin");
        n += (size_t)more;
    }
    return MC_OK;
}

static enum mc_rc explain_anything(struct explain *x, struct mc_err *e)
{
    static char text[TEXT_MAX];
    struct cli *c = x->c;
    const char *as = cli_value(c, "as");
    enum mc_rc rc;

    if (as == NULL && c->n_operands == 1 && (strcmp(c->operands[0], "-") == 0 || access(c->operands[0], F_OK) == 0))
        return explain_file(x, c->operands[0], e);
    rc = join(c, text, sizeof(text), e);
    if (rc != MC_OK)
        return rc;
    if (as != NULL)
        return explain_as(x, as, text, e);
    if (decode_pasted(text))
        return explain_object(x, &input, e);
    explain_found(x, text);
    return MC_OK;
}

enum mc_rc tool_explain(struct cli *c, struct mc_err *e)
{
    static struct explain x;
    enum mc_rc rc;

    x.c = c;
    json_init(&x.j, stdout, false);
    if (c->json) {
        json_object(&x.j, NULL);
        json_string(&x.j, "schema", "mattercert.explain/1");
        json_array(&x.j, "explanations");
    }
    rc = explain_anything(&x, e);
    if (c->json) {
        json_end_array(&x.j);
        json_number(&x.j, "left_out", x.left_out);
        json_end_object(&x.j);
    }
    if (x.left_out > 0)
        cli_note(c, "%u more are not shown", x.left_out);
    if (rc == MC_OK && x.said == 0)
        return mc_fail(e, MC_E_EXPLAIN, NULL, NULL);
    return rc;
}
