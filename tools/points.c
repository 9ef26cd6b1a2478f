/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation distribution points as the DCL gives them (matter-attestation 5.3). */
#include "points.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/cli/json_read.h"

/* The last two stand in a transaction: which one it is, and whose account submits it. */
static const char *const members[] = {"vid", "label", "issuerSubjectKeyID", "pid", "isPAA", "crlSignerCertificate",
    "dataURL", "dataFileSize", "dataDigest", "dataDigestType", "revocationType", "schemaVersion", "crlSignerDelegator", "@type",
    "signer", NULL};

static const char *const wrappers[] = {"PkiRevocationDistributionPoint", "pkiRevocationDistributionPoint",
    "pkiRevocationDistributionPointsByIssuerSubjectKeyID", NULL};

/* A member that may be missing, or empty: 0 and "" are what the ledger's protocol has for both. */
static enum mc_rc take_uint(
    const struct json_t *object, const char *where, const char *name, uint64_t max, uint64_t *out, struct mc_err *e)
{
    *out = 0;
    return json_read_has(object, name) ? json_read_uint(object, where, name, max, out, e) : MC_OK;
}

static enum mc_rc take_text(
    const struct json_t *object, const char *where, const char *name, const char **out, struct mc_err *e)
{
    *out = "";
    return json_read_has(object, name) ? json_read_string(object, where, name, out, e) : MC_OK;
}

enum mc_rc point_record_read(const struct json_t *object, const char *where, struct point_record *r, struct mc_err *e)
{
    enum mc_rc rc = json_read_object(object, where, members, e);

    *r = (struct point_record){0};
    if (rc == MC_OK)
        rc = take_uint(object, where, "vid", UINT32_MAX, &r->vid, e);
    if (rc == MC_OK)
        rc = take_uint(object, where, "pid", UINT32_MAX, &r->pid, e);
    if (rc == MC_OK)
        rc = take_uint(object, where, "revocationType", UINT32_MAX, &r->type, e);
    if (rc == MC_OK)
        rc = take_uint(object, where, "schemaVersion", UINT32_MAX, &r->schema_version, e);
    if (rc == MC_OK)
        rc = take_uint(object, where, "dataFileSize", UINT64_MAX, &r->data_file_size, e);
    if (rc == MC_OK)
        rc = take_uint(object, where, "dataDigestType", UINT32_MAX, &r->data_digest_type, e);
    if (rc == MC_OK && json_read_has(object, "isPAA"))
        rc = json_read_bool(object, where, "isPAA", &r->is_paa, e);
    if (rc == MC_OK)
        rc = take_text(object, where, "label", &r->label, e);
    if (rc == MC_OK)
        rc = take_text(object, where, "issuerSubjectKeyID", &r->issuer_key_id, e);
    if (rc == MC_OK)
        rc = take_text(object, where, "crlSignerCertificate", &r->signer, e);
    if (rc == MC_OK)
        rc = take_text(object, where, "crlSignerDelegator", &r->delegator, e);
    if (rc == MC_OK)
        rc = take_text(object, where, "dataURL", &r->data_url, e);
    return rc == MC_OK ? take_text(object, where, "dataDigest", &r->data_digest, e) : rc;
}

/* The array of records, wherever a transaction or the answer of the REST interface holds it; NULL: root is one record. */
static const struct json_t *find_array(const struct json_t *root)
{
    const struct json_t *list = json_read_is_array(root) ? root : NULL, *body = json_read_member(root, "body");

    if (list == NULL && body != NULL)
        list = json_read_member(body, "messages");

    for (unsigned i = 0; list == NULL && wrappers[i] != NULL; i++) {
        const struct json_t *x = json_read_member(root, wrappers[i]);

        if (x != NULL)
            list = json_read_is_array(x) ? x : json_read_member(x, "points");
    }
    return json_read_is_array(list) ? list : NULL;
}

enum mc_rc point_file_read(const char *path, struct point_file *f, struct mc_err *e)
{
    struct json_t *root = NULL;
    enum mc_rc rc;

    *f = (struct point_file){0};
    rc = json_read_file(path, POINT_FILE_MAX, &root, e);
    return rc == MC_OK ? point_file_take(root, f, e) : rc;
}

enum mc_rc point_file_take(struct json_t *root, struct point_file *f, struct mc_err *e)
{
    const struct json_t *list;
    char where[24] = "";
    enum mc_rc rc;

    *f = (struct point_file){.root = root};
    list = find_array(f->root);
    f->n = list == NULL ? 1 : json_read_count(list);
    f->record = calloc(f->n + 1, sizeof(*f->record));
    rc = f->record == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : MC_OK;
    for (size_t i = 0; rc == MC_OK && i < f->n; i++) {
        if (list != NULL)
            snprintf(where, sizeof(where), "[%zu]", i);
        rc = point_record_read(list == NULL ? f->root : json_read_at(list, i), where, &f->record[i], e);
    }
    if (rc != MC_OK)
        point_file_clear(f);
    return rc;
}

void point_file_clear(struct point_file *f)
{
    json_read_free(f->root);
    free(f->record);
    *f = (struct point_file){0};
}

enum mc_rc point_cert(struct pool *p, const char *where, const char *text, const struct pool_cert **out, struct mc_err *e)
{
    size_t n = strlen(text);
    uint8_t *scratch;
    struct mc_input in;
    enum mc_rc rc;

    *out = NULL;
    if (n == 0)
        return MC_OK;
    scratch = malloc(n);
    if (scratch == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_input_decode(mc_span_of(text, n), scratch, n, &in, e);
    if (rc == MC_OK)
        rc = tool_want_object(mc_object_guess(&in), MC_OBJECT_CERTIFICATE, e);
    if (rc == MC_OK)
        rc = pool_add_der(p, where, in.bytes, out, e);
    free(scratch);
    return rc;
}

/* Step 7b of 5.4: others have the same vid and key id. */
static bool is_shared(const struct point_file *f, const struct point_record *r)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        n += f->record[i].vid == r->vid && strcmp(f->record[i].issuer_key_id, r->issuer_key_id) == 0;
    return n > 1;
}

/* The CRL of this signer, best the one that names the record's URL itself. */
static const struct mc_crl *find_crl(const struct crl_list *crls, const struct pool_cert *signer, struct mc_span url)
{
    const struct mc_crl *any = NULL;

    for (size_t i = 0; i < crls->n; i++) {
        const struct mc_crl *crl = &crls->crl[i].crl;

        if (!mc_span_eq(crl->issuer.der, signer->c.subject.der) || !crl->has_akid || !mc_span_eq(crl->akid, signer->c.skid))
            continue;
        if (mc_span_eq(crl->uri, url))
            return crl;
        if (any == NULL)
            any = crl;
    }
    return any;
}

static enum mc_rc add_record(struct revset_maker *m, const struct point_file *f, const struct point_record *r,
    const struct crl_list *crls, struct mc_err *e)
{
    const struct pool_cert *signer = NULL, *delegator = NULL, *above, *root;
    uint8_t key_id[MC_KEY_ID_LEN];
    const struct mc_crl *crl;
    struct mc_revset_point p = {.is_paa = r->is_paa, .has_vid = true, .vid = (uint16_t)r->vid, .has_pid = r->pid != 0,
        .pid = (uint16_t)r->pid, .data_url = mc_span_of(r->data_url, strlen(r->data_url)), .shared = is_shared(f, r),
        .has_now = m->has_now, .now_unix = m->now_unix, .issuer_key_id = mc_span_of(key_id, sizeof(key_id))};
    enum mc_rc rc;

    if (r->type != 1)
        return mc_fail(e, MC_E_REVSET_POINT, "revocationType", "%llu; only 1, a CRL, is known", (unsigned long long)r->type);
    rc = point_cert(m->pool, "crlSignerCertificate", r->signer, &signer, e);
    if (rc == MC_OK)
        rc = point_cert(m->pool, "crlSignerDelegator", r->delegator, &delegator, e);
    if (rc == MC_OK && signer == NULL)
        rc = mc_fail(e, MC_E_REVSET_POINT, "crlSignerCertificate", "it is missing");
    if (rc != MC_OK)
        return rc;
    if (strlen(r->issuer_key_id) != 2 * MC_KEY_ID_LEN || !mc_hex_decode(r->issuer_key_id, MC_KEY_ID_LEN, key_id))
        return mc_fail(e, MC_E_REVSET_POINT, "issuerSubjectKeyID", "not 40 hex digits");
    above = pool_issuer(m->pool, delegator != NULL ? &delegator->c : &signer->c);
    root = above == NULL ? NULL : pool_issuer(m->pool, &above->c);
    if (root == NULL)
        return mc_fail(e, MC_E_CHAIN_ISSUER, "crlSignerCertificate", "its PAA is not among the certificates given");
    crl = find_crl(crls, signer, p.data_url);
    if (crl == NULL)
        return mc_fail(e, MC_E_CRL_SIGNER, "dataURL", "no CRL of this signer is among those given");
    p.signer = &signer->c;
    p.delegator = delegator != NULL ? &delegator->c : NULL;
    p.paa = &root->c;
    return revset_maker_add(m, &p, crl, e);
}

enum mc_rc revset_maker_add_points(struct revset_maker *m, const char *path, const struct crl_list *crls,
    struct tool_tally *tally, struct mc_err *e)
{
    struct point_file f;
    char where[80];
    struct mc_err err;
    enum mc_rc rc;

    m->c->where = tool_name_in(path);
    rc = point_file_read(path, &f, e);
    if (rc != MC_OK)
        return rc;
    m->c->where = NULL;
    for (size_t i = 0; i < f.n; i++) {
        mc_err_init(&err);
        snprintf(where, sizeof(where), "record %zu (%.40s)", i, f.record[i].label);
        rc = add_record(m, &f, &f.record[i], crls, &err);
        tool_count(tally, m->c, where, rc, &err);
    }
    point_file_clear(&f);
    return MC_OK;
}
