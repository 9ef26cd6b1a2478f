/* SPDX-License-Identifier: Apache-2.0 */
/* Puts schema.sql into the program as it stands, so that there is one text of it. */
#include "ledger_internal.h"

__asm__(".section .rodata\n"
        ".global ledger_schema_sql\n"
        ".type ledger_schema_sql, %object\n"
        "ledger_schema_sql:\n"
        ".incbin \"ca/schema.sql\"\n"
        ".byte 0\n"
        ".size ledger_schema_sql, . - ledger_schema_sql\n"
        ".previous\n");
