/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_adopt.h"

#include <stdlib.h>

#include "cmd_backup.h"

const struct cli_option fabric_adopt_options[] = {
    {"from", "PATH", "the storage of chip-tool, the Python controller or matter.js: a file or a folder", false, false, 0},
    {"ca-index", "N", "with --from: the CA, where there are several", false, false, 0},
    {"root-cert", "FILE", "the root's certificate, in any form", false, false, 0},
    {"root-key", "FILE", "its private key: PEM or DER, SEC 1 or PKCS#8", false, false, 0},
    {"ica-cert", "FILE", "the ICA's certificate; without it the root signs NOCs", false, false, 0},
    {"ica-key", "FILE", "its private key", false, false, 0},
    {"noc", "PATH", "a NOC that a node has, or a folder of them", true, false, 0},
    {"nodes", "FILE", "ids of nodes whose NOCs are not at hand, one a line: they are taken", false, false, 0},
    {"ipk-file", "FILE", "the fabric's epoch key: 16 octets, or 32 hex digits", false, false, 0},
    {"new-ipk", NULL, "make a new epoch key, which the nodes do not have yet", false, false, 0},
    {"fabric-id", "0xID", "the fabric id, where no certificate names it or there are several", false, false, 0},
    {"backup", "FILE", "back up the state when the keys are in it, before they are destroyed elsewhere", false, false, 0},
    {"no-backup", NULL, "do not", false, false, 0},
    PASSPHRASE_OPTIONS,
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* All that comes from outside, and what became of it. */
struct adoption {
    struct adopt_order order;
    struct foreign from;
    bool has_from;
    struct adopt_cert root, ica;
    struct adopt_members members;
    uint8_t root_key[HSM_SCALAR_LEN], ica_key[HSM_SCALAR_LEN], ipk[MC_IPK_LEN];
    const char *key_file[2];
    size_t n_key_file;
    enum foreign_ipk ipk_of;
    struct passphrase passphrase;
    struct adopt_result result;
    struct adopt_defects defects;
    struct backup_facts backup;
};

/* --- from files ------------------------------------------------------------------------------------------------------ */

static enum mc_rc read_key(struct cli *c, struct adoption *a, const char *path, uint8_t key[HSM_SCALAR_LEN], struct mc_err *e)
{
    a->key_file[a->n_key_file++] = path;
    return adopt_read_key(c->where = path, key, e);
}

static enum mc_rc read_files(struct cli *c, struct adoption *a, struct mc_err *e)
{
    const char *ica = cli_value(c, "ica-cert"), *ica_key = cli_value(c, "ica-key");
    enum mc_rc rc = adopt_read_cert(c->where = cli_value(c, "root-cert"), &a->root, e);

    if (rc == MC_OK)
        rc = read_key(c, a, cli_value(c, "root-key"), a->root_key, e);
    if (rc == MC_OK && ica != NULL)
        rc = adopt_read_cert(c->where = ica, &a->ica, e);
    if (rc == MC_OK && ica_key != NULL)
        rc = read_key(c, a, ica_key, a->ica_key, e);
    if (rc == MC_OK)
        rc = adopt_read_nocs(c, &a->members, e);
    a->order.root = &a->root;
    a->order.root_key = a->root_key;
    a->order.ica = ica != NULL ? &a->ica : NULL;
    a->order.ica_key = a->ica_key;
    a->order.noc = (const struct adopt_cert *const *)a->members.noc;
    a->order.n_noc = a->members.n_noc;
    a->ipk_of = cli_value(c, "ipk-file") != NULL ? FOREIGN_IPK_OWN : FOREIGN_IPK_NEW;
    a->order.ipk = cli_value(c, "ipk-file") != NULL ? a->ipk : NULL;
    return rc;
}

/* --- from a controller's storage -------------------------------------------------------------------------------------- */

static enum mc_rc read_foreign(struct cli *c, struct adoption *a, struct mc_err *e)
{
    struct foreign_choice choice = {.has_fabric_id = a->order.has_fabric_id, .fabric_id = a->order.fabric_id, .has_ca = cli_value(c, "ca-index") != NULL};
    static char where[FOREIGN_PATH_MAX]; /* lives until the error is printed */
    struct foreign *f = &a->from;
    enum mc_rc rc = cli_number(c, "ca-index", 16, 0, &choice.ca, e);

    if (rc == MC_OK)
        rc = foreign_read(cli_value(c, "from"), &choice, f, e);
    memcpy(where, f->where, sizeof(where));
    c->where = where;
    if (rc == MC_OK && cli_value(c, "root-key") != NULL) {
        rc = read_key(c, a, cli_value(c, "root-key"), f->root_key, e);
        f->has_root_key = true;
    }
    if (rc == MC_OK && !f->has_root_key)
        rc = mc_fail(e, CA_E_FOREIGN, "rootKeyPair", "it does not hold the root's key: give it with --root-key");
    if (rc == MC_OK)
        rc = foreign_find_ipk(f, cli_value(c, "ipk-file") != NULL ? a->ipk : NULL, cli_flag(c, "new-ipk"), &a->ipk_of, e);
    for (size_t i = 0; i < f->n_node && rc == MC_OK; i++)
        rc = adopt_add_node(&a->members, f->node[i], e);
    a->has_from = true;
    a->order.root = &f->root;
    a->order.root_key = f->root_key;
    a->order.ica = f->has_ica ? &f->ica : NULL;
    a->order.ica_key = f->ica_key;
    a->order.ipk = a->ipk_of == FOREIGN_IPK_NEW ? NULL : f->ipk;
    a->order.has_fabric_id = f->has_fabric_id;
    a->order.fabric_id = f->fabric_id;
    a->order.noc = (const struct adopt_cert *const *)f->noc;
    a->order.n_noc = f->n_noc;
    a->order.pass_over = true;
    return rc;
}

/* --- the verb --------------------------------------------------------------------------------------------------------- */

static enum mc_rc usage(struct mc_err *e, const char *what)
{
    return mc_fail(e, CA_E_USAGE, NULL, "%s", what);
}

static enum mc_rc check_options(const struct cli *c, struct mc_err *e)
{
    bool from = cli_value(c, "from") != NULL;

    if (from && (cli_value(c, "root-cert") != NULL || cli_value(c, "ica-cert") != NULL || cli_value(c, "ica-key") != NULL || cli_value(c, "noc") != NULL))
        return usage(e, "--from takes certificates from the storage: of the others only --root-key goes with it");
    if (!from && (cli_value(c, "root-cert") == NULL || cli_value(c, "root-key") == NULL))
        return usage(e, "give --from, or --root-cert and --root-key");
    if (!from && cli_value(c, "ca-index") != NULL)
        return usage(e, "--ca-index goes with --from");
    if ((cli_value(c, "ica-cert") == NULL) != (cli_value(c, "ica-key") == NULL))
        return usage(e, "--ica-cert and --ica-key go together");
    if (cli_flag(c, "new-ipk") && cli_value(c, "ipk-file") != NULL)
        return usage(e, "give either --ipk-file or --new-ipk");
    if ((cli_value(c, "backup") != NULL) == cli_flag(c, "no-backup"))
        return usage(e, "choose: --backup FILE, or --no-backup (the keys cannot be read from the token later)");
    return MC_OK;
}

static enum mc_rc read_all(struct cli *c, struct adoption *a, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    if (cli_value(c, "ipk-file") != NULL)
        rc = adopt_read_ipk(c->where = cli_value(c, "ipk-file"), a->ipk, e);
    if (rc == MC_OK)
        rc = adopt_read_nodes(c, &a->members, e);
    if (rc == MC_OK)
        rc = cli_value(c, "from") != NULL ? read_foreign(c, a, e) : read_files(c, a, e);
    a->order.node = a->members.node;
    a->order.n_node = a->members.n_node;
    if (rc != MC_OK)
        return rc;
    c->where = NULL;
    if (cli_value(c, "backup") == NULL)
        return MC_OK;
    rc = cmd_passphrase(c, true, &a->passphrase, e);
    return rc == MC_OK ? cmd_backup_possible(cli_value(c, "backup"), &a->passphrase, e) : rc;
}

static enum mc_rc back_up(struct cli *c, struct adoption *a, struct mc_err *e)
{
    const char *out = cli_value(c, "backup");
    enum mc_rc rc = out != NULL ? cmd_backup_make(c, out, &a->passphrase, &a->backup, e) : MC_OK;

    if (rc != MC_OK)
        cli_note(c, "the fabric is adopted, but there is no backup of it: destroy no key file before 'heddle backup' has worked");
    return rc;
}

static void tell(const struct cli *c, const struct adoption *a)
{
    struct adopt_report r = {
        .order = &a->order,
        .result = &a->result,
        .defects = &a->defects,
        .from = a->has_from ? &a->from : NULL,
        .ipk = a->ipk_of,
        .key_file = a->key_file,
        .n_key_file = a->n_key_file,
        .backup = cli_value(c, "backup"),
        .backup_facts = &a->backup,
    };

    adopt_tell(c, &r);
}

static enum mc_rc adopt(struct cli *c, struct adoption *a, struct mc_err *e)
{
    struct state s;
    enum mc_rc rc = read_all(c, a, e);

    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, fabric_adopt(&s, &a->order, &a->result, e), e);
    if (rc == MC_OK) {
        cmd_checkpoint(c, &s, false);
        adopt_find_defects(s.verifier, &a->order, &a->defects);
    }
    state_close(&s);
    if (rc == MC_OK)
        rc = back_up(c, a, e);
    if (rc == MC_OK)
        tell(c, a);
    return rc;
}

enum mc_rc cmd_fabric_adopt(struct cli *c, struct mc_err *e)
{
    struct adoption *a = calloc(1, sizeof(*a));
    enum mc_rc rc = a != NULL ? check_options(c, e) : mc_fail(e, MC_E_MEMORY, NULL, NULL);

    if (a == NULL)
        return rc;
    a->order.name = c->operands[0];
    a->order.has_fabric_id = cli_value(c, "fabric-id") != NULL;
    if (rc == MC_OK)
        rc = cli_number(c, "fabric-id", 16, 0, &a->order.fabric_id, e);
    if (rc == MC_OK)
        rc = adopt(c, a, e);
    foreign_clear(&a->from);
    adopt_result_clear(&a->result);
    adopt_members_clear(&a->members);
    hsm_wipe(a, sizeof(*a));
    free(a);
    return rc;
}
