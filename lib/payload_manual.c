/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pairing codes and their check digit (matter-attestation 7.3). */
#include <stdio.h>

#include "payload.h"

enum { SHORT_LEN = 11, LONG_LEN = MC_MANUAL_MAX };

/* The group D5, the powers of Verhoeff's permutation by application, and inverses. */
static unsigned d5(unsigned a, unsigned b)
{
    if (a < 5)
        return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
    return b < 5 ? 5 + (a - b + 5) % 5 : (a - b + 5) % 5;
}

static unsigned permute(unsigned digit, size_t times)
{
    static const uint8_t p[] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

    for (times %= 8; times > 0; times--) /* its order is 8 */
        digit = p[digit];
    return digit;
}

char mc_verhoeff(const char *digits, size_t n)
{
    unsigned c = 0;

    for (size_t i = 1; i <= n; i++)
        c = d5(c, permute((unsigned)(digits[n - i] - '0'), i));
    return (char)('0' + (c >= 1 && c <= 4 ? 5 - c : c));
}

bool mc_verhoeff_holds(const char *digits, size_t n)
{
    return n > 0 && mc_verhoeff(digits, n - 1) == digits[n - 1];
}

/* Digits of text without dashes and blanks; false for other characters or too many digits. */
static bool strip(struct mc_span text, char digits[LONG_LEN], size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '-' || mc_is_space((char)text.p[i]))
            continue;
        if (text.p[i] < '0' || text.p[i] > '9' || *n == LONG_LEN)
            return false;
        digits[(*n)++] = (char)text.p[i];
    }
    return true;
}

static uint32_t decimal(const char *digits, size_t n)
{
    uint32_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint32_t)(digits[i] - '0');
    return v;
}

static enum mc_rc take_ids(const char *digits, struct mc_payload *p, struct mc_err *e)
{
    uint32_t vid = decimal(digits, 5), pid = decimal(digits + 5, 5);

    if (vid > 0xFFFF || pid > 0xFFFF)
        return mc_fail(e, MC_E_PAYLOAD_MANUAL, vid > 0xFFFF ? "vid" : "pid", "%u is more than 65535", vid > 0xFFFF ? vid : pid);
    p->has_ids = true;
    p->vid = (uint16_t)vid;
    p->pid = (uint16_t)pid;
    return MC_OK;
}

enum mc_rc mc_manual_parse(struct mc_span text, struct mc_payload *out, struct mc_err *e)
{
    struct mc_payload p = {.manual = true};
    char d[LONG_LEN];
    uint32_t first, second;
    size_t n;
    enum mc_rc rc = MC_OK;

    if (!strip(text, d, &n))
        return mc_fail(e, MC_E_PAYLOAD_MANUAL, NULL, "it holds more than 21 digits, or other characters");
    if (n != SHORT_LEN && n != LONG_LEN)
        return mc_fail(e, MC_E_PAYLOAD_MANUAL, NULL, "%zu digits", n);
    if (!mc_verhoeff_holds(d, n))
        return mc_fail(e, MC_E_PAYLOAD_DIGIT, NULL, NULL);
    first = decimal(d, 1);
    if (first > 7 || (n == LONG_LEN) != (first >= 4))
        return mc_fail(e, MC_E_PAYLOAD_MANUAL, NULL, first > 7 ? "it begins with 8 or 9" : "%zu digits do not fit its first digit", n);
    second = decimal(d + 1, 5);
    if (second > 0xFFFF || decimal(d + 6, 4) > 0x1FFF)
        return mc_fail(e, MC_E_PAYLOAD_MANUAL, NULL, "its digits 2 to 10 are out of range");
    if (n == LONG_LEN)
        rc = take_ids(d + 10, &p, e);
    p.flow = n == LONG_LEN ? MC_FLOW_CUSTOM : MC_FLOW_STANDARD;
    p.discriminator = (uint16_t)((first & 3) << 2 | second >> 14);
    p.passcode = decimal(d + 6, 4) << 14 | (second & 0x3FFF);
    if (rc == MC_OK)
        *out = p;
    return rc;
}

enum mc_rc mc_manual_encode(const struct mc_payload *p, char *out, struct mc_err *e)
{
    struct mc_payload qr = *p;
    bool with_ids = p->flow != MC_FLOW_STANDARD;
    unsigned d = p->discriminator >> 8;
    enum mc_rc rc;
    int n;

    qr.manual = true;
    rc = mc_payload_check(&qr, e);
    if (rc != MC_OK)
        return rc;
    if (with_ids && p->vid == 0)
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "vid", "a code of 21 digits tells it, so it cannot be 0");
    n = snprintf(out, MC_MANUAL_MAX + 1, "%u%05u%04u", (d >> 2) + (with_ids ? 4 : 0),
        (unsigned)(p->passcode & 0x3FFF) + ((d & 3) << 14), (unsigned)(p->passcode >> 14));
    if (with_ids)
        n += snprintf(out + n, (size_t)(MC_MANUAL_MAX + 1 - n), "%05u%05u", p->vid, p->pid);
    out[n] = mc_verhoeff(out, (size_t)n);
    out[n + 1] = '\0';
    return MC_OK;
}

void mc_manual_format(const char *digits, char *out)
{
    static const uint8_t group[] = {4, 3, 4, 4, 4, 2};
    size_t n = strnlen(digits, MC_MANUAL_MAX), at = 0;

    for (unsigned g = 0; g < sizeof(group) && at < n; g++) {
        if (g > 0)
            *out++ = '-';
        for (unsigned i = 0; i < group[g] && at < n; i++)
            *out++ = digits[at++];
    }
    *out = '\0';
}
