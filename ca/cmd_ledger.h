/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_ledger.h - what the verbs of the ledger share: entries as text and JSON, and ways to name one.
 */
#ifndef CA_CMD_LEDGER_H
#define CA_CMD_LEDGER_H

#include "checkpoint.h"
#include "cmd.h"

/* What the entry is about, in a few words: a node, a fabric's or an authority's name. */
void cmd_entry_subject(const struct mc_entry *x, char *out, size_t cap);
/* Every field, and the canonical bytes, from which a stranger computes the leaf: heddle.entry/1. */
void cmd_entry_json(struct json *j, const struct ledger_row *r);
void cmd_entry_print(const struct ledger_row *r);

/* A serial number in hex, colons allowed. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_serial(const char *text, uint8_t serial[MC_SERIAL_MAX], size_t *n, struct mc_err *e);
/* The entry of a serial number; or, for entries that have none, of a number. CA_E_NOT_FOUND, CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_entry_find(struct state *s, const char *text, struct ledger_row *r, struct mc_err *e);
/* --type as a type of entry; 0 if missing. CA_E_USAGE. */
MC_MUST_CHECK enum mc_rc cmd_entry_type(const struct cli *c, enum entry_type *type, struct mc_err *e);
/* --fabric as a number; 0 if missing. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc cmd_fabric_number(const struct cli *c, struct state *s, uint32_t *number, struct mc_err *e);

/* A table of entries, or JSON Lines. cmd_listing_end prints the table, frees, and gives the outcome. */
struct cmd_listing {
    struct table *table;
    uint64_t left, rows;
    bool json;
    enum mc_rc rc;
};
MC_MUST_CHECK enum mc_rc cmd_listing_init(
    struct cmd_listing *l, const struct cli *c, uint64_t limit, struct mc_err *e);
bool cmd_listing_add(void *listing, const struct ledger_row *r); /* for ledger_scan and ledger_search */
MC_MUST_CHECK enum mc_rc cmd_listing_end(struct cmd_listing *l, enum mc_rc rc, struct mc_err *e);

#endif
