/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include "ca/factory.h"

enum { MANY = 4000 };

/* Computed by another program. */
#define KNOWN_KEY    "e66fd28f3faedebf34d3f89de02c38739ef729b762af7eb3aee69547a0325585"
#define KNOWN_SALT   "725c29dd1058a7ff65c0b238cc2fbb8bead52740144092d198e826520bf13fd8"
#define KNOWN_SERIAL "599F23181B9E8B86"
#define KNOWN_QR     "MT:Y.K90E.N16X.-Z3B010"
#define KNOWN_MANUAL "36522429102"

static const uint8_t seed[FACTORY_SEED_LEN] = {1, 2, 3};

static struct factory_options usual(void)
{
    return (struct factory_options){.vid = 0xFFF1, .pid = 0x8000, .discriminator = FACTORY_DERIVED, .passcode = FACTORY_DERIVED,
        .rendezvous = MC_RENDEZVOUS_BLE, .make_key = true};
}

static void make(const char *id, struct device *d)
{
    struct factory_options o = usual();

    assert_int_equal(factory_make(seed, id, &o, d, NULL), MC_OK);
}

static void the_same_seed_and_id_give_the_same_device(void **state)
{
    uint8_t other[FACTORY_SEED_LEN] = {1, 2, 4};
    struct factory_options o = usual();
    struct device a, b;

    (void)state;
    make("line-1", &a);
    make("line-1", &b);
    assert_memory_equal(&a, &b, sizeof(a));
    make("line-2", &b);
    assert_memory_not_equal(a.key, b.key, sizeof(a.key));
    assert_memory_not_equal(a.salt, b.salt, sizeof(a.salt));
    assert_int_equal(factory_make(other, "line-1", &o, &b, NULL), MC_OK);
    assert_memory_not_equal(a.key, b.key, sizeof(a.key));
    assert_memory_not_equal(a.salt, b.salt, sizeof(a.salt));
    assert_int_not_equal(a.passcode, b.passcode);
}

/* What was made by one version is made by all: a batch may be resumed by a newer program. */
static void a_known_device_stays_as_it_is(void **state)
{
    struct device d;
    char text[2 * DEVICE_KEY_LEN + 1];

    (void)state;
    make("known", &d);
    mc_hex_encode(d.key, sizeof(d.key), text);
    assert_string_equal(text, KNOWN_KEY);
    mc_hex_encode(d.salt, sizeof(d.salt), text);
    assert_string_equal(text, KNOWN_SALT);
    assert_string_equal(d.serial_number, KNOWN_SERIAL);
    assert_string_equal(d.qr, KNOWN_QR);
    assert_string_equal(d.manual, KNOWN_MANUAL);
}

static void what_is_told_is_kept(void **state)
{
    struct factory_options o = {.vid = 0xFFF2, .pid = 1, .serial_number = "SN-7", .discriminator = 3840, .passcode = 20202021,
        .iterations = 2000, .flow = MC_FLOW_CUSTOM, .rendezvous = MC_RENDEZVOUS_ON_NETWORK};
    uint8_t verifier[MC_SPAKE_VERIFIER_LEN];
    struct device d;

    (void)state;
    assert_int_equal(factory_make(seed, "a", &o, &d, NULL), MC_OK);
    assert_string_equal(d.serial_number, "SN-7");
    assert_int_equal(d.discriminator, 3840);
    assert_int_equal(d.passcode, 20202021);
    assert_false(d.has_key);
    assert_int_equal(strlen(d.manual), 21);
    assert_int_equal(mc_spake_verifier(20202021, mc_span_of(d.salt, d.salt_n), 2000, verifier, NULL), MC_OK);
    assert_memory_equal(verifier, d.verifier, sizeof(verifier));
}

static void what_no_device_may_have_is_refused(void **state)
{
    struct factory_options good = usual(), o;
    struct device d;
    char long_id[DEVICE_ID_MAX + 2];

    (void)state;
#define REFUSED(code, change)                                                                                \
    do {                                                                                                     \
        o = good;                                                                                            \
        change;                                                                                              \
        assert_int_equal(factory_make(seed, "a", &o, &d, NULL), code);                                       \
    } while (0)
    REFUSED(MC_OK, (void)0);
    REFUSED(CA_E_DEVICE, o.vid = 0);
    REFUSED(CA_E_DEVICE, o.pid = 0);
    REFUSED(MC_E_PAYLOAD_FIELD, o.vid = 0xFFF5);
    REFUSED(MC_E_PAYLOAD_FIELD, o.flow = 3);
    REFUSED(MC_E_PAYLOAD_FIELD, o.rendezvous = 0);
    REFUSED(MC_E_PAYLOAD_FIELD, o.rendezvous = 0x40);
    REFUSED(MC_E_PAYLOAD_FIELD, o.discriminator = 4096);
    REFUSED(MC_E_PAYLOAD_FIELD, o.discriminator = -2);
    REFUSED(MC_E_PASSCODE, o.passcode = 0);
    REFUSED(MC_E_PASSCODE, o.passcode = -2);
    REFUSED(MC_E_PASSCODE, o.passcode = INT64_C(0x100000001));
    REFUSED(MC_E_PASSCODE, o.passcode = 33333333);
    REFUSED(MC_E_SPAKE, o.iterations = 999);
    REFUSED(MC_E_SPAKE, o.iterations = 100001);
    REFUSED(CA_E_DEVICE, o.serial_number = "");
    REFUSED(CA_E_DEVICE, o.serial_number = "a b");
    REFUSED(CA_E_DEVICE, o.serial_number = "123456789012345678901234567890123");
    REFUSED(MC_OK, o.serial_number = "12345678901234567890123456789012");
#undef REFUSED
    memset(long_id, 'a', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    assert_int_equal(factory_make(seed, long_id, &good, &d, NULL), CA_E_DEVICE);
    assert_int_equal(factory_make(seed, "", &good, &d, NULL), CA_E_DEVICE);
    assert_int_equal(factory_make(seed, "a\n", &good, &d, NULL), CA_E_DEVICE);
    assert_int_equal(factory_make(seed, long_id + 1, &good, &d, NULL), MC_OK);
}

static int by_octets(const void *a, const void *b)
{
    return memcmp(a, b, DEVICE_KEY_LEN);
}

static void assert_no_two_are_alike(uint8_t (*values)[DEVICE_KEY_LEN])
{
    qsort(values, MANY, DEVICE_KEY_LEN, by_octets);
    for (size_t i = 1; i < MANY; i++)
        assert_memory_not_equal(values[i - 1], values[i], DEVICE_KEY_LEN);
}

/* Chi-squared over equal cells; the mean is cells - 1, the deviation sqrt(2 (cells - 1)): 6 deviations are allowed. */
static void assert_uniform(const unsigned *cells, size_t n, unsigned total)
{
    double expected = (double)total / (double)n, sum = 0, excess;

    for (size_t i = 0; i < n; i++)
        sum += ((double)cells[i] - expected) * ((double)cells[i] - expected) / expected;
    excess = sum - (double)(n - 1);
    assert_true(excess * excess < 36.0 * 2 * (double)(n - 1));
}

static void devices_share_nothing_and_passcodes_are_uniform(void **state)
{
    static uint8_t keys[MANY][DEVICE_KEY_LEN], salts[MANY][DEVICE_KEY_LEN];
    static unsigned passcodes[50], discriminators[64], digits[10];
    struct device d;
    char id[32];

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "d-%u", i);
        make(id, &d);
        assert_true(mc_passcode_allowed(d.passcode));
        passcodes[d.passcode / 2000000]++;
        digits[d.passcode % 10]++;
        discriminators[d.discriminator / 64]++;
        memcpy(keys[i], d.key, DEVICE_KEY_LEN);
        memcpy(salts[i], d.salt, DEVICE_KEY_LEN);
    }
    assert_no_two_are_alike(keys);
    assert_no_two_are_alike(salts);
    assert_uniform(passcodes, COUNT(passcodes), MANY);
    assert_uniform(digits, COUNT(digits), MANY);
    assert_uniform(discriminators, COUNT(discriminators), MANY);
}

/* A device with a DAC of its key under a PAI. */
static void issue(struct device *d)
{
    struct certs_key pai;
    struct mc_cert c;
    uint8_t id[MC_KEY_ID_LEN];
    struct mc_verifier *v = mc_verifier_new();

    assert_non_null(v);
    make("issued", d);
    certs_key_new(&pai);
    certs_fill(&c, true, &pai, pai.id);
    certs_add_text(&c.issuer, MC_ATTR_COMMON_NAME, "PAA");
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, "PAI Mvid:FFF1");
    d->pai_n = certs_issue(&c, &pai, d->pai).n;
    assert_int_equal(mc_key_id(v, d->point, id), MC_OK);
    certs_fill(&c, false, &pai, pai.id);
    c.point = mc_span_of(d->point, MC_POINT_LEN);
    c.skid = mc_span_of(id, sizeof(id));
    certs_add_text(&c.issuer, MC_ATTR_COMMON_NAME, "PAI Mvid:FFF1");
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, "DAC Mvid:FFF1 Mpid:8000");
    d->dac_n = certs_issue(&c, &pai, d->dac).n;
    certs_key_free(&pai);
    mc_verifier_free(v);
}

static void a_record_is_read_as_it_was_written(void **state)
{
    static struct device d, back;
    uint8_t text[DEVICE_JSON_MAX];
    struct mc_err e;
    char why[512];
    size_t n = 0;

    (void)state;
    issue(&d);
    for (int with_key = 1; with_key >= 0; with_key--) {
        d.has_key = with_key != 0;
        if (!d.has_key)
            memset(d.key, 0, sizeof(d.key));
        assert_int_equal(device_json_put(&d, text, sizeof(text), &n, NULL), MC_OK);
        mc_err_init(&e);
        if (device_json_parse(mc_span_of(text, n), &back, &e) != MC_OK) {
            mc_err_format(&e, why, sizeof(why));
            fail_msg("%s", why);
        }
        assert_memory_equal(&d, &back, sizeof(d));
    }
    assert_int_equal(device_json_put(&d, text, n, &n, NULL), MC_OK);
    assert_int_equal(device_json_put(&d, text, n - 1, &n, NULL), MC_E_SPACE);
}

/* Replaces a part of the record; the result is refused with code, and the error repeats nothing of it. */
static void assert_refused(struct mc_span record, const char *old, const char *new, enum mc_rc code)
{
    static struct device d, zeros;
    char text[2 * DEVICE_JSON_MAX], why[512];
    char *at;
    struct mc_err e;

    memcpy(text, record.p, record.n);
    text[record.n] = '\0';
    at = strstr(text, old);
    assert_non_null(at);
    memmove(at + strlen(new), at + strlen(old), strlen(at + strlen(old)) + 1);
    memcpy(at, new, strlen(new));
    mc_err_init(&e);
    if (device_json_parse(mc_span_of(text, strlen(text)), &d, &e) != code)
        fail_msg("%s for %s: %s", new, old, mc_rc_rule(e.rc));
    mc_err_format(&e, why, sizeof(why));
    assert_null(strstr(why, "20202021"));
    if (code != MC_OK)
        assert_memory_equal(&d, &zeros, sizeof(d));
}

static void a_record_that_contradicts_itself_is_refused(void **state)
{
    static struct device d;
    struct factory_options o = usual();
    struct device told;
    uint8_t text[DEVICE_JSON_MAX];
    struct mc_span r;
    size_t n = 0;

    (void)state;
    issue(&d);
    o.passcode = 20202021;
    o.discriminator = 3840;
    assert_int_equal(factory_make(seed, "issued", &o, &told, NULL), MC_OK);
    told.dac_n = d.dac_n;
    told.pai_n = d.pai_n;
    memcpy(told.dac, d.dac, d.dac_n);
    memcpy(told.pai, d.pai, d.pai_n);
    assert_int_equal(device_json_put(&told, text, sizeof(text), &n, NULL), MC_OK);
    r = mc_span_of(text, n);
    assert_refused(r, "\"issued\"", "\"issued\"", MC_OK);
    assert_refused(r, "heddle.device/1", "heddle.device/2", CA_E_DEVICE);
    assert_refused(r, "\"issued\"", "\"\"", CA_E_DEVICE);
    assert_refused(r, "\"issued\"", "7", MC_E_JSON_MEMBER);
    assert_refused(r, "\"issued\"", "\"a\", \"id\": \"b\"", MC_E_JSON);
    assert_refused(r, "\"id\": \"issued\", ", "", MC_E_JSON_MEMBER);
    assert_refused(r, "\"id\"", "\"note\"", MC_E_JSON_MEMBER);
    assert_refused(r, "0xFFF1", "0xFFF2", CA_E_DEVICE);
    assert_refused(r, "0x8000", "0x8001", CA_E_DEVICE);
    assert_refused(r, "20202021", "20202022", CA_E_DEVICE);
    assert_refused(r, "20202021", "12345678", MC_E_PASSCODE);
    assert_refused(r, "20202021", "120202021", MC_E_JSON_MEMBER);
    assert_refused(r, "3840", "3841", CA_E_DEVICE);
    assert_refused(r, "3840", "4096", MC_E_JSON_MEMBER);
    assert_refused(r, "\"standard\"", "\"custom\"", CA_E_DEVICE);
    assert_refused(r, "\"standard\"", "\"other\"", CA_E_DEVICE);
    assert_refused(r, "\"rendezvous\": 2", "\"rendezvous\": 4", CA_E_DEVICE);
    assert_refused(r, "\"rendezvous\": 2", "\"rendezvous\": 256", MC_E_JSON_MEMBER);
    assert_refused(r, "\"iterations\": 1000", "\"iterations\": 1001", CA_E_DEVICE);
    assert_refused(r, "\"iterations\": 1000", "\"iterations\": 100001", MC_E_JSON_MEMBER);
    assert_refused(r, "\"iterations\": 1000", "\"iterations\": 10", MC_E_SPAKE);
    assert_refused(r, "\"iterations\": 1000", "\"iterations\": 1000, \"more\": 1", MC_E_JSON_MEMBER);
    assert_refused(r, "\"salt\": \"", "\"salt\": \"AAAA", MC_E_JSON_MEMBER);
    assert_refused(r, "\"key\": \"", "\"key\": \"AAAA", MC_E_JSON_MEMBER);
    assert_refused(r, "\"rotating_id\": \"", "\"rotating_id\": \"AAAA", MC_E_JSON_MEMBER);
    assert_refused(r, "\"dac\": \"M", "\"dac\": \"N", MC_E_DER_TAG);
    assert_refused(r, "\"pai\": \"M", "\"pai\": \"\", \"key\": \"M", MC_E_JSON);
    assert_refused(r, told.qr, "MT:Y.K9042C00KA0648G0-", CA_E_DEVICE);
    assert_refused(r, told.manual, "34970112333", CA_E_DEVICE);
    assert_refused(r, "}, ", "}} ", MC_E_JSON);
    assert_refused(r, "\"issued\"", "\"issued", MC_E_JSON);
    assert_refused(r, "\"issued\"", "\"iss\\u0000ued\"", MC_E_JSON);
    assert_refused(r, "\"issued\"", "\"iss ued\"", CA_E_DEVICE);
    assert_refused(r, "\"spake2p\": {", "\"spake2p\": 1, \"flow\": {", MC_E_JSON);
    /* Another device's key. */
    make("other", &d);
    {
        char mine[64], other[64];

        mc_base64_encode(told.key, DEVICE_KEY_LEN, mine);
        mc_base64_encode(d.key, DEVICE_KEY_LEN, other);
        assert_refused(r, mine, other, CA_E_DEVICE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_and_id_give_the_same_device),
        cmocka_unit_test(a_known_device_stays_as_it_is),
        cmocka_unit_test(what_is_told_is_kept),
        cmocka_unit_test(what_no_device_may_have_is_refused),
        cmocka_unit_test(devices_share_nothing_and_passcodes_are_uniform),
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(a_record_that_contradicts_itself_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
