/* SPDX-License-Identifier: Apache-2.0 */
#include "cd.h"

#include "lib/armor.h"
#include "lib/cli/io.h"

enum { PEM_MAX = 2048 };

struct signing {
    struct issuer signer;
    struct document document;
    char name[MC_CD_ID_LEN + 1];
    uint8_t payload[MC_CD_PAYLOAD_MAX], cms[MC_CMS_MAX];
    size_t payload_n, cms_n;
};

static enum mc_rc record(struct state *s, struct signing *g, const char *name, struct mc_err *e)
{
    enum mc_rc rc = document_begin(s, &g->document, e);

    if (rc == MC_OK)
        rc = attestation_check_not_revoked(s, &g->signer, name, e);
    if (rc == MC_OK)
        return document_commit(s, &g->document, mc_span_of(g->payload, g->payload_n), e);
    ledger_rollback(s->ledger);
    return rc;
}

/* What was encoded and signed is what strict readers see, and what the request said. */
static enum mc_rc read_back(struct state *s, const struct signing *g, struct mc_err *e)
{
    struct mc_span payload = mc_span_of(g->payload, g->payload_n);
    struct mc_cms cms;
    struct mc_cd cd = {0};
    enum mc_rc rc = mc_cms_parse(mc_span_of(g->cms, g->cms_n), &cms, e);

    if (rc == MC_OK)
        rc = mc_cms_check_signature(s->verifier, &cms, g->signer.point, e);
    if (rc == MC_OK)
        rc = mc_cd_parse(cms.payload, &cd, e);
    if (rc == MC_OK)
        rc = mc_cd_check(&cd, e);
    if (rc == MC_OK && (!mc_span_eq(cms.payload, payload) || !mc_span_eq(cms.key_id, g->signer.cert.skid)))
        rc = mc_fail(e, MC_E_INTERNAL, "cd", "not what was asked for");
    return rc;
}

static enum mc_rc assemble(struct state *s, struct signing *g, struct mc_err *e)
{
    struct mc_cms cms = {.payload = mc_span_of(g->payload, g->payload_n), .key_id = g->signer.cert.skid};
    enum mc_rc rc = document_sign(s, &g->document, g->signer.key, g->signer.point, cms.sig, e);

    if (rc == MC_OK)
        rc = mc_cms_encode(&cms, g->cms, sizeof(g->cms), &g->cms_n, e);
    return rc == MC_OK ? read_back(s, g, e) : rc;
}

static enum mc_rc write_out(const struct signing *g, const char *path, bool pem, struct mc_err *e)
{
    char text[PEM_MAX];
    size_t n;
    enum mc_rc rc;

    if (!pem)
        return io_write(path, mc_span_of(g->cms, g->cms_n), 0644, e);
    rc = mc_pem_encode(mc_span_of(g->cms, g->cms_n), "CMS", text, sizeof(text), &n);
    return rc == MC_OK ? io_write(path, mc_span_of(text, n), 0644, e) : mc_fail(e, rc, NULL, NULL);
}

enum mc_rc cd_sign(struct state *s, const char *signer, const struct mc_cd *cd, const char *path, bool pem, uint64_t *number,
    struct mc_err *e)
{
    struct signing g = {.document = {.what = DOCUMENT_CD, .name = g.name}};
    enum mc_rc rc = mc_cd_encode(cd, g.payload, sizeof(g.payload), &g.payload_n, e);

    if (rc == MC_OK)
        rc = attestation_issuer(s, signer, MC_KIND_CD_SIGNER, &g.signer, e);
    if (rc != MC_OK)
        return rc;
    memcpy(g.name, cd->certificate_id.p, MC_CD_ID_LEN);
    g.document.authority = g.signer.number;
    rc = record(s, &g, signer, e);
    if (rc == MC_OK)
        rc = assemble(s, &g, e);
    if (rc == MC_OK)
        rc = write_out(&g, path, pem, e);
    if (rc == MC_OK)
        rc = document_released(s, &g.document, e);
    document_end(&g.document);
    *number = g.document.number;
    return rc;
}
