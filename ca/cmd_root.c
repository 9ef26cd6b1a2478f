/* SPDX-License-Identifier: Apache-2.0 */
/* A root lives longer than its certificate; a new root key is a new fabric. */
#include "cmd_life.h"

const struct cli_option root_replace_options[] = {
    {"to", "NEWNAME", "the name of the fabric that takes its place", false, true, 0},
    {"fabric-id", "0xID", "its fabric id; default: that of the old one", false, false, 0},
    {"no-ica", NULL, "let its root sign NOCs itself", false, false, 0},
    {"pin-fabric-id", NULL, "write the fabric id into the names of root and ICA (leaves room for 2 CATs)", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static const char renewed_means[] =
    "Nodes that are commissioned from now on get the new RCAC. Nodes that hold the old one keep it for life, since no "
    "command replaces it; key, name, fabric and chains are the same, so old and new nodes work together.";

static enum mc_rc renew(struct cli *c, struct state *s, struct mc_err *e)
{
    struct json j;
    struct ledger_fabric f;
    uint32_t number;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = root_renew(s, &f, &number, e);
    if (rc != MC_OK)
        return rc;
    life_begin(c, &j, "heddle.root/1", f.name, "renewed");
    if (c->json) {
        json_number(&j, "authority", number);
        json_string(&j, "means", renewed_means);
    }
    rc = life_authorities(c, s, f.name, &j, e);
    if (rc == MC_OK && c->json)
        json_end_object(&j);
    if (rc == MC_OK)
        cli_note(c, "renewed: authority %u takes the place of %u. %s", number, f.root, renewed_means);
    return rc;
}

enum mc_rc cmd_root_renew(struct cli *c, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = cmd_open_token(c, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, renew(c, &s, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, false);
    state_close(&s);
    return rc;
}

/* What is done at each node, in this order, and what becomes of one that misses the step. */
static const struct step {
    const char *what, *missed;
} steps[] = {
    {"add: over the old fabric an administrator opens a commissioning window (OpenCommissioningWindow)",
        "a node that cannot be reached stays in the old fabric, which goes on as before"},
    {"add: the new fabric's commissioner sends CSRRequest, AddTrustedRootCertificate and AddNOC (NOC, ICAC, IPK of the "
     "new fabric)",
        "without CommissioningComplete the node forgets the new fabric when its fail-safe ends; begin again"},
    {"move: ACL, bindings, groups and group keys are written anew in the new fabric, which shares none of them",
        "a node without them is in the new fabric, but does nothing for anyone there"},
    {"move: controllers and bridges use the new fabric (other compressed fabric id, other operational names)",
        "a controller that was not moved reaches the node through the old fabric only"},
    {"remove: once everything works, RemoveFabric for the old fabric index, then 'heddle node remove' in the old fabric",
        "a node that keeps both fabrics obeys the administrators of both, and one of its fabric slots stays taken"},
};

enum place { TO_ADD, ADDED, MOVED };

struct walk {
    const struct cli *c;
    struct state *s;
    const struct ledger_fabric *to;
    struct json *j;
    uint64_t n[3];
    struct mc_err *e;
    enum mc_rc rc;
};

static void print_node(struct walk *w, uint64_t node_id, enum place place)
{
    static const char *const names[] = {"to-add", "added", "moved"};
    static const char *const todo[] = {"add, move, remove", "move, remove", "nothing"};

    if (w->c->json) {
        json_object(w->j, NULL);
        json_id(w->j, "node_id", node_id, 16);
        json_string(w->j, "place", names[place]);
        json_end_object(w->j);
        return;
    }
    if (w->n[TO_ADD] + w->n[ADDED] + w->n[MOVED] == 1)
        printf("%-18s  %-7s  %s\n", "NODE", "PLACE", "LEFT TO DO");
    printf("0x%016llX  %-7s  %s\n", (unsigned long long)node_id, names[place], todo[place]);
}

static bool each_node(void *arg, const struct ledger_node *node)
{
    struct walk *w = arg;
    struct ledger_row row;
    enum place place = TO_ADD;

    w->rc = ledger_find_node(w->s->ledger, w->to->number, node->node_id, &row, w->e);
    if (w->rc == MC_OK)
        place = node->removed ? MOVED : ADDED;
    if (w->rc == CA_E_NOT_FOUND) {
        mc_err_init(w->e);
        w->rc = MC_OK;
        if (node->removed)
            return true; /* gone for good, not moved */
    }
    if (w->rc != MC_OK)
        return false;
    w->n[place]++;
    print_node(w, node->node_id, place);
    return true;
}

static void print_steps(const struct cli *c, struct json *j)
{
    if (c->json)
        json_array(j, "steps");
    else
        printf("for each node, with the same node id:\n");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!c->json) {
            printf("  %zu. %s\n     missed: %s\n", i + 1, steps[i].what, steps[i].missed);
            continue;
        }
        json_object(j, NULL);
        json_string(j, "what", steps[i].what);
        json_string(j, "missed", steps[i].missed);
        json_end_object(j);
    }
    if (c->json)
        json_end_array(j);
    else
        printf("\n");
}

static enum mc_rc print_plan(
    struct cli *c, struct state *s, const struct ledger_fabric *f, const struct ledger_fabric *to, struct mc_err *e)
{
    struct json j;
    struct walk w = {.c = c, .s = s, .to = to, .j = &j, .e = e, .rc = MC_OK};
    enum mc_rc rc;

    life_begin(c, &j, "heddle.replace/1", f->name, NULL);
    if (c->json)
        json_string(&j, "replaced_by", to->name);
    print_steps(c, &j);
    if (c->json)
        json_array(&j, "nodes");
    rc = ledger_nodes(s->ledger, f->number, each_node, &w, e);
    if (rc == MC_OK)
        rc = w.rc;
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_end_array(&j);
        json_number(&j, "to_add", (int64_t)w.n[TO_ADD]);
        json_number(&j, "added", (int64_t)w.n[ADDED]);
        json_number(&j, "moved", (int64_t)w.n[MOVED]);
        json_end_object(&j);
        return MC_OK;
    }
    printf("done %llu of %llu (%llu in both fabrics)\n", (unsigned long long)w.n[MOVED],
        (unsigned long long)(w.n[TO_ADD] + w.n[ADDED] + w.n[MOVED]), (unsigned long long)w.n[ADDED]);
    return MC_OK;
}

static enum mc_rc replace(struct cli *c, struct state *s, struct mc_err *e)
{
    struct fabric_options o = {
        .name = cli_value(c, "to"),
        .ica = !cli_flag(c, "no-ica"),
        .pin_fabric_id = cli_flag(c, "pin-fabric-id"),
    };
    struct ledger_fabric f, to;
    bool made;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = cli_number(c, "fabric-id", 16, f.fabric_id, &o.fabric_id, e);
    if (rc == MC_OK)
        rc = root_replace(s, &f, &o, &to, &made, e);
    if (rc != MC_OK)
        return rc;
    if (made) {
        cmd_checkpoint(c, s, false);
        cli_note(c, "made fabric %s; it takes the place of %s, which goes on until its nodes have moved", to.name, f.name);
    }
    return print_plan(c, s, &f, &to, e);
}

enum mc_rc cmd_root_replace(struct cli *c, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = cmd_open_token(c, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, replace(c, &s, e), e);
    state_close(&s);
    return rc;
}
