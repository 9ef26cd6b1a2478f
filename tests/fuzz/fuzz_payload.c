/* SPDX-License-Identifier: Apache-2.0 */
/* Onboarding payloads: what is read as a QR code or a manual code is written back to the same text. */
#include "fuzz.h"
#include "lib/payload.h"
#include "lib/tlv.h"

enum { TEXT_MAX_LEN = 600 };

static void check_qr(struct mc_span base38)
{
    static struct mc_payload_room room;
    struct mc_payload p;
    struct mc_err e;
    char text[MC_QR_MAX + 1], digits[MC_MANUAL_MAX + 1];
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_qr_parse(base38, &room, &p, &e);
    fuzz_check_err(rc, &e, sizeof(room.bytes));
    if (rc != MC_OK)
        return;
    REQUIRE(!p.manual && p.discriminator <= MC_DISCRIMINATOR_MAX && p.flow <= 3 && p.padding <= 15);
    mc_err_init(&e);
    rc = mc_payload_check(&p, &e);
    fuzz_check_err(rc, &e, base38.n);
    mc_err_init(&e);
    REQUIRE(mc_qr_encode(&p, text, &e) == rc);
    if (rc != MC_OK)
        return;
    REQUIRE(strlen(text) == 3 + base38.n && memcmp(text + 3, base38.p, base38.n) == 0);
    rc = mc_manual_encode(&p, digits, NULL);
    REQUIRE(rc == MC_OK || (p.flow != MC_FLOW_STANDARD && p.vid == 0));
    if (rc != MC_OK)
        return;
    REQUIRE(mc_manual_parse(mc_span_of(digits, strlen(digits)), &p, NULL) == MC_OK);
    REQUIRE(mc_payload_check(&p, NULL) == MC_OK);
}

static void check_manual(struct mc_span text)
{
    struct mc_payload p;
    struct mc_err e;
    char digits[MC_MANUAL_MAX + 1], given[MC_MANUAL_MAX + 1];
    size_t n = 0;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_manual_parse(text, &p, &e);
    fuzz_check_err(rc, &e, text.n);
    if (rc != MC_OK || mc_payload_check(&p, NULL) != MC_OK || (p.has_ids && p.vid == 0))
        return;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9')
            given[n++] = (char)text.p[i];
    given[n] = '\0';
    p.discriminator = (uint16_t)(p.discriminator << 8);
    REQUIRE(mc_manual_encode(&p, digits, NULL) == MC_OK);
    REQUIRE(strcmp(digits, given) == 0);
}

static void check_names(struct mc_span in)
{
    char text[TEXT_MAX_LEN + 1], back[64];
    struct mc_err e;
    uint8_t bits = 0, flow = 0;
    enum mc_rc rc;

    memcpy(text, in.p, in.n);
    text[in.n] = '\0';
    mc_err_init(&e);
    rc = mc_rendezvous_parse(text, &bits, &e);
    fuzz_check_err(rc, &e, in.n);
    REQUIRE(rc != MC_OK || (bits != 0 && (bits & ~MC_RENDEZVOUS_KNOWN) == 0));
    mc_rendezvous_format(bits, back, 1 + in.n % sizeof(back));
    mc_err_init(&e);
    rc = mc_flow_parse(text, &flow, &e);
    fuzz_check_err(rc, &e, in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span in, body, one;

    if (n == 0 || n > TEXT_MAX_LEN)
        return 0;
    in = mc_span_of(data, n);
    if (!mc_qr_find(in, &body)) {
        check_manual(in);
        check_names(in);
        return 0;
    }
    REQUIRE(body.p >= in.p && body.p + body.n <= in.p + in.n);
    while (mc_qr_next(&body, &one))
        check_qr(one);
    return 0;
}
