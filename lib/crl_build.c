/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: the writer (matter-attestation 5.1). */
#include "crl.h"

#include "cert_parse.h"
#include "crl_oid.h"

enum {
    HEAD_BOUND = 512,  /* all but names, URI and entries */
    ENTRY_BOUND = 64,  /* an entry without its issuer */
    TAG_URI = MC_DER_CONTEXT | 6,
    TAG_DIRECTORY_NAME = MC_DER_CONTEXT_CONSTRUCTED | 4,
};

size_t mc_crl_bound(const struct mc_crl_draft *d)
{
    size_t each = ENTRY_BOUND + (d->indirect ? d->authority.n : 0);

    if (d->n > MC_CRL_MAX / ENTRY_BOUND || d->issuer.n > MC_CRL_MAX || d->authority.n > MC_CRL_MAX)
        return MC_CRL_MAX;
    each = HEAD_BOUND + d->issuer.n + d->uri.n + d->n * each;
    return each < MC_CRL_MAX ? each : MC_CRL_MAX;
}

/* Extension ::= SEQUENCE { OID, critical, OCTET STRING { ... } }: begun here, closed by close_ext. */
struct open_ext {
    size_t seq, octets;
};

static struct open_ext begin_ext(struct mc_out *o, enum mc_crl_oid id, bool critical)
{
    const uint8_t oid[] = {0x55, 0x1D, (uint8_t)id};
    struct open_ext x = {.seq = mc_der_begin(o, MC_DER_SEQUENCE)};

    mc_der_put(o, MC_DER_OID, oid, sizeof(oid));
    if (critical)
        mc_der_put(o, MC_DER_BOOLEAN, "\xFF", 1);
    x.octets = mc_der_begin(o, MC_DER_OCTET_STRING);
    return x;
}

static void close_ext(struct mc_out *o, struct open_ext x)
{
    mc_der_close(o, x.octets);
    mc_der_close(o, x.seq);
}

/* GeneralNames { directoryName [4] EXPLICIT Name } */
static void put_certificate_issuer(struct mc_out *o, struct mc_span name)
{
    struct open_ext x = begin_ext(o, mc_crl_oid_certificate_issuer, true);
    size_t names = mc_der_begin(o, MC_DER_SEQUENCE), directory = mc_der_begin(o, TAG_DIRECTORY_NAME);

    mc_out_put(o, name.p, name.n);
    mc_der_close(o, directory);
    mc_der_close(o, names);
    close_ext(o, x);
}

static void put_entries(struct mc_out *o, const struct mc_crl_draft *d)
{
    size_t list = mc_der_begin(o, MC_DER_SEQUENCE);

    for (size_t i = 0; i < d->n; i++) {
        size_t entry = mc_der_begin(o, MC_DER_SEQUENCE), exts;

        mc_der_put(o, MC_DER_INTEGER, d->entry[i].serial.p, d->entry[i].serial.n);
        mc_time_put_x509(o, d->entry[i].time_unix);
        if (d->indirect) {
            exts = mc_der_begin(o, MC_DER_SEQUENCE);
            put_certificate_issuer(o, d->authority);
            mc_der_close(o, exts);
        }
        mc_der_close(o, entry);
    }
    mc_der_close(o, list);
}

static void put_akid(struct mc_out *o, struct mc_span akid)
{
    struct open_ext x = begin_ext(o, mc_crl_oid_akid, false);
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE);

    mc_der_put(o, MC_DER_CONTEXT, akid.p, akid.n);
    mc_der_close(o, seq);
    close_ext(o, x);
}

static void put_number(struct mc_out *o, uint64_t number)
{
    struct open_ext x = begin_ext(o, mc_crl_oid_number, false);
    uint8_t be[8];

    for (unsigned i = 0; i < sizeof(be); i++)
        be[i] = (uint8_t)(number >> (8 * (sizeof(be) - 1 - i)));
    mc_der_put_unsigned(o, be, sizeof(be));
    close_ext(o, x);
}

/* SEQUENCE { [0] { [0] { URI [6] } }, indirectCRL [4] TRUE } */
static void put_point(struct mc_out *o, const struct mc_crl_draft *d)
{
    struct open_ext x = begin_ext(o, mc_crl_oid_point, true);
    size_t seq = mc_der_begin(o, MC_DER_SEQUENCE), point = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED);
    size_t full = mc_der_begin(o, MC_DER_CONTEXT_CONSTRUCTED), uri = mc_der_begin(o, TAG_URI);

    mc_out_put(o, d->uri.p, d->uri.n);
    mc_der_close(o, uri);
    mc_der_close(o, full);
    mc_der_close(o, point);
    if (d->indirect)
        mc_der_put(o, MC_DER_CONTEXT | 4, "\xFF", 1);
    mc_der_close(o, seq);
    close_ext(o, x);
}

/* What fetchers of CRLs can use (6.4 R3), as an IA5String. */
static bool is_address(struct mc_span uri)
{
    static const char http[] = "http://", https[] = "https://";

    for (size_t i = 0; i < uri.n; i++)
        if (uri.p[i] <= 0x20 || uri.p[i] >= 0x7F)
            return false;
    return (uri.n > sizeof(http) - 1 && memcmp(uri.p, http, sizeof(http) - 1) == 0) ||
           (uri.n > sizeof(https) - 1 && memcmp(uri.p, https, sizeof(https) - 1) == 0);
}

static enum mc_rc check_draft(const struct mc_crl_draft *d, struct mc_err *e)
{
    if (d->issuer.n == 0 || d->akid.n != MC_KEY_ID_LEN)
        return mc_fail(e, MC_E_CRL_PROFILE, "issuer", "the signer has no name or no key identifier of 20 octets");
    if (d->next_update_unix <= d->this_update_unix)
        return mc_fail(e, MC_E_TIME_ORDER, "nextUpdate", "it is not after thisUpdate");
    if (d->uri.n > MC_CRL_POINT_MAX)
        return mc_fail(e, MC_E_CRL_PROFILE, "issuingDistributionPoint", "the URI has more than %d octets", MC_CRL_POINT_MAX);
    if (d->uri.n != 0 && !is_address(d->uri))
        return mc_fail(e, MC_E_CRL_PROFILE, "issuingDistributionPoint", "the URI is no http or https address in ASCII");
    if (d->indirect && (d->uri.n == 0 || d->authority.n == 0))
        return mc_fail(e, MC_E_CRL_PROFILE, "issuingDistributionPoint", "an indirect CRL needs a URI");
    for (size_t i = 0; i < d->n; i++) {
        struct mc_span s = d->entry[i].serial;

        if (mc_serial_check(s) != MC_OK || (s.p[0] & 0x80) != 0 || (s.n == 1 && s.p[0] == 0))
            return mc_fail(e, MC_E_SERIAL, "serialNumber", "entry %zu", i);
    }
    return MC_OK;
}

enum mc_rc mc_crl_encode_tbs(const struct mc_crl_draft *d, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap < MC_CRL_MAX ? cap : MC_CRL_MAX);
    size_t tbs, exts, list;
    enum mc_rc rc = check_draft(d, e);

    if (rc != MC_OK)
        return rc;
    tbs = mc_der_begin(&o, MC_DER_SEQUENCE);
    mc_der_put(&o, MC_DER_INTEGER, "\x01", 1);
    mc_out_put(&o, mc_crl_ecdsa_sha256, sizeof(mc_crl_ecdsa_sha256));
    mc_out_put(&o, d->issuer.p, d->issuer.n);
    mc_time_put_x509(&o, d->this_update_unix);
    mc_time_put_x509(&o, d->next_update_unix);
    if (d->n != 0)
        put_entries(&o, d);
    exts = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    list = mc_der_begin(&o, MC_DER_SEQUENCE);
    put_akid(&o, d->akid);
    put_number(&o, d->number);
    if (d->uri.n != 0)
        put_point(&o, d);
    mc_der_close(&o, list);
    mc_der_close(&o, exts);
    mc_der_close(&o, tbs);
    if (o.rc != MC_OK)
        return mc_fail(e, cap >= MC_CRL_MAX ? MC_E_TOO_BIG : o.rc, "tbsCertList", NULL);
    *n = o.n;
    return MC_OK;
}

enum mc_rc mc_crl_assemble(
    struct mc_span tbs, const uint8_t sig[MC_SIG_LEN], uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap < MC_CRL_MAX ? cap : MC_CRL_MAX);
    uint8_t der[MC_SIG_DER_MAX];
    size_t list = mc_der_begin(&o, MC_DER_SEQUENCE), bits;

    mc_out_put(&o, tbs.p, tbs.n);
    mc_out_put(&o, mc_crl_ecdsa_sha256, sizeof(mc_crl_ecdsa_sha256));
    bits = mc_der_begin(&o, MC_DER_BIT_STRING);
    mc_out_byte(&o, 0);
    mc_out_put(&o, der, mc_sig_to_der(sig, der));
    mc_der_close(&o, bits);
    mc_der_close(&o, list);
    if (o.rc != MC_OK)
        return mc_fail(e, cap >= MC_CRL_MAX ? MC_E_TOO_BIG : o.rc, "certificateList", NULL);
    *n = o.n;
    return MC_OK;
}
