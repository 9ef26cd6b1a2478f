/* SPDX-License-Identifier: Apache-2.0 */
/* show, for people: one fact a line, labels on the left. */
#include <stdarg.h>

#include "facts.h"
#include "lib/cli/text.h"

enum { LABEL_WIDTH = 18, HEX_LINE = 32, VALUE_MAX = 256, TEXT_MAX = 1024 };

static void label(FILE *f, const char *name)
{
    fprintf(f, "%-*s", LABEL_WIDTH, name);
}

static void row(FILE *f, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void row(FILE *f, const char *name, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    label(f, name);
    text_puts(f, text);
    putc('\n', f);
}

/* Hex in lines of 32 octets; of a value longer than VALUE_MAX only the beginning. */
static void hex_row(FILE *f, const char *name, struct mc_span value)
{
    size_t n = value.n < VALUE_MAX ? value.n : VALUE_MAX;

    label(f, name);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && i % HEX_LINE == 0)
            fprintf(f, "\n%*s", LABEL_WIDTH, "");
        fprintf(f, "%02x", value.p[i]);
    }
    if (n < value.n)
        fprintf(f, "... (%zu octets)", value.n);
    putc('\n', f);
}

static void put_id(FILE *f, const struct mc_attr *a, unsigned digits)
{
    fprintf(f, "0x%0*llX", (int)digits, (unsigned long long)a->num);
    if (a->id == MC_ATTR_CAT)
        fprintf(f, " (identifier 0x%04X, version %u)", (unsigned)(a->num >> 16), (unsigned)(a->num & 0xFFFF));
}

static void put_attr(FILE *f, const struct mc_attr *a)
{
    const char *string = facts_string_name(a->string_tag);
    char name[128];
    unsigned digits;

    facts_attr_name(a, name, sizeof(name));
    fputs(name, f);
    fputs(" = ", f);
    if (facts_attr_is_id(a, &digits))
        put_id(f, a, digits);
    else
        text_put(f, a->text);
    if (*string == '\0')
        fprintf(f, " (tag %02X)", a->string_tag);
    else if (strcmp(string, "UTF8String") != 0)
        fprintf(f, " (%s)", string);
    putc('\n', f);
}

static void put_dn(FILE *f, const char *name, const struct mc_dn *dn)
{
    label(f, name);
    for (unsigned i = 0; i < dn->n; i++) {
        if (i > 0)
            fprintf(f, "%*s", LABEL_WIDTH, "");
        if (i > 0 && dn->attr[i].rdn == dn->attr[i - 1].rdn)
            fputs("+ ", f);
        put_attr(f, &dn->attr[i]);
    }
    if (dn->n == 0)
        fputs("(empty)\n", f);
}

static void put_form(FILE *f, const struct facts *facts)
{
    if (facts->cert.form == MC_FORM_COMPACT)
        row(f, "Form", "%s, compact; %zu octets, DER %zu octets", tool_form_name(facts->in), facts->tlv.n,
            facts->der.n);
    else if (facts->tlv.n == 0)
        row(f, "Form", "%s; DER %zu octets", tool_form_name(facts->in), facts->der.n);
    else if (facts->der.n == 0)
        row(f, "Form", "%s; Matter TLV %zu octets", tool_form_name(facts->in), facts->tlv.n);
    else
        row(f, "Form", "%s; DER %zu octets, Matter TLV %zu octets", tool_form_name(facts->in), facts->der.n,
            facts->tlv.n);
}

static void put_validity(FILE *f, const struct mc_cert *c)
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(c->not_before_unix, text);
    row(f, "Not before", "%s", text);
    mc_time_format(c->not_after_unix, text);
    if (c->not_after_unix == MC_TIME_NO_EXPIRY)
        row(f, "Not after", "no expiry (%s)", text);
    else
        row(f, "Not after", "%s (%lld days)", text, (long long)facts_days(c));
}

static void put_key(FILE *f, const struct mc_cert *c)
{
    char algorithm[128], curve[128] = "";

    if (c->p256) {
        row(f, "Public key", "P-256 (prime256v1), uncompressed point");
        hex_row(f, "", c->point);
        return;
    }
    if (c->key_params.n > 2 && c->key_params.p[0] == 0x06) {
        char dotted[120];
        struct mc_span oid = mc_span_of(c->key_params.p + 2, c->key_params.n - 2);

        snprintf(curve, sizeof(curve), ", %s", facts_oid_name(oid, dotted, sizeof(dotted)));
    }
    row(f, "Public key", "%s%s, not a P-256 point of Matter",
        facts_oid_name(c->key_alg_oid, algorithm, sizeof(algorithm)), curve);
    hex_row(f, "", c->key_bits);
}

static const char *origin_text(const struct facts *f)
{
    static const char *const texts[] = {
        [KEY_ID_NONE] = "",
        [KEY_ID_SHA1] = " (SHA-1 of the key)",
        [KEY_ID_SHA256] = " (first 20 octets of SHA-256 of the key)",
        [KEY_ID_OTHER] = " (not made from the key by SHA-1)",
    };

    return texts[f->skid_origin];
}

static void put_key_ids(FILE *f, const struct facts *facts)
{
    const struct mc_cert *c = &facts->cert;
    char hex[2 * MC_KEY_ID_LEN + 1];

    if (c->has_skid && c->skid.n == MC_KEY_ID_LEN) {
        mc_hex_encode_upper(c->skid.p, c->skid.n, hex);
        row(f, "Subject key id", "%s%s", hex, origin_text(facts));
    } else if (facts->kind == MC_KIND_NETWORK_IDENTITY && c->p256) {
        mc_hex_encode_upper(facts->key_id, MC_KEY_ID_LEN, hex);
        row(f, "Key identifier", "%s (computed: first 20 octets of SHA-256 of the key)", hex);
    }
    if (c->has_akid && c->akid.n == MC_KEY_ID_LEN) {
        mc_hex_encode_upper(c->akid.p, c->akid.n, hex);
        row(f, "Authority key id", "%s", hex);
    }
}

static void put_usages(FILE *f, const struct mc_cert *c)
{
    label(f, "Key usage");
    for (unsigned i = 0, first = 1; i < 9; i++) {
        if ((c->ku >> i & 1) == 0)
            continue;
        fprintf(f, "%s%s", first ? "" : ", ", facts_usage_name(i));
        first = 0;
    }
    fputs(c->ku == 0 ? "(none)\n" : "\n", f);
}

static void put_purposes(FILE *f, const struct mc_cert *c)
{
    label(f, "Purposes");
    for (unsigned i = 0; i < c->n_eku; i++)
        fprintf(
            f, "%s%s", i > 0 ? ", " : "", c->eku[i] == MC_EKU_UNKNOWN ? "(other)" : mc_eku_name(c->eku[i]));
    putc('\n', f);
}

static void put_constraints(FILE *f, const struct mc_cert *c)
{
    if (!c->is_ca)
        row(f, "Authority", "no");
    else if (c->has_path_len)
        row(f, "Authority", "yes, path length %u", c->path_len);
    else
        row(f, "Authority", "yes, no limit of path length");
}

static bool is_ext(const struct mc_cert *c, enum mc_ext_id id)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].id == id && c->ext[i].decoded)
            return true;
    return false;
}

/* Extensions that Matter does not know, and values of the known ones that are not in its form. */
static void put_further(FILE *f, const struct mc_cert *c)
{
    for (unsigned i = 0; i < c->n_ext; i++) {
        const struct mc_ext *x = &c->ext[i];
        char dotted[128];

        if (x->id != MC_EXT_FUTURE && x->decoded)
            continue;
        row(f, "Extension", "%s%s%s", facts_oid_name(x->oid, dotted, sizeof(dotted)),
            x->critical ? ", critical" : "", x->id != MC_EXT_FUTURE ? ", not in the form of Matter" : "");
        hex_row(f, "", x->value);
    }
}

static void put_signature(FILE *f, const struct facts *facts)
{
    static const char *const self[] = {
        [SELF_NO] = "",
        [SELF_VERIFIES] = "; self-signed: verifies with its own key",
        [SELF_FAILS] = "; self-issued: does NOT verify with its own key",
        [SELF_UNCHECKED] = "; self-issued: not checked",
    };
    const struct mc_cert *c = &facts->cert;
    char dotted[128];

    row(f, "Signature", "%s%s", facts_oid_name(c->sig_alg_oid, dotted, sizeof(dotted)),
        self[facts->self_issued]);
    if (c->has_sig) {
        hex_row(f, "  r", mc_span_of(c->sig, MC_SIG_LEN / 2));
        hex_row(f, "  s", mc_span_of(c->sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2));
    } else {
        hex_row(f, "  raw", c->sig_der);
    }
}

static void put_conversion(FILE *f, const struct facts *facts)
{
    const char *to = facts->cert.form == MC_FORM_DER ? "Matter TLV" : "X.509 DER";
    char why[512];

    if (facts->obstacle.rc == MC_OK) {
        row(f, "Converts", "to %s%s", to,
            facts->kind == MC_KIND_NETWORK_IDENTITY && facts->cert.form != MC_FORM_COMPACT
                ? ", also in compact form"
                : "");
        return;
    }
    mc_err_format(&facts->obstacle, why, sizeof(why));
    row(f, "Converts", "not to %s: %s", to, why);
}

void show_page(const struct facts *facts, FILE *f)
{
    const struct mc_cert *c = &facts->cert;

    row(f, "Kind", "%s", facts_kind_title(facts->kind));
    put_form(f, facts);
    if (c->version != 3)
        row(f, "Version", "%u", c->version);
    hex_row(f, "Serial number", c->serial);
    put_dn(f, "Issuer", &c->issuer);
    put_dn(f, "Subject", &c->subject);
    put_validity(f, c);
    put_key(f, c);
    put_key_ids(f, facts);
    if (c->has_bc && is_ext(c, MC_EXT_BASIC_CONSTRAINTS))
        put_constraints(f, c);
    if (c->has_ku && is_ext(c, MC_EXT_KEY_USAGE))
        put_usages(f, c);
    if (c->has_eku && is_ext(c, MC_EXT_EXTENDED_KEY_USAGE))
        put_purposes(f, c);
    put_further(f, c);
    put_signature(f, facts);
    put_conversion(f, facts);
    hex_row(f, "SHA-256", mc_span_of(facts->sha256, MC_DIGEST_LEN));
}
