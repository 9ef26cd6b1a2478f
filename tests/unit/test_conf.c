/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "lib/conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct mc_mistakes mistakes;

static void start(struct mc_conf *c, const char *text, size_t n)
{
    mc_mistakes_init(&mistakes);
    mc_conf_init(c, mc_span_of(text, n));
}

static void expect_item(
    struct mc_conf *c, unsigned line, const char *section, const char *key, const char *value)
{
    assert_true(mc_conf_take(c, &mistakes));
    assert_int_equal(c->line, line);
    assert_string_equal(c->section, section);
    assert_string_equal(c->key, key);
    assert_string_equal(c->value, value);
}

static void expect_end(struct mc_conf *c)
{
    assert_false(mc_conf_take(c, &mistakes));
    assert_int_equal(mistakes.n, 0);
}

static void items_come_with_section_and_line(void **state)
{
    static const char text[] = "top = 1\n"
                               "# a comment with $ and \\ and \" in it\n"
                               "\n"
                               "[ one ]\n"
                               "  key =  some text  # comment\n"
                               "quoted = \" a # b \" # comment\n"
                               "empty =\n"
                               "[two]\n"
                               "key=x=y\n"
                               "matter-node-id.1_A = z";
    struct mc_conf c;

    (void)state;
    start(&c, text, strlen(text));
    expect_item(&c, 1, "", "top", "1");
    expect_item(&c, 5, "one", "key", "some text");
    assert_false(c.quoted);
    expect_item(&c, 6, "one", "quoted", " a # b ");
    assert_true(c.quoted);
    expect_item(&c, 7, "one", "empty", "");
    assert_false(c.quoted);
    expect_item(&c, 9, "two", "key", "x=y");
    expect_item(&c, 10, "two", "matter-node-id.1_A", "z");
    expect_end(&c);
    assert_int_equal(c.n_sections, 2);
    assert_int_equal(c.sections[1].line, 8);
}

static void byte_order_mark_and_crlf_are_accepted(void **state)
{
    static const char text[] = "\xEF\xBB\xBF[s]\r\nk = v\r\n\r\nl = \"w\"\r\n";
    struct mc_conf c;

    (void)state;
    start(&c, text, strlen(text));
    expect_item(&c, 2, "s", "k", "v");
    expect_item(&c, 4, "s", "l", "w");
    expect_end(&c);
}

static void an_empty_text_has_no_items(void **state)
{
    struct mc_conf c;

    (void)state;
    start(&c, "", 0);
    expect_end(&c);
    start(&c, "# only a comment", 16);
    expect_end(&c);
}

#define LINE(s) s, sizeof(s) - 1
static const struct {
    const char *name, *text;
    size_t n;
    enum mc_rc rc;
    unsigned line;
} refused[] = {
    {"variable", LINE("k = $var\n"), MC_E_CONF_SYNTAX, 1},
    {"variable in quotes", LINE("k = \"${var}\"\n"), MC_E_CONF_SYNTAX, 1},
    {"environment", LINE("k = $ENV::HOME\n"), MC_E_CONF_SYNTAX, 1},
    {"include", LINE("\n.include other.conf\n"), MC_E_CONF_SYNTAX, 2},
    {"include with =", LINE(".include = other.conf\n"), MC_E_CONF_SYNTAX, 1},
    {"pragma", LINE(".pragma = dollarid:on\n"), MC_E_CONF_SYNTAX, 1},
    {"escape", LINE("k = a\\nb\n"), MC_E_CONF_SYNTAX, 1},
    {"escape in quotes", LINE("k = \"a\\\"b\"\n"), MC_E_CONF_SYNTAX, 1},
    {"continued line", LINE("k = a \\\nb = c\n"), MC_E_CONF_SYNTAX, 1},
    {"continued comment", LINE("# a \\\nb = c\n"), MC_E_CONF_SYNTAX, 1},
    {"no equals sign", LINE("key value\n"), MC_E_CONF_SYNTAX, 1},
    {"no key", LINE("= value\n"), MC_E_CONF_SYNTAX, 1},
    {"key with a space", LINE("a key = value\n"), MC_E_CONF_SYNTAX, 1},
    {"key in a foreign section", LINE("other::key = value\n"), MC_E_CONF_SYNTAX, 1},
    {"key of 64 characters", LINE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1\n"),
        MC_E_CONF_SYNTAX, 1},
    {"unterminated quote", LINE("k = \"abc\n"), MC_E_CONF_SYNTAX, 1},
    {"a single quote mark", LINE("k = \"\n"), MC_E_CONF_SYNTAX, 1},
    {"quote closed too early", LINE("k = \"abc\" def\n"), MC_E_CONF_SYNTAX, 1},
    {"quote in the middle", LINE("k = abc \"def\"\n"), MC_E_CONF_SYNTAX, 1},
    {"unterminated section", LINE("[ one\nk = v\n"), MC_E_CONF_SYNTAX, 1},
    {"empty section", LINE("[ ]\n"), MC_E_CONF_SYNTAX, 1},
    {"section with a space", LINE("[ one two ]\n"), MC_E_CONF_SYNTAX, 1},
    {"text behind the section", LINE("[ one ] k = v\n"), MC_E_CONF_SYNTAX, 1},
    {"a lone bracket", LINE("[\n"), MC_E_CONF_SYNTAX, 1},
    {"NUL", LINE("k = a\0b\n"), MC_E_CONF_SYNTAX, 1},
    {"NUL in a comment", LINE("# a\0b\n"), MC_E_CONF_SYNTAX, 1},
    {"control character", LINE("k = a\x1B[2Jb\n"), MC_E_CONF_SYNTAX, 1},
    {"DEL", LINE("k = a\x7F\n"), MC_E_CONF_SYNTAX, 1},
    {"carriage return inside", LINE("k = a\rb\n"), MC_E_CONF_SYNTAX, 1},
    {"not UTF-8", LINE("k = M\xFCller\n"), MC_E_CONF_SYNTAX, 1},
    {"byte order mark in line 2", LINE("\n\xEF\xBB\xBFk = v\n"), MC_E_CONF_SYNTAX, 2},
    {"section twice", LINE("[a]\n[b]\n[a]\n"), MC_E_CONF_TWICE, 3},
    {"key twice", LINE("[a]\nk = 1\nk = 1\n"), MC_E_CONF_TWICE, 3},
};

static void lines_that_are_no_item_are_noted_with_their_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct mc_conf c;

        start(&c, refused[i].text, refused[i].n);
        while (mc_conf_take(&c, &mistakes))
            ;
        if (mistakes.n != 1 || mistakes.list[0].rc != refused[i].rc ||
            mistakes.list[0].line != refused[i].line)
            fail_msg("%s: %u mistakes, first %s in line %u", refused[i].name, mistakes.n,
                mc_rc_symbol(mistakes.list[0].rc), mistakes.list[0].line);
        assert_true(mistakes.list[0].what[0] != '\0');
    }
}

static void the_lines_around_a_mistake_are_still_read(void **state)
{
    static const char text[] = "a = 1\nbad\nb = 2\n";
    struct mc_conf c;

    (void)state;
    start(&c, text, strlen(text));
    expect_item(&c, 1, "", "a", "1");
    expect_item(&c, 3, "", "b", "2");
    assert_false(mc_conf_take(&c, &mistakes));
    assert_int_equal(mistakes.n, 1);
}

static void the_same_key_may_stand_in_two_sections(void **state)
{
    static const char text[] = "k = 0\n[a]\nk = 1\n[b]\nk = 2\n";
    struct mc_conf c;

    (void)state;
    start(&c, text, strlen(text));
    expect_item(&c, 1, "", "k", "0");
    expect_item(&c, 3, "a", "k", "1");
    expect_item(&c, 5, "b", "k", "2");
    expect_end(&c);
}

static void a_line_may_fill_its_limit_and_not_pass_it(void **state)
{
    char text[MC_CONF_LINE_MAX + 1];
    struct mc_conf c;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "k=", 2);
    start(&c, text, MC_CONF_LINE_MAX - 1);
    assert_true(mc_conf_take(&c, &mistakes));
    assert_int_equal(strlen(c.value), MC_CONF_LINE_MAX - 3);
    expect_end(&c);
    start(&c, text, MC_CONF_LINE_MAX);
    assert_false(mc_conf_take(&c, &mistakes));
    assert_int_equal(mistakes.list[0].rc, MC_E_CONF_SIZE);
    assert_int_equal(mistakes.list[0].line, 1);
}

static void a_file_may_fill_its_limit_and_not_pass_it(void **state)
{
    char *text = malloc(MC_CONF_MAX + 1);
    struct mc_conf c;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', MC_CONF_MAX + 1);
    start(&c, text, MC_CONF_MAX);
    expect_end(&c);
    start(&c, text, MC_CONF_MAX + 1);
    assert_false(mc_conf_take(&c, &mistakes));
    assert_int_equal(mistakes.n, 1);
    assert_int_equal(mistakes.list[0].rc, MC_E_CONF_SIZE);
    free(text);
}

static void names_beyond_the_limits_are_noted(void **state)
{
    char text[4096];
    size_t n = 0;
    struct mc_conf c;

    (void)state;
    for (int i = 0; i <= MC_CONF_KEYS; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "k%d=\n", i);
    start(&c, text, n);
    while (mc_conf_take(&c, &mistakes))
        ;
    assert_int_equal(mistakes.n, 1);
    assert_int_equal(mistakes.list[0].rc, MC_E_CONF_SIZE);
    assert_int_equal(mistakes.list[0].line, MC_CONF_KEYS + 1);
    n = 0;
    for (int i = 0; i <= MC_CONF_SECTIONS; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "[s%d]\n", i);
    start(&c, text, n);
    assert_false(mc_conf_take(&c, &mistakes));
    assert_int_equal(mistakes.list[0].rc, MC_E_CONF_SIZE);
    assert_int_equal(mistakes.list[0].line, MC_CONF_SECTIONS + 1);
}

static void mistakes_are_counted_beyond_what_is_kept_and_sorted(void **state)
{
    (void)state;
    mc_mistakes_init(&mistakes);
    for (unsigned i = 0; i < 2 * MC_CONF_MISTAKES; i++)
        mc_mistake(&mistakes, MC_E_CONF_KEY, 100 - i, "key", NULL);
    assert_int_equal(mistakes.n, 2 * MC_CONF_MISTAKES);
    mc_mistakes_sort(&mistakes);
    for (unsigned i = 1; i < MC_CONF_MISTAKES; i++)
        assert_true(mistakes.list[i - 1].line < mistakes.list[i].line);
}

static void random_bytes_never_break_the_reader(void **state)
{
    static const char alphabet[] = "a=[]\"#$\\.\n\r \t\xEF\xBB\xBF\x80";
    char text[200];
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct mc_conf c;
        size_t n = (unsigned)rand_r(&seed) % sizeof(text);

        for (size_t i = 0; i < n; i++)
            text[i] = alphabet[(unsigned)rand_r(&seed) % sizeof(alphabet)];
        start(&c, text, n);
        while (mc_conf_take(&c, &mistakes))
            assert_true(strlen(c.value) < n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_with_section_and_line),
        cmocka_unit_test(byte_order_mark_and_crlf_are_accepted),
        cmocka_unit_test(an_empty_text_has_no_items),
        cmocka_unit_test(lines_that_are_no_item_are_noted_with_their_line),
        cmocka_unit_test(the_lines_around_a_mistake_are_still_read),
        cmocka_unit_test(the_same_key_may_stand_in_two_sections),
        cmocka_unit_test(a_line_may_fill_its_limit_and_not_pass_it),
        cmocka_unit_test(a_file_may_fill_its_limit_and_not_pass_it),
        cmocka_unit_test(names_beyond_the_limits_are_noted),
        cmocka_unit_test(mistakes_are_counted_beyond_what_is_kept_and_sorted),
        cmocka_unit_test(random_bytes_never_break_the_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
