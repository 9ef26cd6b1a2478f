/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations and numbered documents in the ledger. */
#include "ledger_fixture.h"

#include <sqlite3.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A PAA, its PAI and two DACs, in a transaction that is open. */
struct desk {
    struct fixture fx;
    uint32_t paa, pai;
    uint8_t dac[2][LEDGER_SERIAL_LEN];
};

static void open_desk(struct desk *d)
{
    fx_open(&d->fx);
    fx_ok(ledger_begin(d->fx.l, &fx_err));
    d->paa = fx_authority(&d->fx, MC_KIND_PAA, 0, 0);
    d->pai = fx_authority(&d->fx, MC_KIND_PAI, d->paa, 0);
    for (size_t i = 0; i < COUNT(d->dac); i++)
        fx_dac(&d->fx, d->pai, d->dac[i]);
    fx_ok(ledger_commit(d->fx.l, &fx_err));
    fx_ok(ledger_begin(d->fx.l, &fx_err));
}

static void close_desk(struct desk *d)
{
    fx_ok(ledger_commit(d->fx.l, &fx_err));
    fx_ok(ledger_verify(d->fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&d->fx);
}

static bool count_one(void *arg, const struct ledger_revocation *r)
{
    *(unsigned *)arg += r->sn != 0;
    return true;
}

static void a_revoked_certificate_is_told_once_and_for_ever(void **state)
{
    struct desk d;
    struct ledger_revocation r;
    unsigned n = 0;
    uint64_t count, newest;

    (void)state;
    open_desk(&d);
    assert_int_equal(ledger_revocation(d.fx.l, mc_span_of(d.dac[0], LEDGER_SERIAL_LEN), &r, NULL), CA_E_NOT_FOUND);
    fx_ok(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[1], &fx_err));
    fx_ok(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[0], &fx_err));
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    fx_ok(ledger_revocation(d.fx.l, mc_span_of(d.dac[0], LEDGER_SERIAL_LEN), &r, &fx_err));
    assert_int_equal(r.authority, d.pai);
    assert_int_equal(r.sn, ledger_serial_sn(mc_span_of(d.dac[0], LEDGER_SERIAL_LEN)));
    fx_ok(ledger_revocation_count(d.fx.l, d.pai, &count, &newest, &fx_err));
    assert_int_equal(count, 2);
    assert_int_equal(newest, r.seq);
    fx_ok(ledger_revocations(d.fx.l, d.pai, count_one, &n, &fx_err));
    assert_int_equal(n, 2);
    n = 0;
    fx_ok(ledger_revocations(d.fx.l, d.paa, count_one, &n, &fx_err));
    assert_int_equal(n, 0);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    assert_int_equal(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[0], NULL), CA_E_REVOKED);
    ledger_rollback(d.fx.l);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    close_desk(&d);
}

static void a_pai_can_be_revoked_by_its_paa(void **state)
{
    struct desk d;
    struct ledger_authority a;
    struct ledger_row r;

    (void)state;
    open_desk(&d);
    fx_ok(ledger_authority(d.fx.l, d.pai, &a, &fx_err));
    fx_ok(ledger_get(d.fx.l, a.seq, &r, &fx_err));
    fx_ok(fx_revoke(&d.fx, d.paa, MC_KIND_PAI, r.x.serial.p, &fx_err));
    close_desk(&d);
}

static void only_what_is_on_record_is_revoked(void **state)
{
    struct desk d;
    struct ledger_authority a;
    struct ledger_row r;
    struct mc_err e;

    (void)state;
    open_desk(&d);
    fx_ok(ledger_authority(d.fx.l, 2, &a, &fx_err));
    fx_ok(ledger_get(d.fx.l, a.seq, &r, &fx_err)); /* the ICA of the fabric */
    for (unsigned i = 0; i < 6; i++) {
        uint8_t serial[LEDGER_SERIAL_LEN];
        uint32_t issuer = i == 1 ? d.paa : i == 5 ? 1 : d.pai;
        enum mc_kind kind = i == 2 ? MC_KIND_PAI : i == 5 ? MC_KIND_ICAC : MC_KIND_DAC;

        memcpy(serial, i == 5 ? r.x.serial.p : d.dac[0], sizeof(serial));
        if (i == 0)
            serial[6] = 1; /* never given out */
        if (i == 3)
            serial[19] ^= 1; /* another serial with this counter */
        if (i == 4)
            serial[0] = 0x41; /* not of the ledger's form */
        mc_err_init(&e);
        assert_int_equal(fx_revoke(&d.fx, issuer, kind, serial, &e), CA_E_LEDGER);
        assert_string_equal(e.field, i == 1 ? "authority" : i == 2 || i == 5 ? "kind" : "serial");
        ledger_rollback(d.fx.l);
        fx_ok(ledger_begin(d.fx.l, &fx_err));
    }
    close_desk(&d);
}

static bool take_document(void *arg, const struct ledger_document *d)
{
    struct ledger_document *last = arg;

    *last = *d;
    return true;
}

static void documents_are_numbered_for_each_signer_and_kind(void **state)
{
    struct desk d;
    struct ledger_document last = {0};
    uint64_t number;

    (void)state;
    open_desk(&d);
    fx_ok(ledger_document_next(d.fx.l, d.pai, DOCUMENT_CRL, &number, &fx_err));
    assert_int_equal(number, 1);
    fx_ok(fx_document(&d.fx, d.pai, 0, 1, 7, false, &fx_err));
    fx_ok(ledger_document_next(d.fx.l, d.pai, DOCUMENT_CRL, &number, &fx_err));
    assert_int_equal(number, 2);
    fx_ok(fx_document(&d.fx, d.pai, d.paa, 2, 8, false, &fx_err)); /* about another authority: one series */
    fx_ok(fx_document(&d.fx, d.paa, 0, 1, 9, false, &fx_err));
    fx_ok(ledger_document_next(d.fx.l, d.pai, DOCUMENT_CD, &number, &fx_err));
    assert_int_equal(number, 1);
    fx_ok(fx_document(&d.fx, d.paa, 0, 1, 9, true, &fx_err));
    fx_ok(ledger_documents(d.fx.l, DOCUMENT_CRL, take_document, &last, &fx_err));
    assert_int_equal(last.authority, d.pai);
    assert_int_equal(last.subject, d.paa);
    assert_int_equal(last.number, 2);
    assert_int_equal(last.released_seq, 0);
    close_desk(&d);
}

static void a_number_is_never_left_out_used_twice_or_given_to_other_octets(void **state)
{
    static const struct {
        uint64_t number;
        uint8_t octets;
        bool released;
        const char *field;
    } rows[] = {
        {1, 7, false, "number"},     /* again */
        {3, 7, false, "number"},     /* leaves 2 out */
        {2, 7, true, "number"},      /* gives out what was not numbered */
        {1, 8, true, "tbs_sha256"},  /* gives out something else */
    };
    struct desk d;
    struct mc_err e;

    (void)state;
    open_desk(&d);
    fx_ok(fx_document(&d.fx, d.pai, 0, 1, 7, false, &fx_err));
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    for (size_t i = 0; i < COUNT(rows); i++) {
        fx_ok(ledger_begin(d.fx.l, &fx_err));
        mc_err_init(&e);
        assert_int_equal(
            fx_document(&d.fx, d.pai, 0, rows[i].number, rows[i].octets, rows[i].released, &e), CA_E_LEDGER);
        assert_string_equal(e.field, rows[i].field);
        ledger_rollback(d.fx.l);
    }
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    fx_ok(fx_document(&d.fx, d.pai, 0, 1, 7, true, &fx_err));
    assert_int_equal(fx_document(&d.fx, d.pai, 0, 1, 7, true, NULL), CA_E_LEDGER); /* given out twice */
    ledger_rollback(d.fx.l);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    fx_ok(fx_document(&d.fx, d.pai, 0, 2, 9, false, &fx_err)); /* 1 is burned */
    close_desk(&d);
}

/* Rows that somebody changes, adds or removes beside the triggers. */
static void every_edit_of_a_row_is_found(void **state)
{
    static const struct {
        const char *sql, *field;
    } edits[] = {
        {"DELETE FROM revoked", "entry 14"},
        {"UPDATE revoked SET authority=3", "entry 14"},
        {"UPDATE revoked SET seq=13", "entry 14"},
        {"INSERT INTO revoked VALUES(5, 14, 4)", "revoked"},
        {"DELETE FROM document", "document"},
        {"UPDATE document SET number=2", "entry 15"},
        {"UPDATE document SET released=0", "entry 15"},
        {"UPDATE document SET seq=14", "entry 15"},
        {"UPDATE document SET subject=1", "document"},
        {"INSERT INTO document VALUES(3, 1, 0, 1, 15, 0)", "document"},
        {"UPDATE cert SET type=6 WHERE sn=6", "index"},
    };
    struct desk d;
    sqlite3 *db;
    struct mc_err e;

    (void)state;
    for (size_t i = 0; i < COUNT(edits); i++) {
        open_desk(&d);
        fx_ok(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[1], &fx_err));
        fx_ok(fx_document(&d.fx, d.pai, 0, 1, 7, false, &fx_err));
        fx_ok(fx_document(&d.fx, d.pai, 0, 1, 7, true, &fx_err));
        fx_ok(ledger_commit(d.fx.l, &fx_err));
        fx_ok(ledger_verify(d.fx.l, 14, NULL, NULL, &fx_err));
        assert_int_equal(sqlite3_open(d.fx.path, &db), SQLITE_OK);
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        assert_int_equal(sqlite3_exec(db, edits[i].sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        mc_err_init(&e);
        assert_int_equal(ledger_verify(d.fx.l, 0, NULL, NULL, &e), CA_E_LEDGER);
        if (strcmp(e.field, edits[i].field) != 0 && strncmp(e.field, "entry", 5) != 0)
            fail_msg("%s: found \"%s\" (%s)", edits[i].sql, e.field, e.what);
        fx_close(&d.fx);
    }
}

static void a_revocation_cannot_be_taken_back_by_sql(void **state)
{
    static const char *const edits[] = {"DELETE FROM revoked", "UPDATE revoked SET authority=1"};
    struct desk d;
    sqlite3 *db;

    (void)state;
    open_desk(&d);
    fx_ok(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[1], &fx_err));
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    assert_int_equal(sqlite3_open(d.fx.path, &db), SQLITE_OK);
    for (size_t i = 0; i < COUNT(edits); i++)
        assert_int_equal(sqlite3_exec(db, edits[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    close_desk(&d);
}

static bool count_tally(void *arg, const struct ledger_tally *t)
{
    if (t->type == ENTRY_REVOKED)
        *(uint64_t *)arg += t->n;
    return true;
}

static bool count_row(void *arg, const struct ledger_row *r)
{
    unsigned *types = arg;

    *types |= 1u << r->x.type;
    return true;
}

static void revocations_are_counted_and_found_by_serial(void **state)
{
    struct ledger_query q = {0};
    struct desk d;
    uint64_t n = 0;
    unsigned types = 0;

    (void)state;
    open_desk(&d);
    fx_ok(fx_revoke(&d.fx, d.pai, MC_KIND_DAC, d.dac[1], &fx_err));
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    fx_ok(ledger_tallies(d.fx.l, count_tally, &n, &fx_err));
    assert_int_equal(n, 1);
    q.serial = mc_span_of(d.dac[1], LEDGER_SERIAL_LEN);
    fx_ok(ledger_search(d.fx.l, &q, count_row, &types, &fx_err));
    assert_int_equal(types, 1u << ENTRY_ISSUED | 1u << ENTRY_REVOKED);
    types = 0;
    q.serial = mc_span_of(d.dac[0], LEDGER_SERIAL_LEN);
    fx_ok(ledger_search(d.fx.l, &q, count_row, &types, &fx_err));
    assert_int_equal(types, 1u << ENTRY_ISSUED);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    close_desk(&d);
}

/* --- names and serial numbers of attestation authorities --------------------------------------------- */

static void authorities_are_known_by_name_and_by_serial(void **state)
{
    struct desk d;
    struct ledger_authority a, b;
    struct ledger_row r, of_serial;

    (void)state;
    open_desk(&d);
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    for (unsigned i = 0; i < 2; i++) {
        uint32_t number = i == 0 ? d.paa : d.pai;

        fx_ok(ledger_authority(d.fx.l, number, &a, &fx_err));
        assert_int_equal(strncmp(a.name, "att-", 4), 0);
        fx_ok(ledger_authority_by_name(d.fx.l, a.name, &b, &fx_err));
        assert_int_equal(b.number, number);
        assert_int_equal(b.kind, i == 0 ? MC_KIND_PAA : MC_KIND_PAI);
        assert_int_equal(b.issuer, i == 0 ? 0 : d.paa);
        fx_ok(ledger_get(d.fx.l, a.seq, &r, &fx_err));
        fx_ok(ledger_find_serial(d.fx.l, r.x.serial, &of_serial, &fx_err));
        assert_int_equal(of_serial.seq, a.seq);
        assert_int_equal(of_serial.x.type, ENTRY_AUTHORITY);
    }
    for (size_t i = 0; i < COUNT(d.dac); i++) {
        fx_ok(ledger_find_serial(d.fx.l, mc_span_of(d.dac[i], LEDGER_SERIAL_LEN), &r, &fx_err));
        assert_int_equal(r.x.type, ENTRY_ISSUED);
        assert_int_equal(r.x.authority, d.pai);
    }
    d.dac[0][19] ^= 1;
    assert_int_equal(ledger_find_serial(d.fx.l, mc_span_of(d.dac[0], LEDGER_SERIAL_LEN), &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_find_serial(d.fx.l, mc_span_of(d.dac[0], LEDGER_SERIAL_LEN - 1), &r, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_find_serial(d.fx.l, mc_span_of("\x12\x67", 2), &r, NULL), CA_E_NOT_FOUND);
    a.name[strlen(a.name) - 1] = '\0';
    assert_int_equal(ledger_authority_by_name(d.fx.l, a.name, &b, NULL), CA_E_NOT_FOUND);
    assert_int_equal(ledger_authority_by_name(d.fx.l, "", &b, NULL), CA_E_NOT_FOUND);
    /* Those of a fabric have no name, and are not found by the fabric's. */
    assert_int_equal(ledger_authority_by_name(d.fx.l, "home", &b, NULL), CA_E_NOT_FOUND);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    close_desk(&d);
}

/* An imported PAI: no serial number of ours, no issuer that is here. */
static enum mc_rc import(struct desk *d, const char *name, const uint8_t *point, struct mc_err *e)
{
    static const uint8_t serial[] = {0x12, 0x67};
    uint8_t der[MC_CERT_DER_MAX], key_id[20] = {0};
    struct mc_entry x = {.type = ENTRY_AUTHORITY, .time_unix = FX_TIME, .kind = MC_KIND_PAI, .name = mc_span_of(name, strlen(name)),
        .point = mc_span_of(point, MC_POINT_LEN), .key_id = mc_span_of(key_id, sizeof(key_id)), .label = mc_span_of("label", 5)};

    x.cert_der = mc_span_of(der, fx_att_cert(&d->fx, MC_KIND_PAI, mc_span_of(serial, sizeof(serial)), point, der));
    return ledger_append(d->fx.l, &x, e);
}

static void a_name_and_a_key_are_given_once(void **state)
{
    uint8_t first[MC_POINT_LEN], second[MC_POINT_LEN];
    struct ledger_authority a;
    struct ledger_row r;
    struct desk d;
    bool used;

    (void)state;
    open_desk(&d);
    fx_point(&d.fx, first);
    fx_point(&d.fx, second);
    fx_ok(import(&d, "foreign", first, &fx_err));
    fx_ok(ledger_commit(d.fx.l, &fx_err));
    fx_ok(ledger_authority_by_name(d.fx.l, "foreign", &a, &fx_err));
    assert_int_equal(a.issuer, 0);
    fx_ok(ledger_is_authority_key(d.fx.l, first, &used, &fx_err));
    assert_true(used);
    fx_ok(ledger_is_authority_key(d.fx.l, second, &used, &fx_err));
    assert_false(used);
    /* The serial number in it is its PAA's, and not looked up here. */
    assert_int_equal(ledger_find_serial(d.fx.l, mc_span_of("\x12\x67", 2), &r, NULL), CA_E_NOT_FOUND);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    assert_int_equal(import(&d, "foreign", second, NULL), CA_E_AUTHORITY_EXISTS);
    ledger_rollback(d.fx.l);
    fx_ok(ledger_begin(d.fx.l, &fx_err));
    close_desk(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revoked_certificate_is_told_once_and_for_ever),
        cmocka_unit_test(a_pai_can_be_revoked_by_its_paa),
        cmocka_unit_test(only_what_is_on_record_is_revoked),
        cmocka_unit_test(documents_are_numbered_for_each_signer_and_kind),
        cmocka_unit_test(a_number_is_never_left_out_used_twice_or_given_to_other_octets),
        cmocka_unit_test(every_edit_of_a_row_is_found),
        cmocka_unit_test(a_revocation_cannot_be_taken_back_by_sql),
        cmocka_unit_test(revocations_are_counted_and_found_by_serial),
        cmocka_unit_test(authorities_are_known_by_name_and_by_serial),
        cmocka_unit_test(a_name_and_a_key_are_given_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
