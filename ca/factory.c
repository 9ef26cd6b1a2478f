/* SPDX-License-Identifier: Apache-2.0 */
#include "factory.h"

#include "hsm/hsm.h"
#include "lib/pubkey.h"

enum {
    KEY_RANDOM_LEN = 48, /* so that reducing it leaves no bias */
    PASSCODE_BITS = 27,
    PASSCODE_TRIES = 64, /* each fails with probability 1/4 */
    SERIAL_OCTETS = 8,
    INFO_MAX = sizeof(DEVICE_SCHEMA) + DEVICE_ID_MAX,
};

void device_wipe(struct device *d)
{
    hsm_wipe(d, sizeof(*d));
}

static bool is_visible(const char *text, size_t max)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return false;
    return n >= 1 && n <= max;
}

enum mc_rc factory_check(const char *id, const struct factory_options *o, struct mc_err *e)
{
    uint32_t iterations = o->iterations != 0 ? o->iterations : FACTORY_ITERATIONS;
    struct mc_payload p = {
        .has_ids = true,
        .vid = o->vid,
        .pid = o->pid,
        .flow = o->flow,
        .rendezvous = o->rendezvous,
        .discriminator = (uint16_t)(o->discriminator == FACTORY_DERIVED ? 0 : o->discriminator),
        .passcode = (uint32_t)(o->passcode == FACTORY_DERIVED ? 1 : o->passcode),
    };

    if (!is_visible(id, DEVICE_ID_MAX))
        return mc_fail(e, CA_E_DEVICE, "id", "1 to %d visible ASCII characters are wanted", DEVICE_ID_MAX);
    if (o->serial_number != NULL && !is_visible(o->serial_number, DEVICE_SERIAL_MAX))
        return mc_fail(e, CA_E_DEVICE, "serial_number", "1 to %d visible ASCII characters are wanted", DEVICE_SERIAL_MAX);
    if (o->vid == 0 || o->pid == 0)
        return mc_fail(e, CA_E_DEVICE, o->vid == 0 ? "vid" : "pid", "a DAC has one that is not 0");
    if (o->discriminator != FACTORY_DERIVED && (o->discriminator < 0 || o->discriminator > MC_DISCRIMINATOR_MAX))
        return mc_fail(e, MC_E_PAYLOAD_FIELD, "discriminator", "it is not between 0 and 4095");
    if (o->passcode != FACTORY_DERIVED && (o->passcode < 0 || o->passcode > MC_PASSCODE_MAX))
        return mc_fail(e, MC_E_PASSCODE, "passcode", NULL);
    if (iterations < MC_SPAKE_ITERATIONS_MIN || iterations > MC_SPAKE_ITERATIONS_MAX)
        return mc_fail(e, MC_E_SPAKE, "iterations", "%u is not between 1000 and 100000", (unsigned)iterations);
    return mc_payload_check(&p, e);
}

/* What comes of the seed for one device, in this order: one call makes all of it. */
struct derived {
    uint8_t key[KEY_RANDOM_LEN], passcode[4 * PASSCODE_TRIES], discriminator[2], salt[FACTORY_SALT_LEN];
    uint8_t serial[SERIAL_OCTETS], rotating_id[DEVICE_ROTATING_ID_LEN];
};

static enum mc_rc derive(const uint8_t seed[FACTORY_SEED_LEN], const char *id, struct derived *out)
{
    uint8_t info[INFO_MAX];
    struct mc_out o = mc_out_of(info, sizeof(info));

    mc_out_put(&o, DEVICE_SCHEMA, sizeof(DEVICE_SCHEMA));
    mc_out_put(&o, id, strlen(id));
    if (o.rc != MC_OK)
        return o.rc;
    return mc_hkdf(mc_span_of(seed, FACTORY_SEED_LEN), mc_span_of(NULL, 0), mc_span_of(info, o.n), (uint8_t *)out, sizeof(*out));
}

/* The first of many tries that is allowed: so each allowed passcode is as likely as any other. */
static enum mc_rc choose_passcode(const uint8_t tries[4 * PASSCODE_TRIES], uint32_t *passcode)
{
    for (unsigned i = 0; i < PASSCODE_TRIES; i++) {
        const uint8_t *t = tries + 4 * i;
        uint32_t v = (uint32_t)t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 | (uint32_t)t[3] << 24;

        *passcode = v & ((UINT32_C(1) << PASSCODE_BITS) - 1);
        if (mc_passcode_allowed(*passcode))
            return MC_OK;
    }
    return MC_E_CRYPTO;
}

struct mc_payload factory_payload(const struct device *d)
{
    return (struct mc_payload){
        .has_ids = true,
        .vid = d->vid,
        .pid = d->pid,
        .flow = d->flow,
        .rendezvous = d->rendezvous,
        .discriminator = d->discriminator,
        .passcode = d->passcode,
    };
}

static enum mc_rc make_codes(struct device *d, struct mc_err *e)
{
    struct mc_payload p = factory_payload(d);
    enum mc_rc rc = mc_qr_encode(&p, d->qr, e);

    return rc == MC_OK ? mc_manual_encode(&p, d->manual, e) : rc;
}

static void take_told(const struct factory_options *o, struct device *d)
{
    d->vid = o->vid;
    d->pid = o->pid;
    d->flow = o->flow;
    d->rendezvous = o->rendezvous;
    d->iterations = o->iterations != 0 ? o->iterations : FACTORY_ITERATIONS;
    d->discriminator = (uint16_t)o->discriminator;
    d->passcode = (uint32_t)o->passcode;
    d->has_key = o->make_key;
    if (o->serial_number != NULL)
        memcpy(d->serial_number, o->serial_number, strlen(o->serial_number));
}

static enum mc_rc take_derived(const struct derived *from, const struct factory_options *o, struct device *d)
{
    enum mc_rc rc = MC_OK;

    d->salt_n = FACTORY_SALT_LEN;
    memcpy(d->salt, from->salt, FACTORY_SALT_LEN);
    memcpy(d->rotating_id, from->rotating_id, sizeof(d->rotating_id));
    if (o->serial_number == NULL)
        mc_hex_encode_upper(from->serial, sizeof(from->serial), d->serial_number);
    if (o->discriminator == FACTORY_DERIVED)
        d->discriminator = (uint16_t)((from->discriminator[0] | from->discriminator[1] << 8) & MC_DISCRIMINATOR_MAX);
    if (o->passcode == FACTORY_DERIVED)
        rc = choose_passcode(from->passcode, &d->passcode);
    if (rc == MC_OK && d->has_key)
        rc = mc_p256_key_of(mc_span_of(from->key, sizeof(from->key)), d->key, d->point);
    return rc;
}

static enum mc_rc fill(
    const uint8_t seed[FACTORY_SEED_LEN], const struct factory_options *o, struct device *d, struct mc_err *e)
{
    struct derived derived;
    enum mc_rc rc = derive(seed, d->id, &derived);

    take_told(o, d);
    if (rc == MC_OK)
        rc = take_derived(&derived, o, d);
    hsm_wipe(&derived, sizeof(derived));
    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    rc = mc_spake_verifier(d->passcode, mc_span_of(d->salt, d->salt_n), d->iterations, d->verifier, e);
    return rc == MC_OK ? make_codes(d, e) : rc;
}

enum mc_rc factory_make(const uint8_t seed[FACTORY_SEED_LEN], const char *id, const struct factory_options *o,
    struct device *out, struct mc_err *e)
{
    enum mc_rc rc;

    memset(out, 0, sizeof(*out));
    rc = factory_check(id, o, e);
    if (rc != MC_OK)
        return rc;
    memcpy(out->id, id, strlen(id));
    rc = fill(seed, o, out, e);
    if (rc != MC_OK)
        device_wipe(out);
    return rc;
}
