/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a batch of DACs: lines for many devices, and what is wrong with a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ca/batch_chunk.h"
#include "ca/batch_dac.h"
#include "lib/armor.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- the source of lines --------------------------------------------------------------------------- */

struct reading {
    char path[32];
    struct manifest m;
    struct batch_source source;
};

static void begin(struct reading *r, const char *text)
{
    FILE *f;
    int fd;

    memcpy(r->path, "/tmp/manifest-XXXXXX", 21);
    fd = mkstemp(r->path);
    f = fdopen(fd, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(manifest_open(&r->m, r->path, NULL), MC_OK);
    r->source = manifest_source(&r->m);
}

static void next_is(struct reading *r, const char *want)
{
    char buf[BATCH_LINE_MAX];
    bool end = false;
    size_t n = 0;

    assert_int_equal(r->source.next(r->source.arg, buf, sizeof(buf), &n, &end, NULL), MC_OK);
    assert_int_equal(end, want == NULL);
    if (want == NULL)
        return;
    assert_int_equal(n, strlen(want));
    assert_memory_equal(buf, want, n);
}

static void finish(struct reading *r)
{
    next_is(r, NULL);
    manifest_close(&r->m);
    unlink(r->path);
}

static void a_line_with_a_count_is_as_many_devices(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, "{\"id\":\"a\"}\n"
              "{\"count\":10,\"prefix\":\"lot-\",\"pid\":\"0x8000\"}\n"
              "\n"
              "{\"prefix\":\"q\\\"\\u00e9\", \"count\": 1}\n"
              "{\"id\":\"last\"}");
    next_is(&r, "{\"id\":\"a\"}");
    next_is(&r, "{\"id\":\"lot-01\",\"pid\":\"0x8000\"}");
    assert_true(r.source.ready(r.source.arg));
    for (int i = 2; i < 10; i++) {
        char want[64];

        snprintf(want, sizeof(want), "{\"id\":\"lot-0%d\",\"pid\":\"0x8000\"}", i);
        next_is(&r, want);
    }
    next_is(&r, "{\"id\":\"lot-10\",\"pid\":\"0x8000\"}");
    assert_int_equal(r.source.line(r.source.arg), 2);
    next_is(&r, "");
    next_is(&r, "{\"id\":\"q\\\"\\u00E91\"}");
    next_is(&r, "{\"id\":\"last\"}");
    assert_int_equal(r.source.line(r.source.arg), 5);
    finish(&r);
}

static void the_largest_count_and_prefix_fit(void **state)
{
    char line[256], want[256], prefix[MANIFEST_PREFIX_MAX + 1];
    struct reading r;

    (void)state;
    memset(prefix, 'p', MANIFEST_PREFIX_MAX);
    prefix[MANIFEST_PREFIX_MAX] = '\0';
    snprintf(line, sizeof(line), "{\"count\":%d,\"prefix\":\"%s\"}\n", MANIFEST_COUNT_MAX, prefix);
    snprintf(want, sizeof(want), "{\"id\":\"%s00000001\"}", prefix);
    begin(&r, line);
    next_is(&r, want);
    r.m.given = r.m.count;
    finish(&r);
}

/* It goes on as it is, so that its answer tells its line and what is wrong. */
static void a_wrong_count_is_left_to_the_parser(void **state)
{
    char many[1024] = "{\"count\":2,\"prefix\":\"x\",\"pid\":\"";
    struct reading r;

    (void)state;
    for (size_t i = 0; i < 600; i++)
        strcat(many, "8");
    strcat(many, "\"}");
    begin(&r, "{\"count\":0,\"prefix\":\"x\"}\n{\"count\":-1,\"prefix\":\"x\"}\n{\"count\":10000001,\"prefix\":\"x\"}\n"
              "{\"count\":\"2\",\"prefix\":\"x\"}\n{\"count\":2}\n{\"count\":2,\"prefix\":1}\n{\"count\":2,\"prefix\":\"x\",\"id\":\"a\"}\n"
              "{\"count\":2,\"count\":3,\"prefix\":\"x\"}\n[\"count\"]\n{\"id\":\"count\",\"pid\":1}\n{\"count\":2,\"prefix\":\"x\"");
    next_is(&r, "{\"count\":0,\"prefix\":\"x\"}");
    next_is(&r, "{\"count\":-1,\"prefix\":\"x\"}");
    next_is(&r, "{\"count\":10000001,\"prefix\":\"x\"}");
    next_is(&r, "{\"count\":\"2\",\"prefix\":\"x\"}");
    next_is(&r, "{\"count\":2}");
    next_is(&r, "{\"count\":2,\"prefix\":1}");
    next_is(&r, "{\"count\":2,\"prefix\":\"x\",\"id\":\"a\"}");
    next_is(&r, "{\"count\":2,\"count\":3,\"prefix\":\"x\"}");
    next_is(&r, "[\"count\"]");
    next_is(&r, "{\"id\":\"count\",\"pid\":1}");
    next_is(&r, "{\"count\":2,\"prefix\":\"x\"");
    finish(&r);
    begin(&r, many);
    next_is(&r, many);
    finish(&r);
}

/* --- a line ---------------------------------------------------------------------------------------- */

struct desk {
    struct mc_verifier *v;
    struct issuer pai;
    struct dac_batch batch;
    struct batch_target target;
    struct batch_side side;
    char csr[1024];
};

static void make_csr(char out[1024])
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *req = X509_REQ_new();
    unsigned char *der = NULL;
    int n;

    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_ASC, (const unsigned char *)"x", -1, -1, 0);
    X509_REQ_set_pubkey(req, key);
    assert_true(X509_REQ_sign(req, key, EVP_sha256()) > 0);
    n = i2d_X509_REQ(req, &der);
    assert_true(n > 0);
    mc_base64_encode(der, (size_t)n, out);
    OPENSSL_free(der);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
}

/* Any address says that there is a recipient: nothing is sealed here. */
static int make_desk(void **state)
{
    struct desk *d = calloc(1, sizeof(*d));

    d->v = mc_verifier_new();
    d->pai.number = 7;
    d->batch = (struct dac_batch){.pai_name = "pai", .has_vid = true, .vid = 0xFFF1, .rendezvous = MC_RENDEZVOUS_BLE,
        .recipient = (const struct recipient *)d};
    d->target = batch_of_dacs(7, &d->batch);
    d->side = (struct batch_side){.target = &d->target, .issuer = &d->pai};
    make_csr(d->csr);
    *state = d;
    return 0;
}

static int drop_desk(void **state)
{
    struct desk *d = *state;

    mc_verifier_free(d->v);
    free(d);
    return 0;
}

static const struct batch_item *parse(struct desk *d, const char *line)
{
    static struct batch_item item;

    memset(&item, 0xA5, sizeof(item));
    item.text_at = 0;
    item.text_n = (uint32_t)strlen(line);
    batch_parse(&d->side, d->v, line, &item);
    return &item;
}

static void a_line_says_what_a_device_is(void **state)
{
    struct desk *d = *state;
    char line[2048];
    const struct batch_item *i = parse(d, "{\"id\":\"a\",\"vid\":65522,\"pid\":\"0x8000\",\"serial_number\":\"S-1\",\"discriminator\":4095,"
                                          "\"passcode\":20202021}");

    assert_int_equal(i->err.rc, MC_OK);
    assert_int_equal(i->state, ITEM_CHECKED);
    assert_string_equal(i->id, "a");
    assert_int_equal(i->vid, 0xFFF2);
    assert_int_equal(i->pid, 0x8000);
    assert_string_equal(i->serial_number, "S-1");
    assert_int_equal(i->discriminator, 4095);
    assert_int_equal(i->passcode, 20202021);
    assert_false(i->has_csr);
    assert_true(i->device_hash != 0);
    i = parse(d, "{\"id\":\"b\",\"pid\":1}");
    assert_int_equal(i->state, ITEM_CHECKED);
    assert_int_equal(i->vid, 0xFFF1);
    assert_int_equal(i->discriminator, FACTORY_DERIVED);
    assert_int_equal(i->passcode, FACTORY_DERIVED);
    assert_int_equal(i->device_hash, 0);
    snprintf(line, sizeof(line), "{\"id\":\"c\",\"pid\":1,\"csr\":\"%s\"}", d->csr);
    i = parse(d, line);
    assert_int_equal(i->state, ITEM_CHECKED);
    assert_true(i->has_csr);
    assert_int_equal(i->point[0], 4);
}

static void what_is_wrong_with_a_line_is_told(void **state)
{
    static const struct {
        const char *line;
        enum mc_rc rc;
        const char *field;
        bool identified;
    } rows[] = {
        {"", MC_E_JSON, NULL, false},
        {"not JSON", MC_E_JSON, NULL, false},
        {"{\"id\":\"a\",\"pid\":1} x", MC_E_JSON, NULL, false},
        {"{\"id\":\"a\",\"id\":\"b\",\"pid\":1}", MC_E_JSON, NULL, false},
        {"[]", MC_E_JSON_MEMBER, NULL, false},
        {"{\"pid\":1}", MC_E_JSON_MEMBER, "id", false},
        {"{\"id\":1,\"pid\":1}", MC_E_JSON_MEMBER, "id", false},
        {"{\"id\":\"\",\"pid\":1}", CA_E_REQUEST_FORM, "id", false},
        {"{\"id\":\"a b\",\"pid\":1}", CA_E_REQUEST_FORM, "id", false},
        {"{\"count\":0,\"prefix\":\"x\"}", CA_E_MANIFEST, "count", false},
        {"{\"id\":\"a\",\"pid\":1,\"count\":2}", CA_E_MANIFEST, "count", false},
        {"{\"id\":\"a\",\"pid\":1,\"node_id\":\"0x1\"}", MC_E_JSON_MEMBER, "node_id", true},
        {"{\"id\":\"a\"}", CA_E_MANIFEST, "pid", true},
        {"{\"id\":\"a\",\"pid\":\"0x10000\"}", MC_E_JSON_MEMBER, "pid", true},
        {"{\"id\":\"a\",\"pid\":true}", MC_E_JSON_MEMBER, "pid", true},
        {"{\"id\":\"a\",\"pid\":0}", CA_E_DEVICE, "pid", true},
        {"{\"id\":\"a\",\"pid\":1,\"vid\":0}", CA_E_DEVICE, "vid", true},
        {"{\"id\":\"a\",\"pid\":1,\"vid\":-1}", MC_E_JSON_MEMBER, "vid", true},
        {"{\"id\":\"a\",\"pid\":1,\"serial_number\":\"\"}", CA_E_MANIFEST, "serial_number", true},
        {"{\"id\":\"a\",\"pid\":1,\"serial_number\":7}", MC_E_JSON_MEMBER, "serial_number", true},
        {"{\"id\":\"a\",\"pid\":1,\"serial_number\":\"123456789012345678901234567890123\"}", CA_E_MANIFEST, "serial_number", true},
        {"{\"id\":\"a\",\"pid\":1,\"serial_number\":\"a b\"}", CA_E_DEVICE, "serial_number", true},
        {"{\"id\":\"a\",\"pid\":1,\"discriminator\":4096}", MC_E_PAYLOAD_FIELD, "discriminator", true},
        {"{\"id\":\"a\",\"pid\":1,\"discriminator\":-1}", MC_E_JSON_MEMBER, "discriminator", true},
        {"{\"id\":\"a\",\"pid\":1,\"passcode\":0}", MC_E_PASSCODE, "passcode", true},
        {"{\"id\":\"a\",\"pid\":1,\"passcode\":12345678}", MC_E_PASSCODE, "passcode", true},
        {"{\"id\":\"a\",\"pid\":1,\"passcode\":99999999}", MC_E_PASSCODE, "passcode", true},
        {"{\"id\":\"a\",\"pid\":1,\"passcode\":134217728}", MC_E_PASSCODE, "passcode", true},
        {"{\"id\":\"a\",\"pid\":1,\"csr\":\"\"}", MC_E_EMPTY, NULL, true},
        {"{\"id\":\"a\",\"pid\":1,\"csr\":1}", MC_E_JSON_MEMBER, "csr", true},
    };
    struct desk *d = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct batch_item *item = parse(d, rows[i].line);

        if (item->err.rc != rows[i].rc || item->state != ITEM_REFUSED || item->identified != rows[i].identified)
            fail_msg("%s: %s %s", rows[i].line, mc_rc_rule(item->err.rc), item->err.what);
        if (rows[i].field != NULL)
            assert_string_equal(item->err.field, rows[i].field);
        assert_null(strstr(item->err.what, "12345678"));
    }
}

static void a_csr_is_checked_and_a_key_is_for_somebody(void **state)
{
    struct desk *d = *state;
    const struct recipient *to = d->batch.recipient;
    const struct batch_item *i;
    char line[2048], *middle;

    d->batch.recipient = NULL;
    i = parse(d, "{\"id\":\"a\",\"pid\":1}");
    assert_int_equal(i->err.rc, CA_E_MANIFEST);
    assert_string_equal(i->err.field, "csr");
    snprintf(line, sizeof(line), "{\"id\":\"a\",\"pid\":1,\"csr\":\"%s\"}", d->csr);
    assert_int_equal(parse(d, line)->state, ITEM_CHECKED);
    d->batch.recipient = to;
    middle = line + strlen(line) - 30;
    *middle = *middle == 'A' ? 'B' : 'A';
    i = parse(d, line);
    assert_int_equal(i->state, ITEM_REFUSED);
    assert_true(i->identified);
    d->batch.has_vid = false;
    i = parse(d, "{\"id\":\"a\",\"pid\":1}");
    assert_int_equal(i->err.rc, CA_E_MANIFEST);
    assert_string_equal(i->err.field, "vid");
    d->batch.has_vid = true;
    d->batch.iterations = 999;
    assert_int_equal(parse(d, "{\"id\":\"a\",\"pid\":1}")->err.rc, MC_E_SPAKE);
    d->batch.iterations = 0;
}

#define AT_DESK(t) cmocka_unit_test_setup_teardown(t, make_desk, drop_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_with_a_count_is_as_many_devices),
        cmocka_unit_test(the_largest_count_and_prefix_fit),
        cmocka_unit_test(a_wrong_count_is_left_to_the_parser),
        AT_DESK(a_line_says_what_a_device_is),
        AT_DESK(what_is_wrong_with_a_line_is_told),
        AT_DESK(a_csr_is_checked_and_a_key_is_for_somebody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
