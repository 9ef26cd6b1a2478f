/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms.h - the envelope of a certification declaration: CMS SignedData in one rigid form (matter-attestation 4.3).
 *
 *     ContentInfo { signedData, [0] SignedData {
 *         version 3, { sha256 }, { data, [0] OCTET STRING payload },
 *         { SignerInfo { version 3, [0] key id, sha256, ecdsa-with-SHA256, OCTET STRING { r, s } } } } }
 *
 * DER; algorithms without parameters; no certificates, CRLs or attributes; one signer. The signature is over
 * the payload octets alone.
 *
 * Two readers. mc_cms_parse insists on this form. The `deployed` ones read as the SDK's commissioner does: it
 * does not look whether a container was read to its end, so extras behind an expected element pass, and
 * it finds the key id in a first pass that skips what stands before the signer. Views borrow from the input.
 */
#ifndef MC_CMS_H
#define MC_CMS_H

#include "pubkey.h"

#define MC_CMS_MAX      790 /* octets of the largest declaration (matter-attestation 4.2) */
#define MC_CMS_OVERHEAD 192 /* octets around a payload, at most (the 183 of 4.2 is for a short one) */

struct mc_cms {
    struct mc_span payload;
    struct mc_span key_id; /* the signer's subjectKeyIdentifier: 20 octets (deployed: any number) */
    uint8_t sig[MC_SIG_LEN];
};

/*
 * Errors name the field ("cms.signerInfo.version") and the offset. MC_E_CMS_TYPE, MC_E_CMS_VERSION,
 * MC_E_CMS_DIGEST, MC_E_CMS_SIG_ALG, MC_E_CMS_KEY_ID, MC_E_CMS_EXTRA, MC_E_SIGNATURE_FORM and those of the DER
 * cursor.
 */
MC_MUST_CHECK enum mc_rc mc_cms_parse(struct mc_span der, struct mc_cms *c, struct mc_err *e);

/* MC_E_CMS_KEY_ID if key_id is not 20 octets, MC_E_SPACE. What is written parses back to the same values. */
MC_MUST_CHECK enum mc_rc mc_cms_encode(
    const struct mc_cms *c, uint8_t *out, size_t cap, size_t *n, struct mc_err *e);

/* The signature, with the signer's key. MC_E_CMS_SIGNATURE, MC_E_POINT, MC_E_POINT_CURVE. */
MC_MUST_CHECK enum mc_rc mc_cms_check_signature(
    struct mc_verifier *v, const struct mc_cms *c, const uint8_t point[MC_POINT_LEN], struct mc_err *e);

/* The first pass of a commissioner: false is result 600. */
bool mc_cms_deployed_key_id(struct mc_span in, struct mc_span *key_id);
/* The second pass, before the signature is checked: false is result 602. */
bool mc_cms_deployed_open(struct mc_span in, struct mc_cms *c);
/* The payload as a verifier without keys takes it out: false is result 105. */
bool mc_cms_deployed_payload(struct mc_span in, struct mc_span *payload);

#endif
