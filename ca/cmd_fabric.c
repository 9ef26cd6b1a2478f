/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_listing.h"

#include "lib/cli/text.h"
#include "rotate.h"

const struct cli_option fabric_create_options[] = {
    {"fabric-id", "0xID", "the fabric id, 0x1 to 0xFFFFFFFFFFFFFFFF", false, true, 0},
    {"no-ica", NULL, "let the root sign NOCs itself", false, false, 0},
    {"pin-fabric-id", NULL, "write the fabric id into the names of root and ICA (leaves room for 2 CATs)", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

const struct cli_option fabric_export_options[] = {
    {"out", "DIR", "where to write rcac.tlv and icac.tlv", false, true, 0},
    {"format", "FORMAT", "tlv (default), der, pem or all", false, false, 0},
    {0},
};

const struct cli_option fabric_ipk_options[] = {
    {"out", "FILE", "where to write the epoch key, as 32 hex digits (mode 0600)", false, true, 0},
    {"why", "TEXT", "who gets it and why, for the ledger", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static enum mc_rc compressed_text(struct state *s, const struct ledger_fabric *f, char out[17], struct mc_err *e)
{
    uint8_t id[MC_COMPRESSED_LEN];
    enum mc_rc rc = fabric_compressed_id(s, f, id, e);

    if (rc == MC_OK)
        mc_hex_encode_upper(id, sizeof(id), out);
    return rc;
}

/* One authority of a fabric, for people and for programs. j NULL: for people; key NULL: inside an array. */
static enum mc_rc print_authority(struct json *j, const char *key, const struct ledger_authority *a, struct mc_err *e)
{
    struct mc_cert cert;
    char name[512], until[MC_TIME_TEXT_MAX];
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(a->cert_der, a->cert_n), MC_RULES_MATTER, &cert, e);

    if (rc != MC_OK)
        return rc;
    mc_dn_format(&cert.subject, name, sizeof(name));
    mc_time_format(cert.not_after_unix, until);
    if (j == NULL) {
        char serial[2 * MC_SERIAL_MAX + 1], key_id[2 * MC_KEY_ID_LEN + 1];

        mc_hex_encode(cert.serial.p, cert.serial.n, serial);
        mc_hex_encode_upper(cert.skid.p, cert.skid.n, key_id);
        printf("%-13s %s\n", a->kind == MC_KIND_RCAC ? "root" : "ICA", name);
        printf("  authority   %u, %s\n", a->number, mc_authority_state_name(a->state));
        printf("  serial      %s\n  key id      %s\n  expires     %s\n  key label   %s\n", serial, key_id,
            cert.not_after_unix == MC_TIME_NO_EXPIRY ? "never" : until, a->label);
        return MC_OK;
    }
    json_object(j, key);
    json_number(j, "authority", a->number);
    json_string(j, "kind", mc_kind_name((enum mc_kind)a->kind));
    json_string(j, "subject", name);
    json_hex(j, "serial", cert.serial);
    json_hex(j, "key_id", cert.skid);
    json_string(j, "not_after", until);
    json_string(j, "state", mc_authority_state_name(a->state));
    json_string(j, "key_label", a->label);
    json_end_object(j);
    return MC_OK;
}

static enum mc_rc print_numbered(struct state *s, struct json *j, const char *key, uint32_t number, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = ledger_authority(s->ledger, number, &a, e);

    return rc == MC_OK ? print_authority(j, key, &a, e) : rc;
}

/* The authorities that are being prepared, drain or are retired. */
struct others {
    const struct ledger_fabric *f;
    struct json *j;
    struct mc_err *e;
    enum mc_rc rc;
};

static bool print_other(void *arg, const struct ledger_authority *a)
{
    struct others *o = arg;

    if (a->number != o->f->root && a->number != o->f->ica)
        o->rc = print_authority(o->j, NULL, a, o->e);
    return o->rc == MC_OK;
}

static enum mc_rc print_authorities(struct state *s, const struct ledger_fabric *f, struct json *j, struct mc_err *e)
{
    struct others o = {f, j, e, MC_OK};
    enum mc_rc rc = print_numbered(s, j, "root", f->root, e);

    if (rc == MC_OK && f->ica != 0)
        rc = print_numbered(s, j, "ica", f->ica, e);
    if (rc == MC_OK && j != NULL)
        json_array(j, "others");
    if (rc == MC_OK)
        rc = ledger_authorities(s->ledger, f->number, print_other, &o, e);
    if (rc == MC_OK && j != NULL)
        json_end_array(j);
    return rc == MC_OK ? o.rc : rc;
}

static enum mc_rc print_fabric(const struct cli *c, struct state *s, const struct ledger_fabric *f, struct mc_err *e)
{
    struct ledger_fabric after;
    struct json j;
    char compressed[17];
    enum mc_rc rc = compressed_text(s, f, compressed, e), replaced = fabric_successor(s, f, &after, NULL);

    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.fabric/1");
        json_string(&j, "name", f->name);
        json_id(&j, "fabric_id", f->fabric_id, 16);
        json_string(&j, "compressed_fabric_id", compressed);
        json_number(&j, "nocs", (int64_t)f->issued);
        if (replaced == MC_OK)
            json_string(&j, "replaced_by", after.name);
    } else {
        printf("fabric        %s\n", f->name);
        printf("  fabric id   0x%016llX\n  compressed  %s\n  NOCs        %llu\n", (unsigned long long)f->fabric_id,
            compressed, (unsigned long long)f->issued);
        if (replaced == MC_OK)
            printf("  replaced by %s\n", after.name);
    }
    rc = print_authorities(s, f, c->json ? &j : NULL, e);
    if (rc == MC_OK && c->json)
        json_end_object(&j);
    return rc;
}

enum mc_rc cmd_fabric_create(struct cli *c, struct mc_err *e)
{
    struct fabric_options o = {
        .name = c->operands[0],
        .ica = !cli_flag(c, "no-ica"),
        .pin_fabric_id = cli_flag(c, "pin-fabric-id"),
    };
    struct ledger_fabric f;
    struct state s;
    enum mc_rc rc = cli_number(c, "fabric-id", 16, 0, &o.fabric_id, e);

    if (rc == MC_OK)
        rc = name_check(o.name, e);
    if (rc == MC_OK && mc_fabric_id_check(o.fabric_id) != MC_OK)
        rc = mc_fail(e, CA_E_FABRIC_ID, "--fabric-id", NULL);
    if (rc == MC_OK)
        rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, fabric_create(&s, &o, &f, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, false);
    if (rc == MC_OK)
        rc = print_fabric(c, &s, &f, e);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_fabric_show(struct cli *c, struct mc_err *e)
{
    struct ledger_fabric f;
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = cmd_fabric(c, &s, &f, e);
    if (rc == MC_OK)
        rc = print_fabric(c, &s, &f, e);
    state_close(&s);
    return rc;
}

static bool list_one(void *arg, const struct ledger_fabric *f)
{
    struct listing *l = arg;
    char id[24], compressed[17], issued[24];

    l->rc = compressed_text(l->s, f, compressed, l->e);
    if (l->rc != MC_OK)
        return false;
    if (l->table == NULL) {
        json_object(&l->j, NULL);
        json_string(&l->j, "name", f->name);
        json_id(&l->j, "fabric_id", f->fabric_id, 16);
        json_string(&l->j, "compressed_fabric_id", compressed);
        json_bool(&l->j, "ica", f->ica != 0);
        json_number(&l->j, "nocs", (int64_t)f->issued);
        json_end_object(&l->j);
        return true;
    }
    snprintf(id, sizeof(id), "0x%016llX", (unsigned long long)f->fabric_id);
    snprintf(issued, sizeof(issued), "%llu", (unsigned long long)f->issued);
    l->rc = table_row(l->table, (const char *const[]){f->name, id, compressed, f->ica != 0 ? "root, ICA" : "root", issued});
    return l->rc == MC_OK;
}

enum mc_rc cmd_fabric_list(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {"NAME", "FABRIC ID", "COMPRESSED", "CHAIN", ">NOCS", NULL};
    struct state s;
    struct listing l;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = listing_begin(&l, c, &s, "heddle.fabrics/1", "fabrics", headers, e);
    if (rc == MC_OK)
        rc = listing_end(&l, ledger_fabrics(s.ledger, list_one, &l, e));
    state_close(&s);
    return rc;
}

enum mc_rc cmd_fabric_export(struct cli *c, struct mc_err *e)
{
    const char *dir = cli_value(c, "out");
    struct ledger_fabric f;
    struct state s;
    enum mc_rc rc = cmd_check_format(c, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = cmd_fabric(c, &s, &f, e);
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0755, e);
    if (rc == MC_OK)
        rc = cmd_write_chain(c, &s, fabric_issuer(&f), dir, e);
    if (rc == MC_OK)
        cli_note(c, "wrote the chain of fabric %s to %s", f.name, dir);
    state_close(&s);
    return rc;
}

enum mc_rc cmd_fabric_ipk(struct cli *c, struct mc_err *e)
{
    const char *path = cli_value(c, "out"), *why = cli_value(c, "why");
    uint8_t ipk[MC_IPK_LEN];
    char text[2 * MC_IPK_LEN + 2];
    struct ledger_fabric f;
    struct state s;
    enum mc_rc rc;

    if (strcmp(path, "-") == 0)
        return mc_fail(e, CA_E_USAGE, "--out", "a secret goes to a file, not to standard output");
    if (why != NULL && (strlen(why) > ENTRY_TEXT_MAX || !text_is_plain(why)))
        return mc_fail(e, CA_E_USAGE, "--why", "give at most %d octets of UTF-8 without control characters", ENTRY_TEXT_MAX);
    rc = cmd_open_token(c, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = cmd_fabric(c, &s, &f, e);
    if (rc == MC_OK)
        rc = fabric_ipk(&s, &f, why != NULL ? why : "", ipk, e);
    if (rc == MC_OK) {
        mc_hex_encode(ipk, sizeof(ipk), text);
        text[2 * MC_IPK_LEN] = '\n';
        rc = io_write(path, mc_span_of(text, 2 * MC_IPK_LEN + 1), 0600, e);
    }
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, true);
    hsm_wipe(ipk, sizeof(ipk));
    hsm_wipe(text, sizeof(text));
    if (rc == MC_OK)
        cli_note(c, "wrote the epoch key of fabric %s to %s; the ledger has it on record", f.name, path);
    state_close(&s);
    return rc;
}
