/* SPDX-License-Identifier: Apache-2.0 */
/* show --json: schema mattercert.certificate/1. docs/formats.md lists the keys; they only ever grow. */
#include "facts.h"
#include "lib/cli/json.h"

static void put_oid(struct json *j, const char *key, const char *name_key, struct mc_span oid)
{
    char dotted[256];

    mc_oid_format(oid, dotted, sizeof(dotted));
    json_string(j, key, dotted);
    if (*mc_oid_name(oid) != '\0')
        json_string(j, name_key, mc_oid_name(oid));
    else
        json_null(j, name_key);
}

static void put_attr(struct json *j, const struct mc_attr *a)
{
    const char *string = facts_string_name(a->string_tag);
    unsigned digits;
    char name[128];

    json_object(j, NULL);
    facts_attr_name(a, name, sizeof(name));
    json_string(j, "name", name);
    mc_oid_format(a->id != MC_ATTR_UNKNOWN ? mc_attr_oid(a->id) : a->oid, name, sizeof(name));
    json_string(j, "oid", name);
    json_number(j, "rdn", a->rdn);
    if (facts_attr_is_id(a, &digits))
        json_id(j, "id", a->num, digits);
    else if (*string != '\0')
        json_text(j, "text", a->text);
    else
        json_hex(j, "hex", a->text);
    if (a->id == MC_ATTR_CAT) {
        json_id(j, "cat_identifier", a->num >> 16, 4);
        json_number(j, "cat_version", (int64_t)(a->num & 0xFFFF));
    }
    json_string(j, "string", string);
    json_end_object(j);
}

static void put_dn(struct json *j, const char *key, const struct mc_dn *dn)
{
    json_array(j, key);
    for (unsigned i = 0; i < dn->n; i++)
        put_attr(j, &dn->attr[i]);
    json_end_array(j);
}

/* The ids of the subject again, by their names, for scripts that want one value. */
static void put_ids(struct json *j, const struct mc_dn *dn)
{
    unsigned digits;

    json_object(j, "ids");
    for (unsigned i = 0; i < dn->n; i++) {
        uint64_t num;

        if (dn->attr[i].id != MC_ATTR_CAT && facts_attr_is_id(&dn->attr[i], &digits) &&
            mc_dn_find(dn, dn->attr[i].id, &num))
            json_id(j, mc_attr_name(dn->attr[i].id), num, digits);
    }
    json_array(j, "cats");
    for (unsigned i = 0; i < dn->n; i++)
        if (dn->attr[i].id == MC_ATTR_CAT)
            json_id(j, NULL, dn->attr[i].num, 8);
    json_end_array(j);
    json_end_object(j);
}

static void put_validity(struct json *j, const struct mc_cert *c)
{
    char text[MC_TIME_TEXT_MAX];
    bool expires = c->not_after_unix != MC_TIME_NO_EXPIRY;

    json_object(j, "validity");
    mc_time_format(c->not_before_unix, text);
    json_string(j, "not_before", text);
    mc_time_format(c->not_after_unix, text);
    json_string(j, "not_after", text);
    json_bool(j, "no_expiry", !expires);
    if (expires)
        json_number(j, "days", facts_days(c));
    else
        json_null(j, "days");
    json_end_object(j);
}

static void put_key(struct json *j, const struct facts *f)
{
    static const char *const origins[] = {
        [KEY_ID_NONE] = NULL, [KEY_ID_SHA1] = "sha1", [KEY_ID_SHA256] = "sha256", [KEY_ID_OTHER] = "other"};
    const struct mc_cert *c = &f->cert;

    json_object(j, "public_key");
    put_oid(j, "algorithm_oid", "algorithm", c->key_alg_oid);
    json_bool(j, "p256", c->p256);
    json_hex(j, "point", c->p256 ? c->point : c->key_bits);
    if (c->p256)
        json_hex(j, "key_id", mc_span_of(f->key_id, MC_KEY_ID_LEN));
    else
        json_null(j, "key_id");
    if (origins[f->skid_origin] != NULL)
        json_string(j, "subject_key_id_made_by", origins[f->skid_origin]);
    else
        json_null(j, "subject_key_id_made_by");
    json_end_object(j);
}

static void put_usages(struct json *j, const struct mc_cert *c)
{
    json_array(j, "key_usage");
    for (unsigned i = 0; i < 9; i++)
        if ((c->ku >> i & 1) != 0)
            json_string(j, NULL, facts_usage_name(i));
    json_end_array(j);
}

static void put_purposes(struct json *j, const struct mc_cert *c)
{
    json_array(j, "purposes");
    for (unsigned i = 0; i < c->n_eku; i++)
        json_string(j, NULL, c->eku[i] == MC_EKU_UNKNOWN ? "other" : mc_eku_name(c->eku[i]));
    json_end_array(j);
}

static void put_constraints(struct json *j, const struct mc_cert *c)
{
    json_bool(j, "ca", c->is_ca);
    if (c->has_path_len)
        json_number(j, "path_length", c->path_len);
    else
        json_null(j, "path_length");
}

static void put_ext(struct json *j, const struct mc_cert *c, const struct mc_ext *x)
{
    struct mc_span oid = x->id != MC_EXT_FUTURE ? mc_ext_oid(x->id) : x->oid;
    enum mc_ext_id id = x->decoded ? x->id : MC_EXT_FUTURE;

    json_object(j, NULL);
    put_oid(j, "oid", "name", oid);
    json_bool(j, "critical", x->critical);
    if (id == MC_EXT_BASIC_CONSTRAINTS)
        put_constraints(j, c);
    else if (id == MC_EXT_KEY_USAGE)
        put_usages(j, c);
    else if (id == MC_EXT_EXTENDED_KEY_USAGE)
        put_purposes(j, c);
    else if (id == MC_EXT_SUBJECT_KEY_ID || id == MC_EXT_AUTHORITY_KEY_ID)
        json_hex(j, "key_id", id == MC_EXT_SUBJECT_KEY_ID ? c->skid : c->akid);
    else
        json_hex(j, "value", x->value);
    json_end_object(j);
}

static void put_signature(struct json *j, const struct facts *f)
{
    static const char *const self[] = {[SELF_NO] = NULL,
        [SELF_VERIFIES] = "verifies",
        [SELF_FAILS] = "fails",
        [SELF_UNCHECKED] = "unchecked"};
    const struct mc_cert *c = &f->cert;

    json_object(j, "signature");
    put_oid(j, "algorithm_oid", "algorithm", c->sig_alg_oid);
    if (c->has_sig) {
        json_hex(j, "r", mc_span_of(c->sig, MC_SIG_LEN / 2));
        json_hex(j, "s", mc_span_of(c->sig + MC_SIG_LEN / 2, MC_SIG_LEN / 2));
    } else {
        json_hex(j, "raw", c->sig_der);
    }
    if (self[f->self_issued] != NULL)
        json_string(j, "self_signed", self[f->self_issued]);
    else
        json_null(j, "self_signed");
    json_end_object(j);
}

static void put_conversion(struct json *j, const struct facts *f)
{
    char why[512];

    json_object(j, "conversion");
    json_string(j, "to", f->cert.form == MC_FORM_DER ? "tlv" : "der");
    json_bool(j, "possible", f->obstacle.rc == MC_OK);
    if (f->obstacle.rc != MC_OK) {
        mc_err_format(&f->obstacle, why, sizeof(why));
        json_string(j, "rule", mc_rc_rule(f->obstacle.rc));
        json_string(j, "field", f->obstacle.field);
        json_string(j, "why", why);
    }
    json_end_object(j);
}

static void put_size(struct json *j, const char *key, size_t n)
{
    if (n != 0)
        json_number(j, key, (int64_t)n);
    else
        json_null(j, key);
}

void show_json(const struct facts *f, const char *file, bool one_line, FILE *out)
{
    static const char *const outer[] = {"raw", "hex", "base64", "pem"};
    const struct mc_cert *c = &f->cert;
    struct json j;

    json_init(&j, out, one_line);
    json_object(&j, NULL);
    json_string(&j, "schema", "mattercert.certificate/1");
    json_string(&j, "file", file);
    json_string(&j, "kind", mc_kind_name(f->kind));
    json_string(&j, "form", facts_form_name(c->form));
    json_string(&j, "encoding", outer[f->in->outer]);
    put_size(&j, "der_octets", f->der.n);
    put_size(&j, "tlv_octets", f->tlv.n);
    json_number(&j, "version", c->version);
    json_hex(&j, "serial", c->serial);
    put_dn(&j, "issuer", &c->issuer);
    put_dn(&j, "subject", &c->subject);
    put_ids(&j, &c->subject);
    put_validity(&j, c);
    put_key(&j, f);
    json_array(&j, "extensions");
    for (unsigned i = 0; i < c->n_ext; i++)
        put_ext(&j, c, &c->ext[i]);
    json_end_array(&j);
    put_signature(&j, f);
    put_conversion(&j, f);
    json_hex(&j, "sha256", mc_span_of(f->sha256, MC_DIGEST_LEN));
    json_end_object(&j);
}
