/* SPDX-License-Identifier: Apache-2.0 */
/* heddle hsm keys: the keys in the token against those that certificates name, both ways. */
#include <stdlib.h>

#include "checkpoint.h"
#include "cmd.h"
#include "lib/cli/table.h"

/* A key that the ledger knows. */
struct known {
    uint8_t id[HSM_ID_LEN];
    char label[ENTRY_NAME_MAX + 1], whose[80];
    bool retired, found;
};

struct keys {
    struct cli *c;
    struct table *table;
    struct json json;
    struct known *known;
    size_t n, cap;
    unsigned unused, missing;
    enum mc_rc rc;
};

static enum mc_rc keep(struct keys *k, const struct known *x)
{
    struct known *more;

    if (k->n == k->cap) {
        k->cap = k->cap == 0 ? 16 : 2 * k->cap;
        more = realloc(k->known, k->cap * sizeof(*more));
        if (more == NULL)
            return MC_E_MEMORY;
        k->known = more;
    }
    k->known[k->n++] = *x;
    return MC_OK;
}

static struct known *find(struct keys *k, struct mc_span id)
{
    for (size_t i = 0; i < k->n; i++)
        if (mc_span_eq(id, mc_span_of(k->known[i].id, HSM_ID_LEN)))
            return &k->known[i];
    return NULL;
}

static bool name_fabric(void *arg, const struct ledger_fabric *f)
{
    struct ledger_fabric *want = arg;

    if (f->number == want->number)
        *want = *f;
    return want->name[0] == '\0';
}

static enum mc_rc describe(struct state *s, const struct ledger_authority *a, struct known *x, struct mc_err *e)
{
    struct ledger_fabric f = {.number = a->fabric};
    const char *name = a->name;
    enum mc_rc rc = MC_OK;

    if (a->fabric != 0) {
        rc = ledger_fabrics(s->ledger, name_fabric, &f, e);
        name = f.name;
    }
    memcpy(x->id, a->key_id, sizeof(x->id));
    memcpy(x->label, a->label, sizeof(x->label));
    x->retired = a->state == AUTHORITY_RETIRED;
    x->found = false;
    snprintf(x->whose, sizeof(x->whose), "%s%s%.40s, %s", mc_kind_name(a->kind), name[0] != '\0' ? " of " : "", name,
        mc_authority_state_name(a->state));
    return rc;
}

/* A key that was certified again is told by its newest authority, and is missed as long as one of them lives. */
static enum mc_rc learn_authorities(struct keys *k, struct state *s, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = MC_OK;

    for (uint32_t number = 1; rc == MC_OK; number++) {
        struct known x = {0}, *old;
        bool retired;

        rc = ledger_authority(s->ledger, number, &a, e);
        if (rc == MC_OK)
            rc = describe(s, &a, &x, e);
        if (rc != MC_OK)
            break;
        old = find(k, mc_span_of(x.id, HSM_ID_LEN));
        if (old == NULL) {
            rc = keep(k, &x);
            continue;
        }
        retired = old->retired && x.retired;
        *old = x;
        old->retired = retired;
    }
    if (rc != CA_E_NOT_FOUND)
        return mc_fail(e, rc, NULL, NULL);
    mc_err_init(e);
    return MC_OK;
}

static enum mc_rc learn(struct keys *k, struct state *s, struct mc_err *e)
{
    struct known x = {.whose = "checkpoints of this ledger"};
    struct audit_key audit;
    enum mc_rc rc = audit_key_read(s->ledger, &audit, e);

    if (rc != MC_OK)
        return rc;
    memcpy(x.id, audit.key_id, sizeof(x.id));
    rc = keep(k, &x);
    return rc == MC_OK ? learn_authorities(k, s, e) : mc_fail(e, rc, NULL, NULL);
}

static enum mc_rc print_key(struct keys *k, const char *state, struct mc_span id, const char *label, const char *whose)
{
    char hex[2 * HSM_ID_LEN + 1];

    mc_hex_encode(id.p, id.n, hex);
    if (!k->c->json)
        return table_row(k->table, (const char *const[]){hex, label, state, whose});
    json_object(&k->json, NULL);
    json_string(&k->json, "schema", "heddle.hsm-key/1");
    json_hex(&k->json, "id", id);
    json_string(&k->json, "label", label);
    json_string(&k->json, "state", state);
    json_string(&k->json, "use", whose);
    json_end_object(&k->json);
    return MC_OK;
}

static bool in_token(void *arg, const char *label, struct mc_span id, const uint8_t *point)
{
    struct keys *k = arg;
    struct known *x = find(k, id);

    (void)point;
    if (x != NULL) {
        x->found = true;
        k->rc = print_key(k, "used", id, label, x->whose);
        return k->rc == MC_OK;
    }
    k->unused++;
    k->rc = print_key(k, strcmp(label, HSM_LABEL_UNFINISHED) == 0 ? "unfinished" : "unused", id, label, "");
    return k->rc == MC_OK;
}

/* The key of a retired authority signs nothing more: it may have been removed. */
static enum mc_rc print_missing(struct keys *k)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; rc == MC_OK && i < k->n; i++) {
        const struct known *x = &k->known[i];

        if (x->found || x->retired)
            continue;
        k->missing++;
        rc = print_key(k, "missing", mc_span_of(x->id, HSM_ID_LEN), x->label, x->whose);
    }
    return rc;
}

static enum mc_rc compare(struct keys *k, struct state *s, struct mc_err *e)
{
    static const char *const headers[] = {"KEY ID", "LABEL", "STATE", "USE", NULL};
    enum mc_rc rc = learn(k, s, e);

    json_init(&k->json, stdout, true);
    k->table = table_new(headers);
    if (rc == MC_OK && k->table == NULL)
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    if (rc == MC_OK)
        rc = hsm_list_keys(s->hsm, in_token, k, e);
    if (rc == MC_OK)
        rc = k->rc;
    if (rc == MC_OK)
        rc = print_missing(k);
    if (rc == MC_OK && !k->c->json)
        table_print(k->table, stdout);
    table_free(k->table);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

enum mc_rc cmd_hsm_keys(struct cli *c, struct mc_err *e)
{
    struct keys k = {.c = c};
    struct hsm_pin_source pin;
    struct state s;
    bool given;
    enum mc_rc rc = cmd_pin(c, &pin, &given, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_open_token(&s, given ? &pin : NULL, e);
    if (rc == MC_OK)
        rc = compare(&k, &s, e);
    if (rc == MC_OK && k.unused > 0)
        cli_note(c, "%u key%s that no certificate names: of a command that was cut short, or of another state", k.unused,
            k.unused == 1 ? "" : "s");
    if (rc == MC_OK && k.missing > 0)
        rc = mc_fail(e, HSM_E_KEY_NOT_FOUND, NULL, "%u of the ledger's keys", k.missing);
    free(k.known);
    state_close(&s);
    return rc;
}
