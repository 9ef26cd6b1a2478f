/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "lib/cli/json_read.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct mc_err err;

static struct json_t *read_text(const char *text)
{
    struct json_t *root = NULL;

    mc_err_init(&err);
    assert_int_equal(json_read_text(mc_span_of(text, strlen(text)), &root, &err), MC_OK);
    return root;
}

static void expect_wrong(enum mc_rc rc, const char *field, const char *what)
{
    assert_int_equal(rc, MC_E_JSON_MEMBER);
    assert_string_equal(err.field, field);
    assert_string_equal(err.what, what);
    mc_err_init(&err);
}

static void members_are_taken_by_their_type(void **state)
{
    struct json_t *root = read_text("{\"s\": \"text\", \"n\": 65521, \"x\": \"0xFFF1\", \"b\": true, \"h\": \"00fF\", "
                                    "\"e\": \"AQI=\", \"a\": [1, \"0x2\", \"three\"]}");
    static const char *const names[] = {"s", "n", "x", "b", "h", "e", "a", NULL};
    const struct json_t *array;
    const char *text;
    uint64_t number;
    uint8_t octets[2];
    size_t n;
    bool flag;

    (void)state;
    assert_int_equal(json_read_object(root, "", names, &err), MC_OK);
    assert_true(json_read_has(root, "s") && !json_read_has(root, "t"));
    assert_int_equal(json_read_string(root, "", "s", &text, &err), MC_OK);
    assert_string_equal(text, "text");
    assert_int_equal(json_read_uint(root, "", "n", 0xFFFF, &number, &err), MC_OK);
    assert_int_equal(number, 0xFFF1);
    assert_int_equal(json_read_uint(root, "", "x", 0xFFFF, &number, &err), MC_OK);
    assert_int_equal(number, 0xFFF1);
    assert_int_equal(json_read_bool(root, "", "b", &flag, &err), MC_OK);
    assert_true(flag);
    assert_int_equal(json_read_hex(root, "", "h", octets, sizeof(octets), &n, &err), MC_OK);
    assert_true(n == 2 && octets[0] == 0 && octets[1] == 0xFF);
    assert_int_equal(json_read_base64(root, "", "e", octets, sizeof(octets), &n, &err), MC_OK);
    assert_true(n == 2 && octets[0] == 1 && octets[1] == 2);
    assert_int_equal(json_read_array(root, "", "a", &array, &err), MC_OK);
    assert_true(json_read_is_array(array) && !json_read_is_array(root));
    assert_int_equal(json_read_count(array), 3);
    assert_int_equal(json_read_count(root), 0);
    assert_int_equal(json_read_uint_at(array, "a", 1, 9, &number, &err), MC_OK);
    assert_int_equal(number, 2);
    assert_int_equal(json_read_string_at(array, "a", 2, &text, &err), MC_OK);
    assert_string_equal(text, "three");
    assert_null(json_read_at(array, 3));
    json_read_free(root);
}

static void what_is_missing_unknown_or_of_another_type_is_named(void **state)
{
    struct json_t *root = read_text("{\"s\": 1, \"n\": -1, \"x\": \"FFF1\", \"b\": 1, \"h\": \"0\", \"e\": \"A\", \"a\": {}}");
    static const char *const names[] = {"s", "n", "x", "b", "h", "e", NULL};
    struct json_t *list = read_text("[70000]");
    const struct json_t *array;
    const char *text;
    uint64_t number;
    uint8_t octets[2];
    size_t n;
    bool flag;

    (void)state;
    expect_wrong(json_read_object(root, "[3]", names, &err), "[3].a", "it is unknown");
    expect_wrong(json_read_object(list, "", names, &err), "", "an object is wanted");
    expect_wrong(json_read_string(root, "", "s", &text, &err), "s", "a string is wanted");
    expect_wrong(json_read_string(root, "", "t", &text, &err), "t", "it is missing");
    expect_wrong(json_read_uint(root, "", "n", 9, &number, &err), "n", "a number is wanted, or a string \"0x...\"");
    expect_wrong(json_read_uint(root, "", "x", 9, &number, &err), "x", "a number is wanted, or a string \"0x...\"");
    expect_wrong(json_read_uint(root, "", "t", 9, &number, &err), "t", "it is missing");
    expect_wrong(json_read_uint_at(list, "l", 0, 0xFFFF, &number, &err), "l[0]", "the number is too large");
    expect_wrong(json_read_uint_at(list, "l", 1, 0xFFFF, &number, &err), "l[1]", "it is missing");
    expect_wrong(json_read_string_at(list, "l", 0, &text, &err), "l[0]", "a string is wanted");
    expect_wrong(json_read_bool(root, "", "b", &flag, &err), "b", "true or false is wanted");
    expect_wrong(json_read_hex(root, "", "h", octets, 2, &n, &err), "h", "pairs of hex digits are wanted");
    expect_wrong(json_read_base64(root, "", "e", octets, 2, &n, &err), "e", "padded base64 is wanted");
    expect_wrong(json_read_array(root, "", "a", &array, &err), "a", "an array is wanted");
    json_read_free(root);
    root = read_text("{\"h\": \"000000\", \"e\": \"AAAA\"}");
    expect_wrong(json_read_hex(root, "", "h", octets, 2, &n, &err), "h", "it is too long");
    expect_wrong(json_read_base64(root, "", "e", octets, 2, &n, &err), "e", "it is too long");
    json_read_free(root);
    json_read_free(list);
    json_read_free(NULL);
}

static void what_is_no_json_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
    } rows[] = {
        {"", 1},
        {"{\"a\": 1,\n \"a\": 2}", 2},
        {"{}\n{}", 2},
        {"{\"a\":\n\n nothing}", 3},
        {"\"\xFF\"", 1},
        {"\"a\\u0000b\"", 1},
        {"[1, 2", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json_t *root = NULL;

        mc_err_init(&err);
        assert_int_equal(json_read_text(mc_span_of(rows[i].text, strlen(rows[i].text)), &root, &err), MC_E_JSON);
        assert_int_equal(err.line, rows[i].line);
        assert_null(root);
    }
}

static void a_file_has_a_limit(void **state)
{
    char path[] = "/tmp/json-read-XXXXXX";
    struct json_t *root = NULL;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "[1, 2]\n", 7), 7);
    close(fd);
    mc_err_init(&err);
    assert_int_equal(json_read_file(path, 7, &root, &err), MC_OK);
    assert_int_equal(json_read_count(root), 2);
    json_read_free(root);
    root = NULL;
    assert_int_equal(json_read_file(path, 6, &root, &err), MC_E_TOO_BIG);
    assert_null(root);
    unlink(path);
    assert_int_equal(json_read_file(path, 6, &root, &err), CA_E_FILE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_taken_by_their_type),
        cmocka_unit_test(what_is_missing_unknown_or_of_another_type_is_named),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_line),
        cmocka_unit_test(a_file_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
