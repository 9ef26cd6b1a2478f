/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs of our own keys, for somebody else's authority (RFC 2986). */
#include "csr.h"
#include "dn.h"

enum { POINT_UNCOMPRESSED = 0x04 };

static void put_algorithm(struct mc_out *o)
{
    size_t alg = mc_der_begin(o, MC_DER_SEQUENCE);

    mc_der_put(o, MC_DER_OID, mc_oid_ecdsa_sha256, sizeof(mc_oid_ecdsa_sha256));
    mc_der_close(o, alg);
}

static void put_key(struct mc_out *o, const uint8_t point[MC_POINT_LEN])
{
    size_t spki = mc_der_begin(o, MC_DER_SEQUENCE), alg = mc_der_begin(o, MC_DER_SEQUENCE), bits;

    mc_der_put(o, MC_DER_OID, mc_oid_ec_public_key, sizeof(mc_oid_ec_public_key));
    mc_der_put(o, MC_DER_OID, mc_oid_prime256v1, sizeof(mc_oid_prime256v1));
    mc_der_close(o, alg);
    bits = mc_der_begin(o, MC_DER_BIT_STRING);
    mc_out_byte(o, 0);
    mc_out_put(o, point, MC_POINT_LEN);
    mc_der_close(o, bits);
    mc_der_close(o, spki);
}

/* CertificationRequestInfo ::= SEQUENCE { version INTEGER 0, subject, subjectPKInfo, attributes [0] } */
enum mc_rc mc_csr_encode_info(const struct mc_dn *subject, const uint8_t point[MC_POINT_LEN], uint8_t *out, size_t cap,
    size_t *n, struct mc_err *e)
{
    static const uint8_t version = 0;
    struct mc_out o = mc_out_of(out, cap);
    size_t info, attributes;

    if (point[0] != POINT_UNCOMPRESSED)
        return mc_fail(e, MC_E_POINT, "csr.key", NULL);
    info = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_der_put(&o, MC_DER_INTEGER, &version, 1);
    mc_dn_put_der(&o, subject);
    put_key(&o, point);
    attributes = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    mc_der_close(&o, attributes);
    mc_der_close(&o, info);
    *n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, "csr", NULL);
}

/* CertificationRequest ::= SEQUENCE { info, signatureAlgorithm, signature BIT STRING } */
enum mc_rc mc_csr_assemble(
    struct mc_span info, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);
    size_t csr = mc_der_begin(&o, MC_DER_SEQUENCE), bits;
    uint8_t der[MC_SIG_DER_MAX];

    mc_out_put(&o, info.p, info.n);
    put_algorithm(&o);
    bits = mc_der_begin(&o, MC_DER_BIT_STRING);
    mc_out_byte(&o, 0);
    mc_out_put(&o, der, mc_sig_to_der(sig, der));
    mc_der_close(&o, bits);
    mc_der_close(&o, csr);
    *n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, "csr", NULL);
}
