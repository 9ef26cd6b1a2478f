/* SPDX-License-Identifier: Apache-2.0 */
/* Also looks inside: at the database, to make it full, and at the verifier's mixing. */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "ca/ledger_verify.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void an_issued_certificate_is_found_by_serial_request_key_and_node(void **state)
{
    struct fixture fx;
    struct ledger_row r;
    struct fx_issue s;
    struct ledger_intent i;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 1);
    fx_noc(&fx, &i, i.first_sn, 0x1122, &s);
    fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    fx_ok(ledger_intent_close(fx.l, i.id, &fx_err));
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_reopen(&fx, LEDGER_READ);
    fx_ok(ledger_find_serial(fx.l, s.x.serial, &r, &fx_err));
    assert_int_equal(r.seq, s.x.seq);
    fx_ok(ledger_find_request(fx.l, 1, s.request, &r, &fx_err));
    assert_int_equal(r.seq, s.x.seq);
    fx_ok(ledger_find_key(fx.l, s.point, &r, &fx_err));
    assert_int_equal(r.seq, s.x.seq);
    fx_ok(ledger_find_node(fx.l, 1, 0x1122, &r, &fx_err));
    assert_int_equal(r.seq, s.x.seq);
    assert_int_equal(ledger_find_node(fx.l, 1, 0x1123, &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_find_node(fx.l, 2, 0x1122, &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_find_request(fx.l, 1, "other", &r, NULL), CA_E_NOT_FOUND);
    fx_close(&fx);
}

/* Runs SQL on the file as somebody with a tool of their own would, triggers or not. */
static int tamper(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open(path, &db);

    if (code == SQLITE_OK)
        code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

#define NO_TRIGGERS                                                                                          \
    "DROP TRIGGER entry_update; DROP TRIGGER entry_delete; DROP TRIGGER entry_insert;"                       \
    "DROP TRIGGER cert_update; DROP TRIGGER cert_delete; DROP TRIGGER subtree_update; DROP TRIGGER "         \
    "subtree_delete; DROP TRIGGER revoked_update; DROP TRIGGER revoked_delete;"

/* The triggers come back as they were, so that the data alone must tell. */
static void tamper_quietly(struct fixture *fx, const char *sql)
{
    char *triggers = NULL;
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;

    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db, "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type='trigger'", -1, &s, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    triggers = strdup((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_exec(db, NO_TRIGGERS, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_exec(db, triggers, NULL, NULL, NULL), SQLITE_OK);
    free(triggers);
    sqlite3_close(db);
}

static void verify_accepts_what_append_wrote(void **state)
{
    struct fixture fx;
    uint64_t node = 1;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    for (unsigned i = 0; i < 8; i++, node += 100) {
        fx_issue(&fx, 100, node);
        fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    }
    for (uint64_t from = 1; from <= 806; from += 161)
        fx_ok(ledger_verify(fx.l, from, NULL, NULL, &fx_err));
    assert_int_equal(ledger_verify(fx.l, 807, NULL, NULL, NULL), CA_E_NOT_FOUND);
    fx_close(&fx);
}

/* Each edit leaves a database that SQLite finds in order; verify must name what it names here. */
static void every_edit_of_a_row_is_found_and_named(void **state)
{
    static const struct {
        const char *sql, *field;
    } edits[] = {
        {"UPDATE entry SET body=(SELECT body FROM entry WHERE seq=40) WHERE seq=41", "entry 41"},
        {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE seq=40),"
         " body=(SELECT body FROM entry WHERE seq=40) WHERE seq=41",
            "entry 41"},
        {"UPDATE entry SET leaf=zeroblob(32) WHERE seq=17", "entry 17"},
        {"UPDATE entry SET type=6 WHERE seq=18", "entry 18"},
        {"DELETE FROM entry WHERE seq=0", "entry 0"},
        {"DELETE FROM entry WHERE seq=200", "entry 200"},
        {"UPDATE entry SET seq=-1 WHERE seq=40; UPDATE entry SET seq=40 WHERE seq=41;"
         "UPDATE entry SET seq=41 WHERE seq=-1",
            "entry 40"},
        {"INSERT INTO entry(seq, type, leaf, body) SELECT -5, type, leaf, body FROM entry WHERE seq=9",
            "entry"},
        {"UPDATE subtree SET hash=zeroblob(32) WHERE idx=0", "entry 0"},
        {"UPDATE subtree SET hash=zeroblob(32) WHERE idx=1", "entry 256"},
        {"DELETE FROM subtree WHERE idx=1", "entry 256"},
        {"INSERT INTO subtree VALUES(2, 0, zeroblob(32))", "subtree"},
        {"UPDATE head SET frontier=zeroblob(length(frontier))", "head"},
        {"UPDATE head SET last_time=last_time+1", "head"},
        {"UPDATE head SET next_sn=next_sn+1", "cert"},
        {"UPDATE head SET next_sn=next_sn-1", "cert"},
        {"UPDATE head SET fresh=fresh+1", "lookup_new"},
        {"UPDATE cert SET node_id=77 WHERE sn=50", "entry 53"},
        {"UPDATE cert SET seq=52 WHERE sn=50", "entry 53"},
        {"UPDATE cert SET not_after=0 WHERE sn=50", "entry 53"},
        {"DELETE FROM cert WHERE sn=50", "entry 53"},
        {"INSERT INTO cert VALUES(0, 5, 5, 3, 2, 1, 1, 1)", "index"},
        {"DELETE FROM lookup_new WHERE seq=99; UPDATE head SET fresh=(SELECT count(*) FROM lookup_new)",
            "entry 99"},
        {"UPDATE lookup_new SET seq=98 WHERE seq=99", "entry 99"},
        {"INSERT INTO lookup_new VALUES(1, 1); UPDATE head SET fresh=fresh+1", "index"},
        {"UPDATE authority SET state=3 WHERE number=2", "entry 4"},
        {"UPDATE authority SET key=key+1 WHERE number=1", "entry 2"},
        {"UPDATE authority SET issuer=2 WHERE number=2", "entry 4"},
        {"PRAGMA foreign_keys=OFF; DELETE FROM authority WHERE number=1", "authority"},
        {"INSERT INTO authority VALUES(3, 9, 1, 0, 0, 1, 1, '')", "authority"},
        {"UPDATE fabric SET issued=issued-1", "entry 5"},
        {"UPDATE fabric SET max_node=max_node+1", "entry 5"},
        {"UPDATE fabric SET name='other'", "entry 5"},
        {"UPDATE fabric SET fabric_id=1", "entry 5"},
        {"UPDATE fabric SET ica=1", "entry 5"},
        {"INSERT INTO intent SELECT next_sn, 1, 1, 2, 1, 3, 0, 0, 0, 0, 0, zeroblob(32), zeroblob(32), "
         "zeroblob(32),"
         "zeroblob(32), zeroblob(32), '', zeroblob(32) FROM head",
            "intent"},
        {"DROP INDEX authority_key", "schema"},
        {"CREATE TRIGGER extra AFTER INSERT ON cert BEGIN SELECT 1; END", "schema"},
    };
    struct fixture fx;
    char copy[128], command[512];
    struct mc_err e;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 300, 1); /* less than a run of the look-up */
    fx_issue(&fx, 300, 201);
    ledger_close(fx.l);
    fx.l = NULL;
    snprintf(copy, sizeof(copy), "%s/copy.db", fx.dir);
    snprintf(command, sizeof(command), "cp %s %s", fx.path, copy);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < COUNT(edits); i++) {
        mc_err_init(&e);
        tamper_quietly(&fx, edits[i].sql);
        fx_ok(ledger_open(fx.path, LEDGER_READ, 0, &fx.l, &fx_err));
        if (ledger_verify(fx.l, 0, NULL, NULL, &e) != CA_E_LEDGER || strcmp(e.field, edits[i].field) != 0)
            fail_msg("%s: found \"%s\" (%s)", edits[i].sql, e.field, e.what);
        ledger_close(fx.l);
        fx.l = NULL;
        snprintf(
            command, sizeof(command), "cp %s %s && rm -f %s-wal %s-shm", copy, fx.path, fx.path, fx.path);
        assert_int_equal(system(command), 0);
    }
    fx_reopen(&fx, LEDGER_WRITE);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static void verify_since_an_entry_finds_what_changed_since(void **state)
{
    struct fixture fx;
    struct mc_err e;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 600, 1);
    ledger_close(fx.l);
    fx.l = NULL;
    tamper_quietly(&fx, "UPDATE cert SET node_id=77 WHERE sn=550");
    fx_ok(ledger_open(fx.path, LEDGER_READ, 0, &fx.l, &fx_err));
    fx_ok(ledger_verify(fx.l, 560, NULL, NULL, &fx_err));
    mc_err_init(&e);
    assert_int_equal(ledger_verify(fx.l, 500, NULL, NULL, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "entry 553");
    fx_close(&fx);
}

static void entries_certificates_and_subtrees_cannot_be_changed_by_sql(void **state)
{
    static const char *const sql[] = {
        "UPDATE entry SET type=6 WHERE seq=3",
        "DELETE FROM entry WHERE seq=3",
        "DELETE FROM entry",
        "INSERT INTO entry VALUES(100000, 1, zeroblob(32), x'00')",
        "INSERT INTO entry VALUES(-1, 1, zeroblob(32), x'00')",
        "INSERT OR REPLACE INTO entry VALUES(3, 1, zeroblob(32), x'00')",
        "INSERT INTO entry(type, leaf, body) VALUES(1, zeroblob(31), x'00')",
        "UPDATE cert SET seq=1",
        "DELETE FROM cert",
        "UPDATE subtree SET idx=9",
        "DELETE FROM subtree",
        "INSERT INTO head VALUES(2, 0, x'', 0, 1, 0, 0)",
    };
    struct fixture fx;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 300, 1);
    for (size_t i = 0; i < COUNT(sql); i++)
        if (tamper(fx.path, sql[i]) != SQLITE_CONSTRAINT)
            fail_msg("%s", sql[i]);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

/* Appends x in a transaction of its own that is taken back. */
static enum mc_rc try_append(struct fixture *fx, struct mc_entry x, struct mc_err *e)
{
    enum mc_rc rc;

    mc_err_init(e);
    rc = ledger_append(fx->l, &x, e);
    if (rc != MC_OK) {
        assert_int_equal(ledger_commit(fx->l, NULL), CA_E_DB);
        fx_ok(ledger_begin(fx->l, &fx_err));
    }
    return rc;
}

static void an_issued_entry_must_be_that_of_its_intent(void **state)
{
    struct fixture fx;
    struct fx_issue s, other;
    struct ledger_intent i;
    struct mc_err e;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 2);
    fx_noc(&fx, &i, i.first_sn, 9, &s);
    fx_ok(ledger_intent_set_tbs(fx.l, i.id, s.tbs, &fx_err));
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_ok(ledger_begin(fx.l, &fx_err));

    fx_noc(&fx, &i, i.first_sn + 2, 9, &other); /* behind the intent */
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "serial");
    fx_noc(&fx, &i, 1, 9, &other); /* the root's */
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "serial");
    i.seed[0] ^= 1;
    fx_noc(&fx, &i, i.first_sn, 9, &other);
    i.seed[0] ^= 1;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "serial");
    fx_noc(&fx, &i, i.first_sn, 9, &other); /* another TBS */
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "tbs_sha256");
    other = s;
    other.x.authority = 1;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "authority");
    other.x = s.x;
    other.x.fabric = 2;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "fabric");
    other.x = s.x;
    other.x.node_id = 10;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "node_id");
    other.x = s.x;
    other.x.kind = MC_KIND_ICAC;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "kind");
    other.x = s.x;
    other.x.serial.n--;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);
    assert_string_equal(e.field, "serial");
    other.x = s.x;
    other.x.type = ENTRY_GENESIS;
    assert_int_equal(try_append(&fx, other.x, &e), CA_E_LEDGER);

    fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    assert_int_equal(try_append(&fx, s.x, &e), CA_E_LEDGER); /* twice */
    assert_string_equal(e.field, "serial");
    fx_close(&fx);
}

static void an_intent_closes_only_when_each_serial_number_has_its_entry(void **state)
{
    struct fixture fx;
    struct fx_issue s;
    struct ledger_intent i;
    struct ledger_row r;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 2);
    fx_noc(&fx, &i, i.first_sn, 9, &s);
    fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    assert_int_equal(ledger_intent_close(fx.l, i.id, NULL), CA_E_LEDGER);
    ledger_rollback(fx.l);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i.id = 0;
    fx_ok(ledger_intent_open(fx.l, &i, &fx_err));
    fx_noc(&fx, &i, i.first_sn, 9, &s);
    fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    ledger_serial(i.seed, i.first_sn + 1, s.serial);
    s.x = (struct mc_entry){.type = ENTRY_VOID,
        .fabric = 1,
        .authority = 2,
        .serial = s.x.serial,
        .rule = mc_span_of("interrupted", 11)};
    fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    assert_int_equal(s.x.time_unix, FX_TIME); /* never before the entry before it */
    fx_ok(ledger_intent_close(fx.l, i.id, &fx_err));
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_ok(ledger_find_serial(fx.l, s.x.serial, &r, &fx_err));
    assert_int_equal(r.x.type, ENTRY_VOID);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static bool keep_intent(void *arg, const struct ledger_intent *i)
{
    *(struct ledger_intent *)arg = *i;
    return true;
}

static void an_open_intent_survives_and_is_told_as_it_was(void **state)
{
    struct fixture fx;
    struct ledger_intent i, told = {0};
    uint64_t node_id;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = (struct ledger_intent){.n = 3,
        .instance = UINT64_MAX,
        .authority = 2,
        .fabric = 1,
        .kind = MC_KIND_NOC,
        .time_unix = FX_TIME,
        .not_before_unix = FX_TIME - 1,
        .batch = UINT64_MAX - 7,
        .has_node_id = true,
        .node_id = 0x1234,
        .request_id = "request-x"};
    fx_fill(&fx, i.seed, 32);
    fx_fill(&fx, i.profile_sha256, 32);
    fx_fill(&fx, i.input_sha256, 32);
    fx_fill(&fx, i.content_sha256, 32);
    fx_ok(ledger_intent_open(fx.l, &i, &fx_err));
    fx_fill(&fx, i.tbs_sha256, 32);
    fx_ok(ledger_intent_set_tbs(fx.l, i.id, i.tbs_sha256, &fx_err));
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_reopen(&fx, LEDGER_READ);
    fx_ok(ledger_intents(fx.l, keep_intent, &told, &fx_err));
    assert_memory_equal(&told, &i, sizeof(i));
    fx_ok(ledger_next_node(fx.l, 1, &node_id, &fx_err));
    assert_int_equal(node_id, 0x1235);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    ledger_close(fx.l);
    fx.l = NULL;
    assert_int_equal(tamper(fx.path, "UPDATE intent SET node_id=5"), SQLITE_OK);
    fx_ok(ledger_open(fx.path, LEDGER_READ, 0, &fx.l, &fx_err));
    assert_int_equal(ledger_intents(fx.l, keep_intent, &told, NULL), CA_E_LEDGER);
    assert_int_equal(ledger_verify(fx.l, 0, NULL, NULL, NULL), CA_E_LEDGER);
    fx_close(&fx);
}

static void an_intent_that_was_not_committed_leaves_nothing(void **state)
{
    struct fixture fx;
    struct ledger_intent i, told = {0};
    struct ledger_head before, after;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_head(fx.l, &before, &fx_err));
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 5);
    assert_int_equal(i.first_sn, before.next_sn);
    ledger_rollback(fx.l);
    ledger_rollback(fx.l);
    fx_ok(ledger_head(fx.l, &after, &fx_err));
    assert_memory_equal(&before, &after, sizeof(before));
    fx_ok(ledger_intents(fx.l, keep_intent, &told, &fx_err));
    assert_int_equal(told.n, 0);
    fx_close(&fx);
}

static void serial_numbers_have_the_form_that_is_promised(void **state)
{
    uint8_t seed[32] = {1}, a[LEDGER_SERIAL_LEN], b[LEDGER_SERIAL_LEN];

    (void)state;
    ledger_serial(seed, 0x0102030405060708, a);
    assert_memory_equal(a, "\x40\x02\x03\x04\x05\x06\x07\x08", 8);
    ledger_serial(seed, 41, a);
    ledger_serial(seed, 42, b);
    assert_int_equal(ledger_serial_sn(mc_span_of(a, sizeof(a))), 41);
    assert_int_equal(ledger_serial_sn(mc_span_of(b, sizeof(b))), 42);
    assert_memory_not_equal(a + 8, b + 8, 12);
    assert_int_equal(ledger_serial_sn(mc_span_of(a, sizeof(a) - 1)), 0);
    a[0] = 0x41;
    assert_int_equal(ledger_serial_sn(mc_span_of(a, sizeof(a))), 0);
    assert_int_equal(ledger_serial_sn(mc_span_of(NULL, 0)), 0);
}

static bool count_fabric(void *arg, const struct ledger_fabric *f)
{
    (void)f;
    ++*(unsigned *)arg;
    return true;
}

static void fabrics_and_authorities_are_told_as_they_were_made(void **state)
{
    struct fixture fx;
    struct ledger_fabric f;
    struct ledger_authority a;
    struct mc_entry x = {.type = ENTRY_STATE, .has_state = true, .state = AUTHORITY_RETIRED};
    struct mc_err e;
    uint64_t node_id;
    unsigned n = 0;
    bool is;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 3, 0xFFFFFFEFFFFFFFFD);
    fx_ok(ledger_fabric_by_name(fx.l, "home", &f, &fx_err));
    assert_int_equal(f.root, 1);
    assert_int_equal(f.ica, 2);
    assert_int_equal(f.fabric_id, FX_FABRIC_ID);
    assert_int_equal(f.issued, 3);
    assert_int_equal(f.sealed_n, 6);
    assert_int_equal(ledger_next_node(fx.l, 1, &node_id, NULL), CA_E_NODE_SPACE);
    assert_int_equal(ledger_fabric_by_name(fx.l, "other", &f, NULL), CA_E_NOT_FOUND);
    fx_ok(ledger_authority(fx.l, 2, &a, &fx_err));
    assert_int_equal(a.kind, MC_KIND_ICAC);
    assert_int_equal(a.issuer, 1);
    assert_int_equal(a.fabric, 1);
    assert_int_equal(a.state, AUTHORITY_ACTIVE);
    assert_string_equal(a.label, "label");
    assert_int_equal(a.cert_der[0], 0x30);
    fx_ok(ledger_is_authority_key(fx.l, a.point, &is, &fx_err));
    assert_true(is);
    a.point[9] ^= 1;
    fx_ok(ledger_is_authority_key(fx.l, a.point, &is, &fx_err));
    assert_false(is);
    assert_int_equal(ledger_authority(fx.l, 3, &a, NULL), CA_E_NOT_FOUND);

    fx_ok(ledger_begin(fx.l, &fx_err));
    assert_int_equal(fx_fabric(&fx, "garden"), 2);
    x.authority = 2;
    fx_ok(ledger_append(fx.l, &x, &fx_err));
    assert_int_equal(fx_authority(&fx, MC_KIND_ICAC, 1, 1), 5);
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_ok(ledger_fabrics(fx.l, count_fabric, &n, &fx_err));
    assert_int_equal(n, 2);
    fx_ok(ledger_fabric_by_name(fx.l, "home", &f, &fx_err));
    assert_int_equal(f.ica, 5);
    fx_ok(ledger_authority(fx.l, 2, &a, &fx_err));
    assert_int_equal(a.state, AUTHORITY_RETIRED);
    fx_ok(ledger_next_node(fx.l, 2, &node_id, &fx_err));
    assert_int_equal(node_id, 1);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));

    fx_ok(ledger_begin(fx.l, &fx_err));
    x = (struct mc_entry){.type = ENTRY_FABRIC,
        .name = mc_span_of("home", 4),
        .has_fabric_id = true,
        .fabric_id = 1,
        .sealed = mc_span_of("s", 1),
        .root = fx_authority(&fx, MC_KIND_RCAC, 0, 0)};
    assert_int_equal(try_append(&fx, x, &e), CA_E_FABRIC_EXISTS);
    x.name = mc_span_of("cellar", 6);
    x.root = 1;
    assert_int_equal(try_append(&fx, x, &e), CA_E_LEDGER); /* already a fabric's */
    x.root = 9;
    assert_int_equal(try_append(&fx, x, &e), CA_E_LEDGER);
    fx_close(&fx);
}

static void the_newest_of_many_is_found_through_runs_and_merges(void **state)
{
    const uint32_t step = 3000;
    struct fixture fx;
    struct ledger_row r;
    struct ledger_head h;
    uint64_t node = 1;

    (void)state;
    fx_open(&fx);
    for (unsigned i = 0; i < 32; i++, node += step / 2) { /* every node gets two certificates */
        fx_issue(&fx, step, node);
        if (i % 8 == 7)
            fx_ok(ledger_maintain(fx.l, &fx_err));
    }
    fx_ok(ledger_head(fx.l, &h, &fx_err));
    assert_int_equal(h.size, 6 + 32 * step);
    for (uint64_t n = 1; n < node; n += 97) {
        uint64_t group = (n - 1) / (step / 2);

        fx_ok(ledger_find_node(fx.l, 1, n, &r, &fx_err));
        assert_int_equal(r.seq, 6 + group * step + (n - 1 - group * (step / 2)));
    }
    for (uint64_t n = 0; n < 500; n++)
        assert_int_equal(ledger_find_node(fx.l, 1, node + step + n, &r, NULL), CA_E_NOT_FOUND);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    ledger_close(fx.l);
    fx.l = NULL;
    assert_int_equal(
        tamper(
            fx.path, "UPDATE lookup SET data=zeroblob(length(data)) WHERE id=(SELECT max(id) FROM lookup)"),
        SQLITE_OK);
    fx_ok(ledger_open(fx.path, LEDGER_READ, 0, &fx.l, &fx_err));
    assert_int_equal(ledger_verify(fx.l, 0, NULL, NULL, NULL), CA_E_LEDGER);
    fx_close(&fx);
}

static void every_entry_of_every_size_has_its_proof(void **state)
{
    struct mc_verifier *v = mc_verifier_new();
    struct ledger_proof p;
    struct ledger_head h;
    uint8_t root[32], got[32];
    struct fixture fx;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 800, 1);
    fx_ok(ledger_head(fx.l, &h, &fx_err));
    fx_ok(ledger_root_at(fx.l, h.size, root, &fx_err));
    assert_memory_equal(root, h.root, 32);
    for (uint64_t size = 1; size <= h.size; size += size < 20 ? 1 : 61) {
        fx_ok(ledger_root_at(fx.l, size, root, &fx_err));
        for (uint64_t seq = 0; seq < size; seq += seq < 20 ? 1 : 37) {
            fx_ok(ledger_prove(fx.l, seq, size, &p, &fx_err));
            assert_memory_equal(p.root, root, 32);
            fx_ok(mc_merkle_root_from_proof(v, seq, size, p.leaf, (const uint8_t(*)[32])p.hash, p.n, got));
            assert_memory_equal(got, root, 32);
        }
    }
    assert_int_equal(ledger_prove(fx.l, 5, 5, &p, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_prove(fx.l, 5, h.size + 1, &p, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_root_at(fx.l, h.size + 1, root, NULL), CA_E_NOT_FOUND);
    mc_verifier_free(v);
    fx_close(&fx);
}

static void eight_processes_never_share_a_serial_number(void **state)
{
    struct fixture fx;
    struct ledger_head h;
    pid_t child[8];
    int status;

    (void)state;
    fx_open(&fx);
    ledger_close(fx.l);
    fx.l = NULL;
    for (unsigned c = 0; c < COUNT(child); c++) {
        child[c] = fork();
        if (child[c] != 0)
            continue;
        fx.random = 1000 + c;
        if (ledger_open(fx.path, LEDGER_WRITE, 30000, &fx.l, NULL) != MC_OK)
            _exit(2);
        for (unsigned i = 0; i < 25; i++)
            fx_issue(&fx, 1 + i % 3, 1 + c * 1000 + 3 * i);
        ledger_close(fx.l);
        _exit(0);
    }
    fx_ok(ledger_open(fx.path, LEDGER_READ, 30000, &fx.l, &fx_err));
    for (unsigned c = 0; c < COUNT(child); c++) {
        fx_ok(ledger_head(fx.l, &h, &fx_err)); /* a reader does not wait */
        assert_int_equal(waitpid(child[c], &status, 0), child[c]);
        assert_int_equal(status, 0);
    }
    fx_ok(ledger_head(fx.l, &h, &fx_err));
    assert_int_equal(h.size, 6 + 8 * 49);
    assert_int_equal(h.next_sn, 3 + 8 * 49);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static void a_second_writer_is_told_busy_and_a_reader_is_not(void **state)
{
    struct fixture fx;
    struct ledger *other = NULL;
    struct ledger_head h;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_open(fx.path, LEDGER_WRITE, 20, &other, &fx_err));
    fx_ok(ledger_begin(fx.l, &fx_err));
    assert_int_equal(ledger_begin(other, NULL), CA_E_BUSY);
    fx_ok(ledger_head(other, &h, &fx_err));
    assert_int_equal(h.size, 6);
    ledger_rollback(fx.l);
    fx_ok(ledger_begin(other, &fx_err));
    ledger_close(other);
    fx_ok(ledger_begin(fx.l, &fx_err));
    fx_close(&fx);
}

static void a_reader_cannot_write_and_nobody_writes_outside_a_transaction(void **state)
{
    struct fixture fx;
    struct mc_entry x = {.type = ENTRY_SECRET, .fabric = 1};
    struct ledger_intent i = {.n = 1};

    (void)state;
    fx_open(&fx);
    assert_int_equal(ledger_append(fx.l, &x, NULL), MC_E_INTERNAL);
    assert_int_equal(ledger_intent_open(fx.l, &i, NULL), MC_E_INTERNAL);
    assert_int_equal(ledger_commit(fx.l, NULL), MC_E_INTERNAL);
    fx_ok(ledger_begin(fx.l, &fx_err));
    assert_int_equal(ledger_begin(fx.l, NULL), MC_E_INTERNAL);
    fx_ok(ledger_append(fx.l, &x, &fx_err));
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_reopen(&fx, LEDGER_READ);
    assert_int_equal(ledger_begin(fx.l, NULL), CA_E_DB_READONLY);
    fx_close(&fx);
}

static void a_full_disk_takes_back_the_transaction_and_nothing_else(void **state)
{
    struct fixture fx;
    struct ledger_head before, after;
    struct fx_issue s;
    struct ledger_intent i;
    enum mc_rc rc = MC_OK;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 50, 1);
    fx_ok(ledger_head(fx.l, &before, &fx_err));
    assert_int_equal(sqlite3_exec(fx.l->db, "PRAGMA max_page_count=1", NULL, NULL, NULL), SQLITE_OK);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 100);
    for (unsigned k = 0; k < 100 && rc == MC_OK; k++) {
        fx_noc(&fx, &i, i.first_sn + k, 1000 + k, &s);
        rc = ledger_append(fx.l, &s.x, NULL);
    }
    assert_int_equal(rc, CA_E_DB_FULL);
    assert_int_equal(ledger_append(fx.l, &s.x, NULL), CA_E_DB);
    assert_int_equal(ledger_commit(fx.l, NULL), CA_E_DB);
    assert_int_equal(sqlite3_exec(fx.l->db, "PRAGMA max_page_count=1000000", NULL, NULL, NULL), SQLITE_OK);
    fx_ok(ledger_head(fx.l, &after, &fx_err));
    assert_memory_equal(&before, &after, sizeof(before));
    fx_issue(&fx, 100, 1000);
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

static void only_a_ledger_of_this_version_is_opened(void **state)
{
    struct fixture fx;
    struct ledger *l = NULL;
    char path[128];
    struct stat st;

    (void)state;
    fx_open(&fx);
    assert_int_equal(stat(fx.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(ledger_create(fx.path, NULL), CA_E_EXISTS);
    ledger_close(fx.l);
    fx.l = NULL;
    snprintf(path, sizeof(path), "%s/missing.db", fx.dir);
    assert_int_equal(ledger_open(path, LEDGER_WRITE, 0, &l, NULL), CA_E_STATE_NONE);
    assert_int_equal(stat(path, &st), -1);
    assert_int_equal(tamper(fx.path, "PRAGMA user_version=2"), SQLITE_OK);
    assert_int_equal(ledger_open(fx.path, LEDGER_WRITE, 0, &l, NULL), CA_E_STATE_VERSION);
    assert_int_equal(tamper(fx.path, "PRAGMA user_version=0"), SQLITE_OK);
    assert_int_equal(ledger_open(fx.path, LEDGER_WRITE, 0, &l, NULL), CA_E_DB);
    assert_int_equal(tamper(fx.path, "PRAGMA user_version=1; PRAGMA application_id=7"), SQLITE_OK);
    assert_int_equal(ledger_open(fx.path, LEDGER_WRITE, 0, &l, NULL), CA_E_DB);
    assert_int_equal(tamper(fx.path, "PRAGMA application_id=1751475308; UPDATE head SET size=5"), SQLITE_OK);
    assert_int_equal(ledger_open(fx.path, LEDGER_WRITE, 0, &l, NULL), CA_E_LEDGER);
    assert_null(l);
    fx_close(&fx);
}

static void a_truncated_file_is_refused_or_found(void **state)
{
    struct fixture fx;
    struct ledger *l = NULL;
    struct stat st;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 300, 1);
    ledger_close(fx.l);
    fx.l = NULL;
    assert_int_equal(stat(fx.path, &st), 0);
    for (off_t size = st.st_size - 4096; size > 0; size -= 13 * 4096 + 511) {
        assert_int_equal(truncate(fx.path, size), 0);
        if (ledger_open(fx.path, LEDGER_READ, 0, &l, NULL) == MC_OK)
            assert_int_not_equal(ledger_verify(l, 0, NULL, NULL, NULL), MC_OK);
        ledger_close(l);
        l = NULL;
    }
    assert_int_equal(truncate(fx.path, 0), 0);
    assert_int_equal(ledger_open(fx.path, LEDGER_READ, 0, &l, NULL), CA_E_DB);
    fx_close(&fx);
}

/* What the ledger answers, as one number: entries, head, look-ups, intents, fabrics, authorities. */
static uint64_t answers(struct ledger *l, const uint8_t (*point)[MC_POINT_LEN], unsigned n)
{
    struct ledger_intent i = {0};
    struct ledger_authority a;
    struct ledger_fabric f;
    struct ledger_head h;
    struct ledger_row r;
    uint64_t sum = 0, node_id = 0;

    for (uint64_t seq = 0; seq < 26; seq++)
        sum = verify_mix(sum, ledger_get(l, seq, &r, NULL) == MC_OK ? r.n + (uint64_t)r.x.serial.n : 1);
    sum = verify_mix(sum, ledger_head(l, &h, NULL) == MC_OK ? h.size + h.root[0] + h.next_sn : 1);
    for (unsigned k = 0; k < n; k++)
        sum = verify_mix(sum, ledger_find_key(l, point[k], &r, NULL) == MC_OK ? r.seq : 1);
    for (uint64_t k = 1; k <= n; k++)
        sum = verify_mix(sum, ledger_find_node(l, 1, k, &r, NULL) == MC_OK ? r.seq : 1);
    sum = verify_mix(sum, ledger_intents(l, keep_intent, &i, NULL) == MC_OK ? i.id + i.seed[3] : 1);
    sum = verify_mix(sum, ledger_fabric_by_name(l, "home", &f, NULL) == MC_OK ? f.issued + f.sealed[0] : 1);
    for (uint32_t k = 1; k <= 2; k++)
        sum =
            verify_mix(sum, ledger_authority(l, k, &a, NULL) == MC_OK ? a.cert_n + a.point[9] + a.state : 1);
    return verify_mix(sum, ledger_next_node(l, 1, &node_id, NULL) == MC_OK ? node_id : 1);
}

#define FLIPS 2000

/* Never a crash; a change that verify does not see changes no answer. */
static void flipped_octets_are_found_or_change_nothing(void **state)
{
    static uint8_t point[16][MC_POINT_LEN];
    struct fixture fx;
    struct fx_issue s;
    struct ledger_intent i;
    struct ledger *l = NULL;
    unsigned refused = 0, found = 0, same = 0;
    uint64_t want;
    struct stat st;
    uint8_t *file;
    int fd;

    (void)state;
    fx_open(&fx);
    fx_ok(ledger_begin(fx.l, &fx_err));
    i = fx_intent(&fx, 2, 1, MC_KIND_NOC, 16);
    for (unsigned k = 0; k < 16; k++) {
        fx_noc(&fx, &i, i.first_sn + k, k + 1, &s);
        memcpy(point[k], s.point, MC_POINT_LEN);
        fx_ok(ledger_append(fx.l, &s.x, &fx_err));
    }
    fx_ok(ledger_intent_close(fx.l, i.id, &fx_err));
    (void)fx_intent(&fx, 2, 1, MC_KIND_NOC, 4);
    fx_ok(ledger_commit(fx.l, &fx_err));
    want = answers(fx.l, (const uint8_t(*)[MC_POINT_LEN])point, 16);
    ledger_close(fx.l);
    fx.l = NULL;
    fd = open(fx.path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    file = malloc((size_t)st.st_size);
    assert_int_equal(pread(fd, file, (size_t)st.st_size, 0), st.st_size);
    for (unsigned k = 0; k < FLIPS; k++) {
        off_t at = k < 100 ? (off_t)k : (off_t)(fx_random(&fx) % (uint64_t)st.st_size);
        uint8_t flipped = file[at] ^ (uint8_t)(1u << (k % 8));

        assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
        if (ledger_open(fx.path, LEDGER_READ, 0, &l, NULL) != MC_OK) {
            refused++;
        } else if (ledger_verify(l, 0, NULL, NULL, NULL) != MC_OK) {
            found++;
        } else {
            same++;
            if (answers(l, (const uint8_t(*)[MC_POINT_LEN])point, 16) != want)
                fail_msg("octet %ld: another answer and verify is content", (long)at);
        }
        ledger_close(l);
        l = NULL;
        assert_int_equal(ftruncate(fd, st.st_size), 0);
        assert_int_equal(pwrite(fd, file, (size_t)st.st_size, 0), st.st_size);
    }
    print_message("%u flips: %u refused at opening, %u found by verify, %u without effect\n", FLIPS, refused,
        found, same);
    free(file);
    close(fd);
    fx_close(&fx);
}

static bool keep_seq(void *arg, const struct ledger_row *r)
{
    *(uint64_t *)arg += r->seq;
    return r->seq != 20;
}

static void a_scan_goes_in_order_and_stops_when_told(void **state)
{
    struct fixture fx;
    uint64_t sum = 0;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 100, 1);
    fx_ok(ledger_scan(fx.l, 18, 0, keep_seq, &sum, &fx_err));
    assert_int_equal(sum, 18 + 19 + 20);
    sum = 0;
    fx_ok(ledger_scan(fx.l, 0, ENTRY_AUTHORITY, keep_seq, &sum, &fx_err));
    assert_int_equal(sum, 2 + 4);
    sum = 0;
    fx_ok(ledger_scan(fx.l, UINT64_MAX, 0, keep_seq, &sum, &fx_err));
    assert_int_equal(sum, 0);
    fx_close(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_issued_certificate_is_found_by_serial_request_key_and_node),
        cmocka_unit_test(verify_accepts_what_append_wrote),
        cmocka_unit_test(every_edit_of_a_row_is_found_and_named),
        cmocka_unit_test(verify_since_an_entry_finds_what_changed_since),
        cmocka_unit_test(entries_certificates_and_subtrees_cannot_be_changed_by_sql),
        cmocka_unit_test(an_issued_entry_must_be_that_of_its_intent),
        cmocka_unit_test(an_intent_closes_only_when_each_serial_number_has_its_entry),
        cmocka_unit_test(an_open_intent_survives_and_is_told_as_it_was),
        cmocka_unit_test(an_intent_that_was_not_committed_leaves_nothing),
        cmocka_unit_test(serial_numbers_have_the_form_that_is_promised),
        cmocka_unit_test(fabrics_and_authorities_are_told_as_they_were_made),
        cmocka_unit_test(the_newest_of_many_is_found_through_runs_and_merges),
        cmocka_unit_test(every_entry_of_every_size_has_its_proof),
        cmocka_unit_test(eight_processes_never_share_a_serial_number),
        cmocka_unit_test(a_second_writer_is_told_busy_and_a_reader_is_not),
        cmocka_unit_test(a_reader_cannot_write_and_nobody_writes_outside_a_transaction),
        cmocka_unit_test(a_full_disk_takes_back_the_transaction_and_nothing_else),
        cmocka_unit_test(only_a_ledger_of_this_version_is_opened),
        cmocka_unit_test(a_truncated_file_is_refused_or_found),
        cmocka_unit_test(flipped_octets_are_found_or_change_nothing),
        cmocka_unit_test(a_scan_goes_in_order_and_stops_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
