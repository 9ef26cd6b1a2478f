/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <string.h>

#include "lib/err.h"

static void rule_ids_are_unique_and_look_stable(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MC_RC_COUNT; i++) {
        const char *rule = mc_rc_rule(i);
        size_t n = strlen(rule);

        if (n == 0 || n > 32 || !islower((unsigned char)rule[0]) || rule[n - 1] == '-' || strstr(rule, "--") != NULL ||
            strspn(rule, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
            fail_msg("%s: rule id '%s'", mc_rc_symbol(i), rule);
        for (unsigned k = 0; k < i; k++)
            if (strcmp(rule, mc_rc_rule(k)) == 0)
                fail_msg("%s and %s have one rule id", mc_rc_symbol(i), mc_rc_symbol(k));
    }
}

static void every_row_has_a_text_and_a_cure(void **state)
{
    (void)state;
    for (unsigned i = MC_OK + 1; i < MC_RC_COUNT; i++) {
        const char *text = mc_rc_text(i), *cure = mc_rc_cure(i);

        if (strlen(text) < 5 || strlen(cure) < 5 || text[strlen(text) - 1] == '.' || cure[strlen(cure) - 1] == '.')
            fail_msg("%s: '%s', '%s'", mc_rc_symbol(i), text, cure);
        if (mc_rc_class(i) < MC_CLASS_INTERNAL || mc_rc_class(i) > MC_CLASS_BUSY)
            fail_msg("%s has class %d", mc_rc_symbol(i), mc_rc_class(i));
    }
    assert_int_equal(mc_rc_class(MC_OK), MC_CLASS_OK);
    assert_string_equal(mc_rc_symbol(MC_OK), "MC_OK");
    assert_int_equal(MC_OK, 0);
}

static void a_code_outside_of_the_table_is_an_internal_fault(void **state)
{
    (void)state;
    assert_string_equal(mc_rc_symbol(MC_RC_COUNT), "MC_E_INTERNAL");
    assert_int_equal(mc_rc_class((enum mc_rc)-1), MC_CLASS_INTERNAL);
}

/* The text of tests. */
struct sources {
    char *text[200];
    unsigned n;
};

static void read_sources(struct sources *s, const char *pattern)
{
    glob_t g;

    if (glob(pattern, 0, NULL, &g) != 0)
        return;
    for (size_t i = 0; i < g.gl_pathc && s->n < 200; i++) {
        FILE *f = strstr(g.gl_pathv[i], "test_err.c") == NULL ? fopen(g.gl_pathv[i], "rb") : NULL;
        char *text = calloc(1, 1 << 18);

        assert_non_null(text);
        if (f != NULL) {
            size_t n = fread(text, 1, (1 << 18) - 1, f);

            assert_true(n < (1 << 18) - 1);
            fclose(f);
        }
        s->text[s->n++] = text;
    }
    globfree(&g);
}

/* As a word of its own: MC_E_SERIAL does not stand in MC_E_SERIAL_POSITIVE. */
static bool stands_in(const struct sources *s, const char *symbol)
{
    size_t n = strlen(symbol);

    for (unsigned i = 0; i < s->n; i++)
        for (const char *p = strstr(s->text[i], symbol); p != NULL; p = strstr(p + 1, symbol))
            if (!isalnum((unsigned char)p[n]) && p[n] != '_' && p[n] != '-' &&
                (p == s->text[i] || (!isalnum((unsigned char)p[-1]) && p[-1] != '_' && p[-1] != '-')))
                return true;
    return false;
}

static bool is_codec(unsigned rc)
{
    return (rc >= MC_E_DER_TRUNCATED && rc <= MC_E_NOT_COMPACT) || rc == MC_E_SPACE || rc == MC_E_TIME_TEXT ||
           rc == MC_E_TOO_BIG || rc == MC_E_SIGNATURE;
}

/*
 * A code that no test names is a rule that nobody has seen refuse. Unit tests name the symbol, shell tests the
 * rule id. What cannot be provoked is not asked for; what the codec does not own is only listed.
 */
static void every_code_of_the_library_stands_in_a_test(void **state)
{
    static struct sources unit, shell;
    unsigned missing = 0;

    (void)state;
    read_sources(&unit, "tests/unit/*.c");
    read_sources(&unit, "tests/unit/*.h");
    read_sources(&shell, "tests/cli/*.sh");
    if (unit.n == 0) {
        print_message("skipped: run it in the project's folder\n");
        skip();
    }
    for (unsigned rc = MC_OK + 1; rc < MC_RC_COUNT; rc++) {
        const char *symbol = mc_rc_symbol(rc);
        bool faults = rc == MC_E_INTERNAL || rc == MC_E_MEMORY || rc == MC_E_CRYPTO;

        if (faults || strncmp(symbol, "MC_E_", 5) != 0 || stands_in(&unit, symbol))
            continue;
        if (!is_codec(rc) && stands_in(&shell, mc_rc_rule(rc)))
            continue;
        print_message("no test names %s (%s)\n", symbol, mc_rc_rule(rc));
        missing += is_codec(rc);
    }
    for (unsigned i = 0; i < unit.n; i++)
        free(unit.text[i]);
    for (unsigned i = 0; i < shell.n; i++)
        free(shell.text[i]);
    assert_int_equal(missing, 0);
}

static void the_first_record_of_a_code_wins_and_gaps_are_filled(void **state)
{
    struct mc_err e;

    (void)state;
    mc_err_init(NULL);
    mc_err_init(&e);
    assert_int_equal(e.rc, MC_OK);
    assert_int_equal(mc_fail_at(&e, MC_E_SERIAL, 12, NULL, "%d octets", 21), MC_E_SERIAL);
    assert_int_equal(mc_fail_at(&e, MC_E_SERIAL, 99, "serialNumber", "other"), MC_E_SERIAL);
    assert_int_equal(e.offset, 12);
    assert_string_equal(e.field, "serialNumber");
    assert_string_equal(e.what, "21 octets");
    assert_int_equal(mc_fail(&e, MC_E_POINT, NULL, NULL), MC_E_POINT);
    assert_int_equal(e.rc, MC_E_POINT);
    assert_int_equal(e.offset, MC_NO_OFFSET);
    assert_string_equal(e.field, "");
    assert_string_equal(e.what, "");
    assert_int_equal(mc_fail(NULL, MC_E_POINT, "x", "y"), MC_E_POINT);
    assert_int_equal(mc_fail_at(NULL, MC_E_POINT, 1, "x", "y"), MC_E_POINT);
}

static void a_record_is_shown_as_one_line(void **state)
{
    struct mc_err e;
    char out[256];

    (void)state;
    mc_err_init(&e);
    (void)mc_fail_at(&e, MC_E_NODE_ID, 52, "subject.matter-node-id", "0x0\n\x1b[31m\x7f");
    mc_err_format(&e, out, sizeof(out));
    assert_string_equal(out, "subject.matter-node-id: the node id is not operational (0x1 to 0xFFFFFFEFFFFFFFFF): "
                             "0x0??[31m? (offset 52) [node-id-range]");
    for (size_t cap = 0; cap < sizeof(out); cap++) {
        memset(out, 'x', sizeof(out));
        mc_err_format(&e, out, cap);
        assert_true(cap == 0 || memchr(out, '\0', cap) != NULL);
        assert_int_equal(out[cap], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_ids_are_unique_and_look_stable),
        cmocka_unit_test(every_row_has_a_text_and_a_cure),
        cmocka_unit_test(a_code_outside_of_the_table_is_an_internal_fault),
        cmocka_unit_test(every_code_of_the_library_stands_in_a_test),
        cmocka_unit_test(the_first_record_of_a_code_wins_and_gaps_are_filled),
        cmocka_unit_test(a_record_is_shown_as_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
