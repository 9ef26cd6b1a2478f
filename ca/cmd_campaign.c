/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes that need a new NOC: for people, as JSON, or as the lines of the batch that gives them one. */
#include "cmd_life.h"

const struct cli_option campaign_options[] = {
    {"requests", NULL, "print a line of 'noc batch' for each node, to which its CSR is to be added", false, false, 0},
    {0},
};

static const char campaign_means[] =
    "Each node listed: CSRRequest with IsForUpdateNOC, its CSR into a line of 'heddle noc batch' (--requests begins the lines), "
    "then UpdateNOC with the new NOC and the ICAC of 'heddle fabric export', and CommissioningComplete. A node that misses it "
    "goes on with its old NOC and ICAC until one of them expires.";

struct lines {
    uint64_t unknown; /* nodes whose CATs are not on record */
};

/* The id follows from the node and from the NOC that is replaced: lines for one replacement are one request. */
static bool print_line(void *arg, const struct renew_node *n)
{
    struct lines *l = arg;
    char id[64];
    struct json j;

    snprintf(id, sizeof(id), "update-%llX-%llu", (unsigned long long)n->node.node_id, (unsigned long long)n->node.seq);
    json_init(&j, stdout, true);
    json_object(&j, NULL);
    json_string(&j, "id", id);
    json_id(&j, "node_id", n->node.node_id, 16);
    if (n->reasons == RENEW_UNKNOWN) {
        l->unknown++;
    } else {
        json_array(&j, "cats");
        for (unsigned i = 0; i < n->n_cat; i++)
            json_id(&j, NULL, n->cat[i], 8);
        json_end_array(&j);
    }
    json_end_object(&j);
    return true;
}

static enum mc_rc print_lines(struct cli *c, struct state *s, const struct ledger_fabric *f, struct mc_err *e)
{
    struct lines l = {0};
    struct renew_progress p;
    enum mc_rc rc = renew_nodes(s, f, print_line, &l, &p, e);

    if (rc != MC_OK)
        return rc;
    if (p.done < p.live)
        cli_note(c, "%llu lines: add \"csr\" to each, in PEM or base64", (unsigned long long)(p.live - p.done));
    if (l.unknown != 0)
        cli_note(c, "note: the CATs of %llu nodes are not on record: add \"cats\" where they have any", (unsigned long long)l.unknown);
    return MC_OK;
}

static void print_end(const struct cli *c, struct json *j, const struct renew_progress *p)
{
    if (c->json) {
        json_end_array(j);
        json_number(j, "done", (int64_t)p->done);
        json_number(j, "live", (int64_t)p->live);
        json_number(j, "expired", (int64_t)p->expired);
        json_number(j, "removed", (int64_t)p->removed);
        json_end_object(j);
        return;
    }
    printf("done %llu of %llu\n", (unsigned long long)p->done, (unsigned long long)p->live);
    if (p->done < p->live)
        cli_note(c, "%s", campaign_means);
    if (p->expired + p->removed != 0)
        cli_note(c, "not counted: %llu nodes whose NOC has expired, %llu removed", (unsigned long long)p->expired,
            (unsigned long long)p->removed);
}

static enum mc_rc campaign(struct cli *c, struct state *s, struct mc_err *e)
{
    struct json j;
    struct life_rows rows = {c, &j, RENEW_ISSUER | RENEW_CAT, 0, 0};
    struct renew_progress p;
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc != MC_OK)
        return rc;
    if (cli_flag(c, "requests"))
        return print_lines(c, s, &f, e);
    life_begin(c, &j, "heddle.campaign/1", f.name, NULL);
    if (c->json) {
        json_number(&j, "authority", fabric_issuer(&f));
        json_string(&j, "means", campaign_means);
        json_array(&j, "pending");
    }
    rc = renew_nodes(s, &f, life_row, &rows, &p, e);
    if (rc == MC_OK)
        print_end(c, &j, &p);
    return rc;
}

enum mc_rc cmd_campaign(struct cli *c, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = MC_OK;

    if (c->json && cli_flag(c, "requests"))
        return mc_fail(e, CA_E_USAGE, NULL, "give either --json or --requests, which prints JSON Lines");
    rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = campaign(c, &s, e);
    state_close(&s);
    return rc;
}
