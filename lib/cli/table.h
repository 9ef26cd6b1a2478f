/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - aligned tables for people: rows are collected, widths follow from them.
 *
 * A table that may be very long is printed now and then: what comes later keeps to the widths that it has, as far as
 * it fits.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>

#include "lib/err.h"

struct table;

/* headers: column titles, ends with NULL; a title that begins with '>' is aligned right. NULL: out of memory.
 */
struct table *table_new(const char *const *headers);
/* One cell of each column, copied; what could steer a terminal becomes '?'. MC_E_MEMORY. */
MC_MUST_CHECK enum mc_rc table_row(struct table *t, const char *const *cells);
/* The rows since the last call, the titles the first time: bold only on a terminal without NO_COLOR. */
void table_print(struct table *t, FILE *f);
void table_free(struct table *t);

#endif
