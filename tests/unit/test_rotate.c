/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions and nodes in the ledger; the steps of a rotation in a state with an embedded token. */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>

#include "ca/rotate.h"
#include "ca/renew.h"

static enum mc_rc decide(struct fixture *fx, enum ledger_what w, uint64_t node_id, uint32_t cat, const char *name)
{
    const char *rule = ledger_what_rule(w);
    struct mc_entry x = {.type = ENTRY_DECISION, .time_unix = FX_TIME, .fabric = 1, .rule = mc_span_of(rule, strlen(rule)),
        .has_node_id = node_id != 0, .node_id = node_id, .cat = cat,
        .name = mc_span_of(name, name != NULL ? strlen(name) : 0)};
    enum mc_rc rc;

    fx_ok(ledger_begin(fx->l, &fx_err));
    rc = ledger_append(fx->l, &x, NULL);
    if (rc != MC_OK) {
        ledger_rollback(fx->l);
        return rc;
    }
    fx_ok(ledger_commit(fx->l, &fx_err));
    return MC_OK;
}

static void a_decision_speaks_of_what_it_is_about_and_nothing_else(void **state)
{
    struct fixture fx;
    struct mc_entry x = {.type = ENTRY_DECISION, .time_unix = FX_TIME, .fabric = 1, .rule = mc_span_of("no-rule", 7)};

    (void)state;
    fx_open(&fx);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 0, 0, NULL), CA_E_LEDGER);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 1, 0x10001, NULL), CA_E_LEDGER);
    assert_int_equal(decide(&fx, LEDGER_NODE_RESTORED, 1, 0, "x"), CA_E_LEDGER);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x10000, NULL), CA_E_LEDGER);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 1, 0x10001, NULL), CA_E_LEDGER);
    assert_int_equal(decide(&fx, LEDGER_FABRIC_REPLACED, 0, 0, NULL), CA_E_LEDGER);
    fx_ok(ledger_begin(fx.l, &fx_err));
    assert_int_equal(ledger_append(fx.l, &x, NULL), CA_E_LEDGER);
    ledger_rollback(fx.l);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 1, 0, NULL), MC_OK);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x10001, NULL), MC_OK);
    assert_int_equal(decide(&fx, LEDGER_FABRIC_REPLACED, 0, 0, "next"), MC_OK);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static void the_newest_decision_of_a_subject_stands(void **state)
{
    struct fixture fx;
    struct ledger_row r;
    bool removed;

    (void)state;
    fx_open(&fx);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x00010002, NULL), MC_OK);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x00020007, NULL), MC_OK);
    assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x00010003, NULL), MC_OK);
    fx_ok(ledger_decision(fx.l, 1, LEDGER_CAT_VERSION, 1, &r, &fx_err));
    assert_int_equal(r.x.cat, 0x00010003);
    fx_ok(ledger_decision(fx.l, 1, LEDGER_CAT_VERSION, 2, &r, &fx_err));
    assert_int_equal(r.x.cat, 0x00020007);
    assert_int_equal(ledger_decision(fx.l, 1, LEDGER_CAT_VERSION, 3, &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_decision(fx.l, 1, LEDGER_FABRIC_REPLACED, 0, &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, UINT64_C(0xFFFFFFEF00000001), 0, NULL), MC_OK);
    fx_ok(ledger_node_removed(fx.l, 1, UINT64_C(0xFFFFFFEF00000001), &removed, &fx_err));
    assert_true(removed);
    fx_ok(ledger_node_removed(fx.l, 2, UINT64_C(0xFFFFFFEF00000001), &removed, &fx_err));
    assert_false(removed);
    assert_int_equal(decide(&fx, LEDGER_NODE_RESTORED, UINT64_C(0xFFFFFFEF00000001), 0, NULL), MC_OK);
    fx_ok(ledger_node_removed(fx.l, 1, UINT64_C(0xFFFFFFEF00000001), &removed, &fx_err));
    assert_false(removed);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_ok(ledger_verify(fx.l, 7, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static void tamper(struct fixture *fx, const char *sql)
{
    sqlite3 *db;

    ledger_close(fx->l);
    fx->l = NULL;
    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    fx_reopen(fx, LEDGER_READ);
}

static void verifying_finds_every_change_of_the_table_of_decisions(void **state)
{
    static const struct {
        const char *sql;
        bool part; /* is it seen without the entries before as well? */
    } rows[] = {
        {"DELETE FROM decision WHERE what=3", true},
        {"UPDATE decision SET seq=seq-1 WHERE what=3", true},
        {"UPDATE decision SET subject=9 WHERE what=3", true},
        {"INSERT INTO decision VALUES(1, 1, 77, 7)", false},
        {"DELETE FROM decision WHERE what=1", false},
    };
    struct mc_err e;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture fx;

        fx_open(&fx);
        assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 5, 0, NULL), MC_OK);
        assert_int_equal(decide(&fx, LEDGER_CAT_VERSION, 0, 0x10001, NULL), MC_OK);
        tamper(&fx, rows[i].sql);
        mc_err_init(&e);
        assert_int_equal(ledger_verify(fx.l, 0, NULL, NULL, &e), CA_E_LEDGER);
        assert_int_equal(ledger_verify(fx.l, 7, NULL, NULL, NULL), rows[i].part ? CA_E_LEDGER : MC_OK);
        fx_close(&fx);
    }
}

struct seen {
    unsigned n;
    struct ledger_node node[8];
};

static bool see(void *arg, const struct ledger_node *n)
{
    struct seen *s = arg;

    s->node[s->n++] = *n;
    return s->n < 8;
}

static void each_node_is_told_once_by_its_latest_noc(void **state)
{
    struct fixture fx;
    struct seen s = {0};

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 1, UINT64_C(0xFFFFFFEF00000001));
    fx_issue(&fx, 3, 1);
    fx_issue(&fx, 1, 2);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 3, 0, NULL), MC_OK);
    fx_ok(ledger_nodes(fx.l, 1, see, &s, &fx_err));
    assert_int_equal(s.n, 4);
    assert_int_equal(s.node[0].node_id, 1);
    assert_int_equal(s.node[1].node_id, 2);
    assert_int_equal(s.node[1].nocs, 2);
    assert_int_equal(s.node[1].seq, 10);
    assert_int_equal(s.node[1].authority, 2);
    assert_int_equal(s.node[1].not_after_unix, FX_TIME + 31536000);
    assert_false(s.node[1].removed);
    assert_true(s.node[2].removed);
    assert_true(s.node[3].node_id == UINT64_C(0xFFFFFFEF00000001));
    s.n = 0;
    fx_ok(ledger_nodes(fx.l, 2, see, &s, &fx_err));
    assert_int_equal(s.n, 0);
    s.n = 7;
    fx_ok(ledger_nodes(fx.l, 1, see, &s, &fx_err));
    assert_int_equal(s.n, 8);
    fx_close(&fx);
}

static enum mc_rc adopt_id(struct fixture *fx, uint32_t fabric, uint64_t node_id)
{
    struct mc_entry x = {.type = ENTRY_ADOPTED, .time_unix = FX_TIME, .fabric = fabric, .has_node_id = true, .node_id = node_id};
    enum mc_rc rc;

    fx_ok(ledger_begin(fx->l, &fx_err));
    rc = ledger_append(fx->l, &x, NULL);
    if (rc == MC_OK)
        fx_ok(ledger_commit(fx->l, &fx_err));
    else
        ledger_rollback(fx->l);
    return rc;
}

/* Its id is taken; what it holds is not known, until it has a NOC. */
static void a_node_that_is_adopted_by_id_is_on_record(void **state)
{
    struct fixture fx;
    struct seen s = {0};
    struct ledger_row r;
    struct ledger_fabric f;
    uint64_t next;

    (void)state;
    fx_open(&fx);
    assert_int_equal(adopt_id(&fx, 1, UINT64_C(0x700)), MC_OK);
    assert_int_equal(adopt_id(&fx, 1, 5), MC_OK);
    assert_int_equal(adopt_id(&fx, 1, 0), CA_E_LEDGER);
    assert_int_equal(adopt_id(&fx, 1, UINT64_C(0xFFFFFFFFFFFF0001)), CA_E_LEDGER);
    assert_int_equal(adopt_id(&fx, 9, 6), CA_E_LEDGER);
    fx_ok(ledger_next_node(fx.l, 1, &next, &fx_err));
    assert_true(next == 0x701);
    fx_ok(ledger_find_node(fx.l, 1, 0x700, &r, &fx_err));
    assert_int_equal(r.x.type, ENTRY_ADOPTED);
    assert_int_equal(r.x.cert_tlv.n, 0);
    assert_int_equal(ledger_find_node(fx.l, 1, 0x701, &r, NULL), CA_E_NOT_FOUND);
    fx_issue(&fx, 1, 0x700);
    fx_issue(&fx, 1, next);
    fx_ok(ledger_find_node(fx.l, 1, 0x700, &r, &fx_err));
    assert_int_equal(r.x.type, ENTRY_ISSUED);
    fx_ok(ledger_fabric_by_name(fx.l, "home", &f, &fx_err));
    assert_true(f.issued == 2);
    fx_ok(ledger_nodes(fx.l, 1, see, &s, &fx_err));
    assert_int_equal(s.n, 3);
    assert_true(s.node[0].node_id == 5 && s.node[0].nocs == 0 && s.node[0].authority == 0 && s.node[0].not_after_unix == 0);
    assert_true(s.node[1].node_id == 0x700 && s.node[1].nocs == 1 && s.node[1].authority == 2);
    assert_int_equal(decide(&fx, LEDGER_NODE_REMOVED, 5, 0, NULL), MC_OK);
    s.n = 0;
    fx_ok(ledger_nodes(fx.l, 1, see, &s, &fx_err));
    assert_true(s.node[0].removed);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_ok(ledger_verify(fx.l, 3, NULL, NULL, &fx_err));
    tamper(&fx, "UPDATE fabric SET max_node=4");
    assert_int_equal(ledger_verify(fx.l, 0, NULL, NULL, NULL), CA_E_LEDGER);
    fx_close(&fx);
}

/* A state with a fabric "home"; false where there is no SoftHSM. */
struct home {
    char parent[32], dir[48];
    struct state s;
    struct ledger_fabric f;
};

static bool open_home(struct home *h, bool ica)
{
    const struct state_options none = {.pin = {.fd = -1}};
    const struct fabric_options o = {"home", 0xFAB1, ica, false};
    enum mc_rc rc;

    snprintf(h->parent, sizeof(h->parent), "/tmp/heddle-rotate-XXXXXX");
    assert_non_null(mkdtemp(h->parent));
    snprintf(h->dir, sizeof(h->dir), "%s/state", h->parent);
    rc = state_create(h->dir, &none, NULL);
    if (mc_rc_class(rc) == MC_CLASS_TOKEN) {
        rmdir(h->parent);
        return false;
    }
    assert_int_equal(rc, MC_OK);
    fx_ok(state_open(h->dir, LEDGER_WRITE, &h->s, NULL, &fx_err));
    fx_ok(state_open_token(&h->s, NULL, &fx_err));
    fx_ok(fabric_create(&h->s, &o, &h->f, &fx_err));
    return true;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static void close_home(struct home *h)
{
    fx_ok(ledger_verify(h->s.ledger, 0, NULL, NULL, &fx_err));
    state_close(&h->s);
    nftw(h->parent, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static enum authority_state state_of(struct home *h, uint32_t number)
{
    enum authority_state s = AUTHORITY_RETIRED;

    fx_ok(ledger_authority_state(h->s.ledger, number, &s, &fx_err));
    return s;
}

static void refresh(struct home *h)
{
    fx_ok(ledger_fabric_by_name(h->s.ledger, "home", &h->f, &fx_err));
}

static void an_ica_is_prepared_activated_and_rolled_back(void **state)
{
    struct home h;
    uint32_t number = 0, was, now;
    bool made;

    (void)state;
    if (!open_home(&h, true))
        skip();
    fx_ok(ica_prepare(&h.s, &h.f, false, &number, &made, &fx_err));
    assert_true(made);
    assert_int_equal(number, 3);
    assert_int_equal(state_of(&h, 3), AUTHORITY_PREPARED);
    fx_ok(ica_prepare(&h.s, &h.f, false, &number, &made, &fx_err));
    assert_false(made);
    assert_int_equal(ica_prepare(&h.s, &h.f, true, &number, &made, NULL), CA_E_AUTHORITY_STATE);
    number = 0;
    fx_ok(ica_activate(&h.s, &h.f, &number, &fx_err));
    assert_int_equal(number, 3);
    refresh(&h);
    assert_int_equal(h.f.ica, 3);
    assert_int_equal(state_of(&h, 2), AUTHORITY_DRAINING);
    fx_ok(ica_rollback(&h.s, &h.f, &was, &now, &fx_err));
    assert_int_equal(was, 3);
    assert_int_equal(now, 2);
    refresh(&h);
    assert_int_equal(h.f.ica, 2);
    fx_ok(ica_rollback(&h.s, &h.f, &was, &now, &fx_err));
    assert_int_equal(now, 0);
    assert_int_equal(state_of(&h, 3), AUTHORITY_RETIRED);
    assert_int_equal(ica_rollback(&h.s, &h.f, &was, &now, NULL), CA_E_AUTHORITY_STATE);
    number = 3;
    assert_int_equal(ica_activate(&h.s, &h.f, &number, NULL), CA_E_AUTHORITY_STATE);
    number = 2;
    assert_int_equal(ica_retire(&h.s, &h.f, &number, true, NULL, NULL), CA_E_AUTHORITY_STATE);
    number = 1;
    assert_int_equal(ica_activate(&h.s, &h.f, &number, NULL), CA_E_NOT_FOUND);
    close_home(&h);
}

static void a_renewed_root_keeps_key_name_and_begin(void **state)
{
    struct home h;
    struct ledger_authority a;
    struct issuer before, after;
    uint8_t id[2][MC_COMPRESSED_LEN];
    uint32_t number;

    (void)state;
    if (!open_home(&h, true))
        skip();
    fx_ok(ledger_authority(h.s.ledger, 1, &a, &fx_err));
    fx_ok(issuer_read(&a, &before, &fx_err));
    fx_ok(fabric_compressed_id(&h.s, &h.f, id[0], &fx_err));
    fx_ok(root_renew(&h.s, &h.f, &number, &fx_err));
    assert_int_equal(root_renew(&h.s, &h.f, &number, NULL), CA_E_BUSY); /* h.f is of before */
    refresh(&h);
    assert_int_equal(h.f.root, 3);
    assert_int_equal(state_of(&h, 1), AUTHORITY_DRAINING);
    fx_ok(ledger_authority(h.s.ledger, 3, &a, &fx_err));
    fx_ok(issuer_read(&a, &after, &fx_err));
    fx_ok(fabric_compressed_id(&h.s, &h.f, id[1], &fx_err));
    assert_memory_equal(id[0], id[1], sizeof(id[0]));
    assert_memory_equal(before.point, after.point, MC_POINT_LEN);
    assert_true(mc_dn_equal(&before.cert.subject, &after.cert.subject));
    assert_true(mc_span_eq(before.cert.skid, after.cert.skid));
    assert_false(mc_span_eq(before.cert.serial, after.cert.serial));
    assert_true(before.cert.not_before_unix == after.cert.not_before_unix);
    close_home(&h);
}

static void the_same_key_has_a_second_icac(void **state)
{
    struct home h;
    struct ledger_authority a, b;
    uint32_t number;
    bool made;

    (void)state;
    if (!open_home(&h, true))
        skip();
    fx_ok(ica_prepare(&h.s, &h.f, true, &number, &made, &fx_err));
    fx_ok(ledger_authority(h.s.ledger, 2, &a, &fx_err));
    fx_ok(ledger_authority(h.s.ledger, number, &b, &fx_err));
    assert_memory_equal(a.point, b.point, sizeof(a.point));
    assert_memory_equal(a.key_id, b.key_id, sizeof(a.key_id));
    assert_int_equal(state_of(&h, 2), AUTHORITY_ACTIVE);
    assert_int_equal(ica_prepare(&h.s, &h.f, false, &number, &made, NULL), CA_E_AUTHORITY_STATE);
    fx_ok(ica_activate(&h.s, &h.f, &number, &fx_err));
    number = 0;
    fx_ok(ica_retire(&h.s, &h.f, &number, false, NULL, &fx_err));
    assert_int_equal(number, 2);
    close_home(&h);
}

static void a_fabric_without_ica_gets_one_and_cannot_go_back(void **state)
{
    struct home h;
    uint32_t number = 0, was, now;
    bool made;

    (void)state;
    if (!open_home(&h, false))
        skip();
    assert_int_equal(ica_prepare(&h.s, &h.f, true, &number, &made, NULL), CA_E_AUTHORITY_STATE);
    fx_ok(ica_prepare(&h.s, &h.f, false, &number, &made, &fx_err));
    fx_ok(ica_activate(&h.s, &h.f, &number, &fx_err));
    refresh(&h);
    assert_int_equal(h.f.ica, 2);
    assert_int_equal(state_of(&h, 1), AUTHORITY_ACTIVE);
    assert_int_equal(ica_rollback(&h.s, &h.f, &was, &now, NULL), CA_E_AUTHORITY_STATE);
    close_home(&h);
}

static void a_fabric_has_one_successor(void **state)
{
    struct home h;
    struct fabric_options o = {"next", 0xFAB1, true, false};
    struct ledger_fabric to;
    bool made;

    (void)state;
    if (!open_home(&h, true))
        skip();
    assert_int_equal(fabric_successor(&h.s, &h.f, &to, NULL), CA_E_NOT_FOUND);
    fx_ok(fabric_create(&h.s, &o, &to, &fx_err)); /* as an interrupted call would leave it */
    fx_ok(root_replace(&h.s, &h.f, &o, &to, &made, &fx_err));
    assert_false(made);
    assert_string_equal(to.name, "next");
    fx_ok(root_replace(&h.s, &h.f, &o, &to, &made, &fx_err));
    assert_false(made);
    o.name = "other";
    assert_int_equal(root_replace(&h.s, &h.f, &o, &to, &made, NULL), CA_E_FABRIC_REPLACED);
    o.name = "home";
    assert_int_equal(root_replace(&h.s, &h.f, &o, &to, &made, NULL), CA_E_FABRIC_EXISTS);
    o.name = "../x";
    assert_int_equal(root_replace(&h.s, &h.f, &o, &to, &made, NULL), CA_E_NAME);
    close_home(&h);
}

static void nodes_are_removed_once_and_versions_only_rise(void **state)
{
    struct fixture fx;
    struct state s = {0};
    struct ledger_fabric f;
    uint32_t raised;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 2, 1);
    s.ledger = fx.l;
    fx_ok(ledger_fabric_by_name(fx.l, "home", &f, &fx_err));
    assert_int_equal(node_remove(&s, &f, 9, "", NULL), CA_E_NOT_FOUND);
    assert_int_equal(node_restore(&s, &f, 1, "", NULL), CA_E_NOT_FOUND);
    fx_ok(node_remove(&s, &f, 1, "sold", &fx_err));
    assert_int_equal(node_remove(&s, &f, 1, "", NULL), CA_E_EXISTS);
    fx_ok(node_restore(&s, &f, 1, "", &fx_err));
    fx_ok(node_remove(&s, &f, 1, "", &fx_err));
    fx_ok(cat_raise(&s, 1, 0x00010001, &raised, &fx_err));
    assert_int_equal(raised, 0x00010001);
    fx_ok(cat_bump(&s, &f, 0x00010004, "", &fx_err));
    assert_int_equal(cat_bump(&s, &f, 0x00010004, "", NULL), CA_E_CAT_VERSION);
    assert_int_equal(cat_bump(&s, &f, 0x00010003, "", NULL), CA_E_CAT_VERSION);
    assert_int_equal(cat_bump(&s, &f, 0x00010000, "", NULL), CA_E_CAT);
    fx_ok(cat_raise(&s, 1, 0x00010001, &raised, &fx_err));
    assert_int_equal(raised, 0x00010004);
    fx_ok(cat_raise(&s, 1, 0x00010009, &raised, &fx_err));
    assert_int_equal(raised, 0x00010009);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_speaks_of_what_it_is_about_and_nothing_else),
        cmocka_unit_test(the_newest_decision_of_a_subject_stands),
        cmocka_unit_test(verifying_finds_every_change_of_the_table_of_decisions),
        cmocka_unit_test(each_node_is_told_once_by_its_latest_noc),
        cmocka_unit_test(a_node_that_is_adopted_by_id_is_on_record),
        cmocka_unit_test(nodes_are_removed_once_and_versions_only_rise),
        cmocka_unit_test(an_ica_is_prepared_activated_and_rolled_back),
        cmocka_unit_test(a_renewed_root_keeps_key_name_and_begin),
        cmocka_unit_test(the_same_key_has_a_second_icac),
        cmocka_unit_test(a_fabric_without_ica_gets_one_and_cannot_go_back),
        cmocka_unit_test(a_fabric_has_one_successor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
