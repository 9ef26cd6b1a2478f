/* SPDX-License-Identifier: Apache-2.0 */
/* What every certificate must keep: version, serial number, algorithms, key, signature, extensions as such. */
#include "lint_rules.h"

static bool version(struct mc_lint_check *k)
{
    return k->c->version != 3 && mc_lint_say(k, "version %u", k->c->version);
}

/* --- serial number ------------------------------------------------------------------------------------ */

static bool serial_long(struct mc_lint_check *k)
{
    return k->c->serial.n > MC_SERIAL_MAX && mc_lint_say(k, "%zu octets", k->c->serial.n);
}

static bool serial_form(struct mc_lint_check *k)
{
    return mc_der_check_integer(k->c->serial) != MC_OK;
}

static bool serial_is(const struct mc_lint_check *k, uint8_t value)
{
    return k->c->serial.n == 1 && k->c->serial.p[0] == value;
}

static bool serial_zero(struct mc_lint_check *k)
{
    return serial_is(k, 0);
}

static bool serial_one(struct mc_lint_check *k)
{
    return serial_is(k, 1);
}

static bool serial_negative(struct mc_lint_check *k)
{
    return k->c->serial.n != 0 && (k->c->serial.p[0] & 0x80) != 0;
}

static bool serial_not_positive(struct mc_lint_check *k)
{
    return serial_zero(k) || serial_negative(k);
}

/* At most 63 random bits fit into 8 octets of a positive INTEGER. */
static bool serial_63_bits(struct mc_lint_check *k)
{
    return k->c->serial.n == 8 && !serial_negative(k);
}

static bool serial_short(struct mc_lint_check *k)
{
    return k->c->serial.n < 8 && !serial_is(k, 0) && !serial_is(k, 1) && mc_lint_say(k, "%zu octets", k->c->serial.n);
}

static bool serial_sign_octet(struct mc_lint_check *k)
{
    return k->c->serial.n > 1 && k->c->serial.p[0] == 0;
}

/* --- algorithms, key ---------------------------------------------------------------------------------- */

static bool oid_is(struct mc_span oid, const uint8_t *want, size_t n)
{
    return mc_span_eq(oid, mc_span_of(want, n));
}

static bool say_oid(struct mc_lint_check *k, struct mc_span oid)
{
    char text[64];
    const char *name = mc_oid_name(oid);

    mc_oid_format(oid, text, sizeof(text));
    return mc_lint_say(k, "%s", name[0] != '\0' ? name : text);
}

/* Only what was read from DER has algorithms of its own; the encoders write no other than Matter's. */
static bool is_ecdsa_sha256(const struct mc_cert *c)
{
    return c->tbs.n == 0 || oid_is(c->sig_alg_oid, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
}

static bool sig_alg(struct mc_lint_check *k)
{
    return !is_ecdsa_sha256(k->c) && say_oid(k, k->c->sig_alg_oid);
}

static bool sig_alg_parameters(struct mc_lint_check *k)
{
    return k->f.alg_parameters;
}

static bool sig_alg_mismatch(struct mc_lint_check *k)
{
    return k->c->sig_alg_differs;
}

static bool unique_id(struct mc_lint_check *k)
{
    return k->f.unique_id;
}

static bool key_alg(struct mc_lint_check *k)
{
    return k->c != NULL && k->c->tbs.n != 0 && !oid_is(k->c->key_alg_oid, mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key)) &&
           say_oid(k, k->c->key_alg_oid);
}

static bool curve(struct mc_lint_check *k)
{
    struct mc_der d, oid;

    if (k->c == NULL || k->c->p256 || k->c->tbs.n == 0 || key_alg(k))
        return false;
    d = mc_der_of(k->c->key_params);
    if (mc_der_take(&d, MC_DER_OID, &oid) != MC_OK || mc_der_more(&d))
        return mc_lint_say(k, "no curve is given by name alone");
    return !oid_is(mc_der_rest(&oid), mc_oid_prime256v1, sizeof(mc_oid_prime256v1)) && say_oid(k, mc_der_rest(&oid));
}

static bool point_form(struct mc_lint_check *k)
{
    return k->c != NULL && !k->c->p256 && k->c->tbs.n != 0 && !key_alg(k) && !curve(k) &&
           mc_lint_say(k, "%zu octets", k->c->key_bits.n);
}

static bool point_curve(struct mc_lint_check *k)
{
    return k->c->p256 && !k->in->tbs_only && k->in->v != NULL &&
           mc_point_check(k->in->v, k->c->point) == MC_E_POINT_CURVE;
}

static bool key_id_sha256(struct mc_lint_check *k)
{
    return k->f.key_id == MC_KEY_ID_SHA256;
}

static bool key_id_other(struct mc_lint_check *k)
{
    return k->f.key_id == MC_KEY_ID_OTHER;
}

/* --- signature ---------------------------------------------------------------------------------------- */

/* What is wrong with r or s; one fault for the pair. */
enum half { HALF_FINE, HALF_SHAPE, HALF_NEGATIVE, HALF_PADDED, HALF_LONG };

static enum half half_fault(struct mc_der *pair)
{
    struct mc_der n;
    size_t len;

    if (mc_der_take(pair, MC_DER_INTEGER, &n) != MC_OK || !mc_der_more(&n))
        return HALF_SHAPE;
    if ((*n.p & 0x80) != 0)
        return HALF_NEGATIVE;
    if (mc_der_check_integer(mc_der_rest(&n)) != MC_OK)
        return HALF_PADDED;
    len = (size_t)(n.end - n.p) - (*n.p == 0);
    return len > MC_SIG_LEN / 2 ? HALF_LONG : HALF_FINE;
}

static enum half signature_fault(const struct mc_lint_check *k)
{
    struct mc_der d, pair;
    enum half r, s;

    if (k->c->sig_der.p == NULL || k->c->has_sig || k->in->tbs_only || !is_ecdsa_sha256(k->c))
        return HALF_FINE;
    d = mc_der_of(k->c->sig_der);
    if (mc_der_take(&d, MC_DER_SEQUENCE, &pair) != MC_OK || mc_der_more(&d))
        return HALF_SHAPE;
    r = half_fault(&pair);
    s = half_fault(&pair);
    if (r != HALF_FINE)
        return r;
    return s == HALF_FINE && mc_der_more(&pair) ? HALF_SHAPE : s;
}

static bool signature_shape(struct mc_lint_check *k)
{
    enum half fault = signature_fault(k);

    return fault == HALF_SHAPE || fault == HALF_LONG;
}

static bool signature_padded(struct mc_lint_check *k)
{
    return signature_fault(k) == HALF_PADDED;
}

static bool signature_negative(struct mc_lint_check *k)
{
    return signature_fault(k) == HALF_NEGATIVE;
}

static bool signature_zero(struct mc_lint_check *k)
{
    static const uint8_t zero[MC_SIG_LEN / 2];

    return k->c->has_sig && !k->in->tbs_only &&
           (memcmp(k->c->sig, zero, sizeof(zero)) == 0 || memcmp(k->c->sig + sizeof(zero), zero, sizeof(zero)) == 0);
}

/* Only the signature itself: what else is wrong has rules of its own. */
static bool signed_otherwise(const struct mc_lint_check *k, const struct mc_cert *issuer)
{
    return k->c->has_sig && !k->in->tbs_only && issuer->p256 && k->in->v != NULL &&
           mc_cert_check_signature(k->in->v, k->c, issuer->point.p, NULL) == MC_E_SIGNATURE;
}

static bool self_signature(struct mc_lint_check *k)
{
    return k->f.self_issued && signed_otherwise(k, k->c);
}

static bool issuer_signature(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && signed_otherwise(k, k->in->issuer);
}

/* --- extensions --------------------------------------------------------------------------------------- */

static bool no_extensions(struct mc_lint_check *k)
{
    return k->c->n_ext == 0;
}

static bool extension_twice(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < k->c->n_ext; i++)
        for (unsigned j = 0; j < i; j++)
            if (mc_span_eq(k->c->ext[i].oid, k->c->ext[j].oid) && k->c->ext[i].oid.n != 0)
                return say_oid(k, k->c->ext[i].oid);
    return false;
}

/* A default is left out in DER. */
static bool critical_false_written(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < k->c->n_ext; i++) {
        const struct mc_ext *x = &k->c->ext[i];
        struct mc_der d, seq;
        struct mc_span oid;

        if (x->critical || x->whole.n == 0)
            continue;
        d = mc_der_of(x->whole);
        if (mc_der_take(&d, MC_DER_SEQUENCE, &seq) != MC_OK ||
            mc_der_take_oid(&seq, &oid) != MC_OK || !mc_der_peek(&seq, MC_DER_BOOLEAN))
            continue;
        return say_oid(k, x->oid);
    }
    return false;
}

/* --- the issuer, where it is given -------------------------------------------------------------------- */

static bool issuer_name(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && !mc_dn_equal(&k->c->issuer, &k->in->issuer->subject);
}

static bool issuer_key_id(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && k->c->has_akid && k->in->issuer->has_skid &&
           !mc_span_eq(k->c->akid, k->in->issuer->skid);
}

static bool issuer_not_authority(struct mc_lint_check *k)
{
    const struct mc_cert *issuer = k->in->issuer;

    return issuer != NULL && !k->f.self_issued && (!issuer->is_ca || (issuer->ku & MC_KU_KEY_CERT_SIGN) == 0);
}

static bool issuer_path(struct mc_lint_check *k)
{
    const struct mc_cert *issuer = k->in->issuer;

    return issuer != NULL && k->c->is_ca && issuer->has_path_len && issuer->path_len == 0 && !k->f.self_issued;
}

static bool issuer_key_again(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && !k->f.self_issued && k->c->p256 &&
           mc_span_eq(k->c->point, k->in->issuer->point);
}

/* An authority's key in a certificate below it, told without the issuer's certificate. */
static bool own_authority(struct mc_lint_check *k)
{
    return !k->f.self_issued && k->c->has_akid && mc_span_eq(k->c->akid, k->c->skid);
}

#define ISSUED (X509 & ~(RCAC | PAA | NETID | MC_LINT_UNKNOWN))

static const struct mc_rule rules[] = {
    {"x509-version", MC_ERROR, X509, "1.0", "matter-operational 1.1, matter-attestation 1.2",
        "The certificate is not X.509 version 3, and every Matter reader refuses another version.",
        "issue it as version 3 (encoded as 2)", MC_E_VERSION, version},
    {"x509-serial-length", MC_ERROR, X509, "1.0", "matter-operational 1.1, field 2d",
        "The serial number has more than 20 octets of INTEGER content, so strict readers refuse the certificate; a television shipped 21 by adding a sign octet to 20 random ones.",
        "issue it with at most 20 octets, the top bit of the first one clear", MC_OK, serial_long},
    {"x509-serial-form", MC_ERROR, X509, "1.0", "matter-operational 2.2",
        "The serial number is not 1 to 20 octets of INTEGER in shortest form, so strict readers refuse it.",
        "drop the superfluous leading octets", MC_E_SERIAL, serial_form},
    {"field-serial-zero", MC_WARNING, OP, "1.0", "peers: serials as others do them",
        "The serial number is 0, which RFC 5280 forbids and which says that the issuer does not number its certificates.",
        "issue with a positive random serial number of 16 to 20 octets", MC_OK, serial_zero},
    {"field-serial-one", MC_WARNING, ISSUED, "1.0", "peers: serials as others do them",
        "The serial number is 1, as some issuers give to every certificate, so issuer and serial do not tell certificates apart.",
        "issue with a positive random serial number of 16 to 20 octets", MC_OK, serial_one},
    {"field-serial-negative", MC_WARNING, OP, "1.0", "matter-operational 6 row 26",
        "The serial number is negative, because an issuer left out the zero octet before a set top bit; RFC 5280 and strict readers want it positive.",
        "issue it with the top bit of the first octet clear", MC_OK, serial_negative},
    {"att-serial-positive", MC_ERROR, ATT | CDS | CRLS, "1.0", "matter-attestation 6.1 C3",
        "The serial number is not positive, so the DCL refuses the certificate.",
        "issue it with a positive serial number", MC_OK, serial_not_positive},
    {"att-serial-sign-octet", MC_WARNING, PAI | DAC, "1.0", "matter-attestation 5.6",
        "The serial number begins with a zero octet, and one SDK backend compares it with revocation entries including that octet, so a revocation may not match.",
        "choose serial numbers whose first octet is 01 to 7F", MC_OK, serial_sign_octet},
    {"field-serial-63-bits", MC_NOTICE, ISSUED, "1.0", "field 2d",
        "The serial number holds at most 63 random bits, the mistake for which other PKIs had to replace a million certificates.",
        "draw at least 64 random bits behind a clear top bit: 16 to 20 octets", MC_OK, serial_63_bits},
    {"field-serial-short", MC_WARNING, ISSUED, "1.0", "field 2d",
        "The serial number has fewer than 8 octets, so it can be guessed and two issuers of one key may collide.",
        "draw at least 64 random bits behind a clear top bit: 16 to 20 octets", MC_OK, serial_short},
    {"x509-sig-alg", MC_ERROR, X509, "1.0", "matter-operational 1.1, matter-attestation 1.9",
        "The signature algorithm is not ecdsa-with-SHA256, the only one that Matter knows.",
        "sign with ECDSA on P-256 and SHA-256", MC_E_SIG_ALG, sig_alg},
    {"op-sig-alg-parameters", MC_ERROR, MATTER, "1.0", "matter-operational 2.5",
        "The signature algorithm has parameters (as a rule NULL), so the certificate cannot be converted to Matter TLV.",
        "write the algorithm as its OID alone", MC_OK, sig_alg_parameters},
    {"att-sig-alg-parameters", MC_WARNING, ATT | CDS | CRLS, "1.0", "field 1 item 33",
        "The signature algorithm has parameters (as a rule NULL), which RFC 5758 forbids and strict libraries warn about or refuse.",
        "write the algorithm as its OID alone", MC_OK, sig_alg_parameters},
    {"x509-sig-alg-mismatch", MC_ERROR, X509, "1.0", "matter-operational 2.5",
        "The algorithm inside of the signed part is not the one beside the signature, so what was signed is in doubt.",
        "issue it again with one algorithm in both places", MC_E_SIG_ALG_MISMATCH, sig_alg_mismatch},
    {"x509-key-alg", MC_ERROR, X509 | CSR, "1.0", "matter-operational 1.1, matter-attestation 1.9",
        "The public key is not an elliptic curve key, and Matter knows no other.", "use a P-256 key", MC_E_KEY_ALG,
        key_alg},
    {"x509-curve", MC_ERROR, X509 | CSR, "1.0", "matter-operational 1.1, matter-attestation 1.9",
        "The key's curve is not prime256v1 given by its name, and every reader refuses another.", "use a P-256 key",
        MC_E_CURVE, curve},
    {"x509-point-form", MC_ERROR, X509 | CSR, "1.0", "matter-operational 1.1",
        "The public key is not an uncompressed point of 65 octets, the only form that readers take.",
        "write the point as 04, X, Y", MC_E_POINT, point_form},
    {"x509-point-curve", MC_ERROR, X509, "1.0", "matter-operational 1.1",
        "The public key is no point of the curve, so no signature can ever verify with it.", "make a new key", MC_OK,
        point_curve},
    {"x509-signature-form", MC_ERROR, X509, "1.0", "matter-operational 2.5",
        "The signature is not a SEQUENCE of two INTEGERs of at most 32 octets, so it cannot be read.",
        "sign again with a conforming encoder", MC_OK, signature_shape},
    {"field-signature-padded", MC_ERROR, X509, "1.0", "field 2d, matter-operational 2.5",
        "r or s has a superfluous zero octet, as hand-made encoders write it, and readers refuse what is not DER.",
        "strip leading zeros, and put one back only before a set top bit", MC_OK, signature_padded},
    {"field-signature-negative", MC_ERROR, X509, "1.0", "matter-operational 2.5",
        "r or s lacks the zero octet before a set top bit, so as an INTEGER it is negative and strict readers refuse it.",
        "put one zero octet before a set top bit", MC_OK, signature_negative},
    {"x509-signature-zero", MC_ERROR, X509, "1.0", "matter-operational 2.5",
        "r or s is 0, which no signature can have.", "sign again", MC_OK, signature_zero},
    {"x509-self-signature", MC_ERROR, X509, "1.0", "matter-operational 3.5, matter-attestation 6.2 A8",
        "The certificate names itself as issuer, but its signature does not verify with its own key, so no one will install it.",
        "sign it with the key that it certifies, or name its real issuer", MC_OK, self_signature},
    {"op-unique-id", MC_ERROR, MATTER, "1.0", "matter-operational 1.1",
        "A unique identifier of issuer or subject is present, which Matter TLV cannot hold.",
        "issue it without unique identifiers", MC_E_UNIQUE_ID, unique_id},
    {"att-unique-id", MC_WARNING, ATT | CDS | CRLS, "1.0", "RFC 5280 4.1.2.8",
        "A unique identifier of issuer or subject is present, which RFC 5280 forbids and some libraries refuse.",
        "issue it without unique identifiers", MC_OK, unique_id},
    {"x509-ext-none", MC_ERROR, X509, "1.0", "matter-operational 2.2",
        "The certificate has no extensions, so nothing says what it may be used for.",
        "issue it with the extensions of its kind", MC_E_EXT_MISSING, no_extensions},
    {"x509-ext-twice", MC_ERROR, X509, "1.0", "matter-attestation 2.1, RFC 5280 4.2",
        "An extension is there twice, and readers differ about which one counts.", "issue it with each extension once",
        MC_E_EXT_TWICE, extension_twice},
    {"x509-ext-critical-false", MC_ERROR, X509, "1.0", "matter-operational 1.4",
        "An extension spells out critical FALSE, which DER leaves out, so converters refuse it.",
        "leave the BOOLEAN out", MC_OK, critical_false_written},
    {"x509-ext-count", MC_ERROR, X509, "1.0", "matter-operational 1.1",
        "The certificate has more extensions than any reader looks at.", "leave extensions out", MC_E_EXT_COUNT, NULL},
    {"x509-skid-sha256", MC_WARNING, X509, "1.0", "matter-operational 6 row 1, matter-attestation 1.6",
        "The subject key identifier is cut from SHA-256 of the key, while the SDK and the DCL's rules take SHA-1; what recomputes it will not find this key.",
        "issue with SHA-1 of the 65 octets of the point", MC_OK, key_id_sha256},
    {"x509-skid-other", MC_WARNING, X509, "1.0", "matter-operational 1.4, matter-attestation 1.6",
        "The subject key identifier follows from the key by no known method, so it may belong to another key.",
        "issue with SHA-1 of the 65 octets of the point", MC_OK, key_id_other},
    {"x509-akid-own", MC_ERROR, ISSUED, "1.0", "matter-operational 3.3",
        "The certificate names another issuer but its own key as the authority's, so no path leads upwards.",
        "copy the issuer's subject key identifier into the authority key identifier", MC_OK, own_authority},
    {"x509-issuer-name", MC_ERROR, X509, "1.0", "matter-operational 3.3",
        "The issuer name is not the given issuer's subject, attribute by attribute, so the chain does not link.",
        "copy the issuer's subject octet for octet, or give the real issuer", MC_OK, issuer_name},
    {"x509-issuer-key-id", MC_ERROR, X509, "1.0", "matter-operational 3.3",
        "The authority key identifier is not the given issuer's subject key identifier, so the chain does not link.",
        "copy the issuer's subject key identifier, or give the real issuer", MC_OK, issuer_key_id},
    {"x509-issuer-signature", MC_ERROR, X509, "1.0", "matter-operational 3.3, matter-attestation 2.2",
        "The signature does not verify with the given issuer's key: the certificate was altered or signed by another key.",
        "give the real issuer, or issue the certificate again", MC_OK, issuer_signature},
    {"x509-issuer-ca", MC_ERROR, X509, "1.0", "matter-operational 3.3",
        "The given issuer is no authority: it lacks cA or keyCertSign, so what it signs is refused.",
        "have the certificate issued by an authority", MC_OK, issuer_not_authority},
    {"x509-issuer-path", MC_ERROR, X509, "1.0", "matter-operational 3.3, matter-attestation 2.2",
        "The given issuer allows no authority below it (pathLen 0), so chains through this certificate are refused.",
        "issue with an authority that has room below it", MC_OK, issuer_path},
    {"field-issuer-key", MC_ERROR, X509, "1.0", "field 1 item 4",
        "The certificate has its issuer's key, so whoever holds it can issue; the same key for root and ICAC was a real mistake.",
        "make a key of its own for each certificate", MC_OK, issuer_key_again},
};

const struct mc_rule_table mc_rules_x509 = MC_RULE_TABLE(rules);
