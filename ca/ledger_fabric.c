/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities and fabrics: their rows lead to their entries, which hold the rest. */
#include "ledger_internal.h"

#include <stdlib.h>

/* A copy of text in an entry, NUL-terminated. The limits of entry.c make it fit. */
static void copy_text(char *out, size_t cap, struct mc_span text)
{
    size_t n = text.n < cap ? text.n : cap - 1;

    if (n != 0)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

static enum mc_rc copy_cert(const struct mc_entry *x, struct ledger_authority *a, struct mc_err *e)
{
    struct mc_cert c;
    enum mc_rc rc;

    if (x->cert_der.n != 0) {
        memcpy(a->cert_der, x->cert_der.p, x->cert_der.n);
        a->cert_n = x->cert_der.n;
        return MC_OK;
    }
    rc = mc_cert_parse_tlv(x->cert_tlv, &c, e);
    return rc == MC_OK ? mc_cert_encode_der(&c, a->cert_der, sizeof(a->cert_der), &a->cert_n, e) : rc;
}

static enum mc_rc fill_authority(struct ledger *l, struct ledger_authority *a, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_read_row(l, a->seq, &r, e);

    if (rc != MC_OK)
        return rc;
    if (r.x.type != ENTRY_AUTHORITY || r.x.authority != a->number)
        return mc_fail(e, CA_E_LEDGER, "authority", "entry %llu is not that of authority %u",
            (unsigned long long)a->seq, a->number);
    memcpy(a->key_id, r.x.key_id.p, sizeof(a->key_id));
    memcpy(a->point, r.x.point.p, sizeof(a->point));
    copy_text(a->label, sizeof(a->label), r.x.label);
    copy_text(a->name, sizeof(a->name), r.x.name);
    return copy_cert(&r.x, a, e);
}

static enum mc_rc read_authority(
    struct ledger *l, uint32_t number, struct ledger_authority *a, struct mc_err *e)
{
    int64_t state;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_AUTHORITY_GET, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, number);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc != MC_OK ? rc : mc_fail(e, CA_E_NOT_FOUND, "authority", "%u", number);
    a->number = number;
    a->seq = (uint64_t)sqlite3_column_int64(s, 0);
    a->kind = (uint8_t)sqlite3_column_int(s, 1);
    a->fabric = (uint32_t)sqlite3_column_int64(s, 2);
    a->issuer = (uint32_t)sqlite3_column_int64(s, 3);
    state = sqlite3_column_int64(s, 4);
    sqlite3_reset(s);
    if (state < AUTHORITY_PREPARED || state > AUTHORITY_RETIRED)
        return mc_fail(e, CA_E_LEDGER, "authority", "authority %u is in no known state", number);
    a->state = (enum authority_state)state;
    return fill_authority(l, a, e);
}

enum mc_rc ledger_authority(struct ledger *l, uint32_t number, struct ledger_authority *a, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = read_authority(l, number, a, e);
    ledger_read_end(l);
    return rc;
}

static enum mc_rc read_authority_by_name(struct ledger *l, const char *name, struct ledger_authority *a, struct mc_err *e)
{
    uint32_t number;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_AUTHORITY_BY_NAME, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc != MC_OK ? rc : mc_fail(e, CA_E_NOT_FOUND, "authority", "'%s'", name);
    number = (uint32_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    rc = read_authority(l, number, a, e);
    if (rc == MC_OK && strcmp(a->name, name) != 0)
        rc = mc_fail(e, CA_E_LEDGER, "authority", "entry %llu has another name", (unsigned long long)a->seq);
    return rc;
}

enum mc_rc ledger_authority_by_name(
    struct ledger *l, const char *name, struct ledger_authority *a, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = read_authority_by_name(l, name, a, e);
    ledger_read_end(l);
    return rc;
}

/* What the row that s stands on says; the entry is read later, when s is not in use. */
static void take_fabric(sqlite3_stmt *s, struct ledger_fabric *f)
{
    f->number = (uint32_t)sqlite3_column_int64(s, 0);
    f->seq = (uint64_t)sqlite3_column_int64(s, 1);
    f->root = (uint32_t)sqlite3_column_int64(s, 2);
    f->ica = (uint32_t)sqlite3_column_int64(s, 3);
    f->issued = (uint64_t)sqlite3_column_int64(s, 4);
}

static enum mc_rc fill_fabric(struct ledger *l, struct ledger_fabric *f, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_read_row(l, f->seq, &r, e);

    if (rc != MC_OK)
        return rc;
    if (r.x.type != ENTRY_FABRIC || r.x.fabric != f->number)
        return mc_fail(e, CA_E_LEDGER, "fabric", "entry %llu is not that of fabric %u",
            (unsigned long long)f->seq, f->number);
    copy_text(f->name, sizeof(f->name), r.x.name);
    f->fabric_id = r.x.fabric_id;
    f->sealed_n = r.x.sealed.n;
    memcpy(f->sealed, r.x.sealed.p, r.x.sealed.n);
    if (l->in_txn && l->counters.fabric == f->number)
        f->issued = l->counters.issued;
    return MC_OK;
}

static enum mc_rc read_fabric(struct ledger *l, const char *name, struct ledger_fabric *f, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_FABRIC_BY_NAME, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc != MC_OK ? rc : mc_fail(e, CA_E_NOT_FOUND, "fabric", "%s", name);
    take_fabric(s, f);
    sqlite3_reset(s);
    rc = fill_fabric(l, f, e);
    if (rc == MC_OK && strcmp(f->name, name) != 0)
        rc = mc_fail(e, CA_E_LEDGER, "fabric", "entry %llu has another name", (unsigned long long)f->seq);
    return rc;
}

enum mc_rc ledger_fabric_by_name(
    struct ledger *l, const char *name, struct ledger_fabric *f, struct mc_err *e)
{
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = read_fabric(l, name, f, e);
    ledger_read_end(l);
    return rc;
}

/* A statement of its own, so that each() may ask the ledger anything. */
enum mc_rc ledger_fabrics(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_fabric *f), void *arg, struct mc_err *e)
{
    struct ledger_fabric f;
    sqlite3_stmt *s = NULL;
    bool row = true;
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_prepare(l, "SELECT number, seq, root, ica, issued FROM fabric ORDER BY number", &s, e);
    while (rc == MC_OK && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        take_fabric(s, &f);
        rc = fill_fabric(l, &f, e);
        if (rc != MC_OK || !each(arg, &f))
            break;
    }
    sqlite3_finalize(s);
    ledger_read_end(l);
    return rc;
}

static enum mc_rc find_key(struct ledger *l, const uint8_t point[MC_POINT_LEN], uint64_t key,
    bool (*each)(void *arg, uint64_t seq), void *arg, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc;
    bool row = true, more = true;
    sqlite3_stmt *s = ledger_stmt(l, SQL_AUTHORITY_BY_KEY, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)key);
    while (more && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        rc = ledger_read_row(l, (uint64_t)sqlite3_column_int64(s, 0), &r, e);
        if (rc != MC_OK)
            break;
        if (mc_span_eq(r.x.point, mc_span_of(point, MC_POINT_LEN)))
            more = each(arg, r.seq);
    }
    sqlite3_reset(s);
    return rc;
}

enum mc_rc ledger_authority_entries(struct ledger *l, const uint8_t point[MC_POINT_LEN],
    bool (*each)(void *arg, uint64_t seq), void *arg, struct mc_err *e)
{
    uint64_t key;
    enum mc_rc rc = lookup_hash(l->v, LOOKUP_KEY, 0, mc_span_of(point, MC_POINT_LEN), &key);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    rc = find_key(l, point, key, each, arg, e);
    ledger_read_end(l);
    return rc;
}

static bool note_found(void *arg, uint64_t seq)
{
    (void)seq;
    *(bool *)arg = true;
    return false;
}

enum mc_rc ledger_is_authority_key(
    struct ledger *l, const uint8_t point[MC_POINT_LEN], bool *is, struct mc_err *e)
{
    *is = false;
    return ledger_authority_entries(l, point, note_found, is, e);
}

struct highest {
    uint32_t fabric;
    uint64_t node_id;
};

static bool raise_to_intent(void *arg, const struct ledger_intent *i)
{
    struct highest *h = arg;

    if (i->fabric == h->fabric && i->has_node_id && i->node_id > h->node_id && i->node_id <= MC_NODE_ID_MAX)
        h->node_id = i->node_id;
    return true;
}

enum mc_rc ledger_next_node(struct ledger *l, uint32_t fabric, uint64_t *node_id, struct mc_err *e)
{
    struct highest h = {fabric, 0};
    enum mc_rc rc = ledger_read_begin(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_counters(l, fabric, e);
    if (rc == MC_OK) {
        h.node_id = l->counters.max_node;
        rc = ledger_intents(l, raise_to_intent, &h, e);
    }
    if (!l->in_txn)
        l->counters.fabric = 0;
    ledger_read_end(l);
    if (rc != MC_OK)
        return rc;
    if (h.node_id >= MC_NODE_ID_MAX)
        return mc_fail(e, CA_E_NODE_SPACE, "node_id", "the highest one is in use");
    *node_id = h.node_id < MC_NODE_ID_MIN ? MC_NODE_ID_MIN : h.node_id + 1;
    return MC_OK;
}
