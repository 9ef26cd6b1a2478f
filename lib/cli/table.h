/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - aligned tables for people: rows are collected, widths follow from them.
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
void table_print(const struct table *t, FILE *f); /* bold titles only on a terminal without NO_COLOR */
void table_free(struct table *t);

#endif
