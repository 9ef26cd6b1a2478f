/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: signed, and which are due. */
#include "revoke.h"

#include <stdlib.h>

#include "lib/armor.h"
#include "lib/cli/io.h"

/* Entries of a CRL, with the serials that they borrow. */
struct listing {
    struct state *s;
    struct mc_crl_entry *entry;
    uint8_t (*serial)[MC_SERIAL_MAX];
    size_t n, cap;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool list_one(void *arg, const struct ledger_revocation *r)
{
    struct listing *l = arg;
    struct ledger_row row;

    l->rc = l->n == l->cap ? mc_fail(l->e, CA_E_LEDGER, "revoked", "more than were counted")
                           : ledger_get(l->s->ledger, r->seq, &row, l->e);
    if (l->rc != MC_OK)
        return false;
    memcpy(l->serial[l->n], row.x.serial.p, row.x.serial.n);
    l->entry[l->n] = (struct mc_crl_entry){
        .serial = mc_span_of(l->serial[l->n], row.x.serial.n), .time_unix = row.x.time_unix};
    l->n++;
    return true;
}

/* All that an authority has revoked, inside the transaction that numbers the CRL. */
static enum mc_rc list_revoked(struct state *s, uint32_t authority, struct listing *l, struct mc_err *e)
{
    uint64_t n, newest;
    enum mc_rc rc = ledger_revocation_count(s->ledger, authority, &n, &newest, e);

    *l = (struct listing){.s = s, .cap = (size_t)n, .e = e, .rc = MC_OK};
    if (rc != MC_OK)
        return rc;
    l->entry = calloc(l->cap + 1, sizeof(*l->entry));
    l->serial = calloc(l->cap + 1, sizeof(*l->serial));
    if (l->entry == NULL || l->serial == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = ledger_revocations(s->ledger, authority, list_one, l, e);
    return rc == MC_OK ? l->rc : rc;
}

/* Who signs for whom. */
struct signing {
    struct ledger_authority authority;
    struct mc_cert authority_cert; /* borrows from authority */
    struct issuer signer;
    bool delegated;
    struct listing listing;
    struct document document;
    uint8_t *tbs, *crl;
    size_t cap, tbs_n, crl_n;
};

/* A retired authority still answers for what it issued: devices outlive their PAI. */
static enum mc_rc find_parties(struct state *s, const struct crl_order *o, struct signing *g, struct mc_err *e)
{
    struct ledger_authority signer;
    enum mc_rc rc = attestation_find(s, o->authority, MC_KIND_UNKNOWN, &g->authority, e);

    if (rc == MC_OK && g->authority.kind != MC_KIND_PAA && g->authority.kind != MC_KIND_PAI)
        rc = mc_fail(e, CA_E_AUTHORITY_KIND, "name", "'%s' is a %s; PAAs and PAIs have CRLs", o->authority,
            mc_kind_name(g->authority.kind));
    if (rc == MC_OK)
        rc = mc_cert_parse_der(mc_span_of(g->authority.cert_der, g->authority.cert_n), MC_RULES_X509, &g->authority_cert, e);
    g->delegated = o->signer != NULL;
    if (rc != MC_OK || !g->delegated)
        return rc == MC_OK ? issuer_load(s, g->authority.number, &g->signer, e) : rc;
    rc = attestation_find(s, o->signer, MC_KIND_CRL_SIGNER, &signer, e);
    if (rc == MC_OK && signer.issuer != g->authority.number)
        rc = mc_fail(e, CA_E_CRL_SIGNER, "signer", "'%s' has its certificate from another authority than '%s'", o->signer,
            o->authority);
    if (rc == MC_OK && o->uri == NULL)
        rc = mc_fail(e, CA_E_CRL_SIGNER, "uri", "the CRL of a delegate says where it will be found");
    return rc == MC_OK ? issuer_load(s, signer.number, &g->signer, e) : rc;
}

static enum mc_rc build(const struct crl_order *o, struct signing *g, struct mc_err *e)
{
    const struct mc_crl_draft d = {
        .issuer = g->signer.cert.subject.der,
        .akid = g->signer.cert.skid,
        .number = g->document.number,
        .this_update_unix = g->document.time_unix,
        .next_update_unix = g->document.until_unix,
        .uri = mc_span_of(o->uri, o->uri != NULL ? strlen(o->uri) : 0),
        .indirect = g->delegated,
        .authority = g->authority_cert.subject.der,
        .entry = g->listing.entry,
        .n = g->listing.n,
    };

    g->cap = mc_crl_bound(&d);
    g->tbs = malloc(g->cap);
    g->crl = malloc(g->cap);
    if (g->tbs == NULL || g->crl == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return mc_crl_encode_tbs(&d, g->tbs, g->cap, &g->tbs_n, e);
}

/* Intent: number, list and octets in one transaction, so that the CRL holds all that was revoked before it. */
static enum mc_rc number_and_record(struct state *s, const struct crl_order *o, struct signing *g, struct mc_err *e)
{
    struct document *d = &g->document;
    enum mc_rc rc;

    *d = (struct document){.what = DOCUMENT_CRL, .authority = g->signer.number,
        .subject = g->delegated ? g->authority.number : 0, .name = o->authority};
    rc = document_begin(s, d, e);
    /* An authority that is revoked still answers for what it issued; its delegate signs nothing more. */
    if (rc == MC_OK && g->delegated)
        rc = attestation_check_not_revoked(s, &g->signer, o->signer, e);
    if (rc == MC_OK) {
        d->until_unix = o->until_unix != 0 ? o->until_unix : d->time_unix + o->valid_seconds;
        rc = list_revoked(s, g->authority.number, &g->listing, e);
    }
    if (rc == MC_OK)
        rc = build(o, g, e);
    if (rc == MC_OK)
        return document_commit(s, d, mc_span_of(g->tbs, g->tbs_n), e);
    ledger_rollback(s->ledger);
    return rc;
}

/* What was built and signed is what a strict reader sees, and what commissioners and the DCL take. */
static enum mc_rc read_back(struct state *s, struct signing *g, struct mc_err *e)
{
    struct mc_crl c;
    enum mc_rc rc = mc_crl_parse(mc_span_of(g->crl, g->crl_n), &c, e);

    if (rc == MC_OK)
        rc = mc_crl_check(&c, e);
    if (rc == MC_OK)
        rc = mc_crl_check_signer(s->verifier, &c, &g->signer.cert, e);
    if (rc == MC_OK && g->delegated)
        rc = mc_crl_check_delegate(&g->signer.cert, e);
    if (rc == MC_OK && (!mc_span_eq(c.tbs, mc_span_of(g->tbs, g->tbs_n)) || c.n != g->listing.n))
        rc = mc_fail(e, MC_E_INTERNAL, "crl", "not what was asked for");
    return rc;
}

static enum mc_rc write_crl(const struct signing *g, const char *path, bool pem, struct mc_err *e)
{
    size_t cap = g->crl_n + g->crl_n / 2 + 256, n = 0;
    char *text;
    enum mc_rc rc;

    if (!pem)
        return io_write(path, mc_span_of(g->crl, g->crl_n), 0644, e);
    text = malloc(cap);
    if (text == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_pem_encode(mc_span_of(g->crl, g->crl_n), "X509 CRL", text, cap, &n);
    rc = rc == MC_OK ? io_write(path, mc_span_of(text, n), 0644, e) : mc_fail(e, rc, NULL, NULL);
    free(text);
    return rc;
}

static enum mc_rc sign_and_release(struct state *s, struct signing *g, const char *path, bool pem, struct mc_err *e)
{
    uint8_t sig[MC_SIG_LEN];
    enum mc_rc rc = document_sign(s, &g->document, g->signer.key, g->signer.point, sig, e);

    if (rc == MC_OK)
        rc = mc_crl_assemble(mc_span_of(g->tbs, g->tbs_n), sig, g->crl, g->cap, &g->crl_n, e);
    if (rc == MC_OK)
        rc = read_back(s, g, e);
    if (rc == MC_OK)
        rc = write_crl(g, path, pem, e);
    return rc == MC_OK ? document_released(s, &g->document, e) : rc;
}

enum mc_rc crl_sign(struct state *s, const struct crl_order *o, const char *path, bool pem, struct crl_made *out,
    struct mc_err *e)
{
    struct signing *g = calloc(1, sizeof(*g));
    enum mc_rc rc;

    if (g == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = find_parties(s, o, g, e);
    if (rc == MC_OK)
        rc = number_and_record(s, o, g, e);
    if (rc == MC_OK)
        rc = sign_and_release(s, g, path, pem, e);
    if (rc == MC_OK)
        *out = (struct crl_made){g->document.number, g->document.time_unix, g->document.until_unix, g->listing.n,
            g->authority.number};
    document_end(&g->document);
    free(g->listing.entry);
    free(g->listing.serial);
    free(g->tbs);
    free(g->crl);
    free(g);
    return rc;
}

/* --- which are due ----------------------------------------------------------------------------------------- */

const char *crl_need_name(enum crl_need n)
{
    static const char *const names[] = {"none", "good", "soon", "expired", "incomplete", "missing"};

    return names[n];
}

/* The document about an authority that was given out last, its own or a delegate's. */
struct latest {
    uint32_t authority;
    struct ledger_document d; /* released_seq 0: none */
};

static bool find_latest(void *arg, const struct ledger_document *d)
{
    struct latest *l = arg;
    uint32_t about = d->subject != 0 ? d->subject : d->authority;

    if (about == l->authority && d->released_seq > l->d.released_seq)
        l->d = *d;
    return true;
}

/* The entry that numbered a document stands not far before the one that says it was given out. */
static enum mc_rc find_numbering(
    struct state *s, const struct ledger_row *released, uint64_t *seq, struct mc_err *e)
{
    struct ledger_row r;

    for (uint64_t at = released->seq; at > 0; at--) {
        enum mc_rc rc = ledger_get(s->ledger, at - 1, &r, e);

        if (rc != MC_OK)
            return rc;
        if (r.x.type == ENTRY_DOCUMENT && !r.x.has_state && r.x.authority == released->x.authority &&
            r.x.document == released->x.document && r.x.issuer == released->x.issuer &&
            r.x.number == released->x.number) {
            *seq = r.seq;
            return MC_OK;
        }
    }
    return mc_fail(e, CA_E_LEDGER, "document", "entry %llu gives out what was never numbered", (unsigned long long)released->seq);
}

struct since {
    uint64_t seq, n;
};

static bool count_since(void *arg, const struct ledger_revocation *r)
{
    struct since *x = arg;

    x->n += r->seq > x->seq;
    return true;
}

static enum crl_need need_of(const struct crl_status *x, int64_t now, int64_t soon_seconds)
{
    if (x->number == 0)
        return x->revoked != 0 ? CRL_MISSING : CRL_NONE;
    if (x->not_in_it != 0)
        return CRL_INCOMPLETE;
    if (now >= x->until_unix)
        return CRL_EXPIRED;
    return now >= x->until_unix - soon_seconds ? CRL_SOON : CRL_GOOD;
}

static enum mc_rc status_of(struct state *s, struct crl_status *x, int64_t soon_seconds, struct mc_err *e)
{
    struct latest l = {.authority = x->authority.number};
    struct since since = {0};
    struct ledger_row r;
    uint64_t newest;
    enum mc_rc rc = ledger_revocation_count(s->ledger, x->authority.number, &x->revoked, &newest, e);

    x->not_in_it = x->revoked;
    if (rc == MC_OK)
        rc = ledger_documents(s->ledger, DOCUMENT_CRL, find_latest, &l, e);
    if (rc == MC_OK && l.d.released_seq != 0) {
        rc = ledger_get(s->ledger, l.d.released_seq, &r, e);
        if (rc == MC_OK)
            rc = find_numbering(s, &r, &since.seq, e);
        if (rc == MC_OK)
            rc = ledger_revocations(s->ledger, x->authority.number, count_since, &since, e);
        if (rc != MC_OK)
            return rc;
        x->number = r.x.number;
        x->signer = r.x.authority;
        x->until_unix = (int64_t)r.x.until_unix;
        x->not_in_it = since.n;
    }
    x->need = need_of(x, ca_now(), soon_seconds);
    return rc;
}

struct walking {
    struct state *s;
    int64_t soon_seconds;
    bool (*each)(void *arg, const struct crl_status *x);
    void *arg;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool walk_one(void *arg, const struct ledger_authority *a)
{
    struct walking *w = arg;
    struct crl_status x = {.authority = *a};

    if (a->kind != MC_KIND_PAA && a->kind != MC_KIND_PAI)
        return true;
    w->rc = status_of(w->s, &x, w->soon_seconds, w->e);
    return w->rc == MC_OK && w->each(w->arg, &x);
}

enum mc_rc crl_each(struct state *s, int64_t soon_seconds, bool (*each)(void *arg, const struct crl_status *x), void *arg,
    struct mc_err *e)
{
    struct walking w = {s, soon_seconds, each, arg, e, MC_OK};
    enum mc_rc rc = attestation_each(s, MC_KIND_UNKNOWN, walk_one, &w, e);

    return rc == MC_OK ? w.rc : rc;
}
