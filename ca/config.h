/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - STATE/heddle.conf: one text file to one struct, all mistakes reported at once.
 */
#ifndef CA_CONFIG_H
#define CA_CONFIG_H

#include "hsm/hsm.h"
#include "lib/conf.h"
#include "lib/cert.h"

#define CONFIG_PATH_MAX 1024

struct config {
    char module[CONFIG_PATH_MAX]; /* "" means the embedded SoftHSM */
    char label[HSM_LABEL_MAX + 1];
    char serial[17]; /* "" while unknown */
    unsigned sessions;
    bool session_copy;
    unsigned token_timeout_seconds;
    unsigned busy_timeout_seconds;
    unsigned checkpoint_every; /* entries */
    unsigned clock_tolerance_seconds;
    unsigned crl_next_update_seconds; /* from thisUpdate to nextUpdate */
    unsigned crl_due_within_seconds;  /* before nextUpdate from when on a CRL is to be made anew */
    /* Lifetimes that replace the profiles'; by enum mc_kind. */
    bool has_days[MC_KIND_COUNT];
    uint32_t days[MC_KIND_COUNT]; /* 0: no expiry */
};

void config_defaults(struct config *c);
/* All mistakes go to m; MC_OK only if there is none. */
MC_MUST_CHECK enum mc_rc config_parse(struct mc_span text, struct config *c, struct mc_mistakes *m);
/* The commented text of a new heddle.conf; *n gets the length. MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc config_format(const struct config *c, char *out, size_t cap, size_t *n);

#endif
