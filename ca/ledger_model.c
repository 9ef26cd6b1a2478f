/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying: authorities and fabrics, made again in memory from their entries and compared with their rows.
 */
#include "ledger_verify.h"

#include <stdlib.h>

static enum mc_rc append_row(void **list, size_t n, size_t each, struct mc_err *e)
{
    void *more;

    if ((n & (n - 1)) != 0 && n != 0) /* room is doubled at powers of two */
        return MC_OK;
    more = realloc(*list, (n == 0 ? 1 : 2 * n) * each);
    if (more == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    *list = more;
    return MC_OK;
}

static enum mc_rc load_authorities(struct verify *y, sqlite3_stmt *s, struct mc_err *e)
{
    struct verify_model *m = &y->claimed;
    enum mc_rc rc;
    bool row;

    while ((rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        rc = append_row((void **)&m->authority, m->n_authority, sizeof(*m->authority), e);
        if (rc != MC_OK)
            return rc;
        if (sqlite3_column_int64(s, 0) != (sqlite3_int64)m->n_authority + 1)
            return mc_fail(e, CA_E_LEDGER, "authority", "row %u is missing", m->n_authority + 1);
        m->authority[m->n_authority++] = (struct verify_authority){
            .seq = (uint64_t)sqlite3_column_int64(s, 1),
            .kind = (uint8_t)sqlite3_column_int64(s, 2),
            .fabric = (uint32_t)sqlite3_column_int64(s, 3),
            .issuer = (uint32_t)sqlite3_column_int64(s, 4),
            .state = (uint8_t)sqlite3_column_int64(s, 5),
            .key = (uint64_t)sqlite3_column_int64(s, 6),
        };
    }
    return rc;
}

static enum mc_rc load_fabrics(struct verify *y, sqlite3_stmt *s, struct mc_err *e)
{
    struct verify_model *m = &y->claimed;
    enum mc_rc rc;
    bool row;

    while ((rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        rc = append_row((void **)&m->fabric, m->n_fabric, sizeof(*m->fabric), e);
        if (rc != MC_OK)
            return rc;
        if (sqlite3_column_int64(s, 0) != (sqlite3_int64)m->n_fabric + 1)
            return mc_fail(e, CA_E_LEDGER, "fabric", "row %u is missing", m->n_fabric + 1);
        m->fabric[m->n_fabric++] = (struct verify_fabric){
            .seq = (uint64_t)sqlite3_column_int64(s, 1),
            .root = (uint32_t)sqlite3_column_int64(s, 2),
            .ica = (uint32_t)sqlite3_column_int64(s, 3),
            .issued = (uint64_t)sqlite3_column_int64(s, 4),
            .max_node = (uint64_t)sqlite3_column_int64(s, 5),
        };
    }
    return rc;
}

enum mc_rc verify_load_claimed(struct verify *y, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    enum mc_rc rc = ledger_prepare(
        y->l, "SELECT number, seq, kind, fabric, issuer, state, key FROM authority ORDER BY number", &s, e);

    if (rc == MC_OK)
        rc = load_authorities(y, s, e);
    sqlite3_finalize(s);
    s = NULL;
    if (rc == MC_OK)
        rc = ledger_prepare(
            y->l, "SELECT number, seq, root, ica, issued, max_node FROM fabric ORDER BY number", &s, e);
    if (rc == MC_OK)
        rc = load_fabrics(y, s, e);
    sqlite3_finalize(s);
    return rc;
}

static int by_value(const void *a, const void *b)
{
    uint64_t left, right;

    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return (left > right) - (left < right);
}

/* An RCAC or ICAC that is active is the one of its fabric. */
static void use_in_fabric(struct verify_model *m, uint32_t number)
{
    const struct verify_authority *a = &m->authority[number - 1];

    if (a->fabric == 0 || a->fabric > m->n_fabric || a->state != AUTHORITY_ACTIVE)
        return;
    if (a->kind == MC_KIND_RCAC)
        m->fabric[a->fabric - 1].root = number;
    else if (a->kind == MC_KIND_ICAC)
        m->fabric[a->fabric - 1].ica = number;
}

static enum mc_rc replay_authority(
    struct verify *y, struct verify_model *m, const struct mc_entry *x, struct mc_err *e)
{
    struct verify_authority *a = &m->authority[m->n_authority];
    enum mc_rc rc;

    if (x->authority != m->n_authority + 1 || x->authority > y->claimed.n_authority)
        return verify_bad(
            e, x->seq, "makes authority %u, which is not the next, or its row is missing", x->authority);
    *a = (struct verify_authority){.seq = x->seq,
        .fabric = x->fabric,
        .issuer = x->issuer,
        .kind = x->kind,
        .state = x->has_state ? x->state : AUTHORITY_ACTIVE};
    rc = lookup_hash(y->l->v, LOOKUP_KEY, 0, x->point, &a->key);
    m->n_authority++;
    use_in_fabric(m, x->authority);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc replay_fabric(
    struct verify *y, struct verify_model *m, const struct mc_entry *x, struct mc_err *e)
{
    if (x->fabric != m->n_fabric + 1 || x->fabric > y->claimed.n_fabric)
        return verify_bad(
            e, x->seq, "makes fabric %u, which is not the next, or its row is missing", x->fabric);
    if (x->root > m->n_authority || x->ica > m->n_authority)
        return verify_bad(e, x->seq, "its authorities are not there before it");
    m->fabric[m->n_fabric++] = (struct verify_fabric){.seq = x->seq, .root = x->root, .ica = x->ica};
    m->authority[x->root - 1].fabric = x->fabric;
    if (x->ica != 0)
        m->authority[x->ica - 1].fabric = x->fabric;
    return MC_OK;
}

static enum mc_rc replay(struct verify *y, struct verify_model *m, uint64_t seq, struct mc_err *e)
{
    struct ledger_row r;
    enum mc_rc rc = ledger_read_row(y->l, seq, &r, e);

    if (rc != MC_OK)
        return rc;
    if (r.x.type == ENTRY_AUTHORITY)
        return replay_authority(y, m, &r.x, e);
    if (r.x.type == ENTRY_FABRIC)
        return replay_fabric(y, m, &r.x, e);
    if (r.x.type != ENTRY_STATE)
        return MC_OK;
    if (r.x.authority > m->n_authority)
        return verify_bad(e, seq, "authority %u is not there before it", r.x.authority);
    m->authority[r.x.authority - 1].state = r.x.state;
    use_in_fabric(m, r.x.authority);
    return MC_OK;
}

static bool same_authority(const struct verify_authority *a, const struct verify_authority *b)
{
    return a->seq == b->seq && a->key == b->key && a->fabric == b->fabric && a->issuer == b->issuer &&
           a->kind == b->kind && a->state == b->state;
}

static bool same_fabric(const struct verify_fabric *a, const struct verify_fabric *b)
{
    return a->seq == b->seq && a->issued == b->issued && a->max_node == b->max_node && a->root == b->root &&
           a->ica == b->ica;
}

/* The columns of a fabric that are text or too many for the model: asked of the index that finds by name. */
static enum mc_rc check_fabric_name(struct verify *y, uint32_t number, uint64_t seq, struct mc_err *e)
{
    struct ledger_fabric f;
    struct ledger_row r;
    char name[ENTRY_NAME_MAX + 1] = "";
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = ledger_read_row(y->l, seq, &r, e);

    if (rc != MC_OK)
        return rc;
    memcpy(name, r.x.name.p, r.x.name.n);
    rc = ledger_fabric_by_name(y->l, name, &f, e);
    if (mc_rc_class(rc) == MC_CLASS_INTERNAL)
        return rc;
    if (rc != MC_OK || f.number != number)
        return verify_bad(e, seq, "its fabric is not found by name");
    rc = ledger_prepare(y->l, "SELECT fabric_id FROM fabric WHERE number=?1", &s, e);
    if (rc != MC_OK)
        return rc;
    sqlite3_bind_int64(s, 1, number);
    rc = ledger_step_row(y->l, s, &row, e);
    if (rc == MC_OK && (!row || (uint64_t)sqlite3_column_int64(s, 0) != r.x.fabric_id))
        rc = verify_bad(e, seq, "its row in fabric says something else");
    sqlite3_finalize(s);
    return rc;
}

/* The name is asked of the row, and of the index that finds by name. */
static enum mc_rc check_authority_name(struct verify *y, uint32_t number, const struct ledger_row *r, struct mc_err *e)
{
    struct ledger_authority a;
    char name[ENTRY_NAME_MAX + 1] = "";
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = ledger_prepare(y->l, "SELECT name FROM authority WHERE number=?1", &s, e);

    if (rc != MC_OK)
        return rc;
    memcpy(name, r->x.name.n != 0 ? r->x.name.p : (const uint8_t *)"", r->x.name.n);
    sqlite3_bind_int64(s, 1, number);
    rc = ledger_step_row(y->l, s, &row, e);
    if (rc == MC_OK && (!row || strcmp((const char *)sqlite3_column_text(s, 0), name) != 0))
        rc = verify_bad(e, r->seq, "its row in authority has another name");
    sqlite3_finalize(s);
    if (rc != MC_OK || name[0] == '\0')
        return rc;
    rc = ledger_authority_by_name(y->l, name, &a, e);
    if (mc_rc_class(rc) == MC_CLASS_INTERNAL)
        return rc;
    return rc != MC_OK || a.number != number ? verify_bad(e, r->seq, "its authority is not found by name") : MC_OK;
}

static enum mc_rc compare_model(struct verify *y, struct verify_model *m, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    if (m->n_authority != y->claimed.n_authority || m->n_fabric != y->claimed.n_fabric)
        return mc_fail(e, CA_E_LEDGER, "authority", "rows of authorities or fabrics that no entry made");
    for (uint32_t i = 0; i < m->n_authority; i++) {
        struct ledger_row r;
        bool found = false;

        if (!same_authority(&m->authority[i], &y->claimed.authority[i]))
            return verify_bad(e, m->authority[i].seq, "its row in authority says something else");
        rc = ledger_read_row(y->l, m->authority[i].seq, &r, e);
        if (rc == MC_OK)
            rc = ledger_is_authority_key(y->l, r.x.point.p, &found, e);
        if (mc_rc_class(rc) == MC_CLASS_INTERNAL)
            return rc;
        if (rc != MC_OK || !found)
            return verify_bad(e, m->authority[i].seq, "its authority is not found by key");
        rc = check_authority_name(y, i + 1, &r, e);
        if (rc != MC_OK)
            return rc;
    }
    for (uint32_t i = 0; i < m->n_fabric && rc == MC_OK; i++) {
        m->fabric[i].issued = y->seen.fabric[i].issued;
        m->fabric[i].max_node = y->seen.fabric[i].max_node;
        if (!same_fabric(&m->fabric[i], &y->claimed.fabric[i]))
            return verify_bad(e, m->fabric[i].seq, "its row in fabric says something else");
        rc = check_fabric_name(y, i + 1, m->fabric[i].seq, e);
    }
    return rc;
}

enum mc_rc verify_model(struct verify *y, struct mc_err *e)
{
    struct verify_model m = {0};
    enum mc_rc rc = MC_OK;

    m.authority = calloc((size_t)y->claimed.n_authority + 1, sizeof(*m.authority));
    m.fabric = calloc((size_t)y->claimed.n_fabric + 1, sizeof(*m.fabric));
    if (m.authority == NULL || m.fabric == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (y->seen.n_rare != 0)
        qsort(y->seen.rare, y->seen.n_rare, sizeof(*y->seen.rare), by_value);
    for (size_t i = 0; i < y->seen.n_rare && rc == MC_OK; i++)
        rc = replay(y, &m, y->seen.rare[i], e);
    if (rc == MC_OK)
        rc = compare_model(y, &m, e);
    free(m.authority);
    free(m.fabric);
    return rc;
}
