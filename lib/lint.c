/* SPDX-License-Identifier: Apache-2.0 */
/* The runner of the rules. */
#include "lint_rules.h"

#include <stdarg.h>
#include <stdio.h>

static const struct mc_rule_table *const tables[] = {&mc_rules_x509, &mc_rules_time, &mc_rules_op_name,
    &mc_rules_op_attr, &mc_rules_op_ext, &mc_rules_op, &mc_rules_att_name, &mc_rules_att_ext, &mc_rules_att, &mc_rules_csr,
    &mc_rules_read};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

const struct mc_rule *mc_lint_rule(size_t i)
{
    for (size_t t = 0; t < TABLES; i -= tables[t++]->n)
        if (i < tables[t]->n)
            return &tables[t]->rules[i];
    return NULL;
}

const struct mc_rule *mc_lint_find(const char *id)
{
    const struct mc_rule *r;

    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++)
        if (strcmp(r->id, id) == 0)
            return r;
    return NULL;
}

const char *mc_severity_name(enum mc_severity s)
{
    static const char *const names[] = {[MC_NOTICE] = "notice", [MC_WARNING] = "warning", [MC_ERROR] = "error"};

    return names[s];
}

const char *mc_lint_kind_name(uint32_t kind)
{
    for (unsigned i = 0; i < MC_KIND_COUNT; i++)
        if (kind == MC_LINT_KIND(i))
            return mc_kind_name(i);
    return kind == MC_LINT_CSR ? "csr" : "unknown";
}

uint32_t mc_lint_kind_find(const char *name)
{
    enum mc_kind kind = mc_kind_find(name);

    if (kind != MC_KIND_UNKNOWN)
        return MC_LINT_KIND(kind);
    return strcmp(name, "csr") == 0 ? MC_LINT_CSR : 0;
}

bool mc_lint_say(struct mc_lint_check *k, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(k->finding.what, sizeof(k->finding.what), fmt, ap);
    va_end(ap);
    return true;
}

static bool say_record(struct mc_lint_check *k, const struct mc_err *e)
{
    if (e == NULL)
        return true;
    return mc_lint_say(k, "%s%s%s", e->field, e->field[0] != '\0' && e->what[0] != '\0' ? ": " : "", e->what);
}

static bool is_broken(struct mc_lint_check *k, const struct mc_rule *r)
{
    k->finding.what[0] = '\0';
    if (r->broken != NULL)
        return r->broken(k);
    return r->code != MC_OK && k->c != NULL && k->c->obstacle.rc == r->code && say_record(k, &k->c->obstacle);
}

struct sink {
    bool (*found)(void *arg, const struct mc_finding *f);
    void *arg;
    unsigned errors;
};

static bool report(struct sink *s, struct mc_lint_check *k, const struct mc_rule *r)
{
    k->finding.rule = r;
    s->errors += r->severity == MC_ERROR;
    return s->found == NULL || s->found(s->arg, &k->finding);
}

static const struct mc_rule *rule_of_code(enum mc_rc rc, uint32_t kind)
{
    for (size_t t = 0; t < TABLES; t++) {
        const struct mc_rule *r = tables[t]->rules, *end = r + tables[t]->n;

        for (; r < end; r++)
            if (r->code == rc && ((r->kinds & kind) != 0 || (kind & MC_LINT_UNKNOWN) != 0))
                return r;
    }
    return NULL;
}

/* The one rule that tells why the object cannot be read; the last of the table takes what no other does. */
static void report_unreadable(struct sink *s, struct mc_lint_check *k)
{
    const struct mc_rule *r = rule_of_code(k->in->read_rc, k->in->kind);

    k->finding.what[0] = '\0';
    (void)say_record(k, k->in->read_err);
    if (r == NULL) {
        r = &mc_rules_read.rules[mc_rules_read.n - 1];
        if (k->finding.what[0] == '\0')
            (void)mc_lint_say(k, "%s", mc_rc_text(k->in->read_rc));
    }
    (void)report(s, k, r);
}

unsigned mc_lint(const struct mc_lint_input *in, bool (*found)(void *arg, const struct mc_finding *f), void *arg)
{
    struct sink s = {found, arg, 0};
    struct mc_lint_check k = {.in = in, .c = in->c};

    if (in->read_rc != MC_OK) {
        report_unreadable(&s, &k);
        return s.errors;
    }
    mc_lint_gather(&k);
    for (size_t t = 0; t < TABLES; t++) {
        const struct mc_rule *r = tables[t]->rules, *end = r + tables[t]->n;

        for (; r < end; r++)
            if ((r->kinds & in->kind) != 0 && is_broken(&k, r) && !report(&s, &k, r))
                return s.errors;
    }
    return s.errors;
}

static bool first_error(void *arg, const struct mc_finding *f)
{
    struct mc_err *e = arg;

    if (f->rule->severity != MC_ERROR)
        return true;
    (void)mc_fail(e, MC_E_LINT, NULL, "%s: %s%s%s", f->rule->id, f->what, f->what[0] != '\0' ? ": " : "", f->rule->text);
    return false;
}

enum mc_rc mc_lint_check_errors(const struct mc_lint_input *in, struct mc_err *e)
{
    return mc_lint(in, first_error, e) == 0 ? MC_OK : MC_E_LINT;
}

enum mc_rc mc_lint_tbs(struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, uint32_t kind,
    struct mc_err *e)
{
    const struct mc_lint_input in = {.kind = kind, .v = v, .c = c, .issuer = issuer, .tbs_only = true};

    return mc_lint_check_errors(&in, e);
}
