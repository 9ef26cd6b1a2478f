/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include "lib/dn.h"

enum { SECONDS_A_DAY = 86400 };

static enum mc_rc judge_key_id(struct mc_verifier *v, struct facts *f, struct mc_err *e)
{
    const struct mc_cert *c = &f->cert;
    uint8_t sha256[MC_DIGEST_LEN];
    enum mc_rc rc;

    f->skid_origin = KEY_ID_NONE;
    if (!c->p256)
        return MC_OK;
    rc = mc_sha256(v, c->point, sha256);
    if (rc == MC_OK)
        rc = mc_key_id(v, c->point.p, f->key_id);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    if (c->has_skid && c->skid.n == MC_KEY_ID_LEN)
        f->skid_origin = memcmp(c->skid.p, f->key_id, MC_KEY_ID_LEN) == 0 ? KEY_ID_SHA1
                         : memcmp(c->skid.p, sha256, MC_KEY_ID_LEN) == 0  ? KEY_ID_SHA256
                                                                          : KEY_ID_OTHER;
    if (f->kind == MC_KIND_NETWORK_IDENTITY)
        memcpy(f->key_id, sha256, MC_KEY_ID_LEN);
    return MC_OK;
}

static bool is_self_issued(const struct mc_cert *c)
{
    if (c->form == MC_FORM_DER)
        return mc_span_eq(c->issuer.der, c->subject.der);
    return mc_dn_equal(&c->issuer, &c->subject);
}

static enum self_state judge_self(struct mc_verifier *v, const struct mc_cert *c)
{
    if (!is_self_issued(c))
        return SELF_NO;
    if (!c->p256 || !c->has_sig)
        return SELF_UNCHECKED;
    return mc_cert_check_signature(v, c, c->point.p, NULL) == MC_OK ? SELF_VERIFIES : SELF_FAILS;
}

/* Writes the form that the input does not have. What forbids it is a finding, not an error. */
static void make_other_form(struct facts *f)
{
    size_t n = 0;
    enum mc_rc rc;

    mc_err_init(&f->obstacle);
    if (f->cert.form == MC_FORM_DER) {
        f->der = f->in->bytes;
        rc = mc_cert_encode_tlv(&f->cert, f->tlv_room, sizeof(f->tlv_room), &n, &f->obstacle);
        f->tlv = mc_span_of(f->tlv_room, rc == MC_OK ? n : 0);
        return;
    }
    f->tlv = f->in->bytes;
    rc = mc_cert_encode_der(&f->cert, f->der_room, sizeof(f->der_room), &n, &f->obstacle);
    f->der = mc_span_of(f->der_room, rc == MC_OK ? n : 0);
}

enum mc_rc facts_of(struct mc_verifier *v, const struct tool_input *t, struct facts *f, struct mc_err *e)
{
    enum mc_rc rc = tool_certificate(t, MC_RULES_X509, &f->cert, e);

    if (rc != MC_OK)
        return rc;
    f->in = &t->in;
    f->kind = mc_cert_kind(&f->cert);
    make_other_form(f);
    rc = mc_sha256(v, f->der.n != 0 ? f->der : f->in->bytes, f->sha256);
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    f->self_issued = judge_self(v, &f->cert);
    return judge_key_id(v, f, e);
}

const char *facts_kind_title(enum mc_kind kind)
{
    static const char *const titles[MC_KIND_COUNT] = {
        [MC_KIND_UNKNOWN] = "X.509 certificate of no Matter kind",
        [MC_KIND_RCAC] = "Matter root CA certificate (RCAC)",
        [MC_KIND_ICAC] = "Matter intermediate CA certificate (ICAC)",
        [MC_KIND_NOC] = "Matter node operational certificate (NOC)",
        [MC_KIND_FIRMWARE_SIGNING] = "Matter firmware signing certificate",
        [MC_KIND_NETWORK_IDENTITY] = "Matter network identity",
        [MC_KIND_VVSC] = "Matter vendor id verification signer certificate (VVSC)",
        [MC_KIND_PAA] = "product attestation authority (PAA), or another self-issued CA",
        [MC_KIND_PAI] = "product attestation intermediate (PAI)",
        [MC_KIND_DAC] = "device attestation certificate (DAC)",
        [MC_KIND_CD_SIGNER] = "signer of certification declarations",
        [MC_KIND_CRL_SIGNER] = "delegated signer of revocation lists",
    };

    return titles[(unsigned)kind < MC_KIND_COUNT ? kind : MC_KIND_UNKNOWN];
}

const char *facts_form_name(enum mc_form form)
{
    return form == MC_FORM_DER ? "der" : form == MC_FORM_TLV ? "tlv" : "compact";
}

const char *facts_usage_name(unsigned i)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
        "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

    return i < sizeof(names) / sizeof(names[0]) ? names[i] : "";
}

const char *facts_oid_name(struct mc_span oid, char *out, size_t cap)
{
    const char *name = mc_oid_name(oid);

    if (*name != '\0')
        return name;
    mc_oid_format(oid, out, cap);
    return out;
}

void facts_attr_name(const struct mc_attr *a, char *out, size_t cap)
{
    char dotted[128];

    snprintf(out, cap, "%s",
        a->id != MC_ATTR_UNKNOWN ? mc_attr_name(a->id) : facts_oid_name(a->oid, dotted, sizeof(dotted)));
}

static bool is_upper_hex(struct mc_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!(text.p[i] >= '0' && text.p[i] <= '9') && !(text.p[i] >= 'A' && text.p[i] <= 'F'))
            return false;
    return true;
}

bool facts_attr_is_id(const struct mc_attr *a, unsigned *digits)
{
    if (mc_attr_is_matter(a->id)) {
        *digits = mc_attr_digits(a->id);
        return true;
    }
    *digits = 4;
    return (a->id == MC_ATTR_VID || a->id == MC_ATTR_PID) && a->text.n == 4 && is_upper_hex(a->text);
}

const char *facts_string_name(uint8_t tag)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } names[] = {
        {0x0C, "UTF8String"},
        {0x13, "PrintableString"},
        {0x14, "TeletexString"},
        {0x16, "IA5String"},
        {0x1C, "UniversalString"},
        {0x1E, "BMPString"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].tag == tag)
            return names[i].name;
    return "";
}

int64_t facts_days(const struct mc_cert *c)
{
    return (c->not_after_unix - c->not_before_unix + 1) / SECONDS_A_DAY;
}
