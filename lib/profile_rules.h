/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_rules.h - what the reader of profiles and the rules of Matter share. Private to profile*.c.
 */
#ifndef MC_PROFILE_RULES_H
#define MC_PROFILE_RULES_H

#include "profile.h"

/* Where things stand in the text; 0: they do not. */
struct mc_profile_lines {
    unsigned kind, product_ids, crl_points, subject[MC_DN_CAP], ext[MC_EXT_FUTURE]; /* ext by enum mc_ext_id */
};

/* Notes every way in which the profile would make a forbidden certificate (matter-operational 1.3, 1.4, 6; matter-attestation 1.2). */
void mc_profile_check(const struct mc_profile *p, const struct mc_profile_lines *lines, struct mc_mistakes *m);

/* What is wrong with the text of a name attribute, or NULL. */
const char *mc_profile_text_fault(uint8_t string_tag, struct mc_span text);

#endif
