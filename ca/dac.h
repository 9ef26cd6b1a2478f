/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dac.h - requests for DACs: what they ask for, whether policy allows it, their way through issue.h; and the
 * secrets of a device, which leave the process sealed and in no other way.
 *
 * A device's key comes with a CSR, or is made here: then everything secret about the device derives from a seed
 * (factory.h), in memory. A DAC is an ISSUED entry without fabric; its request ids are those without fabric.
 */
#ifndef CA_DAC_H
#define CA_DAC_H

#include "attestation.h"
#include "factory.h"
#include "recipient.h"
#include "request.h"

/* A request for a DAC, as it comes from outside, checked (mc_csr_check, factory_check). */
struct dac_request {
    const char *request_id;    /* 1..ENTRY_REQUEST_MAX visible ASCII characters */
    const uint8_t *point;      /* the CSR's key; NULL: a key is made */
    uint16_t vid, pid;
    const char *serial_number; /* of the device; "": none is given */
    uint8_t input_sha256[MC_DIGEST_LEN];   /* of the CSR; zeros without */
    uint8_t content_sha256[MC_DIGEST_LEN]; /* dac_content */
};

/* Fixed for all DACs of one command. */
struct dac_line {
    const struct issuer *pai;
    const char *pai_name;
    const struct profile_file *profile;
    struct mc_span crl_points;
};

/*
 * The hash of what is asked for: PAI, VID, PID, serial number, and the key of a CSR. Passcode and discriminator are not in
 * it: a hash in a public ledger would give 27 bits away. With own_id, a request id that follows from it.
 */
MC_MUST_CHECK enum mc_rc dac_content(
    struct mc_verifier *v, uint32_t pai, struct dac_request *r, char own_id[REQUEST_OWN_ID_MAX]);

/*
 * Policy, inside a transaction: out->repeated if the request was answered before, else whether the PAI may sign and
 * the key and the serial number are free. One key has one vendor and product: another DAC for it must say the same.
 * MC_E_ATT_VID, MC_E_ATT_PID, CA_E_REQUEST_CONFLICT, CA_E_KEY_TAKEN, CA_E_DEVICE_TAKEN, CA_E_AUTHORITY_STATE (revoked).
 */
MC_MUST_CHECK enum mc_rc dac_decide(
    struct state *s, const struct dac_line *line, const struct dac_request *r, struct issued *out, struct mc_err *e);

/* The request's part of the struct issue; point is the key, whoever made it. Serial and times are left. */
MC_MUST_CHECK enum mc_rc dac_fill(struct mc_verifier *v, const struct dac_line *line, const struct dac_request *r,
    const uint8_t *point, struct issue *i, struct mc_err *e);
/* The ISSUED entry of a signed request, and its REFUSED entry; they borrow. */
void dac_entry(const struct issue *i, const struct dac_request *r, struct mc_entry *x);
void dac_refusal(const struct dac_line *line, const struct dac_request *r, const struct mc_err *why, struct mc_entry *x);

/* The device's record, with its certificates, sealed. d keeps its secrets: the caller wipes it. */
MC_MUST_CHECK enum mc_rc dac_seal(const struct recipient *to, struct device *d, struct mc_span dac, struct mc_span pai,
    uint8_t out[SEALED_MAX], size_t *n, struct mc_err *e);

/* The whole path for one request; point as in dac_fill. A refusal by policy is recorded. */
MC_MUST_CHECK enum mc_rc dac_issue(struct state *s, const struct dac_line *line, const struct dac_request *r,
    const uint8_t *point, struct issued *out, struct mc_err *e);

#endif
