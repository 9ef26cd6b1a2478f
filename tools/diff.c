/* SPDX-License-Identifier: Apache-2.0 */
/* diff: two certificates of any forms, field by field. */
#include "facts.h"
#include "lib/cli/json.h"
#include "lib/cli/text.h"

enum { VALUE_MAX = 768 };

const struct cli_option tool_diff_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.diff/1"},
    {.name = NULL},
};

struct diff {
    struct cli *c;
    struct json j;
    unsigned differ;
};

static void format_hex(struct mc_span s, char *out)
{
    if (s.n > (VALUE_MAX - 8) / 2)
        s.n = (VALUE_MAX - 8) / 2;
    mc_hex_encode(s.p, s.n, out);
}

static void format_kind(const struct facts *f, char *out)
{
    snprintf(out, VALUE_MAX, "%s", mc_kind_name(f->kind));
}

static void format_serial(const struct facts *f, char *out)
{
    format_hex(f->cert.serial, out);
}

/* Text and the string type of each attribute: names that look alike may not be equal to a node. */
static void format_dn(const struct mc_dn *dn, char *out)
{
    size_t n;

    mc_dn_format(dn, out, VALUE_MAX);
    n = strlen(out);
    for (unsigned i = 0; i < dn->n && n + 24 < VALUE_MAX; i++)
        if (dn->attr[i].string_tag != 0 && dn->attr[i].string_tag != 0x0C && *facts_string_name(dn->attr[i].string_tag) != '\0')
            n += (size_t)snprintf(out + n, VALUE_MAX - n, " (%u: %s)", i + 1, facts_string_name(dn->attr[i].string_tag));
}

static void format_issuer(const struct facts *f, char *out)
{
    format_dn(&f->cert.issuer, out);
}

static void format_subject(const struct facts *f, char *out)
{
    format_dn(&f->cert.subject, out);
}

static void format_not_before(const struct facts *f, char *out)
{
    mc_time_format(f->cert.not_before_unix, out);
}

static void format_not_after(const struct facts *f, char *out)
{
    mc_time_format(f->cert.not_after_unix, out);
}

static void format_key(const struct facts *f, char *out)
{
    format_hex(f->cert.p256 ? f->cert.point : f->cert.key_bits, out);
}

static void format_basic(const struct facts *f, char *out)
{
    const struct mc_cert *c = &f->cert;

    if (!c->has_bc)
        snprintf(out, VALUE_MAX, "none");
    else if (c->has_path_len)
        snprintf(out, VALUE_MAX, "cA %s, pathLen %u", c->is_ca ? "TRUE" : "FALSE", c->path_len);
    else
        snprintf(out, VALUE_MAX, "cA %s", c->is_ca ? "TRUE" : "FALSE");
}

static void format_usage(const struct facts *f, char *out)
{
    size_t n = 0;

    snprintf(out, VALUE_MAX, "none");
    for (unsigned i = 0; f->cert.has_ku && i < 9; i++)
        if (f->cert.ku >> i & 1)
            n += (size_t)snprintf(out + n, VALUE_MAX - n, "%s%s", n > 0 ? ", " : "", facts_usage_name(i));
}

static void format_purposes(const struct facts *f, char *out)
{
    size_t n = 0;

    snprintf(out, VALUE_MAX, "none");
    for (unsigned i = 0; f->cert.has_eku && i < f->cert.n_eku; i++)
        n += (size_t)snprintf(out + n, VALUE_MAX - n, "%s%s", n > 0 ? ", " : "", mc_eku_name(f->cert.eku[i]));
}

static void format_skid(const struct facts *f, char *out)
{
    format_hex(f->cert.skid, out);
}

static void format_akid(const struct facts *f, char *out)
{
    format_hex(f->cert.akid, out);
}

/* All extensions in their order, with criticality; the value of those that have no field of their own. */
static void format_extensions(const struct facts *f, char *out)
{
    size_t n = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < f->cert.n_ext && n + 200 < VALUE_MAX; i++) {
        const struct mc_ext *x = &f->cert.ext[i];
        char oid[128], value[33] = "";

        if (x->id == MC_EXT_FUTURE)
            mc_hex_encode(x->value.p, x->value.n > 16 ? 16 : x->value.n, value);
        n += (size_t)snprintf(out + n, VALUE_MAX - n, "%s%s%s%s%s", n > 0 ? ", " : "",
            x->id == MC_EXT_FUTURE ? facts_oid_name(x->oid, oid, sizeof(oid)) : mc_ext_name(x->id),
            x->critical ? " (critical)" : "", *value != '\0' ? " " : "", value);
    }
}

static void format_signature(const struct facts *f, char *out)
{
    if (f->cert.has_sig)
        mc_hex_encode(f->cert.sig, MC_SIG_LEN, out);
    else
        format_hex(f->cert.sig_der, out);
}

static void format_algorithm(const struct facts *f, char *out)
{
    char dotted[128];

    snprintf(out, VALUE_MAX, "%s", facts_oid_name(f->cert.sig_alg_oid, dotted, sizeof(dotted)));
}

static const struct field {
    const char *name, *key;
    void (*format)(const struct facts *f, char *out); /* out holds VALUE_MAX */
} fields[] = {
    {"kind", "kind", format_kind},
    {"serial number", "serial", format_serial},
    {"algorithm", "algorithm", format_algorithm},
    {"issuer", "issuer", format_issuer},
    {"not before", "not_before", format_not_before},
    {"not after", "not_after", format_not_after},
    {"subject", "subject", format_subject},
    {"public key", "public_key", format_key},
    {"basicConstraints", "basic_constraints", format_basic},
    {"keyUsage", "key_usage", format_usage},
    {"extKeyUsage", "ext_key_usage", format_purposes},
    {"subject key id", "subject_key_id", format_skid},
    {"authority key id", "authority_key_id", format_akid},
    {"extensions", "extensions", format_extensions},
    {"signature", "signature", format_signature},
};

static void say_field(struct diff *d, const struct field *f, const char *a, const char *b)
{
    d->differ++;
    if (d->c->json) {
        json_object(&d->j, NULL);
        json_string(&d->j, "field", f->key);
        json_string(&d->j, "a", a);
        json_string(&d->j, "b", b);
        json_end_object(&d->j);
        return;
    }
    printf("%-18s - ", f->name);
    text_puts(stdout, a);
    printf("\n%-18s + ", "");
    text_puts(stdout, b);
    putchar('\n');
}

/* What the fields do not show: the signed octets as DER, where both have that form. */
static bool same_der(const struct facts *a, const struct facts *b)
{
    return a->der.n != 0 && b->der.n != 0 ? mc_span_eq(a->der, b->der) : mc_span_eq(a->in->bytes, b->in->bytes);
}

static void compare(struct diff *d, const struct facts *a, const struct facts *b)
{
    static char va[VALUE_MAX], vb[VALUE_MAX];

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        va[0] = vb[0] = '\0';
        fields[i].format(a, va);
        fields[i].format(b, vb);
        if (strcmp(va, vb) != 0)
            say_field(d, &fields[i], va, vb);
    }
    if (d->differ == 0 && !same_der(a, b))
        say_field(d, &(struct field){"encoding", "encoding", NULL}, "other octets", "than the first, though every field is equal");
}

static const char *relation(const struct diff *d, const struct facts *a, const struct facts *b)
{
    if (d->differ == 0)
        return a->cert.form == b->cert.form ? "the same certificate" : "the same certificate in two encodings";
    if (mc_span_eq(a->cert.point, b->cert.point) && a->cert.point.n != 0 && mc_dn_equal(&a->cert.subject, &b->cert.subject))
        return "two certificates for one key and subject";
    return a->cert.point.n != 0 && mc_span_eq(a->cert.point, b->cert.point) ? "two certificates for one key"
                                                                            : "two certificates";
}

static enum mc_rc load(struct cli *c, struct mc_verifier *v, int i, struct facts *f, struct mc_err *e)
{
    static struct tool_input inputs[2];
    enum mc_rc rc;

    c->where = tool_name_in(c->operands[i]);
    rc = tool_load(c->operands[i], &inputs[i], e);
    if (rc == MC_OK)
        rc = facts_of(v, &inputs[i], f, e);
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

static void tell(struct diff *d, const struct facts *a, const struct facts *b)
{
    json_init(&d->j, stdout, false);
    if (d->c->json) {
        json_object(&d->j, NULL);
        json_string(&d->j, "schema", "mattercert.diff/1");
        json_array(&d->j, "differences");
    }
    compare(d, a, b);
    if (d->c->json) {
        json_end_array(&d->j);
        json_bool(&d->j, "same", d->differ == 0);
        json_string(&d->j, "relation", relation(d, a, b));
        json_end_object(&d->j);
    } else if (!d->c->quiet) {
        printf("%s\n", relation(d, a, b));
    }
}

enum mc_rc tool_diff(struct cli *c, struct mc_err *e)
{
    static struct facts a, b;
    struct diff d = {.c = c};
    struct mc_verifier *v = mc_verifier_new();
    enum mc_rc rc;

    if (v == NULL)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = load(c, v, 0, &a, e);
    if (rc == MC_OK)
        rc = load(c, v, 1, &b, e);
    mc_verifier_free(v);
    if (rc != MC_OK)
        return rc;
    tell(&d, &a, &b);
    c->reported = d.differ > 0;
    return d.differ > 0 ? MC_E_DIFFER : MC_OK;
}
