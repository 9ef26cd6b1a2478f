/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert_parse.h - what the DER and the TLV reader of certificates share. Private to cert_*.c, ext_*.c
 * and profile_apply.c.
 */
#ifndef MC_CERT_PARSE_H
#define MC_CERT_PARSE_H

#include "cert.h"
#include "der.h"
#include "tlv.h"

struct mc_reader {
    struct mc_cert *c;
    bool x509; /* MC_RULES_X509 */
    struct mc_err *e;
};

/*
 * A rule of Matter is broken: an error under MC_RULES_MATTER; under MC_RULES_X509 the first one is noted
 * in c->obstacle and reading goes on.
 */
enum mc_rc mc_obstacle(struct mc_reader *r, enum mc_rc rc, size_t offset, const char *field)
    __attribute__((cold, warn_unused_result));

/* Resets every field that a reader does not always set. */
void mc_cert_reset(struct mc_cert *c, enum mc_form form);

/* A common name of the form that the field gives to signers of declarations. */
bool mc_dn_names_cd_signer(const struct mc_dn *dn);
/* cRLSign without keyCertSign, under another issuer. */
bool mc_cert_signs_crls_only(const struct mc_cert *c);

/* 1..20 octets of minimal INTEGER. */
MC_MUST_CHECK enum mc_rc mc_serial_check(struct mc_span serial);
/* Range and order of the two times (matter-operational 1.6). */
MC_MUST_CHECK enum mc_rc mc_validity_check(int64_t not_before_unix, int64_t not_after_unix, const char **field);
/* The fixed fields of a network identity (1.8), whatever it was read from. MC_E_IDENTITY. */
MC_MUST_CHECK enum mc_rc mc_identity_check(const struct mc_cert *c, struct mc_err *e);
/* Fills every fixed field of a network identity: all but point and sig. */
void mc_identity_fill(struct mc_cert *c);

/* What the encoders demand: no obstacle, and fields of the lengths and ranges that both forms can hold. */
MC_MUST_CHECK enum mc_rc mc_cert_check_writable(const struct mc_cert *c, struct mc_err *e);

/* The exact lengths that the encoders would write (cert_size.c). */
size_t mc_cert_tbs_size(const struct mc_cert *c);
size_t mc_cert_der_bound(const struct mc_cert *c);
size_t mc_cert_tlv_bound(const struct mc_cert *c);

/* Matter seconds of a time that mc_validity_check accepts; 0 is no expiry. */
static inline uint32_t mc_epoch2000(int64_t unix_time)
{
    return unix_time == MC_TIME_NO_EXPIRY ? 0 : (uint32_t)(unix_time - MC_EPOCH2000_UNIX);
}

/* Where c keeps that it has one of the five known extensions. */
bool *mc_ext_presence(struct mc_cert *c, enum mc_ext_id id);
/* TLV does not carry criticality: it follows from the extension. */
bool mc_ext_is_critical(enum mc_ext_id id);
/* One Extension SEQUENCE, its value not yet read. */
MC_MUST_CHECK enum mc_rc mc_ext_take_der(struct mc_reader *r, struct mc_der *exts, struct mc_ext *x);
/* What an extension must be to travel as a "future" one (1.5). MC_E_EXT_FUTURE. */
MC_MUST_CHECK enum mc_rc mc_ext_check_future(const struct mc_ext *x);

/* Extensions, one reader and writer for each form. */
MC_MUST_CHECK enum mc_rc mc_exts_take_der(struct mc_reader *r, struct mc_der *exts);
MC_MUST_CHECK enum mc_rc mc_exts_take_tlv(struct mc_reader *r, struct mc_tlv *t);
void mc_exts_put_der(struct mc_out *o, const struct mc_cert *c);
void mc_exts_put_tlv(struct mc_out *o, const struct mc_cert *c);

#endif
