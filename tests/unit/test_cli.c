/* SPDX-License-Identifier: Apache-2.0 */
/* lib/cli: the command line, files, JSON, tables. stdout and stderr of cli_main are captured in files. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/cli/cli.h"
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"

static char folder[] = "/tmp/test_cli.XXXXXX";
static char seen[512]; /* what the verb saw */

static void see(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void see(const char *fmt, ...)
{
    size_t n = strlen(seen);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(seen + n, sizeof(seen) - n, fmt, ap);
    va_end(ap);
}

static enum mc_rc run_make(struct cli *c, struct mc_err *e)
{
    uint64_t id;
    enum mc_rc rc = cli_number(c, "id", 16, 7, &id, e);

    if (rc != MC_OK)
        return rc;
    see("make id=%llu out=%s json=%d quiet=%d", (unsigned long long)id, cli_value(c, "out"), c->json,
        c->quiet);
    for (unsigned i = 0; cli_value_at(c, "cat", i) != NULL; i++)
        see(" cat=%s", cli_value_at(c, "cat", i));
    for (int i = 0; i < c->n_operands; i++)
        see(" [%s]", c->operands[i]);
    if (cli_flag(c, "force"))
        see(" force");
    return MC_OK;
}

static enum mc_rc run_show(struct cli *c, struct mc_err *e)
{
    c->where = "a\033b";
    return c->n_operands > 0 ? mc_fail_at(e, MC_E_EMPTY, 3, "field", "%s", c->operands[0]) : MC_OK;
}

static enum mc_rc run_pin(struct cli *c, struct mc_err *e)
{
    uint64_t pin;

    return cli_number(c, "pin-number", 8, 0, &pin, e);
}

static enum mc_rc run_print(struct cli *c, struct mc_err *e)
{
    (void)c;
    (void)e;
    printf("data\n");
    return MC_OK;
}

static const struct cli_option common[] = {
    {.name = "state", .arg = "DIR", .help = "the state"},
    {.name = "json", .help = "print JSON"},
    {.name = NULL},
};
static const struct cli_option make_options[] = {
    {.name = "out", .arg = "DIR", .help = "where to", .required = true, .letter = 'o'},
    {.name = "id", .arg = "ID", .help = "the id, of which more is to be said than fits into what the line has left for it"},
    {.name = "cat", .arg = "CAT", .help = "a tag", .repeat = true},
    {.name = "force", .help = "overwrite", .letter = 'f'},
    {.name = NULL},
};
static const struct cli_option pin_options[] = {
    {.name = "pin-number", .arg = "N", .help = "secret"},
    {.name = NULL},
};
static const struct cli_verb verbs[] = {
    {.name = "make",
        .operands = "IN [OUT|IN...]",
        .summary = "makes",
        .options = make_options,
        .run = run_make,
        .help = "  prog make --out d in\n"
                "  prog make --out a-directory-with-a-long-name --id an-id-of-some-length --force --cat one in\n\n"
                "A paragraph whose own lines are longer than what fits beside a margin, which is why it is\n"
                "put together and broken anew.\n"
                "  left --as it is      here\n"
                "Another.\n\nA last one.\n"},
    {.name = "noc show", .operands = "[NAME]", .summary = "shows", .run = run_show},
    {.name = "noc pin", .operands = "", .summary = "pins", .options = pin_options, .run = run_pin},
    {.name = "print", .operands = "", .summary = "prints", .run = run_print},
    {.name = NULL},
};
static const struct cli_program program = {
    .name = "prog", .summary = "a program", .options = common, .verbs = verbs, .example = "  prog print\n"};

static char *slurp(const char *path)
{
    uint8_t *p = NULL;
    size_t n;

    assert_int_equal(io_read(path, 1 << 20, &p, &n, NULL), MC_OK);
    p = realloc(p, n + 1);
    assert_non_null(p);
    p[n] = '\0';
    return (char *)p;
}

static char out_path[64], err_path[64];

/* Runs cli_main with the words of line, which are parted by single blanks. */
static int run_line(const char *line)
{
    char copy[512], *argv[32], *rest = copy;
    int argc = 0, status, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);

    snprintf(copy, sizeof(copy), "%s", line);
    while (argc < 31 && (argv[argc] = strsep(&rest, " ")) != NULL)
        argc++;
    argv[argc] = NULL;
    seen[0] = '\0';
    fflush(stdout);
    dup2(open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open(err_path, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    status = cli_main(&program, argc, argv);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    closefrom(STDERR_FILENO + 1);
    return status;
}

static void expect(const char *line, int status, const char *saw)
{
    assert_int_equal(run_line(line), status);
    assert_string_equal(seen, saw);
}

/* Runs line, which is refused with status; stderr holds text and does not hold never. */
static void refused(const char *line, int status, const char *text, const char *never)
{
    char *err;

    assert_int_equal(run_line(line), status);
    err = slurp(err_path);
    if (strstr(err, text) == NULL)
        print_error("%s: wanted '%s', got: %s\n", line, text, err);
    assert_non_null(strstr(err, text));
    if (never != NULL)
        assert_null(strstr(err, never));
    free(err);
}

static void prints(const char *line, const char *text)
{
    char *out;

    assert_int_equal(run_line(line), 0);
    out = slurp(out_path);
    if (strstr(out, text) == NULL)
        print_error("%s: wanted '%s', got: %s\n", line, text, out);
    assert_non_null(strstr(out, text));
    free(out);
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    expect("prog make --out d in", 0, "make id=7 out=d json=0 quiet=0 [in]");
    expect("prog make in --out=d --json -q x y", 0, "make id=7 out=d json=1 quiet=1 [in] [x] [y]");
    expect("prog --json --state s make -o d in -f", 0, "make id=7 out=d json=1 quiet=0 [in] force");
    expect("prog make --state s in --cat 1 --cat 2 -od --force --force", 0,
        "make id=7 out=d json=0 quiet=0 cat=1 cat=2 [in] force");
    expect("prog make -o d --id 0x10 -", 0, "make id=16 out=d json=0 quiet=0 [-]");
}

static void words_after_two_dashes_are_operands(void **state)
{
    (void)state;
    expect("prog make --out d -- --json --", 0, "make id=7 out=d json=0 quiet=0 [--json] [--]");
    expect("prog make --out -- in", 0, "make id=7 out=-- json=0 quiet=0 [in]");
    setenv("POSIXLY_CORRECT", "1", 1);
    expect("prog make in --out d", 0, "make id=7 out=d json=0 quiet=0 [in]");
    unsetenv("POSIXLY_CORRECT");
}

static void mistakes_name_the_nearest(void **state)
{
    (void)state;
    refused("prog mkae", 2, "unknown verb 'mkae'; the nearest is 'make'", NULL);
    refused("prog noc shwo", 2, "unknown verb 'noc shwo'; the nearest is 'noc show'", NULL);
    refused("prog noc", 2, "'noc' needs a second word", NULL);
    refused("prog xyzzyx", 2, "unknown verb 'xyzzyx' [usage]", NULL);
    refused("prog", 2, "no verb is given", NULL);
    refused("prog make --ot d in", 2, "unknown option '--ot'; the nearest is '--out'", NULL);
    refused("prog --out d make in", 2, "'--out' stands behind the verb: prog make ... --out", NULL);
    refused("prog make --forc --out d in", 2, "the nearest is '--force'", NULL);
    refused("prog make --o d in", 2, "unknown option '--o'", NULL);
    refused("prog make -x in", 2, "unknown option '-x'", NULL);
}

static void wrong_operands_show_the_usage_line(void **state)
{
    static const char usage[] =
        "  usage: prog make --out DIR [--id ID] [--cat CAT]... [--force] IN [OUT|IN...]\n";

    (void)state;
    refused("prog make --out d", 2, usage, NULL);
    refused("prog make in", 2, "'--out DIR' is missing", NULL);
    refused("prog make in --out", 2, "'--out' needs a value", NULL);
    refused("prog make in -o", 2, "'-o' needs a value", NULL);
    refused("prog make in --out d --out e", 2, "'--out' stands more than once", NULL);
    refused("prog make in --out d --json=1", 2, "'--json' takes no value", NULL);
    refused("prog noc show a b", 2, "too many operands: 'noc show' wants [NAME]", NULL);
    refused("prog print a", 2, "'print' takes no operands", NULL);
    refused("prog make --out d --id 0123 in", 2, "--id: not a number", NULL);
}

static void secrets_are_not_repeated(void **state)
{
    (void)state;
    refused("prog noc pin --pin-number 12x4", 2, "--pin-number: not a number", "12x4");
    refused("prog noc pin --pin=1234", 2, "unknown option '--pin'", "1234");
    refused("prog noc pin --pin 1234", 2, "unknown option '--pin'", "1234");
    refused("prog noc pin --quiet=1234", 2, "takes no value", "1234");
}

static void errors_say_where_and_how_to_mend(void **state)
{
    (void)state;
    refused("prog noc show x\033y", 4,
        "prog: a\\x1Bb: field: the input is empty: x?y (offset 3) [empty]\n  check that it is the right "
        "file\n",
        "\033");
}

static void help_begins_with_an_example(void **state)
{
    (void)state;
    prints("prog --help", "Example:\n  prog print\n\nprog: a program\n");
    prints("prog help make", "Example:\n  prog make --out d in\n  prog make");
    prints("prog make -h", "  -o, --out DIR");
    prints("prog noc --help", "noc show");
    prints("prog help noc", "noc pin");
    prints("prog help noc show", "Usage: prog noc show [NAME]");
    prints("prog --version", "prog " CLI_VERSION "\n");
    prints("prog make -V", "prog " CLI_VERSION "\n");
    prints("prog --synopsis", ".Nm\n.Cm make\n.Fl \\-out Ar DIR\n.Op Fl \\-id Ar ID\n");
    prints("prog --completion bash", "complete -o default -F _prog prog\n");
    refused("prog --completion fish", 2, "bash only", NULL);
    refused("prog help mkae", 2, "the nearest is 'make'", NULL);
}

static void help_is_wrapped(void **state)
{
    (void)state;
    prints("prog help make",
        "\n  prog make --out a-directory-with-a-long-name --id an-id-of-some-length \\\n"
        "      --force --cat one in\n\n"
        "Usage: prog make --out DIR [--id ID] [--cat CAT]... [--force] IN [OUT|IN...]\n\n"
        "makes\n\n"
        "A paragraph whose own lines are longer than what fits beside a margin, which is\n"
        "why it is put together and broken anew.\n"
        "  left --as it is      here\n"
        "Another.\n\nA last one.\n");
    prints("prog help make",
        "  --id ID               the id, of which more is to be said than fits into what\n"
        "                        the line has left for it\n"
        "  --cat CAT             a tag (may be repeated)\n");
    prints("prog help noc pin", "Usage: prog noc pin [--pin-number N]\n");
    prints("prog help noc pin", "  --pin-number N        secret\n");
}

static void a_full_stdout_is_an_error(void **state)
{
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), status;
    char *argv[] = {(char[]){"prog"}, (char[]){"print"}, NULL};
    char *text;

    (void)state;
    fflush(stdout);
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    dup2(open(err_path, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    status = cli_main(&program, 2, argv);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    closefrom(STDERR_FILENO + 1);
    assert_int_equal(status, 1);
    text = slurp(err_path);
    assert_non_null(strstr(text, "prog: stdout: the disk is full"));
    free(text);
}

static const char *path_in(const char *name)
{
    static char path[16][128];
    static unsigned turn;

    turn = (turn + 1) % 16;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static unsigned files_in_folder(void)
{
    struct io_names names;
    unsigned n;

    assert_int_equal(io_list(folder, &names, NULL), MC_OK);
    n = (unsigned)names.n;
    io_names_free(&names);
    return n;
}

static void files_are_written_as_a_whole(void **state)
{
    const char *path = path_in("a"), *link = path_in("link");
    unsigned before = files_in_folder();
    struct stat st;
    char *text;

    (void)state;
    assert_int_equal(io_write(path, mc_span_of("one", 3), 0600, NULL), MC_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(io_write_new(path, mc_span_of("two", 3), 0600, NULL), CA_E_EXISTS);
    assert_int_equal(symlink("a", link), 0);
    assert_int_equal(io_write_fast(link, mc_span_of("three", 5), 0644, NULL), MC_OK);
    text = slurp(path);
    assert_string_equal(text, "three");
    free(text);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(io_write("/dev/null", mc_span_of("x", 1), 0644, NULL), MC_OK);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(io_write("/dev/full", mc_span_of("x", 1), 0644, NULL), CA_E_DB_FULL);
    assert_int_equal(io_write(folder, mc_span_of("x", 1), 0644, NULL), CA_E_IS_DIRECTORY);
    assert_int_equal(io_write(path_in("none/a"), mc_span_of("x", 1), 0644, NULL), CA_E_OUTPUT);
    assert_int_equal(io_make_dir(path_in("dir"), 0755, NULL), MC_OK);
    assert_int_equal(io_make_dir(path_in("dir"), 0755, NULL), MC_OK);
    assert_int_equal(io_make_dir(path, 0755, NULL), CA_E_OUTPUT);
    assert_int_equal(files_in_folder(), before + 2);
}

static void reading_stops_one_octet_after_the_limit(void **state)
{
    const char *path = path_in("big");
    uint8_t buf[11], *p = NULL;
    size_t n;

    (void)state;
    assert_int_equal(io_write(path, mc_span_of("0123456789", 10), 0600, NULL), MC_OK);
    assert_int_equal(io_read(path, 10, &p, &n, NULL), MC_OK);
    assert_int_equal(n, 10);
    free(p);
    assert_int_equal(io_read(path, 9, &p, &n, NULL), MC_E_TOO_BIG);
    assert_int_equal(io_read_into(path, buf, 11, &n, NULL), MC_OK);
    assert_int_equal(n, 10);
    assert_int_equal(io_read_into(path, buf, 10, &n, NULL), MC_E_TOO_BIG);
    assert_int_equal(truncate(path, INT64_C(1) << 30), 0);
    assert_int_equal(io_read(path, 1000, &p, &n, NULL), MC_E_TOO_BIG);
    assert_int_equal(io_read("/dev/zero", 1000000, &p, &n, NULL), MC_E_TOO_BIG);
    assert_int_equal(io_read_into("/dev/zero", buf, 11, &n, NULL), MC_E_TOO_BIG);
    assert_int_equal(io_read(folder, 1000, &p, &n, NULL), CA_E_IS_DIRECTORY);
    assert_int_equal(io_read(path_in("missing"), 1000, &p, &n, NULL), CA_E_FILE_NOT_FOUND);
    assert_int_equal(io_read(path_in("big/x"), 1000, &p, &n, NULL), CA_E_FILE_NOT_FOUND);
}

/* Runs write on a stream and compares what came out. */
static void compare(void (*write)(FILE *), const char *want)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);

    assert_non_null(f);
    write(f);
    fclose(f);
    assert_string_equal(text, want);
    free(text);
}

static void write_json(FILE *f)
{
    struct json j;

    json_init(&j, f, false);
    json_object(&j, NULL);
    json_string(&j, "text", "a\"\\\n\x01\x7F\xC2\x85\xE2\x80\xAE\xC3\xA9\xFF");
    json_array(&j, "list");
    json_number(&j, NULL, -5);
    json_bool(&j, NULL, true);
    json_null(&j, NULL);
    json_end_array(&j);
    json_array(&j, "none");
    json_end_array(&j);
    json_id(&j, "id", 0xAB, 16);
    json_hex(&j, "hex", mc_span_of("\x01\xFF", 2));
    json_end_object(&j);
}

static void write_json_line(FILE *f)
{
    struct json j;

    for (int i = 0; i < 2; i++) {
        json_init(&j, f, true);
        json_object(&j, NULL);
        json_number(&j, "i", i);
        json_object(&j, "in");
        json_bool(&j, "b", false);
        json_end_object(&j);
        json_end_object(&j);
    }
}

static void json_is_written_in_order_and_escaped(void **state)
{
    (void)state;
    compare(write_json, "{\n  \"text\": \"a\\\"\\\\\\n\\u0001\\u007F\\u0085\\u202E\xC3\xA9\xEF\xBF\xBD\",\n"
                        "  \"list\": [\n    -5,\n    true,\n    null\n  ],\n  \"none\": [],\n"
                        "  \"id\": \"0x00000000000000AB\",\n  \"hex\": \"01ff\"\n}\n");
    compare(write_json_line, "{\"i\": 0, \"in\": {\"b\": false}}\n{\"i\": 1, \"in\": {\"b\": false}}\n");
}

static void write_table(FILE *f)
{
    static const char *const headers[] = {"NAME", ">N", "LAST", NULL};
    struct table *t = table_new(headers);

    assert_non_null(t);
    assert_int_equal(table_row(t, (const char *const[]){"a", "1", "x"}), MC_OK);
    assert_int_equal(table_row(t, (const char *const[]){"\xC3\xA4-long\x1B", "100", ""}), MC_OK);
    table_print(t, f);
    assert_int_equal(table_row(t, (const char *const[]){"b", "2", "y"}), MC_OK);
    table_print(t, f);
    table_free(t);
}

static void tables_are_aligned(void **state)
{
    (void)state;
    compare(write_table, "NAME       N  LAST\n"
                         "a          1  x\n"
                         "\xC3\xA4-long?  100\n"
                         "b          2  y\n");
}

static void write_text(FILE *f)
{
    text_puts(f, "ok \xC3\xA9 \x1B[2J \xC2\x9B \xFF \xED\xA0\x80 \xE2\x80\xAE");
}

static void text_cannot_steer_the_terminal(void **state)
{
    (void)state;
    compare(write_text, "ok \xC3\xA9 \\x1B[2J \\xC2\\x9B \\xFF \\xED\\xA0\\x80 \\xE2\\x80\\xAE");
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(out_path, sizeof(out_path), "%s/out", folder);
    snprintf(err_path, sizeof(err_path), "%s/err", folder);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"out", "err", "a", "link", "big"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_in(names[i]));
    rmdir(path_in("dir"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(words_after_two_dashes_are_operands),
        cmocka_unit_test(mistakes_name_the_nearest),
        cmocka_unit_test(wrong_operands_show_the_usage_line),
        cmocka_unit_test(secrets_are_not_repeated),
        cmocka_unit_test(errors_say_where_and_how_to_mend),
        cmocka_unit_test(help_begins_with_an_example),
        cmocka_unit_test(help_is_wrapped),
        cmocka_unit_test(a_full_stdout_is_an_error),
        cmocka_unit_test(files_are_written_as_a_whole),
        cmocka_unit_test(reading_stops_one_octet_after_the_limit),
        cmocka_unit_test(json_is_written_in_order_and_escaped),
        cmocka_unit_test(tables_are_aligned),
        cmocka_unit_test(text_cannot_steer_the_terminal),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
