/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from one entry alone: asked when it is appended and again when the ledger is verified. */
#include "ledger_internal.h"

#include "lib/att_chain.h"

uint64_t ledger_serial_sn(struct mc_span serial)
{
    uint64_t sn = 0;

    if (serial.n != LEDGER_SERIAL_LEN || serial.p[0] != 0x40)
        return 0;
    for (unsigned i = 1; i < 8; i++)
        sn = sn << 8 | serial.p[i];
    return sn;
}

static enum mc_rc differs(struct mc_err *e, const char *field)
{
    return mc_fail(e, CA_E_LEDGER, field, "not what the certificate in the entry says");
}

static enum mc_rc parse_cert(const struct mc_entry *x, struct ledger_facts *f, struct mc_err *e)
{
    struct mc_err why;
    enum mc_rc rc;

    mc_err_init(&why);
    if (x->cert_tlv.n != 0)
        rc = mc_cert_parse_tlv(x->cert_tlv, &f->cert, &why);
    else
        rc = mc_cert_parse_der(x->cert_der, MC_RULES_X509, &f->cert, &why);
    if (rc != MC_OK)
        return mc_fail(e, CA_E_LEDGER, "certificate", "%s: %s", mc_rc_rule(rc), why.field);
    if (f->cert.point.n != MC_POINT_LEN)
        return mc_fail(e, CA_E_LEDGER, "certificate", "its key is no P-256 point");
    f->has_cert = true;
    f->not_after_unix = f->cert.not_after_unix;
    return MC_OK;
}

/* Attestation authorities are known by their names and belong to no fabric; the others have none. */
static enum mc_rc check_authority(const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    if (!mc_span_eq(x->point, f->cert.point))
        return differs(e, "point");
    if (mc_kind_is_attestation(x->kind) != (x->name.n != 0))
        return mc_fail(e, CA_E_LEDGER, "name", "an attestation authority, and no other, has a name");
    if (x->name.n != 0 && (x->fabric != 0 || x->cert_der.n == 0 || x->kind == MC_KIND_DAC))
        return mc_fail(e, CA_E_LEDGER, "kind", "an attestation authority has no fabric, and its certificate as DER");
    return MC_OK;
}

/* An adopted authority has no serial of ours in its entry. */
static enum mc_rc check_cert(const struct mc_entry *x, struct ledger_facts *f, struct mc_err *e)
{
    uint64_t node_id = 0;

    if (x->serial.n != 0 && !mc_span_eq(x->serial, f->cert.serial))
        return differs(e, "serial");
    if (x->kind != mc_cert_kind(&f->cert))
        return differs(e, "kind");
    if (x->type == ENTRY_AUTHORITY)
        return check_authority(x, f, e);
    if (x->name.n != 0 && (x->kind != MC_KIND_DAC || x->fabric != 0))
        return mc_fail(e, CA_E_LEDGER, "name", "of the certificates that were issued only a DAC has one");
    f->is_noc = x->kind == MC_KIND_NOC;
    f->is_node = f->is_noc;
    if (!f->is_noc)
        return MC_OK;
    if (x->fabric == 0 || !x->has_node_id)
        return mc_fail(e, CA_E_LEDGER, "node_id", "the entry of a NOC has a fabric and a node id");
    if (!mc_dn_find(&f->cert.subject, MC_ATTR_NODE_ID, &node_id) || node_id != x->node_id)
        return differs(e, "node_id");
    return MC_OK;
}

/* A request id can be chosen so that its 64 bits are those of the key: the pair is there once then. */
static enum mc_rc add_key(
    struct mc_verifier *v, struct ledger_facts *f, enum lookup_kind kind, uint32_t fabric, struct mc_span key)
{
    uint64_t h;
    enum mc_rc rc = lookup_hash(v, kind, fabric, key, &h);

    for (unsigned i = 0; rc == MC_OK && i < f->n; i++)
        if (f->h[i] == h)
            return MC_OK;
    f->h[f->n++] = h;
    return rc;
}

bool ledger_device_key(const struct mc_entry *x, const struct ledger_facts *f, uint8_t key[LEDGER_DEVICE_KEY_MAX], size_t *n)
{
    struct mc_att_ids ids;

    if (x->kind != MC_KIND_DAC || x->name.n == 0 || mc_att_ids_of(&f->cert, &ids, NULL) != MC_OK)
        return false;
    *n = ledger_device_key_of(ids.vid, ids.pid, x->name, key);
    return true;
}

static enum mc_rc find_keys(struct mc_verifier *v, const struct mc_entry *x, struct ledger_facts *f)
{
    uint8_t node_id[8], device[LEDGER_DEVICE_KEY_MAX];
    size_t n;
    enum mc_rc rc = f->has_cert ? add_key(v, f, LOOKUP_KEY, 0, f->cert.point) : MC_OK;

    lookup_be64(node_id, x->node_id);
    if (rc == MC_OK && f->is_node)
        rc = add_key(v, f, LOOKUP_NODE, x->fabric, mc_span_of(node_id, sizeof(node_id)));
    if (rc == MC_OK && x->request_id.n != 0)
        rc = add_key(v, f, LOOKUP_REQUEST, x->fabric, x->request_id);
    if (rc == MC_OK && ledger_device_key(x, f, device, &n))
        rc = add_key(v, f, LOOKUP_DEVICE, 0, mc_span_of(device, n));
    return rc;
}

enum mc_rc ledger_facts_of(
    struct mc_verifier *v, const struct mc_entry *x, struct ledger_facts *f, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    f->sn = f->revoked = 0;
    f->not_after_unix = 0;
    f->has_cert = f->is_noc = f->is_node = false;
    f->n = 0;
    if (x->type == ENTRY_DECISION && !ledger_decided_of(x, &(struct ledger_decided){0}))
        return mc_fail(e, CA_E_LEDGER, "rule", "not a decision, or not what such a one speaks of");
    if (x->serial.n != 0 && (f->sn = ledger_serial_sn(x->serial)) == 0)
        return mc_fail(e, CA_E_LEDGER, "serial", "not a serial number of this ledger's form");
    if (x->type == ENTRY_REVOKED) {
        f->revoked = f->sn;
        f->sn = 0;
    }
    if (x->cert_tlv.n != 0 || x->cert_der.n != 0)
        rc = parse_cert(x, f, e);
    if (rc == MC_OK && f->has_cert)
        rc = check_cert(x, f, e);
    if (rc == MC_OK && x->type == ENTRY_ADOPTED && !f->has_cert) {
        f->is_node = true;
        if (mc_node_id_check(x->node_id) != MC_OK)
            return mc_fail(e, CA_E_LEDGER, "node_id", "not the id of a node");
    }
    if (rc == MC_OK && ledger_is_node_cert(x) && (rc = find_keys(v, x, f)) != MC_OK)
        rc = mc_fail(e, rc, NULL, NULL);
    return rc;
}
