/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri.c - PKCS#11 URIs (RFC 7512) that name a private key: "pkcs11:" attribute *(";" attribute) and, after a
 * "?", module-path. A PIN or a PIN source in a URI is refused: URIs end up in logs and process lists.
 */
#include <stdio.h>

#include "internal.h"

#define URI_MAX 2048

/* --- parse ---------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

/* What may stand for itself in a value: in the path also "&", in the query also "/", "?" and "|". */
static bool is_plain(char c, bool query)
{
    return is_unreserved(c) || (c != '\0' && strchr(":[]@!$'()*+,=", c) != NULL) ||
           (c != '\0' && strchr(query ? "/?|" : "&", c) != NULL);
}

struct value {
    const char *p;
    size_t n;
    bool query;
};

/* Decodes v into out; false when it is not well-formed or longer than cap. */
static bool decode(const struct value *v, uint8_t *out, size_t cap, size_t *len)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++) {
        uint8_t octet = (uint8_t)v->p[i];

        if (v->p[i] == '%') {
            int high = v->n - i > 2 ? hex_digit(v->p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(v->p[i + 2]) : -1;

            if (low < 0)
                return false;
            octet = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (!is_plain(v->p[i], v->query)) {
            return false;
        }
        if (n == cap)
            return false;
        out[n++] = octet;
    }
    *len = n;
    return true;
}

/* A text that is printable, not empty and not there yet, NUL-terminated; out holds cap + 1. */
static bool take_text(const struct value *v, char *out, size_t cap)
{
    char text[256];
    size_t n = 0;

    if (out[0] != '\0' || cap >= sizeof(text) || !decode(v, (uint8_t *)text, cap, &n) || n == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

static bool take_id(const struct value *v, struct hsm_selector *key)
{
    return key->id_n == 0 && decode(v, key->id, sizeof(key->id), &key->id_n) && key->id_n != 0;
}

static bool take_type(const struct value *v, bool *seen)
{
    bool first = !*seen;

    *seen = true;
    return first && v->n == 7 && memcmp(v->p, "private", 7) == 0;
}

struct state {
    struct hsm_uri *u;
    bool type_seen;
};

static bool is_name(const char *name, size_t n, const char *want)
{
    return strlen(want) == n && memcmp(name, want, n) == 0;
}

static bool take_path_attribute(struct state *st, const char *name, size_t name_n, const struct value *v)
{
    struct hsm_uri *u = st->u;

    if (is_name(name, name_n, "token"))
        return take_text(v, u->token, sizeof(u->token) - 1);
    if (is_name(name, name_n, "serial"))
        return take_text(v, u->serial, sizeof(u->serial) - 1);
    if (is_name(name, name_n, "manufacturer"))
        return take_text(v, u->manufacturer, sizeof(u->manufacturer) - 1);
    if (is_name(name, name_n, "model"))
        return take_text(v, u->model, sizeof(u->model) - 1);
    if (is_name(name, name_n, "object"))
        return take_text(v, u->key.label, HSM_KEY_LABEL_MAX);
    if (is_name(name, name_n, "id"))
        return take_id(v, &u->key);
    return is_name(name, name_n, "type") && take_type(v, &st->type_seen);
}

static bool take_query_attribute(struct state *st, const char *name, size_t name_n, const struct value *v)
{
    return is_name(name, name_n, "module-path") &&
           take_text(v, st->u->module_path, sizeof(st->u->module_path) - 1);
}

/* The message names the attribute, which is not secret, and never its value, which may be a PIN. */
static enum mc_rc fail_attribute(const char *part, size_t name_n, struct mc_err *e)
{
    if (is_name(part, name_n, "pin-value") || is_name(part, name_n, "pin-source"))
        return mc_fail(e, HSM_E_URI, NULL,
            "%.*s: the PIN never comes with the URI; use --pin-file or --pin-fd", (int)name_n, part);
    return mc_fail(e, HSM_E_URI, NULL,
        "the attribute '%.*s' is unknown, there twice, or its value does not fit",
        (int)(name_n < 32 ? name_n : 32), part);
}

/* One "name=value" of n characters. */
static enum mc_rc take_attribute(struct state *st, const char *part, size_t n, bool query, struct mc_err *e)
{
    const char *equals = memchr(part, '=', n);
    size_t name_n = equals == NULL ? n : (size_t)(equals - part);
    struct value v;
    bool taken;

    if (equals == NULL)
        return fail_attribute(part, name_n, e);
    v = (struct value){equals + 1, n - name_n - 1, query};
    taken = query ? take_query_attribute(st, part, name_n, &v) : take_path_attribute(st, part, name_n, &v);
    return taken ? MC_OK : fail_attribute(part, name_n, e);
}

static enum mc_rc take_attributes(struct state *st, const char *text, size_t n, bool query, struct mc_err *e)
{
    char between = query ? '&' : ';';
    size_t start = 0;

    for (size_t i = 0; i <= n; i++) {
        enum mc_rc rc;

        if (i < n && text[i] != between)
            continue;
        rc = take_attribute(st, text + start, i - start, query, e);
        if (rc != MC_OK)
            return rc;
        start = i + 1;
    }
    return MC_OK;
}

enum mc_rc hsm_uri_parse(const char *text, struct hsm_uri *out, struct mc_err *e)
{
    static const char scheme[] = "pkcs11:";
    struct hsm_uri u = {0};
    struct state st = {.u = &u};
    size_t n = strnlen(text, URI_MAX + 1), path_n;
    enum mc_rc rc;

    if (n > URI_MAX || strncmp(text, scheme, sizeof(scheme) - 1) != 0)
        return mc_fail(
            e, HSM_E_URI, NULL, "it does not start with pkcs11: or is longer than %d characters", URI_MAX);
    text += sizeof(scheme) - 1;
    n -= sizeof(scheme) - 1;
    path_n = strcspn(text, "?");
    rc = take_attributes(&st, text, path_n, false, e);
    if (rc == MC_OK && path_n < n)
        rc = take_attributes(&st, text + path_n + 1, n - path_n - 1, true, e);
    if (rc == MC_OK && u.key.id_n == 0 && u.key.label[0] == '\0')
        rc = mc_fail(e, HSM_E_URI, NULL, "it names no key: give object= or id=");
    if (rc == MC_OK)
        *out = u;
    return rc;
}

/* --- encode ----------------------------------------------------------------------------------------------
 */

static void put_text(struct mc_out *o, const char *text)
{
    mc_out_put(o, text, strlen(text));
}

static void put_octets(struct mc_out *o, const uint8_t *p, size_t n, bool all)
{
    for (size_t i = 0; i < n; i++) {
        char coded[4];

        if (!all && is_unreserved((char)p[i])) {
            mc_out_byte(o, p[i]);
            continue;
        }
        snprintf(coded, sizeof(coded), "%%%02X", p[i]);
        put_text(o, coded);
    }
}

/* At most 13 + 3 * 32 + 8 + 3 * 64 + 4 + 3 * 20 + 13 + 1 = 387 characters. */
void hsm_key_uri(struct hsm *h, const char *label, const uint8_t id[HSM_ID_LEN], char *out)
{
    struct mc_out o = mc_out_of((uint8_t *)out, 512);

    put_text(&o, "pkcs11:token=");
    put_octets(&o, (const uint8_t *)h->label, strlen(h->label), false);
    put_text(&o, ";object=");
    put_octets(&o, (const uint8_t *)label, strnlen(label, HSM_KEY_LABEL_MAX), false);
    put_text(&o, ";id=");
    put_octets(&o, id, HSM_ID_LEN, true);
    put_text(&o, ";type=private");
    mc_out_byte(&o, '\0');
}
