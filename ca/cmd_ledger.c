/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_ledger.h"

#include <stdlib.h>

const struct cli_option ledger_list_options[] = {
    {"fabric", "NAME", "only entries of this fabric", false, false, 0},
    {"type", "TYPE", "only entries of this type: issued, void, authority, fabric, ...", false, false, 0},
    {"from", "N", "begin with entry N", false, false, 0},
    {"limit", "N", "at most N entries", false, false, 0},
    {0},
};

struct list {
    struct cmd_listing *out;
    uint32_t fabric;
};

static bool list_one(void *arg, const struct ledger_row *r)
{
    struct list *l = arg;

    return (l->fabric != 0 && r->x.fabric != l->fabric) || cmd_listing_add(l->out, r);
}

enum mc_rc cmd_entry_type(const struct cli *c, enum entry_type *type, struct mc_err *e)
{
    const char *name = cli_value(c, "type");

    *type = 0;
    if (name == NULL)
        return MC_OK;
    for (unsigned t = ENTRY_GENESIS; t < ENTRY_TYPE_COUNT; t++) {
        if (strcmp(name, mc_entry_type_name(t)) == 0) {
            *type = t;
            return MC_OK;
        }
    }
    return mc_fail(e, CA_E_USAGE, "--type", "'%.40s' is no type of entry", name);
}

enum mc_rc cmd_fabric_number(const struct cli *c, struct state *s, uint32_t *number, struct mc_err *e)
{
    const char *name = cli_value(c, "fabric");
    struct ledger_fabric f;
    enum mc_rc rc;

    *number = 0;
    if (name == NULL)
        return MC_OK;
    rc = ledger_fabric_by_name(s->ledger, name, &f, e);
    if (rc == MC_OK)
        *number = f.number;
    return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "fabric", "'%.64s'", name) : rc;
}

enum mc_rc cmd_ledger_list(struct cli *c, struct mc_err *e)
{
    uint64_t from = 0, limit;
    struct cmd_listing out;
    struct list l = {&out, 0};
    enum entry_type type;
    struct state s;
    enum mc_rc rc = cmd_entry_type(c, &type, e);

    if (rc == MC_OK)
        rc = cli_number(c, "from", 16, 0, &from, e);
    if (rc == MC_OK)
        rc = cli_number(c, "limit", 16, UINT64_MAX, &limit, e);
    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = cmd_listing_init(&out, c, limit, e);
    if (rc == MC_OK)
        rc = cmd_fabric_number(c, &s, &l.fabric, e);
    if (rc == MC_OK)
        rc = ledger_scan(s.ledger, from, type, list_one, &l, e);
    rc = cmd_listing_end(&out, rc, e);
    state_close(&s);
    return rc;
}

/* For people: whether the certificate was revoked later. */
static enum mc_rc print_revoked(struct state *s, const struct ledger_row *r, struct mc_err *e)
{
    struct ledger_revocation revoked;
    enum mc_rc rc;

    if (r->x.serial.n == 0 || r->x.type == ENTRY_REVOKED)
        return MC_OK;
    rc = ledger_revocation(s->ledger, r->x.serial, &revoked, e);
    if (rc == MC_OK)
        printf("  revoked     by entry %llu\n", (unsigned long long)revoked.seq);
    if (rc == CA_E_NOT_FOUND)
        mc_err_init(e);
    return rc == CA_E_NOT_FOUND ? MC_OK : rc;
}

enum mc_rc cmd_ledger_show(struct cli *c, struct mc_err *e)
{
    struct ledger_row *r = malloc(sizeof(*r));
    struct state s;
    struct json j;
    enum mc_rc rc = r == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK) {
        free(r);
        return rc;
    }
    rc = cmd_entry_find(&s, c->operands[0], r, e);
    if (rc == MC_OK && c->json) {
        json_init(&j, stdout, false);
        cmd_entry_json(&j, r);
    } else if (rc == MC_OK) {
        cmd_entry_print(r);
        rc = print_revoked(&s, r, e);
    }
    state_close(&s);
    free(r);
    return rc;
}
