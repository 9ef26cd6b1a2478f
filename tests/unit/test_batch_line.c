/* SPDX-License-Identifier: Apache-2.0 */
/* The reader in place must never say anything else than jansson does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "ca/batch_line.h"

#define USUAL "{\"id\":\"a-1\",\"csr\":\"MIHI+/8=\",\"node_id\":\"0x1\",\"cats\":[\"0x10001\",\"0x20001\"]}"

static struct mc_span span(const char *text)
{
    return mc_span_of(text, strlen(text));
}

static bool same(struct mc_span a, struct mc_span b)
{
    return (a.p == NULL) == (b.p == NULL) && mc_span_eq(a, b);
}

/* True if both read it; fails the test if they differ. */
static bool compare(struct mc_span text)
{
    struct batch_line a, b;
    enum mc_rc rc = batch_line_parse(text, &a, NULL), by_json = batch_line_parse_json(text, &b, NULL);

    assert_int_equal(rc, by_json);
    if (rc == MC_OK) {
        assert_true(same(a.id, b.id) && same(a.csr, b.csr) && same(a.node_id, b.node_id));
        assert_int_equal(a.cats, b.cats);
        assert_int_equal(a.n_cat, b.n_cat);
        for (size_t i = 0; i < a.n_cat && i < MC_CAT_MAX; i++)
            assert_true(same(a.cat[i], b.cat[i]));
        assert_int_equal(a.unknown == NULL, b.unknown == NULL);
    }
    batch_line_clear(&a);
    batch_line_clear(&b);
    return rc == MC_OK;
}

static void the_usual_form_is_read_in_place(void **state)
{
    static const char *const lines[] = {
        USUAL,
        " { \"node_id\" : \"next\" , \"csr\":\"\",\t\"id\":\" x y \" }\r",
        "{\"cats\":[],\"id\":\"1\"}",
        "{\"cats\":[ \"1\" ]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct batch_line l;

        assert_int_equal(batch_line_parse(span(lines[i]), &l, NULL), MC_OK);
        assert_null(l.json);
        batch_line_clear(&l);
        assert_true(compare(span(lines[i])));
    }
}

static void other_forms_are_read_by_jansson(void **state)
{
    static const char *const lines[] = {
        "{}",
        "{\"id\":\"a\\u0041\\n\",\"csr\":\"-----BEGIN\\n\"}",
        "{\"id\":1,\"csr\":null,\"node_id\":{},\"cats\":\"x\"}",
        "{\"id\":\"\xC3\xA4\"}",
        "{\"cats\":[1,\"0x1\"]}",
        "{\"cats\":[\"1\",\"2\",\"3\",\"4\"]}",
        "{\"cat\":[\"1\"]}",
        "{\"i\\u0064\":\"x\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct batch_line l;

        assert_int_equal(batch_line_parse(span(lines[i]), &l, NULL), MC_OK);
        assert_non_null(l.json);
        batch_line_clear(&l);
        assert_true(compare(span(lines[i])));
    }
}

static void what_is_no_json_object_is_refused(void **state)
{
    static const char *const lines[] = {
        "", " ", "{", "}", "[]", "\"id\"", "1", "{\"id\"}", "{\"id\":}", "{\"id\":\"x\",}", "{\"id\":\"x\"} x",
        "{\"id\":\"x\"}}", "{\"id\":\"x\" \"csr\":\"y\"}", "{\"id\":\"x\",\"id\":\"x\"}", "{\"cats\":[],\"cats\":[]}",
        "{\"cats\":[\"1\",]}", "{\"cats\":[\"1\"}", "{\"cats\":[,]}", "{\"id\":\"x}", "{\"id\":\"a\tb\"}",
        "{\"id\":\"\x7F\xFF\"}", "{,\"id\":\"x\"}", "{id:\"x\"}", "{\"id\":\"\\u0000\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (compare(span(lines[i])))
            fail_msg("'%s' was read", lines[i]);
}

static void cut_short_anywhere_it_is_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n < strlen(USUAL); n++) {
        char *copy = malloc(n + 1); /* of just this length, for the sanitizer */

        assert_non_null(copy);
        memcpy(copy, USUAL, n);
        assert_false(compare(mc_span_of(copy, n)));
        free(copy);
    }
}

static void any_octet_anywhere_is_read_as_jansson_reads_it(void **state)
{
    char text[] = USUAL;

    (void)state;
    for (size_t at = 0; at < strlen(USUAL); at++) {
        for (int octet = 0; octet < 256; octet++) {
            text[at] = (char)octet;
            (void)compare(mc_span_of(text, strlen(USUAL)));
        }
        text[at] = USUAL[at];
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_form_is_read_in_place),
        cmocka_unit_test(other_forms_are_read_by_jansson),
        cmocka_unit_test(what_is_no_json_object_is_refused),
        cmocka_unit_test(cut_short_anywhere_it_is_refused),
        cmocka_unit_test(any_octet_anywhere_is_read_as_jansson_reads_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
