/* SPDX-License-Identifier: Apache-2.0 */
/* ledger search: entries by everything that they can be known by. */
#include "cmd_ledger.h"

#include "batch_file.h"
#include "lib/armor.h"
#include "lib/csr.h"

const struct cli_option ledger_search_options[] = {
    {"fabric", "NAME", "only in this fabric", false, false, 0},
    {"authority", "N|NAME", "issued by this authority, or about it: its number, or the name of a PAA or PAI", false, false, 0},
    {"node-id", "0xID", "of this node", false, false, 0},
    {"serial", "HEX", "with this serial number", false, false, 0},
    {"key", "HEX|FILE", "with this public key: its point in hex, or a file with it (key, CSR or certificate)", false,
        false, 0},
    {"subject-key-id", "HEX", "with a certificate that has this subject key id", false, false, 0},
    {"cat", "0xTAGVERS", "with this CASE authenticated tag", false, false, 0},
    {"vid", "0xID", "with a certificate of this vendor", false, false, 0},
    {"pid", "0xID", "with a certificate of this product", false, false, 0},
    {"name", "NAME", "with this name: of a fabric, a PAA or PAI, or a device's serial number", false, false, 0},
    {"request-id", "ID", "of this request", false, false, 0},
    {"batch", "NAME|N", "of this batch", false, false, 0},
    {"type", "TYPE", "of this type: issued, void, refused, revoked, authority, ...", false, false, 0},
    {"kind", "KIND", "about a certificate of this kind: noc, icac, rcac, dac, pai, paa, ...", false, false, 0},
    {"rule", "RULE", "refused or void by this rule", false, false, 0},
    {"status", "STATUS", "with a certificate that now is valid, expired or revoked", false, false, 0},
    {"issued-after", "TIME", "recorded at this time or later", false, false, 0},
    {"issued-before", "TIME", "recorded before this time", false, false, 0},
    {"expires-after", "TIME", "with a certificate that expires at this time or later", false, false, 0},
    {"expires-before", "TIME", "with a certificate that expires before this time", false, false, 0},
    {"limit", "N", "at most N entries", false, false, 0},
    {0},
};

#define FILE_MAX 65536

/* What the query points into. */
struct wanted {
    struct ledger_query q;
    uint8_t serial[MC_SERIAL_MAX], point[MC_POINT_LEN], key_id[MC_KEY_ID_LEN];
    uint64_t limit;
};

/* The point in an object; false if it has none. */
static bool point_of(const struct mc_input *in, uint8_t point[MC_POINT_LEN])
{
    struct mc_cert cert;
    struct mc_csr csr;
    struct mc_span p = {0};

    switch (mc_object_guess(in)) {
    case MC_OBJECT_PUBLIC_KEY:
        if (in->bytes.n > MC_POINT_LEN)
            p = mc_span_of(in->bytes.p + in->bytes.n - MC_POINT_LEN, MC_POINT_LEN);
        break;
    case MC_OBJECT_CSR:
        if (mc_csr_parse(in->bytes, &csr, NULL) == MC_OK)
            p = csr.point;
        break;
    default:
        if ((in->inner == MC_INNER_TLV ? mc_cert_parse_tlv(in->bytes, &cert, NULL)
                                       : mc_cert_parse_der(in->bytes, MC_RULES_X509, &cert, NULL)) == MC_OK)
            p = cert.point;
        break;
    }
    if (p.n != MC_POINT_LEN || p.p[0] != 0x04)
        return false;
    memcpy(point, p.p, MC_POINT_LEN);
    return true;
}

static enum mc_rc read_key(struct cli *c, const char *text, uint8_t point[MC_POINT_LEN], struct mc_err *e)
{
    static uint8_t raw[FILE_MAX + 1], scratch[FILE_MAX + 1];
    struct mc_input in;
    size_t n;
    enum mc_rc rc;

    if (strlen(text) == 2 * MC_POINT_LEN && mc_hex_decode(text, MC_POINT_LEN, point))
        return MC_OK;
    c->where = text;
    rc = io_read_into(text, raw, sizeof(raw), &n, e);
    if (rc == MC_OK)
        rc = mc_input_decode(mc_span_of(raw, n), scratch, sizeof(scratch), &in, e);
    if (rc == MC_OK && !point_of(&in, point))
        rc = mc_fail(e, MC_E_OBJECT, "--key", "no P-256 public key in it");
    if (rc == MC_OK)
        c->where = NULL;
    return rc;
}

static enum mc_rc read_time(const struct cli *c, const char *name, int64_t *unix_time, struct mc_err *e)
{
    const char *text = cli_value(c, name);

    return text == NULL ? MC_OK : mc_time_parse_text(text, unix_time, e);
}

static enum mc_rc read_times(const struct cli *c, struct ledger_query *q, struct mc_err *e)
{
    enum mc_rc rc = read_time(c, "issued-after", &q->after_unix, e);

    if (rc == MC_OK)
        rc = read_time(c, "issued-before", &q->before_unix, e);
    if (rc == MC_OK)
        rc = read_time(c, "expires-after", &q->expires_after_unix, e);
    return rc == MC_OK ? read_time(c, "expires-before", &q->expires_before_unix, e) : rc;
}

/* --kind, --status: one of a few words. */
static enum mc_rc read_words(const struct cli *c, struct ledger_query *q, struct mc_err *e)
{
    static const char *const standings[] = {NULL, "valid", "expired", "revoked"};
    const char *kind = cli_value(c, "kind"), *status = cli_value(c, "status");

    if (kind != NULL && (q->kind = (uint8_t)mc_kind_find(kind)) == MC_KIND_UNKNOWN)
        return mc_fail(e, CA_E_USAGE, "--kind", "'%.40s' is no kind of certificate", kind);
    for (unsigned i = LEDGER_VALID; status != NULL && i <= LEDGER_REVOKED; i++)
        if (strcmp(status, standings[i]) == 0)
            q->standing = i;
    if (status != NULL && q->standing == LEDGER_ANY)
        return mc_fail(e, CA_E_USAGE, "--status", "it takes valid, expired or revoked");
    q->now_unix = ca_now();
    return MC_OK;
}

static enum mc_rc read_numbers(const struct cli *c, struct wanted *w, struct mc_err *e)
{
    struct ledger_query *q = &w->q;
    uint64_t cat = 0, vid = 0, pid = 0;
    enum mc_rc rc = cli_number(c, "node-id", 16, 0, &q->node_id, e);

    if (rc == MC_OK)
        rc = cli_number(c, "cat", 8, 0, &cat, e);
    if (rc == MC_OK)
        rc = cli_number(c, "vid", 4, 0, &vid, e);
    if (rc == MC_OK)
        rc = cli_number(c, "pid", 4, 0, &pid, e);
    if (rc == MC_OK)
        rc = cli_number(c, "limit", 16, UINT64_MAX, &w->limit, e);
    q->has_node_id = cli_value(c, "node-id") != NULL;
    q->has_cat = cli_value(c, "cat") != NULL;
    q->has_vid = cli_value(c, "vid") != NULL;
    q->has_pid = cli_value(c, "pid") != NULL;
    q->cat = (uint32_t)cat;
    q->vid = (uint16_t)vid;
    q->pid = (uint16_t)pid;
    return rc;
}

static struct mc_span text_of(const struct cli *c, const char *option)
{
    const char *text = cli_value(c, option);

    return mc_span_of(text, text != NULL ? strlen(text) : 0);
}

static enum mc_rc read_key_id(const struct cli *c, struct wanted *w, struct mc_err *e)
{
    uint8_t id[MC_SERIAL_MAX];
    size_t n = 0;

    if (cli_value(c, "subject-key-id") == NULL)
        return MC_OK;
    if (cmd_serial(cli_value(c, "subject-key-id"), id, &n, NULL) != MC_OK || n != sizeof(w->key_id))
        return mc_fail(e, CA_E_USAGE, "--subject-key-id", "give %zu octets in hex", sizeof(w->key_id));
    memcpy(w->key_id, id, n);
    w->q.key_id = mc_span_of(w->key_id, n);
    return MC_OK;
}

static enum mc_rc read_wanted(struct cli *c, struct wanted *w, struct mc_err *e)
{
    struct ledger_query *q = &w->q;
    enum mc_rc rc = cmd_entry_type(c, &q->type, e);

    q->request_id = cli_value(c, "request-id");
    q->name = text_of(c, "name");
    q->rule = text_of(c, "rule");
    if (rc == MC_OK)
        rc = read_words(c, q, e);
    if (rc == MC_OK)
        rc = read_numbers(c, w, e);
    if (rc == MC_OK)
        rc = read_times(c, q, e);
    if (rc == MC_OK)
        rc = read_key_id(c, w, e);
    if (rc == MC_OK && cli_value(c, "serial") != NULL) {
        rc = cmd_serial(cli_value(c, "serial"), w->serial, &q->serial.n, e);
        q->serial.p = w->serial;
    }
    if (rc == MC_OK && cli_value(c, "key") != NULL) {
        rc = read_key(c, cli_value(c, "key"), w->point, e);
        q->point = w->point;
    }
    return rc;
}

static bool is_number(const char *text, uint64_t *n)
{
    return mc_number_parse(text, 16, n, NULL) == MC_OK;
}

static enum mc_rc find_authority(const struct cli *c, struct state *s, uint32_t *number, struct mc_err *e)
{
    const char *text = cli_value(c, "authority");
    struct ledger_authority a;
    uint64_t n;
    enum mc_rc rc;

    if (text == NULL)
        return MC_OK;
    if (is_number(text, &n))
        rc = n <= UINT32_MAX ? ledger_authority(s->ledger, (uint32_t)n, &a, e) : CA_E_NOT_FOUND;
    else
        rc = ledger_authority_by_name(s->ledger, text, &a, e);
    *number = rc == MC_OK ? a.number : 0;
    return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "authority", "'%.64s'", text) : rc;
}

struct batch_wanted {
    const char *name;
    uint64_t number;
};

static bool match_batch(void *arg, const struct batch_record *b)
{
    struct batch_wanted *w = arg;

    if (strcmp(b->name, w->name) == 0)
        w->number = b->number;
    return w->number == 0;
}

/* Its number is in the entries; the name is only in the state, and a restored one may have lost it. */
static enum mc_rc find_batch(const struct cli *c, struct state *s, uint64_t *number, struct mc_err *e)
{
    struct batch_wanted w = {.name = cli_value(c, "batch")};
    enum mc_rc rc = w.name != NULL ? batch_file_list(s, match_batch, &w, e) : MC_OK;

    if (rc == MC_OK && w.name != NULL && w.number == 0 && !is_number(w.name, &w.number))
        rc = mc_fail(e, CA_E_NOT_FOUND, NULL, "no batch is named '%.64s'; see 'heddle batch list'", w.name);
    *number = w.number;
    return rc;
}

enum mc_rc cmd_ledger_search(struct cli *c, struct mc_err *e)
{
    struct wanted w = {0};
    struct cmd_listing out;
    struct state s;
    enum mc_rc rc = read_wanted(c, &w, e);

    if (rc == MC_OK)
        rc = cmd_open(c, LEDGER_READ, &s, e);
    if (rc != MC_OK)
        return rc;
    rc = cmd_listing_init(&out, c, w.limit, e);
    if (rc == MC_OK)
        rc = cmd_fabric_number(c, &s, &w.q.fabric, e);
    if (rc == MC_OK)
        rc = find_authority(c, &s, &w.q.authority, e);
    if (rc == MC_OK)
        rc = find_batch(c, &s, &w.q.batch, e);
    if (rc == MC_OK)
        rc = ledger_search(s.ledger, &w.q, cmd_listing_add, &out, e);
    rc = cmd_listing_end(&out, rc, e);
    state_close(&s);
    return rc;
}
