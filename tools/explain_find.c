/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain: objects inside of a text, as people paste them: PEM blocks between lines of a log, with line
 * breaks written as \n or lost; octets in hex, as an array of C, with colons, as a dump with offsets; base64,
 * also of URLs and broken into lines. What was understood is blanked out, so that no number is read in it.
 */
#include "explain.h"

#include <ctype.h>
#include <stdlib.h>

#include "lib/der.h"
#include "lib/payload.h"
#include "lib/tlv.h"

enum {
    OBJECT_MIN = 32, /* octets of the smallest object that is looked for */
    BASE64_MIN = 44, /* their characters */
    PART_MIN = 4,    /* octets of a line behind which the next line goes on */
    WORD_MIN = 20,   /* characters of base64 that stand before other words of a line */
    SHIFT_MAX = 16,  /* octets before an object that do not belong to it: a length, a number */
    DUMP_LINE = 16,  /* octets of a line of a dump */
    ROOM = TOOL_INPUT_MAX + 1,
};

static struct tool_input found;

/* Octets or characters of several lines, and where they stand in the text. */
struct gathered {
    uint8_t p[ROOM];
    size_t n, last; /* all; of the last line */
    char *from, *to;
};
static struct gathered parts;

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

static size_t object_length(struct mc_span in)
{
    struct mc_der d = mc_der_of(in), content;
    struct mc_tlv t = mc_tlv_of(in, false);
    struct mc_tlv_elem el;

    if (in.n < OBJECT_MIN)
        return 0;
    if (in.p[0] == MC_DER_SEQUENCE)
        return mc_der_take(&d, MC_DER_SEQUENCE, &content) == MC_OK ? in.n - mc_der_rest(&d).n : 0;
    if (in.p[0] != MC_TLV_STRUCT || mc_tlv_take(&t, &el) != MC_OK || mc_tlv_skip_container(&t) != MC_OK)
        return 0;
    return mc_tlv_offset(&t);
}

/* Explains each object in these octets; false if there is none. */
static bool explain_octets(struct explain *x, enum mc_outer outer, struct mc_span in)
{
    bool any = false;
    struct mc_err e;

    for (size_t shift = 0; in.n >= OBJECT_MIN && shift <= SHIFT_MAX;) {
        size_t n = object_length(in);

        memcpy(found.raw, in.p, n);
        found.in = (struct mc_input){.bytes = mc_span_of(found.raw, n),
            .outer = outer,
            .inner = in.p[0] == MC_DER_SEQUENCE ? MC_INNER_DER : MC_INNER_TLV};
        found.object = n >= OBJECT_MIN ? mc_object_guess(&found.in) : MC_OBJECT_UNKNOWN;
        if (found.object == MC_OBJECT_UNKNOWN || found.object == MC_OBJECT_PRIVATE_KEY) {
            in = mc_span_of(in.p + 1, in.n - 1);
            shift++;
            continue;
        }
        mc_err_init(&e);
        x->since = x->said;
        any = explain_object(x, &found, &e) == MC_OK || any;
        in = mc_span_of(in.p + n, in.n - n);
        shift = 0;
    }
    return any;
}

/* --- base64 ---------------------------------------------------------------------------------------- */

static bool is_base64(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '-' || c == '_';
}

/* The next word of base64 before end, with its padding; NULL if there is none. */
static char *next_base64(char *p, const char *end, size_t *n)
{
    for (; p < end; p += *n + 1) {
        for (*n = 0; p + *n < end && is_base64(p[*n]);)
            ++*n;
        if (*n == 0)
            continue;
        while (p + *n < end && p[*n] == '=')
            ++*n;
        return p;
    }
    return NULL;
}

static void gather(const char *word, size_t n)
{
    for (; n > 0 && parts.n + 4 < sizeof(parts.p); n--, word++)
        if (*word != '=')
            parts.p[parts.n++] = (uint8_t)(*word == '-' ? '+' : *word == '_' ? '/' : *word);
}

/* What was gathered, decoded and explained. */
static bool explain_base64(struct explain *x, enum mc_outer outer)
{
    size_t n = 0;

    while (parts.n % 4 != 0)
        parts.p[parts.n++] = '=';
    return parts.n >= BASE64_MIN &&
           mc_base64_decode(
               (const char *)parts.p, parts.n, false, found.scratch, sizeof(found.scratch), &n) == MC_OK &&
           explain_octets(x, outer, mc_span_of(found.scratch, n));
}

static char *line_end(char *p)
{
    return p + strcspn(p, "\n");
}

static void find_base64_words(struct explain *x, char *text)
{
    char *end = text + strlen(text), *p = text;
    size_t n = 0;

    for (; (p = next_base64(p, end, &n)) != NULL; p += n) {
        if (n < BASE64_MIN)
            continue;
        parts.n = 0;
        gather(p, n);
        if (explain_base64(x, MC_OUTER_BASE64))
            blank(p, p + n);
    }
}

static void end_base64(struct explain *x)
{
    if (parts.n > 0 && explain_base64(x, MC_OUTER_BASE64))
        blank(parts.from, parts.to);
    parts.n = 0;
}

/* A short word belongs to it if there is no object without. */
static void end_base64_with(struct explain *x, char *word, size_t n)
{
    size_t before = parts.n;

    if (explain_base64(x, MC_OUTER_BASE64)) {
        blank(parts.from, parts.to);
    } else {
        parts.n = before;
        gather(word, n);
        if (explain_base64(x, MC_OUTER_BASE64))
            blank(parts.from, word + n);
    }
    parts.n = 0;
}

/* The last word of each line, in lines that follow each other. */
static void find_base64_lines(struct explain *x, char *text)
{
    parts.n = 0;
    for (char *line = text, *end; *line != '\0'; line = end + (*end == '\n')) {
        char *word = NULL, *p = line;
        size_t n = 0, more;

        end = line_end(line);
        while ((p = next_base64(p, end, &more)) != NULL) {
            word = p;
            n = more;
            p += more;
        }
        if (word == NULL || n < PART_MIN || (parts.n == 0 && n < WORD_MIN)) {
            end_base64(x);
            continue;
        }
        if (n < WORD_MIN)
            end_base64_with(x, word, n);
        else {
            if (parts.n == 0)
                parts.from = word;
            gather(word, n);
            parts.to = word + n;
        }
    }
    end_base64(x);
}

/* --- PEM ------------------------------------------------------------------------------------------- */

/* The words of base64 between BEGIN and END: long ones, and what ends a line, real or written as \n. */
static void gather_body(char *p, const char *end)
{
    char *word = p;
    size_t n = 0;

    parts.n = 0;
    for (char *q = p; q < end; q++)
        if (*q == '\\' && q + 1 < end) {
            q[0] = ' ';
            q[1] = '\n';
        }
    for (; (word = next_base64(word, end, &n)) != NULL; word += n)
        if (n >= WORD_MIN || word + n >= end || strchr("\r\n\"' ", word[n]) == NULL ||
            word[n + strspn(word + n, "\r\"' ,")] == '\n' || word + n + strspn(word + n, "\r\n\"' ,") >= end)
            gather(word, n);
}

static void find_pem(struct explain *x, char *text)
{
    static const char begin[] = "-----BEGIN ", dashes[] = "-----";
    char mark[MC_PEM_LABEL_MAX + 16];
    char *p = text;

    while ((p = strstr(p, begin)) != NULL) {
        char *label = p + sizeof(begin) - 1, *body = strstr(label, dashes), *end;

        if (body == NULL || body - label >= MC_PEM_LABEL_MAX)
            return;
        snprintf(mark, sizeof(mark), "-----END %.*s-----", (int)(body - label), label);
        body += sizeof(dashes) - 1;
        end = strstr(body, mark);
        if (end == NULL) {
            p = body;
            continue;
        }
        gather_body(body, end);
        if (memmem(label, (size_t)(body - label), "PRIVATE", 7) != NULL)
            blank(body, end); /* its words tell what there is to tell */
        else if (explain_base64(x, MC_OUTER_PEM))
            blank(p, end + strlen(mark));
        p = end;
    }
}

/* --- octets in hex --------------------------------------------------------------------------------- */

static size_t hex_digits(const char *p, const char *end)
{
    size_t n = 0;

    while (p + n < end && isxdigit((unsigned char)p[n]))
        n++;
    return n;
}

static void keep_octets(const char *digits, size_t n, size_t *count)
{
    for (; n >= 2 && parts.n + *count < sizeof(parts.p); n -= 2, digits += 2)
        if (mc_hex_decode(digits, 1, &parts.p[parts.n + *count]))
            ++*count;
}

/* "15", "0x15", "\x15", "1530"; the characters of it, or 0. The octets go behind those that were gathered. */
static size_t take_octets(const char *p, const char *end, size_t *count)
{
    size_t prefix = end - p > 2 && (p[0] == '0' || p[0] == '\\') && (p[1] == 'x' || p[1] == 'X') ? 2 : 0;
    size_t n = hex_digits(p + prefix, end);

    if (n == 0 || n % 2 != 0 ||
        (p + prefix + n < end && (isalnum((unsigned char)p[prefix + n]) || p[prefix + n] == '_')))
        return 0;
    keep_octets(p + prefix, n, count);
    return prefix + n;
}

/* The octets from p on, with nothing but blanks, commas, colons and quotes between them. */
static size_t take_run(char *p, const char *end, char **to)
{
    size_t count = 0, n;

    while ((n = take_octets(p, end, &count)) > 0) {
        *to = p + n;
        for (p += n; p < end && strchr(" \t,:\"", *p) != NULL;)
            p++;
    }
    return count;
}

/* A line of a dump: its offset is the octets that were gathered; behind the octets stands their text. */
static size_t take_dump(char *p, const char *end, char **to)
{
    size_t n = hex_digits(p, end), count = 0, gap;
    const char *offset = p;

    if (n < 4 || n > 8 || strtoul(offset, NULL, 16) != parts.n)
        return 0;
    p += n + (p + n < end && p[n] == ':');
    while (count < DUMP_LINE && (gap = strspn(p, " ")) > 0 && (gap == 1 || count % (DUMP_LINE / 2) == 0)) {
        n = take_octets(p + gap, end, &count);
        if (n == 0)
            break;
        p += gap + n;
        *to = p;
    }
    return count;
}

/* The octets of a line: of a dump, or the longest run of them. */
static size_t take_line(char *line, const char *end, char **from, char **to)
{
    size_t best = 0;
    char *stop = line;

    for (char *p = line; p < end; p++) {
        bool first = p == line || (!isalnum((unsigned char)p[-1]) && p[-1] != '_' && p[-1] != '\\');

        if (first && (best = take_dump(p, end, to)) > 0) {
            *from = p;
            return best;
        }
    }
    for (char *p = line; p < end; p++) {
        size_t n;

        if (p > line && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))
            continue;
        n = take_run(p, end, &stop);
        if (n > best) {
            best = n;
            *from = p;
            *to = stop;
        }
        if (n > 0)
            p = stop - 1;
    }
    if (best > 0)
        best = take_run(*from, end, to); /* the longest one lies behind what was gathered */
    return best;
}

static void end_hex(struct explain *x)
{
    if (parts.n >= OBJECT_MIN && explain_octets(x, MC_OUTER_HEX, mc_span_of(parts.p, parts.n)))
        blank(parts.from, parts.to);
    parts.n = 0;
}

static void find_hex(struct explain *x, char *text)
{
    parts.n = 0;
    for (char *line = text, *end; *line != '\0'; line = end + (*end == '\n')) {
        char *from = line, *to = line;
        size_t n;

        end = line_end(line);
        n = take_line(line, end, &from, &to);
        if (n > 0 && parts.n == 0)
            parts.from = from;
        if (n > 0)
            parts.to = to;
        parts.n += n;
        if (n < PART_MIN)
            end_hex(x);
    }
    end_hex(x);
}

/* --- onboarding payloads --------------------------------------------------------------------------- */

static void say_payload(struct explain *x, const char *what)
{
    explain_say(x, what,
        "how a device is set up: ids, discriminator, and the setup passcode, which is a secret", "",
        "put it into a file and run 'mattercert payload show FILE'; whoever has it can commission the "
        "device, so do not post it");
}

static void find_payload(struct explain *x, char *text)
{
    static const char base38[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.*";
    struct mc_payload manual;
    size_t n = strlen(text);

    for (char *p = text; (p = strstr(p, "MT:")) != NULL; p += 3) {
        n = strspn(p + 3, base38);
        if ((p > text && isalnum((unsigned char)p[-1])) || n < 10)
            continue;
        say_payload(x, "the text of a QR code: an onboarding payload");
        blank(p, p + 3 + n);
    }
    n = strlen(text);
    if (strspn(text, "0123456789- \n") == n && n >= 11 &&
        mc_manual_parse(mc_span_of(text, n), &manual, NULL) == MC_OK) {
        say_payload(x, "a manual pairing code: an onboarding payload");
        blank(text, text + n);
    }
}

void explain_found(struct explain *x, char *text)
{
    find_payload(x, text);
    find_pem(x, text);
    find_hex(x, text);
    find_base64_words(x, text);
    find_base64_lines(x, text);
    x->since = 0;
    explain_text(x, text);
}
