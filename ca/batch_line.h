/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_line.h - one line of a batch taken apart: {"id": "...", "csr": "...", "node_id": "...", "cats": ["..."]}
 *
 * The usual form, an object of the known keys with plain ASCII strings, is read in place. jansson reads all
 * else, and decides what is JSON: whatever is read in place, it reads the same way.
 */
#ifndef CA_BATCH_LINE_H
#define CA_BATCH_LINE_H

#include <jansson.h>

#include "lib/cert.h"

enum batch_cats { CATS_NONE, CATS_LIST, CATS_NO_LIST };

/* Spans borrow from the text or from json; p is NULL where the line has no such string. */
struct batch_line {
    struct mc_span id, csr, node_id;
    enum batch_cats cats;
    size_t n_cat; /* may be more than cat holds */
    struct mc_span cat[MC_CAT_MAX];
    const char *unknown; /* a key that no request has; NULL: none */
    json_t *json;        /* NULL: read in place */
};

/* CA_E_REQUEST_FORM, MC_E_MEMORY. Clear out in any case. */
MC_MUST_CHECK enum mc_rc batch_line_parse(struct mc_span text, struct batch_line *out, struct mc_err *e);
/* The same, always by jansson. */
MC_MUST_CHECK enum mc_rc batch_line_parse_json(struct mc_span text, struct batch_line *out, struct mc_err *e);
void batch_line_clear(struct batch_line *l);

#endif
