/* SPDX-License-Identifier: Apache-2.0 */
/* payload show, payload make: onboarding payloads as QR code text and manual pairing code. */
#include "lib/payload.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/text.h"
#include "lib/tlv.h"
#include "tool.h"

enum { LABEL_WIDTH = 16, CODES_MAX = 256 * 1024 };

const struct cli_option tool_payload_show_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.payload/1"},
    {.name = NULL},
};

const struct cli_option tool_payload_make_options[] = {
    {.name = "passcode-file", .arg = "FILE", .help = "the passcode in decimal; '-' is stdin", .required = true},
    {.name = "discriminator", .arg = "N", .help = "0 to 4095", .required = true},
    {.name = "vid", .arg = "0xID", .help = "vendor id; default: not told"},
    {.name = "pid", .arg = "0xID", .help = "product id; default: not told"},
    {.name = "flow", .arg = "NAME", .help = "standard (default), user-action or custom"},
    {.name = "rendezvous", .arg = "LIST", .help = "of softap, ble (default), on-network, wifi-paf, nfc, thread"},
    {.name = "tlv", .arg = "HEX", .help = "Matter TLV that follows the fields in the QR code"},
    {.name = "json", .help = "print JSON, schema mattercert.payload/1"},
    {.name = NULL},
};

/* --- one payload, told ------------------------------------------------------------------------------ */

static void put_line(const char *label, const char *text)
{
    printf("%-*s", LABEL_WIDTH, label);
    text_puts(stdout, text);
    putchar('\n');
}

/* The value of a TLV element; text stays as it is, octets become hex. */
static void format_element(const struct mc_tlv_elem *x, char *out, size_t cap)
{
    if (x->type == MC_TLV_UINT)
        snprintf(out, cap, "%" PRIu64, x->num);
    else if (x->type == MC_TLV_INT)
        snprintf(out, cap, "%" PRId64, (int64_t)x->num);
    else if (x->type == MC_TLV_UTF8)
        snprintf(out, cap, "%.*s", (int)x->bytes.n, (const char *)x->bytes.p);
    else if (x->type == MC_TLV_BYTES && 2 * x->bytes.n < cap)
        mc_hex_encode(x->bytes.p, x->bytes.n, out);
    else
        snprintf(out, cap, "%s", "(not shown)");
}

static void each_element(struct mc_span tlv, void (*each)(void *arg, const struct mc_tlv_elem *x, const char *value), void *arg)
{
    struct mc_tlv t = mc_tlv_of(tlv, false);
    struct mc_tlv_elem x;
    char value[2 * MC_PAYLOAD_TLV_MAX + 1];

    if (mc_tlv_take(&t, &x) != MC_OK)
        return;
    while (mc_tlv_take(&t, &x) == MC_OK && x.type != MC_TLV_END) {
        format_element(&x, value, sizeof(value));
        each(arg, &x, value);
        if (x.type >= MC_TLV_STRUCT && mc_tlv_skip_container(&t) != MC_OK)
            return;
    }
}

static void element_line(void *arg, const struct mc_tlv_elem *x, const char *value)
{
    char label[64];

    (void)arg;
    snprintf(label, sizeof(label), "  0x%02X", (unsigned)x->tag);
    printf("%-*s%s: ", LABEL_WIDTH, label, mc_payload_tag_name((unsigned)x->tag));
    text_puts(stdout, value);
    putchar('\n');
}

static void page(const struct mc_payload *p, const char *qr, const char *manual)
{
    unsigned discriminator = p->discriminator;
    char text[128];

    if (qr != NULL)
        put_line("QR code", qr);
    if (manual != NULL)
        put_line("Manual code", manual);
    if (p->has_ids) {
        snprintf(text, sizeof(text), "0x%04X%s", p->vid, p->vid == 0 ? " (not told)" : "");
        put_line("Vendor id", text);
        snprintf(text, sizeof(text), "0x%04X%s", p->pid, p->pid == 0 ? " (not told)" : "");
        put_line("Product id", text);
    }
    put_line("Flow", p->manual && p->has_ids ? "user-action or custom" : mc_flow_name(p->flow));
    if (!p->manual) {
        mc_rendezvous_format(p->rendezvous, text, sizeof(text));
        put_line("Rendezvous", text);
    }
    if (p->manual)
        snprintf(text, sizeof(text), "%u (upper 4 bits: %u to %u)", discriminator, discriminator << 8, (discriminator << 8) + 255);
    else
        snprintf(text, sizeof(text), "%u (short %u)", discriminator, discriminator >> 8);
    put_line("Discriminator", text);
    snprintf(text, sizeof(text), "%08" PRIu32, p->passcode);
    put_line("Passcode", text);
    if (p->tlv.n > 0) {
        snprintf(text, sizeof(text), "%zu octets", p->tlv.n);
        put_line("TLV", text);
        each_element(p->tlv, element_line, NULL);
    }
}

static void element_json(void *arg, const struct mc_tlv_elem *x, const char *value)
{
    struct json *j = arg;

    json_object(j, NULL);
    json_number(j, "tag", x->tag);
    json_string(j, "name", mc_payload_tag_name((unsigned)x->tag));
    json_string(j, "value", value);
    json_end_object(j);
}

static void print_json(struct json *j, const struct mc_payload *p, const char *qr, const char *manual, const struct mc_err *broken)
{
    char why[512];

    json_object(j, NULL);
    json_string(j, "schema", "mattercert.payload/1");
    json_string(j, "kind", p->manual ? "manual" : "qr");
    json_bool(j, "valid", broken->rc == MC_OK);
    if (broken->rc != MC_OK) {
        mc_err_format(broken, why, sizeof(why));
        json_string(j, "rule", mc_rc_rule(broken->rc));
        json_string(j, "field", broken->field);
        json_string(j, "why", why);
    }
    if (qr != NULL)
        json_string(j, "qr", qr);
    if (manual != NULL)
        json_string(j, "manual", manual);
    if (p->has_ids) {
        json_id(j, "vid", p->vid, 4);
        json_id(j, "pid", p->pid, 4);
    }
    if (!p->manual)
        json_number(j, "version", p->version);
    if (!p->manual || !p->has_ids)
        json_string(j, "flow", mc_flow_name(p->flow));
    if (!p->manual)
        json_number(j, "rendezvous", p->rendezvous);
    json_number(j, p->manual ? "short_discriminator" : "discriminator", p->discriminator);
    json_number(j, "passcode", p->passcode);
    if (p->tlv.n > 0) {
        json_hex(j, "tlv", p->tlv);
        json_array(j, "elements");
        each_element(p->tlv, element_json, j);
        json_end_array(j);
    }
    json_end_object(j);
}

/* --- show ------------------------------------------------------------------------------------------- */

struct show {
    struct cli *c;
    struct json j;
    bool several;
    unsigned n;
    enum mc_rc broken;
};

/* A payload and the codes that it gives; what breaks a rule is shown with the rule. */
static void show_one(struct show *s, const struct mc_payload *p)
{
    char qr[MC_QR_MAX + 1], digits[MC_MANUAL_MAX + 1], manual[MC_MANUAL_TEXT_MAX];
    bool has_qr, has_manual;
    struct mc_err broken;

    mc_err_init(&broken);
    if (mc_payload_check(p, &broken) != MC_OK && s->broken == MC_OK)
        s->broken = broken.rc;
    has_qr = !p->manual && mc_qr_encode(p, qr, NULL) == MC_OK;
    has_manual = !p->manual && mc_manual_encode(p, digits, NULL) == MC_OK;
    if (has_manual)
        mc_manual_format(digits, manual);
    if (s->c->json) {
        print_json(&s->j, p, has_qr ? qr : NULL, has_manual ? digits : NULL, &broken);
    } else {
        if (s->n > 0)
            putchar('\n');
        page(p, has_qr ? qr : NULL, has_manual ? manual : NULL);
        if (broken.rc != MC_OK)
            cli_print_error(s->c, s->c->where, &broken);
    }
    s->n++;
}

static enum mc_rc show_line(struct show *s, struct mc_span line, struct mc_err *e)
{
    static struct mc_payload_room room;
    struct mc_payload p;
    struct mc_span body, one;
    enum mc_rc rc = MC_OK;

    if (mc_qr_find(line, &body)) {
        while (rc == MC_OK && mc_qr_next(&body, &one)) {
            rc = mc_qr_parse(one, &room, &p, e);
            if (rc == MC_OK)
                show_one(s, &p);
        }
        return rc;
    }
    for (size_t i = 0; i < line.n; i++)
        if ((line.p[i] < '0' || line.p[i] > '9') && line.p[i] != '-' && !mc_is_space((char)line.p[i]))
            return mc_fail(e, MC_E_PAYLOAD_FORM, NULL, NULL);
    rc = mc_manual_parse(line, &p, e);
    if (rc == MC_OK)
        show_one(s, &p);
    return rc;
}

static bool is_blank(struct mc_span line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!mc_is_space((char)line.p[i]))
            return false;
    return true;
}

static struct mc_span trim(struct mc_span line)
{
    while (line.n > 0 && mc_is_space((char)line.p[line.n - 1]))
        line.n--;
    while (line.n > 0 && mc_is_space((char)line.p[0]))
        line = mc_span_of(line.p + 1, line.n - 1);
    return line;
}

/* Takes the next line that is not blank. */
static bool next_line(struct mc_span *rest, struct mc_span *line, unsigned *number)
{
    while (rest->n > 0) {
        const uint8_t *end = memchr(rest->p, '\n', rest->n);
        size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;

        *line = mc_span_of(rest->p, n);
        *rest = end != NULL ? mc_span_of(end + 1, rest->n - n - 1) : mc_span_of(NULL, 0);
        ++*number;
        if (!is_blank(*line)) {
            *line = trim(*line);
            return true;
        }
    }
    return false;
}

static bool has_several(struct mc_span text)
{
    struct mc_span line;
    unsigned number = 0;

    return memchr(text.p, '*', text.n) != NULL ||
           (next_line(&text, &line, &number) && next_line(&text, &line, &number));
}

/* A code on the command line would be read by everybody on the machine. */
static bool looks_like_code(const char *operand)
{
    size_t digits = strspn(operand, "0123456789-");

    return strncmp(operand, "MT:", 3) == 0 || (digits >= 11 && operand[digits] == '\0');
}

enum mc_rc tool_payload_show(struct cli *c, struct mc_err *e)
{
    static uint8_t text[CODES_MAX + 1];
    const char *path = c->n_operands > 0 ? c->operands[0] : "-";
    struct show s = {.c = c};
    struct mc_span rest, line;
    unsigned number = 0;
    size_t n = 0;
    enum mc_rc rc;

    if (looks_like_code(path))
        return mc_fail(e, CA_E_USAGE, NULL, "a code holds the passcode: give it on stdin or in a file, not as an argument");
    c->where = tool_name_in(path);
    rc = io_read_into(path, text, sizeof(text), &n, e);
    if (rc != MC_OK)
        return rc;
    rest = mc_span_of(text, n);
    json_init(&s.j, stdout, has_several(rest));
    while (rc == MC_OK && next_line(&rest, &line, &number))
        rc = show_line(&s, line, e);
    if (rc != MC_OK && e->line == 0)
        e->line = number;
    if (rc == MC_OK && number == 0)
        rc = mc_fail(e, MC_E_EMPTY, NULL, NULL);
    if (rc == MC_OK && s.broken != MC_OK) {
        c->reported = !c->json;
        rc = mc_fail(e, s.broken, NULL, NULL);
    }
    return rc;
}

/* --- make ------------------------------------------------------------------------------------------- */

static enum mc_rc read_passcode(const struct cli *c, uint32_t *passcode, struct mc_err *e)
{
    uint8_t text[64];
    struct mc_span digits;
    uint32_t v = 0;
    size_t n = 0;
    enum mc_rc rc = io_read_into(cli_value(c, "passcode-file"), text, sizeof(text), &n, e);

    if (rc != MC_OK)
        return rc;
    digits = trim(mc_span_of(text, n));
    for (size_t i = 0; i < digits.n && i < 9; i++)
        v = digits.p[i] >= '0' && digits.p[i] <= '9' ? v * 10 + (uint32_t)(digits.p[i] - '0') : UINT32_MAX / 16;
    if (digits.n == 0 || digits.n > 8 || !mc_passcode_allowed(v))
        return mc_fail(e, MC_E_PASSCODE, "--passcode-file", NULL);
    *passcode = v;
    return MC_OK;
}

static enum mc_rc read_tlv(const struct cli *c, uint8_t room[MC_PAYLOAD_TLV_MAX], struct mc_span *tlv, struct mc_err *e)
{
    const char *hex = cli_value(c, "tlv");
    size_t n = hex != NULL ? strlen(hex) : 0;

    if (n % 2 != 0 || n / 2 > MC_PAYLOAD_TLV_MAX || (n > 0 && !mc_hex_decode(hex, n / 2, room)))
        return mc_fail(e, CA_E_USAGE, "--tlv", "at most %d octets are wanted, as hex digits", MC_PAYLOAD_TLV_MAX);
    *tlv = mc_span_of(room, n / 2);
    return MC_OK;
}

enum mc_rc tool_payload_make(struct cli *c, struct mc_err *e)
{
    static uint8_t room[MC_PAYLOAD_TLV_MAX];
    struct mc_payload p = {.has_ids = true, .rendezvous = MC_RENDEZVOUS_BLE};
    uint64_t vid = 0, pid = 0, discriminator = 0;
    char qr[MC_QR_MAX + 1], digits[MC_MANUAL_MAX + 1], manual[MC_MANUAL_TEXT_MAX];
    struct json j;
    enum mc_rc rc = cli_number(c, "vid", 4, 0, &vid, e);

    if (rc == MC_OK)
        rc = cli_number(c, "pid", 4, 0, &pid, e);
    if (rc == MC_OK)
        rc = cli_number(c, "discriminator", 4, 0, &discriminator, e);
    if (rc == MC_OK && cli_value(c, "flow") != NULL)
        rc = mc_flow_parse(cli_value(c, "flow"), &p.flow, e);
    if (rc == MC_OK && cli_value(c, "rendezvous") != NULL)
        rc = mc_rendezvous_parse(cli_value(c, "rendezvous"), &p.rendezvous, e);
    if (rc == MC_OK)
        rc = read_tlv(c, room, &p.tlv, e);
    if (rc == MC_OK)
        rc = read_passcode(c, &p.passcode, e);
    p.vid = (uint16_t)vid;
    p.pid = (uint16_t)pid;
    p.discriminator = (uint16_t)discriminator;
    if (rc == MC_OK)
        rc = mc_qr_encode(&p, qr, e);
    if (rc == MC_OK)
        rc = mc_manual_encode(&p, digits, e);
    if (rc != MC_OK)
        return rc;
    if (c->json) {
        json_init(&j, stdout, false);
        print_json(&j, &p, qr, digits, e);
        return MC_OK;
    }
    mc_manual_format(digits, manual);
    printf("%s\n%s\n", qr, manual);
    return MC_OK;
}
