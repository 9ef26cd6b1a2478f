/* SPDX-License-Identifier: Apache-2.0 */
/* revocation make: a set from CRLs, by the certificates at hand or by the records of the DCL. */
#include <stdlib.h>

#include "lib/att_chain.h"
#include "lib/cli/io.h"
#include "points.h"

const struct cli_option tool_revocation_make_options[] = {
    {.name = "cert", .arg = "FILE|DIR", .help = "certificates of signers, delegators and PAAs; may be repeated", .repeat = true,
        .required = true},
    {.name = "points", .arg = "FILE", .help = "distribution points as the DCL gives them (JSON): only these count"},
    {.name = "issuers", .arg = "WAY", .help = "whose entries without issuer are: sdk (default, as deployed) or rfc5280"},
    {.name = "at", .arg = "TIME", .help = "the CRLs must be valid at this time; default now"},
    {.name = "no-time", .help = "do not consider their dates"},
    {.name = "out", .arg = "FILE", .help = "write the set there; default standard output"},
    {.name = NULL},
};

static bool is_self_issued(const struct mc_cert *c)
{
    return mc_span_eq(c->issuer.der, c->subject.der);
}

static enum mc_rc make_room(struct revset_maker *m, struct mc_err *e)
{
    size_t cap = m->cap == 0 ? 16 : 2 * m->cap;
    struct mc_revset_entry *entry;
    struct mc_span **serials;

    if (m->n < m->cap)
        return MC_OK;
    entry = realloc(m->entry, cap * sizeof(*entry));
    if (entry != NULL)
        m->entry = entry;
    serials = realloc(m->serials, cap * sizeof(struct mc_span *));
    if (serials != NULL)
        m->serials = serials;
    if (entry == NULL || serials == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    m->cap = cap;
    return MC_OK;
}

/* What the SDK's own script would do otherwise is said. */
static void note_traps(const struct revset_maker *m, const struct mc_revset_point *p, const struct mc_cert *authority, size_t unnamed)
{
    char name[256];

    mc_dn_format(&authority->subject, name, sizeof(name));
    if (unnamed != 0)
        cli_note(m->c, "%s: %zu entries name no issuer: %s", name, unnamed,
            m->issuers == MC_REVSET_ISSUERS_SDK ? "they count for it, as in the SDK's script (see --issuers)"
                                                : "they count for the issuer named before them");
    if (!p->paa->has_akid)
        cli_note(m->c, "%s: its PAA has no authority key identifier: the SDK's script leaves it out of its sets", name);
}

static bool is_there(const struct revset_maker *m, const struct mc_revset_entry *x)
{
    for (size_t i = 0; i < m->n; i++)
        if (mc_span_eq(m->entry[i].issuer_name, x->issuer_name) && mc_span_eq(m->entry[i].issuer_key_id, x->issuer_key_id) &&
            mc_span_eq(m->entry[i].signer, x->signer))
            return true;
    return false;
}

/* The DER of a certificate that is in the pool. */
static struct mc_span der_in(const struct pool *pool, const struct mc_cert *c)
{
    for (size_t i = 0; i < pool->n; i++)
        if (&pool->cert[i]->c == c)
            return pool->cert[i]->der;
    return mc_span_of(NULL, 0);
}

enum mc_rc revset_maker_add(
    struct revset_maker *m, const struct mc_revset_point *p, const struct mc_crl *crl, struct mc_err *e)
{
    const struct mc_cert *authority;
    struct mc_revset_entry x = {0};
    struct mc_span *serials;
    size_t unnamed = 0;
    enum mc_rc rc = mc_revset_check_point(m->v, p, crl, &authority, e);

    if (rc == MC_OK)
        rc = make_room(m, e);
    if (rc != MC_OK)
        return rc;
    serials = malloc((crl->n + 1) * sizeof(*serials));
    if (serials == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_revset_collect(crl, authority->subject.der, m->issuers, serials, crl->n, &x.n_serial, &unnamed);
    x.issuer_name = authority->subject.der;
    x.issuer_key_id = authority->skid;
    x.signer = der_in(m->pool, p->signer);
    /* Commissioners look at the delegator alone, so that it must be the authority: also a PAA (5.6). */
    x.has_delegator = authority != p->signer;
    x.delegator = x.has_delegator ? der_in(m->pool, authority) : mc_span_of(NULL, 0);
    x.serial = serials;
    if (rc == MC_OK)
        rc = mc_revset_check_entry(&x, e);
    if (rc == MC_OK && is_there(m, &x))
        rc = mc_fail(e, MC_E_REVSET_POINT, "crl", "another CRL of this signer about this authority was taken already");
    if (rc != MC_OK) {
        free(serials);
        return rc;
    }
    note_traps(m, p, authority, unnamed);
    m->serials[m->n] = serials;
    m->entry[m->n++] = x;
    return MC_OK;
}

/* The point that a signer's own certificates tell of. */
static enum mc_rc point_of(
    const struct revset_maker *m, const struct pool_cert *signer, struct mc_revset_point *p, struct mc_err *e)
{
    const struct pool_cert *above = pool_issuer(m->pool, &signer->c), *root;

    *p = (struct mc_revset_point){.signer = &signer->c, .has_now = m->has_now, .now_unix = m->now_unix};
    if (above == NULL)
        return mc_fail(e, MC_E_CHAIN_ISSUER, "signer", "the certificate above %s is not among those given", signer->path);
    root = pool_issuer(m->pool, &above->c);
    if (root == NULL)
        return mc_fail(e, MC_E_CHAIN_ISSUER, "signer", "the certificate above %s is not among those given", above->path);
    p->paa = &root->c;
    p->is_paa = is_self_issued(&signer->c) || (!signer->c.is_ca && above == root);
    p->delegator = signer->c.is_ca ? NULL : &above->c;
    return MC_OK;
}

enum mc_rc revset_maker_add_crl(struct revset_maker *m, const struct mc_crl *crl, struct mc_err *e)
{
    const struct pool_cert *signer;
    struct mc_revset_point p;
    size_t at = 0, found = 0;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && crl->has_akid && (signer = pool_find(m->pool, crl->issuer.der, crl->akid, &at)) != NULL) {
        found++;
        rc = point_of(m, signer, &p, e);
        if (rc == MC_OK)
            rc = revset_maker_add(m, &p, crl, e);
    }
    if (found == 0)
        return mc_fail(e, MC_E_CRL_SIGNER, "issuer", "no certificate with its name and key id is among those given");
    return rc;
}

enum mc_rc revset_maker_text(const struct revset_maker *m, char **out, size_t *n, struct mc_err *e)
{
    const struct mc_revset set = {m->entry, m->n};
    size_t cap = mc_revset_json_bound(&set);

    *out = malloc(cap);
    return *out == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : mc_revset_encode_json(&set, *out, cap, n, e);
}

void revset_maker_free(struct revset_maker *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->serials[i]);
    free(m->serials);
    free(m->entry);
}

static enum mc_rc add_crl_file(struct crl_list *l, const char *path, bool in_folder, struct mc_err *e)
{
    struct crl_input in;
    struct crl_input *crl;
    char **paths;
    enum mc_rc rc = crl_load(path, &in, e);

    if (in_folder && (rc == MC_E_OBJECT || rc == MC_E_FORM || rc == MC_E_PRIVATE_KEY || rc == MC_E_EMPTY))
        return MC_OK;
    if (rc != MC_OK)
        return rc;
    for (size_t i = 0; i < l->n; i++) {
        if (mc_span_eq(l->crl[i].der, in.der)) {
            crl_unload(&in);
            return MC_OK;
        }
    }
    crl = realloc(l->crl, (l->n + 1) * sizeof(*crl));
    if (crl != NULL)
        l->crl = crl;
    paths = realloc(l->path, (l->n + 1) * sizeof(char *));
    if (paths != NULL)
        l->path = paths;
    if (crl == NULL || paths == NULL || (paths[l->n] = strdup(path)) == NULL) {
        crl_unload(&in);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    l->crl[l->n++] = in;
    return MC_OK;
}

enum mc_rc crl_list_add(
    struct crl_list *l, struct cli *c, const char *path, struct tool_tally *tally, struct mc_err *e)
{
    struct io_names names = {0};
    struct mc_err err;
    enum mc_rc rc;

    if (!io_is_directory(path)) {
        mc_err_init(&err);
        rc = add_crl_file(l, path, false, &err);
        if (rc != MC_OK)
            tool_count(tally, c, path, rc, &err);
        return MC_OK;
    }
    rc = io_list(path, &names, e);
    for (size_t i = 0; rc == MC_OK && i < names.n; i++) {
        enum mc_rc one;

        mc_err_init(&err);
        one = add_crl_file(l, names.name[i], true, &err);
        if (one != MC_OK)
            tool_count(tally, c, names.name[i], one, &err);
    }
    io_names_free(&names);
    return rc;
}

void crl_list_free(struct crl_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        crl_unload(&l->crl[i]);
        free(l->path[i]);
    }
    free(l->crl);
    free(l->path);
}

static enum mc_rc read_issuers(const struct cli *c, enum mc_revset_issuers *way, struct mc_err *e)
{
    const char *text = cli_value(c, "issuers");

    *way = MC_REVSET_ISSUERS_SDK;
    if (text != NULL && strcmp(text, "rfc5280") == 0)
        *way = MC_REVSET_ISSUERS_RFC;
    else if (text != NULL && strcmp(text, "sdk") != 0)
        return mc_fail(e, CA_E_USAGE, "--issuers", "it takes sdk or rfc5280");
    return MC_OK;
}

static enum mc_rc add_all(struct revset_maker *m, const struct crl_list *crls, struct tool_tally *tally, struct mc_err *e)
{
    if (cli_value(m->c, "points") != NULL)
        return revset_maker_add_points(m, cli_value(m->c, "points"), crls, tally, e);
    for (size_t i = 0; i < crls->n; i++) {
        struct mc_err err;
        enum mc_rc rc;

        mc_err_init(&err);
        rc = revset_maker_add_crl(m, &crls->crl[i].crl, &err);
        tool_count(tally, m->c, crls->path[i], rc, &err);
    }
    return MC_OK;
}

static enum mc_rc make(struct revset_maker *m, struct crl_list *crls, struct tool_tally *tally, struct mc_err *e)
{
    struct cli *c = m->c;
    const char *out = cli_value(c, "out");
    struct tool_tally certs = {0};
    char *text = NULL;
    size_t n = 0;
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; rc == MC_OK && cli_value_at(c, "cert", i) != NULL; i++)
        rc = pool_add(m->pool, c, cli_value_at(c, "cert", i), &certs, e);
    for (int i = 0; rc == MC_OK && i < c->n_operands; i++)
        rc = crl_list_add(crls, c, c->operands[i], tally, e);
    if (rc == MC_OK)
        rc = add_all(m, crls, tally, e);
    if (rc == MC_OK && tally->done + tally->failed == 0)
        rc = mc_fail(e, MC_E_EMPTY, NULL, "no CRL is in what was given");
    if (rc == MC_OK && tally->done != 0)
        rc = revset_maker_text(m, &text, &n, e);
    if (rc == MC_OK && tally->done != 0)
        rc = io_write(out != NULL ? out : "-", mc_span_of(text, n), 0644, e);
    free(text);
    tally->failed += certs.failed;
    if (tally->first_failure == MC_OK)
        tally->first_failure = certs.first_failure;
    return rc == MC_OK ? tool_total(tally, c) : rc;
}

enum mc_rc tool_revocation_make(struct cli *c, struct mc_err *e)
{
    struct pool pool = {0};
    struct crl_list crls = {0};
    struct tool_tally tally = {0};
    struct revset_maker m = {.c = c, .v = mc_verifier_new(), .pool = &pool};
    enum mc_rc rc = m.v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : read_issuers(c, &m.issuers, e);

    if (rc == MC_OK)
        rc = tool_time(c, &m.has_now, &m.now_unix, e);
    if (rc == MC_OK)
        rc = make(&m, &crls, &tally, e);
    revset_maker_free(&m);
    crl_list_free(&crls);
    pool_free(&pool);
    mc_verifier_free(m.v);
    return rc;
}
