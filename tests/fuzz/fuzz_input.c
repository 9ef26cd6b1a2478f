/* SPDX-License-Identifier: Apache-2.0 */
/* Input forms: PEM, hex, base64, raw. What is decoded and armoured again decodes to the same octets. */
#include "fuzz.h"
#include "lib/armor.h"

enum { IN_MAX = 8192, TEXT_MAX = 4 * IN_MAX };

static uint8_t scratch[IN_MAX], scratch_again[TEXT_MAX];
static char text[TEXT_MAX];

static void decode_as(size_t n, enum mc_outer outer, const struct mc_input *first)
{
    struct mc_input again;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_input_decode(mc_span_of(text, n), scratch_again, sizeof(scratch_again), &again, &e) == MC_OK);
    REQUIRE(again.outer == outer && again.inner == first->inner && mc_span_eq(again.bytes, first->bytes));
}

static void check_pem(const struct mc_input *in)
{
    size_t n = 0, untouched = FUZZ_LEN_UNTOUCHED;
    const char *label = in->label[0] != '\0' ? in->label : "CERTIFICATE";

    REQUIRE(mc_pem_encode(in->bytes, label, text, sizeof(text), &n) == MC_OK && text[n] == '\0');
    REQUIRE(n < in->bytes.n * 4 / 3 + in->bytes.n / 48 + 2 * strlen(label) + 64);
    decode_as(n, MC_OUTER_PEM, in);
    text[n] = (char)FUZZ_CANARY;
    REQUIRE(mc_pem_encode(in->bytes, label, text, n, &untouched) == MC_E_SPACE);
    REQUIRE(text[n] == (char)FUZZ_CANARY && untouched == FUZZ_LEN_UNTOUCHED);
}

/* One of the four forms, by the length. */
static void armour_again(const struct mc_input *in)
{
    switch (in->bytes.n % 4) {
    case 0:
        check_pem(in);
        break;
    case 1:
        mc_hex_encode(in->bytes.p, in->bytes.n, text);
        decode_as(2 * in->bytes.n, MC_OUTER_HEX, in);
        break;
    case 2:
        mc_hex_encode_upper(in->bytes.p, in->bytes.n, text);
        decode_as(2 * in->bytes.n, MC_OUTER_HEX, in);
        break;
    default:
        mc_base64_encode(in->bytes.p, in->bytes.n, text);
        /* A few octets whose base64 is all hex digits are taken for hex; no object is that short. */
        if (strspn(text, "0123456789abcdefABCDEF") != strlen(text))
            decode_as(strlen(text), MC_OUTER_BASE64, in);
    }
}

static void check_accepted(const struct mc_input *in)
{
    REQUIRE(in->bytes.n != 0 && (in->bytes.p[0] == 0x30 || in->bytes.p[0] == 0x15));
    REQUIRE((in->inner == MC_INNER_DER) == (in->bytes.p[0] == 0x30));
    REQUIRE(memchr(in->label, '\0', sizeof(in->label)) != NULL);
    REQUIRE((in->outer == MC_OUTER_PEM) || in->label[0] == '\0');
    REQUIRE(mc_object_name(mc_object_guess(in))[0] != '\0');
    armour_again(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_input in;
    struct mc_err e;
    enum mc_rc rc;

    if (n > IN_MAX)
        return 0;
    mc_err_init(&e);
    rc = mc_input_decode(mc_span_of(data, n), scratch, n, &in, &e);
    fuzz_check_err(rc, &e, n);
    if (rc == MC_OK)
        check_accepted(&in);
    return 0;
}
