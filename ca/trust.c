/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <stdio.h>

#include "checkpoint.h"
#include "lib/cli/io.h"
#include "lib/cli/trust_bundle.h"

struct signing {
    struct document document;
    struct audit_key key;
    struct hsm_key *hsm_key;
    char body[NOTE_MAX], note[NOTE_MAX];
    size_t body_n, note_n;
};

/* The origin is not that of checkpoints, so that a bundle's hash never passes for a root of the ledger. */
static enum mc_rc number_and_record(struct state *s, struct mc_span text, struct signing *g, struct mc_err *e)
{
    struct mc_checkpoint c = {0};
    enum mc_rc rc = mc_sha256(s->verifier, text, c.root);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (snprintf(c.origin, sizeof(c.origin), "%s" TRUST_NOTE_SUFFIX, g->key.origin) >= (int)sizeof(c.origin))
        return mc_fail(e, CA_E_NAME, "origin", NULL);
    rc = document_begin(s, &g->document, e);
    c.size = g->document.number;
    if (rc == MC_OK)
        rc = mc_note_format_body(&c, g->body, sizeof(g->body), &g->body_n, e);
    if (rc == MC_OK)
        return document_commit(s, &g->document, mc_span_of(g->body, g->body_n), e);
    ledger_rollback(s->ledger);
    return rc;
}

static enum mc_rc sign_and_check(struct state *s, struct mc_span text, struct signing *g, struct mc_err *e)
{
    uint8_t sig[MC_SIG_LEN];
    struct trust_note back;
    enum mc_rc rc = document_sign(s, &g->document, g->hsm_key, g->key.point, sig, e);

    if (rc == MC_OK)
        rc = mc_note_assemble(s->verifier, mc_span_of(g->body, g->body_n), g->key.origin, g->key.point, sig, g->note,
            sizeof(g->note), &g->note_n, e);
    if (rc == MC_OK)
        rc = trust_note_check(s->verifier, mc_span_of(g->note, g->note_n), text, g->key.point, &back, e);
    return rc;
}

enum mc_rc trust_sign(struct state *s, struct mc_span text, const char *path, uint64_t *number, struct mc_err *e)
{
    struct signing g = {.document = {.what = DOCUMENT_TRUST}};
    enum mc_rc rc = audit_key_read(s->ledger, &g.key, e);

    if (rc == MC_OK)
        rc = hsm_find_key(s->hsm, g.key.key_id, g.key.point, &g.hsm_key, e);
    if (rc == MC_OK)
        rc = number_and_record(s, text, &g, e);
    if (rc == MC_OK)
        rc = sign_and_check(s, text, &g, e);
    if (rc == MC_OK)
        rc = io_write(path, mc_span_of(g.note, g.note_n), 0644, e);
    if (rc == MC_OK)
        rc = document_released(s, &g.document, e);
    document_end(&g.document);
    *number = g.document.number;
    return rc;
}
