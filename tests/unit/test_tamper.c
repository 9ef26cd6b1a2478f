/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a ledger stores is changed, octet by octet, by somebody who can write the database and goes
 * around its triggers: verify must find each change, and name the entry where an entry was changed.
 */
#include "ledger_fixture.h"

#include <sqlite3.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The tables, and what tells their rows apart. */
static const struct table {
    const char *name, *key;
} tables[] = {
    {"entry", "seq"},
    {"subtree", "level, idx"},
    {"head", "id"},
    {"authority", "number"},
    {"fabric", "number"},
    {"cert", "sn"},
    {"tally", "fabric, authority, type, month"},
    {"intent", "first_sn"},
    {"lookup_new", "h, seq"},
    {"run", "id"},
    {"lookup", "id"},
};

struct attack {
    struct fixture fx;
    sqlite3 *db;
    unsigned tried, found, impossible;
};

static void begin_attack(struct attack *a)
{
    ledger_close(a->fx.l);
    fx_ok(ledger_open(a->fx.path, LEDGER_READ, 1000, &a->fx.l, &fx_err));
    assert_int_equal(sqlite3_open(a->fx.path, &a->db), SQLITE_OK);
    sqlite3_db_config(a->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(a->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    assert_int_equal(sqlite3_exec(a->db, "PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL),
        SQLITE_OK);
}

static void end_attack(struct attack *a)
{
    sqlite3_close(a->db);
    fx_ok(ledger_verify(a->fx.l, 0, NULL, NULL, &fx_err));
    print_message("%u changes, %u found, %u that SQLite refuses\n", a->tried, a->found, a->impossible);
    assert_int_equal(a->found, a->tried);
    assert_true(a->tried != 0);
    fx_close(&a->fx);
}

/* One value of a row, as it is or as the attacker wants it. */
struct value {
    int type;
    sqlite3_int64 number;
    int n;
    uint8_t octets[65536 * 2];
};

static void take_value(sqlite3_stmt *s, int column, struct value *v)
{
    const void *p = sqlite3_column_blob(s, column);

    v->type = sqlite3_column_type(s, column);
    v->number = sqlite3_column_int64(s, column);
    v->n = v->type == SQLITE_INTEGER ? 8 : sqlite3_column_bytes(s, column);
    assert_true((size_t)v->n <= sizeof(v->octets));
    if (v->type != SQLITE_INTEGER && v->n != 0)
        memcpy(v->octets, p, (size_t)v->n);
}

static int put_value(sqlite3_stmt *update, const struct value *v)
{
    int code;

    if (v->type == SQLITE_INTEGER)
        sqlite3_bind_int64(update, 1, v->number);
    else if (v->type == SQLITE_TEXT)
        sqlite3_bind_text(update, 1, (const char *)v->octets, v->n, SQLITE_STATIC);
    else
        sqlite3_bind_blob(update, 1, v->octets, v->n, SQLITE_STATIC);
    code = sqlite3_step(update);
    sqlite3_reset(update);
    return code;
}

static void flip(struct value *v, int at)
{
    if (v->type == SQLITE_INTEGER)
        v->number ^= (sqlite3_int64)(UINT64_C(1) << (8 * at + at % 8));
    else
        v->octets[at] ^= (uint8_t)(1u << at % 7);
}

static void expect_found(struct attack *a, const char *field, const char *what)
{
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    a->tried++;
    rc = ledger_verify(a->fx.l, 0, NULL, NULL, &e);
    if (rc == MC_OK)
        print_error("not found: %s\n", what);
    else if (mc_rc_class(rc) != MC_CLASS_INTEGRITY)
        print_error("%s: %s, not a matter of integrity\n", what, mc_rc_rule(rc));
    else if (field != NULL && strcmp(e.field, field) != 0)
        print_error("%s: %s is named (%s), not %s\n", what, e.field, e.what, field);
    else
        a->found++;
}

/* Is the column one of those that tell rows apart? */
static bool is_key(const struct table *t, const char *column)
{
    size_t n = strlen(column);

    for (const char *at = t->key; (at = strstr(at, column)) != NULL; at++)
        if ((at == t->key || at[-1] == ' ') && (at[n] == '\0' || at[n] == ','))
            return true;
    return false;
}

/* Every step-th octet of a cell. The primary key itself is addressed by rowid, or by what it was. */
static void attack_cell(struct attack *a, const struct table *t, const char *where, const char *others,
    const char *column, struct value *v, int step, const char *field)
{
    char sql[512], what[700];
    sqlite3_stmt *update = NULL;

    for (int at = 0; at < v->n; at += step) {
        sqlite3_int64 number = v->number;

        snprintf(sql, sizeof(sql), "UPDATE %s SET %s=?1 WHERE %s", t->name, column, where);
        snprintf(what, sizeof(what), "%s.%s octet %d where %s", t->name, column, at, where);
        assert_int_equal(sqlite3_prepare_v2(a->db, sql, -1, &update, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(a->db, "SAVEPOINT s", NULL, NULL, NULL), SQLITE_OK);
        flip(v, at);
        if (put_value(update, v) != SQLITE_DONE || sqlite3_changes(a->db) != 1) {
            a->impossible++;
            sqlite3_finalize(update);
            sqlite3_exec(a->db, "ROLLBACK TO s; RELEASE s", NULL, NULL, NULL);
            flip(v, at);
            continue;
        }
        sqlite3_finalize(update);
        assert_int_equal(sqlite3_exec(a->db, "RELEASE s", NULL, NULL, NULL), SQLITE_OK);
        expect_found(a, field, what);
        /* back, by the place where the row is now */
        snprintf(sql, sizeof(sql), "UPDATE %s SET %s=?1 WHERE %s=?2%s", t->name, column, column, others);
        assert_int_equal(sqlite3_prepare_v2(a->db, sql, -1, &update, NULL), SQLITE_OK);
        if (v->type == SQLITE_INTEGER)
            sqlite3_bind_int64(update, 2, v->number);
        else if (v->type == SQLITE_TEXT)
            sqlite3_bind_text(update, 2, (const char *)v->octets, v->n, SQLITE_TRANSIENT);
        else
            sqlite3_bind_blob(update, 2, v->octets, v->n, SQLITE_TRANSIENT);
        flip(v, at);
        v->number = number;
        assert_int_equal(put_value(update, v), SQLITE_DONE);
        assert_int_equal(sqlite3_changes(a->db), 1);
        sqlite3_finalize(update);
    }
}

/* "a=1 AND b=2" of the columns that tell a row apart, but one. */
static void where_of(sqlite3_stmt *s, const struct table *t, const char *before, const char *but, char *out, size_t cap)
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        const char *name = sqlite3_column_name(s, i);

        if (!is_key(t, name) || strcmp(name, but) == 0)
            continue;
        n += (size_t)snprintf(out + n, cap - n, "%s%s=%lld", n == 0 ? before : " AND ", name,
            (long long)sqlite3_column_int64(s, i));
    }
}

/* Every cell of the rows of a table; its rows are gone through by offset, as each comes back as it was. */
static void attack_table(struct attack *a, const struct table *t, int row_step, int octet_step)
{
    static struct value v;
    char sql[200], where[200], others[200], field[32];

    for (int row = 0;; row += row_step) {
        sqlite3_stmt *s = NULL;
        int columns, code;

        snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY %s LIMIT 1 OFFSET %d", t->name, t->key, row);
        assert_int_equal(sqlite3_prepare_v2(a->db, sql, -1, &s, NULL), SQLITE_OK);
        columns = sqlite3_column_count(s);
        code = sqlite3_step(s);
        sqlite3_reset(s);
        for (int i = 0; code == SQLITE_ROW && i < columns; i++) {
            char column[64];

            assert_int_equal(sqlite3_step(s), SQLITE_ROW);
            snprintf(column, sizeof(column), "%s", sqlite3_column_name(s, i));
            where_of(s, t, "", "", where, sizeof(where));
            where_of(s, t, " AND ", column, others, sizeof(others));
            snprintf(field, sizeof(field), "entry %lld", (long long)sqlite3_column_int64(s, 0));
            take_value(s, i, &v);
            sqlite3_reset(s);
            attack_cell(a, t, where, others, column, &v, octet_step,
                strcmp(t->name, "entry") == 0 && strcmp(column, "seq") != 0 ? field : NULL);
        }
        sqlite3_finalize(s);
        if (code != SQLITE_ROW)
            return;
    }
}

static void every_octet_of_a_small_ledger_matters(void **state)
{
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fx_issue(&a.fx, 6, 1);
    fx_ok(ledger_begin(a.fx.l, &fx_err));
    (void)fx_intent(&a.fx, 2, 1, MC_KIND_NOC, 3);
    fx_ok(ledger_commit(a.fx.l, &fx_err));
    begin_attack(&a);
    for (size_t i = 0; i < COUNT(tables); i++)
        attack_table(&a, &tables[i], 1, 1);
    end_attack(&a);
}

/* Two revocations, a CRL that was given out and one that was not. */
static void every_octet_about_revocations_matters(void **state)
{
    static const struct table kept[] = {{"entry", "seq"}, {"revoked", "sn"},
        {"document", "authority, what, subject"}, {"tally", "fabric, authority, type, month"}};
    uint8_t serial[2][LEDGER_SERIAL_LEN];
    struct attack a = {0};
    uint32_t paa, pai;

    (void)state;
    fx_open(&a.fx);
    fx_ok(ledger_begin(a.fx.l, &fx_err));
    paa = fx_authority(&a.fx, MC_KIND_PAA, 0, 0);
    pai = fx_authority(&a.fx, MC_KIND_PAI, paa, 0);
    for (unsigned i = 0; i < 2; i++) {
        fx_dac(&a.fx, pai, serial[i]);
        fx_ok(fx_revoke(&a.fx, pai, MC_KIND_DAC, serial[i], &fx_err));
    }
    fx_ok(fx_document(&a.fx, pai, 0, 1, 1, false, &fx_err));
    fx_ok(fx_document(&a.fx, pai, 0, 1, 1, true, &fx_err));
    fx_ok(fx_document(&a.fx, pai, paa, 2, 2, false, &fx_err));
    fx_ok(ledger_commit(a.fx.l, &fx_err));
    begin_attack(&a);
    for (size_t i = 0; i < COUNT(kept); i++)
        attack_table(&a, &kept[i], 1, 1);
    end_attack(&a);
}

static void every_octet_of_the_subtrees_matters(void **state)
{
    static const struct table subtree = {"subtree", "level, idx"}, head = {"head", "id"};
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fx_issue(&a.fx, 600, 1);
    begin_attack(&a);
    attack_table(&a, &subtree, 1, 1);
    attack_table(&a, &head, 1, 1);
    end_attack(&a);
}

/* 11,000 certificates have more keys than the table of new ones holds: they are in a run. */
static void the_octets_of_sorted_runs_matter(void **state)
{
    static const struct table run = {"run", "id"}, lookup = {"lookup", "id"};
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fx_issue(&a.fx, 11000, 1);
    begin_attack(&a);
    attack_table(&a, &run, 1, 1009);
    attack_table(&a, &lookup, 60, 617);
    end_attack(&a);
}

static void decide(struct fixture *fx, const char *rule, uint64_t node_id, uint32_t cat)
{
    struct mc_entry x = {.type = ENTRY_DECISION, .time_unix = FX_TIME, .fabric = 1, .rule = mc_span_of(rule, strlen(rule)),
        .has_node_id = node_id != 0, .node_id = node_id, .cat = cat};

    fx_ok(ledger_append(fx->l, &x, &fx_err));
}

/* A little of everything that has a table of its own. */
static void fill_all(struct fixture *fx)
{
    uint8_t serial[LEDGER_SERIAL_LEN];
    uint32_t paa, pai;

    fx_issue(fx, 4, 1);
    fx_ok(ledger_begin(fx->l, &fx_err));
    decide(fx, "node-removed", 2, 0);
    decide(fx, "cat-version", 0, 0x00010003);
    paa = fx_authority(fx, MC_KIND_PAA, 0, 0);
    pai = fx_authority(fx, MC_KIND_PAI, paa, 0);
    fx_dac(fx, pai, serial);
    fx_ok(fx_revoke(fx, pai, MC_KIND_DAC, serial, &fx_err));
    fx_ok(fx_document(fx, pai, 0, 1, 1, false, &fx_err));
    (void)fx_intent(fx, 2, 1, MC_KIND_NOC, 3);
    fx_ok(ledger_commit(fx->l, &fx_err));
}

static void every_octet_about_decisions_matters(void **state)
{
    static const struct table decision = {"decision", "fabric, what, subject"};
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fill_all(&a.fx);
    begin_attack(&a);
    attack_table(&a, &decision, 1, 1);
    end_attack(&a);
}

static void run_sql(struct attack *a, const char *sql)
{
    if (sqlite3_exec(a->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(a->db));
}

/* A row that is gone, and one that is there twice under keys that nobody has. */
static void attack_row(struct attack *a, const char *table, const char *key, sqlite3_int64 number, const char *field)
{
    char sql[600];

    snprintf(sql, sizeof(sql), "CREATE TEMP TABLE k AS SELECT * FROM %s WHERE %s=%lld; DELETE FROM %s WHERE %s=%lld", table, key,
        (long long)number, table, key, (long long)number);
    run_sql(a, sql);
    expect_found(a, field, sql);
    snprintf(sql, sizeof(sql), "INSERT INTO %s SELECT * FROM k", table);
    run_sql(a, sql);
    snprintf(sql, sizeof(sql), "UPDATE k SET %s=%s+100; INSERT INTO %s SELECT * FROM k", key, key, table);
    if (sqlite3_exec(a->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        expect_found(a, NULL, sql);
    else
        a->impossible++;
    snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s IN (SELECT %s FROM k); DROP TABLE k", table, key, key);
    run_sql(a, sql);
}

/* Tables whose rows are told apart by one number; where it is the entry's, verify names it. */
static void each_row_that_goes_or_comes_is_found(void **state)
{
    static const char *const by_number[][2] = {{"entry", "seq"}, {"authority", "number"}, {"fabric", "number"}, {"cert", "sn"},
        {"decision", "seq"}, {"revoked", "sn"}, {"document", "seq"}, {"intent", "first_sn"}, {"lookup_new", "h"}};
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fill_all(&a.fx);
    begin_attack(&a);
    for (size_t t = 0; t < COUNT(by_number); t++) {
        sqlite3_int64 number[64];
        char sql[120], field[32];
        sqlite3_stmt *s;
        int n = 0;

        snprintf(sql, sizeof(sql), "SELECT %s FROM %s", by_number[t][1], by_number[t][0]);
        assert_int_equal(sqlite3_prepare_v2(a.db, sql, -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW && n < (int)COUNT(number))
            number[n++] = sqlite3_column_int64(s, 0);
        sqlite3_finalize(s);
        assert_true(n != 0);
        for (int i = 0; i < n; i++) {
            snprintf(field, sizeof(field), "entry %lld", (long long)number[i]);
            attack_row(&a, by_number[t][0], by_number[t][1], number[i], t == 0 ? field : NULL);
        }
    }
    end_attack(&a);
}

/* Each two entries that follow one another, in each other's place: the first of them is named. */
static void entries_in_another_order_are_found(void **state)
{
    struct attack a = {0};
    struct ledger_head h;

    (void)state;
    fx_open(&a.fx);
    fill_all(&a.fx);
    fx_ok(ledger_head(a.fx.l, &h, &fx_err));
    begin_attack(&a);
    for (unsigned i = 0; i + 1 < h.size; i++) {
        char sql[200], field[32];

        snprintf(sql, sizeof(sql), "UPDATE entry SET seq=-1 WHERE seq=%u; UPDATE entry SET seq=%u WHERE seq=%u; "
                                   "UPDATE entry SET seq=%u WHERE seq=-1", i, i, i + 1, i + 1);
        snprintf(field, sizeof(field), "entry %u", i);
        run_sql(&a, sql);
        expect_found(&a, field, sql);
        run_sql(&a, sql);
    }
    end_attack(&a);
}

/* Rows that go, come, or change places. */
static void rows_that_go_come_or_swap_are_found(void **state)
{
    static const struct {
        const char *sql, *back, *field;
    } edits[] = {
        {"CREATE TEMP TABLE k AS SELECT * FROM entry WHERE seq=7; DELETE FROM entry WHERE seq=7",
            "INSERT INTO entry SELECT * FROM k; DROP TABLE k", "entry 7"},
        {"CREATE TEMP TABLE k AS SELECT * FROM entry WHERE seq=20; DELETE FROM entry WHERE seq=20",
            "INSERT INTO entry SELECT * FROM k; DROP TABLE k", "entry 20"},
        {"INSERT INTO entry SELECT 27, type, leaf, body FROM entry WHERE seq=7", "DELETE FROM entry WHERE seq=27", "entry 26"},
        {"UPDATE entry SET seq=-1 WHERE seq=8; UPDATE entry SET seq=8 WHERE seq=9; UPDATE entry SET seq=9 WHERE seq=-1",
            "UPDATE entry SET seq=-1 WHERE seq=8; UPDATE entry SET seq=8 WHERE seq=9; UPDATE entry SET seq=9 WHERE seq=-1",
            "entry 8"},
        {"CREATE TEMP TABLE k AS SELECT * FROM cert WHERE sn=5; DELETE FROM cert WHERE sn=5",
            "INSERT INTO cert SELECT * FROM k; DROP TABLE k", "entry 8"},
        {"INSERT INTO tally VALUES(1, 2, 6, 0, 1, 1)", "DELETE FROM tally WHERE type=6", "tally"},
        {"CREATE TEMP TABLE k AS SELECT * FROM tally; DELETE FROM tally", "INSERT INTO tally SELECT * FROM k; DROP TABLE k",
            "tally"},
        {"UPDATE head SET size=size-1", "UPDATE head SET size=size+1", "entry 25"},
    };
    struct attack a = {0};

    (void)state;
    fx_open(&a.fx);
    fx_issue(&a.fx, 20, 1);
    begin_attack(&a);
    for (size_t i = 0; i < COUNT(edits); i++) {
        if (sqlite3_exec(a.db, edits[i].sql, NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", edits[i].sql, sqlite3_errmsg(a.db));
        expect_found(&a, edits[i].field, edits[i].sql);
        if (sqlite3_exec(a.db, edits[i].back, NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", edits[i].back, sqlite3_errmsg(a.db));
    }
    end_attack(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_of_a_small_ledger_matters),
        cmocka_unit_test(every_octet_about_revocations_matters),
        cmocka_unit_test(every_octet_about_decisions_matters),
        cmocka_unit_test(each_row_that_goes_or_comes_is_found),
        cmocka_unit_test(entries_in_another_order_are_found),
        cmocka_unit_test(every_octet_of_the_subtrees_matters),
        cmocka_unit_test(the_octets_of_sorted_runs_matter),
        cmocka_unit_test(rows_that_go_come_or_swap_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
