/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <stdlib.h>

#include "adopt.h"
#include "lib/lint.h"

const struct cli_option fabric_adopt_options[] = {
    {"root-cert", "FILE", "the root's certificate, in any form", false, true, 0},
    {"root-key", "FILE", "its private key: PEM or DER, SEC 1 or PKCS#8", false, true, 0},
    {"ica-cert", "FILE", "the ICA's certificate; without it the root signs NOCs", false, false, 0},
    {"ica-key", "FILE", "its private key", false, false, 0},
    {"noc", "FILE", "a NOC that a node has", true, false, 0},
    {"ipk-file", "FILE", "the fabric's epoch key: 16 octets, or 32 hex digits", false, false, 0},
    {"fabric-id", "0xID", "the fabric id, where no certificate names it", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

struct load {
    struct adopt_cert root, ica, noc[ADOPT_NOCS_MAX];
    uint8_t root_key[HSM_SCALAR_LEN], ica_key[HSM_SCALAR_LEN], ipk[MC_IPK_LEN];
};

static enum mc_rc read_all(struct cli *c, struct load *l, struct adopt_order *o, struct mc_err *e)
{
    const char *ica = cli_value(c, "ica-cert"), *ica_key = cli_value(c, "ica-key"), *ipk = cli_value(c, "ipk-file");
    enum mc_rc rc = adopt_read_cert(c->where = cli_value(c, "root-cert"), &l->root, e);

    if (rc == MC_OK)
        rc = adopt_read_key(c->where = cli_value(c, "root-key"), l->root_key, e);
    if (rc == MC_OK && ica != NULL)
        rc = adopt_read_cert(c->where = ica, &l->ica, e);
    if (rc == MC_OK && ica_key != NULL)
        rc = adopt_read_key(c->where = ica_key, l->ica_key, e);
    if (rc == MC_OK && ipk != NULL)
        rc = adopt_read_ipk(c->where = ipk, l->ipk, e);
    while (rc == MC_OK && o->n_noc < ADOPT_NOCS_MAX && cli_value_at(c, "noc", o->n_noc) != NULL) {
        rc = adopt_read_cert(c->where = cli_value_at(c, "noc", o->n_noc), &l->noc[o->n_noc], e);
        o->n_noc++;
    }
    if (rc != MC_OK)
        return rc;
    c->where = NULL;
    o->root = &l->root;
    o->root_key = l->root_key;
    o->ica = ica != NULL ? &l->ica : NULL;
    o->ica_key = l->ica_key;
    o->ipk = ipk != NULL ? l->ipk : NULL;
    o->noc = l->noc;
    return MC_OK;
}

struct defects {
    const struct cli *c;
    const char *of;
    unsigned n;
};

static bool tell_defect(void *arg, const struct mc_finding *f)
{
    struct defects *d = arg;

    if (f->rule->severity == MC_NOTICE)
        return true;
    d->n++;
    cli_note(d->c, "%s of the %s: %s%s%s [%s]", mc_severity_name(f->rule->severity), d->of, f->rule->text,
        f->what[0] != '\0' ? ": " : "", f->what, f->rule->id);
    return true;
}

/* Defects stay what they are in what nodes hold; who adopts should know them. */
static unsigned tell_defects(
    const struct cli *c, struct state *s, const struct adopt_cert *x, const struct adopt_cert *by, const char *of)
{
    struct defects d = {c, of, 0};
    struct mc_lint_input in = {
        .kind = mc_lint_kind_of(&x->cert),
        .v = s->verifier,
        .c = &x->cert,
        .issuer = &by->cert,
        .whole = mc_span_of(x->der, x->der_n),
        .now_unix = ca_now(),
    };

    mc_lint(&in, tell_defect, &d);
    return d.n;
}

static void tell_all(const struct cli *c, struct state *s, const struct adopt_order *o)
{
    const struct adopt_cert *signer = o->ica != NULL ? o->ica : o->root;
    unsigned n = tell_defects(c, s, o->root, o->root, "root");

    if (o->ica != NULL)
        n += tell_defects(c, s, o->ica, o->root, "ICA");
    for (unsigned i = 0; i < o->n_noc; i++)
        n += tell_defects(c, s, &o->noc[i], signer, "NOC");
    if (n != 0)
        cli_note(c, "%u defects; what is issued from now on has none of them", n);
    if (o->ica == NULL)
        cli_note(c, "note: there is no ICA: each NOC takes the root's key");
    if (o->ipk == NULL)
        cli_note(c, "note: no epoch key was given, a new one was made; nodes of the fabric do not have it");
    cli_note(c, "the keys are in the token and cannot leave it. Make a backup ('heddle backup'), then destroy: %s%s%s",
        cli_value(c, "root-key"), cli_value(c, "ica-key") != NULL ? ", " : "",
        cli_value(c, "ica-key") != NULL ? cli_value(c, "ica-key") : "");
}

static enum mc_rc adopt_with(struct cli *c, struct load *l, struct adopt_order *o, struct mc_err *e)
{
    struct ledger_fabric f;
    struct state s;
    enum mc_rc rc = read_all(c, l, o, e);

    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, fabric_adopt(&s, o, &f, e), e);
    if (rc == MC_OK) {
        cmd_checkpoint(c, &s, false);
        tell_all(c, &s, o);
        printf("adopted fabric %s, 0x%016llX, %llu NOCs\n", f.name, (unsigned long long)f.fabric_id,
            (unsigned long long)f.issued);
    }
    state_close(&s);
    return rc;
}

enum mc_rc cmd_fabric_adopt(struct cli *c, struct mc_err *e)
{
    struct adopt_order o = {.name = c->operands[0], .has_fabric_id = cli_value(c, "fabric-id") != NULL};
    struct load *l;
    enum mc_rc rc = cli_number(c, "fabric-id", 16, 0, &o.fabric_id, e);

    if (rc != MC_OK)
        return rc;
    if ((cli_value(c, "ica-cert") == NULL) != (cli_value(c, "ica-key") == NULL))
        return mc_fail(e, CA_E_USAGE, NULL, "--ica-cert and --ica-key go together");
    l = calloc(1, sizeof(*l));
    if (l == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = adopt_with(c, l, &o, e);
    hsm_wipe(l, sizeof(*l));
    free(l);
    return rc;
}
