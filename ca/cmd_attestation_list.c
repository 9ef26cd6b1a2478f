/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities of product attestation: listed, shown, exported. */
#include "cmd_attestation.h"
#include "cmd_listing.h"

#include "lib/armor.h"
#include "lib/att_chain.h"

const struct cli_option attestation_export_options[] = {
    {"out", "DIR", "where to write NAME.der", false, true, 0},
    {"format", "FORMAT", "der (default), pem or all", false, false, 0},
    {0},
};

/* What an authority's certificate says. Strings for people; "" where there is none. */
struct view {
    struct mc_cert cert;
    char subject[512], until[MC_TIME_TEXT_MAX], vid[8], pid[8], issuer[ENTRY_NAME_MAX + 1];
};

static enum mc_rc look(struct state *s, const struct ledger_authority *a, struct view *v, struct mc_err *e)
{
    struct ledger_authority above;
    struct mc_att_ids ids;
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(a->cert_der, a->cert_n), MC_RULES_X509, &v->cert, e);

    if (rc == MC_OK)
        rc = mc_att_ids_of(&v->cert, &ids, e);
    if (rc != MC_OK)
        return rc;
    mc_dn_format(&v->cert.subject, v->subject, sizeof(v->subject));
    mc_time_format(v->cert.not_after_unix, v->until);
    v->vid[0] = v->pid[0] = v->issuer[0] = '\0';
    if (ids.has_vid)
        snprintf(v->vid, sizeof(v->vid), "0x%04X", ids.vid);
    if (ids.has_pid)
        snprintf(v->pid, sizeof(v->pid), "0x%04X", ids.pid);
    if (a->issuer == 0)
        return MC_OK;
    rc = ledger_authority(s->ledger, a->issuer, &above, e);
    if (rc == MC_OK)
        memcpy(v->issuer, above.name, sizeof(v->issuer));
    return rc;
}

/* Upper-case hex with colons, as the DCL and logs write key identifiers (matter-attestation 1.6). */
static void format_key_id(struct mc_span id, char out[3 * MC_KEY_ID_LEN])
{
    for (size_t i = 0; i < id.n && i < MC_KEY_ID_LEN; i++)
        snprintf(out + 3 * i, 4, i + 1 < id.n ? "%02X:" : "%02X", id.p[i]);
}

static void put_json(struct json *j, const struct ledger_authority *a, const struct view *v)
{
    json_string(j, "name", a->name);
    json_string(j, "kind", mc_kind_name(a->kind));
    json_number(j, "authority", a->number);
    json_string(j, "state", mc_authority_state_name(a->state));
    json_string(j, "subject", v->subject);
    json_string(j, "vid", v->vid);
    json_string(j, "pid", v->pid);
    json_string(j, "issuer", v->issuer);
    json_hex(j, "serial", v->cert.serial);
    json_hex(j, "key_id", v->cert.skid);
    json_string(j, "not_after", v->until);
    json_string(j, "key_label", a->label);
}

enum mc_rc cmd_print_authority(
    const struct cli *c, struct state *s, const struct ledger_authority *a, struct mc_err *e)
{
    char key_id[3 * MC_KEY_ID_LEN] = "", serial[2 * MC_SERIAL_MAX + 1];
    struct view v;
    struct json j;
    enum mc_rc rc = look(s, a, &v, e);

    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.authority/1");
        put_json(&j, a, &v);
        json_end_object(&j);
        return MC_OK;
    }
    mc_hex_encode(v.cert.serial.p, v.cert.serial.n, serial);
    format_key_id(v.cert.skid, key_id);
    printf("%-13s %s\n  subject     %s\n", mc_kind_name(a->kind), a->name, v.subject);
    printf("  vendor      %s\n", v.vid[0] != '\0' ? v.vid : a->kind == MC_KIND_CRL_SIGNER ? "-" : "any");
    if (a->kind == MC_KIND_PAI)
        printf("  product     %s\n", v.pid[0] != '\0' ? v.pid : "any");
    if (a->issuer != 0)
        printf("  signed by   %s\n", v.issuer);
    else
        printf("  signed by   %s\n", mc_dn_equal(&v.cert.subject, &v.cert.issuer) ? "itself" : "an authority outside");
    printf("  authority   %u, %s\n  serial      %s\n  key id      %s\n  expires     %s\n  key label   %s\n", a->number,
        mc_authority_state_name(a->state), serial, key_id,
        v.cert.not_after_unix == MC_TIME_NO_EXPIRY ? "never" : v.until, a->label);
    return MC_OK;
}

static enum mc_rc show(struct cli *c, enum mc_kind kind, struct mc_err *e)
{
    struct ledger_authority a;
    struct state s;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = attestation_find(&s, c->operands[0], kind, &a, e);
    if (rc == MC_OK)
        rc = cmd_print_authority(c, &s, &a, e);
    state_close(&s);
    return rc;
}

/* --- list ------------------------------------------------------------------------------------------------ */

static bool list_one(void *arg, const struct ledger_authority *a)
{
    struct listing *l = arg;
    struct view v;

    l->rc = look(l->s, a, &v, l->e);
    if (l->rc != MC_OK)
        return false;
    if (l->table == NULL) {
        json_object(&l->j, NULL);
        put_json(&l->j, a, &v);
        json_end_object(&l->j);
        return true;
    }
    l->rc = table_row(l->table,
        (const char *const[]){a->name, v.vid[0] != '\0' ? v.vid : "-", v.pid[0] != '\0' ? v.pid : "-",
            v.issuer[0] != '\0' ? v.issuer : "-", mc_authority_state_name(a->state),
            v.cert.not_after_unix == MC_TIME_NO_EXPIRY ? "never" : v.until, v.subject});
    return l->rc == MC_OK;
}

static enum mc_rc list(struct cli *c, enum mc_kind kind, struct mc_err *e)
{
    static const char *const headers[] = {"NAME", "VID", "PID", "SIGNED BY", "STATE", "EXPIRES", "SUBJECT", NULL};
    struct state s;
    struct listing l;
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = listing_begin(&l, c, &s, "heddle.authorities/1", "authorities", headers, e);
    if (rc == MC_OK)
        rc = listing_end(&l, attestation_each(&s, kind, list_one, &l, e));
    state_close(&s);
    return rc;
}

/* --- export ---------------------------------------------------------------------------------------------- */

enum mc_rc cmd_check_der_format(const struct cli *c, struct mc_err *e)
{
    const char *format = cli_value(c, "format");

    if (format == NULL || strcmp(format, "der") == 0 || strcmp(format, "pem") == 0 || strcmp(format, "all") == 0)
        return MC_OK;
    return mc_fail(e, CA_E_USAGE, "--format", "it takes der, pem or all: attestation certificates have no TLV form");
}

static enum mc_rc write_one(const char *dir, const char *name, const char *extension, struct mc_span bytes, struct mc_err *e)
{
    char path[STATE_PATH_MAX + 80];
    int n = snprintf(path, sizeof(path), "%s/%s.%s", dir, name, extension);

    if (n < 0 || (size_t)n >= sizeof(path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    return io_write(path, bytes, 0644, e);
}

enum mc_rc cmd_write_der(const struct cli *c, const char *dir, const char *name, struct mc_span der, struct mc_err *e)
{
    const char *format = cli_value(c, "format");
    bool all = format != NULL && strcmp(format, "all") == 0;
    char pem[2048];
    size_t n;
    enum mc_rc rc = MC_OK;

    if (format == NULL || all || strcmp(format, "der") == 0)
        rc = write_one(dir, name, "der", der, e);
    if (rc == MC_OK && format != NULL && (all || strcmp(format, "pem") == 0)) {
        rc = mc_pem_encode(der, "CERTIFICATE", pem, sizeof(pem), &n);
        rc = rc == MC_OK ? write_one(dir, name, "pem", mc_span_of(pem, n), e) : mc_fail(e, rc, NULL, NULL);
    }
    return rc;
}

static enum mc_rc export(struct cli *c, enum mc_kind kind, struct mc_err *e)
{
    const char *dir = cli_value(c, "out");
    struct ledger_authority a;
    struct state s;
    enum mc_rc rc = cmd_check_der_format(c, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = attestation_find(&s, c->operands[0], kind, &a, e);
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0755, e);
    if (rc == MC_OK)
        rc = cmd_write_der(c, dir, a.name, mc_span_of(a.cert_der, a.cert_n), e);
    while (rc == MC_OK && a.issuer != 0) {
        rc = ledger_authority(s.ledger, a.issuer, &a, e);
        if (rc == MC_OK)
            rc = cmd_write_der(c, dir, a.name, mc_span_of(a.cert_der, a.cert_n), e);
    }
    if (rc == MC_OK)
        cli_note(c, "wrote %s %s and what it hangs from to %s", mc_kind_name(kind), c->operands[0], dir);
    state_close(&s);
    return rc;
}

#define VERBS(noun, kind) \
    enum mc_rc cmd_##noun##_list(struct cli *c, struct mc_err *e) { return list(c, kind, e); } \
    enum mc_rc cmd_##noun##_show(struct cli *c, struct mc_err *e) { return show(c, kind, e); } \
    enum mc_rc cmd_##noun##_export(struct cli *c, struct mc_err *e) { return export(c, kind, e); }
VERBS(paa, MC_KIND_PAA)
VERBS(pai, MC_KIND_PAI)
VERBS(cd_signer, MC_KIND_CD_SIGNER)
VERBS(crl_signer, MC_KIND_CRL_SIGNER)
