/* SPDX-License-Identifier: Apache-2.0 */
/* foreign_internal.h - between the readers of foreign storage (foreign.h). */
#ifndef CA_FOREIGN_INTERNAL_H
#define CA_FOREIGN_INTERNAL_H

#include <jansson.h>

#include "foreign.h"

/* A reading: what came of it, and how much more may be read. */
struct foreign_reader {
    struct foreign *f;
    const struct foreign_choice *choice;
    size_t left;
};

/* --- foreign_json.c: JSON with secrets in it ----------------------------------------------------------------- */

/* Between these two, what jansson frees was wiped; all of its values are made and freed between them. */
void foreign_json_begin(void);
void foreign_json_end(void);
/*
 * JSON as Python and JavaScript write it: integers of 19 digits and more become strings of these digits, NaN and
 * Infinity become null. CA_E_FOREIGN.
 */
MC_MUST_CHECK enum mc_rc foreign_json_parse(const char *text, size_t n, json_t **out, struct mc_err *e);
/* A file, less what may still be read. *text is the caller's to wipe and free. */
MC_MUST_CHECK enum mc_rc foreign_load(
    struct foreign_reader *r, const char *path, uint8_t **text, size_t *n, struct mc_err *e);
void foreign_unload(uint8_t *text, size_t n);
MC_MUST_CHECK enum mc_rc foreign_json_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e);
/* A number, or a string of decimal digits. */
bool foreign_json_uint(const json_t *v, uint64_t *out);

/* --- foreign.c: what all readers do ------------------------------------------------------------------------- */

MC_MUST_CHECK enum mc_rc foreign_add_noc(struct foreign_reader *r, struct mc_span cert, struct mc_err *e);
MC_MUST_CHECK enum mc_rc foreign_add_node(struct foreign_reader *r, uint64_t node_id, struct mc_err *e);
MC_MUST_CHECK enum mc_rc foreign_add_key_file(struct foreign_reader *r, const char *path, struct mc_err *e);
/* The private key in these octets, which may be of any form that a tool keeps. CA_E_KEY_FILE. */
MC_MUST_CHECK enum mc_rc foreign_take_key(struct mc_span key, uint8_t scalar[HSM_SCALAR_LEN], const char *name, struct mc_err *e);
/* Says that a member is missing, or not what it should be. CA_E_FOREIGN. */
enum mc_rc foreign_lacks(struct mc_err *e, const char *field, const char *what);

/* Fabric ids that a storage has under one root, to choose from. */
#define FOREIGN_FABRICS_MAX 64
struct foreign_fabrics {
    uint64_t id[FOREIGN_FABRICS_MAX];
    unsigned n;
};
void foreign_offer_fabric(struct foreign_fabrics *a, uint64_t id);
/* Sets f->fabric_id if there is one to be had. CA_E_FOREIGN_CHOICE. */
MC_MUST_CHECK enum mc_rc foreign_choose_fabric(
    struct foreign_reader *r, const struct foreign_fabrics *a, struct mc_err *e);

/* --- the readers ---------------------------------------------------------------------------------------------- */

/* From keys and values in base64, as the SDK's controllers keep them: {"f/1/n": "...", ...}; ca_list may be NULL. */
MC_MUST_CHECK enum mc_rc foreign_sdk_take(
    struct foreign_reader *r, const json_t *values, const json_t *ca_list, struct mc_err *e);
/* An ini file as such an object. CA_E_FOREIGN. */
MC_MUST_CHECK enum mc_rc foreign_ini_parse(const char *text, size_t n, json_t **out, struct mc_err *e);
/* True if these values hold the keys of a CA. */
bool foreign_sdk_has_ca(const json_t *values);
/* The nodes that python-matter-server keeps beside chip.json, in folder. */
MC_MUST_CHECK enum mc_rc foreign_python_nodes(struct foreign_reader *r, const char *folder, struct mc_err *e);

/* Recognises a folder, and a file, of matter.js. */
bool foreign_is_matterjs_folder(const char *path);
bool foreign_is_sqlite(const uint8_t *text, size_t n);
/* All of a storage of matter.js: {"CONTEXT": {"KEY": VALUE}}; contexts are joined by dots. */
MC_MUST_CHECK enum mc_rc foreign_matterjs_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc foreign_sqlite_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e);
MC_MUST_CHECK enum mc_rc foreign_matterjs_take(struct foreign_reader *r, const json_t *db, struct mc_err *e);
/* The snapshot and the log in folder, into db. */
MC_MUST_CHECK enum mc_rc foreign_wal_load(struct foreign_reader *r, const char *folder, json_t *db, struct mc_err *e);
/* A context that is of use here. */
bool foreign_js_wanted(const char *context);
/* Sets a value, which it takes over; keeps of data what is wanted. */
bool foreign_js_put(json_t *db, const char *context, const char *key, json_t *value);
MC_MUST_CHECK enum mc_rc foreign_js_keep(json_t *db, const json_t *data, struct mc_err *e);
bool foreign_there(const char *folder, const char *name);
/* Whether such an object is one. */
bool foreign_is_matterjs(const json_t *db);
/* What matter.js's own JSON says of a value: {"__object__": ..., "__value__": ...} in a string. */
bool foreign_js_bytes(const json_t *v, uint8_t *out, size_t cap, size_t *n);
bool foreign_js_uint(const json_t *v, uint64_t *out);

#endif
