/* SPDX-License-Identifier: Apache-2.0 */
#include "put.h"

#include <stdio.h>

#include "hsm/hsm.h"

void put_text(struct mc_out *o, const char *text)
{
    mc_out_put(o, text, strlen(text));
}

void put_number(struct mc_out *o, uint32_t value)
{
    char text[12];

    snprintf(text, sizeof(text), "%u", (unsigned)value);
    put_text(o, text);
    hsm_wipe(text, sizeof(text));
}

/* In place, and the NUL behind it is taken back. */
void put_base64(struct mc_out *o, const uint8_t *p, size_t n)
{
    char *at = (char *)mc_out_room(o, 4 * ((n + 2) / 3) + 1);

    if (at == NULL)
        return;
    mc_base64_encode(p, n, at);
    o->n--;
}

void put_hex(struct mc_out *o, const uint8_t *p, size_t n)
{
    char *at = (char *)mc_out_room(o, 2 * n + 1);

    if (at == NULL)
        return;
    mc_hex_encode(p, n, at);
    o->n--;
}

void put_json_string(struct mc_out *o, const char *text)
{
    mc_out_byte(o, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            mc_out_byte(o, '\\');
        mc_out_byte(o, (uint8_t)*text);
    }
    mc_out_byte(o, '"');
}

void put_csv(struct mc_out *o, const char *text)
{
    size_t n = strlen(text);
    bool quoted = strpbrk(text, ",\"#") != NULL || (n > 0 && (text[0] == ' ' || text[n - 1] == ' '));

    if (quoted)
        mc_out_byte(o, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            mc_out_byte(o, '"');
        mc_out_byte(o, (uint8_t)*text);
    }
    if (quoted)
        mc_out_byte(o, '"');
}
