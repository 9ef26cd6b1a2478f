/* SPDX-License-Identifier: Apache-2.0 */
/* ledger search: entries by everything that they can be known by. */
#include "cmd_ledger.h"

#include "lib/armor.h"
#include "lib/csr.h"

const struct cli_option ledger_search_options[] = {
    {"fabric", "NAME", "only in this fabric", false, false, 0},
    {"node-id", "0xID", "of this node", false, false, 0},
    {"serial", "HEX", "with this serial number", false, false, 0},
    {"key", "HEX|FILE", "with this public key: its point in hex, or a file with it (key, CSR or certificate)", false,
        false, 0},
    {"cat", "0xTAGVERS", "with this CASE authenticated tag", false, false, 0},
    {"request-id", "ID", "of this request", false, false, 0},
    {"type", "TYPE", "of this type: issued, void, refused, authority, ...", false, false, 0},
    {"issued-after", "TIME", "recorded at this time or later", false, false, 0},
    {"issued-before", "TIME", "recorded before this time", false, false, 0},
    {"expires-before", "TIME", "with a certificate that expires before this time", false, false, 0},
    {"limit", "N", "at most N entries", false, false, 0},
    {0},
};

#define FILE_MAX 65536

/* What the query points into. */
struct wanted {
    struct ledger_query q;
    uint8_t serial[MC_SERIAL_MAX], point[MC_POINT_LEN];
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
    return rc == MC_OK ? read_time(c, "expires-before", &q->expires_before_unix, e) : rc;
}

static enum mc_rc read_wanted(struct cli *c, struct wanted *w, struct mc_err *e)
{
    struct ledger_query *q = &w->q;
    uint64_t cat = 0;
    enum mc_rc rc = cmd_entry_type(c, &q->type, e);

    q->request_id = cli_value(c, "request-id");
    q->has_node_id = cli_value(c, "node-id") != NULL;
    q->has_cat = cli_value(c, "cat") != NULL;
    if (rc == MC_OK)
        rc = cli_number(c, "node-id", 16, 0, &q->node_id, e);
    if (rc == MC_OK)
        rc = cli_number(c, "cat", 8, 0, &cat, e);
    q->cat = (uint32_t)cat;
    if (rc == MC_OK)
        rc = cli_number(c, "limit", 16, UINT64_MAX, &w->limit, e);
    if (rc == MC_OK)
        rc = read_times(c, q, e);
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
        rc = ledger_search(s.ledger, &w.q, cmd_listing_add, &out, e);
    rc = cmd_listing_end(&out, rc, e);
    state_close(&s);
    return rc;
}
