/* SPDX-License-Identifier: Apache-2.0 */
/* All that is made from the verb table for people and shells: help, synopsis, completion. */
#include <string.h>

#include "front.h"
#include "wrap.h"

enum {
    NAME_COLUMN = 22,
    USAGE_INDENT = 4,
    WORD_MAX = 128,
};

static void put_option_name(const struct cli_option *o, FILE *f)
{
    int n = fprintf(f, "  ");

    if (o->letter != 0)
        n += fprintf(f, "-%c, ", o->letter);
    n += fprintf(f, "--%s", o->name);
    if (o->arg != NULL)
        n += fprintf(f, " %s", o->arg);
    if (n > NAME_COLUMN)
        fprintf(f, "\n%*s  ", NAME_COLUMN, "");
    else
        fprintf(f, "%*s  ", NAME_COLUMN - n, "");
}

/* What stands behind a name, in a column of its own. */
static void put_meaning(const char *text, const char *more, FILE *f)
{
    struct wrap w;

    wrap_start(&w, f, wrap_width(f, WRAP_WIDTH), NAME_COLUMN + 2, NAME_COLUMN + 2);
    wrap_text(&w, text, strlen(text));
    wrap_text(&w, more, strlen(more));
    wrap_end(&w);
}

static void put_options(const struct cli_option *o, FILE *f)
{
    for (; o != NULL && o->name != NULL; o++) {
        put_option_name(o, f);
        put_meaning(o->help, o->repeat ? "(may be repeated)" : "", f);
    }
}

static void put_common_options(const struct cli_program *p, FILE *f)
{
    fprintf(f, "\nOptions of every verb:\n");
    put_options(p->options, f);
    put_options(cli_builtin, f);
}

static void put_verbs(const struct cli_program *p, const char *group, FILE *f)
{
    size_t n = group != NULL ? strlen(group) : 0;

    fprintf(f, "\nVerbs:\n");
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++) {
        if (group != NULL && (strncmp(v->name, group, n) != 0 || v->name[n] != ' '))
            continue;
        fprintf(f, "  %-*s  ", NAME_COLUMN - 2, v->name);
        put_meaning(v->summary, "", f);
    }
}

/* The octets of the indented lines with which text begins. */
static size_t example_length(const char *text)
{
    const char *at = text;

    while (strncmp(at, "  ", 2) == 0)
        at += strcspn(at, "\n") + (strchr(at, '\n') != NULL);
    return (size_t)(at - text);
}

/* One command of an example: a line that is too long is continued before an option, as a shell reads it. */
static void put_command(const char *text, size_t n, FILE *f)
{
    const char *end = text + n;
    size_t width = wrap_width(f, WRAP_WIDTH), column = 0;

    while (text < end) {
        const char *next = memmem(text + 1, (size_t)(end - text) - 1, " --", 3);
        size_t part = (size_t)((next != NULL ? next : end) - text);

        if (column > 0 && column + part + (next != NULL ? 2 : 0) > width)
            column = (size_t)fprintf(f, " \\\n     ") - 3;
        fwrite(text, 1, part, f);
        column += part;
        text += part;
    }
    putc('\n', f);
}

static void put_example(const char *text, FILE *f)
{
    size_t n = text != NULL ? example_length(text) : 0;

    if (n == 0)
        return;
    fprintf(f, "Example:\n");
    for (const char *end = text + n; text < end; text += strspn(text, "\n")) {
        size_t line = strcspn(text, "\n");

        put_command(text, line, f);
        text += line;
    }
    putc('\n', f);
}

/* The lines up to one that is empty or indented are wrapped as a whole; gives the octets of them. */
static size_t put_paragraph(const char *text, FILE *f)
{
    const char *at = text;
    struct wrap w;

    wrap_start(&w, f, wrap_width(f, WRAP_WIDTH), 0, 0);
    while (*at != '\0' && *at != '\n' && *at != ' ') {
        size_t n = strcspn(at, "\n");

        wrap_text(&w, at, n);
        at += n + (at[n] == '\n');
    }
    wrap_end(&w);
    return (size_t)(at - text);
}

/* Lines that are indented stay as they are. */
static void put_paragraphs(const char *text, FILE *f)
{
    if (text == NULL)
        return;
    text += example_length(text);
    text += strspn(text, "\n");
    if (*text != '\0')
        putc('\n', f);
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        if (n == 0 || *text == ' ') {
            fprintf(f, "%.*s\n", (int)n, text);
            text += n + (text[n] == '\n');
        } else {
            text += put_paragraph(text, f);
        }
    }
}

/* "[--name VALUE]" is one word. */
static void put_option_word(const struct cli_option *o, struct wrap *w)
{
    char word[WORD_MAX];

    snprintf(word, sizeof(word), "%s--%s%s%s%s%s", o->required ? "" : "[", o->name, o->arg != NULL ? " " : "",
        o->arg != NULL ? o->arg : "", o->required ? "" : "]", o->repeat ? "..." : "");
    wrap_word(w, word, strlen(word));
}

void cli_usage_line(const struct cli_program *p, const struct cli_verb *v, const char *before, FILE *f)
{
    struct wrap w;

    fputs(before, f);
    wrap_start(&w, f, wrap_width(f, WRAP_WIDTH), strlen(before), strlen(before) + USAGE_INDENT);
    wrap_text(&w, p->name, strlen(p->name));
    wrap_text(&w, v->name, strlen(v->name));
    for (const struct cli_option *o = v->options; o != NULL && o->name != NULL; o++)
        put_option_word(o, &w);
    wrap_text(&w, v->operands, strlen(v->operands));
    wrap_end(&w);
}

void cli_help_verb(const struct cli_program *p, const struct cli_verb *v, FILE *f)
{
    put_example(v->help, f);
    cli_usage_line(p, v, "Usage: ", f);
    putc('\n', f);
    (void)put_paragraph(v->summary, f);
    put_paragraphs(v->help, f);
    if (v->options != NULL)
        fprintf(f, "\nOptions:\n");
    put_options(v->options, f);
    put_common_options(p, f);
}

void cli_help_group(const struct cli_program *p, const char *word, FILE *f)
{
    fprintf(f, "Usage: %s %s VERB [OPTIONS] ...\n", p->name, word);
    put_verbs(p, word, f);
    fprintf(f, "\nMore: %s help %s VERB\n", p->name, word);
}

void cli_help_program(const struct cli_program *p, FILE *f)
{
    put_example(p->example, f);
    fprintf(f, "%s: %s\n\nUsage: %s VERB [OPTIONS] ...\n", p->name, p->summary, p->name);
    put_verbs(p, NULL, f);
    put_common_options(p, f);
    fprintf(f, "\nMore: %s help VERB, man %s\n", p->name, p->name);
}

/* Words of mdoc: the hyphens of an option are written as minus signs. */
static void put_mdoc_option(const struct cli_option *o, FILE *f)
{
    fprintf(f, ".%sFl \\-%s", o->required ? "" : "Op ", o->name);
    if (o->arg != NULL)
        fprintf(f, " Ar %s", o->arg);
    if (o->repeat)
        fprintf(f, " No ...");
    putc('\n', f);
}

/* "IN [OUT]" becomes ".Ar IN" and ".Op Ar OUT". */
static void put_mdoc_operands(const char *operands, FILE *f)
{
    while (*operands != '\0') {
        size_t n = strcspn(operands, " ");
        bool optional = operands[0] == '[' && operands[n - 1] == ']';

        fprintf(f, ".%sAr %.*s\n", optional ? "Op " : "", (int)(n - (optional ? 2 : 0)), operands + optional);
        operands += n;
        operands += strspn(operands, " ");
    }
}

void cli_synopsis(const struct cli_program *p, FILE *f)
{
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++) {
        fprintf(f, ".Nm\n.Cm %s\n", v->name);
        for (const struct cli_option *o = v->options; o != NULL && o->name != NULL; o++)
            put_mdoc_option(o, f);
        put_mdoc_operands(v->operands, f);
    }
    for (const struct cli_option *o = p->options; o != NULL && o->name != NULL; o++)
        fprintf(f, "%s.Fl \\-%s%s%s\n", o == p->options ? ".Pp\nBefore or after every verb:\n" : "", o->name,
            o->arg != NULL ? " Ar " : "", o->arg != NULL ? o->arg : "");
}

static void put_flags(const struct cli_option *o, bool with_value, char between, FILE *f)
{
    for (; o != NULL && o->name != NULL; o++)
        if (!with_value || o->arg != NULL)
            fprintf(f, "%c--%s", between, o->name);
}

static size_t first_word(const struct cli_verb *v)
{
    return strcspn(v->name, " ");
}

static bool is_first_of_group(const struct cli_program *p, const struct cli_verb *v)
{
    size_t n = first_word(v);

    for (const struct cli_verb *before = p->verbs; before != v; before++)
        if (first_word(before) == n && strncmp(before->name, v->name, n) == 0)
            return false;
    return true;
}

static void put_first_words(const struct cli_program *p, FILE *f)
{
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        if (is_first_of_group(p, v))
            fprintf(f, " %.*s", (int)first_word(v), v->name);
}

/* The second words of the group that v is the first of: for "csr": show check. */
static void put_second_words(const struct cli_verb *v, FILE *f)
{
    const char *group = v->name;
    size_t n = first_word(v);

    for (; v->name != NULL; v++)
        if (strncmp(v->name, group, n + 1) == 0)
            fprintf(f, " %s", v->name + n + 1);
}

static void put_verb_case(const struct cli_program *p, const struct cli_verb *v, FILE *f)
{
    bool group = v->name[first_word(v)] == ' ';

    if (group && is_first_of_group(p, v)) {
        fprintf(
            f, "    '%.*s'|'help %.*s') list='", (int)first_word(v), v->name, (int)first_word(v), v->name);
        put_second_words(v, f);
        fprintf(f, "' ;;\n");
    }
    if (group)
        fprintf(f, "    '%s') flags='", v->name);
    else
        fprintf(f, "    '%s'|'%s '*) flags='", v->name, v->name);
    put_flags(v->options, false, ' ', f);
    put_flags(p->options, false, ' ', f);
    put_flags(cli_builtin, false, ' ', f);
    fprintf(f, "' ;;\n");
}

static void put_cases(const struct cli_program *p, FILE *f)
{
    fprintf(f, "    '') list='help");
    put_first_words(p, f);
    fprintf(f, "' flags='");
    put_flags(p->options, false, ' ', f);
    put_flags(cli_builtin, false, ' ', f);
    fprintf(f, "' ;;\n    help) list='");
    put_first_words(p, f);
    fprintf(f, "' ;;\n");
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        put_verb_case(p, v, f);
}

/*
 * Words that are options, and their values, are set aside; what remains is the verb. Options are offered
 * for a word that begins with '-'; where a file can stand, the shell completes it by itself.
 */
void cli_completion_bash(const struct cli_program *p, FILE *f)
{
    fprintf(f,
        "_%s() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} word skip= list= flags= words=()\n"
        "  COMPREPLY=()\n"
        "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "    if [[ -n $skip && $word == = ]]; then continue; fi\n"
        "    if [[ -n $skip ]]; then skip=; continue; fi\n"
        "    case $word in\n"
        "    -o",
        p->name);
    put_flags(p->options, true, '|', f);
    for (const struct cli_verb *v = p->verbs; v->name != NULL; v++)
        put_flags(v->options, true, '|', f);
    fprintf(f, ") skip=1 ;;\n"
               "    -*) ;;\n"
               "    *) words+=(\"$word\") ;;\n"
               "    esac\n"
               "  done\n"
               "  if [[ -n $skip ]]; then return; fi\n"
               "  case \"${words[*]:0:2}\" in\n");
    put_cases(p, f);
    fprintf(f,
        "  esac\n"
        "  if [[ $cur == -* ]]; then list=$flags; fi\n"
        "  COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n"
        "}\n"
        "complete -o default -F _%s %s\n",
        p->name, p->name);
}
