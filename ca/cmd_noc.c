/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"
#include "renew.h"

#include <stdlib.h>

#include "lib/armor.h"

const struct cli_option noc_issue_options[] = {
    {"csr", "FILE", "the CSR (PEM or DER), or the NOCSR elements that hold it", false, true, 0},
    {"node-id", "0xID|next", "the node id, or the next one that is free", false, true, 0},
    {"cat", "0xTAGVERS", "a CASE authenticated tag with its version; up to three", true, false, 0},
    {"request-id", "ID", "the same id gives the same bytes; default: follows from the request", false, false, 0},
    {"out", "DIR", "where to write rcac.tlv, icac.tlv and noc.tlv", false, true, 0},
    {"format", "FORMAT", "tlv (default), der, pem or all", false, false, 0},
    {"nonce", "HEX", "with NOCSR elements: the CSR nonce that was sent to the node", false, false, 0},
    {"force", NULL, "also for a node that was removed: it is taken back, and the ledger has it on record", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option noc_renew_options[] = {
    {"node-id", "0xID", "the node", false, true, 0},
    {"csr", "FILE", "its new CSR, or the NOCSR elements that hold it; default: the key that it has", false, false, 0},
    {"cat", "0xTAGVERS", "a CASE authenticated tag; default: those that it has, in the versions on record", true, false, 0},
    {"no-cat", NULL, "without any CASE authenticated tag", false, false, 0},
    {"request-id", "ID", "the same id gives the same bytes; default: follows from the request", false, false, 0},
    {"out", "DIR", "where to write rcac.tlv, icac.tlv and noc.tlv", false, true, 0},
    {"format", "FORMAT", "tlv (default), der, pem or all", false, false, 0},
    {"nonce", "HEX", "with NOCSR elements: the CSR nonce that was sent to the node", false, false, 0},
    {"force", NULL, "also for a node that was removed: it is taken back, and the ledger has it on record", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

#define INPUT_MAX 65536

struct csr_input {
    uint8_t *raw, *scratch;
    struct mc_input in;
};

static enum mc_rc check_nonce(const struct cli *c, const struct mc_nocsr *n, struct mc_err *e)
{
    const char *hex = cli_value(c, "nonce");
    uint8_t nonce[MC_NONCE_LEN];

    if (hex == NULL)
        return MC_OK;
    if (strlen(hex) != 2 * MC_NONCE_LEN || !mc_hex_decode(hex, MC_NONCE_LEN, nonce))
        return mc_fail(e, CA_E_USAGE, "--nonce", "give %d hex digits", 2 * MC_NONCE_LEN);
    return mc_span_eq(n->nonce, mc_span_of(nonce, sizeof(nonce))) ? MC_OK
                                                                  : mc_fail(e, MC_E_NOCSR_NONCE_OTHER, "nocsr.nonce", NULL);
}

/* The CSR as it is, or out of NOCSR elements. */
static enum mc_rc find_csr(const struct cli *c, const struct mc_input *in, struct mc_span *der, struct mc_err *e)
{
    struct mc_nocsr n;
    enum mc_rc rc;

    *der = in->bytes;
    if (in->inner == MC_INNER_DER) {
        enum mc_object o = mc_object_guess(in);

        if (o != MC_OBJECT_CSR && o != MC_OBJECT_UNKNOWN)
            return mc_fail(e, MC_E_CSR_FORM, NULL, "this is %s", mc_object_name(o));
        return cli_value(c, "nonce") == NULL ? MC_OK
                                             : mc_fail(e, CA_E_USAGE, "--nonce", "only NOCSR elements hold a nonce");
    }
    rc = mc_nocsr_parse(in->bytes, &n, e);
    if (rc == MC_OK)
        rc = check_nonce(c, &n, e);
    *der = n.csr;
    return rc;
}

static enum mc_rc read_csr(
    struct cli *c, struct mc_verifier *v, struct csr_input *input, struct mc_csr *csr, struct mc_err *e)
{
    struct mc_span der;
    size_t n;
    enum mc_rc rc;

    c->where = cli_value(c, "csr");
    rc = io_read(c->where, INPUT_MAX, &input->raw, &n, e);
    if (rc != MC_OK)
        return rc;
    input->scratch = malloc(n + 1);
    if (input->scratch == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = mc_input_decode(mc_span_of(input->raw, n), input->scratch, n + 1, &input->in, e);
    if (rc == MC_OK)
        rc = find_csr(c, &input->in, &der, e);
    if (rc == MC_OK)
        rc = mc_csr_parse(der, csr, e);
    if (rc == MC_OK)
        rc = mc_csr_check(v, csr, e);
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

static enum mc_rc read_cats(const struct cli *c, struct noc_request *r, struct mc_err *e)
{
    for (unsigned i = 0; cli_value_at(c, "cat", i) != NULL; i++) {
        uint64_t cat;
        enum mc_rc rc = mc_number_parse(cli_value_at(c, "cat", i), 8, &cat, e);

        if (rc != MC_OK)
            return mc_fail(e, rc, "--cat", NULL);
        if (i == MC_CAT_MAX)
            return mc_fail(e, MC_E_CAT_COUNT, "--cat", NULL);
        rc = noc_check_cat((uint32_t)cat, "--cat", cli_value_at(c, "cat", i), e);
        if (rc != MC_OK)
            return rc;
        r->cat[r->n_cat++] = (uint32_t)cat;
    }
    return MC_OK;
}

static enum mc_rc read_request(const struct cli *c, struct noc_request *r, struct mc_err *e)
{
    const char *node = cli_value(c, "node-id");
    enum mc_rc rc = MC_OK;

    r->request_id = cli_value(c, "request-id");
    if (r->request_id != NULL && !request_id_valid(r->request_id))
        return mc_fail(e, CA_E_USAGE, "--request-id", "give 1 to %d visible ASCII characters", ENTRY_REQUEST_MAX);
    r->next = strcmp(node, "next") == 0;
    if (!r->next) {
        rc = mc_number_parse(node, 16, &r->node_id, e);
        if (rc != MC_OK)
            return mc_fail(e, rc, "--node-id", NULL);
        rc = noc_check_node(r->node_id, "--node-id", node, e);
        if (rc != MC_OK)
            return rc;
    }
    return read_cats(c, r, e);
}

static void print_issued(const struct cli *c, const struct ledger_fabric *f, const struct issued *i, const char *dir)
{
    char serial[2 * MC_SERIAL_MAX + 1];
    struct json j;

    mc_hex_encode(i->serial, i->serial_n, serial);
    if (!c->json) {
        printf("%s\n", serial);
        cli_note(c, "%s node 0x%016llX of fabric %s, entry %llu, in %s%s", i->repeated ? "repeated" : "issued",
            (unsigned long long)i->node_id, f->name, (unsigned long long)i->seq, dir,
            i->replaces ? "; it replaces an earlier certificate of this node" : "");
        return;
    }
    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.noc/1");
    json_string(&j, "status", i->repeated ? "repeated" : "issued");
    json_string(&j, "fabric", f->name);
    json_id(&j, "node_id", i->node_id, 16);
    json_string(&j, "serial", serial);
    json_number(&j, "leaf", (int64_t)i->seq);
    json_bool(&j, "replaces", i->replaces);
    json_string(&j, "out", dir);
    json_end_object(&j);
}

/* The certificate in both forms, and the chain that it hangs from. */
static enum mc_rc write_issued(const struct cli *c, struct state *s, const struct issued *i, const char *dir, struct mc_err *e)
{
    struct mc_span tlv = mc_span_of(i->cert, i->cert_n);
    struct mc_cert cert;
    uint8_t der[MC_CERT_DER_MAX];
    size_t n;
    enum mc_rc rc = mc_cert_parse_tlv(tlv, &cert, e);

    if (rc == MC_OK)
        rc = mc_cert_encode_der(&cert, der, sizeof(der), &n, e);
    if (rc != MC_OK)
        return mc_fail(e, CA_E_LEDGER, NULL, "the certificate of entry %llu cannot be read", (unsigned long long)i->seq);
    rc = cmd_write_chain(c, s, i->authority, dir, e);
    return rc == MC_OK ? cmd_write_cert(c, dir, &(struct cmd_cert){"noc", tlv, mc_span_of(der, n)}, e) : rc;
}

static enum mc_rc take_back(const struct cli *c, struct state *s, const struct ledger_fabric *f, uint64_t node_id, struct mc_err *e)
{
    bool removed;
    enum mc_rc rc = ledger_node_removed(s->ledger, f->number, node_id, &removed, e);

    if (rc == MC_OK && removed)
        rc = node_restore(s, f, node_id, "--force", e);
    if (rc == MC_OK && removed)
        cli_note(c, "node 0x%016llX was removed; it is taken back", (unsigned long long)node_id);
    return rc;
}

/* The request is complete: the fabric's issuer signs it, and the files are written. */
static enum mc_rc issue_and_write(
    struct cli *c, struct state *s, const struct ledger_fabric *f, const struct noc_request *r, struct mc_err *e)
{
    const char *dir = cli_value(c, "out");
    struct issuer issuer;
    struct profile_file profile;
    struct issued issued;
    enum mc_rc rc = state_profile(s, MC_KIND_NOC, &profile, e);

    if (rc == MC_OK)
        rc = issuer_load(s, fabric_issuer(f), &issuer, e);
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0755, e);
    if (rc == MC_OK && cli_flag(c, "force") && !r->next)
        rc = take_back(c, s, f, r->node_id, e);
    if (rc == MC_OK)
        rc = noc_issue(s, f, &issuer, &profile, r, &issued, e);
    if (rc == MC_OK)
        rc = write_issued(c, s, &issued, dir, e);
    if (rc == MC_OK)
        print_issued(c, f, &issued, dir);
    return rc;
}

static enum mc_rc issue_new(struct cli *c, struct state *s, struct noc_request *r, struct mc_err *e)
{
    char own_id[REQUEST_OWN_ID_MAX];
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = noc_content(s->verifier, f.number, r, r->request_id == NULL ? own_id : NULL);
    return rc == MC_OK ? issue_and_write(c, s, &f, r, e) : rc;
}

static enum mc_rc issue_again(struct cli *c, struct state *s, struct noc_request *r, struct mc_err *e)
{
    bool keep_cats = cli_value(c, "cat") == NULL && !cli_flag(c, "no-cat");
    struct renew_own own;
    struct ledger_fabric f;
    enum mc_rc rc = cmd_fabric(c, s, &f, e);

    if (rc == MC_OK)
        rc = renew_request(s, &f, r, keep_cats, &own, e);
    if (rc == MC_OK)
        rc = issue_and_write(c, s, &f, r, e);
    if (rc == MC_OK && cli_value(c, "csr") == NULL)
        cli_note(c, "for the key that the node has: a controller can exchange the NOC in its own storage, but UpdateNOC "
                    "takes only a NOC for the key of a new CSR (--csr)");
    return rc;
}

static enum mc_rc run(
    struct cli *c, enum mc_rc (*issue)(struct cli *c, struct state *s, struct noc_request *r, struct mc_err *e), struct mc_err *e)
{
    struct csr_input input = {0};
    struct noc_request r = {0};
    struct mc_csr csr;
    struct state s = {0};
    struct mc_verifier *v = mc_verifier_new();
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : read_request(c, &r, e);

    if (rc == MC_OK)
        rc = cmd_check_format(c, e);
    if (rc == MC_OK && cli_value(c, "csr") != NULL) {
        rc = read_csr(c, v, &input, &csr, e);
        r.point = rc == MC_OK ? csr.point.p : NULL;
        if (rc == MC_OK)
            rc = mc_sha256(v, csr.whole, r.input_sha256);
    } else if (rc == MC_OK && cli_value(c, "nonce") != NULL) {
        rc = mc_fail(e, CA_E_USAGE, "--nonce", "only NOCSR elements hold a nonce");
    }
    if (rc == MC_OK) {
        rc = cmd_open_token(c, &s, e);
        if (rc == MC_OK)
            rc = issue(c, &s, &r, e);
        if (rc == MC_OK)
            cmd_checkpoint(c, &s, true);
        state_close(&s);
    }
    mc_verifier_free(v);
    free(input.scratch);
    free(input.raw);
    return rc;
}

enum mc_rc cmd_noc_issue(struct cli *c, struct mc_err *e)
{
    return run(c, issue_new, e);
}

enum mc_rc cmd_noc_renew(struct cli *c, struct mc_err *e)
{
    if (cli_flag(c, "no-cat") && cli_value(c, "cat") != NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "give either --cat or --no-cat");
    return run(c, issue_again, e);
}
