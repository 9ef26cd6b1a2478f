/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_internal.h"

/* The authority as its row says, for rules. */
struct authority_row {
    uint32_t fabric;
    uint8_t kind;
};

static enum mc_rc contradiction(struct mc_err *e, const char *field, const char *what)
{
    return mc_fail(e, CA_E_LEDGER, field, "%s", what);
}

static enum mc_rc find_authority(
    struct ledger *l, uint32_t number, const char *field, struct authority_row *a, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s;

    if (number != 0 && l->known.authority == number) {
        *a = (struct authority_row){l->known.of_fabric, l->known.kind};
        return MC_OK;
    }
    s = ledger_stmt(l, SQL_AUTHORITY_GET, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, number);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    if (!row)
        return mc_fail(e, CA_E_LEDGER, field, "there is no authority %u", number);
    a->kind = (uint8_t)sqlite3_column_int(s, 1);
    a->fabric = (uint32_t)sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    l->known.authority = number;
    l->known.of_fabric = a->fabric;
    l->known.kind = a->kind;
    return MC_OK;
}

static enum mc_rc next_number(struct ledger *l, enum ledger_stmt id, uint32_t *number, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, id, &rc, e);

    if (s == NULL || (rc = ledger_step_row(l, s, &row, e)) != MC_OK)
        return rc;
    *number = row ? (uint32_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_reset(s);
    return *number != 0 ? MC_OK : contradiction(e, "number", "no row number is left");
}

/* The counters of a fabric come into memory; what was there is written back first. */
enum mc_rc ledger_counters(struct ledger *l, uint32_t fabric, struct mc_err *e)
{
    sqlite3_stmt *s;
    enum mc_rc rc;
    bool row;

    if (l->counters.fabric == fabric)
        return MC_OK;
    if ((rc = ledger_counters_flush(l, e)) != MC_OK)
        return rc;
    s = ledger_stmt(l, SQL_FABRIC_NODES, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, fabric);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    if (!row)
        return mc_fail(e, CA_E_LEDGER, "fabric", "there is no fabric %u", fabric);
    l->counters = (struct fabric_counters){
        fabric, (uint64_t)sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1), false};
    sqlite3_reset(s);
    return MC_OK;
}

enum mc_rc ledger_counters_flush(struct ledger *l, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s;

    if (!l->counters.dirty)
        return MC_OK;
    s = ledger_stmt(l, SQL_FABRIC_NODES_SET, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, l->counters.fabric);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)l->counters.issued);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)l->counters.max_node);
    rc = ledger_step_done(l, s, e);
    if (rc == MC_OK)
        l->counters.dirty = false;
    return rc;
}

/* What an entry with a serial of ours must have in common with the intent that the serial is from. */
static enum mc_rc check_intent(struct ledger *l, const struct mc_entry *x, uint64_t sn, struct mc_err *e)
{
    static const uint8_t none[MC_DIGEST_LEN];
    uint8_t serial[LEDGER_SERIAL_LEN];
    uint32_t issuer = x->type == ENTRY_AUTHORITY ? x->issuer : x->authority;
    const struct ledger_intent *i;
    enum mc_rc rc = ledger_intent_of(l, sn, &i, e);

    if (rc != MC_OK)
        return rc;
    ledger_serial(i->seed, sn, serial);
    if (memcmp(serial, x->serial.p, sizeof(serial)) != 0)
        return contradiction(e, "serial", "not made from the seed of its intent");
    if (issuer != i->authority)
        return contradiction(e, "authority", "not the issuer of the intent");
    if (x->fabric != i->fabric)
        return contradiction(e, "fabric", "not the fabric of the intent");
    if (x->kind != 0 && x->kind != i->kind)
        return contradiction(e, "kind", "not the kind of the intent");
    if (x->tbs_sha256.n != 0 && memcmp(i->tbs_sha256, none, sizeof(none)) != 0 &&
        memcmp(i->tbs_sha256, x->tbs_sha256.p, sizeof(none)) != 0)
        return contradiction(e, "tbs_sha256", "not the certificate of the intent");
    return MC_OK;
}

static enum mc_rc check_fabric_entry(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct authority_row root, ica = {0, MC_KIND_ICAC};
    enum mc_rc rc = find_authority(l, x->root, "root", &root, e);
    sqlite3_stmt *s;
    bool row;

    if (rc == MC_OK && x->ica != 0)
        rc = find_authority(l, x->ica, "ica", &ica, e);
    if (rc != MC_OK)
        return rc;
    if (root.kind != MC_KIND_RCAC || root.fabric != 0)
        return contradiction(e, "root", "not an RCAC without fabric");
    if (ica.kind != MC_KIND_ICAC || ica.fabric != 0)
        return contradiction(e, "ica", "not an ICAC without fabric");
    s = ledger_stmt(l, SQL_FABRIC_BY_NAME, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_text(s, 1, (const char *)x->name.p, (int)x->name.n, SQLITE_STATIC);
    rc = ledger_step_row(l, s, &row, e);
    sqlite3_reset(s);
    if (rc == MC_OK && row)
        rc = mc_fail(e, CA_E_FABRIC_EXISTS, "name", "%.*s", (int)x->name.n, (const char *)x->name.p);
    return rc;
}

/* Attestation authorities are found by name. */
static enum mc_rc check_authority_entry(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s;
    bool row;

    if (x->name.n == 0)
        return MC_OK;
    s = ledger_stmt(l, SQL_AUTHORITY_BY_NAME, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_text(s, 1, (const char *)x->name.p, (int)x->name.n, SQLITE_STATIC);
    rc = ledger_step_row(l, s, &row, e);
    sqlite3_reset(s);
    if (rc == MC_OK && row)
        rc = mc_fail(e, CA_E_AUTHORITY_EXISTS, "name", "%.*s", (int)x->name.n, (const char *)x->name.p);
    return rc;
}

/* Authorities and fabrics that the entry speaks of must be there. */
static enum mc_rc check_references(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct authority_row a;
    enum mc_rc rc = MC_OK;

    if (x->type == ENTRY_AUTHORITY) {
        if (x->issuer != 0)
            rc = find_authority(l, x->issuer, "issuer", &a, e);
    } else if (x->authority != 0) {
        if (x->issuer != 0)
            rc = find_authority(l, x->issuer, "issuer", &a, e);
        if (rc == MC_OK)
            rc = find_authority(l, x->authority, "authority", &a, e);
        if (rc == MC_OK && ledger_is_node_cert(x) && a.fabric != x->fabric)
            rc = contradiction(e, "fabric", "the issuer is of another fabric");
    }
    if (rc == MC_OK && x->fabric != 0 && x->type != ENTRY_FABRIC)
        rc = ledger_counters(l, x->fabric, e);
    return rc;
}

static enum mc_rc check_rules(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    enum mc_rc rc;

    if ((l->tree.size == 0) != (x->type == ENTRY_GENESIS))
        return contradiction(e, "type", "the first entry, and no other, is genesis");
    rc = check_references(l, x, e);
    if (rc == MC_OK && f->sn != 0)
        rc = check_intent(l, x, f->sn, e);
    if (rc == MC_OK && x->type == ENTRY_FABRIC)
        rc = check_fabric_entry(l, x, e);
    if (rc == MC_OK && x->type == ENTRY_AUTHORITY)
        rc = check_authority_entry(l, x, e);
    if (rc == MC_OK && x->type == ENTRY_REVOKED)
        rc = ledger_revoked_check(l, x, f, e);
    if (rc == MC_OK && x->type == ENTRY_DOCUMENT)
        rc = ledger_document_check(l, x, e);
    return rc;
}

static enum mc_rc store_subtree(void *arg, unsigned level, uint64_t index, const uint8_t hash[MC_DIGEST_LEN])
{
    struct ledger *l = arg;
    sqlite3_stmt *s;
    enum mc_rc rc;

    if (level % LEDGER_TILE_BITS != 0)
        return MC_OK;
    s = ledger_stmt(l, SQL_SUBTREE_ADD, &rc, NULL);
    if (s == NULL)
        return rc;
    sqlite3_bind_int(s, 1, (int)(level / LEDGER_TILE_BITS));
    sqlite3_bind_int64(s, 2, (sqlite3_int64)index);
    sqlite3_bind_blob(s, 3, hash, MC_DIGEST_LEN, SQLITE_STATIC);
    return ledger_step_done(l, s, NULL);
}

static enum mc_rc store_entry(
    struct ledger *l, const struct mc_entry *x, struct mc_span body, struct mc_err *e)
{
    uint8_t leaf[MC_DIGEST_LEN];
    sqlite3_stmt *s;
    enum mc_rc rc = mc_merkle_leaf(l->v, body, leaf);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    s = ledger_stmt(l, SQL_ENTRY_ADD, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)x->seq);
    sqlite3_bind_int(s, 2, (int)x->type);
    sqlite3_bind_blob(s, 3, leaf, sizeof(leaf), SQLITE_STATIC);
    sqlite3_bind_blob(s, 4, body.p, (int)body.n, SQLITE_STATIC);
    rc = ledger_step_done(l, s, e);
    if (rc == MC_OK && (rc = mc_merkle_append(l->v, &l->tree, leaf, store_subtree, l)) != MC_OK)
        rc = mc_fail(e, rc, "subtree", "cannot be extended");
    l->head_dirty = true;
    l->last_time_unix = x->time_unix;
    return rc;
}

static enum mc_rc store_cert(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    const sqlite3_int64 values[] = {(sqlite3_int64)f->sn, (sqlite3_int64)x->seq, x->type, x->kind,
        x->type == ENTRY_AUTHORITY ? x->issuer : x->authority, x->fabric, (sqlite3_int64)x->node_id,
        f->not_after_unix};
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_ADD, &rc, e);

    if (s == NULL)
        return rc;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        sqlite3_bind_int64(s, (int)i + 1, values[i]);
    rc = ledger_step_done(l, s, e);
    if (rc != CA_E_LEDGER)
        return rc;
    mc_err_init(e);
    return contradiction(e, "serial", "this serial number has its entry already");
}

static enum mc_rc store_two(
    struct ledger *l, enum ledger_stmt id, uint32_t number, uint32_t value, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, id, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, number);
    sqlite3_bind_int64(s, 2, value);
    return ledger_step_done(l, s, e);
}

/* An active RCAC or ICAC of a fabric is the one that the fabric uses. */
static enum mc_rc use_in_fabric(
    struct ledger *l, const struct authority_row *a, uint32_t number, uint8_t state, struct mc_err *e)
{
    if (a->fabric == 0 || state != AUTHORITY_ACTIVE)
        return MC_OK;
    if (a->kind == MC_KIND_RCAC)
        return store_two(l, SQL_FABRIC_ROOT, a->fabric, number, e);
    if (a->kind == MC_KIND_ICAC)
        return store_two(l, SQL_FABRIC_ICA, a->fabric, number, e);
    return MC_OK;
}

static enum mc_rc store_authority(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    const struct authority_row a = {x->fabric, x->kind};
    uint8_t state = x->has_state ? x->state : AUTHORITY_ACTIVE;
    uint64_t key;
    sqlite3_stmt *s;
    enum mc_rc rc = lookup_hash(l->v, LOOKUP_KEY, 0, x->point, &key);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    s = ledger_stmt(l, SQL_AUTHORITY_ADD, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, x->authority);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)x->seq);
    sqlite3_bind_int(s, 3, x->kind);
    sqlite3_bind_int64(s, 4, x->fabric);
    sqlite3_bind_int64(s, 5, x->issuer);
    sqlite3_bind_int(s, 6, state);
    sqlite3_bind_int64(s, 7, (sqlite3_int64)key);
    sqlite3_bind_text(s, 8, x->name.n != 0 ? (const char *)x->name.p : "", (int)x->name.n, SQLITE_STATIC);
    rc = ledger_step_done(l, s, e);
    return rc == MC_OK ? use_in_fabric(l, &a, x->authority, state, e) : rc;
}

static enum mc_rc store_fabric(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_FABRIC_ADD, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, x->fabric);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)x->seq);
    sqlite3_bind_text(s, 3, (const char *)x->name.p, (int)x->name.n, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)x->fabric_id);
    sqlite3_bind_int64(s, 5, x->root);
    sqlite3_bind_int64(s, 6, x->ica);
    rc = ledger_step_done(l, s, e);
    l->known.authority = 0;
    if (rc == MC_OK)
        rc = store_two(l, SQL_AUTHORITY_FABRIC, x->root, x->fabric, e);
    if (rc == MC_OK && x->ica != 0)
        rc = store_two(l, SQL_AUTHORITY_FABRIC, x->ica, x->fabric, e);
    return rc;
}

static enum mc_rc store_state(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct authority_row a;
    enum mc_rc rc = find_authority(l, x->authority, "authority", &a, e);

    if (rc == MC_OK)
        rc = store_two(l, SQL_AUTHORITY_STATE, x->authority, x->state, e);
    return rc == MC_OK ? use_in_fabric(l, &a, x->authority, x->state, e) : rc;
}

static enum mc_rc store_issued(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    for (unsigned i = 0; i < f->n && rc == MC_OK; i++)
        rc = lookup_add(l->lookup, f->h[i], x->seq, e);
    if (rc != MC_OK || !f->is_node)
        return rc;
    rc = ledger_counters(l, x->fabric, e);
    if (rc != MC_OK)
        return rc;
    l->counters.issued += f->is_noc;
    if (x->node_id > l->counters.max_node)
        l->counters.max_node = x->node_id;
    l->counters.dirty = true;
    return MC_OK;
}

static enum mc_rc store_derived(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    struct ledger_tally t;
    enum mc_rc rc = MC_OK;

    if (f->sn != 0 && (rc = store_cert(l, x, f, e)) != MC_OK)
        return rc;
    if (ledger_tally_of(x, f, &t) && (rc = ledger_tally_add(l, &t, e)) != MC_OK)
        return rc;
    switch (x->type) {
    case ENTRY_AUTHORITY:
        return store_authority(l, x, e);
    case ENTRY_FABRIC:
        return store_fabric(l, x, e);
    case ENTRY_STATE:
        return store_state(l, x, e);
    case ENTRY_ISSUED:
    case ENTRY_ADOPTED:
        return store_issued(l, x, f, e);
    case ENTRY_DECISION:
        return ledger_decision_store(l, x, e);
    case ENTRY_REVOKED:
        return ledger_revoked_store(l, x, f, e);
    case ENTRY_DOCUMENT:
        return ledger_document_store(l, x, e);
    default:
        return MC_OK;
    }
}

/* What the ledger says and not the caller: the place, the time, new row numbers. */
static enum mc_rc complete(struct ledger *l, struct mc_entry *x, struct mc_err *e)
{
    x->seq = l->tree.size;
    if (x->time_unix < l->last_time_unix)
        x->time_unix = l->last_time_unix;
    if (x->type == ENTRY_AUTHORITY)
        return next_number(l, SQL_AUTHORITY_NEXT, &x->authority, e);
    if (x->type == ENTRY_FABRIC)
        return next_number(l, SQL_FABRIC_NEXT, &x->fabric, e);
    return MC_OK;
}

enum mc_rc ledger_append(struct ledger *l, struct mc_entry *x, struct mc_err *e)
{
    uint8_t body[ENTRY_MAX];
    struct ledger_facts f;
    size_t n;
    enum mc_rc rc = ledger_writable(l, e);

    if (rc != MC_OK)
        return rc;
    rc = complete(l, x, e);
    if (rc == MC_OK)
        rc = mc_entry_encode(x, body, sizeof(body), &n, e);
    if (rc == MC_OK)
        rc = ledger_facts_of(l->v, x, &f, e);
    if (rc == MC_OK)
        rc = check_rules(l, x, &f, e);
    if (rc == MC_OK)
        rc = store_entry(l, x, mc_span_of(body, n), e);
    if (rc == MC_OK)
        rc = store_derived(l, x, &f, e);
    return ledger_poison(l, rc);
}
