/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include <stdio.h>

#define DASH       "\xE2\x80\x94 " /* U+2014 and a space */
#define SIG_MAX    (NOTE_KEY_ID_LEN + MC_SIG_DER_MAX)
#define SIG_BASE64 (4 * ((SIG_MAX + 2) / 3) + 1)
#define BODY_MAX   (NOTE_ORIGIN_MAX + 80)

/*
 * Names end at a space or a newline, and + divides the parts of a verifier key. Names of this program are
 * ASCII, so that no Unicode space needs to be known.
 */
static bool is_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '+')
            return false;
    return n != 0 && n <= NOTE_ORIGIN_MAX;
}

enum mc_rc mc_note_format_body(
    const struct mc_checkpoint *c, char *out, size_t cap, size_t *n, struct mc_err *e)
{
    char root[4 * ((MC_DIGEST_LEN + 2) / 3) + 1];
    int len;

    if (!is_name(c->origin, strnlen(c->origin, sizeof(c->origin))))
        return mc_fail(e, CA_E_NAME, "origin", "1 to %d visible ASCII characters without +", NOTE_ORIGIN_MAX);
    mc_base64_encode(c->root, sizeof(c->root), root);
    len = snprintf(out, cap, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
    if (len < 0 || (size_t)len >= cap)
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    *n = (size_t)len;
    return MC_OK;
}

void mc_spki_of(const uint8_t point[MC_POINT_LEN], uint8_t out[MC_SPKI_LEN])
{
    /* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 65 octets } up to the point */
    static const uint8_t head[MC_SPKI_LEN - MC_POINT_LEN] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), point, MC_POINT_LEN);
}

enum mc_rc mc_note_key_hash(
    struct mc_verifier *v, const uint8_t point[MC_POINT_LEN], uint8_t id[NOTE_KEY_ID_LEN])
{
    uint8_t spki[MC_SPKI_LEN], digest[MC_DIGEST_LEN];
    enum mc_rc rc;

    mc_spki_of(point, spki);
    rc = mc_sha256(v, mc_span_of(spki, sizeof(spki)), digest);
    if (rc == MC_OK)
        memcpy(id, digest, NOTE_KEY_ID_LEN);
    return rc;
}

enum mc_rc mc_note_assemble(struct mc_verifier *v, struct mc_span body, const char *key_name,
    const uint8_t point[MC_POINT_LEN], const uint8_t sig[MC_SIG_LEN], char *out, size_t cap, size_t *n,
    struct mc_err *e)
{
    uint8_t raw[SIG_MAX];
    char text[SIG_BASE64];
    enum mc_rc rc = mc_note_key_hash(v, point, raw);
    int len;

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (!is_name(key_name, strlen(key_name)))
        return mc_fail(
            e, CA_E_NAME, "key name", "1 to %d visible ASCII characters without +", NOTE_ORIGIN_MAX);
    mc_base64_encode(raw, NOTE_KEY_ID_LEN + mc_sig_to_der(sig, raw + NOTE_KEY_ID_LEN), text);
    len = snprintf(out, cap, "%.*s\n" DASH "%s %s\n", (int)body.n, (const char *)body.p, key_name, text);
    if (len < 0 || (size_t)len >= cap)
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    *n = (size_t)len;
    return MC_OK;
}

bool mc_note_take_line(struct mc_span *in, struct mc_span *line)
{
    const uint8_t *end = in->n == 0 ? NULL : memchr(in->p, '\n', in->n);

    if (end == NULL)
        return false;
    *line = mc_span_of(in->p, (size_t)(end - in->p));
    in->n -= line->n + 1;
    in->p = end + 1;
    return true;
}

bool mc_note_take_number(struct mc_span line, uint64_t *value)
{
    *value = 0;
    if (line.n == 0 || (line.p[0] == '0' && line.n > 1))
        return false;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] < '0' || line.p[i] > '9' || __builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, line.p[i] - '0', value))
            return false;
    }
    return true;
}

static enum mc_rc bad(struct mc_err *e, const char *what)
{
    return mc_fail(e, CA_E_NOTE, "checkpoint", "%s", what);
}

/* Exactly three lines: this program writes no extension lines, and would not know what they change. */
static enum mc_rc parse_body(struct mc_span body, struct mc_checkpoint *c, struct mc_err *e)
{
    struct mc_span origin, size, root;
    size_t n;

    if (!mc_note_take_line(&body, &origin) || !mc_note_take_line(&body, &size) || !mc_note_take_line(&body, &root) || body.n != 0)
        return bad(e, "the text is not origin, size and root");
    if (!is_name((const char *)origin.p, origin.n))
        return bad(e, "the first line is no origin");
    if (!mc_note_take_number(size, &c->size))
        return bad(e, "the second line is no size");
    if (mc_base64_decode((const char *)root.p, root.n, false, c->root, sizeof(c->root), &n) != MC_OK ||
        n != sizeof(c->root))
        return bad(e, "the third line is no root hash");
    memcpy(c->origin, origin.p, origin.n);
    c->origin[origin.n] = '\0';
    return MC_OK;
}

/* The octets of a signature line, if it is by key_name with this key id; n 0 otherwise. */
static bool take_signature(struct mc_span line, struct mc_span name, const uint8_t id[NOTE_KEY_ID_LEN],
    uint8_t raw[SIG_MAX], size_t *n)
{
    const size_t dash = sizeof(DASH) - 1;
    const char *text;

    *n = 0;
    if (line.n < dash || memcmp(line.p, DASH, dash) != 0 || memchr(line.p + dash, ' ', line.n - dash) == NULL)
        return false;
    if (line.n <= dash + name.n || memcmp(line.p + dash, name.p, name.n) != 0 || line.p[dash + name.n] != ' ')
        return true;
    text = (const char *)line.p + dash + name.n + 1;
    if (mc_base64_decode(text, line.n - dash - name.n - 1, false, raw, SIG_MAX, n) != MC_OK ||
        *n <= NOTE_KEY_ID_LEN || memcmp(raw, id, NOTE_KEY_ID_LEN) != 0)
        *n = 0;
    return true;
}

static enum mc_rc check_signatures(struct mc_verifier *v, struct mc_span body, struct mc_span lines,
    struct mc_span name, const uint8_t point[MC_POINT_LEN], struct mc_err *e)
{
    uint8_t id[NOTE_KEY_ID_LEN], digest[MC_DIGEST_LEN], raw[SIG_MAX], sig[MC_SIG_LEN];
    struct mc_span line;
    bool signed_by_us = false;
    size_t n;
    enum mc_rc rc;

    if (mc_note_key_hash(v, point, id) != MC_OK || mc_sha256(v, body, digest) != MC_OK)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    for (unsigned i = 0; lines.n != 0; i++) {
        if (i == NOTE_SIGNATURES || !mc_note_take_line(&lines, &line) || !take_signature(line, name, id, raw, &n))
            return bad(e, "what follows the blank line is no list of signatures");
        if (n == 0)
            continue;
        rc = mc_sig_from_der(mc_span_of(raw + NOTE_KEY_ID_LEN, n - NOTE_KEY_ID_LEN), sig);
        if (rc == MC_OK)
            rc = mc_verify(v, point, digest, sig);
        if (rc != MC_OK)
            return mc_fail(e, mc_rc_class(rc) == MC_CLASS_INTERNAL ? rc : MC_E_SIGNATURE, "checkpoint", "the signature of %.*s is wrong", (int)name.n,
                (const char *)name.p);
        signed_by_us = true;
    }
    return signed_by_us
               ? MC_OK
               : mc_fail(e, MC_E_SIGNATURE, "checkpoint", "not signed by %.*s with the key that is known",
                     (int)name.n, (const char *)name.p);
}

/* The text ends at the last empty line of the note. */
static bool split(struct mc_span note, struct mc_span *body, struct mc_span *lines)
{
    for (size_t i = note.n; i >= 2; i--) {
        if (note.p[i - 1] != '\n' || note.p[i - 2] != '\n')
            continue;
        *body = mc_span_of(note.p, i - 1);
        *lines = mc_span_of(note.p + i, note.n - i);
        return true;
    }
    return false;
}

enum mc_rc mc_note_check(struct mc_verifier *v, struct mc_span note, const char *key_name,
    const uint8_t point[MC_POINT_LEN], struct mc_checkpoint *c, struct mc_err *e)
{
    struct mc_span body, lines;
    enum mc_rc rc;

    if (note.n > NOTE_MAX || !split(note, &body, &lines) || body.n > BODY_MAX)
        return bad(e, "not a signed note");
    rc = check_signatures(v, body, lines, mc_span_of(key_name, strlen(key_name)), point, e);
    return rc == MC_OK ? parse_body(body, c, e) : rc;
}
