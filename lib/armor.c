/* SPDX-License-Identifier: Apache-2.0 */
#include "armor.h"

#include "der.h"
#include "tlv.h"

enum {
    PEM_LINE_OCTETS = 48, /* 64 characters of base64 */
    DER_LONG_LENGTH = 0x80,
    DER_LONG_LENGTH_LAST = 0x84,
    DER_HEADER_SHORT = 2,
};

static const char pem_begin[] = "-----BEGIN ";
static const char pem_end[] = "-----END ";
static const char pem_dashes[] = "-----";
static const char pem_private[] = "PRIVATE KEY-----";

struct text {
    const char *p;
    size_t n;
};

static bool text_begins(struct text t, const char *prefix)
{
    size_t n = strlen(prefix);

    return t.n >= n && memcmp(t.p, prefix, n) == 0;
}

static struct text text_skip(struct text t, size_t n)
{
    return (struct text){t.p + n, t.n - n};
}

/* Without byte order mark and the white space at both ends. */
static struct text text_trim(struct mc_span in)
{
    struct text t = {(const char *)in.p, in.n};

    if (text_begins(t, "\xEF\xBB\xBF"))
        t = text_skip(t, 3);
    while (t.n != 0 && mc_is_space(t.p[0]))
        t = text_skip(t, 1);
    while (t.n != 0 && mc_is_space(t.p[t.n - 1]))
        t.n--;
    return t;
}

static bool text_is_ascii(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((t.p[i] < 0x20 || t.p[i] > 0x7E) && !mc_is_space(t.p[i]))
            return false;
    return true;
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool text_is_hex(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (!is_hex_digit(t.p[i]) && !mc_is_space(t.p[i]) && t.p[i] != ':')
            return false;
    return true;
}

static bool text_has_hex_prefix(struct text t)
{
    return text_begins(t, "0x") || text_begins(t, "0X");
}

/* The rest of t from the first line that begins with mark; n == 0 if there is none. */
static struct text find_line(struct text t, const char *mark)
{
    const char *start = t.p, *at;

    while ((at = memmem(t.p, t.n, mark, strlen(mark))) != NULL) {
        t = text_skip(t, (size_t)(at - t.p));
        if (at == start || at[-1] == '\n' || at[-1] == '\r')
            return t;
        t = text_skip(t, 1);
    }
    return text_skip(t, t.n);
}

/*
 * Raw Matter TLV begins with 15, a control character that no text holds. Raw DER begins with 30, which is
 * also the digit 0; it is DER when its second octet cannot be text, or when its short length fits. The
 * only text that can pass for the latter is "0x" and 120 hex digits: no object of the field has content
 * of hex digits alone, so the text wins.
 */
static bool is_raw_tlv(struct mc_span in)
{
    return in.p[0] == MC_TLV_STRUCT;
}

static bool is_raw_der(struct mc_span in)
{
    struct text t = {(const char *)in.p, in.n};

    if (in.n < DER_HEADER_SHORT || in.p[0] != MC_DER_SEQUENCE)
        return false;
    if (in.p[1] >= DER_LONG_LENGTH)
        return in.p[1] <= DER_LONG_LENGTH_LAST;
    if (in.n != (size_t)in.p[1] + DER_HEADER_SHORT)
        return false;
    return !(text_has_hex_prefix(t) && text_is_hex(text_skip(t, 2)));
}

static enum mc_rc finish(struct mc_span bytes, enum mc_outer outer, struct mc_input *out, struct mc_err *e)
{
    if (bytes.n == 0 || (bytes.p[0] != MC_DER_SEQUENCE && bytes.p[0] != MC_TLV_STRUCT))
        return mc_fail(
            e, MC_E_FORM, NULL, "the decoded bytes begin with neither 30 (DER) nor 15 (Matter TLV)");
    out->bytes = bytes;
    out->inner = bytes.p[0] == MC_DER_SEQUENCE ? MC_INNER_DER : MC_INNER_TLV;
    out->outer = outer;
    return MC_OK;
}

/* Octets of two digits each; between them white space and at most one colon. */
static enum mc_rc hex_decode(struct text t, struct mc_out *o, struct mc_err *e)
{
    const char *start = t.p;

    while (t.n != 0) {
        uint8_t octet;
        bool colon = false;

        if (t.n < 2 || !mc_hex_decode(t.p, 1, &octet))
            return mc_fail(
                e, MC_E_HEX, NULL, "two hex digits are wanted at character %zu", (size_t)(t.p - start) + 1);
        mc_out_byte(o, octet);
        t = text_skip(t, 2);
        while (t.n != 0 && (mc_is_space(t.p[0]) || (t.p[0] == ':' && !colon))) {
            colon = colon || t.p[0] == ':';
            t = text_skip(t, 1);
        }
        if (colon && t.n == 0)
            return mc_fail(e, MC_E_HEX, NULL, "an octet is missing after the last colon");
    }
    return o->rc == MC_OK ? MC_OK : mc_fail(e, o->rc, NULL, NULL);
}

/*
 * Hex of DER or TLV begins with 30 or 15, base64 of DER with M and of TLV with F: the first character tells
 * what was meant, also when the rest is damaged.
 */
static enum mc_rc decode_text(struct text t, struct mc_out *scratch, struct mc_input *out, struct mc_err *e)
{
    bool prefixed = text_has_hex_prefix(t), meant;
    enum mc_rc rc;

    if (prefixed || text_is_hex(t) || text_begins(t, "30") || text_begins(t, "15")) {
        rc = hex_decode(prefixed ? text_skip(t, 2) : t, scratch, e);
        return rc == MC_OK ? finish(mc_span_of(scratch->p, scratch->n), MC_OUTER_HEX, out, e) : rc;
    }
    meant = t.p[0] == 'M' || t.p[0] == 'F';
    rc = mc_base64_decode(t.p, t.n, true, scratch->p, scratch->cap, &scratch->n);
    if (rc == MC_E_BASE64)
        return mc_fail(e, meant ? MC_E_BASE64 : MC_E_FORM, NULL, NULL);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    return finish(mc_span_of(scratch->p, scratch->n), MC_OUTER_BASE64, out, e);
}

/* Takes "LABEL-----" and the blanks up to the end of the line from *t. */
static bool take_label(struct text *t, struct text *label)
{
    const char *dashes = memmem(t->p, t->n, pem_dashes, sizeof(pem_dashes) - 1);

    if (dashes == NULL)
        return false;
    *label = (struct text){t->p, (size_t)(dashes - t->p)};
    if (label->n >= MC_PEM_LABEL_MAX || !text_is_ascii(*label) || memchr(label->p, '\n', label->n) != NULL)
        return false;
    *t = text_skip(*t, label->n + sizeof(pem_dashes) - 1);
    while (t->n != 0 && (t->p[0] == ' ' || t->p[0] == '\t'))
        *t = text_skip(*t, 1);
    return t->n == 0 || t->p[0] == '\n' || t->p[0] == '\r';
}

static enum mc_rc pem_fail(struct mc_err *e, const char *why)
{
    return mc_fail(e, MC_E_PEM, NULL, "%s", why);
}

/* Finds the one block: its label and the base64 between the lines. */
static enum mc_rc pem_split(struct text t, struct text *label, struct text *body, struct mc_err *e)
{
    struct text at = find_line(t, pem_begin), end, end_label = {0};

    if (memmem(t.p, t.n, pem_private, sizeof(pem_private) - 1) != NULL)
        return mc_fail(e, MC_E_PRIVATE_KEY, NULL, NULL);
    if (at.n == 0)
        return pem_fail(e, "the BEGIN line is missing");
    at = text_skip(at, sizeof(pem_begin) - 1);
    if (!take_label(&at, label))
        return pem_fail(e, "the BEGIN line is not complete");
    if (find_line(at, pem_begin).n != 0)
        return mc_fail(e, MC_E_PEM_COUNT, NULL, NULL);
    end = find_line(at, pem_end);
    if (end.n == 0)
        return pem_fail(e, "the END line is missing");
    *body = (struct text){at.p, at.n - end.n};
    end = text_skip(end, sizeof(pem_end) - 1);
    if (!take_label(&end, &end_label))
        return pem_fail(e, "the END line is not complete");
    if (end_label.n != label->n || memcmp(end_label.p, label->p, label->n) != 0)
        return pem_fail(e, "the END line has another label than the BEGIN line");
    return end.n == 0 ? MC_OK : pem_fail(e, "text follows the END line");
}

static enum mc_rc decode_pem(struct text t, struct mc_out *scratch, struct mc_input *out, struct mc_err *e)
{
    struct text label = {0}, body = {0};
    enum mc_rc rc = pem_split(t, &label, &body, e);

    if (rc != MC_OK)
        return rc;
    rc = mc_base64_decode(body.p, body.n, true, scratch->p, scratch->cap, &scratch->n);
    if (rc == MC_E_BASE64)
        return pem_fail(e, "the base64 between BEGIN and END is not well-formed");
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (scratch->n == 0)
        return pem_fail(e, "there is nothing between BEGIN and END");
    memcpy(out->label, label.p, label.n);
    out->label[label.n] = '\0';
    return finish(mc_span_of(scratch->p, scratch->n), MC_OUTER_PEM, out, e);
}

enum mc_rc mc_input_decode(
    struct mc_span in, uint8_t *scratch, size_t cap, struct mc_input *out, struct mc_err *e)
{
    struct mc_out o = mc_out_of(scratch, cap);
    struct text t;

    memset(out, 0, sizeof(*out));
    if (in.n == 0)
        return mc_fail(e, MC_E_EMPTY, NULL, NULL);
    if (is_raw_tlv(in) || is_raw_der(in))
        return finish(in, MC_OUTER_RAW, out, e);
    t = text_trim(in);
    if (t.n == 0)
        return mc_fail(e, MC_E_EMPTY, NULL, NULL);
    if (find_line(t, pem_begin).n != 0 || find_line(t, pem_end).n != 0)
        return decode_pem(t, &o, out, e);
    if (text_is_ascii(t))
        return decode_text(t, &o, out, e);
    if (in.p[0] == MC_DER_SEQUENCE) /* cut short or with a tail: the reader of the object says which */
        return finish(in, MC_OUTER_RAW, out, e);
    return mc_fail(e, MC_E_FORM, NULL, NULL);
}

enum mc_rc mc_pem_encode(struct mc_span der, const char *label, char *out, size_t cap, size_t *n)
{
    struct mc_out o = mc_out_of((uint8_t *)out, cap);
    char line[PEM_LINE_OCTETS / 3 * 4 + 2];

    mc_out_put(&o, pem_begin, sizeof(pem_begin) - 1);
    mc_out_put(&o, label, strlen(label));
    mc_out_put(&o, "-----\n", sizeof(pem_dashes));
    for (size_t at = 0, len; at < der.n; at += len) {
        len = der.n - at < PEM_LINE_OCTETS ? der.n - at : PEM_LINE_OCTETS;
        mc_base64_encode(der.p + at, len, line);
        mc_out_put(&o, line, strlen(line));
        mc_out_byte(&o, '\n');
    }
    mc_out_put(&o, pem_end, sizeof(pem_end) - 1);
    mc_out_put(&o, label, strlen(label));
    mc_out_put(&o, "-----\n", sizeof(pem_dashes) + 1); /* with the NUL */
    if (o.rc == MC_OK)
        *n = o.n - 1;
    return o.rc;
}
