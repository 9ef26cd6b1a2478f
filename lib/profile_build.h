/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_build.h - what the files that build a certificate from a profile share. Private to profile_a*.c.
 */
#ifndef MC_PROFILE_BUILD_H
#define MC_PROFILE_BUILD_H

#include "profile_rules.h"

struct mc_builder {
    const struct mc_profile *p;
    struct mc_request *r;
    const struct mc_cert *issuer; /* NULL: self-signed */
    struct mc_cert *c;
    struct mc_err *e;
};

/* Fails with the field "subject.NAME"; why may be NULL. */
enum mc_rc mc_build_attr_fail(struct mc_builder *b, enum mc_rc rc, enum mc_attr_id id, const char *why);
bool mc_profile_has(const struct mc_profile *p, enum mc_attr_id id);

/* profile_att.c: what only attestation certificates have */
MC_MUST_CHECK enum mc_rc mc_build_product(struct mc_builder *b, const struct mc_profile_attr *a);
/* The common name with VID and PID behind it, where the profile wants them there. */
MC_MUST_CHECK enum mc_rc mc_build_product_name(struct mc_builder *b, struct mc_span *text);
/* VID and PID against the issuer's. */
MC_MUST_CHECK enum mc_rc mc_build_check_product(struct mc_builder *b);
MC_MUST_CHECK enum mc_rc mc_build_crl_points(struct mc_builder *b, struct mc_ext *x);
/* What was built says of itself that it is of the profile's kind. */
MC_MUST_CHECK enum mc_rc mc_build_check_kind(struct mc_builder *b);

#endif
