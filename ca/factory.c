/* SPDX-License-Identifier: Apache-2.0 */
#include "factory.h"

#include "hsm/hsm.h"
#include "lib/pubkey.h"

enum {
    KEY_RANDOM_LEN = 48, /* so that reducing it leaves no bias */
    PASSCODE_BITS = 27,
    PASSCODE_TRIES = 64, /* each fails with probability 1/4 */
    SERIAL_OCTETS = 8,
    INFO_MAX = 64 + DEVICE_ID_MAX,
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

/* The octets that are derived for one purpose of one device. */
static enum mc_rc derive(
    const uint8_t seed[FACTORY_SEED_LEN], const char *what, const char *id, uint8_t *out, size_t n)
{
    uint8_t info[INFO_MAX];
    struct mc_out o = mc_out_of(info, sizeof(info));

    mc_out_put(&o, DEVICE_SCHEMA, sizeof(DEVICE_SCHEMA));
    mc_out_put(&o, what, strlen(what) + 1);
    mc_out_put(&o, id, strlen(id));
    if (o.rc != MC_OK)
        return o.rc;
    return mc_hkdf(mc_span_of(seed, FACTORY_SEED_LEN), mc_span_of(NULL, 0), mc_span_of(info, o.n), out, n);
}

/* The first of many tries that is allowed: so each allowed passcode is as likely as any other. */
static enum mc_rc derive_passcode(const uint8_t seed[FACTORY_SEED_LEN], const char *id, uint32_t *passcode)
{
    uint8_t tries[4 * PASSCODE_TRIES];
    enum mc_rc rc = derive(seed, "passcode", id, tries, sizeof(tries));

    if (rc != MC_OK)
        return rc;
    rc = MC_E_CRYPTO;
    for (unsigned i = 0; i < PASSCODE_TRIES && rc != MC_OK; i++) {
        const uint8_t *t = tries + 4 * i;
        uint32_t v = (uint32_t)t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 | (uint32_t)t[3] << 24;

        *passcode = v & ((UINT32_C(1) << PASSCODE_BITS) - 1);
        if (mc_passcode_allowed(*passcode))
            rc = MC_OK;
    }
    hsm_wipe(tries, sizeof(tries));
    return rc;
}

static enum mc_rc derive_key(const uint8_t seed[FACTORY_SEED_LEN], struct device *d)
{
    uint8_t random[KEY_RANDOM_LEN];
    enum mc_rc rc = derive(seed, "key", d->id, random, sizeof(random));

    if (rc == MC_OK)
        rc = mc_p256_key_of(mc_span_of(random, sizeof(random)), d->key, d->point);
    hsm_wipe(random, sizeof(random));
    return rc;
}

static enum mc_rc derive_discriminator(const uint8_t seed[FACTORY_SEED_LEN], struct device *d)
{
    uint8_t two[2] = {0};
    enum mc_rc rc = derive(seed, "discriminator", d->id, two, sizeof(two));

    d->discriminator = (uint16_t)((two[0] | two[1] << 8) & MC_DISCRIMINATOR_MAX);
    return rc;
}

static enum mc_rc derive_serial(const uint8_t seed[FACTORY_SEED_LEN], struct device *d)
{
    uint8_t octets[SERIAL_OCTETS];
    enum mc_rc rc = derive(seed, "serial", d->id, octets, sizeof(octets));

    if (rc == MC_OK)
        mc_hex_encode_upper(octets, sizeof(octets), d->serial_number);
    return rc;
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

static enum mc_rc fill(
    const uint8_t seed[FACTORY_SEED_LEN], const struct factory_options *o, struct device *d, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    d->vid = o->vid;
    d->pid = o->pid;
    d->flow = o->flow;
    d->rendezvous = o->rendezvous;
    d->iterations = o->iterations != 0 ? o->iterations : FACTORY_ITERATIONS;
    d->discriminator = (uint16_t)o->discriminator;
    d->passcode = (uint32_t)o->passcode;
    d->has_key = o->make_key;
    d->salt_n = FACTORY_SALT_LEN;
    if (o->serial_number == NULL)
        rc = derive_serial(seed, d);
    else
        memcpy(d->serial_number, o->serial_number, strlen(o->serial_number));
    if (rc == MC_OK && o->discriminator == FACTORY_DERIVED)
        rc = derive_discriminator(seed, d);
    if (rc == MC_OK && o->passcode == FACTORY_DERIVED)
        rc = derive_passcode(seed, d->id, &d->passcode);
    if (rc == MC_OK)
        rc = derive(seed, "salt", d->id, d->salt, d->salt_n);
    if (rc == MC_OK)
        rc = derive(seed, "rotating-id", d->id, d->rotating_id, sizeof(d->rotating_id));
    if (rc == MC_OK && d->has_key)
        rc = derive_key(seed, d);
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
