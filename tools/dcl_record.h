/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcl_record.h - revocation distribution points for the pre-flight: from JSON, or from options that are named like
 * those of the ledger's own program.
 */
#ifndef TOOL_DCL_RECORD_H
#define TOOL_DCL_RECORD_H

#include "lib/dcl.h"
#include "points.h"

#define DCL_RECORD_OPTIONS                                                                                   \
    {.name = "certificate", .arg = "FILE", .help = "check a distribution point whose CRL this certificate signs (PEM)"}, \
        {.name = "certificate-delegator", .arg = "FILE", .help = "the PAI that the signer is a delegate of (PEM)"}, \
        {.name = "is-paa", .help = "it is about what a PAA issued"}, \
        {.name = "pid", .arg = "0xID", .help = "its product, if the PAI names one"}, \
        {.name = "label", .arg = "TEXT", .help = "its name among those of one issuer"}, \
        {.name = "data-url", .arg = "URL", .help = "where the CRL is"}, \
        {.name = "issuer-subject-key-id", .arg = "HEX", .help = "whose certificates are revoked; default by the certificates"}

struct dcl_records {
    struct mc_dcl_point *point;
    size_t n, cap;
    struct pool pool; /* of the certificates in them */
    struct point_file *file;
    size_t n_files;
    uint8_t *signer, *delegator; /* of the options */
    char key_id[2 * MC_KEY_ID_LEN + 1];
};

/* Adds the records of a file, or of JSON text. A certificate that cannot be read is left for the rules to tell. */
MC_MUST_CHECK enum mc_rc dcl_records_read(struct dcl_records *r, const char *path, struct mc_err *e);
MC_MUST_CHECK enum mc_rc dcl_records_parse(struct dcl_records *r, struct mc_span text, struct mc_err *e);
/* Adds the one that the options tell. */
MC_MUST_CHECK enum mc_rc dcl_records_of_options(struct dcl_records *r, struct cli *c, struct mc_err *e);
void dcl_records_clear(struct dcl_records *r);

#endif
