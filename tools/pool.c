/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/cli/io.h"

static enum mc_rc make_room(struct pool *p, struct mc_err *e)
{
    size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
    struct pool_cert **more;

    if (p->n < p->cap)
        return MC_OK;
    more = realloc(p->cert, cap * sizeof(struct pool_cert *));
    if (more == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    p->cert = more;
    p->cap = cap;
    return MC_OK;
}

static void free_cert(struct pool_cert *x)
{
    if (x != NULL) {
        free(x->path);
        free((void *)(uintptr_t)x->der.p);
    }
    free(x);
}

static enum mc_rc copy_cert(const char *path, struct mc_span der, struct pool_cert **out, struct mc_err *e)
{
    struct pool_cert *x = calloc(1, sizeof(*x));
    uint8_t *octets = malloc(der.n + 1);
    enum mc_rc rc;

    if (x == NULL || octets == NULL || (x->path = strdup(path)) == NULL) {
        free(octets);
        free(x);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    memcpy(octets, der.p, der.n);
    x->der = mc_span_of(octets, der.n);
    rc = mc_cert_parse_der(x->der, MC_RULES_X509, &x->c, e);
    if (rc == MC_OK && x->c.obstacle.rc == MC_E_DER_TRAILING)
        rc = mc_fail(e, MC_E_DER_TRAILING, "certificate", NULL);
    if (rc == MC_OK)
        *out = x;
    else
        free_cert(x);
    return rc;
}

enum mc_rc pool_add_der(
    struct pool *p, const char *path, struct mc_span der, const struct pool_cert **out, struct mc_err *e)
{
    enum mc_rc rc = make_room(p, e);
    size_t i = 0;

    if (rc != MC_OK)
        return rc;
    while (i < p->n && !mc_span_eq(p->cert[i]->der, der))
        i++;
    if (i == p->n) {
        rc = copy_cert(path, der, &p->cert[i], e);
        if (rc != MC_OK)
            return rc;
        p->n++;
    }
    if (out != NULL)
        *out = p->cert[i];
    return MC_OK;
}

/* In a folder, other objects than certificates lie beside them. */
static enum mc_rc add_file(struct pool *p, const char *path, bool in_folder, struct mc_err *e)
{
    static struct tool_input input;
    enum mc_rc rc = tool_load(path, &input, e);

    if (in_folder && (rc == MC_E_FORM || rc == MC_E_PRIVATE_KEY || rc == MC_E_TOO_BIG || rc == MC_E_EMPTY))
        return MC_OK;
    if (rc != MC_OK)
        return rc;
    if (in_folder && input.object != MC_OBJECT_CERTIFICATE && input.object != MC_OBJECT_UNKNOWN)
        return MC_OK;
    rc = tool_want(&input, MC_OBJECT_CERTIFICATE, e);
    if (rc == MC_OK && input.in.inner == MC_INNER_TLV)
        return in_folder ? MC_OK : mc_fail(e, MC_E_OBJECT, NULL, "attestation certificates are DER or PEM");
    return rc == MC_OK ? pool_add_der(p, path, input.in.bytes, NULL, e) : rc;
}

enum mc_rc pool_add(struct pool *p, struct cli *c, const char *path, struct tool_tally *tally, struct mc_err *e)
{
    struct io_names names;
    struct mc_err err;
    enum mc_rc rc;

    if (!io_is_directory(path)) {
        mc_err_init(&err);
        rc = add_file(p, path, false, &err);
        tool_count(tally, c, path, rc, &err);
        return rc == MC_E_MEMORY ? mc_fail(e, rc, NULL, NULL) : MC_OK;
    }
    rc = io_list(path, &names, e);
    if (rc != MC_OK)
        return rc;
    for (size_t i = 0; i < names.n; i++) {
        mc_err_init(&err);
        rc = add_file(p, names.name[i], true, &err);
        tool_count(tally, c, names.name[i], rc, &err);
    }
    io_names_free(&names);
    return MC_OK;
}

const struct pool_cert *pool_find(const struct pool *p, struct mc_span subject, struct mc_span skid, size_t *at)
{
    while (*at < p->n) {
        const struct pool_cert *x = p->cert[(*at)++];

        if (mc_span_eq(x->c.subject.der, subject) && x->c.has_skid && mc_span_eq(x->c.skid, skid))
            return x;
    }
    return NULL;
}

const struct pool_cert *pool_issuer(const struct pool *p, const struct mc_cert *c)
{
    bool self = mc_span_eq(c->issuer.der, c->subject.der);
    size_t at = 0;

    if (!c->has_akid && !self)
        return NULL;
    return pool_find(p, c->issuer.der, self ? c->skid : c->akid, &at);
}

void pool_free(struct pool *p)
{
    for (size_t i = 0; i < p->n; i++)
        free_cert(p->cert[i]);
    free(p->cert);
    *p = (struct pool){0};
}

/* PEM has four characters for three octets, and line ends. */
#define CRL_TEXT_MAX (MC_CRL_MAX / 2 * 3)

static enum mc_rc decode_crl(struct crl_input *in, size_t n, struct mc_err *e)
{
    struct mc_input input = {0};
    enum mc_rc rc = mc_input_decode(mc_span_of(in->text, n), in->scratch, n + 1, &input, e);

    if (rc == MC_OK)
        rc = tool_want_object(mc_object_guess(&input), MC_OBJECT_CRL, e);
    in->der = input.bytes;
    return rc == MC_OK ? mc_crl_parse(in->der, &in->crl, e) : rc;
}

enum mc_rc crl_load(const char *path, struct crl_input *in, struct mc_err *e)
{
    size_t n = 0;
    enum mc_rc rc;

    *in = (struct crl_input){0};
    rc = io_read(path, CRL_TEXT_MAX, &in->text, &n, e);
    if (rc == MC_OK && (in->scratch = malloc(n + 1)) == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK)
        rc = decode_crl(in, n, e);
    if (rc != MC_OK)
        crl_unload(in);
    return rc;
}

void crl_unload(struct crl_input *in)
{
    free(in->text);
    free(in->scratch);
    *in = (struct crl_input){0};
}

enum mc_rc tool_time(const struct cli *c, bool *has, int64_t *unix_time, struct mc_err *e)
{
    const char *at = cli_value(c, "at");

    *has = !cli_flag(c, "no-time");
    *unix_time = (int64_t)time(NULL);
    if (at != NULL && !*has)
        return mc_fail(e, CA_E_USAGE, "--at", "it contradicts --no-time");
    return at != NULL ? mc_time_parse_text(at, unix_time, e) : MC_OK;
}

void tool_key_id(struct mc_span id, char out[3 * MC_KEY_ID_LEN + 1])
{
    *out = '\0';
    for (size_t i = 0; i < id.n && i < MC_KEY_ID_LEN; i++)
        out += sprintf(out, "%s%02X", i == 0 ? "" : ":", id.p[i]);
}
