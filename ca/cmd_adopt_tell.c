/* SPDX-License-Identifier: Apache-2.0 */
/* What `fabric adopt` says: defects, what was taken over, and which files are to be destroyed. */
#include "cmd_adopt.h"

/* --- defects ------------------------------------------------------------------------------------------------------- */

struct collecting {
    struct adopt_defects *all;
    const char *of;
};

static bool collect(void *arg, const struct mc_finding *f)
{
    struct collecting *k = arg;
    struct adopt_defects *all = k->all;

    for (unsigned i = 0; i < all->n; i++) {
        if (all->d[i].rule == f->rule && all->d[i].of == k->of) {
            all->d[i].n++;
            return true;
        }
    }
    if (all->n == ADOPT_DEFECTS_MAX)
        return false;
    all->d[all->n] = (struct adopt_defect){.rule = f->rule, .of = k->of, .n = 1};
    snprintf(all->d[all->n++].what, sizeof(all->d[0].what), "%s", f->what);
    return true;
}

static void lint_one(struct mc_verifier *v, const struct adopt_cert *x, const struct adopt_cert *by, const char *of, struct adopt_defects *all)
{
    struct collecting k = {all, of};
    struct mc_lint_input in = {
        .kind = mc_lint_kind_of(&x->cert),
        .v = v,
        .c = &x->cert,
        .issuer = &by->cert,
        .whole = mc_span_of(x->der, x->der_n),
        .now_unix = ca_now(),
    };

    mc_lint(&in, collect, &k);
}

void adopt_find_defects(struct mc_verifier *v, const struct adopt_order *o, struct adopt_defects *out)
{
    out->n = 0;
    lint_one(v, o->root, o->root, "root", out);
    if (o->ica != NULL)
        lint_one(v, o->ica, o->root, "ICA", out);
    for (size_t i = 0; i < o->n_noc; i++) {
        bool by_ica = o->ica != NULL && mc_dn_equal(&o->noc[i]->cert.issuer, &o->ica->cert.subject);

        if (by_ica || mc_dn_equal(&o->noc[i]->cert.issuer, &o->root->cert.subject))
            lint_one(v, o->noc[i], by_ica ? o->ica : o->root, "NOC", out);
    }
}

/* Nodes keep what they hold; who adopts should know what is wrong with it. */
static void tell_defects(const struct cli *c, const struct adopt_defects *all)
{
    for (unsigned i = 0; i < all->n; i++) {
        const struct adopt_defect *d = &all->d[i];
        size_t n = strlen(d->rule->text);
        char of[48];

        n -= n != 0 && d->what[0] != '\0' && d->rule->text[n - 1] == '.'; /* the sentence goes on */

        if (d->n == 1)
            snprintf(of, sizeof(of), "the %s", d->of);
        else
            snprintf(of, sizeof(of), "%zu %ss", d->n, d->of);
        cli_note(c, "%s of %s: %.*s%s%s [%s]", mc_severity_name(d->rule->severity), of, (int)n, d->rule->text, d->what[0] != '\0' ? ": " : "",
            d->what, d->rule->id);
    }
    if (all->n != 0)
        cli_note(c, "%u defects; what is issued from now on has its own serial numbers, names and dates", all->n);
}

/* --- nodes without NOC ------------------------------------------------------------------------------------------------ */

#define TOLD_MAX 16

static void tell_nodes(const struct cli *c, const struct adopt_result *r, const char *fabric)
{
    char ids[TOLD_MAX * 20 + 8] = "";

    for (size_t i = 0; i < r->n_node && i < TOLD_MAX; i++)
        snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s0x%llX", i == 0 ? "" : ", ", (unsigned long long)r->node[i]);
    if (r->n_node != 0)
        cli_note(c, "note: of %zu node%s there is no NOC, so %s on record by id alone: %s%s; 'heddle campaign %s' lists %s", r->n_node,
            r->n_node == 1 ? "" : "s", r->n_node == 1 ? "it is" : "they are", ids, r->n_node > TOLD_MAX ? ", ..." : "", fabric,
            r->n_node == 1 ? "it" : "them");
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static void tell_notes(const struct cli *c, const struct adopt_report *r)
{
    tell_defects(c, r->defects);
    if (r->order->ica == NULL)
        cli_note(c, "note: there is no ICA: each NOC takes the root's key");
    if (r->result->again)
        cli_note(c, "note: the fabric was adopted before; its keys and epoch key stay, and what was not on record has come to it");
    if (r->ipk == FOREIGN_IPK_NEW && !r->result->again)
        cli_note(c, "note: a new epoch key (IPK) was made; nodes of the fabric do not have it");
    if (r->ipk == FOREIGN_IPK_WELL_KNOWN)
        cli_note(c, "note: the epoch key (IPK) is the one that stands in the SDK's source; give the nodes another one");
    if (r->result->passed_over != 0)
        cli_note(c, "note: %zu NOCs in the storage are of other fabrics or other issuers, and were left out", r->result->passed_over);
    tell_nodes(c, r->result, r->result->fabric.name);
    if (r->from != NULL && r->from->unread != 0)
        cli_note(c, "note: %u NOCs in the storage cannot be read, and were left out", r->from->unread);
}

static void tell_files(const struct cli *c, const struct adopt_report *r)
{
    bool keys_saved = r->backup != NULL && r->backup_facts->embedded;

    cli_note(c, "the keys are in the token and cannot leave it");
    if (r->backup != NULL)
        cli_note(c, "wrote %s; without its passphrase it is worth nothing", r->backup);
    if (r->backup != NULL && !keys_saved)
        cli_note(c, "note: %s", r->backup_facts->keys_note);
    cli_note(c, keys_saved ? "destroy, with every copy of them:" : "back up the keys, and only then destroy, with every copy of them:");
    for (size_t i = 0; i < r->n_key_file; i++)
        cli_note(c, "  %s", r->key_file[i]);
    for (size_t i = 0; r->from != NULL && i < r->from->n_key_file; i++)
        cli_note(c, "  %s", r->from->key_file[i]);
    cli_note(c, "what is to be done next: 'heddle plan %s'", r->result->fabric.name);
}

static void print_defects(struct json *j, const struct adopt_defects *all)
{
    json_array(j, "defects");
    for (unsigned i = 0; i < all->n; i++) {
        const struct adopt_defect *d = &all->d[i];

        json_object(j, NULL);
        json_string(j, "of", d->of);
        json_number(j, "count", (int64_t)d->n);
        json_string(j, "rule", d->rule->id);
        json_string(j, "severity", mc_severity_name(d->rule->severity));
        json_string(j, "text", d->rule->text);
        if (d->what[0] != '\0')
            json_string(j, "what", d->what);
        json_end_object(j);
    }
    json_end_array(j);
}

static void print_json(const struct adopt_report *r)
{
    static const char *const ipk[] = {"own", "well-known", "new"};
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.fabric-adopt/1");
    json_string(&j, "name", r->result->fabric.name);
    json_id(&j, "fabric_id", r->result->fabric.fabric_id, 16);
    json_string(&j, "from", r->from != NULL ? r->from->tool : "files");
    json_bool(&j, "ica", r->order->ica != NULL);
    json_bool(&j, "again", r->result->again);
    if (!r->result->again)
        json_string(&j, "ipk", ipk[r->ipk]);
    json_number(&j, "nocs", (int64_t)r->result->nocs);
    json_number(&j, "nocs_left_out", (int64_t)r->result->passed_over + (r->from != NULL ? r->from->unread : 0));
    json_array(&j, "nodes_without_noc");
    for (size_t i = 0; i < r->result->n_node; i++)
        json_id(&j, NULL, r->result->node[i], 16);
    json_end_array(&j);
    print_defects(&j, r->defects);
    json_array(&j, "destroy");
    for (size_t i = 0; i < r->n_key_file; i++)
        json_string(&j, NULL, r->key_file[i]);
    for (size_t i = 0; r->from != NULL && i < r->from->n_key_file; i++)
        json_string(&j, NULL, r->from->key_file[i]);
    json_end_array(&j);
    if (r->backup != NULL) {
        json_string(&j, "backup", r->backup);
        json_bool(&j, "backup_has_keys", r->backup_facts->embedded);
        if (!r->backup_facts->embedded)
            json_string(&j, "keys_note", r->backup_facts->keys_note);
    }
    json_end_object(&j);
}

void adopt_tell(const struct cli *c, const struct adopt_report *r)
{
    if (c->json) {
        print_json(r);
        return;
    }
    tell_notes(c, r);
    printf("adopted fabric %s, 0x%016llX, %zu NOC%s", r->result->fabric.name, (unsigned long long)r->result->fabric.fabric_id,
        r->result->nocs, r->result->nocs == 1 ? "" : "s");
    if (r->result->n_node != 0)
        printf(" and %zu node%s without", r->result->n_node, r->result->n_node == 1 ? "" : "s");
    if (r->from != NULL)
        printf(", from %s", r->from->tool);
    putchar('\n');
    fflush(stdout);
    tell_files(c, r);
}
