/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_listing.h"

enum mc_rc listing_begin(struct listing *l, const struct cli *c, struct state *s, const char *schema, const char *array,
    const char *const headers[], struct mc_err *e)
{
    *l = (struct listing){.s = s, .e = e, .rc = MC_OK};
    if (c->json) {
        json_init(&l->j, stdout, false);
        json_object(&l->j, NULL);
        json_string(&l->j, "schema", schema);
        json_array(&l->j, array);
        return MC_OK;
    }
    l->table = table_new(headers);
    return l->table != NULL ? MC_OK : mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

enum mc_rc listing_end(struct listing *l, enum mc_rc rc)
{
    if (rc == MC_OK)
        rc = l->rc;
    if (rc == MC_OK && l->table == NULL) {
        json_end_array(&l->j);
        json_end_object(&l->j);
    } else if (rc == MC_OK) {
        table_print(l->table, stdout);
    }
    table_free(l->table);
    return rc;
}
