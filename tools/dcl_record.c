/* SPDX-License-Identifier: Apache-2.0 */
#include "dcl_record.h"

#include <stdlib.h>

#include "lib/cli/io.h"
#include "lib/cli/json_read.h"

enum { PEM_FILE_MAX = 65536 };

static struct mc_span span_of(const char *text)
{
    return mc_span_of(text, strlen(text));
}

static enum mc_rc make_room(struct dcl_records *r, size_t more, struct mc_err *e)
{
    size_t cap = r->n + more;
    struct mc_dcl_point *point;

    if (cap <= r->cap)
        return MC_OK;
    point = realloc(r->point, cap * sizeof(*point));
    if (point == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    r->point = point;
    r->cap = cap;
    return MC_OK;
}

/* The ledger takes PEM; what is none is no certificate to it. */
static enum mc_rc take_member(struct dcl_records *r, const char *name, const char *text, struct mc_dcl_member *m, struct mc_err *e)
{
    const struct pool_cert *x = NULL;
    struct mc_err why;
    enum mc_rc rc = MC_OK;

    mc_err_init(&why);
    *m = (struct mc_dcl_member){.text = span_of(text)};
    if (strstr(text, "-----BEGIN CERTIFICATE-----") != NULL)
        rc = point_cert(&r->pool, name, text, &x, &why);
    if (rc == MC_E_MEMORY)
        return mc_fail(e, rc, NULL, NULL);
    if (rc == MC_OK && x != NULL) {
        m->c = &x->c;
        m->der = x->der;
    }
    return MC_OK;
}

static enum mc_rc add(struct dcl_records *r, const struct point_record *x, struct mc_err *e)
{
    struct mc_dcl_point *p = &r->point[r->n];
    enum mc_rc rc;

    *p = (struct mc_dcl_point){.vid = x->vid, .pid = x->pid, .type = x->type, .schema_version = x->schema_version,
        .data_file_size = x->data_file_size, .data_digest_type = x->data_digest_type, .is_paa = x->is_paa,
        .label = span_of(x->label), .issuer_key_id = span_of(x->issuer_key_id), .data_url = span_of(x->data_url),
        .data_digest = span_of(x->data_digest)};
    rc = take_member(r, "crlSignerCertificate", x->signer, &p->signer, e);
    if (rc == MC_OK)
        rc = take_member(r, "crlSignerDelegator", x->delegator, &p->delegator, e);
    r->n += rc == MC_OK;
    return rc;
}

/* The records borrow from the JSON, so it stays. */
static enum mc_rc add_file(struct dcl_records *r, struct point_file *f, struct mc_err *e)
{
    struct point_file *files = realloc(r->file, (r->n_files + 1) * sizeof(*files));
    enum mc_rc rc;

    if (files == NULL) {
        point_file_clear(f);
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    r->file = files;
    r->file[r->n_files++] = *f;
    rc = make_room(r, f->n, e);
    for (size_t i = 0; rc == MC_OK && i < f->n; i++)
        rc = add(r, &f->record[i], e);
    return rc;
}

enum mc_rc dcl_records_read(struct dcl_records *r, const char *path, struct mc_err *e)
{
    struct point_file f;
    enum mc_rc rc = point_file_read(path, &f, e);

    return rc == MC_OK ? add_file(r, &f, e) : rc;
}

enum mc_rc dcl_records_parse(struct dcl_records *r, struct mc_span text, struct mc_err *e)
{
    struct point_file f = {0};
    struct json_t *root = NULL;
    enum mc_rc rc = json_read_text(text, &root, e);

    if (rc == MC_OK)
        rc = point_file_take(root, &f, e);
    if (rc == MC_OK && f.n == 0) {
        point_file_clear(&f);
        rc = mc_fail(e, MC_E_EMPTY, NULL, "there is no record in it");
    }
    return rc == MC_OK ? add_file(r, &f, e) : rc;
}

/* --- options --------------------------------------------------------------------------------------- */

static enum mc_rc read_member(struct cli *c, const char *option, uint8_t **text, const char **out, struct mc_err *e)
{
    const char *path = cli_value(c, option);
    uint8_t *longer;
    size_t n;
    enum mc_rc rc;

    *out = "";
    if (path == NULL)
        return MC_OK;
    c->where = tool_name_in(path);
    rc = io_read(path, PEM_FILE_MAX, text, &n, e);
    if (rc != MC_OK)
        return rc;
    longer = realloc(*text, n + 1);
    if (longer == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    longer[n] = '\0';
    *text = longer;
    *out = (const char *)longer;
    c->where = NULL;
    return MC_OK;
}

/* The key id of the authority, as far as the certificates tell it. */
static void put_key_id(struct dcl_records *r, struct mc_dcl_point *p)
{
    const struct mc_cert *signer = p->signer.c;
    struct mc_span id = signer != NULL ? signer->skid : mc_span_of(NULL, 0);

    if (p->is_paa && signer != NULL && !mc_span_eq(signer->issuer.der, signer->subject.der))
        (void)mc_att_akid(signer, &id);
    else if (p->delegator.c != NULL)
        id = p->delegator.c->skid;
    if (id.n == MC_KEY_ID_LEN)
        mc_hex_encode_upper(id.p, id.n, r->key_id);
    p->issuer_key_id = span_of(r->key_id);
}

static const char *value_or_empty(const struct cli *c, const char *option)
{
    const char *value = cli_value(c, option);

    return value != NULL ? value : "";
}

enum mc_rc dcl_records_of_options(struct dcl_records *r, struct cli *c, struct mc_err *e)
{
    struct point_record x = {.type = 1, .data_digest = "", .is_paa = cli_flag(c, "is-paa"), .label = value_or_empty(c, "label"),
        .data_url = value_or_empty(c, "data-url"), .issuer_key_id = value_or_empty(c, "issuer-subject-key-id")};
    enum mc_rc rc = cli_number(c, "vid", 4, 0, &x.vid, e);

    if (rc == MC_OK)
        rc = cli_number(c, "pid", 4, 0, &x.pid, e);
    if (rc == MC_OK)
        rc = read_member(c, "certificate", &r->signer, &x.signer, e);
    if (rc == MC_OK)
        rc = read_member(c, "certificate-delegator", &r->delegator, &x.delegator, e);
    if (rc == MC_OK)
        rc = make_room(r, 1, e);
    if (rc == MC_OK)
        rc = add(r, &x, e);
    if (rc == MC_OK && *x.issuer_key_id == '\0')
        put_key_id(r, &r->point[r->n - 1]);
    return rc;
}

void dcl_records_clear(struct dcl_records *r)
{
    for (size_t i = 0; i < r->n_files; i++)
        point_file_clear(&r->file[i]);
    free(r->file);
    free(r->point);
    free(r->signer);
    free(r->delegator);
    pool_free(&r->pool);
    *r = (struct dcl_records){0};
}
