/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct fact {
    const char *symbol, *rule, *text, *cure;
    enum mc_class class;
};

static const struct fact facts[] = {
#define E(symbol, class, rule, text, cure) {#symbol, rule, text, cure, MC_CLASS_##class},
#include "err.def"
#undef E
};

static const struct fact *fact_of(enum mc_rc rc)
{
    return (unsigned)rc < MC_RC_COUNT ? &facts[rc] : &facts[MC_E_INTERNAL];
}

const char *mc_rc_symbol(enum mc_rc rc)
{
    return fact_of(rc)->symbol;
}

const char *mc_rc_rule(enum mc_rc rc)
{
    return fact_of(rc)->rule;
}

const char *mc_rc_text(enum mc_rc rc)
{
    return fact_of(rc)->text;
}

const char *mc_rc_cure(enum mc_rc rc)
{
    return fact_of(rc)->cure;
}

enum mc_class mc_rc_class(enum mc_rc rc)
{
    return fact_of(rc)->class;
}

void mc_err_init(struct mc_err *e)
{
    if (e == NULL)
        return;
    e->rc = MC_OK;
    e->offset = MC_NO_OFFSET;
    e->line = 0;
    e->field[0] = '\0';
    e->what[0] = '\0';
}

static void copy_text(char *out, size_t cap, const char *text)
{
    size_t n = strnlen(text, cap - 1);

    memcpy(out, text, n);
    out[n] = '\0';
}

/* A code that differs from the recorded one replaces it; the same code only fills what is empty. */
static void record(struct mc_err *e, enum mc_rc rc, size_t offset, const char *field, const char *fmt, va_list ap)
{
    if (e->rc != rc) {
        mc_err_init(e);
        e->rc = rc;
    }
    if (e->offset == MC_NO_OFFSET)
        e->offset = offset;
    if (e->field[0] == '\0' && field != NULL)
        copy_text(e->field, sizeof(e->field), field);
    if (e->what[0] == '\0' && fmt != NULL)
        vsnprintf(e->what, sizeof(e->what), fmt, ap);
}

enum mc_rc mc_fail(struct mc_err *e, enum mc_rc rc, const char *field, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return rc;
    va_start(ap, fmt);
    record(e, rc, MC_NO_OFFSET, field, fmt, ap);
    va_end(ap);
    return rc;
}

enum mc_rc mc_fail_at(struct mc_err *e, enum mc_rc rc, size_t offset, const char *field, const char *fmt, ...)
{
    va_list ap;

    if (e == NULL)
        return rc;
    va_start(ap, fmt);
    record(e, rc, offset, field, fmt, ap);
    va_end(ap);
    return rc;
}

static void append(char *out, size_t cap, const char *text)
{
    size_t n = strlen(out);

    snprintf(out + n, cap - n, "%s", text);
}

void mc_err_format(const struct mc_err *e, char *out, size_t cap)
{
    char number[48];

    if (cap == 0)
        return;
    out[0] = '\0';
    if (e->field[0] != '\0') {
        append(out, cap, e->field);
        append(out, cap, ": ");
    }
    append(out, cap, mc_rc_text(e->rc));
    if (e->what[0] != '\0') {
        append(out, cap, ": ");
        append(out, cap, e->what);
    }
    if (e->offset != MC_NO_OFFSET) {
        snprintf(number, sizeof(number), " (offset %zu)", e->offset);
        append(out, cap, number);
    }
    append(out, cap, " [");
    append(out, cap, mc_rc_rule(e->rc));
    append(out, cap, "]");
    for (char *p = out; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}
