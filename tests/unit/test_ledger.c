/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_issued_certificate_is_found_by_serial_request_key_and_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
