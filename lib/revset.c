/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation sets: looking up, and what an entry must hold. */
#include "revset.h"

struct mc_span mc_serial_magnitude(struct mc_span serial)
{
    while (serial.n > 1 && serial.p[0] == 0) {
        serial.p++;
        serial.n--;
    }
    return serial;
}

bool mc_serial_is_portable(struct mc_span serial)
{
    serial = mc_serial_magnitude(serial);
    return serial.n != 0 && (serial.p[0] & 0x80) == 0;
}

/* The certificate that stands for the authority has its name and key. */
static bool is_vouched_for(const struct mc_revset_entry *x)
{
    struct mc_span der = x->has_delegator ? x->delegator : x->signer;
    struct mc_cert c;

    if (der.n > MC_CERT_DER_MAX || mc_cert_parse_der(der, MC_RULES_X509, &c, NULL) != MC_OK)
        return false;
    return mc_span_eq(c.subject.der, x->issuer_name) && mc_span_eq(c.skid, x->issuer_key_id);
}

enum mc_revset_verdict mc_revset_find(const struct mc_revset *set, struct mc_span issuer_name, struct mc_span akid,
    struct mc_span serial, size_t *at)
{
    enum mc_revset_verdict verdict = MC_REVSET_NOTHING;
    size_t decided = set->n;

    serial = mc_serial_magnitude(serial);
    for (size_t i = 0; i < set->n && verdict != MC_REVSET_REVOKED && verdict != MC_REVSET_BROKEN; i++) {
        const struct mc_revset_entry *x = &set->entry[i];

        if (!mc_span_eq(x->issuer_name, issuer_name) || !mc_span_eq(x->issuer_key_id, akid))
            continue;
        decided = i;
        verdict = is_vouched_for(x) ? MC_REVSET_GOOD : MC_REVSET_BROKEN;
        for (size_t k = 0; k < x->n_serial && verdict == MC_REVSET_GOOD; k++)
            if (mc_span_eq(x->serial[k], serial))
                verdict = MC_REVSET_REVOKED;
    }
    if (at != NULL)
        *at = decided;
    return verdict;
}

enum mc_revset_verdict mc_revset_find_cert(const struct mc_revset *set, const struct mc_cert *c, size_t *at)
{
    if (c->has_akid && c->akid.n == MC_KEY_ID_LEN)
        return mc_revset_find(set, c->issuer.der, c->akid, c->serial, at);
    if (at != NULL)
        *at = set->n;
    return MC_REVSET_NOTHING;
}

enum mc_rc mc_revset_check_entry(const struct mc_revset_entry *x, struct mc_err *e)
{
    if (x->issuer_name.n == 0 || x->issuer_name.n > MC_REVSET_NAME_MAX)
        return mc_fail(e, MC_E_REVSET, "issuer_name", "%zu octets; commissioners take 1 to %d", x->issuer_name.n,
            MC_REVSET_NAME_MAX);
    if (x->issuer_key_id.n != MC_KEY_ID_LEN)
        return mc_fail(e, MC_E_REVSET, "issuer_subject_key_id", "not %d octets", MC_KEY_ID_LEN);
    if (x->signer.n == 0 || x->signer.n > MC_CERT_DER_MAX)
        return mc_fail(e, MC_E_REVSET, "crl_signer_cert", "not a certificate of at most %d octets", MC_CERT_DER_MAX);
    if (x->has_delegator && (x->delegator.n == 0 || x->delegator.n > MC_CERT_DER_MAX))
        return mc_fail(e, MC_E_REVSET, "crl_signer_delegator",
            "null or too large: commissioners take nothing for revoked then; leave the member out");
    for (size_t i = 0; i < x->n_serial; i++)
        if (x->serial[i].n == 0 || x->serial[i].n > MC_SERIAL_MAX || (x->serial[i].n > 1 && x->serial[i].p[0] == 0))
            return mc_fail(e, MC_E_REVSET, "revoked_serial_numbers", "number %zu is not 1 to %d octets without a leading zero",
                i, MC_SERIAL_MAX);
    if (!is_vouched_for(x))
        return mc_fail(e, MC_E_REVSET, x->has_delegator ? "crl_signer_delegator" : "crl_signer_cert",
            "its subject and key id are not those of the entry: commissioners take nothing for revoked then");
    return MC_OK;
}
