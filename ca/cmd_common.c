/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <stdlib.h>
#include <unistd.h>

#include "checkpoint.h"
#include "lib/armor.h"

const struct cli_option no_options[] = {{0}};

const struct cli_option pin_options[] = {
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

static enum mc_rc join(char out[STATE_PATH_MAX], const char *a, const char *b, struct mc_err *e)
{
    int n = snprintf(out, STATE_PATH_MAX, "%s%s", a, b);

    return n > 0 && n < STATE_PATH_MAX ? MC_OK : mc_fail(e, CA_E_USAGE, "--state", "the path is empty or too long");
}

enum mc_rc cmd_state_dir(const struct cli *c, char out[STATE_PATH_MAX], struct mc_err *e)
{
    const char *path = cli_value(c, "state");

    if (path == NULL)
        path = getenv("HEDDLE_STATE");
    if (path != NULL)
        return join(out, path, "", e);
    path = getenv("XDG_STATE_HOME");
    if (path != NULL && path[0] == '/')
        return join(out, path, "/heddle", e);
    path = getenv("HOME");
    if (path != NULL && path[0] == '/')
        return join(out, path, "/.local/state/heddle", e);
    return mc_fail(e, CA_E_USAGE, "--state", "there is no home directory: name the state");
}

/* state_open, or state_open_unchecked. */
typedef enum mc_rc open_call(
    const char *dir, enum ledger_mode mode, struct state *s, unsigned *burned, struct mc_err *e);

static enum mc_rc open_by(open_call *call, const struct cli *c, enum ledger_mode mode, struct state *s, struct mc_err *e)
{
    char dir[STATE_PATH_MAX];
    unsigned burned = 0;
    enum mc_rc rc = cmd_state_dir(c, dir, e);

    if (rc != MC_OK)
        return rc;
    rc = call(dir, mode, s, &burned, e);
    if (rc == MC_OK && burned > 0)
        cli_note(c, "%u interrupted request%s recorded as void; nothing of %s was released", burned,
            burned == 1 ? " was" : "s were", burned == 1 ? "it" : "them");
    if (rc == MC_OK && s->checkpoint.missing)
        cli_note(c, "note: the state's checkpoint is missing, so an older ledger could not be told from this one");
    return rc;
}

enum mc_rc cmd_open(const struct cli *c, enum ledger_mode mode, struct state *s, struct mc_err *e)
{
    return open_by(state_open, c, mode, s, e);
}

enum mc_rc cmd_open_unchecked(const struct cli *c, enum ledger_mode mode, struct state *s, struct mc_err *e)
{
    return open_by(state_open_unchecked, c, mode, s, e);
}

enum mc_rc cmd_pin(const struct cli *c, struct hsm_pin_source *pin, bool *given, struct mc_err *e)
{
    uint64_t fd = 0;
    enum mc_rc rc = cli_number(c, "pin-fd", 4, 0, &fd, e);

    *pin = (struct hsm_pin_source){.fd = -1};
    *given = true;
    if (rc != MC_OK)
        return rc;
    if (cli_value(c, "pin-fd") != NULL && cli_value(c, "pin-file") != NULL)
        return mc_fail(e, CA_E_USAGE, NULL, "give either --pin-fd or --pin-file");
    if (cli_value(c, "pin-fd") != NULL)
        pin->fd = (int)fd;
    else if (cli_value(c, "pin-file") != NULL)
        pin->file = cli_value(c, "pin-file");
    else
        *given = false;
    return MC_OK;
}

static enum mc_rc open_token_by(open_call *call, const struct cli *c, struct state *s, struct mc_err *e)
{
    struct hsm_pin_source pin;
    bool given;
    enum mc_rc rc = cmd_pin(c, &pin, &given, e);

    if (rc == MC_OK)
        rc = open_by(call, c, LEDGER_WRITE, s, e);
    if (rc != MC_OK)
        return rc;
    rc = state_open_token(s, given ? &pin : NULL, e);
    if (rc != MC_OK)
        state_close(s);
    return rc;
}

enum mc_rc cmd_open_token(const struct cli *c, struct state *s, struct mc_err *e)
{
    return open_token_by(state_open, c, s, e);
}

enum mc_rc cmd_open_token_unchecked(const struct cli *c, struct state *s, struct mc_err *e)
{
    return open_token_by(state_open_unchecked, c, s, e);
}

void cmd_checkpoint(const struct cli *c, struct state *s, bool due)
{
    struct mc_err e;
    char why[400];

    mc_err_init(&e);
    if ((due ? checkpoint_make_due(s, &e) : checkpoint_make(s, &e)) == MC_OK)
        return;
    mc_err_format(&e, why, sizeof(why));
    cli_note(c, "note: the work is done and on record, but no new checkpoint could be signed: %s", why);
}

enum mc_rc cmd_fabric(const struct cli *c, struct state *s, struct ledger_fabric *f, struct mc_err *e)
{
    enum mc_rc rc = name_check(c->operands[0], e);

    if (rc == MC_OK)
        rc = ledger_fabric_by_name(s->ledger, c->operands[0], f, e);
    return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "fabric", "'%s'", c->operands[0]) : rc;
}

static enum mc_rc write_one(const char *dir, const char *name, const char *extension, struct mc_span bytes, struct mc_err *e)
{
    char path[STATE_PATH_MAX + 80];
    int n = snprintf(path, sizeof(path), "%s/%s.%s", dir, name, extension);

    if (n < 0 || (size_t)n >= sizeof(path))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    return io_write(path, bytes, 0644, e);
}

enum mc_rc cmd_check_format(const struct cli *c, struct mc_err *e)
{
    static const char *const formats[] = {"tlv", "der", "pem", "all"};
    const char *format = cli_value(c, "format");

    for (size_t i = 0; format != NULL && i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(format, formats[i]) == 0)
            return MC_OK;
    return format == NULL ? MC_OK : mc_fail(e, CA_E_USAGE, "--format", "it takes tlv, der, pem or all");
}

enum mc_rc cmd_write_cert(const struct cli *c, const char *dir, const struct cmd_cert *cert, struct mc_err *e)
{
    const char *format = cli_value(c, "format");
    bool all = format != NULL && strcmp(format, "all") == 0;
    char pem[2048];
    size_t n;
    enum mc_rc rc = MC_OK;

    if (format == NULL || all || strcmp(format, "tlv") == 0)
        rc = write_one(dir, cert->name, "tlv", cert->tlv, e);
    if (rc == MC_OK && format != NULL && (all || strcmp(format, "der") == 0))
        rc = write_one(dir, cert->name, "der", cert->der, e);
    if (rc == MC_OK && format != NULL && (all || strcmp(format, "pem") == 0)) {
        rc = mc_pem_encode(cert->der, "CERTIFICATE", pem, sizeof(pem), &n);
        if (rc == MC_OK)
            rc = write_one(dir, cert->name, "pem", mc_span_of(pem, n), e);
    }
    return rc;
}

/*
 * An ICAC that an earlier fabric left in the folder must not reach a node with this root's NOC: the node
 * would refuse the pair, or worse, somebody would search for days.
 */
static void remove_foreign_icac(const struct cli *c, const char *dir)
{
    static const char *const extensions[] = {"tlv", "der", "pem"};
    char path[STATE_PATH_MAX + 80];

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        int n = snprintf(path, sizeof(path), "%s/icac.%s", dir, extensions[i]);

        if (n > 0 && (size_t)n < sizeof(path) && unlink(path) == 0)
            cli_note(c, "removed %s: this chain has no ICA", path);
    }
}

struct root_of {
    uint32_t fabric, root;
};

static bool find_root(void *arg, const struct ledger_fabric *f)
{
    struct root_of *r = arg;

    if (f->number == r->fabric)
        r->root = f->root;
    return r->root == 0;
}

static enum mc_rc write_authority(const struct cli *c, struct state *s, uint32_t authority, const char *dir, struct mc_err *e);

/* The root as it is now: a renewed one has the key and the name of the one that signed the ICAC. */
static enum mc_rc write_root(
    const struct cli *c, struct state *s, const struct ledger_authority *a, const char *dir, struct mc_err *e)
{
    struct root_of r = {a->fabric, 0};
    enum mc_rc rc = ledger_fabrics(s->ledger, find_root, &r, e);

    if (r.root == 0)
        r.root = a->kind == MC_KIND_RCAC ? a->number : a->issuer;
    return rc == MC_OK ? write_authority(c, s, r.root, dir, e) : rc;
}

static enum mc_rc write_authority(const struct cli *c, struct state *s, uint32_t authority, const char *dir, struct mc_err *e)
{
    struct ledger_authority a;
    struct mc_cert cert;
    uint8_t tlv[MC_CERT_TLV_MAX];
    size_t n;
    enum mc_rc rc = ledger_authority(s->ledger, authority, &a, e);

    if (rc == MC_OK)
        rc = mc_cert_parse_der(mc_span_of(a.cert_der, a.cert_n), MC_RULES_MATTER, &cert, e);
    if (rc == MC_OK)
        rc = mc_cert_encode_tlv(&cert, tlv, sizeof(tlv), &n, e);
    if (rc == MC_OK && a.kind == MC_KIND_ICAC)
        rc = write_root(c, s, &a, dir, e);
    if (rc != MC_OK)
        return rc;
    return cmd_write_cert(c, dir,
        &(struct cmd_cert){mc_kind_name(a.kind), mc_span_of(tlv, n), mc_span_of(a.cert_der, a.cert_n)}, e);
}

enum mc_rc cmd_write_chain(const struct cli *c, struct state *s, uint32_t authority, const char *dir, struct mc_err *e)
{
    struct ledger_authority a;
    enum mc_rc rc = ledger_authority(s->ledger, authority, &a, e);

    if (rc == MC_OK)
        rc = a.kind == MC_KIND_RCAC ? write_root(c, s, &a, dir, e) : write_authority(c, s, authority, dir, e);
    if (rc == MC_OK && a.kind == MC_KIND_RCAC)
        remove_foreign_icac(c, dir);
    return rc;
}
