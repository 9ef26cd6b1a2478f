/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "recover.h"

bool request_id_valid(const char *id)
{
    size_t n = 0;

    while (id[n] >= 0x21 && id[n] <= 0x7E)
        n++;
    return n > 0 && n <= ENTRY_REQUEST_MAX && id[n] == '\0';
}

void request_own_id(const uint8_t content_sha256[MC_DIGEST_LEN], char out[REQUEST_OWN_ID_MAX])
{
    memcpy(out, "auto-", 5);
    mc_hex_encode(content_sha256, 16, out + 5);
}

enum mc_rc request_maybe(enum mc_rc rc, bool *found, struct mc_err *e)
{
    *found = rc == MC_OK;
    if (rc != CA_E_NOT_FOUND)
        return rc;
    mc_err_init(e);
    return MC_OK;
}

enum mc_rc request_issued(const struct mc_entry *x, struct issued *out, struct mc_err *e)
{
    struct mc_span cert = x->cert_tlv.n != 0 ? x->cert_tlv : x->cert_der;

    if (cert.n == 0 || cert.n > sizeof(out->cert) || x->serial.n > sizeof(out->serial))
        return mc_fail(e, CA_E_LEDGER, NULL, "entry %llu holds no certificate", (unsigned long long)x->seq);
    out->seq = x->seq;
    out->batch = x->batch;
    out->authority = x->authority;
    out->node_id = x->node_id;
    out->serial_n = x->serial.n;
    memcpy(out->serial, x->serial.p, x->serial.n);
    out->cert_n = cert.n;
    memcpy(out->cert, cert.p, cert.n);
    return MC_OK;
}

enum mc_rc request_find(struct state *s, uint32_t fabric, const char *request_id,
    const uint8_t content_sha256[MC_DIGEST_LEN], struct issued *out, struct mc_err *e)
{
    struct ledger_row row;
    enum mc_rc rc = request_maybe(ledger_find_request(s->ledger, fabric, request_id, &row, e), &out->repeated, e);

    if (rc != MC_OK || !out->repeated)
        return rc;
    if (!mc_span_eq(row.x.content_sha256, mc_span_of(content_sha256, MC_DIGEST_LEN)))
        return mc_fail(e, CA_E_REQUEST_CONFLICT, "request-id", "'%s' is entry %llu", request_id, (unsigned long long)row.seq);
    return request_issued(&row.x, out, e);
}

/* --- one request's way ----------------------------------------------------------------------------------- */

struct way {
    const struct request_ops *ops;
    const void *arg;
    struct issue *i;
    struct issued *out;
};

/* The first transaction: is it new, is it allowed, and the intent. */
static enum mc_rc open_request(struct state *s, const struct way *w, struct mc_err *e)
{
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = w->ops->decide(w->arg, s, w->out, e);
    if (rc == MC_OK && !w->out->repeated && w->ops->choose != NULL)
        rc = w->ops->choose(w->arg, s, w->i, e);
    if (rc == MC_OK && !w->out->repeated)
        rc = issue_open(s, w->i, e);
    if (rc == MC_OK && !w->out->repeated)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK || w->out->repeated)
        ledger_rollback(s->ledger);
    return rc;
}

/*
 * The second transaction: what was signed is on record, the intent is closed. Not if another process answered the
 * request meanwhile or gave its key to somebody else: the serial number is then void.
 */
static enum mc_rc record(struct state *s, const struct way *w, struct mc_err *e)
{
    struct mc_entry x;
    enum mc_rc rc = ledger_begin(s->ledger, e);

    if (rc != MC_OK)
        return rc;
    rc = w->ops->decide(w->arg, s, w->out, e);
    if (rc != MC_OK || w->out->repeated) {
        ledger_rollback(s->ledger);
        (void)!recover_void(s, &w->i->intent, mc_rc_rule(rc != MC_OK ? rc : CA_E_VOID), NULL);
        return rc;
    }
    w->ops->entry(w->arg, w->i, &x);
    rc = ledger_append(s->ledger, &x, e);
    if (rc == MC_OK)
        rc = ledger_intent_close(s->ledger, w->i->intent.id, e);
    if (rc == MC_OK)
        rc = ledger_commit(s->ledger, e);
    if (rc != MC_OK) {
        ledger_rollback(s->ledger);
        return rc;
    }
    return request_issued(&x, w->out, e);
}

/*
 * What an auditor asks first: who asked for what and was told no. A failure to record it hides nothing new.
 * An issuer that is past its end is left out: the clock that says so may run ahead, and an entry of that time
 * would refuse every request until the right clock has caught up.
 */
static void record_refusal(struct state *s, const struct way *w, const struct mc_err *why)
{
    struct mc_entry x;

    if (why == NULL || (mc_rc_class(why->rc) != MC_CLASS_REFUSED && mc_rc_class(why->rc) != MC_CLASS_CONFLICT))
        return;
    if (why->rc == CA_E_LIFETIME || ledger_begin(s->ledger, NULL) != MC_OK)
        return;
    w->ops->refusal(w->arg, why, &x);
    if (ledger_append(s->ledger, &x, NULL) != MC_OK || ledger_commit(s->ledger, NULL) != MC_OK)
        ledger_rollback(s->ledger);
}

enum mc_rc request_run(struct state *s, const struct request_ops *ops, const void *arg, struct issue *i,
    struct issued *out, struct mc_err *e)
{
    const struct way w = {ops, arg, i, out};
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    rc = open_request(s, &w, e);
    if (rc != MC_OK)
        record_refusal(s, &w, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = issue_sign(s->verifier, i, e);
    if (rc != MC_OK) {
        /* The serial is burned now rather than by the next start. */
        (void)!recover_void(s, &i->intent, mc_rc_rule(rc), NULL);
        return rc;
    }
    rc = record(s, &w, e);
    if (rc != MC_OK)
        record_refusal(s, &w, e);
    return rc;
}
