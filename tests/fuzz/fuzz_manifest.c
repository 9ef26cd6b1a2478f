/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of a batch of DACs, in memory. A line that stands for many devices gives as many, each with its own id
 * and the line's other members; any other line is passed on as it is. A device that is taken keeps the rules of
 * factory.h, and written anew from what was understood it is the same device.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ca/batch_chunk.h"
#include "ca/batch_dac.h"
#include "fuzz.h"
#include "lib/payload.h"

enum { LINES_MAX = 64, SIGNATURE_SHARE = 64, CSR_OF_INTEREST = 150 };

/* Who would get the records; only that there is one matters to a line. */
static const char recipient;
static const struct dac_batch dacs = {.pai_name = "line", .has_vid = true, .vid = 0xFFF1, .has_pid = true, .pid = 0x8000,
    .rendezvous = 2, .recipient = (const struct recipient *)(const void *)&recipient};
static struct issuer issuer = {.number = 3};

/* --- devices ------------------------------------------------------------------------------------------------------ */

static void parse_item(const char *text, size_t n, struct batch_item *item)
{
    static const struct batch_target target = {.ops = &batch_dac_ops, .dac = &dacs};
    const struct batch_side side = {.target = &target, .issuer = &issuer};

    item->text_at = 0;
    item->text_n = (uint32_t)n;
    batch_parse(&side, fuzz_verifier(), text, item);
    REQUIRE(item->state == (item->err.rc == MC_OK ? ITEM_CHECKED : ITEM_REFUSED));
    if (item->state == ITEM_REFUSED) {
        fuzz_check_err(item->err.rc, &item->err, SIZE_MAX / 2);
        return;
    }
    REQUIRE(item->identified && strlen(item->id) >= 1 && strlen(item->id) <= ENTRY_REQUEST_MAX);
    REQUIRE(item->vid != 0 && item->pid != 0 && strlen(item->serial_number) <= DEVICE_SERIAL_MAX);
    REQUIRE((item->serial_number[0] != '\0') == (item->device_hash != 0));
    REQUIRE(item->discriminator == FACTORY_DERIVED || (item->discriminator >= 0 && item->discriminator <= MC_DISCRIMINATOR_MAX));
    REQUIRE(item->passcode == FACTORY_DERIVED || (item->passcode >= 1 && item->passcode <= MC_PASSCODE_MAX));
}

static void set_text(json_t *o, const char *name, const char *text)
{
    REQUIRE(json_object_set_new(o, name, json_string(text)) == 0);
}

/* What was understood, said by jansson, with numbers in the other of their two forms. */
static char *write_anew(const struct batch_item *item, const char *csr)
{
    json_t *o = json_object();
    char id[8], *text;

    if (item->passcode != FACTORY_DERIVED)
        REQUIRE(json_object_set_new(o, "passcode", json_integer(item->passcode)) == 0);
    if (item->discriminator != FACTORY_DERIVED)
        REQUIRE(json_object_set_new(o, "discriminator", json_integer(item->discriminator)) == 0);
    if (item->has_csr)
        set_text(o, "csr", csr);
    if (item->serial_number[0] != '\0')
        set_text(o, "serial_number", item->serial_number);
    snprintf(id, sizeof(id), "0x%04X", item->pid);
    set_text(o, "pid", id);
    REQUIRE(json_object_set_new(o, "vid", json_integer(item->vid)) == 0);
    set_text(o, "id", item->id);
    text = json_dumps(o, JSON_COMPACT);
    REQUIRE(text != NULL);
    json_decref(o);
    return text;
}

/* What the line says, as a number in either form; `otherwise` where it says nothing. */
static int64_t told(const json_t *o, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(o, name);

    if (json_is_string(v))
        return strtoll(json_string_value(v), NULL, strncmp(json_string_value(v), "0x", 2) == 0 ? 16 : 10);
    return v != NULL ? json_integer_value(v) : otherwise;
}

static void require_told(const json_t *o, const struct batch_item *item)
{
    const char *serial = json_string_value(json_object_get(o, "serial_number"));

    REQUIRE(strcmp(item->id, json_string_value(json_object_get(o, "id"))) == 0);
    REQUIRE(item->has_csr == (json_object_get(o, "csr") != NULL) && strcmp(item->serial_number, serial != NULL ? serial : "") == 0);
    REQUIRE(told(o, "vid", dacs.vid) == item->vid && told(o, "pid", dacs.pid) == item->pid);
    REQUIRE(told(o, "discriminator", FACTORY_DERIVED) == item->discriminator);
    REQUIRE(told(o, "passcode", FACTORY_DERIVED) == item->passcode);
}

static void check_device(const char *text, size_t n, const json_t *o)
{
    static struct batch_item item, again;
    const char *csr = json_string_value(json_object_get(o, "csr"));
    char *line;

    if (csr != NULL && strlen(csr) > CSR_OF_INTEREST && !fuzz_sampled(mc_span_of(text, n), SIGNATURE_SHARE))
        return;
    parse_item(text, n, &item);
    REQUIRE(json_is_object(o) || item.state == ITEM_REFUSED);
    if (item.state != ITEM_CHECKED)
        return;
    require_told(o, &item);
    line = write_anew(&item, csr);
    parse_item(line, strlen(line), &again);
    free(line);
    REQUIRE(again.state == ITEM_CHECKED && strcmp(again.id, item.id) == 0 && again.has_csr == item.has_csr);
    REQUIRE(again.vid == item.vid && again.pid == item.pid && strcmp(again.serial_number, item.serial_number) == 0);
    REQUIRE(again.discriminator == item.discriminator && again.passcode == item.passcode);
    REQUIRE(memcmp(again.input_sha256, item.input_sha256, sizeof(item.input_sha256)) == 0);
    REQUIRE(memcmp(again.content_sha256, item.content_sha256, sizeof(item.content_sha256)) == 0);
}

/* --- lines ---------------------------------------------------------------------------------------------------------- */

/* The line of the input that the manifest reads next, without its end. */
static struct mc_span line_at(const struct manifest *m)
{
    const struct batch_lines *l = &m->lines;
    const char *p = l->buf + l->from, *end = memchr(p, '\n', l->to - l->from);
    size_t n = end != NULL ? (size_t)(end - p) : l->to - l->from;

    return mc_span_of(p, n - (n != 0 && p[n - 1] == '\r'));
}

/* The k-th device of a line for many: the line without count and prefix, and the id that the header promises. */
static void require_one_of_many(const json_t *line, uint64_t k, const json_t *given)
{
    const char *prefix = json_string_value(json_object_get(line, "prefix"));
    json_int_t count = json_integer_value(json_object_get(line, "count"));
    json_t *want = json_copy((json_t *)(uintptr_t)line);
    char id[2 * ENTRY_REQUEST_MAX], digits[24];

    REQUIRE(prefix != NULL && count >= 1 && count <= MANIFEST_COUNT_MAX && k >= 1 && k <= (uint64_t)count);
    snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, count);
    REQUIRE(snprintf(id, sizeof(id), "%s%0*" PRIu64, prefix, (int)strlen(digits), k) <= ENTRY_REQUEST_MAX);
    json_object_del(want, "count");
    json_object_del(want, "prefix");
    REQUIRE(json_object_set_new_nocheck(want, "id", json_string(id)) == 0);
    REQUIRE(json_equal(want, given));
    json_decref(want);
}

/* One device of a line that stands for many, and the last of them; those between are like it. */
static void check_many(struct manifest *m, struct batch_source s, const char *text, size_t n, struct mc_span line)
{
    static char last[BATCH_LINE_MAX];
    json_t *many = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL), *given;
    bool end = false;

    given = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    REQUIRE(given != NULL && m->given == 1);
    require_one_of_many(many, 1, given);
    check_device(text, n, given);
    json_decref(given);
    if (m->count > 1) {
        m->given = m->count - 1;
        REQUIRE(s.ready(s.arg) && s.next(s.arg, last, sizeof(last), &n, &end, NULL) == MC_OK && !end);
        given = json_loadb(last, n, JSON_REJECT_DUPLICATES, NULL);
        REQUIRE(given != NULL);
        require_one_of_many(many, m->count, given);
        json_decref(given);
    }
    REQUIRE(m->given == m->count);
    json_decref(many);
}

static void check_single(const char *text, size_t n, struct mc_span line)
{
    json_t *o = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

    REQUIRE(mc_span_eq(mc_span_of(text, n), line));
    check_device(text, n, o);
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char text[BATCH_LINE_MAX];
    struct manifest m = {.lines = {.fd = -1, .at_end = true, .size = n, .to = n}};
    struct batch_source s = manifest_source(&m);
    bool end = false;

    m.lines.buf = malloc(n + 1);
    if (m.lines.buf == NULL)
        abort();
    if (n != 0)
        memcpy(m.lines.buf, data, n);
    for (unsigned i = 0; i < LINES_MAX && !end; i++) {
        struct mc_span line = line_at(&m);
        size_t len = 0;
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = s.next(s.arg, text, sizeof(text), &len, &end, &e);
        fuzz_check_err(rc, &e, n);
        if (rc != MC_OK)
            REQUIRE(rc == CA_E_REQUEST_FORM && m.given == m.count);
        else if (m.given != 0)
            check_many(&m, s, text, len, line);
        else if (!end)
            check_single(text, len, line);
        m.count = m.given = 0;
    }
    free(m.lines.buf);
    return 0;
}
