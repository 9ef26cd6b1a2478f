/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a device, heddle.device/1: written without a heap, read strictly. */
#include <stdio.h>

#include "factory.h"
#include "hsm/hsm.h"
#include "lib/att_chain.h"
#include "lib/cli/json_read.h"
#include "put.h"

/* --- writing --------------------------------------------------------------------------------------- */

static void put_name(struct mc_out *o, const char *name)
{
    put_text(o, o->n > 1 && o->p[o->n - 1] != '{' ? ", " : "");
    put_json_string(o, name);
    put_text(o, ": ");
}

static void string_member(struct mc_out *o, const char *name, const char *value)
{
    put_name(o, name);
    put_json_string(o, value);
}

static void octets_member(struct mc_out *o, const char *name, const uint8_t *p, size_t n)
{
    put_name(o, name);
    put_text(o, "\"");
    put_base64(o, p, n);
    put_text(o, "\"");
}

static void number_member(struct mc_out *o, const char *name, uint32_t value)
{
    put_name(o, name);
    put_number(o, value);
}

static void id_member(struct mc_out *o, const char *name, uint16_t id)
{
    char text[8];

    snprintf(text, sizeof(text), "0x%04X", id);
    string_member(o, name, text);
}

enum mc_rc device_json_put(const struct device *d, uint8_t *out, size_t cap, size_t *n, struct mc_err *e)
{
    struct mc_out o = mc_out_of(out, cap);

    put_text(&o, "{");
    string_member(&o, "schema", DEVICE_SCHEMA);
    string_member(&o, "id", d->id);
    id_member(&o, "vid", d->vid);
    id_member(&o, "pid", d->pid);
    string_member(&o, "serial_number", d->serial_number);
    octets_member(&o, "dac", d->dac, d->dac_n);
    octets_member(&o, "pai", d->pai, d->pai_n);
    if (d->has_key)
        octets_member(&o, "key", d->key, sizeof(d->key));
    number_member(&o, "discriminator", d->discriminator);
    number_member(&o, "passcode", d->passcode);
    put_name(&o, "spake2p");
    put_text(&o, "{");
    number_member(&o, "iterations", d->iterations);
    octets_member(&o, "salt", d->salt, d->salt_n);
    octets_member(&o, "verifier", d->verifier, sizeof(d->verifier));
    put_text(&o, "}");
    octets_member(&o, "rotating_id", d->rotating_id, sizeof(d->rotating_id));
    string_member(&o, "flow", mc_flow_name(d->flow));
    number_member(&o, "rendezvous", d->rendezvous);
    string_member(&o, "qr", d->qr);
    string_member(&o, "manual", d->manual);
    put_text(&o, "}");
    *n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, "device", NULL);
}

/* --- reading --------------------------------------------------------------------------------------- */

static const char *const members[] = {"schema", "id", "vid", "pid", "serial_number", "dac", "pai", "key", "discriminator",
    "passcode", "spake2p", "rotating_id", "flow", "rendezvous", "qr", "manual", NULL};
static const char *const spake_members[] = {"iterations", "salt", "verifier", NULL};

static enum mc_rc take_text(
    const struct json_t *j, const char *name, char *out, size_t cap, struct mc_err *e)
{
    const char *text = "";
    size_t n;
    enum mc_rc rc = json_read_string(j, "", name, &text, e);

    if (rc != MC_OK)
        return rc;
    n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return mc_fail(e, CA_E_DEVICE, name, "visible ASCII is wanted");
    if (n == 0 || n >= cap)
        return mc_fail(e, CA_E_DEVICE, name, "1 to %zu characters are wanted", cap - 1);
    memcpy(out, text, n + 1);
    return MC_OK;
}

/* Octets of exactly n. */
static enum mc_rc take_octets(
    const struct json_t *j, const char *where, const char *name, uint8_t *out, size_t n, struct mc_err *e)
{
    size_t got = 0;
    enum mc_rc rc = json_read_base64(j, where, name, out, n, &got, e);

    return rc != MC_OK || got == n ? rc : mc_fail(e, CA_E_DEVICE, name, "%zu octets where %zu are wanted", got, n);
}

static enum mc_rc take_names(const struct json_t *j, struct device *d, struct mc_err *e)
{
    char schema[32], flow[16];
    enum mc_rc rc = take_text(j, "schema", schema, sizeof(schema), e);

    if (rc == MC_OK && strcmp(schema, DEVICE_SCHEMA) != 0)
        return mc_fail(e, CA_E_DEVICE, "schema", "it is not " DEVICE_SCHEMA);
    if (rc == MC_OK)
        rc = take_text(j, "id", d->id, sizeof(d->id), e);
    if (rc == MC_OK)
        rc = take_text(j, "serial_number", d->serial_number, sizeof(d->serial_number), e);
    if (rc == MC_OK)
        rc = take_text(j, "qr", d->qr, sizeof(d->qr), e);
    if (rc == MC_OK)
        rc = take_text(j, "manual", d->manual, sizeof(d->manual), e);
    if (rc == MC_OK)
        rc = take_text(j, "flow", flow, sizeof(flow), e);
    if (rc != MC_OK)
        return rc;
    for (d->flow = MC_FLOW_STANDARD; d->flow <= MC_FLOW_CUSTOM; d->flow++)
        if (strcmp(flow, mc_flow_name(d->flow)) == 0)
            return MC_OK;
    return mc_fail(e, CA_E_DEVICE, "flow", "it is standard, user-action or custom");
}

static enum mc_rc take_numbers(const struct json_t *j, struct device *d, struct mc_err *e)
{
    uint64_t vid = 0, pid = 0, discriminator = 0, passcode = 0, rendezvous = 0;
    enum mc_rc rc = json_read_uint(j, "", "vid", UINT16_MAX, &vid, e);

    if (rc == MC_OK)
        rc = json_read_uint(j, "", "pid", UINT16_MAX, &pid, e);
    if (rc == MC_OK)
        rc = json_read_uint(j, "", "discriminator", MC_DISCRIMINATOR_MAX, &discriminator, e);
    if (rc == MC_OK)
        rc = json_read_uint(j, "", "passcode", MC_PASSCODE_MAX, &passcode, e);
    if (rc == MC_OK)
        rc = json_read_uint(j, "", "rendezvous", UINT8_MAX, &rendezvous, e);
    d->vid = (uint16_t)vid;
    d->pid = (uint16_t)pid;
    d->discriminator = (uint16_t)discriminator;
    d->passcode = (uint32_t)passcode;
    d->rendezvous = (uint8_t)rendezvous;
    return rc;
}

static enum mc_rc take_spake(const struct json_t *j, struct device *d, struct mc_err *e)
{
    const struct json_t *s = json_read_member(j, "spake2p");
    uint64_t iterations = 0;
    enum mc_rc rc;

    if (s == NULL)
        return mc_fail(e, CA_E_DEVICE, "spake2p", "it is missing");
    rc = json_read_object(s, "spake2p", spake_members, e);
    if (rc == MC_OK)
        rc = json_read_uint(s, "spake2p", "iterations", MC_SPAKE_ITERATIONS_MAX, &iterations, e);
    if (rc == MC_OK)
        rc = json_read_base64(s, "spake2p", "salt", d->salt, sizeof(d->salt), &d->salt_n, e);
    if (rc == MC_OK)
        rc = take_octets(s, "spake2p", "verifier", d->verifier, sizeof(d->verifier), e);
    d->iterations = (uint32_t)iterations;
    return rc;
}

static enum mc_rc take_all(const struct json_t *j, struct device *d, struct mc_err *e)
{
    enum mc_rc rc = json_read_object(j, "", members, e);

    if (rc == MC_OK)
        rc = take_names(j, d, e);
    if (rc == MC_OK)
        rc = take_numbers(j, d, e);
    if (rc == MC_OK)
        rc = take_spake(j, d, e);
    if (rc == MC_OK)
        rc = json_read_base64(j, "", "dac", d->dac, sizeof(d->dac), &d->dac_n, e);
    if (rc == MC_OK)
        rc = json_read_base64(j, "", "pai", d->pai, sizeof(d->pai), &d->pai_n, e);
    if (rc == MC_OK)
        rc = take_octets(j, "", "rotating_id", d->rotating_id, sizeof(d->rotating_id), e);
    d->has_key = json_read_has(j, "key");
    if (rc == MC_OK && d->has_key)
        rc = take_octets(j, "", "key", d->key, sizeof(d->key), e);
    return rc;
}

/* --- what belongs together ------------------------------------------------------------------------- */

static enum mc_rc check_dac(struct device *d, struct mc_err *e)
{
    uint8_t point[MC_POINT_LEN];
    struct mc_att_ids ids;
    struct mc_cert c;
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(d->pai, d->pai_n), MC_RULES_X509, &c, NULL);

    if (rc != MC_OK)
        return mc_fail(e, rc, "pai", NULL);
    rc = mc_cert_parse_der(mc_span_of(d->dac, d->dac_n), MC_RULES_X509, &c, NULL);
    if (rc != MC_OK)
        return mc_fail(e, rc, "dac", NULL);
    if (!c.p256)
        return mc_fail(e, CA_E_DEVICE, "dac", "its key is not on P-256");
    rc = mc_att_ids_of(&c, &ids, e);
    if (rc != MC_OK)
        return rc;
    if (!ids.has_vid || ids.vid != d->vid)
        return mc_fail(e, CA_E_DEVICE, "vid", "it is not the one of the DAC");
    if (!ids.has_pid || ids.pid != d->pid)
        return mc_fail(e, CA_E_DEVICE, "pid", "it is not the one of the DAC");
    memcpy(d->point, c.point.p, MC_POINT_LEN);
    if (d->has_key && (mc_p256_point_of(d->key, point) != MC_OK || memcmp(point, d->point, MC_POINT_LEN) != 0))
        return mc_fail(e, CA_E_DEVICE, "key", "it is not the key of the DAC");
    return MC_OK;
}

static enum mc_rc check_secrets(const struct device *d, struct mc_err *e)
{
    uint8_t verifier[MC_SPAKE_VERIFIER_LEN];
    enum mc_rc rc = mc_spake_verifier(d->passcode, mc_span_of(d->salt, d->salt_n), d->iterations, verifier, e);
    bool same = rc == MC_OK && memcmp(verifier, d->verifier, sizeof(verifier)) == 0;

    hsm_wipe(verifier, sizeof(verifier));
    return rc != MC_OK || same ? rc : mc_fail(e, CA_E_DEVICE, "spake2p.verifier", "it is not the one of the passcode");
}

static enum mc_rc check_codes(const struct device *d, struct mc_err *e)
{
    char qr[MC_QR_LEN + 1], manual[MC_MANUAL_MAX + 1];
    struct mc_payload p = factory_payload(d);
    enum mc_rc rc = mc_qr_encode(&p, qr, e);

    if (rc == MC_OK)
        rc = mc_manual_encode(&p, manual, e);
    if (rc != MC_OK)
        return rc;
    if (strcmp(qr, d->qr) != 0)
        rc = mc_fail(e, CA_E_DEVICE, "qr", "it does not hold the fields of the record");
    else if (strcmp(manual, d->manual) != 0)
        rc = mc_fail(e, CA_E_DEVICE, "manual", "it does not hold the fields of the record");
    hsm_wipe(qr, sizeof(qr));
    hsm_wipe(manual, sizeof(manual));
    return rc;
}

enum mc_rc device_json_parse(struct mc_span text, struct device *out, struct mc_err *e)
{
    struct json_t *j = NULL;
    /* What the parser says quotes its input. */
    enum mc_rc rc = json_read_text(text, &j, NULL);

    memset(out, 0, sizeof(*out));
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, "the record of a device is one JSON object");
    rc = take_all(j, out, e);
    json_read_free(j);
    if (rc == MC_OK)
        rc = check_codes(out, e);
    if (rc == MC_OK)
        rc = check_dac(out, e);
    if (rc == MC_OK)
        rc = check_secrets(out, e);
    if (rc != MC_OK)
        device_wipe(out);
    return rc;
}
