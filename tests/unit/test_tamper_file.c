/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets of the database's file are changed in turn, whatever they are to SQLite: headers, cells, free space. Each
 * change is found, or nothing that the ledger holds was in that octet.
 *
 * TAMPER_STEP (97): every so many octets; 1: all of them.
 */
#include "ledger_fixture.h"

#include <fcntl.h>

struct outcome {
    unsigned tried, found, harmless;
};

static void look(struct fixture *fx, const struct ledger_head *was, long at, struct outcome *o)
{
    struct ledger_head h;
    struct ledger *l = NULL;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    o->tried++;
    rc = ledger_open(fx->path, LEDGER_READ, 1000, &l, &e);
    if (rc == MC_OK)
        rc = ledger_verify(l, 0, NULL, NULL, &e);
    if (rc == MC_OK)
        rc = ledger_head(l, &h, &e);
    ledger_close(l);
    if (rc == MC_OK && h.size == was->size && memcmp(h.root, was->root, sizeof(h.root)) == 0)
        o->harmless++;
    else if (rc != MC_OK && mc_rc_class(rc) == MC_CLASS_INTEGRITY)
        o->found++;
    else
        print_error("octet %ld: %s %s: %s\n", at, mc_rc_rule(rc), e.field, e.what);
}

static void each_octet_of_the_file_is_looked_after(void **state)
{
    const char *step = getenv("TAMPER_STEP");
    struct ledger_head h;
    struct fixture fx;
    struct outcome o = {0};
    struct stat st;
    uint8_t octet, other;
    int fd;

    (void)state;
    fx_open(&fx);
    fx_issue(&fx, 6, 1);
    fx_ok(ledger_begin(fx.l, &fx_err));
    (void)fx_intent(&fx, 2, 1, MC_KIND_NOC, 3);
    fx_ok(ledger_commit(fx.l, &fx_err));
    fx_ok(ledger_head(fx.l, &h, &fx_err));
    ledger_close(fx.l);
    fd = open(fx.path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (long at = 0; at < st.st_size; at += step != NULL && atol(step) > 0 ? atol(step) : 97) {
        assert_int_equal(pread(fd, &octet, 1, at), 1);
        other = octet ^ (uint8_t)(1u << at % 8);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        look(&fx, &h, at, &o);
        assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    }
    close(fd);
    print_message("%u octets of %ld changed: %u found, %u hold nothing\n", o.tried, (long)st.st_size, o.found, o.harmless);
    assert_int_equal(o.found + o.harmless, o.tried);
    assert_true(o.found != 0 && o.harmless != 0);
    fx_ok(ledger_open(fx.path, LEDGER_READ, 1000, &fx.l, &fx_err));
    fx_ok(ledger_verify(fx.l, 0, NULL, NULL, &fx_err));
    fx_close(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_octet_of_the_file_is_looked_after),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
