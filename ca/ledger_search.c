/* SPDX-License-Identifier: Apache-2.0 */
/* Many entries: in order, or those that fit a query. */
#include "ledger_internal.h"

#include <stdlib.h>

#include "lib/att_chain.h"

#define PAGE 512 /* entries that one transaction reads */

static enum mc_rc take_scanned(sqlite3_stmt *s, struct ledger_row *r, struct mc_err *e)
{
    struct mc_span body = ledger_column_span(s, 2);

    r->seq = (uint64_t)sqlite3_column_int64(s, 0);
    r->n = body.n <= sizeof(r->body) ? body.n : 0;
    if (r->n != 0)
        memcpy(r->body, body.p, r->n);
    return mc_entry_parse(mc_span_of(r->body, r->n), &r->x, e);
}

/* Entries from..end-1; *more false when each() wants no more. */
static enum mc_rc scan_page(struct ledger *l, sqlite3_stmt *s, uint64_t from, uint64_t end,
    enum entry_type type, bool (*each)(void *arg, const struct ledger_row *r), void *arg, bool *more,
    struct mc_err *e)
{
    struct ledger_row r;
    bool row;
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)from);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)end);
    while (*more && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        if (type != 0 && sqlite3_column_int(s, 1) != (int)type)
            continue;
        rc = take_scanned(s, &r, e);
        if (rc != MC_OK)
            break;
        *more = each(arg, &r);
    }
    sqlite3_reset(s);
    ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_scan(struct ledger *l, uint64_t from, enum entry_type type,
    bool (*each)(void *arg, const struct ledger_row *r), void *arg, struct mc_err *e)
{
    struct ledger_head h;
    sqlite3_stmt *s = NULL;
    bool more = true;
    enum mc_rc rc = ledger_head(l, &h, e);

    if (rc == MC_OK)
        rc = ledger_prepare(l, "SELECT seq, type, body FROM entry WHERE seq>=?1 AND seq<?2 ORDER BY seq", &s, e);
    for (; rc == MC_OK && more && from < h.size; from += PAGE)
        rc = scan_page(l, s, from, h.size - from < PAGE ? h.size : from + PAGE, type, each, arg, &more, e);
    sqlite3_finalize(s);
    return rc;
}

struct search {
    struct ledger *l;
    const struct ledger_query *q;
    bool (*each)(void *arg, const struct ledger_row *r);
    void *arg;
    struct mc_err *e;
    enum mc_rc rc;
    uint64_t *seq; /* of candidates */
    size_t n, cap;
};

/* What can be told without reading the certificate. */
static bool fits_entry(const struct ledger_query *q, const struct mc_entry *x)
{
    if ((q->type != 0 && x->type != q->type) || (q->kind != 0 && x->kind != q->kind))
        return false;
    if ((q->authority != 0 && x->authority != q->authority) || (q->batch != 0 && x->batch != q->batch))
        return false;
    if ((q->name.n != 0 && !mc_span_eq(x->name, q->name)) || (q->rule.n != 0 && !mc_span_eq(x->rule, q->rule)))
        return false;
    if (q->serial.n != 0 && !mc_span_eq(x->serial, q->serial))
        return false;
    if (q->fabric != 0 && x->fabric != q->fabric)
        return false;
    if (q->has_node_id && (!x->has_node_id || x->node_id != q->node_id))
        return false;
    if (q->request_id != NULL && !mc_span_eq(x->request_id, mc_span_of(q->request_id, strlen(q->request_id))))
        return false;
    return x->time_unix >= q->after_unix && (q->before_unix == 0 || x->time_unix < q->before_unix);
}

static bool asks_cert(const struct ledger_query *q)
{
    return q->point != NULL || q->key_id.n != 0 || q->has_cat || q->has_vid || q->has_pid || q->expires_after_unix != 0 ||
           q->expires_before_unix != 0 || q->standing != LEDGER_ANY;
}

static bool has_cat(const struct mc_cert *c, uint32_t wanted)
{
    uint32_t cat[MC_DN_CAP];
    unsigned n = mc_dn_cats(&c->subject, cat);

    while (n > 0)
        if (cat[--n] == wanted)
            return true;
    return false;
}

static bool is_of_product(const struct ledger_query *q, const struct mc_cert *c)
{
    struct mc_att_ids ids;

    return mc_att_ids_of(c, &ids, NULL) == MC_OK && (!q->has_vid || (ids.has_vid && ids.vid == q->vid)) &&
           (!q->has_pid || (ids.has_pid && ids.pid == q->pid));
}

static bool fits_cert(const struct ledger_query *q, const struct ledger_facts *f)
{
    const struct mc_cert *c = &f->cert;

    if (!f->has_cert || (q->point != NULL && !mc_span_eq(c->point, mc_span_of(q->point, MC_POINT_LEN))))
        return false;
    if (q->key_id.n != 0 && !(c->has_skid && mc_span_eq(c->skid, q->key_id)))
        return false;
    if (q->expires_before_unix != 0 && f->not_after_unix >= q->expires_before_unix)
        return false;
    if (f->not_after_unix < q->expires_after_unix || (q->has_cat && !has_cat(c, q->cat)))
        return false;
    return (!q->has_vid && !q->has_pid) || is_of_product(q, c);
}

/* Revocations are of serial numbers: an entry that has none cannot be revoked. */
static enum mc_rc stands(struct search *s, const struct mc_entry *x, const struct ledger_facts *f, bool *fits)
{
    struct ledger_revocation revoked;
    struct mc_err why;
    enum ledger_standing now = f->not_after_unix < s->q->now_unix ? LEDGER_EXPIRED : LEDGER_VALID;
    enum mc_rc rc = CA_E_NOT_FOUND;

    mc_err_init(&why);
    if (s->q->standing != LEDGER_ANY && x->serial.n != 0)
        rc = ledger_revocation(s->l, x->serial, &revoked, &why);
    if (rc == MC_OK)
        now = LEDGER_REVOKED;
    *fits = s->q->standing == LEDGER_ANY || s->q->standing == now;
    if (rc == MC_OK || rc == CA_E_NOT_FOUND)
        return MC_OK;
    *s->e = why;
    return rc;
}

/* False ends the search. */
static bool consider(void *arg, const struct ledger_row *r)
{
    struct search *s = arg;
    const struct ledger_query *q = s->q;
    struct ledger_facts f;
    bool fits = true;

    if (!fits_entry(q, &r->x))
        return q->before_unix == 0 || r->x.time_unix < q->before_unix;
    if (asks_cert(q)) {
        s->rc = ledger_facts_of(s->l->v, &r->x, &f, s->e);
        fits = s->rc == MC_OK && fits_cert(q, &f);
        if (fits)
            s->rc = stands(s, &r->x, &f, &fits);
    }
    if (s->rc != MC_OK)
        return false;
    return !fits || s->each(s->arg, r);
}

/* The first entry that is not older than q->after_unix: times never go back. */
static enum mc_rc first_of_time(struct search *s, uint64_t *first)
{
    struct ledger_head h;
    struct ledger_row r;
    uint64_t low = 0, high;
    enum mc_rc rc = ledger_head(s->l, &h, s->e);

    high = rc == MC_OK && s->q->after_unix > 0 ? h.size : 0;
    while (rc == MC_OK && low < high) {
        uint64_t mid = low + (high - low) / 2;

        rc = ledger_get(s->l, mid, &r, s->e);
        if (rc == MC_OK && r.x.time_unix < s->q->after_unix)
            low = mid + 1;
        else
            high = mid;
    }
    *first = low;
    return rc;
}

static enum mc_rc keep_candidate(void *arg, uint64_t seq, struct mc_err *e)
{
    struct search *s = arg;

    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
        uint64_t *more = realloc(s->seq, cap * sizeof(*more));

        if (more == NULL)
            return mc_fail(e, MC_E_MEMORY, NULL, NULL);
        s->seq = more;
        s->cap = cap;
    }
    s->seq[s->n++] = seq;
    return MC_OK;
}

static int by_value(const void *a, const void *b)
{
    uint64_t left, right;

    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return (left > right) - (left < right);
}

/* The candidates for one key within one fabric. */
static enum mc_rc find_candidates(
    struct search *s, enum lookup_kind kind, uint32_t fabric, struct mc_span key)
{
    uint64_t h;
    enum mc_rc rc = lookup_hash(s->l->v, kind, fabric, key, &h);

    if (rc != MC_OK)
        return mc_fail(s->e, rc, NULL, NULL);
    rc = ledger_read_begin(s->l, s->e);
    if (rc != MC_OK)
        return rc;
    if (!s->l->in_txn)
        rc = ledger_load_head(s->l, s->e);
    if (rc == MC_OK)
        rc = lookup_find(s->l->lookup, h, keep_candidate, s, s->e);
    ledger_read_end(s->l);
    return rc;
}

static bool note_fabric(void *arg, const struct ledger_fabric *f)
{
    *(uint32_t *)arg = f->number;
    return true;
}

/* Requests and nodes are indexed within their fabric; requests outside of any are in fabric 0. */
static enum mc_rc find_in_fabrics(struct search *s, enum lookup_kind kind, struct mc_span key)
{
    uint32_t last = 0;
    enum mc_rc rc;

    if (s->q->fabric != 0)
        return find_candidates(s, kind, s->q->fabric, key);
    rc = ledger_fabrics(s->l, note_fabric, &last, s->e);
    for (uint32_t f = 0; f <= last && rc == MC_OK; f++)
        rc = find_candidates(s, kind, f, key);
    return rc;
}

static bool keep_authority(void *arg, uint64_t seq)
{
    struct search *s = arg;

    s->rc = keep_candidate(s, seq, s->e);
    return s->rc == MC_OK;
}

/* Of authorities there are few, with an index of their own. */
static enum mc_rc find_key(struct search *s)
{
    enum mc_rc rc = find_candidates(s, LOOKUP_KEY, 0, mc_span_of(s->q->point, MC_POINT_LEN));

    if (rc == MC_OK)
        rc = ledger_authority_entries(s->l, s->q->point, keep_authority, s, s->e);
    return rc == MC_OK ? s->rc : rc;
}

static enum mc_rc find_by_index(struct search *s)
{
    const struct ledger_query *q = s->q;
    uint8_t node_id[8];

    if (q->point != NULL)
        return find_key(s);
    if (q->request_id != NULL)
        return find_in_fabrics(s, LOOKUP_REQUEST, mc_span_of(q->request_id, strlen(q->request_id)));
    lookup_be64(node_id, q->node_id);
    return find_in_fabrics(s, LOOKUP_NODE, mc_span_of(node_id, sizeof(node_id)));
}

static enum mc_rc search_index(struct search *s)
{
    struct ledger_row r;
    bool more = true;
    enum mc_rc rc = find_by_index(s);

    if (rc == MC_OK && s->n != 0)
        qsort(s->seq, s->n, sizeof(*s->seq), by_value);
    for (size_t i = 0; i < s->n && rc == MC_OK && more; i++) {
        if (i != 0 && s->seq[i] == s->seq[i - 1])
            continue;
        rc = ledger_get(s->l, s->seq[i], &r, s->e);
        more = rc == MC_OK && consider(s, &r);
    }
    free(s->seq);
    return rc == MC_OK ? s->rc : rc;
}

static enum mc_rc search_serial(struct search *s)
{
    struct ledger_revocation revoked;
    struct ledger_row r;
    bool more = true;
    enum mc_rc rc = ledger_find_serial(s->l, s->q->serial, &r, s->e);

    if (rc == MC_OK) {
        more = consider(s, &r);
        rc = more ? ledger_revocation(s->l, s->q->serial, &revoked, s->e) : MC_OK;
    }
    if (rc == MC_OK && more && (rc = ledger_get(s->l, revoked.seq, &r, s->e)) == MC_OK)
        (void)consider(s, &r);
    if (rc == CA_E_NOT_FOUND)
        mc_err_init(s->e);
    return rc == MC_OK || rc == CA_E_NOT_FOUND ? s->rc : rc;
}

enum mc_rc ledger_search(struct ledger *l, const struct ledger_query *q,
    bool (*each)(void *arg, const struct ledger_row *r), void *arg, struct mc_err *e)
{
    struct search s = {.l = l, .q = q, .each = each, .arg = arg, .e = e, .rc = MC_OK};
    bool indexed = q->point != NULL || q->request_id != NULL || q->has_node_id;
    uint64_t first;
    enum mc_rc rc;

    if (q->serial.n != 0)
        return search_serial(&s);
    if (indexed && (q->type == 0 || q->type == ENTRY_ISSUED))
        return search_index(&s);
    rc = first_of_time(&s, &first);
    if (rc == MC_OK)
        rc = ledger_scan(l, first, q->type, consider, &s, e);
    return rc == MC_OK ? s.rc : rc;
}
