/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: verb, options, operands; then the verb runs and its error becomes the exit status. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "front.h"
#include "text.h"

enum {
    LONG_BASE = 256, /* getopt_long's value of option i is LONG_BASE + i */
    OPERAND = 1,     /* its value of a word that is no option */
    NAME_MAX_LEN = 40,
};

struct given {
    const struct cli_option *option;
    const char *value[CLI_REPEAT_MAX];
    unsigned n;
};

struct cli_values {
    struct given given[CLI_OPTIONS_MAX];
    unsigned n;
};

const struct cli_option cli_builtin[] = {
    {.name = "quiet", .letter = 'q', .help = "print no notes, only data and errors"},
    {.name = "help", .letter = 'h', .help = "show this help and do nothing else"},
    {.name = "version", .letter = 'V', .help = "show the version and do nothing else"},
    {.name = NULL},
};

/* Taken everywhere, shown nowhere. */
static const struct cli_option hidden[] = {
    {.name = "synopsis"},
    {.name = "completion", .arg = "SHELL"},
    {.name = NULL},
};

static enum mc_rc usage_fail(struct mc_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static enum mc_rc usage_fail(struct mc_err *e, const char *fmt, ...)
{
    char what[sizeof(e->what)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return mc_fail(e, CA_E_USAGE, NULL, "%s", what);
}

static void accept_table(struct cli_accept *a, const struct cli_option *o)
{
    for (; o != NULL && o->name != NULL; o++)
        if (a->n < CLI_OPTIONS_MAX && cli_accept_find(a, o->name) == NULL)
            a->option[a->n++] = o;
}

void cli_accept_fill(struct cli_accept *a, const struct cli_program *p, const struct cli_verb *v)
{
    a->n = 0;
    if (v != NULL)
        accept_table(a, v->options);
    accept_table(a, p->options);
    accept_table(a, cli_builtin);
    accept_table(a, hidden);
}

const struct cli_option *cli_accept_find(const struct cli_accept *a, const char *name)
{
    for (unsigned i = 0; i < a->n; i++)
        if (strcmp(a->option[i]->name, name) == 0)
            return a->option[i];
    return NULL;
}

static const struct given *find_given(const struct cli *c, const char *option)
{
    for (unsigned i = 0; i < c->values->n; i++)
        if (strcmp(c->values->given[i].option->name, option) == 0)
            return &c->values->given[i];
    return NULL;
}

const char *cli_value_at(const struct cli *c, const char *option, unsigned i)
{
    const struct given *g = find_given(c, option);

    return g != NULL && i < g->n ? g->value[i] : NULL;
}

const char *cli_value(const struct cli *c, const char *option)
{
    return cli_value_at(c, option, 0);
}

bool cli_flag(const struct cli *c, const char *option)
{
    return find_given(c, option) != NULL;
}

enum mc_rc cli_number(const struct cli *c, const char *option, unsigned max_digits, uint64_t fallback,
    uint64_t *out, struct mc_err *e)
{
    const char *text = cli_value(c, option);
    bool secret = strstr(option, "pin") != NULL;
    char field[sizeof(e->field)];
    enum mc_rc rc;

    if (text == NULL) {
        *out = fallback;
        return MC_OK;
    }
    rc = mc_number_parse(text, max_digits, out, secret ? NULL : e);
    snprintf(field, sizeof(field), "--%s", option);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, field, NULL);
}

static enum mc_rc keep(
    struct cli_values *values, const struct cli_option *o, const char *value, struct mc_err *e)
{
    struct given *g = values->given;

    while (g < values->given + values->n && g->option != o)
        g++;
    if (g == values->given + values->n) {
        *g = (struct given){.option = o};
        values->n++;
    }
    if (g->n > 0 && o->arg == NULL && !o->repeat)
        return MC_OK; /* a flag twice says the same */
    if (g->n == (o->repeat ? CLI_REPEAT_MAX : 1))
        return usage_fail(e, "'--%s' stands more than %s", o->name, o->repeat ? "8 times" : "once");
    g->value[g->n++] = value;
    return MC_OK;
}

/* The tables that getopt_long wants, made from ours. Zero to begin with. */
struct getopt_tables {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 3];
};

static void fill_tables(struct getopt_tables *t, const struct cli_accept *a, char order)
{
    char *at = t->letters;

    *at++ = order;
    *at++ = ':';
    for (unsigned i = 0; i < a->n; i++) {
        const struct cli_option *o = a->option[i];

        t->longs[i].name = o->name;
        t->longs[i].has_arg = o->arg != NULL ? required_argument : no_argument;
        t->longs[i].val = LONG_BASE + (int)i;
        if (o->letter == 0)
            continue;
        *at++ = o->letter;
        if (o->arg != NULL)
            *at++ = ':';
    }
}

/* The name of a long option as it was written, without "--" and "=VALUE"; "" for a letter. */
static void written_name(const char *word, char out[NAME_MAX_LEN + 1])
{
    size_t n;

    out[0] = '\0';
    if (strncmp(word, "--", 2) != 0)
        return;
    n = strcspn(word + 2, "=");
    snprintf(out, NAME_MAX_LEN + 1, "%.*s", (int)(n < NAME_MAX_LEN ? n : NAME_MAX_LEN), word + 2);
}

/* An option of some verb that was written before it. */
static const struct cli_verb *verb_with_option(const struct cli_program *p, const char *name)
{
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        for (const struct cli_option *o = v->options; o != NULL && o->name != NULL; o++)
            if (strcmp(o->name, name) == 0)
                return v;
    return NULL;
}

static enum mc_rc unknown_option(
    const struct cli *c, const struct cli_accept *a, const char *word, struct mc_err *e)
{
    const char *names[CLI_OPTIONS_MAX + 1] = {NULL}, *near;
    char name[NAME_MAX_LEN + 1];
    const struct cli_verb *v;

    written_name(word, name);
    if (name[0] == '\0')
        return usage_fail(e, "unknown option '-%c'", optopt != 0 ? optopt : word[1]);
    v = c->verb == NULL ? verb_with_option(c->program, name) : NULL;
    if (v != NULL)
        return usage_fail(
            e, "'--%s' stands behind the verb: %s %s ... --%s", name, c->program->name, v->name, name);
    for (unsigned i = 0; i < a->n; i++)
        names[i] = a->option[i]->name;
    near = text_nearest(name, names);
    if (near != NULL)
        return usage_fail(e, "unknown option '--%s'; the nearest is '--%s'", name, near);
    return usage_fail(e, "unknown option '--%s'", name);
}

/* What getopt_long found wrong: '?' or ':'. The value of an option is never repeated. */
static enum mc_rc bad_option(
    const struct cli *c, const struct cli_accept *a, int found, const char *word, struct mc_err *e)
{
    if (found == ':' && optopt >= LONG_BASE)
        return usage_fail(e, "'--%s' needs a value", a->option[optopt - LONG_BASE]->name);
    if (found == ':')
        return usage_fail(e, "'-%c' needs a value", optopt);
    if (optopt >= LONG_BASE)
        return usage_fail(e, "'--%s' takes no value", a->option[optopt - LONG_BASE]->name);
    return unknown_option(c, a, word, e);
}

static const struct cli_option *option_of(const struct cli_accept *a, int found)
{
    if (found >= LONG_BASE)
        return a->option[found - LONG_BASE];
    for (unsigned i = 0; i < a->n; i++)
        if (a->option[i]->letter == found)
            return a->option[i];
    return NULL;
}

/*
 * Takes options up to the first other word (order '+') or all of them (order '-'), where other words become
 * operands; they are gathered at the front of argv, which getopt_long has passed by then.
 */
static enum mc_rc take_options(struct cli *c, char order, int argc, char **argv, struct mc_err *e)
{
    struct getopt_tables t = {.letters = ""};
    struct cli_accept a;
    int found;

    cli_accept_fill(&a, c->program, c->verb);
    fill_tables(&t, &a, order);
    opterr = 0;
    optind = 0;
    while ((found = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
        const struct cli_option *o = option_of(&a, found);
        bool apart = o != NULL && o->arg != NULL && optarg == argv[optind - 1];
        char name[NAME_MAX_LEN + 1];
        enum mc_rc rc;

        if (found == OPERAND) {
            c->operands[c->n_operands++] = optarg;
            continue;
        }
        if (o == NULL && order == '-' && strncmp(argv[optind - 1], "---", 3) == 0) { /* "-----BEGIN", which no option is */
            c->operands[c->n_operands++] = argv[optind - 1];
            continue;
        }
        if (o == NULL)
            return bad_option(c, &a, found, argv[optind - 1], e);
        written_name(argv[optind - (apart ? 2 : 1)], name);
        if (found >= LONG_BASE && strcmp(name, o->name) != 0) /* an abbreviation */
            return unknown_option(c, &a, argv[optind - (apart ? 2 : 1)], e);
        rc = keep(c->values, o, optarg, e);
        if (rc != MC_OK)
            return rc;
    }
    for (int i = optind; order == '-' && i < argc; i++)
        c->operands[c->n_operands++] = argv[i];
    return MC_OK;
}

/* How many operands the pattern of a verb wants: "IN [OUT]" 1 to 2; "FILE..." 1 to any number. */
static void operand_range(const char *pattern, int *least, int *most)
{
    *least = *most = 0;
    while (*pattern != '\0') {
        size_t n = strcspn(pattern, " ");

        if (*pattern != '[')
            (*least)++;
        if (*most >= 0)
            (*most)++;
        if (memmem(pattern, n, "...", 3) != NULL)
            *most = -1;
        pattern += n;
        pattern += strspn(pattern, " ");
    }
}

static enum mc_rc check_verb(const struct cli *c, struct mc_err *e)
{
    int least, most;

    for (const struct cli_option *o = c->verb->options; o != NULL && o->name != NULL; o++)
        if (o->required && find_given(c, o->name) == NULL)
            return usage_fail(e, "'--%s %s' is missing", o->name, o->arg != NULL ? o->arg : "");
    operand_range(c->verb->operands, &least, &most);
    if (c->n_operands < least)
        return usage_fail(e, "'%s' wants %s", c->verb->name, c->verb->operands);
    if (most == 0 && c->n_operands > 0)
        return usage_fail(e, "'%s' takes no operands", c->verb->name);
    if (most > 0 && c->n_operands > most)
        return usage_fail(e, "too many operands: '%s' wants %s", c->verb->name, c->verb->operands);
    return MC_OK;
}

static bool same_words(const char *name, int n, char *const *words, int *taken)
{
    size_t first = strcspn(name, " ");

    *taken = name[first] == '\0' ? 1 : 2;
    if (*taken > n || strlen(words[0]) != first || memcmp(name, words[0], first) != 0)
        return false;
    return *taken == 1 || strcmp(name + first + 1, words[1]) == 0;
}

const struct cli_verb *cli_verb_find(const struct cli_program *p, int n, char *const *words, int *taken)
{
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        if (same_words(v->name, n, words, taken))
            return v;
    return NULL;
}

bool cli_is_group(const struct cli_program *p, const char *word)
{
    size_t n = strlen(word);

    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ')
            return true;
    return false;
}

/* Compares both words where the first names a group, else the first. */
static enum mc_rc unknown_verb(const struct cli_program *p, int n, char *const *words, struct mc_err *e)
{
    enum { VERBS_MAX = 64 };
    const char *names[2 * VERBS_MAX + 1], *near;
    char first[VERBS_MAX][NAME_MAX_LEN + 1], word[NAME_MAX_LEN + 1];
    bool group = cli_is_group(p, words[0]);
    unsigned count = 0;

    if (group && n == 1)
        return usage_fail(e, "'%s' needs a second word; see '%s help %s'", words[0], p->name, words[0]);
    snprintf(word, sizeof(word), "%.*s%s%.*s", NAME_MAX_LEN / 2, words[0], group ? " " : "",
        NAME_MAX_LEN / 2 - 1, group ? words[1] : "");
    for (const struct cli_verb *v = p->verbs; v->name != NULL && count < VERBS_MAX; v++, count++) {
        snprintf(first[count], sizeof(first[count]), "%.*s",
            group ? NAME_MAX_LEN : (int)strcspn(v->name, " "), v->name);
        names[count] = first[count];
    }
    names[count] = group ? NULL : "help";
    names[count + 1] = NULL;
    near = text_nearest(word, names);
    if (near != NULL)
        return usage_fail(e, "unknown verb '%s'; the nearest is '%s'", word, near);
    return usage_fail(e, "unknown verb '%s'", word);
}

static enum mc_rc help(const struct cli_program *p, int n, char *const *words, struct mc_err *e)
{
    const struct cli_verb *v;
    int taken;

    if (n == 0) {
        cli_help_program(p, stdout);
        return MC_OK;
    }
    v = cli_verb_find(p, n, words, &taken);
    if (v != NULL)
        cli_help_verb(p, v, stdout);
    else if (n == 1 && cli_is_group(p, words[0]))
        cli_help_group(p, words[0], stdout);
    else
        return unknown_verb(p, n, words, e);
    return MC_OK;
}

/* What needs no verb to run; *done tells that the command line asked for such. */
static enum mc_rc answer(const struct cli *c, int n, char *const *words, bool *done, struct mc_err *e)
{
    const char *shell = cli_value(c, "completion");

    *done = true;
    if (cli_flag(c, "help"))
        return help(c->program, n, words, e);
    if (cli_flag(c, "version"))
        printf("%s %s\n", c->program->name, CLI_VERSION);
    else if (cli_flag(c, "synopsis"))
        cli_synopsis(c->program, stdout);
    else if (shell != NULL && strcmp(shell, "bash") != 0)
        return usage_fail(e, "there is a completion for bash only");
    else if (shell != NULL)
        cli_completion_bash(c->program, stdout);
    else
        *done = false;
    return MC_OK;
}

static enum mc_rc run(struct cli *c, int argc, char **argv, struct mc_err *e)
{
    bool done;
    int taken, n;
    enum mc_rc rc = take_options(c, '+', argc, argv, e);

    if (rc != MC_OK)
        return rc;
    argv += optind;
    n = argc - optind;
    rc = answer(c, n, argv, &done, e);
    if (done || rc != MC_OK)
        return rc;
    if (n == 0)
        return usage_fail(e, "no verb is given; see '%s --help'", c->program->name);
    c->verb = cli_verb_find(c->program, n, argv, &taken);
    if (c->verb == NULL && strcmp(argv[0], "help") == 0)
        return help(c->program, n - 1, argv + 1, e);
    if (c->verb == NULL && n > 1 && cli_is_group(c->program, argv[0]) &&
        (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return help(c->program, 1, argv, e);
    if (c->verb == NULL)
        return unknown_verb(c->program, n, argv, e);
    c->operands = argv + taken - 1;
    rc = take_options(c, '-', n - taken + 1, argv + taken - 1, e);
    if (rc == MC_OK && cli_flag(c, "help")) {
        cli_help_verb(c->program, c->verb, stdout);
        return MC_OK;
    }
    if (rc == MC_OK)
        rc = answer(c, 0, NULL, &done, e);
    if (rc == MC_OK && !done)
        rc = check_verb(c, e);
    if (rc != MC_OK || done)
        return rc;
    c->json = cli_flag(c, "json");
    c->quiet = cli_flag(c, "quiet");
    return c->verb->run(c, e);
}

/*
 * A descriptor that the caller closed would be given to the next file opened, and what is printed would
 * land in it. Such a place is taken by /dev/null, opened so that using it fails.
 */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static enum mc_rc flush_output(struct mc_err *e)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return MC_OK;
    clearerr(stdout);
    mc_err_init(e);
    return mc_fail(e, errno == ENOSPC ? CA_E_DB_FULL : CA_E_OUTPUT, "stdout", "%s", strerror(errno));
}

int cli_main(const struct cli_program *p, int argc, char **argv)
{
    struct cli_values values = {.n = 0};
    struct cli c = {.program = p, .values = &values};
    struct mc_err e, out;
    enum mc_rc rc, flushed;

    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    mc_err_init(&e);
    mc_err_init(&out);
    rc = run(&c, argc, argv, &e);
    flushed = flush_output(&out);
    if (rc != MC_OK && !c.reported) {
        if (e.rc != rc)
            (void)mc_fail(&e, rc, NULL, NULL);
        cli_print_error(&c, c.where, &e);
    }
    if (flushed == MC_OK)
        return (int)mc_rc_class(rc);
    /* A verb that failed because of it has said so. */
    if (rc != CA_E_OUTPUT || c.reported)
        cli_print_error(&c, NULL, &out);
    return (int)mc_rc_class(flushed);
}
