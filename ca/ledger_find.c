/* SPDX-License-Identifier: Apache-2.0 */
/* Finding entries: by place, serial, request, key and node. */
#include "ledger_internal.h"

enum mc_rc ledger_read_row(struct ledger *l, uint64_t seq, struct ledger_row *r, struct mc_err *e)
{
    struct mc_span body;
    sqlite3_stmt *s;
    enum mc_rc rc;
    bool row;

    s = ledger_stmt(l, SQL_ENTRY_GET, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)seq);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    body = row ? ledger_column_span(s, 0) : mc_span_of(NULL, 0);
    r->seq = seq;
    r->n = body.n <= sizeof(r->body) ? body.n : 0;
    if (r->n != 0)
        memcpy(r->body, body.p, r->n);
    sqlite3_reset(s);
    rc = mc_entry_parse(mc_span_of(r->body, r->n), &r->x, e);
    if (rc == MC_OK && r->x.seq != seq)
        rc = mc_fail(e, CA_E_LEDGER, "entry", "entry %llu says it is %llu", (unsigned long long)seq,
            (unsigned long long)r->x.seq);
    return rc;
}

static enum mc_rc not_found(struct mc_err *e, const char *field)
{
    return mc_fail(e, CA_E_NOT_FOUND, field, NULL);
}

enum mc_rc ledger_get(struct ledger *l, uint64_t seq, struct ledger_row *r, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    if (!l->in_txn)
        rc = ledger_load_head(l, e);
    if (rc == MC_OK)
        rc = seq < l->tree.size ? ledger_read_row(l, seq, r, e) : not_found(e, "entry");
    ledger_read_end(l);
    return rc;
}

static enum mc_rc find_sn(struct ledger *l, struct mc_span serial, struct ledger_row *r, struct mc_err *e)
{
    uint64_t seq;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_SEQ, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)ledger_serial_sn(serial));
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc != MC_OK ? rc : not_found(e, "serial");
    seq = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    rc = ledger_read_row(l, seq, r, e);
    if (rc == MC_OK && !mc_span_eq(r->x.serial, serial))
        rc = ledger_serial_sn(r->x.serial) == ledger_serial_sn(serial)
                 ? not_found(e, "serial")
                 : mc_fail(e, CA_E_LEDGER, "cert",
                       "the index of serial numbers leads to entry %llu, which has another",
                       (unsigned long long)seq);
    return rc;
}

enum mc_rc ledger_find_serial(struct ledger *l, struct mc_span serial, struct ledger_row *r, struct mc_err *e)
{
    enum mc_rc rc;

    if (ledger_serial_sn(serial) == 0)
        return not_found(e, "serial");
    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    rc = find_sn(l, serial, r, e);
    ledger_read_end(l);
    return rc;
}

/* What is looked for, and where the entry goes. */
struct wanted {
    struct ledger *l;
    enum lookup_kind kind;
    uint32_t fabric;
    struct mc_span key; /* request id, point, or node id in 8 octets */
    struct ledger_row *r;
    bool found;
};

static bool is_wanted(const struct wanted *w, const struct mc_entry *x, const struct ledger_facts *f)
{
    uint8_t node_id[8], device[LEDGER_DEVICE_KEY_MAX];
    size_t n;

    if (!ledger_is_node_cert(x))
        return false;
    if (w->kind == LOOKUP_DEVICE)
        return ledger_device_key(x, f, device, &n) && mc_span_eq(mc_span_of(device, n), w->key);
    if (w->kind == LOOKUP_KEY)
        return f->has_cert && mc_span_eq(f->cert.point, w->key);
    if (x->fabric != w->fabric)
        return false;
    if (w->kind == LOOKUP_REQUEST)
        return mc_span_eq(x->request_id, w->key);
    lookup_be64(node_id, x->node_id);
    return f->is_node && mc_span_eq(mc_span_of(node_id, sizeof(node_id)), w->key);
}

/* MC_OK: go on; CA_E_EXISTS: this is it. */
static enum mc_rc confirm(void *arg, uint64_t seq, struct mc_err *e)
{
    struct wanted *w = arg;
    struct ledger_facts f;
    enum mc_rc rc = ledger_read_row(w->l, seq, w->r, e);

    if (rc == MC_OK)
        rc = ledger_facts_of(w->l->v, &w->r->x, &f, e);
    if (rc != MC_OK)
        return rc;
    w->found = is_wanted(w, &w->r->x, &f);
    return w->found ? CA_E_EXISTS : MC_OK;
}

static enum mc_rc find(struct wanted *w, const char *field, struct mc_err *e)
{
    struct ledger *l = w->l;
    uint64_t h;
    enum mc_rc rc = lookup_hash(l->v, w->kind, w->fabric, w->key, &h);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    if (!l->in_txn)
        rc = ledger_load_head(l, e);
    if (rc == MC_OK)
        rc = lookup_find(l->lookup, h, confirm, w, e);
    ledger_read_end(l);
    if (w->found)
        return MC_OK;
    return rc == MC_OK ? not_found(e, field) : rc;
}

enum mc_rc ledger_find_request(
    struct ledger *l, uint32_t fabric, const char *request_id, struct ledger_row *r, struct mc_err *e)
{
    struct wanted w = {l, LOOKUP_REQUEST, fabric, mc_span_of(request_id, strlen(request_id)), r, false};

    return find(&w, "request", e);
}

enum mc_rc ledger_find_key(
    struct ledger *l, const uint8_t point[MC_POINT_LEN], struct ledger_row *r, struct mc_err *e)
{
    struct wanted w = {l, LOOKUP_KEY, 0, mc_span_of(point, MC_POINT_LEN), r, false};

    return find(&w, "key", e);
}

enum mc_rc ledger_find_device(struct ledger *l, uint16_t vid, uint16_t pid, struct mc_span serial_number,
    struct ledger_row *r, struct mc_err *e)
{
    uint8_t key[LEDGER_DEVICE_KEY_MAX];
    struct wanted w = {l, LOOKUP_DEVICE, 0, {key, 0}, r, false};

    if (serial_number.n == 0 || serial_number.n > ENTRY_NAME_MAX)
        return not_found(e, "serial_number");
    w.key.n = ledger_device_key_of(vid, pid, serial_number, key);
    return find(&w, "serial_number", e);
}

enum mc_rc ledger_find_node(
    struct ledger *l, uint32_t fabric, uint64_t node_id, struct ledger_row *r, struct mc_err *e)
{
    uint8_t key[8];
    struct wanted w = {l, LOOKUP_NODE, fabric, mc_span_of(key, sizeof(key)), r, false};

    lookup_be64(key, node_id);
    return find(&w, "node", e);
}

enum mc_rc ledger_head(struct ledger *l, struct ledger_head *h, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    if (!l->in_txn)
        rc = ledger_load_head(l, e);
    if (rc == MC_OK && (rc = mc_merkle_root(l->v, &l->tree, h->root)) != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    if (rc == MC_OK) {
        h->size = l->tree.size;
        h->last_time_unix = l->last_time_unix;
        h->next_sn = l->next_sn;
    }
    ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_expect_many(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_load_head(l, e);
    if (rc == MC_OK)
        rc = lookup_expect_many(l->lookup, e);
    ledger_read_end(l);
    return rc;
}

enum mc_rc ledger_maintain(struct ledger *l, struct mc_err *e)
{
    bool merged = true;
    enum mc_rc rc = MC_OK;

    while (rc == MC_OK && merged) {
        rc = ledger_begin(l, e);
        if (rc != MC_OK)
            break;
        rc = lookup_merge(l->lookup, UINT64_MAX, &merged, e);
        if (rc != MC_OK || !merged) {
            ledger_rollback(l);
            break;
        }
        l->head_dirty = true;
        rc = ledger_commit(l, e);
    }
    return rc;
}
