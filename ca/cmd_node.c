/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of a fabric, as the ledger knows them. */
#include "cmd_life.h"

const struct cli_option node_list_options[] = {
    {"removed", NULL, "only those that were removed", false, false, 0},
    {0},
};

const struct cli_option node_show_options[] = {
    {"node-id", "0xID", "the node", false, true, 0},
    {0},
};

const struct cli_option node_remove_options[] = {
    {"node-id", "0xID", "the node", false, true, 0},
    {"why", "TEXT", "for the ledger", false, false, 0},
    {0},
};

static const char *state_of(const struct ledger_node *n, int64_t now)
{
    if (n->removed)
        return "removed";
    if (n->nocs == 0)
        return "unknown";
    return n->not_after_unix < now ? "expired" : "live";
}

struct listing {
    const struct cli *c;
    struct json j;
    int64_t now;
    uint64_t n;
};

static bool list_node(void *arg, const struct ledger_node *n)
{
    struct listing *l = arg;
    char until[MC_TIME_TEXT_MAX], date[LIFE_DATE_MAX], by[LIFE_NUMBER_MAX];

    if (cli_flag(l->c, "removed") && !n->removed)
        return true;
    if (l->c->json) {
        mc_time_format(n->not_after_unix, until);
        json_object(&l->j, NULL);
        json_id(&l->j, "node_id", n->node_id, 16);
        json_string(&l->j, "state", state_of(n, l->now));
        if (n->nocs != 0) {
            json_string(&l->j, "not_after", until);
            json_number(&l->j, "authority", n->authority);
        }
        json_number(&l->j, "nocs", (int64_t)n->nocs);
        json_number(&l->j, "leaf", (int64_t)n->seq);
        json_end_object(&l->j);
    } else {
        if (l->n == 0)
            printf("%-18s  %-7s  %-10s  %9s  %5s  %s\n", "NODE", "STATE", "EXPIRES", "AUTHORITY", "NOCS", "ENTRY");
        life_node_date(n, date);
        life_node_authority(n, by);
        printf("0x%016llX  %-7s  %-10s  %9s  %5llu  %llu\n", (unsigned long long)n->node_id, state_of(n, l->now), date,
            by, (unsigned long long)n->nocs, (unsigned long long)n->seq);
    }
    l->n++;
    return true;
}

static enum mc_rc list(struct cli *c, struct state *s, struct mc_err *e)
{
    struct listing l = {.c = c, .now = ca_now()};
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc != MC_OK)
        return rc;
    life_begin(c, &l.j, "heddle.nodes/1", f.name, NULL);
    if (c->json)
        json_array(&l.j, "nodes");
    rc = ledger_nodes(s->ledger, f.number, list_node, &l, e);
    if (rc == MC_OK && c->json) {
        json_end_array(&l.j);
        json_end_object(&l.j);
    }
    return rc;
}

struct history {
    struct listing l;
    uint32_t fabric;
    struct ledger_row last;
    enum mc_rc rc;
};

/* It was adopted by its id alone: what it held then is not known. */
static void show_bare(struct history *h, const struct ledger_row *r)
{
    char from[MC_TIME_TEXT_MAX];

    mc_time_format(r->x.time_unix, from);
    if (h->l.c->json) {
        json_object(&h->l.j, NULL);
        json_string(&h->l.j, "adopted", from);
        json_number(&h->l.j, "leaf", (int64_t)r->seq);
        json_end_object(&h->l.j);
        return;
    }
    printf("  adopted %.10s without its NOC, entry %llu\n", from, (unsigned long long)r->seq);
}

static bool show_noc(void *arg, const struct ledger_row *r)
{
    struct history *h = arg;
    struct mc_cert cert;
    char serial[2 * MC_SERIAL_MAX + 1], until[MC_TIME_TEXT_MAX], from[MC_TIME_TEXT_MAX];

    if (r->x.cert_tlv.n == 0) {
        show_bare(h, r);
        return true;
    }
    h->rc = mc_cert_parse_tlv(r->x.cert_tlv, &cert, NULL);
    if (h->rc != MC_OK)
        return false;
    mc_hex_encode(cert.serial.p, cert.serial.n, serial);
    mc_time_format(r->x.time_unix, from);
    mc_time_format(cert.not_after_unix, until);
    h->l.n++;
    if (h->l.c->json) {
        json_object(&h->l.j, NULL);
        json_string(&h->l.j, "serial", serial);
        json_string(&h->l.j, r->x.type == ENTRY_ADOPTED ? "adopted" : "issued", from);
        json_string(&h->l.j, "not_after", until);
        json_number(&h->l.j, "authority", r->x.authority);
        json_number(&h->l.j, "leaf", (int64_t)r->seq);
        json_end_object(&h->l.j);
        return true;
    }
    printf("  %s  %s %.10s, expires %.10s, authority %u, entry %llu\n", serial,
        r->x.type == ENTRY_ADOPTED ? "adopted" : "issued", from,
        cert.not_after_unix == MC_TIME_NO_EXPIRY ? "never" : until, r->x.authority, (unsigned long long)r->seq);
    return true;
}

static enum mc_rc show(struct cli *c, struct state *s, uint64_t node_id, struct mc_err *e)
{
    struct history h = {.l = {.c = c, .now = ca_now()}, .rc = MC_OK};
    struct ledger_query q = {.has_node_id = true, .node_id = node_id};
    struct ledger_fabric f;
    struct ledger_row row;
    bool removed = false;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = ledger_find_node(s->ledger, f.number, node_id, &row, e);
    if (rc == CA_E_NOT_FOUND)
        return mc_fail(e, rc, "--node-id", "fabric '%s' has issued nothing to node 0x%016llX", c->operands[0], (unsigned long long)node_id);
    if (rc == MC_OK)
        rc = ledger_node_removed(s->ledger, f.number, node_id, &removed, e);
    if (rc != MC_OK)
        return rc;
    q.fabric = f.number;
    life_begin(c, &h.l.j, "heddle.node/1", f.name, NULL);
    if (c->json) {
        json_id(&h.l.j, "node_id", node_id, 16);
        json_bool(&h.l.j, "removed", removed);
        json_array(&h.l.j, "nocs");
    } else {
        printf("node          0x%016llX of fabric %s%s\n", (unsigned long long)node_id, f.name, removed ? ", removed" : "");
    }
    rc = ledger_search(s->ledger, &q, show_noc, &h, e);
    if (rc == MC_OK && h.rc != MC_OK)
        rc = mc_fail(e, CA_E_LEDGER, NULL, "a certificate of the node cannot be read");
    if (rc == MC_OK && c->json) {
        json_end_array(&h.l.j);
        json_end_object(&h.l.j);
    }
    return rc;
}

/* What takes a node out of its fabric; what each step stops, and what it does not (matter-operational 3.6, 3.7, 5.5). */
static const struct step {
    const char *what, *stops;
} steps[] = {
    {"RemoveFabric on the node, over the fabric, while it can be reached",
        "the node: it forgets its NOC, its key, ACL and groups. Not somebody who has a copy of its key"},
    {"On every other node: remove the ACL entries that name its node id",
        "what the node may do as itself. Not what a CAT in its NOC gives it"},
    {"For each CAT in its NOC: 'heddle cat bump', new NOCs for all others that carry it, then the new version in every ACL",
        "what the node may do by its CATs"},
    {"A new IPK epoch key on every other node (KeySetWrite for key set 0, then the old key out of it), and new keys for the "
     "groups it was in",
        "that it opens sessions with other nodes, or reads groups. Sessions that are open go on until they end"},
    {"Nothing more: its NOC stays valid until it expires, and nodes without a clock do not notice that either",
        "Matter has no revocation of NOCs, so no list reaches the nodes"},
};

static enum mc_rc print_cats(struct state *s, const struct ledger_fabric *f, struct json *j, uint64_t node_id, struct mc_err *e)
{
    struct ledger_row row;
    struct mc_cert cert;
    uint32_t cat[MC_DN_CAP];
    unsigned n;
    enum mc_rc rc = ledger_find_node(s->ledger, f->number, node_id, &row, e);

    if (rc == MC_OK && row.x.cert_tlv.n == 0) {
        if (j == NULL)
            printf("its CATs are not on record\n");
        return MC_OK;
    }
    if (rc == MC_OK)
        rc = mc_cert_parse_tlv(row.x.cert_tlv, &cert, e);
    if (rc != MC_OK)
        return rc;
    n = mc_dn_cats(&cert.subject, cat);
    if (j != NULL)
        json_array(j, "cats");
    else if (n != 0)
        printf("its CATs:");
    for (unsigned i = 0; i < n; i++) {
        if (j != NULL)
            json_id(j, NULL, cat[i], 8);
        else
            printf(" 0x%08X", cat[i]);
    }
    if (j != NULL)
        json_end_array(j);
    else if (n != 0)
        printf("\n");
    return MC_OK;
}

static enum mc_rc print_removal(struct cli *c, struct state *s, const struct ledger_fabric *f, uint64_t node_id, struct mc_err *e)
{
    struct json j;
    enum mc_rc rc;

    life_begin(c, &j, "heddle.removal/1", f->name, NULL);
    if (c->json)
        json_id(&j, "node_id", node_id, 16);
    rc = print_cats(s, f, c->json ? &j : NULL, node_id, e);
    if (c->json)
        json_array(&j, "steps");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!c->json) {
            printf("%zu. %s\n   stops: %s\n", i + 1, steps[i].what, steps[i].stops);
            continue;
        }
        json_object(&j, NULL);
        json_string(&j, "what", steps[i].what);
        json_string(&j, "stops", steps[i].stops);
        json_end_object(&j);
    }
    if (c->json) {
        json_end_array(&j);
        json_end_object(&j);
    }
    return rc;
}

static enum mc_rc take_out(struct cli *c, struct state *s, uint64_t node_id, const char *why, struct mc_err *e)
{
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = node_remove(s, &f, node_id, why, e);
    if (rc == CA_E_EXISTS) { /* whoever asks again wants the steps */
        mc_err_init(e);
        cli_note(c, "node 0x%016llX of fabric %s was removed before", (unsigned long long)node_id, f.name);
        return print_removal(c, s, &f, node_id, e);
    }
    if (rc == MC_OK)
        cli_note(c, "removed: node 0x%016llX of fabric %s gets no NOC any more; the ledger has it on record",
            (unsigned long long)node_id, f.name);
    return rc == MC_OK ? print_removal(c, s, &f, node_id, e) : rc;
}

enum mc_rc cmd_node_list(struct cli *c, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = list(c, &s, e);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_node_show(struct cli *c, struct mc_err *e)
{
    uint64_t node_id;
    struct state s;
    enum mc_rc rc = life_node_id(c, &node_id, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = show(c, &s, node_id, e);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_node_remove(struct cli *c, struct mc_err *e)
{
    uint64_t node_id;
    const char *why;
    struct state s;
    enum mc_rc rc = life_node_id(c, &node_id, e);

    if (rc == MC_OK)
        rc = life_why(c, &why, e);
    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_WRITE, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, take_out(c, &s, node_id, why, e), e);
    state_close(&s);
    return rc;
}
