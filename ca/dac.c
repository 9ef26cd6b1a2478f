/* SPDX-License-Identifier: Apache-2.0 */
#include "dac.h"

#include <stdio.h>

#include "lib/att_chain.h"
#include "lib/tlv.h"

/*
 * Canonically: { 0 kind, 5 PAI, 6 VID, 7 PID, 8 serial number (absent: none), 4 public key (absent: one is made) } in
 * ascending order of tags.
 */
enum mc_rc dac_content(struct mc_verifier *v, uint32_t pai, struct dac_request *r, char own_id[REQUEST_OWN_ID_MAX])
{
    uint8_t text[256];
    struct mc_out o = mc_out_of(text, sizeof(text));
    size_t serial_n = strlen(r->serial_number);
    enum mc_rc rc;

    mc_tlv_begin(&o, MC_TLV_STRUCT, MC_TLV_ANONYMOUS);
    mc_tlv_put_uint(&o, 0, MC_KIND_DAC);
    if (r->point != NULL)
        mc_tlv_put_bytes(&o, 4, mc_span_of(r->point, MC_POINT_LEN));
    mc_tlv_put_uint(&o, 5, pai);
    mc_tlv_put_uint(&o, 6, r->vid);
    mc_tlv_put_uint(&o, 7, r->pid);
    if (serial_n != 0)
        mc_tlv_put_utf8(&o, 8, mc_span_of(r->serial_number, serial_n));
    mc_tlv_close(&o);
    rc = o.rc != MC_OK ? o.rc : mc_sha256(v, mc_span_of(text, o.n), r->content_sha256);
    if (rc == MC_OK && own_id != NULL) {
        request_own_id(r->content_sha256, own_id);
        r->request_id = own_id;
    }
    return rc;
}

/* --- policy ---------------------------------------------------------------------------------------------- */

static bool same_product(const struct mc_entry *x, const struct dac_request *r)
{
    struct mc_att_ids ids;
    struct mc_cert c;

    return x->kind == MC_KIND_DAC && mc_cert_parse_der(x->cert_der, MC_RULES_X509, &c, NULL) == MC_OK &&
           mc_att_ids_of(&c, &ids, NULL) == MC_OK && ids.vid == r->vid && ids.pid == r->pid;
}

/* A key that is made here is nobody's. */
static enum mc_rc check_key_free(struct state *s, const struct dac_request *r, struct mc_err *e)
{
    struct ledger_row row;
    bool found;
    enum mc_rc rc;

    if (r->point == NULL)
        return MC_OK;
    rc = ledger_is_authority_key(s->ledger, r->point, &found, e);
    if (rc == MC_OK && found)
        return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "it is the key of an authority");
    if (rc == MC_OK)
        rc = request_maybe(ledger_find_key(s->ledger, r->point, &row, e), &found, e);
    if (rc != MC_OK || !found || same_product(&row.x, r))
        return rc;
    return mc_fail(e, CA_E_KEY_TAKEN, "csr.key", "a certificate for something else has it (entry %llu)",
        (unsigned long long)row.seq);
}

static enum mc_rc check_device_free(struct state *s, const struct dac_request *r, struct mc_err *e)
{
    struct mc_span number = mc_span_of(r->serial_number, strlen(r->serial_number));
    struct ledger_row row;
    bool found;
    enum mc_rc rc;

    if (number.n == 0)
        return MC_OK;
    rc = request_maybe(ledger_find_device(s->ledger, r->vid, r->pid, number, &row, e), &found, e);
    return rc == MC_OK && found
               ? mc_fail(e, CA_E_DEVICE_TAKEN, "serial_number", "entry %llu", (unsigned long long)row.seq)
               : rc;
}

/* What a commissioner would answer, before a serial number is used up. */
static enum mc_rc check_product(const struct dac_line *line, const struct dac_request *r, struct mc_err *e)
{
    const struct mc_request q = {.has_vid = true, .has_pid = true, .vid = r->vid, .pid = r->pid};

    return mc_profile_check_product(MC_KIND_DAC, &q, &line->pai->cert, e);
}

enum mc_rc dac_decide(
    struct state *s, const struct dac_line *line, const struct dac_request *r, struct issued *out, struct mc_err *e)
{
    enum mc_rc rc;

    out->repeated = out->replaces = false;
    rc = request_find(s, 0, r->request_id, r->content_sha256, out, e);
    if (rc != MC_OK || out->repeated)
        return rc;
    rc = check_product(line, r, e);
    if (rc == MC_OK)
        rc = check_key_free(s, r, e);
    if (rc == MC_OK)
        rc = check_device_free(s, r, e);
    return rc == MC_OK ? attestation_check_not_revoked(s, line->pai, line->pai_name, e) : rc;
}

/* --- issuing --------------------------------------------------------------------------------------------- */

/* The subject of each DAC is another one: its key tells it apart. VID and PID need 20 octets where they stand behind. */
static void name_it(const struct dac_line *line, struct issue *i)
{
    char id[17];
    int cut = line->profile->profile.ids_in_common_name ? 23 : 43;

    mc_hex_encode_upper(i->request.key_id, 8, id);
    snprintf(i->common_name, sizeof(i->common_name), "%.*s DAC %s", cut, line->pai_name, id);
    i->request.common_name = mc_span_of(i->common_name, strlen(i->common_name));
}

enum mc_rc dac_fill(struct mc_verifier *v, const struct dac_line *line, const struct dac_request *r,
    const uint8_t *point, struct issue *i, struct mc_err *e)
{
    enum mc_rc rc = mc_key_id(v, point, i->request.key_id);

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    i->kind = MC_KIND_DAC;
    i->fabric = 0;
    memcpy(i->input_sha256, r->input_sha256, sizeof(i->input_sha256));
    memcpy(i->content_sha256, r->content_sha256, sizeof(i->content_sha256));
    i->request.point = point;
    i->request.has_vid = i->request.has_pid = true;
    i->request.vid = r->vid;
    i->request.pid = r->pid;
    i->request.crl_points = line->crl_points;
    name_it(line, i);
    return MC_OK;
}

static bool is_zero(const uint8_t hash[MC_DIGEST_LEN])
{
    static const uint8_t none[MC_DIGEST_LEN];

    return memcmp(hash, none, sizeof(none)) == 0;
}

void dac_entry(const struct issue *i, const struct dac_request *r, struct mc_entry *x)
{
    issue_entry(i, ENTRY_ISSUED, x);
    x->authority = i->issuer->number;
    x->request_id = mc_span_of(r->request_id, strlen(r->request_id));
    if (!is_zero(r->input_sha256))
        x->csr_sha256 = mc_span_of(r->input_sha256, sizeof(r->input_sha256));
    x->content_sha256 = mc_span_of(r->content_sha256, sizeof(r->content_sha256));
    x->name = mc_span_of(r->serial_number, strlen(r->serial_number));
    x->batch = i->intent.batch;
}

void dac_refusal(const struct dac_line *line, const struct dac_request *r, const struct mc_err *why, struct mc_entry *x)
{
    const char *rule = mc_rc_rule(why->rc);

    *x = (struct mc_entry){
        .type = ENTRY_REFUSED,
        .time_unix = ca_now(),
        .authority = line->pai->number,
        .request_id = mc_span_of(r->request_id, strlen(r->request_id)),
        .kind = MC_KIND_DAC,
        .rule = mc_span_of(rule, strlen(rule)),
        .why = mc_span_of(why->what, strlen(why->what)),
    };
    if (!is_zero(r->input_sha256))
        x->csr_sha256 = mc_span_of(r->input_sha256, sizeof(r->input_sha256));
}

enum mc_rc dac_seal(const struct recipient *to, struct device *d, struct mc_span dac, struct mc_span pai,
    uint8_t out[SEALED_MAX], size_t *n, struct mc_err *e)
{
    uint8_t text[DEVICE_JSON_MAX];
    size_t len = 0;
    enum mc_rc rc;

    memcpy(d->dac, dac.p, d->dac_n = dac.n);
    memcpy(d->pai, pai.p, d->pai_n = pai.n);
    rc = device_json_put(d, text, sizeof(text), &len, e);
    if (rc == MC_OK)
        rc = recipient_seal(to, mc_span_of(text, len), out, SEALED_MAX, n, e);
    hsm_wipe(text, sizeof(text));
    return rc;
}

/* --- one request ----------------------------------------------------------------------------------------- */

struct one {
    const struct dac_line *line;
    const struct dac_request *r;
};

static enum mc_rc decide_one(const void *arg, struct state *s, struct issued *out, struct mc_err *e)
{
    const struct one *o = arg;

    return dac_decide(s, o->line, o->r, out, e);
}

static void entry_of_one(const void *arg, const struct issue *i, struct mc_entry *x)
{
    const struct one *o = arg;

    dac_entry(i, o->r, x);
}

static void refusal_of_one(const void *arg, const struct mc_err *why, struct mc_entry *x)
{
    const struct one *o = arg;

    dac_refusal(o->line, o->r, why, x);
}

enum mc_rc dac_issue(struct state *s, const struct dac_line *line, const struct dac_request *r,
    const uint8_t *point, struct issued *out, struct mc_err *e)
{
    static const struct request_ops ops = {decide_one, NULL, entry_of_one, refusal_of_one};
    const struct one one = {line, r};
    struct issue i = {.profile = line->profile, .issuer = line->pai, .request_id = r->request_id};
    enum mc_rc rc = dac_fill(s->verifier, line, r, point, &i, e);

    return rc == MC_OK ? request_run(s, &ops, &one, &i, out, e) : rc;
}
