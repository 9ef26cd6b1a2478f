/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

enum {
    NO_DIGIT = 0xFF,
    NUMBER_DIGITS_MAX = 16, /* hex digits of a uint64_t */
    NUMBER_ECHO = 40,       /* characters of a wrong number that an error repeats */
};

static void hex_encode(const uint8_t *p, size_t n, const char digits[16], char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 0x0F];
    }
    out[2 * n] = '\0';
}

void mc_hex_encode(const uint8_t *p, size_t n, char *out)
{
    hex_encode(p, n, "0123456789abcdef", out);
}

void mc_hex_encode_upper(const uint8_t *p, size_t n, char *out)
{
    hex_encode(p, n, "0123456789ABCDEF", out);
}

static uint8_t hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint8_t)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (uint8_t)(c - 'A' + 10);
    return NO_DIGIT;
}

bool mc_hex_decode(const char *text, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t high = hex_digit(text[2 * i]);

        if (high == NO_DIGIT) /* the text may end here: do not look further */
            return false;
        uint8_t low = hex_digit(text[2 * i + 1]);
        if (low == NO_DIGIT)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void mc_base64_encode(const uint8_t *p, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (; n >= 3; n -= 3, p += 3) {
        *out++ = digits[p[0] >> 2];
        *out++ = digits[(p[0] & 0x03) << 4 | p[1] >> 4];
        *out++ = digits[(p[1] & 0x0F) << 2 | p[2] >> 6];
        *out++ = digits[p[2] & 0x3F];
    }
    if (n != 0) {
        uint8_t second = n == 2 ? p[1] : 0;

        *out++ = digits[p[0] >> 2];
        *out++ = digits[(p[0] & 0x03) << 4 | second >> 4];
        *out++ = n == 2 ? digits[(second & 0x0F) << 2] : '=';
        *out++ = '=';
    }
    *out = '\0';
}

/* The value of a digit plus one, so that what is not named here is no digit. */
static const uint8_t base64_value[256] = {
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
    ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static uint8_t base64_digit(char c)
{
    return (uint8_t)(base64_value[(uint8_t)c] - 1);
}

bool mc_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One group of four characters, the last ones '=': its octets, 1 to 3, or 0 if it is malformed. */
static size_t base64_group(const char c[4], uint8_t out[3])
{
    size_t pad = c[3] != '=' ? 0 : c[2] != '=' ? 1 : 2;
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        uint8_t digit = i < 4 - pad ? base64_digit(c[i]) : 0;
        if (digit == NO_DIGIT)
            return 0;
        bits = bits << 6 | digit;
    }
    if ((pad == 1 && (bits & 0xFF) != 0) || (pad == 2 && (bits & 0xFFFF) != 0))
        return 0;
    out[0] = (uint8_t)(bits >> 16);
    out[1] = (uint8_t)(bits >> 8);
    out[2] = (uint8_t)bits;
    return 3 - pad;
}

/* Whole groups without padding or space; gives how many characters of text were taken. */
static size_t base64_run(const char *text, size_t n, uint8_t *out, size_t cap)
{
    size_t groups = n / 4 < cap / 3 ? n / 4 : cap / 3, i;

    for (i = 0; i < groups; i++, text += 4, out += 3) {
        uint8_t a = base64_digit(text[0]), b = base64_digit(text[1]), c = base64_digit(text[2]),
                d = base64_digit(text[3]);

        if ((a | b | c | d) > 63)
            break;
        out[0] = (uint8_t)(a << 2 | b >> 4);
        out[1] = (uint8_t)(b << 4 | c >> 2);
        out[2] = (uint8_t)(c << 6 | d);
    }
    return 4 * i;
}

enum mc_rc mc_base64_decode(
    const char *text, size_t n, bool skip_space, uint8_t *out, size_t cap, size_t *len)
{
    char group[4];
    uint8_t octets[3];
    size_t i = 0, have = 0, done = 0, got = 3;

    while (i < n) {
        if (have == 0 && got == 3) {
            size_t run = base64_run(text + i, n - i, out + done, cap - done);

            i += run;
            done += run / 4 * 3;
            if (i == n)
                break;
        }
        if (skip_space && mc_is_space(text[i])) {
            i++;
            continue;
        }
        group[have++] = text[i++];
        if (have < sizeof(group))
            continue;
        have = 0;
        if (got != 3) /* the group before this one was padded */
            return MC_E_BASE64;
        got = base64_group(group, octets);
        if (got == 0)
            return MC_E_BASE64;
        if (got > cap - done)
            return MC_E_SPACE;
        memcpy(out + done, octets, got);
        done += got;
    }
    if (have != 0)
        return MC_E_BASE64;
    *len = done;
    return MC_OK;
}

/* Digits of base 10 or 16 up to the end of text; false if one is no digit or the value passes limit. */
static bool digits_parse(const char *text, unsigned base, uint64_t limit, uint64_t *value)
{
    uint64_t v = 0;

    for (; *text != '\0'; text++) {
        uint8_t digit = hex_digit(*text);
        if (digit >= base || v > (limit - digit) / base)
            return false;
        v = v * base + digit;
    }
    *value = v;
    return true;
}

enum mc_rc mc_number_parse(const char *text, unsigned max_digits, uint64_t *value, struct mc_err *e)
{
    bool hex = text[0] == '0' && text[1] == 'x';
    const char *digits = hex ? text + 2 : text;
    size_t n = strlen(digits);
    uint64_t limit;

    if (max_digits == 0 || max_digits > NUMBER_DIGITS_MAX)
        return mc_fail(e, MC_E_INTERNAL, NULL, "a number of %u digits", max_digits);
    limit = max_digits == NUMBER_DIGITS_MAX ? UINT64_MAX : (UINT64_C(1) << 4 * max_digits) - 1;
    if (n == 0)
        return mc_fail(e, MC_E_NUMBER, NULL, "there is no digit");
    if (hex && n > max_digits)
        return mc_fail(
            e, MC_E_NUMBER, NULL, "'%.*s' has more than %u hex digits", NUMBER_ECHO, text, max_digits);
    if (!hex && n > 1 && digits[0] == '0')
        return mc_fail(e, MC_E_NUMBER, NULL, "'%.*s' begins with 0: write 0x for hex", NUMBER_ECHO, text);
    if (!digits_parse(digits, hex ? 16 : 10, limit, value))
        return mc_fail(e, MC_E_NUMBER, NULL, "'%.*s'", NUMBER_ECHO, text);
    return MC_OK;
}

/* Length of the UTF-8 sequence that this lead octet begins, with its payload bits in *code; 0 if none. */
static size_t utf8_lead(uint8_t lead, uint32_t *code)
{
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    if ((lead & 0xE0) == 0xC0) {
        *code = lead & 0x1F;
        return 2;
    }
    if ((lead & 0xF0) == 0xE0) {
        *code = lead & 0x0F;
        return 3;
    }
    *code = lead & 0x07;
    return (lead & 0xF8) == 0xF0 ? 4 : 0;
}

bool mc_utf8_check(struct mc_span text)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *p = text.p, *end = text.p + text.n;

    while (p < end) {
        uint32_t code;
        size_t n = utf8_lead(*p, &code);

        if (n == 0 || n > (size_t)(end - p))
            return false;
        for (size_t i = 1; i < n; i++) {
            if ((p[i] & 0xC0) != 0x80)
                return false;
            code = code << 6 | (p[i] & 0x3F);
        }
        if (code < smallest[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        p += n;
    }
    return true;
}
