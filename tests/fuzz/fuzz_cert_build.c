/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that keeps the rules is made from the input, and encoded in both forms: both readers must
 * take it, unless it is too large. Then one octet of each form is changed, and both are read again.
 */
#include "fuzz.h"
#include "lib/cert_parse.h"

enum { OUT_MAX = 4096 };

static bool is_false_identity(const struct mc_cert *c)
{
    return mc_cert_kind(c) == MC_KIND_NETWORK_IDENTITY && mc_identity_check(c, NULL) != MC_OK;
}

/* What the reader of one form must say, given what the writers of both said. */
static enum mc_rc expected(const struct mc_cert *c, enum mc_rc other_form)
{
    return is_false_identity(c) ? MC_E_IDENTITY : other_form;
}

static void change_one_octet(struct fuzz_bytes *b, uint8_t *p, size_t n)
{
    size_t at = (size_t)(fuzz_u8(b) << 8);

    at = (at | fuzz_u8(b)) % n;
    p[at] ^= (uint8_t)(1 + fuzz_u8(b) % 255);
}

static void check_der(
    struct fuzz_bytes *b, const struct mc_cert *c, uint8_t *der, size_t n, enum mc_rc tlv_rc)
{
    static struct mc_cert back;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_der(mc_span_of(der, n), MC_RULES_MATTER, &back, &e) == expected(c, tlv_rc));
    fuzz_cert_der(mc_span_of(der, n));
    change_one_octet(b, der, n);
    fuzz_cert_der(mc_span_of(der, n));
}

static void check_tlv(
    struct fuzz_bytes *b, const struct mc_cert *c, uint8_t *tlv, size_t n, enum mc_rc der_rc)
{
    static struct mc_cert back;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_tlv(mc_span_of(tlv, n), &back, &e) == expected(c, der_rc));
    fuzz_cert_tlv(mc_span_of(tlv, n));
    change_one_octet(b, tlv, n);
    fuzz_cert_tlv(mc_span_of(tlv, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fuzz_room room;
    static struct mc_cert c;
    static uint8_t der[OUT_MAX], tlv[OUT_MAX];
    struct fuzz_bytes b = {data, data + n};
    size_t der_n = 0, tlv_n = 0;
    enum mc_rc der_rc, tlv_rc;

    fuzz_generate(&b, &room, &c);
    der_rc = mc_cert_encode_der(&c, der, sizeof(der), &der_n, NULL);
    tlv_rc = mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &tlv_n, NULL);
    REQUIRE(der_rc == MC_OK || der_rc == MC_E_SIZE_DER);
    REQUIRE(tlv_rc == MC_OK || tlv_rc == MC_E_SIZE_TLV);
    if (der_rc == MC_OK)
        check_der(&b, &c, der, der_n, tlv_rc);
    if (tlv_rc == MC_OK)
        check_tlv(&b, &c, tlv, tlv_n, der_rc);
    return 0;
}
