/* SPDX-License-Identifier: Apache-2.0 */
/* The DCL's rules: the table as a whole, and what its parts share. */
#include "dcl_rules.h"

#include <stdarg.h>
#include <stdio.h>

/* The longest way is DAC, PAI, PAA; more of it is another's. Tries bounds what namesakes can cost. */
enum { CHAIN_MAX = 4, TRIES_MAX = 256 };

const struct mc_dcl_rule *mc_dcl_rule(size_t i)
{
    const struct mc_dcl_table *const tables[] = {
        &mc_dcl_any_rules, &mc_dcl_format_rules, &mc_dcl_child_rules, &mc_dcl_point_rules};

    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        if (i < tables[t]->n)
            return &tables[t]->rule[i];
        i -= tables[t]->n;
    }
    return NULL;
}

enum mc_dcl_outcome mc_dcl_judge(const struct mc_dcl_rule *r, const struct mc_dcl_case *c, char why[MC_DCL_WHY_MAX])
{
    why[0] = '\0';
    if ((r->kinds & c->kind) == 0 || (c->kind != MC_DCL_POINT && c->cert == NULL && !r->unread))
        return MC_DCL_ABSENT;
    return r->judge(c, why);
}

enum mc_dcl_outcome mc_dcl_say(enum mc_dcl_outcome outcome, char *why, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, MC_DCL_WHY_MAX, fmt, ap);
    va_end(ap);
    return outcome;
}

static const struct {
    enum mc_dcl_kind kind;
    const char *name;
} kinds[] = {{MC_DCL_PAA, "paa"}, {MC_DCL_PAI, "pai"}, {MC_DCL_DAC, "dac"}, {MC_DCL_POINT, "revocation-point"}};

const char *mc_dcl_kind_name(enum mc_dcl_kind k)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].kind == k)
            return kinds[i].name;
    return "";
}

unsigned mc_dcl_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return 0;
}

bool mc_dcl_is_self_signed(const struct mc_cert *c)
{
    struct mc_span akid;

    return mc_span_eq(c->issuer.der, c->subject.der) && (!mc_att_akid(c, &akid) || mc_span_eq(akid, c->skid));
}

enum mc_dcl_kind mc_dcl_kind_of(const struct mc_cert *c)
{
    if (mc_span_eq(c->issuer.der, c->subject.der))
        return MC_DCL_PAA;
    return c->has_bc && c->is_ca ? MC_DCL_PAI : MC_DCL_DAC;
}

bool mc_dcl_ids(const struct mc_dn *dn, struct mc_att_ids *ids)
{
    struct mc_cert c;

    memset(&c, 0, sizeof(c));
    c.subject = *dn;
    return mc_att_ids_of(&c, ids, NULL) == MC_OK;
}

const struct mc_ext *mc_dcl_ext(const struct mc_cert *c, enum mc_ext_id id)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].id == id)
            return &c->ext[i];
    return NULL;
}

bool mc_dcl_is_p256_sha256(const struct mc_cert *c)
{
    return c->p256 && c->sig_alg_oid.n == sizeof(mc_oid_ecdsa_sha256) &&
           memcmp(c->sig_alg_oid.p, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256)) == 0;
}

/* --- chains ---------------------------------------------------------------------------------------- */

static bool is_parent(const struct mc_cert *x, const struct mc_cert *child)
{
    struct mc_span akid;

    return mc_att_akid(child, &akid) && x->has_skid && mc_span_eq(x->skid, akid) &&
           mc_span_eq(x->subject.der, child->issuer.der);
}

const struct mc_cert *mc_dcl_parent(const struct mc_dcl_case *c, const struct mc_cert *child)
{
    for (size_t i = 0; i < c->n_ledger; i++)
        if (is_parent(c->ledger[i].c, child))
            return c->ledger[i].c;
    return NULL;
}

const struct mc_cert *mc_dcl_namesake(const struct mc_dcl_case *c)
{
    for (size_t i = 0; c->cert->has_skid && i < c->n_ledger; i++) {
        const struct mc_cert *x = c->ledger[i].c;

        if (x->has_skid && mc_span_eq(x->skid, c->cert->skid) && mc_span_eq(x->subject.der, c->cert->subject.der))
            return x;
    }
    return NULL;
}

enum mc_dcl_outcome mc_dcl_link(
    const struct mc_dcl_case *c, const struct mc_cert *child, const struct mc_cert *parent, char *why)
{
    if (!parent->has_bc || !parent->is_ca || (parent->has_ku && (parent->ku & MC_KU_KEY_CERT_SIGN) == 0))
        FAIL("the certificate above may not sign certificates");
    if (!parent->p256 || mc_cert_check_signature(c->v, child, parent->point.p, NULL) != MC_OK)
        FAIL("the signature does not verify with the certificate above");
    return mc_dcl_go(c, parent, why);
}

struct climb {
    const struct mc_dcl_case *c;
    struct mc_dcl_path *path;
    unsigned tries;
};

static enum mc_dcl_outcome climb(struct climb *up, const struct mc_cert *at, unsigned depth, char *why);

/* One link, and on from there. */
static enum mc_dcl_outcome climb_over(struct climb *up, const struct mc_cert *at, const struct mc_cert *above, unsigned depth,
    char *why)
{
    enum mc_dcl_outcome outcome = mc_dcl_link(up->c, at, above, why);

    if (outcome != MC_DCL_PASSED)
        return outcome;
    if (mc_dcl_is_self_signed(above)) {
        up->path->root = above;
        return MC_DCL_PASSED;
    }
    if (depth == CHAIN_MAX)
        FAIL("the chain is longer than any of Matter's");
    return climb(up, above, depth + 1, why);
}

/* Every certificate on the ledger that may be the parent is tried, as the ledger does. */
static enum mc_dcl_outcome climb(struct climb *up, const struct mc_cert *at, unsigned depth, char *why)
{
    const struct mc_dcl_case *c = up->c;
    enum mc_dcl_outcome outcome = MC_DCL_ABSENT;

    for (size_t i = 0; outcome != MC_DCL_PASSED && i < c->n_ledger && up->tries < TRIES_MAX; i++) {
        if (!is_parent(c->ledger[i].c, at))
            continue;
        up->tries++;
        up->path->missing = false;
        outcome = climb_over(up, at, c->ledger[i].c, depth, why);
    }
    if (outcome != MC_DCL_ABSENT)
        return outcome;
    up->path->missing = true;
    if (!c->has_ledger)
        UNKNOWN(NEED_LEDGER);
    FAIL("a certificate above is not on the ledger");
}

enum mc_dcl_outcome mc_dcl_chain(
    const struct mc_dcl_case *c, const struct mc_cert *leaf, struct mc_dcl_path *path, char *why)
{
    struct climb up = {.c = c, .path = path};
    enum mc_dcl_outcome outcome = mc_dcl_go(c, leaf, why);

    *path = (struct mc_dcl_path){0};
    return outcome == MC_DCL_PASSED ? climb(&up, leaf, 1, why) : outcome;
}
