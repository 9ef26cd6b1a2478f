/* SPDX-License-Identifier: Apache-2.0 */
/*
 * points.h - revocation distribution points from JSON (matter-attestation 5.3), for sets and for the pre-flight.
 */
#ifndef TOOL_POINTS_H
#define TOOL_POINTS_H

#include "revocation.h"

#define POINT_FILE_MAX (16 * 1024 * 1024) /* octets of a file */

struct json_t;

/* A record as it stands: what is missing is 0 or "". Borrows from the JSON. */
struct point_record {
    uint64_t vid, pid, type, schema_version, data_file_size, data_digest_type;
    bool is_paa;
    const char *label, *issuer_key_id, *signer, *delegator, *data_url, *data_digest;
};
/* MC_E_JSON_MEMBER for members that a record does not have, or of another type. */
MC_MUST_CHECK enum mc_rc point_record_read(
    const struct json_t *object, const char *where, struct point_record *r, struct mc_err *e);

struct point_file {
    struct json_t *root;
    struct point_record *record;
    size_t n;
};
/* One record, an array of them, an unsigned transaction (body.messages), or an answer of the DCL's REST interface. */
MC_MUST_CHECK enum mc_rc point_file_read(const char *path, struct point_file *f, struct mc_err *e);
/* The same from JSON that was read: f owns root from now on, also where this fails. */
MC_MUST_CHECK enum mc_rc point_file_take(struct json_t *root, struct point_file *f, struct mc_err *e);
void point_file_clear(struct point_file *f);

/* The certificate in a member's PEM text, added to the pool; *out NULL for "". */
MC_MUST_CHECK enum mc_rc point_cert(
    struct pool *p, const char *where, const char *text, const struct pool_cert **out, struct mc_err *e);

#endif
